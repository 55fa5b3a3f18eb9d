"""Would each border be drawn again: two neighbouring segments, taken together, against one cloud of the same units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import generator, integer
from ..thresholds import LEVEL
from .copula import normal_factor
from .fits import Labels, fit, side_by_side
from .matrix import Floats, ModelMatrix
from .modes import dip
from .null_statistics import holm, p_value
from .nulls import MOST, settled
from .segments import Segments
from .silhouettes import sample

BINS = 200  # of the laws with one peak: fine beside the spread of any column, and pooled wherever they are not needed
MEMBERS = 1_000  # of two segments that are looked at; a gap that so many do not show is none to rely on
STARTS = 3  # of k-means in the clouds that are drawn


@dataclass(frozen=True)
class Borders:
    """Whether the border between each segment and its nearest neighbour is more than a cut through one cloud.

    Attributes
    ----------
    table : DataFrame
        One row per border: ``segment`` and ``neighbour`` (the lower number first), ``dip`` (of the units of both, along the
        line between their centres), ``null_mean`` (of clouds), ``p``, ``p_holm``, ``drawn`` (clouds behind the p), ``again``
        (whether it would be drawn again: ``p_holm`` is at most the level).
    params : dict
        ``level``, ``members`` (units looked at, at most), ``testable`` (whether there are enough clouds for a p to reach the
        level).
    seed : int
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int

    @property
    def again(self) -> dict[tuple[int, int], bool]:
        """Whether each border would be drawn again, by its two segments."""
        rows = self.table.itertuples()
        return {(int(r.segment), int(r.neighbour)): bool(r.again) for r in rows}

    def to_json(self) -> dict[str, Any]:
        """Return the borders as plain values."""
        return {"table": self.table.to_dict("records"), "params": self.params, "seed": self.seed}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def borders(
    matrix: ModelMatrix,
    segments: Segments,
    *,
    count: int = 99,
    level: float = LEVEL,
    seed: int = 42,
    jobs: int | None = None,
) -> Borders:
    """Compare the gap at each border with the gaps of single clouds of the same units that are cut in two.

    Parameters
    ----------
    matrix : ModelMatrix
        n units.
    segments : Segments
        The partition in use.
    count : int
        Clouds for each border; more are drawn, `nulls.MOST` times as many at most, until it is settled on which side of the
        level p lies, that is, of the level divided by the number of borders.
    level : float
    seed : int
    jobs : int, optional
        Processes; all processors when not given.

    Notes
    -----
    As in SigClust (Liu, Y., Hayes, D. N., Nobel, A. and Marron, J. S. (2008). Statistical significance of clustering for
    high-dimension, low-sample size data. Journal of the American Statistical Association, 103, 1281-1293; Kimes, P. K., Liu,
    Y., Hayes, D. N. and Marron, J. S. (2017). Statistical significance for hierarchical clustering. Biometrics, 73, 811-821),
    the units of two segments are set beside clouds without a border, which 2-means cuts as well. Two things differ, since
    segments are cells of a larger cloud and features are skewed, of which neither is normal. The statistic is the dip
    (Hartigan and Hartigan 1985) of the units along the line between both means: it sees a gap, and is the same for a cell that
    others have cut off. And the clouds keep the shape of the data: each column, turned so that the first runs across the
    border, has the law with one peak that is nearest to its own (as Cheng, M.-Y. and Hall, P. (1998). Calibrating the excess
    mass and dip tests of modality. Journal of the Royal Statistical Society B, 60, 579-589), and a Gaussian copula keeps
    rank correlations.

    Each unit is placed by the means of the others, as in leave-one-out discrimination (Lachenbruch and Mickey 1968): where
    columns are many, a unit would else draw the line towards itself, and all units would seem apart.

    Holm's adjustment runs over the borders. A segment of fewer than three units has no border that could be tested.
    """
    values, labels = matrix.values, segments.labels.to_numpy(dtype=np.int64)
    pairs = neighbours(segments.centres)
    each = level / max(len(pairs), 1)
    most = (count + 1) * MOST - 1
    plan = []
    for a, b in pairs:
        rows = np.flatnonzero((labels == a) | (labels == b))
        rows = rows[sample(len(rows), MEMBERS, f"borders/{a} {b}", seed)] if len(rows) > MEMBERS else rows
        plan.append(
            (values[rows], (labels[rows] == b).astype(np.int64), count, most, each, integer(f"border {a} {b}", seed))
        )
    found = side_by_side(_border, plan, what="borders", jobs=jobs)
    table = pd.DataFrame(pairs, columns=["segment", "neighbour"])
    table[["dip", "null_mean", "p", "drawn"]] = np.array(found).reshape(-1, 4)
    table["drawn"] = table["drawn"].astype("int64")
    table["p_holm"] = holm(table["p"].tolist())
    table["again"] = table["p_holm"] <= level
    params = {"count": count, "level": level, "members": MEMBERS, "testable": bool(1 / (most + 1) <= each)}
    return Borders(table, params, seed)


def neighbours(centres: Floats) -> list[tuple[int, int]]:
    """Return each segment with the one whose centre is nearest, the lower number first, each pair once.

    Examples
    --------
    >>> neighbours(np.array([[0.0], [1.0], [5.0]]))
    [(1, 2), (2, 3)]
    """
    apart = ((centres[:, None] - centres[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    return sorted({(min(i, j) + 1, max(i, j) + 1) for i, j in enumerate(apart.argmin(axis=1).tolist()) if i != j})


def across(values: Floats, second: Labels) -> Floats:
    """Return where each unit lies between two means, that of its own group without itself: 0 halfway, in units of distance.

    Parameters
    ----------
    values : array of shape (n, n_columns)
    second : array of length n
        0 or 1.

    Examples
    --------
    >>> across(np.array([[0.0], [2.0], [9.0], [11.0]]), np.array([0, 0, 1, 1])).tolist()
    [-6.0, -3.0, 3.0, 6.0]
    """
    means, sizes = np.stack([values[second == g].mean(axis=0) for g in (0, 1)]), np.bincount(second, minlength=2)
    own = (sizes[second, None] * means[second] - values) / (sizes[second, None] - 1)
    sign = np.where(second == 1, 1.0, -1.0)
    line = own - means[1 - second]
    length = np.sqrt((line**2).sum(axis=1))
    along = ((values - (own + means[1 - second]) / 2) * line).sum(axis=1)
    return sign * np.divide(along, length, out=np.zeros_like(along), where=length > 0)


def one_peak(values: Floats) -> tuple[Floats, Floats]:
    """Return the distribution function of the law with one peak that is nearest to some values, and where it is known.

    Parameters
    ----------
    values : array of length n
        Not all equal.

    Returns
    -------
    tuple of array of length BINS + 1
        The distribution function, and its places.

    Notes
    -----
    Heights that rise to a peak and fall after it, by isotonic regression of those of a histogram (Robertson, Wright and
    Dykstra 1988); the peak is where the squares of what is left are smallest. One pass finds these for all peaks (Stout, Q. F.
    (2008). Unimodal regression via prefix isotonic regression. Computational Statistics and Data Analysis, 53, 289-297).

    Examples
    --------
    >>> share, at = one_peak(np.array([0.0, 0.0, 1.0, 1.0]))
    >>> float(np.interp(0.5, at, share).round(2))  # a gap is filled from the lower side
    0.75
    """
    from scipy.optimize import isotonic_regression

    counts, at = np.histogram(values, BINS)
    heights = counts.astype(np.float64)
    left = _left(heights)[1:] + _left(heights[::-1])[-2::-1]
    peak = int(np.argmax(left <= left.min() + 1e-9 * (heights**2).sum())) + 1  # of equal ones the first
    rising = isotonic_regression(heights[:peak]).x
    falling = isotonic_regression(heights[peak:], increasing=False).x if peak < BINS else heights[:0]
    share = np.concatenate([[0.0], np.concatenate([rising, falling]).cumsum()])
    return share / share[-1], at


def _left(heights: Floats) -> Floats:
    """Return the sum of squares that the nearest heights that never fall leave of the first 0, 1, ... of some heights."""
    sums, sizes, explained = list[float](), list[int](), 0.0
    out = np.zeros(len(heights) + 1)
    for i, own in enumerate(heights.tolist()):
        total, size = own, 1
        while sums and sums[-1] * size >= total * sizes[-1]:  # a block that is as high becomes one with the next
            before, width = sums.pop(), sizes.pop()
            explained -= before**2 / width
            total, size = total + before, size + width
        sums.append(total)
        sizes.append(size)
        explained += total**2 / size
        out[i + 1] = explained
    out[1:] = (heights**2).cumsum() - out[1:]
    return out


def clouds(values: Floats, second: Labels, rng: np.random.Generator) -> Iterator[Floats]:
    """Draw single clouds like some units, without end.

    Parameters
    ----------
    values : array of shape (n, n_columns)
    second : array of length n
        0 or 1: the side of the border.
    rng : Generator

    Yields
    ------
    array of shape (n, at most n_columns)
        In columns that are turned: the first runs across the border, the others are principal components of the rest.
    """
    from scipy.special import ndtr

    turned = _turned(values, second)
    laws, factor = [one_peak(column) for column in turned.T], normal_factor(turned)
    while True:
        at = ndtr(rng.standard_normal((len(turned), len(factor))) @ factor)
        yield np.column_stack([np.interp(own, *law) for own, law in zip(at.T, laws, strict=True)])


def _turned(values: Floats, second: Labels) -> Floats:
    middle = values - values.mean(axis=0)
    line = values[second == 1].mean(axis=0) - values[second == 0].mean(axis=0)
    line /= np.sqrt((line**2).sum())
    first = middle @ line
    _, size, turn = np.linalg.svd(middle - np.outer(first, line), full_matrices=False)
    return np.column_stack([first, middle @ turn[size > 1e-9 * np.sqrt((middle**2).sum())].T])


def _dip(values: Floats, second: Labels) -> float:
    """Return the dip across the border; NaN where a side has too few units."""
    return dip(across(values, second)) if np.bincount(second, minlength=2).min() > 1 else float("nan")


def _border(values: Floats, second: Labels, count: int, most: int, level: float, seed: int) -> tuple[float, ...]:
    """Test one border: return its dip, the mean of clouds, p, and the number of clouds."""
    observed, drawn = float("nan"), np.empty(0)
    if np.bincount(second, minlength=2).min() > 2:
        observed = _dip(values, second)
        source = clouds(values, second, generator("clouds", seed))
        while len(drawn) < most and not (len(drawn) and settled(observed, pd.Series(drawn), level)):
            some = [next(source) for _ in range(min(count + (len(drawn) > 0), most - len(drawn)))]
            parts = [fit(own, 2, seed=seed % 2**32, restarts=STARTS).labels for own in some]
            drawn = np.concatenate([drawn, [_dip(own, part) for own, part in zip(some, parts, strict=True)]])
    return observed, float(np.nanmean(drawn)) if len(drawn) else float("nan"), p_value(observed, drawn), len(drawn)
