"""After how much silence a conversation is over: facts, figures and tables, for the log and for the public one beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from ..features.conversations import HOURS
from ..features.splitting import APART, EVIDENCE, FEWEST, LIGHT, MOST, GapMixture, Splitting
from ..thresholds import CLOSE
from . import prose, theme
from .channel_gaps import real
from .prose import GAP, capital, count, exact, number, percent
from .robustness import agreement
from .show import Shown, table

MOVED = {
    "messages_per_conversation": "messages per conversation", "usual_gap": "gap between messages",
    "conversation_length": "length of conversations", "conversations_per_day": "conversations per day",
}  # fmt: skip
MARKS = {
    10 / 3600: "10 s",
    1 / 60: "1 min",
    1 / 6: "10 min",
    1.0: "1 h",
    4.0: "4 h",
    24.0: "1 d",
    168.0: "1 w",
    730.0: "1 mo",
}
REACH = 3.0  # standard deviations of a part that are drawn


def lasting(hours: float) -> str:
    """Write a length of time in the unit that suits it.

    >>> [lasting(x).replace(GAP, " ") for x in (0.0534, 0.64, 1.0, 2.314, 13.72, 40.0, 100.0, math.nan)]
    ['3.2 minutes', '38 minutes', '1 hour', '2.3 hours', '13.7 hours', '40 hours', '4.2 days', '–']
    """
    if not math.isfinite(hours):
        return "–"
    if hours < 59.5 / 60:
        text, unit = number(hours * 60, 1 if hours < 1 / 6 else 0), "minute"
    elif hours < 72:
        text, unit = number(hours), "hour"
    else:
        text, unit = number(hours / 24), "day"
    return f"{text}{GAP}{unit}{'' if text == '1' else 's'}"


def whole(value: Any) -> int | None:
    """Return a count that the gate may have taken away: None where it has.

    >>> whole(3.0), whole(math.nan), whole(None)
    (3, None, None)
    """
    x = real(value)
    return int(x) if math.isfinite(x) else None


@dataclass(frozen=True)
class Split:
    """What a page tells of a threshold between conversations.

    Attributes
    ----------
    chosen, shortest, longest : float
        Hours: the threshold in use, and the ends of those that are tried.
    conversations, most, fewest : int or None
        At these; None where that is not told.
    single : float
        Share of the conversations with one message only, at the threshold in use.
    gaps, ties : int or None
        Gaps that the mixture is fitted to, and those without any length.
    fitted, separates : bool
        Whether there were gaps enough to fit it, and whether gaps are of two kinds that can be told apart.
    line, short, long : float
        Hours: the gap that is as probable under both kinds, and the middle of each kind.
    weight, apart, evidence : float
        Share of the long kind, Ashman's D, and the difference of BIC.
    near : float
        Of the thresholds that are tried, the nearest to that line.
    beside : int or None
        Conversations there.
    least : float
        The least rank correlation of a feature with itself at the threshold in use.
    moves_most : str
        The feature that it is of.
    at : float
        The threshold at which it is so low.
    lowest, lowest_at : float
        The lowest adjusted Rand index of the segments with those of another threshold, and that threshold.
    highest : float
    close, compared : int
        Thresholds at which the segments are close to those in use, of how many.
    """

    chosen: float
    shortest: float
    longest: float
    conversations: int | None
    most: int | None
    fewest: int | None
    single: float
    gaps: int | None
    ties: int | None
    fitted: bool
    separates: bool
    line: float
    short: float
    long: float
    weight: float
    apart: float
    evidence: float
    near: float
    beside: int | None
    least: float
    moves_most: str
    at: float
    lowest: float
    lowest_at: float
    highest: float
    close: int
    compared: int
    limits: Mapping[str, float] = field(
        default_factory=lambda: {"apart": APART, "evidence": EVIDENCE, "light": LIGHT, "fewest": FEWEST, "close": CLOSE}
    )

    @property
    def published(self) -> bool:
        """Whether the threshold in use is that of the published analysis."""
        return self.chosen == HOURS

    @property
    def words(self) -> dict[str, str]:
        """Lengths of time in words, by the name of the field."""
        names = ("chosen", "shortest", "longest", "line", "short", "long", "near", "at", "lowest_at")
        return {n: lasting(getattr(self, n)) for n in names}

    @property
    def side(self) -> int:
        """Whether that line lies above the threshold in use (1), below it (-1), or where it is to within a tenth (0)."""
        if not self.separates or abs(self.line / self.chosen - 1) <= 0.1:
            return 0
        return 1 if self.line > self.chosen else -1

    @property
    def more(self) -> float:
        """By which share there would be more conversations at the nearest threshold to that line; NaN where it is not told."""
        if self.beside is None or not self.conversations:
            return math.nan
        return self.beside / self.conversations - 1


def facts(found: Splitting, partitions: pd.DataFrame | None = None) -> Split:
    """Collect what sentences tell of a threshold.

    Parameters
    ----------
    found : Splitting
    partitions : DataFrame, optional
        ``hours`` and ``ari``: the segments at other thresholds beside those in use.
    """
    rows = found.table.set_index("hours").sort_index()
    mixture, moved = found.mixture, found.moved.dropna(subset="correlation")
    moved = moved[moved["hours"] != found.chosen]
    worst = moved.loc[moved["correlation"].idxmin()] if len(moved) else None
    line = real(mixture.hours)
    fitted = math.isfinite(real(mixture.apart))
    near = float(rows.index[np.abs(np.log(rows.index / line)).argmin()]) if math.isfinite(line) else math.nan
    ari = (
        partitions.dropna(subset="ari").set_index("hours")["ari"]
        if partitions is not None
        else pd.Series(dtype="float64")
    )
    number_at = {h: whole(n) for h, n in rows["conversations"].items()}
    return Split(
        found.chosen, float(rows.index[0]), float(rows.index[-1]), number_at[found.chosen], number_at[rows.index[0]],
        number_at[rows.index[-1]], real(rows.loc[found.chosen, "single"]), whole(mixture.gaps), whole(mixture.ties), fitted,
        bool(mixture.separates), line, real(mixture.short), real(mixture.long), real(mixture.weight), real(mixture.apart),
        real(mixture.evidence), near, number_at.get(near), math.nan if worst is None else float(worst["correlation"]),
        "" if worst is None else MOVED.get(str(worst["feature"]), str(worst["feature"])),
        math.nan if worst is None else float(worst["hours"]), float(ari.min()) if len(ari) else math.nan,
        float(ari.idxmin()) if len(ari) else math.nan, float(ari.max()) if len(ari) else math.nan,
        int((ari >= CLOSE).sum()), len(ari),
    )  # fmt: skip


def _axis(axes: Axes, low: float, high: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    kept = [m for m in MARKS if low <= m <= high]
    axes.set_xticks(kept, [MARKS[m] for m in kept])
    axes.xaxis.set_minor_locator(NullLocator())


def _parts(mixture: GapMixture) -> list[tuple[str, float, float, float, str]]:
    """Return name, middle, standard deviation, share and colour of both parts."""
    kinds = ("within conversations", "between conversations") if mixture.separates else ("one part", "the other part")
    sides = zip(kinds, (mixture.short, mixture.long), mixture.spread, strict=True)
    shares = (1 - mixture.weight, mixture.weight)
    tones = (theme.ACCENT, theme.SECOND)
    return [(n, m, s, w, c) for (n, m, s), w, c in zip(sides, shares, tones, strict=True)]


def gaps_figure(found: Splitting) -> Figure:
    """Draw the two kinds of gaps that were fitted, with the threshold in use and the line between them."""
    mixture = found.mixture
    parts = _parts(mixture)
    low = min(m * math.exp(-REACH * s) for _, m, s, _, _ in parts)
    high = max(m * math.exp(REACH * s) for _, m, s, _, _ in parts)
    hours = np.geomspace(low, high, 300)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 3.2))
        for name, middle, spread, share, tone in parts:
            high_at = share * np.exp(-((np.log(hours / middle) / spread) ** 2) / 2) / (spread * math.sqrt(2 * math.pi))
            axes.fill_between(hours, high_at, color=tone, alpha=0.2, lw=0)
            axes.plot(hours, high_at, color=tone, lw=2, label=name)
        axes.axvline(found.chosen, color=theme.INK, lw=1.5, label=f"in use: {lasting(found.chosen)}")
        if mixture.separates:
            axes.axvline(
                mixture.hours, color=theme.INK, lw=1.5, ls="--", label=f"by the gaps: {lasting(mixture.hours)}"
            )
        _axis(axes, low, high)
        axes.set_ylim(0, None)
        axes.set_yticks([])
        axes.set_xlabel("gap between two messages of a pair, logarithmic")
        axes.set_ylabel("density, fitted")
        drawn.set_figheight(3.9)
        drawn.legend(loc="outside lower center", ncols=2)
    return drawn


def gaps_caption(known: Split) -> str:
    """State whether gaps are of two kinds, and where the line between them is."""
    gaps = "gaps" if known.gaps is None else f"{count(known.gaps)} gaps"
    of = f"a random sample of {gaps}" if known.gaps == MOST else gaps
    how = (
        f"Two normal distributions of the logarithm of {of}, as fitted; the area of each is its share of "
        "the gaps. The gaps themselves are not drawn."
    )
    if not known.separates:
        return f"**The gaps are not of two kinds that can be told apart, so they give no threshold.** {how}"
    return (
        f"**Gaps are of two kinds, around {lasting(known.short)} and around {lasting(known.long)}; the line between them is at "
        f"{lasting(known.line)}.** {how}"
    )


def gaps_alt(known: Split) -> str:
    """Describe the two curves and the lines."""
    line = f" A dashed line at {lasting(known.line)}." if known.separates else ""
    return (
        f"Two bell curves over the length of a gap: {percent(1 - known.weight)} of the gaps around {lasting(known.short)}, "
        f"{percent(known.weight)} around {lasting(known.long)}. A line at {lasting(known.chosen)}, the threshold in use.{line}"
    )


def thresholds_figure(found: Splitting) -> Figure:
    """Draw the number of conversations by threshold."""
    rows = found.table
    hours, many = rows["hours"].to_numpy(dtype=np.float64), rows["conversations"].map(real)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 2.9))
        axes.plot(hours, many, "-o", color=theme.ACCENT, lw=1.5, ms=5)
        own = rows["hours"] == found.chosen
        axes.plot(hours[own], many[own], "o", color=theme.SECOND, ms=9)
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xticks(hours, [str(exact(h)) for h in hours])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: str(count(v))))
        axes.set_ylim(0, None)
        axes.set_xlabel("hours of silence after which a new conversation begins")
        axes.set_ylabel("conversations")
    return drawn


def thresholds_caption(known: Split) -> str:
    """State how far the number of conversations depends on the threshold."""
    if known.most is None or not known.fewest:
        finding = "The longer the silence that is allowed, the fewer conversations there are"
    else:
        finding = (
            f"At {lasting(known.shortest)} there are {number(known.most / known.fewest)} times as many conversations as at "
            f"{lasting(known.longest)}"
        )
    return f"**{finding}.** The large dot is the threshold in use, {lasting(known.chosen)}."


def thresholds_alt(found: Splitting) -> str:
    """Describe the dots."""
    rows = [
        f"{exact(h)} h {prose.number(real(n), 0)}"
        for h, n in zip(found.table["hours"], found.table["conversations"], strict=True)
    ]
    return f"Conversations by threshold: {'; '.join(rows)}."


def thresholds_table(found: Splitting, label: str) -> Shown:
    """Show what conversations are like at each threshold."""
    rows = found.table.drop(columns="agreement")
    if rows["with_purchase"].isna().all():
        rows = rows.drop(columns="with_purchase")
    own = rows.set_index("hours").loc[found.chosen]
    few = {"mean_messages": lambda v: number(v, 2), "mean_duration_hours": lambda v: number(v, 2)}
    return table(
        rows, label,
        f"**At {exact(found.chosen)} hours, the threshold in use, a conversation has {number(real(own['mean_messages']))} messages "
        f"on average, and {percent(real(own['single']))} have one only.** Durations are from the first message to the last.",
        {"hours": exact, "conversations": count, "single": percent, "with_purchase": percent, **few},
        headings={
            "hours": "hours of silence", "mean_messages": "messages, mean", "single": "with one message",
            "mean_duration_hours": "hours, mean", "with_purchase": "with a purchase",
        },
    )  # fmt: skip


def moved_table(found: Splitting, label: str, partitions: pd.DataFrame | None = None) -> Shown:
    """Show how features, and segments, agree with those at the threshold in use."""
    wide = found.moved.pivot(index="hours", columns="feature", values="correlation").reindex(columns=list(MOVED))
    wide = wide[wide.index != found.chosen].rename(columns=MOVED)
    if partitions is not None:
        wide["segments, ARI"] = partitions.set_index("hours")["ari"].reindex(wide.index)
    known = facts(found, partitions)
    said = (
        f"{capital(known.moves_most)} moves most: a rank correlation of {agreement(known.least)} at {exact(known.at)} hours"
        if known.moves_most
        else "No feature can be compared"
    )
    asked = (
        " ARI: adjusted Rand index of the segments; a dash where it was not computed." if partitions is not None else ""
    )
    return table(
        wide.reset_index(), label,
        f"**{said}.** Over pairs, Spearman's rank correlation [@spearman1904] of each feature with itself at "
        f"{exact(found.chosen)} hours, the threshold in use; 1 is the same order.{asked}",
        {"hours": exact, **dict.fromkeys(wide.columns, agreement)},
        headings={"hours": "hours of silence"},
    )  # fmt: skip
