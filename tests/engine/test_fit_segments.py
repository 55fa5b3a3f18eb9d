"""Segments that were planted are found, and numbered by the data alone."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted import APART, as_matrix, planted, reordered
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_samples
from threadpoolctl import threadpool_info, threadpool_limits

from segkit.engine import clusterer as room
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import Floats
from segkit.engine.segments import fit_segments
from segkit.seeds import generator

SIZES = (20, 50, 10, 35)


def test_planted_segments_are_found_and_the_largest_is_number_one() -> None:
    matrix, truth = planted(SIZES)
    found = fit_segments(matrix, 4, clusterer=KMeansClusterer(5))
    assert adjusted_rand_score(truth, found.labels) == 1
    assert found.sizes.to_dict() == {1: 50, 2: 35, 3: 20, 4: 10}
    assert found.labels.groupby(truth).first().to_dict() == {0: 3, 1: 1, 2: 4, 3: 2}
    assert found.labels.index.equals(matrix.index)
    assert found.k == 4
    assert (found.params, found.seed) == ({"k": 4, "restarts": 5}, 42)


def test_centres_inertia_and_silhouettes_belong_to_the_numbers() -> None:
    matrix, _ = planted(SIZES)
    found = fit_segments(matrix, 4, clusterer=KMeansClusterer(5))
    for segment in range(1, 5):
        inside = matrix.values[found.labels == segment]
        np.testing.assert_allclose(found.centres[segment - 1], inside.mean(axis=0))
    assigned = found.centres[found.labels.to_numpy() - 1]
    assert found.inertia == pytest.approx(((matrix.values - assigned) ** 2).sum())
    scores = pd.Series(silhouette_samples(matrix.values, found.labels), index=matrix.index)
    assert found.silhouette.to_dict() == pytest.approx(scores.groupby(found.labels).mean().to_dict())
    table = found.table.set_index("segment")
    assert table["units"].to_dict() == found.sizes.to_dict()
    assert table["share"].to_dict() == pytest.approx({1: 50 / 115, 2: 35 / 115, 3: 20 / 115, 4: 10 / 115})
    assert table["silhouette"].to_dict() == pytest.approx(found.silhouette.to_dict())


def test_segments_of_equal_size_are_ordered_by_their_centres() -> None:
    values = np.array([[9.0, 1], [9, 1.5], [0, 8], [0, 8.5], [0, 1], [0, 1.5], [4, 4], [4, 4.2], [4, 4.4]])
    for seed in range(8):
        found = fit_segments(as_matrix(values), 4, clusterer=KMeansClusterer(10), seed=seed)
        assert found.labels.to_list() == [4, 4, 3, 3, 2, 2, 1, 1, 1]
        np.testing.assert_allclose(found.centres, [[4, 4.2], [0, 1.25], [0, 8.25], [9, 1.25]])


@pytest.mark.parametrize("seed", range(3))
def test_row_order_changes_no_label(seed: int) -> None:
    matrix, _ = planted((30, 30, 12))
    first = fit_segments(matrix, 3, clusterer=KMeansClusterer(5))
    order = generator(f"tests/order/{seed}").permutation(len(matrix.values))
    second = fit_segments(reordered(matrix, order), 3, clusterer=KMeansClusterer(5))
    pd.testing.assert_series_equal(second.labels.loc[matrix.index], first.labels)
    np.testing.assert_allclose(second.centres, first.centres)


def test_two_fits_are_equal_to_the_last_bit() -> None:
    # Without gaps between the units, so that the optimum is not obvious.
    matrix = as_matrix(generator("tests/cloud").normal(size=(300, 5)))
    first, second = (fit_segments(matrix, 5, clusterer=KMeansClusterer(4)) for _ in range(2))
    pd.testing.assert_series_equal(first.labels, second.labels, check_exact=True)
    pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)
    assert np.array_equal(first.centres, second.centres)
    assert first.inertia == second.inertia


def test_no_fit_is_worse_than_that_of_as_many_starts_and_few_starts_are_not_the_end() -> None:
    matrix, better = as_matrix(generator("tests/cloud").normal(size=(300, 5))), []
    for restarts, seed in ((1, 3), (6, 4)):
        with threadpool_limits(1):
            expected = KMeans(5, n_init=restarts, random_state=seed).fit(matrix.values).inertia_
        found = fit_segments(matrix, 5, clusterer=KMeansClusterer(restarts), seed=seed).inertia
        assert found <= expected * (1 + 1e-12)
        better.append(found < expected * (1 - 1e-3))
    assert better[0]  # one start in a cloud without segments ends anywhere


@pytest.mark.parametrize(("k", "fits"), [(3, True), (4, False), (5, False)])
def test_more_distinct_units_than_segments_are_needed(k: int, fits: bool) -> None:
    values = np.repeat(APART * np.eye(4), 6, axis=0)
    if fits:
        assert fit_segments(as_matrix(values), k, clusterer=KMeansClusterer(3)).k == k
    else:
        with pytest.raises(ValueError, match=f"4 distinct units cannot make {k} segments"):
            fit_segments(as_matrix(values), k, clusterer=KMeansClusterer(3))


def test_linear_algebra_runs_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    fit = room.kmeans

    def spy(values: Floats, k: int, **how: Any) -> tuple[KMeans, bool]:
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return fit(values, k, **how)

    monkeypatch.setattr(room, "kmeans", spy)
    with threadpool_limits(2):
        fit_segments(planted((8, 6))[0], 2, clusterer=KMeansClusterer(1))
        assert {pool["num_threads"] for pool in threadpool_info()} == {2}
    assert set(seen) == {1}


def test_the_mean_silhouette_is_that_of_all_units_and_none_where_no_size_may_be_told() -> None:
    matrix, _ = planted(SIZES)
    found = fit_segments(matrix, 4, clusterer=KMeansClusterer(5))
    assert found.mean_silhouette == pytest.approx(silhouette_samples(matrix.values, found.labels).mean())
    untold = replace(found, told=found.sizes * float("nan"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(untold.mean_silhouette)
