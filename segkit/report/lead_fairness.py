"""Sensitive fields beside the personas: facts, figures and tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.meaning import Cards
from ..inference.fairness import Fairness
from ..thresholds import CLOSE, SAME
from . import theme
from .findings import quoted
from .lead_personas import interval
from .prose import capital, fixed, join, minus, percent, word
from .show import Shown, table


class Named(Protocol):
    """A column of the file, with what readers see of it."""

    @property
    def name(self) -> str:
        """The canonical name."""

    @property
    def label(self) -> str:
        """What readers see."""


@dataclass(frozen=True)
class Facts:
    """What the page tells of sensitive fields.

    Attributes
    ----------
    found : bool
        Whether the file has any.
    fields : list of str
        Their names for readers.
    compared : bool
        Whether personas were made with them as well.
    ari, same : float
        The index of both partitions, and the share of the leads that keep their persona.
    close, alike : float
        From which ARI on partitions are called close, and the same for practical purposes.
    least_kept : str
        The persona of which the smallest share stays; empty where none may be told.
    least_share : float
    tied, loose, untold : list of str
        Fields that go with the personas beyond chance, each with its Cramér's V; those that do not; those of which too few
        leads are known.
    differing : list of str
        Values whose rate differs from that of the other leads beyond chance.
    values : int
        Values whose rate is told.
    level : float
        Of the intervals.
    """

    found: bool
    fields: list[str]
    compared: bool
    ari: float
    same: float
    close: float
    alike: float
    least_kept: str
    least_share: float
    tied: list[str]
    loose: list[str]
    untold: list[str]
    differing: list[str]
    values: int
    level: float


def labels(columns: Iterable[Named]) -> dict[str, str]:
    """Return the name of each column for readers."""
    return {c.name: c.label for c in columns}


def facts(found: Fairness | None, cards: Cards, names: Mapping[str, str]) -> Facts:
    """Collect what the sentences of the page need.

    Parameters
    ----------
    found : Fairness or None
        None where the file has no such field.
    cards : Cards
    names : mapping of str to str
        What readers see of each column, see `labels`.
    """
    if found is None:
        return Facts(False, [], False, math.nan, math.nan, CLOSE, SAME, "", math.nan, [], [], [], [], 0, math.nan)
    rows = found.association.assign(label=[names.get(f, f) for f in found.association["field"]])
    known = rows["low"].notna()
    kept = found.kept.dropna(subset="same").sort_values("same", kind="stable")
    clear = (found.rates["difference_low"] > 0) | (found.rates["difference_high"] < 0)
    return Facts(
        found=True,
        fields=rows["label"].tolist(),
        compared=math.isfinite(found.ari),
        ari=found.ari,
        same=found.same,
        close=CLOSE,
        alike=SAME,
        least_kept=quoted(cards[int(kept["persona"].iloc[0])]) if len(kept) else "",
        least_share=float(kept["same"].iloc[0]) if len(kept) else math.nan,
        tied=[f"{r.label} ({fixed(r.cramers_v)})" for r in rows[known & (rows["low"] > 0)].itertuples()],
        loose=rows.loc[known & ~(rows["low"] > 0), "label"].tolist(),
        untold=rows.loc[~known, "label"].tolist(),
        differing=[f"{names.get(r.field, r.field)} {r.value}" for r in found.rates[clear].itertuples()],
        values=len(found.rates),
        level=float(found.params["level"]),
    )


def kept_table(found: Fairness | None, cards: Cards) -> Shown:
    """Show which share of each persona stays together when sensitive fields take part."""
    if found is None or found.kept.empty:
        return Shown("")
    rows = found.kept.set_index("persona")
    frame = pd.DataFrame(
        {
            "persona": [c.name for c in cards],
            "leads": [float(rows["units"].get(c.id, np.nan)) for c in cards],
            "keep their persona": [float(rows["same"].get(c.id, np.nan)) for c in cards],
        }
    )
    return table(
        frame,
        "tbl-kept",
        f"**{percent(found.same)} of the leads keep their persona.** Personas with and without the sensitive fields, "
        "matched one to one. "
        "A dash: too few leads to be told of.",
        {"leads": lambda v: f"{v:,.0f}", "keep their persona": percent},
    )


def association_table(found: Fairness | None, names: Mapping[str, str]) -> Shown:
    """Show how far each field goes with the personas."""
    if found is None:
        return Shown("")
    rows = found.association
    frame = pd.DataFrame(
        {
            "field": [names.get(f, f) for f in rows["field"]],
            "leads whose value is known": rows["known"].to_numpy(),
            "Cramér's V": rows["cramers_v"].to_numpy(),
            "interval": [
                f"{fixed(a)} to {fixed(b)}" if math.isfinite(a) else "–"
                for a, b in zip(rows["low"], rows["high"], strict=True)
            ],
        }
    )
    top = rows.dropna(subset="cramers_v").sort_values("cramers_v", ascending=False, kind="stable")
    said = (
        f"{capital(str(names.get(top['field'].iloc[0], top['field'].iloc[0])))} goes with the personas most"
        if len(top)
        else "Too few values are known to tell"
    )
    return table(
        frame,
        "tbl-association",
        f"**{said}.** Cramér's V is 0 where a field has nothing to do with the personas and 1 where they follow from "
        "each other; it is "
        f"corrected for what chance gives, with the {percent(found.params['level'], 0)} interval over resampled leads.",
        {"leads whose value is known": lambda v: f"{v:,.0f}", "Cramér's V": fixed},
        right=("interval",),
        export=rows,
    )


def distribution_table(found: Fairness | None, cards: Cards, names: Mapping[str, str]) -> Shown:
    """Show the values of each field within each persona."""
    if found is None:
        return Shown("")
    rank = {c.id: i for i, c in enumerate(cards)}
    rows = found.distribution[found.distribution["persona"].isin(rank)]
    rows = rows.assign(rank=rows["persona"].map(rank)).sort_values(
        ["field", "rank", "share"], ascending=[True, True, False]
    )
    frame = pd.DataFrame(
        {
            "field": [names.get(f, f) for f in rows["field"]],
            "persona": [cards[int(p)].name for p in rows["persona"]],
            "value": rows["value"].to_numpy(),
            "leads": rows["n"].to_numpy(),
            "share of those known": rows["share"].to_numpy(),
            "interval": [
                interval(a, b) if math.isfinite(a) else "–" for a, b in zip(rows["low"], rows["high"], strict=True)
            ],
        }
    )
    if frame.empty:
        return Shown(
            f"No value is known of {word(found.params['least'])} leads of a persona, so that no table can be shown."
        )
    absent = [f for f in found.association["field"] if f not in set(rows["field"])]
    missing = f" Nothing may be told of {join([names.get(f, f) for f in absent])}." if absent else ""
    first = rows.loc[rows["share"].idxmax()]
    return table(
        frame,
        "tbl-sensitive",
        f"**The largest share is that of {first['value']} in {quoted(cards[int(first['persona'])])}.** Of the leads of "
        "each persona whose "
        f"value is known, with {percent(found.params['level'], 0)} intervals. Values of fewer than "
        f"{word(found.params['least'])} leads, and those "
        f"from which they could be reckoned, are left out.{missing}",
        {"leads": lambda v: f"{v:,.0f}", "share of those known": percent},
        right=("interval",),
        export=rows.drop(columns="rank"),
    )


def figure(found: Fairness, names: Mapping[str, str]) -> Figure:
    """Draw the rate of each value with its interval."""
    rows = found.rates.iloc[::-1].reset_index(drop=True)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 1.0 + 0.42 * max(len(rows), 1)))
        at = np.arange(len(rows))
        axes.hlines(at, rows["low"], rows["high"], color=theme.ACCENT, lw=2)
        axes.plot(rows["rate"], at, "o", color=theme.ACCENT, ms=7)
        axes.set_yticks(at, [f"{names.get(r.field, r.field)} {r.value}" for r in rows.itertuples()])
        axes.xaxis.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
        axes.set_xlabel("rate of conversion")
        axes.grid(axis="y", visible=False)
    return drawn


def caption(found: Fairness) -> str:
    """State how many values differ from the others."""
    clear = int(((found.rates["difference_low"] > 0) | (found.rates["difference_high"] < 0)).sum())
    n = len(found.rates)
    told = (
        f"None of {word(n)} values has a rate that differs from the others beyond chance"
        if not clear
        else f"{capital(word(clear))} of {word(n)} values {'has' if clear == 1 else 'have'} a rate that differs from the others "
        "beyond chance"
    )
    return (
        f"**{told}.** Rate of conversion of the leads whose value is known, with {percent(found.params['level'], 0)} "
        "intervals. It describes; "
        "nothing may be done by it."
    )


def alt(found: Fairness) -> str:
    """Describe dots and bars."""
    return f"Dots with bars. {'; '.join(f'{r.value}: {percent(r.rate)}' for r in found.rates.itertuples())}."


def rates_table(found: Fairness | None, names: Mapping[str, str]) -> Shown:
    """Show the rate of each value, and by how much it differs from that of the others."""
    if found is None:
        return Shown("")
    rows = found.rates
    if rows.empty:
        return Shown("Too few values are known to tell of rates without telling of single leads.")
    frame = pd.DataFrame(
        {
            "field": [names.get(f, f) for f in rows["field"]],
            "value": rows["value"].to_numpy(),
            "leads": rows["units"].to_numpy(),
            "rate": rows["rate"].to_numpy(),
            "interval": [
                interval(a, b) if math.isfinite(a) else "–" for a, b in zip(rows["low"], rows["high"], strict=True)
            ],
            "against the others": [f"{minus(f'{d * 100:+.1f}')} points" for d in rows["difference"]],
            "its interval": [
                minus(f"{a * 100:+.1f} to {b * 100:+.1f}")
                for a, b in zip(rows["difference_low"], rows["difference_high"], strict=True)
            ],
        }
    )
    high = rows.loc[rows["rate"].idxmax()]
    return table(
        frame,
        "tbl-outcome",
        f"**The highest rate is that of {high['value']}, {percent(high['rate'])}.** Differences, in percentage points, "
        "are from all other leads "
        f"whose value is known, with Newcombe's {percent(found.params['level'], 0)} interval [@newcombe1998].",
        {"leads": lambda v: f"{v:,.0f}", "rate": percent},
        right=("interval", "against the others", "its interval"),
        export=rows,
    )
