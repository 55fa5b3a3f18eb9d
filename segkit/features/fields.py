"""Fields of units before anything is clustered: rare values made one, numbers put in ranks."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .table import Column

OTHER = "other values"
FEW = 10  # units


@dataclass(frozen=True)
class Pooled:
    """Units whose rare values are one.

    Attributes
    ----------
    frame : DataFrame
    pooled : DataFrame
        Per column that has any: column, values (distinct ones that were made one), units (that had them).
    """

    frame: pd.DataFrame
    pooled: pd.DataFrame


def pool_rare(frame: pd.DataFrame, least: int = FEW) -> Pooled:
    """Make the values of each category that fewer than ``least`` units have into one, ``other values``.

    Parameters
    ----------
    frame : DataFrame
        Categories as text, numbers as float64, NaN where nothing is known.
    least : int

    Notes
    -----
    A distance that counts agreements takes two units with rare values for as unlike as any, and what one unit alone says
    describes nobody else. A single rare value keeps its name: nothing would be gained.
    """
    out, records = {}, []
    for name, column in frame.items():
        counts = column.value_counts() if not pd.api.types.is_float_dtype(column) else pd.Series(dtype=int)
        rare = counts[counts < least]
        if len(rare) > 1:
            column = column.where(~column.isin(rare.index), OTHER)
            records.append((name, len(rare), int(rare.sum())))
        out[name] = column
    return Pooled(pd.DataFrame(out, index=frame.index), pd.DataFrame(records, columns=["column", "values", "units"]))


def ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the rank of a number in its place, from 0 to 1; equal numbers share theirs, and missing ones stay missing.

    Notes
    -----
    Balances and counts have long tails. By their values few units would decide how far all others are apart: divided by its
    range such a field says next to nothing, and in units of its spread a handful of units are a segment. Ranks in place of
    values: Conover, W. J. and Iman, R. L. (1981). Rank transformations as a bridge between parametric and nonparametric
    statistics. The American Statistician, 35, 124-129; for Gower's distance, Podani, J. (1999). Extending Gower's general
    coefficient of similarity to ordinal characters. Taxon, 48, 331-340.

    Examples
    --------
    >>> ranked(pd.DataFrame({"balance": [0.0, 0.0, 90000.0, None], "job": list("abca")}))["balance"].round(2).tolist()
    [0.33, 0.33, 0.83, nan]
    """
    numbers = [n for n in frame.columns if pd.api.types.is_float_dtype(frame[n])]
    return frame.assign(**{n: (frame[n].rank() - 0.5) / max(int(frame[n].count()), 1) for n in numbers})


@dataclass(frozen=True)
class CodedFields:
    """The fields of units that are clustered.

    Attributes
    ----------
    frame : DataFrame of float, shape (n_units, n_fields)
        Ranks of numbers, categories as codes, NaN where nothing is known; indexed by keyed id.
    columns : tuple of Column
        One entry per column of ``frame``; the block is what the field tells of.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]

    @property
    def blocks(self) -> dict[str, list[str]]:
        """The fields by what they tell of."""
        kinds = dict.fromkeys(c.block for c in self.columns)
        return {b: [c.name for c in self.columns if c.block == b] for b in kinds}

    @property
    def model_frame(self) -> pd.DataFrame:
        """The fields, block by block."""
        return self.frame[[name for names in self.blocks.values() for name in names]]

    @property
    def labels(self) -> dict[str, str]:
        """The name of each field for readers."""
        return {c.name: c.label for c in self.columns}
