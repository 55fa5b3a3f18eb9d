"""What the front page of the study of channels says: the claim, what stands out, and nothing more than the intervals allow."""

from __future__ import annotations

import re
from types import SimpleNamespace as Plain
from typing import Any

import pytest
from personas_made import verdict
from prospects_told import (
    STRATEGIES,
    TERMS,
    adjusted,
    cards,
    combinations,
    landmarks,
    rates,
    reached,
    score,
    speed,
    strategies,
)
from report_project import closed_off, downloads
from said import said

from segkit.inference.groups import Benchmarks
from segkit.report import channel_front, channel_gaps, channel_segments, studies
from segkit.report.prose import GAP

__all__ = ["closed_off", "downloads"]
STRANGE = re.compile(r"\bnan\b|\binf\b|None(?! of)|\{|\(\s|\s[.,;]|  |\.\.|–")
HIGHER, SAME = strategies((120, 1000), (50, 1000), (20, 500), (5, 300)), strategies((52, 1000), (50, 1000))
UP, DOWN, ZERO = (0.05, 0.02, 0.08), (-0.05, -0.08, -0.02), (0.01, -0.02, 0.04)
# The raw difference, the adjusted one, later ones, and how they agree.
CLAIMS: dict[str, tuple[Any, Any, Any, str]] = {
    "all": (HIGHER, adjusted(*UP), landmarks(d30=UP, d90=UP), "all"),
    "undated": (HIGHER, adjusted(*UP), landmarks(dated=False, d30=UP), "all"),
    "none": (SAME, adjusted(*ZERO), landmarks(d30=ZERO), "none"),
    "vanishes": (HIGHER, adjusted(*ZERO), landmarks(d30=ZERO, d90=ZERO), "vanishes"),
    "partly": (HIGHER, adjusted(*UP), landmarks(d30=ZERO), "partly"),
    "not adjusted": (HIGHER, adjusted(reason="none"), landmarks(d30=UP, d90=ZERO), "partly"),
    "explained": (HIGHER, adjusted(*ZERO), landmarks(d30=UP, d90=ZERO), "explained"),
    "turns": (HIGHER, adjusted(*DOWN), landmarks(), "turns"),
    "appears": (SAME, adjusted(*UP), landmarks(d30=ZERO), "appears"),
    "alone": (HIGHER, adjusted(reason="there is no unexposed unit"), landmarks(), "alone"),
    "lower": (strategies((10, 1000), (80, 1000)), adjusted(*DOWN), landmarks(d30=DOWN), "all"),
    "nobody": (strategies((0, 0), (50, 1000)), adjusted(), landmarks(), "unknown"),
    "absent": (rates({"Online Only": (50, 1000)}, "Online Only"), adjusted(), landmarks(), "unknown"),
}


def says(label: str, **names: Any) -> str:
    return said("index", label, TERMS, "channels", **names).replace(GAP, " ")


def insights(**changed: Any) -> channel_front.Insights:
    given: dict[str, Any] = {
        "reach": reached(), "strategies": HIGHER, "pairs": combinations(), "speed": speed(-20.0, -30.0, -10.0),
        "score": score(0.4, upside_down=True),
        "benchmarks": {"platform_tag": rates({"Google_Ads": (120, 900), "TikTok": (10, 600), "Mixed": (40, 500)})},
    }  # fmt: skip
    given |= changed
    return channel_front.insights(**{**given, "benchmarks": Benchmarks(given["benchmarks"])})


@pytest.mark.parametrize("case", CLAIMS)
def test_the_claim_says_how_the_comparisons_agree(case: str) -> None:
    *results, agree = CLAIMS[case]
    known = channel_gaps.omnichannel(*results)
    assert known.agree == agree
    for text in (
        says("lead", _known=known),
        says("agreement", _known=known),
        channel_gaps.claim(known).replace(GAP, " "),
    ):
        assert text and not STRANGE.search(text.replace("\n\n", " ")), text


def test_the_claim_states_the_numbers() -> None:
    # 120 and 50 of 1000: Newcombe's interval by statsmodels, confint_proportions_2indep(120, 1000, 50, 1000, "newcomb").
    text = says("lead", _known=channel_gaps.omnichannel(*CLAIMS["vanishes"][:3]))
    assert "closed more often than those reached online only (12 % against 5 %)" in text
    assert "7.0 percentage points (95 % interval 4.6 to 9.5)" in text
    assert "it is 1.0 (−2.0 to 4.0). Of prospects who were still open on a day" in text
    assert (
        "within 180 days more, the share that closed differs by 1.0 points (−2.0 to 4.0) from day 30 on and 1.0" in text
    )
    assert text.endswith("from day 90 on.")
    assert "no difference is shown beyond chance" in says(
        "agreement", _known=channel_gaps.omnichannel(*CLAIMS["vanishes"][:3])
    )
    assert "Among prospects who are alike in engagement and time in the database, it is 1.0" in text
    assert "no unexposed prospect" in says("lead", _known=channel_gaps.omnichannel(*CLAIMS["alone"][:3]))
    assert "did not close more or less often" in says("lead", _known=channel_gaps.omnichannel(*CLAIMS["none"][:3]))


def test_no_difference_is_not_told_as_sameness() -> None:
    known = channel_gaps.omnichannel(*CLAIMS["none"][:3])
    assert channel_gaps.claim(known).replace(GAP, " ") == (
        "In how often they close, no difference beyond chance is shown between prospects reached in both ways and online only "
        "(5.2 % against 5 %); comparisons of like with like show none either."
    )
    text = says("agreement", _known=known)
    assert text.startswith("None of these three comparisons of the share that closed shows a difference beyond chance.")


def test_no_sentence_says_that_touches_work() -> None:
    for *results, _ in CLAIMS.values():
        known = channel_gaps.omnichannel(*results)
        text = says("lead", _known=known) + says("agreement", _known=known)
        assert not re.search(r"uplift|significant|because|thanks to|leads to", text)


def test_the_card_of_the_site_is_the_claim() -> None:
    one, two, three, _ = CLAIMS["vanishes"]
    study = Plain(name="channels", strategies=one, adjusted=two, landmark=three)
    assert studies.claim(study).replace(GAP, " ") == (
        "Prospects reached online and offline close more often than those reached online only (12 % against 5 %); "
        "where like is compared with like, no difference is shown."
    )
    assert ">Channels</a>" in studies.cards([studies.StudyCard("channels", "b", "Real", "h", "c", "f")]).markdown


@pytest.mark.parametrize(
    "changed",
    [
        {}, {"reach": reached((0, 0), (0, 0))}, {"reach": reached((0, 0))}, {"reach": reached(online=(0, 0))},
        {"strategies": SAME}, {"strategies": strategies((0, 0), (0, 0))}, {"strategies": strategies((9, 1000), (90, 1000))},
        {"pairs": combinations(enough=0)}, {"pairs": combinations(("Phone", "TikTok"))},
        {"pairs": combinations(*((f"O{i}", "TikTok") for i in range(4)))},
        {"speed": speed()}, {"speed": speed(3.0, -10.0, 16.0)}, {"speed": speed(30.0, 10.0, 50.0)},
        {"score": None}, {"score": score(0.7)}, {"score": score(0.51)}, {"score": score(float("nan"))},
        {"score": score(0.4, upside_down=True, against=True)}, {"score": score(0.6, against=True)},
        {"benchmarks": {}}, {"benchmarks": {"intake": rates({"202310": (50, 500), "202260": (50, 500)})}},
        {"benchmarks": {"intake": rates({"202310": (90, 500), "202260": (20, 500)})}},
        {"benchmarks": {"platform_tag": rates({"Mixed": (9, 100)})}},
    ],
)  # fmt: skip
def test_all_that_stands_out_reads_right(changed: dict[str, Any]) -> None:
    text = says("insights", _seen=insights(**changed))
    assert text.startswith("- **Reach.**") and not STRANGE.search(text), text
    assert all(line.startswith("- **") and line.rstrip().endswith((")", ".")) for line in text.splitlines())


def test_what_stands_out_is_told_with_its_numbers() -> None:
    text = says("insights", _seen=insights())
    assert (
        "Google Ads reached most prospects: 40, 40 % of all (95 % interval 30.9 to 49.8 %)" in text
    )  # Wilson, statsmodels
    assert "it was Direct Sales: 8, 8 %" in text
    assert "The highest rate is that of prospects reached online and offline: 12 % closed" in text
    assert (
        "for prospects reached online and offline (7.0 percentage points, 4.6 to 9.5) and prospects with no known"
        in text
    )
    assert "Of 4 that are large enough, none stands out" in text
    assert (
        "are open for fewer days within 365 than those reached online only (more of them close by then; that they close earlier is "
        "not shown): 20 fewer in the mean" in text
    )
    assert "upside down" in text and "0.40, 0.35 to 0.45" in text
    assert "prospects of Google Ads: 13.3 % closed" in text and "prospects of TikTok: 1.7 % closed" in text


@pytest.mark.parametrize("auc", [0.4, 0.6])
def test_a_score_that_contradicts_the_segments_is_told_with_their_rates(auc: float) -> None:
    text = says("insights", _seen=insights(score=score(auc, upside_down=auc < 0.5, against=True)))
    assert (
        "“Low” has the higher mean score (90.9 % against 72.2 %) and, of those with a score, closes less often than "
        "“High” (1.2 % against 6.1 %)" in text
    )
    hidden = score(auc, against=True)
    hidden.by_group = hidden.by_group.astype(object)
    hidden.by_group.loc[1, "rate"] = None
    assert insights(score=hidden).against is None


def test_a_combination_is_named_only_where_it_wins() -> None:
    text = says("insights", _seen=insights(pairs=combinations(("Phone", "Google_Ads"))))
    assert "One of 4 that are large enough stands out: Phone with Google Ads (20 %, 15 to 25 %). Rates" in text
    many = says("insights", _seen=insights(pairs=combinations(*((f"O{i}", "TikTok") for i in range(4)))))
    assert "O2 with TikTok" in many and "O3 with TikTok" not in many and "to name the first three" in many


def test_extremes_within_chance_are_not_named() -> None:
    same = {"platform_tag": rates({"Google_Ads": (60, 900), "TikTok": (36, 600), "Mixed": (35, 500)})}
    text = says("insights", _seen=insights(benchmarks=same))
    assert (
        "prospects of" not in text.split("**Platforms.**")[1]
        and "Of 3 groups by platform, none closes more or less often" in text
    )


def test_platforms_and_intake_periods_are_counted_apart() -> None:
    both = {
        "platform_tag": rates({"Google_Ads": (120, 900), "TikTok": (10, 600), "Mixed": (40, 500)}),
        "intake": rates({"202310": (50, 500), "202260": (50, 500)}),
    }
    text = says("insights", _seen=insights(benchmarks=both))
    assert "- **Platforms.** Beyond chance, of 3 groups by platform looked at" in text
    assert "- **Intake.** Of 2 intake periods, none closes" in text and text.count("had less time to close") == 1
    assert "Intake" not in says("insights", _seen=insights()) and "less time" not in says("insights", _seen=insights())
    late = says("insights", _seen=insights(benchmarks={"intake": rates({"202310": (90, 500), "202260": (20, 500)})}))
    assert "of 2 intake periods looked at" in late and "The latest periods had less time to close." in late


@pytest.mark.parametrize("closed", [(9, 50), (120, 9)])
def test_days_open_are_not_compared_where_few_closed(closed: tuple[int, int]) -> None:
    assert insights(speed=speed(-20.0, -30.0, -10.0, closed=closed)).sooner is None


def test_what_the_days_open_go_with_follows_from_who_closed() -> None:
    text = says("insights", _seen=insights(speed=speed(20.0, 10.0, 30.0, shares=(0.05, 0.12))))
    assert (
        "for more days within 365" in text
        and "(fewer of them close by then; that they close later is not shown)" in text
    )
    unknown = insights(speed=speed(-20.0, -30.0, -10.0, shares=(0.1, float("nan")))).sooner
    assert unknown is not None and unknown.shown == "that they close earlier is not shown"


def test_names_are_those_that_a_reader_knows() -> None:
    assert channel_front.intake("202335") == "prospects for summer 2023"
    assert set(channel_front.REACHED) == set(STRATEGIES)


@pytest.mark.parametrize("word", ["natural", "reproducible", "fragile structure", "constructive", "no segmentation"])
@pytest.mark.parametrize(
    "counts",
    [{1: (60, 500), 2: (10, 500)}, {1: (20, 500), 2: (22, 500)}, {1: (60, 500), 2: (0, 0)}, {1: (0, 0), 2: (0, 0)}],
)
def test_the_segments_are_said_with_their_verdict(word: str, counts: dict[int, tuple[int, int]]) -> None:
    found = rates(counts)
    text = says("segments", verdict=verdict(word), engagement_rates=found, _cards=cards("High", "Low"))
    assert text.startswith("**") and text.endswith("[The segments](segments.qmd)") and not STRANGE.search(text), text
    assert ("“High” closes at 12 % (9.4 to 15.1 %)" in text) == (counts[2] == (10, 500))  # Wilson, statsmodels


def test_cards_tell_rates_and_medians() -> None:
    tell = channel_segments.card_facts(rates({1: (60, 500), 2: (0, 0)}))
    one, two = (tell(c) for c in cards("High", "Low"))
    assert ("closes", f"12{GAP}%") in one and ("sessions, median", "3") in one
    assert [k for k, _ in two] == ["sessions, median", "page views, median", "forms, median"]
    (hidden,) = cards("High", hidden=(1,))
    assert channel_segments.card_facts(rates({1: (60, 500)}))(hidden)[0][0] == "closes"
    assert channel_segments.card_facts(rates({2: (60, 500)}))(hidden) == []


@pytest.mark.parametrize("real", [True, False])
def test_limits_say_whether_the_data_are_real(real: bool) -> None:
    text = says("limits", provenance=Plain(real=real))
    assert ("simulated" in text) == (not real)
    assert says("cause").startswith("All of this is association")
