"""Who comes back after a silence: facts, curves and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.silence import Returns
from . import theme
from .channel_gaps import between, real
from .channel_speed_figures import DASHES, steps
from .chat_stages import DASH, whole
from .prose import count, exact_percent, join, number, percent
from .show import Shown, table

HALF = 0.5  # of the silences: below it, a pair that is silent more likely stays so
ROOM = 1.06  # of the longest horizon: how far the curves are drawn
APART = 0.9  # hours between the bars of two curves


@dataclass(frozen=True)
class Back:
    """How many silences come to a return.

    Attributes
    ----------
    after, within : float
        Hours of silence, and hours more.
    silences, subscribers : int or None
    share, low, high : float
        With the interval of resampled subscribers; NaN where it is not known.
    least, most : float
        Greenwood's interval.
    """

    after: float
    within: float
    silences: int | None
    subscribers: int | None
    share: float
    low: float
    high: float
    least: float
    most: float

    @property
    def known(self) -> bool:
        """Whether the share is known."""
        return math.isfinite(self.share + self.low + self.high)

    @property
    def told(self) -> str:
        """The share with its interval."""
        return f"{percent(self.share, 0)} ({number(self.low * 100, 0)} to {percent(self.high, 0)})"


@dataclass(frozen=True)
class Seen:
    """What the log shows of silences of one length: how many, how many came to a return, how many go on at its end."""

    after: float
    silences: int | None
    ended: int | None
    open: int | None
    share: float

    @property
    def told(self) -> bool:
        """Whether all of it is known."""
        return bool(self.silences) and None not in (self.ended, self.open)


@dataclass(frozen=True)
class Facts:
    """What the page tells of silences.

    Attributes
    ----------
    rows : list of Back
        Known shares, within one horizon.
    every : list of Back
        Known shares within all horizons.
    seen : list of Seen
    lengths : list of float
        Hours of silence that are looked at.
    within : float
        The horizon: the longest one that most lengths of silence have a share for; 0 where none has.
    level : float
        Of the intervals.
    half : float
    """

    rows: list[Back]
    every: list[Back]
    seen: list[Seen]
    lengths: list[float]
    within: float
    level: float
    half: float = HALF

    @property
    def alert(self) -> Back | None:
        """The shortest silence after which fewer than half return."""
        return next((r for r in self.rows if r.share < HALF), None)

    @property
    def sure(self) -> Back | None:
        """The shortest silence after which fewer than half return beyond chance."""
        return next((r for r in self.rows if r.high < HALF), None)

    @property
    def wider(self) -> int:
        """Shares of which resampled subscribers give a wider interval than Greenwood's."""
        return sum(r.high - r.low > r.most - r.least for r in self.every)

    @property
    def falling(self) -> bool:
        """Whether fewer return the longer the silence, at each step."""
        shares = [r.share for r in self.rows]
        return len(shares) > 1 and all(b < a for a, b in pairwise(shares))

    @property
    def example(self) -> Seen | None:
        """The silences of which most go on at the end of the log."""
        known = [s for s in self.seen if s.told and s.open]
        return max(known, key=lambda s: (s.open or 0) / (s.silences or 1), default=None)

    @property
    def alerted(self) -> Seen | None:
        """What the log shows of silences as long as an alert waits for."""
        at = self.sure or self.alert
        return next((s for s in self.seen if at and s.after == at.after and s.told), None)


def facts(found: Returns) -> Facts:
    """Collect what sentences tell of silences."""
    head = ("share", "low", "high", "greenwood_low", "greenwood_high")
    every = [
        Back(float(r["after"]), float(r["within"]), whole(r["silences"]), whole(r["subscribers"]), *(real(r[c]) for c in head))
        for _, r in found.table.iterrows()
    ]  # fmt: skip
    every = [r for r in every if r.known]
    horizons = [r.within for r in every]
    within = max(horizons, key=lambda w: (horizons.count(w), w), default=0.0)
    seen = [
        Seen(float(r["after"]), whole(r["silences"]), whole(r["returned"]), whole(r["open"]), real(r["share"]))
        for _, r in found.ever.iterrows()
    ]
    rows = sorted((r for r in every if r.within == within), key=lambda r: r.after)
    return Facts(rows, every, seen, [float(a) for a in found.params["after"]], within, float(found.params["level"]))


def verdict(known: Facts) -> str:
    """Say in a few words who comes back."""
    if not known.rows:
        return "returns cannot be told"
    last = known.rows[-1]
    return f"{percent(last.share, 0)} return within {number(last.within)} hours after {number(last.after)} of silence"


def _finding(known: Facts) -> str:
    if not known.rows:
        return "How many come back"
    parts = [f"{percent(r.share, 0)} after {number(r.after)}" for r in known.rows]
    return f"{join(parts)} hours of silence return within {number(known.within)} more"


def figure(found: Returns) -> Figure:
    """Draw the share that has returned by the hours since the silence had lasted so long."""
    known = facts(found)
    end = max(float(w) for w in found.params["within"])
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 4.0))
        for i, (after, curve) in enumerate(found.curves.items()):
            rows = steps(curve, end)
            colour = theme.PALETTE[i % len(theme.PALETTE)]
            axes.step(rows["time"], 1 - rows["survival"], where="post", lw=2, ls=DASHES[i % len(DASHES)], color=colour,
                      label=f"after {number(after)} hours")  # fmt: skip
            axes.fill_between(
                rows["time"], 1 - rows["high"], 1 - rows["low"], step="post", color=colour, alpha=0.15, lw=0
            )
            own = [r for r in known.every if r.after == after]
            at = np.array([r.within for r in own]) + APART * (i - (len(found.curves) - 1) / 2)
            axes.vlines(at, [r.low for r in own], [r.high for r in own], color=colour, lw=2)
            axes.plot(at, [r.share for r in own], "o", color=colour, ms=5, mec=theme.PAPER)
        axes.axhline(HALF, color=theme.MUTE, lw=0.8, ls=":")
        axes.yaxis.set_major_formatter(lambda v, _: f"{v * 100:.3g} %")
        axes.set_ylim(0, max([HALF * 1.2, *(r.high * 1.1 for r in known.every)]))
        axes.set_xlim(0, end * ROOM)
        axes.set_xticks([0.0, *(float(w) for w in found.params["within"])])
        axes.set_xlabel("hours more")
        axes.set_ylabel("share that has returned")
        if found.curves:
            drawn.legend(loc="outside lower center", ncols=len(found.curves))
    return drawn


def caption(found: Returns) -> str:
    """State how many come back, by how long they have been silent."""
    known = facts(found)
    return (
        f"**{_finding(known)}.** Kaplan-Meier curves [@kaplan1958], each from the hour at which the silence had "
        f"lasted so long. Bands: Greenwood's {exact_percent(known.level)} limits. Bars: intervals of resampled subscribers. "
        "Dotted: half."
    )


def alt(found: Returns) -> str:
    """Describe the ends of the curves."""
    known = facts(found)
    parts = [f"{percent(r.share, 0)} after {number(r.after)} hours" for r in known.rows]
    ends = f"Share returned within {number(known.within)} hours more: {join(parts)}" if parts else "Nothing may be told"
    return f"Rising steps, one line per length of silence. {ends}."


def returns_table(found: Returns) -> Shown:
    """Show the share that returns, by silence and horizon, with both intervals."""
    rows, known = found.table, facts(found)
    limits = {name: zip(rows[low], rows[high], strict=True) for name, low, high in
              (("own", "low", "high"), ("greenwood", "greenwood_low", "greenwood_high"))}  # fmt: skip
    frame = pd.DataFrame({
        "after": [f"{number(a)} h" for a in rows["after"]], "within": [f"{number(w)} h" for w in rows["within"]],
        "silences": rows["silences"].astype("float64"), "subscribers": rows["subscribers"].astype("float64"),
        "share": rows["share"].astype("float64"),
        **{name: [between(a, b) for a, b in pairs] for name, pairs in limits.items()},
    })  # fmt: skip
    dash = DASH if frame.isna().any(axis=None) else ""
    return table(
        frame, "tbl-return-shares",
        f"**{_finding(known)}.** Share of silences of that length that come to a message of the pair within so many hours more, by "
        f"Kaplan and Meier [@kaplan1958], with {exact_percent(known.level)} intervals: of resampled subscribers [@davison1997], "
        f"and Greenwood's, which takes silences for independent.{dash}",
        {"silences": count, "subscribers": count, "share": percent},
        headings={"after": "silent for", "share": "return", "own": "interval", "greenwood": "Greenwood's"},
        right=("within", "own", "greenwood"), export=rows, stack=True,
    )  # fmt: skip


def seen_table(found: Returns) -> Shown:
    """Show what the log itself holds: silences that came to a return, and those that go on at its end."""
    rows, known = found.ever, facts(found)
    frame = pd.DataFrame({
        "after": [f"{number(a)} h" for a in rows["after"]],
        **{c: rows[c].astype("float64") for c in ("silences", "subscribers", "returned", "open")},
    })  # fmt: skip
    top = known.example
    finding = "Silences as the log shows them"
    if top is not None:
        finding = f"Of {count(top.silences or 0)} silences of {number(top.after)} hours, {count(top.open or 0)} go on at the end"
    return table(
        frame, "tbl-silences-seen",
        f"**{finding}.** Returned: within the log. Go on: at its end, where nobody knows yet how long they will last."
        f"{DASH if frame.isna().any(axis=None) else ''}",
        dict.fromkeys(("silences", "subscribers", "returned", "open"), count),
        headings={"after": "silent for", "open": "go on"}, export=rows, stack=True,
    )  # fmt: skip
