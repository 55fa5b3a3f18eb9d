"""The flow of segments over K."""

from __future__ import annotations

import numpy as np
import pytest
from planted import planted

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.flow import node_entropy, segment_flow
from segkit.engine.kselection import select_k


def test_a_segment_that_is_made_of_two_halves_has_the_largest_entropy() -> None:
    """- 2 x 0.5 log 0.5 / log 2 = 1; all from one segment: 0; a quarter and three quarters: 0.8113 bits."""
    assert node_entropy(np.array([[2, 5, 1], [2, 0, 3]])) == pytest.approx([1, 0, 0.8112781245], abs=1e-9)
    assert node_entropy(np.array([[1, 9], [1, 0], [1, 0]])) == pytest.approx([1, 0])


def test_planted_segments_split_and_do_not_mix() -> None:
    matrix, _ = planted((40, 30, 20, 10))
    parts = select_k(matrix, range(2, 6), clusterer=KMeansClusterer(10), jobs=1).partitions
    found = segment_flow(parts, k_high=4)
    assert found.params["ks"] == [2, 3, 4]
    assert found.nodes.groupby("k")["units"].sum().tolist() == [100] * 3
    assert found.nodes["entropy"].dropna().tolist() == pytest.approx([0] * 7)
    assert found.mean_entropy.tolist() == pytest.approx([0, 0])
    assert found.edges.groupby("k")["units"].sum().tolist() == [100, 100]


def test_thin_edges_are_left_out_and_a_break_ends_the_flow() -> None:
    first = np.repeat([1, 2], [150, 50])
    second = np.where(np.arange(200) < 1, 3, first)  # one unit of 200 is below one per cent
    found = segment_flow({2: first, 3: second, 5: first})
    assert found.params["ks"] == [2, 3]
    assert found.edges[["segment", "next", "units"]].to_numpy().tolist() == [[1, 1, 149], [2, 2, 50]]
    assert segment_flow({}).nodes.empty and segment_flow({3: first}).edges.empty
