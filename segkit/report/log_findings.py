"""Sentences that follow from the audit of a call log, whatever the log."""

from __future__ import annotations

from ..data.audit import CallAudit
from .prose import band, capital, count, duration, inline, join, percent, plural


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
            f"The log is silent for a week or longer {plural(runs, 'time', words=True)}; the longest silence lasts "
            f"{plural(audit.longest_silence, 'day')}."
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
        f"{capital(band(str(top['band'])))} ({top['first_hour']}:00 to {top['last_hour']}:59) holds "
        f"{percent(float(top['share']))} of the calls"
    )
    if closed.empty:
        return text + "; every day counts as open."
    return f"{text}, and closed days ({join(closed['weekday'].tolist())}) hold {percent(audit.out_of_hours)}."


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
    if bad == 0:
        return f"The columns that repeat the date ({names}) agree with it in every row."
    return f"The columns that repeat the date ({names}) disagree with it in {plural(bad, 'row')}; the date is used."


@inline
def doubles(audit: CallAudit) -> str:
    """Say what is known of duplicate rows and of identifiers that may belong to one contact."""
    n, d = audit.load.duplicates, audit.load.likely_doubles
    rows = (
        "No row occurs twice."
        if n == 0
        else f"{plural(n, 'row')} {'repeats' if n == 1 else 'repeat'} another to the letter; they are kept and count as calls."
    )
    ids = (
        "No two identifiers differ by punctuation, leading zeros or country code only."
        if d == 0
        else f"{plural(d, 'group')} of identifiers may each be one contact written differently; they are kept apart unless "
        "normalise_numbers is set."
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
    text = f"{load.encoding.upper()} text, separated by {marks.get(load.delimiter or '', 'another character')}"
    how = f"Read as {kinds.get(load.format, text)}"
    moved = [
        f"{plural(q.count, 'row')} failed the gate “{q.gate}” and {'is' if q.count == 1 else 'are'} set aside."
        for q in load.quarantined
    ]
    return [how + ".", *moved, *load.notes]
