"""Missing fields: against closed forms, scikit-learn, and files in which it is known how they were put together."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from leads_made import FIELDS, ids, noise, stacked, table
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from segkit.engine.cross_validated import area, contrast, folds_of, placements, rates_elsewhere
from segkit.engine.filled import blocks_of, patterns
from segkit.inference import rate
from segkit.inference.missingness import NOTHING, OTHER, missingness
from segkit.seeds import generator
from segkit.studies.base import plain


@pytest.fixture(scope="module")
def put_together() -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    return stacked(1500, "tests/missingness/stacked")


# Areas under the curve


def test_placements_average_to_the_area_of_scikit_learn() -> None:
    rng = generator("tests/placements")
    scores, y = rng.integers(0, 9, size=200).astype(float), rng.uniform(size=200) < 0.4
    for placed in placements(scores, y):
        assert placed.mean() == pytest.approx(roc_auc_score(y, scores))


def test_the_variance_is_that_of_delong_counted_pair_by_pair() -> None:
    """Variance of the placements of the hits over m, and of the misses over n (DeLong et al. 1988, equation 5), of two folds.

    Times 1 + J / (J - 1), which is 3 (Nadeau and Bengio 2003).
    """
    rng = generator("tests/delong")
    y = pd.Series(rng.uniform(size=60) < 0.5, index=ids(60))
    scores = rng.normal(size=60) + y
    fold = np.array([0, 1])[np.arange(60) % 2]
    found = area(scores.to_numpy(), y, fold)
    means, variance = [], 0.0
    for f in (0, 1):
        hits, misses = (scores[(fold == f) & (y == v)].to_numpy() for v in (True, False))
        won = (hits[:, None] > misses).astype(float)
        means.append(won.mean())
        variance += (won.mean(axis=1).var(ddof=1) / len(hits) + won.mean(axis=0).var(ddof=1) / len(misses)) / 4
    half = 1.959964 * np.sqrt(3 * variance)
    assert found.value == pytest.approx(np.mean(means))
    assert [found.low, found.high] == pytest.approx([found.value - half, min(1, found.value + half)], rel=1e-6)


def test_an_order_does_not_differ_from_itself_and_none_is_learnt_from_one_kind() -> None:
    y = pd.Series(np.arange(40) % 2 == 0, index=ids(40))
    fold = folds_of(y, "tests", 1)
    scores = generator("tests/contrast").normal(size=40)
    assert contrast(scores, scores, y, fold) == (0, 0, 0)
    never = y & False
    assert not folds_of(never, "tests", 1).any() and np.isnan(area(scores, never, folds_of(never, "tests", 1)).value)


def test_folds_are_even_and_go_with_the_units() -> None:
    y = noise(203, "tests/folds")
    fold = folds_of(y, "tests", 3)
    for kind in (True, False):
        assert np.ptp(np.bincount(fold[y == kind])) <= 1
    order = np.arange(203)[::-1]
    assert (folds_of(y.iloc[order], "tests", 3) == fold[order]).all()


def test_intervals_of_what_tells_nothing_hold_one_half_as_often_as_they_say() -> None:
    """Values given by lot: of 400 files 94 to 97 % of the intervals do, as in larger simulations with 3 to 30 values."""
    rng, hits = generator("tests/area"), 0
    for i in range(400):
        codes, y = rng.integers(0, 8, size=250), noise(250, f"tests/area/{i}")
        fold = folds_of(y, "tests", i)
        found = area(rates_elsewhere(codes, 8, y, fold), y, fold)
        hits += found.low <= 0.5 <= found.high
    assert 0.92 <= hits / 400 <= 0.99


def test_flags_that_go_missing_at_random_tell_nothing() -> None:
    found = [missingness(table(400, f"tests/mcar/{i}"), noise(400, f"tests/mcar/{i}"), seed=i) for i in range(8)]
    assert {f.flag for f in found} == {"none"}
    assert sum(f.auc.low <= 0.5 <= f.auc.high for f in found) >= 7


# Blocks


@pytest.mark.parametrize(("n", "missing"), [(200, 0.3), (1500, 0.6), (6000, 0.2)])
def test_fields_missing_completely_at_random_are_one_block(n: int, missing: float) -> None:
    for i in range(8):
        assert blocks_of(table(n, f"tests/one-block/{i}", missing).isna(), seed=i).number == 1


def test_exports_under_each_other_are_found(put_together: tuple[pd.DataFrame, pd.Series, pd.Series]) -> None:
    frame, y, export = put_together
    found = missingness(frame, y, seed=42)
    assert adjusted_rand_score(export, found.blocks) > 0.98
    assert found.auc.value > 0.9 and found.flag == "stop"
    rows = found.block_table.set_index("block")
    assert rows.loc[1, "fields"] == "education, age_range, experience, gender, lead_source"
    own = y[found.blocks == 2]
    expected = rate(int(own.sum()), len(own))
    assert rows.loc[2, ["rate", "low", "high"]].tolist() == [expected.share, expected.low, expected.high]
    assert rows["units"].sum() == len(y) and rows["share"].sum() == pytest.approx(1)


def test_three_exports_are_three() -> None:
    frame, _, export = stacked(2000, "tests/three")
    third = generator("tests/three/third").uniform(size=2000) < 0.3
    frame.loc[third, list(FIELDS)] = table(2000, "tests/three/full", 0.02)[third]
    found = blocks_of(frame.isna(), seed=1)
    assert found.number == 3
    assert adjusted_rand_score(export.where(~third, 3), found.labels) > 0.95


def test_one_field_with_a_gap_is_no_export() -> None:
    frame = table(1000, "tests/gap", 0.05)
    frame.loc[frame.index[::2], "state"] = np.nan
    assert blocks_of(frame.isna(), seed=1).number == 1


def test_the_likelihood_of_one_class_is_that_of_independent_flags() -> None:
    flags = table(400, "tests/likelihood", 0.4).isna()
    p = flags.mean()
    expected = float((flags * np.log(p) + ~flags * np.log(1 - p)).to_numpy().sum())
    first = blocks_of(flags, seed=1).criterion.iloc[0]
    assert first["log_likelihood"] == pytest.approx(expected)
    assert first["bic"] == first["icl"] == pytest.approx(-2 * expected + 8 * np.log(400))


def test_patterns_of_many_fields_are_those_of_few() -> None:
    wide = generator("tests/wide").uniform(size=(50, 70)) < 0.03
    kinds, place, counts = patterns(wide)
    assert (kinds[place] == wide).all() and counts.sum() == 50
    narrow = patterns(wide[:, :40])
    assert (narrow[0] == np.unique(wide[:, :40], axis=0)).all() and (narrow[0][narrow[1]] == wide[:, :40]).all()


# Tables


def test_rates_by_number_and_by_pattern_are_those_counted_by_hand() -> None:
    frame = pd.DataFrame({"a": ["x"] * 40 + [None] * 30, "b": ["y"] * 66 + [None] * 4}, index=ids(70)).astype("str")
    frame.loc[frame.index[:3], "b"] = None
    y = pd.Series(np.arange(70) % 5 == 0, index=frame.index)
    found = missingness(frame, y, seed=1)
    pattern = found.by_pattern.set_index("pattern")
    assert pattern["units"].to_dict() == {
        NOTHING: 37,
        OTHER: 33,
    }  # sets of 3 and 4 rows, and the next: else 7 are told of
    assert pattern.loc[NOTHING, "conversions"] == int(y.iloc[3:40].sum())
    assert found.by_count["units"].sum() == 70 and (found.by_count["units"] >= 10).all()
    by_field = found.by_field.set_index("field")
    assert by_field["missing"].isna().all()  # 7 of one, and the one that would give it away
    assert found.duplicates == int(frame.assign(y=y).duplicated().sum()) > 0


def test_nothing_that_is_told_speaks_of_fewer_than_ten(put_together: tuple[pd.DataFrame, pd.Series, pd.Series]) -> None:
    frame, y, _ = put_together
    found = missingness(frame, y, seed=42)
    for told in (found.by_count, found.by_pattern, found.block_table):
        assert (told["units"] >= 10).all() and told["units"].sum() == len(y)
    assert found.by_pattern["pattern"].tolist()[-1] == OTHER


def test_the_order_of_rows_and_the_names_of_values_change_nothing(
    put_together: tuple[pd.DataFrame, pd.Series, pd.Series],
) -> None:
    frame, y, _ = put_together
    before = frame.copy(deep=True)
    found = missingness(frame, y, seed=42)
    other = frame.iloc[::-1].apply(lambda c: c.where(c.isna(), "v" + c))
    again = missingness(other, y, seed=42)
    pd.testing.assert_frame_equal(found.by_pattern, again.by_pattern)
    pd.testing.assert_frame_equal(found.block_table, again.block_table)
    pd.testing.assert_series_equal(found.blocks, again.blocks.reindex(frame.index))
    assert again.auc.value == pytest.approx(found.auc.value, abs=1e-9)
    pd.testing.assert_frame_equal(frame, before)


def test_an_outcome_that_is_permuted_is_not_predicted(put_together: tuple[pd.DataFrame, pd.Series, pd.Series]) -> None:
    frame, y, _ = put_together
    mixed = pd.Series(generator("tests/mixed").permutation(y.to_numpy()), index=y.index)
    found = missingness(frame, mixed, seed=42)
    assert found.auc.low <= 0.5 <= found.auc.high and found.flag == "none"
    assert found.block_table["units"].tolist() == missingness(frame, y, seed=42).block_table["units"].tolist()


@pytest.mark.parametrize("n", [1, 12, 100])
def test_files_without_anything_to_see(n: int) -> None:
    frame = pd.DataFrame({"one": "x", "none": pd.Series(None, index=ids(n), dtype="str")}, index=ids(n)).astype("str")
    for y in (noise(n, "tests/nothing"), pd.Series(False, index=frame.index)):
        found = missingness(frame, y, seed=1)
        assert found.flag == "none" and found.blocks.tolist() == [1] * n
        assert np.isnan(found.auc.value) or found.auc.value == 0.5
        json.dumps(plain(found.to_json()), allow_nan=True)
        assert "<table" in found._repr_html_() and len(found.table) == 1


def test_a_row_without_an_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match="2 rows have no outcome"):
        missingness(table(20, "t"), noise(20, "t").iloc[2:], seed=1)
