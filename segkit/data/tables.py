"""Any file as a DuckDB table of text columns: nothing is guessed, nothing is converted, nothing is downloaded."""

from __future__ import annotations

import csv
import glob
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import SHOWN_ROWS, InputError, SegkitError
from . import files, sheets
from .files import Source

MEMORY = "2GB"
IN_MEMORY = 64 << 20  # bytes of a file up to which its table stays in memory; a larger one goes to a temporary database
RAGGED = {
    "MISSING COLUMNS": "too few fields",
    "TOO MANY COLUMNS": "too many fields",
    "UNQUOTED VALUE": "a quotation mark that is never closed, or closes within a cell",
    "LINE SIZE OVER MAXIMUM": "a line of more than 2 MB (is a quotation mark never closed?)",
    "INVALID ENCODING": "bytes that are no text",
    "INVALID STATE": "a cell or line that does not end as the others do",
}


@dataclass(frozen=True)
class Table:
    """The rows of a file as table ``raw`` of a private DuckDB connection.

    Attributes
    ----------
    connection : duckdb connection
    source : Source
        The file and how it is written.
    columns : mapping
        Name in the file to name in ``raw`` (``c0``, ``c1``, ...), in file order. Unnamed columns have the key
        ``"(column 3)"``.
    row : str
        SQL for a record's row number in the file. The header is row 1.
    count : int
        Number of records.
    """

    connection: duckdb.DuckDBPyConnection
    source: Source
    columns: Mapping[str, str]
    row: str
    count: int

    def text(self, name: str | None) -> str:
        """Return SQL for a column's text without surrounding blanks; null where it is empty or not configured."""
        return "CAST(NULL AS VARCHAR)" if name is None else f"nullif(trim({self.columns[name]}, {BLANKS}), '')"

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
        """Run a query of one row."""
        (row,) = self.connection.execute(sql, list(parameters)).fetchall()
        return tuple(row)


BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8239) || chr(8203) || chr(65279)"


@contextmanager
def open_table(path: Path, wanted: Sequence[str] = ()) -> Iterator[Table]:
    """Open a CSV, Parquet or .xlsx file as text columns; temporary files go when the context ends.

    Parameters
    ----------
    path : path
    wanted : sequence of str
        Columns that the header must have.

    Raises
    ------
    InputError
        The file cannot be read, has not these columns, or has rows that do not fit its header.
    SegkitError
        Memory or disk run out.
    """
    path = Path(path)
    with files.open_bytes(path) as file:
        before = files.stamp(path)
        head = file.read(files.HEAD)
    kind = files.kind(path, head)
    with tempfile.TemporaryDirectory(prefix="segkit-", ignore_cleanup_errors=True) as folder:
        large = path.stat().st_size > IN_MEMORY
        connection = _connect(Path(folder), "calls.duckdb" if large else ":memory:")
        try:
            source, row = _READERS[kind](connection, path, head, wanted, Path(folder))
            files.check_steady(path, before, source.fingerprint)
            count = connection.execute("SELECT count(*) FROM raw").fetchall()[0][0]
            if count == 0:
                raise InputError("the file has a header and no rows", file=path, remedy="Export the calls again.")
            names = [name or f"(column {i + 1})" for i, name in enumerate(source.header)]
            yield Table(connection, source, {name: f"c{i}" for i, name in enumerate(names)}, row, count)
        except duckdb.Error as error:  # its text may quote cells, so only its kind goes on
            raise SegkitError(
                f"the rows could not be worked through ({type(error).__name__})",
                file=path,
                remedy="Free memory and room on the disk for temporary files, and try again.",
            ) from None
        finally:
            connection.close()


def _connect(folder: Path, name: str) -> duckdb.DuckDBPyConnection:
    """Open a private database that installs and loads nothing."""
    connection = duckdb.connect(
        name if name == ":memory:" else str(folder / name),
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "preserve_insertion_order": True,
            "memory_limit": MEMORY,
            "temp_directory": str(folder / "spill"),
            "threads": min(4, os.cpu_count() or 1),
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _read_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, head: bytes, wanted: Sequence[str], folder: Path
) -> tuple[Source, str]:
    source = files.inspect_text(path, head, wanted)
    text = path
    if source.rewrite:
        text = folder / "text.csv"
        files.rewrite(source, text)
    _load(connection, path, text, len(source.header), source.delimiter or ",", header=True, skip=source.skip)
    return source, "rowid + 2"


def _read_xlsx(
    connection: duckdb.DuckDBPyConnection, path: Path, head: bytes, wanted: Sequence[str], folder: Path
) -> tuple[Source, str]:
    text = folder / "sheet.csv"
    sheet = sheets.rewrite_sheet(path, wanted, text)
    digest, size = files.fingerprint(path), path.stat().st_size
    _load(connection, path, text, len(sheet.header) + 1, ",", header=False, skip=0)
    last = f"c{len(sheet.header)}"
    return Source(path, "xlsx", "", None, sheet.header, size, digest, notes=sheet.notes), f"CAST({last} AS BIGINT)"


def _load(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    text: Path,
    width: int,
    delimiter: str,
    *,
    header: bool,
    skip: int,
) -> None:
    """Load a delimited text as ``raw``; a row that does not fit is an error with its line number."""
    types = "{" + ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width)) + "}"
    reader = (
        f"read_csv(?, auto_detect = false, all_varchar = true, columns = {types}, delim = '{delimiter}', quote = '\"', "
        f"escape = '\"', header = {header}, skip = {skip}, compression = 'none', encoding = 'utf-8', strict_mode = true"
    )
    try:
        connection.execute(f"CREATE TABLE raw AS SELECT * FROM {reader})", [_literal(text)])
        return
    except duckdb.Error:  # its message quotes the line, which may hold identifiers
        pass
    try:
        connection.execute(
            f"SELECT count(*) FROM (SELECT * FROM {reader}, store_rejects = true, rejects_limit = 0))", [_literal(text)]
        ).fetchall()
        faults = connection.execute(
            f"SELECT CAST(error_type AS VARCHAR) AS fault, count(DISTINCT line), min(DISTINCT line, {SHOWN_ROWS}) "
            "FROM reject_errors GROUP BY fault ORDER BY count(DISTINCT line) DESC, fault"
        ).fetchall()
    except duckdb.Error:
        faults = []
    if not faults:
        raise InputError("the text is not regular enough to be a table", file=path, remedy="Export the calls again.")
    fault, count, lines = faults[0]
    raise InputError(
        f"{count:,} {'line has' if count == 1 else 'lines have'} {RAGGED.get(fault, 'a fault')}; "
        f"the header has {width:,} columns",
        file=path,
        rows=lines,
        count=count,
        remedy="Mend these lines, or export again with text in quotation marks.",
    )


def _read_parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, head: bytes, wanted: Sequence[str], folder: Path
) -> tuple[Source, str]:
    try:
        schema = pq.read_schema(path)
        header = tuple(name.strip() for name in schema.names)
        files.check_header(path, header, wanted)
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [_literal(path)]).fetchall()
        select = ", ".join(
            f"{_parquet_text(_quoted(found[0]), found[1], field.type)} AS c{i}"
            for i, (found, field) in enumerate(zip(described, schema, strict=True))
        )
        connection.execute(f"CREATE TABLE raw AS SELECT {select} FROM read_parquet(?)", [_literal(path)])
    except (duckdb.Error, pa.ArrowException, OSError, ValueError):
        raise InputError("the Parquet file is damaged", file=path, remedy="Export it again.") from None
    return Source(path, "parquet", "", None, header, path.stat().st_size, files.fingerprint(path)), "rowid + 2"


def _literal(path: Path) -> str:
    """Write a path such that DuckDB takes no character of it as a pattern."""
    return glob.escape(str(path.resolve()))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _parquet_text(column: str, kind: str, arrow: pa.DataType) -> str:
    """Return SQL that writes a typed column as the text that a careful export would have written."""
    if pa.types.is_duration(arrow):  # stored as whole units of the Arrow type
        per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[arrow.unit]
        return f"'PT' || CAST({column} / {per_second} AS VARCHAR) || 'S'"
    if kind.startswith("INTERVAL"):
        return f"'PT' || CAST(epoch({column}) AS VARCHAR) || 'S'"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"CAST({column} AT TIME ZONE 'UTC' AS VARCHAR) || 'Z'"
    if kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        whole = f"abs({column}) < {sheets.EXACT:.0f} AND {column} = trunc({column})"
        return (
            f"CASE WHEN isnan(CAST({column} AS DOUBLE)) THEN NULL WHEN {whole} THEN "
            f"CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
        )
    return f"CAST({column} AS VARCHAR)"


_READERS = {"csv": _read_csv, "xlsx": _read_xlsx, "parquet": _read_parquet}


def write_rows(table: Table, condition: str, target: Path) -> int:
    """Write raw rows (table ``raw`` joined with ``parsed``) that meet a condition, as they are, plus their row number.

    The file is readable by its owner alone and appears whole or not at all.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    cells = ", ".join(f"raw.{c}" for c in table.columns.values())
    query = f"SELECT parsed.row, {cells} FROM raw JOIN parsed ON parsed.id = raw.rowid WHERE {condition} ORDER BY 1"
    written = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                out = csv.writer(file)
                out.writerow(["row", *table.source.header])
                cursor = table.connection.execute(query)
                while rows := cursor.fetchmany(10_000):
                    out.writerows(rows)
                    written += len(rows)
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"the side file for rows set aside cannot be written ({error.strerror})",
            file=target,
            remedy="Make the folder writable, or set the gate to stop.",
        ) from error
    return written
