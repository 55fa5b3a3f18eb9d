"""Which column plays which role: judged by header words and by what the cells look like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import pyarrow as pa

from ..config import SIDES
from ..contract import Contract, Role
from ..event_settings import DateOrder
from ..vocabulary import article
from . import dates, lengths, money
from .calendar_words import MONTH_NUMBER, WEEKDAY_NUMBER
from .headers import header_words
from .identifiers import identifier
from .lead_words import TABLES
from .tables import Table

SAMPLE = 20_000  # rows, evenly spread, that are looked at
BY_NAME = 2  # the score of a header that has a word of its own for a role
NUMBERED = 0.98  # of the filled cells have a value of their own where they number the units
ANSWERED = "as you answered"  # the reason for a choice that is the owner's
MOSTLY = 0.9  # a column is of a form when this share of its filled cells is
# Roles choose their columns in this order: those that few columns can have come first.
FIRST = (
    "weekday", "month", "date", "duration", "end", "amount", "time", *SIDES, "direction", "contact", "customer", "order",
    "year", "items", "category",
    "name",
)  # fmt: skip
FLAGS = ", ".join(f"'{word}'" for words in TABLES["outcome"].values() for word in words)  # yes and no, as SQL


@dataclass(frozen=True)
class Profile:
    """What the cells of a column look like: shares of the filled cells of the sample, and a few numbers."""

    name: str
    filled: float
    day: float
    day_and_time: float
    time: float
    number: float
    whole: float
    clock: float
    clock_of_minutes: float
    elapsed: float
    worded: float
    money: float
    cents: float
    phone: float
    letters: float
    weekday: float
    month: float
    year: float
    flag: float
    distinct: int
    largest: float
    median: float


@dataclass(frozen=True)
class Choice:
    """The column chosen for a role, the candidates, and why; and whether one is asked for although the role is not required."""

    role: str
    column: str | None
    candidates: tuple[str, ...]
    reason: str
    sure: bool = True
    scores: Mapping[str, float] = field(default_factory=dict, repr=False)
    asked: bool = False


def profiles(table: Table) -> dict[str, Profile]:
    """Look at a sample of every named column, in one query, whose planning takes longer than its work."""
    step = max(1, -(-table.count // SAMPLE))
    table.connection.execute(f"CREATE OR REPLACE TEMP TABLE sample AS SELECT * FROM raw WHERE rowid % {step} = 0")
    for name, words in (("weekday_words", WEEKDAY_NUMBER), ("month_words", MONTH_NUMBER)):
        table.connection.register(name, pa.table({"word": list(words)}))
    named = [name for name, column in table.columns.items() if table.source.header[int(column[1:])]]
    if not named:
        return {}
    shapes = {
        "d": dates.date_parts("x"), "t": dates.time_parts("x"), "c": dates.clock_parts("x"),
        "mp": money.parts("x", "point"), "mc": money.parts("x", "comma"),
    }  # fmt: skip
    once = {  # what several flags ask for
        "is_day": " OR ".join(f"({dates.day(order)}) IS NOT NULL" for order in get_args(DateOrder)),
        "is_number": f"regexp_matches(x, '{dates.NUMBER}')",
        "is_money": f"({money.cents('mp')}) IS NOT NULL OR ({money.cents('mc')}) IS NOT NULL",
        "number": "TRY_CAST(replace(x, ',', '.') AS DOUBLE)",
        "bare": identifier("x"),
        "word": "lower(strip_accents(rtrim(x, '.')))",
    }
    flags = (
        "is_day",
        "is_day AND d.rest <> ''",
        f"({dates.microseconds()}) IS NOT NULL",
        "is_number",
        "is_number AND number = trunc(number)",
        "c.m <> ''",
        "c.m <> '' AND (c.h = '' OR TRY_CAST(c.h AS BIGINT) = 0)",
        f"regexp_matches(x, '{dates.ELAPSED}')",
        f"regexp_matches(x, '{lengths.WORDS}')",
        "is_money",
        "is_money AND regexp_matches(x, '\\p{Sc}|\\d[.,]\\d\\d\\D*$')",
        "regexp_matches(bare, '^\\+?[\\d\\s()./-]+$') AND length(regexp_replace(bare, '\\D', '', 'g')) BETWEEN 7 AND 15 "
        "AND NOT is_day",
        "regexp_matches(x, '\\p{L}')",
        "word IN (SELECT word FROM weekday_words)",
        "word IN (SELECT word FROM month_words)",
        "TRY_CAST(x AS BIGINT) BETWEEN 1970 AND 2100",
        f"lower(strip_accents(x)) IN ({FLAGS})",
    )
    shares = ", ".join(f"count(*) FILTER ({flag}) / greatest(count(*), 1)" for flag in flags)
    parts, more = (", ".join(f"{sql} AS {alias}" for alias, sql in own.items()) for own in (shapes, once))
    cells = ", ".join(table.text(name) for name in named)
    found = table.connection.execute(
        f"SELECT i, count(*), {shares}, count(DISTINCT x), coalesce(max(number), 0), coalesce(median(number), 0) "
        f"FROM (SELECT *, {more} FROM (SELECT i, x, {parts} FROM (SELECT unnest(range({len(named)})) AS i, "
        f"unnest([{cells}]) AS x FROM sample) WHERE trim(x, {lengths.DASHES}) <> '')) GROUP BY i"
    ).fetchall()
    (count,) = table.one("SELECT count(*) FROM sample")
    seen = {named[i]: (filled / max(count, 1), *row) for i, filled, *row in found}
    return {name: Profile(name, *seen.get(name, [0] * (len(flags) + 4))) for name in named}


def known_columns(headers: Iterable[str], contract: Contract) -> dict[str, str]:
    """Return the columns that have the name of a known export, by role; of several, the first name in the contract.

    >>> from segkit.contract import CRM
    >>> known_columns(["record id", "Create Date", "createdate", "X"], CRM)
    {'id': 'record id', 'created': 'Create Date'}
    """
    here: dict[str, str] = {}
    for header in headers:
        here.setdefault(header.strip().casefold(), header)
    out = {}
    for role in contract.roles:
        hit = next((here[name] for alias in role.aliases if (name := alias.casefold()) in here), None)
        if hit is not None:
            out[role.name] = hit
    return out


def choose_known(
    found: Mapping[str, Profile],
    settled: Mapping[str, str | None],
    contract: Contract,
    may: Callable[[Role, Profile], bool],
) -> dict[str, Choice]:
    """Choose a column for every role by the names of known exports, else where a word of the header says so and cells may be it.

    Parameters
    ----------
    found, settled, contract
        As of `choose`.
    may : callable
        Whether cells may play a role that only a word of the header speaks for.
    """
    out = {role: Choice(role, column, (), ANSWERED) for role, column in settled.items()}
    taken = {column for column in settled.values() if column}
    for role, column in known_columns((name for name in found if name not in taken), contract).items():
        if role not in out:
            out[role] = Choice(role, column, (), "its name is that of a known export")
            taken.add(column)
    for asked in contract.roles:
        if asked.name not in out:
            scores = {n: header_score(asked, n) for n, p in found.items() if n not in taken and may(asked, p)}
            out[asked.name] = by_name(asked, scores, tuple(scores), BY_NAME)
            taken |= {out[asked.name].column or ""}
    return out


def header_score(role: Role, name: str) -> float:
    """Return what a header says for a role: 3 at most, and below 0 where it rules the role out."""
    words = {*header_words(name), "".join(header_words(name))}
    if words & set(role.unlike.split()):
        return -1.0
    return 2.0 * bool(words & set(role.strong.split())) + 1.0 * bool(words & set(role.weak.split()))


def by_name(role: Role, scores: Mapping[str, Any], candidates: Sequence[str], best: Any) -> Choice:
    """Choose the column whose header says most for a role, where it says as much as ``best``; none otherwise."""
    first = max(scores, key=lambda name: scores[name], default=None)
    if first is None or scores[first] < best:
        return Choice(role.name, None, tuple(candidates), f"no column is called like {article(role.name)} {role.name}")
    return Choice(role.name, first, tuple(candidates), "its name says so")


def content_score(role: Role, p: Profile, rows: int) -> float:
    """Return what the cells say for a role: 0 where they rule it out, 2 where they are typical of it."""
    short_clock = p.clock >= MOSTLY and p.clock_of_minutes > 0.5
    if role.name == "end" and p.time >= MOSTLY:
        return 1.0
    if role.kind == "moment":
        return (2.0 + 0.5 * (p.day_and_time >= MOSTLY)) if p.day >= MOSTLY else 0.0
    if role.kind == "time":
        return (0.5 if short_clock else 2.0) if p.time >= MOSTLY and p.day < MOSTLY else 0.0
    if role.kind == "duration":
        if p.elapsed >= MOSTLY or p.worded >= MOSTLY:
            return 2.0
        if p.clock >= MOSTLY:
            return 2.0 if short_clock else 0.5
        return float(p.number >= MOSTLY and (p.phone < 0.5 or p.largest < 1) and p.day < MOSTLY and p.distinct > 1)
    if role.kind == "money":
        fits = p.money >= MOSTLY and p.phone < 0.5 and p.day < MOSTLY and p.distinct > 1
        return 1.0 + 1.0 * (p.cents >= MOSTLY) if fits else 0.0
    if role.kind == "identifier":
        return _identifies(role, p, rows)
    if role.name in ("weekday", "month"):
        words = p.weekday if role.name == "weekday" else p.month
        numbers = role.name == "month" and p.whole >= MOSTLY and 0 < p.largest <= 12
        return 2.0 if words >= MOSTLY else 0.5 if numbers else 0.0
    if role.kind == "number":
        return 1.0 if (p.year if role.name == "year" else p.number) >= MOSTLY else 0.0
    texts = p.letters >= 0.5 and p.day < MOSTLY and p.weekday < MOSTLY and p.month < MOSTLY and p.phone < 0.5
    if role.kind == "category":
        return 1.0 if texts and p.distinct <= min(100, max(2, rows // 2)) else 0.0
    return 1.0 if texts else 0.0


def _identifies(role: Role, p: Profile, rows: int) -> float:
    others = (p.day, p.time, p.clock, p.weekday, p.month)
    if any(share >= MOSTLY for share in others) or p.distinct < 2 or (p.number >= MOSTLY and 0 < p.largest < 1):
        return 0.0
    if role.name == "order":
        return 0.5
    if p.distinct >= NUMBERED * p.filled * rows:  # it numbers the rows, or calls
        return 0.0
    return 2.0 if p.phone >= 0.5 else 0.5 if p.whole >= MOSTLY or p.letters > 0 else 0.0


def choose(
    found: Mapping[str, Profile], rows: int, settled: Mapping[str, str | None], contract: Contract
) -> dict[str, Choice]:
    """Choose a column for every role.

    Parameters
    ----------
    found : mapping
        Profiles by column.
    rows : int
        Rows in the sample.
    settled : mapping
        Roles that the owner of the file has answered: a column, or None for "the file has none".
    contract : Contract

    Returns
    -------
    dict
        One :class:`Choice` per role, in the order of the contract. A required role without a clear column has none.
    """
    taken = {column for column in settled.values() if column}
    out: dict[str, Choice] = {}
    for role in sorted(contract.names, key=FIRST.index):
        if role in settled:
            out[role] = Choice(role, settled[role], (), ANSWERED)
            continue
        if role in (*SIDES, "direction"):  # `side_roles` chooses these
            continue
        if role == "time" and out["date"].column and found[out["date"].column].day_and_time >= 0.5:
            out[role] = Choice(role, None, (), "the dates hold the time of day")
            continue
        if role == "end":
            if out["duration"].column and out["duration"].sure:
                out[role] = Choice(role, None, (), "there is a column of lengths")
                continue
            kept = {c.column for name, c in out.items() if name != "duration"}
            out[role] = _best(contract[role], {n: p for n, p in found.items() if n not in kept}, rows)
            if out[role].column:
                taken.discard(str(out["duration"].column))
                out["duration"] = Choice("duration", None, (), "lengths follow from start and end")
                taken.add(str(out[role].column))
            continue
        out[role] = _best(contract[role], {n: p for n, p in found.items() if n not in taken}, rows)
        if role == "time" and contract.timed and out[role].column is None:  # without it nothing is told of the hours
            named = [
                n
                for n, p in found.items()
                if n not in taken and p.filled and header_score(contract[role], n) >= BY_NAME
            ]
            if named:
                reason = f"{out[role].reason}, and one is called so"
                out[role] = replace(out[role], candidates=tuple(named), reason=reason, asked=True)
        taken |= {out[role].column} if out[role].column else set()  # type: ignore[arg-type]
    return _lasting({role: out[role] for role in contract.names if role in out}, found)


def _lasting(choices: dict[str, Choice], found: Mapping[str, Profile]) -> dict[str, Choice]:
    """Ask for the length where neither it nor an end is known: for the end, where a second column has moments."""
    if "end" not in choices or choices["duration"].column or choices["end"].column:
        return choices
    used = {choice.column for choice in choices.values()}
    moments = tuple(name for name, p in found.items() if p.day >= MOSTLY and name not in used)
    role = "end" if moments and not choices["duration"].candidates else "duration"
    reason = "several columns have moments" if role == "end" else choices[role].reason
    return choices | {
        role: replace(choices[role], candidates=moments or choices[role].candidates, reason=reason, asked=True)
    }


def _best(role: Role, open_columns: Mapping[str, Profile], rows: int) -> Choice:
    scores: dict[str, float] = {}
    named: dict[str, float] = {}
    by_cells = role.name in ("date", "time", "weekday", "month") or (role.kind == "identifier" and role.required)
    for name, profile in open_columns.items():
        content, header = content_score(role, profile, rows), header_score(role, name)
        if not content or header < 0:
            continue
        shown = role.kind == "duration" or (role.kind == "money" and content >= 2)  # by its cells, and to be confirmed
        if header or shown or (by_cells and content >= 2):
            scores[name], named[name] = content + header, header
    if not scores:
        return Choice(role.name, None, (), f"no column looks like {article(role.name)} {role.name}")
    ranked = sorted(scores, key=lambda n: -scores[n])
    ties = [n for n in ranked if scores[n] == scores[ranked[0]]]
    if (
        len(ties) > 1 and role.kind == "identifier" and role.required
    ):  # of two numbers per event, the own one has few values
        ties.sort(key=lambda n: -open_columns[n].distinct)
        if open_columns[ties[0]].distinct >= 5 * open_columns[ties[1]].distinct:
            ties = ties[:1]
    first = ties[0]
    why = _reason(role, open_columns[first])
    if len(ties) > 1 and (role.required or role.kind == "duration"):
        return Choice(role.name, None, tuple(ties), f"{len(ties)} columns fit equally well", False, scores, asked=True)
    sure = bool(named[first]) or (role.name in ("date", "time", "weekday", "month") and len(ties) == 1)
    return Choice(role.name, first, tuple(ranked), why, sure, scores)


def _reason(role: Role, p: Profile) -> str:
    share, what = {
        "date": (p.day, "are dates"),
        "time": (p.time, "are times of day"),
        "end": (max(p.day, p.time), "are moments"),
        "duration": (max(p.number, p.clock, p.elapsed, p.worded), "are numbers or lengths of time"),
        "contact": (p.phone, "look like telephone numbers"),
        "amount": (p.money, "are amounts"),
        "items": (p.number, "are numbers"),
        "customer": (p.filled, "are filled"),
        "order": (p.filled, "are filled"),
        "weekday": (p.weekday, "are weekdays"),
        "month": (max(p.month, p.whole), "are months"),
        "year": (p.year, "are years"),
    }.get(role.name, (p.letters, "are words"))
    return f"{share:.0%} of its cells {what}"
