"""Every record is as wide as the header: a shifted row never becomes a number among the categories."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from small_log import CALLS, KEY, as_csv, log_rows, settings

from segkit.data import files, limits, load_events, opening, records
from segkit.data.records import count_records
from segkit.errors import InputError, SegkitError

Write = Callable[..., Path]
LAST = [
    "date_stamp",
    "time",
    "day-of_week",
    "month",
    "year",
    "duration_in_seconds",
    "name",
    "dialled_phone_number",
    "category",
]


def lines() -> list[str]:
    """Return the log with the category last and empty in each third row, as an export with a trailing delimiter has it."""
    rows = [{name: row[name] for name in LAST} for row in log_rows()]
    for row in rows[::3]:
        row["category"] = ""
    return as_csv(rows).strip().split("\n")


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load_events(path, settings(), key=KEY)
    assert not any(row[k] in str(caught.value) for row in log_rows() for k in ("name", "dialled_phone_number"))
    return caught.value


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_surname_behind_an_unquoted_comma_shifts_no_cell(write: Write, end: str, codec: str) -> None:
    """One comma within the name and the trailing one: ten cells, of which the reader of the engine takes the first nine."""
    text = lines()
    text[4] = text[4].replace(" Surname", ", Surname")
    error = refused(write(end.join(text).encode(codec)))
    assert error.rows == (5,) and "1 line has too many fields; the header has 9 columns" in str(error)


@pytest.mark.parametrize("header", ["", ","])
def test_one_empty_cell_more_is_allowed_for_all_rows_or_none(write: Write, header: str) -> None:
    first, *rest = lines()
    plain = load_events(write("\n".join([first, *rest])), settings(), key=KEY).events
    assert load_events(write("\n".join([first + header, *(r + "," for r in rest)])), settings(), key=KEY).events.equals(
        plain
    )
    assert load_events(write("\n".join([first + header, *rest])), settings(), key=KEY).events.equals(plain)
    some = [r + "," * (i in (3, 7)) for i, r in enumerate(rest)]
    assert refused(write("\n".join([first + header, *some]))).rows == (5, 9)
    most = [r + "," * (i not in (3, 7)) for i, r in enumerate(rest)]
    assert refused(write("\n".join([first + header, *most]))).rows == (5, 9)


@pytest.mark.parametrize("cell", ['Peter "Pit" P', '"Pit" P', ' "Pit"', '"P"it"'])
def test_quotation_marks_within_a_cell(write: Write, cell: str) -> None:
    text = lines()
    text[6] = text[6].replace("Person05 Surname", cell)
    error = refused(write("\n".join(text)))
    assert error.rows == (7,) and "quotation mark" in str(error)


def test_blocks_of_any_size_give_the_same_widths(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write('a,b\r\n"x\r\n,""y""",2\r\n\r\n3,""\r\n"4",5')
    read = opening.read_chunks
    for size in range(1, 12):
        monkeypatch.setattr(records, "read_chunks", lambda path, size=size: read(path, size))
        assert count_records(path, path, ",", "\n") == records.Records(3, 2)


def test_a_quotation_mark_that_swallows_a_megabyte(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE", 1000)
    monkeypatch.setattr(records, "read_chunks", lambda path: opening.read_chunks(path, 512))
    path = write('a,b\n1,2\n3,"' + "x" * 3000)
    with pytest.raises(InputError, match="a line is longer than") as caught:
        count_records(path, path, ",", "\n")
    assert caught.value.rows == (3,)


def test_a_row_of_a_workbook_that_is_wider_than_its_header(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(log_rows()[0]))
    for i, row in enumerate(log_rows()):
        cells = list(row.values())
        sheet.append(["", *cells] if i == 6 else cells)
    book.save(tmp_path / "calls.xlsx")
    error = refused(tmp_path / "calls.xlsx")
    assert error.rows == (8,) and "1 row has cells to the right of the header" in str(error)


def test_blank_lines_are_no_records(write: Write) -> None:
    assert load_events(write("\n\n".join(lines()) + "\n\n\n"), settings(), key=KEY).rows == CALLS


class Failing(io.BytesIO):
    """A file whose disk fails behind the first bytes."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().read(size)


def test_a_failing_disk_is_no_fault_of_the_data(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(as_csv(log_rows()))
    monkeypatch.setattr(opening, "CHUNK", 100)
    monkeypatch.setattr(opening, "open_bytes", lambda where: Failing(Path(where).read_bytes()))
    with pytest.raises(InputError) as caught:
        files.fingerprint(path)
    assert "the disk or the network drive fails (Input/output error)" in str(caught.value)
    assert "Copy the file to another disk" in caught.value.remedy


def test_no_room_for_a_temporary_copy(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "rewrite", full)
    with pytest.raises(SegkitError, match="a temporary copy cannot be written") as caught:
        load_events(write(as_csv(log_rows()).encode("utf-16")), settings(), key=KEY)
    assert not isinstance(caught.value, InputError) and "TMPDIR" in caught.value.remedy
