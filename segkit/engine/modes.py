"""Columns with more than one mode, and which of them a scaling makes small: its groups pass there for spread."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..seeds import generator
from ..thresholds import LEVEL
from .matrix import Floats, ModelMatrix
from .silhouettes import sample

LOWERED = 0.8  # of its even share: a column with more than one mode that has less is hidden by the scaling
LARGEST = 500  # values of a column that are looked at; of more, a sample
STEP = 50  # of the numbers of values, so that columns with gaps of their own share even samples
DRAWS = 199  # even samples behind each p


@dataclass(frozen=True)
class Modes:
    """The dip of each column, and its share of the variance under the scaling in use.

    Attributes
    ----------
    table : DataFrame
        ``column``; ``dip``; ``p``; ``share``, of the variance that the clustering sees; ``even``, the share of each column
        where all have one variance; ``hidden``, whether the column has more than one mode and clearly less than its even share.
    params : dict
    """

    table: pd.DataFrame
    params: dict[str, float]

    @property
    def hidden(self) -> list[str]:
        """The columns with more than one mode of which the scaling lowers the share."""
        return list(self.table.loc[self.table["hidden"], "column"])

    def to_json(self) -> dict[str, object]:
        """Return the table as plain values."""
        return {"table": self.table.to_dict("records"), "params": self.params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def dip(values: ArrayLike) -> float:
    """Return the dip: the largest distance of the sample's distribution from the nearest one with a single mode.

    Parameters
    ----------
    values : array of shape (n,)
        Finite, in any order.

    Notes
    -----
    The algorithm of Hartigan and Hartigan (1985): the greatest convex minorant and the least concave majorant of the
    distribution are compared where they touch it, on an interval that shrinks around the mode until the distance there is no
    more than that beside it. As in R (diptest), no dip is below 1 / (2 n).

    Examples
    --------
    >>> dip([1, 1, 2, 2]), dip([0, 1, 3, 6])
    (0.25, 0.125)
    """
    at, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    n, upper = int(counts.sum()), counts.cumsum() / counts.sum()
    lower = upper - counts / n
    first, last, largest = 0, len(at), 1 / n
    while True:
        x, low, high = at[first:last], lower[first:last], upper[first:last]
        below, above = _hull(x, low), _hull(x, -high)
        minorant, majorant = np.interp(x, x[below], low[below]), np.interp(x, x[above], high[above])
        gap = majorant - minorant
        if gap[above].max() > gap[below].max():
            right = int(above[gap[above] == gap[above].max()][-1])
            left = int(below[below <= right][-1])
        else:
            left = int(below[gap[below] == gap[below].max()][0])
            right = int(above[above >= left][0])
        if gap[[left, right]].max() <= largest:
            return largest / 2
        # At its ends the interval is still to be looked at: many may share a value there, and the mode may be one value.
        beside = [*(high - minorant)[:left], *(majorant - low)[right + 1 :]]
        largest = max([largest, *map(float, beside)])
        if right - left == len(x) - 1:
            return largest / 2
        first, last = first + left, first + right + 1


def _hull(x: Floats, y: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the places of the corners of the greatest convex minorant of points in the order of x."""
    corners: list[int] = []
    xs, ys = x.tolist(), y.tolist()
    for i, (a, b) in enumerate(zip(xs, ys, strict=True)):
        while len(corners) > 1:
            j, k = corners[-2], corners[-1]
            if (ys[k] - ys[j]) * (a - xs[k]) < (b - ys[k]) * (xs[k] - xs[j]):
                break
            corners.pop()
        corners.append(i)
    return np.array(corners, dtype=np.int64)


@functools.cache
def even_dips(n: int, seed: int = 42) -> Floats:
    """Return the dips of even samples of n values, sorted: of all distributions with one mode, theirs are largest."""
    rng = generator(f"modes/{n}", seed)
    return np.sort([dip(rng.uniform(size=n)) for _ in range(DRAWS)])


def spread(values: Floats) -> Floats:
    """Spread equal values evenly over the room around them, half of the way to their neighbours; sorted.

    Counts and years stand on few values, and each of these would pass for a mode.

    Examples
    --------
    >>> spread(np.array([1.0, 0.0, 1.0])).tolist()
    [0.0, 0.75, 1.25]
    """
    at, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(at) == 1:
        return np.sort(values)
    half = np.diff(at) / 2
    left, right = np.r_[half[0], half], np.r_[half, half[-1]]
    place = np.sort(place)
    rank = np.arange(len(place)) - (counts.cumsum() - counts)[place]
    share = (rank + 0.5) / counts[place]
    return np.asarray(at[place] + np.where(share < 0.5, (2 * share - 1) * left[place], (2 * share - 1) * right[place]))


def modes(frame: pd.DataFrame, matrix: ModelMatrix, *, level: float = LEVEL, seed: int = 42) -> Modes:
    """Look for columns that have more than one mode, and less than their share of what the clustering sees.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features; missing values are left out.
    matrix : ModelMatrix
        Of these, as scaled.
    level : float
        Of the test of each column.
    seed : int

    Notes
    -----
    The dip test of Hartigan and Hartigan (1985): p is the share of even samples with a dip as large (Davison and Hinkley 1997,
    section 4.2). An even column has one mode, and most others with one have smaller dips, so that p is large for them.
    """
    shares, rows = matrix.feature_shares, []
    even = 1 / len(shares)
    for name in [c for c in frame.columns if c in shares.index]:
        known = frame[name].dropna().to_numpy(dtype=np.float64)
        size = min(len(known) - (len(known) % STEP if len(known) > 2 * STEP else 0), LARGEST)
        if size < len(known):
            known = known[sample(len(known), size, "modes/values", seed)]
        found = dip(spread(known))
        p = (1 + int((even_dips(len(known), seed) >= found).sum())) / (DRAWS + 1)
        share = float(shares[name])
        rows.append((name, found, p, share, even, p <= level and share < LOWERED * even))
    table = pd.DataFrame(rows, columns=["column", "dip", "p", "share", "even", "hidden"])
    return Modes(table, {"level": level, "draws": DRAWS, "lowered": LOWERED})
