"""What reads how: the page lists the forms that are tested, with what they ask."""

from __future__ import annotations

import re
from pathlib import Path

from report_project import closed, closed_off, downloads, unescaped

from segkit.data.simulate.exports import CONTACTS, LENGTHS, MOMENTS, MONTHS
from segkit.report import reading

__all__ = ["closed", "closed_off", "downloads"]


def test_every_form_has_an_example_and_its_question(downloads: Path) -> None:
    forms = (*MOMENTS, *LENGTHS, *CONTACTS)
    assert {key for form in forms for key in form.asks} <= set(reading.QUESTIONS)
    shown = unescaped(reading.forms_table().markdown)
    told = [form for form in forms if form.name.split(", ")[-1] not in MONTHS]
    assert shown.count("<tr>") == len(told) + 1 < len(forms)
    others = [word for language in list(MONTHS)[1:] for word in (language, *MONTHS[language].split())]
    assert not [word for word in others if re.search(rf"\b{word}\b", shown)]
    asked = sum(bool(form.asks) for form in forms)
    assert f"{len(forms)} forms are read, {asked} of them with a question" in shown
    for example in (
        "Jan 2, 2024 3:03:20 PM",
        "1 min 21 s",
        "direction: Incoming",
        "start: 20…T15…",
        "timestamp: 17…",
    ):
        assert example in shown, example
    assert not re.search(r"\d{5}", shown)  # which may be the number of somebody
