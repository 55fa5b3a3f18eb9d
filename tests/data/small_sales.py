"""A small star schema whose sums can be told by heart, and the settings that it needs."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segkit.data.sales import Sales
from segkit.sale_settings import Markets

KEY = b"a key for tests, of no other use"
FACT = "fact_sale"
MONTHS, TERRITORIES, DAYS = 12, 4, (3, 25)


def fact() -> pd.DataFrame:
    """Return two orders of one line in each month of 2023 and territory, by a customer each.

    Those of territory t bring 100 t each on the 3rd (two pieces, no discount) and 10 t on the 25th (one piece, a fifth off).
    """
    return pd.DataFrame(
        [
            (
                f"N{month:02}{place}{n}", f"2023-{month:02}-{day:02}", place, f"{9_000_001 + 10 * place + n}",
                "Shop" if n else "Web", 1 + n, 2 - n, 0.2 * n, (10 if n else 100) * place,
            )
            for month in range(1, MONTHS + 1) for place in range(1, TERRITORIES + 1) for n, day in enumerate(DAYS)
        ],
        columns=[
            "sales_order_number", "order_date", "territory_key", "customer_key", "channel", "product_key", "order_quantity",
            "discount_pct", "revenue",
        ],
    )  # fmt: skip


def schema(**changed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables, some of them changed."""
    place = pd.DataFrame(
        [(1, "North", "Aland", "West"), (2, "South", "Aland", "West"), (3, "Hill", "Bland", "East"), (4, "Dale", "Cland", "")],
        columns=["territory_key", "region", "country", "territory_group"],
    )  # fmt: skip
    kind = pd.DataFrame(
        [(1, "Bikes", "M"), (2, "Caps", "")],
        columns=["product_key", "subcategory", "product_line"],
    )
    return {FACT: fact(), "dim_territory": place, "dim_product": kind} | changed


def written(folder: Path, tables: dict[str, pd.DataFrame], form: str = "csv") -> Path:
    """Write tables to a folder."""
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        if form == "csv":
            table.to_csv(folder / f"{name}.csv", index=False)
        else:
            table.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def settings(**given: Any) -> Markets:
    """Return settings of the study."""
    return Markets.model_validate(given)


def same(one: Sales, other: Sales, *but: str) -> None:
    """Assert that two results are the same to the last bit, but for some attributes."""
    for name in (f.name for f in fields(Sales) if f.name not in but):
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, pd.DataFrame):
            pd.testing.assert_frame_equal(left, right, check_exact=True)
        else:
            assert np.all(left == right), name


def lines(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return the small table with lines behind it, each like the first one but for some cells."""
    table = fact().astype(object)
    more = pd.DataFrame([table.iloc[0].to_dict() | row for row in rows])
    return pd.concat([table, more], ignore_index=True)
