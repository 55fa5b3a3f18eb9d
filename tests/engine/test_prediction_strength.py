"""Prediction strength."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import APART, as_matrix, planted
from sklearn.datasets import load_iris

from segkit.engine import fits
from segkit.engine.prediction import prediction_strength, strength
from segkit.seeds import generator

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "number_of_segments.csv", comment="#")


def test_planted_segments_predict_themselves() -> None:
    matrix, _ = planted((30, 20, 25))
    found = prediction_strength(matrix, (2, 3, 4), splits=10, jobs=1)
    at = found.table.set_index("k")["strength"]
    assert at[3] == 1 and at[2] < 0.8 and at[4] < 0.8
    assert found.choice() == 3 and found.choice(0.0) == 4


def test_iris_agrees_with_fpc() -> None:
    """prediction.strength(iris[, 1:4], 2, 5, M = 200, clustermethod = kmeansCBI, classification = "centroid", runs = 10).

    Same definition: the mean over both directions of the smallest cluster's share. Within four standard errors.
    """
    rows = ORACLE[(ORACLE["data"] == "iris") & (ORACLE["what"] == "prediction_strength")].reset_index(drop=True)
    ours = prediction_strength(as_matrix(load_iris().data), range(2, 6), splits=100, jobs=1).table
    error = np.sqrt((ours["sd"] ** 2 / 100) + rows["error"] ** 2)
    assert (ours["strength"] - rows["value"]).abs().le(4 * error).all()
    assert ours["strength"].is_monotonic_decreasing or ours["strength"].iloc[3] > ours["strength"].iloc[2]


def test_the_smallest_cluster_decides() -> None:
    """4 points at 3 + 1: (9 + 1 - 4) / 12 = 0.5 of the ordered pairs; 5 points together: all of them."""
    assert strength(np.array([[3, 1], [0, 5]])) == 0.5
    assert strength(np.array([[5, 0], [0, 5]])) == 1.0


def test_clusters_of_one_point_have_no_say_and_are_counted() -> None:
    assert strength(np.array([[1, 0], [0, 6]])) == 1.0
    assert np.isnan(strength(np.array([[1, 0], [0, 1]])))
    values = np.vstack([generator("tests/tiny").normal(size=(40, 2)), [[90.0, 90.0]]])
    found = prediction_strength(as_matrix(values), [2], splits=12, jobs=1).table.iloc[0]
    assert found["tiny"] == 1.0  # the half with the far unit has it in a segment of its own


def test_duplicates_are_no_crash_and_what_cannot_be_halved_is_missing() -> None:
    values = np.repeat(APART * np.eye(5), 4, axis=0)
    found = prediction_strength(as_matrix(values), (2, 4, 5), splits=6, jobs=1).table
    assert found.loc[found["k"] == 5, "splits"].item() == 0 and found["strength"].isna().tolist()[-1]
    assert found.loc[found["k"] == 2, "splits"].item() == 6
    assert np.isnan(prediction_strength(as_matrix(np.eye(3)), [2], splits=3, jobs=1).table["strength"].item())
    twice = prediction_strength(as_matrix(values), (2, 5, 2), splits=6, jobs=1).table
    assert twice["k"].tolist() == [2, 5, 2] and twice["splits"].tolist() == [6, 0, 6]


def test_names_draws_and_processes() -> None:
    matrix, _ = planted((14, 11))
    base = prediction_strength(matrix, (2, 3), splits=10, jobs=1).table
    renamed = prediction_strength(as_matrix(matrix.values, names=["b", "a"]), (2, 3), splits=10, jobs=2).table
    pd.testing.assert_frame_equal(renamed, base, check_exact=True)
    other = prediction_strength(matrix, (2, 3), splits=10, seed=7, jobs=1).table
    assert not other.equals(base)


@pytest.mark.parametrize("times", [2, 3])
def test_copies_of_all_units_leave_what_is_well_apart(times: int) -> None:
    matrix, _ = planted((12, 9))
    copied = as_matrix(np.repeat(matrix.values, times, axis=0))
    assert prediction_strength(copied, [2], splits=5, jobs=1).table["strength"].item() == 1


def test_of_very_many_units_each_split_halves_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, _ = planted((300, 200, 250))
    whole = prediction_strength(matrix, (3, 4), splits=12, jobs=1)
    assert whole.params["drawn"] == whole.params["units"] == 750
    monkeypatch.setattr(fits, "LARGE", 500)
    monkeypatch.setattr(fits, "DRAWN", 200)
    part = prediction_strength(matrix, (3, 4), splits=12, jobs=1)
    assert part.params["drawn"] == 200 and part.params["units"] == 750
    assert part.table["strength"].iloc[0] == whole.table["strength"].iloc[0] == 1
    assert part.table["strength"].iloc[1] < 0.8 > whole.table["strength"].iloc[1]
