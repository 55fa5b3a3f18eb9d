"""What an export of prospects holds: facts, a figure and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..data.export_audit import ExportAudit
from ..thresholds import FILLED
from ..vocabulary import Vocabulary
from . import prose, theme
from .channel_gaps import real
from .prose import capital, count, inline, number, percent, plural
from .show import Shown, table

# What readers see of the columns of the contract.
LABELS = {
    "clicks": "clicks on social posts", "sessions": "sessions", "pageviews": "page views", "forms": "forms submitted",
    "likelihood": "predicted likelihood to close", "created": "date added", "closed": "date closed",
    "first_online": "first online touch", "first_offline": "first offline touch", "original_source": "original source",
    "original_1": "original source, detail", "original_2": "original source, second detail",
    "latest_source": "latest source", "referrer": "last referring site", "acquisition": "channel of acquisition",
    "stage": "stage of the life cycle", "owner": "owner", "intake": "intake period",
    "clicks_broadcast": "clicks, broadcast", "clicks_linkedin": "clicks, LinkedIn", "clicks_twitter": "clicks, Twitter",
    "clicks_facebook": "clicks, Facebook",
}  # fmt: skip


# Missing where there is nothing to tell: who is open has not closed, and who was not reached needs no first touch.
NO_GAPS = ("closed", "first_online", "first_offline")


@dataclass(frozen=True)
class Facts:
    """What the page tells of an export.

    Attributes
    ----------
    units, columns : int
        Prospects, and columns that the study uses and that hold anything.
    absent : list of str
        Columns that the study uses and that hold nothing.
    gaps : int
        Columns with missing cells.
    emptiest : str
        The column that is missing most often, of those whose gaps mean something; empty where none has any.
    emptiest_share : float
    histories : int
        Columns whose cells hold earlier values.
    longest : int
        The most values that one cell holds.
    first, last, as_of : datetime
    closed, won, both : int or None
        None where so few are that it is not told.
    negative, system : int or None
        Closed before they were added; created outside of any tracked visit.
    dictionary : str
    dated : bool
        Whether the file says when prospects were first reached, for both kinds of touches.
    exact : bool
        Whether days may be told.
    half : float
        The share from which on the emptiest column is warned of.
    """

    units: int
    columns: int
    absent: list[str]
    gaps: int
    emptiest: str
    emptiest_share: float
    histories: int
    longest: int
    first: datetime
    last: datetime
    as_of: datetime
    closed: int | None
    won: int | None
    both: int | None
    negative: int | None
    system: int | None
    dictionary: str
    dated: bool
    exact: bool
    half: float = FILLED

    @property
    def span(self) -> str:
        """The time in which prospects were added, by month."""
        return prose.span(self.first, self.last, exact=False)

    @property
    def until(self) -> str:
        """When open prospects are counted as open; a day may be that of a single event, and is told of public data only."""
        month = f"in {prose.MONTHS[self.as_of.month - 1]}{prose.GAP}{self.as_of.year}"
        return f"on {prose.day(self.as_of)}" if self.exact else month

    @property
    def closed_share(self) -> float:
        """Of all prospects."""
        return math.nan if self.closed is None else self.closed / max(self.units, 1)

    @property
    def system_share(self) -> float:
        """Of all prospects."""
        return math.nan if self.system is None else self.system / max(self.units, 1)

    @property
    def alike(self) -> bool:
        """Whether closed and won mean the same prospects, as far as that may be told."""
        return self.both is not None and self.closed == self.won == self.both


def _whole(value: object) -> int | None:
    x = real(value)
    return int(x) if math.isfinite(x) else None


def label(column: str) -> str:
    """Return what readers see of a column."""
    return LABELS.get(column, column.replace("_", " "))


def facts(audit: ExportAudit, *, exact: bool = False) -> Facts:
    """Collect what the sentences of the page need; days are told where ``exact``, else months."""
    rows = audit.missing.assign(share=pd.to_numeric(audit.missing["share"], errors="coerce"))
    empty, held = rows[rows["share"] >= 1], rows[~(rows["share"] >= 1)]
    told = held[~held["column"].isin(NO_GAPS) & (held["share"] > 0)].sort_values(
        "share", ascending=False, kind="stable"
    )
    shares = rows.set_index("column")["share"]
    most = pd.to_numeric(audit.history["most"], errors="coerce").max() if len(audit.history) else math.nan
    return Facts(
        units=audit.units,
        columns=len(held),
        absent=[label(str(c)) for c in empty["column"]],
        gaps=len(told),
        emptiest=label(str(told["column"].iloc[0])) if len(told) else "",
        emptiest_share=float(told["share"].iloc[0]) if len(told) else math.nan,
        histories=len(audit.history),
        longest=_whole(most) or 0,
        first=audit.first,
        last=audit.last,
        as_of=audit.as_of,
        closed=_whole(audit.closed),
        won=_whole(audit.won),
        both=_whole(audit.both),
        negative=_whole(audit.negative),
        system=_whole(audit.system),
        dictionary=audit.dictionary,
        dated=all(n in shares.index and not shares[n] >= 1 for n in ("first_online", "first_offline")),
        exact=exact,
    )


@inline
def verdict(audit: ExportAudit) -> str:
    """Say in a few words whether the export can be used."""
    wrong = _whole(audit.negative)
    if wrong is None:
        return "usable, a few closing dates wrong"
    return f"usable, {plural(wrong, 'closing date')} wrong" if wrong else "usable as it is"


def missing_rows(audit: ExportAudit) -> pd.DataFrame:
    """Return the columns by how often they are missing, the emptiest first."""
    rows = audit.missing.assign(
        label=[label(str(c)) for c in audit.missing["column"]],
        share=pd.to_numeric(audit.missing["share"], errors="coerce"),
        missing=pd.to_numeric(audit.missing["missing"], errors="coerce"),
    )
    return rows.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def missing_figure(audit: ExportAudit) -> Figure:
    """Draw the share of missing cells of each column."""
    rows = missing_rows(audit)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 0.9 + 0.31 * max(len(rows), 1)))
        axes.barh(range(len(rows)), rows["share"].fillna(0.0), color=theme.ACCENT, height=0.65)
        for y, share in enumerate(rows["share"]):
            axes.text((0.0 if math.isnan(share) else share) + 0.015, y, percent(share, 0), va="center", fontsize=9.5)
        axes.set_yticks(range(len(rows)), list(rows["label"]))
        axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        axes.set_xlim(0, 1.15)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
        axes.xaxis.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
        axes.set_xlabel("share of prospects without it")
        axes.grid(axis="y", visible=False)
    return drawn


def missing_caption(audit: ExportAudit) -> str:
    """State which column is missing most often."""
    known = facts(audit)
    finding = (
        f"{capital(known.emptiest)}: missing for {percent(known.emptiest_share)} of the prospects"
        if known.emptiest
        else "No column has gaps"
    )
    return (
        f"**{finding}.** Whoever is open has no date of closing, and whoever was not reached in a way needs none of a first "
        "touch: these are no gaps. Nothing is put in the place of what is missing."
    )


def missing_alt(audit: ExportAudit) -> str:
    """Describe the bars."""
    rows = missing_rows(audit)
    told = [f"{r.label} {percent(r.share, 0)}" for r in rows.itertuples() if r.share > 0]
    return f"Bars of the share that is missing. {'; '.join(told) or 'Nothing is missing'}."


def missing_table(audit: ExportAudit, terms: Vocabulary) -> Shown:
    """Show how many cells of each column are missing."""
    rows = missing_rows(audit)
    gaps = facts(audit).gaps
    own = f"{capital(plural(gaps, 'column', words=True))} {'has' if gaps == 1 else 'have'} gaps"
    finding = f"{own}, beside those that need not be filled" if gaps else "No column has gaps"
    return table(
        rows[["label", "missing", "share"]].rename(columns={"label": "column"}), "tbl-missing",
        f"**{finding}.** Columns that the study uses, as they are after reading; a sum is missing only where all of its parts "
        f"are. A dash stands for a number that would tell of few {terms.units}.",
        {"missing": count, "share": percent}, export=audit.missing,
    )  # fmt: skip


def history_table(audit: ExportAudit) -> Shown:
    """Show which columns hold earlier values."""
    rows = audit.history.sort_values("cells", ascending=False, kind="stable", ignore_index=True)
    frame = pd.DataFrame({
        "column": [label(str(c)) for c in rows["column"]],
        "cells with several values": pd.to_numeric(rows["cells"], errors="coerce").astype("float64"),
        "most values in a cell": pd.to_numeric(rows["most"], errors="coerce").astype("float64"),
    })  # fmt: skip
    finding = f"{capital(frame['column'][0])} changed most often" if len(frame) else "No cell holds an earlier value"
    return table(
        frame, "tbl-history", f"**{finding}.** A history is the values of a cell, the oldest first; the last one counts.",
        {"cells with several values": count, "most values in a cell": number}, export=rows,
    )  # fmt: skip


def outcome_table(audit: ExportAudit, terms: Vocabulary) -> Shown:
    """Show how many are closed, and how many are won."""
    known = facts(audit)
    frame = pd.DataFrame({
        "what": ["closed: has a date of closing", "won: stage is customer or evangelist", "both"],
        terms.units: [real(x) for x in (known.closed, known.won, known.both)],
    })  # fmt: skip
    frame["share"] = frame[terms.units] / max(known.units, 1)
    finding = (
        "Closed and won are the same prospects here" if known.alike else "Closed and won are not the same prospects"
        if known.both is not None else "Closed and won are counted apart"
    )  # fmt: skip
    return table(
        frame, "tbl-outcome", f"**{finding}.** Shares are of all {count(known.units)} {terms.units}.",
        {terms.units: count, "share": percent},
    )  # fmt: skip
