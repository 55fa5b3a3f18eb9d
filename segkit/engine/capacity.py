"""How many of those who are active anyway an order reaches, when only so many can be approached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..privacy import SMALL_CELL
from .forecasts import POLICIES, Forecast
from .matrix import Floats
from .rankings import reach, totals
from .unit_bootstrap import draws_for, interval
from .usefulness import Panel

RANDOM = "random"
ORDERS = (*POLICIES, RANDOM)  # those that are always there


@dataclass(frozen=True)
class Capacity:
    """Reach of each order over the number of units that are approached: means of the dates.

    Attributes
    ----------
    table : DataFrame
        ``order``, ``approached`` (units that are within the window, each once), ``reached`` (of them active within it),
        ``low``, ``high``; and, paired, ``less_segments`` (reached less what the order of the segments reaches) with
        ``less_low``, ``less_high``.
    units, active : float
        Units to choose from, and active ones among them; means of the dates.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    units: float
    active: float
    params: dict[str, Any]
    seed: int

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders that are there, the segments first and chance last."""
        return tuple(dict.fromkeys(self.table["order"]))

    def curve(self, order: str) -> pd.DataFrame:
        """Return the rows of one order."""
        return self.table[self.table["order"] == order].reset_index(drop=True)

    @property
    def shown(self) -> pd.DataFrame:
        """The rows at those numbers of units at which no order reaches so few units that they must be hidden."""
        small = (self.table[["approached", "reached"]].min(axis=1) < SMALL_CELL) & (self.table["order"] != RANDOM)
        hidden = self.table.loc[small, "approached"]
        return self.table[~self.table["approached"].isin(hidden)].reset_index(drop=True)

    def to_json(self, key: str = "approached") -> dict[str, Any]:
        """Return the curves as plain values; ``key`` is that of the units approached."""
        columns, shown = [key, "reached", "low", "high"], self.shown.rename(columns={"approached": key})
        return {
            **{o: shown.loc[shown["order"] == o, columns].to_dict("list") for o in self.orders},
            "units": self.units,
            "active": self.active,
            "params": self.params,
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def capacity(
    forecasts: Sequence[Forecast],
    in_order: pd.Index,
    approached: Sequence[float],
    *,
    seed: int,
    draws: int | None = None,
    level: float = 0.95,
) -> Capacity:
    """Count, for each order and number of units, how many of those who were active anyway it reaches.

    Parameters
    ----------
    forecasts : sequence of Forecast
        At least one.
    in_order : Index
        All units in canonical order.
    approached : sequence of float
        Units that are approached within the window.
    seed : int
    draws : int, optional
        Resamples of units; see `draws_for`.
    level : float

    Notes
    -----
    Ties are broken at random, and the expected number is returned; an order by chance reaches their number times the share of
    active units. Nothing here is an effect of approaching: those who are counted were active without it.
    """
    panel, points = Panel(forecasts, in_order), np.asarray(approached, dtype=np.float64)
    draws = draws or draws_for(len(panel.units))
    point = _reached(panel, panel.ones(), points)[0]
    drawn = np.concatenate([_reached(panel, c, points) for c in panel.resamples("capacity/bootstrap", seed, draws)])
    low, high = interval(drawn, level)
    less_low, less_high = interval(drawn - drawn[:, :1], level)
    parts = [
        pd.DataFrame(
            {"order": order, "approached": points, "reached": point[i], "low": low[i], "high": high[i],
             "less_segments": point[i] - point[0], "less_low": less_low[i], "less_high": less_high[i]}
        )
        for i, order in enumerate((*panel.policies, RANDOM))
    ]  # fmt: skip
    return Capacity(
        table=pd.concat(parts, ignore_index=True),
        units=float(np.mean([len(f.segment) for f in forecasts])),
        active=float(np.mean([f.active.sum() for f in forecasts])),
        params={"draws": draws, "level": level, "dates": len(forecasts)},
        seed=seed,
    )


def _reached(panel: Panel, counts: Floats, points: Floats) -> Floats:
    """Return the mean over dates of the reach, of shape (n_samples, n_orders, n_points)."""
    out = np.zeros((len(counts), len(panel.policies) + 1, len(points)))
    for d, places in enumerate(panel.places):
        own = counts[:, places]
        for p, ranked in enumerate(panel.rankings[d]):
            out[:, p] += reach(*totals(ranked, panel.active[d], own), points)
        everyone, hits = own.sum(axis=1), own @ panel.active[d].astype(np.float64)
        share = np.minimum(points[None, :] / np.maximum(everyone, 1)[:, None], 1.0)
        out[:, -1] += share * hits[:, None]
    return out / len(panel.forecasts)
