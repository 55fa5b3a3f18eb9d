"""The loader of an export of prospects: a file with one row per prospect in, keyed prospects with counts and dates out.

Free text (drill-downs, referrers, channels of acquisition, owners) and numbers of prospects stay in this room: what goes on are
counts of the channels that they name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ..config import Channels
from ..contract import CRM
from ..errors import ColumnError
from ..privacy import keyed_all
from ..prospect_settings import SOURCE_ROLES
from ..text import flat
from . import notes
from .cells import ASIDE, IDENTIFIER, aside, counted, enough, numbers, read_cells
from .channel_words import VERSION
from .column_dates import end_of_record, moments
from .detectors import DETECTORS
from .gates import Quarantined
from .histories import split
from .identifiers import Identifiers
from .newest import Column, counts, numbered
from .prospect_cells import intakes, likelihoods, sources, stages
from .prospect_roles import DATES
from .roles import known_columns
from .tables import Table, open_table

UNITS, COMFORTABLE = "prospects", 1_000  # below so many nearly every rate is uncertain
CLICKS = ("clicks_broadcast", "clicks_linkedin", "clicks_twitter", "clicks_facebook")
COUNTS = ("sessions", "pageviews", "forms")
SECTION = f"[{CRM.study}]"  # of the settings
ENUMS = ("original_source", "latest_source")


@dataclass(frozen=True)
class ProspectTable:
    """The prospects of an export.

    Attributes
    ----------
    frame : DataFrame
        One row per prospect in the order of the file, indexed by keyed ids (12 hex digits). float64 ``clicks`` (those of four
        networks together), ``sessions``, ``pageviews`` and ``forms``; ``likelihood`` from 0 to 1; datetime64 ``created``,
        ``closed``, ``first_online`` and ``first_offline``; text (``str``) ``original_source`` and ``latest_source`` (one of
        `channel_words.SOURCES`, else ``OTHER``), ``stage`` (one of `channel_words.STAGES`) and ``intake`` (``YYYYPP``). NaN
        or NaT where nothing is known, also for all rows where the file lacks a column.
    touches : dict of str to DataFrame
        By detector (``taxonomy``, ``literal``), what :mod:`detectors` counts, same index.
    as_of : Timestamp
        The moment of the export: of the settings, else the last date in the file.
    rows : int
    quarantined : tuple of Quarantined
        Empty, since no row is set aside.
    warnings, notes : tuple of str
        What makes results uncertain; and what else the reader should know of the file.
    fingerprint : str
        SHA-256 of the file's bytes, 64 hex digits.
    history : DataFrame
        One row per column with histories: ``column`` (its role), ``cells`` with more than one value, ``most`` values of one.
    negative : int
        Contacts that closed on a day before the one of their creation, which is an error of the file.
    dictionary : str
        The version of the dictionary of channels.
    """

    frame: pd.DataFrame = field(repr=False)
    touches: dict[str, pd.DataFrame] = field(repr=False)
    as_of: pd.Timestamp
    rows: int
    quarantined: tuple[Quarantined, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    fingerprint: str
    history: pd.DataFrame = field(repr=False)
    negative: int
    dictionary: str = VERSION


def load_prospects(path: Path, settings: Channels, *, key: bytes, quarantine: Path | None = None) -> ProspectTable:
    """Load an export of prospects from delimited text, Parquet, a workbook or JSON.

    Parameters
    ----------
    path : path
    settings : Channels
        Which column has which role; where they name none, columns are known by the headers of known exports.
    key : bytes
        The secret under which prospects are keyed.
    quarantine : path, optional
        Not used, since no row is set aside; here so that all loaders are called alike.

    Returns
    -------
    ProspectTable

    Raises
    ------
    InputError
        The file cannot be used as it is: not readable, fewer than 20 prospects, a number of a prospect that is empty or there
        twice, cells that are no number or date, or what it leaves open (the order of dates, the unit of likelihoods). The
        message names file, column, rows and remedy.
    ColumnError
        It lacks a column that the settings name, or they name none and it lacks one that is needed.
    """
    path = Path(path)
    with _opened(path, settings) as (table, roles):
        rows, cells = read_cells(table, set(roles.values()))
        enough(path, len(rows), UNITS, "Export more prospects")
        source = table.source
        columns = {role: Column(path, header, cells[header], rows) for role, header in roles.items()}
        days = {role: columns[role] for role in DATES if role in columns}
        dated, said = moments(table, days, settings.date_order, SECTION)
        said = (*source.notes, *notes.invisible(table), *said)
    ids = numbered(columns["id"], UNITS)
    frame, more = _values(columns, settings, comma=source.delimiter == ";")
    at, warnings, later = end_of_record(columns["created"], dated, settings.as_of, UNITS, SECTION)
    frame |= {
        role: dated.get(role, pd.Series(pd.NaT, index=range(len(rows)), dtype="datetime64[us]")) for role in DATES
    }
    keyed = keyed_all(ids, key)
    index = pd.Index([keyed[i] for i in ids], dtype="str", name="prospect")
    texts = {role: columns[role].cells for role in SOURCE_ROLES if role in columns}
    early = frame["closed"].dt.normalize() < frame["created"].dt.normalize()
    return ProspectTable(
        frame=pd.DataFrame(frame).set_index(index),
        touches={name: detect(texts).set_index(index) for name, detect in DETECTORS.items()},
        as_of=at,
        rows=len(rows),
        quarantined=(),
        warnings=(*_few(len(rows)), *warnings),
        notes=tuple(flat(note, limit=None) for note in (*said, *more, *later)),
        fingerprint=source.fingerprint,
        history=_history(columns),
        negative=int(early.sum()),
    )


def prospect_identifiers(path: Path, settings: Channels) -> Identifiers:
    """Collect every text of a file that may identify somebody, as the file has it.

    These are the numbers of prospects, their owners, and columns without a role that hold names, addresses or numbers of
    persons.

    Raises
    ------
    InputError
        The file cannot be read, or has not these columns.
    """
    with _opened(Path(path), settings) as (table, roles):
        _, cells = read_cells(table)
        comma = table.source.delimiter == ";"
    found: dict[bool, set[str]] = {True: set(cells[roles["id"]].texts), False: set()}
    if "owner" in roles:
        texts = cells[roles["owner"]].texts
        found[False] |= {*texts, *(value for text in texts for value in split(text))}
    used = set(roles.values())
    for header, column in cells.items():
        if header not in used and (why := aside(header, column, numbers(column.texts, comma=comma))) in ASIDE:
            found[why == IDENTIFIER] |= set(column.texts)
    return Identifiers(frozenset(found[True]), frozenset(found[False]))


@contextmanager
def _opened(path: Path, settings: Channels) -> Iterator[tuple[Table, dict[str, str]]]:
    """Open a file and tell which column has which role."""
    used, section = settings.columns.used, CRM.section("columns")
    with open_table(path, list(used.values()), section=section) as table:
        roles = used or known_columns(table.columns, CRM)
        lacking = [CRM[role].aliases[0] for role in CRM.required if role not in roles]
        if not lacking and not roles.keys() & set(SOURCE_ROLES):
            lacking = [CRM[SOURCE_ROLES[0]].aliases[0]]
        if lacking:
            raise ColumnError(
                "the settings name no columns, and the file has none of this name", file=path, column=lacking[0],
                remedy=f"Name the columns in {section}, or run `segkit init {path.name}`.",
            )  # fmt: skip
        yield table, roles


def _values(
    columns: Mapping[str, Column], settings: Channels, *, comma: bool
) -> tuple[dict[str, pd.Series], tuple[str, ...]]:
    """Return the columns of the frame but for dates, and what the reader should know of them."""
    size = len(columns["id"].rows)
    nothing = np.full(size, np.nan)
    clicked = np.array([counts(columns[role], comma=comma) for role in CLICKS if role in columns]).reshape(-1, size)
    none = np.isnan(clicked).all(axis=0) if len(clicked) else np.ones(size, dtype=bool)
    out = {"clicks": pd.Series(np.where(none, np.nan, np.nansum(clicked, axis=0)))}
    out |= {r: pd.Series(counts(columns[r], comma=comma) if r in columns else nothing) for r in COUNTS}
    score, unit = (
        likelihoods(columns["likelihood"], settings, comma=comma) if "likelihood" in columns else (nothing, "")
    )
    out["likelihood"] = pd.Series(score)
    said = [unit] if unit else []
    readers = dict.fromkeys(ENUMS, (sources, "a source that the enumeration does not have; it counts as OTHER"))
    readers["stage"] = (stages, "a stage that is not known; it counts as other")
    readers["intake"] = (intakes, "an intake that is no YYYYPP; it counts as missing")
    for role, (read, what) in readers.items():
        if role not in columns:
            out[role] = pd.Series(np.full(size, None, dtype=object), dtype="str")
            continue
        out[role], strange = read(columns[role])
        if strange:
            said.append(f"{counted(strange, UNITS)} {'has' if strange == 1 else 'have'} {what} ({role}).")
    return out, tuple(said)


def _history(columns: Mapping[str, Column]) -> pd.DataFrame:
    found = [(role, *column.history) for role, column in columns.items()]
    return pd.DataFrame([row for row in found if row[1]], columns=["column", "cells", "most"])


def _few(rows: int) -> tuple[str, ...]:
    few = f"{counted(rows, UNITS)} are few: below {COMFORTABLE:,}, nearly every rate is uncertain."
    return (few,) if rows < COMFORTABLE else ()
