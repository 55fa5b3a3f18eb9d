"""What the front page of the study of conversations tells: who comes back, stages, money, and what cards say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ..engine.meaning import Card, Cards
from ..engine.verdict import NONE
from ..features.chat_stages import STATES, Prospective, StageCounts
from ..inference.concentration import HEADS, Concentration
from ..inference.rates import Estimate
from ..inference.silence import Returns
from ..thresholds import PLANTED
from . import chat_silence
from .chat_silence import Back
from .prose import count, number, percent, plural

AFTER = 48.0  # hours of silence, after which returns are told
PICTURED = ("messages", "conversations", "active_days", "purchases")  # features that a card tells of


def back(found: Returns) -> Back | None:
    """Return how many write again after two days of silence; None where that is not known."""
    return next((b for b in chat_silence.facts(found).rows if b.after == AFTER and b.silences), None)


@dataclass(frozen=True)
class Stages:
    """At what stage pairs are at the end of the log, and how far the published stages look ahead.

    Attributes
    ----------
    paid : bool
        Whether the log has money.
    pairs, silent : int or None
        Pairs that have begun, and those that are silent; None where it may not be told.
    never, once, again : int or None
        Pairs without a purchase, with one, and with more.
    hours : float
        Without a message, from which on a pair is silent.
    leak : float
        Share of the messages whose published stage could not be known when they were written; NaN without money.
    """

    paid: bool
    pairs: int | None
    silent: int | None
    never: int | None
    once: int | None
    again: int | None
    hours: float
    leak: float

    @property
    def told(self) -> bool:
        """Whether the numbers of pairs in each state may be told."""
        return None not in (self.never, self.once, self.again)


def stages(states: Prospective, published: StageCounts | None) -> Stages:
    """Collect where pairs stand at the end."""
    rows = states.occupation
    last = rows[rows["moment"] == rows["moment"].max()]

    def total(own: pd.DataFrame) -> int | None:
        known = float(own["pairs"].sum(skipna=False)) if len(own) else math.nan
        return round(known) if math.isfinite(known) else None

    never, once, again = (total(last[last["state"] == s]) for s in STATES)
    silent = last[last["silent"].astype(bool)]
    leak = math.nan if published is None else published.leak
    return Stages(published is not None, total(last), total(silent), never, once, again, states.silence_hours, leak)


@dataclass(frozen=True)
class Money:
    """Who brings the revenue.

    Attributes
    ----------
    paid : bool
        Whether the log has money.
    any : bool
        Whether there is revenue.
    first, gini : Estimate or None
        Share of the ``heads`` subscribers with most of it, and the Gini coefficient; None where they may not be told.
    """

    paid: bool
    any: bool
    first: Estimate | None = None
    gini: Estimate | None = None
    heads: int = HEADS

    @property
    def told(self) -> bool:
        """Whether the shares may be told."""
        return self.first is not None


def money(found: Concentration | None) -> Money:
    """Collect who brings the revenue."""
    if found is None:
        return Money(paid=False, any=False)
    known = Money(paid=True, any=found.known)
    able = found.shown and math.isfinite(found.first.value) and math.isfinite(found.gini.value)
    return replace(known, first=found.first, gini=found.gini) if able else known


@dataclass(frozen=True)
class Planted:
    """How far the segments agree with those of the simulation; ``ari`` is None for data that are not simulated."""

    ari: float | None
    least: float = PLANTED

    @property
    def again(self) -> bool:
        """Whether the planted ones are found again."""
        return self.ari is not None and self.ari >= self.least


def card_facts(labels: dict[str, str]) -> Callable[[Card], Sequence[tuple[str, str]]]:
    """Return what a card tells of its pairs: medians of how much they wrote, and bought where there is money."""

    def of(card: Card) -> list[tuple[str, str]]:
        return [
            (labels.get(n, n), number(card.medians[n]))
            for n in PICTURED
            if math.isfinite(card.medians.get(n, math.nan))
        ]

    return of


def same(cards: Cards) -> str:
    """Return what to do where that is the same for all segments, else nothing."""
    actions = {c.action for c in cards}
    return next(iter(actions)) if len(actions) == 1 else ""


def claim(study: Any) -> str:
    """Say in a sentence what the study found, for the front page of the site."""
    pairs, again = f"{count(study.cards.total)} {study.terms.units}", back(study.returns)
    head = (
        f"No number of segments of the {pairs} is confirmed by other samples"
        if study.verdict.word == NONE
        else f"The {pairs} are divided into {plural(study.segments.k, 'segment', words=True)}"
    )
    if again is None:
        return f"{head}."
    told = f"{percent(again.share)} end within {number(again.within)} hours more"
    return f"{head}. Of silences of {number(again.after)} hours, {told}."
