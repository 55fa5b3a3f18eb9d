"""Drafts for logs of messages: known by their headers, and only what the file cannot tell is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_leads import text
from small_log import log_rows
from small_messages import HEADER, KEY, letters, rows, whole

from segkit import config
from segkit.contract import MESSAGES
from segkit.data import Draft, draft_settings, load_messages, write_draft
from segkit.errors import ConfigError

Write = Callable[..., Path]


def settings_of(draft: Draft, path: Path) -> config.Conversations:
    plain = '[contacts.columns]\ndate = "d"\nduration = "s"\ncontact = "c"\n'
    (path.parent / "segkit.toml").write_text(plain)
    return config.load(path.parent, overlay=write_draft(path, draft, force=True)).conversations


def test_a_log_is_known_and_needs_no_answer(write: Write) -> None:
    path = write(text(rows(), HEADER), "messages.csv")
    draft = draft_settings(path)
    assert draft.study == "conversations" and draft.confident and not draft.questions
    assert draft.columns == {
        "subscriber": "fan_id", "account": "model_name", "time": "datetime", "staff": "chatter_name", "inbound": "fan_message",
        "outbound": "chatter_message", "price": "price", "purchased": "purchased", "tips": "tips", "revenue": "revenue",
    }  # fmt: skip
    assert load_messages(path, settings_of(draft, path), key=KEY).frame["revenue"].sum() == 55


def test_whether_people_write_to_each_other_is_asked(write: Write) -> None:
    path = write(letters(), "letters.csv")
    draft = draft_settings(path)
    assert draft.study == "conversations"
    assert draft.columns == {"subscriber": "sender", "account": "receiver", "time": "unix_time"}
    (question,) = draft.questions
    assert question.key == "both_ways" and question.required and 'both_ways = "?"' in draft.toml
    answered = draft_settings(path, {"both_ways": "true", "k": "3"})
    found = settings_of(answered, path)
    assert answered.confident and found.both_ways is True and found.k == 3
    assert load_messages(path, found, key=KEY).frame["pair"].nunique() == 30
    with pytest.raises(ConfigError, match="no answer to both_ways"):
        draft_settings(path, {"both_ways": "perhaps"})


def test_an_open_order_of_dates_is_asked(write: Write) -> None:
    path = write(whole("datetime", "1/2/2024 10:00"), "m.csv")
    (question,) = draft_settings(path).questions
    assert question.key == "date_order" and question.required
    found = settings_of(draft_settings(path, {"date_order": "month/day/year"}), path)
    assert load_messages(path, found, key=KEY).frame["time"][0].day == 2


def test_columns_of_another_log_are_found_by_words_or_asked(write: Write) -> None:
    header = (
        "operator no",
        "creator handle",
        "x",
        "y",
        "price in EUR",
        "was purchased",
        "fan number",
        "sent timestamp",
        "tip",
        "z",
    )
    path = write(text(rows(), header), "other.csv")
    draft = draft_settings(path, study="conversations")
    assert draft.columns == {
        "subscriber": "fan number", "account": "creator handle", "time": "sent timestamp", "staff": "operator no",
        "price": "price in EUR", "purchased": "was purchased", "tips": "tip",
    }  # fmt: skip
    assert load_messages(path, settings_of(draft, path), key=KEY).currency == "EUR"
    path = write(text(rows(), list("abcdefghij")), "unnamed.csv")
    draft = draft_settings(path, study="conversations")
    assert [q.key for q in draft.questions] == ["subscriber", "account", "time"] and not draft.confident
    answered = draft_settings(path, {"subscriber": "g", "account": "b", "time": "h"}, study="conversations")
    assert answered.confident and load_messages(path, settings_of(answered, path), key=KEY).rows == 48


def test_other_files_are_what_they_were(write: Write) -> None:
    calls = [[str(i % 8), str(i % 5), f"2024-01-{1 + i % 28:02} 10:00", f"0:{i % 60:02}"] for i in range(48)]
    assert draft_settings(write(text(calls, ("from", "to", "time", "duration")))).study == "contacts"
    spoken = [
        [f"sip:{i % 8}@pbx", f"sip:{i % 5}@pbx", f"2024-01-{1 + i % 28:02} 10:00", f"{i % 60}"] for i in range(48)
    ]
    for header in "talk (s)", "length", "sec":
        assert draft_settings(write(text(spoken, ("from", "to", "date", header)))).study == "contacts"
    told = [[f"a{i % 8}", f"b{i % 5}", f"2024-01-{1 + i % 28:02} 10:00", "Yes", f"{i % 60}"] for i in range(48)]
    assert draft_settings(write(text(told, ("from", "to", "date", "reply", "length")))).study == "conversations"
    assert draft_settings(write(log_rows())).study == "contacts"
    bought = [[f"C-{i % 8}", f"A-{i % 3}", f"2024-01-{1 + i % 28:02}", f"{10 + i}.50"] for i in range(48)]
    assert draft_settings(write(text(bought, ("customer_id", "account_id", "date", "amount")))).study == "customers"


def test_the_contract_has_no_events() -> None:
    assert (MESSAGES.events, MESSAGES.gates, MESSAGES.money) == (False, (), False)
    assert MESSAGES.required == ("subscriber", "account", "time") and all(role.aliases for role in MESSAGES.roles)
