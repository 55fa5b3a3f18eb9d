"""What single columns of an export of prospects hold: numbers, scores, sources and stages, the newest value of a history each."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..config import Channels
from ..errors import SHOWN_ROWS, InputError
from .channel_words import simple, words
from .detectors import source_of
from .histories import current, split
from .identifiers import DAMAGED
from .lead_cells import Cells, Ints, numbers
from .lead_words import is_missing

Floats = NDArray[np.float64]

OTHER = "OTHER"  # a source that the enumeration does not have
FEW = 0.01  # share of values above 1 below which they do not make percentages of all others
INTAKE = re.compile(r"((?:19|20)\d{2})(05|10|35|60|75)(?:\.0+)?")
WHOLE = re.compile(r"(\d+)\.0+")


class UnsettledError(InputError):
    """What the cells leave open, and a setting answers."""

    def __init__(self, problem: str, *, setting: str, **place: Any) -> None:
        self.setting = setting
        super().__init__(problem, **place)


class Column:
    """A column of a file: what messages call it, and its newest values.

    Parameters
    ----------
    path : path
    header : str
        Its name in the file.
    cells : Cells
    rows : array of int of shape (rows,)
        The row numbers of the file.
    """

    def __init__(self, path: Path, header: str, cells: Cells, rows: Ints) -> None:
        self.path, self.header, self.rows, self.cells = path, header, rows, cells

    @functools.cached_property
    def newest(self) -> Cells:
        """The last value of each history; words for a missing value are none."""
        newest = [_newest(text) if "//" in text else text for text in self.cells.texts]
        return self.cells.recoded(newest)

    @property
    def history(self) -> tuple[int, int]:
        """Cells with more than one value, and the most values of one."""
        sizes = [len(split(text)) if "//" in text else 1 for text in self.cells.texts]
        return sum(n for n, size in zip(self.cells.counts, sizes, strict=True) if size > 1), max(sizes, default=0)

    def error(self, what: str, wrong: Sequence[bool] | NDArray[np.bool_], remedy: str) -> InputError:
        """Return an error on the rows whose newest text is wrong."""
        at = np.flatnonzero(np.append(np.asarray(wrong, dtype=bool), False)[self.newest.codes])
        return self.error_in(what, at, remedy)

    def error_in(self, what: str, at: Ints, remedy: str) -> InputError:
        """Return an error on rows, given by their positions."""
        rows = self.rows[at[:SHOWN_ROWS]].tolist()
        return InputError(what, file=self.path, column=self.header, rows=rows, count=int(at.size), remedy=remedy)

    def spread(self, values: Sequence[float] | Floats) -> Floats:
        """Return the value of each row from that of each newest text."""
        return np.append(np.asarray(values, dtype=np.float64), np.nan)[self.newest.codes]

    def numbers(self, *, comma: bool) -> list[float]:
        """Return the newest texts as numbers.

        Raises
        ------
        InputError
            Some are none, or they have two decimal signs.
        """
        texts = self.newest.texts
        found = numbers(texts, comma=comma)
        if found is None:
            bad = [numbers([text], comma=comma) is None for text in texts]
            if any(bad):
                raise self.error(
                    "cells that are no number", bad, "Write numbers with digits alone, or leave the cells empty."
                )
            bad = ["," in text for text in texts]
            raise self.error("some numbers have a decimal comma and some a point", bad, "Export the column in one way.")
        endless = [not np.isfinite(value) for value in found]
        if any(endless):
            raise self.error("numbers that are infinite", endless, "Correct the cells.")
        return found


def _newest(text: str) -> str | None:
    value = current(text)
    return None if value is None or is_missing(value) else value


def counts(column: Column, *, comma: bool) -> Floats:
    """Return a column of counts; NaN where nothing is known.

    Raises
    ------
    InputError
        A cell is no number, no whole one, or below 0.
    """
    found = column.numbers(comma=comma)
    if any(value < 0 for value in found):
        raise column.error("counts below 0", [value < 0 for value in found], "Correct the cells.")
    broken = [math.isfinite(value) and value != int(value) for value in found]
    if any(broken):
        remedy = "Write them without decimals, and without separators of thousands."
        raise column.error("counts that are not whole", broken, remedy)
    return column.spread(found)


def likelihoods(column: Column, settings: Channels, *, comma: bool) -> tuple[Floats, str]:
    """Return likelihoods from 0 to 1, and what the reader should know of their unit.

    Values with a per cent sign are percentages. Without one, all values together settle it: none above 1 are shares.

    Raises
    ------
    InputError
        A value is no number, is out of range, or the values do not settle the unit.
    """
    texts, section = column.newest.texts, f"score_unit in [{settings.contract.study}]"
    found = np.array(column.numbers(comma=comma))
    signs = np.array(["%" in text for text in texts], dtype=bool)
    if not found.size:
        return column.spread([]), ""
    unit = settings.score_unit
    if signs.any() and (unit == "share" or not signs.all()):
        few = signs if signs.mean() <= 0.5 or unit == "share" else ~signs
        what = (
            "some likelihoods have a per cent sign and some have none"
            if not signs.all()
            else "likelihoods have a per cent sign"
        )
        raise column.error(what, few, f"Export the column in one way, or correct {section}.")
    above = np.append(found > 1, False)[column.newest.codes]
    known = np.count_nonzero(column.newest.codes >= 0)
    if unit == "auto" and not signs.any() and 0 < above.sum() < FEW * known:
        at = np.flatnonzero(above)
        raise UnsettledError(
            "a few likelihoods are above 1, and all others may be shares or percentages", setting="score_unit",
            file=column.path, column=column.header, rows=column.rows[at[:SHOWN_ROWS]].tolist(), count=at.size,
            remedy=f'Correct the cells, or set {section} to "percent".',
        )  # fmt: skip
    percent = unit == "percent" or signs.any() or (unit == "auto" and bool(above.any()))
    most = 100 if percent else 1
    wrong = (found < 0) | (found > most)
    if wrong.any():
        raise column.error(f"likelihoods outside 0 to {most}", wrong, f"Correct the cells, or {section}.")
    said = "Likelihoods to close are written as percentages." if percent else ""
    return column.spread(found / most), said


def sources(column: Column) -> tuple[pd.Series, int]:
    """Return the values of the enumeration, and how many rows have another one, which counts as ``OTHER``."""
    kept = [source_of(text) or OTHER for text in column.newest.texts]
    out = _words(column, kept)
    return out, int((out == OTHER).sum())


def stages(column: Column) -> tuple[pd.Series, int]:
    """Return the stages in lower case, and how many rows have one that is not known, which counts as ``other``."""
    known = words().stages
    kept = [known.get(simple(text), "") for text in column.newest.texts]
    strange = int((_words(column, kept) == "").sum())
    return _words(column, [word or "other" for word in kept]), strange


def intakes(column: Column) -> tuple[pd.Series, int]:
    """Return the periods as ``YYYYPP``, and how many rows have something else, which counts as missing."""
    hits = [INTAKE.fullmatch(text) for text in column.newest.texts]
    out = _words(column, [hit[1] + hit[2] if hit else None for hit in hits])
    return out, int(column.newest.known - out.notna().sum())


def identifiers(column: Column) -> list[str]:
    """Return the number of each prospect, ``12.0`` as ``12``.

    Raises
    ------
    InputError
        One is empty, damaged by a spreadsheet, or there twice.
    """
    empty = np.flatnonzero(column.cells.codes < 0)
    if empty.size:
        raise column.error_in(
            "prospects without a number", empty, "Export the column that numbers the prospects in full."
        )
    damaged = np.array([bool(re.match(DAMAGED, text)) for text in column.cells.texts])
    if damaged.any():
        at = np.flatnonzero(damaged[column.cells.codes])
        raise column.error_in(
            "numbers damaged by a spreadsheet (as in 6.48E+08)", at, "Format the column as text, and export it again."
        )
    texts = [hit[1] if (hit := WHOLE.fullmatch(text)) else text for text in column.cells.texts]
    out = pd.Series(texts, dtype=object).iloc[column.cells.codes].reset_index(drop=True)
    twice = np.flatnonzero(out.duplicated(keep=False).to_numpy())
    if twice.size:
        raise column.error_in(
            "prospects that are there more than once", twice, "Export one row per prospect: merge or delete the others."
        )
    return out.tolist()


def _words(column: Column, kept: Sequence[str | None]) -> pd.Series:
    return pd.Series(np.array([*kept, None], dtype=object)[column.newest.codes], dtype="str")
