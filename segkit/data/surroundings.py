"""What stands around a table and is no record: titles, comments, rules, rows of types, repeated headers, totals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..errors import row_list
from .calendar_words import plain
from .headers import DIGITS, MOMENT
from .marks import folded, visible

TAIL = 20  # records at the end among which totals and remarks are sought
COMMENT = re.compile(r"(?:#|//|--)+(?:\s|[^\W\d])")  # `#31#` begins a number that somebody dialled
_RULE = re.compile(r"[-=_*~+|\s]*")
_TYPE = re.compile(
    r"(?:(?:n?varchar|n?char|character varying|decimal|numeric|number|float|int|integer|bigint|smallint|double|real|text|"
    r"string|str|date|time|datetime|timestamp|timestamptz|interval|bool|boolean|uuid|int(?:32|64)|float(?:32|64)|"
    r"datetime64)(?:\s*\([\d, ]+\)|\[\w+\])?)",
    re.I,
)
_SUMMED = (
    "total totals totale totales totali totaux totais totaal sum sums summe summen gesamt gesamtsumme gesamtzahl gesamtdauer "
    "insgesamt somme suma soma somma subtotal subtotals zwischensumme razem suma celkem spolu ukupno skupaj toplam yhteensa "
    "summa totalt osszesen итого всего разом 合计 合計 总计 總計 합계 المجموع الإجمالي"
)
_SAID = (
    "end ende fin fine fim einde generated erstellt erzeugt created exported exportiert exporte exportado page seite pagina "
    "report bericht copyright confidential"
)
_TOTALS = frozenset(_SUMMED.split())
_REMARKS = _TOTALS.union(_SAID.split())
_CLOCK = re.compile(r"\d+:\d\d")  # a length of all calls, below the lengths of each
_COUNTED = re.compile(
    r"\(?\d[\d.,' ]*\s+(?:rows?|records?|calls?|entries|items?|lines?|zeilen?|datensatze?|anrufe?|eintrage?|lignes?|appels?|"
    r"filas?|registros?|llamadas?|linhas?|chamadas?|righe|chiamate|rijen)(?:\s+(?:selected|returned|in set.*))?\)?\.?"
)
# What a note calls the lines of each kind, one and several.
_CALLED = {
    "title": ("line above the table was", "lines above the table were"),
    "header": ("line that repeats the header was", "lines that repeat the header were"),
    "rule": ("line of dashes or of types was", "lines of dashes or of types were"),
    "comment": ("comment line was", "comment lines were"),
    "empty": ("row without any cell was", "rows without any cell were"),
    "footer": ("line of totals or remarks at the end was", "lines of totals or remarks at the end were"),
}


def is_rule(cells: Sequence[str]) -> bool:
    """Tell whether a row is a line that somebody drew.

    >>> is_rule(["-----", "---"]), is_rule(["-", "5"]), is_rule(["", "-"])
    (True, False, False)
    """
    texts = [text for cell in cells if (text := visible(cell))]
    return bool(texts) and all(_RULE.fullmatch(text) for text in texts) and any(len(text) > 1 for text in texts)


def is_types(cells: Sequence[str]) -> bool:
    """Tell whether a row has the types of columns in place of values, as databases write them under the names.

    >>> is_types(["timestamp", "varchar(20)", "int"]), is_types(["date", "Anna", "5"])
    (True, False)
    """
    texts = [text for cell in cells if (text := visible(cell))]
    return len(texts) > 1 and all(_TYPE.fullmatch(text) for text in texts)


def is_comment(cells: Sequence[str], width: int) -> bool:
    """Tell whether a row is a comment: it begins with a mark of one, is narrower than the table, and has no moment in it.

    >>> is_comment(["# exported by hand"], 3), is_comment(["#31#2025550101", "5"], 3), is_comment(["# a", "b", "c"], 3)
    (True, False, False)
    """
    if not cells or len(cells) >= width or not COMMENT.match(cells[0].lstrip()):
        return False
    return not any(MOMENT.fullmatch(folded(visible(cell))) for cell in cells)


def is_footer(cells: Sequence[str], width: int) -> bool:
    """Tell whether a row at the end is one of totals, or a remark; whatever may be a record that was cut off is none.

    >>> is_footer(["Total calls: 2"], 3), is_footer(["TOTAL", "", "", "123"], 4), is_footer(["Total", "2024-01-02", "60"], 3)
    (True, True, False)
    >>> is_footer(["(2 rows)"], 3), is_footer(["2025550101"], 3), is_footer(["Xanbriol"], 3)
    (True, False, False)
    >>> is_footer(["Totals", "", "", "00:07:30", "", ""], 6)
    True
    """
    texts = [folded(text) for cell in cells if (text := visible(cell))]
    first = plain(texts[0]) if texts else ""
    word = (re.findall(r"[^\W\d_]+", first) or [""])[0]
    if not texts or any(MOMENT.fullmatch(text) and not (word in _TOTALS and _CLOCK.match(text)) for text in texts):
        return False
    if word in _TOTALS and len(texts) < width:
        return len(cells) < width or 2 * len(texts) <= width or not any(re.search(r"\d{8}", text) for text in texts)
    return len(texts) == 1 < width and (word in _REMARKS or _COUNTED.fullmatch(first) is not None)


def footers(rows: Sequence[Sequence[str]], width: int) -> int:
    """Return how many rows at the end are totals or remarks.

    A line of one cell beside two remarks is one, too: a report ends with its title and the name of who made it.

    >>> footers([["2024-01-02", "5", "60"], ["Calls of May"], ["Copyright 2024"], ["Confidential"], ["Example Ltd"]], 3)
    4
    >>> footers([["2024-01-02", "5", "60"], ["Xanbriol"], ["Total calls: 1"]], 3)
    1
    """
    found = 0
    while found < len(rows):
        alone = found
        while alone < len(rows) and (is_footer(rows[-1 - alone], width) or _is_alone(rows[-1 - alone], width)):
            alone += 1
        if sum(is_footer(row, width) for row in rows[len(rows) - alone : len(rows) - found]) > 1:
            found = alone
        elif is_footer(rows[-1 - found], width):
            found += 1
        else:
            break
    return found


def _is_alone(cells: Sequence[str], width: int) -> bool:
    texts = [folded(text) for cell in cells if (text := visible(cell))]
    return len(texts) == 1 < width and not MOMENT.fullmatch(texts[0]) and not DIGITS.search(texts[0])


def no_record(cells: Sequence[str], header: Sequence[str], *, first: bool = False) -> str | None:
    """Return what kind of line a row is that is unmistakably no record, wherever it stands; None where it may be one.

    Parameters
    ----------
    cells : sequence of str
    header : sequence of str
        The names of the columns; where a file has none, places.
    first : bool
        Whether the row is the first below the header.
    """
    if not any(visible(cell) for cell in cells):
        return "empty"
    if [visible(cell) for cell in cells[: len(header)]] == list(header):
        return "header"
    if is_rule(cells) or (first and is_types(cells)):
        return "rule"
    return "comment" if is_comment(cells, len(header)) else None


def told(skipped: Mapping[str, tuple[int, Sequence[int]]]) -> list[str]:
    """Return a sentence on each kind of line that was skipped.

    >>> told({"header": (1, [9]), "title": (2, [1, 2])})
    ['2 lines above the table were skipped (rows 1, 2).', '1 line that repeats the header was skipped (row 9).']
    """
    return [
        f"{count:,} {names[count > 1]} skipped ({row_list(rows, count)})."
        for kind, names in _CALLED.items()
        for count, rows in (skipped.get(kind, (0, ())),)
        if count
    ]
