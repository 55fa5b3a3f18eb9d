"""Captions that state the finding, and alternative texts, for the figures that every study has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from ..engine.meaning import Cards, Profile
from ..engine.projection import NeighbourMap, Projection
from ..engine.segments import Segments
from ..vocabulary import Vocabulary
from .figures import MARKS
from .findings import quoted
from .prose import capital, count, join, number, percent, plural, unit


def axis_names(projection: Projection, labels: Mapping[str, str]) -> tuple[str, str]:
    """Name each component by the feature that weighs most in it."""
    first, second = (capital(labels[projection.leading(axis, 1)[0]]) for axis in (0, 1))
    return first, second


def map_caption(
    projection: Projection, labels: pd.Series, cards: Cards, axes: tuple[str, str], terms: Vocabulary, *, points: bool
) -> str:
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
        f"Each mark is {terms.a_unit}{some_of(len(projection.points))}"
        if points
        else f"Each rectangle holds five {terms.units} or more, in the colour of the segment that most of them belong to, and is "
        "stronger where they lie closer together"
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


def map_alt(cards: Cards, axes: tuple[str, str], terms: Vocabulary) -> str:
    """Describe the map."""
    sizes = join([f"{c.short} with {count(c.size)}" for c in cards if c.size is not None])
    known = f" Segments: {sizes} {terms.units}." if sizes else ""
    return f"Map of the {terms.units}. Across: {axes[0]}. Up: {axes[1]}.{known}"


def some_of(units: int) -> str:
    """Say of how many units a map has marks, where not of all.

    >>> some_of(900), some_of(45_211)
    ('', '; 5,000 of 45,211 were drawn at random')
    """
    return f"; {count(MARKS)} of {count(units)} were drawn at random" if units > MARKS else ""


def neighbours_caption(found: NeighbourMap, terms: Vocabulary, *, points: bool) -> str:
    """State how far the map that keeps neighbours together can be trusted."""
    mark = f"Each mark is {terms.a_unit}" if points else f"Each rectangle holds five {terms.units} or more"
    part = (
        f"; {count(len(found.points))} of {count(found.units)} were drawn at random"
        if len(found.points) < found.units
        else ""
    )
    return (
        f"**Trustworthiness {found.trustworthiness:.2f}, where 1 is the best.** It falls where {terms.units} that are neighbours "
        f"on the map are not neighbours in the data. {mark}, placed by UMAP{part}. Gaps and distances across this map mean little."
    )


def neighbours_alt(cards: Cards, terms: Vocabulary) -> str:
    """Describe the map that keeps neighbours together."""
    sizes = join([f"{c.short} with {count(c.size)}" for c in cards if c.size is not None])
    return f"Map of the {terms.units} that keeps neighbours together, without axes. Segments: {sizes} {terms.units}."


def overlap_caption(profiled: Profile, cards: Cards, terms: Vocabulary, feature: str, nouns: str) -> str:
    """State whether the segment with the most of a feature overlaps with the next one, below a figure of profiles."""
    shown = [c for c in cards if c.medians]
    marks = "Marks are medians; bars reach from the first quartile to the third. Scales are logarithmic from one on."
    if len(shown) < 2:
        return f"**Medians and quartiles.** {marks}"
    top = max(shown, key=lambda c: c.medians[feature])
    rest = max((c for c in shown if c is not top), key=lambda c: profiled.value(c.id, feature, "q75"))
    apart = profiled.value(top.id, feature, "q25") > profiled.value(rest.id, feature, "q75")
    finding = (
        f"Three quarters of the {terms.units} in {quoted(top)} have more {nouns} than three quarters of those in any other segment."
        if apart
        else f"{quoted(top)} and {quoted(rest)} overlap in their {nouns}."
    )
    return f"**{finding}** {marks}"


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
