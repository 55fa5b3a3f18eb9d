"""What a browser would load for a page: nothing from other hosts, and not too much."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ... import viewer
from .document import Element, Site, address
from .findings import Finding
from .links import in_element, in_sets, in_style

LIMIT = 1_500_000  # bytes of a page with its own pictures
SHARED = "site_libs/"  # fetched once for all pages
PICTURES = ("img", "image", "source", "object", "embed", "video", "input")
# Links that a browser follows by itself; canonical, licence, author and the like only tell something.
LOADING = {
    *("stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest", "preload", "prefetch", "modulepreload"),
    *("preconnect", "dns-prefetch", "prerender", "pingback"),
}
# Calls that load, with an address of another host as it stands in the script.
CALL = re.compile(
    r"""(?:\bfetch|\bimport|\bimportScripts|\bsendBeacon|new\s+(?:Worker|SharedWorker|WebSocket|EventSource))"""
    r"""\s*\(\s*["'`]((?:https?:|wss?:)?//[^"'`\s]+)"""
    r"""|\.(?:src|srcset)\s*=\s*["'`]((?:https?:)?//[^"'`\s]+)"""
    r"""|\bimport\s+(?:[\w{}*,\s]+\s+from\s+)?["']((?:https?:)?//[^"']+)"""
    r"""|\.open\(\s*["'](?:GET|POST|HEAD)["']\s*,\s*["'`]((?:https?:)?//[^"'`\s]+)"""
)
SCRIPTS = {"", "module", "text/javascript", "application/javascript"}


def loads_by_itself(element: Element) -> bool:
    """Tell whether a browser loads what the element names, without its reader's doing."""
    if element.tag in ("a", "area", "form", "base"):
        return False
    if element.tag == "link":
        return bool(LOADING & set(element.get("rel").lower().split()))
    return True


def in_script(text: str) -> Iterator[str]:
    """Yield the addresses of other hosts that a script loads, as far as they stand in it.

    >>> list(in_script('fetch("https://a.example/x"); let say = "see https://b.example";'))
    ['https://a.example/x']
    """
    for hit in CALL.finditer(text):
        yield next(g for g in hit.groups() if g)


def other_hosts(site: Site) -> Iterator[Finding]:
    """Find what a browser would ask another host for: pages, stylesheets and scripts. A link to follow is none.

    The viewer knows addresses of maps of the earth, which nothing here asks it for and the policy of the pages refuses.
    """
    for name, document in site.documents.items():
        for element in document.elements:
            if element.tag == "base":
                yield Finding(name, "other hosts", f"a base moves every address (line {element.line})")
            raws = list(in_element(element)) if loads_by_itself(element) else list(in_style(element.get("style")))
            if element.tag == "script" and element.get("type").lower() in SCRIPTS:
                raws += in_script(element.text(frozenset()))
            for raw in raws:
                if address(raw).elsewhere:
                    yield Finding(name, "other hosts", f"{element.tag} loads {raw.strip()[:120]} (line {element.line})")
    for kind, texts, look in (("stylesheet", site.stylesheets, in_style), ("script", site.scripts, in_script)):
        for name, text in texts.items():
            for raw in look(text):
                if address(raw).elsewhere and not viewer.untouched(site.folder, name):
                    yield Finding(name, "other hosts", f"the {kind} loads {raw[:120]}")


def heavy_pages(site: Site) -> Iterator[Finding]:
    """Find pages that weigh more than 1.5 MB: HTML and its own pictures; what all pages share is not counted."""
    for name, document in site.documents.items():
        pictures: set[str] = set()
        for element in document.find(*PICTURES):
            raws = [element.get(n) for n in ("src", "href", "xlink:href", "data", "poster")]
            for raw in [*raws, *in_sets(element.get("srcset"))]:
                at = address(raw)
                target = site.target(name, at.path) if at.internal and at.path else None
                if target and not target.startswith(SHARED):
                    pictures.add(target)
        weight = document.size + sum(site.weight(name, p) for p in pictures)
        if weight > LIMIT:
            detail = f"{weight / 1e6:.2f} MB with {len(pictures)} pictures; at most {LIMIT / 1e6:.1f} MB"
            yield Finding(name, "weight", detail)
