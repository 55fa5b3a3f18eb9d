"""What a column without a name is like, in words that say nothing of anyone in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .roles import ANSWERED, MOSTLY, Choice, Profile

NO_TIME = "no column looks like a time"
# From the narrowest form to the widest: the first that most cells have names the column.
_KINDS = (
    ("day_and_time", "dates with a time"), ("day", "dates"), ("elapsed", "lengths of time"), ("time", "times of day"),
    ("clock", "lengths with colons"), ("phone", "telephone numbers"), ("weekday", "weekdays"), ("month", "months"),
    ("flag", "yes or no"), ("year", "years"), ("cents", "amounts of money"), ("whole", "whole numbers"),
    ("number", "numbers"), ("letters", "words"),
)  # fmt: skip


def kind_of(p: Profile) -> str:
    """Return what most cells of a column are."""
    if not p.filled:
        return "nothing"
    return next((name for share, name in _KINDS if getattr(p, share) >= MOSTLY), "cells of several kinds")


def described(found: Mapping[str, Profile], rows: int) -> list[str]:
    """Describe columns by the kind of their cells, the share that is filled, and how many values differ.

    Parameters
    ----------
    found : mapping
        Profiles by column.
    rows : int
        Rows that were looked at.

    Returns
    -------
    list of str
        Such as ``column 1: telephone numbers, 100% filled, 8 different values in 48 rows``.
    """
    return [
        f"{name}: {kind_of(p)}, {p.filled:.0%} filled, {_counted(p.distinct)} in {rows:,} rows"
        for name, p in found.items()
    ]


def _counted(values: int) -> str:
    return "1 value" if values == 1 else f"{values:,} different values"


def kinds_only(found: Mapping[str, Profile], columns: Iterable[str]) -> str:
    """Return the kinds of some columns as one sentence."""
    return "; ".join(f"{name} has {kind_of(found[name])}" for name in columns if name in found)


def unconfirmed(choices: Mapping[str, Choice], found: Mapping[str, Profile]) -> dict[str, Choice]:
    """Return choices for a file without a header: no name confirms them.

    Whether words are names of persons is asked, and so is whether one of the columns that are left has times of day.
    """
    out = {role: replace(choice, sure=False) for role, choice in choices.items()}
    used = {choice.column for choice in choices.values()}
    words = tuple(name for name, p in found.items() if name not in used and kind_of(p) == "words")
    if words and "name" in out and out["name"].column is None and out["name"].reason != ANSWERED:
        out["name"] = replace(
            out["name"], candidates=words, asked=True, reason="Columns of words are left, and may hold names of persons"
        )
    left = tuple(name for name, p in found.items() if name not in used and kind_of(p) not in ("words", "dates"))
    if left and "time" in out and out["time"].column is None and out["time"].reason == NO_TIME:
        out["time"] = replace(
            out["time"], candidates=left, asked=True, reason="No column looks like a time; one may be"
        )
    return out
