"""Latent classes: kinds of units within which fields have nothing to do with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .clusterer import Partition, StartedClusterer, centres
from .fields import Layout, Table, occupied, row_order
from .fits import Labels, one_thread
from .kinds import kinds
from .matrix import Floats

SHORT, FOLLOWED = 15, 3  # steps of every start, and of how many starts one goes on
STEPS, FEW = 500, 100  # steps at most; of a fit to all units that starts from one to some of them
TOLERANCE = 1e-6  # mean log-likelihood of a unit that a step has to add
LEAST = 1e-12  # probability of a category
FLOOR = 1e-3  # of the variance of a number: less would let a class settle on equal values
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
        return self._joint(_cells(table).T).T

    def _joint(self, cells: Floats) -> Floats:
        """Return the same by class, by one product: the logarithm is linear in indicators, numbers and their squares."""
        across, level = self.layout.weights * np.log(self.categories), np.log(self.weights)
        if self.means.size:
            precision = self.layout.number_weights / self.variances
            across = np.hstack([across, precision * self.means, -0.5 * precision])
            normal = self.layout.number_weights * np.log(2 * np.pi * self.variances) + precision * self.means**2
            level = level - 0.5 * normal.sum(axis=1)
        out: Floats = across @ cells
        out += level[:, None]
        return out

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
    via the EM algorithm. Journal of the Royal Statistical Society B, 39, 1-38. Missing cells drop out of the likelihood,
    which holds where they are missing at random (full information maximum likelihood). Numbers that are always known are
    normal within a class, others are categories by their bands.
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
            layout, order, rng = Layout.of(values), row_order(values), np.random.default_rng(seed)
            table = layout.read(values).take(order)
            part = len(order) > SOME
            cells = _cells(table)
            units = _Units.of_cells(layout, cells)
            few = (
                _Units.of_cells(layout, cells[np.sort(rng.choice(len(order), SOME, replace=False))]) if part else units
            )
            tries = [_em(_start(layout, few, k, rng), few, SHORT) for _ in range(self.starts if k > 1 else 1)]
            tries.sort(key=lambda own: -own.loglik)
            followed = [_em(own, few, STEPS) for own in tries[: max(1, len(tries) // FOLLOWED)]]
            best = max(followed, key=lambda own: own.loglik)
            best = _em(best, units, FEW) if part else best
            each = int((table.hits > 0).any(axis=0).sum()) - len(layout.starts) + 2 * table.numbers.shape[1]
            return replace(best, parameters=k - 1 + k * each)

    def fit(self, values: Floats, k: int, *, seed: int) -> Partition:
        """Part units by their most probable class; a class that is nobody's gets the unit that is least sure."""
        found = self.model(values, k, seed=seed)
        with one_thread():
            joint = found.joint(found.layout.read(values))
        labels = occupied(joint.round(10).argmax(axis=1).astype(np.int64), -_shares(joint.T)[0].max(axis=0), k)
        return Partition(labels, centres(values, labels, k), found)

    def bic(self, values: Floats, k: int, *, seed: int = 42) -> float:
        """Return the Bayesian information criterion of k classes."""
        return self.model(values, k, seed=seed).bic

    def posterior(self, values: Floats, k: int, *, seed: int) -> Floats:
        """Return the probability of each class for each unit, shape (n_units, k)."""
        return self.model(values, k, seed=seed).posterior(values)


@dataclass(frozen=True)
class _Units:
    """The cells of units, equal ones once, by column; and what is done with them in every step."""

    cells: Floats  # (n_cells, n_kinds)
    counts: Floats  # units of each kind
    of: Labels  # the kind of each unit
    floors: Floats  # the least variance of each number

    @classmethod
    def of_cells(cls, layout: Layout, cells: Floats) -> _Units:
        found, width, numbers = kinds(cells), len(layout.hits), len(layout.numbers)
        floors = FLOOR * np.maximum(cells[:, width : width + numbers].var(axis=0), 1e-9)
        return cls(np.ascontiguousarray(cells[found.first].T), found.counts.astype(np.float64), found.of, floors)

    def summed(self, shares: Floats) -> Floats:
        """Sum shares of units, shape (n_units, k), over those of a kind; shape (k, n_kinds)."""
        return np.array([np.bincount(self.of, weights=own, minlength=len(self.counts)) for own in shares.T])


def _shares(joint: Floats) -> tuple[Floats, Floats]:
    """Return posterior probabilities by class, and the log-likelihood of each unit."""
    most = joint.max(axis=0)
    shares = np.exp(joint - most)
    sums = shares.sum(axis=0)
    shares /= sums
    return shares, np.log(sums) + most


def _cells(table: Table) -> Floats:
    """Return indicators, numbers and their squares side by side."""
    return np.hstack([table.hits, table.numbers, table.numbers**2])


def _start(layout: Layout, units: _Units, k: int, rng: np.random.Generator) -> LatentClasses:
    """Start from random shares of each unit in each class."""
    none, n = np.zeros((k, 0)), len(units.of)
    empty = LatentClasses(layout, np.full(k, 1 / k), none, none, none, -np.inf, 0, n)
    return _maximised(empty, units, units.summed(rng.dirichlet(np.full(k, 0.3), size=n)))


def _maximised(own: LatentClasses, units: _Units, shares: Floats) -> LatentClasses:
    """Return the parameters that make these shares, of all units of a kind together, most likely."""
    width, numbers = len(own.layout.hits), len(own.layout.numbers)
    sizes = np.maximum(shares.sum(axis=1), 1e-9)
    sums = shares @ units.cells.T
    counts = sums[:, :width]
    known = own.layout.over_fields(counts)
    # A class of which a field is never known says nothing of it: all categories are as likely.
    flat = own.layout.over_fields(np.ones((1, width)))
    categories = np.maximum(np.where(known > 1e-9, counts / np.maximum(known, 1e-9), 1 / flat), LEAST)
    means = sums[:, width : width + numbers] / sizes[:, None]
    squares = sums[:, width + numbers :] / sizes[:, None] - means**2
    variances = np.maximum(squares, units.floors)
    return replace(own, weights=sizes / sizes.sum(), categories=categories, means=means, variances=variances)


def _em(own: LatentClasses, units: _Units, steps: int) -> LatentClasses:
    """Take expectation and maximisation in turn until the likelihood rises no more."""
    before, n = -np.inf, len(units.of)
    for _ in range(steps):
        shares, each = _shares(own._joint(units.cells))
        total = float(units.counts @ each)
        if total / n - before < TOLERANCE:
            return replace(own, loglik=total, units=n)
        before, own = total / n, _maximised(own, units, shares * units.counts)
    return replace(own, loglik=float(units.counts @ _shares(own._joint(units.cells))[1]), units=n)
