"""The small fits of which all resampling is made, and how many of them run side by side."""

from __future__ import annotations

import functools
import importlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from joblib import Parallel, cpu_count, delayed
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController, threadpool_limits

from ..progress import bar
from .lloyd import EmptySegmentError, search
from .matrix import Floats

Counts = NDArray[np.int64]
Labels = NDArray[np.int64]
T = TypeVar("T")

RESTARTS = 10  # k-means++ starts in every loop, so that optimiser noise does not pass for instability
WATCH = 1.0  # seconds between two looks at whether the process that shares out the work is there
FEW = 8  # tasks that are not worth a second process
LARGE, DRAWN = 20_000, 10_000  # units from which on a resample is smaller than the data, and what it then holds
LIGHT = 500_000  # units times fits, together a second or two of work, that are not worth one either


class Fit(NamedTuple):
    """One small k-means fit.

    Attributes
    ----------
    labels : array of int, length n_units
        From 0.
    centres : array of shape (k, n_columns)
    starts : int
        Starts that were made.
    converged : bool
        Whether these were enough, see `lloyd.enough`.
    """

    labels: Labels
    centres: Floats
    starts: int
    converged: bool


def fit(
    values: Floats, k: int, *, seed: int, restarts: int = RESTARTS, rivals: int | None = None, most: int | None = None
) -> Fit:
    """Fit k-means once, on one thread: the partition that scikit-learn finds with that seed.

    Distances are in single precision; see `lloyd.search`.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
        More than ``k`` distinct rows, else some segments stay empty and their centres are copies of others.
    k : int
        1 is allowed.
    seed : int
        Of a 32-bit generator.
    restarts : int
        K-means++ starts.
    rivals : int, optional
        Runs that go on after a few steps, see `lloyd.search`; all when not given.
    most : int, optional
        Starts follow until there are enough, or so many; only the first ones when not given.
    """
    if k == 1:
        return Fit(np.zeros(len(values), dtype=np.int64), values.mean(axis=0, keepdims=True), 0, True)
    try:
        with one_thread():
            found = search(values, k, seed=seed, restarts=restarts, rivals=rivals, most=most)
            labels = nearest(values, found.centres)
            sizes = np.bincount(labels, minlength=k)
            if sizes.all():
                member = (labels[:, None] == np.arange(k)).astype(np.float64)
                return Fit(labels, (member.T @ values) / sizes[:, None], found.starts, found.converged)
    except EmptySegmentError:
        pass
    from sklearn.cluster import KMeans

    with threadpool_limits(1):
        other = KMeans(k, n_init=restarts, random_state=seed).fit(values)
    return Fit(other.labels_.astype(np.int64), other.cluster_centers_, restarts, False)


def resample_size(n: int) -> int:
    """Return how many units a resample of n units holds.

    Notes
    -----
    Up to ``LARGE`` units as many as there are, as usual. Above, ``DRAWN`` of them (the m out of n bootstrap: Bickel, P. J.,
    Goetze, F. and van Zwet, W. R. (1997). Resampling fewer than n observations. Statistica Sinica, 7, 1-31). Each resample
    is drawn anew from all units, so that the spread over resamples holds the error of drawing so few; it is that of
    smaller data, which as a rule makes segments look less stable than they are.

    Examples
    --------
    >>> resample_size(2_091), resample_size(83_640)
    (2091, 10000)
    """
    return n if n <= LARGE else DRAWN


def drawing(n: int) -> dict[str, int]:
    """Return how many units there are and how many a resample holds, for the parameters of a result."""
    return {"units": n, "drawn": resample_size(n)}


@functools.cache
def _blas() -> ThreadpoolController:
    """Return the libraries that numpy and compiled steps work with; to look them up takes as long as a small fit."""
    importlib.import_module("scipy.linalg.cython_blas")  # what is loaded later would keep all its threads

    return ThreadpoolController()


def one_thread() -> Any:
    """Return a context in which numpy works on one thread, without looking up its libraries anew."""
    return _blas().limit(limits=1)


def nearest(values: Floats, centres: Floats) -> Labels:
    """Return the number of the nearest centre of each row, from 0.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    centres : array of shape (k, n_columns)

    Examples
    --------
    >>> nearest(np.array([[0.0], [9.0]]), np.array([[1.0], [8.0]])).tolist()
    [0, 1]
    """
    # The squared norms of the rows are the same for every centre, so they do not decide.
    distances: Floats = np.einsum("ij,ij->i", centres, centres) - 2 * (values @ centres.T)
    return distances.argmin(axis=1)


def crossing(a: Labels, b: Labels, k_a: int, k_b: int) -> Counts:
    """Count the units of each pair of labels.

    Parameters
    ----------
    a, b : arrays of int, length n_units
        From 0, below ``k_a`` and ``k_b``.

    Returns
    -------
    array of shape (k_a, k_b)

    Examples
    --------
    >>> crossing(np.array([0, 0, 1]), np.array([1, 0, 1]), 2, 2).tolist()
    [[1, 1], [0, 1]]
    """
    return np.bincount(a * k_b + b, minlength=k_a * k_b).reshape(k_a, k_b)


def adjusted_rand(counts: Counts) -> float:
    """Return the adjusted Rand index of two partitions, from the table that crosses them.

    Parameters
    ----------
    counts : array of int of shape (k_a, k_b)
        See `crossing`.

    Notes
    -----
    Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification, 2, 193-218. Two partitions that
    leave nothing to adjust (all units in one segment in both, or each alone in both) agree: 1. No units at all: NaN.

    Examples
    --------
    >>> adjusted_rand(np.array([[2, 0], [0, 2]])), round(adjusted_rand(np.array([[2, 1], [0, 3]])), 3)
    (1.0, 0.324)
    """

    def pairs(n: np.ndarray | int) -> float:
        m = np.asarray(n, dtype=np.float64)
        return float((m * (m - 1)).sum()) / 2

    total = pairs(int(counts.sum()))
    if counts.sum() == 0:
        return float("nan")
    both, rows, columns = pairs(counts), pairs(counts.sum(axis=1)), pairs(counts.sum(axis=0))
    expected = rows * columns / total if total else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def best_jaccard(counts: Counts) -> Floats:
    """Return the largest Jaccard similarity of each row's segment with a column's (Hennig 2007).

    Parameters
    ----------
    counts : array of shape (k_a, k_b)
        See `crossing`. A row without units has no similarity: NaN.

    Examples
    --------
    >>> best_jaccard(np.array([[3, 0], [1, 4]])).round(3).tolist()
    [0.75, 0.8]
    """
    own, other = counts.sum(axis=1), counts.sum(axis=0)
    union = own[:, None] + other[None, :] - counts
    share = np.divide(counts, union, out=np.zeros(counts.shape), where=union > 0)
    return np.where(own > 0, share.max(axis=1), np.nan)


def by_size(labels: Labels, centres: Floats) -> Labels:
    """Return the order of segments in which they are numbered: largest first, equal ones by their centres.

    Parameters
    ----------
    labels : array of int, length n_units
        From 0.
    centres : array of shape (k, n_columns)

    Examples
    --------
    >>> by_size(np.array([0, 1, 1]), np.array([[5.0], [2.0]])).tolist()
    [1, 0]
    """
    sizes = np.bincount(labels, minlength=len(centres))
    order = sorted(range(len(centres)), key=lambda i: (-sizes[i], *np.round(centres[i], 9)))
    return np.array(order, dtype=np.int64)


def processors() -> int:
    """Return how many processes may run side by side: ``SEGKIT_JOBS``, else all processors."""
    wanted = os.environ.get("SEGKIT_JOBS", "")
    return int(wanted) if wanted.isdigit() and int(wanted) > 0 else int(cpu_count())


def jobs_for(units: int, fits: int) -> int:
    """Return 1 where all the work is done before a second process would have started, else how many may run."""
    return 1 if units * fits <= LIGHT else processors()


def side_by_side(
    work: Callable[..., T], tasks: Iterable[Sequence[Any]], *, what: str = "", jobs: int | None = None
) -> list[T]:
    """Run a function for each tuple of arguments, in processes with one thread each, and keep the order.

    Parameters
    ----------
    work : callable
        A module's function; what it takes and returns must pickle.
    tasks : iterable of tuple
        Arguments; give each its own seed, so that the number of processes changes nothing.
    what : str
        Names the work beside a progress bar, which appears after two seconds in a terminal.
    jobs : int, optional
        When not given, `processors()`, and 1 for ``FEW`` tasks; 1 stays in this process.
    """
    tasks = list(tasks)
    jobs = min(jobs or processors(), len(tasks)) if jobs or len(tasks) > FEW else 1
    if jobs <= 1:
        with threadpool_limits(1):
            return [work(*task) for task in bar(tasks, what)]
    running = Parallel(n_jobs=jobs, return_as="generator")(delayed(_alone)(os.getpid(), work, task) for task in tasks)
    return list(bar(running, what, len(tasks)))


def _alone(parent: int, work: Callable[..., T], task: Sequence[Any]) -> T:
    if os.getpid() != parent:
        end_with(parent)
    with threadpool_limits(1):
        return work(*task)


@functools.cache
def end_with(parent: int) -> None:
    """End this process when its parent ends; joblib's processes would outlive one that is killed by five minutes."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="watch").start()
