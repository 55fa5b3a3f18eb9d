"""All starts of one k-means fit, stepped together in single precision: what resampling is made of by the thousand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .matrix import Floats

Singles = NDArray[np.float32]
TOLERANCE = 1e-4  # of the mean variance: scikit-learn's default, which ends a run
MOST_STEPS = 300
CELLS = 400_000  # distances at once: 1.6 MB, which stay near the processor


class EmptySegmentError(ValueError):
    """A centre lost all its units; scikit-learn knows how to move it."""


def best_centres(values: Floats, k: int, *, seed: int, restarts: int) -> Floats:
    """Return the centres of the best of several k-means++ runs.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    k : int
        2 or more.
    seed : int
    restarts : int

    Returns
    -------
    array of shape (k, n_columns)

    Raises
    ------
    EmptySegmentError
        A run lost a segment, or has no distinct units left to start from.

    Notes
    -----
    Draws and starts (Arthur and Vassilvitskii 2007), steps (Lloyd 1982) and the end of a run are those of scikit-learn.
    Distances are in single precision, after centring: a unit may change sides only where its distances to two centres
    agree to six digits. All runs take each step as one matrix product.
    """
    x = np.ascontiguousarray(values - values.mean(axis=0), dtype=np.float32)
    own = np.append(x, np.ones((len(x), 1), dtype=np.float32), axis=1)  # the last column counts
    across = np.ascontiguousarray(x.T)
    tolerance = TOLERANCE * float(values.var(axis=0).mean())
    centres = _starts(x, across, k, seed, restarts)
    best, least = centres[0], np.inf
    for _ in range(MOST_STEPS):
        sums = _sums(across, own, centres)
        sizes = sums[:, :, -1:]
        if not sizes.all():
            raise EmptySegmentError
        means = sums[:, :, :-1] / sizes
        moved = ((means - centres) ** 2).sum(axis=(1, 2))
        going = moved > tolerance
        if not going.all():
            ended = np.flatnonzero(~going)
            # What the segments explain; the rest, the inertia, is least where this is most.
            explained = (sizes[ended] * means[ended] ** 2).sum(axis=(1, 2))
            first = int(explained.argmax())
            if -explained[first] < least:
                best, least = means[ended[first]], -float(explained[first])
            if len(ended) == len(going):
                return best + values.mean(axis=0)
        centres = means[going]
    explained = (sizes * means**2).sum(axis=(1, 2))
    first = int(explained.argmax())
    return (means[first] if -explained[first] < least else best) + values.mean(axis=0)


def _sums(across: Singles, own: Singles, centres: Floats) -> Floats:
    """Sum the units nearest to each centre, with their number behind; shape (runs, k, n_columns + 1)."""
    runs, k, columns = centres.shape
    flat = centres.reshape(-1, columns)
    twice = (-2 * flat).astype(np.float32)
    norms = (flat**2).sum(axis=1).astype(np.float32)[:, None]
    out = np.zeros((runs * k, columns + 1))
    n = across.shape[1]
    step = max(512, CELLS // len(flat))
    for start in range(0, n, step):
        far = twice @ across[:, start : start + step]
        far += norms
        cube = far.reshape(runs, k, -1)
        nearest = cube.min(axis=1, keepdims=True)
        member = cube == nearest
        if member.sum(dtype=np.int64) != runs * cube.shape[2]:  # as near to two centres: the first has it
            member &= member.cumsum(axis=1) == 1
        out += member.reshape(far.shape).astype(np.float32) @ own[start : start + step]
    return out.reshape(runs, k, columns + 1)


def _starts(x: Singles, across: Singles, k: int, seed: int, restarts: int) -> Floats:
    """Draw centres of shape (restarts, k, n_columns), from the numbers that scikit-learn would draw."""
    n = len(x)
    trials = 2 + int(np.log(k))
    draws = np.random.RandomState(seed).random_sample((restarts, 1 + (k - 1) * trials))
    norms = np.einsum("ij,ij->i", x, x)
    chosen = np.empty((restarts, k), dtype=np.int64)
    chosen[:, 0] = np.minimum(draws[:, 0] * n, n - 1)
    nearest = _squared(x, across, norms, chosen[:, 0])
    rows = np.arange(restarts)
    for c in range(1, k):
        sums = nearest.cumsum(axis=1, dtype=np.float64)
        aims = draws[:, 1 + (c - 1) * trials : 1 + c * trials] * sums[:, -1:]
        picks = np.array([np.searchsorted(s, a) for s, a in zip(sums, aims, strict=True)]).clip(max=n - 1)
        near = _squared(x, across, norms, picks.ravel()).reshape(restarts, trials, n)
        np.minimum(near, nearest[:, None, :], out=near)
        left = near.sum(axis=2)
        best = left.argmin(axis=1)
        chosen[:, c], nearest = picks[rows, best], near[rows, best]
    return x[chosen].astype(np.float64)


def _squared(x: Singles, across: Singles, norms: Singles, ids: NDArray[np.int64]) -> Singles:
    """Return squared distances of some units to all, of shape (len(ids), n_units)."""
    out: Singles = (-2 * x[ids]) @ across
    out += norms[ids][:, None]
    out += norms
    np.maximum(out, 0, out=out)
    out[np.arange(len(ids)), ids] = 0
    return out
