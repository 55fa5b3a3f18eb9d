"""What stands around a table is skipped and said where it is no record beyond doubt; anything else is named with its row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from segkit.data import opening
from segkit.data.draft import draft_settings
from segkit.data.surroundings import is_footer
from segkit.data.tables import Table, open_table
from segkit.errors import InputError

Write = Callable[..., Path]
NAMES = ["start", "number", "seconds"]
HEADER = "start,number,seconds\n"
ROWS = [f"2024-01-{day:02} 08:00:00,202555010{day % 4},{60 + day}" for day in range(2, 12)]
BODY = "\n".join(ROWS) + "\n"


def cells(table: Table) -> list[str]:
    """Return the records of a table in their order, and check that their numbers ascend."""
    found = table.connection.execute(f"SELECT {table.row}, c0, c1, c2 FROM raw").fetchall()
    assert [row for row, *_ in found] == sorted({row for row, *_ in found})
    return [",".join(record) for _, *record in found]


def read(path: Path) -> tuple[list[int], tuple[str, ...]]:
    """Return the row numbers of the log's records, which must be there whole, and the notes."""
    with open_table(path) as first:
        assert cells(first) == ROWS
    with open_table(path, NAMES, section="[contacts.columns]") as table:
        assert cells(table) == ROWS
        return [
            row for (row,) in table.connection.execute(f"SELECT {table.row} FROM raw").fetchall()
        ], table.source.notes


@pytest.mark.parametrize(
    ("text", "first", "note"),
    [
        ("Call report\nFrom 2024-01-01 to 2024-01-31\n\n" + HEADER + BODY, 4, "2 lines above the table were skipped (rows 1, 2)."),
        ("Call report,,\nPeriod:,2024-01-01,\n,,\n" + HEADER + BODY, 5, "3 lines above the table were skipped"),
        ("# calls of one line\n// and more\n-- all of them, too\n" + HEADER + BODY, 5, "3 lines above the table were skipped"),
        ('"sep=,"\n' + HEADER + BODY, 3, "1 line above the table was skipped (row 1)."),
        (HEADER + "timestamp,varchar(20),int\n" + BODY, 3, "1 line of dashes or of types was skipped (row 2)."),
        (HEADER + "-----,------,---\n" + BODY, 3, "1 line of dashes or of types was skipped (row 2)."),
        (HEADER + "---------------\n" + BODY, 3, "1 line of dashes or of types was skipped (row 2)."),
        (HEADER + BODY + "Total calls: 10\n", 2, "1 line of totals or remarks at the end was skipped (row 12)."),
        (HEADER + BODY + "TOTAL,,675\n", 2, "1 line of totals or remarks at the end was skipped (row 12)."),
        (HEADER + BODY + ",,\n,,\n", 2, "2 rows without any cell were skipped (rows 12, 13)."),
        (HEADER + BODY + "\n---\nGesamt;;\n(10 rows)\n", 2, "2 lines of totals or remarks at the end were skipped (rows 13, 14)."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_around_the_table(write: Write, text: str, first: int, note: str, end: str, codec: str) -> None:
    rows, notes = read(write(text.replace("\n", end).encode(codec)))
    assert rows == list(range(first, first + 10))
    assert any(note in said for said in notes)


def test_a_line_that_states_the_delimiter_is_obeyed(write: Write) -> None:
    with open_table(write("sep=;\n" + (HEADER + BODY).replace(",", ";")), NAMES) as table:
        assert (table.count, table.source.delimiter) == (10, ";")
    with open_table(write("sep=|\na|b,c,d,e\n1|2,3,4,5\n")) as table:
        assert (table.source.header, table.source.delimiter) == (("a", "b,c,d,e"), "|")


def test_lines_between_records_keep_the_numbers_of_rows(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        HEADER + "\n".join([*ROWS[:3], HEADER.strip(), *ROWS[3:5], "# a page ends", *ROWS[5:], HEADER.strip()]) + "\n"
    )
    path = write(text)
    for chunk in (opening.CHUNK, 64):
        monkeypatch.setattr(opening, "CHUNK", chunk)
        rows, notes = read(path)
        assert rows == [2, 3, 4, 6, 7, 9, 10, 11, 12, 13]
        assert "2 lines that repeat the header were skipped (rows 5, 14)." in notes
        assert "1 comment line was skipped (row 8)." in notes


def test_numbers_of_rows_in_a_long_file(write: Write) -> None:
    """More rows than the engine keeps together; a header on every page."""
    lines = [f"2024-01-02 08:00:00,2025550101,{i}" for i in range(300_000)]
    pages = [line for at in range(0, len(lines), 1000) for line in (HEADER.strip(), *lines[at : at + 1000])]
    with open_table(write("\n".join(pages) + "\n"), NAMES) as table:
        found = table.connection.execute(f"SELECT {table.row}, CAST(c2 AS BIGINT) FROM raw").fetchnumpy()
        rows, values = found.values()
        np.testing.assert_array_equal(values, np.arange(300_000))
        np.testing.assert_array_equal(rows, np.arange(300_000) + 2 + np.arange(300_000) // 1000)
        assert any(note.startswith("299 lines that repeat the header were skipped") for note in table.source.notes)


@pytest.mark.parametrize(
    ("last", "rows"),
    [
        ("2024-01-12 08:00", (12,)),  # a record that was cut off
        ("Xanbriol", (12,)),
        ("Total,2024-01-12", (12,)),  # a contact called so, cut off
        ("#31#2025550101,60", (12,)),  # a number with a code before it
    ],
)
def test_records_that_were_cut_off_are_refused(write: Write, last: str, rows: tuple[int, ...]) -> None:
    with (
        pytest.raises(InputError, match="1 line has too few fields") as caught,
        open_table(write(HEADER + BODY + last)),
    ):
        pass
    assert caught.value.rows == rows and last.split(",")[0] not in str(caught.value)


@pytest.mark.parametrize("line", ["Total calls: 2", "2024-01-02 08:00:00,2025550101"])
def test_narrow_lines_in_the_middle_are_refused(write: Write, line: str) -> None:
    text = HEADER + "\n".join([*ROWS[:3], line, *ROWS[3:]])
    with pytest.raises(InputError, match="1 line has too few fields") as caught, open_table(write(text)):
        pass
    assert caught.value.rows == (5,)


def test_whole_records_stay_whatever_their_words(write: Write) -> None:
    """A contact called Total, one called like a comment, and a negative number are records."""
    rows = [
        "Total,2024-01-02 08:00:00,60",
        "# 5,2024-01-03 08:00:00,61",
        "-5,2024-01-04 08:00:00,62",
        "*,2024-01-05 08:00:00,63",
    ]
    with open_table(write("who,start,seconds\n" + "\n".join([*rows, *rows])), ["who"]) as table:
        assert cells(table) == rows * 2 and table.source.notes == ()


def test_a_header_with_one_name_too_few_is_no_title(write: Write) -> None:
    text = "start,number\n" + BODY
    for read_it in (lambda: draft_settings(write(text)), lambda: open_table(write(text), ["start"]).__enter__()):
        with pytest.raises(InputError, match="10 lines have too many fields; the header has 2 columns"):
            read_it()


@pytest.mark.parametrize(
    "word", ["Total", "Summe", "Gesamtdauer", "Totaux", "Suma", "Somma", "Totaal", "Yhteensä", "合计", "Итого"]
)
def test_words_for_totals(word: str) -> None:
    assert is_footer([word, "", "", "123"], 4) and is_footer([f"{word}: 17"], 4)
    assert not is_footer([word, "2024-01-02", "08:00", "60"], 4)


def test_a_workbook_with_lines_around_its_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    records = [row.split(",") for row in ROWS]
    types = ["datetime", "text", "int"]
    lines = [["Call report"], [], NAMES, types, *records[:5], NAMES, *records[5:], [], ["Total", None, 675]]
    for line in lines:
        book.active.append(line)  # type: ignore[union-attr]
    book.save(tmp_path / "calls.xlsx")
    rows, notes = read(tmp_path / "calls.xlsx")
    assert rows == [5, 6, 7, 8, 9, 11, 12, 13, 14, 15]
    assert notes == (
        "1 line above the table was skipped (row 1).",
        "1 line that repeats the header was skipped (row 10).",
        "1 line of dashes or of types was skipped (row 4).",
        "1 line of totals or remarks at the end was skipped (row 17).",
    )
