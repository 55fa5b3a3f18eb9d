"""How much of an amount the largest units hold: Lorenz curve, Gini coefficient, share of the first tenth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..engine.matrix import Floats
from ..engine.unit_bootstrap import draws_for, interval, unit_counts
from ..privacy import SMALL_CELL
from .rates import COVERAGE, Estimate

TOP = 0.1  # of the units, the largest first
HEADS = 10  # and so many of them, whatever share that is
FINE = 10  # times as many resamples as usual: they cost little here, and an end may lie near half of the amount
STEPS = (20, 10, 5, 4, 2)  # into how many parts a curve is cut; the first whose parts are large enough to be shown


@dataclass(frozen=True)
class Concentration:
    """How unequally an amount is spread over units, the largest first.

    Attributes
    ----------
    share : Estimate
        Share of the amount that the first tenth of the units holds.
    first : Estimate
        Share of the amount that the first ten units hold; 1 where there are no more.
    gini : Estimate
        0 where all units hold the same, towards 1 where one holds all.
    table : DataFrame
        The curve: ``units`` (share of them, the largest first), ``amount`` (share that they hold), ``low``, ``high``.
    units : int
    total : float
        The amount of all units, those below zero counted as zero.
    below : int
        Units whose total is below zero.
    top : float
        The share of units of which ``share`` tells.
    seed : int
    """

    share: Estimate
    first: Estimate
    gini: Estimate
    table: pd.DataFrame
    units: int
    total: float
    below: int
    top: float
    seed: int

    @property
    def known(self) -> bool:
        """Whether there is anything to be shared."""
        return self.total > 0

    @property
    def shown(self) -> bool:
        """Whether the first tenth has units enough to be told of."""
        return self.known and self.top * self.units >= SMALL_CELL

    def to_json(self) -> dict[str, Any]:
        """Return plain values; None for what would describe too few units."""
        told = self.shown
        return {
            "units": self.units, "units_below_zero": None if 0 < self.below < SMALL_CELL else self.below, "top": self.top,
            "share": self.share.to_json() if told else None, "heads": HEADS, "first": self.first.to_json() if told else None,
            "gini": self.gini.to_json() if told else None,
            "curve": self.table.to_dict("list") if told else None,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def concentration(
    amounts: ArrayLike, *, name: str, seed: int, draws: int | None = None, level: float = COVERAGE
) -> Concentration:
    """Measure how unequally an amount is spread over units, with percentile intervals over resampled units.

    Parameters
    ----------
    amounts : array of float, length n_units
        Total of each unit. One below zero, where more was taken back than given, counts as zero, since shares of a sum with
        negative parts are no shares; how many there are is told.
    name : str
        Names the procedure, whose random draws are its own.
    seed : int
    draws : int, optional
        Resamples of units; `FINE` times `segkit.engine.unit_bootstrap.draws_for` when not given.
    level : float

    Raises
    ------
    ValueError
        An amount is missing or infinite.

    Notes
    -----
    Between units the curve is straight, so a tenth need not be a whole number of them. The Gini coefficient is twice the area
    between the curve and the diagonal, without a correction for few units: Gini, C. (1912); Lorenz, M. O. (1905),
    Publications of the American Statistical Association, 9, 209-219. Curves of heavy tails have intervals that are too
    short: the largest unit of all may not be among those at hand.

    Examples
    --------
    >>> found = concentration([4.0, 0.0, 0.0, 0.0], name="doc", seed=1, draws=9)
    >>> found.gini.value, round(found.share.value, 6)
    (0.75, 0.4)
    """
    values = np.asarray(amounts, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("amounts must be finite")
    n, held = (
        len(values),
        np.maximum(np.sort(values)[::-1], 0.0),
    )  # in one order, so that that of the input does not matter
    draws = draws or FINE * draws_for(n)
    at = np.linspace(0, 1, next((s for s in STEPS if n >= s * SMALL_CELL), 1) + 1)
    points = np.concatenate([at, [TOP, min(HEADS / max(n, 1), 1.0)]])
    value = _curves(held, np.ones((1, n)), points)[0]
    low = high = np.full(len(value), np.nan)
    if held.any():
        blocks = unit_counts(n, draws, f"concentration/{name}", seed)
        low, high = interval(np.concatenate([_curves(held, counts, points) for counts in blocks]), level)
    share, first, gini = (Estimate(float(value[i]), float(low[i]), float(high[i]), level, draws) for i in (-3, -2, -1))
    table = pd.DataFrame({"units": at, "amount": value[:-3], "low": low[:-3], "high": high[:-3]})
    return Concentration(share, first, gini, table, n, float(held.sum()), int((values < 0).sum()), TOP, seed)


def _curves(held: Floats, counts: Floats, points: Floats) -> Floats:
    """Return shares of the amount at shares of the units, and last the Gini coefficient; one row for each row of counts."""
    out = np.full((len(counts), len(points) + 1), np.nan)
    for row, own in zip(out, counts, strict=True):
        amount = np.concatenate([[0.0], np.cumsum(own * held)])
        if amount[-1] > 0:
            units, amount = np.concatenate([[0.0], np.cumsum(own)]) / own.sum(), amount / amount[-1]
            row[:-1] = np.interp(points, units, amount)
            row[-1] = np.diff(units) @ (amount[1:] + amount[:-1]) - 1
    return out
