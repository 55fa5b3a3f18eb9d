"""Partitions are matched as well as any renaming can, and agree as scikit-learn says."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from segkit.engine.matching import align, matched, rand_index
from segkit.seeds import generator


def most_kept(reference: np.ndarray, labels: np.ndarray) -> int:
    """Try every renaming, and return how many units keep their label under the best."""
    old, new = sorted(set(reference)), sorted(set(labels))
    targets = [*old, *(-1 - np.arange(max(0, len(new) - len(old))))]
    return max(
        int((np.array([dict(zip(new, to, strict=True))[x] for x in labels]) == reference).sum())
        for to in itertools.permutations(targets, len(new))
    )


two_partitions = st.integers(1, 5).flatmap(
    lambda k: st.lists(st.tuples(st.integers(1, k), st.integers(0, 4)), min_size=1, max_size=25)
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(two_partitions)
def test_alignment_keeps_as_many_as_any_renaming(pairs: list[tuple[int, int]]) -> None:
    reference, labels = np.array(pairs).T
    aligned = align(reference, labels)
    assert (aligned == reference).sum() == most_kept(reference, labels)
    assert adjusted_rand_score(aligned, labels) == 1  # a renaming, nothing else
    spare = sorted(set(aligned) - set(reference))
    extra = len(set(labels)) - len(set(reference))
    assert spare == [max(reference) + 1 + i for i in range(max(extra, 0))]


def test_alignment_by_hand() -> None:
    # Nearest by nearest would give 1 to the label 7 (three units) and leave 8 with 2 (none): 3 kept instead of 4.
    assert align([1, 1, 1, 1, 1, 2, 2], [7, 7, 7, 8, 8, 7, 7]).tolist() == [2, 2, 2, 1, 1, 2, 2]
    assert align([4, 4, 9], [0, 0, 0]).tolist() == [4, 4, 4]
    assert align([1, 1, 1], [5, 6, 6]).tolist() == [2, 1, 1]


def test_labels_are_matched_as_well_as_any_renaming_can() -> None:
    rng = generator("tests/matching")
    for _ in range(20):
        counts = rng.integers(0, 30, size=(4, 4))
        best = max(sum(counts[p[j], j] for j in range(4)) for p in itertools.permutations(range(4)))
        assert sum(counts[i, j] for j, i in enumerate(matched(counts))) == best
        assert matched(counts[:, :1]).tolist() == [counts[:, 0].argmax()]
    assert sorted(matched(np.array([[1, 5, 2]]))) == [-1, -1, 0]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(two_partitions)
def test_the_index_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs).T
    assert rand_index(a, b) == pytest.approx(adjusted_rand_score(a, b), abs=1e-12)


def test_no_units_have_no_index() -> None:
    assert math.isnan(rand_index([], []))
