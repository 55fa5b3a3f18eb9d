"""Two partitions of the same units: which segment of the one is which of the other, and how far they agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .fits import Counts, Labels, adjusted_rand, crossing
from .matrix import Floats


def matched(counts: Counts | Floats) -> Labels:
    """Return, for each column's segment, the row's that it is matched with, one to one, so that most units agree.

    Parameters
    ----------
    counts : array of shape (k_a, k_b)
        See `crossing`; units may weigh.

    Returns
    -------
    array of int, length k_b
        Rows, from 0; -1 where no row is left, which happens only with more columns than rows.

    Notes
    -----
    The assignment is optimal: Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Naval Research
    Logistics Quarterly, 2, 83-97.

    Examples
    --------
    >>> matched(np.array([[1, 5], [2, 3]])).tolist()
    [1, 0]
    """
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(counts, maximize=True)
    out = np.full(counts.shape[1], -1, dtype=np.int64)
    out[columns] = rows
    return out


def agreeing(counts: Counts) -> int:
    """Return how many units agree once segments are matched one to one.

    Examples
    --------
    >>> agreeing(np.array([[1, 5], [2, 3]]))
    7
    """
    partner = matched(counts)
    both = np.flatnonzero(partner >= 0)
    return int(counts[partner[both], both].sum())


def align(reference: ArrayLike, labels: ArrayLike) -> NDArray[np.int64]:
    """Rename the labels of a partition so that as many units as possible keep their reference label.

    Parameters
    ----------
    reference, labels : array of int, length n_units
        Two partitions of the same units. Labels without a partner get numbers above those of the reference.

    Returns
    -------
    array of int, length n_units

    Examples
    --------
    >>> align([1, 1, 2, 2, 3], [9, 9, 7, 7, 7]).tolist()
    [1, 1, 2, 2, 2]
    """
    old, row = np.unique(np.asarray(reference), return_inverse=True)
    new, column = np.unique(np.asarray(labels), return_inverse=True)
    partner = matched(crossing(row, column, len(old), len(new)))
    alone = partner < 0
    names = old[partner].astype(np.int64)
    names[alone] = old[-1] + 1 + np.arange(alone.sum())
    return names[column]


def rand_index(a: ArrayLike, b: ArrayLike) -> float:
    """Return the adjusted Rand index of two labellings of the same units; NaN where there is no unit.

    Examples
    --------
    >>> rand_index([1, 1, 2, 2], [7, 7, 5, 5])
    1.0
    """
    (old, row), (new, column) = (np.unique(np.asarray(x), return_inverse=True) for x in (a, b))
    return adjusted_rand(crossing(row, column, len(old), len(new)))
