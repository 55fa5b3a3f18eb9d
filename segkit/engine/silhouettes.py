"""Silhouettes of several partitions in one pass over the distances, for all units or for a sample of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..seeds import generator
from .kinds import kinds
from .matrix import Floats

EXACT = 5_000  # units up to which every silhouette is computed; above, so many are sampled
SAMPLES = 2  # where a partition is fitted on a sample: two show how far it depends on which one
TILE = 320  # units on each side of the distances held at once: 0.8 MB, which stays near the processor


def silhouettes(values: Floats, partitions: Sequence[ArrayLike], rows: NDArray[np.int64] | None = None) -> Floats:
    """Return the silhouette of each unit in each partition.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    partitions : sequence of int arrays of length n_units
        Labels 0 to k - 1, each of them in use.
    rows : array of int, optional
        The units that are wanted; all when not given. Each is still compared with all units.

    Returns
    -------
    array of shape (len(rows), len(partitions))
        (b - a) / max(a, b), with the mean distance a to the unit's own segment and b to the nearest other; 0 for a unit
        that is alone in its segment.

    Notes
    -----
    Rousseeuw, P. J. (1987). Silhouettes. Journal of Computational and Applied Mathematics, 20, 53-65. Distances are
    computed once for all partitions, for all units that are equal and for both units of a pair, and summed within segments
    by matrix products.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> silhouettes(x, [[0, 0, 1, 1]]).round(3).ravel().tolist()
    [0.905, 0.895, 0.895, 0.905]
    """
    n = len(values)
    rows = np.arange(n) if rows is None else rows
    labels = [np.asarray(p) for p in partitions]
    widths = [int(p.max()) + 1 for p in labels]
    found = kinds(values)
    each, number = values[found.first], len(found.first)
    member = np.hstack(
        [
            np.bincount(found.of * w + p, minlength=number * w).reshape(-1, w)
            for p, w in zip(labels, widths, strict=True)
        ]
    ).astype(np.float64)
    wanted, place = np.unique(found.of[rows], return_inverse=True)
    sums = _sums(each, member, wanted)
    out = np.empty((len(rows), len(labels)))
    for i, (p, end) in enumerate(zip(labels, np.cumsum(widths), strict=True)):
        sizes = np.bincount(p)
        out[:, i] = _one(sums[place, end - len(sizes) : end], sizes, p[rows])
    return out


def _sums(values: Floats, member: Floats, wanted: NDArray[np.int64]) -> Floats:
    """Sum the distances of some rows to all, weighed by each column of ``member``; shape (len(wanted), n_columns)."""
    x = values - values.mean(axis=0)  # far from zero, squares would lose digits
    norms = np.einsum("ij,ij->i", x, x)[:, None]
    ones = np.ones_like(norms)
    left, right = np.hstack([-2 * x[wanted], norms[wanted], ones[wanted]]), np.hstack([x, ones, norms])
    mirrored = len(wanted) == len(x)  # each pair then serves both its units
    out, room = np.zeros((len(wanted), member.shape[1])), np.empty((TILE, TILE))
    for start in range(0, len(wanted), TILE):
        here = wanted[start : start + TILE]
        for first in range(start if mirrored else 0, len(x), TILE):
            part = right[first : first + TILE]
            far = np.matmul(left[start : start + TILE], part.T, out=room[: len(here), : len(part)])
            np.sqrt(np.maximum(far, 0, out=far), out=far)
            own = np.flatnonzero((here >= first) & (here < first + TILE))
            far[own, here[own] - first] = 0.0  # a unit is at no distance from itself, whatever rounding says
            out[start : start + TILE] += far @ member[first : first + TILE]
            if mirrored and first > start:
                out[first : first + TILE] += far.T @ member[start : start + TILE]
    return out


def _one(sums: Floats, sizes: NDArray[np.int64], own: NDArray[np.int64]) -> Floats:
    at = np.arange(len(own))
    with np.errstate(invalid="ignore", divide="ignore"):
        a = sums[at, own] / (sizes[own] - 1)
        other = sums / sizes
        other[at, own] = np.inf
        b = other.min(axis=1)
        score = (b - a) / np.maximum(a, b)
    return np.where(sizes[own] == 1, 0.0, np.nan_to_num(score))


def sample(n: int, size: int, name: str, seed: int) -> NDArray[np.int64]:
    """Draw units without replacement, in order, from the generator that belongs to a name."""
    return np.sort(generator(name, seed).choice(n, size=size, replace=False))


def parts(n: int, name: str, seed: int, most: int = EXACT) -> list[NDArray[np.int64]]:
    """Return the units on which something quadratic is computed: all up to ``EXACT``, else ``SAMPLES`` samples of ``most``.

    Notes
    -----
    Independent samples, so that the spread between them measures what the sampling does: both to the partition that is
    fitted on a sample and to the agreement that is measured on it.
    """
    if n <= EXACT:
        return [np.arange(n)]
    return [sample(n, min(most, EXACT), f"{name} {i}", seed) for i in range(SAMPLES)]


def standard_error(sampled: Floats, n: int) -> Floats:
    """Return the standard error of the mean of a sample without replacement from n units, per column.

    Notes
    -----
    Cochran, W. G. (1977). Sampling Techniques. 3rd ed. Wiley, chapter 2: s / sqrt(m) times sqrt(1 - m / n).
    """
    m = len(sampled)
    error: Floats = sampled.std(axis=0, ddof=1) / np.sqrt(m) * np.sqrt(1 - m / n)
    return error
