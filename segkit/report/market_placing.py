"""The rules that place markets: in words, for whom they hold, and how many other sets would have had one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import comb

import pandas as pd

from ..engine.meaning import Cards
from ..engine.placing import ABOVE, AT_MOST, IS, Condition, Placing, PlacingRules
from ..features.table import FeatureTable
from ..thresholds import HALF
from .prose import capital, count, join, number, percent, word
from .show import Shown, table


def condition(c: Condition, features: FeatureTable) -> str:
    """Write one condition of a rule for a reader."""
    of = {column.name: column for column in features.columns}.get(c.feature)
    if c.kind == IS or of is None:
        return f"{of.label if of else c.feature} is {c.value}"
    unit = f" ({of.unit})" if of.unit.startswith("log") else ""
    value = percent(float(c.value)) if of.unit == "share" else number(float(c.value), 3)
    return f"{of.label} {({AT_MOST: 'at most', ABOVE: 'above'})[c.kind]} {value}{unit}"


def written(rule: Placing, features: FeatureTable) -> str:
    """Write a rule; empty where there is none."""
    return join([condition(c, features) for c in rule.conditions])


@dataclass(frozen=True)
class Ruled:
    """The rule of one segment.

    Attributes
    ----------
    segment, rule : str
        Its name; the rule is empty where no condition tells the segment.
    size, holds, others : int
        Markets of the segment, those for which the rule holds, and markets of other segments for which it does.
    exact : bool
    alike, sets : int
        Other sets of as many markets that a rule as short would tell exactly, and how many other sets there are; zero where
        the rule is not exact.
    half : float
        The share of the sets from which on a rule says next to nothing.
    """

    segment: str
    rule: str
    size: int
    holds: int
    others: int
    exact: bool
    alike: int
    sets: int
    half: float = HALF

    @property
    def name(self) -> str:
        """The segment, as a sentence names it."""
        return f"“{self.segment}”"

    @property
    def share(self) -> float:
        """Of the other sets."""
        return self.alike / self.sets if self.sets else math.nan

    @property
    def empty(self) -> bool:
        """Whether most sets of so many markets would have had a rule as short."""
        return self.share >= self.half


def ruled(found: PlacingRules, cards: Cards, features: FeatureTable) -> list[Ruled]:
    """Return the rules in the order of the cards."""
    n, out = len(found.table), []
    for card in cards:
        r = found.of(card.id)
        sets = comb(n, r.units) if r.exact else 0
        alike = round(r.chance * sets) if sets else 0
        out.append(
            Ruled(
                card.name,
                written(r, features),
                r.units,
                r.holds,
                r.others,
                r.exact,
                max(alike - 1, 0),
                max(sets - 1, 0),
            )
        )
    return out


@dataclass(frozen=True)
class Told:
    """What the page tells of the rules.

    Attributes
    ----------
    rules : list of Ruled
    markets, conditions, longest : int
        Conditions that were looked at, and how many one rule may join.
    every : bool
        Whether all ways to join them were looked at.
    """

    rules: list[Ruled]
    markets: int
    conditions: int
    longest: int
    every: bool

    @property
    def exact(self) -> list[Ruled]:
        """Those that hold for all markets of their segment and for no other."""
        return [r for r in self.rules if r.exact]

    @property
    def empty(self) -> list[Ruled]:
        """Those that most sets of as many markets would have had."""
        return [r for r in self.exact if r.empty]


def rules(found: PlacingRules, cards: Cards, features: FeatureTable) -> Told:
    """Collect what sentences tell of the rules."""
    p = found.params
    return Told(
        ruled(found, cards, features), len(found.table), int(p["conditions"]), int(p["longest"]), bool(p["all"])
    )


def members_table(
    members: pd.DataFrame, found: PlacingRules, change: pd.Series, cards: Cards, features: FeatureTable
) -> Shown:
    """Show every market with its segment, and the rule that places it where that holds for it.

    Parameters
    ----------
    members : DataFrame
        One row per market, see the study; the largest first.
    found : PlacingRules
    change : Series
        By market, the share by which the last twelve months are above the twelve before.
    cards : Cards
    features : FeatureTable
    """
    rank = {s: i for i, s in enumerate(cards.order)}
    rows = members.sort_values("segment", key=lambda s: s.map(rank), kind="stable", ignore_index=True)
    holds = found.table.set_index("unit")["holds"]
    said = {c.id: written(found.of(c.id), features) for c in cards}
    at = rows["market"]
    frame = pd.DataFrame({
        "market": at.astype(str), "segment": rows["name"], "confidence": rows["confidence"], "revenue": rows["revenue"],
        "share": rows["share"], "pieces": rows["quantity"], "growth": at.map(change).astype("float64"),
        "rule": [capital(said[int(s)]) if holds.get(m, False) else None for m, s in zip(at, rows["segment"], strict=True)],
    })  # fmt: skip
    first = members.iloc[0]
    dash = (
        " A dash stands for what is not known, or for a rule that does not hold." if frame.isna().any(axis=None) else ""
    )
    return table(
        frame, "tbl-members",
        f"**{first['market']} sells most: {percent(float(first['share']))} of the revenue.** Complete months. Confidence: share of "
        f"the draws of customers in which the market is in its segment. Growth: last twelve months against those before.{dash}",
        {"confidence": lambda v: percent(v, 0), "revenue": lambda v: number(v, 0), "share": percent,
         "pieces": lambda v: number(v, 0), "growth": percent},
        headings={"share": "share of revenue"}, export=rows.drop(columns="rule").assign(rule=frame["rule"]), stack=True,
    )  # fmt: skip


def rules_table(told: Told) -> Shown:
    """Show the rule of each segment, for whom it holds, and how many other sets would have had one."""
    frame = pd.DataFrame({
        "segment": [r.segment for r in told.rules],
        "holds for": [f"{r.holds} of {r.size}" for r in told.rules],
        "others": [r.others for r in told.rules],
        "other sets": [f"{count(r.alike)} of {count(r.sets)} ({percent(r.share)})" if r.sets else None for r in told.rules],
        "rule": [capital(r.rule) or None for r in told.rules],
    })  # fmt: skip
    n, exact = len(told.rules), len(told.exact)
    finding = (
        f"{'Both' if n == 2 else f'All {word(n)}'} segments are told exactly by a short rule" if exact == n
        else f"{capital(word(exact)) if exact else 'None'} of {word(n)} segments {'is' if exact < 2 else 'are'} told exactly by "
        "a short rule"
    )  # fmt: skip
    least = "" if told.every else " Not all ways to join conditions were looked at, so there may be more."
    return table(
        frame, "tbl-rules",
        f"**{finding}.** Holds for: markets of the segment. Others: markets of other segments. Other sets: of all other sets of as "
        f"many markets, those that a rule as short tells just as well.{least}",
        right=("holds for", "other sets"), stack=True,
    )  # fmt: skip
