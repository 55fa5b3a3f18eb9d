"""Fits of the laws that make up a population of units: each has one peak, and each falls back where data are few."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...engine.matrix import Floats

Ints = NDArray[np.int64]
LEAST_SPREAD = 0.05
STRICT = 100.0  # how dear another mean is, per unit
STEEPEST = 50.0  # shape of a law of counts that hardly vary
ONE_PEAK = 2.0  # from this sum of its parameters on, no margin of a Dirichlet law has two peaks


def counts_law(counts: Ints) -> tuple[float, float]:
    """Fit a log-logistic law that is rounded up to whole numbers, cut off above the largest count.

    Parameters
    ----------
    counts : array of int
        1 or more.

    Returns
    -------
    median, shape : float
        A number is above x with odds (x / median) ** -shape. By maximum likelihood among the laws with the observed
        mean, so that a drawn population has about as many events as the observed one.

    Notes
    -----
    One peak whatever the parameters, and a tail like that of a power law: Fisk (1961), who fitted it to incomes.
    """
    from scipy.optimize import minimize
    from scipy.special import expit, log_expit

    values, times = np.unique(counts, return_counts=True)
    if len(values) == 1:  # all alike: everything lies just below that number
        return float(values[0] - 0.5), STEEPEST
    steps = np.log(np.maximum(np.arange(values[-1] + 1), 1e-300))
    upper, lower, top = np.log(values), np.log(np.maximum(values - 1, 1e-300)), np.log(values[-1])

    def loss(theta: Floats) -> float:
        centre, shape = theta[0], np.exp(theta[1])
        mass = expit(shape * (upper - centre)) - np.where(values > 1, expit(shape * (lower - centre)), 0.0)
        above = expit(shape * (centre - steps))  # P(N > x), before the law is cut off
        mean = (above[:-1] - above[-1]).sum() / (1 - above[-1])
        fits = (times * (np.log(np.maximum(mass, 1e-300)) - log_expit(shape * (top - centre)))).sum()
        return float(STRICT * len(counts) * np.log(mean / counts.mean()) ** 2 - fits)

    logs = np.log(counts - 0.5)
    start = np.array([float(np.median(logs)), np.log(np.pi / np.sqrt(3) / max(float(logs.std()), LEAST_SPREAD))])
    found = minimize(loss, start, method="Nelder-Mead", bounds=[(-20, 20), (np.log(0.1), np.log(STEEPEST))])
    return float(np.exp(found.x[0])), float(np.exp(found.x[1]))


def beta_binomial(hits: Ints, trials: Ints) -> tuple[float, float]:
    """Fit a beta-binomial law by maximum likelihood, with a beta law of one peak.

    Parameters
    ----------
    hits, trials : arrays of int
        Units without trials tell nothing.

    Returns
    -------
    a, b : float
        a + b is 2 or more.
    """
    from scipy.optimize import minimize
    from scipy.special import betaln, expit, logit

    told = trials > 0
    if not told.any():
        return 1.0, 1.0
    pairs, times = np.unique(np.column_stack([hits[told], trials[told]]), axis=0, return_counts=True)
    h, n = pairs.T

    def shape(theta: Floats) -> tuple[float, float]:
        share, size = expit(theta[0]), np.exp(theta[1])
        return float(share * size), float((1 - share) * size)

    def loss(theta: Floats) -> float:
        a, b = shape(theta)
        return float(-(times * (betaln(h + a, n - h + b) - betaln(a, b))).sum())

    mean = np.clip((h * times).sum() / (n * times).sum(), 0.01, 0.99)
    bounds = [(-8, 8), (np.log(ONE_PEAK), np.log(1e4))]
    found = minimize(loss, np.array([logit(mean), np.log(5.0)]), method="Nelder-Mead", bounds=bounds)
    return shape(found.x)


def beta_shape(shares: Floats) -> tuple[float, float]:
    """Fit a beta law by moments; no parameter is below one, so that there is one peak.

    Examples
    --------
    >>> beta_shape(np.array([0.1, 0.9]))  # two peaks are refused
    (1.0, 1.0)
    """
    mean, variance = float(shares.mean()), float(shares.var())
    size = mean * (1 - mean) / max(variance, 1e-6) - 1
    return max(mean * size, 1.0), max((1 - mean) * size, 1.0)


def truncated_regression(x: Floats, y: Floats, top: float) -> tuple[float, float, float]:
    """Regress y on x where y is normal but cut off above, by maximum likelihood.

    Parameters
    ----------
    x, y : arrays of equal length
    top : float
        No y lies above it.

    Returns
    -------
    intercept, slope, standard deviation : float
    """
    from scipy.optimize import minimize
    from scipy.special import log_ndtr

    if len(y) < 3:
        return (float(y.mean()) if len(y) else top / 2), 0.0, 1.0
    spread = max(float(y.std()), LEAST_SPREAD)
    slope = float(np.cov(x, y, bias=True)[0, 1] / max(float(x.var()), 1e-9)) if x.var() > 0 else 0.0

    def loss(theta: Floats) -> float:
        centre, width = theta[0] + theta[1] * x, np.exp(theta[2])
        return float((0.5 * ((y - centre) / width) ** 2 + theta[2] + log_ndtr((top + 1e-9 - centre) / width)).sum())

    start = np.array([float(y.mean() - slope * x.mean()), slope, np.log(spread)])
    bounds = [(-30, 30), (-10, 10), (np.log(LEAST_SPREAD), 3)]
    a, b, c = minimize(loss, start, method="Nelder-Mead", bounds=bounds, options={"maxiter": 2000}).x
    return float(a), float(b), float(np.exp(c))


def dirichlet(counts: Ints) -> Floats:
    """Fit a Dirichlet-multinomial law: mean shares of the units, precision by maximum likelihood.

    Parameters
    ----------
    counts : array of shape (n_units, n_kinds)

    Returns
    -------
    array of length n_kinds
        Parameters, whose sum is 2 or more: then no margin has two peaks.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    sizes = counts.sum(axis=1)
    shares = (counts / sizes[:, None]).mean(axis=0)
    told = counts[sizes > 1]
    used = shares > 0

    def loss(size: float) -> float:
        alpha = shares[used] * np.exp(size)
        parts = gammaln(told[:, used] + alpha) - gammaln(alpha)
        return float(-(parts.sum() + (gammaln(np.exp(size)) - gammaln(told.sum(axis=1) + np.exp(size))).sum()))

    if not len(told) or used.sum() < 2:
        return shares * 100.0
    found = minimize_scalar(loss, bounds=(np.log(ONE_PEAK), np.log(1e4)), method="bounded")
    return shares * float(np.exp(found.x))


def variances(values: Floats, unit: Ints) -> tuple[float, float, Floats]:
    """Split a variance into that between and that within units, by moments.

    Parameters
    ----------
    values : array of length n
    unit : array of int, length n
        From 0.

    Returns
    -------
    mean, standard deviation between units : float
        The mean over units, each counted once.
    residuals : array
        Deviations from the unit's mean in units with several values, stretched by sqrt(n / (n - 1)), so that their
        variance is that within units; a single 0 where no unit has several.

    Notes
    -----
    One-way random effects: Searle, S. R., Casella, G. and McCulloch, C. E. (1992). Variance Components. Wiley, chapter 3.
    """
    n = np.bincount(unit)
    mean_of = np.bincount(unit, values) / n
    several = n[unit] > 1
    if not several.any():
        return float(mean_of.mean()), float(mean_of.std()), np.zeros(1)
    residuals = (values - mean_of[unit])[several] * np.sqrt(n / np.maximum(n - 1, 1))[unit[several]]
    total, units = len(values), len(n)
    within = float(((values - mean_of[unit]) ** 2).sum() / max(total - units, 1))
    grand = values.mean()
    between_squares = float((n * (mean_of - grand) ** 2).sum() / max(units - 1, 1))
    size = (total - (n**2).sum() / total) / max(units - 1, 1)
    between = max(between_squares - within, 0.0) / max(size, 1e-9)
    return float(mean_of.mean()), float(np.sqrt(between)), residuals
