"""What columns of a CRM alone hold: scores, sources, stages and periods of intake."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ..config import Channels
from ..errors import SHOWN_ROWS
from .channel_words import words
from .detectors import source_of
from .newest import Column, Floats, UnsettledError, texts
from .phrases import simple

OTHER = "OTHER"  # a source that the enumeration does not have
FEW = 0.01  # share of values above 1 below which they do not make percentages of all others
INTAKE = re.compile(r"((?:19|20)\d{2})(05|10|35|60|75)(?:\.0+)?")


def likelihoods(column: Column, settings: Channels, *, comma: bool) -> tuple[Floats, str]:
    """Return likelihoods from 0 to 1, and what the reader should know of their unit.

    Values with a per cent sign are percentages. Without one, all values together settle it: none above 1 are shares.

    Raises
    ------
    InputError
        A value is no number, is out of range, or the values do not settle the unit.
    """
    written, section = column.newest.texts, f"score_unit in [{settings.contract.study}]"
    found = np.array(column.numbers(comma=comma))
    signs = np.array(["%" in text for text in written], dtype=bool)
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
    out = texts(column, kept)
    return out, int((out == OTHER).sum())


def stages(column: Column) -> tuple[pd.Series, int]:
    """Return the stages in lower case, and how many rows have one that is not known, which counts as ``other``."""
    known = words().stages
    kept = [known.get(simple(text), "") for text in column.newest.texts]
    strange = int((texts(column, kept) == "").sum())
    return texts(column, [word or "other" for word in kept]), strange


def intakes(column: Column) -> tuple[pd.Series, int]:
    """Return the periods as ``YYYYPP``, and how many rows have something else, which counts as missing."""
    hits = [INTAKE.fullmatch(text) for text in column.newest.texts]
    out = texts(column, [hit[1] + hit[2] if hit else None for hit in hits])
    return out, int(column.newest.known - out.notna().sum())
