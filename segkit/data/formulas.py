"""Cells of a text that are formulas of nothing but a text, ``="0648578192"``: by these, numbers survive a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LONGEST = (
    16 << 20
)  # characters that a quoted cell may hold back; what is longer is written as it is, and judged as such


def _pattern(delimiter: str) -> re.Pattern[str]:
    """Match a whole quoted cell, of which nothing is changed, or a formula."""
    edge = re.escape(delimiter)
    return re.compile(rf'(?m)(^|{edge})(?:(?P<quoted>"(?:[^"]|"")*")|="(?P<text>[^"\n]*)")(?={edge}|\r?$)')


def found(text: str, delimiter: str) -> bool:
    r"""Tell whether a text has such a cell.

    >>> found('a,b\n1,="02"\n', ","), found('a,b\n"x,=""02"",y",1\n', ",")
    (True, False)
    """
    return any(match["text"] is not None for match in _pattern(delimiter).finditer(text))


def as_texts(chunks: Iterable[str], delimiter: str) -> Iterator[str]:
    r"""Write such cells as the texts that they are, chunk by chunk; lines stay lines.

    >>> list(as_texts(['a,b\n="0', '1",2\n="x,y"', ',"="\n'], ","))
    ['a,b\n', '"01",2\n', '"x,y","="\n']
    """
    pattern, rest = _pattern(delimiter), ""

    def text(match: re.Match[str]) -> str:
        return match[0] if match["text"] is None else f'{match[1]}"{match["text"]}"'

    for chunk in chunks:
        rest += chunk
        cut = rest.rfind("\n") + 1
        quotes = rest.count('"', 0, cut)
        while cut and quotes % 2:  # within a quoted cell
            before = rest.rfind("\n", 0, cut - 1) + 1
            quotes -= rest.count('"', before, cut)
            cut = before
        if cut:
            yield pattern.sub(text, rest[:cut]) if '="' in rest[:cut] else rest[:cut]
        elif len(rest) > LONGEST:
            yield rest
            cut = len(rest)
        rest = rest[cut:]
    if rest:
        yield pattern.sub(text, rest)
