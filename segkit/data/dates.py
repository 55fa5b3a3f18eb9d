"""Dates, times of day, offsets and durations in text, as SQL: which forms are recognised, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..config import DateOrder
from ..errors import InputError
from . import lengths
from .tables import Table

FIRST_YEAR, LAST_YEAR = 1970, 2100
LONGEST = 86_400  # seconds of a day: no call lasts longer
GAP = r"[\s\x{00a0}\x{202f}]"
# Three numbers with one kind of separator, then perhaps a time of day.
DATE = rf"^(\d{{1,4}})([./-])(\d{{1,2}})([./-])(\d{{1,4}})(?:(?:T|,?{GAP}+)(.+))?$"
DATE_PARTS = ["a", "s", "b", "s2", "c", "rest"]
ZONE = r"Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?"
TIME = (
    rf"^(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(?:[.,](\d{{1,9}}))?)?(?:{GAP}*([AaPp])\.?{GAP}?[Mm]\.?)?(?:{GAP}*({ZONE}))?$"
)
ZONE_NAME = r"\d\s*\[?(?:[A-Z]{3,5}|[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_]+)+)\]?$"  # behind a time: CET, Europe/Berlin
WEST, EAST = -12 * 60, 14 * 60  # minutes; the offsets that time zones have
TIME_PARTS = ["h", "m", "s", "f", "half", "zone"]
MIDNIGHT = r"^(?:0{1,2}:00(?::00(?:\.0+)?)?|12:00(?::00)? ?[Aa][Mm])$"
CLOCK = r"^(-?)(?:0 days? )?(?:(\d{1,4}):)?(\d{1,4}):(\d{2})(?:[.,](\d+))?$"
CLOCK_PARTS = ["minus", "h", "m", "s", "f"]
NUMBER = r"^([+-]?\d+)(?:[.,](\d+))?$"
ELAPSED = r"^PT(-?\d+(?:\.\d+)?)S$"


def _extract(column: str, pattern: str, parts: list[str]) -> str:
    names = ", ".join(f"'{p}'" for p in parts)
    return f"regexp_extract({column}, '{pattern}', [{names}])"


def date_parts(column: str) -> str:
    """Return SQL for a struct of the parts of a date text; all are empty where it is no date at all."""
    return _extract(column, DATE, DATE_PARTS)


def time_parts(column: str) -> str:
    """Return SQL for a struct of the parts of a time text; all are empty where it is no time at all."""
    return _extract(column, TIME, TIME_PARTS)


def day(order: DateOrder, parts: str = "d") -> str:
    """Return SQL for the date that a struct of :func:`date_parts` names in an order; null where there is none.

    A year of two digits is 1970 to 2069.
    """
    d = parts
    if order == "year-month-day":
        text, fits = f"{d}.a || '-' || {d}.b || '-' || {d}.c", year_first(d)
    else:
        month, date = ("a", "b") if order == "month/day/year" else ("b", "a")
        year = f"CASE WHEN length({d}.c) = 4 THEN {d}.c WHEN {d}.c >= '70' THEN '19' || {d}.c ELSE '20' || {d}.c END"
        text, fits = f"({year}) || '-' || {d}.{month} || '-' || {d}.{date}", year_last(d)
    return f"CASE WHEN {fits} THEN TRY_CAST({text} AS DATE) END"


def year_first(d: str = "d") -> str:
    """Return SQL for "the year stands first"."""
    return f"(length({d}.a) = 4 AND length({d}.c) BETWEEN 1 AND 2 AND {d}.s = {d}.s2)"


def year_last(d: str = "d") -> str:
    """Return SQL for "the year stands last"."""
    return f"(length({d}.a) BETWEEN 1 AND 2 AND length({d}.c) IN (2, 4) AND {d}.s = {d}.s2)"


def microseconds(parts: str = "t") -> str:
    """Return SQL for the microseconds since midnight that a struct of :func:`time_parts` names, else null."""
    t = parts
    hour = f"TRY_CAST({t}.h AS BIGINT)"
    of_day = (
        f"CASE WHEN {t}.half = '' THEN (CASE WHEN {hour} < 24 THEN {hour} END) "
        f"WHEN {hour} BETWEEN 1 AND 12 THEN {hour} % 12 + (CASE WHEN lower({t}.half) = 'p' THEN 12 ELSE 0 END) END"
    )
    minute = f"(CASE WHEN {t}.m < '60' THEN TRY_CAST({t}.m AS BIGINT) END)"
    second = f"(CASE WHEN {t}.s = '' THEN 0 WHEN {t}.s < '60' THEN TRY_CAST({t}.s AS BIGINT) END)"
    fraction = f"TRY_CAST(rpad(left({t}.f, 6), 6, '0') AS BIGINT)"
    return f"((({of_day}) * 60 + {minute}) * 60 + {second}) * 1000000 + {fraction}"


def offset_minutes(parts: str = "t") -> str:
    """Return SQL for the stated offset from UTC in minutes, null where none is stated."""
    z = f"replace({parts}.zone, ':', '')"
    size = f"CAST(substr({z}, 2, 2) AS INTEGER) * 60 + CAST(coalesce(nullif(substr({z}, 4, 2), ''), '0') AS INTEGER)"
    return (
        f"CASE WHEN {z} = '' THEN NULL WHEN {z} IN ('Z', 'z', 'UTC', 'GMT') THEN 0 "
        f"WHEN left({z}, 1) = '-' THEN -({size}) ELSE {size} END"
    )


def no_such_offset(parts: str = "t") -> str:
    """Return SQL for "the stated offset from UTC is none that a time zone has"."""
    return f"zone IS NOT NULL AND (zone NOT BETWEEN {WEST} AND {EAST} OR regexp_matches({parts}.zone, '^[+-]\\d\\d:?[6-9]\\d$'))"


def clock_parts(column: str) -> str:
    """Return SQL for a struct of the parts of an ``h:mm:ss`` or ``mm:ss`` text; all are empty where it is none."""
    return _extract(column, CLOCK, CLOCK_PARTS)


def seconds(column: str, unit: str, parts: str = "c", decimal: str | None = None) -> str:
    """Return SQL for a duration in seconds as a decimal number; null where the text is none in this unit.

    Parameters
    ----------
    column : str
        SQL of the text.
    unit : {"seconds", "minutes", "milliseconds", "days", "h:mm:ss", "h:mm", "words"}
        ``days`` are fractions of one, as spreadsheets keep times; ``mm:ss`` counts as ``h:mm:ss``; of ``h:mm``, two numbers
        are hours and minutes.
        An elapsed time of a workbook (``PT90.0S``) is read in every unit.
    parts : str
        SQL of the struct that :func:`clock_parts` makes of the text, or `lengths.word_parts` for words.
    decimal : {"point", "comma"}, optional
        As of `lengths.number`.
    """
    elapsed = f"WHEN {column} LIKE 'PT%' THEN TRY_CAST(nullif(regexp_extract({column}, '{ELAPSED}', 1), '') AS DOUBLE)"
    if unit == "words":
        return lengths.of_words(parts)
    if unit in ("h:mm:ss", "h:mm"):
        c = parts
        minutes = f"(CASE WHEN {c}.h = '' OR {c}.m < '60' AND length({c}.m) = 2 THEN TRY_CAST({c}.m AS BIGINT) END)"
        total = (
            f"(coalesce(TRY_CAST({c}.h AS BIGINT), 0) * 3600 + {minutes} * 60 + TRY_CAST({c}.s AS BIGINT) "
            f"+ TRY_CAST('0.' || {c}.f || '0' AS DOUBLE)) * (CASE WHEN {c}.minus = '' THEN 1 ELSE -1 END)"
            + (f" * (CASE WHEN {c}.h = '' THEN 60 ELSE 1 END)" if unit == "h:mm" else "")
        )
        return f"CASE {elapsed} WHEN {c}.m <> '' AND {c}.s < '60' THEN {total} END"
    factor = {"minutes": " * 60", "milliseconds": " / 1000", "days": " * 86400"}.get(unit, "")
    return f"CASE {elapsed} ELSE ({lengths.number(column, decimal)}){factor} END"


@dataclass(frozen=True)
class DateForms:
    """How the dates of a file are written: counts of rows by form.

    Attributes
    ----------
    dates : int
        Rows with a date text.
    iso, fields : int
        Rows with the year first (``2022-01-31``), and with the year last (``1/31/2022``).
    month_first, day_first : int
        Rows with the year last that name a day under month/day/year, and under day/month/year.
    only_month_first, only_day_first : int
        Rows that name a day under this order alone.
    short_years : int
        Rows whose year has two digits.
    """

    dates: int
    iso: int
    fields: int
    month_first: int
    day_first: int
    only_month_first: int
    only_day_first: int
    short_years: int
    example_rows: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)

    @property
    def decided(self) -> DateOrder | None:
        """The order that the rows themselves settle, if they settle one."""
        if self.iso and not self.fields:
            return "year-month-day"
        if self.fields and not self.iso and self.only_month_first != self.only_day_first:
            if not self.only_day_first:
                return "month/day/year"
            if not self.only_month_first:
                return "day/month/year"
        return None


def date_forms(table: Table, column: str, relation: str = "raw") -> DateForms:
    """Count the forms in which the dates of a column are written.

    Parameters
    ----------
    table : Table
    column : str
        Name of the column in the file.
    relation : str
        The relation of the connection that has the column.
    """
    parts = date_parts(table.text(column))
    month, other = day("month/day/year"), day("day/month/year")
    flags = {
        "iso": year_first(),
        "fields": year_last(),
        "month_first": f"({month}) IS NOT NULL",
        "day_first": f"({other}) IS NOT NULL",
        "only_month_first": f"({month}) IS NOT NULL AND ({other}) IS NULL",
        "only_day_first": f"({other}) IS NOT NULL AND ({month}) IS NULL",
        "short_years": f"{year_last()} AND length(d.c) = 2",
    }
    columns = ", ".join(f"count(*) FILTER ({sql}), min(r, 5) FILTER ({sql})" for sql in flags.values())
    inner = f"SELECT {parts} AS d, {table.row} AS r FROM {relation} WHERE {table.text(column)} IS NOT NULL"
    found = table.one(f"SELECT count(*), {columns} FROM ({inner})")
    counts = {name: found[1 + 2 * i] for i, name in enumerate(flags)}
    rows = {name: tuple(found[2 + 2 * i] or ()) for i, name in enumerate(flags)}
    return DateForms(dates=found[0], **counts, example_rows=rows)


def settle_order(
    table: Table, column: str, stated: DateOrder, forms: DateForms, section: str
) -> tuple[DateOrder, tuple[str, ...]]:
    """Return the order in which to read the dates, and what the reader should know of it.

    Raises
    ------
    InputError
        Forms or orders are mixed, or the stated order contradicts the rows.
    """
    place = {"file": table.source.path, "column": column}
    rows, setting = forms.example_rows, f"date_order in {section}"
    if forms.iso and forms.fields:
        few = "iso" if forms.iso < forms.fields else "fields"
        raise InputError(
            f"dates are written in two ways: {forms.iso:,} with the year first, {forms.fields:,} with the year last",
            **place,  # type: ignore[arg-type]
            rows=rows[few],
            count=getattr(forms, few),
            remedy="Export the column again in one format, best as 2022-01-31.",
        )
    if forms.iso:
        return "year-month-day", ()
    notes = []
    if forms.short_years:
        notes.append(f"{forms.short_years:,} dates have a year of two digits; they were read as 1970 to 2069.")
    if not forms.fields:  # every row goes to the gate of timestamps
        return stated, ()
    if forms.only_month_first and forms.only_day_first:
        few = "only_month_first" if forms.only_month_first < forms.only_day_first else "only_day_first"
        raise InputError(
            f"the order of day and month is mixed: {forms.only_month_first:,} dates fit month/day/year alone, "
            f"{forms.only_day_first:,} fit day/month/year alone",
            **place,  # type: ignore[arg-type]
            rows=rows[few],
            count=getattr(forms, few),
            remedy="Export the column again in one format, best as 2022-01-31.",
        )
    decided = forms.decided
    if stated == "year-month-day":
        remedy = (
            f'Set {setting} to "{decided}", which fits.'
            if decided
            else (f'Set {setting} to "month/day/year" or "day/month/year"; no row settles which.')
        )
        raise InputError(
            "the stated order is year-month-day, and the year stands last",
            **place,  # type: ignore[arg-type]
            rows=rows["fields"],
            count=forms.fields,
            remedy=remedy,
        )
    against = "only_day_first" if stated == "month/day/year" else "only_month_first"
    count = getattr(forms, against)
    if count:
        other = "day/month/year" if stated == "month/day/year" else "month/day/year"
        fits_all = (forms.day_first if other == "day/month/year" else forms.month_first) == forms.dates
        raise InputError(
            f"{count:,} {'date contradicts' if count == 1 else 'dates contradict'} the stated order {stated}",
            **place,  # type: ignore[arg-type]
            rows=rows[against],
            count=count,
            remedy=f'Set {setting} to "{other}", which fits {"every row" if fits_all else "these rows"}.',
        )
    if decided is None:
        notes.append(f"No date in the file settles the order of day and month; {stated} was taken as stated.")
    return stated, tuple(notes)
