"""Invisible characters: which there are, and that none makes another contact, or a contact of nothing."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from small_log import KEY, as_csv, log_rows, settings, with_cells

from segkit.data import load_events, marks, raw_identifiers
from segkit.errors import InputError

Write = Callable[..., Path]


def test_the_ranges_are_those_of_unicode() -> None:
    """Categories Cc and Cf of the Unicode database that comes with Python."""
    listed = {n for a, b in marks.RANGES for n in range(a, b + 1)}
    kinds = {n for n in range(1, sys.maxunicode + 1) if unicodedata.category(chr(n)) in ("Cc", "Cf")}
    assert kinds - listed == {ord(c) for c in "\t\n\r"}
    assert not any(chr(n).isalnum() and unicodedata.category(chr(n)) not in ("Lo",) for n in listed - kinds)


def test_marks_around_and_within_cells_make_no_other_contact(write: Write) -> None:
    plain = load_events(write(log_rows()), settings(), key=KEY)
    rows = with_cells(
        contact={0: "\u202a555010100\u202c", 1: "5550\u00ad10101", 2: "\ufeff555010102\u200f"},
        name={3: "Per\u200bson03 Surname"},
        category={4: "\u2066Supplier\u2069", 5: "Un\U000e0041known\ufe0f"},
        date={6: "\u200e1/9/2022"},
        duration={7: "59\u3164"},
        time={8: "\u280016:08:07"},
    )
    log = load_events(write(rows), settings(), key=KEY)
    assert log.events.equals(plain.events)
    assert log.audit.notes == ("9 cells had invisible characters; these were taken out.",)
    assert raw_identifiers(write(rows), settings()).names == {row["name"] for row in log_rows()}


def test_marks_in_headings(write: Write) -> None:
    text = as_csv(log_rows()).replace("time,", "\u200btime\u2069,", 1)
    log = load_events(write(text), settings(), key=KEY)
    assert log.audit.notes == ("1 cell had invisible characters; these were taken out.",)


@pytest.mark.parametrize(
    "written", ["\u200b\u2066\u2069", "\u3164", "\u2800 \u00ad", "\U000e0020", "\x01\x1f", "\u115f\ufe0f"]
)
def test_a_contact_of_nothing_is_missing(write: Write, written: str) -> None:
    with pytest.raises(InputError, match="2 rows have no value") as caught:
        load_events(write(with_cells(contact={0: written, 5: written})), settings(), key=KEY)
    assert (caught.value.column, caught.value.rows) == ("dialled_phone_number", (2, 7))


def test_marks_in_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["\u200bdate_stamp", *list(log_rows()[0])[1:]])
    for row in with_cells(contact={0: "\u202a555010100\u202c"}):
        sheet.append(list(row.values()))
    book.save(tmp_path / "calls.xlsx")
    log = load_events(tmp_path / "calls.xlsx", settings(), key=KEY)
    assert (log.units, log.audit.notes[0][:6]) == (12, "1 cell")


def test_digits_of_every_script_are_digits(write: Write) -> None:
    """Full-width digits fold under NFKC (Unicode annex 15); Arabic-Indic ones by their decimal value."""
    rows = with_cells(contact={0: "５５５０１０１００", 1: "٥٥٥٠١٠١٠١"})
    log = load_events(write(rows), settings(), key=KEY)
    assert log.events.equals(load_events(write(log_rows()), settings(), key=KEY).events)
    assert log.audit.notes == (
        "2 contacts are also written with other forms of the same letters or digits (such as full-width ones); "
        "they count as one.",
    )
    assert log.audit.likely_doubles == 0
