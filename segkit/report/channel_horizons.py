"""Shares closed within fixed times, of those who are old enough: facts and a table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..inference.horizons import Horizons
from ..vocabulary import Vocabulary
from .channel_gaps import OMNICHANNEL, Gap, between, gap_of, point, real
from .channel_names import reached, who
from .channel_speed import dashes
from .prose import capital, count, percent, word
from .show import Shown, table


@dataclass(frozen=True)
class Within:
    """Rates of closing within so many days."""

    days: int
    both: float
    online: float
    gap: Gap


@dataclass(frozen=True)
class Facts:
    """What the page tells of fixed horizons.

    Attributes
    ----------
    within : list of Within
        Of the horizons at which both strategies may be told of.
    horizons : list of int
    young : list of int
        Horizons for which no prospect is old enough.
    level : float
    """

    within: list[Within]
    horizons: list[int]
    young: list[int]
    level: float

    @property
    def sides(self) -> set[int]:
        """On which sides of zero the differences lie."""
        return {w.gap.side for w in self.within}


def facts(found: Horizons) -> Facts:
    """Collect what the sentences on fixed horizons need."""
    within, young = [], []
    horizons = [int(h) for h in dict.fromkeys(found.table["horizon"])]
    for h in horizons:
        rows = found.at(h).set_index("group")
        if not (pd.to_numeric(rows["units"], errors="coerce").fillna(1) > 0).any():
            young.append(h)
        if OMNICHANNEL not in rows.index or found.reference not in rows.index:
            continue
        gap = gap_of(rows.loc[OMNICHANNEL])
        if gap.known:
            rates = [real(rows.loc[g, "rate"]) for g in (OMNICHANNEL, found.reference)]
            within.append(Within(h, rates[0], rates[1], gap))
    return Facts(within, horizons, young, float(found.params["level"]))


def horizon_table(found: Horizons, terms: Vocabulary) -> Shown:
    """Show the rates of closing within each horizon."""
    rows = found.table
    frame = pd.DataFrame(
        {
            terms.units: [reached(g) for g in rows["group"]],
            "within": [f"{int(h)} days" for h in rows["horizon"]],
            "old enough": [real(n) for n in rows["units"]],
            "closed": [real(n) for n in rows["events"]],
            "rate": [real(v) for v in rows["rate"]],
            "interval": [between(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
            "difference": [_points(gap_of(r)) for _, r in rows.iterrows()],
            "its interval": [gap_of(r).interval for _, r in rows.iterrows()],
        }
    )
    known = facts(found)
    clear = [w for w in known.within if w.gap.side]
    said = (
        f"{capital(who(OMNICHANNEL))} differ from {who(found.reference)} beyond chance at {word(len(clear))} of "
        f"{word(len(known.within))} {'horizon' if len(known.within) == 1 else 'horizons'}"
        if known.within
        else "Too few are old enough to be compared"
    )
    return table(
        frame, "tbl-horizons",
        f"**{said}.** Only {terms.units} who were added at least so long before the end of the {terms.record}; differences in "
        f"percentage points from {who(found.reference)}, with Newcombe's {percent(known.level, 0)} interval [@newcombe1998]."
        f"{dashes(frame)}",
        {"old enough": count, "closed": count, "rate": percent},
        right=("interval", "difference", "its interval"), export=rows, stack=True,
    )  # fmt: skip


def _points(gap: Gap) -> str:
    return point(gap.difference) if gap.known else "–"
