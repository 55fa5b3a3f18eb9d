"""What was known of units at a date, and what they did in the weeks after it, from the events alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...config import EventSettings
from ...data.breaks import Breaks
from ...engine.forecasts import Snapshot
from ...features.measures import Measures
from ...features.table import SECONDS_PER_DAY

WEEKLY = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80)  # units a week; then ten times as many
WINDOW = timedelta(days=90)  # in which a unit is active or is not
HISTORY = timedelta(days=365)  # of events before anything is learnt
DATES = 4
MARK = "|"  # not in a keyed name
RECENCY, TENURE = (
    "watched_recency",
    "watched_tenure",
)  # columns that snapshots have beside the features: days that were watched


def end_of_log(last: datetime) -> datetime:
    """Return the midnight after the last event, at which the record ends."""
    return datetime(last.year, last.month, last.day) + timedelta(days=1)


def judged_at(first: datetime, last: datetime) -> tuple[datetime, ...]:
    """Return the dates at which forecasts are judged, earliest first; none where the log is too short.

    Their windows follow each other and end with the log. Each forecast is learnt one window earlier, with a year of events
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
    """Return numbers of units a week that a reader may choose from, up to the one that takes in every unit.

    >>> weekly(100)
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.777777777777778]
    """
    most = units / weeks()
    found = sorted({float(c * scale) for c in WEEKLY for scale in (1, 10, 100, 1000) if c * scale < most})
    return [*found, most]


def weeks() -> float:
    """Return how many weeks the window has."""
    return WINDOW.days / 7


def events_between(events: pa.Table, start: datetime, stop: datetime) -> pd.Series:
    """Count the events of each unit from one moment on and before another."""
    inside = pc.and_(pc.greater_equal(events["started_at"], start), pc.less(events["started_at"], stop))
    names = events.filter(inside)["unit"].cast(pa.string()).to_pandas()
    return names.value_counts()


def snapshots(
    events: pa.Table, settings: EventSettings, measures: Measures, dates: Sequence[datetime], breaks: Breaks
) -> list[Snapshot]:
    """Describe units at some dates by events before each, all in one query, and count their events after each.

    Parameters
    ----------
    events : pyarrow table
        Typed events.
    settings : EventSettings
    measures : Measures
    dates : sequence of datetime
        Earliest first. The threshold of a large event is fitted on the events before the first of them.
    breaks : Breaks
        Their days count neither before a date nor in the window after it.

    Returns
    -------
    list of Snapshot
        One per date, its units in canonical order.
    """
    from ...features.events import event_features
    from ...features.exposure import in_watched_days

    first, last = min(dates), max(dates)
    threshold = events.filter(pc.less(events["started_at"], first))["amount"].to_numpy()
    parts = []
    for i, date in enumerate(dates):
        before = events.filter(pc.less(events["started_at"], date))
        unit = pc.binary_join_element_wise(f"{i}", before["unit"].cast(pa.string()), MARK)
        empty = pa.nulls(before.num_rows, pa.string())  # labels take no part
        parts.append(
            pa.table({"unit": unit, "started_at": before["started_at"], "amount": before["amount"], "category": empty})
        )
    limit = float(np.quantile(threshold, getattr(settings, measures.quantile)))
    frame = event_features(pa.concat_tables(parts), settings, measures, as_of=last, large=limit / measures.grain).frame
    number = frame.index.str.split(MARK, n=1).str[0].to_numpy()
    out = []
    for i, date in enumerate(dates):
        own = frame[number == f"{i}"].copy()
        own.index = own.index.str.split(MARK, n=1).str[1]
        own[measures.recency.name] -= (last - date).total_seconds() / SECONDS_PER_DAY
        exposed = in_watched_days(own, date, breaks, measures)
        own = own.assign(**{RECENCY: exposed[measures.recency.name], TENURE: exposed[measures.tenure.name]})
        after = events_between(events, date, date + WINDOW).reindex(own.index, fill_value=0)
        out.append(Snapshot(date, date + WINDOW, own, after, breaks.watched(date, date + WINDOW)))
    return out


def days_to_next(events: pa.Table, units: pd.Index, date: datetime, end: datetime, breaks: Breaks) -> pd.DataFrame:
    """Return watched days from a date to each unit's next event, censored at the end of the log.

    Returns
    -------
    DataFrame of shape (n_units, 2)
        ``days``, and ``seen``: whether they end with an event.
    """
    later = events.filter(pc.greater_equal(events["started_at"], date))
    found = pa.table({"unit": later["unit"].cast(pa.string()), "at": later["started_at"]})
    next_event = (
        found.group_by("unit").aggregate([("at", "min")]).to_pandas().set_index("unit")["at_min"].reindex(units)
    )
    seen = next_event.notna()
    until = next_event.fillna(pd.Timestamp(end))
    silent = breaks.silent(np.datetime64(date), until.to_numpy())
    days = (until - pd.Timestamp(date)).dt.total_seconds() / SECONDS_PER_DAY - silent
    return pd.DataFrame({"days": days, "seen": seen}, index=units)
