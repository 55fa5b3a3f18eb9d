"""Panels of markets with planted groups, without any sales behind them."""

from __future__ import annotations

import numpy as np
import pandas as pd

COLUMNS = ["revenue", "quantity", "orders"]


def made_panel(markets: int = 8, months: int = 30, seed: int = 1, noise: float = 0.05) -> pd.DataFrame:
    """Return a panel in which every second market has a season, and sizes have nothing to do with that."""
    rng = np.random.default_rng(seed)
    t = np.arange(months)
    size = np.exp(rng.permutation(np.linspace(3, 6, markets)))[:, None]
    wave = np.where(np.arange(markets)[:, None] % 2, np.sin(2 * np.pi * t / 12), 0.0)
    values = [size * np.exp(wave + rng.normal(0, noise, (markets, months))) for _ in COLUMNS]
    names = pd.Index([f"m{i}" for i in range(markets)], name="market")
    index = pd.MultiIndex.from_product([names, pd.date_range("2021-01-01", periods=months, freq="MS")])
    index.names = ["market", "month"]
    return pd.DataFrame({c: v.ravel() for c, v in zip(COLUMNS, values, strict=True)}, index=index)
