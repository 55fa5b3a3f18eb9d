"""Dates that are not three numbers with separators: SQL writes each anew as ``2024-01-02 08:00:00``, once for all readers.

Names of months, digits without separators, and counts since a day are known forms. So are words around a time of day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ..config import EventSettings
from ..errors import InputError
from ..event_settings import DateNumbers
from . import dates
from .calendar_words import MONTH_NUMBER, WEEKDAY_NUMBER, plain
from .identifiers import identifier
from .tables import Table

SAMPLE = 2_000  # rows, evenly spread, that say which forms a column has
MOSTLY = 0.9  # a column is of a form when this share of its filled cells is
MONTH_WORDS = 200  # different words in the place of months that are looked up

_LETTER = r"[^\s\d.,;:/+-]"  # nearly: classes of all letters take long to compile, and words are looked up anyway
_WEEKDAY = rf"(?:{_LETTER}{{2,13}}(?:-feira)?\.?,?\s+)?"
_DAY, _MONTH, _YEAR = r"(\d{1,2})(?:st|nd|rd|th|er|\.|º)?", rf"({_LETTER}{{3,10}})\.?", r"(\d{4}|\d{2})"
_BEFORE_TIME = r"(?:(?:at|um|om|à|às|as|a las|alle|alle ore|kl\.?)\s+)?"
_REST = rf"(?:[T,:\s]\s*{_BEFORE_TIME}(\d.*))?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_DAY_WORD = "|".join(sorted(WEEKDAY_NUMBER, key=len, reverse=True)).translate(
    {ord(c): f"[{both}]" for c, both in {"a": "aá", "e": "eé", "i": "iì", "c": "cç"}.items()}
)
_NUMBERS = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_DIGITS = r"((?:19|20)\d{2})(\d{2})(\d{2})"
_ZONED = r"((?:[.,]\d+)?(?:\s*(?:Z|[+-]\d.*))?)"

Rules = tuple[tuple[str, str], ...]  # pattern and replacement; what a pattern does not match stays as it is
WORDED: Rules = (
    (rf"(?i)^{_WEEKDAY}{_DAY}[-/\s.]+(?:de |del |of )?{_MONTH}[-/\s.,]+(?:de |del )?{_YEAR}{_REST}$", r"\3-\2-\1 \4"),
    (rf"(?i)^{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+(\d{{4}}){_REST}$", r"\3-\1-\2 \4"),
    (rf"(?i)^{_WEEKDAY}{_MONTH}\s+{_DAY}\s+({_CLOCK})(?:\s+([A-Z+-].*))?\s+(\d{{4}})$", r"\5-\1-\2 \3 \4"),
    (rf"(?i)^(\d{{4}})[-/\s.]{_MONTH}[-/\s.](\d{{1,2}}){_REST}$", r"\1-\2-\3 \4"),
)
COMPACT: Rules = (
    (rf"^{_DIGITS}(?:\.0)?$", r"\1-\2-\3"),
    (rf"^{_DIGITS}[T\s]?(\d{{2}})(\d{{2}}){_ZONED}$", r"\1-\2-\3 \4:\5\6"),
    (rf"^{_DIGITS}[T\s]?(\d{{2}})(\d{{2}})(\d{{2}}){_ZONED}$", r"\1-\2-\3 \4:\5:\6\7"),
    (rf"^{_DIGITS}[T\s]+({_CLOCK}.*)$", r"\1-\2-\3 \4"),
)
AROUND_TIME: Rules = (
    (rf"(?i)^({_NUMBERS}),?\s+(?:at|um|om|à|às|as|a las|alle|alle ore|kl\.?)\s+(\d.*)$", r"\1 \2"),
    (rf"(?i)^(?:{_DAY_WORD})\.?,?\s+({_NUMBERS})", r"\1"),
    (r"(?i)(^|\s)(\d{1,2})\s?(?:h|uhr)\s?(\d{2})\s?(?:m|mn|min)?\.?$", r"\1\2:\3"),
    (r"(?i)(^|\s)(\d{1,2})\s?h\s?(\d{2})\s?(?:m|mn|min)\.?\s?(\d{2})\s?(?:s|sec)?\.?$", r"\1\2:\3:\4"),
    (rf"(?i)(^|\s)({_CLOCK})\s*(?:uhr|h|hs|hrs)\.?$", r"\1\2"),
    (r"(?i)(^|\s)(\d{1,2})\s*([ap])\.?\s?m\.?$", r"\1\2:00 \3m"),
    (rf"(?i)(^|\s)({_CLOCK})\s*([ap])\.?$", r"\1\2 \3m"),
)
DOTTED: Rules = ((r"^(\d{1,2})\.(\d{2})(?:\.(\d{2}))?$", r"\1:\2:\3"),)

_PER_DAY = {
    "unix seconds": 86_400, "unix milliseconds": 86_400_000, "unix microseconds": 86_400_000_000,
    "unix nanoseconds": 86_400_000_000_000, "apple seconds": 86_400, "windows ticks": 864_000_000_000, "excel days": 1,
    "matlab days": 1,
}  # fmt: skip
# What 1 January 1970 is in each count that does not begin then: at 2001, 1601, the end of 1899, the year 0.
_ORIGIN = {"apple seconds": -11_323, "windows ticks": 134_774, "excel days": 25_569, "matlab days": 719_529}
_SINCE = {"unix": "1970", "apple": "2001", "windows": "1601", "excel": "30 December 1899", "matlab": "the year 0"}
_PLAIN_NUMBER = r"^\d{1,19}(?:\.\d+)?$"
# Days from 1970 to 1990, 2040 and 2101. Numbers that two counts put between the first two are asked for; else the third counts.
_EARLIEST, _LIKELY, _LATEST = 7_305, 25_567, 47_847
# Days to the first that counts: there were no telephones of Apple before 2007, and .NET has numbers of the size of nanoseconds.
_FROM = {"apple seconds": 13_514, "unix nanoseconds": 10_957}
_UTC_NAME = re.compile(r"\b(?:utc|gmt|zulu)\b(?!\s*[+-]?\s*\d)", re.I)


@dataclass(frozen=True)
class Written:
    """How the dates of a column are written, beside numbers with separators.

    Attributes
    ----------
    sql : str
        SQL for the text that readers of dates know; empty where the text is that already.
    numbers : str or None
        What whole numbers count, if cells are such.
    unsettled : int
        Cells of the sample that are numbers of no known count, where the column has no other form.
    open : tuple of str
        The counts that these may be of, where there are several; they are read by the first until it is known.
    short_years : int
        Dates with the name of a month and a year of two digits, which is read as 1970 to 2069.
    """

    sql: str = ""
    numbers: DateNumbers | None = None
    unsettled: int = 0
    open: tuple[DateNumbers, ...] = ()
    short_years: int = 0

    @property
    def utc(self) -> bool:
        """Whether the cells are moments of UTC, whatever clock the business has."""
        return is_utc(self.numbers) or bool(self.open)


def is_utc(numbers: str | None) -> bool:
    """Tell whether a count is of UTC; days are those of the local clock."""
    return bool(numbers) and not str(numbers).endswith("days")


def since(numbers: str) -> str:
    """Return from when on numbers count."""
    return _SINCE[numbers.split()[0]]


def in_utc(column: str, text: str) -> str:
    """Return SQL for the text of a moment or time of day, with a Z where the header says UTC and the cell states no offset.

    >>> in_utc("start", "c0")
    'c0'
    """
    if not _UTC_NAME.search(column):
        return text
    return f"CASE WHEN regexp_matches({text}, '(?i){_CLOCK}(?:[.,]\\d+)?(?:\\s?[ap]m)?$') THEN {text} || 'Z' ELSE {text} END"


def written(table: Table, column: str, stated: DateNumbers | None = None, *, counted: bool = True) -> Written:
    """Find out how the dates of a column are written, from an even sample.

    Parameters
    ----------
    table : Table
    column : str
    stated : str, optional
        What whole numbers count, as the settings say; else their size says it, for all of 1990 to 2100.
    counted : bool
        Whether digits alone may be dates; else only words are looked for.
    """
    text = table.text(column)
    rules = (*WORDED, *AROUND_TIME, *(COMPACT if counted else ()))
    filled, numbers, hits = _hits(table, text, rules)
    if counted and not any(hits[len(WORDED) + len(AROUND_TIME) :]) and numbers >= MOSTLY * filled > 0:
        units = (stated,) if stated else _counts_of(table, text)
        if len(units) == 1:
            return Written(_counted(text, units[0]), units[0])
        return Written(_counted(text, units[0]) if units else "", unsettled=numbers, open=units)
    sql = _rewritten(text, [rule for rule, hit in zip(rules, hits, strict=True) if hit])
    if not any(hits[: len(WORDED)]):
        sql = in_utc(column, sql) if counted else sql
        return Written(sql if sql != text else "")
    (short,) = table.one(rf"SELECT count(*) FROM raw WHERE regexp_matches({sql}, '^\d\d-\p{{L}}')")
    sql = _with_months(table, sql)
    return Written(in_utc(column, sql) if counted else sql, short_years=short)


def written_times(table: Table, column: str, *, asked: bool = True) -> str:
    """Return SQL for the times of day of a column in the form ``08:00:00``; empty where they are that already.

    Digits alone are hours, minutes and seconds, or hours and minutes where none has more than four; zeros that a
    spreadsheet took from their left count. Where the column is not ``asked`` for as one of times, digits are times only if
    all are, and as many of them have the full width as times of a day have: lengths are digits, too.
    """
    text = table.text(column)
    digits = r"^\d{1,6}(?:\.0)?$"
    filled, _, hits = _hits(table, text, (*AROUND_TIME, *DOTTED, (digits, "")))
    if hits[-1] and hits[-1] >= MOSTLY * filled and (asked or _times_alone(table, text)):
        bare = f"regexp_replace({text}, '\\.0$', '')"
        (longest,) = table.one(f"SELECT max(length({bare})) FROM raw WHERE regexp_matches({text}, '{digits}')")
        pattern, new = (r"^(\d\d)(\d\d)$", r"\1:\2") if longest <= 4 else (r"^(\d\d)(\d\d)(\d\d)$", r"\1:\2:\3")
        padded = f"lpad({bare}, {4 if longest <= 4 else 6}, '0')"
        return f"CASE WHEN regexp_matches({text}, '{digits}') THEN regexp_replace({padded}, '{pattern}', '{new}') ELSE {text} END"
    rules = [rule for rule, hit in zip((*AROUND_TIME, *DOTTED), hits[:-1], strict=True) if hit]
    sql = in_utc(column, f"rtrim({_rewritten(text, rules)}, ':')" if rules else text)
    return sql if sql != text else ""


def _times_alone(table: Table, text: str) -> bool:
    full = r"^(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?:\.0)?$"
    short = r"^\d[0-5]\d(?:[0-5]\d)?(?:\.0)?$"
    filled, wide, narrow = table.one(
        f"SELECT count(x), count(*) FILTER (regexp_matches(x, '{full}')), count(*) FILTER (regexp_matches(x, '{short}')) "
        f"FROM ({_sample(table, text)})"
    )
    return bool(wide >= filled / 2 and wide + narrow == filled)


def composed(table: Table, day: str, month: str, year: str) -> str:
    """Return SQL for dates whose day, month and year stand in columns of their own; empty where the first is no such day."""
    text = identifier(table.text(day))
    filled, days = table.one(
        f"SELECT count(x), count(*) FILTER (regexp_matches(x, '^(?:0?[1-9]|[12]\\d|3[01])$')) FROM ({_sample(table, text)})"
    )
    if not filled or days < MOSTLY * filled:
        return ""
    return " || '-' || ".join(identifier(table.text(name)) for name in (year, month, day))


def reread(table: Table, settings: EventSettings) -> tuple[Table, tuple[str, ...]]:
    """Return the table with dates and times in a form that readers know, and what the reader should know of it.

    Raises
    ------
    InputError
        Numbers in place of dates are of no known count, or they are moments of UTC and no time zone is set.
    """
    used, section = settings.columns.used, settings.contract.section("format")
    notes: list[str] = []
    if {"month", "year"} <= used.keys() and (parts := composed(table, used["date"], used["month"], used["year"])):
        table = table.reading({used["date"]: parts})
        notes = ["Dates were put together from the columns of day, month and year."]
    read = {}
    for role in ("date", "end"):
        if role not in used:
            continue
        column = used[role]
        found = written(table, column, settings.format.date_numbers)
        place = {"file": table.source.path, "column": column}
        if found.unsettled:
            raise InputError(
                f"the cells are numbers, and {unsettled(found)}", **place,  # type: ignore[arg-type]
                remedy=f"Set date_numbers in {section} to one of {', '.join(_PER_DAY)}, or name another column of dates.",
            )  # fmt: skip
        if found.utc and not settings.format.time_zone:
            raise InputError(
                f"the dates are {found.numbers} since {since(str(found.numbers))}, which are UTC, and no time zone is set",
                **place,  # type: ignore[arg-type]
                remedy=f'Set time_zone in {section} to where the business is, for example "Europe/Berlin"; or to "UTC", if '
                "its clock is that.",
            )  # fmt: skip
        if found.sql:
            read[column] = found.sql
        if found.short_years:
            notes.append(f"{found.short_years:,} dates have a year of two digits; they were read as 1970 to 2069.")
        if found.numbers:
            notes.append(_told(found.numbers))
    if "time" in used and (sql := written_times(table, used["time"])):
        read[used["time"]] = sql
    return table.reading(read), tuple(dict.fromkeys(notes))


def unsettled(found: Written) -> str:
    """Say what numbers in place of dates leave open, as a clause."""
    if found.open:
        return f"they may be {' or '.join(found.open)}, by their size"
    return "their size does not tell what they count"


def drafted(
    table: Table,
    dated: Iterable[str],
    timed: Iterable[str],
    stated: DateNumbers | None = None,
    lasting: Iterable[str] = (),
) -> tuple[Table, Mapping[str, Written]]:
    """Return the table with every column of dates in words read, and those in digits whose headers speak of dates or times.

    Digits are read where a header asks for them alone: telephone numbers and amounts are digits, too. Columns called
    like lengths (``lasting``) are left: 1h20 is one.
    """
    asked = set(dated)
    names = [name for name in table.columns if name in asked or name not in set(lasting)]
    found = {name: written(table, name, stated if name in asked else None, counted=name in asked) for name in names}
    read = {name: how.sql for name, how in found.items() if how.sql}
    read |= {name: sql for name in timed if name not in read and (sql := written_times(table, name, asked=False))}
    return (table.reading(read) if read else table), found


def parted(table: Table, days: Iterable[str], month: str | None, year: str | None) -> Table:
    """Return the table with whole dates in the first of some columns that has days of a month, if there is one."""
    for day in days if month and year else ():
        if day not in (month, year) and (sql := composed(table, day, str(month), str(year))):
            whole = table.reading({day: sql})
            more = written(whole, day).sql
            return whole.reading({day: more}) if more else whole
    return table


def _told(numbers: str) -> str:
    if is_utc(numbers):
        return f"Dates are {numbers} since {since(numbers)} (UTC)."
    return (
        f"Dates are numbers of days since {since(numbers)}, as {numbers.split()[0].capitalize()} counts them; the clock is the "
        "local one."
    )


def _sample(table: Table, text: str) -> str:
    return f"SELECT {text} AS x FROM raw WHERE rowid % {max(1, table.count // SAMPLE)} = 0"


def _hits(table: Table, text: str, rules: Sequence[tuple[str, str]]) -> tuple[int, int, list[int]]:
    """Count the filled cells of a sample, the numbers among them, and the cells that each rule matches."""
    counts = ", ".join(
        f"count(*) FILTER (regexp_matches(x, '{pattern}'))" for pattern in (_PLAIN_NUMBER, *(p for p, _ in rules))
    )
    filled, numbers, *hits = table.one(f"SELECT count(x), {counts} FROM ({_sample(table, text)})")
    return filled, numbers, hits


def _rewritten(text: str, rules: Iterable[tuple[str, str]]) -> str:
    for pattern, new in rules:
        text = f"rtrim(regexp_replace({text}, '{pattern}', '{new}'))"
    return text


def _with_months(table: Table, sql: str) -> str:
    """Write numbers for the names of months that a column has, and years of four digits."""
    found = table.connection.execute(
        rf"SELECT DISTINCT regexp_extract({sql}, '^\d+-(\p{{L}}+)-', 1) AS word FROM raw ORDER BY word LIMIT {MONTH_WORDS}"
    ).fetchall()
    for word in (word for (word,) in found if word and plain(word) in MONTH_NUMBER):
        sql = f"replace({sql}, '-{word}-', '-{MONTH_NUMBER[plain(word)]:02}-')"
    for start, century in ("[7-9]", "19"), ("[0-6]", "20"):
        sql = rf"regexp_replace({sql}, '^({start}\d-)', '{century}\1')"
    return sql


def _bounds(unit: str, first: int, last: int) -> tuple[int, int]:
    return tuple((day + _ORIGIN.get(unit, 0)) * _PER_DAY[unit] for day in (first, last))  # type: ignore[return-value]


def _counts_of(table: Table, text: str) -> tuple[DateNumbers, ...]:
    """Return what numbers may count, by their size: the counts by which nearly all of a sample are likely moments."""
    for last in _LIKELY, _LATEST:
        bounds = {unit: _bounds(unit, _FROM.get(unit, _EARLIEST), last) for unit in _PER_DAY}
        flags = ", ".join(f"count(*) FILTER (n >= {low} AND n < {high})" for low, high in bounds.values())
        total, *counts = table.one(
            f"SELECT count(n), {flags} FROM (SELECT TRY_CAST(x AS DOUBLE) AS n FROM ({_sample(table, text)}))"
        )
        if found := tuple(unit for unit, count in zip(bounds, counts, strict=True) if count >= MOSTLY * total):
            return cast("tuple[DateNumbers, ...]", found)
    return ()


def _counted(text: str, unit: DateNumbers) -> str:
    """Return SQL that writes counts as dates; a cell that is no number, or of no year that is read, stays as it is."""
    low, high = _bounds(unit, 0, (dates.LAST_YEAR - dates.FIRST_YEAR + 1) * 366)
    value = f"TRY_CAST({text} AS DECIMAL(28, 9))"
    origin, zone = _ORIGIN.get(unit, 0), " || 'Z'" if is_utc(unit) else ""
    if not zone:  # whole seconds: the decimals of days are rounded
        micro = f"CAST(round(({value} - {origin}) * 86400) AS BIGINT) * 1000000"
    else:
        per_micro = 86_400_000_000 / _PER_DAY[unit]
        of = f"{value} * {per_micro:.0f}" if per_micro >= 1 else f"{value} / {1 / per_micro:.0f}"
        micro = f"CAST(round({of}) AS BIGINT) - {origin * 86_400_000_000}"
    moment = f"strftime(make_timestamp({micro}), '%Y-%m-%d %H:%M:%S.%f'){zone}"
    fits = f"regexp_matches({text}, '{_PLAIN_NUMBER}') AND {value} BETWEEN {low} AND {high}"
    return f"CASE WHEN {fits} THEN {moment} ELSE {text} END"
