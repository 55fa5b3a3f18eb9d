"""What one segment more does: facts, and figure with its table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..engine.flow import SegmentFlow
from ..engine.krule import KDecision
from ..engine.meaning import Cards
from ..privacy import SMALL_CELL
from ..vocabulary import Vocabulary
from . import number_figures
from .prose import capital, join, percent, word
from .show import Shown, figure

MIXED = 0.25  # entropy from which a segment is, to a notable part, made of several


@dataclass(frozen=True)
class Flow:
    """Which step to one segment more breaks segments up cleanly, and which makes them anew.

    Attributes
    ----------
    most, least : int or None
        The numbers of segments with the highest and the lowest mean entropy.
    high, low : float
        Their entropies.
    following, mixed : int
        One segment more than is shown, and how many of its segments come from several; zero where that is not known.
    """

    most: int | None
    least: int | None
    high: float
    low: float
    following: int
    mixed: int


def flow(found: SegmentFlow, decision: KDecision, fewest: int = SMALL_CELL) -> Flow:
    """Compare the steps."""
    mean, after = found.mean_entropy, decision.shown + 1
    if mean.empty:
        return Flow(None, None, np.nan, np.nan, 0, 0)
    most, least = int(mean.idxmax()), int(mean.idxmin())
    new = found.nodes[(found.nodes["k"] == after) & (found.nodes["units"] >= fewest)]
    return Flow(
        most=most,
        least=least,
        high=float(mean[most]),
        low=float(mean[least]),
        following=after if after in mean.index and len(new) else 0,
        mixed=int((new["entropy"] > MIXED).sum()),
    )


def flow_shown(found: SegmentFlow, cards: Cards, terms: Vocabulary) -> Shown:
    """Show the flow of segments, or say why there is no picture."""
    ks = number_figures.drawable(found, terms.fewest)
    if len(ks) < 2:
        return Shown(
            f"There is no picture: with so few {terms.units}, segments of fewer than five would be seen in it."
        )
    strong = found.edges[found.edges["k"].isin(ks[:-1]) & (found.edges["units"] >= terms.fewest)]
    keep = strong.sort_values("units").groupby(["k", "segment"])["units"].agg(["max", "sum"])
    held = float((keep["max"] / keep["sum"]).min())
    finding = (
        f"Going from each number to the next, every segment keeps most of its {terms.units} together."
        if held > 0.5
        else "On the way from few segments to many, some are taken apart."
    )
    stop = "" if ks[-1] == found.params["ks"][-1] else " Solutions with a segment of fewer than five are left out."
    colours = (
        "Colours are those of the segments in use."
        if len(cards) in ks
        else f"The {word(len(cards))} segments in use are beyond what is drawn."
    )
    caption = (
        f"**{finding}** Each bar is a segment, as tall as it has {terms.units}; bands are the {terms.units} that two segments "
        f"share. {colours} Bands below {percent(found.params['least'], 0)} of all {terms.units} "
        f"are left out.{stop}"
    )
    alt = (
        f"Bars of segments for {join([str(k) for k in ks])} segments, with bands between them. "
        f"{capital(join([f'{k} to {k + 1}: {len(strong[strong.k == k])} bands' for k in ks[:-1]]))}."
    )
    return figure(
        number_figures.alluvial(found, cards, terms.fewest),
        "fig-flow",
        caption,
        alt,
    )
