"""What the page on the export says: gaps, histories, dates and outcomes as they are, and nothing of few."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace as Plain
from typing import Any

import pandas as pd
import pytest
from prospects_told import HOSTILE, TERMS, audit
from report_project import closed, closed_off, downloads, unescaped
from said import said

from segkit.report import channel_audit
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;]|  |\.\.")
LABELS = ("lead", "missing", "history", "dates", "outcome", "dictionary", "notes", "meaning")
FULL = pd.DataFrame({"column": ["created", "closed"], "missing": [0, 900], "share": [0.0, 0.9]})
NOTHING = audit().history.iloc[:0]
CASES: dict[str, dict[str, Any]] = {
    "usual": {}, "one wrong": {"negative": 1}, "few wrong": {"negative": None}, "many wrong": {"negative": 30},
    "no gaps": {"missing": FULL}, "no history": {"history": NOTHING}, "none closed": {"closed": 0, "both": 0},
    "few closed": {"closed": None, "both": None, "won": None}, "the same": {"closed": 60, "won": 60, "both": 60},
    "all won closed": {"both": 60}, "all closed won": {"closed": 50, "both": 50},
    "nobody both": {"both": 0}, "few by system": {"system": None}, "one by system": {"system": 1}, "none by system": {"system": 0},
    "hidden": {"missing": pd.DataFrame({"column": ["sessions"], "missing": [None], "share": [None]}),
               "history": pd.DataFrame({"column": ["sessions"], "cells": [None], "most": [None]})},
    "notes": {"notes": ("Two columns are not used.", HOSTILE)}, "one": {"units": 1},
    "mostly empty": {"missing": pd.DataFrame({"column": ["sessions"], "missing": [900], "share": [0.9]})},
}  # fmt: skip


def says(
    label: str, found: Any, as_of: datetime | None = None, detector: str = "taxonomy", *, exact: bool = True
) -> str:
    names = {
        "_held": channel_audit.facts(found, exact=exact),
        "audit": found,
        "settings": Plain(as_of=as_of, detector=detector),
    }
    return said("audit", label, TERMS, "channels", **names).replace(GAP, " ")


@pytest.mark.parametrize("case", CASES)
def test_all_that_is_said_of_the_export_reads_right(case: str, downloads: Path) -> None:
    found = audit(**CASES[case])
    texts = [says(label, found) for label in LABELS]
    assert [t for t in texts if not t.strip() or STRANGE.search(t.replace("\n\n", " ").replace("\n", " "))] == []
    shown = [channel_audit.missing_table(found, TERMS), channel_audit.history_table(found)]
    shown.append(channel_audit.outcome_table(found, TERMS))
    words = [*(s.markdown for s in shown), channel_audit.missing_caption(found), channel_audit.missing_alt(found)]
    assert [t for t in words if re.search(r"\bnan\b|None|NaN", t)] == []
    assert len(channel_audit.missing_figure(found).axes) == 1


def test_the_numbers_are_those_of_the_export() -> None:
    text = says("lead", audit(negative=3))
    assert "holds 1,000 prospects, added from Jan 2023 to Dec 2023. 100 of them (10 %) are closed" in text
    assert "count as open on 1 Feb 2024" in text and "Three prospects were closed before they were added" in text
    assert "15 % were entered outside of any tracked visit" in text
    # Dates of what has not happened are no gaps: one column of five has some.
    assert (
        "One of five columns that the study uses has gaps, beside those that need not be filled; sessions is missing most often, "
        "for 2 %"
    ) in says("missing", audit())
    assert "50 are both; 100 are closed, and 60 are won." in says("outcome", audit())
    assert channel_audit.verdict(audit()) == "usable as it is"
    assert channel_audit.verdict(audit(negative=1)) == "usable, 1 closing date wrong"
    assert channel_audit.verdict(audit(negative=None)) == "usable, a few closing dates wrong"


def test_what_is_not_known_is_said() -> None:
    assert "does not say for both ways" not in says("missing", audit())
    assert "does not say for both ways" in says("missing", audit(missing=FULL))
    assert "Export the dates of the first online" in says("meaning", audit(missing=FULL))
    empty = pd.DataFrame({"column": ["first_online", "first_offline"], "missing": [1000, 3], "share": [1.0, 0.003]})
    assert not channel_audit.facts(audit(missing=empty)).dated
    assert "which the settings name" in says("dates", audit(), datetime(2024, 2, 1))
    assert "the last day on which" in says("dates", audit())
    assert "Correct the closing dates" in says("meaning", audit(negative=None))
    assert "have no sessions" in says("meaning", audit(**CASES["mostly empty"]))
    assert "tells nothing of first online touch." in says("missing", audit(missing=empty))


def test_days_are_told_of_public_data_only() -> None:
    assert "counted as open in Feb 2024" in says("dates", audit(), exact=False)
    assert not re.search(r"\d{1,2} (?:Jan|Feb|Dec)", " ".join(says(n, audit(), exact=False) for n in LABELS))


def test_the_way_of_finding_touches_is_the_one_in_use() -> None:
    assert "matched whole" in says("dictionary", audit())
    text = says("dictionary", audit(), detector="literal")
    assert "every text that holds a word counts" in text and "matched whole" not in text


def test_notes_are_text(downloads: Path) -> None:
    text = says("notes", audit(notes=("A note.", HOSTILE)))
    assert text.splitlines() == ["- A note.", f"- {HOSTILE}"]
    assert says("notes", audit()) == "Reading the export left nothing to note."
    odd = pd.DataFrame({"column": [HOSTILE], "missing": [5], "share": [0.005]})
    assert "<b>" not in channel_audit.missing_table(audit(missing=odd), TERMS).markdown


def test_tables_and_captions_tell_the_finding(downloads: Path) -> None:
    table = unescaped(channel_audit.missing_table(audit(), TERMS).markdown)
    assert "**One column has gaps, beside those that need not be filled.**" in table
    assert channel_audit.missing_caption(audit()).startswith(f"**Sessions: missing for 2{GAP}% of the prospects.**")
    assert (
        channel_audit.missing_alt(audit())
        .replace(GAP, " ")
        .startswith("Bars of the share that is missing. date closed 90 %")
    )
    assert "**Sessions changed most often.**" in unescaped(channel_audit.history_table(audit()).markdown)
    assert "are not the same prospects" in channel_audit.outcome_table(audit(), TERMS).markdown
    same = audit(closed=60, won=60, both=60)
    assert "are the same prospects here" in channel_audit.outcome_table(same, TERMS).markdown
