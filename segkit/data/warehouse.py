"""A warehouse by its address: the star schema is asked there and kept here, and segments are written back.

Aggregates alone leave it. Addresses may hold passwords, so no message repeats one; where the address has none, the driver
looks for it in its own places, such as ``PGPASSWORD`` or ``~/.pgpass``.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import sqlglot.expressions as sge
from ibis.common.exceptions import TableNotFound

from .. import scratch
from ..contract import SALES
from ..errors import BuildError, ColumnError, InputError, SegkitError
from . import spark
from .addresses import FOLDER
from .files import fingerprint
from .identifiers import Identifiers
from .sale_queries import NUMBERS, Star, check_keys, identifiers, wanted
from .sales import Sales, gathered, save

if TYPE_CHECKING:
    from ..sale_settings import Markets

WRITTEN = "fact_market_segmentation"
ANSWERS, ASKED = 2, ".asked-"  # of what a warehouse said: how many are kept, drafts
EXTRAS = {"postgres": "segkit[warehouse]", "spark": "segkit[spark]"}
OF_RUN = ("as_of", "model_version")  # what tells one run from another in that table
Connection = Any  # a backend of Ibis


def shown(address: str) -> str:
    """Return what may be told of an address: neither user nor password nor options.

    >>> shown("postgres://ann:secret@db.example:5432/sales?sslpassword=x")
    'postgres://db.example:5432/sales'
    """
    try:
        parts = urlsplit(address)
        place = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{place}{parts.path}"


def connect(address: str, *, read_only: bool = False) -> Connection:
    """Connect to a warehouse.

    Parameters
    ----------
    address : str
        Whatever Ibis connects to: ``postgres://user@host/database``, ``duckdb:///folder/file.duckdb``, ``snowflake://...``,
        ``bigquery://...``; ``spark://host:port`` of a Spark master, and ``spark://`` of a session on this machine.
    read_only : bool
        Whether a file of DuckDB is opened for reading alone, as others may.

    Returns
    -------
    backend of Ibis

    Raises
    ------
    SegkitError
        Its driver is not installed, or it cannot be reached. The message has no password.
    """
    scheme = (where := shown(address)).partition("://")[0]
    if scheme == "duckdb" and not Path(address.partition("://")[2].partition("?")[0]).is_file():
        raise InputError("there is no such database", file=where, remedy="Correct data in [markets].")
    options = {"read_only": True} if scheme == "duckdb" and read_only else {}
    try:
        return spark.connect(address) if scheme == "spark" else ibis.connect(address, **options)
    except ImportError:
        extra = EXTRAS.get(scheme.removesuffix("ql"), f"ibis-framework[{scheme}]")
        raise SegkitError(
            f"the driver of {scheme} is not installed", file=where, remedy=f"Run `pip install '{extra}'`."
        ) from None
    except Exception as error:  # drivers have errors of their own, whose texts may repeat the address
        raise SegkitError(
            f"the warehouse cannot be reached ({type(error).__name__})", file=where,
            remedy="Check address, network and password; the form is postgres://user@host/database.",
        ) from None  # fmt: skip


@contextmanager
def asked(connection: Connection) -> Iterator[None]:
    """Tell of errors of the engine without their texts, which may quote cells."""
    try:
        yield
    except Exception as error:  # drivers have errors of their own
        if isinstance(error, SegkitError) or type(error).__module__ == "builtins":
            raise
        raise SegkitError(
            f"the warehouse did not answer as expected ({type(error).__name__})", file=f"{connection.name}://",
            remedy="Check the rights of the user, and the types of the columns that the settings name.",
        ) from None  # fmt: skip


def collect(connection: Connection, settings: Markets, key: bytes) -> Sales:
    """Ask a warehouse for everything that the study needs; `sales.save` writes it to a folder.

    Keys of customers are fetched with the aggregates, and go on as numbers.

    Raises
    ------
    InputError
        As from `sales.load_sales`.
    ColumnError
        A table lacks a column that the settings name, or has it in another type than is needed.
    SegkitError
        The warehouse reports an error.
    """
    with asked(connection):
        return gathered(star(connection, settings), settings, key=key, where=Path(settings.tables.fact), stored=False)


def collected(address: str, settings: Markets, key: bytes, place: Path) -> Path:
    """Ask a warehouse by its address, and return the folder that holds what it said.

    Parameters
    ----------
    address : str
        See `connect`.
    settings : Markets
    key : bytes
    place : path
        See `kept`. Neither the folders in it nor their names have anything of the address.

    Returns
    -------
    path
        `sales.load_sales` reads it.

    Raises
    ------
    SegkitError
        As from `connect`, `collect` and `kept`.
    """
    connection = connect(address)
    try:
        found = collect(connection, settings, key)
    finally:
        connection.disconnect()
    return kept(place, lambda folder: save(found, settings, folder))


def kept(place: Path, write: Callable[[Path], None]) -> Path:
    """Keep what a warehouse said in a folder named by what it holds, and return that folder.

    While the warehouse says the same, it is the same folder, untouched. That of the answer before is kept too, since pages
    may be open that stand on it; older ones go.

    Parameters
    ----------
    place : path
        Where such folders are, for their owner alone.
    write : callable
        Writes tables into the folder that it is given.

    Raises
    ------
    BuildError
        The folder cannot be written.
    """
    try:
        scratch.private_folder(place)
        with scratch.folder(place, prefix=ASKED) as draft:
            scratch.private_folder(draft / FOLDER)
            write(draft / FOLDER)
            digest = fingerprint(draft / FOLDER)
            there = place / digest[:16]
            if not ((there / FOLDER).is_dir() and fingerprint(there / FOLDER) == digest):
                shutil.rmtree(there, ignore_errors=True)
                scratch.private_folder(there)
                (draft / FOLDER).rename(there / FOLDER)
        os.utime(there)  # the newest, whenever it was made
        for old in sorted(place.glob("[0-9a-f]*/"), key=lambda p: p.stat().st_mtime_ns)[:-ANSWERS]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise BuildError(
            f"what the warehouse said cannot be kept ({error.strerror})", file=place,
            remedy="Free some disk space, or make the folder writable.",
        ) from error  # fmt: skip
    return there / FOLDER


def warehouse_identifiers(connection: Connection, settings: Markets) -> Identifiers:
    """Collect the keys of customers and the numbers of orders as the warehouse has them."""
    with asked(connection):
        return identifiers(star(connection, settings))


def star(connection: Connection, settings: Markets) -> Star:
    """Find the tables and columns that the settings name. A table may carry its schema before a point."""
    tables = {}
    for part, (name, columns) in wanted(settings).items():
        table = find_table(connection, name)
        if table is None:
            raise InputError("the warehouse has no such table", file=name, remedy=f"Correct {SALES.section('tables')}.")
        found = {role: table[_alike(table.columns, column, name)] for role, column in columns.items()}
        for role in found.keys() & {"date", *NUMBERS}:
            kind = found[role].type()
            fits = kind.is_date() or kind.is_timestamp() if role == "date" else kind.is_numeric()
            if not fits:
                raise ColumnError(
                    f"the column is of type {kind}, where {'a date' if role == 'date' else 'a number'} is needed",
                    file=name, column=columns[role], remedy="Make a view that casts it, and name the view in the settings.",
                )  # fmt: skip
        tables[part] = table.select(row=ibis.literal(0, "int64"), **found)
        if part != "fact":
            check_keys(tables[part], part, columns[part], Path(name))
    return Star(**tables)


def find_table(connection: Connection, name: str) -> ir.Table | None:
    """Return a table, also where the warehouse writes its name in other cases."""
    schema, _, short = name.rpartition(".")
    place = {"database": schema} if schema else {}
    for spelled in dict.fromkeys((short, short.lower(), short.upper())):
        with contextlib.suppress(TableNotFound):
            return connection.table(spelled, **place)
    return None


def _alike(columns: Sequence[str], name: str, table: str) -> str:
    found = [name] if name in columns else [column for column in columns if column.casefold() == name.casefold()]
    if len(found) != 1:
        raise ColumnError(
            "the table has no such column", file=table, column=name, remedy=f"Correct {SALES.section('columns')}."
        )
    return found[0]


def write_back(target: Connection | Path, table: pd.DataFrame, as_of: date, model_version: str) -> None:
    """Write the segments of markets to ``fact_market_segmentation``: as Parquet in a folder, or to the warehouse.

    The rows of one ``as_of`` and ``model_version`` take the place of those that are there, in one step: writing twice is
    writing once. A warehouse does so in one transaction.

    Parameters
    ----------
    target : backend of Ibis, or path
        What `connect` returns, or a folder.
    table : DataFrame
        One row per market, indexed by its name: texts, numbers, truth values; NaN is written as null.
    as_of : date
    model_version : str

    Raises
    ------
    InputError
        The table that is there has other columns, or the one to write names a market twice or has an infinite number.
    SegkitError
        The warehouse reports an error, and nothing is changed.
    BuildError
        The folder cannot be written.
    """
    rows = table.rename_axis("market").reset_index()
    rows.insert(0, "as_of", pd.Series([as_of] * len(rows), dtype=object))
    rows.insert(1, "model_version", model_version)
    if rows["market"].duplicated().any() or np.isinf(rows.select_dtypes("number").to_numpy(float)).any():
        raise InputError(
            "the segments to write name a market twice, or have an infinite number", file=WRITTEN,
            remedy="Compute them again.",
        )  # fmt: skip
    if isinstance(target, Path):
        _to_folder(target / f"{WRITTEN}.parquet", rows)
    else:
        with asked(target):
            _to_warehouse(target, rows)


def _check_columns(there: Sequence[str], rows: pd.DataFrame, where: Path | str) -> None:
    if {name.casefold() for name in there} != {name.casefold() for name in rows}:
        raise InputError(
            "the table of segments that is there has other columns", file=where,
            remedy="Rename or drop it; a new one is made.",
        )  # fmt: skip


def _to_folder(path: Path, rows: pd.DataFrame) -> None:
    if path.is_file():
        try:
            there = pd.read_parquet(path)
        except (OSError, ValueError) as error:
            raise InputError("the table of segments is damaged", file=path, remedy="Delete it.") from error
        _check_columns(there.columns, rows, path)
        other = (there["as_of"] != rows["as_of"].iloc[0]) | (there["model_version"] != rows["model_version"].iloc[0])
        rows = pd.concat([there[other], rows], ignore_index=True) if other.any() else rows
    rows = rows.sort_values([*OF_RUN, "market"], ignore_index=True)
    buffer = io.BytesIO()
    rows.to_parquet(buffer, index=False)
    scratch.write(path, buffer.getvalue(), private=True)


def _to_warehouse(connection: Connection, rows: pd.DataFrame) -> None:
    there = find_table(connection, WRITTEN)
    if there is None:
        there = connection.create_table(WRITTEN, schema=ibis.memtable(rows).schema())
    _check_columns(there.columns, rows, WRITTEN)
    place = sge.to_identifier(there.op().name, quoted=True)
    column = {name: sge.column(_alike(there.columns, name, WRITTEN), quoted=True) for name in rows}
    this_run = sge.and_(*(column[name].eq(sge.convert(rows[name].iloc[0])) for name in OF_RUN))
    cells = [sge.Tuple(expressions=[_literal(value) for value in row]) for row in rows.itertuples(index=False)]
    target = sge.Schema(this=sge.Table(this=place), expressions=[c.this for c in column.values()])
    statements = (
        sge.Transaction(),
        sge.Delete(this=sge.Table(this=place), where=sge.Where(this=this_run)),
        sge.Insert(this=target, expression=sge.Values(expressions=cells)),
        sge.Commit(),
    )
    try:
        for statement in statements:
            connection.raw_sql(statement.sql(connection.dialect))
    except Exception:
        with contextlib.suppress(Exception):  # some drivers have rolled back already
            connection.raw_sql("ROLLBACK")
        raise


def _literal(value: Any) -> sge.Expression:
    """Return a cell as an expression that every engine's SQL is written from."""
    value = value.item() if isinstance(value, np.generic) else value
    return (
        sge.null()
        if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
        else sge.convert(value)
    )
