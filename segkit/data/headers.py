"""The first row: names of columns, or data that lost them. No message here prints a cell that may be a person's."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..contract import CONTRACTS
from ..errors import ColumnError, InputError, printable
from . import limits
from .calendar_words import plain
from .marks import folded, visible

SAVE_AS_CSV = "Save or export it as CSV (UTF-8), .xlsx or Parquet."
BELOW = 200  # rows that the first one is compared with
_BETWEEN = "in of the by per to from and de du la le der die das am um week call calls anruf utc"
# Of every study: before a file is read, nobody knows which it is for, and each of these words may stand on a page.
KNOWN = frozenset(_BETWEEN.split()).union(
    *(f"{role.strong} {role.weak} {role.unlike}".split() for contract in CONTRACTS.values() for role in contract.roles)
)
# What points at one person wherever it stands: an address, or seven digits and more as telephones write them.
ADDRESS = re.compile(r"[^\s@]@[^\s@]|\b(?:sips?|tel|mailto|callto|skype):\s*\S", re.I)
DIGITS = re.compile(r"\d(?:[\s()./\-\u2010-\u2015]{0,3}\d){6,}")
_YEAR = r"(?:19|20)\d\d"
A_DATE = re.compile(
    rf"(?<![\d./-])(?:{_YEAR}([./-])\d{{1,2}}\1\d{{1,2}}|\d{{1,2}}([./-])\d{{1,2}}\2(?:{_YEAR}|\d\d))(?![\d./-])"
)
MOMENT = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}(?:\D.*)?|\d{1,2}:\d{2}\b.*")
NUMBER = re.compile(r"[+-]?\d[\d.,' \u00a0\u202f]*(?:[eE][+-]?\d+)?")
REMEDY = "Write a line with the names of the columns above the first row, or export again with a header."
POSITION = re.compile(r"column ([1-9]\d{0,3})")  # what settings call a column of a file without a header
HEADLESS = "The file has no header; its columns are named by place, and the first row is a record."
BY_POSITION = 'Or name columns by their place, such as date = "column 2"; `segkit init` drafts that.'


def header_words(name: str) -> list[str]:
    """Split a header into plain words.

    >>> header_words("Call startTime (UTC)"), header_words("Durée_s")
    (['call', 'start', 'time', 'utc'], ['duree', 's'])
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-z0-9]+", plain(spaced)) if word]


def known_heading(name: str) -> bool:
    """Tell whether a heading consists of words that headings of logs have: it may stand on a page.

    >>> known_heading("Phone number"), known_heading("Xanbriol")
    (True, False)
    """
    words = header_words(name)
    if POSITION.fullmatch(name):
        return True
    return bool(words) and ("".join(words) in KNOWN or all(word in KNOWN for word in words))


def points_at_someone(text: str) -> bool:
    """Tell whether a text has the form of an identifier in it: an e-mail or SIP address, or seven digits and more.

    Dates are none, and neither are ranges of amounts with signs of currency or commas between their digits.

    >>> [points_at_someone(t) for t in ("call 0555 123 456", "a.b@example.org", "Order of 2024-01-02", "$100 - $200")]
    [True, True, False, False]
    """
    text = folded(text)
    return bool(ADDRESS.search(text) or DIGITS.search(A_DATE.sub(" ", text)))


def _form(text: str) -> str:
    """Return what a text is like: ``9`` for digits at a stretch, ``a`` for letters.

    >>> _form("Jan 2, 2024 8:00 AM")
    'a 9, 9 9:9 a'
    """
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", folded(text)))


def looks_like_data(first: Sequence[str], below: Iterable[Sequence[str]] = ()) -> bool:
    """Tell whether a first row is a record and no header.

    It is, if a cell has the form of an identifier, a date or a time; if a cell is a number above numbers; or if two
    cells with digits have the form of most cells below them (``1 min 20 s`` above ``2 min 5 s``). A log has a date and
    a length in every row, so one of these tells each log that lost its header.

    >>> looks_like_data(["date", "number"]), looks_like_data(["2024-01-02", "Anna"]), looks_like_data(["1", "x"], [["2", "y"]])
    (False, True, True)
    """
    if any(points_at_someone(cell) or MOMENT.fullmatch(folded(cell)) for cell in first):
        return True
    alike = 0
    rows = list(below)
    for i, cell in enumerate(first):
        column = [text for row in rows if i < len(row) and (text := visible(row[i]))]
        if not column or not any(c.isdigit() for c in cell):
            continue
        numbers = sum(bool(NUMBER.fullmatch(folded(text))) for text in column)
        if NUMBER.fullmatch(folded(cell)) and numbers >= 0.9 * len(column):
            return True
        alike += sum(_form(text) == _form(cell) for text in column) >= 0.5 * len(column)
    return alike >= 2


def places(width: int) -> tuple[str, ...]:
    """Return what the columns of a file without a header are called.

    >>> places(2)
    ('column 1', 'column 2')
    """
    return tuple(f"column {number}" for number in range(1, width + 1))


def places_of(wanted: Iterable[str]) -> list[int]:
    """Return the numbers of the columns that are named by their place.

    >>> places_of(["column 3", "date"])
    [3]
    """
    return [int(match[1]) for name in wanted if (match := POSITION.fullmatch(name))]


def is_headless(
    path: Path,
    first: Sequence[str],
    wanted: Sequence[str],
    below: Sequence[Sequence[str]],
    *,
    section: str,
    open_: bool,
) -> bool:
    """Tell whether the first row is a record, and columns are known by their places.

    Parameters
    ----------
    path : path
    first : sequence of str
    wanted : sequence of str
        Columns that the settings name.
    below : sequence of sequence of str
        Some rows below the first.
    section : str
        The part of the settings that names the columns.
    open_ : bool
        Whether a file without a header is taken although no settings say that it is one.

    Raises
    ------
    InputError
        The settings name columns by place, and the file has names, or fewer columns; or they name only some by place.
    """
    placed = places_of(name for name in wanted if name not in first)
    if not placed:
        return open_ and not wanted and len(first) > 1 and looks_like_data(first, below)
    if len(placed) < len(wanted):
        raise InputError(
            f"{section} names some columns by place and some by name", file=path,
            remedy="Name all by place where the file has no header, and all by name where it has one.",
        )  # fmt: skip
    _check_bounds(path, first)
    if not looks_like_data(first, below):
        raise InputError(
            f"{section} names columns by place, and the first row looks like names of columns", file=path, rows=[1],
            remedy=f"Give these names in {section}, or run `segkit init {path.name}`.",
        )  # fmt: skip
    if max(placed) > len(first):
        raise ColumnError(
            f"the file has {len(first):,} columns",
            file=path,
            column=f"column {max(placed)}",
            remedy=f"Correct {section}.",
        )
    return True


def check_header(
    path: Path, header: Sequence[str], wanted: Sequence[str], below: Iterable[Sequence[str]] = (), *, section: str = "",
    remedy: str = f"{REMEDY} {BY_POSITION}",
) -> None:  # fmt: skip
    """Check that the first row is a header, that it has the columns ``wanted``, and none twice.

    Parameters
    ----------
    path : path
    header : sequence of str
    wanted : sequence of str
        Columns that the settings name.
    below : iterable of sequence of str
        Some rows below it.
    section : str
        The part of the settings that names the columns.
    remedy : str
        What to do where the first row looks like data.

    Raises
    ------
    InputError
        The row looks like data, a column is missing (with the nearest name in the file), or a name occurs twice. Names of
        the file are printed only once it is clear that they are names.
    """
    _check_bounds(path, header)
    if looks_like_data(wanted):
        raise InputError(
            f"{section} names a column by what looks like a cell of data", file=path, rows=[1], remedy=remedy
        )
    missing = [name for name in wanted if name not in header]
    if wanted and 2 * len(missing) < len(wanted):  # the names of the settings: a header, so single cells are judged
        odd = [i for i, name in enumerate(header, 1) if points_at_someone(name)]
        if odd:
            raise InputError(
                f"the name of column {odd[0]} has the form of an identifier (a number or an address)",
                file=path,
                rows=[1],
                remedy="Give the column another name; names of columns may stand on pages.",
            )
    elif looks_like_data(header, below):
        raise InputError("the first row looks like data, not like names of columns", file=path, rows=[1], remedy=remedy)
    if missing:
        close = _nearest(missing[0], header, wanted)
        hint = f'The nearest name in the file is "{printable(close)}". ' if close else ""
        others = ", ".join(f'"{printable(name)}"' for name in missing[1:])
        raise ColumnError(
            "the file has no such column" + (f", nor {others}" if others else ""),
            file=path,
            column=missing[0],
            remedy=f"{hint}Correct {section} (delete the line of a column that the file does not have), "
            f"or run `segkit init {path.name}`.",
        )
    twice = next((name for name in header if name and list(header).count(name) > 1), None)
    if twice is not None:
        if twice in wanted or known_heading(twice):
            raise InputError("two columns have this name", file=path, column=twice, remedy="Rename one of them.")
        at = [str(i) for i, name in enumerate(header, 1) if name == twice]
        raise InputError(f"columns {' and '.join(at[:2])} have one name", file=path, remedy="Rename one of them.")
    if len(header) < 2 and not wanted:
        raise InputError("this is not a table with several columns", file=path, remedy=SAVE_AS_CSV)


def _check_bounds(path: Path, header: Sequence[str]) -> None:
    if len(header) > limits.COLUMNS:
        raise InputError(
            f"the file has {len(header):,} columns, and at most {limits.COLUMNS:,} are read", file=path,
            remedy="Export only the columns that describe an event.",
        )  # fmt: skip
    long = next((i for i, name in enumerate(header, 1) if len(name) > limits.NAME), None)
    if long is not None:
        raise InputError(
            f"the name of column {long} is longer than {limits.NAME:,} characters", file=path,
            remedy="Check that the first line holds the names of the columns, and shorten this one.",
        )  # fmt: skip


def _nearest(missing: str, header: Sequence[str], wanted: Sequence[str]) -> str | None:
    """Return the name most like a missing one, of those that share a word with the settings or with other logs."""
    words = KNOWN.union(*map(header_words, wanted))
    names = {h.lower(): h for h in reversed(header) if words.intersection(header_words(h))}
    near = difflib.get_close_matches(missing.lower(), list(names), n=1, cutoff=0.5)
    return names[near[0]] if near else None
