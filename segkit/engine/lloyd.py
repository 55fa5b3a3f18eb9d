"""All starts of one k-means fit, stepped together in single precision: what resampling is made of by the thousand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kinds import Kinds, repeated
from .matrix import Floats

Singles = NDArray[np.float32]
TOLERANCE = 1e-4  # of the mean variance: scikit-learn's default, which ends a run
MOST_STEPS = 300
RACE = 12  # steps after which a run is seen to win or to lose
AGAIN = 3  # starts that have to end in the best optimum: one may be luck, and two may be the same luck
SAME = 3e-4  # relative difference of two inertias of one optimum: runs end where steps get short, not where they cease
UNSEEN = 0.05  # share of further starts that may be expected to end in optima not seen yet
FIRST, BATCH = 7, 12  # starts at once: as few as can be enough, then as many as are quickest together
MOST = 200  # starts at the most: where these are not enough, that is said of the result
ROUNDING = 1e-6  # of the whole spread: what single precision leaves open of an inertia
CELLS = 120_000  # distances at once: half a megabyte, which stays near the processor


class EmptySegmentError(ValueError):
    """A centre lost all its units; scikit-learn knows how to move it."""


class Search(NamedTuple):
    """The best of several runs, and how they ended.

    Attributes
    ----------
    centres : array of shape (k, n_columns)
    starts : int
        Runs that were made.
    converged : bool
        Whether these were enough, as `enough` says.
    """

    centres: Floats
    starts: int
    converged: bool


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
    n, found = len(inertias), np.sort(inertias)
    if n < AGAIN or found[AGAIN - 1] > found[0] * (1 + SAME) + slack:
        return False
    optima, last = 0, -np.inf
    for own in found:
        if own > last * (1 + SAME) + slack:
            optima, last = optima + 1, own
    return bool(optima * (optima + 1) <= UNSEEN * n * (n - 1) + 1e-9)


def best_centres(
    values: Floats, k: int, *, seed: int, restarts: int, rivals: int | None = None, most: int | None = None
) -> Search:
    """Return the centres of the best of several k-means++ runs.

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
    Distances are in single precision, after centring: a unit may change sides only where its distances to two centres
    agree to six digits. All runs of a batch take each step as one matrix product, in which equal units are one that weighs
    as much as all of them.
    """
    some = repeated(values)
    own = values if some is None else values[some.first]
    x = np.ascontiguousarray(own - values.mean(axis=0), dtype=np.float32)
    spread = float(values.var(axis=0).sum())
    tolerance, total = TOLERANCE * spread / values.shape[1], spread * len(values)
    bound = max(restarts, most or 0)
    board = _Board(x, k * min(bound, max(restarts, BATCH)), some)
    draws = np.random.RandomState(seed)
    best, inertias = np.empty(0), list[float]()
    size = restarts
    while True:
        centres = _starts(x, board.across[:-1], k, draws, size, some)
        ends, explained = _walked(board, centres, tolerance, rivals, most is None)
        if not inertias or total - explained.max() < min(inertias):
            best = ends[int(explained.argmax())]
        inertias += (total - explained).tolist()
        settled = enough(inertias, ROUNDING * total)
        if settled or len(inertias) >= bound:
            break
        size = min(BATCH, bound - len(inertias))
    middle: Floats = best + values.mean(axis=0)
    return Search(middle, len(inertias), settled)


def _walked(
    board: _Board, centres: Floats, tolerance: float, rivals: int | None, strict: bool
) -> tuple[Floats, Floats]:
    """Step runs until each has ended; return their means, and what these explain of the spread, -inf where one was lost."""
    ends, most = centres.copy(), np.full(len(centres), -np.inf)
    runs = np.arange(len(centres))
    for step in range(1, MOST_STEPS + 1):
        sums = board.sums(centres)
        whole = sums[:, :, -1].all(axis=1)
        if not whole.all():
            if strict or not whole.any():
                raise EmptySegmentError
            sums, centres, runs = sums[whole], centres[whole], runs[whole]
        sizes = sums[:, :, -1:]
        means = sums[:, :, :-1] / sizes
        going = ((means - centres) ** 2).sum(axis=(1, 2)) > tolerance
        centres = means
        race = step == RACE and rivals is not None
        if going.all() and not race and step < MOST_STEPS:
            continue
        # What the segments explain; the rest, the inertia, is least where this is most.
        explained = (sizes * means**2).sum(axis=(1, 2))
        if step == MOST_STEPS:
            going[:] = False
        ends[runs[~going]], most[runs[~going]] = means[~going], explained[~going]
        if race:
            going[np.argsort(-np.where(going, explained, -np.inf), kind="stable")[rivals:]] = False
        if not going.any():
            break
        centres, runs = means[going], runs[going]
    return ends, most


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
        flat, weights = centres.reshape(-1, columns), np.empty((runs * k, columns + 1), dtype=np.float32)
        # Without the unit's own norm, which is the same for every centre.
        weights[:, :-1], weights[:, -1] = -2 * flat, (flat**2).sum(axis=1)
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


def _starts(
    x: Singles, across: Singles, k: int, draw: np.random.RandomState, restarts: int, some: Kinds | None
) -> Floats:
    """Draw centres of shape (restarts, k, n_columns), from the numbers that scikit-learn would draw next."""
    # Units are drawn in the order in which they come, whether equal ones are one or not.
    n, of = (len(x), np.arange(len(x))) if some is None else (len(some.of), some.of)
    trials = 2 + int(np.log(k))
    draws = draw.random_sample((restarts, 1 + (k - 1) * trials))
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
