"""What the cells of a file say on questions of format and opening hours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import pyarrow as pa

from ..config import SIDES, WEEKDAYS, DateOrder, Format
from ..contract import Contract
from . import dates, lengths, money
from .calendar_words import MONTH_NUMBER, WEEKDAY_NUMBER
from .day_counts import is_utc
from .headers import header_words
from .identifiers import identifier, is_empty, likely_doubles, normalise_all
from .roles import MOSTLY, Choice, Profile
from .short_years import year_first
from .tables import Table
from .withheld import without
from .written_dates import Written, unsettled

_SECONDS = "s sec secs second seconds sekunden sek secondes segundos seconden billsec"
_MINUTES = "min mins minute minutes minuten minutos"
MILLI_WORDS = frozenset(
    [
        "ms",
        "msec",
        "msecs",
        "millis",
        "milli",
        "millisecond",
        "milliseconds",
        "millisekunden",
        "millisecondes",
        "milisegundos",
    ]
)
SECOND_WORDS = frozenset(_SECONDS.split())
MINUTE_WORDS = frozenset(_MINUTES.split())
MEDIAN_LIMIT = float(Format.model_fields["median_limit"].default)  # seconds
HOURS = 24  # and more have lengths that are no hours and minutes
QUIET = 0.5  # a weekday with less than this share of an average day's events is taken as closed


@dataclass(frozen=True)
class Evidence:
    """Findings for the draft.

    ``order``, ``form`` (the unit of durations, or the decimal sign of money) and ``purchase`` are (value or None, reason);
    so is ``numbers``, of what numbers in place of dates count: both are empty where there are none. ``zone`` is (whether an
    answer is needed, reason or nothing). ``weekdays`` are shares of events from Monday on, ``hours`` from 0 on; both are empty
    where dates are undecided, and ``hours`` where there is no time of day.
    ``decimal`` is the sign of decimals of lengths, where some have a sign that is open by itself; ``missed`` counts calls
    without a length.
    """

    order: tuple[DateOrder | None, str]
    form: tuple[str | None, str]
    purchase: tuple[str | None, str]
    zone: tuple[bool, str]
    numbers: tuple[str | None, str]
    decimal: tuple[str | None, str]
    missed: int
    units: int | None
    doubles: int
    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    closed_days: tuple[str, ...]


def collect(
    table: Table,
    contract: Contract,
    choices: Mapping[str, Choice],
    found: Mapping[str, Profile],
    answers: Mapping[str, str],
    written: Mapping[str, Written],
) -> Evidence:
    """Look at whole columns where a sample does not settle a question."""
    column = {role: choice.column for role, choice in choices.items()}
    date, amount = column["date"], column[contract.amount]
    who = [name for role in (contract.unit, *SIDES) if (name := column.get(role))]
    order = _order(table, date, column) if date else (None, "The column of dates is not known yet")
    decimal: tuple[str | None, str] = (None, "")
    missed = 0
    form: tuple[str | None, str] = (None, f"The column of {contract.amount}s is not known yet")
    if amount:
        form = (
            money.decimal_of(table, amount)
            if contract.money
            else _unit(table, amount, found[amount], date, column["time"])
        )
    elif column.get("end"):
        form = "seconds", "Lengths follow from start and end"
    if not contract.money and (length := amount or column["end"]):
        decimal, missed = _signs_and_missed(table, length, bool(amount))
    units, doubles = _units(table, who) if who else (None, 0)
    weekdays, hours = (
        _when(table, date, column["time"], _stated(answers.get("date_order")) or order[0]) if date else ((), ())
    )
    quiet = tuple(day for day, share in zip(WEEKDAYS, weekdays, strict=False) if share < QUIET / len(WEEKDAYS))
    zone = _zone(table, date, column["time"]) if date else (False, "")
    numbers: tuple[str | None, str] = (None, "")
    if date and (how := written.get(date)):
        numbers = _counted(how, answers)
        if how.utc or is_utc(answers.get("date_numbers")):
            zone = (
                True,
                f"Dates are {how.numbers or answers.get('date_numbers') or 'numbers of seconds'}, which are UTC",
            )
        if how.sql and order[0] == "year-month-day":
            order = order[0], "The dates are written in a way that leaves no order open"
    if hours and hours[0] == 1:  # all at midnight
        hours, zone = (), (False, "")
    purchase = _purchase(table, column) if contract.money else (None, "")
    return Evidence(
        order,
        form,
        purchase,
        zone,
        numbers,
        decimal,
        missed,
        units,
        doubles,
        weekdays,
        hours,
        quiet if len(quiet) <= 3 else (),
    )


def _counted(how: Written, answers: Mapping[str, str]) -> tuple[str | None, str]:
    """Return what numbers in place of dates count, and why; both are empty where there are none."""
    if how.numbers:
        return how.numbers, "As you answered" if "date_numbers" in answers else "Their size says what numbers count"
    return None, f"Dates are numbers, and {unsettled(how)}" if how.unsettled else ""


def _signs_and_missed(table: Table, length: str, told: bool) -> tuple[tuple[str | None, str], int]:
    """Return the sign of decimals of lengths where some cells leave it open, and how many calls have no length."""
    (missed,) = table.one(  # of each value once: rows are many, values few
        f"SELECT coalesce(sum(n), 0)::BIGINT FROM (SELECT {table.text(length)} AS x, count(*) AS n FROM raw GROUP BY x) "
        f"WHERE {lengths.missing('x')}"
    )
    sign, unclear = lengths.decimal_of(table, length) if told else (None, 0)
    if not unclear:
        return (None, ""), missed
    if sign:
        return (sign, f"The other durations settle how {unclear:,} such as 1,234 are meant"), missed
    return (None, f"{unclear:,} durations may have a sign of thousands or of decimals, as 1,234 has"), missed


def _purchase(table: Table, column: Mapping[str, str | None]) -> tuple[str | None, str]:
    """Return what is one purchase where the rows settle it, and what was seen."""
    if column["order"]:
        return "order", "Rows of one order number are one purchase"
    date, who = column["date"], column["customer"]
    if not date or not who:
        return None, "The columns of dates and of customers are not known yet"
    parts = dates.date_parts(table.text(date))
    (twice,) = table.one(
        f"SELECT count(*) FILTER (n > 1) FROM (SELECT count(*) AS n FROM (SELECT {parts} AS d, "
        f"{identifier(table.text(who))} AS who FROM raw) WHERE d.a <> '' AND who IS NOT NULL GROUP BY who, d.a, d.b, d.c)"
    )
    if not twice:
        return "row", "No customer has two rows on one day"
    days = "1 day of a customer has" if twice == 1 else f"{twice:,} days of customers have"
    return None, f"{days} several rows, and no column numbers the orders"


def _stated(answer: str | None) -> DateOrder | None:
    return next((order for order in get_args(DateOrder) if order == answer), None)


def _order(table: Table, date: str, column: Mapping[str, str | None]) -> tuple[DateOrder | None, str]:
    forms = dates.date_forms(table, date)
    if forms.iso and not forms.fields:
        return "year-month-day", f"The year stands first in all {forms.iso:,} dates"
    if forms.iso:
        return None, f"{forms.iso:,} dates have the year first, {forms.fields:,} have it last: export them in one way"
    if forms.short_years == forms.fields > 0 and year_first(table, table.text(date)) is None:
        return None, "The years have two digits, and may stand first or last"
    if forms.only_month_first and forms.only_day_first:
        return None, (
            f"{forms.only_month_first:,} dates fit month/day/year alone and {forms.only_day_first:,} fit "
            "day/month/year alone: export them in one way"
        )
    if forms.decided:
        count = forms.only_month_first or forms.only_day_first
        return forms.decided, f"{count:,} of {forms.dates:,} dates have a day above 12, which settles the order"
    for role, words, part in (("month", MONTH_NUMBER, "month"), ("weekday", WEEKDAY_NUMBER, "isodow")):
        other = column[role]
        if other:
            settled = _order_by_words(table, date, other, words, part)
            if settled:
                return settled, f"No day is above 12, but the {role} column agrees with this order alone"
    return None, "No date has a day above 12, so day and month cannot be told apart"


def _order_by_words(table: Table, date: str, other: str, words: Mapping[str, int], part: str) -> DateOrder | None:
    """Return the order under which the dates agree with a column of month names or weekdays, if just one does."""
    table.connection.register("known_words", pa.table({"known": list(words), "number": list(words.values())}))
    word = f"lower(strip_accents(rtrim({table.text(other)}, '.')))"
    orders: tuple[DateOrder, ...] = ("month/day/year", "day/month/year")
    agree = ", ".join(f"count(*) FILTER ({part}({dates.day(order)}) = number)" for order in orders)
    total, *counts = table.one(
        f"SELECT count(*), {agree} FROM (SELECT {dates.date_parts(table.text(date))} AS d, {word} AS word FROM raw) "
        "JOIN known_words ON word = known"
    )
    table.connection.unregister("known_words")
    fit = [order for order, count in zip(orders, counts, strict=True) if total and count >= MOSTLY * total]
    return fit[0] if len(fit) == 1 else None


def _unit(table: Table, column: str, profile: Profile, date: str | None, time: str | None) -> tuple[str | None, str]:
    words = set(header_words(column))
    spread = f"half of them up to {_about(profile.median)}, the largest {_about(profile.largest)}"
    if profile.elapsed >= MOSTLY:
        return "seconds", "The workbook stores elapsed times, whose unit is certain"
    if profile.worded >= MOSTLY:
        return "words", f"{profile.worded:.0%} of the durations are written with their units"
    if profile.clock >= MOSTLY:
        return _clock(table, column, f"{profile.clock:.0%} of the durations are written with colons", date, time)
    if words & MILLI_WORDS:
        return "milliseconds", f"The header says so; {spread}"
    if profile.median > MEDIAN_LIMIT:
        return None, f"As seconds, half of the calls would last more than {MEDIAN_LIMIT / 3600:g} hours; {spread}"
    if words & SECOND_WORDS and not words & MINUTE_WORDS:
        return "seconds", f"The header says so; {spread}"
    if words & MINUTE_WORDS and not words & SECOND_WORDS:
        return "minutes", f"The header says so; {spread}"
    if 0 < profile.largest < 1:
        return None, f"All of them are below one, as in days, in which a spreadsheet keeps a time; {spread}"
    if profile.largest * 60 > dates.LONGEST and profile.largest <= dates.LONGEST:
        return "seconds", f"As minutes, the largest ({_about(profile.largest)}) would be more than a day"
    return None, f"The header does not name the unit of the durations; {spread}"


def _clock(table: Table, column: str, reason: str, date: str | None, time: str | None) -> tuple[str | None, str]:
    """Return whether lengths of two numbers are minutes and seconds or hours and minutes, which routers and CRMs write.

    They are the former where one is of a day or more as hours, or where starts have seconds: who rounds one rounds both.
    """
    said = re.search(r"(h+:)?mm?(:ss?)?$", re.sub(r"[^a-z:]+$", "", column.lower()))
    if said and any(said.groups()):
        return ("h:mm:ss" if said[2] else "h:mm"), "The header says so"
    short = "c.h = '' AND c.m <> ''"
    long, most = table.one(
        f"SELECT count(*) FILTER (c.h <> ''), max(TRY_CAST(c.m AS BIGINT)) FILTER ({short}) "
        f"FROM (SELECT {dates.clock_parts(table.text(column))} AS c FROM raw)"
    )
    text = table.text(time) if time else "d.rest"
    whole = f"SELECT {dates.date_parts(table.text(date))} AS d, * FROM raw" if date else "SELECT * FROM raw"
    seconds = (date or time) and table.one(
        f"SELECT count(*) FILTER (TRY_CAST(t.s AS INTEGER) > 0) FROM (SELECT {dates.time_parts(text)} AS t FROM ({whole}))"
    )[0]
    if long or most is None or most >= HOURS or seconds:
        return "h:mm:ss", reason
    return None, f'{reason}, of two numbers: answer "h:mm:ss" for minutes and seconds, "h:mm" for hours and minutes'


def _about(value: float) -> str:
    """Write a length in two digits: where the column is mistaken for one of lengths, it may be somebody's number.

    >>> _about(184.0), _about(2025550177.0)
    ('about 180', 'more than a day in seconds')
    """
    return "more than a day in seconds" if value > dates.LONGEST else f"about {float(f'{value:.2g}'):,g}"


def _units(table: Table, columns: Sequence[str]) -> tuple[int, int]:
    cells = " UNION ".join(f"SELECT DISTINCT {table.text(column)} AS x FROM raw" for column in columns)
    made = (
        f"WITH made AS MATERIALIZED (SELECT DISTINCT {identifier('x')} AS x FROM ({cells}))"  # else each row is judged
    )
    found = f"{made} SELECT x FROM made WHERE NOT {is_empty('x')}"
    folded = normalise_all(without(x for (x,) in table.connection.execute(found).fetchall()))
    own = len(columns) > 1  # of two sides, one number at least is the own one
    return len(folded) - own, likely_doubles(folded)


def _zone(table: Table, date: str, time: str | None) -> tuple[bool, str]:
    text = table.text(time) if time else "d.rest"
    inner = f"SELECT {dates.date_parts(table.text(date))} AS d, * FROM sample"
    offsets = table.connection.execute(
        f"SELECT {dates.offset_minutes()} AS zone, count(*) FROM (SELECT {dates.time_parts(text)} AS t FROM ({inner})) "
        "WHERE t.h <> '' GROUP BY zone"
    ).fetchall()
    stated = [zone for zone, _ in offsets if zone is not None]
    if not stated:
        return False, ""
    if len(stated) < len(offsets):
        return True, "Some times state an offset from UTC and some do not: export them in one way"
    if len(stated) > 1:
        return True, f"Times state {len(stated)} different offsets from UTC"
    if stated == [0]:  # by the clock of a machine: a business whose clock is UTC says so
        return True, "Every time is stated as UTC"
    return False, "Every time states the same offset from UTC; without a time zone the clock is kept as written"


def _when(
    table: Table, date: str, time: str | None, order: DateOrder | None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the shares of events by weekday (from Monday) and by hour."""
    if order is None:
        return (), ()
    text = table.text(time) if time else "d.rest"
    inner = f"SELECT {dates.date_parts(table.text(date))} AS d, * FROM sample"
    table.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE moments AS SELECT isodow({dates.day(order)}) AS weekday, "
        f"({dates.microseconds()}) // 3600000000 AS hour FROM (SELECT *, {dates.time_parts(text)} AS t FROM ({inner}))"
    )
    shares = []
    for name, numbers in (("weekday", range(1, 8)), ("hour", range(24))):
        counts = dict(
            table.connection.execute(
                f"SELECT {name}, count(*) FROM moments WHERE {name} IS NOT NULL GROUP BY {name}"
            ).fetchall()
        )
        total = sum(counts.values())
        shares.append(tuple(counts.get(n, 0) / total for n in numbers) if total else ())
    return shares[0], shares[1]
