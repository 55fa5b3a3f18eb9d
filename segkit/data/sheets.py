"""Workbooks: the first sheet with the needed header, rewritten as a delimited text. Formulas are never evaluated."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from ..errors import SHOWN_ROWS, InputError
from . import archives, limits
from .headers import BELOW, SAVE_AS_CSV, check_header
from .marks import visible

TITLE_ROWS = 20  # a header may stand below a title


@dataclass(frozen=True)
class Sheet:
    """A sheet as found: its header, and what the reader should know."""

    header: tuple[str, ...]
    notes: tuple[str, ...]


def rewrite_sheet(path: Path, wanted: Sequence[str], source: int, target: int, section: str = "") -> Sheet:
    """Write the first sheet with the columns ``wanted`` as CSV; the last column is the row number.

    Cells with a date, a time or a number become ISO text and plain digits; an elapsed time becomes ``PT90.0S``. It runs
    in a process of its own (see `child`), since what is parsed may end the process.

    Parameters
    ----------
    path : path
        What messages call the workbook.
    wanted : sequence of str
    source, target : int
        Descriptors of the open workbook, and of the file that is written.
    section : str
        The part of the settings that names the columns.

    Raises
    ------
    InputError
        The file is no workbook, is locked, unpacks to an absurd size, or has no sheet with these columns.
    """
    with open(source, "rb", closefd=False) as file:
        too_large = archives.farthest(file, path) if archives.measure(file, path) else None
    if too_large:
        raise too_large
    try:
        book = calamine.load_workbook(f"/dev/fd/{source}")
        names = book.sheet_names
        sheets = ((name, book.get_sheet_by_name(name)) for name in names)  # one at a time: they may be large
        found = ((name, sheet) for name, sheet in sheets if sheet.start is not None)
        first = next(found, None)
        if first is None:
            raise InputError("the workbook is empty", file=path, remedy="Export it again.")
        _name, sheet, at, header = _choose(path, itertools.chain([first], found), wanted, section)
    except calamine.PasswordError:
        raise InputError("the workbook has a password", file=path, remedy="Save a copy without it.") from None
    except (calamine.CalamineError, OSError):
        raise InputError("the workbook cannot be read; it is damaged", file=path, remedy=SAVE_AS_CSV) from None
    notes = [f"The workbook has {len(names)} sheets; one was read."] if len(names) > 1 else []
    beyond: list[int] = []
    with open(target, "w", encoding="utf-8", newline="", closefd=False) as text:
        out = csv.writer(text, lineterminator="\n")
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


def _rows(sheet: calamine.CalamineSheet, after: int) -> Iterator[tuple[int, list[object]]]:
    """Yield (row number in the sheet, cells) of the rows below position ``after`` of the used range."""
    first = (sheet.start or (0, 0))[0] + 1
    for position, cells in enumerate(sheet.iter_rows()):
        if position > after:
            yield first + position, list(cells)


def _choose(
    path: Path, found: Iterable[tuple[str, calamine.CalamineSheet]], wanted: Sequence[str], section: str
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
                check_header(path, header, wanted, rows[at + 1 :], section=section)
                return name, sheet, at, header
            if header and (nearest is None or hits > nearest[0]):
                nearest = hits, header, rows[at + 1 :]
    if nearest is not None:
        check_header(path, nearest[1], wanted, nearest[2], section=section)
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
        return str(int(cell)) if cell == cell and abs(cell) < limits.WHOLE and cell == int(cell) else repr(float(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.timedelta):
        return f"PT{cell.total_seconds()}S"
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return "" if cell is None else str(cell)
