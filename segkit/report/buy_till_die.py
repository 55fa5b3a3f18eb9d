"""What a page says of the model of units that stop for good: sentences, the histogram that shows its fit, and tables."""

from __future__ import annotations

import math

import numpy as np
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.buy_till_die import FEW, FEWEST_REPEATING, FEWEST_UNITS, LAST_BIN, NO_REPEATS, BuyTillYouDie
from ..thresholds import FIT_SHARE, LEVEL
from ..vocabulary import Vocabulary
from . import theme
from .prose import beside, capital, count, inline, number, percent, plural, word
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


@inline
def lead(found: BuyTillYouDie, terms: Vocabulary) -> str:
    """Say whether the model can be relied on, and how many units it holds to be alive."""
    if not found.fitted:
        return cannot_tell(found, terms)
    if not found.fits:
        return (
            f"The BG/NBD model does not fit: it is off in how many {terms.units} come back how often. Do not take its "
            "probabilities at their word."
        )
    return (
        f"By the BG/NBD model, which fits, {percent(found.alive, 0)} of the {terms.units} have not stopped at the end of the "
        f"{terms.record}. Without a repeat {terms.event} {terms.a_unit} counts as one of them however long it is silent, since the "
        f"model lets none stop before."
    )


@inline
def parameters(found: BuyTillYouDie, terms: Vocabulary) -> str:
    """Say in plain words what the four parameters mean."""
    if found.params is None or not found.fitted:
        return cannot_tell(found, terms)
    r, alpha, a, b = found.params
    stop = a / (a + b)
    wide = math.sqrt(a * b / (a + b + 1)) / (a + b)
    differ = "differ widely" if r < 1 else "differ"
    return (
        f"As long as they go on, {terms.units} have a mean of {_small(r / alpha)} repeat {terms.events} a {found.time} "
        f"(r / α). These rates {differ} from {terms.unit} to {terms.unit}: their standard deviation is {number(1 / math.sqrt(r))} "
        f"times the mean (1 / √r). After each repeat {terms.event} {percent(stop)} stop for good on average (a / (a + b)), and "
        f"that chance differs too, with a standard deviation of {number(wide * 100)} points."
    )


def _small(value: float) -> str:
    """Write a rate with two digits that count.

    >>> _small(0.05496), _small(2.34), _small(14.2)
    ('0.055', '2.3', '14')
    """
    return number(value, max(0, 1 - math.floor(math.log10(value)))) if value > 0 else "0"


def _off(found: BuyTillYouDie) -> str:
    return f"{beside(found.gap * 100, FIT_SHARE * 100, at_most=True, digits=1)} points"


@inline
def fit(found: BuyTillYouDie, terms: Vocabulary) -> str:
    """Say whether the model reproduces how many units come back how often, and how that is judged."""
    if not found.fitted:
        return cannot_tell(found, terms)
    tested, chance = math.isfinite(found.p), found.p >= LEVEL
    share = f"share of {terms.units} with a given number of repeat {terms.events}"
    if found.close:
        text = f"The model fits: no {share} is off by more than {_off(found)}"
        text += (
            ", and chance explains the differences."
            if chance
            else ", though chance does not explain it."
            if tested
            else "."
        )
    elif chance:
        text = f"The model fits as far as so few {terms.units} can tell: a share is off by {_off(found)}, which chance explains."
    else:
        text = f"The model fits badly: the {share} is off by up to {_off(found)}"
        text += ", which chance does not explain." if tested else "."
    return (
        f"{text}{_test(found)} It counts as fitting while no share is off by more than {number(FIT_SHARE * 100)} points, or while "
        f"the test has p of {LEVEL} or more."
    )


def _test(found: BuyTillYouDie) -> str:
    if not math.isfinite(found.p):
        return " There are too few bins for a test."
    small = "less than 0.001" if found.p < 0.001 else beside(found.p, LEVEL, digits=3)
    return f" Chi squared {number(found.chi)} with {plural(found.freedom, 'degree')} of freedom, p {small}."


def _bins(found: BuyTillYouDie) -> list[str]:
    return [f"{n}+" if n == LAST_BIN else f"{n}" for n in found.histogram["events"]]


def figure(found: BuyTillYouDie, terms: Vocabulary) -> Figure:
    """Draw how many units came back how often, beside what the model expects; bins of too few units are left out."""
    rows, at = found.histogram, np.arange(len(found.histogram))
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=theme.SIZE)
        shown = rows["actual"].where(~rows["hidden"])
        axes.bar(at - 0.2, shown, width=0.38, color=theme.ACCENT, label="seen")
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
    """State how close what the model expects comes to what was seen."""
    beside_them = " beside what the model expects of as many with their ages" if found.params else ""
    return (
        f"**{_finding(found, terms)}.** {capital(terms.units)} by their number of repeat {terms.events}{beside_them}; the last bin "
        f"is of {LAST_BIN} or more.{_test(found) if found.params else ''}{_left_out(found, terms)}"
    )


def alt(found: BuyTillYouDie, terms: Vocabulary) -> str:
    """Describe the bars."""
    rows = zip(_bins(found), found.histogram.itertuples(), strict=True)
    parts = [
        f"{name}: {count(row.actual)} seen" + (f", {count(row.expected)} expected" if found.params else "")
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
            "actual": f"{terms.units}, seen",
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
        "a": "with b, the mean chance of stopping, a / (a + b)", "b": f"a + b: how alike these chances are for all {terms.units}",
    }  # fmt: skip
    frame = found.table.assign(meaning=found.table["parameter"].map(means))
    finding = f"{percent(found.alive, 0)} of the {terms.units} have not stopped, by these parameters"
    return table(
        frame[["parameter", "meaning", "value", "low", "high"]].replace({"parameter": {"alpha": "α"}}),
        "tbl-bgnbd",
        f"**{finding if found.fitted else _finding(found, terms)}.** Maximum likelihood, with {percent(found.level, 0)} intervals "
        f"from the curvature of the log-likelihood, {number(found.log_likelihood)}, at its maximum. Times are in {found.time}s.",
        dict.fromkeys(("value", "low", "high"), lambda v: f"{v:.3f}"),
        headings={"meaning": "what it says"},
        export=found.table,
    )
