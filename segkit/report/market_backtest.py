"""Whether the segment of a market tells of its next quarter: facts, errors with intervals, and origin by origin."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.backtest import SEGMENT, Backtest
from ..thresholds import LEVEL
from . import market_front, theme
from .market_time import month
from .prose import capital, exact_percent, fixed, join, plural, word
from .show import Shown, table

LAST = "own last"
NAMED = {**market_front.FORECASTS, "no growth": "the forecast of no growth at all"}
SHORT = {
    SEGMENT: "segment, last", "segment, all periods": "segment, all quarters", LAST: "itself, last", "own mean": "itself, mean",
    "all units": "all markets, last", "all units, all periods": "all markets, mean", "no growth": "no growth",
}  # fmt: skip
LINES = (SEGMENT, LAST, "all units")
STYLES = ((theme.ACCENT, "o", "-"), (theme.SECOND, "s", "-"), (theme.MUTE, "^", "--"), (theme.INK, "D", ":"))


@dataclass(frozen=True)
class Rival:
    """A forecast beside that of the segment.

    Attributes
    ----------
    forecast, name : str
        The latter as sentences name it.
    mae : float
        Mean absolute error, of logarithms.
    difference, low, high : float
        Its error less that of the segment, and its interval; above zero the segment is nearer.
    verdict : str
        "better" or "worse", of the segment; empty where the interval holds zero, or there is none.
    """

    forecast: str
    name: str
    mae: float
    difference: float
    low: float
    high: float
    verdict: str

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def interval(self) -> str:
        """The interval, as a reader expects it."""
        return f"{fixed(self.low, 3)} to {fixed(self.high, 3)}" if self.known else "–"


@dataclass(frozen=True)
class Forecasts:
    """What the page tells of forecasts.

    Attributes
    ----------
    reason : str
        Why nothing, or nothing of chance, can be said; else empty.
    segment : float
        Mean absolute error of the segment's mean; NaN where there is none.
    rivals : list of Rival
        All other forecasts.
    winner : str
        The forecast with the least error, as sentences name it; empty where there is none.
    own, helps : bool
        Whether that is the segment's mean; whether this beats the market's own history, all markets and segments at random,
        each beyond chance.
    origins, markets, horizon : int
        Dates at which forecasts are made; months that are forecast.
    level : float
        Of the intervals.
    first, last : str
        Months of the first and the last origin.
    led : int
        Origins at which the segment is nearer than the market's own last growth, in the three decimals that are shown.
    nearest : list of (str, int)
        Forecasts that are nearest at an origin, and at how many.
    chance, p : float
        Mean error of segments that are dealt out at random, and the share of such deals that are as near; NaN where there are too
        few origins.
    shuffles : int
    """

    reason: str
    segment: float
    rivals: list[Rival]
    winner: str
    own: bool
    helps: bool
    origins: int
    markets: int
    horizon: int
    level: float
    first: str
    last: str
    led: int
    nearest: list[tuple[str, int]]
    chance: float
    p: float
    shuffles: int

    @property
    def there(self) -> bool:
        """Whether there are forecasts."""
        return bool(self.rivals)

    @property
    def factor(self) -> float:
        """By which factor the segment's forecast is off, in the geometric mean."""
        return math.exp(self.segment)

    @property
    def itself(self) -> Rival | None:
        """The market's own last growth."""
        return next((r for r in self.rivals if r.forecast == LAST), None)

    @property
    def nearer(self) -> Rival | None:
        """The forecast with the least error, where it is not the segment's."""
        return None if self.own else next((r for r in self.rivals if r.name == self.winner), None)

    @property
    def ahead(self) -> list[str]:
        """Forecasts that come nearer than the segment's, beyond chance."""
        return [r.name for r in self.rivals if r.verdict == "worse"]

    @property
    def beaten(self) -> list[str]:
        """Forecasts that the segment's comes nearer than, beyond chance."""
        return [r.name for r in self.rivals if r.verdict == "better"]

    @property
    def tested(self) -> bool:
        """Whether segments at random were tried."""
        return math.isfinite(self.p)

    @property
    def random(self) -> bool:
        """Whether segments at random do as well."""
        return not self.p <= LEVEL


def forecasts(found: Backtest) -> Forecasts:
    """Collect what sentences tell of forecasts."""
    rows, p, by = found.table, found.params, found.by_origin
    winner = found.winner
    known = [Rival(str(r.forecast), NAMED[str(r.forecast)], float(r.mae), float(r.difference), float(r.low), float(r.high),
                   str(r.verdict)) for r in rows.itertuples() if r.forecast != SEGMENT]  # fmt: skip
    counts = by.idxmin(axis=1).value_counts() if len(by) else pd.Series(dtype="int64")
    best = {f: int(counts[f]) for f in NAMED if f in counts}
    errors = rows.set_index("forecast")["mae"] if len(rows) else pd.Series(dtype="float64")
    return Forecasts(
        reason=found.reason,
        segment=float(errors.get(SEGMENT, math.nan)),
        rivals=known,
        winner=NAMED[winner] if winner else "",
        own=winner == SEGMENT,
        helps=bool(winner) and found.helps,
        origins=len(by),
        markets=int(p["units"]),
        horizon=int(p["horizon"]),
        level=float(p["level"]),
        first=month(by.index[0]) if len(by) else "",
        last=month(by.index[-1]) if len(by) else "",
        led=int((by[SEGMENT].round(3) < by[LAST].round(3)).sum()) if len(by) else 0,
        nearest=[(NAMED[f], n) for f, n in sorted(best.items(), key=lambda item: -item[1])],
        chance=found.chance,
        p=found.p,
        shuffles=int(p["shuffles"]),
    )


def differences_figure(known: Forecasts) -> Figure:
    """Draw the error of each forecast less that of the segment, with intervals."""
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 1.1 + 0.42 * len(known.rivals)))
        axes.axvline(0, color=theme.INK, lw=1.2)
        for i, r in enumerate(known.rivals):
            axes.plot([r.low, r.high], [i, i], color=theme.ACCENT, lw=3, alpha=0.5, solid_capstyle="round")
            axes.plot(r.difference, i, "o", color=theme.ACCENT, ms=7, mec=theme.PAPER)
        axes.set_yticks(range(len(known.rivals)), [SHORT[r.forecast] for r in known.rivals])
        axes.set_ylim(len(known.rivals) - 0.5, -0.5)
        axes.locator_params(axis="x", nbins=5)
        axes.margins(x=0.08)
        axes.set_xlabel("← nearer than the segment · less near →")
        axes.grid(axis="y", visible=False)
    return figure


def differences_caption(known: Forecasts) -> str:
    """State which forecasts are nearer than the segment, beyond chance."""
    finding = (
        f"{capital(join(known.ahead))} {'comes' if len(known.ahead) == 1 else 'come'} nearer than the segment, beyond chance"
        if known.ahead
        else f"The segment comes nearer than {join(known.beaten)}, beyond chance" if known.beaten
        else "Neither is any forecast nearer than the segment beyond chance, nor the segment nearer than any" if known.tested
        else "There are too few origins for intervals"
    )  # fmt: skip
    bars = (
        f" Bars are {exact_percent(known.level)} intervals, over origins in blocks and over markets."
        if known.tested
        else ""
    )
    return f"**{finding}.** Mean absolute error of each forecast less that of the mean of the segment.{bars}"


def differences_alt(known: Forecasts) -> str:
    """Describe marks and bars."""
    rows = [
        f"{SHORT[r.forecast]} {fixed(r.difference, 3)}{f' ({r.interval})' if r.known else ''}" for r in known.rivals
    ]
    return f"Marks with bars around a line at zero. {'; '.join(rows)}."


def errors_table(known: Forecasts) -> Shown:
    """Show the error of each forecast, and its difference from that of the segment."""
    words = {"better": "segment nearer", "worse": "segment less near", "": "may be chance"}
    rows = [(capital(NAMED[SEGMENT]), known.segment, math.nan, None, None)] + [
        (capital(r.name), r.mae, r.difference, r.interval if r.known else None, words[r.verdict] if r.known else None)
        for r in known.rivals
    ]
    frame = pd.DataFrame(rows, columns=["forecast", "mae", "difference", "interval", "verdict"])
    near = known.winner
    return table(
        frame.sort_values("mae", kind="stable", ignore_index=True), "tbl-forecasts",
        f"**Nearest is {near}.** Mean absolute error of growth, a logarithm, over {plural(known.origins, 'origin')} and "
        f"{plural(known.markets, 'market')}. Difference: from the error of the segment; above zero the segment is nearer.",
        {"mae": lambda v: fixed(v, 3), "difference": lambda v: fixed(v, 3)},
        headings={"mae": "error", "interval": f"{exact_percent(known.level)} interval"}, right=("interval",),
        export=pd.DataFrame([{"forecast": SEGMENT, "mae": known.segment}, *map(vars, known.rivals)]).drop(columns="name"),
        stack=True,
    )  # fmt: skip


def _lines(found: Backtest) -> list[str]:
    """Return the forecasts that are followed over time: three, and the nearest."""
    winner = found.winner
    return [*LINES, *([winner] if winner and winner not in LINES else [])]


def origins_figure(found: Backtest) -> Figure:
    """Draw the mean absolute error of a few forecasts, origin by origin."""
    rows = found.by_origin
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 3.4))
        at = np.arange(len(rows))
        for name, (colour, mark, line) in zip(_lines(found), STYLES, strict=False):
            axes.plot(at, rows[name], color=colour, marker=mark, ls=line, lw=1.8, ms=6, label=SHORT[name])
        step = -(-len(rows) // 6)
        axes.set_xticks(at[::step], [month(o).replace(" ", "\n") for o in rows.index[::step]])
        axes.set_ylim(bottom=0)
        axes.set_xlabel("forecast from the end of")
        axes.set_ylabel("mean absolute error")
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def origins_caption(known: Forecasts) -> str:
    """State at how many origins the segment is nearer than the market itself."""
    led = f"At {word(known.led) if known.led else 'none'} of {plural(known.origins, 'origin', words=True)}"
    return (
        f"**{led} the segment is nearer than the last growth of the market itself.** Mean absolute error over the markets; the "
        "lower the nearer."
    )


def origins_alt(found: Backtest) -> str:
    """Describe the lines by their ends."""
    rows = found.by_origin
    parts = [f"{SHORT[n]} from {fixed(rows[n].iloc[0])} to {fixed(rows[n].iloc[-1])}" for n in _lines(found)]
    return f"Lines of the error by origin. {capital('; '.join(parts))}."


def origins_table(found: Backtest) -> Shown:
    """Show the errors origin by origin, and which forecast is nearest."""
    rows, names = found.by_origin, _lines(found)
    best = rows.idxmin(axis=1)
    frame = pd.DataFrame(
        {"from the end of": [month(o) for o in rows.index]} | {SHORT[n]: rows[n].to_numpy() for n in names}
    )
    frame["nearest"] = [SHORT[str(b)] for b in best]
    kinds = best.nunique()
    finding = (
        f"{capital(SHORT[str(best.iloc[0])])} is nearest every time" if kinds == 1
        else f"{capital(word(kinds))} forecasts are nearest at one origin or another"
    )  # fmt: skip
    return table(
        frame, "tbl-origins",
        f"**{finding}.** Mean absolute error over the markets. Nearest: of all {word(len(NAMED))} forecasts.",
        dict.fromkeys([SHORT[n] for n in names], lambda v: fixed(v, 3)),
        export=rows.reset_index().astype({"origin": str}), stack=True,
    )  # fmt: skip


def verdict(known: Forecasts) -> str:
    """Say in a few words whether the segment helps to forecast.

    >>> from types import SimpleNamespace as Plain
    >>> verdict(Plain(there=True, helps=False)), verdict(Plain(there=False, helps=False))
    ('no forecast gained', 'no forecast possible')
    """
    if not known.there:
        return "no forecast possible"
    return "the segment helps to forecast" if known.helps else "no forecast gained"
