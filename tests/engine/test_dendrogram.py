"""The tree of Ward's linkage."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from planted import as_matrix, planted
from scipy.cluster.hierarchy import cophenet, fcluster, linkage
from scipy.cluster.hierarchy import dendrogram as drawn
from scipy.spatial.distance import pdist

from segkit.engine.dendrogram import dendrogram
from segkit.engine.matching import rand_index


def test_heights_are_those_of_ward_as_by_hand() -> None:
    """0, 1 and 5: the first merge is 1 apart; the next adds 2/3 * 4.5^2 to the sum of squares, times two, and its root."""
    found = dendrogram(as_matrix(np.array([[0.0], [1], [5]])))
    assert found.table["height"].tolist() == pytest.approx([1, (2 * 2 / 3 * 4.5**2) ** 0.5])
    assert found.table["size"].tolist() == [2, 3]
    far, joined = np.array([1, 5, 4.0]), np.array([1, 27**0.5, 27**0.5])
    assert found.cophenetic == pytest.approx(np.corrcoef(far, joined)[0, 1])


def test_rows_cuts_and_brackets_agree_with_scipy() -> None:
    matrix, truth = planted((5, 4, 3))
    found, merges = dendrogram(matrix), linkage(matrix.values, "ward", optimal_ordering=True)
    assert (found.table.to_numpy() == merges).all()
    assert found.cophenetic == pytest.approx(cophenet(merges, pdist(matrix.values))[0])
    theirs = drawn(merges, no_plot=True, labels=list(matrix.index))
    assert list(found.leaves) == theirs["ivl"]
    own = found.lines.to_numpy()
    # SciPy puts leaf i at 5 + 10 i, and lists brackets in another order.
    other = np.hstack([(np.array(theirs["icoord"]) - 5) / 10, np.array(theirs["dcoord"])])
    order, same = (np.lexsort(np.round(x, 9).T[::-1]) for x in (own, other))
    assert own[order] == pytest.approx(other[same])
    assert rand_index(found.cut(3), truth.reindex(matrix.index)) == 1
    for k in range(1, 13):
        assert rand_index(found.cut(k), fcluster(merges, k, "maxclust")) == 1
    assert found.cut(3)[found.leaves[0]] == 1 and found.cut(99).nunique() == 12
    assert json.loads(json.dumps(found.to_json()))["leaves"] == list(found.leaves)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_units(n: int) -> None:
    matrix = as_matrix(np.zeros((n, 2)))
    found = dendrogram(matrix)
    assert len(found.table) == len(found.lines) == max(n - 1, 0) and len(found.leaves) == n
    assert np.isnan(found.cophenetic) and len(found.cut(2)) == n
    assert isinstance(found.cut(1), pd.Series)
