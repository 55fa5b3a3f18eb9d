"""Rules of the gate for rates, for their differences, and for what is estimated of them.

Shares follow from rounded counts; ends of intervals are moved outward, so that what is told holds for a range of true ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...disclosure import BASE, count, figures, in_steps, share, total, whole
from ...engine.cross_validated import Area
from ...inference.adjusted import Adjusted
from ...inference.combinations import Combinations
from ...inference.groups import Benchmarks, GroupRates
from ...inference.horizons import Horizons
from ...inference.rates import Difference, Estimate, Rate
from ...inference.scores import ScoreCalibration
from .core import counts, rounded, rule

COARSEST = 0.1  # step of a difference that still says anything
GAP = ("difference", "difference_low", "difference_high")
ENDS: dict[str, Callable[[Any], Any]] = {"low": np.floor, "high": np.ceil}  # to which intervals are moved outward


def rates_of(frame: pd.DataFrame, *others: str) -> pd.DataFrame:
    """Return a table of rates as it may be told; nothing of a rate where fewer than five units have, or lack, the outcome.

    Parameters
    ----------
    frame : DataFrame
        ``units``, ``conversions``, ``rate``, ``low`` and ``high``; what else it has stays.
    others : str
        Further columns that are shares of the same units.

    Examples
    --------
    >>> two = {"units": [52, 31], "conversions": [23, 3], "rate": [0.44, 0.1], "low": [0.3, 0.0], "high": [0.6, 0.3]}
    >>> table = pd.DataFrame(two)
    >>> rates_of(table)[["units", "conversions", "rate"]].values.tolist()
    [[50.0, 25.0, 0.5], [30.0, nan, nan]]
    """
    units, hits = frame["units"].astype("float64"), frame["conversions"].astype("float64")
    out = frame.assign(units=count(units), conversions=count(hits), rate=share(hits, units))
    out["low"], out["high"] = in_steps(frame["low"], units, np.floor), in_steps(frame["high"], units, np.ceil)
    for name in others:
        out[name] = in_steps(frame[name], units)
    hidden = out["rate"].isna()
    out[["conversions", "low", "high", *others]] = out[["conversions", "low", "high", *others]].mask(hidden)
    return out


def rate_of(value: Rate | None) -> Rate | None:
    """Return one rate as it may be told; None where it tells of fewer than five units."""
    if value is None or not value.units:
        return value
    told = rates_of(
        pd.DataFrame([(value.units, value.events, value.share, value.low, value.high)],
                     columns=["units", "conversions", "rate", "low", "high"])
    ).iloc[0]  # fmt: skip
    if math.isnan(told["rate"]):
        return None
    return replace(
        value, units=int(told["units"]), events=int(told["conversions"]), share=float(told["rate"]),
        low=float(told["low"]), high=float(told["high"]),
    )  # fmt: skip


def area_told(value: Area) -> Area:
    """Return an area under the curve in two digits, of rounded totals."""
    two = {name: round(getattr(value, name), 2) for name in ("value", "low", "high")}
    return replace(value, **two, units=total(value.units), hits=total(value.hits))


def estimate_told(value: Estimate) -> Estimate:
    """Return a statistic of resampled units in two digits."""
    two: dict[str, Any] = {n: figures(getattr(value, n), 2) for n in ("value", "low", "high")}
    return replace(value, **two)


def told_rates(
    frame: pd.DataFrame, rate: str = "rate", limits: tuple[str, str] = ("low", "high"), reference: object = None
) -> pd.DataFrame:
    """Return a table of rates as it may be told.

    A difference from a reference follows from the rates that are told; all differences have steps of five units, and those
    whose steps say nothing are left out.
    """
    names = {"events": "conversions", rate: "rate", limits[0]: "low", limits[1]: "high"}
    told = rates_of(frame.rename(columns=names))
    if GAP[0] in told:
        step = (BASE / told["units"]).fillna(1.0)
        for name, end in zip(GAP, ("", "low", "high"), strict=True):
            told[name] = outward(frame[name], step, end).clip(-1.0, 1.0)
        if reference is not None:
            base = told["rate"][told["group"] == reference]
            told[GAP[0]] = (told["rate"] - (base.iloc[0] if len(base) else np.nan)).mask(frame[GAP[0]].isna())
        told[list(GAP)] = told[list(GAP)].mask(told[GAP[0]].isna() | told["rate"].isna() | (step > COARSEST))
    return told.rename(columns={new: old for old, new in names.items()})


def outward(value: Any, by: Any, end: str = "") -> Any:
    """Round to a step; the ends of intervals outward. NaN stays."""
    return ENDS.get(end, np.round)(value / by) * by


def _told(value: Rate) -> Rate:
    """Return a rate as it may be told; nothing but the units where fewer than five units have, or lack, the outcome."""
    nothing = replace(value, events=0, units=whole(value.units) or 0, share=np.nan, low=np.nan, high=np.nan)
    return rate_of(value) or nothing


def told_difference(value: Difference) -> Difference:
    """Return a difference of the rates that are told; nothing of it where one of them is not, or steps are coarse."""
    first, second = _told(value.first), _told(value.second)
    by = BASE / max(whole(min(value.first.units, value.second.units)) or BASE, BASE)
    known = math.isfinite(first.share) and math.isfinite(second.share) and by <= COARSEST
    ends = {n: min(max(outward(getattr(value, n), by, n), -1.0), 1.0) if known else np.nan for n in ("low", "high")}
    return replace(
        value, first=first, second=second, difference=first.share - second.share if known else np.nan, **ends
    )


def few(values: pd.Series, digits: int) -> pd.Series:
    """Leave few digits of numbers, and missing ones as they are."""
    return values.map(lambda v: figures(v, digits), na_action="ignore")


def few_of(values: Iterable[float], digits: int = 2) -> Any:
    """Return numbers in few digits, and missing ones as they are."""
    return tuple(figures(v, digits) for v in values)


@rule.register
def _group_rates(value: GroupRates, exact: Any) -> GroupRates:
    return replace(value, table=told_rates(value.table, reference=value.reference), unknown=whole(value.unknown) or 0)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out groups that fewer than five units are in: their name is of the file, and would tell of them."""
    return frame[frame["units"].notna()].reset_index(drop=True)


@rule.register
def _benchmarks(value: Benchmarks, exact: Any) -> Benchmarks:
    told = {name: _group_rates(found, exact) for name, found in value.by.items()}
    return Benchmarks({name: replace(found, table=_named(found.table)) for name, found in told.items()})


@rule.register
def _combinations(value: Combinations, exact: Any) -> Combinations:
    t = told_rates(value.table, "share")
    n = value.table["units"].astype("float64")
    t["posterior"] = in_steps(value.table["posterior"], n)
    tests = {c: few(value.table[c], 1) for c in ("p", "q")}
    t = t.assign(**tests, p_best=few(value.table["p_best"], 1))
    numbers = ["posterior", "low", "high", "p_best", "p", "q"]
    t[numbers] = t[numbers].mask(t["share"].isna())
    everyone = (whole(value.everyone[0]) or 0, total(value.everyone[1]))
    return replace(value, table=t, everyone=everyone, prior=(figures(value.prior[0], 2), figures(value.prior[1], 2)))


@rule.register
def _horizons(value: Horizons, exact: Any) -> Horizons:
    by = [told_rates(rows, reference=value.reference) for _, rows in value.table.groupby("horizon", sort=False)]
    return replace(value, table=pd.concat(by), unknown=whole(value.unknown) or 0, negative=whole(value.negative) or 0)


@rule.register
def _score(value: ScoreCalibration, exact: Any) -> ScoreCalibration:
    t = told_rates(value.table.drop(columns=["low", "high"]), limits=("rate_low", "rate_high"))
    two = {n: few(value.table[n], 2).mask(value.table["units"] < BASE) for n in ("low", "high", "score")}
    t = t.assign(**two)[list(value.table.columns)]
    groups = told_rates(value.by_group) if len(value.by_group) else value.by_group
    if len(groups):
        groups = groups.assign(score=few(groups["score"], 2).mask(value.by_group["units"] < BASE))
    return replace(
        value, table=t, auc=area_told(value.auc), by_group=groups, missing=whole(value.missing) or 0,
        intercept=few_of(value.intercept), slope=few_of(value.slope), rate=figures(value.rate, 2), score=figures(value.score, 2),
    )  # fmt: skip


@rule.register
def _adjusted(value: Adjusted, exact: Any) -> Adjusted:
    by = BASE / max(whole(min(value.units)) or BASE, BASE)
    parts = zip(("exposed_share", "unexposed_share"), value.units, strict=True)
    told: dict[str, Any] = {n: outward(getattr(value, n), BASE / max(whole(size) or BASE, BASE)) for n, size in parts}
    told["difference"] = told["exposed_share"] - told["unexposed_share"]
    told |= {n: outward(getattr(value, n), by, n) for n in ("low", "high")}
    ratios = ("ratio", "ratio_low", "ratio_high", "e_value", "e_value_limit")
    told |= {n: figures(getattr(value, n), 2) for n in ratios}
    return replace(
        value, raw=told_difference(value.raw), **told,
        balance=rounded(_common(value.balance, exact), {"before": 2, "after": 2}),
        overlap=counts(value.overlap, "exposed", "unexposed"),
        units=(whole(value.units[0]) or 0, whole(value.units[1]) or 0), effective=few_of(value.effective),
        set_aside={n: whole(v) or 0 for n, v in value.set_aside.items()},
    )  # fmt: skip


def _common(balance: pd.DataFrame, exact: Any) -> pd.DataFrame:
    """Leave out the traits that few units have: their name is of the file."""
    return balance[~balance["covariate"].isin(exact.rare_traits if exact else ())].reset_index(drop=True)
