"""The gap statistic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import APART, as_matrix, planted, reordered
from sklearn.datasets import load_iris

from segkit.engine import gap as module
from segkit.engine.gap import BOXES, first_local, gap_statistic, reference_set
from segkit.engine.matrix import Floats
from segkit.seeds import generator

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "number_of_segments.csv", comment="#")
SPACES = {"principal components": "gap_scaledPCA", "original axes": "gap_original"}


def known(data: str, box: str) -> pd.DataFrame:
    rows = ORACLE[(ORACLE["data"] == data) & (ORACLE["what"] == SPACES[box])]
    return rows[rows["item"] == "gap"].rename(columns={"value": "gap", "error": "s"}).reset_index(drop=True)


def test_iris_has_the_gaps_that_clusgap_finds() -> None:
    """clusGap(iris[, 1:4], kmeans, K.max = 7, B = 500, d.power = 2, spaceH0 = ..., nstart = 20), cluster 2.1.4.

    Within four standard errors of the difference of two Monte-Carlo means.
    """
    references = 40
    found = gap_statistic(as_matrix(load_iris().data), 5, references=references, jobs=1)
    assert found.table["k"].tolist() == [1, 2, 3, 4, 5, 6] * 2
    for box in BOXES:
        ours, theirs = found.of(box), known("iris", box).head(6)
        error = theirs["s"] * np.sqrt(1 / references + 1 / 500)
        assert (ours["gap"] - theirs["gap"]).abs().le(4 * error).all()
        assert ours["s"].to_numpy() == pytest.approx(theirs["s"].to_numpy(), rel=0.4)


@pytest.mark.parametrize("data", ["iris", "faithful"])
@pytest.mark.parametrize("box", BOXES)
def test_the_rule_chooses_as_maxse_does(data: str, box: str) -> None:
    """maxSE(f, SE.f, "Tibs2001SEmax") of the same tables; where nothing meets the rule it answers K.max, and we None."""
    rows = ORACLE[(ORACLE["data"] == data) & (ORACLE["what"] == SPACES[box])]
    theirs = int(rows.loc[rows["item"] == "choice", "k"].iloc[0])
    assert (first_local(known(data, box)) or 7) == theirs


def test_w_is_half_the_mean_squared_distance_of_ordered_pairs() -> None:
    """W = sum over segments of D / (2 n), D over ordered pairs (Tibshirani, Walther and Hastie 2001, equation 2)."""
    matrix, truth = planted((9, 6, 12))
    groups = [matrix.values[(truth == j).to_numpy()] for j in range(3)]
    w = sum(((g[:, None] - g[None]) ** 2).sum() / (2 * len(g)) for g in groups)
    rows = gap_statistic(matrix, 3, references=2, jobs=1).of(BOXES[0]).set_index("k")
    assert rows.loc[3, "log_w"] == pytest.approx(np.log(w), rel=1e-12)
    assert rows.loc[1, "log_w"] == pytest.approx(np.log(len(truth) * matrix.values.var(axis=0).sum()), rel=1e-12)


@pytest.mark.parametrize("box", BOXES)
def test_reference_points_fill_the_box(box: str) -> None:
    """Uniform on the range of each axis: mean and variance of the closed form, along the axes that the box has."""
    rng = generator("tests/box")
    values = rng.normal(size=(4000, 2)) @ np.array([[3.0, 3.0], [-1.0, 1.0]])
    made = reference_set(values, box, rng)
    axes = np.linalg.svd(values - values.mean(axis=0))[2] if box == BOXES[0] else np.eye(2)
    own, drawn = values @ axes.T, made @ axes.T
    low, high = own.min(axis=0), own.max(axis=0)
    assert (drawn >= low - 1e-9).all() and (drawn <= high + 1e-9).all()
    assert drawn.var(axis=0) == pytest.approx((high - low) ** 2 / 12, rel=0.06)
    assert drawn.mean(axis=0) == pytest.approx((low + high) / 2, abs=0.25)


def test_never_is_an_answer() -> None:
    """On a ring each further segment helps: no K up to the last meets the rule."""
    rng = generator("tests/ring")
    angle = rng.random(200) * 2 * np.pi
    ring: Floats = np.column_stack([np.cos(angle), np.sin(angle)]) * 5 + rng.normal(size=(200, 2)) * 0.2
    found = gap_statistic(as_matrix(ring), 4, references=10, jobs=1)
    assert found.by == dict.fromkeys(BOXES)


def test_k_stops_below_the_number_of_distinct_units() -> None:
    values = np.repeat(APART * np.eye(4), 3, axis=0)
    found = gap_statistic(as_matrix(values), 8, references=2, jobs=1)
    assert found.params["ks"] == [1, 2, 3]
    assert np.isfinite(found.table["gap"]).all()


def test_rows_and_names_do_not_matter_and_draws_repeat() -> None:
    matrix, _ = planted((14, 11))
    base = gap_statistic(matrix, 2, references=4, jobs=1)
    renamed = as_matrix(matrix.values, names=["b", "a"])
    pd.testing.assert_frame_equal(gap_statistic(renamed, 2, references=4, jobs=1).table, base.table, check_exact=True)
    turned = gap_statistic(reordered(matrix, np.arange(25)[::-1]), 2, references=4, jobs=1)
    assert turned.table["log_w"].to_numpy() == pytest.approx(base.table["log_w"].to_numpy(), rel=1e-9)
    assert turned.by == base.by


def test_the_number_of_processes_changes_nothing() -> None:
    matrix, _ = planted((12, 12))
    one, two = (gap_statistic(matrix, 2, references=10, jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)


def test_drawn_units_stand_for_very_many_and_the_error_says_how_well(monkeypatch: pytest.MonkeyPatch) -> None:
    values = generator("tests/gap of many").normal(size=(2000, 3))
    whole = gap_statistic(as_matrix(values), 2, references=3, jobs=1).table
    assert (whole["log_w_se"] == 0).all()
    monkeypatch.setattr(module, "LARGE", 1000)
    monkeypatch.setattr(module, "DRAWN", 400)
    found = gap_statistic(as_matrix(values), 2, references=3, jobs=1)
    assert found.params["drawn"] == 400 and (found.table["log_w_se"] > 0).all()
    # Inertia is a sum, so that of a part is smaller in proportion.
    off = (found.table["log_w"] + np.log(2000 / 400) - whole["log_w"]).abs()
    assert (off < 4 * found.table["log_w_se"] + 0.02).all()
