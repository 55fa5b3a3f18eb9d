"""The value that every feature module returns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Column:
    """What one feature is: its name in code, its block, unit and meaning, and its name for readers."""

    name: str
    block: str
    unit: str
    meaning: str
    label: str


@dataclass(frozen=True)
class FeatureTable:
    """Features of the units of one study.

    Attributes
    ----------
    frame : DataFrame of shape (n_units, n_columns)
        Indexed by keyed unit id, in canonical order: sorted by the feature values themselves, so that neither the
        key nor the order of the input moves any result.
    columns : tuple of Column
        One entry per column of ``frame``.
    model_blocks : tuple of str
        The blocks that the model uses; columns of other blocks serve interpretation only.
    as_of : datetime
        The moment from which recency counts.
    thresholds : mapping of str to float
        What was fitted on the data and must be reused on new data.
    told : DataFrame, optional
        The quartiles as they may be told, where the data are private.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    model_blocks: tuple[str, ...]
    as_of: datetime
    thresholds: Mapping[str, float]
    told: pd.DataFrame | None = None

    @property
    def quartiles(self) -> pd.DataFrame:
        """The quartiles of each column, by quantile."""
        return self.frame.quantile([0.25, 0.5, 0.75]) if self.told is None else self.told

    @property
    def blocks(self) -> dict[str, list[str]]:
        """The model's columns by block."""
        return {b: [c.name for c in self.columns if c.block == b] for b in self.model_blocks}

    @property
    def model_frame(self) -> pd.DataFrame:
        """The model's columns, block by block."""
        return self.frame[[name for names in self.blocks.values() for name in names]]

    @property
    def table(self) -> pd.DataFrame:
        """One row per column: block, unit, meaning, and whether the model uses it."""
        rows = [(c.name, c.block, c.unit, c.meaning, c.block in self.model_blocks) for c in self.columns]
        return pd.DataFrame(rows, columns=["feature", "block", "unit", "meaning", "in model"])

    @property
    def labels(self) -> dict[str, str]:
        """The name of each column for readers."""
        return {c.name: c.label for c in self.columns}

    @property
    def categories(self) -> list[str]:
        """The labels whose shares are columns: the commonest of those that enough units carry."""
        return [c.label for c in self.columns if c.block == "category"]

    @property
    def fingerprint(self) -> str:
        """A hash of the values, without the keyed ids."""
        values = np.ascontiguousarray(self.frame.to_numpy(dtype="float64"))
        names = ",".join(self.frame.columns).encode()
        return hashlib.sha256(names + values.tobytes()).hexdigest()

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def canonical_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort units by their values, column after column.

    Units that tie in every column are alike, so their order cannot matter.

    Examples
    --------
    >>> a = pd.DataFrame({"x": [2.0, 1.0]}, index=["p", "q"])
    >>> list(canonical_order(a).index) == list(canonical_order(a[::-1]).index) == ["q", "p"]
    True
    """
    keys = [frame[c].to_numpy() for c in reversed(frame.columns)]
    return frame.iloc[np.lexsort(keys)]
