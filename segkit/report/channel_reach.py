"""Which channels reached the prospects: facts, a figure and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.reach import Reach
from . import theme
from .channel_gaps import between, channel, real
from .prose import capital, count, fixed, join, number, percent
from .show import Shown, table

KINDS = {"offline": ("offline channel", "tbl-offline"), "online": ("platform", "tbl-online")}
SIGNALS = {
    "has_offline_signal": "touched offline",
    "online": "touched online",
    "is_omnichannel": "omnichannel (both)",
    "system": "entered by a system, no offline touch named",
}


@dataclass(frozen=True)
class Part:
    """How many prospects have something.

    Attributes
    ----------
    units, share, low, high : float
        NaN where so few have it that it is not told.
    """

    units: float
    share: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether it may be told."""
        return math.isfinite(self.share)

    @property
    def counted(self) -> str:
        """The number of prospects."""
        return count(self.units) if math.isfinite(self.units) else "–"


@dataclass(frozen=True)
class Widest:
    """The channel that reached most of its kind."""

    name: str
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Facts:
    """What the page tells of the reach of channels.

    Attributes
    ----------
    units : int
        Prospects in all.
    offline, online, both, system : Part
        With a touch offline, online, of both kinds; and entered by a system with no offline touch named.
    mean_offline, mean_online : float
        Mean number of offline channels, and of platforms, per prospect.
    offline_widest, online_widest : Widest or None
        None where no channel of the kind reached anybody who may be told of.
    offline_silent, online_silent : list of str
        Channels that reached nobody, or too few to be told of.
    level : float
        Of the intervals.
    """

    units: int
    offline: Part
    online: Part
    both: Part
    system: Part
    mean_offline: float
    mean_online: float
    offline_widest: Widest | None
    online_widest: Widest | None
    offline_silent: list[str]
    online_silent: list[str]
    level: float


def rows_of(found: Reach, kind: str) -> pd.DataFrame:
    """Return the channels of one kind, the widest first; what may not be told is NaN."""
    rows = found.table[found.table["kind"] == kind].copy()
    figures = [c for c in rows.columns if c not in ("kind", "channel")]
    rows[figures] = rows[figures].apply(pd.to_numeric, errors="coerce").astype("float64")
    return rows.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def facts(found: Reach) -> Facts:
    """Collect what the sentences of the page need."""
    told = {name: _part(found.signal(name)) for name in SIGNALS}
    widest, silent = {}, {}
    for kind in KINDS:
        rows = rows_of(found, kind)
        heard = rows["units"] > 0
        first = next(rows[heard].itertuples(), None)
        widest[kind] = Widest(channel(str(first.channel)), first.share, first.low, first.high) if first else None
        silent[kind] = [channel(str(n)) for n in rows.loc[~heard, "channel"]]
    return Facts(
        units=found.units,
        offline=told["has_offline_signal"],
        online=told["online"],
        both=told["is_omnichannel"],
        system=told["system"],
        mean_offline=real(found.diversity["offline"]),
        mean_online=real(found.diversity["online"]),
        offline_widest=widest["offline"],
        online_widest=widest["online"],
        offline_silent=silent["offline"],
        online_silent=silent["online"],
        level=float(found.params["level"]),
    )


def _part(row: Any) -> Part:
    return Part(*(real(row[c]) for c in ("units", "share", "low", "high")))


def overview_table(found: Reach) -> Shown:
    """Show the cohort, and how many of it were touched how."""
    told = facts(found)
    parts = [("all", Part(found.units, 1.0, math.nan, math.nan))]
    parts += [(said, _part(found.signal(name))) for name, said in SIGNALS.items()]
    frame = pd.DataFrame(
        {
            "prospects": [name for name, _ in parts],
            "number": [p.units for _, p in parts],
            "share": [p.share for _, p in parts],
            "interval": [between(p.low, p.high) for _, p in parts],
        }
    )
    finding = (
        f"{percent(told.both.share)} of {count(told.units)} prospects were touched both offline and online"
        if told.both.known
        else f"Of {count(told.units)} prospects, too few were touched both offline and online to be told of"
    )
    return table(
        frame, "tbl-overview",
        f"**{finding}.** On average {fixed(told.mean_offline)} offline channels and {fixed(told.mean_online)} platforms per "
        f"prospect. {percent(told.level, 0)} intervals after Wilson [@wilson1927], or Jeffreys where there are few.",
        {"number": count, "share": percent}, right=("interval",), export=found.signals,
    )  # fmt: skip


def finding(found: Reach, kind: str) -> str:
    """State which channel of a kind reached most."""
    own = facts(found)
    widest = own.offline_widest if kind == "offline" else own.online_widest
    if widest is None:
        return f"No {KINDS[kind][0]} reached anybody who may be told of"
    rows = rows_of(found, kind)
    rest = rows[rows["units"] > 0].iloc[1:2]
    after = (
        f"; next is {channel(str(rest['channel'].iloc[0]))} with {percent(rest['share'].iloc[0])}" if len(rest) else ""
    )
    return f"{widest.name} reached {percent(widest.share)}, the most of any {KINDS[kind][0]}{after}"


def reach_figure(found: Reach, kind: str) -> Figure:
    """Draw which share of the prospects each channel of a kind reached, with its interval."""
    rows = rows_of(found, kind)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 0.8 + 0.33 * max(len(rows), 1)))
        at = np.arange(len(rows))
        axes.barh(at, rows["share"].fillna(0.0), color=theme.ACCENT, alpha=0.75, height=0.62)
        axes.hlines(at, rows["low"], rows["high"], color=theme.INK, lw=1.5)
        top = float(np.nanmax([*rows["high"], 0.01]))
        for y, (share, high) in enumerate(zip(rows["share"], rows["high"], strict=True)):
            axes.text(np.nan_to_num(high) + 0.02 * top, y, percent(share), va="center", fontsize=9.5)
        axes.set_yticks(at, [channel(str(n)) for n in rows["channel"]])
        axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        axes.set_xlim(0, 1.25 * top)
        axes.locator_params(axis="x", nbins=5)
        axes.xaxis.set_major_formatter(lambda v, _: f"{v * 100:g} %")
        axes.set_xlabel("share reached")
        axes.grid(axis="y", visible=False)
    return drawn


def reach_caption(found: Reach, kind: str) -> str:
    """State which channel reached most, and what the bars are."""
    told = facts(found)
    silent = told.offline_silent if kind == "offline" else told.online_silent
    none = f" {capital(join(silent))} reached nobody, or too few to be told of." if silent else ""
    return (
        f"**{finding(found, kind)}.** Share of all {count(told.units)} prospects with a touch; lines are "
        f"{percent(told.level, 0)} intervals. Shares do not add up, since several channels may reach one prospect.{none}"
    )


def reach_alt(found: Reach, kind: str) -> str:
    """Describe the bars."""
    rows = rows_of(found, kind)
    told = join([f"{channel(str(r.channel))} {percent(r.share)}" for r in rows.itertuples() if r.units > 0])
    return f"Bars of the share that each {KINDS[kind][0]} reached{': ' + told if told else ''}."


def reach_table(found: Reach, kind: str) -> Shown:
    """Show how many prospects each channel of a kind reached, and how often it is mentioned of them."""
    rows = rows_of(found, kind)
    noun, label = KINDS[kind]
    frame = pd.DataFrame(
        {
            noun: [channel(str(n)) for n in rows["channel"]],
            "prospects": rows["units"],
            "share": rows["share"],
            "interval": [between(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
            "mentions": rows["mentions"],
            "mentions each": rows["mean"],
        }
    )
    first = rows[rows["mean"].round(2) == round(rows["mean"].max(), 2)]  # as the column shows them
    names, one = join([channel(str(n)) for n in first["channel"]]), len(first) == 1
    often = (
        f"{names} {'has' if one else 'have'} the most mentions of whom {'it' if one else 'they'} reached, "
        f"{number(first['mean'].max(), 2)} each"
        if len(first)
        else f"No {noun} reached anybody who may be told of"
    )
    return table(
        frame, label,
        f"**{often}.** “Mentions each” is the mean number of mentions per prospect reached. Shares are of all prospects, "
        f"with {percent(float(found.params['level']), 0)} intervals.",
        {"prospects": count, "share": percent, "mentions": count, "mentions each": fixed}, right=("interval",), export=rows,
    )  # fmt: skip
