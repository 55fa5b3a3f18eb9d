"""What the page on stability shows of other samples: facts, figures, tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..engine.jaccard import NOISE, SCHEMES, Jaccard
from ..engine.meaning import Card, Cards
from ..engine.pipeline import TIPPING, PipelineBootstrap
from ..thresholds import AGREEMENT, DOUBTFUL, HIGHLY, LOW, VALID
from ..vocabulary import Vocabulary
from . import theme
from .findings import quoted
from .prose import exact, inline, join, percent, plural
from .robustness import ONE, agreement, at_least
from .samples import part
from .show import Shown, table, tag

TITLES = {"bootstrap": "bootstrap", "halves": "random halves", "noise": f"{percent(NOISE, 0)} noise"}
MARKS = {"bootstrap": "o", "halves": "s", "noise": "^"}
AGAIN, LOST = "found again", "not found again"
TONES = {AGAIN: "ok", LOST: "no"}
SPREAD = (0.05, 0.95)  # quantiles over resamples that bars reach to
MANY_BINS = 24


def _shown(found: Jaccard, cards: Cards) -> list[Card]:
    """Return the segments of which something may be said, and was found."""
    known = found.means()
    return [c for c in cards if c.medians and np.isfinite(known.get(c.id, np.nan))]


@dataclass(frozen=True)
class Recovery:
    """How far segments come back in other samples.

    Attributes
    ----------
    segments, shown : int
        Segments in use, and those of which something may be said, and was found.
    lost, shaky : list of str
        Those that are not found again in bootstrap samples; those that are, but not in every other kind of sample.
    weakest, similarity : str
        The segment that comes back least in bootstrap samples, and its mean similarity.
    least : float
        From which mean on a segment counts as found again.
    loose, alike : bool
        Whether the weakest is not highly stable, and whether all means read as one.
    kind, doubted, doubt : str
        The kind of sample with the lowest mean of all, the segment, and the mean.
    """

    segments: int
    shown: int
    lost: list[str]
    shaky: list[str]
    weakest: str
    similarity: str
    least: float
    loose: bool
    alike: bool
    kind: str
    doubted: str
    doubt: str


def recovery(found: Jaccard, cards: Cards) -> Recovery:
    """Compare the means of all kinds of samples with the threshold in use."""
    names = {c.id: quoted(c) for c in _shown(found, cards)}
    means = found.means()[[*names]]
    rows = found.summary[found.summary["segment"].isin(names)].dropna(subset="mean")
    lowest, ask = rows.groupby("segment")["mean"].min(), found.least
    last = rows.loc[rows["mean"].idxmin()] if names else None
    return Recovery(
        segments=len(cards),
        shown=len(names),
        lost=[names[s] for s in names if means[s] < ask],
        shaky=[names[s] for s in names if lowest[s] < ask <= means[s]],
        weakest=names[means.idxmin()] if names else "",
        similarity=agreement(float(means.min()), ask),
        least=ask,
        loose=bool(means.min() < HIGHLY),
        alike=bool((means.round(2) == 1).all()),
        kind="" if last is None else TITLES[last["scheme"]],
        doubted="" if last is None else names[last["segment"]],
        doubt="" if last is None else agreement(float(last["mean"]), ask),
    )


@dataclass(frozen=True)
class Refitted:
    """How far the whole chain, refitted on other samples, gives the same segments.

    Attributes
    ----------
    resamples, fitted : int
        Samples, and those of them that could be fitted.
    few : int or None
        Units in each, where fewer than there are.
    ari_mean, ari_low : str
        The mean ARI with the partition in use, and what ``most`` of the samples reach; empty where none was fitted.
    most : float
    apart : bool
        Whether that is too low for the partitions to be called close.
    """

    resamples: int
    fitted: int
    few: int | None
    ari_mean: str
    ari_low: str
    most: float
    apart: bool


def refitted(found: PipelineBootstrap) -> Refitted:
    """Collect how many resamples were fitted, and how far they agree."""
    known = np.isfinite(found.ari_q05)
    return Refitted(
        resamples=found.params["resamples"],
        fitted=found.params["fitted"],
        few=part(found.params),
        ari_mean=agreement(found.ari_mean) if known else "",
        ari_low=at_least(found.ari_q05) if known else "",
        most=1 - LOW,
        apart=found.ari_q05 < AGREEMENT,
    )


def status(found: Jaccard, whole: PipelineBootstrap, cards: Cards, terms: Vocabulary) -> str:
    """Return the two numbers that the page stands for."""
    means = [float(found.means()[c.id]) for c in _shown(found, cards)]
    if not means:
        return f"too few {terms.units} for other samples"
    ari = f", 5 % quantile of the ARI {at_least(whole.ari_q05)}" if np.isfinite(whole.ari_q05) else ""
    return f"lowest mean Jaccard {agreement(min(means), found.least)}{ari}"


@inline
def bounds(found: Jaccard) -> str:
    """Say which threshold decides, and which rules of thumb stand beside it."""
    return (
        f"The threshold in use is a setting, {exact(found.least)}: from this mean over bootstrap samples on, a segment counts as "
        f"found again. Rules of thumb, which decide nothing here, call a mean below {DOUBTFUL} not to be trusted, below {VALID} "
        f"a pattern, from {VALID} valid and from {HIGHLY} highly stable. In one sample a segment counts as dissolved at "
        f"{found.params['dissolved']} or below, and as recovered above {found.params['recovered']}."
    )


def _thumb(found: Jaccard) -> list[float]:
    """Return the rules of thumb that are not the threshold in use."""
    return [bound for bound in (DOUBTFUL, VALID, HIGHLY) if bound != found.least]


def jaccard_figure(found: Jaccard, cards: Cards) -> Figure:
    """Draw mean and spread of each segment's similarity under each scheme."""
    shown = _shown(found, cards)
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
    shown = _shown(found, cards)
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
        for c in _shown(found, cards)
    ]
    return (
        f"Mean Jaccard similarity by segment and kind of sample. {'; '.join(parts)}." if parts else "An empty figure."
    )


def jaccard_table(found: Jaccard, cards: Cards) -> Shown:
    """Show the means, how often each segment dissolves or is recovered, and the word for it."""
    summary = found.summary.assign(verdict=lambda f: np.where(f["mean"] >= found.least, AGAIN, LOST))
    rows = summary.set_index(["segment", "scheme"])
    shown = _shown(found, cards)
    first = SCHEMES[0]
    frame = pd.DataFrame(
        {
            "segment": [c.name for c in shown],
            "verdict": [str(rows.loc[(c.id, first), "verdict"]) for c in shown],
            **{TITLES[s]: [float(rows.loc[(c.id, s), "mean"]) for c in shown] for s in SCHEMES},
            "recovered": [float(rows.loc[(c.id, first), "recovered"]) for c in shown],
            "dissolved": [float(rows.loc[(c.id, first), "dissolved"]) for c in shown],
        }
    )
    worst = max((float(d) for d in frame["dissolved"]), default=0.0)
    finding = (
        "No segment dissolves in any bootstrap sample."
        if worst == 0
        else f"The segment that dissolves most often does so in {percent(worst, 0)} of the bootstrap samples."
    )
    hidden = " Segments too small to be shown are left out." if len(shown) < len(cards) else ""
    return table(
        frame,
        "tbl-jaccard",
        f"**{finding}** Mean Jaccard similarity by kind of sample; verdict, recovered and dissolved are those of the "
        f"bootstrap, and the verdict is that of the threshold in use, {exact(found.least)}.{hidden}",
        {
            **dict.fromkeys(TITLES.values(), lambda v: agreement(v, found.least)),
            "verdict": lambda v: tag(str(v), TONES[str(v)]),
            "recovered": lambda v: percent(float(v), 0),
            "dissolved": lambda v: percent(float(v), 0),
        },
        export=summary[summary["segment"].isin([c.id for c in shown])],
    )


@dataclass(frozen=True)
class Starts:
    """Whether more starts would have changed the fits.

    Attributes
    ----------
    few, many, checked : int
        Starts of each fit, and of the samples that were refitted with more, and how many those are.
    low : str
        The lowest ARI of two such fits; empty where there are none.
    same : bool
        Whether all are the same partition.
    """

    few: int
    many: int
    checked: int
    low: str
    same: bool


def starts(found: Jaccard) -> Starts:
    """Compare fits with few and with many starts."""
    few, many, checked = (found.params[name] for name in ("restarts", "many_starts", "checked"))
    known = checked and np.isfinite(found.more_starts)
    return Starts(few, many, checked, at_least(found.more_starts) if known else "", found.more_starts > ONE)


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


@dataclass(frozen=True)
class Scaling:
    """Which columns are not scaled, how near that is to tipping, and what tipping does.

    Attributes
    ----------
    flat : int
        Columns that are not scaled.
    nearest : str
        The one that is nearest to being scaled.
    share, tipping : float
        The share of its units on one side of the middle value, and that from which on it is scaled.
    resamples, changed : int
        Samples, and those in which columns were scaled otherwise.
    moved : list of str
        Those columns, the commonest first, up to three.
    others : int
        How many more there are.
    theirs, rest : str
        The mean ARI of the samples that were scaled otherwise, and of the others.
    """

    flat: int
    nearest: str
    share: float
    tipping: float
    resamples: int
    changed: int
    moved: list[str]
    others: int
    theirs: str
    rest: str


def scaling(found: PipelineBootstrap, labels: Mapping[str, str]) -> Scaling:
    """Collect what scaling has to do with how far the samples agree."""
    moved = [labels.get(str(c), str(c)) for c in found.columns_changed.index]
    top, share = next(((str(c), float(x)) for c, x in found.flat.items()), ("", 0.0))
    means = found.summary.set_index("resamples")["ari_mean"]
    return Scaling(
        flat=len(found.flat),
        nearest=labels.get(top, top),
        share=share,
        tipping=TIPPING,
        resamples=found.params["resamples"],
        changed=int(found.table["changed"].sum()),
        moved=moved[:3],
        others=len(moved[3:]),
        theirs=agreement(float(means["other scaling"])),
        rest=agreement(float(means["same scaling"])),
    )
