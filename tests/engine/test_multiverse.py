"""Other preprocessing: on features for which the answer is planted."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, rankdata
from sklearn.base import BaseEstimator
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, QuantileTransformer, RobustScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from segkit.engine import multiverse as module
from segkit.engine import silhouettes
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.grid import SCALERS, Grid, log_sets
from segkit.engine.matrix import ModelMatrix, fit_matrix
from segkit.engine.multiverse import Multiverse, multiverse, prepared
from segkit.engine.scalers import MAKERS, NormalScores, scaled
from segkit.engine.segments import Segments, fit_segments
from segkit.seeds import generator

CLIP, CAP = 0.01, 10.0
SIZES = (150, 50, 40)
# Each column has its own order of the segments, so that they stay apart for ranks as well.
ORDERS = np.array([[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 0, 1], [1, 2, 0], [2, 1, 0]])
NAMES = [f"x{i}" for i in range(len(ORDERS))]
DEFENSIBLE = {"scaler": ("robust", "standard", "quantile-normal"), "clip": (0.005, 0.01, 0.025), "cap": (5.0, 10.0)}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Draw three segments, four standard deviations apart and more in every column."""
    rng = generator("tests/multiverse")
    truth = rng.permutation(np.repeat(np.arange(3), SIZES))
    values = 20 + 6 * ORDERS[:, truth].T + rng.normal(size=(len(truth), len(NAMES)))
    return pd.DataFrame(values, columns=NAMES).rename_axis("unit")


def fitted(frame: pd.DataFrame, names: list[str] | None = None, k: int = 3) -> tuple[ModelMatrix, Segments]:
    matrix = fit_matrix(frame, {"all": names or NAMES}, clip=CLIP, cap=CAP)
    return matrix, fit_segments(matrix, k, clusterer=KMeansClusterer(10))


def grid_of(frame: pd.DataFrame, **changes: object) -> Grid:
    everyone = {"all": np.ones(len(frame), dtype=bool), "large": (frame["x0"] > 20).to_numpy()}
    settings = {"logs": log_sets(NAMES, [], ["x1", "x2"]), "units": everyone, "defensible": DEFENSIBLE, **changes}
    return Grid(**settings)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found(frame: pd.DataFrame) -> Multiverse:
    return multiverse(frame, fitted(frame)[1], grid_of(frame), clip=CLIP, cap=CAP, clusterer=KMeansClusterer(3), jobs=1)


def test_every_combination_is_an_arm_at_three_numbers_of_segments(found: Multiverse) -> None:
    assert found.ks == [2, 3, 4]
    assert found.table.groupby("k").size().to_list() == [5 * 4 * 3 * 3 * 2] * 3
    assert found.table.drop_duplicates(["k", *module.DIMENSIONS]).shape == found.table.shape


def test_the_arm_in_use_is_the_partition_in_use(found: Multiverse, frame: pd.DataFrame) -> None:
    used = found.table[found.table["in_use"]]
    assert used["k"].to_list() == [3, 2, 4]
    assert (used["ari"] == 1).all()  # at the neighbouring numbers too, where it is compared with itself
    assert used[used["k"] == 3].filter(like="jaccard_").to_numpy().tolist() == [[1, 1, 1]]
    matrix, _ = fitted(frame)
    values = np.clip(prepared(frame[NAMES].to_numpy(), "robust", CLIP), -CAP, CAP)
    np.testing.assert_allclose(values, matrix.values, atol=1e-12)


def test_segments_far_apart_survive_whatever_is_defensible(found: Multiverse) -> None:
    summary = found.summary(defensible=True)
    assert summary["lowest"] > 0.95
    assert summary["share_above_08"] == 1
    assert (found.recovered(defensible=True) == 1).all()
    assert found.to_json()["share_above_08"] == 1


def test_arms_of_one_matrix_count_once(found: Multiverse) -> None:
    """A cap that no value reaches changes nothing, and neither do logarithms that ranks do not see."""
    rows = found.table[(found.table["k"] == 3) & (found.table["units"] == "all")]
    ranks = rows[(rows["scaler"] == "quantile-normal") & (rows["cap"] >= 5)]
    assert ranks.groupby("clip")["matrix"].nunique().to_list() == [1, 1, 1, 1]
    least = rows[rows["scaler"] == "min-max"]  # between 0 and 1, but not blind to logarithms
    assert least.groupby("clip")["matrix"].nunique().to_list() == [2, 2, 2, 2]
    curve = found.curve()
    assert curve["matrix"].is_unique
    large = curve.loc[curve["units"] == "large", "matrix"]
    assert len(curve) == found.summary()["matrices"] + 1 == rows["matrix"].nunique() + large.nunique()
    assert len(curve) < 360
    assert curve["ari"].is_monotonic_increasing
    assert curve["in_use"].sum() == 1


def test_without_copies_none_and_published_are_one_matrix(found: Multiverse) -> None:
    wide = found.table[found.table["k"] == 3].pivot_table(
        index=["scaler", "clip", "cap", "units"], columns="logs", values="matrix"
    )
    assert (wide["as published"] == wide["none"]).all()
    assert (wide.loc["standard", "as published"] != wide.loc["standard", "all"]).all()


def test_a_matrix_is_defensible_if_one_arm_that_leads_to_it_is(found: Multiverse) -> None:
    rows = found.table[found.table["k"] == 3]
    expected = rows[
        rows["scaler"].isin(DEFENSIBLE["scaler"])
        & rows["clip"].isin(DEFENSIBLE["clip"])
        & rows["cap"].isin(DEFENSIBLE["cap"])
    ]
    assert set(found.curve(defensible=True)["matrix"]) == set(expected["matrix"])
    # Standard scores without a cap give the matrix that a cap of ten gives: it counts as defensible.
    assert np.isinf(rows[rows["matrix"].isin(expected["matrix"])]["cap"]).any()


def test_a_block_that_scaling_silences_and_a_choice_that_is_useless() -> None:
    """``loud`` makes the segments under robust scaling; ``quiet`` has a range of zero and small units until it is scaled."""
    rng = generator("tests/multiverse/quiet")
    truth = rng.permutation(np.repeat(np.arange(3), (160, 20, 20)))
    other = rng.permutation(np.repeat(np.arange(2), (160, 40)))
    frame = pd.DataFrame({"loud": np.array([0, 6, -6])[truth] + rng.normal(size=200).clip(-2, 2)})
    for i in range(4):
        frame[f"quiet{i}"] = np.array([0, 0.01])[other]
    names = list(frame)
    grid = Grid(log_sets(names, [], []), {"all": np.ones(200, dtype=bool)}, defensible={"scaler": ("robust",)})
    _, segments = fitted(frame, names)
    assert pd.crosstab(truth, segments.labels).to_numpy().max(axis=1).tolist() == [160, 20, 20]
    found = multiverse(frame, segments, grid, clip=CLIP, cap=CAP, clusterer=KMeansClusterer(5), jobs=1)
    effects = found.effects.set_index(["choice", "level"])
    assert effects.loc[("scaler", "standard"), "alone"] < 0.3
    assert effects.loc[("scaler", "standard"), "effect"] < -0.5
    assert effects.loc[("scaler", "quantile-normal"), "alone"] < 0.5
    for useless in (("cap", math.inf), ("cap", 5.0), ("logs", "none"), ("logs", "all"), ("clip", 0.005)):
        assert effects.loc[useless, "effect"] == 0
        assert effects.loc[useless, "alone"] == 1
    assert found.summary(defensible=True)["lowest"] == 1
    assert found.summary()["median_ari"] < 0.5


def test_effects_are_medians_of_pairs_by_hand() -> None:
    rows = [
        ("robust", 0.0, 1, 0.9), ("robust", 0.1, 2, 1.0), ("standard", 0.0, 3, 0.3), ("standard", 0.1, 3, 0.3),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["scaler", "clip", "matrix", "ari"]).assign(
        k=4, cap=10.0, logs="as published", units="all", defensible=True, in_use=[False, True, False, False]
    )
    used = {"scaler": "robust", "clip": 0.1, "cap": 10.0, "logs": "as published", "units": "all"}
    effects = Multiverse(table, used, 4, {}, 42).effects.set_index(["choice", "level"])
    # Two pairs of scalers, 0.3 - 0.9 and 0.3 - 1; two of clipping, 0.9 - 1 and a matrix with itself.
    assert effects.loc[("scaler", "standard"), "effect"] == pytest.approx(-0.65)
    assert effects.loc[("clip", 0.0), "effect"] == pytest.approx(-0.05)
    assert effects.loc[("clip", 0.0), "alone"] == 0.9
    assert effects.loc[("scaler", "standard"), ["alone", "matrices", "median_ari"]].to_list() == [0.3, 1, 0.3]
    assert effects.loc[("cap", 10.0), "in_use"]


def test_what_is_in_use_joins_the_grid(frame: pd.DataFrame) -> None:
    matrix = fit_matrix(frame, {"all": NAMES}, clip=0.02, cap=7.0)
    grid = grid_of(frame, scaler=("robust", "standard"), clip=(0.01,), cap=(10.0,))
    found = multiverse(
        frame,
        fit_segments(matrix, 3, clusterer=KMeansClusterer(5)),
        grid,
        clip=0.02,
        cap=7.0,
        clusterer=KMeansClusterer(2),
        jobs=1,
    )
    assert set(found.table["clip"]) == {0.01, 0.02}
    assert set(found.table["cap"]) == {7.0, 10.0}
    assert found.table["in_use"].sum() == 3


def test_two_segments_have_no_curve_of_one(frame: pd.DataFrame) -> None:
    grid = grid_of(frame, scaler=("robust",), clip=(CLIP,), cap=(CAP,))
    found = multiverse(frame, fitted(frame, k=2)[1], grid, clip=CLIP, cap=CAP, clusterer=KMeansClusterer(2), jobs=1)
    assert found.ks == [2, 3]


def test_arms_that_cannot_be_divided_are_left_out(frame: pd.DataFrame) -> None:
    """Nobody, or three units, cannot make three segments; one feature that is constant there is no trouble."""
    few = np.zeros(len(frame), dtype=bool)
    few[:3] = True
    units = {"all": np.ones(len(frame), dtype=bool), "few": few, "nobody": np.zeros(len(frame), dtype=bool)}
    grid = grid_of(frame, units=units, scaler=("robust", "Yeo-Johnson"), clip=(CLIP,), cap=(CAP,))
    with np.errstate(all="raise"):
        found = multiverse(frame, fitted(frame)[1], grid, clip=CLIP, cap=CAP, clusterer=KMeansClusterer(2), jobs=1)
    rows = found.table[found.table["units"] != "all"]
    assert set(rows["units"]) <= {"few"}
    assert set(rows["k"]) <= {2}


def test_above_the_limit_a_sample_stands_for_all(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    segments, grid = fitted(frame)[1], grid_of(frame, scaler=("robust", "standard"), clip=(CLIP,), cap=(CAP,))
    whole = multiverse(frame, segments, grid, clip=CLIP, cap=CAP, clusterer=KMeansClusterer(2), jobs=1)
    assert whole.error == 0 and (whole.table["ari_se"] == 0).all()
    monkeypatch.setattr(silhouettes, "EXACT", 120)
    found = multiverse(frame, segments, grid, clip=CLIP, cap=CAP, clusterer=KMeansClusterer(2), jobs=1)
    assert found.params["sampled"] == 120 and found.params["samples"] == 2
    own = found.table["in_use"] & (found.table["k"] == 3)
    assert found.table.loc[own, ["ari", "ari_se"]].to_numpy().tolist() == [[1, 0]]
    assert found.error >= 0 and np.isfinite(found.table["ari_se"]).all()
    both = found.table.merge(whole.table, on=["k", *module.DIMENSIONS], suffixes=("", "_whole"))
    near = (both["ari"] - both["ari_whole"]).abs() <= 4 * both["ari_se"] + 0.15
    assert len(both) == len(whole.table) and near.mean() > 0.9


def test_neither_input_changes_and_processes_do_not_matter(frame: pd.DataFrame) -> None:
    before, segments = frame.copy(), fitted(frame)[1]
    grid = grid_of(frame, scaler=("robust", "standard", "min-max"), cap=(CAP,))
    one, two = (
        multiverse(frame, segments, grid, clip=CLIP, cap=CAP, clusterer=KMeansClusterer(2), jobs=jobs).table
        for jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    pd.testing.assert_frame_equal(frame, before, check_exact=True)


def test_the_order_of_the_rows_does_not_matter(frame: pd.DataFrame, found: Multiverse) -> None:
    turned, everyone = frame[::-1], {"all": np.ones(len(frame), dtype=bool)}
    grid = grid_of(turned, scaler=("robust", "standard"), clip=(CLIP,), cap=(CAP,), units=everyone)
    other = multiverse(turned, fitted(frame)[1], grid, clip=CLIP, cap=CAP, clusterer=KMeansClusterer(3), jobs=1)
    keys = ["k", *module.DIMENSIONS]
    both = other.table.merge(found.table, on=keys, suffixes=("", "_before"))
    assert len(both) == len(other.table)
    at = both["k"] == 3
    assert both.loc[at, "ari"].to_list() == both.loc[at, "ari_before"].to_list()


def test_results_are_plain_enough_for_json(found: Multiverse) -> None:
    back = json.loads(json.dumps(found.to_json(), default=float))
    assert set(back["by_k"]) == {"2", "3", "4"}
    assert {"median_ari", "share_above_08", "all", "effects"} <= set(back)
    assert "none" in {row["level"] for row in back["effects"] if row["choice"] == "cap"}


# Scalers


@pytest.fixture(scope="module")
def skewed() -> np.ndarray:
    return np.asarray(generator("tests/scalers").lognormal(size=(300, 3)))


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("robust", RobustScaler),
        ("standard", StandardScaler),
        ("min-max", MinMaxScaler),
        ("Yeo-Johnson", PowerTransformer),
    ],
)
def test_scalers_are_those_of_scikit_learn(name: str, theirs: type[BaseEstimator], skewed: np.ndarray) -> None:
    np.testing.assert_allclose(scaled(skewed, name), theirs().fit_transform(skewed), atol=1e-12)


def test_normal_scores_are_those_of_scikit_learn_where_nothing_ties(skewed: np.ndarray) -> None:
    own = scaled(skewed, "quantile-normal")
    theirs = QuantileTransformer(n_quantiles=300, output_distribution="normal").fit_transform(skewed)
    inner = np.abs(own) < 1.5  # its ranks run from 0 to n - 1, so that the ends differ
    np.testing.assert_allclose(own[inner], theirs[inner], atol=0.02)
    np.testing.assert_allclose(own, norm.ppf((rankdata(skewed, axis=0) - 0.5) / 300))


def test_units_that_tie_share_the_middle_of_their_ranks() -> None:
    x = np.array([[1.0]] * 6 + [[4.0], [9.0]])
    np.testing.assert_allclose(NormalScores().fit_transform(x).ravel(), norm.ppf([3 / 8] * 6 + [6.5 / 8, 7.5 / 8]))
    unseen = NormalScores().fit(x).transform([[0.0], [2.0], [99.0]])
    np.testing.assert_allclose(unseen.ravel(), norm.ppf([0.5 / 8, 6 / 8, 7.5 / 8]))


def test_ranks_do_not_see_another_unit_of_measurement(skewed: np.ndarray) -> None:
    other = np.log1p(skewed) * 60 - 7
    np.testing.assert_array_equal(scaled(other, "quantile-normal"), scaled(skewed, "quantile-normal"))
    for name in ("robust", "standard", "min-max"):
        np.testing.assert_allclose(scaled(skewed * 60 - 7, name), scaled(skewed, name), atol=1e-9)


@pytest.mark.parametrize("name", list(MAKERS))
def test_a_constant_column_becomes_zero(name: str, skewed: np.ndarray) -> None:
    out = scaled(np.column_stack([skewed[:, 0], np.full(300, 7.0)]), name)
    assert (out[:, 1] == 0).all()
    assert np.isfinite(out).all()
    assert list(MAKERS) == list(SCALERS)


@parametrize_with_checks([NormalScores()])
def test_normal_scores_are_a_transformer_of_scikit_learn(estimator: BaseEstimator, check: object) -> None:
    check(estimator)  # type: ignore[operator]
