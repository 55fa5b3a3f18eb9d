"""Intervals cover the truth as often as they say, in data drawn from it.

Each simulation counts how often an interval holds the known value. The bounds are those between which such a count falls in
99.9 % of cases where the coverage is what theory says: 95 %, or a little less where an interval is known to be short.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segkit import inference
from segkit.engine.external import external_check
from segkit.engine.migration import intervals
from segkit.engine.rankings import auc, lift, ranking, totals
from segkit.engine.unit_bootstrap import interval, unit_counts


def within(hits: int, sets: int, coverage: float = 0.95) -> bool:
    """Tell whether so many hits are what such a coverage gives."""
    low, high = stats.binom(sets, coverage).ppf([0.0005, 0.9995])
    return bool(low <= hits <= high)


@pytest.mark.parametrize("units", [(40, 40), (25, 80)])
def test_differences_of_shares(units: tuple[int, int]) -> None:
    """Exact, by summing binomial probabilities. Newcombe 1998, table III: the mean coverage of method 10 is 95.2 %."""
    m, n = units
    limits = np.array([
        [(d.low, d.high) for d in (inference.difference((a, b), units) for b in range(n + 1))] for a in range(m + 1)
    ])  # fmt: skip
    covered = []
    for p, q in np.random.default_rng(1).uniform(0.02, 0.98, size=(300, 2)):
        inside = (limits[..., 0] <= p - q) & (p - q <= limits[..., 1])
        chance = np.outer(stats.binom.pmf(np.arange(m + 1), m, p), stats.binom.pmf(np.arange(n + 1), n, q))
        covered.append((chance * inside).sum())
    assert np.mean(covered) == pytest.approx(0.952, abs=0.006)
    assert np.min(covered) > 0.87


def test_shares_without_a_call_and_restricted_means() -> None:
    """Exponential waiting times, watched for a time that is even between 20 and 60: 400 logs of 90 contacts."""
    rng, rate, sets = np.random.default_rng(2), 0.03, 400
    curve = mean = 0
    for _ in range(sets):
        wait, watched = rng.exponential(1 / rate, 90), rng.uniform(20, 60, 90)
        found = inference.kaplan_meier(np.minimum(wait, watched), wait <= watched)
        _, low, high = found.at(20)
        curve += low <= np.exp(-rate * 20) <= high
        area = found.restricted_mean(20)
        mean += area.low <= (1 - np.exp(-rate * 20)) / rate <= area.high
    assert within(curve, sets) and within(mean, sets)


def test_shares_of_many_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve groups of 40, whose shares are drawn from beta(4, 6): 100 tables."""
    monkeypatch.setattr("segkit.inference.winners.DRAWS", 4000)  # to save time
    rng, sets = np.random.default_rng(3), 100
    hits, best, promised = 0, 0, 0.0
    for _ in range(sets):
        truth = rng.beta(4, 6, 12)
        found = inference.best_of_many(list(range(12)), rng.binomial(40, truth), np.full(12, 40)).table
        hits += int(((found["low"] <= truth) & (truth <= found["high"])).sum())
        best += int(found["p_best"].idxmax() == truth.argmax())
        promised += float(found["p_best"].max())
    assert within(hits, 12 * sets)
    # Where it says 60 % that a group is the best, it is so in about 60 of 100.
    assert best == pytest.approx(promised, abs=3.3 * np.sqrt(sets) / 2)


def test_shares_of_moves() -> None:
    """Moves between three states, by a known law: 200 tables of 250 contacts, cells with few and with many."""
    law = np.array([[0.24, 0.08, 0.08], [0.03, 0.22, 0.05], [0.012, 0.048, 0.24]])
    truth = law / law.sum(axis=1, keepdims=True)
    rng, sets = np.random.default_rng(4), 200
    hits = np.zeros(law.shape)
    for i in range(sets):
        counts = rng.multinomial(250, law.ravel()).reshape(law.shape)
        low, high = intervals(counts, 0.95, f"coverage/{i}", 1)
        hits += (low <= truth) & (truth <= high)
    assert within(int(hits.sum()), hits.size * sets, 0.94)
    assert (hits / sets > 0.88).all()


def test_areas_under_the_curve_and_lifts() -> None:
    """Scores of active contacts lie one standard deviation above those of others: the area is known, so is the lift.

    The interval holds the error of 220 contacts, not that of learning the order, which is given here.
    """
    rng, sets, active = np.random.default_rng(5), 250, 0.3
    area = stats.norm.cdf(1 / np.sqrt(2))
    grid = np.linspace(-5, 6, 4001)
    above = active * stats.norm.sf(grid, 1) + (1 - active) * stats.norm.sf(grid)
    cut = grid[np.abs(above - 0.1).argmin()]
    raised = active * stats.norm.sf(cut, 1) / above[np.abs(above - 0.1).argmin()] / active
    hits = lifts = 0
    for i in range(sets):
        called = rng.random(220) < active
        order = ranking(rng.normal(size=220) + called)
        drawn = np.concatenate(list(unit_counts(220, 300, f"coverage/{i}", 1)))
        units = totals(order, called, drawn)
        for measure, truth in ((auc(*units), area), (lift(*units, 0.1), raised)):
            low, high = interval(measure)
            if truth is area:
                hits += int(low <= truth <= high)
            else:
                lifts += int(low <= truth <= high)
    assert within(hits, sets, 0.94) and within(lifts, sets, 0.94)


def test_the_corrected_association_of_segments_and_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two segments, two labels, a known table with an association of 0.4: 150 samples of 300 contacts."""
    monkeypatch.setattr("segkit.engine.external.mutual_information", lambda counts: 0.0)  # slow, and of no matter here
    law = np.array([0.35, 0.15, 0.15, 0.35])
    rng, sets, hits = np.random.default_rng(6), 150, 0
    for i in range(sets):
        cell = rng.choice(4, size=300, p=law)
        found = external_check(pd.Series(cell // 2), pd.Series(cell % 2).map({0: "a", 1: "b"}), draws=300, seed=i)
        assert found is not None
        row = found.table.set_index("measure").loc["cramers_v_corrected"]
        hits += int(row["low"] <= 0.4 <= row["high"])
    assert within(hits, sets, 0.94)
