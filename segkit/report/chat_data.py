"""What a log of messages holds: facts, figure and tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..features.chat_audit import ChatAudit
from ..features.chat_stages import StageCounts
from ..features.conversations import HOURS
from ..inference.concentration import Concentration
from . import prose, theme
from .channel_gaps import real
from .chat_splitting import Split, whole
from .prose import GAP, count, number, percent, plural
from .show import Shown, table

NAMES = {  # of published numbers, where they are not called by what they are
    "staff": "persons who answer", "bought": "purchases", "top 10 subscribers": "revenue of the ten largest subscribers",
    "pairs that bought": "pairs with a purchase", "pairs that bought again": "pairs with two or more",
    "empty inbound": "messages without a text of the subscriber",
}  # fmt: skip
NEAR = 0.1  # of a published number, within which a draw is near it


@dataclass(frozen=True)
class Money:
    """What a log tells of money; counts are None where so few are not told.

    Attributes
    ----------
    offers, bought, tips : int or None
        Rows with an offer, with a purchase, and with a tip.
    buying, again : int or None
        Pairs with a purchase, and with two or more.
    revenue : float
        NaN where it is not told.
    """

    offers: int | None
    bought: int | None
    tips: int | None
    buying: int | None
    again: int | None
    revenue: float


@dataclass(frozen=True)
class Held:
    """What a page tells of a log; counts are None where so few are not told.

    Attributes
    ----------
    rows, subscribers, accounts, pairs : int or None
    staff : int or None
        None where the log does not name them as well.
    span : str
        From when to when.
    days : float
        To the moment from which silence counts.
    mean, median, most : float
        Messages of a pair.
    top : float
        Share of the messages that the busiest tenth of the pairs has.
    text : bool
        Whether there are texts.
    blank : float
        Share of rows without a text of the subscriber; NaN where that is not told.
    money : Money or None
        None without money.
    warnings, notes : list of str
    """

    rows: int | None
    subscribers: int | None
    accounts: int | None
    pairs: int | None
    staff: int | None
    span: str
    days: float
    mean: float
    median: float
    most: float
    top: float
    text: bool
    blank: float
    money: Money | None
    warnings: list[str]
    notes: list[str]

    @property
    def skewed(self) -> bool:
        """Whether a few pairs have most to say: the mean of the messages of a pair is above its median."""
        return self.mean > self.median

    @property
    def length(self) -> str:
        """The days of the log."""
        whole_days = number(self.days, 0 if self.days >= 10 else 1)
        return f"{whole_days}{GAP}{'day' if whole_days == '1' else 'days'}"


def held(audit: ChatAudit, *, exact: bool) -> Held:
    """Collect what sentences tell of a log; days are told where ``exact``, else months."""
    of, money = audit.per_pair, audit.money
    return Held(
        whole(audit.rows), whole(audit.subscribers), whole(audit.accounts), whole(audit.pairs), whole(audit.staff),
        prose.span(audit.first, audit.last, exact=exact), real(audit.days), real(of.get("mean")), real(of.get("50%")),
        real(of.get("max")), real(audit.top_share), audit.blank is not None, real(audit.blank),
        None if money is None else _money(money), list(audit.warnings), list(audit.notes),
    )  # fmt: skip


def _money(found: Mapping[str, Any]) -> Money:
    offers, bought, tips, buying, again = (whole(found.get(n)) for n in ("offers", "bought", "tips", "buying", "again"))
    return Money(offers, bought, tips, buying, again, real(found.get("revenue")))


def log_table(
    known: Held, label: str, revenue: Callable[[float], str], names: Mapping[str, str] | None = None
) -> Shown:
    """Show the totals of a log.

    Parameters
    ----------
    known : Held
    label : str
    revenue : callable
        Writes an amount of money.
    names : mapping of str to str, optional
        What ``subscribers`` and ``accounts`` are called there.
    """
    names, m = names or {}, known.money
    rows: list[tuple[str, str]] = [
        ("messages, one a row", many(known.rows)), ("pairs", many(known.pairs)),
        *((names.get(n, n), many(getattr(known, n))) for n in ("subscribers", "accounts")),
        *([] if known.staff is None else [("persons who answer", many(known.staff))]),
        ("from … to …", known.span),
        *((f"messages of a pair, {n}", number(v)) for n, v in (
            ("mean", known.mean), ("median", known.median), ("most", known.most))),
        ("messages of the busiest tenth of the pairs", percent(known.top)),
    ]  # fmt: skip
    rows += [("messages without a text of the subscriber", percent(known.blank))] if known.text else []
    if m is not None:
        rows += [
            ("offers", many(m.offers)), ("purchases", many(m.bought)), ("messages with a tip", many(m.tips)),
            ("revenue", revenue(m.revenue)), ("pairs with a purchase", many(m.buying)),
            ("pairs with two or more", many(m.again)),
        ]  # fmt: skip
    said = (
        f"The busiest tenth of the pairs has {percent(known.top)} of the messages"
        if math.isfinite(known.top)
        else "What the log holds"
    )
    return table(
        pd.DataFrame(rows, columns=["what", "value"]), label, f"**{said}.** {known.length} in all.", right=("value",)
    )


def many(n: int | None) -> str:
    """Write a count; a dash where it is not told."""
    return "–" if n is None else str(count(n))


def days_figure(audit: ChatAudit) -> Figure:
    """Draw the messages of each day."""
    own = audit.by_day.map(real)
    start = pd.Timestamp(own.index[0]) if len(own) else pd.Timestamp(audit.first)
    after = (pd.DatetimeIndex(own.index) - start) / pd.Timedelta(days=1)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 2.6))
        axes.bar(
            np.asarray(after, dtype=np.float64) + 1,
            own.fillna(0),
            color=theme.ACCENT,
            width=0.8 if len(own) < 60 else 1.0,
        )
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: str(count(v))))
        axes.grid(axis="x", visible=False)
        axes.set_xlabel("day of the log")
        axes.set_ylabel("messages")
    return drawn


def days_caption(audit: ChatAudit) -> str:
    """State how far days differ."""
    own = audit.by_day.map(real).dropna()
    blank = " A day without a bar has none, or so few that they are not told."
    if own.empty:
        return f"**Messages by day.**{blank}"
    if len(own) == 1:
        return f"**The log is of one day, with {count(own.iloc[0])} messages.**"
    few, most = float(own.min()), float(own.max())
    short = len(own) < math.ceil((own.index[-1] - own.index[0]) / pd.Timedelta(days=1)) + 1 or audit.by_day.isna().any()
    return (
        f"**Days with messages have from {count(few)} to {count(most)} of them.** The first and the last day may be cut short."
        f"{blank if short else ''}"
    )


def days_alt(audit: ChatAudit) -> str:
    """Describe the bars."""
    own = audit.by_day.map(real).dropna()
    if own.empty:
        return "No bars."
    if len(own) <= 14:
        return f"Bars, messages by day: {'; '.join(str(count(v)) for v in own)}."
    most = pd.Timestamp(own.idxmax())
    day = int((most - pd.Timestamp(audit.by_day.index[0])) / pd.Timedelta(days=1)) + 1
    return (
        f"Bars for {plural(len(own), 'day')}: half of them have {count(own.median())} messages or fewer, and day {day} has the "
        f"most, {count(own.max())}."
    )


def published_table(
    audit: ChatAudit, conversations: pd.DataFrame, stages: StageCounts | None, revenue: Concentration | None, label: str
) -> Shown:
    """Show what a simulated log has beside the numbers that the simulator is set to.

    Parameters
    ----------
    audit : ChatAudit
    conversations : DataFrame
        ``hours`` and ``conversations``.
    stages : StageCounts or None
    revenue : Concentration or None
    label : str
    """
    from ..data.simulate.messages import PUBLISHED  # of no use to a real log

    drawn = _drawn(audit, conversations, stages, revenue)
    rows = [(n, float(told), drawn[n]) for n, told in PUBLISHED.items() if math.isfinite(drawn.get(n, math.nan))]
    off = [abs(here / told - 1) for _, told, here in rows]
    same, near = sum(x < 1e-9 for x in off), sum(x <= NEAR for x in off)
    names = [NAMES.get(n, n.replace("rows", "messages")) for n, _, _ in rows]
    frame = pd.DataFrame(
        [
            (name, _as(n, told), _as(n, here), percent(x))
            for name, (n, told, here), x in zip(names, rows, off, strict=True)
        ],
        columns=["what", "published", "this draw", "apart"],
    )
    return table(
        frame, label,
        f"**Of {plural(len(rows), 'number')} {count(same)} {'is' if same == 1 else 'are'} met exactly, and {count(near)} to within "
        f"{percent(NEAR, 0)}; “{names[int(np.argmax(off))]}” is furthest off.** The published numbers are of another log, which is "
        "not at hand.",
        right=("published", "this draw", "apart"), export=pd.DataFrame(rows, columns=["what", "published", "drawn"]),
    )  # fmt: skip


def _drawn(
    audit: ChatAudit, conversations: pd.DataFrame, stages: StageCounts | None, revenue: Concentration | None
) -> dict[str, float]:
    """Return what a log has, under the names of the published numbers."""
    of, m = audit.per_pair, audit.money or {}
    found = {
        **{n: real(getattr(audit, n)) for n in ("rows", "subscribers", "accounts", "pairs", "staff")},
        "days": float(len(audit.by_day)), "mean rows of a pair": real(of.get("mean")), "median rows of a pair": real(of.get("50%")),
        "most rows of a pair": real(of.get("max")), "empty inbound": real(audit.blank),
        "conversations": real(conversations.set_index("hours")["conversations"].get(HOURS)),
        **{n: real(m.get(n)) for n in ("offers", "bought", "revenue")},
        "pairs that bought": real(m.get("buying")), "pairs that bought again": real(m.get("again")),
        "top 10 subscribers": math.nan if revenue is None else real(revenue.first.value),
    }  # fmt: skip
    by_stage = stages.table.set_index("stage")["rows"] if stages is not None else pd.Series(dtype="float64")
    return found | {f"rows in stage {s}": real(n) for s, n in by_stage.items()}


def _as(name: str, value: float) -> str:
    if name in ("empty inbound", "top 10 subscribers"):
        return str(percent(value))
    return f"{value:,.2f}" if name == "revenue" else str(number(value))


def verdict(known: Held, split: Split) -> str:
    """Say in a few words what there is."""
    many = "" if split.conversations is None else f"{plural(split.conversations, 'conversation')}, "
    return f"{many}{'with' if known.text else 'without'} texts, {'with' if known.money else 'without'} money"
