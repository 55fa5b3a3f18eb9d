"""A saved model does what the fitted pipeline does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted import APART, as_matrix, planted

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import ModelMatrix, fit_matrix
from segkit.engine.model import SavedModel
from segkit.engine.segments import Segments, fit_segments
from segkit.seeds import generator

BLOCKS = {"size": ["a", "b"], "kind": ["c", "constant", "d"]}
MISSING = 7


def raw(n: int = 300) -> pd.DataFrame:
    """Return skewed features of three kinds of unit, with outliers, gaps and a constant column."""
    rng = generator("tests/saved model")
    kind = np.arange(n) % 3
    frame = pd.DataFrame(
        {
            "d": rng.lognormal(0, 2, n),
            "a": rng.normal(10 * kind, 1),
            "b": rng.exponential(5.0, n),
            "c": rng.integers(0, 2, n).astype("float64"),
            "constant": np.ones(n),
        },
        index=pd.Index([f"{i:012x}" for i in range(n)], name="unit"),
    )
    frame.loc[frame.index[:MISSING], "b"] = np.nan
    return frame


@pytest.fixture(scope="module")
def matrix() -> ModelMatrix:
    return fit_matrix(raw(), BLOCKS, clip=0.02, cap=3.0)


@pytest.fixture(scope="module")
def segments(matrix: ModelMatrix) -> Segments:
    return fit_segments(matrix, 3, clusterer=KMeansClusterer(5))


@pytest.fixture(scope="module")
def model(matrix: ModelMatrix, segments: Segments) -> SavedModel:
    return SavedModel.of(BLOCKS, matrix, segments)


def test_the_transform_is_that_of_the_pipeline(model: SavedModel, matrix: ModelMatrix) -> None:
    # The other implementation is scikit-learn's chain, which was fitted.
    new = raw(90) * 1.7 - 3
    expected = matrix.pipeline.transform(new[[*BLOCKS["size"], *BLOCKS["kind"]]].to_numpy())
    assert expected.shape == (90, 4) and np.abs(expected).max() == 3.0
    np.testing.assert_allclose(model.transform(new), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(model.transform(raw()), matrix.values, rtol=0, atol=1e-12)


def test_the_units_of_the_fit_get_their_segments_again(model: SavedModel, segments: Segments) -> None:
    found = model.assign(raw())
    pd.testing.assert_series_equal(found["segment"], segments.labels, check_dtype=False)
    # The inertia is the sum of the squared distances, by definition.
    assert (found["distance"] ** 2).sum() == pytest.approx(segments.inertia, rel=1e-12)


def test_nothing_is_lost_in_a_file(model: SavedModel) -> None:
    back = SavedModel.from_json(json.loads(json.dumps(model.to_json())))
    pd.testing.assert_frame_equal(back.assign(raw()), model.assign(raw()), check_exact=True)
    assert (back.features, back.varies, back.k) == (
        ("a", "b", "c", "constant", "d"),
        (True, True, True, False, True),
        3,
    )


def at(centres: list[list[float]]) -> SavedModel:
    """Return a model that leaves its one-block features as they are."""
    width = len(centres[0])
    one = np.ones(width)
    names = tuple(f"x{i}" for i in range(width))
    return SavedModel(
        {"all": names}, (True,) * width, -1e9 * one, 1e9 * one, 0 * one, 0 * one, one, 1e9, np.array(centres)
    )


def test_distance_and_margin_by_hand() -> None:
    # Centres 10 apart on a line; from 3, 5, 10 and 0 the distances are 3 and 7, 5 and 5, 0 and 10, 0 and 10.
    found = at([[0.0, 0.0], [10.0, 0.0]]).assign(pd.DataFrame({"x0": [3.0, 5.0, 10.0, 0.0], "x1": 0.0}))
    assert found["segment"].to_list() == [1, 1, 2, 1]
    assert found["distance"].to_list() == [3, 5, 0, 0]
    assert found["margin"].to_list() == pytest.approx([1 - 3 / 7, 0, 1, 1])


def test_two_centres_in_one_place_leave_no_margin() -> None:
    found = at([[1.0], [1.0]]).assign(pd.DataFrame({"x0": [1.0]}))
    assert found.to_numpy().tolist() == [[1, 0, 0]]


def test_margins_of_planted_segments_are_wide() -> None:
    matrix, _ = planted((30, 20, 10))
    fitted = fit_segments(matrix, 3, clusterer=KMeansClusterer(3))
    model = replace(at(fitted.centres.tolist()), blocks={"all": matrix.columns})
    found = model.assign(pd.DataFrame(matrix.values, columns=list(matrix.columns)))
    # Centres are APART * sqrt(2) from each other; units are about sqrt(3) from their own.
    assert found["margin"].min() > 1 - 5 / (APART * np.sqrt(2) - 5)
    assert as_matrix(matrix.values).columns == matrix.columns


def test_a_feature_that_is_not_there_is_named(model: SavedModel) -> None:
    with pytest.raises(ValueError, match="missing: c, d"):
        model.transform(raw().drop(columns=["c", "d"]))


def test_other_columns_and_their_order_do_not_matter(model: SavedModel) -> None:
    frame = raw()
    other = frame.assign(more=1.0)[["more", *reversed(list(frame.columns))]]
    pd.testing.assert_frame_equal(model.assign(other), model.assign(frame), check_exact=True)


def without(name: str) -> Any:
    return lambda stored: stored.pop(name)


DAMAGE: dict[str, tuple[Any, str]] = {
    "no centres": (without("centres"), "centres"),
    "no blocks": (lambda s: s.update(blocks=None), "form"),
    "a column less": (lambda s: s["low"].pop(), "number of columns"),
    "a flag less": (lambda s: s["varies"].pop(), "number of columns"),
    "a short centre": (lambda s: s.update(centres=[c[1:] for c in s["centres"]]), "centres"),
    "one centre": (lambda s: s.update(centres=s["centres"][:1]), "centres"),
    "not a number": (lambda s: s["medians"].__setitem__(0, float("nan")), "finite"),
    "a word": (lambda s: s["medians"].__setitem__(0, "x"), "x"),
    "no spread": (lambda s: s["spread"].__setitem__(0, 0.0), "positive"),
    "no cap": (lambda s: s.update(cap=0), "positive"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_seen(model: SavedModel, kind: str) -> None:
    stored = model.to_json()
    damage, word = DAMAGE[kind]
    damage(stored)
    with pytest.raises(ValueError, match=word):
        SavedModel.from_json(stored)
