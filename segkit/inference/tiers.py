"""Value tiers of groups, by the probability that the rate of a group lies in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..thresholds import DECIDED, TIERS
from .priors import Prior, posterior_of, prior_of
from .rates import COVERAGE

UNDECIDED = "undecided"


@dataclass(frozen=True)
class Tier:
    """The value tier of one group.

    Attributes
    ----------
    name : str
        The most probable tier.
    probability : float
        That the rate lies in it.
    undecided : bool
        The probability is below ``thresholds.DECIDED``.
    rate, low, high : float
        Posterior mean of the rate, and its interval.
    probabilities : dict of str to float
        Of every tier; they sum to one.
    """

    name: str
    probability: float
    undecided: bool
    rate: float
    low: float
    high: float
    probabilities: dict[str, float]

    @property
    def said(self) -> str:
        """The tier, or that it is undecided."""
        return UNDECIDED if self.undecided else self.name

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "value_tier": self.said, "likeliest_tier": self.name, "probability": self.probability,
            "probabilities": self.probabilities, "shrunk_rate": self.rate, "interval": [self.low, self.high],
        }  # fmt: skip


@dataclass(frozen=True)
class Tiers:
    """The value tiers of groups.

    Attributes
    ----------
    table : DataFrame
        One row per group: ``group``, ``conversions``, ``units``, ``rate`` (shrunk), ``low``, ``high``, ``tier`` (as said),
        ``likeliest``, ``probability``.
    by_group : dict
        The tier of each group.
    prior : Prior
    params : dict
    """

    table: pd.DataFrame
    by_group: dict[Any, Tier]
    prior: Prior
    params: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return each group's tier."""
        return {"groups": {str(g): t.to_json() for g, t in self.by_group.items()}, "params": self.params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def tier_of(conversions: int, units: int, prior: Prior, *, level: float = COVERAGE) -> Tier:
    """Return the value tier of one group.

    Parameters
    ----------
    conversions, units : int
        The group's own; it should be one of those that the prior was learnt from.
    prior : Prior
        See `prior_of`.
    level : float
        Of the posterior interval, which has equal tails.

    Raises
    ------
    ValueError
        There are more conversions than units, or a number is negative.

    Examples
    --------
    >>> tier = tier_of(300, 1000, prior_of([300, 50], [1000, 1000]))
    >>> tier.said, tier_of(25, 100, prior_of([25], [100])).said
    ('HIGH', 'undecided')
    """
    from scipy.special import betainc

    if not 0 <= conversions <= units:
        raise ValueError(f"{conversions} conversions among {units} units")
    a, b = prior.a + conversions, prior.b + units - conversions

    def below(edge: float) -> float:
        return float(prior.weight @ betainc(a, b, edge))

    probabilities, above = {}, 1.0
    for name, edge in TIERS.items():
        under = below(edge)
        probabilities[name] = max(0.0, above - under)
        above = under
    name = max(probabilities, key=lambda t: probabilities[t])
    row = posterior_of([conversions], [units], prior, level=level).iloc[0]
    chance, rate, low, high = probabilities[name], *(float(row[c]) for c in ("posterior", "low", "high"))
    return Tier(name, chance, chance < DECIDED, rate, low, high, probabilities)


def tiers(groups: Sequence[Any], conversions: ArrayLike, units: ArrayLike, *, level: float = COVERAGE) -> Tiers:
    """Return the value tiers of groups, whose rates are drawn towards each other as far as chance may explain their spread.

    Parameters
    ----------
    groups : sequence
        Names.
    conversions, units : array of int, length n_groups
    level : float
        Of the posterior intervals.
    """
    x, n = np.asarray(conversions, dtype=np.int64), np.asarray(units, dtype=np.int64)
    prior = prior_of(x, n)
    found = {g: tier_of(int(e), int(m), prior, level=level) for g, e, m in zip(groups, x, n, strict=True)}
    rows = [
        (g, int(e), int(m), t.rate, t.low, t.high, t.said, t.name, t.probability)
        for (g, t), e, m in zip(found.items(), x, n, strict=True)
    ]
    columns = ["group", "conversions", "units", "rate", "low", "high", "tier", "likeliest", "probability"]
    params = {"level": level, "tiers": TIERS, "decided": DECIDED}
    return Tiers(pd.DataFrame(rows, columns=columns), found, prior, params)
