"""The dictionary of channels (``channels.toml``), made ready to be looked up."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .calendar_words import plain, unaccented
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
_GLUED = re.compile(r"[A-Za-z0-9]+")
# Where words are glued: at capitals, and at digits beside a run of letters that is no part of a number such as 3fb9.
_BORDERS = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z]{4})(?=[0-9])|(?<=[0-9])(?=[A-Za-z]{4})"
)
JOINED = 3  # pieces that a word has at most, as YouTube has two
SHORTEST = 4  # letters of the shortest plural, and of the shortest word that is found glued to others
SYLLABLE = 3  # letters below which a piece is a part of the next one, as in iPhone and McCall


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

    @functools.cached_property
    def known(self) -> frozenset[str]:
        """The parts of all words."""
        return frozenset(part for word in self.meaning for part in word)

    def _pieces(self, token: str) -> list[str]:
        """Take apart what is glued, without taking apart words: the most pieces that are a known word stay together."""
        cut = [piece.lower() for piece in _BORDERS.split(token)]
        if len(cut) == 1 or _singular(token.lower()) in self.known:
            return [_singular(token.lower())]
        out, at = list[str](), 0
        while at < len(cut):
            sizes = [n for n in range(JOINED, 1, -1) if _singular("".join(cut[at : at + n])) in self.known]
            size = sizes[0] if sizes else 1
            word = _singular("".join(cut[at : at + size]))
            at += size
            part = word not in self.known or not out  # but for the "to" in CallToAction
            if size == 1 and len(word) < SYLLABLE and word.isalpha() and part and at < len(cut):
                cut[at] = word + cut[at]
            elif len(word) >= SHORTEST or (word,) not in self.meaning:  # fb within letters at random is nobody's
                out.append(word)
        return out

    def found(self, text: str) -> dict[tuple[str, ...], str]:
        """Return the words of a text with their meaning, each once.

        Where words overlap, the longest one that begins first counts alone. Words that are glued to digits, or to each other
        with capitals, are read as if there were blanks.

        >>> list(words().found("Cold calls, direct mail; call to action").values())
        ['Phone', 'Email_Direct']
        >>> list(words().found("feria2024 FacebookAds iPhone EventBrite").values())
        ['Event', 'Facebook', 'Eventbrite']
        """
        bare = unaccented(folded(text))
        glued = _BORDERS.search(bare)
        left = [p for token in _GLUED.findall(bare) for p in self._pieces(token)] if glued else parts(bare)
        at, out = 0, dict[tuple[str, ...], str]()
        while at < len(left):
            for size in self.lengths.get(left[at], ()):
                word = tuple(left[at : at + size])
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
    return tuple([_singular(word) for word in _LETTERS.findall(plain(folded(text)))])


def _singular(word: str) -> str:
    return word[:-1] if word[-1] == "s" and len(word) >= SHORTEST and word[-2] not in "su" else word


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
