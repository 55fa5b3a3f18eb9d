"""A made-up star schema of sales whose markets belong to known groups.

Twelve territories in six countries sell for three years and nine days. Three groups of four differ in their trend, in their
season, in what their customers spend, in discounts and in channels; within each group the largest territory sells more than
three times as much as the smallest one, and sizes are the same from group to group, so that size tells nothing of the group.
All names and numbers are invented; no record of any sample is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segkit import scratch
from segkit.seeds import ROOT, generator

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GROWING, SEASONAL, DECLINING, ALIKE = "growing", "seasonal", "declining", "alike"
COUNTRIES = {  # name: planted group, territory group, regions
    "Arvenia": (GROWING, "West", ("Arven Coast", "Arven Hills")),
    "Belmora": (GROWING, "East", ("Upper Belmora", "Lower Belmora")),
    "Corvania": (SEASONAL, "West", ("Corvan Bay", "Corvan Plain")),
    "Drelland": (SEASONAL, "East", ("North Drell", "South Drell")),
    "Estovar": (DECLINING, "West", ("Estovar City", "Estovar Valley")),
    "Fennmark": (DECLINING, "East", ("Inner Fenn", "Outer Fenn")),
}
SIZES = (0.6, 0.9, 1.3, 2.0)  # of the territories of a group; dealt out at random
FIRST, MONTHS, TAIL = "2021-01", 36, 9  # the first month, complete months, and days of the month after them
REVENUE = 15_000.0  # expected in a month, of a territory of size 1 in the middle of the time
LINES = 1.5  # of an order, on average
PRODUCTS = {"M": 3, "R": 3, "S": 2, "T": 1}  # subcategories of each product line, with four products each
OFFERS = {1: ("No Discount", 0.0), 2: ("Volume Discount", 0.05), 3: ("Seasonal Discount", 0.1), 4: ("Clearance", 0.2)}


@dataclass(frozen=True)
class _Habits:
    """How the markets of a group sell."""

    trend: float  # growth of orders in a year, as a logarithm
    season: float  # how far December is above the mean of a year, as a share of it
    order: float  # typical value of an order
    loyalty: float  # orders of a customer
    discounted: float  # share of the lines with a discount
    online: float  # share of the customers


HABITS = {
    GROWING: _Habits(0.35, 0.1, 560.0, 9.0, 0.05, 0.3),
    SEASONAL: _Habits(0.0, 0.7, 260.0, 3.0, 0.25, 0.9),
    DECLINING: _Habits(-0.35, 0.1, 380.0, 5.0, 0.6, 0.6),
    ALIKE: _Habits(0.05, 0.2, 380.0, 5.0, 0.25, 0.6),
}


@dataclass(frozen=True)
class SimulatedSales:
    """A simulated star schema.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``fact_sale`` (one row per order line), ``dim_territory``, ``dim_product``, ``dim_special_offer`` and ``dim_customer``.
    truth : Series
        The planted group of each territory, by the name of its region; one group for all where none were planted. Both
        territories of a country have the same.
    """

    tables: dict[str, pd.DataFrame] = field(repr=False)
    truth: pd.Series

    def write_csv(self, folder: Path) -> None:
        """Write each table to a file of its name in a folder, which is made. The same sales give the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            with scratch.draft(folder / f"{name}.csv") as file:
                table.to_csv(file, index=False, lineterminator="\n", encoding="utf-8")


def simulate_sales(seed: int = ROOT, *, groups: bool = True) -> SimulatedSales:
    """Simulate the sales of twelve territories.

    Parameters
    ----------
    seed : int
        The root seed.
    groups : bool
        Whether three groups are planted. Without them all territories differ in size and, by chance, in little else.

    Returns
    -------
    SimulatedSales

    Notes
    -----
    Orders of a territory and month are a Poisson number about its trend and season, with a normal factor of its own. Each falls
    to a customer of the territory in proportion to a gamma weight, has one line and a Poisson number more, and lines have a
    lognormal value about the customer's own. A customer has one territory and one channel.

    Examples
    --------
    >>> made = simulate_sales(42)
    >>> made.truth.value_counts().to_dict()
    {'growing': 4, 'seasonal': 4, 'declining': 4}
    >>> list(made.tables), made.tables["dim_territory"].shape
    (['fact_sale', 'dim_territory', 'dim_product', 'dim_special_offer', 'dim_customer'], (12, 4))
    """
    rng = generator(f"simulate/sales/{'groups' if groups else 'alike'}", seed)
    territories = pd.DataFrame(
        [(region, country, side) for country, (_, side, regions) in COUNTRIES.items() for region in regions],
        columns=["region", "country", "territory_group"],
    )
    territories.insert(0, "territory_key", np.arange(1, len(territories) + 1))
    kinds = [group if groups else ALIKE for group, _, regions in COUNTRIES.values() for _ in regions]
    sizes = np.concatenate([rng.permutation(SIZES) for _ in range(len(kinds) // len(SIZES))])
    products = _products(rng)
    customers, orders = zip(*(_orders(rng, HABITS[k], s) for k, s in zip(kinds, sizes, strict=True)), strict=True)
    who = pd.concat(customers, keys=territories["territory_key"], names=["territory_key"]).reset_index(level=0)
    who["customer_key"] = rng.permutation(np.arange(910_000_000, 910_000_000 + 7_919 * len(who), 7_919))
    starts = np.cumsum([0, *(len(c) for c in customers)][:-1])
    sold = pd.concat([o.assign(customer=o["customer"] + s) for o, s in zip(orders, starts, strict=True)])
    sold = sold.sort_values(["order_date", "customer"], kind="stable", ignore_index=True)
    fact = _lines(rng, sold, who.reset_index(drop=True), products)
    first = fact.groupby("customer_key")["order_date"].min().rename("first_order_date")
    offers = pd.DataFrame(
        [(key, *offer) for key, offer in OFFERS.items()], columns=["special_offer_key", "name", "discount_pct"]
    )
    tables = {
        "fact_sale": fact,
        "dim_territory": territories,
        "dim_product": products.drop(columns="price"),
        "dim_special_offer": offers,
        "dim_customer": who[["customer_key", "channel"]].merge(first, on="customer_key").sort_values("customer_key"),
    }
    truth = pd.Series(kinds, index=pd.Index(territories["region"], name="market"), name="group", dtype="str")
    return SimulatedSales(tables, truth)


def _products(rng: np.random.Generator) -> pd.DataFrame:
    """Make products with prices; a few belong to no line."""
    rows = [
        (f"Series {line}{sub} no. {n}", f"Category {line}{sub}", line)
        for line, subs in PRODUCTS.items() for sub in range(1, subs + 1) for n in range(1, 5)
    ]  # fmt: skip
    rows += [(f"Sundry no. {n}", "Sundries", "") for n in range(1, 5)]
    out = pd.DataFrame(rows, columns=["product", "subcategory", "product_line"])
    out.insert(0, "product_key", np.arange(201, 201 + len(out)))
    return out.assign(price=np.round(np.exp(rng.normal(2.7, 0.6, len(out))), 2))


def _orders(rng: np.random.Generator, habits: _Habits, size: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the customers of a territory, and which of them order on which day."""
    month = np.arange(MONTHS + 1)
    trend = habits.trend + rng.normal(0, 0.04)
    season = habits.season * rng.uniform(0.85, 1.15)
    expected = size * REVENUE / habits.order * np.exp(trend * (month - (MONTHS - 1) / 2) / 12)
    expected *= (1 + season * np.cos(2 * np.pi * (month - 11) / 12)) * np.exp(rng.normal(0, 0.06, month.size))
    begins = np.datetime64(FIRST, "M") + month
    days = ((begins + 1).astype("M8[D]") - begins.astype("M8[D]")).astype(np.int64)
    open_days = np.where(month < MONTHS, days, TAIL)
    count = rng.poisson(expected * open_days / days)
    pool = max(int(expected[:MONTHS].sum() / habits.loyalty), 10)
    customers = pd.DataFrame(
        {
            "spends": habits.order / LINES * np.exp(rng.normal(0, 0.4, pool)),
            "discounted": habits.discounted,
            "channel": np.where(rng.random(pool) < habits.online, "Online", "Partner"),
        }
    )
    weight = rng.gamma(2.0, size=pool)
    at = np.repeat(month, count)
    day = begins.astype("M8[D]")[at] + np.floor(rng.random(at.size) * open_days[at]).astype(np.int64)
    chosen = rng.choice(pool, at.size, p=weight / weight.sum())
    return customers, pd.DataFrame({"customer": chosen, "order_date": day})


def _lines(rng: np.random.Generator, sold: pd.DataFrame, who: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Draw the lines of each order."""
    count = 1 + rng.poisson(LINES - 1, len(sold))
    order = np.repeat(np.arange(len(sold)), count)
    buyer = who.iloc[sold["customer"].to_numpy()[order]]
    product = products.iloc[rng.integers(0, len(products), order.size)]
    price = product["price"].to_numpy()
    quantity = np.maximum(np.rint(buyer["spends"].to_numpy() * np.exp(rng.normal(0, 0.5, order.size)) / price), 1)
    offered = rng.random(order.size) < buyer["discounted"].to_numpy()
    offer = np.where(offered, rng.integers(2, len(OFFERS) + 1, order.size), 1)
    share = np.array([0.0, *(rate for _, rate in OFFERS.values())])[offer]
    return pd.DataFrame(
        {
            "sales_order_number": [f"SO{n}" for n in 700_000 + order],
            "sales_order_line_number": 1 + np.arange(order.size) - (np.cumsum(count) - count)[order],
            "order_date": np.datetime_as_string(sold["order_date"].to_numpy().astype("M8[D]"))[order],
            "territory_key": buyer["territory_key"].to_numpy(),
            "customer_key": buyer["customer_key"].to_numpy(),
            "channel": buyer["channel"].to_numpy(),
            "product_key": product["product_key"].to_numpy(),
            "special_offer_key": offer,
            "order_quantity": quantity.astype(np.int64),
            "unit_price": price,
            "discount_pct": share,
            "revenue": np.round(quantity * price * (1 - share), 2),
        }
    )
