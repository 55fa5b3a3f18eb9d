"""Money beside the segments of pairs, of which it is no part: what pairs bought, with intervals over subscribers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.meaning import Cards, Profile
from ..inference.marked import Marked
from ..inference.rates import COVERAGE, Estimate, bootstrap
from ..privacy import SMALL_CELL
from ..vocabulary import Vocabulary
from .chat_segments import bought
from .findings import quoted
from .prose import amount, capital, fixed, join, percent
from .show import Shown, table


@dataclass(frozen=True)
class Paid:
    """What the pairs of one segment bought.

    Attributes
    ----------
    name : str
    subscribers : int or None
        None where single pairs are not looked at.
    bought : Estimate
        Share of the pairs with a purchase.
    purchases, revenue : Estimate
        For each pair.
    share : float
        Of all purchases.
    """

    name: str
    subscribers: int | None
    bought: Estimate
    purchases: Estimate
    revenue: Estimate
    share: float


@dataclass(frozen=True)
class Money:
    """Money beside the segments.

    Attributes
    ----------
    known : bool
        Whether the record has money.
    told : list of Paid
        The segments that may be told of.
    intervals : bool
        Whether single pairs were looked at, so that there are intervals and revenue.
    more, fewer : list of str
        Segments in which more, or fewer, pairs bought than among all, beyond chance.
    tested : bool
        Whether that could be asked.
    p : float
        The smallest p of it, for all traits together.
    traits : int
        How many were looked at.
    level : float
    """

    known: bool
    told: list[Paid]
    intervals: bool
    more: list[str]
    fewer: list[str]
    tested: bool
    p: float = math.nan
    traits: int = 0
    level: float = COVERAGE

    @property
    def gap(self) -> bool:
        """Whether the intervals of the highest and the lowest share do not overlap."""
        ends = [p.bought for p in (self.highest, self.lowest) if p is not None]
        return len(ends) > 1 and ends[0].low > ends[1].high

    @property
    def highest(self) -> Paid | None:
        """The segment in which most pairs bought."""
        return max(self.told, key=lambda p: p.bought.value, default=None)

    @property
    def lowest(self) -> Paid | None:
        """The one in which fewest did."""
        return min(self.told, key=lambda p: p.bought.value, default=None)


def money(profiled: Profile, marks: Marked, cards: Cards, pairs: pd.DataFrame | None, *, seed: int) -> Money:
    """Describe what pairs of each segment bought, which is no part of what makes the segments.

    Parameters
    ----------
    profiled : Profile
    marks : Marked
        The tests behind the playbooks, whose labels are dealt among subscribers.
    cards : Cards
    pairs : DataFrame, optional
        One row per pair: ``segment``, ``subscriber``, ``purchases``, ``revenue``; left out where data are private, of
        which then only what the profile may tell is told.
    seed : int
        Of the bootstrap of subscribers.
    """
    if "purchases" not in set(profiled.table["feature"]):
        return Money(False, [], False, [], [], False)
    shares, told = profiled.shares_of_total("purchases"), []
    for c in cards:
        if not c.medians or math.isnan(bought(profiled, c.id)):
            continue
        share = float(shares.get(c.id, math.nan))
        if pairs is None:
            mean = profiled.value(c.id, "purchases", "mean")
            told.append(Paid(quoted(c), None, _bare(bought(profiled, c.id)), _bare(mean), _bare(math.nan), share))
        elif (own := pairs[pairs["segment"] == c.id])["subscriber"].nunique() >= SMALL_CELL:
            b, p, r = _estimates(pairs, c.id, seed)
            told.append(Paid(quoted(c), own["subscriber"].nunique(), b, p, r, share))
    sides: dict[bool, list[str]] = {True: [], False: []}
    asked = marks.table.loc[[m[0] == "bought" for m in marks.table["mark"]], "p"]
    for c in cards:
        out = marks.standing_out(c.id)
        for difference in out.loc[[m[0] == "bought" for m in out["mark"]], "difference"]:
            sides[bool(difference > 0)].append(quoted(c))
    return Money(
        True, told, pairs is not None, sides[True], sides[False], bool(len(asked)), float(asked.min()) if len(asked) else math.nan,
        marks.table["mark"].nunique(), marks.level,
    )  # fmt: skip


def _bare(value: float) -> Estimate:
    return Estimate(value, math.nan, math.nan, COVERAGE, 0)


def pairs_of(frame: pd.DataFrame, labels: pd.Series, subscribers: pd.Series) -> pd.DataFrame | None:
    """Return what `money` takes of single pairs; nothing where there is no money.

    Parameters
    ----------
    frame : DataFrame
        Features of pairs; revenue is taken back from its logarithm, and is 0 where it was below zero.
    labels, subscribers : Series
        By pair.
    """
    if "purchases" not in frame:
        return None
    at = labels.index
    return pd.DataFrame({
        "segment": labels, "subscriber": subscribers.reindex(at), "purchases": frame["purchases"].reindex(at),
        "revenue": np.expm1(frame["log_revenue"].reindex(at)),
    })  # fmt: skip


def _estimates(pairs: pd.DataFrame, segment: int, seed: int) -> tuple[Estimate, Estimate, Estimate]:
    """Return means over the pairs of a segment, with intervals over subscribers drawn anew, each with all of their pairs."""
    own = pairs["segment"] == segment
    values = pd.DataFrame({
        "pairs": own.astype(float), "bought": (own & (pairs["purchases"] > 0)).astype(float),
        "purchases": pairs["purchases"].where(own, 0.0), "revenue": pairs["revenue"].where(own, 0.0),
    })  # fmt: skip
    by = values.groupby(pairs["subscriber"]).sum()
    base = by["pairs"].to_numpy(dtype=np.float64)

    def per_pair(name: str) -> Estimate:
        top = by[name].to_numpy(dtype=np.float64)
        return bootstrap(
            lambda w: float(w @ top / (w @ base)) if w @ base else math.nan, len(by),
            name=f"chat_paid/{name}/{segment}", seed=seed,
        )  # fmt: skip

    return per_pair("bought"), per_pair("purchases"), per_pair("revenue")


def money_table(known: Money, terms: Vocabulary) -> Shown:
    """Show what pairs of each segment bought."""
    if not known.told:
        return Shown("")
    rows = []
    for p in known.told:
        row: dict[str, object] = {"segment": p.name.strip("“”"), "subscribers": p.subscribers}
        row["pairs that bought"] = _between(p.bought, percent)
        row["purchases per pair"] = _between(p.purchases, fixed)
        row[f"{terms.amount} per pair"] = _between(p.revenue, lambda v: amount(v, terms))
        row["share of all purchases"] = p.share
        rows.append(row)
    frame = pd.DataFrame(rows)
    if not known.intervals:
        frame = frame.drop(columns=["subscribers", f"{terms.amount} per pair"])
    more = (
        f" {percent(known.level, 0)} intervals over subscribers drawn anew, each with all of their pairs [@davison1997]."
        if known.intervals else " Intervals, and revenue, would need single pairs, of which nothing is told here."
    )  # fmt: skip
    return table(
        frame, "tbl-money", f"**{money_finding(known)}.**{more}",
        {"share of all purchases": percent}, right=[c for c in frame.columns if c.endswith(("bought", "per pair"))], stack=True,
    )  # fmt: skip


def money_finding(known: Money) -> str:
    """State whether more pairs of some segment bought."""
    parts = [f"more of {join(known.more)}"] * bool(known.more) + [f"fewer of {join(known.fewer)}"] * bool(known.fewer)
    if parts:
        return f"{capital(join(parts))} bought than of all pairs, beyond chance"
    return (
        "That a segment bought more or less often than all pairs is not shown" if known.tested else "What pairs bought"
    )


def _between(found: Estimate, write: Callable[[float], str]) -> str:
    if not math.isfinite(found.value):
        return "–"
    ends = f" ({write(found.low)} to {write(found.high)})" if math.isfinite(found.low + found.high) else ""
    return f"{write(found.value)}{ends}"
