"""What only the study of a call log shows and says of its segments: who they are by calls and talk."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from ..engine.meaning import Card, Cards, Profile
from ..features.table import FeatureTable
from ..vocabulary import Vocabulary
from . import prose
from .findings import few, quoted
from .prose import ago, count, duration, inline, join, number, percent, plural, word
from .show import Shown, table
from .tables import cell, dashes, named

MEDIANS = (
    ("n_calls", "calls", prose.number), ("n_days_active", "active days", prose.number),
    ("total_dur_sec", "total talk, s", lambda v: prose.number(v, 0)),
    ("median_dur_sec", "median call, s", prose.number), ("long_call_share", "long calls", prose.percent),
    ("recency_days", "days since last call", prose.number), ("tenure_days", "days of tenure", prose.number),
)  # fmt: skip
CARD_ROWS = {
    "core": ("n_calls", "n_days_active", "recency_days"),
    "warm": ("n_calls", "n_days_active", "recency_days"),
    "deep": ("n_calls", "median_dur_sec", "recency_days"),
    "once": ("n_calls", "total_dur_sec", "recency_days"),
}


def _ago(days: float) -> str:
    return f"{prose.ago(days)} ago"


ROW_NAMES: dict[str, tuple[str, Callable[[float], str]]] = {
    "n_calls": ("calls", prose.number), "n_days_active": ("active days", prose.number),
    "recency_days": ("last call", _ago), "median_dur_sec": ("median call", prose.duration),
    "total_dur_sec": ("total talk", prose.duration),
}  # fmt: skip


def card_facts(card: Card) -> list[tuple[str, str]]:
    """Return what the card of a segment tells of it."""
    return [
        (ROW_NAMES[f][0], ROW_NAMES[f][1](card.medians[f]))
        for f in CARD_ROWS.get(card.archetype, ())
        if f in card.medians
    ]


@inline
def concentration(cards: Cards, profiled: Profile, features: tuple[str, str] = ("n_calls", "total_dur_sec")) -> str:
    """State how much of the calls and of the talk the core contacts account for.

    Shares are of the segments that are shown: those too small to be shown have no part in them.
    """
    core = [c for c in cards.of("core") if c.size is not None]
    if not core:
        return f"The {count(cards.total)} contacts fall into {plural(len(cards), 'segment', words=True)}."
    size = sum(c.size or 0 for c in core)
    calls, talk = (float(profiled.shares_of_total(f).reindex([c.id for c in core]).sum(skipna=False)) for f in features)
    aside = ", segments too small to be shown aside" if profiled.hidden else ""
    if math.isnan(calls + talk):
        return f"{count(size)} of {count(cards.total)} contacts ({percent(size / cards.total)}) call most."
    return (
        f"{count(size)} of {count(cards.total)} contacts ({percent(size / cards.total)}) account for {percent(calls)} of "
        f"the calls and {percent(talk)} of the talk{aside}."
    )


@inline
def lead(cards: Cards, profiled: Profile) -> str:
    """Say in one or two sentences who the other contacts are."""
    largest = max((c for c in cards if c.size is not None), key=lambda c: c.size or 0, default=None)
    parts = []
    if largest is not None and largest.share is not None:
        calls = largest.medians["n_calls"]
        typical = "a single call" if calls == 1 else f"{number(calls)} calls"
        parts.append(
            f"The largest segment is {quoted(largest)}: {percent(largest.share)} of the contacts, typically with {typical}."
        )
    others = [c for c in cards if c is not largest and c.archetype != "core" and c.size is not None]
    if others:
        parts.append(
            f"The {'other is' if len(others) == 1 else 'others are'} "
            + join([f"{quoted(c)} ({plural(c.size or 0, 'contact')})" for c in others])
            + "."
        )
    hidden = sum(1 for c in cards if c.size is None)
    if hidden:
        which = "size of one segment is" if hidden == 1 else f"sizes of {word(hidden)} segments are"
        parts.append(f"The {which} not shown, since {'it' if hidden == 1 else 'they'} would give single contacts away.")
    return " ".join(parts)


def describe(card: Card, profiled: Profile, off_hours: list[tuple[str, str]]) -> str:
    """Describe one segment in a paragraph.

    Parameters
    ----------
    card : Card
    profiled : Profile
    off_hours : list of (feature, words)
        Shares whose presence is worth telling.
    """
    if not card.medians:
        return "This segment has too few contacts to be described without giving them away."
    m = card.medians
    who = "This segment, whose size is not shown, is"
    if card.size is not None:
        who = f"These {count(card.size)} contacts ({percent(card.share or 0)} of all) are"
    calls = "one call" if m["n_calls"] == 1 else f"{number(m['n_calls'])} calls"
    active = "one day" if m["n_days_active"] == 1 else f"{number(m['n_days_active'])} days"
    text = [
        f"{who} named for {card.reason}. The typical contact has {calls} on {active}, {duration(m['total_dur_sec'])} of talk "
        f"in all and a median call of {duration(m['median_dur_sec'])}; the last call lies {ago(m['recency_days'])} back."
    ]
    if card.size is not None:
        shares = profiled.shares_of_total("n_calls")
        scope = "the calls of all segments shown" if profiled.hidden else "all calls"
        if card.id in shares.index:  # else one contact holds so much of it that the share would tell of that one
            text.append(f"The segment holds {percent(float(shares[card.id]))} of {scope}.")
    if off_hours:
        (first, where), *others = [(_any(profiled, card.id, f), words) for f, words in off_hours]
        listed = join([f"{first} had a call {where}", *(f"{share} {words}" for share, words in others)])
        text.append(f"Of its contacts, {listed}.")
    return " ".join(text)


def _any(profiled: Profile, segment: int, feature: str) -> str:
    """Write the share of contacts with any activity, unless it covers too few of them."""
    if few(profiled, segment, feature):
        return f"fewer than {word(profiled.minimum)}"
    share = profiled.value(segment, feature, "share_any")
    return "not shown" if math.isnan(share) else {0.0: "none", 1.0: "all"}.get(share) or percent(share)


def portraits(cards: Cards, profiled: Profile, off_hours: list[tuple[str, str]]) -> str:
    """Describe every segment under a heading of its own, in Markdown."""
    return "\n\n".join(f"### {c.name}\n\n{describe(c, profiled, off_hours)} {c.action}" for c in cards)


def segment_medians(cards: Cards, profiled: Profile) -> Shown:
    """Show the medians of each segment."""
    rows = []
    for card in cards:
        numbers = {title: card.medians.get(f) for f, title, _ in MEDIANS}
        rows.append({"segment": card.name, "contacts": card.size, "share": card.share, **numbers})
    frame = pd.DataFrame(rows).astype({"contacts": "Float64", "share": "Float64"})
    frame = frame.astype({title: "Float64" for _, title, _ in MEDIANS})
    formats = {"contacts": prose.count, "share": prose.percent, **{title: f for _, title, f in MEDIANS}}
    return table(
        frame, "tbl-segments",
        "**Medians per segment, in raw units.** The CSV adds quartiles, means and shares of every feature.",
        formats, export=named(profiled.table, cards),
    )  # fmt: skip


def off_hours(cards: Cards, profiled: Profile, features: FeatureTable, quiet: list[str], terms: Vocabulary) -> Shown:
    """Show, per segment, the share of contacts with a call in a band or on closed days, beside the mean share of calls."""
    labels = features.labels
    shown = [c for c in cards if c.medians]

    def frame(statistic: str) -> pd.DataFrame:
        cells = {labels[f]: [cell(profiled, c.id, f, statistic) for c in shown] for f in quiet}
        return pd.DataFrame({"segment": [c.name for c in shown], **cells})

    ever, calls = frame("share_any"), frame("mean")
    shares = pd.DataFrame({f: {c.name: profiled.value(c.id, f, "share_any") for c in shown} for f in quiet})
    leads = shares.eq(shares.max()) & (shares.eq(shares.max()).sum() == 1)
    first = leads.index[leads.all(axis=1)] if len(shown) > 1 and quiet else []
    finding = f"“{first[0]}” leads in every column." if len(first) else "No segment leads in every column."
    export = ever.merge(calls, on="segment", suffixes=(" (contacts)", " (calls)"))
    return table(
        ever, "tbl-off-hours",
        f"**{finding}** Share of a segment's contacts with at least one call at such a time; the CSV adds the mean share of "
        f"their calls.{dashes(ever, terms)}",
        dict.fromkeys(ever.columns[1:], prose.percent), export=export,
    )  # fmt: skip


def profile_caption(cards: Cards, profiled: Profile) -> str:
    """State which segments overlap least."""
    shown = [c for c in cards if c.medians]
    if len(shown) < 2:
        return "**Medians and quartiles.** Marks are medians; bars reach from the first quartile to the third."
    top = max(shown, key=lambda c: c.medians["n_calls"])
    rest = max((c for c in shown if c is not top), key=lambda c: profiled.value(c.id, "n_calls", "q75"))
    apart = profiled.value(top.id, "n_calls", "q25") > profiled.value(rest.id, "n_calls", "q75")
    finding = (
        f"Three quarters of the contacts in {quoted(top)} have more calls than three quarters of those in any other segment."
        if apart
        else f"{quoted(top)} and {quoted(rest)} overlap even in the number of calls."
    )
    return f"**{finding}** Marks are medians; bars reach from the first quartile to the third. Scales are logarithmic from one on."
