"""From features to the matrix that is clustered, and what was done to them."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:  # scikit-learn takes a second to import, which pages that only read results need not spend
    from sklearn.pipeline import Pipeline

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ModelMatrix:
    """The matrix that is clustered, and the fitted preprocessing behind it.

    Attributes
    ----------
    values : array of shape (n_units, n_columns)
        Dimensionless.
    index : Index
        Keyed unit ids.
    columns : tuple of str
    blocks : mapping of str to list of str
        The columns that remain, by block.
    pipeline : Pipeline
        Fitted; applies to new units.
    dropped : tuple of str
        Constant columns, which cannot separate anything.
    largest_before_cap : float
        The largest absolute value after scaling, before the cap; NaN where it is not known.
    features : mapping of str to float, optional
        Each feature's share of the variance, where columns are no features.
    """

    values: Floats
    index: pd.Index
    columns: tuple[str, ...]
    blocks: Mapping[str, list[str]]
    pipeline: Pipeline
    dropped: tuple[str, ...]
    largest_before_cap: float = float("nan")
    features: Mapping[str, float] | None = None

    # Unpickling the pipeline imports scikit-learn, so a stored matrix keeps it packed until somebody asks for it.
    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        if "pipeline" in state:
            state["packed"] = pickle.dumps(state.pop("pipeline"), protocol=5)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __getattr__(self, name: str) -> Any:
        if name == "pipeline" and "packed" in self.__dict__:
            self.__dict__["pipeline"] = pickle.loads(self.__dict__["packed"])
            return self.__dict__["pipeline"]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def variance_shares(self) -> pd.Series:
        """Each column's share of the total variance of the matrix."""
        variance = self.values.var(axis=0)
        return pd.Series(variance / variance.sum(), index=list(self.columns), name="variance share")

    @property
    def feature_shares(self) -> pd.Series:
        """Each feature's share of the total variance, whatever columns the preprocessing has made of it."""
        if self.features is None:
            return self.variance_shares
        return pd.Series(dict(self.features), name="variance share", dtype="float64")

    @property
    def table(self) -> pd.DataFrame:
        """One row per block: its columns, and its share of the variance that the clustering sees."""
        shares = self.variance_shares
        rows = [(b, len(names), float(shares[names].sum())) for b, names in self.blocks.items()]
        return pd.DataFrame(rows, columns=["block", "features", "variance share"])

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def fit_matrix(
    frame: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    *,
    clip: float = 0.01,
    cap: float = 10.0,
    scaler: Any = None,
) -> ModelMatrix:
    """Fit the preprocessing on features and apply it to them.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Indexed by unit.
    blocks : mapping of str to sequence of str
        Feature names by block; together they name the columns to use.
    clip, cap : float
        Tail probability of the clipping, and the bound after scaling.
    scaler : transformer or {"passthrough"}, optional
        In place of the robust one; it may also make other columns, which then all belong to one block. A scaler of mixed
        fields (see `mixed.MixedScaler`) is told the names of the columns and gets them as they are, missing cells too:
        nothing is clipped, imputed or capped.

    Raises
    ------
    ValueError
        Every column is constant.
    """
    from .preprocessing import preprocessing

    names = [n for group in blocks.values() for n in group]
    if hasattr(scaler, "for_columns"):
        return _mixed(frame, blocks, scaler)
    pipeline = preprocessing(clip, cap, scaler)
    values = pipeline.fit_transform(frame[names].to_numpy(dtype=np.float64))
    varies = pipeline["constant"].varies_
    kept = tuple(n for n, v in zip(names, varies, strict=True) if v)
    if values.shape[1] != len(kept):
        kept = tuple(f"component {i + 1}" for i in range(values.shape[1]))
        blocks = {"components": list(kept)}
    remaining = {b: [n for n in group if n in kept] for b, group in blocks.items()}
    return ModelMatrix(
        values=values,
        index=frame.index,
        columns=kept,
        blocks={b: group for b, group in remaining.items() if group},
        pipeline=pipeline,
        dropped=tuple(n for n, v in zip(names, varies, strict=True) if not v),
        largest_before_cap=float(pipeline["cap"].largest_),
    )


def _mixed(frame: pd.DataFrame, blocks: Mapping[str, Sequence[str]], scaler: Any) -> ModelMatrix:
    """Fit a scaler of mixed fields, which is the whole chain."""
    from sklearn.pipeline import Pipeline

    names = [n for group in blocks.values() for n in group]
    own = scaler.for_columns(names)
    pipeline = Pipeline([("scale", own)])
    values = pipeline.fit_transform(frame[names].to_numpy(dtype=np.float64))
    shares = own.shares(values)
    return ModelMatrix(
        values=values,
        index=frame.index,
        columns=tuple(str(c) for c in own.get_feature_names_out()),
        blocks={b: group for b, group in own.parts(values, blocks).items() if group},
        pipeline=pipeline,
        dropped=tuple(n for n in names if n not in shares),
        features=shares,
    )
