"""Settings of a study of markets: the tables of a star schema, their columns, and how series are looked at."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .contract import SALES
from .event_settings import RoleMap, Settings, StudySettings


class SaleTables(Settings):
    """What the tables are called: files of a folder without their ending, or tables of a warehouse."""

    fact: str = "fact_sale"
    territory: str = "dim_territory"
    product: str | None = "dim_product"


class SaleColumns(RoleMap):
    """The columns of the tables; keys of dimensions are called there as in the table of sales."""

    contract = SALES

    order: str = "sales_order_number"
    date: str = "order_date"
    territory: str = "territory_key"
    customer: str = "customer_key"
    channel: str | None = "channel"
    product: str | None = "product_key"
    quantity: str = "order_quantity"
    discount: str | None = "discount_pct"
    revenue: str = "revenue"
    region: str = "region"
    country: str = "country"
    group: str | None = "territory_group"
    subcategory: str | None = "subcategory"
    product_line: str | None = "product_line"


class Markets(StudySettings):
    """The markets study.

    ``sequence`` is how many months a window has that the network sees, and ``epochs`` how often it sees all of them;
    without ``network`` it is left out. ``market`` says what a market is.
    """

    contract = SALES

    k_max: int = Field(6, le=50)
    market: Literal["territory", "country"] = "territory"
    as_of: date | None = None
    growth: Literal["log", "published"] = "log"
    sequence: int = Field(6, ge=3, le=12)
    network: bool = True
    epochs: int = Field(50, ge=1, le=1000)
    draws: int = Field(200, ge=10)
    tables: SaleTables = SaleTables()
    columns: SaleColumns = SaleColumns()
