"""The loader of a log of messages: a file with one row per message in, keyed pairs with times, texts and money out.

Raw identifiers end in this room. Texts go on in memory alone: no result, page or file has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..config import Conversations
from ..contract import MESSAGES
from ..errors import ColumnError
from ..privacy import keyed_all
from ..text import flat
from . import message_columns, notes
from .cells import ASIDE, IDENTIFIER, Cells, Ints, aside, counted, enough, numbers, read_cells
from .column_dates import to_the_end
from .gates import Quarantined
from .identifiers import Identifiers
from .message_columns import COLUMNS, PERSONS, SECTION, TEXTS, Flags, Log, Persons, both_ways, persons, persons_notes
from .message_money import Money, read_money
from .roles import known_columns
from .tables import Table, open_table, repeated
from .text_marks import marks

COMFORTABLE = 100  # subscribers below which nearly every rate is uncertain
LONG = 20  # characters of a message from which on it is one of few
WORDS = 8  # first words of a message by which it is known
MOST = 5_000  # messages that are searched for
# What each mark of a person has in it, so that few texts are looked at closely.
POINTERS = r"(?s)[@\x{ff20}\x{fe6b}\x{ff0e}\x{3002}$#:=/\[({<]|[.]\pL|[wW]{3}|\p{Nd}.{0,3}\p{Nd}.{0,3}\p{Nd}"


@dataclass(frozen=True)
class Messages:
    """The messages of a file.

    Attributes
    ----------
    frame : DataFrame
        One row per row of the file, sorted by time, those of one time in the order of the file. Keyed ids (12 hex digits) as
        text (``str``): ``pair``, ``subscriber``, ``account`` and ``staff`` (NaN where there is none). ``time`` (datetime64),
        ``row`` (int64, of the file; the header is 1). ``inbound`` and ``outbound``: what subscriber and account wrote, NaN where
        that is nothing. float64 ``price``, ``tips`` and ``revenue`` in units of money: ``price`` is 0 where nothing was
        offered, all are NaN where the file has no money; bool ``purchased``. bool ``by_subscriber``: whether the message is
        the subscriber's; it is so in each row but where people write to each other.
    has_text, has_money : bool
        Whether any message has a text, and whether the file has columns of money.
    as_of : Timestamp
        The end of the log: of the settings, else the last message.
    rows : int
    fingerprint : str
        SHA-256 of the file's bytes, 64 hex digits.
    currency : str
        The code, or what the file writes; empty where it states none.
    notes, warnings : tuple of str
        What the reader should know of the file; and what makes results uncertain.
    quarantined : tuple of Quarantined
        Empty, since no row is set aside.
    """

    frame: pd.DataFrame = field(repr=False)
    has_text: bool
    has_money: bool
    as_of: pd.Timestamp
    rows: int
    fingerprint: str
    currency: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    quarantined: tuple[Quarantined, ...]


def load_messages(path: Path, settings: Conversations, *, key: bytes, quarantine: Path | None = None) -> Messages:
    """Load a log of messages from delimited text, Parquet, a workbook or JSON.

    Parameters
    ----------
    path : path
    settings : Conversations
        Which column has which role; where they name none, columns are known by the headers of known exports.
    key : bytes
        The secret under which identifiers are keyed.
    quarantine : path, optional
        Not used, since no row is set aside; here so that all loaders are called alike.

    Returns
    -------
    Messages

    Raises
    ------
    InputError
        The file cannot be used as it is: not readable, fewer than 20 subscribers, cells that are empty or cannot be read,
        amounts that do not add up, messages after ``as_of``, or what it leaves open (the unit or the order of times, whether
        people write to each other). The message names file, column, rows and remedy.
    ColumnError
        It lacks a column that the settings name, or they name none and it lacks one that is needed.

    Notes
    -----
    Where people write to each other (``both_ways``), a pair is two people in whatever order, its subscriber is who wrote first,
    and a text of the other one is outbound, whatever column it stands in.
    """
    path = Path(path)
    with _opened(path, settings) as (table, roles):
        source = table.source
        rows, found = message_columns.read(table, roles)
        log = Log(path, roles, rows)
        people = {role: persons(log, found[role], role) for role in PERSONS if role in roles}
        both, shared = both_ways(log, people, settings.both_ways)
        moments, dated = message_columns.times(table, log, found["time"], settings.date_order)
        money = read_money(table, log)
        said = [*source.notes, *notes.invisible(table), *dated, *shared, *_repeated(table)]
    for role, who in people.items():
        said += persons_notes(role, who)
    order = np.argsort(moments, kind="stable")
    columns, first = _who(log, people, order, key, both=both)
    at = _end(log, moments, settings)
    frame = pd.DataFrame(columns | {"time": moments[order], "row": log.rows[order]})
    frame = frame.assign(**_texts(found, order, first), **_amounts(money, order), by_subscriber=first)
    subscribers = frame["subscriber"].nunique()
    enough(path, subscribers, "subscribers", "Export a longer log, or one of more subscribers")
    few = f"{counted(subscribers, 'subscribers')} are few: below {COMFORTABLE}, nearly every rate is uncertain."
    return Messages(
        frame=frame,
        has_text=bool(frame[list(TEXTS)].notna().any(axis=None)),
        has_money=money.known,
        as_of=at,
        rows=len(frame),
        fingerprint=source.fingerprint,
        currency=money.currency,
        notes=tuple(flat(note, limit=None) for note in (*said, *money.notes)),
        warnings=(few,) if subscribers < COMFORTABLE else (),
        quarantined=(),
    )


def message_identifiers(path: Path, settings: Conversations) -> Identifiers:
    """Collect every text of a file that may identify somebody, as the file has it.

    These are the identifiers of subscribers, accounts and staff; columns without a role that hold names, addresses or numbers
    of persons; e-mail addresses, telephone numbers, addresses of the web and handles within messages; and of whole messages
    the first words, since a finished page has no message. These are those of 20 characters and more; of more than 5,000, so
    many that are spread evenly over all, since a search for a text costs 0.3 ms to prepare, and who publishes a column of texts
    publishes some of these.

    Raises
    ------
    InputError
        The file cannot be read, or has not these columns.
    """
    with _opened(Path(path), settings) as (table, roles):
        _, found = message_columns.read(table, roles)
        others = set(table.columns) - set(roles.values())
        _, cells = read_cells(table, others) if others else (None, {})
        comma = table.source.delimiter == ";"
    numbered = {text for role in PERSONS if role in roles for text in found[role].texts}
    named: set[str] = set()
    for header, column in cells.items():
        if (why := aside(header, column, numbers(column.texts, comma=comma))) in ASIDE:
            (numbered if why == IDENTIFIER else named).update(column.texts)
    texts = list(dict.fromkeys(text for role in TEXTS if role in roles for text in found[role].texts))
    pointing = pc.match_substring_regex(pa.array(texts, pa.string()), POINTERS).to_numpy(zero_copy_only=False)
    for at in np.flatnonzero(pointing):
        for kind, mark in marks(texts[at]):
            (numbered if kind == "phone" else named).add(mark)
    long = [text for text in texts if len(text) >= LONG]
    step = max(1, len(long) / MOST)
    named |= {" ".join(long[int(i * step)].split()[:WORDS]) for i in range(min(len(long), MOST))}
    return Identifiers(frozenset(numbered), frozenset(named))


def pair_text(subscriber: str, account: str) -> str:
    r"""Return the text of a pair, which is keyed: no two pairs have the same, since cells have no such separator (`marks`).

    >>> pair_text("1", "2 3")
    '1\x1f2 3'
    """
    return f"{subscriber}\x1f{account}"


@contextmanager
def _opened(path: Path, settings: Conversations) -> Iterator[tuple[Table, dict[str, str]]]:
    """Open a file and tell which column has which role."""
    used = settings.columns.used
    with open_table(path, list(used.values()), section=COLUMNS) as table:
        roles = used or known_columns(table.columns, MESSAGES)
        lacking = [MESSAGES[role].aliases[0] for role in MESSAGES.required if role not in roles]
        if lacking:
            raise ColumnError(
                "the settings name no columns, and the file has none of this name", file=path, column=lacking[0],
                remedy=f"Name the columns in {COLUMNS}, or run `segkit init {path.name}`.",
            )  # fmt: skip
        yield table, roles


def _who(
    log: Log, people: Mapping[str, Persons], order: Ints, key: bytes, *, both: bool
) -> tuple[dict[str, pd.Series], Flags]:
    """Return the keyed columns in the order of time, and which messages are their subscriber's."""
    texts = {role: np.array(who.texts, dtype=object) for role, who in people.items()}
    codes = {role: who.codes[order] for role, who in people.items()}
    sender, receiver = codes["subscriber"], codes["account"]
    if both:  # of one list, in which the order is that of the texts
        every, place = np.unique(np.concatenate([texts["subscriber"], texts["account"]]), return_inverse=True)
        sender, receiver = place[: len(texts["subscriber"])][sender], place[len(texts["subscriber"]) :][receiver]
        texts["subscriber"] = texts["account"] = every
        themselves = np.zeros(len(order), dtype=bool)
        themselves[order] = sender == receiver
        log.refuse(
            "account", themselves, "messages of people to themselves",
            f"Leave them out of the file, or set both_ways in {SECTION} to false if accounts are somebody else.",
        )  # fmt: skip
    low, high = (np.minimum(sender, receiver), np.maximum(sender, receiver)) if both else (sender, receiver)
    found, begins, pair = np.unique(low * len(texts["account"]) + high, return_index=True, return_inverse=True)
    first = sender == sender[begins][pair]
    names = [
        pair_text(texts["subscriber"][a], texts["account"][b])
        for a, b in zip(*np.divmod(found, len(texts["account"])), strict=True)
    ]
    codes["subscriber"], codes["account"] = np.where(first, sender, receiver), np.where(first, receiver, sender)
    out = {"pair": _keyed(names, pair, key)}
    out |= {role: _keyed(list(texts[role]), codes[role], key) for role in codes}
    if "staff" not in out:
        out["staff"] = _keyed([], np.full(len(order), -1), key)
    return out, first


def _keyed(texts: list[str], codes: Ints, key: bytes) -> pd.Series:
    names = keyed_all(texts, key)
    return _spread([names[text] for text in texts], codes)


def _spread(texts: list[str], codes: Ints) -> pd.Series:
    """Return the text of each row from its place in the list; NaN where it is -1."""
    return pd.Series(np.array([*texts, None], dtype=object)[codes], dtype="str")


def _end(log: Log, moments: np.ndarray, settings: Conversations) -> pd.Timestamp:
    """Return the end of the log."""
    if settings.as_of is None:
        return pd.Timestamp(moments.max())
    at = to_the_end(settings.as_of)
    remedy = f"Correct as_of in {SECTION}, or leave these messages out."
    log.refuse(
        "time", moments > at.to_datetime64(), "messages after the end of the log that the settings state", remedy
    )
    return at


def _texts(found: Mapping[str, Cells], order: Ints, first: Flags) -> dict[str, pd.Series]:
    """Return the texts of each side in the order of time."""
    nothing = Cells((), np.full(len(order), -1))
    cells = {role: found.get(role, nothing) for role in TEXTS}
    out = {role: _spread([*c.texts], c.codes[order]) for role, c in cells.items()}
    if not first.all():
        one, other = out.values()
        out = {"inbound": one.where(first, other), "outbound": other.where(first, one)}
    return out


def _amounts(money: Money, order: Ints) -> dict[str, np.ndarray]:
    return {name: getattr(money, name)[order] for name in ("price", "tips", "revenue", "purchased")}


def _repeated(table: Table) -> tuple[str, ...]:
    count = repeated(table)
    verb = "row repeats an earlier one" if count == 1 else "rows repeat earlier ones"
    return (f"{count:,} {verb} in every column; nothing was dropped.",) if count else ()
