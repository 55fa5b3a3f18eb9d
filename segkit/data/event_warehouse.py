"""A log of events by the address of its table: it is read in one stream, and keyed typed events alone are kept.

The gates are those of files, since the rows pass through the same loader: the columns that the settings name are fetched in
batches into a temporary file that goes with the loader. Other columns never leave the warehouse, which counts what is told of
them: cells without a value, and rows that are there twice.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import SecretStr

from .. import scratch
from ..config import EventSettings
from ..errors import ColumnError, InputError, SegkitError
from ..text import flat
from . import kept_events, roles, warehouse
from .addresses import split_table, stands_for
from .events import EventLog, load_events
from .files import fingerprint
from .headers import known_heading
from .identifiers import EMPTY, Identifiers
from .marks import visible
from .tables import unnamed

ROWS = 100_000  # of a batch
MOST = 50_000_000  # events; as many take some 2 GB of memory when they are typed
ORIGIN = datetime(2000, 1, 1)  # a length of time is fetched as the moment that long after this one
NAME = kept_events.NAME
_asked_for: dict[str, Identifiers] = {}  # by fingerprint of the answer; in memory alone, and as long as this process


@contextmanager
def opened(address: str) -> Iterator[tuple[ir.Table, str]]:
    """Open the table of an address, and give it with its name; errors of the engine are told without their texts.

    Raises
    ------
    ConfigError, InputError, SegkitError
        The address names no table, the warehouse has no such table, or it cannot be reached.
    """
    place, name = split_table(address)
    connection = warehouse.connect(place, read_only=True)
    try:
        with warehouse.asked(connection):
            table = warehouse.find_table(connection, name)
            if table is None:
                raise InputError("the warehouse has no such table", file=name, remedy="Correct ?table= in the address.")
            yield table, name
    finally:
        if connection.name != "pyspark":  # a session may be the caller's own; it ends with the process
            connection.disconnect()


def collected(
    address: str, settings: EventSettings, key: bytes, place: Path, *, quarantine: Path, minimum_units: int = 2
) -> Path:
    """Read the table of an address, and return the file that holds its typed events.

    Parameters
    ----------
    address : str
        See `warehouse.connect`; it ends with ``?table=NAME``.
    settings : EventSettings
    key : bytes
        The secret under which units are keyed.
    place : path
        Where such answers are kept, for their owner alone.
    quarantine : path
        Folder for rows set aside, as they are.
    minimum_units : int
        Fewest units that are of use.

    Returns
    -------
    path
        `kept_events.load` reads it. While the table is the same, it is the same file, untouched.

    Raises
    ------
    InputError, ColumnError
        As from `events.load_events`; the message names the table.
    SegkitError
        The warehouse reports an error.
    """
    with opened(address) as (table, name):
        log, found = collect(table, name, settings, key, quarantine=quarantine, minimum_units=minimum_units)
    path = warehouse.kept(place, lambda folder: kept_events.save(log, folder)) / NAME
    _asked_for[fingerprint(path)] = found
    return path


def collect(
    table: ir.Table, name: str, settings: EventSettings, key: bytes, *, quarantine: Path, minimum_units: int = 2
) -> tuple[EventLog, Identifiers]:
    """Read a table of a warehouse as `events.load_events` reads a file; and return the identifiers that it has, too.

    Rows have no numbers in a warehouse, so those that are set aside are counted and kept, without their places.
    """
    used = readable_columns(table, name, settings)
    unused = [c for c in table.columns if c not in {column.get_name() for column in used.values()}]
    rows, duplicates, filled = _counted(table, unused, name)
    if rows > MOST:
        raise InputError(
            f"the table has {rows:,} rows, and the study holds {MOST:,} at most", file=name,
            remedy="Name a view of fewer, or compute features there: segkit.features.warehouse.",
        )  # fmt: skip
    typed: dict[str, str] = {}  # what follows from types, whatever the settings say
    if used[settings.columns.used["date"]].type().is_temporal():
        typed["date_order"] = "year-month-day"
    if used[settings.columns.amount_column].type().is_numeric():
        typed["decimal"] = "point"
    fixed = settings.model_copy(update={"format": settings.format.model_copy(update=typed)})
    with scratch.folder() as folder, _named(folder / NAME, name):
        if _stream(table, used, folder / NAME) != rows:
            raise InputError(
                "the table changed while it was read",
                file=name,
                remedy="Run the command again, or name a view that stays.",
            )
        log = load_events(
            folder / NAME, fixed, key=key, quarantine=quarantine, minimum_units=minimum_units, duplicates=duplicates
        )
    aside = tuple(dataclasses.replace(q, first_rows=()) for q in log.audit.quarantined)
    facts = _facts(table, used, log.audit.columns, filled, rows)
    notes = log.audit.notes
    if duplicates and not all(_fits(table[c].type()) for c in unused):
        notes = (*notes, "Columns of types that are not read took no part when rows that are there twice were counted.")
    audit = dataclasses.replace(
        log.audit, format=table.get_backend().name, bytes=0, columns=facts, n_columns=len(facts), quarantined=aside,
        notes=notes,
    )  # fmt: skip
    return dataclasses.replace(log, audit=audit), _identifiers(table, used, settings)


def identifiers(path: Path, settings: EventSettings) -> Identifiers:
    """Return the identifiers behind a kept answer: from memory, or asked for anew where the settings have the address.

    Raises
    ------
    InputError
        Neither this process has them, nor do the settings say where they are.
    """
    digest = fingerprint(path)
    if digest not in _asked_for:
        if settings.data is None or isinstance(settings.data, Path):
            raise InputError(
                "the identifiers to search the pages for are in the warehouse alone", file=path.name,
                remedy=f"Put its address into data of {settings.contract.section('')}, or give it with --data again.",
            )  # fmt: skip
        with opened(settings.data.get_secret_value()) as (table, name):
            _asked_for[digest] = _identifiers(table, readable_columns(table, name, settings), settings)
    return _asked_for[digest]


@contextmanager
def sampled(address: str) -> Iterator[Path]:
    """Give a temporary Parquet file, called as the table of an address, with some rows from all of it."""
    with opened(address) as (table, name), scratch.folder() as folder:
        path = stands_for(SecretStr(address), folder)
        count = int(table.count().execute())
        if count > 2 * roles.SAMPLE:
            table = table.filter(ibis.random() < roles.SAMPLE / count)
        fit = {column: table[column] for column in table.columns if _fits(table[column].type())}
        if not fit or not _stream(table, fit, path):
            raise InputError(
                "the table has no rows, or no column of a type that is read", file=name, remedy="Name another one."
            )
        with _named(path, name):
            yield path


def readable_columns(table: ir.Table, name: str, settings: EventSettings) -> dict[str, ir.Column]:
    """Return the columns of a table that the settings name, by what they are called there.

    Raises
    ------
    ColumnError
        There is none of a name, or it is of a type that is not read.
    """
    section = settings.contract.section("columns")
    return {column: _column(table, column, name, section) for column in settings.columns.used.values()}


def _column(table: ir.Table, column: str, name: str, section: str) -> ir.Column:
    """Return a column, also where the warehouse writes its name in other cases."""
    found = [column] if column in table.columns else [c for c in table.columns if c.casefold() == column.casefold()]
    if len(found) != 1:
        raise ColumnError("the table has no such column", file=name, column=column, remedy=f"Correct {section}.")
    if not _fits(kind := table[found[0]].type()):
        raise ColumnError(
            f"the column is of type {kind}, which is not read", file=name, column=column,
            remedy="Make a view that casts it, and name the view in the address.",
        )  # fmt: skip
    return table[found[0]]


def _fits(kind: dt.DataType) -> bool:
    return not (kind.is_nested() or kind.is_binary() or kind.is_geospatial() or kind.is_unknown())


def _text(column: ir.Column) -> ir.StringValue:
    return column if column.type().is_string() else column.cast("string")


def _stream(table: ir.Table, columns: Mapping[str, ir.Column], target: Path) -> int:
    """Write columns to a Parquet file of the user's own, batch by batch, and return the number of rows."""
    lengths = {name for name, column in columns.items() if column.type().is_interval()}
    batches = _batches(table.select(**{name: _readable(column) for name, column in columns.items()}))
    target.touch(0o600)
    with pq.ParquetWriter(target, _schema(batches.schema, lengths), compression="none") as writer:
        rows = 0
        for batch in batches:
            cells = [_since(c) if n in lengths else c for n, c in zip(batch.schema.names, batch.columns, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(cells, schema=_schema(batch.schema, lengths)))
            rows += batch.num_rows
    return rows


def _batches(asked: ir.Table) -> pa.RecordBatchReader:
    backend = asked.get_backend()
    if backend.name == "duckdb":  # Ibis asks it for batches in a way that DuckDB 2 has no more
        return backend.con.sql(backend.compile(asked)).to_arrow_reader(ROWS)
    if backend.name == "pyspark":  # and Spark by way of pandas, whose moments have other bounds
        return backend.raw_sql(backend.compile(asked)).toArrow().to_reader(ROWS)
    return asked.to_pyarrow_batches(chunk_size=ROWS)


def _schema(of: pa.Schema, lengths: set[str]) -> pa.Schema:
    return pa.schema([pa.field(f.name, pa.duration("us") if f.name in lengths else f.type) for f in of])


def _since(moments: pa.Array) -> pa.Array:
    return pc.subtract(moments.cast(pa.timestamp("us")), pa.scalar(ORIGIN, pa.timestamp("us")))


def _readable(column: ir.Column) -> ir.Value:
    """Return a column in a type that a Parquet file has as it is; engines write decimals and the rest best themselves."""
    kind = column.type()
    if kind.is_interval():  # drivers cut off fractions of a second
        return ibis.literal(ORIGIN) + column
    if kind.is_temporal() or kind.is_integer() or kind.is_floating() or kind.is_boolean() or kind.is_string():
        return column
    return column.cast("string")


def _counted(table: ir.Table, unused: Sequence[str], name: str) -> tuple[int, int, dict[str, int]]:
    """Count the rows, those that repeat an earlier one in every column, and the filled cells of columns that stay there."""
    plain = [column for column in table.columns if _fits(table[column].type())]
    filled = {
        f"c{i}": (_text(table[c]).strip() != "").sum() if c in plain else table[c].count() for i, c in enumerate(unused)
    }
    distinct = table.select(**{f"c{i}": _text(table[c]).fill_null("") for i, c in enumerate(plain)}).distinct()
    seen = table.aggregate(rows=table.count(), **filled).execute().iloc[0].fillna(0).astype("int64")
    rows = int(seen["rows"])
    if rows == 0:
        raise InputError("the table has no rows", file=name, remedy="Name another one.")
    return rows, rows - int(distinct.count().execute()), {c: int(seen[f"c{i}"]) for i, c in enumerate(unused)}


def _facts(
    table: ir.Table, used: Mapping[str, ir.Column], read: pd.DataFrame, filled: Mapping[str, int], rows: int
) -> pd.DataFrame:
    """Describe every column as `columns.column_facts` does: those that were read as the loader has, the others by their type."""
    known = dict(zip([c.get_name() for c in used.values()], read.itertuples(index=False, name=None), strict=True))
    records = []
    for i, name in enumerate(table.columns):
        if name in known:
            records.append(known[name])
            continue
        missing, shown = rows - filled[name], flat(name) if known_heading(name) else unnamed(i)
        kind = "empty" if missing == rows else _kind(table[name].type())
        records.append((shown, "unused", kind, missing, missing / rows))
    return pd.DataFrame(records, columns=read.columns)


def _kind(kind: dt.DataType) -> str:
    if kind.is_integer():
        return "integer"
    return "decimal" if kind.is_numeric() else "time" if kind.is_time() else "date" if kind.is_temporal() else "text"


def _identifiers(table: ir.Table, used: Mapping[str, ir.Column], settings: EventSettings) -> Identifiers:
    """Ask for the distinct identifiers and names; numbers as the warehouse has them, and as they are read."""
    roles_of, numbers, names = settings.columns.used, set[str](), set[str]()
    for role in settings.contract.roles:
        if role.name not in roles_of or not (role.kind == "identifier" or role.name == "name"):
            continue
        cells = table.select(x=_text(used[roles_of[role.name]])).distinct().to_pyarrow().column("x").to_pylist()
        texts = {visible(cell) for cell in cells if cell}
        texts = {text for text in texts if text and text.lower() not in EMPTY}
        if role.name == "name":
            names |= texts
        else:
            numbers |= texts | {re.sub(r"^(\d+)\.0$", r"\1", text) for text in texts}
    named = {column.get_name() for column in used.values()}
    headers = frozenset(c for c in table.columns if c not in named and not known_heading(c))
    return Identifiers(frozenset(numbers), frozenset(names), headers)


@contextmanager
def _named(path: Path, table: str) -> Iterator[None]:
    """Tell of faults of the temporary file as those of the table; its rows have no numbers that anybody could look up."""
    try:
        yield
    except SegkitError as error:
        if error.file is None or Path(error.file) != path:
            raise
        what = error.problem if not error.rows else f"{error.problem} ({error.count:,} of its rows)"
        raise type(error)(what, file=table, column=error.column, remedy=error.remedy) from None
