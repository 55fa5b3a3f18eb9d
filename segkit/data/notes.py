"""Sentences of the loader for the reader. None quotes a cell or tells of one person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..config import SIDES, EventSettings
from ..contract import Contract
from ..text import flat
from .gates import Outcome
from .identifiers import identifier
from .tables import Table
from .withheld import GROUP

if TYPE_CHECKING:  # it makes these sentences
    from .events import LoadAudit


def invisible(table: Table) -> tuple[str, ...]:
    """Tell of characters that nobody sees."""
    count = sum(table.marked.values()) + table.source.marked
    if not count:
        return ()
    return (f"{count:,} {'cell' if count == 1 else 'cells'} had invisible characters; these were taken out.",)


def alike(written: Mapping[str, str], contract: Contract) -> tuple[str, ...]:
    """Tell of identifiers that read alike, from how each is written to how it reads."""
    count = len(written) - len(set(written.values()))
    if not count:
        return ()
    who = f"{contract.terms.unit} is" if count == 1 else f"{contract.terms.units} are"
    return (
        f"{count:,} {who} also written with other forms of the same letters or "
        "digits (such as full-width ones); they count as one.",
    )


def rounded(table: Table, contract: Contract) -> tuple[str, ...]:
    """Tell of amounts with more decimals than are kept."""
    (count,) = table.one("SELECT count(*) FROM parsed WHERE fault IS NULL AND rounded")
    if not count:
        return ()
    what = "more than two decimals" if contract.money else "a fraction of a second"
    verb = f"{contract.amount} has" if count == 1 else f"{contract.amount}s have"
    return (f"{count:,} {verb} {what}; halves were rounded to even.",)


def wrapped(table: Table, settings: EventSettings) -> tuple[str, ...]:
    """Tell of identifiers that had something around them."""
    used = settings.columns.used
    texts = [table.text(used[role]) for role in (settings.contract.unit, *SIDES) if role in used]
    (count,) = table.one(
        f"SELECT {' + '.join(f'count(*) FILTER ({t} IS DISTINCT FROM {identifier(t)})' for t in texts)} FROM raw"
    )
    if not count:
        return ()
    return (
        f"{count:,} {'identifier' if count == 1 else 'identifiers'} had signs of spreadsheets or telephone systems around them "
        '(such as ="...", sip:, .0); these were taken off.',
    )


def wordy(table: Table, contract: Contract) -> tuple[str, ...]:
    """Tell of identifiers without a digit where most are numbers: unknown words for a withheld number, perhaps."""
    numbers, rows, words = table.one(
        "SELECT count(*) FILTER (digit), count(*), count(DISTINCT identifier) FILTER (NOT digit) FROM "
        f"(SELECT identifier, regexp_matches(identifier, '\\p{{N}}') OR identifier = '{GROUP}' AS digit FROM parsed "
        "WHERE fault IS NULL)"
    )
    if contract.money or not words or 2 * numbers < rows:
        return ()
    terms = contract.terms
    verb = f"{terms.unit} has a word" if words == 1 else f"{terms.units} have words"
    return (
        f"{words:,} {verb} in place of a number, and most {terms.units} have numbers: where such a word stands for a withheld "
        f"number, many people may be behind it; leave its rows out of the file then.",
    )


def withheld(table: Table, settings: EventSettings, outcome: Outcome) -> tuple[str, ...]:
    """Tell of identifiers that are words for nobody in particular, and of the rule for them."""
    terms, section = settings.contract.terms, settings.contract.section("format")
    if aside := outcome.total("withheld"):
        verb = f"{terms.event} has" if aside == 1 else f"{terms.events} have"
        return (
            f"{aside:,} {verb} a word for a withheld number (such as private) in place of one: many people may stand behind it, "
            f'so the rule sets such rows aside. Set withheld = "group" in {section} to keep them as one {terms.unit}.',
        )
    kept = 0
    if settings.format.withheld == "group":
        (kept,) = table.one(f"SELECT count(*) FROM parsed WHERE fault IS NULL AND identifier = '{GROUP}'")
    if not kept:
        return ()
    verb = f"{terms.event} of a withheld number is" if kept == 1 else f"{terms.events} of withheld numbers are"
    return (f"{kept:,} {verb} kept as those of one {terms.unit}, behind which many people may stand.",)


def said(settings: EventSettings, audit: LoadAudit, outcome: Outcome) -> tuple[str, ...]:
    """Tell of rows and numbers that are there twice, of columns that contradict the date, and of rows set aside."""
    unit = settings.contract.terms.unit
    duplicates, doubles = audit.duplicates, audit.likely_doubles
    notes = []
    if duplicates:
        verb = "row repeats an earlier one" if duplicates == 1 else "rows repeat earlier ones"
        notes.append(f"{duplicates:,} {verb} in every column; nothing was dropped.")
    if doubles and settings.format.normalise_numbers:
        verb = "number was" if doubles == 1 else "numbers were"
        notes.append(f"{doubles:,} {verb} written in several ways; each counts as one {unit}.")
    elif doubles:
        notes.append(
            f"{doubles:,} {'number' if doubles == 1 else 'numbers'} may be written in several ways "
            "(+, spaces, leading zeros, country code); "
            f"each way counts as {settings.contract.terms.a_unit} of its own. Set normalise_numbers = true to fold them."
        )
    for role, _, checked, disagree in audit.disagreements.itertuples(index=False, name=None):
        if disagree:
            notes.append(
                f"The {role} column disagrees with the date in {disagree:,} of {checked:,} rows; the date was used."
            )
    role_of = {settings.columns.unit_column: unit} | {name: role for role, name in settings.columns.used.items()}
    for aside in outcome.quarantined:
        notes.append(
            f"{aside.count:,} {'row was' if aside.count == 1 else 'rows were'} set aside at the gate "
            f'"{aside.gate}" for the {role_of[aside.column]} column, into {flat(aside.file.name)}.'
        )
    return tuple(notes)
