"""Fit the beta-geometric/NBD model ("buy till you die"), and ask whether it fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..privacy import suppressed
from ..thresholds import FIT_SHARE, LEVEL
from .bgnbd import Parameters, slope
from .matrix import Floats

LAST_BIN = 7  # repeat events from which on units are counted together, as in figure 2 of Fader, Hardie and Lee (2005)
FEWEST_UNITS, FEWEST_REPEATING = 30, 5  # below these, four parameters cannot be learnt
LEAST = 5.0  # units that a bin of the chi-squared test must expect (Cochran 1954, Biometrics, 10, 417-451)
BOUND = np.log(1e4)  # of the logarithms of the parameters, with the mean age as the unit of time
FLAT = 3.0  # standard error of a logarithm from which on the likelihood hardly says what the parameter is
STARTS = ((1.0, 1.0, 1.0), (0.3, 0.5, 2.0), (0.3, 3.0, 3.0), (3.0, 0.5, 5.0))  # r, a, b; alpha follows from the rate
FEW, NO_REPEATS, UNCLEAR = "few", "no_repeats", "unclear"
COLUMNS = ["parameter", "value", "low", "high"]


@dataclass(frozen=True)
class BuyTillYouDie:
    """The fitted model, and how well it reproduces how often units come back.

    Attributes
    ----------
    params : Parameters or None
        None where there is too little to learn from.
    table : DataFrame
        ``parameter``, ``value``, ``low``, ``high`` (normal intervals of the logarithms, from the observed information).
    histogram : DataFrame
        ``events`` (repeat events; the last row is of that many or more), ``actual`` units, ``expected`` units, ``hidden`` (too
        few units to be shown). Behind the gate it is empty.
    reason : {"", "few", "no_repeats", "unclear"}
        Why there is no fit to be relied on: too few units, too few of them with a repeat event, or a likelihood without a clear
        maximum, of which the best parameters are kept.
    log_likelihood : float
    alive : float
        Mean probability of being alive at the end.
    units, repeating : int
        Units, and those of them with a repeat event.
    gap : float
        The largest difference of the expected and the actual share of units over the bins; NaN without a fit.
    chi, p : float
        Chi-squared test of the histogram; NaN where there are too few bins.
    freedom : int
    convergence : dict
        ``starts``, ``agree`` (starts that end at the best likelihood), ``gradient`` (largest derivative of the mean
        log-likelihood there).
    time : str
        The unit of time of ages and of ``alpha``.
    level : float
        Of the intervals.
    """

    params: Parameters | None
    table: pd.DataFrame
    histogram: pd.DataFrame
    reason: str
    log_likelihood: float
    alive: float
    units: int
    repeating: int
    gap: float
    chi: float
    p: float
    freedom: int
    convergence: dict[str, float]
    time: str
    level: float

    @property
    def fitted(self) -> bool:
        """Whether the parameters are those of a clear maximum."""
        return not self.reason

    @property
    def close(self) -> bool:
        """Whether no share is further off than a threshold, `segkit.thresholds.FIT_SHARE`."""
        return self.gap <= FIT_SHARE

    @property
    def fits(self) -> bool:
        """Whether there is a fit whose shares are close, or off by no more than chance explains (p of the test)."""
        return self.fitted and (self.close or self.p >= LEVEL)

    def to_json(self) -> dict[str, Any]:
        """Return plain values; bins that are too small to be shown have none."""
        shown = self.histogram.drop(columns="hidden").astype({"actual": object})
        shown.loc[self.histogram["hidden"], "actual"] = None
        return {
            "reason": self.reason, "fits": self.fits, "parameters": self.table.to_dict("records"),
            "log_likelihood": self.log_likelihood, "alive": self.alive, "units": self.units, "largest_difference": self.gap,
            "chi_squared": self.chi, "degrees_of_freedom": self.freedom, "p": self.p, "histogram": shown.to_dict("records"),
            "convergence": self.convergence, "time": self.time, "level": self.level,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def summary(unit: ArrayLike, day: ArrayLike, cutoff: Any, *, days: float = 7.0) -> pd.DataFrame:
    """Make repeats, time of the last event and age from events, in weeks from each unit's first.

    Parameters
    ----------
    unit : array, length n_events
    day : array of datetime64, length n_events
        Times of day are cut off, and events of one unit and day are one.
    cutoff : date
        The last day that counts: events on it do, later ones do not; and ages end with it.
    days : float
        Days in a unit of time.

    Returns
    -------
    DataFrame
        ``x``, ``t_x``, ``age`` by unit, of those with an event by the cutoff, sorted.

    Examples
    --------
    >>> when = np.array(["2026-01-01", "2026-01-15", "2026-01-15", "2026-02-01"], dtype="datetime64[D]")
    >>> summary(["u", "u", "u", "u"], when, np.datetime64("2026-01-22")).to_dict("records")
    [{'x': 1, 't_x': 2.0, 'age': 3.0}]
    """
    frame = pd.DataFrame({"unit": np.asarray(unit), "day": pd.to_datetime(np.asarray(day)).floor("D")})
    end = pd.Timestamp(cutoff).floor("D")
    by = frame[frame["day"] <= end].drop_duplicates().groupby("unit")["day"].agg(["size", "min", "max"])
    one = pd.Timedelta(days=days)
    return pd.DataFrame(
        {"x": by["size"] - 1, "t_x": (by["max"] - by["min"]) / one, "age": (end - by["min"]) / one}, index=by.index
    )


def buy_till_die(
    x: ArrayLike, t_x: ArrayLike, age: ArrayLike, *, time: str = "week", level: float = 0.95
) -> BuyTillYouDie:
    """Fit the model by maximum likelihood, and compare how many units it expects to have come back how often.

    Parameters
    ----------
    x : array of int, length n_units
        Repeat events: those after the first.
    t_x, age : array of float, length n_units
        Time from the first event to the last one, and to the date at which one looks.
    time : str
        What the unit of time is called.
    level : float
        Of the intervals of the parameters.

    Raises
    ------
    ValueError
        A number is negative or not finite, or a last event is later than the date. Too little data is no error: the result
        says so.

    Notes
    -----
    L-BFGS-B over the logarithms of the parameters, with derivatives, from four fixed starts; times are divided by the mean
    age. The histogram sums over units the probability of each number of repeats by the unit's own age. Bins of the
    chi-squared test are joined from the tail until each expects five units, and four degrees are taken for the parameters.
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). Marketing Science, 24, 275-284.
    """
    n, last, end = (np.asarray(v, dtype=np.float64) for v in (x, t_x, age))
    if not np.isfinite([n, last, end]).all() or min(v.min(initial=0) for v in (n, last, end)) < 0:
        raise ValueError("repeats and times must be finite and not negative")
    if (last > end * (1 + 1e-9)).any():
        raise ValueError("a last event is later than the date")
    repeating = int((n > 0).sum())
    reason = FEW if len(n) < FEWEST_UNITS else NO_REPEATS if repeating < FEWEST_REPEATING or not end.any() else ""
    params: Parameters | None = None
    convergence: dict[str, float] = {}
    table = pd.DataFrame(columns=COLUMNS)
    if not reason:
        params, convergence, spread = _maximum(n, last, end)
        reason = "" if (spread < FLAT).all() else UNCLEAR
        table = _table(params, spread, level)
    histogram = _histogram(params, n, end)
    chi, p, freedom = _chi_squared(histogram)
    gap = float((histogram["expected"] - histogram["actual"]).abs().max() / max(len(n), 1))
    return BuyTillYouDie(
        params=params, table=table, histogram=histogram, reason=reason,
        log_likelihood=float(params.log_likelihood(n, last, end).sum()) if params else np.nan,
        alive=float(params.alive(n, last, end).mean()) if params else np.nan,
        units=len(n), repeating=repeating, gap=gap, chi=chi, p=p, freedom=freedom, convergence=convergence, time=time, level=level,
    )  # fmt: skip


def _maximum(x: Floats, t_x: Floats, age: Floats) -> tuple[Parameters, dict[str, float], Floats]:
    """Return the best parameters, how the search went, and the standard errors of their logarithms (infinite at an edge)."""
    from scipy.optimize import minimize

    scale, n = float(age.mean()), len(x)
    last, end = t_x / scale, age / scale

    def down(logs: Floats) -> tuple[float, Floats]:
        p = Parameters(*np.exp(logs))
        return -float(p.log_likelihood(x, last, end).sum()) / n, -slope(p, x, last, end) / n

    pace = x.sum() / end.sum()
    begin = [np.log([r, r / pace, a, b]) for r, a, b in STARTS]
    tight = {"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-8}
    found = [
        minimize(down, at, jac=True, method="L-BFGS-B", bounds=[(-BOUND, BOUND)] * 4, options=tight) for at in begin
    ]
    best = min(found, key=lambda f: float(f.fun))
    step = 1e-4 * np.eye(4)
    curved = np.array([(down(best.x + s)[1] - down(best.x - s)[1]) / 2e-4 for s in step])
    spread = np.full(4, np.inf)
    if (np.abs(best.x) < BOUND - 1e-3).all() and (np.linalg.eigvalsh((curved + curved.T) / 2) > 0).all():
        spread = np.sqrt(np.diag(np.linalg.inv((curved + curved.T) / 2)) / n)
    r, alpha, a, b = (float(v) for v in np.exp(best.x))
    agree = sum(float(f.fun) - float(best.fun) < 1e-6 for f in found)
    convergence = {"starts": len(found), "agree": agree, "gradient": float(np.abs(best.jac).max())}
    return Parameters(r, alpha * scale, a, b), convergence, spread


def _table(params: Parameters, spread: Floats, level: float) -> pd.DataFrame:
    from scipy.stats import norm

    values, wide = np.array(params), norm.ppf((1 + level) / 2) * np.where(np.isfinite(spread), spread, np.nan)
    return pd.DataFrame(
        {"parameter": Parameters._fields, "value": values, "low": values * np.exp(-wide), "high": values * np.exp(wide)}
    )


def _histogram(params: Parameters | None, x: Floats, age: Floats) -> pd.DataFrame:
    """Count units by their repeat events, and what the model expects of their ages."""
    bins = np.arange(LAST_BIN + 1)
    actual = np.bincount(np.minimum(x, LAST_BIN).astype(np.int64), minlength=LAST_BIN + 1)
    expected = np.full(LAST_BIN + 1, np.nan)
    if params:
        ages, units = np.unique(age, return_counts=True)
        expected = units @ params.pmf(bins, ages[:, None])
        expected[-1] = len(x) - expected[:-1].sum()
    counts = pd.Series(actual)
    return pd.DataFrame({"events": bins, "actual": counts, "expected": expected, "hidden": suppressed(counts)})


def _chi_squared(histogram: pd.DataFrame) -> tuple[float, float, int]:
    """Test the histogram: chi squared, p, degrees of freedom; NaN where too few bins are large enough."""
    from scipy.stats import chi2

    groups, actual, expected = [], 0.0, 0.0
    for row in histogram[::-1].itertuples():
        actual, expected = actual + row.actual, expected + row.expected
        if expected >= LEAST:
            groups.append((actual, expected))
            actual = expected = 0.0
    freedom = len(groups) - 1 - len(Parameters._fields)
    if freedom < 1:
        return np.nan, np.nan, max(freedom, 0)
    groups[-1] = (groups[-1][0] + actual, groups[-1][1] + expected)  # the first bins, where they expect too few units
    chi = float(sum((seen - said) ** 2 / said for seen, said in groups))
    return chi, float(chi2.sf(chi, freedom)), freedom
