"""The rule card: on data cut by thresholds that are known, and fidelity by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, cohen_kappa_score, precision_score, recall_score

from segkit.engine.rules import LEAVES, Rule, RuleCard, fidelity, readable, rule_card
from segkit.seeds import generator


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Draw counts, seconds and a feature that has no say."""
    rng = generator("tests/rules")
    return pd.DataFrame(
        {
            "calls": rng.integers(1, 20, 600).astype(float),
            "seconds": rng.uniform(0, 600, 600),
            "idle": rng.normal(size=600),
        }
    )


@pytest.fixture(scope="module")
def labels(frame: pd.DataFrame) -> pd.Series:
    """Cut at ten calls and, above that, at 240 seconds."""
    return pd.Series(np.where(frame["calls"] <= 10, 1, np.where(frame["seconds"] <= 240, 2, 3)), index=frame.index)


@pytest.fixture(scope="module")
def card(frame: pd.DataFrame, labels: pd.Series) -> RuleCard:
    return rule_card(frame, labels)


def test_known_thresholds_are_recovered(card: RuleCard, labels: pd.Series) -> None:
    assert card.chosen == card.best == 4
    rules = {rule.segment: rule for rule in card.cards[4]}
    assert rules[1].bounds == {"calls": (-math.inf, 10.0)}
    assert rules[2].bounds == {"calls": (10.0, math.inf), "seconds": (-math.inf, 240.0)}
    assert rules[3].bounds == {"calls": (10.0, math.inf), "seconds": (240.0, math.inf)}
    assert {s: r.units for s, r in rules.items()} == labels.value_counts().to_dict()
    assert all(rule.right == rule.units for rule in rules.values())
    assert [r.units for r in card.cards[4]] == sorted((r.units for r in card.cards[4]), reverse=True)


def test_fidelity_is_that_of_the_rules_on_units_they_have_not_seen(card: RuleCard) -> None:
    row = card.fidelity(4)
    assert row["accuracy"] > 0.98
    assert row["kappa"] > 0.97
    assert row["lowest_recall"] > 0.97
    assert card.table["leaves"].to_list() == list(LEAVES)
    assert card.params["folds"] == 10


def test_labels_given_by_lot_have_no_short_rule(frame: pd.DataFrame) -> None:
    lot = pd.Series(generator("tests/lot").integers(1, 4, 600), index=frame.index)
    card = rule_card(frame, lot)
    assert card.chosen is None
    assert card.best in LEAVES
    assert (
        card.table["kappa"].abs().max() < 0.15
    )  # cross-validated: a tree fitted and measured on the same units has more
    assert card.table["balanced_accuracy"].max() < 0.45
    assert not card.table["good"].any()


def test_fidelity_by_hand() -> None:
    # Segment 1: 4 units, 3 called right; segment 2: 2 units, 1 called right.
    found = fidelity(np.array([1, 1, 1, 1, 2, 2]), np.array([1, 1, 1, 2, 2, 1]))
    assert found["accuracy"] == pytest.approx(4 / 6)
    assert found["balanced_accuracy"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert found["kappa"] == pytest.approx((4 / 6 - 20 / 36) / (1 - 20 / 36))  # by chance: (4 * 4 + 2 * 2) / 36
    assert (found["precision_1"], found["recall_1"]) == (3 / 4, 3 / 4)
    assert (found["precision_2"], found["recall_2"]) == (1 / 2, 1 / 2)
    assert found["lowest_recall"] == 0.5
    assert not found["good"]


def test_fidelity_is_that_of_scikit_learn() -> None:
    rng = generator("tests/fidelity")
    truth, said = rng.integers(1, 4, 200), rng.integers(1, 4, 200)
    found = fidelity(truth, said)
    assert found["accuracy"] == accuracy_score(truth, said)
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, said))
    assert found["kappa"] == pytest.approx(cohen_kappa_score(truth, said))
    assert [found[f"precision_{s}"] for s in (1, 2, 3)] == pytest.approx(precision_score(truth, said, average=None))
    assert [found[f"recall_{s}"] for s in (1, 2, 3)] == pytest.approx(recall_score(truth, said, average=None))


def test_both_limits_decide() -> None:
    truth = np.repeat([1, 2, 3], [50, 50, 50])
    good, one_lost = truth.copy(), truth.copy()
    good[:12] = 2  # recall 0.76, 1, 1
    one_lost[:13] = 2  # recall 0.74, 1, 1: balanced accuracy is still 0.91
    assert fidelity(truth, good)["good"]
    assert not fidelity(truth, one_lost)["good"]
    never = fidelity(np.array([1, 1, 2]), np.array([1, 1, 1]))
    assert math.isnan(never["precision_2"])


@pytest.mark.parametrize(
    ("threshold", "whole", "expected"),
    [
        (3.5, True, 3),
        (99.5, True, 99),
        (152.5, True, 150),
        (312.4, False, 310),
        (0.4583, False, 0.46),
        (0.5, False, 0.5),
    ],
)
def test_thresholds_can_be_read(threshold: float, whole: bool, expected: float) -> None:
    assert readable(threshold, whole=whole) == expected


def test_rounding_is_part_of_what_is_measured() -> None:
    """Two segments that part at 1,234.5 in a feature that is read to two digits: those between are called wrong."""
    values = np.concatenate([np.full(100, 1100.0), np.full(60, 1230.0), np.full(100, 1239.0), np.full(100, 1400.0)])
    frame = pd.DataFrame({"x": values + 0.25})
    labels = pd.Series(np.where(values < 1234.5, 1, 2))
    card = rule_card(frame, labels, leaves=[2])
    assert [rule.bounds["x"] for rule in card.cards[2]] == [(1200.0, math.inf), (-math.inf, 1200.0)]
    assert [(r.units, r.right) for r in card.cards[2]] == [(260, 200), (100, 100)]
    assert card.table["accuracy"].to_list() == [300 / 360]


def test_rules_that_say_the_same_are_one() -> None:
    frame = pd.DataFrame({"x": np.arange(200.0)})
    labels = pd.Series(np.where(frame["x"] < 60, 1, 2))
    labels[150:200:4] = 1  # a quarter of the last ones: a split there lowers the impurity, and says the same
    card = rule_card(frame, labels, leaves=[4], least=10)
    assert [(r.segment, r.bounds["x"]) for r in card.cards[4]] == [(2, (59.0, math.inf)), (1, (-math.inf, 59.0))]
    assert card.table["rules"].to_list() == [2]


def test_every_unit_has_one_rule(card: RuleCard, frame: pd.DataFrame) -> None:
    for rules in card.cards.values():
        held = sum(inside(rule, frame) for rule in rules)
        assert (held == 1).all()
        assert sum(rule.units for rule in rules) == len(frame)
        for rule in rules:
            assert inside(rule, frame).sum() == rule.units


def inside(rule: Rule, frame: pd.DataFrame) -> np.ndarray:
    held = np.ones(len(frame), dtype=bool)
    for name, (low, high) in rule.bounds.items():
        held &= (frame[name] > low).to_numpy() & (frame[name] <= high).to_numpy()
    return held.astype(int)


def test_leaves_are_not_smaller_than_asked(frame: pd.DataFrame, labels: pd.Series) -> None:
    few = frame.iloc[:52]
    card = rule_card(few, labels.iloc[:52])
    assert all(rule.units >= 15 for rules in card.cards.values() for rule in rules)  # 20 before thresholds are rounded


def test_small_segments_have_fewer_folds_or_none(frame: pd.DataFrame, labels: pd.Series) -> None:
    four, one = labels.copy(), labels.copy()
    four.iloc[:4], one.iloc[0] = 9, 9
    assert rule_card(frame, four, leaves=[4]).params["folds"] == 4
    empty = rule_card(frame, one)
    assert empty.table.empty
    assert (empty.chosen, empty.best, empty.cards) == (None, None, {})
    assert empty.to_json([1])["fidelity"] == []


def test_what_is_hidden_stays_out_of_results(frame: pd.DataFrame, labels: pd.Series) -> None:
    four = labels.copy()
    four.iloc[:4] = 9
    card = rule_card(frame, four, leaves=[4])
    text = json.dumps(card.to_json([1, 2, 3]))
    assert card.params["folds"] == 4  # which is the size of the small one
    assert card.to_json([1, 2, 3])["params"]["folds"] is None
    assert "recall_3" in text
    assert "recall_9" not in text
    assert card.visible([1, 2, 3])["lowest_recall"].isna().all()
    assert card.visible([1, 2, 3, 9]).equals(card.table)


def test_order_scale_and_inputs_do_not_matter(card: RuleCard, frame: pd.DataFrame, labels: pd.Series) -> None:
    before = frame.copy()
    turned = rule_card(frame[::-1], labels)
    pd.testing.assert_frame_equal(turned.table, card.table, check_exact=True)
    assert turned.cards == card.cards
    minutes = rule_card(frame.assign(seconds=frame["seconds"] * 10), labels, leaves=[4])
    assert minutes.table.iloc[0].to_list() == card.table.iloc[0].to_list()
    pd.testing.assert_frame_equal(frame, before, check_exact=True)
