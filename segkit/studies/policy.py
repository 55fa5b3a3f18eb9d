"""What to do with each contact segment, as a table that a CRM can load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..engine.meaning import Cards
from ..privacy import ONE_BY_ONE, SMALL_CELL

# A cadence is the usual gap between active days, rounded up to a rhythm that a calendar knows.
RHYTHMS = (
    (7, "weekly"),
    (14, "fortnightly"),
    (31, "monthly"),
    (92, "quarterly"),
    (183, "half-yearly"),
    (366, "yearly"),
)
OVERDUE = 3.0  # a contact is overdue once it has been silent for this many usual gaps
ON_ACTIVITY = "on new activity"  # the cadence of segments without a usual gap
RULES = {
    "core": ("named owner", "same working day", "owner calls once overdue"),
    "warm": ("team queue", "two working days", "reminder once overdue, one attempt"),
    "deep": ("the person who had the conversation", "same working day", "personal call once overdue"),
    "once": ("self-service", "when capacity allows", "none before new activity"),
    "small": ("one by one", "two working days", "one by one"),
}


@dataclass(frozen=True)
class Policy:
    """Rules per segment, and how many contacts each concerns today.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``segment``, ``name``, ``contacts``, ``owner``, ``answer_within``, ``usual_gap_days``,
        ``cadence``, ``overdue_after_days``, ``overdue_now``, ``reactivation``, ``action``. Numbers that would describe
        fewer than five contacts are missing.
    """

    table: pd.DataFrame

    @property
    def overdue(self) -> int:
        """Contacts that are overdue now, over the segments whose number may be shown."""
        return int(self.table["overdue_now"].fillna(0).sum())

    def to_json(self) -> list[dict[str, Any]]:
        """Return the rules as plain values."""
        return self.table.to_dict("records")

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def rhythm(days: float) -> str:
    """Round a gap up to a rhythm.

    >>> rhythm(5.0), rhythm(20.0), rhythm(900.0)
    ('weekly', 'monthly', 'yearly')
    """
    return next((name for limit, name in RHYTHMS if days <= limit), RHYTHMS[-1][1])


def policy(frame: pd.DataFrame, labels: pd.Series, cards: Cards) -> Policy:
    """Derive cadence and reactivation of each segment from the gaps between its contacts' active days.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        ``n_days_active``, ``tenure_days`` and ``recency_days`` in raw units.
    labels : Series of int
        Segment number per unit.
    cards : Cards

    Notes
    -----
    A contact's usual gap is its tenure divided by its active days less one; the segment's is the median over contacts
    with two active days or more. A segment has none, hence no cadence, where its typical contact has a single active day,
    or where fewer than five contacts have several.
    """
    several = frame["n_days_active"] > 1
    gaps = (frame["tenure_days"] / (frame["n_days_active"] - 1)).where(several)
    rows = []
    for card in cards:
        own = labels.reindex(frame.index) == card.id
        known = gaps[own].dropna()
        typical_days = card.medians.get("n_days_active", 1.0)
        gap = float(known.median()) if len(known) >= SMALL_CELL and typical_days > 1 else np.nan
        late = int((frame.loc[own, "recency_days"] > OVERDUE * gap).sum()) if np.isfinite(gap) else 0
        hidden = card.size is None or 0 < late < SMALL_CELL or 0 < card.size - late < SMALL_CELL
        owner, answer, back = RULES[card.archetype]
        small = card.archetype == "small"
        if not (np.isfinite(gap) or small):
            back = RULES["once"][2]  # without a gap nobody can be overdue
        rows.append(
            {
                "segment": card.id,
                "name": card.name,
                "contacts": card.size,
                "owner": owner,
                "answer_within": answer,
                "usual_gap_days": gap,
                "cadence": rhythm(gap) if np.isfinite(gap) else ONE_BY_ONE if small else ON_ACTIVITY,
                "overdue_after_days": OVERDUE * gap,
                "overdue_now": np.nan if hidden or not np.isfinite(gap) else late,
                "reactivation": back,
                "action": card.action,
            }
        )
    out = pd.DataFrame(rows)
    numbers = ["contacts", "usual_gap_days", "overdue_after_days", "overdue_now"]
    return Policy(out.astype(dict.fromkeys(numbers, "Float64")))
