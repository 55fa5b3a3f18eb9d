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
