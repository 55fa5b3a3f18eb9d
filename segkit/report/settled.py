"""Whether the answers of tests against drawn populations hang on how many were drawn."""

from __future__ import annotations

import math

import pandas as pd

from ..engine.nulls import INTERVAL, RISK, Nulls
from ..vocabulary import Vocabulary
from . import nulls as null_words
from .prose import count, exact_percent, inline, join
from .show import Shown, table


@inline
def settled_note(found: Nulls, terms: Vocabulary) -> str:
    """Say whether every answer is settled; nothing where so few data sets cannot tell."""
    known = null_words.facts(found, terms)
    if not known.testable:
        return ""
    rule = (
        f"The answer must not hang on how many data sets were drawn. So drawing goes on, up to {count(known.limit)} data sets, "
        "until an interval of p leaves the level out."
    )
    if not known.near:
        return f"{rule} Here {'every answer is' if len(known.beaten + known.rest) > 1 else 'the answer is'} settled."
    which = "that answer" if len(known.near) == 1 else "those answers"
    return f"{rule} For {join(known.near)} it does not: p is too near the level. Read {which} as close, not as a proof of either."


def settled_table(found: Nulls, terms: Vocabulary) -> Shown:
    """Show the p of each null with its interval, and whether more data sets could change the answer."""
    if not found.testable or not math.isfinite(found.row(found.names[0])["p"]):
        return Shown("")
    near = null_words.facts(found, terms).near
    rows = []
    for null in found.names:
        at = found.row(null)
        between = f"{at['p_low']:.3f} to {at['p_high']:.3f}"
        names, sure = (null_words.title(null, terms), null_words.p_of(found, null)), "yes" if at["settled"] else "no"
        rows.append((*names, between, int(at["drawn"]), sure))
    finding = (
        "No answer hangs on how many data sets were drawn"
        if not near
        else f"More data sets could turn the answer for {join(near)}"
    )
    return table(
        pd.DataFrame(rows, columns=["null", "p", "interval", "data sets", "settled"]), "tbl-settled",
        f"**{finding}.** The interval ({exact_percent(INTERVAL)}, exact binomial) is of the p that endless drawing would give. An "
        f"answer is settled where the level is outside of the interval that holds with {exact_percent(1 - RISK)}.",
        {"data sets": count}, right=["p", "interval"],
    )  # fmt: skip
