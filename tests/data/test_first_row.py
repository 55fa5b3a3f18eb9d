"""A first row that looks like data is no header, and nothing of it is printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_log import COLUMNS, KEY, Row, as_csv, log_rows, settings

from segkit.data import draft_settings, load_events, raw_identifiers
from segkit.data.headers import check_header, known_heading, looks_like_data
from segkit.errors import InputError

Write = Callable[..., Path]
WHO = ("2025550177", "Xanbriol", "Fexquay")


def rows_of(form: str) -> list[list[str]]:
    """Return records as several exports write them, the first with a person who must not be printed."""
    made = {
        "iso": lambda i: ["2025550101", f"2024-01-{i + 2:02} 08:00:00", str(20 + i)],
        "names": lambda i: ["2025550101", "Person 1", f"2024-01-{i + 2:02} 08:00:00", str(20 + i)],
        "words": lambda i: ["Person One", f"Jan {i + 2}, 2024 8:00:00 AM", f"{i} min {20 + i} s"],
        "epoch": lambda i: [str(1_704_182_400 + i), "Person One", str(20 + i)],
        "compact": lambda i: ["Person One", f"202401{i + 10}", f"08{i + 10}00", "20"],
        "mail": lambda i: ["x@example.org", "Monday", "long", "x"],
    }[form]
    rows = [made(i) for i in range(9)]
    rows[0] = [WHO[0] if c == "2025550101" else f"{WHO[1]} {WHO[2]}" if c.startswith("Person") else c for c in rows[0]]
    return rows


FORMS = ("iso", "names", "words", "epoch", "compact", "mail")


def say(error: pytest.ExceptionInfo[InputError]) -> str:
    text = str(error.value)
    assert not [w for w in (*WHO, "example.org", "2024", "1704182400") if w in text]
    assert error.value.__cause__ is None
    return text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_file_without_a_header_is_refused_where_names_are_given(tmp_path: Path, form: str, kind: str) -> None:
    rows, path = rows_of(form), tmp_path / f"calls.{kind}"
    if kind == "csv":
        path.write_text("\n".join(";".join(row) for row in rows))
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)  # type: ignore[union-attr]
        book.save(path)
    else:  # what a careless conversion makes of it
        pq.write_table(pa.table({name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}), path)
    with pytest.raises(InputError, match="the first row looks like data") as caught:
        load_events(path, settings(), key=KEY)
    assert caught.value.rows == (1,) and "Write a line with the names" in say(caught)
    assert ("Or name columns by their place" in caught.value.remedy) == (kind != "parquet")  # whose columns have names
    if kind == "parquet":
        with pytest.raises(InputError, match="the first row looks like data") as caught:
            draft_settings(path)
        say(caught)
    else:
        draft = draft_settings(path)
        assert "The file has no header" in draft.toml
        assert not [w for w in (*WHO, "example.org") if w in repr(draft)]


def test_settings_that_call_columns_by_cells_of_data(write: Write) -> None:
    rows = rows_of("names")
    path = write("\n".join(",".join(row) for row in rows))
    names = {"contact": rows[0][0], "name": rows[0][1], "date": rows[0][2], "duration": rows[0][3]}
    contacts = settings({**dict.fromkeys(COLUMNS), **names})
    for read in (lambda: load_events(path, contacts, key=KEY), lambda: raw_identifiers(path, contacts)):
        with pytest.raises(InputError, match="by what looks like a cell of data") as caught:
            read()
        say(caught)


def test_a_configured_column_called_like_a_contact(write: Write) -> None:
    """Names alone have no form; but a heading that is a contact's name elsewhere in the file is no heading."""
    rows = [{"Xanbriol Fexquay" if k == "name" else k: v for k, v in row.items()} for row in log_rows()]
    rows[5]["Xanbriol Fexquay"] = "xanbriol  FEXQUAY"
    with pytest.raises(InputError, match="the name of a column is also the name of a contact") as caught:
        load_events(write(rows), settings({"name": "Xanbriol Fexquay"}), key=KEY)
    say(caught)


@pytest.mark.parametrize("name", ["+1 202 555 0177", "x@example.org", "sip:x@pbx", "２０２５５５０１７７"])
def test_a_heading_with_the_form_of_an_identifier(write: Write, name: str) -> None:
    with pytest.raises(InputError, match="the name of column 10 has the form of an identifier") as caught:
        load_events(write([{**row, name: "x"} for row in log_rows()]), settings(), key=KEY)
    assert name not in str(caught.value)


def headed(*names: str) -> list[Row]:
    return [{**row, **dict.fromkeys(names, f"x{i}")} for i, row in enumerate(log_rows())]


def test_headings_outside_the_contract_are_searched_for_and_not_shown(write: Write) -> None:
    path = write(headed("Xanbriol", "2022", "status", "Telefon"))
    found = raw_identifiers(path, settings())
    assert found.headers == {"Xanbriol", "2022"}
    assert "Xanbriol" not in repr(found) and "Xanbriol" not in str(found)
    shown = load_events(path, settings(), key=KEY).audit.columns["name"].tolist()
    assert shown[-4:] == ["(column 10)", "(column 11)", "status", "Telefon"]


def test_equal_headings_are_named_by_their_place(write: Write) -> None:
    text = as_csv(headed("one", "two")).replace("one,two", "Xanbriol,Xanbriol", 1)
    with pytest.raises(InputError, match="columns 10 and 11 have one name") as caught:
        load_events(write(text), settings(), key=KEY)
    say(caught)


def test_empty_headings_are_places(write: Write) -> None:
    text = as_csv(headed("one", "two")).replace("one,two", ",two", 1)
    assert "(column 10)" in load_events(write(text), settings(), key=KEY).audit.columns["name"].tolist()


def test_a_word_of_the_first_row_is_no_hint_unless_call_logs_have_it(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check_header(tmp_path / "calls.csv", ("Nameh", "Dahte", "Durata"), ("name", "date", "duration"))
    assert "nearest" not in str(caught.value)


@pytest.mark.parametrize(
    ("first", "below", "data"),
    [
        (["date", "number", "seconds"], [["2024-01-02", "2025550101", "3"]], False),
        (["Datum", "Tel. 2", "Dauer (s)"], [["2.1.2024", "Tel. 3", "3"]], False),  # one form alike is a coincidence
        (["day", "2022", "2023"], [["Monday", "many", "few"]], False),
        (["day", "2022"], [["Monday", "17"]], True),
        (["Anna", "12:30"], [], True),
        (["Anna", "31.12.2024"], [], True),
        (["\u0665\u0665\u0665\u0660\u0661\u0660\u0661\u0660", "x"], [], True),
    ],
)
def test_what_looks_like_data(first: list[str], below: list[list[str]], data: bool) -> None:
    assert looks_like_data(first, below) == data


def test_every_heading_of_the_public_log_is_known() -> None:
    assert [name for name in COLUMNS.values() if not known_heading(name)] == []
