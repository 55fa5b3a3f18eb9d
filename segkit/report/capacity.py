"""What the decisions page shows of a limited capacity: a figure, a table, and a control that the reader sets."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..engine.capacity import RANDOM, Capacity
from ..engine.forecasts import BGNBD, Outlook
from ..text import json_text
from ..vocabulary import Vocabulary
from . import theme
from .prose import capital, count, number, percent
from .show import Shown, fragment, table, to_root
from .usefulness import PLURAL, mean_of, names

SHOWN = (2.0, 5.0, 10.0, 20.0, 50.0)  # units a week that the table lists, as far as there are
LIMITS = ("reached", "low", "high")
WIDE, TALL = 14, 0.055  # letters in a line of a name beside the figure, and the height of a line, of all of it
TYPICAL = 0.1  # the control starts where so large a share of the units is approached
STYLES = {
    "segments": (theme.ACCENT, "-", 2.6), "recency": ("#e69f00", "-", 1.8), "count": ("#2f8fd0", "--", 1.8),
    "rfm": ("#cc79a7", "-.", 1.8), "boosting": (theme.MUTE, (0, (5, 2)), 1.8), BGNBD: ("#009e73", (0, (4, 1, 1, 1)), 1.8),
    RANDOM: (theme.MUTE, ":", 1.4),
}  # fmt: skip


def _weeks(outlook: Outlook) -> float:
    return outlook.window / 7


def _rows(found: Capacity, outlook: Outlook) -> pd.DataFrame:
    """Return the shown points, with the units a week that they stand for."""
    return found.shown.assign(weekly=(found.shown["approached"] / _weeks(outlook)).round(6))


def _a_week(at: float, terms: Vocabulary) -> str:
    return f"1 {terms.unit} a week" if number(at) == "1" else f"{number(at)} {terms.units} a week"


def usable(found: Capacity | None) -> bool:
    """Tell whether any point of the curves may be shown."""
    return found is not None and not found.shown.empty


def _typical(found: Capacity, outlook: Outlook) -> float:
    """Return the units a week, of those shown, that come nearest to a tenth of all units."""
    weekly = _rows(found, outlook)["weekly"].drop_duplicates()
    return float(weekly.iloc[int((weekly - TYPICAL * found.units / _weeks(outlook)).abs().argmin())])


@dataclass(frozen=True)
class Facts:
    """How many of those who are active anyway are reached at a typical capacity.

    Attributes
    ----------
    weekly : float
        Units a week.
    approached, active : int
        Units approached in the window, and those of all units that are active.
    segments, chance : int
        Active units reached by the ranking of the segments, and at random.
    best : str or None
        What the ranking is called that reaches more beyond chance, and most of all.
    many : bool
        Whether it is called by a plural.
    most : int
        How many it reaches.
    """

    weekly: float
    approached: int
    active: int
    segments: int
    chance: int
    best: str | None
    many: bool
    most: int


def facts(found: Capacity | None, outlook: Outlook, terms: Vocabulary) -> Facts | None:
    """Collect what the sentences on capacity need; nothing where no curve may be shown."""
    if found is None or not usable(found):
        return None
    at, rows = _typical(found, outlook), _rows(found, outlook)
    rows = rows[rows["weekly"] == at].set_index("order")
    best = str(rows.drop(RANDOM)["reached"].idxmax())
    more = best != "segments" and bool(rows.loc[best, "less_low"] > 0)
    return Facts(
        weekly=at,
        approached=round(rows["approached"].iloc[0]),
        active=round(found.active),
        segments=round(rows.loc["segments", "reached"]),
        chance=round(rows.loc[RANDOM, "reached"]),
        best=names(terms)[best] if more else None,
        many=best in PLURAL,
        most=round(rows.loc[best, "reached"]),
    )


def figure(found: Capacity, outlook: Outlook, terms: Vocabulary) -> Figure:
    """Draw how many active units each ranking reaches over the units a week."""
    rows = _rows(found, outlook)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 4.8))
        for order in found.orders:
            own = rows[rows["order"] == order]
            colour, dash, width = STYLES[order]
            x, y = np.concatenate([[0], own["weekly"]]), np.concatenate([[0], own["reached"]])
            axes.plot(x, y, color=colour, ls=dash, lw=width)
        own = rows[rows["order"] == "segments"]
        axes.fill_between(own["weekly"], own["low"], own["high"], color=theme.ACCENT, alpha=0.15, lw=0)
        axes.axhline(found.active, color=theme.MUTE, lw=1)
        end = max(rows["weekly"].max() / 2, 1.0)
        axes.axvline(_typical(found, outlook), color=theme.INK, lw=1, ls=(0, (1, 2)))
        axes.set_xlim(0, end)
        axes.set_ylim(0, None)
        axes.set_xlabel(f"{terms.units} a week")
        axes.set_ylabel(f"active {terms.units} reached in {outlook.window} days")
        _label_ends(axes, rows, {o: capital(names(terms)[o]) for o in found.orders}, end)
    return drawn


def _label_ends(axes: Axes, rows: pd.DataFrame, called: dict[str, str], end: float) -> None:
    """Write at the right what each curve is, with a thin line to where it ends; names that would touch move apart."""
    top = axes.get_ylim()[1]
    ends = {o: float(np.interp(end, [0.0, *own["weekly"]], [0.0, *own["reached"]])) for o, own in rows.groupby("order")}
    high = 1.0
    for order in sorted(ends, key=lambda o: -ends[o]):
        text = textwrap.fill(called[order], WIDE)
        half = TALL * (1 + text.count("\n")) / 2
        y = min(ends[order] / top, high - half)
        high = y - half
        line = {"arrowstyle": "-", "color": STYLES[order][0], "lw": 1.2, "relpos": (0, 0.5), "shrinkA": 0, "shrinkB": 0}
        axes.annotate(
            text, (end, ends[order]), (1.08, y), xycoords="data", textcoords="axes fraction", va="center", fontsize=9,
            color=theme.INK, annotation_clip=False, arrowprops=line,
        )  # fmt: skip


def caption(found: Capacity, outlook: Outlook, terms: Vocabulary) -> str:
    """State the ends of the curves."""
    at = _typical(found, outlook)
    rows = _rows(found, outlook)
    here = rows[(rows["weekly"] == at) & (rows["order"] != RANDOM)]
    low, high = here["reached"].min(), here["reached"].max()
    return (
        f"**At {_a_week(at, terms)}, the rankings reach from {count(low)} to {count(high)} of {count(found.active)} active "
        f"{terms.units}.** {mean_of(found.params['dates'])} Each {terms.unit} is "
        f"{terms.approached} once, by the ranking that was known at the date. The band is the {percent(found.params['level'], 0)} "
        f"interval of the segments; tied {terms.units} come in random order. The dotted line stands at "
        f"{_a_week(at, terms)}. The level line is all {count(found.active)}; the right half, where the curves meet it, is left out."
    )


def alt(found: Capacity, outlook: Outlook, terms: Vocabulary) -> str:
    """Describe the curves."""
    at = _typical(found, outlook)
    rows = _rows(found, outlook)
    rows = rows[rows["weekly"] == at]
    parts = [
        f"{names(terms)[r.order]} {count(r.reached)}" for r in rows.sort_values("reached", ascending=False).itertuples()
    ]
    return f"Rising curves. Reached at {_a_week(at, terms)}: {', '.join(parts)}."


def capacity_table(found: Capacity, outlook: Outlook, terms: Vocabulary) -> Shown:
    """Show, for several capacities, how many active units each ranking reaches."""
    rows = _rows(found, outlook)
    there = sorted(set(rows["weekly"]))
    listed = [w for w in SHOWN if w in there]
    listed = listed if len(listed) > 1 else there[:: -(-len(there) // len(SHOWN))]
    wide = {c: rows.pivot(index="order", columns="weekly", values=c).loc[list(found.orders), listed] for c in LIMITS}
    cells = {
        f"{number(w)} a week": [
            f"{count(a)} ({count(b)}–{count(c)})" for a, b, c in zip(*(wide[v][w] for v in LIMITS), strict=True)
        ]
        for w in listed
    }
    frame = pd.DataFrame({"order": [capital(names(terms)[o]) for o in found.orders], **cells})
    seen = wide["reached"].drop(RANDOM).round()
    ahead = seen.index[(seen == seen.max()).all(axis=1)]
    finding = (
        "No ranking reaches most at every capacity listed."
        if ahead.empty
        else f"The {names(terms)[ahead[0]]} {'reach' if ahead[0] in PLURAL else 'reaches'} most at every capacity listed."
        if len(ahead) == 1 and ((seen == seen.max()).sum() == 1).all()
        else f"No ranking reaches more than the {names(terms)[ahead[0]]} at any capacity listed."
    )
    return table(
        frame,
        "tbl-capacity",
        f"**{finding}** Active {terms.units} reached in {outlook.window} days, of {count(found.active)}, by the {terms.units} that "
        f"can be {terms.approached} in a week, with {percent(found.params['level'], 0)} intervals over resampled {terms.units}. "
        "The CSV has every capacity.",
        right=tuple(frame.columns[1:]),
        headings={"order": "ranking"},
        export=rows.rename(columns={"approached": terms.units}),
    )


def data(found: Capacity, outlook: Outlook, terms: Vocabulary) -> dict[str, Any]:
    """Return what the control needs: points of the curves, and nothing of single units."""
    rows = _rows(found, outlook)
    one = rows[rows["order"] == RANDOM]
    curves = {o: {c: rows.loc[rows["order"] == o, c].round(1).tolist() for c in LIMITS} for o in found.orders}
    return {
        "names": {o: capital(names(terms)[o]) for o in found.orders}, "weeks": _weeks(outlook), "days": outlook.window,
        "weekly": one["weekly"].round(4).tolist(), "taken": one["approached"].round(2).tolist(),
        "active": round(found.active, 1), "curves": curves,
        "words": {"unit": terms.unit, "units": terms.units, "who": terms.who, "approached": terms.approached},
    }  # fmt: skip


def control(found: Capacity | None, outlook: Outlook, terms: Vocabulary) -> Shown:
    """Show the fields in which the reader sets capacity, cost and value; without a script they stay hidden."""
    if found is None or not usable(found):
        return Shown("")
    given = data(found, outlook, terms)
    least, most = given["weekly"][0], given["weekly"][-1]
    start, bounds = f"{_typical(found, outlook):.3g}", f'min="{least:.4g}" max="{most:.4g}"'
    fields = "".join(
        f'<p><label for="sk-{name}">{text}</label>'
        f'<input id="sk-{name}" name="{name}" type="number" inputmode="decimal" step="any" {limits} value="{value}"></p>'
        for name, text, limits, value in (
            ("capacity", f"{capital(terms.units)} a week", bounds, start),
            ("cost", f"Cost of {terms.approaching} one {terms.unit}", 'min="0"', "1"),
            ("value", f"Value of one active {terms.unit} reached", 'min="0"', "10"),
        )
    )
    text = json_text(given, html=True)
    return fragment(
        f'<form class="sk-control" id="sk-control" aria-label="Your own figures" hidden><div class="sk-fields">{fields}</div>'
        '<p id="sk-said" role="status" aria-live="polite"></p>'
        '<div class="table-scroll" tabindex="0" role="region" aria-label="Each ranking at your figures">'
        '<table class="sk-table" data-quarto-disable-processing="true"><thead><tr><th scope="col">ranking</th>'
        '<th scope="col" class="num">active reached, interval</th>'
        '<th scope="col" class="num">cost of each active one</th><th scope="col" class="num">value less cost</th></tr></thead>'
        '<tbody id="sk-rankings"></tbody></table></div></form>'
        "<noscript><p>Without scripts the table below has several capacities.</p></noscript>"
        f'<script type="application/json" id="sk-curves">{text}</script>'
        f'<script src="{to_root()}assets/capacity.js" defer></script>'
    )
