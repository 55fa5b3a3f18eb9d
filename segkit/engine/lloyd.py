"""All starts of one k-means fit, stepped together in single precision: what resampling is made of by the thousand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kinds import Kinds, repeated
from .matrix import Floats

Singles = NDArray[np.float32]
TOLERANCE = 1e-4  # of the mean variance: scikit-learn's default, which ends a run
MOST_STEPS = 300
RACE = 12  # steps after which a run is seen to win or to lose
CELLS = 120_000  # distances at once: half a megabyte, which stays near the processor


class EmptySegmentError(ValueError):
    """A centre lost all its units; scikit-learn knows how to move it."""


def best_centres(values: Floats, k: int, *, seed: int, restarts: int, rivals: int | None = None) -> Floats:
    """Return the centres of the best of several k-means++ runs.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    k : int
        2 or more.
    seed : int
    restarts : int
    rivals : int, optional
        Runs that go on after ``RACE`` steps, those of the lowest inertia; all when not given.

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
    agree to six digits. All runs take each step as one matrix product, in which equal units are one that weighs as much
    as all of them.
    """
    some = repeated(values)
    own = values if some is None else values[some.first]
    x = np.ascontiguousarray(own - values.mean(axis=0), dtype=np.float32)
    board = _Board(x, k * restarts, some)
    tolerance = TOLERANCE * float(values.var(axis=0).mean())
    centres = _starts(x, board.across[:-1], k, seed, restarts, some)
    best, most = centres[0], -np.inf
    for step in range(1, MOST_STEPS + 1):
        sums = board.sums(centres)
        sizes = sums[:, :, -1:]
        if not sizes.all():
            raise EmptySegmentError
        means = sums[:, :, :-1] / sizes
        # What the segments explain; the rest, the inertia, is least where this is most.
        explained = (sizes * means**2).sum(axis=(1, 2))
        going = ((means - centres) ** 2).sum(axis=(1, 2)) > tolerance
        if step == MOST_STEPS:
            going[:] = False
        for run in np.flatnonzero(~going):
            if explained[run] > most:
                best, most = means[run], float(explained[run])
        if step == RACE and rivals is not None:
            going[np.argsort(-np.where(going, explained, -np.inf), kind="stable")[rivals:]] = False
        if not going.any():
            break
        centres = means[going]
    middle: Floats = best + values.mean(axis=0)
    return middle


class _Board:
    """Room for distances that is used again and again: fresh memory costs more than what is written there."""

    def __init__(self, x: Singles, most: int, some: Kinds | None) -> None:
        self.own = np.append(x, np.ones((len(x), 1), dtype=np.float32), axis=1)  # the last column counts
        self.across = np.ascontiguousarray(self.own.T)
        if some is not None:
            self.own *= some.counts[:, None].astype(np.float32)
        self.step = max(256, CELLS // most)
        self.far = np.empty(most * self.step, dtype=np.float32)
        self.member = np.empty(most * self.step, dtype=np.bool_)
        self.nearest = np.empty(most * self.step, dtype=np.float32)

    def sums(self, centres: Floats) -> Floats:
        """Sum the units nearest to each centre, with their number behind; shape (runs, k, n_columns + 1)."""
        runs, k, columns = centres.shape
        flat = centres.reshape(-1, columns)
        # Without the unit's own norm, which is the same for every centre.
        weights = np.append(-2 * flat, (flat**2).sum(axis=1, keepdims=True), axis=1).astype(np.float32)
        out = np.zeros((runs * k, columns + 1))
        n = len(self.own)
        for start in range(0, n, self.step):
            end = min(start + self.step, n)
            cells, wide = runs * k * (end - start), end - start
            far = np.matmul(weights, self.across[:, start:end], out=self.far[:cells].reshape(-1, wide))
            cube, member = far.reshape(runs, k, wide), self.member[:cells].reshape(runs, k, wide)
            nearest = cube.min(axis=1, keepdims=True, out=self.nearest[: runs * wide].reshape(runs, 1, wide))
            np.equal(cube, nearest, out=member)
            if np.count_nonzero(member) != runs * wide:  # as near to two centres: the first has it
                member &= member.cumsum(axis=1) == 1
            cube[...] = member
            out += far @ self.own[start:end]
        return out.reshape(runs, k, columns + 1)


def _starts(x: Singles, across: Singles, k: int, seed: int, restarts: int, some: Kinds | None) -> Floats:
    """Draw centres of shape (restarts, k, n_columns), from the numbers that scikit-learn would draw."""
    # Units are drawn in the order in which they come, whether equal ones are one or not.
    n, of = (len(x), np.arange(len(x))) if some is None else (len(some.of), some.of)
    trials = 2 + int(np.log(k))
    draws = np.random.RandomState(seed).random_sample((restarts, 1 + (k - 1) * trials))
    norms = np.einsum("ij,ij->i", x, x)
    chosen = np.empty((restarts, k), dtype=np.int64)
    chosen[:, 0] = of[np.minimum(draws[:, 0] * n, n - 1).astype(np.int64)]
    nearest = _squared(x, across, norms, chosen[:, 0])
    rows = np.arange(restarts)
    for c in range(1, k):
        sums = (nearest if some is None else nearest[:, of]).cumsum(axis=1, dtype=np.float64)
        aims = draws[:, 1 + (c - 1) * trials : 1 + c * trials] * sums[:, -1:]
        picks = of[np.array([np.searchsorted(s, a) for s, a in zip(sums, aims, strict=True)]).clip(max=n - 1)]
        near = _squared(x, across, norms, picks.ravel()).reshape(restarts, trials, len(x))
        np.minimum(near, nearest[:, None, :], out=near)
        left = near.sum(axis=2) if some is None else near @ some.counts.astype(np.float32)
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
