"""Sentences that follow from the results of the contacts study, whatever the data are."""

from __future__ import annotations

import math

from ..data.provenance import Provenance
from ..engine.matrix import ModelMatrix
from ..engine.meaning import Card, Cards, Profile
from ..engine.segments import Segments
from ..thresholds import SILENCED
from .prose import ago, count, duration, inline, join, number, percent, plural, word


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


def quoted(card: Card) -> str:
    """Write a segment's name inside a sentence."""
    return f"“{card.name}”"


@inline
def silenced(matrix: ModelMatrix) -> str:
    """Say which blocks scaling has silenced, if any."""
    shares = matrix.table.set_index("block")["variance share"]
    quiet = shares[shares < SILENCED]
    if quiet.empty:
        low = str(shares.idxmin())
        return (
            f"The block with the least say, {low}, holds {percent(float(shares.min()))} of the variance that the clustering "
            "sees."
        )
    listed = join([f"{name} ({percent(float(share))})" for name, share in quiet.items()])
    if len(quiet) == 1:
        name, share = str(quiet.index[0]), percent(float(quiet.iloc[0]))
        return (
            f"Scaling has all but silenced {name}: it holds {share} of the variance that the clustering sees, so the segments "
            "hardly depend on it."
        )
    return (
        f"Scaling has all but silenced {listed}: they hold so little of the variance that the clustering sees that the "
        "segments hardly depend on them."
    )


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


def few(profiled: Profile, segment: int, feature: str, minimum: int | None = None) -> bool:
    """Tell whether a share is above zero for some contacts of a segment, but for fewer than may be shown."""
    rows = profiled.table[(profiled.table["segment"] == segment) & (profiled.table["feature"] == feature)]
    covered = float((rows["share_any"] * rows["units"]).iloc[0])
    if math.isnan(covered):  # hidden before it came here
        return False
    active = round(covered)
    return 0 < active < (profiled.minimum if minimum is None else minimum)


def _any(profiled: Profile, segment: int, feature: str) -> str:
    """Write the share of contacts with any activity, unless it covers too few of them."""
    if few(profiled, segment, feature):
        return f"fewer than {word(profiled.minimum)}"
    share = profiled.value(segment, feature, "share_any")
    return "not shown" if math.isnan(share) else {0.0: "none", 1.0: "all"}.get(share) or percent(share)


def limits(provenance: Provenance) -> list[str]:
    """List what the study cannot tell."""
    out = [
        "Segments describe what contacts did in this log. They say nothing about why, nor what a call to them would change.",
        "Every contact falls into exactly one segment, also those between two of them.",
        "The internal indices compare numbers of segments. None of them can answer that there are no segments at all.",
    ]
    if not provenance.real:
        out.insert(0, "The data are simulated. Nothing on these pages is about real people or a real business.")
    return out


@inline
def naming(cards: Cards) -> str:
    """Say which rule gave each name."""
    by_reason: dict[str, list[str]] = {}
    for card in cards:
        if card.medians:
            by_reason.setdefault(card.reason, []).append(quoted(card))
    parts = [f"{join(names)} for {reason}" for reason, names in by_reason.items()]
    if len(parts) < 3:
        return f"The segments are called {join(parts)}." if parts else ""
    return f"The segments are called {'; '.join(parts[:-1])}; and {parts[-1]}."


def portraits(cards: Cards, profiled: Profile, off_hours: list[tuple[str, str]]) -> str:
    """Describe every segment under a heading of its own, in Markdown."""
    return "\n\n".join(f"### {c.name}\n\n{describe(c, profiled, off_hours)} {c.action}" for c in cards)


@inline
def apart(segments: Segments, cards: Cards) -> str:
    """Say how far apart the segments lie."""
    mean = float((segments.silhouette * segments.sizes).sum() / segments.sizes.sum())
    text = f"The mean over all contacts is {mean:.2f}"
    shown = [c for c in cards if c.medians]
    if not shown:
        return f"{text}."
    low = min(shown, key=lambda c: segments.silhouette[c.id])
    return f"{text}; it is lowest in {quoted(low)}, at {segments.silhouette[low.id]:.2f}."
