"""Bootstrap instability and clusterwise similarity over K."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import APART, as_matrix, planted, reordered
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.fits import adjusted_rand, crossing
from segkit.engine.instability import disagreement, instability
from segkit.engine.kselection import select_k
from segkit.seeds import generator

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "number_of_segments.csv", comment="#")


def parts(values: np.ndarray, ks: range) -> dict[int, np.ndarray]:
    return dict(select_k(as_matrix(values), ks, clusterer=KMeansClusterer(10), jobs=1).partitions)


def test_planted_segments_are_stable_at_their_number_only() -> None:
    matrix, _ = planted((30, 20, 25))
    found = instability(matrix, parts(matrix.values, range(2, 6)), bootstraps=20, jobs=1)
    at = found.table.set_index("k")
    assert at.loc[3, "instability"] == 0 and at.loc[3, "ari"] == 1 and at.loc[3, "jaccard"] == 1
    assert (at.drop(3)["instability"] > 0.01).all()
    assert found.least == 3 and found.choice(0.99) == 3
    own = found.segments[found.segments["k"] == 3]
    assert own["units"].tolist() == [30, 25, 20] and (own["recovered"] == 1).all() and (own["dissolved"] == 0).all()


def test_pairs_are_counted_as_by_hand() -> None:
    """Fang and Wang (2012): the share of the n^2 ordered pairs that one partition joins and the other parts."""
    rng = generator("tests/pairs")
    a, b = rng.integers(3, size=30), rng.integers(4, size=30)
    apart = ((a[:, None] == a[None]) != (b[:, None] == b[None])).mean()
    counts = crossing(a, b, 3, 4)
    assert disagreement(counts) == pytest.approx(apart, rel=1e-12)
    assert adjusted_rand(counts) == pytest.approx(adjusted_rand_score(a, b), rel=1e-12)
    assert adjusted_rand(np.array([[4]])) == 1


def test_iris_agrees_with_fpc() -> None:
    """nselectboot(iris[, 1:4], B = 200, clustermethod = kmeansCBI, classification = "centroid", krange = 2:5, runs = 10).

    fpc counts each unordered pair once over n^2, so that its numbers are half of ours; clusterboot(multipleboot = TRUE)
    fits with the repeated points, as we do, and its similarities are those of ours within Monte-Carlo error.
    """
    x = load_iris().data
    found = instability(as_matrix(x), parts(x, range(2, 5)), bootstraps=100, jobs=1)
    rows = ORACLE[ORACLE["data"] == "iris"]
    theirs = rows[rows["what"] == "instability"].set_index("k")["value"]
    for row in found.table.itertuples():
        assert row.instability / 2 == pytest.approx(theirs[row.k], abs=4 * row.instability_se / 2 + 1e-3)
    kept = rows[rows["what"] == "jaccard_kept"].set_index(["k", "item"])
    for row in found.segments.itertuples():
        value, error = kept.loc[(row.k, str(row.units)), ["value", "error"]]
        assert row.jaccard == pytest.approx(value, abs=4 * np.sqrt(error**2 * 3) + 1e-3)


def test_small_and_repeated_units_are_no_crash() -> None:
    values = np.repeat(APART * np.eye(4), 3, axis=0)
    found = instability(as_matrix(values), parts(values, range(2, 4)), bootstraps=10, jobs=1)
    assert (found.table["fits"] <= 10).all() and found.table["jaccard"].notna().any()
    three = np.diag([1.0, 5.0, 30.0])
    tiny = instability(as_matrix(three), parts(three, range(2, 3)), bootstraps=2, jobs=1)
    assert tiny.table["fits"].item() == 0 and np.isnan(tiny.table["instability"].item()) and tiny.least is None
    assert tiny.choice() == 1 and np.isnan(tiny.segments["jaccard"]).all()


def test_order_names_and_processes() -> None:
    matrix, _ = planted((14, 11))
    base = instability(matrix, parts(matrix.values, range(2, 4)), bootstraps=10, jobs=1)
    both = instability(as_matrix(matrix.values, ["b", "a"]), parts(matrix.values, range(2, 4)), bootstraps=10, jobs=2)
    pd.testing.assert_frame_equal(base.table, both.table, check_exact=True)
    pd.testing.assert_frame_equal(base.segments, both.segments, check_exact=True)
    turned = reordered(matrix, np.arange(25)[::-1])
    again = instability(turned, parts(turned.values, range(2, 4)), bootstraps=10, jobs=1)
    assert again.table["instability"].iloc[0] == base.table["instability"].iloc[0] == 0
