"""A small log of messages with the headers of a known export, and its settings."""

from __future__ import annotations

from typing import Any

from small_leads import text

from segkit.config import Conversations

KEY = b"a key for tests, of no other use"
HEADER = (
    "chatter_name", "model_name", "fan_message", "chatter_message", "price", "purchased", "fan_id", "datetime", "tips", "revenue",
)  # fmt: skip


def rows(count: int = 48, subscribers: int = 24) -> list[list[str]]:
    """Return the rows: subscribers in turn, an hour apart; every sixth message has an offer, every twelfth one is bought."""
    return [
        [
            f"Staff {i % 3}", f"model_{i % 2}", "" if i % 3 == 0 else f"Hello, it is me for the {i}th time", f"Hi, and {i} times",
            "10.00" if i % 6 == 0 else "", str(i % 12 == 0), str(1000 + i % subscribers),
            f"2024-01-{1 + i // 24:02} {i % 24:02}:00:00", "2.50" if i % 8 == 0 else "",
            f"{10 * (i % 12 == 0) + 2.5 * (i % 8 == 0):.2f}",
        ]
        for i in range(count)
    ]  # fmt: skip


def changed(column: str, *cells: str, count: int = 48) -> str:
    """Return the file with other cells in the first rows of a column."""
    made = rows(count)
    for row, cell in zip(made, cells, strict=False):
        row[HEADER.index(column)] = cell
    return text(made, HEADER)


def whole(column: str, *cells: str, count: int = 48) -> str:
    """Return the file with a column whose cells are given in turn."""
    return changed(column, *(cells[i % len(cells)] for i in range(count)), count=count)


def without(*columns: str, count: int = 48) -> str:
    """Return the file without some columns."""
    kept = [i for i, name in enumerate(HEADER) if name not in columns]
    return text([[row[i] for i in kept] for row in rows(count)], [HEADER[i] for i in kept])


def letters(people: int = 30) -> str:
    """Return a log of people who write to each other, a minute apart: i to i + 1, then i again, but every third is answered."""
    made = [[str(i % people), str((i + 1) % people)] for i in range(2 * people)]
    made = [row[::-1] if i >= people and i % 3 == 2 else row for i, row in enumerate(made)]
    return text([[*row, str(1082040961 + 60 * i)] for i, row in enumerate(made)], ("sender", "receiver", "unix_time"))


def settings(**given: Any) -> Conversations:
    """Return settings; without columns, the headers say which is which."""
    return Conversations.model_validate(given)
