"""The consensus of subsamples, and its ambiguous pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted import APART, as_matrix, planted

from segkit.engine import consensus as module
from segkit.engine.consensus import ambiguous, consensus
from segkit.seeds import generator


def by_hand(labels: np.ndarray) -> float:
    """Count the ambiguous pairs one by one (Monti et al. 2003; Senbabaoglu et al. 2014)."""
    mixed = known = 0
    n = labels.shape[1]
    for i in range(n):
        for j in range(i + 1, n):
            both = (labels[:, i] >= 0) & (labels[:, j] >= 0)
            if both.any():
                share = (labels[both, i] == labels[both, j]).mean()
                known, mixed = known + 1, mixed + (0.1 + 1e-12 < share < 0.9 - 1e-12)
    return mixed / known


def test_pairs_are_counted_as_by_hand() -> None:
    rng = generator("tests/consensus")
    labels = rng.integers(-1, 3, size=(10, 25)).astype(np.int8)
    labels[:, 12:] = np.where(labels[:, 12:] < 0, -1, 2)  # some pairs always agree
    counts = [((labels[:, [i]] >= 0) & (labels >= 0)).any(axis=0).sum() - 1 for i in range(25)]
    assert min(counts) == 24  # every pair was together once, so that the mean over units is the share of pairs
    assert ambiguous(labels, 3).mean() == pytest.approx(by_hand(labels), rel=1e-12)


def test_nothing_is_ambiguous_where_segments_lie_apart() -> None:
    matrix, _ = planted((25, 20, 15))
    found = consensus(matrix, (2, 3, 4), subsamples=20, jobs=1)
    at = found.table.set_index("k")["pac"]
    assert at[3] == 0 and at[4] > 0.02
    assert found.least == 3 and (found.table["pac_se"] == 0).all()


def test_one_large_segment_alone_makes_it_small() -> None:
    """98 of 100 units are one blob and two lie apart: noise in cutting the rest moves few of the pairs."""
    matrix, _ = planted((196, 4))
    assert consensus(matrix, [2], subsamples=10, jobs=1).table["pac"].item() == 0


def test_a_subset_stands_for_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    values = generator("tests/cloud").normal(size=(300, 3))
    whole = consensus(as_matrix(values), (2, 3), subsamples=20, jobs=1).table
    monkeypatch.setattr(module, "EXACT", 200)
    monkeypatch.setattr(module, "PAIRED", 120)
    part = consensus(as_matrix(values), (2, 3), subsamples=20, jobs=1)
    assert part.params["pairs_of"] == 120 and (part.table["pac_se"] > 0).all()
    assert ((part.table["pac"] - whole["pac"]).abs() < 4 * part.table["pac_se"]).all()


def test_what_cannot_be_computed_is_missing() -> None:
    values = np.repeat(APART * np.eye(3), 2, axis=0)
    found = consensus(as_matrix(values), (2, 3), subsamples=5, jobs=1)
    assert np.isfinite(found.table["pac"].iloc[0]) and np.isnan(found.table["pac"].iloc[1])
    assert found.table["subsamples"].iloc[1] == 0


def test_processes_and_names_change_nothing() -> None:
    matrix, _ = planted((14, 11))
    base = consensus(matrix, (2, 3), subsamples=10, jobs=1).table
    other = consensus(as_matrix(matrix.values, ["b", "a"]), (2, 3), subsamples=10, jobs=2).table
    pd.testing.assert_frame_equal(base, other, check_exact=True)
