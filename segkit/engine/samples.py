"""Stability over samples in one table: whether segments, and the units in them, are found again."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .jaccard import SCHEMES, Jaccard
from .pipeline import Confidence, PipelineBootstrap


@dataclass(frozen=True)
class Stability:
    """Whether segments, and the units in them, are found again.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``segment``, ``units``, ``recurrence`` (mean share of the refits of the whole chain in which
        its units get it again), ``seldom`` (units that do so in fewer than four of five), and over bootstrap samples
        ``jaccard``, ``dissolved``, ``recovered`` (Hennig 2007).
    ari_q05 : float
        5 % quantile of the adjusted Rand index over refits of the whole chain.
    least : float
        From which Jaccard similarity on a segment counts as found again.
    """

    table: pd.DataFrame
    ari_q05: float
    least: float

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def stability_of(similar: Jaccard, sure: Confidence, whole: PipelineBootstrap) -> Stability:
    """Put together what resampling says of each segment.

    Parameters
    ----------
    similar : Jaccard
    sure : Confidence
    whole : PipelineBootstrap
        All of one partition.
    """
    found = similar.summary
    own = found[found["scheme"] == SCHEMES[0]].set_index("segment")[["mean", "dissolved", "recovered"]]
    table = sure.table.set_index("segment").drop(columns=["narrow", "both"])
    table = table.join(own.rename(columns={"mean": "jaccard"})).reset_index()
    return Stability(table, whole.ari_q05, similar.least)
