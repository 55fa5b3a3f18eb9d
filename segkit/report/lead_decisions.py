"""What to do with personas: the order in which to turn to leads, and how many conversions it reaches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.meaning import Cards
from ..inference.crossfit import CrossFitted
from ..inference.fairness import Fairness
from ..inference.rates import rate
from ..inference.tiers import UNDECIDED
from ..thresholds import CHANCE, DECIDED
from . import theme
from .findings import quoted
from .lead_personas import interval
from .prose import capital, percent, word
from .show import Shown, table

WHY = {
    "gate": "which fields are filled predicts who converts, so that the data may speak of exports instead of people",
    "ways": "no way of dividing the leads finds more than in leads whose fields are unrelated",
    "verdict": "by the stated rules there is no segmentation",
}
HALF = 0.5  # of the leads, near which the sentence on capacity stands


class Doing(Protocol):
    """What to do with one persona."""

    @property
    def persona(self) -> int:
        """Its number."""

    @property
    def tier(self) -> str:
        """Its value tier as its card says it; empty where there are too few leads to tell."""

    @property
    def treated(self) -> str:
        """The tier that the handling goes by; empty where there is none."""

    @property
    def action(self) -> str:
        """The handling."""


class Policy(Protocol):
    """What to do with all personas; that of the study is one."""

    @property
    def rows(self) -> Sequence[Doing]:
        """In the order of the cards."""

    @property
    def barred(self) -> Sequence[str]:
        """Why nothing is recommended, as keys of ``WHY``; empty where handlings are."""

    @property
    def allowed(self) -> bool:
        """Whether any handling is recommended."""


@dataclass(frozen=True)
class Reached:
    """What the first personas hold.

    Attributes
    ----------
    personas : int
        How many of them are taken, the one with the highest rate first.
    leads, conversions, low, high : float
        Share of the leads and of the conversions in them, the latter with its interval.
    """

    personas: int
    leads: float
    conversions: float
    low: float
    high: float


@dataclass(frozen=True)
class Facts:
    """What the page tells of decisions.

    Attributes
    ----------
    allowed : bool
        Whether any handling is recommended.
    why : list of str
        Why not.
    first : list of str
        Personas to turn to first, in their order.
    automated, undecided, hidden : int
        Personas that get automated messages only; those whose tier is undecided; those of too few leads to tell.
    personas : int
    better : list of str
        Simpler rules that rank leads better than the personas do.
    unsure : bool
        Whether the personas rank leads no better than chance.
    auc, auc_low, auc_high : float
        Of the ranking by persona, on leads that took no part in forming it.
    reached : Reached or None
        At the number of personas whose leads are nearest to half of all; None where fewer than two may be told of.
    tied : list of str
        Sensitive fields that go with the personas.
    level : float
        Of the intervals.
    decided : float
        The probability that decides on a tier.
    """

    allowed: bool
    why: list[str]
    first: list[str]
    automated: int
    undecided: int
    hidden: int
    personas: int
    better: list[str]
    unsure: bool
    auc: float
    auc_low: float
    auc_high: float
    reached: Reached | None
    tied: list[str]
    level: float
    decided: float = DECIDED


def facts(policy: Policy, cards: Cards, crossed: CrossFitted, fair: Fairness | None, names: dict[str, str]) -> Facts:
    """Collect what the sentences of the page need.

    Parameters
    ----------
    policy : Policy
    cards : Cards
    crossed : CrossFitted
    fair : Fairness or None
    names : dict of str to str
        What readers see of each column.
    """
    rows = {r.persona: r for r in policy.rows}
    order = [int(p) for p in called(crossed)["persona"]]
    first = [p for p in order if rows[p].treated in ("PREMIUM", "HIGH")]
    row = crossed.ranking.set_index("order").loc["personas"]
    tied = [] if fair is None else fair.association.loc[fair.association["low"] > 0, "field"].tolist()
    return Facts(
        allowed=policy.allowed,
        why=[WHY[b] for b in policy.barred],
        first=[quoted(cards[p]) for p in first],
        automated=sum(r.treated in ("LOW", "MINIMAL") for r in policy.rows),
        undecided=sum(r.tier == UNDECIDED for r in policy.rows),
        hidden=sum(not r.tier for r in policy.rows),
        personas=len(policy.rows),
        better=list(crossed.better),
        unsure=not float(row["low"]) > CHANCE,
        auc=float(row["auc"]),
        auc_low=float(row["low"]),
        auc_high=float(row["high"]),
        reached=nearest(reached(crossed)),
        tied=[names.get(f, f) for f in tied],
        level=float(crossed.params["level"]),
    )


def called(crossed: CrossFitted) -> pd.DataFrame:
    """Return the personas that are told of, the one with the highest cross-fitted rate first."""
    known = crossed.table.dropna(subset=["units", "rate"])
    return known.sort_values("rate", ascending=False, kind="stable", ignore_index=True)


def reached(crossed: CrossFitted) -> list[Reached]:
    """Return what the first persona holds, the first two, and so on; shares are of the personas that are told of."""
    rows = called(crossed)
    if rows["conversions"].isna().any() or not rows["conversions"].sum() > 0:
        return []
    units, hits = rows["units"].cumsum(), rows["conversions"].cumsum()
    total = int(hits.iloc[-1])
    out = []
    for i, (n, x) in enumerate(zip(units, hits, strict=True), start=1):
        r = rate(int(x), total, level=float(crossed.params["level"]))
        out.append(Reached(i, float(n / units.iloc[-1]), r.share, r.low, r.high))
    return out


def nearest(steps: list[Reached]) -> Reached | None:
    """Return the step whose leads are nearest to half of all, the smaller of two; None where there is but one persona."""
    return min(steps[:-1], key=lambda s: round(abs(s.leads - HALF), 9), default=None)


def order_table(policy: Policy, cards: Cards, crossed: CrossFitted) -> Shown:
    """Show the personas in the order in which to turn to them, each with what to do."""
    order = [int(p) for p in called(crossed)["persona"]]
    rest = [c.id for c in cards if c.id not in order]
    rows, doing = crossed.table.set_index("persona"), {r.persona: r for r in policy.rows}
    ids = [*order, *rest]

    def told(name: str) -> list[float]:
        return [float(rows[name].get(p, np.nan)) for p in ids]

    frame = pd.DataFrame(
        {
            "persona": [f"{i}. {cards[p].name}" if p in order else cards[p].name for i, p in enumerate(ids, 1)],
            "rate on other leads": told("rate"),
            "interval": [
                interval(a, b) if math.isfinite(a) else "–" for a, b in zip(told("low"), told("high"), strict=True)
            ],
            "tier": [doing[p].tier or "–" for p in ids],
            "handling": [doing[p].action for p in ids],
        }
    )
    what = f"{quoted(cards[ids[0]])} comes first" if order else "No persona has enough leads for a rate"
    if not policy.allowed:
        what = "No handling follows; the rates describe"
    return table(
        frame,
        "tbl-handling",
        f"**{what}.** The rate is that of leads that took no part in forming the persona, with the "
        f"{percent(crossed.params['level'], 0)} interval. A dash: too few leads to be told of.",
        {"rate on other leads": percent},
        right=("interval",),
        stack=True,
    )


def figure(crossed: CrossFitted) -> Figure:
    """Draw the share of the conversions over the share of the leads, persona by persona, and equal shares."""
    steps = reached(crossed)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(4.6, 4.2))
        axes.plot([0, 1], [0, 1], color=theme.MUTE, lw=1, ls=":")
        x = [0.0, *(s.leads for s in steps)]
        axes.plot(x, [0.0, *(s.conversions for s in steps)], "-", color=theme.ACCENT, lw=2)
        inner = steps[:-1]
        axes.vlines([s.leads for s in inner], [s.low for s in inner], [s.high for s in inner], color=theme.SECOND, lw=2)
        axes.plot([s.leads for s in inner], [s.conversions for s in inner], "o", color=theme.SECOND, ms=7)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel("share of the leads, best personas first")
        axes.set_ylabel("share of the conversions")
    return drawn


def finding(steps: list[Reached]) -> str:
    """Say what the personas nearest to half of the leads hold."""
    near = nearest(steps)
    if near is None:
        return "There is no order of personas"
    return (
        f"The first {word(near.personas) if near.personas > 1 else 'persona'}{' personas' if near.personas > 1 else ''}, "
        f"{percent(near.leads)} of the leads, {'hold' if near.personas > 1 else 'holds'} {percent(near.conversions)} of "
        "the conversions"
    )


def caption(crossed: CrossFitted) -> str:
    """State the finding, and what is drawn."""
    return (
        f"**{finding(reached(crossed))}.** A dot for each number of personas, the best first, with the "
        f"{percent(crossed.params['level'], 0)} interval; between them leads of one persona are taken at random. On the "
        "dotted line the order "
        "would be left to chance."
    )


def alt(crossed: CrossFitted) -> str:
    """Describe the line."""
    parts = [f"{percent(s.leads)} of the leads hold {percent(s.conversions)}" for s in reached(crossed)[:-1]]
    return f"A line over a dotted diagonal. {capital('; '.join(parts))}."


def reached_table(crossed: CrossFitted, cards: Cards) -> Shown:
    """Show the shares of leads and conversions as personas are added."""
    steps, rows = reached(crossed), called(crossed)
    frame = pd.DataFrame(
        {
            "up to": [cards[int(p)].name for p in rows["persona"]],
            "share of the leads": [s.leads for s in steps],
            "share of the conversions": [s.conversions for s in steps],
            "interval": [interval(s.low, s.high) for s in steps[:-1]] + ["–"],
        }
    )
    return table(
        frame,
        "tbl-reached",
        f"**{finding(steps)}.** Personas are added in the order of their rates on leads that took no part in forming them.",
        {"share of the leads": percent, "share of the conversions": percent},
        right=("interval",),
    )
