"""Columns that know the outcome, planted among some that do not."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from leads_made import noise, stacked, table
from sklearn.metrics import roc_auc_score

from segkit.engine.cross_validated import boosted, codes_of, folds_of, rates_elsewhere
from segkit.engine.leakage import leakage
from segkit.seeds import generator
from segkit.studies.base import plain

N = 2500


@pytest.fixture(scope="module")
def outcome() -> pd.Series:
    return noise(N, "tests/leakage", 0.15)


@pytest.fixture(scope="module")
def frame(outcome: pd.Series) -> pd.DataFrame:
    """Eight columns without a meaning, and one that honestly helps."""
    rng = generator("tests/leakage/helps")
    frame = table(N, "tests/leakage")
    return frame.assign(score=rng.normal(size=N) + 0.6 * outcome)


def seconds(outcome: pd.Series) -> pd.Series:
    """How long somebody talked to a lead: longer where it ended well, as is only known afterwards."""
    rng = generator("tests/leakage/seconds")
    return pd.Series(rng.lognormal(4.8 + 1.1 * outcome, 0.8), index=outcome.index)


def test_columns_that_are_known_before_stay(frame: pd.DataFrame, outcome: pd.Series) -> None:
    found = leakage(frame, outcome, seed=42)
    assert found.leaking == () and set(found.table["verdict"]) == {"none"}
    assert found.table["column"][0] == "score" and 0.6 < found.table["auc"][0] < 0.72


@pytest.mark.parametrize("name", ["length", "duration"])
def test_what_is_measured_afterwards_is_found_with_any_name(frame: pd.DataFrame, outcome: pd.Series, name: str) -> None:
    found = leakage(frame.assign(**{name: seconds(outcome)}), outcome, seed=42)
    assert found.leaking == (name,)
    assert "next column" in found.table["reason"][0]


def test_a_name_counts_together_with_what_the_column_tells(frame: pd.DataFrame, outcome: pd.Series) -> None:
    """An area of 0.73 is not enough alone; with a name that says that it is of afterwards it is."""
    rng = generator("tests/leakage/name")
    some = pd.Series(rng.normal(size=N) + 0.85 * outcome, index=outcome.index)
    assert leakage(frame.assign(signal=some), outcome, seed=42).leaking == ()
    assert leakage(frame.assign(**{"Call duration": some}), outcome, seed=42).leaking == ("Call duration",)
    assert leakage(frame.assign(duration=rng.normal(size=N)), outcome, seed=42).leaking == ()


def test_the_outcome_under_another_name(frame: pd.DataFrame, outcome: pd.Series) -> None:
    rng = generator("tests/leakage/copies")
    copies = frame.assign(
        stage=outcome.map({True: "S4", False: "S1"}).astype("str"),
        worth=np.where(outcome, rng.gamma(2, 100, size=N), 0.0),
        agreed=pd.Series(
            np.where(outcome, "yes", None), index=outcome.index, dtype="str"
        ),  # filled in for buyers alone
    )
    found = leakage(copies.assign(length=seconds(outcome)), outcome, seed=42)
    assert found.leaking == ("stage", "worth", "agreed", "length")
    for name in ("stage", "worth", "agreed"):
        assert leakage(copies[["state", "industry", "score", name]], outcome, seed=1).leaking == (name,)


def test_values_that_have_one_outcome_only(frame: pd.DataFrame, outcome: pd.Series) -> None:
    """Six of ten buyers have a value that nobody else has: no order by far, as the rest is mixed."""
    some = outcome & (generator("tests/leakage/pure").uniform(size=N) < 0.6)
    mixed = pd.Series(generator("tests/leakage/mixed").choice(list("abc"), size=N), index=outcome.index)
    column = mixed.where(~some, "z").astype("str")
    row = leakage(frame.assign(kind=column), outcome, seed=42).table.set_index("column").loc["kind"]
    assert row["verdict"] == "leaks" and row["pure"] == pytest.approx(some.sum() / outcome.sum())


def test_who_says_keep_is_told_what_is_kept(frame: pd.DataFrame, outcome: pd.Series) -> None:
    found = leakage(frame.assign(duration=seconds(outcome)), outcome, seed=42, keep=["duration"])
    assert found.leaking == () and found.kept == ("duration",)
    assert found.table.set_index("column").loc["duration", ["verdict"]].tolist() == ["kept"]
    with pytest.raises(ValueError, match="no such column to keep: nothing"):
        leakage(frame, outcome, seed=42, keep=["nothing"])


def test_exports_under_each_other_are_no_single_column() -> None:
    """Five of eight columns tell the outcome by being filled: that is for the missing values to say."""
    frame, outcome, _ = stacked(1500, "tests/leakage/stacked")
    found = leakage(frame, outcome, seed=42)
    verdicts = found.table.set_index("column")["verdict"]
    assert found.leaking == ()
    assert set(verdicts[verdicts == "missing values"].index) <= {
        "state",
        "industry",
        "job_title",
        "education",
        "gender",
    }
    assert (verdicts == "missing values").sum() >= 4


def test_a_permuted_outcome_is_known_to_no_column(frame: pd.DataFrame, outcome: pd.Series) -> None:
    mixed = pd.Series(generator("tests/leakage/permuted").permutation(outcome.to_numpy()), index=outcome.index)
    found = leakage(frame.assign(duration=seconds(outcome)), mixed, seed=42)
    assert found.leaking == ()
    assert found.table["auc"].max() < 0.6  # far below one half is chance as well: what is common here is rare there


def test_rows_reordered_and_values_renamed(frame: pd.DataFrame, outcome: pd.Series) -> None:
    wide = frame.assign(duration=seconds(outcome))
    before = wide.copy(deep=True)
    found = leakage(wide, outcome, seed=42)
    again = leakage(wide.sample(frac=1, random_state=1), outcome, seed=42)
    pd.testing.assert_frame_equal(found.table, again.table)
    renamed = wide.assign(state=wide["state"].map({"IL": "9", "TX": "8", "CA": "7", "NY": "6"}).astype("str"))
    other = leakage(renamed, outcome, seed=42).table.set_index("column")["auc"]
    assert other.to_dict() == pytest.approx(found.table.set_index("column")["auc"].to_dict())
    pd.testing.assert_frame_equal(wide, before)


@pytest.mark.parametrize("n", [1, 5, 30])
def test_small_and_empty_columns(n: int) -> None:
    frame = table(n, "tests/leakage/small").assign(one="x", none=pd.Series(np.nan, dtype="float64"))
    for y in (noise(n, "tests/leakage/small"), noise(n, "tests/leakage/small") & False):
        found = leakage(frame, y, seed=1)
        assert set(found.leaking) & {"one", "none"} == set()
        json.dumps(plain(found.to_json()))
        assert "<table" in found._repr_html_()


# The pieces


def test_rates_elsewhere_by_hand() -> None:
    """Two folds; the rate of a value in the other fold, with ten units at the other fold's rate added."""
    y = pd.Series([True, False, True, True, False, False])
    fold, codes = np.array([0, 0, 0, 1, 1, 1]), np.array([1, 1, 2, 1, 2, 2])
    found = rates_elsewhere(codes, 3, y, fold)
    assert found[[0, 2]] == pytest.approx([(1 + 10 / 3) / 11, (0 + 10 / 3) / 12])
    assert found[[3, 4]] == pytest.approx([(1 + 20 / 3) / 12, (1 + 20 / 3) / 11])


def test_a_value_that_many_share_is_not_put_together_with_others() -> None:
    x = pd.Series([0.0] * 700 + list(np.linspace(0.001, 5, 200)) + [np.nan] * 100)
    codes, number = codes_of(x)
    assert len(set(codes[:700])) == 1 and codes[0] not in codes[700:] and set(codes[900:]) == {0}
    assert number == codes.max() + 1


def test_boosted_scores_are_of_models_that_did_not_see_the_unit() -> None:
    y = noise(400, "tests/boosted", 0.5)
    number = generator("tests/boosted").permutation(400).astype(float)[:, None]
    fold = folds_of(y, "tests", 1)
    scores = boosted(number, y, fold, rounds=30, leaves=31, name="tests", seed=1)
    assert abs(roc_auc_score(y, scores) - 0.5) < 0.1  # a model that had seen the units would tell them all apart
