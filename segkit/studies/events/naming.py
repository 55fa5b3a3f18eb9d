"""Names of segments, from their medians and never from label numbers.

The archetypes are those of the Walsoft report (Walekhwa 2026): fewest events and the least amount is one-off, most events
is core, the largest median event is deep, what remains is warm. What each is called is for the study to say. An archetype
is claimed only where its description is true, and each rule looks at one segment against the others, so ties need no
arbitrary choice.
Segments that share a name are told apart by the feature that separates them most.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from ...engine.meaning import Card, Cards, Profile, visible_sizes
from ...event_settings import WEEKDAYS
from ...features.measures import Measures

DEEP = 3.0  # the median event of a deep segment has at least three times the amount of the typical unit's
CORE = 0.5  # a core segment has at least half as many events as the most active
FEW = 2  # events up to which a unit is one-off
RARE = 5  # events up to which large ones are rare
MOSTLY = 0.5  # of its events on one day of the week, from which on a unit keeps to that day


@dataclass(frozen=True)
class Archetype:
    """A kind of segment: its names; what to do with it is for `policy` to say."""

    key: str
    name: str
    short: str
    rank: int


@dataclass(frozen=True)
class Qualifier:
    """Words for the lower, the middle and the higher of segments by one feature; ``lowest`` ranks four and more."""

    feature: str
    lower: str
    middle: str
    higher: str
    lowest: str
    highest: str


@dataclass(frozen=True)
class Naming:
    """The names that one study gives to the kinds of its segments.

    Parameters
    ----------
    names : dict of str to (str, str)
        By archetype, from the first on a list to the last: name and short name.
    variants : dict of str to (str, str)
        Where one word of a name would be untrue, another name stands in: name and short name.
    qualifiers : tuple of Qualifier
        The features by which segments of one name are told apart.
    unit, units, event, events : str
        Of the vocabulary.
    amount : str
        What there is little or much of: "the least talk".
    largest : str
        Said of the largest event by its amount: "the longest median call".
    """

    names: dict[str, tuple[str, str]]
    variants: dict[str, tuple[str, str]]
    qualifiers: tuple[Qualifier, ...]
    units: str
    event: str
    events: str
    amount: str
    largest: str

    @property
    def archetypes(self) -> dict[str, Archetype]:
        """The kinds of segments by their key."""
        return {key: Archetype(key, *names, rank) for rank, (key, names) in enumerate(self.names.items())}


def archetypes(
    middle: pd.DataFrame, typical_event: float, measures: Measures, naming: Naming
) -> dict[int, tuple[str, str]]:
    """Assign an archetype, and the reason for it, to each segment.

    The rules are tried in this order, and each is a statement about one segment: core (at least half as many events
    as the most active, on several days), deep (a large median event), once (one or two events, or one day, or the fewest
    events of all), warm (what remains).

    Parameters
    ----------
    middle : DataFrame of shape (k, n_features)
        Medians per segment.
    typical_event : float
        Median over all units of their median event.
    measures : Measures
    naming : Naming

    Returns
    -------
    dict of int to (archetype, reason)
    """
    m, words = measures, naming
    events, active, event = middle[m.count.name], middle[m.days.name], middle[m.median.name]
    typical = max(typical_event, 1.0)
    out = {}
    for s in middle.index:
        if events[s] > FEW and active[s] > 1 and events[s] >= CORE * events.max():
            most = _extreme(events, s, f"the most {words.events}", f"as many {words.events} as any", highest=True)
            out[s] = ("core", most or f"at least half as many {words.events} as the most active")
        elif event[s] >= DEEP * typical:
            longest = _extreme(event, s, f"the {words.largest} median {words.event}", "", highest=True)
            times = int(event[s] / typical)
            out[s] = ("deep", longest or f"a median {words.event} at least {times} times the typical one")
        elif events[s] <= FEW or active[s] <= 1 or events[s] == events.min():
            out[s] = ("once", _little(middle, s, m, words))
        elif events[s] == events.max():
            out[s] = ("warm", f"more {words.events} than the least active")
        else:
            more = f"more {words.events} than the least active"
            out[s] = ("warm", f"{more}, but less than half as many as the most active")
    return {s: (key, f"having {reason}") for s, (key, reason) in out.items()}


def _extreme(values: pd.Series, segment: int, alone: str, tied: str, *, highest: bool) -> str:
    """Return the words for an extreme: ``alone`` where no other segment has it, ``tied`` where one does, else nothing."""
    end = values.max() if highest else values.min()
    if values[segment] != end:
        return ""
    return alone if (values == end).sum() == 1 else tied


def _little(middle: pd.DataFrame, segment: int, measures: Measures, naming: Naming) -> str:
    """Say in which respect a segment has little."""
    what, amount = naming.events, naming.amount
    number, total = middle[measures.count.name], middle[measures.total.name]
    events = _extreme(number, segment, f"the fewest {what}", f"as few {what} as any", highest=False)
    little = _extreme(total, segment, f"the least {amount}", f"as little {amount} as any", highest=False)
    if events or little:
        return " and ".join(w for w in (events, little) if w)
    return f"two {what} at most" if number[segment] <= FEW else f"{what} on one day only"


def variant(
    middle: pd.DataFrame,
    segment: int,
    kinds: dict[int, tuple[str, str]],
    measures: Measures,
    late: Collection[int] = (),
) -> str:
    """Return the key of the name that is true of a segment: its archetype, or one of the variants.

    A core segment of which most units are overdue, one of ``late``, is not called active.
    """
    kind, row = kinds[segment][0], middle.loc[segment]
    least = [s for s in middle.index if kinds[s][0] == "once"]
    silence = middle[measures.recency.name]
    silent = bool(least) and silence[segment] > silence[least].max()
    events = row[measures.count.name]
    if kind in ("core", "warm"):
        return f"{kind}, silent" if silent else "core, late" if kind == "core" and segment in late else kind
    if kind == "deep":
        return "deep, often" if events > RARE else kind
    if events <= FEW:
        return kind
    return "once, one day" if row[measures.days.name] <= 1 else "once, several"


def qualifiers(
    middle: pd.DataFrame, segments: list[int], sizes: pd.Series, measures: Measures, naming: Naming
) -> dict[int, str]:
    """Tell segments of one name apart by the feature whose medians differ most between them.

    The spread of a feature is the smallest gap between neighbours in rank, relative to the largest median of any
    segment, so that every two of the segments are told apart and a gap that matters little does not count. Segments
    that no single feature tells apart get letters, the largest first. Before all that, segments whose units keep to a day of the
    week of their own are called by it, one of them by the other days.

    Parameters
    ----------
    middle : DataFrame of shape (k, n_features)
        Medians per segment.
    segments : list of int
        Those that share a name.
    sizes : Series of int
        Units per segment.
    measures : Measures
    naming : Naming

    Returns
    -------
    dict of int to str
    """

    def spread(feature: str) -> float:
        scale = middle[feature].abs().max()
        return float(middle.loc[segments, feature].sort_values().diff().min() / scale) if scale > 0 else 0.0

    if days := _days(middle, segments, measures):
        return days
    words = max(naming.qualifiers, key=lambda q: spread(q.feature))
    if spread(words.feature) <= 0:
        ranked = sorted(segments, key=lambda s: (-sizes[s], *middle.loc[s, list(measures.shown)]))
        return {s: _letter(place) for place, s in enumerate(ranked)}
    ranked = sorted(segments, key=lambda s: middle.loc[s, words.feature])
    count = len(ranked)
    if count <= 3:
        ladder = [words.lower, words.middle, words.higher] if count == 3 else [words.lower, words.higher]
    else:
        inner = [f"{place}{_ending(place)} {words.lowest} of {count}" for place in range(2, count)]
        ladder = [f"{words.lowest} of {count}", *inner, f"{words.highest} of {count}"]
    return dict(zip(ranked, ladder, strict=True))


def _days(middle: pd.DataFrame, segments: list[int], measures: Measures) -> dict[int, str]:
    """Return the day of the week of each segment, and other days for one of them; empty where two have the same."""
    columns = [f"share_{day.lower()}" for day in WEEKDAYS] if measures.by_weekday else []
    if not set(columns) <= set(middle.columns) or not columns:
        return {}
    shares = middle.loc[segments, columns].set_axis(list(WEEKDAYS), axis="columns")
    own = ("on " + shares.idxmax(axis=1) + "s").where(shares.max(axis=1) > MOSTLY, "on other days")
    return {} if own.duplicated().any() else {int(s): str(day) for s, day in own.items()}


def _letter(place: int) -> str:
    head, tail = divmod(place, 26)
    return (_letter(head - 1) if head else "") + chr(ord("A") + tail)


def _ending(place: int) -> str:
    return "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")


def name_segments(
    profiled: Profile, sizes: pd.Series, typical_event: float, measures: Measures, naming: Naming,
    late: Collection[int] = (),
) -> Cards:  # fmt: skip
    """Make the cards of segments.

    Parameters
    ----------
    profiled : Profile
        Of the raw features by segment.
    sizes : Series of int
        Units per segment.
    typical_event : float
        Median over all units of their median event.
    measures : Measures
    naming : Naming
    late : collection of int
        Segments most of whose units are overdue.

    Returns
    -------
    Cards
        Ordered core, warm, deep, one-off, and by number of events within; without actions, see `policy.policy`.
    """
    known = [s for s in sizes.index if s not in profiled.hidden]
    wide = profiled.wide("median")
    middle = wide.loc[known].astype("float64") if known else pd.DataFrame(columns=list(measures.shown))
    kinds = archetypes(middle, typical_event, measures, naming) if known else {}
    if len(known) == 1:  # there is nothing to compare with
        kinds = {s: (key, "being the only segment shown") for s, (key, _) in kinds.items()}
    names = {s: variant(middle, s, kinds, measures, late) for s in known}
    shown = visible_sizes(sizes)
    total = int(sizes.sum())
    cards = []
    known_kinds = naming.archetypes
    for key in dict.fromkeys(names.values()):
        group = [s for s in known if names[s] == key]
        words = qualifiers(middle, group, sizes, measures, naming) if len(group) > 1 else {}
        for s in group:
            end = f" ({words[s]})" if words else ""
            share = None if shown[s] is None else (shown[s] or 0) / total
            kind = known_kinds[kinds[s][0]]
            name, short = naming.variants.get(key, (kind.name, kind.short))
            numbers = {f: float(middle.loc[s, f]) for f in measures.shown if f in middle.columns}
            cards.append(
                Card(int(s), kind.key, name + end, short + end, kinds[s][1], "", shown[s], share, numbers, variant=key)
            )
    cards.sort(key=lambda c: (known_kinds[c.archetype].rank, -c.medians[measures.count.name], -sizes[c.id], c.name))
    hidden, few = [s for s in sizes.index if s not in known], f"having fewer {naming.units} than may be shown"
    for place, s in enumerate(sorted(hidden, key=lambda s: -sizes[s]), start=1):
        end = f" {place}" if len(hidden) > 1 else ""
        cards.append(
            Card(int(s), "small", f"Too small to describe{end}", f"Too small{end}", few, "", None, None, {})
        )  # fmt: skip
    return Cards(tuple(cards), total)
