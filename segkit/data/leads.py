"""The loader of leads: a file with one row per lead in, a typed table of keyed leads and their outcome out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..config import Personas
from ..contract import LEADS
from ..errors import ColumnError, InputError
from ..privacy import keyed_all
from ..text import flat
from . import notes
from .calendar_words import plain
from .cells import ASIDE, IDENTIFIER, Cells, Ints, counted, enough, read_cells
from .identifiers import Identifiers
from .lead_columns import Change, Columns, LeadColumn, SetAside
from .lead_words import TABLES
from .marks import folded
from .newest import Column
from .tables import Table, open_table

__all__ = ["Change", "LeadColumn", "LeadTable", "SetAside", "lead_identifiers", "load_leads"]

COMFORTABLE = 100  # leads below which nearly everything is uncertain
# Files whose columns are known where the settings name none: the schema of this study, of which a file may have a part, and
# the public data set as it is, where the channel of the contact stands for the source of the lead.
SCHEMA = {
    "outcome": "is_sale", "state": "State", "industry": "Industry", "job_title": "Job Title", "education": "Education Level",
    "age_range": "Age_range", "experience": "Years of Experience", "gender": "Gender", "lead_source": "Lead Source",
}  # fmt: skip
PUBLIC = {"outcome": "y", "job_title": "job", "education": "education", "lead_source": "contact", "id": "Cust_num"}


@dataclass(frozen=True)
class LeadTable:
    """The leads of a file.

    Attributes
    ----------
    frame : DataFrame
        One row per lead in the order of the file, indexed by keyed ids (12 hex digits). Categories are text (``str``),
        numbers float64; NaN where nothing is known.
    outcome : Series of bool
        Whether the lead converted, named ``converted``, same index.
    columns : tuple of LeadColumn
        In the order of the frame's.
    changes : tuple of Change
        Every spelling that was made another one. Some are of few rows, so pages have to suppress small counts.
    set_aside : tuple of SetAside
    rows : int
    fingerprint : str
        SHA-256 of the file's bytes, 64 hex digits.
    duplicates : int
        Rows that repeat an earlier one in every column but those that identify somebody. They are counted and kept.
    warnings, notes : tuple of str
        What makes results uncertain; and what else the reader should know of the file.
    """

    frame: pd.DataFrame = field(repr=False)
    outcome: pd.Series = field(repr=False)
    columns: tuple[LeadColumn, ...]
    changes: tuple[Change, ...] = field(repr=False)
    set_aside: tuple[SetAside, ...]
    rows: int
    fingerprint: str
    duplicates: int
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def load_leads(path: Path, settings: Personas, *, key: bytes, quarantine: Path | None = None) -> LeadTable:
    """Load leads from delimited text, Parquet, a workbook or JSON.

    Parameters
    ----------
    path : path
    settings : Personas
        Which column has which role, and which ones are left out.
    key : bytes
        The secret under which leads are keyed: by their number where the file has one, else by their row.
    quarantine : path, optional
        Not used, since no row is set aside; here so that all loaders are called alike.

    Returns
    -------
    LeadTable

    Raises
    ------
    InputError
        The file cannot be used as it is: not readable, an outcome that is neither yes nor no, the same one for all, or fewer
        than 20 leads. The message names file, column, rows and remedy.
    ColumnError
        It lacks a column that the settings name, or they name none and its columns are not known.
    """
    path = Path(path)
    with _opened(path, settings) as (table, roles):
        rows, cells = read_cells(table)
        source = table.source
        outcome = _outcome(path, roles["outcome"], cells[roles["outcome"]], rows)
        made = Columns(settings, roles, comma=source.delimiter == ";")
        for header, column in cells.items():
            if header != roles["outcome"]:
                made.add(header, column)
        said = (*source.notes, *notes.invisible(table))
    ids = _ids(cells[roles["id"]] if "id" in roles else None, rows, key)
    if not made.columns:
        raise InputError(
            "no column describes the leads: all others are empty, constant, dates, texts or identifiers", file=path,
            remedy="Export columns such as state, industry or job title as well.",
        )  # fmt: skip
    index = pd.Index(ids, dtype="str", name="lead")
    few = f"{len(rows):,} leads are few: below {COMFORTABLE}, nearly every rate and segment is uncertain."
    return LeadTable(
        frame=pd.DataFrame(made.frame).set_index(index),
        outcome=pd.Series(outcome, index=index, name="converted"),
        columns=tuple(made.columns),
        changes=tuple(made.changes),
        set_aside=tuple(SetAside(flat(header), why) for header, why in made.set_aside.items()),
        rows=len(rows),
        fingerprint=source.fingerprint,
        duplicates=_duplicates([c for h, c in cells.items() if made.set_aside.get(h) not in ASIDE]),
        warnings=(few,) if len(rows) < COMFORTABLE else (),
        notes=tuple(flat(note, limit=None) for note in said),
    )


def lead_identifiers(path: Path, settings: Personas) -> Identifiers:
    """Collect every text of a file that may identify somebody, as the file has it.

    Raises
    ------
    InputError
        The file cannot be read, or has not these columns.
    """
    with _opened(Path(path), settings) as (table, roles):
        _, cells = read_cells(table)
        made = Columns(settings, roles, comma=table.source.delimiter == ";")
        for header, column in cells.items():
            if header != roles["outcome"]:
                made.add(header, column)
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for header, why in made.set_aside.items():
        if why in ASIDE:
            found[why == IDENTIFIER or header == roles.get("id")] |= set(cells[header].texts)
    return Identifiers(frozenset(found[True]), frozenset(found[False]))


@contextmanager
def _opened(path: Path, settings: Personas) -> Iterator[tuple[Table, dict[str, str]]]:
    """Open a file and tell which column has which role."""
    used, section = settings.columns.used, LEADS.section("columns")
    with open_table(path, list(used.values()), section=section) as table:
        for setting in ("keep", "drop"):
            lacking = [name for name in getattr(settings, setting) if name not in table.columns]
            if lacking:
                raise ColumnError(
                    f"the file has no such column, which the settings {setting}", file=path, column=lacking[0],
                    remedy=f"Correct `{setting}` in [{LEADS.study}].",
                )  # fmt: skip
        roles = used or _known(table)
        if not roles:
            raise ColumnError(
                "the settings name no columns, and those of this file are not known", file=path,
                remedy=f"Name them in {section}, or run `segkit init {path.name}`.",
            )  # fmt: skip
        yield table, roles


def _known(table: Table) -> dict[str, str]:
    """Return the roles of the columns of a file that is known without settings; nothing of another one."""
    here = {role: header for role, header in SCHEMA.items() if header in table.columns}
    if "outcome" in here and len(here) > 1:
        return here
    return PUBLIC if set(PUBLIC.values()) <= set(table.columns) else {}


def _outcome(path: Path, column: str, cells: Cells, rows: Ints) -> NDArray[np.bool_]:
    """Read yes and no.

    Both have to occur: all that the study compares are rates of conversion, and where every lead did the same there is none.
    """
    enough(path, len(rows), "leads", "Give a file with more leads")
    value = {word: kind == "yes" for kind, words in TABLES["outcome"].items() for word in words}
    read = [value.get(" ".join(plain(folded(text)).split())) for text in cells.texts]
    strange = np.flatnonzero(np.array([v is None for v in read] + [True])[cells.codes])
    if strange.size:
        empty = int((cells.codes == -1).sum())
        what = f"the outcome of {counted(strange.size, 'leads')} is neither yes nor no"
        raise Column(path, column, cells, rows).error_in(
            what + (f"; it is empty for {empty:,} of them" if empty else ""), strange,
            "Write TRUE or FALSE, 1 or 0, yes or no, or y or n, and leave out leads whose outcome is not known yet.",
        )  # fmt: skip
    out = np.array(read, dtype=bool)[cells.codes]
    if out.all() or not out.any():
        which = "every lead converted" if out.all() else "no lead converted"
        raise InputError(
            f"{which}, so there are no rates to compare", file=path, column=column,
            remedy="Export leads that converted and leads that did not.",
        )  # fmt: skip
    return out


def _ids(cells: Cells | None, rows: Ints, key: bytes) -> list[str]:
    """Key the leads by their rows, or by their numbers, and where these are empty or were there before, by count as well."""
    if cells is None:
        raw = [str(row) for row in rows.tolist()]
    else:
        texts = (*cells.texts, "")
        seen = pd.Series(cells.codes).groupby(cells.codes).cumcount().tolist()
        raw = [f"{texts[c]}\0{n}" if n or c < 0 else texts[c] for c, n in zip(cells.codes.tolist(), seen, strict=True)]
    table = keyed_all(raw, key)
    return [table[text] for text in raw]


def _duplicates(cells: Sequence[Cells]) -> int:
    return int(pd.DataFrame({i: c.codes for i, c in enumerate(cells)}).duplicated().sum())
