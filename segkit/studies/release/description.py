"""Rules of the gate for what describes the log, its contacts and their segments."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...data.audit import EventAudit
from ...data.breaks import Breaks, Exposure
from ...disclosure import BASE, common, count, dominated, figures, in_steps, mean, share, spread_thin, total, whole
from ...engine.effects import Effects
from ...engine.external import PERSONAL_CELL, External
from ...engine.matrix import ModelMatrix
from ...engine.meaning import Cards, Profile
from ...engine.rules import RuleCard
from ...engine.segments import Segments
from ...features.table import FeatureTable
from ...thresholds import OVERDUE
from ..events.policy import Policy, usual_gaps
from .core import counts, day, holders, rounded, rule, small
from .leads import tuples

COUNTED = re.compile(
    r"(?<![\w-])\d[\d,]*(?= (?:of|row|number|contact|duration|date|cell|categor|call|group|"
    r"withheld|purchase|customer|prospect|return|amount|order|cancel|message|subscriber|account|identifier|pair|text)|\.$)"
)


@rule.register
def _extent(value: tuple, exact: Any) -> tuple[Any, ...]:  # type: ignore[type-arg]
    """Round the totals too: beside an exact one, rounded parts that all lie at one end of their ranges are no secret."""
    if (told := tuples(value)) is not None:
        return told
    rows, units = value
    return total(rows), total(units)


@rule.register
def _audit(value: EventAudit, exact: Any) -> EventAudit:
    def events(frame: pd.DataFrame) -> pd.DataFrame:
        """Round events; leave out those of few units, and what they leave of the units."""
        few = (frame["units"] > 0) & (frame["units"] < BASE)
        out = counts(frame, "events", "units")
        out["events"] = out["events"].mask(few)
        if "share" in out:
            out["share"] = share(frame["events"].astype("float64"), float(frame["events"].sum()), of_all=True).mask(few)
        return out

    load, kinds = value.load, events(value.units_per_category)
    columns = counts(load.columns, "missing").assign(missing_share=in_steps(load.columns["missing_share"], value.units))
    against = counts(load.disagreements, "disagree")
    load = replace(
        load,
        rows_read=total(load.rows_read),
        duplicates=whole(load.duplicates or 0),
        likely_doubles=whole(load.likely_doubles or 0),
        columns=columns,
        disagreements=against,
        notes=tuple(vague(n) for n in load.notes),
        merged=None,  # counts and cents of single returns, of which no page tells
    )
    told = value.amounts.assign(amount=value.amounts["common"])
    told.loc[told["quantile"].isin((0.0, 1.0)), "amount"] = np.nan
    return replace(
        value,
        load=load,
        rows=total(value.rows),
        units=total(value.units),
        first=day(value.first),
        last=day(value.last),
        months=events(value.months),
        bands=events(value.bands),
        weekdays=events(value.weekdays),
        amounts=told,
        units_per_category=kinds[kinds["units"].notna() & kinds["events"].notna()].reset_index(drop=True),
    )


@rule.register
def _exposure(value: Exposure, exact: Any) -> Exposure:
    return value  # follows from the breaks and the ends of the log


@rule.register
def _breaks(value: Breaks, exact: Any) -> Breaks:
    return value  # of days on which nobody did anything; dates are written by their month where data are private


def vague(note: str) -> str:
    """Round the counts in a note of the loader.

    >>> vague("3 rows repeat earlier ones in every column; nothing was dropped.")
    'A few rows repeat earlier ones in every column; nothing was dropped.'
    """
    told = COUNTED.sub(lambda m: "a few" if (n := whole(int(m[0].replace(",", "")))) is None else f"{n:,}", note)
    return told[:1].upper() + told[1:]


@rule.register
def _features(value: FeatureTable, exact: Any) -> FeatureTable:
    of = holders(exact, value.frame.index)
    quartiles = pd.DataFrame(
        {c: [common(float(q), value.frame[c].to_numpy(dtype=np.float64), of) for q in value.frame[c].quantile([0.25, 0.5, 0.75])]
         for c in value.frame},
        index=[0.25, 0.5, 0.75],
    )  # fmt: skip
    lengths = (
        exact.audit.amounts.set_index("quantile")["common"]
        if value.thresholds and isinstance(exact.audit, EventAudit)
        else {}
    )  # of which these are quantiles
    limit = {
        n: float(lengths.get(getattr(exact.settings, exact.measures.quantile), figures(v, 1)))
        if len(lengths)
        else figures(v, 2)
        for n, v in value.thresholds.items()
    }
    return replace(value, as_of=day(value.as_of), thresholds=limit, told=quartiles)


@rule.register
def _matrix(value: ModelMatrix, exact: Any) -> ModelMatrix:
    return replace(value, largest_before_cap=figures(value.largest_before_cap, 1))


@rule.register
def _segments(value: Segments, exact: Any) -> Segments:
    few = value.silhouette.index.isin(small(exact))
    return replace(
        value, silhouette=value.silhouette.mask(few), told=count(value.sizes).mask(value.sizes.index.isin(small(exact)))
    )


@rule.register
def _profile(value: Profile, exact: Any) -> Profile:
    frame, labels, hidden = exact.features.frame, exact.segments.labels, small(exact)
    rows = []
    for row in value.table.itertuples():
        inside = (labels == row.segment).to_numpy()
        own, of = frame.loc[inside, row.feature].to_numpy(dtype=np.float64), holders(exact, frame.index[inside])
        told = {"units": whole(len(own)), **_statistics(own, row, of)}
        if row.segment in hidden:
            told = dict.fromkeys(told, np.nan)
        rows.append({"segment": row.segment, "feature": row.feature, **told})
    by_segment = frame.groupby(labels)
    totals = (
        (by_segment.sum() / frame.sum())
        .round(2)
        .mask(by_segment.agg(lambda v: dominated(v.to_numpy(dtype=np.float64))))
    )
    totals.loc[totals.index.isin(hidden)] = np.nan
    return replace(value, table=pd.DataFrame(rows, columns=list(value.table.columns)), totals=totals)


def _statistics(own: np.ndarray, row: Any, of: np.ndarray | None = None) -> dict[str, float]:
    """Return the statistics of one feature in one segment, as far as they speak of five units or more."""
    names = ("q25", "median", "q75", "mean", "share_any")
    least = PERSONAL_CELL if row.feature.startswith("category: ") else BASE
    active = int((own > 0).sum())
    shares = "share" in row.feature or least == PERSONAL_CELL
    if len(own) < BASE or (shares and (0 < active < least or spread_thin(own))):
        return dict.fromkeys(names, np.nan)
    average = float(in_steps(pd.Series([own.mean()]), len(own)).iloc[0]) if shares else mean(own)
    if of is not None and not shares and dominated(np.bincount(of, weights=own).astype(np.float64)):
        average = np.nan
    return {
        **{n: common(getattr(row, n), own, of) for n in names[:3]},
        "mean": average,
        "share_any": float(share(pd.Series([float(active)]), float(len(own))).iloc[0]),
    }


@rule.register
def _cards(value: Cards, exact: Any) -> Cards:
    if value is not exact.cards:  # those of a window of time, of which the names are shown
        kept = [replace(c, size=None if c.size is None else whole(c.size), share=None, medians={}) for c in value]
        return replace(value, total=total(value.total), items=tuple(kept))
    if exact.profile is None:  # leads, of which no medians are told
        told = {p.id: p for p in exact.released.personas}
        own = [
            replace(
                c, size=p.size, share=p.share, medians={} if p.conversion is None else {"rate": p.conversion.own.share}
            )
            for c in value
            for p in (told[c.id],)
        ]
        return replace(value, items=tuple(own), total=total(value.total))
    wide, everyone = exact.released.profile.wide("median"), total(value.total)
    items, hidden, reasons = [], small(exact), exact.released.reasons
    for card in value:
        size = None if card.id in hidden else whole(int(exact.segments.sizes[card.id]))
        medians = {f: float(wide.loc[card.id, f]) for f in card.medians} if size else {}
        reason = card.reason if reasons is None else reasons[card.id] if size else ""
        part = None if size is None else size / everyone
        items.append(replace(card, size=size, share=part, medians=medians, reason=reason))
    told = replace(value, items=tuple(items), total=everyone)
    actions = exact.released.actions  # those that follow from the rates that are told
    return told if actions is None else told.acting(actions)


@rule.register
def _effects(value: Effects, exact: Any) -> Effects:
    frame = exact.features.frame
    thin = [f for f in value.delta.index if spread_thin(frame[f].to_numpy(dtype=np.float64))]
    tiny = [s for s in value.delta.columns if s in small(exact)]

    def told(wide: pd.DataFrame) -> pd.DataFrame:
        out = wide.round(1)
        out[tiny] = np.nan
        out.loc[out.index.isin(thin)] = np.nan
        return out

    table = rounded(value.table, {"eta_squared": 2, "epsilon_squared": 2})
    table.loc[table["feature"].isin(thin), ["eta_squared", "epsilon_squared"]] = np.nan
    return replace(value, table=table, delta=told(value.delta), lift=told(value.lift))


@rule.register
def _policy(value: Policy, exact: Any) -> Policy:
    table = value.table.copy()
    for name in (exact.terms.units, "meant", "overdue_now"):
        table[name] = count(table[name].astype("float64")).astype("Float64")
    gaps, labels = usual_gaps(exact.exposed, exact.measures)[~exact.apart], exact.segments.labels
    known = {s: own.dropna().to_numpy(dtype=np.float64) for s, own in gaps.groupby(labels.reindex(gaps.index))}
    told = [
        common(float(g), known[s]) if s in known else np.nan  # of a segment without anybody whom a rule is for
        for s, g in zip(table["segment"], table["usual_gap_days"].astype("float64"), strict=True)
    ]
    table["usual_gap_days"] = told
    table["overdue_after_days"] = [OVERDUE * g for g in told]
    return Policy(table.astype(dict.fromkeys(("usual_gap_days", "overdue_after_days"), "Float64")))


@rule.register
def _rule_card(value: RuleCard, exact: Any) -> RuleCard:
    sizes, n = exact.segments.sizes, float(len(exact.segments.labels))
    table = rounded(value.table, dict.fromkeys(("accuracy", "balanced_accuracy", "kappa", "lowest_recall"), 2))
    for segment, size in sizes.items():
        for name in (f"precision_{segment}", f"recall_{segment}"):
            if name in table:
                table[name] = in_steps(table[name], float(size))
    table["accuracy"] = in_steps(table["accuracy"], n)

    def told(one: Any) -> Any:
        bounds = {f: (figures(low, 2), figures(high, 2)) for f, (low, high) in one.bounds.items()}
        return replace(one, bounds=bounds, units=whole(one.units) or 0, right=whole(one.right) or 0)

    return replace(value, table=table, cards={n: tuple(told(r) for r in rules) for n, rules in value.cards.items()})


@rule.register
def _external(value: External, exact: Any) -> External:
    table = rounded(value.table, {"value": 1, "low": 1, "high": 1})
    part = float(in_steps(pd.Series([value.commonest]), float(value.units)).iloc[0])
    return replace(value, table=table, units=whole(value.units) or 0, commonest=part)
