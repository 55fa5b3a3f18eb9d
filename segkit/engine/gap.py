"""The gap statistic: whether segments explain more than they would explain of a featureless cloud."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import generator
from .clusterer import SMALL, Clusterer
from .fits import DRAWN, LARGE, jobs_for, side_by_side
from .kinds import distinct
from .matrix import Floats, ModelMatrix
from .silhouettes import sample, standard_error

RIVALS = 4  # of the runs of a fit, those that are followed to their end
BOXES = ("principal components", "original axes")


@dataclass(frozen=True)
class Gap:
    """The gap statistic for each K, against two kinds of reference.

    Attributes
    ----------
    table : DataFrame
        Columns ``box``, ``k``, ``log_w``, ``reference`` (mean of log W over the reference sets), ``gap``, ``s``,
        ``log_w_se`` (standard error of ``log_w`` where drawn units stand for all, else zero).
    params : dict
    seed : int
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int

    def of(self, box: str) -> pd.DataFrame:
        """Return the rows of one kind of reference."""
        return self.table[self.table["box"] == box].reset_index(drop=True)

    def choice(self, box: str) -> int | None:
        """Return the smallest K with Gap(K) >= Gap(K + 1) - s(K + 1); None where there is none."""
        return first_local(self.of(box))

    @property
    def by(self) -> dict[str, int | None]:
        """The choice against each kind of reference."""
        return {box: self.choice(box) for box in BOXES}

    def to_json(self) -> dict[str, Any]:
        """Return the statistic as plain values."""
        return {"table": self.table.to_dict("records"), "by": self.by, "params": self.params, "seed": self.seed}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def first_local(rows: pd.DataFrame) -> int | None:
    """Return the smallest K with Gap(K) >= Gap(K + 1) - s(K + 1) among rows of successive K.

    Examples
    --------
    >>> first_local(pd.DataFrame({"k": [1, 2, 3], "gap": [0.1, 0.5, 0.52], "s": [0.01, 0.02, 0.03]}))
    2
    """
    gap, s, ks = rows["gap"].to_numpy(), rows["s"].to_numpy(), rows["k"].to_numpy()
    holds = np.flatnonzero(gap[:-1] >= gap[1:] - s[1:])
    return int(ks[holds[0]]) if len(holds) else None


def gap_statistic(
    matrix: ModelMatrix,
    k_max: int,
    *,
    references: int = 100,
    clusterer: Clusterer = SMALL,
    drawn: int | None = None,
    seed: int = 42,
    jobs: int | None = None,
) -> Gap:
    """Compare the spread within segments with that in reference sets drawn evenly from a box.

    Parameters
    ----------
    matrix : ModelMatrix
        n units.
    k_max : int
        The largest K that may be chosen: one more is measured, since the rule looks at the next K. Values that are not
        below the number of distinct units are left out.
    references : int
        Sets of n points for each kind of box.
    clusterer : Clusterer
    drawn : int, optional
        Units that stand for all where there are very many; ``fits.DRAWN`` when not given.
    seed : int
    jobs : int, optional
        Processes; all processors when not given, where that pays.

    Notes
    -----
    Tibshirani, R., Walther, G. and Hastie, T. (2001). Estimating the number of clusters in a data set via the gap
    statistic. Journal of the Royal Statistical Society B, 63, 411-423. W is the sum over segments of D / (2 n), with D
    the sum of the squared distances of all ordered pairs, which is the inertia; Gap(K) is the mean of log W over the
    reference sets minus log W, and s(K) their standard deviation (divisor B) times sqrt(1 + 1/B). The box is that of the
    columns, or that of the principal components, turned back. The two may disagree.

    Of the runs of a fit the best four after twelve steps go on. On reference sets of 2,091 points in 20 columns this made
    the mean of log W larger by 0.002 at most, a quarter of s, and took half the time. Ten starts are enough here: with fifty no
    gap up to K = 6 moved by more than 0.0023 in the published log and 0.0006 in its simulation, and no choice did (four reference
    sets of each kind).
    Above ``fits.LARGE`` units, ``drawn`` that are drawn once stand for all. The error of log W is then that of the
    logarithm of a mean of squared distances (delta method).
    """
    n = len(matrix.values)
    x = matrix.values if n <= LARGE else matrix.values[sample(n, drawn or DRAWN, "gap/units", seed)]
    most = len(np.unique(distinct(x)))
    ks = [k for k in range(1, k_max + 2) if k < most]
    seeds = generator("gap/fits", seed).integers(2**32 - 1, size=max(ks, default=1) + 1)
    squares = list(_squares(x, ks, seeds, clusterer))
    own = [float(np.log(d.sum())) for d in squares]
    errors = [float(standard_error(d, n) / d.mean()) if len(x) < n else 0.0 for d in squares]
    jobs = jobs or jobs_for(len(x), 2 * references * len(ks) * clusterer.weight)
    rows = []
    for box in BOXES:
        draws = generator(f"gap/{box}", seed).integers(2**32 - 1, size=references)
        tasks = [(x, box, int(draw), ks, clusterer) for draw in draws]
        logs = np.array(side_by_side(_reference, tasks, what=f"gap, {box}", jobs=jobs)).reshape(references, len(ks))
        s = logs.std(axis=0) * np.sqrt(1 + 1 / references)
        rows += [
            (box, k, own[i], float(logs[:, i].mean()), float(logs[:, i].mean()) - own[i], float(s[i]), errors[i])
            for i, k in enumerate(ks)
        ]
    table = pd.DataFrame(rows, columns=["box", "k", "log_w", "reference", "gap", "s", "log_w_se"])
    return Gap(table, {"references": references, **clusterer.params, "ks": ks, "units": n, "drawn": len(x)}, seed)


def reference_set(values: Floats, box: str, rng: np.random.Generator) -> Floats:
    """Draw as many points as there are units evenly from a box around them.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    box : str
        One of ``BOXES``.
    rng : Generator

    Returns
    -------
    array of shape (n_units, n_columns)
    """
    middle = values.mean(axis=0)
    axes = np.eye(values.shape[1])
    if box == BOXES[0]:
        axes = np.linalg.svd(values - middle, full_matrices=False)[2]
    turned = (values - middle) @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    return (low + (high - low) * rng.random(turned.shape)) @ axes + middle


def _reference(values: Floats, box: str, draw: int, ks: Sequence[int], clusterer: Clusterer) -> list[float]:
    rng = np.random.default_rng(draw)
    made = reference_set(values, box, rng)
    found = _squares(made, ks, rng.integers(2**32 - 1, size=max(ks, default=1) + 1), clusterer)
    return [float(np.log(d.sum())) for d in found]


def _squares(values: Floats, ks: Iterable[int], seeds: np.ndarray, clusterer: Clusterer) -> Iterator[Floats]:
    """Yield, for each K, the squared distance of each unit to its centre."""
    for k in ks:
        found = clusterer.brief(RIVALS).fit(values, k, seed=int(seeds[k]))
        yield ((values - found.centres[found.labels]) ** 2).sum(axis=1)
