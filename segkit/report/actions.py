"""What the decisions page shows: the policy as table and sentences."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from ..engine.meaning import Cards
from ..engine.usefulness import Usefulness
from ..privacy import ONE_BY_ONE
from ..thresholds import OVERDUE
from ..vocabulary import Vocabulary
from . import prose
from .findings import quoted
from .prose import capital, count, inline, join, plural
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


@inline
def overdue(rules: pd.DataFrame, terms: Vocabulary, *, as_of: datetime | None = None) -> str:
    """Say how many units are overdue now, and in which segments."""
    late = rules[rules["overdue_now"].fillna(0) > 0]
    if late.empty:
        return f"No segment has {terms.units} that are overdue, as far as the number may be shown."
    parts = [f"{count(r.overdue_now)} of {count(getattr(r, terms.units))} in “{r.name}”" for r in late.itertuples()]
    when = f"At the end of the {terms.record}" if as_of is None else "At the time that the settings name"
    return f"{when} {join(parts)} are overdue: silent for more than {_times(OVERDUE)} the usual gap of their segment."


def _times(factor: float) -> str:
    return f"{prose.word(int(factor)) if factor == int(factor) else prose.exact(factor)} times"


@inline
def due(terms: Vocabulary) -> str:
    """Say from when on a unit is overdue."""
    return f"{capital(terms.a_unit)} is overdue once it has been silent for {_times(OVERDUE)} the usual gap of its segment."


def cadence(rules: pd.DataFrame, terms: Vocabulary) -> list[str]:
    """List the cadence of each segment with the gap that it follows from."""
    out = []
    for r in rules.itertuples():
        if r.cadence == ONE_BY_ONE:
            out.append(f"“{r.name}”: too few {terms.units} for a rhythm; treat them one by one.")
        elif pd.isna(r.usual_gap_days):
            out.append(
                f"“{r.name}”: no rhythm to keep, since {terms.events} are too few or lie on too few days; act on new activity."
            )
        else:
            gap = prose.ago(r.usual_gap_days)
            out.append(f"“{r.name}”: the usual gap between active days is {gap}, so the cadence is {r.cadence}.")
    return out


@inline
def first_on_list(cards: Cards, rules: pd.DataFrame, terms: Vocabulary, found: Usefulness | None = None) -> str:
    """Say whom a short list should begin with, and what the order after them follows."""
    core = cards.of("core")
    if not core:
        return "No segment is active enough to come first."
    listed = join([quoted(c) for c in core])
    late = rules.set_index("segment")["overdue_now"].reindex([c.id for c in core]).fillna(0).sum()
    who = (
        f"the {terms.unit} {terms.who} is overdue in "
        if late == 1
        else f"the {count(late)} {terms.units} {terms.who} are overdue in "
        if late
        else ""
    )
    after = order_by(found) if found is not None else None
    rest = f" After them, a list follows the {names(terms)[after]}." if after is not None else ""
    return f"A short list begins with {who}{listed}.{rest}"
