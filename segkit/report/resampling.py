"""What the page on stability shows of other samples: figures, tables, sentences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..engine.jaccard import NOISE, SCHEMES, Jaccard
from ..engine.meaning import Card, Cards
from ..engine.pipeline import TIPPING, Confidence, PipelineBootstrap
from ..thresholds import AGREEMENT, DOUBTFUL, HIGHLY, LOW, VALID
from ..vocabulary import Vocabulary
from . import theme
from .findings import quoted
from .prose import capital, count, exact, inline, join, percent, plural
from .robustness import ONE, agreement, at_least
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


@inline
def lead(found: Jaccard, whole: PipelineBootstrap, cards: Cards, terms: Vocabulary) -> str:
    """Say whether segments come back in other samples, and when all is fitted anew."""
    shown = _shown(found, cards)
    if not shown:
        return (
            f"The {terms.record} has too few {terms.units} for other samples of it to say anything about the segments."
        )
    means = found.means()
    weakest = min(shown, key=lambda c: means[c.id])
    low = float(means[weakest.id])
    all_of_them = "segment that is shown" if len(shown) < len(cards) else "segment"
    some = any(means[c.id] >= found.least for c in shown)
    every = "Every" if low >= found.least else "Not every" if some else "No"
    text = f"{every} {all_of_them} is found again in other samples of the {terms.units}"
    text += ", though not all of them closely" if found.least <= low < HIGHLY else ""
    asked = f", where {exact(found.least)} is asked" if low < found.least else ""
    end = f"{quoted(weakest)} comes back least, with a mean Jaccard similarity of {agreement(low, found.least)}{asked}"
    if all(round(float(means[c.id]), 2) == 1 for c in shown):
        end = f"the mean Jaccard similarity is {agreement(low)} throughout"
    text = f"{text}: {end}."
    rows = found.summary[found.summary["segment"].isin([c.id for c in shown])].dropna(subset="mean")
    last = rows.loc[rows["mean"].idxmin()]
    if last["mean"] < found.least <= low:
        name, much = next(quoted(c) for c in shown if c.id == last["segment"]), agreement(last["mean"], found.least)
        text += f" Other kinds of samples confirm less: with {TITLES[last['scheme']]}, {name} falls to {much}."
    if not np.isfinite(whole.ari_q05):
        return text
    return (
        f"{text} With preprocessing and segments fitted anew, {percent(1 - LOW, 0)} of the resamples agree with the "
        f"partition in use to an adjusted Rand index (ARI) of {at_least(whole.ari_q05)} or more."
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


@inline
def starts(found: Jaccard) -> str:
    """Say whether more starts would have changed the fits."""
    few, many, n = found.params["restarts"], found.params["many_starts"], found.params["checked"]
    if not n or not np.isfinite(found.more_starts):
        return ""
    again = f"Each fit has {few} starts. {capital(plural(n, 'sample', words=True))} were fitted again with {many}"
    if found.more_starts > ONE:
        return f"{again}, and each gave the same partition: the number of starts is not what moves here."
    return (
        f"{again}: the two agree to an ARI of {at_least(found.more_starts)} or more. What is missing to one is due to the "
        "optimiser, not to the sample."
    )


@inline
def fitted_anew(found: PipelineBootstrap, terms: Vocabulary) -> str:
    """Say how many resamples were fitted, and how far they agree."""
    n, fitted = found.params["resamples"], found.params["fitted"]
    if not fitted:
        return f"No sample had enough {terms.units} to be fitted."
    lost = (
        f" {capital(plural(n - fitted, 'sample'))} had too few {terms.units} that differ to be fitted."
        if fitted < n
        else ""
    )
    return (
        f"In {count(fitted)} bootstrap samples the ARI with the partition in use is {agreement(found.ari_mean)} on average, and "
        f"in {percent(1 - LOW, 0)} of them {at_least(found.ari_q05)} or more.{lost}"
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
        f"**Fitted anew, {percent(1 - LOW, 0)} of the samples agree to {at_least(found.ari_q05)} or more.** ARI of all "
        f"{terms.units}, by models of {plural(found.params['fitted'], 'bootstrap sample')}; the dashed line is the "
        f"{percent(LOW, 0)} quantile.{colour}"
    )


def pipeline_alt(found: PipelineBootstrap) -> str:
    """Describe the bars."""
    if not found.params["fitted"]:
        return "An empty figure."
    low, high = agreement(float(found.table["ari"].min())), agreement(float(found.table["ari"].max()))
    return f"Bars of the ARI over bootstrap samples, from {low} to {high}, with mean {agreement(found.ari_mean)}."


@inline
def scaling(found: PipelineBootstrap, labels: Mapping[str, str], terms: Vocabulary) -> str:
    """Say which columns are not scaled, how near that is to tipping, and what tipping does."""
    n, moved = found.params["resamples"], found.columns_changed
    share = int(found.table["changed"].sum())
    text = ""
    if len(found.flat):
        top = str(found.flat.index[0])
        one = len(found.flat) == 1
        text = (
            f"{capital(plural(len(found.flat), 'column', words=True))} {'is' if one else 'are'} not scaled, since the quartiles of "
            f"{'it' if one else 'each'} are the same. {'It tips' if one else 'A column tips'} when {percent(TIPPING, 0)} of the "
            f"{terms.units} lie on one side of the middle value: then it is divided by a small number, and what was hardly seen "
            f"outweighs the rest. Nearest to that is {labels.get(top, top)}, with {percent(float(found.flat.iloc[0]), 0)}. "
        )
    if not share:
        return (
            f"{text}No sample was scaled otherwise than the {terms.record}."
            if text
            else "Every column is scaled in every sample."
        )
    parts = found.summary.set_index("resamples")["ari_mean"]
    names = [labels.get(str(c), str(c)) for c in moved.index[:3]]
    names += [plural(len(moved) - 3, "other", words=True)] if len(moved) > 3 else []
    text += f"In {count(share)} of {count(n)} samples columns were scaled otherwise than in the {terms.record}: {join(names)}. "
    if share == n:
        return text + "There is no sample to compare with that was scaled alike."
    return (
        f"{text}Their mean ARI is {agreement(float(parts['other scaling']))}, that of the others "
        f"{agreement(float(parts['same scaling']))}."
    )


@inline
def decision(found: Jaccard, whole: PipelineBootstrap, sure_of: Confidence, cards: Cards, terms: Vocabulary) -> str:
    """Say what may be built on the segments."""
    shown = _shown(found, cards)
    means, least = found.means(), found.summary.groupby("segment")["mean"].min()
    weak = [c for c in shown if means[c.id] < found.least]
    shaky = [quoted(c) for c in shown if least[c.id] < found.least <= means[c.id]]  # by other kinds of samples only
    if not shown:
        return f"With so few {terms.units}, treat the segments as a description of this list, and of no other."
    if len(weak) == len(shown):
        advice = f"Use the segments to look at the {terms.record}, not to decide by."
        return f"No segment is steady enough for a rule of its own. {advice}"
    if weak:
        some = join([quoted(c) for c in weak])
        why = f"Rules for {some} would rest on a group that other {terms.units} would not confirm"
        return f"{why}; keep rules to the other segments."
    unsure = sure_of.share("seldom")
    tail = (
        f" For the {percent(unsure)} of {terms.units} {terms.who} seldom come back to theirs, the segment is no reason to act."
        if 0 < unsure < 1 and round(unsure * len(whole.recurrence)) >= 5
        else ""
    )
    if shaky:
        tail += f" Be gentle with rules for {join(shaky)}: not every kind of sample confirms {'it' if len(shaky) == 1 else 'them'}."
    if whole.ari_q05 < AGREEMENT:
        tail += (
            f" Keep the model as it was fitted, though: fitted anew on other {terms.units}, its limits and scales move, and the "
            "borders with them."
        )
    return (
        f"Each segment is steady enough to carry a rule: another sample of such {terms.units} would give much the same "
        f"groups.{tail}"
    )
