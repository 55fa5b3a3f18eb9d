"""Bootstrap fits for each K: whether two of them agree, and whether each segment comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..seeds import generator
from ..thresholds import DISSOLVED, JACCARD, RECOVERED
from .clusterer import SMALL, Clusterer
from .fits import (
    Counts,
    Labels,
    adjusted_rand,
    best_jaccard,
    crossing,
    drawing,
    jobs_for,
    resample_size,
    side_by_side,
)
from .kinds import distinct
from .matrix import Floats, ModelMatrix

Small = NDArray[np.uint8]


@dataclass(frozen=True)
class Instability:
    """What bootstrap fits say about each K.

    Attributes
    ----------
    table : DataFrame
        Columns ``k``, ``instability``, ``instability_se``, ``ari`` (means over the pairs of fits), ``pairs``, ``jaccard``
        (smallest mean over the segments), ``fits``.
    segments : DataFrame
        Columns ``k``, ``segment``, ``units``, ``jaccard`` (mean), ``dissolved``, ``recovered`` (shares of the bootstraps
        with a similarity of at most 0.5, and above 0.75), ``bootstraps`` (in which the segment was drawn).
    params : dict
    seed : int
    """

    table: pd.DataFrame
    segments: pd.DataFrame
    params: dict[str, Any]
    seed: int

    @property
    def least(self) -> int | None:
        """The K of the smallest instability, the largest of equals; None where none was measured."""
        known = self.table.dropna(subset="instability")
        best = known[known["instability"] <= known["instability"].min() + 1e-12]
        return int(best["k"].max()) if len(best) else None

    def choice(self, threshold: float = JACCARD) -> int:
        """Return the largest K of which every segment reaches a mean similarity; 1 where there is none."""
        reach = self.table.loc[self.table["jaccard"] >= threshold, "k"]
        return int(reach.max()) if len(reach) else 1

    def to_json(self) -> dict[str, Any]:
        """Return the numbers as plain values."""
        return {
            "table": self.table.to_dict("records"),
            "segments": self.segments.to_dict("records"),
            "params": self.params,
            "seed": self.seed,
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def disagreement(counts: Counts) -> float:
    """Return the share of ordered pairs of units that one partition joins and the other one parts.

    Parameters
    ----------
    counts : array of shape (k_a, k_b)
        Units by both partitions.

    Examples
    --------
    >>> disagreement(np.array([[2, 0], [0, 2]])), disagreement(np.array([[1, 1], [1, 1]]))
    (0.0, 0.5)
    """
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    n = int(counts.sum())
    return float(((rows**2).sum() + (columns**2).sum() - 2 * (counts**2).sum()) / n**2)


def instability(
    matrix: ModelMatrix,
    partitions: Mapping[int, Labels],
    *,
    bootstraps: int = 100,
    clusterer: Clusterer = SMALL,
    seed: int = 42,
    jobs: int | None = None,
) -> Instability:
    """Fit bootstrap samples for each K; compare them in pairs, and each with the partition of all units.

    Parameters
    ----------
    matrix : ModelMatrix
        n units.
    partitions : mapping of int to int array of length n_units
        Reference partition of each K, with segments from 1.
    bootstraps : int
        Fits for each K; two at a time make a pair.
    clusterer : Clusterer
    seed : int
    jobs : int, optional
        Processes; all processors when not given, where that pays.

    Notes
    -----
    Fang, Y. and Wang, J. (2012). Selection of the number of clusters via the bootstrap method. Computational Statistics
    and Data Analysis, 56, 468-477: two bootstrap fits, each extended to all units by the nearest centre, disagree on the
    share (sum n_i.^2 + sum n_.j^2 - 2 sum n_ij^2) / n^2 of the pairs of units.

    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and Data Analysis, 52,
    258-271: for each bootstrap and segment, the largest Jaccard similarity with a bootstrap segment, among the units that
    were drawn, each counted once.

    A sample with no more than K distinct units is no fit of K; it is left out. Of very many units a sample holds a part,
    see `fits.resample_size`.
    """
    x, ks = matrix.values, sorted(partitions)
    ids = distinct(x)
    seeds = generator("instability", seed).integers(2**32 - 1, size=bootstraps)
    jobs = jobs or jobs_for(len(x), bootstraps * len(ks) * clusterer.weight)
    done = side_by_side(_bootstrap, [(x, ids, ks, int(s), clusterer) for s in seeds], what="bootstraps", jobs=jobs)
    rows, parts = [], []
    for i, k in enumerate(ks):
        fits = [(drawn, labels[i]) for drawn, labels in done]
        values = [(disagreement(t), adjusted_rand(t)) for t in _pairs([labels for _, labels in fits], k)]
        own = _segments(partitions[k] - 1, [(d, found) for d, found in fits if found is not None], k)
        parts += [(k, *row) for row in own]
        known = [row[2] for row in own if not np.isnan(row[2])]
        mean, ari = np.mean(values, axis=0) if values else (np.nan, np.nan)
        error = np.std([v for v, _ in values], ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
        least = min(known) if len(known) == k else np.nan
        rows.append((k, mean, error, ari, len(values), least, sum(found is not None for _, found in fits)))
    table = pd.DataFrame(rows, columns=["k", "instability", "instability_se", "ari", "pairs", "jaccard", "fits"])
    columns = ["k", "segment", "units", "jaccard", "dissolved", "recovered", "bootstraps"]
    params = {"bootstraps": bootstraps, **clusterer.params, **drawing(len(x))}
    return Instability(table, pd.DataFrame(parts, columns=columns), params, seed)


def _bootstrap(
    values: Floats, ids: Labels, ks: Sequence[int], seed: int, clusterer: Clusterer
) -> tuple[Labels, list[Small | None]]:
    """Draw one bootstrap sample; return the units in it, each once, and for each K the labels of all units."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(len(values), size=resample_size(len(values)))
    drawn = np.unique(rows)
    most = len(np.unique(ids[drawn]))
    first = np.unique(ids, return_index=True)[1]
    starts = rng.integers(2**32 - 1, size=len(ks)).tolist()
    usable = [k < most for k in ks]
    wanted = [(k, start) for k, start, good in zip(ks, starts, usable, strict=True) if good]
    fits = iter(clusterer.several(values[rows], *zip(*wanted, strict=True)) if wanted else ())
    # Equal units have equal labels.
    out = [next(fits).predict(values[first]).astype(np.uint8)[ids] if good else None for good in usable]
    return drawn, out


def _pairs(fits: Sequence[Small | None], k: int) -> list[Counts]:
    """Cross the fits two at a time: the first with the second, the third with the fourth."""
    return [
        crossing(a.astype(np.int64), b.astype(np.int64), k, k)
        for a, b in zip(fits[::2], fits[1::2], strict=False)
        if a is not None and b is not None
    ]


def _segments(
    reference: Labels, fits: Sequence[tuple[Labels, Small]], k: int
) -> list[tuple[int, int, float, float, float, int]]:
    """Return for each segment its size, and how often and how well it comes back."""
    sizes = np.bincount(reference, minlength=k)
    if not fits:
        return [(j + 1, int(sizes[j]), np.nan, np.nan, np.nan, 0) for j in range(k)]
    found = np.array([best_jaccard(crossing(reference[d], f[d].astype(np.int64), k, k)) for d, f in fits])
    out = []
    for j in range(k):
        seen = found[~np.isnan(found[:, j]), j]
        numbers = (
            (float(seen.mean()), float((seen <= DISSOLVED).mean()), float((seen > RECOVERED).mean()))
            if len(seen)
            else (np.nan, np.nan, np.nan)
        )
        out.append((j + 1, int(sizes[j]), *numbers, len(seen)))
    return out
