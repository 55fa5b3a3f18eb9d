"""What to do with each contact segment, as a table that a CRM can load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..engine.meaning import Cards
from ..privacy import ONE_BY_ONE, SMALL_CELL
from ..thresholds import OVERDUE

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
RULES = {
    "core": ("named owner", "same working day", "owner calls once overdue"),
    "warm": ("team queue", "two working days", "reminder once overdue, one attempt"),
    "deep": ("the person who had the conversation", "same working day", "personal call once overdue"),
    "once": ("self-service", "when capacity allows", "none before new activity"),
    "small": ("one by one", "two working days", "one by one"),
}
# What to do, by archetype or variant of one: with a cadence, and without, where a segment has no usual gap.
ACTIONS = {
    "core": ("Assign an owner and a service level; check in before they call.",
             "Assign an owner and a service level; act on new activity."),
    "core, silent": ("Find out why they went silent, and win back in person those worth it.",
                     "Find out why they went silent; act on new activity."),
    "warm": ("Keep a {cadence} cadence, with reminders and targeted offers.",
             "Act on new activity, with reminders and targeted offers."),
    "warm, silent": ("Try once to win back; keep a {cadence} cadence only with those who answer.",
                     "Act on new activity, and then keep in touch with those who answer."),
    "deep": ("Follow up in person, keep the context, and win back when dormant.",
             "Follow up in person, and keep the context; act on new activity."),
    "once": ("", "Keep off priority lists, automate nurture, and act only on new activity."),
    "small": ("", "Treat one by one; a segment this small is no basis for a rule."),
}  # fmt: skip


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


def usual_gaps(frame: pd.DataFrame) -> pd.Series:
    """Return the days from one active day of a unit to the next, on average; missing where it has one alone.

    Parameters
    ----------
    frame : DataFrame
        ``n_days_active`` and ``tenure_days``.
    """
    several = frame["n_days_active"] > 1
    return (frame["tenure_days"] / (frame["n_days_active"] - 1)).where(several)


def policy(frame: pd.DataFrame, labels: pd.Series, cards: Cards) -> Policy:
    """Derive cadence, reactivation and action of each segment from the gaps between its contacts' active days.

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
    or where fewer than five contacts have several. Segments of low engagement have none either: the rule for them is to
    act on new activity alone.
    """
    gaps = usual_gaps(frame)
    rows = []
    for card in cards:
        own = labels.reindex(frame.index) == card.id
        known = gaps[own].dropna()
        typical_days = card.medians.get("n_days_active", 1.0)
        rhythmic = len(known) >= SMALL_CELL and typical_days > 1 and card.archetype != "once"
        gap = float(known.median()) if rhythmic else np.nan
        cadence = rhythm(gap) if rhythmic else ONE_BY_ONE if card.archetype == "small" else ON_ACTIVITY
        with_gap, without = ACTIONS.get(card.variant) or ACTIONS[card.archetype]
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
                "cadence": cadence,
                "overdue_after_days": OVERDUE * gap,
                "overdue_now": np.nan if hidden or not np.isfinite(gap) else late,
                "reactivation": back,
                "action": with_gap.format(cadence=cadence) if rhythmic else without,
            }
        )
    out = pd.DataFrame(rows)
    numbers = ["contacts", "usual_gap_days", "overdue_after_days", "overdue_now"]
    return Policy(out.astype(dict.fromkeys(numbers, "Float64")))
