"""How high the highest of many shares would be if nothing but chance told them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

POINTS = 20_001  # at which the distribution of the highest share is taken


def expected_highest(units: ArrayLike, share: float) -> float:
    """Return the mean of the highest observed share of groups that all have one true share.

    Parameters
    ----------
    units : array of int, length n_groups
        Sizes of the groups, each above zero.
    share : float

    Returns
    -------
    float
        NaN where there is no group, or the share is none.

    Notes
    -----
    The integral of the probability that any group lies above, for independent groups; where groups share units, the highest
    is a little lower.

    Examples
    --------
    96 groups of 30 units with a true share of 5.1 %:

    >>> round(expected_highest([30] * 96, 0.051), 3)
    0.172
    """
    from scipy.stats import binom

    n = np.asarray(units, dtype=np.float64)
    if not len(n) or not 0 <= share <= 1:
        return float("nan")
    at = (np.arange(POINTS) + 0.5) / POINTS
    sizes, times = np.unique(n, return_counts=True)
    below = sum(k * binom.logcdf(np.floor(at * m + 1e-12), m, share) for m, k in zip(sizes, times, strict=True))
    return float(np.mean(1 - np.exp(below)))
