"""Matrices whose segments are known, because they were planted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segkit.engine.matrix import Floats, ModelMatrix
from segkit.engine.preprocessing import preprocessing
from segkit.seeds import generator

APART = 30.0  # distance of a centre from the origin, in standard deviations of a segment


def as_matrix(values: Floats, names: Sequence[str] | None = None) -> ModelMatrix:
    """Wrap values that need no preprocessing."""
    columns = tuple(names or (f"x{i}" for i in range(values.shape[1])))
    index = pd.Index([f"{i:012x}" for i in range(len(values))], name="unit")
    return ModelMatrix(values, index, columns, {"all": list(columns)}, preprocessing(), ())


def planted(sizes: Sequence[int], name: str = "tests/planted") -> tuple[ModelMatrix, pd.Series]:
    """Draw round segments, one along each axis, in mixed order.

    Returns
    -------
    matrix : ModelMatrix of shape (sum(sizes), len(sizes))
    truth : Series of int
        Which of ``sizes`` a unit belongs to.
    """
    rng = generator(name)
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    matrix = as_matrix(APART * np.eye(len(sizes))[truth] + rng.normal(size=(len(truth), len(sizes))))
    return matrix, pd.Series(truth, index=matrix.index)


def reordered(matrix: ModelMatrix, order: np.ndarray) -> ModelMatrix:
    """Return the same units in another order."""
    return ModelMatrix(
        matrix.values[order], matrix.index[order], matrix.columns, matrix.blocks, matrix.pipeline, matrix.dropped
    )
