"""What must not change when the data are written down in another way: twice, under other names, in other units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted import as_matrix
from sklearn.metrics import adjusted_rand_score

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.consensus import consensus
from segkit.engine.drift import decile_edges, psi
from segkit.engine.effects import effects
from segkit.engine.external import cramers_v
from segkit.engine.fits import adjusted_rand, best_jaccard, crossing
from segkit.engine.instability import disagreement
from segkit.engine.kselection import select_k
from segkit.engine.matrix import ModelMatrix, fit_matrix
from segkit.engine.prediction import prediction_strength
from segkit.engine.segments import fit_segments
from segkit.engine.sensitivity import sensitivity
from segkit.seeds import generator

NAMES = ["calls", "talk", "gap", "share"]
BLOCKS = {"a": NAMES[:2], "b": NAMES[2:]}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Three groups that overlap a little, in features of very different units."""
    rng = generator("tests/metamorphic")
    kind = np.repeat([0, 1, 2], [90, 60, 40])
    middle = np.array([[0, 0, 0, 0], [5, 1, 0, 2], [1, 6, 4, 0]])[kind]
    values = (middle + rng.normal(size=(len(kind), 4))) * [3.0, 600.0, 20.0, 0.1]
    return pd.DataFrame(values, columns=NAMES, index=[f"{i:012x}" for i in range(len(kind))])


@pytest.fixture(scope="module")
def matrix(frame: pd.DataFrame) -> ModelMatrix:
    return fit_matrix(frame, BLOCKS)


def twice(matrix: ModelMatrix) -> ModelMatrix:
    return as_matrix(np.vstack([matrix.values, matrix.values]))


def test_every_unit_twice_gives_the_same_segments_and_indices(matrix: ModelMatrix) -> None:
    one, two = (
        fit_segments(matrix, 3, clusterer=KMeansClusterer(20)),
        fit_segments(twice(matrix), 3, clusterer=KMeansClusterer(20)),
    )
    n = len(matrix.values)
    assert two.centres == pytest.approx(one.centres)
    assert two.labels.to_numpy().tolist() == [*one.labels, *one.labels]
    assert two.inertia == pytest.approx(2 * one.inertia)
    table, other = (
        select_k(m, (2, 3), clusterer=KMeansClusterer(20)).table.set_index("k") for m in (matrix, twice(matrix))
    )
    assert other["davies_bouldin"].to_numpy() == pytest.approx(table["davies_bouldin"].to_numpy())
    assert other["separation"].to_numpy() == pytest.approx(table["separation"].to_numpy())
    for k in (2, 3):  # of the ratio of variances only the degrees of freedom change
        freedom = (2 * n - k) / (n - k)
        assert other.loc[k, "calinski_harabasz"] == pytest.approx(freedom * table.loc[k, "calinski_harabasz"])
    # A unit is compared with its own segment, and has a copy there now: it lies nearer, but by little.
    gain = other["silhouette"] - table["silhouette"]
    assert (gain > 0).all() and (gain < 0.02).all()


def test_every_unit_twice_gives_the_same_effects_and_agreement(frame: pd.DataFrame, matrix: ModelMatrix) -> None:
    labels = fit_segments(matrix, 3, clusterer=KMeansClusterer(5)).labels
    both = pd.concat([frame, frame.set_axis([f"{i}'" for i in frame.index])])
    once, again = effects(frame, labels), effects(both, pd.Series([*labels, *labels], index=both.index))
    assert again.table["eta_squared"].to_numpy() == pytest.approx(once.table["eta_squared"].to_numpy())
    ratio = (2 * len(frame) - 1) / (2 * (len(frame) - 1))  # of H / (n - 1), which is H / n but for little
    assert ratio * again.table["epsilon_squared"].to_numpy() == pytest.approx(
        once.table["epsilon_squared"].to_numpy(), rel=0.01
    )
    assert again.delta.to_numpy() == pytest.approx(once.delta.to_numpy())
    counts = np.array([[40, 3, 2], [5, 30, 1], [0, 4, 25]])
    assert best_jaccard(2 * counts).tolist() == best_jaccard(counts).tolist()
    assert cramers_v(2 * counts) == pytest.approx(cramers_v(counts))
    assert disagreement(2 * counts) == pytest.approx(disagreement(counts))
    assert adjusted_rand(2 * counts) == pytest.approx(adjusted_rand(counts), abs=0.01)


def test_every_unit_twice_does_not_drift(frame: pd.DataFrame) -> None:
    x, y = frame["talk"].to_numpy(), frame["talk"].to_numpy()[::2] * 1.05
    edges = decile_edges(x)
    assert psi(np.tile(x, 2), np.tile(y, 2), edges) == pytest.approx(psi(x, y, edges), rel=0.1)  # smoothed by a half


def test_every_unit_twice_makes_no_more_segments(matrix: ModelMatrix) -> None:
    """Halves of doubled data share units, so they predict each other better, never worse; pairs grow no vaguer."""
    ks = (2, 3, 4)
    one, two = (prediction_strength(m, ks, splits=12, jobs=1).table for m in (matrix, twice(matrix)))
    assert (two["strength"] > one["strength"] - 0.05).all()
    vague, other = (consensus(m, ks, subsamples=12, jobs=1).table["pac"] for m in (matrix, twice(matrix)))
    assert (other < vague + 0.05).all()


def test_other_units_of_measurement_give_the_same_matrix(frame: pd.DataFrame, matrix: ModelMatrix) -> None:
    """Scaling by quantiles takes any unit away: minutes for seconds, per cent for shares, another zero."""
    other = frame * [1.0, 1 / 60, 24.0, 100.0] + [0.0, 5.0, -3.0, 0.0]
    assert fit_matrix(other, BLOCKS).values == pytest.approx(matrix.values, abs=1e-9)


def test_other_names_change_names_only(frame: pd.DataFrame, matrix: ModelMatrix) -> None:
    called = dict(zip(NAMES, ["z", "y", "x", "w"], strict=True))
    blocks = {f"block {b}": [called[n] for n in names] for b, names in BLOCKS.items()}
    renamed = fit_matrix(frame.rename(columns=called), blocks)
    np.testing.assert_array_equal(renamed.values, matrix.values)
    segments = fit_segments(matrix, 3, clusterer=KMeansClusterer(5))
    one = sensitivity(frame, BLOCKS, matrix, segments, clip=0.01, cap=10, clusterer=KMeansClusterer(5)).table
    two = sensitivity(
        frame.rename(columns=called), blocks, renamed, segments, clip=0.01, cap=10, clusterer=KMeansClusterer(5)
    ).table
    assert two["what"].tolist() == [called.get(w, w if w == "all" else f"block {w}") for w in one["what"]]
    pd.testing.assert_frame_equal(one.drop(columns="what"), two.drop(columns="what"), check_exact=True)


def test_columns_in_another_order_give_the_same_partition(frame: pd.DataFrame, matrix: ModelMatrix) -> None:
    turned = fit_matrix(frame, {"b": NAMES[:1:-1], "a": NAMES[1::-1]})
    one, two = (fit_segments(m, 3, clusterer=KMeansClusterer(20)) for m in (matrix, turned))
    assert adjusted_rand_score(one.labels, two.labels) == 1 and two.inertia == pytest.approx(one.inertia)
    assert crossing(one.labels.to_numpy() - 1, two.labels.to_numpy() - 1, 3, 3).trace() == len(frame)
