"""How many segments: the internal indices over a range of K."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ..progress import bar
from .clusterer import MANY, Clusterer
from .fits import Labels, by_size
from .matrix import Floats, ModelMatrix
from .separation import separations
from .silhouettes import EXACT, sample, silhouettes, standard_error

COLUMNS = ["k", "inertia", "silhouette", "davies_bouldin", "calinski_harabasz", "separation", "smallest"]
SEGMENTS = ["k", "segment", "units", "silhouette"]


@dataclass(frozen=True)
class KSelection:
    """Internal indices for each K, and the partitions that they were measured on.

    Attributes
    ----------
    table : DataFrame
        Columns ``k``, ``inertia``, ``silhouette``, ``davies_bouldin``, ``calinski_harabasz``, ``separation``,
        ``smallest`` (units in the smallest segment); ``silhouette_se`` and ``separation_se``, their standard errors,
        where they were measured on a sample.
    params : dict
        Restarts, the range of K, and ``unconverged``: the K whose starts were not enough, see `lloyd.enough`.
    seed : int
    segments : DataFrame
        Columns ``k``, ``segment``, ``units``, ``silhouette``: the mean of each segment.
    partitions : mapping of int to int array of length n_units
        Segment numbers for each K, as `segments.fit_segments` gives them: 1 is the largest.
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int
    segments: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=SEGMENTS))
    partitions: Mapping[int, Labels] = field(default_factory=dict)

    @property
    def by(self) -> dict[str, int]:
        """The K that each index alone would choose: highest silhouette, lowest Davies-Bouldin, highest Calinski-Harabasz.

        None of them can answer "one", and all of them measure much the same thing, so they are no vote. Empty where no K
        could be measured.
        """
        if self.table.empty:
            return {}
        at = self.table.set_index("k")
        return {
            "silhouette": int(at["silhouette"].idxmax()),
            "davies_bouldin": int(at["davies_bouldin"].idxmin()),
            "calinski_harabasz": int(at["calinski_harabasz"].idxmax()),
        }

    @property
    def knee(self) -> int | None:
        """The K at which the inertia bends most; None where fewer than three were measured."""
        return knee(self.table["k"].to_numpy(dtype=float), self.table["inertia"].to_numpy(dtype=float))

    @property
    def most_separate(self) -> int | None:
        """The K with the highest separation index, the largest of equals; None where none was measured, or all are equal."""
        known = self.table.dropna(subset="separation")
        best = known[known["separation"] >= known["separation"].max() * (1 - 1e-9)]
        return None if len(best) == len(known) != 1 else int(best["k"].max())

    def to_json(self) -> dict[str, Any]:
        """Return the indices as plain values."""
        by = {**self.by, "inertia_knee": self.knee, "separation": self.most_separate}
        return {
            "indices": self.table.to_dict("records"),
            "by": by,
            "segment_silhouettes": self.segments.to_dict("records"),
            "params": self.params,
            "seed": self.seed,
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def select_k(
    matrix: ModelMatrix,
    ks: Iterable[int],
    *,
    clusterer: Clusterer = MANY,
    seed: int = 42,
    jobs: int | None = None,
    separation: bool = True,
    most: int = EXACT,
) -> KSelection:
    """Part the units for each K and measure the partition.

    Parameters
    ----------
    matrix : ModelMatrix
        n units.
    ks : iterable of int
        Values of K; those that are not below the number of distinct units are left out, since no index is defined there.
    clusterer : Clusterer
        K-means with fifty starts for each K when not given.
    seed : int
    jobs : int, optional
        Threads; all processors when not given.
    separation : bool
        Whether the separation index is measured too; missing otherwise.
    most : int
        Units whose silhouettes and distances are measured, where there are more than ``silhouettes.EXACT``.

    Notes
    -----
    Silhouette: Rousseeuw (1987). Davies-Bouldin: Davies and Bouldin (1979). Calinski-Harabasz: Calinski and Harabasz
    (1974). Separation index: Hennig (2014); see `separation.separations`.

    The distances behind exact silhouettes and separations grow with the square of n. Above ``silhouettes.EXACT`` units,
    both are those of a random sample of ``most``, each compared with all units, and their standard errors are in the
    table. The two other indices take time in proportion to n and are always exact. For the fit itself see
    `clusterer.kmeans`.
    """
    distinct = len(pd.DataFrame(matrix.values).drop_duplicates())
    usable = [k for k in ks if k < distinct]
    values, n = matrix.values, len(matrix.values)
    with threadpool_limits(1):
        running = Parallel(n_jobs=jobs or cpu_count(), prefer="threads", return_as="generator")(
            delayed(_measure)(values, k, clusterer, seed)
            for k in reversed(usable)  # the longest first
        )
        fits = list(bar(running, "K", len(usable)))[::-1]
        rows = sample(n, min(most, EXACT), "kselection/silhouette", seed) if n > EXACT else None
        partitions = [labels for labels, _, _ in fits]
        scores = silhouettes(values, partitions, rows) if fits else np.empty((0, 0))
        apart = separations(values, partitions, rows) if separation else np.full((len(partitions), 2), np.nan)
    table = pd.DataFrame([row for _, row, _ in fits], columns=COLUMNS)
    table["silhouette"] = scores.mean(axis=0) if fits else table["silhouette"]
    table["separation"] = apart[:, 0]
    if rows is not None:
        table.insert(COLUMNS.index("silhouette") + 1, "silhouette_se", standard_error(scores, n))
        table.insert(COLUMNS.index("separation") + 2, "separation_se", apart[:, 1])
    left = [k for k, (_, _, converged) in zip(usable, fits, strict=True) if converged is False]
    params = {**clusterer.params, "ks": usable, "unconverged": left}
    parts = dict(zip(usable, (labels + 1 for labels in partitions), strict=True))
    return KSelection(table, params, seed, _by_segment(usable, partitions, scores, rows), parts)


def knee(ks: Floats, inertia: Floats) -> int | None:
    """Return the K at which a falling curve lies furthest below the line between its ends; None below three points.

    Notes
    -----
    Both axes are scaled to run from zero to one, as in Satopaa, V. et al. (2011), Finding a "kneedle" in a haystack, 31st
    International Conference on Distributed Computing Systems Workshops, 166-171. The curve is not smoothed, and the
    answer depends on which K are the ends.

    Examples
    --------
    >>> knee(np.array([2.0, 3, 4, 5, 6]), np.array([10.0, 8, 2, 1.5, 1]))
    4
    """
    if len(ks) < 3 or not inertia[0] > inertia[-1]:
        return None
    x = (ks - ks[0]) / (ks[-1] - ks[0])
    y = (inertia - inertia[-1]) / (inertia[0] - inertia[-1])
    return int(ks[(1 - x - y).argmax()])


def _by_segment(
    ks: list[int], partitions: list[Labels], scores: Floats, rows: NDArray[np.int64] | None
) -> pd.DataFrame:
    """Return the mean silhouette of each segment."""
    out = []
    for i, (k, labels) in enumerate(zip(ks, partitions, strict=True)):
        sizes, own = np.bincount(labels, minlength=k), labels if rows is None else labels[rows]
        measured = np.bincount(own, minlength=k)
        sums = np.bincount(own, weights=scores[:, i], minlength=k)
        means = np.divide(sums, measured, out=np.full(k, np.nan), where=measured > 0)
        out += [(k, j + 1, int(sizes[j]), float(means[j])) for j in range(k)]
    return pd.DataFrame(out, columns=SEGMENTS)


def _measure(values: Floats, k: int, clusterer: Clusterer, seed: int) -> tuple[Labels, dict[str, float], bool | None]:
    """Fit one K; return its labels, the indices that take linear time, and whether the starts were enough."""
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

    with threadpool_limits(1):  # what is set for one thread does not hold for another
        found = clusterer.best(values, k, seed=seed)
        labels = np.argsort(by_size(found.labels, found.centres))[found.labels]
        indices = {
            "k": k,
            "inertia": found.inertia(values),
            "silhouette": float("nan"),
            "davies_bouldin": float(davies_bouldin_score(values, found.labels)),
            "calinski_harabasz": float(calinski_harabasz_score(values, found.labels)),
            "separation": float("nan"),
            "smallest": int(np.bincount(found.labels, minlength=k).min()),
        }
        return labels, indices, found.converged
