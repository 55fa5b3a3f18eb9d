"""The published recipe: its clusters, its picture, and what it owes to the alphabet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..data.lead_columns import LeadColumn
from ..engine.external import PERSONAL_CELL
from ..engine.meaning import Card, Cards
from ..engine.projection import Projection
from ..engine.recipe import PublishedRecipe
from ..engine.silhouettes import sample
from ..inference.rates import COVERAGE, rate
from ..thresholds import CLOSE
from ..vocabulary import Vocabulary
from . import figures, theme
from .prose import beside, count, exact, number, percent, plural
from .robustness import agreement
from .show import Shown, table

MARKS = 2_000  # of single units that a picture shows; of more, a sample
SAME = 1 - 1e-9
KINDS = (("renumbered", "codes renumbered"), ("other start", "other starts"))


@dataclass(frozen=True)
class Facts:
    """What the page tells of the published recipe.

    Attributes
    ----------
    k, restarts, seed, renumberings : int
    unknown : str
        The word that stands for a missing value.
    mean, least, largest : float
        ARI of the partitions with renumbered codes, with the partition by the alphabet.
    start_mean, start_least : float
        The same of other seeds, with the numbers as they are.
    close : float
        The ARI from which on two partitions are close.
    same : bool
        Whether no renumbering changes anything.
    hangs : bool
        Whether the partition changes with the numbers: the mean ARI is not close.
    loose : bool
        Whether it changes with the start already.
    more : bool
        Whether renumbering changes it more than another start does, on average.
    units, compared : int
        All units, and those on which the partitions are compared.
    lowest, highest : float or None
        The rates of the clusters, where two or more may be told.
    sensitive : list of str
        Fields that are nobody's business, which the recipe takes like all others.
    """

    k: int
    restarts: int
    seed: int
    renumberings: int
    unknown: str
    mean: float
    least: float
    largest: float
    start_mean: float
    start_least: float
    close: float
    same: bool
    hangs: bool
    loose: bool
    more: bool
    units: int
    compared: int
    lowest: float | None
    highest: float | None
    sensitive: list[str]


def facts(found: PublishedRecipe, columns: Iterable[LeadColumn] = (), leaking: Iterable[str] = ()) -> Facts:
    """Collect what the sentences of the page need."""
    mean, least, largest = found.ari()
    start_mean, start_least, _ = found.ari("other start")
    rates, out, p = found.clusters["rate"].dropna(), set(leaking), found.params
    told = len(rates) > 1
    return Facts(
        k=p["k"],
        restarts=p["restarts"],
        seed=found.seed,
        renumberings=p["renumberings"],
        unknown=p["unknown"],
        mean=mean,
        least=least,
        largest=largest,
        start_mean=start_mean,
        start_least=start_least,
        close=CLOSE,
        same=least >= SAME,
        hangs=mean < CLOSE,
        loose=start_mean < CLOSE,
        more=mean < start_mean,
        units=p["units"],
        compared=p["compared"],
        lowest=float(rates.min()) if told else None,
        highest=float(rates.max()) if told else None,
        sensitive=[f"“{c.label}”" for c in columns if c.sensitive and c.name not in out],
    )


def verdict(found: PublishedRecipe) -> str:
    """Say in a few words whether the clusters hang on the alphabet."""
    own = facts(found)
    if own.k < 2:
        return "nothing to divide"
    if own.hangs:
        return f"hangs on the alphabet: mean ARI {beside(own.mean, CLOSE)} with renumbered codes"
    return f"does not hang on the alphabet here: mean ARI {beside(own.mean, CLOSE)} with renumbered codes"


# The picture


def cards(found: PublishedRecipe) -> Cards:
    """Return the clusters of the recipe as figures show segments; a size that is not told has none."""
    rows = [
        Card(int(r.cluster), "", f"Cluster {int(r.cluster)}", f"Cluster {int(r.cluster)}", "", "",
             None if pd.isna(r.units) else int(r.units), None if pd.isna(r.share) else float(r.share), {})
        for r in found.clusters.itertuples()
    ]  # fmt: skip
    return Cards(tuple(rows), found.params["units"])


def picture(found: PublishedRecipe, *, points: bool) -> Figure:
    """Draw the clusters on the first two principal components of the standardised codes.

    Parameters
    ----------
    found : PublishedRecipe
    points : bool
        One mark per unit, only for data that are public; else rectangles of ten units or more.
    """
    at = found.picture.set_axis(["x", "y"], axis=1)
    if points and len(at) > MARKS:
        at = at.iloc[sample(len(at), MARKS, "recipe/marks", found.seed)]
    shown = Projection(at, found.explained, pd.DataFrame())
    names = ("First component", "Second component")
    return figures.segment_map(shown, found.labels, cards(found), points=points, names=names, minimum=PERSONAL_CELL)


def picture_caption(found: PublishedRecipe, terms: Vocabulary, *, points: bool) -> str:
    """Say how little of the codes the picture shows."""
    drawn = (
        f"; {count(MARKS)} of {count(len(found.picture))} were drawn at random" if len(found.picture) > MARKS else ""
    )
    mark = (
        f"Each mark is {terms.a_unit}{drawn}" if points
        else f"Each rectangle holds ten {terms.units} or more, in the colour of the cluster that most of them belong to"
    )  # fmt: skip
    return (
        f"**The usual picture shows {percent(sum(found.explained), 0)} of the variance of the codes.** The "
        f"{plural(found.params['k'], 'cluster', words=True)} of the recipe, which are not the personas of this report. {mark}. "
        "The axes are the first two principal components of standardised codes: what lies side by side here may have no more in "
        "common than the first letters of its values."
    )


def picture_alt(found: PublishedRecipe, terms: Vocabulary) -> str:
    """Describe the picture."""
    sizes = ", ".join(f"{c.short} with {count(c.size)}" for c in cards(found) if c.size is not None)
    return f"Map of the {terms.units} on two principal components of their codes.{f' {sizes} {terms.units}.' if sizes else ''}"


def cluster_table(found: PublishedRecipe, terms: Vocabulary) -> Shown:
    """Show the clusters with their rates."""
    rows = found.clusters
    limits = [
        rate(int(r.conversions), int(r.units)) if pd.notna(r.units) and pd.notna(r.conversions) else None
        for r in rows.itertuples()
    ]
    frame = rows.assign(interval=[f"{number(r.low * 100)} to {percent(r.high)}" if r else None for r in limits])
    own = facts(found)
    finding = f"There are not two clusters whose rates may be told of the {terms.units}."
    if own.lowest is not None and own.highest is not None:
        finding = f"The clusters of the recipe convert at {percent(own.lowest)} to {percent(own.highest)}."
    dash = (
        f" A dash stands for a number that would tell of fewer than ten {terms.units}."
        if frame.isna().any(axis=None)
        else ""
    )
    return table(
        frame, "tbl-recipe",
        f"**{finding}** Rates with {percent(COVERAGE, 0)} intervals after Wilson [@wilson1927], or Jeffreys where there are few. "
        f"They describe these clusters, whatever made them.{dash}",
        {"units": count, "share": percent, "conversions": count, "rate": percent},
        headings={"units": terms.units, "conversions": terms.did}, right=("interval",),
    )  # fmt: skip


# The test


def renumbering_figure(found: PublishedRecipe) -> Figure:
    """Draw the agreement of each renumbering, and of each other start, with the partition by the alphabet."""
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 2.7))
        axes.axvline(CLOSE, color=theme.MUTE, lw=1, ls=":")
        for y, (kind, _) in enumerate(KINDS):
            own = np.sort(found.table.loc[found.table["kind"] == kind, "ari"].to_numpy())
            colour = (theme.SECOND, theme.ACCENT)[y]
            spread = np.array([0.0, 0.14, -0.14, 0.07, -0.07])[np.arange(len(own)) % 5]  # so that equal ones are seen
            axes.plot(own, y + spread, theme.MARKERS[y], color=colour, ms=6, alpha=0.7, mec=theme.PAPER)
            axes.plot([own.mean()] * 2, [y - 0.32, y + 0.32], color=colour, lw=3)
        axes.set_yticks(range(len(KINDS)), [name for _, name in KINDS])
        axes.set_ylim(len(KINDS) - 0.45, -0.55)
        axes.set_xlim(min(-0.05, float(found.table["ari"].min()) - 0.03), 1.04)
        axes.set_xlabel("ARI with the partition by the alphabet")
        axes.grid(axis="y", visible=False)
    return figure


def renumbering_caption(found: PublishedRecipe, terms: Vocabulary) -> str:
    """State what renumbering the categories does."""
    own = facts(found)
    part = (
        "" if own.compared == own.units else f" Compared on {count(own.compared)} of {count(own.units)} {terms.units}."
    )
    return (
        f"**With other numbers for the same categories, the mean agreement is {beside(own.mean, CLOSE)}.** Adjusted Rand index "
        "(ARI) with the partition by the alphabet: 1 is the same partition, 0 is chance. Each mark is one of "
        f"{plural(own.renumberings, 'renumbering')}, or of as many other starts of k-means with the numbers as they were, whose "
        f"mean is {beside(own.start_mean, CLOSE)}; strokes are the means. Dotted: {exact(CLOSE)}, from which on partitions count "
        f"as close.{part}"
    )


def renumbering_alt(found: PublishedRecipe) -> str:
    """Describe the figure."""
    parts = [
        f"{name}: mean {agreement(mean)}, from {agreement(low)} to {agreement(high)}"
        for kind, name in KINDS
        for mean, low, high in [found.ari(kind)]
    ]
    return f"Two rows of marks, the agreement with the partition by the alphabet. {'; '.join(parts)}."
