"""What a page holds: text, names for its pictures, references that were resolved, a head that tells what it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from .document import SILENT, Document, Element, Site
from .findings import Finding

FEWEST_WORDS = 10
CODE = SILENT | {"code", "pre", "kbd", "samp", "svg", "math"}
KINDS = "fig|tbl|sec|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr|nte|tip|wrn|imp|cau"
UNRESOLVED = re.compile(
    rf"\?@[\w-]+|\?\?+|(?<![\w@./])@(?:{KINDS})-[\w-]+|\{{\{{<.*?>\}}\}}|`?\{{python\}}[^\s]*|\[@[\w:-]+\]"
)
# Texts of the data stand in these, and between quotation marks in sentences; they may look like a reference.
OWN_HTML = frozenset({"sk-table", "sk-provenance"})
QUOTED = re.compile("“[^”]*”")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _named(element: Element, document: Document) -> bool:
    """Tell whether an element has a name that a screen reader can say."""
    if element.get("aria-label") or element.get("title") or element.get("alt"):
        return True
    if any(isinstance(c, Element) and c.tag == "title" and c.text().strip() for c in element.children):
        return True
    labels = element.get("aria-labelledby").split()
    return bool(labels) and all(label in document.anchors for label in labels)


def missing_alternatives(site: Site) -> Iterator[Finding]:
    """Find pictures without a text in their place, and figures without a caption."""
    for name, document in site.documents.items():
        for element in document.elements:
            fault = _unnamed(element, document)
            if fault:
                yield Finding(name, "alternatives", f"{fault} (line {element.line})")


def _unnamed(element: Element, document: Document) -> str:
    """Return what a picture or a figure lacks, or nothing."""
    if element.tag == "img" and not element.inside("noscript"):
        shown = element.get("src").rsplit("/", 1)[-1][:60]
        if "alt" not in element.attributes and not _named(element, document):
            return f"picture without alternative text: {shown}"
        if element.inside("figure") and not _named(element, document):
            return f"picture of a figure with an empty alternative text: {shown}"
    elif element.get("role") == "img" and not _named(element, document):
        return f"{element.tag} with role img without a name"
    elif element.tag == "figure":
        inner = list(element.walk())[1:]
        captions = [e.text().strip() for e in inner if e.tag == "figcaption"]
        if not any(captions) and not element.inside("figure"):
            return "figure without a caption"
    return ""


def unresolved_references(site: Site) -> Iterator[Finding]:
    """Find references, citations and shortcodes that stand on a page as they were typed."""
    for name, document in site.documents.items():
        body = document.main
        for hit in UNRESOLVED.finditer(QUOTED.sub(" ", _read_as_markdown(body)) if body else ""):
            yield Finding(name, "references", f"unresolved: {hit[0][:60]}")
        for code in document.find("code"):
            if not code.inside("pre") and code.text().strip().startswith("{python} "):
                yield Finding(name, "references", f"expression that was not computed: {code.text()[:60]}")
        for cited in document.find("span"):
            if "citation" in cited.get("class").split():
                for strong in (e for e in cited.walk() if e.tag == "strong" and e.text().endswith("?")):
                    yield Finding(name, "references", f"citation without a source: {strong.text()[:60]}")


def _read_as_markdown(element: Element) -> str:
    """Return the text that came through Markdown: what our tables and lines of provenance hold is HTML of the start."""
    parts = []
    for child in element.children:
        if not isinstance(child, Element):
            parts.append(child)
        elif child.tag not in CODE and OWN_HTML.isdisjoint(child.get("class").split()):
            parts.append(_read_as_markdown(child))
    return "".join(parts)


def duplicate_ids(site: Site) -> Iterator[Finding]:
    """Find ids that more than one element of a page has."""
    for name, document in site.documents.items():
        # In the head an id is only a handle for scripts: Quarto gives one to each of its stylesheets for two themes.
        marked = [e for e in document.elements if "id" in e.attributes and not e.inside("head")]
        for key, times in Counter(e.get("id") for e in marked).items():
            if times > 1 or not key:
                yield Finding(name, "ids", f"{times} elements have the id {key[:60]!r}")


def missing_head(site: Site) -> Iterator[Finding]:
    """Find pages without language, title, description or main heading."""
    for name, document in site.documents.items():
        title = " ".join(e.text().strip() for e in document.find("title") if e.inside("head"))
        if not title:
            yield Finding(name, "head", "no title")
        if document.leads_on:
            continue
        languages = [e.get("lang") for e in document.find("html")]
        if not any(LANGUAGE.fullmatch(x) for x in languages):
            yield Finding(name, "head", "no language")
        if not any(e.get("content") for e in document.find("meta") if e.get("name").lower() == "description"):
            yield Finding(name, "head", "no description")
        headings = sum(1 for e in document.find("h1"))
        if headings != 1:
            yield Finding(name, "head", f"{headings} main headings (h1)")


def empty_pages(site: Site) -> Iterator[Finding]:
    """Find pages with hardly any text of their own."""
    for name, document in site.documents.items():
        words = len(document.main.text().split()) if document.main else 0
        if words < FEWEST_WORDS and not document.leads_on:
            yield Finding(name, "text", f"{words} words; a page has at least {FEWEST_WORDS}")
