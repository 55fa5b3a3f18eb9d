"""results.json meets its published schema, and the schema can fail."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from made_projects import BARE, LEAST, open_new, project, small_calls, write_log

from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.schema import keys, results_schema

pytest_plugins = ["made_projects"]


def faults(results: dict[str, Any]) -> list[str]:
    found = jsonschema.Draft202012Validator(results_schema()).iter_errors(results)
    return ["/".join(map(str, e.absolute_path)) + ": " + e.message[:120] for e in found]


@pytest.fixture(scope="module")
def results(simulated: ContactsStudy) -> dict[str, Any]:
    return json.loads(json.dumps(plain(simulated.results()), allow_nan=False))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(results_schema())


def test_simulated_results_meet_it(results: dict[str, Any]) -> None:
    assert faults(results) == []


def test_results_of_a_small_private_log_meet_it(private: ContactsStudy) -> None:
    assert faults(json.loads(json.dumps(plain(private.results()), allow_nan=False))) == []


def test_results_under_the_rule_meet_it(closed_off: Path, tmp_path: Path) -> None:
    little = {name: str(number) for name, number in LEAST.items()}
    root = project(tmp_path, settings={**BARE, **little, "k": '"auto"'})
    study = open_new(root, write_log(tmp_path / "calls.csv", small_calls()))
    found = json.loads(json.dumps(plain(study.results()), allow_nan=False))
    assert faults(found) == [] and found["k"]["set"] == "by rule"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r.pop("verdict"),
        lambda r: r.update(extra=1),
        lambda r: r["verdict"].update(word="certain"),
        lambda r: r["convergence"].update(seed_ari_min=1.5),
        lambda r: r["features"]["variance_share"].update(volume="much"),
        lambda r: r["nulls"]["copula"]["silhouette"].update(p=-0.1),
    ],
)
def test_what_is_wrong_is_found(results: dict[str, Any], spoil: Callable[[dict[str, Any]], object]) -> None:
    spoiled = copy.deepcopy(results)
    spoil(spoiled)
    assert faults(spoiled)


def test_every_key_at_the_top_is_described(results: dict[str, Any]) -> None:
    listed = keys(results_schema())
    assert set(results) <= set(listed["key"]) and listed["meaning"].str.len().min() > 5


@pytest.mark.parametrize(
    "path",
    [  # the keys that reports cite
        "data.source", "data.fingerprint", "data.rows", "data.units", "k.chosen", "k.by.silhouette", "convergence.seed_ari_min",
        "jaccard.1", "pipeline_bootstrap.ari_mean", "pipeline_bootstrap.ari_q05", "sensitivity.drop_block.timing.ari",
        "sensitivity.drop_block.timing.variance_share", "sensitivity.drop_feature.n_calls", "multiverse.median_ari",
        "multiverse.share_above_08", "population.min_events_2", "algorithms.Ward", "nulls.copula.silhouette.p",
        "nulls.continuous.silhouette.observed", "nulls.exchangeable.silhouette.null_mean", "verdict", "usefulness.segments.auc",
    ],
)  # fmt: skip
def test_keys_that_reports_cite_are_there(results: dict[str, Any], path: str) -> None:
    found: Any = results
    for part in path.split("."):
        found = found[part]
    assert found is not None
