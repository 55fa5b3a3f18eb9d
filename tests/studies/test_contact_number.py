"""The number of segments in the contacts study: by rule, by hand, and where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_projects import BARE, open_new, project, small_calls, write_log

from segkit.engine.krule import CRITERIA
from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.events.segments import EventSegments
from segkit.studies.evidence_results import hide_small

pytest_plugins = ["made_projects"]
pytestmark = pytest.mark.usefixtures("closed_off")


def small(folder: Path, k: str, **settings: str) -> ContactsStudy:
    root = project(folder, k_max=5, settings={**BARE, "k": k, **settings})
    return open_new(root, write_log(folder / "calls.csv", small_calls()))


def numbers(study: ContactsStudy) -> dict[str, object]:
    found: dict[str, object] = json.loads(json.dumps(plain(EventSegments.results(study))))["k"]
    return found


def test_the_rule_decides_where_nobody_does(tmp_path: Path) -> None:
    """40 contacts of three kinds, which differ in everything: busy, occasional, single."""
    study = small(tmp_path, '"auto"')
    assert study.k_decision.set == "by rule"
    assert study.k == study.k_decision.shown == study.segments.k
    found = numbers(study)
    assert (found["chosen"], found["shown"], found["set"]) == (study.k_decision.k, study.k, "by rule")
    assert set(found["by"]) == {*CRITERIA, "rule", "published"}  # type: ignore[call-overload]
    assert found["by"]["published"] is None  # type: ignore[index]  # there is no published analysis of this log


def test_a_number_set_by_hand_stands_beside_the_rule(tmp_path: Path) -> None:
    study = small(tmp_path, "3")
    assert (study.k, study.k_decision.k, study.k_decision.set) == (3, 3, "by hand")
    assert numbers(study)["by"]["rule"] == study.k_decision.rule  # type: ignore[index]


def test_without_segmentation_something_is_shown(tmp_path: Path) -> None:
    """No partition of a sample is perfect: thresholds of one are met by no number of segments."""
    study = small(tmp_path, '"auto"', prediction_strength="1.0", jaccard="1.0")
    decision = study.k_decision
    assert decision.rule == 1
    assert (decision.k, study.k) == (1, decision.shown) and study.k >= 2 and decision.illustration
    assert study.segments.k == study.k
    assert (numbers(study)["chosen"], numbers(study)["shown"]) == (1, study.k)


def test_what_tells_of_a_small_segment_is_hidden() -> None:
    shown = hide_small(
        {
            "indices": [{"k": 2, "smallest": 20}, {"k": 3, "smallest": 4}],
            "segment_silhouettes": [
                {"k": 2, "segment": 1, "units": 20, "silhouette": 0.5},
                {"k": 3, "segment": 1, "units": 30, "silhouette": 0.4},
                {"k": 3, "segment": 3, "units": 4, "silhouette": 0.3},
            ],
            "flow": {
                "nodes": [{"k": 3, "segment": 3, "units": 4, "entropy": 0.2}],
                "edges": [
                    {"k": 1, "segment": 1, "next": 1, "units": 9},
                    {"k": 2, "segment": 1, "next": 1, "units": 30},
                ],
            },
        }
    )
    assert [row["smallest"] for row in shown["indices"]] == [20, None]
    assert [row["units"] for row in shown["segment_silhouettes"]] == [20, None, None]
    assert [row["silhouette"] for row in shown["segment_silhouettes"]] == [0.5, 0.4, None]
    assert shown["flow"]["nodes"] == [{"k": 3, "segment": 3, "units": None, "entropy": None}]
    assert shown["flow"]["edges"] == [{"k": 1, "segment": 1, "next": 1, "units": 9}]
