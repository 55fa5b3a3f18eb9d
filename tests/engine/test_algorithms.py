"""Other algorithms, on matrices where it is known which of them can see the segments."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from planted import as_matrix, planted, reordered
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from segkit.engine import algorithms as module
from segkit.engine import silhouettes
from segkit.engine.algorithms import METHODS, Algorithms, algorithms
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import Floats, ModelMatrix
from segkit.engine.segments import Segments, fit_segments
from segkit.seeds import generator

SIZES = (80, 50, 30)


@pytest.fixture(scope="module")
def blobs() -> tuple[ModelMatrix, pd.Series]:
    return planted(SIZES, "tests/algorithms")


@pytest.fixture(scope="module")
def found(blobs: tuple[ModelMatrix, pd.Series]) -> Algorithms:
    return algorithms(blobs[0], fit_segments(blobs[0], 3, clusterer=KMeansClusterer(5)), jobs=1)


def test_every_algorithm_finds_segments_that_lie_far_apart(found: Algorithms) -> None:
    table = found.table.set_index("algorithm")
    assert table.index.to_list() == list(METHODS)
    assert (table["clusters"] == 3).all()
    sure = table.drop(index="HDBSCAN")  # a density cluster may leave units at its rim out
    assert (sure[["ari", "jaccard_1", "jaccard_2", "jaccard_3"]] == 1).all(axis=None)
    assert sure["ami"].to_numpy() == pytest.approx(1)
    assert table.loc["HDBSCAN", "ari"] > 0.85
    assert found.recurring().to_dict() == {1: 9, 2: 9, 3: 9}


def segments_of(matrix: ModelMatrix, labels: Floats) -> Segments:
    numbers = pd.Series(labels, index=matrix.index)
    return Segments(numbers, np.zeros((int(labels.max()), 1)), pd.Series(dtype=float), 0.0, {}, 42)


def test_density_calls_noise_noise() -> None:
    values = generator("tests/noise").uniform(size=(300, 6))
    matrix = as_matrix(values)
    row = algorithms(
        matrix, fit_segments(matrix, 3, clusterer=KMeansClusterer(5)), names=["HDBSCAN"], jobs=1
    ).table.iloc[0]
    assert row["noise"] > 0.5
    assert row["ari"] < 0.1
    assert row[["jaccard_1", "jaccard_2", "jaccard_3"]].max() < 0.5


def test_long_segments_are_seen_by_some_and_cut_by_others() -> None:
    """Two rows of units, far longer than they lie apart: what minimises squared distances cuts both in half."""
    rng = generator("tests/long")
    n = 150
    values = np.vstack([np.column_stack([np.linspace(0, 30, n), rng.normal(y, 0.3, n)]) for y in (0, 6)])
    truth = np.repeat([1, 2], n)
    matrix = as_matrix(values)
    table = algorithms(matrix, segments_of(matrix, truth), jobs=1).table.set_index("algorithm")
    assert adjusted_rand_score(truth, fit_segments(matrix, 2, clusterer=KMeansClusterer(10)).labels) < 0.1
    for name in ("k-medoids", "bisecting k-means"):
        assert table.loc[name, "ari"] < 0.1
    for name in ("spectral", "HDBSCAN"):
        assert table.loc[name, "ari"] > 0.95, name


def test_measures_are_those_of_the_partitions(blobs: tuple[ModelMatrix, pd.Series]) -> None:
    """With a reference that has nothing to do with the units, indices are those of scikit-learn and of sets."""
    matrix, truth = blobs
    other = generator("tests/reference").permutation(np.repeat([1, 2, 3], SIZES))
    row = algorithms(matrix, segments_of(matrix, other), names=["Ward"], jobs=1).table.iloc[0]
    assert row["ari"] == pytest.approx(adjusted_rand_score(other, truth))
    assert row["ami"] == pytest.approx(adjusted_mutual_info_score(other, truth))
    for s in (1, 2, 3):
        mine = {i for i, x in enumerate(other) if x == s}
        rest = [{i for i, x in enumerate(truth) if x == t} for t in (0, 1, 2)]
        assert row[f"jaccard_{s}"] == max(len(mine & r) / len(mine | r) for r in rest)


def test_noise_is_no_segment_found_again() -> None:
    """Counts of two segments in two clusters and in noise, by hand: 6 / 10 and, for all that is noise, 0."""
    both = np.array([[6, 0, 3], [1, 0, 5]])
    # First: 6 shared, 9 own and 7 in the cluster, 10 in either. Second: 1 shared, 6 own and 7, 12 in either.
    assert module._found_again(both) == pytest.approx([6 / 10, 1 / 12])
    assert module._found_again(np.array([[0, 4], [0, 5]])).tolist() == [0, 0]
    assert module._found_again(np.array([[4], [5]])).tolist() == [0, 0]


def test_noise_of_few_units_is_not_told() -> None:
    noise = [0.0, 4 / 40, 5 / 40]
    rows = {"algorithm": ["a", "b", "c"], "clusters": 3, "noise": noise, "ari": 0.5, "ari_se": 0.0}
    rows |= {"ari_low": 0.5, "ari_high": 0.5, "ami": 0.5}
    found = Algorithms(pd.DataFrame(rows), {"units": 40}, 42).to_json()
    assert [found[name]["noise"] for name in "abc"] == pytest.approx([0, np.nan, 0.125], nan_ok=True)


def test_what_hangs_on_its_seed_is_shown_with_its_range(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a method that gives the reference from some seeds and something else from others, and one that has no seed."""
    matrix, truth = planted((30, 30), "tests/seeds")
    luck = iter([True, False, True, True, False])

    def lucky(values: Floats, k: int, seed: int) -> np.ndarray:
        own = (values[:, 0] > values[:, 0].mean()).astype(int) if next(luck) else np.arange(len(values)) % 2
        return np.asarray(own)

    monkeypatch.setitem(module.METHODS, "spectral", lucky)
    found = algorithms(
        matrix, fit_segments(matrix, 2, clusterer=KMeansClusterer(3)), names=["Ward", "spectral"], jobs=1
    )
    row = found.table.set_index("algorithm").loc["spectral"]
    assert (row["ari"], row["ari_high"]) == (1, 1) and row["ari_low"] < 0.1  # three of five are right: so is the median
    ward = found.table.set_index("algorithm").loc["Ward"]
    assert ward["ari_low"] == ward["ari"] == ward["ari_high"] == 1
    assert found.params["seeded"] == ["spectral"] and len(truth) == 60


def test_above_the_limit_a_sample_stands_for_all(
    blobs: tuple[ModelMatrix, pd.Series], monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = fit_segments(blobs[0], 3, clusterer=KMeansClusterer(5))
    monkeypatch.setattr(silhouettes, "EXACT", 100)
    found = algorithms(blobs[0], segments, jobs=1)
    assert found.params["sampled"] == 100 and found.params["samples"] == 2
    assert (found.table["ari_se"] >= 0).all() and found.table["ari_se"].max() > 0
    assert found.table.set_index("algorithm").loc["Ward", "ari_se"] == 0  # both samples give the planted segments
    assert found.table["algorithm"].to_list() == ["k-means", *METHODS]
    assert found.table.set_index("algorithm").loc[["k-means", "Ward", "k-medoids"], "ari"].to_list() == [1, 1, 1]


def test_units_that_are_all_but_alike_stop_nothing() -> None:
    values = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [20, 8, 6, 2], axis=0)
    matrix = as_matrix(values)
    found = algorithms(matrix, fit_segments(matrix, 3, clusterer=KMeansClusterer(3)), jobs=1)
    assert {"Ward", "average linkage", "k-medoids"} <= set(found.table["algorithm"])
    assert np.isfinite(found.table[["ari", "ami"]]).all(axis=None)
    assert (found.table["clusters"] <= 3 + 1).all()


def test_order_processes_and_inputs_do_not_matter(blobs: tuple[ModelMatrix, pd.Series], found: Algorithms) -> None:
    matrix, _ = blobs
    before = matrix.values.copy()
    segments = fit_segments(matrix, 3, clusterer=KMeansClusterer(5))
    turned = reordered(matrix, np.arange(len(matrix.values))[::-1])
    other = algorithms(turned, segments, jobs=2)
    pd.testing.assert_frame_equal(other.table, found.table, check_exact=True)
    np.testing.assert_array_equal(matrix.values, before)


def test_results_are_plain_enough_for_json(found: Algorithms) -> None:
    back = json.loads(json.dumps(found.to_json()))
    assert set(back) == set(METHODS)
    assert back["Ward"] == {
        "ari": 1, "ari_se": 0, "ari_low": 1, "ari_high": 1, "ami": pytest.approx(1), "clusters": 3, "noise": 0,
    }  # fmt: skip
