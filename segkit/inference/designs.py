"""Covariates as the columns of a regression."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.matrix import Floats

RARE = 0.01  # share of the units below which a value of a category goes with the other rare ones
POOLED, MISSING = "(rare)", "(missing)"
ALIKE = 1e-8  # share of a column's spread that earlier columns leave, below which it says nothing new


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _values(values: pd.Series) -> pd.Series:
    """Return a category as text, its rare values put together."""
    text = values.astype(object).where(values.notna(), MISSING).astype(str)
    share = text.map(text.value_counts(normalize=True))
    return text.where(share >= RARE, POOLED)


def without_unlike(covariates: pd.DataFrame, exposed: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Tell which units have no value of a category, or gap of a number, that only exposed or only unexposed units have.

    Returns
    -------
    kept : array of bool, length n_units
    aside : dict of str to int
        How many units each covariate has set aside.
    """
    kept, aside = np.ones(len(exposed), dtype=bool), dict[str, int]()
    if exposed.all() or not exposed.any():
        return kept, aside
    before = -1
    while before != kept.sum() and kept.any():  # units that go may take the likes of others along
        before = int(kept.sum())
        for name in covariates.columns:
            own = covariates.loc[kept, name]
            values = own.isna() if _is_number(own) else _values(own)
            share = pd.Series(exposed[kept], index=values.index).groupby(values).transform("mean").to_numpy()
            unlike = np.zeros(len(kept), dtype=bool)
            unlike[kept] = (share == 0) | (share == 1)
            if unlike.any():
                aside[str(name)] = aside.get(str(name), 0) + int(unlike.sum())
                kept &= ~unlike
    return kept, aside


def design(covariates: pd.DataFrame) -> tuple[Floats, list[str]]:
    """Return the columns of a regression, the first of ones, and the names of all others.

    Parameters
    ----------
    covariates : DataFrame, n_units rows

    Returns
    -------
    columns : array of shape (n_units, 1 + n_names)
        Numbers and their squares have mean 0 and standard deviation 1, missing numbers are at the mean, with an indicator.
        Of the values of a category the commonest has no column. Columns that others make up are left out.
    names : list of str

    Raises
    ------
    ValueError
        A number is infinite.
    """
    found: list[tuple[str, Floats]] = []
    for name in covariates.columns:
        values = covariates[name]
        if not _is_number(values):
            text = _values(values)
            rest = text.value_counts().index[1:]  # the commonest is what the others are compared with
            found += [(f"{name} = {v}", (text == v).to_numpy(dtype=np.float64)) for v in rest]
            continue
        x = values.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(x).any():
            raise ValueError(f"{name} has an infinite value")
        gone = np.isnan(x)
        if gone.all():
            continue
        z = _standardised(np.where(gone, np.nanmean(x), x))
        found += [(str(name), z), (f"{name} squared", _standardised(z**2))]
        if gone.any():
            found.append((f"{name} = {MISSING}", gone.astype(np.float64)))
    columns = np.column_stack([np.ones(len(covariates)), *(c for _, c in found)])
    kept = _independent(columns)
    return columns[:, kept], [found[i - 1][0] for i in kept if i]


def _standardised(x: Floats) -> Floats:
    spread = x.std()
    return (x - x.mean()) / (spread if spread > 1e-12 * max(1.0, float(np.abs(x).max(initial=0))) else np.inf)


def _independent(columns: Floats) -> list[int]:
    """Return the columns that are no sum of multiples of earlier ones, by Cholesky's steps on their products."""
    left = columns.T @ columns / len(columns)
    start, kept = np.diag(left).copy(), list[int]()
    for i in range(len(left)):
        if left[i, i] > ALIKE * start[i] and start[i] > 0:
            kept.append(i)
            left = left - np.outer(left[:, i], left[i]) / left[i, i]
    return kept
