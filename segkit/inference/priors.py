"""What rates of groups tell of each other: beta distributions, whose own uncertainty is integrated over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..engine.matrix import Floats
from .rates import COVERAGE

FLAT = 1e6  # a prior worth this many units: the groups do not differ at all
LEAST = 0.1  # units that the prior is worth at least
WORTHS, MEANS = 40, 31  # points of the grid over which the prior's own uncertainty is integrated
SPAN = 6.0  # standard deviations of the mean that the grid reaches to either side
HALVINGS = 20  # by which the limits of an interval are found


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

    @property
    def worth(self) -> float:
        """How many units this knowledge is worth: the median, between points of the grid by its logarithm."""
        sizes, which = np.unique(np.round(np.log(self.a + self.b), 9), return_inverse=True)
        weight = np.bincount(which, self.weight)
        return float(np.exp(np.interp(0.5, weight.cumsum() - weight / 2, sizes)))


def log_marginal(events: Floats, units: Floats, a: Floats, b: Floats) -> Floats:
    """Return the log likelihood of the counts of all groups, whose shares are drawn from beta distributions, up to a constant.

    Parameters
    ----------
    events, units : array of shape (n_groups,)
    a, b : float, or arrays of one shape
        Each pair is one beta distribution.

    Returns
    -------
    float, or array of the shape of ``a``
        Beta-binomial: Skellam, J. G. (1948), Journal of the Royal Statistical Society B, 10, 257-261.
    """
    from scipy.special import betaln

    alpha, beta = np.asarray(a, dtype=np.float64)[..., None], np.asarray(b, dtype=np.float64)[..., None]
    found: Floats = (betaln(events + alpha, units - events + beta) - betaln(alpha, beta)).sum(axis=-1)
    return found


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
    # Even between 0 and 1, and denser towards groups that are alike: large groups tell small spreads apart.
    even = ((np.arange(WORTHS) + 0.5) / WORTHS)[:, None]
    root = FLAT**-0.5 + (LEAST**-0.5 - FLAT**-0.5) * even**2
    worth = root**-2
    if len(x) == 0:  # nothing is known but the hyperprior
        mean = np.broadcast_to((np.arange(MEANS) + 0.5) / MEANS, (WORTHS, MEANS))
        log = np.log(even) + np.zeros(mean.shape)
    else:
        common = (x.sum() + 0.5) / (n.sum() + 1)
        precision = 1 / (1 / n + 1 / (worth + 1))  # of each group's share about the mean, but for m (1 - m)
        middle = ((precision * (x + 0.5) / (n + 1)).sum(axis=1) / precision.sum(axis=1))[:, None]
        spread = 1 / np.sqrt(precision.sum(axis=1)[:, None] * np.maximum(middle * (1 - middle), common * (1 - common)))
        at = np.log(middle / (1 - middle)) + spread * np.linspace(-SPAN, SPAN, MEANS)
        mean = (1 / (1 + np.exp(-at))).clip(1e-9, 1 - 1e-9)
        # The grid is even in log odds, and its step goes with the worth; that of the root goes with the root's own place.
        step = mean * (1 - mean) * spread * even
        log = log_marginal(x, n, mean * worth, (1 - mean) * worth) + np.log(step)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    kept = weight.ravel() > 1e-5  # of which a thousand are a hundredth
    a, b = (mean * worth).ravel()[kept], ((1 - mean) * worth).ravel()[kept]
    return Prior(a, b, weight.ravel()[kept] / weight.ravel()[kept].sum())


def posterior_of(events: ArrayLike, units: ArrayLike, prior: Prior, *, level: float = COVERAGE) -> pd.DataFrame:
    """Return mean and interval of the rates of groups, given what all of them tell.

    Parameters
    ----------
    events, units : array of int, length n_groups
    prior : Prior
        Learnt from groups among which these are.
    level : float
        Of the interval, which has equal tails.

    Returns
    -------
    DataFrame
        One row per group: ``posterior``, ``low``, ``high``.
    """
    from scipy.special import betainc

    x, n = (np.asarray(v, dtype=np.float64)[:, None] for v in (events, units))
    a, b = prior.a + x, prior.b + n - x
    found = {"posterior": (a / (a + b)) @ prior.weight}
    for name, share in (("low", (1 - level) / 2), ("high", (1 + level) / 2)):
        low, high = np.zeros(len(a)), np.ones(len(a))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            under = betainc(a, b, middle[:, None]) @ prior.weight < share
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        found[name] = low if name == "low" else high  # rounded outward
    return pd.DataFrame(found)
