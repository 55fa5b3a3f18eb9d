"""One claim: what would be good to know, what was done to test it, and what came out."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .prose import beside, exact, exact_percent
from .robustness import at_least

HOLDS, PARTLY, FAILS, UNSHOWN, OPEN = "holds", "partly", "does not hold", "inconclusive", "cannot tell"


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
    verdict : {"holds", "partly", "does not hold", "inconclusive", "cannot tell"}
        ``inconclusive``: a test that could have shown it did not, which proves nothing against it.
    page : str
        Where it is argued.
    """

    topic: str
    claim: str
    evidence: str
    number: float
    text: str
    threshold: str
    verdict: str
    page: str


def floor(topic: str, page: str, claim: str, evidence: str, value: float, least: float, text: str = "") -> Claim:
    """Make a claim that holds from a number on."""
    known = math.isfinite(value)
    verdict = OPEN if not known else HOLDS if value >= least else FAILS
    return Claim(topic, claim, evidence, value, text or beside(value, least), f"at least {exact(least)}", verdict, page)


def bound(value: float) -> str:
    """Write a lowest agreement as the chapters do, rounded down."""
    return at_least(value) if math.isfinite(value) else ""


def ceiling(topic: str, page: str, claim: str, evidence: str, value: float, most: float, text: str = "") -> Claim:
    """Make a claim that holds up to a number."""
    known = math.isfinite(value)
    verdict = OPEN if not known else HOLDS if value <= most else FAILS
    bound = exact_percent(most) if text.endswith("%") else exact(most)
    return Claim(
        topic, claim, evidence, value, text or beside(value, most, at_most=True), f"at most {bound}", verdict, page
    )
