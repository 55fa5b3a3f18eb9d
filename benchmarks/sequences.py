"""What is measured of studies on sequences: markets of a warehouse, and pairs who write to each other; see ``procedures``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pandas as pd
from leads import peak, project

from segkit.data.simulate.messages import simulate_messages
from segkit.data.simulate.sales import simulate_sales
from segkit.studies.conversations import ConversationsStudy
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


SUBSCRIBERS = 1_700  # who have about 100,000 messages
CORE = ("audit", "splitting", "features", "matrix", "stages", "prospective", "moves", "returns", "churn", "revenue",
        "conversation_table")  # fmt: skip


def messages_made(folder: Path) -> dict[str, Any]:
    """Write the log that the other reads."""
    simulate_messages(subscribers=SUBSCRIBERS).write_csv(folder / "messages.csv")
    return {}


def conversations_ours(folder: Path) -> dict[str, Any]:
    """Read, split, make features, and follow stages and silences; all but segments and texts."""
    own = project(folder / "conversations")
    source = ConversationsStudy.find(own, data=folder / "messages.csv", say=lambda message: None)
    study, steps = ConversationsStudy(source), {}
    for name in CORE:
        begun = time.perf_counter()
        getattr(study, name)
        steps[name] = time.perf_counter() - begun
    return {"seconds": sum(steps.values()), "steps": steps, "held": peak(), "what": f"{study.audit.rows:,} messages"}
