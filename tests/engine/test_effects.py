"""Effect sizes, against pairs counted one by one, sums of squares, and scipy."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kruskal, mannwhitneyu

from segkit.engine.effects import effects
from segkit.seeds import generator
from segkit.studies.base import plain

SIZES = {1: 30, 2: 18, 3: 7}


@pytest.fixture
def labels() -> pd.Series:
    order = generator("tests/effects/labels").permutation(np.repeat(list(SIZES), list(SIZES.values())))
    return pd.Series(order, index=[f"{i:012x}" for i in range(len(order))], name="segment")


@pytest.fixture
def frame(labels: pd.Series) -> pd.DataFrame:
    """Two features that differ between segments, one that does not, and one with many ties."""
    rng = generator("tests/effects")
    n = len(labels)
    return pd.DataFrame(
        {
            "apart": 10.0 * labels + rng.normal(size=n),
            "heavy": labels * rng.pareto(1.5, size=n),
            "noise": rng.normal(size=n),
            "ties": rng.integers(0, 3, size=n) + (labels == 2),
        },
        index=labels.index,
    ).astype(float)


def by_pairs(inside: np.ndarray, outside: np.ndarray) -> float:
    """Cliff (1993): how much more often a unit inside lies above one outside than below."""
    return float(np.mean([np.sign(a - b) for a in inside for b in outside]))


def test_cliffs_delta_counts_pairs(frame: pd.DataFrame, labels: pd.Series) -> None:
    found = effects(frame, labels)
    assert found.delta.shape == (4, 3)
    for feature in frame:
        for s in SIZES:
            x = frame[feature].to_numpy()
            expected = by_pairs(x[labels == s], x[labels != s])
            assert found.delta.loc[feature, s] == pytest.approx(expected, abs=1e-12)
    assert found.delta.loc["apart", [1, 3]].to_list() == [-1, 1]


values = st.lists(st.tuples(st.integers(-4, 4), st.integers(1, 4)), min_size=2, max_size=40)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(values)
def test_deltas_of_any_groups(units: list[tuple[int, int]]) -> None:
    x, groups = np.array(units, dtype=float).T
    labels = pd.Series(groups.astype(int))
    found = effects(pd.DataFrame({"x": x}), labels, minimum=1)
    balance = 0.0  # each pair is counted from both sides: hence the complementary suppression
    for s in sorted(labels.unique()):
        inside, outside = x[groups == s], x[groups != s]
        expected = by_pairs(inside, outside) if len(outside) else 0.0
        assert found.delta.loc["x", s] == pytest.approx(expected, abs=1e-12)
        balance += len(inside) * len(outside) * found.delta.loc["x", s]
    assert balance == pytest.approx(0, abs=1e-9)
    row = found.table.iloc[0]
    assert -1e-12 <= row["eta_squared"] <= 1 + 1e-12
    assert -1e-12 <= row["epsilon_squared"] <= 1 + 1e-12


def test_delta_is_the_u_of_mann_and_whitney(frame: pd.DataFrame, labels: pd.Series) -> None:
    found = effects(frame, labels)
    for s, n in SIZES.items():
        u = mannwhitneyu(frame.loc[labels == s, "ties"], frame.loc[labels != s, "ties"]).statistic
        assert found.delta.loc["ties", s] == pytest.approx(2 * u / (n * (len(labels) - n)) - 1)


def test_epsilon_squared_is_h_over_n_minus_one(frame: pd.DataFrame, labels: pd.Series) -> None:
    table = effects(frame, labels).table.set_index("feature")
    for feature in frame:
        h = kruskal(*(frame.loc[labels == s, feature] for s in SIZES)).statistic
        assert table.loc[feature, "epsilon_squared"] == pytest.approx(h / (len(labels) - 1), rel=1e-12)


def test_epsilon_squared_by_hand() -> None:
    """Ranks 1 to 6 in two groups: H = 12 / (6 * 7) * (6 ** 2 / 3 + 15 ** 2 / 3) - 3 * 7 = 27 / 7."""
    found = effects(pd.DataFrame({"x": [1.0, 2, 3, 10, 20, 30]}), pd.Series([1, 1, 1, 2, 2, 2]), minimum=3)
    assert found.table.loc[0, "epsilon_squared"] == pytest.approx(27 / 7 / 5)


def test_eta_squared_splits_the_sum_of_squares(frame: pd.DataFrame, labels: pd.Series) -> None:
    table = effects(frame, labels).table.set_index("feature")
    for feature, x in frame.items():
        total = ((x - x.mean()) ** 2).sum()
        within = sum(((g - g.mean()) ** 2).sum() for _, g in x.groupby(labels))
        assert table.loc[feature, "eta_squared"] == pytest.approx(1 - within / total)


def test_lift_of_shares(labels: pd.Series) -> None:
    share = generator("tests/effects/share").uniform(size=len(labels))
    frame = pd.DataFrame({"evening": share, "never": 0.0}, index=labels.index)
    lift = effects(frame, labels, shares=["evening", "never"]).lift
    for s in SIZES:
        assert lift.loc["evening", s] == pytest.approx(share[labels == s].mean() / share.mean())
    assert lift.loc["never"].isna().all()


def test_a_constant_feature_has_no_effect() -> None:
    # The mean of seven times 0.1 is not 0.1 in floating point; sums of squares alone would call it varying.
    frame = pd.DataFrame({"flat": [0.1] * 7, "zero": [0.0] * 7})
    found = effects(frame, pd.Series([1] * 4 + [2] * 3), minimum=1)
    assert found.table[["eta_squared", "epsilon_squared"]].to_numpy().tolist() == [[0, 0], [0, 0]]
    assert (found.delta == 0).all(axis=None)
    assert found.marks(1) == []


def test_one_segment_differs_from_nothing(frame: pd.DataFrame) -> None:
    found = effects(frame, pd.Series(1, index=frame.index), shares=["ties"])
    assert (found.table[["eta_squared", "epsilon_squared"]].abs() < 1e-12).all(axis=None)
    assert found.delta[1].to_list() == [0, 0, 0, 0]
    assert found.lift.loc["ties", 1] == 1


def test_small_segments_and_those_that_would_give_them_away_have_no_numbers(
    frame: pd.DataFrame, labels: pd.Series
) -> None:
    """Deltas balance, so a reader who knows all but one of them knows the last."""
    labels = labels.replace({3: 1}).where(labels.index != labels.index[labels == 3][0], 3)
    assert (labels == 3).sum() == 1
    found = effects(frame, labels, shares=["ties"])
    assert found.delta[[2, 3]].isna().all(axis=None) and found.delta[1].notna().all()
    assert found.lift[[2, 3]].isna().all(axis=None) and found.lift[1].notna().all()
    assert found.marks(3) == []
    stored = json.loads(json.dumps(plain(found.to_json())))
    assert set(stored["cliffs_delta"]["3"].values()) == {None}
    two = effects(frame, pd.Series(np.where(labels == 3, 2, 1), index=labels.index))
    assert two.delta.isna().all(axis=None)


def test_strongest_and_marks(frame: pd.DataFrame, labels: pd.Series) -> None:
    found = effects(frame, labels)
    table = found.table.set_index("feature")["epsilon_squared"]
    assert found.strongest(4) == list(table.sort_values(ascending=False).index)
    assert found.strongest(1) == ["apart"]
    marks = found.marks(3, 4)
    assert marks[0] == ("apart", 1.0)
    assert [abs(d) for _, d in marks] == sorted((abs(d) for _, d in marks), reverse=True)


def test_the_index_joins_and_nothing_is_changed(frame: pd.DataFrame, labels: pd.Series) -> None:
    before, names = frame.copy(deep=True), labels.copy(deep=True)
    first = effects(frame, labels, shares=["ties"])
    second = effects(frame, labels.sample(frac=1, random_state=1), shares=["ties"])
    pd.testing.assert_frame_equal(first.table, second.table)
    pd.testing.assert_frame_equal(first.delta, second.delta)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_series_equal(labels, names)


def test_a_unit_without_a_segment_is_not_dropped_in_silence(frame: pd.DataFrame, labels: pd.Series) -> None:
    with pytest.raises(ValueError, match="2 units have no segment"):
        effects(frame, labels.iloc[2:])
