"""What the kinds of conversations are like that texts give, where they give any."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .chat_kinds import TITLES
from .prose import capital, count, percent, plural
from .show import Shown, table


@dataclass(frozen=True)
class Extremes:
    """Which kinds have least and most of something: their numbers, and whether the intervals of the two lie apart."""

    low: int
    least: float
    high: int
    most: float
    apart: bool


@dataclass(frozen=True)
class Portrait:
    """What the kinds of one method are like.

    Attributes
    ----------
    title : str
    kinds : int
    words, money, again : Extremes or None
        None where fewer than two kinds can be told.
    alike : float
        See `studies.text_kinds.TextKinds`.
    """

    title: str
    kinds: int
    words: Extremes | None
    money: Extremes | None
    again: Extremes | None
    alike: float


def portraits(found: Any) -> list[Portrait]:
    """Compare the kinds of each method; nothing where there are none.

    Parameters
    ----------
    found : TextKinds or None
    """
    if found is None:
        return []
    return [
        Portrait(TITLES[str(method)], len(own), _extremes(own, "words"), _extremes(own, "revenue"), _extremes(own, "again"),
                 float(found.alike.get(method, math.nan)))
        for method, own in found.table.groupby("method")
    ]  # fmt: skip


def _extremes(own: pd.DataFrame, name: str) -> Extremes | None:
    known = own[own[name].notna()].sort_values(name, kind="stable")
    if len(known) < 2:
        return None
    low, high = known.iloc[0], known.iloc[-1]
    apart = bool(low[f"{name}_high"] < high[f"{name}_low"]) if f"{name}_high" in own else bool(low[name] < high[name])
    return Extremes(int(low["kind"]), float(low[name]), int(high["kind"]), float(high[name]), apart)


def kinds_table(found: Any, money: Callable[[float], str]) -> Shown:
    """Show every kind: how many, how long, how much money, and who wrote in the next period.

    Parameters
    ----------
    found : TextKinds
    money : callable
        Writes an amount.
    """
    t = found.table

    def ends(name: str, write: Callable[[float], str]) -> list[str | None]:
        rows = zip(t[name], t[f"{name}_low"], t[f"{name}_high"], strict=True)
        return [None if pd.isna(v) else f"{write(v)} ({write(a)} to {write(b)})" for v, a, b in rows]

    frame = pd.DataFrame({
        "method": [capital(TITLES[m]) for m in t["method"]], "kind": t["kind"], "documents": t["documents"],
        "subscribers": t["subscribers"], "words": t["words"], "messages": t["messages"], "revenue": ends("revenue", money),
        "pairs": t["pairs"], "wrote again": ends("again", lambda v: percent(v, 0)),
    })  # fmt: skip
    return table(
        frame, "tbl-kinds",
        f"**{capital(plural(len(t), 'kind', words=True))}, over all stages.** Words, messages: median document. Revenue: mean "
        "document. Pairs: those of the kind by what they had written before the next period; wrote again: share of them that wrote "
        f"in it. In brackets {percent(found.params['level'], 0)} intervals over subscribers. A dash: no money, or too few "
        "subscribers to tell.",
        dict.fromkeys(("kind", "documents", "subscribers", "words", "messages", "pairs"), count),
        right=("revenue", "wrote again"), stack=True,
    )  # fmt: skip
