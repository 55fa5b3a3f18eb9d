"""How many units a randomised trial of two arms needs to show a difference of shares."""

from __future__ import annotations

import math
from statistics import NormalDist

from .rates import COVERAGE

POWER = 0.8  # Cohen (1988): the chance of showing a difference that is there


def trial_size(share: float, rise: float, *, level: float = COVERAGE, power: float = POWER) -> int:
    """Return how many units each of two equal arms needs.

    Parameters
    ----------
    share : float
        With the outcome in the arm that is treated as before.
    rise : float
        Of that share in the other arm, in absolute terms; below zero where it falls.
    level : float
        Coverage of the interval that is to leave out zero; the test is two-sided.
    power : float
        The probability with which it does.

    Raises
    ------
    ValueError
        The share of one arm is not between 0 and 1, or there is no difference.

    Notes
    -----
    Fleiss, J. L., Levin, B. and Paik, M. C. (2003). Statistical Methods for Rates and Proportions, 3rd edition, section
    4.2, without correction for continuity: the variance is that of the common share under no difference, and that of both
    shares under the difference. The closed form spares pages a library; tests hold it against statsmodels.

    Examples
    --------
    >>> trial_size(0.05, 0.025)
    1471
    """
    other = share + rise
    if not (0 < share < 1 and 0 <= other <= 1 and rise):
        raise ValueError(f"no trial of a share of {share} against {other}")
    normal, middle = NormalDist(), share + rise / 2
    null = normal.inv_cdf((1 + level) / 2) * math.sqrt(2 * middle * (1 - middle))
    real = normal.inv_cdf(power) * math.sqrt(share * (1 - share) + other * (1 - other))
    return math.ceil(((null + real) / rise) ** 2)


def smallest_rise(share: float, units: int, *, level: float = COVERAGE, power: float = POWER) -> float:
    """Return the smallest rise that arms of so many units would show; NaN where not even a rise to one would be.

    Examples
    --------
    >>> round(smallest_rise(0.05, 1471), 3)
    0.025
    """
    low, high = 0.0, 1 - share
    if units < 1 or not 0 < share < 1 or trial_size(share, high, level=level, power=power) > units:
        return math.nan
    while high - low > 1e-6:
        middle = (low + high) / 2
        if trial_size(share, middle, level=level, power=power) > units:
            low = middle
        else:
            high = middle
    return high
