"""The loader of call logs: a file with identifiers in, typed calls of keyed contacts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..config import Contacts, DateOrder
from ..errors import ConfigError, InputError
from ..privacy import keyed_all
from ..text import flat
from . import dates, gates, labels, persons
from .columns import column_facts, disagreements
from .contracts import ARROW, validate
from .gates import Quarantined
from .identifiers import WITHHELD, likely_doubles, normalise_all
from .marks import folded as as_read
from .tables import Table, open_table

__all__ = ["EventLog", "LoadAudit", "Quarantined", "load_events"]


@dataclass(frozen=True)
class LoadAudit:
    """What only the loader sees of a file. Nothing in it is an identifier or a fact of one person.

    Attributes
    ----------
    file_name : str
    bytes : int
    format : {"csv", "parquet", "xlsx"}
    encoding : str
        ``"utf-8"``, ``"utf-16-le"``, ``"utf-16-be"`` or ``"windows-1252"``; empty for binary formats.
    delimiter : str or None
    rows_read, n_columns : int
    columns : DataFrame
        One row per column of the file: name, role, type, missing, missing_share.
    duplicates : int
        Rows that repeat an earlier row in every column. They are counted and kept.
    timestamp_failures, duration_failures, negative_durations, identifier_failures : int
        Rows by their first fault; above zero only where the gate sets rows aside.
    disagreements : DataFrame
        Per redundant column: role, column, checked (rows), disagree (rows whose date says otherwise).
    likely_doubles : int
        Groups of identifiers that would be one number after normalisation.
    quarantined : tuple of Quarantined
    notes : tuple of str
        Sentences for the reader.
    """

    file_name: str
    bytes: int
    format: str
    encoding: str
    delimiter: str | None
    rows_read: int
    n_columns: int
    columns: pd.DataFrame
    duplicates: int
    timestamp_failures: int
    duration_failures: int
    negative_durations: int
    identifier_failures: int
    disagreements: pd.DataFrame
    likely_doubles: int
    quarantined: tuple[Quarantined, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class EventLog:
    """The typed calls of a file.

    Attributes
    ----------
    events : pyarrow.Table
        unit (keyed contact, dictionary of strings), started_at (naive local clock, microseconds), amount (int64: seconds),
        category (dictionary of strings, or null). Sorted by all four, so the order of rows in the file does
        not matter.
    audit : LoadAudit
    fingerprint : str
        SHA-256 of the file's bytes, 64 hex digits.
    rows, units : int
        Number of calls and of contacts.
    """

    events: pa.Table = field(repr=False)
    audit: LoadAudit
    fingerprint: str
    rows: int
    units: int


def load_events(
    path: Path, contacts: Contacts, *, key: bytes, quarantine: Path | None = None, minimum_units: int = 2
) -> EventLog:
    """Load a call log from CSV, Parquet or .xlsx.

    Parameters
    ----------
    path : path
    contacts : Contacts
        Columns, formats and gates.
    key : bytes
        The secret under which contacts are keyed.
    quarantine : path, optional
        Folder for rows set aside; else ``quarantine`` beside the file.
    minimum_units : int
        Fewest contacts that are of use.

    Returns
    -------
    EventLog

    Raises
    ------
    InputError
        The file cannot be used as it is. The message names file, column, rows and remedy.
    """
    path = Path(path)
    roles = contacts.columns
    with open_table(path, [name for name in roles.model_dump().values() if name]) as table:
        order, notes = _dates(table, contacts)
        gates.parse(table, contacts, order)
        persons.judge(table, contacts)
        outcome = gates.apply(table, contacts, quarantine)
        label_notes = labels.flatten(table)
        started, zone_notes = _local_clock(table, contacts)
        written = _written(table)
        folded = normalise_all(set(written.values()))
        doubles = likely_doubles(folded)
        rule = folded if contacts.format.normalise_numbers else {i: i for i in folded}
        calls = _typed(table, started, {i: rule[read] for i, read in written.items()}, key)
        duplicates = _duplicates(table)
        audit = LoadAudit(
            file_name=flat(path.name),
            bytes=table.source.size,
            format=table.source.format,
            encoding=table.source.encoding,
            delimiter=table.source.delimiter,
            rows_read=table.count,
            n_columns=len(table.columns),
            columns=column_facts(table, contacts),
            duplicates=duplicates,
            timestamp_failures=outcome.of_gate("timestamp"),
            duration_failures=outcome.total("duration_form", "absurd"),
            negative_durations=outcome.total("negative"),
            identifier_failures=outcome.of_gate("identifier"),
            disagreements=(against := disagreements(table, contacts)),
            likely_doubles=doubles,
            quarantined=outcome.quarantined,
            notes=tuple(
                flat(note, limit=None)
                for note in (
                    *table.source.notes,
                    *notes,
                    *zone_notes,
                    *label_notes,
                    *_invisible(table),
                    *_alike(written),
                    *_rounded(table),
                    *_withheld(folded),
                    *_said(duplicates, doubles, contacts, against, outcome),
                )
            ),
        )
    units = len(calls.column("unit").combine_chunks().dictionary) if calls.num_rows else 0
    _check_variety(path, contacts, calls, units, minimum_units)
    return EventLog(validate(calls), audit, table.source.fingerprint, calls.num_rows, units)


def _dates(table: Table, contacts: Contacts) -> tuple[DateOrder, tuple[str, ...]]:
    column = contacts.columns.date
    return dates.settle_order(table, column, contacts.format.date_order, dates.date_forms(table, column))


def _local_clock(table: Table, contacts: Contacts) -> tuple[str, tuple[str, ...]]:
    """Return SQL for the local clock of a call, by the offsets that the good rows state.

    Raises
    ------
    InputError
        Some times state an offset and some do not, or offsets differ and no time zone is set.
    """
    column = contacts.columns.time or contacts.columns.date
    zones = table.connection.execute(
        "SELECT zone, count(*), min(row, 5) FROM parsed WHERE fault IS NULL GROUP BY zone ORDER BY count(*), zone"
    ).fetchall()
    stated = [zone for zone, _, _ in zones if zone is not None]
    if not stated:
        return "clock", ()
    if len(stated) < len(zones):
        without = next(z for z in zones if z[0] is None)
        total = sum(count for _, count, _ in zones)
        few = without if without[1] * 2 <= total else zones[0]
        raise InputError(
            f"time zones are mixed: {total - without[1]:,} times state an offset from UTC, {without[1]:,} do not",
            file=table.source.path,
            column=column,
            rows=few[2],
            count=few[1],
            remedy="Export all times in one way, best as local clock without an offset.",
        )
    name = contacts.format.time_zone
    if name:
        if table.one("SELECT count(*) FROM pg_timezone_names() WHERE name = ?", [name]) == (0,):
            raise ConfigError(
                "time_zone: the query engine knows no such time zone",
                file=table.source.path,
                remedy="Give the usual name of a region, for example Europe/Berlin.",
            )
        shifted, quoted = "clock - to_minutes(CAST(zone AS BIGINT))", name.replace("'", "''")
        return f"(({shifted}) AT TIME ZONE 'UTC') AT TIME ZONE '{quoted}'", (
            f"Times state an offset from UTC; they were converted to the local clock of {name}.",
        )
    if len(stated) > 1:
        raise InputError(
            f"times state {len(stated)} different offsets from UTC, and no time zone is set",
            file=table.source.path,
            column=column,
            rows=zones[0][2],
            count=zones[0][1],
            remedy='Set time_zone in [contacts.format] to where the business is, for example "Europe/Berlin".',
        )
    sign, (hours, minutes) = "-" if stated[0] < 0 else "+", divmod(abs(stated[0]), 60)
    return "clock", (f"Every time states the offset UTC{sign}{hours:02}:{minutes:02}; the clock was kept as written.",)


def _written(table: Table) -> dict[str, str]:
    """Return each identifier with the one form of all that read alike: full-width digits are digits."""
    found = table.connection.execute("SELECT DISTINCT identifier FROM parsed WHERE fault IS NULL").fetchall()
    return {i: as_read(i) for (i,) in found}


def _typed(table: Table, started: str, folded: dict[str, str], key: bytes) -> pa.Table:
    """Key the contacts and fetch the sorted calls; identifiers end here."""
    names = keyed_all(set(folded.values()), key)
    units = sorted(names.values())
    rank = {unit: code for code, unit in enumerate(units)}
    keys = pa.table(
        {"identifier": list(folded), "code": pa.array([rank[names[f]] for f in folded.values()], pa.int32())}
    )
    table.connection.register("keys", keys)
    found = table.connection.sql(f"""
        SELECT code, {started} AS started_at, CAST(round_even(exact, 0) AS BIGINT) AS amount, category
        FROM parsed JOIN keys USING (identifier) WHERE fault IS NULL
        ORDER BY started_at, code, amount, category NULLS FIRST
    """).to_arrow_table()
    table.connection.unregister("keys")
    unit = pa.DictionaryArray.from_arrays(found.column("code").combine_chunks(), pa.array(units, pa.string()))
    category = found.column("category").combine_chunks().dictionary_encode()
    return pa.Table.from_arrays(
        [unit, found.column("started_at"), found.column("amount"), category.cast(ARROW.field("category").type)],
        schema=ARROW,
    )


def _duplicates(table: Table) -> int:
    """Count rows that repeat an earlier row. Hashes find the candidates; only these are compared cell by cell."""
    cells = ", ".join(table.columns.values())
    (count,) = table.one(f"""
        WITH hashed AS (SELECT hash({cells}) AS h, {cells} FROM raw),
             twice AS (SELECT h FROM hashed GROUP BY h HAVING count(*) > 1)
        SELECT coalesce(sum(n - 1), 0) FROM (
            SELECT count(*) AS n FROM hashed SEMI JOIN twice USING (h) GROUP BY {cells}
        )
    """)
    return int(count)


def _invisible(table: Table) -> tuple[str, ...]:
    count = sum(table.marked.values()) + table.source.marked
    if not count:
        return ()
    return (f"{count:,} {'cell' if count == 1 else 'cells'} had invisible characters; these were taken out.",)


def _alike(written: Mapping[str, str]) -> tuple[str, ...]:
    count = len(written) - len(set(written.values()))
    if not count:
        return ()
    return (
        f"{count:,} {'contact is' if count == 1 else 'contacts are'} also written with other forms of the same letters or "
        "digits (such as full-width ones); they count as one.",
    )


def _rounded(table: Table) -> tuple[str, ...]:
    (count,) = table.one("SELECT count(*) FROM parsed WHERE fault IS NULL AND abs(exact - round_even(exact, 0)) > 1e-6")
    verb = "duration has" if count == 1 else "durations have"
    return (f"{count:,} {verb} a fraction of a second; halves were rounded to even.",) if count else ()


def _withheld(identifiers: Iterable[str]) -> tuple[str, ...]:
    words = sum(i.lower() in WITHHELD for i in identifiers)
    if not words:
        return ()
    return (
        f"{words} {'contact is' if words == 1 else 'contacts are'} a word for a withheld number, such as private: "
        "many people may stand behind it.",
    )


def _said(
    duplicates: int, doubles: int, contacts: Contacts, against: pd.DataFrame, outcome: gates.Outcome
) -> tuple[str, ...]:
    notes = []
    if duplicates:
        verb = "row repeats an earlier one" if duplicates == 1 else "rows repeat earlier ones"
        notes.append(f"{duplicates:,} {verb} in every column; nothing was dropped.")
    if doubles and contacts.format.normalise_numbers:
        verb = "number was" if doubles == 1 else "numbers were"
        notes.append(f"{doubles:,} {verb} written in several ways; each counts as one contact.")
    elif doubles:
        notes.append(
            f"{doubles:,} {'number' if doubles == 1 else 'numbers'} may be written in several ways "
            "(+, spaces, leading zeros, country code); "
            "each way counts as a contact of its own. Set normalise_numbers = true to fold them."
        )
    for role, _, checked, disagree in against.itertuples(index=False, name=None):
        if disagree:
            notes.append(
                f"The {role} column disagrees with the date in {disagree:,} of {checked:,} rows; the date was used."
            )
    for aside in outcome.quarantined:
        notes.append(
            f"{aside.count:,} {'row was' if aside.count == 1 else 'rows were'} set aside at the gate "
            f'"{aside.gate}" for the {_role(contacts, aside.column)} column, into {flat(aside.file.name)}.'
        )
    return tuple(notes)


def _role(contacts: Contacts, column: str) -> str:
    return next(role for role, name in contacts.columns.model_dump().items() if name == column)


def _check_variety(path: Path, contacts: Contacts, calls: pa.Table, units: int, minimum: int) -> None:
    """Refuse calls from which no segments can follow."""
    if units < max(minimum, 2):
        raise InputError(
            f"the file has {units:,} {'contact' if units == 1 else 'contacts'} and {max(minimum, 2):,} are needed",
            file=path,
            column=contacts.columns.contact,
            remedy="Give a log with more contacts, and check that this column holds the numbers.",
        )
    if all(pc.count_distinct(calls.column(name)).as_py() == 1 for name in ("started_at", "amount")):
        raise InputError(
            "all calls have the same time and the same duration, so nothing can tell contacts apart",
            file=path,
            remedy="Check the export; it has lost the values.",
        )
