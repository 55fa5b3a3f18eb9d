"""One k-means fit from many starts: what resampling is made of by the thousand."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .kinds import repeated
from .matrix import Floats

TOLERANCE = 1e-4  # of the mean variance: scikit-learn's default, which ends a run
MOST_STEPS = 300
RACE = 12  # steps after which a run is seen to win or to lose
AGAIN = 3  # starts that have to end in the best optimum: one may be luck, and two may be the same luck
SAME = 3e-4  # relative difference of two inertias of one optimum: runs end where steps get short, not where they cease
UNSEEN = 0.05  # share of further starts that may be expected to end in optima not seen yet
FIRST, BATCH = 7, 3  # starts before it is asked whether they are enough: the fewest that can be, then a few at a time
MOST = 200  # starts at the most: where these are not enough, that is said of the result
ROUNDING = 1e-6  # of the whole spread: what single precision leaves open of an inertia


class EmptySegmentError(ValueError):
    """A centre lost all its units; scikit-learn knows how to move it."""


class Search(NamedTuple):
    """Where several runs ended.

    Attributes
    ----------
    ends : array of shape (runs, k, n_columns)
        Centres.
    inertias : array of length runs
        Infinite where a run was lost or gave up.
    converged : bool
        Whether the starts were enough, as `enough` says.
    """

    ends: Floats
    inertias: Floats
    converged: bool

    @property
    def starts(self) -> int:
        """Runs that were made."""
        return len(self.inertias)

    @property
    def centres(self) -> Floats:
        """The centres of the best run, of shape (k, n_columns)."""
        best: Floats = self.ends[int(self.inertias.argmin())]
        return best

    def differing(self, most: int) -> Floats:
        """Return the centres of the best few runs that ended in different optima, of shape (runs, k, n_columns)."""
        order, chosen = np.argsort(self.inertias, kind="stable"), list[int]()
        for run in order[np.isfinite(self.inertias[order])]:
            if not chosen or self.inertias[run] > self.inertias[chosen[-1]] * (1 + SAME):
                chosen.append(int(run))
        return self.ends[chosen[:most]]


def enough(inertias: Sequence[float], slack: float = 0.0) -> bool:
    """Tell whether so many starts suffice: the best optimum was found again, and hardly any is left to be found.

    Parameters
    ----------
    inertias : sequence of float
        Where each start ended.
    slack : float
        Difference of two inertias that is rounding.

    Returns
    -------
    bool
        Whether the lowest inertia was found ``AGAIN`` times, up to a relative difference of ``SAME``, and the expected
        share of all starts that would end in an optimum not yet seen is at most ``UNSEEN``.

    Notes
    -----
    Boender, C. G. E. and Rinnooy Kan, A. H. G. (1987). Bayesian stopping rules for multistart global optimization
    methods. Mathematical Programming, 37, 59-80: when n starts ended in w different optima, that share is
    w (w + 1) / (n (n - 1)), whatever was known of the optima before.

    Examples
    --------
    >>> enough([7.0] * 7), enough([7.0] * 6), enough([7.0, 8.0] * 5), enough([7.0, 8.0] * 6), enough([7.0, 7.0] + [8.0] * 50)
    (True, False, False, True, False)
    """
    n, found = len(inertias), sorted(inertias)
    if n < AGAIN or found[AGAIN - 1] > found[0] * (1 + SAME) + slack:
        return False
    optima, seen = 0, 0
    while seen < n:
        optima += 1
        if optima * (optima + 1) > UNSEEN * n * (n - 1) + 1e-9:
            return False
        seen = bisect_right(found, found[seen] * (1 + SAME) + slack, seen)
    return True


def search(
    values: Floats, k: int, *, seed: int, restarts: int, rivals: int | None = None, most: int | None = None,
    double: bool = False,
) -> Search:  # fmt: skip
    """Run k-means from several k-means++ starts.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    k : int
        2 or more.
    seed : int
    restarts : int
        Runs of the first batch.
    rivals : int, optional
        Runs of a batch that go on after ``RACE`` steps, those of the lowest inertia; all when not given.
    most : int, optional
        Batches follow until the starts are `enough`, or so many; only the first when not given.
    double : bool
        Distances in double precision, which takes twice the time.

    Returns
    -------
    Search

    Raises
    ------
    EmptySegmentError
        A run lost a segment, or has no distinct units left to start from; where batches may follow, every run of one.

    Notes
    -----
    Draws and starts (Arthur and Vassilvitskii 2007), steps (Lloyd 1982) and the end of a run are those of scikit-learn.
    Distances are in single precision unless double is asked for, after centring: a unit may change sides only where its
    distances to two centres agree to six digits. Equal units are one that weighs as much as all of them.
    """
    bound = max(restarts, most or 0)
    board, draws = _Board(values, np.float64 if double else np.float32), np.random.RandomState(seed)
    total, tolerance = board.spread, TOLERANCE * board.spread / values.size
    ends, inertias, size = list[Floats](), list[float](), restarts
    while True:
        centres = board.starts(k, draws, size)
        inertias += (total - board.walked(centres, tolerance, rivals, strict=most is None)).tolist()
        ends.append(centres)
        settled = enough(inertias, ROUNDING * total)
        if settled or len(inertias) >= bound:
            return Search(np.concatenate(ends) + board.middle, np.array(inertias), settled)
        size = min(BATCH, bound - len(inertias))


def refined(values: Floats, centres: Floats) -> Floats:
    """Take runs to their ends on other values, and return the centres of the best, of shape (k, n_columns).

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    centres : array of shape (runs, k, n_columns)

    Raises
    ------
    EmptySegmentError
        Every run lost a segment.
    """
    board = _Board(values)
    ends = centres - board.middle
    explained = board.walked(ends, TOLERANCE * board.spread / values.size, None, strict=False)
    best: Floats = ends[int(explained.argmax())] + board.middle
    return best


class _Board:
    """The distinct units of some values, as the compiled steps take them."""

    def __init__(self, values: Floats, precision: type[np.floating[Any]] = np.float32) -> None:
        from . import lloyd_kernel  # what reads constants here does not need the compiler

        self.kernel = lloyd_kernel
        some, n = repeated(values), len(values)
        self.middle = values.mean(axis=0)
        units = (values if some is None else values[some.first]) - self.middle
        self.of = np.arange(n) if some is None else some.of
        self.counts = np.ones(n) if some is None else some.counts.astype(np.float64)
        self.spread = float(np.einsum("i,ij,ij", self.counts, units, units))  # around the mean of all: squares, summed
        self.own = np.ascontiguousarray(units, dtype=precision)
        self.across = np.ascontiguousarray(self.own.T)

    def starts(self, k: int, draw: np.random.RandomState, restarts: int) -> Floats:
        """Draw centres of shape (restarts, k, n_columns), from the numbers that scikit-learn would draw next."""
        draws = draw.random_sample((restarts, 1 + (k - 1) * (2 + int(np.log(k)))))
        return self.own[self.kernel.chosen(self.across, self.own, self.of, self.counts, draws, k)].astype(np.float64)

    def walked(self, centres: Floats, tolerance: float, rivals: int | None, *, strict: bool) -> Floats:
        """Step runs until each has ended; return what their means explain of the spread, -inf where one was lost or gave up."""
        going, lost = self.kernel.GOING, self.kernel.LOST
        walk = functools.partial(self.kernel.walked, self.across, self.own, self.counts)
        explained, state = walk(centres, tolerance, MOST_STEPS if rivals is None else RACE)
        if rivals is not None:
            ahead = np.argsort(-np.where(state == going, explained, -np.inf), kind="stable")[:rivals]
            ahead = ahead[state[ahead] == going]
            explained[state == going] = -np.inf
            left = centres[ahead]
            explained[ahead], state[ahead] = walk(left, tolerance, MOST_STEPS - RACE)
            centres[ahead] = left
        if (state == lost).all() or (strict and (state == lost).any()):
            raise EmptySegmentError
        explained[state == lost] = -np.inf
        return explained
