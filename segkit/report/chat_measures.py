"""What conversations are like, and what pairs are described by: facts and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from ..features.table import FeatureTable
from . import prose
from .channel_gaps import real
from .chat_splitting import whole
from .prose import count, number, percent, plural
from .show import Shown, table

BLOCKS = {
    "volume": "how much",
    "rhythm": "in which rhythm",
    "recency": "how lately",
    "raw": "plain counts",
    "money": "money",
}
LIKE = {  # quantities of a conversation, and whether they are shares
    "message_count": ("messages", False), "duration_hours": ("hours from first to last message", False),
    "days_since_last_message": ("days from its last message to the end of the log", False),
    "active": ("active at the end of the log", True), "revenue": ("revenue", False), "offer_count": ("offers", False),
    "purchase_count": ("purchases", False), "purchase_rate": ("purchases by offers, where there are offers", True),
    "messages_before_first_purchase": ("messages before its first purchase", False),
    "time_to_first_purchase_hrs": ("hours to its first purchase", False),
    "days_between_first_last_purchase": ("days from its first purchase to its last", False),
}  # fmt: skip


@dataclass(frozen=True)
class Like:
    """What conversations are like; NaN where that is not told.

    Attributes
    ----------
    conversations : int or None
    messages, hours : float
        Medians.
    most : float
        Messages of the longest one.
    active, buying : float
        Shares that are active at the end of the log, and have a purchase; the latter NaN without money.
    """

    conversations: int | None
    messages: float
    hours: float
    most: float
    active: float
    buying: float


def like(quartiles: pd.DataFrame, thresholds: pd.DataFrame, chosen: float) -> Like:
    """Collect what sentences tell of conversations.

    Parameters
    ----------
    quartiles : DataFrame
        ``what``, ``count``, ``mean``, ``25%``, ``50%``, ``75%``, ``max``.
    thresholds : DataFrame
        ``hours`` and ``with_purchase``.
    chosen : float
        The threshold in use.
    """
    rows = quartiles.set_index("what")

    def of(what: str, column: str) -> float:
        return real(rows.loc[what, column]) if what in rows.index else math.nan

    return Like(
        whole(of("message_count", "count")), of("message_count", "50%"), of("duration_hours", "50%"), of("message_count", "max"),
        of("active", "mean"), real(thresholds.set_index("hours").loc[chosen, "with_purchase"]),
    )  # fmt: skip


def like_table(quartiles: pd.DataFrame, currency: str) -> Shown:
    """Show quartiles of what conversations are like."""
    order = [n for n in LIKE if n in set(quartiles["what"])]
    rows = quartiles.set_index("what").loc[order]
    shares = [LIKE[n][1] for n in order]
    names = [f"revenue, {currency}" if n == "revenue" and currency else LIKE[n][0] for n in order]
    frame = pd.DataFrame({"of a conversation": names, "conversations": rows["count"].map(real).to_numpy()})
    for column, name in (
        ("mean", "mean"), ("25%", "first quartile"), ("50%", "median"), ("75%", "third quartile"), ("max", "most")
    ):  # fmt: skip
        values = [math.nan if n == "active" and column != "mean" else real(v) for n, v in rows[column].items()]
        frame[name] = [str(percent(v)) if s else number(v, 2) for v, s in zip(values, shares, strict=True)]
    middle = real(rows.loc["message_count", "50%"])
    said = (
        f"Half of the conversations have {number(middle)} messages or fewer"
        if math.isfinite(middle)
        else "Conversations"
    )
    return table(
        frame, "tbl-conversations",
        f"**{said}.** What is of purchases is of conversations with one; a dash: not told, or no such thing.",
        {"conversations": count}, right=tuple(frame.columns[2:]), export=quartiles, stack=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Described:
    """What pairs are described by.

    Attributes
    ----------
    blocks : list of (str, int)
        In words, and how many features of it decide on segments.
    aside : list of (str, int)
        The same of features that only describe.
    """

    blocks: list[tuple[str, int]]
    aside: list[tuple[str, int]]

    @property
    def count(self) -> int:
        """Features that decide."""
        return sum(n for _, n in self.blocks)

    @property
    def money(self) -> bool:
        """Whether any of those that only describe are of money."""
        return BLOCKS["money"] in dict(self.aside)


def described(features: FeatureTable) -> Described:
    """Collect what sentences tell of features."""
    many = pd.Series([c.block for c in features.columns]).value_counts(sort=False)
    rest = [(BLOCKS.get(str(b), str(b)), int(n)) for b, n in many.items() if b not in features.model_blocks]
    return Described([(BLOCKS.get(b, b), len(n)) for b, n in features.blocks.items()], rest)


def features_table(features: FeatureTable) -> Shown:
    """Show every feature: what it is, and its quartiles over pairs."""
    own, told = features.table, features.quartiles
    frame = pd.DataFrame(
        {
            "feature": [prose.capital(c.label) for c in features.columns],
            "of": [BLOCKS.get(c.block, c.block) for c in features.columns],
            "what it is": [c.meaning for c in features.columns],
            "decides": ["yes" if c.block in features.model_blocks else "describes" for c in features.columns],
        }
    )
    rows = told.reindex(columns=[c.name for c in features.columns]).map(real)
    low, middle, high = ([number(v, 2) for v in rows.loc[q]] for q in (0.25, 0.5, 0.75))
    frame["median (quartiles)"] = [f"{m} ({a} to {b})" for m, a, b in zip(middle, low, high, strict=True)]
    n = described(features).count
    return table(
        frame, "tbl-features",
        f"**{prose.capital(plural(n, 'feature', words=True))} decide{'s' if n == 1 else ''} on segments; all others only describe "
        "them.** Over pairs, of logarithms where the name says so.",
        right=("median (quartiles)",), export=pd.concat([own, rows.T.reset_index(drop=True).add_prefix("quantile ")], axis=1),
        stack=True,
    )  # fmt: skip
