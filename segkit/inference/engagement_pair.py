"""The published two segments of prospects, and whether one line would do as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..engine.matching import rand_index
from .rates import COVERAGE, Difference, difference, rate

HIGH, LOW = "1A", "1B"
MEANS = ("sessions", "pageviews", "forms", "engagement_score", "likelihood", "days_to_close")


@dataclass(frozen=True)
class Pair:
    """Two segments of high (1A) and low (1B) engagement.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``segment``, ``units``, ``share``, ``events`` (closed), ``rate``, ``low``, ``high``, the means
        ``sessions``, ``pageviews``, ``forms``, ``engagement_score``, ``likelihood`` and ``days_to_close`` of those that
        have them, and ``median_days``.
    closed : Difference
        The rate of 1A less that of 1B.
    sources : DataFrame
        One row per latest source, the commonest first: ``source``, and the share of each segment, of those with a source.
    line_same, line_ari : float
        How many prospects are in 1A just where they have any tracked session, as a share; and the adjusted Rand index.
    in_use_ari : float
        The same index with the segments in use.
    params : dict
    """

    table: pd.DataFrame
    closed: Difference
    sources: pd.DataFrame
    line_same: float
    line_ari: float
    in_use_ari: float
    params: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "segments": self.table.to_dict("records"), "closed": self.closed.to_json(),
            "sources": self.sources.to_dict("records"), "line_same": self.line_same, "line_ari": self.line_ari,
            "in_use_ari": self.in_use_ari, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def pair(high: pd.Series, frame: pd.DataFrame, labels: pd.Series, *, level: float = COVERAGE) -> Pair:
    """Describe the published two segments, and compare them with one line and with the segments in use.

    Parameters
    ----------
    high : Series of bool, length n_units
        Who is in 1A.
    frame : DataFrame
        As in `features.prospects.Prospects`, on the same index.
    labels : Series of int
        The segments in use, on the same index.
    level : float
        Of the intervals.

    Notes
    -----
    The line: a prospect is engaged where it has any tracked session.
    """
    rows, closed = [], frame["is_closed"]
    for name, here in ((HIGH, high), (LOW, ~high)):
        own = frame[here]
        found = rate(int(closed[here].sum()), len(own), level=level)
        means = {n: float(own[n].mean()) if own[n].notna().any() else np.nan for n in MEANS}
        rows.append(
            {"segment": name, "units": len(own), "share": len(own) / len(frame), "events": found.events, "rate": found.share,
             "low": found.low, "high": found.high, **means, "median_days": float(own["days_to_close"].median())}
        )  # fmt: skip
    line = frame["sessions"].fillna(0.0) > 0
    sizes = (int(high.sum()), int((~high).sum()))
    return Pair(
        pd.DataFrame(rows),
        difference((int(closed[high].sum()), int(closed[~high].sum())), sizes, level=level),
        _sources(high, frame["latest_source"]),
        float((line == high).mean()),
        rand_index(line, high),
        rand_index(labels, high),
        {"level": level},
    )


def _sources(high: pd.Series, source: pd.Series) -> pd.DataFrame:
    shares = {name: source[here].value_counts(normalize=True) for name, here in ((HIGH, high), (LOW, ~high))}
    order = source.value_counts().index
    return (
        pd.DataFrame({n: s.reindex(order, fill_value=0.0) for n, s in shares.items()})
        .rename_axis("source")
        .reset_index()
    )
