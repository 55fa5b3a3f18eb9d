"""Four clusterings of few units, one of which may call everything noise."""

from __future__ import annotations

import json

import numpy as np
from planted import as_matrix, planted
from sklearn.cluster import DBSCAN

from segkit.engine.clusterer import given
from segkit.engine.clusterings import ALL_NOISE, AS_PUBLISHED, FEW, OF_DISTANCES, ONE, clusterings, radius
from segkit.engine.coassignment import NOISE
from segkit.engine.segments import fit_segments, numbered
from segkit.seeds import generator


def test_all_find_groups_that_lie_apart_but_the_published_radius() -> None:
    matrix, _ = planted((6, 4, 4))
    segments = fit_segments(matrix, 3)
    found = clusterings(matrix, segments)
    at = found.table.set_index("algorithm")
    sure = at.drop(index=[OF_DISTANCES, AS_PUBLISHED])
    assert list(sure.index) == ["k-means", "Ward", "k-medoids"]
    assert (sure["ari"] == 1).all() and (sure["silhouette"] > 0.9).all() and (sure["singletons"] == 0).all()
    assert sure[["smallest", "largest"]].to_numpy().tolist() == [[4, 6]] * 3
    own = at.loc[OF_DISTANCES]
    assert own["clusters"] == 3 and own["noise"] < 0.3
    kept = found.labels[OF_DISTANCES] != NOISE
    assert (found.labels.loc[kept, OF_DISTANCES] == segments.labels[kept]).all()  # numbered as those in use
    assert found.agreement.confidence > 0.7


def test_everything_noise_is_told() -> None:
    """Ten units in eight columns: no two lie within half a standard deviation of each other."""
    matrix = as_matrix(generator("tests/noise").normal(size=(10, 8)))
    found = clusterings(matrix, fit_segments(matrix, 3))
    at = found.table.set_index("algorithm").loc[AS_PUBLISHED]
    assert at["told"] == ALL_NOISE and at["noise"] == 1 and at["clusters"] == at["largest"] == at["singletons"] == 0
    assert np.isnan(at["silhouette"]) and at["ari"] == 0 and (found.labels[AS_PUBLISHED] == NOISE).all()
    assert json.loads(json.dumps(found.to_json()))["by_algorithm"][AS_PUBLISHED]["told"] == ALL_NOISE


def test_one_cluster_is_told() -> None:
    matrix = as_matrix(0.01 * generator("tests/close").normal(size=(10, 3)))
    assert clusterings(matrix, fit_segments(matrix, 2)).table.set_index("algorithm").loc[AS_PUBLISHED, "told"] == ONE


def test_the_radius_is_where_the_distances_bend() -> None:
    values = np.concatenate([np.arange(5.0), 100 + np.arange(5.0), [400.0, 900.0]])[:, None]
    assert radius(values, 3) == 2  # the ends of the two rows; the strangers are 300 and 500 off
    labels = clusterings(as_matrix(values), fit_segments(as_matrix(values), 2)).labels[OF_DISTANCES]
    assert labels.nunique() == 3 and (labels.iloc[-2:] == NOISE).all()
    assert (DBSCAN(eps=2.001, min_samples=3).fit(values).labels_[-2:] == -1).all()
    assert radius(np.array([[0.0], [3.0], [6.0]]), 2) == 3  # nothing bends
    assert 0 < radius(np.zeros((4, 2)), 3) < 1e-300 and radius(np.zeros((1, 2)), 3) > 0


def test_three_units_and_a_segment_of_one() -> None:
    matrix = as_matrix(np.array([[0.0, 0], [1, 0], [9, 9]]))
    found = clusterings(matrix, fit_segments(matrix, 2)).table.set_index("algorithm")
    assert found.loc[["k-means", "Ward", "k-medoids"], "singletons"].tolist() == [1, 1, 1]
    assert found.loc[["k-means", "Ward", "k-medoids"], "ari"].tolist() == [1, 1, 1]


def test_too_few_distinct_units_are_told() -> None:
    matrix = as_matrix(np.zeros((4, 2)))
    segments = numbered(matrix, given(matrix.values, np.arange(4) % 2), {}, 0)
    table = clusterings(matrix, segments).table.set_index("algorithm")
    assert table.loc[["k-means", "Ward", "k-medoids"], "told"].tolist() == [FEW] * 3
    assert table.loc["Ward", "clusters":"ari"].isna().all() and table.loc[OF_DISTANCES, "told"] == ONE
