"""Rules of the gate for units with fields and an outcome: what is missing, what leaks, and how ways to divide them do."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...disclosure import BASE, count, figures, in_steps, share, total, whole
from ...engine.arms import Arms
from ...engine.leakage import Leakage
from ...engine.recipe import PublishedRecipe
from ...inference.crossfit import CrossFitted
from ...inference.described import Described, Value
from ...inference.fairness import Fairness
from ...inference.missingness import Missingness
from ...inference.tiers import Tier
from .core import counts, rounded, rule
from .rates import GAP, area_told, outward, rate_of, rates_of

TENTH = 0.1  # to which probabilities are cut
INTERVAL = ("low", "high")


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
def _leakage(value: Leakage, exact: Any) -> Leakage:
    table = rounded(value.table, dict.fromkeys(("auc", "low", "high", "auc_known"), 2))
    hits = float(exact.gate.auc.hits)
    return replace(value, table=table.assign(pure=in_steps(table["pure"], min(hits, exact.gate.auc.units - hits))))


@rule.register
def _arms(value: Arms, exact: Any) -> Arms:
    return replace(value, table=counts(value.table, "smallest"))


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
    for name, end in zip(GAP, ("", *INTERVAL), strict=True):
        rates[name] = outward(value.rates[name], step, end).clip(-1.0, 1.0)
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


def tier_told(value: Tier, n: int) -> Tier:
    """Return a tier of which no digit tells how many of so many units have the outcome."""
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


def described_told(value: Described) -> Described:
    """Return what a field says of a group, without the values that fewer than five have."""
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


def _step(value: float, n: float, to: Any = np.round) -> float:
    return float(in_steps(pd.Series([value]), n, to).iloc[0])
