"""What all evidence is asked of: something that parts units into k segments, and tells where new units belong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from . import fits
from .fits import RESTARTS, Labels, nearest
from .lloyd import FIRST, MOST, SAME, EmptySegmentError, refined, search
from .matrix import Floats
from .silhouettes import sample

NEIGHBOUR, OWN = "nearest neighbour", "its own rule"
LARGE = 20_000  # units above which starts are tried on a subsample
SUBSAMPLE = 5_000
REFINED = 3  # of the starts, the best few that differ


@dataclass(frozen=True)
class Partition:
    """One partition, and how it is extended to other units.

    Attributes
    ----------
    labels : array of int, length n_units
        From 0, below ``len(centres)``.
    centres : array of shape (k, n_columns)
        The means of the segments; the mean of all units for a segment that is empty.
    predict : callable
        Takes an array of shape (m, n_columns), gives m labels.
    converged : bool, optional
        Whether the starts were enough, see `lloyd.enough`; None where that is not known, or starts mean nothing.
    """

    labels: Labels
    centres: Floats
    predict: Callable[[Floats], Labels]
    converged: bool | None = None

    def inertia(self, values: Floats) -> float:
        """Return the sum of the squared distances of its own units to the centres."""
        return float(((values - self.centres[self.labels]) ** 2).sum())


class Clusterer(ABC):
    """A way to part units into k segments.

    Attributes
    ----------
    name : str
    weight : int
        How many fits of k-means take as long as one; decides whether more processes pay, and how many units a subsample of
        `k_resampling` holds at most.
    """

    name: str
    weight: int = 1

    @abstractmethod
    def fit(self, values: Floats, k: int, *, seed: int) -> Partition:
        """Part units into segments, on one thread.

        Parameters
        ----------
        values : array of shape (n_units, n_columns)
        k : int
        seed : int
            Of a 32-bit generator.
        """

    def best(self, values: Floats, k: int, *, seed: int) -> Partition:
        """Return the partition that is in use: the same, with more care where that can be had."""
        return self.fit(values, k, seed=seed)

    def several(self, values: Floats, ks: Sequence[int], seeds: Sequence[int]) -> list[Partition]:
        """Return what `fit` does for each of some numbers of segments; what they have in common need be done only once."""
        return [self.fit(values, k, seed=s) for k, s in zip(ks, seeds, strict=True)]

    def brief(self, rivals: int) -> Clusterer:
        """Return the same with less work, for reference sets of which there are many; itself where there is no such thing."""
        return self

    def thorough(self, restarts: int) -> Clusterer | None:
        """Return the same with more starts, None where starts mean nothing."""
        return None

    def converging(self, most: int = MOST) -> Clusterer:
        """Return the same, starting until that is enough, ``most`` times at most; itself where there is no such thing."""
        return self

    @property
    def params(self) -> dict[str, Any]:
        """What the parameters of a result say of it."""
        return {"clusterer": self.name}


@dataclass(frozen=True)
class StartedClusterer(Clusterer):
    """One that takes the best of several starts, in all that it fits.

    Attributes
    ----------
    starts : int
    """

    starts: int = 10

    def brief(self, rivals: int) -> Clusterer:
        """Return one with fewer starts."""
        return replace(self, starts=min(rivals, self.starts))

    def thorough(self, restarts: int) -> Clusterer:
        """Return one with more starts."""
        return replace(self, starts=max(restarts, self.starts))

    @property
    def params(self) -> dict[str, Any]:
        """The number of starts."""
        return {"clusterer": self.name, "restarts": self.starts}


@dataclass(frozen=True)
class KMeansClusterer(Clusterer):
    """K-means with k-means++ starts; new units go to the nearest centre.

    Attributes
    ----------
    restarts : int
    rivals : int, optional
        Runs that go on after a few steps, see `lloyd.search`; all when not given.
    most : int, optional
        Starts follow until there are enough, or so many; only ``restarts`` when not given.
    """

    restarts: int = RESTARTS
    rivals: int | None = None
    most: int | None = None
    name = "k-means"

    def fit(self, values: Floats, k: int, *, seed: int) -> Partition:
        """Fit in single precision: the partition that scikit-learn finds with that seed, see `fits.fit`."""
        found = fits.fit(values, k, seed=seed, restarts=self.restarts, rivals=self.rivals, most=self.most)
        return Partition(found.labels, found.centres, _by(found.centres), found.converged)

    def best(self, values: Floats, k: int, *, seed: int) -> Partition:
        """Fit by scikit-learn, with starts until there are enough; of very many units as `kmeans` says."""
        with threadpool_limits(1):
            found, converged = kmeans(values, k, restarts=self.restarts, seed=seed, most=MOST)
        middle = found.cluster_centers_
        return Partition(found.labels_.astype(np.int64), middle, _by(middle), converged)

    def brief(self, rivals: int) -> Clusterer:
        """Return one that lets few runs go on."""
        return replace(self, rivals=rivals, most=None)

    def thorough(self, restarts: int) -> Clusterer:
        """Return one with more starts."""
        return replace(self, restarts=max(restarts, self.restarts))

    def converging(self, most: int = MOST) -> Clusterer:
        """Return one that starts until that is enough, so often at the most."""
        return replace(self, restarts=FIRST, rivals=None, most=most)

    @property
    def params(self) -> dict[str, Any]:
        """The number of starts, or how many there are at the most."""
        return {"restarts": self.restarts} if self.most is None else {"restarts": self.restarts, "most": self.most}


SMALL, MANY = KMeansClusterer(), KMeansClusterer(50)  # for the loops of resampling, and for the partition in use


@dataclass(frozen=True)
class EstimatorClusterer(Clusterer):
    """Any scikit-learn estimator that parts units into a number of segments that it is told.

    Attributes
    ----------
    template : estimator
        Has ``fit_predict``, and one of the parameters ``n_clusters`` and ``n_components``. It is cloned for every fit, and
        given a seed where it has a ``random_state``.

    Notes
    -----
    New units are labelled by the estimator's own ``predict`` where it has one, else by their nearest neighbour among the
    units of the fit (as agglomerative clustering has no rule for new units; Hennig 2007 leaves the choice open).
    """

    template: Any

    @property
    def name(self) -> str:  # type: ignore[override]
        """The estimator's class."""
        return type(self.template).__name__

    @property
    def extends_by(self) -> str:
        """How new units are labelled."""
        return OWN if hasattr(self.template, "predict") else NEIGHBOUR

    def fit(self, values: Floats, k: int, *, seed: int) -> Partition:
        """Fit a clone of the template.

        Raises
        ------
        ValueError
            The estimator cannot be told a number of segments, or made more of them than it was told.
        """
        from sklearn.base import clone

        own = clone(self.template)
        known = own.get_params(deep=False)
        number = next((n for n in ("n_clusters", "n_components") if n in known), None)
        if number is None:
            raise ValueError(f"{self.name} takes no number of clusters (neither n_clusters nor n_components)")
        own.set_params(**{number: k}, **({"random_state": seed} if "random_state" in known else {}))
        with threadpool_limits(1):
            labels = np.asarray(own.fit_predict(values)).astype(np.int64)
        if labels.max(initial=0) >= k:
            raise ValueError(f"{self.name} made {labels.max() + 1} clusters where {k} were asked for")
        predict = _own(own) if hasattr(own, "predict") else _neighbour(values, labels)
        return Partition(labels, centres(values, labels, k), predict)

    @property
    def params(self) -> dict[str, Any]:
        """The estimator's class, and how new units are labelled."""
        return {"clusterer": self.name, "extends_by": self.extends_by}


def given(values: Floats, labels: Labels) -> Partition:
    """Take a partition that somebody made; new units join their nearest neighbour.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    labels : array of length n_units
        Any values; equal ones are one segment.
    """
    kinds, number = np.unique(labels, return_inverse=True)
    own = number.ravel().astype(np.int64)
    return Partition(own, centres(values, own, len(kinds)), _neighbour(values, own))


def centres(values: Floats, labels: Labels, k: int) -> Floats:
    """Return the mean of each segment; the mean of all units for one that is empty.

    Examples
    --------
    >>> centres(np.array([[1.0], [3.0], [8.0]]), np.array([0, 0, 1]), 2).tolist()
    [[2.0], [8.0]]
    """
    member = (labels[:, None] == np.arange(k)).astype(np.float64)
    sizes = member.sum(axis=0)[:, None]
    out: Floats = np.where(sizes > 0, (member.T @ values) / np.maximum(sizes, 1), values.mean(axis=0))
    return out


def _by(points: Floats) -> Callable[[Floats], Labels]:
    return lambda values: nearest(values, points)


def _own(fitted: Any) -> Callable[[Floats], Labels]:
    def predict(values: Floats) -> Labels:
        with threadpool_limits(1):
            return np.asarray(fitted.predict(values)).astype(np.int64)

    return predict


def _neighbour(values: Floats, labels: Labels) -> Callable[[Floats], Labels]:
    from sklearn.neighbors import KNeighborsClassifier

    return _own(KNeighborsClassifier(1).fit(values, labels))


def kmeans(values: Floats, k: int, *, restarts: int, seed: int, most: int = 0) -> tuple[Any, bool]:
    """Fit k-means (Lloyd 1982) with k-means++ starts (Arthur and Vassilvitskii 2007) and keep the best of them.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    k : int
    restarts : int
        Starts of scikit-learn.
    seed : int
    most : int
        Where these are not enough (`lloyd.enough`), starts follow until there are so many.

    Returns
    -------
    KMeans
        Fitted; that of the first starts, unless a later one found another optimum, with a lower inertia.
    bool
        Whether the starts were enough.

    Notes
    -----
    Above ``LARGE`` units the restarts run on a subsample, and only the best few partitions that differ are refined on
    all units, of which equal ones are one that weighs as much as all of them. On 83,640 units (the public log repeated
    40 times, every feature moved by noise of a twentieth of its spread) and K = 2 to 12 the inertia was between 0.2 %
    below and 1.2 % above that of ten restarts on all units.
    """
    from sklearn.cluster import KMeans

    if len(values) > LARGE and restarts > REFINED:
        return _refined(values, k, restarts, max(restarts, most), seed)
    first = KMeans(n_clusters=k, n_init=restarts, random_state=seed).fit(values)
    if not most:
        return first, False
    more = fits.fit(values, k, seed=seed, restarts=restarts, most=most)
    inertia = float(((values - more.centres[more.labels]) ** 2).sum())
    if inertia >= first.inertia_ * (1 - SAME):
        return first, more.converged
    return KMeans(k, n_init=1, init=more.centres).fit(values), more.converged


def _refined(values: Floats, k: int, restarts: int, most: int, seed: int) -> tuple[Any, bool]:
    """Start on a subsample, and refine the best few partitions on all units."""
    from sklearn.cluster import KMeans

    few = values[sample(len(values), SUBSAMPLE, "kmeans/subsample", seed)]
    try:
        with fits.one_thread():  # several would add up in another order
            found = search(few, k, seed=seed, restarts=restarts, most=most)
            best, converged = refined(values, found.differing(REFINED)), found.converged
    except EmptySegmentError:  # scikit-learn knows how to move a centre that lost all its units
        best, converged = KMeans(k, n_init=restarts, random_state=seed).fit(few).cluster_centers_, False
    return KMeans(k, n_init=1, init=best).fit(values), converged
