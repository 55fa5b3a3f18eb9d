"""Many k-means fits of one matrix at once: the same starts and the same steps, each partition walked from only once."""

from __future__ import annotations

from collections.abc import Sequence

import joblib
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from .fits import LARGE
from .lloyd import MOST_STEPS, TOLERANCE
from .matrix import Floats

Labels = NDArray[np.int32]
EQUAL = 1e-10  # relative difference of two inertias that is rounding
AT_ONCE = 20_000_000  # distances held at once by each thread: 160 MB


def fits_in_memory(values: Floats, k: int, restarts: int) -> bool:
    """Tell whether the runs of one seed can take their steps together; of very many units, starts are tried on a few."""
    return len(values) <= LARGE and len(values) * k * restarts <= AT_ONCE


class EmptySegmentError(ValueError):
    """A centre lost all its units; scikit-learn knows how to move it."""


def best_partitions(
    values: Floats, k: int, seeds: Sequence[int], *, restarts: int, jobs: int | None = None
) -> list[Labels]:
    """Return, for each seed, the best of many k-means++ runs.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    k : int
    seeds : sequence of int
    restarts : int
        Starts for each seed.
    jobs : int, optional
        Threads; all processors when not given.

    Returns
    -------
    list of int arrays of length n_units
        The partitions that ``KMeans(k, n_init=restarts, random_state=seed)`` finds; numbers of labels may differ.

    Raises
    ------
    ValueError
        There is no seed, or no start.

    Notes
    -----
    Draws, starts (Arthur and Vassilvitskii 2007) and steps (Lloyd 1982) are scikit-learn's. Two savings change nothing:
    the runs of one seed take their steps together, as one matrix product, and a run that reaches a partition which
    another run has left already is not continued, since a step depends on nothing but the partition.
    """
    if restarts < 1 or not seeds:
        raise ValueError("a partition needs one seed and one start at least")
    threads = min(jobs or joblib.cpu_count(), len(seeds))
    groups = [list(seeds[i::threads]) for i in range(threads)]
    with threadpool_limits(1):
        found = joblib.Parallel(n_jobs=threads, prefer="threads")(
            joblib.delayed(_walk_seeds)(values, k, group, restarts) for group in groups
        )
    by_seed = {
        s: labels for group, walked in zip(groups, found, strict=True) for s, labels in zip(group, walked, strict=True)
    }
    return [by_seed[s] for s in seeds]


def _walk_seeds(values: Floats, k: int, seeds: Sequence[int], restarts: int) -> list[Labels]:
    with threadpool_limits(1):  # what is set for one thread does not hold for another
        walk = _Walk(values, k)
        out = []
        for seed in seeds:
            try:
                out.append(walk.best(seed, restarts))
            except EmptySegmentError:
                from sklearn.cluster import KMeans

                out.append(KMeans(k, n_init=restarts, random_state=seed).fit(values).labels_)
        return out


class _Walk:
    """Runs on one matrix, and the partitions that they have met."""

    def __init__(self, values: Floats, k: int) -> None:
        self.x = np.ascontiguousarray(values - values.mean(axis=0))
        self.across = np.ascontiguousarray(self.x.T)
        self.norms = np.einsum("ij,ij->i", self.x, self.x)
        self.k, self.tolerance = k, TOLERANCE * values.var(axis=0).mean()
        self.run_at: dict[bytes, int] = {}  # the run that left a partition first
        self.follows: dict[int, int] = {}  # run: the run that went on in its place
        self.ends: dict[int, tuple[float, Labels]] = {}
        self.runs = 0

    def best(self, seed: int, restarts: int) -> Labels:
        """Return the partition with the lowest inertia, the first among equals."""
        first = self.runs
        self.runs += restarts
        self._walk(self._starts(seed, restarts), np.arange(first, first + restarts))
        least, labels = np.inf, np.empty(0, dtype=np.int32)
        for run in range(first, first + restarts):
            while run in self.follows:
                run = self.follows[run]
            inertia, found = self.ends[run]
            if inertia < least * (1 - EQUAL):
                least, labels = inertia, found
        return labels

    def _starts(self, seed: int, restarts: int) -> Floats:
        """Draw centres of shape (restarts, k, n_columns), from the numbers that scikit-learn would draw."""
        n, k = len(self.x), self.k
        trials = 2 + int(np.log(k))
        draws = np.random.RandomState(seed).random_sample((restarts, 1 + (k - 1) * trials))
        even = np.full(n, 1 / n).cumsum()
        chosen = np.empty((restarts, k), dtype=np.int64)
        chosen[:, 0] = np.searchsorted(even / even[-1], draws[:, 0], side="right")
        nearest = self._squared(chosen[:, 0])
        rows = np.arange(restarts)
        for c in range(1, k):
            aims = draws[:, 1 + (c - 1) * trials : 1 + c * trials] * nearest.sum(axis=1)[:, None]
            sums = nearest.cumsum(axis=1)
            picks = np.array([np.searchsorted(s, a) for s, a in zip(sums, aims, strict=True)]).clip(max=n - 1)
            near = self._squared(picks.ravel()).reshape(restarts, trials, n)
            np.minimum(near, nearest[:, None, :], out=near)
            best = near.sum(axis=2).argmin(axis=1)
            chosen[:, c], nearest = picks[rows, best], near[rows, best]
        return self.x[chosen]

    def _squared(self, ids: NDArray[np.int64]) -> Floats:
        """Return squared distances of some units to all, of shape (len(ids), n_units)."""
        out = self.x[ids] @ self.across
        out *= -2
        out += self.norms[ids][:, None]
        out += self.norms
        return np.maximum(out, 0, out=out)

    def _nearest(self, centres: Floats) -> NDArray[np.uint8]:
        """Return the nearest of each run's centres, of shape (runs, n_units)."""
        runs, k, columns = centres.shape
        far = (centres.reshape(-1, columns) @ self.across).reshape(runs, k, -1)
        far *= -2
        far += np.einsum("rkc,rkc->rk", centres, centres)[:, :, None]
        least, labels = far[:, 0].copy(), np.zeros((runs, len(self.x)), dtype=np.uint8)
        for j in range(1, k):
            labels[far[:, j] < least] = j
            np.minimum(least, far[:, j], out=least)
        return labels

    def _means(self, labels: NDArray[np.uint8]) -> Floats:
        member = labels[:, None, :] == np.arange(self.k, dtype=np.uint8)[:, None]
        sizes = member.sum(axis=2)
        if not sizes.all():
            raise EmptySegmentError
        sums = member.reshape(-1, len(self.x)).astype(np.float64) @ self.x
        return sums.reshape(len(labels), self.k, -1) / sizes[:, :, None]

    def _walk(self, centres: Floats, runs: NDArray[np.int64]) -> None:
        """Step all runs until each has ended, or met a partition that is known."""
        before = np.full((len(runs), len(self.x)), self.k, dtype=np.uint8)
        for steps in range(1, MOST_STEPS + 1):
            labels = self._nearest(centres)
            means = self._means(labels)
            strict = (labels == before).all(axis=1)
            loose = ~strict & ((((means - centres) ** 2).sum(axis=(1, 2)) <= self.tolerance) | (steps == MOST_STEPS))
            ended = strict | loose
            # A run that ends here owns nothing: whether it ends depends on its last step, not on the partition alone.
            going = np.array(
                [not end and self._is_new(own, int(run)) for end, own, run in zip(ended, labels, runs, strict=True)]
            )
            if ended.any():
                final = np.where(strict[ended][:, None], labels[ended], self._nearest(means[ended]))
                self._end(runs[ended], final, means[ended])
            if not going.any():
                return
            centres, before, runs = means[going], labels[going], runs[going]

    def _is_new(self, labels: NDArray[np.uint8], run: int) -> bool:
        """Note a partition; one that is known, by whatever numbers, ends the run."""
        seen = [int((labels == j).argmax()) for j in range(self.k)]
        names = np.argsort(np.argsort(seen)).astype(np.uint8)
        owner = self.run_at.setdefault(names[labels].tobytes(), run)
        if owner != run:
            self.follows[run] = owner
        return owner == run

    def _end(self, runs: NDArray[np.int64], labels: NDArray[np.uint8], centres: Floats) -> None:
        for run, found, own in zip(runs, labels, centres, strict=True):
            self.ends[int(run)] = (float(((self.x - own[found]) ** 2).sum()), found.astype(np.int32))
