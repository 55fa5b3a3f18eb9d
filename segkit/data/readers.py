"""Each kind of file as the table ``raw`` of text columns: ``c0``, ``c1``, ..., and the number of each row in the file."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import glob
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from ..errors import SHOWN_ROWS, InputError
from . import archives, child, files, limits
from .files import Source
from .headers import SAVE_AS_CSV
from .opening import open_bytes
from .records import Records, count_records, write_trimmed
from .sheets import Sheet
from .surroundings import told

DESCRIPTORS = "/dev/fd/"
SHEETS = ("xlsx", "xlsb", "ods", "xls")


class Wanted(NamedTuple):
    """Columns that the header must have, the part of the settings that names them, and whether there may be no header."""

    wanted: Sequence[str]
    section: str
    headless: bool


Reader = Callable[[duckdb.DuckDBPyConnection, Path, bytes, Wanted], tuple[Source, str]]


def read_csv(connection: duckdb.DuckDBPyConnection, path: Path, head: bytes, wanted: Wanted) -> tuple[Source, str]:
    """Load a delimited text, and return how it is written and SQL for the row number of a record."""
    source = files.inspect_text(path, head, wanted.wanted, wanted.section, headless=wanted.headless)
    sign, first = source.delimiter or ",", source.row + (not source.headless)
    with contextlib.ExitStack() as open_ones:
        text = path
        if source.rewrite:
            copy = open_ones.enter_context(tempfile.TemporaryFile())  # without a name: it ends with this process
            files.rewrite(source, copy)
            text = Path(descriptor(copy))
        records = count_records(
            path, text, sign, source.line_end, start=source.start, row=source.row, headless=source.headless
        )
        place = descriptor(copy) if source.rewrite else _literal(path)
        if source.start or records.skipped:
            trimmed = open_ones.enter_context(tempfile.TemporaryFile())
            write_trimmed(text, trimmed, source.start, records.skipped)
            place = descriptor(trimmed)
        _load(connection, path, place, records.width, sign, header=not source.headless)
    if connection.execute("SELECT count(*) FROM raw").fetchall() != [(records.count,)]:
        raise _irregular(path)
    row = _numbered(connection, first, records)
    header = source.header[: records.width]
    notes = (*source.notes, *_skipped(source.row, records))
    return dataclasses.replace(source, header=header, notes=notes), row


def _numbered(connection: duckdb.DuckDBPyConnection, first: int, records: Records) -> str:
    """Return SQL for row numbers; where lines were skipped between records, these become a column of their own."""
    gone = np.array([line.row for line in records.skipped], np.int64)
    while len(gone) and gone[0] == first:
        first, gone = first + 1, gone[1:]
    if not len(gone) or gone[0] >= first + records.count:
        return f"rowid + {first}"
    numbers = np.delete(np.arange(first, first + records.count + len(gone)), gone - first)
    connection.register("numbers", pa.table({f"c{records.width}": numbers}))
    connection.execute("CREATE TABLE numbered AS SELECT * FROM raw POSITIONAL JOIN numbers; DROP TABLE raw")
    connection.execute("ALTER TABLE numbered RENAME TO raw")
    connection.unregister("numbers")
    return f"c{records.width}"


def _skipped(row: int, records: Records) -> list[str]:
    """Return what is said of lines that are no records."""
    found: dict[str, tuple[int, list[int]]] = {"title": (row - 1, list(range(1, min(row, SHOWN_ROWS + 1))))}
    for line in records.skipped:
        count, rows = found.get(line.kind, (0, []))
        found[line.kind] = count + 1, [*rows, line.row] if count < SHOWN_ROWS else rows
    return told(found)


def _foreign(
    kind: str, connection: duckdb.DuckDBPyConnection, path: Path, head: bytes, wanted: Wanted
) -> tuple[Source, str]:
    """Load a file that a process of its own rewrites with the row numbers as its last column."""
    task = "sheet" if kind in SHEETS else kind
    with open_bytes(path) as file, tempfile.TemporaryFile() as text:
        try:
            found = child.ask(task, path, file, text, **wanted._asdict())
        except child.ParserLostError as lost:
            file.seek(0)
            if task != "sheet":
                raise InputError(f"the file {lost}", file=path, remedy=SAVE_AS_CSV) from None
            raise (archives.farthest(file, path) if kind == "xlsx" else None) or InputError(
                f"the workbook {lost}", file=path, remedy=f"Delete what stands far from the table. {SAVE_AS_CSV}"
            ) from None
        sheet = Sheet(tuple(found["header"]), tuple(found["notes"]), found["headless"])
        _load(connection, path, descriptor(text), len(sheet.header) + 1, ",", header=False)
    digest, size = files.fingerprint(path), path.stat().st_size
    source = Source(path, kind, "", None, sheet.header, size, digest, notes=sheet.notes, headless=sheet.headless)
    return source, f"CAST(c{len(sheet.header)} AS BIGINT)"


def read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, head: bytes, wanted: Wanted) -> tuple[Source, str]:
    """Load a Parquet file."""
    with open_bytes(path) as file, tempfile.TemporaryFile() as text:
        try:
            header = tuple(child.ask("parquet", path, file, text, **wanted._asdict())["header"])
        except child.ParserLostError as lost:
            raise InputError(f"the Parquet file {lost}", file=path, remedy=SAVE_AS_CSV) from None
        connection.execute("CREATE TABLE raw AS SELECT * FROM read_parquet(?)", [descriptor(text)])
    return Source(path, "parquet", "", None, header, path.stat().st_size, files.fingerprint(path)), "rowid + 2"


def _load(
    connection: duckdb.DuckDBPyConnection, path: Path, text: str, width: int, delimiter: str, *, header: bool
) -> None:
    """Load a delimited text, whose records are known to be regular, as ``raw``."""
    types = "{" + ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width)) + "}"
    try:
        connection.execute(
            "CREATE TABLE raw AS SELECT * FROM read_csv(?, auto_detect = false, all_varchar = true, "
            f"columns = {types}, delim = '{delimiter}', quote = '\"', escape = '\"', header = {header}, "
            "compression = 'none', encoding = 'utf-8', strict_mode = true, hive_partitioning = false, "
            f"max_line_size = {limits.LINE})",
            [text],
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):  # whose text quotes the line
        raise _irregular(path) from None


def _irregular(path: Path) -> InputError:
    return InputError("the text is not regular enough to be a table", file=path, remedy="Export it again.")


def _literal(path: Path) -> str:
    """Write a path such that DuckDB takes no character of it as a pattern."""
    return glob.escape(str(path.resolve()))


def descriptor(file: IO[bytes]) -> str:
    """Name an open file that has no name."""
    return f"{DESCRIPTORS}{file.fileno()}"


READERS: Mapping[str, Reader] = {
    "csv": read_csv,
    "parquet": read_parquet,
    **{kind: functools.partial(_foreign, kind) for kind in (*SHEETS, "json", "xml")},
}
