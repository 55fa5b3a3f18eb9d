"""A small purchase log: 48 purchases of 8 customers on 48 days, and its settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from segkit.config import Customers

KEY = b"a key for tests, of no other use"
HEADER = "customer,date,amount"
NAMED = {"customer": "customer", "date": "date", "amount": "amount"}


def day(i: int) -> str:
    """Return the date of row i."""
    return (date(2023, 1, 2) + timedelta(days=i)).isoformat()


def lines(count: int = 48) -> list[str]:
    """Return the rows: customers C-100 to C-107 in turn, 10.50 and a dollar more each time."""
    return [f"C-{100 + i % 8},{day(i)},{10 + i}.50" for i in range(count)]


def text(rows: Iterable[str], header: str = HEADER) -> str:
    """Write rows below a header."""
    return "\n".join([header, *rows]) + "\n"


def settings(columns: dict[str, str] | None = None, gates: dict[str, str] | None = None, **form: Any) -> Customers:
    """Return settings for the log, with further columns, gates or formats."""
    return Customers.model_validate(
        {"columns": {**NAMED, **(columns or {})}, "gates": gates or {}, "format": {"purchase": "row", **form}}
    )
