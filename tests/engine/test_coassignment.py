"""How surely each unit is in its segment, by samples of members drawn anew, and what sampling error alone would give."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from planted import as_matrix
from sampled_units import Sampled, sampled

from segkit.engine import within_units as module
from segkit.engine.coassignment import NOISE, coassigned, repeated
from segkit.engine.segments import Segments, fit_segments
from segkit.engine.within_units import resampled
from segkit.seeds import generator


@pytest.fixture(scope="module")
def apart() -> tuple[Sampled, Segments]:
    made = sampled(2.0)
    return made, fit_segments(made.matrix, 2)


def test_a_matrix_and_confidences_as_counted_by_hand() -> None:
    segments = pd.Series([1, 1, 2], index=list("abc"))
    # As it is; numbers exchanged; b moved; nothing fitted; c without a segment.
    labels = pd.DataFrame(
        {0: [1.0, 1, 2], 1: [2, 2, 1], 2: [1, 2, 2], 3: [np.nan] * 3, 4: [1, 1, NOISE]}, index=list("abc")
    )
    found = coassigned(labels, segments)
    assert found.together.loc["a"].tolist() == [1.0, 0.75, 0.0]
    assert found.together.loc["c"].tolist() == [0.0, 0.25, 0.75]  # in no segment once
    at = found.table.set_index("unit")
    assert at["confidence"].tolist() == [1.0, 0.75, 0.75]
    assert at.loc["b", ["other", "other_share"]].tolist() == [2, 0.25]
    assert at.loc["c", ["other", "other_share", "alone"]].tolist() == [NOISE, 0.25, 0.5]
    assert found.draws["ari"].tolist()[:2] == [1.0, 1.0] and np.isnan(found.draws["ari"][3])
    assert found.draws["singletons"].tolist() == pytest.approx([1, 1, 1, np.nan, 0], nan_ok=True)
    assert list(found.labels) == [0, 1, 2, 4] and found.unsure == ("b", "c")
    assert at.loc["b", "se"] == pytest.approx((0.75 * 0.25 / 4) ** 0.5)


def test_groups_far_apart_come_back_and_the_matrix_has_blocks(apart: tuple[Sampled, Segments]) -> None:
    made, segments = apart
    found = resampled(made.sample, made.frame, made.matrix, segments, draws=20, ks=(2, 3), worlds=19)
    assert (found.table["confidence"] == 1).all() and not found.unsure
    block = np.kron(np.eye(2), np.ones((5, 5)))
    assert (found.together.to_numpy() == block).all()
    assert found.chance is not None and found.chance.confidence < 0.85 and found.beyond_chance
    assert (found.draws["k_silhouette"] == 2).all()
    assert json.loads(json.dumps(found.to_json(), default=str))["chance"]["beyond"] is True


def test_units_that_differ_by_sampling_error_alone_are_told() -> None:
    """Four populations without groups: confidence is what chance gives, and hardly one is called beyond it."""
    beyond, seen, expected = 0, [], []
    for i in range(4):
        made = sampled(0.0, name=f"tests/alike {i}")
        segments = fit_segments(made.matrix, 2)
        found = resampled(made.sample, made.frame, made.matrix, segments, draws=20, worlds=19)
        assert found.chance is not None
        seen.append(found.confidence)
        expected.append(found.chance.confidence)
        beyond += found.beyond_chance
    assert beyond <= 1  # of a binomial law with 0.05: more has a probability of 0.014
    assert np.mean(seen) == pytest.approx(np.mean(expected), abs=0.07)
    assert np.mean(seen) < 0.85  # far from the certainty of groups, although no draw is at random


def test_draws_do_not_hang_on_processes_nor_on_the_order_of_units(apart: tuple[Sampled, Segments]) -> None:
    made, segments = apart
    one = resampled(made.sample, made.frame, made.matrix, segments, draws=6, worlds=0)
    two = resampled(
        lambda rng: made.sample(rng).iloc[::-1], made.frame, made.matrix, segments, draws=6, worlds=0,
        jobs=2,
    )  # fmt: skip
    pd.testing.assert_frame_equal(one.table, two.table)
    pd.testing.assert_frame_equal(one.labels, two.labels)
    assert one.chance is None and not one.beyond_chance


def test_a_resample_without_a_unit_or_a_feature_is_an_error(apart: tuple[Sampled, Segments]) -> None:
    made, segments = apart
    for lacking, cut in (
        ("u3", lambda f: f.drop(index="u3")),
        ("y", lambda f: f.drop(columns="y")),
    ):
        with pytest.raises(ValueError, match=f"has no {lacking}"):
            resampled(lambda rng, cut=cut: cut(made.sample(rng)), made.frame, made.matrix, segments, draws=1)


def test_three_units_and_a_segment_of_one() -> None:
    made = sampled(3.0, units=3)
    segments = fit_segments(made.matrix, 2)
    assert sorted(segments.sizes) == [1, 2]
    found = resampled(made.sample, made.frame, made.matrix, segments, draws=20, worlds=9)
    single = segments.labels[segments.labels == 2].index[0]
    at = found.table.set_index("unit")
    assert single == "u0" and at.loc[single, "alone"] == 1 and at["confidence"].min() == 1


def test_a_feature_that_resamples_can_only_lower_is_told(apart: tuple[Sampled, Segments]) -> None:
    """The highest of 40 members is in a sample of them with probability 0.64, and never surpassed."""
    made, segments = apart
    tops = generator("tests/tops").normal(size=(10, 40)).round(3)

    def lowered(rng: np.random.Generator) -> pd.DataFrame:
        return made.sample(rng).assign(z=[rng.choice(own, 40).max() for own in tops])

    frame = made.frame.assign(z=tops.max(axis=1))
    found = resampled(lowered, frame, made.matrix, segments, draws=30, worlds=0).shift
    assert found is not None and list(found.index) == ["x", "y", "z"]
    assert found[["x", "y"]].abs().max() < 0.3 and found["z"] < -0.4


def test_draws_in_which_all_units_coincide_are_counted_and_left_out() -> None:
    made = sampled(2.0)
    segments = fit_segments(made.matrix, 2)
    same = made.frame * 0
    found = resampled(lambda rng: same, made.frame, made.matrix, segments, draws=3, worlds=5)
    assert found.draws["ari"].isna().all() and found.labels.shape == (10, 0)
    assert np.isnan(found.confidence) and not found.beyond_chance and found.chance is not None
    assert np.isnan(found.together.to_numpy()).all() and found.chance.worlds == 0


def test_other_windows_and_seeds_are_compared_by_unit_whatever_their_order(apart: tuple[Sampled, Segments]) -> None:
    made, segments = apart
    turned = as_matrix(made.matrix.values[::-1].copy())
    turned = type(turned)(**{**vars(turned), "index": made.matrix.index[::-1]})
    noise = as_matrix(np.random.default_rng(0).normal(size=(10, 3)))
    noise = type(noise)(**{**vars(noise), "index": made.matrix.index})
    found = repeated([("seed 1", made.matrix, 1), ("turned", turned, 2), ("noise", noise, 3)], segments)
    assert found.draws.set_index("draw")["ari"].round(9).tolist()[:2] == [1.0, 1.0]
    assert found.draws["kept"].tolist()[:2] == [1.0, 1.0] and found.draws["kept"][2] < 1
    assert list(found.labels) == ["seed 1", "turned", "noise"] and found.chance is None


def test_nothing_given_is_changed_and_a_rerun_is_the_same(apart: tuple[Sampled, Segments]) -> None:
    made, segments = apart
    before = made.frame.copy(), made.matrix.values.copy(), segments.labels.copy()
    one, two = (resampled(made.sample, made.frame, made.matrix, segments, draws=5, worlds=3) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.chance == two.chance and one.to_json()["ari_mean"] == two.to_json()["ari_mean"]
    pd.testing.assert_frame_equal(made.frame, before[0])
    assert (made.matrix.values == before[1]).all() and segments.labels.equals(before[2])
    assert module.WORLDS >= 19  # from there on a share of at most 0.05 can be reached
