"""The tree of Ward's linkage, as rows for a figure, and how faithful it is to the distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .fits import Labels
from .matrix import ModelMatrix


@dataclass(frozen=True)
class Dendrogram:
    """Which units join, at which height.

    Attributes
    ----------
    table : DataFrame
        One row per merge, in order of height: ``left``, ``right`` (a unit's place in ``units`` if below n, else n plus the
        merge that made it), ``height``, ``size``.
    units : Index of length n
        The order of the matrix.
    leaves : tuple
        The units in the order in which the tree is drawn, so that neighbours are as near as can be.
    lines : DataFrame
        One row per merge: the four corners of its bracket, ``x0`` to ``x3`` (leaf i stands at i) and ``y0`` to ``y3``.
    cophenetic : float
        Correlation of the heights at which pairs join with their distances; NaN for fewer than three units, or where all
        pairs are equally far.
    """

    table: pd.DataFrame
    units: pd.Index
    leaves: tuple[Any, ...]
    lines: pd.DataFrame
    cophenetic: float

    def cut(self, k: int) -> pd.Series:
        """Return the k segments that the tree makes, numbered from left to right."""
        n = len(self.units)
        owner = {i: [i] for i in range(n)}
        for step, (left, right) in enumerate(self.table[["left", "right"]].to_numpy()[: max(n - k, 0)]):
            owner[n + step] = owner.pop(int(left)) + owner.pop(int(right))
        place = {unit: i for i, unit in enumerate(self.leaves)}
        out = np.empty(n, dtype=np.int64)
        groups = sorted(owner.values(), key=lambda rows: min(place[self.units[r]] for r in rows))
        for number, rows in enumerate(groups, start=1):
            out[rows] = number
        return pd.Series(out, index=self.units, name="segment")

    def to_json(self) -> dict[str, Any]:
        """Return the merges, the order of the leaves and the cophenetic correlation."""
        return {
            "merges": self.table.to_dict("records"), "units": [str(u) for u in self.units],
            "leaves": [str(u) for u in self.leaves], "cophenetic": self.cophenetic,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def dendrogram(matrix: ModelMatrix) -> Dendrogram:
    """Join units by Ward's linkage.

    Parameters
    ----------
    matrix : ModelMatrix
        n units.

    Notes
    -----
    Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. Journal of the American Statistical
    Association, 58, 236-244; a height is the square root of twice the increase of the sum of squares. Order of the leaves:
    Bar-Joseph, Z., Gifford, D. K. and Jaakkola, T. S. (2001). Fast optimal leaf ordering for hierarchical clustering.
    Bioinformatics, 17, S22-S29. Sokal, R. R. and Rohlf, F. J. (1962). The comparison of dendrograms by objective methods.
    Taxon, 11, 33-40.
    """
    n, columns = len(matrix.values), ["left", "right", "height", "size"]
    corners = [f"{axis}{i}" for axis in "xy" for i in range(4)]
    if n < 2:
        empty = pd.DataFrame(columns=columns, dtype=np.float64)
        return Dendrogram(empty, matrix.index, tuple(matrix.index), pd.DataFrame(columns=corners), float("nan"))
    from scipy.cluster.hierarchy import cophenet, linkage
    from scipy.spatial.distance import pdist

    far = pdist(matrix.values)
    merges = linkage(far, "ward", optimal_ordering=True)
    table = pd.DataFrame(merges, columns=columns).astype({"left": int, "right": int, "size": int})
    joined = cophenet(merges)
    varies = n > 2 and np.ptp(far) > 0 and np.ptp(joined) > 0
    order = _leaves(merges)
    return Dendrogram(
        table, matrix.index, tuple(matrix.index[order]), pd.DataFrame(_brackets(merges, order), columns=corners),
        float(np.corrcoef(far, joined)[0, 1]) if varies else float("nan"),
    )  # fmt: skip


def _leaves(merges: np.ndarray) -> Labels:
    from scipy.cluster.hierarchy import leaves_list

    return np.asarray(leaves_list(merges), dtype=np.int64)


def _brackets(merges: np.ndarray, order: Labels) -> list[list[float]]:
    """Return the corners of each merge, the left child's foot first."""
    x, y = {int(unit): float(i) for i, unit in enumerate(order)}, dict.fromkeys(range(len(order)), 0.0)
    out = []
    for step, (a, b, height, _) in enumerate(merges):
        left, right = sorted((int(a), int(b)), key=lambda i: x[i])
        out.append([x[left], x[left], x[right], x[right], y[left], height, height, y[right]])
        x[len(order) + step], y[len(order) + step] = (x[left] + x[right]) / 2, height
    return out
