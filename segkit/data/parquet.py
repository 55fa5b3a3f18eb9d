"""Parquet files, rewritten with text columns only. Neither their names nor the folders they lie in mean anything."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from ..errors import InputError
from . import limits
from .headers import BELOW, REMEDY, SAVE_AS_CSV, check_header
from .marks import visible

DAMAGED = "the Parquet file is damaged, or written in a way that is not read"
MEMORY = "1500MB"  # of DuckDB's own, within the process's limit
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def rewrite_parquet(path: Path, wanted: Sequence[str], source: int, target: int, section: str = "") -> dict[str, Any]:
    """Write a Parquet file anew with columns ``c0``, ``c1``, ... of text. It runs in a process of its own (see `child`).

    Parameters
    ----------
    path : path
        What messages call the file.
    wanted : sequence of str
        Columns that it must have.
    source, target : int
        Descriptors of the open file, and of the file that is written.
    section : str
        The part of the settings that names the columns.

    Returns
    -------
    dict
        ``header``, list of str.

    Raises
    ------
    InputError
        It is damaged, has not these columns, or holds more than the limits allow.
    """
    place = f"/dev/fd/{source}"
    try:
        connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "memory_limit": MEMORY,
                "temp_directory": "",  # what does not fit is refused; nothing is spilt to a file with a name
                "threads": min(4, os.cpu_count() or 1),
            }
        )
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        _check_rows(connection, path, place, os.fstat(source).st_size)
        schema = connection.execute(
            "SELECT name, coalesce(num_children, 0), type, logical_type FROM parquet_schema(?)", [place]
        ).fetchall()
        top = _top(schema)
        header = [visible(name) for name, _ in top]
        lengths = _durations(connection, place) if any(plain for _, plain in top) else {}
        reader = "read_parquet(?, hive_partitioning = false, union_by_name = false, filename = false)"
        described = connection.execute(f"DESCRIBE SELECT * FROM {reader}", [place]).fetchall()
        select = ", ".join(
            f"{_as_text(_quoted(found[0]), found[1], lengths.get(i))} AS c{i}" for i, found in enumerate(described)
        )
        below = connection.execute(f"SELECT {select} FROM {reader} LIMIT {BELOW}", [place]).fetchall()
        check_header(
            path, header, wanted, [[cell or "" for cell in row] for row in below], section=section, remedy=REMEDY
        )
        connection.execute(
            f"COPY (SELECT {select} FROM {reader}) TO '/dev/fd/{target}' "
            "(FORMAT parquet, COMPRESSION snappy, USE_TMP_FILE false)",
            [place],
        )
    except duckdb.OutOfMemoryException:
        raise MemoryError from None
    except (duckdb.Error, UnicodeError):  # its text may quote cells
        raise InputError(DAMAGED, file=path, remedy="Export it again, or as CSV (UTF-8).") from None
    return {"header": header}


def _check_rows(connection: duckdb.DuckDBPyConnection, path: Path, place: str, size: int) -> None:
    """Refuse a file that claims more rows than its bytes can hold; a few bytes can repeat a value billions of times."""
    ((rows,),) = connection.execute(
        "SELECT CAST(sum(num_rows) AS HUGEINT) FROM parquet_file_metadata(?)", [place]
    ).fetchall()
    if rows > limits.FREE_ROWS + limits.ROWS_PER_BYTE * size:
        raise InputError(
            f"the file says that it holds {rows:,} rows in {size:,} bytes, which no log does", file=path,
            remedy=SAVE_AS_CSV,
        )  # fmt: skip


def _top(schema: Sequence[tuple[str, int, str | None, str | None]]) -> list[tuple[str, bool]]:
    """Return (name, whether it is a bare whole number) of each column from the schema's tree, written depth first."""
    found, at = [], 1
    while at < len(schema):
        name, _, kind, logical = schema[at]
        found.append((name, kind == "INT64" and logical is None))
        open_ones = 1
        while open_ones and at < len(schema):
            open_ones += schema[at][1] - 1
            at += 1
    return found


def _durations(connection: duckdb.DuckDBPyConnection, place: str) -> dict[int, str]:
    """Return the unit of each column that Arrow wrote as a length of time; the format itself has none, only whole numbers."""
    stored = connection.execute(
        "SELECT value FROM parquet_kv_metadata(?) WHERE decode(key) = 'ARROW:schema'", [place]
    ).fetchone()
    if stored is None:
        return {}
    import pyarrow as pa  # costs as much as everything else, and few files need it

    try:
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(stored[0])))
    except (pa.ArrowException, ValueError, OSError):
        return {}
    return {i: field.type.unit for i, field in enumerate(schema) if pa.types.is_duration(field.type)}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_text(column: str, kind: str, unit: str | None) -> str:
    """Return SQL that writes a typed column as the text that a careful export would have written."""
    if unit is not None:
        return f"'PT' || CAST({column} / {PER_SECOND[unit]} AS VARCHAR) || 'S'"
    if kind.startswith("INTERVAL"):
        return f"'PT' || CAST(epoch({column}) AS VARCHAR) || 'S'"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"CAST({column} AT TIME ZONE 'UTC' AS VARCHAR) || 'Z'"
    if kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        whole = f"abs({column}) < {limits.WHOLE:.0f} AND {column} = trunc({column})"
        return (
            f"CASE WHEN isnan(CAST({column} AS DOUBLE)) THEN NULL WHEN {whole} THEN "
            f"CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
        )
    return f"CAST({column} AS VARCHAR)"
