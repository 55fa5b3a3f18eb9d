"""What markets are made of and how they move: the features that they are segmented by."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import numpy as np
import pandas as pd

from .counted import Counted, Floats, Sold, added, counted, ratio
from .panel import Growth, Panel, floored_log, growth, panel
from .table import Column, FeatureTable, canonical_order

TIERS = {"platinum": 2000.0, "gold": 1000.0, "silver": 500.0}  # revenue of twelve months, from which on
YEAR = 12  # months
CONSTANT = "constant"  # the block of features that are the same in every market, or unknown in all

SERIES = (
    Column("level", "series", "log", "natural logarithm of one plus the mean monthly revenue", "revenue level"),
    Column("trend", "series", "log/year", "slope of the logarithm of monthly revenue", "trend"),
    Column(
        "curvature", "series", "log/year", "slope in the second half of the months less slope in the first", "change of trend"
    ),
    Column("volatility", "series", "log", "standard deviation of monthly growth around its mean", "volatility"),
    Column(
        "seasonality", "series", "share", "share of the variance around the trend that goes with the month of the year",
        "seasonal strength",
    ),
    Column(
        "growth", "series", "log", "logarithm of the revenue of the last twelve months over that of the twelve before", "growth"
    ),
    Column("autocorrelation", "series", "", "correlation around the trend with the month before", "autocorrelation"),
    Column("order_value_trend", "series", "log/year", "slope of the logarithm of revenue per order", "trend of order values"),
)  # fmt: skip
STRUCTURE = (
    Column("discount", "structure", "share", "mean discount of order lines", "discount"),
    *(
        Column(t, "structure", "share", f"share of customers with {t} revenue in the twelve months before", f"{t} customers")
        for t in TIERS
    ),
    Column("lifetime_value", "structure", "money", "mean revenue of customers so far", "lifetime value"),
    Column("product_lines", "structure", "product lines", "distinct product lines sold", "product lines"),
    Column("subcategories", "structure", "subcategories", "distinct product subcategories sold", "subcategories"),
)  # fmt: skip


class Wanted(Protocol):
    """What is asked of settings here."""

    @property
    def growth(self) -> Growth: ...  # noqa: D102


def statics(sales: Sold | Counted, *, customers: Floats | None = None) -> pd.DataFrame:
    """Return what markets are made of, up to the as-of date.

    Parameters
    ----------
    sales : Sales or Counted
    customers : array of length n_customers, optional
        How often each row of ``Counted.customers`` counts; once when not given.

    Returns
    -------
    DataFrame
        By market: ``discount``, ``platinum``, ``gold`` and ``silver`` (shares of the customers by what they paid in the
        twelve months before, see ``TIERS``; the others are Bronze), ``lifetime_value``, ``product_lines``,
        ``subcategories``, and ``channel_1``, ... (share of the revenue through each channel but the last).
    """
    own = sales if isinstance(sales, Counted) else counted(sales)
    weight = own.known.astype(np.float64) if customers is None else customers * own.known

    def total(values: Floats) -> Floats:
        return added(own.market, values * weight, len(own.markets))

    number, lifetime = total(np.ones(len(weight))), total(own.spent["lifetime"])
    out = {"discount": ratio(total(own.spent["discount"]), total(own.spent["lines"]))}
    recent, upper = np.round(own.spent["recent"], 2), np.inf  # sums of cents, whatever order they were added in
    for name, least in TIERS.items():
        out[name] = ratio(total(((recent >= least) & (recent < upper)).astype(np.float64)), number)
        upper = least
    out["lifetime_value"] = ratio(lifetime, number)
    for name in ("product_lines", "subcategories"):
        out[name] = own.kinds[name].count(customers)
    for i, paid in enumerate(own.by_channel[:-1], start=1):
        out[f"channel_{i}"] = ratio(total(paid), lifetime)
    return pd.DataFrame(out, index=own.markets)


def series_features(panel: Panel) -> pd.DataFrame:
    """Return how the revenue of markets moves, in a few numbers that can be read.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    DataFrame
        By market, see ``SERIES``. Seasonality and growth are NaN with less than two years of months.

    Notes
    -----
    Logarithms are of revenue plus one hundredth of the market's mean month, see `panel.growth`. Trends are by least squares;
    what is left of each series around its trend is R plus S, with S the means of the months of the year. Seasonal strength
    is 1 - var(R) / var(R + S), not below zero, with variances per degree of freedom, so that noise alone gives about zero.
    Wang, X., Smith, K. and Hyndman, R. (2006). Characteristic-based clustering for time series data. Data Mining and
    Knowledge Discovery, 13, 335-364; Hyndman, R. J., Wang, E. and Laptev, N. (2015). Large-scale unusual time series
    detection. IEEE International Conference on Data Mining Workshops, 1616-1619.
    """
    revenue = panel.wide().to_numpy()
    logs, t = floored_log(revenue), len(panel.months)
    when, month = np.arange(t) / YEAR, panel.months.month.to_numpy()
    line = np.column_stack([np.ones(t), when])
    around = logs - _fitted(logs, line)
    half = t // 2
    moved = growth(revenue)[:, 1:]
    years = t >= 2 * YEAR
    both = np.maximum([revenue[:, -YEAR:].sum(axis=1), revenue[:, -2 * YEAR : -YEAR].sum(axis=1)], 0.0)
    size = np.maximum(revenue.mean(axis=1), 0.0)
    unknown = np.full(len(revenue), np.nan)
    return pd.DataFrame(
        {
            "level": np.log1p(size),
            "trend": _slope(logs, when),
            "curvature": _slope(logs[:, -half:], when[-half:]) - _slope(logs[:, :half], when[:half])
            if half > 2
            else 0.0,
            "volatility": moved.std(axis=1, ddof=1) if t > 2 else 0.0,
            "seasonality": _strength(logs, line, month) if years else unknown,
            "growth": np.diff(floored_log(both.T), axis=1)[:, 0] * -1 if years else unknown,
            "autocorrelation": _lagged(around),
            "order_value_trend": _slope(floored_log(panel.wide("order_value").to_numpy()), when),
        },
        index=panel.markets,
    )


def _fitted(values: Floats, design: Floats) -> Floats:
    out: Floats = (design @ np.linalg.lstsq(design, values.T, rcond=None)[0]).T
    return out


def _slope(values: Floats, when: Floats) -> Floats:
    """Return the slope of each row by least squares."""
    apart = when - when.mean()
    out: Floats = values @ apart / max(float(apart @ apart), 1e-300)
    return out


def _strength(logs: Floats, line: Floats, month: np.ndarray) -> Floats:
    """Return the share of the variance around a line that goes with the month of the year."""
    kinds = np.unique(month)
    full = np.column_stack([line, month[:, None] == kinds[1:]])
    t = len(line)
    whole = ((logs - _fitted(logs, line)) ** 2).sum(axis=1) / (t - line.shape[1])
    left = ((logs - _fitted(logs, full)) ** 2).sum(axis=1) / (t - full.shape[1])
    return np.maximum(0.0, 1.0 - np.divide(left, whole, out=np.ones(len(logs)), where=whole > 1e-18))


def _lagged(around: Floats) -> Floats:
    """Return the autocorrelation at lag one; zero for a series that lies on its line."""
    power = (around**2).sum(axis=1)
    return np.divide(
        (around[:, 1:] * around[:, :-1]).sum(axis=1), power, out=np.zeros(len(around)), where=power > 1e-18
    )


def market_frame(sales: Sold | Counted, kind: Growth = "log", *, customers: Floats | None = None) -> pd.DataFrame:
    """Return all features, constant ones too, markets as they come; for draws of customers.

    Parameters
    ----------
    sales : Sales or Counted
    kind : {"log", "published"}
        Of growth in the panel.
    customers : array of length n_customers, optional
        See `statics`.
    """
    own = sales if isinstance(sales, Counted) else counted(sales)
    moves = series_features(panel(own, growth=kind, customers=customers))
    made = statics(own, customers=customers)
    values = np.hstack([moves.to_numpy(dtype=np.float64), made.to_numpy(dtype=np.float64)])
    return pd.DataFrame(values, index=own.markets, columns=[*moves.columns, *made.columns])


def market_features(sales: Sold | Counted, settings: Wanted) -> FeatureTable:
    """Return what markets are segmented by.

    Parameters
    ----------
    sales : Sales or Counted
    settings : Markets

    Returns
    -------
    FeatureTable
        Blocks ``series`` and ``structure``. What is the same in every market, or unknown, stands in the block
        ``constant``, which the model does not use.
    """
    own = sales if isinstance(sales, Counted) else counted(sales)
    frame = market_frame(own, settings.growth)
    mixed = tuple(
        Column(f"channel_{i}", "structure", "share", f"share of the revenue through {name}", f"{name} share")
        for i, name in enumerate(own.channels[:-1], start=1)
    )
    low, high = frame.min(), frame.max()
    varies = high - low > 1e-12 * np.maximum(high.abs(), low.abs())
    columns = tuple(
        c if varies[c.name] else Column(c.name, CONSTANT, c.unit, c.meaning, c.label)
        for c in (*SERIES, *STRUCTURE, *mixed)
    )
    used = tuple(b for b in ("series", "structure") if any(c.block == b for c in columns))
    as_of: datetime = own.as_of.to_pydatetime()
    return FeatureTable(canonical_order(frame.astype("float64")), columns, used, as_of, TIERS)
