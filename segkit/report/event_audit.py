"""What studies of events show and tell of their audit: facts, figures, captions, tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..config import EventSettings
from ..data.audit import EventAudit, hide_small_months
from ..data.breaks import Breaks
from ..privacy import suppressed
from ..vocabulary import Vocabulary
from . import breaks, prose, theme
from .prose import MONTHS, band, capital, inline, join, number, percent, plural
from .show import Shown, table

REPEATS = ("weekday", "month", "year")  # columns that repeat the date


@dataclass(frozen=True)
class Facts:
    """What the page tells of an audit.

    Attributes
    ----------
    rows, units, moved, rows_read : int
        Events and units; rows that were set aside, and all rows of the file.
    runs, longest, thin : int
        Silences of a week or longer, days of the longest silence of all, and full months with few events.
    band : str
        The band of the day with the most events; empty where the record has no times of day.
    first, last : int
        Its hours.
    share, out_of_hours : float
        Of the events: those in that band, and those on closed days.
    closed, repeating : list of str
        Closed days, and columns that repeat the date.
    disagree : int or None
        Cells of these columns that say otherwise; None where so few do that their number is not told.
    """

    rows: int
    units: int
    moved: int
    rows_read: int
    runs: int
    longest: int
    thin: int
    band: str
    first: int
    last: int
    share: float
    out_of_hours: float
    closed: list[str]
    repeating: list[str]
    disagree: int | None


def facts(audit: EventAudit) -> Facts:
    """Collect what the sentences of the page need."""
    against, top = audit.load.disagreements, audit.busiest_band if audit.busiest else None
    return Facts(
        rows=audit.rows,
        units=audit.units,
        moved=sum(q.count for q in audit.load.quarantined),
        rows_read=audit.load.rows_read,
        runs=len(audit.silent),
        longest=audit.longest_silence,
        thin=len(audit.thin_months),
        band=band(audit.busiest),
        first=0 if top is None else int(top["first_hour"]),
        last=0 if top is None else int(top["last_hour"]),
        share=math.nan if top is None else float(top["share"]),
        out_of_hours=audit.out_of_hours,
        closed=audit.weekdays.loc[~audit.weekdays["open"], "weekday"].tolist(),
        repeating=[f"“{name}”" for name in against["column"]],
        disagree=None if against["disagree"].isna().any() else int(against["disagree"].sum()),
    )


@inline
def verdict(audit: EventAudit, found: Breaks, terms: Vocabulary) -> str:
    """Say in a few words whether the data can be used."""
    moved = sum(q.count for q in audit.load.quarantined)
    but = [f"{plural(moved, 'row')} set aside"] * bool(moved)
    but += [f"{plural(len(found.table), 'break', words=True)} of {plural(found.days, 'day')}"] * (not found.table.empty)
    return f"usable, {join(but)}" if but else "usable as it is"


@inline
def bands(settings: EventSettings) -> str:
    """List the bands of the day with their hours."""
    parts = [f"{prose.band(name)} {first}:00 to {last}:59" for name, (first, last) in settings.hours.bands.items()]
    return prose.join(parts) or "none"


@inline
def closed_days(settings: EventSettings) -> str:
    """Name the closed days."""
    days = list(settings.hours.closed_days)
    return f"Closed: {prose.join(days)}." if days else "No day counts as closed."


def file_columns(audit: EventAudit, terms: Vocabulary) -> Shown:
    """Show what the file holds, column by column."""
    frame = audit.load.columns[["name", "role", "missing", "missing_share"]].copy()
    words = {"unused": "not used", **dict.fromkeys(REPEATS, "repeats the date"), **dict(terms.roles)}
    frame["role"] = frame["role"].map(lambda r: words.get(r, r))
    frame.columns = pd.Index(["column", "role", "empty", "share empty"])
    empty = int((frame["empty"] > 0).sum())
    finding = "No column has empty cells."
    if empty:
        finding = f"{prose.capital(prose.word(empty))} of {prose.plural(len(frame), 'column', words=True)} "
        finding += f"{'has' if empty == 1 else 'have'} empty cells."
    return table(
        frame, "tbl-columns", f"**{finding}** Identifiers and names stop at the loader.",
        {"empty": prose.count, "share empty": prose.percent},
    )  # fmt: skip


def gates(audit: EventAudit, terms: Vocabulary) -> Shown:
    """Show what was checked before anything was computed."""
    frame = audit.gates
    bad, rows = int((frame["failures"] > 0).sum()), sum(q.count for q in audit.load.quarantined)
    finding, note = "Every check passes.", ""
    if bad:
        found = "a row" if rows == 1 else "rows"
        finding = f"{prose.capital(prose.plural(bad, 'check', words=True))} found {found} that cannot be used."
        note = f" {'It is' if rows == 1 else 'They are'} in a side file, not in the analysis."
    return table(frame, "tbl-gates", f"**{finding}**{note}", {"failures": prose.count})


def amounts(audit: EventAudit, terms: Vocabulary, *, public: bool) -> Shown:
    """Show how large the amounts are; the extremes describe single events and are left out unless the data are public."""
    frame = audit.amounts.drop(columns="common")
    frame = frame if public else frame[frame["quantile"].between(0.001, 0.999)]
    frame = frame.assign(reads=[prose.amount(s, terms) for s in frame["amount"]])
    timed = terms.amount_unit == "seconds"
    return table(
        frame if timed else frame.drop(columns="amount"), "tbl-amounts",
        f"**Half of the {terms.events} {terms.have_amount} {prose.amount(audit.amount(0.5), terms)} or less.** "
        "Quantiles by linear interpolation.",
        {"quantile": lambda q: prose.percent(float(q)), "amount": prose.number},
        headings={"amount": terms.amount_unit, "reads": "in words" if timed else "amount"},
        export=frame, right=() if timed else ("reads",),
    )  # fmt: skip


def clock_table(audit: EventAudit, terms: Vocabulary) -> Shown:
    """Show events by band of the day."""
    frame = audit.bands.drop(columns="units").assign(band=[prose.capital(prose.band(b)) for b in audit.bands["band"]])
    verb = "have" if audit.busiest.endswith("s") else "has"
    return table(
        frame, "tbl-bands", f"**The {prose.band(audit.busiest)} {verb} the most {terms.events}.** Hours are inclusive.",
        {"events": prose.count, "share": prose.percent},
        headings={"events": terms.events, "first_hour": "first hour", "last_hour": "last hour"},
    )  # fmt: skip


def weekdays(audit: EventAudit, terms: Vocabulary) -> Shown:
    """Show events by weekday."""
    frame = audit.weekdays.drop(columns="units").assign(
        open=audit.weekdays["open"].map({True: "open", False: "closed"})
    )
    top = frame.loc[frame["events"].idxmax()]
    return table(
        frame, "tbl-weekdays", f"**{top['weekday']} has the most {terms.events}.** Open and closed days are a setting.",
        {"events": prose.count, "share": prose.percent}, headings={"events": terms.events, "open": "business"},
    )  # fmt: skip


def categories(audit: EventAudit, terms: Vocabulary) -> Shown:
    """Show events by category; categories of few units are hidden."""
    frame = audit.units_per_category.copy()
    hide = suppressed(frame["units"])
    frame = frame.astype({"events": "Float64", "units": "Float64", "share": "Float64"})
    frame.loc[hide.to_numpy(), ["events", "share", "units"]] = pd.NA
    top = audit.units_per_category.iloc[0]
    label = "the commonest label" if hide.iloc[0] else f"“{top['category']}”"
    return table(
        frame, "tbl-categories",
        f"**{prose.percent(float(top['share']))} of the {terms.events} with a label carry {label}.** "
        "Labels are used to interpret segments, never to make them.",
        {"events": prose.count, "share": prose.percent, "units": prose.count},
        headings={"events": terms.events, "units": terms.units},
    )  # fmt: skip


def over_time(audit: EventAudit, found: Breaks, terms: Vocabulary, *, public: bool) -> Figure:
    """Draw events per month, and bands for breaks; months that would describe few units are blank unless the data are public."""
    months = audit.months if public else hide_small_months(audit.months)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 2.8))
        per_month = months["events"].astype("float64").to_numpy()
        axes.bar(months["month"], per_month, width=24, align="edge", color=theme.ACCENT)
        breaks.shade(axes, found)
        axes.set_ylabel(f"{terms.events} per month")
        axes.grid(axis="x", visible=False)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
        locator = AutoDateLocator(maxticks=8)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    return figure


def by_clock(audit: EventAudit, terms: Vocabulary) -> Figure:
    """Draw events by band of the day and by weekday; closed days have a second colour."""
    timed = len(audit.bands)
    with theme.style():
        figure, grid = pyplot.subplots(
            1 + bool(timed), 1, figsize=(4.6, 5.0 if timed else 3.0), sharex=True, squeeze=False,
            height_ratios=(5, 7) if timed else None,
        )  # fmt: skip
        right = grid[-1, 0]
        if timed:
            names = [f"{prose.capital(prose.band(b))}\n{a}–{z} h" for b, a, z in _columns(audit.bands, 3)]
            _bars(grid[0, 0], names, audit.bands["share"], [theme.ACCENT] * len(names))
            grid[0, 0].set_title("Band of the day")
        opened = audit.weekdays["open"].tolist()
        tones = [theme.ACCENT if o else theme.SECOND for o in opened]
        _bars(right, [d[:3] for d in audit.weekdays["weekday"]], audit.weekdays["share"], tones)
        right.set_title("Weekday")
        right.set_xlim(0, pd.concat([audit.bands["share"], audit.weekdays["share"]]).max() * 1.3)  # some may be hidden
    return figure


def _columns(frame: pd.DataFrame, most: int) -> list[tuple[str, int, int]]:
    return [tuple(row)[:most] for row in frame.itertuples(index=False, name=None)]


def _bars(axes: Axes, names: Sequence[str], shares: pd.Series, tones: Sequence[str]) -> None:
    at = np.arange(len(names))
    axes.barh(at, shares, color=tones, height=0.7)
    axes.set_yticks(at, names)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v * 100:.0f} %"))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    for y, share in zip(at, shares, strict=True):
        axes.annotate(
            prose.percent(share), (float(share), float(y)), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=9, color=theme.MUTE,
        )  # fmt: skip


def months_caption(audit: EventAudit, found: Breaks, terms: Vocabulary, *, public: bool = True) -> str:
    """State how events spread over the months.

    Parameters
    ----------
    audit : EventAudit
    found : Breaks
    terms : Vocabulary
    public : bool
        Whether months of few units are drawn.
    """
    full = audit.months.iloc[1:-1]
    finding = f"The {terms.record} covers {plural(len(audit.months), 'calendar month')}."
    if len(full):
        ratio = number(float(full["events"].max() / max(float(full["events"].median()), 1.0)))
        size = f"about as many {terms.events} as" if ratio == "1" else f"{ratio} times the {terms.events} of"
        finding = f"The busiest full month has {size} a typical one."
    shown = hide_small_months(audit.months)["events"].isna().any()
    blank = (
        ""
        if public or not shown
        else f" Months in which fewer than five {terms.units} had {terms.events} are left blank."
    )
    return f"**{finding}** The first month and the last may be partial. {breaks.note(found, terms)}{blank}"


def months_alt(audit: EventAudit, terms: Vocabulary, *, public: bool) -> str:
    """Describe the bars of the months."""
    top = audit.months.loc[audit.months["events"].idxmax()]
    text = f"Bars of {terms.events} per month over {plural(len(audit.months), 'month')}"
    if public:
        when = f"{MONTHS[top['month'].month - 1]} {top['month'].year}"
        text += f"; the highest is {when} with {plural(int(top['events']), terms.event)}"
    return text + "."


def clock_caption(audit: EventAudit, terms: Vocabulary) -> str:
    """State when events happen."""
    day = audit.weekdays.loc[audit.weekdays["events"].idxmax()]
    closed = int((~audit.weekdays["open"]).sum())
    colour = {0: "", 1: " The closed day has a second colour."}.get(closed, " Closed days have a second colour.")
    finding = f"{day['weekday']} is the busiest day"
    if audit.busiest:
        share = capital(percent(float(audit.busiest_band["share"])))
        finding = f"{share} of the {terms.events} fall into the {band(audit.busiest)}, and {finding}"
    return f"**{finding}.**{colour}"


def clock_alt(audit: EventAudit, terms: Vocabulary) -> str:
    """Describe the bars of bands and weekdays."""
    days = join(
        [f"{d} {percent(float(s))}" for d, s in zip(audit.weekdays["weekday"], audit.weekdays["share"], strict=True)]
    )
    if not audit.busiest:
        return f"Bar chart. Share of {terms.events} by weekday: {days}."
    bands = join(
        [f"{band(str(b))} {percent(float(s))}" for b, s in zip(audit.bands["band"], audit.bands["share"], strict=True)]
    )
    return f"Two bar charts. Share of {terms.events} by band: {bands}. By weekday: {days}."
