"""Profiles and cards, and what they keep to themselves."""

from __future__ import annotations

from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segkit.engine.meaning import Card, Cards, medians, profile, visible_sizes
from segkit.privacy import SMALL_CELL, suppressed
from segkit.seeds import generator

SIZES = {1: 9, 2: 6, 3: 4}


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = generator("tests/meaning")
    values = rng.poisson(2, (19, 3)).astype(float)
    return pd.DataFrame(values, columns=["calls", "talk", "share"], index=[f"{i:012x}" for i in range(19)])


@pytest.fixture
def labels(frame: pd.DataFrame) -> pd.Series:
    order = generator("tests/meaning/labels").permutation(np.repeat(list(SIZES), list(SIZES.values())))
    return pd.Series(order, index=frame.index, name="segment")


def test_a_profile_is_what_numpy_says(frame: pd.DataFrame, labels: pd.Series) -> None:
    found = profile(frame, labels.sample(frac=1, random_state=1))  # the index joins them, not the order
    assert list(found.table) == ["segment", "feature", "units", "q25", "median", "q75", "mean", "share_any"]
    assert len(found.table) == 3 * 3
    for segment in (1, 2):
        for feature in frame:
            x = frame.loc[labels == segment, feature].to_numpy()
            row = found.table.query("segment == @segment and feature == @feature").iloc[0]
            assert row["units"] == len(x) == SIZES[segment]
            expected = [*np.quantile(x, [0.25, 0.5, 0.75]), x.mean(), (x > 0).mean()]
            assert row[["q25", "median", "q75", "mean", "share_any"]].to_list() == pytest.approx(expected)
            assert found.value(segment, feature) == np.median(x)
            assert found.value(segment, feature, "mean") == pytest.approx(x.mean())
            assert found.wide("q75").loc[segment, feature] == np.quantile(x, 0.75)


def test_segments_of_fewer_than_five_have_no_statistics(frame: pd.DataFrame, labels: pd.Series) -> None:
    found = profile(frame, labels)
    assert (found.hidden, found.minimum) == ((3,), 5)
    small = found.table[found.table["segment"] == 3]
    assert len(small) == 3
    assert small[["q25", "median", "q75", "mean", "share_any"]].isna().all(axis=None)
    assert medians(found, 3, ["calls"]) == {}
    assert medians(found, 1, ["talk", "calls", "absent"]) == {
        "talk": frame.loc[labels == 1, "talk"].median(), "calls": frame.loc[labels == 1, "calls"].median(),
    }  # fmt: skip


def test_a_segment_of_exactly_the_minimum_is_shown(frame: pd.DataFrame, labels: pd.Series) -> None:
    assert profile(frame, labels, minimum=4).hidden == ()
    assert profile(frame, labels, minimum=7).hidden == (2, 3)


def test_shares_of_a_total(frame: pd.DataFrame, labels: pd.Series) -> None:
    sums = frame["talk"].groupby(labels).sum()
    every = profile(frame, labels, minimum=1).shares_of_total("talk")
    assert every.to_dict() == pytest.approx((sums / sums.sum()).to_dict())
    shown = profile(frame, labels).shares_of_total("talk")
    assert list(shown.index) == [1, 2]
    assert shown.sum() == pytest.approx(1)
    assert shown[1] == pytest.approx(sums[1] / (sums[1] + sums[2]))


def test_the_features_stay_as_they_were(frame: pd.DataFrame, labels: pd.Series) -> None:
    before, names = frame.copy(deep=True), labels.copy(deep=True)
    profile(frame, labels)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_series_equal(labels, names)


def test_a_unit_without_a_segment_is_not_dropped_in_silence(frame: pd.DataFrame, labels: pd.Series) -> None:
    with pytest.raises(ValueError, match="2 units have no segment"):
        profile(frame, labels.iloc[2:])


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ([50, 20, 9], [50, 20, 9]),
        ([50, 20, 5], [50, 20, 5]),
        ([50, 20, 9, 3], [50, 20, None, None]),  # 3 alone would follow from the total
        ([50, 20, 4, 3], [50, 20, None, None]),
        ([50, 20, 9, 2, 1], [50, 20, None, None, None]),  # 2 and 1 together are still fewer than five
        ([50, 1, 1, 1, 1, 1], [None] * 6),  # five cells with a sum of five are ones
        ([50, 0, 3], [None, 0, None]),  # a cell of nobody tells of nobody
        ([3], [None]),
    ],
)
def test_sizes_that_would_give_a_small_segment_away(sizes: list[int], shown: list[int | None]) -> None:
    numbered = pd.Series(sizes, index=range(1, len(sizes) + 1))
    assert visible_sizes(numbered) == dict(enumerate(shown, start=1))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(st.one_of(st.integers(0, 6), st.integers(0, 80)), min_size=1, max_size=9), st.integers(2, 12))
@example([50, 1, 1, 1, 1, 1], 5)
@example([1, 1, 1, 1, 1], 5)
def test_hidden_counts_cannot_be_recovered_from_the_total(counts: list[int], minimum: int) -> None:
    series = pd.Series(counts, index=[f"cell {i}" for i in range(len(counts))])
    hide = suppressed(series, minimum)
    hidden, shown = series[hide], series[~hide]
    assert not ((shown > 0) & (shown < minimum)).any()
    assert (hidden > 0).all()
    if ((series == 0) | (series >= minimum)).all():
        assert hidden.empty
        return
    exhausted = (shown == 0).all()  # nothing is left to hide
    assert len(hidden) >= 2 or exhausted
    assert hidden.sum() >= minimum or exhausted
    # A reader knows the total, what is shown, and that every hidden count is at least one:
    # the hidden counts are then one of C(sum - 1, cells - 1) possibilities.
    assert comb(int(series.sum() - shown.sum()) - 1, len(hidden) - 1) > 1 or exhausted


def test_the_smallest_cell_is_five() -> None:
    assert SMALL_CELL == 5


def test_cards_are_found_by_number_and_by_archetype() -> None:
    def card(number: int, archetype: str, size: int | None) -> Card:
        share = None if size is None else size / 50
        return Card(number, archetype, f"Name {number}", f"N{number}", "reason", "action", size, share, {"calls": 2.0})

    cards = Cards((card(2, "core", 10), card(1, "once", 40), card(3, "once", None)), total=50)
    assert (len(cards), cards.order) == (3, [2, 1, 3])
    assert cards[1].archetype == "once"
    assert [c.id for c in cards.of("once")] == [1, 3]
    assert [c.id for c in cards] == cards.table["segment"].to_list()
    assert cards.table.loc[0, ["units", "share", "calls"]].to_list() == [10, 0.2, 2.0]
    assert cards.to_json()[2] == {
        "id": 3, "name": "Name 3", "archetype": "once", "size": None, "share": None,
        "medians": {"calls": 2.0}, "action": "action",
    }  # fmt: skip
