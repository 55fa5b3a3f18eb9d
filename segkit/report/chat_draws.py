"""What the pages on stability and on other choices add for pairs: subscribers drawn anew, and other lengths of silence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.group_resampling import GroupResampling
from ..engine.jaccard import Jaccard
from ..engine.meaning import Cards
from ..thresholds import CLOSE, LOW
from . import theme
from .findings import quoted
from .prose import GAP, exact, fixed, number, percent, plural
from .robustness import agreement
from .show import Shown, table

SURE = 2.0  # standard errors of a difference of means, from which on it is more than the luck of the draws


@dataclass(frozen=True)
class Again:
    """One segment in samples of subscribers, and in samples of pairs.

    Attributes
    ----------
    name : str
    subscribers, pairs : float
        Mean Jaccard similarity where subscribers are drawn, and where pairs are.
    recovered : float
        Share of the samples of subscribers in which the segment counts as recovered.
    lower : bool
        Whether it comes back less closely than in samples of pairs, beyond the luck of the draws.
    """

    name: str
    subscribers: float
    pairs: float
    recovered: float
    lower: bool


@dataclass(frozen=True)
class Drawn:
    """What is told of samples of subscribers.

    Attributes
    ----------
    subscribers, draws, fitted : int
        How many there are, how often as many were drawn, and how often the draw could be divided.
    told : list of Again
        The segments that may be told of.
    segments : int
    least : float
        From this mean on a segment counts as found again.
    ari_mean, ari_low : float
        Adjusted Rand index with the partition in use: mean, and what ``most`` of the samples reach.
    most : float
    """

    subscribers: int
    draws: int
    fitted: int
    told: list[Again]
    segments: int
    least: float
    ari_mean: float
    ari_low: float
    most: float = 1 - LOW

    @property
    def possible(self) -> bool:
        """Whether there is another sample than the log itself, and anything to tell of it."""
        return self.subscribers > 1 and self.fitted > 0 and bool(self.told)

    @property
    def weakest(self) -> Again | None:
        """The segment that comes back least."""
        return min(self.told, key=lambda a: a.subscribers, default=None)

    @property
    def lost(self) -> list[str]:
        """Segments that are not found again."""
        return [a.name for a in self.told if a.subscribers < self.least]

    @property
    def lower(self) -> list[str]:
        """Segments that come back less closely than in samples of pairs."""
        return [a.name for a in self.told if a.lower]


def drawn(found: GroupResampling, pairs: Jaccard, cards: Cards, least: float) -> Drawn:
    """Set samples of subscribers beside bootstrap samples of pairs."""
    rows, by_pair = found.table.set_index("segment"), pairs.means()
    first = pairs.table[pairs.table["scheme"] == pairs.table["scheme"].iloc[0]]
    error = first.groupby("segment")["jaccard"].sem() * math.sqrt(2)
    told = []
    for c in cards:
        if not c.medians or c.id not in rows.index or not math.isfinite(mean := float(rows.loc[c.id, "mean"])):
            continue
        other = float(by_pair.get(c.id, np.nan))
        lower = other - mean > SURE * float(error.get(c.id, np.nan))
        told.append(Again(quoted(c), mean, other, float(rows.loc[c.id, "recovered"]), lower))
    return Drawn(found.groups, found.params["draws"], found.params["fitted"], told, len(cards), least, found.ari_mean,
                 found.ari_q05)  # fmt: skip


def drawn_table(known: Drawn) -> Shown:
    """Show how closely each segment comes back, of subscribers and of pairs drawn anew."""
    if not known.possible:
        return Shown("")
    frame = pd.DataFrame({
        "segment": [a.name.strip("“”") for a in known.told],
        "subscribers drawn": [a.subscribers for a in known.told],
        "pairs drawn": [a.pairs for a in known.told],
        "recovered": [a.recovered for a in known.told],
    })  # fmt: skip
    again = len(known.told) - len(known.lost)
    finding = (
        "Every segment is found again where subscribers are drawn anew" if not known.lost
        else "No segment is found again where subscribers are drawn anew" if not again
        else "Not every segment is found again where subscribers are drawn anew"
    )  # fmt: skip
    return table(
        frame, "tbl-subscribers",
        f"**{finding}.** Mean Jaccard similarity over {known.fitted} samples of subscribers, and over bootstrap samples of "
        f"pairs; from {exact(known.least)} on a segment counts as found again. Recovered: share of the samples of "
        "subscribers in which it is.",
        {"subscribers drawn": fixed, "pairs drawn": fixed, "recovered": lambda v: percent(float(v), 0)},
    )  # fmt: skip


@dataclass(frozen=True)
class Silences:
    """What other lengths of silence do to the segments.

    Attributes
    ----------
    in_use : str
        The length that begins a new conversation, in words.
    tried : int
        Other lengths with which pairs could be divided.
    close, far : list of str
        Those that give much the same partition, and those that do not.
    undivided : list of str
        Those with which pairs could not be divided.
    lowest : float
        The lowest adjusted Rand index; NaN where there is none.
    at : str
        With which length.
    least : float
        From which index on two partitions are much the same.
    """

    in_use: str
    tried: int
    close: list[str]
    far: list[str]
    undivided: list[str]
    lowest: float
    at: str
    least: float = CLOSE


def hours(value: float) -> str:
    """Write a length of silence.

    >>> hours(4.0).replace(GAP, " "), hours(0.5).replace(GAP, " ")
    ('4 h', '0.5 h')
    """
    return f"{number(value, 2)}{GAP}h"


def silences(found: pd.DataFrame, in_use: float) -> Silences:
    """Collect what sentences tell of other lengths of silence.

    Parameters
    ----------
    found : DataFrame
        One row per length: ``hours`` and ``ari``.
    in_use : float
        Hours.
    """
    known = found.dropna(subset="ari")
    low = known.loc[known["ari"].idxmin()] if len(known) else None
    return Silences(
        hours(in_use), len(known), [hours(h) for h in known.loc[known["ari"] >= CLOSE, "hours"]],
        [hours(h) for h in known.loc[known["ari"] < CLOSE, "hours"]],
        [hours(h) for h in found.loc[found["ari"].isna(), "hours"]],
        math.nan if low is None else float(low["ari"]), "" if low is None else hours(float(low["hours"])),
    )  # fmt: skip


def silences_figure(found: pd.DataFrame, in_use: float) -> Figure:
    """Draw the agreement with the segments in use over the length of silence."""
    rows = found.dropna(subset="ari")
    with theme.style():
        drawn_, axes = pyplot.subplots(figsize=(5.0, 2.8))
        axes.axhline(CLOSE, color=theme.MUTE, lw=1, ls="--")
        axes.axvline(in_use, color=theme.LINE, lw=1.5)
        axes.plot(rows["hours"], rows["ari"], "o", color=theme.ACCENT, ms=7)
        axes.plot(in_use, 1.0, "D", color=theme.SECOND, ms=7)
        axes.set_xscale("log")
        at = sorted({*rows["hours"], in_use})
        axes.set_xticks(at, [number(h, 2) for h in at])
        axes.minorticks_off()
        axes.set_ylim(min(0.0, float(rows["ari"].min()) if len(rows) else 0.0) - 0.05, 1.08)
        axes.set_xlabel("hours of silence that begin a new conversation")
        axes.set_ylabel("adjusted Rand index")
    return drawn_


def silences_caption(known: Silences) -> str:
    """State how many lengths give much the same segments."""
    finding = (
        f"With {known.at} of silence the adjusted Rand index is {agreement(known.lowest)}, the lowest of "
        f"{plural(known.tried, 'other length', words=True)}" if known.tried
        else "No other length of silence lets pairs be divided"
    )  # fmt: skip
    return (
        f"**{finding}.** Agreement with the segments in use (diamond, {known.in_use}); from the dashed line on, "
        f"{exact(known.least)}, partitions are much the same."
    )


def silences_alt(found: pd.DataFrame) -> str:
    """Describe the dots."""
    told = [f"{hours(r.hours)} {agreement(r.ari)}" for r in found.dropna(subset="ari").itertuples()]
    return f"Dots of the adjusted Rand index over hours of silence: {', '.join(told) or 'none'}."
