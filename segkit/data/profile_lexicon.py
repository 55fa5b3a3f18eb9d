"""The closed vocabulary of profiles and the words of its values (``profile_lexicon.toml``), made ready to be looked up."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .phrases import parts

FIELDS = (
    "age_indicators", "job_or_career", "location_hints", "relationship_status", "personality_traits", "emotional_needs",
    "purchase_motivations", "communication_style", "life_events",
)  # fmt: skip
AGED = "age_indicators"  # whose values are ages in numbers, too
COUNTED = "communication_style"  # what is counted in messages, and read from no word of them
CLAUSES = r"[.,;:!?()\n\r\u2026\u2014]+|\b(?:and|but|because|though|although)\b"  # between these, words belong together

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Style:
    """From where on a person writes in a certain way.

    Attributes
    ----------
    least : int
        Messages below which nothing is said.
    brief, detailed : float
        Words of a message on average, at most and at least.
    often : float
        Share of messages.
    capitals : int
        Letters that a message in capitals has at least.
    """

    least: int
    brief: float
    detailed: float
    often: float
    capitals: int


@dataclass(frozen=True)
class Lexicon:
    """The vocabulary and its words.

    Attributes
    ----------
    version : str
        Changes with any value or word.
    values : mapping
        Field to its values, in the order of tables.
    protected : frozenset of (str, str)
        Field and value of what may be counted and never be acted on.
    phrases : mapping
        Phrase to what it means: pairs of field and value; no value where it keeps what is within it from meaning anything.
    sizes, negation_sizes : mapping
        First word of a phrase to the numbers of words that such phrases have, the largest first.
    negations : mapping
        Phrase to whether it denies what follows.
    window : int
        Words between a negation and what it denies, at most.
    of_self : frozenset of str
        Fields that are about the writer.
    others, own : frozenset of str
        Words by which a clause turns to somebody else, or to the writer.
    style : Style
    """

    version: str
    values: dict[str, tuple[str, ...]]
    protected: frozenset[tuple[str, str]]
    phrases: dict[Phrase, tuple[tuple[str, str], ...]]
    sizes: dict[str, tuple[int, ...]]
    negations: dict[Phrase, bool]
    negation_sizes: dict[str, tuple[int, ...]]
    window: int
    of_self: frozenset[str]
    others: frozenset[str]
    own: frozenset[str]
    style: Style

    @property
    def columns(self) -> tuple[str, ...]:
        """Every value as ``field=value``, in order."""
        return tuple(f"{field}={value}" for field, values in self.values.items() for value in values)


@functools.cache
def lexicon() -> Lexicon:
    """Return the vocabulary with its words.

    Examples
    --------
    >>> ("relationship_status", "widowed") in lexicon().protected, len(lexicon().values)
    (True, 9)
    """
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    found: dict[Phrase, list[tuple[str, str]]] = {}
    for field in FIELDS:
        known = dict.fromkeys(_no_ages(table["ages"]), "") if field == AGED else {}
        for value, entry in table[field].items():
            known |= dict.fromkeys((parts(w) for w in (*entry["words"], *_ages(table["ages"], entry))), value)
        for phrase, value in known.items():
            found.setdefault(phrase, []).append((field, value))
    negation, others = table["negation"], table["others"]
    denies = {parts(w): True for w in negation["words"]} | {parts(w): False for w in negation["none"]}
    return Lexicon(
        version=table["version"],
        values={field: tuple(table[field]) for field in FIELDS},
        protected=frozenset((f, v) for f in FIELDS for v, entry in table[f].items() if entry.get("protected", False)),
        phrases={phrase: tuple(meanings) for phrase, meanings in found.items()},
        sizes=_sizes(found),
        negations=denies,
        negation_sizes=_sizes(denies),
        window=negation["window"],
        of_self=frozenset(others["fields"]),
        others=frozenset(w for text in others["words"] for w in parts(text)),
        own=frozenset(others["self"]),
        style=Style(**table["style"]),
    )


def _sizes(phrases: Iterable[Phrase]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for phrase in phrases:
        found.setdefault(phrase[0], set()).add(len(phrase))
    return {first: tuple(sorted(some, reverse=True)) for first, some in found.items()}


def _ages(ages: dict[str, Any], entry: dict[str, Any]) -> list[str]:
    """Return the phrases of each age of a value."""
    if "ages" not in entry:
        return []
    low, high = entry["ages"]
    return [words.format(n=n) for n in range(low, high + 1) for words in ages["words"]]


def _no_ages(ages: dict[str, Any]) -> list[Phrase]:
    """Return phrases that hold the phrase of an age and tell of something else."""
    out = []
    for n in range(100):
        bare = [words.format(n=n) for words in ages["words"] if words.endswith("{n}")]
        out += [f"{words} {unit}" for words in bare for unit in ages["none"]]
        out += [f"{n} year old {what}" for what in ages["behind"]]
        out += [f"{whose} {n} year old" for whose in ages["before"]]
    return [parts(text) for text in out]
