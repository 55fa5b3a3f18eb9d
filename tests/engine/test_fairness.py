"""Sensitive fields beside personas: by hand, against the intervals of the room, and planted both ways."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from leads_made import ids, noise, table
from sklearn.metrics import adjusted_rand_score

from segkit.engine.external import cramers_v
from segkit.inference import difference, rate
from segkit.inference.fairness import Fairness, banded, fairness
from segkit.seeds import generator
from segkit.studies.base import plain

SENSITIVE = ("gender", "age_range")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return table(1000, "tests/fairness", 0.2)


@pytest.fixture(scope="module")
def labels(frame: pd.DataFrame) -> pd.Series:
    """Two personas that are much the same as the genders, and a third of anybody."""
    rng = generator("tests/fairness/labels")
    own = frame["gender"].map({"female": 1, "male": 2}).astype("float64")
    lot = pd.Series(rng.integers(1, 4, size=1000), index=frame.index)
    return own.where((rng.uniform(size=1000) < 0.7) & own.notna(), lot).astype("int64")


@pytest.fixture(scope="module")
def outcome() -> pd.Series:
    return noise(1000, "tests/fairness")


@pytest.fixture(scope="module")
def found(frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series) -> Fairness:
    return fairness(frame, SENSITIVE, labels, outcome, without=labels.map({1: 3, 2: 3, 3: 9}))


def test_two_personas_that_fall_together_without_a_field(found: Fairness, labels: pd.Series) -> None:
    sizes = labels.value_counts()
    larger, smaller = (1, 2) if sizes[1] >= sizes[2] else (2, 1)
    assert found.ari == pytest.approx(adjusted_rand_score(labels, labels.replace({2: 1})))
    assert found.same == pytest.approx(1 - sizes[smaller] / 1000)
    assert found.kept.set_index("persona")["same"].to_dict() == {larger: 1, smaller: 0, 3: 1}


def test_the_same_partition_under_other_names_is_the_same(
    frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series
) -> None:
    again = fairness(frame, SENSITIVE, labels, outcome, without=labels.map({1: 7, 2: 5, 3: 6}))
    assert (again.ari, again.same) == (1, 1) and (again.kept["same"] == 1).all()
    alone = fairness(frame, SENSITIVE, labels, outcome)
    assert np.isnan(alone.ari) and alone.kept.empty
    pd.testing.assert_frame_equal(alone.rates, again.rates)


def test_rates_are_those_of_the_room(found: Fairness, frame: pd.DataFrame, outcome: pd.Series) -> None:
    """Wilson's interval of the value, and Newcombe's of the difference to the rest of the known."""
    known = outcome[frame["gender"].notna()]
    own = outcome[frame["gender"] == "female"]
    row = found.rates.set_index(["field", "value"]).loc[("gender", "female")]
    expected = rate(int(own.sum()), len(own))
    assert row[["units", "conversions", "rate", "low", "high"]].tolist() == [
        expected.units, expected.events, expected.share, expected.low, expected.high,
    ]  # fmt: skip
    less = difference((int(own.sum()), int(known.sum() - own.sum())), (len(own), len(known) - len(own)))
    assert row[["difference", "difference_low", "difference_high"]].tolist() == [less.difference, less.low, less.high]


def test_association_is_cramers_v_and_tells_planted_from_none(
    found: Fairness, frame: pd.DataFrame, labels: pd.Series
) -> None:
    table = found.association.set_index("field")
    counts = pd.crosstab(labels, frame["gender"]).to_numpy()
    assert table.loc["gender", "cramers_v"] == pytest.approx(cramers_v(counts, corrected=True))
    assert table.loc["gender", "low"] > 0.5 and table.loc["age_range", "cramers_v"] < 0.1
    assert table.loc["gender", "known"] == frame["gender"].notna().sum()


def test_shares_by_persona_by_hand(found: Fairness, frame: pd.DataFrame, labels: pd.Series) -> None:
    own = frame["gender"][labels == 1].dropna()
    row = found.distribution.set_index(["field", "persona", "value"]).loc[("gender", 1, "female")]
    assert row["n"] == (own == "female").sum() and row["known"] == len(own)
    assert row["share"] == pytest.approx((own == "female").mean()) and row["low"] < row["share"] < row["high"]


def test_nothing_is_told_of_fewer_than_ten(labels: pd.Series, outcome: pd.Series) -> None:
    kinds = ["a"] * 500 + ["b"] * 480 + ["c"] * 12 + ["d"] * 8
    frame = pd.DataFrame({"kind": kinds}, index=labels.index).astype("str")
    found = fairness(frame, ["kind"], labels, outcome)
    # Not of eight, of twelve with few conversions, and of those who would give these away.
    assert len(found.rates) == 1 and set(found.rates["value"]) <= {"a", "b"}
    assert (found.distribution["n"] >= 10).all()
    few = fairness(frame.mask(np.arange(1000)[:, None] >= 7), ["kind"], labels, outcome)
    assert few.rates.empty and few.distribution.empty and few.association[["known", "cramers_v"]].isna().all(axis=None)


def test_numbers_are_cut_into_bands_of_much_the_same_size() -> None:
    ages = pd.Series(generator("tests/fairness/ages").integers(18, 80, size=2000).astype(float), index=ids(2000))
    ages.iloc[:100] = np.nan
    bands = banded(ages)
    assert bands.isna().sum() == 100 and bands.nunique() == 4
    assert bands.value_counts().between(380, 570).all()
    for value, band in zip(ages.iloc[100:], bands.iloc[100:], strict=True):
        low, high = (float(x) for x in band.split(" to "))
        assert low <= value <= high
    assert banded(ages.head(120)).isna().all()


def test_rows_reordered_and_nothing_changed(
    found: Fairness, frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series
) -> None:
    before = frame.copy(deep=True)
    again = fairness(
        frame.iloc[::-1],
        SENSITIVE,
        labels,
        outcome.sample(frac=1, random_state=1),
        without=labels.map({1: 3, 2: 3, 3: 9}),
    )
    for name in ("kept", "distribution", "association", "rates"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(again, name))
    pd.testing.assert_frame_equal(frame, before)
    json.dumps(plain(found.to_json()))
    assert "<table" in found._repr_html_() and found.table is found.rates


def test_a_permuted_outcome_differs_by_nothing(frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series) -> None:
    rates = fairness(frame, SENSITIVE, labels, outcome).rates
    assert (
        (rates["difference_low"] < 0) & (rates["difference_high"] > 0)
    ).mean() >= 0.6  # noise: five intervals of 95 %


def test_what_is_not_there_is_refused(frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series) -> None:
    with pytest.raises(ValueError, match="no such column: faith"):
        fairness(frame, ["faith"], labels, outcome)
    with pytest.raises(ValueError, match="4 leads have no outcome or no segment"):
        fairness(frame, SENSITIVE, labels.iloc[4:], outcome)
