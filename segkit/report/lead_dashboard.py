"""Dashboard and map of the personas, and their files."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..engine.meaning import Card, Cards
from ..engine.projection import Projection
from ..inference.cards import SCHEMA, Persona, Personas, personas_schema
from ..vocabulary import Vocabulary
from . import captions, prose, theme
from .lead_personas import dash, facts, interval, told
from .prose import count, percent
from .show import Shown, schema_link, table

FILE = "personas.json"
LETTERS = 22  # of a name on one line beside the panels
FIELD, VALUE = " (field)", " = "  # parts of the names that columns of coded fields have


def dashboard(found: Personas, cards: Cards) -> Figure:
    """Draw what each persona converts at with its interval, and below how many leads it has and how many converted."""
    shown = told(found)
    names = [textwrap.fill(p.name, LETTERS) for p in shown]
    lines = max([1, *(n.count("\n") + 1 for n in names)])
    tall = 1.0 + len(shown) * max(0.42, 0.19 * lines)
    tone = theme.colours(cards)
    with theme.style():
        figure, (above, below) = pyplot.subplots(2, 1, figsize=(5.0, 2 * tall), squeeze=True)
        _rates(above, found, shown, tone)
        _sizes(below, shown, tone)
        for axes in (above, below):
            axes.set_yticks(range(len(shown)), names)
            axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
            axes.grid(axis="y", visible=False)
    return figure


def _rates(axes: Axes, found: Personas, shown: list[Persona], tone: Mapping[int, str]) -> None:
    all_ = found.overall
    axes.axvspan(all_.low, all_.high, color=theme.LINE, lw=0)
    axes.axvline(all_.share, color=theme.MUTE, lw=1.2, ls="--")
    for y, p in enumerate(shown):
        if p.conversion is None:
            continue
        own, marker = p.conversion.own, theme.MARKERS[y % len(theme.MARKERS)]
        axes.plot([own.low, own.high], [y, y], color=tone[p.id], lw=4, alpha=0.5, solid_capstyle="round")
        axes.plot(own.share, y, marker, color=tone[p.id], ms=8, mec=theme.PAPER)
        axes.annotate(
            percent(own.share),
            (own.high, y),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            bbox={"fc": theme.PAPER, "ec": "none", "alpha": 0.8, "pad": 1},
        )
    right = 1.25 * max([all_.high, *(p.conversion.own.high for p in shown if p.conversion)])
    axes.set_xlim(0, right)
    axes.set_xticks([t for t in axes.get_xticks() if t <= min(right, 1.0)])
    axes.xaxis.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
    axes.set_title("rate of conversion")


def _sizes(axes: Axes, shown: list[Persona], tone: Mapping[int, str]) -> None:
    most = max([1, *(p.size or 0 for p in shown)])
    for y, p in enumerate(shown):
        if p.conversion is None or p.size is None:
            continue
        axes.barh(y, p.size, color=tone[p.id], alpha=0.35, height=0.6)
        axes.barh(y, p.conversion.own.events, color=tone[p.id], height=0.6)
        said = f"{count(p.size)} ({percent(p.share or 0.0, 0)})"
        axes.annotate(said, (p.size, y), (4, 0), textcoords="offset points", va="center", fontsize=9.5)
    axes.set_xlim(0, 1.45 * most)
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    axes.set_title("leads (full colour: converted)")


def dashboard_caption(found: Personas, terms: Vocabulary) -> str:
    """State between which rates the personas lie, and what the picture holds."""
    known = facts(found)
    if not known.shown:
        return f"**No persona is large enough to be shown.** The overall rate is {percent(known.share)}."
    rates = [p.conversion.own.share for p in told(found) if p.conversion]
    first = (
        f"Rates run from {percent(min(rates))} to {percent(max(rates))}" if len(rates) > 1 else "One persona is shown"
    )
    hidden = (
        f" {prose.capital(prose.plural(known.hidden, 'persona', words=True))} with too few {terms.units} to be told of "
    )
    hidden = f"{hidden}{'is' if known.hidden == 1 else 'are'} not shown." if known.hidden else ""
    return (
        f"**{first}; the overall rate is {percent(known.share)}.** Above, the rate of each persona with its "
        f"{percent(known.level, 0)} interval; the dashed line is the overall rate, which is that of the personas weighted by their "
        f"{terms.units}, and the band its interval. Below, {terms.units} and their share of all.{hidden}"
    )


def dashboard_alt(found: Personas) -> str:
    """Describe the dashboard."""
    parts = [
        f"{p.name}: {count(p.size or 0)}, {percent(p.conversion.own.share)} "
        f"({interval(p.conversion.own.low, p.conversion.own.high)})"
        for p in told(found) if p.conversion
    ]  # fmt: skip
    return f"Rates with intervals, and sizes, by persona. {'; '.join(parts) or 'nothing is shown'}."


def numbers_table(found: Personas, terms: Vocabulary) -> Shown:
    """Show the numbers of the dashboard."""
    rows, every = found.table, found.overall.events
    conversions = rows["conversions"].astype("float64")
    shown = pd.DataFrame({
        "persona": rows["name"], terms.units: rows["units"].astype("float64"), "share": rows["share"].astype("float64"),
        "conversions": conversions, "of all conversions": conversions / max(every, 1), "rate": rows["rate"].astype("float64"),
        "interval": [None if pd.isna(a) else interval(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
    })  # fmt: skip
    known = shown.dropna(subset=["conversions"])
    top = known.loc[known["conversions"].idxmax()] if len(known) else None
    finding = (
        "No persona is large enough to be told of." if top is None
        else f"“{top['persona']}” brings {percent(top['of all conversions'])} of the conversions with {percent(top['share'])} "
        f"of the {terms.units}."
    )  # fmt: skip
    low, high = found.overall.low, found.overall.high
    return table(
        shown, "tbl-dashboard",
        f"**{finding}** All {count(found.overall.units)} {terms.units}: {count(every)} conversions, {percent(found.overall.share)} "
        f"({interval(low, high)}).{dash(shown, terms)}",
        {terms.units: count, "conversions": count, "share": percent, "of all conversions": percent, "rate": percent},
        right=("interval",), export=shown.assign(low=rows["low"], high=rows["high"]).drop(columns="interval"),
    )  # fmt: skip


def axis_names(projection: Projection, labels: Mapping[str, str]) -> tuple[str, str]:
    """Name each direction by the value, or the field, with the most weight."""

    def readable(column: str) -> str:
        field, _, value = column.removesuffix(FIELD).partition(VALUE)
        name = labels.get(field, field)
        said = f"{name}: {value}" if value else f"{name} known" if column.endswith(FIELD) else name
        return textwrap.shorten(prose.capital(said), 32, placeholder="…")

    first, second = (readable(projection.leading(axis, 1)[0]) for axis in (0, 1))
    return (first, second) if first != second else (first, f"{second}, second direction")


def map_caption(
    projection: Projection, labels: pd.Series, cards: Cards, terms: Vocabulary, *, points: bool
) -> str:  # fmt: skip
    """State how much of the space the map shows, and what its marks are."""
    share, at = sum(projection.shares), projection.points
    here = labels.reindex(at.index)
    low, high = at["x"].groupby(here).median(), [c for c in cards if c.size is not None]
    far: Card | None = max(high, key=lambda c: low[c.id], default=None)
    places = len(np.unique(at.round(6).to_numpy(), axis=0))
    mark = (
        f"Each mark is {terms.a_unit}{captions.some_of(len(at))}; {terms.units} with the same fields lie on one another"
        + (f", so that {count(len(at))} of them have {count(places)} places" if places < len(at) else "")
        if points
        else f"Each rectangle holds five {terms.units} or more, in the colour of the persona that most of them belong to, and is "
        "stronger where they lie closer together"
    )
    finding = f"“{far.name}” lies furthest to the right. " if far else ""
    return (
        f"**{finding}The map shows {percent(share, 0)} of the inertia.** {mark}. Inertia is the variance of the fitted space, "
        "which is that of the filled fields and their values; each direction is named for what weighs most in it. A picture only: "
        f"the personas were found in {prose.plural(len(projection.loadings), 'dimension')}."
    )


def map_alt(cards: Cards, axes: tuple[str, str], terms: Vocabulary) -> str:
    """Describe the map."""
    sizes = prose.join([f"{c.name} with {count(c.size)}" for c in cards if c.size is not None])
    known = f" Personas: {sizes} {terms.units}." if sizes else ""
    return f"Map of the {terms.units}. Across: {axes[0]}. Up: {axes[1]}.{known}"


def files(numbers: Mapping[str, Any]) -> Shown:
    """Publish personas.json, which is a part of results.json, and its schema, and link to both."""
    own = schema_link(dict(numbers["personas"]), FILE).markdown
    return Shown(f"{own} and {schema_link(personas_schema(), SCHEMA).markdown}")
