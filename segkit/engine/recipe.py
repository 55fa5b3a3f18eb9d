"""The recipe that is published for personas, kept as a baseline, and what it owes to the order of the alphabet.

Missing values become "Unknown", categories are numbered by the alphabet, the numbers are standardised and parted by k-means.
So Alaska is nearer to Alabama than to Wyoming. To number the categories in another order is no change of the data; how far
the partition changes with it shows how much of it was alphabet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from ..privacy import suppressed
from ..seeds import generator
from .external import PERSONAL_CELL
from .fits import RESTARTS, Labels, fit
from .matching import rand_index
from .matrix import Floats
from .silhouettes import sample

UNKNOWN = "Unknown"
K, SEED = 4, 42  # as published, with the 10 starts that every loop has here
RENUMBERINGS = 20
MOST = 3_000  # rows on which renumberings are compared; of more, a sample


@dataclass(frozen=True)
class PublishedRecipe:
    """The partition of the published recipe, and what becomes of it where categories are numbered in another order.

    Attributes
    ----------
    table : DataFrame
        One row per fit on the rows that are compared: ``kind`` ("renumbered", or "other start", which keeps the numbers and
        takes another seed), ``draw``, ``ari`` (with the partition by the alphabet of the same rows).
    clusters : DataFrame
        One row per cluster: ``cluster``, ``units``, ``share``, ``conversions``, ``rate``; missing below ten units,
        and for the next smallest where it would give such a one away.
    labels : Series of int
        Cluster of each unit; 1 is the largest. Not for publishing.
    picture : DataFrame of shape (n_units, 2)
        First two principal components of the standardised codes. Not for publishing.
    explained : tuple of float
        Shares of their variance.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    clusters: pd.DataFrame
    labels: pd.Series
    picture: pd.DataFrame
    explained: tuple[float, float]
    params: dict[str, Any]
    seed: int

    def ari(self, kind: str = "renumbered") -> tuple[float, float, float]:
        """Return mean, least and largest ARI of one kind of fit."""
        own = self.table.loc[self.table["kind"] == kind, "ari"]
        return float(own.mean()), float(own.min()), float(own.max())

    def to_json(self) -> dict[str, Any]:
        """Return clusters and agreement, without single units."""
        kinds = self.table["kind"].unique()
        return {
            "clusters": self.clusters.to_dict("records"), "explained": list(self.explained),
            "agreement": {str(k): dict(zip(("mean", "least", "largest"), self.ari(k), strict=True)) for k in kinds},
            "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.clusters.to_html(index=False, border=0)


def published(
    frame: pd.DataFrame,
    outcome: pd.Series,
    *,
    k: int = K,
    renumberings: int = RENUMBERINGS,
    seed: int = SEED,
) -> PublishedRecipe:
    """Apply the published recipe, and renumber its categories.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_columns)
        Text with NA; numbers stay as they are, with the median where they are missing, since there is nothing to number.
    outcome : Series of bool, length n_units
        Takes no part in the clustering.
    k : int
        Clusters; fewer where there are fewer distinct rows.
    renumberings : int
    seed : int
        Of k-means, 42 as published, and of the renumberings.

    Notes
    -----
    The numbers of a category, "Unknown" among them, are permuted within each column; everything else, the seed included,
    stays. Beside it stand as many fits of the alphabet's numbers from other seeds, so that what is due to the start alone can
    be told apart. Above ``MOST`` rows both are fitted to, and compared on, a sample of them. The
    comparisons are fitted by `fits.fit`, which finds the partitions of scikit-learn faster.
    """
    rows = frame.sort_index()  # starts of k-means go by the order of the rows
    codes, sizes = alphabetical(rows)
    values = standardised(codes)
    k = min(k, len(pd.DataFrame(codes).drop_duplicates()))
    labels = _by_size(_kmeans(values, k, seed))
    picture, explained = _components(values)
    few = sample(len(values), MOST, "recipe/sample", seed) if len(values) > MOST else np.arange(len(values))
    some = standardised(codes[few])
    first = fit(some, k, seed=seed, restarts=RESTARTS).labels
    rng = generator("recipe/renumbered", seed)
    fits = []
    for i in range(renumberings):
        fits.append(
            ("renumbered", i, rand_index(first, _kmeans(standardised(renumbered(codes[few], sizes, rng)), k, seed)))
        )
    for i in range(renumberings):
        other = fit(some, k, seed=seed + 1 + i, restarts=RESTARTS)
        fits.append(("other start", i, rand_index(first, other.labels)))
    own = pd.Series(labels, index=rows.index, name="cluster").reindex(frame.index)
    return PublishedRecipe(
        table=pd.DataFrame(fits, columns=["kind", "draw", "ari"]),
        clusters=_clusters(own, outcome.reindex(frame.index).astype(bool)),
        labels=own,
        picture=pd.DataFrame(picture, index=rows.index, columns=["first", "second"]).reindex(frame.index),
        explained=explained,
        params={
            "k": k, "restarts": RESTARTS, "renumberings": renumberings, "units": len(frame), "compared": len(few),
            "unknown": UNKNOWN,
        },
        seed=seed,
    )  # fmt: skip


def alphabetical(frame: pd.DataFrame) -> tuple[Floats, tuple[int, ...]]:
    """Return the numbers of the categories by the alphabet, missing ones as "Unknown".

    Returns
    -------
    codes : array of shape (n_units, n_columns)
    sizes : tuple of int
        Categories of each column; 0 for a number.

    Examples
    --------
    >>> codes, sizes = alphabetical(pd.DataFrame({"a": ["z", None, "b"], "n": [1.0, float("nan"), 3.0]}))
    >>> codes.tolist(), sizes
    ([[2.0, 1.0], [0.0, 2.0], [1.0, 3.0]], (3, 0))
    """
    codes, sizes = np.empty(frame.shape), []
    for j, name in enumerate(frame.columns):
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column):
            middle = column.median()
            codes[:, j] = column.astype("float64").fillna(0.0 if pd.isna(middle) else middle)
            sizes.append(0)
        else:
            kinds, number = np.unique(column.astype("str").fillna(UNKNOWN).to_numpy(dtype=object), return_inverse=True)
            codes[:, j] = number
            sizes.append(len(kinds))
    return codes, tuple(sizes)


def renumbered(codes: Floats, sizes: tuple[int, ...], rng: Generator) -> Floats:
    """Return the codes with the numbers of each category permuted; numbers stay."""
    out = codes.copy()
    for j, size in enumerate(sizes):
        if size:
            out[:, j] = rng.permutation(size)[codes[:, j].astype(np.int64)]
    return out


def standardised(codes: Floats) -> Floats:
    """Return z-scores, with divisor n; zero for a constant column."""
    spread = codes.std(axis=0)
    out: Floats = (codes - codes.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return out


def _kmeans(values: Floats, k: int, seed: int) -> Labels:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        found = KMeans(n_clusters=k, n_init=RESTARTS, random_state=seed).fit(values)
    return np.asarray(found.labels_, dtype=np.int64)


def _by_size(labels: Labels) -> Labels:
    """Number clusters from 1, the largest first."""
    sizes = np.bincount(labels)
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(1, len(sizes) + 1)
    return rank[labels]


def _components(values: Floats) -> tuple[Floats, tuple[float, float]]:
    """Return the first two principal components and the shares of the variance that they explain."""
    from sklearn.decomposition import PCA

    total = float(values.var(axis=0).sum())
    number = min(2, *values.shape)
    if not total or len(values) < 2:
        return np.zeros((len(values), 2)), (0.0, 0.0)
    found = PCA(number, svd_solver="full").fit(values)
    out, shares = np.zeros((len(values), 2)), np.zeros(2)
    out[:, :number], shares[:number] = found.transform(values), found.explained_variance_ratio_
    return out, (float(shares[0]), float(shares[1]))


def _clusters(labels: pd.Series, outcome: pd.Series) -> pd.DataFrame:
    by = outcome.groupby(labels).agg(["size", "sum"])
    told = ~suppressed(by["size"], PERSONAL_CELL)
    table = pd.DataFrame(
        {
            "cluster": by.index, "units": by["size"].astype("float64").where(told),
            "share": (by["size"] / max(len(labels), 1)).where(told),
            "conversions": by["sum"].astype("float64").where(told), "rate": (by["sum"] / by["size"]).where(told),
        }
    )  # fmt: skip
    return table.reset_index(drop=True)
