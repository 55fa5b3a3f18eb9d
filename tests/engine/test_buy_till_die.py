"""BG/NBD against the paper, other implementations' published values, numerical integration, and simulated lives."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lives_made import PUBLISHED, lives
from scipy import integrate, stats
from scipy.special import beta, gamma, hyp2f1

from segkit.engine.bgnbd import Parameters, slope
from segkit.engine.buy_till_die import BuyTillYouDie, buy_till_die, summary

SHAPES = [Parameters(0.243, 4.414, 0.793, 2.426), Parameters(2.0, 9.0, 1.0, 3.0), Parameters(0.8, 1.5, 3.2, 0.4)]
UNITS = [(0, 0.0, 12.0), (1, 3.0, 20.0), (2, 30.43, 38.86), (9, 18.0, 19.0)]


def quantiles(d: stats.rv_continuous, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights that integrate over a distribution, by Gauss and Legendre on its quantiles, dense at the ends."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    u = (nodes + 1) / 2
    return d.ppf(u**3 * (10 - 15 * u + 6 * u**2)), weights / 2 * 30 * u**2 * (1 - u) ** 2


# What is published


@pytest.mark.parametrize(
    ("t", "events"), [(0.1429, 0.0078), (1, 0.0532), (3, 0.1506), (31.8571, 1.0405), (32, 1.0437), (78, 1.8576)]
)
def test_expected_events_are_those_of_the_authors_worksheet(t: float, events: float) -> None:
    """Fader, Hardie and Lee (2005), Implementing the BG/NBD model in Excel: E[X(t)].

    Its parameters have more digits than those of the paper; these are the maximum to five digits, and the worksheet stopped
    close to it.
    """
    exact = Parameters(0.24259, 4.41360, 0.79292, 2.42590)
    assert float(exact.by(t)) == pytest.approx(events, abs=4e-4)


def test_the_conditional_expectation_is_that_of_the_authors_worksheet() -> None:
    """The same: 2 repeats, the last at 30.43, 38.86 weeks old; 1.226 in the next 39."""
    assert float(PUBLISHED.expected(39, 2, 30.43, 38.86)) == pytest.approx(1.226, abs=5e-4)


def test_probabilities_of_counts_are_those_of_another_package() -> None:
    """Manual of the R package BTYD, bgnbd.pmf, with these parameters."""
    assert float(PUBLISHED.pmf(10, 2.0)) == pytest.approx(1.07869e-07, rel=1e-4)
    assert float(PUBLISHED.pmf(0, 39.0)) == pytest.approx(0.5737864, abs=1e-7)
    listed = [
        0.0019995214,
        0.0015170236,
        0.0011633150,
        0.0009003148,
        0.0007023638,
        0.0005517902,
        0.0004361913,
        0.0003467171,
    ]
    assert PUBLISHED.pmf(np.arange(11, 19), 30.0) == pytest.approx(listed, abs=1e-9)


def cohort() -> tuple[pd.DataFrame, bool]:
    """Return the sample of the paper where it is at hand, else one of its size from the published parameters."""
    file = Path(os.environ.get("SEGKIT_DATA", ""), "cdnow_purchases_sample.csv")
    if os.environ.get("SEGKIT_DATA") and file.is_file():
        rows = pd.read_csv(file, dtype={"customer": str})
        return summary(rows["customer"], pd.to_datetime(rows["date"]), "1997-09-30"), True
    age = np.random.default_rng(5).uniform(27, 39, 2357)
    x, t_x, *_ = lives(PUBLISHED, age, 6)
    return pd.DataFrame({"x": x, "t_x": t_x, "age": age}), False


def test_the_fit_is_that_of_the_paper() -> None:
    """Table 2: r 0.243, alpha 4.414, a 0.793, b 2.426, log-likelihood -9582.4; section 4.1: chi squared 4.82, 3 df, p 0.19."""
    frame, real = cohort()
    found = buy_till_die(frame["x"], frame["t_x"], frame["age"])
    assert found.units == 2357 and found.fitted and found.fits and found.params
    assert found.convergence["agree"] == 4 and found.convergence["gradient"] < 1e-6
    if real:
        assert found.params == pytest.approx(PUBLISHED, abs=6e-4)
        assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)
        assert (found.chi, found.freedom, found.p) == (pytest.approx(4.82, abs=0.01), 3, pytest.approx(0.19, abs=0.01))
    else:
        logs = np.log(found.table[["low", "high"]].to_numpy())
        error = (logs[:, 1] - logs[:, 0]) / (2 * stats.norm.ppf(0.975))
        assert (np.abs(np.log(found.params) - np.log(PUBLISHED)) < 4 * error).all()
        short = found.log_likelihood - PUBLISHED.log_likelihood(frame["x"], frame["t_x"], frame["age"]).sum()
        assert 0 < 2 * short < stats.chi2(4).ppf(0.9999)  # Wilks 1938


# Formulas against integrals


@pytest.mark.parametrize("p", SHAPES)
@pytest.mark.parametrize(("x", "t_x", "age"), UNITS)
def test_the_likelihood_is_the_integral_over_rates_and_chances_of_stopping(
    p: Parameters, x: int, t_x: float, age: float
) -> None:
    """Equation 3 of the paper, one unit: (1-p)^x l^x e^(-l T) + [x > 0] p (1-p)^(x-1) l^x e^(-l t_x)."""

    rates, over = quantiles(stats.gamma(p.r, scale=1 / p.alpha))
    stops, across = quantiles(stats.beta(p.a, p.b))
    alive = np.outer(rates**x * np.exp(-rates * age), (1 - stops) ** x)
    gone = np.outer(rates**x * np.exp(-rates * t_x), stops * (1 - stops) ** (x - 1)) if x else 0.0
    want = over @ (alive + gone) @ across
    assert float(np.exp(p.log_likelihood(x, t_x, age))) == pytest.approx(want, rel=1e-5)
    assert float(p.alive(x, t_x, age)) == pytest.approx(over @ alive @ across / want, rel=1e-5)
    quiet = over @ (np.outer(np.exp(-rates * 8), np.ones(len(stops))) * alive) @ across / want
    assert float(p.active(8, x, t_x, age)) == pytest.approx(over @ alive @ across / want - quiet, rel=1e-5)
    # Given rate and chance, a unit that is alive has (1 - e^(-l p t)) / p events to expect.
    events = over @ (-np.expm1(-np.outer(rates, stops) * 8) / stops * alive) @ across / want
    assert float(p.expected(8, x, t_x, age)) == pytest.approx(events, rel=1e-5)


@pytest.mark.parametrize("p", [SHAPES[0], SHAPES[2]])
def test_the_expectation_is_equation_10_as_it_is_printed(p: Parameters) -> None:
    r, alpha, a, b = p
    for x, t_x, age in UNITS:
        for t in (0.5, 39.0, 400.0):
            power = ((alpha + age) / (alpha + age + t)) ** (r + x)
            top = (a + b + x - 1) / (a - 1) * (1 - power * hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t)))
            below = 1 + (a / (b + x - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x) if x else 0)
            assert float(p.expected(t, x, t_x, age)) == pytest.approx(top / below, rel=1e-9)


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b"), [(0.3, 5, 0.8, 2.4), (4, 30, 1, 1), (1, 2, 0.4, 0.6), (2, 9, 1e-3, 900)]
)
@pytest.mark.parametrize("x", [0, 7, 300, 5000])
def test_the_expectation_holds_for_many_events_and_where_its_formula_is_nought_over_nought(
    r: float, alpha: float, a: float, b: float, x: int
) -> None:
    """The mean of (1 - ((alpha + T) / (alpha + T + p t))^(r + x)) / p over the chances p of a unit that is alive."""
    p, age = Parameters(r, alpha, a, b), 80.0

    def curve(z: float) -> float:
        return float(hyp2f1(a + b - r - 1, a, a + b + x, z / (1 + z)) * (1 + z) ** -a)

    want = (r + x) * integrate.quad(curve, 0, 30 / (alpha + age), epsabs=0, epsrel=1e-10)[0]
    assert float(p.expected(30, x, age * (x > 0), age) / p.alive(x, age * (x > 0), age)) == pytest.approx(
        want, rel=1e-5
    )


@pytest.mark.parametrize("p", SHAPES)
def test_probabilities_of_counts_add_up_and_give_the_expectation(p: Parameters) -> None:
    """Also the second term of equation 8 by its sum."""
    found = p.pmf(np.arange(4000), 25.0)
    assert found.sum() == pytest.approx(1, abs=1e-6)
    assert found @ np.arange(4000) == pytest.approx(float(p.by(25.0)), rel=1e-4)
    r, alpha, a, b = p
    z = 25 / (alpha + 25)
    parts = [gamma(r + j) / gamma(r) / gamma(j + 1) * z**j * (1 - z) ** r for j in range(4)]
    want = beta(a, b + 3) / beta(a, b) * parts[3] + beta(a + 1, b + 2) / beta(a, b) * (1 - sum(parts[:3]))
    assert found[3] == pytest.approx(want, rel=1e-10)


@pytest.mark.parametrize("p", SHAPES)
def test_derivatives_are_those_of_the_likelihood(p: Parameters) -> None:
    x, t_x, age = (np.array(v, dtype=float) for v in zip(*UNITS, strict=True))
    for i, found in enumerate(slope(p, x, t_x, age)):
        up, down = (Parameters(*np.array(p) * np.exp(s * np.eye(4)[i])) for s in (1e-5, -1e-5))
        want = (up.log_likelihood(x, t_x, age).sum() - down.log_likelihood(x, t_x, age).sum()) / 2e-5
        assert found == pytest.approx(want, abs=1e-6)


def test_extreme_units_give_finite_numbers() -> None:
    x, t_x, age = np.array([0, 10_000, 10_000, 1]), np.array([0.0, 1.0, 1e4, 1e-6]), np.array([0.0, 1e4, 1e4, 1e6])
    for p in SHAPES:
        assert np.isfinite(p.log_likelihood(x, t_x, age)).all()
        assert p.alive(x, t_x, age)[:2].tolist() == [1, 0]
        found = p.expected(50.0, x, t_x, age)
        assert np.isfinite(found).all() and (found >= 0).all()


# Simulated lives


def test_planted_parameters_are_found_within_their_intervals_and_forecasts_hold() -> None:
    truth = Parameters(0.9, 6.0, 0.7, 2.5)
    age = np.random.default_rng(1).uniform(20, 60, 6000)
    x, t_x, alive, after = lives(truth, age, 2, later=26.0)
    found = buy_till_die(x, t_x, age, level=0.999)
    assert found.params and found.fits
    assert (found.table["low"] < np.array(truth)).all() and (np.array(truth) < found.table["high"]).all()
    chance = found.params.alive(x, t_x, age)
    assert found.alive == pytest.approx(alive.mean(), abs=0.02) == pytest.approx(chance.mean(), abs=0.02)
    # by groups of what is predicted: alive, active, events
    for said, seen in (
        (chance, alive), (found.params.active(26.0, x, t_x, age), after > 0), (found.params.expected(26.0, x, t_x, age), after)
    ):  # fmt: skip
        for group in np.array_split(np.argsort(said), 6):
            error = seen[group].std() / np.sqrt(len(group))
            assert said[group].mean() == pytest.approx(seen[group].mean(), abs=4 * error + 0.02)


def test_the_fit_does_not_depend_on_the_unit_of_time_or_the_order_of_units() -> None:
    age = np.random.default_rng(3).uniform(20, 60, 800)
    x, t_x, *_ = lives(SHAPES[0], age, 4)
    one, two = buy_till_die(x, t_x, age), buy_till_die(x[::-1], 7 * t_x[::-1], 7 * age[::-1], time="day")
    assert one.params and two.params
    assert np.array(two.params) == pytest.approx(np.array(one.params) * [1, 7, 1, 1], rel=1e-4)
    assert two.log_likelihood == pytest.approx(one.log_likelihood - x.sum() * np.log(7))
    assert two.chi == pytest.approx(one.chi, rel=1e-3) and two.gap == pytest.approx(one.gap, rel=1e-3)
    again = buy_till_die(x, t_x, age)
    assert again.params == one.params
    pd.testing.assert_frame_equal(again.table, one.table)


def test_counts_of_another_kind_do_not_fit() -> None:
    """Half of the units come back exactly six times, the others never: no gamma of rates has two peaks like these."""
    x = np.repeat([0.0, 6.0], 200)
    found = buy_till_die(x, 38 * (x > 0), np.full(400, 40.0))
    assert found.gap > 0.1 and not found.close and not found.fits
    assert found.histogram["actual"].tolist() == [200, 0, 0, 0, 0, 0, 200, 0]


# Too little to learn from


def unlearnt(found: BuyTillYouDie) -> None:
    assert (
        found.params is None
        and not found.fitted
        and not found.fits
        and np.isnan([found.gap, found.p, found.alive]).all()
    )
    assert found.table.empty and found.histogram["actual"].sum() == found.units and found.to_json()["parameters"] == []


def test_too_few_units_and_no_repeats_are_results() -> None:
    for n in (0, 1, 29):
        found = buy_till_die(np.ones(n), np.ones(n), np.full(n, 3.0))
        assert found.reason == "few"
        unlearnt(found)
    for x in (np.zeros(500), np.repeat([0.0, 1.0], [496, 4])):
        found = buy_till_die(x, x, np.full(500, 3.0))
        assert found.reason == "no_repeats"
        unlearnt(found)
    unlearnt(buy_till_die(np.ones(50), np.zeros(50), np.zeros(50)))


def test_a_likelihood_without_a_clear_maximum_says_so_and_keeps_its_best() -> None:
    """Units of one rate that never stop: the shape of the rates is unbounded, and so is the chance to go on."""
    age = np.full(400, 50.0)
    x = np.random.default_rng(1).poisson(10, 400).astype(float)
    found = buy_till_die(x, np.where(x > 0, 49.0, 0), age)
    assert found.reason == "unclear" and not found.fitted and not found.fits
    assert found.params is not None and np.isfinite(found.params.expected(10, x, 49.0 * (x > 0), age)).all()
    assert found.params.r / found.params.alpha == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    ("unit", "words"), [((1, 5, 4), "later than the date"), ((-1, 0, 4), "finite"), ((1, np.nan, 4), "finite")]
)
def test_nonsense_is_refused(unit: tuple[float, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        buy_till_die(*([v] for v in unit))


# From events to three numbers


def test_events_of_a_day_are_one_and_those_after_the_cutoff_do_not_count() -> None:
    """a: 1, 8 (twice) and 22 January, looked at on the 29th; b: on that day alone; c: later."""
    days = [
        "2026-01-22",
        "2026-01-01",
        "2026-01-08 09:00",
        "2026-01-08 23:59",
        "2026-01-29 23:00",
        "2026-01-30",
        "2026-02-03",
    ]
    found = summary([*"aaaabca"], pd.to_datetime(days, format="mixed"), "2026-01-29")
    assert found.index.tolist() == ["a", "b"]
    assert found.to_numpy().tolist() == [[2, 3, 4], [0, 0, 0]]
    assert summary([*"aa"], pd.to_datetime(days[:2]), "2026-01-31", days=1).loc["a"].tolist() == [1, 21, 30]


def test_small_bins_are_marked_and_left_out_of_the_plain_values() -> None:
    age = np.random.default_rng(8).uniform(20, 40, 300)
    x, t_x, *_ = lives(SHAPES[0], age, 9)
    found = buy_till_die(x, t_x, age)
    small = found.histogram["actual"].between(1, 4)
    assert small.any() and found.histogram.loc[small, "hidden"].all()
    told = [row["actual"] for row in found.to_json()["histogram"]]
    assert [t is None for t in told] == found.histogram["hidden"].tolist()
    assert "<table" in found._repr_html_()
