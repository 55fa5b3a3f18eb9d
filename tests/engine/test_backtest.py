"""Forecasts of growth by segments, in worlds where they help, cannot help, or a unit's own last value is best."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from segkit.engine.backtest import FORECASTS, RIVALS, SEGMENT, backtest, growth
from segkit.seeds import generator

UNITS, QUARTERS = 12, 16
GROUP = np.repeat([1, 2, 3], 4)


def levels_of(moves: np.ndarray) -> pd.DataFrame:
    """Return monthly levels whose growth from quarter to quarter is given, of shape (quarters, units)."""
    quarters = np.exp(12 + np.vstack([np.zeros(moves.shape[1]), moves.cumsum(axis=0)]))
    months = np.repeat(quarters / 3, 3, axis=0)
    index = pd.date_range("2021-01-01", periods=len(months), freq="MS")
    return pd.DataFrame(months, index=index, columns=[f"u{i}" for i in range(moves.shape[1])])


def labels_for(levels: pd.DataFrame, own: np.ndarray = GROUP) -> pd.DataFrame:
    origins = levels.index[8:-3:3]  # the last months of quarters, with one after each
    return pd.DataFrame(dict.fromkeys(origins, own), index=levels.columns)


def together(name: str, *, noise: float) -> np.ndarray:
    """Growth that each group has in common and keeps from quarter to quarter, under noise of each unit."""
    rng = generator(name)
    common = np.zeros((QUARTERS, 3))
    for t in range(1, QUARTERS):
        common[t] = 0.9 * common[t - 1] + 0.25 * rng.normal(size=3)
    return common[:, GROUP - 1] + noise * rng.normal(size=(QUARTERS, UNITS))


def test_growth_as_by_hand() -> None:
    levels = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 6, 7]})
    found = growth(levels, 3, 3)["a"]
    assert found.isna().tolist() == [True] * 5 + [False] * 2
    # Sums 6, 9, 12, 15, 18, and a hundredth of the mean of those so far.
    assert found.iloc[5:].tolist() == pytest.approx([np.log(15.105 / 6.105), np.log(18.12 / 9.12)])
    assert growth(levels, 1, 2)["a"].iloc[2] == pytest.approx(np.log(3.02 / 1.02))
    assert (growth(levels * 0, 3, 3)["a"].iloc[5:] == 0).all()  # nothing after nothing
    refunds = growth(pd.DataFrame({"a": [5.0, -1, 5]}), 1, 1)["a"]
    assert refunds.iloc[1:].tolist() == pytest.approx([np.log(0.025 / 5.025), np.log((5 + 0.1 / 3) / (0.1 / 3))])


def test_forecasts_and_errors_as_by_hand() -> None:
    moves = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, -0.6], [0.0, 0.1, 0.2]])
    levels = levels_of(moves)
    found = backtest(levels, pd.DataFrame({levels.index[8]: [1, 1, 2]}, index=levels.columns))
    assert len(found.forecasts) == 3 and found.params["origins"] == 1
    rows = found.forecasts.set_index("unit")
    close = {"abs": 0.01}  # a hundredth of the mean is added
    assert rows["actual"].tolist() == pytest.approx(moves[2], **close)
    assert rows["own last"].tolist() == pytest.approx(moves[1], **close)
    assert rows["own mean"].tolist() == pytest.approx(moves[:2].mean(axis=0), **close)
    assert rows[SEGMENT].tolist() == pytest.approx([0.3, 0.3, -0.6], **close)
    assert rows["segment, all periods"].tolist() == pytest.approx([0.25, 0.25, -0.05], **close)
    assert rows["all units"].tolist() == pytest.approx([0.0] * 3, **close)
    assert rows["all units, all periods"].tolist() == pytest.approx([0.15] * 3, **close)
    at = found.table.set_index("forecast")
    assert at.loc[SEGMENT, "mae"] == pytest.approx((0.3 + 0.2 + 0.8) / 3, **close)
    assert at.loc["own last", "difference"] == pytest.approx((0.2 + 0.3 + 0.8) / 3 - 1.3 / 3, **close)
    assert list(at.index) == list(FORECASTS) and found.winner == "all units, all periods"
    # One origin tells nothing of chance.
    assert at[["low", "high"]].isna().all().all() and np.isnan(found.p) and not found.helps
    assert "too few to tell chance" in found.reason


def test_it_helps_where_groups_move_together_under_noise() -> None:
    """Each group goes its own way, which changes with time: neither one unit, its past, nor all units tell as much."""
    rng = generator("tests/help")
    own = np.repeat([1, 2, 3], 8)
    common = np.cumsum(0.3 * rng.normal(size=(QUARTERS, 3)), axis=0)
    levels = levels_of(common[:, own - 1] + 0.4 * rng.normal(size=(QUARTERS, len(own))))
    found = backtest(levels, labels_for(levels, own))
    assert found.winner == SEGMENT and found.helps and found.p < 0.01
    at = found.table.set_index("forecast")
    assert at.loc[SEGMENT, "mae"] < found.chance
    assert (at.loc[list(RIVALS), "low"] > 0).all() and (at.loc[list(RIVALS), "verdict"] == "better").all()


def test_it_cannot_help_where_units_are_independent() -> None:
    """Each unit has a growth of its own under noise: a group is calmer than its last value, and so is any other group."""
    rng = generator("tests/independent 1")
    levels = levels_of(0.02 * rng.normal(size=UNITS) + 0.1 * rng.normal(size=(QUARTERS, UNITS)))
    found = backtest(levels, labels_for(levels))
    assert found.winner != SEGMENT and not found.helps
    assert found.verdict("own last") == "better"  # which is why segments at random stand beside it
    assert found.p > 0.05 and found.table.set_index("forecast").loc[SEGMENT, "mae"] == pytest.approx(
        found.chance, rel=0.1
    )


def test_own_last_value_wins_where_each_unit_keeps_its_course() -> None:
    rng = generator("tests/course")
    levels = levels_of(np.cumsum(0.1 * rng.normal(size=(QUARTERS, UNITS)), axis=0))
    found = backtest(levels, labels_for(levels))
    assert found.winner == "own last" and found.verdict("own last") == "worse" and not found.helps


def test_segments_at_random_are_seldom_called_of_use() -> None:
    called = 0
    for i in range(10):
        levels = levels_of(together(f"tests/random {i}", noise=0.15))
        own = generator(f"tests/dealt {i}").permutation(GROUP)
        called += backtest(levels, labels_for(levels, own)).p <= 0.05
    assert called <= 2  # of a binomial law with 0.05: more has a probability of 0.012


def test_what_comes_after_an_origin_changes_no_forecast_made_there() -> None:
    levels = levels_of(together("tests/leak", noise=0.1))
    labels = labels_for(levels)
    changed = levels.copy()
    origin = labels.columns[5]
    changed.loc[changed.index > origin] *= generator("tests/after").uniform(
        0.1, 9, size=(changed.index > origin).sum()
    )[:, None]
    one, two = (backtest(x, labels).forecasts for x in (levels, changed))
    early = one["origin"] <= origin
    pd.testing.assert_frame_equal(
        one.loc[early, ["origin", "unit", "segment", *FORECASTS]],
        two.loc[early, ["origin", "unit", "segment", *FORECASTS]],
    )
    assert not np.allclose(one.loc[one["origin"] == origin, "actual"], two.loc[one["origin"] == origin, "actual"])


def test_a_segment_of_one_is_its_own_last_value_and_noise_takes_no_part() -> None:
    levels = levels_of(together("tests/single", noise=0.1))
    alone = backtest(levels, labels_for(levels, np.arange(1, UNITS + 1)))
    own = alone.table.set_index("forecast").loc["own last"]
    assert own[["difference", "low", "high"]].tolist() == [0, 0, 0] and own["verdict"] == ""
    assert alone.p == 1 and not alone.helps  # whoever is dealt a segment of one is alone
    some = backtest(levels, labels_for(levels, np.where(GROUP == 3, 0, GROUP)))
    assert set(some.forecasts["segment"]) == {1, 2} and len(some.forecasts) == 8 * some.params["origins"]
    none = backtest(levels, labels_for(levels, 0 * GROUP))
    assert (
        none.reason == "no unit is in a segment at any origin"
        and none.winner is None
        and none.verdict("own last") == ""
    )


def test_the_season_is_taken_out_by_growth_over_a_year() -> None:
    season = 0.5 * np.sin(np.pi / 2 * np.arange(QUARTERS))[:, None]
    moves = np.repeat(season, 3, axis=1) + np.array([0.02, 0.03, 0.04])
    levels = levels_of(moves)
    found = backtest(levels, labels_for(levels, np.array([1, 2, 3])), lag=12)
    at = found.table.set_index("forecast")["mae"]
    assert at["own last"] == pytest.approx(0, abs=0.01) and at["no growth"] == pytest.approx(0.12, abs=0.01)
    assert found.forecasts["origin"].min() >= levels.index[14]
    quarterly = backtest(levels, labels_for(levels, np.array([1, 2, 3]))).table.set_index("forecast")["mae"]
    assert quarterly["own last"] > 0.4


def test_three_units_and_too_short_a_record() -> None:
    levels = levels_of(together("tests/three", noise=0.1)[:, :3])
    found = backtest(levels, labels_for(levels, np.array([1, 1, 2])))
    assert not found.reason and found.table["low"].notna().sum() == len(FORECASTS) - 1
    short = backtest(levels.iloc[:8], pd.DataFrame({levels.index[5]: [1, 1, 2]}, index=levels.columns))
    assert "enough periods" in short.reason and short.forecasts.empty and not short.helps
    assert json.loads(json.dumps(short.to_json(), default=str))["winner"] is None


def test_what_cannot_be_judged_is_an_error() -> None:
    levels = levels_of(together("tests/bad", noise=0.1))
    labels = labels_for(levels)
    with pytest.raises(ValueError, match="none of the periods"):
        backtest(levels, labels.rename(columns={labels.columns[0]: pd.Timestamp("1999-01-01")}))
    with pytest.raises(ValueError, match="no levels: u99"):
        backtest(levels, labels.rename(index={"u3": "u99"}))
    with pytest.raises(ValueError, match="missing or infinite"):
        backtest(levels.replace(levels.iloc[3, 0], np.nan), labels)
    with pytest.raises(ValueError, match="in order"):
        backtest(levels.iloc[::-1], labels)


def test_a_rerun_is_the_same_and_nothing_given_is_changed() -> None:
    levels = levels_of(together("tests/again", noise=0.1))
    labels = labels_for(levels)
    before = levels.copy(), labels.copy()
    one, two = backtest(levels, labels), backtest(levels, labels)
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.p == two.p
    pd.testing.assert_frame_equal(levels, before[0])
    pd.testing.assert_frame_equal(labels, before[1])
