"""How unequally revenue is spread over subscribers, and how few of them carry what may be said of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ..inference.concentration import HEADS, Concentration
from ..inference.rates import COVERAGE, Estimate
from ..vocabulary import Vocabulary
from .prose import fixed

HALF = 0.5  # of the revenue
UNKNOWN = Estimate(math.nan, math.nan, math.nan, COVERAGE, 0)
UNEVEN = 0.25  # of the revenue, from the first tenth: from here on it is said to hang on few
NEARLY = 0.995  # of it: who comes after this brings next to nothing


def of_subscribers(terms: Vocabulary) -> Vocabulary:
    """Return the words of the study for sentences in which subscribers are the units."""
    return replace(terms, unit="subscriber", units="subscribers", who="who")


@dataclass(frozen=True)
class Held:
    """What is told of how revenue is spread.

    Attributes
    ----------
    paid : bool
        Whether the record has money.
    known : bool
        Whether there is any revenue.
    shown : bool
        Whether subscribers are many enough to tell of the first tenth.
    units : int
        Subscribers.
    top : float
        Of which share of them ``share`` tells.
    share, first, gini : Estimate
        Of the revenue: that of the first tenth, that of the first ten; and the Gini coefficient.
    heads : int
    half : float
        The share of the subscribers that brings half of the revenue, at most; straight lines between points of the curve.
    idle : float
        The share of the subscribers that brings next to nothing, at least.
    below : int
        Subscribers whose revenue is below zero.
    """

    paid: bool
    known: bool = False
    shown: bool = False
    units: int = 0
    top: float = math.nan
    share: Estimate = UNKNOWN
    first: Estimate = UNKNOWN
    gini: Estimate = UNKNOWN
    heads: int = HEADS
    half: float = math.nan
    idle: float = math.nan
    below: int = 0
    nearly: float = 1 - NEARLY

    @property
    def uneven(self) -> bool:
        """Whether few bring most, also at the lower end of the interval."""
        return self.shown and self.share.low >= UNEVEN

    @property
    def same(self) -> bool:
        """Whether the first ten are the first tenth."""
        return self.shown and math.isclose(self.top * self.units, self.heads)

    @property
    def halves(self) -> int:
        """How many subscribers bring half of the revenue, at most."""
        return math.ceil(self.half * self.units - 1e-9) if self.shown else 0

    @property
    def without(self) -> float:
        """The mean revenue of the others, as a share of that of all: what is left of a mean without the first ten."""
        return (1 - self.first.value) * self.units / (self.units - self.heads) if self.shown else math.nan

    @property
    def wide(self) -> float:
        """How wide the interval of the share of the first tenth is, in percentage points."""
        return 100 * (self.share.high - self.share.low)


def held(found: Concentration | None) -> Held:
    """Collect what sentences tell; nothing where the record has no money."""
    if found is None:
        return Held(paid=False)
    if not found.shown:
        return Held(True, found.known, False, found.units, found.top, below=found.below)
    curve = found.table.sort_values("units")
    return Held(
        True, True, True, found.units, found.top, found.share, found.first, found.gini, HEADS, _reached(found, HALF),
        1 - float(curve.loc[curve["amount"] >= NEARLY, "units"].iloc[0]), found.below,
    )  # fmt: skip


def status(known: Held) -> str:
    """Say in a few words what the page found."""
    if known.shown:
        return f"Gini coefficient {fixed(known.gini.value)}"
    return "too few subscribers to tell" if known.known else "no revenue" if known.paid else "no money in the log"


def _reached(found: Concentration, amount: float) -> float:
    """Return which share of the subscribers, the largest first, brings so much of the revenue."""
    before = (0.0, 0.0)
    for units, own in found.table[["units", "amount"]].itertuples(index=False):
        if own >= amount:
            return float(before[0] + (units - before[0]) * (amount - before[1]) / (own - before[1]))
        before = (units, own)
    return 1.0
