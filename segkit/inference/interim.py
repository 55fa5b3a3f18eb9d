"""When a trial is analysed: once at its end, or also once half-way, with bounds that keep its error."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from .rates import COVERAGE
from .trial_size import POWER

NODES = 80  # of the Gauss-Legendre rule


@dataclass(frozen=True)
class StopRule:
    """At which looks a trial is analysed, and from where on it stops.

    Attributes
    ----------
    table : DataFrame
        One row per look: ``information`` (share of all units by then), ``z`` (the trial stops where its statistic is as far
        from zero), ``p`` (two-sided, of that bound).
    inflation : float
        How many times the units of a trial without a look before its end it needs at most.
    level, power : float
    """

    table: pd.DataFrame
    inflation: float
    level: float
    power: float

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "table": self.table.to_dict("records")}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def stop_rule(looks: int = 1, *, level: float = COVERAGE, power: float = POWER) -> StopRule:
    """Return the bounds of a two-sided trial with one look at its end, or with one half-way as well.

    Parameters
    ----------
    looks : {1, 2}
    level : float
        One less the probability of stopping for a difference, at any look, where there is none.
    power : float

    Notes
    -----
    O'Brien, P. C. and Fleming, T. R. (1979). A multiple testing procedure for clinical trials. Biometrics, 35, 549-556.
    With two looks the statistics have correlation sqrt(1/2); the bounds are c sqrt(2) and c, with c such that both stay
    within with probability ``level``. Tests hold them against the published tables.

    Examples
    --------
    >>> stop_rule(2).table.round(3).to_dict("list")
    {'information': [0.5, 1.0], 'z': [2.797, 1.977], 'p': [0.005, 0.048]}
    """
    if looks not in (1, 2):
        raise ValueError(f"{looks} looks: there are one or two")
    normal = NormalDist()
    c, inflation = normal.inv_cdf((1 + level) / 2), 1.0
    fixed = c + normal.inv_cdf(power)
    if looks == 2:
        c = _root(lambda x: _inside(x, 0.0) - level, c, 2 * c)
        drift = _root(lambda x: 1 - power - _inside(c, x), fixed, 2 * fixed)
        inflation = (drift / fixed) ** 2
    at = [i / looks for i in range(1, looks + 1)]
    z = [c / math.sqrt(t) for t in at]
    table = pd.DataFrame({"information": at, "z": z, "p": [math.erfc(x / math.sqrt(2)) for x in z]})
    return StopRule(table, inflation, level, power)


def _inside(c: float, drift: float) -> float:
    """Return the probability that neither look stops, where the last statistic has this mean."""
    from scipy.special import ndtr

    first, middle = c * math.sqrt(2), drift / math.sqrt(2)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    z = first * nodes
    density = np.exp(-((z - middle) ** 2) / 2) / math.sqrt(2 * math.pi)
    # The second statistic, given the first, has mean drift + (z - middle) / sqrt(2) and variance 1/2.
    given = drift + (z - middle) / math.sqrt(2)
    stay = ndtr((c - given) * math.sqrt(2)) - ndtr((-c - given) * math.sqrt(2))
    return float(first * (weights @ (density * stay)))


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return high
