"""Whether a score tells the outcome, and whether its numbers are probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.cross_validated import Area, placements
from ..engine.matrix import Floats
from .groups import compared, names_of
from .logistic import fit_logistic
from .rates import COVERAGE, difference, half_width, rate

BINS = 10
EDGE = 1e-6  # scores are kept so far from 0 and 1 where their log odds are taken
BIN_COLUMNS = ["low", "high", "units", "score", "events", "rate", "rate_low", "rate_high"]


@dataclass(frozen=True)
class ScoreCalibration:
    """A score beside the outcome that it predicts.

    Attributes
    ----------
    table : DataFrame
        One row per tenth of the units by score, ties kept together: ``low``, ``high`` (scores), ``units``, ``score`` (mean),
        ``events``, ``rate``, ``rate_low``, ``rate_high``.
    auc : Area
        Probability that a unit with the outcome scores above one without it; interval of DeLong.
    brier, brier_constant : float
        Mean squared distance of score and outcome; the same if everybody had the overall rate.
    score, rate : float
        Means of score and outcome.
    intercept, slope : tuple of float
        Value, low and high. The intercept is by how much the log odds of the outcome differ from those of the score; the slope
        by how much they rise with those of the score: 0 and 1 where the score is a probability. NaN where there is no
        finite answer.
    by_group : DataFrame
        One row per group: ``group``, ``units``, ``score`` (mean), ``events``, ``rate``, ``low``, ``high``; empty without groups.
    contradictions : list of tuple
        Pairs of groups, the first with the higher mean score, and with the lower rate beyond chance.
    missing : int
        Units without a score, which take no part.
    params : dict
    """

    table: pd.DataFrame
    auc: Area
    brier: float
    brier_constant: float
    score: float
    rate: float
    intercept: tuple[float, float, float]
    slope: tuple[float, float, float]
    by_group: pd.DataFrame
    contradictions: list[tuple[Any, Any]]
    missing: int
    params: dict[str, Any]

    @property
    def upside_down(self) -> bool:
        """Whether a higher score means the outcome less often, beyond chance."""
        return bool(self.auc.high < 0.5)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "bins": self.table.to_dict("records"), "auc": self.auc.to_json(), "upside_down": self.upside_down,
            "brier": self.brier, "brier_constant": self.brier_constant, "score": self.score, "rate": self.rate,
            "intercept": list(self.intercept), "slope": list(self.slope), "groups": self.by_group.to_dict("records"),
            "contradictions": [list(c) for c in self.contradictions], "missing": self.missing, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def score_calibration(
    score: pd.Series,
    outcome: pd.Series,
    groups: pd.Series | None = None,
    *,
    bins: int = BINS,
    least: int = 1,
    level: float = COVERAGE,
) -> ScoreCalibration:
    """Compare a score with the outcome that it predicts.

    Parameters
    ----------
    score : Series of float, length n_units
        Between 0 and 1; NaN where there is none.
    outcome : Series of bool, length n_units
    groups : Series of length n_units, optional
        All in one order.
    bins : int
        At most; fewer where many units share a score.
    least : int
        Units of a bin at least; one with fewer is put together with the next.
    level : float

    Raises
    ------
    ValueError
        A score is not between 0 and 1, or the lengths differ.

    Notes
    -----
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review, 78, 1-3. Cox,
    D. R. (1958). Two further applications of a model for binary regression. Biometrika, 45, 562-565, for intercept and slope.
    """
    s, y = score.to_numpy(dtype=np.float64, na_value=np.nan), outcome.to_numpy(dtype=bool)
    if len(s) != len(y) or (groups is not None and len(groups) != len(y)):
        raise ValueError("there must be one score, one outcome and one group per unit")
    known = ~np.isnan(s)
    s, y = s[known], y[known]
    if ((s < 0) | (s > 1)).any():
        raise ValueError("scores must lie between 0 and 1")
    by_group, against = _by_group(s, y, groups[known], level) if groups is not None else (pd.DataFrame(), [])
    share = float(y.mean()) if len(y) else np.nan
    intercept, slope = recalibrated(s, y, level)
    return ScoreCalibration(
        table=_binned(s, y, bins, least, level), auc=_area(s, y, level),
        brier=float(((s - y) ** 2).mean()) if len(y) else np.nan, brier_constant=share * (1 - share),
        score=float(s.mean()) if len(y) else np.nan, rate=share, intercept=intercept, slope=slope, by_group=by_group,
        contradictions=against, missing=int((~known).sum()), params={"bins": bins, "level": level},
    )  # fmt: skip


def _binned(s: Floats, y: NDArray[np.bool_], bins: int, least: int, level: float) -> pd.DataFrame:
    if not len(s):
        return pd.DataFrame(columns=BIN_COLUMNS)
    edges = np.unique(np.sort(s)[(np.arange(1, bins) * len(s) + bins - 1) // bins - 1])
    which = edges.searchsorted(s, side="left")  # a unit at an edge is below it, and so are its ties
    which = _joined(which, least)
    rows = []
    for own in (which == b for b in np.unique(which)):
        found = rate(int(y[own].sum()), int(own.sum()), level=level)
        head = (s[own].min(), s[own].max(), found.units, s[own].mean())
        rows.append((*head, found.events, found.share, found.low, found.high))
    return pd.DataFrame(rows, columns=BIN_COLUMNS)


def _joined(which: NDArray[np.int64], least: int) -> NDArray[np.int64]:
    """Join bins that follow each other until each has so many units; the last one joins the one before it."""
    units = np.bincount(which)
    into, number, held = np.zeros(len(units), dtype=np.int64), 0, 0
    for b, own in enumerate(units):
        into[b], held = number, held + own
        if held >= least:
            number, held = number + 1, 0
    return np.minimum(into, max(number - 1, 0))[which]


def _area(s: Floats, y: NDArray[np.bool_], level: float) -> Area:
    """Return the area under the curve of a score that was not learnt from these units, with DeLong's interval."""
    m, n = int(y.sum()), int((~y).sum())
    if not (m and n):
        return Area(np.nan, np.nan, np.nan, len(y), m, level)
    hits, misses = placements(s, y)
    value = float(hits.mean())
    if min(m, n) < 2:
        return Area(value, 0.0, 1.0, len(y), m, level)
    half = half_width(level) * float(np.sqrt(hits.var(ddof=1) / m + misses.var(ddof=1) / n))
    return Area(value, max(0.0, value - half), min(1.0, value + half), len(y), m, level)


def recalibrated(
    s: Floats, y: NDArray[np.bool_], level: float = COVERAGE
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return intercept (at slope one) and slope of the outcome on the log odds of the score, with normal intervals.

    Parameters
    ----------
    s : array of float, length n_units
        Between 0 and 1.
    y : array of bool, length n_units
    level : float

    Returns
    -------
    intercept, slope : tuple of float
        See `ScoreCalibration`.
    """
    nothing = (np.nan, np.nan, np.nan)
    if not (y.any() and not y.all()):
        return nothing, nothing
    inside = s.clip(EDGE, 1 - EDGE)
    odds = np.log(inside / (1 - inside))
    z, ones, outcome = half_width(level), np.ones((len(s), 1)), y.astype(np.float64)
    level_fit = fit_logistic(ones, outcome, offset=odds)
    centre, spread = odds.mean(), odds.std()
    found = []
    fits = [(level_fit, 1.0)]
    if spread > 0:
        fits.append((fit_logistic(np.column_stack([ones, (odds - centre) / spread]), outcome), float(spread)))
    for fit, unit in fits:
        value, half = fit.coefficients[-1] / unit, z * float(np.sqrt(fit.covariance[-1, -1])) / unit
        found.append((float(value), float(value - half), float(value + half)) if fit.finite else nothing)
    return found[0], found[1] if spread > 0 else nothing


def _by_group(
    s: Floats, y: NDArray[np.bool_], groups: pd.Series, level: float
) -> tuple[pd.DataFrame, list[tuple[Any, Any]]]:
    own = groups.notna().to_numpy()
    frame = pd.DataFrame({"group": groups[own].array, "score": s[own], "y": y[own]})
    names = names_of(frame["group"], None)
    found = frame.groupby("group", observed=True).agg(units=("y", "size"), events=("y", "sum"), score=("score", "mean"))
    found = found.reindex(names)
    rates = compared(names, found["events"].tolist(), found["units"].tolist(), level=level)
    table = rates[["group", "units", "events", "rate", "low", "high"]].copy()
    table.insert(2, "score", found["score"].to_numpy())
    against = []
    for a in table.itertuples():
        for b in table.itertuples():
            if a.score > b.score:
                gap = difference((a.events, b.events), (a.units, b.units), level=level)
                against += [(a.group, b.group)] if gap.high < 0 else []
    return table, against
