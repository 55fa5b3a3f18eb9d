"""Rules of the gate for what describes leads, and for what they convert at."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd

from ...data.harmonised import Harmonised
from ...data.lead_columns import LeadColumn
from ...disclosure import total, whole
from ...engine.external import PERSONAL_CELL
from ...engine.levels import Levels
from ...features.fields import OTHER, CodedFields
from ...inference.cards import Conversion, Persona, Personas
from .core import counts, rule
from .fields import described_told, tier_told
from .rates import rate_of


@rule.register
def _harmonised(value: Harmonised, exact: Any) -> Harmonised:
    changes, spellings = (counts(f, "rows") for f in (value.changes, value.spellings))
    return replace(value, changes=changes, spellings=spellings, rows=None if value.rows is None else whole(value.rows))


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
    fields = {n: (part, described_told(d)) for n, (part, d) in value.fields.items()}
    return replace(
        value, size=size, share=min(size / everyone, 1.0), conversion=_conversion(value.conversion), fields=fields,
        evidence=evidence,
    )  # fmt: skip


def _conversion(value: Conversion | None) -> Conversion | None:
    own = rate_of(value.own) if value else None
    if value is None or own is None:
        return None
    return Conversion(own, tier_told(value.tier, value.own.units), rate_of(value.cross_fitted))


@rule.register
def _fields(value: CodedFields, exact: Any) -> CodedFields:
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
