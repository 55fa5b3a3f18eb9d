"""Categories become labels: what looks the same is one label and told, what looks different stays apart."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from payloads import PAYLOADS
from small_log import COLUMNS, KEY, log_rows

from segkit.config import Columns, Contacts
from segkit.data import EventLog, load_events
from segkit.data.labels import labels
from segkit.data.marks import visible
from segkit.features.events import CATEGORIES, event_features
from segkit.studies.contacts import CALLS
from segkit.text import LONGEST, flat

Write = Callable[..., Path]
SETTINGS = Contacts(columns=Columns(**COLUMNS))


def loaded(write: Write, categories: list[str]) -> EventLog:
    """Load sixty calls that carry the given categories in turn."""
    rows = [{**row, "category": categories[i % len(categories)]} for i, row in enumerate(log_rows())]
    return load_events(write(rows), SETTINGS, key=KEY)


def counts(log: EventLog) -> Counter[str | None]:
    return Counter(log.events.column("category").to_pylist())


def test_what_looks_the_same_is_one_category_and_told(write: Write) -> None:
    log = loaded(write, ["Caf\u00e9 bar", "Cafe\u0301\u00a0bar", "Caf\u00e9\n\u200bbar", "Bar", "\u2060\u3164"])
    assert counts(log) == {"Caf\u00e9 bar": 36, "Bar": 12, None: 12}
    said = " ".join(log.audit.notes)
    assert "2 categories are written without line breaks" in said
    assert "2 categories are counted with another one that looks the same" in said
    assert "24 cells had invisible characters" in said


def test_plain_categories_are_left_as_they_are_and_nothing_is_said(write: Write) -> None:
    log = loaded(write, ["Family", "family", "Supplier (2nd line)", "l'\u00e9cole"])
    assert counts(log) == dict.fromkeys(("Family", "family", "Supplier (2nd line)", "l'\u00e9cole"), 15)
    assert not [note for note in log.audit.notes if "categor" in note]


def test_long_categories_that_begin_alike_stay_apart(write: Write) -> None:
    long = ["x" * 200 + end for end in "abc"]
    found = counts(loaded(write, [*long, "x" * (LONGEST - 5) + "… (2)"]))
    assert len(found) == 4 and set(found.values()) == {15} and max(len(str(label)) for label in found) <= LONGEST


def test_labels_do_not_depend_on_the_order() -> None:
    texts = [*PAYLOADS, *(p + " " for p in PAYLOADS), *("y" * 90 + str(i) for i in range(200))]
    found = labels(texts)
    random.Random(5).shuffle(texts)
    assert labels(texts) == found
    assert all(label is None or label == flat(label) for label in found.values())
    seen = {flat(t, limit=None) for t in texts} - {""}
    assert len({label for label in found.values() if label}) == len(
        seen
    )  # one label for each text that looks different


def test_any_category_is_a_feature_of_its_own(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Query engines fold the case of a column's name, and read quotes and braces in it."""
    monkeypatch.setattr("segkit.features.events.SMALL_CELL", 1)  # the log has too few contacts for so many labels
    calls = loaded(write, ["Family"]).events
    kinds = sorted({flat(p) for p in PAYLOADS})
    for part in (["Sales", "sales", "SALES"], *(kinds[i : i + CATEGORIES] for i in range(0, len(kinds), CATEGORIES))):
        carried = pa.array([part[i % len(part)] for i in range(len(calls))]).dictionary_encode()
        table = event_features(calls.set_column(3, calls.schema.field(3), carried), SETTINGS, CALLS)
        names = [c.label for c in table.columns if c.block == "category"]
        assert sorted(names) == sorted(part)
        found = table.frame[[f"category: {n}" for n in names]].mul(table.frame["n_calls"], axis=0).sum()
        assert found.round().astype(int).tolist() == [carried.to_pylist().count(n) for n in names]


def test_names_of_columns_and_files_are_flat(write: Write) -> None:
    names = {role: f"{name}\u202e \x1b[31m<b>\n" for role, name in COLUMNS.items()}
    rows = [{f"{name}\u202e \x1b[31m<b>\n": value for name, value in row.items()} for row in log_rows()]
    stripped = {role: visible(name) for role, name in names.items()}
    log = load_events(write(rows, "a\u202e\x1b\n$x$.csv"), Contacts(columns=Columns(**stripped)), key=KEY)
    assert log.audit.file_name == "a $x$.csv"
    assert set(log.audit.columns["name"]) == {f"{name} [31m<b>" for name in COLUMNS.values()}
    assert not [note for note in log.audit.notes if note != flat(note, limit=None)]
