"""Figures of the page on prediction, with captions that state the finding, and alternative texts."""

from __future__ import annotations

import math

import numpy as np
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.meaning import Cards
from ..engine.usefulness import Usefulness
from ..inference import Activity, NextEvents
from ..vocabulary import Vocabulary
from . import prose, theme
from .findings import quoted
from .prose import capital, join, number, percent, plural
from .usefulness import between, names, on

ENOUGH = 0.05  # a smaller difference of predicted and observed shares is not worth a sentence


def area_figure(found: Usefulness, terms: Vocabulary) -> Figure:
    """Draw the AUC of each ranking: each date as a dot, and the mean of the dates with its interval."""
    order = found.summary.sort_values("auc", ascending=False)
    at = np.arange(len(order))
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 0.9 + 0.45 * len(order)))
        axes.axvline(0.5, color=theme.MUTE, lw=1, ls=":")
        axes.annotate(
            "chance", (0.5, -0.52), (4, 0), textcoords="offset points", color=theme.MUTE, fontsize=9, va="center"
        )
        for y, row in zip(at, order.itertuples(), strict=True):
            colour = theme.ACCENT if row.policy == "segments" else theme.MUTE
            single = found.table.loc[found.table["policy"] == row.policy, "auc"]
            if len(single) > 1:
                axes.plot(single, np.full(len(single), y + 0.22), "o", color=colour, ms=4, alpha=0.55)
            axes.hlines(y, row.auc_low, row.auc_high, color=colour, lw=3)
            axes.plot(row.auc, y, "o", color=colour, ms=8)
        axes.set_yticks(at, [capital(names(terms)[p]) for p in order["policy"]])
        axes.set_ylim(len(order) - 0.45, -0.75)
        axes.set_xlim(min(0.45, float(found.table["auc"].min()) - 0.03), 1.0)
        axes.set_xlabel("AUC (area under the ROC curve)")
        axes.grid(axis="y", visible=False)
    return figure


def area_caption(found: Usefulness, terms: Vocabulary) -> str:
    """State who ranks best."""
    areas = found.summary.set_index("policy")["auc"].round(2)
    top = [p for p in found.summary.sort_values("auc", ascending=False)["policy"] if areas[p] == areas.max()]
    finding = f"The largest AUC is {areas.max():.2f}, by {join([f'the {names(terms)[p]}' for p in top])}"
    if "segments" not in top:
        finding += f"; the segments have {areas['segments']:.2f}"
    level, dates = percent(found.params["level"], 0), len(found.params["dates"])
    dots = "Dots: one date" if dates == 1 else f"Large dots: mean of {plural(dates, 'date', words=True)}"
    single = "" if dates == 1 else " Small dots: each date."
    return (
        f"**{finding}.** {dots}, with the {level} interval over resampled {terms.units}.{single} The AUC (area under the "
        f"ROC curve) is the share of pairs, one {terms.unit} active and one not, in which the active one comes first; a tie "
        "counts one half."
    )


def area_alt(found: Usefulness, terms: Vocabulary) -> str:
    """Describe the dots."""
    parts = [
        f"{names(terms)[r.policy]} {r.auc:.2f} ({between(r.auc_low, r.auc_high)})"
        for r in found.summary.sort_values("auc", ascending=False).itertuples()
    ]
    return f"Dots with intervals. AUC: {'; '.join(parts)}."


def predicted_figure(found: Activity, cards: Cards) -> Figure:
    """Draw the predicted share of each segment at each date, and the observed one."""
    tone = theme.colours(cards)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 4.4))
        axes.axline((0, 0), slope=1, color=theme.MUTE, lw=1, ls=":")
        for i, card in enumerate(cards):
            own = found.marks[found.marks["segment"] == card.id]
            if own.empty:
                continue
            axes.vlines(own["expected"], own["low"], own["high"], color=tone[card.id], lw=1.2)
            mark = theme.MARKERS[i % len(theme.MARKERS)]
            axes.plot(own["expected"], own["share"], mark, color=tone[card.id], ms=7, label=card.short)
        axes.xaxis.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
        axes.yaxis.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
        axes.set_xlabel("share active, predicted")
        axes.set_ylabel("share active, observed")
        axes.set_xlim(left=-0.02)
        axes.set_ylim(bottom=-0.02)
        if len(found.marks):
            axes.legend(loc="upper left")
    return figure


def predicted_caption(found: Activity, cards: Cards, terms: Vocabulary) -> str:
    """State how far predicted shares lie from observed ones."""
    shown = found.marks
    if shown.empty:
        return "**No segment is large enough to compare predicted shares with observed ones.**"
    gap = shown["share"] - shown["expected"]
    worst = shown.loc[gap.abs().idxmax()]
    finding = (
        "Predictions came true to within five points in every segment"
        if abs(float(gap[worst.name])) < ENOUGH
        else f"The widest gap is {number(abs(float(gap[worst.name])) * 100, 0)} points: {quoted(cards[int(worst['segment'])])} had "
        f"{percent(float(worst['share']), 0)} active where {percent(float(worst['expected']), 0)} were predicted"
    )
    return (
        f"**{finding}.** One mark for each segment and date, with the {percent(found.level, 0)} interval of Wilson or Jeffreys; on "
        f"the dotted line, the predicted share is the observed one. Marks that would describe fewer than five {terms.units} are "
        "left out."
    )


def predicted_alt(found: Activity, cards: Cards) -> str:
    """Describe the marks."""
    parts = []
    for card in cards:
        own = found.marks[found.marks["segment"] == card.id]
        if len(own):
            predicted, observed = (
                float((own[c] * own["units"]).sum() / own["units"].sum()) for c in ("expected", "share")
            )
            parts.append(f"{card.short}: predicted {percent(predicted, 0)}, observed {percent(observed, 0)}")
    return f"Marks along a diagonal. Over the dates, {'; '.join(parts)}." if parts else "An empty figure."


def next_event_figure(found: NextEvents, cards: Cards, terms: Vocabulary, *, public: bool) -> Figure:
    """Draw the share of each segment that has called again, over the days since the date."""
    tone = theme.colours(cards)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 4.0))
        for i, card in enumerate(c for c in cards if c.id in found.curves):
            rows = found.points(card.id, single=public)
            dash = ("-", "--", "-.", ":")[i % 4]
            axes.step(
                rows["time"], 1 - rows["survival"], where="post", lw=2, ls=dash, color=tone[card.id], label=card.short
            )
            axes.fill_between(
                rows["time"], 1 - rows["high"], 1 - rows["low"], step="post", color=tone[card.id], alpha=0.15, lw=0
            )
        axes.yaxis.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
        axes.set_ylim(0, 1)
        axes.set_xlim(0, found.follow_up or 1)
        axes.set_xlabel("days")
        axes.set_ylabel(f"share that has {terms.did} again")
        if found.curves:
            axes.legend(loc="upper left")
    return figure


def next_event_caption(found: NextEvents, cards: Cards, terms: Vocabulary, *, exact: bool) -> str:
    """State how long the segments take to be active again, and whether they differ."""
    if not found.curves:
        return f"**No segment is large enough to show how long its {terms.units} take to {terms.do} again.**"
    halves = {s: c.median for s, c in found.curves.items() if math.isfinite(c.median)}
    if halves:
        first = min(halves, key=lambda s: halves[s])
        finding = f"Half of {quoted(cards[first])} {terms.do} again within {prose.ago(math.ceil(halves[first]))}"
        others = len(found.curves) - len(halves)
        if others:
            rest = "other segment" if others == 1 else f"{prose.word(others)} others"
            finding += f"; in the {rest}, fewer than half do within {prose.ago(found.follow_up)}"
    else:
        within = prose.ago(found.follow_up)
        finding = f"In no segment that can be shown do half of the {terms.units} {terms.do} again within {within}"
    aside = ""
    if len(found.curves) < len(cards):
        aside = f" Segments that would give fewer than five {terms.units} away are left out."
    test = ""
    if found.freedom and math.isfinite(found.p):
        small = "less than 0.001" if found.p < 0.001 else f"{found.p:.3f}"
        test = f" Log-rank test: chi squared {number(found.chi)} with {plural(found.freedom, 'degree')} of freedom, p {small}."
    return (
        f"**{finding}.** Kaplan-Meier curves from {on(found.date, exact=exact)} on, with "
        f"{percent(next(iter(found.curves.values())).level, 0)} bands, of segments that were learnt earlier. {test.strip()} "
        f"{capital(terms.units)} {terms.who} had not {terms.did} by the end of the {terms.record} are censored there.{aside}"
    )


def next_event_alt(found: NextEvents, cards: Cards, terms: Vocabulary) -> str:
    """Describe the ends of the curves."""
    parts = []
    for card in cards:
        if card.id in found.curves:
            left, *_ = found.curves[card.id].at(found.follow_up)
            parts.append(f"{card.short}: {percent(1 - left, 0)}")
    return (
        f"Rising steps. Share that has {terms.did} again after {prose.ago(found.follow_up)}: {'; '.join(parts)}."
        if parts
        else "An empty figure."
    )
