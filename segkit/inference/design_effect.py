"""How much less units tell that come in clusters: intraclass correlation and design effect of a share."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..engine.matrix import Floats
from .rates import COVERAGE, Estimate, bootstrap

DRAWS = 500


@dataclass(frozen=True)
class DesignEffect:
    """A share of units that come in clusters, and how alike the units of one cluster are.

    Attributes
    ----------
    units, clusters : int
    share : float
        Of the units with the outcome.
    mean_size : float
        Units per cluster.
    weighted_size : float
        Size of the cluster that a unit drawn at random is in: the sum of squared sizes by the sum of sizes.
    icc : Estimate
        Intraclass correlation, with its interval over resampled clusters. May be below zero. NaN where no cluster has two
        units, where there is one cluster, or where no unit differs from another.
    factor : float
        What the variance of the share is multiplied by; never below 1.
    """

    units: int
    clusters: int
    share: float
    mean_size: float
    weighted_size: float
    icc: Estimate
    factor: float

    @property
    def table(self) -> pd.DataFrame:
        """One row."""
        flat = {k: v for k, v in asdict(self).items() if k != "icc"}
        return pd.DataFrame([flat | {"icc": self.icc.value, "icc_low": self.icc.low, "icc_high": self.icc.high}])

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def design_effect(
    outcomes: ArrayLike, clusters: ArrayLike, *, name: str, seed: int, draws: int = DRAWS, level: float = COVERAGE
) -> DesignEffect:
    """Measure how alike units of one cluster are in a yes or no, and what that costs.

    Parameters
    ----------
    outcomes : array of bool, length n_units
    clusters : array of length n_units
        The cluster of each unit.
    name : str
        Names the procedure, whose random draws are its own.
    seed : int
    draws : int
        Resamples of clusters.
    level : float

    Raises
    ------
    ValueError
        There is no unit, or there is not one cluster for each.

    Notes
    -----
    The correlation is that of the analysis of variance, (MSB - MSW) / (MSB + (m0 - 1) MSW), with
    m0 = (N - sum m^2 / N) / (k - 1) for k clusters of unequal sizes m: Donner, A. (1986). A review of inference procedures
    for the intraclass correlation coefficient in the one-way random effects model. International Statistical Review, 54,
    67-82. The factor is 1 + (mA - 1) icc with mA = sum m^2 / sum m: Eldridge, S. M., Ashby, D. and Kerry, S. (2006). Sample
    size for cluster randomized trials: effect of coefficient of variation of cluster size and analysis method.
    International Journal of Epidemiology, 35, 1292-1300. A correlation below zero counts as zero there.

    Examples
    --------
    >>> design_effect([1, 1, 0, 0], ["a", "a", "b", "b"], name="doc", seed=1).factor
    2.0
    """
    y, of = np.asarray(outcomes, dtype=np.float64), pd.Series(np.asarray(clusters))
    if not len(y) or len(y) != len(of):
        raise ValueError(f"{len(y)} outcomes of {len(of)} units")
    if of.isna().any() or not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("an outcome is neither yes nor no, or a unit has no cluster")
    found = pd.DataFrame({"y": y}).groupby(of.to_numpy())["y"].agg(["size", "sum"])  # in an order of their own
    m, x = found["size"].to_numpy(np.float64), found["sum"].to_numpy(np.float64)
    icc = bootstrap(lambda w: _icc(w, m, x), len(m), name=f"design effect/{name}", seed=seed, draws=draws, level=level)
    weighted = float((m**2).sum() / m.sum())
    known = 0.0 if np.isnan(icc.value) else max(0.0, icc.value)
    factor = 1 + (weighted - 1) * known
    return DesignEffect(len(y), len(m), float(y.mean()), float(m.mean()), weighted, icc, float(factor))


def _icc(weights: Floats, sizes: Floats, events: Floats) -> float:
    """Return the correlation where each cluster counts so often."""
    k, n = weights.sum(), float(weights @ sizes)
    if k < 2 or n <= k:
        return float("nan")
    share, own = float(weights @ events) / n, events / sizes
    between = float(weights @ (sizes * (own - share) ** 2)) / (k - 1)
    within = float(weights @ (sizes * own * (1 - own))) / (n - k)
    m0 = (n - float(weights @ sizes**2) / n) / (k - 1)
    whole = between + (m0 - 1) * within
    return float((between - within) / whole) if whole > 0 else float("nan")
