"""The segments of engagement: who they are, and what they close at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.meaning import Card, Cards
from ..inference.groups import GroupRates
from ..vocabulary import Vocabulary
from . import theme
from .captions import overlap_caption
from .channel_gaps import Rated, between, gap_of, real
from .findings import quoted
from .prose import count, number, percent
from .show import Cell, Shown, table

PICTURED = ("sessions", "pageviews", "forms", "clicks")


@dataclass(frozen=True)
class Rates:
    """What the segments close at.

    Attributes
    ----------
    count : int
        Segments.
    told : list of Rated
        Those that are told of, the most engaged first; differences are from all others.
    level : float
    """

    count: int
    told: list[Rated]
    level: float

    @property
    def highest(self) -> Rated | None:
        """The segment with the highest rate; None where fewer than two are told of."""
        return max(self.told, key=lambda r: r.rate) if len(self.told) > 1 else None

    @property
    def lowest(self) -> Rated | None:
        """The one with the lowest."""
        return min(reversed(self.told), key=lambda r: r.rate) if len(self.told) > 1 else None

    @property
    def beyond(self) -> list[Rated]:
        """Segments that close more or less often than all others, beyond chance."""
        return [r for r in self.told if r.gap.side]

    @property
    def hidden(self) -> int:
        """Segments too small to be told of."""
        return self.count - len(self.told)


def by_segment(rates: GroupRates) -> dict[int, Any]:
    """Return the rows of the rates by the number of the segment."""
    return {int(row["group"]): row for _, row in rates.table.iterrows()}


def rates_of(rates: GroupRates, cards: Cards) -> Rates:
    """Collect what sentences tell of the rates of segments."""
    rows = by_segment(rates)
    found = [(c, rows[c.id]) for c in cards if c.id in rows and math.isfinite(real(rows[c.id]["rate"]))]
    told = [Rated(quoted(c), real(r["rate"]), real(r["low"]), real(r["high"]), gap_of(r)) for c, r in found]
    return Rates(len(cards), told, float(rates.params["level"]))


def card_facts(rates: GroupRates) -> Callable[[Card], list[tuple[str, str]]]:
    """Return what tells the facts of a card of the front page."""
    rows = by_segment(rates)

    def of(card: Card) -> list[tuple[str, str]]:
        row, told = rows.get(card.id), []
        if row is not None and math.isfinite(real(row["rate"])):
            told = [("closes", percent(real(row["rate"]))), ("interval", between(row["low"], row["high"]))]
        labels = {"sessions": "sessions, median", "pageviews": "page views, median", "forms": "forms, median"}
        return told + [(said, number(card.medians[n])) for n, said in labels.items() if n in card.medians]

    return of


def medians_table(profile: Any, cards: Cards, labels: Mapping[str, str], terms: Vocabulary) -> Shown:
    """Show how active the segments are: medians, and means, since most medians of rare events are zero."""
    shown = [c for c in cards if c.medians]
    rows = []
    for c in shown:
        row: dict[str, Any] = {"segment": c.name, terms.units: math.nan if c.size is None else float(c.size),
                               "share": math.nan if c.share is None else c.share}  # fmt: skip
        for name in PICTURED:
            row[f"{labels[name]}, median"] = c.medians.get(name, math.nan)
            row[f"{labels[name]}, mean"] = profile.value(c.id, name, "mean")
        rows.append(row)
    frame = pd.DataFrame(rows)
    most = max(shown, key=lambda c: c.medians.get("sessions", 0.0), default=None)
    finding = (
        "No segment is large enough to be told of" if most is None
        else f"Half of {quoted(most)} have {number(most.medians['sessions'])} sessions or more"
    )  # fmt: skip
    formats: dict[str, Cell] = {terms.units: count, "share": percent}
    formats |= {n: number for n in frame.columns if n.endswith(", median")}
    formats |= {n: "{:,.1f}".format for n in frame.columns if n.endswith(", mean")}
    return table(
        frame, "tbl-segments", f"**{finding}.** Median and mean of what {terms.units} did.", formats,
        export=profile.table,
    )  # fmt: skip


def rates_table(rates: GroupRates, cards: Cards, terms: Vocabulary) -> Shown:
    """Show what each segment closes at, and how far that is from all others."""
    rows = by_segment(rates)
    shown = [(c, rows[c.id]) for c in cards if c.id in rows]
    frame = pd.DataFrame({
        "segment": [c.name for c, _ in shown],
        terms.units: [real(r["units"]) for _, r in shown],
        "closed": [real(r["events"]) for _, r in shown],
        "rate": [real(r["rate"]) for _, r in shown],
        "interval": [between(r["low"], r["high"]) for _, r in shown],
        "against all others": [f"{gap_of(r).points} points" if gap_of(r).known else "–" for _, r in shown],
        "its interval": [gap_of(r).interval for _, r in shown],
    })  # fmt: skip
    return table(
        frame, "tbl-rates",
        f"**{rates_finding(rates, cards)}.** {percent(float(rates.params['level']), 0)} intervals; differences, in percentage "
        "points, from all other segments by Newcombe [@newcombe1998].",
        {terms.units: count, "closed": count, "rate": percent},
        right=("interval", "against all others", "its interval"), export=rates.table,
    )  # fmt: skip


def rates_finding(rates: GroupRates, cards: Cards) -> str:
    """State between which rates the segments lie, and whether that is more than chance."""
    known = rates_of(rates, cards)
    if known.highest is None or known.lowest is None:
        return "Too few segments are large enough to be compared"
    if not known.beyond:
        return "No segment closes more or less often than the others beyond chance"
    return (
        f"{known.highest.name} closes at {percent(known.highest.rate)}, {known.lowest.name} at "
        f"{percent(known.lowest.rate)}"
    )


def rates_figure(rates: GroupRates, cards: Cards) -> Figure:
    """Draw what each segment closes at, with its interval."""
    rows, tone = by_segment(rates), theme.colours(cards)
    shown = [
        (i, c, rows[c.id]) for i, c in enumerate(cards) if c.id in rows and not math.isnan(real(rows[c.id]["rate"]))
    ]
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 1.0 + 0.45 * max(len(shown), 1)))
        for y, (rank, card, row) in enumerate(shown):
            axes.plot([row["low"], row["high"]], [y, y], color=tone[card.id], lw=4, alpha=0.5, solid_capstyle="round")
            marker = theme.MARKERS[rank % len(theme.MARKERS)]
            axes.plot(row["rate"], y, marker, color=tone[card.id], ms=8, mec=theme.PAPER)
        axes.set_yticks(range(len(shown)), [c.short for _, c, _ in shown])
        axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(lambda v, _: f"{v * 100:g} %")
        axes.set_xlabel("share that closed")
        axes.grid(axis="y", visible=False)
    return drawn


def rates_caption(rates: GroupRates, cards: Cards) -> str:
    """State the finding, and what is drawn."""
    return (
        f"**{rates_finding(rates, cards)}.** Marks are the shares that closed, bars their "
        f"{percent(float(rates.params['level']), 0)} intervals by Wilson [@wilson1927], or Jeffreys where few closed [@brown2001]."
    )


def rates_alt(rates: GroupRates, cards: Cards) -> str:
    """Describe marks and bars."""
    told = [f"{r.name} {percent(r.rate)} ({between(r.low, r.high)})" for r in rates_of(rates, cards).told]
    return f"Marks with bars. {'; '.join(told) or 'Nothing may be told'}."


def profile_caption(profile: Any, cards: Cards, terms: Vocabulary) -> str:
    """State whether the segments overlap in their sessions."""
    return overlap_caption(profile, cards, terms, "sessions", "sessions")
