"""Tables of web pages, which many CRMs and exchanges give under the name of a workbook: rewritten as a delimited text."""

from __future__ import annotations

import codecs
import csv
import re
from html.parser import HTMLParser
from pathlib import Path

from ..errors import InputError
from . import limits
from .headers import SAVE_AS_CSV

CHUNK = 1 << 20
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.I)
_CELLS, _BREAKS, _UNSEEN = ("td", "th"), ("br", "p", "div", "li"), ("script", "style", "title")


def is_page(start: bytes) -> bool:
    """Tell whether a text, without blanks before it, begins as a web page does.

    >>> is_page(b"<!DOCTYPE html>"), is_page(b"<table border=1>"), is_page(b"<?xml version='1.0'?><html>"), is_page(b"<Workbook>")
    (True, True, True, False)
    """
    first = re.match(rb"<(!doctype\s+html|(html|head|meta|body|style|div|table)[\s>])", start, re.I)
    return bool(first or (start.startswith(b"<?xml") and re.search(rb"<html[\s>]", start[:4096], re.I)))


def rewrite_page(path: Path, source: int, target: int) -> dict[str, int]:
    """Write the table with the most rows as CSV, and return how many tables of several rows there are.

    Nothing that a page refers to is fetched. It runs in a process of its own (see `child`).

    Parameters
    ----------
    path : path
        What messages call the page.
    source, target : int
        Descriptors of the open file, and of the file that is written.

    Raises
    ------
    InputError
        It has no table of several rows and columns, or cells that reach over several rows.
    """
    with open(source, "rb", closefd=False) as file:
        content = file.read()
    page = _Page(path)
    text = content.decode(_encoding(content), errors="replace").replace("\0", "")
    for at in range(0, len(text), CHUNK):
        page.feed(text[at : at + CHUNK])
    page.close()
    tables = [rows for rows in page.tables if len(rows) > 1 and max(map(len, rows)) > 1]
    if not tables:
        raise InputError("this is a web page without a table of several rows", file=path, remedy=SAVE_AS_CSV)
    rows = max(tables, key=len)
    with open(target, "w", encoding="utf-8", errors="replace", newline="", closefd=False) as out:
        csv.writer(out, lineterminator="\n").writerows(rows)  # whether rows fit the header is judged there
    return {"tables": len(tables)}


def _encoding(content: bytes) -> str:
    """Return the encoding of a page: by its mark, by what it says of itself, UTF-8 where it is that, else Windows-1252."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8-sig"
    said = _CHARSET.search(content[:4096])
    try:
        name = codecs.lookup(said[1].decode()).name if said else "cp1252"
    except LookupError:
        return "cp1252"
    return "cp1252" if name in ("iso8859-1", "ascii", "utf-8") else name  # as browsers take these


class _Page(HTMLParser):
    """The tables of a page, innermost ones by themselves; cells without their markup."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.tables: list[list[list[str]]] = []
        self.open: list[list[list[str]]] = []
        self.cell: list[str] | None = None
        self.after, self.unseen = 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell."""
        if tag == "table":
            self._end_cell()
            self.open.append([])
        elif tag == "tr" and self.open:
            self._end_cell()
            self.open[-1].append([])
        elif tag in _CELLS and self.open:
            self._end_cell()
            spans = {name: int(value) for name, value in attrs if name.endswith("span") and value and value.isdecimal()}
            if spans.get("rowspan", 1) > 1:
                raise InputError("a cell of the table reaches over several rows", file=self.path, remedy=SAVE_AS_CSV)
            self.cell, self.after = [], min(spans.get("colspan", 1), limits.COLUMNS) - 1
        elif tag in _BREAKS and self.cell:
            self.cell.append(" ")
        elif tag in _UNSEEN:
            self.unseen += 1

    def handle_endtag(self, tag: str) -> None:
        """Close what ends."""
        if tag in (*_CELLS, "tr"):
            self._end_cell()
        elif tag == "table" and self.open:
            self._end_cell()
            self.tables.append([row for row in self.open.pop() if row])
        elif tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)

    def handle_data(self, data: str) -> None:
        """Add text to the open cell."""
        if self.cell is not None and not self.unseen:
            self.cell.append(data)

    def close(self) -> None:
        """End the page, and tables that it leaves open."""
        super().close()
        while self.open:
            self.handle_endtag("table")

    def _end_cell(self) -> None:
        if self.cell is None or not self.open:
            return
        rows = self.open[-1]
        if not rows:
            rows.append([])
        text = " ".join("".join(self.cell).split())
        alone = self.after and not rows[-1]  # over all columns: a title
        rows[-1] += [text] if alone else [text, *[""] * self.after]
        self.cell = None
