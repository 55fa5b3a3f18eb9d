"""What pages show and tell of the breaks of a log: facts, a table, and bands on figures over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from ..data.breaks import SIDE, Breaks
from ..vocabulary import Vocabulary
from . import theme
from .prose import capital, count, exact_percent, percent, plural, span
from .show import Shown, table

SMALLEST = 0.0001  # a probability below it is told as that


@dataclass(frozen=True)
class Facts:
    """What sentences tell of the breaks.

    Attributes
    ----------
    how : {"found", "declared", "none"}
        Whether they were looked for, named by the settings, or neither.
    number, days, longest, of : int
        Breaks, days in them, days of the longest one, and days of the log.
    when : str
        The days of the longest one; its months where days are not told.
    level : float
        Up to which probability a silence is a break.
    side : int
        Days on either side of a silence that tell the rhythm.
    """

    how: str
    number: int
    days: int
    longest: int
    of: int
    when: str
    level: float
    side: int = SIDE


def facts(found: Breaks, *, exact: bool) -> Facts:
    """Collect what sentences need; without ``exact``, days are told by their months."""
    longest = found.table.loc[found.table["days"].idxmax()] if len(found.table) else None
    return Facts(
        how=found.how,
        number=len(found.table),
        days=found.days,
        longest=0 if longest is None else int(longest["days"]),
        of=(found.last - found.first).days + 1,
        when="" if longest is None else span(longest["start"].date(), longest["end"].date(), exact=exact),
        level=found.level,
    )


def _probability(p: float) -> str:
    return f"below {SMALLEST:.4f}" if p < SMALLEST else f"{p:.4f}"


def breaks_table(found: Breaks, terms: Vocabulary, *, exact: bool) -> Shown | None:
    """Show the breaks with their dates; none where there are none."""
    if found.table.empty:
        return None
    rows = found.table
    form = "%Y-%m-%d" if exact else "%Y-%m"
    frame = rows.assign(start=rows["start"].dt.strftime(form), end=rows["end"].dt.strftime(form))
    told = facts(found, exact=exact)
    share = percent(told.days / told.of)
    how = (
        f"The probability is that of so long a silence anywhere in the {terms.record}; a break has "
        f"{exact_percent(found.level)} at most."
        if found.how == "found"
        else "The settings name them."
    )
    finding = f"{capital(plural(told.number, 'break', words=True))} {'holds' if told.number == 1 else 'hold'} {share} of the days"
    return table(
        frame if found.how == "found" else frame.drop(columns="p"), "tbl-breaks",
        f"**{finding} of the {terms.record}.** {how}",
        {"days": count, "p": _probability},
        headings={"start": "from", "end": "to", "p": "probability"},
        export=frame,
    )  # fmt: skip


def shade(axes: Axes, found: Breaks, place: Callable[[pd.Timestamp], float] | None = None) -> None:
    """Draw a band for each break over a figure whose horizontal axis is time.

    Parameters
    ----------
    axes : Axes
    found : Breaks
    place : callable, optional
        Where a moment lies, for an axis that has no dates.
    """
    left, right = axes.get_xlim()
    for run in found.table.itertuples():
        ends = (run.start, run.end + pd.Timedelta(days=1))
        at = ends if place is None else tuple(min(max(place(e), left), right) for e in ends)
        axes.axvspan(*at, color=theme.SECOND, alpha=0.35, lw=0, zorder=0)
    if place is not None:
        axes.set_xlim(left, right)


def note(found: Breaks, terms: Vocabulary) -> str:
    """Say what the bands of a figure are."""
    if found.table.empty:
        return f"The {terms.record} has no break."
    which = "the break" if len(found.table) == 1 else "the breaks"
    return f"{'A band marks' if len(found.table) == 1 else 'Bands mark'} {which} of the {terms.record}."
