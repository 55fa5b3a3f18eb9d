"""The rule on subsamples: it answers what was planted, and the jackknife gives errors that are known."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from populations_made import CORNERS, clouds

from segkit.engine import k_resampling
from segkit.engine.k_resampling import FEWEST, KResampling, jackknife_error
from segkit.engine.matrix import Floats, ModelMatrix, fit_matrix
from segkit.engine.prediction import PredictionStrength
from segkit.seeds import generator

KS = [2, 3, 4, 5]


def answered(values: Floats, **how: Any) -> KResampling:
    frame = pd.DataFrame(values)
    matrix = fit_matrix(frame, {"all": list(frame)}, clip=0.0, cap=np.inf, scaler="passthrough")
    return k_resampling.k_resampling(frame, matrix, KS, jobs=1, **{"subsamples": 6, **how})


def test_groups_far_apart_are_counted_alike_in_every_subsample() -> None:
    found = answered(clouds(CORNERS, (40, 40, 40, 40), "apart"))
    assert found.share(4) == 1 and found.table["subsamples"].tolist() == [6]
    assert found.error(4) < 0.01  # where halves always agree, nothing moves
    again = answered(clouds(CORNERS, (40, 40, 40, 40), "apart"))
    pd.testing.assert_frame_equal(found.strengths, again.strengths)
    assert json.loads(json.dumps(found.to_json()))["answers"] == [{"k": 4, "subsamples": 6, "share": 1.0}]


def test_noise_has_no_segments_in_most_subsamples() -> None:
    found = answered(generator("tests/noise again").normal(size=(120, 5)), subsamples=10)
    assert found.share(1) >= 0.8


def test_a_strict_rule_answers_none() -> None:
    assert answered(clouds(CORNERS, (20, 20, 20, 20), "strict"), strength=1.01).share(1) == 1


def test_few_units_are_not_asked() -> None:
    found = answered(generator("tests/few").normal(size=(FEWEST - 1, 3)))
    assert not found.known and np.isnan(found.share(2)) and np.isnan(found.error(2))
    assert answered(generator("tests/few").normal(size=(FEWEST, 3)), subsamples=1).known


def test_who_was_sampled_is_drawn_with_all_their_units(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = np.repeat(np.arange(60), np.arange(60) % 3 + 1)
    seen: list[Floats] = []

    def measured(part: ModelMatrix, ks: Sequence[int], **how: Any) -> PredictionStrength:
        seen.append(part.values[:, 0])
        table = pd.DataFrame({"k": list(ks), "strength": 0.1, "sd": 0.0, "splits": 1})
        return PredictionStrength(table, {}, 1)

    monkeypatch.setattr(k_resampling, "prediction_strength", measured)
    found = answered(np.column_stack([groups, groups % 7]).astype(np.float64), groups=groups)
    assert (found.params["units"], found.params["drawn"], found.params["grouped"]) == (60, 48, True)
    whole = pd.Series(groups).value_counts()
    for values in seen:
        drawn = pd.Series(values).astype(int).value_counts()
        assert len(drawn) == 48 and (drawn == whole.reindex(drawn.index)).all()


def test_the_error_of_a_mean_is_that_of_textbooks() -> None:
    """Over all subsets the delete-d jackknife of a mean is s^2 / n exactly (Shao and Wu 1989, section 2)."""
    values = np.array([1.0, 4.0, 4.5, 7.0, 11.0, 2.0, 3.0])
    n = len(values)
    for r in (3, 5, 6):
        means = np.array([values[list(s)].mean() for s in itertools.combinations(range(n), r)])
        one_less = (len(means) - 1) / len(means)  # the textbook divides by the number of subsets
        error = jackknife_error(means, np.zeros(len(means)), r, n) * np.sqrt(one_less)
        assert error == pytest.approx(values.std(ddof=1) / np.sqrt(n))


def test_what_measuring_adds_is_taken_off() -> None:
    rng = generator("tests/jackknife")
    values, errors = rng.normal(size=400), []
    for sd in (0.0, 0.05):
        means = np.array([values[rng.permutation(400)[:320]].mean() + rng.normal(0, sd) for _ in range(4_000)])
        errors.append(jackknife_error(means, np.full(len(means), sd**2), 320, 400))
    assert errors == pytest.approx([values.std(ddof=1) / 20] * 2, rel=0.1)  # left in, it would be twice as much
    assert jackknife_error(np.array([0.5, 0.5]), np.array([0.1, 0.1]), 4, 5) == 0
    assert np.isnan(jackknife_error(np.array([0.5]), np.zeros(1), 4, 5))
