"""A small file of leads: 60 rows, and its settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from segkit.config import Personas

KEY = b"a key for tests, of no other use"
HEADER = ("is_sale", "State", "Industry", "Age_range")
STATES, INDUSTRIES, AGES = ("Illinois", "Texas", "Ohio"), ("Technology", "Retail"), ("18-24", "25-34", "35-44", "45-54")


def rows(count: int = 60) -> list[list[str]]:
    """Return the rows: every third lead converted."""
    return [["TRUE" if i % 3 == 0 else "FALSE", STATES[i % 3], INDUSTRIES[i % 2], AGES[i % 4]] for i in range(count)]


def with_column(name: str, cells: Sequence[str], count: int | None = None) -> str:
    """Return the file with a further column, whose cells are given in turn."""
    made = rows(count or max(60, len(cells)))
    return text([[*row, cells[i % len(cells)]] for i, row in enumerate(made)], (*HEADER, name))


def text(records: Iterable[Iterable[str]], header: Iterable[str] = HEADER, delimiter: str = ",") -> str:
    """Write records below a header; cells with the delimiter, a quotation mark or a line end are quoted."""

    def cell(value: str) -> str:
        special = any(c in value for c in (delimiter, '"', "\n"))
        return '"' + value.replace('"', '""') + '"' if special else value

    return "".join(delimiter.join(map(cell, record)) + "\n" for record in [list(header), *records])


def settings(**given: Any) -> Personas:
    """Return settings; without columns, those of the schema hold."""
    return Personas.model_validate(given)
