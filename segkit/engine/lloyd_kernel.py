"""The steps of k-means, compiled: distances of many units at once, centre by centre, and sums of those that changed sides.

Distances have the precision in which the units are given, single or double.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from .matrix import Floats

Reals = NDArray[Any]  # of one precision, all that a function takes
FEW = 16  # units that are looked at together for one that changed sides
GOING, ENDED, LOST = 0, 1, 2  # how a run stands: it may go on, it has converged, a centre has lost all its units


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function for the numbers that it is called with, and keep that where there is a place to keep it."""
    try:
        return numba.njit(function, cache=True, fastmath=True, nogil=True)
    except RuntimeError:  # nothing can be written beside this file, nor in the folder of whoever runs it
        return numba.njit(function, fastmath=True, nogil=True)


@compiled
def _far(across: Reals, own: Reals, norms: Reals, units: NDArray[np.int64], out: Reals) -> None:
    """Write the squared distances of some units, one row each, to all."""
    np.dot(own[units], across, out)
    zero = norms.dtype.type(0)
    for row in range(len(units)):
        far, norm = out[row], norms[units[row]]
        for i in range(len(norms)):
            far[i] = max(norms[i] + norm - far[i] - far[i], zero)
        far[units[row]] = 0


@compiled
def chosen(
    across: Reals, own: Reals, of: NDArray[np.int64], counts: Floats, draws: Floats, k: int
) -> NDArray[np.int64]:
    """Draw the units that runs start from.

    Parameters
    ----------
    across, own, counts
        As for `walked`.
    of : array of int, length n_units
        Number of each unit among the distinct ones.
    draws : array of shape (runs, 1 + (k - 1) * trials)
        From 0 to 1.
    k : int

    Returns
    -------
    array of int of shape (runs, k)
        Numbers among the distinct units.
    """
    many, n = len(own), len(of)
    trials = (draws.shape[1] - 1) // (k - 1)
    out, norms, sums = np.empty((len(draws), k), np.int64), np.zeros(many, own.dtype), np.empty(n)
    for column in across:
        norms += column * column
    nearest, near, picks = (
        np.empty((1, many), own.dtype),
        np.empty((trials, many), own.dtype),
        np.empty(trials, np.int64),
    )
    for r in range(len(draws)):
        out[r, 0] = of[min(int(draws[r, 0] * n), n - 1)]
        _far(across, own, norms, out[r, :1], nearest)
        before = nearest[0]
        for c in range(1, k):
            total = 0.0
            for i in range(n):
                total += before[of[i]]
                sums[i] = total
            for t in range(trials):
                picks[t] = of[min(np.searchsorted(sums, draws[r, 1 + (c - 1) * trials + t] * total), n - 1)]
            _far(across, own, norms, picks, near)
            best, least = 0, np.inf
            for t in range(trials):
                left, now = 0.0, near[t]
                for i in range(many):
                    now[i] = min(now[i], before[i])
                    left += counts[i] * now[i]
                if left < least:
                    best, least = t, left
            out[r, c] = picks[best]
            before[:] = near[best]
    return out


@compiled
def _sides(far: Reals, norms: Reals, best: Reals, side: NDArray[np.int32]) -> None:
    """Write the number of the centre that each unit is nearest to; of two as near, the first."""
    for j in range(len(far)):
        number, norm, own = np.int32(j), norms[j], far[j]
        for i in range(len(best)):
            distance = own[i] + norm
            nearer = j == 0 or distance < best[i]
            best[i] = distance if nearer else best[i]
            side[i] = number if nearer else side[i]


@compiled
def _moved(own: Reals, counts: Floats, side: NDArray[np.int32], before: NDArray[np.int32], sums: Floats) -> None:
    """Take the units that changed sides out of one sum and into another; the last column of each counts them."""
    columns = own.shape[1]
    for start in range(0, len(side), FEW):
        end, changed = min(start + FEW, len(side)), 0
        for i in range(start, end):
            changed += side[i] != before[i]
        if not changed:
            continue
        for i in range(start, end):
            to, last = side[i], before[i]
            if to != last:
                many = counts[i]
                sums[to, columns] += many
                for q in range(columns):
                    sums[to, q] += many * own[i, q]
                if last >= 0:
                    sums[last, columns] -= many
                    for q in range(columns):
                        sums[last, q] -= many * own[i, q]
                before[i] = to


@compiled
def walked(
    across: Reals, own: Reals, counts: Floats, centres: Floats, tolerance: float, most: int
) -> tuple[Floats, NDArray[np.int64]]:
    """Step runs one after the other, until each has ended or has taken so many steps; its centres become its means.

    Parameters
    ----------
    across : array of shape (n_columns, n_kinds)
        Distinct units.
    own : array of shape (n_kinds, n_columns)
        The same, as rows.
    counts : array of length n_kinds
        Units that are equal.
    centres : array of shape (runs, k, n_columns)
        Written to.
    tolerance : float
        Squared length of a step that ends a run.
    most : int

    Returns
    -------
    explained : array of length runs
        What the means explain of the spread: units times squared norm of their mean.
    state : array of int, length runs
        ``GOING``, ``ENDED`` or ``LOST``.
    """
    runs, k, columns = centres.shape
    n = len(own)
    explained, state = np.zeros(runs), np.zeros(runs, np.int64)
    side, before, best = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, own.dtype)
    weights, norms, far = np.empty((k, columns), own.dtype), np.empty(k, own.dtype), np.empty((k, n), own.dtype)
    sums = np.empty((k, columns + 1))
    for r in range(runs):
        mean = centres[r]
        before[:], sums[:] = -1, 0
        for _ in range(most):
            # Without the unit's own norm, which is the same for every centre.
            for j in range(k):
                norm = 0.0
                for q in range(columns):
                    weights[j, q] = -2 * mean[j, q]
                    norm += mean[j, q] ** 2
                norms[j] = norm
            np.dot(weights, across, far)
            _sides(far, norms, best, side)
            _moved(own, counts, side, before, sums)
            step = 0.0
            for j in range(k):
                if sums[j, columns] < 0.5:
                    state[r] = LOST
                    break
                for q in range(columns):
                    middle = sums[j, q] / sums[j, columns]
                    step += (middle - mean[j, q]) ** 2
                    mean[j, q] = middle
            if state[r] == GOING and step <= tolerance:
                state[r] = ENDED
            if state[r] != GOING:
                break
        for j in range(k):
            for q in range(columns):
                explained[r] += sums[j, columns] * mean[j, q] ** 2
    return explained, state
