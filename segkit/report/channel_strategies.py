"""Whether prospects touched in several ways close more often: facts, figures and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..features.prospects import INTENSITIES, TYPES
from ..inference.groups import Benchmarks, GroupMeans, GroupRates
from . import theme
from .channel_gaps import OMNICHANNEL, ONLINE, Gap, Rated, between, gap_of, real
from .prose import capital, count, join, number, percent, word
from .show import Shown, table

CLOSED, WON = "closed", "won"
ORDERS = {"offline_type": TYPES, "offline_intensity": tuple(INTENSITIES)}
EDGES = list(INTENSITIES.items())  # the mentions from which on each intensity begins
MEASURES = {
    "engagement_score": "engagement score", "sessions": "sessions", "pageviews": "page views", "forms": "forms submitted",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What the page tells of strategies.

    Attributes
    ----------
    told : list of Rated
        Strategies whose rate may be told, in their order, with the difference from those touched online only.
    small : list of str
        Strategies with too few prospects, or none.
    both, online : Rated or None
        Omnichannel prospects, and those touched online only.
    level : float
        Of the intervals.
    """

    told: list[Rated]
    small: list[str]
    both: Rated | None
    online: Rated | None
    level: float

    @property
    def highest(self) -> Rated | None:
        """The strategy with the highest rate; None where fewer than two may be told of."""
        return max(self.told, key=lambda r: r.rate) if len(self.told) > 1 else None

    @property
    def gap(self) -> Gap:
        """How much more often omnichannel prospects have the outcome than those touched online only."""
        return self.both.gap if self.both else Gap()

    @property
    def differing(self) -> list[Rated]:
        """Strategies that differ from online only beyond chance."""
        return [r for r in self.told if r.gap.side]


def facts(rates: GroupRates) -> Facts:
    """Collect what sentences tell of the rates of strategies."""
    rows = {str(r["group"]): r for _, r in rates.table.iterrows()}
    known = {
        n: Rated(n, real(r["rate"]), real(r["low"]), real(r["high"]), gap_of(r))
        for n, r in rows.items()
        if math.isfinite(real(r["rate"]))
    }
    return Facts(
        list(known.values()), [n for n in rows if n not in known], known.get(OMNICHANNEL), known.get(ONLINE),
        float(rates.params["level"]),
    )  # fmt: skip


def finding(rates: GroupRates, done: str) -> str:
    """State by how much omnichannel prospects differ from those touched online only, and whether that may be chance."""
    told = facts(rates)
    if not (told.both and told.online and told.gap.known):
        return f"Too few prospects are told of to compare how many {done}"
    ends = {1: "more often", -1: "less often", 0: "neither more nor less often beyond chance"}
    if not told.gap.side:
        return f"Omnichannel prospects {done} {ends[0]} than those touched online only"
    return (
        f"Omnichannel prospects {done} {ends[told.gap.side]} than those touched online only, {percent(told.both.rate)} "
        f"against {percent(told.online.rate)}"
    )


def rates_figure(closed: GroupRates, won: GroupRates) -> Figure:
    """Draw which share of each strategy closed, and which was won, with intervals."""
    with theme.style():
        names = [str(g) for g in closed.table["group"]]
        drawn, axes = pyplot.subplots(figsize=(5.0, 1.3 + 0.55 * max(len(names), 1)))
        for rates, step, colour, mark, said in (
            (closed, -0.13, theme.ACCENT, "o", CLOSED), (won, 0.13, theme.SECOND, "s", WON)
        ):  # fmt: skip
            for i, row in enumerate(facts(rates).told):
                y = names.index(row.name) + step
                axes.plot([row.low, row.high], [y, y], color=colour, lw=3, alpha=0.5, solid_capstyle="round")
                axes.plot(row.rate, y, mark, color=colour, ms=7, mec=theme.PAPER, label=said if not i else None)
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.locator_params(axis="x", nbins=5)
        axes.xaxis.set_major_formatter(lambda v, _: f"{v * 100:g} %")
        axes.set_xlabel("share of the strategy")
        axes.grid(axis="y", visible=False)
        drawn.legend(loc="outside upper right", ncols=2)
    return drawn


def rates_caption(closed: GroupRates) -> str:
    """State the finding, and what is drawn."""
    return (
        f"**{finding(closed, CLOSED)}.** Marks are the shares that closed, and that were won; bars their "
        f"{percent(float(closed.params['level']), 0)} intervals after Wilson [@wilson1927], or Jeffreys where there are few."
    )


def rates_alt(closed: GroupRates, won: GroupRates) -> str:
    """Describe marks and bars."""
    parts = [
        f"{said}: {join([f'{r.name} {percent(r.rate)} ({between(r.low, r.high)})' for r in facts(rates).told])}"
        for said, rates in ((CLOSED, closed), (WON, won))
        if facts(rates).told
    ]
    return f"Marks with bars. {'; '.join(parts) or 'Nothing may be told'}."


def rates_table(rates: GroupRates, done: str) -> Shown:
    """Show which share of each strategy closed, or was won, and its difference from online only."""
    return table(
        _against(rates, "strategy", done, "online only"), f"tbl-{done}",
        f"**{finding(rates, done if done == CLOSED else f'are {done}')}.** Differences, in percentage points, are from those "
        f"touched online only, with Newcombe's {percent(float(rates.params['level']), 0)} interval [@newcombe1998].",
        {"prospects": count, done: count, "rate": percent}, right=("interval", "against online only", "its interval"),
        export=rates.table, stack=True,
    )  # fmt: skip


def mean_of(means: GroupMeans, group: str, measure: str) -> float:
    """Return the mean of a measure among one strategy; NaN where it is not told."""
    rows = means.of(measure)["mean"]
    return real(rows[group]) if group in rows.index else math.nan


@dataclass(frozen=True)
class Busier:
    """How active omnichannel prospects are beside those touched online only.

    Attributes
    ----------
    both_sessions, online_sessions, both_engagement, online_engagement : float
        Means; NaN where they are not told.
    """

    both_sessions: float
    online_sessions: float
    both_engagement: float
    online_engagement: float

    @property
    def known(self) -> bool:
        """Whether both may be told of."""
        return all(math.isfinite(v) for v in vars(self).values())


def busier(means: GroupMeans) -> Busier:
    """Collect what sentences tell of the activity of strategies."""
    return Busier(*(mean_of(means, g, m) for m in ("sessions", "engagement_score") for g in (OMNICHANNEL, ONLINE)))


def activity_table(means: GroupMeans) -> Shown:
    """Show the mean activity of each strategy."""
    rows = means.of("sessions")
    names = [str(g) for g in rows.index]
    frame = pd.DataFrame(
        {"strategy": names, "prospects": [real(v) for v in rows["units"]]}
        | {said: [mean_of(means, g, m) for g in names] for m, said in MEASURES.items()}
    )
    told = frame.dropna(subset=[MEASURES["sessions"]])
    top = told.loc[told[MEASURES["sessions"]].idxmax()] if len(told) else None
    first = (
        "No strategy is large enough to be told of" if top is None
        else f"{top['strategy']} has the most sessions, {number(top[MEASURES['sessions']], 2)} on average"
    )  # fmt: skip
    return table(
        frame, "tbl-activity",
        f"**{first}.** Means per prospect. The engagement score is the sum of the natural logarithms of one plus sessions, page "
        "views and forms.",
        {"prospects": count, **dict.fromkeys(MEASURES.values(), "{:.2f}".format)}, export=means.table,
    )  # fmt: skip


@dataclass(frozen=True)
class Depth:
    """What kinds or amounts of offline touches close at.

    Attributes
    ----------
    told, differing : list of Rated
        Groups that are told of; those that differ from all others beyond chance.
    level : float
    nobody : list of str
        Groups that nobody is in.
    """

    told: list[Rated]
    differing: list[Rated]
    level: float
    nobody: list[str]

    @property
    def rising(self) -> bool:
        """Whether every group closes at least as often as the one before it, and the last more often than the first."""
        rates = [r.rate for r in self.told]
        return len(rates) > 2 and rates == sorted(rates) and rates[0] < rates[-1]


def _rates(found: Benchmarks, by: str) -> GroupRates | None:
    """Return the rates by kind or amount of offline touches in their order; None where there is but one."""
    rates = found.by.get(by)
    if rates is None:
        return None
    rank = {name: i for i, name in enumerate(ORDERS[by])}
    at = [rank.get(str(g), len(rank)) for g in rates.table["group"]]
    rows = rates.table.assign(_at=at).sort_values("_at", kind="stable", ignore_index=True).drop(columns="_at")
    return replace(rates, table=rows)


def depth(found: Benchmarks, by: str) -> Depth:
    """Collect what sentences tell of kinds or amounts of offline touches.

    Parameters
    ----------
    found : Benchmarks
        One is missing where the file has but one value.
    by : {"offline_type", "offline_intensity"}
    """
    rates = _rates(found, by)
    told = facts(rates) if rates else None
    if told is None or len(told.told) < 2:
        return Depth([], [], math.nan, [])
    some = {str(r["group"]) for _, r in rates.table.iterrows() if real(r["units"]) != 0} if rates else set()
    return Depth(told.told, told.differing, told.level, [n for n in ORDERS[by] if n not in some])


def depth_table(found: Benchmarks, by: str, heading: str) -> Shown:
    """Show what each kind or amount of offline touches closes at, against all others."""
    told, rates = depth(found, by), _rates(found, by)
    if rates is None or not told.told:
        return Shown("")
    n, high = len(told.differing), max(told.told, key=lambda r: r.rate)
    some = f"{capital(word(n))} of {word(len(told.told))} {'differs' if n == 1 else 'differ'} from all others beyond chance"
    first = some if n else "None differs from all others beyond chance"
    left = f" Nobody is in {join([f'“{n}”' for n in told.nobody], 'or')}." if told.nobody else ""
    return table(
        _against(rates, heading, CLOSED, "all others"), f"tbl-{by.replace('_', '-')}",
        f"**{first}; the highest rate is that of “{high.name}”, {percent(high.rate)}.** Differences, in percentage points, with "
        f"Newcombe's {percent(told.level, 0)} interval [@newcombe1998].{left}",
        {"prospects": count, CLOSED: count, "rate": percent}, right=("interval", "against all others", "its interval"),
        export=rates.table, stack=True,
    )  # fmt: skip


def _against(rates: GroupRates, heading: str, done: str, others: str) -> pd.DataFrame:
    """Return rates with intervals, and differences with theirs, ready to read."""
    rows = rates.table
    gaps = [gap_of(r) for _, r in rows.iterrows()]
    return pd.DataFrame({
        heading: rows["group"].astype(str).to_numpy(),
        "prospects": [real(v) for v in rows["units"]],
        done: [real(v) for v in rows["events"]],
        "rate": [real(v) for v in rows["rate"]],
        "interval": [between(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
        f"against {others}": [f"{g.points} points" if g.known else "–" for g in gaps],
        "its interval": [g.interval for g in gaps],
    })  # fmt: skip
