"""Ranked cards of personas: what each converts at, who its leads are, and what it may be called."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

import pandas as pd

from ..engine.external import PERSONAL_CELL
from ..privacy import suppressed
from ..thresholds import CONCENTRATED, SPREAD
from .card_names import Known, named, names_of
from .described import Described, described
from .rates import COVERAGE, Rate, rate
from .tiers import Tier, tiers

SCHEMA = "personas.schema.json"
TOP = 3
PARTS = ("demographics", "geography", "professional", "acquisition", "other")
# Of columns that are known by name; of others the part that their column says.
PLACES = {
    "state": "geography", "industry": "professional", "job_title": "professional", "education": "professional",
    "seniority": "demographics", "experience": "demographics", "age_range": "demographics", "gender": "demographics",
    "lead_source": "acquisition",
}  # fmt: skip


class Column(Protocol):
    """What must be known of a column; that of the data room is one."""

    @property
    def name(self) -> str:
        """The canonical name where there is one."""

    @property
    def label(self) -> str:
        """What readers see."""

    @property
    def part(self) -> str:
        """``geography``, ``professional``, ``demographic``, ``acquisition`` or ``other``."""

    @property
    def sensitive(self) -> bool:
        """Whether it may never drive an action; it then takes no part in names."""


@dataclass(frozen=True)
class Conversion:
    """What a persona converts at.

    Attributes
    ----------
    own : Rate
        Of its leads.
    tier : Tier
        With the shrunk rate.
    cross_fitted : Rate or None
        Of leads that were put into the persona as it was formed without them.
    """

    own: Rate
    tier: Tier
    cross_fitted: Rate | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the published fields."""
        other = self.cross_fitted
        told = other is not None and other.units >= PERSONAL_CELL
        return {
            "conversion_rate": self.own.share, "interval": [self.own.low, self.own.high], "interval_method": self.own.method,
            "shrunk_rate": self.tier.rate, "shrunk_interval": [self.tier.low, self.tier.high],
            "cross_fitted_rate": other.share if other and told else None,
            "cross_fitted_interval": [other.low, other.high] if other and told else None,
            "value_tier": self.tier.said, "likeliest_tier": self.tier.name, "tier_probability": self.tier.probability,
            "conversions": self.own.events, "non_conversions": self.own.units - self.own.events,
            "total_records": self.own.units,
        }  # fmt: skip


@dataclass(frozen=True)
class Persona:
    """One persona as a reader meets it.

    Attributes
    ----------
    id : int
        Number of the segment.
    name : str
        Distinct within a report; ends with the value tier.
    size : int or None
        Leads; None, as all that follows, where there are too few to tell of.
    share : float or None
        Of all leads.
    conversion : Conversion or None
    fields : dict of str to (str, Described)
        By name of the column: the part of the card on which it stands, and what is told of it.
    evidence : dict
        What else is known of the persona, as it was handed over.
    """

    id: int
    name: str
    size: int | None
    share: float | None
    conversion: Conversion | None
    fields: dict[str, tuple[str, Described]]
    evidence: dict[str, Any]

    def field(self, name: str) -> Described | None:
        """Return what is told of a column, None where there is no such column."""
        return self.fields[name][1] if name in self.fields else None

    @property
    def concentration(self) -> str | None:
        """How far its leads are from one state: High, Medium or Low by the share of the commonest."""
        state = self.field("state")
        if state is None or state.primary is None:
            return None
        share = state.primary.share
        return "High" if share > CONCENTRATED else "Medium" if share >= SPREAD else "Low"

    def part(self, part: str) -> dict[str, Described]:
        """Return the fields on one part of the card."""
        return {n: d for n, (p, d) in self.fields.items() if p == part}

    def to_json(self) -> dict[str, Any]:
        """Return the published fields, see `personas_schema`."""
        first = {n: self.field(n) for n in ("seniority", "state", "industry")}
        tops = {n: [v.to_json() for v in f.values[:TOP]] if (f := self.field(n)) else [] for n in PLACES}
        fields = {p: {n: d.to_json() for n, d in self.part(p).items()} for p in PARTS}

        def lead(name: str, key: str) -> dict[str, Any]:
            f = first[name]
            return {key: f.leading if f else None, f"{name}_share": f.primary.share if f and f.primary else None}

        return {
            "persona_name": self.name, "cluster_id": self.id, "cluster_size": self.size,
            "cluster_percentage": None if self.share is None else 100 * self.share,
            "conversion_metrics": self.conversion.to_json() if self.conversion else None,
            "demographics": {**lead("seniority", "seniority"), "fields": fields["demographics"]},
            "geography": {
                **lead("state", "primary_state"), "top_states": tops["state"], "concentration": self.concentration,
                "fields": fields["geography"],
            },
            "professional": {
                **lead("industry", "primary_industry"), "top_industries": tops["industry"], "top_titles": tops["job_title"],
                "education": tops["education"], "fields": fields["professional"],
            },
            "acquisition": {"lead_sources": tops["lead_source"], "fields": fields["acquisition"]},
            "other": {"fields": fields["other"]},
            "evidence": self.evidence,
        }  # fmt: skip


@dataclass(frozen=True)
class Personas:
    """The personas of a study, the highest shrunk rate first; those that are too small to describe are last.

    Attributes
    ----------
    items : tuple of Persona
    overall : Rate
        Of all leads: the rates of the personas, weighted by their sizes.
    params : dict
    """

    items: tuple[Persona, ...]
    overall: Rate
    params: dict[str, Any]

    def __iter__(self) -> Iterator[Persona]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, persona: int) -> Persona:
        """Return the card of a segment number."""
        return next(p for p in self.items if p.id == persona)

    @property
    def table(self) -> pd.DataFrame:
        """One row per persona, in their order."""
        rows = []
        for p in self.items:
            c = p.conversion.to_json() if p.conversion else {}
            low, high = c.get("interval", (None, None))
            rows.append(
                {
                    "persona": p.id, "name": p.name, "units": p.size, "share": p.share, "conversions": c.get("conversions"),
                    "rate": c.get("conversion_rate"), "low": low, "high": high, "shrunk": c.get("shrunk_rate"),
                    "cross_fitted": c.get("cross_fitted_rate"), "tier": c.get("value_tier"),
                    "probability": c.get("tier_probability"),
                }
            )  # fmt: skip
        return pd.DataFrame(rows)

    def to_json(self) -> dict[str, Any]:
        """Return what is published as personas.json, see `personas_schema`."""
        return {
            "overall": self.overall.to_json(), "personas": [p.to_json() for p in self.items], "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def personas(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    outcome: pd.Series,
    labels: pd.Series,
    *,
    seniority: pd.Series | None = None,
    cross_fitted: Mapping[int, Rate] | None = None,
    evidence: Mapping[int, Mapping[str, Any]] | None = None,
    level: float = COVERAGE,
) -> Personas:
    """Make the ranked cards of personas.

    Parameters
    ----------
    frame : DataFrame of shape (n_leads, n_columns)
        Text with NA, or numbers with NaN.
    columns : sequence of Column
        What is known of the columns of ``frame``; those that it does not have are left out.
    outcome : Series of bool, length n_leads
    labels : Series of int, length n_leads
        Segment of each lead, the largest 1.
    seniority : Series, optional
        A word of seniority per lead, NA where it has no title.
    cross_fitted : mapping of int to Rate, optional
        See `crossfit.cross_fitted`.
    evidence : mapping of int to mapping, optional
        By segment, plain values that go with the card.
    level : float
        Of the intervals.

    Raises
    ------
    ValueError
        A lead has no outcome or no segment.

    Notes
    -----
    Shares are of the leads whose value is known, and lifts are over all leads. Nothing is told of fewer than ten leads,
    nor what would give it back: of values see `described.hidden_cells`; a persona of fewer has no numbers, and where it
    is the only one neither has the next smallest.
    """
    labels, y = labels.reindex(frame.index), outcome.reindex(frame.index)
    if lacking := int((labels.isna() | y.isna()).sum()):
        raise ValueError(f"{lacking} leads have no outcome or no segment")
    labels, y = labels.astype("int64"), y.astype(bool)
    by = y.groupby(labels).agg(["size", "sum"])
    hide = suppressed(by["size"], PERSONAL_CELL)
    hidden = frozenset(int(p) for p in by.index[hide])
    valued = tiers(list(by.index), by["sum"], by["size"], level=level).by_group
    order = [int(p) for p in by.sort_values("size", ascending=False, kind="stable").index]
    table = _fields(frame, columns, labels, seniority, hidden, level)
    sensitive = {c.name for c in columns if c.sensitive}
    known = {p: _known(table[p], sensitive) for p in order if p not in hidden}
    names = names_of(known, {p: valued[p].said for p in order}, order)
    cards = []
    for p in order:
        n, hits = (int(v) for v in by.loc[p])
        told = p not in hidden
        conversion = Conversion(rate(hits, n, level=level), valued[p], (cross_fitted or {}).get(p)) if told else None
        more = dict((evidence or {}).get(p, {})) if told else {}
        share = n / len(y) if told else None
        cards.append(Persona(p, names[p], n if told else None, share, conversion, table[p] if told else {}, more))
    cards.sort(key=lambda c: (c.conversion is None, -c.conversion.tier.rate if c.conversion else 0.0, c.id))
    params = {"level": level, "least": PERSONAL_CELL}
    return Personas(tuple(cards), rate(int(y.sum()), len(y), level=level), params)


def _fields(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    labels: pd.Series,
    seniority: pd.Series | None,
    hidden: frozenset[int],
    level: float,
) -> dict[int, dict[str, tuple[str, Described]]]:
    """Describe every column by persona."""
    wanted = [(c.name, c.label, c.part, frame[c.name]) for c in columns if c.name in frame.columns]
    if seniority is not None:
        wanted.insert(0, ("seniority", "Seniority", "demographic", seniority.reindex(frame.index)))
    out: dict[int, dict[str, tuple[str, Described]]] = {int(p): {} for p in labels.unique()}
    for name, label, part, values in wanted:
        place = PLACES.get(name, "demographics" if part == "demographic" else part)
        for p, found in described(values, labels, name=name, label=label, hidden=hidden, level=level).items():
            out[int(p)][name] = (place if place in PARTS else "other", found)
    return out


def _known(fields: Mapping[str, tuple[str, Described]], sensitive: set[str]) -> Known:
    first = {n: named(fields[n][1]) if n in fields else None for n in ("seniority", "industry", "state")}
    others = tuple(d for n, (_, d) in fields.items() if n not in first and n not in sensitive)
    return Known(first["seniority"], first["industry"], first["state"], others)


def personas_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every personas.json meets."""
    schema: dict[str, Any] = json.loads(files(__package__).joinpath(SCHEMA).read_text("utf-8"))
    return schema
