"""Checks of a built folder, whichever engine made it."""

from __future__ import annotations

import time
from pathlib import Path

from . import active, content, links, loads
from .document import Site
from .findings import Checks, Finding
from .passed import Memory

__all__ = ["STATIC", "Checks", "Finding", "Memory", "check_files"]

STATIC = {
    "links": links.dead_links,
    "alternatives": content.missing_alternatives,
    "references": content.unresolved_references,
    "ids": content.duplicate_ids,
    "other hosts": loads.other_hosts,
    "policy": active.weak_policy,
    "active content": active.active_content,
    "drawings": active.active_drawings,
    "weight": loads.heavy_pages,
    "head": content.missing_head,
    "text": content.empty_pages,
}


def check_files(folder: Path, memory: Memory | None = None) -> Checks:
    """Check the files of a built site, without a browser.

    Parameters
    ----------
    folder : path
        The folder with ``index.html``.
    memory : Memory, optional
        Of the last site: pages and drawings that passed then are looked at again only where something that their outcome
        depends on has changed. Afterwards it holds those of this site.

    Returns
    -------
    Checks
        Findings in the order of the pages.
    """
    started = time.perf_counter()
    site = Site(folder, memory.read() if memory else {})
    found = sorted({f for check in STATIC.values() for f in check(site)})
    if memory:
        memory.write(site.passed({f.page for f in found}))
    return Checks(tuple(found), len(site.pages), tuple(STATIC), time.perf_counter() - started)
