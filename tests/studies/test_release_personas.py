"""What is told of a private lead file: rounded counts, no value of few leads, no single lead."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from made_leads import leads, opened, project, write
from told import numbers

from segkit.data.lead_columns import LeadColumn
from segkit.engine.levels import Levels
from segkit.features.fields import OTHER
from segkit.inference.rates import rate
from segkit.studies.base import plain
from segkit.studies.personas import PersonasStudy
from segkit.studies.release import release
from segkit.studies.release.leads import tuples
from segkit.studies.release.rates import rate_of, rates_of
from segkit.studies.schema import results_schema

pytest_plugins = ["made_projects"]
ROWS = 200
COUNTS = re.compile(
    r"n|units|hits|events|conversions|non_conversions|total_records|cluster_size|known|missing|duplicates|smallest|compared|drawn|sampled"
)
RARE = "Zeppelin Pilot"


@pytest.fixture(scope="module")
def private(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> PersonasStudy:
    """The study of a small lead file that no registry calls public, in which six leads have a title of their own."""
    folder = tmp_path_factory.mktemp("leads")
    frame = leads(ROWS)
    frame.loc[frame.index[:6], "Job Title"] = RARE
    return opened(project(folder / "project"), write(folder / "leads.csv", frame))


@pytest.fixture(scope="module")
def told(private: PersonasStudy) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(plain(private.released.results()), allow_nan=False))
    return found


def test_every_step_has_a_rule(private: PersonasStudy) -> None:
    behind = private.released
    assert behind.exact is private
    for name in private.steps:
        getattr(behind, name)


def test_results_meet_their_schema(told: dict[str, Any]) -> None:
    found = jsonschema.Draft202012Validator(results_schema("personas")).iter_errors(told)
    assert [f"{list(e.absolute_path)}: {e.message[:120]}" for e in found] == []
    assert told["$schema"] == "results.personas.schema.json"


def test_no_count_is_exact_and_none_is_small(told: dict[str, Any]) -> None:
    parts = {k: v for k, v in told.items() if k not in ("data", "parameters", "version", "date")}
    counts = [(k, v) for k, v in numbers(parts) if COUNTS.fullmatch(k) and k != "drawn"]  # that is of data sets
    assert len(counts) > 50
    assert [(k, v) for k, v in counts if v % 5] == []
    assert not any(0 < v < 5 for _, v in counts)


def test_no_value_of_few_leads_is_named(private: PersonasStudy, told: dict[str, Any]) -> None:
    text = json.dumps(told, ensure_ascii=False)
    assert RARE not in text
    for column in private.leads.columns:
        if column.kind == "category":
            sizes = private.leads.frame[column.name].value_counts()
            for value in sizes.index[sizes < 10]:
                assert f'"{value}"' not in text, (column.name, value)


def test_rates_follow_from_what_is_told(told: dict[str, Any]) -> None:
    metrics = [c for p in told["personas"]["personas"] if (c := p["conversion_metrics"])]
    assert metrics
    for c in metrics:
        assert c["conversion_rate"] == pytest.approx(c["conversions"] / c["total_records"])
        assert c["interval"][0] <= c["conversion_rate"] <= c["interval"][1]


def test_no_single_lead_leaves(private: PersonasStudy) -> None:
    behind = private.released
    assert behind.coded[0].empty and behind.features.frame.empty and behind.gate.blocks.empty
    assert behind.crossfit.assigned.empty
    assert list(behind.features.labels) == list(private.features.labels)


def test_the_gate_changes_nothing_of_the_exact_study(private: PersonasStudy, told: dict[str, Any]) -> None:
    exact = plain(private.results())
    assert exact["data"]["units"] == ROWS and exact != told
    assert exact["features"]["units"] == len(private.segments.labels)


def test_a_rate_of_few_conversions_is_not_told() -> None:
    assert rate_of(rate(3, 40)) is None and rate_of(rate(38, 40)) is None
    found = rate_of(rate(13, 41))
    assert found is not None and (found.events, found.units, found.share) == (15, 40, 0.375)
    assert found.low <= 13 / 41 <= found.high


def test_a_table_of_rates_hides_lines_whose_outcome_few_share() -> None:
    table = pd.DataFrame([rate(e, n).__dict__ for e, n in ((13, 41), (2, 41))])
    table = table.rename(columns={"events": "conversions", "share": "rate"})
    found = rates_of(table)
    assert found["conversions"].tolist()[0] == 15 and found.loc[1, ["conversions", "rate", "low", "high"]].isna().all()


def test_names_of_rare_categories_are_replaced() -> None:
    codes = pd.DataFrame({"state": [0.0] * 12 + [1.0] * 3})
    found = tuples((codes, Levels({"state": ("IL", "XX")})))
    assert found is not None and found[0].empty and found[1].of == {"state": ("IL", OTHER)}
    columns = (LeadColumn("state", "State", "category", "geography"),)
    assert release(columns, None) == columns
