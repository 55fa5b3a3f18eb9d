"""No category is the number, the address or the name of a contact; roles and codes stay categories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_log import CALLS, KEY, log_rows, settings, with_cells, with_column

from segkit.data import load_events
from segkit.errors import InputError

Write = Callable[..., Path]
SHAPES = (
    *("5550101999", "call 0555 123 456", "+27 (64) 857-8192", "x.y@example.org", "sip:zq@pbx", "tel: 42"),
    *("64.857.81.92", "٥٥٥٠١٠١٩", "555\u200b0101\u200b99", "a 20240102123456"),
)
PERSONS = ("Person03 Surname", "PERSON03  surname", "calls of Person03-Surname", "Person03\u00ad Surname")


def refused(path: Path, **options: object) -> InputError:
    with pytest.raises(InputError) as caught:
        load_events(path, settings(**options), key=KEY)  # type: ignore[arg-type]
    assert not [w for w in (*SHAPES, *PERSONS, "Surname") if w in str(caught.value)]
    return caught.value


@pytest.mark.parametrize(
    ("labels", "what"), [(SHAPES, "the form of an identifier"), (PERSONS, "a contact's number or name")]
)
def test_categories_that_point_at_someone(write: Write, labels: tuple[str, ...], what: str) -> None:
    for label in labels:
        error = refused(write(with_cells(category={3: label, 9: label})))
        assert (error.column, error.rows, error.count) == ("category", (5, 11), 2), label
        assert what in str(error) and 'identifier = "quarantine"' in error.remedy


def test_such_rows_can_be_set_aside(write: Write, tmp_path: Path) -> None:
    path = write(with_cells(category={3: "call 0555 123 456", 9: "Person03 Surname"}))
    log = load_events(path, settings(gates={"identifier": "quarantine"}), key=KEY, quarantine=tmp_path / "aside")
    assert (log.rows, log.audit.identifier_failures) == (CALLS - 2, 2)
    assert set(log.events.column("category").to_pylist()) == {"Family", "Supplier", "Unknown"}
    assert (tmp_path / "aside" / "calls-identifier.csv").read_text().count("\n") == 3


def test_a_name_that_is_a_role_may_be_a_category_too(write: Write) -> None:
    """Contacts 1, 4, 7 and 10 are suppliers; with a fifth one, the category is one of five contacts, and a label."""
    rows = [{**row, "name": "Supplier" if row["category"] == "Supplier" else row["name"]} for row in log_rows()]
    assert refused(write(rows)).column == "category"  # four contacts: "Supplier" may be one of them
    for row in rows:
        if row["dialled_phone_number"] == "555010100":
            row["category"] = "Supplier"
    assert load_events(write(rows), settings(), key=KEY).rows == CALLS
    for row in rows:
        if row["dialled_phone_number"] == "555010102":
            row["name"] = "Supplier"  # and is none: then the word is somebody's name
    assert refused(write(rows)).column == "category"


@pytest.mark.parametrize(
    "label", ["Unknown", "2024-01-02", "24", "12345", "1. Quarter 2024", "$100 - $200", "A1", "Q3/2022"]
)
def test_codes_dates_and_amounts_are_categories(write: Write, label: str) -> None:
    rows = with_cells(category={3: label, 9: label}, contact={5: "private"}, name={7: "unknown"})
    assert load_events(write(rows), settings(withheld="group"), key=KEY).rows == CALLS


@pytest.mark.parametrize(
    "make", [lambda i, row: f"note {i}", lambda i, row: f"{row['name'][:8]}x"], ids=["call", "contact"]
)
def test_a_column_that_describes_each_contact_is_no_category(write: Write, make: Callable[..., str]) -> None:
    error = refused(write(with_column("category", make)))
    assert error.column == "category" and "so it describes persons and is no category" in str(error)


def test_names_and_numbers_given_as_categories(write: Write) -> None:
    assert refused(write(log_rows()), columns={"category": "name", "name": None}).column == "name"
    mistaken = {"category": "dialled_phone_number", "contact": "name", "name": None}
    assert refused(write(log_rows()), columns=mistaken).column == "dialled_phone_number"
