"""The steps of k-means, compiled: distances of many units at once, centre by centre, and sums of those that changed sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from .matrix import Floats

Singles = NDArray[np.float32]
AT_ONCE = 1024  # units whose distances stay in the processor's nearest memory
WIDE = 4  # columns that one pass over the units adds up; columns are filled up to a multiple with zeros
GOING, ENDED, LOST = 0, 1, 2  # how a run stands: it may go on, it has converged, a centre has lost all its units


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function for the numbers that it is called with, and keep that where there is a place to keep it."""
    try:
        return numba.njit(function, cache=True, fastmath=True, nogil=True)
    except RuntimeError:  # nothing can be written beside this file, nor in the folder of whoever runs it
        return numba.njit(function, fastmath=True, nogil=True)


@compiled
def _far(across: Singles, unit: Singles, out: Singles) -> None:
    """Write the squared distances of all units to one of them."""
    out[:] = np.float32(0)
    for q in range(0, across.shape[0], WIDE):
        v0, v1, v2, v3 = unit[q], unit[q + 1], unit[q + 2], unit[q + 3]
        x0, x1, x2, x3 = across[q], across[q + 1], across[q + 2], across[q + 3]
        for i in range(len(out)):
            d0, d1, d2, d3 = x0[i] - v0, x1[i] - v1, x2[i] - v2, x3[i] - v3
            out[i] += d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3


@compiled
def chosen(across: Singles, of: NDArray[np.int64], counts: Floats, draws: Floats, k: int) -> NDArray[np.int64]:
    """Draw the units that runs start from.

    Parameters
    ----------
    across : array of float32 of shape (n_columns, n_kinds)
        Distinct units, filled up with columns of zeros to a multiple of ``WIDE``.
    of : array of int, length n_units
        Number of each unit among the distinct ones.
    counts : array of length n_kinds
    draws : array of shape (runs, 1 + (k - 1) * trials)
        From 0 to 1.
    k : int

    Returns
    -------
    array of int of shape (runs, k)
        Numbers among the distinct units.
    """
    runs, many, n = len(draws), across.shape[1], len(of)
    trials = (draws.shape[1] - 1) // max(k - 1, 1)
    out = np.empty((runs, k), np.int64)
    nearest, near, best = np.empty(many, np.float32), np.empty(many, np.float32), np.empty(many, np.float32)
    sums = np.empty(n)
    for r in range(runs):
        out[r, 0] = of[min(int(draws[r, 0] * n), n - 1)]
        _far(across, across[:, out[r, 0]].copy(), nearest)
        for c in range(1, k):
            total = 0.0
            for i in range(n):
                total += nearest[of[i]]
                sums[i] = total
            least = np.inf
            for t in range(trials):
                aim = draws[r, 1 + (c - 1) * trials + t] * total
                pick = of[min(np.searchsorted(sums, aim), n - 1)]
                _far(across, across[:, pick].copy(), near)
                left = 0.0
                for i in range(many):
                    near[i] = min(near[i], nearest[i])
                    left += counts[i] * near[i]
                if left < least:
                    least = left
                    out[r, c] = pick
                    best, near = near, best
            nearest, best = best, nearest
    return out


@compiled
def _sides(
    across: Singles, weights: Singles, norms: Singles, side: NDArray[np.int32], fars: Singles, bests: Singles
) -> None:
    """Write the number of the centre that each unit is nearest to; of two as near, the first.

    Room for distances comes as two arrays: rows of one would keep the compiler from taking many units in one instruction.
    """
    columns, n = across.shape
    for start in range(0, n, AT_ONCE):
        end = min(start + AT_ONCE, n)
        m = end - start
        far, best, own = fars[:m], bests[:m], side[start:end]
        for j in range(len(weights)):
            number = np.int32(j)
            for i in range(m):
                far[i] = norms[j]
            for q in range(0, columns - WIDE, WIDE):
                v0, v1, v2, v3 = weights[j, q], weights[j, q + 1], weights[j, q + 2], weights[j, q + 3]
                x0, x1 = across[q, start:end], across[q + 1, start:end]
                x2, x3 = across[q + 2, start:end], across[q + 3, start:end]
                for i in range(m):
                    far[i] += v0 * x0[i] + v1 * x1[i] + v2 * x2[i] + v3 * x3[i]
            q = columns - WIDE
            v0, v1, v2, v3 = weights[j, q], weights[j, q + 1], weights[j, q + 2], weights[j, q + 3]
            x0, x1 = across[q, start:end], across[q + 1, start:end]
            x2, x3 = across[q + 2, start:end], across[q + 3, start:end]
            if j == 0:
                for i in range(m):
                    best[i] = far[i] + (v0 * x0[i] + v1 * x1[i] + v2 * x2[i] + v3 * x3[i])
                    own[i] = number
            else:
                for i in range(m):
                    last = far[i] + (v0 * x0[i] + v1 * x1[i] + v2 * x2[i] + v3 * x3[i])
                    nearer = last < best[i]
                    best[i] = last if nearer else best[i]
                    own[i] = number if nearer else own[i]


@compiled
def walked(
    across: Singles, own: Singles, counts: Floats, centres: Floats, tolerance: float, most: int
) -> tuple[Floats, NDArray[np.int64]]:
    """Step runs one after the other, until each has ended or has taken so many steps; its centres become its means.

    Parameters
    ----------
    across : array of float32 of shape (n_columns, n_kinds)
        Distinct units, filled up with columns of zeros to a multiple of ``WIDE``.
    own : array of float32 of shape (n_kinds, n_columns)
        The same, as rows, not filled up.
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
    side, before = np.empty(n, np.int32), np.empty(n, np.int32)
    sums, sizes = np.empty((k, columns)), np.empty(k)
    far, best = np.empty(min(AT_ONCE, n), np.float32), np.empty(min(AT_ONCE, n), np.float32)
    weights, norms = np.zeros((k, len(across)), np.float32), np.empty(k, np.float32)
    for r in range(runs):
        mean = centres[r]
        before[:], sums[:], sizes[:] = -1, 0, 0
        for _ in range(most):
            # Without the unit's own norm, which is the same for every centre.
            for j in range(k):
                norm = 0.0
                for q in range(columns):
                    weights[j, q] = -2 * mean[j, q]
                    norm += mean[j, q] ** 2
                norms[j] = norm
            _sides(across, weights, norms, side, far, best)
            for i in range(n):
                to, last = side[i], before[i]
                if to != last:
                    many = counts[i]
                    sizes[to] += many
                    for q in range(columns):
                        sums[to, q] += many * own[i, q]
                    if last >= 0:
                        sizes[last] -= many
                        for q in range(columns):
                            sums[last, q] -= many * own[i, q]
                    before[i] = to
            moved = 0.0
            for j in range(k):
                if sizes[j] < 0.5:
                    state[r] = LOST
                    break
                for q in range(columns):
                    middle = sums[j, q] / sizes[j]
                    moved += (middle - mean[j, q]) ** 2
                    mean[j, q] = middle
            if state[r] == GOING and moved <= tolerance:
                state[r] = ENDED
            if state[r] != GOING:
                break
        for j in range(k):
            for q in range(columns):
                explained[r] += sizes[j] * mean[j, q] ** 2
    return explained, state
