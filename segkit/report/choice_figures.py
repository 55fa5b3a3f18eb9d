"""Figures of the page on other choices, with what they say in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..engine.algorithms import Algorithms
from ..engine.grid import DIMENSIONS
from ..engine.meaning import Card, Cards
from ..engine.multiverse import Multiverse
from ..thresholds import CLOSE
from ..vocabulary import Vocabulary
from . import optima, subsampling, theme
from .choices import choice_name, level
from .prose import capital, count, exact, join, percent, plural, word
from .robustness import agreement

COLUMNS = 6  # segments whose columns fit into a figure
NARROW = 4  # columns that fit into a narrow figure, whose letters a phone shows larger
ROW = 0.21  # inches
LABELS, LETTER = 1.7, 0.078  # inches beside the columns, and of a letter above them


def specification_curve(found: Multiverse, terms: Vocabulary) -> Figure:
    """Draw the ARI of every matrix in order, and below it which choices made it.

    Parameters
    ----------
    found : Multiverse
    """
    levels = [(d, v) for d in DIMENSIONS for v in _levels(found, d)]
    height = ROW * (len(levels) + 0.6 * len(DIMENSIONS))
    with theme.style():
        figure, (top, below) = pyplot.subplots(
            2, 1, figsize=(5.0, 2.6 + height), sharex=True, height_ratios=(2.2, height)
        )
        _curves(top, found)
        _choices(below, found, levels, terms)
    return figure


def _levels(found: Multiverse, dimension: str) -> list[object]:
    return list(found.table[dimension].unique())


def _curves(axes: Axes, found: Multiverse) -> None:
    """Draw one curve per number of segments; the horizontal place is the rank, from 0 to 1."""
    rows = found.curve()
    at = (np.arange(len(rows)) + 0.5) / max(len(rows), 1)
    for k, dashes in zip((k for k in found.ks if k != found.k), ("--", ":"), strict=False):
        other = found.curve(k)["ari"].to_numpy()
        place = (np.arange(len(other)) + 0.5) / max(len(other), 1)
        axes.plot(place, other, dashes, color=theme.MUTE, lw=1.2, label=f"{k} segments")
    axes.plot(at, rows["ari"], color=theme.ACCENT, lw=1.2, alpha=0.6, label=f"{found.k} segments")
    able, used = rows["defensible"].to_numpy(), rows["in_use"].to_numpy()
    axes.plot(at[able], rows["ari"][able], "o", color=theme.ACCENT, ms=5, label="defensible", zorder=3)
    warm = theme.SECOND
    axes.plot(
        at[used], rows["ari"][used], "o", ms=10, mfc="none", mec=warm, mew=2, label="in use", clip_on=False, zorder=4
    )
    axes.axhline(CLOSE, color=theme.INK, lw=1.2, ls="--")
    axes.annotate(f"close: {exact(CLOSE)}", (0, CLOSE), (2, 3), textcoords="offset points", color=theme.INK, fontsize=9)
    axes.set_ylim(min(0.0, float(found.table["ari"].min())) - 0.03 if len(rows) else 0, 1.06)
    axes.set_ylabel("ARI")
    axes.tick_params(labelbottom=False, length=0)
    axes.grid(axis="x", visible=False)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.0), ncols=2, handlelength=1.6, frameon=False)


def _choices(axes: Axes, found: Multiverse, levels: list[tuple[str, object]], terms: Vocabulary) -> None:
    """Draw a stroke below each matrix that a level can make; one path per row keeps the page light."""
    rows = found.curve()
    arms = found.table[found.table["k"] == found.k]
    able = rows["defensible"].to_numpy()
    y, places, names = 0.0, [], []
    for i, (dimension, value) in enumerate(levels):
        y += 1.6 if i and levels[i - 1][0] != dimension else 1.0
        made = rows["matrix"].isin(arms.loc[arms[dimension] == value, "matrix"]).to_numpy()
        for which, colour, width in ((made & ~able, theme.MUTE, 0.7), (made & able, theme.ACCENT, 2.0)):
            at = (np.flatnonzero(which) + 0.5) / max(len(rows), 1)
            x = np.column_stack([at, at, np.full(len(at), math.nan)]).ravel()
            heights = np.tile([y - 0.36, y + 0.36, math.nan], len(at))
            axes.plot(x, heights, color=colour, lw=width, solid_capstyle="butt")
        places.append(y)
        first = not i or levels[i - 1][0] != dimension
        names.append(
            f"{capital(choice_name(dimension, terms))}: {level(dimension, value, terms)}"
            if first
            else level(dimension, value, terms)
        )
    axes.set_yticks(places, names, fontsize=10.5)
    axes.set_ylim(y + 0.7, 0.3)
    axes.set_xlim(-0.01, 1.01)
    axes.tick_params(labelbottom=False, length=0)
    axes.grid(visible=False)
    axes.set_xlabel("matrices, in the order of their ARI")


def curve_caption(found: Multiverse, terms: Vocabulary) -> str:
    """State how many combinations agree."""
    everything, own = found.summary(), found.summary(defensible=True)
    if not everything["matrices"]:
        return "**No other combination of choices makes another matrix.**"
    sample = subsampling.on_samples(found.params, terms)
    close = round(everything["share_above_08"] * everything["matrices"])
    return (
        f"**{capital(word(close)) if close else 'None'} of {count(everything['matrices'])} other matrices "
        f"{'gives' if close == 1 else 'give'} much the same partition; of those that are defensible, "
        f"{round(own['share_above_08'] * own['matrices']) if own['matrices'] else 0} of {count(own['matrices'])}.** "
        f"Above, the ARI with the partition in use, from the lowest on; the line marks {CLOSE}. Below, strokes show which "
        "levels make the matrix, thick ones where it is defensible. Lines for other numbers of segments are in their own "
        f"order, compared with the preparation in use at that number.{sample}"
    )


def curve_alt(found: Multiverse) -> str:
    """Describe the curve by its quartiles."""
    parts = []
    for k in sorted(found.ks, key=lambda k: k != found.k):
        own = found.summary(k)
        if own["matrices"]:
            parts.append(
                f"{k} segments: quartiles {agreement(own['q25'])}, {agreement(own['median_ari'])} and {agreement(own['q75'])} "
                f"over {plural(int(own['matrices']), 'matrix', 'matrices')}"
            )
    return (
        f"Sorted agreement of other preparations with the one in use. {'; '.join(parts)}."
        if parts
        else "An empty figure."
    )


def _shown(cards: Cards) -> list[Card]:
    shown = [c for c in cards if c.size is not None]
    return shown if len(shown) <= COLUMNS else []


def algorithm_figure(found: Algorithms, cards: Cards) -> Figure:
    """Draw ARI, AMI and the Jaccard similarity of each segment under other algorithms, with the numbers.

    Parameters
    ----------
    found : Algorithms
    cards : Cards
        With more segments than fit, only the two indices are drawn.
    """
    rows = found.table.sort_values("ari", ascending=False, ignore_index=True, kind="stable")
    columns = {"ari": "ARI", "ami": "AMI", **{f"jaccard_{c.id}": c.short for c in _shown(cards)}}
    least = {"ari": CLOSE, "ami": None}
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(6.2 if len(columns) > NARROW else 5.0, 1.3 + 0.36 * max(len(rows), 1)))
        for y, row in enumerate(rows[list(columns)].to_numpy()):
            for x, (name, value) in enumerate(zip(columns, row, strict=True)):
                strength = 0.06 + 0.49 * min(max(float(value), 0.0), 1.0)
                axes.add_patch(Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, color=theme.ACCENT, alpha=strength, lw=0))
                text = agreement(float(value), least.get(name, found.least)).replace("over ", ">")
                axes.text(x, y, text, ha="center", va="center", fontsize=10.5)
        axes.set_yticks(range(len(rows)), [_named(n, float(found.noise[n])) for n in rows["algorithm"]], fontsize=10.5)
        names = [n.replace(" ", "\n") for n in columns.values()]
        room = (figure.get_figwidth() - LABELS) / len(columns)
        upright = len(columns) > 2 + NARROW or LETTER * max(len(w) for n in names for w in n.split("\n")) > room
        axes.set_xticks(range(len(columns)), names, fontsize=9.5, rotation=90 if upright else 0)
        axes.xaxis.tick_top()
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
    return figure


def _named(name: str, noise: float) -> str:
    """Name an algorithm, with its noise where there is any that may be told."""
    name = name.replace("Gaussian mixture", "Gaussian")
    return f"{name}\n({percent(noise, 0)} noise)" if noise > 0 else name


def algorithm_caption(found: Algorithms, cards: Cards, terms: Vocabulary) -> str:
    """State which segments most algorithms find."""
    again, n = found.recurring(), len(found.table)
    if not n:
        return f"**No other algorithm can divide these {terms.units}.**"
    shown = [c for c in cards if c.size is not None]
    more = optima.on_seeds(found) + subsampling.on_samples(found.params, terms)
    own = "; by segment, the largest Jaccard similarity with a cluster" if _shown(cards) else ""
    return (
        f"**{_found_again(again, shown, n)}.** Adjusted Rand index and adjusted "
        f"mutual information with the partition in use{own}.{more}"
    )


def _found_again(again: pd.Series, cards: Sequence[Card], n: int) -> str:
    """Tell how many of ``n`` algorithms find each segment again."""
    several = plural(n, "other algorithm", words=True)
    if not cards:
        return f"{capital(several)} beside k-means"
    times = [word(again[c.id]) if again[c.id] else "none" for c in cards]
    verb = "finds" if times[0] in ("none", "one") else "find"
    first, *rest = (f"{n} “{c.short}”" for n, c in zip(times, cards, strict=True))
    return f"Of {several}, {join([first.replace(' ', f' {verb} ', 1) + ' again', *rest])}"


def algorithm_alt(found: Algorithms) -> str:
    """Describe the rows of the matrix."""
    rows = [f"{r.algorithm}: ARI {agreement(r.ari)}, AMI {agreement(r.ami)}" for r in found.table.itertuples()]
    return f"A matrix of numbers. {'; '.join(rows)}." if rows else "An empty figure."
