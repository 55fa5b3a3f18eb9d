"""Rates of groups, at fixed horizons and over time, against their parts, hand-worked cases and planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segkit import inference
from segkit.inference.groups import rates_by
from segkit.inference.horizons import conversion
from segkit.inference.speed import speed
from segkit.inference.times import kaplan_meier, log_rank, restricted_difference


def units(**counts: tuple[int, int]) -> tuple[pd.Series, pd.Series]:
    """Return groups and outcomes, from events and units of each."""
    groups = [g for g, (_, n) in counts.items() for _ in range(n)]
    outcome = [i < e for e, n in counts.values() for i in range(n)]
    return pd.Series(groups, dtype="str"), pd.Series(outcome)


def test_a_group_is_compared_with_the_reference_or_with_all_others() -> None:
    groups, outcome = units(a=(40, 200), b=(2, 50), c=(9, 90))
    table = rates_by(groups, outcome, reference="b").table.set_index("group")
    want = inference.difference((40, 2), (200, 50))
    assert table.loc["a", ["difference", "difference_low", "difference_high"]].tolist() == pytest.approx(
        [want.difference, want.low, want.high]
    )
    assert table.loc["b", ["difference", "difference_low"]].isna().all()
    assert table["method"].tolist() == ["Wilson", "Jeffreys", "Jeffreys"]
    others = rates_by(groups, outcome).table.set_index("group")
    want = inference.difference((40, 11), (200, 140))
    assert others.loc["a", ["difference_low", "difference_high"]].tolist() == pytest.approx([want.low, want.high])
    assert others.loc["a", ["low", "high"]].tolist() == pytest.approx([want.first.low, want.first.high])


def test_groups_stand_in_the_order_asked_for_and_units_without_one_are_counted() -> None:
    groups, outcome = units(a=(1, 2), b=(0, 3), c=(3, 3))
    groups[0] = pd.NA
    found = rates_by(groups, outcome, order=["c", "empty"])
    assert found.table["group"].tolist() == ["c", "empty", "a", "b"]
    assert found.table["units"].tolist() == [3, 0, 1, 3] and found.table["events"].tolist() == [3, 0, 0, 0]
    assert found.table.loc[1, ["rate", "low", "difference"]].isna().all()
    assert found.unknown == 1
    kinds = pd.Categorical(groups, ["b", "a", "c", "none"])
    assert rates_by(pd.Series(kinds), outcome).table["group"].tolist() == ["b", "a", "c"]


def test_what_cannot_be_compared_is_refused() -> None:
    groups, outcome = units(a=(1, 2), b=(0, 3))
    with pytest.raises(ValueError, match="'z' is none of the groups"):
        rates_by(groups, outcome, reference="z")
    with pytest.raises(ValueError, match="one outcome"):
        rates_by(groups, outcome.astype(object).where(outcome.index > 0))
    with pytest.raises(ValueError, match="at least zero days"):
        speed(groups, pd.Series([1.0, 2, -1, 3, 4]), outcome)
    with pytest.raises(ValueError, match="'z' is none of the groups"):
        speed(groups, pd.Series(np.arange(5.0)), outcome, reference="z")


# Horizons


def test_only_units_that_are_old_enough_count() -> None:
    """Hand-worked: as of day 100. A unit of exactly 90 days is old enough, a closing on day 90 is within 90 days."""
    start = pd.Timestamp("2024-01-01")
    created = start + pd.to_timedelta([0, 0, 10, 11, 95, 5, 10], unit="D")
    closed = pd.Series(start + pd.to_timedelta([90, 91, np.nan, 20, 96, 4, 12], unit="D"))
    groups = pd.Series(["a", "a", "b", "b", "b", "a", None])
    found = conversion(groups, pd.Series(created), closed, start + pd.Timedelta(days=100), (90, 365), order=["a", "b"])
    assert found.at(90)["units"].tolist() == [2, 1] and found.at(90)["events"].tolist() == [1, 0]
    assert found.at(365)["units"].tolist() == [0, 0] and found.at(365)["rate"].isna().all()
    assert (found.unknown, found.negative) == (1, 1)
    want = inference.difference((1, 0), (2, 1))
    assert found.at(90).loc[0, "difference_low"] == pytest.approx(want.low)


def test_rates_at_a_horizon_do_not_fall_with_the_age_of_the_record() -> None:
    """Exponential times to close of mean 400 days: 1 - exp(-180/400) closed by 180 days, whoever was created when."""
    rng = np.random.default_rng(1)
    created = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 700, 4000), unit="D")
    as_of = pd.Timestamp("2024-01-01")
    closed = pd.Series(created + pd.to_timedelta(rng.exponential(400, 4000), unit="D"))
    closed = closed.where(closed <= as_of)
    young = pd.Series(np.where(created > pd.Timestamp("2022-12-01"), "young", "old"))
    found = conversion(young, pd.Series(created), closed, as_of, (180,)).at(180)
    truth = 1 - np.exp(-180 / 400)
    assert ((found["low"] < truth) & (truth < found["high"])).all()
    ever = rates_by(young, closed.notna()).table.set_index("group")
    assert ever.loc["young", "difference_high"] < -0.2  # although both close alike


# Speed


def test_the_difference_of_restricted_means_adds_their_variances() -> None:
    """Without censoring: a difference of means of min(t, limit), with the variances of divisor n."""
    rng = np.random.default_rng(2)
    one, two = rng.exponential(200, 300), rng.exponential(300, 500)
    found = restricted_difference(*(kaplan_meier(t, np.ones(len(t))) for t in (one, two)), 365)
    cut = one.clip(max=365), two.clip(max=365)
    se = np.sqrt(cut[0].var() / 300 + cut[1].var() / 500)
    mean = cut[0].mean() - cut[1].mean()
    assert found == pytest.approx((mean, mean - 1.959964 * se, mean + 1.959964 * se), rel=1e-6)


def test_a_faster_group_is_found_and_the_interval_covers_the_planted_difference() -> None:
    rng, n = np.random.default_rng(3), 3000
    groups = pd.Series(np.repeat(["fast", "slow"], n))
    times = np.concatenate([rng.exponential(300, n), rng.exponential(500, n)])
    watched = rng.uniform(0, 700, 2 * n)
    found = speed(groups, pd.Series(np.minimum(times, watched)), pd.Series(times <= watched), reference="slow")
    rows = found.means.set_index(["group", "until"])
    for until in (180, 365):
        truth = 300 * (1 - np.exp(-until / 300)) - 500 * (1 - np.exp(-until / 500))
        row = rows.loc[("fast", until)]
        assert row["difference_low"] < truth < row["difference_high"] < 0
        assert row["share"] == pytest.approx(1 - np.exp(-until / 300), abs=0.03)
    assert rows.loc[("slow", 180), ["difference", "difference_low"]].isna().all()
    assert found.freedom == 1 and found.p < 1e-10
    assert found.curves["fast"].units == found.table.loc[0, "units"] == n


def test_a_limit_beyond_the_record_is_not_answered() -> None:
    groups = pd.Series(["a"] * 4 + ["b"] * 4 + [None])
    days = pd.Series([10.0, 20, 200, 400, 10, 20, 30, 170, 5])
    closed = pd.Series([True, False, True, False, True, True, False, False, True])
    found = speed(groups, days, closed)
    rows = found.means.set_index(["group", "until"])
    assert found.unknown == 1 and found.reference == "a"
    assert np.isfinite(rows.loc[("a", 365), "mean"]) and rows.loc["b", ["mean", "difference"]].isna().all(axis=None)


def test_the_log_rank_p_has_no_floor() -> None:
    """Where 1 less a distribution function ends at 1e-16, its tail goes on."""
    times = np.concatenate([np.arange(1, 301), np.arange(1, 301) * 40.0])
    chi, p, freedom = log_rank(times, np.ones(600), np.repeat([0, 1], 300))
    assert chi > 100 and 0 < p < 1e-20
    assert p == pytest.approx(stats.chi2(freedom).sf(chi))


def test_no_unit_and_one_group_are_answered_with_nothing() -> None:
    none = speed(pd.Series([], dtype="str"), pd.Series([], dtype=float), pd.Series([], dtype=bool))
    assert none.table.empty and np.isnan(none.p)
    one = speed(pd.Series(["a", "a"]), pd.Series([1.0, 2.0]), pd.Series([False, False]), until=(2,))
    assert one.means.loc[0, "mean"] == 2 and np.isnan(one.p)


def test_results_can_be_shown_and_stored() -> None:
    groups, outcome = units(a=(1, 2), b=(0, 3))
    dates = pd.Series(pd.to_datetime(["2024-01-01"] * 5))
    for found in (
        rates_by(groups, outcome),
        conversion(groups, dates, dates, pd.Timestamp("2025-01-01")),
        speed(groups, pd.Series(np.arange(5.0)), outcome),
    ):
        assert "<table" in found._repr_html_() and "params" in found.to_json()
