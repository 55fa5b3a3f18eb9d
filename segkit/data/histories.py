"""Histories within a cell: the values of a field from oldest to newest, joined by ``//``."""

from __future__ import annotations

import re

# A scheme with its address behind it is no separator, and of three slashes the first one belongs to the value before.
_MARKS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]{0,30}://+(?=\S))|//(?!/)")


def split(text: str) -> tuple[str, ...]:
    """Return the values of a history from oldest to newest, without blanks around them; empty ones are left out.

    Examples
    --------
    >>> split("OFFLINE // PAID_SEARCH//https://a.example/x // ")
    ('OFFLINE', 'PAID_SEARCH', 'https://a.example/x')
    >>> split("https://a.example//https://b.example"), split(" // ")
    (('https://a.example', 'https://b.example'), ())
    """
    if "//" not in text:
        return (text.strip(),) if text.strip() else ()
    parts, begin = [], 0
    for mark in _MARKS.finditer(text):
        if mark["scheme"] is None:
            parts.append(text[begin : mark.start()])
            begin = mark.end()
    parts.append(text[begin:])
    return tuple(part.strip() for part in parts if part.strip())


def current(text: str) -> str | None:
    """Return the newest value of a history: the last one that is not empty.

    >>> current("1 // 3 // "), current("//")
    ('3', None)
    """
    parts = split(text)
    return parts[-1] if parts else None
