"""The study of channels from end to end, without pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_prospects import opened, project, prospects
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from segkit import results
from segkit.data.draft import draft_settings
from segkit.errors import ConfigError
from segkit.inference.groups import rates_by
from segkit.studies.base import plain
from segkit.studies.channels import ChannelsStudy
from segkit.studies.engagement_policy import DESCRIBED, FIRST, LAST, SAME, names, policy

pytest_plugins = ["made_projects"]
ROWS = 3_000
HOSTILE = "<img src=x onerror=alert(1)> =HYPERLINK(1) \x1b[31m feria"


@pytest.fixture(scope="module")
def study(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> ChannelsStudy:
    """The study of a simulated export of which one text is hostile."""
    folder = tmp_path_factory.mktemp("own")
    frame = prospects(ROWS)
    frame.loc[frame.index[:40], "Canal de adquisicion"] = HOSTILE
    frame.to_csv(folder / "mine.csv", index=False)
    return opened(project(folder / "project"), folder / "mine.csv")


@pytest.fixture(scope="module")
def found(study: ChannelsStudy) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(plain(study.results()), allow_nan=False))
    return read


def test_hostile_cells_are_texts_that_are_counted_and_never_told(study: ChannelsStudy, found: dict[str, Any]) -> None:
    assert "HYPERLINK" not in json.dumps(found) and "\x1b" not in json.dumps(found, ensure_ascii=False)
    assert (study.prospects.frame["offline_count_Event"].iloc[:40] > 0).all()


def test_rates_and_differences_are_those_of_a_library(study: ChannelsStudy, found: dict[str, Any]) -> None:
    frame = study.prospects.frame
    closed = {s: g["is_closed"] for s, g in frame.groupby("channel_strategy")}
    rows = {r["group"]: r for r in found["strategies"]["closed"]["groups"]}
    one, two = closed["Omnichannel"], closed["Online Only"]
    low, high = proportion_confint(two.sum(), len(two), method="wilson")
    assert rows["Online Only"]["rate"] == pytest.approx(two.mean())
    assert [rows["Online Only"][n] for n in ("low", "high")] == pytest.approx([low, high])
    ends = confint_proportions_2indep(one.sum(), len(one), two.sum(), len(two), method="newcomb", compare="diff")
    assert [rows["Omnichannel"][n] for n in ("difference_low", "difference_high")] == pytest.approx(ends)


def test_every_prospect_has_one_strategy_and_one_segment(study: ChannelsStudy, found: dict[str, Any]) -> None:
    assert sum(r["units"] for r in found["strategies"]["closed"]["groups"]) == ROWS == len(study.segments.labels)
    assert sum(s["units"] for s in found["segments"]) == ROWS
    assert [s["id"] for s in found["segments"]] == [c.id for c in study.cards]
    scores = study.features.frame["engagement_score"].groupby(study.segments.labels).mean()
    assert scores[[c.id for c in study.cards]].is_monotonic_decreasing


def test_the_score_is_found_upside_down(study: ChannelsStudy) -> None:
    assert study.score is not None and study.score.upside_down and study.score.auc.high < 0.5


def test_the_planted_pair_is_found(closed_off: Path, tmp_path: Path) -> None:
    own = opened(project(tmp_path / "project"))
    assert not own.source.located.real and own.pair_recovered is not None and own.pair_recovered > 0.85
    table = own.published_pair.table.set_index("segment")
    assert table.loc["1A", "share"] == pytest.approx(0.796, abs=0.03)  # as published
    assert table.loc["1A", "rate"] == pytest.approx(0.061, abs=0.01)


def test_the_experiment_is_told_with_where_it_is_from(study: ChannelsStudy, found: dict[str, Any]) -> None:
    assert found["experiment"]["real"] is False and "Simulation" in found["experiment"]["title"]
    assert study.trial["fingerprint"]


def test_the_file_is_recognised(study: ChannelsStudy) -> None:
    said: list[str] = []
    assert results._study_of(study.source.located.path, said.append) == "channels"
    assert draft_settings(study.source.located.path).confident


def test_new_prospects_are_refused_with_the_way_on(study: ChannelsStudy) -> None:
    with pytest.raises(ConfigError, match="new prospects are not put") as fault:
        ChannelsStudy.assign(study.source)
    assert "make the report anew" in str(fault.value)


def test_another_detector_changes_the_touches_alone(study: ChannelsStudy, tmp_path: Path) -> None:
    own = opened(project(tmp_path / "project", detector='"literal"'), study.source.located.path)
    assert own.reach.table["units"].tolist() != study.reach.table["units"].tolist()
    pd.testing.assert_frame_equal(own.model_frame.sort_index(), study.model_frame.sort_index())


@pytest.mark.parametrize(
    ("closed", "actions"), [((60, 20, 40), [FIRST, LAST, SAME]), ((40, 40, 41), [SAME] * 3), ((48, 36, 40), [SAME] * 3)]
)
def test_handling_follows_from_differences_beyond_chance_of_all_segments(
    closed: tuple[int, ...], actions: list[str]
) -> None:
    segments = pd.Series([1] * 400 + [2] * 400 + [3] * 400)
    outcome = pd.Series([i < n for n in closed for i in range(400)])
    rates = rates_by(segments, outcome)
    assert [h.action for h in policy(rates, verdict="natural")] == actions
    assert [h.action for h in policy(rates, verdict="no segmentation")] == [DESCRIBED] * 3


def test_segments_of_equal_rates_are_seldom_handled_differently() -> None:
    rng = np.random.default_rng(1)
    segments = pd.Series(np.repeat(np.arange(1, 9), 400))
    different = sum(
        any(h.kind != "same" for h in policy(rates_by(segments, pd.Series(rng.random(3200) < 0.1)), verdict="natural"))
        for _ in range(60)
    )
    assert different <= 8  # of 60 at 5 %: beyond with a probability below 0.005


@pytest.mark.parametrize("count", range(2, 9))
def test_names_are_distinct(count: int) -> None:
    means = pd.DataFrame({"log_clicks": range(count, 0, -1), "log_forms": range(count)}, index=range(1, count + 1))
    given = names(means, pd.Series(0.0, index=means.index))
    assert list(given) == list(means.index) and len(set(given.values())) == count
