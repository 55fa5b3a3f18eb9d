"""Draws from a Gaussian copula: margins to the last digit, rank correlations about as they were."""

from __future__ import annotations

import numpy as np
import pytest

from segkit.engine.copula import copula_draws
from segkit.engine.null_statistics import rank_correlations
from segkit.seeds import generator


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """Heavy tails, a share that is mostly 0 or 1, a count with ties, and a column that never varies."""
    rng = generator("tests/copula")
    shared = rng.normal(size=400)
    return np.column_stack(
        [
            np.exp(2 * (shared + 0.5 * rng.normal(size=400))),
            -shared + rng.normal(size=400),
            (rng.random(400) < 0.2).astype(float),
            np.floor(np.exp(0.5 * shared + rng.normal(size=400))) + 1,
            np.full(400, 7.0),
        ]
    )


def test_margins_are_kept_exactly_and_rank_correlations_about(values: np.ndarray) -> None:
    strata = np.zeros(len(values))
    drawn = list(copula_draws(values, strata, 30, 1))
    for one in drawn:
        assert np.array_equal(np.sort(one, axis=0), np.sort(values, axis=0))
        assert not np.array_equal(one[:, 0], values[:, 0])
    mean = np.mean([rank_correlations(v) for v in drawn], axis=0)
    error = np.abs(mean - rank_correlations(values))
    # Ties weaken correlations; the standard error of a mean of 30 at n = 400 is below 0.01.
    assert error[:2, :2].max() < 0.02 and error.max() < 0.08


def test_of_normal_values_the_correlation_is_that_of_the_normal_law() -> None:
    """Spearman's correlation of a bivariate normal law is 6/pi asin(r/2) (Kruskal 1958)."""
    rng, r = generator("tests/copula/normal"), 0.7
    x = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], size=3000)
    mean = np.mean([rank_correlations(v)[0, 1] for v in copula_draws(x, np.zeros(3000), 20, 1)])
    assert mean == pytest.approx(6 / np.pi * np.arcsin(r / 2), abs=0.03)


def test_strata_stay_apart(values: np.ndarray) -> None:
    few = values[:, 3] <= 1
    values = values.copy()
    values[few, 4] = 0.0  # holds for the stratum alone, and must go on doing so
    for one in copula_draws(values, few, 5, 1):
        for part in (few, ~few):
            assert np.array_equal(np.sort(one[part], axis=0), np.sort(values[part], axis=0))
        assert (one[few, 4] == 0).all() and (one[few, 3] == 1).all()


def test_columns_that_are_one_stay_one(values: np.ndarray) -> None:
    """Mean and median of a single call are the same number; so they are in every draw."""
    twice = np.column_stack([values[:, 0], values[:, 1], values[:, 0]])
    for one in copula_draws(twice, np.zeros(len(twice)), 3, 1):
        assert np.array_equal(one[:, 0], one[:, 2])


def test_draws_follow_from_the_seed_and_change_nothing(values: np.ndarray) -> None:
    before = values.copy()
    one, again, other = (np.stack(list(copula_draws(values, np.zeros(400), 2, s))) for s in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)
    assert not np.array_equal(one[0], one[1])
    assert np.array_equal(values, before)


@pytest.mark.parametrize("size", [1, 2])
def test_strata_of_a_unit_or_two(size: int) -> None:
    x = np.arange(size * 2, dtype=float).reshape(size, 2)
    assert np.array_equal(np.sort(next(iter(copula_draws(x, np.zeros(size), 1, 1))), axis=0), x)
