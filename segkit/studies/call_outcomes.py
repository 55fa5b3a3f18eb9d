"""What was known of contacts at a date, and what they did in the weeks after it, from the calls alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..config import Contacts
from ..engine.forecasts import Snapshot
from ..features.table import SECONDS_PER_DAY

WEEKLY = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80)  # contacts a week; then ten times as many
WINDOW = timedelta(days=90)  # in which a contact is active or is not
HISTORY = timedelta(days=365)  # of calls before anything is learnt
DATES = 4
MARK = "|"  # not in a keyed name


def end_of_log(last: datetime) -> datetime:
    """Return the midnight after the last call, at which the record ends."""
    return datetime(last.year, last.month, last.day) + timedelta(days=1)


def judged_at(first: datetime, last: datetime) -> tuple[datetime, ...]:
    """Return the dates at which forecasts are judged, earliest first; none where the log is too short.

    Their windows follow each other and end with the log. Each forecast is learnt one window earlier, with a year of calls
    before that.

    Examples
    --------
    >>> [str(d.date()) for d in judged_at(datetime(2022, 1, 1, 16), datetime(2024, 10, 4, 20))]
    ['2023-10-11', '2024-01-09', '2024-04-08', '2024-07-07']
    >>> judged_at(datetime(2022, 1, 1), datetime(2023, 1, 1))
    ()
    """
    begin, end = datetime(first.year, first.month, first.day), end_of_log(last)
    dates = [end - WINDOW * i for i in range(DATES, 0, -1)]
    return tuple(d for d in dates if d - WINDOW - HISTORY >= begin)


def needed_days() -> int:
    """Return how many days a log must cover before anything can be judged."""
    return (HISTORY + 2 * WINDOW).days


def weekly(units: int) -> list[float]:
    """Return numbers of contacts a week that a reader may choose from, up to the one that takes in every unit.

    >>> weekly(100)
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.777777777777778]
    """
    most = units / weeks()
    found = sorted({float(c * scale) for c in WEEKLY for scale in (1, 10, 100, 1000) if c * scale < most})
    return [*found, most]


def weeks() -> float:
    """Return how many weeks the window has."""
    return WINDOW.days / 7


def events_between(calls: pa.Table, start: datetime, stop: datetime) -> pd.Series:
    """Count the calls of each contact from one moment on and before another."""
    inside = pc.and_(pc.greater_equal(calls["started_at"], start), pc.less(calls["started_at"], stop))
    names = calls.filter(inside)["unit"].cast(pa.string()).to_pandas()
    return names.value_counts()


def snapshots(calls: pa.Table, settings: Contacts, dates: Sequence[datetime]) -> list[Snapshot]:
    """Describe contacts at some dates by calls before each, all in one query, and count their calls after each.

    Parameters
    ----------
    calls : pyarrow table
        Typed calls.
    settings : Contacts
    dates : sequence of datetime
        Earliest first. The threshold of a long call is fitted on the calls before the first of them.

    Returns
    -------
    list of Snapshot
        One per date, its units in canonical order.
    """
    from ..features.calls import call_features

    first, last = min(dates), max(dates)
    threshold = calls.filter(pc.less(calls["started_at"], first))["duration"].to_numpy()
    parts = []
    for i, date in enumerate(dates):
        before = calls.filter(pc.less(calls["started_at"], date))
        unit = pc.binary_join_element_wise(f"{i}", before["unit"].cast(pa.string()), MARK)
        empty = pa.nulls(before.num_rows, pa.string())  # labels take no part
        parts.append(
            pa.table(
                {"unit": unit, "started_at": before["started_at"], "duration": before["duration"], "category": empty}
            )
        )
    limit = float(np.quantile(threshold, settings.long_call_quantile))
    frame = call_features(pa.concat_tables(parts), settings, as_of=last, long_call=limit).frame
    number = frame.index.str.split(MARK, n=1).str[0].to_numpy()
    out = []
    for i, date in enumerate(dates):
        own = frame[number == f"{i}"].copy()
        own.index = own.index.str.split(MARK, n=1).str[1]
        own["recency_days"] -= (last - date).total_seconds() / SECONDS_PER_DAY
        after = events_between(calls, date, date + WINDOW).reindex(own.index, fill_value=0)
        out.append(Snapshot(date, date + WINDOW, own, after))
    return out


def days_to_next(calls: pa.Table, units: pd.Index, date: datetime, end: datetime) -> pd.DataFrame:
    """Return days from a date to each contact's next call, censored at the end of the log.

    Returns
    -------
    DataFrame of shape (n_units, 2)
        ``days``, and ``called``: whether they end with a call.
    """
    later = calls.filter(pc.greater_equal(calls["started_at"], date))
    found = pa.table({"unit": later["unit"].cast(pa.string()), "at": later["started_at"]})
    next_call = found.group_by("unit").aggregate([("at", "min")]).to_pandas().set_index("unit")["at_min"].reindex(units)
    called = next_call.notna()
    days = (next_call.fillna(pd.Timestamp(end)) - pd.Timestamp(date)).dt.total_seconds() / SECONDS_PER_DAY
    return pd.DataFrame({"days": days, "called": called}, index=units)
