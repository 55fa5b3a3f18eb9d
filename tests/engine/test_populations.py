"""Parts of the population, on units for which it is planted who matters."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import fit_matrix
from segkit.engine.populations import Populations, populations
from segkit.engine.segments import Segments, fit_segments
from segkit.seeds import generator

CLIP, CAP = 0.01, 10.0
BLOCKS = {"all": ["a", "b"]}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Draw segments of 100, 18 and 12 units, far apart, with a label that has nothing to do with them.

    One is large, so that the interquartile range of a feature is that within it.
    """
    rng = generator("tests/populations")
    truth = np.repeat(np.arange(3), (100, 18, 12))
    values = np.array([[0, 0], [25, 0], [0, 25]])[truth] + rng.normal(size=(130, 2))
    frame = pd.DataFrame(values, columns=["a", "b"]).assign(truth=truth, label=rng.permutation([0, 1] * 65))
    return frame.iloc[rng.permutation(130)]


@pytest.fixture(scope="module")
def segments(frame: pd.DataFrame) -> Segments:
    return fit_segments(fit_matrix(frame, BLOCKS, clip=CLIP, cap=CAP), 3, clusterer=KMeansClusterer(10))


def masks(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    drawn = np.zeros(len(frame), dtype=bool)
    drawn[:128] = True
    return {
        "half": (frame["label"] == 1).to_numpy(), "without third": (frame["truth"] != 2).to_numpy(), "but two": drawn,
        "everyone": np.ones(len(frame), dtype=bool), "nobody": np.zeros(len(frame), dtype=bool),
        "three": np.arange(len(frame)) < 3,
    }  # fmt: skip


@pytest.fixture(scope="module")
def found(frame: pd.DataFrame, segments: Segments) -> Populations:
    return populations(frame, BLOCKS, segments, masks(frame), clip=CLIP, cap=CAP)


def test_a_random_half_finds_the_segments_again(found: Populations) -> None:
    row = found.table.set_index("population").loc["half"]
    assert row.to_list() == [65, 0.5, 1, 1, 1, 1]


def test_without_a_segment_another_one_is_cut(found: Populations) -> None:
    """Three segments are asked for where two are left: one of them has to be divided, and the third has no units."""
    row = found.table.set_index("population").loc["without third"]
    near = row.filter(like="jaccard_").to_numpy(dtype=float)
    assert np.isnan(near[2])
    assert sorted(near[:2] == 1) == [False, True]
    assert row["ari"] < 1
    assert row["units"] == 118


def test_preprocessing_and_segments_are_refitted(found: Populations, frame: pd.DataFrame, segments: Segments) -> None:
    for name in ("half", "without third"):
        mask = masks(frame)[name]
        values = fit_matrix(frame[mask], BLOCKS, clip=CLIP, cap=CAP).values
        with threadpool_limits(1):
            labels = KMeans(3, n_init=10, random_state=42).fit(values).labels_
        expected = adjusted_rand_score(segments.labels[mask], labels)
        assert found.table.set_index("population").loc[name, "ari"] == pytest.approx(expected)


def test_parts_that_are_all_or_too_few_have_no_row(found: Populations) -> None:
    assert found.table["population"].to_list() == ["half", "without third", "but two"]


def test_how_few_were_left_out_is_not_told(found: Populations) -> None:
    row = found.table.set_index("population").loc["but two"]
    assert np.isnan(row[["units", "left_out"]].to_numpy(dtype=float)).all()
    assert row["ari"] == 1
    back = json.loads(json.dumps(found.to_json()))
    assert back["half"] == {"ari": 1, "units": 65}
    assert "128" not in json.dumps(back)


def test_the_order_of_the_rows_does_not_matter_and_inputs_stay(
    found: Populations, frame: pd.DataFrame, segments: Segments
) -> None:
    before, turned = frame.copy(), frame[::-1]
    other = populations(turned, BLOCKS, segments, masks(turned), clip=CLIP, cap=CAP).table.set_index("population")
    pd.testing.assert_frame_equal(other.loc[["half"]], found.table.set_index("population").loc[["half"]])
    pd.testing.assert_frame_equal(frame, before, check_exact=True)


def test_nothing_to_compare_gives_an_empty_table(frame: pd.DataFrame, segments: Segments) -> None:
    found = populations(frame, BLOCKS, segments, {}, clip=CLIP, cap=CAP)
    assert found.table.empty
    assert found.to_json() == {}
    assert list(found.table) == ["population", "units", "left_out", "ari", "jaccard_1", "jaccard_2", "jaccard_3"]
