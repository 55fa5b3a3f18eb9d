"""Value tiers: against a beta posterior, integration by another grid, and rates that are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import dblquad
from scipy.special import betaln

from segkit.inference.tiers import Prior, prior_of, tier_of, tiers
from segkit.seeds import generator
from segkit.thresholds import DECIDED, TIERS

EDGES = sorted(TIERS.values())


def test_of_one_beta_prior_the_tiers_are_those_of_a_beta_posterior() -> None:
    one = Prior(np.array([2.0]), np.array([6.0]), np.ones(1))
    found = tier_of(30, 100, one)
    after = stats.beta(32, 76)
    assert found.rate == pytest.approx(32 / 108)
    assert [found.low, found.high] == pytest.approx(after.ppf([0.025, 0.975]), abs=2e-6)
    assert found.probabilities["HIGH"] == pytest.approx(after.cdf(0.5) - after.cdf(0.25))
    assert found.probabilities["MINIMAL"] == pytest.approx(after.cdf(0.05))
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert (found.name, found.undecided) == ("HIGH", after.cdf(0.5) - after.cdf(0.25) < DECIDED)


def test_the_grid_is_the_integral() -> None:
    """Mean over the hyperposterior of the prior's mean, by adaptive quadrature over mean and inverse root of the worth."""
    x, n = np.array([30.0, 8.0, 55.0]), np.array([100.0, 60.0, 120.0])

    def density(mean: float, root: float) -> float:
        a, b = mean / root**2, (1 - mean) / root**2
        return float(np.exp((betaln(x + a, n - x + b) - betaln(a, b)).sum() + 165))

    total, mean = (
        dblquad(lambda m, r, p=power: density(m, r) * m**p, 0.02, 0.1**-0.5, 0.001, 0.999, epsabs=1e-6, epsrel=1e-5)[0]
        for power in (0, 1)
    )
    assert prior_of(x, n).mean == pytest.approx(mean / total, abs=0.004)


def test_many_groups_leave_no_doubt_about_the_prior() -> None:
    """400 groups of 60 from beta(3, 9): the mean, and for a group without conversions nearly the fitted beta."""
    rng = generator("tests/tiers/many")
    x = rng.binomial(60, rng.beta(3, 9, size=400))
    prior = prior_of(x, np.full(400, 60))
    assert prior.mean == pytest.approx(0.25, abs=0.02)
    assert tier_of(0, 60, prior).rate == pytest.approx(3 / 72, abs=0.008)


def test_large_groups_keep_their_rates_and_small_ones_are_drawn_in() -> None:
    found = tiers("abc", [9000, 1200, 3], [20_000, 20_000, 4])
    rows = found.table.set_index("group")
    assert rows.loc["a", "rate"] == pytest.approx(0.45, abs=0.001) and rows.loc["a", "tier"] == "HIGH"
    assert rows.loc["b", "rate"] == pytest.approx(0.06, abs=0.001) and rows.loc["b", "tier"] == "LOW"
    assert rows.loc["c", "rate"] < 0.75 and rows.loc["c", "tier"] == "undecided"


def test_a_rate_on_an_edge_is_undecided() -> None:
    for edge in EDGES[1:]:
        assert tier_of(int(10_000 * edge), 10_000, prior_of([int(10_000 * edge), 500], [10_000, 10_000])).undecided


def test_probabilities_of_tiers_are_right_as_often_as_they_say() -> None:
    """150 tables of five groups, whose rates are drawn from beta distributions of many shapes.

    Of the tiers that are given out as decided, the share that is true is their mean probability, within three standard errors;
    so it is for those of every tier by itself within four.
    """
    rng = generator("tests/tiers/coverage")
    said, true = [], []
    inside = total = 0
    for _ in range(150):
        root = rng.uniform(0.02, 0.8)
        mean = rng.uniform(0.02, 0.6)
        rates = rng.beta(mean / root**2, (1 - mean) / root**2, size=5)
        units = rng.integers(20, 400, size=5)
        found = tiers(range(5), rng.binomial(units, rates), units)
        for p, tier in zip(rates, found.by_group.values(), strict=True):
            actual = next(name for name, edge in TIERS.items() if p >= edge)
            said.append(list(tier.probabilities.values()))
            true.append([name == actual for name in TIERS])
            inside += tier.low <= p <= tier.high
            total += 1
    p, hit = np.array(said), np.array(true)
    decided = p.max(axis=1) >= DECIDED
    first = p.argmax(axis=1)
    rows = np.arange(len(p))[decided]
    own, right = p[rows, first[decided]], hit[rows, first[decided]]
    assert decided.mean() > 0.4
    assert abs(right.mean() - own.mean()) < 3 * np.sqrt((own * (1 - own)).mean() / len(own))
    off = p.mean(axis=0) - hit.mean(axis=0)
    assert (np.abs(off) < 4 * np.sqrt((p * (1 - p)).mean(axis=0) / len(p))).all()
    assert inside / total == pytest.approx(0.95, abs=0.02)


def test_nothing_and_nonsense() -> None:
    none = tier_of(0, 0, prior_of([], []))
    assert none.undecided and none.rate == pytest.approx(0.5, abs=0.01)
    with pytest.raises(ValueError, match="3 conversions among 2 units"):
        tier_of(3, 2, prior_of([], []))
    found = tiers("ab", [0, 40], [40, 40])
    assert found.by_group["a"].low < 0.01 and found.by_group["b"].high > 0.99
    json.dumps(found.to_json())
    assert "<table" in found._repr_html_()
