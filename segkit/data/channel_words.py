"""The dictionary of channels (``channel_words.toml``), made ready to be looked up."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .phrases import Phrases, parts, simple

_TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

VERSION: str = _TABLE["version"]
OFFLINE: tuple[str, ...] = tuple(_TABLE["published"]["offline"])
PLATFORMS: tuple[str, ...] = tuple(_TABLE["published"]["platforms"])
CHANNELS = OFFLINE + PLATFORMS
SOURCES: tuple[str, ...] = tuple(_TABLE["sources"])
STAGES: tuple[str, ...] = tuple(_TABLE["stages"])
SYSTEM = "OFFLINE"  # the source of what was created outside of any tracked session
FILLED: str = _TABLE["published"]["filled"]
ONLINE = "online"  # what a word means that names an online touch and no platform


@dataclass(frozen=True)
class Words(Phrases):
    """What the taxonomy looks up.

    Attributes
    ----------
    meaning : mapping
        Phrase to channel, platform, ``"online"``, or nothing where it is no touch.
    domains : mapping
        Host to platform.
    sources, stages : mapping
        Label to its one name.
    technical : frozenset of str
        Drill-downs that name no touch.
    platform_of : mapping
        Source to the platform that it is.
    """

    domains: dict[str, str]
    sources: dict[str, str]
    stages: dict[str, str]
    technical: frozenset[str]
    platform_of: dict[str, str]


@functools.cache
def words() -> Words:
    """Return the dictionary of the taxonomy."""
    meaning: dict[tuple[str, ...], str] = {}
    domains: dict[str, str] = {}
    left_out = set(_TABLE["left_out"]["words"])
    for table in ("published", "more"):
        for part in ("offline", "platforms"):
            for channel, found in _TABLE[table][part].items():
                domains |= {word: channel for word in found if "." in word}
                meaning |= {parts(word): channel for word in found if "." not in word and word not in left_out}
    meaning |= {parts(word): ONLINE for word in _TABLE["online"]["words"]}
    meaning |= {parts(word): "" for word in _TABLE["negative"]["words"]}
    technical = frozenset(_TABLE["technical"]["words"])
    return Words(meaning, domains, _labels("sources"), _labels("stages"), technical, _TABLE["platform_of"])


def _labels(table: str) -> dict[str, str]:
    return {simple(label): name for name, labels in _TABLE[table].items() for label in (name, *labels)}


@functools.cache
def published() -> dict[str, tuple[str, ...]]:
    """Return the published words of each channel and platform, in order."""
    tables = (_TABLE["published"]["offline"], _TABLE["published"]["platforms"])
    return {channel: tuple(found) for table in tables for channel, found in table.items()}
