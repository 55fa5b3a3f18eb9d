"""Ways to put features on one scale, column by column: what a preprocessing that was not chosen would have done."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, RobustScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from .matrix import Floats


class NormalScores(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Replace each value by the normal quantile of its rank; equal values share the middle of their ranks.

    Notes
    -----
    The score of rank r among n is the normal quantile of (r - 1/2) / n (Hazen 1914). The transformer of scikit-learn of
    that purpose sends the smallest value, which many units may share, to minus five; the middle rank does not.

    Examples
    --------
    >>> NormalScores().fit_transform([[1.0], [1.0], [7.0], [9.0]]).ravel().round(2).tolist()
    [-0.67, -0.67, 0.32, 1.15]
    """

    def fit(self, X: ArrayLike, y: object = None) -> NormalScores:
        """Note the sorted columns."""
        self.sorted_ = np.sort(validate_data(self, X, dtype=np.float64), axis=0)
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Return the scores; a value between two known ones has the rank that lies between theirs."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, reset=False)
        n = len(self.sorted_)
        share = np.empty(values.shape)
        for j, known in enumerate(self.sorted_.T):
            below = known.searchsorted(values[:, j], side="left")
            share[:, j] = (below + known.searchsorted(values[:, j], side="right")) / (2 * n)
        scores: Floats = norm.ppf(share.clip(0.5 / n, 1 - 0.5 / n))
        return scores


MAKERS: dict[str, Callable[[], TransformerMixin]] = {
    "robust": RobustScaler,
    "standard": StandardScaler,
    "quantile-normal": NormalScores,
    "min-max": MinMaxScaler,
    "Yeo-Johnson": PowerTransformer,
}


def scaled(values: Floats, scaler: str) -> Floats:
    """Fit a scaler by name and apply it; a constant column becomes zero.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
        Without missing values.
    scaler : str
        A key of ``MAKERS``.
    """
    varies = values.max(axis=0) > values.min(axis=0)
    out = np.zeros(values.shape)
    if varies.any():
        out[:, varies] = MAKERS[scaler]().fit_transform(values[:, varies])
    return np.nan_to_num(out)
