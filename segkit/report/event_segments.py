"""What studies of events show and say of their segments: who they are by events and amounts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..engine.meaning import Card, Cards, Profile
from ..features.measures import Measures
from ..features.table import Column, FeatureTable
from ..vocabulary import Vocabulary
from . import prose
from .findings import few, quoted
from .prose import count, inline, join, number, percent, plural, word
from .show import Shown, table
from .tables import cell, dashes, named

AMOUNTS = ("s", "amount")  # units of features that are amounts
COMMONEST = 3  # labels that a card names


def _read(column: Column, value: float, terms: Vocabulary) -> str:
    """Write a value of a feature in words."""
    if column.block == "recency":
        return f"{prose.ago(value)} ago"
    return prose.amount(value, terms) if column.unit in AMOUNTS else prose.number(value)


def card_facts(card: Card, measures: Measures, terms: Vocabulary) -> list[tuple[str, str]]:
    """Return what the card of a segment tells of it."""
    m = measures
    second = {"core": m.days, "warm": m.days, "deep": m.median, "once": m.total}.get(card.archetype)
    shown = (
        [] if second is None else [(m.count, m.count.label), (second, second.label), (m.recency, f"last {terms.event}")]
    )
    return [(name, _read(c, card.medians[c.name], terms)) for c, name in shown if c.name in card.medians]


def facts_of(
    measures: Measures, terms: Vocabulary, more: Mapping[int, list[tuple[str, str]]]
) -> Callable[[Card], list[tuple[str, str]]]:
    """Return what tells the facts of a card, for the cards of one study; those by segment come last."""
    return lambda card: [*card_facts(card, measures, terms), *more.get(card.id, [])]


def composition(
    cards: Cards, profiled: Profile, features: FeatureTable, left: Mapping[int, int]
) -> dict[int, list[tuple[str, str]]]:
    """Return what a card tells of labels, by segment: the commonest, and how many units the action is for.

    Parameters
    ----------
    cards : Cards
    profiled : Profile
    features : FeatureTable
    left : mapping of int to int
        Units that an action is for, by segment, where it is not for all.
    """
    kinds = [c for c in features.columns if c.block == "category"]
    out = {}
    for card in cards:
        shares = [(cell(profiled, card.id, c.name, "mean"), c.label) for c in kinds] if card.medians else []
        first = sorted((pair for pair in shares if pair[0] > 0), reverse=True)[:COMMONEST]
        named = [("labels", join([f"“{label}” {percent(share, 0)}" for share, label in first]))] if first else []
        some = (
            [("action is for", f"{count(left[card.id])} of {count(card.size)}")]
            if card.size and card.id in left
            else []
        )
        out[card.id] = [*named, *some]
    return out


@inline
def concentration(cards: Cards, profiled: Profile, measures: Measures, terms: Vocabulary) -> str:
    """State how much of the events and of the amount the core units account for.

    Shares are of the segments that are shown: those too small to be shown have no part in them.
    """
    core = [c for c in cards.of("core") if c.size is not None]
    if not core:
        return f"The {count(cards.total)} {terms.units} fall into {plural(len(cards), 'segment', words=True)}."
    size = sum(c.size or 0 for c in core)
    features = (measures.count.name, measures.total.name)
    events, amount = (
        float(profiled.shares_of_total(f).reindex([c.id for c in core]).sum(skipna=False)) for f in features
    )
    aside = ", segments too small to be shown aside" if profiled.hidden else ""
    who = f"{count(size)} of {count(cards.total)} {terms.units} ({percent(size / cards.total)})"
    if math.isnan(events + amount):
        return f"{who} {terms.do} most."
    return (
        f"{who} account for {percent(events)} of the {terms.events} and {percent(amount)} of the {terms.amount}{aside}."
    )


@inline
def lead(cards: Cards, measures: Measures, terms: Vocabulary) -> str:
    """Say in one or two sentences who the other units are."""
    largest = max((c for c in cards if c.size is not None), key=lambda c: c.size or 0, default=None)
    parts = []
    if largest is not None and largest.share is not None:
        events = largest.medians[measures.count.name]
        typical = f"a single {terms.event}" if events == 1 else f"{number(events)} {terms.events}"
        parts.append(
            f"The largest segment is {quoted(largest)}: {percent(largest.share)} of the {terms.units}, typically "
            f"with {typical}."
        )
    others = [c for c in cards if c is not largest and c.archetype != "core" and c.size is not None]
    if others:
        parts.append(
            f"The {'other is' if len(others) == 1 else 'others are'} "
            + join([f"{quoted(c)} ({plural(c.size or 0, terms.unit)})" for c in others])
            + "."
        )
    hidden = sum(1 for c in cards if c.size is None)
    if hidden:
        which = "size of one segment is" if hidden == 1 else f"sizes of {word(hidden)} segments are"
        parts.append(
            f"The {which} not shown, since {'it' if hidden == 1 else 'they'} would give single {terms.units} away."
        )
    return " ".join(parts)


@dataclass(frozen=True)
class OffHours:
    """How many units of a segment were ever active at an unusual time.

    Attributes
    ----------
    where : str
    share : float or None
        Nothing where it is hidden.
    few : bool
        Whether it covers so few units that it would tell of them.
    """

    where: str
    share: float | None
    few: bool


@dataclass(frozen=True)
class Portrait:
    """What is told of one segment.

    Attributes
    ----------
    name, reason, action : str
    size, share
        Nothing where they are hidden.
    typical : Typical or None
        The typical unit; nothing where the segment is too small to be described.
    held : float or None
        Its share of the events of all segments that are shown; nothing where it would tell of a single unit.
    off_hours : list of OffHours
    left : int or None
        How many the action is for, where it is told and not for all.
    """

    name: str
    reason: str
    action: str
    size: int | None
    share: float | None
    typical: Typical | None
    held: float | None
    off_hours: list[OffHours]
    left: int | None


@dataclass(frozen=True)
class Typical:
    """Medians of a segment: events, active days, amount in all, amount of an event, days since the last event."""

    events: float
    days: float
    total: float
    median: float
    since: float


def portraits(
    cards: Cards, profiled: Profile, off_hours: list[tuple[str, str]], measures: Measures, left: Mapping[int, int]
) -> list[Portrait]:
    """Return what is told of each segment.

    Parameters
    ----------
    cards : Cards
    profiled : Profile
    off_hours : list of (feature, words)
        Shares whose presence is worth telling.
    measures : Measures
    left : mapping of int to int
        Units that an action is for, by segment, where it is not for all.
    """
    shares = profiled.shares_of_total(measures.count.name)
    columns = (measures.count, measures.days, measures.total, measures.median, measures.recency)
    return [
        Portrait(
            name=c.name,
            reason=c.reason,
            action=c.action,
            size=c.size,
            share=c.share,
            typical=Typical(*(float(c.medians[m.name]) for m in columns)) if c.medians else None,
            held=float(shares[c.id]) if c.size is not None and c.id in shares.index else None,
            off_hours=[_at(profiled, c.id, f, words) for f, words in off_hours] if c.medians else [],
            left=left.get(c.id),
        )
        for c in cards
    ]


def _at(profiled: Profile, segment: int, feature: str, where: str) -> OffHours:
    share = profiled.value(segment, feature, "share_any")
    return OffHours(where, None if math.isnan(share) else float(share), few(profiled, segment, feature))


def segment_medians(cards: Cards, profiled: Profile, measures: Measures, terms: Vocabulary) -> Shown:
    """Show the medians of each segment."""
    shown = {c.name: c for c in measures.fixed if c.name in measures.shown}
    units = {n: terms.amount_unit if c.unit == "amount" else c.unit for n, c in shown.items()}
    title = {n: f"{c.label}, {units[n]}" if c.unit in AMOUNTS and units[n] else c.label for n, c in shown.items()}
    rows = [
        {"segment": c.name, terms.units: c.size, "share": c.share, **{title[n]: c.medians.get(n) for n in shown}}
        for c in cards
    ]
    frame = pd.DataFrame(rows)
    frame = frame.astype({n: "Float64" for n in frame.columns if n != "segment"})
    formats: dict[str, Callable[[Any], str]] = {terms.units: prose.count, "share": prose.percent}
    formats |= {title[n]: prose.percent if c.unit == "share" else prose.number for n, c in shown.items()}
    return table(
        frame, "tbl-segments",
        f"**{_spread([c for c in cards if c.medians], measures, terms)}** Medians in raw units. The CSV adds quartiles, means and "
        "shares of every feature.",
        formats, export=named(profiled.table, cards),
    )  # fmt: skip


def _spread(cards: list[Card], measures: Measures, terms: Vocabulary) -> str:
    """State how far the medians of the number of events lie apart."""
    if not cards:
        return "No segment is large enough to be shown."
    low, *_, high = sorted([*cards, cards[0]], key=lambda c: c.medians[measures.count.name])
    least, most = (c.medians[measures.count.name] for c in (low, high))
    typical = f"The typical {terms.unit} has {number(most)} {terms.event if most == 1 else terms.events} in"
    if least == most:
        return f"{typical} {'every segment' if len(cards) > 1 else quoted(high)}."
    return f"{typical} {quoted(high)} and {number(least)} in {quoted(low)}."


def off_hours(cards: Cards, profiled: Profile, features: FeatureTable, quiet: list[str], terms: Vocabulary) -> Shown:
    """Show, per segment, the share of units with an event at such a time, beside the mean share of events."""
    labels = features.labels
    shown = [c for c in cards if c.medians]

    def frame(statistic: str) -> pd.DataFrame:
        cells = {labels[f]: [cell(profiled, c.id, f, statistic) for c in shown] for f in quiet}
        return pd.DataFrame({"segment": [c.name for c in shown], **cells})

    ever, mean = frame("share_any"), frame("mean")
    shares = pd.DataFrame({f: {c.name: profiled.value(c.id, f, "share_any") for c in shown} for f in quiet})
    leads = shares.eq(shares.max()) & (shares.eq(shares.max()).sum() == 1)
    first = leads.index[leads.all(axis=1)] if len(shown) > 1 and quiet else []
    finding = f"“{first[0]}” leads in every column." if len(first) else "No segment leads in every column."
    export = ever.merge(mean, on="segment", suffixes=(f" ({terms.units})", f" ({terms.events})"))
    return table(
        ever, "tbl-off-hours",
        f"**{finding}** Share of a segment's {terms.units} with at least one {terms.event} at such a time; the CSV adds the mean "
        f"share of their {terms.events}.{dashes(ever, terms)}",
        dict.fromkeys(ever.columns[1:], prose.percent), export=export,
    )  # fmt: skip


def profile_caption(cards: Cards, profiled: Profile, measures: Measures, terms: Vocabulary) -> str:
    """State which segments overlap least."""
    shown = [c for c in cards if c.medians]
    if len(shown) < 2:
        return "**Medians and quartiles.** Marks are medians; bars reach from the first quartile to the third."
    count = measures.count.name
    top = max(shown, key=lambda c: c.medians[count])
    rest = max((c for c in shown if c is not top), key=lambda c: profiled.value(c.id, count, "q75"))
    apart = profiled.value(top.id, count, "q25") > profiled.value(rest.id, count, "q75")
    finding = (
        f"Three quarters of the {terms.units} in {quoted(top)} have more {terms.events} than three quarters of those in any "
        "other segment."
        if apart
        else f"{quoted(top)} and {quoted(rest)} overlap even in the number of {terms.events}."
    )
    return f"**{finding}** Marks are medians; bars reach from the first quartile to the third. Scales are logarithmic from one on."
