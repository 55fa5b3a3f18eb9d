"""The internal indices over K."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from planted import APART, as_matrix, planted
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from threadpoolctl import threadpool_info, threadpool_limits

from segkit.engine.clusterer import KMeansClusterer, kmeans
from segkit.engine.kselection import COLUMNS, KSelection, knee, select_k
from segkit.engine.matrix import Floats
from segkit.engine.segments import fit_segments
from segkit.seeds import generator


@pytest.mark.parametrize("sizes", [(40, 25), (30, 30, 30), (40, 30, 20, 10), (25, 9, 14, 30, 18)])
def test_every_index_finds_the_number_that_was_planted(sizes: tuple[int, ...]) -> None:
    matrix, _ = planted(sizes)
    by = select_k(matrix, range(2, 8), clusterer=KMeansClusterer(10)).by
    assert by == dict.fromkeys(("silhouette", "davies_bouldin", "calinski_harabasz"), len(sizes))


def test_values_are_those_of_scikit_learn() -> None:
    matrix = as_matrix(generator("tests/cloud").normal(size=(250, 4)))
    selection = select_k(matrix, (3, 2, 5), clusterer=KMeansClusterer(3), seed=9)
    assert selection.table["k"].to_list() == [3, 2, 5]
    unproved = selection.params.pop("unconverged")
    assert set(unproved) <= {2, 3, 5}
    assert (selection.params, selection.seed) == ({"restarts": 3, "ks": [3, 2, 5]}, 9)
    for row in selection.table.itertuples():
        with threadpool_limits(1):
            fit = KMeans(row.k, n_init=3, random_state=9).fit(matrix.values)
        assert row.inertia <= fit.inertia_ * (1 + 1e-12)
        labels = selection.partitions[row.k]
        assert row.silhouette == pytest.approx(silhouette_score(matrix.values, labels), rel=1e-12)
        assert row.davies_bouldin == pytest.approx(davies_bouldin_score(matrix.values, labels), rel=1e-12)
        assert row.calinski_harabasz == pytest.approx(calinski_harabasz_score(matrix.values, labels), rel=1e-12)
        assert row.smallest == np.bincount(labels)[1:].min()


def test_the_fit_at_k_is_the_one_that_was_measured() -> None:
    matrix = as_matrix(generator("tests/cloud").normal(size=(250, 4)))
    measured = select_k(matrix, [4], clusterer=KMeansClusterer(3)).table.iloc[0]
    fitted = fit_segments(matrix, 4, clusterer=KMeansClusterer(3))
    assert fitted.inertia == measured["inertia"]
    assert (fitted.silhouette * fitted.sizes).sum() / 250 == pytest.approx(measured["silhouette"])


def test_k_without_indices_is_left_out() -> None:
    values = np.repeat(APART * np.eye(5), 3, axis=0)
    selection = select_k(as_matrix(values), range(2, 9), clusterer=KMeansClusterer(2))
    assert selection.table["k"].to_list() == [2, 3, 4]
    assert selection.params["ks"] == [2, 3, 4]


def test_no_k_at_all_gives_an_empty_table_and_no_choice() -> None:
    selection = select_k(as_matrix(np.repeat(APART * np.eye(2), 3, axis=0)), range(2, 9), clusterer=KMeansClusterer(2))
    assert selection.table.empty
    assert list(selection.table) == [*COLUMNS]
    assert selection.by == {}
    assert selection.to_json()["indices"] == []


def test_two_calls_give_equal_tables() -> None:
    matrix = as_matrix(generator("tests/cloud").normal(size=(250, 4)))
    first, second = (select_k(matrix, range(2, 6), clusterer=KMeansClusterer(3)) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)


@pytest.mark.parametrize(("values", "k"), [((0.7, 0.7, 0.7), None), ((0.7, 0.9, 0.9), 4), ((0.9, 0.7, 0.7), 2)])
def test_a_separation_that_is_the_same_for_all_numbers_chooses_none(values: tuple[float, ...], k: int | None) -> None:
    table = pd.DataFrame({"k": [2, 3, 4], "separation": values})
    assert KSelection(table, {}, 42).most_separate == k
    assert KSelection(table.head(1), {}, 42).most_separate == 2
    assert KSelection(table.head(0), {}, 42).most_separate is None


def test_the_result_is_plain_enough_for_json() -> None:
    selection = select_k(planted((12, 8))[0], (2, 3), clusterer=KMeansClusterer(2))
    back = json.loads(json.dumps(selection.to_json()))
    assert [row["k"] for row in back["indices"]] == [2, 3]
    assert back["by"] == {**selection.by, "inertia_knee": selection.knee, "separation": selection.most_separate}


def test_linear_algebra_runs_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def spy(values: Floats, k: int, *, restarts: int, seed: int, most: int) -> tuple[KMeans, bool]:
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return kmeans(values, k, restarts=restarts, seed=seed, most=most)

    monkeypatch.setattr("segkit.engine.clusterer.kmeans", spy)
    with threadpool_limits(2):
        select_k(planted((8, 6))[0], [2], clusterer=KMeansClusterer(1))
        assert {pool["num_threads"] for pool in threadpool_info()} == {2}
    assert set(seen) == {1}


def test_the_knee_is_where_the_curve_is_furthest_below_its_chord() -> None:
    """On 10, 4, 3, 2, 1 the second point lies lowest: 1 - 1/4 - 3/9 = 0.4167; one K, or two, have no bend."""
    assert knee(np.array([2.0, 3, 4, 5, 6]), np.array([10.0, 4, 3, 2, 1])) == 3
    assert knee(np.array([2.0, 3]), np.array([2.0, 1])) is None
    assert select_k(planted((40, 25, 30))[0], range(2, 9), clusterer=KMeansClusterer(5)).knee == 3


def test_partitions_are_those_of_the_fit_and_silhouettes_are_by_segment() -> None:
    matrix = as_matrix(generator("tests/cloud").normal(size=(250, 4)))
    selection, fitted = (
        select_k(matrix, (3, 4), clusterer=KMeansClusterer(3)),
        fit_segments(matrix, 4, clusterer=KMeansClusterer(3)),
    )
    assert np.array_equal(selection.partitions[4], fitted.labels.to_numpy())
    own = selection.segments[selection.segments["k"] == 4]
    assert own["units"].tolist() == fitted.sizes.tolist()
    assert own["silhouette"].to_numpy() == pytest.approx(fitted.silhouette.to_numpy())
