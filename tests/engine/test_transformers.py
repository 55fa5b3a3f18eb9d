"""The transformers against scikit-learn's contract and against their closed forms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from segkit.engine.preprocessing import Cap, DropConstant, QuantileClip, preprocessing

NAN = float("nan")
TRANSFORMERS = [DropConstant(), QuantileClip(), Cap()]


def _checks() -> pytest.MarkDecorator:
    """Take all of scikit-learn's checks but those of array libraries other than numpy, which are never run from here."""
    mark = parametrize_with_checks(TRANSFORMERS)
    names, cases = mark.args
    kept = [case for case in cases if not _name(case[1]).startswith("check_array_api")]
    return pytest.mark.parametrize(names, kept, **mark.kwargs)


def _name(check: object) -> str:
    while hasattr(check, "func"):
        check = check.func
    return str(getattr(check, "__name__", check))


@_checks()
def test_scikit_learn_accepts_the_transformer(estimator: BaseEstimator, check: Callable[[BaseEstimator], None]) -> None:
    check(estimator)


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda t: type(t).__name__)
def test_the_checks_were_not_filtered_away(transformer: BaseEstimator) -> None:
    every = [_name(check) for _, check in estimator_checks_generator(transformer)]
    assert sum(not n.startswith("check_array_api") for n in every) >= len(every) - 1 >= 30


def test_constant_columns_are_dropped_missing_values_aside() -> None:
    values = np.array([[1.0, 5.0, NAN, NAN, 2.0], [2.0, 5.0, NAN, 7.0, NAN], [3.0, 5.0, NAN, 7.0, 3.0]])
    drop = DropConstant().fit(values)
    assert drop.varies_.tolist() == [True, False, False, False, True]
    np.testing.assert_array_equal(drop.transform(values), values[:, [0, 4]])


def test_columns_dropped_at_the_fit_stay_dropped_where_new_rows_vary() -> None:
    drop = DropConstant().fit([[1.0, 5.0], [2.0, 5.0]])
    np.testing.assert_array_equal(drop.transform([[9.0, 6.0], [8.0, 7.0]]), [[9.0], [8.0]])


def test_nothing_but_constants_is_refused() -> None:
    with pytest.raises(ValueError, match="every column is constant"):
        DropConstant().fit(np.ones((4, 3)))


def test_clipping_takes_the_quantiles_of_each_column() -> None:
    # 0..100: the 1st percentile by linear interpolation is 1, the 99th is 99.
    values = np.column_stack([np.arange(101.0), 10 * np.arange(101.0)])
    clip = QuantileClip(0.01).fit(values)
    assert clip.low_.tolist() == pytest.approx([1, 10])
    assert clip.high_.tolist() == pytest.approx([99, 990])
    out = clip.transform([[-5.0, 500.0], [500.0, -5.0], [NAN, NAN]])
    assert out[:2].tolist() == [[pytest.approx(1), 500], [pytest.approx(99), pytest.approx(10)]]
    assert np.isnan(out[2]).all()


def test_a_tail_of_zero_clips_new_rows_to_the_range_seen() -> None:
    clip = QuantileClip(0.0).fit([[1.0], [4.0]])
    np.testing.assert_array_equal(clip.transform([[0.0], [2.0], [9.0]]), [[1], [2], [4]])


def test_the_cap_bounds_and_remembers_the_largest() -> None:
    cap = Cap(3.0).fit([[1.0, -95.1], [20.0, 2.0]])
    assert cap.largest_ == 95.1
    np.testing.assert_array_equal(cap.transform([[1.0, -95.1], [20.0, 2.0]]), [[1, -3], [3, 2]])


def test_the_chain_in_its_order() -> None:
    # Clipping to the range changes nothing; the median of 0, 1, 2, 3, 100 is 2 and its quartiles are 1 and 3.
    column = np.array([0.0, 1.0, 2.0, 3.0, 100.0])
    chain = preprocessing(clip=0.0, cap=10.0)
    out = chain.fit_transform(np.column_stack([column, np.full(5, 8.0)]))
    assert out.tolist() == [[-1], [-0.5], [0], [0.5], [10]]
    assert chain["cap"].largest_ == 49  # (100 - 2) / 2
    assert list(chain.named_steps) == ["constant", "clip", "impute", "scale", "cap"]


def test_a_zero_interquartile_range_scales_by_one() -> None:
    column = np.array([5.0] * 9 + [7.5])
    out = preprocessing(clip=0.0).fit_transform(column[:, None])
    assert out.ravel().tolist() == [0.0] * 9 + [2.5]


def test_missing_values_take_the_median_of_the_others() -> None:
    # The median of 0, 0, 8 and 100 is 4; a median is scaled to zero.
    column = np.array([0.0, 0.0, 8.0, 100.0, NAN])
    chain = preprocessing().fit(column[:, None])
    assert chain["impute"].statistics_.tolist() == [4]
    assert chain.transform(column[:, None])[4, 0] == 0
    assert chain.transform([[NAN]]).tolist() == [[0]]
