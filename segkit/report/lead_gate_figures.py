"""Figures of the page on missing fields, with what they say in words."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from ..data.lead_columns import LeadColumn
from ..inference.missingness import Missingness
from ..vocabulary import Vocabulary
from . import theme
from .lead_gate import facts, interval, labels
from .prose import count, join, number, percent, plural, word

FIELDS = 24  # that a figure shows
DARK = 0.55  # share from which on letters stand on a dark ground


def missing_shares(found: Missingness, columns: Iterable[LeadColumn]) -> pd.DataFrame:
    """Return the share of missing cells per field and block, the emptiest fields first.

    Returns
    -------
    DataFrame of shape (n_fields, n_blocks)
        Indexed by label; NaN where fewer than ten units would be told of. At most `FIELDS` rows.
    """
    units = found.blocks.value_counts().reindex(found.filled.index)
    table = (1 - found.told).T
    order = (1 - found.filled).mul(units, axis=0).sum().sort_values(ascending=False, kind="stable").index
    called = labels(columns)
    return table.loc[order[:FIELDS]].rename(index=lambda n: called.get(str(n), str(n)))


def missing_figure(found: Missingness, columns: Iterable[LeadColumn]) -> Figure:
    """Draw the share of missing cells: bars where there is one block, else a map of fields by blocks."""
    table = missing_shares(found, columns)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 0.9 + 0.31 * max(len(table), 1)))
        axes.set_yticks(range(len(table)), list(table.index))
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.grid(visible=False)
        if table.shape[1] == 1:
            own = table.iloc[:, 0]
            axes.barh(range(len(own)), own.fillna(0.0), color=theme.ACCENT, height=0.65)
            for y, share in enumerate(own):
                axes.text(np.nan_to_num(share) + 0.015, y, percent(share, 0), va="center", fontsize=9.5)
            axes.set_xlim(0, 1.12)
            axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
            axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v * 100:.0f} %"))
            axes.set_xlabel("share of rows in which it is missing")
            return figure
        for x, block in enumerate(table.columns):
            for y, share in enumerate(table[block]):
                deep = bool(share >= DARK)
                axes.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, color=theme.ACCENT, lw=0,
                                                alpha=0.06 + 0.94 * float(np.nan_to_num(share))))  # fmt: skip
                axes.text(x, y, percent(share, 0), ha="center", va="center", fontsize=9.5,
                          color=theme.PAPER if deep else theme.INK)  # fmt: skip
        axes.set_xlim(-0.5, table.shape[1] - 0.5)
        axes.set_xticks(
            range(table.shape[1]), [f"block {b}" if len(table.columns) < 4 else str(b) for b in table.columns]
        )
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
    return figure


def missing_caption(found: Missingness, columns: Iterable[LeadColumn], terms: Vocabulary) -> str:
    """State which field is missing most often."""
    columns = tuple(columns)
    own, table = facts(found, columns), missing_shares(found, columns)
    finding = "No field has missing values that may be told."
    if own.most:
        finding = f"“{own.most}” is missing for {percent(own.most_share)} of the {terms.units}."
    part = f" The {FIELDS} fields with the most missing of {count(own.fields)}." if own.fields > len(table) else ""
    blocks = "in each block of rows" if own.blocks > 1 else f"over all {terms.units}"
    dash = (
        f" A dash stands for a share that would tell of fewer than ten {terms.units}."
        if table.isna().any(axis=None)
        else ""
    )
    return f"**{finding.replace('*', '')}** Share of rows in which a field is missing, {blocks}.{part}{dash}"


def missing_alt(found: Missingness, columns: Iterable[LeadColumn], terms: Vocabulary) -> str:
    """Describe the shares of the emptiest fields."""
    table = missing_shares(found, columns)
    rows = [
        f"{field} {join([percent(v, 0) for v in row.dropna()])}"
        for field, row in table.head(8).iterrows()
        if row.notna().any()
    ]
    across = "" if table.shape[1] == 1 else f" in {word(table.shape[1])} blocks"
    return f"Shares of {terms.units} for which fields are missing{across}{': ' + '; '.join(rows) if rows else ''}."


def count_figure(found: Missingness, terms: Vocabulary) -> Figure:
    """Draw the rate by the number of missing fields, with intervals, and the rate of all."""
    rows = found.by_count.dropna(subset="rate")
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 3.2))
        at = np.arange(len(rows))
        if len(rows):
            axes.axhline(_base(found), color=theme.MUTE, lw=1, ls=":")
            axes.vlines(at, rows["low"], rows["high"], color=theme.ACCENT, lw=3, alpha=0.45)
            axes.plot(at, rows["rate"], "o", color=theme.ACCENT, ms=7, mec=theme.PAPER)
        axes.set_xticks(at, [str(n) for n in rows["missing_fields"]])
        axes.set_xlim(-0.6, max(len(rows), 1) - 0.4)
        axes.set_ylim(0, min(1.02, 1.1 * float(rows["high"].max())) if len(rows) else 1)
        axes.grid(axis="x", visible=False)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v * 100:.0f} %"))
        axes.set_xlabel("number of missing fields")
        axes.set_ylabel(f"share {terms.who} {terms.did}")
    return figure


def _base(found: Missingness) -> float:
    return found.auc.hits / max(found.auc.units, 1)


def count_caption(found: Missingness, terms: Vocabulary) -> str:
    """State where the rate is lowest and highest, and whether the difference may be chance."""
    own = facts(found, ())
    finding = f"Too few {terms.units} to compare."
    if own.fewest and own.greatest:
        ends = [f"{percent(g.rate)} with {_fields(g.name)} missing" for g in (own.fewest, own.greatest)]
        finding = f"From {ends[0]} to {ends[1]}{'' if own.differ else ', which may be chance'}."
    pooled = (found.by_count["missing_fields"] == "other").any()
    rest = f" Numbers of fewer than ten {terms.units} are together “other”." if pooled else ""
    return (
        f"**{finding}** Share of {terms.units} {terms.who} {terms.did}, by how many of their fields are missing, with "
        f"{percent(found.params['level'], 0)} intervals after Wilson [@wilson1927], or Jeffreys where there are few. Dotted: all "
        f"{terms.units}, {percent(_base(found))}.{rest}"
    )


def _fields(number_of: str) -> str:
    return plural(int(number_of), "field", words=True) if number_of.isdigit() else number_of


def count_alt(found: Missingness, terms: Vocabulary) -> str:
    """Describe the rates."""
    rows = found.by_count.dropna(subset="rate")
    parts = [
        f"{r.missing_fields} missing, {number(r.rate * 100, 0)} percent ({interval(r.low, r.high)})"
        for r in rows.itertuples()
    ]
    return f"Rates by number of missing fields: {'; '.join(parts)}." if parts else "An empty figure."
