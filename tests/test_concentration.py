"""Concentration against closed forms and counts by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segkit.inference import Concentration, concentration


def of(amounts: np.ndarray, seed: int = 1, draws: int = 200) -> Concentration:
    return concentration(amounts, name="test", seed=seed, draws=draws)


def quantiles(n: int) -> np.ndarray:
    return (np.arange(n) + 0.5) / n


def test_gini_and_share_of_exponential_amounts_are_the_closed_forms() -> None:
    """Gini 1/2; the first tenth holds 0.1 (1 - log 0.1): integral of -log over the upper tail."""
    found = of(-np.log1p(-quantiles(20_000)), draws=5)
    assert found.gini.value == pytest.approx(0.5, abs=1e-3)
    assert found.share.value == pytest.approx(0.1 * (1 - np.log(0.1)), abs=1e-3)


@pytest.mark.parametrize("alpha", [2.5, 4.0])
def test_gini_and_curve_of_pareto_amounts_are_the_closed_forms(alpha: float) -> None:
    """Gini 1 / (2 alpha - 1); the first share q of the units holds q^(1 - 1/alpha) (Gastwirth 1972)."""
    found = of((1 - quantiles(50_000)) ** (-1 / alpha), draws=5)
    assert found.gini.value == pytest.approx(1 / (2 * alpha - 1), abs=2e-3)
    assert found.share.value == pytest.approx(0.1 ** (1 - 1 / alpha), abs=3e-3)
    assert found.table["amount"].to_numpy() == pytest.approx(found.table["units"] ** (1 - 1 / alpha), abs=3e-3)


def test_by_hand() -> None:
    """1, 2, 3, 4: Gini is the sum of |x - y| over all 16 pairs, 20, by 2 n^2 mean = 80. The first tenth is 0.4 of the 4."""
    found = of(np.array([2.0, 4, 1, 3]))
    assert found.gini.value == pytest.approx(20 / 80) and found.share.value == pytest.approx(0.16)
    assert found.total == 10 and found.units == 4 and not found.shown


def test_equal_amounts_have_no_concentration_and_one_unit_has_all_of_it() -> None:
    even = of(np.full(80, 3.0))
    assert even.gini.value == pytest.approx(0) and even.share.value == pytest.approx(0.1)
    assert (even.gini.low, even.gini.high) == pytest.approx((0, 0))
    one = of(np.eye(80)[0])
    assert one.gini.value == pytest.approx(1 - 1 / 80) and one.share.value == pytest.approx(1)


def test_neither_scale_nor_order_of_units_matters() -> None:
    amounts = np.random.default_rng(1).lognormal(size=300)
    one, other = of(amounts), of(1000 * np.random.default_rng(2).permutation(amounts))
    pd.testing.assert_frame_equal(one.table, other.table)
    for a, b in ((one.gini, other.gini), (one.share, other.share)):
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))


def test_results_are_repeatable_and_leave_the_input_alone() -> None:
    amounts = np.random.default_rng(3).lognormal(size=100) - 1
    kept = amounts.copy()
    assert of(amounts).to_json() == of(amounts).to_json() != of(amounts, seed=2).to_json()
    assert np.array_equal(amounts, kept)


def test_intervals_cover_about_as_often_as_they_say() -> None:
    """Exponential amounts of 200 units: the percentile interval of the Gini coefficient, 1/2, is known to be a little short."""
    random = np.random.default_rng(4)
    covered = [(g := of(random.exponential(size=200)).gini).low <= 0.5 <= g.high for _ in range(200)]
    assert 0.87 <= np.mean(covered) <= 0.99


def test_totals_below_zero_count_as_zero_and_are_counted() -> None:
    amounts = np.concatenate([np.arange(60.0), [-5.0, -80.0]])
    found = of(amounts)
    assert found.below == 2 and found.total == np.arange(60).sum() and found.to_json()["units_below_zero"] is None
    assert found.gini.value == pytest.approx(of(np.maximum(amounts, 0)).gini.value)
    assert (found.table["amount"].diff().dropna() >= -1e-12).all() and found.table["amount"].iloc[-1] == pytest.approx(
        1
    )


@pytest.mark.parametrize("amounts", [[], [0.0] * 60, [-1.0] * 60])
def test_where_nothing_is_held_nothing_is_told(amounts: list[float]) -> None:
    found = of(np.array(amounts))
    assert not found.known and not found.shown and np.isnan([found.gini.value, found.share.low]).all()
    assert found.to_json()["gini"] is None and "<table" in found._repr_html_()


def test_a_hundred_units_of_which_most_hold_nothing() -> None:
    """The first ten of a hundred are its first tenth. 30 hold 1, 2, ... 30: the ten largest 255 of 465, and Gini by all pairs."""
    amounts = np.concatenate([np.arange(1.0, 31), np.zeros(70)])
    found = of(amounts)
    assert found.first == found.share and found.first.value == pytest.approx(255 / 465)
    assert found.gini.value == pytest.approx(np.abs(amounts[:, None] - amounts).sum() / (2 * 100**2 * amounts.mean()))
    assert 0 < found.first.low < found.first.value < found.first.high < 1 and found.shown
    assert found.to_json()["first"] == found.first.to_json()


def test_the_first_ten_are_ten_heads_whatever_share_of_the_units_that_is() -> None:
    """Of 1, 2, ... 300 the ten largest hold 2,955 of 45,150; of ten units or fewer they hold all."""
    found = of(np.arange(1.0, 301))
    assert found.first.value == pytest.approx(2955 / 45150) != pytest.approx(found.share.value)
    assert of(np.arange(1.0, 8)).first.value == 1 and of(np.arange(1.0, 8)).to_json()["first"] is None


def test_one_holder_among_a_hundred_is_missed_by_a_third_of_the_resamples() -> None:
    """The chance of missing one unit of 100 is (1 - 1/100)^100 = 0.366; where it is missed nothing is held, and told of."""
    found = of(np.eye(100)[3] * 5)
    assert found.first.value == found.share.value == 1 and np.isfinite([found.first.low, found.gini.low]).all()
    # Drawn w times, the one holder is the first w of 100, and Gini 1 - w/100: w is 1 to 5 in all but one of 300 draws.
    assert found.gini.value == pytest.approx(0.99) and 0.94 <= found.gini.low < found.gini.high == pytest.approx(0.99)


def test_missing_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        of(np.array([1.0, np.nan]))


@pytest.mark.parametrize(("units", "parts"), [(3, 1), (12, 2), (49, 5), (50, 10), (99, 10), (100, 20), (5000, 20)])
def test_no_part_of_the_curve_is_of_fewer_than_five_units(units: int, parts: int) -> None:
    found = of(np.arange(1.0, units + 1), draws=5)
    assert len(found.table) - 1 == parts and (parts == 1 or units / parts >= 5)
    assert found.shown == (units >= 50)
