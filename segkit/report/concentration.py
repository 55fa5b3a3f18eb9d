"""How much of an amount the largest units hold: a finding, a figure and a table."""

from __future__ import annotations

from dataclasses import replace

from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference import Concentration
from ..privacy import SMALL_CELL
from ..vocabulary import Vocabulary
from . import theme
from .prose import capital, percent, plural
from .show import Shown, table


def of_events(terms: Vocabulary) -> Vocabulary:
    """Return the words of the study for sentences in which the events themselves are what units share.

    >>> of_events(Vocabulary(amount="talk", events="visits")).amount
    'visits'
    """
    return replace(terms, amount=terms.events)


def finding(found: Concentration, terms: Vocabulary) -> str:
    """Say what share of the amount the first tenth of the units holds, or why that is not told."""
    if found.shown:
        share = percent(found.share.value)
        return f"{percent(found.top, 0)} of the {terms.units} account for {share} of the {terms.amount}"
    if not found.known:
        return f"The {terms.units} have no {terms.amount} to share"
    few = capital(plural(found.units, terms.unit, terms.units, words=True))
    return (
        f"{few} {'is' if found.units == 1 else 'are'} too few to tell of shares in the {terms.amount} without telling of single "
        f"ones; {round(SMALL_CELL / found.top)} are needed"
    )


def figure(found: Concentration, terms: Vocabulary) -> Figure:
    """Draw the share of the amount over the share of units, the largest first, with the line of equal shares."""
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(4.6, 4.2))
        axes.plot([0, 1], [0, 1], color=theme.MUTE, lw=1, ls=":")
        if found.shown:
            rows = found.table
            axes.fill_between(rows["units"], rows["low"], rows["high"], color=theme.ACCENT, alpha=0.15, lw=0)
            axes.plot(rows["units"], rows["amount"], color=theme.ACCENT, lw=2)
            axes.plot(found.top, found.share.value, "o", color=theme.SECOND, ms=8)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel(f"share of the {terms.units}, the largest first")
        axes.set_ylabel(f"share of the {terms.amount}")
    return drawn


def caption(found: Concentration, terms: Vocabulary) -> str:
    """State the share of the first tenth."""
    if not found.shown:
        return f"**{finding(found, terms)}.**"
    return (
        f"**{finding(found, terms)}.** Share of the {terms.amount} over that of the {terms.units}, the largest first, with the "
        f"{percent(found.share.level, 0)} interval over resampled {terms.units}. On the dotted line every {terms.unit} would hold "
        f"the same; the dot is the first {percent(found.top, 0)}. Only the curve at every {_step(found)} of the {terms.units} is "
        "drawn, and straight lines between."
    )


def _step(found: Concentration) -> str:
    return percent(1 / (len(found.table) - 1), 0)


def alt(found: Concentration, terms: Vocabulary) -> str:
    """Describe the curve."""
    if not found.shown:
        return "An empty figure."
    inner = found.table[found.table["units"].round(2).isin([0.1, 0.2, 0.5])]
    parts = [f"{percent(r.units, 0)} hold {percent(r.amount)}" for r in inner.itertuples()]
    return f"A curve above the diagonal. Of the {terms.units}, the first {', '.join(parts)} of the {terms.amount}."


def concentration_table(found: Concentration, terms: Vocabulary) -> Shown:
    """Show the curve at some shares of the units."""
    if not found.shown:
        return Shown(f"{finding(found, terms)}.")
    half = found.table.loc[(found.table["units"] - 0.5).abs() < 1e-9, "amount"]
    told = (
        f"The half of the {terms.units} with the most account for {percent(float(half.iloc[0]))} of the {terms.amount}"
        if len(half)
        else finding(found, terms)
    )
    rows = found.table[found.table["units"] > 0].rename(columns={"units": f"share of the {terms.units}"})
    return table(
        rows,
        "tbl-concentration",
        f"**{told}.** The {terms.units} with the most come first; {percent(found.share.level, 0)} intervals over "
        f"resampled {terms.units}.",
        dict.fromkeys(rows.columns, percent),
        headings={"amount": f"share of the {terms.amount}"},
    )
