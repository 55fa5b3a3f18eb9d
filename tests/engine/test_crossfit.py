"""Rates of personas that were formed without the lead: planted groups, noise, and rivals whose order is known."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from leads_made import ids

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import fit_matrix
from segkit.engine.segments import fit_segments
from segkit.inference import rate
from segkit.inference.crossfit import COUNT, FIELD, PERSONAS, TREES, CrossFitted, cross_fitted
from segkit.seeds import generator
from segkit.studies.base import plain

BLOCKS = {"a": ["x", "y"], "b": ["z", "w"]}
RATES = {0: 0.05, 1: 0.3, 2: 0.65}


def planted(n: int, name: str) -> tuple[pd.DataFrame, pd.Series]:
    """Three round groups, and which one each lead is of."""
    rng = generator(name)
    kind = pd.Series(rng.choice([0, 1, 2], size=n, p=[0.5, 0.3, 0.2]), index=ids(n))
    middle = np.array([[0, 0, 0, 0], [9, 0, 9, 0], [0, 9, 0, 9]])[kind]
    return pd.DataFrame(middle + rng.normal(size=(n, 4)), columns=list("xyzw"), index=kind.index), kind


def drawn(kind: pd.Series, rates: dict[int, float], name: str) -> pd.Series:
    return pd.Series(generator(name).uniform(size=len(kind)) < kind.map(rates), index=kind.index)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return planted(900, "tests/crossfit")[0]


@pytest.fixture(scope="module")
def kind() -> pd.Series:
    return planted(900, "tests/crossfit")[1]


@pytest.fixture(scope="module")
def outcome(kind: pd.Series) -> pd.Series:
    return drawn(kind, RATES, "tests/crossfit/outcome")


@pytest.fixture(scope="module")
def labels(frame: pd.DataFrame) -> pd.Series:
    return fit_segments(fit_matrix(frame, BLOCKS), 3, clusterer=KMeansClusterer(10)).labels


@pytest.fixture(scope="module")
def found(frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series) -> CrossFitted:
    return cross_fitted(frame, BLOCKS, labels, outcome)


def test_planted_groups_are_formed_again_with_their_rates(
    found: CrossFitted, labels: pd.Series, outcome: pd.Series
) -> None:
    """Groups so far apart are the same without any fold: cross-fitted rates are those counted by hand."""
    assert found.agreement == 1
    for row in found.table.itertuples():
        own = outcome[labels == row.persona]
        expected = rate(int(own.sum()), len(own))
        assert [row.units, row.conversions, row.rate, row.low, row.high] == [
            expected.units, expected.events, expected.share, expected.low, expected.high,
        ]  # fmt: skip
        assert row.formed == expected.share and found.by_persona[row.persona] == expected


def test_personas_that_are_what_matters_rank_as_well_as_trees(found: CrossFitted) -> None:
    ranking = found.ranking.set_index("order")["auc"]
    assert set(ranking.index) == {PERSONAS, FIELD, COUNT, TREES}
    assert ranking[PERSONAS] > 0.75 and ranking[COUNT] == 0.5
    assert found.comparisons.set_index("rival").loc[TREES, "low"] > -0.05
    assert found.comparisons.set_index("rival").loc[COUNT, "low"] > 0.2 and found.better == ()


def test_the_area_of_personas_is_that_of_their_rates(found: CrossFitted, kind: pd.Series, outcome: pd.Series) -> None:
    """Where the rates are ordered in every fold, it is the mean over folds of the area of the groups in their order."""
    from sklearn.metrics import roc_auc_score

    assert found.auc() == pytest.approx(roc_auc_score(outcome, kind), abs=0.01)


def test_a_single_field_that_does_better_is_said_to(frame: pd.DataFrame, labels: pd.Series) -> None:
    """The outcome hangs on one field that has nothing to do with the groups."""
    rng = generator("tests/crossfit/simple")
    mark = pd.Series(rng.choice(["yes", "no"], size=900), index=frame.index).astype("str")
    y = pd.Series(rng.uniform(size=900) < mark.map({"yes": 0.5, "no": 0.1}), index=frame.index)
    fields = frame.assign(mark=mark)
    simple = cross_fitted(frame, BLOCKS, labels, y, fields=fields)
    assert simple.better == (FIELD,) and set(simple.fields) == {"mark"}
    assert simple.comparisons.set_index("rival").loc[FIELD, "high"] < 0
    gaps = fields.drop(columns="mark").assign(filled=mark.where(mark == "yes"))
    assert COUNT in cross_fitted(frame, BLOCKS, labels, y, fields=gaps).better


def test_an_outcome_that_is_permuted_is_ranked_by_nothing(
    frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series
) -> None:
    mixed = pd.Series(generator("tests/crossfit/mixed").permutation(outcome.to_numpy()), index=outcome.index)
    none = cross_fitted(frame, BLOCKS, labels, mixed)
    assert none.agreement == 1  # the outcome took no part in forming them
    assert (none.ranking["low"] <= 0.5).all()
    for r in none.by_persona.values():
        assert r.low <= mixed.mean() + 0.03 and r.high >= mixed.mean() - 0.03


def test_groups_of_noise_are_not_formed_again() -> None:
    rng = generator("tests/crossfit/noise")
    frame = pd.DataFrame(rng.normal(size=(500, 4)), columns=list("xyzw"), index=ids(500))
    labels = fit_segments(fit_matrix(frame, BLOCKS), 5, clusterer=KMeansClusterer(3)).labels
    y = pd.Series(rng.uniform(size=500) < 0.3, index=frame.index)
    found = cross_fitted(frame, BLOCKS, labels, y)
    assert found.agreement < 0.95
    assert found.table["units"].sum() == 500


def test_rows_reordered_and_nothing_changed(
    found: CrossFitted, frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series
) -> None:
    before = frame.copy(deep=True)
    again = cross_fitted(frame.sample(frac=1, random_state=2), BLOCKS, labels, outcome)
    pd.testing.assert_frame_equal(found.table, again.table)
    pd.testing.assert_frame_equal(found.ranking, again.ranking)
    pd.testing.assert_series_equal(found.assigned, again.assigned.reindex(frame.index))
    pd.testing.assert_frame_equal(frame, before)
    stored = json.loads(json.dumps(plain(found.to_json())))
    assert set(stored) == {"personas", "ranking", "comparisons", "agreement", "better", "fields", "params"}
    assert "<table" in found._repr_html_()


def test_a_persona_of_few_is_not_told_of(frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series) -> None:
    few = pd.concat([frame[labels == 1], frame[labels == 2], frame[labels == 3].head(6)])
    # Without clipping, six leads so far away stay a group of their own.
    own = cross_fitted(few, BLOCKS, labels.reindex(few.index), outcome.reindex(few.index), limits={"clip": 0.0})
    assert own.agreement == 1
    assert own.table["units"].isna().sum() == 2 and len(own.by_persona) == 1


def test_what_cannot_be_cross_fitted_is_refused(frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series) -> None:
    with pytest.raises(ValueError, match="2 leads have no outcome or no segment"):
        cross_fitted(frame, BLOCKS, labels.iloc[2:], outcome)
    with pytest.raises(ValueError, match="fewer than two leads with the outcome"):
        cross_fitted(frame, BLOCKS, labels, outcome & False)
