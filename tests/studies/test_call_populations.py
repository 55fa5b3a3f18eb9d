"""Populations of callers without segments: what they keep, what they cannot break, and whether their tests hold a level."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from levels import beats, seldom

from segkit.config import Columns, Contacts
from segkit.data.breaks import Breaks, declared
from segkit.data.contracts import ARROW
from segkit.data.simulate.calls import simulate_calls
from segkit.engine.copula import copula_draws
from segkit.engine.matrix import Floats
from segkit.engine.null_statistics import Plan, distances_of_margins
from segkit.engine.nulls import Replicates
from segkit.features.events import event_features
from segkit.seeds import generator
from segkit.studies.contacts import CALLS
from segkit.studies.events import fits
from segkit.studies.events.law import DAY, Drawn, draw_events, fit_law, since_first
from segkit.studies.events.populations import Populations, read_log

SETTINGS = Contacts(columns=Columns(date="date", duration="seconds", contact="number"))
START = 1_641_168_000  # 2022-01-03, a Monday, in seconds since 1970
QUICK = Plan(3, bootstraps=0, splits=0, subsamples=0)


def as_table(calls: Drawn) -> pa.Table:
    names = [f"{u:012x}" for u in calls.unit]
    return pa.Table.from_arrays(
        [
            pa.array(names, pa.string()).dictionary_encode(),
            pa.array(calls.start.astype("datetime64[s]").astype("datetime64[us]"), pa.timestamp("us")),
            pa.array(calls.amount, pa.int64()),
            pa.nulls(len(names), pa.string()).dictionary_encode(),
        ],
        schema=ARROW,
    )


def homogeneous(units: int, name: str, days: int = 300) -> Drawn:
    """Draw callers of one kind: gamma rates, a stretch of time, own taste for hours, lognormal lengths."""
    rng = generator(name)
    calls = 1 + rng.poisson(rng.gamma(0.7, 8.0, units))
    first = rng.uniform(0, days, units)
    last = first + (days - first) * rng.beta(1.5, 2.5, units)
    unit = np.repeat(np.arange(units), calls)
    day = np.floor(first[unit] + rng.random(len(unit)) * (last - first)[unit]).astype(np.int64)
    late = rng.beta(2, 8, units)[unit] > rng.random(len(unit))
    second = np.where(late, rng.integers(18 * 3600, 21 * 3600, len(unit)), rng.integers(8 * 3600, 18 * 3600, len(unit)))
    length = np.exp(3.5 + 0.5 * rng.normal(size=units)[unit] + rng.normal(size=len(unit)))
    return Drawn(unit, START + day * DAY + second, np.rint(length).astype(np.int64))


def populations(calls: Drawn) -> tuple[pd.DataFrame, dict[str, list[str]], Populations]:
    table = as_table(calls)
    found = event_features(table, SETTINGS, CALLS)
    frame = found.model_frame
    limit = found.thresholds["long_call_sec"]
    return frame, found.blocks, Populations(table, SETTINGS, CALLS, list(frame.columns), as_of=found.as_of, large=limit)


@pytest.fixture(scope="module")
def published() -> Drawn:
    """The calls of the simulated log, without its categories."""
    log = simulate_calls().frame
    when = pd.to_datetime(log["date_stamp"] + " " + log["time"], format="%m/%d/%Y %H:%M:%S")
    unit = np.unique(log["dialled_phone_number"], return_inverse=True)[1]
    return Drawn(
        unit, when.to_numpy().astype("datetime64[s]").astype(np.int64), log["duration_in_seconds"].astype(int).to_numpy()
    )  # fmt: skip


def test_dealt_names_keep_what_they_should(published: Drawn) -> None:
    frame, _, source = populations(published)
    one, two = source.exchangeable(2, 1)
    at = list(frame.columns)
    for values in (one, two):
        assert np.array_equal(np.sort(values[:, at.index("n_calls")]), np.sort(frame["n_calls"]))
        assert values[:, at.index("total_dur_sec")].sum() == frame["total_dur_sec"].sum()
        assert values[:, at.index("recency_days")].min() == 0  # somebody has the last call
    assert not np.array_equal(one, two)
    # Dealt at random, somebody with two calls hardly ever has them on one day: most stretches get longer.
    assert np.median(one[:, at.index("tenure_days")]) >= frame["tenure_days"].median()


@pytest.mark.parametrize("null", ["exchangeable", "continuous"])
def test_features_of_drawn_populations_obey_their_definitions(published: Drawn, null: str) -> None:
    frame, _, source = populations(published)
    for values in getattr(source, null)(2, 1):
        drawn = pd.DataFrame(values, columns=frame.columns)
        assert len(drawn) == len(frame)
        assert (drawn["n_days_active"] <= drawn["n_calls"]).all() and (drawn["n_days_active"] >= 1).all()
        once = drawn["n_calls"] == 1
        assert once.any() and (drawn.loc[once, "tenure_days"] == 0).all()
        assert (drawn.loc[once, "mean_dur_sec"] == drawn.loc[once, "total_dur_sec"]).all()
        assert (drawn["tenure_days"] >= drawn["n_days_active"] - 2).all()
        assert (drawn["recency_days"] >= 0).all()
        shares = drawn[[c for c in drawn if c.startswith("share_") and "day" not in c]].sum(axis=1)
        assert shares.to_numpy() == pytest.approx(1)


def cut_open(calls: Drawn, day: int, days: int) -> Drawn:
    """Return the calls as if nobody had watched for some days, which come before a day of the log."""
    later = calls.start >= START + day * DAY
    return Drawn(calls.unit, calls.start + later * days * DAY, calls.amount)


def not_watched(day: int, days: int) -> Breaks:
    first, start = date(1970, 1, 1) + timedelta(days=START // DAY), START // DAY + day
    lost = [date(1970, 1, 1) + timedelta(days=n) for n in (start, start + days - 1)]
    return declared([lost], first, first + timedelta(days=2000))


def test_days_that_nobody_watched_are_as_if_they_did_not_exist() -> None:
    """A log that is cut open has the law of the whole one, and what is drawn from it is the same on both sides of the break."""
    whole = homogeneous(120, "tests/cut open")
    for days in (28, 364):  # whole weeks, so that each weekday is followed by the next
        cut = cut_open(whole, 150, days)
        one = fit_law(read_log(as_table(whole), SETTINGS))
        two = fit_law(read_log(as_table(cut), SETTINGS, not_watched(150, days)))
        assert np.array_equal(one.dates, np.where(two.dates < START // DAY + 150, two.dates, two.dates - days))
        for name in ("events", "once", "active", "span", "place", "weekdays", "bands"):
            assert getattr(two, name) == pytest.approx(getattr(one, name), rel=1e-5), name
        same = replace(one, dates=two.dates, last=two.last)  # to the last bit, which the order of units is not
        drawn = [draw_events(law, generator("tests/cut open/drawn")) for law in (one, same)]
        assert np.array_equal(cut_open(drawn[0], 150, days).start, drawn[1].start)
        assert np.array_equal(drawn[0].unit, drawn[1].unit) and np.array_equal(drawn[0].amount, drawn[1].amount)


def test_no_drawn_call_lies_in_a_break_of_any_length() -> None:
    for days in (5, 40):
        cut = cut_open(homogeneous(120, "tests/cut open"), 150, days)
        law = fit_law(read_log(as_table(cut), SETTINGS, not_watched(150, days)))
        day = draw_events(law, generator("tests/any length")).start // DAY - START // DAY
        assert not ((day >= 150) & (day < 150 + days)).any() and (day < 150).any() and (day >= 150 + days).any()
        ignored = draw_events(fit_law(read_log(as_table(cut), SETTINGS)), generator("tests/any length")).start
        assert ((ignored // DAY - START // DAY >= 150) & (ignored // DAY - START // DAY < 150 + days)).any()


def test_a_declared_break_with_calls_in_it_keeps_their_days() -> None:
    whole = homogeneous(120, "tests/cut open")
    law = fit_law(read_log(as_table(whole), SETTINGS, not_watched(100, 30)))
    assert np.isin(whole.start // DAY, law.dates).all()


def test_a_log_without_breaks_is_drawn_as_if_breaks_were_unknown(published: Drawn) -> None:
    none = declared([], date(2022, 1, 1), date(2025, 1, 1))
    laws = [fit_law(read_log(as_table(published), SETTINGS, b)) for b in (None, none)]
    one, two = (draw_events(law, generator("tests/no break")) for law in laws)
    assert np.array_equal(one.start, two.start) and np.array_equal(np.diff(laws[0].dates), np.ones(laws[0].days))


def test_a_continuous_population_is_about_as_large_and_as_spread_as_the_log(published: Drawn) -> None:
    law = fit_law(read_log(as_table(published), SETTINGS))
    sizes = [len(draw_events(law, generator(f"tests/size {i}")).unit) for i in range(5)]
    assert np.mean(sizes) == pytest.approx(len(published.unit), rel=0.05)
    frame, _, source = populations(published)
    drawn = pd.DataFrame(next(iter(source.continuous(1, 1))), columns=frame.columns)
    for name in ("n_calls", "n_days_active", "recency_days", "median_dur_sec", "share_business_hours"):
        gap = np.abs(np.subtract(*(np.searchsorted(np.sort(d[name]), np.sort(frame[name]), "right") / len(d)
                                   for d in (drawn, frame)))).max()  # fmt: skip
        assert gap < 0.2, name
    again, other = (next(iter(source.continuous(1, seed))) for seed in (1, 2))
    assert np.array_equal(drawn.to_numpy(), again) and not np.array_equal(again, other)


def days_of(calls: Drawn) -> pd.DataFrame:
    """Return calls, days with any, and days from the first to the last, by caller."""
    by = pd.DataFrame({"unit": calls.unit, "day": calls.start // DAY}).groupby("unit")["day"]
    return pd.DataFrame({"calls": by.size(), "active": by.nunique(), "span": by.max() - by.min()})


def test_callers_of_one_day_are_as_many_as_in_the_log(published: Drawn) -> None:
    """A share of 2,091 callers has a standard error of 0.011: drawn logs are within three of them, on average and by calls."""
    seen, law = days_of(published), fit_law(read_log(as_table(published), SETTINGS))
    drawn = pd.concat([days_of(draw_events(law, generator(f"tests/one day {i}"))) for i in range(5)])
    assert (drawn["active"] == 1).mean() == pytest.approx((seen["active"] == 1).mean(), abs=0.033)
    for calls in (2, 3, 4):
        own, other = (f.loc[f["calls"] == calls, "active"] == 1 for f in (seen, drawn))
        error = np.sqrt(own.mean() * (1 - own.mean()) * (1 / len(own) + 1 / len(other)))
        assert other.mean() == pytest.approx(own.mean(), abs=3 * error), calls


def test_the_law_is_found_again_in_logs_that_are_drawn_from_it(published: Drawn) -> None:
    """Fitted to a log of its own, the law draws days, stretches and pauses like those of that log."""
    law = fit_law(read_log(as_table(published), SETTINGS))
    one = draw_events(law, generator("tests/own/one"))
    two = draw_events(fit_law(read_log(as_table(one), SETTINGS)), generator("tests/own/two"))
    first, second = days_of(one), days_of(two)
    for name in first:
        gap = distances_of_margins(first[[name]].to_numpy(np.float64), second[[name]].to_numpy(np.float64))
        assert gap[0] < 1.95 * np.sqrt(2 / len(first)), name  # exceeded in 1 of 1,000 pairs of samples (Smirnov 1948)


def test_margins_of_days_are_near_those_of_the_log(published: Drawn) -> None:
    frame, _, source = populations(published)
    drawn = list(source.continuous(4, 1))
    gaps = np.mean([distances_of_margins(frame.to_numpy(np.float64), values) for values in drawn], axis=0)
    found = dict(zip(frame.columns, gaps, strict=True))
    assert max(found[n] for n in ("tenure_days", "recency_days", "n_days_active", "calls_per_tenure_day")) < 0.075


def test_pauses_within_a_day_count_from_its_first_event() -> None:
    start = np.array([30, 10, DAY + 5, 10, DAY + 65, 12])
    unit = np.array([0, 0, 0, 1, 0, 1])
    since, first = since_first(unit, start)
    assert since.tolist() == [20, 0, 0, 0, 60, 2] and first.tolist() == [False, True, True, True, False, False]


def test_one_query_or_several_give_the_same(published: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    few = Drawn(*(v[published.unit < 200] for v in (published.unit, published.start, published.amount)))
    _, _, source = populations(few)
    whole = list(source.exchangeable(3, 1))
    monkeypatch.setattr("segkit.studies.events.populations.AT_ONCE", 1)
    assert all(np.array_equal(a, b) for a, b in zip(whole, source.exchangeable(3, 1), strict=True))


def rejections(null: str, sets: int, units: int = 45) -> int:
    """Count how often a null is beaten by logs that were drawn from it."""
    base = homogeneous(units, "tests/own null")
    law = fit_law(read_log(as_table(base), SETTINGS))
    out = 0
    for i in range(sets):
        rng = generator(f"tests/own null {i}")
        drawn = (
            Drawn(rng.permutation(base.unit), base.start, base.amount)
            if null == "exchangeable"
            else draw_events(law, rng)
        )
        frame, blocks, source = populations(drawn)
        out += beats(frame, blocks, getattr(source, null), QUICK, i)
    return out


@pytest.mark.parametrize("null", ["exchangeable", "continuous"])
def test_a_null_rejects_at_its_level_where_it_is_true(null: str) -> None:
    """Ten logs drawn from the null itself, tested at 1 in 20: four or more rejections have a chance of 0.1 %."""
    assert rejections(null, 10) <= 3


def beats_all(calls: Drawn, seed: int) -> bool:
    """Tell whether a log beats every null; those after the first that it does not beat are left out, the quickest first."""
    frame, blocks, source = populations(calls)
    values, several = frame.to_numpy(), (frame["n_calls"] > 1).to_numpy()
    nulls: tuple[Replicates, ...] = (
        lambda count, root: copula_draws(values, several, count, root),
        source.exchangeable,
        source.continuous,
    )
    return all(beats(frame, blocks, null, QUICK, seed) for null in nulls)


def test_one_kind_of_caller_is_at_most_reproducible() -> None:
    """Logs of one kind of caller, of a law that is not the fitted one: natural needs all of the nulls beaten.

    The chances to be wrong are those of a hundred logs of which ten may: 0.2 % where 1 log in 25 is natural, 0.6 % where
    1 in 5 is. Mostly thirty to fifty logs tell.
    """
    natural = (beats_all(homogeneous(60, f"tests/one kind {i}"), i) for i in range(100))
    assert seldom(natural, 0.04, 0.2, alarm=0.002, miss=0.006)


# The fits


def test_counts_have_the_observed_mean_and_the_fitted_quantiles() -> None:
    """Log-logistic numbers, rounded up: odds of being above x are (x / median) ** -shape."""
    share = (np.arange(4000) + 0.5) / 4000
    counts = np.ceil(5.0 * (share / (1 - share)) ** (1 / 1.5)).astype(np.int64)
    median, shape = fits.counts_law(counts)
    assert median == pytest.approx(5.0, rel=0.05) and shape == pytest.approx(1.5, rel=0.05)
    alike = fits.counts_law(np.full(30, 7))
    assert np.ceil(alike[0]) == 7


def test_tastes_are_found_again() -> None:
    rng = generator("tests/tastes")
    alpha = np.array([6.0, 3.0, 1.0])
    counts = np.array([rng.multinomial(12, p) for p in rng.dirichlet(alpha, 1500)])
    assert fits.dirichlet(counts) == pytest.approx(alpha, rel=0.12)


def ones(units: int) -> Floats:
    return np.ones((units, 1))


def test_laws_have_one_peak_each() -> None:
    """Half of the units always do, half never: fitted freely, each of these laws would have a peak at either end."""
    both = np.array([[9, 0], [0, 9]] * 50)
    assert fits.dirichlet(both).sum() >= fits.ONE_PEAK - 1e-6
    for slopes in (
        fits.beta_binomial(both[:, 0], both.sum(axis=1), ones(100)),
        fits.beta_regression(np.array([0.01, 0.99] * 50), ones(100)),
    ):
        a, b = fits.beta_parameters(slopes, ones(1))
        assert (a >= 1).all() and (b >= 1).all()
        assert a == pytest.approx(1, abs=0.01) and b == pytest.approx(1, abs=0.01)  # the even law is the nearest


def beta_units(name: str, units: int) -> tuple[Floats, Floats, Floats]:
    """Return traits of units, the slopes of their beta laws, and a share of each."""
    rng = generator(name)
    traits = np.column_stack([np.ones(units), rng.random(units)])
    slopes = np.array([[0.7, 1.0], [1.4, -1.0]])
    return traits, slopes, rng.beta(*fits.beta_parameters(slopes, traits))


def test_shares_that_go_with_traits_are_found_again() -> None:
    traits, slopes, shares = beta_units("tests/shares", 6000)
    assert fits.beta_regression(shares, traits) == pytest.approx(slopes, abs=0.2)


def test_days_are_found_again() -> None:
    traits, slopes, shares = beta_units("tests/days", 8000)
    rng = generator("tests/days/hits")
    trials = rng.integers(0, 40, 8000)
    assert fits.beta_binomial(rng.binomial(trials, shares), trials, traits) == pytest.approx(slopes, abs=0.3)


def test_odds_are_those_of_statsmodels() -> None:
    from statsmodels.api import Logit

    traits, _, shares = beta_units("tests/odds", 300)
    hits = generator("tests/odds/hits").random(300) < shares
    assert fits.logistic(hits, traits) == pytest.approx(Logit(hits, traits).fit(disp=0).params, abs=1e-4)


def test_regressions_of_nothing_have_an_answer() -> None:
    none, yes = np.empty((0, 2)), np.ones(5, dtype=bool)
    a, b = fits.beta_parameters(fits.beta_regression(np.empty(0), none), np.ones((3, 2)))
    assert a == pytest.approx(1, abs=1e-4) and b == pytest.approx(1, abs=1e-4)
    assert fits.logistic(yes[:0], none).tolist() == [0, 0]
    assert fits.logistic(yes, ones(5))[0] > 5  # where all do, hardly anybody does not


def test_variances_are_those_of_an_analysis_by_hand() -> None:
    """Two units, values 1, 3 and 5, 9: within (2 + 8) / 2 = 5; between ((2 x (2.5^2) x 2) - 5) / 2 = 10."""
    mean, between, residuals = fits.variances(np.array([1.0, 3, 5, 9]), np.array([0, 0, 1, 1]))
    assert (mean, between**2) == pytest.approx((4.5, 10.0))
    assert residuals == pytest.approx(np.sqrt(2) * np.array([-1, 1, -2, 2]))


@pytest.mark.parametrize(
    "calls",
    [
        Drawn(np.arange(9), START + np.arange(9) * DAY, np.arange(9)),  # one call each
        Drawn(np.arange(12) // 4, START + np.arange(12) * 600, np.full(12, 60)),  # one day
        Drawn(np.arange(12) // 4, START + np.arange(12) % 4 * DAY, np.full(12, 60)),  # all alike
        Drawn(np.array([0, 1, 1]), START + np.array([0, 0, DAY]), np.array([0, 0, 0])),  # two callers
    ],
)
def test_logs_that_tell_little_still_have_a_population(calls: Drawn) -> None:
    law = fit_law(read_log(as_table(calls), SETTINGS))
    drawn = draw_events(law, generator("tests/little"))
    assert set(drawn.unit) == set(calls.unit)
    assert calls.start.min() // DAY <= drawn.start.min() // DAY and drawn.start.max() <= calls.start.max()
    assert (drawn.amount >= 0).all()


def test_nothing_that_is_given_is_changed(published: Drawn) -> None:
    before: list[Floats] = [v.copy() for v in (published.unit, published.start, published.amount)]
    _, _, source = populations(published)
    list(source.exchangeable(1, 1)), list(source.continuous(1, 1))
    now = (published.unit, published.start, published.amount)
    assert all(np.array_equal(a, b) for a, b in zip(before, now, strict=True))
