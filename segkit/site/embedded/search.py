"""Stage 5: one search record for each section of each page, in a script, so that it loads without a server too."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from segkit.text import json_text

from .markup import VOID
from .model import Body, Section

SKIPPED = frozenset({"script", "style", "math", "button", "svg", "pre"})
APART = frozenset({"sk-banner", "sk-status", "sk-provenance"})  # the same on every page, so that no excerpt is of them
INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "kbd", "mark", "small", "span", "strong", "sub", "sup"})
SECTION = re.compile(r"\blevel[23]\b")


class _Sections(HTMLParser):
    """Collects the text of each section; a record is anchor, heading, text."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[str, list[str], list[str]]] = [("", [], [])]
        self.skipped, self.heading = 0, False
        self.stack: list[tuple[str, bool]] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Ignore elements without content."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        got = dict(attrs)
        skipped = tag in SKIPPED or not APART.isdisjoint((got.get("class") or "").split())
        self.stack.append((tag, skipped))
        self.skipped += skipped
        if tag == "section" and got.get("id") and SECTION.search(got.get("class") or ""):
            self.records.append((str(got["id"]), [], []))
        if tag in ("h2", "h3") and [t for t, _ in self.stack[-2:-1]] == ["section"] and not self.records[-1][1]:
            self.heading = True  # any other heading, such as a card's, is text
        elif not self.heading and tag not in INLINE:
            self.records[-1][2].append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag not in (open_ for open_, _ in self.stack):
            return
        while True:
            top, skipped = self.stack.pop()
            self.skipped -= skipped
            if top == tag:
                break
        if self.heading and tag in ("h2", "h3"):
            self.heading = False
        elif not self.heading and tag not in INLINE:
            self.records[-1][2].append(" ")

    def handle_data(self, data: str) -> None:
        if self.skipped:
            return
        anchor, heading, text = self.records[-1]
        (heading if self.heading and anchor else text).append(data)


def sections(html: str) -> tuple[Section, ...]:
    """Return anchor, heading and text of each section of a page's HTML; what stands before the first has no anchor."""
    parser = _Sections()
    parser.feed(html)
    parser.close()
    return tuple(
        (anchor, " ".join("".join(heading).split()), " ".join("".join(text).split()))
        for anchor, heading, text in parser.records
    )


def records(body: Body) -> list[dict[str, str]]:
    """Return a page's records: address, title, section and text."""
    out = []
    for anchor, heading, text in body.sections:
        subtitle = "" if anchor else " ".join(re.sub(r"<[^>]+>", "", body.subtitle).split())
        address = body.page.href + (f"#{anchor}" if anchor else "")
        out.append({"u": address, "t": body.title, "s": heading, "x": " ".join(filter(None, [subtitle, text]))})
    return out


def index(bodies: list[Body]) -> str:
    """Return the script that defines the index."""
    found = [record for body in bodies for record in records(body)]
    return f"window.siteIndex={json_text(found)};\n"
