"""Which columns say who is at the other end of a call: one, or both sides of which each call has it on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..config import SIDES
from ..contract import CALLS
from . import sides
from .roles import BY_NAME, MOSTLY, NUMBERED, SAMPLE, Choice, Profile, header_score
from .tables import Table

SOME = 0.3  # of the cells look like numbers: the others may be extensions, or words for withheld numbers
MANY = 5  # times as many numbers as beside it: the column of the others, and no line of the owner's
EITHER = "where your own line is now in one of them and now in the other, answer caller and called in place of contact"


def choose(
    table: Table,
    found: Mapping[str, Profile],
    settled: Mapping[str, str | None],
    choices: Mapping[str, Choice],
) -> dict[str, Choice]:
    """Choose between one column of the contact and two of both sides, where a file has several columns of numbers.

    The number that is on one side of nearly all calls is the own one. If both columns have it, each call has the contact on
    the other side; if one column has it, the other one has the contacts. Without such a number, a column of directions
    tells, or one column has many numbers where the other has few. Else it is asked: no side is taken by its name alone.

    Parameters
    ----------
    table : Table
    found : mapping
        Profiles by column.
    settled : mapping
        Roles that the owner has answered.
    choices : mapping
        As of `roles.choose`.

    Returns
    -------
    dict
        The choices with either the contact or both sides. A choice without a column is a question.
    """
    one = {role: choice for role, choice in choices.items() if role not in (*SIDES, "direction")}
    both = {role: settled[role] for role in (*SIDES, "direction") if settled.get(role)}
    if settled.get("contact") and not both:
        return one
    taken = {choices[role].column for role in ("date", "time", "duration")}
    free = {name: p for name, p in found.items() if name not in taken}
    numbers = [name for name, p in free.items() if name in both.values() or _are_numbers(p, min(table.count, SAMPLE))]
    if not both and len(numbers) < len(SIDES):
        return one
    pair = _pair(numbers, both)
    if pair is None:
        return one | {"contact": _ask(numbers, f"{len(numbers)} columns have numbers; {EITHER}")}
    direction = both.get("direction") or _direction(table, [n for n in free if n not in pair])
    if both:
        return _two(
            one, pair, direction, "as you answered", sure=bool(direction or sides.found_own(table, *pair, None)[0])
        )
    return _judged(table, found, one, pair, direction)


def _are_numbers(p: Profile, rows: int) -> bool:
    """Tell whether cells are numbers of telephones, or extensions where the header speaks of a side; and no numbers of calls."""
    dated = any(share >= MOSTLY for share in (p.day, p.time, p.clock, p.weekday, p.month))
    ruled_out = header_score(CALLS["contact"], p.name) < 0 or p.distinct >= NUMBERED * p.filled * rows
    side = any(header_score(CALLS[name], p.name) >= BY_NAME for name in SIDES)
    return not dated and not ruled_out and (p.phone >= SOME or (side and p.whole >= SOME))


def _pair(numbers: Sequence[str], both: Mapping[str, str | None]) -> tuple[str, str] | None:
    """Return caller and called: by the headers, or the only two there are; nothing where these leave it open."""
    found: list[str | None] = []
    for side in SIDES:
        scores = {n: header_score(CALLS[side], n) for n in numbers if n not in both.values() and n not in found}
        first = max(scores, key=lambda n: scores[n], default=None)
        found.append(both.get(side) or (first if first is not None and scores[first] >= BY_NAME else None))
    caller, called = found
    rest = [n for n in numbers if n not in found]
    if len(numbers) == len(SIDES) and rest:
        caller, called = caller or rest[0], called or rest[-1]
    return (caller, called) if caller and called else None


def _direction(table: Table, columns: Sequence[str]) -> str | None:
    """Return the column whose cells say for calls of both ways whether they come in or go out, if there is just one."""
    fit = []
    for name in columns:
        text = table.text(name)
        filled, ways, told = table.one(
            f"SELECT count(x), count(DISTINCT way) FILTER (way <> 'internal'), count(way) "
            f"FROM (SELECT {text} AS x, {sides.way(text)} AS way FROM sample)"
        )
        if filled and ways == len(SIDES) and told >= MOSTLY * filled:
            fit.append(name)
    fit.sort(key=lambda name: -header_score(CALLS["direction"], name))
    return fit[0] if fit else None


def _judged(
    table: Table, found: Mapping[str, Profile], one: dict[str, Choice], pair: tuple[str, str], direction: str | None
) -> dict[str, Choice]:
    named = all(header_score(CALLS[side], name) >= BY_NAME for side, name in zip(SIDES, pair, strict=True))
    own, count, total = sides.found_own(table, *pair, None)
    if own:
        listed = ", ".join("'" + number.replace("'", "''") + "'" for number in own)
        of = sides.numbers_in_sql
        held = [n for n in pair if table.one(f"SELECT count(*) FROM raw WHERE {of(table, n)} IN ({listed})")[0]]
        seen = f"One number is on one side of {count:,} of {total:,} calls"
        if len(held) == 1:
            other = pair[1 - pair.index(held[0])]
            return one | {"contact": Choice("contact", other, pair, f"{seen}, and never in this column")}
        for way in (pair,) if named or not direction else (pair, pair[::-1]):
            if not direction or own & sides.found_own(table, *way, direction)[0]:
                return _two(one, way, direction, f"{seen}, so the contact is on the other")
        return one | {"contact": _ask(pair, f"{seen}, but not on the one that the column of directions says; {EITHER}")}
    if direction and named:
        return _two(one, pair, direction, "a column says for each call whether it comes in or goes out")
    first, second = (sides.numbers_in_sql(table, name) for name in pair)
    (shared,) = table.one(
        f"SELECT count(*) FROM (SELECT {first} AS x FROM raw INTERSECT SELECT {second} FROM raw) WHERE x IS NOT NULL"
    )
    if shared and named:
        return _two(one, pair, None, f"{shared:,} numbers now call and are now called", sure=False)
    if shared:
        return one | {"contact": _ask(pair, f"2 columns have numbers, and {shared:,} of these are in both; {EITHER}")}
    few, many = sorted(pair, key=lambda name: found[name].distinct)
    if found[many].distinct >= MANY * found[few].distinct:
        return one | {"contact": Choice("contact", many, pair, "it has many numbers, the other column few")}
    return one | {"contact": _ask(pair, f"2 columns fit equally well; {EITHER}")}


def _ask(columns: Sequence[str], reason: str) -> Choice:
    return Choice("contact", None, tuple(columns), reason, sure=False)


def _two(
    one: Mapping[str, Choice], pair: tuple[str, str], direction: str | None, reason: str, *, sure: bool = True
) -> dict[str, Choice]:
    two = {side: Choice(side, name, (), reason, sure) for side, name in zip(SIDES, pair, strict=True)}
    if direction:
        two["direction"] = Choice("direction", direction, (), "its cells say so")
    kept = {
        role: Choice(role, None, (), "the column is one of the sides")
        if c.column in (*pair, direction) and c.column
        else c
        for role, c in one.items()
        if role != "contact"
    }
    order = CALLS.names
    return dict(sorted((kept | two).items(), key=lambda item: order.index(item[0])))
