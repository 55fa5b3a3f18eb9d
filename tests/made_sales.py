"""Sales as the features ask for them, made from order lines by a few plain group-bys."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(os.environ.get("SEGKIT_DATA") or os.devnull) / "adventureworks"
MONTH = ["market", "month", "customer"]


@dataclass(frozen=True)
class MadeSales:
    cells: pd.DataFrame
    kinds: pd.DataFrame
    spend: pd.DataFrame
    markets: pd.DataFrame
    as_of: pd.Timestamp
    months: pd.DatetimeIndex


def made(lines: pd.DataFrame, as_of: str, months: tuple[str, str]) -> MadeSales:
    """Aggregate lines: market, date, customer, order, channel, subcategory, product_line, quantity, discount, revenue."""
    lines = lines.assign(month=lines["date"].dt.to_period("M").dt.to_timestamp(), lines=1)
    grouped = lines.groupby(MONTH)
    cells = grouped[["revenue", "quantity", "lines", "discount"]].sum()
    cells["orders"] = grouped["order"].nunique()
    moment = pd.Timestamp(as_of)
    past = lines[lines["date"] <= moment]
    past = past.assign(recent=past["revenue"].where(past["date"] > moment - pd.DateOffset(years=1), 0.0))
    spend = past.groupby(["market", "customer", "channel"])[["recent", "revenue", "lines", "discount"]].sum()
    return MadeSales(
        cells=cells.reset_index(),
        kinds=lines[[*MONTH, "subcategory", "product_line"]].drop_duplicates(ignore_index=True),
        spend=spend.rename(columns={"revenue": "lifetime"}).reset_index(),
        markets=pd.DataFrame(index=pd.Index(sorted(lines["market"].unique()), name="market")),
        as_of=moment,
        months=pd.date_range(*months, freq="MS"),
    )


def adventureworks(as_of: str = "2014-05-31") -> MadeSales:
    """Read the sample that Microsoft publishes; of its first and last month only days are there."""
    fact = pd.read_parquet(FOLDER / "fact_sale.parquet")
    names = pd.read_csv(FOLDER / "dim_territory.csv").set_index("territory_key")["region"]
    product = pd.read_csv(FOLDER / "dim_product.csv").set_index("product_key")[["subcategory", "product_line"]]
    kinds = product.apply(lambda column: pd.Series(pd.factorize(column, sort=True)[0], index=column.index))
    lines = pd.DataFrame(
        {
            "market": fact["territory_key"].map(names), "date": pd.to_datetime(fact["order_date"]),
            "customer": pd.factorize(fact["customer_key"], sort=True)[0], "order": fact["sales_order_number"],
            "channel": fact["channel"], "quantity": fact["order_quantity"], "discount": fact["discount_pct"],
            "revenue": fact["revenue"],
            **{name: fact["product_key"].map(codes) for name, codes in kinds.items()},
        }
    )  # fmt: skip
    return made(lines, as_of, ("2011-06-01", "2014-05-01"))


def drawn_lines(seed: int, *, markets: int = 12, months: int = 36, customers: int = 20_000) -> pd.DataFrame:
    """Draw lines at random, about two for each customer."""
    rng = np.random.default_rng(seed)
    n = 2 * customers
    customer = rng.integers(customers, size=n)
    return pd.DataFrame(
        {
            "market": np.array([f"m{i:02d}" for i in range(markets)])[customer % markets],
            "date": pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(months * 30, size=n), unit="D"),
            "customer": customer, "order": np.arange(n) // 2, "channel": np.array(["shop", "web"])[customer % 2],
            "subcategory": rng.integers(30, size=n), "product_line": rng.integers(-1, 4, size=n),
            "quantity": rng.integers(1, 5, size=n), "discount": rng.choice([0.0, 0.1], size=n),
            "revenue": rng.lognormal(5, 1, size=n).round(2),
        }
    )  # fmt: skip
