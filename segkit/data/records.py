"""The records of a delimited text by RFC 4180: how wide each is, before anything reads their cells.

The reader of the query engine is lenient: it takes one delimiter too many at the end of a row, and quotation marks within
cells. Either moves cells into their neighbours' columns, so that a number becomes a category. This pass is strict, and
counts: a row is as wide as the header, or it is refused by its number. It costs a few per cent of the load.
"""

from __future__ import annotations

import codecs
import csv
import dataclasses
import io
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import SHOWN_ROWS, InputError
from . import limits
from .files import endless
from .headers import places
from .marks import visible
from .opening import CHUNK, open_bytes, read_chunks
from .surroundings import TAIL, footers, no_record

QUOTE, RETURN = ord('"'), ord("\r")
JUDGED = 100_000  # records whose cells are looked at although they are some: more are taken as records unseen
OPENS, FOLLOWS = np.zeros(256, bool), np.ones(256, bool)
OPENS[list(b"#/-=*_+~")] = True  # of comments and rules
FOLLOWS[list(b"0123456789(.")] = False  # of numbers, below zero or of telephones
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
    skipped : tuple of Line
        Lines that are no records, in the order of the file.
    """

    count: int
    width: int
    skipped: tuple[Line, ...] = ()


class Line(NamedTuple):
    """A line of the text: its number among those that are not blank, its first byte and the one after it, and its kind."""

    row: int
    begin: int
    end: int
    kind: str


@dataclass(frozen=True)
class _Block:
    """Whole records: the row of the first, fields of each, whether the last is empty, and the bytes from where to where."""

    row: int
    fields: NDArray[np.int64]
    trailing: NDArray[np.bool_]
    starts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    cells: NDArray[np.uint8]
    offset: int

    def text(self, i: int) -> bytes:
        """Return the bytes of a record."""
        return self.cells[self.starts[i] : self.lasts[i]].tobytes()

    def line(self, i: int, kind: str) -> Line:
        """Return the place of a record in the text, with its line end."""
        end = int(self.lasts[i])
        while end < len(self.cells) and self.cells[end] in b"\r\n":
            end += 1
        return Line(self.row + i, self.offset + int(self.starts[i]), self.offset + end, kind)


@dataclass
class _Tally:
    """Rows of one kind: how many, and the first few."""

    count: int = 0
    rows: list[int] = dataclasses.field(default_factory=list)

    def add(self, rows: NDArray[np.int64]) -> None:
        self.count += len(rows)
        self.rows += rows[: SHOWN_ROWS - len(self.rows)].tolist()

    def drop(self, row: int) -> None:
        self.count -= 1
        self.rows = [other for other in self.rows if other != row]

    def join(self, other: _Tally) -> None:
        self.count += other.count
        self.rows = sorted(self.rows + other.rows)[:SHOWN_ROWS]


def count_records(
    path: Path, text: Path, delimiter: str, line_end: str, *, start: int = 0, row: int = 1, headless: bool = False
) -> Records:
    r"""Check that every record of a UTF-8 text has the width of its first one, the header; find lines that are no records.

    Parameters
    ----------
    path : path
        The file that messages name.
    text : path
        The text itself: the file, or a copy in UTF-8.
    delimiter : str
    line_end : {"\n", "\r"}
        The last character of each line end; the text has one kind alone.
    start, row : int
        Where the table begins: bytes before it, and the number of its first line.
    headless : bool
        Whether that line is a record.

    Raises
    ------
    InputError
        Records are narrower or wider than the header, quotation marks are not those of RFC 4180, or a record is absurdly
        long. One empty cell more at the end is allowed where all records have it, or none.
    """
    reader = _Reader(path, ord(delimiter), ord(line_end), start, row)
    tallies: _Tallies | None = None
    for block in reader.measure(text):
        if tallies is None:
            tallies = _Tallies(block, delimiter, headless)
        tallies.add(block)
    if tallies is None:
        return Records(0, 0)
    skipped = tallies.close()
    exact, extra, few, many = tallies.exact, tallies.extra, tallies.few, tallies.many
    if exact.count and extra.count:  # an empty cell at the end of some rows alone: what was shifted may look like that
        (few if exact.count < extra.count else many).join(min(exact, extra, key=lambda tally: tally.count))
    for tally, what in (few, "too few fields"), (many, "too many fields"):
        if tally.count and tally.count == max(few.count, many.count):
            raise InputError(
                f"{tally.count:,} {'line has' if tally.count == 1 else 'lines have'} {what}; "
                f"the {'first row' if headless else 'header'} has {tallies.named:,} columns",
                file=path,
                rows=tally.rows,
                count=tally.count,
                remedy=MEND,
            )
    return Records(exact.count + extra.count, tallies.named + bool(extra.count), skipped)


class _Tallies:
    """Counts of records by their width, without the lines that are none."""

    def __init__(self, first: _Block, delimiter: str, headless: bool) -> None:
        self.delimiter, self.headless = delimiter, headless
        self.unnamed = bool(first.trailing[0])  # whether the header ends with an empty cell
        self.named = int(first.fields[0]) - self.unnamed
        self.raw = b"" if headless else first.text(0)
        header = tuple(visible(cell) for cell in self.cells(first.text(0)))
        self.header = places(self.named) if headless else header[: self.named]
        self.exact, self.extra, self.few, self.many = _Tally(), _Tally(), _Tally(), _Tally()
        self.below = first.row + (not headless)  # row of the first record
        self.hollow = np.zeros(256, bool)  # of rows that may be empty
        self.hollow[list(f'{delimiter}" \t'.encode())] = True
        self.skipped: list[Line] = []
        self.tail: deque[tuple[Line, list[str], _Tally]] = deque(maxlen=TAIL)
        self.judged = 0

    def cells(self, record: bytes) -> list[str]:
        """Return the cells of a record."""
        return next(csv.reader(io.StringIO(record.decode(errors="replace"), newline=""), delimiter=self.delimiter), [])

    def add(self, block: _Block) -> None:
        """Count the records of a block."""
        rows = np.arange(block.row, block.row + len(block.fields), dtype=np.int64)
        here = rows >= self.below
        for i in self.suspects(block, here).tolist():
            kind = no_record(self.cells(block.text(i)), self.header, first=bool(rows[i] == self.below))
            if kind is None:
                self.judged += 1
            else:
                self.skipped.append(block.line(i, kind))
                here[i] = False
        tallied = self.tallied(block.fields, block.trailing)
        for tally, which in tallied:
            tally.add(rows[which & here])
        for i in np.flatnonzero(here)[-TAIL:].tolist():
            tally = next(tally for tally, which in tallied if which[i])
            self.tail.append((block.line(i, "footer"), self.cells(block.text(i)), tally))

    def tallied(
        self, fields: NDArray[np.int64], trailing: NDArray[np.bool_]
    ) -> tuple[tuple[_Tally, NDArray[np.bool_]], ...]:
        """Return which records are of which tally."""
        one_more = (fields == self.named + 1) & (trailing | self.unnamed)
        return (
            (self.exact, fields == self.named), (self.extra, one_more), (self.few, fields < self.named),
            (self.many, (fields > self.named) & ~one_more),
        )  # fmt: skip

    def suspects(self, block: _Block, here: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the records that may be none, judged by their width and their first two bytes."""
        length = block.lasts - block.starts
        one, two = (block.cells[np.minimum(block.starts + at, len(block.cells) - 1)] for at in (0, 1))
        which = (block.fields < self.named) | (length == block.fields - 1) | (OPENS[one] & FOLLOWS[two])
        which |= self.hollow[one] & self.hollow[two]
        same = np.flatnonzero(length == len(self.raw))
        for at, byte in enumerate(self.raw):
            same = same[block.cells[block.starts[same] + at] == byte]
            if not len(same):
                break
        which[same] = True
        which[np.flatnonzero(here)[:1]] |= block.row <= self.below  # types stand right below the header
        return np.flatnonzero(which & here)[: max(0, JUDGED - self.judged)]

    def close(self) -> tuple[Line, ...]:
        """Take totals and remarks off the end, and return all lines that are no records."""
        for _ in range(footers([cells for _, cells, _ in self.tail], self.named)):
            line, _, tally = self.tail.pop()
            tally.drop(line.row)
            self.skipped.append(line)
        return tuple(sorted(self.skipped))


class _Reader:
    """The text in blocks of whole records, and the width of each record."""

    def __init__(self, path: Path, delimiter: int, line_end: int, start: int, row: int) -> None:
        self.path, self.delimiter, self.line_end = path, delimiter, line_end
        self.start, self.row = start, row  # row of the next record

    def measure(self, text: Path) -> Iterator[_Block]:
        """Yield blocks of records."""
        rest, left, self.offset = b"", self.start, self.start
        for chunk in read_chunks(text):
            if self.offset == 0 and not rest and chunk.startswith(codecs.BOM_UTF8):
                left = self.offset = len(codecs.BOM_UTF8)
            block = rest + chunk[left:]
            left = max(0, left - len(chunk))
            cells = np.frombuffer(block, np.uint8)
            marks, ends = self._marks(cells)
            if len(ends):
                cut = int(marks[ends[-1]]) + 1
                yield from self._widths(cells[:cut], marks, ends)
                rest = block[cut:]
                self.offset += cut
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

    def _widths(self, cells: NDArray[np.uint8], marks: NDArray[np.int64], ends: NDArray[np.int64]) -> Iterator[_Block]:
        stops = marks[ends]
        starts = np.concatenate(([0], stops[:-1] + 1))
        last = stops - ((stops > starts) & (cells[stops - 1] == RETURN))  # the first character of CR LF
        filled = last > starts
        self._check_quotes(cells, stops[filled])
        if filled.any():
            tail = last[filled]
            quoted = (cells[tail - 1] == QUOTE) & (cells[tail - 2] == QUOTE) & (tail > 2)  # `""`, a quoted nothing
            empty = cells[tail - np.where(quoted, 3, 1)] == self.delimiter
            fields = np.diff(ends, prepend=-1)[filled]
            yield _Block(self.row, fields, empty, starts[filled], tail, cells, self.offset)
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


def write_trimmed(text: Path, target: IO[bytes], start: int, skipped: Iterable[Line]) -> None:
    """Write a text from byte ``start`` on, without the lines that are no records."""
    with open_bytes(text) as file:
        at = start
        for begin, end in (*((line.begin, line.end) for line in skipped), (None, None)):
            file.seek(at)
            while (left := CHUNK if begin is None else min(CHUNK, begin - at)) and (piece := file.read(left)):
                target.write(piece)
                at += len(piece)
            at = end or at
    target.flush()
