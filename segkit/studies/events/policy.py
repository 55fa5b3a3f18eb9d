"""What to do with each segment, as a table that a CRM can load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...engine.meaning import Cards
from ...features.measures import Measures
from ...privacy import ONE_BY_ONE, SMALL_CELL
from ...thresholds import OVERDUE

# A cadence is the usual gap between active days, rounded up to a rhythm that a calendar knows.
RHYTHMS = (
    (7, "weekly"),
    (14, "fortnightly"),
    (31, "monthly"),
    (92, "quarterly"),
    (183, "half-yearly"),
    (366, "yearly"),
)
ON_ACTIVITY = "on new activity"  # the cadence of segments without a usual gap


@dataclass(frozen=True)
class Rules:
    """What one study does with each kind of segment.

    Parameters
    ----------
    units : str
        What the units are called; the column of their numbers.
    service : dict of str to (str, str, str)
        By archetype: owner, time to answer, reactivation.
    actions : dict of str to (str, str)
        By archetype or variant of one: what to do with a cadence, and where a segment has no usual gap.
    """

    units: str
    service: dict[str, tuple[str, str, str]]
    actions: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Policy:
    """Rules per segment, and how many units each concerns today.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``segment``, ``name``, units, ``owner``, ``answer_within``, ``usual_gap_days``,
        ``cadence``, ``overdue_after_days``, ``overdue_now``, ``reactivation``, ``action``. Numbers that would describe
        fewer than five units are missing.
    """

    table: pd.DataFrame

    @property
    def overdue(self) -> int:
        """Units that are overdue now, over the segments whose number may be shown."""
        return int(self.table["overdue_now"].fillna(0).sum())

    @property
    def actions(self) -> dict[int, str]:
        """What to do, by segment."""
        return {int(s): str(a) for s, a in zip(self.table["segment"], self.table["action"], strict=True)}

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


def usual_gaps(frame: pd.DataFrame, measures: Measures) -> pd.Series:
    """Return the days from one active day of a unit to the next, on average; missing where it has one alone.

    Parameters
    ----------
    frame : DataFrame
        Features in raw units.
    measures : Measures
    """
    active = frame[measures.days.name]
    return (frame[measures.tenure.name] / (active - 1)).where(active > 1)


def policy(frame: pd.DataFrame, labels: pd.Series, cards: Cards, measures: Measures, rules: Rules) -> Policy:
    """Derive cadence, reactivation and action of each segment from the gaps between its units' active days.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Features in raw units, recency and tenure in the days that count.
    labels : Series of int
        Segment number per unit.
    cards : Cards
    measures : Measures
    rules : Rules

    Notes
    -----
    A unit's usual gap is its tenure divided by its active days less one; the segment's is the median over units
    with two active days or more. A segment has none, hence no cadence, where its typical unit has a single active day,
    or where fewer than five units have several. Segments of low engagement have none either: the rule for them is to
    act on new activity alone.
    """
    gaps = usual_gaps(frame, measures)
    rows = []
    for card in cards:
        own = labels.reindex(frame.index) == card.id
        known = gaps[own].dropna()
        typical_days = card.medians.get(measures.days.name, 1.0)
        rhythmic = len(known) >= SMALL_CELL and typical_days > 1 and card.archetype != "once"
        gap = float(known.median()) if rhythmic else np.nan
        cadence = rhythm(gap) if rhythmic else ONE_BY_ONE if card.archetype == "small" else ON_ACTIVITY
        with_gap, without = rules.actions.get(card.variant) or rules.actions[card.archetype]
        late = int((frame.loc[own, measures.recency.name] > OVERDUE * gap).sum()) if np.isfinite(gap) else 0
        hidden = card.size is None or 0 < late < SMALL_CELL or 0 < card.size - late < SMALL_CELL
        owner, answer, back = rules.service[card.archetype]
        small = card.archetype == "small"
        if not (np.isfinite(gap) or small):
            back = rules.service["once"][2]  # without a gap nobody can be overdue
        rows.append(
            {
                "segment": card.id,
                "name": card.name,
                rules.units: card.size,
                "owner": owner,
                "answer_within": answer,
                "usual_gap_days": gap,
                "cadence": cadence,
                "overdue_after_days": OVERDUE * gap,
                "overdue_now": np.nan if hidden or not np.isfinite(gap) else late,
                "reactivation": back,
                "action": with_gap.format(cadence=cadence) if rhythmic else without,
            }
        )
    out = pd.DataFrame(rows)
    numbers = [rules.units, "usual_gap_days", "overdue_after_days", "overdue_now"]
    return Policy(out.astype(dict.fromkeys(numbers, "Float64")))
