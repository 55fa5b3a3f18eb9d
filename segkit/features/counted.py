"""Sales as counts and sums that weights of customers can be put on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

SUMS = ("revenue", "quantity", "orders", "lines", "discount")
SPENT = ("recent", "lifetime", "lines", "discount")
KINDS = {"subcategories": "subcategory", "product_lines": "product_line"}  # what is counted, and by which column


class Sold(Protocol):
    """What is asked of sales here, see `segkit.data.sales.Sales`."""

    @property
    def cells(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def kinds(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def spend(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def markets(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def as_of(self) -> pd.Timestamp: ...  # noqa: D102
    @property
    def months(self) -> pd.DatetimeIndex: ...  # noqa: D102


@dataclass(frozen=True)
class Distinct:
    """Which customers bought which kinds where, for counts of distinct kinds.

    Attributes
    ----------
    customer, group : array of int, length n_rows
        Row of ``Counted.customers``, and number of the distinct pair of place and kind.
    place : array of int, length n_groups
        Where each of these pairs belongs.
    size : int
        How many places there are.
    """

    customer: Codes
    group: Codes
    place: Codes
    size: int

    def count(self, weights: Floats | None) -> Floats:
        """Return how many kinds were bought in each place by customers whose weight is not zero."""
        if weights is None:
            return added(self.place, None, self.size)
        bought = np.zeros(len(self.place), dtype=np.bool_)
        bought[self.group[weights[self.customer] > 0]] = True
        return added(self.place[bought], None, self.size)


@dataclass(frozen=True)
class Counted:
    """Sales in the form in which customers can be weighted many times over.

    Attributes
    ----------
    customers : DataFrame of shape (n_customers, 2)
        ``market`` and ``customer``: one row per customer of a market. Weights are arrays of this length.
    markets : Index of str
    months : DatetimeIndex
        First days; no month is left out.
    index : MultiIndex
        ``market`` and ``month``, each with each.
    as_of : Timestamp
    channels : tuple of str
    market : array of int, length n_customers
        Number of the market of each customer.
    known : array of bool, length n_customers
        Who had bought by the as-of date.
    spent : dict of str to array of length n_customers
        Revenue of the twelve months before the as-of date (``recent``) and up to it (``lifetime``), order lines, and the sum
        of their discounts.
    by_channel : array of shape (n_channels, n_customers)
        Lifetime revenue.
    kinds : dict of str to Distinct
        By market, up to the as-of date.
    place, customer : array of int, length n_cells
        Number of market and month, and row of ``customers``, of each cell.
    sums : array of shape (5, n_cells)
        Revenue, quantity, orders, lines, and the sum of the discounts of lines.
    kinds_by_month : dict of str to Distinct
    """

    customers: pd.DataFrame
    markets: pd.Index
    months: pd.DatetimeIndex
    index: pd.MultiIndex
    as_of: pd.Timestamp
    channels: tuple[str, ...]
    market: Codes = field(repr=False)
    known: NDArray[np.bool_] = field(repr=False)
    spent: dict[str, Floats] = field(repr=False)
    by_channel: Floats = field(repr=False)
    kinds: dict[str, Distinct] = field(repr=False)
    place: Codes = field(repr=False)
    customer: Codes = field(repr=False)
    sums: Floats = field(repr=False)
    kinds_by_month: dict[str, Distinct] = field(repr=False)

    def drawn(self, rng: np.random.Generator) -> Floats:
        """Return how often each customer is in a bootstrap sample of the customers of each market.

        Notes
        -----
        Markets are a population and are kept; their customers are the sample (Efron, B. and Tibshirani, R. J. (1993). An
        introduction to the bootstrap. Chapman and Hall, chapter 8: strata are drawn from one by one).
        """
        out = np.empty(len(self.market))
        for own in range(len(self.markets)):
            rows = np.flatnonzero(self.market == own)
            if len(rows):
                out[rows] = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)))
        return out


def counted(sales: Sold) -> Counted:
    """Number customers, months and kinds once, so that draws of customers cost little.

    Parameters
    ----------
    sales : Sales

    Notes
    -----
    The unit that is weighted is a customer of a market; one who buys in two markets is one in each. Kinds count up to the
    as-of date by whole months: those of the month that holds it count only when it is the month's last day.
    """
    markets, months = pd.Index(sales.markets.index), sales.months
    cells = sales.cells[sales.cells["month"].isin(months)]
    inside = sales.kinds[sales.kinds["month"].isin(months)]
    before = sales.kinds[sales.kinds["month"] + pd.offsets.MonthEnd(0) <= sales.as_of.normalize()]
    both = ["market", "customer"]
    before = before.drop_duplicates([*both, *KINDS.values()])
    everyone = pd.concat([frame[both] for frame in (sales.spend, cells, inside, before)])
    customers = everyone.drop_duplicates().sort_values(both, ignore_index=True)
    numbers = pd.MultiIndex.from_frame(customers)

    def numbered(frame: pd.DataFrame) -> Codes:
        return numbers.get_indexer(pd.MultiIndex.from_frame(frame[both])).astype(np.int64)

    def places(frame: pd.DataFrame) -> Codes:
        return markets.get_indexer(frame["market"]) * len(months) + months.get_indexer(frame["month"])

    payer, channels = numbered(sales.spend), tuple(sorted(sales.spend["channel"].unique()))
    through = [(sales.spend["channel"] == c).to_numpy() for c in channels]
    n = len(markets)
    return Counted(
        customers=customers,
        markets=markets,
        months=months,
        index=pd.MultiIndex.from_product([markets, months], names=["market", "month"]),
        as_of=sales.as_of,
        channels=channels,
        market=markets.get_indexer(customers["market"]).astype(np.int64),
        known=np.bincount(payer, minlength=len(customers)) > 0,
        place=places(cells),
        customer=numbered(cells),
        sums=cells[list(SUMS)].to_numpy(dtype=np.float64).T.copy(),
        kinds_by_month={
            k: _distinct(inside[c], numbered(inside), places(inside), n * len(months)) for k, c in KINDS.items()
        },
        kinds={
            k: _distinct(before[c], numbered(before), markets.get_indexer(before["market"]), n)
            for k, c in KINDS.items()
        },
        spent={name: added(payer, sales.spend[name], len(customers)) for name in SPENT},
        by_channel=np.array([added(payer[c], sales.spend["lifetime"][c], len(customers)) for c in through]),
    )


def _distinct(kinds: pd.Series, customers: Codes, places: Codes, size: int) -> Distinct:
    """Number the distinct kinds of each place; codes below zero are no kinds."""
    codes = kinds.to_numpy(dtype=np.int64)
    is_kind = codes >= 0
    codes, customers, places = codes[is_kind], customers[is_kind], np.asarray(places, dtype=np.int64)[is_kind]
    width = int(codes.max(initial=0)) + 1
    groups, number = np.unique(places * width + codes, return_inverse=True)
    return Distinct(customers, number.ravel().astype(np.int64), groups // width, size)


def added(at: Codes, values: Floats | pd.Series | None, size: int) -> Floats:
    """Add values up by place; without any, count."""
    return np.bincount(at, weights=values, minlength=size).astype(np.float64)


def ratio(top: Floats, bottom: Floats) -> Floats:
    """Divide; zero where there is nothing to divide by."""
    return np.divide(top, bottom, out=np.zeros(top.shape), where=bottom > 0)
