"""Rules of the gate for the evidence behind the segments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...disclosure import BASE, count, in_steps, share
from ...engine.algorithms import Algorithms
from ...engine.borders import Borders
from ...engine.consensus import Consensus
from ...engine.convergence import Convergence
from ...engine.flow import SegmentFlow
from ...engine.gap import Gap
from ...engine.instability import Instability
from ...engine.jaccard import Jaccard
from ...engine.k_resampling import KResampling
from ...engine.krule import KDecision
from ...engine.kselection import KSelection
from ...engine.modes import Modes
from ...engine.multiverse import Multiverse
from ...engine.nulls import Nulls
from ...engine.other_scales import OtherScales
from ...engine.pipeline import Confidence, PipelineBootstrap
from ...engine.populations import Populations
from ...engine.prediction import PredictionStrength
from ...engine.projection import NeighbourMap, Projection
from ...engine.sensitivity import Sensitivity
from ...engine.verdict import Verdict
from .core import counts, rounded, rule, small


# These speak of the whole partition, or of data that were drawn: they hold no number of few units.
@rule.register(type(None))
@rule.register(Gap)
@rule.register(PredictionStrength)
@rule.register(Consensus)
@rule.register(KDecision)
@rule.register(KResampling)
@rule.register(Nulls)
@rule.register(OtherScales)
@rule.register(Verdict)
@rule.register(Projection)  # points are for maps, which draw areas of five units or more
@rule.register(NeighbourMap)
def _same(value: Any, exact: Any) -> Any:
    return value


@rule.register(Sensitivity)
@rule.register(Multiverse)
def _agreements(value: Any, exact: Any) -> Any:
    return replace(value, table=_similar(value.table, exact))


@rule.register
def _modes(value: Modes, exact: Any) -> Modes:
    return replace(value, table=rounded(value.table, {"dip": 2, "p": 2, "share": 2}))


def _similar(frame: pd.DataFrame, exact: Any) -> pd.DataFrame:
    """Round indices of agreement, and leave those of segments of fewer than five units out."""
    out = rounded(
        frame,
        {c: 3 for c in frame if c in ("ari", "ari_se", "ari_low", "ari_high", "ami")}
        | dict.fromkeys(frame.filter(like="jaccard_"), 2),
    )
    out[[c for s in small(exact) if (c := f"jaccard_{s}") in out]] = np.nan
    return out


@rule.register
def _borders(value: Borders, exact: Any) -> Borders:
    few = value.table[["segment", "neighbour"]].isin(small(exact)).any(axis=1)
    return replace(value, table=value.table.assign(dip=value.table["dip"].mask(few), p=value.table["p"].mask(few)))


@rule.register
def _k_selection(value: KSelection, exact: Any) -> KSelection:
    own = counts(value.segments, "units")
    own["silhouette"] = own["silhouette"].mask(own["units"].isna())
    return replace(value, table=counts(value.table, "smallest"), segments=own, partitions={})


@rule.register
def _instability(value: Instability, exact: Any) -> Instability:
    own = counts(value.segments, "units")
    numbers = ["jaccard", "dissolved", "recovered"]
    own[numbers] = own[numbers].mask(own["units"].isna())
    return replace(value, segments=own)


@rule.register
def _flow(value: SegmentFlow, exact: Any) -> SegmentFlow:
    edges = counts(value.edges, "units").dropna(subset="units")
    nodes = rounded(counts(value.nodes, "units"), {"entropy": 1})
    nodes["entropy"] = nodes["entropy"].mask(nodes["units"].isna())
    return replace(value, nodes=nodes, edges=edges.reset_index(drop=True))


@rule.register
def _convergence(value: Convergence, exact: Any) -> Convergence:
    return replace(value, sizes=value.sizes.apply(count))


@rule.register
def _jaccard(value: Jaccard, exact: Any) -> Jaccard:
    few = value.table["segment"].isin(small(exact))
    return replace(value, table=value.table.assign(jaccard=value.table["jaccard"].mask(few)))


@rule.register
def _pipeline(value: PipelineBootstrap, exact: Any) -> PipelineBootstrap:
    return replace(value, flat=in_steps(value.flat, len(value.recurrence)))


@rule.register
def _confidence(value: Confidence, exact: Any) -> Confidence:
    names = ("seldom", "narrow", "both")
    table = rounded(counts(value.table, "units", *names), {"recurrence": 2})
    for name in names:
        rest = value.table["units"] - value.table[name]
        table[name] = table[name].mask((rest > 0) & (rest < BASE))
    table["recurrence"] = table["recurrence"].mask(table["units"].isna())
    return replace(value, table=table)


@rule.register
def _populations(value: Populations, exact: Any) -> Populations:
    units = value.table["units"].astype("float64")
    total = float(len(exact.features.frame))
    return replace(
        value,
        table=_similar(value.table, exact).assign(
            units=count(units), left_out=share(total - units, total, of_all=True)
        ),
    )


@rule.register
def _algorithms(value: Algorithms, exact: Any) -> Algorithms:
    n = float(value.params["units"])
    return replace(
        value,
        table=_similar(value.table, exact).assign(noise=share((value.table["noise"] * n).round(), n, of_all=True)),
    )
