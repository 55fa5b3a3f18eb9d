"""What a build was made of: versions, parameters, fingerprints, wall time."""

from __future__ import annotations

import platform
import re
from importlib import metadata
from pathlib import Path
from typing import Any

from .. import __version__
from ..config import project_root

NAMED = re.compile(r"^Name: (\S+)\n(?:.*\n)*?Version: (\S+)$", re.M)
PINNED = re.compile(r"^([\w.-]+)==", re.M)
SHOWN = ("scikit-learn", "pandas", "numpy", "duckdb", "ibis-framework")


def packages(root: Path | None = None) -> dict[str, str]:
    """Return the version of every installed package that the lock of a project names; of each one where it has no lock."""
    lock = (root or project_root()) / "requirements.txt"
    asked = set(map(_plain, PINNED.findall(lock.read_text("utf-8")))) if lock.is_file() else None
    # Its own reader takes half a second for what stands in two lines of each, and every page asks.
    heads = (d.read_text("METADATA") or "" for d in metadata.distributions())
    found = {_plain(hit[1]): hit[2] for head in heads if (hit := NAMED.search(head))}
    return {name: found[name] for name in sorted(found) if asked is None or name in asked}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def commit(root: Path) -> str | None:
    """Return the commit of the checkout, or None outside of one."""
    head = root / ".git" / "HEAD"
    try:
        text = head.read_text("ascii").strip()
        if not text.startswith("ref:"):
            return text
        name = text.removeprefix("ref:").strip()
        loose = root / ".git" / name
        if loose.is_file():
            return loose.read_text("ascii").strip()
        for line in (root / ".git" / "packed-refs").read_text("ascii").splitlines():
            if line.endswith(name):
                return line.split()[0]
    except (OSError, UnicodeDecodeError):
        pass
    return None


def manifest(
    root: Path, results: dict[str, dict[str, Any]], lead: str, *, engine: str, seconds: float
) -> dict[str, Any]:
    """Describe one build.

    Parameters
    ----------
    root : path
        The project's folder.
    results : dict of str to dict
        The content of results.json, by study.
    lead : str
        The study that the name of the build is made of.
    engine : str
        ``quarto`` or ``embedded``.
    seconds : float
        Wall time of the build.
    """
    return {
        "segkit": __version__,
        "commit": commit(root),
        "built": results[lead]["date"],
        "engine": engine,
        "seconds": round(seconds, 1),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "data": results[lead]["data"],
        "parameters": results[lead]["parameters"],
        "studies": {name: {"data": one["data"], "parameters": one["parameters"]} for name, one in results.items()},
        "packages": packages(root),
    }
