"""Segments against labels that took no part: against SciPy, by hand, and where the answer is planted."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats.contingency import association
from sklearn.metrics import adjusted_mutual_info_score

from segkit.engine.external import cramers_v, external_check, mutual_information
from segkit.seeds import generator

TABLES = [
    np.array([[100, 150], [203, 322], [420, 700], [320, 210]]),  # the example in SciPy's documentation
    np.array([[12, 7], [5, 7]]),
    np.array([[40, 3, 9], [1, 30, 2], [8, 8, 25]]),
]


@pytest.mark.parametrize("table", TABLES)
def test_cramers_v_is_that_of_scipy(table: np.ndarray) -> None:
    assert cramers_v(table) == pytest.approx(association(table, method="cramer"))


def test_corrected_by_hand() -> None:
    # n = 20, phi squared 0.2: less 1 / 19; both sides have 2 - 1 / 19.
    table = np.array([[8, 2], [5, 5]])
    phi = 20 * (8 * 5 - 2 * 5) ** 2 / (10 * 10 * 13 * 7) / 20
    expected = np.sqrt(max(0, phi - 1 / 19) / (2 - 1 / 19 - 1))
    assert cramers_v(table, corrected=True) == pytest.approx(expected)
    assert cramers_v(table, corrected=True) < cramers_v(table)


def test_perfect_agreement_and_independence() -> None:
    perfect = np.diag([30, 20, 10])
    assert cramers_v(perfect) == pytest.approx(1)
    assert cramers_v(perfect, corrected=True) == pytest.approx(1)
    even = np.array([[20, 10], [40, 20]])
    assert cramers_v(even) == pytest.approx(0, abs=1e-12)
    assert cramers_v(even, corrected=True) == 0
    assert cramers_v(np.array([[5, 7]])) == 0
    assert cramers_v(np.array([[5, 0], [5, 0]])) == 0


@pytest.mark.parametrize("table", TABLES)
def test_mutual_information_is_that_of_scikit_learn(table: np.ndarray) -> None:
    a, b = (np.repeat(x.ravel(), table.ravel()) for x in np.indices(table.shape))
    assert mutual_information(table) == pytest.approx(adjusted_mutual_info_score(a, b))


def units(table: np.ndarray) -> tuple[pd.Series, pd.Series]:
    a, b = (np.repeat(x.ravel(), table.ravel()) for x in np.indices(table.shape))
    return pd.Series(a + 1), pd.Series([f"label {x}" for x in b])


def test_the_bias_is_taken_off_labels_given_by_lot() -> None:
    """Many labels on few units: the plain measure sees an association that is not there."""
    rng = generator("tests/external")
    drawn = [pd.crosstab(rng.integers(0, 4, 150), rng.integers(0, 9, 150)).to_numpy() for _ in range(40)]
    plain = np.mean([cramers_v(table) for table in drawn])
    assert plain == pytest.approx(np.sqrt(8 / 149), rel=0.1)  # phi squared is 3 * 8 / 149 on average, over 4 - 1
    assert np.mean([cramers_v(table, corrected=True) for table in drawn]) < plain / 3
    assert abs(np.mean([mutual_information(table) for table in drawn])) < 0.01


def test_intervals_hold_the_value_and_shrink_with_the_units() -> None:
    widths = []
    for times in (1, 9):
        found = external_check(*units(TABLES[2] * times), draws=149)
        assert found is not None
        low, value, high = (found.value("cramers_v", c) for c in ("low", "value", "high"))
        assert low < value < high
        widths.append(high - low)
    assert widths[0] / widths[1] == pytest.approx(3, rel=0.25)  # the root of 9


def test_who_has_no_label_is_left_out() -> None:
    segments, labels = units(TABLES[1])
    more = pd.concat([segments, pd.Series([1] * 40)], ignore_index=True)
    found, same = external_check(more, labels, draws=20), external_check(segments, labels, draws=20)
    assert found is not None
    assert same is not None
    pd.testing.assert_frame_equal(found.table, same.table, check_exact=True)
    assert (found.units, found.labels) == (31, 2)
    assert found.commonest == 17 / 31


def test_nothing_to_compare_gives_nothing() -> None:
    segments = pd.Series([1, 1, 2, 2])
    assert external_check(segments, pd.Series([None] * 4, dtype="object")) is None
    assert external_check(segments, pd.Series(["a"] * 4)) is None
    assert external_check(pd.Series([1] * 4), pd.Series(["a", "b", "a", "b"])) is None


def test_order_and_names_do_not_matter_and_results_are_plain() -> None:
    segments, labels = units(TABLES[0])
    one = external_check(segments, labels, draws=20)
    two = external_check(segments[::-1], labels.sample(frac=1, random_state=1), draws=20)
    assert one is not None
    assert two is not None
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    back = json.loads(json.dumps(one.to_json()))
    assert set(back) >= {"cramers_v", "cramers_v_corrected", "ami", "units"}
    assert set(back["ami"]) == {"value", "low", "high"}
