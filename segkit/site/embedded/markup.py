"""Finish a page's HTML in one pass: boxes around wide tables, links to sections and figures, and what is at fault.

Pandoc cannot see into raw HTML, and tables and drawings come as that; so this works on the final text.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from .model import is_external

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
HEADINGS = frozenset({"h2", "h3", "h4"})
FLOAT = re.compile(r"^(?:fig|tbl|lst)-")
LONGEST_LABEL = 140
LOADED = {  # attributes whose address a browser fetches by itself
    **dict.fromkeys(("img", "script", "source", "audio", "iframe", "embed"), ("src",)),
    **dict.fromkeys(("image", "use"), ("href", "xlink:href")),
    "video": ("src", "poster"),
    "object": ("data",),
    "link": ("href",),
}


@dataclass(frozen=True)
class Finished:
    """A page's HTML, and what was seen in it."""

    html: str
    ids: frozenset[str]
    links: tuple[str, ...]
    files: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass
class _Element:
    tag: str
    at: int
    attrs: dict[str, str]
    classes: frozenset[str]
    text: list[str] = field(default_factory=list)


def finish(body: str) -> Finished:
    """Finish a body.

    >>> finish('<section id="a"><h2>A</h2><p><img src="x.png"></p></section>').faults
    ('image without alt text: x.png',)
    """
    parser = _Finisher(body)
    parser.feed(body)
    parser.close()
    out, last = [], 0
    for at, text in sorted(parser.inserts, key=lambda pair: pair[0]):
        out += [body[last:at], text]
        last = at
    out.append(body[last:])
    twice = sorted({f"id used twice: {i}" for i in parser.repeated})
    return Finished(
        "".join(out),
        frozenset(parser.ids),
        tuple(sorted(parser.links)),
        tuple(sorted(parser.files)),
        tuple(dict.fromkeys([*parser.faults, *twice])),
    )


class _Finisher(HTMLParser):
    def __init__(self, body: str) -> None:
        super().__init__(convert_charrefs=True)
        self.body = body
        self.starts = [0]
        for line in body.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.inserts: list[tuple[int, str]] = []
        self.stack: list[_Element] = []
        self.ids: set[str] = set()
        self.repeated: set[str] = set()
        self.links: set[str] = set()
        self.files: set[str] = set()
        self.faults: list[str] = []
        self.heading = ""
        self.caption = ""

    def _at(self) -> int:
        line, column = self.getpos()
        return self.starts[line - 1] + column

    def _inside(self, tag: str) -> bool:
        return any(e.tag == tag for e in self.stack)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._see(tag, {k: v or "" for k, v in attrs})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {k: v or "" for k, v in attrs}
        self._see(tag, got)
        if tag in VOID:
            return
        element = _Element(tag, self._at(), got, frozenset(got.get("class", "").split()))
        if "table-scroll" in element.classes and "tabindex" not in got:
            self.inserts.append((element.at + 1 + len(tag), self._region(element.at)))
        elif tag == "table" and not self._inside("table") and not any("table-scroll" in e.classes for e in self.stack):
            self.inserts.append((element.at, f'<div class="table-scroll"{self._region(element.at)}>'))
            element.attrs["boxed"] = "yes"
        if FLOAT.match(got.get("id", "")):
            self.caption = ""
        self.stack.append(element)

    def handle_endtag(self, tag: str) -> None:
        if not any(e.tag == tag for e in self.stack):
            return
        while True:
            element = self.stack.pop()
            if element.tag == tag:
                break
        text = re.sub(r"\s+", " ", "".join(element.text)).strip()
        if self.stack:
            self.stack[-1].text.append("".join(element.text))
        if tag == "table" and "boxed" in element.attrs:
            self.inserts.append((self.body.index(">", self._at()) + 1, "</div>"))
        elif tag in HEADINGS:
            self.heading = text
            # Pandoc puts a heading's id on the section that it opens; that section's other headings have none.
            name = element.attrs.get("id") or ""
            if not name and self.stack and self.stack[-1].tag == "section":
                name = self.stack[-1].attrs.pop("id", "")
            if name:
                self.inserts.append((self._at(), _anchor(name, "this section")))
        elif tag == "figcaption":
            self.caption = text
            name = next((e.attrs["id"] for e in reversed(self.stack) if e.attrs.get("id")), "")
            if FLOAT.match(name):
                self.inserts.append((self._at(), _anchor(name, text.partition(":")[0])))

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1].tag not in ("script", "style", "annotation"):
            self.stack[-1].text.append(data)

    def _see(self, tag: str, attrs: dict[str, str]) -> None:
        """Note an element's name, links and files, and what is at fault with it."""
        drawn = tag == "svg" or self._inside("svg")
        name = attrs.get("id")
        if name:
            if name in self.ids and not drawn:
                self.repeated.add(name)
            self.ids.add(name)
        if tag == "a" and (address := attrs.get("href") or attrs.get("xlink:href")):
            self.links.add(address)
        loaded = [attrs[a] for a in LOADED.get(tag, ()) if attrs.get(a)]
        loaded += [one.split()[0] for one in attrs.get("srcset", "").split(",") if one.strip()]
        loaded += re.findall(r"url\(['\"]?([^'\")]+)", attrs.get("style", ""))
        for address in loaded:
            if address.startswith(("data:", "#")):
                continue
            if is_external(address):
                self.faults.append(f"loads from another host: {address}")
            else:
                self.files.add(address)
        self._see_alt(tag, attrs)

    def _see_alt(self, tag: str, attrs: dict[str, str]) -> None:
        role = attrs.get("role", "")
        named = any(attrs.get(a, "").strip() for a in ("aria-label", "aria-labelledby"))
        silent = attrs.get("aria-hidden") == "true" or role in ("presentation", "none")
        if tag == "img":
            made = re.search(r"_files/[^/]+$", attrs.get("src", ""))  # reported where the cell is, with its line
            if not attrs.get("alt", "").strip() and not silent and not made:
                self.faults.append(f"image without alt text: {attrs.get('src', '')[:80]}")
        elif role == "img" and not named:
            self.faults.append(f'{tag} with role="img" but without aria-label')
        elif tag == "svg" and not (role or silent or self._inside("svg") or self._described()):
            self.faults.append('svg with neither role="img" and aria-label nor aria-hidden="true"')

    def _described(self) -> bool:
        return any(e.attrs.get("role") == "img" or e.attrs.get("aria-hidden") == "true" for e in self.stack)

    def _region(self, at: int) -> str:
        """Name a table's box, which the keyboard can scroll, by the table's caption or its section."""
        own = re.match(r"[^\0]*?<caption[^>]*>(.*?)</caption>", self.body[at : at + 4000].partition("<tr")[0], re.S)
        inside = any(FLOAT.match(e.attrs.get("id", "")) for e in self.stack)
        label = re.sub(r"<[^>]+>", "", html.unescape(own[1])) if own else self.caption if inside else ""
        label = label or (f"Table in: {self.heading}" if self.heading else "Table")
        label = re.sub(r"\s+", " ", label).strip()
        if len(label) > LONGEST_LABEL:
            label = label[: LONGEST_LABEL - 1].rsplit(" ", 1)[0] + "…"
        return f' role="region" tabindex="0" aria-label="{html.escape(label, quote=True)}"'


def _anchor(name: str, what: str) -> str:
    label = html.escape(f"Link to {what}", quote=True)
    return f'<a class="anchor" href="#{html.escape(name, quote=True)}" aria-label="{label}"></a>'
