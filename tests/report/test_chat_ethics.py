"""What the page on what is not done says: the rules as the list has them, and whether this report kept them."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from chats_told import TERMS, strange
from report_project import REPOSITORY, closed, closed_off, downloads
from said import said

from segkit.data import forbidden_tactics
from segkit.data.profile_lexicon import lexicon
from segkit.report import chat_ethics
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
CLEAN, BROKEN = (
    ["Answer in turn.", "Wait until they write."],
    ["Answer in turn.", "Only today!", "Write when they are lonely."],
)


@pytest.mark.parametrize("texts", [CLEAN, BROKEN, BROKEN[:2], []])
@pytest.mark.parametrize("profiler", ["rules", "server"])
@pytest.mark.parametrize("way", ["words", "server"])
@pytest.mark.parametrize("has_text", [True, False])
def test_the_page_reads_right(texts: list[str], profiler: str, way: str, has_text: bool) -> None:
    line = chat_ethics.facts(len(texts), texts, profiler=profiler, way=way, has_text=has_text)
    told = {x: said("ethics", x, TERMS, "conversations", _line=line).replace(GAP, " ")
            for x in ("lead", "line", "kept", "protected", "limits-kept", "meaning")}  # fmt: skip
    for label, text in told.items():
        assert text and not strange(text), (label, text)
    assert ("some break a rule" in told["lead"]) == ("Do not use the playbooks" in told["meaning"]) == bool(line.broken)
    assert ("By its settings no text leaves" in told["limits-kept"]) == (
        not has_text or "server" not in (profiler, way)
    )
    assert chat_ethics.status(line).startswith(f"{len(forbidden_tactics.NEVER)} rules")


def test_rules_and_reasons_are_those_of_the_list(downloads: Path) -> None:
    shown = chat_ethics.rules_table().markdown
    told = pd.read_csv(next(downloads.rglob("line.csv")))
    assert told["what every playbook says"].tolist() == list(forbidden_tactics.NEVER.values())
    assert told["why"].tolist() == list(forbidden_tactics.WHY.values()) and "Seven rules" in shown
    line = chat_ethics.facts(0, BROKEN, profiler="rules", way="words", has_text=True)
    assert line.broken == ["urgency", "vulnerability"] and line.version == forbidden_tactics.VERSION
    assert set(line.open) & set(line.closed) == set() and len(line.open + line.closed) == len(lexicon().values)


def test_the_check_refuses_what_it_is_shown_by_and_nothing_kind(downloads: Path) -> None:
    chat_ethics.examples_table()
    found = pd.read_csv(next(downloads.rglob("examples.csv"))).set_index("sentence")["breaks"]
    assert found["Answer at the length that they write."].startswith("nothing")
    assert found["Write when they feel lonely."] == "vulnerability" and (found.str.startswith("nothing")).sum() == 1


def test_every_protected_value_of_the_vocabulary_is_named(downloads: Path) -> None:
    chat_ethics.protected_table()
    told = pd.read_csv(next(downloads.rglob("protected.csv")))["protected values"].str.split(", ").explode()
    assert sorted(told) == sorted(value for _, value in lexicon().protected)


def test_the_page_says_what_masks_miss_and_leads_to_privacy() -> None:
    text = (REPOSITORY / "chapters" / "conversations" / "ethics.qmd").read_text("utf-8")
    assert "They do not recognise names of people" in text and "../privacy.qmd" in text
    assert all(re.search(word, text) for word in ("Consent", "law", "opt out", "no legal advice"))
