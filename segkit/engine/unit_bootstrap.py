"""Bootstrap of units: rows of one unit are drawn together, since they are not independent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..seeds import generator
from .matrix import Floats

DRAWS = 1000
LARGE = 20_000  # units above which a fifth of the draws is enough: the intervals are narrow by then
BLOCK = 4_000_000  # weights that are held at a time


def draws_for(units: int) -> int:
    """Return how many resamples are drawn for that many units.

    >>> draws_for(2_000), draws_for(50_000)
    (1000, 200)
    """
    return DRAWS if units <= LARGE else DRAWS // 5


def unit_counts(units: int, draws: int, name: str, seed: int) -> Iterator[Floats]:
    """Yield how often each unit is drawn in each resample, some resamples at a time.

    Parameters
    ----------
    units : int
    draws : int
        Resamples in all.
    name : str
        The procedure that draws.
    seed : int
        The study's root seed.

    Yields
    ------
    array of shape (some, units)
        Whole numbers; each row sums to ``units``.

    Notes
    -----
    Efron, B. (1979). Bootstrap methods: another look at the jackknife. The Annals of Statistics, 7, 1-26.
    """
    random = generator(name, seed)
    each = max(1, BLOCK // max(units, 1))
    for begin in range(0, draws, each):
        some = min(each, draws - begin)
        drawn = random.integers(0, units, size=(some, units))
        counts = np.zeros((some, units))
        for row, picks in zip(counts, drawn, strict=True):
            row += np.bincount(picks, minlength=units)
        yield counts


def interval(values: NDArray[np.float64], level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the percentile interval over the first axis; resamples in which nothing can be computed are left out.

    Examples
    --------
    >>> low, high = interval(np.arange(101.0), 0.9)
    >>> round(float(low), 9), round(float(high), 9)
    (5.0, 95.0)
    """
    values = np.asarray(values, dtype=np.float64)
    if not len(values) or np.isnan(values).all():
        empty = np.full(values.shape[1:], np.nan)
        return empty, empty.copy()
    tail = (1 - level) / 2
    known = ~np.isnan(values).all(axis=0)
    out = np.full((2, *values.shape[1:]), np.nan)
    out[:, known] = np.nanquantile(values[:, known], [tail, 1 - tail], axis=0)
    return out[0], out[1]
