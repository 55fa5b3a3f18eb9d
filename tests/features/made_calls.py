"""Call tables in memory, by hand and at random."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st

from segkit.config import Columns, Contacts, Hours
from segkit.data.contracts import ARROW

QUICK = settings(max_examples=12, deadline=None, derandomize=True, database=None)


class Call(NamedTuple):
    """One call, as the loader hands it on."""

    unit: str
    start: datetime
    seconds: int
    category: str | None = None


def table_of(calls: Sequence[Call]) -> pa.Table:
    """Return calls as the typed table of the loader, in the given order."""
    return pa.Table.from_arrays(
        [
            pa.array([c.unit for c in calls], pa.string()).dictionary_encode(),
            pa.array([c.start for c in calls], pa.timestamp("us")),
            pa.array([c.seconds for c in calls], pa.int64()),
            pa.array([c.category for c in calls], pa.string()).dictionary_encode(),
        ],
        schema=ARROW,
    )


def business(hours: Hours | None = None, **changes: Any) -> Contacts:
    """Return the default settings, with some of them changed."""
    columns = Columns(date="date", duration="seconds", contact="number")
    return Contacts(columns=columns, hours=hours or Hours(), **changes)


def renamed(calls: Iterable[Call]) -> list[Call]:
    """Give every unit another name, so that the names sort the other way round."""
    return [c._replace(unit=f"{0xFFFFFFFFFFFF - int(c.unit, 16):012x}") for c in calls]


FIRST = datetime(2022, 1, 1)
call = st.builds(
    lambda unit, second, seconds, category: Call(f"{unit:012x}", FIRST + timedelta(seconds=second), seconds, category),
    st.integers(1, 6),
    st.integers(0, 2 * 365 * 86_400),
    st.integers(0, 7_200),
    st.sampled_from([None, "Family", "Supplier"]),
)
logs = st.lists(call, min_size=1, max_size=40)
