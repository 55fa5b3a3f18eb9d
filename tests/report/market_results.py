"""Small results of the study of markets made by hand, for the tests of what its pages say of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd

from segkit.contract import SALES
from segkit.engine.coassignment import Chance, Coassignment, coassigned
from segkit.engine.dendrogram import dendrogram
from segkit.engine.matrix import ModelMatrix
from segkit.engine.meaning import Card, Cards
from segkit.engine.placing import placing_rules
from segkit.engine.projection import Projection
from segkit.features.panel import VARIABLES, Panel
from segkit.features.sales import CONSTANT, SERIES, STRUCTURE
from segkit.features.table import Column, FeatureTable
from segkit.report import market_data, market_figures, market_front, market_placing, market_segments

TERMS = SALES.terms
HOSTILE = "<b>x</b> $y$ [a](b)"
NAMES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper", HOSTILE, "Larch")
MODULES = {
    f"_{m.__name__.rpartition('.')[2]}": m
    for m in (market_data, market_figures, market_front, market_placing, market_segments)
}


def panel(
    revenue: Sequence[Sequence[float]], buyers: float | Sequence[Sequence[float]] = 50.0, start: str = "2021-01"
) -> Panel:
    """Return markets month by month, one sequence of revenue per market; all else but customers is zero."""
    values = np.asarray(revenue, dtype=np.float64)
    markets = pd.Index(NAMES[: len(values)])
    months = pd.date_range(f"{start}-01", periods=values.shape[1], freq="MS", unit="us")
    index = pd.MultiIndex.from_product([markets, months], names=["market", "month"])
    table = pd.DataFrame(0.0, index=index, columns=list(VARIABLES))
    table["revenue"], table["customers"] = values.ravel(), np.broadcast_to(np.asarray(buyers), values.shape).ravel()
    return Panel(table, markets, months, "log")


def warehouse(
    dropped: Sequence[tuple[str, str]] = (), *, months: int = 36, aside: int = 0, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what tables hold; of the months that are left out the first day and the reason."""
    rows = [(pd.Timestamp(month), 0.3, 120, 4000.0, why) for month, why in dropped]
    left = [f"{pd.Timestamp(month):%B %Y} is left out with 120 lines: {why}." for month, why in dropped]
    return {
        "totals": {"rows": 10_000, "lines": 10_000 - aside, "orders": 4000, "customers": 900, "revenue": 2_000_000.0,
                   "revenue_in": 1_900_000.0, "quantity": 20_000.0, "first": datetime(2021, 1, 3), "last": datetime(2024, 1, 9)},
        "months": pd.date_range("2021-01-01", periods=months, freq="MS"), "as_of": pd.Timestamp("2023-12-31"),
        "dropped": pd.DataFrame(rows, columns=["month", "days", "lines", "revenue", "why"]),
        "markets": pd.DataFrame({"country": ["A", "A", "B"], "group": ["", "", ""]}, index=["u", "v", "w"]),
        "aside": (), "warnings": (f"{aside} lines without an order are set aside.",) if aside else (),
        "notes": (*left, *notes),
    }  # fmt: skip


def features(values: pd.DataFrame, *, constants: Sequence[str] = (), more: Sequence[Column] = ()) -> FeatureTable:
    """Return a table of features; those named stand in a block of their own."""
    known = {c.name: c for c in (*SERIES, *STRUCTURE, *more)}
    columns = tuple(
        Column(c.name, CONSTANT, c.unit, c.meaning, c.label) if c.name in constants else c
        for c in (known[str(n)] for n in values.columns)
    )
    used = tuple(b for b in ("series", "structure") if any(c.block == b for c in columns))
    return FeatureTable(values, columns, used, datetime(2023, 12, 31), {})


def segmented(
    *sizes: int, sure: Sequence[float] = (), chance: Chance | None = None, draws: int = 20, group: str = ""
) -> Any:
    """Return segments of so many markets each, far from each other, and all that pages show of them.

    The first market of segment i has a discount of i tenths, and each one after it a hundredth more. The confidence of markets,
    in their order, is one where none is given: in the other draws they are in the first segment, or the last.
    """
    n, k = sum(sizes), len(sizes)
    names = pd.Index(NAMES[:n])
    own = np.repeat(np.arange(1, k + 1), sizes)
    labels = pd.Series(own, index=names)
    place = np.concatenate([np.arange(s) for s in sizes])
    frame = pd.DataFrame(
        {"level": 9.0 + place / 10, "growth": own / 10.0, "discount": own / 10 + place / 100}, index=names
    )
    values = np.column_stack([10.0 * own + place / 10, own % 2 + place / 7.0])
    matrix = ModelMatrix(values, names, ("level", "growth"), {"series": ["level", "growth"]}, None, ())  # type: ignore[arg-type]
    revenue = np.arange(n, 0, -1) * 100.0
    members = pd.DataFrame(
        {"market": names, "segment": own, "name": [f"Segment {s}" for s in own], "confidence": [*sure, *[1.0] * (n - len(sure))],
         "revenue": revenue, "quantity": revenue / 10, "growth": 0.1, "rule": "", "share": revenue / revenue.sum(), "country": "C",
         "group": group}
    )  # fmt: skip
    cards = Cards(
        tuple(Card(s, str(s), f"Segment {s}", f"Segment {s}", "", f"Do {s}.", m, m / n, {"level": 9.0})
              for s, m in enumerate(sizes, start=1)), n
    )  # fmt: skip
    found = features(frame)
    return Plain(
        labels=labels, cards=cards, members=members, features=found, tree=dendrogram(matrix),
        customers=drawn(labels, sure, chance, draws),
        placing=placing_rules(frame, labels, names=found.labels),
        projection=Projection(pd.DataFrame(values, index=names, columns=["x", "y"]), (0.8, 0.2),
                              pd.DataFrame(np.eye(2), index=["level", "growth"])),
    )  # fmt: skip


def drawn(labels: pd.Series, sure: Sequence[float] = (), chance: Chance | None = None, draws: int = 20) -> Coassignment:
    """Return draws in which each market is as often in its segment as asked."""
    own, k = labels.to_numpy(), int(labels.max())
    found = np.repeat(own[:, None], draws, axis=1)
    for i, share in enumerate(sure):
        found[i, round(share * draws) :] = 1 if own[i] != 1 else k
    table = pd.DataFrame(found, index=labels.index, columns=[f"draw {i}" for i in range(draws)])
    return coassigned(table if draws else pd.DataFrame({"draw": math.nan}, index=labels.index), labels, chance=chance)
