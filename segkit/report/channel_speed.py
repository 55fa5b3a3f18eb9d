"""How soon prospects close: facts and tables of restricted means, of the closed alone, and of fixed horizons."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from ..inference.rates import FEW_EVENTS
from ..inference.speed import Speed
from ..vocabulary import Vocabulary
from .channel_gaps import OMNICHANNEL, by_then, fair_means, rarely, real
from .channel_names import reached, who
from .prose import beside, count, inline, join, minus, number, percent, word
from .show import Shown, table

DASH = " A dash stands for what cannot be told."


@dataclass(frozen=True)
class Stay:
    """How long prospects of one strategy stay open within a limit.

    Attributes
    ----------
    name : str
        As a sentence writes it.
    days : float
        Mean days open within the limit.
    share : float
        Closed by then (Kaplan-Meier).
    difference, low, high : float
        Days open less those of the reference, with the interval; below zero is fewer.
    """

    name: str
    days: float
    share: float
    difference: float
    low: float
    high: float

    @property
    def side(self) -> int:
        """Fewer days (-1) or more (1) beyond chance, else 0."""
        return (self.low > 0) - (self.high < 0)


@dataclass(frozen=True)
class Facts:
    """What the page tells of times to close.

    Attributes
    ----------
    units, closed : int
        Prospects with a time, and those of them that closed; None where it may not be told.
    limits : list of int
        Limits of the restricted means, in days.
    limit : int
        The longest one at which a strategy can be compared with the reference; 0 where there is none.
    reference : str
        With whom the others are compared, as a sentence writes it.
    base : Stay or None
        These, at the limit.
    groups : list of Stay
        The others that can be compared, at the limit.
    both : Stay or None
        Of these, the prospects reached online and offline.
    unreached : list of str
        Strategies of which no prospect is observed so long, so that they cannot be compared at the limit.
    few : list of str
        Strategies of which so few closed that their intervals would be too narrow.
    chi, p : float
        Log-rank test.
    freedom : int
    level : float
        Of the intervals.
    enough : int
        How many have to close.
    """

    units: int
    closed: int
    limits: list[int]
    limit: int
    reference: str
    base: Stay | None
    groups: list[Stay]
    both: Stay | None
    unreached: list[str]
    few: list[str]
    chi: float
    p: float
    freedom: int
    level: float
    enough: int = FEW_EVENTS

    @property
    def shown(self) -> str:
        """What the difference of prospects reached online and offline goes with, and does not show; empty where there is none."""
        if not (self.both and self.both.side):
            return ""
        return by_then(self.both.side, self.both.share, self.base.share if self.base else math.nan)

    @property
    def fewer(self) -> list[str]:
        """Who is open for fewer days than the reference beyond chance."""
        return [s.name for s in self.groups if s.side < 0]

    @property
    def more(self) -> list[str]:
        """Who is open for more."""
        return [s.name for s in self.groups if s.side > 0]

    @property
    def alike(self) -> list[str]:
        """Who is open for neither."""
        return [s.name for s in self.groups if not s.side]

    @property
    def open_share(self) -> float:
        """Of the prospects, those that are still open."""
        return 1 - self.closed / self.units if self.units else math.nan

    @property
    def tested(self) -> bool:
        """Whether there is a test."""
        return bool(self.freedom) and math.isfinite(self.p)

    @property
    def apart(self) -> bool:
        """Whether the curves differ beyond chance."""
        return self.tested and self.p < 1 - self.level

    @property
    def probability(self) -> str:
        """The p of the test, as a sentence writes it."""
        return "less than 0.001" if self.p < 0.001 else beside(self.p, 1 - self.level, digits=3)


def facts(found: Speed) -> Facts:
    """Collect what the sentences on restricted means need."""
    rows, few = fair_means(found), rarely(found)
    counts = found.table.set_index("group")[["units", "events"]].apply(pd.to_numeric, errors="coerce")
    stays = {(r["group"], int(r["until"])): _stay(r) for _, r in rows.iterrows()}
    limits = sorted({u for _, u in stays})
    known = {(g, u): s for (g, u), s in stays.items() if math.isfinite(s.low + s.high)}
    limit = max((u for _, u in known), default=0)
    groups = {g: s for (g, u), s in known.items() if u == limit}
    names = list(dict.fromkeys(rows["group"]))
    base = stays.get((found.reference, limit))
    return Facts(
        units=int(counts["units"].sum()),
        closed=int(counts["events"].sum()),
        limits=limits,
        limit=limit,
        reference=who(found.reference),
        base=base if base and math.isfinite(base.days) else None,
        groups=list(groups.values()),
        both=groups.get(OMNICHANNEL),
        unreached=[who(g) for g in names if g not in (found.reference, *few) and g not in groups],
        few=[who(g) for g in few],
        chi=real(found.chi),
        p=real(found.p),
        freedom=int(found.freedom),
        level=float(found.params["level"]),
    )


def _stay(row: pd.Series) -> Stay:
    numbers = ("mean", "share", "difference", "difference_low", "difference_high")
    return Stay(who(row["group"]), *(real(row[n]) for n in numbers))


def means_table(found: Speed, terms: Vocabulary) -> Shown:
    """Show the restricted means by strategy, with their differences from the reference."""
    rows, few = fair_means(found), rarely(found)
    sizes = found.table.set_index("group")
    frame = pd.DataFrame(
        {
            terms.units: [reached(g) for g in rows["group"]],
            "number": [real(sizes.loc[g, "units"]) for g in rows["group"]],
            "within": [f"{int(u)} days" for u in rows["until"]],
            "closed by then": [real(v) for v in rows["share"]],
            "days open": [real(v) for v in rows["mean"]],
            "interval": [
                "–" if g in few else _days(a, b) for g, a, b in rows[["group", "low", "high"]].itertuples(index=False)
            ],
            "difference": [real(v) for v in rows["difference"]],
            "its interval": [_days(a, b) for a, b in zip(rows["difference_low"], rows["difference_high"], strict=True)],
        }
    )
    known = facts(found)
    rare = f" There are no intervals of strategies of which fewer than {word(FEW_EVENTS)} closed." if few else ""
    return table(
        frame, "tbl-open-days",
        f"**{finding(known)}.** Mean days open within the limit (restricted mean), with {percent(known.level, 0)} intervals; "
        f"differences are from {known.reference}, below zero is fewer days open.{rare}{dashes(frame)}",
        {"number": count, "closed by then": percent, "days open": number, "difference": _tenths},
        right=("interval", "its interval"), export=found.means, stack=True,
    )  # fmt: skip


def finding(known: Facts) -> str:
    """State who is open for fewer or more days than the reference."""
    if not known.groups:
        return "No strategy can be compared"
    if not known.fewer and not known.more:
        return f"Within {known.limit} days, no strategy differs from {known.reference} beyond chance"
    one, other = ((known.fewer, "fewer"), (known.more, "more")) if known.fewer else ((known.more, "more"), ([], ""))
    rest = f", and {join(other[0])} for {other[1]}" if other[0] else ""
    return f"Within {known.limit} days, {join(one[0])} are open for {one[1]} days than {known.reference}{rest}"


def _days(low: object, high: object) -> str:
    one, two = real(low), real(high)
    return minus(f"{number(one)} to {number(two)}") if math.isfinite(one + two) else "–"


def dashes(frame: pd.DataFrame) -> str:
    """Explain dashes; that of the reference, which is not compared with itself, needs no word."""
    return DASH if frame.drop(columns="difference", errors="ignore").isna().any(axis=None) else ""


def _tenths(days: float) -> str:
    return minus(f"{days:.1f}")


@dataclass(frozen=True)
class Naive:
    """What the mean days of the closed alone would say.

    Attributes
    ----------
    days : float
        Of all closed prospects; NaN where none may be told of.
    both, online : float
        Of prospects reached online and offline, and of the reference.
    contrary : bool
        Whether the difference of these two has another sign than the one with the open prospects.
    limit : int
        The limit of the latter; 0 where there is none.
    """

    days: float
    both: float
    online: float
    contrary: bool
    limit: int

    @property
    def told(self) -> bool:
        """Whether the two can be compared."""
        return math.isfinite(self.both + self.online)

    @property
    def gap(self) -> float:
        """The days of the first less those of the second."""
        return self.both - self.online


def naive(found: Speed) -> Naive:
    """Collect what the sentences on the closed alone need."""
    known = facts(found)
    rows = found.table.set_index("group")[["events", "closed_mean"]].apply(pd.to_numeric, errors="coerce")
    own, told = rows["closed_mean"].to_dict(), rows.dropna()
    both, online = own.get(OMNICHANNEL, math.nan), own.get(found.reference, math.nan)
    right = known.both.difference if known.both else math.nan
    return Naive(
        float((told["closed_mean"] * told["events"]).sum() / told["events"].sum()) if len(told) else math.nan,
        both, online, bool((both - online) * right < 0), known.limit if known.both else 0,
    )  # fmt: skip


def naive_table(found: Speed, terms: Vocabulary) -> Shown:
    """Show the mean days of the closed beside what holds for all."""
    known = facts(found)
    last = known.limit or max(known.limits, default=0)
    at = found.means[found.means["until"] == last].set_index("group")
    rows = []
    for _, size in found.table.iterrows():
        own = at.loc[size["group"]]
        counts = [real(size[n]) for n in ("units", "events", "closed_mean", "closed_median")]
        rows.append((reached(size["group"]), *counts, real(own["share"]), real(own["mean"])))
    columns = [
        terms.units, "number", "closed", "mean days, closed alone", "median days, closed alone", f"closed within {last} days",
        f"days open within {last} days",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    means = frame.dropna(subset=[columns[3]])
    said = (
        f"The closed alone took from {number(means[columns[3]].min(), 0)} to {number(means[columns[3]].max(), 0)} "
        "days in the mean"
        if len(means) > 1
        else "The closed alone cannot be compared"
    )
    return table(
        frame, "tbl-closed-days",
        f"**{said}.** It leaves out everybody who is open; the last two columns are of all prospects, the open ones censored."
        f"{dashes(frame)}",
        dict.fromkeys(columns[1:3], count) | dict.fromkeys([*columns[3:5], columns[6]], number) | {columns[5]: percent},
    )  # fmt: skip


@inline
def verdict(known: Facts) -> str:
    """Say in a few words what the comparison shows."""
    if not known.both:
        return "not comparable"
    return {
        -1: "omnichannel open for fewer days",
        1: "omnichannel open for more days",
        0: "no difference beyond chance",
    }[known.both.side]
