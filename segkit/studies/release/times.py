"""Rules of the gate for times to an event: curves, and what is read off them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...disclosure import BASE, count, figures, in_steps, total, whole
from ...inference.landmark import Landmark
from ...inference.speed import Speed
from ...inference.times import Survival
from .core import counts, release, rounded, rule
from .rates import COARSEST, few, told_difference

MONTH = 30.0  # days between the points of a curve


def curve(value: Survival, every: float = MONTH) -> Survival:
    """Leave one point a month, or after so much time each, whose share follows from a rounded count."""
    t = value.table
    at = np.arange(every, value.follow_up + every, every)
    seen = np.searchsorted(t["time"], at, side="right")
    rows = t.iloc[seen[seen > 0] - 1].assign(time=at[seen > 0])
    n = float(max(value.units, 1))
    told = rows.assign(
        at_risk=count(rows["at_risk"]), events=count(rows["events"]), survival=in_steps(rows["survival"], n),
        low=in_steps(rows["low"], n, np.floor), high=in_steps(rows["high"], n, np.ceil),
    )  # fmt: skip
    return replace(
        value, table=told.reset_index(drop=True), units=total(value.units), follow_up=value.follow_up // every * every
    )


def _curves(value: Mapping[Any, Survival]) -> dict[Any, Survival]:
    return {name: curve(one) for name, one in value.items() if one.units >= BASE}


@rule.register
def _speed(value: Speed, exact: Any) -> Speed:
    units = value.table.set_index("group")["units"].astype("float64")
    n = value.means["group"].map(units)
    means = value.means.assign(share=in_steps(value.means["share"], n))
    days = ("mean", "low", "high", "difference", "difference_low", "difference_high")
    means = rounded(means, dict.fromkeys(days, 0))
    closed = value.means["group"].map(value.table.set_index("group")["events"])
    means[[*days, "share"]] = means[[*days, "share"]].mask((n < BASE) | closed.between(1, BASE - 1))
    alone = {n: few(value.table[n], 2).mask(value.table["events"] < BASE) for n in ("closed_mean", "closed_median")}
    table = value.table.assign(
        **alone, units=count(value.table["units"]), events=count(value.table["events"]),
        follow_up=value.table["follow_up"] // MONTH * MONTH, median=value.table["median"].round(-1),
    )  # fmt: skip
    return replace(
        value, table=table, means=means, curves=_curves(value.curves), chi=figures(value.chi, 2), p=figures(value.p, 1),
        unknown=whole(value.unknown) or 0,
    )  # fmt: skip


@rule.register
def _landmark(value: Landmark, exact: Any) -> Landmark:
    sizes = ("units", "exposed", "unexposed", "closed_exposed", "closed_unexposed", "gone", "short", "undated")
    table = counts(value.table, *sizes)
    table = table.assign(**{n: few(table[n], 1) for n in ("chi_squared", "p")})
    sizes_of = value.table.set_index("landmark")[["exposed", "unexposed"]].astype("float64")
    n = {side: value.after["landmark"].map(sizes_of[side]) for side in sizes_of}
    after = value.after.assign(**{f"share_{side}": in_steps(value.after[f"share_{side}"], n[side]) for side in n})
    least = pd.concat(n, axis=1).min(axis=1)
    after = after.assign(
        difference=after["share_exposed"] - after["share_unexposed"], low=in_steps(value.after["low"], least, np.floor),
        high=in_steps(value.after["high"], least, np.ceil),
    )  # fmt: skip
    seldom = value.table.set_index("landmark")[["closed_exposed", "closed_unexposed"]].min(axis=1) < BASE
    hidden = value.after["landmark"].map(seldom) | (BASE / least > COARSEST)
    shares = ["share_exposed", "share_unexposed", "difference", "low", "high"]
    after[shares] = after[shares].mask(hidden)
    days = ("mean_exposed", "mean_unexposed", "mean_difference", "mean_low", "mean_high")
    after = rounded(after, dict.fromkeys(days, 0))
    after[list(days)] = after[list(days)].mask(after["difference"].isna())
    return replace(
        value, table=table, after=after, curves=_curves(value.curves),
        adjusted={at: release(found, exact) for at, found in value.adjusted.items()}, raw=told_difference(value.raw),
        raw_p=figures(value.raw_p, 1), negative=whole(value.negative) or 0,
    )  # fmt: skip
