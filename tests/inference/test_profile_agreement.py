"""Agreement of two extractors, against a published table, scikit-learn and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, jaccard_score

from segkit.data.profile_lexicon import FIELDS, lexicon
from segkit.features.profiles import Profiles, profiles
from segkit.inference.profile_agreement import agreement

FIELD = "emotional_needs"
VALUES = lexicon().values[FIELD]


def made(rows: list[list[str]], name: str = "rules") -> Profiles:
    return profiles({i: {FIELD: row} for i, row in enumerate(rows)}, pd.RangeIndex(len(rows)), name, "1")


def row(one: Profiles, other: Profiles, draws: int = 200) -> pd.Series:
    return agreement(one, other, seed=1, draws=draws).table.set_index("field").loc[FIELD]


def test_kappa_is_the_one_of_a_published_table() -> None:
    # Two readers of 50 grant proposals: both yes 20, only one yes 5 and 10, both no 15; kappa 0.4
    # (the worked example of the article "Cohen's kappa" in Wikipedia).
    first = [["fun"]] * 25 + [[]] * 25
    second = [["fun"]] * 20 + [[]] * 5 + [["fun"]] * 10 + [[]] * 15
    found = row(made(first), made(second))
    assert found["kappa"] == pytest.approx(0.4)
    assert found["same"] == pytest.approx(35 / 50)
    assert found["jaccard"] == pytest.approx(20 / 35)
    assert (found["values"], found["either"]) == (1, 35)
    assert found["kappa_low"] < 0.4 < found["kappa_high"]


def test_means_over_values_and_people_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    a = rng.random((80, len(VALUES))) < 0.4
    b = np.where(rng.random(a.shape) < 0.7, a, rng.random(a.shape) < 0.4)
    one, other = (made([[v for v, has in zip(VALUES, r, strict=True) if has] for r in x]) for x in (a, b))
    found, some = row(one, other), (a | b).any(axis=1)
    assert found["kappa"] == pytest.approx(np.mean([cohen_kappa_score(a[:, i], b[:, i]) for i in range(len(VALUES))]))
    assert found["jaccard"] == pytest.approx(jaccard_score(a[some], b[some], average="samples"))
    assert found["same"] == pytest.approx((a == b).all(axis=1).mean())


def test_an_interval_of_a_share_is_that_of_a_binomial() -> None:
    # 60 of 100 are the same: standard error sqrt(0.6 x 0.4 / 100) = 0.049.
    one, other = made([["fun"]] * 100), made([["fun"]] * 60 + [["novelty"]] * 40)
    found = row(one, other, draws=2000)
    assert found["same_low"] == pytest.approx(0.6 - 1.96 * 0.049, abs=0.015)
    assert found["same_high"] == pytest.approx(0.6 + 1.96 * 0.049, abs=0.015)


def test_extractors_that_agree_by_lot_have_no_kappa_to_speak_of() -> None:
    rng = np.random.default_rng(5)
    one, other = (made([["fun"] if x else [] for x in rng.random(2000) < 0.5]) for _ in range(2))
    found = row(one, other)
    assert abs(found["kappa"]) < 4 / np.sqrt(2000)
    assert found["same"] == pytest.approx(0.5, abs=0.05)


def test_people_are_matched_by_name_and_not_by_place() -> None:
    one = made([["fun"], [], ["novelty"], ["relaxation"]])
    turned = Profiles(pd.concat([one.table.iloc[::-1], made([["fun"]] * 9).table.iloc[5:]]), "m", "1")
    found = agreement(one, turned, seed=1, draws=9)
    assert found.people == 4
    assert found.table.set_index("field").loc[FIELD, ["same", "kappa", "jaccard"]].tolist() == [1.0, 1.0, 1.0]


def test_what_nobody_found_has_no_measure_and_few_people_are_not_shown() -> None:
    found = agreement(made([["fun"]] * 3 + [[]] * 97), made([["fun"]] * 3 + [[]] * 97, "m"), seed=1, draws=9)
    other = found.table.set_index("field").loc[[f for f in FIELDS if f != FIELD]]
    assert (other["same"] == 1).all() and other[["kappa", "jaccard"]].isna().all(axis=None)
    assert {f["same"] for f in found.to_json()["fields"]} == {None}
    empty = agreement(made([]), made([]), seed=1)
    assert empty.people == 0 and empty.table["same"].isna().all()


def test_the_same_seed_draws_the_same_intervals() -> None:
    one, other = made([["fun"]] * 20 + [[]] * 20), made([[]] * 5 + [["fun"]] * 20 + [[]] * 15)
    first, again = (agreement(one, other, seed=7).table for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
