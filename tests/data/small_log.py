"""A small call log in memory, and ways to change and describe it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from segkit.config import Contacts

KEY = b"a key for tests, of no other use"
CONTACTS, CALLS = 12, 60
COLUMNS = {
    "date": "date_stamp",
    "time": "time",
    "duration": "duration_in_seconds",
    "contact": "dialled_phone_number",
    "name": "name",
    "category": "category",
    "weekday": "day-of_week",
    "month": "month",
    "year": "year",
}
Row = dict[str, str]


def log_rows() -> list[Row]:
    """Return 60 calls of 12 contacts on 60 days from 3 January 2022, a Monday; days above 12 settle the order."""
    rows = []
    for i in range(CALLS):
        day = date(2022, 1, 3) + timedelta(days=i)
        who = i % CONTACTS
        rows.append(
            {
                "date_stamp": f"{day.month}/{day.day}/{day.year}",
                "time": f"{8 + i % 10:02}:{i:02}:07",
                "day-of_week": day.strftime("%A"),
                "month": day.strftime("%B"),
                "year": str(day.year),
                "dialled_phone_number": f"5550101{who:02}",
                "name": f"Person{who:02} Surname",
                "duration_in_seconds": str(10 + 7 * i),
                "category": ("Family", "Supplier", "Unknown")[who % 3],
            }
        )
    return rows


def as_csv(rows: Sequence[Row], delimiter: str = ",", end: str = "\n") -> str:
    """Write rows as delimited text with the columns of the first row."""
    text = io.StringIO()
    out = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=end)
    out.writeheader()
    out.writerows(rows)
    return text.getvalue()


def with_cells(**cells: Any) -> list[Row]:
    """Return the log with some cells changed: ``with_cells(time={4: "noon"})`` changes the record at position 4."""
    rows = log_rows()
    for column, changes in cells.items():
        name = COLUMNS[column]
        for position, value in changes.items():
            rows[position][name] = value
    return rows


def with_column(role: str, make: Callable[[int, Row], str]) -> list[Row]:
    """Return the log with one column made anew from position and row."""
    rows = log_rows()
    return [{**row, COLUMNS[role]: make(i, row)} for i, row in enumerate(rows)]


def iso(row: Row) -> str:
    """Return the date of a row as 2022-01-31."""
    month, day, year = row["date_stamp"].split("/")
    return f"{year}-{int(month):02}-{int(day):02}"


def settings(
    columns: dict[str, str | None] | None = None, gates: dict[str, str] | None = None, **form: Any
) -> Contacts:
    """Return settings for the log, with some columns, gates or formats changed; a column of None is left out."""
    names = {role: name for role, name in {**COLUMNS, **(columns or {})}.items() if name}
    return Contacts.model_validate({"columns": names, "gates": gates or {}, "format": form})
