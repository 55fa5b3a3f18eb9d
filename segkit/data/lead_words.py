"""One spelling of each value of a lead: tables of states, industries and other words (``lead_words.toml``), and letter case.

Texts are handed in once each with their number of rows, so that files of any length cost what their distinct values cost.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .calendar_words import plain
from .marks import folded
from .ranges import as_range

TABLES: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
MISSING = frozenset(TABLES["missing"])
LONGEST = 2 * max(map(len, MISSING))  # characters of a cell that can be one of these
DIGITS = tuple("0123456789")  # with which none of them begins
MOST = 0.5  # of the known cells have to be in a table before its codes count: elsewhere SC is no South Carolina
AROUND = re.compile(
    r"\b(?:state of|estado de|state|estado|united states(?: of america)?|usa?)\b"
)  # beside the name of a state
STATE, LANGUAGE, CASE = "spelling of a state", "another spelling or language", "letter case, accents or blanks"
NO_VALUE = "a word for a missing value"
WHY = {"state": STATE}
RANGES = ("age_range", "experience")


class Spelling(NamedTuple):
    """What a text becomes, and why; nothing where it stays."""

    after: str
    why: str = ""


def simple(text: str) -> str:
    """Return a text as tables have it: lower case, without accents and punctuation, single blanks.

    >>> simple("  Bienes  Raíces / B&B "), simple("ILLINOIS (IL)")
    ('bienes raices b b', 'illinois il')
    """
    return " ".join(re.findall(r"[a-z0-9+]+", plain(folded(text))))


def is_missing(text: str) -> bool:
    """Tell whether a cell says that there is no value.

    >>> [is_missing(t) for t in ("N/A", " - ", "Unknown", "nan", "Sin dato", "Nantes", "0")]
    [True, True, True, True, True, False, False]
    """
    if len(text) > LONGEST or text[:1] in DIGITS:
        return False
    word = " ".join(plain(folded(text)).split())
    return word in MISSING or not word.strip("-–—_.?* ")


def spelled(role: str, texts: Sequence[str], counts: Sequence[int]) -> list[Spelling]:
    """Return one spelling for each text of a column.

    Parameters
    ----------
    role : str
        The name of the column, which says what table is used; none for columns that no table knows.
    texts : sequence of str
        The distinct known values.
    counts : sequence of int
        Their numbers of rows.
    """
    found = _tabled(role, texts, counts) if role in TABLES else {}
    if role in RANGES or _has_ranges(texts, counts):
        found |= {
            text: Spelling(*hit) for text in texts if text not in found and (hit := as_range(text, TABLES["ranges"]))
        }
    out = [found.get(text, Spelling(text)) for text in texts]
    commonest = _commonest([s.after for s in out], counts, {s.after for s in found.values()})
    return [s if (best := commonest[s.after]) == s.after else Spelling(best, s.why or CASE) for s in out]


def _commonest(texts: Sequence[str], counts: Sequence[int], settled: set[str]) -> dict[str, str]:
    """Return the spelling to keep of texts that differ in case, accents and blanks alone: a table's, else the commonest."""
    rows: Counter[str] = Counter()
    for text, count in zip(texts, counts, strict=True):
        rows[text] += count
    groups: dict[str, list[str]] = defaultdict(list)
    for text in rows:
        groups[" ".join(plain(folded(text)).split())].append(text)
    best = {key: min(group, key=lambda t: (t not in settled, -rows[t], t)) for key, group in groups.items()}
    return {text: best[key] for key, group in groups.items() for text in group}


def _has_ranges(texts: Sequence[str], counts: Sequence[int]) -> bool:
    """Tell whether most cells are ranges of numbers: then a date among them is one that a spreadsheet made."""
    known = sum(counts)
    ranges = sum(c for t, c in zip(texts, counts, strict=True) if re.fullmatch(r"\d+\s*[-–]\s*\d+\D*", t))
    return ranges >= MOST * known > 0


@functools.cache
def _table(role: str) -> dict[str, str]:
    """Return the kept form of each simplified spelling."""
    forms = {_state(simple(kept)) if role == "state" else simple(kept): kept for kept in TABLES[role]}
    return forms | {simple(form): kept for kept, others in TABLES[role].items() for form in others}


def _state(text: str) -> str:
    """Leave out what may stand beside the name of a state: the country, and its own code behind or before it."""
    return " ".join(AROUND.sub(" ", text).split())


def _known_state(text: str) -> str | None:
    table = _table("state")
    words = _state(simple(text)).split()
    options = (" ".join(words), " ".join(words[:-1]), " ".join(words[1:]))
    whole, before, behind = (table.get(option) for option in options)
    if whole or len(words) < 2:
        return whole
    if before and before == table.get(words[-1]):
        return before
    return behind if behind and behind == table.get(words[0]) else None


def _tabled(role: str, texts: Sequence[str], counts: Sequence[int]) -> dict[str, Spelling]:
    """Return what a table makes of the texts that it knows."""
    hits = {text: _known_state(text) if role == "state" else _table(role).get(simple(text)) for text in texts}
    known = {text: kept for text, kept in hits.items() if kept}
    rows = sum(count for text, count in zip(texts, counts, strict=True) if text in known)
    if role == "state" and rows < MOST * sum(counts):
        return {}
    return {
        text: Spelling(kept, "" if text == kept else CASE if simple(text) == simple(kept) else WHY.get(role, LANGUAGE))
        for text, kept in known.items()
    }
