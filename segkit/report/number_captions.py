"""Captions that state the finding, and alternative texts, for the figures on the number of segments."""

from __future__ import annotations

import math

from ..engine.consensus import Consensus
from ..engine.gap import BOXES, Gap
from ..engine.instability import Instability
from ..engine.krule import KDecision
from ..engine.kselection import KSelection
from ..thresholds import LOW
from ..vocabulary import Vocabulary
from . import optima
from .k_choice import NAMES
from .number_figures import BOX_WORDS
from .prose import capital, exact_percent, join, percent, word


def indices_caption(selection: KSelection) -> str:
    """State what the indices choose."""
    by = selection.by
    groups: dict[int, list[str]] = {}
    for name, k in by.items():
        groups.setdefault(k, []).append(NAMES[name][0])
    (k, names), *rest = sorted(groups.items())
    best = [
        f"{join(names)} {'is' if len(names) == 1 else 'are'} best at {word(k)}",
        *(f"{join(n)} at {word(j)}" for j, n in rest),
    ]
    finding = capital(", ".join(best[:-1]) + ", and " + best[-1] if rest else best[0])
    left = optima.at_k(selection.params.get("unconverged", []))
    return f"**{finding}.** Rings mark the choice of each index; small dots are single segments.{left}"


def indices_alt(selection: KSelection) -> str:
    """Describe the lines of the indices."""
    rows = selection.table.itertuples()
    return (
        "Five lines over the number of segments. "
        + "; ".join(f"{r.k}: silhouette {r.silhouette:.2f}, Davies-Bouldin {r.davies_bouldin:.2f}" for r in rows)
        + "."
    )


def gap_caption(found: Gap) -> str:
    """State what the gap chooses."""
    chosen = [k for k in found.by.values() if k is not None]
    ring = " Rings mark the choice." if chosen else ""
    finding = (
        "The gap grows to the end: it names no number of segments"
        if not chosen
        else f"The gap chooses {join(sorted({word(k) for k in chosen}), 'or')}"
    )
    most = float(found.table["s"].max())
    shown = f", {most:.3f} at most" if math.isfinite(most) else ""
    return f"**{finding}.** Bars reach one standard error s of the reference sets up and down{shown}.{ring}"


def gap_alt(found: Gap) -> str:
    """Describe the two lines of the gap."""
    parts = []
    for box in BOXES:
        rows = found.of(box)
        if len(rows):
            parts.append(
                f"{BOX_WORDS[box]}: from {rows['gap'].iloc[0]:z.2f} at one segment to {rows['gap'].iloc[-1]:z.2f} "
                f"at {int(rows['k'].iloc[-1])}"
            )
    return f"Two lines with bars of error over the number of segments. {'; '.join(parts)}."


def rule_caption(decision: KDecision) -> str:
    """State which numbers of segments meet both thresholds."""
    good = [word(int(k)) for k in decision.table.loc[decision.table["qualifies"], "k"]]
    finding = (
        f"{capital(join(good))} segments meet both thresholds"
        if good
        else "No number of segments meets both thresholds"
    )
    return (
        f"**{finding}.** Dashed: what the rule asks. The shade reaches down to the weakest splits ({exact_percent(LOW)}); small "
        "dots are single segments; rings mark numbers that meet the rule."
    )


def rule_alt(decision: KDecision) -> str:
    """Describe the two lines."""
    parts = [
        f"{int(r.k)}: strength {r.prediction_strength:z.2f}, similarity {r.jaccard:z.2f}"
        for r in decision.table.itertuples()
        if math.isfinite(r.prediction_strength) and math.isfinite(r.jaccard)
    ]
    return f"Two lines over the number of segments, each with its threshold. {'; '.join(parts)}."


def disagreements_caption(bootstrap: Instability, pairs: Consensus, terms: Vocabulary) -> str:
    """State where both are smallest."""
    least, few = bootstrap.least, pairs.least
    if least is None or few is None:
        return f"**Too few {terms.units} differ for all of it.** Less is better."
    finding = (
        f"Instability and the proportion of ambiguous clustering (PAC) are smallest at {word(least)}"
        if least == few
        else f"Instability is smallest at {word(least)}, the proportion of ambiguous clustering (PAC) at {word(few)}"
    )
    return f"**{finding}.** Less is better; rings mark the smallest, bars are two standard errors."


def disagreements_alt(bootstrap: Instability, pairs: Consensus) -> str:
    """Describe the two lines."""
    both = bootstrap.table.merge(pairs.table, on="k")
    parts = [
        f"{int(r.k)}: instability {percent(r.instability)}, PAC {percent(r.pac)}"
        for r in both.itertuples()
        if math.isfinite(r.instability) and math.isfinite(r.pac)
    ]
    return f"Two lines over the number of segments. {'; '.join(parts)}."
