"""Where the table begins within a text, and which character divides its cells: told from the first lines alone."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .headers import BELOW, known_heading, looks_like_data
from .marks import visible
from .surroundings import COMMENT, is_rule

DELIMITERS = (",", ";", "\t", "|")
TITLES = 20  # lines above a header that are looked at
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """The first row of a table in a text.

    Attributes
    ----------
    delimiter : str
    first : tuple of str
        Its visible cells.
    written : tuple of str
        Its cells as they are.
    below : tuple of list of str
        Some rows below it.
    start : int
        Characters that stand before it.
    row : int
        Its number among the lines that are not blank, from 1.
    """

    delimiter: str
    first: tuple[str, ...]
    written: tuple[str, ...]
    below: tuple[list[str], ...]
    start: int
    row: int


_Placed = tuple[int, list[str]]  # characters before a row, and its cells


def find_layout(text: str, wanted: Sequence[str]) -> Layout:
    """Find the first row of a table below titles, comments and a line that states the delimiter.

    The first line is it, unless the rows below have another number of cells and a line below fits them, or one of the first
    lines alone has all columns ``wanted``.

    Parameters
    ----------
    text : str
        The head of a file.
    wanted : sequence of str
        Columns that the settings name.

    >>> find_layout("sep=;\\ndate;time\\n1;2\\n", ["date"]).first
    ('date', 'time')
    >>> layout = find_layout("Calls of May\\n\\nstart,number\\n2024-05-01,5\\n2024-05-02,6\\n", [])
    >>> layout.first, layout.row, layout.start
    (('start', 'number'), 2, 14)
    """
    stated = next(
        (m[1] for line in io.StringIO(text) if line.strip() for m in [_SEPARATOR.fullmatch(line.strip())] if m), ""
    )
    signs = (stated,) if stated in DELIMITERS else DELIMITERS
    parsed = {sign: _rows(text, sign) for sign in signs}
    firsts = {sign: _after_marks(rows) for sign, rows in parsed.items()}
    sign = max(signs, key=lambda s: (*_fit(parsed[s], firsts[s], wanted), -signs.index(s)))
    at = firsts[sign]
    rows = parsed[sign]
    if (not _fit_names(rows, at) >= set(wanted)) if wanted else (rows and not _agrees(rows, at)):
        below = {s: _below_titles(rows, firsts[s], wanted) for s, rows in parsed.items()}
        lower = [s for s in signs if below[s] is not None]
        if lower:
            sign = max(lower, key=lambda s: (*_fit(parsed[s], below[s] or 0, wanted), -signs.index(s)))
            at, rows = below[sign] or 0, parsed[sign]
    if not rows:
        return Layout(sign, (), (), (), 0, 1)
    start, cells = rows[at]
    return Layout(
        sign,
        tuple(visible(cell) for cell in cells),
        tuple(cells),
        tuple(row for _, row in rows[at + 1 :]),
        start,
        at + 1,
    )


def _rows(text: str, delimiter: str) -> list[_Placed]:
    """Return the rows that a text begins with but for blank ones, and how many characters stand before each."""
    at = 0

    def lines() -> Iterator[str]:
        nonlocal at
        for line in io.StringIO(text, newline=""):
            at += len(line)
            yield line

    rows: list[_Placed] = []
    begin = 0
    with contextlib.suppress(csv.Error):  # a cell longer than the reader's limit
        for cells in csv.reader(lines(), delimiter=delimiter):
            if cells:
                rows.append((begin, cells))
            begin = at
            if len(rows) > BELOW + TITLES:
                break
    return rows


def _after_marks(rows: Sequence[_Placed]) -> int:
    """Return the position of the first row that is neither a statement of the delimiter, nor a comment or a rule."""
    for at, (_, cells) in enumerate(rows):
        line = cells[0].strip()
        stated = line[:4].lower() == "sep=" and len(line) < 6
        if not (stated or COMMENT.match(line) or is_rule(cells)):
            return at
    return 0


def _fit_names(rows: Sequence[_Placed], at: int) -> set[str]:
    return {visible(name) for name in rows[at][1]} if rows else set()


def _fit(rows: Sequence[_Placed], at: int, wanted: Sequence[str]) -> tuple[int, int]:
    """Return how many wanted columns a row names, and how many columns at all."""
    return (len(_fit_names(rows, at) & set(wanted)), len(rows[at][1])) if rows else (0, 0)


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(visible(cell)) for cell in cells)


def _width(rows: Sequence[_Placed]) -> int:
    """Return how many cells most rows have of those with several; the rows below the titles count where there are some."""
    widths = Counter(len(cells) for _, cells in (rows[TITLES:] if len(rows) > 2 * TITLES else rows) if len(cells) > 1)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _agrees(rows: Sequence[_Placed], at: int) -> bool:
    """Tell whether a row is as wide as most below it, give or take an empty cell at the end, and has more than one cell."""
    cells = rows[at][1]
    return _filled(cells) > 1 and abs(len(cells) - _width(rows)) <= 1


def _below_titles(rows: Sequence[_Placed], first: int, wanted: Sequence[str]) -> int | None:
    """Return the position of the first row of a table that has titles above it, or None where that is not clear.

    Titles have fewer filled cells than the header. A title with several cells must stand above a row of names, and be none
    itself: else rows with one cell more than the header would make a title of it.
    """
    for at in range(first + 1, min(len(rows), first + TITLES + 1)):
        cells = rows[at][1]
        above = [row for _, row in rows[first:at]]
        if any(_filled(row) >= _filled(cells) for row in above) or is_rule(cells) or COMMENT.match(cells[0].lstrip()):
            continue
        named = bool(wanted) and set(wanted) <= {visible(cell) for cell in cells}
        usual = len(cells) == _width(rows) and 2 * _filled(cells) > len(cells)
        if not (named or usual) or any(cell.strip().endswith(":") for cell in cells):
            continue
        several = [row for row in above if _filled(row) > 1]
        headed = any(all(known_heading(cell) for cell in row if visible(cell)) for row in several)  # by names
        data = looks_like_data([visible(c) for c in cells], [row for _, row in rows[at + 1 :]])
        if data and (several or not all(any(c.isalpha() for c in "".join(row)) for row in above)):
            return None
        return None if headed else at
    return None
