"""The verdict in words: a headline, the sentence after it, and the reasons."""

from __future__ import annotations

import math

from ..engine.verdict import CONSTRUCTIVE, FRAGILE, NATURAL, NONE, REPRODUCIBLE, Verdict
from ..vocabulary import Vocabulary
from .nulls import quoted
from .prose import capital, inline, join, number
from .robustness import at_least

HEADLINES = {
    NATURAL: "The segments are natural.",
    REPRODUCIBLE: "The segments are reproducible.",
    FRAGILE: "The segments are a fragile structure.",
    CONSTRUCTIVE: "The segments are constructive.",
    NONE: "There is no segmentation.",
}
TONES = {NATURAL: "ok", REPRODUCIBLE: "mid", FRAGILE: "mid", CONSTRUCTIVE: "no", NONE: "no"}


def status(found: Verdict) -> str:
    """Return the verdict in a word or two, for the line at the top of each page."""
    return found.word if found.word == NONE else f"{found.word} segments"


@inline
def headline(found: Verdict) -> str:
    """Say the verdict in one short sentence."""
    return HEADLINES[found.word]


@inline
def sentence(found: Verdict, terms: Vocabulary) -> str:
    """Say what the word means here, and name the nulls that were not beaten."""
    if found.word == NONE:
        return (
            f"The rule finds no number of segments that other samples of {terms.units} confirm. Those that are shown illustrate "
            "what a division would look like; do not act on them."
        )
    if found.word == NATURAL:
        return (
            f"The {terms.record} is more clearly divided than every population without segments that it was compared with, and "
            f"other samples of its {terms.units} give the same segments."
        )
    if found.word == REPRODUCIBLE:
        return (
            f"Other samples of {terms.units} give the same segments, so rules can be built on them. They are not shown to be "
            f"groups of their own: {_not_beaten(found, terms)}."
        )
    if found.word == FRAGILE:
        return (
            f"The {terms.record} is more clearly divided than every population without segments that it was compared with, but the "
            f"segments are not found alike in every sample: {_unstable(found)}."
        )
    return (
        f"They are a division that was made, not one that was found: {_not_beaten(found, terms)}, and {_unstable(found)}. A "
        "division "
        "can still be useful; its borders are a choice."
    )


def _not_beaten(found: Verdict, terms: Vocabulary) -> str:
    if not found.beaten:
        return "nothing was compared with populations without segments"
    if not found.testable:
        return "too few populations without segments were drawn to be beaten"
    return f"{_named(found, terms, 'or')} could look as clearly divided"


def _named(found: Verdict, terms: Vocabulary, last: str = "and") -> str:
    return join([quoted(n, terms) for n in found.not_beaten], last)


def _unstable(found: Verdict) -> str:
    parts = []
    if not found.recovered:
        known = [v for v in found.jaccard.values() if math.isfinite(v)]
        low = f" of {number(min(known), 2)}" if known else ""
        parts.append(f"one has a mean bootstrap Jaccard similarity{low} where {found.threshold:g} is needed")
    if not found.agrees:
        parts.append(
            "in one bootstrap of the whole chain in twenty the partition agrees to an ARI of about "
            f"{at_least(found.ari_q05)} or less, where {found.agreement:g} is needed"
            if math.isfinite(found.ari_q05)
            else "bootstraps of the whole chain could not be compared"
        )
    return "; ".join(parts)


@inline
def reasons(found: Verdict, terms: Vocabulary) -> str:
    """Say which of its two conditions the verdict meets."""
    structured = (
        "every null is beaten"
        if found.structured
        else f"not every null is beaten ({_named(found, terms)})"
        if found.testable and found.beaten
        else _not_beaten(found, terms)
    )
    stable = "the partition is stable" if found.stable else f"the partition is not stable ({_unstable(found)})"
    return f"{capital(structured)}, and {stable}."


@inline
def consequence(found: Verdict, terms: Vocabulary) -> str:
    """Say what follows for those who use the segments."""
    return {
        NATURAL: f"Treat the segments as groups: ask what makes them, and expect them in next year's {terms.record}.",
        REPRODUCIBLE: f"Use the segments as a convenient grid: the same {terms.units} will be sorted the same way. Do not look for "
        f"a cause behind each border, and treat {terms.units} near one alike.",
        FRAGILE: "Look for the structure before using the segments: with another sample the borders would lie elsewhere.",
        CONSTRUCTIVE: "Choose borders by what they are for, such as capacity or value; a simple threshold may do as well.",
        NONE: f"Rank {terms.units} by a feature that matters instead of sorting them into segments.",
    }[found.word]
