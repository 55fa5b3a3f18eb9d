"""Segments in bootstrap samples of groups: alike within groups, a sample holds less than it seems."""

import numpy as np
from planted import as_matrix, planted

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.group_resampling import group_resampling
from segkit.engine.segments import fit_segments
from segkit.seeds import generator

FEW = KMeansClusterer(5)


def test_planted_segments_come_back_whoever_is_drawn() -> None:
    matrix, truth = planted([40, 30, 20])
    found = group_resampling(
        matrix, fit_segments(matrix, 3), np.arange(len(truth)) // 3, draws=20, clusterer=FEW, jobs=1
    )
    assert found.table["mean"].min() == 1.0 and found.ari_q05 == 1.0 and found.groups == 30
    assert found.lowest == 1.0 and (found.table["recovered"] == 1.0).all()


def test_a_segment_that_is_one_group_is_lost_in_a_third_of_the_draws() -> None:
    """A group is left out of a bootstrap sample of n with probability (1 - 1/n)^n: here .9^10 = .349."""
    matrix, truth = planted([60, 60, 12])
    own = truth.to_numpy()
    groups = np.where(own == 2, 9, np.arange(len(own)) % 9)
    found = group_resampling(matrix, fit_segments(matrix, 3), groups, draws=200, clusterer=FEW, jobs=1)
    rare = found.table.set_index("segment").loc[3]
    assert abs(rare["recovered"] - 0.651) < 0.1  # three standard errors of 200 draws
    assert found.table["mean"].iloc[0] > rare["mean"]


def test_groups_that_are_alike_within_make_the_result_less_sure_than_units_alone() -> None:
    rng = generator("tests/group resampling")
    centres = np.repeat(rng.normal(size=(12, 2)), 10, axis=0)
    matrix = as_matrix(centres + 0.05 * rng.normal(size=(120, 2)))
    segments = fit_segments(matrix, 4)
    together, alone = (
        group_resampling(matrix, segments, g, draws=40, clusterer=FEW, jobs=1)
        for g in (np.arange(120) // 10, np.arange(120))
    )
    assert together.ari_mean < alone.ari_mean


def test_one_group_alone_gives_the_partition_in_use_each_time_and_the_same_twice() -> None:
    matrix, _ = planted([10, 10])
    segments = fit_segments(matrix, 2)
    one = group_resampling(matrix, segments, np.zeros(20), draws=5, clusterer=FEW, jobs=1)
    assert one.ari_mean == 1.0 and one.groups == 1
    again = group_resampling(matrix, segments, np.zeros(20), draws=5, clusterer=FEW, jobs=1)
    assert one.to_json() == again.to_json()
