"""A file of leads as it came, with one more column: the segment of each lead."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from .tables import open_table

CLUSTER = "Cluster"


def clustered(path: Path, segments: Sequence[int | None]) -> bytes:
    """Return a file as UTF-8 text, its cells as they are, with the segment of each row in a column at its end.

    Parameters
    ----------
    path : path
        Of any kind that `readers.READERS` has: delimited text, Parquet, a workbook, JSON.
    segments : sequence of int or None
        One per row, in the order of the file; None leaves the cell empty.

    Raises
    ------
    InputError
        The file cannot be read.
    ValueError
        There are not as many segments as rows.
    """
    with open_table(path) as table:
        cells = ", ".join(table.columns.values())
        rows = table.connection.sql(f"SELECT {cells} FROM raw").fetchall()  # in the order of the file, as `read_cells`
        header, sign = list(table.source.header), table.source.delimiter or ","
    name, count = CLUSTER, 1
    while name in header:
        count += 1
        name = f"{CLUSTER}_{count}"
    text = io.StringIO()
    out = csv.writer(text, delimiter=sign, lineterminator="\n")
    out.writerow([*header, name])
    for row, segment in zip(rows, segments, strict=True):
        out.writerow([*("" if cell is None else cell for cell in row), "" if segment is None else segment])
    return text.getvalue().encode()
