"""Models over time, kept and refitted, and the moves of units: planted breaks, counts by hand, coverage of intervals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matching import rand_index
from segkit.engine.matrix import fit_matrix
from segkit.engine.migration import INACTIVE, NEW, intervals, migration, no_migration, small_cells
from segkit.engine.segments import fit_segments
from segkit.engine.windows import WindowModel, ageing, fit_window, no_ageing, no_refits, refits
from segkit.seeds import generator

BLOCKS = {"all": ["a", "b"]}


def model(frame: pd.DataFrame, k: int = 2) -> WindowModel:
    found = fit_window(frame, BLOCKS, k, clip=0.01, cap=10.0, restarts=5, seed=42)
    assert found is not None
    return found


def window(j: int, by: str, n: int = 120) -> pd.DataFrame:
    """Two groups of the same units, told apart by one of two traits of theirs."""
    rng, units = generator(f"tests/windows/{j}"), np.arange(n)
    group = (units % 2 if by == "parity" else units * 2 // n) * 12.0
    return pd.DataFrame(
        {"a": group + rng.normal(size=n), "b": group + rng.normal(size=n)}, index=[f"u{i}" for i in units]
    )


def test_a_window_is_fitted_like_the_study() -> None:
    """The partition of fit_segments, numbered by size, and its assignment by the saved model."""
    rng = generator("tests/windows/fitted")
    frame = pd.DataFrame(rng.normal(np.repeat([0, 8, 20], (30, 60, 45))[:, None], 1, (135, 2)), columns=["a", "b"])
    found, matrix = model(frame, 3), fit_matrix(frame, BLOCKS)
    assert (found.labels == fit_segments(matrix, 3, clusterer=KMeansClusterer(10)).labels).all()
    assert found.labels.value_counts().to_dict() == {1: 60, 2: 45, 3: 30}
    assert (found.model.assign(frame)["distance"] > found.reach).sum() == 2  # beyond the 99th percentile of 135
    assert found.flat == frozenset()


@pytest.mark.parametrize("values", [np.zeros((9, 2)), np.repeat([[0.0, 1.0], [2.0, 3.0]], 5, axis=0), np.zeros((0, 2))])
def test_a_window_with_too_little_in_it_has_no_model(values: np.ndarray) -> None:
    assert (
        fit_window(pd.DataFrame(values, columns=["a", "b"]), BLOCKS, 2, clip=0.01, cap=10, restarts=2, seed=1) is None
    )


@pytest.mark.parametrize("broken", [2, 4, None])
def test_a_break_shows_where_it_is(broken: int | None) -> None:
    traits = ["half" if broken is None or j < broken else "parity" for j in range(6)]
    models = {f"w{j}": model(window(j, by)) for j, by in enumerate(traits)}
    found = refits(models, lags=(1, 3), params={}, seed=42)
    for j, row in enumerate(found.lag(1).itertuples(), start=1):
        assert (row.window, row.before, row.common) == (f"w{j}", f"w{j - 1}", 120)
        assert abs(row.ari) < 0.05 if j == broken else row.ari == 1
    assert found.lag(3)["window"].to_list() == ["w3", "w4", "w5"]
    assert found.units.to_list() == [120] * 6


def test_units_that_left_take_no_part() -> None:
    first, second = window(0, "half"), window(1, "half").iloc[30:].rename(index={"u40": "someone else"})
    found = refits({"a": model(first), "b": model(second)}, lags=(1,), params={}, seed=1).table.iloc[0]
    assert found["common"] == 89 and found["ari"] == 1
    assert np.isnan(rand_index(pd.Series(dtype=int), pd.Series(dtype=int)))


def test_a_change_of_scaling_is_named() -> None:
    first, second = window(0, "half"), window(1, "half")
    second["b"] = np.where(np.arange(120) < 100, 0.0, second["b"])
    row = refits({"a": model(first), "b": model(second)}, lags=(1,), params={}, seed=1).table.iloc[0]
    assert row["rescaled"] == "b"


def test_a_kept_model_ages_when_the_units_change() -> None:
    """Unchanged: the kept model agrees and 1 % lie outside. Moved by half the gap: it puts all on one side."""
    frames = {f"w{j}": window(j, "half", 1000) for j in range(3)}
    frames["w2"] = frames["w2"] + 40
    models = {n: model(f) for n, f in frames.items()}
    found = ageing(models, {(a, b): frames[b] for a, b in (("w0", "w1"), ("w0", "w2"))}, params={}, seed=1)
    rows = found.table.set_index("window")
    assert rows["age"].to_list() == [1, 2] and rows["units"].to_list() == [1000, 1000]
    assert rows["rescaled"].to_list() == ["", ""]
    assert rows.loc["w1", "ari"] == 1 and rows.loc["w1", "outliers"] == pytest.approx(0.01, abs=0.02)
    assert rows.loc["w2", "ari"] == 0 and rows.loc["w2", "outliers"] > 0.4
    assert found.summary["models"].to_list() == [1, 1] and found.to_json()["by_age"]["2"]["ari_min"] == 0


STATES = pd.DataFrame(
    # stays, moves, falls silent, comes back, is new, was never there until after both, stays silent
    {"then": [1, 1, 2, INACTIVE, NEW, NEW, INACTIVE, 1], "now": [1, 2, INACTIVE, 2, 1, NEW, INACTIVE, 1]},
    index=list("abcdefgh"),
)


def test_moves_counted_by_hand() -> None:
    found = migration(STATES, 2)
    at = found.last().set_index(["origin", "destination"])
    assert at["units"].to_dict() == {
        (1, 1): 2, (1, 2): 1, (1, INACTIVE): 0, (2, 1): 0, (2, 2): 0, (2, INACTIVE): 1,
        (INACTIVE, 1): 0, (INACTIVE, 2): 1, (INACTIVE, INACTIVE): 1, (NEW, 1): 1, (NEW, 2): 0,
    }  # fmt: skip
    assert at.loc[(1, 1), "share"] == pytest.approx(2 / 3) and at.loc[(NEW, 1), "of"] == 1
    assert at["period"].unique().tolist() == ["then to now"]
    assert ((at["low"] <= at["share"]) & (at["share"] <= at["high"])).all()


def test_rows_of_shares_sum_to_one_and_order_does_not_matter() -> None:
    rng = generator("tests/windows/moves")
    states = pd.DataFrame(rng.integers(1, 4, size=(300, 3)), columns=["a", "b", "c"])
    found = migration(states, 4)  # nobody is in the fourth segment
    sums = found.table.groupby(["period", "origin"])["share"].sum(min_count=1)
    full = found.table.groupby(["period", "origin"])["of"].first() > 0
    assert sums[full].to_numpy() == pytest.approx(1) and sums[~full].isna().all()
    assert found.last()["period"].iloc[0] == "b to c" and found.windows == ("a", "b", "c")
    again = migration(states.iloc[rng.permutation(300)].set_axis(range(7, 307)), 4)
    pd.testing.assert_frame_equal(found.table, again.table, check_exact=True)


@pytest.mark.parametrize("units", [60, 400])
def test_intervals_cover_the_true_share(units: int) -> None:
    """Of 95 % intervals of a known law, between 91 and 99 % hold the true share, near the ends of the scale too."""
    law = np.array([[0.30, 0.15, 0.05], [0.02, 0.08, 0.40]])
    truth, rng, inside = law / law.sum(axis=1, keepdims=True), generator(f"tests/windows/cover {units}"), []
    for i in range(300):
        counts = rng.multinomial(units, law.ravel()).reshape(law.shape)
        low, high = intervals(counts, 0.95, f"cover/{i}", 42)
        inside.append((low <= truth) & (truth <= high))
    assert 0.90 < np.mean(inside) < 0.985
    assert (np.mean(inside, axis=0) > 0.88).all()


def test_an_empty_cell_has_an_interval_of_some_width() -> None:
    low, high = intervals(np.array([[0, 50], [0, 0]]), 0.95, "empty", 42)
    assert low[0].tolist() == [0, pytest.approx(1 - high[0, 0])] and 0.03 < high[0, 0] < 0.06 and high[0, 1] == 1
    assert np.isnan(low[1]).all() and np.isnan(high[1]).all()
    assert all(np.isnan(v).all() for v in intervals(np.zeros((2, 2), dtype=int), 0.95, "none", 42))


def test_small_cells_cannot_be_worked_out() -> None:
    counts = pd.DataFrame([[40, 3, 20], [30, 25, 20], [8, 9, 50]])
    hidden = small_cells(counts)
    assert hidden.loc[0, 1] and not small_cells(counts + 10).to_numpy().any()
    for line in [*hidden.to_numpy(), *hidden.to_numpy().T]:
        assert line.sum() != 1
    moves = STATES.loc[STATES.index.repeat(7)].reset_index(drop=True)
    moves.loc[len(moves)] = [2, 2]  # one unit stays in the second segment
    shown = migration(moves, 2).visible().set_index(["origin", "destination"])
    assert np.isnan(shown.loc[(2, 2), "share"]) and np.isnan(shown.loc[(2, INACTIVE), "share"])
    assert migration(moves, 2).to_json()["shares"]["2"]["2"]["share"] != 1 / 8


def test_results_are_plain_also_where_there_is_nothing() -> None:
    for found in (no_refits("short", 1), no_ageing("short", 1), no_migration("short", 1)):
        assert json.loads(json.dumps(found.to_json()))["reason"] == "short" and "<table" in found._repr_html_()
    assert no_migration("short", 1).visible().empty
    back = json.loads(json.dumps(migration(STATES, 2).to_json()))
    assert set(back["shares"]) == {"1", "2", "inactive", "new"} and back["windows"] == ["then", "now"]
