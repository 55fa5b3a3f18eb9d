"""The studies by name, and those that the site of a project is about."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import scratch
from ..config import Given, project_root
from ..data import exported
from ..errors import BuildError, ConfigError, printable
from .channels import ChannelsStudy
from .contacts import ContactsStudy
from .conversations import ConversationsStudy
from .customers import CustomersStudy
from .filed import FiledStudy
from .markets import MarketsStudy
from .personas import PersonasStudy
from .store import STATE

KINDS: tuple[type[FiledStudy], ...] = (
    ContactsStudy, CustomersStudy, PersonasStudy, ChannelsStudy, MarketsStudy, ConversationsStudy,
)  # fmt: skip
STUDIES = {kind.name: kind for kind in KINDS}
RECORD = "site.json"
EXPORTED = "results"  # the folder of a project for what is exported, a folder for each study


def study(name: str) -> type[FiledStudy]:
    """Return a study by its name.

    Raises
    ------
    ConfigError
        There is none of that name.
    """
    if name not in STUDIES:
        raise ConfigError(f"there is no study {printable(name)!r}", remedy=f"Studies are {', '.join(STUDIES)}.")
    return STUDIES[name]


def record(root: Path, names: Sequence[str]) -> None:
    """Write down which studies the site of a project is about; the first one leads."""
    scratch.write(root / STATE / RECORD, json.dumps({"studies": list(names)}).encode())


def of_site(root: Path | None = None) -> tuple[str, ...]:
    """Return the studies that `record` wrote down and that there still are."""
    root = project_root() if root is None else root
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        at = json.loads((root / STATE / RECORD).read_text("utf-8"))
        return tuple(name for name in at["studies"] if name in STUDIES)
    return ()


def open_study(name: str | None = None, root: Path | None = None) -> FiledStudy:
    """Open what ``segkit results`` computed last of a study; pages call this.

    Parameters
    ----------
    name : str, optional
        The one that leads when not given.
    root : path, optional
        The project's folder.

    Raises
    ------
    BuildError
        There are no results, or the data, the settings, the package or its lock have changed since.
    """
    root = project_root() if root is None else root
    if name is None:
        known = of_site(root)
        if not known:
            raise BuildError("no study has results yet", remedy="Run `segkit results` (or `make results`) first.")
        name = known[0]
    return study(name).opened(root)


def exporting(root: Path) -> tuple[str, ...]:
    """Return the studies of the last results that have something to export.

    Raises
    ------
    ConfigError
        None has.
    """
    found = tuple(n for n in of_site(root) if STUDIES[n].exporting())
    if not found:
        raise ConfigError("no study of the last results has anything to export", remedy="Run `segkit results` first.")
    return found


def export(
    name: str,
    to: Given | None,
    *,
    root: Path,
    say: Callable[[str], None],
    pictures: Callable[[Any], Mapping[str, bytes]] = lambda study: {},
) -> list[Path]:
    """Export what ``segkit results`` computed last of a study, as it is: the files are for the owner of the data.

    Parameters
    ----------
    name : str
    to : path or address, optional
        ``results/<study>`` in the project when not given.
    root : path
        The project's folder.
    say : callable
        Receives one line.
    pictures : callable
        Draws what goes beside the tables, by name of the file; a warehouse takes none.

    Raises
    ------
    ConfigError
        The folder is within a site, which anybody may read; or as from `Exporting.export_to`.
    BuildError
        There are no results, or they are out of date.
    """
    kind = study(name)
    to = root / EXPORTED / name if to is None else to
    if isinstance(to, Path):
        at = to.resolve()
        if any(p.name.startswith("_site") or (p / "manifest.json").is_file() for p in (at, *at.parents)):
            raise ConfigError("this folder is of a site", file=to, remedy="Name one that nobody else reads, with --to.")
    opened = kind.opened(root)
    exact = opened.exact if isinstance(opened.exact, FiledStudy) else opened
    written = exact.export_to(to)
    if isinstance(to, Path):
        written += exported.export(pictures(exact), to)
    where = (
        f"{len(written)} {'file' if len(written) == 1 else 'files'} in {to}, for you alone"
        if written
        else "the warehouse has them"
    )
    say(f"{name}: {where}.")
    return written


def folder(name: str, root: Path | None = None) -> str:
    """Return the folder of a study's downloads on the site; that of the leading study is the one of all."""
    known = of_site(root)
    return "" if name in known[:1] or not known else f"{name}/"
