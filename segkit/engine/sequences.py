"""Short sequences of months, as an autoencoder reads them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .matrix import Floats

HELD = 0.25  # share of the months, the last ones, that are held out
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Sequences:
    """All windows of some months in a row, market after market.

    Attributes
    ----------
    values : array of shape (n_windows, length, n_variables)
        Standard scores: each variable over all months of all markets.
    market : array of int, length n_windows
        Row of ``markets``.
    last : DatetimeIndex of length n_windows
        The month that each window ends with.
    markets : Index of str
    variables : tuple of str
    dropped : tuple of str
        Variables that never change.
    level : Series of float
        Logarithm of one plus the mean monthly revenue, by market.
    largest : Series of float
        The largest absolute standard score, by variable.
    """

    values: Floats = field(repr=False)
    market: NDArray[np.int64] = field(repr=False)
    last: pd.DatetimeIndex = field(repr=False)
    markets: pd.Index
    variables: tuple[str, ...]
    dropped: tuple[str, ...]
    level: pd.Series
    largest: pd.Series

    @property
    def length(self) -> int:
        """Months in a window."""
        return int(self.values.shape[1])

    @property
    def flat(self) -> Floats:
        """The windows as rows, month after month."""
        return self.values.reshape(len(self.values), -1)

    def by_market(self, rows: Floats) -> Floats:
        """Return the mean over the windows of each market of what stands in rows, one per window."""
        sums = np.zeros((len(self.markets), rows.shape[1]))
        np.add.at(sums, self.market, rows)
        return sums / np.bincount(self.market, minlength=len(self.markets))[:, None]

    def split(self) -> tuple[Mask, Mask]:
        """Return which windows a model may learn from, and which it is then tried on.

        Notes
        -----
        The last quarter of the months, and one window at least, is held out as a block. Windows that lie in both parts are in
        neither, since they would tell what is held out (Bergmeir, C. and Benitez, J. M. (2012). On the use of
        cross-validation for time series predictor evaluation. Information Sciences, 191, 192-213). With too few months for
        both parts nothing is held out.
        """
        ends, at = np.unique(self.last, return_inverse=True)
        months = len(ends) + self.length - 1
        first = months - max(self.length, round(HELD * months))  # number of the first month that is held out
        end = at.ravel() + self.length - 1
        learned, tried = end < first, end - self.length + 1 >= first
        return (learned, tried) if learned.any() else (np.ones(len(end), dtype=np.bool_), np.zeros(len(end), np.bool_))


def sequences(table: pd.DataFrame, length: int = 6) -> Sequences:
    """Cut a panel into windows.

    Parameters
    ----------
    table : DataFrame
        As ``Panel.table``: indexed by market and month, every month of every market, in order; a column ``revenue``.
    length : int
        Months in a window.

    Raises
    ------
    ValueError
        There are fewer months than that, or nothing ever changes.
    """
    markets, months = (table.index.unique(level=name) for name in ("market", "month"))
    n, t = len(markets), len(months)
    if t < length:
        raise ValueError(f"{t} months have no windows of {length}")
    raw = table.to_numpy(dtype=np.float64)
    middle, spread = raw.mean(axis=0), raw.std(axis=0)
    varies = spread > 1e-12 * np.maximum(1.0, np.abs(middle))
    if not varies.any():
        raise ValueError("nothing changes from month to month")
    scores = (raw[:, varies] - middle[varies]) / spread[varies]
    names = [str(c) for c in table.columns]
    cut = np.lib.stride_tricks.sliding_window_view(scores.reshape(n, t, -1), length, axis=1)  # windows come last
    values = np.ascontiguousarray(cut.transpose(0, 1, 3, 2)).reshape(n * (t - length + 1), length, -1)
    level = np.log1p(table["revenue"].to_numpy(dtype=np.float64).reshape(n, t).mean(axis=1).clip(min=0.0))
    kept = tuple(c for c, v in zip(names, varies, strict=True) if v)
    return Sequences(
        values=values,
        market=np.repeat(np.arange(n), t - length + 1),
        last=pd.DatetimeIndex(np.tile(months[length - 1 :], n)),
        markets=markets,
        variables=kept,
        dropped=tuple(c for c in names if c not in kept),
        level=pd.Series(level, index=markets, name="level"),
        largest=pd.Series(np.abs(scores).max(axis=0), index=list(kept), name="largest"),
    )


@dataclass(frozen=True)
class Linear:
    """Principal components of windows: the autoencoder that is linear.

    Attributes
    ----------
    values : array of shape (n_markets, n_dims)
        Mean over the windows of each market.
    error, mean_error : float
        Mean squared error on windows that are held out (in squared standard deviations of the variables): of so many
        components, and of the mean alone; NaN where nothing can be held out.
    dims : int
        Components.
    """

    values: Floats
    error: float
    mean_error: float
    dims: int


def linear(cut: Sequences, dims: int = 32) -> Linear:
    """Fit principal components to all windows, and to those that precede what is held out.

    Parameters
    ----------
    cut : Sequences
    dims : int
        Fewer where there are not that many.

    Notes
    -----
    Where windows hold no more numbers than there are components, nothing is lost and the error is zero.
    An autoencoder without nonlinearity spans the same space: Baldi, P. and Hornik, K. (1989). Neural networks and principal
    component analysis. Neural Networks, 2, 53-58.
    """
    flat, (learned, tried) = cut.flat, cut.split()
    middle, axes = _axes(flat, dims)
    values = cut.by_market((flat - middle) @ axes.T)
    error = alone = float("nan")
    if tried.any():
        early, own = _axes(flat[learned], dims)
        apart = flat[tried] - early
        error, alone = float(((apart - apart @ own.T @ own) ** 2).mean()), float((apart**2).mean())
    return Linear(values, error, alone, len(axes))


def _axes(rows: Floats, dims: int) -> tuple[Floats, Floats]:
    """Return the mean and the leading axes, each turned so that its largest weight is positive."""
    middle = rows.mean(axis=0)
    _, size, axes = np.linalg.svd(rows - middle, full_matrices=False)
    axes = axes[: min(dims, max(1, int((size > 1e-9 * max(size[0], 1e-300)).sum())))]
    return middle, axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
