"""Value tiers of groups, by the probability that the rate of a group lies in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..engine.matrix import Floats
from ..thresholds import DECIDED, TIERS
from .rates import COVERAGE
from .winners import FLAT, log_marginal

WORTHS, MEANS = 40, 31  # points of the grid over which the prior's own uncertainty is integrated
SPAN = 6.0  # standard deviations of the mean that the grid reaches to either side
LEAST = 0.1  # units that the prior is worth at least
ENDS = 60  # halvings by which the limits of an interval are found
UNDECIDED = "undecided"


@dataclass(frozen=True)
class Prior:
    """What the groups tell of where rates lie: beta distributions, and how probable each is.

    Attributes
    ----------
    a, b, weight : arrays of one length
        The weights sum to one.
    """

    a: Floats
    b: Floats
    weight: Floats

    @property
    def mean(self) -> float:
        """The rate of a group of which nothing is known."""
        return float(self.weight @ (self.a / (self.a + self.b)))


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


def prior_of(conversions: ArrayLike, units: ArrayLike) -> Prior:
    """Return what groups tell of where rates lie, with the uncertainty that few groups leave.

    Parameters
    ----------
    conversions, units : array of int, length n_groups

    Notes
    -----
    The rates of groups are drawn from a beta distribution of mean m, worth w units. m is even between 0 and 1, w has
    the density of w^(-3/2), that is, its inverse root is even: Gelman, A. et al. (2013). Bayesian Data Analysis, third
    edition, section 5.3, cut off where the prior is worth ``LEAST`` units or groups do not differ at all (``FLAT``). The
    posterior of both is integrated over a grid, whose means go with the worth.
    """
    x, n = np.asarray(conversions, dtype=np.float64), np.asarray(units, dtype=np.float64)
    x, n = x[n > 0], n[n > 0]
    root = np.linspace(FLAT**-0.5, LEAST**-0.5, WORTHS)
    worth = (root[:, None]) ** -2
    if len(x) == 0:  # nothing is known but the hyperprior
        mean = np.broadcast_to((np.arange(MEANS) + 0.5) / MEANS, (WORTHS, MEANS))
        log = np.zeros(mean.shape)
    else:
        common = (x.sum() + 0.5) / (n.sum() + 1)
        precision = 1 / (1 / n + 1 / (worth + 1))  # of each group's share about the mean, but for m (1 - m)
        middle = ((precision * (x + 0.5) / (n + 1)).sum(axis=1) / precision.sum(axis=1))[:, None]
        spread = 1 / np.sqrt(precision.sum(axis=1)[:, None] * np.maximum(middle * (1 - middle), common * (1 - common)))
        at = np.log(middle / (1 - middle)) + spread * np.linspace(-SPAN, SPAN, MEANS)
        mean = (1 / (1 + np.exp(-at))).clip(1e-9, 1 - 1e-9)
        # The grid is even in log odds, and its step goes with the worth.
        log = log_marginal(x, n, mean * worth, (1 - mean) * worth) + np.log(mean * (1 - mean) * spread)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    kept = weight.ravel() > 1e-5  # of which a thousand are a hundredth
    a, b = (mean * worth).ravel()[kept], ((1 - mean) * worth).ravel()[kept]
    return Prior(a, b, weight.ravel()[kept] / weight.ravel()[kept].sum())


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
    tail = (1 - level) / 2
    low, high = (_quantile(below, share) for share in (tail, 1 - tail))
    return Tier(
        name,
        probabilities[name],
        probabilities[name] < DECIDED,
        float(prior.weight @ (a / (a + b))),
        low,
        high,
        probabilities,
    )


def _quantile(below: Any, share: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(ENDS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < share else (low, middle)
        if high - low < 1e-6:
            break
    return (low + high) / 2


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
