"""What turns a table of numbers and coded categories into a matrix has to know which columns it gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import validate_data

from .levels import Levels
from .matrix import Floats


class MixedScaler(TransformerMixin, BaseEstimator):
    """What turns a table of mixed fields into a matrix; it has to know the names of the columns that it gets.

    Parameters
    ----------
    levels : Levels
    names : tuple of str, optional
        The columns, in their order; all of ``levels`` when not given. `matrix.fit_matrix` says them.
    """

    def __init__(self, levels: Levels, names: tuple[str, ...] | None = None) -> None:
        self.levels = levels
        self.names = names

    def for_columns(self, names: Sequence[str]) -> Self:
        """Return an unfitted copy for some columns."""
        return type(self)(**{**self.get_params(deep=False), "names": tuple(names)})

    def _columns(self) -> tuple[str, ...]:
        return tuple(self.levels.of) if self.names is None else tuple(self.names)

    def _checked(self, X: ArrayLike, *, reset: bool) -> Floats:
        """Return the table as numbers, and refuse codes that no category has."""
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=reset)
        names = self._columns()
        sizes = np.array(self.levels.sizes(names))
        if values.shape[1] != len(names):
            raise ValueError(f"{values.shape[1]} columns, where {', '.join(names)} were said to come")
        for name, size, column in zip(names, sizes, values.T, strict=True):
            known = column[~np.isnan(column)]
            if size and len(known) and (known.min() < 0 or known.max() >= size or (known % 1).any()):
                raise ValueError(f"{name} has codes other than 0 to {size - 1}")
        return values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
