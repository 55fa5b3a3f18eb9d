"""Rules of the gate for what describes leads, and for what they convert at.

Shares follow from rounded counts; ends of intervals are moved outward, so that what is told holds for a range of true ones.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...data.harmonised import Harmonised
from ...data.lead_columns import LeadColumn
from ...disclosure import BASE, count, figures, in_steps, share, total, whole
from ...engine.arms import Arms
from ...engine.cross_validated import Area
from ...engine.external import PERSONAL_CELL
from ...engine.leakage import Leakage
from ...engine.levels import Levels
from ...engine.recipe import PublishedRecipe
from ...features.leads import OTHER, LeadFields
from ...inference.cards import Conversion, Persona, Personas
from ...inference.crossfit import CrossFitted
from ...inference.described import Described, Value
from ...inference.fairness import Fairness
from ...inference.missingness import Missingness
from ...inference.rates import Rate
from ...inference.tiers import Tier
from .core import rounded, rule

TENTH = 0.1  # to which probabilities are cut
INTERVAL = ("low", "high")


def rates_of(frame: pd.DataFrame, *others: str) -> pd.DataFrame:
    """Return a table of rates as it may be told; nothing of a rate where fewer than five leads have, or lack, the outcome.

    Parameters
    ----------
    frame : DataFrame
        ``units``, ``conversions``, ``rate``, ``low`` and ``high``; what else it has stays.
    others : str
        Further columns that are shares of the same leads.

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
    """Return one rate as it may be told; None where it tells of fewer than five leads."""
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


def _step(value: float, n: float, to: Any = np.round) -> float:
    return float(in_steps(pd.Series([value]), n, to).iloc[0])


def area_told(value: Area) -> Area:
    """Return an area under the curve in two digits, of rounded totals."""
    two = {name: round(getattr(value, name), 2) for name in ("value", *INTERVAL)}
    return replace(value, **two, units=total(value.units), hits=total(value.hits))


@rule.register
def _gate(value: Missingness, exact: Any) -> Missingness:
    n = float(len(value.blocks))
    missing, blocks = value.by_field["missing"], value.block_table
    sizes = blocks.set_index("block")["units"].astype("float64")
    filled = {
        name: share((value.filled[name] * sizes.reindex(value.filled.index)).round(), sizes.reindex(value.filled.index))
        for name in value.filled
    }
    return replace(
        value,
        by_field=value.by_field.assign(missing=count(missing), share=share(missing, n, of_all=True)),
        by_count=rates_of(value.by_count),
        by_pattern=rates_of(value.by_pattern),
        auc=area_told(value.auc),
        blocks=value.blocks.iloc[:0],
        block_table=rates_of(blocks).assign(share=share(blocks["units"].astype("float64"), n, of_all=True)),
        filled=pd.DataFrame(filled, index=value.filled.index),
        duplicates=whole(value.duplicates) or 0,
    )


@rule.register
def _harmonised(value: Harmonised, exact: Any) -> Harmonised:
    changes, spellings = (f.assign(rows=count(f["rows"])) for f in (value.changes, value.spellings))
    return replace(value, changes=changes, spellings=spellings, rows=None if value.rows is None else whole(value.rows))


@rule.register
def _leakage(value: Leakage, exact: Any) -> Leakage:
    table = rounded(value.table, dict.fromkeys(("auc", "low", "high", "auc_known"), 2))
    hits = float(exact.gate.auc.hits)
    return replace(value, table=table.assign(pure=in_steps(table["pure"], min(hits, exact.gate.auc.units - hits))))


@rule.register
def _arms(value: Arms, exact: Any) -> Arms:
    return replace(value, table=value.table.assign(smallest=count(value.table["smallest"])))


@rule.register
def _personas(value: Personas, exact: Any) -> Personas:
    everyone = rate_of(value.overall)
    if everyone is None:  # nearly all leads have one outcome
        everyone = replace(value.overall, events=0, share=math.nan, low=math.nan, high=math.nan)
    units = total(value.overall.units)
    events = total(everyone.events)
    overall = replace(
        everyone, units=units, events=events, share=events / units if math.isfinite(everyone.share) else math.nan
    )
    return replace(value, items=tuple(_persona(p, units) for p in value), overall=overall)


def _persona(value: Persona, everyone: int) -> Persona:
    if value.size is None:
        return value
    size = whole(value.size) or 0
    evidence = {n: math.floor(v * 100 + 1e-9) / 100 if math.isfinite(v) else v for n, v in value.evidence.items()}
    fields = {n: (part, _described(d)) for n, (part, d) in value.fields.items()}
    return replace(
        value, size=size, share=min(size / everyone, 1.0), conversion=_conversion(value.conversion), fields=fields,
        evidence=evidence,
    )  # fmt: skip


def _conversion(value: Conversion | None) -> Conversion | None:
    own = rate_of(value.own) if value else None
    if value is None or own is None:
        return None
    return Conversion(own, _tier(value.tier, value.own.units), rate_of(value.cross_fitted))


def _tier(value: Tier, n: int) -> Tier:
    """Return a tier of which no digit tells how many of so many leads converted."""
    chances = {name: _tenth(p) for name, p in value.probabilities.items()}
    return replace(
        value, probability=_tenth(value.probability), rate=_step(value.rate, n), low=_step(value.low, n, np.floor),
        high=_step(value.high, n, np.ceil), probabilities=chances,
    )  # fmt: skip


def _tenth(p: float) -> float:
    """Cut, never round up: what was below the threshold stays there.

    >>> _tenth(0.79), _tenth(0.8)
    (0.7, 0.8)
    """
    return round(math.floor(p / TENTH + 1e-9) * TENTH, 1)


def _described(value: Described) -> Described:
    if value.known is None:
        return value
    known = whole(value.known) or 0
    told = tuple(v for old in value.values if (v := _value(old, value.known)) is not None)
    return replace(value, known=known, values=told)


def _value(value: Value, known: int) -> Value | None:
    """Return one value as it may be told; None where fewer than five of those who say anything say something else."""
    part = float(share(pd.Series([float(value.n)]), float(known)).iloc[0])
    if math.isnan(part):
        return None
    return replace(
        value, n=whole(value.n) or 0, share=part, low=_step(value.low, known, np.floor),
        high=_step(value.high, known, np.ceil), lift=figures(value.lift, 2), lift_low=figures(value.lift_low, 2),
        lift_high=figures(value.lift_high, 2),
    )  # fmt: skip


@rule.register
def _crossfit(value: CrossFitted, exact: Any) -> CrossFitted:
    two = dict.fromkeys(("auc", "difference", *INTERVAL), 2)
    return replace(
        value, table=rates_of(value.table, "formed"), ranking=rounded(value.ranking, two),
        by_persona={p: told for p, r in value.by_persona.items() if (told := rate_of(r)) is not None},
        comparisons=rounded(value.comparisons, two), agreement=_step(value.agreement, len(value.assigned)),
        assigned=value.assigned.iloc[:0],
    )  # fmt: skip


@rule.register
def _fairness(value: Fairness, exact: Any) -> Fairness:
    d, rates = value.distribution, rates_of(value.rates)
    known = d["known"].astype("float64")
    part = share(d["n"].astype("float64"), known)
    spread = d.assign(known=count(known), n=count(d["n"]), share=part, low=in_steps(d["low"], known, np.floor),
                      high=in_steps(d["high"], known, np.ceil))  # fmt: skip
    step = (BASE / rates["units"]).fillna(1.0)
    for name, to in (("difference", np.round), ("difference_low", np.floor), ("difference_high", np.ceil)):
        rates[name] = (to(value.rates[name] / step) * step).clip(-1.0, 1.0)
    units = value.kept["units"]
    a = value.association
    return replace(
        value, same=_step(value.same, len(exact.segments.labels)) if math.isfinite(value.same) else value.same,
        kept=value.kept.assign(units=count(units), same=in_steps(value.kept["same"], units)),
        distribution=spread[part.notna()].reset_index(drop=True), rates=rates[rates["rate"].notna()].reset_index(drop=True),
        association=rounded(a, dict.fromkeys(("cramers_v", *INTERVAL), 2)).assign(known=count(a["known"])),
    )  # fmt: skip


@rule.register
def _recipe(value: PublishedRecipe, exact: Any) -> PublishedRecipe:
    c = value.clusters  # labels and picture stay: they are for a map, which draws areas of ten units or more
    interval = dict.fromkeys(INTERVAL, np.nan)
    clusters = rates_of(c.assign(**interval)).drop(columns=list(INTERVAL))
    return replace(
        value, clusters=clusters.assign(share=share(c["units"], float(len(value.labels)), of_all=True)),
        explained=(round(value.explained[0], 2), round(value.explained[1], 2)),
        params={**value.params, "compared": total(value.params["compared"])},
    )  # fmt: skip


@rule.register
def _fields(value: LeadFields, exact: Any) -> LeadFields:
    return replace(value, frame=value.frame.iloc[:0])


def tuples(value: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Return what the steps of this study make of tuples: the columns of the file, and its fields without any lead."""
    if all(isinstance(v, LeadColumn) for v in value):
        return value
    if isinstance(value[-1], Levels):
        table, levels = value
        return table.iloc[:0], Levels({name: _common(table[name], levels.of[name]) for name in levels.of})
    return None


def _common(codes: pd.Series, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the categories, those of fewer than ten leads without their names."""
    sizes = codes.value_counts()
    return tuple(n if sizes.get(i, 0) >= PERSONAL_CELL else OTHER for i, n in enumerate(names))
