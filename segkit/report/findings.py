"""Sentences that follow from the results of any study, whatever the data are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..data.provenance import Provenance
from ..engine.matrix import ModelMatrix
from ..engine.meaning import Card, Cards, Profile
from ..engine.segments import Segments
from ..thresholds import SILENCED
from ..vocabulary import Vocabulary
from .prose import inline, join, percent


def quoted(card: Card) -> str:
    """Write a segment's name inside a sentence."""
    return f"“{card.name}”"


@inline
def silenced(matrix: ModelMatrix) -> str:
    """Say which blocks scaling leaves almost no weight, if any."""
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
            f"Scaling leaves {name} almost no weight: it holds {share} of the variance that the clustering sees, so the segments "
            "hardly depend on it."
        )
    return (
        f"Scaling leaves {listed} almost no weight: they hold so little of the variance that the clustering sees that the "
        "segments hardly depend on them."
    )


def few(profiled: Profile, segment: int, feature: str, minimum: int | None = None) -> bool:
    """Tell whether a share is above zero for some units of a segment, but for fewer than may be shown."""
    rows = profiled.table[(profiled.table["segment"] == segment) & (profiled.table["feature"] == feature)]
    covered = float((rows["share_any"] * rows["units"]).iloc[0])
    if math.isnan(covered):  # hidden before it came here
        return False
    active = round(covered)
    return 0 < active < (profiled.minimum if minimum is None else minimum)


def limits(provenance: Provenance, terms: Vocabulary) -> list[str]:
    """List what the study cannot tell."""
    out = [
        f"Segments describe what {terms.units} did in this {terms.record}. They say nothing about why, nor what "
        f"{terms.an_approach} to them would change.",
        f"Every {terms.unit} falls into exactly one segment, also those between two of them.",
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
    told = join(parts) if len(parts) < 3 else f"{'; '.join(parts[:-1])}; and {parts[-1]}"
    apart = (
        " What stands in brackets tells segments of one name apart."
        if any("(" in c.name for c in cards if c.medians)
        else ""
    )
    return f"The segments are called {told}.{apart}" if parts else ""


@dataclass(frozen=True)
class Apart:
    """How far apart the segments lie.

    Attributes
    ----------
    mean : float
        The mean silhouette over all units.
    lowest : str or None
        The segment with the lowest one, of those that may be shown.
    least : float
        Its mean silhouette.
    """

    mean: float
    lowest: str | None
    least: float


def apart(segments: Segments, cards: Cards) -> Apart:
    """Return how far apart the segments lie."""
    score = segments.silhouette
    low = min((c for c in cards if c.medians), key=lambda c: score[c.id], default=None)
    return Apart(segments.mean_silhouette, quoted(low) if low else None, float(score[low.id]) if low else math.nan)
