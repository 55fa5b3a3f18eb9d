"""Workbooks: the first sheet with the needed header, rewritten as a delimited text. Formulas are never evaluated."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from ..errors import SHOWN_ROWS, InputError
from . import archives, limits
from .headers import BELOW, HEADLESS, SAVE_AS_CSV, check_header, is_headless, looks_like_data, places, places_of
from .marks import visible
from .surroundings import TAIL, footers, no_record, told

TITLE_ROWS = 20  # a header may stand below a title


@dataclass(frozen=True)
class Sheet:
    """A sheet as found: its header, what the reader should know, and whether the header consists of places."""

    header: tuple[str, ...]
    notes: tuple[str, ...]
    headless: bool = False


def rewrite_sheet(
    path: Path, wanted: Sequence[str], source: int, target: int, section: str = "", headless: bool = False
) -> Sheet:
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
    headless : bool
        Whether a sheet without a header is taken although ``wanted`` names no column by its place.

    Raises
    ------
    InputError
        The file is no workbook, is locked, unpacks to an absurd size, or has no sheet with these columns.
    """
    with open(source, "rb", closefd=False) as file:
        zipped = file.read(2) == b"PK"  # an old workbook has bounds of its own: 65,536 rows by 256 columns
        too_large = archives.farthest(file, path) if zipped and archives.measure(file, path) else None
    if too_large:
        raise too_large
    try:
        book = calamine.load_workbook(f"/dev/fd/{source}")
        names = book.sheet_names
        sheets = (book.get_sheet_by_name(name) for name in names)  # one at a time: they may be large
        found = (sheet for sheet in sheets if sheet.start is not None)
        first = next(found, None)
        if first is None:
            raise InputError("the workbook is empty", file=path, remedy="Export it again.")
        place = _choose(path, itertools.chain([first], found), wanted, section, headless)
    except calamine.PasswordError:
        raise InputError("the workbook has a password", file=path, remedy="Save a copy without it.") from None
    except (calamine.CalamineError, OSError):
        raise InputError(
            "the workbook cannot be read; it is damaged, or has a password", file=path, remedy=SAVE_AS_CSV
        ) from None
    notes = [f"The workbook has {len(names)} sheets; one was read."] if len(names) > 1 else []
    if place.headless:
        notes.append(HEADLESS)
    return Sheet(place.header, (*notes, *_write(path, place, target)), place.headless)


@dataclass(frozen=True)
class _Place:
    """Where a table is: its sheet, the names of its columns, and the position of its first record in the used range."""

    sheet: calamine.CalamineSheet
    header: tuple[str, ...]
    below: int
    headless: bool
    titles: tuple[int, ...]


def _write(path: Path, place: _Place, target: int) -> list[str]:
    """Write the records below a header, and return what is said of rows that are none."""
    beyond: list[int] = []
    skipped: dict[str, list[int]] = {"title": list(place.titles)}
    header = place.header
    tail: deque[list[str]] = deque()
    with open(target, "w", encoding="utf-8", newline="", closefd=False) as text:
        out = csv.writer(text, lineterminator="\n")
        for position, (row, cells) in enumerate(_rows(place.sheet, place.below - 1)):
            texts = [cell_text(cell) for cell in cells]
            if any(visible(text) for text in texts[len(header) :]):
                beyond.append(row)
            kind = no_record(texts[: len(header)], header, first=position == 0)
            if kind is None:
                tail.append([*texts[: len(header)], str(row)])
                if len(tail) > TAIL:
                    out.writerow(tail.popleft())
            elif kind != "empty":
                skipped.setdefault(kind, []).append(row)
        for _ in range(footers([cells[:-1] for cells in tail], len(header))):
            skipped.setdefault("footer", []).insert(0, int(tail.pop()[-1]))
        out.writerows(tail)
    if beyond:
        raise InputError(
            f"{len(beyond):,} {'row has' if len(beyond) == 1 else 'rows have'} cells to the right of the header",
            file=path,
            rows=beyond[:SHOWN_ROWS],
            count=len(beyond),
            remedy="Mend rows that have moved, or give each of these columns a name in the header.",
        )
    return told({kind: (len(rows), rows) for kind, rows in skipped.items()})


def _rows(sheet: calamine.CalamineSheet, after: int) -> Iterator[tuple[int, list[object]]]:
    """Yield (row number in the sheet, cells) of the rows below position ``after`` of the used range."""
    first = (sheet.start or (0, 0))[0] + 1
    for position, cells in enumerate(sheet.iter_rows()):
        if position > after:
            yield first + position, list(cells)


def _choose(
    path: Path, found: Iterable[calamine.CalamineSheet], wanted: Sequence[str], section: str, headless: bool
) -> _Place:
    """Return the table of the first sheet whose header has all columns, or that has none where its columns are places."""
    nearest: tuple[int, tuple[str, ...], list[list[str]]] | None = None
    for sheet in found:
        numbered = [
            (row, [cell_text(c) for c in cells])
            for row, cells in itertools.islice(_rows(sheet, -1), TITLE_ROWS + BELOW)
        ]
        rows = [cells for _, cells in numbered]
        for at, cells in enumerate(rows[:TITLE_ROWS]):
            header = tuple(visible(cell) for cell in cells)
            while header and not header[-1]:
                header = header[:-1]
            titles = tuple(row for row, above in numbered[:at] if any(visible(cell) for cell in above))
            hits = len(set(header) & set(wanted)) if wanted else int(len(header) > 2)
            below = rows[at + 1 :]
            if hits == (len(wanted) or 1) or (len(header) > 2 and places_of(wanted) and looks_like_data(header, below)):
                bare = is_headless(path, header, wanted, below, section=section, open_=headless)
                width = max(len(cells) for cells in rows) if bare else 0
                header = places(width) if bare else header
                check_header(path, header, wanted, below, section=section)
                return _Place(sheet, header, at + (not bare), bare, titles)
            if header and (nearest is None or hits > nearest[0]):
                nearest = hits, header, below
    if nearest is not None:
        is_headless(path, nearest[1], wanted, nearest[2], section=section, open_=False)
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
