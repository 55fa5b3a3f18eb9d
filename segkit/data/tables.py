"""Any file as a DuckDB table of text columns: nothing is guessed, nothing is converted, nothing is downloaded."""

from __future__ import annotations

import csv
import dataclasses
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from .. import scratch
from ..errors import SHOWN_ROWS, InputError, SegkitError
from . import archives, child, files, limits, marks, packed
from .files import Source
from .headers import SAVE_AS_CSV
from .opening import open_bytes, stamp, unchanged
from .readers import READERS, Wanted

MEMORY = "2GB"
IN_MEMORY = 64 << 20  # bytes of a file up to which its table stays in memory; a larger one goes to a temporary database


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
    marked : mapping
        How many cells of a column have invisible characters; columns without any are left out.
    read : mapping
        SQL for the text of columns that are read in another form than they are written in.
    """

    connection: duckdb.DuckDBPyConnection
    source: Source
    columns: Mapping[str, str]
    row: str
    count: int
    marked: Mapping[str, int] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict, repr=False)

    def text(self, name: str | None) -> str:
        """Return SQL for a column's text without invisible characters and surrounding blanks.

        It is null where nothing remains, or where the column is not configured.
        """
        if name is None:
            return "CAST(NULL AS VARCHAR)"
        if name in self.read:
            return self.read[name]
        cell = self.columns[name]
        if name in self.marked:
            cell = f"regexp_replace({cell}, '{marks.IN_SQL}', '', 'g')"
        return f"nullif(trim({cell}, {BLANKS}), '')"

    def reading(self, read: Mapping[str, str]) -> Table:
        """Return the table with columns that are read in another form: each is written once, as a column of its own.

        Parameters
        ----------
        read : mapping of str to str
            SQL for the text, by column of the file.
        """
        made = dict(self.read)
        for name, sql in read.items():
            column = f"r{len(self.connection.execute('PRAGMA table_info(raw)').fetchall())}"
            self.connection.execute(f"ALTER TABLE raw ADD COLUMN {column} VARCHAR; UPDATE raw SET {column} = {sql}")
            made[name] = column
        return dataclasses.replace(self, read=made)

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
        """Run a query of one row."""
        (row,) = self.connection.execute(sql, list(parameters)).fetchall()
        return tuple(row)


BLANKS = " || ".join(f"chr({ord(blank)})" for blank in marks.BLANKS)


@contextmanager
def open_table(path: Path, wanted: Sequence[str] = (), *, section: str = "", headless: bool = False) -> Iterator[Table]:
    """Open a file of any kind that is read as text columns; temporary files go when the context ends.

    Parameters
    ----------
    path : path
    wanted : sequence of str
        Columns that the header must have.
    section : str
        The part of the settings that names them.
    headless : bool
        Whether a file without a header is taken although ``wanted`` names no column by its place.

    Raises
    ------
    InputError
        The file cannot be read, has not these columns, or has rows that do not fit its header.
    SegkitError
        Memory or disk run out.
    """
    path = Path(path)
    with open_bytes(path) as file:
        before = stamp(path)
        head = file.read(files.HEAD)
    kind = files.kind(path, head)
    with scratch.folder() as folder:
        inner, kind, head, said = _unpacked(path, kind, head, folder)
        large = inner.stat().st_size > IN_MEMORY
        connection = _connect(folder, "calls.duckdb" if large else ":memory:")
        try:
            with unchanged(path, connection.interrupt):
                source, row = _read(kind, connection, inner, head, Wanted(wanted, section, headless), path, said)
            files.check_steady(path, before, source.fingerprint)
            count = connection.execute("SELECT count(*) FROM raw").fetchall()[0][0]
            if count == 0:
                raise InputError("the file has a header and no rows", file=path, remedy="Export it again.")
            columns = {name or unnamed(i): f"c{i}" for i, name in enumerate(source.header)}
            table = Table(connection, source, columns, row, count, {} if source.plain else _marked(connection, columns))
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


def unnamed(position: int) -> str:
    """Return what a column is called that has no name, or none that may be shown.

    >>> unnamed(2)
    '(column 3)'
    """
    return f"(column {position + 1})"


def _read(
    kind: str, connection: duckdb.DuckDBPyConnection, inner: Path, head: bytes, wanted: Wanted, path: Path,
    said: Sequence[str],
) -> tuple[Source, str]:  # fmt: skip
    """Read a file; where it came out of an archive or a page, this is what messages name and the fingerprint is of."""
    try:
        source, row = READERS[kind](connection, inner, head, wanted)
    except OSError as error:  # the file itself has messages of its own
        raise _no_room(path, error) from None
    except InputError as error:
        if inner == path:
            raise
        raise type(error)(
            error.problem, file=path, column=error.column, rows=error.rows, count=error.count, remedy=error.remedy
        ) from None
    if inner == path:
        return source, row
    size, digest = path.stat().st_size, files.fingerprint(path)
    return dataclasses.replace(source, path=path, size=size, fingerprint=digest, notes=(*said, *source.notes)), row


def _no_room(path: Path, error: OSError) -> SegkitError:
    return SegkitError(
        f"a temporary copy cannot be written ({error.strerror or type(error).__name__})",
        file=path,
        remedy="Make room on the disk for temporary files, or set TMPDIR to another one.",
    )


def _unpacked(path: Path, kind: str, head: bytes, folder: Path) -> tuple[Path, str, bytes, tuple[str, ...]]:
    """Return the file to read, its kind, its head and what is said of it: the file itself, or what is inside it."""
    inner, said = path, tuple[str, ...]()
    for packed_before in (False, True):
        if kind == "zip":
            with open_bytes(inner) as file:
                kind = archives.zip_kind(file, path)
        if kind == "html":
            inner, more = _table_of(inner, path, folder)
            with open_bytes(inner) as file:
                return inner, "csv", file.read(files.HEAD), (*said, more)
        if kind not in packed.KINDS:
            return inner, kind, head, said
        if packed_before:
            break
        inner = folder / "unpacked" / path.name  # under which messages ask for its settings
        inner.parent.mkdir()
        try:
            with open_bytes(path) as file:
                packed.unpack(kind, file, path, inner)
        except OSError as error:
            raise _no_room(path, error) from None
        with open_bytes(inner) as file:
            head = file.read(files.HEAD)
        kind, said = files.kind(path, head), ("The file is an archive; the one file inside was read.",)
    raise InputError("this is an archive within an archive", file=path, remedy=packed.GIVE)


def _table_of(page: Path, path: Path, folder: Path) -> tuple[Path, str]:
    """Write the largest table of a web page as a text called as the file, and return that and what is said of it."""
    target = folder / "table" / path.name
    target.parent.mkdir()
    try:
        with open_bytes(page) as file, target.open("xb") as text:
            tables = child.ask("html", path, file, text)["tables"]
    except child.ParserLostError as lost:
        raise InputError(f"the web page {lost}", file=path, remedy=SAVE_AS_CSV) from None
    except OSError as error:
        raise _no_room(path, error) from None
    which = "its table was read" if tables == 1 else f"the largest of its {tables:,} tables was read"
    return target, f"The file is a web page, whatever its name says; {which}."


def _marked(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> dict[str, int]:
    """Count the cells with invisible characters."""
    counts = ", ".join(f"count(*) FILTER (regexp_matches({c}, '{marks.IN_SQL}'))" for c in columns.values())
    (found,) = connection.execute(f"SELECT {counts} FROM raw").fetchall()
    return {name: count for name, count in zip(columns, found, strict=True) if count}


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


def repeated(table: Table) -> int:
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
