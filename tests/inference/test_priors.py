"""Intervals of the rates of few groups hold the truth as often as they say, however alike the groups are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln

from segkit.inference.priors import FLAT, posterior_of, prior_of


def coverage(rng: np.random.Generator, groups: int, units: int, worths: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return the share of the groups whose rate is held, in each table."""
    held = []
    for worth, mean in zip(worths, means, strict=True):
        truth = rng.beta(mean * worth, (1 - mean) * worth, groups)
        x = rng.binomial(units, truth)
        found = posterior_of(x, [units] * groups, prior_of(x, [units] * groups))
        held.append(((found["low"] <= truth) & (truth <= found["high"])).mean())
    return np.array(held)


@pytest.mark.parametrize("groups", [3, 4, 8, 20])
def test_where_tables_are_drawn_as_the_prior_says_coverage_is_the_level(groups: int) -> None:
    """Fifty tables, whose rates are not all at 0 or 1; 99.9 % limits by how tables spread, since their groups share a prior."""
    rng = np.random.default_rng(groups)
    held = coverage(rng, groups, 100, rng.uniform(FLAT**-0.5, 0.5, 50) ** -2, rng.uniform(0.1, 0.9, 50))
    assert held.mean() == pytest.approx(0.95, abs=3.3 * max(held.std(), 0.05) / np.sqrt(50))


@pytest.mark.parametrize("worth", [30, 300, 3000])
def test_few_groups_that_are_nearly_alike_are_held_too(worth: float) -> None:
    """Four groups of 300, where intervals by a fitted prior alone hold from nine down to four of ten as the spread falls."""
    held = coverage(np.random.default_rng(int(worth)), 4, 300, np.full(50, worth), np.full(50, 0.3))
    assert held.mean() > 0.95 - 3.3 * max(held.std(), 0.05) / np.sqrt(50)


@pytest.mark.parametrize("units", [100, 10_000])
def test_the_grid_is_fine_enough_for_large_groups(units: int) -> None:
    """The same integral over a grid fifty times as fine: means and worths of groups whose spread is a tenth of the mean."""
    x, n = np.array([0.28, 0.3, 0.33, 0.31]) * units, np.full(4, float(units))
    root = np.linspace(FLAT**-0.5, 0.4, 3000)[:, None]
    mean = np.linspace(0.15, 0.5, 301)
    a, b = mean / root**2, (1 - mean) / root**2
    log = (betaln(x + a[..., None], n - x + b[..., None]) - betaln(a, b)[..., None]).sum(axis=-1)
    weight = np.exp(log - log.max()) / np.exp(log - log.max()).sum()
    want = [(weight * (a + e) / (a + b + units)).sum() for e in x]
    found = posterior_of(x, n, prior_of(x, n))["posterior"]
    assert found.to_numpy() == pytest.approx(want, abs=0.03 / np.sqrt(units))
