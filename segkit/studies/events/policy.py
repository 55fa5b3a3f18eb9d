"""What to do with each segment, as a table that a CRM can load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...engine.external import PERSONAL_CELL
from ...engine.meaning import Cards
from ...features.measures import Measures
from ...privacy import NOBODYS, ONE_BY_ONE, SMALL_CELL, suppressed
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
NOBODY = "None: nobody in it is business."  # for a segment of which nobody is left


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
        One row per segment: ``segment``, ``name``, units, ``meant`` (units that the rules are for), ``owner``,
        ``answer_within``, ``usual_gap_days``, ``cadence``, ``overdue_after_days``, ``overdue_now`` (of those who are meant),
        ``reactivation``, ``action``. Numbers that would describe fewer than five units, or ten by their label, are missing.
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


def mostly_late(frame: pd.DataFrame, labels: pd.Series, measures: Measures, apart: pd.Series) -> frozenset[int]:
    """Return the segments most of whose units are overdue, of those that rules are for; the parameters are those of `policy`."""
    known = frame[~apart.reindex(frame.index)]
    own = labels.reindex(known.index)
    gaps = usual_gaps(known, measures).groupby(own)
    limits = OVERDUE * gaps.median().where(gaps.count() >= SMALL_CELL)
    late = (known[measures.recency.name] > own.map(limits)).groupby(own).mean()
    return frozenset(int(s) for s in late.index[late > 1 / 2])


def meant(labels: pd.Series, apart: pd.Series, cards: Cards) -> pd.Series:
    """Count the units of each segment that rules are for; missing where the number of the others would tell of few.

    Parameters
    ----------
    labels : Series of int
        Segment number per unit.
    apart : Series of bool
        Whether no rule is for a unit; on the same index.
    cards : Cards

    Returns
    -------
    Series of Float64, by segment
    """
    others = apart.groupby(labels).sum().reindex(cards.order, fill_value=0)
    left = labels.value_counts().reindex(cards.order, fill_value=0) - others
    hide = suppressed(others, PERSONAL_CELL) | ((left > 0) & (left < SMALL_CELL) & (others > 0))
    hide |= pd.Series({c.id: c.size is None for c in cards})
    return left.astype("Float64").mask(hide)


def policy(
    frame: pd.DataFrame,
    labels: pd.Series,
    cards: Cards,
    measures: Measures,
    rules: Rules,
    apart: pd.Series | None = None,
) -> Policy:
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
    apart : Series of bool, optional
        Whether a unit is one that no rule is for. What they do says nothing of how often the others are to be approached.

    Notes
    -----
    A unit's usual gap is its tenure divided by its active days less one; the segment's is the median over units
    with two active days or more. A segment has none, hence no cadence, where its typical unit has a single active day,
    or where fewer than five units have several. Segments of low engagement have none either: the rule for them is to
    act on new activity alone.
    """
    labels = labels.reindex(frame.index)
    apart = pd.Series(False, index=frame.index) if apart is None else apart.reindex(frame.index)
    left = meant(labels, apart, cards)
    empty = (left == 0).fillna(False)
    gaps = usual_gaps(frame, measures)
    rows = []
    for card in cards:
        own = (labels == card.id) & ~apart
        known = gaps[own].dropna()
        typical_days = card.medians.get(measures.days.name, 1.0)
        rhythmic = len(known) >= SMALL_CELL and typical_days > 1 and card.archetype != "once"
        gap = float(known.median()) if rhythmic else np.nan
        cadence = rhythm(gap) if rhythmic else ONE_BY_ONE if card.archetype == "small" else ON_ACTIVITY
        with_gap, without = rules.actions.get(card.variant) or rules.actions[card.archetype]
        late = int((frame.loc[own, measures.recency.name] > OVERDUE * gap).sum()) if np.isfinite(gap) else 0
        hidden = card.size is None or 0 < late < SMALL_CELL or 0 < own.sum() - late < SMALL_CELL
        owner, answer, back = rules.service[card.archetype]
        small = card.archetype == "small"
        if not (np.isfinite(gap) or small):
            back = rules.service["once"][2]  # without a gap nobody can be overdue
        rows.append(
            {
                "segment": card.id,
                "name": card.name,
                rules.units: card.size,
                "meant": left[card.id],
                "owner": owner,
                "answer_within": answer,
                "usual_gap_days": gap,
                "cadence": cadence,
                "overdue_after_days": OVERDUE * gap,
                "overdue_now": np.nan if hidden or not np.isfinite(gap) else late,
                "reactivation": back,
                "action": with_gap.format(cadence=cadence) if rhythmic else without,
                **(
                    dict.fromkeys(("owner", "answer_within", "cadence", "reactivation"), NOBODYS) | {"action": NOBODY}
                    if empty[card.id]
                    else {}
                ),
            }
        )
    out = pd.DataFrame(rows)
    numbers = [rules.units, "meant", "usual_gap_days", "overdue_after_days", "overdue_now"]
    return Policy(out.astype(dict.fromkeys(numbers, "Float64")))
