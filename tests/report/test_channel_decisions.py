"""What the page on decisions says of prospects: only what the evidence allows, and a trial where it is association."""

from __future__ import annotations

import itertools
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from prospects_told import (
    TERMS,
    adjusted,
    audit,
    cards,
    combinations,
    landmarks,
    rates,
    reached,
    score,
    speed,
    strategies,
)
from report_project import closed, closed_off, downloads, unescaped
from said import said

from segkit.inference.groups import Benchmarks
from segkit.inference.trial_size import smallest_rise, trial_size
from segkit.report import channel_decisions, channel_front, channel_gaps
from segkit.report.prose import GAP
from segkit.studies import engagement_policy

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(r"\bnan\b|\binf\b|None(?! (of|is))|\{|\(\s|\s[.,;]|  |\.\.|–")
CARDS = cards("High", "Middle", "Low")
APART, ALIKE = {1: (60, 500), 2: (30, 500), 3: (2, 500)}, {1: (20, 500), 2: (22, 500), 3: (21, 500)}
BOTH = strategies((120, 1000), (50, 1000))
UP, DOWN, ZERO = (0.05, 0.02, 0.08), (-0.05, -0.08, -0.02), (0.01, -0.02, 0.04)


def plan(counts: dict[int, tuple[int, int]] = APART, word: str = "reproducible") -> Any:
    return engagement_policy.policy(rates(counts), verdict=word)


def says(label: str, **changed: Any) -> str:
    given: dict[str, Any] = {
        "policy": plan(), "strategies": BOTH, "adjusted": adjusted(*ZERO), "landmark": landmarks(d30=ZERO), "audit": audit(),
        "pairs": combinations(), "speed": speed(), "score": None, **changed,
    }  # fmt: skip
    names = {
        "_plan": channel_decisions.facts(given["policy"], CARDS),
        "_known": channel_gaps.omnichannel(given["strategies"], given["adjusted"], given["landmark"]),
        "_sized": channel_decisions.trial(given["strategies"], given["audit"]),
        "_seen": channel_front.insights(
            reached(), given["strategies"], given["pairs"], given["speed"], given["score"], Benchmarks({})
        ),
    }
    return said("decisions", label, TERMS, "channels", **names).replace(GAP, " ")


@pytest.mark.parametrize(
    ("policy", "said_of", "meaning"),
    [
        (
            plan(),
            "Turn first to “High”: it closes more often than all others. “Low” closes less often",
            "where to begin",
        ),
        (plan(ALIKE), "treat all alike", "Begin anywhere"),
        (plan(word="no segmentation"), "No handling of segments is recommended", "Begin anywhere"),
        (plan({1: (15, 500), 2: (60, 500), 3: (16, 500)}), "Turn first to “Middle”", "where to begin"),
        (plan({1: (31, 500), 2: (4, 100), 3: (0, 60)}), "", ""),
    ],
)
def test_what_to_do_with_segments_follows_from_the_policy(
    policy: Any, said_of: str, meaning: str, downloads: Path
) -> None:
    lead, then = says("lead", policy=policy), says("meaning", policy=policy)
    assert (
        said_of in lead and meaning in then and "Nothing here shows that one more channel makes anybody close" in lead
    )
    for text in (lead, then, says("segments", policy=policy)):
        assert text and not STRANGE.search(text), text


def test_only_less_often_is_said_without_a_first() -> None:
    last = [
        type("H", (), {"segment": i, "kind": k, "action": ""})() for i, k in ((1, "same"), (2, "same"), (3, "last"))
    ]
    text = says("lead", policy=last)
    assert text.startswith("No segment comes first. “Low” closes less often than all others") and not STRANGE.search(
        text
    )


def test_the_table_says_what_to_do_and_why(downloads: Path) -> None:
    shown = unescaped(channel_decisions.policy_table(plan(), rates(APART), CARDS).markdown).replace(GAP, " ")
    assert "**Two segments differ in closing beyond chance.**" in shown
    assert engagement_policy.FIRST in shown and engagement_policy.LAST in shown and engagement_policy.SAME in shown
    nothing = channel_decisions.policy_table(plan(word="no segmentation"), rates(APART), CARDS).markdown
    assert "No handling follows" in nothing and engagement_policy.FIRST not in nothing
    hidden = rates({1: (60, 500), 2: (0, 0), 3: (2, 500)})
    gone = channel_decisions.policy_table(engagement_policy.policy(hidden, verdict="natural"), hidden, CARDS).markdown
    assert "–" in gone and not re.search(r"\bnan\b|None", gone)


COMPARED = {
    "all": (BOTH, adjusted(*UP), landmarks(d30=UP), "not enough to roll it out"),
    "less": (strategies((10, 1000), (80, 1000)), adjusted(*DOWN), landmarks(d30=DOWN), "Ask who gets both"),
    "none": (
        strategies((52, 1000), (50, 1000)),
        adjusted(*ZERO),
        landmarks(),
        "None of these two comparisons of the share that",
    ),
    "explained": (BOTH, adjusted(*ZERO), landmarks(d30=UP), "Do not move money by the raw one"),
    "vanishes": (BOTH, adjusted(*ZERO), landmarks(d30=ZERO), "Do not move money by it."),
    "partly": (BOTH, adjusted(*UP), landmarks(d30=ZERO), "do not agree"),
    "alone": (BOTH, adjusted(), landmarks(), "a raw comparison only"),
    "unknown": (strategies((0, 0), (50, 1000)), adjusted(), landmarks(), "Do nothing by it."),
}
OTHERS = {
    "pairs": [combinations(), combinations(enough=0), combinations(("Phone", "TikTok")),
              combinations(*((f"O{i}", "TikTok") for i in range(4)))],
    "speed": [speed(), speed(-20.0, -30.0, -10.0), speed(20.0, 10.0, 30.0), speed(1.0, -9.0, 9.0)],
    "score": [None, score(0.4, upside_down=True), score(0.7), score(0.51)],
}  # fmt: skip


@pytest.mark.parametrize("case", COMPARED)
def test_channels_are_acted_on_only_where_the_evidence_allows(case: str) -> None:
    one, two, three, said_of = COMPARED[case]
    text = says("channels", strategies=one, adjusted=two, landmark=three)
    assert said_of in text and not STRANGE.search(text), text
    assert ("roll it out" in text) == (case == "all")


@pytest.mark.parametrize("place", range(4))
def test_combinations_speed_and_score_read_right(place: int) -> None:
    given = {name: made[place] for name, made in OTHERS.items()}
    for label, changed in itertools.product(("channels", "cautions"), ({}, given)):
        text = says(label, **changed)
        assert not STRANGE.search(text) and all(line.startswith("- ") for line in text.splitlines()), text
    text, caution = says("channels", **given), says("cautions", **given)
    assert ("upside down" in text) == (place == 1)
    assert ("Do not order a list by the predicted" in caution) == (place in (1, 3))
    assert ("Do not copy the one with the highest rate" in text) == (place == 0)
    assert ("by lot to others before it is copied" in text) == (place in (2, 3))
    assert ("is not shown). Whether a second kind of touch" in text) == (place == 1) and "Plan follow-ups" not in text


def test_a_trial_is_sized_at_the_present_rate(downloads: Path) -> None:
    found = channel_decisions.trial(BOTH, audit())
    # Fleiss, Levin and Paik (2003), section 4.2, by statsmodels: samplesize_proportions_2indep_onetail(0.025, 0.05, 0.8).
    assert found.share == 0.05 and found.middle == pytest.approx((0.5, 0.075, 1471))
    assert not found.fits and found.arm == 1471
    text = says("trial")
    assert (
        "At present 5 % of those reached online only close. To show a rise to 7.5 % with a power of 80 %, each arm needs 1,471"
        in text
    )
    assert "has 1,000 of them, fewer than both arms need" in text and "would be shown" in text
    # 1,000 prospects reached online only in 364 days; two arms of 1,471.
    assert f"gathered in {2 * 1471 / (1000 / 364 * 30.44):.1f} months" in text
    shown = unescaped(channel_decisions.trial_table(found, TERMS).markdown).replace(GAP, " ")
    assert (
        f"**A rise of the rate from 5 % by 20 % of it takes {trial_size(0.05, 0.01):,} prospects in each arm.**"
        in shown
    )


@pytest.mark.parametrize(
    ("counts", "changed", "words"),
    [
        ([(120, 1000), (500, 10_000)], {"units": 11_000}, "within reach"),
        ([(120, 1000), (0, 1000)], {}, "of all prospects close"),
        ([(120, 1000), (0, 0)], {}, "of all prospects close"),
        ([(120, 1000), (0, 1000)], {"closed": 0}, "Too few prospects close, or too many"),
        ([(120, 1000), (0, 1000)], {"closed": None}, "Too few prospects close, or too many"),
        ([(120, 1000), (500, 1000)], {}, "To show a rise to 75 %"),
        ([(120, 1000), (900, 1000)], {}, "Too few prospects close, or too many"),
        ([(120, 1000), (50, 1000)], {"last": datetime(2023, 1, 1)}, "each arm needs 1,471 prospects. The export"),
        ([(1, 3), (1, 3)], {"units": 6, "closed": 2}, "fewer than both arms need"),
    ],
)
def test_a_trial_reads_right_at_any_rate(counts: Any, changed: Any, words: str, downloads: Path) -> None:
    given = {"strategies": strategies(*counts), "audit": audit(**changed)}
    text = says("trial", **given)
    assert words in text and not STRANGE.search(text), text
    assert not STRANGE.search(says("lead", **given))
    found = channel_decisions.trial(given["strategies"], given["audit"])
    assert not re.search(r"\bnan\b|None", channel_decisions.trial_table(found, TERMS).markdown)


def test_the_page_has_nothing_to_say_that_would_be_an_effect() -> None:
    text = " ".join(says(n) for n in ("lead", "segments", "channels", "trial", "cautions", "meaning"))
    assert not re.search(r"uplift|significant", text)
    assert smallest_rise(0.05, 500) > 0
