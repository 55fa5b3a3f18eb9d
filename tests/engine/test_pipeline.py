"""The bootstrap of the whole pipeline: planted segments, the tipping of a scale, recurrence and margin."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from planted import APART
from scipy.stats import binom
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matching import align
from segkit.engine.matrix import ModelMatrix, fit_matrix
from segkit.engine.pipeline import PipelineBootstrap, confidence, pipeline_bootstrap, unscaled
from segkit.engine.preprocessing import preprocessing
from segkit.engine.segments import Segments, fit_segments
from segkit.seeds import generator, integer


def made(values: np.ndarray, k: int, clip: float = 0.01) -> tuple[pd.DataFrame, ModelMatrix, Segments]:
    names = [f"x{i}" for i in range(values.shape[1])]
    frame = pd.DataFrame(values, columns=names, index=[f"{i:012x}" for i in range(len(values))])
    matrix = fit_matrix(frame, {"all": names}, clip=clip)
    return frame, matrix, fit_segments(matrix, k, clusterer=KMeansClusterer(10))


def apart(sizes: tuple[int, ...] = (60, 40, 30)) -> np.ndarray:
    rng = generator("tests/pipeline/apart")
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return APART * np.eye(len(sizes))[truth] + rng.normal(size=(len(truth), len(sizes)))


def test_separated_segments_are_found_by_every_refit() -> None:
    frame, matrix, segments = made(apart(), 3)
    found = pipeline_bootstrap(frame, matrix, segments, resamples=12, jobs=1)
    assert found.ari_mean == found.ari_q05 == 1 and (found.table["ari"] == 1).all()
    assert (found.recurrence == 1).all() and found.recurrence.index.equals(frame.index)
    sure = confidence(matrix, segments, found)
    assert sure.table[["seldom", "narrow", "both"]].to_numpy().sum() == 0
    assert sure.table["units"].to_list() == [60, 40, 30] and sure.share("seldom") == 0


def test_one_resample_is_what_scikit_learn_makes_of_it() -> None:
    """The same draw, done again with scikit-learn alone: pipeline, k-means, prediction, index, best renaming."""
    rng = generator("tests/pipeline/blurred")
    values = np.vstack([rng.normal(c, 1, size=(70, 4)) for c in (0, 2, 4)])
    frame, matrix, segments = made(values, 3)
    found = pipeline_bootstrap(frame, matrix, segments, resamples=3, jobs=1)
    same = np.zeros(len(values))
    for i in range(3):
        draw = np.random.default_rng(integer(f"pipeline/{i}", 42))
        rows = np.sort(draw.integers(0, len(values), size=len(values)))
        steps = preprocessing()
        fitted = KMeans(3, n_init=10, random_state=int(draw.integers(2**32 - 1))).fit(steps.fit_transform(values[rows]))
        labels = fitted.predict(steps.transform(values))
        ari = adjusted_rand_score(segments.labels, labels)
        assert found.table.loc[i, "ari"] == pytest.approx(ari, abs=0.02)  # both stop a little before the optimum
        same += align(segments.labels, labels) == segments.labels
    assert 0.3 < found.ari_mean < 1
    assert np.abs(found.recurrence - same / 3).mean() < 0.02


def test_blurred_segments_recur_less_and_their_borders_least() -> None:
    rng = generator("tests/pipeline/line")
    values = rng.normal(size=(300, 1))
    frame, matrix, segments = made(values, 2)
    found = pipeline_bootstrap(frame, matrix, segments, resamples=20, jobs=1)
    border = np.abs(matrix.values[:, 0] - segments.centres[:, 0].mean()) < 0.1
    assert found.recurrence[border].mean() < 0.9 < found.recurrence[~border].mean()
    first, second = np.sort(
        np.linalg.norm(matrix.values[:, None] - segments.centres[None], axis=2), axis=1
    ).T  # by another route: all differences at once
    table = confidence(matrix, segments, found).table.set_index("segment")
    for s in (1, 2):
        mine = (segments.labels == s).to_numpy()
        assert table.loc[s, "narrow"] == ((1 - first / second)[mine] < 0.1).sum() > 0
        assert table.loc[s, "seldom"] == (found.recurrence[mine] < 0.8).sum() > 0
        assert table.loc[s, "both"] <= min(table.loc[s, "narrow"], table.loc[s, "seldom"])
        assert table.loc[s, "recurrence"] == pytest.approx(found.recurrence[mine].mean())


def tipping(share: float, n: int = 400) -> np.ndarray:
    """Two planted segments, and a column that is zero but for a share of the units, where it is tiny."""
    values = apart((n // 2, n // 2))
    rare = np.zeros(n)
    rare[generator("tests/pipeline/rare").permutation(n)[: round(share * n)]] = 0.01
    return np.column_stack([values, rare])


@pytest.mark.parametrize(("share", "way"), [(0.24, "gained"), (0.265, "lost")])
def test_a_scale_that_tips_is_counted(share: float, way: str) -> None:
    """Closed form: the upper quartile is above zero in a resample if at least a quarter of its units are."""
    frame, matrix, segments = made(tipping(share), 2, clip=0)
    found = pipeline_bootstrap(frame, matrix, segments, resamples=60, jobs=1)
    assert list(found.flat.index) == (["x2"] if way == "gained" else [])
    n, need = len(frame), 101  # the 301st smallest of 400 decides the quartile by a quarter, the 300th by the rest
    above = binom.sf(need - 1, n, share)
    expected = above if way == "gained" else 1 - above
    count = int(found.table["changed"].sum())
    assert abs(count / 60 - expected) < 4 * np.sqrt(expected * (1 - expected) / 60)
    assert 0 < count < 60
    assert found.columns_changed.to_dict() == {"x2": count} and set(found.table[way]) == {"", "x2"}
    rows = found.summary.set_index("resamples")
    assert rows["number"].to_list() == [60, 60 - count, count]
    assert found.ari_mean == pytest.approx((found.table["ari"]).mean()) == rows.loc["all", "ari_mean"]
    if way == "gained":
        assert found.flat["x2"] == pytest.approx(share)


def test_a_scale_that_tips_can_change_the_segments() -> None:
    """A column that is divided by almost nothing reaches the cap and outweighs the rest; resamples without it agree."""
    rng = generator("tests/pipeline/outweighs")
    values = np.column_stack([tipping(0.245)[:, 2], rng.normal(np.repeat([0, 3], 200), 1), rng.normal(size=400)])
    # Values of the rare column spread out, so that a quartile just above zero makes them far away.
    values[values[:, 0] > 0, 0] = rng.uniform(0.001, 1, size=int((values[:, 0] > 0).sum()))
    frame, matrix, segments = made(values, 2)
    rows = pipeline_bootstrap(frame, matrix, segments, resamples=40, jobs=1).summary.set_index("resamples")
    assert rows.loc["other scaling", "number"] > 3
    assert rows.loc["other scaling", "ari_mean"] < 0.5 < 0.85 < rows.loc["same scaling", "ari_mean"]


def test_unscaled_columns_are_those_whose_quartiles_coincide() -> None:
    flat, one = np.r_[np.zeros(10), 1.0, 2.0], np.arange(12.0) / 5.5  # an interquartile range of exactly one
    values = np.column_stack([flat, one, np.full(12, 3.0), np.arange(12.0)])
    steps = preprocessing(clip=0).fit(values)
    assert steps["scale"].scale_[1] == pytest.approx(1)
    assert unscaled(steps, values).tolist() == [True, False, True, False]


def test_resamples_that_cannot_be_fitted_are_left_out() -> None:
    values = np.zeros((12, 1))
    values[:2, 0] = (1, 2)  # many resamples miss one of the two
    frame, matrix, segments = made(values, 2, clip=0)
    found = pipeline_bootstrap(frame, matrix, segments, resamples=30, jobs=1)
    missing = int(found.table["ari"].isna().sum())
    assert 0 < missing < 30 and found.params["fitted"] == 30 - missing
    assert found.recurrence.between(0, 1).all()
    json.dumps(found.to_json())


def test_more_resamples_and_more_processes_move_no_number() -> None:
    frame, matrix, segments = made(generator("tests/pipeline/processes").normal(size=(80, 3)), 3)
    few, many, two = (
        pipeline_bootstrap(frame, matrix, segments, resamples=b, jobs=n) for b, n in ((4, 1), (10, 1), (10, 2))
    )
    pd.testing.assert_frame_equal(many.table, two.table, check_exact=True)
    pd.testing.assert_series_equal(many.recurrence, two.recurrence, check_exact=True)
    pd.testing.assert_frame_equal(few.table, many.table.head(4), check_exact=True)


def test_the_result_is_plain_and_hides_single_units() -> None:
    frame, matrix, segments = made(apart((20, 15)), 2)
    found = pipeline_bootstrap(frame, matrix, segments, resamples=4, jobs=1)
    assert isinstance(found, PipelineBootstrap) and "<table" in found._repr_html_()
    text = json.dumps(found.to_json())
    assert not any(name in text for name in frame.index)
    assert json.loads(text)["ari_mean"] == 1
