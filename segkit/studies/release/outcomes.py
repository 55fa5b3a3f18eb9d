"""Rules of the gate for what windows of time and outcomes tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...disclosure import BASE, common, count, figures, in_steps, share, total, whole
from ...engine.buy_till_die import BuyTillYouDie
from ...engine.capacity import RANDOM, Capacity
from ...engine.drift import Drift
from ...engine.forecasts import Outlook
from ...engine.migration import Migration
from ...engine.overdue import Overdue, Silences
from ...engine.usefulness import Usefulness
from ...engine.windows import Ageing, Refits
from ...inference import Activity, NextEvents
from ...inference.concentration import Concentration
from .core import counts, rounded, rule, small
from .rates import estimate_told


@rule.register
def _refits(value: Refits, exact: Any) -> Refits:
    return replace(value, table=counts(value.table, "common"), units=count(value.units))


@rule.register
def _ageing(value: Ageing, exact: Any) -> Ageing:
    table = counts(value.table, "units")
    return replace(value, table=table.assign(outliers=in_steps(value.table["outliers"], value.table["units"])))


@rule.register
def _migration(value: Migration, exact: Any) -> Migration:
    t = value.table
    if t.empty:
        return value
    part, of = t["units"].astype("float64"), t["of"].astype("float64")
    told = counts(t, "units", "of").assign(
        share=share(part, of), low=in_steps(t["low"], of, np.floor), high=in_steps(t["high"], of, np.ceil)
    )
    hidden = told["share"].isna()
    told[["units", "low", "high"]] = told[["units", "low", "high"]].mask(hidden)
    return replace(value, table=told)


@rule.register
def _drift(value: Drift, exact: Any) -> Drift:
    s = value.segments
    table = rounded(counts(value.table, "units"), {"psi": 2, "by_chance": 2, "wasserstein": 2})
    total = s.groupby("window")["units"].transform("sum").astype("float64") if len(s) else s["units"]
    told = counts(s, "units").assign(share=share(s["units"].astype("float64"), total)) if len(s) else s
    return replace(value, table=table, segments=told, segment_psi=value.segment_psi.round(2))


@rule.register
def _outlook(value: Outlook, exact: Any) -> Outlook:
    return value  # dates are written by their month where data are private


@rule.register
def _usefulness(value: Usefulness, exact: Any) -> Usefulness:
    two = ("auc", "auc_low", "auc_high")
    one = ("lift", "lift_low", "lift_high")
    decimals = dict.fromkeys(two, 2) | dict.fromkeys(one, 1)
    scores = dict.fromkeys(("brier", "reliability", "resolution", "uncertainty"), 2)
    g, c, b = value.groups, value.calibration, value.bins
    n = value.table.groupby("date")["units"].first()
    of = c["date"].map(n).astype("float64")
    calibration = rounded(c, scores).assign(expected=in_steps(c["expected"], of), observed=in_steps(c["observed"], of))
    bins = counts(b, "units", "active").assign(expected=in_steps(b["expected"], b["units"]))
    bins = bins[(b["active"] >= BASE) & (b["units"] - b["active"] >= BASE)].reset_index(drop=True)
    groups = counts(g, "units", "active")
    return replace(
        value, table=rounded(counts(value.table, "units", "active"), decimals), groups=groups, bins=bins,
        summary=rounded(value.summary, decimals), comparisons=rounded(value.comparisons, decimals), calibration=calibration,
    )  # fmt: skip


@rule.register
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
            out = rounded(out, {"events": 1, "events_low": 1, "events_high": 1, "p_best": 2})
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


@rule.register
def _next_events(value: NextEvents, exact: Any) -> NextEvents:
    means = counts(value.means, "units")
    for name in ("mean", "low", "high"):
        means[name] = [figures(float(v), 2) for v in means[name]]
    return replace(
        value, means=means, chi=figures(value.chi, 2), p=figures(value.p, 1), follow_up=float(round(value.follow_up))
    )


@rule.register
def _capacity(value: Capacity, exact: Any) -> Capacity:
    t = value.table
    names = [c for c in t.columns if c not in ("order", "approached")]
    fives = (t[names] / BASE).round() * BASE
    small = t["reached"].between(0, BASE, inclusive="neither") & (t["order"] != RANDOM)
    hidden = t["approached"].isin(t.loc[small, "approached"])
    kept = t.assign(**{n: fives[n] for n in names})[~hidden].reset_index(drop=True)
    return replace(value, table=kept, units=float(total(value.units)), active=float(whole(value.active) or 0))


@rule.register
def _concentration(value: Concentration, exact: Any) -> Concentration:
    """Leave a curve of parts that each hold many units; the total would give the mean away."""
    curve = value.table.round(2) if value.shown else value.table.iloc[:0]
    return replace(
        value,
        table=curve,
        share=estimate_told(value.share),
        first=estimate_told(value.first),
        gini=estimate_told(value.gini),
        units=total(value.units),
        below=whole(value.below) or 0,
        total=figures(value.total, 1),
    )


@rule.register
def _overdue(value: Overdue, exact: Any) -> Overdue:
    table = counts(value.table, "overdue")
    shown = table["overdue"].notna()
    return Overdue(table.assign(**{c: value.table[c].round(2).where(shown) for c in ("alive_overdue", "alive_others")}))


@rule.register
def _silences(value: Silences, exact: Any) -> Silences:
    t, recency, by = value.table, exact.measures.recency.name, exact.segments.labels
    own = {
        name: frame[recency].groupby(by)
        for name, frame in (("watched", exact.exposed), ("calendar", exact.features.frame))
    }
    medians = {
        name: [np.nan if s in small(exact) else common(float(v), days.get_group(s).to_numpy(dtype=np.float64))
               for s, v in zip(t["segment"], t[name], strict=True)]
        for name, days in own.items()
    }  # fmt: skip
    return Silences(counts(t, "overdue", "overdue_calendar").assign(**medians))


@rule.register
def _buy_till_die(value: BuyTillYouDie, exact: Any) -> BuyTillYouDie:
    return replace(
        value, table=rounded(value.table, dict.fromkeys(("value", "low", "high"), 2)), histogram=value.histogram.iloc[:0],
        gap=round(value.gap, 2), chi=figures(value.chi, 2), p=figures(value.p, 2),
        convergence={**value.convergence, **{n: figures(v, 1) for n, v in value.convergence.items() if n == "gradient"}},
        params=None if value.params is None else type(value.params)(*(figures(v, 2) for v in value.params)),
        log_likelihood=figures(value.log_likelihood, 2), alive=round(value.alive, 2), units=total(value.units),
        repeating=whole(value.repeating) or 0,
    )  # fmt: skip
