"""Checks of a built folder, whichever engine made it."""

from __future__ import annotations

import time
from pathlib import Path

from . import active, content, links, loads
from .document import Site
from .findings import Checks, Finding

__all__ = ["STATIC", "Checks", "Finding", "check_files"]

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


def check_files(folder: Path) -> Checks:
    """Check the files of a built site, without a browser.

    Parameters
    ----------
    folder : path
        The folder with ``index.html``.

    Returns
    -------
    Checks
        Findings in the order of the pages.
    """
    started = time.perf_counter()
    site = Site(folder)
    found = sorted({f for check in STATIC.values() for f in check(site)})
    return Checks(tuple(found), len(site.documents), tuple(STATIC), time.perf_counter() - started)
