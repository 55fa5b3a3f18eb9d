"""Logistic regression by Newton's method, which says when there is no finite answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..engine.matrix import Floats

STEPS = 30  # Newton's; a finite answer is found in fewer than half as many
CLOSE = 1e-8  # the last step, in units of the coefficients


@dataclass(frozen=True)
class Logistic:
    """A fit by maximum likelihood.

    Attributes
    ----------
    coefficients : array of length n_columns
    fitted : array of length n_units
        Probabilities.
    covariance : array of shape (n_columns, n_columns)
        The inverse of the information.
    finite : bool
        False where the columns part the units with the outcome from the others, or are collinear: nothing else is of use then.
    """

    coefficients: Floats
    fitted: Floats
    covariance: Floats
    finite: bool


def fit_logistic(columns: Floats, outcome: Floats, *, offset: Floats | float = 0.0) -> Logistic:
    """Fit the log odds of an outcome to columns.

    Parameters
    ----------
    columns : array of shape (n_units, n_columns)
        Of similar scale, with a column of ones where there shall be an intercept.
    outcome : array of length n_units
        Zeros and ones.
    offset : array of length n_units, optional
        Log odds to start from, with coefficient one.

    Notes
    -----
    Where columns part the outcomes, the likelihood has no maximum and Newton's steps do not become small: Albert, A. and
    Anderson, J. A. (1984). On the existence of maximum likelihood estimates in logistic regression models. Biometrika, 71,
    1-10.
    """
    from scipy.special import expit, xlogy

    count = columns.shape[1]
    at, last = np.zeros(count), -np.inf
    step = np.zeros(count)
    nothing = Logistic(np.full(count, np.nan), np.full(len(outcome), np.nan), np.full((count, count), np.nan), False)
    for _ in range(STEPS):
        for _ in range(10):  # halve a step that leads down
            p = expit(columns @ (at + step) + offset)
            likelihood = float((xlogy(outcome, p) + xlogy(1 - outcome, 1 - p)).sum())
            if likelihood >= last - 1e-9 * abs(last):
                break
            step = step / 2
        at, last = at + step, likelihood
        information = (columns * (p * (1 - p))[:, None]).T @ columns
        try:
            covariance = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            return nothing
        step = covariance @ (columns.T @ (outcome - p))
        if not np.isfinite(step).all():
            return nothing
        if np.abs(step).max(initial=0) < CLOSE:
            return Logistic(at, p, covariance, True)
    return nothing
