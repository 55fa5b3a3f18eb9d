"""Files of a site as a search reads them, whatever it looks for: texts in all their readings, digits of what is no text."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from . import plain
from .plain import APART_MARK, WORD, decode, fold
from .unpack import ARCHIVES, embedded, unpacked

PAGES = (".html", ".htm", ".xhtml", ".svg", ".xml", ".md")
CODE = (".css", ".js", ".mjs")  # texts that hold no words for readers, but for the index of the search
SEARCH_INDEX = "search-index.js"
TABLES = (".csv", ".json", ".js")  # a comma without quotation marks divides their cells
NESTED = 3  # an archive within an archive within an archive

STRETCH = re.compile(r"(?<!\d)(?<!\d\.)\d{6,}(?!\d)")
GROUPS = re.compile(  # brackets hold one group; those of an interval, as in 36 (31-40), hold two
    r"\+?\(?\d+(?:(?:\)[ .\-/\n]{0,2}|[ .\-/_\n]{0,2}\((?=\d{1,5}\))|[ .\-/_\n]{1,3})\d+)+"
)
THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:(?:,\d{3})+|(?:,\d\d)+,\d{3})(?![\d,])")
POWER = re.compile(r"(?<![\w.])(\d+(?:[.,]\d+)?)(?:e\+?|\s?[x*×.]\s?10\^?)(-?\d{1,2})(?![\d.])")
# What drawings and styles place: coordinates, of which only a whole number of many digits could be an identifier.
DRAWN = re.compile(r"\b(?:d|points|transform|viewbox|style|stroke-dasharray|[xy][12]?)=\"[^\"]*\"")
ESCAPED = re.compile(r"&(?:amp;)*(?:lt|#0*60|#x0*3c)|%(?:25)*3c|\\u003c|\\x3c")
EMBEDDED = re.compile(r"data:[\w/+.-]*(?:;[\w=.-]+)*;base64,\s*([A-Za-z0-9+/=\s]+)", re.I)


@dataclass(frozen=True)
class Reading:
    """One reading of a text. What may be looked for in it is picked out once, for all who look.

    Attributes
    ----------
    text : str
        In one spelling, see `plain.fold`.
    marks : bool
        Whether it has markup.
    single : bool
        Whether readers see every word of it.
    suffix : str
        Of the file.
    """

    text: str
    marks: bool
    single: bool
    suffix: str

    @property
    def prose(self) -> bool:
        """Whether it is what a page says."""
        return self.suffix in PAGES and not self.marks

    @functools.cached_property
    def placed(self) -> str:
        """The text without what drawings and styles place."""
        return DRAWN.sub(_lines_only, self.text) if self.marks else self.text

    @functools.cached_property
    def words(self) -> list[str]:
        """The words, in their order."""
        return WORD.findall(self.placed)

    @functools.cached_property
    def starts(self) -> list[int]:
        """Where each word begins."""
        return [m.start() for m in WORD.finditer(self.placed)]

    @functools.cached_property
    def stretches(self) -> list[re.Match[str]]:
        """Numbers of many digits, written at a stretch; in the text as it is."""
        return list(STRETCH.finditer(self.text))

    @functools.cached_property
    def written(self) -> list[tuple[int, str]]:
        """Where a number stands that is written by thousands or as a power, and its digits."""
        text, table, out = self.placed, self.suffix in TABLES, []
        for hit in THOUSANDS.finditer(text):
            quoted = text.count('"', text.rfind("\n", 0, hit.start()) + 1, hit.start()) % 2
            if quoted or not table:
                out.append((hit.start(), hit[0].replace(",", "")))
        for hit in POWER.finditer(text):
            value = Decimal(hit[1].replace(",", ".")).scaleb(int(hit[2]))
            if value == value.to_integral_value():
                out.append((hit.start(), str(int(value))))
        return out

    @functools.cached_property
    def groups(self) -> list[tuple[int, str]]:
        """Where neighbouring groups of digits stand, and what is written there."""
        return [(hit.start(), hit[0]) for hit in GROUPS.finditer(self.placed)]


@dataclass(frozen=True)
class Piece:
    """A file, or what is packed within one.

    Attributes
    ----------
    readings : tuple of Reading
        Of a text.
    digits : tuple of str
        Numbers of many digits in what is no text.
    line : int, optional
        Where the piece stands in the file; given by the text itself where it is not packed.
    """

    readings: tuple[Reading, ...] = ()
    digits: tuple[str, ...] = ()
    line: int | None = None


def pieces(content: bytes, name: str, depth: int = 0) -> Iterator[Piece]:
    """Take a file apart."""
    if depth < NESTED and content.startswith(ARCHIVES):
        for own, part in unpacked(content):  # a table in an archive is read as one
            yield from (replace(piece, line=1) for piece in pieces(part, own or name, depth + 1))
    elif b"\0" not in content[:4096] or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield from texts(_text(content), name, depth)
        return
    shifted = (content.decode("utf-16-le", "ignore"), content[1:].decode("utf-16-le", "ignore"))
    yield Piece(digits=tuple(m[0] for t in (content.decode("latin-1"), *shifted) for m in STRETCH.finditer(t)), line=1)


def texts(text: str, name: str, depth: int = 0) -> Iterator[Piece]:
    """Take a text apart: itself, and what is embedded in it."""
    yield Piece(tuple(_readings(text, name)))
    for hit in EMBEDDED.finditer(text) if depth < NESTED else ():
        line = text.count("\n", 0, hit.start()) + 1
        yield from (replace(piece, line=line) for piece in pieces(embedded(hit[1]), name, depth + 1))


def _readings(text: str, name: str) -> Iterator[Reading]:
    suffix = Path(name).suffix.lower()
    page, code = suffix in PAGES, suffix in CODE and not name.endswith(SEARCH_INDEX)
    raw = fold(text)
    decoded = decode(raw, style=suffix == ".css")
    yield Reading(raw, page or code, not page and not code, suffix)
    if decoded is not raw:
        yield Reading(decoded, page or code, not page and not code, suffix)
    if page:
        marked = plain.read(raw)
        yield from (Reading(decode(t), False, True, suffix) for t in (marked.joined, marked.spaced, marked.spoken))
    if ESCAPED.search(raw) if page else plain.TAG.search(decoded):  # markup within a text or a value
        again = plain.read(decoded)
        yield from (Reading(t, False, not code, suffix) for t in (again.joined, again.spaced, again.spoken))


def _lines_only(hit: re.Match[str]) -> str:
    return APART_MARK + "\n" * hit[0].count("\n")


def _text(content: bytes) -> str:
    for mark, code in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if content.startswith(mark):
            return content[len(mark) :].decode(code, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
