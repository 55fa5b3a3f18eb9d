"""The study's own choices, populations, algorithms, rules and labels, in its results."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_projects import BARE, open_new, project, results_of, small_calls, small_study, write_log

from segkit.engine.algorithms import METHODS
from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.events.choices import EventChoices, commonest_label, parts
from segkit.studies.events.meaning import EventMeaning

pytest_plugins = ["made_projects"]
pytestmark = pytest.mark.usefixtures("closed_off")


class Choices(EventChoices):
    """Its questions alone, of contacts."""

    name, dataset, terms = ContactsStudy.name, ContactsStudy.dataset, ContactsStudy.terms
    measures, naming, rules = ContactsStudy.measures, ContactsStudy.naming, ContactsStudy.rules


class Meaning(EventMeaning):
    """Its questions alone, of contacts."""

    name, dataset, terms = ContactsStudy.name, ContactsStudy.dataset, ContactsStudy.terms
    measures, naming, rules = ContactsStudy.measures, ContactsStudy.naming, ContactsStudy.rules


@pytest.fixture(scope="module")
def small(small_results: Path, tmp_path_factory: pytest.TempPathFactory) -> ContactsStudy:
    """Return the study of a small log with labels, in three segments."""
    folder = tmp_path_factory.mktemp("choices")
    shutil.copytree(small_results, results_of(folder))
    return small_study(folder)


def test_results_have_the_documented_keys(small: ContactsStudy) -> None:
    choices, meaning = Choices(small.source).results(), Meaning(small.source).results()
    found = json.loads(json.dumps(plain({**choices, **meaning})))
    assert {"median_ari", "share_above_08", "all", "by_k"} <= set(found["multiverse"])
    assert set(found["multiverse"]["by_k"]) == {"2", "3", "4"}
    assert {"min_events_2", "min_events_3"} <= set(found["population"])
    assert set(found["algorithms"]) == set(METHODS)
    assert {"chosen", "fidelity"} <= set(found["rules"])
    assert {"cramers_v", "cramers_v_corrected", "ami"} <= set(found["external"])


def test_what_is_published_is_the_default(small: ContactsStudy) -> None:
    used = small.multiverse.table[small.multiverse.table["in_use"]]
    assert (used["ari"] == 1).all()
    assert used["defensible"].all()
    assert small.multiverse.used == {
        "scaler": "robust",
        "clip": 0.01,
        "cap": 10.0,
        "logs": "as published",
        "units": "all",
    }
    assert len(small.multiverse.table[small.multiverse.table["k"] == 3]) == 360


def test_the_defensible_subset_is_the_one_that_was_declared(small: ContactsStudy) -> None:
    rows = small.multiverse.table[small.multiverse.table["defensible"]]
    levels = {d: set(rows[d]) for d in ("scaler", "clip", "cap", "logs", "units")}
    assert levels == {
        "scaler": {"robust", "standard", "quantile-normal"}, "clip": {0.005, 0.01, 0.025}, "cap": {5.0, 10.0},
        "logs": {"as published"}, "units": {"all"},
    }  # fmt: skip
    assert math.inf in set(small.multiverse.table["cap"])


def test_a_label_is_that_of_most_calls(small: ContactsStudy) -> None:
    """The small log labels 8 busy contacts, 12 occasional and 20 single ones."""
    assert commonest_label(small.features).value_counts().to_dict() == {"Supplier": 8, "Unknown": 12, "Family": 20}
    assert small.external is not None
    assert small.external.units == 40
    assert small.external.commonest == 0.5


def test_no_label_takes_the_place_of_another_part() -> None:
    calls, label = pd.Series([1, 2, 3, 9]), pd.Series(["top_1_percent", "a", None, "top_1_percent"])
    found = {name: who.tolist() for name, who in parts(calls, label).items()}
    assert found["without_top_1_percent"] == [True, True, True, False]
    assert found["without_label top_1_percent"] == [False, True, True, False]
    assert found["without_a"] == [True, False, True, True]


def test_labels_of_few_persons_do_not_tell_how_many(small: ContactsStudy) -> None:
    """Eight persons have one label: fewer than ten, so who remains without them is not counted."""
    rows = small.populations.table.set_index("population")
    assert np.isnan(rows.loc["without_Supplier", "units"])
    assert rows.loc["without_Unknown", "units"] == 28
    assert rows.loc["min_events_2", "units"] == 20


def test_rules_ask_for_raw_features(simulated: ContactsStudy) -> None:
    asked = {name for rules in simulated.rule_card.cards.values() for rule in rules for name in rule.bounds}
    assert asked
    assert not any(name.startswith(("log_", "category")) for name in asked)


def test_a_log_without_labels_has_no_such_check(closed_off: Path, tmp_path: Path) -> None:
    bare = [(when, seconds, who, "") for when, seconds, who, _ in small_calls()]
    root = project(tmp_path, k=2, settings={**BARE, "category": "", "not_business": ""})
    study = open_new(root, write_log(tmp_path / "calls.csv", bare))
    assert study.external is None
    assert commonest_label(study.features).isna().all()
    assert study.multiverse.ks == [2, 3]
    assert Meaning(study.source).results()["external"] is None
