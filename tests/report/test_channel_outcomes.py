"""What the page on outcomes and on the score says: true, whatever the groups and the score are like."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_project import downloads
from said import said

from segkit.contract import CRM
from segkit.inference.groups import GroupRates, compared
from segkit.inference.scores import ScoreCalibration, score_calibration
from segkit.report import channel_names as names
from segkit.report import channel_outcomes as page
from segkit.report import channel_score as scores

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

TERMS = CRM.terms
HOSTILE = "<b>x</b> [a](b)"


def rates(counts: Mapping[str, tuple[int, int]]) -> GroupRates:
    """Return rates of groups of which so many closed, of so many."""
    table = compared(list(counts), *zip(*counts.values(), strict=True))  # type: ignore[arg-type]
    return GroupRates(table, None, 0, {"level": 0.95, "reference": None})


EVEN = {"Google_Ads": (50, 1000), "Mixed": (51, 1000)}
APART = {"Google_Ads": (50, 1000), "Mixed": (10, 1000), "TikTok": (120, 1000)}
INTAKES = {"202310": (30, 500), "202275": (28, 500), "202305": (29, 500)}
NOTHING: dict[str, GroupRates] = {}
ALL = {"platform_tag": rates(APART), "intake": rates(INTAKES), "stage": rates({"customer": (40, 40), "lead": (2, 900)})}


def planted(sign: float, *, shift: float = 0.4, groups: bool = True, n: int = 2000) -> ScoreCalibration:
    """Return the calibration of a score that rises (1), falls (-1) or goes nowhere (0) with the outcome, and is too high."""
    rng = np.random.default_rng(3)
    truth = rng.uniform(0.02, 0.4, n)
    closed = pd.Series(rng.random(n) < truth)
    score = pd.Series((0.2 + shift + sign * (truth - 0.2) + (0 if sign else rng.uniform(-0.1, 0.1, n))).clip(0, 1))
    own = pd.Series(np.where(truth > 0.2, "High engagement", "Low engagement"))
    return score_calibration(score, closed, own if groups else None)


def says(label: str, benchmarks: Mapping[str, GroupRates] = NOTHING, score: Any = None) -> str:
    facts = {"_marks": page.facts(benchmarks), "_scored": scores.facts(score)}
    return said("outcomes", label, TERMS, "channels", **facts).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("period", "written"),
    [("202305", "special intake 2023"), ("202310", "spring 2023"), ("202335", "summer 2023"), ("202360", "fall 2023"),
     ("202375", "winter 2023"), ("202399", "202399"), ("2023", "2023")],
)  # fmt: skip
def test_an_intake_period_is_said_as_year_and_season(period: str, written: str) -> None:
    assert names.intake(period) == written


def test_the_lead_names_what_stands_out_and_nothing_else() -> None:
    text = says("lead", ALL)
    # 180 of 3,000 in the platforms, the largest of the tables.
    assert text.startswith("By platform, TikTok has 12 % closed, no platform 1 %; of all, 6 % closed.")
    assert "By intake" not in text and "stage" not in text
    assert says("lead", {"platform_tag": rates(EVEN)}).startswith(
        "No platform, latest source or intake period closes more or less often than all others beyond chance."
    )
    assert says("lead").startswith("The export does not tell platforms, sources or intake periods apart")
    assert "less time to close" not in text
    late = {"intake": rates({"202310": (100, 1000), "202410": (10, 1000)})}
    assert (
        "spring 2024 1 %; of all, 5.5 % closed. The latest intake periods have had less time to close. The export"
        in says("lead", late)
    )
    three = says(
        "lead",
        {"platform_tag": rates(APART), "latest_source": rates({"OFFLINE": (100, 1000), "PAID_SEARCH": (10, 1000)})},
    )
    assert "no platform 1 %; by latest source, Offline has 10 % closed, Paid search 1 %; of all" in three
    two = says("lead", {"platform_tag": rates({"TikTok": (100, 1000), "Mixed": (50, 1000), "Facebook": (51, 1000)})})
    assert "By platform, TikTok has 10 % closed" in two or "TikTok stands out with 10 % closed" in two


def test_benchmarks_are_told_with_differences_and_intervals() -> None:
    text = says("benchmarks", ALL)
    # 120 of 1,000 against 60 of 2,000, and 10 of 1,000 against 170 of 2,000.
    assert (
        "Of three groups by platform, two differ from all others beyond chance: TikTok by 9.0 percentage points" in text
    )
    assert "no platform by −7.5 percentage points" in text
    assert "Of three intake periods, none differs from all others beyond chance." in text
    assert says("benchmarks") == "There is nothing to compare."


def test_tables_write_names_escape_them_and_state_the_finding() -> None:
    shown = page.rates_table({"platform_tag": rates({**APART, HOSTILE: (1, 20)})}, "platform_tag", TERMS).markdown
    assert "no platform" in shown and "<b>x</b>" not in shown
    assert "of four groups by platform differ from all others beyond chance" in shown
    intakes = page.rates_table(ALL, "intake", TERMS).markdown
    assert intakes.index("winter 2022") < intakes.index("special intake 2023") < intakes.index("spring 2023")
    assert (
        page.rates_table(NOTHING, "latest_source", TERMS).markdown == "The export does not tell latest sources apart."
    )


def test_what_the_gate_takes_away_is_a_dash_and_no_dot() -> None:
    found = rates(APART)
    numbers = ["events", "rate", "low", "high", "difference", "difference_low", "difference_high"]
    table = found.table.astype(dict.fromkeys(numbers, "Float64"))
    table.loc[1, numbers] = pd.NA
    told = {"platform_tag": replace(found, table=table)}
    assert "A dash" in page.rates_table(told, "platform_tag", TERMS).markdown
    assert [len(rows) for rows in page.drawn(told).values()] == [2]
    known = page.facts(told).platforms
    assert known is not None and known.told == 2
    alone = {"platform_tag": replace(found, table=table.iloc[[1]])}
    assert says("lead", alone).startswith("The export does not tell platforms")
    assert page.caption(alone) == "**No rate may be told.**"
    page.figure(alone)


def test_the_figure_has_a_panel_for_each_kind_and_the_largest_groups_only() -> None:
    many = {f"20{y:02d}10": (5, 100 + y) for y in range(10, 30)}
    drawn = page.figure({**ALL, "intake": rates(many)})
    assert [len(a.get_yticks()) for a in drawn.axes] == [3, page.MOST]
    assert f"Of the intake periods, the largest {page.MOST} are drawn." in page.caption({**ALL, "intake": rates(many)})
    few = {"platform_tag": rates({**APART, "Twitter": (1, 29), "MAKE": (1, 30)})}
    assert [len(rows) for rows in page.drawn(few).values()] == [4]
    assert "Groups of fewer than 30 are in the tables only." in page.caption(few)
    assert "tables only" not in page.caption(ALL)
    assert page.caption(ALL).startswith("**Closing rates differ beyond chance between groups by platform.**")
    assert "TikTok 12" in page.alt(ALL)


def test_a_file_without_a_score_says_so() -> None:
    assert says("lead").endswith("The export has no predicted likelihood to close.")
    assert says("score").startswith(
        "The export has no predicted likelihood to close, so there is no score to be judged."
    )
    assert says("ranking") == ""
    assert "No score speaks for or against anybody here." in says("meaning")
    assert scores.verdict(scores.facts(None)) == "no score"


def test_a_score_that_is_upside_down_is_called_so_in_plain_words() -> None:
    found = planted(-1)
    assert "**The predicted likelihood to close is upside down:**" in says("lead", score=found)
    text = says("ranking", score=found)
    assert "As a ranking it is upside down." in text and f"(AUC {found.auc.value:.2f}, 95 % interval" in text
    assert "A coin would reach 50 %." in text and "Of the tenth with the highest scores" in text
    assert "“Low engagement” scores above “High engagement”, and closes less often, beyond chance." in text
    assert "Do not sort prospects by the score as it stands." in says("meaning", score=found)
    assert "of those with the highest scores" in scores.caption(found)
    assert "closes less often.**" in scores.segment_table(found, TERMS).markdown.replace("\\", "")


def test_a_score_that_ranks_well_may_still_be_no_probability() -> None:
    found = planted(1)
    known = scores.facts(found)
    assert known.word == "fair" or known.word == "weak"
    assert known.gap == pytest.approx(0.4, abs=0.03) and known.worse
    text = says("score", score=found)
    assert (
        "would be the better prediction" in text
        and f"{found.brier_constant:.3f}, that of the score {found.brier:.3f}" in text
    )
    assert "As a ranking it is better than a coin" in says("ranking", score=found)
    assert "In " not in says("ranking", score=found).split("By segment:")[1]
    assert "It is a better prediction than to say" in says("score", score=planted(1, shift=0.0))


def test_the_words_for_ranking_follow_the_interval() -> None:
    assert scores.facts(planted(0)).word == "coin"
    assert "cannot be told from a coin" in says("ranking", score=planted(0))
    assert "Do not let the score decide alone" in says("meaning", score=planted(0))
    well = planted(1)
    high = replace(well, auc=replace(well.auc, value=0.8, low=0.75, high=0.85))
    assert scores.facts(high).word == "fair" and "The score may be used to sort prospects." in says(
        "meaning", score=high
    )
    weak = replace(well, auc=replace(well.auc, value=0.6, low=0.55, high=0.65))
    assert "From 0.7 on a ranking is called of use; this one is below." in says("ranking", score=weak)


def test_a_score_of_few_or_of_nobody_who_closed_cannot_be_judged() -> None:
    none = score_calibration(pd.Series([0.2, 0.4, 0.6]), pd.Series([False] * 3))
    assert "cannot be judged" in says("lead", score=none) and "How it ranks cannot be told" in says(
        "ranking", score=none
    )
    found = planted(-1)
    gated = replace(
        found, table=found.table.assign(rate=None, events=None), auc=replace(found.auc, value=math.nan, low=math.nan),
        by_group=found.by_group.assign(rate=None), score=math.nan, brier=math.nan,
    )  # fmt: skip
    known = scores.facts(gated)
    assert (known.word, known.segments, known.best, known.contrary) == ("unknown", [], None, [])
    assert scores.caption(gated).startswith("**How far the score is off cannot be told.**")
    assert "–" in scores.bins_table(gated, TERMS).markdown
    scores.figure(gated)
    assert says("score", score=gated).startswith("A score can fail in two ways")


def test_the_figure_of_the_score_stands_beside_the_diagonal() -> None:
    found = planted(-1)
    line = scores.figure(found).axes[0].get_lines()[-1]
    assert line.get_xdata().tolist() == pytest.approx(found.table["score"].tolist())
    assert line.get_ydata().tolist() == pytest.approx(found.table["rate"].tolist())
    assert scores.alt(found).count("predicted") == len(found.table)


def test_no_budget_follows_from_association() -> None:
    assert "They are no place to move a budget to" in says("meaning", ALL)
    assert "none is a reason to move a budget" in says("meaning", {"platform_tag": rates(EVEN)})
