"""What could run on a page: only files of the site, under the project's policy.

A page is read by the parser of `document`, which is not a browser's. What the two could read differently is refused
first: every ``<`` before a letter must be the start of an element that the parser sees too, so no tag hides in a comment,
a style, a script, an attribute or a ``noscript`` for a browser to find. Source: HTML Living Standard, 13.2.5 (tags,
attributes and raw text), 4.12.1 (kinds of script), 8.1.8.1 (event handlers as attributes); SVG 2, 5.1 (references).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

from ..policy import own_script, policy
from .document import Document, Element, Site, address
from .findings import Finding
from .links import ADDRESSES, COMMENT, in_element, in_sets, in_style

PLACES = ("site_libs/", "assets/")  # where scripts of the site are; data and downloads are elsewhere
INERT = {"application/json", "application/ld+json"}
REFUSED = {"iframe", "frame", "frameset", "object", "embed", "applet", "base", "portal", "fencedframe", "foreignobject"}
HEADERS = {"content-security-policy", "refresh", "content-type", "x-ua-compatible"}
SENDING = {"formaction", "ping", "srcdoc", "action"}
STYLED = {"style", "fill", "stroke", "filter", "mask", "clip-path", "cursor"}
ANIMATED = {"to", "from", "by", "values"}  # by which a drawing sets an address while it is looked at
SCHEMES = {"", "http", "https", "mailto", "tel"}
PICTURE = re.compile(r"data:(?:,|image/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,])", re.I)
FONT = re.compile(r"data:(?:font/|application/(?:x-)?font)", re.I)
START = re.compile(r"<(?=[A-Za-z])")
VALUES = re.compile(r"""=\s*("[^"]*"|'[^']*')""")
HANDLER = re.compile(r"""[\s/"'=]on[a-z]+\s*=""", re.I)
KINDS_UNSEEN = (".xhtml", ".xht", ".shtml", ".mhtml", ".mht", ".xml", ".hta", ".swf")  # pages that no check reads


def weak_policy(site: Site) -> Iterator[Finding]:
    """Find pages whose policy is not the project's, or does not stand before everything else."""
    for name, document in site.documents.items():
        fault = _policy_fault(document)
        if fault:
            yield Finding(name, "policy", fault)


def _policy_fault(document: Document) -> str:
    said = [e for e in document.find("meta") if e.get("http-equiv").lower() == "content-security-policy"]
    head = [e for e in document.elements if e.parent is not None and e.parent.tag == "head"]
    if not said:
        return "no Content-Security-Policy"
    if len(said) > 1:
        return f"{len(said)} Content-Security-Policies"
    if head[:1] != said:
        return "the Content-Security-Policy is not the first in the head"
    own = [s for s in map(_inline, document.find("script")) if own_script(document.name, s)]
    wanted, found = (_directives(p) for p in (policy(document.name, own[0] if own else ""), said[0].get("content")))
    other = [n for n in [*wanted, *found] if wanted.get(n) != found.get(n)]
    return (
        f"not the project's Content-Security-Policy: {other[0]} {found.get(other[0], 'is missing')}"[:160]
        if other
        else ""
    )


def _directives(text: str) -> dict[str, str]:
    """Take a policy apart; of a directive given twice the first counts, as in a browser."""
    parts = [part.strip().partition(" ") for part in text.split(";") if part.strip()]
    return {name.lower(): rest.strip() for name, _, rest in reversed(parts)}


def _inline(element: Element) -> str:
    return element.text(frozenset())


def active_content(site: Site) -> Iterator[Finding]:
    """Find what could run or send something: attributes, addresses, elements and scripts that are not the project's."""
    for name, document in site.documents.items():
        starts, seen = len(START.findall(document.text)), len(document.elements)
        if starts != seen:
            detail = f"{starts} tags, of which a parser sees {seen}: one hides where a browser may find it"
            yield Finding(name, "active content", detail)
        yield from (
            Finding(name, "active content", f"a handler in a tag: {tag[:80]}") for tag in _odd_tags(document.text)
        )
        for element in document.elements:
            for fault in _faults(site, document, element):
                shown = "".join(c if c.isprintable() else "\ufffd" for c in fault)
                yield Finding(name, "active content", f"{shown} (line {element.line})")
    for name, text in site.stylesheets.items():
        for raw in in_style(text):
            if not _styled(raw):
                yield Finding(name, "active content", f"the stylesheet loads {raw.strip()[:80]}")
    for name in sorted(n for n in site.files if n.lower().endswith(KINDS_UNSEEN)):
        yield Finding(name, "active content", "a kind of page that is not checked")


def _odd_tags(text: str) -> Iterator[str]:
    """Yield tags that hold a handler when their quoted values are taken out, however they are written."""
    for part in START.split(text)[1:]:
        inside = VALUES.sub("=", part).partition(">")[0]
        if HANDLER.search(inside):
            yield inside


def _faults(site: Site, document: Document, element: Element) -> Iterator[str]:
    """Yield what is wrong with one element of a page."""
    tag = element.tag.rpartition(":")[2]
    if tag in REFUSED:
        yield f"an element {tag}"
    for name, value in element.attributes.items():
        if name.startswith("on"):
            yield f"an attribute {name}"
        elif name in SENDING:
            yield f"an attribute {name} of {tag}"
        elif name in ANIMATED and not all(_leads(part, link=True) for part in value.split(";")):
            yield f"{tag} sets {value.strip()[:60]}"
        elif name in STYLED and ("\\" in value or not all(map(_styled, in_style(value)))):
            yield f"a style that loads {value.strip()[:60]}"
        elif name in ADDRESSES or name in ("srcset", "imagesrcset", "background", "cite", "longdesc", "profile"):
            link = tag not in ("img", "image", "source", "link")
            for raw in in_sets(value) if name.endswith("srcset") else [value]:
                if not _leads(raw, link=link):
                    yield f"{tag} leads to {raw.strip()[:60]}"
    if tag == "style" and ("<" in _inline(element) or not all(map(_styled, in_style(_inline(element))))):
        yield "a style that loads what it should not, or holds a tag"
    if tag == "meta" and "http-equiv" in element.attributes:
        kind = element.get("http-equiv").lower()
        raws = list(in_element(element))
        if kind not in HEADERS or (kind == "refresh" and not (raws and all(address(raw).internal for raw in raws))):
            yield f"a meta {kind} {element.get('content')[:60]}"
    if tag == "script":
        yield from _script_faults(site, document, element)


def _script_faults(site: Site, document: Document, script: Element) -> Iterator[str]:
    kind = script.get("type").lower()
    if {"href", "xlink:href"} & script.attributes.keys() or script.inside("svg", "math"):
        yield "a script in a drawing"
    elif "src" in script.attributes:
        at = address(script.attributes["src"])
        target = site.target(document.name, at.path) if at.internal and at.path else None
        if target is None or not target.startswith(PLACES) or not target.endswith((".js", ".mjs")):
            yield f"a script that is no script of the site: {script.get('src')[:80]}"
    elif kind not in INERT and not own_script(document.name, _inline(script)):
        yield f"a script that the project did not make: {' '.join(_inline(script).split())[:60]}"


def _leads(raw: str, *, link: bool) -> bool:
    """Tell whether an address may stand on a page: into the site, to the web, to a mailbox; a picture may hold itself."""
    at = address(raw)
    return at.scheme in SCHEMES or (not link and at.scheme == "data" and PICTURE.match(raw.strip()) is not None)


def _styled(raw: str) -> bool:
    """Tell whether a style may load an address: a picture or font that it holds, or what links and loads look at."""
    held = PICTURE.match(raw.strip()) or FONT.match(raw.strip())
    return held is not None or address(raw).scheme in ("", "http", "https")


def active_drawings(site: Site) -> Iterator[Finding]:
    """Find drawings that run, load or hide something when they are opened by themselves, where no policy holds."""
    for name in filter(site.looks_at, site.drawings):
        fault = _drawing_fault(site, name)
        if fault:
            yield Finding(name, "drawings", fault)


def _drawing_fault(site: Site, name: str) -> str:
    try:
        text = (site.folder / name).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return "not UTF-8"
    encoding = re.match(r"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", text)
    if encoding and encoding[1].lower() not in ("utf-8", "us-ascii"):
        return f"written in {encoding[1][:40]}"
    if re.search(r"<!ENTITY|<!DOCTYPE[^>]*\[|<\?xml-stylesheet", text, re.I):
        return "entities or a stylesheet of its own"
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return "no XML"
    return next((fault for node in root.iter() for fault in _node_faults(node)), "")


def _node_faults(node: ElementTree.Element) -> Iterator[str]:
    tag = _local(node.tag) if isinstance(node.tag, str) else ""
    if tag == "script" or tag in REFUSED:
        yield f"an element {tag}"
    for key, value in node.attrib.items():
        name = _local(key)
        if name.startswith("on"):
            yield f"an attribute {name}"
        elif name in ("href", "src") and not _within(value):
            yield f"{tag} leads to {value.strip()[:60]}"
        elif name in ANIMATED and ":" in value and not _within(value):
            yield f"{tag} sets {value.strip()[:60]}"
        elif not all(map(_within, in_style(value))):
            yield f"{tag} loads {value.strip()[:60]}"
    if tag == "style" and not all(map(_within, in_style(COMMENT.sub("", "".join(node.itertext()))))):
        yield "a style that loads something"


def _local(name: str) -> str:
    """Return a name without its namespace, in small letters."""
    return name.rpartition("}")[2].lower()


def _within(raw: str) -> bool:
    """Tell whether an address in a drawing stays within it."""
    return (
        raw.strip().startswith("#")
        or not raw.strip()
        or re.match(r"data:image/(?:png|jpeg)[;,]", raw.strip(), re.I) is not None
    )
