"""Any file as a DuckDB table of text columns: nothing is guessed, nothing is converted, nothing is downloaded."""

from __future__ import annotations

import csv
import glob
import io
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import duckdb

from .. import scratch
from ..errors import SHOWN_ROWS, InputError, SegkitError
from . import archives, child, files, limits, records
from .files import SAVE_AS_CSV, Source
from .opening import unchanged
from .sheets import Sheet

MEMORY = "2GB"
DESCRIPTORS = "/dev/fd/"
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
        head = file.read(files.HEAD)
    kind = files.kind(path, head)
    with scratch.folder() as folder:
        large = path.stat().st_size > IN_MEMORY
        connection = _connect(folder, "calls.duckdb" if large else ":memory:")
        try:
            with unchanged(path, connection.interrupt):
                source, row = _READERS[kind](connection, path, head, wanted, folder)
            count = connection.execute("SELECT count(*) FROM raw").fetchall()[0][0]
            if count == 0:
                raise InputError("the file has a header and no rows", file=path, remedy="Export the calls again.")
            names = [name or f"(column {i + 1})" for i, name in enumerate(source.header)]
            table = Table(connection, source, {name: f"c{i}" for i, name in enumerate(names)}, row, count)
            _check_cells(table)
            yield table
        except duckdb.Error as error:  # its text may quote cells, so only its kind goes on
            raise SegkitError(
                f"the rows could not be worked through ({type(error).__name__})",
                file=path,
                remedy="Free memory and room on the disk for temporary files, and try again.",
            ) from None
        finally:
            connection.close()


def _check_cells(table: Table) -> None:
    """Refuse cells that are longer than any that a spreadsheet can hold."""
    longest = table.one("SELECT " + ", ".join(f"max(length({c}))" for c in table.columns.values()) + " FROM raw")
    for number, (column, length) in enumerate(zip(table.columns.values(), longest, strict=True), 1):
        if (length or 0) > limits.CELL:
            rows, count = table.one(
                f"SELECT min({table.row}, {SHOWN_ROWS}), count(*) FROM raw WHERE length({column}) > {limits.CELL}"
            )
            raise InputError(
                f"a cell of column {number} is longer than {limits.CELL:,} characters", file=table.source.path,
                rows=rows, count=count, remedy="Shorten it, or export without this column.",
            )  # fmt: skip


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
    with tempfile.TemporaryFile() as text:  # without a name: it ends with this process
        if source.rewrite:
            files.rewrite(source, text)
        place = _descriptor(text) if source.rewrite else _literal(path)
        _load(connection, path, place, len(source.header), source.delimiter or ",", header=True, skip=source.skip)
    return source, "rowid + 2"


def _read_xlsx(
    connection: duckdb.DuckDBPyConnection, path: Path, head: bytes, wanted: Sequence[str], folder: Path
) -> tuple[Source, str]:
    with files.open_bytes(path) as file, tempfile.TemporaryFile() as text:  # without a name: it ends with this process
        try:
            found = child.ask("sheet", path, file, text, wanted=list(wanted))
        except child.ParserLostError as lost:
            file.seek(0)
            raise archives.farthest(file, path) or InputError(
                f"the workbook {lost}", file=path, remedy=f"Delete what stands far from the table. {SAVE_AS_CSV}"
            ) from None
        sheet = Sheet(**{name: tuple(v) if isinstance(v, list) else v for name, v in found.items()})
        width = len(sheet.header) + 1
        _load(connection, path, _descriptor(text), width, ",", header=False, skip=0)
    digest, size = files.fingerprint(path), path.stat().st_size
    last = f"c{len(sheet.header)}"
    return Source(path, "xlsx", "", None, sheet.header, size, digest, notes=sheet.notes), f"CAST({last} AS BIGINT)"


def _load(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    text: str,
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
        f"escape = '\"', header = {header}, skip = {skip}, compression = 'none', encoding = 'utf-8', strict_mode = true, "
        f"hive_partitioning = false, max_line_size = {limits.LINE}"
    )
    try:
        connection.execute(f"CREATE TABLE raw AS SELECT * FROM {reader})", [text])
        return
    except duckdb.Error:  # its message quotes the line, which may hold identifiers
        pass
    with Path(text if text.startswith(DESCRIPTORS) else path).open("rb") as file:
        line = records.overlong(file, limits.LINE)
    if line is not None:
        raise files.endless(path, line)
    try:
        connection.execute(
            f"SELECT count(*) FROM (SELECT * FROM {reader}, store_rejects = true, rejects_limit = 100000))", [text]
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
    with files.open_bytes(path) as file, tempfile.TemporaryFile() as text:
        try:
            header = tuple(child.ask("parquet", path, file, text, wanted=list(wanted))["header"])
        except child.ParserLostError as lost:
            raise InputError(f"the Parquet file {lost}", file=path, remedy=SAVE_AS_CSV) from None
        connection.execute("CREATE TABLE raw AS SELECT * FROM read_parquet(?)", [_descriptor(text)])
    return Source(path, "parquet", "", None, header, path.stat().st_size, files.fingerprint(path)), "rowid + 2"


def _literal(path: Path) -> str:
    """Write a path such that DuckDB takes no character of it as a pattern."""
    return glob.escape(str(path.resolve()))


def _descriptor(file: IO[bytes]) -> str:
    """Name an open file that has no name."""
    return f"{DESCRIPTORS}{file.fileno()}"


_READERS = {"csv": _read_csv, "xlsx": _read_xlsx, "parquet": _read_parquet}


def write_rows(table: Table, condition: str, target: Path) -> int:
    """Write raw rows (table ``raw`` joined with ``parsed``) that meet a condition, as they are, plus their row number.

    The file is readable by its owner alone and appears whole or not at all.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    cells = ", ".join(f"raw.{c}" for c in table.columns.values())
    query = f"SELECT parsed.row, {cells} FROM raw JOIN parsed ON parsed.id = raw.rowid WHERE {condition} ORDER BY 1"
    written = 0
    try:
        scratch.private_folder(target.parent)
        with scratch.draft(target, private=True) as file:
            text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
            out = csv.writer(text)
            out.writerow(["row", *table.source.header])
            cursor = table.connection.execute(query)
            while rows := cursor.fetchmany(10_000):
                out.writerows(rows)
                written += len(rows)
            text.detach()
    except OSError as error:
        raise InputError(
            f"the side file for rows set aside cannot be written ({error.strerror})",
            file=target,
            remedy="Make the folder writable, or set the gate to stop.",
        ) from error
    return written
