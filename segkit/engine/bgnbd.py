"""The beta-geometric/NBD model of units that act at rates of their own until they stop for good."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .matrix import Floats

NEAR = 1e-6  # how near to where a formula is 0/0 a parameter may be; it is moved away by as much


class Parameters(NamedTuple):
    """What is said of all units: how their rates, and their chances of stopping after an event, are distributed.

    Attributes
    ----------
    r, alpha : float
        While a unit is alive its events are a Poisson process; the rates of the units are gamma distributed with shape ``r``
        and rate ``alpha`` (in the unit of time), so their mean is ``r / alpha``.
    a, b : float
        After each repeat event a unit stops for good with a chance of its own; these are beta distributed, with the mean
        ``a / (a + b)``.

    Notes
    -----
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way: an alternative to the
    Pareto/NBD model. Marketing Science, 24, 275-284. Of each unit three numbers are needed: ``x``, its repeat events, those
    after the first; ``t_x``, the time from the first to the last (0 where there is no other); ``age``, the time from the first to
    the date at which one looks (T in the paper).
    """

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> Floats:
        """Return the log-likelihood of each unit (their equation 6).

        Notes
        -----
        Both terms of the equation share a factor: B(a + 1, b + x - 1) / B(a, b + x) = a / (b + x - 1). Their sum is taken on
        the scale of logarithms, so that units with very many events do not overflow (Fader and Hardie 2013,
        brucehardie.com/notes/027).
        """
        from scipy.special import betaln, gammaln

        x, alive, gone = self._terms(x, t_x, age)
        shared = gammaln(self.r + x) - gammaln(self.r) + self.r * np.log(self.alpha)
        return np.asarray(shared + betaln(self.a, self.b + x) - betaln(self.a, self.b) + np.logaddexp(alive, gone))

    def _terms(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return the repeats, and the logarithms of what the unit being alive, and gone, adds to the likelihood."""
        n, last, end = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (x, t_x, age)))
        alive = -(self.r + n) * np.log(self.alpha + end)
        stop = np.log(self.a) - np.log(self.b + np.maximum(n, 1) - 1) - (self.r + n) * np.log(self.alpha + last)
        return n, alive, np.where(n > 0, stop, -np.inf)

    def alive(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> Floats:
        """Return the probability that a unit has not stopped; without a repeat event it is 1, since none could stop before.

        Examples
        --------
        >>> p = Parameters(0.243, 4.414, 0.793, 2.426)
        >>> float(p.alive(0, 0.0, 39.0)), round(float(p.alive(2, 30.43, 38.86)), 3)
        (1.0, 0.727)
        """
        from scipy.special import expit

        _, alive, gone = self._terms(x, t_x, age)
        return np.asarray(expit(alive - gone))

    def active(self, t: ArrayLike, x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> Floats:
        """Return the probability of any event in the time ``t`` that follows.

        Notes
        -----
        A unit that is alive stops only after an event, so the next one is as far off as its rate has it:
        P(alive) (1 - ((alpha + T) / (alpha + T + t))^(r + x)).
        """
        n, end = np.asarray(x, dtype=np.float64), np.asarray(age, dtype=np.float64)
        none = -(self.r + n) * np.log1p(np.asarray(t, dtype=np.float64) / (self.alpha + end))
        return np.asarray(self.alive(x, t_x, age) * -np.expm1(none))

    def expected(self, t: ArrayLike, x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> Floats:
        """Return the expected number of events in the time ``t`` that follows (their equation 10).

        Parameters
        ----------
        t : array of float
            In the unit of time of the others.
        x, t_x, age : array of float

        Notes
        -----
        The powers of the equation, which overflow where ``x`` is large, cancel by Euler's transformation 2F1(p, q; c; z) =
        (1 - z)^(c - p - q) 2F1(c - p, c - q; c; z). With z = t / (alpha + T + t), what is left of it is
        P(alive) (a + b + x - 1) / (a - 1) (1 - (1 - z)^(a - 1) 2F1(a + b - 1 - r, a - 1; a + b + x - 1; z)).

        Examples
        --------
        >>> p = Parameters(0.243, 4.414, 0.793, 2.426)
        >>> round(float(p.expected(39.0, 2, 30.43, 38.86)), 3)
        1.226
        """
        from scipy.special import hyp2f1

        n, time, end = (np.asarray(v, dtype=np.float64) for v in (x, t, age))
        a = self.a if abs(self.a - 1) > NEAR else 1 + NEAR
        c = a + self.b + n - 1
        c = np.where(np.abs(c) > NEAR, c, NEAR)
        z = time / (self.alpha + end + time)
        left = (1 - z) ** (a - 1) * hyp2f1(a + self.b - 1 - self.r, a - 1, c, z)
        return np.asarray(self.alive(x, t_x, age) * c / (a - 1) * (1 - left))

    def by(self, t: ArrayLike) -> Floats:
        """Return the expected number of repeat events in the time ``t`` after the first (their equation 9).

        >>> Parameters(0.243, 4.414, 0.793, 2.426).by([1.0, 78.0]).round(3).tolist()
        [0.053, 1.861]
        """
        return self.expected(t, 0, 0.0, 0.0)

    def pmf(self, x: ArrayLike, t: ArrayLike) -> Floats:
        """Return the probability of ``x`` repeat events in the time ``t`` after the first (their equation 8).

        Notes
        -----
        The sum in the equation is the probability of fewer than ``x`` events of a negative binomial.
        """
        from scipy.special import betaln
        from scipy.stats import nbinom

        n, time = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(t, dtype=np.float64))
        rest = self.alpha / (self.alpha + time)
        beta = betaln(self.a, self.b)
        alive = np.exp(betaln(self.a, self.b + n) - beta) * nbinom.pmf(n, self.r, rest)
        gone = np.exp(betaln(self.a + 1, self.b + np.maximum(n, 1) - 1) - beta) * nbinom.sf(n - 1, self.r, rest)
        return np.asarray(alive + np.where(n > 0, gone, 0.0))


def slope(p: Parameters, x: Floats, t_x: Floats, age: Floats) -> Floats:
    """Return the derivatives of the summed log-likelihood by the logarithms of ``r``, ``alpha``, ``a``, ``b``."""
    from scipy.special import digamma

    alive = p.alive(x, t_x, age)
    gone = 1 - alive
    both = digamma(p.a + p.b) - digamma(p.a + p.b + x)
    times = alive * np.log(p.alpha + age) + gone * np.log(p.alpha + t_x)
    ends = alive / (p.alpha + age) + gone / (p.alpha + t_x)
    by = (
        digamma(p.r + x) - digamma(p.r) + np.log(p.alpha) - times,
        p.r / p.alpha - (p.r + x) * ends,
        both + gone / p.a,
        both + digamma(p.b + x) - digamma(p.b) - gone / (p.b + np.maximum(x, 1) - 1),
    )
    return np.array([value * d.sum() for value, d in zip(p, by, strict=True)])
