"""Rules of the gate for touches of prospects, and for what they go with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...data.export_audit import ExportAudit
from ...disclosure import BASE, count, in_steps, mean, share, total, whole
from ...inference.engagement_pair import MEANS, Pair
from ...inference.experiment import Experiment
from ...inference.groups import GroupMeans
from ...inference.reach import ChannelUse, Reach, Shift
from .core import counts, rule
from .description import vague
from .rates import few, told_difference, told_rates


@rule.register
def _audit(value: ExportAudit, exact: Any) -> ExportAudit:
    n = float(value.units)
    missing = value.missing.assign(
        missing=count(value.missing["missing"]), share=share(value.missing["missing"], n, of_all=True)
    )
    history = counts(value.history, "cells")
    history["most"] = history["most"].astype("float64").mask(value.history["cells"] < BASE)
    months = {n: getattr(value, n).replace(day=1) for n in ("first", "last", "as_of")}
    sizes: dict[str, Any] = {
        name: whole(getattr(value, name)) for name in ("closed", "won", "both", "negative", "system")
    }
    notes = tuple(vague(note) for note in value.notes)
    return replace(value, units=total(n), missing=missing, history=history, notes=notes, **sizes, **months)


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
    table = told_rates(value.table)
    return replace(value, table=table.assign(lift=table["lift"].round(1).mask(table["rate"].isna())))


@rule.register
def _shift(value: Shift, exact: Any) -> Shift:
    ways = value.params["ways"]
    return replace(
        value, table=value.table.apply(count), moved=whole(value.moved) or 0, units=total(value.units),
        comparisons={n: told_difference(d) for n, d in value.comparisons.items()},
        channels=counts(value.channels, *ways),
    )  # fmt: skip


@rule.register
def _group_means(value: GroupMeans, exact: Any) -> GroupMeans:
    t = value.table
    known = exact.prospects.frame
    own = [mean(known.loc[known["channel_strategy"] == g, w].dropna().to_numpy(dtype=np.float64))
           for g, w in zip(t["group"], t["what"], strict=True)]  # fmt: skip
    ends = {n: few(t[n], 2).mask(np.isnan(own)) for n in ("low", "high")}
    return replace(value, table=t.assign(units=count(t["units"]), mean=own, **ends))


@rule.register
def _pair(value: Pair, exact: Any) -> Pair:
    t = told_rates(value.table)
    frame, high = exact.prospects.frame, exact.high
    sides = (frame[high.reindex(frame.index)], frame[~high.reindex(frame.index)])
    t["share"] = t["share"].round(2)
    for name in MEANS:
        t[name] = [mean(side[name].dropna().to_numpy(dtype=np.float64)) for side in sides]
    t["median_days"] = few(value.table["median_days"], 2).mask(value.table["events"] < BASE)
    sources = value.sources
    for name, n in zip(("1A", "1B"), value.table["units"].astype("float64"), strict=True):
        sources = sources.assign(**{name: in_steps(sources[name], n)})
    return replace(
        value, table=t, closed=told_difference(value.closed), sources=sources, line_same=round(value.line_same, 2)
    )


@rule.register
def _experiment(value: Experiment, exact: Any) -> Experiment:
    """Return it as it is: its data are public or simulated, whatever those of the study are."""
    return value
