"""Features of events in windows of time: the same code as for the whole log, for all windows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from ...config import EventSettings
from ...engine.migration import INACTIVE, NEW
from ...features.measures import Measures
from ...features.table import SECONDS_PER_DAY, canonical_order

if TYPE_CHECKING:  # the query engine, which pages that only read results need not spend a second on
    import ibis.expr.types as ir

MONTHS = 12  # of the look-back
QUARTER = 3
SLACK = timedelta(days=7)  # a log that begins or ends this near to a window's end covers it
LAGS = (1, 4)  # quarters: to the one before, and to the same one a year before
OLDEST = 4  # quarters for which a kept model is followed


@dataclass(frozen=True)
class Window:
    """A stretch of time: ``start`` belongs to it, ``end`` does not."""

    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """The quarter that it ends with, for example ``2023 Q4``."""
        last = self.end - timedelta(days=1)
        return f"{last.year} Q{(last.month - 1) // QUARTER + 1}"


@dataclass(frozen=True)
class Plan:
    """The windows of a log.

    Attributes
    ----------
    rolling : tuple of Window
        One for each quarter end, each as long as the look-back.
    apart : tuple of Window
        Those of them that do not overlap, counted back from the last.
    reason : str
        Why there are too few to compare; else empty.
    """

    rolling: tuple[Window, ...]
    apart: tuple[Window, ...]
    reason: str

    @property
    def base(self) -> int:
        """The window, by its place, whose model is kept: the first of those apart, or of all where one alone is apart."""
        return self.rolling.index(self.apart[0]) if len(self.apart) > 1 else 0

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The pairs of windows, by their places, in which the model of the first is kept for the second."""
        count = len(self.rolling)
        near = [(i, j) for i in range(count) for j in range(i + 1, min(i + OLDEST, count - 1) + 1)]
        return [*near, *((self.base, j) for j in range(self.base + OLDEST + 1, count))]


def moved(when: datetime, months: int) -> datetime:
    """Move the first day of a month by whole months.

    >>> moved(datetime(2024, 1, 1), -3).date().isoformat()
    '2023-10-01'
    """
    count = when.year * 12 + when.month - 1 + months
    return datetime(count // 12, count % 12 + 1, 1)


def plan(first: datetime, last: datetime, record: str = "log") -> Plan:
    """Lay the windows over a log.

    Parameters
    ----------
    first, last : datetime
        The first event and the last.
    record : str
        What the data are, for sentences.
    """
    end = moved(datetime(last.year, (last.month - 1) // QUARTER * QUARTER + 1, 1), QUARTER)
    if end > last + SLACK:
        end = moved(end, -QUARTER)
    windows: list[Window] = []
    while moved(end, -MONTHS) + SLACK >= first:
        windows.insert(0, Window(moved(end, -MONTHS), end))
        end = moved(end, -QUARTER)
    apart = windows[::-1][:: MONTHS // QUARTER][::-1]
    reason = ""
    if len(windows) < 2:
        held = "holds one full window" if windows else "does not hold a single full window"
        reason = f"the {record} {held} of {MONTHS} months that ends with a quarter, and two are needed"
    return Plan(tuple(windows), tuple(apart), reason)


@dataclass(frozen=True)
class WindowFeatures:
    """Features of the units of each window.

    Attributes
    ----------
    frames : dict of str to DataFrame
        By window; the threshold of a large event is that of the window's own events.
    kept : dict of (str, str) to DataFrame
        By (earlier window, window): the same with the threshold of the earlier window.
    blocks : dict of str to list of str
    first_event : Series of datetime
        By unit, in the whole log.
    """

    frames: dict[str, pd.DataFrame]
    kept: dict[tuple[str, str], pd.DataFrame]
    blocks: dict[str, list[str]]
    first_event: pd.Series


def window_features(
    events: pa.Table,
    settings: EventSettings,
    measures: Measures,
    windows: Sequence[Window],
    pairs: Sequence[tuple[int, int]],
) -> WindowFeatures:
    """Compute the features of all windows in two queries.

    Parameters
    ----------
    events : pyarrow table
        The typed events.
    settings : EventSettings
    measures : Measures
    windows : sequence of Window
        In order of time.
    pairs : sequence of (int, int)
        Places of windows: the second is wanted with the threshold of the first, too.

    Notes
    -----
    A unit of the query is a unit of the study in a window, so one expression serves all windows. Recency is counted to the end of
    the last window there, and moved to each window's own end afterwards.
    """
    import ibis

    recency, large = measures.recency.name, measures.large.name
    connection = ibis.duckdb.connect()
    try:
        table = connection.create_table("events", events, temp=True)
        limits = _limits(table, getattr(settings, measures.quantile), windows)
        own = [(j, j, limits[j]) for j in range(len(windows)) if np.isfinite(limits[j])]
        later = [(i, j, limits[i]) for i, j in pairs if np.isfinite(limits[i]) and np.isfinite(limits[j])]
        latest = windows[-1].end
        wide = _features(table, settings, measures, windows, own, latest).execute()
        # All else is the same under another threshold; what is not asked for is not computed.
        long = (
            _features(table, settings, measures, windows, later, latest)[["unit", large]].execute() if later else None
        )
        starts = table.group_by("unit").aggregate(first=table.started_at.min()).execute()
    finally:
        connection.disconnect()
    names = [w.name for w in windows]
    frames = {}
    for (_, j), part in _split(wide).items():
        part[recency] -= (latest - windows[j].end).total_seconds() / SECONDS_PER_DAY
        frames[names[j]] = canonical_order(part)
    kept = {}
    for (i, j), part in (_split(long) if long is not None else {}).items():
        frame = frames[names[j]].copy()
        frame[large] = part[large].reindex(frame.index)
        kept[names[i], names[j]] = frame
    made = measures.columns(list(settings.hours.bands), ())
    blocks = {b: [c.name for c in made if c.block == b] for b in measures.blocks}
    first = pd.Series(pd.to_datetime(starts["first"]).to_numpy(), index=starts["unit"].astype(str), name="first")
    return WindowFeatures({n: frames[n] for n in names if n in frames}, kept, blocks, first)


def _limits(table: ir.Table, quantile: float, windows: Sequence[Window]) -> list[float]:
    """Return the amount from which an event of each window is large; NaN where it has none."""
    parts = {
        f"w{j}": table.amount.quantile(quantile, where=(table.started_at >= w.start) & (table.started_at < w.end))
        for j, w in enumerate(windows)
    }
    row = table.aggregate(**parts).execute().iloc[0]
    return [float(row[f"w{j}"]) if pd.notna(row[f"w{j}"]) else float("nan") for j in range(len(windows))]


def _features(
    table: ir.Table,
    settings: EventSettings,
    measures: Measures,
    windows: Sequence[Window],
    pairs: Sequence[tuple[int, int, float]],
    as_of: datetime,
) -> ir.Table:
    """Return the feature expression with one row for each unit in each (threshold's window, window)."""
    import ibis

    from ...features.events import expression

    listed = ibis.memtable(
        pa.table(
            {
                "tag": [f"{i}/{j}" for i, j, _ in pairs],
                "start": pa.array([windows[j].start for _, j, _ in pairs], pa.timestamp("us")),
                "end": pa.array([windows[j].end for _, j, _ in pairs], pa.timestamp("us")),
                "large": pa.array([limit for _, _, limit in pairs], pa.float64()),
            }
        )
    )
    both = table.join(listed, [table.started_at >= listed.start, table.started_at < listed.end])
    tagged = both.select(
        unit=both.unit.cast("string") + "/" + both.tag,
        started_at=both.started_at,
        amount=both.amount,
        category=both.category,
        large=both.large,
    )
    return expression(tagged, settings, measures, as_of=as_of, large=tagged.large)


def _split(frame: pd.DataFrame) -> dict[tuple[int, int], pd.DataFrame]:
    """Take the tags off the units, and return the rows of each tag."""
    parts = frame["unit"].astype(str).str.rsplit("/", n=2, expand=True)
    indexed = frame.drop(columns="unit").set_index(pd.Index(parts[0], name="unit"))
    tags = parts[1] + "/" + parts[2]
    out = {}
    for tag in sorted(set(tags)):
        i, j = tag.split("/")
        out[int(i), int(j)] = indexed[(tags == tag).to_numpy()].copy()
    return out


def states(labels: dict[str, pd.Series], first_event: pd.Series, windows: Sequence[Window]) -> pd.DataFrame:
    """Return where each unit is in each window: its segment, inactive, or not known yet.

    Parameters
    ----------
    labels : dict of str to Series of int
        Segments by window.
    first_event : Series of datetime
        By unit, in the whole log.
    windows : sequence of Window

    Returns
    -------
    DataFrame of int of shape (n_units, n_windows)
        A unit without events in a window is ``INACTIVE`` there if it had one before, and ``NEW`` if its first comes after.
    """
    out = {}
    for w in windows:
        known = np.where(first_event < pd.Timestamp(w.end), INACTIVE, NEW)
        found = labels[w.name].reindex(first_event.index)
        out[w.name] = found.fillna(pd.Series(known, index=first_event.index)).astype("int64")
    return pd.DataFrame(out, index=first_event.index)
