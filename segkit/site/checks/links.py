"""Addresses within the site: each must lead somewhere, from wherever the site is put."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import Address, Document, Element, Site, address
from .findings import Finding

CHECK = "links"
ADDRESSES = {"href", "src", "data", "poster", "xlink:href", "action"}
IN_STYLE = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^'")\s]+))\s*\)|@import\s*(?:"([^"]*)"|'([^']*)')""", re.I)
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def in_style(text: str) -> Iterator[str]:
    """Yield the addresses that a stylesheet loads.

    >>> list(in_style('@import"a.css"; b { background: url( c.png ) } /* url(d.png) */'))
    ['a.css', 'c.png']
    """
    for hit in IN_STYLE.finditer(COMMENT.sub("", text)):
        yield next((g for g in hit.groups() if g is not None), "")


def in_sets(text: str) -> list[str]:
    """Return the addresses of a ``srcset``.

    >>> in_sets("a.png 1x, b.png 2x")
    ['a.png', 'b.png']
    """
    if text.lstrip().startswith("data:"):
        return []
    return [part.split()[0] for part in text.split(",") if part.strip()]


def in_element(element: Element) -> Iterator[str]:
    """Yield the addresses that the attributes of an element hold."""
    for name, value in element.attributes.items():
        if name in ADDRESSES:
            yield value
        elif name in ("srcset", "imagesrcset"):
            yield from in_sets(value)
        elif name == "style":
            yield from in_style(value)
    if element.tag == "style":
        yield from in_style(element.text())
    if element.tag == "meta" and element.get("http-equiv").lower() == "refresh":
        hit = re.search(r"url\s*=\s*['\"]?([^'\"]+)", element.get("content"), re.I)
        if hit:
            yield hit[1]


def dead_links(site: Site) -> Iterator[Finding]:
    """Find links, pictures, downloads, and addresses in stylesheets that lead nowhere or only from the top of a host."""
    for name, document in site.documents.items():
        for element in document.elements:
            for raw in in_element(element):
                fault = _fault(site, document, address(raw), link=element.tag in ("a", "area"))
                if fault:
                    yield Finding(name, CHECK, f"{fault}: {raw.strip()[:120]} (line {element.line})")
    for name, text in site.stylesheets.items():
        for raw in in_style(text):
            at = address(raw)
            if at.internal and at.path and (at.path.startswith("/") or site.target(name, at.path) is None):
                yield Finding(name, CHECK, f"no such file: {raw[:120]}")


def _fault(site: Site, document: Document, at: Address, *, link: bool) -> str:
    """Return what is wrong with an address on a page, or nothing."""
    if not at.internal or (not at.path and not at.anchor):
        return ""
    if at.path.startswith("/"):
        return "starts at the top of the host, so it breaks below a sub-path"
    target = site.target(document.name, at.path)
    if target is None:
        return "leads to nothing"
    if link and at.anchor and at.anchor != "top" and not site.leads_to(document.name, target, at.anchor):
        return "leads to no anchor"
    return ""
