"""Whether the segments depend on the algorithm: other ways to divide the same matrix, compared with the one in use."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..privacy import SMALL_CELL
from ..seeds import integer
from ..thresholds import JACCARD
from .clusterer import SMALL
from .fits import Labels, adjusted_rand, best_jaccard, crossing, side_by_side
from .matrix import Floats, ModelMatrix
from .segments import Segments
from .silhouettes import EXACT, parts

STARTS = 10  # of bisecting k-means and k-medoids
MIXTURE_STARTS = 5
SEEDS = 5  # of what starts at random: so many show whether a result is that of its seed
RIDGE = 1e-3  # added to the variances of a mixture, so that no component collapses on equal units
NEIGHBOURS = 20  # of each unit in the graph of spectral clustering
SMALLEST = 0.01  # share of the units that makes a cluster of HDBSCAN


@dataclass(frozen=True)
class Algorithms:
    """Partitions of one matrix by other algorithms, each compared with the one in use.

    Attributes
    ----------
    table : DataFrame
        ``algorithm``, ``clusters`` (how many were found), ``noise`` (share of the units that were left without one),
        ``ari``, ``ari_se`` (its standard error where samples stand for all, else zero), ``ari_low`` and ``ari_high`` (over
        seeds), ``ami``, and one column ``jaccard_<segment>`` per segment. Of an algorithm that starts at random, all but
        these two are medians over seeds.
    params : dict
        ``seeds``, and the algorithms that are ``seeded``.
        ``units`` that were divided; ``sampled``, the same where they stand for more, else None.
    seed : int
    least : float
        From which Jaccard similarity on a segment counts as found again.
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int
    least: float = JACCARD

    @property
    def noise(self) -> pd.Series:
        """The share of noise by algorithm; missing where it would tell of too few units."""
        share = self.table.set_index("algorithm")["noise"].astype("float64")
        units = (share * self.params["units"]).round()
        return share.where((units == 0) | (units >= SMALL_CELL))

    def recurring(self) -> pd.Series:
        """Return, per segment, the number of algorithms under which it is found again."""
        near = self.table.filter(like="jaccard_")
        return pd.Series(
            (near >= self.least).sum().to_numpy(), index=[int(c.removeprefix("jaccard_")) for c in near], name="recurs"
        )

    def to_json(self) -> dict[str, Any]:
        """Return ARI, with its range over seeds, AMI, clusters and noise by algorithm."""
        rows = self.table.set_index("algorithm")[["ari", "ari_se", "ari_low", "ari_high", "ami", "clusters"]]
        return rows.assign(noise=self.noise.to_numpy()).to_dict("index")

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def algorithms(
    matrix: ModelMatrix,
    segments: Segments,
    *,
    names: Iterable[str] | None = None,
    least: float = JACCARD,
    most: int = EXACT,
    jobs: int | None = None,
) -> Algorithms:
    """Divide the matrix by other algorithms, at the same number of segments where they let one choose.

    Parameters
    ----------
    matrix : ModelMatrix
        Above ``silhouettes.EXACT`` units, random samples of ``most`` stand for all (see `silhouettes.parts`), since most of
        these algorithms take time and room that grow with the square of the units; k-means on the samples is then
        compared as well.
    segments : Segments
        The partition in use.
    names : iterable of str, optional
        Keys of ``METHODS``; all when not given.
    least : float
        From which Jaccard similarity on a segment counts as found again.
    most : int
        Units in each sample.
    jobs : int, optional
        Processes.

    Notes
    -----
    Ward (1963); average linkage (Sokal and Michener 1958); bisecting k-means (Steinbach, Karypis and Kumar 2000), best
    inertia of ``STARTS``; k-medoids by FasterPAM (Schubert and Rousseeuw 2021), least loss of ``STARTS``, Euclidean;
    Gaussian mixtures (McLachlan and Peel 2000) with ``MIXTURE_STARTS`` starts and ``RIDGE`` on the diagonal; spectral
    clustering (von Luxburg 2007) of the graph of ``NEIGHBOURS`` nearest neighbours; HDBSCAN (Campello, Moulavi and
    Sander 2013), which finds its own number of clusters and takes the rest for noise. For ARI and AMI noise is a group of
    its own; a segment can only be found again in a cluster. What starts at random (``SEEDED``) is run from ``SEEDS`` seeds.
    """
    n, k, seed = len(matrix.values), segments.k, segments.seed
    labels = segments.labels.reindex(matrix.index).to_numpy() - 1
    wanted = list(METHODS) if names is None else [m for m in METHODS if m in set(names)]
    samples = parts(n, "algorithms/sample", seed, most)
    whole, size = len(samples) == 1, len(samples[0])
    if not whole and names is None:
        wanted.insert(0, "k-means")
    columns = ["algorithm", "clusters", "noise", "ari", "ari_low", "ari_high", "ami"]
    columns += [f"jaccard_{i}" for i in range(1, k + 1)]
    done = [_compared(matrix.values, labels, rows, wanted, k, seed, jobs) for rows in samples]
    groups = pd.concat([pd.DataFrame(rows, columns=columns) for rows in done]).groupby("algorithm", sort=False)
    table = groups.mean()
    table["clusters"] = groups["clusters"].first()  # a mean of whole numbers would be none
    table["ari_low"], table["ari_high"] = groups["ari_low"].min(), groups["ari_high"].max()
    spread = groups["ari"].std(ddof=1) / np.sqrt(groups.size())
    table.insert(table.columns.get_loc("ari") + 1, "ari_se", 0.0 if whole else spread)
    params = {
        "starts": STARTS, "mixture_starts": MIXTURE_STARTS, "ridge": RIDGE, "neighbours": NEIGHBOURS,
        "smallest": smallest_cluster(size), "units": size, "sampled": None if whole else size,
        "samples": len(samples), "seeds": SEEDS, "seeded": [n for n in table.index if n in SEEDED],
    }  # fmt: skip
    return Algorithms(table.reset_index(), params, seed, least)


def _compared(
    values: Floats, labels: Labels, rows: Labels, wanted: Sequence[str], k: int, seed: int, jobs: int | None
) -> list[dict[str, Any]]:
    """Run algorithms on some of the units, and compare each with the partition in use."""
    from sklearn.metrics import adjusted_mutual_info_score

    order = rows[np.lexsort(values[rows].T)]  # ties are settled by values, not by the order of the rows
    reference, own = labels[order], values[order]
    seeds = [seed, *(integer(f"algorithms/seed {i}", seed) for i in range(1, SEEDS))]
    tasks = [(name, own, k, s) for name in wanted for s in (seeds if name in SEEDED else seeds[:1])]
    found = side_by_side(_run, tasks, what="algorithms", jobs=jobs)
    table: list[dict[str, Any]] = []
    for (name, *_), other in zip(tasks, found, strict=True):
        if other is None:
            continue
        clusters = int(other.max()) + 1
        both = crossing(reference, np.where(other < 0, clusters, other), k, clusters + 1)
        table.append(
            {"algorithm": name, "clusters": clusters, "noise": float((other < 0).mean()),
             "ari": adjusted_rand(both),
             "ami": float(adjusted_mutual_info_score(reference, other)),
             **{f"jaccard_{i + 1}": float(v) for i, v in enumerate(_found_again(both))}}
        )  # fmt: skip
    return _over_seeds(pd.DataFrame(table)) if table else []


def _over_seeds(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the medians of each algorithm over its seeds, and the range of its ARI."""
    groups = rows.groupby("algorithm", sort=False)
    table = groups.median()
    table["clusters"] = groups["clusters"].first()
    table["ari_low"], table["ari_high"] = groups["ari"].min(), groups["ari"].max()
    return table.reset_index().to_dict("records")


def _found_again(both: np.ndarray) -> Floats:
    """Return the best Jaccard similarity with a cluster; the last column is noise, which counts as lost."""
    shares = best_jaccard(both[:, :-1]) if both.shape[1] > 1 else np.zeros(len(both))
    if not both[:, -1].any():
        return shares
    own, clusters = both.sum(axis=1), both[:, :-1]
    union = own[:, None] + clusters.sum(axis=0) - clusters
    return (clusters / np.maximum(union, 1)).max(axis=1, initial=0.0)


def _run(name: str, values: Floats, k: int, seed: int) -> Labels | None:
    """Run one algorithm; None where it cannot divide these units."""
    method = {**METHODS, "k-means": _kmeans}[name]
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # a graph in several parts, a mixture that took all its steps: shown by the result
        try:
            return np.asarray(method(values, k, seed), dtype=np.int64)
        except ValueError:  # fewer distinct units than an algorithm needs
            return None


def _kmeans(values: Floats, k: int, seed: int) -> Labels:
    return SMALL.converging().fit(values, k, seed=seed).labels


def _linkage(method: str) -> Callable[[Floats, int, int], Labels]:
    def run(values: Floats, k: int, seed: int) -> Labels:
        from scipy.cluster.hierarchy import fcluster, linkage

        return fcluster(linkage(values, method), k, criterion="maxclust").astype(np.int64) - 1

    return run


def _bisecting(values: Floats, k: int, seed: int) -> Labels:
    from sklearn.cluster import BisectingKMeans

    # It starts at random, and once only, so seeds are tried here.
    seeds = np.random.RandomState(seed).randint(2**31 - 1, size=STARTS)
    fits = [BisectingKMeans(k, init="k-means++", n_init=1, random_state=s).fit(values) for s in seeds]
    return min(fits, key=lambda found: float(found.inertia_)).labels_


def _medoids(values: Floats, k: int, seed: int) -> Labels:
    import kmedoids
    from scipy.spatial.distance import pdist, squareform

    distances = squareform(pdist(values).astype(np.float32))  # half the room, which is what takes the time
    seeds = np.random.RandomState(seed).randint(2**31 - 1, size=STARTS)
    fits = [kmedoids.fasterpam(distances, k, init="random", random_state=int(s), n_cpu=1) for s in seeds]
    return min(fits, key=lambda found: float(found.loss)).labels.astype(np.int64)


def _mixture(kind: str) -> Callable[[Floats, int, int], Labels]:
    def run(values: Floats, k: int, seed: int) -> Labels:
        from sklearn.mixture import GaussianMixture

        model = GaussianMixture(k, covariance_type=kind, n_init=MIXTURE_STARTS, reg_covar=RIDGE, random_state=seed)
        return model.fit_predict(values)

    return run


def _spectral(values: Floats, k: int, seed: int) -> Labels:
    from sklearn.cluster import SpectralClustering

    model = SpectralClustering(
        k, affinity="nearest_neighbors", n_neighbors=min(NEIGHBOURS, len(values) - 1), assign_labels="cluster_qr",
        random_state=seed,
    )  # fmt: skip
    return model.fit_predict(values)


def _density(values: Floats, k: int, seed: int) -> Labels:
    from sklearn.cluster import HDBSCAN

    return HDBSCAN(min_cluster_size=smallest_cluster(len(values)), copy=True).fit(values).labels_


def smallest_cluster(n: int) -> int:
    """Return how many units make a cluster of HDBSCAN: one per cent of them, and five at least."""
    return max(5, round(SMALLEST * n))


METHODS: dict[str, Callable[[Floats, int, int], Labels]] = {
    "Ward": _linkage("ward"),
    "average linkage": _linkage("average"),
    "bisecting k-means": _bisecting,
    "k-medoids": _medoids,
    "tied Gaussian mixture": _mixture("tied"),
    "full Gaussian mixture": _mixture("full"),
    "diagonal Gaussian mixture": _mixture("diag"),
    "spectral": _spectral,
    "HDBSCAN": _density,
}
SEEDED = frozenset(n for n in METHODS if n in ("bisecting k-means", "k-medoids", "spectral") or n.endswith("mixture"))
