"""What pages show and tell of the breaks of a log: facts, a table, and bands on figures over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from ..data.breaks import SIDE, Breaks, Exposure
from ..engine.meaning import Cards
from ..engine.overdue import Silences
from ..engine.usefulness import Usefulness
from ..vocabulary import Vocabulary
from . import theme
from .findings import quoted
from .prose import ago, capital, count, days, exact_percent, percent, plural, span, word
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


@dataclass(frozen=True)
class Silent:
    """How long the units of a segment have been silent, by watched days and by the calendar.

    Attributes
    ----------
    segment : str
        Its name, in quotes.
    watched, calendar : float
        Median days since the last event.
    """

    segment: str
    watched: float
    calendar: float


def changed(found: Silences | None, cards: Cards) -> list[Silent]:
    """Return the segments whose median silence the calendar tells otherwise; none where the log has no break."""
    if found is None:
        return []
    names = {card.id: quoted(card) for card in cards}
    rows = found.table.dropna(subset=["watched", "calendar"]).itertuples()
    return [
        Silent(names[int(r.segment)], float(r.watched), float(r.calendar))
        for r in rows
        if ago(r.watched) != ago(r.calendar)
    ]


@dataclass(frozen=True)
class MostLate:
    """The segment the largest share of which is overdue by watched days.

    Attributes
    ----------
    segment : str
        Its name, in quotes.
    late : int
        Units that are overdue by watched days.
    late_calendar : int or None
        The same by the calendar; None where that is not told.
    meant : int
        Units that the rules are for.
    """

    segment: str
    late: int
    late_calendar: int | None
    meant: int


def most_late(found: Silences | None, rules: pd.DataFrame, cards: Cards) -> MostLate | None:
    """Return the segment of which the most are overdue; None without breaks, or where no such share may be told.

    Parameters
    ----------
    found : Silences or None
    rules : DataFrame
        ``segment``, and ``meant``: units that its rules are for, missing where that is not told.
    cards : Cards
    """
    if found is None:
        return None
    rows = found.table.merge(rules[["segment", "meant"]], on="segment").dropna(subset=["overdue", "meant"])
    rows = rows[rows["overdue"] > 0]
    if rows.empty:
        return None
    most = rows.loc[(rows["overdue"] / rows["meant"]).astype("float64").idxmax()]
    other = most["overdue_calendar"]
    name = next(quoted(card) for card in cards if card.id == most["segment"])
    return MostLate(name, round(most["overdue"]), None if pd.isna(other) else round(other), round(most["meant"]))


def silences_table(found: Silences | None, cards: Cards, terms: Vocabulary) -> Shown | None:
    """Show how long segments have been silent by either count; none where the log has no break."""
    if found is None:
        return None
    names = {card.id: card.name for card in cards}
    frame = found.table.assign(segment=found.table["segment"].map(names))
    total, total_calendar = frame[["overdue", "overdue_calendar"]].dropna().sum()
    finding = f"Without the days of breaks {count(total)} {terms.units} are overdue, with them {count(total_calendar)}."
    if total == total_calendar:
        finding = f"The days of breaks do not change how many {terms.units} are overdue."
    dash = (
        f" A dash: no usual gap, or it would tell of fewer than five {terms.units}."
        if frame.isna().any(axis=None)
        else ""
    )
    return table(
        frame, "tbl-silences", f"**{finding}** Medians of days since the last {terms.event}.{dash}",
        {"watched": days, "calendar": days, "overdue": count, "overdue_calendar": count},
        headings={"watched": "watched days", "calendar": "days of the calendar", "overdue_calendar": "overdue by the calendar"},
        export=found.table.assign(name=[names[s] for s in found.table["segment"]]),
    )  # fmt: skip


@dataclass(frozen=True)
class Windows:
    """What sentences tell of windows in which the log was watched on some days only.

    Attributes
    ----------
    some : list of str
        Windows that hold days of a break, each with its watched days and its days.
    few, rest : int
        Windows that were watched on too small a share of their days, and the others.
    which : list of str
        The former.
    least : float
        The share.
    """

    some: list[str]
    few: int
    rest: int
    which: list[str]
    least: float


def windows(found: Exposure) -> Windows:
    """Collect what sentences on windows need."""
    rows = found.table
    part = rows[rows["watched"] < rows["days"]]
    some = [f"{count(r.watched)} of {count(r.days)} in {r.window}" for r in part.itertuples()]
    return Windows(some, len(found.few), len(rows) - len(found.few), found.few, found.least)


def exposure_table(found: Exposure, label: str, terms: Vocabulary) -> Shown | None:
    """Show on how many days of each window the log was watched; none where that is every day of all."""
    if found.whole:
        return None
    rows, least = found.table, exact_percent(found.least)
    frame = rows[["window", "days", "watched", "share"]].assign(enough=rows["few"].map({True: "no", False: "yes"}))
    few, of = len(found.few), plural(len(rows), "window", words=True)
    finding = f"{capital(word(few))} of {of} {'was' if few == 1 else 'were'} watched too little"
    return table(
        frame, label, f"**{finding if few else 'Each window was watched enough'}.** Days on which the {terms.record} was watched; "
        f"enough is {least} of a window.",
        {"days": count, "watched": count, "share": percent}, export=rows.drop(columns="start"),
    )  # fmt: skip


def unseen(found: Exposure, names: Sequence[str]) -> str:
    """Return on what share of its days the last of some windows was watched, where that is too little; else nothing."""
    rows = found.table[found.table["window"].isin(names[-1:]) & found.table["few"]]
    return percent(float(rows["share"].iloc[0]), 0) if len(rows) else ""


def without(found: Usefulness | None) -> dict[str, dict[str, float]] | None:
    """Return the summary by ranking, from the dates alone whose windows were watched; nothing where that is all, or none."""
    return None if found is None else found.summary.set_index("policy").to_dict("index")
