"""What an order of units is worth: area under the curve, lift and reach, with ties by expectation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .matrix import Floats


class Ranking(NamedTuple):
    """An order of units in which equal ones form a group.

    Attributes
    ----------
    order : array of int, length n_units
        Best first.
    starts : array of int, length n_groups
        Where each group of tied units begins within ``order``.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]


def ranking(scores: ArrayLike) -> Ranking:
    """Sort units by a score, largest first, and keep ties together.

    Examples
    --------
    >>> ranking([1.0, 3.0, 1.0]).order.tolist(), ranking([1.0, 3.0, 1.0]).starts.tolist()
    ([1, 0, 2], [0, 1])
    """
    values = np.asarray(scores, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(ranked) else order[:0]
    return Ranking(order, starts)


def totals(ranked: Ranking, active: ArrayLike, counts: Floats) -> tuple[Floats, Floats]:
    """Return units and active units in each group of tied units.

    Parameters
    ----------
    ranked : Ranking
    active : array of bool, length n_units
    counts : array of shape (n_samples, n_units)
        How often each unit counts.

    Returns
    -------
    units, hits : arrays of shape (n_samples, n_groups)
    """
    sorted_counts = counts[:, ranked.order]
    units = np.add.reduceat(sorted_counts, ranked.starts, axis=1)
    hits = np.add.reduceat(sorted_counts * np.asarray(active)[ranked.order], ranked.starts, axis=1)
    return units, hits


def auc(units: Floats, hits: Floats) -> Floats:
    """Return the chance that an active unit comes before an inactive one, where ties count one half.

    Parameters
    ----------
    units, hits : arrays of shape (n_samples, n_groups)
        See `totals`.

    Returns
    -------
    array of length n_samples
        NaN where all are active, or none.

    Notes
    -----
    Hanley, J. A. and McNeil, B. J. (1982). The meaning and use of the area under a receiver operating characteristic (ROC)
    curve. Radiology, 143, 29-36.

    Examples
    --------
    >>> auc(np.array([[1.0, 2.0, 1.0]]), np.array([[1.0, 1.0, 0.0]])).tolist()
    [0.875]
    """
    misses = units - hits
    after = misses.sum(axis=1, keepdims=True) - misses.cumsum(axis=1)
    pairs = hits.sum(axis=1) * misses.sum(axis=1)
    won = (hits * (after + misses / 2)).sum(axis=1)
    return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)


def reach(units: Floats, hits: Floats, taken: Floats) -> Floats:
    """Return how many active units are among the first so many of an order.

    Parameters
    ----------
    units, hits : arrays of shape (n_samples, n_groups)
        See `totals`.
    taken : array of shape (n_samples, n_points) or (n_points,)
        How many units are taken; the order within a group of tied units is random, so the expected value is returned.

    Returns
    -------
    array of shape (n_samples, n_points)

    Examples
    --------
    >>> reach(np.array([[1.0, 2.0, 1.0]]), np.array([[1.0, 1.0, 0.0]]), np.array([1.0, 2.0, 4.0])).tolist()
    [[1.0, 1.5, 2.0]]
    """
    zero = np.zeros((len(units), 1))
    x, y = np.hstack([zero, units.cumsum(axis=1)]), np.hstack([zero, hits.cumsum(axis=1)])
    wanted = np.broadcast_to(taken, (len(units), np.shape(taken)[-1]))
    return np.array([np.interp(c, a, b) for c, a, b in zip(wanted, x, y, strict=True)])


def lift(units: Floats, hits: Floats, share: float) -> Floats:
    """Return the rate of active units in the first so large a share of an order, relative to that of all.

    Returns
    -------
    array of length n_samples
        NaN where none is active.
    """
    everyone, all_hits = units.sum(axis=1), hits.sum(axis=1)
    first = share * everyone
    found = reach(units, hits, first[:, None])[:, 0]
    base = np.divide(all_hits, everyone, out=np.zeros(len(units)), where=everyone > 0) * first
    return np.divide(found, base, out=np.full(len(units), np.nan), where=base > 0)
