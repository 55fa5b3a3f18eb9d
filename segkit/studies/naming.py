"""Names of contact segments, from their medians and never from label numbers.

The archetypes are those of the Walsoft report (Walekhwa 2026): fewest calls and least talk is one-off, most calls is
core active, the longest median call is rare deep, what remains is warm occasional. An archetype is claimed only where
its description is true; segments that share one are told apart by the feature that separates them most.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..engine.meaning import Card, Cards, Profile, medians, visible_sizes

SHOWN = (
    "n_calls", "n_days_active", "total_dur_sec", "median_dur_sec", "long_call_share", "recency_days", "tenure_days",
)  # fmt: skip
DEEP = 2.0  # a deep segment's median call lasts at least twice the typical contact's
CORE = 0.5  # a second core segment has at least half as many calls as the first


@dataclass(frozen=True)
class Archetype:
    """A kind of contact segment: its names and what to do with it."""

    key: str
    name: str
    short: str
    action: str
    rank: int


ARCHETYPES = {
    a.key: a
    for a in (
        Archetype("core", "Core active relationships", "Core active",
                  "Assign an owner and a service level; check in before they call.", 0),
        Archetype("warm", "Warm occasional", "Warm occasional",
                  "Keep a monthly or quarterly cadence, with reminders and targeted offers.", 1),
        Archetype("deep", "Rare deep conversations", "Rare deep",
                  "Follow up in person, keep the context, and win back when dormant.", 2),
        Archetype("once", "One-off / low-engagement", "One-off",
                  "Keep off priority lists, automate nurture, and act only on new activity.", 3),
    )
}  # fmt: skip

# What tells segments of one archetype apart: (feature, word for the lowest, word for the highest).
QUALIFIERS = (
    ("recency_days", "recent", "long silent"),
    ("tenure_days", "short tenure", "long tenure"),
    ("n_calls", "fewer calls", "more calls"),
    ("median_dur_sec", "shorter calls", "longer calls"),
    ("total_dur_sec", "less talk", "more talk"),
)


def archetypes(middle: pd.DataFrame, typical_call: float) -> dict[int, tuple[str, str]]:
    """Assign an archetype, and the reason for it, to each segment.

    Parameters
    ----------
    middle : DataFrame of shape (k, n_features)
        Medians per segment: ``n_calls``, ``total_dur_sec``, ``median_dur_sec``.
    typical_call : float
        Median over all contacts of their median call, in seconds.

    Returns
    -------
    dict of int to (archetype, reason)
    """
    calls, talk, call = middle["n_calls"], middle["total_dur_sec"], middle["median_dur_sec"]
    deep = call >= DEEP * max(typical_call, 1.0)
    core = max(middle.index, key=lambda s: (calls[s], talk[s]))
    out = {core: ("core", "having the most calls")}
    rest = [s for s in middle.index if s != core]
    low = min(rest, key=lambda s: (calls[s] + 0.0, talk[s]))
    least_talk = min(rest, key=lambda s: (talk[s], calls[s]))
    # Fewest calls and least talk together; where they part, less talk decides, for a few long calls are no small matter.
    once = low if low == least_talk or not deep[low] else least_talk
    out[once] = (
        "once",
        "having the fewest calls and the least talk" if once == low == least_talk else "having the least talk",
    )
    for segment in (s for s in rest if s != once):
        if deep[segment] and calls[segment] < CORE * calls[core]:
            longest = call[segment] == call[[s for s in middle.index if s != core]].max()
            out[segment] = ("deep", "having the longest median call" if longest else "having long median calls")
        elif calls[segment] <= calls[once]:
            out[segment] = ("once", "having as few calls as the fewest")
        elif calls[segment] >= CORE * calls[core]:
            out[segment] = ("core", "having at least half as many calls as the most active")
        else:
            out[segment] = ("warm", "lying between the least and the most active in calls")
    return out


def qualifiers(middle: pd.DataFrame, segments: list[int]) -> tuple[dict[int, str], str]:
    """Tell segments of one archetype apart by the feature whose medians differ most between them.

    The spread of a feature is the smallest gap between neighbours in rank, relative to the largest median, so that
    every two of the segments are told apart, not only the extremes.

    Returns
    -------
    tuple of (dict of segment to words, feature)
    """

    def spread(feature: str) -> float:
        values = middle.loc[segments, feature].sort_values()
        return float(values.diff().min() / values.abs().max()) if values.abs().max() > 0 else 0.0

    feature, low, high = max(QUALIFIERS, key=lambda q: spread(q[0]))
    ranked = sorted(segments, key=lambda s: (middle.loc[s, feature], s))
    words = {ranked[0]: low, ranked[-1]: high}
    between = ranked[1:-1]
    if len(between) == 1:
        words[between[0]] = "in between"
    for place, segment in enumerate(between, start=2):
        words.setdefault(segment, f"{place} of {len(ranked)}, from {low} to {high}")
    return words, feature


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
        Ordered core, warm, deep, one-off, and by number of calls within.
    """
    known = [s for s in sizes.index if s not in profiled.hidden]
    middle = profiled.wide("median").loc[known] if known else pd.DataFrame(columns=list(SHOWN))
    kinds = (
        archetypes(middle, typical_call)
        if len(known) > 1
        else dict.fromkeys(known, ("warm", "being the only segment shown"))
    )
    shown = visible_sizes(sizes)
    total = int(sizes.sum())
    cards = []
    for key, kind in ARCHETYPES.items():
        group = [s for s in known if kinds[s][0] == key]
        words = qualifiers(middle, group)[0] if len(group) > 1 else {}
        for s in group:
            end = f" ({words[s]})" if words else ""
            cards.append(_card(s, kind, end, kinds[s][1], shown[s], total, profiled))
    cards.sort(key=lambda c: (ARCHETYPES[c.archetype].rank, -c.medians.get("n_calls", 0.0), c.id))
    hidden = [s for s in sizes.index if s not in known]
    for place, s in enumerate(hidden, start=1):
        end = f" {place}" if len(hidden) > 1 else ""
        cards.append(
            Card(int(s), "small", f"Too small to describe{end}", f"Too small{end}", "having fewer contacts than may be shown",
                 "Treat one by one; a segment this small is no basis for a rule.", None, None, {})
        )  # fmt: skip
    return Cards(tuple(cards), total)


def _card(
    segment: int, kind: Archetype, end: str, reason: str, size: int | None, total: int, profiled: Profile
) -> Card:
    share = None if size is None else size / total
    numbers = medians(profiled, segment, SHOWN)
    low_calls = kind.key == "once" and numbers["n_calls"] > 2
    # "One-off" would be untrue of contacts who call again and again, even where they are the least active.
    name, short = ("Low engagement", "Low engagement") if low_calls else (kind.name, kind.short)
    return Card(int(segment), kind.key, name + end, short + end, reason, kind.action, size, share, numbers)
