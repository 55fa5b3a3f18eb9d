"""Names of contact segments, from their medians and never from label numbers.

The archetypes are those of the Walsoft report (Walekhwa 2026): fewest calls and least talk is one-off, most calls is
core active, the longest median call is rare deep, what remains is warm occasional. An archetype is claimed only where
its description is true, and each rule looks at one segment against the others, so ties need no arbitrary choice.
Segments that share a name are told apart by the feature that separates them most.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..engine.meaning import Card, Cards, Profile, visible_sizes

SHOWN = (
    "n_calls", "n_days_active", "total_dur_sec", "median_dur_sec", "long_call_share", "recency_days", "tenure_days",
)  # fmt: skip
DEEP = 3.0  # a deep segment's median call lasts at least three times the typical contact's
CORE = 0.5  # a core segment has at least half as many calls as the most active
FEW = 2  # calls up to which a contact is one-off
RARE = 5  # calls up to which deep conversations are rare


@dataclass(frozen=True)
class Archetype:
    """A kind of contact segment: its names; what to do with it is for `policy` to say."""

    key: str
    name: str
    short: str
    rank: int


ARCHETYPES = {
    a.key: a
    for a in (
        Archetype("core", "Core active relationships", "Core active", 0),
        Archetype("warm", "Warm occasional", "Warm occasional", 1),
        Archetype("deep", "Rare deep conversations", "Rare deep", 2),
        Archetype("once", "One-off / low-engagement", "One-off", 3),
    )
}
# Where one word of a name would be untrue, another name stands in: (name, short name).
VARIANTS = {
    "core, silent": ("Former core relationships", "Former core"),
    "warm, silent": ("Lapsed occasional", "Lapsed"),
    "deep, often": ("Deep conversations", "Deep"),
    "once, one day": ("One-day contacts", "One-day"),
    "once, several": ("Low engagement", "Low engagement"),
}


@dataclass(frozen=True)
class Qualifier:
    """Words for the lower, the middle and the higher of segments by one feature; ``lowest`` ranks four and more."""

    feature: str
    lower: str
    middle: str
    higher: str
    lowest: str
    highest: str


QUALIFIERS = (
    Qualifier("recency_days", "shorter silence", "medium silence", "longer silence", "shortest silence", "longest silence"),
    Qualifier("tenure_days", "shorter tenure", "medium tenure", "longer tenure", "shortest tenure", "longest tenure"),
    Qualifier("n_calls", "fewer calls", "medium number of calls", "more calls", "fewest calls", "most calls"),
    Qualifier("median_dur_sec", "shorter calls", "medium-length calls", "longer calls", "shortest calls", "longest calls"),
    Qualifier("total_dur_sec", "less talk", "medium amount of talk", "more talk", "least talk", "most talk"),
)  # fmt: skip


def archetypes(middle: pd.DataFrame, typical_call: float) -> dict[int, tuple[str, str]]:
    """Assign an archetype, and the reason for it, to each segment.

    The rules are tried in this order, and each is a statement about one segment: core (at least half as many calls as
    the most active, on several days), deep (a long median call), once (one or two calls, or one day, or the fewest calls
    of all), warm (what remains).

    Parameters
    ----------
    middle : DataFrame of shape (k, n_features)
        Medians per segment: ``n_calls``, ``n_days_active``, ``total_dur_sec``, ``median_dur_sec``.
    typical_call : float
        Median over all contacts of their median call, in seconds.

    Returns
    -------
    dict of int to (archetype, reason)
    """
    calls, active, call = middle["n_calls"], middle["n_days_active"], middle["median_dur_sec"]
    typical = max(typical_call, 1.0)
    out = {}
    for s in middle.index:
        if calls[s] > FEW and active[s] > 1 and calls[s] >= CORE * calls.max():
            most = _extreme(calls, s, "the most calls", "as many calls as any", highest=True)
            out[s] = ("core", most or "at least half as many calls as the most active")
        elif call[s] >= DEEP * typical:
            longest = _extreme(call, s, "the longest median call", "", highest=True)
            out[s] = ("deep", longest or f"a median call at least {int(call[s] / typical)} times the typical one")
        elif calls[s] <= FEW or active[s] <= 1 or calls[s] == calls.min():
            out[s] = ("once", _little(middle, s))
        elif calls[s] == calls.max():
            out[s] = ("warm", "more calls than the least active")
        else:
            out[s] = ("warm", "more calls than the least active, but less than half as many as the most active")
    return {s: (key, f"having {reason}") for s, (key, reason) in out.items()}


def _extreme(values: pd.Series, segment: int, alone: str, tied: str, *, highest: bool) -> str:
    """Return the words for an extreme: ``alone`` where no other segment has it, ``tied`` where one does, else nothing."""
    end = values.max() if highest else values.min()
    if values[segment] != end:
        return ""
    return alone if (values == end).sum() == 1 else tied


def _little(middle: pd.DataFrame, segment: int) -> str:
    """Say in which respect a segment has little."""
    calls = _extreme(middle["n_calls"], segment, "the fewest calls", "as few calls as any", highest=False)
    talk = _extreme(middle["total_dur_sec"], segment, "the least talk", "as little talk as any", highest=False)
    if calls or talk:
        return " and ".join(w for w in (calls, talk) if w)
    return "two calls at most" if middle.loc[segment, "n_calls"] <= FEW else "calls on one day only"


def variant(middle: pd.DataFrame, segment: int, kinds: dict[int, tuple[str, str]]) -> str:
    """Return the key of the name that is true of a segment: its archetype, or one of ``VARIANTS``."""
    kind, row = kinds[segment][0], middle.loc[segment]
    least = [s for s in middle.index if kinds[s][0] == "once"]
    silent = bool(least) and row["recency_days"] > middle.loc[least, "recency_days"].max()
    if kind in ("core", "warm"):
        return f"{kind}, silent" if silent else kind
    if kind == "deep":
        return "deep, often" if row["n_calls"] > RARE else kind
    if row["n_calls"] <= FEW:
        return kind
    return "once, one day" if row["n_days_active"] <= 1 else "once, several"


def qualifiers(middle: pd.DataFrame, segments: list[int], sizes: pd.Series) -> dict[int, str]:
    """Tell segments of one name apart by the feature whose medians differ most between them.

    The spread of a feature is the smallest gap between neighbours in rank, relative to the largest median of any
    segment, so that every two of the segments are told apart and a gap that matters little does not count. Segments
    that no single feature tells apart get letters, the largest first.

    Parameters
    ----------
    middle : DataFrame of shape (k, n_features)
        Medians per segment.
    segments : list of int
        Those that share a name.
    sizes : Series of int
        Units per segment.

    Returns
    -------
    dict of int to str
    """

    def spread(feature: str) -> float:
        scale = middle[feature].abs().max()
        return float(middle.loc[segments, feature].sort_values().diff().min() / scale) if scale > 0 else 0.0

    words = max(QUALIFIERS, key=lambda q: spread(q.feature))
    if spread(words.feature) <= 0:
        ranked = sorted(segments, key=lambda s: (-sizes[s], *middle.loc[s, list(SHOWN)]))
        return {s: _letter(place) for place, s in enumerate(ranked)}
    ranked = sorted(segments, key=lambda s: middle.loc[s, words.feature])
    count = len(ranked)
    if count <= 3:
        ladder = [words.lower, words.middle, words.higher] if count == 3 else [words.lower, words.higher]
    else:
        inner = [f"{place}{_ending(place)} {words.lowest} of {count}" for place in range(2, count)]
        ladder = [f"{words.lowest} of {count}", *inner, f"{words.highest} of {count}"]
    return dict(zip(ranked, ladder, strict=True))


def _letter(place: int) -> str:
    head, tail = divmod(place, 26)
    return (_letter(head - 1) if head else "") + chr(ord("A") + tail)


def _ending(place: int) -> str:
    return "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")


def name_segments(profiled: Profile, sizes: pd.Series, typical_call: float) -> Cards:
    """Make the cards of contact segments.

    Parameters
    ----------
    profiled : Profile
        Of the raw features by segment.
    sizes : Series of int
        Units per segment.
    typical_call : float
        Median over all contacts of their median call, in seconds.

    Returns
    -------
    Cards
        Ordered core, warm, deep, one-off, and by number of calls within; without actions, see `policy.policy`.
    """
    known = [s for s in sizes.index if s not in profiled.hidden]
    wide = profiled.wide("median")
    middle = wide.loc[known].astype("float64") if known else pd.DataFrame(columns=list(SHOWN))
    kinds = archetypes(middle, typical_call) if known else {}
    if len(known) == 1:  # there is nothing to compare with
        kinds = {s: (key, "being the only segment shown") for s, (key, _) in kinds.items()}
    names = {s: variant(middle, s, kinds) for s in known}
    shown = visible_sizes(sizes)
    total = int(sizes.sum())
    cards = []
    for key in dict.fromkeys(names.values()):
        group = [s for s in known if names[s] == key]
        words = qualifiers(middle, group, sizes) if len(group) > 1 else {}
        for s in group:
            end = f" ({words[s]})" if words else ""
            share = None if shown[s] is None else (shown[s] or 0) / total
            kind = ARCHETYPES[kinds[s][0]]
            name, short = VARIANTS.get(key, (kind.name, kind.short))
            numbers = {f: float(middle.loc[s, f]) for f in SHOWN if f in middle.columns}
            cards.append(
                Card(int(s), kind.key, name + end, short + end, kinds[s][1], "", shown[s], share, numbers, variant=key)
            )
    cards.sort(key=lambda c: (ARCHETYPES[c.archetype].rank, -c.medians["n_calls"], -sizes[c.id], c.name))
    hidden = [s for s in sizes.index if s not in known]
    for place, s in enumerate(sorted(hidden, key=lambda s: -sizes[s]), start=1):
        end = f" {place}" if len(hidden) > 1 else ""
        cards.append(
            Card(int(s), "small", f"Too small to describe{end}", f"Too small{end}", "having fewer contacts than may be shown",
                 "", None, None, {})
        )  # fmt: skip
    return Cards(tuple(cards), total)
