"""Rows that cannot be used: what is wrong with each, and whether that stops the load or sets the rows aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..config import Contacts, DateOrder
from ..errors import SHOWN_ROWS, InputError
from . import dates
from .identifiers import DAMAGED, ERROR_CELL, identifier, is_empty
from .tables import Table, write_rows

GATES = ("missing", "identifier", "timestamp", "duration")


@dataclass(frozen=True)
class Quarantined:
    """Rows set aside by one gate for one column.

    Attributes
    ----------
    gate, column : str
    count : int
        Number of rows.
    first_rows : tuple of int
        The first row numbers; the header is row 1.
    file : path
        The side file that holds the rows as they are. It holds identifiers and stays local.
    """

    gate: str
    column: str
    count: int
    first_rows: tuple[int, ...]
    file: Path


@dataclass(frozen=True)
class _Fault:
    gate: str
    role: str
    what: str
    remedy: str


_FILL = "Fill the cells, or delete the rows."
_DAMAGE = "The digits are lost in this copy: format the column as text where the numbers come from, and export again."
_LENGTH = "Check duration_unit in [contacts.format] and the rows."
_ZONE = "Write offsets from UTC as +01:00, or all times as local clock without any."
_LABEL = (
    "Categories stand on pages: name another column as `category` in [contacts.columns] (or delete the line), or correct "
    "the rows."
)
# The order is the order in which a row is judged: it counts under its first fault.
FAULTS = {
    "missing_date": _Fault("missing", "date", "no value", _FILL),
    "missing_time": _Fault("missing", "time", "no value", _FILL),
    "missing_contact": _Fault("missing", "contact", "no value", _FILL),
    "nan": _Fault("missing", "duration", "no number (NaN) as duration", _FILL),
    "missing_duration": _Fault("missing", "duration", "no value", _FILL),
    "damaged": _Fault("identifier", "contact", "a number damaged by a spreadsheet (as in 6.48E+08)", _DAMAGE),
    "error_cell": _Fault("identifier", "contact", "a spreadsheet's error in place of a number (as in #REF!)", _DAMAGE),
    "date_form": _Fault("timestamp", "date", "no date in a known form", "Write dates as 2022-01-31 or 1/31/2022."),
    "no_such_day": _Fault("timestamp", "date", "a date that the calendar does not have", "Correct the dates."),
    "year": _Fault(
        "timestamp", "date", f"a year outside {dates.FIRST_YEAR} to {dates.LAST_YEAR}", "Correct the dates."
    ),
    "two_times": _Fault(
        "timestamp", "date", "a time of day beside the time column", "Delete the line `time` in [contacts.columns]."
    ),
    "no_time": _Fault(
        "timestamp", "date", "a date without a time of day", "Name the column of times as `time` in [contacts.columns]."
    ),
    "zone_name_in_date": _Fault("timestamp", "date", "a time zone by name (as in CET)", _ZONE),
    "zone_name": _Fault("timestamp", "time", "a time zone by name (as in CET)", _ZONE),
    "no_zone_in_date": _Fault("timestamp", "date", "an offset from UTC that no time zone has", _ZONE),
    "no_zone": _Fault("timestamp", "time", "an offset from UTC that no time zone has", _ZONE),
    "time_in_date": _Fault("timestamp", "date", "no time of day in a known form", "Write times as 16:03:01."),
    "time_form": _Fault("timestamp", "time", "no time of day in a known form", "Write times as 16:03:01 or 4:03 PM."),
    "endless": _Fault("duration", "duration", "an infinite duration", "Correct the rows."),
    "duration_form": _Fault("duration", "duration", "no duration in {unit}", _LENGTH),
    "negative": _Fault("duration", "duration", "a negative duration", "Correct the rows."),
    "absurd": _Fault("duration", "duration", "a duration of more than 24 hours", _LENGTH),
    # Found by `labels`, once all rows are read.
    "category_shape": _Fault(
        "identifier", "category", "a category with the form of an identifier (a number or an address)", _LABEL
    ),
    "category_person": _Fault("identifier", "category", "a category that is a contact's number or name", _LABEL),
}


@dataclass(frozen=True)
class Outcome:
    """What the gates found, and what they set aside."""

    counts: dict[str, int]
    quarantined: tuple[Quarantined, ...]

    def total(self, *faults: str) -> int:
        """Return the number of rows under these faults."""
        return sum(self.counts.get(fault, 0) for fault in faults)

    def of_gate(self, gate: str) -> int:
        """Return the number of rows under the faults of a gate."""
        return self.total(*(name for name, fault in FAULTS.items() if fault.gate == gate))


def parse(table: Table, contacts: Contacts, order: DateOrder) -> None:
    """Make table ``parsed`` from ``raw``: one row per record with its values and its first fault, if any.

    Columns: ``id`` (row of ``raw``), ``row`` (in the file), ``identifier``, ``category``, ``day`` (date as written),
    ``clock`` (timestamp as written), ``zone`` (stated offset in minutes), ``exact`` (seconds, decimal), ``fault``.
    """
    roles, unit = contacts.columns, contacts.format.duration_unit
    date, time = table.text(roles.date), table.text(roles.time)
    time_text, where = ("tt", "") if roles.time else ("d.rest", "_in_date")
    judged = {
        "missing_date": is_empty("dt"),
        "missing_time": is_empty("tt") if roles.time else "false",
        "missing_contact": is_empty("identifier"),
        "nan": "lower(ut) IN ('nan', '+nan', '-nan')",
        "missing_duration": is_empty("ut"),
        "damaged": f"regexp_matches(identifier, '{DAMAGED}')",
        "error_cell": f"regexp_matches(identifier, '{ERROR_CELL}')",
        "date_form": f"NOT {_known_form(order)}",
        "no_such_day": "day IS NULL",
        "year": f"year(day) NOT BETWEEN {dates.FIRST_YEAR} AND {dates.LAST_YEAR}",
        "two_times": f"d.rest <> '' AND NOT regexp_matches(d.rest, '{dates.MIDNIGHT}')" if roles.time else "false",
        "no_time": "false" if roles.time else "d.rest = ''",
        f"zone_name{where}": f"micro IS NULL AND regexp_matches({time_text}, '{dates.ZONE_NAME}')",
        f"no_zone{where}": dates.no_such_offset(),
        "time_form" if roles.time else "time_in_date": "micro IS NULL",
        "endless": "exact IS NULL AND regexp_matches(ut, '^[+-]?(?i:inf|infinity|∞)$')",
        "duration_form": "exact IS NULL",
        "negative": "exact < 0",
        "absurd": f"round_even(exact, 0) > {dates.LONGEST}",
    }
    cases = " ".join(f"WHEN {judged[name]} THEN '{name}'" for name in FAULTS if name in judged)
    table.connection.execute(f"""
        CREATE TABLE parsed AS
        WITH texts AS (
            SELECT rowid AS id, {table.row} AS row, {date} AS dt, {time} AS tt, {table.text(roles.duration)} AS ut,
                   {identifier(table.text(roles.contact))} AS identifier, {table.text(roles.category)} AS category
            FROM raw
        ), parts AS (
            SELECT *, {dates.date_parts("dt")} AS d, {dates.clock_parts("ut")} AS c FROM texts
        ), times AS (
            SELECT *, {dates.time_parts(time_text)} AS t FROM parts
        ), found AS (
            SELECT *, {dates.day(order)} AS day, {dates.microseconds()} AS micro, {dates.offset_minutes()} AS zone,
                   {dates.seconds("ut", unit)} AS exact
            FROM times
        )
        SELECT id, row, identifier, category, day, day + to_microseconds(micro) AS clock, zone, exact,
               CASE {cases} END AS fault
        FROM found
    """)


def _known_form(order: str) -> str:
    return dates.year_first() if order == "year-month-day" else dates.year_last()


def apply(table: Table, contacts: Contacts, quarantine: Path | None) -> Outcome:
    """Judge the rows of ``parsed``: stop at the first gate that stops, else set rows aside.

    Raises
    ------
    InputError
        A gate stops, or no row remains.
    """
    found = table.connection.execute(
        f"SELECT fault, count(*), min(row, {SHOWN_ROWS}) FROM parsed WHERE fault IS NOT NULL GROUP BY fault"
    ).fetchall()
    counts = {fault: count for fault, count, _ in found}
    rows = {fault: first for fault, _, first in found}
    groups: dict[tuple[str, str], list[str]] = {}
    for gate in GATES:
        for name, fault in FAULTS.items():
            if fault.gate == gate and name in counts:
                groups.setdefault((gate, fault.role), []).append(name)
    for (gate, role), names in groups.items():
        if getattr(contacts.gates, gate) == "stop":
            raise _stopped(table, contacts, gate, role, {n: counts[n] for n in names}, _first(rows, names))
    folder = Path(table.source.path).parent / "quarantine" if quarantine is None else Path(quarantine)
    aside = []
    for gate in dict.fromkeys(gate for gate, _ in groups):
        target = folder / f"{table.source.path.stem}-{gate}.csv"
        listed = ", ".join(f"'{name}'" for g, names in groups.items() if g[0] == gate for name in names)
        write_rows(table, f"parsed.fault IN ({listed})", target)
        for (other, role), names in groups.items():
            if other == gate:
                column = getattr(contacts.columns, role)
                count = sum(counts[n] for n in names)
                aside.append(Quarantined(gate, column, count, _first(rows, names), target))
    if sum(counts.values()) == table.count:
        raise InputError(
            "no row remains: every one was set aside",
            file=table.source.path,
            remedy="Look at the side files in the quarantine folder, and check [contacts.format].",
        )
    return Outcome(counts, tuple(aside))


def _first(rows: dict[str, list[int]], names: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted(r for name in names for r in rows[name])[:SHOWN_ROWS])


def _stopped(
    table: Table, contacts: Contacts, gate: str, role: str, counts: dict[str, int], rows: tuple[int, ...]
) -> InputError:
    unit = contacts.format.duration_unit

    def clause(count: int, name: str) -> str:
        what = FAULTS[name].what.format(unit=unit)
        return f"{count:,} {'has' if count == 1 else 'have'} {what}"

    total = sum(counts.values())
    if len(counts) == 1:
        head, _, tail = clause(total, next(iter(counts))).partition(" ")
        problem = f"{head} {'row' if total == 1 else 'rows'} {tail}"
    else:
        problem = f"{total:,} rows cannot be used: " + ", ".join(clause(count, name) for name, count in counts.items())
    commonest = max(counts, key=lambda name: counts[name])
    remedy = (_other_unit(table, contacts) if commonest == "duration_form" else "") or FAULTS[commonest].remedy
    return InputError(
        problem,
        file=table.source.path,
        column=getattr(contacts.columns, role),
        rows=rows,
        count=total,
        remedy=f'{remedy} Or set {gate} = "quarantine" in [contacts.gates]: the rows then go to a side file.',
    )


def _other_unit(table: Table, contacts: Contacts) -> str:
    """Name the unit that fits every duration, if one does and the stated one does not."""
    text = table.text(contacts.columns.duration)
    for unit, name in (("h:mm:ss", '"h:mm:ss"'), ("seconds", '"seconds" or "minutes"')):
        inner = f"SELECT {text} AS ut, {dates.clock_parts(text)} AS c FROM raw WHERE NOT {is_empty(text)}"
        total, fits = table.one(f"SELECT count(*), count({dates.seconds('ut', unit)}) FROM ({inner})")
        if total == fits:
            return f"Set duration_unit in [contacts.format] to {name}, which fits every row."
    return ""
