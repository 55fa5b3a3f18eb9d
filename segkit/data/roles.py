"""Which column plays which role: judged by header words and by what the cells look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from . import dates
from .calendar_words import MONTH_NUMBER, WEEKDAY_NUMBER
from .headers import WORDS, header_words
from .tables import Table

SAMPLE = 50_000  # rows, evenly spread, that are looked at
MOSTLY = 0.9  # a column is of a form when this share of its filled cells is
ROLES = ("date", "time", "duration", "contact", "name", "category", "weekday", "month", "year")
REQUIRED = ("date", "duration", "contact")


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
    phone: float
    letters: float
    weekday: float
    month: float
    year: float
    distinct: int
    largest: float
    median: float


@dataclass(frozen=True)
class Choice:
    """The column chosen for a role, the candidates, and why."""

    role: str
    column: str | None
    candidates: tuple[str, ...]
    reason: str
    sure: bool = True
    scores: Mapping[str, float] = field(default_factory=dict, repr=False)


def profiles(table: Table) -> dict[str, Profile]:
    """Look at a sample of every named column."""
    step = max(1, -(-table.count // SAMPLE))
    table.connection.execute(f"CREATE OR REPLACE TEMP TABLE sample AS SELECT * FROM raw WHERE rowid % {step} = 0")
    for name, words in (("weekday_words", WEEKDAY_NUMBER), ("month_words", MONTH_NUMBER)):
        table.connection.register(name, pa.table({"word": list(words)}))
    named = [name for name, column in table.columns.items() if table.source.header[int(column[1:])]]
    found = {name: _profile(table, name) for name in named}
    for name in ("weekday_words", "month_words"):
        table.connection.unregister(name)
    return found


def _profile(table: Table, name: str) -> Profile:
    days = " OR ".join(f"({dates.day(order)}) IS NOT NULL" for order in ("month/day/year", "day/month/year"))
    days = f"({days} OR ({dates.day('year-month-day')}) IS NOT NULL)"
    word = "lower(strip_accents(rtrim(x, '.')))"
    number = "TRY_CAST(replace(x, ',', '.') AS DOUBLE)"
    is_number = f"regexp_matches(x, '{dates.NUMBER}')"
    flags = (
        days,
        f"{days} AND d.rest <> ''",
        f"({dates.microseconds()}) IS NOT NULL",
        is_number,
        f"{is_number} AND {number} = trunc({number})",
        "c.m <> ''",
        "c.m <> '' AND (c.h = '' OR TRY_CAST(c.h AS BIGINT) = 0)",
        f"regexp_matches(x, '{dates.ELAPSED}')",
        f"regexp_matches(x, '^\\+?[\\d\\s()./-]+$') AND length(regexp_replace(x, '\\D', '', 'g')) BETWEEN 7 AND 15 "
        f"AND NOT {days}",
        "regexp_matches(x, '\\p{L}')",
        f"{word} IN (SELECT word FROM weekday_words)",
        f"{word} IN (SELECT word FROM month_words)",
        "TRY_CAST(x AS BIGINT) BETWEEN 1970 AND 2100",
    )
    shares = ", ".join(f"count(*) FILTER ({flag}) / greatest(count(*), 1)" for flag in flags)
    row = table.one(
        f"SELECT count(*), {shares}, count(DISTINCT x), coalesce(max({number}), 0), coalesce(median({number}), 0) "
        f"FROM (SELECT x, {dates.date_parts('x')} AS d, {dates.time_parts('x')} AS t, {dates.clock_parts('x')} AS c "
        f"FROM (SELECT {table.text(name)} AS x FROM sample) WHERE x IS NOT NULL)"
    )
    (rows,) = table.one("SELECT count(*) FROM sample")
    return Profile(name, row[0] / max(rows, 1), *row[1:])


def _header_score(role: str, name: str) -> float:
    words = header_words(name)
    joined = {"".join(words)}
    strong, weak = (set(line.split()) for line in WORDS[role])
    return 2.0 * bool(strong & ({*words} | joined)) + 1.0 * bool(weak & ({*words} | joined))


def _content_score(role: str, p: Profile, calls: int) -> float:
    """Return what the cells say for a role: 0 where they rule it out, 2 where they are typical of it."""
    short_clock = p.clock >= MOSTLY and p.clock_of_minutes > 0.5
    if role == "date":
        return (2.0 + 0.5 * (p.day_and_time >= MOSTLY)) if p.day >= MOSTLY else 0.0
    if role == "time":
        return (0.5 if short_clock else 2.0) if p.time >= MOSTLY and p.day < MOSTLY else 0.0
    if role == "duration":
        if p.elapsed >= MOSTLY:
            return 2.0
        if p.clock >= MOSTLY:
            return 2.0 if short_clock else 0.5
        return 1.0 if p.number >= MOSTLY and p.phone < 0.5 and p.day < MOSTLY and p.distinct > 1 else 0.0
    if role == "contact":
        if (
            p.day >= MOSTLY
            or p.time >= MOSTLY
            or p.clock >= MOSTLY
            or p.weekday >= MOSTLY
            or p.month >= MOSTLY
            or p.distinct < 2
        ):
            return 0.0
        return 2.0 if p.phone >= 0.5 else 0.5 if p.whole >= MOSTLY or p.letters > 0 else 0.0
    if role in ("weekday", "month"):
        words = p.weekday if role == "weekday" else p.month
        numbers = role == "month" and p.whole >= MOSTLY and 0 < p.largest <= 12
        return 2.0 if words >= MOSTLY else 0.5 if numbers else 0.0
    if role == "year":
        return 1.0 if p.year >= MOSTLY else 0.0
    texts = p.letters >= 0.5 and p.day < MOSTLY and p.weekday < MOSTLY and p.month < MOSTLY and p.phone < 0.5
    if role == "category":
        return 1.0 if texts and p.distinct <= min(100, max(2, calls // 2)) else 0.0
    return 1.0 if texts else 0.0


def choose(found: Mapping[str, Profile], calls: int, settled: Mapping[str, str | None]) -> dict[str, Choice]:
    """Choose a column for every role.

    Parameters
    ----------
    found : mapping
        Profiles by column.
    calls : int
        Rows in the sample.
    settled : mapping
        Roles that the owner of the file has answered: a column, or None for "the file has none".

    Returns
    -------
    dict
        One :class:`Choice` per role, in the order of :data:`ROLES`. A required role without a clear column has none.
    """
    taken = {column for column in settled.values() if column}
    out: dict[str, Choice] = {}
    for role in ("weekday", "month", "date", "duration", "time", "contact", "year", "category", "name"):
        if role in settled:
            out[role] = Choice(role, settled[role], (), "as you answered")
            continue
        if role == "time" and out["date"].column and found[out["date"].column].day_and_time >= 0.5:
            out[role] = Choice(role, None, (), "the dates hold the time of day")
            continue
        out[role] = _best(role, {n: p for n, p in found.items() if n not in taken}, calls)
        taken |= {out[role].column} if out[role].column else set()  # type: ignore[arg-type]
    return {role: out[role] for role in ROLES}


def _best(role: str, open_columns: Mapping[str, Profile], calls: int) -> Choice:
    scores: dict[str, float] = {}
    named: dict[str, float] = {}
    for name, profile in open_columns.items():
        content, header = _content_score(role, profile, calls), _header_score(role, name)
        if content and (header or (role in ("date", "time", "weekday", "month", "contact") and content >= 2)):
            scores[name], named[name] = content + header, header
        elif content and role == "duration":
            scores[name], named[name] = content, 0.0
    if not scores:
        return Choice(role, None, (), f"no column looks like a {role}")
    ranked = sorted(scores, key=lambda n: -scores[n])
    first = ranked[0]
    ties = [n for n in ranked if scores[n] == scores[first]]
    if len(ties) > 1 and role == "contact":  # of two numbers per call, the own one has few values
        ties.sort(key=lambda n: -open_columns[n].distinct)
        if open_columns[ties[0]].distinct >= 5 * open_columns[ties[1]].distinct:
            ties = ties[:1]
    first = ties[0]
    why = _reason(role, open_columns[first])
    if len(ties) > 1 and role in REQUIRED:
        return Choice(role, None, tuple(ties), f"{len(ties)} columns fit equally well", False, scores)
    sure = bool(named[first]) or (role in ("date", "time", "weekday", "month") and len(ties) == 1)
    return Choice(role, first, tuple(ranked), why, sure, scores)


def _reason(role: str, p: Profile) -> str:
    share, what = {
        "date": (p.day, "are dates"),
        "time": (p.time, "are times of day"),
        "duration": (max(p.number, p.clock, p.elapsed), "are numbers or lengths of time"),
        "contact": (p.phone, "look like telephone numbers"),
        "weekday": (p.weekday, "are weekdays"),
        "month": (max(p.month, p.whole), "are months"),
        "year": (p.year, "are years"),
    }.get(role, (p.letters, "are words"))
    return f"{share:.0%} of its cells {what}"
