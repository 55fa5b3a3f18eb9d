"""Dates with a year of two digits: ``24-01-02`` may begin with its year or with its day, and the span of a log tells which."""

from __future__ import annotations

from .day_counts import MOSTLY, sample
from .tables import Table

DATE = r"^(\d\d)([./-])(\d\d)([./-])(\d\d)(\D.*)?$"
REWRITTEN = (
    (DATE.replace(r"(\d\d)", r"([0-6]\d)", 1), r"20\1-\3-\5\6"),
    (DATE.replace(r"(\d\d)", r"([7-9]\d)", 1), r"19\1-\3-\5\6"),
)
FAR = 2  # times as long a log is by a wrong order: days of a month, taken for years, make it one of decades


def year_first(table: Table, text: str) -> bool | None:
    """Tell whether the year stands first in dates of six digits: by the order that makes the log much shorter than others.

    Parameters
    ----------
    table : Table
    text : str
        SQL of the cells.

    Returns
    -------
    bool or None
        None where the year may be first or last, by all that the cells say.
    """
    orders = {
        "first": "a || '-' || b || '-' || c",
        "day": "c || '-' || b || '-' || a",
        "month": "c || '-' || a || '-' || b",
    }
    spans = ", ".join(
        f"count(*) - count(TRY_CAST('20' || {order} AS DATE)), max(TRY_CAST('20' || {order} AS DATE)) - "
        f"min(TRY_CAST('20' || {order} AS DATE))"
        for order in orders.values()
    )
    (filled,) = table.one(f"SELECT count(x) FROM ({sample(table, text)})")
    parts = (
        f"SELECT unnest(regexp_extract(x, '{DATE}', ['a', 's', 'b', 't', 'c', 'rest'])) FROM ({sample(table, text)})"
    )
    count, *found = table.one(f"SELECT count(*), {spans} FROM ({parts}) WHERE a <> '' AND s = t")
    if not count or count < MOSTLY * filled:
        return False
    fits = {
        o: span for o, bad, span in zip(orders, found[::2], found[1::2], strict=True) if bad <= (1 - MOSTLY) * count
    }
    first, others = fits.pop("first", None), list(fits.values())
    if first is None or any(first > FAR * span for span in others):
        return False
    return True if all(span > FAR * first for span in others) else None
