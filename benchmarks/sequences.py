"""What is measured of studies on sequences: markets of a warehouse, with and without the network; see ``procedures``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pandas as pd
from leads import peak, project

from segkit.data.simulate.sales import simulate_sales
from segkit.studies.markets import MarketsStudy

LINES = 121_253  # as many as the public sample has
PATH = ("warehouse", "panel", "features", "components", "matrix", "segments", "clusterings", "tree", "placing")


def sales_made(folder: Path) -> dict[str, Any]:
    """Write the tables, with lines of other customers and orders until there are enough."""
    made = simulate_sales()
    lines = made.tables["fact_sale"]
    copies = []
    for i in range(-(-LINES // len(lines))):
        more = {name: lines[name].astype(str) + f"-{i}" for name in ("sales_order_number", "customer_key")}
        copies.append(lines.assign(**more))
    made.tables["fact_sale"] = pd.concat(copies, ignore_index=True).head(LINES)
    made.write_csv(folder / "sales")
    return {}


def markets_ours(folder: Path) -> dict[str, Any]:
    """Read, make series and features, segment, and say by which rule each market is placed; then train the network."""
    own = project(folder / "markets")
    study = MarketsStudy(MarketsStudy.find(own, data=folder / "sales", say=lambda message: None))
    steps = {}
    for name in (*PATH, "network"):
        begun = time.perf_counter()
        getattr(study, name)
        steps[name] = time.perf_counter() - begun
    return {"seconds": sum(steps[n] for n in PATH), "steps": steps, "held": peak(), "what": f"{LINES:,} order lines"}
