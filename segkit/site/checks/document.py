"""A built page as a small tree, and a site as its pages; read with the standard library's parser."""

from __future__ import annotations

import html.parser
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from ..embedded.markup import VOID
from .passed import Answer, Passed, Question, mark

PAGES = (".html", ".htm")
NOTHING: Mapping[str, Passed] = MappingProxyType({})

IGNORED = "".join(map(chr, range(33)))  # what a browser strips from both ends of an address
SILENT = frozenset({"script", "style", "template", "noscript"})  # what they hold is no text of the page


@dataclass(eq=False, slots=True)
class Element:
    """One element of a page: tag, attributes, the line it starts in, and what it holds."""

    tag: str
    attributes: dict[str, str]
    line: int
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return an attribute without the space around it, empty where there is none."""
        return self.attributes.get(name, "").strip()

    def walk(self) -> Iterator[Element]:
        """Yield the element and all below it, in the order of the page."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            stack.extend(c for c in reversed(element.children) if isinstance(c, Element))

    def inside(self, *tags: str) -> bool:
        """Tell whether an element around this one has one of the tags."""
        above = self.parent
        while above is not None and above.tag not in tags:
            above = above.parent
        return above is not None

    def text(self, without: frozenset[str] = SILENT) -> str:
        """Return the text in it, but for what stands in some tags."""
        parts: list[str] = []
        for child in self.children:
            if isinstance(child, str):
                parts.append(child)
            elif child.tag not in without:
                parts.append(child.text(without))
        return "".join(parts)


class _Builder(html.parser.HTMLParser):
    """Builds the tree. An end tag without its start is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#document", {}, 0)
        self.open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {n: v or "" for n, v in reversed(attrs)}, self.getpos()[0], self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        before = self.open
        self.handle_starttag(tag, attrs)
        self.open = before

    def handle_endtag(self, tag: str) -> None:
        element: Element | None = self.open
        while element is not None and element.tag != tag:
            element = element.parent
        if element is not None and element.parent is not None:
            self.open = element.parent

    def handle_data(self, data: str) -> None:
        self.open.children.append(data)


def parse(text: str) -> Element:
    """Return the tree of a page.

    >>> parse("<p>One <b>two</b>").text()
    'One two'
    """
    builder = _Builder()
    builder.feed(text)
    builder.close()
    return builder.root


class Document:
    """One page of a site.

    Parameters
    ----------
    name : str
        Its file, from the site's root.
    text : str
        Its HTML.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.size = len(text.encode())
        self.text = text
        self.root = parse(text)
        self.elements = [e for e in self.root.walk() if e is not self.root]

    @cached_property
    def anchors(self) -> set[str]:
        """Where a link into the page can lead."""
        return {e.get(n) for e in self.elements for n in ("id", "name") if n == "id" or e.tag == "a"} - {""}

    def find(self, *tags: str) -> list[Element]:
        """Return the elements with one of the tags."""
        return [e for e in self.elements if e.tag in tags]

    @cached_property
    def leads_on(self) -> bool:
        """Whether the page only sends its reader to another one."""
        return any(e.get("http-equiv").lower() == "refresh" for e in self.find("meta"))

    @cached_property
    def main(self) -> Element | None:
        """The part of the page that is its own; the body where none is marked."""
        for tag in ("main", "body"):
            for element in self.find(tag):
                return element
        return None


@dataclass(frozen=True)
class Address:
    """An address as a page or a stylesheet writes it, taken apart."""

    raw: str
    scheme: str
    host: str
    path: str
    anchor: str

    @property
    def elsewhere(self) -> bool:
        """Whether a browser would ask another host, or this machine's files, for it."""
        return bool(self.host) or self.scheme in ("http", "https", "ftp", "file", "ws", "wss")

    @property
    def internal(self) -> bool:
        """Whether it is meant to lead into the site."""
        return not self.scheme and not self.host


def address(raw: str) -> Address:
    """Take an address apart.

    >>> address("../a%20b.html?x=1#top").path, address("//host/x").elsewhere, address("mailto:a@b.c").internal
    ('../a b.html', True, False)
    """
    clean = re.sub(r"[\t\r\n]", "", raw.strip(IGNORED))
    try:
        parts = urlsplit(clean)
    except ValueError:  # a host that is none, such as http://[
        return Address(raw, "http", "?", "", "")
    return Address(raw, parts.scheme.lower(), parts.netloc, unquote(parts.path), unquote(parts.fragment))


class Site:
    """A built folder: its pages, parsed once, and its stylesheets and scripts.

    Parameters
    ----------
    folder : path
        The folder with ``index.html``.
    passed : mapping of str to Passed
        Files that passed before, by mark. One that is the same, and for which the rest of the site gives the same answers,
        is not looked at again.

    Attributes
    ----------
    files : set of str
    pages, drawings : list of str
        All of them.
    documents : dict of str to Document
        The pages to look at.
    marks : dict of str to str
        Mark of each page and drawing.
    """

    def __init__(self, folder: Path, passed: Mapping[str, Passed] = NOTHING) -> None:
        self.folder = folder
        self.files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        names = sorted(self.files)
        self.pages = [n for n in names if n.lower().endswith(PAGES)]
        self.drawings = [n for n in names if n.lower().endswith((".svg", ".svgz"))]
        self.marks = {n: mark(n, (folder / n).read_bytes()) for n in (*self.pages, *self.drawings)}
        self._asked: dict[str, dict[Question, Answer]] = {}
        self._known = {n: passed[m] for n, m in self.marks.items() if m in passed}
        self.documents = {n: Document(n, self.read(n)) for n in self.pages if n not in self._known}
        self._known = {n: one for n, one in self._known.items() if self._same(n, one)}
        for name in self.pages:
            if name not in self._known and name not in self.documents:
                self.documents[name] = Document(name, self.read(name))

    def _same(self, source: str, before: Passed) -> bool:
        return all(self._answer(source, question) == answer for question, answer in before.asked.items())

    def looks_at(self, name: str) -> bool:
        """Tell whether a page or a drawing is to be looked at."""
        return name not in self._known

    def passed(self, faulty: Collection[str]) -> dict[str, Passed]:
        """Return the files that passed by now, by mark, once all checks are through.

        Parameters
        ----------
        faulty : collection of str
            Files in which something was found.
        """
        return {
            m: self._known.get(n) or Passed(frozenset(self.anchors(n)), self._asked.get(n, {}))
            for n, m in self.marks.items()
            if n not in faulty
        }

    def read(self, name: str) -> str:
        """Return the text of a file of the site."""
        return (self.folder / name).read_text("utf-8", "replace")

    @cached_property
    def stylesheets(self) -> dict[str, str]:
        """The site's stylesheets: name to text."""
        return {n: self.read(n) for n in sorted(self.files) if n.endswith(".css")}

    @cached_property
    def scripts(self) -> dict[str, str]:
        """The site's scripts: name to text."""
        return {n: self.read(n) for n in sorted(self.files) if n.endswith((".js", ".mjs"))}

    def anchors(self, name: str) -> Set[str]:
        """Return where a link into a page can lead."""
        if name in self.documents:
            return self.documents[name].anchors
        return self._known[name].anchors if name in self._known else frozenset()

    # What the outcome for one file depends on in others is asked by these alone, so that it is noted for whom it was.

    def target(self, source: str, path: str) -> str | None:
        """Return the file that a relative path on a page leads to, or None where it leads to none.

        Parameters
        ----------
        source : str
            The file that holds the address.
        path : str
            Without query and anchor; empty for the file itself.
        """
        found = self._ask(source, "target", path)
        return None if found is None else str(found)

    def leads_to(self, source: str, target: str, anchor: str) -> bool:
        """Tell whether a link with an anchor leads to a place on a page; to a file that is no page, it does."""
        return bool(self._ask(source, "anchor", target, anchor))

    def weight(self, source: str, target: str) -> int:
        """Return the bytes of a file that a page loads."""
        return int(self._ask(source, "weight", target) or 0)

    def _ask(self, source: str, *question: str) -> Answer:
        asked = self._asked.setdefault(source, {})
        if question not in asked:
            asked[question] = self._answer(source, question)
        return asked[question]

    def _answer(self, source: str, question: Question) -> Answer:
        kind, name, *more = question
        if kind == "target":
            return self._target(source, name)
        if kind == "anchor":
            return not name.lower().endswith(PAGES) or more[0] in self.anchors(name)
        return (self.folder / name).stat().st_size if name in self.files else None

    def _target(self, source: str, path: str) -> str | None:
        if not path:
            return source
        found = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if found in self.files:
            return found
        inner = posixpath.normpath(posixpath.join(found, "index.html"))
        return inner if inner in self.files else None
