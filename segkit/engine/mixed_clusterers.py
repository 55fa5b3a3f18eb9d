"""Ways to part units of mixed fields: medoids, modes, and latent classes; all take a disjunctive matrix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .clusterer import Clusterer, Partition, StartedClusterer, centres
from .fields import Layout, Table, occupied, row_order
from .fits import Labels, one_thread
from .latent_classes import ClassesClusterer
from .matrix import Floats
from .silhouettes import sample

__all__ = ["ClassesClusterer", "GowerClusterer", "ModesClusterer", "gower"]

NOTHING = 0.5  # between two units that have no field in common: neither alike nor different
FULL = 2_000  # units up to which all distances are computed
SAMPLES, DRAWN = 5, 1_000  # above: samples, and the units of each
STEPS = 100


def gower(layout: Layout, one: Table, two: Table) -> Floats:
    """Return the dissimilarities of Gower (1971) between units, missing cells aside.

    Parameters
    ----------
    layout : Layout
    one, two : Table
        n and m units.

    Returns
    -------
    array of shape (n, m)
        The mean, over the fields that both have, of 1 for other categories, 0 for the same, and the difference in ranges
        for numbers; ``NOTHING`` where no field is known of both.

    Notes
    -----
    Gower, J. C. (1971). A general coefficient of similarity and some of its properties. Biometrics, 27, 857-871. Fields
    that both have are a product of what is known; so are those in which they agree.
    """
    seen = (layout.known(one.hits) * layout.hit_weights) @ layout.known(two.hits).T
    apart = seen - (one.hits * layout.weights) @ two.hits.T
    for j, weight in enumerate(layout.number_weights):
        apart += weight * np.abs(one.numbers[:, j, None] - two.numbers[None, :, j])
    seen += layout.number_weights.sum()
    out: Floats = np.divide(apart, seen, out=np.full(seen.shape, NOTHING), where=seen > 1e-9)
    return out.clip(min=0.0)


@dataclass(frozen=True)
class _Nearest:
    """Label units by the medoid that is nearest."""

    layout: Layout
    medoids: Table

    def __call__(self, values: Floats) -> Labels:
        return np.asarray(gower(self.layout, self.layout.read(values), self.medoids).argmin(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class GowerClusterer(Clusterer):
    """Partitioning around medoids of Gower's dissimilarity; new units go to the nearest medoid.

    Attributes
    ----------
    starts : int
        Random ones; the least loss is kept.
    full : int
        Units up to which all distances are computed.

    Notes
    -----
    FasterPAM: Schubert, E. and Rousseeuw, P. J. (2021). Fast and eager k-medoids clustering. Information Systems, 101,
    101804. Above ``full`` units CLARA (Kaufman and Rousseeuw 1990, chapter 3): medoids of ``SAMPLES`` samples of
    ``DRAWN`` units, of which those are kept that are nearest to all units.
    """

    starts: int = 3
    full: int = FULL
    name, weight = "Gower's distance and medoids", 20

    def fit(self, values: Floats, k: int, *, seed: int) -> Partition:
        """Find medoids, in an order of the units that does not depend on the one they come in."""
        return self.several(values, [k], [seed])[0]

    def several(self, values: Floats, ks: Sequence[int], seeds: Sequence[int]) -> list[Partition]:
        """Find medoids for each of some numbers of segments; distances between all units are computed once."""
        with one_thread():
            layout, order = Layout.of(values), row_order(values)
            table = layout.read(values)
            some = table.take(order)
            between = gower(layout, some, some) if len(order) <= self.full else None
            return [self._fit(values, layout, table, order, between, k, int(s)) for k, s in zip(ks, seeds, strict=True)]

    def _fit(
        self, values: Floats, layout: Layout, table: Table, order: Labels, between: Floats | None, k: int, seed: int
    ) -> Partition:
        best, labels, near = np.inf, np.zeros(len(values), dtype=np.int64), np.zeros(len(values))
        for rows in [order] if between is not None else self._samples(order, seed):
            some = table.take(rows)
            medoids = table.take(
                rows[self._medoids(gower(layout, some, some) if between is None else between, k, seed)]
            )
            to = gower(layout, table, medoids)
            loss = float(to.min(axis=1)[order].sum())
            if loss < best - 1e-9:
                best, found, labels, near = loss, medoids, to.argmin(axis=1), to.min(axis=1)
        labels = occupied(labels.astype(np.int64), near, k)
        return Partition(labels, centres(values, labels, k), _Nearest(layout, found))

    def loss(self, values: Floats, k: int, *, seed: int) -> float:
        """Return the mean dissimilarity of units to their medoids."""
        own = self.fit(values, k, seed=seed).predict
        assert isinstance(own, _Nearest)
        return float(gower(own.layout, own.layout.read(values), own.medoids).min(axis=1).mean())

    def _samples(self, order: Labels, seed: int) -> Iterator[Labels]:
        for i in range(SAMPLES):
            yield order[sample(len(order), min(DRAWN, len(order)), f"clara {i}", seed)]

    def _medoids(self, distances: Floats, k: int, seed: int) -> Labels:
        import kmedoids

        seeds = np.random.RandomState(seed).randint(2**31 - 1, size=self.starts)
        fits = [kmedoids.fasterpam(distances, k, init="random", random_state=int(s), n_cpu=1) for s in seeds]
        return np.asarray(min(fits, key=lambda f: float(f.loss)).medoids, dtype=np.int64)

    def brief(self, rivals: int) -> Clusterer:
        """Return one with a single start."""
        return replace(self, starts=1)

    def thorough(self, restarts: int) -> Clusterer:
        """Return one with more starts."""
        return replace(self, starts=max(restarts, self.starts))

    @property
    def params(self) -> dict[str, Any]:
        """Starts, and what is done where there are many units."""
        many = f"CLARA: {SAMPLES} samples of {DRAWN} units"
        return {"clusterer": self.name, "restarts": self.starts, "full": self.full, "above": many}


@dataclass(frozen=True)
class _Units:
    """Units as modes are compared with them: of what a cost is made that does not depend on the modes, and cells."""

    most: Floats
    cells: Floats  # indicators and numbers side by side

    @classmethod
    def of(cls, layout: Layout, table: Table) -> _Units:
        most = layout.known(table.hits) @ layout.hit_weights + table.numbers**2 @ layout.number_weights
        return cls(most, np.hstack([table.hits, table.numbers]))


@dataclass(frozen=True)
class _Modes:
    """Label units by the mode that they differ least from."""

    layout: Layout
    modes: Floats  # (k, n_categories), one where a segment has its mode
    means: Floats  # (k, n_numbers)
    shares: Floats  # (k, n_categories), of the known

    def costs(self, units: _Units) -> Floats:
        """Return weighted counts of differences, shape (n_units, k)."""
        return self._both(units)[0]

    def place(self, units: _Units) -> tuple[Labels, Floats]:
        """Return labels and costs; ties go where what is known of a unit is most usual, then to the first."""
        cost, usual = self._both(units)
        labels = (cost - 1e-6 * usual).round(12).argmin(axis=1)
        return labels.astype(np.int64), cost[np.arange(len(cost)), labels]

    def _both(self, units: _Units) -> tuple[Floats, Floats]:
        """Return costs, and how usual what is known of a unit is in each segment."""
        k, weights, own = len(self.modes), self.layout.weights, self.layout.number_weights
        alike = np.hstack([weights * self.modes, 2 * own * self.means])
        usual = np.hstack([weights * self.shares, np.zeros(self.means.shape)])
        found = units.cells @ np.vstack([alike, usual]).T
        cost = units.most[:, None] + (own * self.means**2).sum(axis=1) - found[:, :k]
        return cost.clip(min=0.0), found[:, k:]

    def __call__(self, values: Floats) -> Labels:
        return self.place(_Units.of(self.layout, self.layout.read(values)))[0]


@dataclass(frozen=True)
class ModesClusterer(StartedClusterer):
    """K-modes, and k-prototypes where there are numbers; missing cells count for nothing.

    Attributes
    ----------
    starts : int
        Units drawn by their distance to those drawn before (as in k-means++); the least cost is kept.

    Notes
    -----
    Huang, Z. (1998). Extensions to the k-means algorithm for clustering large data sets with categorical values. Data
    Mining and Knowledge Discovery, 2, 283-304. The cost is the number of known cells that differ from the mode of the
    segment, plus the squared differences of numbers, in ranges, from its mean. Many units that lack fields are as near to
    one mode as to another; they go where their known categories are most usual. Above 20,000 units the starts run on 5,000
    of them, and the best three are refined on all.
    """

    name, weight = "k-modes", 20

    def fit(self, values: Floats, k: int, *, seed: int) -> Partition:
        """Find modes."""
        with one_thread():
            layout, order = Layout.of(values), row_order(values)
            whole = layout.read(values)
            table, rng = whole.take(order), np.random.default_rng(seed)
            tried = table if len(order) <= 20_000 else table.take(np.sort(rng.choice(len(order), 5_000, replace=False)))
            runs = [self._run(layout, tried, self._start(layout, tried, k, rng)) for _ in range(self.starts)]
            best = min(runs, key=lambda run: run[1])[0]
            if tried is not table:
                few = sorted(runs, key=lambda run: run[1])[:3]
                best = min((self._run(layout, table, m) for m, _ in few), key=lambda run: run[1])[0]
            labels, cost = best.place(_Units.of(layout, whole))
            labels = occupied(labels, cost, k)
            return Partition(labels, centres(values, labels, k), best)

    def cost(self, values: Floats, k: int, *, seed: int) -> float:
        """Return the cost of the fit: known cells that differ from the mode, and squared differences of numbers."""
        own = self.fit(values, k, seed=seed).predict
        assert isinstance(own, _Modes)
        return float(own.costs(_Units.of(own.layout, own.layout.read(values))).min(axis=1).sum())

    def _start(self, layout: Layout, table: Table, k: int, rng: np.random.Generator) -> _Modes:
        """Take units as modes, completed by what is most usual where they have gaps."""
        usual = table.hits.mean(axis=0)
        chosen, units = [int(rng.integers(len(table.hits)))], _Units.of(layout, table)
        while True:
            rows = table.take(np.array(chosen))
            found = _Modes(layout, _modal(layout, rows.hits + 1e-3 * usual), rows.numbers, rows.hits)
            if len(chosen) == k:
                return found
            cost = found.costs(units).min(axis=1)
            sums = cost.cumsum()
            # A unit that is drawn twice would make an empty segment; where all are alike there is no other.
            pick = int(np.searchsorted(sums, rng.random() * sums[-1], side="right")) if sums[-1] > 0 else len(chosen)
            chosen.append(min(pick, len(cost) - 1))

    def _run(self, layout: Layout, table: Table, found: _Modes) -> tuple[_Modes, float]:
        """Assign and update in turn until the cost falls no more."""
        k, least, best, usual = len(found.modes), np.inf, found, table.hits.mean(axis=0)
        units, width = _Units.of(layout, table), table.hits.shape[1]
        for _ in range(STEPS):
            labels, cost = found.place(units)
            total = float(cost.sum())
            if total >= least - 1e-9:
                break
            least, best = total, found
            labels = occupied(labels, cost, k)
            member = (labels[:, None] == np.arange(k)).astype(np.float64)
            sums, sizes = member.T @ units.cells, member.sum(axis=0)[:, None]
            counts = sums[:, :width]
            seen = layout.over_fields(counts)
            shares = np.divide(counts, seen, out=np.zeros(counts.shape), where=seen > 0)
            found = _Modes(layout, _modal(layout, counts + 1e-3 * usual), sums[:, width:] / sizes, shares)
        return best, least


def _modal(layout: Layout, counts: Floats) -> Floats:
    """Return one where a category is the most usual of its field, the first of equals, else zero."""
    out = np.zeros(counts.shape)
    for start, width in zip(layout.starts, layout.widths, strict=True):
        out[np.arange(len(counts)), start + counts[:, start : start + width].argmax(axis=1)] = 1.0
    return out
