"""Figures of the page on the number of segments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..engine.consensus import Consensus
from ..engine.flow import SegmentFlow
from ..engine.gap import BOXES, Gap
from ..engine.instability import Instability
from ..engine.k_resampling import KResampling
from ..engine.krule import KDecision
from ..engine.kselection import KSelection
from ..engine.meaning import Cards
from ..engine.prediction import PredictionStrength
from ..privacy import SMALL_CELL
from . import theme

RING = theme.SECOND
BOX_WORDS = {BOXES[0]: "Box of the principal components", BOXES[1]: "Box of the features"}
INDICES = (
    ("silhouette", "Silhouette, more is better"), ("davies_bouldin", "Davies-Bouldin, less is better"),
    ("calinski_harabasz", "Calinski-Harabasz, more is better"), ("separation", "Separation, more is better"),
    ("inertia", "Inertia, its knee counts"),
)  # fmt: skip


def _ring(axes: Axes, ks: pd.Series, values: pd.Series, k: int | None) -> None:
    """Mark the K that an axis chooses."""
    at = ks == k
    if at.any():  # an empty line that is not clipped leaves the layout without room
        axes.plot(ks[at], values[at], "o", ms=10, mfc="none", mec=RING, mew=2, clip_on=False)


def _finish(axes: Axes, title: str, *, last: bool = True) -> None:
    axes.set_title(title, fontweight="normal")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    if last:
        axes.set_xlabel("number of segments K")


def indices(selection: KSelection) -> Figure:
    """Draw the internal indices over K, with the choice of each; small dots are the silhouettes of single segments."""
    frame = selection.table
    best = {**selection.by, "separation": selection.most_separate, "inertia": selection.knee}
    with theme.style():
        figure, grid = pyplot.subplots(5, 1, figsize=(4.4, 8.4), sharex=True)
        for i, (axes, (column, title)) in enumerate(zip(grid.flat, INDICES, strict=False)):
            if column == "silhouette":
                own = selection.segments[selection.segments["units"] >= SMALL_CELL]
                axes.plot(own["k"], own["silhouette"], "o", color=theme.MUTE, ms=3, alpha=0.6, lw=0)
            axes.plot(frame["k"], frame[column], "-o", color=theme.ACCENT, ms=4)
            _ring(axes, frame["k"], frame[column], best.get(column))
            _finish(axes, title, last=i == len(INDICES) - 1)
            if frame[column].max() >= 10_000:
                axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v / 1000:,.0f}k"))
    return figure


def gaps(found: Gap) -> Figure:
    """Draw the gap with its error over K, against both kinds of reference, with the choice of each."""
    with theme.style():
        figure, panels = pyplot.subplots(2, 1, figsize=(4.4, 4.6), sharex=True)
        for axes, box in zip(panels, BOXES, strict=True):
            rows = found.of(box)
            axes.errorbar(rows["k"], rows["gap"], yerr=rows["s"], fmt="-o", color=theme.ACCENT, ms=4, capsize=3, lw=1.4)
            _ring(axes, rows["k"], rows["gap"], found.choice(box))
            _finish(axes, f"{BOX_WORDS[box]}: gap ± s", last=box == BOXES[-1])
    return figure


def against_thresholds(decision: KDecision, prediction: PredictionStrength, bootstrap: Instability) -> Figure:
    """Draw prediction strength and the similarity of each segment over K, beside their thresholds."""
    ask = decision.params
    with theme.style():
        figure, (upper, lower) = pyplot.subplots(2, 1, figsize=(4.4, 4.9), sharex=True)
        frame = prediction.table
        upper.fill_between(frame["k"], frame["q05"], frame["strength"], color=theme.ACCENT, alpha=0.15, lw=0)
        upper.plot(frame["k"], frame["strength"], "-o", color=theme.ACCENT, ms=5)
        upper.axhline(ask["prediction_strength"], color=theme.MUTE, lw=1, ls="--")
        own = bootstrap.segments[bootstrap.segments["units"] >= SMALL_CELL]
        lower.plot(own["k"], own["jaccard"], "o", color=theme.MUTE, ms=3, alpha=0.6, lw=0)
        lower.plot(bootstrap.table["k"], bootstrap.table["jaccard"], "-o", color=theme.ACCENT, ms=5)
        lower.axhline(ask["jaccard"], color=theme.MUTE, lw=1, ls="--")
        for axes, column in ((upper, "prediction_strength"), (lower, "jaccard")):
            good = decision.table[decision.table["qualifies"]]
            if len(good):
                axes.plot(good["k"], good[column], "o", ms=10, mfc="none", mec=RING, mew=2, clip_on=False)
            axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1.04)
        _finish(upper, "Prediction strength", last=False)
        _finish(lower, "Similarity of the segment that comes back least")
    return figure


def answers(decision: KDecision, found: KResampling) -> Figure:
    """Draw how many subsamples give each answer of the rule; the one for all units has another colour."""
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(4.4, 2.2))
        ks, counts = found.table["k"], found.table["subsamples"]
        axes.bar(ks, counts, width=0.7, color=[theme.SECOND if k == decision.rule else theme.ACCENT for k in ks])
        axes.grid(axis="x", visible=False)
        asked = sorted({1, decision.rule, *found.strengths["k"]})
        axes.set_xticks(asked)
        axes.set_xlim(asked[0] - 0.6, asked[-1] + 0.6)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.set_xlabel("number of segments K that the rule answers")
        axes.set_ylabel("subsamples")
    return figure


def disagreements(bootstrap: Instability, pairs: Consensus) -> Figure:
    """Draw bootstrap instability and the proportion of ambiguous clustering over K; less is better in both."""
    with theme.style():
        figure, (upper, lower) = pyplot.subplots(2, 1, figsize=(4.4, 4.6), sharex=True)
        rows = bootstrap.table
        error = 2 * rows["instability_se"].fillna(0)
        upper.errorbar(
            rows["k"], rows["instability"], yerr=error, fmt="-o", color=theme.ACCENT, ms=4, capsize=3, lw=1.4
        )
        _ring(upper, rows["k"], rows["instability"], bootstrap.least)
        _finish(upper, "Bootstrap instability", last=False)
        rows = pairs.table
        lower.errorbar(rows["k"], rows["pac"], yerr=2 * rows["pac_se"], fmt="-o", color=theme.ACCENT, ms=4, lw=1.4)
        _ring(lower, rows["k"], rows["pac"], pairs.least)
        _finish(lower, "Proportion of ambiguous clustering (PAC)")
        for axes in (upper, lower):
            axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v * 100:.0f} %"))
            axes.set_ylim(bottom=0)
    return figure


GAP = 0.035  # between the segments of one solution, as a share of the height
WIDE = 0.16  # of a segment, where solutions are one apart


def drawable(found: SegmentFlow, fewest: int = SMALL_CELL) -> list[int]:
    """Return the successive K none of whose segments is too small to be shown, from the first on."""
    out: list[int] = []
    for k in found.params["ks"]:
        if (found.nodes.loc[found.nodes["k"] == k, "units"] < fewest).any():
            break
        out.append(int(k))
    return out


def alluvial(found: SegmentFlow, cards: Cards | None = None, fewest: int = SMALL_CELL) -> Figure:
    """Draw where the units of each segment go when there is one segment more.

    Parameters
    ----------
    found : SegmentFlow
    cards : Cards, optional
        The segments in use: they have their colours where as many segments are drawn, and lend them to those that they
        share most units with.
    fewest : int
        Units that a segment and a band must have to be drawn.
    """
    ks = drawable(found, fewest)
    places = _places(found, ks)
    tone = _tones(found, ks, theme.colours(cards) if cards is not None else {})
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(4.6, 4.4))
        total = float(found.nodes.loc[found.nodes["k"] == ks[0], "units"].sum())
        _bands(axes, found, ks, places, tone, total, fewest)
        for (k, segment), (low, high) in places.items():
            size = (WIDE, high - low)
            axes.add_patch(Rectangle((k - WIDE / 2, low), *size, facecolor=tone[k, segment], lw=0, zorder=3))
        used = len(cards) if cards is not None else 0
        axes.set_xlim(ks[0] - 0.3, ks[-1] + 0.3)
        axes.set_ylim(max(high for _, high in places.values()) + 0.02, -0.02)
        axes.set_xticks(ks, [f"{k}\nin use" if k == used else str(k) for k in ks])
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("number of segments K")
        if cards is not None and used in ks:
            _legend(figure, cards)
    return figure


def _legend(figure: Figure, cards: Cards) -> None:
    tone, shown = theme.colours(cards), [c for c in cards if c.size is not None]
    handles = [Rectangle((0, 0), 1, 1, facecolor=tone[c.id], lw=0) for c in shown]
    figure.set_figheight(figure.get_figheight() + 0.22 * -(-len(shown) // 2))
    figure.legend(handles, [c.short for c in shown], loc="outside lower center", ncols=2)


def _places(found: SegmentFlow, ks: list[int]) -> dict[tuple[int, int], tuple[float, float]]:
    """Stack the segments of each solution, those first whose units come from higher up."""
    out: dict[tuple[int, int], tuple[float, float]] = {}
    for k in ks:
        own = found.nodes[found.nodes["k"] == k].set_index("segment")["units"]
        total = float(own.sum())
        into = found.edges[found.edges["k"] == k - 1]

        def height(segment: int, into: pd.DataFrame = into, k: int = k) -> float:
            edges = into[into["next"] == segment]
            middles = [float(np.mean(out[k - 1, int(s)])) for s in edges["segment"] if (k - 1, int(s)) in out]
            return float(np.average(middles, weights=edges["units"])) if middles else float(segment)

        top = 0.0
        for segment in sorted(own.index, key=lambda s: (height(int(s)), int(s))):
            out[k, int(segment)] = (top, top + float(own[segment]) / total)
            top += float(own[segment]) / total + GAP
    return out


def _tones(found: SegmentFlow, ks: list[int], colours: Mapping[int, str]) -> dict[tuple[int, int], str]:
    """Give each segment the colour of the one in use that it shares most units with, along the strongest edges."""
    used = len(colours)
    out = {(k, int(s)): theme.MUTE for k in ks for s in found.nodes.loc[found.nodes["k"] == k, "segment"]}
    if used not in ks:
        return out
    out.update({(used, s): c for s, c in colours.items()})
    for k in range(used + 1, ks[-1] + 1):
        for segment, edges in found.edges[found.edges["k"] == k - 1].groupby("next"):
            out[k, int(segment)] = out[k - 1, int(edges.loc[edges["units"].idxmax(), "segment"])]
    for k in range(used - 1, ks[0] - 1, -1):
        for segment, edges in found.edges[found.edges["k"] == k].groupby("segment"):
            out[k, int(segment)] = out[k + 1, int(edges.loc[edges["units"].idxmax(), "next"])]
    return out


def _bands(
    axes: Axes,
    found: SegmentFlow,
    ks: list[int],
    places: Mapping[tuple[int, int], tuple[float, float]],
    tone: Mapping[tuple[int, int], str],
    total: float,
    fewest: int,
) -> None:
    """Draw the units that two segments share as a band between them."""
    left = {at: low for at, (low, _) in places.items()}
    right = dict(left)
    edges = found.edges[found.edges["k"].isin(ks[:-1]) & (found.edges["units"] >= fewest)]
    order = sorted(
        edges.itertuples(), key=lambda e: (e.k, places[int(e.k), int(e.segment)], places[int(e.k) + 1, int(e.next)])
    )
    for e in order:
        start, end = (int(e.k), int(e.segment)), (int(e.k) + 1, int(e.next))
        thick = float(e.units) / total
        y0, y1 = left[start], right[end]
        left[start], right[end] = y0 + thick, y1 + thick
        x0, x1 = e.k + WIDE / 2, e.k + 1 - WIDE / 2
        middle = (x0 + x1) / 2
        points = [
            (x0, y0), (middle, y0), (middle, y1), (x1, y1), (x1, y1 + thick), (middle, y1 + thick),
            (middle, y0 + thick), (x0, y0 + thick), (x0, y0),
        ]  # fmt: skip
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        axes.add_patch(PathPatch(Path(points, codes), facecolor=tone[start], alpha=0.35, lw=0))
