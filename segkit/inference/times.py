"""Times to an event, some of them beyond the end of the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .rates import COVERAGE, Estimate, half_width


@dataclass(frozen=True)
class Survival:
    """How long units go without an event, some of them beyond the end of the record.

    Attributes
    ----------
    table : DataFrame
        One row per time of an event: ``time``, ``at_risk``, ``events``, ``survival``, ``low``, ``high`` (log-log).
    units : int
    follow_up : float
        The last time at which a unit was under observation.
    level : float
    """

    table: pd.DataFrame
    units: int
    follow_up: float
    level: float

    def at(self, time: float) -> tuple[float, float, float]:
        """Return the share without an event up to and including a time, with its interval."""
        before = self.table[self.table["time"] <= time]
        if before.empty:
            return 1.0, np.nan, np.nan
        last = before.iloc[-1]
        return float(last["survival"]), float(last["low"]), float(last["high"])

    @property
    def median(self) -> float:
        """The first time at which at most half are without an event; NaN where the record ends before."""
        half = self.table[self.table["survival"] <= 0.5 + 1e-9]  # products of fractions are not exact
        return float(half["time"].iloc[0]) if len(half) else np.nan

    def restricted_mean(self, until: float) -> Estimate:
        """Return the mean time without an event within a limit, with a normal interval.

        Notes
        -----
        The area under the curve; its variance adds, over the times of events, the squared area that remains times
        d / (n (n - d)). Royston, P. and Parmar, M. K. B. (2013), BMC Medical Research Methodology, 13, 152.
        """
        value, variance = self.area(until)
        spread = half_width(self.level) * float(np.sqrt(variance))
        return Estimate(value, max(0.0, value - spread), min(until, value + spread), self.level, 0)

    def area(self, until: float) -> tuple[float, float]:
        """Return the mean time without an event within a limit, and its variance; see `restricted_mean`."""
        rows = self.table[self.table["time"] <= until]
        edges = np.concatenate([[0.0], rows["time"], [until]])
        steps = np.concatenate([[1.0], rows["survival"]]) * np.diff(edges)
        left = steps[::-1].cumsum()[::-1][1:]  # area from each event on
        d, n = rows["events"].to_numpy(float), rows["at_risk"].to_numpy(float)
        term = np.divide(d, n * (n - d), out=np.zeros(len(d)), where=n > d)
        return float(steps.sum()), float((left**2 * term).sum())

    def known(self, until: float) -> bool:
        """Tell whether the curve reaches a time: some unit is observed so long, or none is left without the event."""
        gone = len(self.table) and float(self.table["survival"].iloc[-1]) < 1e-12
        return bool(self.follow_up >= until or gone)

    def to_json(self) -> dict[str, Any]:
        """Return plain values; the steps stay in the table."""
        return {"units": self.units, "follow_up": self.follow_up, "median": self.median, "level": self.level}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def restricted_difference(first: Survival, second: Survival, until: float) -> tuple[float, float, float]:
    """Return how much longer the first group goes without an event within a limit, with the limits of a normal interval.

    Parameters
    ----------
    first, second : Survival
        Of independent groups; the level is that of the first.
    until : float

    Returns
    -------
    difference, low, high : float
        In the unit of the times; NaN where a curve does not reach the limit. See `Survival.restricted_mean`.
    """
    if not (first.units and second.units and first.known(until) and second.known(until)):
        return np.nan, np.nan, np.nan
    (one, spread), (two, other) = first.area(until), second.area(until)
    if not (spread and other):  # without an event there is no telling how far off a mean may be
        return one - two, np.nan, np.nan
    half = half_width(first.level) * float(np.sqrt(spread + other))
    return one - two, max(-until, one - two - half), min(until, one - two + half)


def kaplan_meier(times: ArrayLike, events: ArrayLike, *, level: float = COVERAGE) -> Survival:
    """Estimate the share without an event over time, from times some of which are censored.

    Parameters
    ----------
    times : array of float, length n_units
        To the event, or to the end of the record; one row per unit.
    events : array of bool, length n_units
        Whether it was the event.
    level : float

    Notes
    -----
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the American
    Statistical Association, 53, 457-481. The variance is Greenwood's, the interval symmetric for log(-log S).
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    t, e = np.asarray(times, dtype=np.float64), np.asarray(events, dtype=bool)
    columns = ["time", "at_risk", "events", "survival", "low", "high"]
    if not len(t) or not e.any():
        return Survival(pd.DataFrame(columns=columns, dtype="float64"), len(t), float(max(t, default=0.0)), level)
    found = SurvfuncRight(t, e.astype(int))
    s, se = np.asarray(found.surv_prob), np.asarray(found.surv_prob_se)
    inside = (s > 0) & (s < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = half_width(level) * se / (s * np.log(s))
        low, high = s ** np.exp(-spread), s ** np.exp(spread)
    table = pd.DataFrame(
        {"time": found.surv_times, "at_risk": found.n_risk, "events": found.n_events, "survival": s,
         "low": np.where(inside, low, np.nan), "high": np.where(inside, high, np.nan)}
    )  # fmt: skip
    return Survival(table[table["events"] > 0].reset_index(drop=True), len(t), float(t.max()), level)


def log_rank(times: ArrayLike, events: ArrayLike, groups: ArrayLike) -> tuple[float, float, int]:
    """Test whether groups share one curve: chi squared, p, degrees of freedom; NaN where there is nothing to compare.

    Mantel, N. (1966). Evaluation of survival data and two new rank order statistics arising in its consideration. Cancer
    Chemotherapy Reports, 50, 163-170.
    """
    from scipy.stats import chi2
    from statsmodels.duration.survfunc import survdiff

    t, e, g = np.asarray(times, dtype=np.float64), np.asarray(events, dtype=int), np.asarray(groups)
    freedom = len(np.unique(g)) - 1
    if freedom < 1 or not e.any():
        return np.nan, np.nan, max(freedom, 0)
    chi, _ = survdiff(t, e, g)
    return float(chi), float(chi2.sf(chi, freedom)), freedom  # its own p, one less the rest, ends at 1e-16
