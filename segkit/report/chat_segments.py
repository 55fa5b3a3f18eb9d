"""The segments of pairs: how they write, and what was planted in a simulation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from ..engine.meaning import Card, Cards, Profile
from ..thresholds import PLANTED
from ..vocabulary import Vocabulary
from .findings import quoted
from .prose import capital, count, number, percent, word
from .show import Shown, table

# What is shown of each segment: the feature, what it is called, and how it is taken back from its scale.
SHOWN: tuple[tuple[str, str, Callable[[float], float]], ...] = (
    ("messages", "messages", float),
    ("conversations", "conversations", float),
    ("messages_per_conversation", "messages per conversation", math.exp),
    ("usual_gap", "minutes between messages", math.expm1),
    ("active_days", "days with a message", float),
    ("days_silent", "days since last message", float),
)
PICTURED = ("messages", "conversations", "active_days", "days_silent")


@dataclass(frozen=True)
class Writes:
    """How the typical pair of a segment writes.

    Attributes
    ----------
    name : str
    size : int or None
    messages, conversations : float
        Medians.
    """

    name: str
    size: int | None
    messages: float
    conversations: float


@dataclass(frozen=True)
class Segmented:
    """What is told of all segments.

    Attributes
    ----------
    told : list of Writes
        Those that may be told of, that of the most messages first.
    count : int
        Segments.
    illustration : bool
        Whether the rule finds no segmentation.
    recovered : float or None
        Adjusted Rand index with the planted kinds; None for real data.
    planted : float
        What is asked of it.
    """

    told: list[Writes]
    count: int
    illustration: bool
    recovered: float | None
    planted: float = PLANTED

    @property
    def most(self) -> Writes | None:
        """The segment whose typical pair writes most."""
        return self.told[0] if self.told else None

    @property
    def least(self) -> Writes | None:
        """The one whose typical pair writes least."""
        return self.told[-1] if self.told else None

    @property
    def hidden(self) -> int:
        """Segments too small to be told of."""
        return self.count - len(self.told)

    @property
    def found(self) -> bool:
        """Whether the planted kinds are found again."""
        return self.recovered is not None and self.recovered >= self.planted


def segmented(cards: Cards, *, illustration: bool, recovered: float | None) -> Segmented:
    """Collect what sentences tell of the segments."""
    told = [
        Writes(quoted(c), c.size, c.medians["messages"], c.medians["conversations"])
        for c in cards if math.isfinite(c.medians.get("messages", math.nan))
    ]  # fmt: skip
    told.sort(key=lambda w: -w.messages)
    return Segmented(told, len(cards), illustration, recovered)


def card_facts(profiled: Profile) -> Callable[[Card], list[tuple[str, str]]]:
    """Return what tells the facts of a card: how the typical pair writes, and how many bought."""

    def of(card: Card) -> list[tuple[str, str]]:
        if not card.medians:
            return []
        names = ("messages", "conversations", "days_silent")
        told = [(said, card.medians[f]) for f, said, _ in SHOWN if f in names and f in card.medians]
        out = [(f"{said}, median", str(number(value))) for said, value in told]
        share = bought(profiled, card.id)
        return out + ([] if math.isnan(share) else [("ever bought", percent(share))])

    return of


def bought(profiled: Profile, segment: int) -> float:
    """Return the share of pairs with a purchase; NaN where it may not be told, or there is no money."""
    if "purchases" not in set(profiled.table["feature"]):
        return math.nan
    return profiled.value(segment, "purchases", "share_any")


def profile_table(profiled: Profile, cards: Cards, terms: Vocabulary) -> Shown:
    """Show medians and quartiles of each segment."""
    rows = []
    for c in cards:
        row = {"segment": c.name, terms.units: math.nan if c.size is None else float(c.size)}
        for feature, said, back in SHOWN:
            row[said] = _quartiles(profiled, c.id, feature, back) if c.medians else "–"
        rows.append(row)
    shown = [c for c in cards if c.medians]
    most = max(shown, key=lambda c: c.medians["messages"], default=None)
    finding = (
        "No segment is large enough to be told of" if most is None
        else f"Half of {quoted(most)} have {number(most.medians['messages'])} messages or more"
    )  # fmt: skip
    return table(
        pd.DataFrame(rows), "tbl-segments", f"**{finding}.** Medians, with the first and the third quartile in brackets.",
        {terms.units: count}, right=[said for _, said, _ in SHOWN], export=profiled.table, stack=True,
    )  # fmt: skip


def _quartiles(profiled: Profile, segment: int, feature: str, back: Callable[[float], float]) -> str:
    low, middle, high = (profiled.value(segment, feature, q) for q in ("q25", "median", "q75"))
    if not math.isfinite(middle):
        return "–"
    ends = f" ({number(back(low))} to {number(back(high))})" if math.isfinite(low + high) else ""
    return f"{number(back(middle))}{ends}"


@dataclass(frozen=True)
class Kind:
    """One planted kind of pair: its name, its pairs, and the segment that most of them are in with their share."""

    name: str
    size: int
    segment: str
    share: float


def kinds(planted: pd.Series | None, labels: pd.Series, cards: Cards) -> list[Kind]:
    """Say where the planted kinds of pairs went; nothing for data that are no simulation.

    Parameters
    ----------
    planted : Series of str, optional
        The planted kind of each pair.
    labels : Series of int
        The segment of each pair.
    cards : Cards
    """
    if planted is None:
        return []
    name, crossed = {c.id: quoted(c) for c in cards}, _crossed(planted, labels)
    rows = crossed.loc[crossed.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    return [
        Kind(str(kind), int(own.sum()), name[int(own.idxmax())], float(own.max() / own.sum()))
        for kind, own in rows.iterrows()
    ]


def _crossed(planted: pd.Series, labels: pd.Series) -> pd.DataFrame:
    return pd.crosstab(planted.reindex(labels.index).rename("planted"), labels.rename("segment"))


def kinds_table(planted: pd.Series | None, labels: pd.Series, cards: Cards) -> Shown:
    """Show how many pairs of each planted kind each segment has."""
    found = kinds(planted, labels, cards)
    if planted is None or not found:
        return Shown("")
    crossed = _crossed(planted, labels)
    rows = [
        {"planted kind": k.name, "pairs": k.size, **{c.short: int(crossed.loc[k.name].get(c.id, 0)) for c in cards}}
        for k in found
    ]
    apart = len({k.segment for k in found}) == len(found)
    told = (
        "Each planted kind has a segment of its own in which most of it is" if apart
        else f"{capital(word(len(found)))} planted kinds share {word(len({k.segment for k in found}))} "
             f"{'segment' if len({k.segment for k in found}) == 1 else 'segments'}"
    )  # fmt: skip
    return table(
        pd.DataFrame(rows),
        "tbl-planted",
        f"**{told}.** Pairs of the simulation, by the kind that was planted and by segment.",
    )
