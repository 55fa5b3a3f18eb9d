"""Who is at the other end of a call: the caller of one that comes in, the called party of one that goes out."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pyarrow as pa

from ..config import SIDES, EventSettings
from .identifiers import EMPTY_WORDS, identifier, is_empty, normalise_all
from .tables import Table
from .withheld import is_withheld, words_in_sql

NEARLY_ALL = 0.95  # of the calls have the own number on one side, where it is found and not given
# English, German, French, Spanish, Portuguese, Italian and Dutch, without accents.
_IN = """
inbound incoming received recv eingehend eingehende eingehender eingehendes ankommend ankommende kommend angekommen entrant
entrante entrants recu recue recibida recibido entrada recebida recebido ingresso arrivo ricevuta inkomend inkomende binnenkomend
ontvangen
"""
_WEAK = """
i in missed rejected voicemail verpasst verpasste verpasster entgangen abgelehnt manque manquee rejete perdida perdido rechazada
rejeitada persa gemist geweigerd
"""
_OUT = """
o out outbound outgoing dialed dialled placed made ausgehend ausgehende ausgehender ausgehendes abgehend abgehende gehend gewahlt
sortant sortante sortants emis emise saliente salida realizada realizado efetuada efectuada saida uscita uscente effettuata
uitgaand uitgaande gebeld
"""
_INTERNAL = "internal intern interne interner interno interna int"


def _listed(words: str) -> str:
    return ", ".join(f"'{word}'" for word in words.split())


def way(text: str) -> str:
    """Return SQL for ``'in'``, ``'out'`` or ``'internal'`` from SQL for a cell of directions; null where it says none or two.

    A missed call came in, unless the cell says that it went out; "in" alone is a word of several languages ("in uscita").
    """
    words = f"string_split(coalesce({words_in_sql(text)}, ''), ' ')"
    has = {
        name: f"list_has_any({words}, [{_listed(listed)}])"
        for name, listed in {"internal": _INTERNAL, "in": _IN, "out": _OUT, "weak": _WEAK}.items()
    }
    two = f"{has['out']} AND ({has['in']} OR list_has_all({words}, ['in', 'out']))"
    return (
        f"CASE WHEN {has['internal']} THEN 'internal' WHEN {two} THEN NULL "
        f"WHEN {has['out']} THEN 'out' WHEN {has['in']} OR {has['weak']} THEN 'in' END"
    )


def _both(table: Table, caller: str, called: str, direction: str | None) -> str:
    """Return SQL for the rows with both sides and the way of each call."""
    of = partial(numbers_in_sql, table)
    told = way(table.text(direction)) if direction else "CAST(NULL AS VARCHAR)"
    return f"(SELECT rowid, *, {of(caller)} AS caller, {of(called)} AS called, {told} AS way FROM raw)"


def numbers_in_sql(table: Table, column: str) -> str:
    """Return SQL for the identifiers of a column; null where a cell has none."""
    text = identifier(table.text(column))
    return f"CASE WHEN lower({text}) NOT IN ({EMPTY_WORDS}) THEN {text} END"


def with_units(table: Table, settings: EventSettings) -> str:
    """Return SQL for the rows of ``raw`` with two columns more.

    ``who`` identifies the unit, ``side`` says where it was found: ``'unit'``, ``'caller'`` or ``'called'``; ``'internal'``
    where both are own numbers, ``'against'`` where direction and own number contradict each other, null where neither tells.

    Parameters
    ----------
    table : Table
        With the table of `settle`, where the settings name two sides or own numbers.
    settings : EventSettings
    """
    used, unit = settings.columns.used, settings.contract.unit
    if unit in used:
        side = f"CASE WHEN {_is_own('who')} THEN 'internal' ELSE 'unit' END" if own_numbers(settings) else "'unit'"
        return (
            f"(SELECT *, {side} AS side FROM (SELECT rowid, *, {identifier(table.text(used[unit]))} AS who FROM raw))"
        )
    side = """
        CASE WHEN way = 'internal' OR (own_caller AND own_called) THEN 'internal'
             WHEN (way = 'in' AND own_caller) OR (way = 'out' AND own_called) THEN 'against'
             WHEN way = 'in' OR own_called THEN 'caller' WHEN way = 'out' OR own_caller THEN 'called' END
    """
    own = ", ".join(f"{_is_own(name)} AS own_{name}" for name in SIDES)
    both = _both(table, used["caller"], used["called"], used.get("direction"))
    return (
        "(SELECT *, CASE side WHEN 'called' THEN called ELSE coalesce(caller, called) END AS who "
        f"FROM (SELECT *, {side} AS side FROM (SELECT *, {own} FROM {both})))"
    )


def _is_own(column: str) -> str:
    return f"coalesce({column} IN (SELECT own FROM own_numbers), false)"


def own_numbers(settings: EventSettings) -> tuple[str, ...]:
    """Return the own numbers that the settings give."""
    return tuple(number.get_secret_value() for number in getattr(settings.format, "own", ()))


def found_own(table: Table, caller: str, called: str, direction: str | None) -> tuple[set[str], int, int]:
    """Find the one number that is on one side of nearly all calls, and on the own one where a column tells which that is.

    Returns
    -------
    set of str
        All ways in which the file writes it; empty where there is none, or two that fit.
    int, int
        Calls with it, of calls that are not internal.
    """
    both = _both(table, caller, called, direction)
    *found, (_, total) = table.connection.execute(f"""
        WITH both_sides AS MATERIALIZED (SELECT caller, called, way FROM {both} WHERE way IS DISTINCT FROM 'internal')
        SELECT number, count(*) FROM (
            SELECT caller AS number FROM both_sides WHERE way IS NULL OR way = 'out'
            UNION ALL SELECT called FROM both_sides
            WHERE way = 'in' OR (way IS NULL AND called IS DISTINCT FROM caller)
        ) WHERE number IS NOT NULL GROUP BY number
        UNION ALL SELECT NULL, count(*) FROM both_sides
        ORDER BY number NULLS LAST
    """).fetchall()
    folded = normalise_all(number for number, _ in found)
    calls: Counter[str] = Counter()
    for number, count in found:
        if not is_withheld(number):
            calls[folded[number]] += count
    nearly = [(one, count) for one, count in calls.most_common(2) if count >= NEARLY_ALL * total]
    if len(nearly) != 1:
        return set(), 0, total
    return {number for number, _ in found if folded[number] == nearly[0][0]}, nearly[0][1], total


def settle(table: Table, settings: EventSettings) -> tuple[str, ...]:
    """Make table ``own_numbers``: how the file writes the own numbers, given or found; return what the reader should know.

    Given numbers are met however they are written, as `normalise_all` folds them.
    """
    used, given = settings.columns.used, own_numbers(settings)
    apart = settings.contract.unit not in used
    if not apart and not given:
        return ()
    columns = [used[name] for name in (SIDES if apart else (settings.contract.unit,))]
    notes, own = [], set[str]()
    if given:
        seen = {x for column in columns for (x,) in _distinct(table, identifier(table.text(column)))}
        folded = normalise_all([*seen, *given])
        wanted = {folded[number] for number in given}
        own = {number for number in seen if folded[number] in wanted}
        if lost := len(wanted - {folded[number] for number in own}):
            verb = "number of your own is" if lost == 1 else "numbers of your own are"
            notes.append(f"{lost:,} {verb} in no row.")
    else:
        own, count, total = found_own(table, columns[0], columns[1], used.get("direction"))
        if own:
            notes.append(
                f"One number is on your side of {count:,} of {total:,} calls; it is taken for your own line and is no contact. "
                f"Where it is none, give your numbers as own in {settings.contract.section('format')}."
            )
    frame = pa.table({"own": pa.array(sorted(own), pa.string())})
    table.connection.register("own_frame", frame)
    table.connection.execute("CREATE OR REPLACE TEMP TABLE own_numbers AS SELECT * FROM own_frame")
    table.connection.unregister("own_frame")
    return (*notes, *(_strangers(table, settings) if apart else ()))


def _distinct(table: Table, text: str) -> list[Any]:
    return table.connection.execute(f"SELECT DISTINCT {text} AS x FROM raw WHERE NOT {is_empty(text)}").fetchall()


def _strangers(table: Table, settings: EventSettings) -> tuple[str, ...]:
    """Tell of contacts that are on the own side of other calls: own lines, perhaps, that nobody has named."""
    (count,) = table.one(f"""
        WITH sided AS (SELECT who, CASE side WHEN 'caller' THEN called ELSE caller END AS mine
                       FROM {with_units(table, settings)} WHERE side IN ('caller', 'called'))
        SELECT count(DISTINCT who) FROM sided WHERE who IN (SELECT mine FROM sided WHERE mine IS NOT NULL)
    """)
    if not count:
        return ()
    verb = "contact is also on your side of" if count == 1 else "contacts are also on your side of"
    return (
        f"{count:,} {verb} other calls: give own numbers as own in {settings.contract.section('format')}, and calls between "
        "them are set aside.",
    )
