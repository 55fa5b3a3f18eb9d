"""The difference between exposed and unexposed units once their measured traits are balanced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.matrix import Floats
from .designs import design, without_unlike
from .logistic import fit_logistic
from .rates import COVERAGE, Difference, difference, half_width

CUT = (0.01, 0.99)  # quantiles at which inverse probabilities are cut off, in each arm
BINS = 20  # of the propensity
BALANCE = ["covariate", "before", "after"]
OVERLAP = ["low", "high", "exposed", "unexposed"]
FIGURES = (
    "exposed_share", "unexposed_share", "difference", "low", "high", "ratio", "ratio_low", "ratio_high", "e_value",
    "e_value_limit",
)  # fmt: skip


@dataclass(frozen=True)
class Adjusted:
    """A difference of shares before and after measured traits are balanced.

    Attributes
    ----------
    raw : Difference
        Of all units as they are.
    exposed_share, unexposed_share : float
        After weighting.
    difference, low, high : float
        Of these, with the interval of the sandwich; NaN where ``reason`` says why.
    ratio, ratio_low, ratio_high : float
        The risk ratio, with an interval symmetric in its logarithm.
    e_value, e_value_limit : float
        How strongly, as a risk ratio, an unmeasured trait had to go with both exposure and outcome to explain the ratio
        away, and to move its interval to 1; see `e_value`.
    balance : DataFrame
        One row per column of the model: ``covariate``, ``before``, ``after`` (standardised mean differences).
    overlap : DataFrame
        Units by probability of exposure: ``low``, ``high``, ``exposed``, ``unexposed``.
    units : tuple of int
        Exposed and unexposed that are compared.
    effective : tuple of float
        How many equally weighted units they are worth.
    set_aside : dict of str to int
        Units with a value that only exposed or only unexposed units have, by covariate; with nobody to compare them with,
        they take no part.
    reason : str
        Why there is no adjusted difference; empty where there is one.
    params : dict
    """

    raw: Difference
    exposed_share: float
    unexposed_share: float
    difference: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    e_value: float
    e_value_limit: float
    balance: pd.DataFrame
    overlap: pd.DataFrame
    units: tuple[int, int]
    effective: tuple[float, float]
    set_aside: dict[str, int]
    reason: str
    params: dict[str, Any]

    @property
    def table(self) -> pd.DataFrame:
        """Two rows: as they are, and adjusted."""
        raw = self.raw
        rows = [
            ("raw", raw.first.share, raw.second.share, raw.difference, raw.low, raw.high),
            ("adjusted", self.exposed_share, self.unexposed_share, self.difference, self.low, self.high),
        ]
        return pd.DataFrame(rows, columns=["comparison", "exposed", "unexposed", "difference", "low", "high"])

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "raw": self.raw.to_json(), "exposed_share": self.exposed_share, "unexposed_share": self.unexposed_share,
            "difference": [self.difference, self.low, self.high], "ratio": [self.ratio, self.ratio_low, self.ratio_high],
            "e_value": [self.e_value, self.e_value_limit], "balance": self.balance.to_dict("records"),
            "overlap": self.overlap.to_dict("records"), "units": list(self.units), "effective": list(self.effective),
            "set_aside": self.set_aside, "reason": self.reason, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def e_value(ratio: float, low: float, high: float) -> tuple[float, float]:
    """Return the E-value of a risk ratio, and that of the limit of its interval nearest 1.

    Notes
    -----
    VanderWeele, T. J. and Ding, P. (2017). Sensitivity analysis in observational research: introducing the E-value. Annals
    of Internal Medicine, 167, 268-274. Below 1 the inverse is taken; an interval that holds 1 has an E-value of 1.

    Examples
    --------
    >>> [round(x, 2) for x in e_value(3.9, 1.8, 8.7)]
    [7.26, 3.0]
    """

    def one(r: float) -> float:
        r = 1 / r if r < 1 else r
        return float(r + np.sqrt(r * (r - 1)))

    if not (np.isfinite([ratio, low, high]).all() and ratio > 0):
        return np.nan, np.nan
    near = low if ratio >= 1 else high
    return one(ratio), 1.0 if low <= 1 <= high else one(near)


def _moments(values: Floats, weights: Floats) -> Floats:
    return np.asarray(weights @ values / weights.sum())


def _weights(e: Floats, z: NDArray[np.bool_], kind: str) -> tuple[Floats, Floats]:
    """Return the weight of each unit, and its derivative by the log odds of exposure."""
    if kind == "overlap":
        return np.where(z, 1 - e, e), np.where(z, -1.0, 1.0) * e * (1 - e)
    prevalence = z.mean()
    w = np.where(z, prevalence / e, (1 - prevalence) / (1 - e))
    slope = np.where(z, -prevalence * (1 - e) / e, (1 - prevalence) * e / (1 - e))
    for arm in (z, ~z):
        low, high = np.quantile(w[arm], CUT)
        cut = arm & ((w < low) | (w > high))
        w = np.where(arm, w.clip(low, high), w)
        slope = np.where(cut, 0.0, slope)
    return w, slope


def _influences(
    x: Floats, z: NDArray[np.bool_], y: Floats, e: Floats, covariance: Floats, kind: str
) -> tuple[Floats, Floats, Floats]:
    """Return the two weighted shares, what each unit adds to them (shape (n_units, 2)), and the weights."""
    w, slope = _weights(e, z, kind)
    score = (x * (z - e)[:, None]) @ covariance  # what each unit adds to the coefficients
    shares, parts = [], []
    for arm in (z, ~z):
        own = np.where(arm, w, 0.0)
        share = float(own @ y / own.sum())
        moved = np.where(arm, slope * (y - share), 0.0) @ x  # derivative of the equation by the coefficients
        parts.append((own * (y - share) + score @ moved) / own.sum())
        shares.append(share)
    return np.array(shares), np.array(parts).T, w


def adjusted(
    exposed: pd.Series,
    outcome: pd.Series,
    covariates: pd.DataFrame,
    *,
    weights: Literal["overlap", "inverse"] = "overlap",
    level: float = COVERAGE,
) -> Adjusted:
    """Compare exposed and unexposed units whose weights balance what is measured of them.

    Parameters
    ----------
    exposed, outcome : Series of bool, length n_units
    covariates : DataFrame, n_units rows
        Numbers take part with their squares, missing ones by a column of their own; other columns as categories, rare ones
        together. All in one order.
    weights : {"overlap", "inverse"}
        With overlap weights the units count by the probability of the arm that they are not in: the comparison is of
        those who might well be in either arm. Inverse probabilities make it one of all units; they are stabilised, and
        cut off at the 1st and 99th centile of each arm.
    level : float

    Notes
    -----
    Li, F., Morgan, K. L. and Zaslavsky, A. M. (2018). Balancing covariates via propensity score weighting. Journal of the
    American Statistical Association, 113, 390-400: with a logistic model overlap weights balance every mean exactly. The
    variance is that of the stacked estimating equations, in which the probabilities are estimated too: Lunceford, J. K.
    and Davidian, M. (2004). Stratification and weighting via the propensity score in estimation of causal treatment
    effects. Statistics in Medicine, 23, 2937-2960. Nothing is claimed of traits that are not measured.
    """
    from threadpoolctl import threadpool_limits

    z, y = exposed.to_numpy(dtype=bool), outcome.to_numpy(dtype=np.float64)
    if not len(z) == len(y) == len(covariates) or not np.isin(y, [0.0, 1.0]).all():
        raise ValueError("there must be one exposure, one outcome and one row of covariates per unit")
    counts = ((int(y[z].sum()), int(y[~z].sum())), (int(z.sum()), int((~z).sum())))
    raw = difference(*counts, level=level)
    kept, aside = without_unlike(covariates, z)
    z, y = z[kept], y[kept]
    params = {"weights": weights, "level": level, "covariates": [str(c) for c in covariates.columns]}
    reason = _nothing(z, y, aside)
    x, names = design(covariates[kept]) if not reason else (np.ones((len(z), 1)), [])
    with threadpool_limits(1):  # more threads wait for each other longer than they compute
        fit = fit_logistic(x, z.astype(np.float64)) if not reason else None
    if fit is not None and not fit.finite:
        reason = "the covariates part the exposed from the unexposed, so that nobody can be compared with anybody"
    if fit is None or reason:
        blank: dict[str, Any] = dict.fromkeys(FIGURES, np.nan)
        return Adjusted(
            raw, **blank, balance=pd.DataFrame(columns=BALANCE), overlap=pd.DataFrame(columns=OVERLAP),
            units=(int(z.sum()), int((~z).sum())), effective=(np.nan, np.nan), set_aside=aside, reason=reason, params=params,
        )  # fmt: skip
    with threadpool_limits(1):
        (one, two), parts, w = _influences(x, z, y, fit.fitted, fit.covariance, weights)
    factor = half_width(level) * np.sqrt(len(z) / max(1, len(z) - x.shape[1] - 1))
    half = factor * np.sqrt(((parts[:, 0] - parts[:, 1]) ** 2).sum())
    log = factor * np.sqrt(((parts[:, 0] / one - parts[:, 1] / two) ** 2).sum())
    ratio = one / two
    limits = (float(ratio * np.exp(-log)), float(ratio * np.exp(log)))
    effective = tuple(float(w[a].sum() ** 2 / (w[a] ** 2).sum()) for a in (z, ~z))
    return Adjusted(
        raw, float(one), float(two), float(one - two), max(-1.0, float(one - two - half)),
        min(1.0, float(one - two + half)), float(ratio), *limits, *e_value(ratio, *limits), _balance(x, z, w, names),
        _overlap(fit.fitted, z), (int(z.sum()), int((~z).sum())), (effective[0], effective[1]), aside, "", params,
    )  # fmt: skip


def _nothing(z: NDArray[np.bool_], y: Floats, aside: dict[str, int]) -> str:
    """Say why exposed and unexposed cannot be compared at all; empty where they can."""
    among = " with a like in the other arm" if aside else ""
    for arm, name in ((z, "exposed"), (~z, "unexposed")):
        if not arm.any():
            return f"there is no {name} unit{among}"
        if not y[arm].any():
            return f"no {name} unit{among} has the outcome"
        if y[arm].all():
            return f"every {name} unit{among} has the outcome"
    return ""


def _balance(x: Floats, z: NDArray[np.bool_], w: Floats, names: list[str]) -> pd.DataFrame:
    """Return standardised mean differences of the columns of the model, by the spread before weighting."""
    spread = np.sqrt((x[z].var(axis=0) + x[~z].var(axis=0)) / 2)[1:]
    gaps = []
    for own in (np.ones(len(z)), w):
        gap = (_moments(x[z], own[z]) - _moments(x[~z], own[~z]))[1:]
        gaps.append(np.divide(gap, spread, out=np.zeros(len(gap)), where=spread > 0))
    return pd.DataFrame({"covariate": names, "before": gaps[0], "after": gaps[1]})


def _overlap(e: Floats, z: NDArray[np.bool_]) -> pd.DataFrame:
    edges = np.linspace(0, 1, BINS + 1)
    counts = [np.histogram(e[arm], edges)[0] for arm in (z, ~z)]
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "exposed": counts[0], "unexposed": counts[1]})
