"""What the page on decisions about conversations says, and that it rests on nothing but what was found."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from chat_fronts_told import (
    AHEAD,
    ALL,
    KINDS,
    MODULES,
    MONEY,
    NAN,
    SIDES,
    STAGES,
    STRANGE,
    TERMS,
    TRIALS,
    WORDS,
    cards,
    churned,
)
from chat_logs_told import silences
from personas_made import verdict
from report_project import closed, closed_off, downloads
from said import cells, said

from segkit.data.forbidden_tactics import NEVER
from segkit.report import chat_churn, chat_decisions, chat_front, chat_reading
from segkit.report.claim import FAILS, HOLDS, OPEN, UNSHOWN
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
SILENCES = silences()


def facts(
    *, kinds: str = "none", ahead: str = "level", churn: str = "silence", stages: str = "told", money: str = "steep",
    trials: str = "both", word: str = "no segmentation", own: Any = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "_kinds": chat_reading.kinds(KINDS[kinds]), "_ahead": chat_reading.predicted(AHEAD[ahead]),
        "_leaving": chat_churn.facts(churned(churn)), "_back": chat_front.back(SILENCES),
        "_stages": chat_front.stages(*STAGES[stages]), "_money": chat_front.money(MONEY[money]),
        "_plan": chat_decisions.doing(own or cards(), verdict(word)), "_tried": chat_decisions.trials(TRIALS[trials]),
    }  # fmt: skip


def says(label: str, **found: Any) -> str:
    return said("decisions", label, TERMS, "conversations", **MODULES, **facts(**found)).replace(GAP, " ")


def strange(text: str) -> bool:
    return bool(re.search(STRANGE, re.sub(r"\n+(- )?", " ", text)))


def claims(**found: Any) -> dict[str, Any]:
    names = ("_kinds", "_ahead", "_leaving", "_stages", "_money", "_tried")
    own = facts(**found)
    made = chat_decisions.evidence(verdict(found.get("word", "natural")), *(own[n] for n in names))
    return {c.claim: c for c in made}


# Each of what may be found, once.
CASES = list(itertools.zip_longest(KINDS, AHEAD, [*SIDES, "untold"], STAGES, MONEY, TRIALS, fillvalue=""))
BESIDE = {"kinds": "none", "ahead": "level", "churn": "silence", "stages": "told", "money": "steep", "trials": "both"}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("word", WORDS)
def test_every_sentence_reads_right_whatever_was_found(case: tuple[str, ...], word: str) -> None:
    own = cards() if word in WORDS[::2] else cards("First.", "Last.", sizes=(100, NAN))
    found = {n: c or BESIDE[n] for n, c in zip(BESIDE, case, strict=True)}
    texts = {n: says(n, word=word, own=own, **found) for n in cells("decisions", "conversations") if n}
    assert len(texts) == 6 and all(texts.values())
    assert {n: t for n, t in texts.items() if strange(t)} == {}


def test_without_a_segmentation_the_same_follows_for_all(downloads: Path) -> None:
    assert says("lead").startswith(ALL) and "every pair is answered in turn" in says("actions")
    assert "Do not treat pairs of a segment in a way of their own." in says("cautions")
    assert chat_decisions.status(facts()["_plan"]) == "the same for all: there is no segmentation"
    shown = chat_decisions.actions_table(cards(), TERMS, segmented=False).markdown
    assert shown.count(ALL) == 2 and "**The same for all.** There is no segmentation" in shown.replace("\\", "")


def test_actions_are_those_of_the_cards(downloads: Path) -> None:
    own = cards("Answer first.", "Answer in turn.", sizes=(100, NAN))
    text = says("lead", word="natural", own=own)
    assert text.startswith("Answer first. (“Kind 1”) Answer in turn. (“Kind 2”) After")
    assert "“Kind 2” has too few pairs to be told of." in says("actions", word="natural", own=own)
    shown = chat_decisions.actions_table(own, TERMS, segmented=True).markdown
    assert "Two ways to answer" in shown and "Answer first." in shown and "nan" not in shown


def test_after_a_silence_the_model_is_used_only_where_it_beats_the_clock() -> None:
    for churn in [*SIDES, "untold"]:
        told, known = says("silence", churn=churn), chat_churn.facts(churned(churn))
        assert ("Let the model say" in told) == (known.use == "model") == (churn == "model")
        assert ("Go by the time in silence alone" in told) == (churn in ("silence", "worse"))
        assert ("Do not use the model" in says("cautions", churn=churn)) == (churn not in ("model", "untold"))
        assert "Write one friendly word at most, without an offer" in told
    assert "tells less, beyond chance." in says("silence", churn="worse")


def test_the_trial_that_ends_soonest_comes_first() -> None:
    known = chat_decisions.trials(TRIALS["both"])
    days = [p.days for p in TRIALS["both"].items]
    assert known.first is not None and known.first.days == min(days) and known.first.hypothesis == "Fast."
    assert (
        "in the other, each offer says its price. What counts is the share of offers, 50 % at present. To show 65 %"
        in says("trial")
    )
    assert "Of two trials that could be sized, none would end within 182 days. Begin none as it is" in says(
        "trial", trials="long"
    )
    assert "No trial can be sized" in says("trial", trials="none")


def test_claims_hold_only_where_numbers_say_so() -> None:
    sure = claims(kinds="both", ahead="better", churn="model", stages="known", word="natural")
    trial = "A trial of another way to answer ends in time"
    assert {c: v.verdict for c, v in sure.items() if v.verdict != HOLDS and c != trial} == {}
    poor = claims(churn="none", word="constructive")
    assert poor["Pairs fall into segments that other samples confirm"].verdict == FAILS
    assert poor["Conversations fall into kinds by text alone"].verdict == FAILS
    assert poor["Profiles add to texts"].verdict == poor["A model tells it too"].verdict == UNSHOWN
    assert poor["The published stage of a message is known when it is written"].text.replace(GAP, " ") == "40 %"
    assert claims(churn="worse")["The model tells more than the time in silence"].verdict == FAILS
    none = claims(kinds="few", churn="untold", trials="none")
    assert none[trial].verdict == none["A model tells it too"].verdict == OPEN
    assert none["Conversations fall into kinds by text alone"].verdict == OPEN
    assert claims(trials="long")[trial].verdict == FAILS


def test_without_texts_and_money_nothing_is_claimed_of_them(downloads: Path) -> None:
    bare = claims(kinds="no texts", ahead="no texts", stages="no money", money="no money")
    assert {c.topic for c in bare.values()} == {"Segments", "Silence", "Trials"}
    shown = chat_decisions.evidence_table(list(bare.values())).markdown
    assert "What decisions could stand on" in shown and "nan" not in shown


def test_what_is_never_done_is_the_list_of_playbooks() -> None:
    assert chat_decisions.never().markdown.splitlines() == [f"- {text}" for text in NEVER.values()]
