"""What only the study of a call log shows and says of its audit: figures, captions, tables, sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..config import Contacts
from ..data.audit import CallAudit, hide_small_months
from ..privacy import suppressed
from . import prose, theme
from .prose import MONTHS, band, capital, count, duration, inline, join, number, percent, plural
from .show import Shown, table

ROLES = {
    "date": "date", "time": "time", "duration": "length of the call", "contact": "identifier of the contact",
    "name": "name of the contact", "category": "category", "weekday": "repeats the date", "month": "repeats the date",
    "year": "repeats the date", "unused": "not used",
}  # fmt: skip


@inline
def usable(audit: CallAudit) -> str:
    """Open the audit chapter: can the log be used."""
    moved = sum(q.count for q in audit.load.quarantined)
    if moved:
        return (
            f"The log can be used once {plural(moved, 'row')} of {count(audit.load.rows_read)} "
            f"{'is' if moved == 1 else 'are'} set aside: {count(audit.rows)} calls with {count(audit.units)} contacts remain."
        )
    return f"The log can be used as it is: {count(audit.rows)} calls with {count(audit.units)} contacts, and no row fails a check."


@inline
def coverage(audit: CallAudit) -> str:
    """Say whether the log breaks off."""
    thin = len(audit.thin_months)
    runs = len(audit.silent)
    if runs:
        text = (
            f"The log is silent for a week or longer {'once' if runs == 1 else plural(runs, 'time', words=True)}; "
            f"{'the' if runs == 1 else 'the longest'} silence lasts {plural(audit.longest_silence, 'day')}."
        )
    elif audit.longest_silence:
        text = f"The log has no break of a week or longer; its longest silence lasts {plural(audit.longest_silence, 'day')}."
    else:
        text = "The log has calls on every day."
    verb = "has" if thin == 1 else "have"
    if thin:
        text += f" {capital(plural(thin, 'full month', words=True))} {verb} under a quarter of the calls of a typical month."
    return text


@inline
def clock(audit: CallAudit) -> str:
    """Say when the calls are made."""
    top = audit.busiest_band
    closed = audit.weekdays[~audit.weekdays["open"]]
    text = (
        f"{percent(float(top['share']))} of the calls fall into the {band(str(top['band']))} ({top['first_hour']}:00 to "
        f"{top['last_hour']}:59)"
    )
    if closed.empty:
        return capital(text) + "; every day counts as open."
    named = "the closed day" if len(closed) == 1 else "closed days"
    return f"{capital(text)}; {percent(audit.out_of_hours)} fall on {named} ({join(closed['weekday'].tolist())})."


@inline
def lengths(audit: CallAudit) -> str:
    """Say how long calls last."""
    return (
        f"Half of the calls last {duration(audit.seconds(0.5))} or less, and one in twenty lasts "
        f"{duration(audit.seconds(0.95))} or more."
    )


@inline
def redundancy(audit: CallAudit) -> str:
    """Say whether columns that repeat the date agree with it."""
    frame = audit.load.disagreements
    if frame.empty:
        return "The file has no column that repeats the date."
    bad = int(frame["disagree"].sum())
    names = join([f"“{n}”" for n in frame["column"]])
    one = len(frame) == 1
    what = f"The column that repeats the date ({names})" if one else f"The columns that repeat the date ({names})"
    if bad == 0:
        return f"{what} {'agrees' if one else 'agree'} with it in every row."
    return f"{what} {'disagrees' if one else 'disagree'} with it in {plural(bad, 'cell')}; the date is used."


@inline
def doubles(audit: CallAudit) -> str:
    """Say what is known of duplicate rows and of identifiers that may belong to one contact."""
    n, d = audit.load.duplicates, audit.load.likely_doubles
    rows = (
        "No row occurs twice."
        if n == 0
        else "1 row repeats another to the letter; it is kept and counts as a call."
        if n == 1
        else f"{count(n)} rows repeat others to the letter; they are kept and count as calls."
    )
    ids = (
        "No two identifiers differ by punctuation, leading zeros or country code only."
        if d == 0
        else f"{plural(d, 'group')} of identifiers may {'be' if d == 1 else 'each be'} one contact written differently; the "
        "setting normalise_numbers decides whether they are kept apart."
    )
    return f"{rows} {ids}"


@inline
def verdict(audit: CallAudit) -> str:
    """Say in a few words whether the log can be used."""
    moved = sum(q.count for q in audit.load.quarantined)
    return f"usable, {plural(moved, 'row')} set aside" if moved else "usable as it is"


def notes(audit: CallAudit) -> list[str]:
    """List what happened while the file was read."""
    load = audit.load
    kinds = {"parquet": "a Parquet file", "xlsx": "an Excel workbook"}
    marks = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    codes = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "windows-1252": "Windows-1252"}
    code = codes.get(load.encoding, load.encoding)
    text = f"{code} text, separated by {marks.get(load.delimiter or '', 'another character')}"
    return [f"Read as {kinds.get(load.format, text)}.", *load.notes]


@inline
def bands(settings: Contacts) -> str:
    """List the bands of the day with their hours."""
    parts = [f"{prose.band(name)} {first}:00 to {last}:59" for name, (first, last) in settings.hours.bands.items()]
    return prose.join(parts)


@inline
def closed_days(settings: Contacts) -> str:
    """Name the closed days."""
    days = list(settings.hours.closed_days)
    return f"Closed: {prose.join(days)}." if days else "No day counts as closed."


def file_columns(audit: CallAudit) -> Shown:
    """Show what the file holds, column by column."""
    frame = audit.load.columns[["name", "role", "missing", "missing_share"]].copy()
    frame["role"] = frame["role"].map(lambda r: ROLES.get(r, r))
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


def gates(audit: CallAudit) -> Shown:
    """Show what was checked before anything was computed."""
    frame = audit.gates
    bad, rows = int((frame["failures"] > 0).sum()), sum(q.count for q in audit.load.quarantined)
    finding, note = "Every check passes.", ""
    if bad:
        found = "a row" if rows == 1 else "rows"
        finding = f"{prose.capital(prose.plural(bad, 'check', words=True))} found {found} that cannot be used."
        note = f" {'It is' if rows == 1 else 'They are'} in a side file, not in the analysis."
    return table(frame, "tbl-gates", f"**{finding}**{note}", {"failures": prose.count})


def durations(audit: CallAudit, *, public: bool) -> Shown:
    """Show how long calls last; the extremes describe single calls and are left out unless the data are public."""
    frame = audit.durations.drop(columns="common")
    frame = frame if public else frame[frame["quantile"].between(0.001, 0.999)]
    frame = frame.assign(reads=[prose.duration(s) for s in frame["seconds"]])
    return table(
        frame, "tbl-durations",
        f"**Half of the calls last {prose.duration(audit.seconds(0.5))} or less.** Quantiles by linear interpolation.",
        {"quantile": lambda q: prose.percent(float(q)), "seconds": prose.number}, headings={"reads": "in words"},
    )  # fmt: skip


def clock_table(audit: CallAudit) -> Shown:
    """Show calls by band of the day."""
    frame = audit.bands.drop(columns="contacts").assign(
        band=[prose.capital(prose.band(b)) for b in audit.bands["band"]]
    )
    verb = "have" if str(audit.busiest_band["band"]).endswith("s") else "has"
    return table(
        frame, "tbl-bands", f"**The {prose.band(str(audit.busiest_band['band']))} {verb} the most calls.** Hours are inclusive.",
        {"calls": prose.count, "share": prose.percent},
        headings={"first_hour": "first hour", "last_hour": "last hour"},
    )  # fmt: skip


def weekdays(audit: CallAudit) -> Shown:
    """Show calls by weekday."""
    frame = audit.weekdays.drop(columns="contacts").assign(
        open=audit.weekdays["open"].map({True: "open", False: "closed"})
    )
    top = frame.loc[frame["calls"].idxmax()]
    return table(
        frame, "tbl-weekdays", f"**{top['weekday']} has the most calls.** Open and closed days are a setting.",
        {"calls": prose.count, "share": prose.percent}, headings={"open": "business"},
    )  # fmt: skip


def categories(audit: CallAudit) -> Shown:
    """Show calls by category; categories of few contacts are hidden."""
    frame = audit.units_per_category.copy()
    hide = suppressed(frame["contacts"])
    frame = frame.astype({"calls": "Float64", "contacts": "Float64", "share": "Float64"})
    frame.loc[hide.to_numpy(), ["calls", "share", "contacts"]] = pd.NA
    top = audit.units_per_category.iloc[0]
    return table(
        frame, "tbl-categories",
        f"**{prose.percent(float(top['share']))} of the labelled calls carry the commonest label.** "
        "Labels are used to interpret segments, never to make them.",
        {"calls": prose.count, "share": prose.percent, "contacts": prose.count},
    )  # fmt: skip


def calls_over_time(audit: CallAudit, *, public: bool) -> Figure:
    """Draw calls per month; months that would describe few contacts are left blank unless the data are public."""
    months = audit.months if public else hide_small_months(audit.months)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 2.8))
        calls = months["calls"].astype("float64").to_numpy()
        axes.bar(months["month"], calls, width=24, color=theme.ACCENT)
        for run in audit.silent.itertuples():
            axes.axvspan(run.start, run.end, color=theme.SECOND, alpha=0.35, lw=0, zorder=0)
        axes.set_ylabel("calls per month")
        axes.grid(axis="x", visible=False)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
        locator = AutoDateLocator(maxticks=8)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    return figure


def calls_by_clock(audit: CallAudit) -> Figure:
    """Draw calls by band of the day and by weekday; closed days have a second colour."""
    with theme.style():
        figure, (left, right) = pyplot.subplots(2, 1, figsize=(4.6, 5.0), sharex=True, height_ratios=(5, 7))
        names = [f"{prose.capital(prose.band(b))}\n{a}–{z} h" for b, a, z in _columns(audit.bands, 3)]
        _bars(left, names, audit.bands["share"], [theme.ACCENT] * len(names))
        left.set_title("Band of the day")
        opened = audit.weekdays["open"].tolist()
        tones = [theme.ACCENT if o else theme.SECOND for o in opened]
        _bars(right, [d[:3] for d in audit.weekdays["weekday"]], audit.weekdays["share"], tones)
        right.set_title("Weekday")
        left.set_xlim(0, max(audit.bands["share"].max(), audit.weekdays["share"].max()) * 1.3)
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
        axes.text(float(share), float(y), f" {prose.percent(share)}", va="center", fontsize=9, color=theme.MUTE)


def months_caption(audit: CallAudit, *, public: bool = True) -> str:
    """State how calls spread over the months.

    Parameters
    ----------
    audit : CallAudit
    public : bool
        Whether months of few contacts are drawn.
    """
    full = audit.months.iloc[1:-1]
    finding = f"The log covers {plural(len(audit.months), 'calendar month')}."
    if len(full):
        ratio = number(float(full["calls"].max() / max(float(full["calls"].median()), 1.0)))
        size = "about as many calls as" if ratio == "1" else f"{ratio} times the calls of"
        finding = f"The busiest full month has {size} a typical one."
    breaks = "Runs of a week or longer without calls are shaded." if len(audit.silent) else "No week is without calls."
    shown = hide_small_months(audit.months)["calls"].isna().any()
    blank = "" if public or not shown else " Months in which fewer than five contacts had calls are left blank."
    return f"**{finding}** The first month and the last may be partial. {breaks}{blank}"


def months_alt(audit: CallAudit, *, public: bool) -> str:
    """Describe the bars of the months."""
    top = audit.months.loc[audit.months["calls"].idxmax()]
    text = f"Bars of calls per month over {plural(len(audit.months), 'month')}"
    if public:
        when = f"{MONTHS[top['month'].month - 1]} {top['month'].year}"
        text += f"; the highest is {when} with {plural(int(top['calls']), 'call')}"
    return text + "."


def clock_caption(audit: CallAudit) -> str:
    """State when calls are made."""
    top, day = audit.busiest_band, audit.weekdays.loc[audit.weekdays["calls"].idxmax()]
    closed = int((~audit.weekdays["open"]).sum())
    colour = {0: "", 1: " The closed day has a second colour."}.get(closed, " Closed days have a second colour.")
    return (
        f"**{capital(percent(float(top['share'])))} of the calls fall into the {band(str(top['band']))}, and {day['weekday']} "
        f"is the busiest day.**{colour}"
    )


def clock_alt(audit: CallAudit) -> str:
    """Describe the bars of bands and weekdays."""
    bands = join(
        [f"{band(str(b))} {percent(float(s))}" for b, s in zip(audit.bands["band"], audit.bands["share"], strict=True)]
    )
    days = join(
        [f"{d} {percent(float(s))}" for d, s in zip(audit.weekdays["weekday"], audit.weekdays["share"], strict=True)]
    )
    return f"Two bar charts. Share of calls by band: {bands}. By weekday: {days}."
