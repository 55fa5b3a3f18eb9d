"""What the page on profiles says: values that rules find, what is protected, two readers, and whether a profile helps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chats_told import TERMS, later, profiles, strange
from report_project import closed, closed_off, downloads
from said import said

from segkit.features.profiles import Profiles
from segkit.inference.next_period import NextPeriod
from segkit.inference.profile_agreement import agreement
from segkit.report import chat_next, chat_profiles
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
LABELS = ("lead", "fields", "found", "protected", "agreement", "design", "help", "meaning", "limits")
WORDS = [("better", "worse", "undecided"), ("worse", "undecided", "better"), ("undecided", "better", "worse"),
         ("better", "better", "better"), ("undecided", "undecided", "better")]  # fmt: skip


def says(
    label: str,
    found: Profiles | None,
    *,
    asked: bool = False,
    missing: int = 0,
    both: Any = None,
    seen: NextPeriod | None = None,
) -> str:
    names = {
        "_told": chat_profiles.told(found, asked=asked, missing=missing), "_both": chat_profiles.agreed(both),
        "_seen": chat_next.ahead(seen or later(texts=found is not None)),
    }  # fmt: skip
    return said("profiles", label, TERMS, "conversations", **names).replace(GAP, " ")


@pytest.mark.parametrize("kind", ["some", "none", "few", "all", "server"])
@pytest.mark.parametrize(("asked", "missing"), [(False, 0), (True, 7)])
def test_profiles_read_right_however_they_turn_out(kind: str, asked: bool, missing: int, downloads: Path) -> None:
    found = profiles(kind)
    for label in LABELS:
        text = says(label, found, asked=asked, missing=missing)
        assert text.strip() and not strange(text), (label, text)
    for shown in (chat_profiles.fields_table(found, profiles()), chat_profiles.values_table(found)):
        assert ">nan<" not in shown.markdown and "<b>model" not in shown.markdown
    assert ("share by rules" in chat_profiles.fields_table(found, profiles()).markdown) == (kind == "server")
    assert ("none of its answers is kept" in says("fields", found, asked=asked)) == (asked and kind != "server")
    assert ("has not described all" in says("fields", found, missing=missing)) == (kind == "server" and missing > 0)


def test_without_texts_the_page_says_so_and_shows_nothing_else() -> None:
    for label in LABELS:
        text = says(label, None)
        assert not strange(text), (label, text)
    assert says("lead", None).startswith("The log has no texts.")
    assert says("help", None) == "" and says("found", None) == ""
    whole = chat_profiles.told(None), chat_next.ahead(later(texts=False))
    assert chat_next.status(*whole) == "no texts"


def test_the_values_of_few_are_not_told_and_protected_ones_are_named(downloads: Path) -> None:
    few = profiles("few")  # three people tell of their age, and nobody of anything else
    assert chat_profiles.told(few).found == 0 and chat_profiles.told(few).hidden == 1
    assert "No field may be told of" in chat_profiles.fields_table(few, few).markdown
    assert "of one the number is not told" in says("found", few)
    some = profiles()  # of forty people each seventh tells of all six things: five are divorced
    assert "Found is “separated or divorced” (5)." in says("protected", some)
    assert "None of them is found." in says("protected", profiles("none"))
    every = pd.read_csv(next(downloads.rglob("fields.csv")))
    assert every.loc[every["field"] == "age_indicators", "people"].isna().all()


def fields_of(*rows: tuple[str, int, int, int, int]) -> pd.DataFrame:
    whole = [(f, n, k, k / n if n else float("nan"), 0.1, 0.9, o, w) for f, n, k, o, w in rows]
    return pd.DataFrame(whole, columns=["field", "planted", "noted", "share", "low", "high", "others", "wrongly"])


def test_what_was_planted_stands_beside_what_rules_note(downloads: Path) -> None:
    found = fields_of(
        ("age_indicators", 40, 10, 60, 6), ("life_events", 60, 50, 40, 0), ("job_or_career", 0, 0, 100, 0)
    )
    text = said("profiles", "planted", TERMS, "conversations", planted_fields=found).replace(GAP, " ")
    assert "60 % of what was planted is noted, most of life events (83 %) and least of age indicators (25 %)." in text
    assert "Of 3 % of those of whom a field tells nothing" in text and not strange(text)
    shown = chat_profiles.planted_table(found).markdown
    assert "Rules note 60 % of what was planted" in shown.replace(GAP, " ") and ">nan<" not in shown
    assert "10 % to 90 %" in shown.replace(GAP, " ")  # in the unit of the share beside it
    assert chat_profiles.planted(None) is None and chat_profiles.planted(found.iloc[2:]) is None
    assert "Nothing was planted" in chat_profiles.planted_table(found.iloc[2:]).markdown


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("brier", ["", "better"])
def test_whether_a_profile_helps_reads_right(words: tuple[str, str, str], brier: str, downloads: Path) -> None:
    seen = later(*words, brier=brier)
    for label in ("lead", "design", "help", "meaning", "limits"):
        text = says(label, profiles(), seen=seen)
        assert not strange(text), (label, text)
    text = says("help", profiles(), seen=seen)
    first = {"better": "Method B beats method A.", "worse": "Method A beats method B.",
             "undecided": "That method B beats method A is not shown."}[words[0]]  # fmt: skip
    assert first in text and ("Not all measures say the same" in text) == (brier == "better" != words[0])
    assert ("Use them to understand" in says("meaning", profiles(), seen=seen)) == (words[0] == "better")
    for shown in (chat_next.differences_table(seen), chat_next.measures_table(seen)):
        assert ">nan<" not in shown.markdown
    assert len(chat_next.areas_figure(seen).axes[0].get_yticks()) == 4
    said_of_it = chat_next.areas_caption(seen) + chat_next.areas_alt(seen)
    assert "behaviour ranks best" in said_of_it and ">nan<" not in said_of_it


def test_a_difference_is_told_with_its_sign_and_interval() -> None:
    up, down = (says("help", profiles(), seen=later(word)) for word in ("better", "worse"))
    assert "is 0.100 higher than without, with a 95 % interval of the difference from 0.050 to 0.150" in up
    assert "is 0.100 lower than without, with a 95 % interval of the difference from −0.150 to −0.050" in down


def test_what_cannot_be_told_or_tested_is_said(downloads: Path) -> None:
    hidden = later(told=False)
    for label in ("lead", "help", "meaning"):
        assert not strange(says(label, profiles(), seen=hidden))
    assert "How large the difference is may not be told." in says("help", profiles(), seen=hidden)
    assert ">nan<" not in chat_next.measures_table(hidden).markdown + chat_next.differences_table(hidden).markdown
    few = later(few=True)
    assert "could not be tested" in says("lead", profiles(), seen=few) and says("help", profiles(), seen=few) == ""
    assert "fewer than ten subscribers with a pair that wrote again" in says("design", profiles(), seen=few)
    assert not strange(says("limits", profiles(), seen=few))


def test_two_readers_stand_beside_each_other_where_both_ran(downloads: Path) -> None:
    one, other = profiles(), profiles("server")
    found = agreement(one, other, seed=1, draws=50)
    text = says("agreement", one, both=found)
    assert "The rules and a <b>model</b> both described 40 subscribers." in text
    assert "It is 1.00 for" in text, "the same profiles agree wherever there is anything to agree on"
    shown = chat_profiles.agreement_table(found).markdown
    assert ">nan<" not in shown and "<b>" not in shown and "model beside" not in shown
    nothing = agreement(profiles("few"), profiles("none"), seed=1, draws=50)
    assert "For no field may it be told." in says("agreement", one, both=nothing)
    assert "In no field is agreement told" in chat_profiles.agreement_table(nothing).markdown
    assert "Only the rules ran" in says("agreement", one)
