"""Differences of means, and whether several effects are one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .rates import COVERAGE


def mean_difference(one: pd.Series, two: pd.Series, *, level: float = COVERAGE) -> tuple[float, float, float]:
    """Return the difference of two means with Welch's interval; NaN limits where a group has fewer than two units.

    Notes
    -----
    Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances are involved.
    Biometrika, 34, 28-35.
    """
    from scipy.stats import t

    a, b = one.to_numpy(dtype=np.float64), two.to_numpy(dtype=np.float64)
    gap = float(a.mean() - b.mean()) if len(a) and len(b) else np.nan
    if min(len(a), len(b)) < 2:
        return gap, np.nan, np.nan
    u, v = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    if u + v == 0:
        return gap, gap, gap
    freedom = (u + v) ** 2 / (u**2 / (len(a) - 1) + v**2 / (len(b) - 1))
    half = float(t.ppf((1 + level) / 2, freedom) * np.sqrt(u + v))
    return gap, gap - half, gap + half


def cochran_q(effects: np.ndarray, variances: np.ndarray) -> tuple[float, float, int]:
    """Test whether independent effects are one: chi squared, p, degrees of freedom.

    Notes
    -----
    Cochran, W. G. (1954). The combination of estimates from different experiments. Biometrics, 10, 101-129. An effect
    without a variance takes no part.
    """
    from scipy.stats import chi2

    known = np.isfinite(effects) & (variances > 0)
    if known.sum() < 2:
        return np.nan, np.nan, 0
    w, x = 1 / variances[known], effects[known]
    q = float(w @ (x - w @ x / w.sum()) ** 2)
    return q, float(chi2.sf(q, known.sum() - 1)), int(known.sum() - 1)
