"""What the front page of the study of conversations says, whatever was found."""

from __future__ import annotations

import re
from types import SimpleNamespace as Plain
from typing import Any

import pandas as pd
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
    WORDS,
    cards,
    churned,
)
from chat_logs_told import silences
from personas_made import verdict
from report_project import closed
from said import cells, said

from segkit.data.provenance import Provenance
from segkit.inference.silence import Returns
from segkit.report import chat_churn, chat_front, chat_reading, studies
from segkit.report.prose import GAP

__all__ = ["closed"]
REAL = Provenance(True, True, "a log", "MIT", "c", "given", "", "ab" * 32, 10_000, 100)
MADE = Provenance(False, True, "simulation", "MIT", "c", "simulation", "", "ab" * 32, 10_000, 100)
SILENCES = silences()
BRIEF = Returns(SILENCES.table.assign(share=NAN), SILENCES.ever, {}, SILENCES.params, 1)


def says(
    label: str, *, kinds: str = "none", ahead: str = "level", churn: str = "silence", stages: str = "told", money: str = "steep",
    back: Any = SILENCES, ari: float | None = 0.1, **more: Any,
) -> str:  # fmt: skip
    names = {
        "_kinds": chat_reading.kinds(KINDS[kinds]), "_ahead": chat_reading.predicted(AHEAD[ahead]),
        "_leaving": chat_churn.facts(churned(churn)), "_back": chat_front.back(back),
        "_stages": chat_front.stages(*STAGES[stages]), "_money": chat_front.money(MONEY[money]),
        "_planted": chat_front.Planted(ari), "_cards": cards(), "verdict": verdict("no segmentation"), "provenance": MADE,
    }  # fmt: skip
    return said("index", label, TERMS, "conversations", **{**MODULES, **names, **more}).replace(GAP, " ")


def strange(text: str) -> bool:
    return bool(re.search(STRANGE, re.sub(r"\n+(- )?", " ", text)))


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("again", [0.1, 0.95, None])
def test_the_claim_reads_right_for_each_verdict(word: str, again: float | None) -> None:
    texts = {n: says(n, verdict=verdict(word), ari=again) for n in ("lead", "meaning", "planted")}
    assert {n: t for n, t in texts.items() if strange(t)} == {}
    assert bool(texts["planted"]) == (again is not None)


@pytest.mark.parametrize(
    ("label", "argument", "cases"),
    [("kinds", "kinds", KINDS), ("ahead", "ahead", AHEAD), ("leaving", "churn", [*SIDES, "untold"]), ("stages", "stages", STAGES),
     ("money", "money", MONEY)],
)  # fmt: skip
def test_each_answer_reads_right_whatever_was_found(label: str, argument: str, cases: Any) -> None:
    texts = {case: says(label, **{argument: case}) for case in cases}
    assert {c: t for c, t in texts.items() if strange(t) or "[" not in t} == {}


def test_every_cell_reads_right_without_texts_and_without_money() -> None:
    bare: dict[str, Any] = {
        "kinds": "no texts",
        "ahead": "no texts",
        "stages": "no money",
        "money": "no money",
        "provenance": REAL,
    }
    texts = {n: says(n, back=BRIEF, **bare) for n in cells("index", "conversations") if n}
    assert len(texts) == 9 and {n: t for n, t in texts.items() if strange(t)} == {}
    assert "The log has no texts, so nothing can be said of kinds." in texts["kinds"]
    assert (
        "so this cannot be asked. What pairs did before, without a word of text, reaches an AUC of 0.70"
        in texts["ahead"]
    )
    assert "the log is too short, or has too few silences" in texts["leaving"]
    assert (
        texts["stages"].startswith("**At what stage are pairs?** The log has no money")
        and "40 of 100 pairs" in texts["stages"]
    )
    assert texts["limits"].endswith("- Who buys. The log has no money.\n- What is written. The log has no texts.")


def test_no_kinds_is_an_answer() -> None:
    text = says("kinds")
    assert "there are no clusters, neither by text alone (method A) nor by text and profile (method B)." in text
    # what the rule saw at these numbers, and not what other samples gave
    assert "prediction strength is 0.90 (method A) and 0.90 (method B), where 0.8 is asked" in text
    assert "Of text alone (method A), nothing can be said: fewer than 10 documents have words." in says(
        "kinds", kinds="few"
    )
    assert "By text and profile (method B), there are two kinds (verdict: reproducible); as 70 % of" in says(
        "kinds", kinds="both"
    )


def test_texts_have_to_say_more_than_their_length() -> None:
    assert "about who writes again?** It is not shown. The area" in says("ahead")
    assert "Yes: text alone and text and profile say more of it" in says("ahead", ahead="better")
    assert "Yes: text and profile says more of it" in says("ahead", ahead="one")
    assert "even say less" in says("ahead", ahead="worse") and "fewer than ten subscribers" in says(
        "ahead", ahead="nothing"
    )


def test_the_model_is_put_beside_base_rate_and_silence() -> None:
    assert "better than the base rate with 0.200 (0.200 to 0.200), but not shown to be better than the time" in says(
        "leaving"
    )
    assert ", and better than the time in silence alone" in says("leaving", churn="model")
    assert "but worse than the time" in says("leaving", churn="worse")
    assert "not shown to be better than the base rate with" in says("leaving", churn="none")


def test_stages_are_counted_at_the_end_and_not_before() -> None:
    # 40 + 30, 10 + 8 and 7 + 5; of these 30 + 8 + 5 silent
    assert "70 pairs have bought nothing yet, 18 have bought once and 12 more than once." in says("stages")
    assert "43 of 100 pairs were silent" in says("stages")
    assert (
        "may not be told" in says("stages", stages="hidden")
        and "silent" not in says("stages", stages="hidden").split("[")[0]
    )
    assert "1 pair has bought nothing yet" in says("stages", stages="one")


def test_the_largest_ten_hold_what_a_geometric_series_says() -> None:
    """Of amounts 0.9^i the first 10 of 100 hold (1 - 0.9^10) / (1 - 0.9^100) = 65.1 %."""
    assert "The ten subscribers with the most revenue bring 65.1 % of it" in says("money")
    assert "too few subscribers" in says("money", money="few") and "no revenue" in says("money", money="none")


def test_planted_segments_that_are_missed_are_owned_up_to() -> None:
    assert "does not show that there is none" in says("planted")
    assert says("planted", ari=0.95).endswith("They are found again.")


def test_what_to_do_is_that_of_the_cards() -> None:
    assert says("meaning").startswith(f"**For those who answer.** {ALL}")
    assert "as the cards say" in says("meaning", _cards=cards("First.", "Last."))


def test_a_card_tells_of_medians_that_are_known() -> None:
    assert chat_front.card_facts({"messages": "messages"})(cards()[1]) == [("messages", "5"), ("conversations", "2")]


@pytest.mark.parametrize("back", [SILENCES, BRIEF])
@pytest.mark.parametrize("word", WORDS)
def test_the_card_of_the_study_says_how_many_come_back(word: str, back: Returns) -> None:
    made = Plain(
        name="conversations", cards=cards(), terms=TERMS, verdict=verdict(word), segments=Plain(k=2), returns=back
    )
    text = studies.claim(made)
    assert ("No number of segments of the 100 pairs" in text) == (word == "no segmentation")
    assert not re.search(STRANGE, text) and ("Of silences of 48 hours" in text) == (back is SILENCES)


def test_an_empty_log_of_states_tells_nothing() -> None:
    found = chat_front.stages(
        Plain(occupation=pd.DataFrame({"moment": [], "state": [], "silent": [], "pairs": []}), silence_hours=48.0), None
    )
    assert found.pairs is None and not found.told
