"""A small export of prospects with the headers of a known CRM, and its settings."""

from __future__ import annotations

from typing import Any

from small_leads import text

from segkit.config import Channels

KEY = b"a key for tests, of no other use"
HEADER = (
    "Record ID", "LinkedIn Clicks", "Facebook Clicks", "Number of Sessions", "Original Source", "Original Source Drill-Down 1",
    "Latest Traffic Source", "Likelihood to close", "Create Date", "Close Date", "Lifecycle Stage", "Contact owner",
)  # fmt: skip
SOURCES = ("PAID_SEARCH", "OFFLINE", "OFFLINE // PAID_SOCIAL")
DRILLS = ("campaign 7", "IMPORT", "Feria de marzo")


def rows(count: int = 24) -> list[list[str]]:
    """Return the rows: every fourth prospect closed, 10 days after it was created."""
    return [
        [
            str(1000 + i), str(i % 3), "" if i % 2 else "1 // 2", f"0 // {i}", SOURCES[i % 3], DRILLS[i % 3], "PAID_SEARCH",
            f"0.{i:02}", f"2024-01-{1 + i % 28:02} 10:00", f"2024-02-{1 + i % 28:02} 10:00" if i % 4 == 0 else "",
            "lead // customer" if i % 4 == 0 else "lead", f"Owner {i % 2}",
        ]
        for i in range(count)
    ]  # fmt: skip


def changed(column: str, *cells: str, count: int = 24) -> str:
    """Return the file with other cells in the first rows of a column."""
    made = rows(count)
    for row, cell in zip(made, cells, strict=False):
        row[HEADER.index(column)] = cell
    return text(made, HEADER)


def whole(column: str, *cells: str, count: int = 24) -> str:
    """Return the file with a column whose cells are given in turn."""
    return changed(column, *(cells[i % len(cells)] for i in range(count)), count=count)


def settings(**given: Any) -> Channels:
    """Return settings; without columns, the headers say which is which."""
    return Channels.model_validate(given)
