"""The loader of logs of events: a file with identifiers in, typed events of keyed units out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..config import Customers, EventSettings
from ..contract import CALLS, Contract
from ..errors import InputError
from ..privacy import keyed_all
from ..text import flat
from . import clock, dates, far_dates, gates, labels, lengths, money, persons, purchases, sides, written_dates
from . import notes as said
from .columns import column_facts, disagreements
from .contracts import ARROW, validate
from .gates import Quarantined
from .identifiers import likely_doubles, normalise_all
from .marks import folded as as_read
from .purchases import Purchases
from .tables import Table, open_table, repeated

__all__ = ["EventLog", "LoadAudit", "Quarantined", "load_events"]


@dataclass(frozen=True)
class LoadAudit:
    """What only the loader sees of a file. Nothing in it is an identifier or a fact of one person.

    Attributes
    ----------
    file_name : str
    bytes : int
    format : {"csv", "parquet", "xlsx", "xlsb", "ods", "xls", "json", "xml"}
    encoding : str
        ``"utf-8"``, ``"utf-16-le"``, ``"utf-16-be"`` or ``"windows-1252"``; empty for binary formats.
    delimiter : str or None
    rows_read, n_columns : int
    columns : DataFrame
        One row per column of the file: name, role, type, missing, missing_share.
    duplicates : int or None
        Rows that repeat an earlier row in every column. They are counted and kept; None where so few that it is not told.
    timestamp_failures, amount_failures, negative_amounts, identifier_failures : int
        Rows by their first fault; above zero only where the gate sets rows aside.
    disagreements : DataFrame
        Per redundant column: role, column, checked (rows), disagree (rows whose date says otherwise).
    likely_doubles : int
        Groups of identifiers that would be one number after normalisation.
    quarantined : tuple of Quarantined
    notes : tuple of str
        Sentences for the reader.
    contract : Contract
        What was asked of the file.
    time_of_day : bool
        Whether events have one; else all are at midnight.
    currency : str
        Of amounts of money, where the file or its header states it: an ISO 4217 code or a sign.
    merged : Purchases or None
        How rows became purchases, and what was returned.
    """

    file_name: str
    bytes: int
    format: str
    encoding: str
    delimiter: str | None
    rows_read: int
    n_columns: int
    columns: pd.DataFrame
    duplicates: int | None
    timestamp_failures: int
    amount_failures: int
    negative_amounts: int
    identifier_failures: int
    disagreements: pd.DataFrame
    likely_doubles: int | None
    quarantined: tuple[Quarantined, ...]
    notes: tuple[str, ...]
    contract: Contract = field(default=CALLS, repr=False)
    time_of_day: bool = True
    currency: str = ""
    merged: Purchases | None = None


@dataclass(frozen=True)
class EventLog:
    """The typed events of a file.

    Attributes
    ----------
    events : pyarrow.Table
        unit (keyed, dictionary of strings), started_at (naive local clock, microseconds), amount (int64: seconds, or cents),
        category (dictionary of strings, or null). Sorted by all four, so the order of rows in the file does
        not matter.
    audit : LoadAudit
    fingerprint : str
        SHA-256 of the file's bytes, 64 hex digits.
    rows, units : int
        Number of events and of units.
    """

    events: pa.Table = field(repr=False)
    audit: LoadAudit
    fingerprint: str
    rows: int
    units: int


def load_events(
    path: Path,
    settings: EventSettings,
    *,
    key: bytes,
    quarantine: Path | None = None,
    minimum_units: int = 2,
    duplicates: int | None = None,
) -> EventLog:
    """Load a log of events from delimited text, Parquet, a workbook, JSON, a table of a web page, or a backup of a phone.

    Parameters
    ----------
    path : path
    settings : EventSettings
        Columns, formats and gates; their contract says what the log is of.
    key : bytes
        The secret under which units are keyed.
    quarantine : path, optional
        Folder for rows set aside; else ``quarantine`` beside the file.
    minimum_units : int
        Fewest units that are of use.
    duplicates : int, optional
        Rows that repeat an earlier one, where the file has a part of the columns alone; else they are counted.

    Returns
    -------
    EventLog

    Raises
    ------
    InputError
        The file cannot be used as it is. The message names file, column, rows and remedy.
    """
    path, contract, used = Path(path), settings.contract, settings.columns.used
    with open_table(path, list(used.values()), section=contract.section("columns")) as table:
        table, form_notes = written_dates.reread(table, settings)
        settings = lengths.settled(table, settings)
        stated, forms = settings.format.date_order, dates.date_forms(table, used["date"])
        order, notes = dates.settle_order(table, used["date"], stated, forms, contract.section("format"))
        timed, time_notes = clock.time_of_day(table, settings)
        side_notes = sides.settle(table, settings)
        gates.parse(table, settings, order, timed=timed)
        persons.judge(table, settings)
        far_dates.judge(table, settings)
        outcome = gates.apply(table, settings, quarantine)
        length_notes = lengths.judge(table, settings)
        currency, money_notes = money.currency(table, settings.columns.amount_column) if contract.money else ("", ())
        label_notes = labels.flatten(table, contract.terms.events)
        started, zone_notes = clock.local_clock(table, settings) if timed else ("clock", ())
        written = _written(table)
        folded = normalise_all(set(written.values()))
        rule = folded if settings.format.normalise_numbers else {i: i for i in folded}
        events, merged = _typed(table, settings, started, {i: rule[read] for i, read in written.items()}, key)
        audit = _audit(table, settings, outcome, doubles=likely_doubles(folded), duplicates=duplicates)
        told = purchases.told(merged, cast("Customers", settings)) if merged else ()
        audit = replace(
            audit,
            notes=tuple(
                flat(note, limit=None)
                for note in (
                    *table.source.notes, *form_notes, *notes, *time_notes, *zone_notes, *label_notes, *said.invisible(table),
                    *said.wrapped(table, settings), *said.alike(written, contract), *said.rounded(table, contract),
                    *said.withheld(table, settings, outcome), *said.wordy(table, contract), *side_notes,
                    *length_notes, *money_notes, *told, *said.said(settings, audit, outcome),
                )
            ),
            time_of_day=timed,
            currency=currency,
            merged=merged,
        )  # fmt: skip
    units = len(events.column("unit").combine_chunks().dictionary) if events.num_rows else 0
    _check_variety(path, settings, events, units, minimum_units)
    return EventLog(validate(events, contract), audit, table.source.fingerprint, events.num_rows, units)


def _audit(
    table: Table, settings: EventSettings, outcome: gates.Outcome, *, doubles: int, duplicates: int | None
) -> LoadAudit:
    """Return what was seen of the file, without the sentences on it."""
    return LoadAudit(
        file_name=flat(table.source.path.name),
        bytes=table.source.size,
        format=table.source.format,
        encoding=table.source.encoding,
        delimiter=table.source.delimiter,
        rows_read=table.count,
        n_columns=len(table.columns),
        columns=column_facts(table, settings),
        duplicates=repeated(table) if duplicates is None else duplicates,
        timestamp_failures=outcome.of_gate("timestamp"),
        amount_failures=outcome.total("endless", "amount_form", "absurd", "items_form"),
        negative_amounts=outcome.total("negative"),
        identifier_failures=outcome.of_gate("identifier"),
        disagreements=disagreements(table, settings),
        likely_doubles=doubles,
        quarantined=outcome.quarantined,
        notes=(),
        contract=settings.contract,
    )


def _written(table: Table) -> dict[str, str]:
    """Return each identifier with the one form of all that read alike: full-width digits are digits."""
    found = table.connection.execute("SELECT DISTINCT identifier FROM parsed WHERE fault IS NULL").fetchall()
    return {i: as_read(i) for (i,) in found}


def _typed(
    table: Table, settings: EventSettings, started: str, folded: dict[str, str], key: bytes
) -> tuple[pa.Table, Purchases | None]:
    """Key the units and fetch the sorted events; identifiers end here."""
    names = keyed_all(set(folded.values()), key)
    units = sorted(names.values())
    rank = {unit: code for code, unit in enumerate(units)}
    keys = pa.table(
        {"identifier": list(folded), "code": pa.array([rank[names[f]] for f in folded.values()], pa.int32())}
    )
    table.connection.register("keys", keys)
    merged = purchases.bought(table, cast("Customers", settings), started) if settings.contract.money else None
    rows = (
        "SELECT code, began AS started_at, exact AS amount, category FROM bought"
        if merged
        else f"SELECT code, {started} AS started_at, CAST(round_even(exact, 0) AS BIGINT) AS amount, category "
        "FROM parsed JOIN keys USING (identifier) WHERE fault IS NULL"
    )
    found = table.connection.sql(f"""
        SELECT * FROM ({rows}) ORDER BY started_at, code, amount, category NULLS FIRST
    """).to_arrow_table()
    table.connection.unregister("keys")
    codes = found.column("code").to_numpy()
    here = np.unique(codes)  # who has returns alone is not here
    unit = pa.DictionaryArray.from_arrays(
        pa.array(np.searchsorted(here, codes), pa.int32()), pa.array([units[code] for code in here], pa.string())
    )
    category = found.column("category").combine_chunks().dictionary_encode()
    columns = [unit, found.column("started_at"), found.column("amount"), category.cast(ARROW.field("category").type)]
    return pa.Table.from_arrays(columns, schema=ARROW), merged


def _check_variety(path: Path, settings: EventSettings, events: pa.Table, units: int, minimum: int) -> None:
    """Refuse events from which no segments can follow."""
    contract, terms = settings.contract, settings.contract.terms
    if units < max(minimum, 2):
        raise InputError(
            f"the file has {units:,} {terms.unit if units == 1 else terms.units} and {max(minimum, 2):,} are needed",
            file=path,
            column=settings.columns.unit_column,
            remedy=f"Give a {terms.record} with more {terms.units}, and check that this column holds the numbers.",
        )
    if all(pc.count_distinct(events.column(name)).as_py() == 1 for name in ("started_at", "amount")):
        raise InputError(
            f"all {terms.events} have the same time and the same {contract.amount}, so nothing can tell {terms.units} apart",
            file=path,
            remedy="Check the export; it has lost the values.",
        )
