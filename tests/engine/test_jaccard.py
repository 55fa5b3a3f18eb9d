"""Clusterwise Jaccard similarity under resampling: planted segments, artefacts, noise, and the numbers of fpc."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import as_matrix, planted
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.fits import adjusted_rand, crossing
from segkit.engine.jaccard import SCHEMES, Jaccard, drawn, enough, jaccard, rule_of_thumb, uniform_noise
from segkit.engine.segments import Segments, fit_segments
from segkit.seeds import generator

ORACLE = pd.read_csv(Path(__file__).parent / "oracles" / "clusterboot_iris.csv")
CALLED = {"boot": "bootstrap", "subset": "halves", "noise": "noise"}


@pytest.fixture(scope="module")
def iris() -> Jaccard:
    matrix = as_matrix(load_iris().data)
    segments = fit_segments(matrix, 3, clusterer=KMeansClusterer(50))
    assert segments.sizes.to_list() == [62, 50, 38]
    return jaccard(matrix, segments, resamples=150, jobs=1)


@pytest.mark.parametrize("scheme", CALLED)
def test_iris_agrees_with_fpc(iris: Jaccard, scheme: str) -> None:
    """Oracle: clusterboot(iris[, 1:4], B = 2000, bootmethod = ..., clustermethod = kmeansCBI, krange = 3, runs = 10)."""
    found = iris.summary.set_index(["scheme", "segment"]).loc[CALLED[scheme]]
    theirs = ORACLE[ORACLE["scheme"] == scheme].set_index("size")
    for segment, size in ((1, 62), (2, 50), (3, 38)):
        row = theirs.loc[size]
        error = row["sd"] * np.sqrt(1 / row["runs"] + 1 / 150)
        assert abs(found.loc[segment, "mean"] - row["mean"]) < 4 * error + 0.002, (scheme, size)
        for part in ("dissolved", "recovered"):
            share = row[part]
            spread = np.sqrt(max(share * (1 - share), 0.005) * (1 / row["runs"] + 1 / 150))
            assert abs(found.loc[segment, part] - share) < 4 * spread, (scheme, size, part)


def test_planted_segments_come_back_whole() -> None:
    matrix, _ = planted((60, 40, 25))
    found = jaccard(matrix, fit_segments(matrix, 3, clusterer=KMeansClusterer(10)), resamples=10, jobs=1)
    rows = found.summary.set_index("scheme")
    assert (rows.loc[["bootstrap", "halves"], "mean"] == 1).all()
    assert (rows["recovered"] == 1).all() and (rows["dissolved"] == 0).all() and found.more_starts == 1
    assert (rows["rule_of_thumb"] == "highly stable").all() and found.lowest == 1


def test_halves_of_one_true_segment_are_artefacts() -> None:
    """Two planted segments at K = 3: the larger, a round cloud, is cut in two, each time along another line."""
    rng = generator("tests/jaccard/artefact")
    truth = np.repeat([0, 1], (300, 100))
    matrix = as_matrix(rng.normal(size=(400, 8)) + 12 * truth[:, None])
    segments = fit_segments(matrix, 3, clusterer=KMeansClusterer(20))
    whole = int(segments.labels[truth == 1].mode().iloc[0])
    assert segments.labels[truth == 1].eq(whole).all()
    found = jaccard(matrix, segments, resamples=40, jobs=1)
    rows = found.summary.set_index(["segment", "scheme"])
    cut = [s for s in (1, 2, 3) if s != whole]
    assert rows.loc[(whole, "bootstrap"), "mean"] == 1
    assert (rows.loc[[(s, "bootstrap") for s in cut], "mean"] < 0.75).all()
    assert (rows.loc[[(s, "halves") for s in cut], "dissolved"] > 0.2).all()
    assert found.lowest < 0.75


def test_noise_without_segments_is_not_stable() -> None:
    matrix = as_matrix(generator("tests/jaccard/noise").normal(size=(300, 8)))
    found = jaccard(matrix, fit_segments(matrix, 5, clusterer=KMeansClusterer(20)), resamples=20, jobs=1)
    assert found.lowest < 0.6
    assert set(found.summary.loc[found.summary["scheme"] != "noise", "rule_of_thumb"]) <= {
        "not to be trusted",
        "a pattern",
    }


def test_bounds_are_those_of_the_paper() -> None:
    """Hennig (2007): dissolved at 0.5 and below, recovered above 0.75; words for the mean as his package has them."""
    values = [0.5, 0.500001, 0.75, 0.750001, np.nan]
    table = pd.DataFrame({"scheme": "bootstrap", "resample": range(5), "segment": 1, "jaccard": values})
    row = Jaccard(table, 1.0, {}, 42).summary.iloc[0]
    assert (row["dissolved"], row["recovered"], row["resamples"]) == (0.25, 0.25, 4)
    assert row["mean"] == pytest.approx(np.mean(values[:4]))
    assert [rule_of_thumb(m) for m in (0.5999, 0.6, 0.7499, 0.75, 0.8499, 0.85, 1.0, np.nan)] == [
        "not to be trusted", "a pattern", "a pattern", "valid", "valid", "highly stable", "highly stable", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "low", "high"), [("bootstrap", 570, 700), ("halves", 500, 500), ("noise", 950, 950)]
)
def test_resamples_hold_each_unit_once(scheme: str, low: int, high: int) -> None:
    rows = drawn(1000, scheme, generator("tests/jaccard/drawn"))
    assert low <= len(rows) <= high  # of a bootstrap sample, 1 - 1/e = 632 differ on average
    assert (np.diff(rows) > 0).all() and rows.min() >= 0 and rows.max() < 1000


def test_noise_is_uniform_on_the_box_of_the_principal_directions() -> None:
    rng = generator("tests/jaccard/box")
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    values = (rng.normal(size=(500, 3)) * (5, 1, 0)) @ turn.T + 7
    scores = (uniform_noise(values, 4000, rng) - values.mean(axis=0)) @ turn
    spread = np.sqrt(np.diag(np.cov((values - values.mean(axis=0)) @ turn, rowvar=False)))
    reach = np.abs(scores).max(axis=0)
    assert reach[2] < 1e-6  # nothing varies there
    assert reach[:2] == pytest.approx(4 * spread[:2], rel=0.05)
    assert scores.std(axis=0)[:2] == pytest.approx(8 * spread[:2] / np.sqrt(12), rel=0.05)  # of a uniform law


def test_too_few_units_give_no_number() -> None:
    matrix = as_matrix(np.arange(5.0)[:, None])
    segments = Segments(
        pd.Series([1, 1, 1, 2, 2], index=matrix.index), np.array([[1.0], [3.5]]), pd.Series(), 0.0, {}, 1
    )
    found = jaccard(matrix, segments, resamples=6, jobs=1)
    halves = found.table[found.table["scheme"] == "halves"]
    assert halves["jaccard"].isna().all()  # two units cannot make two segments
    assert found.summary.set_index("scheme").loc["halves", "rule_of_thumb"].eq("").all()
    json.dumps(found.to_json())


def test_more_resamples_and_more_processes_move_no_number() -> None:
    matrix, _ = planted((30, 20), "tests/jaccard/few")
    segments = fit_segments(matrix, 3, clusterer=KMeansClusterer(5))
    few, many, two = (jaccard(matrix, segments, resamples=b, jobs=n) for b, n in ((3, 1), (6, 1), (6, 2)))
    pd.testing.assert_frame_equal(many.table, two.table, check_exact=True)
    first = many.table[many.table["resample"] < 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(few.table, first, check_exact=True)


def test_the_result_is_plain(iris: Jaccard) -> None:
    back = json.loads(json.dumps(iris.to_json()))
    assert set(back) == {"1", "2", "3", "schemes", "more_starts_ari", "params"}
    assert back["1"] == back["schemes"]["bootstrap"]["1"]["mean"] == iris.means()[1]
    assert list(back["schemes"]) == list(SCHEMES) and "<table" in iris._repr_html_()
    assert iris.lowest == min(back[s] for s in "123")


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_the_adjusted_rand_index_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs).T
    assert adjusted_rand(crossing(a, b, 4, 4)) == pytest.approx(adjusted_rand_score(a, b), abs=1e-12)


def test_enough_counts_rows_that_differ() -> None:
    twins = np.repeat(np.arange(3.0), 200)[:, None]
    assert enough(twins, 2) and not enough(twins, 3) and not enough(twins[:2], 2)
