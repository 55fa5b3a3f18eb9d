"""What the page on stability shows of single units: who is at home in one segment, and who is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.meaning import Cards
from ..engine.pipeline import Confidence
from ..privacy import SMALL_CELL, suppressed
from ..thresholds import NARROW, SELDOM
from ..vocabulary import Vocabulary
from . import prose
from .findings import quoted
from .prose import percent
from .show import Shown, table


@dataclass(frozen=True)
class Border:
    """How many units are not at home in one segment.

    Attributes
    ----------
    units : int
    seldom, near : int or None
        Those that seldom come back to their segment, and those about as near to a second centre; None where the number
        would give single units away.
    recurrence, margin : float
        Below which a unit counts.
    """

    units: int
    seldom: int | None
    near: int | None
    recurrence: float
    margin: float


def border(found: Confidence, fewest: int = SMALL_CELL) -> Border:
    """Count the units between segments."""
    total = int(found.table["units"].sum())
    seldom, near = (
        None if n and suppressed(pd.Series([n, total - n]), fewest).any() else n
        for n in (int(found.table[c].sum()) for c in ("seldom", "narrow"))
    )
    return Border(total, seldom, near, SELDOM, NARROW)


def sure_table(found: Confidence, cards: Cards, terms: Vocabulary) -> Shown:
    """Show, per segment, how many units seldom recur or lie near another centre."""
    rows = found.table.set_index("segment")
    shown = [c for c in cards if c.size is not None and c.medians]
    hide = {
        name: suppressed(rows[name], terms.fewest) | suppressed(rows["units"] - rows[name], terms.fewest)
        for name in ("seldom", "narrow", "both")
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
    lowest = [c for c in shown if low and prose.percent(parts[c.id], 0) == prose.percent(parts[low.id], 0)]
    finding = (
        "Membership by segment."
        if low is None or not np.isfinite(parts[low.id])
        else f"Every {terms.unit} comes back to its segment in every sample."
        if parts[low.id] == 1
        else "Membership is as sure in each segment, on average."
        if len(lowest) == len(shown) > 1
        else f"Membership is least sure in {prose.join([quoted(c) for c in lowest])}."
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
