"""The best of many groups, without falling for the luckiest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..engine.matrix import Floats
from ..privacy import SMALL_CELL
from .rates import COVERAGE

GRID = 4001  # points on which posterior distributions are compared
FLAT = 1e6  # a prior worth this many units: the groups do not differ at all


@dataclass(frozen=True)
class Winners:
    """Shares of many groups, drawn towards each other as far as chance may explain their spread.

    Attributes
    ----------
    table : DataFrame
        One row per group: ``group``, ``events``, ``units``, ``share``, ``enough`` (units), and for those with enough
        ``posterior``, ``low``, ``high``, ``p_best`` (probability of the highest share of all), ``p`` and ``q`` (against
        all other groups; exact test, and the false discovery rate at which the group would be called different).
    prior : tuple of float
        The fitted beta distribution.
    params : dict
    """

    table: pd.DataFrame
    prior: tuple[float, float]
    params: dict[str, Any]

    @property
    def best(self) -> Any:
        """The group that most probably has the highest share; None where no group has enough units."""
        known = self.table[self.table["enough"]]
        return known.loc[known["p_best"].idxmax(), "group"] if len(known) else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"groups": self.table.to_dict("records"), "prior": list(self.prior), "params": self.params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


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


def fit_prior(events: Floats, units: Floats) -> tuple[float, float]:
    """Return the beta distribution under which the counts are likeliest (beta-binomial, maximum marginal likelihood).

    Where the groups differ less than chance makes them differ, it is all but a point at the common share.
    """
    from scipy.optimize import minimize
    from scipy.special import expit, logit

    common = (events.sum() + 0.5) / (units.sum() + 1)

    def loss(at: Floats) -> float:
        mean, worth = expit(at[0]), np.exp(at[1])
        return -float(log_marginal(events, units, mean * worth, (1 - mean) * worth))

    limits = [(-15.0, 15.0), (np.log(0.1), np.log(FLAT))]
    starts = [np.array([logit(common), np.log(w)]) for w in (2.0, 50.0, 5000.0)]
    fits = [minimize(loss, s, method="L-BFGS-B", bounds=limits) for s in starts]
    mean, worth = min(fits, key=lambda f: float(f.fun)).x
    share, size = float(expit(mean)), float(np.exp(worth))
    return share * size, (1 - share) * size


def best_of_many(
    groups: Sequence[Any],
    events: ArrayLike,
    units: ArrayLike,
    *,
    minimum: int = SMALL_CELL,
    overlapping: bool = False,
    level: float = COVERAGE,
) -> Winners:
    """Compare the shares of many groups without falling for the luckiest.

    Parameters
    ----------
    groups : sequence
        Names.
    events, units : array of int, length n_groups
    minimum : int
        Groups with fewer units are listed, but take no part.
    overlapping : bool
        Whether units may be in several groups: then Benjamini-Yekutieli instead of Benjamini-Hochberg.
    level : float
        Of the posterior intervals.

    Notes
    -----
    Casella, G. (1985). An introduction to empirical Bayes data analysis. The American Statistician, 39, 83-87.
    Benjamini, Y. and Hochberg, Y. (1995), Journal of the Royal Statistical Society B, 57, 289-300; Benjamini, Y. and
    Yekutieli, D. (2001), The Annals of Statistics, 29, 1165-1188. The prior's own uncertainty is left out, so
    the intervals are a little narrow where groups are few.
    """
    from scipy.stats import beta, fisher_exact
    from statsmodels.stats.multitest import multipletests

    x, n = np.asarray(events, dtype=np.float64), np.asarray(units, dtype=np.float64)
    enough = n >= max(minimum, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(n > 0, x / n, np.nan)
    table = pd.DataFrame({"group": list(groups), "events": x.astype(int), "units": n.astype(int), "share": share})
    table["enough"] = enough
    for column in ("posterior", "low", "high", "p_best", "p", "q"):
        table[column] = np.nan
    params = {"minimum": minimum, "level": level, "overlapping": overlapping}
    if not enough.any():
        return Winners(table, (np.nan, np.nan), params)
    x, n = x[enough], n[enough]
    a, b = fit_prior(x, n)
    tail = (1 - level) / 2
    after = [beta(a + e, b + m - e) for e, m in zip(x, n, strict=True)]
    tests = []
    for e, m in zip(x, n, strict=True):
        others = [[e, m - e], [x.sum() - e, n.sum() - m - (x.sum() - e)]]
        tests.append(float(fisher_exact(others)[1]) if len(x) > 1 else np.nan)
    kind = "fdr_by" if overlapping else "fdr_bh"
    found = {
        "posterior": [d.mean() for d in after], "low": [d.ppf(tail) for d in after],
        "high": [d.ppf(1 - tail) for d in after], "p_best": _best(after), "p": tests,
        "q": multipletests(tests, method=kind)[1] if len(x) > 1 else tests,
    }  # fmt: skip
    for column, values in found.items():
        table.loc[enough, column] = np.asarray(values, dtype=np.float64)
    return Winners(table, (a, b), params)


def _best(after: Sequence[Any]) -> Floats:
    """Integrate the density of each group times the probability that all others lie below."""
    if len(after) == 1:
        return np.ones(1)
    spans = np.array([d.ppf([1e-9, 1 - 1e-9]) for d in after])
    grid = np.unique(np.concatenate([np.linspace(low, high, GRID // len(after) + 200) for low, high in spans]))
    below = np.array([d.cdf(grid) for d in after])
    middle = (below[:, 1:] + below[:, :-1]) / 2
    mass = np.diff(below, axis=1)
    log = np.log(np.maximum(middle, 1e-300))
    rest = np.exp(log.sum(axis=0) - log)
    share = (mass * rest).sum(axis=1)
    return np.asarray(share / share.sum(), dtype=np.float64)
