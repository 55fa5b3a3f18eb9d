"""Compiled runs in double precision find what scikit-learn finds."""

from __future__ import annotations

import numpy as np
import pytest
from planted import planted
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from segkit.engine import clusterer, convergence
from segkit.engine.convergence import best_partition, label_all
from segkit.engine.lloyd import EmptySegmentError
from segkit.engine.matrix import Floats
from segkit.seeds import generator

SEEDS = range(12)


def cloud(n: int = 400, columns: int = 4) -> Floats:
    """Return values without any segments, where nearly every start ends elsewhere."""
    return np.asarray(generator("tests/cloud").normal(size=(n, columns)))


def skewed(n: int = 500) -> Floats:
    """Return values with a heavy tail, rounded so that many units are alike."""
    return np.asarray(generator("tests/skewed").lognormal(size=(n, 3)).round(1))


def theirs(values: Floats, k: int, seed: int, runs: int) -> np.ndarray:
    with threadpool_limits(1):  # on a busy machine its threads would wait for each other
        return np.asarray(KMeans(k, n_init=runs, random_state=seed).fit(values).labels_)


@pytest.mark.parametrize("k", [2, 3, 7])
@pytest.mark.parametrize("runs", [1, 6])
@pytest.mark.parametrize("make", [cloud, skewed])
def test_the_partitions_are_those_of_scikit_learn(make: object, runs: int, k: int) -> None:
    values = make()  # type: ignore[operator]
    for seed in SEEDS:
        with threadpool_limits(1):
            labels = best_partition(values, k, seed=seed, restarts=runs)
        assert adjusted_rand_score(theirs(values, k, seed, runs), labels) == 1


def test_single_starts_do_differ() -> None:
    # Otherwise the comparison above would show nothing.
    values = cloud()
    assert len({theirs(values, 7, s, 1).tobytes() for s in SEEDS}) > 6


def test_threads_and_the_order_of_seeds_do_not_matter() -> None:
    plan = [(cloud(), 5, s, 4, "k-means++") for s in SEEDS]
    for a, b in zip(label_all(plan, 1), reversed(label_all(plan[::-1], 3)), strict=True):
        assert (a == b).all()


def test_scikit_learn_takes_over_where_a_centre_loses_all_units(monkeypatch: pytest.MonkeyPatch) -> None:
    def empty(*_: object, **__: object) -> None:
        raise EmptySegmentError

    monkeypatch.setattr(convergence, "search", empty)
    values = cloud()
    labels = best_partition(values, 3, seed=5, restarts=2)
    assert labels.tolist() == theirs(values, 3, 5, 2).tolist()


def test_restarts_on_a_subsample_find_the_planted_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusterer, "LARGE", 1_000)
    monkeypatch.setattr(clusterer, "SUBSAMPLE", 300)
    matrix, truth = planted((700, 400, 150, 50))
    with threadpool_limits(1):
        (fit, _), (again, _) = (clusterer.kmeans(matrix.values, 4, restarts=20, seed=1) for _ in range(2))
        best = KMeans(4, n_init=10, random_state=0).fit(matrix.values)
    assert len(fit.labels_) == 1_300
    assert adjusted_rand_score(truth, fit.labels_) == 1
    assert fit.inertia_ == pytest.approx(best.inertia_, rel=1e-9)
    assert (again.labels_ == fit.labels_).all()
