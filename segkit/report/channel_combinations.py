"""Combinations of an offline channel with a platform: facts, a map and a table."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..inference.combinations import Combinations
from ..inference.luck import expected_highest
from . import theme
from .channel_gaps import between, channel, real
from .prose import capital, count, exact_percent, inline, join, percent, plural, word
from .show import Shown, table

SHOWN = 20  # combinations that the table shows
DARKEST = 0.6  # strength of a cell; letters stay legible on it
RARE = 1e-6  # what is told of a probability that no draw has shown
FIGURES = ("events", "units", "share", "posterior", "low", "high", "p_best", "p", "q")


@dataclass(frozen=True)
class Pair:
    """One combination.

    Attributes
    ----------
    name : str
    units, events, share : float
        Prospects touched by both, those who closed, and their share as it is; NaN where it may not be told.
    posterior, low, high : float
        The share drawn towards the others, with its interval.
    p_best, q : float
        The probability that its rate is the highest of all, and the false discovery rate at which it would be called
        different from everybody else.
    """

    name: str
    units: float
    events: float
    share: float
    posterior: float
    low: float
    high: float
    p_best: float
    q: float

    @property
    def counted(self) -> str:
        """How many of how many closed."""
        return f"{count(self.events)} of {count(self.units)}"


@dataclass(frozen=True)
class Facts:
    """What the page tells of combinations.

    Attributes
    ----------
    cells, seen, compared : int
        All combinations; those of at least one prospect, as far as that may be told; those that are large enough.
    minimum : int
        Prospects that a combination needs.
    winners : list of Pair
        Declared, the highest first; those of them that may be told of.
    declared : int
        All that are declared.
    common : str
        The channel or platform that most of these have in common; empty where no two have one.
    sharing : int
        How many have it.
    below : list of Pair
        With a rate below that of everybody, at the same rate of false discoveries.
    luckiest : Pair or None
        With the highest rate as it is.
    likeliest : Pair or None
        With the highest probability of being best.
    overall : float
        The rate of everybody.
    by_chance : float
        What the highest rate as it is would be on average, if all combinations had one rate, that of the prior.
    prior, worth : float
        Towards which rate combinations are drawn, and by as much as so many prospects.
    even : bool
        Whether every interval holds the rate of the prior, so that none differs from the others beyond chance.
    discovery, level : float
        The false discovery rate, and that of the intervals.
    """

    cells: int
    seen: int
    compared: int
    minimum: int
    winners: list[Pair]
    declared: int
    common: str
    sharing: int
    below: list[Pair]
    luckiest: Pair | None
    likeliest: Pair | None
    overall: float
    by_chance: float
    prior: float
    worth: float
    even: bool
    discovery: float
    level: float

    @property
    def won(self) -> bool:
        """Whether the luckiest is declared."""
        return self.luckiest is not None and self.luckiest.name in [p.name for p in self.winners]

    @property
    def times(self) -> float:
        """How many times the rate of everybody the luckiest has."""
        return self.luckiest.share / self.overall if self.luckiest and self.overall > 0 else math.nan


def rows_of(found: Combinations) -> pd.DataFrame:
    """Return all combinations with numbers as numbers, NaN where they may not be told."""
    rows = found.table.copy()
    rows[list(FIGURES)] = rows[list(FIGURES)].apply(pd.to_numeric, errors="coerce").astype("float64")
    rows["enough"] = rows["enough"].astype(bool)
    return rows


def pair_of(row: Any) -> Pair:
    """Return the combination that a row tells of."""
    name = f"{channel(str(row['offline']))} with {channel(str(row['online']))}"
    numbers = {c: real(row[c]) for c in ("units", "events", "share", "posterior", "low", "high", "p_best", "q")}
    return Pair(name, *(numbers | {"p_best": max(numbers["p_best"], RARE)}).values())


def facts(found: Combinations) -> Facts:
    """Collect what the sentences of the page need."""
    rows = rows_of(found)
    told = rows[rows["enough"] & rows["posterior"].notna() & rows["share"].notna()]
    winners = [
        pair_of(r) for a, b in found.winners for _, r in told[(told["offline"] == a) & (told["online"] == b)].iterrows()
    ]
    events, units = (real(n) for n in found.everyone)
    overall = events / units if units > 0 else math.nan
    discovery = float(found.params["discovery"])
    below = told[(told["q"] <= discovery) & (told["high"] < overall)].sort_values("posterior", kind="stable")
    sizes = rows.loc[rows["enough"], "units"].dropna()
    common, sharing = (
        Counter(name for pair in found.winners for name in pair).most_common(1)[0] if found.winners else ("", 0)
    )
    mean, worth = (real(n) for n in found.prior)
    return Facts(
        cells=len(rows),
        seen=int((rows["units"] > 0).sum()),
        compared=int(rows["enough"].sum()),
        minimum=int(found.params["minimum"]),
        winners=winners,
        declared=len(found.winners),
        common=channel(common) if sharing > 1 else "",
        sharing=sharing,
        below=[pair_of(r) for _, r in below.iterrows()],
        luckiest=pair_of(told.loc[told["share"].idxmax()]) if len(told) else None,
        likeliest=pair_of(told.loc[told["p_best"].idxmax()]) if told["p_best"].notna().any() else None,
        overall=overall,
        by_chance=expected_highest(sizes, mean) if len(sizes) else math.nan,
        prior=mean,
        worth=worth,
        even=len(told) > 0 and bool(((told["low"] <= mean) & (mean <= told["high"])).all()),
        discovery=discovery,
        level=float(found.params["level"]),
    )


def verdict(told: Facts) -> str:
    """Say in a few words whether any combination is declared, for the status line."""
    if not told.compared:
        return "none large enough"
    return plural(told.declared, "winner") if told.declared else "none declared"


@inline
def finding(told: Facts) -> str:
    """State which combinations stand out."""
    if not told.compared:
        return f"No combination has {plural(told.minimum, 'prospect')}"
    if not told.declared:
        verb = "is" if told.compared == 1 else "are"
        return f"Of {plural(told.compared, 'combination')} that {verb} large enough, none stands out"
    names = [f"{p.name} ({percent(p.posterior)})" for p in told.winners[:3]]
    verb = "stands" if told.declared == 1 else "stand"
    if told.declared == len(names):
        return f"{capital(join(names))} {verb} out"
    first = f", such as {join(names)}" if names else ""
    return f"{capital(word(told.declared))} of {count(told.compared)} combinations {verb} out{first}"


def combinations_figure(found: Combinations) -> Figure:
    """Draw the shrunk rates of all combinations; those that are not large enough stay blank."""
    rows = rows_of(found)
    offline, online = (list(rows[c].drop_duplicates()) for c in ("offline", "online"))
    told = facts(found)
    darkest = max([2 * told.overall, *rows["posterior"].dropna(), 1e-9])
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 1.3 + 0.31 * max(len(online), 1)))
        for row in rows.to_dict("records"):
            x, y = offline.index(row["offline"]), online.index(row["online"])
            if not row["enough"]:
                continue
            share = row["posterior"]
            strength = DARKEST * share / darkest if math.isfinite(share) else 0.0
            axes.add_patch(Rectangle((x, y), 1, 1, facecolor=theme.ACCENT, alpha=strength, lw=0))
            if (row["offline"], row["online"]) in found.winners:
                axes.add_patch(Rectangle((x + 0.05, y + 0.06), 0.9, 0.88, fill=False, edgecolor=theme.INK, lw=1.6))
            said = f"{share * 100:.1f}" if math.isfinite(share) else "–"
            axes.text(x + 0.5, y + 0.5, said, ha="center", va="center", fontsize=9.5)
        axes.set_xlim(0, max(len(offline), 1))
        axes.set_ylim(max(len(online), 1), 0)
        axes.xaxis.tick_top()
        axes.set_xticks(
            [i + 0.5 for i in range(len(offline))], [channel(str(n)) for n in offline], rotation=55, ha="left"
        )
        axes.set_yticks([i + 0.5 for i in range(len(online))], [channel(str(n)) for n in online])
        axes.set_xticks(range(1, len(offline)), minor=True)
        axes.set_yticks(range(1, len(online)), minor=True)
        axes.tick_params(which="both", length=0)
        axes.grid(visible=False)
        axes.grid(visible=True, which="minor", color=theme.LINE, lw=0.8)
    return drawn


def combinations_caption(found: Combinations) -> str:
    """State which combinations stand out, and what the cells are."""
    told = facts(found)
    blank = told.cells - told.compared
    verb, least = "is" if blank == 1 else "are", plural(told.minimum, "prospect")
    left = f" {capital(plural(blank, 'combination'))} of fewer than {least} {verb} blank." if blank else ""
    frame = " A frame marks those that stand out." if told.declared else ""
    return (
        f"**{finding(told)}.** Rate of closing in per cent of prospects touched by both, shrunk towards the others; everybody "
        f"closes at {percent(told.overall)}.{left}{frame}"
    )


def combinations_alt(found: Combinations) -> str:
    """Describe the cells with the highest rates."""
    rows = rows_of(found)
    rows = (
        rows[rows["enough"]].dropna(subset="posterior").sort_values("posterior", ascending=False, kind="stable").head(4)
    )
    parts = [f"{p.name} {percent(p.posterior)}" for p in (pair_of(r) for _, r in rows.iterrows())]
    told = f" The highest rates: {'; '.join(parts)}." if parts else " All cells are blank."
    return f"Map of offline channels across and platforms down, stronger where more closed.{told}"


def combinations_table(found: Combinations) -> Shown:
    """Show combinations that are large enough: raw, and shrunk towards each other."""
    told = facts(found)
    rows = rows_of(found)
    rows = rows[rows["enough"]].sort_values(["posterior", "share"], ascending=False, kind="stable")
    if rows.empty:
        return Shown("")
    shown = rows.head(SHOWN)
    frame = pd.DataFrame({
        "offline channel": [channel(str(n)) for n in shown["offline"]],
        "platform": [channel(str(n)) for n in shown["online"]],
        "prospects": shown["units"].to_numpy(),
        "closed": shown["events"].to_numpy(),
        "raw rate": shown["share"].to_numpy(),
        "shrunk rate": shown["posterior"].to_numpy(),
        "interval": [between(a, b) for a, b in zip(shown["low"], shown["high"], strict=True)],
        "probability of being best": shown["p_best"].clip(lower=RARE).to_numpy(),
        "q": shown["q"].to_numpy(),
    })  # fmt: skip
    best = told.likeliest if len(rows) > 1 else None
    claim = f"{best.name} is the best one with a probability of {percent(best.p_best)}" if best else finding(told)
    first = f" The {SHOWN} highest of {len(rows)}." if len(rows) > SHOWN else ""
    return table(
        frame, "tbl-combinations",
        f"**{claim}.** The shrunk rate is the posterior mean, with its {percent(told.level, 0)} interval; q is the false "
        f"discovery rate, and at most {exact_percent(told.discovery)} is asked for [@benjamini2001].{first} The CSV has all "
        f"{plural(told.cells, 'combination')}.",
        {"prospects": count, "closed": count, "raw rate": percent, "shrunk rate": percent,
         "probability of being best": percent, "q": _q}, right=("interval",), export=rows_of(found), stack=True,
    )  # fmt: skip


def _q(value: float) -> str:
    """Write a false discovery rate.

    >>> _q(0.0004), _q(0.31)
    ('under 0.001', '0.310')
    """
    return "under 0.001" if value < 0.001 else f"{value:.3f}"
