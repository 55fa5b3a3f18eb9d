"""In which state each pair is, from what was known at the time, and how often pairs move: facts, a figure and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ..features.chat_stages import BUYS, DAY, FALLS, RETURNS, STATES, Prospective
from ..inference.moves import MoveRates
from . import theme
from .channel_gaps import real
from .chat_stages import DASH, Published, whole
from .prose import capital, count, exact_percent, number, percent
from .show import Shown, table

EACH = 100  # pair-days by which rates are told
WRITING, SILENT = "writing", "silent"
METHODS = {"bootstrap": "resampled subscribers", "Poisson": "exact, few moves"}
AREA = 0.3  # opacity of the states that are silent


def interval(low: float, high: float, times: float = 1.0) -> str:
    """Write an interval of rates; a dash where there is none.

    >>> interval(0.1, 0.256, 100), interval(float("nan"), 0.1)
    ('10 to 25.6', '–')
    """
    return f"{number(low * times)} to {number(high * times)}" if math.isfinite(low + high) else "–"


@dataclass(frozen=True)
class Way:
    """A move out of a state, with its rate per pair and day; NaN where nobody could make it, or it may not be told."""

    move: str
    rate: float
    low: float
    high: float

    @property
    def told(self) -> bool:
        """Whether the rate is known."""
        return math.isfinite(self.rate + self.low + self.high)

    @property
    def each(self) -> str:
        """The rate on a hundred pair-days, with its interval."""
        return f"{number(self.rate * EACH)} ({interval(self.low, self.high, EACH)})"


@dataclass(frozen=True)
class State:
    """Where a pair may be.

    Attributes
    ----------
    state : str
        One of `segkit.features.chat_stages.STATES`.
    silent : bool
    name : str
    now : int or None
        Pairs in it at the end of the log.
    ways : list of Way
    """

    state: str
    silent: bool
    name: str
    now: int | None
    ways: list[Way]

    @property
    def next(self) -> str:
        """Whether a silence or a purchase comes next beyond chance: silence, purchase, or nothing that can be told."""
        by = {w.move: w for w in self.ways if w.told}
        if not {FALLS, BUYS} <= set(by):
            return ""
        falls, buys = by[FALLS], by[BUYS]
        return "silence" if falls.low > buys.high else "purchase" if buys.low > falls.high else ""


@dataclass(frozen=True)
class Guide:
    """What the page tells of the states.

    Attributes
    ----------
    hours : float
        From that long without a message on, a pair is silent.
    paid : bool
        Whether the log has money; without it, states differ by silence alone.
    states : list of State
    pairs, silent : int or None
        Pairs at the end of the log, and those of them that are silent.
    spells : int or None
        Stays of pairs in states.
    moments : int
        At how many the pairs are counted.
    level : float
        Of the intervals.
    few : bool
        Whether a rate has an exact interval, since there are few moves.
    each : int
        Pair-days by which rates are told.
    """

    hours: float
    paid: bool
    states: list[State]
    pairs: int | None
    silent: int | None
    spells: int | None
    moments: int
    level: float
    few: bool
    each: int = EACH

    @property
    def share(self) -> float:
        """Share of the pairs that are silent at the end."""
        return self.silent / self.pairs if self.pairs and self.silent is not None else math.nan

    @property
    def steadier(self) -> list[str]:
        """States of pairs that bought, and that fall silent less often than pairs without a purchase, beyond chance."""
        falls = {s.state: w for s in self.states for w in s.ways if w.move == FALLS and w.told}
        first = falls.get(STATES[0])
        return [s for s in STATES[1:] if first and s in falls and falls[s].high < first.low]


def guide(found: Prospective, rates: MoveRates, *, paid: bool) -> Guide:
    """Collect what sentences tell of the states.

    Parameters
    ----------
    found : Prospective
    rates : MoveRates
    paid : bool
        Whether the log has money.
    """
    now, own = _now(found), rates.table.set_index(["state", "move"])
    states = []
    for silent in (False, True):
        for state in STATES if paid else STATES[:1]:
            moves = (RETURNS,) if silent else (FALLS, BUYS) if paid else (FALLS,)
            known = [(m, own.loc[(state, m)]) for m in moves if (state, m) in own.index]
            ways = [Way(m, *(real(row[c]) for c in ("rate", "low", "high"))) for m, row in known]
            states.append(State(state, silent, _name(state, silent, paid=paid), whole(now.get((state, silent))), ways))
    counts, silences = [s.now for s in states], [s.now for s in states if s.silent]
    return Guide(
        found.silence_hours, paid, states, _total(counts), _total(silences), len(found.spells) or None,
        int(found.occupation["moment"].nunique()), float(rates.params["level"]),
        bool((_shown(rates, paid=paid)["method"] == "Poisson").any()),
    )  # fmt: skip


def _name(state: str, silent: bool, *, paid: bool) -> str:
    ending = SILENT if silent else WRITING
    return f"{state}, {ending}" if paid else ending


def _total(counts: Sequence[int | None]) -> int | None:
    known = [n for n in counts if n is not None]
    return sum(known) if len(known) == len(counts) else None


def _now(found: Prospective) -> pd.Series:
    """Return the pairs in each state at the end, by state and silence."""
    rows = found.occupation
    return rows[rows["moment"] == rows["moment"].max()].set_index(["state", "silent"])["pairs"]


def _shown(rates: MoveRates, *, paid: bool) -> pd.DataFrame:
    """Return the moves that can happen in this log."""
    rows = rates.table
    return rows if paid else rows[(rows["move"] != BUYS) & (rows["state"] == STATES[0])]


def verdict(known: Published, states: Guide) -> str:
    """Say in a few words how far stages look ahead, and how many pairs are silent."""
    ahead = f"{percent(known.leak, 0)} of messages have a published stage that looks ahead; " if known.told else ""
    silent = f"{percent(states.share, 0)} of the pairs silent" if math.isfinite(states.share) else "states by day"
    return ahead + silent


def occupied(found: Prospective, *, paid: bool) -> pd.DataFrame:
    """Return the pairs by moment (days since the log began) and state, as they are drawn; what may not be told is 0."""
    rows = found.occupation
    begin = rows["moment"].min() - DAY
    wide = rows.assign(day=(rows["moment"] - begin) / DAY).pivot(
        index="day", columns=["silent", "state"], values="pairs"
    )
    order = [(silent, state) for silent in (False, True) for state in reversed(STATES if paid else STATES[:1])]
    drawn: pd.DataFrame = wide.reindex(columns=pd.MultiIndex.from_tuples(order, names=["silent", "state"]))
    return drawn.astype("float64").fillna(0.0)


def occupation_figure(found: Prospective, *, paid: bool) -> Figure:
    """Draw how many pairs are in each state, day by day, one area on top of the other."""
    rows = occupied(found, paid=paid)
    tones = dict(zip(STATES, theme.PALETTE, strict=False))
    below = np.zeros(len(rows))
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 4.2))
        handles = []
        for silent, state in rows.columns:
            above = below + rows[(silent, state)].to_numpy()
            look: dict[str, Any] = {"facecolor": tones[state], "alpha": AREA if silent else 0.95}
            axes.fill_between(rows.index, below, above, lw=0, **look)
            axes.plot(rows.index, above, color=theme.PAPER, lw=1.2)
            handles.append(Patch(label=_name(state, silent, paid=paid), **look))
            below = above
        axes.set_xlim(float(rows.index.min()), float(rows.index.max()))
        axes.set_ylim(0, float(below.max()) * 1.03 or 1.0)
        axes.set_xlabel("days since the log began")
        axes.set_ylabel("pairs")
        drawn.legend(handles=handles[::-1], loc="outside lower center", ncols=2, handlelength=1.2)
    return drawn


def occupation_caption(found: Prospective, states: Guide) -> str:
    """State how many pairs are silent at the end."""
    finding = (
        f"{percent(states.share, 0)} of the pairs are silent at the end of the log"
        if math.isfinite(states.share)
        else "Pairs by state, day by day"
    )
    gaps = " What may not be told is drawn as nothing." if found.occupation["pairs"].isna().any() else ""
    what = (
        "Full colours write, pale ones are silent" if states.paid else "The full colour writes, the pale one is silent"
    )
    return (
        f"**{finding}.** Pairs that have begun to write, at each midnight and at the end of the log. {what}: "
        f"{number(states.hours)} hours or more without a message.{gaps}"
    )


def occupation_alt(states: Guide) -> str:
    """Describe the areas by their ends."""
    parts = [f"{s.name} {count(s.now)}" for s in states.states if s.now is not None]
    return f"Stacked areas of pairs by day. At the end: {'; '.join(parts) or 'nothing may be told'}."


def now_table(found: Prospective, states: Guide) -> Shown:
    """Show how many pairs are in each state at the end; every day is in the CSV."""
    total = states.pairs or math.nan
    frame = pd.DataFrame({
        "state": [s.name for s in states.states],
        "pairs": [math.nan if s.now is None else float(s.now) for s in states.states],
    })  # fmt: skip
    frame["share"] = frame["pairs"] / total
    known = [s for s in states.states if s.now is not None]
    most = max(known, key=lambda s: s.now or 0) if known else None
    finding = f"The commonest state is “{most.name}”" if most else "Pairs by state"
    rows = found.occupation if states.paid else found.occupation[found.occupation["state"] == STATES[0]]
    return table(
        frame, "tbl-states-now",
        f"**{finding}.** At the end of the log. The CSV holds every midnight.{DASH if frame.isna().any(axis=None) else ''}",
        {"pairs": count, "share": lambda v: percent(v, 0)}, headings={"share": "of all pairs"},
        export=rows.assign(moment=rows["moment"].astype(str)),
    )  # fmt: skip


def moves_table(rates: MoveRates, *, paid: bool) -> Shown:
    """Show how often pairs move, on a hundred days on which they could."""
    rows = _shown(rates, paid=paid)
    frame = pd.DataFrame({
        "move": rows["move"].to_numpy(), "state": rows["state"].to_numpy(),
        "moves": rows["events"].to_numpy(dtype=np.float64), "subscribers": rows["subscribers"].to_numpy(dtype=np.float64),
        "days": rows["pair_days"].to_numpy(dtype=np.float64), "rate": rows["rate"].to_numpy(dtype=np.float64) * EACH,
        "interval": [interval(real(a), real(b), EACH) for a, b in zip(rows["low"], rows["high"], strict=True)],
        "by": [METHODS.get(str(m), str(m)) for m in rows["method"]],
    })  # fmt: skip
    if not paid:
        frame = frame.drop(columns="state")
    known = rows.dropna(subset=["rate"])
    top = known.loc[known["rate"].idxmax()] if len(known) else None
    where = f" in the state “{top['state']}”" if top is not None and paid else ""
    finding = (
        "How often pairs move" if top is None else f"The highest rate is that at which a pair {top['move']}{where}"
    )
    dash = DASH if frame.isna().any(axis=None) else ""
    return table(
        frame, "tbl-move-rates",
        f"**{capital(finding)}.** Moves on {EACH} pair-days, the days on which a pair was in the state and so could make the move, "
        f"with {exact_percent(rates.params['level'])} intervals. Subscribers: those that made it. With few moves, or those of one "
        f"subscriber only, the interval is exact for moves that happen by themselves [@garwood1936].{dash}",
        {"moves": count, "subscribers": count, "days": number, "rate": number},
        headings={"state": "in the state", "days": "pair-days", "rate": f"on {EACH} pair-days", "by": "interval by"},
        right=("interval",), export=rows, stack=True,
    )  # fmt: skip
