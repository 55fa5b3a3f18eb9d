"""Drafts for files of leads: the study is recognised, and only what the file cannot tell is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_leads import HEADER, KEY, rows, text
from small_log import log_rows
from small_purchases import day

from segkit import config
from segkit.contract import CALLS, LEADS, PURCHASES
from segkit.data import Draft, draft_settings, load_leads, write_draft
from segkit.errors import ConfigError
from segkit.interview import run

Write = Callable[..., Path]


def settings_of(draft: Draft, path: Path) -> config.Personas:
    plain = '[contacts.columns]\ndate = "d"\nduration = "s"\ncontact = "c"\n'
    (path.parent / "segkit.toml").write_text(plain)
    return config.load(path.parent, overlay=write_draft(path, draft, force=True)).personas


def renamed(*header: str) -> str:
    return text(rows(), header)


def test_leads_are_known_and_need_no_answer(write: Write) -> None:
    path = write(text(rows()), "leads.csv")
    draft = draft_settings(path)
    assert draft.study == "personas" and draft.confident and not draft.questions
    assert draft.columns == {"outcome": "is_sale", "state": "State", "industry": "Industry", "age_range": "Age_range"}
    assert load_leads(path, settings_of(draft, path), key=KEY).rows == 60


@pytest.mark.parametrize(
    "header",
    [
        ("converted", "State", "Sector", "Age group"),
        ("venta", "Estado", "Industria", "Edad"),
        ("gekauft", "Bundesland", "Branche", "Altersgruppe"),
        ("y", "province", "vertical", "age"),
        ("Closed Won", "state/province", "Industry", "Age"),
    ],
)
def test_headers_of_several_languages(write: Write, header: tuple[str, ...]) -> None:
    path = write(renamed(*header), "leads.csv")
    draft = draft_settings(path)
    assert draft.study == "personas" and draft.confident, draft.questions
    assert [*draft.columns] == ["outcome", "state", "industry", "age_range"] and draft.columns["state"] == header[1]
    assert [c.name for c in load_leads(path, settings_of(draft, path), key=KEY).columns] == [
        "state",
        "industry",
        "age_range",
    ]


def test_numbers_and_names_are_told_apart(write: Write) -> None:
    made = [[*r, f"L{i}", f"Person {i}", "x" if i % 2 else "y"] for i, r in enumerate(rows())]
    draft = draft_settings(write(text(made, (*HEADER, "Lead ID", "Name", "Lead Source"))))
    assert (
        draft.columns["id"] == "Lead ID"
        and draft.columns["name"] == "Name"
        and draft.columns["lead_source"] == "Lead Source"
    )


def test_an_outcome_that_no_name_tells_is_asked(write: Write) -> None:
    made = [[*r, "yes" if i % 2 else "no"] for i, r in enumerate(rows())]
    path = write(text(made, ("flag a", *HEADER[1:], "flag b")))
    draft = draft_settings(path, study="personas")
    (question,) = draft.questions
    assert question.key == "outcome" and question.required and question.options[:2] == ("flag a", "flag b")
    assert 'outcome = "?"' in draft.toml
    answered = draft_settings(path, {"outcome": "flag b", "study": "personas", "k": "5"})
    assert answered.confident and settings_of(answered, path).columns.outcome == "flag b"
    assert settings_of(answered, path).k == 5
    with pytest.raises(ConfigError, match="no question"):
        draft_settings(path, {"time_zone": "Europe/Berlin"}, study="personas")
    assert draft_settings(path, {"outcome": "flag b", "state": "none"}, study="personas").columns.keys() == {
        "outcome",
        "industry",
        "age_range",
    }


def test_logs_with_a_flag_stay_logs(write: Write) -> None:
    calls = [{**row, "converted": "yes" if i % 2 else "no"} for i, row in enumerate(log_rows())]
    assert draft_settings(write(calls)).study == "contacts"
    bought = [[f"C-{i % 8}", day(i), f"{10 + i}.50", "TRUE" if i % 2 else "FALSE"] for i in range(48)]
    assert draft_settings(write(text(bought, ("customer", "date", "amount", "sold")))).study == "customers"


def test_leads_with_a_date_are_leads(write: Write) -> None:
    made = [[*r, day(i)] for i, r in enumerate(rows())]
    assert draft_settings(write(text(made, (*HEADER, "Created")))).study == "personas"


def test_the_interview_writes_the_section(write: Write) -> None:
    path = write(text(rows()), "leads.csv")
    said: list[str] = []
    assert run(path, [], force=False, say=said.append, ask=lambda _: "") == 0
    assert "[personas.columns]" in path.with_name("leads.csv.toml").read_text() and "[personas.format]" not in said


def test_a_contract_without_events_has_no_gates_and_no_money() -> None:
    assert (LEADS.events, LEADS.gates, LEADS.money) == (False, (), False)
    assert CALLS.events and PURCHASES.money and len(CALLS.gates) == 4
