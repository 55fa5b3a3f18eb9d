"""How far segments lie apart where they come closest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .kinds import kinds
from .matrix import Floats

PART = 0.1  # of all units: those nearest to another segment
CELLS = 4_000_000  # distances held at once: 32 MB


def separations(
    values: Floats, partitions: Sequence[NDArray[np.int64]], rows: NDArray[np.int64] | None = None
) -> Floats:
    """Return the separation index of each partition, with its standard error.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    partitions : sequence of int arrays of length n_units
        Labels 0 to k - 1, each of them in use.
    rows : array of int, optional
        A sample of units; all when not given. Each is still compared with all units.

    Returns
    -------
    array of shape (len(partitions), 2)
        The mean of the smallest tenth of the units' distances to the nearest unit of another segment (one unit at
        least); and its standard error, zero where all units were measured.

    Notes
    -----
    Hennig, C. (2014). How many bee species? A case study in determining the number of clusters. In Data Analysis,
    Machine Learning and Knowledge Discovery, Springer, 41-49. The mean of the smallest m of M values has the variance of
    min(value, largest of them) times M over m squared, by its influence function (Huber 1981).

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [4.0], [9.0]])
    >>> separations(x, [np.array([0, 0, 1, 1])])[0].tolist()
    [3.0, 0.0]
    """
    if not partitions:
        return np.empty((0, 2))
    nearest = np.sort(_nearest_other(values, partitions, rows), axis=0)
    n = len(nearest)
    m = max(1, int(np.ceil(PART * n - 1e-9)))
    error = np.minimum(nearest, nearest[m - 1]).std(axis=0) * np.sqrt(n) / m * np.sqrt(1 - n / len(values))
    return np.column_stack([nearest[:m].mean(axis=0), error])


def _nearest_other(values: Floats, partitions: Sequence[NDArray[np.int64]], rows: NDArray[np.int64] | None) -> Floats:
    """Return the distance of each unit to the nearest one of another segment; shape (len(rows), len(partitions))."""
    from sklearn.metrics import euclidean_distances

    rows = np.arange(len(values)) if rows is None else rows
    found = kinds(values)  # equal units are as far from all others
    each, number = values[found.first], len(found.first)
    # Which kinds are in which segment, segment by segment.
    pairs = [np.unique(np.asarray(p) * number + found.of) for p in partitions]
    starts = [np.searchsorted(pair, np.arange(p.max() + 1) * number) for p, pair in zip(partitions, pairs, strict=True)]
    wanted, place = np.unique(found.of[rows], return_inverse=True)
    nearest = [np.empty((len(wanted), len(first))) for first in starts]
    columns = [np.split(pair % number, first[1:]) for pair, first in zip(pairs, starts, strict=True)]
    step = max(1, CELLS // number)
    for start in range(0, len(wanted), step):
        squares = euclidean_distances(each[wanted[start : start + step]], each, squared=True)
        for least, own in zip(nearest, columns, strict=True):
            for j, column in enumerate(own):
                least[start : start + step, j] = squares.take(column, axis=1).min(axis=1)
    out = np.empty((len(rows), len(partitions)))
    for i, (labels, by_kind) in enumerate(zip(partitions, nearest, strict=True)):
        least = by_kind[place]
        least[np.arange(len(rows)), labels[rows]] = np.inf
        out[:, i] = np.sqrt(least.min(axis=1))
    return out
