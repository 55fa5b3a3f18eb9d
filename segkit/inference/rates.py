"""Shares, their differences, and statistics of resampled units, each with its interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..engine.matrix import Floats
from ..engine.unit_bootstrap import DRAWS, interval, unit_counts

COVERAGE = 0.95  # of intervals
FEW_EVENTS, FEW_UNITS = 10, 30  # below these, the Jeffreys interval stands in for Wilson's


def half_width(level: float) -> float:
    """Return how many standard errors a normal interval reaches to either side.

    >>> round(half_width(0.95), 2)
    1.96
    """
    from scipy.stats import norm

    return float(norm.ppf((1 + level) / 2))


@dataclass(frozen=True)
class Rate:
    """A share of independent units, with its interval.

    Attributes
    ----------
    events, units : int
    share, low, high : float
        NaN where there is no unit.
    method : {"Wilson", "Jeffreys"}
    level : float
    """

    events: int
    units: int
    share: float
    low: float
    high: float
    method: str
    level: float

    @property
    def table(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def rate(events: int, units: int, *, level: float = COVERAGE) -> Rate:
    """Return a share with Wilson's interval, or Jeffreys' where there are few events or few units.

    Parameters
    ----------
    events, units : int
        Fewer than 10 units with the event, or without it, or fewer than 30 units in all count as few.
    level : float

    Raises
    ------
    ValueError
        There are more events than units, or a number is negative.

    Notes
    -----
    Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial proportion. Statistical Science,
    16, 101-133. As there, Jeffreys' interval reaches 0 where there is no event, and 1 where there are only events.

    Examples
    --------
    >>> rate(40, 200).method, rate(2, 200).method
    ('Wilson', 'Jeffreys')
    """
    from statsmodels.stats.proportion import proportion_confint

    if not 0 <= events <= units:
        raise ValueError(f"{events} events among {units} units")
    few = min(events, units - events) < FEW_EVENTS or units < FEW_UNITS
    method = "Jeffreys" if few else "Wilson"
    if units == 0:
        return Rate(0, 0, np.nan, np.nan, np.nan, method, level)
    low, high = proportion_confint(events, units, alpha=1 - level, method=method.lower())
    low = 0.0 if events == 0 else max(0.0, float(low))
    high = 1.0 if events == units else min(1.0, float(high))
    return Rate(int(events), int(units), events / units, low, high, method, level)


@dataclass(frozen=True)
class Difference:
    """The difference of two shares of independent groups, first minus second, with its interval."""

    first: Rate
    second: Rate
    difference: float
    low: float
    high: float
    level: float

    @property
    def table(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([self.to_json()])

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "first": self.first.share, "first_units": self.first.units, "second": self.second.share,
            "second_units": self.second.units, "difference": self.difference, "low": self.low, "high": self.high,
            "level": self.level,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def difference(events: tuple[int, int], units: tuple[int, int], *, level: float = COVERAGE) -> Difference:
    """Return the difference of two shares with Newcombe's hybrid score interval.

    Parameters
    ----------
    events, units : pair of int
        First and second group; no unit is in both.
    level : float

    Notes
    -----
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of eleven
    methods. Statistics in Medicine, 17, 873-890; his method 10.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    one, two = (rate(e, n, level=level) for e, n in zip(events, units, strict=True))
    if not (one.units and two.units):
        return Difference(one, two, np.nan, np.nan, np.nan, level)
    low, high = confint_proportions_2indep(
        events[0], units[0], events[1], units[1], method="newcomb", compare="diff", alpha=1 - level
    )
    return Difference(one, two, one.share - two.share, float(low), float(high), level)


@dataclass(frozen=True)
class Estimate:
    """A statistic with a percentile interval over resampled units."""

    value: float
    low: float
    high: float
    level: float
    draws: int

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def bootstrap(
    statistic: Callable[[Floats], float],
    units: int,
    *,
    name: str,
    seed: int,
    draws: int = DRAWS,
    level: float = COVERAGE,
) -> Estimate:
    """Return a statistic of weighted units with its bootstrap interval.

    Parameters
    ----------
    statistic : callable
        Takes how often each unit counts (array of length ``units``; all ones for the data themselves).
    units : int
    name : str
        Names the procedure, whose random draws are its own.
    seed : int
    draws : int
    level : float
    """
    found = [statistic(row) for block in unit_counts(units, draws, name, seed) for row in block]
    low, high = interval(np.array(found), level)
    return Estimate(float(statistic(np.ones(units))), float(low), float(high), level, draws)
