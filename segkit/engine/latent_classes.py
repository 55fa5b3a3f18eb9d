"""Latent classes: kinds of units within which fields have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .clusterer import Partition, StartedClusterer, centres
from .fields import Layout, Table, occupied, row_order
from .fits import Labels, one_thread
from .kinds import kinds
from .matrix import Floats

SHORT, FOLLOWED = 15, 3  # steps of every start, and of how many starts one goes on
STEPS, FEW = 500, 100  # steps at most; of a fit to all units that starts from one to some of them
TOLERANCE = 1e-6  # mean log-likelihood of a unit that a step has to add
LEAST = 1e-12  # probability of a category
NOTHING = 1e-9  # units in a class, or of which a field is known there, that are none
FLOOR = 1e-3  # of the variance of a number: less would let a class settle on equal values
KEPT = 0.1  # of a share or a variance, at the least, where a fit leaps: what were zero would be so ever after
SOME = 2_000  # units on which the starts run where there are more


@dataclass(frozen=True)
class LatentClasses:
    """A fitted mixture.

    Attributes
    ----------
    layout : Layout
    weights : array of length k
        Share of each class.
    categories : array of shape (k, n_categories)
        Probability of each category among the known, which add up to one in each field.
    means, variances : arrays of shape (k, n_numbers)
        In ranges of the number.
    loglik : float
        Log-likelihood of the units of the fit, missing cells left out.
    parameters : int
        How many are free.
    units : int
    """

    layout: Layout
    weights: Floats
    categories: Floats
    means: Floats
    variances: Floats
    loglik: float
    parameters: int
    units: int

    @property
    def bic(self) -> float:
        """Bayesian information criterion (Schwarz 1978): the smaller, the better."""
        return float(-2 * self.loglik + self.parameters * np.log(self.units))

    def joint(self, table: Table) -> Floats:
        """Return log-probabilities of class and cells, shape (n_units, k)."""
        own = _Mixtures(self.weights[None], self.categories[None], self.means[None], self.variances[None])
        return own.joint(self.layout, _cells(table).T)[0].T

    def posterior(self, values: Floats) -> Floats:
        """Return the probability of each class for each unit, shape (n_units, k)."""
        return _shares(self.joint(self.layout.read(values)).T)[0].T

    def __call__(self, values: Floats) -> Labels:
        """Return the most probable class of each unit."""
        return np.asarray(self.joint(self.layout.read(values)).round(10).argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class ClassesClusterer(StartedClusterer):
    """Latent classes by expectation and maximisation; a unit goes to its most probable class.

    Attributes
    ----------
    starts : int
        Random ones, each followed for ``SHORT`` steps; the best third goes on (Biernacki, Celeux and Govaert 2003). Above
        ``SOME`` units all of this is done on so many, and the best is refined on all.

    Notes
    -----
    Goodman, L. A. (1974). Exploratory latent structure analysis using both identifiable and unidentifiable models.
    Biometrika, 61, 215-231; Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977). Maximum likelihood from incomplete data
    via the EM algorithm. Journal of the Royal Statistical Society B, 39, 1-38. Every third step starts from an extrapolation
    of the two before it, which takes a third of the steps to as high a likelihood: SQUAREM, third scheme, of Varadhan, R. and
    Roland, C. (2008). Simple and globally convergent methods for accelerating the convergence of any EM algorithm.
    Scandinavian Journal of Statistics, 35, 335-353. Missing cells drop out of the likelihood, which holds where they are
    missing at random (full information maximum likelihood). Numbers that are always known are normal within a class, others
    are categories by their bands.
    """

    name, weight = "latent classes", 20

    def model(self, values: Floats, k: int, *, seed: int) -> LatentClasses:
        """Fit and return the mixture.

        Parameters
        ----------
        values : array of shape (n_units, n_columns)
            A disjunctive matrix, see `mixed.Disjunctive`.
        k : int
        seed : int
        """
        with one_thread():
            return self._model(_Ordered.of(values), k, seed)

    def _model(self, known: _Ordered, k: int, seed: int) -> LatentClasses:
        layout, cells, units, rng = known.layout, known.cells, known.units, np.random.default_rng(seed)
        part = len(cells) > SOME
        few = _Units.of_cells(layout, cells[np.sort(rng.choice(len(cells), SOME, replace=False))]) if part else units
        own, logliks = _em(_start(layout, few, k, self.starts if k > 1 else 1, rng), layout, few, SHORT)
        ahead = np.argsort(-logliks, kind="stable")[: max(1, len(logliks) // FOLLOWED)]
        own, logliks = _em(own.take(ahead), layout, few, STEPS)
        if part:
            own, logliks = _em(own.take([int(logliks.argmax())]), layout, units, FEW)
        best, width, numbers = int(logliks.argmax()), len(layout.hits), len(layout.numbers)
        each = int((units.cells[:width] > 0).any(axis=1).sum()) - len(layout.starts) + 2 * numbers
        weights, categories, means, variances = own.take(best)
        return LatentClasses(
            layout, weights, categories, means, variances, float(logliks[best]), k - 1 + k * each, len(cells)
        )

    def fit(self, values: Floats, k: int, *, seed: int) -> Partition:
        """Part units by their most probable class; a class that is nobody's gets the unit that is least sure."""
        return self.several(values, [k], [seed])[0]

    def several(self, values: Floats, ks: Sequence[int], seeds: Sequence[int]) -> list[Partition]:
        """Part units into each of some numbers of classes; their cells are read and counted once."""
        with one_thread():
            known, out = _Ordered.of(values), list[Partition]()
            for k, seed in zip(ks, seeds, strict=True):
                found = self._model(known, k, int(seed))
                joint = found.joint(known.table)
                labels = joint.round(10).argmax(axis=1).astype(np.int64)
                labels = occupied(labels, -_shares(joint.T)[0].max(axis=0), k)
                out.append(Partition(labels, centres(values, labels, k), found))
        return out

    def bic(self, values: Floats, k: int, *, seed: int = 42) -> float:
        """Return the Bayesian information criterion of k classes."""
        return self.model(values, k, seed=seed).bic

    def posterior(self, values: Floats, k: int, *, seed: int) -> Floats:
        """Return the probability of each class for each unit, shape (n_units, k)."""
        return self.model(values, k, seed=seed).posterior(values)


class _Mixtures(NamedTuple):
    """What several mixtures are told by; as in `LatentClasses`, with an axis of mixtures before the others."""

    weights: Floats
    categories: Floats
    means: Floats
    variances: Floats

    def take(self, mixtures: Any) -> _Mixtures:
        """Return some of them; one, without the axis, where a number is given."""
        return _Mixtures(*(own[mixtures] for own in self))

    def but(self, other: _Mixtures, mixtures: NDArray[np.bool_]) -> _Mixtures:
        """Return these, but some of them as they are in others."""
        return _Mixtures(
            *(np.where(mixtures.reshape(-1, *[1] * (a.ndim - 1)), b, a) for a, b in zip(self, other, strict=True))
        )

    def joint(self, layout: Layout, cells: Floats) -> Floats:
        """Return log-probabilities of class and cells, by class: linear in indicators, numbers and their squares."""
        across, level = layout.weights * np.log(self.categories), np.log(self.weights)
        if len(layout.numbers):
            precision = layout.number_weights / self.variances
            across = np.concatenate([across, precision * self.means, -0.5 * precision], axis=2)
            normal = layout.number_weights * np.log(2 * np.pi * self.variances) + precision * self.means**2
            level = level - 0.5 * normal.sum(axis=2)
        linear = np.concatenate([across, level[..., None]], axis=2)
        out: Floats = (linear.reshape(-1, len(cells)) @ cells).reshape(*level.shape, -1)
        return out


@dataclass(frozen=True)
class _Ordered:
    """A matrix as it is read for a fit: in its own order, and in one that does not depend on the order of its units."""

    layout: Layout
    table: Table
    cells: Floats  # (n_units, n_cells), in the second order
    units: _Units

    @classmethod
    def of(cls, values: Floats) -> _Ordered:
        layout = Layout.of(values)
        table = layout.read(values)
        cells = _cells(table.take(row_order(values)))
        return cls(layout, table, cells, _Units.of_cells(layout, cells))


@dataclass(frozen=True)
class _Units:
    """The cells of units, equal ones once, by column; and what is done with them in every step."""

    cells: Floats  # (n_cells, n_kinds)
    rows: Floats  # (n_kinds, n_cells): those of all units of a kind together
    counts: Floats  # units of each kind
    of: Labels  # the kind of each unit
    floors: Floats  # the least variance of each number

    @classmethod
    def of_cells(cls, layout: Layout, cells: Floats) -> _Units:
        found, width, numbers = kinds(cells), len(layout.hits), len(layout.numbers)
        floors = FLOOR * np.maximum(cells[:, width : width + numbers].var(axis=0), 1e-9)
        some, counts = cells[found.first], found.counts.astype(np.float64)
        return cls(np.ascontiguousarray(some.T), some * counts[:, None], counts, found.of, floors)

    def averaged(self, shares: Floats) -> Floats:
        """Return mean shares, of shape (n_units, k), by kind; shape (k, n_kinds)."""
        sums = [np.bincount(self.of, weights=own, minlength=len(self.counts)) for own in shares.T]
        return np.array(sums) / self.counts


def _shares(joint: Floats) -> tuple[Floats, Floats]:
    """Return posterior probabilities by class, and the log-likelihood of each unit; ``joint`` is of shape (..., k, n)."""
    most = joint.max(axis=-2)
    shares = joint - most[..., None, :]
    np.exp(shares, out=shares)
    sums = shares.sum(axis=-2)
    shares /= sums[..., None, :]
    return shares, np.log(sums) + most


def _cells(table: Table) -> Floats:
    """Return indicators, numbers and their squares side by side, and ones."""
    return np.hstack([table.hits, table.numbers, table.numbers**2, np.ones((len(table.hits), 1))])


def _start(layout: Layout, units: _Units, k: int, starts: int, rng: np.random.Generator) -> _Mixtures:
    """Start from random shares of each unit in each class."""
    drawn = [units.averaged(rng.dirichlet(np.full(k, 0.3), size=len(units.of))) for _ in range(starts)]
    return _maximised(layout, units, np.array(drawn))


def _maximised(layout: Layout, units: _Units, shares: Floats) -> _Mixtures:
    """Return the parameters that make shares of shape (mixtures, k, n_kinds) most likely."""
    mixtures, k, n = shares.shape
    width, numbers = len(layout.hits), len(layout.numbers)
    sums = (shares.reshape(-1, n) @ units.rows).reshape(mixtures, k, -1)
    sizes = np.maximum(sums[..., -1], NOTHING)
    counts = sums[..., :width]
    # A class of which a field is never known says nothing of it: all categories are as likely.
    nothing = NOTHING / np.repeat(layout.widths, layout.widths)
    categories = np.maximum((counts + nothing) / (layout.over_fields(counts) + NOTHING), LEAST)
    means = sums[..., width : width + numbers] / sizes[..., None]
    variances = np.maximum(sums[..., width + numbers : -1] / sizes[..., None] - means**2, units.floors)
    return _Mixtures(sizes / sizes.sum(axis=1, keepdims=True), categories, means, variances)


def _em(own: _Mixtures, layout: Layout, units: _Units, steps: int) -> tuple[_Mixtures, Floats]:
    """Take expectation and maximisation in turn, for each mixture until its likelihood rises no more; return that, too.

    Every third step is taken from where the two before it point, unless that is less likely than where the second began.
    """
    n, left, path = len(units.of), np.arange(len(own.weights)), list[_Mixtures]()
    before, logliks, ends = np.full(len(left), -np.inf), np.empty(len(left)), _Mixtures(*(of.copy() for of in own))
    for step in range(steps + 1):
        ended, leap = np.full(len(left), step == steps), len(path) == 2
        if leap:
            straight, own = own, _ahead(path[0], path[1], own, layout, units)
        shares, total = _expected(own, layout, units)
        if leap:
            worse = ~(total / n >= before)
            if worse.any():
                own = own.but(straight, worse)
                shares, total = _expected(own, layout, units)
        else:
            ended |= total / n - before < TOLERANCE
        if ended.any():
            logliks[left[ended]] = total[ended]
            for end, of in zip(ends, own, strict=True):
                end[left[ended]] = of[ended]
            if ended.all():
                break
            left, total, shares = left[~ended], total[~ended], shares[~ended]
            own, path = own.take(~ended), [of.take(~ended) for of in path]
        path = [] if leap else [*path, own]
        before, own = total / n, _maximised(layout, units, shares)
    return ends, logliks


def _expected(own: _Mixtures, layout: Layout, units: _Units) -> tuple[Floats, Floats]:
    """Return the share of each class in each kind of unit, shape (mixtures, k, n_kinds), and log-likelihoods."""
    shares, each = _shares(own.joint(layout, units.cells))
    return shares, each @ units.counts


def _ahead(first: _Mixtures, second: _Mixtures, third: _Mixtures, layout: Layout, units: _Units) -> _Mixtures:
    """Return where a path of three points leads to; nothing that has to be positive falls below ``KEPT`` of what it is.

    Nor do variances fall below their floors: a likelihood of what no step may give would pass for one that fell after it.
    """
    steps = [b - a for a, b in zip(first, second, strict=True)]
    bends = [c - b - step for b, c, step in zip(second, third, steps, strict=True)]
    long, bent = (sum((of * of).sum(axis=tuple(range(1, of.ndim))) for of in own) for own in (steps, bends))
    far = np.sqrt(np.maximum(long / np.maximum(bent, 1e-300), 1.0))  # 1 is where two steps led
    to = []
    for a, step, bend in zip(first, steps, bends, strict=True):
        times = far.reshape(-1, *[1] * (a.ndim - 1))
        to.append(a + 2 * times * step + times**2 * bend)
    weights, categories, variances = (np.maximum(to[i], KEPT * third[i]) for i in (0, 1, 3))
    categories /= layout.over_fields(categories)
    variances = np.maximum(variances, units.floors)
    return _Mixtures(weights / weights.sum(axis=1, keepdims=True), categories, to[2], variances)
