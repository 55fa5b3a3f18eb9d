"""Rules of the gate for what subscribers write of, for playbooks and trials, and for segments of those who were drawn anew."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...disclosure import BASE, count, figures, in_steps, total, whole
from ...engine.group_resampling import GroupResampling
from ...engine.text_maps import TextMaps
from ...engine.text_space import TextSpace
from ...features.profiles import Profiles, Told
from ...inference.marked import Marked
from ...inference.next_period import NextPeriod
from ...inference.profile_agreement import Agreement
from ...inference.trials import FEW, Proposal, Proposals
from ..chat_policy import BOUGHT, ChatPolicy, playbooks
from ..text_kinds import TextKinds
from ..text_methods import TextMethods
from .core import emptied, rounded, rule, small
from .rates import estimate_told, few

INTERVAL = ("value", "low", "high")


def _cut(value: float) -> float:
    """Cut an index of agreement after two decimals, never rounded up."""
    return math.floor(value * 100 + 1e-9) / 100 if math.isfinite(value) else value


@rule.register
def _profiles(value: Profiles, exact: Any) -> Profiles:
    return replace(value, table=value.table.iloc[:0], told=Told(value.people, value.covered, value.counts))


@rule.register
def _agreement(value: Agreement, exact: Any) -> Agreement:
    t = value.table.drop(columns="values").assign(either=value.table["either"].astype("float64"))
    numbers = [n for n in t.columns if n not in ("field", "either")]
    t[numbers] = t[numbers].round(2).mask(t["either"] < BASE)
    table = t.assign(either=count(t["either"]), values=value.table["values"])
    return replace(value, table=table, people=total(value.people))


@rule.register
def _text_space(value: TextSpace, exact: Any) -> TextSpace:
    """Leave the variance of the dimensions, and no document."""
    params = {n: figures(float(v), 2) if n == "words" else v for n, v in value.params.items()}
    return replace(
        value,
        values=emptied(value.values),
        blank=emptied(value.blank.to_frame()).index,
        shares=value.shares.round(3),
        params=params,
    )


@rule.register
def _text_methods(value: TextMethods, exact: Any) -> TextMethods:
    t, n = value.table, value.table["documents"].astype("float64")
    told = t.assign(
        **{c: count(t[c].astype("float64")).astype("Int64") for c in ("documents", "blank")},
        **{c: in_steps(t[c], n) for c in ("noise", "noise_low", "noise_high")},
        **{c: few(t[c].astype("float64"), 2) for c in ("length_r2", "p")},
        **{c: t[c].astype("float64").map(_cut) for c in ("ari_words", "ari_behaviour")},
    )
    agreement = {scope: _cut(v) for scope, v in value.agreement.items()}
    return replace(value, table=told, labels={}, agreement=agreement)


@rule.register
def _text_kinds(value: TextKinds, exact: Any) -> TextKinds:
    """Hide what is about fewer than five subscribers, and money of which one of them brings most."""
    t = value.table
    n = t["pairs"].astype("float64")
    unseen = {"words": t["subscribers"] < BASE, "again": t["writers"] < BASE}
    unseen["revenue"] = unseen["words"] | t["dominated"].astype(bool)
    numbers = {c: few(t[c].astype("float64"), 2).mask(unseen["words"]) for c in ("words", "messages")}
    ends = (("", np.round), ("_low", np.floor), ("_high", np.ceil))
    numbers |= {f"revenue{e}": few(t[f"revenue{e}"].astype("float64"), 2).mask(unseen["revenue"]) for e, _ in ends}
    numbers |= {f"again{e}": in_steps(t[f"again{e}"].astype("float64"), n, to).mask(unseen["again"]) for e, to in ends}
    sizes = {c: count(t[c].astype("float64")) for c in ("documents", "subscribers", "pairs", "writers")}
    return replace(value, table=t.assign(**sizes, **numbers), alike={m: _cut(v) for m, v in value.alike.items()})


@rule.register
def _text_maps(value: TextMaps, exact: Any) -> TextMaps:
    """Leave how far maps can be trusted, and no point."""
    params = {**value.params, **{n: total(value.params[n]) for n in ("units", "placed")}}
    numbers = dict.fromkeys(("trustworthiness", "continuity", "disparity", "kept"), 2)
    return replace(
        value, flat=emptied(value.flat), solid=emptied(value.solid), table=rounded(value.table, numbers), params=params
    )


@rule.register
def _next_period(value: NextPeriod, exact: Any) -> NextPeriod:
    d = value.differences
    told = d.assign(**{n: few(d[n], 2) for n in ("difference", "low", "high")})
    return replace(
        value, table=rounded(value.table, dict.fromkeys(INTERVAL, 2)), differences=told, units=total(value.units),
        events=whole(value.events) or 0, groups=total(value.groups),
    )  # fmt: skip


def _marks(value: Marked, exact: Any) -> Marked:
    """Round means to steps of five pairs, and hide what fewer than five subscribers have, or lack."""
    labels = exact.segments.labels
    of, everybody = exact.sampled.reindex(labels.index), float(len(labels))
    told = exact.profiles.multi_hot if exact.profiles is not None else None
    bought = exact.features.frame["purchases"] > 0 if "purchases" in exact.features.frame else None
    rows = []
    for row in value.table.to_dict("records"):
        field, name = row["mark"]
        inside = labels == row["segment"]
        has = None
        if field == BOUGHT and bought is not None:
            has = bought.reindex(labels.index)
        elif told is not None and f"{field}={name}" in told:
            has = told[f"{field}={name}"].reindex(of.to_numpy()).set_axis(labels.index)
        n = float(inside.sum())
        means = {
            "mean": float(in_steps(pd.Series([row["mean"]]), n).iloc[0]),
            "overall": float(in_steps(pd.Series([row["overall"]]), everybody).iloc[0]),
            "difference": figures(row["difference"], 1),
        }
        if has is not None:
            for where, hidden in ((inside, ("mean", "difference")), (inside | ~inside, ("overall", "difference"))):
                if any(0 < of[where & part].nunique() < BASE for part in (has, ~has)):
                    means |= dict.fromkeys(hidden, math.nan)
        rows.append({**row, **means, "p": figures(row["p"], 2)})
    table = pd.DataFrame(rows, columns=list(value.table.columns))
    return replace(value, table=table, moved=round(value.moved, 1))


@rule.register
def _chat_policy(value: ChatPolicy, exact: Any) -> ChatPolicy:
    marks, labels = _marks(value.marks, exact), exact.segments.labels
    return playbooks(exact.known_pairs, labels, marks, verdict=exact.verdict.word, private=True)


@rule.register
def _proposals(value: Proposals, exact: Any) -> Proposals:
    left, items = dict(value.left_out), []
    for p in value.items:
        seen = exact.observed[p.question.outcome]
        people = seen.groupby("outcome")["subscriber"].nunique()
        if (people < BASE).any():
            left[p.question.key] = FEW
        else:
            items.append(_proposal(p))
    return replace(value, items=tuple(items), left_out=left)


def _proposal(value: Proposal) -> Proposal:
    d = value.design
    part = float(in_steps(pd.Series([d.share]), float(d.units)).iloc[0])
    two: dict[str, Any] = {n: figures(getattr(d, n), 2) for n in ("mean_size", "weighted_size", "factor")}
    design = replace(d, units=total(d.units), clusters=total(d.clusters), share=part, icc=estimate_told(d.icc), **two)
    sizes: dict[str, Any] = {n: int(figures(getattr(value, n), 2)) for n in ("units_per_arm", "clusters_per_arm")}
    days: dict[str, Any] = {n: figures(getattr(value, n), 2) for n in ("days", "days_low", "days_high", "detectable")}
    return replace(
        value, design=design, rise=figures(part * value.question.lift, 2), per_day=estimate_told(value.per_day), **sizes, **days
    )  # fmt: skip


@rule.register
def _group_resampling(value: GroupResampling, exact: Any) -> GroupResampling:
    t = value.table
    hidden = t["segment"].isin(small(exact))
    two = {n: t[n].map(_cut).mask(hidden) for n in ("mean", "recovered")}
    return replace(value, table=t.assign(**two), groups=total(value.groups))
