"""Rules that place units: the shortest that holds, or how far it holds, and how many sets would have had one."""

from __future__ import annotations

import json
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from segkit.engine.placing import ABOVE, AT_MOST, IS, Condition, placing_rules
from segkit.seeds import generator

INDEX = pd.Index(list("abcdefgh"))
FRAME = pd.DataFrame(
    {
        "growth": [1.0, 2, 3, 4, 5, 6, 7, 8],
        "share": [0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6],
        "group": ["Europe", "Europe", "Asia", "Asia", "Europe", "Europe", "Asia", "Asia"],
    },
    index=INDEX,
)


def test_one_condition_where_one_is_enough() -> None:
    found = placing_rules(FRAME, pd.Series([1, 1, 1, 1, 2, 2, 2, 2], index=INDEX))
    one, two = found.rules
    assert one.conditions == (Condition("growth", AT_MOST, 4.0, 0.5),) and one.exact
    assert two.conditions == (Condition("growth", ABOVE, 4.0, 0.5),) and two.holds == 4 and two.others == 0
    assert found.table["rule"].tolist() == ["growth at most 4.0"] * 4 + ["growth above 4.0"] * 4
    assert found.table["holds"].all() and (found.table["also"] == "").all()


def test_a_category_and_conjunctions() -> None:
    labels = pd.Series([1, 1, 2, 2, 3, 3, 2, 2], index=INDEX)
    found = placing_rules(FRAME, labels, names={"growth": "Growth <b>"})
    assert found.of(2).conditions == (Condition("group", IS, "Asia"),) and found.of(2).exact
    first = found.of(1).conditions
    assert [str(c) for c in first] == ["growth at most 2.0"] and first[0].quantile == 0.25
    third = found.of(3)
    assert third.exact and [str(c) for c in third.conditions] == ["group is Europe", "growth above 4.0"]
    assert found.table.loc[4, "rule"] == "group is Europe and Growth <b> above 4.0"
    assert "<b>" not in found._repr_html_()
    assert json.loads(json.dumps(found.to_json(), default=str))["rules"]["3"]["exact"] is True


def test_it_is_told_only_where_it_holds() -> None:
    """The segment is {a, c, h}: no condition nor two or three tell h from others, and the rule for a and c leaves it out."""
    frame = FRAME[["growth"]]
    labels = pd.Series([1, 2, 1, 2, 2, 2, 2, 1], index=INDEX)
    found = placing_rules(frame, labels)
    rule = found.of(1)
    assert not rule.exact and np.isnan(rule.chance) and 0 < rule.holds < rule.units == 3
    told = found.table.set_index("unit")
    for unit in INDEX:
        fits = all(c.holds(frame)[INDEX.get_loc(unit)] for c in found.of(labels[unit]).conditions)
        assert told.loc[unit, "holds"] == fits == bool(told.loc[unit, "rule"])
    wrong = [u for u in INDEX if labels[u] == 2 and all(c.holds(frame)[INDEX.get_loc(u)] for c in rule.conditions)]
    assert len(wrong) == rule.others and [u for u in INDEX if told.loc[u, "also"] == "1"] == wrong


def test_the_best_is_that_of_a_search_through_all() -> None:
    rng = generator("tests/placing")
    for trial in range(4):
        frame = pd.DataFrame(rng.normal(size=(9, 3)), columns=list("xyz"))
        labels = pd.Series(rng.integers(1, 4, size=9))
        found = placing_rules(frame, labels)
        conditions = {
            (c, kind, q): Condition(c, kind, float(f"{np.quantile(frame[c], q):.2g}"), q).holds(frame)
            for c in frame for kind in (AT_MOST, ABOVE) for q in (0.5, 1 / 3, 2 / 3, 0.25, 0.75)
        }  # fmt: skip
        for rule in found.rules:
            own, best = (labels == rule.segment).to_numpy(), (0.0, 0)
            reached: set[bytes] = set()
            for size in (1, 2, 3):
                for some in combinations(conditions.values(), size):
                    mask = np.logical_and.reduce(some)
                    if mask.all() or not mask.any():
                        continue
                    score = (mask & own).sum() / (mask | own).sum()
                    best = max(best, (float(score), -size))
                    if size <= len(rule.conditions) and mask.sum() == own.sum():
                        reached.add(mask.tobytes())
            assert (rule.holds / (rule.units + rule.others), -len(rule.conditions)) == best, trial
            if rule.exact:
                assert rule.chance == len(reached) / comb(9, int(own.sum()))


def test_many_features_have_a_rule_for_almost_any_set_and_it_is_told() -> None:
    rng = generator("tests/many features")
    frame = pd.DataFrame(rng.normal(size=(8, 12)))
    frame.columns = [f"f{i}" for i in range(12)]
    found = placing_rules(frame, pd.Series([1, 1, 1, 2, 2, 2, 2, 2]))
    assert found.of(1).exact and found.of(1).chance > 0.5
    few = placing_rules(frame[["f0"]], pd.Series(np.where(frame["f0"] > frame["f0"].median(), 1, 2)))
    assert few.of(1).exact and few.of(1).chance == 2 / comb(8, 4)  # above the median, or below


def test_what_has_no_rule_and_what_is_missing() -> None:
    same = pd.DataFrame({"x": [1.0, 1, 1], "g": ["a", "a", "a"]})
    found = placing_rules(same, pd.Series([1, 2, 2]))
    assert [r.conditions for r in found.rules] == [(), ()] and not found.table["holds"].any()
    gaps = pd.DataFrame({"x": [1.0, np.nan, 9.0], "g": [None, "a", "b"]})
    own = placing_rules(gaps, pd.Series([1, 2, 0]))
    assert set(own.table["segment"]) == {0, 1, 2} and [r.segment for r in own.rules] == [1, 2]
    assert own.of(2).conditions == (Condition("g", IS, "a"),) and own.of(1).exact
    assert not any(c.holds(gaps)[1] for c in (Condition("x", ABOVE, 0.0), Condition("x", AT_MOST, 9.0)))
    single = placing_rules(FRAME, pd.Series([1] + [2] * 7, index=INDEX))
    assert single.of(1).units == 1 and single.table["unit"].tolist() == list(INDEX)


def test_a_rerun_is_the_same_and_nothing_given_is_changed() -> None:
    labels = pd.Series([1, 1, 2, 2, 3, 3, 2, 2], index=INDEX)
    before = FRAME.copy()
    assert placing_rules(FRAME, labels).rules == placing_rules(FRAME, labels).rules
    pd.testing.assert_frame_equal(FRAME, before)
