"""Conversations, what pairs are divided by, and the threshold between conversations, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_messages import START, MadeLog, Message, log_of, random_log

from segkit.config import Conversations
from segkit.features.conversations import conversation_of, conversations, until
from segkit.features.pairs import MODEL_BLOCKS, pair_features
from segkit.features.splitting import gap_mixture, splitting

SETTINGS = Conversations()


def settings(hours: float) -> Conversations:
    return Conversations(gap_hours=hours)


def slowly(frame: pd.DataFrame, hours: float) -> list[int]:
    """Number conversations one message at a time."""
    last: dict[str, pd.Timestamp] = {}
    number: dict[str, int] = {}
    out = []
    for pair, time in zip(frame["pair"], frame["time"], strict=True):
        new = pair in last and time - last[pair] > pd.Timedelta(hours=hours)
        number[pair] = number.get(pair, -1 if pair not in last else 0) + int(new or pair not in last)
        last[pair] = time
        out.append(number[pair])
    return out


def test_a_gap_of_exactly_the_threshold_stays_within_the_conversation() -> None:
    second = 1 / 3600
    log = log_of([Message(0), Message(4), Message(8 + second), Message(12 + second), Message(12 + second)])
    assert conversation_of(log.frame, 4).tolist() == [0, 0, 1, 1, 1]
    assert conversation_of(log.frame, 4 + second).tolist() == [0] * 5
    microsecond = log_of([Message(0), Message(4), Message(8 + 1e-6 / 3600 * 2)])
    assert conversation_of(microsecond.frame, 4).tolist() == [0, 0, 1]


@pytest.mark.parametrize("hours", [0.5, 4, 24])
def test_conversations_are_those_that_a_plain_loop_finds(hours: float) -> None:
    log = random_log(np.random.default_rng(1), 800, 25)
    assert conversation_of(log.frame, hours).tolist() == slowly(log.frame, hours)
    assert len(conversations(log, hours)) == len(set(zip(log.frame["pair"], slowly(log.frame, hours), strict=True)))


def test_a_conversation_has_the_figures_that_a_hand_gives_it() -> None:
    log = log_of(
        [
            Message(0), Message(0.5, price=10), Message(1, price=20, purchased=True), Message(2, tips=3),
            Message(2.5, price=5, purchased=True), Message(0, "b"), Message(30, price=7),
        ],
        end=78,
    )  # fmt: skip
    found = conversations(log, 4)
    assert list(found["pair"]) == ["a", "b", "a"] and list(found["number"]) == [0, 0, 1]
    first, alone, second = (found.iloc[i] for i in range(3))
    assert (first["message_count"], first["duration_hours"], first["revenue"]) == (5, 2.5, 28.0)
    assert (first["offer_count"], first["purchase_count"]) == (3, 2) and first["purchase_rate"] == pytest.approx(2 / 3)
    assert (first["messages_before_first_purchase"], first["time_to_first_purchase_hrs"]) == (2, 1.0)
    assert first["days_between_first_last_purchase"] == pytest.approx(1.5 / 24)
    assert first["days_since_last_message"] == pytest.approx(75.5 / 24)
    assert np.isnan(
        [alone[c] for c in ("purchase_rate", "messages_before_first_purchase", "time_to_first_purchase_hrs")]
    ).all()
    assert alone["duration_hours"] == 0 and alone["message_count"] == 1
    assert (second["purchase_rate"], second["purchase_count"]) == (0.0, 0)
    # The last message is exactly two days before the end, and active is less than that.
    assert not found["active"].any() and conversations(log, 4, active_hours=48.01)["active"].tolist() == [
        False,
        False,
        True,
    ]


def test_a_purchase_is_placed_by_time_and_its_ties_by_the_file() -> None:
    log = log_of([Message(1, price=9, purchased=True), Message(0), Message(1), Message(1, price=9, purchased=True)])
    found = conversations(log, 4).iloc[0]
    assert (found["messages_before_first_purchase"], found["days_between_first_last_purchase"]) == (1, 0)


def test_sums_over_conversations_are_those_of_the_log() -> None:
    log = random_log(np.random.default_rng(2), 500, 20)
    for hours in (0.5, 6.0, 24.0):
        found = conversations(log, hours)
        assert found["message_count"].sum() == 500 and found["revenue"].sum() == pytest.approx(
            log.frame["revenue"].sum()
        )
        assert found["purchase_count"].sum() == log.frame["purchased"].sum()


def test_one_message_is_a_conversation_and_a_pair() -> None:
    log = log_of([Message(0)])
    assert len(conversations(log, 4)) == 1 and conversations(log, 4)["active"].all()
    table = pair_features(log, SETTINGS)
    assert table.frame.shape[0] == 1 and np.isfinite(table.frame.to_numpy()).all()
    found = splitting(log)
    assert (found.table["conversations"] == 1).all() and np.isnan(found.least) and not found.mixture.separates
    nothing = MadeLog(log.frame.iloc[:0], False, False, log.as_of)
    assert len(conversations(nothing, 4)) == 0 and len(pair_features(nothing, SETTINGS).frame) == 0


def test_messages_out_of_order_and_thresholds_of_nothing_are_refused() -> None:
    log = log_of([Message(0), Message(1)])
    with pytest.raises(ValueError, match="sorted by time"):
        conversation_of(log.frame[::-1], 4)
    with pytest.raises(ValueError, match="above 0"):
        conversation_of(log.frame, 0)


def test_pairs_have_the_figures_that_a_hand_gives_them() -> None:
    log = log_of(
        [
            Message(0, inbound=np.nan), Message(1), Message(25), Message(26, price=8, purchased=True), Message(27, price=8),
            Message(3, "b"),
        ],
        end=72,
    )  # fmt: skip
    table = pair_features(log, SETTINGS)
    a, b = table.frame.loc["a"], table.frame.loc["b"]
    assert (a["messages"], a["conversations"], a["active_days"], a["days_known"]) == (5, 2, 2, 3)
    assert a["log_messages"] == pytest.approx(np.log(5)) and a["messages_per_conversation"] == pytest.approx(
        np.log(2.5)
    )
    assert a["days_silent"] == pytest.approx(45 / 24) and a["conversations_per_day"] == pytest.approx(2 / 4)
    assert a["conversation_length"] == pytest.approx(np.log1p(180 / 2)) and b["conversation_length"] == 0
    assert a["usual_gap"] == pytest.approx(np.log(61)) == b["usual_gap"]  # all gaps within conversations are of an hour
    assert a["share_inbound"] == 0.8 and b["share_inbound"] == 1
    assert (a["offers"], a["purchases"]) == (2, 1) and a["purchase_rate"] == pytest.approx(1.5 / 3)
    assert (b["offers"], b["purchase_rate"]) == (0, 0.5) and a["log_revenue"] == pytest.approx(np.log(9))


def test_segments_see_how_people_write_and_not_what_they_pay() -> None:
    log = random_log(np.random.default_rng(3), 400, 20)
    free = MadeLog(log.frame.assign(price=np.nan, tips=np.nan, revenue=np.nan, purchased=False), True, False, log.as_of)
    with_money, without = pair_features(log, SETTINGS), pair_features(free, SETTINGS)
    assert with_money.model_blocks == MODEL_BLOCKS == without.model_blocks
    pd.testing.assert_frame_equal(with_money.model_frame.sort_index(), without.model_frame.sort_index())
    assert not any(c.block == "money" for c in without.columns) and "purchase_count" not in conversations(free, 4)
    assert splitting(free).table["with_purchase"].isna().all()


def test_a_log_without_texts_has_no_share_of_them_and_one_of_both_sides_has() -> None:
    plain = log_of([Message(0), Message(1, "b")], has_text=False)
    assert "share_inbound" not in pair_features(plain, SETTINGS).frame
    both = log_of([Message(0), Message(1, by_subscriber=False), Message(2, "b")], has_text=False)
    assert pair_features(both, SETTINGS).frame["share_inbound"].to_dict() == {"a": 0.5, "b": 1.0}


def test_a_log_as_of_a_moment_does_not_hang_on_what_follows() -> None:
    log = random_log(np.random.default_rng(4), 600, 20)
    moment = START + pd.Timedelta(hours=100)
    before = log.frame[log.frame["time"] <= moment]
    later = log.frame.loc[log.frame["time"] > moment].assign(pair="p00000", purchased=True, revenue=1e6)
    other = MadeLog(pd.concat([before, later]), True, True, log.as_of)
    one, two = (until(x, moment) for x in (log, other))
    assert one.as_of == moment and len(one.frame) == len(before)
    pd.testing.assert_frame_equal(pair_features(one, SETTINGS).frame, pair_features(two, SETTINGS).frame)
    pd.testing.assert_frame_equal(conversations(one, 4), conversations(two, 4))
    assert len(until(log, log.frame["time"].iloc[5]).frame) == 6  # the moment itself is seen


def test_names_of_pairs_and_the_log_itself_change_nothing() -> None:
    log = random_log(np.random.default_rng(5), 300, 12)
    kept = log.frame.copy()
    table = pair_features(log, SETTINGS)
    other = MadeLog(log.frame.assign(pair="z" + log.frame["pair"].str[::-1]), True, True, log.as_of)
    assert pair_features(other, SETTINGS).fingerprint == table.fingerprint
    pd.testing.assert_frame_equal(log.frame, kept)


def bimodal(rng: np.random.Generator, n: int, short: float, long: float, spread: float) -> np.ndarray:
    """Return gaps of two kinds, in hours."""
    logs = np.where(rng.random(n) < 0.7, rng.normal(np.log(short), spread, n), rng.normal(np.log(long), spread, n))
    return np.exp(logs)


def test_the_threshold_of_two_planted_kinds_of_gaps_is_where_their_densities_cross() -> None:
    """With equal spreads: midway between the means, moved by the variance times the log odds over their distance."""
    short, long, spread = 0.1, 20.0, 0.8
    found = gap_mixture(bimodal(np.random.default_rng(6), 8000, short, long, spread))
    distance = np.log(long / short)
    expected = np.exp((np.log(short) + np.log(long)) / 2 + spread**2 * np.log(0.7 / 0.3) / distance)
    assert found.separates and found.hours == pytest.approx(expected, rel=0.1)
    assert found.short == pytest.approx(short, rel=0.1) and found.long == pytest.approx(long, rel=0.1)
    assert found.weight == pytest.approx(0.3, abs=0.02) and found.apart == pytest.approx(distance / spread, rel=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_gaps_of_one_kind_do_not_name_a_threshold(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert not gap_mixture(np.exp(rng.normal(0, 1.5, 2000))).separates
    exponential = gap_mixture(
        rng.exponential(5, 2000)
    )  # skewed on the log scale: two parts fit better, and are not apart
    assert exponential.evidence > 10 and not exponential.separates
    few = gap_mixture(bimodal(rng, 30, 0.1, 20, 0.5))
    assert not few.separates and np.isnan(few.hours)
    same = gap_mixture(np.repeat([1.0, 0.0], 100))
    assert not same.separates and (same.gaps, same.ties) == (100, 100)


def test_conclusions_move_where_the_threshold_cuts_and_stay_where_it_does_not() -> None:
    """Gaps of ten minutes within, and of 30 hours between conversations: any threshold between finds the same ones."""
    rng = np.random.default_rng(7)
    messages = []
    for p in range(30):
        at = float(p)
        for _ in range(int(rng.integers(2, 9))):
            for _ in range(int(rng.integers(1, 9))):
                at += 1 / 6
                messages.append(Message(at, f"p{p:02d}"))
            at += 30
    found = splitting(log_of(messages), [0.1, 1, 4, 24, 48])
    table = found.table.set_index("hours")
    assert table.loc[1.0, "agreement"] == pytest.approx(1) == table.loc[24.0, "agreement"]
    assert table.loc[1.0, "conversations"] == table.loc[24.0, "conversations"]
    assert table.loc[0.1, "conversations"] == len(messages) and table.loc[48.0, "conversations"] == 30
    assert found.moved.set_index(["hours", "feature"]).loc[(48.0, "messages_per_conversation"), "correlation"] < 0.95
    assert found.chosen == 4 and found.to_json()["thresholds"][0]["hours"] == 0.1 and "<table" in found._repr_html_()


def test_more_silence_never_makes_more_conversations() -> None:
    log = random_log(np.random.default_rng(8), 700, 30)
    table = splitting(log).table
    assert table["conversations"].is_monotonic_decreasing and table["mean_messages"].is_monotonic_increasing
    assert table["mean_messages"].to_numpy() == pytest.approx(700 / table["conversations"].to_numpy())


def test_the_same_log_is_split_the_same_way_twice() -> None:
    log = random_log(np.random.default_rng(9), 600, 20)
    assert splitting(log).to_json() == splitting(log).to_json()
