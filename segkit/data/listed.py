"""Records that a file lists one after the other, each with its own names: objects of JSON, calls of a backup of a phone."""

from __future__ import annotations

import codecs
import csv
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.parsers import expat

from ..errors import InputError
from . import limits
from .headers import BELOW, REMEDY, SAVE_AS_CSV, check_header
from .marks import visible
from .sheets import Sheet, cell_text

CHUNK = 1 << 20
NOTHING = "null"  # what the app writes where it has nothing
_PAIR = re.compile(
    rb"&#(5[56]\d{3});&#(5[67]\d{3});"
)  # halves of UTF-16, as the app writes emoji; XML has no such halves
_BLANK = re.compile(r"\s*")
Record = Iterable[tuple[str, str]]


class _Pairs(list[tuple[str, Any]]):
    """The members of an object of JSON, in their order; a name may occur twice."""


def rewrite_json(path: Path, wanted: Sequence[str], source: int, target: int, section: str = "") -> Sheet:
    """Write objects of JSON as CSV; the last column is the number of the record.

    They stand in an array, in an array that is the one list of an object, or one after the other (JSON Lines). An object
    within a record gives columns with dotted names (``from.number``); lists within records are left, and said. Numbers
    keep the digits that the file has. It runs in a process of its own (see `child`).

    Parameters
    ----------
    path : path
        What messages call the file.
    wanted : sequence of str
    source, target : int
        Descriptors of the open file, and of the file that is written.
    section : str
        The part of the settings that names the columns.

    Raises
    ------
    InputError
        It is no JSON, or its records are more than one level deep, or have not these columns.
    """
    with open(source, "rb", closefd=False) as file:
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError("JSON has to be UTF-8, and this is not", file=path, remedy=SAVE_AS_CSV) from None
    given = _JSON(path, text)
    listed, notes = given.listed()
    sheet = _write(path, wanted, target, section, listed, notes)
    if not given.lists:
        return sheet
    has = "1 name of records has" if len(given.lists) == 1 else f"{len(given.lists):,} names of records have"
    return replace(sheet, notes=(*sheet.notes, f"{has} lists within; they were not read."))


class _JSON:
    """A text of JSON, and the records in it."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text, self.lists = path, text, set[str]()  # names of lists within records
        self.decoder = json.JSONDecoder(
            object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=self._constant
        )

    @staticmethod
    def _constant(name: str) -> None:
        raise ValueError(name)

    def listed(self) -> tuple[Callable[[], Iterator[Record]], list[str]]:
        """Return where the records are, such that they can be gone through twice, and what else there is."""
        begin = self._next(0)
        if self.text[begin] == "[":
            return lambda: (self._flat(record, i) for i, record in enumerate(self._array(begin + 1), 1)), []
        whole, end = self._value(begin, 1)
        if self._next(end) < len(self.text):
            return lambda: (self._flat(record, i) for i, record in enumerate(self._lines(begin), 1)), []
        lists = [value for _, value in whole if _is_list(value)]
        if len(lists) > 1:
            raise InputError(f"the file holds {len(lists)} lists", file=self.path, remedy="Export one of them alone.")
        notes = []
        if lists and len(whole) > 1:
            other = "1 other value; it was" if len(whole) == 2 else f"{len(whole) - 1:,} other values; they were"
            notes.append(f"Beside its list of records the file has {other} not read.")
        return lambda: (self._flat(record, i) for i, record in enumerate(lists[0] if lists else [whole], 1)), notes

    def _next(self, at: int) -> int:
        """Return where the next character stands that is not blank."""
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def _value(self, at: int, record: int) -> tuple[Any, int]:
        try:
            return self.decoder.raw_decode(self.text, at)
        except (ValueError, RecursionError):  # whose text may quote a value
            raise self._damaged(record) from None

    def _damaged(self, record: int) -> InputError:
        return InputError(
            "the JSON is damaged, or was cut off", file=self.path, rows=[record], remedy="Export it again."
        )

    def _array(self, at: int) -> Iterator[Any]:
        at = self._next(at)
        for record in itertools.count(1):
            if record == 1 and self.text[at : at + 1] == "]":
                break
            value, at = self._value(at, record)
            yield value
            at = self._next(at)
            if self.text[at : at + 1] == "]":
                break
            if self.text[at : at + 1] != ",":
                raise self._damaged(record)
            at = self._next(at + 1)
        if self._next(at + 1) < len(self.text):
            raise self._damaged(record)

    def _lines(self, at: int) -> Iterator[Any]:
        for record in itertools.count(1):
            if at >= len(self.text):
                return
            value, at = self._value(at, record)
            yield value
            at = self._next(at)

    def _flat(self, value: Any, record: int) -> Record:
        if not isinstance(value, _Pairs):
            raise InputError("the JSON is no list of objects", file=self.path, rows=[record], remedy=SAVE_AS_CSV)
        out: list[tuple[str, Any]] = []
        for name, cell in value:
            out += [(f"{name}.{inner}", own) for inner, own in cell] if isinstance(cell, _Pairs) else [(name, cell)]
        if any(isinstance(cell, _Pairs) for _, cell in out):
            raise InputError(
                "a record has an object within an object", file=self.path, rows=[record],
                remedy=f"Export records that are flat, or one level deep. {SAVE_AS_CSV}",
            )  # fmt: skip
        if len({name for name, _ in out}) < len(out):
            raise InputError("a record has one name twice", file=self.path, rows=[record], remedy="Export it again.")
        self.lists.update(name for name, cell in out if _is_list(cell))
        return [(name, cell_text(cell)) for name, cell in out if not _is_list(cell)]


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and not isinstance(value, _Pairs)


def rewrite_backup(path: Path, wanted: Sequence[str], source: int, target: int, section: str = "") -> Sheet:
    """Write the calls of a backup of an Android phone (``<calls><call number="..." .../>``) as CSV, as `rewrite_json` does.

    Raises
    ------
    InputError
        It is not well formed, declares anything, or has other elements than calls.
    """

    def calls() -> Iterator[Record]:
        with open(source, "rb", closefd=False) as file:
            file.seek(0)
            reader = _Backup(path)
            while chunk := file.read(CHUNK):
                yield from reader.feed(chunk)
            yield from reader.feed(b"", last=True)

    return _write(path, wanted, target, section, calls, [])


def _whole(pair: re.Match[bytes]) -> bytes:
    """Return the reference to the character that two halves are."""
    high, low = int(pair[1]) - 0xD800, int(pair[2]) - 0xDC00
    return b"&#%d;" % (0x10000 + (high << 10) + low) if 0 <= high < 0x400 and 0 <= low < 0x400 else pair[0]


class _Backup:
    """The calls in XML, as it comes in; there is nothing in it but a list of calls with attributes."""

    def __init__(self, path: Path) -> None:
        self.path, self.depth, self.rest, self.found = path, 0, b"", list[Record]()
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._declares

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Record]:
        """Return the calls that are complete now."""
        both = self.rest + chunk
        cut = len(both) if last else both.rfind(b">") + 1
        self.rest = both[cut:]
        try:
            self.parser.Parse(_PAIR.sub(_whole, both[:cut]), last)
        except expat.ExpatError as error:  # its own text is about the syntax alone, but may grow
            raise InputError(
                "the XML is damaged, or was cut off",
                file=self.path,
                rows=[error.lineno],
                remedy="Make the backup again.",
            ) from None
        found, self.found = self.found, []
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self.depth > 1 or name != ("calls", "call")[self.depth]:
            raise self._refused("has other elements than calls")
        if self.depth:
            self.found.append([(key, "" if cell == NOTHING else cell_text(cell)) for key, cell in attributes.items()])
        self.depth += 1

    def _end(self, _name: str) -> None:
        self.depth -= 1

    def _text(self, text: str) -> None:
        if text.strip():
            raise self._refused("has text between its elements")

    def _declares(self, *_given: object) -> None:
        raise self._refused("declares a document type or entities, which no backup does")

    def _refused(self, what: str) -> InputError:
        return InputError(f"the XML {what}", file=self.path, rows=[self.parser.CurrentLineNumber], remedy=SAVE_AS_CSV)


def _write(
    path: Path,
    wanted: Sequence[str],
    target: int,
    section: str,
    listed: Callable[[], Iterator[Record]],
    notes: list[str],
) -> Sheet:
    """Write records with the names of all of them as columns; where one lacks a name, its cell is empty."""
    names: dict[str, None] = {}
    below: list[list[str]] = []
    for record in listed():
        row = dict(record)
        if len(names) <= limits.COLUMNS:
            names.update(dict.fromkeys(row))
        if len(below) < BELOW:
            below.append([row.get(name, "") for name in names])
    if not names:
        raise InputError("the file lists no records", file=path, remedy="Export it again.")
    header = tuple(visible(name) for name in names)
    check_header(path, header, wanted, below, section=section, remedy=REMEDY)
    lacking = 0
    with open(target, "w", encoding="utf-8", errors="replace", newline="", closefd=False) as text:
        out = csv.writer(text, lineterminator="\n")
        for number, record in enumerate(listed(), 1):
            row = dict(record)
            lacking += len(row) < len(names)
            out.writerow([*(row.get(name, "") for name in names), number])
    if lacking:
        has = (
            "record lacks a name that others have; its cell is"
            if lacking == 1
            else ("records lack names that others have; their cells are")
        )
        notes.append(f"{lacking:,} {has} empty.")
    return Sheet(header, tuple(notes))


def is_backup(head: bytes) -> bool:
    """Tell whether a file begins as a backup of calls does: its first element is a list of calls.

    >>> is_backup(b"<?xml version='1.0'?><!-- of a phone --><calls count='1'>"), is_backup(b"<?xml version='1.0'?><html>")
    (True, False)
    """
    start = head.removeprefix(codecs.BOM_UTF8)
    return re.match(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*<calls[\s/>]", start, re.DOTALL) is not None
