"""Errors that a user can act on: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .text import terminal

SHOWN_ROWS = 5


def printable(text: object, limit: int = 60) -> str:
    r"""Make a name from outside safe to print: no control characters, no markup, not long.

    >>> printable("call\x1b[31m<b>")
    'call?[31m?b?'
    """
    clean = "".join(c if c.isprintable() and c not in "<>" else "?" for c in str(text))
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def row_list(rows: Sequence[int], count: int) -> str:
    """Name the first few rows of ``count``: ``row 7``, ``rows 2, 3``, ``rows 2, 3 and 40 more``.

    >>> row_list([2, 3], 42)
    'rows 2, 3 and 40 more'
    """
    shown = [str(r) for r in rows[:SHOWN_ROWS]]
    rest = count - len(shown)
    text = ", ".join(shown) + (f" and {rest:,} more" if rest > 0 else "")
    return ("row " if count == 1 else "rows ") + text


class SegkitError(Exception):
    """A fault with its place and its remedy, in one message.

    Parameters
    ----------
    problem : str
        What is wrong, as a clause without a full stop. It never quotes a raw identifier.
    file : path, optional
        The file at fault.
    column : str, optional
        The column at fault, by its name in the file.
    rows : sequence of int, optional
        The first rows at fault. The header is row 1, so the first record is row 2.
    count : int, optional
        How many rows are at fault (``len(rows)`` when not given).
    remedy : str
        What the reader can do, as a sentence.
    """

    exit_code = 1

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        column: str | None = None,
        rows: Sequence[int] = (),
        count: int | None = None,
        remedy: str = "",
    ) -> None:
        self.problem, self.file, self.column = problem, file, column
        self.rows = tuple(rows)
        self.count = len(self.rows) if count is None else count
        self.remedy = remedy
        place = [printable(file, 200)] if file else []
        if column is not None:
            place.append(f'column "{printable(column)}"')
        message = (", ".join(place) + ": " if place else "") + problem
        if self.rows:
            message += f" ({row_list(self.rows, self.count)})"
        super().__init__(terminal(message + "." + (f"\nRemedy: {remedy}" if remedy else "")))


class InputError(SegkitError):
    """The data cannot be used as they are."""

    exit_code = 2


class ColumnError(InputError):
    """The file lacks a column that the settings name."""


class ConfigError(SegkitError):
    """A setting is wrong."""

    exit_code = 2


class PrivacyError(SegkitError):
    """A raw identifier would leave the machine."""

    exit_code = 3


class BuildError(SegkitError):
    """The site could not be made."""
