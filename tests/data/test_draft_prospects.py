"""Drafts for exports of a CRM: known by their headers, and only what the file cannot tell is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_leads import HEADER as LEAD_HEADER
from small_leads import rows as lead_rows
from small_leads import text
from small_log import log_rows
from small_prospects import HEADER, KEY, changed, rows, whole

from segkit import config
from segkit.contract import CRM
from segkit.data import Draft, draft_settings, load_prospects, write_draft
from segkit.errors import ConfigError

Write = Callable[..., Path]


def settings_of(draft: Draft, path: Path) -> config.Channels:
    plain = '[contacts.columns]\ndate = "d"\nduration = "s"\ncontact = "c"\n'
    (path.parent / "segkit.toml").write_text(plain)
    return config.load(path.parent, overlay=write_draft(path, draft, force=True)).channels


def test_an_export_is_known_and_needs_no_answer(write: Write) -> None:
    path = write(text(rows(), HEADER), "contacts.csv")
    draft = draft_settings(path)
    assert draft.study == "channels" and draft.confident and not draft.questions
    assert draft.columns == {
        "id": "Record ID", "clicks_linkedin": "LinkedIn Clicks", "clicks_facebook": "Facebook Clicks",
        "sessions": "Number of Sessions", "original_source": "Original Source", "original_1": "Original Source Drill-Down 1",
        "latest_source": "Latest Traffic Source", "likelihood": "Likelihood to close", "created": "Create Date",
        "closed": "Close Date", "stage": "Lifecycle Stage", "owner": "Contact owner",
    }  # fmt: skip
    assert load_prospects(path, settings_of(draft, path), key=KEY).rows == 24


def test_internal_names_in_any_case_are_known_too(write: Write) -> None:
    header = ("hs_object_id", "HS_Analytics_Source", "createdate", "lifecyclestage")
    made = [[str(i), "OFFLINE", str(1704103200000 + i), "lead"] for i in range(24)]
    draft = draft_settings(write(text(made, header)))
    assert draft.study == "channels" and draft.confident
    assert draft.columns == dict(zip(("id", "original_source", "created", "stage"), header, strict=True))


def test_an_export_with_a_flag_and_much_else_stays_one(write: Write) -> None:
    made = [[*row, "yes" if i % 2 else "no", f"{i}.50", f"+1 555 010 {i:04}"] for i, row in enumerate(rows())]
    assert draft_settings(write(text(made, (*HEADER, "Converted", "Total Revenue", "Phone")))).study == "channels"


def test_other_files_are_what_they_were(write: Write) -> None:
    leads = [[*row, str(i), f"2024-01-{1 + i % 28:02}", "Web"] for i, row in enumerate(lead_rows())]
    header = (*LEAD_HEADER, "Record ID", "Create Date", "Lead Source")
    assert draft_settings(write(text(leads, header))).study == "personas"
    calls = [{**row, "Record ID": str(i)} for i, row in enumerate(log_rows())]
    assert draft_settings(write(calls)).study == "contacts"
    bought = [[f"C-{i % 8}", f"2024-01-{1 + i % 28:02}", f"{10 + i}.50", "web"] for i in range(48)]
    assert draft_settings(write(text(bought, ("id", "Create Date", "amount", "source")))).study == "customers"


def test_columns_of_another_crm_are_found_by_words_or_asked(write: Write) -> None:
    header = ("contact id", "created at", "lead source", "visits", "stage name")
    made = [[f"k{i}", f"2024-01-{1 + i % 28:02}", "Feria", str(i % 5), "lead"] for i in range(24)]
    path = write(text(made, header))
    draft = draft_settings(path, study="channels")
    assert draft.columns == dict(zip(("id", "created", "original_source", "sessions"), header, strict=False))
    assert draft.confident and load_prospects(path, settings_of(draft, path), key=KEY).rows == 24
    path = write(text(made, ("number", "day", "from", "visits", "x")), "other.csv")
    draft = draft_settings(path, study="channels")
    assert [q.key for q in draft.questions] == ["id", "original_source", "created"] and not draft.confident
    assert (
        draft.questions[0].options[0] == "number"
        and "from" in draft.questions[1].options
        and draft.questions[2].options[0] == "day"
    )
    answers = {"id": "number", "created": "day", "original_source": "from", "k": "2"}
    answered = draft_settings(path, answers, study="channels")
    assert answered.confident and settings_of(answered, path).k == 2
    assert load_prospects(path, settings_of(answered, path), key=KEY).touches["taxonomy"]["Event"].all()


def test_what_cells_leave_open_is_asked(write: Write) -> None:
    path = write(whole("Create Date", "1/2/2024", "3/4/2024"), "contacts.csv")
    draft = draft_settings(path)
    (question,) = draft.questions
    assert question.key == "date_order" and question.required and 'date_order = "?"' in draft.toml
    answered = draft_settings(path, {"date_order": "day/month/year", "k": "3"})
    found = settings_of(answered, path)
    assert answered.confident and (found.date_order, found.k) == ("day/month/year", 3)
    assert load_prospects(path, found, key=KEY).frame["created"].iloc[0].month == 2
    path = write(changed("Likelihood to close", "7", count=200), "scores.csv")
    (question,) = draft_settings(path).questions
    assert question.key == "score_unit" and question.options == ("share", "percent")
    assert settings_of(draft_settings(path, {"score_unit": "percent"}), path).score_unit == "percent"
    with pytest.raises(ConfigError, match="no answer to score_unit"):
        draft_settings(path, {"score_unit": "cents"})
    with pytest.raises(ConfigError, match="no question"):
        draft_settings(path, {"time_zone": "Europe/Berlin"})


def test_the_contract_has_no_events() -> None:
    assert (CRM.events, CRM.gates, CRM.money, CRM.required) == (False, (), False, ("id", "created"))
    assert all(role.aliases for role in CRM.roles)
