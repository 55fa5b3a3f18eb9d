"""What the columns of a file with one row per unit are: numbers, categories, or nothing that describes anybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .calendar_words import MONTH_NUMBER, plain
from .headers import A_DATE, MOMENT, header_words, points_at_someone
from .lead_words import TABLES, is_missing
from .marks import folded, visible
from .tables import Table

Ints = NDArray[np.int64]

LEAST = 20  # units that there have to be
FLAG = 2  # values of yes and no
FEW = 10  # distinct numbers up to which they are categories; and units below which a value is rare
MOSTLY = 0.9  # of the known cells: from here on a column is of a kind
HALF = 0.5
LONG = 60  # characters of a cell that is a text more than a value
TEXTS = 0.1  # of the cells may be that long
MANY = 200  # categories, beyond which a column has to have one that is not rare
JUDGED = 20  # known cells from which on distinct values are a sign of identifiers
SAMPLE = 100  # texts that are looked at before all are
PHONE = 10**6  # whole numbers from here on, all different, may be telephone numbers

PERSON, IDENTIFIER = "names, numbers or addresses of persons", "a value of its own in nearly every row"
EMPTY, CONSTANT = "no value in any row", "the same value wherever there is one"
DATES, TEXT, RARE = "dates or times", "free text", f"more than {MANY} values, none of which {FEW} leads have"
ASIDE = (PERSON, IDENTIFIER)  # what may identify somebody

_SIGNS = re.compile(r"^\s*[$€£¥₹]\s*|\s*[$€£¥₹%]\s*$")
_NAMED_DATE = re.compile(r"(?:\d{1,2}[-/. ]+)?([a-z]{3,10})\.?[-/. ]+(?:\d{1,2},? +)?\d{2,4}(?: \d.*)?")
_WHOLE = r"[+-]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:%s\d{3})+)"
_NUMBERS = {
    sign: re.compile(_WHOLE % thousands + rf"(?:{decimal}\d+)?(?:[eE][+-]?\d+)?")
    for sign, thousands, decimal in (("point", ",", r"\."), ("comma", r"\.", ","))
}


@dataclass(frozen=True)
class Cells:
    """The cells of a column: its distinct known texts, and which of them each row has.

    Attributes
    ----------
    texts : tuple of str
    codes : array of int of shape (rows,)
        Positions in ``texts``; -1 where there is no value.
    words : tuple of (str, int)
        Words for a missing value, and the rows that had them.
    """

    texts: tuple[str, ...]
    codes: Ints
    words: tuple[tuple[str, int], ...] = ()

    @property
    def counts(self) -> list[int]:
        """Rows of each text."""
        found: list[int] = np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts)).tolist()
        return found

    @property
    def known(self) -> int:
        """Rows with a value."""
        return int((self.codes >= 0).sum())

    def recoded(self, texts: Sequence[str | None]) -> Cells:
        """Return the cells with another text in place of each, equal ones made one."""
        kept = tuple(dict.fromkeys(text for text in texts if text is not None))
        place = {text: i for i, text in enumerate(kept)}
        moved = np.array([-1 if t is None else place[t] for t in texts] + [-1], dtype=np.int64)
        return Cells(kept, moved[self.codes], self.words)


def read_cells(table: Table, names: Collection[str] | None = None) -> tuple[Ints, dict[str, Cells]]:
    """Return the row numbers of a file and the cells of each column, or of those named, all in the order of the file.

    Words for a missing value are none of the texts.
    """
    columns = {name: column for name, column in table.columns.items() if names is None or name in names}
    cells = ", ".join(columns.values())
    # Rows keep their order (`preserve_insertion_order`); each distinct text is cleaned once.
    found = table.connection.sql(f"SELECT {table.row} AS row, {cells} FROM raw").to_arrow_table()
    out = {}
    for name, column in columns.items():
        coded = found.column(column).combine_chunks().dictionary_encode()
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        written = coded.dictionary.to_pylist()
        raw = Cells(tuple(written), codes).recoded([visible(text) or None for text in written])
        gone = {text: rows for text, rows in zip(raw.texts, raw.counts, strict=True) if is_missing(text)}
        known = raw.recoded([None if text in gone else text for text in raw.texts]) if gone else raw
        out[name] = Cells(known.texts, known.codes, tuple(gone.items()))
    return found.column("row").to_numpy(), out


def counted(count: int, units: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "leads"), counted(1200, "leads")
    ('1 lead', '1,200 leads')
    """
    return f"{count:,} {units.removesuffix('s') if count == 1 else units}"


def enough(path: Path, rows: int, units: str, remedy: str) -> None:
    """Refuse a file of too few units.

    Raises
    ------
    InputError
    """
    if rows < LEAST:
        raise InputError(
            f"the file has {counted(rows, units)}, and {LEAST} are needed", file=path,
            remedy=f"{remedy}; rates of so few say nothing.",
        )  # fmt: skip


def numbers(texts: Sequence[str], *, comma: bool) -> list[float] | None:
    """Return the numbers of texts if all are numbers under one decimal sign.

    Texts with leading zeros are codes and no numbers. Where every text fits both signs, as 1,234 does, ``comma`` decides.

    >>> numbers(["1,5", "2", "1.000,25"], comma=False), numbers(["$1,500", "2.5"], comma=True)
    ([1.5, 2.0, 1000.25], [1500.0, 2.5])
    >>> numbers(["1.5", "2,5"], comma=False), numbers(["01234", "2"], comma=False), numbers(["1,234"], comma=False)
    (None, None, [1234.0])
    """
    if len(texts) > SAMPLE and numbers(texts[:SAMPLE], comma=comma) is None:  # most columns are none
        return None
    bare = [_SIGNS.sub("", folded(text)).replace("−", "-") for text in texts]
    fits = [sign for sign, pattern in _NUMBERS.items() if all(map(pattern.fullmatch, bare))]
    if not fits:
        return None
    sign = ("comma" if comma else "point") if len(fits) == 2 else fits[0]
    if sign == "comma":
        bare = [text.replace(".", "").replace(",", ".") for text in bare]
    return [float(text.replace(",", "")) for text in bare]


def aside(header: str, cells: Cells, values: Sequence[float] | None, role: str = "") -> str:
    """Return why a column describes nobody; nothing where it may.

    Parameters
    ----------
    header : str
    cells : Cells
    values : sequence of float, optional
        The texts as numbers, where all are.
    role : str
        The role of the column, if it has one. Job titles may differ from unit to unit: their rank is what counts.
    """
    if role in ("id", "name") or (not role and _of_persons(header, len(cells.texts))):
        return PERSON
    if not cells.texts or len(cells.texts) == 1:
        return CONSTANT if cells.texts else EMPTY
    if not role and _share(cells, points_at_someone) > HALF:
        return PERSON
    if values is not None and len(cells.texts) > FEW:
        return IDENTIFIER if _numbering(header, cells, values) else ""
    if role not in ("age_range", "experience") and _share(cells, _dated) >= MOSTLY:
        return DATES
    if role == "job_title":
        return ""
    if _share(cells, lambda text: len(text) > LONG) > TEXTS and len(cells.texts) > JUDGED:
        return TEXT
    if cells.known >= JUDGED and len(cells.texts) > MOSTLY * cells.known:
        return IDENTIFIER
    return RARE if len(cells.texts) > MANY and max(cells.counts) < FEW else ""


def _of_persons(header: str, values: int) -> bool:
    """Tell whether a header speaks of names or addresses. Of two values at most, "mobile" may be yes or no."""
    words = set(header_words(header))
    parts = {kind: set(TABLES["parts"][kind].split()) for kind in ("person", "naming", "whose")}
    return (values > FLAG and bool(words & parts["person"])) or bool(
        words & parts["naming"] and words <= parts["naming"] | parts["whose"]
    )


def _share(cells: Cells, test: Callable[[str], bool]) -> float:
    """Return the share of the known cells that pass a test, from a look at each distinct text, and at a sample of many."""
    step = max(1, len(cells.texts) // 5_000)
    looked = list(zip(cells.texts[::step], cells.counts[::step], strict=True))
    return sum(n for text, n in looked if test(text)) / sum(n for _, n in looked)


def _dated(text: str) -> bool:
    word = folded(text)
    if MOMENT.fullmatch(word) or A_DATE.fullmatch(word):
        return True
    hit = _NAMED_DATE.fullmatch(plain(word))
    return bool(hit) and any(part in MONTH_NUMBER for part in hit.groups())  # type: ignore[union-attr]


def _numbering(header: str, cells: Cells, values: Sequence[float]) -> bool:
    """Tell whether numbers count or name the rows: whole ones, all different, and close together, called so, or very long."""
    if len(values) < cells.known or any(v != int(v) for v in values):
        return False
    low, high = min(values), max(values)
    called = set(header_words(header)) & set(TABLES["parts"]["identifier"].split())
    return bool(called) or high - low < 2 * len(values) or low >= PHONE
