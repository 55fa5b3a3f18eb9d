"""The same questions of a public log of messages, without texts and money: facts and banner."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import escape

from ..engine.verdict import NONE
from ..features.chat_audit import ChatAudit
from ..inference.churn import BASE, SILENT, Churn
from ..inference.silence import Returns
from .channel_gaps import between, real
from .chat_data import Held, held
from .chat_splitting import Split, whole
from .show import Shown, fragment

FEW = 100  # pairs that are asked about, below which a page says that they are few
LATER = 1.5  # times as many days since the last message: from here on segments differ in when pairs wrote
NAMES = {"subscribers": "people who wrote first to somebody", "accounts": "people who were written to first"}


@dataclass(frozen=True)
class Return:
    """How many silences end.

    Attributes
    ----------
    after, within : float
        Hours of silence, and hours more.
    share, low, high : float
        NaN where the log does not reach so far.
    """

    after: float
    within: float
    share: float
    low: float
    high: float

    @property
    def interval(self) -> str:
        """Its limits."""
        return between(self.low, self.high)

    @property
    def known(self) -> bool:
        """Whether the log reaches so far."""
        return math.isfinite(self.share)


@dataclass(frozen=True)
class Leaving:
    """Whether it can be told who does not return.

    Attributes
    ----------
    fitted, beats : bool
        Whether there was enough to learn from, and whether the model is better than the base rate beyond chance.
    beyond : bool
        Whether it is better than the time in silence, too.
    asked, people : int or None
        Pairs at the last moment, and those who wrote first in them.
    share : float
        Of these pairs, without a message within the horizon.
    horizon, alive : float
        Hours: that horizon, and of silence up to which a pair is asked about.
    brier : dict of str to float
        By forecast.
    difference, low, high : float
        Of the Brier scores of model and base rate.
    level : float
    """

    fitted: bool
    beats: bool
    beyond: bool
    asked: int | None
    people: int | None
    share: float
    horizon: float
    alive: float
    brier: dict[str, float]
    difference: float
    low: float
    high: float
    level: float

    @property
    def few(self) -> bool:
        """Whether what is told rests on few pairs."""
        return self.asked is not None and self.asked < FEW


@dataclass(frozen=True)
class Divided:
    """How pairs divide by behaviour.

    Attributes
    ----------
    pairs, of, least : int
        Pairs that take part, of how many, and the messages that they have at least.
    k, rule : int
        Segments that are shown, and what the rule answers.
    word : str
        The verdict.
    silhouette, jaccard, p : float
    sizes : list of (int, float)
        The largest first, with their share.
    silent : list of float
        In the same order, median days since the last message; empty where they are not known.
    """

    pairs: int
    of: int
    least: int
    k: int
    rule: int
    word: str
    silhouette: float
    jaccard: float
    p: float
    sizes: list[tuple[int, float]]
    silent: list[float]

    @property
    def none(self) -> bool:
        """Whether the verdict is that there is no segmentation."""
        return self.word == NONE

    @property
    def by_time(self) -> bool:
        """Whether segments differ in when their pairs last wrote: by half, between the largest and the smallest."""
        return len(self.silent) > 1 and max(self.silent[0], self.silent[-1]) > LATER * min(
            self.silent[0], self.silent[-1]
        )


@dataclass(frozen=True)
class College:
    """What the page tells of the other log.

    Attributes
    ----------
    real : bool
        Whether these are the published messages.
    title, citation : str
    log : Held
    split : Split
    returns : list of Return
    leaving : Leaving
    divided : Divided or None
        None where too few pairs differ.
    level : float
        Of the intervals.
    """

    real: bool
    title: str
    citation: str
    log: Held
    split: Split
    returns: list[Return]
    leaving: Leaving
    divided: Divided | None
    level: float

    @property
    def soonest(self) -> Return | None:
        """The return after the shortest silence within the shortest time; None where it is not known."""
        return next((r for r in self.returns if r.known), None)

    @property
    def latest(self) -> Return | None:
        """The return after the longest silence within as short a time."""
        one = self.soonest
        same = [
            r for r in self.returns if one is not None and r.known and r.within == one.within and r.after > one.after
        ]
        return same[-1] if same else None


def facts(
    where: Mapping[str, Any],
    audit: ChatAudit,
    split: Split,
    returns: Returns,
    leaving: Churn,
    divided: Mapping[str, Any] | None,
) -> College:
    """Collect what the sentences of the page need.

    Parameters
    ----------
    where : mapping
        ``real``, ``title``, ``citation``.
    audit : ChatAudit
    split : Split
    returns : Returns
    leaving : Churn
    divided : mapping or None
        ``pairs``, ``of``, ``least``, ``k``, ``rule``, ``verdict``, ``sizes``, ``medians``, ``silhouette``,
        ``jaccard`` and ``p``.
    """
    return College(
        bool(where["real"]), str(where["title"]), str(where["citation"]), held(audit, exact=True), split, shares(returns),
        gone(leaving), None if divided is None else _divided(divided), float(returns.params["level"]),
    )  # fmt: skip


def shares(found: Returns) -> list[Return]:
    """Return how many silences end, by how long they had lasted."""
    return [
        Return(float(r["after"]), float(r["within"]), real(r["share"]), real(r["low"]), real(r["high"]))
        for _, r in found.table.iterrows()
    ]


def gone(found: Churn) -> Leaving:
    """Collect what sentences tell of those who do not return."""
    last, gap = found.snapshots.iloc[-1], found.against(BASE)
    return Leaving(
        found.fitted, found.beats, found.fitted and real(found.against(SILENT)["high"]) < 0, whole(last["pairs"]),
        whole(last["subscribers"]), real(last["share"]), float(found.params["horizon"]), float(found.params["alive_hours"]),
        {str(n): real(v) for n, v in zip(found.table["forecast"], found.table["brier"], strict=True)},
        real(gap["difference"]), real(gap["low"]), real(gap["high"]), float(found.params["level"]),
    )  # fmt: skip


def _divided(found: Mapping[str, Any]) -> Divided:
    sizes, medians = found["sizes"], found["medians"]
    order = sorted(sizes, key=lambda s: -int(sizes[s]))
    total = sum(int(n) for n in sizes.values())
    silent = [real(medians[s]["days_silent"]) for s in order if "days_silent" in medians.get(s, {})]
    return Divided(
        int(found["pairs"]), int(found["of"]), int(found["least"]), int(found["k"]), int(found["rule"]), str(found["verdict"]),
        real(found["silhouette"]), real(found["jaccard"]), real(found["p"]),
        [(int(sizes[s]), int(sizes[s]) / total) for s in order], silent,
    )  # fmt: skip


def banner(known: College) -> Shown:
    """Say where the messages of this page come from, and that they are of other people than the log."""
    if known.real:
        head, tone = "Real messages of other people.", "sk-real"
        more = f"{known.title}: {known.citation}"
    else:
        head, tone = "Simulated messages.", "sk-simulated"
        more = (
            f"{known.title}, since the published file was not found. Nobody on this page exists. The log that it imitates: "
            f"{known.citation}"
        )
    return fragment(
        f'<div class="sk-banner {tone}" role="note" aria-label="Where the messages of this page come from"><b>{head}</b> '
        f"{escape(more)}<br>These are messages of students to each other, a log of its own: none of the pairs of the other pages "
        "is among them. The banner above tells of the log of those pages, this one of the numbers here.</div>"
    )


def verdict(known: College) -> str:
    """Say in a few words whose messages these are.

    >>> from types import SimpleNamespace as Plain
    >>> verdict(Plain(real=True)), verdict(Plain(real=False))
    ('here a public log, real', 'here a simulated log of students')
    """
    return "here a public log, real" if known.real else "here a simulated log of students"
