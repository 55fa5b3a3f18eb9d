"""Which pairs of an offline channel and an online platform stand out, without falling for the luckiest of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .rates import COVERAGE
from .winners import best_of_many

MINIMUM = 20  # contacts that a pair needs
DISCOVERY = 0.05  # false discovery rate at which a pair is said to stand out


@dataclass(frozen=True)
class Combinations:
    """Rates of all pairs of an offline channel and an online platform.

    Attributes
    ----------
    table : DataFrame
        One row per pair: ``offline``, ``online``, then the columns of `winners.Winners.table` but for ``group``; ``p`` and ``q``
        are against all units that are not in the pair, and ``wins``.
    winners : list of tuple of str
        Pairs whose rate is above that of everyone: the false discovery rate is at most ``DISCOVERY`` and the posterior
        interval lies above the overall rate. By falling posterior mean.
    everyone : tuple of int
        Events and units in all.
    prior : tuple of float
        Mean of the rates of pairs, and the units that this knowledge is worth.
    params : dict
    """

    table: pd.DataFrame
    winners: list[tuple[str, str]]
    everyone: tuple[int, int]
    prior: tuple[float, float]
    params: dict[str, Any]

    @property
    def overall(self) -> float:
        """The rate of everyone; NaN where there is nobody."""
        return self.everyone[0] / self.everyone[1] if self.everyone[1] else np.nan

    @property
    def luckiest(self) -> tuple[str, str] | None:
        """The pair with the highest rate as it is, which is what must not be taken for the best."""
        known = self.table[self.table["enough"]]
        if known.empty:
            return None
        row = known.loc[known["share"].idxmax()]
        return str(row["offline"]), str(row["online"])

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "pairs": self.table.to_dict("records"), "winners": [list(w) for w in self.winners],
            "everyone": list(self.everyone), "prior": list(self.prior), "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def combinations(
    offline: pd.DataFrame,
    online: pd.DataFrame,
    outcome: pd.Series,
    *,
    minimum: int = MINIMUM,
    level: float = COVERAGE,
) -> Combinations:
    """Compare the rates of all pairs of an offline channel and an online platform.

    Parameters
    ----------
    offline, online : DataFrame of bool, n_units rows
        One column per channel, or platform: whether the unit was touched there. A unit may be in many pairs.
    outcome : Series of bool, length n_units
        All in one order.
    minimum : int
        Pairs with fewer units are listed, but take no part.
    level : float
        Of the posterior intervals.

    Raises
    ------
    ValueError
        The lengths differ.

    Notes
    -----
    See `winners.best_of_many`. The pairs overlap, so that their false discovery rate is that of Benjamini and Yekutieli;
    the posterior takes pairs as independent all the same. Touches are chosen by and for contacts: that a pair stands out
    is no effect of it.
    """
    if not len(offline) == len(online) == len(outcome):
        raise ValueError("there must be one row of each table and one outcome per unit")
    y = outcome.to_numpy(dtype=np.float64)
    one, two = offline.to_numpy(dtype=np.float64), online.to_numpy(dtype=np.float64)
    units, events = (one.T @ two).astype(int), ((one * y[:, None]).T @ two).astype(int)
    pairs = [(str(a), str(b)) for a in offline.columns for b in online.columns]
    everyone = (int(y.sum()), len(y))
    found = best_of_many(
        pairs, events.ravel(), units.ravel(), minimum=minimum, overlapping=True, everyone=everyone, level=level
    )
    table = found.table.drop(columns="group")
    table.insert(0, "offline", [a for a, _ in pairs])
    table.insert(1, "online", [b for _, b in pairs])
    overall = everyone[0] / everyone[1] if everyone[1] else np.nan
    table["wins"] = (table["q"] <= DISCOVERY) & (table["low"] > overall)
    ranked = table[table["wins"]].sort_values("posterior", ascending=False, kind="stable")
    winners = list(zip(ranked["offline"], ranked["online"], strict=True))
    params = {"minimum": minimum, "level": level, "discovery": DISCOVERY}
    return Combinations(table, winners, everyone, (found.prior.mean, found.prior.worth), params)
