"""Does a unit's segment tell what comes next: means of segments at a date against what is known of the unit itself."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import generator
from ..thresholds import LEVEL
from .matrix import Floats
from .unit_bootstrap import interval, unit_counts

SEGMENT = "segment mean"
FORECASTS = (
    SEGMENT,
    "segment, all periods",
    "own last",
    "own mean",
    "all units",
    "all units, all periods",
    "no growth",
)
RIVALS = ("own last", "own mean", "all units")  # beside which a segment has to be of use
RESAMPLES, SHUFFLES = 1000, 999
FLOOR = 0.01
FEWEST_ORIGINS, FEWEST_UNITS = 4, 3  # below, nothing can be said of chance


@dataclass(frozen=True)
class Backtest:
    """Forecasts of growth that were made at successive dates, and how far off they were.

    Attributes
    ----------
    forecasts : DataFrame
        One row per origin and unit: ``origin``, ``unit``, ``segment`` there, ``actual`` (growth that followed), and one
        column per forecast of ``FORECASTS``.
    table : DataFrame
        One row per forecast: ``forecast``, ``mae`` (mean absolute error); and for all but ``SEGMENT`` its error less that of
        the segment: ``difference``, ``low``, ``high`` (above zero: the segment is nearer), ``verdict`` ("better" or "worse"
        for the segment, empty where the interval holds zero or there is none).
    by_origin : DataFrame of shape (n_origins, n_forecasts)
        Mean absolute errors.
    chance : float
        Mean absolute error of segments of the same sizes dealt out at random, one deal for all origins, on average.
    p : float
        Share of such deals that are at least as near as the segments, these counted among them.
    reason : str
        Why nothing, or nothing of chance, can be said; else empty.
    params : dict
    seed : int
    """

    forecasts: pd.DataFrame
    table: pd.DataFrame
    by_origin: pd.DataFrame
    chance: float
    p: float
    reason: str
    params: dict[str, Any]
    seed: int

    @property
    def winner(self) -> str | None:
        """The forecast with the least error, the first of equals; None where there is none."""
        known = self.table.dropna(subset="mae")
        return str(known.loc[known["mae"].idxmin(), "forecast"]) if len(known) else None

    def verdict(self, rival: str) -> str:
        """Return whether the segment's mean is "better" or "worse" than a rival beyond chance; empty where neither."""
        return str(self.table.set_index("forecast").loc[rival, "verdict"]) if len(self.table) else ""

    @property
    def helps(self) -> bool:
        """Whether the segment's mean beats every one of ``RIVALS``, and segments at random, each beyond chance.

        No correction for their number is due where all must be beaten: Berger, R. L. (1982). Multiparameter hypothesis
        testing and acceptance sampling. Technometrics, 24, 295-300.
        """
        return self.p <= LEVEL and all(self.verdict(r) == "better" for r in RIVALS)

    def to_json(self) -> dict[str, Any]:
        """Return errors, differences and verdicts."""
        return {
            "forecasts": self.table.to_dict("records"), "winner": self.winner, "helps": self.helps,
            "random_segments": {"mae": self.chance, "p": self.p}, "reason": self.reason or None,
            "by_origin": {str(o): row.to_dict() for o, row in self.by_origin.iterrows()},
            "params": self.params, "seed": self.seed,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def growth(levels: pd.DataFrame, horizon: int, lag: int) -> pd.DataFrame:
    """Return the growth of sums over ``horizon`` periods against those ``lag`` periods earlier.

    Parameters
    ----------
    levels : DataFrame of shape (n_periods, n_units)
        Amounts, without gaps in time; a sum below zero counts as nothing.
    horizon, lag : int
        Periods.

    Returns
    -------
    DataFrame of shape (n_periods, n_units)
        log((sum + c) / (earlier sum + c)), with c the share ``FLOOR`` of the mean of the unit's sums so far, so that a period
        of nothing cannot carry it away; zero where there never was anything; missing in the first ``horizon + lag - 1``
        periods.

    Examples
    --------
    >>> growth(pd.DataFrame({"a": [1.0, 0, 3, 3, 0, 0]}), 2, 2).round(3)["a"].tolist()
    [nan, nan, nan, 1.765, 0.0, -5.446]
    """
    sums = levels.rolling(horizon).sum().clip(lower=0)  # rounding can leave a sum of nothing just below zero
    floor = FLOOR * sums.expanding().mean()
    before = sums.shift(lag)
    ratio = (sums + floor) / (before + floor).where(floor > 0)
    return pd.DataFrame(np.log(ratio).mask((floor == 0) & before.notna(), 0.0), levels.index, levels.columns)


def backtest(
    levels: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    horizon: int = 3,
    lag: int | None = None,
    level: float = 1 - LEVEL,
    seed: int = 42,
) -> Backtest:
    """Forecast the growth of the next periods at each origin, from what was known there.

    Parameters
    ----------
    levels : DataFrame of shape (n_periods, n_units)
        An amount per period and unit, periods in order and without gaps; see `growth`.
    labels : DataFrame of int of shape (n_units, n_origins)
        Segments that were fitted at each origin, on data up to its period, which is the column's name and one of the
        periods; 0 for a unit in no segment, which takes no part there.
    horizon : int
        Periods that are forecast together: three months are a quarter.
    lag : int, optional
        Periods back to what growth is measured against; ``horizon`` when not given. Twelve months take the season out.
    level : float
        Of the intervals.
    seed : int

    Raises
    ------
    ValueError
        An origin is no period, a unit has no levels, or a level is missing.

    Notes
    -----
    At an origin the last growth of each unit is known, and those that end ``horizon``, twice ``horizon``, ... periods
    earlier: "own last" and their "own mean". "Segment mean" is that of the last growth over the unit's segment, itself
    included; "all units" the same over everybody; "all periods" are means of the own means.

    Intervals resample origins in circular blocks (Politis, D. N. and Romano, J. P. (1992). A circular block-resampling
    procedure for stationary data. In Exploring the Limits of Bootstrap, Wiley, 263-270), long enough to hold two horizons
    of growth, and independently of them units (Owen, A. B. (2007). The pigeonhole bootstrap. The Annals of Applied
    Statistics, 1, 386-411, which errs on the wide side). A mean over any group is calmer than one unit and may be
    nearer for that alone; hence the segments at random.
    """
    lag = horizon if lag is None else lag
    _check(levels, labels)
    past = growth(levels, horizon, lag)
    periods = {period: i for i, period in enumerate(levels.index)}
    names = labels.index
    rows, origins, groups = [], [], []
    for origin in labels:
        at = periods[origin]
        if at < horizon + lag - 1 or at + horizon >= len(levels):
            continue
        known = past[names].iloc[at % horizon : at + 1 : horizon].dropna().to_numpy()
        rows.append((known[-1], known.mean(axis=0), past[names].iloc[at + horizon].to_numpy()))
        origins.append(origin)
        groups.append(labels[origin].to_numpy(dtype=np.int64))
    params = {"horizon": horizon, "lag": lag, "level": level, "origins": len(origins), "units": len(names),
              "resamples": RESAMPLES, "shuffles": SHUFFLES}  # fmt: skip
    if not rows:
        return _nothing("no origin has enough periods before it and after it", params, seed)
    last, mean, actual = (np.array(part) for part in zip(*rows, strict=True))
    own = np.array(groups)
    made = _forecasts(last, mean, own)
    off = {name: np.where(own > 0, np.abs(values - actual), np.nan) for name, values in made.items()}
    if np.isnan(off[SEGMENT]).all():
        return _nothing("no unit is in a segment at any origin", params, seed)
    shown = _long(names, origins, own, actual, made)
    few = len(origins) < FEWEST_ORIGINS or len(names) < FEWEST_UNITS
    params["block"] = block = max(1, min(-(-2 * horizon // _step(periods, origins)), len(origins) // 2))
    table = _compared(off, None if few else _weights(len(origins), len(names), block, seed), level)
    chance, p = (np.nan, np.nan) if few else _random(last, own, actual, float(np.nanmean(off[SEGMENT])), seed)
    by_origin = pd.DataFrame({n: np.nanmean(o, axis=1) for n, o in off.items()}, index=pd.Index(origins, name="origin"))
    reason = f"{len(origins)} origins and {len(names)} units are too few to tell chance" if few else ""
    return Backtest(shown, table, by_origin, chance, p, reason, params, seed)


def _check(levels: pd.DataFrame, labels: pd.DataFrame) -> None:
    if not levels.index.is_monotonic_increasing or not levels.index.is_unique:
        raise ValueError("the periods of the levels must be in order, each of them once")
    if len(strange := labels.columns.difference(levels.index)):
        raise ValueError(f"an origin is none of the periods: {strange[0]}")
    if len(strange := labels.index.difference(levels.columns)):
        raise ValueError(f"a unit has no levels: {strange[0]}")
    values = levels[labels.index].to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("a level is missing or infinite")


def _forecasts(last: Floats, mean: Floats, own: np.ndarray) -> dict[str, Floats]:
    """Return the forecasts, each of shape (n_origins, n_units)."""
    everyone = np.ones(last.shape)
    return {
        SEGMENT: _within(last, own), FORECASTS[1]: _within(mean, own), "own last": last, "own mean": mean,
        "all units": last.mean(axis=1, keepdims=True) * everyone,
        FORECASTS[5]: mean.mean(axis=1, keepdims=True) * everyone, "no growth": 0 * everyone,
    }  # fmt: skip


def _within(values: Floats, own: np.ndarray) -> Floats:
    """Return the mean over the segment of each unit, origin by origin."""
    same = (own[:, :, None] == own[:, None, :]).astype(np.float64)
    means: Floats = np.einsum("oij,oj->oi", same, values) / same.sum(axis=2)
    return means


def _step(periods: dict[Hashable, int], origins: Sequence[Hashable]) -> int:
    """Return the least number of periods between two origins."""
    return min(np.diff([periods[o] for o in origins]).tolist(), default=1)


def _weights(origins: int, units: int, block: int, seed: int) -> tuple[Floats, Floats]:
    """Return how often each origin and each unit is drawn, of shape (RESAMPLES, origins) and (RESAMPLES, units)."""
    rng = generator("backtest/origins", seed)
    starts = rng.integers(origins, size=(RESAMPLES, -(-origins // block)))
    drawn = ((starts[:, :, None] + np.arange(block)) % origins).reshape(RESAMPLES, -1)[:, :origins]
    times = (drawn[:, :, None] == np.arange(origins)).sum(axis=1).astype(np.float64)
    return times, np.concatenate(list(unit_counts(units, RESAMPLES, "backtest/units", seed)))


def _compared(off: dict[str, Floats], weights: tuple[Floats, Floats] | None, level: float) -> pd.DataFrame:
    rows = []
    for name, errors in off.items():
        gap = errors - off[SEGMENT]
        difference, low, high = (float(np.nanmean(gap)), np.nan, np.nan) if name != SEGMENT else (np.nan,) * 3
        if weights is not None and name != SEGMENT:
            known = ~np.isnan(gap)
            total, count = (np.einsum("ro,ou,ru->r", weights[0], x, weights[1], optimize=True)
                            for x in (np.where(known, gap, 0.0), known.astype(np.float64)))  # fmt: skip
            means = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
            low, high = (float(end) for end in interval(means, level))
        verdict = "better" if low > 0 else "worse" if high < 0 else ""
        rows.append((name, float(np.nanmean(errors)), difference, low, high, verdict))
    return pd.DataFrame(rows, columns=["forecast", "mae", "difference", "low", "high", "verdict"])


def _random(last: Floats, own: np.ndarray, actual: Floats, observed: float, seed: int) -> tuple[float, float]:
    """Deal the histories of segments out among the units anew; return the mean error, and how often it is as low."""
    rng = generator("backtest/segments at random", seed)
    errors = []
    for _ in range(SHUFFLES):
        dealt = own[:, rng.permutation(own.shape[1])]
        errors.append(float(np.abs(_within(last, dealt) - actual)[dealt > 0].mean()))
    return float(np.mean(errors)), (1 + sum(e <= observed + 1e-12 for e in errors)) / (1 + SHUFFLES)


def _long(
    names: pd.Index, origins: Sequence[Hashable], own: np.ndarray, actual: Floats, made: dict[str, Floats]
) -> pd.DataFrame:
    flat = {name: values.ravel() for name, values in made.items()}
    table = pd.DataFrame(
        {"origin": np.repeat(pd.Index(origins), len(names)), "unit": np.tile(names, len(origins)),
         "segment": own.ravel(), "actual": actual.ravel(), **flat}
    )  # fmt: skip
    return table[table["segment"] > 0].reset_index(drop=True)


def _nothing(reason: str, params: dict[str, Any], seed: int) -> Backtest:
    columns = ["origin", "unit", "segment", "actual", *FORECASTS]
    table = pd.DataFrame(columns=["forecast", "mae", "difference", "low", "high", "verdict"])
    return Backtest(
        pd.DataFrame(columns=columns), table, pd.DataFrame(columns=list(FORECASTS)), np.nan, np.nan, reason, params, seed
    )  # fmt: skip
