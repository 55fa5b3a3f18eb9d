"""The gate: every result of a private study as it may leave the machine. What has no rule here does not leave."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..data.audit import CallAudit
from ..disclosure import BASE, common, count, dominated, figures, in_steps, mean, share, spread_thin, whole
from ..engine.algorithms import Algorithms
from ..engine.capacity import RANDOM, Capacity
from ..engine.consensus import Consensus
from ..engine.drift import Drift
from ..engine.effects import Effects
from ..engine.external import PERSONAL_CELL, External
from ..engine.flow import SegmentFlow
from ..engine.forecasts import Outlook
from ..engine.gap import Gap
from ..engine.instability import Instability
from ..engine.jaccard import Jaccard
from ..engine.krule import KDecision
from ..engine.kselection import KSelection
from ..engine.matrix import ModelMatrix
from ..engine.meaning import Cards, Profile
from ..engine.migration import Migration
from ..engine.multiverse import Multiverse
from ..engine.nulls import Nulls
from ..engine.pipeline import Confidence, PipelineBootstrap
from ..engine.populations import Populations
from ..engine.prediction import PredictionStrength
from ..engine.projection import NeighbourMap, Projection
from ..engine.rules import RuleCard
from ..engine.segments import Segments
from ..engine.sensitivity import Sensitivity
from ..engine.stability import Convergence
from ..engine.usefulness import Usefulness
from ..engine.verdict import Verdict
from ..engine.windows import Ageing, Refits
from ..errors import PrivacyError
from ..features.table import FeatureTable
from ..inference import Activity, NextCalls
from .policy import OVERDUE, Policy

if TYPE_CHECKING:
    from .base import Study

COUNTED = re.compile(
    r"(?<![\w-])\d[\d,]*(?= (?:of|row|number|contact|duration|date|cell|categor|call|group|withheld)|\.$)"
)


@functools.singledispatch
def release(value: Any, exact: Study) -> Any:
    """Return a result as it may be told, where the data are private.

    Parameters
    ----------
    value : result
        What a step of the study found.
    exact : Study
        The study with all that it knows, for results that need the units behind a number.

    Raises
    ------
    PrivacyError
        There is no rule for results of this kind.
    """
    raise PrivacyError(
        f"no rule says how a {type(value).__name__} of private data may be told",
        remedy="Add one to segkit/studies/release.py.",
    )


# These speak of the whole partition, or of data that were drawn: they hold no number of few units.
@release.register(type(None))
@release.register(tuple)  # how many calls and contacts the whole file has
@release.register(Gap)
@release.register(PredictionStrength)
@release.register(Consensus)
@release.register(KDecision)
@release.register(Nulls)
@release.register(Verdict)
@release.register(Projection)  # points are for maps, which draw areas of five units or more
@release.register(NeighbourMap)
def _same(value: Any, exact: Study) -> Any:
    return value


@release.register(Sensitivity)
@release.register(Multiverse)
def _agreements(value: Any, exact: Study) -> Any:
    return replace(value, table=_similar(value.table, exact))


def _similar(frame: pd.DataFrame, exact: Any) -> pd.DataFrame:
    """Round indices of agreement, and leave those of segments of fewer than five units out."""
    out = _rounded(
        frame, {c: 3 for c in frame if c in ("ari", "ari_se", "ami")} | dict.fromkeys(frame.filter(like="jaccard_"), 2)
    )
    out[[c for s in _small(exact) if (c := f"jaccard_{s}") in out]] = np.nan
    return out


def _counts(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    return frame.assign(**{n: count(frame[n]) for n in names})


def _rounded(frame: pd.DataFrame, decimals: Mapping[str, int]) -> pd.DataFrame:
    return frame.assign(**{n: frame[n].astype("float64").round(d) for n, d in decimals.items() if n in frame})


def _day(when: datetime) -> datetime:
    return when.replace(hour=0, minute=0, second=0, microsecond=0)


def _small(exact: Any) -> set[int]:
    """Return the segments of fewer than five units."""
    sizes = exact.segments.sizes
    return {int(s) for s in sizes.index[sizes < BASE]}


@release.register
def _audit(value: CallAudit, exact: Any) -> CallAudit:
    def events(frame: pd.DataFrame) -> pd.DataFrame:
        """Round calls; leave out those of few contacts, and what they leave of the contacts."""
        few = (frame["contacts"] > 0) & (frame["contacts"] < BASE)
        out = _counts(frame, "calls", "contacts")
        out["calls"] = out["calls"].mask(few)
        if "share" in out:
            out["share"] = share(frame["calls"].astype("float64"), float(frame["calls"].sum())).mask(few)
        return out

    load, kinds = value.load, events(value.units_per_category)
    columns = _counts(load.columns, "missing").assign(
        missing_share=in_steps(load.columns["missing_share"], value.units)
    )
    against = _counts(load.disagreements, "disagree")
    load = replace(load, columns=columns, disagreements=against, notes=tuple(_vague(n) for n in load.notes))
    told = value.durations.assign(seconds=value.durations["common"])
    told.loc[told["quantile"].isin((0.0, 1.0)), "seconds"] = np.nan
    return replace(
        value, load=load, first=_day(value.first), last=_day(value.last), months=events(value.months), bands=events(value.bands),
        weekdays=events(value.weekdays), durations=told,
        units_per_category=kinds[kinds["contacts"].notna() & kinds["calls"].notna()].reset_index(drop=True),
    )  # fmt: skip


def _vague(note: str) -> str:
    """Round the counts in a note of the loader.

    >>> _vague("3 rows repeat earlier ones in every column; nothing was dropped.")
    'A few rows repeat earlier ones in every column; nothing was dropped.'
    """
    told = COUNTED.sub(lambda m: "a few" if (n := whole(int(m[0].replace(",", "")))) is None else f"{n:,}", note)
    return told[:1].upper() + told[1:]


@release.register
def _features(value: FeatureTable, exact: Any) -> FeatureTable:
    quartiles = pd.DataFrame(
        {c: [common(float(q), value.frame[c].to_numpy(dtype=np.float64)) for q in value.frame[c].quantile([0.25, 0.5, 0.75])]
         for c in value.frame},
        index=[0.25, 0.5, 0.75],
    )  # fmt: skip
    lengths = exact.audit.durations.set_index("quantile")["common"]  # of calls, of which these are quantiles
    limit = {
        n: float(lengths.get(exact.settings.long_call_quantile, figures(v, 1))) for n, v in value.thresholds.items()
    }
    return replace(value, as_of=_day(value.as_of), thresholds=limit, told=quartiles)


@release.register
def _matrix(value: ModelMatrix, exact: Any) -> ModelMatrix:
    return replace(value, largest_before_cap=figures(value.largest_before_cap, 1))


@release.register
def _k_selection(value: KSelection, exact: Any) -> KSelection:
    own = _counts(value.segments, "units")
    own["silhouette"] = own["silhouette"].mask(own["units"].isna())
    return replace(value, table=_counts(value.table, "smallest"), segments=own, partitions={})


@release.register
def _instability(value: Instability, exact: Any) -> Instability:
    own = _counts(value.segments, "units")
    numbers = ["jaccard", "dissolved", "recovered"]
    own[numbers] = own[numbers].mask(own["units"].isna())
    return replace(value, segments=own)


@release.register
def _flow(value: SegmentFlow, exact: Any) -> SegmentFlow:
    edges = _counts(value.edges, "units").dropna(subset="units")
    nodes = _rounded(_counts(value.nodes, "units"), {"entropy": 1})
    nodes["entropy"] = nodes["entropy"].mask(nodes["units"].isna())
    return replace(value, nodes=nodes, edges=edges.reset_index(drop=True))


@release.register
def _segments(value: Segments, exact: Any) -> Segments:
    few = value.silhouette.index.isin(_small(exact))
    return replace(value, silhouette=value.silhouette.mask(few), told=count(value.sizes))


@release.register
def _profile(value: Profile, exact: Any) -> Profile:
    frame, labels = exact.features.frame, exact.segments.labels
    rows = []
    for row in value.table.itertuples():
        own = frame.loc[(labels == row.segment).to_numpy(), row.feature].to_numpy(dtype=np.float64)
        rows.append({"segment": row.segment, "feature": row.feature, "units": whole(len(own)), **_statistics(own, row)})
    by_segment = frame.groupby(labels)
    totals = (
        (by_segment.sum() / frame.sum())
        .round(2)
        .mask(by_segment.agg(lambda v: dominated(v.to_numpy(dtype=np.float64))))
    )
    totals.loc[totals.index.isin(_small(exact))] = np.nan
    return replace(value, table=pd.DataFrame(rows, columns=list(value.table.columns)), totals=totals)


def _statistics(own: np.ndarray, row: Any) -> dict[str, float]:
    """Return the statistics of one feature in one segment, as far as they speak of five units or more."""
    names = ("q25", "median", "q75", "mean", "share_any")
    least = PERSONAL_CELL if row.feature.startswith("category: ") else BASE
    active = int((own > 0).sum())
    shares = "share" in row.feature or least == PERSONAL_CELL
    if len(own) < BASE or (shares and (0 < active < least or spread_thin(own))):
        return dict.fromkeys(names, np.nan)
    average = float(in_steps(pd.Series([own.mean()]), len(own)).iloc[0]) if shares else mean(own)
    return {
        **{n: common(getattr(row, n), own) for n in names[:3]},
        "mean": average,
        "share_any": float(share(pd.Series([float(active)]), float(len(own))).iloc[0]),
    }


@release.register
def _cards(value: Cards, exact: Any) -> Cards:
    if value is not exact.cards:  # those of a window of time, of which the names are shown
        return replace(value, items=tuple(replace(c, size=None if c.size is None else whole(c.size), share=None, medians={})
                                          for c in value))  # fmt: skip
    wide = _profile(exact.profile, exact).wide("median")
    items = []
    for card in value:
        size = whole(int(exact.segments.sizes[card.id]))
        medians = {f: float(wide.loc[card.id, f]) for f in card.medians} if size else {}
        items.append(replace(card, size=size, share=None if size is None else size / value.total, medians=medians))
    return replace(value, items=tuple(items))


@release.register
def _effects(value: Effects, exact: Any) -> Effects:
    frame = exact.features.frame
    thin = [f for f in value.delta.index if spread_thin(frame[f].to_numpy(dtype=np.float64))]
    small = [s for s in value.delta.columns if s in _small(exact)]

    def told(wide: pd.DataFrame) -> pd.DataFrame:
        out = wide.round(1)
        out[small] = np.nan
        out.loc[out.index.isin(thin)] = np.nan
        return out

    table = _rounded(value.table, {"eta_squared": 2, "epsilon_squared": 2})
    table.loc[table["feature"].isin(thin), ["eta_squared", "epsilon_squared"]] = np.nan
    return replace(value, table=table, delta=told(value.delta), lift=told(value.lift))


@release.register
def _policy(value: Policy, exact: Any) -> Policy:
    table = value.table.copy()
    for name in ("contacts", "overdue_now"):
        table[name] = count(table[name].astype("float64")).astype("Float64")
    table["usual_gap_days"] = [pd.NA if pd.isna(g) else figures(float(g), 2) for g in table["usual_gap_days"]]
    table["overdue_after_days"] = [pd.NA if pd.isna(g) else OVERDUE * float(g) for g in table["usual_gap_days"]]
    return Policy(table.astype(dict.fromkeys(("usual_gap_days", "overdue_after_days"), "Float64")))


@release.register
def _convergence(value: Convergence, exact: Any) -> Convergence:
    return replace(value, table=_rounded(value.table, {"ari": 3}), sizes=value.sizes.apply(count))


@release.register
def _jaccard(value: Jaccard, exact: Any) -> Jaccard:
    table = _rounded(value.table, {"jaccard": 3})
    return replace(value, table=table.assign(jaccard=table["jaccard"].mask(table["segment"].isin(_small(exact)))))


@release.register
def _pipeline(value: PipelineBootstrap, exact: Any) -> PipelineBootstrap:
    table = _rounded(value.table, {"ari": 3})
    return replace(value, table=table, flat=in_steps(value.flat, len(value.recurrence)))


@release.register
def _confidence(value: Confidence, exact: Any) -> Confidence:
    names = ("seldom", "narrow", "both")
    table = _rounded(_counts(value.table, "units", *names), {"recurrence": 2})
    for name in names:
        rest = value.table["units"] - value.table[name]
        table[name] = table[name].mask((rest > 0) & (rest < BASE))
    table["recurrence"] = table["recurrence"].mask(table["units"].isna())
    return replace(value, table=table)


@release.register
def _refits(value: Refits, exact: Any) -> Refits:
    return replace(value, table=_rounded(_counts(value.table, "common"), {"ari": 3}), units=count(value.units))


@release.register
def _ageing(value: Ageing, exact: Any) -> Ageing:
    table = _rounded(_counts(value.table, "units"), {"ari": 3})
    return replace(value, table=table.assign(outliers=in_steps(value.table["outliers"], value.table["units"])))


@release.register
def _migration(value: Migration, exact: Any) -> Migration:
    t = value.table
    if t.empty:
        return value
    part, of = t["units"].astype("float64"), t["of"].astype("float64")
    told = _counts(t, "units", "of").assign(
        share=share(part, of), low=in_steps(t["low"], of, np.floor), high=in_steps(t["high"], of, np.ceil)
    )
    hidden = told["share"].isna()
    told[["units", "low", "high"]] = told[["units", "low", "high"]].mask(hidden)
    return replace(value, table=told)


@release.register
def _drift(value: Drift, exact: Any) -> Drift:
    s = value.segments
    table = _rounded(_counts(value.table, "units"), {"psi": 2, "by_chance": 2, "wasserstein": 2})
    total = s.groupby("window")["units"].transform("sum").astype("float64") if len(s) else s["units"]
    told = _counts(s, "units").assign(share=share(s["units"].astype("float64"), total)) if len(s) else s
    return replace(value, table=table, segments=told, segment_psi=value.segment_psi.round(2))


@release.register
def _populations(value: Populations, exact: Any) -> Populations:
    units = value.table["units"].astype("float64")
    total = float(len(exact.features.frame))
    return replace(
        value,
        table=_similar(value.table, exact).assign(units=count(units), left_out=share(total - units, total)),
    )


@release.register
def _algorithms(value: Algorithms, exact: Any) -> Algorithms:
    n = float(value.params["units"])
    return replace(value, table=_similar(value.table, exact).assign(noise=share((value.table["noise"] * n).round(), n)))


@release.register
def _rule_card(value: RuleCard, exact: Any) -> RuleCard:
    sizes, n = exact.segments.sizes, float(len(exact.segments.labels))
    table = _rounded(value.table, dict.fromkeys(("accuracy", "balanced_accuracy", "kappa", "lowest_recall"), 2))
    for segment, size in sizes.items():
        for name in (f"precision_{segment}", f"recall_{segment}"):
            if name in table:
                table[name] = in_steps(table[name], float(size))
    table["accuracy"] = in_steps(table["accuracy"], n)

    def told(one: Any) -> Any:
        bounds = {f: (figures(low, 2), figures(high, 2)) for f, (low, high) in one.bounds.items()}
        return replace(one, bounds=bounds, units=whole(one.units) or 0, right=whole(one.right) or 0)

    return replace(value, table=table, cards={n: tuple(told(r) for r in rules) for n, rules in value.cards.items()})


@release.register
def _external(value: External, exact: Any) -> External:
    table = _rounded(value.table, {"value": 1, "low": 1, "high": 1})
    part = float(in_steps(pd.Series([value.commonest]), float(value.units)).iloc[0])
    return replace(value, table=table, units=whole(value.units) or 0, commonest=part)


@release.register
def _outlook(value: Outlook, exact: Any) -> Outlook:
    return value  # dates are written by their month where data are private


@release.register
def _usefulness(value: Usefulness, exact: Any) -> Usefulness:
    two = ("auc", "auc_low", "auc_high")
    one = ("lift", "lift_low", "lift_high")
    decimals = dict.fromkeys(two, 2) | dict.fromkeys(one, 1)
    scores = dict.fromkeys(("brier", "reliability", "resolution", "uncertainty"), 2)
    g, c, b = value.groups, value.calibration, value.bins
    n = value.table.groupby("date")["units"].first()
    of = c["date"].map(n).astype("float64")
    calibration = _rounded(c, scores).assign(expected=in_steps(c["expected"], of), observed=in_steps(c["observed"], of))
    bins = _counts(b, "units", "active").assign(expected=in_steps(b["expected"], b["units"]))
    bins = bins[(b["active"] >= BASE) & (b["units"] - b["active"] >= BASE)].reset_index(drop=True)
    groups = _counts(g, "units", "active")
    return replace(
        value, table=_rounded(_counts(value.table, "units", "active"), decimals), groups=groups, bins=bins,
        summary=_rounded(value.summary, decimals), comparisons=_rounded(value.comparisons, decimals), calibration=calibration,
    )  # fmt: skip


@release.register
def _activity(value: Activity, exact: Any) -> Activity:
    def told(frame: pd.DataFrame) -> pd.DataFrame:
        of = frame["units"].astype("float64")
        out = frame.assign(units=count(of))
        part = (frame["share"].astype("float64") * of).round()
        out["share"] = share(part, of)
        out["low"], out["high"] = in_steps(frame["low"], of, np.floor), in_steps(frame["high"], of, np.ceil)
        for name in ("expected", "posterior"):
            if name in frame:
                out[name] = in_steps(frame[name], of)
        if "active" in frame:
            out["active"] = count(frame["active"].astype("float64")).astype("Float64")
            out["units"] = out["units"].astype("Float64")
            out = _rounded(out, {"events": 1, "events_low": 1, "events_high": 1, "p_best": 2})
        hidden = out["share"].isna()
        numbers = [c for c in out.columns if c not in ("segment", "units", "method", "date")]
        out[numbers] = out[numbers].mask(hidden)
        return out

    gap = value.gap
    if gap is not None:
        by = BASE / max(min(gap.first.units, gap.second.units), BASE)
        steps = {n: round(getattr(gap, n) / by) * by for n in ("difference", "low", "high")}
        first, second = (replace(r, events=whole(r.events) or 0, units=whole(r.units) or 0,
                                 share=round(r.share / by) * by) for r in (gap.first, gap.second))  # fmt: skip
        gap = replace(gap, first=first, second=second, **steps)
    return replace(value, table=told(value.table), marks=told(value.marks), gap=gap)


@release.register
def _next_calls(value: NextCalls, exact: Any) -> NextCalls:
    means = _counts(value.means, "units")
    for name in ("mean", "low", "high"):
        means[name] = [figures(float(v), 2) for v in means[name]]
    return replace(
        value, means=means, chi=figures(value.chi, 2), p=figures(value.p, 1), follow_up=float(round(value.follow_up))
    )


@release.register
def _capacity(value: Capacity, exact: Any) -> Capacity:
    t = value.table
    names = [c for c in t.columns if c not in ("order", "contacts")]
    fives = (t[names] / BASE).round() * BASE
    small = t["reached"].between(0, BASE, inclusive="neither") & (t["order"] != RANDOM)
    hidden = t["contacts"].isin(t.loc[small, "contacts"])
    kept = t.assign(**{n: fives[n] for n in names})[~hidden].reset_index(drop=True)
    return replace(value, table=kept, units=float(whole(value.units) or 0), active=float(whole(value.active) or 0))
