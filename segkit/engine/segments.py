"""Segments: the k-means fit, in an order that does not depend on label numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_samples
from threadpoolctl import threadpool_limits

from .matrix import Floats, ModelMatrix


def kmeans(values: Floats, k: int, *, restarts: int, seed: int) -> KMeans:
    """Fit k-means (Lloyd 1982) with k-means++ starts (Arthur and Vassilvitskii 2007) and keep the best of them."""
    return KMeans(n_clusters=k, n_init=restarts, random_state=seed).fit(values)


@dataclass(frozen=True)
class Segments:
    """A partition of the units.

    Attributes
    ----------
    labels : Series of int, length n_units
        Segment number per keyed unit; 1 is the largest segment.
    centres : array of shape (k, n_columns)
        In the scaled space, row ``i`` for segment ``i + 1``.
    silhouette : Series of float
        Mean silhouette per segment.
    inertia : float
        Sum of squared distances to the centres.
    params : dict
    seed : int
    """

    labels: pd.Series
    centres: Floats
    silhouette: pd.Series
    inertia: float
    params: dict[str, Any]
    seed: int

    @property
    def k(self) -> int:
        """The number of segments."""
        return len(self.centres)

    @property
    def sizes(self) -> pd.Series:
        """Units per segment."""
        return self.labels.value_counts().sort_index().rename("units")

    @property
    def table(self) -> pd.DataFrame:
        """One row per segment: size, share and mean silhouette."""
        sizes = self.sizes
        return pd.DataFrame(
            {"segment": sizes.index, "units": sizes.to_numpy(), "share": (sizes / sizes.sum()).to_numpy(),
             "silhouette": self.silhouette.reindex(sizes.index).to_numpy()}
        )  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def fit_segments(matrix: ModelMatrix, k: int, *, restarts: int = 50, seed: int = 42) -> Segments:
    """Fit k-means and number the segments by size, largest first.

    Segments of equal size are ordered by their centres, so that the numbering is a function of the data alone.

    Parameters
    ----------
    matrix : ModelMatrix
        n units; more than ``k`` of them must be distinct.
    k : int
    restarts : int
    seed : int

    Raises
    ------
    ValueError
        No more distinct units than segments: each would be a segment of its own.
    """
    distinct = len(np.unique(matrix.values, axis=0))
    if distinct <= k:
        raise ValueError(f"{distinct} distinct units cannot make {k} segments; more than {k} are needed")
    with threadpool_limits(1):
        fit = kmeans(matrix.values, k, restarts=restarts, seed=seed)
        scores = silhouette_samples(matrix.values, fit.labels_)
    sizes = np.bincount(fit.labels_, minlength=k)
    order = sorted(range(k), key=lambda i: (-sizes[i], *np.round(fit.cluster_centers_[i], 9)))
    number = np.empty(k, dtype=np.int64)
    number[order] = np.arange(1, k + 1)
    labels = pd.Series(number[fit.labels_], index=matrix.index, name="segment")
    silhouette = pd.Series(scores, index=matrix.index).groupby(labels).mean()
    return Segments(
        labels=labels,
        centres=fit.cluster_centers_[order],
        silhouette=silhouette.rename("silhouette"),
        inertia=float(fit.inertia_),
        params={"k": k, "restarts": restarts},
        seed=seed,
    )
