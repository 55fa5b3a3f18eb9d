"""Pictures of single markets, which are named: tiles, the two components, the tree, and revenue month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from ..engine.dendrogram import Dendrogram
from ..engine.meaning import Cards
from ..engine.projection import Projection
from . import prose, theme
from .prose import GAP, percent

TILES = 48  # markets that have a tile; more fit on no page
PANELS = 24  # markets that have a panel of their own
ACROSS = 3  # tiles in a row
GROUPS = range(2, 7)  # groups of markets that get a heading each
HEADING, TILE = 0.3, 0.62  # inches
DENSE = 40  # leaves of a tree from which on they stand closer together
SPOTS = ((7, 0), (-7, 0), (0, 8), (0, -8), (6, 8), (6, -8), (-6, 8), (-6, -8))  # of a name beside its mark, in points


def short(name: str, most: int = 18) -> str:
    """Cut a name to the room that a figure has for it.

    >>> short("United Kingdom"), short("a market with a long name")
    ('United Kingdom', 'a market with a l…')
    """
    return name if len(name) <= most else f"{name[: most - 1]}…"


def brief(value: float) -> str:
    """Write a large number in little room.

    >>> [brief(x).replace(GAP, " ") for x in (0, 950, 12_500, 2_400_000, -3.2e9)]
    ['0', '950', '12.5 k', '2.4 m', '−3.2 bn']
    """
    for least, sign in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= least:
            return f"{prose.number(value / least)}{GAP}{sign}"
    return str(prose.number(value, 0))


def marks(cards: Cards) -> dict[int, str]:
    """Give each segment the mark of its rank, as `theme.colours` gives it the colour."""
    return {card.id: theme.MARKERS[rank % len(theme.MARKERS)] for rank, card in enumerate(cards)}


def legend(figure: Figure, cards: Cards) -> None:
    """Name the segments below a figure, with their colours and marks."""
    tone, mark = theme.colours(cards), marks(cards)
    handles = [Line2D([], [], color=tone[c.id], marker=mark[c.id], lw=0, ms=7) for c in cards]
    figure.set_figheight(figure.get_figheight() + 0.24 * len(cards))
    figure.legend(handles, [c.short for c in cards], loc="outside lower center", ncols=1)


def sections(members: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the markets that have a tile under the heading of their group, the group with the most revenue first.

    Without groups, or with too many of them, there is one section without a heading. Markets without a group come last.
    """
    rows = members.sort_values("revenue", ascending=False, kind="stable").head(TILES)
    if rows["group"].nunique() not in GROUPS:
        return [("", rows)]
    order = rows.groupby("group")["revenue"].sum().sort_values(ascending=False, kind="stable").index
    named = [(str(g), rows[rows["group"] == g]) for g in order if g != ""]
    return [*named, *([("no group", rows[rows["group"] == ""])] if (rows["group"] == "").any() else [])]


def tile_map(members: pd.DataFrame, cards: Cards) -> Figure:
    """Draw one tile per market in the colour of its segment, by the group that the warehouse puts it in.

    Parameters
    ----------
    members : DataFrame
        One row per market: ``market``, ``segment``, ``share`` of the revenue, ``confidence``, ``revenue``, ``group``.
    cards : Cards
    """
    parts, tone, mark = sections(members), theme.colours(cards), marks(cards)
    heights = [HEADING * bool(name) + TILE * -(-len(rows) // ACROSS) for name, rows in parts]
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, sum(heights)))
        axes.set_axis_off()
        axes.set_xlim(0, ACROSS)
        axes.set_ylim(sum(heights), 0)
        y = 0.0
        for (name, rows), high in zip(parts, heights, strict=True):
            top = y + HEADING * bool(name)
            if name:
                axes.text(0, top - 0.07, short(name, 40), fontsize=10, color=theme.MUTE)
            for i, row in enumerate(rows.itertuples()):
                s = int(row.segment)
                _tile(axes, i % ACROSS, top + TILE * (i // ACROSS), row, tone[s], mark[s])
            y += high
        legend(figure, cards)
    return figure


def _tile(axes: Axes, x: float, y: float, row: Any, tone: str, mark: str) -> None:
    wide, high = 0.96, TILE - 0.05
    axes.add_patch(Rectangle((x, y), wide, high, facecolor=tone, alpha=0.2, lw=0))
    axes.add_patch(Rectangle((x, y), 0.04, high, facecolor=tone, lw=0))
    axes.plot(x + wide - 0.07, y + 0.12, mark, color=tone, ms=6)
    axes.text(x + 0.08, y + 0.24, short(str(row.market), 15), fontsize=9.5, fontweight="bold")
    sure = "" if np.isnan(row.confidence) else f" · sure {percent(row.confidence, 0)}"
    axes.text(x + 0.08, y + 0.46, f"{percent(row.share, 0)}{sure}", fontsize=9)


def component_map(projection: Projection, labels: pd.Series, cards: Cards, names: tuple[str, str]) -> Figure:
    """Draw the markets on two principal components, each with its name where there is room for it.

    Parameters
    ----------
    projection : Projection
    labels : Series of int
        Segment number per market.
    cards : Cards
    names : tuple of str
        What the axes mean.
    """
    tone, mark, at = theme.colours(cards), marks(cards), projection.points
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 4.2))
        for card in cards:
            own = at[(labels.reindex(at.index) == card.id).to_numpy()]
            axes.scatter(own["x"], own["y"], s=44, color=tone[card.id], marker=mark[card.id], lw=0, zorder=3)
        axes.margins(0.16, 0.12)
        for axis, share, name in zip("xy", projection.shares, names, strict=True):
            getattr(axes, f"set_{axis}label")(f"{short(name, 40)} → ({percent(share, 0)} of the variance)")
        legend(figure, cards)
        figure.canvas.draw()
        _name(axes, at)
    return figure


def _name(axes: Axes, at: pd.DataFrame) -> None:
    """Write each name where it covers no mark and no other name; leave it out where there is no such place."""
    places = axes.transData.transform(at[["x", "y"]].to_numpy())
    taken = [Bbox.from_bounds(x - 4, y - 4, 8, 8) for x, y in places]
    frame = axes.get_window_extent()
    for place, (market, point) in enumerate(at.iterrows()):
        others = [box for i, box in enumerate(taken) if i != place]
        for dx, dy in SPOTS:
            said = axes.annotate(
                short(str(market)), (point["x"], point["y"]), (dx, dy), textcoords="offset points", fontsize=9,
                ha="left" if dx > 0 else "right" if dx < 0 else "center",
                va="bottom" if dy > 0 else "top" if dy < 0 else "center",
            )  # fmt: skip
            said.set_in_layout(False)
            box = said.get_window_extent()
            if frame.x0 <= box.x0 and box.x1 <= frame.x1 and not any(box.overlaps(b) for b in others):
                taken.append(box)
                break
            said.remove()


def tree_figure(tree: Dendrogram, labels: pd.Series, cards: Cards) -> Figure:
    """Draw the tree with its leaves on the left, marked by segment, and where it is cut into as many segments."""
    tone, mark, n = theme.colours(cards), marks(cards), len(tree.leaves)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 0.8 + (0.3 if n <= DENSE else 0.19) * n))
        for line in tree.lines.to_numpy(dtype=np.float64):
            axes.plot(line[4:], line[:4], color=theme.MUTE, lw=1.3)
        for i, leaf in enumerate(tree.leaves):
            s = int(labels[leaf])
            axes.plot(0, i, mark[s], color=tone[s], ms=8, clip_on=False, zorder=3)
        heights, merges = [0.0, *tree.table["height"]], n - len(cards)  # so many merges leave as many parts
        if 0 <= merges < n - 1:
            axes.axvline((heights[merges] + heights[merges + 1]) / 2, color=theme.ACCENT, lw=1.2, ls="--")
        axes.set_yticks(range(n), [short(str(leaf), 22) for leaf in tree.leaves])
        axes.set_ylim(n - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.set_xlabel("how unlike what joins is (Ward's height)")
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", pad=8)
        legend(figure, cards)
    return figure


def months_figure(revenue: pd.DataFrame, labels: pd.Series, cards: Cards) -> Figure:
    """Draw the revenue of each market month by month, each on a scale of its own, in the colour of its segment.

    Parameters
    ----------
    revenue : DataFrame of shape (n_markets, n_months)
        In the order of the panels, `PANELS` of them at most; missing where a month may not be told.
    labels : Series of int
    cards : Cards
    """
    tone, rows = theme.colours(cards), -(-len(revenue) // 2)
    ticks = _ticks(revenue.columns)
    with theme.style():
        figure, grid = pyplot.subplots(rows, 2, figsize=(5.0, 0.3 + 1.05 * rows), sharex=True, squeeze=False)
        for axes, (market, values) in zip(grid.flat, revenue.iterrows(), strict=False):
            colour = tone[int(labels[market])]
            axes.plot(revenue.columns, values, color=colour, lw=1.6)
            axes.fill_between(revenue.columns, values, color=colour, alpha=0.15, lw=0)
            axes.set_ylim(min(0.0, float(values.min())) if values.notna().any() else 0.0)
            axes.yaxis.set_major_locator(MaxNLocator(2))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: brief(v)))
            axes.set_xticks(ticks, [f"{t:%Y}" if len(ticks) > 1 else f"{t:%b %Y}" for t in ticks])
            axes.set_title(short(str(market)), fontweight="normal", fontsize=10)
        for axes in list(grid.flat)[len(revenue) :]:
            axes.set_visible(False)
        for axes in grid[-2][len(revenue) % 2 * 2 - 1 :] if rows > 1 and len(revenue) % 2 else ():
            axes.tick_params(labelbottom=True)  # nothing stands below it
        legend(figure, cards)
    return figure


def _ticks(months: Sequence[Any] | pd.Index) -> list[pd.Timestamp]:
    """Return where the years begin, four at most; the first month where fewer than two years do."""
    years = [pd.Timestamp(m) for m in months if pd.Timestamp(m).month == 1]
    return years[:: -(-len(years) // 4)] if len(years) > 1 else [pd.Timestamp(months[0])]
