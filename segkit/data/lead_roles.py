"""Which column of a file of leads plays which role: judged by header words, and by cells that rule a role out."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract import LEADS, Contract, Role
from .headers import header_words
from .roles import BY_NAME, MOSTLY, NUMBERED, Choice, Profile, by_name, header_score

# Roles choose their columns in this order: a job title is called by words that other columns have as well.
FIRST = (
    "outcome", "id", "name", "gender", "education", "age_range", "experience", "state", "industry", "lead_source", "job_title",
)  # fmt: skip
TWO = 2  # values of an outcome


def choose(
    found: Mapping[str, Profile], rows: int, settled: Mapping[str, str | None], contract: Contract
) -> dict[str, Choice]:
    """Choose a column for every role, as `roles.choose` does for logs.

    The outcome is taken by its name where its cells are yes and no. Where no name says it, every column of yes and no is a
    candidate. Other columns are taken by their names alone: what no role takes describes leads all the same.
    """
    taken = {column for column in settled.values() if column}
    out: dict[str, Choice] = {}
    for role in FIRST:
        if role in settled:
            out[role] = Choice(role, settled[role], (), "as you answered")
            continue
        left = {name: profile for name, profile in found.items() if name not in taken}
        out[role] = _outcome(left) if role == "outcome" else _named(contract[role], left, rows)
        taken |= {out[role].column} if out[role].column else set()  # type: ignore[arg-type]
    return {role: out[role] for role in contract.names}


def _outcome(found: Mapping[str, Profile]) -> Choice:
    flags = [name for name, p in found.items() if p.flag >= MOSTLY and p.distinct <= TWO]
    scores = {name: _score(LEADS["outcome"], name) for name in flags}
    best = max(scores.values(), default=(0.0, 0))
    first = [name for name in flags if scores[name] == best]
    if best[0] >= BY_NAME and len(first) == 1:
        return Choice("outcome", first[0], tuple(flags), "its name says so, and its cells are yes and no")
    if not flags:
        return Choice("outcome", None, (), "no column has yes and no alone")
    count = f"{len(flags)} columns have" if len(flags) > 1 else "one column has"
    return Choice("outcome", None, tuple(flags), f"{count} yes and no alone, and no name says which is meant", False)


def _named(role: Role, found: Mapping[str, Profile], rows: int) -> Choice:
    scores = {
        name: score for name, p in found.items() if _may(role, p, rows) and (score := _score(role, name))[0] >= BY_NAME
    }
    return by_name(role, scores, tuple(scores), (BY_NAME, 0))


def _score(role: Role, name: str) -> tuple[float, int]:
    """Return what a header says for a role, and how many of its words do: "Lead source" says more than "Source"."""
    words = {*header_words(name), "".join(header_words(name))}
    return header_score(role, name), len(words & set(f"{role.strong} {role.weak}".split()))


def _may(role: Role, p: Profile, rows: int) -> bool:
    if not p.filled or p.day >= MOSTLY:
        return False
    if role.name == "id":
        return p.distinct >= NUMBERED * p.filled * rows
    return role.name in ("age_range", "experience") or p.letters > 0
