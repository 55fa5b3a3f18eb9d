"""How far the way in which touches are found moves the conclusions: facts, a figure and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.rates import Difference
from ..inference.reach import Shift
from . import theme
from .channel_gaps import OMNICHANNEL, Gap, channel, point, real
from .prose import count, percent
from .show import Shown, table

LITERAL, TAXONOMY = "literal", "taxonomy"


@dataclass(frozen=True)
class Moves:
    """What the two detectors say of the same prospects.

    Attributes
    ----------
    units : int
    moved_share : float
        Of prospects, whose strategy is another one; NaN where it is not told.
    literal_both, taxonomy_both : float
        Prospects that are omnichannel by each; NaN where it is not told.
    literal, taxonomy : Gap
        How much more often omnichannel prospects close than those touched online only, by each.
    widest : str
        The channel whose reach differs most; empty where none does.
    widest_literal, widest_taxonomy : float
        Prospects that it reached, by each.
    level : float
        Of the intervals.
    """

    units: int
    moved_share: float
    literal_both: float
    taxonomy_both: float
    literal: Gap
    taxonomy: Gap
    widest: str
    widest_literal: float
    widest_taxonomy: float
    level: float

    @property
    def literal_counted(self) -> str:
        """How many prospects are omnichannel by the literal one."""
        return _counted(self.literal_both)

    @property
    def taxonomy_counted(self) -> str:
        """How many the taxonomy does."""
        return _counted(self.taxonomy_both)

    @property
    def widest_counted(self) -> tuple[str, str]:
        """How many prospects the channel that differs most reached, by each."""
        return _counted(self.widest_literal), _counted(self.widest_taxonomy)

    @property
    def apart(self) -> str:
        """By how many percentage points the two differences differ."""
        return point(abs(self.literal.difference - self.taxonomy.difference))

    @property
    def agree(self) -> str:
        """Whether the two conclude alike.

        ``unknown`` (one has no difference), ``same`` (the same side, or both may be chance), ``chance`` (one lies beyond
        chance, the other does not), ``turns`` (both do, on opposite sides).
        """
        if not (self.literal.known and self.taxonomy.known):
            return "unknown"
        one, two = self.literal.side, self.taxonomy.side
        return "same" if one == two else "turns" if one and two else "chance"


def _counted(n: float) -> str:
    return count(n) if math.isfinite(n) else "–"


def _gap(found: Difference | None) -> Gap:
    return Gap() if found is None else Gap(real(found.difference), real(found.low), real(found.high))


def _both(found: Shift) -> tuple[float, float]:
    """Return how many are omnichannel by each detector; NaN where one cell is not told."""
    table = found.table.apply(pd.to_numeric, errors="coerce").astype("float64")
    return float(table.loc[OMNICHANNEL].sum(skipna=False)), float(table[OMNICHANNEL].sum(skipna=False))


def channels_of(found: Shift) -> pd.DataFrame:
    """Return how many prospects each channel reached, by detector; what may not be told is NaN."""
    rows = found.channels.copy()
    rows[[LITERAL, TAXONOMY]] = rows[[LITERAL, TAXONOMY]].apply(pd.to_numeric, errors="coerce").astype("float64")
    return rows


def moves(found: Shift) -> Moves:
    """Collect what the sentences of the page need."""
    rows = channels_of(found)
    apart = (rows[LITERAL] - rows[TAXONOMY]).abs()
    top = rows.loc[apart.idxmax()] if apart.notna().any() and apart.max() > 0 else None
    one, two = _both(found)
    moved = real(found.moved)
    return Moves(
        units=found.units,
        moved_share=moved / found.units if found.units else math.nan,
        literal_both=one,
        taxonomy_both=two,
        literal=_gap(found.comparisons.get(LITERAL)),
        taxonomy=_gap(found.comparisons.get(TAXONOMY)),
        widest="" if top is None else channel(str(top["channel"])),
        widest_literal=math.nan if top is None else float(top[LITERAL]),
        widest_taxonomy=math.nan if top is None else float(top[TAXONOMY]),
        level=float(found.params["level"]),
    )


def verdict(told: Moves) -> str:
    """Say in a few words whether the conclusion hangs on the detector, for the status line."""
    return {
        "same": "both detectors conclude alike",
        "chance": "the detectors conclude differently",
        "turns": "the detectors contradict each other",
        "unknown": "detectors not compared",
    }[told.agree]


def crossing_table(found: Shift) -> Shown:
    """Show which strategy prospects have by each detector."""
    told = moves(found)
    frame = found.table.apply(pd.to_numeric, errors="coerce").astype("float64")
    shown = frame.rename_axis(None).rename_axis(None, axis=1).reset_index(names="literal (rows), taxonomy (columns)")
    finding = (
        f"{percent(told.moved_share)} of the prospects have another strategy by the other detector"
        if math.isfinite(told.moved_share)
        else "How many have another strategy by the other detector is not told"
    )
    return table(
        shown, "tbl-crossing",
        f"**{finding}.** Prospects by strategy: one row per strategy of the literal detector, one column per "
        "strategy of the taxonomy.",
        dict.fromkeys(frame.columns, count), export=shown,
    )  # fmt: skip


def difference_table(found: Shift) -> Shown:
    """Show how much more often omnichannel prospects close, by each detector."""
    told = moves(found)
    rows = [
        (name, found.comparisons.get(name), gap) for name, gap in ((LITERAL, told.literal), (TAXONOMY, told.taxonomy))
    ]
    frame = pd.DataFrame(
        {
            "detector": [name for name, _, _ in rows],
            "omnichannel": [math.nan if d is None else real(d.first.share) for _, d, _ in rows],
            "online only": [math.nan if d is None else real(d.second.share) for _, d, _ in rows],
            "difference": [f"{gap.points} points" if gap.known else "–" for _, _, gap in rows],
            "its interval": [gap.interval for _, _, gap in rows],
        }
    )
    export = pd.DataFrame(
        [{"detector": n, "difference": g.difference, "low": g.low, "high": g.high} for n, _, g in rows]
    )
    finding = {
        "same": "Both detectors conclude alike", "chance": "Only one detector shows a difference beyond chance",
        "turns": "The detectors show opposite differences", "unknown": "The detectors cannot be compared",
    }[told.agree]  # fmt: skip
    return table(
        frame, "tbl-detectors",
        f"**{finding}.** Shares that closed, and their difference in percentage points with Newcombe's "
        f"{percent(told.level, 0)} interval [@newcombe1998].",
        {"omnichannel": percent, "online only": percent}, right=("difference", "its interval"), export=export,
    )  # fmt: skip


def shift_figure(found: Shift) -> Figure:
    """Draw how many prospects each channel reached, by both detectors, on a scale that is logarithmic from one on."""
    rows = channels_of(found)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 1.1 + 0.27 * max(len(rows), 1)))
        at = np.arange(len(rows))
        axes.hlines(at, rows[LITERAL], rows[TAXONOMY], color=theme.MUTE, lw=1.5)
        axes.plot(
            rows[LITERAL], at, "s", color=theme.PAPER, mec=theme.SECOND, mew=2, ms=6.5, label="literal", ls="none"
        )
        axes.plot(rows[TAXONOMY], at, "o", color=theme.ACCENT, ms=6.5, label="taxonomy", ls="none")
        told = np.array([*rows[LITERAL], *rows[TAXONOMY]])
        low, top = np.nanmin([*told, 10.0]), float(np.nanmax([*told, 10.0]))
        ticks = 10.0 ** np.arange(np.floor(np.log10(max(low, 1.0))), int(np.log10(2 * top)) + 1)
        axes.set_xscale("symlog", linthresh=1.0)
        axes.set_xlim(-0.3 if low < 1 else 0.8 * min(low, ticks[0]), 2 * top)
        axes.set_xticks([0, *ticks] if low < 1 else ticks)
        axes.xaxis.set_major_formatter(lambda v, _: count(v))
        axes.minorticks_off()
        axes.set_yticks(at, [channel(str(n)) for n in rows["channel"]])
        axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        edge = int((rows["kind"] == "offline").sum())
        axes.axhline(edge - 0.5, color=theme.LINE, lw=1)
        axes.set_xlabel("prospects reached")
        drawn.legend(loc="outside upper right", ncols=2)
        axes.grid(axis="y", visible=False)
    return drawn


def shift_caption(found: Shift) -> str:
    """State which channel the detectors differ most on."""
    told = moves(found)
    one, two = told.widest_counted
    finding = (
        f"{told.widest} reached {one} prospects by the literal detector and {two} by the taxonomy."
        if told.widest
        else "Both detectors find the same reach of every channel."
    )
    return (
        f"**{finding}** Offline channels above the line, platforms below; the scale is logarithmic from one on. Numbers that may "
        "not be told have no mark."
    )


def shift_alt(found: Shift) -> str:
    """Describe the marks of the channels on which the detectors differ most."""
    rows = channels_of(found)
    rows = rows.assign(apart=(rows[LITERAL] - rows[TAXONOMY]).abs()).dropna(subset="apart")
    rows = rows.sort_values("apart", ascending=False, kind="stable").head(6)
    parts = [f"{channel(str(r.channel))}, {count(r.literal)} and {count(r.taxonomy)}" for r in rows.itertuples()]
    return f"Two marks per channel, literal and taxonomy. Furthest apart: {'; '.join(parts)}." if parts else "No marks."


def channels_table(found: Shift) -> Shown:
    """Show how many prospects each channel reached, by both detectors."""
    rows, told = channels_of(found), moves(found)
    frame = pd.DataFrame(
        {
            "channel": [channel(str(n)) for n in rows["channel"]],
            "kind": rows["kind"],
            "literal": rows[LITERAL],
            "taxonomy": rows[TAXONOMY],
        }
    )
    same = int((rows[LITERAL] == rows[TAXONOMY]).sum())
    finding = (
        f"Of {len(rows)} channels, {same if same else 'none'} {'has' if same < 2 else 'have'} the same reach by both"
    )
    return table(
        frame, "tbl-channels-by-detector",
        f"**{finding}.** Prospects reached, of {count(told.units)}.", {"literal": count, "taxonomy": count},
        export=rows,
    )  # fmt: skip
