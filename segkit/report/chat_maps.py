"""Maps of texts: a flat one that is drawn, one in three dimensions that the reader turns, and how far either can be trusted."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import viewer
from ..text import json_text
from . import theme
from .chat_kinds import POOLED, TITLES, Kinds
from .figures import marked
from .prose import capital, count, fixed, join, percent
from .show import Shown, fragment, table, to_root

STEADY = 0.9  # of the neighbours stay with another seed: from there on a map is much the same
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "cross",
    "x",
    "circle-open",
    "square-open",
    "diamond-open",
)  # by the names that the viewer knows
WAYS = {"Turn left": -30, "Turn right": 30}  # degrees


@dataclass(frozen=True)
class Trust:
    """How far one map can be trusted: see `engine.text_maps.TextMaps.table`."""

    dims: int
    trustworthiness: float
    continuity: float
    disparity: float
    kept: float


@dataclass(frozen=True)
class Maps:
    """What the page tells of the maps.

    Attributes
    ----------
    reason : str
        Why there is none; empty where there is.
    trust : list of Trust
        Of the flat map and of the other one.
    neighbours, seeds, placed, units : int
        Neighbours that the numbers are about, maps of either kind, documents on a map, and all of them.
    painted : list of str
        Titles of the methods whose kinds have colours.
    points : bool
        Whether single documents may be shown.
    size : int or None
        Bytes of the viewer; None where it is not installed.
    """

    reason: str
    trust: list[Trust]
    neighbours: int
    seeds: int
    placed: int
    units: int
    painted: list[str]
    points: bool
    size: int | None

    @property
    def drawn(self) -> bool:
        """Whether there is a map to show."""
        return not self.reason and self.points

    @property
    def steady(self) -> bool:
        """Whether another seed gives much the same maps."""
        return all(t.kept >= STEADY for t in self.trust)

    @property
    def megabytes(self) -> float:
        """The size of the viewer."""
        return (self.size or 0) / 1e6


def maps(found: Any, known: Kinds, *, points: bool) -> Maps:
    """Collect what the sentences say.

    Parameters
    ----------
    found : TextMaps or None
        None without texts, or where the settings leave maps out.
    known : Kinds
    points : bool
        One mark per document, which is for public data only.
    """
    own = viewer.source()
    size = own.stat().st_size if own is not None else None
    if found is None:
        reason = "The settings leave maps out." if known.texts else "The log has no texts."
        return Maps(reason, [], 0, 0, 0, 0, [], points, size)
    trust = [Trust(**{str(k): v for k, v in row.items()}) for row in found.table.to_dict("records")]
    painted = [t.title for t in known.pooled if t.found]
    p = found.params
    return Maps(found.reason, trust, found.neighbours, p["seeds"], p["placed"], p["units"], painted, points, size)


def _kinds(methods: Any, title: str) -> pd.Series:
    method = next(m for m, t in TITLES.items() if t == title)
    kinds: pd.Series = methods.labels[method, POOLED]
    return kinds


def groups(at: pd.DataFrame, kinds: pd.Series | None) -> Iterator[tuple[str, str, int, pd.DataFrame]]:
    """Yield name, colour, rank and places of the documents of each kind."""
    if kinds is None:
        yield "Documents", theme.ACCENT, 0, at  # on a page, the accent of its theme
        return
    own = kinds.reindex(at.index)
    for rank, kind in enumerate(sorted(kinds.unique())):
        yield f"Kind {kind}", theme.PALETTE[rank % len(theme.PALETTE)], rank, at[(own == kind).to_numpy()]


def flat_figure(found: Any, methods: Any, known: Maps) -> Figure:
    """Draw the flat map once for each method that finds kinds, else once in one colour."""
    at, panels = marked(found.flat), known.painted or [""]
    with theme.style():
        figure, grid = pyplot.subplots(len(panels), 1, figsize=(5.0, 3.9 * len(panels)), squeeze=False)
        for axes, title in zip(grid.flat, panels, strict=True):
            paint(axes, at, _kinds(methods, title) if title else None)
            if title:
                axes.set_title(capital(title), fontweight="normal")
                axes.legend(loc="upper left", bbox_to_anchor=(0, -0.02), ncols=4)
    return figure


def paint(axes: Axes, at: pd.DataFrame, kinds: pd.Series | None) -> None:
    """Mark the documents of a flat map, each kind by its own colour and form."""
    for name, colour, rank, own in groups(at, kinds):
        mark = theme.MARKERS[rank % len(theme.MARKERS)]
        axes.scatter(own["x"], own["y"], s=12, color=colour, alpha=0.65, lw=0, marker=mark, label=name)
    axes.tick_params(labelbottom=False, labelleft=False, length=0)
    axes.grid(visible=False)


def flat_caption(known: Maps) -> str:
    """Say what the colours are, and how far the map can be trusted."""
    flat = known.trust[0]
    finding = (
        f"Coloured by the kinds of {join(known.painted)}" if known.painted
        else "One colour, since the rule finds no kinds over all stages"
    )  # fmt: skip
    part = f" {count(known.placed)} of {count(known.units)} were drawn at random." if known.placed < known.units else ""
    return (
        f"**{finding}.** Each mark is a document, placed by UMAP [@mcinnes2018].{part} A picture proves nothing, and nothing is "
        f"clustered on it. Trustworthiness {fixed(flat.trustworthiness)}, continuity {fixed(flat.continuity)}; with another seed "
        f"{percent(flat.kept, 0)} of the neighbours on the map stay neighbours. Gaps and distances across the map mean little."
    )


def flat_alt(known: Maps) -> str:
    """Describe the map."""
    told = f"coloured by the kinds of {join(known.painted)}" if known.painted else "in one colour"
    return f"Map of {count(known.placed)} documents without axes, {told}."


def trust_table(known: Maps) -> Shown:
    """Show how far each map can be trusted."""
    frame = pd.DataFrame(
        [(f"{t.dims} dimensions", t.trustworthiness, t.continuity, t.disparity, t.kept) for t in known.trust],
        columns=["map", "trustworthiness", "continuity", "disparity", "neighbours kept"],
    )
    finding = "Another seed gives much the same maps" if known.steady else "Another seed gives other maps"
    return table(
        frame, "tbl-trust",
        f"**{finding}.** Trustworthiness and continuity: one is best. Disparity: how far maps of other seeds are from the one that "
        "is shown once turned and scaled, zero for the same map, one for nothing in common. Kept: neighbours on the map that stay. "
        f"All of {count(known.neighbours)} neighbours; the last two are means over {count(known.seeds - 1)} other seeds.",
        {"trustworthiness": fixed, "continuity": fixed, "disparity": fixed, "neighbours kept": lambda v: percent(v, 0)}, stack=True,
    )  # fmt: skip


def data(found: Any, methods: Any, known: Maps) -> dict[str, Any]:
    """Return what the viewer draws: places of documents, which carry no name."""
    kinds = _kinds(methods, known.painted[0]) if known.painted else None
    traces = [
        {
            "name": name,
            "colour": "--accent" if kinds is None else colour,
            "symbol": SYMBOLS[rank % len(SYMBOLS)],
            **own.round(2).to_dict("list"),
        }
        for name, colour, rank, own in groups(marked(found.solid), kinds)
    ]
    return {
        "traces": traces,
        "words": {
            "loading": "Loading the viewer.",
            "failed": "The viewer could not be loaded. The flat map has the same documents.",
            "there": "Drag to turn the map, scroll or pinch to come nearer.",
        },
    }  # fmt: skip


def turnable(found: Any, methods: Any, known: Maps) -> Shown:
    """Show the button that loads the viewer and the map that the reader turns; without a script there is a sentence."""
    if not known.drawn or known.size is None:
        return Shown("")
    by = f" Colours are the kinds of {known.painted[0]}." if known.painted else ""
    label = html.escape(f"Map of {count(known.placed)} documents in three dimensions, without axes.{by}", quote=True)
    steps = "".join(
        f'<button type="button" data-turn="{by_degrees}">{name}</button>' for name, by_degrees in WAYS.items()
    )
    points = json_text(data(found, methods, known), html=True)
    return fragment(
        f'<div class="sk-turn" id="sk-turn" {viewer.ATTRIBUTE}="{to_root()}{viewer.FILE}" hidden>'
        f'<p><button type="button" class="sk-load">Load the map in three dimensions ({known.megabytes:.1f} MB)</button> '
        '<span role="status" aria-live="polite"></span></p>'
        f'<div class="sk-space" role="img" aria-label="{label}" hidden></div><p class="sk-steps" hidden>{steps}</p></div>'
        '<p id="sk-flat-only">Without scripts there is no map in three dimensions; the flat one has the same documents.</p>'
        f'<script type="application/json" id="sk-points">{points}</script>'
        f'<script src="{to_root()}assets/turn.js" defer></script>'
    )
