"""Who moves: the states of units in one window of time and in the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..privacy import SMALL_CELL
from ..seeds import generator
from .fits import crossing

INACTIVE, NEW = 0, -1  # states of a unit without events in a window: known before its end, or not yet
RESAMPLES = 2000  # of units, for intervals of shares
FEW = 10  # units inside or outside of a cell, below which its interval is not by resampling
MOVES = ["period", "origin", "destination", "units", "of", "share", "low", "high"]


@dataclass(frozen=True)
class Migration:
    """Where the units of one window are in the next.

    Attributes
    ----------
    table : DataFrame
        ``period`` (from which window to which), ``origin`` and ``destination`` (a segment from 1 on, ``INACTIVE`` or
        ``NEW``), ``units``, ``of`` (all units of the origin), ``share``, ``low`` and ``high`` (its interval).
    windows : tuple of str
    reason : str
        Why there is nothing to compare; else empty.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    windows: tuple[str, ...]
    reason: str
    params: dict[str, Any]
    seed: int

    def last(self) -> pd.DataFrame:
        """Return the moves from the last window but one to the last."""
        if self.table.empty:
            return self.table
        return self.table[self.table["period"] == self.table["period"].iloc[-1]].reset_index(drop=True)

    def visible(self) -> pd.DataFrame:
        """Return the last moves without numbers of cells that are too small, or that would give such a cell away."""
        rows = self.last()
        if rows.empty:
            return rows
        counts = rows.pivot(index="origin", columns="destination", values="units")
        hidden = small_cells(counts).stack()
        at = pd.MultiIndex.from_frame(rows[["origin", "destination"]])
        return rows.assign(
            **{c: rows[c].mask(hidden.reindex(at).to_numpy()) for c in ("units", "share", "low", "high")}
        )

    def to_json(self) -> dict[str, Any]:
        """Return the shares of the last moves, by origin and destination; those of small cells are missing."""
        words = {INACTIVE: "inactive", NEW: "new"}
        rows: dict[str, dict[str, Any]] = {}
        for r in self.visible().to_dict("records"):
            cell = {"share": r["share"], "low": r["low"], "high": r["high"]}
            rows.setdefault(words.get(r["origin"], str(r["origin"])), {})[
                words.get(r["destination"], str(r["destination"]))
            ] = cell
        return {
            "windows": list(self.windows),
            "shares": rows,
            "reason": self.reason or None,
            "params": self.params,
        }

    def _repr_html_(self) -> str:
        return self.last().to_html(index=False, border=0)


def migration(states: pd.DataFrame, k: int, *, level: float = 0.95, seed: int = 42) -> Migration:
    """Count the moves between states from each window to the next.

    Parameters
    ----------
    states : DataFrame of int of shape (n_units, n_windows)
        Columns are windows, in order of time; a segment from 1 to ``k``, ``INACTIVE`` or ``NEW``.
    k : int
    level : float
        Of the intervals.
    seed : int

    Notes
    -----
    Intervals: percentiles over ``RESAMPLES`` samples of units (Efron 1979). Since each unit makes one move, drawing
    units is drawing the counts of moves from a multinomial law, and their order cannot matter. Where fewer than ``FEW``
    units lie inside or outside of a cell, such percentiles are too narrow (none at all has the interval from 0 to 0): there
    it is that of Jeffreys. Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial
    proportion. Statistical Science, 16, 101-133.
    """
    windows = [str(c) for c in states.columns]
    rows = []
    for i in range(len(windows) - 1):
        then, now = (states.iloc[:, j].to_numpy(dtype=np.int64) for j in (i, i + 1))
        there = now != NEW
        counts = crossing(then[there] + 1, now[there], k + 2, k + 1)
        low, high = intervals(counts, level, f"migration/{i}", seed)
        for origin in (*range(1, k + 1), INACTIVE, NEW):
            total = int(counts[origin + 1].sum())
            # Who is new in a window has an event in it.
            for destination in (*range(1, k + 1), *((INACTIVE,) if origin != NEW else ())):
                n = int(counts[origin + 1, destination])
                cell = (low[origin + 1, destination], high[origin + 1, destination]) if total else (np.nan, np.nan)
                share = n / total if total else np.nan
                rows.append((f"{windows[i]} to {windows[i + 1]}", origin, destination, n, total, share, *cell))
    return Migration(
        pd.DataFrame(rows, columns=MOVES), tuple(windows), "", {"draws": RESAMPLES, "level": level, "few": FEW}, seed
    )


def small_cells(counts: pd.DataFrame, minimum: int = SMALL_CELL) -> pd.DataFrame:
    """Tell which cells of a table whose row and column sums are known must be hidden.

    Counts from 1 to ``minimum - 1`` are. A row or column gives them back where fewer than two cells of it are hidden, or
    where those hidden are few themselves: there the next smallest is hidden too.

    Returns
    -------
    DataFrame of bool
    """
    n = counts.fillna(0).to_numpy(dtype=np.int64)
    hide = (n > 0) & (n < minimum)
    before = -1
    while hide.sum() != before:
        before = int(hide.sum())
        for line, seen in [*zip(n, hide, strict=True), *zip(n.T, hide.T, strict=True)]:  # views: changed in place
            for place in np.argsort(line, kind="stable"):
                if not seen.any() or (seen.sum() > 1 and line[seen].sum() >= minimum):
                    break
                if line[place] > 0:
                    seen[place] = True
    return pd.DataFrame(hide, index=counts.index, columns=counts.columns)


def no_migration(reason: str, seed: int) -> Migration:
    """Return the result where there is nothing to compare."""
    return Migration(pd.DataFrame(columns=MOVES), (), reason, {}, seed)


def intervals(counts: np.ndarray, level: float, name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the intervals of each row's shares.

    Parameters
    ----------
    counts : array of int of shape (origins, destinations)
    level : float
    name : str
        The procedure that draws.
    """
    from scipy.stats import beta

    tail = (1 - level) / 2
    units = counts.sum()
    of = counts.sum(axis=1, keepdims=True)
    if not units:
        return np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    drawn = generator(name, seed).multinomial(units, counts.ravel() / units, size=RESAMPLES).reshape(-1, *counts.shape)
    totals = drawn.sum(axis=2, keepdims=True)
    shares = np.divide(drawn, totals, out=np.full(drawn.shape, np.nan), where=totals > 0)
    with np.errstate(invalid="ignore"):
        known = np.where(of > 0, 1.0, np.nan)
        low, high = np.nanquantile(np.where(of > 0, shares, 0.0), [tail, 1 - tail], axis=0) * known
    few = np.minimum(counts, of - counts) < FEW
    exact_low = np.where(counts > 0, beta.ppf(tail, counts + 0.5, of - counts + 0.5), 0.0)
    exact_high = np.where(counts < of, beta.ppf(1 - tail, counts + 0.5, of - counts + 0.5), 1.0)
    return np.where(few, exact_low, low) * known, np.where(few, exact_high, high) * known
