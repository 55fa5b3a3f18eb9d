"""The columns of a file of leads, each typed, in one spelling, or set aside with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..config import Personas
from ..contract import LEADS
from ..text import flat
from .cells import CONSTANT, FEW, Cells, aside, numbers
from .headers import header_words, points_at_someone
from .labels import labels
from .lead_words import NO_VALUE, RANGES, TABLES, spelled

Kind = Literal["category", "number"]
Part = Literal["geography", "professional", "demographic", "acquisition", "other"]

SHAPED, A_SHAPE = "(a number or an address of somebody)", "the form of an identifier"
DROPPED = "left out by the settings"
ROLES: dict[str, tuple[str, Part, bool]] = {
    "state": ("State", "geography", False),
    "industry": ("Industry", "professional", False),
    "job_title": ("Job title", "professional", False),
    "education": ("Education", "professional", False),
    "age_range": ("Age", "demographic", True),
    "experience": ("Years of experience", "demographic", False),
    "gender": ("Gender", "demographic", True),
    "lead_source": ("Lead source", "acquisition", False),
}


@dataclass(frozen=True)
class LeadColumn:
    """A column that describes leads.

    Attributes
    ----------
    name : str
        ``state``, ``industry``, ``job_title``, ``education``, ``age_range``, ``experience``, ``gender`` or ``lead_source``;
        else made of the header: lower case letters, digits and underscores.
    label : str
        What readers see.
    kind : {"category", "number"}
    part : {"geography", "professional", "demographic", "acquisition", "other"}
    sensitive : bool
        Whether it must never lead to an action: gender, age, and what is like them.
    """

    name: str
    label: str
    kind: Kind
    part: Part
    sensitive: bool = False


@dataclass(frozen=True)
class Change:
    """A spelling that was made another one, with its rows and the reason. ``after`` is empty where no value is left."""

    column: str
    before: str
    after: str
    rows: int
    why: str


@dataclass(frozen=True)
class SetAside:
    """A column of the file that describes nobody, by its header made fit to print, and why."""

    label: str
    why: str


class Columns:
    """The table as it grows, column by column."""

    def __init__(self, settings: Personas, roles: Mapping[str, str], *, comma: bool) -> None:
        self.drop, self.comma = set(settings.drop), comma
        self.role_of = {header: role for role, header in roles.items()}
        self.frame: dict[str, pd.Series] = {}
        self.columns: list[LeadColumn] = []
        self.changes: list[Change] = []
        self.set_aside: dict[str, str] = {}

    def add(self, header: str, cells: Cells) -> None:
        """Type a column, or set it aside."""
        name = self._name(header)
        role = self.role_of.get(header, name if name in ROLES else "")
        values = numbers(cells.texts, comma=self.comma) if cells.texts and role in ("", *RANGES) else None
        why = DROPPED if header in self.drop else aside(header, cells, values, role)
        if why:
            self.set_aside[header] = why
            return
        number = values is not None and len(cells.texts) > FEW
        changes: list[Change] = []
        if number and values is not None:
            column = pd.Series(np.array([*values, np.nan])[cells.codes])
        else:
            kept, changes = _one_spelling(name, role, cells)
            if len(kept.texts) < 2:
                self.set_aside[header] = CONSTANT
                return
            column = pd.Series(np.array([*kept.texts, None], dtype=object)[kept.codes], dtype="str")
        self.frame[name] = column
        self.changes += [Change(name, flat(word), "", rows, NO_VALUE) for word, rows in cells.words] + changes
        label, part, sensitive = ROLES[role] if role else (_label(header), *part_of(header))
        self.columns.append(LeadColumn(name, label, "number" if number else "category", part, sensitive))

    def _name(self, header: str) -> str:
        """Return a name that no other column has, and that no column without a role shares with a role of another."""
        if (role := self.role_of.get(header)) is not None:
            return role
        first = name = "_".join(header_words(header)) or "column"
        taken = {*self.frame, *self.role_of.values(), "converted"}
        count = 1
        while name in taken:
            count += 1
            name = f"{first}_{count}"
        return name


def part_of(header: str) -> tuple[Part, bool]:
    """Return what a further column tells of, judged by its header, and whether it must never lead to an action.

    >>> part_of("Marital status"), part_of("Company size"), part_of("balance"), part_of("Campaña")
    (('demographic', True), ('professional', False), ('other', False), ('acquisition', False))
    """
    words = set(header_words(header))
    kinds: tuple[Part, ...] = ("demographic", "geography", "professional", "acquisition")
    for kind in kinds:
        roles = " ".join(LEADS[role].strong for role, (_, part, _) in ROLES.items() if part == kind)
        if words & set(f"{TABLES['parts'][kind]} {roles}".split()):
            return kind, bool(words & set(TABLES["parts"]["sensitive"].split()))
    return "other", bool(words & set(TABLES["parts"]["sensitive"].split()))


def _label(header: str) -> str:
    words = flat(header).replace("_", " ")
    return words[:1].upper() + words[1:]


def _one_spelling(name: str, role: str, cells: Cells) -> tuple[Cells, list[Change]]:
    """Return the cells of a category with one spelling per value, and what was changed.

    A rare value with the form of a telephone number or an address is none: it would point at somebody.
    """
    shown = labels(cells.texts)
    shaped = {t for t, n in zip(cells.texts, cells.counts, strict=True) if n < FEW and points_at_someone(t)}
    seen = cells.recoded([None if text in shaped else shown[text] for text in cells.texts])
    found = spelled(role, seen.texts, seen.counts)
    changes = [
        Change(name, text, new.after, rows, new.why)
        for text, new, rows in zip(seen.texts, found, seen.counts, strict=True)
        if new.after != text
    ]
    if shaped:
        rows = sum(n for text, n in zip(cells.texts, cells.counts, strict=True) if text in shaped)
        changes.append(Change(name, SHAPED, "", rows, A_SHAPE))
    return seen.recoded([new.after for new in found]), changes
