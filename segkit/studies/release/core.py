"""The gate: every result of a private study as it may leave the machine. What has no rule here does not leave."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...disclosure import BASE, count, figures, total
from ...engine.matrix import ModelMatrix
from ...engine.projection import NeighbourMap, Projection
from ...errors import PrivacyError
from ...features.table import FeatureTable

SUMS = (
    "inertia",
    "calinski_harabasz",
    "log_w",
    "reference",
)  # of which three digits would tell how many units there are
TOTALS = ("units", "drawn", "pairs_of", "sampled")  # parameters that say how many units there are
AGREEMENT = re.compile(
    r"ari(_mean|_q05|_min|_low|_high)?|ami|jaccard(_\d+)?|strength|prediction_strength|q05|silhouette|more_starts"
)


def release(value: Any, exact: Any) -> Any:
    """Return a result as it may be told, where the data are private.

    Parameters
    ----------
    value : result
        What a step of the study found.
    exact : Study
        The study with all that it knows, for results that need the units behind a number.

    Raises
    ------
    PrivacyError
        There is no rule for results of this kind.
    """
    told = rule(value, exact)
    if not is_dataclass(told) or isinstance(told, FeatureTable | ModelMatrix | Projection | NeighbourMap):
        return told
    return replace(told, **{f.name: _coarse(getattr(told, f.name), f.name) for f in fields(told)})  # type: ignore[type-var]


def _coarse(value: Any, name: str) -> Any:
    """Leave few digits of what is no count: ten of them tell which whole numbers a ratio was made of.

    Indices of agreement are cut after two decimals, never rounded up, so that each still is on its side of a threshold.
    """
    if isinstance(value, pd.DataFrame):
        out = value.copy()
        for column in value.columns:
            out[column] = _coarse(value[column], str(column))
        return out
    if isinstance(value, pd.Series):
        return (
            value.map(lambda v: _coarse(v, name), na_action="ignore") if pd.api.types.is_float_dtype(value) else value
        )
    if isinstance(value, dict):
        return {k: _coarse(v, name if isinstance(k, int) else str(k)) for k, v in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and name in TOTALS:
        return total(value)
    if not isinstance(value, float) or not math.isfinite(value) or value == round(value):
        return value
    if AGREEMENT.fullmatch(name):
        return math.floor(value * 100 + 1e-9) / 100
    return figures(value, 2 if name in SUMS else 3)


@functools.singledispatch
def rule(value: Any, exact: Any) -> Any:
    """Return a result without what tells of few units; one function for each kind of result registers itself here."""
    raise PrivacyError(
        f"no rule says how a {type(value).__name__} of private data may be told",
        remedy="Add one to segkit/studies/release.",
    )


def counts(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Return a table with some columns of counts rounded."""
    return frame.assign(**{n: count(frame[n]) for n in names})


def rounded(frame: pd.DataFrame, decimals: Mapping[str, int]) -> pd.DataFrame:
    """Return a table with some columns rounded to so many decimals."""
    return frame.assign(**{n: frame[n].astype("float64").round(d) for n, d in decimals.items() if n in frame})


def day(when: datetime) -> datetime:
    """Return the day of a moment, which may be that of a single call."""
    return when.replace(hour=0, minute=0, second=0, microsecond=0)


def small(exact: Any) -> set[int]:
    """Return the segments of fewer than five units, or whose units are of fewer than five that were sampled."""
    sizes, labels = exact.segments.sizes, exact.segments.labels
    if exact.sampled is not None:
        sizes = exact.sampled.reindex(labels.index).groupby(labels).nunique().reindex(sizes.index, fill_value=0)
    return {int(s) for s in sizes.index[sizes < BASE]}


def emptied(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without rows, and without the ids that an index of several levels keeps after they are gone."""
    out = frame.iloc[:0].copy()
    if isinstance(out.index, pd.MultiIndex):
        out.index = out.index.remove_unused_levels()
    return out


def holders(exact: Any, index: pd.Index) -> NDArray[np.int64] | None:
    """Return the number of who was sampled of each unit; None where these are the units themselves."""
    return None if exact.sampled is None else coded(exact.sampled.reindex(index))


def coded(of: pd.Series) -> NDArray[np.int64]:
    """Return a number for each name."""
    return np.asarray(pd.factorize(of)[0], dtype=np.int64)
