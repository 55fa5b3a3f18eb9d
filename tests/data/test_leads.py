"""Leads are read as they are meant, or refused with the place and the remedy.

Expected values are those of the files that the tests write, unless a comment says otherwise.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from small_leads import HEADER, KEY, rows, settings, text, with_column

from segkit import config
from segkit.data.leads import LeadTable, lead_identifiers, load_leads
from segkit.data.simulate.leads import COLUMNS, simulate_leads
from segkit.errors import ColumnError, ConfigError, InputError

Write = Callable[..., Path]


def load(path: Path, **given: object) -> LeadTable:
    return load_leads(path, settings(**given), key=KEY)


def refused(path: Path, **given: object) -> InputError:
    with pytest.raises(InputError) as caught:
        load(path, **given)
    assert path.name in str(caught.value) and "Remedy: " in str(caught.value)
    return caught.value


def aside(leads: LeadTable) -> dict[str, str]:
    return {x.label: x.why for x in leads.set_aside}


# Formats


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_every_delimiter_in_every_encoding(write: Write, delimiter: str, encoding: str) -> None:
    content = text(
        [[*r, "Peña, o más"] if i % 2 else [*r, "Köln | x"] for i, r in enumerate(rows())], (*HEADER, "Büro"), delimiter
    )
    leads = load(write(content.encode(encoding), "leads.txt"))
    assert (leads.rows, int(leads.outcome.sum())) == (60, 20)
    assert [c.name for c in leads.columns] == ["state", "industry", "age_range", "buro"]
    assert set(leads.frame["buro"]) == {"Peña, o más", "Köln | x"}
    assert leads.columns[-1].label == "Büro"


def test_parquet_and_workbooks_read_as_text_does(write: Write, tmp_path: Path) -> None:
    frame = pd.DataFrame(rows(), columns=list(HEADER))
    frame.assign(is_sale=frame["is_sale"] == "TRUE").to_parquet(tmp_path / "leads.parquet")
    book = openpyxl.Workbook()
    for record in [list(HEADER), *rows()]:
        book.active.append([{"TRUE": True, "FALSE": False}.get(cell, cell) for cell in record])
    book.save(tmp_path / "leads.xlsx")
    plain = load(write(text(rows()), "leads.csv"))
    for name in ("leads.parquet", "leads.xlsx"):
        pd.testing.assert_frame_equal(load(tmp_path / name).frame, plain.frame)


def test_the_table_is_typed_keyed_and_in_the_order_of_the_file(write: Write) -> None:
    path = write(with_column("budget", [str(1000 + 7 * i) for i in range(30)] + [""]))
    leads, again = load(path), load(path)
    assert all(re.fullmatch("[0-9a-f]{12}", i) for i in leads.frame.index) and leads.frame.index.is_unique
    assert (
        leads.outcome.index.equals(leads.frame.index)
        and leads.outcome.dtype == bool
        and leads.outcome.name == "converted"
    )
    assert leads.frame["state"].tolist() == [r[1] for r in rows()] and leads.frame["state"].dtype == "str"
    assert leads.frame["budget"].dtype == "float64" and leads.frame["budget"].isna().sum() == 1
    assert [c.kind for c in leads.columns] == ["category"] * 3 + ["number"]
    assert [c.sensitive for c in leads.columns] == [False, False, True, False]
    pd.testing.assert_frame_equal(leads.frame, again.frame)
    assert leads.fingerprint == again.fingerprint
    other = load_leads(path, settings(), key=b"another key, of no use either way")
    assert not set(other.frame.index) & set(leads.frame.index)


# Outcome


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("TRUE", "FALSE"),
        ("True", "false"),
        ("1", "0"),
        ("YES", "no"),
        ("y", "N"),
        ("Sí", "No"),
        ("si", "no"),
        ("1.0", "0.0"),
        (" y ", "n"),
    ],
)
def test_outcomes_in_any_case(write: Write, yes: str, no: str) -> None:
    made = [[yes if r[0] == "TRUE" else no, *r[1:]] for r in rows()]
    assert load(write(text(made))).outcome.tolist() == [r[0] == "TRUE" for r in rows()]


@pytest.mark.parametrize("cell", ["maybe", "2", "", "N/A", "won"])
def test_an_outcome_that_is_neither_is_refused_by_rows(write: Write, cell: str) -> None:
    made = rows()
    made[4][0] = made[9][0] = cell
    error = refused(write(text(made)))
    assert (error.column, error.rows, error.count) == ("is_sale", (6, 11), 2)  # the header is row 1
    assert "TRUE or FALSE" in error.remedy and (not cell or f"{cell!r}" not in str(error))


@pytest.mark.parametrize(("cell", "which"), [("1", "every lead converted"), ("no", "no lead converted")])
def test_one_class_is_refused_since_there_is_nothing_to_compare(write: Write, cell: str, which: str) -> None:
    error = refused(write(text([cell, *r[1:]] for r in rows())))
    assert which in error.problem and error.column == "is_sale"


def test_few_rows_are_told_and_very_few_refused(write: Write) -> None:
    assert "3 leads" in refused(write(text(rows(3)))).problem
    assert "19 leads" in refused(write(text(rows(19)))).problem
    (warning,) = load(write(text(rows(99)))).warnings
    assert warning.startswith("99 leads are few") and load(write(text(rows(100)))).warnings == ()


# Columns


def test_settings_name_columns_of_any_file(write: Write) -> None:
    path = write(text(rows(), ("gekauft", "Land", "Branche", "Alter")))
    with pytest.raises(ColumnError, match="segkit init"):
        load(path)
    leads = load(path, columns={"outcome": "gekauft", "state": "Land", "age_range": "Alter"})
    assert [c.name for c in leads.columns] == ["state", "branche", "age_range"]
    assert [c.part for c in leads.columns] == ["geography", "professional", "demographic"]
    assert refused(path, columns={"outcome": "gekauft", "state": "Bundesland"}).column == "Bundesland"
    assert refused(path, columns={"outcome": "gekauft"}, drop=["Farbe"]).column == "Farbe"
    assert aside(load(path, columns={"outcome": "gekauft"}, drop=["Land"])) == {"Land": "left out by the settings"}


@pytest.mark.parametrize(
    "table",
    ['k = 1', 'k_min = 9', 'clusterer = "ward"', 'columns.state = "State"', 'columns.outcome = "a"\ncolumns.state = "a"',
     'keep = ["a"]\ndrop = ["a"]', 'columns.outcome = "a"\ndrop = ["a"]', "restart = 3"],
)  # fmt: skip
def test_settings_that_contradict_themselves_are_refused(tmp_path: Path, table: str) -> None:
    base = '[contacts.columns]\ndate = "d"\nduration = "s"\ncontact = "c"\n'
    (tmp_path / "segkit.toml").write_text(base)
    assert config.load(tmp_path).personas == settings()  # projects of before load as they did
    (tmp_path / "segkit.toml").write_text(base + "[personas]\n" + table)
    with pytest.raises(ConfigError, match="personas"):
        config.load(tmp_path)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([f"{i}.5" for i in range(12)], "number"),
        ([f"{i},5" for i in range(12)], "number"),
        ([f"${i},000.00" for i in range(1, 13)], "number"),
        ([f"1.{i:03},5" for i in range(12)], "number"),
        ([str(i) for i in range(10)], "category"),  # ten values are few
        ([str(i) for i in range(11)], "number"),
        ([f"{i}.5" if i % 2 else f"{i},5" for i in range(12)], "category"),  # two decimal signs
        ([f"0{i}" for i in range(10, 22)], "category"),  # codes
        ([*(str(i) for i in range(12)), "many"], "category"),
    ],
)
def test_cells_decide_what_is_a_number(write: Write, cells: list[str], kind: str) -> None:
    assert load(write(with_column("extra", cells, 240))).columns[-1].kind == kind


def test_a_sign_that_may_be_of_thousands_follows_the_delimiter(write: Write) -> None:
    made = [[*r, f"{1 + i % 12},{500 + i % 12}"] for i, r in enumerate(rows())]
    head = (*HEADER, "extra")
    assert load(write(text(made, head))).frame["extra"].iloc[0] == 1500
    assert load(write(text(made, head, ";"))).frame["extra"].iloc[0] == 1.5


@pytest.mark.parametrize(
    ("name", "cells", "why"),
    [
        ("ref", [f"A{i}x" for i in range(60)], "a value of its own"),
        ("row no", [str(i) for i in range(60)], "a value of its own"),
        ("plan", ["basic"], "the same value"),
        ("plan", ["basic", ""], "the same value"),
        ("plan", ["M", "m"], "the same value"),
        ("plan", ["", "n/a"], "no value"),
        ("created", [f"2024-01-{i:02}" for i in range(1, 29)], "dates"),
        ("seen", ["10:15", "11:30:00"], "dates"),
        ("seen", ["5 Mar 2024", "6-abr-2024 10:00"], "dates"),
        ("seen", ["March 5, 2024", "Apr 2024"], "dates"),
        (
            "note",
            [f"they asked for a call in week {i} and wanted to hear of prices too" for i in range(30)],
            "free text",
        ),
        ("E-mail", ["a@example.org", "b@example.org"], "persons"),
        ("how to reach", ["0555 010 999", "0555 010 998"], "persons"),
        ("First Name", ["Anna", "Ben"], "persons"),
    ],
)
def test_what_describes_nobody_is_set_aside_with_its_reason(
    write: Write, name: str, cells: list[str], why: str
) -> None:
    leads = load(write(with_column(name, cells)))
    assert why in aside(leads)[name] and len(leads.columns) == 3 and all(c.column != "plan" for c in leads.changes)


def test_many_rare_values_are_set_aside_but_job_titles_stay(write: Write) -> None:
    cells = [f"kind {i % 300}" for i in range(600)]
    assert "more than 200" in aside(load(write(with_column("extra", cells))))["extra"]
    assert load(write(with_column("Job Title", [f"title {i}" for i in range(600)]))).columns[-1].name == "job_title"


def test_a_flag_of_who_can_be_reached_stays(write: Write) -> None:
    assert load(write(with_column("mobile", ["yes", "no", ""]))).columns[-1].name == "mobile"


def test_columns_are_known_only_where_all_of_the_public_data_are(write: Write) -> None:
    made = [["yes" if i % 3 else "no", "a" if i % 2 else "b", f"Person {i % 7}"] for i in range(60)]
    with pytest.raises(ColumnError, match="not known"):
        load(write(text(made, ("y", "education", "contact"))))


def test_amounts_that_differ_from_lead_to_lead_stay_numbers(write: Write) -> None:
    cells = [str(30_000 + 977 * i) for i in range(60)]
    assert load(write(with_column("income", cells))).columns[-1].kind == "number"
    assert aside(load(write(with_column("income id", cells))))  # called a number of rows


def test_names_of_columns_are_made_distinct(write: Write) -> None:
    made = [[*r, "a" if i % 2 else "b", "c" if i % 3 else "d"] for i, r in enumerate(rows())]
    leads = load(write(text(made, (*HEADER, "Plan!", "plan"))))
    assert [c.name for c in leads.columns[-2:]] == ["plan", "plan_2"]
    assert [c.label for c in leads.columns[-2:]] == ["Plan!", "Plan"]


# Missing values and duplicates


def test_words_for_nothing_are_missing_and_counted(write: Write) -> None:
    words = ["NA", "n/a", "null", "None", "unknown", "-", "NaN", "--", ""]
    leads = load(write(with_column("plan", ["a", "b", *words], 110)))
    assert leads.frame["plan"].isna().sum() == 90
    told = {c.before: c.rows for c in leads.changes if c.column == "plan"}
    assert told == dict.fromkeys(words[:-1], 10)  # an empty cell is no change
    assert {c.after for c in leads.changes} == {""}


def test_duplicates_are_counted_without_what_identifies(write: Write) -> None:
    made = [["1" if i % 2 else "0", f"K{i}", "x" if i % 2 else "y", "z" if i % 4 else "w"] for i in range(60)]
    leads = load(
        write(text(made, ("is_sale", "id", "State", "Industry"))),
        columns={"outcome": "is_sale", "state": "State", "id": "id"},
    )
    assert (leads.duplicates, leads.rows) == (57, 60)  # three different rows


def test_leads_are_keyed_by_their_number_wherever_they_stand(write: Write) -> None:
    made = [[*r, f"N{i}"] for i, r in enumerate(rows())]
    made[7][-1] = made[3][-1]
    made[9][-1] = ""
    given = {"columns": {"outcome": "is_sale", "id": "no"}}
    one = load(write(text(made, (*HEADER, "no")), "a.csv"), **given)
    two = load(write(text(made[::-1], (*HEADER, "no")), "b.csv"), **given)
    assert one.frame.index.is_unique and set(one.frame.index) == set(two.frame.index)
    alone = one.frame.index.delete([3, 7])  # have one number
    pd.testing.assert_frame_equal(one.frame.loc[alone], two.frame.loc[alone])


def test_identifiers_are_collected_for_the_search_of_pages(write: Write) -> None:
    made = [[*r, f"N{i}", f"p{i}@example.org", f"X{i}y"] for i, r in enumerate(rows())]
    path = write(text(made, (*HEADER, "no", "email", "ref")))
    found = lead_identifiers(path, settings(columns={"outcome": "is_sale", "id": "no"}))
    assert found.numbers == {f"N{i}" for i in range(60)} | {f"X{i}y" for i in range(60)}
    assert found.names == {f"p{i}@example.org" for i in range(60)} and not found.headers


# Hostile cells


def test_hostile_cells_are_text_on_one_line(write: Write) -> None:
    cells = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "a\nb", "\u202eabc", "x" * 200]
    leads = load(write(with_column("plan", cells)))
    assert set(leads.frame["plan"]) == {cells[0], cells[1], "a b", "abc", "x" * 79 + "…"}


def test_a_telephone_number_among_categories_is_no_value(write: Write) -> None:
    leads = load(write(with_column("plan", ["a", "b"] * 29 + ["call 0555 123 456", "c"])))
    assert leads.frame["plan"].isna().sum() == 1
    assert [(c.before, c.rows) for c in leads.changes] == [("(a number or an address of somebody)", 1)]


@pytest.mark.parametrize("size", [40_000, 10_000_000])
def test_enormous_cells_are_refused(write: Write, size: int) -> None:
    made = rows()
    made[5][1] = "x" * size
    assert "longer than" in refused(write(text(made))).problem


def test_no_message_quotes_a_cell(write: Write) -> None:
    made = rows()
    made[4][0] = "Xanbriol 0555"
    assert "Xanbriol" not in str(refused(write(text(made))))


# Size


@pytest.mark.slow
def test_a_hundred_thousand_leads_take_seconds(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    simulate_leads(42, rows=100_000).write_csv(path)
    start = time.process_time()
    leads = load(path)
    assert time.process_time() - start < 15  # a second or two on an idle machine; this is for one that is not
    assert leads.rows == 100_000 and [c.kind for c in leads.columns] == ["category"] * (len(COLUMNS) - 1)
    assert np.isclose(leads.outcome.mean(), 0.28, atol=0.01)
