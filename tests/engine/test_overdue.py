"""Who is overdue and still there: against the published probability, and silent about few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segkit.engine.bgnbd import Parameters
from segkit.engine.overdue import overdue, silences

PARAMS = Parameters(0.243, 4.414, 0.793, 2.426)  # Fader, Hardie and Lee (2005), table 2: CDNOW, weeks


def lives(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return units with two repeats: half of them were last there in week 30 of 39, half in week 3."""
    last = np.repeat([30.0, 3.0], n)
    return np.full(2 * n, 2.0), last, np.full(2 * n, 39.0)


def test_means_are_those_of_the_published_probability() -> None:
    """P(alive | x, t_x, T) = 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))."""
    at = lives(5)
    found = overdue(PARAMS, at, (at[2] - at[1]) * 7, np.ones(10), pd.Series({1: 100.0})).table.iloc[0]
    recent, silent = (1 / (1 + 0.793 / 3.426 * ((4.414 + 39) / (4.414 + last)) ** 2.243) for last in (30, 3))
    assert found["overdue"] == 5
    assert found["alive_overdue"] == pytest.approx(silent) and found["alive_others"] == pytest.approx(recent)
    assert silent < 0.1 < 0.7 < recent


@pytest.mark.parametrize(("n", "limit"), [(4, 100.0), (5, np.nan), (5, 400.0), (5, 10.0)])
def test_few_are_not_told_of(n: int, limit: float) -> None:
    """Four who are overdue; a segment without a usual gap; nobody overdue; nobody who is not."""
    at = lives(n)
    row = overdue(PARAMS, at, (at[2] - at[1]) * 7, np.ones(2 * n), pd.Series({1: limit})).table.iloc[0]
    assert row[["overdue", "alive_overdue", "alive_others"]].isna().all()


def test_each_segment_has_its_own_limit_and_units() -> None:
    at = lives(10)
    labels = np.tile([1, 2], 10)
    found = overdue(PARAMS, at, (at[2] - at[1]) * 7, labels, pd.Series({2: 100.0, 1: np.nan}))
    assert found.table["segment"].tolist() == [2, 1]
    assert found.to_json()[0]["overdue"] == 5 and np.isnan(found.to_json()[1]["overdue"])
    assert "alive_overdue" in found._repr_html_()


def by_both(days: float, late: float, late_calendar: float, of: int = 40) -> pd.Series:
    """Return the row of one segment of which every unit has been silent for so many days, and twenty more by the calendar."""
    labels, since = pd.Series(1, index=range(of)), pd.Series(days, index=range(of))
    late_by = {
        "watched": pd.Series({1: late}, dtype="Float64"),
        "calendar": pd.Series({1: late_calendar}, dtype="Float64"),
    }
    return silences({"watched": since, "calendar": since + 20}, labels, late_by).table.iloc[0]


def test_silences_by_watched_days_stand_beside_those_by_the_calendar() -> None:
    assert by_both(12, 6, 15).to_dict() == {
        "segment": 1, "watched": 12, "calendar": 32, "overdue": 6, "overdue_calendar": 15,
    }  # fmt: skip


@pytest.mark.parametrize(("late", "late_calendar", "shown"), [(6, 6, 6), (6, 10, None), (10, 6, None), (6, 11, 11)])
def test_a_difference_of_fewer_than_five_is_not_told(late: float, late_calendar: float, shown: float | None) -> None:
    row = by_both(12, late, late_calendar)
    assert row["overdue"] == late and (None if np.isnan(row["overdue_calendar"]) else row["overdue_calendar"]) == shown


def test_a_small_segment_has_no_median() -> None:
    row = by_both(12, np.nan, np.nan, of=4)
    assert row[["watched", "calendar", "overdue", "overdue_calendar"]].isna().all()
