"""Raw identifiers: how they are read, folded and keyed. Nothing here prints one."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..config import EventSettings
from .headers import known_heading
from .tables import Table, open_table
from .withheld import without

EMPTY = ("na", "n/a", "#n/a", "nan", "nat", "null", "none", "<na>")  # what exports write for "no value"
EMPTY_WORDS = ", ".join(f"'{word}'" for word in EMPTY)  # as SQL
DAMAGED = r"^[+-]?\d+(?:[.,]\d+)?[eE]\+\d+$"  # 6.48E+08: the digits are gone
ERROR_CELL = r"^#(?:#*|[A-Z]+[/A-Z0-9]*[!?]?)$"  # #REF!, #NAME?, ####
PHONE = re.compile(r"\+?[\d\s()./\-\u2010-\u2015]*")
SHORTEST = 6  # digits that must remain behind a country code
# Country codes of the numbering plan (ITU-T E.164): +1 and +7, these of two digits, all others of three.
_TWO_DIGITS = """
20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86
90 91 92 93 94 95 98
"""
TWO_DIGITS = frozenset(_TWO_DIGITS.split())


@dataclass(frozen=True)
class Identifiers:
    """What must not appear outside the machine: numbers and names as the file has them. Its repr hides them.

    Attributes
    ----------
    numbers, names : frozenset of str
    headers : frozenset of str
        Cells of the header that neither the settings name nor logs usually have: they may be anything.
    """

    numbers: frozenset[str] = field(repr=False)
    names: frozenset[str] = field(repr=False)
    headers: frozenset[str] = field(default=frozenset(), repr=False)

    def __str__(self) -> str:
        return f"{len(self.numbers):,} numbers, {len(self.names):,} names"


# What spreadsheets and telephone systems put around an identifier, which it is no part of: a pattern and what of it remains.
WRAPPERS = (
    (r'^=\s*"(.*)"$', r"\1"),  # ="0648578192" keeps a spreadsheet from making a number of it
    (r"^''(\+?\d+)$", r"\1"),  # and so does an apostrophe, which SQL writes twice
    (r"^.*<\s*((?i:sips?|tel):[^<>]*)>.*$", r"\1"),  # a name before an address
    (r"^(?i:sips?):(?://)?(\+?\d{7,})(?::[^@]*)?(?:@.*)?$", r"\1"),  # a whole number is one whatever system it is at
    (r"^(?i:sips?|tel|callto):(?://)?([^;?]*).*$", r"\1"),  # an extension is one of its system
    (
        r"^[^<>]*<\s*(\+?\d[\d\s()./-]*?)\s*>$",
        r"\1",
    ),  # what Asterisk calls the identity of a caller: "Ann" <2025550101>
    (r"^[^()]*\p{L}[^()]*\(\s*(\+?\d[\d\s./-]{4,}\d)\s*\)$", r"\1"),  # a name before a number that no year is
    (r"^<I>\s*(\+?\d+)$", r"\1"),  # systems of Panasonic mark a call that comes in
    (r"^(\d+)\.0$", r"\1"),
)


def identifier(text: str) -> str:
    """Return SQL for an identifier from SQL for its text, without what stands around it: ``648578192.0``, ``sip:...@pbx``."""
    inner = text
    for pattern, kept in WRAPPERS:
        inner = f"regexp_replace({inner}, '{pattern}', '{kept}')"
    # Nearly all cells have none of the signs that each wrapper has, and are taken as they are.
    return f"nullif(trim(CASE WHEN regexp_matches({text}, '[:.=<(\\x27]') THEN {inner} ELSE {text} END), '')"


def is_empty(text: str) -> str:
    """Return SQL for "this cell has no value"."""
    return f"({text} IS NULL OR lower({text}) IN ({EMPTY_WORDS}))"


def raw_identifiers(path: Path, settings: EventSettings) -> Identifiers:
    """Return every number and name of a file, for the search of the finished site.

    Numbers are those of units, and of orders where there are any: as the file has them, and as they are read.

    Parameters
    ----------
    path : path
    settings : EventSettings
        They name the columns.

    Raises
    ------
    InputError
        The file cannot be read, or has not these columns.
    """
    contract, used = settings.contract, settings.columns.used
    kept = [used[role.name] for role in contract.roles if role.kind == "identifier" and role.name in used]
    with open_table(path, [*kept, *filter(None, [used.get("name")])], section=contract.section("columns")) as table:
        numbers: frozenset[str] = frozenset()
        for column in kept:
            text = table.text(column)
            numbers |= _distinct(table, text) | _distinct(table, identifier(text))
        numbers |= {own.get_secret_value() for own in getattr(settings.format, "own", ())}
        names = _distinct(table, table.text(used["name"])) if "name" in used else frozenset()
        named = set(used.values())
        headers = frozenset(h for h in table.source.header if h and h not in named and not known_heading(h))
    return Identifiers(without(numbers), names, headers)


def _distinct(table: Table, text: str) -> frozenset[str]:
    rows = table.connection.execute(f"SELECT DISTINCT {text} AS x FROM raw WHERE NOT {is_empty(text)}").fetchall()
    return frozenset(x for (x,) in rows)


def normalise_all(identifiers: Iterable[str]) -> dict[str, str]:
    """Fold the ways to write one number.

    Parameters
    ----------
    identifiers : iterable of str
        All distinct identifiers of a file.

    Returns
    -------
    dict
        From each identifier to its folded form.

    Notes
    -----
    The rule, for identifiers of digits and punctuation (others stay as they are):

    1. Blanks, brackets, dots, dashes and slashes go.
    2. A number that begins with ``+`` or ``00`` loses its country code (ITU-T E.164), if six digits remain. So does
       a number without either sign whose digits the file also has with one.
    3. Leading zeros go.

    Two countries can share a national number. If the file has it with two codes, those keep their codes.

    Examples
    --------
    >>> sorted(set(normalise_all(["+27 64 857 8192", "0648578192", "64-857-8192", "0027648578192"]).values()))
    ['648578192']
    >>> sorted(normalise_all(["+27 64 857 8192", "+46 64 857 8192"]).values())
    ['+27648578192', '+46648578192']
    """
    identifiers = list(identifiers)
    split = {i: _split(i) for i in identifiers}
    international = {code + rest: (code, rest) for code, rest in filter(None, split.values()) if code}
    codes: dict[str, set[str]] = defaultdict(set)
    for code, rest in international.values():
        codes[rest.lstrip("0")].add(code)
    folded = {}
    for i in identifiers:
        parts = split[i]
        if parts is None:
            folded[i] = i
            continue
        code, rest = parts if parts[0] else international.get(parts[1], parts)
        national = rest.lstrip("0") or "0"
        folded[i] = f"+{code}{national}" if code and len(codes[national]) > 1 else national
    return folded


def _split(identifier: str) -> tuple[str, str] | None:
    """Return (country code or nothing, remaining digits) of a number, nothing of another identifier."""
    text = unicodedata.normalize("NFKC", identifier).strip()
    if not PHONE.fullmatch(text) or not any(c.isdigit() for c in text):
        return None
    digits = re.sub(r"\D", "", text)
    marked = digits if text.startswith("+") else digits[2:] if digits.startswith("00") else ""
    if marked and marked[0] != "0":
        size = 1 if marked[0] in "17" else 2 if marked[:2] in TWO_DIGITS else 3
        if len(marked) - size >= SHORTEST:
            return marked[:size], marked[size:]
    return "", digits


def likely_doubles(folded: dict[str, str]) -> int:
    """Count the groups of identifiers that fold to one number.

    >>> likely_doubles({"+1 5": "5", "05": "5", "7": "7"})
    1
    """
    size: dict[str, int] = defaultdict(int)
    for number in folded.values():
        size[number] += 1
    return sum(n > 1 for n in size.values())
