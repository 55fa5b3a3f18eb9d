"""Maps of points in two and in three dimensions, and how far they can be trusted. Nothing is clustered on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from .fits import LARGE
from .matrix import Floats
from .projection import placed_by_neighbours
from .silhouettes import sample

AXES = ("x", "y", "z")
SEEDS = 5


@dataclass(frozen=True)
class TextMaps:
    """Two maps of the same documents: a flat one, and one with a third axis of its own.

    Attributes
    ----------
    flat : DataFrame of shape (n_documents, 2)
        ``x`` and ``y``, by the id of the document.
    solid : DataFrame of shape (n_documents, 3)
        ``x``, ``y`` and ``z``; a map of its own, not the flat one with something added.
    table : DataFrame
        One row per map: ``dims``, ``trustworthiness``, ``continuity``; and over other seeds ``disparity`` (mean of the
        Procrustes disparities from the map that is shown: 0 for the same map but for turning and size, 1 for nothing in
        common) and ``kept`` (mean share of the neighbours on the map that stay neighbours).
    neighbours : int
        How many neighbours the numbers are about.
    reason : str
        Why there is no map; empty where there is.
    params : dict
    seed : int
    """

    flat: pd.DataFrame = field(repr=False)
    solid: pd.DataFrame = field(repr=False)
    table: pd.DataFrame
    neighbours: int
    reason: str
    params: dict[str, Any]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return the numbers; no point of any document."""
        return {
            "maps": self.table.to_dict("records"), "neighbours": self.neighbours, "reason": self.reason,
            "params": self.params, "seed": self.seed,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def text_maps(
    values: pd.DataFrame, *, neighbours: int = 15, seeds: int = SEEDS, most: int = LARGE // 10, seed: int = 42
) -> TextMaps:
    """Map points by their neighbours, in two and in three dimensions.

    Parameters
    ----------
    values : DataFrame of shape (n_documents, n_dims)
        None missing.
    neighbours : int
        Fewer where there are not twice as many documents.
    seeds : int
        Maps in all of either kind: one that is shown, and others that it is compared with.
    most : int
        Above so many documents a random part of them is mapped.
    seed : int

    Notes
    -----
    UMAP: McInnes, Healy and Melville (2018), arXiv:1802.03426. Trustworthiness falls with neighbours on the map that are
    none among the points, continuity with neighbours among the points that are none on the map: Venna, J. and Kaski, S.
    (2006). Local multidimensional scaling. Neural Networks, 19, 889-899; the latter is the former with the spaces swapped.
    Disparity: Gower, J. C. (1975). Generalized Procrustes analysis. Psychometrika, 40, 33-51.
    """
    n = len(values)
    rows = np.arange(n) if n <= most else sample(n, most, "text/maps", seed)
    points, index = values.to_numpy(dtype=np.float64)[rows], values.index[rows]
    near = min(neighbours, (len(rows) - 1) // 2)
    params = {"neighbours": neighbours, "seeds": seeds, "units": n, "placed": len(rows)}
    if near < 2 or not np.ptp(points, axis=0).any():
        flat, solid = (pd.DataFrame(columns=list(AXES[:d]), dtype="float64") for d in (2, 3))
        reason = "Too few documents differ from each other for a map."
        return TextMaps(flat, solid, pd.DataFrame(columns=list(_COLUMNS)), max(0, near), reason, params, seed)
    made, table = {}, []
    for dims in (2, 3):
        several = [placed_by_neighbours(points, near, dims, s).astype(np.float64) for s in range(seed, seed + seeds)]
        made[dims] = pd.DataFrame(several[0], index=index, columns=list(AXES[:dims]))
        table.append((dims, *trusted(points, several[0], near), *moved(several, near)))
    return TextMaps(made[2], made[3], pd.DataFrame(table, columns=list(_COLUMNS)), near, "", params, seed)


_COLUMNS = ("dims", "trustworthiness", "continuity", "disparity", "kept")


def trusted(points: Floats, mapped: Floats, near: int) -> tuple[float, float]:
    """Return trustworthiness and continuity of a map, of so many neighbours."""
    from sklearn.manifold import trustworthiness

    with threadpool_limits(1):
        trust, keep = (trustworthiness(a, b, n_neighbors=near) for a, b in ((points, mapped), (mapped, points)))
    return float(trust), float(keep)


def moved(maps: Sequence[Floats], near: int) -> tuple[float, float]:
    """Return how far other maps of the same points are from the first one: mean disparity, and neighbours that they keep.

    Examples
    --------
    >>> one = np.array([[0.0, 0], [1, 0], [0, 2], [5, 5]])
    >>> turned = 3 * one @ np.array([[0.0, 1], [-1, 0]])
    >>> disparity, kept = moved([one, turned], 1)
    >>> round(disparity, 9), kept
    (0.0, 1.0)
    """
    from scipy.spatial import procrustes

    if len(maps) < 2:
        return float("nan"), float("nan")
    first = _neighbours(maps[0], near)
    apart = [procrustes(maps[0], other)[2] for other in maps[1:]]
    kept = [
        np.mean([len(a & b) / near for a, b in zip(first, _neighbours(other, near), strict=True)]) for other in maps[1:]
    ]
    return float(np.mean(apart)), float(np.mean(kept))


def _neighbours(points: Floats, near: int) -> list[set[int]]:
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=near).fit(points).kneighbors(return_distance=False)
    return [set(row.tolist()) for row in found]
