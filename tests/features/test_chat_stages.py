"""Published stages at their edges, and states that do not look ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_messages import START, Message, log_of, random_log

from segkit.features.chat_stages import STATES, prospective, published_stages, stage_counts
from segkit.inference.moves import move_rates

NEVER, ONCE, AGAIN = STATES


def bought(*flags: int, pair: str = "a") -> list[Message]:
    return [Message(i, pair, price=5.0 * f, purchased=bool(f)) for i, f in enumerate(flags)]


def at(hours: float) -> pd.Timestamp:
    return START + pd.Timedelta(hours=hours)


@pytest.mark.parametrize(
    ("flags", "stages"),
    [
        ((0, 0, 0), [1, 1, 1]),
        ((0, 1, 0, 0), [1, 1, 3, 3]),  # one purchase: there is nothing between first and last
        ((0, 1, 0, 1, 0), [1, 1, 2, 2, 3]),
        ((1, 0, 1), [1, 2, 2]),
        ((1,), [1]),
        ((0,), [1]),
        ((1, 1, 1), [1, 2, 2]),
        ((0, 1, 0, 1, 0, 1, 0, 0), [1, 1, 2, 2, 2, 2, 3, 3]),
    ],
)
def test_published_stages_are_those_of_the_rule(flags: tuple[int, ...], stages: list[int]) -> None:
    assert published_stages(log_of(bought(*flags)).frame).tolist() == stages


def test_messages_of_one_moment_go_in_the_order_of_the_file() -> None:
    frame = log_of([Message(1, purchased=b, price=5) for b in (False, True, False, True, False)]).frame
    assert published_stages(frame).tolist() == [1, 1, 2, 2, 3]


def test_pairs_do_not_touch_each_other() -> None:
    frame = log_of([*bought(0, 1, 0, 1, 0), *bought(0, 0, 1, 0, 0, pair="b")]).frame
    found = published_stages(frame)
    assert found[frame["pair"] == "a"].tolist() == [1, 1, 2, 2, 3]
    assert found[frame["pair"] == "b"].tolist() == [1, 1, 1, 3, 3]


def test_what_could_not_be_known_is_what_another_future_changes() -> None:
    """A row's stage is known if the rows up to it give the same one whatever follows: nothing, or another purchase."""
    log = random_log(np.random.default_rng(1), 300, 15)
    frame, stages = log.frame, published_stages(log.frame)
    unknown = 0
    for i in range(len(frame)):
        seen = frame.iloc[: i + 1]
        later = frame.iloc[[i]].assign(purchased=True, time=frame["time"].iloc[i] + pd.Timedelta(hours=1))
        futures = {int(published_stages(f).iloc[i]) for f in (seen, pd.concat([seen, later], ignore_index=True))}
        assert int(stages.iloc[i]) in futures
        unknown += len(futures) > 1
    found = stage_counts(frame)
    assert found.table["unknown"].sum() == unknown > 0 and found.leak == unknown / 300
    assert found.table["rows"].sum() == 300 and found.table.loc[0, "unknown"] == 0


def test_stages_are_counted_by_rows_and_pairs() -> None:
    found = stage_counts(log_of([*bought(0, 1, 0, 1, 0), *bought(0, 0, pair="b"), *bought(1, 0, pair="c")]).frame)
    assert found.table["rows"].tolist() == [5, 2, 2] and found.table["pairs"].tolist() == [3, 1, 2]
    assert (found.pairs, found.buyers, found.again) == (3, 2, 1)
    assert found.table["unknown"].tolist() == [0, 1, 2] and found.to_json()["leak"] == pytest.approx(3 / 9)
    nothing = stage_counts(log_of([Message(0)]).frame.iloc[:0])
    assert nothing.table["rows"].tolist() == [0, 0, 0] and np.isnan(nothing.leak)


def test_a_pair_goes_through_the_states_that_a_hand_gives_it() -> None:
    log = log_of(
        [Message(0), Message(10, price=5, purchased=True), Message(80), Message(90, price=5, purchased=True)], end=200
    )
    found = prospective(log.frame, log.as_of)
    spells = found.spells
    assert list(zip(spells["state"], spells["silent"], spells["move"].fillna(""), strict=True)) == [
        (NEVER, False, "buys"), (ONCE, False, "falls silent"), (ONCE, True, "returns"), (ONCE, False, "buys"),
        (AGAIN, False, "falls silent"), (AGAIN, True, ""),
    ]  # fmt: skip
    hours = ((spells["end"] - spells["start"]) / pd.Timedelta(hours=1)).tolist()
    assert hours == [10, 48, 22, 10, 48, 62] and sum(hours) == 200
    moves = found.moves.set_index(["move", "state"])
    assert (
        moves.loc[("falls silent", ONCE), "events"] == 1 and moves.loc[("falls silent", ONCE), "pair_days"] == 58 / 24
    )
    assert moves.loc[("returns", ONCE), "pair_days"] == 22 / 24 and moves.loc[("buys", NEVER), "events"] == 1
    assert moves.loc[("returns", AGAIN), "events"] == 0


def test_silence_begins_with_its_last_hour_and_a_message_then_comes_in_time() -> None:
    exactly = prospective(log_of([Message(0), Message(48)], end=96).frame, at(96))
    assert exactly.spells["silent"].tolist() == [False, True]  # at the end the second silence has lasted 48 hours
    assert exactly.at(at(48)).loc["a", "silent"] == np.False_ and exactly.at(at(96)).loc["a", "silent"] == np.True_
    longer = prospective(log_of([Message(0), Message(48 + 1 / 3600)], end=90).frame, at(90))
    assert longer.spells["move"].tolist()[:2] == ["falls silent", "returns"]
    with pytest.raises(ValueError, match="above 0"):
        prospective(log_of([Message(0)]).frame, at(1), 0)


def test_a_first_message_that_buys_and_two_purchases_at_once_are_all_counted() -> None:
    log = log_of([Message(0, purchased=True, price=5), Message(0, purchased=True, price=5)], end=1)
    found = prospective(log.frame, log.as_of)
    assert found.spells["state"].tolist() == [NEVER, ONCE, AGAIN] and found.moves["events"].sum() == 2
    assert found.at(at(0)).loc["a", "state"] == AGAIN


def test_states_at_any_moment_are_those_of_the_log_up_to_it() -> None:
    """Whatever follows: other messages, or a planted purchase of every pair."""
    log = random_log(np.random.default_rng(2), 400, 30, hours=400)
    whole = prospective(log.frame, log.as_of)
    for hours in (50, 130, 250.5):
        moment = at(hours)
        before = log.frame[log.frame["time"] <= moment]
        planted = before.drop_duplicates("pair").assign(time=moment + pd.Timedelta(hours=1), purchased=True)
        other = prospective(pd.concat([before, planted], ignore_index=True), log.as_of)
        alone = prospective(before, moment)
        for found in (other, alone):
            pd.testing.assert_frame_equal(whole.at(moment), found.at(moment))
        known = whole.occupation["moment"] <= moment
        own = other.occupation[other.occupation["moment"] <= moment]
        pd.testing.assert_frame_equal(whole.occupation[known].reset_index(drop=True), own.reset_index(drop=True))
    planted_now = published_stages(pd.concat([before, planted], ignore_index=True)).iloc[: len(before)]
    assert (planted_now.to_numpy() != published_stages(before).to_numpy()).any()  # the published ones do move


def test_days_are_shared_out_over_states_and_nobody_is_lost() -> None:
    log = random_log(np.random.default_rng(3), 400, 40, hours=300)
    found = prospective(log.frame, log.as_of)
    begun = log.frame.groupby("pair")["time"].min()
    for moment, rows in found.occupation.groupby("moment"):
        assert rows["pairs"].sum() == (begun <= moment).sum() and (rows["pairs"] >= 0).all()
    days = (found.spells["end"] - found.spells["start"]).sum()
    assert days == (log.as_of - begun).sum()
    last = found.occupation[found.occupation["moment"] == log.as_of]
    states = found.at(log.as_of).value_counts()
    assert {(r.state, r.silent): r.pairs for r in last.itertuples() if r.pairs} == states.to_dict()


def test_later_messages_than_the_end_are_not_seen() -> None:
    log = random_log(np.random.default_rng(4), 200, 10)
    moment = at(100)
    cut = log.frame[log.frame["time"] <= moment]
    one, two = prospective(log.frame, moment), prospective(cut, moment)
    pd.testing.assert_frame_equal(one.spells, two.spells)
    assert one.to_json() == two.to_json() and "a" not in one.to_json() and "<table" in one._repr_html_()
    nobody = prospective(log.frame, START - pd.Timedelta(days=1))
    assert nobody.spells.empty and nobody.moves["events"].sum() == 0 and nobody.occupation.empty


def test_a_planted_rate_of_buying_lies_within_its_interval() -> None:
    """Messages every six hours, of which one in ten buys: 0.4 purchases per pair and day, so 0.4 in either state."""
    rng = np.random.default_rng(5)
    inside = 0
    for run in range(20):
        messages = [
            Message(6 * i + p / 100, f"p{p}", 5, bool(rng.random() < 0.1)) for p in range(60) for i in range(1, 20)
        ]
        start = [Message(p / 100, f"p{p}") for p in range(60)]
        log = log_of([*start, *messages])
        found = move_rates(prospective(log.frame, log.as_of).spells, seed=run, draws=200)
        # By chance per step, the rate of a state is p per six hours at risk.
        inside += bool(found.of("buys", NEVER)["low"] <= 0.4 <= found.of("buys", NEVER)["high"])
        assert found.of("buys", NEVER)["method"] == "bootstrap"
    assert inside >= 15


def test_few_events_have_the_exact_interval() -> None:
    """Garwood (1936): no event is compatible with up to 3.689, three with 0.619 to 8.767, at 95 %."""
    log = log_of([Message(0, p, 5, p in "abc") for p in "abcdefgh"], end=24)
    table = move_rates(prospective(log.frame, log.as_of).spells)
    never, silent = table.of("buys", ONCE), table.of("returns", NEVER)
    assert (never["events"], never["pair_days"], never["rate"]) == (0, 3, 0)
    assert never["low"] == 0 and never["high"] == pytest.approx(3.689 / 3, rel=1e-3)
    three = table.of("buys", NEVER)
    assert three["events"] == 3 and three["pair_days"] == 5 and three["method"] == "Poisson"
    assert three[["low", "high"]].tolist() == pytest.approx([0.619 / 5, 8.767 / 5], rel=1e-3)
    assert np.isnan(silent["rate"]) and np.isnan(silent["high"])
    assert table.to_json()["moves"][0]["move"] == "buys"
