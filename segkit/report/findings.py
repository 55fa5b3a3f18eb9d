"""Sentences that follow from the results of the contacts study, whatever the data are."""

from __future__ import annotations

from ..data.provenance import Provenance
from ..engine.kselection import KSelection
from ..engine.matrix import ModelMatrix
from ..engine.meaning import Card, Cards, Profile
from ..engine.segments import Segments
from .prose import capital, count, days, duration, inline, join, number, percent, plural, word

SILENCED = 0.02  # a block with less of the variance than this cannot matter to distances


@inline
def concentration(cards: Cards, profiled: Profile, features: tuple[str, str] = ("n_calls", "total_dur_sec")) -> str:
    """State how much of the calls and of the talk the core contacts account for."""
    core = [c for c in cards.of("core") if c.size is not None]
    if not core:
        return f"The {count(cards.total)} contacts fall into {plural(len(cards), 'segment', words=True)}."
    size = sum(c.size or 0 for c in core)
    calls, talk = (float(profiled.shares_of_total(f)[[c.id for c in core]].sum()) for f in features)
    verb = "makes" if size == 1 else "make"
    return (
        f"{count(size)} of {count(cards.total)} contacts ({percent(size / cards.total)}) {verb} {percent(calls)} of the "
        f"calls and {percent(talk)} of the talk."
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
            f"Between them {'lies' if len(others) == 1 else 'lie'} "
            + join([f"{quoted(c)} ({plural(c.size or 0, 'contact')})" for c in others])
            + "."
        )
    hidden = sum(1 for c in cards if c.size is None)
    if hidden:
        parts.append(
            f"{capital(plural(hidden, 'segment', words=True))} cannot be shown without giving single contacts away."
        )
    return " ".join(parts)


def quoted(card: Card) -> str:
    """Write a segment's name inside a sentence."""
    return f"“{card.name}”"


@inline
def how_k(segments: Segments, selection: KSelection) -> str:
    """Say where the number of segments came from, and what the indices alone would choose."""
    names = {"silhouette": "silhouette", "davies_bouldin": "Davies-Bouldin", "calinski_harabasz": "Calinski-Harabasz"}
    agree = [names[n] for n, k in selection.by.items() if k == segments.k]
    differ = {n: k for n, k in selection.by.items() if k != segments.k}
    text = f"The number of segments, {word(segments.k)}, was set by hand."
    if not differ:
        return text + " The three internal indices, each on its own, would choose the same."
    by_k: dict[int, list[str]] = {}
    for name, k in differ.items():
        by_k.setdefault(k, []).append(names[name])
    choices = join([f"{join(group)} would choose {word(k)}" for k, group in sorted(by_k.items())])
    tail = f"; {join(agree)} {'agrees' if len(agree) == 1 else 'agree'}" if agree else ""
    return f"{text} On its own, {choices}{tail}."


@inline
def silenced(matrix: ModelMatrix) -> str:
    """Say which blocks scaling has silenced, if any."""
    shares = matrix.table.set_index("block")["variance share"]
    quiet = shares[shares < SILENCED]
    if quiet.empty:
        low = str(shares.idxmin())
        return (
            f"The smallest block, {low}, holds {percent(float(shares.min()))} of the variance that the clustering sees."
        )
    listed = join([f"{name} ({percent(float(share))})" for name, share in quiet.items()])
    verb = "has" if len(quiet) == 1 else "have"
    return (
        f"Scaling has all but silenced {listed}: {'it' if len(quiet) == 1 else 'they'} {verb} next to no share in the "
        "variance that the clustering sees, so the segments cannot be about that."
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
    size = f"{count(card.size)} contacts ({percent(card.share or 0)})" if card.size is not None else "A small segment"
    calls = "one call" if m["n_calls"] == 1 else f"{number(m['n_calls'])} calls"
    active = "one day" if m["n_days_active"] == 1 else f"{number(m['n_days_active'])} days"
    text = [
        f"{size}, named for {card.reason}. The typical contact has {calls} on "
        f"{active}, {duration(m['total_dur_sec'])} of talk in all and a median call of {duration(m['median_dur_sec'])}; "
        f"the last call was {days(m['recency_days'])} days before the end of the log."
    ]
    shares = profiled.shares_of_total("n_calls")
    text.append(f"The segment holds {percent(float(shares[card.id]))} of all calls.")
    seen = [(percent(profiled.value(card.id, f, "share_any"), 0), words) for f, words in off_hours]
    if seen:
        (first, where), *others = seen
        listed = join([f"{first} ever called {where}", *(f"{share} {words}" for share, words in others)])
        text.append(f"Of its contacts, {listed}.")
    return " ".join(text)


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
    parts = [f"{quoted(c)} for {c.reason}" for c in cards if c.medians]
    return f"The segments are called {join(parts)}." if parts else ""


def portraits(cards: Cards, profiled: Profile, off_hours: list[tuple[str, str]]) -> str:
    """Describe every segment under a heading of its own, in Markdown."""
    return "\n\n".join(f"### {c.name}\n\n{describe(c, profiled, off_hours)} {c.action}" for c in cards)


@inline
def k_verdict(segments: Segments) -> str:
    """Say in a few words where the number of segments came from."""
    return f"{plural(segments.k, 'segment')}, set by hand"


@inline
def apart(segments: Segments, cards: Cards) -> str:
    """Say how far apart the segments lie."""
    mean = float((segments.silhouette * segments.sizes).sum() / segments.sizes.sum())
    low = int(segments.silhouette.idxmin())
    return f"The mean over all contacts is {mean:.2f}; it is lowest in {quoted(cards[low])}, at {segments.silhouette[low]:.2f}."
