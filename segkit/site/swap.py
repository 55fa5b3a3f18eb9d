"""Build beside, then swap in whole: a reader sees the old site or the new one, never half of either."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import scratch
from ..errors import BuildError
from . import lock
from .sources import PREFIX

QUARTO = ".quarto-"  # folders that Quarto writes into; inside the project, since it wants them there
PAGE = ".new-"  # folders in which a page is executed


@contextmanager
def beside(site: Path) -> Iterator[Path]:
    """Give an empty folder beside the site; swap it in when the block ends well, delete it when it does not.

    Parameters
    ----------
    site : path
        Where the finished site belongs.

    Raises
    ------
    BuildError
        The place cannot be written, or a build of another project is writing this site.
    """
    draft, old = site.with_name(f"{site.name}.new"), site.with_name(f"{site.name}.old")
    try:
        _refuse_two(draft)
        if old.exists() and not site.exists():  # a swap was cut off between its two renames
            os.replace(old, site)
        for rest in (draft, old):
            shutil.rmtree(rest, ignore_errors=True)
        draft.mkdir(parents=True)
    except OSError as error:
        raise BuildError(
            f"the site cannot be written ({error.strerror})",
            file=draft,
            remedy="Make the folder writable, or free some disk space.",
        ) from error
    with lock.claimed(draft) as mine:
        if not mine:
            raise _two(draft)
        try:
            yield draft
            if site.exists():
                os.replace(site, old)
            os.replace(draft, site)
        finally:
            if old.exists() and not site.exists():
                os.replace(old, site)
            shutil.rmtree(draft, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def _refuse_two(draft: Path) -> None:
    """Refuse a draft that a running build of another project fills; one that a killed build left is free."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), lock.claimed(draft) as free:
        if not free:
            raise _two(draft)


def _two(draft: Path) -> BuildError:
    return BuildError(
        "another build is writing this site", file=draft, remedy="Wait until it has ended, or give another --out."
    )


def clear(root: Path) -> None:
    """Delete the half-made sites and pages that killed builds left in a project, where no build is running."""
    for prefix in (QUARTO, PREFIX):
        scratch.clear_folders(root, prefix=prefix)
    for shelf in (root / ".segkit" / "pages").glob("*/"):
        scratch.clear_folders(shelf, prefix=PAGE)
    with contextlib.suppress(OSError), lock.claimed(draft := root / "_site.new") as free:
        if free:
            shutil.rmtree(draft, ignore_errors=True)
