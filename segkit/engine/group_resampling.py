"""Whether segments come back when those who are sampled are drawn anew, where each of them has several units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..seeds import integer
from ..thresholds import RECOVERED
from .clusterer import SMALL, Clusterer
from .fits import Labels, adjusted_rand, best_jaccard, crossing, side_by_side
from .jaccard import enough
from .matrix import Floats, ModelMatrix
from .segments import Segments


@dataclass(frozen=True)
class GroupResampling:
    """Segments in bootstrap samples of whole groups.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``mean`` of the largest Jaccard similarity over the draws, and ``recovered``, the share of draws in
        which it is above 0.75.
    ari_mean, ari_q05 : float
        Adjusted Rand index of the draws with the partition in use, over the units drawn; NaN where none could be fitted.
    groups : int
    params : dict
    seed : int

    Notes
    -----
    Drawing units one by one takes them to be independent. Units of one group are alike, so that a sample of as many units holds
    less than it seems; to draw groups shows how much less. The cluster bootstrap: Davison, A. C. and Hinkley, D. V. (1997),
    Bootstrap Methods and their Application, section 3.8; the similarity: Hennig, C. (2007), Cluster-wise assessment of cluster
    stability, Computational Statistics & Data Analysis, 52, 258-271.
    """

    table: pd.DataFrame
    ari_mean: float
    ari_q05: float
    groups: int
    params: dict[str, Any]
    seed: int

    @property
    def lowest(self) -> float:
        """The smallest mean over the segments; NaN where any of them has none."""
        return float(self.table["mean"].min(skipna=False))

    def to_json(self) -> dict[str, Any]:
        """Return means and shares by segment."""
        rows = self.table.set_index("segment")
        by = {str(s): {"mean": r["mean"], "recovered": r["recovered"]} for s, r in rows.iterrows()}
        return {
            "segments": by,
            "ari_mean": self.ari_mean,
            "ari_q05": self.ari_q05,
            "groups": self.groups,
            "params": self.params,
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def group_resampling(
    matrix: ModelMatrix,
    segments: Segments,
    groups: ArrayLike,
    *,
    draws: int = 100,
    clusterer: Clusterer = SMALL,
    seed: int = 42,
    jobs: int | None = None,
) -> GroupResampling:
    """Refit the segments on bootstrap samples of groups.

    Parameters
    ----------
    matrix : ModelMatrix
        n units.
    segments : Segments
        The partition in use.
    groups : array of length n
        Who each unit is of.
    draws : int
        A group that is drawn more than once counts once, as units do in `jaccard.jaccard`.
    clusterer : Clusterer
    seed : int
    jobs : int, optional
        Processes; all processors when not given.
    """
    _, of = np.unique(np.asarray(groups), return_inverse=True)
    reference = segments.labels.to_numpy(dtype=np.int64) - 1
    seeds = [integer(f"group resampling/{i}", seed) for i in range(draws)]
    k = segments.k
    found = side_by_side(
        _similar, [(matrix.values, reference, of, k, s, clusterer) for s in seeds], what="groups drawn anew", jobs=jobs
    )
    similar = np.array(found).reshape(-1, k + 1)
    fitted = similar[np.isfinite(similar[:, 0])]
    nothing = np.full(k + 1, np.nan)
    means = fitted.mean(axis=0) if len(fitted) else nothing
    recovered = (fitted[:, 1:] > RECOVERED).mean(axis=0) if len(fitted) else nothing[1:]
    table = pd.DataFrame({"segment": np.arange(1, k + 1), "mean": means[1:], "recovered": recovered})
    low = float(np.quantile(fitted[:, 0], 0.05)) if len(fitted) else float("nan")
    params = {"draws": draws, "fitted": len(fitted), **clusterer.params}
    return GroupResampling(table, float(means[0]), low, int(of.max()) + 1, params, seed)


def _similar(values: Floats, reference: Labels, of: Labels, k: int, seed: int, clusterer: Clusterer) -> Floats:
    """Return the ARI with the partition in use, and the largest similarity of each of its segments, in one draw."""
    rng = np.random.default_rng(seed)
    n = int(of.max()) + 1
    rows = np.flatnonzero(np.isin(of, rng.integers(0, n, size=n)))
    if not enough(values[rows], k):
        return np.full(k + 1, np.nan)
    labels = clusterer.fit(values[rows], k, seed=int(rng.integers(2**32 - 1))).labels
    counts = crossing(reference[rows], labels, k, k)
    # a segment none of whose units is drawn has not come back
    return np.concatenate([[adjusted_rand(counts)], np.nan_to_num(best_jaccard(counts))])
