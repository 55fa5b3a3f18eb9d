"""Rules of the gate for touches of prospects, and for what they go with.

Shares follow from rounded counts; ends of intervals are moved outward, so that what is told holds for a range of true ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...data.export_audit import ExportAudit
from ...disclosure import BASE, count, figures, in_steps, mean, share, total, whole
from ...inference.adjusted import Adjusted
from ...inference.combinations import Combinations
from ...inference.engagement_pair import MEANS, Pair
from ...inference.experiment import Experiment
from ...inference.groups import Benchmarks, GroupMeans, GroupRates
from ...inference.horizons import Horizons
from ...inference.landmark import Landmark
from ...inference.rates import Difference, Rate
from ...inference.reach import ChannelUse, Reach, Shift
from ...inference.scores import ScoreCalibration
from ...inference.speed import Speed
from ...inference.times import Survival
from .core import release, rounded, rule
from .description import vague
from .leads import area_told, rate_of, rates_of

COARSEST = 0.1  # step of a difference that still says anything
MONTH = 30.0  # days between the points of a curve
GAP = ("difference", "difference_low", "difference_high")


def _rates(
    frame: pd.DataFrame, rate: str = "rate", limits: tuple[str, str] = ("low", "high"), reference: object = None
) -> pd.DataFrame:
    """Return a table of rates as it may be told.

    A difference from a reference follows from the rates that are told; all differences have steps of five prospects, and those
    whose steps say nothing are left out.
    """
    names = {"events": "conversions", rate: "rate", limits[0]: "low", limits[1]: "high"}
    told = rates_of(frame.rename(columns=names))
    if GAP[0] in told:
        step = (BASE / told["units"]).fillna(1.0)
        for name, end in zip(GAP, ("", "low", "high"), strict=True):
            told[name] = (ENDS.get(end, np.round)(frame[name] / step) * step).clip(-1.0, 1.0)
        if reference is not None:
            base = told["rate"][told["group"] == reference]
            told[GAP[0]] = (told["rate"] - (base.iloc[0] if len(base) else np.nan)).mask(frame[GAP[0]].isna())
        told[list(GAP)] = told[list(GAP)].mask(told[GAP[0]].isna() | told["rate"].isna() | (step > COARSEST))
    return told.rename(columns={new: old for old, new in names.items()})


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out groups that fewer than five prospects are in: their name is of the file, and would tell of them."""
    return frame[frame["units"].notna()].reset_index(drop=True)


def _told(value: Rate) -> Rate:
    """Return a rate as it may be told; nothing but the units where fewer than five have, or lack, the outcome."""
    nothing = replace(value, events=0, units=whole(value.units) or 0, share=np.nan, low=np.nan, high=np.nan)
    return rate_of(value) or nothing


def _difference(value: Difference) -> Difference:
    """Return a difference of the rates that are told; nothing of it where one of them is not, or steps are coarse."""
    first, second = _told(value.first), _told(value.second)
    by = BASE / max(whole(min(value.first.units, value.second.units)) or BASE, BASE)
    known = math.isfinite(first.share) and math.isfinite(second.share) and by <= COARSEST
    ends = {n: min(max(_step(getattr(value, n), by, n), -1.0), 1.0) if known else np.nan for n in ("low", "high")}
    return replace(
        value, first=first, second=second, difference=first.share - second.share if known else np.nan, **ends
    )


ENDS: dict[str, Callable[[Any], Any]] = {"low": np.floor, "high": np.ceil}


def _step(value: float, by: float, name: str = "") -> float:
    """Round to a step; the ends of intervals outward."""
    return float(ENDS.get(name, np.round)(value / by) * by) if math.isfinite(value) else value


def _few(values: tuple[float, ...], digits: int = 2) -> Any:
    return tuple(figures(v, digits) if math.isfinite(v) else v for v in values)


def _curve(value: Survival) -> Survival:
    """Leave one point a month, whose share follows from a rounded count."""
    t = value.table
    at = np.arange(MONTH, value.follow_up + MONTH, MONTH)
    seen = np.searchsorted(t["time"], at, side="right")
    rows = t.iloc[seen[seen > 0] - 1].assign(time=at[seen > 0])
    n = float(max(value.units, 1))
    told = rows.assign(
        at_risk=count(rows["at_risk"]), events=count(rows["events"]), survival=in_steps(rows["survival"], n),
        low=in_steps(rows["low"], n, np.floor), high=in_steps(rows["high"], n, np.ceil),
    )  # fmt: skip
    return replace(
        value, table=told.reset_index(drop=True), units=total(value.units), follow_up=value.follow_up // MONTH * MONTH
    )


def _curves(value: Mapping[Any, Survival]) -> dict[Any, Survival]:
    return {name: _curve(curve) for name, curve in value.items() if curve.units >= BASE}


@rule.register
def _audit(value: ExportAudit, exact: Any) -> ExportAudit:
    n = float(value.units)
    missing = value.missing.assign(
        missing=count(value.missing["missing"]), share=share(value.missing["missing"], n, of_all=True)
    )
    history = value.history.assign(cells=count(value.history["cells"]))
    history["most"] = history["most"].astype("float64").mask(value.history["cells"] < BASE)
    months = {n: getattr(value, n).replace(day=1) for n in ("first", "last", "as_of")}
    counts: dict[str, Any] = {
        name: whole(getattr(value, name)) for name in ("closed", "won", "both", "negative", "system")
    }
    notes = tuple(vague(note) for note in value.notes)
    return replace(value, units=total(n), missing=missing, history=history, notes=notes, **counts, **months)


@rule.register
def _reach(value: Reach, exact: Any) -> Reach:
    n = float(value.units)

    def told(frame: pd.DataFrame) -> pd.DataFrame:
        out = frame.assign(units=count(frame["units"]), share=share(frame["units"], n, of_all=True))
        out["low"], out["high"] = in_steps(frame["low"], n, np.floor), in_steps(frame["high"], n, np.ceil)
        if "mentions" in out:
            out["mentions"] = count(frame["mentions"])
            out["mean"] = frame["mean"].round(1)
        numbers = [c for c in out.columns if c not in ("kind", "channel", "signal", "units")]
        out[numbers] = out[numbers].mask(out["units"].isna())
        return out

    return replace(value, table=told(value.table), units=total(n), signals=told(value.signals))


@rule.register
def _use(value: ChannelUse, exact: Any) -> ChannelUse:
    table = _rates(value.table)
    return replace(value, table=table.assign(lift=table["lift"].round(1).mask(table["rate"].isna())))


@rule.register
def _shift(value: Shift, exact: Any) -> Shift:
    ways = value.params["ways"]
    return replace(
        value, table=value.table.apply(count), moved=whole(value.moved) or 0, units=total(value.units),
        comparisons={n: _difference(d) for n, d in value.comparisons.items()},
        channels=value.channels.assign(**{w: count(value.channels[w]) for w in ways}),
    )  # fmt: skip


@rule.register
def _group_rates(value: GroupRates, exact: Any) -> GroupRates:
    return replace(value, table=_rates(value.table, reference=value.reference), unknown=whole(value.unknown) or 0)


@rule.register
def _benchmarks(value: Benchmarks, exact: Any) -> Benchmarks:
    told = {name: _group_rates(found, exact) for name, found in value.by.items()}
    return Benchmarks({name: replace(found, table=_named(found.table)) for name, found in told.items()})


@rule.register
def _group_means(value: GroupMeans, exact: Any) -> GroupMeans:
    t = value.table
    known = exact.prospects.frame
    own = [mean(known.loc[known["channel_strategy"] == g, w].dropna().to_numpy(dtype=np.float64))
           for g, w in zip(t["group"], t["what"], strict=True)]  # fmt: skip
    ends = {n: t[n].map(lambda v: figures(v, 2), na_action="ignore").mask(np.isnan(own)) for n in ("low", "high")}
    return replace(value, table=t.assign(units=count(t["units"]), mean=own, **ends))


@rule.register
def _adjusted(value: Adjusted, exact: Any) -> Adjusted:
    by = BASE / max(whole(min(value.units)) or BASE, BASE)
    parts = zip(("exposed_share", "unexposed_share"), value.units, strict=True)
    shares: dict[str, Any] = {n: _step(getattr(value, n), BASE / max(whole(size) or BASE, BASE)) for n, size in parts}
    shares["difference"] = shares["exposed_share"] - shares["unexposed_share"]
    shares |= {n: _step(getattr(value, n), by, n) for n in ("low", "high")}
    ratios = ("ratio", "ratio_low", "ratio_high", "e_value", "e_value_limit")
    overlap = value.overlap.assign(exposed=count(value.overlap["exposed"]), unexposed=count(value.overlap["unexposed"]))
    few: dict[str, Any] = dict(zip(ratios, _few(tuple(getattr(value, n) for n in ratios)), strict=True))
    return replace(
        value, raw=_difference(value.raw), **shares, **few,
        balance=rounded(_common(value.balance, exact), {"before": 2, "after": 2}), overlap=overlap,
        units=(whole(value.units[0]) or 0, whole(value.units[1]) or 0), effective=_few(value.effective),
        set_aside={n: whole(v) or 0 for n, v in value.set_aside.items()},
    )  # fmt: skip


def _common(balance: pd.DataFrame, exact: Any) -> pd.DataFrame:
    """Leave out the traits that few prospects have: their name is of the file."""
    if exact is None:
        return balance
    sizes = exact.prospects.frame["intake"].value_counts()
    few = {f"intake = {name}" for name in sizes.index[sizes < 2 * BASE]}
    return balance[~balance["covariate"].isin(few)].reset_index(drop=True)


@rule.register
def _combinations(value: Combinations, exact: Any) -> Combinations:
    t = _rates(value.table, "share")
    n = value.table["units"].astype("float64")
    t["posterior"] = in_steps(value.table["posterior"], n)
    tests = {c: value.table[c].map(lambda v: figures(v, 1), na_action="ignore") for c in ("p", "q")}
    t = t.assign(**tests, p_best=value.table["p_best"].map(lambda v: figures(v, 1), na_action="ignore"))
    numbers = ["posterior", "low", "high", "p_best", "p", "q"]
    t[numbers] = t[numbers].mask(t["share"].isna())
    everyone = (whole(value.everyone[0]) or 0, total(value.everyone[1]))
    return replace(value, table=t, everyone=everyone, prior=(figures(value.prior[0], 2), figures(value.prior[1], 2)))


@rule.register
def _speed(value: Speed, exact: Any) -> Speed:
    units = value.table.set_index("group")["units"].astype("float64")
    n = value.means["group"].map(units)
    means = value.means.assign(share=in_steps(value.means["share"], n))
    days = ("mean", "low", "high", "difference", "difference_low", "difference_high")
    means = rounded(means, dict.fromkeys(days, 0))
    closed = value.means["group"].map(value.table.set_index("group")["events"])
    means[[*days, "share"]] = means[[*days, "share"]].mask((n < BASE) | closed.between(1, BASE - 1))
    alone = {
        n: value.table[n].map(lambda v: figures(v, 2), na_action="ignore").mask(value.table["events"] < BASE)
        for n in ("closed_mean", "closed_median")
    }
    table = value.table.assign(
        **alone, units=count(value.table["units"]), events=count(value.table["events"]),
        follow_up=value.table["follow_up"] // MONTH * MONTH, median=value.table["median"].round(-1),
    )  # fmt: skip
    return replace(
        value, table=table, means=means, curves=_curves(value.curves), chi=figures(value.chi, 2), p=figures(value.p, 1),
        unknown=whole(value.unknown) or 0,
    )  # fmt: skip


@rule.register
def _horizons(value: Horizons, exact: Any) -> Horizons:
    by = [_rates(rows, reference=value.reference) for _, rows in value.table.groupby("horizon", sort=False)]
    return replace(value, table=pd.concat(by), unknown=whole(value.unknown) or 0, negative=whole(value.negative) or 0)


@rule.register
def _landmark(value: Landmark, exact: Any) -> Landmark:
    sizes = ("units", "exposed", "unexposed", "closed_exposed", "closed_unexposed", "gone", "short", "undated")
    table = value.table.assign(**{n: count(value.table[n]) for n in sizes})
    table = table.assign(**{n: table[n].map(lambda v: figures(v, 1), na_action="ignore") for n in ("chi_squared", "p")})
    sizes_of = value.table.set_index("landmark")[["exposed", "unexposed"]].astype("float64")
    n = {side: value.after["landmark"].map(sizes_of[side]) for side in sizes_of}
    after = value.after.assign(**{f"share_{side}": in_steps(value.after[f"share_{side}"], n[side]) for side in n})
    least = pd.concat(n, axis=1).min(axis=1)
    after = after.assign(
        difference=after["share_exposed"] - after["share_unexposed"], low=in_steps(value.after["low"], least, np.floor),
        high=in_steps(value.after["high"], least, np.ceil),
    )  # fmt: skip
    few = value.table.set_index("landmark")[["closed_exposed", "closed_unexposed"]].min(axis=1) < BASE
    hidden = value.after["landmark"].map(few) | (BASE / least > COARSEST)
    shares = ["share_exposed", "share_unexposed", "difference", "low", "high"]
    after[shares] = after[shares].mask(hidden)
    days = ("mean_exposed", "mean_unexposed", "mean_difference", "mean_low", "mean_high")
    after = rounded(after, dict.fromkeys(days, 0))
    after[list(days)] = after[list(days)].mask(after["difference"].isna())
    return replace(
        value, table=table, after=after, curves=_curves(value.curves),
        adjusted={at: release(found, exact) for at, found in value.adjusted.items()}, raw=_difference(value.raw),
        raw_p=figures(value.raw_p, 1), negative=whole(value.negative) or 0,
    )  # fmt: skip


@rule.register
def _score(value: ScoreCalibration, exact: Any) -> ScoreCalibration:
    t = _rates(value.table.drop(columns=["low", "high"]), limits=("rate_low", "rate_high"))
    few = value.table["units"] < BASE
    two = {
        n: value.table[n].map(lambda v: figures(v, 2), na_action="ignore").mask(few) for n in ("low", "high", "score")
    }
    t = t.assign(**two)[list(value.table.columns)]
    groups = _rates(value.by_group) if len(value.by_group) else value.by_group
    if len(groups):
        groups = groups.assign(
            score=groups["score"].map(lambda v: figures(v, 2), na_action="ignore").mask(value.by_group["units"] < BASE)
        )
    return replace(
        value, table=t, auc=area_told(value.auc), by_group=groups, missing=whole(value.missing) or 0,
        intercept=_few(value.intercept), slope=_few(value.slope), rate=figures(value.rate, 2), score=figures(value.score, 2),
    )  # fmt: skip


@rule.register
def _pair(value: Pair, exact: Any) -> Pair:
    t = _rates(value.table)
    frame, high = exact.prospects.frame, exact.high
    sides = (frame[high.reindex(frame.index)], frame[~high.reindex(frame.index)])
    t["share"] = t["share"].round(2)
    for name in MEANS:
        t[name] = [mean(side[name].dropna().to_numpy(dtype=np.float64)) for side in sides]
    few = value.table["events"] < BASE
    t["median_days"] = value.table["median_days"].map(lambda v: figures(v, 2), na_action="ignore").mask(few)
    sources = value.sources
    for name, n in zip(("1A", "1B"), value.table["units"].astype("float64"), strict=True):
        sources = sources.assign(**{name: in_steps(sources[name], n)})
    return replace(
        value, table=t, closed=_difference(value.closed), sources=sources, line_same=round(value.line_same, 2)
    )


@rule.register
def _experiment(value: Experiment, exact: Any) -> Experiment:
    """Return it as it is: its data are public or simulated, whatever those of the study are."""
    return value
