"""The convergence of the optimiser."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from planted import as_matrix, planted
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.convergence import REGIMES, Convergence, convergence
from segkit.engine.matching import align
from segkit.engine.matrix import ModelMatrix
from segkit.engine.segments import Segments, fit_segments
from segkit.seeds import generator

NAMES = [name for name, _ in REGIMES]


@pytest.fixture(scope="module")
def clear() -> tuple[ModelMatrix, Segments]:
    matrix, _ = planted((40, 25, 15))
    return matrix, fit_segments(matrix, 3, clusterer=KMeansClusterer(10))


@pytest.fixture(scope="module")
def noise() -> tuple[ModelMatrix, Segments]:
    matrix = as_matrix(generator("tests/convergence").normal(size=(240, 6)))
    return matrix, fit_segments(matrix, 6, clusterer=KMeansClusterer(50))


def test_planted_segments_are_found_from_any_seed(clear: tuple[ModelMatrix, Segments]) -> None:
    matrix, segments = clear
    found = convergence(matrix, segments, seeds=range(12), restarts=10)
    first = found.table[found.table["regime"] == NAMES[0]]
    assert (first["ari"] == 1).all() and found.lowest() == 1
    one = found.summary.set_index("regime").loc[NAMES[1]]
    assert one["min"] == one["same"] == 1  # k-means++ starts in each of segments that far apart
    assert found.sizes.loc[NAMES[0]].to_list() == [40, 25, 15] == found.sizes.loc[NAMES[1]].to_list()


def test_on_noise_one_start_is_not_enough(noise: tuple[ModelMatrix, Segments]) -> None:
    matrix, segments = noise
    found = convergence(matrix, segments, seeds=range(8), restarts=30)
    assert all(found.lowest(name) < 1 for name in NAMES[1:])
    assert (found.sizes.sum(axis=1) == 240).all()
    assert found.sizes.shape == (3, 6)


def test_restarts_do_the_work_where_segments_are_many() -> None:
    """Six random units rarely lie in six different segments; the best of twenty k-means++ starts has one in each."""
    matrix, _ = planted((20, 19, 18, 17, 16, 15))
    found = convergence(matrix, fit_segments(matrix, 6, clusterer=KMeansClusterer(20)), seeds=range(10), restarts=20)
    summary = found.summary.set_index("regime")
    assert summary.loc[NAMES[0], "min"] == 1
    assert summary.loc[NAMES[2], "same"] < 0.5
    worst = found.sizes.loc[NAMES[2]]
    assert worst.sum() == 105 and worst.to_list() != [20, 19, 18, 17, 16, 15]


def test_the_table_is_what_scikit_learn_and_the_index_say(noise: tuple[ModelMatrix, Segments]) -> None:
    matrix, segments = noise
    found = convergence(matrix, segments, seeds=(3, 11), restarts=4)
    assert found.table[["regime", "seed"]].to_numpy().tolist() == [[n, s] for n in NAMES for s in (3, 11)]
    with threadpool_limits(1):
        expected = [
            KMeans(6, n_init=starts, init=kind, random_state=s).fit(matrix.values)
            for starts, kind in ((4, "k-means++"), (1, "k-means++"), (1, "random"))
            for s in (3, 11)
        ]
    scores = [adjusted_rand_score(segments.labels, fit.labels_) for fit in expected]
    assert found.table["ari"].to_list() == pytest.approx(scores, abs=1e-12)
    for i, name in enumerate(NAMES):
        worst = expected[2 * i + int(np.argmin(scores[2 * i : 2 * i + 2]))]
        aligned = pd.Series(align(segments.labels, worst.labels_)).value_counts().sort_index()
        assert found.sizes.loc[name].to_list() == aligned.to_list()


def test_summary_by_hand() -> None:
    table = pd.DataFrame({"regime": [NAMES[0]] * 4, "seed": range(4), "ari": [1.0, 0.5, 1.0, 0.9]})
    found = Convergence(table, pd.DataFrame(), {"seeds": 4, "restarts": 2}, 42)
    row = found.summary.iloc[0]
    assert row[["min", "median", "mean", "same"]].to_list() == pytest.approx([0.5, 0.95, 0.85, 0.5])
    assert found.to_json()["seed_ari_min"] == 0.5


def test_threads_change_nothing(noise: tuple[ModelMatrix, Segments]) -> None:
    matrix, segments = noise
    one, two = (convergence(matrix, segments, seeds=range(4), restarts=3, jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    pd.testing.assert_frame_equal(one.sizes, two.sizes, check_exact=True)


def test_the_result_is_plain_enough_for_json(clear: tuple[ModelMatrix, Segments]) -> None:
    matrix, segments = clear
    found = convergence(matrix, segments, seeds=range(2), restarts=2)
    back = json.loads(json.dumps(found.to_json()))
    assert back["params"] == {"seeds": 2, "restarts": 2}
    assert [r["regime"] for r in back["regimes"]] == NAMES
    assert "<table" in found._repr_html_()
