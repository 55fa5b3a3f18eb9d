"""The verdict in words: a headline, and what pages say of the reasons."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..engine.meaning import Cards
from ..engine.verdict import CONSTRUCTIVE, FRAGILE, NATURAL, NONE, REPRODUCIBLE, Verdict
from ..vocabulary import Vocabulary
from .nulls import quoted
from .prose import inline, join, number
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
    return found.word if found.word in (NONE, FRAGILE) else f"{found.word} segments"


@inline
def headline(found: Verdict) -> str:
    """Say the verdict in one short sentence."""
    return HEADLINES[found.word]


@dataclass(frozen=True)
class Facts:
    """What pages tell of the verdict.

    Attributes
    ----------
    headline, word : str
    structured, stable, open : bool
        Whether every null is beaten, whether the partition is stable, and whether nothing could tell of the former.
    rest : list of str
        Titles of the nulls that are not beaten.
    compared : int
        Nulls in all.
    unbeaten, unstable : str
        Why the segments may be of no structure, and why they are not stable, in the words of both pages that say so.
    misfit : str
        What it takes from the word that nulls, on whose answer it rests, fit features that decide most badly; or nothing.
    borders : str
        The borders that could be cuts through one cloud, in words, or that they could not be asked; empty where there is none.
    asked : bool
        Whether borders could be asked.
    """

    headline: str
    word: str
    structured: bool
    stable: bool
    open: bool
    rest: list[str]
    compared: int
    unbeaten: str
    unstable: str
    misfit: str
    borders: str
    asked: bool


def facts(found: Verdict, terms: Vocabulary, cards: Cards | None = None) -> Facts:
    """Collect what the sentences on the verdict need; borders go by the names on the cards, where these are given."""
    borders = _borders(found, cards)
    rest = [quoted(n, terms) for n in found.not_beaten]
    if not found.beaten:
        unbeaten = "nothing was compared with populations without segments"
    elif not found.testable:
        unbeaten = "too few populations without segments were drawn to be beaten"
    else:
        unbeaten = f"{join(rest, 'or')} could look as clearly divided" if rest else borders
    return Facts(
        headline=headline(found),
        word=found.word,
        structured=found.structured,
        stable=found.stable,
        open=not (found.testable and found.beaten),
        rest=rest,
        compared=len(found.beaten),
        unbeaten=unbeaten,
        unstable=_unstable(found),
        misfit=_misfit(found, terms),
        borders=borders,
        asked=found.asked,
    )


def _misfit(found: Verdict, terms: Vocabulary) -> str:
    """Say that the answers of nulls, on which the word rests, show little: of all where all are beaten, else of the others."""
    deciding = [n for n in found.misfit if found.beaten.get(n) == found.structured]
    if not deciding or not found.testable or found.word == NONE:
        return ""
    who = join([quoted(n, terms) for n in deciding])
    one = len(deciding) == 1
    fits = f"badly {'fits' if one else 'fit'} features that decide most"
    if found.structured:
        return f"But {who} {fits}: that {'it is' if one else 'they are'} beaten shows little."
    return f"But {who} {fits}: {'one' if one else 'some'} that {'fits' if one else 'fit'} better could be beaten."


def _borders(found: Verdict, cards: Cards | None) -> str:
    if not found.asked and found.structured and found.stable:
        return "whether each border is more than a cut through one cloud cannot be asked of coded words"
    names = {c.id: f"“{c.short}”" for c in cards} if cards is not None else {}
    pairs = [f"{names.get(a, f'segment {a}')} and {names.get(b, f'segment {b}')}" for a, b in found.open_borders]
    if not pairs:
        return ""
    several = "borders" if len(pairs) > 1 else "border"
    return f"the {several} between {join(pairs, 'and between')} could be {'cuts' if len(pairs) > 1 else 'a cut'} through one cloud"


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
