"""The published recipe against scikit-learn step by step, and data in which it is known what the alphabet does."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from leads_made import FIELDS, ids, noise, table
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import LabelEncoder, StandardScaler

from segkit.engine.recipe import alphabetical, published, renumbered, standardised
from segkit.seeds import generator
from segkit.studies.base import plain


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return table(900, "tests/recipe", 0.5).sort_index()


@pytest.fixture(scope="module")
def outcome() -> pd.Series:
    return noise(900, "tests/recipe")


def test_every_step_is_that_of_scikit_learn(frame: pd.DataFrame, outcome: pd.Series) -> None:
    """LabelEncoder after fillna, StandardScaler, KMeans(4, n_init=10, random_state=42), PCA(2)."""
    codes = np.column_stack([LabelEncoder().fit_transform(frame[f].fillna("Unknown")) for f in FIELDS])
    values = StandardScaler().fit_transform(codes)
    assert alphabetical(frame)[0].tolist() == codes.tolist()
    assert standardised(codes.astype(float)) == pytest.approx(values)
    found = published(frame, outcome, renumberings=2)
    labels = KMeans(n_clusters=4, n_init=10, random_state=42).fit_predict(values)
    assert adjusted_rand_score(labels, found.labels) == 1
    assert found.clusters["units"].tolist() == sorted(np.bincount(labels), reverse=True)
    fitted = PCA(2).fit(values)
    assert np.abs(found.picture.to_numpy()) == pytest.approx(np.abs(fitted.transform(values)))
    assert found.explained == pytest.approx(tuple(fitted.explained_variance_ratio_))
    rate = outcome[found.labels == 1].mean()
    assert found.clusters.loc[0, "rate"] == pytest.approx(rate)


def test_without_an_order_the_partition_is_that_of_the_alphabet(frame: pd.DataFrame, outcome: pd.Series) -> None:
    found = published(frame, outcome)
    mean, least, largest = found.ari()
    assert mean < 0.5 and least <= mean <= largest
    assert found.ari("other start")[0] > mean
    assert found.table["kind"].value_counts().to_dict() == {"renumbered": 20, "other start": 20}


def test_two_values_a_column_have_no_order_to_lose(outcome: pd.Series) -> None:
    """Renumbering two categories turns a column round, which changes no distance: planted groups stay."""
    kind = generator("tests/recipe/two").integers(0, 2, size=900)
    frame = pd.DataFrame({f"c{i}": np.where(kind == 1, "yes", "no") for i in range(6)}, index=ids(900)).astype("str")
    found = published(frame, outcome, k=2)
    assert found.ari() == (1, 1, 1)


def test_renumbering_keeps_who_is_alike() -> None:
    codes = generator("tests/recipe/codes").integers(0, 5, size=(200, 3)).astype(float)
    other = renumbered(codes, (5, 5, 0), generator("tests/recipe/permuted"))
    for j in (0, 1):
        assert adjusted_rand_score(codes[:, j], other[:, j]) == 1
    assert (codes[:, 2] == other[:, 2]).all() and (codes[:, 0] != other[:, 0]).any()


def test_the_order_of_rows_and_the_outcome_change_no_cluster(frame: pd.DataFrame, outcome: pd.Series) -> None:
    before = frame.copy(deep=True)
    found = published(frame, outcome, renumberings=3)
    again = published(frame.sample(frac=1, random_state=1), ~outcome, renumberings=3)
    pd.testing.assert_series_equal(found.labels, again.labels.reindex(frame.index))
    pd.testing.assert_frame_equal(found.table, again.table)
    assert again.clusters["rate"].to_numpy() == pytest.approx(1 - found.clusters["rate"].to_numpy())
    pd.testing.assert_frame_equal(frame, before)


def test_many_rows_are_compared_on_a_sample() -> None:
    frame = table(6000, "tests/recipe/many", 0.3)
    found = published(frame, noise(6000, "t"), renumberings=2)
    assert (found.params["compared"], found.params["units"]) == (3000, 6000) and len(found.labels) == 6000


def test_small_tables_and_columns_of_one_value() -> None:
    frame = pd.DataFrame({"a": ["x"] * 12, "b": ["y"] * 11 + [None], "n": [1.0] * 11 + [np.nan]}, index=ids(12))
    frame["b"] = frame["b"].astype("str")
    found = published(frame, noise(12, "t"), renumberings=2)
    assert found.params["k"] == 2 and sorted(found.labels.value_counts()) == [1, 11]
    assert found.clusters[["units", "rate"]].isna().all(axis=None)  # one row, and those that would give it away
    json.dumps(plain(found.to_json()))
    assert "<table" in found._repr_html_()
    one = published(frame[["a"]], noise(12, "t"), renumberings=1)
    assert one.params["k"] == 1 and one.explained == (0, 0)
