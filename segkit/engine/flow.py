"""Where the units of each segment go when there is one segment more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .fits import Labels, crossing

LEAST = 0.01  # of all units: edges with less are left out
K_LOW, K_HIGH = 2, 8


@dataclass(frozen=True)
class SegmentFlow:
    """Segments of successive K, and the units that they share.

    Attributes
    ----------
    nodes : DataFrame
        Columns ``k``, ``segment``, ``units``, ``entropy``: 0 where all units come from one segment of the solution with
        one segment less, 1 where they come from all of its segments alike; NaN for the first solution.
    edges : DataFrame
        Columns ``k`` (of the first of two solutions), ``segment``, ``next`` (its segment and that of the second),
        ``units``.
    params : dict
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    params: dict[str, Any]

    @property
    def mean_entropy(self) -> pd.Series:
        """Mean entropy of the units' segments for each K but the first: how far that solution is made anew."""
        rows = self.nodes.dropna(subset="entropy")
        weighted = (rows["entropy"] * rows["units"]).groupby(rows["k"]).sum() / rows["units"].groupby(rows["k"]).sum()
        return weighted.rename("entropy")

    def to_json(self) -> dict[str, Any]:
        """Return nodes and edges as plain values."""
        return {
            "nodes": self.nodes.to_dict("records"), "edges": self.edges.to_dict("records"), "params": self.params,
            "mean_entropy": {str(k): float(v) for k, v in self.mean_entropy.items()},
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.nodes.to_html(index=False, border=0)


def segment_flow(
    partitions: Mapping[int, Labels], *, k_low: int = K_LOW, k_high: int = K_HIGH, least: float = LEAST
) -> SegmentFlow:
    """Count the units that each segment passes on to each segment of the next solution.

    Parameters
    ----------
    partitions : mapping of int to int array of length n_units
        Segments from 1, for each K.
    k_low, k_high : int
        The first and the last solution, as far as there are any without a break.
    least : float
        Share of all units from which on an edge is kept.

    Notes
    -----
    Dolnicar, S. and Leisch, F. (2017). Using segment level stability to select target segments in data-driven market
    segmentation studies. Marketing Letters, 28, 423-436. The entropy of a segment is - sum p log p over the shares p of
    its units by their segment among K, divided by log K.

    Examples
    --------
    >>> parts = {2: np.array([1, 1, 2, 2]), 3: np.array([1, 1, 2, 3])}
    >>> segment_flow(parts).nodes["entropy"].dropna().tolist()
    [0.0, 0.0, 0.0]
    """
    ks: list[int] = []
    for k in range(k_low, k_high + 1):
        if k not in partitions:
            break
        ks.append(k)
    nodes: list[tuple[int, int, int, float]] = []
    edges: list[tuple[int, int, int, int]] = []
    for at, k in enumerate(ks):
        sizes = np.bincount(partitions[k] - 1, minlength=k)
        entropy = np.full(k, np.nan)
        if at:
            counts = crossing(partitions[k - 1] - 1, partitions[k] - 1, k - 1, k)
            entropy = node_entropy(counts) if k > 2 else entropy
            kept = np.argwhere(counts > least * len(partitions[k]))
            edges += [(k - 1, int(i) + 1, int(j) + 1, int(counts[i, j])) for i, j in kept]
        nodes += [(k, j + 1, int(sizes[j]), float(entropy[j])) for j in range(k)]
    return SegmentFlow(
        pd.DataFrame(nodes, columns=["k", "segment", "units", "entropy"]),
        pd.DataFrame(edges, columns=["k", "segment", "next", "units"]),
        {"ks": ks, "least": least},
    )


def node_entropy(counts: np.ndarray) -> np.ndarray:
    """Return the entropy of each column's shares, relative to the largest possible.

    Parameters
    ----------
    counts : array of int of shape (k, m)
        k at least 2.

    Examples
    --------
    >>> node_entropy(np.array([[5, 2], [0, 2]])).tolist()
    [0.0, 1.0]
    """
    sizes = counts.sum(axis=0, keepdims=True)
    shares = np.divide(counts, sizes, out=np.zeros(counts.shape), where=sizes > 0)
    logs = np.log(shares, out=np.zeros(counts.shape), where=shares > 0)
    return np.abs((shares * logs).sum(axis=0)) / np.log(len(counts))
