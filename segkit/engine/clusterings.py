"""Four clusterings of few units side by side: k-means, Ward, medoids, and density with and without a radius of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .algorithms import METHODS
from .clusterer import MANY
from .coassignment import Coassignment, coassigned
from .fits import Labels
from .jaccard import enough
from .kselection import knee
from .matrix import Floats, ModelMatrix
from .segments import Segments
from .silhouettes import silhouettes

CORE = 3  # units within the radius of a core unit, itself included: two neighbours are the fewest that make a density
PUBLISHED = (0.5, 5)  # radius and core of scikit-learn, which published recipes leave as they are
OF_DISTANCES, AS_PUBLISHED = "DBSCAN", "DBSCAN, default radius"
COLUMNS = ["algorithm", "clusters", "noise", "smallest", "largest", "singletons", "silhouette", "ari", "told"]
ALL_NOISE, ONE, FEW = "all noise", "one cluster", "too few distinct units"


@dataclass(frozen=True)
class Clusterings:
    """Partitions of one matrix by several clusterings.

    Attributes
    ----------
    table : DataFrame
        One row per clustering: ``algorithm``, ``clusters``, ``noise`` (share of the units that are in none), ``smallest``,
        ``largest``, ``singletons``, ``silhouette`` (mean over the units in clusters; missing with fewer than two of them),
        ``ari`` with the segments in use (noise is a group of its own), ``told`` (``ALL_NOISE``, ``ONE``, ``FEW``, or nothing).
    labels : DataFrame of int of shape (n_units, n_clusterings)
        Numbered as the segments in use as far as they match; ``NOISE`` for units in no cluster.
    agreement : Coassignment
        In how many of the clusterings each unit is in its segment, and which units fall together.
    params : dict
        ``radius`` and ``core`` of DBSCAN; ``published``, the radius and core that are tried beside them.
    seed : int
    """

    table: pd.DataFrame
    labels: pd.DataFrame
    agreement: Coassignment
    params: dict[str, Any]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return one record per clustering."""
        rows = {r["algorithm"]: {c: v for c, v in r.items() if c != "algorithm"} for r in self.table.to_dict("records")}
        return {"by_algorithm": rows, "params": self.params, "seed": self.seed}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def clusterings(
    matrix: ModelMatrix, segments: Segments, *, core: int = CORE, published: tuple[float, int] = PUBLISHED
) -> Clusterings:
    """Part the same units by k-means, Ward's linkage, k-medoids and DBSCAN.

    Parameters
    ----------
    matrix : ModelMatrix
    segments : Segments
        The partition in use; the first three are asked for as many segments.
    core : int
        Units within the radius, itself included, that make a unit a core of DBSCAN.
    published : (float, int)
        Radius and core of the DBSCAN that is tried beside ours.

    Notes
    -----
    Ward (1963); k-medoids by FasterPAM (Schubert and Rousseeuw 2021). DBSCAN: Ester, M., Kriegel, H.-P., Sander, J. and
    Xu, X. (1996). A density-based algorithm for discovering clusters in large spatial databases with noise. KDD-96,
    226-231: the radius is where the falling curve of the distances to the (``core`` - 1)th neighbour bends most (see
    `kselection.knee`). A radius in no relation to the distances, such as a library's default, makes noise of everything
    once there are many columns, or one cluster.
    """
    index, values, k, seed = matrix.index, matrix.values, segments.k, segments.seed
    eps = radius(values, core)
    found: dict[str, Labels] = {}
    if enough(values, k):
        found["k-means"] = MANY.best(values, k, seed=seed).labels
        found |= {name: METHODS[name](values, k, seed) for name in ("Ward", "k-medoids")}
    found[OF_DISTANCES] = density(values, eps, core)
    found[AS_PUBLISHED] = density(values, *published)
    labels = pd.DataFrame({name: own + 1 for name, own in found.items()}, index=index)
    agreement = coassigned(labels, segments.labels.reindex(index), seed=seed)
    by_name = agreement.draws.set_index("draw")
    names = ["k-means", "Ward", "k-medoids", OF_DISTANCES, AS_PUBLISHED]
    rows = [
        (name, *_measured(values, found[name]), float(by_name.loc[name, "ari"]), _told(found[name]))
        if name in found
        else (name, *[np.nan] * (len(COLUMNS) - 2), FEW)
        for name in names
    ]
    params = {"k": k, "core": core, "radius": eps, "published": list(published)}
    return Clusterings(pd.DataFrame(rows, columns=COLUMNS), agreement.labels, agreement, params, seed)


def radius(values: Floats, core: int) -> float:
    """Return the distance to the (``core`` - 1)th neighbour at which the sorted curve of them bends most.

    Where nothing bends (all distances alike, or fewer than three units) it is the largest of them; a little above zero
    where units coincide.

    Examples
    --------
    Three units beside each other, three more, and one far away, which stays outside:

    >>> radius(np.array([[0.0], [1], [2], [50], [51], [52], [99]]), 3)
    2.0
    """
    if len(values) < 2:
        return 1.0
    from scipy.spatial.distance import pdist, squareform

    far = np.sort(squareform(pdist(values)), axis=1)[:, min(core, len(values)) - 1]
    falling = np.sort(far)[::-1]
    bend = knee(np.arange(len(falling), dtype=np.float64), falling)
    return max(float(falling[bend or 0]), float(np.finfo(np.float64).tiny))


def density(values: Floats, eps: float, core: int) -> Labels:
    """Return the clusters of DBSCAN from 0, and -1 for noise."""
    from sklearn.cluster import DBSCAN

    # A radius that was measured between two units has to hold the second, whatever rounding says.
    return DBSCAN(eps=eps * (1 + 1e-9), min_samples=core).fit(values).labels_.astype(np.int64)


def _measured(values: Floats, labels: Labels) -> tuple[float, ...]:
    """Return clusters, share of noise, smallest, largest, singletons and mean silhouette."""
    known = labels >= 0
    sizes = np.bincount(labels[known])
    scores = silhouettes(values[known], [labels[known]]) if len(sizes) > 1 else np.full(1, np.nan)
    least, most = (int(sizes.min()), int(sizes.max())) if len(sizes) else (0, 0)
    return len(sizes), float((~known).mean()), least, most, int((sizes == 1).sum()), float(scores.mean())


def _told(labels: Labels) -> str:
    found = int(labels.max()) + 1
    return ALL_NOISE if not found else ONE if found == 1 else ""
