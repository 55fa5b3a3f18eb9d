"""BG/NBD as a rival of the segments: on where its columns are named, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from lives_made import event_log
from planted_activity import DAYS, FIRST

from segkit.engine.bgnbd import Parameters
from segkit.engine.buy_till_die import buy_till_die
from segkit.engine.capacity import capacity
from segkit.engine.forecasts import BGNBD, POLICIES, Forecast, Life, Roles, Snapshot, forecast, lives
from segkit.engine.usefulness import Usefulness, usefulness

OFF = Roles("since", "events", "amount")
ON = OFF._replace(life=Life("days", "tenure"))
BLOCKS = {"volume": ["events", "amount"], "recency": ["since", "tenure"]}
PACES = Parameters(0.6, 40.0, 0.9, 2.5)  # per day


def snapshot(log: pd.DataFrame, day: int) -> Snapshot:
    """Make features at a day of the log, and events of the 90 days after it."""
    by = log[log["day"] < day].groupby("unit")["day"]
    frame = pd.DataFrame({"events": by.size(), "days": by.agg(lambda d: d.astype(int).nunique())}).astype(float)
    frame = frame.assign(
        since=day - by.max(), tenure=by.max() - by.min(), amount=frame["events"] * (1 + frame.index % 3)
    )
    after = log[(log["day"] >= day) & (log["day"] < day + 90)].groupby("unit").size()
    when = FIRST + timedelta(days=day)
    return Snapshot(when, when + DAYS, frame, after.reindex(frame.index, fill_value=0))


@pytest.fixture(scope="module")
def snaps() -> list[Snapshot]:
    log = event_log(PACES, 1500, 640, 3)
    return [snapshot(log, day) for day in (360, 450, 540)]


def made(past: Snapshot, now: Snapshot, roles: Roles) -> Forecast:
    in_use = pd.Series(1 + np.arange(len(now.frame)) % 3, index=now.frame.index)
    found = forecast(past, now, BLOCKS, in_use, roles, k=3, clip=0.01, cap=10.0, seed=1)
    assert found is not None
    return found


def judged(forecasts: list[Forecast]) -> Usefulness:
    return usefulness(forecasts, forecasts[-1].segment.index, k=3, seed=1, draws=40)


def test_what_the_others_do_is_the_same_to_the_last_bit(snaps: list[Snapshot]) -> None:
    off, on = made(snaps[0], snaps[1], OFF), made(snaps[0], snaps[1], ON)
    assert off.policies == POLICIES and on.policies == (*POLICIES, BGNBD)
    for one, two in ((off.order, on.order), (off.rate, on.rate)):
        pd.testing.assert_frame_equal(one, two[list(POLICIES)], check_exact=True)
    without, beside = judged([off]), judged([on])
    for table in ("table", "summary", "calibration", "bins"):
        one, two = getattr(without, table), getattr(beside, table)
        pd.testing.assert_frame_equal(one, two[two["policy"] != BGNBD].reset_index(drop=True), check_exact=True)
    pd.testing.assert_frame_equal(without.comparisons, beside.comparisons.iloc[:-1], check_exact=True)
    curves, more = (capacity([f], f.segment.index, [50.0, 200.0], seed=1, draws=40) for f in (off, on))
    pd.testing.assert_frame_equal(
        curves.table, more.table[more.table["order"] != BGNBD].reset_index(drop=True), check_exact=True
    )
    assert curves.orders == (*POLICIES, "random") and more.orders == (*POLICIES, BGNBD, "random")
    assert (
        more.to_json().keys() - curves.to_json().keys() == {BGNBD} == beside.to_json().keys() - without.to_json().keys()
    )


def test_it_predicts_the_events_of_its_own_kind(snaps: list[Snapshot]) -> None:
    """Units of the model itself: shares come true, and no column does better."""
    forecasts = [made(a, b, ON) for a, b in pairwise(snaps)]
    found = judged(forecasts)
    assert all(found.of(BGNBD)["auc"] >= found.of(p)["auc"] - 0.005 for p in ("segments", "recency", "count", "rfm"))
    own = found.calibration[found.calibration["policy"] == BGNBD]
    assert own["expected"].to_numpy() == pytest.approx(own["observed"].to_numpy(), abs=0.04)
    for f in forecasts:
        assert f.order[BGNBD].sum() == pytest.approx(f.events.sum(), rel=0.2)


def test_it_is_what_the_model_says_of_the_lives(snaps: list[Snapshot]) -> None:
    past, now = snaps[:2]
    params = buy_till_die(*lives(past.frame, "since", Life("days", "tenure"))).params
    assert params is not None
    assert params.alpha == pytest.approx(PACES.alpha / 7, rel=0.5)  # in weeks
    x = now.frame["days"] - 1
    t_x, age = now.frame["tenure"].where(x > 0, 0) / 7, (now.frame["tenure"] + now.frame["since"]) / 7
    f = made(past, now, ON)
    assert f.order[BGNBD].to_numpy() == pytest.approx(params.expected(90 / 7, x, t_x, age))
    assert f.rate[BGNBD].to_numpy() == pytest.approx(params.active(90 / 7, x, t_x, age))


def test_it_forecasts_as_many_days_as_are_watched(snaps: list[Snapshot]) -> None:
    """Its times are of watched days, so a window half of which is not watched is half as long; order and shares follow."""
    past, now = snaps[:2]
    assert now.weeks == 90 / 7 and replace(now, watched=45).weeks == 45 / 7
    whole, half = made(past, now, ON), made(past, replace(now, watched=45), ON)
    params = buy_till_die(*lives(past.frame, "since", Life("days", "tenure"))).params
    assert params is not None
    assert half.rate[BGNBD].to_numpy() == pytest.approx(params.active(45 / 7, *lives(now.frame, "since", ON.life)))
    assert (half.rate[BGNBD] < whole.rate[BGNBD]).all() and half.rate["boosting"].equals(whole.rate["boosting"])


def test_nothing_after_either_date_changes_what_it_predicts(snaps: list[Snapshot]) -> None:
    past, now = snaps[:2]
    other = [replace(s, events=s.events.sample(frac=1, random_state=1).set_axis(s.events.index)) for s in (past, now)]
    one, two = made(past, now, ON), made(other[0], other[1], ON)
    assert one.order[BGNBD].equals(two.order[BGNBD]) and one.rate[BGNBD].equals(two.rate[BGNBD])
    assert not one.order["boosting"].equals(two.order["boosting"])


def test_where_it_cannot_be_fitted_it_is_left_out_at_every_date(snaps: list[Snapshot]) -> None:
    single = replace(snaps[0], frame=snaps[0].frame.assign(days=1.0))
    none, there = made(single, snaps[1], ON), made(snaps[1], snaps[2], ON)
    assert none.policies == POLICIES and there.policies == (*POLICIES, BGNBD)
    assert (
        judged([none, there]).summary["policy"].tolist()
        == judged([there, none]).summary["policy"].tolist()
        == [*POLICIES]
    )
