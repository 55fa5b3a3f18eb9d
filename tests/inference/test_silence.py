"""Returns after a silence against closed forms and hand-worked curves, and the risk of churn against planted hazards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from segkit.features.chat_history import history
from segkit.inference.churn import BASE, BIN, MODEL, SILENT, Churn, churn
from segkit.inference.scores import score_calibration
from segkit.inference.silence import Gaps, conditional, gaps_of, returns

START = pd.Timestamp("2025-03-03")


def at(hours: float) -> pd.Timestamp:
    return START + pd.Timedelta(hours=hours)


def frame_of(pairs: dict[str, list[float]], subscribers: dict[str, str] | None = None) -> pd.DataFrame:
    """Return messages of pairs at hours since the start, sorted by time."""
    rows = [(p, (subscribers or {}).get(p, p), at(h)) for p, hours in pairs.items() for h in hours]
    return pd.DataFrame(rows, columns=["pair", "subscriber", "time"]).sort_values(
        "time", kind="stable", ignore_index=True
    )


def poisson(rng: np.random.Generator, rates: np.ndarray, hours: float, each: int = 1) -> pd.DataFrame:
    """Return messages of pairs that each write at a constant rate per hour from the start on; ``each`` pairs a subscriber."""
    pairs = {f"p{i:04d}": [0.0, *np.sort(rng.uniform(0, hours, rng.poisson(r * hours)))] for i, r in enumerate(rates)}
    return frame_of(pairs, {p: f"s{i // each:04d}" for i, p in enumerate(pairs)})


def test_gaps_are_those_between_messages_and_the_last_one_is_open() -> None:
    found = gaps_of(frame_of({"a": [0, 10, 40], "b": [5]}), at(100))
    assert found.hours.tolist() == [10, 30, 60, 95] and found.ended.tolist() == [True, True, False, False]
    assert found.subscribers == 2
    earlier = gaps_of(frame_of({"a": [0, 10, 40], "b": [5]}), at(39))
    assert earlier.hours.tolist() == [10, 29, 34] and earlier.ended.tolist() == [True, False, False]


def test_a_curve_worked_out_by_hand() -> None:
    """Beyond 24 hours: 30, 30 and 60, and open ones of 30, 30, 50, 50 and 60.

    At 30, 2 of 8 come back; at 60, 1 of 2 that are left, so 1 - 6/8 x 1/2 within 36 hours more.
    """
    frame = frame_of({"a": [0, 10, 40], "b": [0, 30], "c": [40], "d": [0, 60], "e": [60]})
    # Open at 90: a since 40 (50+), b since 30 (60+), c since 40 (50+), d since 60 (30+), e since 60 (30+).
    found = returns(frame, at(90), after=(24, 60, 61), within=(24, 36, 48), draws=50)
    assert found.of(24, 24)[["silences", "returned"]].tolist() == [8, 2]
    assert found.of(24, 24)["share"] == pytest.approx(2 / 8)
    assert found.of(24, 36)["share"] == pytest.approx(1 - 6 / 8 * 1 / 2)
    assert np.isnan(found.of(24, 48)["share"])  # no silence is watched for 72 hours
    # Greenwood, symmetric for log(-log S): the formula, for two of eight.
    s, spread = 6 / 8, np.sqrt(2 / (8 * 6)) / np.log(6 / 8)
    low, high = 1 - s ** np.exp(1.959964 * spread), 1 - s ** np.exp(-1.959964 * spread)
    assert sorted(found.of(24, 24)[["greenwood_low", "greenwood_high"]]) == pytest.approx(sorted([low, high]), rel=1e-5)
    ever = found.ever.set_index("after")
    assert ever.loc[24, ["silences", "returned", "open"]].tolist() == [8, 3, 5]
    # The gap of exactly 60 hours ended as it came to 60: only the open one is watched after it.
    assert ever.loc[60, ["silences", "returned"]].tolist() == [1, 0] and ever.loc[61, "silences"] == 0


def test_a_gap_of_exactly_the_silence_was_no_silence_and_one_that_ends_at_the_limit_is_a_return() -> None:
    frame = frame_of({"a": [0, 24], "b": [0, 48], "c": [0, 48.001]})
    found = returns(frame, at(200), after=(24,), within=(24,), draws=20)
    row = found.of(24, 24)
    assert row["returned"] == 1 and row["silences"] == 2 + 3  # and the last silence of each
    assert row["share"] == pytest.approx(1 / 5)


def test_curves_are_those_of_statsmodels_with_late_entry() -> None:
    rng = np.random.default_rng(1)
    frame = poisson(rng, rng.lognormal(-3.5, 1, 60), 500)
    gaps = gaps_of(frame, at(500))
    found = returns(frame, at(500), draws=20)
    for s in (24.0, 48.0, 72.0):
        own = (gaps.hours > s) | (~gaps.ended & (gaps.hours >= s))
        other = SurvfuncRight(gaps.hours[own], gaps.ended[own].astype(int), entry=np.full(own.sum(), s))
        for w in (24.0, 48.0, 72.0):
            left = other.surv_prob[other.surv_times <= s + w][-1]
            assert found.of(s, w)["share"] == pytest.approx(1 - left, abs=1e-9)


def test_without_a_memory_the_silence_so_far_says_nothing() -> None:
    """Exponential gaps: 1 - exp(-rate x w) return within w, whatever the silence was."""
    rate = 0.02
    frame = poisson(np.random.default_rng(2), np.full(400, rate), 1000)
    found = returns(frame, at(1000), draws=100)
    for row in found.table.itertuples():
        assert row.share == pytest.approx(1 - np.exp(-rate * row.within), abs=0.03)
    gaps = gaps_of(frame, at(1000))
    assert conditional(gaps, np.array([0.0, 10, 60, 100]), 48) == pytest.approx(
        np.full(4, np.exp(-rate * 48)), abs=0.03
    )


def test_mixed_rates_make_long_silences_last() -> None:
    """Gamma rates make Pareto gaps: S(t) = (b / (b + t))^a of first gaps. Short logs of one gap each have them."""
    rng = np.random.default_rng(3)
    a, b, n = 2.0, 50.0, 6000
    first = rng.exponential(1 / rng.gamma(a, 1 / b, n))
    gaps = Gaps(np.minimum(first, 400), first < 400, np.arange(n))
    for s in (0.0, 48.0, 100.0):
        expected = ((b + s) / (b + s + 48)) ** a
        assert conditional(gaps, np.array([s]), 48)[0] == pytest.approx(expected, abs=0.035)


def test_intervals_hold_the_truth_where_gaps_of_a_subscriber_are_alike() -> None:
    """Of rates r, drawn for each subscriber, silences of s hours are r exp(-r s) as frequent; 1 - exp(-r w) of them end.

    Greenwood's interval is too short then, that of resampled subscribers is not.
    """
    rates, runs, rng = np.array([0.012, 0.04]), 50, np.random.default_rng(4)
    weight = rates * np.exp(-24 * rates)
    truth = float(weight @ (1 - np.exp(-24 * rates)) / weight.sum())
    greenwood = subscribers = 0
    for run in range(runs):
        frame = poisson(rng, rng.choice(rates, 40), 2000)
        row = returns(frame, at(2000), after=(24,), within=(24,), draws=200, seed=run).of(24, 24)
        greenwood += int(row["greenwood_low"] <= truth <= row["greenwood_high"])
        subscribers += int(row["low"] <= truth <= row["high"])
    assert subscribers >= 0.85 * runs > greenwood


def test_one_message_and_no_return_are_told_without_false_precision() -> None:
    one = returns(frame_of({"a": [0]}), at(100), draws=20)
    row = one.of(24, 24)
    assert (row["silences"], row["subscribers"], row["share"]) == (1, 1, 0) and row["low"] == 0 and row["high"] > 0.8
    assert np.isnan(one.of(48, 72)["share"]) and one.ever["returned"].sum() == 0
    nothing = returns(frame_of({"a": [0]}).iloc[:0], at(100), draws=20)
    assert nothing.table["share"].isna().all() and (nothing.table["silences"] == 0).all()
    assert nothing.to_json()["ever"][0]["silences"] == 0 and "<table" in nothing._repr_html_()
    with pytest.raises(ValueError, match="sorted by time"):
        returns(frame_of({"a": [0, 1]})[::-1], at(100))


def test_returns_are_the_same_twice_and_whatever_pairs_are_called() -> None:
    frame = poisson(np.random.default_rng(5), np.full(30, 0.03), 300)
    kept = frame.copy()
    found = returns(frame, at(300), draws=50).to_json()
    renamed = frame.assign(pair="x" + frame["pair"].str[::-1], subscriber="y" + frame["subscriber"].str[::-1])
    assert returns(frame, at(300), draws=50).to_json() == found == returns(renamed, at(300), draws=50).to_json()
    pd.testing.assert_frame_equal(frame, kept)


# Churn


def quick(frame: pd.DataFrame, end: float, **more: object) -> Churn:
    return churn(frame, at(end), draws=100, **more)  # type: ignore[arg-type]


def test_history_is_what_a_hand_finds_in_the_messages_so_far() -> None:
    frame = frame_of({"a": [0, 10, 30], "b": [40], "c": [100]}).assign(purchased=[False, True, False, True, True])
    found = history(frame, at(60))
    assert found.index.tolist() == ["a", "b"] and found["silent"].tolist() == [30, 20]
    expected = {"log_silence": 31, "log_messages": 4, "log_recent": 2, "log_tenure": 61, "log_purchases": 2}
    assert found.loc["a", list(expected)].tolist() == pytest.approx(np.log(list(expected.values())))
    mean = (np.log(11) + np.log(21)) / 2
    assert found["usual_gap"].tolist() == pytest.approx([mean, mean])
    assert history(frame, at(60), alive_hours=25).index.tolist() == ["b"]


def test_a_planted_hazard_is_found_and_its_probabilities_are_right() -> None:
    """Rates of writing differ: those with rate r stay away for 48 hours with probability exp(-48 r)."""
    rng = np.random.default_rng(6)
    rates = rng.choice([0.01, 0.03, 0.1], 900)
    found = quick(poisson(rng, rates, 400, each=2), 400)
    truth = np.exp(-48 * rates)
    assert found.fitted and found.beats and found.verdict == "better than the base rate"
    table = found.table.set_index("forecast")
    asked = found.snapshots.iloc[-1]
    assert [asked["share"], table.loc[MODEL, "mean"]] == pytest.approx([truth.mean()] * 2, abs=0.05)
    # The best that is possible is the mean of p (1 - p); the base rate has that of the mean.
    best, base = float((truth * (1 - truth)).mean()), truth.mean() * (1 - truth.mean())
    assert best - 0.02 < table.loc[MODEL, "brier"] < best + 0.03 < base - 0.02
    assert table.loc[BASE, "brier"] == pytest.approx(base, abs=0.02) and table.loc[BASE, "auc"] == 0.5
    assert table.loc[MODEL, "brier"] < table.loc[SILENT, "brier"] < table.loc[BASE, "brier"]
    assert found.calibration.slope[0] == pytest.approx(1, abs=0.2)  # the log grows older than at the snapshots before
    assert found.calibration.intercept[1] <= 0.1 and found.calibration.intercept[2] >= -0.1
    odds = found.coefficients.set_index("feature")["odds_ratio"]
    assert (
        odds["log_messages"] < 1 < odds["usual_gap"] and "log_purchases" not in odds
    )  # nothing was bought: a constant
    merged = found.now.merge(pd.DataFrame({"pair": [f"p{i:04d}" for i in range(900)], "truth": truth}))
    assert merged[["risk", "truth"]].corr().iloc[0, 1] > 0.85


def test_without_a_signal_the_model_is_no_better_than_the_base_rate() -> None:
    better = 0
    for run in range(8):
        frame = poisson(np.random.default_rng(100 + run), np.full(120, 0.025), 300)
        found = quick(frame, 300, seed=run)
        better += found.beats
        assert found.fitted and (found.beats or found.verdict == "no better than the base rate")
    assert better <= 1  # 2.5 % each, by chance


def _changed(frame: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """Return the log with another future."""
    return frame[(frame["time"] <= moment) | (frame["pair"] < "p0100")].reset_index(drop=True)


def _forecasts(found: Churn) -> list[float]:
    return [*found.table["mean"], *found.calibration.table["score"], *found.calibration.table["low"]]


def test_nothing_that_is_forecast_hangs_on_what_follows() -> None:
    """Two thirds of the pairs never write again after the last snapshot: outcomes change, and no forecast does."""
    frame = poisson(np.random.default_rng(7), np.random.default_rng(8).choice([0.02, 0.08], 300), 300)
    moments = [at(100), at(175), at(250)]
    one, two = (quick(f, 300, moments=moments) for f in (frame, _changed(frame, moments[-1])))
    assert _forecasts(one) == _forecasts(two)
    assert (
        one.snapshots["gone"].iloc[-1] < two.snapshots["gone"].iloc[-1]
        and one.calibration.brier != two.calibration.brier
    )
    pd.testing.assert_frame_equal(one.snapshots.iloc[:-1], two.snapshots.iloc[:-1])
    pd.testing.assert_frame_equal(history(frame, moments[-1]), history(_changed(frame, moments[-1]), moments[-1]))


@pytest.mark.parametrize("moments", [[100, 250, 260], [100, 280], []])
def test_snapshots_whose_outcome_would_not_be_known_in_time_are_refused(moments: list[float]) -> None:
    frame = poisson(np.random.default_rng(9), np.full(20, 0.05), 300)
    with pytest.raises(ValueError, match="at least the horizon"):
        churn(frame, at(300), moments=[at(m) for m in moments])


@pytest.mark.parametrize(
    "made",
    [
        lambda: frame_of({"a": [0]}),
        lambda: frame_of({"a": [0, 50, 100], "b": [3, 60]}, {"a": "s", "b": "s"}),
        lambda: poisson(np.random.default_rng(1), np.full(40, 3.0), 168),  # nobody is ever gone
        lambda: frame_of({"a": [0]}).iloc[:0],
    ],
)
def test_too_little_to_learn_from_is_said(made: Callable[[], pd.DataFrame]) -> None:
    found = quick(made(), 168)
    assert not found.fitted and not found.beats and found.verdict == "cannot be told"
    assert found.table["brier"].isna().all() and found.now["risk"].isna().all() and len(found.snapshots) == 3
    assert found.to_json()["verdict"] == "cannot be told" and "<table" in found._repr_html_()


def test_subscribers_with_many_pairs_count_once() -> None:
    """Twenty copies of each subscriber's pair say no more than one: the interval stays about as wide."""
    rng = np.random.default_rng(10)
    rates = rng.choice([0.01, 0.05], 60)
    single = poisson(rng, rates, 300)
    copies = pd.concat([single.assign(pair=single["pair"] + f"-{i}") for i in range(20)])
    copies = copies.sort_values("time", kind="stable", ignore_index=True)
    one, many = (quick(f, 300) for f in (single, copies))
    width = [float(np.diff(f.table.loc[0, ["brier_low", "brier_high"]].to_numpy(float))[0]) for f in (one, many)]
    assert width[1] == pytest.approx(width[0], rel=0.25)
    assert one.to_json() == quick(single, 300).to_json()


def test_small_bins_of_a_calibration_are_joined() -> None:
    rng = np.random.default_rng(11)
    score = pd.Series(np.repeat([0.1, 0.2, 0.3, 0.4], [300, 7, 50, 3]))
    outcome = pd.Series(rng.random(360) < score)
    found = score_calibration(score, outcome, least=BIN).table
    assert found["units"].tolist() == [300, 60] and found["events"].sum() == outcome.sum()
    assert score_calibration(score, outcome, least=1000).table["units"].tolist() == [360]
