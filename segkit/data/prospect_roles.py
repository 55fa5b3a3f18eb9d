"""Which column of an export of prospects plays which role: known by the headers of known exports, else by header words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..config import Channels
from ..contract import CRM, Contract, Role
from ..prospect_settings import SOURCE_ROLES
from .cells import read_cells
from .column_dates import moments
from .newest import Column, UnsettledError
from .prospect_cells import likelihoods
from .roles import MOSTLY, NUMBERED, Choice, Profile, choose_known, known_columns
from .tables import Table

DATES = ("created", "closed", "first_online", "first_offline")


def known(headers: Iterable[str]) -> bool:
    """Tell whether a file is a known export: it has a number of the prospect, a date of creation and a source by their names."""
    here = known_columns(headers, CRM)
    return here.keys() >= set(CRM.required) and bool(here.keys() & set(SOURCE_ROLES))


def choose(
    found: Mapping[str, Profile], rows: int, settled: Mapping[str, str | None], contract: Contract
) -> dict[str, Choice]:
    """Choose a column for every role, as `roles.choose` does for logs.

    Columns of known exports are taken by their names, others where a word of the header says so and the cells may be it. What
    every study of channels needs is asked: the number, the date of creation, and one source.
    """
    out = choose_known(found, settled, contract, lambda role, profile: _may(role, profile, rows))
    if not any(out[role].column for role in SOURCE_ROLES):
        first = SOURCE_ROLES[0]
        taken = {choice.column for choice in out.values()}
        words = tuple(name for name, p in found.items() if name not in taken and p.letters > 0)
        out[first] = Choice(
            first, None, words, "no column is called like a source, and one is needed", False, asked=True
        )
    return {role: out[role] for role in contract.names}


def unsettled(table: Table, choices: Mapping[str, Choice], settings: Channels) -> dict[str, str]:
    """Return what the cells of a file leave open, and why: ``date_order``, ``score_unit``."""
    columns = {
        role: choice.column for role, choice in choices.items() if choice.column and role in (*DATES, "likelihood")
    }
    rows, cells = read_cells(table, set(columns.values()))
    made = {role: Column(table.source.path, name, cells[name], rows) for role, name in columns.items()}
    score = made.pop("likelihood", None)
    out = {}
    try:
        moments(table, made, settings.date_order, f"[{settings.contract.study}]")
    except UnsettledError as error:
        out[error.setting] = error.problem
    try:
        if score:
            likelihoods(score, settings, comma=table.source.delimiter == ";")
    except UnsettledError as error:
        out[error.setting] = error.problem
    return out


def _may(role: Role, p: Profile, rows: int) -> bool:
    """Tell whether cells may play a role; those with histories have no form of their own."""
    if role.kind == "identifier":
        return bool(p.filled) and p.distinct >= NUMBERED * p.filled * rows and p.day < MOSTLY
    if role.kind == "moment":
        return p.day >= MOSTLY or (p.whole >= MOSTLY and p.median > 10**8)
    return p.day < MOSTLY
