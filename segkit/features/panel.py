"""Markets month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from .counted import SUMS, Counted, Floats, Sold, added, counted, ratio

Growth = Literal["log", "published"]

VARIABLES = (
    "revenue", "quantity", "orders", "customers", "line_revenue", "order_value", "subcategories", "product_lines",
    "discount", "revenue_growth", "quantity_growth",
)  # fmt: skip
GROWN = {"revenue_growth": "revenue", "quantity_growth": "quantity"}
FLOOR = 0.01  # share of a market's mean month that is added before logarithms are taken
TINY = 1e-6  # what the published growth adds to the month before


@dataclass(frozen=True)
class Panel:
    """Markets month by month.

    Attributes
    ----------
    table : DataFrame
        Indexed by ``market`` and ``month``, every month of every market: ``revenue``, ``quantity``, ``orders``,
        ``customers``, ``line_revenue`` (per order line), ``order_value`` (revenue per order), ``subcategories`` and
        ``product_lines`` (distinct ones sold), ``discount`` (mean share over order lines), ``revenue_growth`` and
        ``quantity_growth`` (against the month before). A month without sales is zero throughout.
    markets : Index of str
    months : DatetimeIndex
        First days.
    growth : {"log", "published"}
    """

    table: pd.DataFrame
    markets: pd.Index
    months: pd.DatetimeIndex
    growth: Growth

    def wide(self, name: str = "revenue") -> pd.DataFrame:
        """Return one variable, markets by months."""
        values = self.table[name].to_numpy().reshape(-1, len(self.months))
        return pd.DataFrame(values, index=self.markets, columns=self.months)

    def within(self, months: pd.DatetimeIndex | Sequence[pd.Timestamp]) -> Panel:
        """Return the same for some consecutive months, as if nothing else were known."""
        kept = self.months[self.months.isin(months)]
        table = self.table[self.table.index.get_level_values("month").isin(kept)].copy()
        for name, of in GROWN.items():
            table[name] = growth(table[of].to_numpy().reshape(-1, len(kept)), self.growth).ravel()
        return Panel(table, self.markets, kept, self.growth)

    def _repr_html_(self) -> str:
        return self.table.to_html(border=0)


def growth(values: Floats, kind: Growth = "log") -> Floats:
    """Return growth from month to month; zero in the first month, of which nothing is known.

    Parameters
    ----------
    values : array of shape (n_markets, n_months)
        Not negative.
    kind : {"log", "published"}
        ``log``: log((x + c) / (p + c)), with p the month before and c one hundredth of the market's mean month. It is
        symmetric (a fall and the rise that makes it good add up to zero), has no unit, and a month without sales cannot
        carry it away. ``published``: (x - p) / (p + 0.000001), which explodes after a month of next to nothing.

    Examples
    --------
    >>> growth(np.array([[100.0, 50.0, 100.0]])).round(3).tolist()
    [[0.0, -0.685, 0.685]]
    >>> growth(np.array([[100.0, 50.0, 100.0]]), "published").round(3).tolist()
    [[0.0, -0.5, 1.0]]
    """
    out = np.zeros(values.shape)
    if kind == "log":
        out[:, 1:] = np.diff(floored_log(values), axis=1)
    else:
        out[:, 1:] = np.diff(values, axis=1) / (values[:, :-1] + TINY)
    return out


def floored_log(values: Floats) -> Floats:
    """Return the logarithm of each value plus one hundredth of the mean of its row; zeros for a row without any value.

    Notes
    -----
    A month that refunds make negative counts as one without sales.
    """
    held = np.maximum(values, 0.0)
    floor = FLOOR * held.mean(axis=1, keepdims=True)
    out: Floats = np.log(np.where(floor > 0, held + floor, 1.0))
    return out


def panel(sales: Sold | Counted, *, growth: Growth = "log", customers: Floats | None = None) -> Panel:
    """Make the panel of markets.

    Parameters
    ----------
    sales : Sales or Counted
        The latter (see `counted`) where it is asked for many times.
    growth : {"log", "published"}
        See `growth`.
    customers : array of length n_customers, optional
        How often each row of ``Counted.customers`` counts; once when not given.

    Notes
    -----
    A customer who is drawn twice is two customers, with two times the orders; kinds are those that any customer drawn
    bought, of which a sample can only have fewer.
    """
    own = sales if isinstance(sales, Counted) else counted(sales)
    n, t = len(own.markets), len(own.months)
    at = own.place
    weight = None if customers is None else customers[own.customer]
    sums = {
        name: added(at, values if weight is None else values * weight, n * t)
        for name, values in zip(SUMS, own.sums, strict=True)
    }
    columns = {
        "revenue": sums["revenue"],
        "quantity": sums["quantity"],
        "orders": sums["orders"],
        "customers": added(at, weight, n * t),
        "line_revenue": ratio(sums["revenue"], sums["lines"]),
        "order_value": ratio(sums["revenue"], sums["orders"]),
        **{name: kinds.count(customers) for name, kinds in own.kinds_by_month.items()},
        "discount": ratio(sums["discount"], sums["lines"]),
    }
    for name, of in GROWN.items():
        columns[name] = _growth(columns[of].reshape(n, t), growth).ravel()
    table = pd.DataFrame(np.column_stack([columns[v] for v in VARIABLES]), index=own.index, columns=list(VARIABLES))
    return Panel(table, own.markets, own.months, growth)


_growth = growth  # which the parameter of that name hides
