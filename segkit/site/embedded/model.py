"""The values that pass from stage to stage. All are frozen: no stage reaches back into another."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Output = dict[str, Any]  # one output of a cell, as nbformat describes it
Section = tuple[str, str, str]  # anchor, heading and text, as the search of the site knows them

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # what steers a terminal
_TAGS = re.compile(r"<annotation.*?</annotation>|<[^>]+>", re.S)


def plain(markup: str) -> str:
    """Return the text of a piece of HTML, on one line.

    >>> plain("Stress: <em>one</em> &amp; two")
    'Stress: one & two'
    """
    return re.sub(r"\s+", " ", html.unescape(_TAGS.sub("", markup))).strip()


def is_external(address: str) -> bool:
    """Tell whether an address leaves the site: it has a scheme or names a host.

    >>> is_external("https://example.org"), is_external("../index.html#top")
    (True, False)
    """
    return bool(re.match(r"[a-zA-Z][\w+.-]*:|//", address))


@dataclass(frozen=True)
class Inline:
    """An inline expression: its place in the text around it, and in the source."""

    start: int
    end: int
    expression: str
    place: str


@dataclass(frozen=True)
class Text:
    """A run of Markdown between two cells."""

    source: str
    inline: tuple[Inline, ...] = ()


@dataclass(frozen=True)
class Cell:
    """An executable cell: its code without the option lines, and the options."""

    source: str
    options: Mapping[str, Any]
    file: str
    line: int  # of the opening fence
    first: int  # of the first line of code
    indent: str = ""

    @property
    def place(self) -> str:
        """``file:line`` of the cell."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Page:
    """A source page, split into text and cells."""

    path: Path  # relative to the site's root
    meta: Mapping[str, Any]
    parts: tuple[Text | Cell, ...]
    text: str  # the whole source with its includes: part of what a cached run is valid for
    faults: tuple[str, ...] = ()

    @property
    def href(self) -> str:
        """Address of the page from the site's root."""
        return self.path.with_suffix(".html").as_posix()

    @property
    def depth(self) -> int:
        """Number of folders between the page and the site's root."""
        return len(self.path.parts) - 1

    def link(self, href: str) -> str:
        """Turn an address from the site's root into one from this page.

        >>> Page(Path("chapters/data/audit.qmd"), {}, (), "").link("index.html")
        '../../index.html'
        """
        if not href or is_external(href):
            return href
        return posixpath.relpath(href, posixpath.dirname(self.href) or ".")


@dataclass(frozen=True)
class Run:
    """What a page's cells gave: outputs for each part, and the files that they wrote."""

    outputs: tuple[tuple[Output, ...], ...]  # one entry for each part of the page
    folder: Path | None = None  # where the downloads lie
    downloads: Mapping[str, str] = field(default_factory=dict)  # name to sha256
    executed: bool = False


@dataclass(frozen=True)
class Body:
    """A page's text as HTML, with what the other stages need to know about it."""

    page: Page
    html: str
    toc: str
    title_html: str
    subtitle: str
    description: str
    sections: tuple[Section, ...] = ()
    ids: frozenset[str] = frozenset()
    links: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Plain text, for menus and the window's title."""
        return plain(self.title_html) or self.page.path.stem


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    ``seconds`` maps each stage to its duration; ``faults`` are sentences that start with the page at fault, sorted.
    """

    pages: int
    executed: int
    seconds: Mapping[str, float]
    faults: tuple[str, ...]
    downloads: int


@dataclass(frozen=True)
class Step:
    """Code for the kernel, and the place in the source that each of its lines is from."""

    source: str
    places: tuple[str, ...]  # file:line, one for each line of ``source``
    may_fail: bool = False


class StepError(Exception):
    """A step raised, ran out of time or ended the kernel."""

    def __init__(self, place: str, problem: str, trace: Sequence[str] = ()) -> None:
        super().__init__(problem)
        self.place, self.problem, self.trace = place, problem, tuple(trace)

    def __str__(self) -> str:
        return "\n".join([f"{self.place}: {self.problem}", *(f"    {line}" for line in self.trace)])
