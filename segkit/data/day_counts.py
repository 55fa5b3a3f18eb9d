"""Numbers in place of dates and times of day: counts since a day, and the fractions of a day of spreadsheets."""

from __future__ import annotations

from typing import cast

from ..event_settings import DateNumbers
from . import dates
from .tables import Table

SAMPLE = 2_000  # rows, evenly spread, that are looked at
MOSTLY = 0.9  # a column is of a form when this share of its filled cells is
PER_DAY = {
    "unix seconds": 86_400, "unix milliseconds": 86_400_000, "unix microseconds": 86_400_000_000,
    "unix nanoseconds": 86_400_000_000_000, "apple seconds": 86_400, "windows ticks": 864_000_000_000, "excel days": 1,
    "matlab days": 1,
}  # fmt: skip
# What 1 January 1970 is in each count that does not begin then: at 2001, 1601, the end of 1899, the year 0.
_ORIGIN = {"apple seconds": -11_323, "windows ticks": 134_774, "excel days": 25_569, "matlab days": 719_529}
_SINCE = {"unix": "1970", "apple": "2001", "windows": "1601", "excel": "30 December 1899", "matlab": "the year 0"}
PLAIN_NUMBER = r"^\d{1,19}(?:[.,]\d+)?$"
# Days from 1970 to 1990, 2040 and 2101. Numbers that two counts put between the first two are asked for; else the third counts.
_EARLIEST, _LIKELY, _LATEST = 7_305, 25_567, 47_847
# Days to the first that counts: there were no telephones of Apple before 2007, and .NET has numbers of the size of nanoseconds.
_FROM = {"apple seconds": 13_514, "unix nanoseconds": 10_957}
FRACTION = r"^(?:0?[.,]\d{3,}|0(?:[.,]0+)?)$"  # of a day: three decimals are a minute and a half


def is_utc(numbers: str | None) -> bool:
    """Tell whether a count is of UTC; days are those of the local clock."""
    return bool(numbers) and not str(numbers).endswith("days")


def since(numbers: str) -> str:
    """Return from when on numbers count."""
    return _SINCE[numbers.split()[0]]


def told(numbers: str) -> str:
    """Say what numbers in place of dates were taken for."""
    if is_utc(numbers):
        return f"Dates are {numbers} since {since(numbers)} (UTC)."
    return (
        f"Dates are numbers of days since {since(numbers)}, as {numbers.split()[0].capitalize()} counts them; the clock is the "
        "local one."
    )


def sample(table: Table, text: str) -> str:
    """Return SQL for the cells of an even sample of rows, as ``x``."""
    return f"SELECT {text} AS x FROM raw WHERE rowid % {max(1, table.count // SAMPLE)} = 0"


def _bounds(unit: str, first: int, last: int) -> tuple[int, int]:
    return tuple((day + _ORIGIN.get(unit, 0)) * PER_DAY[unit] for day in (first, last))  # type: ignore[return-value]


def counts_of(table: Table, text: str) -> tuple[DateNumbers, ...]:
    """Return what numbers may count, by their size: the counts by which nearly all of a sample are likely moments."""
    for last in _LIKELY, _LATEST:
        bounds = {unit: _bounds(unit, _FROM.get(unit, _EARLIEST), last) for unit in PER_DAY}
        flags = ", ".join(f"count(*) FILTER (n >= {low} AND n < {high})" for low, high in bounds.values())
        total, *counts = table.one(
            f"SELECT count(n), {flags} FROM (SELECT TRY_CAST(replace(x, ',', '.') AS DOUBLE) AS n FROM ({sample(table, text)}))"
        )
        if found := tuple(unit for unit, count in zip(bounds, counts, strict=True) if count >= MOSTLY * total):
            return cast("tuple[DateNumbers, ...]", found)
    return ()


def as_dates(table: Table, text: str, unit: DateNumbers) -> str:
    """Return SQL that writes counts as dates, whole days without a time of day.

    A cell that is no number, or of no year that is read, stays as it is.
    """
    low, high = _bounds(unit, 0, (dates.LAST_YEAR - dates.FIRST_YEAR + 1) * 366)
    value = f"TRY_CAST(replace({text}, ',', '.') AS DECIMAL(28, 9))"
    origin, zone = _ORIGIN.get(unit, 0), " || 'Z'" if is_utc(unit) else ""
    if not zone:  # whole seconds: the decimals of days are rounded
        micro = f"CAST(round(({value} - {origin}) * 86400) AS BIGINT) * 1000000"
    else:
        per_micro = 86_400_000_000 / PER_DAY[unit]
        of = f"{value} * {per_micro:.0f}" if per_micro >= 1 else f"{value} / {1 / per_micro:.0f}"
        micro = f"CAST(round({of}) AS BIGINT) - {origin * 86_400_000_000}"
    (timed,) = (1,) if zone else table.one(f"SELECT count(*) FROM raw WHERE regexp_matches({text}, '[.,]\\d*[1-9]')")
    form = (
        "%Y-%m-%d %H:%M:%S.%f" if timed else "%Y-%m-%d"
    )  # of whole days the time of day may stand in a column of its own
    moment = f"strftime(make_timestamp({micro}), '{form}'){zone}"
    fits = f"regexp_matches({text}, '{PLAIN_NUMBER}') AND {value} BETWEEN {low} AND {high}"
    return f"CASE WHEN {fits} THEN {moment} ELSE {text} END"


def clock_of_fractions(table: Table, text: str) -> str:
    """Return SQL that writes fractions of a day, as spreadsheets keep times of day, as ``08:00:00``; empty where there are none."""
    filled, fractions, parts = table.one(
        f"SELECT count(x), count(*) FILTER (regexp_matches(x, '{FRACTION}')), count(*) FILTER (regexp_matches(x, '[1-9]')) "
        f"FROM ({sample(table, text)})"
    )
    if not parts or fractions < MOSTLY * filled:
        return ""
    second = f"CAST(round(TRY_CAST(replace({text}, ',', '.') AS DOUBLE) * 86400) AS BIGINT)"
    clock = f"strftime(make_timestamp({second} * 1000000), '%H:%M:%S')"
    return f"CASE WHEN regexp_matches({text}, '{FRACTION}') THEN {clock} ELSE {text} END"
