"""Tables of numbers and categories as matrices: components and disjunctive layout."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from mixed_made import by_field, made, renumbered
from sklearn.base import clone
from sklearn.decomposition import PCA

from segkit.engine import factors
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.factors import MOST
from segkit.engine.matrix import fit_matrix
from segkit.engine.mixed import Disjunctive, Factors, Levels, coded
from segkit.engine.pipeline import pipeline_bootstrap, unscaled
from segkit.engine.preprocessing import ConstantError
from segkit.engine.segments import fit_segments
from segkit.engine.sensitivity import sensitivity


def as_text(frame: pd.DataFrame, levels: Levels) -> pd.DataFrame:
    return pd.DataFrame({n: levels.words(n, frame[n]) if levels.of[n] else frame[n] for n in frame})


@pytest.mark.parametrize("number", [False, True])
def test_components_are_those_of_prince(number: bool) -> None:
    import prince

    frame, levels, _ = made(300, number=number, name="prince")
    scale = 1 if number else np.sqrt(6)  # correspondence analysis divides by the number of fields
    own = Factors(levels, dims=4, least=1).fit(frame.to_numpy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = as_text(frame, levels)
        theirs = (prince.FAMD if number else prince.MCA)(n_components=4, n_iter=50, random_state=0).fit(text)
        rows = theirs.row_coordinates(text).to_numpy()
    assert own.eigenvalues_[:4] / scale**2 == pytest.approx(theirs.eigenvalues_, rel=1e-9)
    got = own.transform(frame.to_numpy()) / scale
    assert np.allclose(np.abs((got * rows).sum(axis=0)), (rows**2).sum(axis=0), rtol=1e-8)
    assert (own.adjusted_ is None) == number
    if not number:
        plain = np.array(prince.MCA(n_components=4, correction="benzecri").fit(text).percentage_of_variance_) / 100
        shares = own.adjusted_["benzecri"].to_numpy()  # theirs are of the inertia of the four that they compute
        assert shares / shares.sum() == pytest.approx(plain / plain.sum(), rel=1e-6)
        assert (own.adjusted_["greenacre"] <= own.adjusted_["benzecri"]).all()


def test_full_and_sparse_tables_have_the_same_components(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, levels, _ = made(300, missing=0.3)
    found = {}
    for full in (0, 1000):  # products of sparse arrays; of dense parts, of which there are several
        monkeypatch.setattr(factors, "FULL", full)
        monkeypatch.setattr(factors, "PART", 70)
        found[full] = Factors(levels).fit(frame.to_numpy())
    assert found[0].eigenvalues_ == pytest.approx(found[1000].eigenvalues_, abs=1e-12)
    assert np.allclose(found[0].transform(frame.to_numpy()), found[1000].transform(frame.to_numpy()), atol=1e-9)


def test_components_of_numbers_alone_are_principal_components() -> None:
    values = np.random.default_rng(1).normal(size=(80, 4)) * [1, 5, 2, 9]
    levels = Levels(dict.fromkeys("abcd", ()))
    scores = (values - values.mean(axis=0)) / values.std(axis=0)
    assert np.allclose(np.abs(Factors(levels, dims=2).fit_transform(values)), np.abs(PCA(2).fit_transform(scores)))


def test_a_missing_cell_is_the_centre_and_a_unit_without_any_cell_lies_there() -> None:
    frame, levels, _ = made(200, missing=0.5)
    own = Factors(levels, dims=3).fit(frame.to_numpy())
    assert own.transform(np.full((1, 7), np.nan)).tolist() == [[0.0, 0.0, 0.0]]
    assert np.allclose(own.transform(frame.to_numpy()).mean(axis=0), 0)
    assert own.transform(frame.to_numpy()).var(axis=0) == pytest.approx(own.eigenvalues_[:3])
    assert sum(own.shares_.values()) == pytest.approx(1)


def test_components_stay_few_without_ties_between_fields_and_hold_the_planted_ones() -> None:
    frame, levels, _ = made(600, kinds=4, missing=0.3)
    assert 3 <= Factors(levels).fit(frame.to_numpy()).axes_.shape[1] <= MOST
    noise, levels, _ = made(600, kinds=1, missing=0.3)
    assert Factors(levels).fit(noise.to_numpy()).axes_.shape[1] == 2


def test_a_rare_category_has_no_place_of_its_own() -> None:
    frame, levels = coded(pd.DataFrame({"a": ["x"] * 30 + ["y"] * 29 + ["z"], "b": ["u", "v"] * 30}))
    own = Factors(levels, dims=1).fit(frame.to_numpy())
    assert own.transform(np.array([[2.0, np.nan]])).tolist() == [
        [0.0]
    ]  # "z" says nothing, so such a unit lies in the middle
    assert Factors(levels, dims=1, least=1).fit(frame.to_numpy()).eigenvalues_.size == 3


def test_squared_distances_count_the_fields_that_differ() -> None:
    # By hand: rows differ in 2 of 3 categories; a missing cell is half a difference; ages 20 and 30 of a range of 20.
    levels = Levels({"a": ("p", "q"), "b": ("r", "s", "t"), "c": ("u", "v"), "age": ()})
    nan = np.nan
    rows = np.array([[0, 0, 0, 20.0], [1, 2, 0, 30.0], [nan, 0, 0, 20.0], [nan, nan, 1, 40.0]])
    x = Disjunctive(levels).fit_transform(rows)
    squares = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    assert squares[0] == pytest.approx([0, 2 + 0.25, 0.5, 0.5 + 0.5 + 1 + 1])
    assert squares[2, 3] == pytest.approx(0 + 0.5 + 1 + 1)


def test_a_number_with_missing_cells_becomes_bands() -> None:
    age = np.r_[np.arange(100.0), [np.nan] * 5]
    own = Disjunctive(Levels({"age": ()})).fit(age[:, None])
    x = own.transform(age[:, None])
    assert x.shape == (105, 6) and (x[:100, 1:] > 0).sum(axis=0).tolist() == [20] * 5 and not x[100:, 1:].any()
    assert own.transform([[-7.0], [1e9]])[:, [1, 5]] == pytest.approx(np.sqrt(0.5) * np.eye(2))
    assert own.get_feature_names_out()[1:3].tolist() == ["age = below 19.8", "age = 19.8 to 39.6"]


@pytest.mark.parametrize("scaler", [Factors, Disjunctive])
def test_a_matrix_of_mixed_fields_knows_its_fields(scaler: type) -> None:
    frame, levels, _ = made(150, missing=0.4)
    frame["same"] = 0.0
    levels = Levels({**levels.of, "same": ("only",)})
    kept = frame.copy()
    matrix = fit_matrix(frame, {"one": ["age", "same"], "two": ["field 3", "field 0"]}, scaler=scaler(levels))
    pd.testing.assert_frame_equal(frame, kept)
    assert matrix.dropped == ("same",) and matrix.values.shape == (150, len(matrix.columns))
    assert set(matrix.feature_shares.index) == {"age", "field 3", "field 0"}
    assert matrix.feature_shares.sum() == pytest.approx(1)
    assert sorted(c for own in matrix.blocks.values() for c in own) == sorted(matrix.columns)
    assert list(matrix.blocks) == (["components"] if scaler is Factors else ["one", "two"])
    part = frame[["age", "same", "field 3", "field 0"]].to_numpy()
    for other in (clone(matrix.pipeline).fit(part), pickle.loads(pickle.dumps(matrix)).pipeline):
        assert np.array_equal(other.transform(part), matrix.values)
    assert not unscaled(matrix.pipeline, part).any()
    with pytest.raises(ConstantError):
        fit_matrix(frame, {"a": ["same"]}, scaler=scaler(levels))


@pytest.mark.parametrize("scaler", [Factors, Disjunctive])
def test_a_resample_without_a_category_and_codes_that_are_none(scaler: type) -> None:
    frame, levels, _ = made(150)
    few = frame[frame["field 0"] != 2].to_numpy()
    assert scaler(levels).fit(few).transform(frame.to_numpy()).shape[0] == 150
    with pytest.raises(ValueError, match="field 0 has codes other than 0 to 5"):
        scaler(levels).fit(frame.assign(**{"field 0": 6.0}).to_numpy())
    with pytest.raises(ValueError, match="nothing is known of the columns colour"):
        scaler(levels).for_columns(["colour"]).fit(frame[["age"]].to_numpy())


def test_the_order_of_units_and_codes_change_no_distance() -> None:
    frame, levels, _ = made(400, missing=0.3)
    other, turned = renumbered(frame, levels)
    order = np.random.default_rng(2).permutation(400)
    for scaler in (Factors, Disjunctive):
        x, y = scaler(levels).fit_transform(frame), scaler(turned).fit_transform(other.iloc[order])
        a, b = x[order] @ x[order].T, y @ y.T
        assert np.allclose(a, b, atol=1e-8)


def test_evidence_about_the_whole_chain_runs_on_components_and_tells_nothing_of_robust_scaling() -> None:
    frame, levels, _ = made(200, missing=0.6)
    scaler, blocks = Factors(levels), by_field(frame)
    matrix = fit_matrix(frame, blocks, scaler=scaler)
    segments = fit_segments(matrix, 3, clusterer=KMeansClusterer(5))
    found = pipeline_bootstrap(frame, matrix, segments, resamples=6, clusterer=KMeansClusterer(3), jobs=1)
    assert found.flat.empty and not found.table["changed"].any() and found.ari_mean > 0.3
    table = sensitivity(
        frame, blocks, matrix, segments, clip=0, cap=np.inf, scaler=scaler, clusterer=KMeansClusterer(3), jobs=1
    ).table
    assert table[table["arm"] == "drop feature"]["what"].tolist() == list(matrix.feature_shares.index)
