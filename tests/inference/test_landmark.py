"""Landmarks do not credit touches with the time that it took to make them, and find an effect that is there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segkit import inference
from segkit.inference.landmark import landmark

START = pd.Timestamp("2022-01-01")


def made(rng: np.random.Generator, n: int, faster: float = 1.0) -> pd.DataFrame:
    """Return contacts watched for 100 to 900 days, whose rate of closing is so many times as high once both touches are made."""
    watched = rng.uniform(100, 900, n)
    offline, online = rng.exponential(250, n), rng.exponential(150, n)
    both = np.maximum(offline, online)
    base = rng.exponential(600, n)
    close = np.where(base <= both, base, both + (base - both) / faster)
    end = np.minimum(close, watched)
    created = START + pd.to_timedelta(rng.integers(0, 100, n), unit="D")

    def first(day: np.ndarray) -> pd.Series:
        return pd.Series(created + pd.to_timedelta(np.where(day <= end, day, np.nan), unit="D"))

    return pd.DataFrame({
        "created": created, "end": created + pd.to_timedelta(end, unit="D"), "closed": close <= watched,
        "offline_from": first(offline), "online_from": first(online), "offline": offline <= end, "online": online <= end,
        "offline_original": False, "online_original": False,
    })  # fmt: skip


def test_touches_without_effect_look_harmful_until_they_are_known_in_time() -> None:
    """100 exports: by final status nearly all differ; at each landmark 5 % do, up to the 99.9 % limits of the count."""
    rng, runs = np.random.default_rng(1), 100
    p, raw, covered = [], 0, 0
    for _ in range(runs):
        found = landmark(made(rng, 500))
        raw += (found.raw_p < 0.05) and found.raw.high < 0
        p.append(found.table["p"])
        rows = found.after[found.after["until"] == 180]
        covered += int(((rows["low"] <= 0) & (rows["high"] >= 0)).sum())
    assert raw > 0.9 * runs
    for values in np.array(p).T:
        assert stats.binom(runs, 0.05).ppf(0.0005) <= (values < 0.05).sum() <= stats.binom(runs, 0.05).ppf(0.9995)
        assert stats.kstest(values, "uniform").pvalue > 0.001
    low, high = stats.binom(2 * runs, 0.95).ppf([0.0005, 0.9995])
    assert low <= covered <= high


def test_an_effect_is_found_although_the_raw_difference_hides_it() -> None:
    """Closing is 2.5 times as fast once both touches are made; of the exposed 1 - exp(-2.5 x 180/600) close in 180 days."""
    found = landmark(made(np.random.default_rng(2), 6000, faster=2.5))
    rows = found.after[found.after["until"] == 180].set_index("landmark")
    assert (found.table["p"] < 1e-3).all() and (rows["low"] > 0).all() and (rows["mean_high"] < 0).all()
    assert rows.loc[90, "share_exposed"] == pytest.approx(1 - np.exp(-2.5 * 180 / 600), abs=0.06)
    assert found.dated and set(found.curves) == {(30, True), (30, False), (90, True), (90, False)}


def confounded(rng: np.random.Generator, n: int, faster: float = 1.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return contacts whose engagement brings both touches and closes sooner; touches change the rate so many times, or not."""
    z = rng.normal(size=n)
    watched = rng.uniform(100, 900, n)
    offline, online = rng.exponential(120 * np.exp(-0.8 * z)), rng.exponential(80 * np.exp(-0.8 * z))
    both, need = np.maximum(offline, online), rng.exponential(900 * np.exp(-0.9 * z))
    close = np.where(need <= both, need, both + (need - both) / faster)
    end = np.minimum(close, watched)

    def after(days: np.ndarray) -> pd.Series:
        return pd.Series(START + pd.to_timedelta(days, unit="D"))

    frame = pd.DataFrame({
        "created": START, "end": after(end), "watched": after(watched), "closed": close <= watched,
        "offline_from": after(np.where(offline <= end, offline, np.nan)),
        "online_from": after(np.where(online <= end, online, np.nan)), "offline": offline <= end, "online": online <= end,
        "offline_original": False, "online_original": False,
    })  # fmt: skip
    return frame, pd.DataFrame({"engagement": z})


def test_a_landmark_alone_credits_touches_with_engagement_and_the_adjusted_difference_does_not() -> None:
    """40 exports without an effect: the landmark finds one nearly always, the adjusted difference in about 5 % of them."""
    rng, runs, plain, covered = np.random.default_rng(7), 40, 0, 0
    for _ in range(runs):
        frame, engagement = confounded(rng, 1500)
        found = landmark(frame, engagement, landmarks=(90,), until=(180,))
        one = found.adjusted[90, 180]
        plain += bool(found.after.loc[0, "low"] > 0 and one.raw.low > 0)
        covered += one.low <= 0 <= one.high
    assert plain > 0.9 * runs
    assert covered >= stats.binom(runs, 0.95).ppf(0.001)


def test_an_effect_stays_where_engagement_is_adjusted_for() -> None:
    frame, engagement = confounded(np.random.default_rng(8), 6000, faster=2.5)
    found = landmark(frame, engagement, landmarks=(90,), until=(180,))
    one = found.adjusted[90, 180]
    assert one.low > 0 and one.difference < found.after.loc[0, "low"]
    assert one.balance["after"].abs().max() < 1e-6  # overlap weights balance means exactly


def test_only_records_that_reach_the_limit_are_adjusted() -> None:
    """Units that closed count as little as open ones where their record would have been too short."""
    frame, engagement = confounded(np.random.default_rng(9), 2000)
    found = landmark(frame, engagement, landmarks=(30,), until=(180,))
    days = {
        name: (frame[name] - START) / pd.Timedelta(days=1) for name in ("watched", "end", "offline_from", "online_from")
    }
    old = (days["watched"] >= 210) & (days["end"] > 30)
    both = (days["offline_from"] <= 30) & (days["online_from"] <= 30)
    hit = frame["closed"] & (days["end"] <= 210)
    raw = found.adjusted[30, 180].raw
    assert (raw.first.units, raw.first.events) == ((old & both).sum(), (old & both & hit).sum())
    assert (raw.second.units, raw.second.events) == ((old & ~both).sum(), (old & ~both & hit).sum())
    assert found.to_json()["adjusted"][0]["landmark"] == 30 and landmark(frame).adjusted == {}
    with pytest.raises(ValueError, match="lacks watched"):
        landmark(frame.drop(columns="watched"), engagement)


def by_hand() -> pd.DataFrame:
    """Return contacts of which each shows one rule, at a landmark of 30 days."""
    rows = [  # end, closed, first offline, first online (days), offline, online, offline original, online original
        (100, True, 5, 30, 1, 1, 0, 0),  # both in time
        (100, False, 5, 31, 1, 1, 0, 0),  # the second too late
        (30, True, 1, 1, 1, 1, 0, 0),  # closed by then
        (29, False, 1, 1, 1, 1, 0, 0),  # not watched so long
        (200, False, None, 3, 1, 1, 1, 0),  # no date, but offline is where it came from
        (200, False, None, 3, 1, 1, 0, 0),  # no date, and nothing to go by
        (200, True, None, None, 1, 0, 0, 0),  # no date, but it had no online touch at all
        (200, False, None, 40, 1, 1, 0, 0),  # no date, but the other touch came too late
        (200, False, 5, 3, 1, 0, 0, 0),  # a date, but of nothing that is told of
        (-1, True, 1, 1, 1, 1, 0, 0),  # ends before it begins
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["end", "closed", "offline_from", "online_from", "offline", "online", "a", "b"])
    for column in ("end", "offline_from", "online_from"):
        frame[column] = START + pd.to_timedelta(frame[column].astype(float), unit="D")
    for column in ("closed", "offline", "online", "a", "b"):
        frame[column] = frame[column].astype(bool)
    return frame.rename(columns={"a": "offline_original", "b": "online_original"}).assign(created=START)


def test_each_contact_is_where_the_rules_put_it() -> None:
    found = landmark(by_hand(), landmarks=(30,), until=(60,))
    row = found.table.iloc[0]
    counts = ["units", "exposed", "unexposed", "closed_exposed", "closed_unexposed", "gone", "short", "undated"]
    assert row[counts].tolist() == [6, 2, 4, 1, 1, 1, 1, 1]
    assert found.negative == 1 and found.dated
    assert found.raw.first.units == 7 and found.raw.second.units == 2
    after = found.after.iloc[0]
    # Exposed: one of two closed on day 70 after the landmark; by day 60 nobody, so that only an upper limit is known.
    assert after[["share_exposed", "share_unexposed", "difference"]].tolist() == [0, 0, 0]
    one, two = inference.rate(0, 2), inference.rate(0, 4)
    assert after[["low", "high"]].tolist() == pytest.approx([-two.high, one.high])


def test_differences_of_shares_are_squares_added() -> None:
    found = landmark(made(np.random.default_rng(3), 400), landmarks=(60,), until=(180, 2000))
    (s, low, high), (t, under, over) = (found.curves[(60, arm)].at(180) for arm in (True, False))
    row = found.after.iloc[0]
    assert row["difference"] == pytest.approx(t - s)
    assert row["low"] == pytest.approx(t - s - np.hypot(high - s, t - under))
    assert row["high"] == pytest.approx(t - s + np.hypot(s - low, over - t))
    assert found.after.iloc[1][["difference", "low", "mean_difference"]].isna().all()  # beyond the record


def test_without_dates_the_original_source_stands_for_them_and_that_is_said() -> None:
    frame = by_hand().assign(offline_from=pd.NaT, online_original=True)
    found = landmark(frame, landmarks=(10,))
    assert not found.dated
    assert found.table.loc[0, ["units", "exposed", "undated"]].tolist() == [9, 1, 0]
    neither = landmark(frame.assign(online_from=pd.NaT), landmarks=(10,))
    assert neither.table.loc[0, ["exposed", "undated"]].tolist() == [1, 0] and not neither.dated


def test_nobody_exposed_and_nobody_at_all_are_answered_with_nothing() -> None:
    frame = by_hand()
    for rows in (frame[frame.index == 1], frame[frame.index < 0]):
        found = landmark(rows)
        assert found.table["p"].isna().all() and found.after["difference"].isna().all()
    with pytest.raises(ValueError, match="lacks online_from"):
        landmark(frame.drop(columns="online_from"))


def test_results_can_be_shown_and_stored() -> None:
    found = landmark(by_hand())
    assert "<table" in found._repr_html_() and found.to_json()["dated"] is True
