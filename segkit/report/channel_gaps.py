"""Differences of closing rates as sentences of the study of channels tell them, and what is claimed of omnichannel prospects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..inference.adjusted import Adjusted
from ..inference.groups import GroupRates
from ..inference.landmark import Landmark
from ..inference.rates import FEW_EVENTS
from ..inference.speed import Speed
from .prose import GAP, beside, inline, percent

OMNICHANNEL, ONLINE = "Omnichannel", "Online Only"
AGAINST = ["difference", "difference_low", "difference_high"]  # columns of a difference
KINDS = {
    "engagement_score": "engagement", "social_intensity": "clicks", "tenure": "time in the database", "intake": "intake period",
}  # fmt: skip


def real(value: Any) -> float:
    """Return a number that the gate may have taken away: NaN where it has."""
    return math.nan if pd.isna(value) else float(value)


@dataclass(frozen=True)
class Gap:
    """A difference of two shares, with its interval.

    Attributes
    ----------
    difference, low, high : float
        NaN where there is none, or where it may not be told.
    """

    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there is one."""
        return all(math.isfinite(x) for x in (self.difference, self.low, self.high))

    @property
    def side(self) -> int:
        """Above zero (1) or below (-1) beyond chance; 0 where the interval holds zero, or there is none."""
        return (self.low > 0) - (self.high < 0)

    @property
    def points(self) -> str:
        """The difference in percentage points."""
        return point(self.difference)

    @property
    def interval(self) -> str:
        """Its interval in percentage points."""
        return f"{point(self.low)} to {point(self.high)}" if self.known else "–"


def point(share: float) -> str:
    """Write a difference of shares in percentage points, so that what is not zero does not read as zero.

    >>> point(0.0213), point(-0.0004), point(0.0)
    ('2.1', '−0.04', '0.0')
    """
    return beside(share * 100, 0.0, at_most=share > 0, digits=1)


def between(low: Any, high: Any) -> str:
    """Write an interval of shares; a dash where there is none.

    >>> between(0.012, 0.034).replace(GAP, " "), between(None, None)
    ('1.2 to 3.4 %', '–')
    """
    one, two = percent(real(low)), percent(real(high))
    return f"{one.removesuffix(f'{GAP}%')} to {two}" if math.isfinite(real(low) + real(high)) else "–"


def gap_of(row: Any) -> Gap:
    """Return the difference that a row of `groups.GroupRates.table` tells."""
    return Gap(real(row["difference"]), real(row["difference_low"]), real(row["difference_high"]))


@dataclass(frozen=True)
class Rated:
    """What one group closes at.

    Attributes
    ----------
    name : str
        As a sentence writes it.
    rate, low, high : float
    gap : Gap
        Its difference from what it is compared with.
    """

    name: str
    rate: float
    low: float
    high: float
    gap: Gap


def channel(name: str) -> str:
    """Write the name of a channel of the dictionary.

    >>> channel("Google_Ads")
    'Google Ads'
    """
    return name.replace("_", " ")


@dataclass(frozen=True)
class Later:
    """The difference among those who were still open on a day, by the touches that they had by then.

    Attributes
    ----------
    day, until : int
        The day after they were added, and how many days later closing is counted.
    gap : Gap
        Of those reached in both ways less all others.
    """

    day: int
    until: int
    gap: Gap


def measured(found: Adjusted) -> tuple[list[str], list[str]]:
    """Return in what prospects are alike, and what was to be taken account of, but has one value only."""
    used = {str(c).partition(" = ")[0].removesuffix(" squared") for c in found.balance["covariate"]}
    asked = [str(c) for c in found.params["covariates"]]
    return [KINDS.get(c, c) for c in asked if c in used], [KINDS.get(c, c) for c in asked if c not in used]


def rarely(found: Speed) -> list[str]:
    """Return the groups of which so few closed that an interval of their days open would be too narrow."""
    closed = pd.to_numeric(found.table.set_index("group")["events"], errors="coerce")
    return [str(g) for g, n in closed.items() if not real(n) >= FEW_EVENTS]


def fair_means(found: Speed) -> pd.DataFrame:
    """Return the restricted means, with no difference where so few of one of the two groups closed."""
    rows, few = found.means.copy(), rarely(found)
    rows[AGAINST] = rows[AGAINST].apply(pd.to_numeric, errors="coerce").astype("float64")
    rows.loc[rows["group"].isin(few) | (found.reference in few), AGAINST] = math.nan
    return rows


def by_then(side: int, share: float, other: float) -> str:
    """Say what fewer (-1) or more (1) days open within a limit go with, and what they do not show.

    >>> by_then(-1, 0.5, 0.1)
    'more of them close by then; that they close earlier is not shown'
    >>> by_then(1, 0.5, 0.1)
    'no fewer of them close by then, but those who do close later in the mean'
    """
    many, when = ("more", "earlier") if side < 0 else ("fewer", "later")
    if not math.isfinite(share + other):
        return f"that they close {when} is not shown"
    if (share - other) * side < 0:
        return f"{many} of them close by then; that they close {when} is not shown"
    return f"no {many} of them close by then, but those who do close {when} in the mean"


@dataclass(frozen=True)
class Claim:
    """What is known of prospects reached online and offline, beside those reached online only.

    Attributes
    ----------
    both, online : float
        Their rates of closing.
    raw : Gap
        Of all, as they are.
    adjusted : Gap
        Of those who are alike in what was measured.
    why : str
        Why there is no adjusted difference; empty where there is one, or no reason is known.
    later : list of Later
        By day.
    dated : bool
        Whether the export has dates of both kinds of touches; where not, the original source stands for them.
    level : float
        Of the intervals.
    measured : list of str
        In what those of the adjusted difference are alike.
    """

    both: float
    online: float
    raw: Gap
    adjusted: Gap
    why: str
    later: list[Later]
    dated: bool
    level: float
    measured: list[str]

    @property
    def checks(self) -> int:
        """How many comparisons there are beside the raw one."""
        return int(self.adjusted.known) + len(self.later)

    @property
    def agree(self) -> str:
        """How the comparisons agree.

        ``unknown`` (there is no raw difference), ``alone`` (nothing beside it), ``all`` (one side), ``none`` (none beyond
        chance), ``turns`` (one lies beyond chance on the other side), ``vanishes`` (the raw one alone lies beyond
        chance), ``explained`` (the adjusted one does not, a later one does), ``partly`` (the adjusted one does, or is not
        known, and some later one does not), ``appears`` (the raw one alone does not).
        """
        if not self.raw.known:
            return "unknown"
        sides = [*([self.adjusted.side] if self.adjusted.known else []), *(x.gap.side for x in self.later)]
        raw = self.raw.side
        if not sides:
            return "alone"
        if {1, -1} <= {raw, *sides}:
            return "turns"
        if len({raw, *sides}) == 1:
            return "all" if raw else "none"
        if not raw:
            return "appears"
        if not any(sides):
            return "vanishes"
        return "explained" if self.adjusted.known and not self.adjusted.side else "partly"


def omnichannel(strategies: GroupRates, balanced: Adjusted, later: Landmark) -> Claim:
    """Collect what is known of prospects reached online and offline.

    Parameters
    ----------
    strategies : GroupRates
        By strategy, with differences from those reached online only.
    balanced : Adjusted
    later : Landmark
    """
    rows = strategies.table.set_index("group")
    has = [n in rows.index for n in (OMNICHANNEL, ONLINE)]
    rates = [
        real(rows.loc[n, "rate"]) if here else math.nan for n, here in zip((OMNICHANNEL, ONLINE), has, strict=True)
    ]
    after = Gap(real(balanced.difference), real(balanced.low), real(balanced.high))
    return Claim(
        both=rates[0],
        online=rates[1],
        raw=gap_of(rows.loc[OMNICHANNEL]) if all(has) else Gap(),
        adjusted=after,
        why="" if after.known else balanced.reason.replace(" unit", " prospect"),
        later=of_landmark(later),
        dated=later.dated,
        level=float(strategies.params["level"]),
        measured=measured(balanced)[0],
    )


def of_landmark(found: Landmark) -> list[Later]:
    """Return the difference after each landmark, at the latest day that can be told of."""
    made = [
        Later(int(r["landmark"]), int(r["until"]), Gap(real(r["difference"]), real(r["low"]), real(r["high"])))
        for _, r in found.after.sort_values("until").iterrows()
    ]
    last = {x.day: x for x in made if x.gap.known}
    return [last[day] for day in sorted(last)]


@inline
def claim(known: Claim) -> str:
    """State in a sentence or two whether omnichannel prospects close more often, for the front page of the site."""
    if not known.raw.known:
        return "Too few prospects were reached in both ways, or online only, for their closing rates to be compared."
    first = {
        1: "Prospects reached online and offline close more often than those reached online only",
        -1: "Prospects reached online and offline close less often than those reached online only",
        0: "In how often they close, no difference beyond chance is shown between prospects reached in both ways and online only",
    }[known.raw.side] + f" ({percent(known.both)} against {percent(known.online)})"
    ends = {
        "alone": "; nothing more can be compared.",
        "all": "; comparisons of like with like agree.",
        "none": "; comparisons of like with like show none either.",
        "turns": "; comparisons of like with like contradict each other, or that.",
        "vanishes": "; where like is compared with like, no difference is shown.",
        "explained": "; among prospects alike in what was measured, no difference is shown.",
        "partly": "; comparisons of like with like agree in part.",
        "appears": "; some comparison of like with like shows a difference.",
    }
    return first + ends[known.agree]
