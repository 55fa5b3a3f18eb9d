"""Do the segments come back: the convergence of the optimiser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from .clusterer import kmeans
from .fits import LARGE, nearest
from .lloyd import EmptySegmentError, search
from .matching import align, rand_index
from .matrix import Floats, ModelMatrix
from .segments import Segments

EQUAL = 1e-10  # relative difference of two inertias that is rounding
REGIMES = (("many restarts", "k-means++"), ("one k-means++ start", "k-means++"), ("one random start", "random"))


def label_all(plan: Sequence[tuple[Floats, int, int, int, str]], jobs: int | None = None) -> list[NDArray[np.int32]]:
    """Fit k-means side by side.

    Parameters
    ----------
    plan : sequence of (values, k, seed, restarts, start)
        What each fit takes.
    jobs : int, optional
        Threads; all processors when not given. The steps of k-means run outside of Python, and threads need no start.
    """
    with threadpool_limits(1):
        return Parallel(n_jobs=jobs or cpu_count(), prefer="threads")(
            delayed(label_with)(values, k, seed=seed, restarts=n, start=start) for values, k, seed, n, start in plan
        )


def label_with(values: Floats, k: int, *, seed: int, restarts: int, start: str = "k-means++") -> NDArray[np.int32]:
    """Fit k-means on one thread and return the labels."""
    from sklearn.cluster import KMeans

    with threadpool_limits(1):  # what is set for one thread does not hold for another
        if start == "k-means++" and len(values) <= LARGE:
            return best_partition(values, k, seed=seed, restarts=restarts)
        if start == "k-means++" and restarts > 1:
            return kmeans(values, k, restarts=restarts, seed=seed)[0].labels_
        return KMeans(k, n_init=restarts, init=start, random_state=seed).fit(values).labels_


def best_partition(values: Floats, k: int, *, seed: int, restarts: int) -> NDArray[np.int32]:
    """Return the best of many k-means++ runs, in double precision; the first among equals.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    k : int
    seed : int
    restarts : int

    Returns
    -------
    array of int, length n_units
        The partition that ``KMeans(k, n_init=restarts, random_state=seed)`` finds; numbers of labels may differ.
    """
    try:
        found = search(values, k, seed=seed, restarts=restarts, double=True)
    except EmptySegmentError:
        from sklearn.cluster import KMeans

        return KMeans(k, n_init=restarts, random_state=seed).fit(values).labels_
    first = int((found.inertias <= found.inertias.min() * (1 + EQUAL)).argmax())
    return nearest(values, found.ends[first]).astype(np.int32)


@dataclass(frozen=True)
class Convergence:
    """How often the optimiser finds the same partition. It says nothing about another sample.

    Attributes
    ----------
    table : DataFrame
        ``regime``, ``seed``, ``ari`` (with the reference fit).
    sizes : DataFrame of shape (regimes, k)
        Segment sizes of the seed with the lowest ARI, named as in the reference fit.
    params : dict
    seed : int
        Of the reference fit.
    """

    table: pd.DataFrame
    sizes: pd.DataFrame
    params: dict[str, Any]
    seed: int

    @property
    def summary(self) -> pd.DataFrame:
        """Lowest, median and mean ARI for each regime, and the share of seeds that find the reference."""
        groups = self.table.groupby("regime", sort=False)["ari"]
        out = groups.agg(["min", "median", "mean"])
        out["same"] = groups.agg(lambda a: float((a > 1 - 1e-12).mean()))
        return out.reset_index()

    def lowest(self, regime: str = REGIMES[0][0]) -> float:
        """Return the lowest ARI of a regime."""
        return float(self.table.loc[self.table["regime"] == regime, "ari"].min())

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain values."""
        return {"seed_ari_min": self.lowest(), "regimes": self.summary.to_dict("records"), "params": self.params}

    def _repr_html_(self) -> str:
        return self.summary.to_html(index=False, border=0)


def convergence(
    matrix: ModelMatrix,
    segments: Segments,
    *,
    seeds: Iterable[int] = range(50),
    restarts: int = 50,
    regimes: Sequence[tuple[str, str]] = REGIMES,
    jobs: int | None = None,
) -> Convergence:
    """Fit k-means under many seeds, with many restarts and with one, and compare with the fit in use.

    Parameters
    ----------
    matrix : ModelMatrix
    segments : Segments
        The fit in use.
    seeds : iterable of int
    restarts : int
        Of the first regime; the others have one start.
    regimes : sequence of (name, start)
        The kinds of start; the first is always k-means++ with many restarts.
    jobs : int, optional
        Threads; all processors when not given.

    Notes
    -----
    Adjusted Rand index: Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification, 2, 193-218.
    """
    seeds, x, k = list(seeds), matrix.values, segments.k
    plan = [(name, start, s) for name, start in regimes for s in seeds]
    many = [restarts] * len(seeds) + [1] * (len(plan) - len(seeds))
    fits = label_all([(x, k, s, n, start) for (_, start, s), n in zip(plan, many, strict=True)], jobs)
    reference = segments.labels.to_numpy()
    rows = [
        {"regime": name, "seed": s, "ari": rand_index(reference, labels)}
        for (name, _, s), labels in zip(plan, fits, strict=True)
    ]
    table = pd.DataFrame(rows)
    sizes = {}
    for name, _ in regimes:
        worst = int(table.loc[table["regime"] == name, "ari"].idxmin())
        aligned = align(reference, fits[worst])
        sizes[name] = pd.Series(aligned).value_counts().reindex(range(1, segments.k + 1), fill_value=0)
    params = {"seeds": len(seeds), "restarts": restarts}
    return Convergence(table, pd.DataFrame(sizes).T.rename_axis("regime"), params, segments.seed)
