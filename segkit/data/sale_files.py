"""A star schema in a folder: each table a Parquet or CSV file, read as text and handed to the queries as DuckDB tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from ..contract import SALES
from ..errors import InputError
from .opening import TABLES
from .sale_queries import Star, check_keys, wanted
from .tables import open_table

if TYPE_CHECKING:
    import pyarrow as pa

    from ..sale_settings import Markets


def table_file(folder: Path, name: str) -> Path:
    """Return the file of a table.

    Raises
    ------
    InputError
        There is none, or there are several.
    """
    section = SALES.section("tables")
    if Path(name).name != name or name.startswith("."):
        raise InputError("a table of the settings has no name of a file", file=folder, remedy=f"Correct {section}.")
    found = [at for ending in TABLES if (at := folder / f"{name}{ending}").is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"the table is there {len(found)} times", file=folder / name,
            remedy=f"Keep one of {', '.join(at.name for at in found)}.",
        )  # fmt: skip
    raise InputError(
        "the folder has no such table" if folder.is_dir() else "there is no such folder", file=folder / name,
        remedy=f"Give a folder with {' or '.join(name + ending for ending in TABLES)}, or correct {section}.",
    )  # fmt: skip


@contextmanager
def open_star(folder: Path, settings: Markets) -> Iterator[tuple[Star, dict[str, Path], tuple[str, ...]]]:
    """Read the tables of a folder into a private DuckDB database.

    Yields the tables, the file of each, and what the reader should know of the files.

    Raises
    ------
    InputError
        A table is not there or cannot be read, or a dimension has a key twice.
    ColumnError
        A table lacks a column that the settings name.
    """
    connection = ibis.duckdb.connect()
    try:
        files, tables, notes = {}, {}, list[str]()
        for part, (name, columns) in wanted(settings).items():
            files[part] = table_file(folder, name)
            cells, said = _texts(files[part], columns)
            tables[part] = connection.create_table(part, cells)
            notes += said
        for part in tables.keys() & {"territory", "product"}:
            check_keys(tables[part], part, settings.columns.used[part], files[part])
        yield Star(**tables), files, tuple(notes)
    finally:
        connection.disconnect()


def _texts(path: Path, columns: dict[str, str]) -> tuple[pa.Table, tuple[str, ...]]:
    """Read some columns of a file as text, named by their roles, with the number of each row."""
    with open_table(path, list(columns.values()), section=SALES.section("columns")) as table:
        cells = ", ".join(f'{table.text(name)} AS "{role}"' for role, name in columns.items())
        found = table.connection.sql(f"SELECT CAST({table.row} AS BIGINT) AS row, {cells} FROM raw").to_arrow_table()
        return found, table.source.notes
