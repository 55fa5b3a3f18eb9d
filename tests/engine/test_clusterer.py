"""Other ways to part units than k-means: what all evidence asks of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted import planted
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from segkit.engine import fits
from segkit.engine.clusterer import Clusterer, EstimatorClusterer, KMeansClusterer
from segkit.engine.consensus import consensus
from segkit.engine.gap import gap_statistic
from segkit.engine.instability import instability
from segkit.engine.jaccard import jaccard
from segkit.engine.kselection import select_k
from segkit.engine.matrix import ModelMatrix, fit_matrix
from segkit.engine.null_statistics import Plan, statistics
from segkit.engine.pipeline import pipeline_bootstrap
from segkit.engine.prediction import prediction_strength
from segkit.engine.segments import fit_segments
from segkit.engine.sensitivity import sensitivity

WARD = EstimatorClusterer(AgglomerativeClustering())
MIXTURE = EstimatorClusterer(GaussianMixture(covariance_type="diag", reg_covar=1e-3))
ALL: dict[str, Clusterer] = {"k-means": KMeansClusterer(3), "Ward": WARD, "mixture": MIXTURE}


@pytest.fixture
def matrix() -> ModelMatrix:
    return planted((40, 30, 20))[0]


@pytest.mark.parametrize("name", ALL)
def test_planted_segments_are_found_by_all_and_new_units_join_them(name: str, matrix: ModelMatrix) -> None:
    found = ALL[name].fit(matrix.values, 3, seed=1)
    truth = planted((40, 30, 20))[1]
    assert adjusted_rand_score(truth, found.labels) == 1.0
    assert found.predict(matrix.values + 1e-3).tolist() == found.labels.tolist()
    means = [matrix.values[found.labels == j].mean(axis=0) for j in range(3)]
    assert np.allclose(found.centres, means)
    within = sum(((matrix.values[found.labels == j] - means[j]) ** 2).sum() for j in range(3))
    assert found.inertia(matrix.values) == pytest.approx(within)


def test_k_means_is_the_fit_that_all_loops_had(matrix: ModelMatrix) -> None:
    own, plain = KMeansClusterer(4).fit(matrix.values, 5, seed=9), fits.fit(matrix.values, 5, seed=9, restarts=4)
    assert own.labels.tolist() == plain.labels.tolist() and np.array_equal(own.centres, plain.centres)


def test_ward_is_scikit_learns_and_is_extended_by_the_nearest_neighbour() -> None:
    values = load_iris().data
    found = WARD.fit(values, 3, seed=0)
    theirs = AgglomerativeClustering(3).fit_predict(values)
    assert found.labels.tolist() == theirs.tolist()
    rng = np.random.default_rng(3)
    new = values[rng.integers(150, size=30)] + rng.normal(0, 0.3, (30, 4))
    nearest = ((new[:, None] - values[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert found.predict(new).tolist() == theirs[nearest].tolist()
    assert WARD.params == {"clusterer": "AgglomerativeClustering", "extends_by": "nearest neighbour"}
    assert MIXTURE.params == {"clusterer": "GaussianMixture", "extends_by": "its own rule"}


def test_a_seed_decides_where_the_estimator_has_one_and_the_template_stays_as_it_is() -> None:
    values = np.random.default_rng(5).normal(size=(60, 3))
    template = KMeans(init="random", n_init=1)
    own = EstimatorClusterer(template)
    one, two, other = (own.fit(values, 6, seed=s).labels.tolist() for s in (1, 1, 2))
    assert one == two != other
    assert template.get_params()["n_clusters"] == 8 and not hasattr(template, "labels_")


def test_an_estimator_that_takes_no_number_of_clusters_is_refused(matrix: ModelMatrix) -> None:
    with pytest.raises(ValueError, match="DBSCAN takes no number of clusters"):
        EstimatorClusterer(DBSCAN()).fit(matrix.values, 3, seed=0)


@pytest.mark.parametrize("name", ["Ward", "mixture"])
def test_every_procedure_takes_a_clusterer(name: str, matrix: ModelMatrix) -> None:
    own: dict[str, Any] = {"clusterer": ALL[name]}
    segments = fit_segments(matrix, 3, **own)
    assert segments.sizes.tolist() == [40, 30, 20] and segments.params["clusterer"] == ALL[name].params["clusterer"]
    frame = pd.DataFrame(matrix.values, index=matrix.index, columns=list(matrix.columns))
    chosen = select_k(matrix, (2, 3, 4), **own)
    assert chosen.by["silhouette"] == 3
    assert gap_statistic(matrix, 3, references=2, **own).table["gap"].notna().all()
    strength = prediction_strength(matrix, (2, 3), splits=2, **own).table
    assert strength["strength"].iloc[1] == 1.0
    assert instability(matrix, chosen.partitions, bootstraps=4, **own).table.set_index("k").loc[3, "instability"] == 0.0
    assert consensus(matrix, (3,), subsamples=6, **own).table["pac"].tolist() == [0.0]
    similar = jaccard(matrix, segments, resamples=3, **own)
    assert similar.lowest == 1.0 and np.isnan(similar.more_starts)
    blocks = {b: list(n) for b, n in matrix.blocks.items()}
    made = fit_matrix(frame, blocks)
    again = pipeline_bootstrap(frame, made, fit_segments(made, 3, **own), resamples=3, **own)
    assert again.table["ari"].min() == 1.0
    arms = sensitivity(frame, blocks, made, fit_segments(made, 3, **own), clip=0.01, cap=10.0, **own)
    assert arms.table["ari"].between(-1, 1).all() and arms.params["clusterer"] == ALL[name].params["clusterer"]
    measured = statistics(matrix.values, Plan(3, bootstraps=2, splits=1, subsamples=2, **own), 1)
    assert measured["prediction_strength"] == measured["jaccard"] == 1.0
