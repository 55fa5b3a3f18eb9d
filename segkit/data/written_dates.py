"""Dates that are not three numbers with separators: SQL writes each anew as ``2024-01-02 08:00:00``, once for all readers.

Names of months, digits without separators, and counts since a day are known forms. So are words around a time of day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..config import EventSettings
from ..errors import InputError
from ..event_settings import DateNumbers
from .calendar_words import MONTH_NUMBER, WEEKDAY_NUMBER, plain
from .day_counts import (
    MOSTLY,
    PER_DAY,
    PLAIN_NUMBER,
    as_dates,
    clock_of_fractions,
    counts_of,
    is_utc,
    sample,
    since,
    told,
)
from .identifiers import identifier
from .short_years import REWRITTEN, year_first
from .tables import Table

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


def in_utc(column: str, text: str) -> str:
    """Return SQL for the text of a moment or time of day, with a Z where the header says UTC and the cell states no offset.

    >>> in_utc("start", "c0")
    'c0'
    """
    if not _UTC_NAME.search(column):
        return text
    return f"CASE WHEN regexp_matches({text}, '(?i){_CLOCK}(?:[.,]\\d+)?(?:\\s?[ap]m)?$') THEN {text} || 'Z' ELSE {text} END"


def written(
    table: Table,
    column: str,
    stated: DateNumbers | None = None,
    *,
    counted: bool = True,
    order: str | None = None,
) -> Written:
    """Find out how the dates of a column are written, from an even sample.

    Parameters
    ----------
    table : Table
    column : str
    stated : str, optional
        What whole numbers count, as the settings say; else their size says it, for all of 1990 to 2100.
    counted : bool
        Whether digits alone may be dates; else only words are looked for.
    order : str, optional
        That the settings say; else a year of two digits stands first where the span of the dates says so.
    """
    text = table.text(column)
    rules = (*WORDED, *AROUND_TIME, *(COMPACT if counted else ()))
    filled, numbers, hits = _hits(table, text, rules)
    if counted and not any(hits[len(WORDED) + len(AROUND_TIME) :]) and numbers >= MOSTLY * filled > 0:
        units = (stated,) if stated else counts_of(table, text)
        if len(units) == 1:
            return Written(as_dates(table, text, units[0]), units[0])
        return Written(as_dates(table, text, units[0]) if units else "", unsettled=numbers, open=units)
    used = [rule for rule, hit in zip(rules, hits, strict=True) if hit]
    if (
        counted
        and order in (None, "year-month-day")
        and year_first(table, text) in ((True, None) if order else (True,))
    ):
        used += REWRITTEN
    sql = _rewritten(text, used)
    if not any(hits[: len(WORDED)]):
        sql = in_utc(column, sql) if counted else sql
        return Written(sql if sql != text else "")
    (short,) = table.one(rf"SELECT count(*) FROM raw WHERE regexp_matches({sql}, '^\d\d-\p{{L}}')")
    sql = _with_months(table, sql)
    return Written(in_utc(column, sql) if counted else sql, short_years=short)


def written_times(table: Table, column: str, *, asked: bool = True, fractions: bool = True) -> str:
    """Return SQL for the times of day of a column in the form ``08:00:00``; empty where they are that already.

    Digits alone are hours, minutes and seconds, or hours and minutes where none has more than four; zeros that a
    spreadsheet took from their left count. Where the column is not ``asked`` for as one of times, digits are times only if
    all are, and as many of them have the full width as times of a day have: lengths are digits, too.
    """
    text = table.text(column)
    if fractions and (sql := clock_of_fractions(table, text)):
        return sql
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
        f"FROM ({sample(table, text)})"
    )
    return bool(wide >= filled / 2 and wide + narrow == filled)


def composed(table: Table, day: str, month: str, year: str) -> str:
    """Return SQL for dates whose day, month and year stand in columns of their own; empty where the first is no such day."""
    text = identifier(table.text(day))
    filled, days = table.one(
        f"SELECT count(x), count(*) FILTER (regexp_matches(x, '^(?:0?[1-9]|[12]\\d|3[01])$')) FROM ({sample(table, text)})"
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
        found = written(table, column, settings.format.date_numbers, order=settings.format.date_order)
        place = {"file": table.source.path, "column": column}
        if found.unsettled:
            raise InputError(
                f"the cells are numbers, and {unsettled(found)}", **place,  # type: ignore[arg-type]
                remedy=f"Set date_numbers in {section} to one of {', '.join(PER_DAY)}, or name another column of dates.",
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
            notes.append(told(found.numbers))
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
    order: str | None = None,
) -> tuple[Table, Mapping[str, Written]]:
    """Return the table with every column of dates in words read, and those in digits whose headers speak of dates or times.

    Digits are read where a header asks for them alone: telephone numbers and amounts are digits, too. Columns called
    like lengths (``lasting``) are left: 1h20 is one.
    """
    asked = set(dated)
    names = [name for name in table.columns if name in asked or name not in set(lasting)]
    found = {
        name: written(table, name, stated if name in asked else None, counted=name in asked, order=order)
        for name in names
    }
    read = {name: how.sql for name, how in found.items() if how.sql}
    days = any(
        how.numbers and not is_utc(how.numbers) for how in found.values()
    )  # only a spreadsheet has times as fractions
    clocks = {name: written_times(table, name, asked=False, fractions=days) for name in timed if name not in read}
    read |= {name: sql for name, sql in clocks.items() if sql}
    return (table.reading(read) if read else table), found


def parted(table: Table, days: Iterable[str], month: str | None, year: str | None) -> Table:
    """Return the table with whole dates in the first of some columns that has days of a month, if there is one."""
    for day in days if month and year else ():
        if day not in (month, year) and (sql := composed(table, day, str(month), str(year))):
            whole = table.reading({day: sql})
            more = written(whole, day).sql
            return whole.reading({day: more}) if more else whole
    return table


def _hits(table: Table, text: str, rules: Sequence[tuple[str, str]]) -> tuple[int, int, list[int]]:
    """Count the filled cells of a sample, the numbers among them, and the cells that each rule matches."""
    counts = ", ".join(
        f"count(*) FILTER (regexp_matches(x, '{pattern}'))" for pattern in (PLAIN_NUMBER, *(p for p, _ in rules))
    )
    filled, numbers, *hits = table.one(f"SELECT count(x), {counts} FROM ({sample(table, text)})")
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
