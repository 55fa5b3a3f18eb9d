"""Files without a header: columns are named by place, the first row is a record, and nothing of it is shown."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from small_log import KEY

from segkit.config import Contacts
from segkit.data import draft_settings, load_events, raw_identifiers
from segkit.errors import InputError

Write = Callable[..., Path]
FIRST = ["2025550177", "Xanbriol Fexquay", "2024-01-02 08:00:00", "61"]


def records(count: int = 48) -> list[list[str]]:
    """Return records of eight contacts and of one who calls once, first."""
    rows = [
        [f"202555010{i % 8}", f"Person {i % 8}", f"2024-01-{i % 28 + 1:02} 09:00:{i:02}", str(20 + i)]
        for i in range(count)
    ]
    return [FIRST, *rows[1:]]


def text(rows: list[list[str]], sign: str = ",") -> str:
    return "".join(sign.join(row) + "\n" for row in rows)


def by_place(**columns: str | None) -> Contacts:
    names = {"contact": "column 1", "date": "column 3", "duration": "column 4", **columns}
    return Contacts.model_validate(
        {"columns": {role: name for role, name in names.items() if name}, "format": {"date_order": "year-month-day"}}
    )


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_every_row_is_a_record(write: Write, sign: str) -> None:
    log = load_events(write(text(records(), sign)), by_place(), key=KEY)
    assert (log.rows, log.units) == (48, 9)
    assert sum(log.events.column("amount").to_pylist()) == 61 + sum(range(21, 68))
    assert log.audit.columns["name"].tolist() == ["column 1", "column 2", "column 3", "column 4"]
    assert any("no header" in note for note in log.audit.notes)


@pytest.mark.parametrize("above", ["", "Calls of January\n\n"])
def test_rows_count_from_the_first(write: Write, above: str) -> None:
    rows = records()
    rows[0] = [*FIRST[:3], "long"]
    with pytest.raises(InputError) as caught:
        load_events(write(above + text(rows)), by_place(), key=KEY)
    assert caught.value.rows == (1 + bool(above),) and caught.value.column == "column 4"


def test_a_workbook_without_a_header(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in records():
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "calls.xlsx")
    log = load_events(tmp_path / "calls.xlsx", by_place(), key=KEY)
    assert (log.rows, log.units) == (48, 9)
    assert draft_settings(tmp_path / "calls.xlsx").columns == {
        "contact": "column 1", "date": "column 3", "duration": "column 4",
    }  # fmt: skip


def test_names_by_place_are_searched_for(write: Write) -> None:
    found = raw_identifiers(write(text(records())), by_place(name="column 2"))
    assert "2025550177" in found.numbers or "2025550177" in repr(vars(found))
    assert not found.headers  # places are no names of anyone


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"duration": "seconds"}, "names some columns by place and some by name"),
        ({"duration": "column 5"}, "the file has 4 columns"),
    ],
)
def test_places_that_the_file_does_not_have(write: Write, columns: dict[str, str], what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        load_events(write(text(records())), by_place(**columns), key=KEY)
    assert not [word for word in FIRST if word in str(caught.value)]


def test_places_for_a_file_with_a_header_are_refused(write: Write) -> None:
    path = write("number,name,start,seconds\n" + text(records()))
    with pytest.raises(InputError, match="by place, and the first row looks like names of columns"):
        load_events(path, by_place(), key=KEY)


def test_columns_that_are_called_so_are_no_places(write: Write) -> None:
    path = write("column 3,column 2,column 1,column 4\n" + text([[r[2], r[1], r[0], r[3]] for r in records()]))
    log = load_events(path, by_place(), key=KEY)
    assert (log.rows, log.units) == (48, 9)


def test_a_draft_names_places_and_shows_no_cell(write: Write) -> None:
    draft = draft_settings(write(text(records())))
    assert draft.columns == {"contact": "column 1", "date": "column 3", "duration": "column 4"}
    shown = repr(draft)
    assert not [word for word in (*FIRST[:3], "Xanbriol", "Fexquay", "Person", "2025550101") if word in shown]
    assert "column 1: telephone numbers, 100% filled, 9 different values in 48 rows" in draft.toml
    assert "column 4: whole numbers, 100% filled, 47 different values in 48 rows" in draft.toml
    asked = {question.key: question for question in draft.questions}
    assert {"contact", "date", "duration"} <= set(asked)
    assert asked["name"].required and asked["name"].options == ("column 2", "none")


def test_a_draft_that_is_answered_loads(write: Write) -> None:
    path = write(text(records()))
    draft = draft_settings(path, {"name": "column 2", "duration_unit": "seconds"})
    assert draft.confident
    log = load_events(path, Contacts.model_validate(tomllib.loads(draft.toml)["contacts"]), key=KEY)
    assert (log.rows, log.units) == (48, 9)
