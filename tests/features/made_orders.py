"""Lines of orders with returns, and the settings to read them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segkit.config import Customers
from segkit.seeds import generator


def orders() -> pd.DataFrame:
    """Return lines of 300 orders by 120 customers, several orders of some on one day; every ninth line is a return.

    Cents have halves that no float is. Orders from 290 on are returns alone, with the number of an earlier one behind a C;
    customer 99 has returns alone.
    """
    rng = generator("tests/purchases of a warehouse")
    order = np.sort(rng.integers(300, size=900))
    paid = rng.integers(0, 20_000, size=900) / 100
    cancelled = order >= 290
    return pd.DataFrame(
        {
            "number": np.where(cancelled, "C", "")
            + np.char.mod("%d", 536_000 + np.where(cancelled, order - 240, order)),
            "who": np.where(order == 289, 99, 10_000 + order * 7 % 120),
            "placed": (pd.Timestamp("2024-01-02 09:00") + pd.to_timedelta(order // 4 * 6, unit="h")).astype(str),
            "paid": np.where((np.arange(900) % 9 == 8) | (order == 289), -paid / 3, paid).round(2),
        }
    )


def bought(purchase: str) -> Customers:
    """Return the settings of these lines, of which the rows of an order or of a day are one purchase, or each row is."""
    columns = {"customer": "who", "date": "placed", "amount": "paid"}
    return Customers.model_validate(
        {
            "columns": columns | ({"order": "number"} if purchase == "order" else {}),
            "format": {"date_order": "year-month-day", "purchase": purchase},
        }
    )
