"""Which column the contact is: none that numbers rows or calls; and what around an identifier is no part of it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from small_log import CALLS, CONTACTS, KEY, log_rows, settings, with_cells, with_column

from segkit.config import Contacts
from segkit.data import draft_settings, load_events
from segkit.data.identifiers import identifier
from segkit.data.tables import open_table
from segkit.privacy import keyed

Write = Callable[..., Path]


def asked(path: Path) -> list[str]:
    return [question.key for question in draft_settings(path).questions if question.required]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("id", lambda i: str(i + 1)),
        ("Number", lambda i: str(9_000_000 + i)),
        ("phone call", lambda i: str(9_000_000 + i)),
        ("Call ID", lambda i: str(9_000_000 + i // 3)),
        ("session_id", lambda i: str(9_000_000 + i // 4)),
        ("UniqueID", lambda i: f"1704182400.{i // 2}"),
        ("Lfd. Nr.", lambda i: str(i)),
        ("agent phone", lambda i: str(5_559_000 + i % 20)),
    ],
)
def test_what_numbers_rows_calls_or_agents_is_no_contact(write: Write, name: str, cell: Callable[[int], str]) -> None:
    rows = [{name: cell(i), **row} for i, row in enumerate(log_rows())]
    rows = [{("customer_id" if k == "dialled_phone_number" else k): v for k, v in row.items()} for row in rows]
    path = write(rows)
    assert not asked(path)
    assert draft_settings(path).columns["contact"] == "customer_id"


def test_where_one_number_in_fifty_repeats_it_still_numbers_calls(write: Write) -> None:
    rows = [{"id": str(max(i, 1)), "start": f"2024-01-02 {i // 60:02}:{i % 60:02}:00", "seconds": str(i), "client": str(i % 9)}
            for i in range(200)]  # fmt: skip
    path = write(rows)
    assert draft_settings(path).columns["contact"] == "client"


def test_a_file_with_a_number_of_its_own_in_each_row_asks(write: Write) -> None:
    rows = [
        {"start": f"2024-01-02 {i:02}:00:00", "seconds": str(10 + i), "phone": str(5_550_100 + i)} for i in range(24)
    ]
    assert asked(write(rows)) == ["contact"]


def test_a_caller_is_the_number_behind_the_name(write: Write) -> None:
    own = "2025550199"
    rows = [
        {
            "Call Date": f"2024-01-{i % 28 + 1:02} 08:{i % 60:02}:07",
            "CallerID": f'"Shop" <{own}>' if i % 2 else f'"Zq {i % 7 + i % 3}" <202555010{i % 7}>',
            "Destination": f"202555010{i % 7}" if i % 2 else own,
            "Duration": f"00:0{i % 9}:05",
        }
        for i in range(70)
    ]
    path = write(rows)
    draft = draft_settings(path)
    assert draft.confident and (draft.columns["caller"], draft.columns["called"]) == ("CallerID", "Destination")
    log = load_events(path, Contacts.model_validate(tomllib.loads(draft.toml)["contacts"]), key=KEY)
    assert (log.rows, log.units) == (70, 7)


FORMS = [
    ('="0648578192"', "0648578192"),
    ('= "12"', "12"),
    ("'0648578192", "0648578192"),
    ("648578192.0", "648578192"),
    ("12.5.0", "12.5.0"),
    ("sip:2025550101@pbx", "2025550101"),
    ("SIPS:+12025550101@10.0.0.1:5061;user=phone", "+12025550101"),
    ("sip:2025550101;user=phone", "2025550101"),
    ('"Ann B" <sip:2025550101@pbx>;tag=7', "2025550101"),
    ('"Ann B" <2025550101>', "2025550101"),
    ('"" <+1 202-555-0101>', "+1 202-555-0101"),
    ("Ann B<101>", "101"),
    ("<I>2025550101", "2025550101"),
    ("Ann B (2025550101)", "2025550101"),
    ("Ann B (2024)", "Ann B (2024)"),
    ("(202) 555-0101", "(202) 555-0101"),
    ("+44 (0)20 7946 0018", "+44 (0)20 7946 0018"),
    ("<sip:ann@example.org>", "ann@example.org"),
    ("sip:101@east", "101@east"),
    ("sip:101@west", "101@west"),
    ("tel:+1-202-555-0101;ext=7", "+1-202-555-0101"),
    ("ann@example.org", "ann@example.org"),
    ("2025550101@example.org", "2025550101@example.org"),
    ("+12025550101", "+12025550101"),
    ("0012025550101", "0012025550101"),
    ("202-555-0101 ext 7", "202-555-0101 ext 7"),
    ('=""', None),
]


@pytest.mark.parametrize(("written", "read"), FORMS)
def test_only_what_is_around_an_identifier_goes(write: Write, written: str, read: str | None) -> None:
    with open_table(write('x,y\n"{}",1\n'.format(written.replace('"', '""')))) as table:
        assert table.one(f"SELECT {identifier(table.text('x'))} FROM raw") == (read,)


def test_a_contact_in_several_wrappers_is_one_and_that_is_said(write: Write) -> None:
    form = ('="{}"', "sip:{}@pbx", "{}", "tel:{}", "{}.0")
    log = load_events(
        write(with_column("contact", lambda i, row: form[i % 5].format(row["dialled_phone_number"]))),
        settings(),
        key=KEY,
    )
    assert (log.rows, log.units) == (CALLS, CONTACTS)
    assert log.audit.notes[0].startswith("48 identifiers had signs of spreadsheets or telephone systems around them")
    assert log.events.equals(load_events(write(log_rows()), settings(), key=KEY).events)


def test_an_extension_is_one_of_its_system(write: Write) -> None:
    rows = with_cells(contact={0: "sip:101@east", 12: "sip:101@west"})
    log = load_events(write(rows), settings(), key=KEY)
    assert log.units == CONTACTS + 2
    assert keyed("101@east", KEY) in log.events.column("unit").to_pylist()
