"""The segments of markets: who is in them, how surely, and how the tree joins them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from ..engine.coassignment import Coassignment
from ..engine.dendrogram import Dendrogram
from ..engine.matching import rand_index
from ..engine.meaning import Cards
from ..engine.projection import Projection
from ..thresholds import SELDOM
from ..vocabulary import Vocabulary
from .captions import map_caption
from .findings import quoted
from .prose import capital, fixed, join, plural, word

NAMED = 6  # markets that one line names


def listed(names: list[str]) -> str:
    """Name a few markets, and count the rest.

    >>> listed(["a", "b"]), listed(list("abcdefgh"))
    ('a and b', 'a, b, c, d, e and 3 more')
    """
    return join(names) if len(names) <= NAMED else join([*names[: NAMED - 1], f"{len(names) - NAMED + 1} more"])


@dataclass(frozen=True)
class Group:
    """One segment: its name in sentences, its markets from the largest on, its part of the revenue, and what to do."""

    name: str
    markets: list[str]
    share: float
    action: str

    @property
    def named(self) -> str:
        """Its markets, as a sentence names them."""
        return listed(self.markets)

    @property
    def size(self) -> int:
        """How many."""
        return len(self.markets)


@dataclass(frozen=True)
class Groups:
    """All segments.

    Attributes
    ----------
    groups : list of Group
        In the order of the cards.
    markets : int
    """

    groups: list[Group]
    markets: int

    @property
    def count(self) -> int:
        """Segments."""
        return len(self.groups)

    @property
    def alone(self) -> list[str]:
        """Markets that are a segment of their own."""
        return [g.markets[0] for g in self.groups if g.size == 1]

    @property
    def largest(self) -> Group:
        """The segment with the most revenue."""
        return max(self.groups, key=lambda g: g.share)

    @property
    def same(self) -> str:
        """What to do where that is the same in every segment, else empty."""
        actions = {g.action for g in self.groups}
        return self.groups[0].action if len(actions) == 1 else ""


def groups(members: pd.DataFrame, cards: Cards) -> Groups:
    """Collect who is in which segment.

    Parameters
    ----------
    members : DataFrame
        One row per market: ``market``, ``segment``, ``share`` of the revenue; the largest market first.
    cards : Cards
    """
    by = {int(s): rows for s, rows in members.groupby("segment")}
    made = [
        Group(quoted(c), [str(m) for m in by[c.id]["market"]], float(by[c.id]["share"].sum()), c.action) for c in cards
    ]
    return Groups(made, len(members))


@dataclass(frozen=True)
class Sure:
    """How surely markets are in their segments, where the customers of each are drawn anew.

    Attributes
    ----------
    draws : int
        Draws that could be divided.
    mean : float
        Over the markets, of the share of the draws in which a market is in its segment.
    unsure : list of str
        Markets that are there in fewer than ``seldom`` of the draws, the least sure first.
    lowest, least : str, float
        The least sure market, and its share.
    chance : float or None
        The mean where sampling error is the only difference between markets; None where it is not known.
    beyond : bool
        Whether the mean is above what such markets give, beyond chance.
    seldom : float
    """

    draws: int
    mean: float
    unsure: list[str]
    lowest: str
    least: float
    chance: float | None
    beyond: bool
    seldom: float = SELDOM

    @property
    def named(self) -> str:
        """The unsure, as a sentence names them."""
        return listed(self.unsure)


def sure(found: Coassignment) -> Sure:
    """Collect what sentences tell of the confidence."""
    rows = found.table.dropna(subset="confidence").sort_values("confidence", kind="stable")
    chance = None if found.chance is None or math.isnan(found.chance.confidence) else found.chance.confidence
    return Sure(
        draws=len(found.labels.columns) if len(rows) else 0,
        mean=found.confidence,
        unsure=[str(u) for u in rows.loc[rows["confidence"] < SELDOM, "unit"]],
        lowest=str(rows["unit"].iloc[0]) if len(rows) else "",
        least=float(rows["confidence"].iloc[0]) if len(rows) else math.nan,
        chance=chance,
        beyond=found.beyond_chance,
    )


@dataclass(frozen=True)
class Tree:
    """How the tree agrees with the segments.

    Attributes
    ----------
    k : int
    ari : float
        Adjusted Rand index of the tree, cut into as many parts, and the segments in use.
    cophenetic : float
        Correlation of the heights of the tree with the distances; NaN where it cannot be told.
    """

    k: int
    ari: float
    cophenetic: float

    @property
    def same(self) -> bool:
        """Whether the parts are the segments."""
        return self.ari == 1.0

    @property
    def known(self) -> bool:
        """Whether the correlation can be told."""
        return math.isfinite(self.cophenetic)


def tree(found: Dendrogram, labels: pd.Series) -> Tree:
    """Compare the tree with the segments."""
    k = int(labels.nunique())
    return Tree(k, rand_index(labels.to_numpy(), found.cut(k).reindex(labels.index).to_numpy()), found.cophenetic)


def tree_caption(known: Tree) -> str:
    """State whether the tree gives the same segments."""
    same = "gives" if known.same else "does not give"
    far = "" if known.same else f" (adjusted Rand index {fixed(known.ari)})"
    return (
        f"**Cut into {word(known.k)}, the tree {same} the segments in use{far}.** Markets that join further to the "
        "left are more alike. The dashed line is the cut; marks are those of the segments."
    )


def tree_alt(found: Dendrogram) -> str:
    """Describe the tree."""
    return f"Tree of the markets, neighbours being alike: {join([str(leaf) for leaf in found.leaves])}."


def components_caption(
    projection: Projection, labels: pd.Series, cards: Cards, axes: tuple[str, str], terms: Vocabulary, *, named: int
) -> str:
    """State which segment lies furthest out, and whether every mark has its name."""
    left = len(labels) - named
    rest = f" {capital(plural(left, 'name', words=True))} {'has' if left == 1 else 'have'} no room." if left else ""
    return f"{map_caption(projection, labels, cards, axes, terms, points=True)}{rest}"
