"""What the page on time shows of drift: figure, table, sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..engine.drift import Drift
from ..engine.meaning import Card, Cards
from ..privacy import suppressed
from ..thresholds import FAR, MUCH, SOME
from ..vocabulary import Vocabulary
from . import theme
from .over_time import too_short
from .prose import beside, capital, inline, join, percent
from .show import Shown, table


def drift_figure(found: Drift, labels: Mapping[str, str]) -> Figure:
    """Draw both distances of each feature in the last window."""
    rows = found.last()
    at = np.arange(len(rows))
    with theme.style():
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(5.0, 0.9 + 0.27 * max(len(rows), 1)), sharey=True)
        for axes, column, bounds, title in (
            (left, "psi", (SOME, MUCH), "PSI"),
            (right, "wasserstein", (FAR,), "Distance / sd"),
        ):
            values = rows[column].fillna(0).to_numpy(dtype=np.float64)
            axes.hlines(at, 0, values, color=theme.ACCENT, lw=5, alpha=0.35)
            axes.plot(values, at, "o", color=theme.ACCENT, ms=6)
            for bound in bounds:
                axes.axvline(bound, color=theme.MUTE, lw=0.8, ls=":")
            axes.set_xlim(-0.01, max(float(values.max()) if len(values) else 0.0, bounds[-1]) * 1.1)
            axes.set_title(title, fontweight="normal")
            axes.xaxis.set_major_locator(MaxNLocator(3))
            axes.grid(axis="y", visible=False)
        left.set_yticks(at, [capital(labels.get(str(f), str(f))) for f in rows["feature"]])
        left.invert_yaxis()
    return figure


def drift_caption(found: Drift, labels: Mapping[str, str]) -> str:
    """State how many features have moved."""
    if found.reason:
        return "**There is nothing to compare.**"
    last = found.last()
    top = last.iloc[0]
    some = int((last["psi"] >= SOME).sum())
    finding = (
        f"{capital(labels.get(str(top['feature']), str(top['feature'])))} has moved most"
        + (", and no other by as much as the lower bound" if some == 1 else "")
        if some
        else "No feature has moved by as much as the lower bound"
    )
    noise = float(last["by_chance"].max())
    return (
        f"**{finding}.** The year to {top['window']} against the year to {found.reference}. Dotted lines: {SOME} and {MUCH} for "
        f"the population stability index (PSI), {FAR} standard deviations for the distance. By chance alone the index "
        f"would be about {noise:.2f} at most."
    )


def drift_alt(found: Drift, labels: Mapping[str, str]) -> str:
    """Describe the dots."""
    parts = [f"{labels.get(str(r.feature), str(r.feature))} {r.psi:.2f}" for r in found.last().head(5).itertuples()]
    return f"PSI and distance by feature, the largest PSI first: {join(parts)}." if parts else "An empty figure."


@inline
def drifts(found: Drift, labels: Mapping[str, str], terms: Vocabulary) -> str:
    """Say which features have moved, and whether segment shares have."""
    if found.reason:
        return too_short(terms)
    last = found.last()
    much, some = (last[last["psi"] >= b] for b in (MUCH, SOME))
    far = last[last["wasserstein"] >= FAR]

    def names(rows: pd.DataFrame) -> str:
        return join([labels.get(str(f), str(f)) for f in rows["feature"]])

    window = str(last["window"].iloc[0])
    if some.empty:
        text = f"Since {found.reference}, no feature has moved by {SOME} or more in {window}."
    else:
        top, how, bound = (much, "much", MUCH) if len(much) else (some, "somewhat", SOME)
        text = f"In {window}, {names(top)} {_have(len(top))} moved {how} since {found.reference} (PSI {bound} or more)."
        mid = some[some["psi"] < MUCH] if len(much) else some.iloc[:0]
        text += f" {capital(names(mid))} {_have(len(mid))} moved somewhat." if len(mid) else ""
        text += " No other has reached the lower bound." if len(some) < len(last) else ""
    only = far[~far["feature"].isin(some["feature"])]
    if len(only):
        text += f" By distance, {names(only)} {_have(len(only))} moved too."
    share = float(found.segment_psi.iloc[-1])
    verdict = "hardly moved" if share < SOME else "moved somewhat" if share < MUCH else "moved much"
    return f"{text} The shares of the segments have {verdict} (PSI {beside(share, SOME if share < MUCH else MUCH, digits=3)})."


def _have(n: int) -> str:
    return "has" if n == 1 else "have"


def shares_table(found: Drift, cards: Cards | None, terms: Vocabulary) -> Shown:
    """Show the share of each segment in each window, by the kept model."""
    wide, parts = (
        found.segments.pivot(index="window", columns="segment", values=v) if len(found.segments) else pd.DataFrame()
        for v in ("units", "share")
    )
    shown: list[Card] = [c for c in cards or () if c.size is not None and c.id in wide.columns]
    rows, blank = [], False
    for window in wide.index:
        hide = suppressed(wide.loc[window])
        blank |= bool(hide.any())
        told = parts.loc[window].mask(hide)
        rows.append({"window": window, **{c.name: told[c.id] for c in shown}})
    frame = pd.DataFrame(rows, columns=["window", *(c.name for c in shown)])
    moved = max((float(frame[c.name].max() - frame[c.name].min()) for c in shown), default=float("nan"))
    finding = (
        f"No share changes by more than {percent(math.ceil(moved * 1000) / 1000, 1)} of the {terms.units}."
        if np.isfinite(moved)
        else "Nothing to compare."
    )
    dash = f" A dash stands for a share that would give fewer than five {terms.units} away." if blank else ""
    return table(
        frame,
        "tbl-time-shares",
        f"**{finding}** Share of the {terms.units} of each window by the model of {found.reference or 'the first window'}.{dash}",
        dict.fromkeys([c.name for c in shown], lambda v: percent(float(v))),
    )
