"""Blocks and features left out, on features whose roles are planted."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import as_matrix
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import ModelMatrix, fit_matrix
from segkit.engine.segments import Segments, fit_segments
from segkit.engine.sensitivity import EVEN, Sensitivity, equal_blocks, jaccard_by_segment, sensitivity
from segkit.seeds import generator

CLIP, CAP = 0.0, 10.0
BLOCKS = {"deciding": ["d1", "d2"], "useless": ["u1", "u2"], "silenced": ["s1", "s2"]}
ALL = [name for names in BLOCKS.values() for name in names]
PLANTED = (100, 15, 15)  # one large segment, so that the interquartile range is that within it


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Draw three blocks of features.

    ``deciding`` makes three segments, ``useless`` is noise. ``silenced`` makes three segments of its own, but more than
    three quarters of its values are zero, so that its interquartile range is zero and it stays in raw units, which are
    small: what shares of calls at unusual hours do.
    """
    rng = generator("tests/sensitivity")
    n = sum(PLANTED)
    truth = rng.permutation(np.repeat(np.arange(3), PLANTED))
    centres = np.array([[0, 0], [9, 0], [0, 9]])
    deciding = centres[truth] + rng.normal(size=(n, 2))
    other = rng.permutation(np.repeat(np.arange(3), [80, 26, 24]))
    silenced = np.array([[0, 0], [1, 0], [0, 1]])[other] * 0.05
    useless = rng.normal(size=(n, 2)) * [1, 40]
    out = pd.DataFrame(np.hstack([deciding, useless, silenced]), columns=ALL)
    return out.assign(planted=truth, other=other, flat=1.0)


@pytest.fixture(scope="module")
def matrix(frame: pd.DataFrame) -> ModelMatrix:
    return fit_matrix(frame, BLOCKS, clip=CLIP, cap=CAP)


@pytest.fixture(scope="module")
def segments(matrix: ModelMatrix) -> Segments:
    return fit_segments(matrix, 3, clusterer=KMeansClusterer(10))


@pytest.fixture(scope="module")
def found(frame: pd.DataFrame, matrix: ModelMatrix, segments: Segments) -> Sensitivity:
    return sensitivity(
        frame, BLOCKS, matrix, segments, clip=CLIP, cap=CAP, extra={"outside": ["other"]}, clusterer=KMeansClusterer(10)
    )


def sets(labels: pd.Series) -> dict[int, set[object]]:
    return {int(s): set(labels.index[labels == s]) for s in sorted(labels.unique())}


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), min_size=1, max_size=30))
def test_jaccard_over_sets(pairs: list[tuple[int, int]]) -> None:
    a, b = (pd.Series(x) for x in np.array(pairs).T)
    result = jaccard_by_segment(a, b)
    expected = {s: max(len(one & two) / len(one | two) for two in sets(b).values()) for s, one in sets(a).items()}
    assert result.to_dict() == pytest.approx(expected)


def test_jaccard_of_a_partition_with_itself_renamed() -> None:
    a = pd.Series([1, 1, 2, 3, 3, 3])
    assert jaccard_by_segment(a, a.map({1: 9, 2: 4, 3: 0})).to_list() == [1, 1, 1]


def test_the_deciding_block_carries_the_partition(found: Sensitivity, frame: pd.DataFrame, segments: Segments) -> None:
    assert adjusted_rand_score(frame["planted"], segments.labels) == 1
    drop = found.arm("drop block").set_index("what")
    only = found.arm("only block").set_index("what")
    assert drop.loc["deciding", "ari"] < 0.2
    assert only.loc["deciding", "ari"] == 1
    assert drop.loc["deciding", "variance_share"] > 0.5
    assert found.arm("drop block")["what"].iloc[0] == "deciding"


def test_a_useless_block_can_be_dropped(found: Sensitivity) -> None:
    assert found.arm("drop block").set_index("what").loc["useless", "ari"] == 1
    assert found.arm("only block").set_index("what").loc["useless", "ari"] < 0.2


def test_a_silenced_block_cannot_matter_until_it_is_weighed(
    found: Sensitivity, frame: pd.DataFrame, segments: Segments
) -> None:
    row = found.arm("drop block").set_index("what").loc["silenced"]
    assert row["variance_share"] < 0.01
    assert row["ari"] == 1  # which proves nothing
    assert found.arm("only block").set_index("what").loc["silenced", "ari"] < 0.2
    equal = found.arm("equal blocks").iloc[0]
    assert equal["ari"] < 0.8
    assert min(equal[f"jaccard_{s}"] for s in (1, 2, 3)) < 0.75


def test_at_equal_weight_a_silenced_block_shows_what_it_holds(
    found: Sensitivity, frame: pd.DataFrame, matrix: ModelMatrix
) -> None:
    even = found.arm(EVEN).set_index("what")
    assert set(even.index) == set(BLOCKS) and even["variance_share"].to_list() == pytest.approx([1 / 3] * 3)
    assert even.loc["silenced", "ari"] < 0.8 and found.arm("drop block").set_index("what").loc["silenced", "ari"] == 1
    assert even.filter(like="jaccard_").isna().all(axis=None)
    # The comparison is with all blocks at equal weight, by a calculation apart.
    fits = []
    for names in (ALL, [n for n in ALL if n not in BLOCKS["silenced"]]):
        blocks = {b: [n for n in own if n in names] for b, own in BLOCKS.items() if set(own) & set(names)}
        values = equal_blocks(fit_matrix(frame, blocks, clip=CLIP, cap=CAP))
        with threadpool_limits(1):
            fits.append(KMeans(3, n_init=10, random_state=42).fit(values).labels_)
    assert even.loc["silenced", "ari"] == pytest.approx(adjusted_rand_score(*fits), abs=1e-12)


def test_one_feature_at_a_time(found: Sensitivity) -> None:
    drop = found.arm("drop feature").set_index("what")
    assert set(drop.index) == {"d1", "d2", "u1", "u2", "s1", "s2"}
    assert (drop.loc[["u1", "u2", "s1", "s2"], "ari"] == 1).all()
    assert (drop.loc[["d1", "d2"], "ari"] < 1).all()
    assert drop["variance_share"].sum() == pytest.approx(1)


def test_each_row_is_a_fit_of_its_own(found: Sensitivity, frame: pd.DataFrame, segments: Segments) -> None:
    """Preprocessing is refitted, and the indices are those of scikit-learn and of sets."""
    steps = {
        ("drop block", "deciding"): ["u1", "u2", "s1", "s2"], ("only block", "useless"): ["u1", "u2"],
        ("drop feature", "d2"): ["d1", "u1", "u2", "s1", "s2"], ("add block", "outside"): [*ALL, "other"],
    }  # fmt: skip
    rows = found.table.set_index(["arm", "what"])
    for step, names in steps.items():
        values = fit_matrix(frame, {"all": names}, clip=CLIP, cap=CAP).values
        with threadpool_limits(1):
            labels = pd.Series(KMeans(3, n_init=10, random_state=42).fit(values).labels_, index=frame.index)
        row = rows.loc[step]
        assert row["ari"] == pytest.approx(adjusted_rand_score(segments.labels, labels), abs=1e-12)
        for s, near in jaccard_by_segment(segments.labels, labels).items():
            assert row[f"jaccard_{s}"] == near
    assert np.isnan(rows.loc[("add block", "outside"), "variance_share"])


def test_equal_blocks_have_equal_variances_and_the_same_total(matrix: ModelMatrix) -> None:
    values = equal_blocks(matrix)
    variance = pd.Series(values.var(axis=0), index=list(matrix.columns))
    by_block = [variance[names].sum() for names in matrix.blocks.values()]
    assert by_block == pytest.approx([matrix.values.var(axis=0).sum() / 3] * 3)
    # Within a block nothing moves: every column of it is stretched alike.
    for names in matrix.blocks.values():
        at = [matrix.columns.index(n) for n in names]
        ratio = values[:, at].std(axis=0) / matrix.values[:, at].std(axis=0)
        assert ratio[0] == pytest.approx(ratio[1])
    assert equal_blocks(as_matrix(matrix.values)) == pytest.approx(matrix.values)  # one block is as it was


def test_rows_of_a_single_block(frame: pd.DataFrame) -> None:
    blocks = {"deciding": ["d1", "d2"]}
    matrix = fit_matrix(frame, blocks, clip=CLIP, cap=CAP)
    segments = fit_segments(matrix, 3, clusterer=KMeansClusterer(5))
    result = sensitivity(frame, blocks, matrix, segments, clip=CLIP, cap=CAP, clusterer=KMeansClusterer(5))
    assert result.table["arm"].to_list() == ["only block", "drop feature", "drop feature", "equal blocks"]
    assert result.arm("drop block").empty
    assert result.table.set_index("arm").loc[["only block", "equal blocks"], "ari"].to_list() == [1, 1]


def test_what_remains_must_vary(frame: pd.DataFrame) -> None:
    """A constant block alone makes no partition; its row is left out, and dropping it changes nothing."""
    blocks = {"deciding": ["d1", "d2"], "constant": ["flat"]}
    matrix = fit_matrix(frame, blocks, clip=CLIP, cap=CAP)
    segments = fit_segments(matrix, 3, clusterer=KMeansClusterer(5))
    result = sensitivity(frame, blocks, matrix, segments, clip=CLIP, cap=CAP, clusterer=KMeansClusterer(5))
    assert result.arm("only block")["what"].to_list() == ["deciding"]
    assert result.arm("drop block")["what"].to_list() == ["constant"]
    assert result.arm("drop block").loc[0, ["ari", "variance_share"]].to_list() == [1, 0]
    assert "flat" not in set(result.arm("drop feature")["what"])


def test_wanted_arms_alone_and_threads(frame: pd.DataFrame, matrix: ModelMatrix, segments: Segments) -> None:
    one, two = (
        sensitivity(
            frame,
            BLOCKS,
            matrix,
            segments,
            clip=CLIP,
            cap=CAP,
            clusterer=KMeansClusterer(3),
            arms=["drop block", "equal blocks"],
            jobs=jobs,
        )
        for jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    assert set(one.table["arm"]) == {"drop block", "equal blocks"}


def test_an_arm_is_sorted_and_the_result_is_plain_enough_for_json(found: Sensitivity) -> None:
    assert found.arm("drop feature")["ari"].is_monotonic_increasing
    back = json.loads(json.dumps(found.to_json()))
    drop = found.arm("drop block").set_index("what")
    assert back["drop_block"]["useless"] == {"ari": 1, "variance_share": drop.loc["useless", "variance_share"]}
    assert set(back["drop_feature"]) == {"d1", "d2", "u1", "u2", "s1", "s2"}
    assert set(back["add_block"]) == {"outside"}
    assert back["params"] == {"restarts": 10, "clip": CLIP, "cap": CAP}
