"""Workbooks: the first sheet with the needed header, rewritten as a delimited text. Formulas are never evaluated."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from ..errors import SHOWN_ROWS, InputError
from .headers import BELOW, SAVE_AS_CSV, check_header
from .marks import visible

TITLE_ROWS = 20  # a header may stand below a title
LARGEST = 4 << 30  # bytes of a workbook once unpacked
EXACT = 1e15  # a workbook keeps 15 digits of a number; the rest of a longer one is lost


@dataclass(frozen=True)
class Sheet:
    """A sheet as found: its header, and what the reader should know."""

    header: tuple[str, ...]
    notes: tuple[str, ...]


def rewrite_sheet(path: Path, wanted: Sequence[str], target: Path) -> Sheet:
    """Write the first sheet with the columns ``wanted`` to ``target`` as CSV; the last column is the row number.

    Cells with a date, a time or a number become ISO text and plain digits; an elapsed time becomes ``PT90.0S``.

    Raises
    ------
    InputError
        The file is no workbook, is locked, unpacks to an absurd size, or has no sheet with these columns.
    """
    _check_archive(path)
    try:
        book = calamine.load_workbook(str(path))
        names = book.sheet_names
        found = [(name, sheet) for name in names if (sheet := book.get_sheet_by_name(name)).start is not None]
    except calamine.PasswordError:
        raise InputError("the workbook has a password", file=path, remedy="Save a copy without it.") from None
    except (calamine.CalamineError, OSError):
        raise InputError("the workbook cannot be read; it is damaged", file=path, remedy=SAVE_AS_CSV) from None
    if not found:
        raise InputError("the workbook is empty", file=path, remedy="Export the calls again.")
    _name, sheet, at, header = _choose(path, found, wanted)
    notes = [f"The workbook has {len(names)} sheets; one was read."] if len(names) > 1 else []
    beyond: list[int] = []
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        for row, cells in _rows(sheet, at):
            texts = [cell_text(cell) for cell in cells]
            if any(visible(text) for text in texts[len(header) :]):
                beyond.append(row)
            if any(texts[: len(header)]):
                out.writerow([*texts[: len(header)], row])
    if beyond:
        raise InputError(
            f"{len(beyond):,} {'row has' if len(beyond) == 1 else 'rows have'} cells to the right of the header",
            file=path,
            rows=beyond[:SHOWN_ROWS],
            count=len(beyond),
            remedy="Mend rows that have moved, or give each of these columns a name in the header.",
        )
    return Sheet(header, tuple(notes))


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise InputError("this is a damaged archive or workbook", file=path, remedy=SAVE_AS_CSV) from None
    if not any(m.filename == "xl/workbook.xml" for m in members):
        raise InputError("this is a zip archive, not a workbook", file=path, remedy="Unpack it; give the file inside.")
    if sum(m.file_size for m in members) > LARGEST:
        raise InputError("the workbook unpacks to more than 4 GB", file=path, remedy=SAVE_AS_CSV)


def _rows(sheet: calamine.CalamineSheet, after: int) -> Iterator[tuple[int, list[object]]]:
    """Yield (row number in the sheet, cells) of the rows below position ``after`` of the used range."""
    first = (sheet.start or (0, 0))[0] + 1
    for position, cells in enumerate(sheet.iter_rows()):
        if position > after:
            yield first + position, list(cells)


def _choose(
    path: Path, found: Sequence[tuple[str, calamine.CalamineSheet]], wanted: Sequence[str]
) -> tuple[str, calamine.CalamineSheet, int, tuple[str, ...]]:
    """Return the first sheet whose header has all columns, with the header's position in the used range."""
    nearest: tuple[int, tuple[str, ...], list[list[str]]] | None = None
    for name, sheet in found:
        rows = [[cell_text(c) for c in cells] for _, cells in itertools.islice(_rows(sheet, -1), TITLE_ROWS + BELOW)]
        for at, cells in enumerate(rows[:TITLE_ROWS]):
            header = tuple(visible(cell) for cell in cells)
            while header and not header[-1]:
                header = header[:-1]
            hits = len(set(header) & set(wanted)) if wanted else int(len(header) > 2)
            if hits == (len(wanted) or 1):
                check_header(path, header, wanted, rows[at + 1 :])
                return name, sheet, at, header
            if header and (nearest is None or hits > nearest[0]):
                nearest = hits, header, rows[at + 1 :]
    if nearest is not None:
        check_header(path, nearest[1], wanted, nearest[2])
    raise InputError("no sheet has a header", file=path, remedy=SAVE_AS_CSV)


def cell_text(cell: object) -> str:
    """Write a cell as text: ISO dates and times, plain digits for whole numbers, ``PT90.0S`` for elapsed time.

    >>> cell_text(648578192.0), cell_text(6.4e17), cell_text(dt.timedelta(seconds=90))
    ('648578192', '6.4e+17', 'PT90.0S')
    """
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float):
        return str(int(cell)) if cell == cell and abs(cell) < EXACT and cell == int(cell) else repr(float(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.timedelta):
        return f"PT{cell.total_seconds()}S"
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return "" if cell is None else str(cell)
