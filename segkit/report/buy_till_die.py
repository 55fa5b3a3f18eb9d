"""What a page tells of the model of units that stop for good: facts, the histogram that shows its fit, and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.buy_till_die import FEW, FEWEST_REPEATING, FEWEST_UNITS, LAST_BIN, NO_REPEATS, BuyTillYouDie
from ..engine.forecasts import BGNBD
from ..engine.meaning import Cards
from ..engine.overdue import Overdue
from ..engine.usefulness import Usefulness
from ..thresholds import FIT_SHARE, LEVEL
from ..vocabulary import Vocabulary
from . import theme
from .findings import quoted
from .prose import beside, capital, count, number, percent, plural, word
from .show import Shown, table


def cannot_tell(found: BuyTillYouDie, terms: Vocabulary) -> str:
    """Say why there is no fit to be relied on; nothing where there is."""
    if found.reason == FEW:
        return (
            f"This {terms.record} has too few {terms.units} for a model of when they stop: "
            f"{count(found.units)}, and {FEWEST_UNITS} are needed."
        )
    if found.reason == NO_REPEATS:
        return (
            f"This {terms.record} cannot tell when {terms.units} stop: fewer than {word(FEWEST_REPEATING)} have a repeat "
            f"{terms.event}."
        )
    return (
        f"The model of when {terms.units} stop has no clear best fit in this {terms.record}: very different numbers explain it "
        "about as well. Read none of them by itself."
        if found.reason
        else ""
    )


@dataclass(frozen=True)
class Facts:
    """What the page tells of the model.

    Attributes
    ----------
    cannot : str
        Why there is no fit to be relied on; empty where there is.
    fits, close, tested, chance : bool
        Whether the model fits, its shares are close, there are bins enough for a test, and chance explains the differences.
    off, test : str
        The largest difference of shares, and the test.
    alive : float
        The share that has not stopped.
    rate, time : str
        Mean rate of repeat events, and the unit of time.
    spread : float
        Standard deviation of the rates, relative to their mean.
    stop, wide : float
        Mean chance to stop after an event, and the standard deviation of these chances in percentage points.
    most, level : float
        The difference in percentage points and the p up to which the model counts as fitting.
    """

    cannot: str
    fits: bool
    close: bool
    tested: bool
    chance: bool
    off: str
    test: str
    alive: float
    rate: str
    time: str
    spread: float
    stop: float
    wide: float
    most: float = FIT_SHARE * 100
    level: float = LEVEL


def facts(found: BuyTillYouDie, terms: Vocabulary) -> Facts:
    """Collect what the sentences of the page need."""
    r, alpha, a, b = found.params or (math.nan,) * 4
    return Facts(
        cannot=cannot_tell(found, terms),
        fits=found.fits,
        close=found.close,
        tested=math.isfinite(found.p),
        chance=found.p >= LEVEL,
        off=_off(found),
        test=_test(found),
        alive=found.alive,
        rate=_small(r / alpha),
        time=found.time,
        spread=1 / math.sqrt(r),
        stop=a / (a + b),
        wide=100 * math.sqrt(a * b / (a + b + 1)) / (a + b),
    )


def overdue(found: Overdue | None, cards: Cards) -> list[tuple[str, int, float, float]]:
    """Return name, units that are overdue, and the mean chance of these and of the others to be there, of each segment."""
    if found is None:
        return []
    names = {card.id: quoted(card) for card in cards}
    rows = found.table.dropna().itertuples(index=False)
    return [(names[int(r.segment)], int(r.overdue), float(r.alive_overdue), float(r.alive_others)) for r in rows]


@dataclass(frozen=True)
class Ranks:
    """How well the model ranks units by who will be active, beside the days since the last event: both AUCs."""

    model: float
    days: float


def ranks(found: Usefulness | None) -> Ranks | None:
    """Return how well the model ranks, where it was among those that were judged."""
    if found is None or BGNBD not in set(found.summary["policy"]):
        return None
    return Ranks(float(found.of(BGNBD)["auc"]), float(found.of("recency")["auc"]))


def _small(value: float) -> str:
    """Write a rate with two digits that count.

    >>> _small(0.05496), _small(2.34), _small(14.2)
    ('0.055', '2.3', '14')
    """
    return number(value, max(0, 1 - math.floor(math.log10(value)))) if value > 0 else "0"


def _off(found: BuyTillYouDie) -> str:
    return f"{beside(found.gap * 100, FIT_SHARE * 100, at_most=True, digits=1)} percentage points"


def _test(found: BuyTillYouDie) -> str:
    if not math.isfinite(found.p):
        return "There are too few bins for a test."
    small = "less than 0.001" if found.p < 0.001 else beside(found.p, LEVEL, digits=3)
    return f"Chi squared {number(found.chi)} with {plural(found.freedom, 'degree')} of freedom, p {small}."


def _bins(found: BuyTillYouDie) -> list[str]:
    return [f"{n}+" if n == LAST_BIN else f"{n}" for n in found.histogram["events"]]


def figure(found: BuyTillYouDie, terms: Vocabulary) -> Figure:
    """Draw how many units came back how often, beside what the model expects; bins of too few units are left out."""
    rows, at = found.histogram, np.arange(len(found.histogram))
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=theme.SIZE)
        shown = rows["actual"].where(~rows["hidden"])
        axes.bar(at - 0.2, shown, width=0.38, color=theme.ACCENT, label="observed")
        if found.params:
            axes.bar(
                at + 0.2,
                rows["expected"],
                width=0.38,
                color=theme.SECOND,
                hatch="//",
                edgecolor=theme.PAPER,
                label="expected",
            )
        axes.set_xticks(at, _bins(found))
        axes.set_xlabel(f"repeat {terms.events}")
        axes.set_ylabel(terms.units)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(lambda v, _: count(v))
        axes.grid(axis="x", visible=False)
        axes.legend(loc="upper right")
    return drawn


def _finding(found: BuyTillYouDie, terms: Vocabulary) -> str:
    if not found.fitted:
        return cannot_tell(found, terms).split(":")[0].removesuffix(".")
    if not found.fits:
        return f"The model is off by up to {_off(found)} in how often {terms.units} come back"
    return f"The model reproduces how often {terms.units} come back, to within {_off(found)}"


def _left_out(found: BuyTillYouDie, terms: Vocabulary) -> str:
    return (
        f" Counts that would give fewer than five {terms.units} away are left out."
        if found.histogram["hidden"].any()
        else ""
    )


def caption(found: BuyTillYouDie, terms: Vocabulary) -> str:
    """State how close what the model expects comes to what was observed."""
    beside_them = " beside what the model expects of as many with their ages" if found.params else ""
    return (
        f"**{_finding(found, terms)}.** {capital(terms.units)} by their number of repeat {terms.events}{beside_them}; the last bin "
        f"is of {LAST_BIN} or more.{f' {_test(found)}' if found.params else ''}{_left_out(found, terms)}"
    )


def alt(found: BuyTillYouDie, terms: Vocabulary) -> str:
    """Describe the bars."""
    rows = zip(_bins(found), found.histogram.itertuples(), strict=True)
    parts = [
        f"{name}: {count(row.actual)} observed" + (f", {count(row.expected)} expected" if found.params else "")
        for name, row in rows
        if not row.hidden
    ]
    return f"Bars. {capital(terms.units)} by repeat {terms.events}: {'; '.join(parts)}."


def histogram_table(found: BuyTillYouDie, terms: Vocabulary) -> Shown:
    """Show the histogram."""
    rows = found.histogram
    frame = rows[["actual", "expected"]].astype("Float64").assign(events=_bins(found))[["events", "actual", "expected"]]
    frame.loc[rows["hidden"], "actual"] = None
    return table(
        frame,
        "tbl-repeats",
        f"**{_finding(found, terms)}.** {capital(terms.units)} by their number of repeat {terms.events}.{_left_out(found, terms)}",
        {"actual": count, "expected": number},
        headings={
            "events": f"repeat {terms.events}",
            "actual": f"{terms.units}, observed",
            "expected": f"{terms.units}, expected",
        },
    )


def parameter_table(found: BuyTillYouDie, terms: Vocabulary) -> Shown:
    """Show the parameters with their intervals, and what each is about."""
    if found.params is None:
        return Shown(cannot_tell(found, terms))
    means = {
        "r": f"how alike the rates of the {terms.units} are; more is more alike",
        "alpha": f"r divided by the mean rate a {found.time}",
        "a": "with b, the mean chance of stopping, a / (a + b)",
        "b": f"with a, how alike these chances are: the more a + b, the more alike for all {terms.units}",
    }  # fmt: skip
    between = [f"{r.low:.3f} to {r.high:.3f}" if math.isfinite(r.low) else "–" for r in found.table.itertuples()]
    frame = found.table.assign(meaning=found.table["parameter"].map(means), interval=between)
    finding = f"{percent(found.alive, 0)} of the {terms.units} have not stopped, by these parameters"
    return table(
        frame[["parameter", "meaning", "value", "interval"]].replace({"parameter": {"alpha": "α"}}),
        "tbl-bgnbd",
        f"**{finding if found.fitted else _finding(found, terms)}.** Maximum likelihood, with {percent(found.level, 0)} intervals "
        f"from the curvature of the log-likelihood, {number(found.log_likelihood)}, at its maximum. Times are in {found.time}s.",
        {"value": lambda v: f"{v:.3f}"},
        headings={"meaning": "what it says", "interval": f"{percent(found.level, 0)} interval"},
        stack=True,
        export=found.table,
    )
