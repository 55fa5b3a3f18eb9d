"""The dictionary of channels (``channels.toml``), made ready to be looked up."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .calendar_words import plain
from .marks import folded

_TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("channels.toml").read_text("utf-8"))

VERSION: str = _TABLE["version"]
OFFLINE: tuple[str, ...] = tuple(_TABLE["published"]["offline"])
PLATFORMS: tuple[str, ...] = tuple(_TABLE["published"]["platforms"])
CHANNELS = OFFLINE + PLATFORMS
SOURCES: tuple[str, ...] = tuple(_TABLE["sources"])
STAGES: tuple[str, ...] = tuple(_TABLE["stages"])
SYSTEM = "OFFLINE"  # the source of what was created outside of any tracked session
FILLED: str = _TABLE["published"]["filled"]
ONLINE = "online"  # what a word means that names an online touch and no platform
_LETTERS = re.compile(r"[a-z0-9]+")
SHORTEST = 4  # letters of the shortest plural


def simple(text: str) -> str:
    """Return a text as the dictionary has it: lower case, no accents, one blank for all that is no letter or digit.

    >>> simple("EMAIL_MARKETING"), simple(" Búsqueda  orgánica"), simple("face-to-face")
    ('email marketing', 'busqueda organica', 'face to face')
    """
    return " ".join(_LETTERS.findall(plain(folded(text))))


@dataclass(frozen=True)
class Words:
    """What the taxonomy looks up.

    Attributes
    ----------
    meaning : mapping
        Word (of one or more parts, as :func:`parts` has them) to channel, platform, ``"online"``, or nothing where a phrase is
        no touch.
    lengths : mapping
        First part of a word to the numbers of parts that such words have, the largest first.
    domains : mapping
        Host to platform.
    sources, stages : mapping
        Label to its one name.
    technical : frozenset of str
        Drill-downs that name no touch.
    platform_of : mapping
        Source to the platform that it is.
    """

    meaning: dict[tuple[str, ...], str]
    lengths: dict[str, tuple[int, ...]]
    domains: dict[str, str]
    sources: dict[str, str]
    stages: dict[str, str]
    technical: frozenset[str]
    platform_of: dict[str, str]

    def found(self, text: str) -> dict[tuple[str, ...], str]:
        """Return the words of a text with their meaning, each once.

        Where words overlap, the longest one that begins first counts alone.

        >>> list(words().found("Cold calls, direct mail; call to action").values())
        ['Phone', 'Email_Direct']
        """
        left, at, out = parts(text), 0, {}
        while at < len(left):
            for size in self.lengths.get(left[at], ()):
                word = left[at : at + size]
                if word in self.meaning:
                    out[word] = self.meaning[word]
                    at += size
                    break
            else:
                at += 1
        return {word: meaning for word, meaning in out.items() if meaning}


def parts(text: str) -> tuple[str, ...]:
    """Return the parts of a text, without the s of a plural.

    Spanish plurals in -es stand in the dictionary: without that ending, "calles" (streets) would be calls.

    >>> parts("Eventos y calles; campus, ads")
    ('evento', 'y', 'calle', 'campus', 'ads')
    """
    found = _LETTERS.findall(plain(folded(text)))
    return tuple([w[:-1] if w[-1] == "s" and len(w) >= SHORTEST and w[-2] not in "su" else w for w in found])


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
    lengths: dict[str, set[int]] = {}
    for word in meaning:
        lengths.setdefault(word[0], set()).add(len(word))
    longest = {first: tuple(sorted(sizes, reverse=True)) for first, sizes in lengths.items()}
    technical = frozenset(_TABLE["technical"]["words"])
    return Words(meaning, longest, domains, _labels("sources"), _labels("stages"), technical, _TABLE["platform_of"])


def _labels(table: str) -> dict[str, str]:
    return {simple(label): name for name, labels in _TABLE[table].items() for label in (name, *labels)}


@functools.cache
def published() -> dict[str, tuple[str, ...]]:
    """Return the published words of each channel and platform, in order."""
    tables = (_TABLE["published"]["offline"], _TABLE["published"]["platforms"])
    return {channel: tuple(found) for table in tables for channel, found in table.items()}
