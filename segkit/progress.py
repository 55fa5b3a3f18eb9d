"""Progress bars of long work: in a terminal or a notebook, and never on a page that is being made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm.auto import tqdm

T = TypeVar("T")
QUIET = "SEGKIT_QUIET"  # set for a process whose progress another one shows
# Those of pages are set for the kernels of a site, by the embedded engine and by a build.
NO_BARS = ("SEGKIT_PAGE", "SEGKIT_STUDY_KEY", QUIET)


def bar(work: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Go over work that takes its time, with a bar after two seconds.

    Parameters
    ----------
    work : iterable
    what : str
        Stands beside the bar.
    total : int, optional
        Where ``work`` has no length.
    """
    # In a kernel a bar would be a widget, which a page cannot hold.
    off = True if any(name in os.environ for name in NO_BARS) else None
    found: Iterator[T] = iter(tqdm(work, desc=what, total=total, leave=False, delay=2, disable=off))
    return found
