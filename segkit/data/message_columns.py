"""What the columns of a log of messages hold, but for money: who writes to whom, when, and the texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ..contract import MESSAGES
from ..errors import SHOWN_ROWS, InputError
from ..event_settings import DateOrder
from .cells import Cells, Ints, counted
from .column_dates import COMPACT, LAST, moments
from .identifiers import DAMAGED, EMPTY, ERROR_CELL
from .marks import folded, visible
from .newest import Column, UnsettledError
from .tables import Table
from .withheld import is_withheld

Flags = NDArray[np.bool_]

PERSONS = ("subscriber", "account", "staff")
TEXTS = ("inbound", "outbound")
SECTION = f"[{MESSAGES.study}]"  # of the settings
COLUMNS = MESSAGES.section("columns")
SHARED = 0.5  # of the identifiers of the smaller column: if the other one has as many, both may be of the same people
UNITS = {"seconds": 10**6, "milliseconds": 10**3, "microseconds": 1, "nanoseconds": 0}  # microseconds of one
# The year from which whole numbers are taken for times: the ranges of two units do not overlap then, and small numbers, which
# may count from anywhere, are in none.
EPOCH = pd.Timestamp(1990, 1, 1)
NUMBERED = re.compile(r"(\d+)\.0")
WHOLE = re.compile(r"(\d{1,20})(?:\.(\d{1,9}))?")
ZONED = re.compile(r":\d\d.*(?:Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$")


@dataclass(frozen=True)
class Log:
    """A file of messages and the columns of its roles, for errors that name rows.

    Attributes
    ----------
    path : Path
    roles : mapping of str to str
        Role to column.
    rows : array of int of shape (rows,)
        The row numbers of the file.
    """

    path: Path
    roles: Mapping[str, str]
    rows: Ints

    def refuse(self, role: str, wrong: Any, what: str, remedy: str) -> None:
        """Raise an InputError on the rows that are wrong, an array of bool of shape (rows,), if there are any."""
        at = np.flatnonzero(np.asarray(wrong, dtype=bool))
        if at.size:
            raise InputError(
                what, file=self.path, column=self.roles[role], rows=self.rows[at[:SHOWN_ROWS]].tolist(), count=at.size,
                remedy=remedy,
            )  # fmt: skip


@dataclass(frozen=True)
class Persons:
    """The identifiers of a column.

    Attributes
    ----------
    texts : tuple of str
        The distinct ones, those that read alike made one.
    codes : array of int of shape (rows,)
        Positions in ``texts``; -1 where a cell is empty.
    alike : int
        Identifiers that were also written with other forms of the same letters or digits.
    """

    texts: tuple[str, ...]
    codes: Ints
    alike: int


def read(table: Table, roles: Mapping[str, str]) -> tuple[Ints, dict[str, Cells]]:
    """Return the row numbers, and the cells of persons, times and messages by role, in the order of the file.

    Invisible characters and surrounding blanks are taken out; where nothing remains there is no value. Of texts of messages
    that is all: one that says "none" says something.
    """
    here = [role for role in (*PERSONS, "time", *TEXTS) if role in roles]
    columns = ", ".join(f"{table.columns[roles[role]]} AS {role}" for role in here)
    # Rows keep their order (`preserve_insertion_order`); each distinct text is cleaned once.
    found = table.connection.sql(f"SELECT {table.row} AS row, {columns} FROM raw").to_arrow_table()
    out = {role: cleaned(found.column(role), kept=role in TEXTS) for role in here}
    return found.column("row").to_numpy().astype(np.int64), out


def cleaned(column: pa.ChunkedArray, *, kept: bool = False) -> Cells:
    """Return the cells of a column without what nobody sees; words for a missing value are none, if they are not kept."""
    coded = column.combine_chunks().dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    seen = [visible(text) for text in coded.dictionary.to_pylist()]
    return Cells((), codes).recoded([text if text and (kept or text.lower() not in EMPTY) else None for text in seen])


def persons(log: Log, cells: Cells, role: str) -> Persons:
    """Return the identifiers of a role; ``12.0`` is ``12``.

    Raises
    ------
    InputError
        One is damaged by a spreadsheet; or a cell is empty, but for staff.
    """
    if role != "staff":
        fill = f"Fill the cells, or leave these rows out: each message is of one {role}."
        log.refuse(role, cells.codes < 0, f"messages without {'an' if role[0] == 'a' else 'a'} {role}", fill)
    damaged = [bool(re.match(DAMAGED, text) or re.match(ERROR_CELL, text)) for text in cells.texts]
    log.refuse(
        role, np.array([*damaged, False])[cells.codes], "identifiers damaged by a spreadsheet (as in 6.48E+08 or #REF!)",
        "The digits are lost in this copy: format the column as text where they come from, and export it again.",
    )  # fmt: skip
    one = cells.recoded([hit[1] if (hit := NUMBERED.fullmatch(text)) else text for text in cells.texts])
    alike = one.recoded([folded(text) for text in one.texts])
    return Persons(alike.texts, alike.codes, len(one.texts) - len(alike.texts))


def persons_notes(role: str, found: Persons) -> tuple[str, ...]:
    """Tell of identifiers that read alike, and of those that are a word for nobody in particular."""
    out = []
    many = {"subscriber": "subscribers", "account": "accounts", "staff": "members of staff"}[role]
    if found.alike:
        out.append(
            f"{found.alike:,} of the {many} {'is' if found.alike == 1 else 'are'} also written with other forms of the same "
            "letters or digits (such as full-width ones); they count as one."
        )
    words = sum(is_withheld(text) for text in found.texts)
    if words:
        verb = "is a word" if words == 1 else "are words"
        out.append(
            f"{words} of the {many} {verb} for nobody in particular, such as unknown: many people may stand behind it."
        )
    return tuple(out)


def both_ways(log: Log, people: Mapping[str, Persons], stated: bool | None) -> tuple[bool, tuple[str, ...]]:
    """Return whether people write to each other, and what the reader should know of identifiers in both columns."""
    subscribers, accounts = set(people["subscriber"].texts), set(people["account"].texts)
    shared, least = len(subscribers & accounts), min(len(subscribers), len(accounts))
    if stated is None and shared >= SHARED * least:
        raise UnsettledError(
            f"{shared:,} of the {least:,} identifiers of one column stand in the column of the other side as well, and nothing "
            "says whether they are the same people", setting="both_ways", file=log.path, column=log.roles["account"],
            remedy=f"Set both_ways in {SECTION}: true where people write to each other, and a pair is the same whoever writes; "
            "false where an account is somebody else than a subscriber of the same name.",
        )  # fmt: skip
    if shared and not stated:
        return False, (
            f"{counted(shared, 'identifiers')} {'stands' if shared == 1 else 'stand'} in the columns of subscribers and of "
            "accounts; these count as somebody else.",
        )
    return bool(stated), ()


def times(
    table: Table, log: Log, cells: Cells, order: DateOrder | None
) -> tuple[NDArray[np.datetime64], tuple[str, ...]]:
    """Return the moment of each message, and what the reader should know of how it was read.

    Whole numbers are seconds, milliseconds, microseconds or nanoseconds since 1970 (UTC), in one unit for the whole column:
    the one under which all of them are from 1990 to 2100. Else they are dates with a time of day, with or without an offset
    from UTC, which is taken off.

    Raises
    ------
    InputError
        A time is missing or cannot be read, units or forms are mixed, nothing settles the unit or the order of day and month,
        or there is no time of day.
    """
    role = "time"
    log.refuse(role, cells.codes < 0, "messages without a time", "Fill the cells, or leave these rows out.")
    hits = [WHOLE.fullmatch(text) for text in cells.texts]
    if all(hits) and not all(map(COMPACT.fullmatch, cells.texts)):
        of_text, note = _epochs(log, cells, [hit.groups(default="") for hit in hits if hit])
        return of_text[cells.codes], (note,)
    if not all(hits):
        _refuse_some(log, cells, [bool(hit) for hit in hits], "some times are whole numbers and others are dates")
    history = np.array(["//" in text for text in cells.texts])
    log.refuse(role, history[cells.codes], "cells with more than one time", "Write one time in each cell.")
    column = Column(log.path, log.roles[role], cells, log.rows)
    dated, said = moments(table, {role: column}, order, SECTION, remedy="Write times as 2022-01-31T16:03:01Z.")
    bare = np.array([":" not in text for text in cells.texts])
    if bare.all():
        log.refuse(
            role, bare[cells.codes], "dates without a time of day, of which no conversation can be told",
            "Export the moment of each message, as in 2022-01-31 16:03.",
        )  # fmt: skip
    zoned = [bool(ZONED.search(text)) for text in cells.texts]
    _refuse_some(log, cells, zoned, "some times state an offset from UTC and others state none")
    if all(zoned):
        said += ("Times state their offset from UTC; they were read as UTC.",)
    midnight = int(bare[cells.codes].sum())
    if midnight:
        said += (f"{counted(midnight, 'messages')} with a date alone: read as midnight.",)
    return dated[role].to_numpy(dtype="datetime64[us]"), said


def _refuse_some(log: Log, cells: Cells, of_text: list[bool], what: str) -> None:
    """Refuse times of which some texts have a form and others have not; the rows that are told are those of the rarer one."""
    flags = np.array(of_text)[cells.codes]
    if not flags.all():
        few = flags if flags.mean() <= 0.5 else ~flags
        log.refuse("time", few, what, "Export the column in one way, best as 2022-01-31T16:03:01Z.")


def _epochs(log: Log, cells: Cells, parts: list[tuple[str, ...]]) -> tuple[NDArray[np.datetime64], str]:
    """Return the moments of whole numbers, by distinct text, and how they were read."""
    values = [int(number) for number, _ in parts]
    ranges = {unit: (_since(EPOCH, unit), _since(LAST, unit)) for unit in UNITS}
    fits = {unit: np.array([low <= v < high for v in values]) for unit, (low, high) in ranges.items()}
    unit = max(fits, key=lambda name: np.count_nonzero(fits[name]))
    best = fits[unit]
    others = [name for name, fit in fits.items() if fit.any() and name != unit]
    if others:
        wrong = np.any([fits[name] for name in others], axis=0)
        what = f"most times are {unit} since 1970, and some are {' or '.join(others)}"
        log.refuse("time", wrong[cells.codes], what, "Export the column in one unit.")
    log.refuse(
        "time", ~best[cells.codes],
        f"whole numbers of which nothing says what they count: in no unit since 1970 are they from {EPOCH.year} to {LAST.year - 1}",
        "Say it: write seconds since 1970, or times as 2022-01-31T16:03:01Z.",
    )  # fmt: skip
    factor = UNITS[unit]
    micro = [
        number * factor + int(rest[:6].ljust(6, "0")) * factor // 10**6 if factor else number // 1_000
        for number, (_, rest) in zip(values, parts, strict=True)
    ]
    return np.array(micro, dtype=np.int64).view(
        "datetime64[us]"
    ), f"Times are whole numbers: {unit} since 1970, in UTC."


def _since(moment: pd.Timestamp, unit: str) -> int:
    """Return a moment as a number of units since 1970."""
    micro = int(moment.timestamp()) * 10**6
    return micro // UNITS[unit] if UNITS[unit] else micro * 1_000
