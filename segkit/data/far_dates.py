"""Single rows years before or after all others: a typing error in a year, since recency and tenure of all hang on the ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..config import EventSettings
from .column_dates import to_the_end
from .tables import Table

FEWEST, SHARE = 3, 0.001  # rows that may be far outside: three, or one of a thousand; never one of ten
YEARS = 730  # days; no shorter silence is a typing error
PAUSES = 5  # times the longest silence of the rest


def judge(table: Table, settings: EventSettings) -> None:
    """Give the good rows of ``parsed`` that are far outside the rest a fault of the gate of timestamps.

    Rows are far outside if they are few, and if the silence between them and the rest is longer than two years and more than
    five times the longest silence within the rest. A log that is seasonal, sparse or pauses has long silences within, and so
    is judged by its own spread. Few are three rows, or one row of a thousand where that is more, and never more than a tenth.
    A moment that the settings state as ``as_of`` is one to which the log reaches: what is up to it is not too late.

    Parameters
    ----------
    table : Table
    settings : EventSettings
    """
    found = table.connection.execute(
        "SELECT epoch(CAST(day AS TIMESTAMP)) // 86400 AS d, count(*) AS n FROM parsed WHERE fault IS NULL GROUP BY d ORDER BY d"
    ).fetchnumpy()
    days, counts = found["d"].astype(np.int64), found["n"].astype(np.int64)
    first, last = bounds(days, counts)
    if settings.as_of is not None:
        reached = (to_the_end(settings.as_of) - pd.Timestamp(0)).days
        last = max(last, reached)
    if len(days) and (days[0] < first or days[-1] > last):
        day = "epoch(CAST(day AS TIMESTAMP)) // 86400"
        table.connection.execute(
            f"UPDATE parsed SET fault = 'far_off' WHERE fault IS NULL AND {day} NOT BETWEEN {first} AND {last}"
        )


def bounds(days: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[int, int]:
    """Return the first and last day of the log without the rows that are far outside.

    Parameters
    ----------
    days : array of shape (n,)
        Days with events, ascending.
    counts : array of shape (n,)
        Events of each.

    Examples
    --------
    >>> many = np.arange(40)
    >>> bounds(np.append(many, 4000), np.ones(41, int)), bounds(np.append(many, 700), np.ones(41, int))
    ((0, 39), (0, 700))
    """
    if not len(days):
        return 0, 0
    total = int(counts.sum())
    few = max(min(FEWEST, total // 10), int(total * SHARE))
    up, down = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    low, high = (
        int(np.searchsorted(up, few, side="right")),
        len(days) - 1 - int(np.searchsorted(down[::-1], few, side="right")),
    )
    if high <= low:  # nothing remains to judge by
        return int(days[0]), int(days[-1])
    silences = np.diff(days)
    limit = max(YEARS, PAUSES * int(silences[low:high].max()))
    after = np.flatnonzero(silences[high:] > limit)
    before = np.flatnonzero(silences[:low] > limit)
    end = high + int(after[0]) if len(after) else len(days) - 1
    begin = int(before[-1]) + 1 if len(before) else 0
    return int(days[begin]), int(days[end])
