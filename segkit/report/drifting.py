"""What the page on time shows of drift: facts, figure, table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

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
from .prose import capital, join, number, percent
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
            reach = max(float(values.max()) if len(values) else 0.0, bounds[-1])
            axes.set_xlim(-0.05 * reach, 1.1 * reach)
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


@dataclass(frozen=True)
class Facts:
    """What the page tells of drift.

    Attributes
    ----------
    reason, reference, window : str
        Why nothing can be told, and nothing below is, else empty; the windows that are compared.
    much, some, far : list of str
        Features whose index reached the upper bound, those between both bounds, and those that moved by distance alone.
    more : bool
        Whether there are features whose index reached neither.
    lower, upper : float
        The bounds.
    shares : float
        The index of the shares of the segments.
    """

    reason: str
    reference: str
    window: str = ""
    much: list[str] = field(default_factory=list)
    some: list[str] = field(default_factory=list)
    far: list[str] = field(default_factory=list)
    more: bool = False
    lower: float = SOME
    upper: float = MUCH
    shares: float = math.nan


def facts(found: Drift, labels: Mapping[str, str]) -> Facts:
    """Collect which features have moved, and by how much segment shares have."""
    if found.reason:
        return Facts(found.reason, found.reference)
    last = found.last()
    much, some = last["psi"] >= MUCH, last["psi"] >= SOME

    def names(rows: pd.Series) -> list[str]:
        return [labels.get(str(f), str(f)) for f in last.loc[rows, "feature"]]

    return Facts(
        reason="",
        reference=found.reference,
        window=str(last["window"].iloc[0]),
        much=names(much),
        some=names(some & ~much),
        far=names((last["wasserstein"] >= FAR) & ~some),
        more=not some.all(),
        shares=float(found.segment_psi.iloc[-1]),
    )


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
    points = number(math.ceil(moved * 1000) / 10) if np.isfinite(moved) else ""
    finding = (
        f"No share changes by more than {points} percentage point{'' if points == '1' else 's'}."
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
