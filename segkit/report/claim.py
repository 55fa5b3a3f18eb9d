"""One claim: what would be good to know, what was done to test it, and what came out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from ..engine.nulls import Nulls
from ..thresholds import COMMON, PLANTED
from .prose import beside, exact, exact_percent
from .robustness import at_least

HOLDS, PARTLY, FAILS, UNSHOWN, OPEN = "holds", "partly", "does not hold", "inconclusive", "cannot tell"
COMMONPLACE = "holds without segments too"
# Statistics that are measured of drawn populations as well, by how the claims about them begin
MEASURED = {
    "At ": "prediction_strength", "Each of the ": "jaccard", "Every segment is found again in resamples": "jaccard",
    "The segments lie apart": "silhouette",
}  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """A claim, what was done to test it, and what came out.

    Attributes
    ----------
    topic : str
        The question that it belongs to.
    claim : str
        What would be good to know.
    evidence : str
        What was computed.
    number : float
        NaN where it could not be computed.
    text : str
        The number as a reader sees it.
    threshold : str
        From where on the claim holds.
    verdict : {"holds", "holds without segments too", "partly", "does not hold", "inconclusive", "cannot tell"}
        ``inconclusive``: a test that could have shown it did not, which proves nothing against it.
    page : str
        Where it is argued.
    common : float
        Share of the populations without segments that pass it as well; NaN where that was not measured.
    """

    topic: str
    claim: str
    evidence: str
    number: float
    text: str
    threshold: str
    verdict: str
    page: str
    common: float = math.nan


def floor(topic: str, page: str, claim: str, evidence: str, value: float, least: float, text: str = "") -> Claim:
    """Make a claim that holds from a number on."""
    known = math.isfinite(value)
    verdict = OPEN if not known else HOLDS if value >= least else FAILS
    return Claim(topic, claim, evidence, value, text or beside(value, least), f"at least {exact(least)}", verdict, page)


def beside_chance(claim: Claim, drawn: pd.Series, least: float) -> Claim:
    """Set a claim that holds from a number on beside populations without segments.

    Parameters
    ----------
    claim : Claim
    drawn : Series
        The same number in each of them; missing where it was not measured.
    least : float
        The threshold.
    """
    known = drawn.dropna()
    if known.empty:
        return claim
    share = float((known >= least).mean())
    idle = claim.verdict == HOLDS and share >= COMMON
    return replace(claim, common=share, verdict=COMMONPLACE if idle else claim.verdict)


def beside_nulls(claims: list[Claim], found: Nulls, limits: Mapping[str, float]) -> list[Claim]:
    """Set claims beside the population without segments that is hardest to tell from the data.

    Parameters
    ----------
    claims : list of Claim
    found : Nulls
    limits : mapping of str to float
        Threshold of each statistic that was measured of drawn populations too; the claims are known by how they begin.
    """
    drawn = found.draws[found.draws["null"] == found.names[-1]]
    known = {words: (drawn[name], limits[name]) for words, name in MEASURED.items() if name in drawn}
    return [
        next((beside_chance(c, *own) for words, own in known.items() if c.claim.startswith(words)), c) for c in claims
    ]


def bound(value: float) -> str:
    """Write a lowest agreement as the chapters do, rounded down."""
    return at_least(value) if math.isfinite(value) else ""


def without(claim: Claim, number: str, few: bool) -> Claim:
    """Tell a claim with its number from the windows alone that were watched enough, where some were not."""
    rest = "no window was watched enough" if number == "–" else f"{number} without windows that were watched too little"
    return replace(claim, evidence=f"{claim.evidence}; {rest}") if few and claim.verdict != OPEN else claim


def ceiling(topic: str, page: str, claim: str, evidence: str, value: float, most: float, text: str = "") -> Claim:
    """Make a claim that holds up to a number."""
    known = math.isfinite(value)
    verdict = OPEN if not known else HOLDS if value <= most else FAILS
    bound = exact_percent(most) if text.endswith("%") else exact(most)
    return Claim(
        topic, claim, evidence, value, text or beside(value, most, at_most=True), f"at most {bound}", verdict, page
    )


def planted(recovered: float | None) -> list[Claim]:
    """Return the claim about the truth of a simulation; none for real data."""
    if recovered is None:
        return []
    return [floor("True", "reproducibility", "The planted segments are found", "adjusted Rand index with the truth of "
                   "the simulation", recovered, PLANTED)]  # fmt: skip
