"""Playbooks follow from numbers, in every way that these can turn out, and none has a forbidden text."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segkit.data.forbidden_tactics import NEVER, forbidden
from segkit.engine.verdict import NATURAL, NONE
from segkit.errors import BuildError
from segkit.studies import chat_policy, chat_trials
from segkit.studies.base import plain
from segkit.studies.chat_policy import BANDS, ChatPolicy, Playbook, hour_shares, policy

FIELDS = {
    "communication_style": ("playful", "brief"), "purchase_motivations": ("collecting", "loneliness", "companionship"),
    "personality_traits": ("curious", "insecure"), "relationship_status": ("single",), "age_indicators": ("fifties",),
    "emotional_needs": ("being_heard",), "life_events": ("divorce",),
}  # fmt: skip


def made(seed: int = 1, subscribers: int = 80, *, small: bool = False) -> tuple[pd.DataFrame, pd.Series]:
    """Return pairs in two segments, 1 with more messages, and a third one of four subscribers where it is asked for."""
    rng = np.random.default_rng(seed)
    of = np.repeat(np.arange(subscribers), rng.integers(1, 4, subscribers))
    label = 1 + of % 2
    pairs = pd.DataFrame(
        {
            "subscriber": [f"s{i:03d}" for i in of], "conversations": 2.0,
            "messages": np.where(label == 1, 60, 8) + rng.integers(0, 4, len(of)),
            "gap_hours": np.where(label == 1, 30.0, 100.0), "purchases": (rng.random(len(of)) < 0.4).astype(float),
        },
        index=pd.Index([f"p{i:03d}" for i in range(len(of))], name="pair"),
    )  # fmt: skip
    return pairs, pd.Series(np.where(small & (of < 4), 3, label), pairs.index)


def even(pairs: pd.DataFrame) -> pd.DataFrame:
    noise = np.random.default_rng(2).dirichlet(np.full(6, 30.0), len(pairs))
    return pd.DataFrame(noise, pairs.index, list(BANDS))


def profiles(pairs: pd.DataFrame, planted: pd.Series | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    columns = [(field, value) for field, values in FIELDS.items() for value in values]
    frame = pd.DataFrame(rng.random((len(pairs), len(columns))) < 0.3, pairs.index, pd.MultiIndex.from_tuples(columns))
    return frame if planted is None else frame | planted.to_numpy()[:, None]


def book(found: ChatPolicy, segment: int) -> Playbook:
    return next(p for p in found.items if p.segment == segment)


def buying(pairs: pd.DataFrame, labels: pd.Series, more: int) -> pd.DataFrame:
    """Return the pairs with purchases in one segment, and hardly any in the others."""
    seldom = np.random.default_rng(4).random(len(pairs)) < 0.1
    return pairs.assign(purchases=np.where(labels == more, 1.0 - seldom, seldom * 1.0))


def ways() -> Iterator[ChatPolicy]:
    """Yield a policy for every way that the numbers can turn out."""
    lengths = ((0.0, 0.2), (0.4, 1.0), (1.0, 9.0))  # share of pairs with a known gap, and how many messages
    for verdict, small, money, trait, (gaps, size) in product(
        (NONE, NATURAL), (False, True), ("none", "even", "one", "other"), (None, 0, 1), lengths
    ):
        pairs, labels = made(small=small, subscribers=40)
        if money in ("one", "other"):
            pairs = buying(pairs, labels, 1 if money == "one" else 2)
        pairs = pairs.drop(columns="purchases") if money == "none" else pairs
        pairs["gap_hours"] = pairs["gap_hours"].where(np.arange(len(pairs)) / len(pairs) < gaps)
        pairs["messages"] = np.ceil(pairs["messages"] * size)
        hours = even(pairs)
        if trait:
            hours.loc[labels == 2, "8-12"] += 1
        told = None if trait is None else profiles(pairs, labels == 2 if trait else None)
        yield policy(pairs, labels, hours, told, verdict=verdict, seed=1)


@pytest.fixture(scope="module")
def every() -> list[ChatPolicy]:
    deals = 39  # p may be 0.025; the texts are what counts here
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chat_policy, "marked", lambda *a, **k: chat_policy_marked(*a, deals=deals, **k))
        return list(ways())


chat_policy_marked = chat_policy.marked


def test_no_text_of_any_playbook_is_forbidden(every: list[ChatPolicy]) -> None:
    texts = {text for found in every for p in found.items for text in p.texts}
    assert {text: rules for text in texts if (rules := forbidden(text))} == {}
    assert len(every) == 144 and len(texts) > 60


def test_every_branch_is_among_them(every: list[ChatPolicy]) -> None:
    """Else the test before this one could miss a text."""
    books = [p for found in every for p in found.items]
    assert {p.action for p in books} == {
        chat_policy.FIRST, chat_policy.SAME, chat_policy.LAST, chat_policy.UNPAID, chat_policy.ALL, chat_policy.FEW
    }  # fmt: skip
    for part, words in {
        "style": ("are long", "are short", "of middle length", "at the length and in the tone"),
        "signs": (" hours pass", " as long, is unusual", "No usual time"), "description": ("bought something", "Too few"),
        "name": ("Long", "Short", "Small segment", "most with purchases", "most without purchases"),
    }.items():  # fmt: skip
        texts = [getattr(p, part) for p in books]
        assert [w for w in words if not any(w in text for text in texts)] == [], part
    assert any(p.times for p in books) and any(p.traits for p in books) and any(not p.times for p in books)


def test_where_there_is_no_segmentation_the_action_is_the_same_for_all(every: list[ChatPolicy]) -> None:
    none = every[: len(every) // 2]
    assert {p.action for found in none for p in found.items} == {chat_policy.ALL}
    assert all(p.action != chat_policy.ALL for found in every[len(every) // 2 :] for p in found.items)


@pytest.mark.parametrize("part", [f.name for f in dataclasses.fields(Playbook) if f.name not in ("segment", "never")])
def test_a_planted_tactic_in_any_part_makes_no_playbook(part: str) -> None:
    good = policy(*made(), even(made()[0]), verdict=NATURAL, seed=1).items[0]
    bad = "Only today! Write when they feel lonely."
    value = (bad,) if isinstance(getattr(good, part), tuple) else bad
    with pytest.raises(BuildError, match="urgency, vulnerability") as caught:
        dataclasses.replace(good, **{part: value})
    assert "lonely" not in str(caught.value)
    with pytest.raises(BuildError, match="what not to do"):
        dataclasses.replace(good, never=(*NEVER.values(), "Never stop."))


def test_every_playbook_says_what_not_to_do(every: list[ChatPolicy]) -> None:
    assert {p.never for found in every for p in found.items} == {tuple(NEVER.values())}


def test_buying_decides_by_a_test_of_subscribers() -> None:
    pairs, labels = made()
    same = policy(pairs, labels, even(pairs), verdict=NATURAL, seed=1)
    assert set(same.actions.values()) == {chat_policy.SAME}
    other = policy(buying(pairs, labels, 2), labels, even(pairs), verdict=NATURAL, seed=1)
    assert other.actions == {1: chat_policy.LAST, 2: chat_policy.FIRST}
    assert [p.segment for p in other.items] == [1, 2]  # the longest exchanges first
    assert [p.name for p in other.items] == [
        "Long exchanges, most without purchases",
        "Short exchanges, most with purchases",
    ]


def test_best_times_are_told_only_where_the_data_show_any() -> None:
    pairs, labels = made()
    hours = even(pairs)
    assert [p.times for p in policy(pairs, labels, hours, verdict=NATURAL, seed=1).items] == [(), ()]
    hours.loc[labels == 2, "16-20"] += 0.5
    hours = hours.div(hours.sum(axis=1), axis=0)
    found = policy(pairs, labels, hours, verdict=NATURAL, seed=1)
    mean, overall = (100 * h["16-20"].mean() for h in (hours[labels == 2], hours))
    assert book(found, 2).times == (f"16 to 20 h ({mean:.0f} % of their messages, {overall:.0f} % of all)",)
    assert not any(t.startswith("16") for t in book(found, 1).times)


def test_one_subscriber_with_many_messages_makes_no_best_time() -> None:
    """All pairs of three subscribers write in the morning: 30 of 60 pairs, and yet three draws."""
    of = [f"s{i}" for i in range(33)]
    subscribers = [s for i, s in enumerate(of) for _ in range(10 if i < 3 else 1)]
    index = pd.Index([f"p{i}" for i in range(60)], name="pair")
    pairs = pd.DataFrame({"subscriber": subscribers, "messages": 9, "conversations": 2, "gap_hours": 9.0}, index=index)
    morning = np.arange(60) < 30
    hours = pd.DataFrame(0.0, index, list(BANDS))
    hours["8-12"], hours["20-24"] = morning * 1.0, 1.0 - morning
    labels = pd.Series(np.where(morning | (np.arange(60) > 55), 1, 2), index)
    assert [p.times for p in policy(pairs, labels, hours, verdict=NATURAL, seed=1).items] == [(), ()]


def test_traits_are_of_fields_and_values_that_may_be_told_of() -> None:
    pairs, labels = made()
    found = policy(pairs, labels, even(pairs), profiles(pairs, labels == 2), verdict=NATURAL, seed=1)
    traits = book(found, 2).traits
    assert {t.partition(" (")[0] for t in traits} == {
        "communication style: playful", "communication style: brief", "purchase motivations: collecting",
        "personality traits: curious",
    }  # fmt: skip
    assert not {m[0] for m in found.marks.table["mark"]} & {
        "relationship_status",
        "age_indicators",
        "emotional_needs",
        "life_events",
    }
    assert {m[1] for m in found.marks.table["mark"]}.isdisjoint({"loneliness", "companionship", "insecure"})


def test_silence_is_unusual_beyond_three_of_their_own_gaps() -> None:
    pairs, labels = made()
    found = policy(pairs, labels, even(pairs), verdict=NATURAL, seed=1)
    assert "30 hours pass" in book(found, 1).signs and "more than 4 days" in book(found, 1).signs  # 90 hours
    assert "4 days pass" in book(found, 2).signs and "more than 12 days" in book(found, 2).signs  # 100 and 300 hours
    lone = policy(pairs.assign(gap_hours=np.nan), labels, even(pairs), verdict=NATURAL, seed=1)
    assert all(p.signs.startswith("No usual time") for p in lone.items)


def test_a_segment_of_few_subscribers_has_no_numbers() -> None:
    pairs, labels = made(small=True)
    found = book(policy(pairs, labels, even(pairs), profiles(pairs), verdict=NATURAL, seed=1), 3)
    assert (found.name, found.action, found.description) == (
        chat_policy.SMALL,
        chat_policy.FEW,
        chat_policy.FEW,
    ) and not any(c.isdigit() for text in found.texts for c in text)


@pytest.mark.parametrize(("buyers", "told"), [(0, True), (4, False), (5, True), (35, True), (36, False), (40, True)])
def test_a_share_of_buyers_that_would_be_of_few_subscribers_is_not_told(buyers: int, told: bool) -> None:
    pairs, labels = made()
    own = pairs["subscriber"][labels == 1].unique()
    assert len(own) == 40
    pairs["purchases"] = pairs["subscriber"].isin(own[:buyers]) * 1.0
    text = book(policy(pairs, labels, even(pairs), verdict=NATURAL, seed=1), 1).description
    assert ("bought something" in text) == told


def test_hours_are_those_of_the_clock_and_sum_to_one() -> None:
    times = pd.Series(pd.date_range("2026-01-01", periods=48, freq="h"))
    shares = hour_shares(pd.Series(["b"] * 24 + ["a"] * 24), times)
    assert shares.index.to_list() == ["a", "b"] and np.allclose(shares, 1 / 6) and list(shares) == list(BANDS)


def test_results_are_repeatable_and_name_no_pair_and_no_subscriber() -> None:
    pairs, labels = made()
    kept = pairs.copy()
    found, again = (
        policy(pairs, labels, even(pairs), profiles(pairs), verdict=NATURAL, seed=1).to_json() for _ in range(2)
    )
    text = json.dumps(plain(found))
    assert found == again and not any(name in text for name in (*pairs.index, *pairs["subscriber"]))
    pd.testing.assert_frame_equal(pairs, kept)


# Trials


def texts(questions: Any) -> list[str]:
    return [t for q in questions for t in (q.hypothesis, *q.arms, q.metric, *q.guard_rails)]


@pytest.mark.parametrize("spend", [None, pd.Series([1.0] * 9), pd.Series(np.arange(500.0))])
def test_no_trial_tries_a_forbidden_tactic(spend: pd.Series | None) -> None:
    asked = chat_trials.questions(spend, currency="USD")
    assert {text: rules for text in texts(asked) if (rules := forbidden(text))} == {}
    assert len(asked) >= 4 and all(len(q.guard_rails) == 3 and q.guard_rails[-1].startswith("Spending") for q in asked)


def test_the_cap_is_of_no_single_subscriber() -> None:
    """With 20 who paid, five are above it: the quantile of three quarters."""
    spend = pd.Series([0.0] * 80 + [float(i) for i in range(1, 21)])
    assert chat_trials.spend_cap(spend) == 15  # numpy's quantile is 15.25, to two digits
    assert (spend > chat_trials.spend_cap(spend)).sum() >= 5
    assert "15 USD" in chat_trials.questions(spend, currency="USD")[0].guard_rails[-1]
    assert "an amount set beforehand" in chat_trials.questions()[0].guard_rails[-1]
