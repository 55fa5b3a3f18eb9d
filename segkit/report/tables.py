"""Tables of the contacts study, ready to show."""

from __future__ import annotations

import pandas as pd

from ..data.audit import CallAudit
from ..engine.external import PERSONAL_CELL
from ..engine.kselection import KSelection
from ..engine.meaning import Cards, Profile
from ..features.table import FeatureTable
from ..privacy import SMALL_CELL, suppressed
from . import prose
from .findings import few
from .show import Shown, table

ROLES = {
    "date": "date", "time": "time", "duration": "length of the call", "contact": "identifier of the contact",
    "name": "name of the contact", "category": "category", "weekday": "repeats the date", "month": "repeats the date",
    "year": "repeats the date", "unused": "not used",
}  # fmt: skip
MEDIANS = (
    ("n_calls", "calls", prose.number), ("n_days_active", "active days", prose.number),
    ("total_dur_sec", "total talk, s", lambda v: prose.number(v, 0)),
    ("median_dur_sec", "median call, s", prose.number), ("long_call_share", "long calls", prose.percent),
    ("recency_days", "days since last call", prose.number), ("tenure_days", "days of tenure", prose.number),
)  # fmt: skip


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


def clock(audit: CallAudit) -> Shown:
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


def segment_medians(cards: Cards, profiled: Profile) -> Shown:
    """Show the medians of each segment."""
    rows = []
    for card in cards:
        numbers = {title: card.medians.get(f) for f, title, _ in MEDIANS}
        rows.append({"segment": card.name, "contacts": card.size, "share": card.share, **numbers})
    frame = pd.DataFrame(rows).astype({"contacts": "Float64", "share": "Float64"})
    frame = frame.astype({title: "Float64" for _, title, _ in MEDIANS})
    formats = {"contacts": prose.count, "share": prose.percent, **{title: f for _, title, f in MEDIANS}}
    return table(
        frame, "tbl-segments",
        "**Medians per segment, in raw units.** The CSV adds quartiles, means and shares of every feature.",
        formats, export=named(profiled.table, cards),
    )  # fmt: skip


def named(frame: pd.DataFrame, cards: Cards) -> pd.DataFrame:
    """Put names beside segment numbers, and leave out what is suppressed: small segments, and shares that cover few."""
    names = {c.id: c.name for c in cards}
    out = frame.copy()
    out.insert(1, "name", out["segment"].map(names))
    if "units" not in out.columns:
        return out
    shown = {c.id for c in cards if c.size is not None}
    out = out[out["segment"].isin(shown)].copy()
    active = out["share_any"] * out["units"]
    least = SMALL_CELL + (PERSONAL_CELL - SMALL_CELL) * out["feature"].str.startswith("category: ")
    few = out["feature"].str.contains("share|category") & (active > 0.5) & (active < least - 0.5)
    out.loc[few, ["q25", "median", "q75", "mean", "share_any"]] = float("nan")
    return out


def off_hours(cards: Cards, profiled: Profile, features: FeatureTable, quiet: list[str]) -> Shown:
    """Show, per segment, the share of contacts with a call in a band or on closed days, beside the mean share of calls."""
    labels = features.labels
    shown = [c for c in cards if c.medians]

    def frame(statistic: str) -> pd.DataFrame:
        cells = {labels[f]: [_cell(profiled, c.id, f, statistic) for c in shown] for f in quiet}
        return pd.DataFrame({"segment": [c.name for c in shown], **cells})

    ever, calls = frame("share_any"), frame("mean")
    shares = pd.DataFrame({f: {c.name: profiled.value(c.id, f, "share_any") for c in shown} for f in quiet})
    leads = shares.eq(shares.max()) & (shares.eq(shares.max()).sum() == 1)
    first = leads.index[leads.all(axis=1)] if len(shown) > 1 and quiet else []
    finding = f"“{first[0]}” leads in every column." if len(first) else "No segment leads in every column."
    export = ever.merge(calls, on="segment", suffixes=(" (contacts)", " (calls)"))
    return table(
        ever, "tbl-off-hours",
        f"**{finding}** Share of a segment's contacts with at least one call at such a time; the CSV adds the mean share of "
        f"their calls.{_dashes(ever)}",
        dict.fromkeys(ever.columns[1:], prose.percent), export=export,
    )  # fmt: skip


def category_mix(cards: Cards, profiled: Profile, features: FeatureTable) -> Shown:
    """Show the mean share of each category in each segment."""
    names = [c for c in features.columns if c.block == "category"]
    shown = [c for c in cards if c.medians]
    rows = [{"segment": c.name, **{n.name: _cell(profiled, c.id, n.name, "mean") for n in names}} for c in shown]
    frame = pd.DataFrame(rows)
    return table(
        frame, "tbl-category-mix",
        "**Labels that took no part in the segmentation.** Mean over contacts of the share of their calls with a label."
        f"{_dashes(frame, 'ten')}",
        {n.name: prose.percent for n in names}, headings={n.name: n.label for n in names},
    )  # fmt: skip


def _cell(profiled: Profile, segment: int, feature: str, statistic: str) -> float:
    """Return a statistic of a share, or NaN where the share is above zero for too few contacts."""
    minimum = PERSONAL_CELL if feature.startswith("category: ") else None
    return float("nan") if few(profiled, segment, feature, minimum) else profiled.value(segment, feature, statistic)


def _dashes(frame: pd.DataFrame, least: str = "five") -> str:
    """Explain the dashes of a table, if it has any."""
    return (
        f" A dash stands for a number that would tell of fewer than {least} contacts."
        if frame.isna().any(axis=None)
        else ""
    )


def k_table(selection: KSelection) -> Shown:
    """Show the internal indices for each K."""
    frame = selection.table.drop(columns="smallest")
    small = selection.table["smallest"] < SMALL_CELL
    export = selection.table.assign(smallest=selection.table["smallest"].astype("Int64").mask(small))
    by = selection.by
    return table(
        frame, "tbl-k",
        f"**Silhouette alone would choose {prose.word(by['silhouette'])}.** Inertia falls with every segment that is added "
        "and chooses nothing by itself.",
        {"inertia": lambda v: f"{v:,.2f}", "silhouette": _three, "davies_bouldin": _three,
         "calinski_harabasz": lambda v: f"{v:,.1f}", "separation": _three},
        headings={"davies_bouldin": "Davies-Bouldin", "calinski_harabasz": "Calinski-Harabasz"}, export=export,
    )  # fmt: skip


def _three(value: object) -> str:
    return f"{value:.3f}"


def keys(frame: pd.DataFrame) -> Shown:
    """List the keys of results.json."""
    return table(
        frame, "tbl-keys", f"**{prose.plural(len(frame), 'key')} of results.json, and what they hold.**", stack=True
    )
