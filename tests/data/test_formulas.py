"""Formulas of nothing but a text, by which exports keep numbers from a spreadsheet: the text counts, and quoted cells stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_log import CALLS, CONTACTS, KEY, as_csv, log_rows, settings

from segkit.data import draft_settings, load_events
from segkit.data.formulas import as_texts
from segkit.data.tables import open_table

Write = Callable[..., Path]


def wrapped(end: str = "\n", delimiter: str = ",", header: bool = False) -> str:
    lines = as_csv(log_rows(), delimiter).splitlines()
    body = [delimiter.join(f'="{cell}"' for cell in line.split(delimiter)) for line in lines]
    return end.join([body[0] if header else lines[0], *body[1:]]) + end


@pytest.mark.parametrize("text", [wrapped(), wrapped("\r\n", ";"), wrapped(header=True)], ids=["LF", "CRLF", "header"])
def test_a_log_of_formulas_is_the_log_and_that_is_said(write: Write, text: str) -> None:
    path = write(text)
    log = load_events(path, settings(), key=KEY)
    assert (log.rows, log.units) == (CALLS, CONTACTS)
    assert log.audit.notes[0] == 'Cells are written as formulas of a text (="..."); the texts within were read.'
    assert log.events.equals(load_events(write(log_rows()), settings(), key=KEY).events)
    assert draft_settings(path).confident


def test_quoted_cells_stay_as_they_are(write: Write) -> None:
    with open_table(write('x,y,z\n="0,1","a,=""2"",b","c\n=""3"""\n"=""4""",=5,""\n')) as table:
        assert table.connection.execute("SELECT c0, c1, c2 FROM raw ORDER BY rowid").fetchall() == [
            ("0,1", 'a,="2",b', 'c\n="3"'),
            ('="4"', "=5", None),
        ]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_where_chunks_end_makes_no_difference(size: int) -> None:
    text = 'x,y\n="01","a\n=""2"",b"\n"c",="d"\n="",e'
    parts = [text[i : i + size] for i in range(0, len(text), size)]
    assert "".join(as_texts(parts, ",")) == 'x,y\n"01","a\n=""2"",b"\n"c","d"\n"",e'
