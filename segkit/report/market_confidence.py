"""How sure the segment of each market is: other customers, other starts, other clusterings, and other choices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..engine.coassignment import Coassignment
from ..engine.meaning import Cards
from ..thresholds import HALF
from . import theme
from .market_figures import legend, marks, short
from .prose import capital, join, percent, plural, word
from .show import Shown, table

DRAWN = 40  # markets of a matrix that can be read
MARK = 0.8  # from this share on, a number on its cell is light


@dataclass(frozen=True)
class Apart:
    """What draws of the customers tell beside the confidence.

    Attributes
    ----------
    alone : list of str
        Markets that are a segment by themselves in half of the draws or more, the most often first.
    high : float
        What the mean confidence reaches in one in twenty of the populations whose markets differ by sampling error alone;
        NaN where that is not known.
    p : float
        Share of those populations with as high a mean confidence.
    worlds : int
    ari : float
        Mean adjusted Rand index of the draws with the segments in use.
    pulled : list of str
        Features whose mean over the draws lies more than one standard deviation of the draws from what was observed.
    half : float
    """

    alone: list[str]
    high: float
    p: float
    worlds: int
    ari: float
    pulled: list[str]
    half: float = HALF


def apart(found: Coassignment, labels: Mapping[str, str]) -> Apart:
    """Collect it.

    Parameters
    ----------
    found : Coassignment
    labels : mapping of str to str
        Names of features for readers.
    """
    rows = found.table.sort_values("alone", ascending=False, kind="stable")
    shift = pd.Series(dtype="float64") if found.shift is None else found.shift
    chance = found.chance
    return Apart(
        alone=[str(u) for u in rows.loc[rows["alone"] >= HALF, "unit"]],
        high=math.nan if chance is None else chance.high,
        p=math.nan if chance is None else chance.p,
        worlds=0 if chance is None else chance.worlds,
        ari=float(found.draws["ari"].mean()) if len(found.draws) else math.nan,
        pulled=[labels.get(str(f), str(f)) for f in shift.index[(shift.abs() > 1).to_numpy()]],
    )


def together_figure(found: Coassignment, cards: Cards) -> Figure:
    """Draw how often two markets are in one segment of the draws: the darker, the more often; segments side by side."""
    shown = _shown(found, cards)
    share, n = found.together.loc[shown, shown].to_numpy(), len(shown)
    own = found.table.set_index("unit")["segment"].reindex(shown).to_numpy()
    tone, mark, size = theme.colours(cards), marks(cards), 0.8 if n > DRAWN // 2 else 1.0
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 1.2 + (0.3 if n <= DRAWN // 2 else 0.18) * n))
        for i, j in np.ndindex(n, n):
            if np.isnan(share[i, j]):
                continue
            axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=theme.ACCENT, alpha=float(share[i, j]), lw=0))
            if n <= 12 and i != j:
                light = share[i, j] >= MARK
                axes.text(j, i, f"{100 * share[i, j]:.0f}", ha="center", va="center", fontsize=8,
                          color=theme.PAPER if light else theme.INK)  # fmt: skip
        for i in range(n):
            axes.plot(-0.62 - 0.025 * n, i, mark[int(own[i])], color=tone[int(own[i])], ms=7 * size, clip_on=False)
        for edge in np.flatnonzero(np.diff(own)) + 0.5:
            axes.axhline(edge, color=theme.INK, lw=1.2)
            axes.axvline(edge, color=theme.INK, lw=1.2)
        axes.set_xlim(-0.5, n - 0.5)
        axes.set_ylim(n - 0.5, -0.5)
        axes.set_yticks(range(n), [short(str(u)) for u in shown])
        axes.set_xticks([])
        axes.tick_params(axis="y", pad=20 * size, length=0)
        axes.grid(visible=False)
        legend(figure, cards)
    return figure


def _shown(found: Coassignment, cards: Cards) -> list[object]:
    """Return the markets of the matrix in the order of the cards, as many as can be read."""
    own = found.table.set_index("unit")["segment"]
    order = [u for c in cards for u in found.together.index if own[u] == c.id]
    return order[:DRAWN]


def together_caption(found: Coassignment, cards: Cards) -> str:
    """State how often markets of one segment, and of two, are together."""
    within, between = together(found)
    said = [
        f"markets of one segment are together in {percent(within, 0)} of the draws" if math.isfinite(within)
        else "no segment has two markets",
        *([f"markets of different segments in {percent(between, 0)}"] if math.isfinite(between) else []),
    ]  # fmt: skip
    rest = len(found.table) - DRAWN
    left = (
        f" {capital(plural(rest, 'market', words=True))} {'has' if rest == 1 else 'have'} no room." if rest > 0 else ""
    )
    return (
        f"**{capital(', '.join(said))}, on average.** Each cell: the share of the draws of customers in which two markets are in "
        f"one segment, in per cent; the darker, the more often. Lines part the segments in use.{left}"
    )


def together(found: Coassignment) -> tuple[float, float]:
    """Return the mean share of draws in which two markets are together: of one segment, and of different ones.

    NaN where there are no such pairs, or no draw could be divided.
    """
    own = found.table.set_index("unit")["segment"].reindex(found.together.index).to_numpy()
    upper = np.triu(np.ones((len(own), len(own)), dtype=bool), 1)
    same, share = own[:, None] == own[None, :], found.together.to_numpy()
    return tuple(float(share[upper & at].mean()) if (upper & at).any() else math.nan for at in (same, ~same))  # type: ignore[return-value]


def together_alt(found: Coassignment, cards: Cards) -> str:
    """Describe the matrix."""
    own = found.table.set_index("unit")["segment"]
    rows = [f"{c.name}: {join([str(u) for u in own.index[own == c.id]])}" for c in cards]
    return f"Matrix of the markets by segment, shaded by how often two are together. {'. '.join(rows)}."


def confidence_table(found: Coassignment, cards: Cards) -> Shown:
    """Show for every market how often it is in its segment, where it is else, and how often alone; the least sure first."""
    named = {c.id: c.name for c in cards}
    rows = found.table.sort_values("confidence", kind="stable", ignore_index=True)
    chance = found.chance
    frame = pd.DataFrame({
        "market": rows["unit"].astype(str), "segment": rows["segment"].map(named), "confidence": rows["confidence"],
        "error": rows["se"], "else in": [named.get(int(s)) for s in rows["other"]],
        "share there": rows["other_share"].where(rows["other_share"] > 0), "alone": rows["alone"],
    })  # fmt: skip
    finding = "How sure each market is cannot be told" if frame["confidence"].isna().all() else (
        f"{frame['market'].iloc[0]} is least sure: {percent(float(frame['confidence'].iloc[0]), 0)} of the draws"
    )  # fmt: skip
    level = "" if chance is None or math.isnan(chance.confidence) else (
        f" If markets differed by sampling error alone, the mean confidence would be {percent(chance.confidence, 0)}."
    )  # fmt: skip
    dash = " A dash: nowhere else, or not known." if frame.isna().any(axis=None) else ""
    return table(
        frame, "tbl-confidence",
        f"**{finding}.** Confidence: share of the draws of customers in which the market is in its segment; error: its Monte Carlo "
        f"standard error; else in: where it is most often besides; alone: share in which it is a segment by itself.{level}{dash}",
        dict.fromkeys(("confidence", "error", "share there", "alone"), lambda v: percent(v, 0)), stack=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Starts:
    """What other starts of the clustering give.

    Attributes
    ----------
    refits, same : int
        Refits that could be made, and those that give the segments in use.
    low : float
        The lowest adjusted Rand index with the segments in use.
    moved : list of str
        Markets that some refits put elsewhere.
    """

    refits: int
    same: int
    low: float
    moved: list[str]


def starts(found: Coassignment) -> Starts:
    """Count the refits that agree."""
    ari, rows = found.draws["ari"].dropna(), found.table
    low = float(ari.min()) if len(ari) else math.nan
    moved = [str(u) for u in rows.loc[rows["confidence"] < 1, "unit"]]
    return Starts(len(ari), int((ari == 1).sum()), low, moved)


def verdict(found: Coassignment) -> str:
    """Return the status of the page in a few words."""
    if not len(found.labels.columns):
        return "not known: no draw could be divided"
    unsure = len(found.unsure)
    return f"{word(unsure)} of {word(len(found.table))} markets not sure" if unsure else "every market is sure"
