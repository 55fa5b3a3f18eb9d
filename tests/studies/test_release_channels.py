"""What is told of a private export: rounded counts, no group of few prospects, no single prospect."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from made_prospects import opened, project, prospects
from told import numbers

from segkit.inference.groups import rates_by
from segkit.inference.times import kaplan_meier
from segkit.studies.base import plain
from segkit.studies.channels import ChannelsStudy
from segkit.studies.release import release
from segkit.studies.release.times import MONTH, curve
from segkit.studies.schema import keys, results_schema

pytest_plugins = ["made_projects"]
ROWS = 700
COUNTS = re.compile(
    r"n|units|events|cells|mentions|missing|closed|won|both|negative|system|moved|exposed|unexposed|closed_exposed|"
    r"closed_unexposed|gone|short|undated|literal|taxonomy|unknown"
)
RARE = "Zeppelin Fair of Quartermain"


@pytest.fixture(scope="module")
def private(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> ChannelsStudy:
    """The study of a small export that no registry calls public, in which three prospects have an intake of their own."""
    folder = tmp_path_factory.mktemp("prospects")
    frame = prospects(ROWS)
    frame.loc[frame.index[:3], "Periodo de ingreso"] = "201905"
    frame.loc[frame.index[:2], "Canal de adquisicion"] = RARE
    for row in frame.index[5:8]:  # closed before they were added
        frame.loc[row, "Close Date"] = str(
            int(pd.Timestamp(frame.loc[row, "Create Date"][:10]).timestamp() * 1000) - 9 * 86_400_000
        )
    frame.to_csv(folder / "export.csv", index=False)
    return opened(project(folder / "project"), folder / "export.csv")


@pytest.fixture(scope="module")
def told(private: ChannelsStudy) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(plain(private.released.results()), allow_nan=False))
    return found


def test_every_step_has_a_rule(private: ChannelsStudy) -> None:
    behind = private.released
    assert behind.exact is private
    for name in private.steps:
        getattr(behind, name)


@pytest.mark.parametrize("exact", [True, False])
def test_results_meet_their_schema(private: ChannelsStudy, told: dict[str, Any], exact: bool) -> None:
    found = json.loads(json.dumps(plain(private.results()), allow_nan=False)) if exact else told
    faults = jsonschema.Draft202012Validator(results_schema("channels")).iter_errors(found)
    assert [f"{list(e.absolute_path)}: {e.message[:120]}" for e in faults] == []
    assert found["$schema"] == "results.channels.schema.json"


def test_every_key_is_described(told: dict[str, Any]) -> None:
    listed = keys(results_schema("channels"))
    assert set(told) <= set(listed["key"]) and listed["meaning"].str.len().min() > 5


def test_no_count_is_exact_and_none_is_small(told: dict[str, Any]) -> None:
    aside = ("data", "parameters", "version", "date", "experiment", "combinations")
    counts = [(k, v) for k, v in numbers({k: v for k, v in told.items() if k not in aside}) if COUNTS.fullmatch(k)]
    assert len(counts) > 100
    assert [(k, v) for k, v in counts if v % 5] == []
    assert not any(0 < v < 5 for _, v in counts)
    pairs = [(p[k], k) for p in told["combinations"]["pairs"] for k in ("units", "events") if p[k] is not None]
    assert pairs and [p for p in pairs if p[0] % 5] == []


def test_a_group_of_few_is_not_named(private: ChannelsStudy, told: dict[str, Any]) -> None:
    assert "201905" in private.benchmarks.by["intake"].table["group"].tolist()
    assert "201905" not in json.dumps(told) and "Zeppelin" not in json.dumps(told)


def test_rates_follow_from_what_is_told(told: dict[str, Any]) -> None:
    rows = [r for r in told["strategies"]["closed"]["groups"] if r["rate"] is not None]
    for r in rows:
        assert r["rate"] == pytest.approx(r["events"] / r["units"], rel=5e-3) and r["low"] <= r["rate"] <= r["high"]


def test_an_interval_of_a_difference_is_moved_outward() -> None:
    groups = pd.Series(["a"] * 103 + ["b"] * 207)
    exact = rates_by(groups, pd.Series([True] * 31 + [False] * 72 + [True] * 22 + [False] * 185), reference="b")
    found = release(exact, None).table.set_index("group")
    own = exact.table.set_index("group")
    assert found.loc["a", "difference_low"] <= own.loc["a", "difference_low"]
    assert found.loc["a", "difference_high"] >= own.loc["a", "difference_high"]


def test_curves_have_a_point_a_month_and_no_single_event() -> None:
    exact = kaplan_meier(range(1, 401), [i % 4 == 0 for i in range(400)])
    found = curve(exact).table
    assert set(found["time"] % MONTH) == {0.0} and len(found) == 14
    for when in (90.0, 300.0):
        assert found.set_index("time").loc[when, "survival"] == pytest.approx(exact.at(when)[0], abs=5 / 400)


def test_a_curve_begins_at_one_before_the_first_event_and_needs_none() -> None:
    late = curve(kaplan_meier([45.0] * 5 + [200.0] * 145, [True] * 5 + [False] * 145))
    assert late.at(30.0)[0] == 1.0 and late.at(60.0)[0] == pytest.approx(145 / 150, abs=5 / 150)
    at_once = curve(kaplan_meier([0.0] * 6 + [20.0] * 94, [True] * 6 + [False] * 94))
    assert at_once.at(30.0)[0] == pytest.approx(0.95, abs=0.05)
    assert curve(kaplan_meier([90.0] * 20, [False] * 20)).table.empty


def test_errors_of_few_are_not_denied(private: ChannelsStudy) -> None:
    own, told = private.audit, private.released.audit
    assert 0 < own.negative < 5 and told.negative is None
    assert told.first.day == told.last.day == told.as_of.day == 1


def test_what_is_told_of_a_difference_adds_up(told: dict[str, Any]) -> None:
    rows = {r["group"]: r for r in told["strategies"]["closed"]["groups"]}
    one, two = rows["Omnichannel"], rows["Online Only"]
    if one["difference"] is not None:
        assert one["difference"] == pytest.approx(one["rate"] - two["rate"], abs=2e-3)
    adjusted = told["adjusted"]
    assert adjusted["difference"][0] == pytest.approx(adjusted["exposed_share"] - adjusted["unexposed_share"], abs=2e-3)


def test_no_single_prospect_leaves(private: ChannelsStudy) -> None:
    behind = private.released
    index = set(private.features.frame.index)
    assert not any(key in json.dumps(plain(behind.results())) for key in list(index)[:50])
    assert behind.features.quartiles is not None


def test_the_gate_changes_nothing_of_the_exact_study(private: ChannelsStudy, told: dict[str, Any]) -> None:
    assert plain(private.results())["audit"]["units"] == ROWS != told["audit"]["units"] or ROWS % 10 == 0
