"""Small personas made by hand, for the tests of what pages say of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))  # for leads_made

from leads_made import ids

from segkit.data.lead_columns import LeadColumn
from segkit.engine.cross_validated import Area
from segkit.engine.leakage import Leakage
from segkit.engine.meaning import Card, Cards
from segkit.engine.verdict import Verdict
from segkit.inference.cards import Personas, personas
from segkit.inference.crossfit import COUNT, FIELD, PERSONAS, TREES, CrossFitted
from segkit.inference.missingness import Missingness
from segkit.inference.rates import rate

COLUMNS = (
    LeadColumn("state", "State", "category", "geography"),
    LeadColumn("industry", "Industry", "category", "professional"),
    LeadColumn("age_range", "Age", "category", "demographic", sensitive=True),
    LeadColumn("visits", "Visits", "number", "other"),
)
HOSTILE = "<b>IL</b> $x_1$ [a](b)"


def made(sizes: Sequence[int] = (200, 100), hits: Sequence[int] = (20, 60), *, known: int = 40) -> Personas:
    """Make personas of so many leads of whom so many converted; of each so many have known fields."""
    labels = np.repeat(np.arange(1, len(sizes) + 1), sizes)
    index = ids(len(labels))
    place = np.concatenate([np.arange(n) for n in sizes])
    words = {"state": ["TX", HOSTILE, "CA", "NY"], "industry": ["Retail", "Health", "Law", "Other"]}
    columns: dict[str, Any] = {
        n: pd.Series([w[(s - 1) % 4] if i < known else None for s, i in zip(labels, place, strict=True)], dtype="str")
        for n, w in words.items()
    }
    age = pd.Series(["20-34" if i % 2 else "35-49" for i in place], dtype="str")
    frame = pd.DataFrame({**columns, "age_range": age, "visits": place.astype("float64")}).set_axis(index)
    y = pd.Series(place < np.array(hits)[labels - 1], index=index)
    return personas(
        frame, COLUMNS, y, pd.Series(labels, index=index),
        cross_fitted={p: rate(h, n) for p, (h, n) in enumerate(zip(hits, sizes, strict=True), start=1) if n >= 10},
    )  # fmt: skip


def cards_of(found: Personas) -> Cards:
    """Return the personas as all studies show their segments."""
    return Cards(
        tuple(
            Card(p.id, str(i), p.name, p.name.rpartition(" - ")[0] or p.name, "", "", p.size, p.share,
                 {"rate": p.conversion.own.share} if p.conversion else {})
            for i, p in enumerate(found)
        ),
        found.overall.units,
    )  # fmt: skip


def gate(flag: str = "none", auc: float = 0.5, blocks: int = 1) -> Missingness:
    """Return what the gate found."""
    shares = [0.6, *[0.4 / (blocks - 1)] * (blocks - 1)] if blocks > 1 else [1.0]
    none = pd.DataFrame()
    return Missingness(
        none, none, none, Area(auc, auc - 0.04, auc + 0.04, 300, 80), flag, pd.Series(dtype="int64"),
        pd.DataFrame({"block": range(1, blocks + 1), "share": shares}), none, none, 0, {}, 42,
    )  # fmt: skip


def leaks(*names: str) -> Leakage:
    """Return the fields that leak."""
    return Leakage(pd.DataFrame(), names, (), {}, 42)


def crossed(
    found: Personas, differences: dict[str, tuple[float, float, float]] | None = None, auc: float = 0.7
) -> CrossFitted:
    """Return what cross-fitting found, with the personas' lead over each rival."""
    lead = {FIELD: (0.0, -0.03, 0.03), COUNT: (0.1, 0.06, 0.14), TREES: (0.0, -0.03, 0.03), **(differences or {})}
    orders = [(PERSONAS, auc, auc - 0.05, auc + 0.05)] + [
        (n, auc - d, auc - d - 0.05, auc - d + 0.05) for n, (d, *_) in lead.items()
    ]
    rows = [
        (p.id, p.size, p.conversion.own.events, p.conversion.own.share - 0.01 * p.id, 0.1, 0.5, p.conversion.own.share)
        if p.conversion and p.size else (p.id, *[np.nan] * 6)
        for p in found
    ]  # fmt: skip
    return CrossFitted(
        pd.DataFrame(rows, columns=["persona", "units", "conversions", "rate", "low", "high", "formed"]), {},
        pd.DataFrame(orders, columns=["order", "auc", "low", "high"]),
        pd.DataFrame([(n, *d) for n, d in lead.items()], columns=["rival", "difference", "low", "high"]),
        0.93, ("state", "state", "industry"), pd.Series(dtype="int64"), {"folds": 5, "level": 0.95}, 42,
    )  # fmt: skip


def verdict(word: str = "natural", *, testable: bool = True) -> Verdict:
    """Return a verdict that is the word."""
    structured, stable = word in ("natural", "fragile structure"), word in ("natural", "reproducible")
    return Verdict(
        word, {"independent": structured}, {1: 0.9 if stable else 0.5}, 0.9 if stable else 0.4, 0.75, testable=testable
    )  # fmt: skip
