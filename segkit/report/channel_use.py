"""Which channels reached which segment, and the published two segments beside one line: facts, a figure and tables."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..engine.meaning import Cards
from ..inference.engagement_pair import HIGH, Pair
from ..inference.reach import ChannelUse
from ..thresholds import CLOSE, PLANTED
from ..vocabulary import Vocabulary
from . import theme
from .channel_gaps import Gap, between, channel, point, real
from .findings import quoted
from .prose import GAP, capital, count, join, number, percent
from .show import Cell, Shown, table

LETTERS = 36  # of the names of all segments on one line above the cells
SIDE = 4  # more names than this stand aslant
DARKEST = 0.65  # strength of a cell that stands for all; letters stay legible on it
SOURCES = 6  # that a table shows; its CSV has all


def used(use: ChannelUse) -> pd.DataFrame:
    """Return the shares reached, by channel and segment, of channels that reached anybody who may be told of."""
    wide = use.wide("rate").astype("float64")
    return wide[(wide.fillna(0.0) > 0).any(axis=1)]


def use_figure(use: ChannelUse, cards: Cards) -> Figure:
    """Draw which share of each segment each channel reached: the more, the stronger."""
    wide = used(use)
    shown = [c for c in cards if c.id in wide.columns]
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 1.1 + 0.3 * max(len(wide), 1)))
        for y, values in enumerate(wide[[c.id for c in shown]].to_numpy()):
            for x, value in enumerate(values):
                if math.isfinite(value):
                    strength = DARKEST * math.sqrt(value)  # small shares are to be told from none
                    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=theme.ACCENT, alpha=strength, lw=0))
                axes.text(
                    x + 0.5,
                    y + 0.5,
                    percent(value, 0 if len(shown) > SIDE else 1).replace("under ", "<"),
                    ha="center",
                    va="center",
                    fontsize=9.5,
                )
        axes.set_xlim(0, max(len(shown), 1))
        axes.set_ylim(max(len(wide), 1), 0)
        axes.xaxis.tick_top()
        turn = 60 if len(shown) > SIDE else 0
        room = 12 if turn else LETTERS // max(len(shown), 1)
        names = [textwrap.fill(c.short, room, break_long_words=False) for c in shown]
        axes.set_xticks(np.arange(len(shown)) + 0.5, names, rotation=turn, ha="left" if turn else "center")
        axes.set_yticks(np.arange(len(wide)) + 0.5, [channel(str(n)) for n in wide.index])
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for side in axes.spines.values():
            side.set_visible(False)
    return drawn


def use_finding(use: ChannelUse, cards: Cards) -> str:
    """State where a channel reaches the segments most unequally."""
    wide = used(use)[[c.id for c in cards if c.id in set(use.table["group"])]]
    spread = (wide.max(axis=1) - wide.min(axis=1)).dropna()
    if wide.empty or wide.shape[1] < 2 or spread.empty:
        return "Which channels reached whom"
    name = str(spread.idxmax())
    row = wide.loc[name]
    return (
        f"{channel(name)} reaches the segments most unequally: {percent(float(row.max()))} of {quoted(cards[int(row.idxmax())])}, "
        f"{percent(float(row.min()))} of {quoted(cards[int(row.idxmin())])}"
    )


def use_caption(use: ChannelUse, cards: Cards) -> str:
    """State the finding, and which channels are left out."""
    left = [channel(str(n)) for n in use.wide("rate").index if n not in used(use).index]
    none = f" Nobody, or too few to be told of, had a touch by {join(left, 'or')}." if left else ""
    return (
        f"**{use_finding(use, cards)}.** Share of each segment that a channel reached; a prospect may be reached by several, or "
        f"by none.{none}"
    )


def use_alt(use: ChannelUse, cards: Cards) -> str:
    """Describe the cells, segment by segment."""
    wide, parts = used(use), []
    for c in cards:
        if c.id in wide.columns:
            own = wide[c.id].dropna().sort_values(ascending=False, kind="stable").head(3)
            parts.append(f"{c.short}: {join([f'{channel(str(n))} {percent(float(v))}' for n, v in own.items()])}")
    return f"Cells, stronger where a channel reached more of a segment. The first channels of {'; of '.join(parts)}."


def use_table(use: ChannelUse, cards: Cards) -> Shown:
    """Show which share of each segment each channel reached, with intervals."""
    wide, rows = used(use), use.table.set_index(["channel", "group"])
    shown = [c for c in cards if c.id in wide.columns]
    frame = pd.DataFrame(
        {"channel": [channel(str(n)) for n in wide.index]}
        | {c.name: [_reached(rows.loc[(n, c.id)]) for n in wide.index] for c in shown}
    )
    return table(
        frame, "tbl-use",
        f"**{use_finding(use, cards)}.** Per cent of each segment, with the {percent(float(use.params['level']), 0)} interval in "
        "brackets.",
        right=[c.name for c in shown], export=use.table,
    )  # fmt: skip


def _reached(row: Any) -> str:
    told = percent(real(row["rate"]))
    return told if told == "–" else f"{told} ({between(row['low'], row['high'])})".replace(f"{GAP}%", "")


# What a table tells of the published two, with what readers see of it.
TOLD: dict[str, tuple[str, Cell]] = {
    "share": ("share", percent), "events": ("closed", count), "rate": ("rate of closing", percent),
    "interval": ("its interval", str), "sessions": ("sessions, mean", "{:.2f}".format),
    "pageviews": ("page views, mean", "{:.2f}".format), "forms": ("forms, mean", "{:.2f}".format),
    "engagement_score": ("engagement score, mean", "{:.2f}".format),
    "likelihood": ("predicted likelihood to close, mean", percent),
    "days_to_close": ("days to close, mean of the closed", number),
    "median_days": ("days to close, median of the closed", number),
}  # fmt: skip


@dataclass(frozen=True)
class PairFacts:
    """What the page tells of the published two segments, and of one line.

    Attributes
    ----------
    high, low : float
        Rates of the segment of high engagement and that of low.
    gap : Gap
        The first less the second.
    share : float
        Of all prospects in the first.
    line_same, line_ari, in_use_ari : float
        See `engagement_pair.Pair`.
    k : int
        Segments in use.
    recovered : float
        Adjusted Rand index of the two with the planted ones; NaN for real data.
    level : float
    close, planted : float
        Thresholds of such an index.
    """

    high: float
    low: float
    gap: Gap
    share: float
    line_same: float
    line_ari: float
    in_use_ari: float
    k: int
    recovered: float
    level: float
    close: float = CLOSE
    planted: float = PLANTED

    @property
    def line_told(self) -> bool:
        """Whether it may be told how far the line goes with the two."""
        return math.isfinite(self.line_same + self.line_ari)

    @property
    def rates_told(self) -> bool:
        """Whether the rates of both may be told."""
        return math.isfinite(self.high + self.low)

    @property
    def share_told(self) -> bool:
        """Whether the share of the first may be told."""
        return math.isfinite(self.share)

    @property
    def found(self) -> bool | None:
        """Whether the planted two are found again; None for real data."""
        return self.recovered >= self.planted if math.isfinite(self.recovered) else None


def pair_facts(pair: Pair, cards: Cards, recovered: float | None) -> PairFacts:
    """Collect what the sentences on the published two need."""
    rows = pair.table.set_index("segment")
    one, two = rows.loc[HIGH], rows.drop(index=HIGH).iloc[0]
    d = pair.closed
    return PairFacts(
        real(one["rate"]), real(two["rate"]), Gap(real(d.difference), real(d.low), real(d.high)), real(one["share"]),
        real(pair.line_same), real(pair.line_ari), real(pair.in_use_ari), len(cards), real(recovered),
        float(pair.params["level"]),
    )  # fmt: skip


def pair_table(pair: Pair, terms: Vocabulary) -> Shown:
    """Show the published two segments side by side."""
    words: dict[str, tuple[str, Cell]] = {"units": (terms.units, count), **TOLD}
    rows = {str(r["segment"]): {**r, "interval": between(r["low"], r["high"])} for _, r in pair.table.iterrows()}

    def cell(row: Any, name: str, write: Cell) -> str:
        value = row[name]
        return value if isinstance(value, str) else "–" if pd.isna(value) else write(value)

    frame = pd.DataFrame(
        {"what": [said for said, _ in words.values()]}
        | {name: [cell(row, n, write) for n, (_, write) in words.items()] for name, row in rows.items()}
    )
    d = pair.closed
    gap, told = Gap(real(d.difference), real(d.low), real(d.high)), bool(pair.table["rate"].notna().all())
    finding = (
        "What 1A and 1B close at cannot be compared" if not gap.known
        else "1A and 1B do not differ in how often they close, beyond chance" if not gap.side
        else f"1A closes {'more' if gap.side > 0 else 'less'} often than 1B"
        + (f" by {point(abs(gap.difference))} percentage points ({gap.interval})" if told else "")
    )  # fmt: skip
    return table(
        frame, "tbl-pair",
        f"**{finding}.** Days are of those who closed, which flatters whoever was added lately.",
        right=tuple(rows), export=pair.table,
    )  # fmt: skip


def source_table(pair: Pair) -> Shown:
    """Show the latest sources of the published two segments."""
    first = pair.sources.head(SOURCES)
    frame = pd.DataFrame(
        {"latest source": [source(s) for s in first["source"]]}
        | {n: first[n].astype("float64").to_numpy() for n in pair.sources.columns if n != "source"}
    )
    parts: list[str] = []
    for name in frame.columns[1:]:
        if frame[name].notna().any():
            at = frame[name].idxmax()
            parts.append(f"{name} {'' if parts else 'is '}{frame['latest source'][at]} ({percent(frame[name][at])})")
    finding = f"The commonest latest source of {join(parts, 'and of')}" if parts else "No latest source may be told of"
    return table(
        frame, "tbl-sources", f"**{finding}.** Shares of those with a source; the CSV has every source.",
        dict.fromkeys(frame.columns[1:], percent), export=pair.sources,
    )  # fmt: skip


def source(name: str) -> str:
    """Write an entry of the database in words.

    >>> source("PAID_SEARCH")
    'Paid search'
    """
    return capital(str(name).replace("_", " ").lower())
