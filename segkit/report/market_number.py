"""How many segments of markets: every criterion in one table, what draws of customers choose, and a ranking instead."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..engine.coassignment import Coassignment
from ..engine.consensus import Consensus
from ..engine.gap import BOXES, Gap
from ..engine.instability import Instability
from ..engine.krule import KDecision
from ..engine.kselection import KSelection
from ..engine.prediction import PredictionStrength
from ..thresholds import HALF
from . import theme
from .prose import beside, capital, count, fixed, join, number, percent, plural, word
from .show import Shown, table

BEST = "k_silhouette"  # column of the draws of customers
TOP = 3  # markets of a ranking whose share is told


@dataclass(frozen=True)
class Alone:
    """Numbers of segments at which a segment is a single market.

    Attributes
    ----------
    ks : list of int
    compared : int
        Numbers of segments that were compared.
    shown : int
        Segments of one market among those that are shown.
    """

    ks: list[int]
    compared: int
    shown: int


def alone(selection: KSelection, k: int) -> Alone:
    """Find the partitions in which a market is a segment by itself."""
    single = _singletons(selection)
    return Alone(
        [int(n) for n in selection.table["k"] if single.get(int(n), 0)], len(selection.table), single.get(k, 0)
    )


def _singletons(selection: KSelection) -> dict[int, int]:
    rows = selection.segments
    return {int(k): int(n) for k, n in (rows["units"] == 1).groupby(rows["k"]).sum().items()}


@dataclass(frozen=True)
class Chosen:
    """Which number of segments draws of customers choose by the mean silhouette.

    Attributes
    ----------
    draws : int
        Draws that choose one.
    shares : list of (int, float)
        Number of segments and the share of the draws that choose it, the most frequent first.
    observed : int or None
        What the markets as they are choose in the same way.
    shown : int
        The number of segments in use, or shown.
    half : float
        Below this share of the draws, a number is not what customers choose.
    """

    draws: int
    shares: list[tuple[int, float]]
    observed: int | None
    shown: int
    half: float = HALF

    @property
    def most(self) -> int:
        """The number that most draws choose; zero where none chooses."""
        return self.shares[0][0] if self.shares else 0

    @property
    def share(self) -> float:
        """Of the draws that choose it."""
        return self.shares[0][1] if self.shares else math.nan

    @property
    def rest(self) -> list[tuple[int, float]]:
        """The others."""
        return self.shares[1:]

    @property
    def own(self) -> float:
        """Share of the draws that choose the number in use."""
        return dict(self.shares).get(self.shown, 0.0)


def chosen(found: Coassignment, selection: KSelection, k: int) -> Chosen:
    """Count what the draws choose."""
    best = found.draws[BEST].dropna().astype("int64") if BEST in found.draws else pd.Series(dtype="int64")
    shares = best.value_counts(normalize=True).sort_index().sort_values(ascending=False, kind="stable")
    return Chosen(
        len(best), [(int(n), float(s)) for n, s in shares.items()], selection.by.get("silhouette"), k
    )  # fmt: skip


def numbers_table(
    decision: KDecision, selection: KSelection, prediction: PredictionStrength, bootstrap: Instability, gap: Gap,
    pairs: Consensus, drawn: Chosen,
) -> Shown:  # fmt: skip
    """Show every criterion for every number of segments; no number is left out for having a small segment."""
    ask, single, picks = decision.params, _singletons(selection), dict(drawn.shares)
    ks = decision.table["k"].astype("int64")
    own = selection.table.set_index("k")
    frame = pd.DataFrame({
        "segments": ks, "smallest": ks.map(own["smallest"]), "of one market": [single.get(k, 0) for k in ks],
        "prediction strength": decision.table["prediction_strength"], "least similarity": decision.table["jaccard"],
        "meets the rule": ["yes" if q else "no" for q in decision.table["qualifies"]],
        "instability": ks.map(bootstrap.table.set_index("k")["instability"]),
        "PAC": ks.map(pairs.table.set_index("k")["pac"]),
        "gap": ks.map(gap.of(BOXES[0]).set_index("k")["gap"]), "silhouette": ks.map(own["silhouette"]),
        "draws": [picks.get(k, 0.0) if drawn.draws else math.nan for k in ks],
    })  # fmt: skip
    export = frame.assign(strength_sd=ks.map(prediction.table.set_index("k")["sd"]))
    good = [word(int(k)) for k in decision.table.loc[decision.table["qualifies"], "k"]]
    finding = (
        f"{capital(join(good))} {'meets' if len(good) == 1 else 'meet'} the rule" if good
        else "No number of segments meets the rule"
    )  # fmt: skip
    strength, similarity = ask["prediction_strength"], ask["jaccard"]
    dash = " A dash: not known." if frame.isna().any(axis=None) else ""
    return table(
        frame, "tbl-numbers",
        f"**{finding}: a prediction strength of {number(strength, 3)} and a least similarity of {number(similarity, 3)} are "
        "asked.** Smallest: markets in the smallest segment. Similarity: mean Jaccard similarity of the segment that comes back "
        "least. Instability and the proportion of ambiguous clustering (PAC): less is better. Draws: share of draws of customers "
        f"of which the silhouette chooses this number.{dash}",
        {"prediction strength": lambda v: beside(float(v), strength), "least similarity": lambda v: beside(float(v), similarity),
         "instability": percent, "PAC": percent, "gap": fixed, "silhouette": fixed,
         "smallest": count, "draws": lambda v: percent(v, 0)},
        export=export, stack=True,
    )  # fmt: skip


def chosen_figure(found: Chosen, ks: list[int]) -> Figure:
    """Draw the share of the draws that choose each number of segments; a ring marks what the markets as they are choose."""
    picks = dict(found.shares)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 2.4))
        axes.bar(ks, [100 * picks.get(k, 0.0) for k in ks], width=0.6, color=theme.ACCENT)
        if found.observed is not None:
            axes.plot(
                found.observed, 100 * picks.get(found.observed, 0.0), "o", ms=10, mfc="none", mec=theme.SECOND, mew=2
            )
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylim(0, 105)
        axes.set_xlabel("segments")
        axes.set_ylabel("% of the draws")
        axes.grid(axis="x", visible=False)
    return figure


def chosen_caption(found: Chosen) -> str:
    """State what most draws choose."""
    ring = " The ring: what the markets as they are choose." if found.observed is not None else ""
    return (
        f"**{capital(word(found.most))} segments are chosen by {percent(found.share, 0)} of {count(found.draws)} draws of the "
        f"customers.** By the highest mean silhouette, which cannot answer one.{ring}"
    )


def chosen_alt(found: Chosen) -> str:
    """Describe the bars."""
    bars = [f"{percent(share, 0)} of the draws choose {word(k)}" for k, share in found.shares]
    return f"Bars by number of segments: {join(bars)}."


@dataclass(frozen=True)
class Ranked:
    """The markets by revenue and by growth.

    Attributes
    ----------
    first : str
        The market with the most revenue.
    share, top : float
        Of the revenue: its, and that of the largest few together.
    few, markets : int
        How many those are; all markets.
    fastest : str
        The market that grew most; empty where growth is not known.
    grown : float
        By how much, in a year.
    rising, falling, unknown : int
        Markets whose revenue rose, fell, or cannot be compared with the year before.
    """

    first: str
    share: float
    top: float
    few: int
    markets: int
    fastest: str
    grown: float
    rising: int
    falling: int
    unknown: int


def ranking(members: pd.DataFrame, change: pd.Series) -> pd.DataFrame:
    """Rank markets by revenue, and by how much they grew.

    Parameters
    ----------
    members : DataFrame
        One row per market: ``market``, ``revenue``, ``share``.
    change : Series
        By market, the share by which the last twelve months are above the twelve before; missing where it is not known.

    Returns
    -------
    DataFrame
        ``market``, ``revenue``, ``share``, ``growth``, ``by revenue`` and ``by growth`` (ranks, equals share the better one).
    """
    rows = members.sort_values("revenue", ascending=False, kind="stable", ignore_index=True)
    out = rows[["market", "revenue", "share"]].assign(growth=rows["market"].map(change).astype("float64"))
    out["by revenue"] = out["revenue"].rank(ascending=False, method="min")
    out["by growth"] = out["growth"].rank(ascending=False, method="min")
    return out


def ranked(rows: pd.DataFrame) -> Ranked:
    """Collect what sentences tell of a ranking."""
    grown = rows.dropna(subset="growth")
    few = min(TOP, len(rows))
    best = grown.loc[grown["growth"].idxmax()] if len(grown) else None
    return Ranked(
        first=str(rows["market"].iloc[0]),
        share=float(rows["share"].iloc[0]),
        top=float(rows["share"].head(few).sum()),
        few=few,
        markets=len(rows),
        fastest="" if best is None else str(best["market"]),
        grown=math.nan if best is None else float(best["growth"]),
        rising=int((grown["growth"] > 0).sum()),
        falling=int((grown["growth"] < 0).sum()),
        unknown=len(rows) - len(grown),
    )


def ranking_table(rows: pd.DataFrame) -> Shown:
    """Show the ranking."""
    known = ranked(rows)
    dash = " A dash: there are too few months, or there was no revenue in the year before." if known.unknown else ""
    columns = ["market", "by revenue", "revenue", "share", "by growth", "growth"]
    frame = rows[columns].assign(market=rows["market"].astype(str))
    return table(
        frame, "tbl-ranking",
        f"**{known.first} comes first by revenue{f', {known.fastest} by growth' if known.fastest else ''}.** All "
        f"{plural(known.markets, 'market', words=True)}, complete months. Growth: the last twelve against the "
        f"twelve before.{dash}",
        {"by revenue": count, "by growth": count, "revenue": lambda v: number(v, 0), "share": percent, "growth": percent},
        headings={"by revenue": "rank by revenue", "by growth": "rank by growth", "share": "share of revenue"}, stack=True,
    )  # fmt: skip
