"""Groups whose share differs from that of all others by more than chance, when all groups are looked at."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

EXPECTED = 5.0  # Cochran (1954), Biometrics, 10, 417-451: from so many in each cell on, the normal test holds


def standouts(table: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """Return the groups that differ from all others beyond chance, the largest difference first.

    Parameters
    ----------
    table : DataFrame
        As `groups.GroupRates.table`, with differences from all others; groups whose counts may not be told take no part.
    level : float
        Coverage of intervals; the probability of naming any group where none differs is one less that.

    Returns
    -------
    DataFrame
        Rows of the table, with ``p`` (two-sided, against all others: of the pooled normal test, or exact) and ``p_holm``.

    Notes
    -----
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics, 6,
    65-70. A group whose interval of the difference holds zero is not named either.
    """
    rows = table[["events", "units"]].apply(pd.to_numeric, errors="coerce").notna().all(axis=1)
    known = table[rows & (pd.to_numeric(table["units"], errors="coerce") > 0)].copy()
    x, n = known["events"].to_numpy(dtype=np.float64), known["units"].to_numpy(dtype=np.float64)
    known["p"] = [_p(a, b, x.sum() - a, n.sum() - b) for a, b in zip(x, n, strict=True)]
    tested = known.dropna(subset=["p"]).sort_values("p", kind="stable")
    steps = tested["p"].to_numpy() * np.arange(len(tested), 0, -1)
    tested["p_holm"] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(tested) else []
    clear = (tested["difference_low"] > 0) | (tested["difference_high"] < 0)
    found = tested[clear & (tested["p_holm"] <= 1 - level + 1e-12)]
    return found.sort_values("difference", ascending=False, kind="stable", ignore_index=True)


def _p(events: float, units: float, others: float, rest: float) -> float:
    """Return the two-sided p of equal shares: of the pooled normal test, or where few are expected Fisher's exact one."""
    if not rest > 0:
        return math.nan
    share = (events + others) / (units + rest)
    if min(units, rest) * min(share, 1 - share) < EXPECTED:
        return _exact(int(events), int(units), int(events + others), int(units + rest))
    z = (events / units - others / rest) / math.sqrt(share * (1 - share) * (1 / units + 1 / rest))
    return math.erfc(abs(z) / math.sqrt(2))


def _exact(events: int, units: int, hits: int, everyone: int) -> float:
    """Return Fisher's two-sided p: of all tables with these margins, those no more probable than this one.

    >>> round(_exact(3, 4, 4, 8), 4), round(_exact(2, 4, 4, 8), 4)
    (0.4857, 1.0)
    """
    at = range(max(0, units - (everyone - hits)), min(units, hits) + 1)
    log = np.array([_choose(hits, k) + _choose(everyone - hits, units - k) for k in at]) - _choose(everyone, units)
    own = log[events - at.start]
    as_rare = log <= own + 1e-7  # else rounding leaves out tables as probable as this one
    return min(float(np.exp(log[as_rare]).sum()), 1.0)


def _choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
