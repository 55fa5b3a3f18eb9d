"""Rows that cannot be used: what is wrong with each, and whether that stops the load or sets the rows aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..config import Contacts, Customers, DateOrder, EventSettings
from ..contract import Contract
from ..errors import SHOWN_ROWS, InputError
from . import dates, lengths, money, sides
from .faults import ASIDE, faults
from .identifiers import DAMAGED, ERROR_CELL, identifier, is_empty
from .tables import Table, write_rows
from .withheld import GROUP, is_withheld_in_sql


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
class Outcome:
    """What the gates found, and what they set aside."""

    contract: Contract
    counts: dict[str, int]
    quarantined: tuple[Quarantined, ...]

    def total(self, *faults: str) -> int:
        """Return the number of rows under these faults."""
        return sum(self.counts.get(fault, 0) for fault in faults)

    def of_gate(self, gate: str) -> int:
        """Return the number of rows under the faults of a gate."""
        return self.total(*(name for name, fault in faults(self.contract).items() if fault.gate == gate))


def parse(table: Table, settings: EventSettings, order: DateOrder, *, timed: bool = True) -> None:
    """Make table ``parsed`` from ``raw``: one row per record with its values and its first fault, if any.

    Columns: ``id`` (row of ``raw``), ``row`` (in the file), ``identifier``, ``category``, ``ordered`` (number of the order),
    ``day`` (date as written), ``clock`` (timestamp as written), ``zone`` (stated offset in minutes), ``exact`` (seconds,
    decimal; or cents), ``rounded`` (whether the text had more decimals), ``currency``, ``fault``.

    Parameters
    ----------
    table : Table
    settings : EventSettings
    order : str
        The order of day, month and year.
    timed : bool
        Whether there is a time of day; without one, all is at midnight.
    """
    contract, used = settings.contract, settings.columns.used
    form = (
        _Money(cast("Customers", settings))
        if contract.money
        else _Ends(order)
        if "end" in used
        else _Durations(settings)
    )
    date, time = table.text(used["date"]), table.text(used.get("time"))
    time_text = "tt" if "time" in used else "d.rest"
    judged = {**_moments(settings, order, timed)}
    group = settings.format.withheld == "group"
    who = f"CASE WHEN {is_withheld_in_sql('identifier')} THEN '{GROUP}' ELSE identifier END" if group else "identifier"
    judged |= {
        "no_side": "side IS NULL",
        "against": "side = 'against'",
        "internal": "side = 'internal'",
        "withheld": "false" if group else is_withheld_in_sql("identifier"),
        f"missing_{contract.unit}": is_empty("identifier"),
        "nan": "lower(ut) IN ('nan', '+nan', '-nan')",
        f"missing_{contract.amount}": is_empty("ut"),
        "damaged": f"regexp_matches(identifier, '{DAMAGED}')",
        "error_cell": f"regexp_matches(identifier, '{ERROR_CELL}')",
        "endless": "exact IS NULL AND regexp_matches(ut, '^[+-]?(?i:inf|infinity|∞)$')",
        "amount_form": "exact IS NULL",
    }
    judged |= form.judged
    cases = " ".join(f"WHEN {judged[name]} THEN '{name}'" for name in faults(contract) if name in judged)
    table.connection.execute(f"""
        CREATE TABLE parsed AS
        WITH texts AS (
            SELECT rowid AS id, {table.row} AS row, {date} AS dt, {time} AS tt, {table.text(settings.columns.amount_column)} AS ut,
                   who AS identifier, side, {table.text(used.get("category"))} AS category,
                   {identifier(table.text(used.get("order")))} AS ordered, {table.text(used.get("items"))} AS items
            FROM {sides.with_units(table, settings)}
        ), parts AS (
            SELECT *, {dates.date_parts("dt")} AS d, {form.parts} AS c FROM texts
        ), times AS (
            SELECT *, {dates.time_parts(time_text)} AS t, {form.end_time} AS ct FROM parts
        ), found AS (
            SELECT *, {dates.day(order)} AS day, {dates.microseconds() if timed else "0"} AS micro,
                   {dates.offset_minutes()} AS zone, {form.exact} AS exact
            FROM times
        )
        SELECT id, row, {who} AS identifier, category, ordered, day, day + to_microseconds(micro) AS clock, zone, exact,
               {form.rounded} AS rounded, {form.currency} AS currency, CASE {cases} END AS fault
        FROM found
    """)


def _moments(settings: EventSettings, order: DateOrder, timed: bool) -> dict[str, str]:
    """Return SQL for each fault of date and time."""
    apart = "time" in settings.columns.used
    time_text, where = ("tt", "") if apart else ("d.rest", "_in_date")
    judged = {
        "missing_date": is_empty("dt"),
        "date_form": f"NOT {_known_form(order)}",
        "no_such_day": "day IS NULL",
        "year": f"year(day) NOT BETWEEN {dates.FIRST_YEAR} AND {dates.LAST_YEAR}",
    }
    if apart:
        judged["missing_time"] = is_empty("tt")
        judged["two_times"] = f"d.rest <> '' AND NOT regexp_matches(d.rest, '{dates.MIDNIGHT}')"
    elif timed and settings.contract.timed:
        judged["no_time"] = "d.rest = ''"
    if timed:
        judged[f"zone_name{where}"] = f"micro IS NULL AND regexp_matches({time_text}, '{dates.ZONE_NAME}')"
        judged[f"no_zone{where}"] = dates.no_such_offset()
        judged["time_form" if apart else "time_in_date"] = "micro IS NULL"
    return judged


class _Durations:
    """SQL for seconds."""

    end_time = "NULL"
    rounded = "coalesce(abs(exact - round_even(exact, 0)) > 1e-6, false)"
    currency = "''"
    judged = {"negative": "exact < 0", "absurd": f"round_even(exact, 0) > {dates.LONGEST}"}

    def __init__(self, settings: EventSettings) -> None:
        form, unit = cast("Contacts", settings).format, stated_form(settings)
        self.parts = lengths.word_parts("ut") if unit == "words" else dates.clock_parts("ut")
        exact, none = dates.seconds("ut", unit, decimal=form.decimal), lengths.missing("ut")
        zero = form.missed == "zero"
        self.exact = f"CASE WHEN {none} THEN 0 ELSE ({exact}) END" if zero else exact
        self.judged = self.judged | (
            {"nan": "false", "missing_duration": "false"} if zero else {"missing_duration": none}
        )


class _Ends(_Durations):
    """SQL for the seconds from start to end. An end that is a time of day alone is the first such moment from the start on."""

    parts = dates.date_parts("ut")
    end_time = dates.time_parts("CASE WHEN c.a = '' THEN ut ELSE c.rest END")

    def __init__(self, order: DateOrder) -> None:
        start = f"({dates.microseconds()}) - CAST(coalesce({dates.offset_minutes()}, 0) AS BIGINT) * 60000000"
        zone = f"CAST(coalesce({dates.offset_minutes('ct')}, {dates.offset_minutes()}, 0) AS BIGINT)"
        between = f"({dates.microseconds('ct')}) - {zone} * 60000000 - ({start})"
        days = f"date_diff('day', {dates.day(order)}, {dates.day(order, 'c')})"
        self.exact = (
            f"CASE WHEN c.a <> '' THEN {days} * 86400 + ({between}) / 1e6 "
            f"ELSE (({between}) + CASE WHEN ({between}) < 0 THEN 86400000000 ELSE 0 END) / 1e6 END"
        )
        self.judged = {
            "missing_duration": lengths.missing("ut"),
            "amount_form": "false",
            "end_form": "exact IS NULL",
            "end_first": "exact < 0",
            "absurd": f"exact > {dates.LONGEST}",
        }


class _Money:
    """SQL for cents."""

    end_time = "NULL"
    exact = money.cents()
    rounded = f"{money.beyond()} <> ''"
    currency = "c.cur || c.code"

    def __init__(self, settings: Customers) -> None:
        self.parts = money.parts("ut", settings.format.decimal)
        self.judged = {
            "absurd": f"abs(exact) > {money.MOST}",
            "items_form": f"NOT {is_empty('items')} AND NOT regexp_matches(items, '{dates.NUMBER}')",
        }
        if settings.format.purchase == "order":
            self.judged["missing_order"] = is_empty("ordered")


def stated_form(settings: EventSettings) -> str:
    """Return how the settings say that amounts are written: their unit, or their decimal sign."""
    form = settings.format
    return str(getattr(form, "decimal" if settings.contract.money else "duration_unit"))


def _known_form(order: str) -> str:
    return dates.year_first() if order == "year-month-day" else dates.year_last()


def apply(table: Table, settings: EventSettings, quarantine: Path | None) -> Outcome:
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
    known = faults(settings.contract)
    groups: dict[tuple[str, str], list[str]] = {}
    for gate in (*settings.contract.gates, *ASIDE):
        for name, fault in known.items():
            if fault.gate == gate and name in counts:
                groups.setdefault((gate, fault.role), []).append(name)
    for (gate, role), names in groups.items():
        if getattr(settings.gates, gate, "quarantine") == "stop" and not _missed(settings, gate, role):
            raise _stopped(table, settings, gate, role, {n: counts[n] for n in names}, _first(rows, names))
    folder = Path(table.source.path).parent / "quarantine" if quarantine is None else Path(quarantine)
    aside = []
    for gate in dict.fromkeys(gate for gate, _ in groups):
        target = folder / f"{table.source.path.stem}-{gate}.csv"
        listed = ", ".join(f"'{name}'" for g, names in groups.items() if g[0] == gate for name in names)
        write_rows(table, f"parsed.fault IN ({listed})", target)
        for (other, role), names in groups.items():
            if other == gate:
                column = settings.columns.column(role)
                count = sum(counts[n] for n in names)
                aside.append(Quarantined(gate, column, count, _first(rows, names), target))
    if sum(counts.values()) == table.count:
        raise InputError(
            "no row remains: every one was set aside",
            file=table.source.path,
            remedy=f"Look at the side files in the quarantine folder, and check {settings.contract.section('format')}.",
        )
    return Outcome(settings.contract, counts, tuple(aside))


def _missed(settings: EventSettings, gate: str, role: str) -> bool:
    """Tell whether rows are calls without a length that the settings set aside."""
    aside = not settings.contract.money and cast("Contacts", settings).format.missed == "aside"
    return aside and gate == "missing" and role == settings.contract.amount


def _first(rows: dict[str, list[int]], names: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted(r for name in names for r in rows[name])[:SHOWN_ROWS])


def _stopped(
    table: Table, settings: EventSettings, gate: str, role: str, counts: dict[str, int], rows: tuple[int, ...]
) -> InputError:
    known = faults(settings.contract)

    def clause(count: int, name: str) -> str:
        what = known[name].what.format(form=stated_form(settings))
        return f"{count:,} {'has' if count == 1 else 'have'} {what}"

    total = sum(counts.values())
    if len(counts) == 1:
        head, _, tail = clause(total, next(iter(counts))).partition(" ")
        problem = f"{head} {'row' if total == 1 else 'rows'} {tail}"
    else:
        problem = f"{total:,} rows cannot be used: " + ", ".join(clause(count, name) for name, count in counts.items())
    commonest = max(counts, key=lambda name: counts[name])
    if gate == "missing" and role == settings.contract.amount and not settings.contract.money:
        section = settings.contract.section("format")
        return InputError(
            problem, file=table.source.path, column=settings.columns.column(role), rows=rows, count=total,
            remedy=f'If these are missed calls, set missed in {section} to "zero" (they last 0 seconds) or "aside" (they go to a '
            "side file). Else fill the cells.",
        )  # fmt: skip
    remedy = (_other_form(table, settings) if commonest == "amount_form" else "") or known[commonest].remedy
    return InputError(
        problem,
        file=table.source.path,
        column=settings.columns.column(role),
        rows=rows,
        count=total,
        remedy=f'{remedy} Or set {gate} = "quarantine" in {settings.contract.section("gates")}: the rows then go to a side file.',
    )


def _other_form(table: Table, settings: EventSettings) -> str:
    """Name the unit or the decimal sign that fits every amount, if one does and the stated one does not."""
    column, section = settings.columns.amount_column, settings.contract.section("format")
    if settings.contract.money:
        sign = money.other_decimal(table, column, stated_form(settings))
        return f'Set decimal in {section} to "{sign}", which fits every row.' if sign else ""
    open_cells = lengths.decimal_of(table, column)[1]
    if open_cells and not cast("Contacts", settings).format.decimal:
        return (
            f'Set decimal in {section}: "comma" if a point stands between thousands (1.234 is a thousand and more), "point" if '
            "a comma does."
        )
    text = table.text(column)
    for unit, name, parts in (
        ("h:mm:ss", '"h:mm:ss"', dates.clock_parts(text)),
        ("words", '"words"', lengths.word_parts(text)),
        ("seconds", '"seconds", "minutes", "milliseconds" or "days"', "NULL"),
    ):
        inner = f"SELECT {text} AS ut, {parts} AS c FROM raw WHERE NOT {lengths.missing(text)}"
        total, fits = table.one(f"SELECT count(*), count({dates.seconds('ut', unit)}) FROM ({inner})")
        if total == fits:
            return f"Set duration_unit in {section} to {name}, which fits every row."
    return ""
