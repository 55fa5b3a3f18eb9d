"""Figures of the page on time, with their captions and alternative texts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from ..data.breaks import Breaks
from ..engine.meaning import Cards
from ..engine.migration import INACTIVE, NEW, Migration
from ..engine.windows import Ageing, Refits
from ..thresholds import CLOSE
from ..vocabulary import Vocabulary
from . import breaks, theme
from .moving import in_order, state
from .over_time import months
from .prose import join, percent
from .robustness import agreement, at_least

SMALL = 6  # segments from which letters in a matrix get smaller


def ageing_figure(kept: Ageing) -> Figure:
    """Draw the agreement of kept and refitted models by age."""
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 2.9))
        table, ages = kept.table.dropna(subset="ari"), kept.summary
        axes.plot([months(kept, int(a)) for a in table["age"]], table["ari"], "o", color=theme.ACCENT, alpha=0.45, ms=6)
        at = [months(kept, int(a)) for a in ages["age"]]
        axes.plot(at, ages["ari_median"], "-", color=theme.ACCENT, lw=2)
        axes.axhline(CLOSE, color=theme.MUTE, lw=0.8, ls=":")
        axes.set_xticks(at)
        axes.set_ylim(min(0.5, float(table["ari"].min()) - 0.05) if len(table) else 0, 1.02)
        axes.set_xlabel("months since the model was fitted")
        axes.set_ylabel("ARI with a refitted model")
    return figure


def ageing_caption(kept: Ageing, terms: Vocabulary) -> str:
    """State the lowest agreement."""
    if kept.reason:
        return "**There is nothing to compare.**"
    low = float(kept.summary["ari_min"].min())
    return (
        f"**Kept models and refitted ones agree to {at_least(low)} at least.** Each mark is a kept model in a later window, "
        f"compared with the model of that window on the {terms.units} in it; the line joins medians, the dotted one is {CLOSE}."
    )


def ageing_alt(kept: Ageing) -> str:
    """Describe the marks."""
    parts = [
        f"after {months(kept, int(r['age']))} months between {at_least(float(r['ari_min']))} and {agreement(float(r['ari_max']))}"
        for r in kept.summary.to_dict("records")
    ]
    return f"ARI of kept and refitted models: {join(parts)}." if parts else "An empty figure."


def refit_figure(refit: Refits, found: Breaks) -> Figure:
    """Draw the agreement with earlier windows over time, and bands for breaks."""
    colours = (theme.ACCENT, theme.SECOND)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 3.1))
        names = list(refit.units.index)
        for lag, colour, mark in zip(sorted(refit.table["lag"].unique()), colours, "os", strict=False):
            rows = refit.lag(int(lag))
            label = "a quarter before" if lag == 1 else f"{months(refit, int(lag))} months before"
            axes.plot(
                [names.index(w) for w in rows["window"]], rows["ari"], f"{mark}-", color=colour, lw=2, ms=6, label=label
            )
        axes.set_xticks(
            range(len(names)), names, rotation=45 if len(names) > 4 else 0, ha="right" if len(names) > 4 else "center"
        )
        axes.xaxis.set_major_locator(MaxNLocator(12, integer=True)) if len(names) > 14 else None
        axes.set_ylim(min(0.0, float(refit.table["ari"].min()) - 0.02) if len(refit.table) else 0, 1.02)
        axes.set_ylabel("ARI")
        if len(found.table):  # the axis has the ends of windows and no dates
            ends = [float(pd.Period(name.replace(" ", "")).end_time.to_julian_date()) for name in names]
            breaks.shade(
                axes, found, lambda when: float(np.interp(when.to_julian_date(), ends, range(len(ends)), left=-9))
            )
        if len(refit.table):
            figure.legend(loc="outside upper left", ncols=2)
    return figure


def refit_caption(refit: Refits, found: Breaks, terms: Vocabulary) -> str:
    """State how the agreement runs."""
    if refit.reason:
        return "**There is nothing to compare.**"
    steps = refit.lag(1)["ari"]
    low, high = agreement(float(steps.min())), agreement(float(steps.max()))
    finding = f"From quarter to quarter the agreement is {low}" + ("" if low == high else f" to {high}")
    return (
        f"**{finding}.** Segments of the {terms.units} with {terms.events} in both windows, by two models fitted apart; marks "
        f"stand at the end of the later window. {breaks.note(found, terms)}"
    )


def refit_alt(refit: Refits) -> str:
    """Describe the lines."""
    parts = [f"{r['window']} {agreement(float(r['ari']))}" for r in refit.lag(1).to_dict("records")]
    return f"ARI with the window a quarter before: {join(parts)}." if parts else "An empty figure."


def moves_figure(found: Migration, cards: Cards | None, terms: Vocabulary) -> Figure:
    """Draw shares of the moves as a matrix with its numbers."""
    down, across = in_order(cards, origins=True), in_order(cards, origins=False)
    seen = found.visible().set_index(["origin", "destination"])
    origins = set(found.last().loc[found.last()["of"] > 0, "origin"]) if not found.reason else set()
    down = [s for s in down if s in origins]
    size = 9.5 if len(across) <= SMALL else 7.5
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.4, 1.5 + 0.46 * max(len(down), 1)))
        for row, origin in enumerate(down):
            for column, destination in enumerate(across):
                _cell(
                    axes,
                    row,
                    column,
                    seen["share"].get((origin, destination)),
                    (origin, destination) != (NEW, INACTIVE),
                    size,
                )
        axes.set_xlim(0, len(across))
        axes.set_ylim(max(len(down), 1), 0)
        axes.set_xticks(np.arange(len(across)) + 0.5, [state(s, cards, terms) for s in across], rotation=35, ha="left")
        axes.set_yticks(np.arange(len(down)) + 0.5, [state(s, cards, terms) for s in down])
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
    return figure


def _cell(axes: Axes, row: int, column: int, share: float | None, possible: bool, size: float) -> None:
    known = share is not None and np.isfinite(share)
    depth = float(share) if known and share is not None else 0.0
    # Not stronger than letters in the colour of the text can be read on, in either theme.
    axes.add_patch(Rectangle((column, row), 1, 1, color=theme.ACCENT, alpha=0.05 + 0.5 * depth, lw=0))
    text = percent(depth, 0) if known else "–" if possible else ""
    axes.text(column + 0.5, row + 0.5, str(text), ha="center", va="center", fontsize=size)


def moves_caption(found: Migration, cards: Cards | None, terms: Vocabulary) -> str:
    """State where most units of the segments go."""
    if found.reason:
        return "**There is nothing to compare.**"
    then, now = found.windows[-2:]
    rows = found.last()
    own = rows[rows["origin"] > 0]
    silent = own.loc[own["destination"] == INACTIVE, "units"].sum() / max(own["units"].sum(), 1)
    finding = f"Of the {terms.units} with {terms.events} in the first year, {percent(float(silent), 0)} have none in the second"
    return (
        f"**{finding}.** Rows: where {terms.units} were in the year to {then}. Columns: where the same {terms.units} are in the "
        f"year to {now}, by the model of the first. Each row adds up to {percent(1.0)}. A dash stands for too few "
        f"{terms.units} to be shown."
    )


def moves_alt(found: Migration, cards: Cards | None, terms: Vocabulary) -> str:
    """Describe the matrix."""
    if found.reason:
        return "An empty figure."
    rows = found.visible()
    parts = []
    for origin in in_order(cards, origins=True):
        own = rows[(rows["origin"] == origin) & (rows["share"] > 0)].sort_values("share", ascending=False)
        if len(own):
            told = [
                f"{percent(r.share, 0)} {state(int(r.destination), cards, terms)}" for r in own.head(2).itertuples()
            ]
            parts.append(f"{state(origin, cards, terms)}: {join(told)}")
    return f"Matrix of moves, the largest of each row. {'; '.join(parts)}."
