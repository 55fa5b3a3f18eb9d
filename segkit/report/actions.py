"""What the decisions page shows of the policy: facts and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ..engine.meaning import Cards
from ..engine.usefulness import Usefulness
from ..features.table import FeatureTable
from ..privacy import NOBODYS, ONE_BY_ONE
from ..thresholds import OVERDUE
from ..vocabulary import Vocabulary
from . import prose
from .findings import quoted
from .prose import plural
from .show import Shown, table
from .usefulness import names, order_by


def policy_table(rules: pd.DataFrame, terms: Vocabulary) -> Shown:
    """Show the rules per segment; the CSV is what a CRM loads."""
    shown = ["name", terms.units, "meant", "owner", "answer_within", "cadence", "overdue_after_days", "reactivation"]
    frame = rules[shown] if _apart(rules, terms).any() else rules[shown].drop(columns="meant")
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
        {terms.units: prose.count, "meant": prose.count, "overdue_after_days": prose.days},
        headings={
            "name": "segment", "meant": "rules are for", "answer_within": "answer within",
            "overdue_after_days": "overdue after, days",
        },
        export=rules,
        stack=True,
    )  # fmt: skip


def _apart(rules: pd.DataFrame, terms: Vocabulary) -> pd.Series:
    """Tell of which segments the rules are not for all units, or not said to be."""
    return rules[terms.units].notna() & (rules["meant"] != rules[terms.units]).fillna(True)


def left(rules: pd.DataFrame, terms: Vocabulary) -> dict[int, int]:
    """Return how many units the rules of a segment are for, by segment; of those whose rules are not for all of them."""
    known = rules[_apart(rules, terms) & rules["meant"].notna()]
    return {int(s): round(n) for s, n in zip(known["segment"], known["meant"], strict=True)}


@dataclass(frozen=True)
class Meant:
    """Whom the rules are for.

    Attributes
    ----------
    labelled : bool
        Whether the units have labels.
    labels : list of str
        Labels that the settings name as no business, in quotes, of those that enough units carry.
    unseen : int
        How many others they name: such a label may be that of single units, so it is not told.
    rest : list of (str, int, int)
        Segments of which some are left out: the name, how many are left, and of how many.
    hidden : list of str
        Segments of which neither is told, since it would tell of few.
    """

    labelled: bool
    labels: list[str]
    unseen: int
    rest: list[tuple[str, int, int]]
    hidden: list[str]

    @property
    def named(self) -> list[str]:
        """What the settings name, in words: labels in quotes, and how many others."""
        more = " more" if self.labels else ""
        rest = "another label" if more and self.unseen == 1 else f"{plural(self.unseen, 'label', words=True)}{more}"
        return [*self.labels, rest] if self.unseen else self.labels


def meant(rules: pd.DataFrame, asked: Sequence[str], features: FeatureTable, terms: Vocabulary) -> Meant:
    """Return whom the rules are for, once those are left out whose label the settings name as no business."""
    known = features.categories
    some, told = _apart(rules, terms), left(rules, terms)
    return Meant(
        labelled=bool(known),
        labels=[f"“{label}”" for label in asked if label in known],
        unseen=len(set(asked) - set(known)),
        rest=[
            (f"“{r.name}”", told[r.segment], round(getattr(r, terms.units)))
            for r in rules.itertuples()
            if r.segment in told
        ],
        hidden=[f"“{r.name}”" for r in rules[some & rules["meant"].isna()].itertuples()],
    )


def times() -> str:
    """Return from how many times the usual gap on a unit is overdue, as a word where there is one."""
    return prose.word(int(OVERDUE)) if int(OVERDUE) == OVERDUE else prose.exact(OVERDUE)


@dataclass(frozen=True)
class Late:
    """A segment with units that are overdue: its name, how many of them are, and of how many that its rules are for."""

    segment: str
    late: int
    units: int | None


def overdue(rules: pd.DataFrame, terms: Vocabulary) -> list[Late]:
    """Return the segments with units that are overdue now, as far as the number may be shown."""
    late = rules[rules["overdue_now"].fillna(0) > 0]
    return [
        Late(f"“{r.name}”", round(r.overdue_now), None if pd.isna(r.meant) else round(r.meant))
        for r in late.itertuples()
    ]


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
    alone, empty : bool
        Whether the segment is too small for a rhythm, and whether nobody in it is business.
    """

    segment: str
    cadence: str
    gap: float | None
    alone: bool
    empty: bool = False


def cadence(rules: pd.DataFrame) -> list[Rhythm]:
    """Return the cadence of each segment, with the gap that it follows from."""
    return [
        Rhythm(
            f"“{r.name}”",
            r.cadence,
            None if pd.isna(r.usual_gap_days) else float(r.usual_gap_days),
            r.cadence == ONE_BY_ONE,
            r.cadence == NOBODYS,
        )
        for r in rules.itertuples()
    ]
