"""What the page on stability shows of single units: who is at home in one segment, and who is not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..engine.meaning import Cards
from ..engine.pipeline import Confidence
from ..privacy import suppressed
from ..thresholds import NARROW, SELDOM
from ..vocabulary import Vocabulary
from . import prose
from .findings import quoted
from .prose import capital, inline, percent, plural
from .show import Shown, table


@inline
def sure(found: Confidence, terms: Vocabulary) -> str:
    """Say how many units are not at home in one segment."""
    total = int(found.table["units"].sum())
    seldom, narrow = (int(found.table[c].sum()) for c in ("seldom", "narrow"))

    def of(n: int) -> str:
        if not n:
            return f"no {terms.unit}"
        some = suppressed(pd.Series([n, total - n])).any()
        return f"a few {terms.units}" if some else f"{plural(n, terms.unit, terms.units)} ({percent(n / total)})"

    return (
        (
            f"{capital(of(seldom))} come back to their segment in fewer than {percent(SELDOM, 0)} of the samples; {of(narrow)} lie "
            f"about as near to a second centre, with a margin below {NARROW}."
        )
        .replace(f"No {terms.unit} come back", f"No {terms.unit} comes back")
        .replace(f"no {terms.unit} lie", f"no {terms.unit} lies")
    )


def sure_table(found: Confidence, cards: Cards, terms: Vocabulary) -> Shown:
    """Show, per segment, how many units seldom recur or lie near another centre."""
    rows = found.table.set_index("segment")
    shown = [c for c in cards if c.size is not None and c.medians]
    hide = {
        name: suppressed(rows[name]) | suppressed(rows["units"] - rows[name]) for name in ("seldom", "narrow", "both")
    }
    frame = pd.DataFrame(
        {
            "segment": [c.name for c in shown],
            terms.units: [c.size for c in shown],
            "mean recurrence": [float(rows.loc[c.id, "recurrence"]) for c in shown],
            **{
                title: pd.array([None if hide[n][c.id] else rows.loc[c.id, n] for c in shown], dtype="Int64")
                for n, title in (("seldom", "seldom"), ("narrow", "near another"), ("both", "both"))
            },
        }
    )
    parts = {c.id: float(rows.loc[c.id, "recurrence"]) for c in shown}
    low = min(shown, key=lambda c: parts[c.id], default=None)
    finding = (
        "Membership by segment."
        if low is None or not np.isfinite(parts[low.id])
        else f"Every {terms.unit} comes back to its segment in every sample."
        if parts[low.id] == 1
        else f"Membership is least sure in {quoted(low)}."
    )
    dash = (
        f" A dash stands for a number that would give fewer than five {terms.units} away."
        if frame.isna().any(axis=None)
        else ""
    )
    return table(
        frame,
        "tbl-recurrence",
        f"**{finding}** Recurrence: the share of samples in which {terms.a_unit} is in its segment. Seldom: recurrence below "
        f"{percent(SELDOM, 0)}. Near another: margin below {NARROW}.{dash}",
        {terms.units: prose.count, "mean recurrence": lambda v: percent(float(v), 0)},
        right=("seldom", "near another", "both"),
    )
