"""Build beside, then swap in whole: a reader sees the old site or the new one, never half of either."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import scratch
from ..errors import BuildError

QUARTO = ".quarto-"  # folders that Quarto writes into; inside the project, since it wants them there


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
        The place cannot be written.
    """
    draft, old = site.with_name(f"{site.name}.new"), site.with_name(f"{site.name}.old")
    try:
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


def clear(root: Path, state: Path) -> None:
    """Delete the half-made sites that killed builds left in a project, unless a build is running."""
    scratch.clear_folders(root, prefix=QUARTO)
    if (root / "_site.new").exists():
        with contextlib.suppress(BuildError, OSError), alone(state):
            shutil.rmtree(root / "_site.new", ignore_errors=True)


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Hold the build lock of a project, since two builds at once would mix their results.

    Raises
    ------
    BuildError
        Another build holds it.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BuildError(
                "another build of this project is running", remedy="Wait until it has ended, then try again."
            ) from error
        yield
