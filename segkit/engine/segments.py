"""Segments: the partition in use, in an order that does not depend on label numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from .clusterer import MANY, Clusterer, Partition
from .fits import by_size
from .kinds import distinct
from .matrix import Floats, ModelMatrix
from .silhouettes import EXACT, sample, silhouettes


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
        Mean silhouette per segment; of a sample in each where there are more than ``EXACT`` units.
    inertia : float
        Sum of squared distances to the centres.
    params : dict
    seed : int
    told : Series, optional
        The sizes as they may be told, where the data are private.
    """

    labels: pd.Series
    centres: Floats
    silhouette: pd.Series
    inertia: float
    params: dict[str, Any]
    seed: int
    told: pd.Series | None = None

    @property
    def k(self) -> int:
        """The number of segments."""
        return len(self.centres)

    @property
    def sizes(self) -> pd.Series:
        """Units per segment."""
        return self.labels.value_counts().sort_index().rename("units") if self.told is None else self.told

    @property
    def mean_silhouette(self) -> float:
        """The mean silhouette of all units, by the sizes that may be told; NaN where none may."""
        sizes = self.sizes
        total = float(sizes.sum())
        return float((self.silhouette * sizes).sum()) / total if total else float("nan")

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


class TooFewUnitsError(ValueError):
    """More segments than distinct units: a fact about the data, unlike other faults of value."""


def fit_segments(matrix: ModelMatrix, k: int, *, clusterer: Clusterer = MANY, seed: int = 42) -> Segments:
    """Fit once and number the segments by size, largest first.

    Segments of equal size are ordered by their centres, so that the numbering is a function of the data alone.

    Parameters
    ----------
    matrix : ModelMatrix
        n units; more than ``k`` of them must be distinct.
    k : int
    clusterer : Clusterer
        K-means with fifty starts when not given.
    seed : int

    Raises
    ------
    ValueError
        No more distinct units than segments: each would be a segment of its own.
    """
    number = int(distinct(matrix.values).max(initial=-1)) + 1
    if number <= k:
        raise TooFewUnitsError(f"{number} distinct units cannot make {k} segments; more than {k} are needed")
    return numbered(matrix, clusterer.best(matrix.values, k, seed=seed), {"k": k, **clusterer.params}, seed)


def numbered(matrix: ModelMatrix, found: Partition, params: dict[str, Any], seed: int) -> Segments:
    """Number the segments of a partition by size, and measure how far they lie apart.

    Parameters
    ----------
    matrix : ModelMatrix
    found : Partition
        Of its units; no segment is empty.
    params : dict
    seed : int
        Of the sample whose silhouettes stand for all, where there are very many units.
    """
    order = by_size(found.labels, found.centres)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(1, len(order) + 1)
    labels = pd.Series(number[found.labels], index=matrix.index, name="segment")
    with threadpool_limits(1):
        rows, scores = _scores(matrix.values, found.labels, seed)
    silhouette = pd.Series(scores, index=matrix.index[rows]).groupby(labels.iloc[rows]).mean()
    return Segments(
        labels=labels,
        centres=found.centres[order],
        silhouette=silhouette.rename("silhouette"),
        inertia=found.inertia(matrix.values),
        params=params,
        seed=seed,
    )


def _scores(values: Floats, labels: np.ndarray, seed: int) -> tuple[np.ndarray, Floats]:
    """Return units and their silhouettes: all units, or an equal number from each segment."""
    from sklearn.metrics import silhouette_samples

    if len(values) <= EXACT:
        return np.arange(len(values)), silhouette_samples(values, labels)
    each = EXACT // (labels.max() + 1)
    groups = [np.flatnonzero(labels == j) for j in range(labels.max() + 1)]
    drawn = [g[sample(len(g), min(each, len(g)), f"segments/silhouette {j}", seed)] for j, g in enumerate(groups)]
    rows = np.concatenate(drawn)
    return rows, silhouettes(values, [labels], rows)[:, 0]
