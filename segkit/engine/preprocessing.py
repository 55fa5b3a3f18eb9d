"""The chain from features to the matrix that is clustered, as scikit-learn transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, clone
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import RobustScaler
from sklearn.utils.validation import check_is_fitted, validate_data

Floats = NDArray[np.float64]


class ConstantError(ValueError):
    """Nothing varies: a fact about the data, unlike other faults of value."""


class DropConstant(SelectorMixin, BaseEstimator):
    """Drop columns that take one value only, missing values aside."""

    def fit(self, X: ArrayLike, y: object = None) -> DropConstant:
        """Note which columns vary."""
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=2)
        with np.errstate(invalid="ignore"):
            low = np.where(np.isnan(values), np.inf, values).min(axis=0)
            high = np.where(np.isnan(values), -np.inf, values).max(axis=0)
        self.varies_ = high > low
        if not self.varies_.any():
            raise ConstantError("every column is constant: there is nothing to segment by")
        return self

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self)
        return self.varies_

    def __sklearn_tags__(self):  # type: ignore[no-untyped-def]
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class QuantileClip(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Clip each column to two of its own quantiles.

    Parameters
    ----------
    tail : float
        Probability beyond each limit; 0.01 clips to the 1st and 99th percentiles.
    """

    def __init__(self, tail: float = 0.01) -> None:
        self.tail = tail

    def fit(self, X: ArrayLike, y: object = None) -> QuantileClip:
        """Fit the limits, by linear interpolation, missing values aside."""
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        quantile = np.nanquantile if np.isnan(values).any() else np.quantile  # the former takes columns one by one
        self.low_, self.high_ = quantile(values, [self.tail, 1 - self.tail], axis=0)
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Clip to the fitted limits."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, reset=False, ensure_all_finite="allow-nan")
        return np.clip(values, self.low_, self.high_)

    def __sklearn_tags__(self):  # type: ignore[no-untyped-def]
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class Cap(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Bound every value to [-limit, limit], and remember the largest that came in.

    Parameters
    ----------
    limit : float
        The bound.
    """

    def __init__(self, limit: float = 10.0) -> None:
        self.limit = limit

    def fit(self, X: ArrayLike, y: object = None) -> Cap:
        """Note the largest absolute value."""
        values = validate_data(self, X, dtype=np.float64)
        self.largest_ = float(np.abs(values).max())
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Bound the values."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, reset=False)
        return np.clip(values, -self.limit, self.limit)


def preprocessing(clip: float = 0.01, cap: float = 10.0, scaler: Any = None) -> Pipeline:
    """Return the unfitted chain: drop constant columns, clip, impute medians, scale (robustly, if not said otherwise), cap.

    Robust scaling takes the median and the interquartile range; a range of zero scales by one.
    """
    return Pipeline(
        [
            ("constant", DropConstant()),
            ("clip", QuantileClip(clip)),
            ("impute", SimpleImputer(strategy="median")),
            ("scale", RobustScaler() if scaler is None else clone(scaler, safe=False)),
            ("cap", Cap(cap)),
        ]
    )
