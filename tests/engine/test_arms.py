"""The choice between ways to part units of mixed fields."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from mixed_made import by_field, made

from segkit.engine.arms import ORDER, Arms, compare, four_arms, standardised


def compared(n: int, kinds: int, *, name: str = "arms", which: tuple[str, ...] = ORDER, **options: object) -> Arms:
    frame, levels, _ = made(n, kinds, missing=0.3, number=False, name=name)
    arms = [a for a in four_arms(levels) if a.name in which]
    return compare(frame, by_field(frame), arms, (2, 3, 4), **{"splits": 3, "nulls": 9, "jobs": 1, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def planted() -> Arms:
    return compared(160, 3)


def test_planted_kinds_are_defensible_and_their_number_has_the_largest_excess(planted: Arms) -> None:
    assert planted.defensible and planted.chosen in ORDER and planted.k == 3
    at = planted.table.set_index(["arm", "k"])
    assert (at.xs(3, level="k")["excess"] > 0.4).sum() >= 3
    assert (
        planted.table["excess"] - (planted.table["stability"] - planted.table["null_stability"])
    ).abs().max() < 1e-12
    bic = at.loc["classes", "bic"]
    assert int(bic.idxmin()) == 3 and at.loc["modes", "bic"].isna().all()
    assert planted.agreement.query("k == 3")["ari"].max() > 0.8 and len(planted.agreement) == 6 * 3


def test_ties_go_to_the_simpler_arm(planted: Arms) -> None:
    good = planted.table[planted.table["qualifies"]]
    best = good.loc[good["excess"].idxmax()]
    tied = set(good.loc[good["excess"] >= best["excess"] - best["excess_se"], "arm"])
    assert planted.chosen == next(a for a in ORDER if a in tied)


def test_noise_is_defensible_by_no_arm_in_most_runs() -> None:
    found = [compared(120, 1, name=f"noise {i}", which=("factors", "modes"), splits=2).defensible for i in range(5)]
    assert sum(found) <= 1


def test_a_seed_decides_a_sample_is_stated_and_results_are_plain_values() -> None:
    one, two = (compared(150, 3, which=("factors",), most=100, nulls=3) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.params["units"] == 150 and one.params["sampled"] == 100
    assert json.loads(json.dumps(one.to_json()))["chosen"] == one.chosen
    assert "stability" in one._repr_html_()


def test_populations_are_standardised_by_the_others() -> None:
    means = np.array([0.9, 0.1, 0.2, 0.3]).reshape(4, 1, 1)
    assert standardised(means)[0, 0, 0] == pytest.approx((0.9 - 0.2) / 0.1)
