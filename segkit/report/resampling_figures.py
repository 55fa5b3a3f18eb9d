"""Figures of the page on other samples, with their captions and alternative texts."""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..engine.jaccard import SCHEMES, Jaccard
from ..engine.meaning import Cards
from ..engine.pipeline import PipelineBootstrap
from ..thresholds import DOUBTFUL, HIGHLY, LOW, VALID
from ..vocabulary import Vocabulary
from . import theme
from .findings import quoted
from .prose import exact, join, percent, plural
from .resampling import TITLES, told_of
from .robustness import agreement, at_least

MARKS = {"bootstrap": "o", "halves": "s", "noise": "^"}
SPREAD = (0.05, 0.95)  # quantiles over resamples that bars reach to
MANY_BINS = 24


def _thumb(found: Jaccard) -> list[float]:
    """Return the rules of thumb that are not the threshold in use."""
    return [bound for bound in (DOUBTFUL, VALID, HIGHLY) if bound != found.least]


def jaccard_figure(found: Jaccard, cards: Cards) -> Figure:
    """Draw mean and spread of each segment's similarity under each scheme."""
    shown = told_of(found, cards)
    tone = theme.colours(cards)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 1.2 + 0.62 * max(len(shown), 1)))
        for bound in _thumb(found):
            axes.axvline(bound, color=theme.MUTE, lw=0.8, ls=":")
        axes.axvline(found.least, color=theme.MUTE, lw=1.2, ls="--")
        for place, card in enumerate(shown):
            for shift, scheme in zip((-0.2, 0.0, 0.2), SCHEMES, strict=True):
                own = found.table[(found.table["scheme"] == scheme) & (found.table["segment"] == card.id)][
                    "jaccard"
                ].dropna()
                if own.empty:
                    continue
                low, high = own.quantile(SPREAD[0]), own.quantile(SPREAD[1])
                axes.hlines(place + shift, low, high, color=tone[card.id], lw=2.5, alpha=0.45)
                axes.plot(own.mean(), place + shift, MARKS[scheme], color=tone[card.id], ms=6.5)
        axes.set_yticks(range(len(shown)), [c.short for c in shown])
        axes.invert_yaxis()
        lowest = float(found.table["jaccard"].min()) if len(shown) else 0.0
        axes.set_xlim(min(0.45, lowest), 1.01)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("Jaccard similarity")
        marks = [Line2D([], [], marker=MARKS[s], color=theme.MUTE, ls="", label=TITLES[s], ms=6.5) for s in SCHEMES]
        figure.legend(handles=marks, loc="outside upper left", ncols=3, handletextpad=0.2, columnspacing=1.2)
    return figure


def jaccard_caption(found: Jaccard, cards: Cards) -> str:
    """State which segment comes back least."""
    shown = told_of(found, cards)
    if not shown:
        return "**There is nothing to compare.**"
    means = found.means()
    low = min(shown, key=lambda c: means[c.id])
    lost = sum(means[c.id] < found.least for c in shown)
    finding = (
        "Over bootstrap samples all segments are found again"
        if not lost
        else "Over bootstrap samples no segment is found again"
        if lost == len(shown)
        else f"{quoted(low)} comes back least, and is not found again"
    )
    return (
        f"**{finding}.** Marks are means over {plural(found.params['resamples'], 'sample')} of each kind, bars hold nine "
        f"samples of ten. The dashed line is the threshold in use, {exact(found.least)}; dotted lines are rules of thumb, "
        f"{join([exact(b) for b in _thumb(found)])}."
    )


def jaccard_alt(found: Jaccard, cards: Cards) -> str:
    """Describe the means."""
    rows = found.summary.set_index(["segment", "scheme"])["mean"]
    parts = [
        f"{c.short}: {join([f'{TITLES[s]} {agreement(float(rows[c.id, s]))}' for s in SCHEMES if rows[c.id, s] > 0])}"
        for c in told_of(found, cards)
    ]
    return (
        f"Mean Jaccard similarity by segment and kind of sample. {'; '.join(parts)}." if parts else "An empty figure."
    )


def pipeline_figure(found: PipelineBootstrap) -> Figure:
    """Draw how the ARI is spread over the resamples."""
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 2.6))
        known = found.table.dropna(subset="ari")
        alike, other = (known.loc[known["changed"] == changed, "ari"] for changed in (False, True))
        low = min(0.7, float(known["ari"].min())) if len(known) else 0.0
        edges = np.linspace(low, 1, MANY_BINS + 1).tolist()
        axes.hist(
            [alike, other],
            edges,
            stacked=True,
            color=[theme.ACCENT, theme.SECOND],
            label=["scaled as in use", "scaled otherwise"],
            edgecolor=theme.PAPER,
            linewidth=0.4,
        )
        if len(known):
            axes.axvline(found.ari_q05, color=theme.MUTE, lw=1.5, ls="--")
        if len(other):
            axes.legend(loc="upper left")
        axes.set_xlim(low, 1.0)
        axes.set_xlabel("ARI with the partition in use")
        axes.set_ylabel("samples")
        axes.grid(axis="x", visible=False)
    return figure


def pipeline_caption(found: PipelineBootstrap, terms: Vocabulary) -> str:
    """State mean and low quantile."""
    if not found.params["fitted"]:
        return "**There is nothing to compare.**"
    colour = (
        " Samples in which columns are scaled otherwise have a second colour." if found.table["changed"].any() else ""
    )
    return (
        f"**Refitted, {percent(1 - LOW, 0)} of the samples agree to {at_least(found.ari_q05)} or more.** ARI of all "
        f"{terms.units}, by models of {plural(found.params['fitted'], 'bootstrap sample')}; the dashed line is the "
        f"{percent(LOW, 0)} quantile.{colour}"
    )


def pipeline_alt(found: PipelineBootstrap) -> str:
    """Describe the bars."""
    if not found.params["fitted"]:
        return "An empty figure."
    low, high = agreement(float(found.table["ari"].min())), agreement(float(found.table["ari"].max()))
    return f"Bars of the ARI over bootstrap samples, from {low} to {high}, with mean {agreement(found.ari_mean)}."
