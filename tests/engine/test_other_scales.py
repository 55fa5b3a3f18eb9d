"""A scale that hides groups changes what the rule answers; others find what was planted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segkit.engine.matrix import fit_matrix
from segkit.engine.modes import modes
from segkit.engine.other_scales import OtherScales, other_scales
from segkit.seeds import generator

KS = [2, 3, 4]


def answered(frame: pd.DataFrame, labels: np.ndarray, rule: int) -> OtherScales:
    how = {"clip": 0.01, "cap": 10.0, "splits": 5, "bootstraps": 5}
    return other_scales(frame, {"all": list(frame)}, labels, "robust", rule, ("robust", "standard"), KS, jobs=1, **how)


def test_groups_that_the_robust_scale_takes_for_spread_are_found_by_the_standard_one() -> None:
    """Two groups of 40 and 60 %, six standard deviations apart in one of four columns."""
    rng = generator("tests/other scales")
    values, groups = rng.normal(size=(300, 4)), np.repeat([0, 1], [120, 180])
    values[:, 0] += 6 * groups
    values[:, 1:] = rng.standard_t(2, size=(300, 3))  # their tails are long, so that a robust scale leaves them wide
    frame = pd.DataFrame(values, columns=list("abcd"))
    assert modes(frame, fit_matrix(frame, {"all": list(frame)}, clip=0.01, cap=10.0), seed=1).hidden == ["a"]
    found = answered(frame, groups, 1)
    assert found.table["in_use"].tolist() == [True, False]
    assert found.table["k"].tolist() == [1, 2] and not found.agree
    assert found.table["ari"].iloc[1] > 0.9 and np.isnan(found.table["ari"].iloc[0])


def test_groups_far_apart_are_found_under_every_scale_and_noise_under_none() -> None:
    rng = generator("tests/other scales agree")
    groups = np.repeat([0, 1], 60)
    apart = pd.DataFrame(rng.normal(size=(120, 3)) + 12 * groups[:, None], columns=list("abc"))
    found = answered(apart, groups, 2)
    assert found.agree and found.table["ari"].tolist() == [1.0, 1.0]
    noise = pd.DataFrame(rng.normal(size=(150, 6)), columns=list("abcdef"))
    assert answered(noise, np.zeros(150, dtype=np.int64), 1).table["k"].tolist() == [1, 1]
