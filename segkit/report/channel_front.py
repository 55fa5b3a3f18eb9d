"""What the front page of the study of channels tells: what stands out, and whether it is more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..inference.combinations import Combinations
from ..inference.groups import Benchmarks, GroupRates
from ..inference.reach import Reach
from ..inference.scores import ScoreCalibration
from ..inference.speed import Speed
from ..inference.standouts import standouts
from ..thresholds import CHANCE
from .channel_gaps import AGAINST, OMNICHANNEL, ONLINE, Rated, by_then, channel, fair_means, gap_of, real

# How sentences name those whom a strategy reached.
REACHED = {
    OMNICHANNEL: "prospects reached online and offline", ONLINE: "prospects reached online only",
    "Offline Only": "prospects reached offline only", "None": "prospects with no known touch",
}  # fmt: skip
SEASONS = {
    "05": "special",
    "10": "spring",
    "35": "summer",
    "60": "fall",
    "75": "winter",
}  # the last two figures of an intake
MIXED = "Mixed"  # the tag of prospects whom no platform reached


@dataclass(frozen=True)
class Reached:
    """The channel of its kind that reached most prospects."""

    channel: str
    units: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Pair:
    """A combination that stands out: its rate, drawn towards all others, with its interval."""

    name: str
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Sooner:
    """How many fewer or more days omnichannel prospects are open, within a limit.

    Attributes
    ----------
    until : int
        The limit in days.
    days, low, high : float
        Open days of omnichannel prospects less those of prospects reached online only; below zero is fewer.
    share, other : float
        Closed by then, of both.
    """

    until: int
    days: float
    low: float
    high: float
    share: float
    other: float

    @property
    def side(self) -> int:
        """Below zero (-1) or above (1) beyond chance, else 0."""
        return (self.low > 0) - (self.high < 0)

    @property
    def shown(self) -> str:
        """What such a difference goes with, and does not show."""
        return by_then(self.side, self.share, self.other)


@dataclass(frozen=True)
class Scored:
    """How the score of the database ranks prospects: an area under the curve, and whether it is upside down."""

    auc: float
    low: float
    high: float
    upside_down: bool

    @property
    def side(self) -> int:
        """Better (1) or worse (-1) than chance, beyond chance; else 0."""
        return (self.low > CHANCE) - (self.high < CHANCE)


@dataclass(frozen=True)
class Against:
    """Two segments of which the one with the higher mean score closes less often, beyond chance.

    Attributes
    ----------
    name, other : str
        As a sentence writes them; the first scores higher.
    score, rate, other_score, other_rate : float
    """

    name: str
    score: float
    rate: float
    other: str
    other_score: float
    other_rate: float


@dataclass(frozen=True)
class Insights:
    """What stands out, each with its interval.

    Attributes
    ----------
    offline, online : Reached or None
        None where no channel reached anybody who may be told of.
    strategy : Rated or None
        With the highest rate; its difference is from prospects reached online only, and unknown where it is these.
    differing : list of Rated
        Strategies that differ from these beyond chance.
    winners : list of Pair
        Combinations that stand out.
    compared, minimum : int
        Combinations with enough prospects, and how many that is.
    sooner : Sooner or None
        At the longest limit that can be told of.
    score : Scored or None
        None where the file has no score, or it cannot be judged.
    against : Against or None
        Where the score contradicts the segments.
    platforms, intakes : list of Rated
        Those that differ from all others beyond chance.
    seen_platforms, seen_intakes : int
        How many of each were looked at; zero where the file has none, or one only.
    level : float
        Of the intervals.
    """

    offline: Reached | None
    online: Reached | None
    strategy: Rated | None
    differing: list[Rated]
    winners: list[Pair]
    compared: int
    minimum: int
    sooner: Sooner | None
    score: Scored | None
    against: Against | None
    platforms: list[Rated]
    intakes: list[Rated]
    seen_platforms: int
    seen_intakes: int
    level: float


def insights(
    reach: Reach, strategies: GroupRates, pairs: Combinations, speed: Speed, score: ScoreCalibration | None,
    benchmarks: Benchmarks,
) -> Insights:  # fmt: skip
    """Collect what stands out."""
    rated = by_strategy(strategies)
    by = {n: benchmarks.by[n] for n in ("platform_tag", "intake") if n in benchmarks.by}
    return Insights(
        offline=_most(reach, "offline"),
        online=_most(reach, "online"),
        strategy=max(rated, key=lambda r: r.rate, default=None),
        differing=[r for r in rated if r.gap.side],
        winners=winners(pairs),
        compared=int(pairs.table["enough"].sum()),
        minimum=int(pairs.params["minimum"]),
        sooner=sooner(speed),
        score=scored(score),
        against=_against(score),
        platforms=_apart(by.get("platform_tag"), platform),
        intakes=_apart(by.get("intake"), intake),
        seen_platforms=_seen(by.get("platform_tag")),
        seen_intakes=_seen(by.get("intake")),
        level=float(strategies.params["level"]),
    )


def _most(reach: Reach, kind: str) -> Reached | None:
    own = reach.table[reach.table["kind"] == kind].copy()
    own["units"] = pd.to_numeric(own["units"], errors="coerce")
    if not (own["units"] > 0).any():
        return None
    row = own.loc[own["units"].idxmax()]
    return Reached(
        channel(str(row["channel"])), int(row["units"]), real(row["share"]), real(row["low"]), real(row["high"])
    )


def by_strategy(strategies: GroupRates) -> list[Rated]:
    """Return what prospects of each strategy close at, of those that may be told of."""
    return [
        Rated(
            REACHED.get(str(r["group"]), str(r["group"])), real(r["rate"]), real(r["low"]), real(r["high"]), gap_of(r)
        )
        for _, r in strategies.table.iterrows()
        if math.isfinite(real(r["rate"]))
    ]


def winners(pairs: Combinations) -> list[Pair]:
    """Return the combinations that stand out and may be told of, the highest rate first."""
    rows = pairs.table.set_index(["offline", "online"])
    found = []
    for one, two in pairs.winners:
        row = rows.loc[(one, two)]
        name = f"{channel(one)} with {channel(two)}"
        found.append(Pair(name, real(row["posterior"]), real(row["low"]), real(row["high"])))
    return [p for p in found if math.isfinite(p.rate)]


def sooner(speed: Speed) -> Sooner | None:
    """Return for how many days fewer omnichannel prospects are open, at the longest limit that can be told of."""
    means = fair_means(speed)
    rows = means[means["group"] == OMNICHANNEL].dropna(subset=AGAINST)
    if speed.reference != ONLINE or rows.empty:
        return None
    row = rows.loc[rows["until"].idxmax()]
    others = means.loc[(means["group"] == ONLINE) & (means["until"] == row["until"]), "share"]
    other = real(others.iloc[0]) if len(others) else math.nan
    days, low, high = (float(row[n]) for n in AGAINST)
    return Sooner(int(row["until"]), days, low, high, real(row["share"]), other)


def scored(score: ScoreCalibration | None) -> Scored | None:
    """Return how the score ranks prospects; None where nothing can be said of it."""
    if score is None or not math.isfinite(real(score.auc.value)):
        return None
    return Scored(float(score.auc.value), real(score.auc.low), real(score.auc.high), bool(score.upside_down))


def _against(score: ScoreCalibration | None) -> Against | None:
    """Return the pair of segments that differ most in their scores, of those that the score has the wrong way round."""
    if score is None or not score.contradictions:
        return None
    rows = score.by_group.set_index("group")
    made = []
    for pair in score.contradictions:
        told = [(f"“{g}”", real(rows.loc[g, "score"]), real(rows.loc[g, "rate"])) for g in pair]
        made.append(Against(*told[0], *told[1]))
    known = [m for m in made if math.isfinite(m.score + m.rate + m.other_score + m.other_rate)]
    return max(known, key=lambda m: m.score - m.other_score, default=None)


def _seen(rates: GroupRates | None) -> int:
    found = 0 if rates is None else int(rates.table["rate"].notna().sum())
    return found if found > 1 else 0


def _apart(rates: GroupRates | None, named: Any) -> list[Rated]:
    if rates is None:
        return []
    rows = standouts(rates.table, level=float(rates.params["level"]))
    return [
        Rated(named(str(r["group"])), real(r["rate"]), real(r["low"]), real(r["high"]), gap_of(r))
        for _, r in rows.iterrows()
    ]


def platform(tag: str) -> str:
    """Write whom a platform reached most.

    >>> platform("Google_Ads"), platform("Mixed")
    ('prospects of Google Ads', 'prospects of no platform')
    """
    return "prospects of no platform" if tag == MIXED else f"prospects of {channel(tag)}"


def intake(period: str) -> str:
    """Write an intake period, which is a year and the number of a season.

    >>> intake("202310"), intake("2023")
    ('prospects for spring 2023', 'prospects for 2023')
    """
    season = SEASONS.get(period[4:]) if len(period) == 6 else None
    return f"prospects for {season} {period[:4]}" if season else f"prospects for {period}"
