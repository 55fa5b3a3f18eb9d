"""Breaks of a log: those that were planted are found, nothing else is, and days are counted without them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.data.breaks import Breaks, daily, declared, exposure, find_breaks
from segkit.thresholds import BREAK

WORKING = (1.2, 1.2, 1.2, 1.2, 1.2, 0.0, 0.0)
FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)


def drawn(
    rate: float,
    seed: int,
    *,
    days: int = 730,
    growth: float = 1.0,
    week: Sequence[float] = (1,) * 7,
    burst: float = 0.0,
) -> pd.Series:
    """Draw daily counts: a weekly rhythm, growth by a factor a year, and gamma-distributed rates of days where there are bursts."""
    rng, index = np.random.default_rng(seed), pd.date_range("2022-01-03", periods=days)
    means = rate * growth ** (np.arange(days) / 365) * np.asarray(week, dtype=float)[index.day_of_week]
    counts = pd.Series(rng.poisson(means * rng.gamma(1 / burst, burst, days) if burst else means), index=index)
    return counts.loc[counts.index[counts > 0].min() : counts.index[counts > 0].max()]


def silenced(counts: pd.Series, *runs: tuple[str, str]) -> pd.Series:
    out = counts.copy()
    for start, end in runs:
        out.loc[start:end] = 0
    return out


def dates(found: Breaks) -> list[tuple[str, str, int]]:
    return [(f"{r.start:%Y-%m-%d}", f"{r.end:%Y-%m-%d}", int(r.days)) for r in found.table.itertuples()]


def test_planted_breaks_are_found_and_dated() -> None:
    runs = [
        ("2022-04-04", "2022-04-10"),
        ("2022-08-01", "2022-09-21"),
        ("2023-06-05", "2023-06-09"),
        ("2023-12-22", "2023-12-28"),
    ]
    found = find_breaks(silenced(drawn(20, 1), *runs))
    assert dates(found) == [(a, z, n) for (a, z), n in zip(runs, (7, 52, 5, 7), strict=True)]
    assert (found.table["p"] <= BREAK).all() and found.days == 71 and found.how == "found"


def test_a_break_takes_the_closed_days_beside_it() -> None:
    """From Monday to Friday in a log of working days, hence from the Saturday before to the Sunday after."""
    found = find_breaks(silenced(drawn(12, 2, week=WORKING), ("2022-06-06", "2022-06-10")))
    assert dates(found) == [("2022-06-04", "2022-06-12", 9)]


def test_two_breaks_near_each_other_do_not_hide_each_other() -> None:
    """Each alone is improbable; together they leave little of the quarter between and beside them."""
    runs = [("2022-09-01", "2022-10-20"), ("2022-10-25", "2022-12-20"), ("2022-12-26", "2023-02-20")]
    assert [row[:2] for row in dates(find_breaks(silenced(drawn(20, 3, days=500), *runs)))] == runs


@pytest.mark.parametrize("week", [WORKING, (1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0), (7.0, 0, 0, 0, 0, 0, 0)])
def test_closed_days_are_no_break(week: Sequence[float]) -> None:
    assert find_breaks(drawn(10, 4, week=week)).table.empty


def test_a_rare_log_is_quiet_without_a_break() -> None:
    """An event in twelve days: silences of two months are its rhythm, and two years without any are not."""
    rare = drawn(1 / 12, 5, days=3000)
    empty = (rare == 0).groupby((rare > 0).cumsum()).sum().max()
    assert empty > 50 and find_breaks(rare).table.empty
    found = find_breaks(silenced(rare, ("2025-01-01", "2026-12-31")))
    assert len(found.table) == 1 and found.days >= 730


@pytest.mark.parametrize(
    ("rate", "options"),
    [(0.1, {}), (0.5, {}), (1.0, {"week": (2, 2, 1, 1, 1, 0.2, 0)}), (0.05, {"growth": 4.0}), (4.0, {"growth": 0.1}),
     (2.0, {"burst": 2.0}), (0.4, {"burst": 3.0})],
)  # fmt: skip
def test_the_level_is_kept(rate: float, options: dict[str, object]) -> None:
    """Logs without breaks: flat, by the week, growing, fading and in bursts. Of 100, six or more at level 0.05 would be odd."""
    hits = sum(len(find_breaks(drawn(rate, 1000 + i, **options)).table) > 0 for i in range(100))  # type: ignore[arg-type]
    assert hits <= 5


def test_the_level_decides() -> None:
    """Of a constant daily event, a silence of n days beside 91 has (91 / (91 + n)) ** 91, times all days."""
    counts = pd.Series(1, index=pd.date_range("2022-01-03", periods=701))
    for n in (10, 14, 21):
        days = silenced(counts, ("2023-01-02", str(date(2023, 1, 1 + n))))
        p = 701 * (91 / (91 + n)) ** 91
        for level in (p * 0.7, p * 1.4):
            found = find_breaks(days, level=level).table
            assert len(found) == (level > p)
            if len(found):
                assert found["p"].iloc[0] == pytest.approx(
                    p, rel=0.25
                )  # weekdays hold the silence too: near, not equal


def test_a_log_of_one_day_has_no_break() -> None:
    assert find_breaks(pd.Series([3], index=pd.DatetimeIndex(["2024-02-29"]))).table.empty


def test_events_are_counted_on_every_day() -> None:
    when = [datetime(2024, 2, 28, 23, 59, 59), datetime(2024, 3, 1), datetime(2024, 3, 1, 12)]
    counts = daily(pa.table({"started_at": pa.array(when, pa.timestamp("us"))}))
    assert counts.tolist() == [1, 0, 2] and counts.index[1] == pd.Timestamp("2024-02-29")


def test_days_in_breaks_are_counted_by_hand() -> None:
    found = declared([(date(2024, 3, 10), date(2024, 3, 19)), (date(2024, 2, 1), date(2024, 2, 1))], FIRST, LAST)
    assert found.table["start"].is_monotonic_increasing and found.days == 11
    stop = np.array(["2024-03-15T06:00", "2024-03-20", "2024-02-01T12:00", "2024-01-31"], dtype="datetime64[us]")
    assert found.silent(np.datetime64("2024-01-01"), stop).tolist() == [6.25, 11.0, 0.5, 0.0]
    assert found.watched(datetime(2024, 3, 1), datetime(2024, 4, 1)) == 21


def test_declared_breaks_end_with_the_log() -> None:
    pairs = [
        (date(2023, 12, 1), date(2024, 1, 5)),
        (date(2025, 2, 1), date(2025, 2, 3)),
        (date(2024, 12, 30), date(2025, 1, 9)),
    ]
    found = declared(pairs, FIRST, LAST)
    assert dates(found) == [("2024-01-01", "2024-01-05", 5), ("2024-12-30", "2024-12-31", 2)]
    assert found.how == "declared" and found.table["p"].isna().all()
    assert declared([], FIRST, LAST).how == "none" and declared([], FIRST, LAST).days == 0
    assert declared([], FIRST, LAST).silent(np.datetime64("2024-01-01"), np.datetime64("2025-01-01")) == 0


days_of = st.integers(0, 365).map(lambda n: np.datetime64("2024-01-01") + np.timedelta64(n, "D"))


@given(st.lists(days_of, min_size=6, max_size=6))
def test_watched_days_add_up_and_never_exceed_the_calendar(six: list[np.datetime64]) -> None:
    a, z = sorted(day.astype(object) for day in six[:2])
    start, middle, stop = sorted(six[2:5])
    found = declared([(a, z)], FIRST, LAST)
    whole = found.silent(start, stop)
    assert found.silent(start, middle) + found.silent(middle, stop) == whole
    assert 0 <= whole <= min((stop - start) / np.timedelta64(1, "D"), found.days)


def test_watched_days_of_windows_by_hand() -> None:
    found = declared([(date(2024, 3, 1), date(2024, 3, 25))], FIRST, LAST)
    months = {f"{m}": (datetime(2024, m, 1), datetime(2024, m + 1, 1)) for m in (2, 3, 4)}
    seen = exposure(found, months, least=0.2)
    assert seen.table["days"].tolist() == [29, 31, 30] and seen.table["watched"].tolist() == [29, 6, 30]
    assert seen.few == ["3"] and not seen.whole
    assert exposure(found, months, least=6 / 31).few == []  # what is asked for is reached
    assert exposure(found, {"2": months["2"]}).whole and exposure(found, {}).few == []
    assert seen.to_json()[1] == {"window": "3", "days": 31, "watched": 6, "share": 6 / 31, "few": True}


def test_results_are_plain_and_tell_what_was_done() -> None:
    found = find_breaks(silenced(drawn(20, 6), ("2023-01-02", "2023-01-15")))
    plain = found.to_json()
    assert plain["breaks"][0]["start"] == datetime(2023, 1, 2) and plain["days"] == 14
    assert (plain["how"], plain["level"]) == ("found", BREAK) and "2023-01-15" in found._repr_html_()
