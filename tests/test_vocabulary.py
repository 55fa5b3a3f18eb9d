"""No sentence that several studies share names what only one of them is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from segkit.vocabulary import Vocabulary, article

PACKAGE = Path(__file__).parents[1] / "segkit"
ROOMS = ("report", "engine")
OWN = {"published"}  # what only the study of a call log shows and says; no module joins it
NOUN = r"contact(?:s|ed|ing)?|call(?:s|er|ers|ing)?"
WORD = re.compile(rf"(?<![A-Za-z])(?:{NOUN})(?![a-z])|(?<![A-Z])(?:Contact|Call)(?:s|er|ers)?(?![a-z])")
# Here the verb is English for "give a name to".
NAMING = re.compile(r"no registry calls public|package calls it public|decide nothing here, call a mean")


def nouns(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and word of what names a contact or a call, in names, strings, docstrings and comments."""
    for number, line in enumerate(text.splitlines(), start=1):
        for hit in WORD.finditer(NAMING.sub("", line.replace("__call__", "").replace("_", " "))):
            yield number, hit[0]


@pytest.mark.parametrize("room", ROOMS)
def test_shared_rooms_name_no_contact_and_no_call(room: str) -> None:
    modules = [p for p in sorted((PACKAGE / room).glob("*.py")) if p.stem not in OWN]
    assert len(modules) > 20
    assert {p.stem: found for p in modules if (found := list(nouns(p.read_text("utf-8"))))} == {}


def test_pages_that_studies_share_name_no_contact_and_no_call() -> None:
    parts = sorted((PACKAGE.parent / "chapters" / "_evidence").glob("*.qmd"))
    assert len(parts) >= 10
    assert {p.name: found for p in parts if (found := list(nouns(p.read_text("utf-8"))))} == {}


def test_what_one_study_says_is_still_there_to_be_left_out() -> None:
    for name in OWN:
        assert any(nouns((PACKAGE / "report" / f"{name}.py").read_text("utf-8"))), name


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('f"{n} contacts a week"', ["contacts"]),
        ('"n_calls"', ["calls"]),
        ("def next_call_figure(found: NextCalls) -> Figure:", ["call", "Calls"]),
        ('"Contacts who call"  # of a caller', ["Contacts", "call", "caller"]),
        ("from ..data.audit import CallAudit", ["Call"]),
        ('"that can be contacted"', ["contacted"]),
        ("Callable, callable, callback, recall, recalls, CALLOUTS, so called", []),
        ('f"which decide nothing here, call a mean below {least}"', []),
    ],
)
def test_the_lint_sees_what_it_should(line: str, found: list[str]) -> None:
    assert [word for _, word in nouns(line)] == found


def test_articles_go_by_sound() -> None:
    v = Vocabulary(unit="user", event="order", approach="email", record="export")
    assert (v.a_unit, v.an_event, v.an_approach, v.a_record) == ("a user", "an order", "an email", "an export")
    assert [article(n) for n in ("hour", "item", "one-off", "lead")] == [
        "a",
        "an",
        "a",
        "a",
    ]  # no study has hours as units
