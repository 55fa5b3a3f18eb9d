"""Does the population move: how far features and segment shares of later windows are from those of a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..thresholds import FAR, MUCH, SOME
from .matrix import Floats

PARTS = 10  # deciles of the reference
SMOOTHING = 0.5  # added to each count, so that an empty bin gives a large number and not an infinite one
COLUMNS = ["window", "feature", "psi", "by_chance", "bins", "wasserstein", "units"]
SHARES = ["window", "segment", "units", "share"]


@dataclass(frozen=True)
class Drift:
    """Distance of later windows from a reference window.

    Attributes
    ----------
    table : DataFrame
        One row per window and feature: ``window``, ``feature``, ``psi`` (population stability index), ``by_chance`` (what
        it would be on average between two samples of these sizes from one population), ``bins``, ``wasserstein`` (in
        standard deviations of the reference; missing where it has none), ``units``.
    segments : DataFrame
        One row per window and segment, the reference first: ``window``, ``segment``, ``units``, ``share``, by the model of
        the reference.
    segment_psi : Series
        Population stability index of the segment shares, by window.
    reference : str
        Empty where there was nothing to compare.
    reason : str
        Why there was nothing; else empty.
    params : dict
    """

    table: pd.DataFrame
    segments: pd.DataFrame
    segment_psi: pd.Series
    reference: str
    reason: str
    params: dict[str, Any]

    def last(self) -> pd.DataFrame:
        """Return the rows of the last window, most drift first."""
        if self.table.empty:
            return self.table
        rows = self.table[self.table["window"] == self.table["window"].iloc[-1]]
        return rows.sort_values(["psi", "feature"], ascending=[False, True], ignore_index=True)

    def to_json(self) -> dict[str, Any]:
        """Return both indices by window and feature."""
        by_window = {
            str(w): {r["feature"]: {"psi": r["psi"], "wasserstein": r["wasserstein"]} for r in t.to_dict("records")}
            for w, t in self.table.groupby("window", sort=False)
        }
        return {
            "reference": self.reference or None,
            "features": by_window,
            "segment_psi": {str(w): float(v) for w, v in self.segment_psi.items()},
            "reason": self.reason or None,
            "params": self.params,
        }

    def _repr_html_(self) -> str:
        return self.last().to_html(index=False, border=0)


def no_drift(reason: str) -> Drift:
    """Return the result where there is nothing to compare."""
    empty = pd.Series(dtype=np.float64, name="psi")
    return Drift(pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=SHARES), empty, "", reason, {})


def drift(frames: Mapping[str, pd.DataFrame], labels: Mapping[str, pd.Series], k: int) -> Drift:
    """Compare each window with the first one, feature by feature and in its segment shares.

    Parameters
    ----------
    frames : mapping of str to DataFrame of shape (n_units, n_features)
        Raw features by window; the first is the reference.
    labels : mapping of str to Series of int
        Segments of the same units, from 1 to ``k``, all by the model of the reference.
    k : int

    Notes
    -----
    See `psi`. Its bounds, 0.1 and 0.25, are those of Siddiqi, N. (2006). Credit Risk Scorecards. Wiley; they are
    habits, not tests. The Wasserstein distance is the area between the two distribution functions: Vallender, S. S.
    (1974). Calculation of the Wasserstein distance between probability distributions on the line. Theory of
    Probability and its Applications, 18, 784-786.
    """
    from scipy.stats import wasserstein_distance

    first, *later = list(frames)
    base = frames[first]
    sd = base.std(ddof=0)
    rows = []
    for name in later:
        other = frames[name]
        for feature in base.columns:
            a, b = base[feature].to_numpy(dtype=np.float64), other[feature].to_numpy(dtype=np.float64)
            edges = decile_edges(a)
            bins = len(edges) + 1
            moved = wasserstein_distance(a, b) / sd[feature] if sd[feature] > 0 else float("nan")
            rows.append((name, feature, psi(a, b, edges), chance(bins, len(a), len(b)), bins, moved, len(b)))
    shares = []
    for name, own in labels.items():
        counts = own.value_counts().reindex(range(1, k + 1), fill_value=0)
        shares += [(name, int(s), int(n), float(n / max(len(own), 1))) for s, n in counts.items()]
    segments = pd.DataFrame(shares, columns=SHARES)
    wide = segments.pivot(index="window", columns="segment", values="units")
    moves = {w: psi_of(wide.loc[first].to_numpy(), wide.loc[w].to_numpy()) for w in later}
    return Drift(
        pd.DataFrame(rows, columns=COLUMNS),
        segments,
        pd.Series(moves, dtype=np.float64, name="psi"),
        first,
        "",
        {"parts": PARTS, "smoothing": SMOOTHING, "some": SOME, "much": MUCH, "far": FAR},
    )


def decile_edges(reference: Floats) -> Floats:
    """Return the inner edges of the bins: deciles of the reference, equal ones merged.

    An edge at the largest value is left out, since nothing of the reference would lie beyond it.

    Examples
    --------
    >>> decile_edges(np.arange(11.0)).tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    >>> decile_edges(np.array([0.0] * 9 + [1.0, 2.0])).tolist()
    [0.0, 1.0]
    """
    # Values that occur, so that no two edges lie in one gap between values, with nothing in between.
    edges = np.unique(np.quantile(reference, np.arange(1, PARTS) / PARTS, method="inverted_cdf"))
    return edges[edges < reference.max()]


def psi(reference: Floats, other: Floats, edges: Floats) -> float:
    """Return the population stability index of two samples over the same bins.

    Parameters
    ----------
    reference, other : array
    edges : array
        Inner edges, ascending; a value on an edge lies below it.
    """
    bins = len(edges) + 1
    a, b = (np.bincount(np.searchsorted(edges, v, side="left"), minlength=bins) for v in (reference, other))
    return psi_of(a, b)


def psi_of(a: np.ndarray, b: np.ndarray) -> float:
    """Return the index of two rows of counts: the sum of (q - p) ln(q / p), after ``SMOOTHING``.

    >>> round(psi_of(np.array([49.5, 49.5]), np.array([24.5, 74.5])), 4)  # (0.25 - 0.5) ln 0.5 + (0.75 - 0.5) ln 1.5
    0.2747
    """
    p, q = (c + SMOOTHING for c in (np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def chance(bins: int, n: int, m: int) -> float:
    """Return the mean index between two samples of n and m units from one population, to first order.

    Notes
    -----
    Yurdakul, B. and Naranjo, J. (2020). Statistical properties of the population stability index. Journal of Risk Model
    Validation, 14(4), 89-100.
    """
    return (bins - 1) * (1 / max(n, 1) + 1 / max(m, 1))
