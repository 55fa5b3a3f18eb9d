"""Intervals, winners and times against closed forms, published tables and other libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segkit import inference

# Rates


def test_wilson_is_the_closed_form() -> None:
    """Wilson 1927: (p + z2/2n -+ z sqrt(p q / n + z2/4n2)) / (1 + z2/n)."""
    x, n, z = 40, 200, stats.norm.ppf(0.975)
    p = x / n
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    found = inference.rate(x, n)
    assert found.method == "Wilson"
    assert [found.low, found.high] == pytest.approx(
        [(middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)]
    )


@pytest.mark.parametrize(("x", "n"), [(9, 1000), (991, 1000), (12, 29), (0, 40), (40, 40)])
def test_few_events_or_units_take_jeffreys(x: int, n: int) -> None:
    """Quantiles of beta(x + 1/2, n - x + 1/2), but 0 at x = 0 and 1 at x = n: Brown, Cai and DasGupta 2001, section 4.1.1."""
    found = inference.rate(x, n)
    low, high = stats.beta(x + 0.5, n - x + 0.5).ppf([0.025, 0.975])
    assert found.method == "Jeffreys"
    assert found.low == pytest.approx(0 if x == 0 else low)
    assert found.high == pytest.approx(1 if x == n else high)


def test_no_unit_has_no_rate_and_nonsense_is_refused() -> None:
    assert np.isnan(inference.rate(0, 0).share)
    with pytest.raises(ValueError, match="3 events among 2 units"):
        inference.rate(3, 2)


@pytest.mark.parametrize("n", [20, 50, 200])
def test_intervals_of_rates_cover_as_often_as_they_say(n: int) -> None:
    """Exact coverage, by summing binomial probabilities: it swings with the share, but its mean over shares is the level.

    Brown, Cai and DasGupta 2001, figures 4 to 6 and section 4: the mean of Wilson's and of Jeffreys' is close to 95 %.
    """
    limits = np.array([(r.low, r.high) for r in (inference.rate(x, n) for x in range(n + 1))])
    shares = (np.arange(400) + 0.5) / 400
    inside = (limits[:, :1] <= shares) & (shares <= limits[:, 1:])
    coverage = (stats.binom.pmf(np.arange(n + 1)[:, None], n, shares) * inside).sum(axis=0)
    assert coverage.mean() == pytest.approx(0.95, abs=0.006)
    assert coverage[(shares > 0.05) & (shares < 0.95)].min() > 0.88


NEWCOMBE = [  # Newcombe 1998, table II, method 10: a/m, b/n, limits of the difference
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


@pytest.mark.parametrize(("a", "m", "b", "n", "low", "high"), NEWCOMBE)
def test_differences_are_those_of_the_published_table(a: int, m: int, b: int, n: int, low: float, high: float) -> None:
    found = inference.difference((a, b), (m, n))
    assert [found.low, found.high] == pytest.approx([low, high], abs=5e-5)
    assert found.difference == pytest.approx(a / m - b / n)


def test_a_difference_needs_two_groups() -> None:
    assert np.isnan(inference.difference((1, 0), (5, 0)).difference)


# Bootstrap


def test_the_bootstrap_of_a_mean_is_the_normal_interval() -> None:
    """Of a mean, percentile limits tend to mean -+ 1.96 sd / sqrt(n), with sd of divisor n: Efron and Tibshirani 1993."""
    x = np.random.default_rng(1).normal(size=400)
    found = inference.bootstrap(lambda w: float(w @ x / w.sum()), len(x), name="test", seed=3)
    half = 1.96 * x.std() / np.sqrt(len(x))
    assert found.value == pytest.approx(x.mean())
    assert [found.low, found.high] == pytest.approx([x.mean() - half, x.mean() + half], abs=0.15 * half)
    assert found == inference.bootstrap(lambda w: float(w @ x / w.sum()), len(x), name="test", seed=3)


def test_the_bootstrap_covers_a_mean_as_often_as_it_says() -> None:
    """150 samples of 100: with true coverage 94 % (percentile intervals are a little short), 99.9 % limits of the count."""
    random = np.random.default_rng(8)
    hits = 0
    for i in range(150):
        x = random.exponential(size=100)
        found = inference.bootstrap(lambda w, x=x: float(w @ x / w.sum()), 100, name=f"{i}", seed=1, draws=300)
        hits += found.low <= 1 <= found.high
    low, high = stats.binom(150, 0.94).ppf([0.0005, 0.9995])
    assert low <= hits <= high


# Winners


def test_the_best_is_likelier_than_the_luckiest_and_probabilities_are_those_of_other_draws() -> None:
    events, units = [30, 5, 25, 55], [100, 6, 100, 100]
    found = inference.best_of_many("abcd", events, units)
    prior, rng = found.prior, np.random.default_rng(0)
    picked = rng.choice(len(prior.weight), 100_000, p=prior.weight)
    a, b = (p[picked, None] + np.array(c) for p, c in ((prior.a, events), (prior.b, np.subtract(units, events))))
    draws = rng.beta(a, b)
    for i, row in found.table.iterrows():
        assert row["posterior"] == pytest.approx(draws[:, i].mean(), abs=0.002)
        assert [row["low"], row["high"]] == pytest.approx(np.quantile(draws[:, i], [0.025, 0.975]), abs=0.006)
    assert found.table["share"].idxmax() == 1  # five of six, the luckiest
    assert found.table.loc[1, "posterior"] < found.table.loc[1, "share"]
    share = np.bincount(draws.argmax(axis=1), minlength=4) / len(draws)
    assert found.table["p_best"].to_numpy() == pytest.approx(share, abs=0.01)
    assert found.table["p_best"].sum() == pytest.approx(1)


def test_groups_that_differ_less_than_chance_share_one_rate() -> None:
    found = inference.best_of_many("abcd", [30, 29, 30, 31], [100] * 4)
    assert np.ptp(found.table["posterior"]) < 0.4 * np.ptp(found.table["share"])
    assert (found.table["high"] - found.table["low"] < 0.15).all()  # each by itself would have 0.18
    assert found.table["p_best"].to_numpy() == pytest.approx([0.25] * 4, abs=0.1)
    assert (found.table["q"] > 0.9).all()


def test_small_groups_take_no_part() -> None:
    found = inference.best_of_many("abc", [2, 30, 50], [2, 100, 100])
    without = inference.best_of_many("bc", [30, 50], [100, 100])
    assert found.best == "c" and not found.table.loc[0, "enough"] and np.isnan(found.table.loc[0, "p_best"])
    assert found.prior.a == pytest.approx(without.prior.a)
    assert inference.best_of_many("a", [1], [2]).best is None


def test_false_discovery_rates_follow_their_definitions() -> None:
    """BH: min over larger p of p m / rank; BY: times the harmonic sum. Exact p from Fisher's test on two by two counts."""
    events, units = np.array([10, 25, 30, 60]), np.array([100, 100, 100, 100])
    p = np.array(
        [
            stats.fisher_exact([[x, n - x], [events.sum() - x, units.sum() - n - events.sum() + x]])[1]
            for x, n in zip(events, units, strict=True)
        ]
    )
    order = np.argsort(p)
    adjusted = np.minimum.accumulate((p[order] * 4 / np.arange(1, 5))[::-1])[::-1]
    want = np.empty(4)
    want[order] = adjusted.clip(max=1)
    found = inference.best_of_many("abcd", events, units)
    assert found.table["q"].to_numpy() == pytest.approx(want)
    overlapping = inference.best_of_many("abcd", events, units, overlapping=True)
    harmonic = 1 + 1 / 2 + 1 / 3 + 1 / 4
    assert overlapping.table["q"].to_numpy() == pytest.approx((want * harmonic).clip(max=1))


def test_posterior_intervals_cover_as_often_as_they_say() -> None:
    """Shares of 200 groups drawn from a beta distribution: the hits are binomial with the level, up to 99.9 % limits."""
    random = np.random.default_rng(11)
    truth = random.beta(4, 16, size=200)
    x = random.binomial(40, truth)
    table = inference.best_of_many(range(200), x, np.full(200, 40), level=0.9).table
    hits = int(((table["low"] <= truth) & (truth <= table["high"])).sum())
    low, high = stats.binom(200, 0.9).ppf([0.0005, 0.9995])
    assert low <= hits <= high


# Times: weeks of remission under 6-MP and placebo, Freireich et al. 1963 (in Gehan 1965 and most textbooks since)

DRUG = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35])
ENDED = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], dtype=bool)
PLACEBO = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23])


def test_remission_under_6mp_is_the_textbook_curve() -> None:
    """Kleinbaum and Klein, Survival Analysis, table 2.2: 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482."""
    found = inference.kaplan_meier(DRUG, ENDED)
    assert found.table["time"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.table["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    want = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert found.table["survival"].to_numpy() == pytest.approx(want, abs=5e-5)
    assert found.median == 23 and found.follow_up == 35
    assert found.at(5.9)[0] == 1 and found.at(6)[0] == pytest.approx(0.857, abs=5e-4)


def test_limits_are_those_of_greenwood_on_the_log_log_scale() -> None:
    """At week 6, var = S2 d/(n(n-d)) with d = 3, n = 21; S^exp(-+ z se/(S log S))."""
    s = 18 / 21
    spread = 1.959964 * s * np.sqrt(3 / (21 * 18)) / (s * np.log(s))
    _, low, high = inference.kaplan_meier(DRUG, ENDED).at(6)
    assert [low, high] == pytest.approx([s ** np.exp(-spread), s ** np.exp(spread)])


def test_the_log_rank_test_is_the_textbook_value() -> None:
    """Kleinbaum and Klein, chapter 2: chi squared 16.79 with one degree of freedom."""
    both = np.concatenate([DRUG, PLACEBO]), np.concatenate([ENDED, np.ones(21, dtype=bool)])
    chi, p, freedom = inference.log_rank(*both, np.repeat(["drug", "placebo"], 21))
    assert (round(chi, 2), freedom) == (16.79, 1)
    assert p == pytest.approx(stats.chi2.sf(chi, 1))


def test_without_censoring_the_restricted_mean_is_the_mean() -> None:
    """To the last time: mean 8.667 (Kleinbaum and Klein), variance that of a mean with divisor n."""
    found = inference.kaplan_meier(PLACEBO, np.ones(21)).restricted_mean(23)
    assert found.value == pytest.approx(PLACEBO.mean()) == pytest.approx(8.667, abs=5e-4)
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * PLACEBO.std() / np.sqrt(21), rel=1e-6)


def test_the_restricted_mean_of_censored_times_covers_as_often_as_it_says() -> None:
    """Exponential times censored uniformly: the mean within 1 is 1 - 1/e; the hits are within 99.9 % limits."""
    random = np.random.default_rng(5)
    hits = 0
    for _ in range(200):
        t, c = random.exponential(size=150), random.uniform(0, 3, size=150)
        found = inference.kaplan_meier(np.minimum(t, c), t <= c).restricted_mean(1.0)
        hits += found.low <= 1 - np.exp(-1) <= found.high
    low, high = stats.binom(200, 0.945).ppf([0.0005, 0.9995])
    assert low <= hits <= high


def test_nothing_that_happens_is_no_crash() -> None:
    none = inference.kaplan_meier([3.0, 4.0], [False, False])
    assert none.table.empty and none.at(2)[0] == 1 and np.isnan(none.median)
    assert none.restricted_mean(4).value == 4
    assert inference.kaplan_meier([], []).units == 0
    assert np.isnan(inference.log_rank([1.0, 2.0], [1, 1], ["a", "a"])[0])


def test_results_are_plain_and_can_be_shown() -> None:
    for found in (
        inference.rate(3, 9),
        inference.difference((1, 2), (9, 9)),
        inference.best_of_many("ab", [1, 2], [9, 9]),
    ):
        assert isinstance(found.table, pd.DataFrame) and found.to_json() and "<table" in found._repr_html_()
