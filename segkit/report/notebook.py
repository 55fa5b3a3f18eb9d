"""Words and tables of the chapter on notebooks."""

from __future__ import annotations

import math

from ..engine.samples import Stability
from ..engine.segments import Segments
from ..engine.verdict import NONE, Verdict
from .prose import beside, capital, inline, join, number, percent, plural, word
from .show import Shown, table


@inline
def answer(found: Verdict, segments: Segments, unit: str) -> str:
    """Say how many segments there are, and what may be said of them."""
    sizes = join([str(n) for n in segments.sizes])
    if found.word == NONE:
        return f"No number of segments is confirmed by other samples of {unit}s. Those that are shown illustrate a division."
    return f"{capital(word(segments.k))} segments, of {sizes} {unit}s. The verdict is “{found.word}”."


@inline
def compared(theirs: Stability, ours: Stability) -> str:
    """Say whether segments that another estimator made are found again, beside our own."""
    low, own = (float(s.table["jaccard"].min(skipna=False)) for s in (theirs, ours))
    least = theirs.least
    n, again = len(theirs.table), int((theirs.table["jaccard"] >= least).sum())
    how = (
        "all are"
        if again == n
        else "none is"
        if again == 0
        else f"{word(again)} of {word(n)} {'is' if again == 1 else 'are'}"
    )
    than = f"; of those above, {beside(own, least)}" if math.isfinite(own) else ""
    return (
        f"It made {plural(n, 'segment', words=True)}, of which {how} found again in bootstrap samples. The smallest mean "
        f"Jaccard similarity is {beside(low, least)}, where {least:g} is asked for{than}."
    )


def stability(found: Stability, label: str = "tbl-notebook", whose: str = "Segmentation") -> Shown:
    """Show the stability of each segment."""
    rows = found.table
    again = int((rows["jaccard"] >= found.least).sum())
    several = f"{capital(word(again)) if again else 'None'} of {word(len(rows))} segments of {whose}"
    heads = {"units": "units", "recurrence": "mean recurrence", "seldom": "seldom", "jaccard": "mean Jaccard"}
    return table(
        rows[["segment", *heads]],
        label,
        f"**{several} {'is' if again == 1 else 'are'} found again in resamples.** Recurrence: the share of refits of the whole "
        "chain in which a unit gets its segment again; seldom: units that do in fewer than four of five. Jaccard: similarity "
        "with the nearest segment of a bootstrap sample (Hennig, 2007).",
        {"recurrence": lambda v: percent(float(v)), "jaccard": lambda v: number(float(v), 2)},
        headings=heads,
    )
