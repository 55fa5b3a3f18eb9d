"""Orders, lifts and forecasts against counts by hand, scikit-learn, and planted causes of activity."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from planted_activity import BLOCKS, DAYS, FIRST, ROLES, forecasts, judged, planted
from sklearn.metrics import brier_score_loss, roc_auc_score

from segkit.engine.capacity import ORDERS, capacity
from segkit.engine.forecasts import (
    POLICIES,
    Forecast,
    Snapshot,
    forecast,
    isotonic,
    renumbered,
    rfm,
)
from segkit.engine.rankings import auc, lift, ranking, reach, totals
from segkit.engine.unit_bootstrap import interval, unit_counts
from segkit.engine.usefulness import binned, calibration, usefulness


def scored(scores: list[float], active: list[int], counts: list[float] | None = None) -> tuple[np.ndarray, np.ndarray]:
    weights = np.array([counts if counts is not None else [1.0] * len(scores)], dtype=float)
    return totals(ranking(scores), np.array(active, dtype=bool), weights)


# Rankings


def test_auc_with_ties_and_weights_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    for _ in range(30):
        scores, active = random.integers(0, 6, size=50).astype(float), random.random(50) < 0.3
        counts = random.integers(0, 4, size=50).astype(float)
        found = auc(*totals(ranking(scores), active, np.stack([np.ones(50), counts])))
        assert found[0] == pytest.approx(roc_auc_score(active, scores))
        assert found[1] == pytest.approx(roc_auc_score(active, scores, sample_weight=counts))


def test_auc_of_one_kind_is_none() -> None:
    assert np.isnan(auc(*scored([1, 2], [1, 1]))[0]) and np.isnan(auc(*scored([1, 2], [0, 0]))[0])


def test_lift_with_ties_by_hand() -> None:
    """Ten units, four active. The first three of the order: one sure (active), then two of the four that tie, of which three
    are active: 1 + 2 x 3/4 = 2.5 of 3, where 4/10 x 3 = 1.2 were expected. Lift 2.5 / 1.2."""
    scores, active = [9, 5, 5, 5, 5, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    units, hits = scored(scores, active)
    assert reach(units, hits, np.array([0.0, 1.0, 3.0, 5.0, 10.0, 99.0]))[0].tolist() == [0, 1, 2.5, 4, 4, 4]
    assert lift(units, hits, 0.3)[0] == pytest.approx(2.5 / 1.2)
    assert lift(units, hits, 0.05)[0] == pytest.approx(1 / 0.4)  # half of the first unit
    assert lift(*scored([7] * 10, active), 0.1)[0] == pytest.approx(1)  # all tied: chance
    assert np.isnan(lift(*scored(scores, [0] * 10), 0.1)[0])


def test_ties_by_expectation_are_the_mean_over_random_orders() -> None:
    scores, active = np.repeat([3.0, 2.0, 1.0], [4, 30, 16]), np.arange(50) % 5 == 0
    random, found = np.random.default_rng(2), []
    for _ in range(4000):
        order = np.lexsort([random.random(50), -scores])
        found.append(active[order][:20].sum())
    want = reach(*totals(ranking(scores), active, np.ones((1, 50))), np.array([20.0]))[0, 0]
    assert want == pytest.approx(np.mean(found), abs=4 * np.std(found) / np.sqrt(4000))


def test_resamples_draw_units_with_replacement() -> None:
    """Counts of one unit are binomial(n, 1/n): mean 1, variance 1 - 1/n."""
    counts = np.vstack(list(unit_counts(40, 3000, "test", 1)))
    assert counts.shape == (3000, 40) and (counts.sum(axis=1) == 40).all()
    assert counts.var() == pytest.approx(1 - 1 / 40, abs=0.02)
    assert np.array_equal(counts, np.vstack(list(unit_counts(40, 3000, "test", 1))))
    low, high = interval(np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]]), 0.5)
    assert (low[0], high[0]) == (1.5, 2.5) and np.isnan([low[1], high[1]]).all()


# Forecasts from planted causes


def test_where_recency_alone_decides_recency_wins() -> None:
    found = judged(800, "recency")
    assert found.of("recency")["auc_low"] > 0.75
    assert found.against("recency")["auc_high"] < 0


def test_where_the_segment_alone_decides_segments_win() -> None:
    found = judged(900, "segment")
    for rival in ("recency", "count", "rfm"):
        assert found.against(rival)["auc_low"] > 0, rival
    assert found.groups.query("segment == 2")["expected"].to_numpy() == pytest.approx(0.7, abs=0.08)


def test_without_any_signal_every_interval_covers_a_half() -> None:
    found = judged(700, "nothing", seed=3)
    for policy in POLICIES:
        row = found.of(policy)
        assert row["auc_low"] < 0.5 < row["auc_high"], policy


def test_points_are_those_of_scikit_learn() -> None:
    made, index = forecasts(300, "recency")
    found = usefulness(made, index, k=3, seed=1, draws=20)
    for f in made:
        rows = found.table[found.table["date"] == f.when].set_index("policy")
        for policy in POLICIES:
            assert rows.loc[policy, "auc"] == pytest.approx(roc_auc_score(f.active, f.order[policy]))
    means = found.table.groupby("policy")["auc"].mean()
    assert found.summary.set_index("policy")["auc"].to_dict() == pytest.approx(means.to_dict())
    less = means["segments"] - means["rfm"]
    assert found.against("rfm")["auc"] == pytest.approx(less)


def test_nothing_after_a_date_changes_what_is_predicted_at_it() -> None:
    """Leakage: other outcomes after the date, and the forecasts stay as they are."""
    (past, now), *_ = planted(300, "recency")[0]
    group = planted(300, "recency")[1]
    other = Snapshot(
        now.when, now.until, now.frame, now.events.sample(frac=1, random_state=1).set_axis(now.events.index)
    )
    assert not other.events.equals(now.events)
    one, two = (forecast(past, s, BLOCKS, group, ROLES, k=3, clip=0.01, cap=10.0, seed=1) for s in (now, other))
    assert one is not None and two is not None
    pd.testing.assert_frame_equal(one.order, two.order)
    pd.testing.assert_frame_equal(one.rate, two.rate)
    pd.testing.assert_series_equal(one.segment, two.segment)


def test_a_window_that_reaches_beyond_the_date_is_refused() -> None:
    (past, now), *_ = planted(100, "recency")[0]
    late = Snapshot(past.when, now.when + timedelta(days=1), past.frame, past.events)
    with pytest.raises(ValueError, match="must have been learnt by then"):
        forecast(late, now, BLOCKS, planted(100, "recency")[1], ROLES, k=3, clip=0.01, cap=10.0, seed=1)


def test_too_little_to_learn_from_gives_none() -> None:
    ((past, now), *_), group = planted(100, "recency")
    silent = Snapshot(past.when, past.until, past.frame, past.events * 0)
    same = Snapshot(past.when, past.until, past.frame * 0, past.events)
    for before in (silent, same):
        assert forecast(before, now, BLOCKS, group, ROLES, k=3, clip=0.01, cap=10.0, seed=1) is None


def test_segments_get_the_numbers_of_those_in_use() -> None:
    number, kept = renumbered(np.array([2, 2, 0, 0, 1]), pd.Series([1, 1, 3, 3, 2]), 3)
    assert number.tolist() == [3, 2, 1] and kept == 1
    made, _ = forecasts(300, "segment")
    group = planted(300, "segment")[1]
    assert all((f.segment == group).mean() > 0.99 and f.agreement > 0.99 for f in made)


def test_rfm_adds_quintiles_and_ties_share_one() -> None:
    """100 different values in each column: numbers 0 to 4 each; a column that never varies adds the same to all."""
    frame = pd.DataFrame({"recency": np.arange(100.0), "calls": np.arange(100.0), "talk": np.ones(100)})
    before, at = rfm(frame, frame.iloc[[0, 99]], ROLES)
    assert at.tolist() == [before[0], before[99]]
    assert set(before - before.min()) <= {0, 1}  # recency and calls run against each other
    alone, _ = rfm(frame.assign(recency=1.0), frame, ROLES)
    assert np.bincount((alone - alone.min()).astype(int)).tolist() == [20] * 5


def test_isotonic_rates_are_those_of_the_pools() -> None:
    """Pool adjacent violators by hand: 0, (1, 0) -> 1/2, 1."""
    found = isotonic(np.array([1.0, 2, 3, 4]), np.array([0, 1, 0, 1]), np.array([0.0, 2, 3, 9]))
    assert found.tolist() == [0, 0.5, 0.5, 1]


# Calibration


def stated(rates: list[float], active: list[bool], sizes: list[int]) -> Forecast:
    """Return a forecast in which every policy states the given rates."""
    rate = pd.DataFrame({p: np.repeat(rates, sizes) for p in POLICIES})
    segment = pd.Series(np.repeat(np.arange(1, len(sizes) + 1), sizes))
    return Forecast(FIRST, FIRST + DAYS, rate, rate, segment, pd.Series(active).astype(int), 1.0)


def test_a_perfect_forecast_of_groups_is_reliable() -> None:
    """Groups of ten with 1, 5 and 9 active, predicted as such: reliability 0, resolution (0.4^2 + 0 + 0.4^2)/3."""
    active = [i % 10 < m for m in (1, 5, 9) for i in range(10)]
    found = calibration(stated([0.1, 0.5, 0.9], active, [10] * 3), "segments")
    assert found["reliability"] == pytest.approx(0)
    assert found["resolution"] == pytest.approx(0.32 / 3) and found["uncertainty"] == pytest.approx(0.25)
    assert found["expected"] == pytest.approx(found["observed"]) == pytest.approx(0.5)


def test_the_score_is_its_parts() -> None:
    """Murphy 1973: Brier = reliability - resolution + uncertainty, where each group has one forecast."""
    random = np.random.default_rng(6)
    f = stated([0.2, 0.3, 0.8], list(random.random(60) < 0.4), [20, 30, 10])
    found = calibration(f, "rfm")
    assert found["brier"] == pytest.approx(brier_score_loss(f.active, f.rate["rfm"]))
    assert found["brier"] == pytest.approx(found["reliability"] - found["resolution"] + found["uncertainty"])


def test_many_forecasts_are_put_into_ten_groups() -> None:
    made, _ = forecasts(400, "recency")
    bins = binned(made[0], "boosting")
    assert len(bins) == 10 and bins["units"].sum() == 400 and bins["units"].between(20, 60).all()
    assert bins["active"].sum() == made[0].active.sum()
    assert bins["expected"].is_monotonic_increasing


# Capacity


def test_reach_rises_to_all_active_and_chance_is_the_diagonal() -> None:
    made, index = forecasts(400, "segment")
    points = [20.0, 80.0, 200.0, 400.0]
    found = capacity(made, index, points, seed=1, draws=200)
    active = np.mean([f.active.sum() for f in made])
    assert found.active == active and found.units == 400
    for order in ORDERS:
        curve = found.curve(order)
        assert (np.diff(curve["reached"]) >= 0).all() and curve["reached"].iloc[-1] == pytest.approx(active)
        assert (curve["reached"] <= curve["approached"]).all()
        assert (curve["low"] <= curve["reached"]).all() and (curve["reached"] <= curve["high"]).all()
    assert found.curve("random")["reached"].to_numpy() == pytest.approx(np.array(points) / 400 * active)
    segments = found.curve("segments")
    assert (segments["less_segments"] == 0).all()
    assert segments["reached"].iloc[1] > found.curve("random")["high"].iloc[1]


def test_the_interval_of_chance_is_that_of_a_rate() -> None:
    """By chance, m units reach m/n of the active; the bootstrap's spread is m/n sqrt(n p q), one date."""
    made, index = forecasts(400, "nothing", dates=1)
    row = capacity(made, index, [200.0], seed=1, draws=2000).curve("random").iloc[0]
    p = made[0].active.mean()
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * 0.5 * np.sqrt(400 * p * (1 - p)), rel=0.08)


def test_points_that_reach_few_are_not_shown() -> None:
    made, index = forecasts(200, "segment")
    found = capacity(made, index, [2.0, 8.0, 100.0], seed=1, draws=20)
    lowest = found.table[found.table["order"] != "random"].groupby("approached")["reached"].min()
    assert lowest[8.0] < 5 <= lowest[100.0]
    assert set(found.shown["approached"]) == {100.0}
    assert found.to_json()["segments"]["approached"] == [100.0]


# Results


def test_results_are_repeatable_and_do_not_depend_on_names() -> None:
    made, index = forecasts(200, "recency")
    one, two = (usefulness(made, index, k=3, seed=1, draws=30) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, two.table)
    named = {n: f"x{i}" for i, n in enumerate(sorted(index, reverse=True))}
    other = [
        Forecast(
            f.learnt, f.when, f.order.rename(index=named), f.rate.rename(index=named), f.segment.rename(index=named),
            f.events.rename(index=named), f.agreement,
        )
        for f in made
    ]  # fmt: skip
    renamed = usefulness(other, pd.Index([named[i] for i in index]), k=3, seed=1, draws=30)
    pd.testing.assert_frame_equal(one.table, renamed.table)
    assert "<table" in one._repr_html_()


def test_small_groups_are_marked() -> None:
    active = [True] * 2 + [False] * 28 + [i % 2 == 0 for i in range(30)] + [i < 9 for i in range(30)]
    found = usefulness([stated([0.1, 0.5, 0.3], active, [30] * 3)], pd.RangeIndex(90), k=3, seed=1, draws=20)
    assert found.groups["hidden"].tolist() == [
        True,
        False,
        True,
    ]  # two active, and the next smallest, so that totals hide it


def test_keys_are_the_documented_ones() -> None:
    found = judged(200, "recency", dates=1).to_json()
    assert set(POLICIES) <= found.keys()
    assert {"auc", "auc_low", "auc_high", "lift", "brier"} <= found["segments"].keys()
    assert found["segments_less"].keys() == set(POLICIES[1:])
