"""What the page on other choices shows of preparations, populations and algorithms: facts and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from ..engine.algorithms import Algorithms
from ..engine.grid import DIMENSIONS
from ..engine.meaning import Cards
from ..engine.multiverse import Multiverse
from ..engine.populations import Populations
from ..thresholds import CLOSE, HALF, MOST
from ..vocabulary import Vocabulary
from .findings import quoted
from .prose import GAP, capital, count, exact, exact_percent, inline, join, plural, word
from .robustness import agreement
from .show import Shown, table

CHOICES = {"scaler": "scale", "clip": "clipping", "cap": "cap", "logs": "logarithms"}
LEVELS = {
    ("scaler", "robust"): "robust", ("scaler", "standard"): "standard", ("scaler", "quantile-normal"): "normal scores",
    ("scaler", "min-max"): "zero to one", ("scaler", "Yeo-Johnson"): "Yeo-Johnson",
    ("logs", "as published"): "beside raw", ("logs", "none"): "none", ("logs", "all"): "in place of raw",
    ("units", "all"): "all",
}  # fmt: skip
KEPT = {
    "tracked": "a tracked visit",
    "without_brief_pairs": "two conversations or more",
}  # what those have who take part
NAMED = KEPT | {
    "without_top_1_percent": f"without the busiest 1{GAP}%", "without_busiest_subscriber": "without the busiest subscriber",
}  # fmt: skip
LEAST = {"two or more": "two", "min_events_2": "two", "min_events_3": "three"}  # events of those who take part


def choice_name(choice: str, terms: Vocabulary) -> str:
    """Write what is chosen: part of the preprocessing, or which units take part."""
    return terms.units if choice == "units" else CHOICES[choice]


def level(choice: str, value: object, terms: Vocabulary) -> str:
    """Write one level of a choice.

    >>> t = Vocabulary()
    >>> level("clip", 0.0, t), level("cap", float("inf"), t), level("clip", 0.025, t).replace("\\xa0", " ")
    ('none', 'none', '2.5 %')
    """
    if choice == "clip" and isinstance(value, float):
        return exact_percent(value) if value > 0 else "none"
    if choice == "cap" and isinstance(value, float):
        return exact(value) if math.isfinite(value) else "none"
    if choice == "units" and value in LEAST:
        return f"{LEAST[str(value)]} {terms.events} or more"
    return LEVELS.get((choice, str(value)), str(value))


def population(name: str, terms: Vocabulary) -> str:
    """Write who takes part.

    >>> population("min_events_2", Vocabulary()), population("without_Supplier", Vocabulary())
    ('two events or more', 'without “Supplier”')
    """
    if name in NAMED:
        return NAMED[name]
    if name in LEAST:
        return f"{LEAST[name]} {terms.events} or more"
    return f"without “{name.removeprefix('without_')}”"


@inline
def verdict(found: Multiverse) -> str:
    """Say in a few words how many other preparations agree."""
    own = found.summary(defensible=True)
    if not own["matrices"]:
        return "nothing to compare"
    return f"{round(own['share_above_08'] * own['matrices'])} of {count(own['matrices'])} other preparations agree"


@dataclass(frozen=True)
class Change:
    """What one level of a choice does alone: its choice, its name, and the ARI."""

    choice: str
    level: str
    ari: float


@dataclass(frozen=True)
class Prepared:
    """What is told of other preparations of the data.

    Attributes
    ----------
    matrices, close : int
        Other matrices that are defensible, and those of them that give much the same partition.
    hardly, partly : bool
        Whether so many do that segments hardly, or only in part, depend on the preparation.
    least, median : float
        From which ARI on a partition is much the same; the median ARI.
    others : list of (int, float)
        Neighbouring numbers of segments, and the median ARI there.
    changed : list of Change
        For each choice the level that does most when changed alone, the one that does most of all first.
    declared : list of (str, list of str)
        Choices, and the levels of each that are defensible.
    """

    matrices: int
    close: int
    hardly: bool
    partly: bool
    least: float
    median: float
    others: list[tuple[int, float]]
    changed: list[Change]
    declared: list[tuple[str, list[str]]]

    @property
    def without_effect(self) -> list[str]:
        """The choices that keep much the same partition, whatever is chosen."""
        return [c.choice for c in self.changed if c.ari >= self.least]


def prepared(found: Multiverse, terms: Vocabulary) -> Prepared:
    """Collect what sentences on other preparations need."""
    own = found.summary(defensible=True)
    n, share = int(own["matrices"]), own["share_above_08"]
    other = {k: found.summary(k, defensible=True) for k in found.ks if k != found.k and n}
    alone = found.effects
    alone = alone[~alone["in_use"] & alone["alone"].notna()].sort_values("alone", kind="stable")
    rows = found.table[found.table["defensible"] & (found.table["k"] == found.k)]
    return Prepared(
        matrices=n,
        close=round(share * n) if n else 0,
        hardly=share >= MOST,
        partly=HALF <= share < MOST,
        least=CLOSE,
        median=own["median_ari"],
        others=[(k, s["median_ari"]) for k, s in other.items() if s["matrices"]],
        changed=[
            Change(choice_name(r.choice, terms), level(r.choice, r.level, terms), float(r.alone))
            for r in alone.drop_duplicates("choice").itertuples()
        ],
        declared=[(choice_name(d, terms), [level(d, v, terms) for v in rows[d].unique()]) for d in DIMENSIONS],
    )


@dataclass(frozen=True)
class Recurring:
    """Which segments come back, by name.

    Attributes
    ----------
    enough, every : bool
        Whether anything was compared; whether every segment comes back under most preparations and most algorithms.
    firm, loose, prepared, found : list of str
        Those that come back under most of both, of neither, of preparations alone, and of algorithms alone.
    """

    enough: bool
    every: bool
    firm: list[str]
    loose: list[str]
    prepared: list[str]
    found: list[str]


def recurring(found: Multiverse, others: Algorithms, cards: Cards) -> Recurring:
    """Collect which segments may carry a rule, and which follow from our choices."""
    n = len(others.table)
    if not found.summary(defensible=True)["matrices"] or not n:
        return Recurring(False, False, [], [], [], [])
    able, again = found.recovered(defensible=True) > 1 / 2, others.recurring() > n / 2

    def named(under: bool, by: bool) -> list[str]:
        return [quoted(c) for c in cards if c.size is not None and (able[c.id], again[c.id]) == (under, by)]

    firm = named(True, True)
    return Recurring(True, len(firm) == len(cards), firm, named(False, False), named(True, False), named(False, True))


def effect_table(found: Multiverse, terms: Vocabulary) -> Shown:
    """Show what each choice does, alone and on the median of all combinations."""
    rows = found.effects
    out = pd.DataFrame(
        {
            "choice": [
                f"{capital(choice_name(c, terms))}: {level(c, v, terms)}{' (in use)' if used else ''}"
                for c, v, used in zip(rows["choice"], rows["level"], rows["in_use"], strict=True)
            ],
            "ARI if changed alone": rows["alone"],
            "median effect": rows["effect"].where(~rows["in_use"]),
            "median ARI": rows["median_ari"],
            "matrices": rows["matrices"],
        }
    )
    spread = rows[~rows["in_use"]].groupby("choice")["effect"].min().dropna()
    finding = "What each choice does."
    if len(spread) and spread.min() < -0.005:
        finding = (
            f"Over all combinations, the choice of {choice_name(str(spread.idxmin()), terms)} moves the partition most."
        )
    elif len(spread):
        finding = "Over all combinations, no choice by itself moves the partition further away."
    own_ari = float(rows.loc[rows["in_use"], "alone"].min())
    again = f" What is in use is refitted, and agrees with itself to {agreement(own_ari)}." if own_ari < 1 else ""
    export = found.table.assign(cap=[level("cap", float(c), terms) for c in found.table["cap"]])
    own = [c for c in export if c.startswith("jaccard_")]
    return table(
        out,
        "tbl-choices",
        f"**{finding}** ARI where this choice alone differs from what is in use; median difference of the ARI between pairs "
        f"of combinations that differ in this choice alone; median ARI of all matrices with it.{again} "
        "The CSV has every combination.",
        {"ARI if changed alone": agreement, "median effect": lambda v: f"{v:+z.2f}", "median ARI": agreement},
        export=export.drop(columns=own),
    )


def population_table(found: Populations, cards: Cards, terms: Vocabulary) -> Shown:
    """Show how the partition changes where some units are left out."""
    shown = [c for c in cards if c.size is not None]
    rows = found.table.sort_values("ari", ignore_index=True, kind="stable")
    out = pd.DataFrame({
        f"{terms.units} {terms.who} take part": [population(p, terms) for p in rows["population"]],
        terms.units: rows["units"], "ARI": rows["ari"],
    })  # fmt: skip
    for card in shown:
        out[card.short] = rows[f"jaccard_{card.id}"].astype("float64")
    finding = "There is nobody to leave out."
    if len(rows):
        same = int((rows["ari"] >= CLOSE).sum())
        finding = f"{capital(word(same)) if same else 'None'} of {plural(len(rows), 'smaller population', words=True)} "
        finding += f"{'keep' if same > 1 else 'keeps'} much the same partition (ARI from {CLOSE} on)."
    dash = f" A dash stands for a number that would tell of too few {terms.units}, or for a segment with nobody left."
    return table(
        out,
        "tbl-populations",
        f"**{finding}** Limits, scales and segments are refitted on those who take part, and compared on them; by segment, "
        f"the largest Jaccard similarity.{dash if out.isna().any(axis=None) else ''}",
        {terms.units: count, "ARI": agreement, **{c.short: agreement for c in shown}},
    )


@dataclass(frozen=True)
class LeftOut:
    """The part of the units without which, or on which alone, the partition changes most.

    Attributes
    ----------
    who : str
        Empty where no part is large enough.
    without : bool
        Whether they are left out; else they are those who remain.
    units : int or None
        Who remain, where that may be told.
    ari, least : float
        From ``least`` on the partition is much the same.
    """

    who: str
    without: bool = False
    units: int | None = None
    ari: float = math.nan
    least: float = CLOSE


def left_out(found: Populations, terms: Vocabulary) -> LeftOut:
    """Find the population that agrees least."""
    if found.table.empty:
        return LeftOut("")
    low = found.table.sort_values("ari", kind="stable").iloc[0]
    units = int(low["units"]) if math.isfinite(low["units"]) else None
    return LeftOut(
        population(low["population"], terms), low["population"] not in (*LEAST, *KEPT), units, float(low["ari"])
    )


@dataclass(frozen=True)
class Found:
    """What other algorithms find: how many there are, and the names of those that find much the same partition.

    Attributes
    ----------
    algorithms : int
    close : list of str
    least : float
        From which ARI on that is so.
    best : str
        The one that comes nearest.
    ari : float
        Of the best.
    """

    algorithms: int
    close: list[str]
    least: float = CLOSE
    best: str = ""
    ari: float = math.nan


def found_by(others: Algorithms, in_use: str = "") -> Found:
    """Collect which algorithms, but the one in use, find much the same partition."""
    rows = others.table[others.table["algorithm"] != in_use]
    if rows.empty:
        return Found(0, [])
    best = rows.sort_values("ari", ascending=False, kind="stable").iloc[0]
    close = rows.loc[rows["ari"] >= CLOSE, "algorithm"].tolist()
    return Found(len(rows), close, best=str(best["algorithm"]), ari=float(best["ari"]))


def segment_table(found: Multiverse, others: Algorithms, parts: Populations, cards: Cards, terms: Vocabulary) -> Shown:
    """Show, per segment, how often it is found again."""
    shown = [c for c in cards if c.size is not None]
    able, n = found.recovered(defensible=True), int(found.summary(defensible=True)["matrices"])
    again, share = others.recurring(), len(others.table)
    rows = []
    for card in shown:
        near = parts.table[f"jaccard_{card.id}"].dropna().astype("float64")
        rows.append(
            {"segment": card.name, "preparations": _of(float(able.get(card.id, 0) * n) if n else 0, n),
             "algorithms": _of(float(again.get(card.id, 0)), share),
             "populations": _of(float((near >= found.least).sum()), len(near))}
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["segment", "preparations", "algorithms", "populations"])
    most = [c for c in shown if share and again.get(c.id, 0) > share / 2]
    finding = (
        "No segment is found again by most of the algorithms."
        if not most
        else "Every segment is found again by most of the algorithms."
        if len(most) == len(cards)
        else f"{join([quoted(c) for c in most])} {'is' if len(most) == 1 else 'are'} found again by most of the algorithms."
    )
    return table(
        frame, "tbl-recurring",
        f"**{finding}** In how many cases a segment comes back with a Jaccard similarity of {exact(found.least)} or more: under "
        f"other preparations that could well have been chosen, other algorithms, and where {terms.units} are left out.",
        right=("preparations", "algorithms", "populations"),
    )  # fmt: skip


def _of(part: float, whole: int) -> str:
    return f"{round(part)} of {whole}" if whole else "–"
