"""Ranges of years in one form, also those of which a spreadsheet made dates: ``15-Oct`` was 10-15."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence

from .calendar_words import MONTH_NUMBER, plain
from .marks import folded

DATE_DAMAGE, RANGE = "a date made by a spreadsheet", "the same range in other words"
LONGEST = 60  # characters of a text that can be a range
_PARTS = r"[-/. ]+"
_DAY_MONTH = re.compile(rf"(\d{{1,2}}){_PARTS}([a-z]{{3,10}})\.?")
_MONTH_DAY = re.compile(rf"([a-z]{{3,10}})\.?{_PARTS}(\d{{1,2}})")
_ISO = re.compile(r"(?:19|20)\d\d-(\d\d)-(\d\d)(?:[ t]00:00(?::00)?)?")
_SLASHED = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(?:19|20)\d\d")


def undated(text: str) -> str | None:
    """Return the range of which a spreadsheet made a date, or nothing.

    A spreadsheet takes 10-15 for a day of October and 10-50 for a month of 1950. A range begins with its smaller number,
    so it does not matter in which order the machine reads dates. The first of a month in full may have been either and is
    left alone.

    >>> [undated(t) for t in ("15-Oct", "5-Mar", "9-Jun", "Oct-15", "2-Jan", "2-oct", "Oct-50", "2024-10-15 00:00:00")]
    ['10-15', '3-5', '6-9', '10-15', '1-2', '2-10', '10-50', '10-15']
    >>> [undated(t) for t in ("25-34", "5-May", "1-Foo", "2024-10-01", "10/15/2024")]
    [None, None, None, None, '10-15']
    """
    word = plain(folded(text)).strip()
    if hit := _DAY_MONTH.fullmatch(word):
        numbers = [int(hit[1]), MONTH_NUMBER.get(hit[2], 0)]
    elif hit := _MONTH_DAY.fullmatch(word):
        numbers = [int(hit[2]), MONTH_NUMBER.get(hit[1], 0)]
    elif hit := _ISO.fullmatch(word):
        numbers = [int(hit[1]), int(hit[2]) if hit[2] != "01" else 0]
    elif hit := _SLASHED.fullmatch(word):
        numbers = [int(hit[1]), int(hit[3])]
    else:
        return None
    low, high = sorted(numbers)
    return f"{low}-{high}" if 0 < low < high else None


def as_range(text: str, words: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """Return a range in its one form and why that differs from the text; nothing where it is no range.

    Parameters
    ----------
    text : str
    words : mapping
        Words of units, and of what stands between, before and behind numbers: ``units``, ``to``, ``from``, ``more``,
        ``over``, ``under``, ``most``.

    Returns
    -------
    (str, str) or None
        ``"5-10"``, ``"10+"``, ``"under 1"`` or ``"3"``; and the reason, empty where the text is that already.

    Examples
    --------
    >>> w = {"units": ["years", "anos"], "to": ["-", "a", "to"], "from": [], "more": ["+", "or more"], "over": ["over"],
    ...      "under": ["under", "menos de"], "most": ["up to"]}
    >>> [as_range(t, w)[0] for t in ("5+ years", "5 a 10 años", "Menos de 1", "10-15", "65 or more", "up to 3")]
    ['5+', '5-10', 'under 1', '10-15', '65+', '0-3']
    """
    if len(text) > LONGEST:
        return None
    if damaged := undated(text):
        return damaged, DATE_DAMAGE
    found = _worded(" ".join(re.sub("[–—−]", "-", plain(folded(text))).split()), _patterns(_frozen(words)))
    return None if found is None else (found, "" if found == text else RANGE)


def _worded(word: str, patterns: Mapping[str, re.Pattern[str]]) -> str | None:
    for kind, pattern in patterns.items():
        if hit := pattern.fullmatch(word):
            numbers = [int(n) for n in hit.groups() if n]
            if kind == "between":
                return f"{numbers[0]}-{numbers[1]}" if numbers[0] < numbers[1] else None
            form = {"more": "{}+", "over": "{}+", "under": "under {}", "most": "0-{}", "one": "{}"}[kind]
            return form.format(numbers[0])
    return None


def _frozen(words: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((kind, tuple(listed)) for kind, listed in words.items())


@functools.cache
def _patterns(words: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, re.Pattern[str]]:
    """Return a pattern per form of a range."""
    one = {kind: "|".join(re.escape(w) for w in sorted(listed, key=len, reverse=True)) for kind, listed in words}
    unit = rf"(?:\s*(?:{one['units']})\b\.?)*"
    number = rf"(\d{{1,3}}){unit}"
    start = rf"(?:(?:{one['from']})\s+)?" if one["from"] else ""
    forms = {
        "between": rf"{start}{number}\s*(?:{one['to']})\s*{number}",
        "more": rf"{number}\s*(?:{one['more']}){unit}",
        "over": rf"(?:{one['over']})\s*{number}",
        "under": rf"(?:{one['under']})\s*{number}",
        "most": rf"(?:{one['most']})\s*{number}",
        "one": number,
    }
    return {kind: re.compile(form) for kind, form in forms.items()}
