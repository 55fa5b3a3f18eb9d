"""What the decisions page shows of the policy: facts and a table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..engine.meaning import Cards
from ..engine.usefulness import Usefulness
from ..privacy import ONE_BY_ONE
from ..thresholds import OVERDUE
from ..vocabulary import Vocabulary
from . import prose
from .findings import quoted
from .prose import plural
from .show import Shown, table
from .usefulness import names, order_by


def policy_table(rules: pd.DataFrame, terms: Vocabulary) -> Shown:
    """Show the rules per segment; the CSV is what a CRM loads."""
    frame = rules[["name", terms.units, "owner", "answer_within", "cadence", "overdue_after_days", "reactivation"]]
    rhythm = frame[frame["overdue_after_days"].notna()]
    finding = (
        f"{prose.capital(plural(len(rhythm), 'segment', words=True))} {'has' if len(rhythm) == 1 else 'have'} a rhythm of "
        f"{'its' if len(rhythm) == 1 else 'their'} own to keep."
        if len(rhythm)
        else "No segment has a rhythm to keep."
    )
    return table(
        frame,
        "tbl-policy",
        f"**{finding}** The CSV is made for a CRM: one row per segment, the segment's number as key.",
        {terms.units: prose.count, "overdue_after_days": prose.days},
        headings={
            "name": "segment", "answer_within": "answer within", "overdue_after_days": "overdue after, days",
        },
        export=rules,
    )  # fmt: skip


def times() -> str:
    """Return from how many times the usual gap on a unit is overdue, as a word where there is one."""
    return prose.word(int(OVERDUE)) if int(OVERDUE) == OVERDUE else prose.exact(OVERDUE)


@dataclass(frozen=True)
class Late:
    """A segment with units that are overdue: its name, how many of them are, and of how many."""

    segment: str
    late: int
    units: int


def overdue(rules: pd.DataFrame, terms: Vocabulary) -> list[Late]:
    """Return the segments with units that are overdue now, as far as the number may be shown."""
    late = rules[rules["overdue_now"].fillna(0) > 0]
    return [Late(f"“{r.name}”", round(r.overdue_now), round(getattr(r, terms.units))) for r in late.itertuples()]


@dataclass(frozen=True)
class First:
    """Whom a short list should begin with.

    Attributes
    ----------
    segments : list of str
        The core segments.
    late : int
        How many of their units are overdue, as far as the number may be shown.
    after : str or None
        What the ranking is called that the list follows after them.
    """

    segments: list[str]
    late: int
    after: str | None


def first_on_list(cards: Cards, rules: pd.DataFrame, terms: Vocabulary, found: Usefulness | None = None) -> First:
    """Return whom a short list should begin with, and what the order after them follows."""
    core = cards.of("core")
    late = rules.set_index("segment")["overdue_now"].reindex([c.id for c in core]).fillna(0).sum()
    after = order_by(found) if found is not None else None
    return First([quoted(c) for c in core], round(late), names(terms)[after] if after is not None else None)


@dataclass(frozen=True)
class Rhythm:
    """The cadence of a segment.

    Attributes
    ----------
    segment, cadence : str
    gap : float or None
        Days between active days that it follows from, where there are enough.
    alone : bool
        Whether the segment is too small for a rhythm.
    """

    segment: str
    cadence: str
    gap: float | None
    alone: bool


def cadence(rules: pd.DataFrame) -> list[Rhythm]:
    """Return the cadence of each segment, with the gap that it follows from."""
    return [
        Rhythm(
            f"“{r.name}”",
            r.cadence,
            None if pd.isna(r.usual_gap_days) else float(r.usual_gap_days),
            r.cadence == ONE_BY_ONE,
        )
        for r in rules.itertuples()
    ]
