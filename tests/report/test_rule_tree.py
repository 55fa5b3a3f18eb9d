"""The rule card as a tree: it says of every unit what the rules say, and asks no more."""

from __future__ import annotations

import math
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segkit.engine.meaning import Card, Cards
from segkit.engine.rules import Rule, RuleCard, rule_card
from segkit.report import rule_tree, theme
from segkit.report.rule_tree import Node, grown
from segkit.studies.contacts import CALLS, TERMS

pytest_plugins = ["report_project"]
NAMES = ("n_days_active", "n_calls", "median_dur_sec")
FEATURES: Any = Plain(columns=CALLS.fixed, labels={c.name: c.label for c in CALLS.fixed})
CARDS = Cards(tuple(Card(i, "core", f"Name {i}", f"N{i}", "r", "a", 10, 0.1, {"x": 1.0}) for i in (1, 2, 3, 4)), 40)
INF = math.inf
RULES = (
    Rule({"n_days_active": (-INF, 3.0), "median_dur_sec": (-INF, 240.0)}, 4, 9, 9),
    Rule({"n_days_active": (3.0, INF), "n_calls": (18.0, INF)}, 1, 9, 9),
    Rule({"n_days_active": (-INF, 3.0), "median_dur_sec": (240.0, INF)}, 3, 9, 9),
    Rule({"n_days_active": (3.0, INF), "n_calls": (-INF, 18.0)}, 2, 9, 9),
)


def walked(node: Node, unit: pd.Series) -> int:
    while node.below:
        node = node.below[0] if unit[node.feature] <= node.threshold else node.below[1]
    return node.segment


def ruled(rules: tuple[Rule, ...], unit: pd.Series) -> list[int]:
    return [r.segment for r in rules if all(low < unit[f] <= high for f, (low, high) in r.bounds.items())]


@pytest.mark.parametrize("leaves", [4, 6, 8, 12])
def test_the_tree_says_what_the_rules_of_a_fitted_one_say(leaves: int) -> None:
    rng = np.random.default_rng(leaves)
    frame = pd.DataFrame(rng.lognormal(2, 1, (600, 3)), columns=list(NAMES))
    labels = 1 + (frame["n_calls"] > 8).astype(int) + 2 * (frame["n_days_active"] > frame["median_dur_sec"]).astype(int)
    rules = rule_card(frame, labels, leaves=(leaves,), folds=2, seed=1).cards[leaves]
    root = grown(rules)
    assert root is not None and len(root.ends) == len(rules)
    for _, unit in frame.iterrows():
        assert ruled(rules, unit) == [walked(root, unit)]


def test_the_first_question_is_the_first_that_the_tree_asks() -> None:
    root = grown(RULES)
    assert root is not None and (root.feature, root.threshold, root.depth) == ("n_days_active", 3.0, 2)
    assert [end.segment for end in root.ends] == [4, 3, 2, 1]
    caption = rule_tree.caption(root, FEATURES, TERMS).replace("\xa0", " ")
    assert caption.startswith(
        "**The first question is: 3 active days or fewer?** The same rules as a tree of three questions"
    )
    told = rule_tree.alt(root, CARDS, FEATURES, TERMS)
    assert told.index("Name 4") < told.index("Name 3") < told.index("Name 2") < told.index("Name 1")
    text = theme.svg(rule_tree.figure(root, CARDS, FEATURES, TERMS), "rules")
    assert all(f">N{i}<" in text for i in (1, 2, 3, 4)) and text.count(">yes<") == text.count(">no<") == 3


def test_what_is_no_tree_is_not_drawn() -> None:
    assert grown(tuple(Rule({"n_calls": (-INF, float(i))}, 1, 9, 9) for i in (1, 2))) is None
    nothing = RuleCard(pd.DataFrame(), {}, {"folds": 1}, 1)
    assert rule_tree.tree(nothing) is None
    row = {"leaves": 4, "balanced_accuracy": 0.9, "good": True}
    assert rule_tree.tree(RuleCard(pd.DataFrame([row]), {4: (Rule({}, 1, 9, 9),)}, {}, 1)) is None
    assert rule_tree.tree(RuleCard(pd.DataFrame([row]), {4: RULES}, {}, 1)) is not None
