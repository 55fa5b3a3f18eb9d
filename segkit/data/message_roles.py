"""Which column of a log of messages plays which role: known by the headers of known exports, else by header words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..config import Conversations
from ..contract import CALLS, MESSAGES, Contract, Role
from .message_columns import PERSONS, TEXTS, Log, both_ways, persons, read, times
from .newest import UnsettledError
from .roles import BY_NAME, MOSTLY, Choice, Profile, choose_known, header_score, known_columns
from .tables import Table

# Headers that other logs do not have: those of texts, or of both sides of a message.
SIDES = (
    frozenset({"fan_id", "subscriber_id", "sender", "from"}), frozenset({"model_name", "creator", "receiver", "recipient", "to"}),
)  # fmt: skip


def known(found: Mapping[str, Profile]) -> bool:
    """Tell whether a file is a known log of messages: it has both sides and a time by their names, and no column of lengths."""
    here = known_columns(found, MESSAGES)
    if not here.keys() >= set(MESSAGES.required):
        return False
    sides = all(here[role].strip().casefold() in names for role, names in zip(PERSONS[:2], SIDES, strict=True))
    texts = any(role in here for role in TEXTS)

    def lasts(name: str, p: Profile) -> bool:
        told = header_score(
            CALLS["duration"], name
        )  # of a weak word (length, talk) the cells of a log without texts decide
        weak = told > 0 and not texts and max(p.number, p.worded) >= MOSTLY
        return p.clock >= MOSTLY or p.elapsed > 0 or told >= BY_NAME or weak

    return (sides or texts) and not any(lasts(name, p) for name, p in found.items())


def choose(
    found: Mapping[str, Profile], rows: int, settled: Mapping[str, str | None], contract: Contract
) -> dict[str, Choice]:
    """Choose a column for every role, as `roles.choose` does for logs; both sides and the time are asked for."""
    out = choose_known(found, settled, contract, _may)
    return {role: out[role] for role in contract.names}


def unsettled(table: Table, choices: Mapping[str, Choice], settings: Conversations) -> dict[str, str]:
    """Return what the cells of a file leave open, and why: ``date_order``, ``both_ways``."""
    roles = {role: choice.column for role, choice in choices.items() if choice.column and role in MESSAGES.required}
    rows, cells = read(table, roles)
    log = Log(table.source.path, roles, np.asarray(rows))
    out = {}
    try:
        if "time" in roles:
            times(table, log, cells["time"], settings.date_order)
    except UnsettledError as error:
        out[error.setting] = error.problem
    try:
        if len(roles) == len(MESSAGES.required):
            both_ways(log, {role: persons(log, cells[role], role) for role in PERSONS[:2]}, settings.both_ways)
    except UnsettledError as error:
        out[error.setting] = error.problem
    return out


def _may(role: Role, p: Profile) -> bool:
    """Tell whether cells may play a role."""
    if role.kind == "moment":
        return p.day >= MOSTLY or (p.whole >= MOSTLY and p.median > 10**8)
    if role.kind == "money":
        return p.money >= MOSTLY and p.day < MOSTLY
    if role.kind == "flag":
        return p.flag >= MOSTLY
    return bool(p.filled) and p.day < MOSTLY
