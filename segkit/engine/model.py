"""A fitted model as plain numbers: enough to put new units into the segments that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .matrix import Floats, ModelMatrix
from .segments import Segments

VECTORS = ("low", "high", "medians", "middle", "spread")


@dataclass(frozen=True)
class SavedModel:
    """Fitted preprocessing and centres, without the units that they were fitted on.

    Attributes
    ----------
    blocks : mapping of str to tuple of str
        Feature names by block; together they name the columns that go in, in their order.
    varies : tuple of bool, length n_features
        Which of them were not constant, and so are used: the n_columns below.
    low, high : array of length n_columns
        Limits of the clipping, in the units of each column.
    medians : array of length n_columns
        What stands in for a missing value.
    middle, spread : array of length n_columns
        Median and interquartile range of the scaling; a range of zero is kept as one.
    cap : float
        Largest absolute value after scaling.
    centres : array of shape (k, n_columns)
        Dimensionless; row ``i`` for segment ``i + 1``.
    """

    blocks: Mapping[str, tuple[str, ...]]
    varies: tuple[bool, ...]
    low: Floats
    high: Floats
    medians: Floats
    middle: Floats
    spread: Floats
    cap: float
    centres: Floats

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that go in, block by block."""
        return tuple(n for names in self.blocks.values() for n in names)

    @property
    def k(self) -> int:
        """The number of segments."""
        return len(self.centres)

    @classmethod
    def of(cls, blocks: Mapping[str, Sequence[str]], matrix: ModelMatrix, segments: Segments) -> SavedModel:
        """Take the numbers out of a fitted matrix and its partition.

        Parameters
        ----------
        blocks : mapping of str to sequence of str
            What `fit_matrix` was given: the features by block, constant ones included.
        matrix : ModelMatrix
        segments : Segments
            A partition of that matrix.
        """
        steps = matrix.pipeline
        return cls(
            blocks={b: tuple(names) for b, names in blocks.items()},
            varies=tuple(bool(v) for v in steps["constant"].varies_),
            low=np.array(steps["clip"].low_, dtype=np.float64),
            high=np.array(steps["clip"].high_, dtype=np.float64),
            medians=np.array(steps["impute"].statistics_, dtype=np.float64),
            middle=np.array(steps["scale"].center_, dtype=np.float64),
            spread=np.array(steps["scale"].scale_, dtype=np.float64),
            cap=float(steps["cap"].limit),
            centres=np.array(segments.centres, dtype=np.float64),
        )

    def transform(self, frame: pd.DataFrame) -> Floats:
        """Apply the fitted preprocessing: drop, clip, fill, scale, cap.

        Parameters
        ----------
        frame : DataFrame of shape (n_units, n_features or more)
            Raw features.

        Returns
        -------
        array of shape (n_units, n_columns)

        Raises
        ------
        ValueError
            A feature of the model is not there.
        """
        lacking = [n for n in self.features if n not in frame.columns]
        if lacking:
            raise ValueError(f"features of the model are missing: {', '.join(lacking)}")
        values = frame[list(self.features)].to_numpy(dtype=np.float64)[:, np.array(self.varies)]
        values = np.clip(values, self.low, self.high)
        values = np.where(np.isnan(values), self.medians, values)
        return np.clip((values - self.middle) / self.spread, -self.cap, self.cap)

    def assign(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give each unit the segment with the nearest centre.

        Parameters
        ----------
        frame : DataFrame of shape (n_units, n_features or more)
            Raw features.

        Returns
        -------
        DataFrame of shape (n_units, 3)
            On the frame's index: ``segment``; ``distance``, Euclidean, to its centre; ``margin``, 1 - d1/d2 with the
            distances to the nearest centre and the next: 0 halfway between two segments, 1 on a centre.
        """
        values = self.transform(frame)
        # Centre by centre: an array of all differences would be k times the size of the data.
        distances = np.column_stack([np.sqrt(((values - c) ** 2).sum(axis=1)) for c in self.centres])
        nearest = distances.argmin(axis=1)
        first, second = np.partition(distances, 1, axis=1)[:, :2].T
        with np.errstate(invalid="ignore"):  # two centres in one place, and a unit on both
            margin = np.where(second > 0, 1 - first / second, 0.0)
        return pd.DataFrame({"segment": nearest + 1, "distance": first, "margin": margin}, index=frame.index)

    def to_json(self) -> dict[str, Any]:
        """Return the model as plain values, in full precision."""
        return {
            "blocks": {b: list(names) for b, names in self.blocks.items()},
            "varies": list(self.varies),
            **{name: getattr(self, name).tolist() for name in VECTORS},
            "cap": self.cap,
            "centres": self.centres.tolist(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SavedModel:
        """Read what `to_json` gave.

        Raises
        ------
        ValueError
            Something is missing, has another shape than the rest, or is no finite number.
        """
        try:
            blocks = {str(b): tuple(str(n) for n in names) for b, names in stored["blocks"].items()}
            varies = tuple(bool(v) for v in stored["varies"])
            vectors = {name: np.array(stored[name], dtype=np.float64) for name in VECTORS}
            cap, centres = float(stored["cap"]), np.array(stored["centres"], dtype=np.float64)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a part of the model is missing or has another form: {error}") from error
        model = cls(blocks=blocks, varies=varies, cap=cap, centres=centres, **vectors)
        used = sum(varies)
        if len(varies) != len(model.features) or any(v.shape != (used,) for v in vectors.values()):
            raise ValueError("the parts of the model differ in their number of columns")
        if centres.ndim != 2 or centres.shape[1] != used or len(centres) < 2:
            raise ValueError("the centres do not fit the columns of the model")
        if not all(np.isfinite(v).all() for v in (*vectors.values(), centres, np.array(cap))):
            raise ValueError("the model holds values that are no finite numbers")
        if not (vectors["spread"] > 0).all() or cap <= 0:
            raise ValueError("the scaling of the model is not positive")
        return model
