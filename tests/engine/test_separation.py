"""The separation index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import as_matrix, planted
from sklearn.datasets import load_iris

from segkit.engine.kselection import select_k
from segkit.engine.separation import separations
from segkit.seeds import generator

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "number_of_segments.csv", comment="#")


def test_iris_has_the_index_that_fpc_finds() -> None:
    """cluster.stats(dist(iris[, 1:4]), kmeans(iris[, 1:4], k, nstart = 50)$cluster)$sindex, fpc 2.2.10."""
    rows = ORACLE[(ORACLE["data"] == "iris") & (ORACLE["what"] == "separation_index")]
    ours = select_k(as_matrix(load_iris().data), range(2, 5), jobs=1).table
    assert ours["separation"].to_numpy() == pytest.approx(rows["value"].to_numpy(), rel=1e-8)


def test_a_sample_has_an_error_that_covers_the_index() -> None:
    rng = generator("tests/separation")
    values = rng.normal(size=(1500, 3))
    labels = [(values[:, 0] > 0).astype(np.int64)]
    whole = separations(values, labels)[0]
    drawn = np.array([separations(values, labels, rng.choice(1500, 400, replace=False))[0] for _ in range(30)])
    off = (drawn[:, 0] - whole[0]) / drawn[:, 1]
    assert whole[1] == 0 and np.abs(off).max() < 5 and 0.5 < off.std() < 1.6


def test_parts_far_from_each_other_are_separate() -> None:
    matrix, truth = planted((20, 15))
    mixed = truth.to_numpy().copy()
    mixed[:3] = 1 - mixed[:3]
    good, bad = separations(matrix.values, [truth.to_numpy(), mixed])[:, 0]
    assert good > 30 > 5 > bad
    assert separations(matrix.values, []).shape == (0, 2)
