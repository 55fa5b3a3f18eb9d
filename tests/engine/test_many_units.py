"""Of very many units resamples hold a part; on planted segments that changes no answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted import as_matrix, planted

from segkit.engine import consensus, fits, instability, jaccard, pipeline
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import ModelMatrix, fit_matrix
from segkit.engine.segments import fit_segments
from segkit.seeds import generator

MANY, PART = 900, 200


@pytest.fixture
def matrix(monkeypatch: pytest.MonkeyPatch) -> ModelMatrix:
    for module in (fits, consensus):
        monkeypatch.setattr(module, "LARGE", 500)
        monkeypatch.setattr(module, "DRAWN", PART)
    return planted((400, 200, 300))[0]


def test_clusterwise_jaccard(matrix: ModelMatrix) -> None:
    found = jaccard.jaccard(matrix, fit_segments(matrix, 3, clusterer=KMeansClusterer(5)), resamples=8, jobs=1)
    assert (found.params["units"], found.params["drawn"]) == (MANY, PART)
    rows = found.summary.set_index("scheme")
    assert (rows.loc[["bootstrap", "halves"], "mean"] == 1).all() and (rows["mean"] > 0.9).all()
    rng = generator("tests/many")
    assert len(jaccard.drawn(MANY, "halves", rng)) == PART // 2
    assert len(jaccard.drawn(MANY, "noise", rng)) == round(0.95 * PART)
    assert 0.5 * PART < len(jaccard.drawn(MANY, "bootstrap", rng)) < PART


def test_bootstrap_instability(matrix: ModelMatrix) -> None:
    partitions = {
        k: fit_segments(matrix, k, clusterer=KMeansClusterer(5)).labels.to_numpy(dtype=np.int64) for k in (3, 4)
    }
    found = instability.instability(matrix, partitions, bootstraps=8, jobs=1)
    rows = found.table.set_index("k")
    assert found.params["drawn"] == PART and rows.loc[3, "instability"] == 0 < rows.loc[4, "instability"]
    assert rows.loc[3, "jaccard"] == 1 > rows.loc[4, "jaccard"]


def test_consensus(matrix: ModelMatrix) -> None:
    found = consensus.consensus(matrix, (3, 4), subsamples=10, jobs=1)
    assert (found.params["units"], found.params["drawn"]) == (MANY, PART)
    assert found.table["pac"].iloc[0] == 0 < found.table["pac"].iloc[1]


def test_the_whole_chain(matrix: ModelMatrix) -> None:
    names = ["a", "b", "c"]
    frame = pd.DataFrame(matrix.values, columns=names, index=matrix.index)
    whole = fit_matrix(frame, {"all": names})
    found = pipeline.pipeline_bootstrap(
        frame, whole, fit_segments(whole, 3, clusterer=KMeansClusterer(5)), resamples=8, jobs=1
    )
    assert found.params["drawn"] == PART and len(found.recurrence) == MANY
    assert found.ari_mean == 1 and (found.recurrence == 1).all()


def test_a_part_makes_nothing_look_more_stable() -> None:
    """One cloud cut in two: where the cut runs is less sure from a part than from all."""
    values = generator("tests/many/cloud").normal(size=(1500, 4))
    whole = as_matrix(values)
    labels = {2: fit_segments(whole, 2, clusterer=KMeansClusterer(5)).labels.to_numpy(dtype=np.int64)}
    means = []
    for large in (5000, 500):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fits, "LARGE", large)
            patch.setattr(fits, "DRAWN", 150)
            means.append(instability.instability(whole, labels, bootstraps=30, jobs=1).table["instability"].item())
    assert means[1] > means[0]
