"""Small results of the study of channels made by hand, for the tests of what its pages say of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace as Plain
from typing import Any

import pandas as pd

from segkit.contract import CRM
from segkit.data.export_audit import ExportAudit
from segkit.engine.meaning import Card, Cards
from segkit.inference.engagement_pair import pair
from segkit.inference.groups import GroupRates, compared
from segkit.inference.reach import Reach, reach, use_by

TERMS = CRM.terms
STRATEGIES = ("Omnichannel", "Online Only", "Offline Only", "None")
HOSTILE = "<b>x</b> $y$ [a](b)"


def rates(counts: Mapping[Any, tuple[int, int]], reference: Any = None) -> GroupRates:
    """Return the rates of groups of which so many closed, of so many."""
    table = compared(list(counts), *zip(*counts.values(), strict=True), reference=reference)  # type: ignore[arg-type]
    return GroupRates(table, reference, 0, {"level": 0.95, "reference": reference})


def strategies(*counts: tuple[int, int]) -> GroupRates:
    """Return the rates of strategies; the first is omnichannel."""
    return rates(dict(zip(STRATEGIES, counts, strict=False)), "Online Only")


def adjusted(*gap: float, reason: str = "") -> Any:
    """Return an adjusted difference; none where nothing is given."""
    one, low, high = gap or (math.nan,) * 3
    return Plain(
        difference=one, low=low, high=high, reason=reason, params={"covariates": ["engagement_score", "tenure", "intake"]},
        balance=pd.DataFrame({"covariate": ["engagement_score", "tenure squared"]}),
    )  # fmt: skip


def landmarks(*, dated: bool = True, **gaps: tuple[float, float, float]) -> Any:
    """Return differences from days on, such as ``d30=(0.1, 0.0, 0.2)``, within 180 days; those within 365 are not known."""
    rows = [
        (int(day[1:]), until, *(gap if until == 180 else (math.nan,) * 3))
        for day, gap in gaps.items()
        for until in (180, 365)
    ]
    return Plain(after=pd.DataFrame(rows, columns=["landmark", "until", "difference", "low", "high"]), dated=dated)


def reached(offline: Sequence[int] = (3, 8), online: Sequence[int] = (40, 10), units: int = 100) -> Reach:
    """Return how many prospects channels reached, of so many."""
    names = {"offline": ("Phone", "Direct_Sales"), "online": ("Google_Ads", "TikTok")}
    made = {
        kind: pd.DataFrame({n: [int(i < m) for i in range(units)] for n, m in zip(names[kind], many, strict=True)})
        for kind, many in (("offline", offline), ("online", online))
    }
    return reach(made, {"is_omnichannel": pd.Series([i < 3 for i in range(units)])})


def combinations(*winners: tuple[str, str], enough: int = 4) -> Any:
    """Return so many combinations that are large enough, of which some stand out."""
    names = [*winners, *(("Phone", f"P{i}") for i in range(enough - len(winners)))] or [("Phone", "P")]
    table = pd.DataFrame(names, columns=["offline", "online"]).assign(
        enough=enough > 0, posterior=0.2, low=0.15, high=0.25
    )
    return Plain(table=table, winners=list(winners), params={"minimum": 20, "level": 0.95})


def speed(*gap: float, closed: tuple[int, int] = (120, 50), shares: tuple[float, float] = (0.12, 0.05)) -> Any:
    """Return by how many days the time open differs (nothing where none is given), of groups of which so many closed."""
    none = (math.nan,) * 3
    rows = [("Online Only", 365, *none, shares[1]), ("Omnichannel", 180, *(g / 2 for g in gap or none), shares[0]),
            ("Omnichannel", 365, *(gap or none), shares[0])]  # fmt: skip
    return Plain(
        means=pd.DataFrame(
            rows, columns=["group", "until", "difference", "difference_low", "difference_high", "share"]
        ),
        table=pd.DataFrame({"group": ["Omnichannel", "Online Only"], "events": closed}),
        reference="Online Only",
    )


def score(auc: float, *, upside_down: bool = False, against: bool = False) -> Any:
    """Return how a score ranks prospects, and whether it contradicts the segments."""
    by_group = pd.DataFrame({"group": ["High", "Low"], "score": [0.722, 0.909], "rate": [0.061, 0.012]})
    return Plain(
        auc=Plain(value=auc, low=auc - 0.05, high=auc + 0.05), upside_down=upside_down, by_group=by_group,
        contradictions=[("Low", "High")] if against else [],
    )  # fmt: skip


def audit(**changed: Any) -> ExportAudit:
    """Return what an export holds."""
    columns = {"created": 0, "closed": 900, "sessions": 20, "first_online": 300, "first_offline": 700}
    given: dict[str, Any] = {
        "units": 1000,
        "missing": pd.DataFrame([(c, n, n / 1000) for c, n in columns.items()], columns=["column", "missing", "share"]),
        "history": pd.DataFrame({"column": ["sessions"], "cells": [400], "most": [5]}),
        "first": datetime(2023, 1, 1), "last": datetime(2023, 12, 31), "as_of": datetime(2024, 2, 1), "closed": 100, "won": 60,
        "both": 50, "negative": 0, "system": 150, "dictionary": "1.0", "notes": (),
    }  # fmt: skip
    return ExportAudit(**{**given, **changed})


def cards(*names: str, hidden: Sequence[int] = ()) -> Cards:
    """Return segments numbered from one; those that are hidden have no numbers."""
    medians = {"sessions": 3.0, "pageviews": 8.0, "forms": 1.0, "clicks": 0.0}
    return Cards(
        tuple(
            Card(i, str(i), n, n, "", "", None if i in hidden else 100, None if i in hidden else 1 / len(names),
                 {} if i in hidden else {k: v / i for k, v in medians.items()})
            for i, n in enumerate(names, start=1)
        ),
        100 * len(names),
    )  # fmt: skip


def published(high: tuple[int, int] = (60, 500), low: tuple[int, int] = (10, 500), *, same: int = 1000) -> Any:
    """Return the published two, of whom so many closed; the line says the same of the first ``same`` prospects."""
    units = high[1] + low[1]
    is_high = pd.Series([i < high[1] for i in range(units)])
    closed = pd.Series([i < high[0] or high[1] <= i < high[1] + low[0] for i in range(units)])
    engaged = pd.Series([h if i < same else not h for i, h in enumerate(is_high)])
    frame = pd.DataFrame(
        {"is_closed": closed, "sessions": engaged * 2.0, "pageviews": 3.0, "forms": 1.0, "engagement_score": 1.0,
         "likelihood": math.nan, "days_to_close": closed.map({True: 100.0, False: math.nan}),
         "latest_source": ["PAID_SEARCH" if h else "OFFLINE" for h in is_high]}
    )  # fmt: skip
    return pair(is_high, frame, is_high.map({True: 1, False: 2}))


def use(*shares: Sequence[float], units: int = 100) -> Any:
    """Return the share of each segment that each channel reached; one sequence per segment."""
    names = ("Google_Ads", "Phone", "TikTok")[: len(shares[0])]
    rows = [
        {"segment": s, **{n: i < share * units for n, share in zip(names, own, strict=True)}}
        for s, own in enumerate(shares, start=1)
        for i in range(units)
    ]
    frame = pd.DataFrame(rows)
    return use_by(frame["segment"], frame[list(names)])
