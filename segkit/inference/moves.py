"""How often units move between states, per day at risk, with intervals over the subscribers that they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..engine.unit_bootstrap import draws_for, interval, unit_counts
from ..features.chat_stages import DAY, MOVES, at_risk
from .rates import COVERAGE, FEW_EVENTS

COLUMNS = ["move", "state", "events", "subscribers", "pair_days", "rate", "low", "high", "method"]


@dataclass(frozen=True)
class MoveRates:
    """Rates of the moves of a multi-state model.

    Attributes
    ----------
    table : DataFrame
        One row per move: ``move``, ``state`` in which it happens, ``events``, ``subscribers`` that made it, ``pair_days`` at
        risk, ``rate`` (events per pair and day), ``low``, ``high``, ``method`` ("bootstrap" of subscribers, or "Poisson" where
        there are few events); NaN where nobody is at risk.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int

    def of(self, move: str, state: str) -> pd.Series:
        """Return the row of one move."""
        return self.table.set_index(["move", "state"]).loc[(move, state)]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"moves": self.table.to_dict("records"), "params": self.params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def move_rates(spells: pd.DataFrame, *, seed: int = 42, draws: int | None = None, level: float = COVERAGE) -> MoveRates:
    """Divide the moves by the days on which they could have happened.

    Parameters
    ----------
    spells : DataFrame
        As in `segkit.features.chat_stages.Prospective`.
    seed : int
    draws : int, optional
        Resamples of subscribers; see `segkit.engine.unit_bootstrap.draws_for`.
    level : float

    Notes
    -----
    Events by days at risk are the maximum likelihood estimate where the rate is constant. With fewer than ten events, or where
    all are of one subscriber, the interval is exact for events that happen independently of each other: Garwood, F. (1936).
    Fiducial limits for the Poisson distribution. Biometrika, 28, 437-442. It is too short where those of a subscriber go
    together.
    """
    codes, names = pd.factorize(spells["subscriber"])
    days = ((spells["end"] - spells["start"]) / DAY).to_numpy(dtype=np.float64)
    parts = []
    for move, state in MOVES:
        risk = at_risk(spells, move, state).to_numpy(dtype=bool)
        hit = risk & (spells["move"] == move).to_numpy(dtype=bool)
        parts.append([np.bincount(codes, weights=w, minlength=len(names)) for w in (hit, np.where(risk, days, 0.0))])
    events, exposed = np.array(parts).transpose(1, 2, 0)  # each of shape (n_subscribers, n_moves)
    draws = draws or draws_for(len(names))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = [(c @ events) / (c @ exposed) for c in unit_counts(len(names), draws, "inference/moves", seed)]
    low, high = interval(np.where(np.isfinite(drawn := np.concatenate(found)), drawn, np.nan), level)
    rows = []
    for i, (move, state) in enumerate(MOVES):
        n, units, risk_days = int(events[:, i].sum()), int((events[:, i] > 0).sum()), float(exposed[:, i].sum())
        few = n < FEW_EVENTS or units < 2
        limits = _exact(n, risk_days, level) if few else (float(low[i]), float(high[i]))
        rate = n / risk_days if risk_days else np.nan
        rows.append((move, state, n, units, risk_days, rate, *limits, "Poisson" if few else "bootstrap"))
    return MoveRates(pd.DataFrame(rows, columns=COLUMNS), {"draws": draws, "level": level}, seed)


def _exact(events: int, exposed: float, level: float) -> tuple[float, float]:
    """Return Garwood's limits of a rate."""
    from scipy.stats import chi2

    if not exposed:
        return np.nan, np.nan
    tail = (1 - level) / 2
    low = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    return low / exposed, float(chi2.isf(tail, 2 * events + 2)) / 2 / exposed
