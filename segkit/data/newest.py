"""Columns whose cells may hold histories: the newest value of each, as numbers, texts or names of units."""

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

from ..errors import SHOWN_ROWS, InputError
from .cells import Cells, Ints, numbers
from .histories import current, split
from .identifiers import DAMAGED
from .lead_words import is_missing

Floats = NDArray[np.float64]

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


def numbered(column: Column, units: str) -> list[str]:
    """Return the number of each unit, ``12.0`` as ``12``; ``units`` is what messages call them.

    Raises
    ------
    InputError
        One is empty, damaged by a spreadsheet, or there twice.
    """
    empty = np.flatnonzero(column.cells.codes < 0)
    if empty.size:
        raise column.error_in(
            f"{units} without a number", empty, f"Export the column that numbers the {units} in full."
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
        remedy = f"Export one row per {units.removesuffix('s')}: merge or delete the others."
        raise column.error_in(f"{units} that are there more than once", twice, remedy)
    return out.tolist()


def texts(column: Column, kept: Sequence[str | None]) -> pd.Series:
    """Return the text of each row from that of each newest text."""
    return pd.Series(np.array([*kept, None], dtype=object)[column.newest.codes], dtype="str")
