"""What the front page of the study of markets tells: tiles, cards, and what stands out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..engine.backtest import RIVALS, SEGMENT, Backtest
from ..engine.clusterings import ALL_NOISE, AS_PUBLISHED, ONE, Clusterings
from ..engine.meaning import Card
from ..engine.over_time import OverTime
from ..engine.sequence_network import Network, NoNetwork
from ..engine.verdict import NONE
from ..thresholds import LEVEL
from .market_figures import TILES
from .market_segments import Groups, listed
from .prose import capital, count, percent, plural, word

# How sentences name forecasts of growth.
FORECASTS = {
    SEGMENT: "the mean of its segment", "segment, all periods": "the mean of its segment over all quarters",
    "own last": "its own last growth", "own mean": "the mean of its own growth", "all units": "the mean of all markets",
    "all units, all periods": "the mean of all markets over all quarters", "no growth": "no growth at all",
}  # fmt: skip
CALLED = {AS_PUBLISHED: "DBSCAN with its default radius"}


@dataclass(frozen=True)
class Learned:
    """What the sequence network is worth.

    Attributes
    ----------
    reason : str
        Why there is none; empty where there is one, or it was not asked for.
    asked : bool
    better : bool or None
        Whether it beats as many principal components on what was held out; None where nothing was.
    error, linear : float
        Mean squared errors on what was held out.
    one_dimensional, follows : float
        Share of the variance of its embedding on one dimension, and the rank correlation of that with revenue.
    """

    reason: str = ""
    asked: bool = True
    better: bool | None = None
    error: float = math.nan
    linear: float = math.nan
    one_dimensional: float = math.nan
    follows: float = math.nan

    @property
    def there(self) -> bool:
        """Whether there is a network."""
        return self.asked and not self.reason


def learned(found: Network | NoNetwork | None) -> Learned:
    """Collect what sentences tell of the network."""
    if found is None:
        return Learned(asked=False)
    if isinstance(found, NoNetwork):
        return Learned(reason=found.reason)
    return Learned(
        better=found.better, error=found.error, linear=found.linear_error, one_dimensional=found.one_dimensional,
        follows=found.follows_level,
    )  # fmt: skip


@dataclass(frozen=True)
class Other:
    """Another clustering: its name, its adjusted Rand index with the segments in use, and its share of markets in no segment."""

    name: str
    ari: float
    noise: float


@dataclass(frozen=True)
class Insights:
    """What stands out beside the segments themselves.

    Attributes
    ----------
    same, others : list of str, list of Other
        Clusterings that give the segments in use, and those that give others, or leave markets out.
    undivided : list of str
        Clusterings that find no division: noise throughout, or one cluster.
    network : Learned
    windows : int
        In which markets were divided anew.
    staying : float
        Share of the moves from one window to the next that end where they began.
    dealt : float
        The mean share that stays where segments of the same sizes are dealt out at random.
    steps, beyond : int
        Steps from one window to the next, and those at which more stay than by chance.
    winner : str
        The forecast with the least error, in words; empty where there is none.
    least : float
        Its mean absolute error.
    own : bool
        Whether that is the segment's.
    helps : bool
        Whether the segment's mean beats the market's own history and all markets, beyond chance.
    behind : list of str
        Forecasts of the market alone, or of all markets, that come nearer than the segment's, beyond chance.
    error, last : float
        Mean absolute errors of the segment's mean, and of the market's own last growth.
    reason : str
        Why nothing, or nothing of chance, can be said of forecasts.
    """

    same: list[str]
    others: list[Other]
    undivided: list[str]
    network: Learned
    windows: int
    staying: float
    dealt: float
    steps: int
    beyond: int
    winner: str
    least: float
    own: bool
    helps: bool
    behind: list[str]
    error: float
    last: float
    reason: str


def insights(others: Clusterings, network: Network | NoNetwork | None, time: OverTime, forecasts: Backtest) -> Insights:
    """Collect what stands out."""
    rows = others.table[others.table["algorithm"] != "k-means"].replace(
        {"algorithm": CALLED}
    )  # k-means made the segments
    some = rows[~rows["told"].isin([ALL_NOISE, ONE]) & rows["ari"].notna()]
    alike = (some["ari"] == 1.0) & (some["noise"] == 0.0)
    errors = forecasts.table.set_index("forecast")["mae"]
    winner = forecasts.winner
    return Insights(
        same=[str(a) for a in some.loc[alike, "algorithm"]],
        others=[Other(str(r.algorithm), float(r.ari), float(r.noise)) for r in some[~alike].itertuples()],
        undivided=[str(a) for a in rows.loc[rows["told"].isin([ALL_NOISE, ONE]), "algorithm"]],
        network=learned(network),
        windows=len(time.labels.columns),
        staying=time.staying,
        dealt=float(time.steps["chance"].mean()),
        steps=len(time.steps),
        beyond=int((time.steps["p"] <= LEVEL).sum()),
        winner=FORECASTS.get(winner, winner) if winner else "",
        least=float(errors.get(winner, math.nan)),
        own=winner == SEGMENT,
        helps=bool(winner) and forecasts.helps,
        behind=[FORECASTS[r] for r in RIVALS if forecasts.verdict(r) == "worse"],
        error=float(errors.get(SEGMENT, math.nan)),
        last=float(errors.get("own last", math.nan)),
        reason=forecasts.reason,
    )


def tiles_caption(known: Groups, grouped: bool) -> str:
    """State which segment holds most of the revenue."""
    top = known.largest
    rest = f" The {count(TILES)} largest of {count(known.markets)} are shown." if known.markets > TILES else ""
    by = ", under the group that the warehouse puts it in" if grouped else ""
    return (
        f"**{top.name} holds {percent(top.share)} of the revenue with {plural(top.size, 'market', words=True)}.** Each tile is a "
        f"market{by}: its share of the revenue, and how sure its segment is, the share of the draws of customers that agree.{rest}"
    )


def tiles_alt(known: Groups) -> str:
    """Describe the tiles."""
    return f"Tiles of the markets by segment. {'. '.join(f'{g.name}: {g.named}' for g in known.groups)}."


def card_facts(members: pd.DataFrame, change: Mapping[Any, float]) -> Callable[[Card], list[tuple[str, str]]]:
    """Return what tells the facts of a card: which markets, how much they sell, how they grew, how sure they are."""

    def of(card: Card) -> list[tuple[str, str]]:
        rows = members[members["segment"] == card.id]
        grown = pd.Series([change.get(m, math.nan) for m in rows["market"]], dtype="float64").dropna()
        sure = rows["confidence"].dropna()
        facts = [
            ("markets", listed([str(m) for m in rows["market"]])),
            ("revenue", percent(float(rows["share"].sum()))),
        ]
        if len(grown):
            ends = [percent(float(v), 0) for v in (grown.min(), grown.max())]
            facts.append(("growth", ends[0] if ends[0] == ends[1] else " to ".join(ends)))
        if len(sure):
            facts.append(("least sure", percent(float(sure.min()), 0)))
        return facts

    return of


def claim(study: Any) -> str:
    """Say in a sentence what the study found, for the front page of the site."""
    n, k = len(study.members), study.segments.k
    if study.verdict.word == NONE:
        return f"No number of segments of the {word(n)} markets is confirmed by other samples: rank them."
    sure = study.customers.confidence
    return (
        f"{capital(word(n))} markets fall into {word(k)} segments. With the customers of each drawn anew, a market is in its "
        f"segment in {percent(sure)} of draws on average."
    )
