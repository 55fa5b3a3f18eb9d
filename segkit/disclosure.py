"""What may be told of private data: counts in fives, shares in steps of five units, values that five units have in common.

Hiding small cells is not enough where a hundred tables speak of the same units: what one table hides, another gives back by
a total, a complement or a difference. So every count of private units is rounded, and all that follows from counts is made
of the rounded ones; then each published number holds for a range of true ones, and ranges add up (Hundepool et al. 2012,
Statistical Disclosure Control, chapter 5; rounding to a base of five as the British HESA does).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .privacy import SMALL_CELL

BASE = SMALL_CELL
COARSE = 2 * BASE  # for totals
FIGURES = 3  # significant digits of a mean
P_PERCENT = 0.1  # of the largest part: so near nobody may come to it
FINE = 0.05  # the coarsest step, beside the value
STEPS = (1.0, 2.0, 5.0)  # of which a rounding step is made, times a power of ten
FINEST, COARSEST = -4, 9  # powers of ten between which it lies


def count(n: pd.Series) -> pd.Series:
    """Round counts of units, or of their events, to the nearest five; those from 1 to 4 are missing.

    Examples
    --------
    >>> count(pd.Series([0, 3, 7, 8, 1599])).tolist()
    [0.0, nan, 5.0, 10.0, 1600.0]
    """
    told = np.floor(n.astype("float64") / BASE + 0.5) * BASE
    return told.mask((n > 0) & (n < BASE))


def whole(n: float) -> int | None:
    """Return one count as it may be told, None where it is missing.

    >>> whole(1599), whole(2)
    (1600, None)
    """
    told = float(count(pd.Series([float(n)])).iloc[0])
    return None if math.isnan(told) else int(told)


def total(n: float) -> int:
    """Round a total of which parts are told: to tens, from a thousand on to hundreds.

    Beside a total that is told as finely as its parts, parts that all lie at one end of their ranges have one solution only.

    >>> total(58), total(2091)
    (60, 2100)
    """
    base = COARSE if n < 100 * COARSE else 10 * COARSE
    return math.floor(n / base + 0.5) * base


def share(part: pd.Series, of: pd.Series | float, *, of_all: bool = False) -> pd.Series:
    """Return shares of rounded counts, missing where the part or what it leaves of the whole is from 1 to 4.

    Parameters
    ----------
    part : Series
    of : Series or float
    of_all : bool
        Whether the whole is one that is told as `total`.

    Examples
    --------
    >>> share(pd.Series([0, 12, 38]), 40).tolist()
    [0.0, 0.25, nan]
    """
    everything = of if isinstance(of, pd.Series) else pd.Series(float(of), index=part.index)
    told, rest = everything.map(total).astype("float64") if of_all else count(everything), (everything - part).round(6)
    ratio = (count(part.round(6)) / told.where(told > 0)).clip(upper=1.0)
    return ratio.mask((rest > 0) & (rest < BASE))


def in_steps(
    value: pd.Series, of: pd.Series | float, to: Callable[[NDArray[np.float64]], NDArray[np.float64]] = np.round
) -> pd.Series:
    """Round a share, or the end of its interval, to steps of five units; missing where there are fewer than ten units.

    Parameters
    ----------
    value : Series of float
    of : Series or float
        Units that the share is of.
    to : callable
        ``numpy.floor`` for a lower end, ``numpy.ceil`` for an upper one.

    Examples
    --------
    >>> in_steps(pd.Series([0.234]), 40, np.floor).tolist()
    [0.125]
    """
    told = count(of if isinstance(of, pd.Series) else pd.Series(float(of), index=value.index))
    step = BASE / told.where(told >= 2 * BASE)
    out = pd.Series(to((value.astype("float64") / step).to_numpy(dtype=np.float64)), index=value.index)
    return (out * step).clip(0.0, 1.0)


def figures(value: float, digits: int = FIGURES) -> float:
    """Round to significant digits.

    >>> figures(1234.5), figures(0.045678)
    (1230.0, 0.0457)
    """
    return float(f"{value:.{digits}g}")


def common(value: float, values: NDArray[np.float64], units: NDArray[np.int64] | None = None) -> float:
    """Return a quantile or a threshold in a form that five units have in common.

    It is rounded by the finest step at which five units have the same rounded value. Where such a step would be coarse,
    it is the mean of the five values nearest to it, with two digits; missing where that speaks of fewer units.

    Parameters
    ----------
    value : float
        What was found among ``values``.
    values : array of shape (n,)
        What the units have.
    units : int array of shape (n,), optional
        The unit of each value, where a unit has several.

    Examples
    --------
    >>> common(1003.0, np.array([1001.0, 1004.0, 1003.0, 1002.0, 998.0, 900.0]))
    1000.0
    >>> common(30.0, np.array([10.0, 20.0, 30.0, 41.0, 50.0]))
    30.0
    """
    if not math.isfinite(value):
        return math.nan
    for power in range(FINEST, COARSEST):
        for lead in STEPS:
            step = lead * 10.0**power
            if value and step > FINE * abs(value):
                break
            same = np.round(values / step) == np.round(value / step)
            if (len(np.unique(units[same])) if units is not None else int(same.sum())) >= BASE:
                return float(f"{np.round(value / step) * step:.10g}")
    near = np.argsort(np.abs(values - value), kind="stable")
    if units is not None:  # one value of each unit
        near = near[np.sort(np.unique(units[near], return_index=True)[1])]
    five = values[near[:BASE]]
    return math.nan if len(five) < BASE or dominated(five) else figures(float(five.mean()), 2)


def spread_thin(values: NDArray[np.float64]) -> bool:
    """Tell whether a statistic of these values would speak of fewer than five units: of those that differ from the rest.

    Examples
    --------
    >>> spread_thin(np.array([0.0] * 20 + [1.0] * 2)), spread_thin(np.arange(20.0))
    (True, False)
    """
    _, counts = np.unique(values, return_counts=True)
    rest = len(values) - int(counts.max(initial=0))
    return len(values) < BASE or 0 < rest < BASE


def dominated(values: NDArray[np.float64]) -> bool:
    """Tell whether a sum gives its largest part away: to within a tenth to whoever knows the second (the p % rule), or by half.

    Examples
    --------
    >>> dominated(np.array([100.0, 90.0, 5.0])), dominated(np.arange(20.0))
    (True, False)
    """
    parts = np.sort(np.abs(values))[::-1]
    total = float(parts.sum())
    return bool(total > 0 and (parts[0] > total / 2 or total - parts[:2].sum() < P_PERCENT * parts[0]))


def mean(values: NDArray[np.float64]) -> float:
    """Return a mean in few digits; missing where it would speak of fewer than five units, or where one dominates the sum.

    Examples
    --------
    >>> mean(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])), mean(np.array([1.0, 1.0, 1.0, 1.0, 1.0, 900.0]))
    (3.5, nan)
    """
    if spread_thin(values) or dominated(values):
        return math.nan
    return figures(float(values.mean()), FIGURES if len(values) >= 20 else FIGURES - 1)
