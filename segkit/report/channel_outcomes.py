"""Outcomes by platform, source, intake and stage: facts, a figure and tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.groups import GroupRates
from ..inference.rates import FEW_UNITS
from ..inference.standouts import standouts
from ..vocabulary import Vocabulary
from . import theme
from .channel_gaps import Rated, between, gap_of, point, real
from .channel_names import intake, platform, stage
from .channel_use import source
from .prose import capital, count, join, percent, word
from .show import Shown, table


@dataclass(frozen=True)
class Kind:
    """A way to divide prospects.

    Attributes
    ----------
    key : str
        Of the study's benchmarks.
    one, many : str
        What it divides them into.
    write : callable
        A group for readers.
    timed : bool
        Whether the groups have an order of their own.
    """

    key: str
    one: str
    many: str
    write: Callable[[str], str]
    timed: bool = False


KINDS = {
    k.key: k
    for k in (
        Kind("platform_tag", "platform", "groups by platform", platform),  # one of them is of no platform
        Kind("latest_source", "latest source", "latest sources", source),
        Kind("intake", "intake period", "intake periods", intake, timed=True),
        Kind("stage", "stage", "stages", stage),
    )
}
DRAWN = ("platform_tag", "latest_source", "intake")
MOST = 14  # groups of a kind in the figure; the tables have all
ROW = 0.27  # inches that a row of the figure takes


@dataclass(frozen=True)
class Looked:
    """What is told of one way to divide prospects.

    Attributes
    ----------
    one, many : str
        What it divides them into.
    told : int
        Groups whose rates may be told.
    apart : list of Rated
        Those that differ from all others beyond chance, with all groups looked at; the largest difference first.
    highest, lowest : Rated or None
        By rate.
    """

    one: str
    many: str
    told: int
    apart: list[Rated]
    highest: Rated | None
    lowest: Rated | None


@dataclass(frozen=True)
class Facts:
    """What the page tells of outcomes.

    Attributes
    ----------
    platforms, sources, intakes, stages : Looked or None
        None where the file has nothing of the kind, or one group only.
    of_all : float
        Closed, of all prospects that the largest of these tables has; NaN where it may not be told.
    level : float
        Of the intervals.
    """

    platforms: Looked | None
    sources: Looked | None
    intakes: Looked | None
    stages: Looked | None
    of_all: float
    level: float

    @property
    def kinds(self) -> list[Looked]:
        """The ways to divide prospects that can be told of, but for stages, which follow from closing."""
        return [k for k in (self.platforms, self.sources, self.intakes) if k and k.told > 1]

    @property
    def differing(self) -> list[Looked]:
        """Those of them in which a group differs from all others."""
        return [k for k in self.kinds if k.apart]

    @property
    def timely(self) -> bool:
        """Whether an intake period differs, which may be due to the time that its prospects have had."""
        return bool(self.intakes and self.intakes.apart)


def facts(benchmarks: Mapping[str, GroupRates]) -> Facts:
    """Collect what the sentences on outcomes need."""
    found = {key: looked(benchmarks[key], kind) for key, kind in KINDS.items() if key in benchmarks}
    levels = [float(r.params["level"]) for r in benchmarks.values()]
    return Facts(
        found.get("platform_tag"), found.get("latest_source"), found.get("intake"), found.get("stage"),
        max((overall(r) for r in benchmarks.values()), key=lambda x: x[1], default=(math.nan, 0.0))[0],
        levels[0] if levels else math.nan,
    )  # fmt: skip


def overall(rates: GroupRates) -> tuple[float, float]:
    """Return the share closed of all groups that may be told of, and of how many units."""
    known = rates.table[["events", "units"]].apply(pd.to_numeric, errors="coerce").dropna().sum()
    units = float(known["units"])
    return (float(known["events"]) / units if units else math.nan), units


def looked(rates: GroupRates, kind: Kind) -> Looked:
    """Return what is told of one way to divide prospects."""
    rows = rates.table[pd.to_numeric(rates.table["rate"], errors="coerce").notna()]
    every = [_rated(r, kind) for _, r in rows.iterrows()]
    apart = standouts(rates.table, level=float(rates.params["level"]))
    return Looked(
        kind.one, kind.many, len(every), [_rated(r, kind) for _, r in apart.iterrows()],
        max(every, key=lambda r: r.rate, default=None), min(every, key=lambda r: r.rate, default=None),
    )  # fmt: skip


def _rated(row: pd.Series, kind: Kind) -> Rated:
    name = kind.write(str(row["group"]))
    return Rated(name, real(row["rate"]), real(row["low"]), real(row["high"]), gap_of(row))


def in_order(rates: GroupRates, kind: Kind) -> pd.DataFrame:
    """Return the groups in their own order, or by their rates, the highest first; those not told of last."""
    rows = rates.table.assign(shown=pd.to_numeric(rates.table["rate"], errors="coerce"))
    if kind.timed:
        return rows.sort_values("group", kind="stable", ignore_index=True)
    return rows.sort_values("shown", ascending=False, kind="stable", ignore_index=True)


def finding(found: Looked) -> str:
    """State which groups differ from all others."""
    if found.told < 2:
        return f"There are not two {found.many} that may be told of"
    if not found.apart:
        return f"None of {word(found.told)} {found.many} differs from all others beyond chance"
    parts = [f"{r.name} {percent(r.rate)}" for r in found.apart[:1] + found.apart[1:][-1:]]
    some = f"{word(len(found.apart))} of {word(found.told)} {found.many} {'differs' if len(found.apart) == 1 else 'differ'}"
    return f"{capital(some)} from all others beyond chance{', as' if len(found.apart) > 2 else ':'} {join(parts)}"


def rates_table(benchmarks: Mapping[str, GroupRates], key: str, terms: Vocabulary) -> Shown:
    """Show the rate of closing of each group of one kind."""
    kind = KINDS[key]
    if key not in benchmarks:
        return Shown(f"The {terms.record} does not tell {kind.many} apart.")
    rates = benchmarks[key]
    rows = in_order(rates, kind)
    gaps = [gap_of(r) for _, r in rows.iterrows()]
    frame = pd.DataFrame(
        {
            kind.one: [kind.write(g) for g in rows["group"]],
            terms.units: [real(v) for v in rows["units"]],
            "closed": [real(v) for v in rows["events"]],
            "rate": [real(v) for v in rows["rate"]],
            "interval": [between(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
            "against the others": [point(g.difference) if g.known else "–" for g in gaps],
            "its interval": [g.interval for g in gaps],
        }
    )
    level = percent(float(rates.params["level"]), 0)
    left = f" {count(rates.unknown)} without one are left out." if rates.unknown else ""
    blank = " A dash: too few to be told of." if frame.isna().any(axis=None) else ""
    return table(
        frame, f"tbl-{kind.many.replace(' ', '-')}",
        f"**{finding(looked(rates, kind))}.** Share closed, with {level} intervals of Wilson or Jeffreys; "
        "differences from all others in "
        f"percentage points, with Newcombe's interval [@newcombe1998]. Intervals stand for each row alone; what is called beyond "
        f"chance allows for all rows [@holm1979].{left}{blank}",
        {terms.units: count, "closed": count, "rate": percent},
        right=("interval", "against the others", "its interval"), export=rates.table,
    )  # fmt: skip


def drawn(benchmarks: Mapping[str, GroupRates]) -> dict[str, pd.DataFrame]:
    """Return what the figure shows, by kind: the largest groups of those that may be told of, in order.

    Groups of few units have intervals so wide that nothing could be read of the others.
    """
    out = {}
    for key in DRAWN:
        if key not in benchmarks:
            continue
        rows = in_order(benchmarks[key], KINDS[key]).dropna(subset=["shown"])
        sizes = pd.to_numeric(rows["units"], errors="coerce").fillna(0)
        kept = rows[(sizes.rank(method="first", ascending=False) <= MOST) & (sizes >= FEW_UNITS)]
        if len(kept):
            out[key] = kept
    return out


def figure(benchmarks: Mapping[str, GroupRates]) -> Figure:
    """Draw the rate of each platform, source and intake period with its interval."""
    parts = drawn(benchmarks)
    heights = [len(rows) + 1.2 for rows in parts.values()] or [2.0]
    with theme.style():
        page, grid = pyplot.subplots(
            len(heights), 1, sharex=True, squeeze=False, figsize=(5.0, 0.7 + ROW * sum(heights)), height_ratios=heights
        )  # fmt: skip
        for axes, (key, rows) in zip(grid[:, 0], parts.items(), strict=False):
            at = np.arange(len(rows))
            low, high = (pd.to_numeric(rows[n], errors="coerce") for n in ("low", "high"))
            axes.axvline(overall(benchmarks[key])[0], color=theme.MUTE, lw=1, ls=":")
            axes.hlines(at, low, high, color=theme.ACCENT, lw=2)
            axes.plot(rows["shown"], at, "o", color=theme.ACCENT, ms=6)
            axes.set_yticks(at, [KINDS[key].write(g) for g in rows["group"]])
            axes.set_ylim(len(rows) - 0.4, -0.6)
            axes.set_title(capital(KINDS[key].one))
            axes.grid(axis="y", visible=False)
        grid[-1, 0].xaxis.set_major_formatter(lambda v, _: f"{v * 100:.3g} %")
        grid[-1, 0].set_xlim(left=0)
        grid[-1, 0].set_xlabel("share closed")
    return page


def caption(benchmarks: Mapping[str, GroupRates]) -> str:
    """State in what prospects differ beyond chance."""
    known = facts(benchmarks)
    parts = drawn(benchmarks)
    if not parts:
        return "**No rate may be told.**"
    said = (
        f"Closing rates differ beyond chance between {join([k.many for k in known.differing])}"
        if known.differing
        else "No platform, source or intake period differs from all others beyond chance"
    )
    cut = [KINDS[k].many for k in parts if len(parts[k]) == MOST]
    more = f" Of the {join(cut)}, the largest {MOST} are drawn." if cut else ""
    small = sum(int((pd.to_numeric(benchmarks[k].table["units"], errors="coerce") < FEW_UNITS).sum()) for k in parts)
    more += f" Groups of fewer than {FEW_UNITS} are in the tables only." if small else ""
    return (
        f"**{said}.** Share closed with {percent(known.level, 0)} intervals; the dotted line is that of all. The "
        "widest intervals are of "
        f"the smallest groups.{more}"
    )


def alt(benchmarks: Mapping[str, GroupRates]) -> str:
    """Describe the dots."""
    told = [
        f"{KINDS[key].many}: "
        + join(
            [f"{KINDS[key].write(g)} {percent(float(v))}" for g, v in zip(rows["group"], rows["shown"], strict=True)]
        )
        for key, rows in drawn(benchmarks).items()
    ]
    return f"Dots with intervals of the share closed. {'; '.join(map(capital, told)) or 'Nothing may be told'}."
