"""Prediction strength: whether one half of the units predicts who belongs together in the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import generator
from ..thresholds import LOW, PREDICTION_STRENGTH
from .clusterer import SMALL, Clusterer
from .fits import (
    Counts,
    Labels,
    crossing,
    drawing,
    jobs_for,
    resample_size,
    side_by_side,
)
from .kinds import distinct
from .matrix import Floats, ModelMatrix

LEAST = 2  # points of a cluster below which it has no pair to predict


@dataclass(frozen=True)
class PredictionStrength:
    """Prediction strength for each K.

    Attributes
    ----------
    table : DataFrame
        Columns ``k``, ``strength`` (mean over the splits), ``sd``, ``q05``, ``splits`` (in which it could be measured),
        ``tiny`` (share of the splits with a cluster of fewer than two points, which has no say).
    params : dict
    seed : int
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int

    def choice(self, threshold: float = PREDICTION_STRENGTH) -> int:
        """Return the largest K whose mean strength reaches a threshold; 1, which predicts everything, where none does."""
        reach = self.table.loc[self.table["strength"] >= threshold, "k"]
        return int(reach.max()) if len(reach) else 1

    def to_json(self) -> dict[str, Any]:
        """Return the strengths as plain values."""
        return {"table": self.table.to_dict("records"), "params": self.params, "seed": self.seed}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def strength(counts: Counts) -> float:
    """Return the smallest share, over clusters, of pairs of a cluster that the other half's centres keep together.

    Parameters
    ----------
    counts : array of shape (k, k)
        Points of each cluster (rows) by the other half's nearest centre (columns).

    Returns
    -------
    float
        NaN where every cluster has fewer than two points.

    Examples
    --------
    >>> strength(np.array([[3, 0], [1, 1]]))
    0.0
    >>> strength(np.array([[3, 0], [0, 2]]))
    1.0
    """
    sizes = counts.sum(axis=1)
    known = sizes >= LEAST
    if not known.any():
        return float("nan")
    together = ((counts[known] ** 2).sum(axis=1) - sizes[known]) / (sizes[known] * (sizes[known] - 1))
    return float(together.min())


def prediction_strength(
    matrix: ModelMatrix,
    ks: Iterable[int],
    *,
    splits: int = 50,
    clusterer: Clusterer = SMALL,
    seed: int = 42,
    jobs: int | None = None,
) -> PredictionStrength:
    """Halve the units many times, cluster both halves, and classify each by the centres of the other.

    Parameters
    ----------
    matrix : ModelMatrix
        n units.
    ks : iterable of int
        A K is measured in those splits of which both halves have more than K distinct units; it is missing (NaN) where no
        split does.
    splits : int
    clusterer : Clusterer
    seed : int
    jobs : int, optional
        Processes; all processors when not given, where that pays.

    Notes
    -----
    Tibshirani, R. and Walther, G. (2005). Cluster validation by prediction strength. Journal of Computational and
    Graphical Statistics, 14, 511-528. Halves A and B are clustered; each point of A goes to the nearest centre of B; a
    cluster of A with n points, n_j of them at centre j, keeps (sum of n_j^2 - n) / (n (n - 1)) of its pairs together.
    The strength is the smallest of these, and the mean of both directions. Clusters of fewer than two points have no
    pair; they are left out and counted. Of very many units each split halves a part, see `fits.resample_size`.
    """
    x, ks = matrix.values, list(ks)
    ids = distinct(x)
    seeds = generator("prediction strength", seed).integers(2**32 - 1, size=splits)
    tasks = [(x, ids, ks, int(s), clusterer) for s in seeds]
    jobs = jobs or jobs_for(len(x), splits * len(ks) * clusterer.weight)
    found = np.array(side_by_side(_split, tasks, what="prediction strength", jobs=jobs)).reshape(splits, len(ks), 2)
    rows = []
    for i, k in enumerate(ks):
        values, tiny = found[:, i, 0], found[:, i, 1]
        known = ~np.isnan(values)
        if not known.any():
            rows.append((k, np.nan, np.nan, np.nan, 0, np.nan))
            continue
        seen = values[known]
        sd = float(seen.std(ddof=1)) if len(seen) > 1 else np.nan
        rows.append((k, seen.mean(), sd, np.quantile(seen, LOW), int(known.sum()), tiny[known].mean()))
    table = pd.DataFrame(rows, columns=["k", "strength", "sd", "q05", "splits", "tiny"])
    return PredictionStrength(table, {"splits": splits, **clusterer.params, **drawing(len(x))}, seed)


def _split(
    values: Floats, ids: Labels, ks: Sequence[int], seed: int, clusterer: Clusterer
) -> list[tuple[float, float]]:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(values))[: resample_size(len(values))]
    halves = np.array_split(order, 2)
    least = min(len(np.unique(ids[half])) for half in halves)
    seeds = rng.integers(2**32 - 1, size=(len(ks), 2)).tolist()
    out, measured = [(float("nan"), float("nan"))] * len(ks), [i for i, k in enumerate(ks) if k < least]
    if not measured:
        return out
    wanted = [ks[i] for i in measured]
    fits = [clusterer.several(values[h], wanted, [seeds[i][j] for i in measured]) for j, h in enumerate(halves)]
    kinds = [np.unique(ids[half], return_index=True, return_inverse=True)[1:] for half in halves]
    for i, *both in zip(measured, *fits, strict=True):
        k, tables = ks[i], []
        for half, (first, of), own, other in zip(halves, kinds, both, both[::-1], strict=True):
            theirs = other.predict(values[half[first]])[of]  # equal units have equal labels
            tables.append(crossing(own.labels, theirs, k, k))
        tiny = any((t.sum(axis=1) < LEAST).any() for t in tables)
        out[i] = (float(np.mean([strength(t) for t in tables])), float(tiny))
    return out
