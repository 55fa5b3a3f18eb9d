"""Whether segments go with a label that took no part in making them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import generator
from .fits import Counts

PERMUTATIONS = 499
PERSONAL_CELL = 10  # units: a smaller cell of a label would tell too much about persons


@dataclass(frozen=True)
class External:
    """How strongly segments and a label go together.

    Attributes
    ----------
    table : DataFrame
        One row per measure: ``measure`` (``cramers_v``, ``cramers_v_corrected``, ``ami``), ``value``, ``low``, ``high``.
    units : int
        Units with a label.
    labels : int
        Different labels.
    commonest : float
        Share of the units that carry the commonest label.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    units: int
    labels: int
    commonest: float
    params: dict[str, Any]
    seed: int

    def value(self, measure: str, column: str = "value") -> float:
        """Return one number."""
        return float(self.table.set_index("measure").loc[measure, column])

    def to_json(self) -> dict[str, Any]:
        """Return the measures with their intervals."""
        return {
            **self.table.set_index("measure").to_dict("index"),
            "units": self.units, "labels": self.labels, "commonest": self.commonest, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def cramers_v(counts: Counts, *, corrected: bool = False) -> float:
    """Return Cramer's V of a table of counts; zero where a side has one value only.

    Parameters
    ----------
    counts : array of shape (r, c)
        Rows and columns without units are left out.
    corrected : bool
        Take off the value that independence alone would give (Bergsma 2013).

    Notes
    -----
    V is the root of phi squared / (min(r, c) - 1), with phi squared = chi squared / n (Cramer 1946). Corrected: phi
    squared less (r - 1)(c - 1) / (n - 1), not below zero, and r - (r - 1)^2 / (n - 1) for r, likewise c. Bergsma, W.
    (2013). A bias-correction for Cramer's V and Tschuprow's T. Journal of the Korean Statistical Society, 42, 323-328.

    Examples
    --------
    >>> cramers_v(np.array([[5, 0], [0, 5]])), cramers_v(np.array([[4, 4], [2, 2]]))
    (1.0, 0.0)
    """
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(np.float64)
    r, c = counts.shape
    n = counts.sum()
    if min(r, c) < 2:
        return 0.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / n
    phi = float(((counts - expected) ** 2 / expected).sum() / n)
    if not corrected:
        return math.sqrt(phi / (min(r, c) - 1))
    phi = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return math.sqrt(phi / least) if least > 0 else 0.0


def mutual_information(counts: Counts) -> float:
    """Return the adjusted mutual information of a table of counts (Vinh, Epps and Bailey 2010)."""
    from sklearn.metrics import adjusted_mutual_info_score

    rows, columns = np.indices(counts.shape)
    flat = counts.ravel()
    return float(adjusted_mutual_info_score(np.repeat(rows.ravel(), flat), np.repeat(columns.ravel(), flat)))


def external_check(
    segments: pd.Series, labels: pd.Series, *, draws: int = PERMUTATIONS, level: float = 0.05, seed: int = 42
) -> External | None:
    """Measure how strongly segments and labels go together.

    Parameters
    ----------
    segments : Series of int
        Segment per unit.
    labels : Series
        A label per unit; units without one are left out. None of them may have taken part in making the segments.
    draws : int
        Bootstrap samples of units.
    level : float
        Percentile intervals leave out so much, half on either side.
    seed : int

    Returns
    -------
    External or None
        None where fewer than two labels or segments are left.

    Notes
    -----
    Cramer's V without correction is above zero even for labels given by lot, and more so in a bootstrap sample; its
    interval is read with that in mind.
    """
    both = pd.crosstab(segments, labels.reindex(segments.index))
    counts = both.to_numpy()
    n = int(counts.sum())
    if min(counts.shape) < 2 or n < 2:
        return None
    rng = generator("external/bootstrap", seed)
    drawn = rng.multinomial(n, counts.ravel() / n, size=draws).reshape(-1, *counts.shape)
    measures = {
        "cramers_v": cramers_v,
        "cramers_v_corrected": lambda c: cramers_v(c, corrected=True),
        "ami": mutual_information,
    }
    rows = []
    for name, measure in measures.items():
        low, high = np.quantile([measure(d) for d in drawn], [level / 2, 1 - level / 2])
        rows.append({"measure": name, "value": measure(counts), "low": float(low), "high": float(high)})
    top = float(counts.sum(axis=0).max() / n)
    params = {"draws": draws, "level": level}
    return External(pd.DataFrame(rows), n, counts.shape[1], top, params, seed)
