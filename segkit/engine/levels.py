"""What the columns of a table of numbers and coded categories are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .matrix import Floats


@dataclass(frozen=True)
class Levels:
    """The categories of each column, by name; none for a number.

    Attributes
    ----------
    of : mapping of str to tuple of str
        Category ``i`` of a column is coded ``i`` in the table.

    Examples
    --------
    >>> levels = Levels({"age": (), "state": ("IL", "TX")})
    >>> levels.sizes(["state", "age"])
    (2, 0)
    """

    of: Mapping[str, tuple[str, ...]]

    def sizes(self, names: Sequence[str]) -> tuple[int, ...]:
        """Return how many categories columns have, 0 for a number.

        Raises
        ------
        ValueError
            A column that nothing is known of.
        """
        unknown = [n for n in names if n not in self.of]
        if unknown:
            raise ValueError(f"nothing is known of the columns {', '.join(unknown)}")
        return tuple(len(self.of[n]) for n in names)

    def words(self, column: str, codes: pd.Series) -> pd.Series:
        """Return the categories of a coded column; missing ones stay missing."""
        named: pd.Series = codes.map(dict(enumerate(self.of[column])))
        return named


def coded(frame: pd.DataFrame) -> tuple[pd.DataFrame, Levels]:
    """Code the categories of a table by their alphabetical order.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_columns)
        Numbers, and text or categories; either may be missing.

    Returns
    -------
    DataFrame of float
        Numbers as they are, categories as 0, 1, ...; NaN where missing.
    Levels

    Examples
    --------
    >>> table, levels = coded(pd.DataFrame({"state": ["TX", None, "IL"], "age": [30.0, 41.0, None]}))
    >>> table["state"].tolist(), dict(levels.of)
    ([1.0, nan, 0.0], {'state': ('IL', 'TX'), 'age': ()})
    """
    columns: dict[str, Floats] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name, column in frame.items():
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            columns[str(name)], levels[str(name)] = column.to_numpy(dtype=np.float64, na_value=np.nan), ()
            continue
        at, kinds = pd.factorize(column)  # -1 where missing; only what is distinct is sorted, as text
        words, place = np.unique(np.array([str(kind) for kind in kinds], dtype=object), return_inverse=True)
        columns[str(name)] = np.append(place.astype(np.float64), np.nan)[at]
        levels[str(name)] = tuple(words)
    return pd.DataFrame(columns, index=frame.index), Levels(levels)
