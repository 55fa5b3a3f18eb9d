"""The segments of markets window after window: who stays, who moves, and what chance alone would keep together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..engine.matching import rand_index
from ..engine.meaning import Cards
from ..engine.over_time import OverTime
from ..thresholds import CLOSE, LEVEL
from . import theme
from .findings import quoted
from .market_figures import legend, marks, short
from .market_segments import listed
from .prose import capital, count, fixed, join, percent, plural, word
from .robustness import ONE, agreement
from .show import Shown, table

ROWS = 48  # markets that have a row in the figure; more fit on no page
TICKS = 6  # windows that are named below it


def month(window: object) -> str:
    """Write a month in little room.

    >>> month(pd.Timestamp("2014-05-01"))
    'May 2014'
    """
    return f"{pd.Timestamp(str(window)):%b %Y}"


@dataclass(frozen=True)
class Step:
    """From one window to the next: the later one, how many markets stay, and whether more than by chance."""

    window: str
    before: str
    stayed: int
    beyond: bool


@dataclass(frozen=True)
class Mover:
    """A market that changes its segment: how often, and in which share of the windows it is where it is most often."""

    name: str
    changes: int
    share: float


@dataclass(frozen=True)
class Skipped:
    """A window that could not be divided, and why."""

    window: str
    why: str


@dataclass(frozen=True)
class Looks:
    """What the page tells of successive windows.

    Attributes
    ----------
    markets, k : int
    length, every : int
        Months of a window, and from one window to the next.
    windows : list of str
        The last months of those that could be divided.
    skipped : list of Skipped
    steps : list of Step
    staying, dealt : float
        Share of all moves that end where they began, and the mean share where segments of the same sizes are dealt out at
        random; NaN with fewer than two windows.
    movers : list of Mover
        The most restless first.
    agrees : float
        Adjusted Rand index of the segments of the last window and those in use; NaN without windows.
    close : float
        From which index on two divisions are close.
    """

    markets: int
    k: int
    length: int
    every: int
    windows: list[str]
    skipped: list[Skipped]
    steps: list[Step]
    staying: float
    dealt: float
    movers: list[Mover]
    agrees: float
    close: float = CLOSE

    @property
    def overlap(self) -> int:
        """Months that neighbours share."""
        return max(self.length - self.every, 0)

    @property
    def beyond(self) -> int:
        """Steps at which more markets stay than by chance."""
        return sum(s.beyond for s in self.steps)

    @property
    def still(self) -> int:
        """Markets that never change their segment."""
        return self.markets - len(self.movers)

    @property
    def moving(self) -> str:
        """Those that do, as a sentence names them."""
        return listed([m.name for m in self.movers])

    @property
    def restless(self) -> list[Mover]:
        """Those that change most often."""
        return [m for m in self.movers if m.changes == self.movers[0].changes]

    @property
    def roughest(self) -> list[Step]:
        """The steps at which the fewest stay."""
        least = min((s.stayed for s in self.steps), default=0)
        return [s for s in self.steps if s.stayed == least]

    @property
    def same(self) -> bool:
        """Whether the last window gives the segments in use."""
        return self.agrees >= ONE


def looks(found: OverTime, labels: pd.Series, *, months: int, length: int, every: int) -> Looks:
    """Collect what sentences tell of successive windows.

    Parameters
    ----------
    found : OverTime
    labels : Series of int
        The segments in use, by market.
    months, length, every : int
        Complete months in all; of a window where there are so many; from one window to the next.
    """
    own = labels.reindex(found.labels.index).to_numpy()
    units = found.units.sort_values(["changes", "share"], ascending=[False, True], kind="stable")
    return Looks(
        markets=len(labels),
        k=int(labels.nunique()),
        length=min(months, length),
        every=every,
        windows=[month(w) for w in found.labels],
        skipped=[Skipped(month(w), why.rstrip(".")) for w, why in found.skipped.items()],
        steps=[Step(month(s.window), month(s.before), int(s.stayed), bool(s.p <= LEVEL)) for s in found.steps.itertuples()],
        staying=found.staying,
        dealt=float(found.steps["chance"].mean()) if len(found.steps) else math.nan,
        movers=[Mover(str(u.unit), int(u.changes), float(u.share)) for u in units.itertuples() if u.changes],
        agrees=rand_index(own, found.labels.iloc[:, -1].to_numpy()) if found.labels.shape[1] else math.nan,
    )  # fmt: skip


def verdict(known: Looks) -> str:
    """Say in a few words who stays."""
    if not known.steps:
        return "too few months for a look back"
    return f"{percent(known.staying, 0)} stay from one look to the next, {percent(known.dealt, 0)} by chance"


def rows_of(found: OverTime, cards: Cards) -> pd.DataFrame:
    """Return markets by windows as they are drawn: by the segment of the last window, those who move most last in each."""
    rank = {s: i for i, s in enumerate(cards.order)}
    changes = found.units.set_index("unit")["changes"]
    last = found.labels.iloc[:, -1]
    order = sorted(found.labels.index, key=lambda m: (rank[int(last[m])], int(changes[m])))
    kept = set(sorted(order, key=lambda m: -int(changes[m]))[:ROWS])
    return found.labels.loc[[m for m in order if m in kept]]


def windows_figure(found: OverTime, cards: Cards) -> Figure:
    """Draw the segment of each market in each window, with a frame where it has changed."""
    shown, tone, mark = rows_of(found, cards), theme.colours(cards), marks(cards)
    n, across = shown.shape
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 0.7 + 0.3 * n))
        for i, own in enumerate(shown.to_numpy(dtype=np.int64)):
            for j, s in enumerate(own):
                axes.add_patch(Rectangle((j + 0.03, i + 0.06), 0.94, 0.88, facecolor=tone[s], alpha=0.25, lw=0))
                axes.plot(j + 0.5, i + 0.5, mark[s], color=tone[s], ms=6)
                if j and s != own[j - 1]:
                    axes.plot([j, j], [i + 0.06, i + 0.94], color=theme.INK, lw=2.2, solid_capstyle="butt")
        axes.set_xlim(0, across)
        axes.set_ylim(n, 0)
        every = -(-across // TICKS)
        at = range((across - 1) % every, across, every)  # the last one always has its name
        axes.set_xticks([j + 0.5 for j in at], [month(shown.columns[j]).replace(" ", "\n") for j in at])
        axes.set_yticks(np.arange(n) + 0.5, [short(str(m)) for m in shown.index])
        axes.set_xlabel("last month of the window")
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        legend(figure, cards)
    return figure


def windows_caption(known: Looks) -> str:
    """State how many markets never change."""
    n = known.markets
    finding = (
        f"There is one window, which ends with {known.windows[0]}" if len(known.windows) == 1
        else f"No market changes its segment in {plural(len(known.windows), 'window', words=True)}" if not known.movers
        else f"{capital(word(known.still))} of {plural(n, 'market', words=True)} never "
        f"{'changes its segment' if known.still == 1 else 'change their segment'}" if known.still
        else f"Each of {plural(n, 'market', words=True)} changes its segment at least once"
    )  # fmt: skip
    rest = f" The {count(ROWS)} that change most often are shown." if n > ROWS else ""
    return (
        f"**{finding}.** Colours and marks are those of the segments; a dark line stands where a market has changed. Each window "
        f"holds {plural(known.length, 'month')}.{rest}"
    )


def windows_alt(found: OverTime, cards: Cards) -> str:
    """Describe the segments of the last window, and who has changed."""
    last, named = found.labels.iloc[:, -1], {c.id: c.short for c in cards}
    parts = [f"{named[s]}: {listed([str(m) for m in last.index[last == s]])}" for s in cards.order if (last == s).any()]
    moved = [f"{u.unit} {count(u.changes)}" for u in found.units.itertuples() if u.changes]
    rest = f" Changes: {join(moved)}." if moved else " No changes."
    return f"Grid of markets by windows, in the colour of the segment. In the last window: {'; '.join(parts)}.{rest}"


def moves_table(found: OverTime, cards: Cards) -> Shown:
    """Show the migration matrix: of the markets of each segment, which share is where in the next window."""
    shares, order = found.shares, list(cards.order)
    named = {c.id: c.name for c in cards}
    cell = [
        [f"{percent(shares.loc[a, b], 0)} ({count(found.moves.loc[a, b])})" if found.moves.loc[a].any() else None for b in order]
        for a in order
    ]  # fmt: skip
    frame = pd.DataFrame(cell, columns=[named[b] for b in order])
    frame.insert(0, "from", [named[a] for a in order])
    kept = {s: float(shares.loc[s, s]) for s in order if found.moves.loc[s].any()}
    least = min(kept, key=lambda s: kept[s])
    card = next(c for c in cards if c.id == least)
    finding = (
        "Every segment keeps all of its markets" if kept[least] == 1.0
        else f"{quoted(card)} keeps the fewest of its markets: {percent(kept[least], 0)}"
    )  # fmt: skip
    dash = " A dash: no market was in that segment." if len(kept) < len(order) else ""
    return table(
        frame, "tbl-moves",
        f"**{finding}.** Rows: the segment in one window. Columns: the segment in the next. Each row adds up to {percent(1.0)}; "
        f"numbers of moves, over all steps, stand in brackets.{dash}",
        right=list(frame.columns[1:]), export=found.moves.rename_axis("from").reset_index(), stack=True,
    )  # fmt: skip


def steps_table(found: OverTime) -> Shown:
    """Show step by step how many markets stay, beside what chance gives."""
    rows, n = found.steps, len(found.labels)
    frame = pd.DataFrame({
        "to": [month(w) for w in rows["window"]], "stay": [f"{count(s)} of {count(n)}" for s in rows["stayed"]],
        "ARI": rows["ari"].to_numpy(), "chance": rows["chance"].to_numpy(), "chance_high": rows["chance_high"].to_numpy(),
        "p": rows["p"].to_numpy(),
    })  # fmt: skip
    beyond = int((rows["p"] <= LEVEL).sum())
    at = f"At {word(beyond) if beyond else 'none'} of"
    return table(
        frame, "tbl-steps",
        f"**{at} {plural(len(rows), 'step', words=True)} more markets stay than by chance.** To: the last month of the later "
        "window. ARI: adjusted Rand index with the window before. By chance: the share that stays where segments of the same "
        f"sizes are dealt out at random, on average, and its {percent(1 - LEVEL, 0)} quantile; p: share of such deals in which as "
        "many stay.",
        {"ARI": agreement, "chance": lambda v: percent(v, 0), "chance_high": lambda v: percent(v, 0), "p": lambda v: fixed(v, 3)},
        headings={"chance": "by chance", "chance_high": "quantile by chance"}, right=("stay",), export=rows, stack=True,
    )  # fmt: skip


def movers_table(found: OverTime, known: Looks, cards: Cards) -> Shown:
    """Show the markets that change their segment, the most restless first."""
    named, home = {c.id: c.name for c in cards}, found.units.set_index("unit")["segment"]
    last = found.labels.iloc[:, -1]
    frame = pd.DataFrame({
        "market": [m.name for m in known.movers],
        "changes": [m.changes for m in known.movers],
        "most often in": [named[int(home[m.name])] for m in known.movers],
        "share": [m.share for m in known.movers],
        "last in": [named[int(last[m.name])] for m in known.movers],
    })  # fmt: skip
    top = known.restless
    finding = (
        f"{top[0].name} changes most often: at {word(top[0].changes)} of {plural(len(known.steps), 'step', words=True)}"
        if len(top) == 1
        else f"{capital(word(len(top)))} markets change most often: at {word(top[0].changes)} of "
        f"{plural(len(known.steps), 'step', words=True)}"
    )  # fmt: skip
    return table(
        frame, "tbl-movers",
        f"**{finding}.** Share: of the windows in which the market is where it is most often. Markets that never change are left "
        "out.",
        {"changes": count, "share": lambda v: percent(v, 0)}, headings={"share": "share of windows"}, export=found.units,
        stack=True,
    )  # fmt: skip
