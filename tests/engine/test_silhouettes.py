"""Silhouettes of several partitions at once, exact and sampled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted import as_matrix, planted
from sklearn.metrics import silhouette_samples, silhouette_score

from segkit.engine import kselection, segments, silhouettes
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.kselection import COLUMNS, select_k
from segkit.engine.matrix import ModelMatrix
from segkit.engine.segments import fit_segments
from segkit.engine.silhouettes import sample, standard_error
from segkit.seeds import generator


def cloud(n: int = 300) -> np.ndarray:
    return np.asarray(generator("tests/silhouette cloud").normal(size=(n, 3)) + 100)


def labelled(values: np.ndarray, k: int) -> np.ndarray:
    return np.asarray(np.digitize(values[:, 0], np.quantile(values[:, 0], np.arange(1, k) / k)))


def test_they_are_those_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silhouettes, "TILE", 7)  # and a rest of six
    values = cloud()
    values[10:13] = values[100]  # equal units, in other tiles
    partitions = [labelled(values, k) for k in (2, 3, 8)]
    found = silhouettes.silhouettes(values, partitions)
    for i, labels in enumerate(partitions):
        np.testing.assert_allclose(found[:, i], silhouette_samples(values, labels), rtol=0, atol=1e-11)


def test_a_unit_alone_and_units_in_one_place_have_none() -> None:
    values = np.array([[0.0], [0.0], [0.0], [0.0], [5.0]])
    labels = np.array([0, 0, 1, 1, 2])
    expected = silhouette_samples(values, labels)
    assert silhouettes.silhouettes(values, [labels])[:, 0].tolist() == expected.tolist() == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("tile", [7, 1000])
def test_some_rows_are_those_rows_of_all(monkeypatch: pytest.MonkeyPatch, tile: int) -> None:
    monkeypatch.setattr(silhouettes, "TILE", tile)
    values = cloud()
    labels, rows = labelled(values, 4), np.array([3, 17, 299])
    every = silhouettes.silhouettes(values, [labels])
    np.testing.assert_allclose(silhouettes.silhouettes(values, [labels], rows), every[rows], rtol=0, atol=1e-11)


def test_a_sample_is_without_replacement_and_repeatable() -> None:
    drawn = sample(100, 40, "tests/sample", 1)
    assert len(set(drawn)) == 40 and drawn.min() >= 0 and drawn.max() < 100 and (np.diff(drawn) > 0).all()
    assert drawn.tolist() == sample(100, 40, "tests/sample", 1).tolist() != sample(100, 40, "tests/sample", 2).tolist()


def test_the_standard_error_is_that_of_the_textbook() -> None:
    # Cochran 1977: s / sqrt(m) * sqrt(1 - m / n); s of 1, 2, 3, 4 is sqrt(5 / 3).
    found = standard_error(np.array([[1.0], [2.0], [3.0], [4.0]]), 16)
    assert found.tolist() == pytest.approx([np.sqrt(5 / 3) / 2 * np.sqrt(3 / 4)])


def test_the_standard_error_of_everything_is_zero() -> None:
    assert standard_error(np.array([[1.0], [2.0]]), 2).tolist() == [0]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> ModelMatrix:
    """Return a cloud that counts as large."""
    for module in (kselection, segments):
        monkeypatch.setattr(module, "EXACT", 400)
    return as_matrix(cloud(1_500))


def test_a_sampled_silhouette_is_near_the_exact_one(many: ModelMatrix, monkeypatch: pytest.MonkeyPatch) -> None:
    sampled = select_k(many, range(2, 6), clusterer=KMeansClusterer(3)).table
    monkeypatch.setattr(kselection, "EXACT", 5_000)
    exact = select_k(many, range(2, 6), clusterer=KMeansClusterer(3)).table
    assert list(exact.columns) == COLUMNS and "silhouette_se" in sampled
    for index in ("silhouette", "separation"):
        off = (sampled[index] - exact[index]).abs() / sampled[f"{index}_se"]
        # Four normal deviates that hang together; one beyond 3.5 has a chance of one in 500. The seed is fixed.
        assert 0 < off.max() < 3.5, index
    both = ["silhouette", "separation"]
    pd.testing.assert_frame_equal(sampled[exact.columns].drop(columns=both), exact.drop(columns=both))


def test_silhouettes_of_segments_are_sampled_in_each(many: ModelMatrix) -> None:
    found = fit_segments(many, 3, clusterer=KMeansClusterer(3))
    exact = silhouette_samples(many.values, found.labels.to_numpy())
    by_segment = pd.Series(exact).groupby(found.labels.to_numpy()).mean()
    assert list(found.silhouette.index) == [1, 2, 3]
    assert (found.silhouette - by_segment).abs().max() < 0.05  # 133 of about 500 units each


def test_up_to_the_limit_nothing_is_sampled() -> None:
    matrix, truth = planted((40, 30, 20))
    table = select_k(matrix, [3], clusterer=KMeansClusterer(3)).table
    assert list(table.columns) == COLUMNS
    expected = silhouette_score(matrix.values, truth)
    assert table["silhouette"].iloc[0] == pytest.approx(expected, rel=1e-12)
