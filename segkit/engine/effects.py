"""How strongly features differ between segments. No p-values: the same features made the segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..privacy import SMALL_CELL, suppressed


@dataclass(frozen=True)
class Effects:
    """Effect sizes of features.

    Attributes
    ----------
    table : DataFrame
        One row per feature: ``feature``, ``eta_squared`` (share of the variance between segments), ``epsilon_squared``
        (the same for ranks).
    delta : DataFrame of shape (n_features, k)
        Cliff's delta of each segment against all others: 1 where every unit of it lies above every other one, -1 where
        below, 0 where neither. Missing for segments whose size is suppressed.
    lift : DataFrame of shape (n_shares, k)
        For shares only: mean in the segment divided by the mean over all units. Missing for segments whose size is
        suppressed, and for shares that are zero throughout.
    """

    table: pd.DataFrame
    delta: pd.DataFrame
    lift: pd.DataFrame

    def strongest(self, most: int = 3) -> list[str]:
        """Return the features with the largest epsilon squared."""
        order = self.table.sort_values("epsilon_squared", ascending=False, kind="stable")
        return [str(f) for f in order["feature"].head(most)]

    def marks(self, segment: int, most: int = 2) -> list[tuple[str, float]]:
        """Return the features in which a segment differs most from the others, with Cliff's delta; none of zero."""
        column = self.delta[segment].dropna()
        column = column[column != 0]
        order = column.abs().sort_values(ascending=False, kind="stable").index[:most]
        return [(str(f), float(column[f])) for f in order]

    def to_json(self) -> dict[str, Any]:
        """Return the effect sizes as plain values."""
        return {"by_feature": self.table.to_dict("records"), "cliffs_delta": self.delta.to_dict()}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def effects(
    frame: pd.DataFrame, labels: pd.Series, *, shares: Sequence[str] = (), minimum: int = SMALL_CELL
) -> Effects:
    """Measure how strongly features differ between segments.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features; constant ones get zeros.
    labels : Series of int, length n_units
    shares : sequence of str
        Features that are shares, for which the lift is computed.
    minimum : int
        The smallest segment whose own numbers are shown. Deltas and lifts of all segments balance, so a small one is
        hidden together with the next smallest.

    Raises
    ------
    ValueError
        A unit of ``frame`` has no label.

    Notes
    -----
    Eta squared is the sum of squares between segments over the total. Epsilon squared is H / (n - 1), with H of Kruskal
    and Wallis (1952); see Tomczak and Tomczak (2014). Cliff's delta (Cliff 1993) follows from the Mann-Whitney U of a
    segment against the rest: 2 U / (n m) - 1. Tests on features that made the segments would be circular (Gao, Bien and
    Witten 2022), so there are none.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]})
    >>> found = effects(frame, pd.Series([1, 1, 2, 2]), minimum=1)
    >>> float(found.delta.loc["x", 2]), round(float(found.table["eta_squared"][0]), 3)
    (1.0, 0.8)
    """
    from scipy.stats import kruskal, rankdata

    labels = labels.reindex(frame.index)
    if labels.isna().any():
        raise ValueError(f"{int(labels.isna().sum())} units have no segment")
    known = sorted(labels.unique())
    hide = suppressed(labels.value_counts().sort_index(), minimum)
    hidden = hide.index[hide]
    rows, delta = [], {}
    for feature in frame.columns:
        values = frame[feature].to_numpy(dtype=np.float64)
        varies = bool(values.min() < values.max())  # sums of squares of a constant may differ from zero by rounding
        total = float(((values - values.mean()) ** 2).sum())
        groups = [values[labels == s] for s in known]
        between = float(sum(len(g) * (g.mean() - values.mean()) ** 2 for g in groups))
        h = float(kruskal(*groups).statistic) if varies and len(known) > 1 else 0.0
        rows.append(
            {
                "feature": feature,
                "eta_squared": between / total if varies else 0.0,
                "epsilon_squared": h / (len(values) - 1) if len(values) > 1 else 0.0,
            }
        )
        ranks = rankdata(values)
        delta[feature] = {s: _cliff(ranks, (labels == s).to_numpy()) for s in known}
    means = frame[list(shares)].groupby(labels).mean()
    overall = frame[list(shares)].mean()
    by_segment, lift = pd.DataFrame(delta, index=known).T, (means / overall.where(overall > 0)).T
    by_segment[hidden] = lift[hidden] = np.nan
    return Effects(table=pd.DataFrame(rows), delta=by_segment, lift=lift)


def _cliff(ranks: np.ndarray, inside: np.ndarray) -> float:
    n, m = int(inside.sum()), int((~inside).sum())
    if n == 0 or m == 0:
        return 0.0
    u = float(ranks[inside].sum()) - n * (n + 1) / 2
    return 2 * u / (n * m) - 1
