"""Fits of the laws that make up a population of units: each has one peak, and each falls back where data are few."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...engine.matrix import Floats

Ints = NDArray[np.int64]
LEAST_SPREAD = 0.05
STRICT = 100.0  # how dear another mean is, per unit
STEEPEST = 50.0  # shape of a law of counts that hardly vary
STEEP = 12.0  # slope of a regression on the scale of logarithms: beyond it, laws are the same for all purposes
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


def beta_regression(shares: Floats, traits: Floats) -> Floats:
    """Regress shares on traits by maximum likelihood, with beta laws of one peak.

    Parameters
    ----------
    shares : array of length n_units
        Above 0 and below 1.
    traits : array of shape (n_units, n_traits)
        A first column of ones is the intercept.

    Returns
    -------
    array of shape (2, n_traits)
        Slopes of ln(a - 1) and of ln(b - 1) on the traits: both parameters of a beta law are above one, so that it has one
        peak, whose place and width go smoothly with the traits.

    Notes
    -----
    Ferrari, S. and Cribari-Neto, F. (2004). Beta regression for modelling rates and proportions. Journal of Applied
    Statistics, 31, 799-815; with a varying precision, in the parameters by which peaks are counted.
    """
    from scipy.special import betaln, digamma

    one, two = np.log(shares), np.log1p(-shares)

    def score(a: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
        both = digamma(a + b)
        return (a - 1) * one + (b - 1) * two - betaln(a, b), one - digamma(a) + both, two - digamma(b) + both

    return _fit_beta(score, traits)


def beta_binomial(hits: Ints, trials: Ints, traits: Floats) -> Floats:
    """Regress the chance behind a binomial number on traits by maximum likelihood, with beta laws of one peak.

    Parameters
    ----------
    hits, trials : arrays of int, length n_units
        Units without trials tell nothing.
    traits : array of shape (n_units, n_traits)

    Returns
    -------
    array of shape (2, n_traits)
        As of `beta_regression`.
    """
    from scipy.special import betaln, digamma

    told = trials > 0
    h, n = hits[told], trials[told]

    def score(a: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
        both = digamma(a + b) - digamma(n + a + b)
        loss = betaln(h + a, n - h + b) - betaln(a, b)
        return loss, digamma(h + a) - digamma(a) + both, digamma(n - h + b) - digamma(b) + both

    return _fit_beta(score, traits[told])


def _fit_beta(score: Callable[[Floats, Floats], tuple[Floats, Floats, Floats]], traits: Floats) -> Floats:
    """Maximise a likelihood of beta laws, given the logarithm of each unit's part of it and its slopes in a and b."""
    from scipy.optimize import minimize

    size = traits.shape[1]
    if not len(traits):
        return np.full((2, size), -STEEP)  # the even law

    def loss(theta: Floats) -> tuple[float, Floats]:
        a, b = beta_parameters(theta.reshape(2, size), traits)
        fit, by_a, by_b = score(a, b)
        slopes = np.concatenate([traits.T @ (by_a * (a - 1)), traits.T @ (by_b * (b - 1))])
        return -float(fit.mean()), -slopes / len(traits)

    bounds = [(-STEEP, STEEP)] * (2 * size)
    found: Floats = minimize(loss, np.zeros(2 * size), jac=True, method="L-BFGS-B", bounds=bounds).x
    return found.reshape(2, size)


def beta_parameters(slopes: Floats, traits: Floats) -> tuple[Floats, Floats]:
    """Return both parameters of each unit's beta law; see `beta_regression`."""
    a, b = 1 + np.exp(np.clip(slopes @ traits.T, -STEEP, STEEP))
    return a, b


def logistic(hits: NDArray[np.bool_], traits: Floats) -> Floats:
    """Regress whether something is so on traits, by maximum likelihood.

    Parameters
    ----------
    hits : array of bool, length n_units
    traits : array of shape (n_units, n_traits)

    Returns
    -------
    array of length n_traits
        Slopes of the log odds; they are bounded, so that there is an answer where traits tell it exactly.

    Notes
    -----
    Cox, D. R. (1958). The regression analysis of binary sequences. Journal of the Royal Statistical Society, Series B, 20,
    215-242.
    """
    from scipy.optimize import minimize
    from scipy.special import expit, log_expit

    signed = np.where(hits, 1.0, -1.0)[:, None] * traits

    def loss(theta: Floats) -> tuple[float, Floats]:
        at = signed @ theta
        return -float(log_expit(at).sum()), -(signed * expit(-at)[:, None]).sum(axis=0)

    size = traits.shape[1]
    out: Floats = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", bounds=[(-STEEP, STEEP)] * size).x
    return out


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
