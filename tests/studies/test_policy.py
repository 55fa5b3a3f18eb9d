"""Cadence, overdue contacts and what is hidden, on contacts worked out by hand."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest
from made_projects import Made, at_k, with_small_segment

from segkit.engine.meaning import Card, Cards
from segkit.report import actions
from segkit.studies.base import plain
from segkit.studies.contacts import CALLS, RULES, ContactsStudy
from segkit.studies.events.policy import NOBODY, ON_ACTIVITY, ONE_BY_ONE, OVERDUE, RHYTHMS, mostly_late, policy, rhythm

pytest_plugins = ["made_projects"]

COLUMNS = [
    "segment", "name", "contacts", "meant", "owner", "answer_within", "usual_gap_days", "cadence", "overdue_after_days",
    "overdue_now", "reactivation", "action",
]  # fmt: skip
Contact = tuple[float, float, float]  # active days, tenure, days since the last call


def card(number: int, size: int | None, days: float = 5.0, archetype: str = "core") -> Card:
    medians = {} if archetype == "small" else {"n_days_active": days}
    return Card(number, archetype, f"Name {number}", f"N{number}", "reason", f"action {number}", size, None, medians)


def made(groups: dict[int, list[Contact]]) -> tuple[pd.DataFrame, pd.Series]:
    rows = [(s, *contact) for s, contacts in groups.items() for contact in contacts]
    frame = pd.DataFrame(rows, columns=["segment", "n_days_active", "tenure_days", "recency_days"])
    frame.index = pd.Index([f"{i:012x}" for i in range(len(frame))])
    return frame.drop(columns="segment"), frame["segment"]


def rules(groups: dict[int, list[Contact]], cards: list[Card]) -> pd.DataFrame:
    frame, labels = made(groups)
    return policy(frame, labels, Cards(tuple(cards), len(frame)), CALLS, RULES).table.set_index("segment")


def late_by(number: int, of: int) -> list[Contact]:
    """Return contacts with a gap of ten days, ``number`` of them silent for more than three gaps."""
    return [(3, 20, 31)] * number + [(3, 20, 30)] * (of - number)


def test_gaps_by_hand() -> None:
    """Gaps 10, 20, 30, 40 and 50 days; the contact with one active day has none."""
    contacts = [(3, 20, 0), (2, 20, 0), (4, 90, 0), (6, 200, 0), (2, 50, 0), (1, 0, 500)]
    row = rules({1: contacts}, [card(1, 6)]).loc[1]
    assert row["usual_gap_days"] == 30
    assert row["overdue_after_days"] == 90
    assert row["cadence"] == "monthly"
    assert row["contacts"] == 6
    assert list(row[["owner", "answer_within", "reactivation"]]) == list(RULES.service["core"])
    assert (row["name"], row["action"]) == ("Name 1", RULES.actions["core"][0])


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0.01, "weekly"), (7, "weekly"), (7.01, "fortnightly"), (14, "fortnightly"), (14.01, "monthly"), (31, "monthly"),
        (31.01, "quarterly"), (92, "quarterly"), (92.01, "half-yearly"), (183, "half-yearly"), (183.01, "yearly"),
        (366, "yearly"), (5000, "yearly"),
    ],
)  # fmt: skip
def test_a_gap_is_rounded_up_to_a_rhythm(days: float, expected: str) -> None:
    assert rhythm(days) == expected
    assert [limit for limit, _ in RHYTHMS] == sorted(limit for limit, _ in RHYTHMS)


def test_overdue_is_more_than_three_gaps() -> None:
    row = rules({1: late_by(8, 20)}, [card(1, 20)]).loc[1]
    assert OVERDUE * row["usual_gap_days"] == row["overdue_after_days"] == 30
    assert row["overdue_now"] == 8  # exactly thirty days is not yet overdue


@pytest.mark.parametrize(
    ("late", "of", "shown"),
    [(0, 20, 0), (1, 20, None), (4, 20, None), (5, 20, 5), (15, 20, 15), (16, 20, None), (19, 20, None), (20, 20, 20),
     (5, 9, None), (5, 10, 5)],
)  # fmt: skip
def test_a_number_of_fewer_than_five_is_hidden_and_so_is_its_complement(late: int, of: int, shown: int | None) -> None:
    row = rules({1: late_by(late, of)}, [card(1, of)]).loc[1]
    assert (None if pd.isna(row["overdue_now"]) else row["overdue_now"]) == shown


def test_a_suppressed_segment_has_neither_gap_nor_numbers() -> None:
    table = rules({1: late_by(8, 20), 2: late_by(3, 4)}, [card(1, None), card(2, None, archetype="small")])
    small = table.loc[2]
    assert small[["contacts", "usual_gap_days", "overdue_after_days", "overdue_now"]].isna().all()
    assert small["cadence"] == small["reactivation"] == ONE_BY_ONE == actions.ONE_BY_ONE
    hidden = table.loc[1]  # large enough to describe, but its size would give the other one away
    assert pd.isna(hidden["contacts"]) and pd.isna(hidden["overdue_now"])
    assert hidden["usual_gap_days"] == 10


@pytest.mark.parametrize(
    ("contacts", "days"),
    [
        ([(1, 0, 9)] * 20, 1.0),
        ([(1, 0, 9)] * 11 + [(3, 20, 9)] * 9, 1.0),  # nine contacts have a gap, but the typical one has none
        ([(1, 0, 9)] * 3 + [(3, 20, 9)] * 4, 3.0),  # a gap of four contacts is too close to each of them
    ],
)
def test_segments_without_a_rhythm(contacts: list[Contact], days: float) -> None:
    row = rules({1: contacts}, [card(1, len(contacts), days)]).loc[1]
    assert row[["usual_gap_days", "overdue_after_days", "overdue_now"]].isna().all()
    assert row["cadence"] == ON_ACTIVITY
    assert row["reactivation"] == "none before new activity"  # no core contact can be overdue without a gap
    assert row["contacts"] == len(contacts)


@pytest.mark.parametrize("variant", [v for v in RULES.actions if v != "small"])
@pytest.mark.parametrize("rhythmic", [True, False])
def test_what_to_do_says_the_cadence_that_is_computed_and_no_other(variant: str, rhythmic: bool) -> None:
    contacts = [(3.0, 20.0, 9.0)] * 20 if rhythmic else [(1.0, 0.0, 9.0)] * 20
    own = dataclasses.replace(card(1, 20, 3.0 if rhythmic else 1.0, variant.split(",")[0]), variant=variant)
    row = rules({1: contacts}, [own]).loc[1]
    named = [name for _, name in RHYTHMS if re.search(rf"\b{name}\b", row["action"])]
    assert set(named) <= {row["cadence"]} and "{" not in row["action"]
    if row["cadence"] == ON_ACTIVITY:  # nobody is overdue, so nobody is won back or called before
        assert pd.isna(row["overdue_after_days"]) and row["reactivation"] == "none before new activity"
        assert "new activity" in row["action"] and not re.search(
            "win back|before they call|keep a", row["action"], re.I
        )
    assert (row["cadence"] == ON_ACTIVITY) == (not rhythmic or own.archetype == "once")


def apart_from(groups: dict[int, tuple[int, int]]) -> pd.DataFrame:
    """Return the rules of segments whose contacts have gaps of ten days; of each, the last so many are no business."""
    frame, labels = made({s: [(3, 20, 31)] * (n - of) + [(5, 20, 90)] * of for s, (n, of) in groups.items()})
    own = pd.concat([pd.Series([False] * (n - of) + [True] * of) for n, of in groups.values()]).to_numpy()
    cards = Cards(tuple(card(s, n) for s, (n, _) in groups.items()), len(frame))
    apart = pd.Series(own, index=frame.index).sample(frac=1, random_state=3)
    return policy(frame, labels, cards, CALLS, RULES, apart).table.set_index("segment")


def test_rules_are_for_those_who_are_business() -> None:
    row = apart_from({1: (60, 17), 2: (40, 12)}).loc[1]
    assert (row["contacts"], row["meant"], row["overdue_now"]) == (60, 43, 43)
    assert row["usual_gap_days"] == 10  # with the others, whose gap is five days, it would be less at another mix


def test_the_rhythm_is_that_of_those_whom_the_rules_are_for() -> None:
    row = apart_from({1: (60, 40)}).loc[1]
    assert row["usual_gap_days"] == 10 and row["overdue_after_days"] == 30 and row["overdue_now"] == 20


@pytest.mark.parametrize(("late", "mostly"), [(11, {1}), (10, set()), (0, set())])
def test_most_are_overdue_where_more_than_half_of_those_meant_are(late: int, mostly: set[int]) -> None:
    frame, labels = made({1: late_by(late, 20), 2: late_by(5, 30), 3: [(1, 0, 900)] * 9})
    none = pd.Series(False, index=frame.index)
    assert mostly_late(frame, labels, CALLS, none) == mostly
    assert (
        mostly_late(frame, labels, CALLS, none | (frame["recency_days"] == 31)) == set()
    )  # those who are late are left out


def test_a_segment_of_which_nobody_is_business_has_no_rule() -> None:
    row = apart_from({1: (40, 0), 2: (30, 30)}).loc[2]
    assert row["meant"] == 0 and row["action"] == NOBODY
    assert set(row[["owner", "answer_within", "cadence", "reactivation"]]) == {"none"}
    assert pd.isna(row["overdue_now"])


@pytest.mark.parametrize(
    ("groups", "shown"),
    [
        ({1: (60, 0), 2: (40, 0)}, [60, 40]),
        ({1: (60, 17), 2: (40, 3)}, [None, None]),  # three would be told, and the number of all apart tells the rest
        ({1: (60, 17), 2: (40, 9), 3: (50, 11)}, [43, None, None]),
        ({1: (20, 17)}, [None]),  # three are left
        ({1: (20, 15)}, [5]),
    ],
)
def test_few_of_a_label_are_not_told(groups: dict[int, tuple[int, int]], shown: list[int | None]) -> None:
    assert [None if pd.isna(n) else n for n in apart_from(groups)["meant"]] == shown


def test_overdue_adds_up_what_is_shown() -> None:
    frame, labels = made({1: late_by(8, 20), 2: late_by(6, 30), 3: late_by(2, 30), 4: [(1, 0, 9)] * 9})
    cards = Cards((card(2, 30), card(1, 20), card(3, 30), card(4, 9, 1.0, "once")), len(frame))
    found = policy(
        frame, labels.sample(frac=1, random_state=1), cards, CALLS, RULES
    )  # the index joins them, not the order
    assert found.overdue == 14
    assert found.table["segment"].to_list() == [2, 1, 3, 4]
    assert list(found.table) == COLUMNS
    assert found.table[["contacts", "overdue_now"]].dtypes.astype(str).to_list() == ["Float64", "Float64"]


def test_every_archetype_has_rules(simulated: ContactsStudy) -> None:
    kinds = {c.archetype for k in (2, 4, 6) for c in at_k(simulated, k).cards} | {"small"}
    assert kinds <= set(RULES.service)
    assert all(len(rule) == 3 and all(rule) for rule in RULES.service.values())


def check(study: Made) -> pd.DataFrame:
    """Recompute every number of a policy from the features, contact by contact."""
    frame, labels = study.features.frame, study.segments.labels
    table = policy(frame, labels, study.cards, CALLS, RULES).table
    assert table["segment"].to_list() == study.cards.order
    for row, known in zip(table.itertuples(), study.cards, strict=True):
        own = frame.loc[labels.index[labels == known.id]]
        assert (None if pd.isna(row.contacts) else row.contacts) == known.size
        if pd.isna(row.usual_gap_days):
            assert row.cadence in (ON_ACTIVITY, ONE_BY_ONE)
            assert pd.isna(row.overdue_now) and pd.isna(row.overdue_after_days)
            continue
        gaps = [c.tenure_days / (c.n_days_active - 1) for c in own.itertuples() if c.n_days_active > 1]
        assert row.usual_gap_days == pytest.approx(np.median(gaps))
        assert row.overdue_after_days == pytest.approx(3 * np.median(gaps))
        late = sum(r > 3 * np.median(gaps) for r in own["recency_days"])
        if not pd.isna(row.overdue_now):
            assert row.overdue_now == late
            assert late == 0 or late >= 5
            assert late == len(own) or len(own) - late >= 5
    return table


@pytest.mark.parametrize("k", [2, 3, 4, 6])
def test_policies_of_the_simulation(simulated: ContactsStudy, k: int) -> None:
    table = check(at_k(simulated, k))
    assert len(table) == k
    assert table["usual_gap_days"].notna().any()


def test_one_segment(simulated: ContactsStudy) -> None:
    base = at_k(simulated, 2)
    labels = base.segments.labels * 0 + 1
    one = dataclasses.replace(base.segments, labels=labels, centres=base.segments.centres[:1])
    number = dataclasses.replace(base.cards.items[0], id=1, size=len(labels), share=1.0)
    assert len(check(dataclasses.replace(base, segments=one, cards=Cards((number,), len(labels))))) == 1


def test_a_policy_with_a_small_segment(simulated: ContactsStudy) -> None:
    study = with_small_segment(simulated)
    table = check(study).set_index("segment")
    hidden = [c.id for c in study.cards if c.size is None]
    assert len(hidden) == 2
    assert table.loc[hidden, ["contacts", "overdue_now"]].isna().all(axis=None)


def test_no_contact_is_named(simulated: ContactsStudy) -> None:
    study = at_k(simulated, 4)
    found = policy(study.features.frame, study.segments.labels, study.cards, CALLS, RULES)
    text = json.dumps(plain(found.to_json())) + found._repr_html_()
    assert not [unit for unit in study.features.frame.index if unit in text]
    assert len(found.to_json()) == 4
    assert "<NA>" not in json.dumps(plain(found.to_json()))


def test_the_study_answers_with_its_own_policy(simulated: ContactsStudy) -> None:
    known = (simulated.features.frame, simulated.segments.labels, simulated.cards, CALLS, RULES, simulated.apart)
    expected = policy(*known).table
    assert simulated.apart.any()  # the simulation has the labels of the public log
    pd.testing.assert_frame_equal(simulated.policy.table, expected)
