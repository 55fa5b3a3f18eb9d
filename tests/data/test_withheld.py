"""Words in place of a hidden number: nobody is called so, and no call of one is lost without a word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_log import CALLS, CONTACTS, KEY, log_rows, settings, with_cells

from segkit.data import load_events, raw_identifiers
from segkit.data.tables import open_table
from segkit.data.withheld import CODES, GROUP, WITHHELD, is_withheld, is_withheld_in_sql
from segkit.privacy import keyed

Write = Callable[..., Path]
WRITTEN = (
    "Private", "(Unknown)", "ANONYMOUS", "No Caller ID", "anonymous@anonymous.invalid", "Unbekannt", "Rufnummer unterdrückt",
    "Numéro masqué", "Privé", "Número privado", "desconhecido", "Sconosciuto", "Onbekend", "-1",
    "Ukjent nummer", "Okänt nummer", "Numer zastrzeżony", "Neznámý", "Rejtett szám", "Bilinmeyen Numara", "Неизвестный", "非通知",
    "Num. masqué", "+266696687", "+86282452253",
)  # fmt: skip
SOMEBODY = ("5550101", "Ann Private", "Unknown Records Ltd", "1", "privateer", "+1", "101@pbx", "266696687", "+8656697")
HIDDEN = with_cells(contact={0: "Private", 12: "(private)", 3: "Unbekannt"})


@pytest.mark.parametrize("text", WRITTEN)
def test_words_for_a_hidden_number(text: str) -> None:
    assert is_withheld(text)


@pytest.mark.parametrize("text", SOMEBODY)
def test_words_of_somebody(text: str) -> None:
    assert not is_withheld(text)


def test_the_engine_judges_as_the_language_does(write: Write) -> None:
    texts = [*WRITTEN, *SOMEBODY, *sorted(WITHHELD), *CODES]
    with open_table(write("x,y\n" + "".join(f'"{text}",1\n' for text in texts))) as table:
        cell = table.text("x")
        found = table.connection.execute(f"SELECT {is_withheld_in_sql(cell)} FROM raw ORDER BY rowid").fetchall()
    assert [judged for (judged,) in found] == [is_withheld(text) for text in texts]


def test_calls_of_hidden_numbers_are_set_aside_and_said(write: Write, tmp_path: Path) -> None:
    log = load_events(write(HIDDEN), settings(), key=KEY, quarantine=tmp_path / "aside")
    assert (log.rows, log.units) == (CALLS - 3, CONTACTS)
    assert log.audit.notes[0].startswith("3 calls have a word for a withheld number")
    assert 'Set withheld = "group" in [contacts.format]' in log.audit.notes[0]
    assert [(q.gate, q.count, q.first_rows) for q in log.audit.quarantined] == [("withheld", 3, (2, 5, 14))]
    assert (tmp_path / "aside" / "calls-withheld.csv").read_text().count("\n") == 4
    assert log.audit.identifier_failures == 0


@pytest.mark.parametrize(
    ("cells", "count"), [({0: "Xqzword", 3: "Xqzword"}, 1), ({0: "Xqzword", 3: "Zqw"}, 2), ({}, 0)]
)
def test_words_among_numbers_are_told_of_and_not_shown(write: Write, cells: dict[int, str], count: int) -> None:
    log = load_events(write(with_cells(contact=cells)), settings(), key=KEY)
    told = [note for note in log.audit.notes if "in place of a number, and most contacts have numbers" in note]
    assert [note.split()[0] for note in told] == [str(count)] * bool(count)
    assert "qz" not in " ".join(log.audit.notes)


def test_calls_of_hidden_numbers_can_be_those_of_one_contact(write: Write) -> None:
    log = load_events(write(HIDDEN), settings(withheld="group"), key=KEY)
    assert (log.rows, log.units) == (CALLS, CONTACTS + 1)
    assert log.events.column("unit").to_pylist().count(keyed(GROUP, KEY)) == 3
    assert log.audit.notes[0].startswith("3 calls of withheld numbers are kept as those of one contact")


def test_a_row_with_a_fault_is_named_before_it_is_set_aside(write: Write) -> None:
    rows = with_cells(contact={0: "Private", 1: "private"}, duration={0: "soon"})
    log = load_events(write(rows), settings(gates={"duration": "quarantine"}), key=KEY)
    assert {q.gate: q.count for q in log.audit.quarantined} == {"duration": 1, "withheld": 1}


def test_hidden_words_are_not_searched_for_on_pages(write: Write) -> None:
    assert raw_identifiers(write(HIDDEN), settings()).numbers == {r["dialled_phone_number"] for r in log_rows()}
