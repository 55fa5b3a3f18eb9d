"""Small results of logs of messages made by hand, for the tests of what pages say of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from segkit.features.chat_audit import ChatAudit
from segkit.features.splitting import BY_THRESHOLD, GapMixture, Splitting
from segkit.inference.churn import Churn, churn
from segkit.inference.silence import Returns, returns

MONEY = {"offers": 40.0, "bought": 10.0, "tips": 1.0, "revenue": 1234.5, "buying": 8.0, "again": 2.0}
START = pd.Timestamp("2025-09-01")
NAN = math.nan


def audit(**changed: Any) -> ChatAudit:
    """Return what a log of 800 messages of 100 pairs holds; money and texts are there."""
    days = pd.Series([300, 100, 400], index=pd.date_range(START, periods=3))
    own: dict[str, Any] = {
        "rows": 800, "subscribers": 60, "accounts": 9, "pairs": 100, "staff": 7, "first": datetime(2025, 9, 1),
        "last": datetime(2025, 9, 3, 12), "as_of": datetime(2025, 9, 3, 12), "top_share": 0.4, "blank": 0.25, "money": MONEY,
        "per_pair": pd.Series({"mean": 8.0, "25%": 2.0, "50%": 4.0, "75%": 9.0, "90%": 20.0, "max": 90.0}), "by_day": days,
        "currency": "", "notes": (), "warnings": (),
    }  # fmt: skip
    return ChatAudit(**(own | changed))


def mixture(line: float = 2.0, *, separates: bool = True, gaps: int = 700) -> GapMixture:
    """Return pauses of three minutes and silences of twelve hours, with the line between them."""
    return GapMixture(line, 0.05, 12.0, (1.0, 0.8), 0.2, 500.0, 5.0 if separates else 1.5, separates, gaps, 0)


NOT_FITTED = GapMixture(NAN, NAN, NAN, (NAN, NAN), NAN, NAN, NAN, False, 12, 0)


def splitting(
    found: GapMixture | None = None, *, money: bool = True, alike: bool = False, told: bool = True
) -> Splitting:
    """Return conversations at four thresholds, of which 4 hours are in use: 250, 220, 200 and 100."""
    hours = [0.5, 2.0, 4.0, 24.0]
    table = pd.DataFrame({
        "hours": hours, "conversations": [250, 220, 200, 100] if told else NAN, "mean_messages": [3.2, 3.64, 4.0, 8.0],
        "single": [0.5, 0.4, 0.3, 0.1], "mean_duration_hours": [0.2, 0.5, 1.0, 9.0],
        "with_purchase": [0.1, 0.12, 0.15, 0.2] if money else NAN, "agreement": [0.7, 0.9, 1.0, 0.5],
    })  # fmt: skip
    rows = [
        (h, name, NAN if alike else 1.0 if h == 4 else 0.5 if (h, name) == (24.0, "conversation_length") else 0.9)
        for h in hours
        for name in BY_THRESHOLD
    ]
    return Splitting(table, pd.DataFrame(rows, columns=["hours", "feature", "correlation"]), 4.0, found or mixture())


def partitions(*ari: float) -> pd.DataFrame:
    """Return the agreement of segments at other thresholds."""
    return pd.DataFrame({"hours": [1.0, 2.0, 24.0][: len(ari)], "ari": list(ari)})


def quartiles(*, money: bool = True, told: bool = True) -> pd.DataFrame:
    """Return what 200 conversations are like."""
    names = [
        "message_count",
        "duration_hours",
        "days_since_last_message",
        *(["revenue", "purchase_rate"] if money else []),
        "active",
    ]
    frame = pd.DataFrame({"what": names, "count": 200.0, "mean": 0.5, "25%": 0.25, "50%": 0.5, "75%": 0.75, "max": 1.0})
    frame.loc[frame["what"] == "message_count", ["mean", "25%", "50%", "75%", "max"]] = [4.0, 1, 3, 5, 60]
    return frame if told else frame.assign(**dict.fromkeys(frame.columns[1:], NAN))


def messages(days: Sequence[float], pairs: int, *, drop: int = 0) -> pd.DataFrame:
    """Return messages of pairs at such days, a minute apart; the first ``drop`` of the pairs write in the first half only."""
    rows = [
        (f"p{p}", f"s{p // 2}", START + pd.Timedelta(days=d, minutes=p), False)
        for d in days
        for p in range(pairs)
        if p >= drop or d < max(days) / 2
    ]
    frame = pd.DataFrame(rows, columns=["pair", "subscriber", "time", "purchased"])
    return frame.sort_values("time", kind="stable", ignore_index=True)


def silences() -> Returns:
    """Return what is found where half of 40 pairs write each day, and the others stop after five."""
    return returns(messages(np.arange(10.0), 40, drop=20), START + pd.Timedelta(days=10), draws=50)


def leaving(pairs: int = 200, drop: int = 100, draws: int = 50) -> Churn:
    """Return forecasts of who leaves where some pairs stop one after another."""
    rng = np.random.default_rng(7)
    rows = []
    for p in range(pairs):
        last = rng.uniform(2, 20) if p < drop else 20.0
        rows += [
            (f"p{p}", f"s{p // 2}", START + pd.Timedelta(days=float(d)), False) for d in np.arange(p / pairs, last, 1.0)
        ]
    frame = pd.DataFrame(rows, columns=["pair", "subscriber", "time", "purchased"]).sort_values(
        "time", ignore_index=True
    )
    return churn(frame, START + pd.Timedelta(days=20), draws=draws)


def divided(**changed: Any) -> Mapping[str, Any]:
    """Return two segments of 75 and 25 pairs."""
    own: dict[str, Any] = {
        "pairs": 100, "of": 400, "least": 5, "k": 2, "rule": 2, "verdict": "natural", "sizes": {1: 25, 2: 75}, "jaccard": 0.9,
        "silhouette": 0.4, "p": 0.05,
        "medians": {s: {"messages": 6.0 * s, "conversations": 2.0, "active_days": 2.0} for s in (1, 2)},
    }  # fmt: skip
    return own | changed
