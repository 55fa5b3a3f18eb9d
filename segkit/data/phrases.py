"""Phrases of a dictionary, found in texts by whole words, also where words are glued to digits or to each other."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from .calendar_words import plain, unaccented
from .marks import folded

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
class Phrases:
    """A dictionary of phrases.

    Attributes
    ----------
    meaning : mapping
        Phrase (of one or more words, as :func:`parts` has them) to what it means; nothing where it keeps what is within it
        from meaning anything.
    """

    meaning: dict[tuple[str, ...], str]

    @functools.cached_property
    def lengths(self) -> dict[str, tuple[int, ...]]:
        """First word of a phrase to the numbers of words that such phrases have, the largest first."""
        found: dict[str, set[int]] = {}
        for phrase in self.meaning:
            found.setdefault(phrase[0], set()).add(len(phrase))
        return {first: tuple(sorted(sizes, reverse=True)) for first, sizes in found.items()}

    @functools.cached_property
    def known(self) -> frozenset[str]:
        """The words of all phrases."""
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
        """Return the phrases of a text with their meaning, each once.

        Where phrases overlap, the longest one that begins first counts alone. Words that are glued to digits, or to each other
        with capitals, are read as if there were blanks.

        >>> mine = Phrases({("call",): "Phone", ("call", "to", "action"): "", ("eventbrite",): "Tickets", ("event",): "Event"})
        >>> list(mine.found("Calls; call to action").values()), list(mine.found("event2024 EventBrite CallToAction").values())
        (['Phone'], ['Event', 'Tickets'])
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
