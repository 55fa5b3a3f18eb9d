"""Captions that state the finding, and alternative texts, for the figures of the contacts study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from ..data.audit import CallAudit, hide_small_months
from ..engine.meaning import Cards, Profile
from ..engine.projection import NeighbourMap, Projection
from ..engine.segments import Segments
from .findings import quoted
from .prose import MONTHS, band, capital, count, join, number, percent, plural, unit


def axis_names(projection: Projection, labels: Mapping[str, str]) -> tuple[str, str]:
    """Name each component by the feature that weighs most in it."""
    first, second = (capital(labels[projection.leading(axis, 1)[0]]) for axis in (0, 1))
    return first, second


def map_caption(projection: Projection, labels: pd.Series, cards: Cards, axes: tuple[str, str], *, points: bool) -> str:
    """State which segment lies furthest out along the first component.

    Parameters
    ----------
    projection : Projection
    labels : Series of int
        Segment number per unit.
    cards : Cards
    axes : tuple of str
        What the axes mean.
    points : bool
        Whether each mark is a unit.
    """
    shown = sum(projection.shares)
    mark = (
        "Each mark is a contact"
        if points
        else "Each rectangle holds five contacts or more, in the colour of the segment that most of them belong to, "
        "and is stronger where they lie closer together"
    )
    middle = projection.points["x"].groupby(labels).median()
    known = [c for c in cards if c.size is not None]
    far = max(known, key=lambda c: middle[c.id]) if known else None
    finding = f"**{quoted(far)} lies furthest to the right.** " if far else ""
    return (
        f"{finding}{mark}. The axes are the first two principal components ({percent(shown, 0)} of the variance), each named "
        f"for the feature with the most weight. A picture only: the segments were found in "
        f"{plural(len(projection.loadings), 'dimension')}."
    )


def map_alt(cards: Cards, axes: tuple[str, str]) -> str:
    """Describe the map."""
    sizes = join([f"{c.short} with {count(c.size)}" for c in cards if c.size is not None])
    known = f" Segments: {sizes} contacts." if sizes else ""
    return f"Map of the contacts. Across: {axes[0]}. Up: {axes[1]}.{known}"


def neighbours_caption(found: NeighbourMap, *, points: bool) -> str:
    """State how far the map that keeps neighbours together can be trusted."""
    mark = "Each mark is a contact" if points else "Each rectangle holds five contacts or more"
    part = (
        f"; {count(len(found.points))} of {count(found.units)} were drawn at random"
        if len(found.points) < found.units
        else ""
    )
    return (
        f"**Trustworthiness {found.trustworthiness:.2f}, where 1 is the best.** It falls where contacts that are neighbours on "
        f"the map are not neighbours in the data. {mark}, placed by UMAP{part}. Gaps and distances across this map mean little."
    )


def neighbours_alt(cards: Cards) -> str:
    """Describe the map that keeps neighbours together."""
    sizes = join([f"{c.short} with {count(c.size)}" for c in cards if c.size is not None])
    return f"Map of the contacts that keeps neighbours together, without axes. Segments: {sizes} contacts."


def months_caption(audit: CallAudit, *, public: bool = True) -> str:
    """State how calls spread over the months.

    Parameters
    ----------
    audit : CallAudit
    public : bool
        Whether months of few contacts are drawn.
    """
    full = audit.months.iloc[1:-1]
    finding = f"The log covers {plural(len(audit.months), 'calendar month')}."
    if len(full):
        ratio = number(float(full["calls"].max() / max(float(full["calls"].median()), 1.0)))
        size = "about as many calls as" if ratio == "1" else f"{ratio} times the calls of"
        finding = f"The busiest full month has {size} a typical one."
    breaks = "Runs of a week or longer without calls are shaded." if len(audit.silent) else "No week is without calls."
    shown = hide_small_months(audit.months)["calls"].isna().any()
    blank = "" if public or not shown else " Months in which fewer than five contacts had calls are left blank."
    return f"**{finding}** The first month and the last may be partial. {breaks}{blank}"


def months_alt(audit: CallAudit, *, public: bool) -> str:
    """Describe the bars of the months."""
    top = audit.months.loc[audit.months["calls"].idxmax()]
    text = f"Bars of calls per month over {plural(len(audit.months), 'month')}"
    if public:
        when = f"{MONTHS[top['month'].month - 1]} {top['month'].year}"
        text += f"; the highest is {when} with {plural(int(top['calls']), 'call')}"
    return text + "."


def clock_caption(audit: CallAudit) -> str:
    """State when calls are made."""
    top, day = audit.busiest_band, audit.weekdays.loc[audit.weekdays["calls"].idxmax()]
    closed = int((~audit.weekdays["open"]).sum())
    colour = {0: "", 1: " The closed day has a second colour."}.get(closed, " Closed days have a second colour.")
    return (
        f"**{capital(percent(float(top['share'])))} of the calls fall into the {band(str(top['band']))}, and {day['weekday']} "
        f"is the busiest day.**{colour}"
    )


def clock_alt(audit: CallAudit) -> str:
    """Describe the bars of bands and weekdays."""
    bands = join(
        [f"{band(str(b))} {percent(float(s))}" for b, s in zip(audit.bands["band"], audit.bands["share"], strict=True)]
    )
    days = join(
        [f"{d} {percent(float(s))}" for d, s in zip(audit.weekdays["weekday"], audit.weekdays["share"], strict=True)]
    )
    return f"Two bar charts. Share of calls by band: {bands}. By weekday: {days}."


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


def profile_alt(cards: Cards, features: Sequence[tuple[str, str]]) -> str:
    """Describe the medians of the segments."""
    parts = [
        f"{c.short}: {join([f'{title} {number(c.medians[f])}{unit(f)}' for f, title in features if f in c.medians])}"
        for c in cards
        if c.medians
    ]
    return f"Medians and quartiles by segment. {'. '.join(parts)}."


def silhouette_caption(segments: Segments, cards: Cards) -> str:
    """State which segment stands apart most, and which least."""
    shown = sorted((c for c in cards if c.medians), key=lambda c: -segments.silhouette[c.id])
    text = "Mean silhouette per segment."
    if len(shown) < len(cards):
        text += " Segments too small to be shown have no bar."
    if len(shown) < 2:
        return f"**How far apart the segments lie.** {text}"
    return f"**{quoted(shown[0])} stands apart most clearly, {quoted(shown[-1])} least.** {text}"


def silhouette_alt(segments: Segments, cards: Cards) -> str:
    """Describe the bars of the silhouettes."""
    bars = join([f"{c.short} {segments.silhouette[c.id]:.2f}" for c in cards if c.medians])
    return f"Bars of the mean silhouette{': ' + bars if bars else ''}."
