"""What stands out in segments of units that come in clusters: labels are dealt among clusters, not among units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.matrix import Floats
from ..privacy import SMALL_CELL
from ..seeds import generator
from .rates import COVERAGE

DEALS = 999
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Marked:
    """Means of marks in segments, beside those of all units.

    Attributes
    ----------
    table : DataFrame
        One row per segment and mark: ``segment``, ``mark``, ``mean``, ``overall``, ``difference`` and ``p``, which holds for
        all rows together. Segments of fewer than five clusters, or that all but fewer than five are in, have no row.
    level : float
    moved : float
        The share of units whose labels could be dealt to others: those of clusters whose number of units others have too.
    deals, seed : int
    """

    table: pd.DataFrame
    level: float
    moved: float
    deals: int
    seed: int

    def standing_out(self, segment: int) -> pd.DataFrame:
        """Return the marks of a segment that differ from those of all units beyond chance, the most unlike first."""
        rows = self.table[(self.table["segment"] == segment) & (self.table["p"] <= 1 - self.level + 1e-12)]
        order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index
        return rows.loc[order].reset_index(drop=True)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "table": self.table.to_dict("records"), "level": self.level, "moved": self.moved, "deals": self.deals,
            "seed": self.seed,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def marked(
    marks: pd.DataFrame,
    labels: pd.Series,
    clusters: pd.Series,
    *,
    name: str,
    seed: int,
    deals: int = DEALS,
    level: float = COVERAGE,
) -> Marked:
    """Test which marks of which segments differ from those of all units.

    Parameters
    ----------
    marks : DataFrame of shape (n_units, n_marks)
        Numbers, such as shares or a yes or no, indexed by unit.
    labels : Series of int
        The segment of each unit, with the same index.
    clusters : Series
        What units belong to, with the same index; only clusters are drawn independently of each other.
    name : str
        Names the procedure, whose random draws are its own.
    seed : int
    deals : int
        How often the labels are dealt anew.
    level : float
        One less the probability of naming any mark of any segment where labels have nothing to do with marks.

    Raises
    ------
    ValueError
        A mark is missing, or the three are not of the same units.

    Notes
    -----
    All labels of a cluster go together to another one of as many units, so that what units of a cluster have in common stays
    in common: Winkler, A. M. et al. (2015). Multi-level block permutation. NeuroImage, 123, 253-268. Each difference is
    divided by its own spread over the deals, and p is the share of deals, the data among them, whose largest one is as large:
    Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing, algorithm 2.5 (single step).
    """
    if not (marks.index.equals(labels.index) and marks.index.equals(clusters.index)):
        raise ValueError("marks, labels and clusters are not of the same units")
    values = marks.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all() or labels.isna().any() or clusters.isna().any():
        raise ValueError("a unit lacks a mark, its label or its cluster")
    of = pd.factorize(clusters, sort=True)[0]
    order = np.argsort(of, kind="stable")
    values, of, own = values[order], of[order], labels.to_numpy()[order]
    told = [s for s in np.unique(own) if _enough(own == s, of)]
    columns = ["segment", "mark", "mean", "overall", "difference", "p"]
    sizes = np.bincount(of)
    alike = np.bincount(sizes)[sizes]  # clusters of as many units
    moved = float((alike[of] > 1).mean()) if len(of) else 0.0
    if not (told and values.shape[1]):
        return Marked(pd.DataFrame(columns=columns), level, moved, deals, seed)
    overall = values.mean(axis=0)
    means = _means(values, own, told)
    drawn = np.stack([_means(values, d, told) for d in _dealt(own, of, deals, f"marked/{name}", seed)])
    p = _adjusted(np.concatenate([means[None], drawn]) - overall)
    rows = [
        (int(s), mark, means[i, j], overall[j], means[i, j] - overall[j], p[i, j])
        for i, s in enumerate(told)
        for j, mark in enumerate(marks.columns)
    ]
    return Marked(pd.DataFrame(rows, columns=columns), level, moved, deals, seed)


def _enough(within: NDArray[np.bool_], of: Labels) -> bool:
    """Tell whether neither the segment nor the rest is of so few clusters that a mean would be of some."""
    rest = len(np.unique(of[~within]))
    return len(np.unique(of[within])) >= SMALL_CELL and rest >= SMALL_CELL


def _means(values: Floats, labels: Labels, told: list[int]) -> Floats:
    return np.stack([values[labels == s].mean(axis=0) for s in told])


def _dealt(labels: Labels, of: Labels, deals: int, name: str, seed: int) -> list[Labels]:
    """Return labels dealt anew, whole clusters at a time; units are in the order of their clusters."""
    random, sizes = generator(name, seed), np.bincount(of)
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    alike = [begins[sizes == n][:, None] + np.arange(n) for n in np.unique(sizes)]
    out = []
    for _ in range(deals):
        new = labels.copy()
        for places in alike:
            new[places] = labels[places[random.permutation(len(places))]]
        out.append(new)
    return out


def _adjusted(differences: Floats) -> Floats:
    """Return p of the first of some sets of differences, the others being those of chance."""
    spread = np.sqrt((differences**2).mean(axis=0))
    z = np.abs(np.divide(differences, spread, out=np.zeros_like(differences), where=spread > 1e-12))
    most = z.max(axis=(1, 2))
    return np.asarray((most[:, None, None] >= z[0] - 1e-9).mean(axis=0), dtype=np.float64)
