"""The map that keeps neighbours together. Importing its library takes long, so one test does all that needs it."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest
from planted import as_matrix, planted
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_score

from segkit.engine.matrix import Floats
from segkit.engine.projection import neighbour_map
from segkit.seeds import generator


class Flat:
    """Stands in for the library: the first two columns, noting what it was asked for."""

    asked: list[dict[str, Any]] = []

    def __init__(self, **parameters: Any) -> None:
        self.asked.append(parameters)

    def fit_transform(self, values: Floats) -> Floats:
        return np.pad(values, ((0, 0), (0, 2)))[:, :2].astype(np.float32)


@pytest.fixture
def flat(monkeypatch: pytest.MonkeyPatch) -> type[Flat]:
    library = types.ModuleType("umap")
    library.UMAP = Flat  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "umap", library)
    monkeypatch.setattr(Flat, "asked", [])
    return Flat


@pytest.mark.parametrize(
    ("n", "near"), [(3, 1), (4, 1), (5, 2), (6, 2), (11, 5), (30, 14), (31, 15), (32, 15), (200, 15)]
)
def test_neighbours_are_fewer_than_half_of_the_units(flat: type[Flat], n: int, near: int) -> None:
    values = generator("tests/neighbours").normal(size=(n, 3))
    found = neighbour_map(as_matrix(values), seed=7)
    assert found.neighbours == near < n / 2  # what trustworthiness is defined for
    kept = trustworthiness(values, values[:, :2].astype(np.float32), n_neighbors=near)
    assert found.trustworthiness == pytest.approx(kept, abs=1e-12)
    assert flat.asked[0]["n_neighbors"] == max(2, near) <= n
    assert (flat.asked[0]["random_state"], flat.asked[0]["n_jobs"], found.seed) == (7, 1, 7)
    assert found.table.to_dict("records") == [{"neighbours": near, "trustworthiness": found.trustworthiness}]


def test_many_units_are_measured_on_a_sample(flat: type[Flat]) -> None:
    values = generator("tests/neighbours").normal(size=(400, 3))
    whole, part, again = (neighbour_map(as_matrix(values), most=most, seed=3) for most in (400, 150, 150))
    assert len(part.points) == 400
    assert part.trustworthiness == again.trustworthiness != whole.trustworthiness
    assert part.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.1)


def test_one_column_needs_another_start(flat: type[Flat]) -> None:
    """Two principal components of one column do not exist."""
    neighbour_map(as_matrix(np.arange(12.0)[:, None]))
    neighbour_map(as_matrix(np.arange(24.0).reshape(12, 2)))
    assert [a["init"] for a in flat.asked] == ["random", "pca"]


@pytest.mark.slow
@pytest.mark.xdist_group("umap")
def test_the_map_itself() -> None:
    matrix, truth = planted((60, 40, 30))
    found = neighbour_map(matrix)
    assert found.points.shape == (130, 2) and list(found.points.index) == list(matrix.index)
    assert np.isfinite(found.points.to_numpy()).all()
    assert 0.8 < found.trustworthiness <= 1
    assert found.trustworthiness == pytest.approx(
        trustworthiness(matrix.values, found.points.to_numpy(np.float32), n_neighbors=15), abs=1e-12
    )
    assert silhouette_score(found.points, truth) > 0.5  # the planted segments lie apart
    assert neighbour_map(matrix).points.equals(found.points)
    small = neighbour_map(as_matrix(generator("tests/neighbours").normal(size=(3, 3))))
    assert small.points.shape == (3, 2) and 0 <= small.trustworthiness <= 1
    line = neighbour_map(as_matrix(np.arange(30.0)[:, None]))
    assert line.points.notna().all(axis=None)


def test_of_very_many_units_a_part_is_placed(flat: type[Flat]) -> None:
    matrix = as_matrix(generator("tests/neighbours").normal(size=(400, 3)))
    found = neighbour_map(matrix, placed=120, seed=3)
    assert (len(found.points), found.units) == (120, 400)
    assert found.points.index.is_unique and found.points.index.isin(matrix.index).all()
    at = matrix.index.get_indexer(found.points.index)
    assert found.points.to_numpy() == pytest.approx(matrix.values[at, :2], abs=1e-6)
