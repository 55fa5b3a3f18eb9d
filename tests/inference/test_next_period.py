"""What predicts is found, what does not is not, and no unit is predicted by a model that has seen its group."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from segkit.inference import next_period as module
from segkit.inference.next_period import BETTER, UNDECIDED, NextPeriod, next_period, ridge_path
from segkit.seeds import generator

Planted = tuple[dict[str, pd.DataFrame], pd.Series, pd.Series]


def frame(values: np.ndarray, name: str) -> pd.DataFrame:
    return pd.DataFrame(values, columns=[f"{name} {i}" for i in range(values.shape[1])])


def planted(signal: float, number: int = 0, units: int = 221, subscribers: int = 100) -> Planted:
    """Draw units of subscribers, whose outcome the profile tells and nothing else does."""
    rng = generator(f"tests/next period {number}")
    of = rng.integers(subscribers, size=units)
    length, text = frame(rng.normal(size=(units, 1)), "length"), frame(rng.normal(size=(units, 10)), "text")
    profile = frame((rng.random((units, 8)) < 0.3).astype(float), "profile")
    usual = rng.normal(0, 0.7, subscribers)[of]  # what units of one subscriber share
    odds = -0.5 + signal * (profile["profile 0"] + profile["profile 1"] - 0.6) + usual
    tables = {"length": length, "A": pd.concat([length, text], axis=1), "B": pd.concat([length, text, profile], axis=1)}
    return tables, rng.random(units) < expit(odds), pd.Series(of)


def predicted(given: Planted, **more: object) -> NextPeriod:
    return next_period(*given, against=(("B", "A"),), **{"repeats": 2, "draws": 300, **more})  # type: ignore[arg-type]


def test_a_signal_in_the_profile_alone_makes_b_better_than_a() -> None:
    found = predicted(planted(3.0))
    assert found.verdict("B", "A") == found.verdict("B", "length") == BETTER
    assert found.verdict("B", "A", "brier") == BETTER
    assert found.verdict("A", "length") == UNDECIDED
    values = found.table.set_index(["columns", "measure"])["value"]
    assert values["B", "auc"] > 0.7 and values["B", "brier"] < values["A", "brier"]
    assert (found.table["low"] <= found.table["value"]).all() and (found.table["value"] <= found.table["high"]).all()


def test_no_signal_is_hardly_ever_called_better() -> None:
    words = pd.concat([predicted(planted(0.0, i), repeats=1, draws=200).differences for i in range(20)])
    false = (words["verdict"] == BETTER).groupby([words["columns"], words["other"], words["measure"]]).sum()
    assert len(false) == 9 and false.max() <= 3  # of 20; a rate of two in a hundred gives more once in 1,700 times


def test_a_model_of_nothing_ranks_by_chance_and_not_the_wrong_way_round() -> None:
    tables, outcome, groups = planted(0.0)
    areas = next_period({"nothing": tables["length"] * 0}, outcome, groups).table.set_index("measure")["value"]
    assert areas["auc"] == 0.5  # its probabilities are the same for all units of a fold
    assert areas["brier"] == pytest.approx(outcome.mean() * (1 - outcome.mean()), rel=0.03)


def test_what_marks_a_group_is_of_no_use_for_other_groups() -> None:
    """Each group has a column of its own and one outcome: known groups would be told perfectly, and new ones not at all."""
    of = pd.Series(np.repeat(np.arange(60), 4))
    outcome = pd.Series(generator("tests/marks").random(60) < 0.5)[of].reset_index(drop=True)
    marks = pd.get_dummies(of).astype(float)
    areas = next_period({"marks": marks}, outcome, of, repeats=2, draws=50).table.set_index("measure")["value"]
    assert areas["auc"] == 0.5


def test_the_ridge_is_that_of_scikit_learn() -> None:
    rng = generator("tests/ridge")
    for units, columns in ((60, 4), (40, 70)):
        x, new = rng.normal(2, 3, size=(units, columns)), rng.normal(2, 3, size=(9, columns))
        y = rng.random(units) < expit(x[:, 0] - 2)
        mean, spread = x.mean(axis=0), x.std(axis=0)
        penalties = (1e-4, 0.01, 1.0, 10.0)
        for penalty, p in zip(penalties, ridge_path(x, y, new, penalties), strict=True):
            rival = LogisticRegression(C=penalty, tol=1e-10, max_iter=10_000).fit((x - mean) / spread, y)
            assert p == pytest.approx(rival.predict_proba((new - mean) / spread)[:, 1], abs=1e-5)


def test_columns_that_part_the_outcomes_have_finite_answers() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    for p in ridge_path(x, x[:, 0] > 0, x, module.PENALTIES):
        assert np.isfinite(p).all() and (np.diff(p) > 0).all()


def test_measures_are_those_of_scikit_learn() -> None:
    rng = generator("tests/measures")
    y, p = rng.random(80) < 0.4, rng.random((1, 80)).round(1)
    of, fold = np.arange(80), np.zeros(80, dtype=np.int64)
    counts = rng.integers(3, size=(5, 80)).astype(float)
    found = module._measured(p, y, of, [fold], counts)
    assert found.values[:2] == pytest.approx([roc_auc_score(y, p[0]), brier_score_loss(y, p[0])])
    for row, weight in zip(found.drawn, counts, strict=True):
        known = weight > 0
        assert row[0] == pytest.approx(roc_auc_score(y[known], p[0][known], sample_weight=weight[known]))


def test_folds_never_part_a_group_and_share_out_the_outcome() -> None:
    _, outcome, groups = planted(0.0)
    of, y = groups.to_numpy(), outcome.to_numpy()
    fold = module._deal(pd.factorize(of)[0], y, 5, generator("tests/folds"))
    assert pd.Series(fold).groupby(of).nunique().max() == 1
    hits = pd.Series(y).groupby(of).any()
    per_fold = pd.Series(fold).groupby(of).first().groupby(hits).value_counts().unstack()
    assert (per_fold.max(axis=1) - per_fold.min(axis=1) <= 1).all()


def test_the_order_of_rows_changes_nothing_and_the_same_seed_gives_the_same() -> None:
    tables, outcome, groups = planted(1.0)
    mixed = generator("tests/order").permutation(len(outcome))
    one = predicted((tables, outcome, groups))
    two = predicted(({n: t.iloc[mixed] for n, t in tables.items()}, outcome.iloc[mixed], groups.iloc[mixed]))
    pd.testing.assert_frame_equal(one.table, two.table)
    pd.testing.assert_frame_equal(one.differences, two.differences)
    assert one.table["value"].ne(predicted((tables, outcome, groups), seed=7).table["value"]).any()


@pytest.mark.parametrize("events", [0, 3, 9, 92, 100])
def test_too_few_of_either_kind_are_a_reason_in_place_of_numbers(events: int) -> None:
    outcome = pd.Series(np.arange(100) < events)
    found = next_period({"x": frame(np.ones((100, 1)), "x")}, outcome, pd.Series(range(100)))
    assert found.reason.startswith("Fewer than 10") and found.table.empty and found.differences.empty
    assert (found.units, found.events, found.groups) == (100, events, 100)
    assert found.verdict("x", "y") == UNDECIDED
    json.dumps(found.to_json())


def test_many_units_of_few_subscribers_are_too_few() -> None:
    outcome = pd.Series(np.arange(300) % 2 == 0)
    assert next_period({"x": frame(np.ones((300, 1)), "x")}, outcome, pd.Series(np.arange(300) % 8)).reason


def test_tables_of_other_units_and_missing_cells_are_refused() -> None:
    tables, outcome, groups = planted(0.0)
    with pytest.raises(ValueError, match="in one order"):
        next_period({"x": tables["A"][::-1]}, outcome, groups)
    with pytest.raises(ValueError, match="missing"):
        next_period({"x": tables["A"].where(tables["A"] > 0)}, outcome, groups)
