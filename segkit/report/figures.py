"""Figures of the studies, as functions of result objects."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..engine.meaning import Card, Cards, Profile
from ..engine.projection import NeighbourMap, Projection
from ..engine.segments import Segments
from ..engine.silhouettes import sample
from ..privacy import SMALL_CELL
from . import prose, theme

CELLS = 32  # grid lines per axis of a map whose points may not be shown
WIDE = 24  # letters of a name from which on two do not stand side by side in a legend
MARKS = 5_000  # of single units that a map shows; of more, a sample: a page has to load
CALLOUTS = 5  # more names than this do not fit into a map


def segment_map(
    projection: Projection, labels: pd.Series, cards: Cards, *, points: bool, names: tuple[str, str],
    minimum: int = SMALL_CELL,
) -> Figure:  # fmt: skip
    """Draw the units on two principal components.

    Parameters
    ----------
    projection : Projection
    labels : Series of int
        Segment number per unit.
    cards : Cards
    points : bool
        One mark per unit, only for data that are public; else squares that cover enough units, coloured by the segment
        most of them belong to.
    names : tuple of str
        What the axes mean.
    minimum : int
        Units that a square covers at least.
    """
    with theme.style():
        figure, axes = _map(projection.points, labels, cards, points=points, minimum=minimum)
        for axis, share, name in zip("xy", projection.shares, names, strict=True):
            getattr(axes, f"set_{axis}label")(f"{name} → ({prose.percent(share, 0)} of the variance)")
    return figure


def neighbour_map(found: NeighbourMap, labels: pd.Series, cards: Cards, *, points: bool) -> Figure:
    """Draw the units on a map that keeps neighbours together; its axes have no unit, so they have no ticks."""
    with theme.style():
        figure, axes = _map(found.points, labels, cards, points=points)
        axes.tick_params(labelbottom=False, labelleft=False, length=0)
        axes.grid(visible=False)
    return figure


def _map(
    at: pd.DataFrame, labels: pd.Series, cards: Cards, *, points: bool, minimum: int = SMALL_CELL
) -> tuple[Figure, Axes]:
    figure, axes = pyplot.subplots(figsize=(5.0, 4.0))
    tone = theme.colours(cards)
    if points:
        at = marked(at)
        for place, card in enumerate(reversed(cards.items)):
            own = at[(labels.reindex(at.index) == card.id).to_numpy()]
            marker = theme.MARKERS[(len(cards) - 1 - place) % len(theme.MARKERS)]
            axes.scatter(own["x"], own["y"], s=11, color=tone[card.id], alpha=0.6, lw=0, marker=marker)
    else:
        _squares(axes, at, labels, tone, minimum)
    shown = [c for c in cards if c.size is not None]
    own = labels.reindex(at.index)
    middle = at.groupby(own).median()
    # A median may be the place of one unit, or lie where none is; only public units may be pointed at.
    middle = _nearest(at, own, middle) if points else middle.round()
    if len(shown) > CALLOUTS or not _callouts(axes, middle, shown, tone):
        _legend(figure, cards, shown, tone, points=points)
    return figure, axes


def marked(at: pd.DataFrame) -> pd.DataFrame:
    """Return the places of the units that a map shows by a mark each: of all, or of a sample."""
    return at if len(at) <= MARKS else at.iloc[sample(len(at), MARKS, "map/marks", 0)]


def _nearest(at: pd.DataFrame, labels: pd.Series, middle: pd.DataFrame) -> pd.DataFrame:
    """Return, for each segment, the place of the unit that is nearest to its middle."""
    far = (at - middle.reindex(labels).set_axis(at.index)).pow(2).sum(axis=1)
    return at.loc[far.groupby(labels).idxmin()].set_axis(middle.index)


def areas(points: pd.DataFrame, minimum: int = SMALL_CELL) -> list[tuple[int, int, int, int]]:
    """Divide the map into rectangles that hold enough units each, small where units lie close together.

    A rectangle is cut along its longer side at the grid line nearest to the median, as long as both parts hold
    ``minimum`` units. Cuts lie on a fixed grid, so that no cut gives away where a single unit lies.

    Parameters
    ----------
    points : DataFrame of shape (n_units, 2)
        Columns ``x`` and ``y`` as grid cells from 0 to ``CELLS`` - 1.
    minimum : int
        Units in each rectangle at least.

    Returns
    -------
    list of tuple of int
        First column, end column, first row, end row of each rectangle; the ends are exclusive. Together they hold
        every unit once, unless there are fewer than ``minimum``.
    """
    done, open_now = [], [(0, CELLS, 0, CELLS)]
    while open_now:
        x0, x1, y0, y1 = box = open_now.pop()
        inside = points[points["x"].between(x0, x1 - 1) & points["y"].between(y0, y1 - 1)]
        if len(inside) < minimum:
            continue
        sides = sorted((("x", x0, x1), ("y", y0, y1)), key=lambda side: side[1] - side[2])
        for axis, low, high in sides:
            below = np.searchsorted(np.sort(inside[axis].to_numpy()), np.arange(low + 1, high))
            good = np.flatnonzero((below >= minimum) & (len(inside) - below >= minimum))
            if len(good):
                cut = low + 1 + int(good[np.abs(below[good] - len(inside) / 2).argmin()])
                first, second = (
                    ((x0, cut, y0, y1), (cut, x1, y0, y1)) if axis == "x" else ((x0, x1, y0, cut), (x0, x1, cut, y1))
                )
                open_now += [second, first]
                break
        else:
            done.append(box)
    return done


def _squares(axes: Axes, points: pd.DataFrame, labels: pd.Series, tone: dict[int, str], minimum: int) -> None:
    """Draw the rectangles in the colour of most of their units, stronger where units lie closer together."""
    # The map ends at whole numbers, so that its edges are no unit's place.
    edges = {c: np.linspace(np.floor(points[c].min()), np.floor(points[c].max()) + 1, CELLS + 1) for c in ("x", "y")}
    cell = pd.DataFrame({c: np.digitize(points[c], e) - 1 for c, e in edges.items()})
    segment = labels.reindex(points.index).to_numpy()
    boxes = areas(cell, minimum)
    inside = [(cell["x"].between(a, b - 1) & cell["y"].between(c, d - 1)).to_numpy() for a, b, c, d in boxes]
    density = np.log([m.sum() / ((b - a) * (d - c)) for m, (a, b, c, d) in zip(inside, boxes, strict=True)] or [1.0])
    strength = 0.15 + 0.15 * np.round(5 * (density - density.min()) / max(float(np.ptp(density)), 1e-9))
    for (a, b, c, d), members, alpha in zip(boxes, inside, strength, strict=False):
        main = int(pd.Series(segment[members]).value_counts().sort_index().idxmax())
        corner, size = (edges["x"][a], edges["y"][c]), (edges["x"][b] - edges["x"][a], edges["y"][d] - edges["y"][c])
        axes.add_patch(Rectangle(corner, *size, facecolor=tone[main], alpha=alpha, lw=0.6, edgecolor=theme.PAPER))
    axes.set_xlim(edges["x"][0], edges["x"][-1])
    axes.set_ylim(edges["y"][0], edges["y"][-1])


def _callouts(axes: Axes, middle: pd.DataFrame, cards: Sequence[Card], tone: dict[int, str]) -> bool:
    """Name each segment at its median, from top to bottom; take the names away again where they are in each other's way."""
    limits = axes.get_xlim(), axes.get_ylim()
    (low_x, high_x), (low, high) = limits
    axes.set_ylim(low, high + 0.16 * (high - low))
    axes.set_xlim(low_x, high_x + 0.1 * (high_x - low_x))
    step, width = 0.15 * (high - low), 0.34 * (high_x - low_x)
    taken: list[tuple[float, float]] = []
    names, ends = [], []
    for card in sorted(cards, key=lambda c: -middle.loc[c.id, "y"]):
        x, y = middle.loc[card.id]
        at = y + step
        while any(abs(at - b) < step and abs(x - a) < width for a, b in taken):
            at += step / 2
        at = min(at, high + 0.12 * (high - low))
        while any(abs(at - b) < step * 0.9 and abs(x - a) < width for a, b in taken):
            at -= step / 2
        taken.append((x, at))
        ends.append((x, y))
        side = "left" if x < low_x + 0.7 * (high_x - low_x) else "right"
        names.append(axes.annotate(
            f"{card.short}\n{prose.count(card.size or 0)}", (x, y), (x, at), ha=side, va="center", fontsize=9.5,
            fontweight="bold", bbox={"fc": theme.PAPER, "ec": "none", "alpha": 0.5, "pad": 0.5},
            arrowprops={"arrowstyle": "-", "color": tone[card.id], "lw": 1.4},
        ))  # fmt: skip
    axes.figure.canvas.draw()
    boxes = [Text.get_window_extent(name) for name in names]  # of the text alone, without its line
    frame = axes.figure.bbox
    inside = all(frame.x0 <= b.x0 and b.x1 <= frame.x1 and frame.y0 <= b.y0 and b.y1 <= frame.y1 for b in boxes)
    lines = [
        Path([box.p0 + (box.p1 - box.p0) / 2, axes.transData.transform(end)])
        for box, end in zip(boxes, ends, strict=True)
    ]
    pairs = [(a, b) for a in range(len(boxes)) for b in range(len(boxes)) if a != b]
    if inside and not any(boxes[a].overlaps(boxes[b]) or lines[a].intersects_bbox(boxes[b], False) for a, b in pairs):
        return True
    for name in names:
        name.remove()
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])
    return False


def _legend(figure: Figure, cards: Cards, shown: Sequence[Card], tone: dict[int, str], *, points: bool) -> None:
    """Name the segments below the map, with the marks that they have in it."""
    marks = {c.id: theme.MARKERS[i % len(theme.MARKERS)] if points else "s" for i, c in enumerate(cards)}
    handles = [Line2D([], [], color=tone[c.id], marker=marks[c.id], lw=0, ms=8) for c in shown]
    names = [f"{c.short}: {prose.count(c.size or 0)}" for c in shown]
    columns = 1 if max((len(n) for n in names), default=0) > WIDE else 2
    figure.set_figheight(figure.get_figheight() + 0.22 * -(-len(shown) // columns))
    figure.legend(handles, names, loc="outside lower center", ncols=columns)


def profiles(profiled: Profile, cards: Cards, features: Sequence[tuple[str, str]]) -> Figure:
    """Draw medians and quartiles of some features by segment, each on a scale that shows small values too.

    Parameters
    ----------
    profiled : Profile
    cards : Cards
    features : sequence of (name, title)
    """
    shown = [c for c in cards if c.medians]
    tone = theme.colours(cards)
    columns = 2
    rows = -(-len(features) // columns)
    names = [textwrap.fill(c.short, WIDE) for c in shown]
    room = max(12, 28 - max((len(n) for name in names for n in name.split("\n")), default=0) // 2)  # letters of a title
    tall = 0.3 + 0.15 * max((n.count("\n") for n in names), default=0)
    with theme.style():
        figure, grid = pyplot.subplots(
            rows, columns, figsize=(5.0, 0.75 + rows * (0.55 + tall * len(shown))), sharey=True, squeeze=False
        )
        for axes, (feature, title) in zip(grid.flat, features, strict=False):
            for y, card in enumerate(shown):
                low, middle, high = (profiled.value(card.id, feature, s) for s in ("q25", "median", "q75"))
                axes.plot([low, high], [y, y], color=tone[card.id], lw=5, alpha=0.45, solid_capstyle="round")
                axes.plot(middle, y, theme.MARKERS[y % len(theme.MARKERS)], color=tone[card.id], ms=7, mec=theme.PAPER)
            axes.set_xscale("symlog", linthresh=1, linscale=0.35)  # from zero to one takes little room
            axes.set_xlim(-0.25, axes.get_xlim()[1] * 1.25)
            axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
            axes.xaxis.set_major_locator(_Powers())
            axes.set_yticks(range(len(shown)), names)
            axes.set_ylim(len(shown) - 0.5, -0.5)
            told = f"{title}, s" if prose.unit(feature) else title
            axes.set_title(textwrap.fill(told, room, break_long_words=False), fontweight="normal")
        for axes in list(grid.flat)[len(features) :]:
            axes.set_visible(False)
    return figure


class _Powers(MaxNLocator):
    """Ticks at 0, 1 and powers of ten, thinned to what fits."""

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """Return the ticks of a range."""
        powers = [10.0**p for p in range(0, 9) if 10.0**p <= vmax * 1.05]
        step = 2 if len(powers) > 3 else 1
        return [0.0, *powers[::step]]


def silhouettes(segments: Segments, cards: Cards) -> Figure:
    """Draw the mean silhouette of each segment."""
    tone = theme.colours(cards)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 0.9 + 0.38 * len(cards)))
        at = np.arange(len(cards))
        scores = [float(segments.silhouette[c.id]) if c.medians else 0.0 for c in cards]
        axes.barh(at, scores, color=[tone[c.id] for c in cards], height=0.65)
        axes.set_yticks(at, [c.short for c in cards])
        axes.invert_yaxis()
        axes.axvline(0, color=theme.MUTE, lw=0.8)
        axes.set_xlabel("mean silhouette")
        axes.grid(axis="y", visible=False)
    return figure
