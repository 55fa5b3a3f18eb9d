"""Logs of messages in memory, by hand and at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

START = pd.Timestamp("2025-03-03")


class Message(NamedTuple):
    """One message: hours since the start, pair, and what was offered and bought."""

    at: float
    pair: str = "a"
    price: float = 0.0
    purchased: bool = False
    tips: float = 0.0
    subscriber: str | None = None  # by default each pair is of a subscriber of its own
    inbound: str | float = "text"
    by_subscriber: bool = True


@dataclass(frozen=True)
class MadeLog:
    """What features ask of a log."""

    frame: pd.DataFrame
    has_text: bool
    has_money: bool
    as_of: pd.Timestamp


def log_of(
    messages: Sequence[Message], *, end: float | None = None, has_money: bool = True, has_text: bool = True
) -> MadeLog:
    """Return messages as the loader hands them on; ``end`` in hours since the start."""
    given = pd.DataFrame(list(messages), columns=Message._fields)
    time = START + pd.to_timedelta((given["at"] * 3600e6).round().astype("int64"), unit="us")
    order = np.argsort(time.to_numpy(), kind="stable")
    subscriber = given["subscriber"].where(given["subscriber"].notna(), "s" + given["pair"])
    frame = pd.DataFrame({
        "pair": given["pair"], "subscriber": subscriber, "account": "acc", "staff": np.nan, "time": time.astype("datetime64[us]"),
        "row": np.arange(len(given)) + 2, "inbound": given["inbound"] if has_text else np.nan, "outbound": np.nan,
        "price": given["price"], "tips": given["tips"], "revenue": given["price"] * given["purchased"] + given["tips"],
        "purchased": given["purchased"].astype(bool), "by_subscriber": given["by_subscriber"].astype(bool),
    }).iloc[order].reset_index(drop=True)  # fmt: skip
    if not has_money:
        frame[["price", "tips", "revenue"]] = np.nan
        frame["purchased"] = False
    as_of = frame["time"].max() if end is None else START + pd.Timedelta(hours=end)
    return MadeLog(frame, has_text, has_money, as_of)


def random_log(
    rng: np.random.Generator, rows: int, pairs: int, *, hours: float = 240.0, each: int = 2, end: float | None = None
) -> MadeLog:
    """Return messages at random moments; each subscriber has ``each`` pairs."""
    pair = rng.integers(0, pairs, rows)
    price = np.where(rng.random(rows) < 0.2, rng.integers(5, 50, rows), 0)
    bought = (price > 0) & (rng.random(rows) < 0.5)
    at = np.sort(rng.uniform(0, hours, rows))
    return log_of(
        [
            Message(t, f"p{p:05d}", float(c), bool(b), 0.0, f"s{p // each:05d}")
            for t, p, c, b in zip(at, pair, price, bought, strict=True)
        ],
        end=hours if end is None else end,
    )
