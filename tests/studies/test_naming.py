"""Names of segments are distinct, true, and independent of label numbers."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_projects import at_k, profile_of, with_small_segment

from segkit.engine.meaning import Cards
from segkit.event_settings import WEEKDAYS
from segkit.studies.contacts import CALLS, NAMING, ContactsStudy
from segkit.studies.customers import NAMING as OF_CUSTOMERS
from segkit.studies.customers import PURCHASED
from segkit.studies.events.naming import CORE, DEEP, FEW, RARE, archetypes, name_segments, qualifiers

pytest_plugins = ["made_projects"]
pytestmark = pytest.mark.usefixtures("closed_off")

# Walekhwa (2026), the table of medians per segment, in another order than the names'.
PUBLISHED = pd.DataFrame(
    [
        (2, 2, 1553, 494, 0.6, 621.2, 0.8),
        (1, 1, 61, 37, 0, 501.3, 0),
        (35.5, 21, 2776, 35.5, 0, 84.8, 676.6),
        (5, 4, 270, 34, 0, 259.4, 312.9),
    ],
    columns=list(CALLS.shown),
    index=[1, 2, 3, 4],
    dtype="float64",
)
SIZES = pd.Series([91, 1599, 176, 225], index=[1, 2, 3, 4])
TYPICAL = 37.0


def cards_of(table: pd.DataFrame, sizes: pd.Series, typical: float = TYPICAL) -> Cards:
    return name_segments(profile_of(table, sizes), sizes, typical, CALLS, NAMING)


def test_a_core_segment_of_which_most_are_overdue_is_not_called_active() -> None:
    table = pd.DataFrame(
        [(1, 1, 61, 37, 0, 501.3, 0), (35.5, 21, 2776, 35.5, 0, 84.8, 676.6), (5, 4, 270, 34, 0, 259.4, 312.9)],
        columns=list(CALLS.shown), index=[2, 3, 4], dtype="float64",
    )  # fmt: skip
    sizes = pd.Series([1599, 176, 225], index=[2, 3, 4])
    profiled = profile_of(table, sizes)
    active, late, other = (name_segments(profiled, sizes, TYPICAL, CALLS, NAMING, which) for which in ((), {3}, {4, 2}))
    assert [c.name for c in other] == [c.name for c in active] and active[3].name == NAMING.names["core"][0]
    assert (late[3].name, late[3].archetype, late[3].variant) == (
        NAMING.variants["core, late"][0],
        "core",
        "core, late",
    )
    assert "active" not in late[3].name and late.order == active.order


def check(cards: Cards, typical: float) -> None:
    """Hold every name and reason against the medians on the card."""
    names, shorts = [c.name for c in cards], [c.short for c in cards]
    assert len(set(names)) == len(names) and len(set(shorts)) == len(shorts)
    shown = [c for c in cards if c.medians]
    most = max((c.medians["n_calls"] for c in shown), default=0)
    fewest = min((c.medians["n_calls"] for c in shown), default=0)
    least = min((c.medians["total_dur_sec"] for c in shown), default=0)
    longest = max((c.medians["median_dur_sec"] for c in shown), default=0)
    once = [c for c in shown if c.archetype == "once"]
    for card in shown:
        m, name, reason = card.medians, card.name, card.reason
        alike = {f: sum(c.medians[f] == m[f] for c in shown) for f in CALLS.shown}
        if card.archetype == "core":
            assert m["n_calls"] >= CORE * most and m["n_days_active"] > 1
        if name.startswith(("Rare deep", "Deep")):
            assert m["median_dur_sec"] >= max(2, DEEP) * max(typical, 1)
            assert name.startswith("Rare") == (m["n_calls"] <= RARE)
        if name.startswith("One-off"):
            assert m["n_calls"] <= FEW == 2
        if name.startswith("One-day"):
            assert m["n_days_active"] <= 1
        if name.startswith(("Core active", "Warm")) and once:
            assert m["recency_days"] <= max(c.medians["recency_days"] for c in once)
        if name.startswith(("Former", "Lapsed")):
            assert all(m["recency_days"] > c.medians["recency_days"] for c in once)
        if "the most calls" in reason:
            assert m["n_calls"] == most and alike["n_calls"] == 1
        if "as many calls as any" in reason:
            assert m["n_calls"] == most
        if "the fewest calls" in reason:
            assert m["n_calls"] == fewest and alike["n_calls"] == 1
        if "as few calls as any" in reason:
            assert m["n_calls"] == fewest
        if "the least talk" in reason:
            assert m["total_dur_sec"] == least and alike["total_dur_sec"] == 1
        if "as little talk as any" in reason:
            assert m["total_dur_sec"] == least
        if "the longest median call" in reason:
            assert m["median_dur_sec"] == longest and alike["median_dur_sec"] == 1
        if "less than half as many" in reason:
            assert fewest < m["n_calls"] < most / 2 or most / 2 > m["n_calls"]
    for first, second in ((a, b) for a in shown for b in shown if a is not b):
        for low, high, feature in (
            ("(shorter silence)", "(longer silence)", "recency_days"),
            ("(shorter tenure)", "(longer tenure)", "tenure_days"),
            ("(fewer calls)", "(more calls)", "n_calls"),
            ("(shorter calls)", "(longer calls)", "median_dur_sec"),
            ("(less talk)", "(more talk)", "total_dur_sec"),
        ):
            if first.name.endswith(low) and second.name == first.name.replace(low, high):
                assert first.medians[feature] < second.medians[feature]


def test_published_medians_give_the_published_names() -> None:
    found = cards_of(PUBLISHED, SIZES)
    assert [(c.name, c.size) for c in found] == [
        ("Core active relationships", 176),
        ("Warm occasional", 225),
        ("Rare deep conversations", 91),
        ("One-off / low-engagement", 1599),
    ]
    assert [c.reason for c in found] == [
        "having the most calls",
        "having more calls than the least active, but less than half as many as the most active",
        "having the longest median call",
        "having the fewest calls and the least talk",
    ]
    assert found[3].share == pytest.approx(176 / 2091)


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6, 8])
def test_names_on_the_simulation(simulated: ContactsStudy, k: int) -> None:
    made = at_k(simulated, k)
    check(made.cards, float(made.features.frame["median_dur_sec"].median()))
    assert len(made.cards) == k and sorted(made.cards.order) == list(range(1, k + 1))
    (first, *_) = made.cards
    assert first.name == "Core active relationships"  # planted: 176 contacts with 18 calls at least
    assert first.medians["n_calls"] == max(c.medians["n_calls"] for c in made.cards)


medians_of_one = st.tuples(
    st.sampled_from([1, 1.5, 2, 3, 5, 6, 20, 36]), st.sampled_from([1, 1.5, 2, 4, 20]), st.sampled_from([0, 40, 60, 3000]),
    st.sampled_from([0, 20, 37, 100, 111, 494]), st.sampled_from([0, 0.6]), st.sampled_from([0, 80, 500]),
    st.sampled_from([0, 300]),
)  # fmt: skip
tables = st.lists(st.tuples(medians_of_one, st.sampled_from([1, 4, 5, 80, 80, 900])), min_size=2, max_size=9)


def built(rows: list[tuple[tuple[float, ...], int]]) -> tuple[pd.DataFrame, pd.Series]:
    index = range(1, len(rows) + 1)
    table = pd.DataFrame([m for m, _ in rows], columns=list(CALLS.shown), index=index, dtype="float64")
    table["n_days_active"] = table[["n_days_active", "n_calls"]].min(axis=1)
    return table, pd.Series([n for _, n in rows], index=index)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables, st.sampled_from([0.0, 20.0, 37.0, 200.0]))
def test_any_medians_give_distinct_and_true_names(rows: list[tuple[tuple[float, ...], int]], typical: float) -> None:
    table, sizes = built(rows)
    found = cards_of(table, sizes, typical)
    check(found, typical)
    assert len(found) == len(rows)
    assert {c.id for c in found if c.archetype == "small"} == {int(s) for s in sizes.index[sizes < 5]}


@settings(max_examples=25, deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_label_numbers_play_no_part(rows: list[tuple[tuple[float, ...], int]], random) -> None:  # type: ignore[no-untyped-def]
    table, sizes = built(rows)
    # Which of two equal sizes is hidden is no matter of names, so sizes that are shown differ.
    sizes = pd.Series([n if n < 5 else n + i for i, n in enumerate(sizes)], index=sizes.index)
    numbers = list(table.index)
    random.shuffle(numbers)
    relabel = dict(zip(table.index, numbers, strict=True))
    other, moved = table.rename(index=relabel).sort_index(), sizes.rename(index=relabel).sort_index()

    def kept(cards: Cards) -> list[tuple[object, ...]]:
        return [(c.name, c.short, c.reason, c.size, c.medians) for c in cards]

    assert kept(cards_of(table, sizes)) == kept(cards_of(other, moved))


def test_equal_medians_are_told_apart_by_letters_and_nothing_untrue() -> None:
    table = PUBLISHED.loc[[3, 4, 4, 2]].set_axis([1, 2, 3, 4])
    found = cards_of(table, pd.Series([50, 60, 70, 80], index=table.index))
    assert [c.name for c in found.of("warm")] == ["Warm occasional (A)", "Warm occasional (B)"]
    assert [c.size for c in found.of("warm")] == [70, 60]
    assert not any(w in c.name for c in found.of("warm") for w in ("short", "long", "more", "less", "few"))


def test_long_calls_win_where_fewest_calls_claims_the_segment_too() -> None:
    # Two segments: the second has the fewest calls and the longest; its talk is not the least.
    table = PUBLISHED.loc[[3, 1]].set_axis([1, 2])
    table.loc[1, "total_dur_sec"] = 900.0
    found = cards_of(table, pd.Series([176, 91], index=[1, 2]))
    assert [c.name for c in found] == ["Core active relationships", "Rare deep conversations"]
    assert "talk" not in found[2].reason


def test_a_busy_day_long_ago_is_neither_warm_nor_one_off() -> None:
    table = PUBLISHED.copy()
    table.loc[4, ["n_days_active", "tenure_days", "recency_days"]] = [1, 0.3, 505]
    assert cards_of(table, SIZES)[4].name == "One-day contacts"


def test_former_and_lapsed_where_the_last_call_is_longer_ago_than_that_of_one_off_contacts() -> None:
    table = PUBLISHED.copy()
    table.loc[[3, 4], "recency_days"] = 800.0
    found = cards_of(table, SIZES)
    assert found[3].name == "Former core relationships" and found[4].name == "Lapsed occasional"


def test_four_of_one_kind_are_ranked() -> None:
    rows = PUBLISHED.loc[[3, 2, 2, 2, 2]].set_axis(range(1, 6))
    rows["median_dur_sec"] = [35.0, 10.0, 40.0, 70.0, 100.0]
    found = cards_of(rows, pd.Series([9, 10, 20, 30, 40], index=rows.index))
    assert [found[s].short for s in (2, 3, 4, 5)] == [
        "One-off (shortest calls of 4)",
        "One-off (2nd shortest calls of 4)",
        "One-off (3rd shortest calls of 4)",
        "One-off (longest calls of 4)",
    ]


def test_small_segments_have_no_numbers_and_names_of_their_own() -> None:
    sizes = pd.Series([3, 1599, 4, 225], index=[1, 2, 3, 4])
    found = cards_of(PUBLISHED, sizes)
    small = found.of("small")
    assert [c.name for c in small] == ["Too small to describe 1", "Too small to describe 2"]
    assert all(c.size is None and c.share is None and c.medians == {} for c in small)
    alone = cards_of(PUBLISHED, pd.Series([91, 1599, 4, 225], index=[1, 2, 3, 4])).of("small")
    assert [c.name for c in alone] == ["Too small to describe"]


def test_a_hidden_size_hides_that_of_another_segment_too(simulated: ContactsStudy) -> None:
    made = with_small_segment(simulated)
    assert [c.size is None for c in made.cards].count(True) == 2
    assert sum(1 for c in made.cards if not c.medians) == 1


def test_one_segment_left_to_show_claims_no_comparison() -> None:
    found = cards_of(PUBLISHED.loc[[1, 2]], pd.Series([4, 1599], index=[1, 2]))
    assert found[2].reason == "being the only segment shown"
    assert found[2].name == "One-off / low-engagement"


def test_archetypes_leave_their_input_alone() -> None:
    before = PUBLISHED.copy(deep=True)
    archetypes(PUBLISHED, TYPICAL, CALLS, NAMING)
    pd.testing.assert_frame_equal(PUBLISHED, before)


def test_segments_that_keep_to_days_are_called_by_them() -> None:
    """Where units of one name differ in the day alone, a rank by some median that differs by a hair would mislead."""
    days = {f"share_{day.lower()}": 0.0 for day in WEEKDAYS}
    base = dict.fromkeys((c.name for c in PURCHASED.columns((), ())), 1.0) | days
    rows = [
        {**base, "share_saturday": 1.0},
        {**base, "share_monday": 0.9, "median_amount": 1.01},
        {**base, "share_monday": 0.4},
    ]
    middle, sizes = pd.DataFrame(rows, index=[1, 2, 3]), pd.Series({1: 30, 2: 20, 3: 50})
    found = qualifiers(middle, [1, 2, 3], sizes, PURCHASED, OF_CUSTOMERS)
    assert found == {1: "on Saturdays", 2: "on Mondays", 3: "on other days"}
    middle.loc[3, "share_monday"] = 0.6  # two of Mondays: no day tells them apart
    assert "on" not in " ".join(qualifiers(middle, [1, 2, 3], sizes, PURCHASED, OF_CUSTOMERS).values()).split()
    assert qualifiers(middle.drop(columns=list(days)), [1, 2], sizes, PURCHASED, OF_CUSTOMERS)[2] != "on Mondays"
