"""Maps in two and three dimensions, with what they keep. Importing their library takes long, so one test needs it."""

from __future__ import annotations

import json
import sys
import types
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corpora import corpus
from scipy.spatial import procrustes
from sklearn.metrics import silhouette_score

from segkit.engine.matrix import Floats
from segkit.engine.text_maps import moved, text_maps, trusted
from segkit.engine.text_space import embed
from segkit.seeds import generator


class Leading:
    """Stands in for the library: the leading columns, turned and grown by the seed."""

    def __init__(self, n_components: int, random_state: int, n_neighbors: int, **_: Any) -> None:
        self.dims, self.seed = n_components, random_state

    def fit_transform(self, values: Floats) -> Floats:
        turn = np.linalg.qr(np.random.default_rng(self.seed).normal(size=(self.dims, self.dims)))[0]
        return (self.seed * values[:, : self.dims] @ turn).astype(np.float32)


@pytest.fixture
def leading(monkeypatch: pytest.MonkeyPatch) -> None:
    library = types.ModuleType("umap")
    library.UMAP = Leading  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "umap", library)


def points(n: int = 60, columns: int = 3) -> pd.DataFrame:
    return pd.DataFrame(generator("tests/maps").normal(size=(n, columns)), index=[f"u{i}" for i in range(n)])


@pytest.mark.usefixtures("leading")
def test_maps_that_only_turn_and_grow_have_moved_nothing() -> None:
    values = points()
    found = text_maps(values, seed=3)
    assert list(found.flat.columns) == ["x", "y"] and list(found.solid.columns) == ["x", "y", "z"]
    assert found.flat.index.equals(values.index) and found.solid.index.equals(values.index)
    assert found.table["disparity"].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert found.table["kept"].tolist() == pytest.approx([1, 1], abs=0.01)
    flat, solid = found.table.set_index("dims").loc[[2, 3]].to_dict("records")
    # Three dimensions hold three columns whole; two do not.
    assert solid["trustworthiness"] == solid["continuity"] == pytest.approx(1, abs=1e-4)
    assert flat["trustworthiness"] < 0.95 and flat["continuity"] < 0.99


def test_a_map_that_tears_loses_continuity_and_one_that_folds_loses_trust() -> None:
    circle = np.arange(40) * 2 * np.pi / 40
    ring = np.column_stack([np.cos(circle), np.sin(circle)])
    torn, folded = circle[:, None], ring[:, :1]  # cut open at one place; laid flat, front on back
    trust, keep = trusted(ring, torn, 4)
    assert trust > keep and trust == pytest.approx(1, abs=0.01)
    trust, keep = trusted(ring, folded, 4)
    assert keep > trust


def test_disparity_is_that_of_scipy_and_neighbours_are_counted() -> None:
    a, b = points(30).to_numpy(), points(30).to_numpy()[::-1]
    disparity, kept = moved([a, b, a], 3)
    assert disparity == pytest.approx(procrustes(a, b)[2] / 2, abs=1e-12)
    assert 0.5 <= kept < 0.7  # all of one map, and hardly any of the other
    assert np.isnan(moved([a], 3)).all()


@pytest.mark.usefixtures("leading")
@pytest.mark.parametrize("n", [0, 1, 4])
def test_too_few_documents_have_a_reason_in_place_of_a_map(n: int) -> None:
    found = text_maps(points(n))
    assert found.reason and found.flat.empty and found.solid.empty and found.table.empty
    json.dumps(found.to_json())
    assert text_maps(points(20) * 0).reason == found.reason
    assert text_maps(points(5)).reason == "" and text_maps(points(5)).neighbours == 2


@pytest.mark.usefixtures("leading")
def test_of_very_many_documents_a_part_is_mapped() -> None:
    values = points(80)
    found = text_maps(values, most=50)
    assert len(found.flat) == len(found.solid) == 50
    assert found.flat.index.isin(values.index).all() and found.params["units"] == 80
    assert "u1" not in json.dumps(found.to_json()) + repr(found)


@pytest.mark.slow
@pytest.mark.xdist_group("umap")
def test_the_maps_themselves() -> None:
    documents, groups, truth = corpus((40, 40))
    space = embed(documents, groups=groups)
    found = text_maps(space.known, seeds=2)
    for mapped, dims in ((found.flat, 2), (found.solid, 3)):
        assert mapped.shape == (80, dims) and np.isfinite(mapped.to_numpy()).all()
        assert silhouette_score(mapped, truth.loc[mapped.index]) > 0.4  # the planted topics lie apart
    assert found.table[["trustworthiness", "continuity"]].gt(0.6).all(axis=None)
    assert found.table["kept"].between(0.2, 1).all() and found.table["disparity"].between(0, 0.9).all()
    # The third axis is one of its own: the flat map is no shadow of the solid one.
    assert procrustes(np.pad(found.flat, ((0, 0), (0, 1))), found.solid)[2] > 0.01
    again = text_maps(space.known, seeds=2)
    assert again.flat.equals(found.flat) and again.solid.equals(found.solid)
