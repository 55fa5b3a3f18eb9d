"""The records of a delimited text by RFC 4180: how wide each is, before anything reads their cells.

The reader of the query engine is lenient: it takes one delimiter too many at the end of a row, and quotation marks within
cells. Either moves cells into their neighbours' columns, so that a number becomes a category. This pass is strict, and
counts: a row is as wide as the header, or it is refused by its number. It costs a few per cent of the load.
"""

from __future__ import annotations

import codecs
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import SHOWN_ROWS, InputError
from . import limits
from .files import endless
from .opening import read_chunks

QUOTE, RETURN = ord('"'), ord("\r")
UNCLOSED = "1 line has a quotation mark that is never closed, or closes within a cell"
MEND = "Mend these lines, or export again with text in quotation marks."


@dataclass(frozen=True)
class Records:
    """What the pass found.

    Attributes
    ----------
    count : int
        Records below the header; blank lines are none.
    width : int
        Cells of each of them: those of the header, perhaps with one empty cell more or less at the end of all.
    """

    count: int
    width: int


@dataclass
class _Tally:
    """Rows of one kind: how many, and the first few."""

    count: int = 0
    rows: list[int] = dataclasses.field(default_factory=list)

    def add(self, rows: NDArray[np.int64]) -> None:
        self.count += len(rows)
        self.rows += rows[: SHOWN_ROWS - len(self.rows)].tolist()

    def join(self, other: _Tally) -> None:
        self.count += other.count
        self.rows = sorted(self.rows + other.rows)[:SHOWN_ROWS]


def count_records(path: Path, text: Path, delimiter: str, line_end: str) -> Records:
    r"""Check that every record of a UTF-8 text has the width of its first one, the header.

    Parameters
    ----------
    path : path
        The file that messages name.
    text : path
        The text itself: the file, or a copy in UTF-8.
    delimiter : str
    line_end : {"\n", "\r"}
        The last character of each line end; the text has one kind alone.

    Raises
    ------
    InputError
        Records are narrower or wider than the header, quotation marks are not those of RFC 4180, or a record is absurdly
        long. One empty cell more at the end is allowed where all records have it, or none.
    """
    reader = _Reader(path, ord(delimiter), ord(line_end))
    width, unnamed = 0, False  # cells of the header; whether it ends with an empty one
    exact, extra, few, many = _Tally(), _Tally(), _Tally(), _Tally()
    for first, fields, trailing in reader.measure(text):
        if not width:
            width, unnamed = int(fields[0]), bool(trailing[0])
            first, fields, trailing = first + 1, fields[1:], trailing[1:]
        named = width - unnamed
        rows = np.arange(first, first + len(fields), dtype=np.int64)
        one_more = (fields == named + 1) & (trailing | unnamed)
        exact.add(rows[fields == named])
        extra.add(rows[one_more])
        few.add(rows[fields < named])
        many.add(rows[(fields > named) & ~one_more])
    if exact.count and extra.count:  # an empty cell at the end of some rows alone: what was shifted may look like that
        (few if exact.count < extra.count else many).join(min(exact, extra, key=lambda tally: tally.count))
    for tally, what in (few, "too few fields"), (many, "too many fields"):
        if tally.count and tally.count == max(few.count, many.count):
            raise InputError(
                f"{tally.count:,} {'line has' if tally.count == 1 else 'lines have'} {what}; "
                f"the header has {width - unnamed:,} columns",
                file=path,
                rows=tally.rows,
                count=tally.count,
                remedy=MEND,
            )
    return Records(exact.count + extra.count, width - unnamed + bool(extra.count))


class _Reader:
    """The text in blocks of whole records, and the width of each record."""

    def __init__(self, path: Path, delimiter: int, line_end: int) -> None:
        self.path, self.delimiter, self.line_end = path, delimiter, line_end
        self.row = 1  # of the next record

    def measure(self, text: Path) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.bool_]]]:
        """Yield (row of the first, fields of each, whether the last field of each is empty) for blocks of records."""
        rest = b""
        for number, chunk in enumerate(read_chunks(text)):
            block = rest + (chunk if number else chunk.removeprefix(codecs.BOM_UTF8))
            cells = np.frombuffer(block, np.uint8)
            marks, ends = self._marks(cells)
            if len(ends):
                cut = int(marks[ends[-1]]) + 1
                yield from self._widths(cells[:cut], marks, ends)
                rest = block[cut:]
            else:
                rest = block
            if len(rest) > limits.LINE:
                self._check_quotes(np.frombuffer(rest, np.uint8), np.array([], np.int64))
                raise endless(self.path, self.row)
        if rest:
            cells = np.frombuffer(rest + bytes([self.line_end]), np.uint8)
            marks, ends = self._marks(cells)
            if not len(ends):
                raise self._refused(UNCLOSED, self.row)
            yield from self._widths(cells, marks, ends)

    def _marks(self, cells: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where delimiters and line ends stand outside quotation marks, and which of them are line ends."""
        marks = np.flatnonzero((cells == self.delimiter) | (cells == self.line_end))
        quotes = np.flatnonzero(cells == QUOTE)
        if len(quotes):
            marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
        return marks, np.flatnonzero(cells[marks] == self.line_end)

    def _widths(
        self, cells: NDArray[np.uint8], marks: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.bool_]]]:
        stops = marks[ends]
        starts = np.concatenate(([0], stops[:-1] + 1))
        last = stops - ((stops > starts) & (cells[stops - 1] == RETURN))  # the first character of CR LF
        filled = last > starts
        self._check_quotes(cells, stops[filled])
        if filled.any():
            tail = last[filled]
            quoted = (cells[tail - 1] == QUOTE) & (cells[tail - 2] == QUOTE) & (tail > 2)  # `""`, a quoted nothing
            empty = cells[tail - np.where(quoted, 3, 1)] == self.delimiter
            yield self.row, np.diff(ends, prepend=-1)[filled], empty
            self.row += int(filled.sum())

    def _check_quotes(self, cells: NDArray[np.uint8], stops: NDArray[np.int64]) -> None:
        """Refuse a quotation mark that neither opens nor closes a whole cell, nor is one of two within."""
        quotes = np.flatnonzero(cells == QUOTE)
        if not len(quotes):
            return
        opening, closing = quotes[0::2], quotes[1::2]
        before = np.where(opening > 0, cells[opening - 1], self.line_end)
        after = cells[np.minimum(closing + 1, len(cells) - 1)]
        edge = (self.delimiter, self.line_end, QUOTE)
        wrong = np.concatenate((opening[~np.isin(before, edge)], closing[~np.isin(after, (*edge, RETURN))]))
        if len(wrong):
            raise self._refused(UNCLOSED, self.row + int(np.searchsorted(stops, wrong.min())))

    def _refused(self, problem: str, row: int) -> InputError:
        return InputError(problem, file=self.path, rows=[row], remedy=MEND)
