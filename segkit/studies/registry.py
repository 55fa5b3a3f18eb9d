"""The studies, by name."""

from __future__ import annotations

from pathlib import Path

from ..errors import ConfigError, printable
from .contacts import ContactsStudy
from .events.study import EventStudy

STUDIES: dict[str, type[EventStudy]] = {kind.name: kind for kind in (ContactsStudy,)}


def study(name: str) -> type[EventStudy]:
    """Return a study by its name.

    Raises
    ------
    ConfigError
        There is none of that name.
    """
    if name not in STUDIES:
        raise ConfigError(f"there is no study {printable(name)!r}", remedy=f"Studies are {', '.join(STUDIES)}.")
    return STUDIES[name]


def open_study(name: str, root: Path | None = None) -> EventStudy:
    """Open what ``segkit results`` computed last of a study; pages call this.

    Raises
    ------
    BuildError
        There are no results, or the data, the settings, the package or its lock have changed since.
    """
    return study(name).opened(root)
