"""The curves of times to close, with caption and alternative text."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..features.prospects import STRATEGIES
from ..inference.speed import Speed
from ..inference.times import Survival
from . import theme
from .channel_names import reached
from .channel_speed import facts, finding
from .prose import capital, percent, plural

SHOWN = 2.0  # times the longest limit: how far the curves are drawn
DASHES = ("-", "--", "-.", ":")


def _end(found: Speed) -> float:
    longest = SHOWN * max((float(u) for u in found.means["until"]), default=365.0)
    return min(longest, max((c.follow_up for c in found.curves.values()), default=longest)) or longest


def steps(curve: Survival, end: float) -> pd.DataFrame:
    """Return the steps of a curve that can be drawn, from day zero to where the group is last observed."""
    rows = curve.table[["time", "survival", "low", "high"]].apply(pd.to_numeric, errors="coerce")
    rows = rows.dropna(subset=["time", "survival"])
    rows = rows[rows["time"] <= end]
    last = float(rows["survival"].iloc[-1]) if len(rows) else 1.0
    ends = rows[["low", "high"]].iloc[-1].tolist() if len(rows) else [np.nan, np.nan]
    return pd.DataFrame(
        [(0.0, 1.0, np.nan, np.nan), *rows.itertuples(index=False, name=None), (min(end, curve.follow_up), last, *ends)],
        columns=["time", "survival", "low", "high"],
    )  # fmt: skip


def figure(found: Speed) -> Figure:
    """Draw the share of each strategy that has closed, over the days since it was added."""
    end = _end(found)
    rank = {s: i for i, s in enumerate(STRATEGIES)}
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 4.0))
        for place, (group, curve) in enumerate(found.curves.items()):
            i = rank.get(group, place)
            rows = steps(curve, end)
            colour = theme.PALETTE[i % len(theme.PALETTE)]
            axes.step(rows["time"], 1 - rows["survival"], where="post", lw=2, ls=DASHES[i % len(DASHES)], color=colour,
                      label=reached(group))  # fmt: skip
            axes.fill_between(
                rows["time"], 1 - rows["high"], 1 - rows["low"], step="post", color=colour, alpha=0.15, lw=0
            )
        for until in sorted(set(found.means["until"])):
            axes.axvline(until, color=theme.MUTE, lw=0.8, ls=":")
        axes.yaxis.set_major_formatter(lambda v, _: f"{v * 100:.3g} %")
        axes.set_ylim(bottom=0)
        axes.set_xlim(0, end)
        axes.set_xlabel("days since the prospect was added")
        axes.set_ylabel("share closed")
        if found.curves:
            axes.legend(loc="upper left")
    return drawn


def caption(found: Speed) -> str:
    """State who is open for fewer days, and the test of one curve for all."""
    known = facts(found)
    test = ""
    if known.tested:
        freedom = f"{plural(known.freedom, 'degree')} of freedom"
        test = f" Log-rank test: chi squared {known.chi:.1f} with {freedom}, p {known.probability}."
    return (
        f"**{finding(known)}.** Kaplan-Meier curves [@kaplan1958] with {percent(known.level, 0)} bands; dotted, "
        "the limits of the "
        f"means. Prospects who are still open are censored at the end of the export.{test}"
    )


def alt(found: Speed) -> str:
    """Describe the ends of the curves."""
    known = facts(found)
    until = known.limit or max(known.limits, default=0)
    rows = found.means[found.means["until"] == until]
    shares = pd.to_numeric(rows["share"], errors="coerce")
    parts = [
        f"{reached(g)} {percent(float(s))}" for g, s in zip(rows["group"], shares, strict=True) if math.isfinite(s)
    ]
    return capital(f"rising steps. Share closed within {until} days: {'; '.join(parts) or 'not known'}.")
