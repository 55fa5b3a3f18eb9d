"""What the page on other choices shows: scales and limits, populations, algorithms."""

from __future__ import annotations

import math

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
    if name in LEAST:
        return f"{LEAST[name]} {terms.events} or more"
    if name == "without_top_1_percent":
        return f"without the busiest 1{GAP}%"
    return f"without “{name.removeprefix('without_')}”"


@inline
def verdict(found: Multiverse) -> str:
    """Say in a few words how many other preparations agree."""
    own = found.summary(defensible=True)
    if not own["matrices"]:
        return "nothing to compare"
    return f"{round(own['share_above_08'] * own['matrices'])} of {count(own['matrices'])} other preparations agree"


@inline
def depends(found: Multiverse) -> str:
    """Say how far the partition depends on the preparation of the data, and on what most."""
    own = found.summary(defensible=True)
    n = int(own["matrices"])
    if n == 0:
        return "No other preparation of the data makes another matrix, so there is nothing to compare."
    close = round(own["share_above_08"] * n)
    how = (
        "hardly depend" if own["share_above_08"] >= MOST else "depend in part"
        if own["share_above_08"] >= HALF else "depend"
    )  # fmt: skip
    others = f"{plural(n, 'other preparation', words=True)} of the data that could well have been chosen"
    return (
        f"The segments {how} on how the data were prepared: of {others}, {word(close) if close else 'none'} "
        f"{'gives' if close == 1 else 'give'} much the same partition (ARI from {CLOSE} on). The median ARI is "
        f"{agreement(own['median_ari'])}."
    )


@inline
def main_choice(found: Multiverse, terms: Vocabulary) -> str:
    """Say which single change does most."""
    alone = found.effects
    alone = alone[~alone["in_use"] & alone["alone"].notna()].sort_values("alone", kind="stable")
    if alone.empty:
        return ""
    lowest = alone.drop_duplicates("choice")
    top = lowest.iloc[0]
    text = f"Changed alone, the {choice_name(top['choice'], terms)} does most"
    if agreement(top["alone"]) == "1.00":
        return "No choice that is changed alone makes another partition."
    text += f": with “{level(top['choice'], top['level'], terms)}” the ARI is {agreement(top['alone'])}."
    quiet = [choice_name(c, terms) for c, low in zip(lowest["choice"], lowest["alone"], strict=True) if low >= CLOSE]
    return text + (
        f" Whatever is chosen for {join(quiet, 'or')} alone, the ARI stays at {CLOSE} or above." if quiet else ""
    )


@inline
def declared(found: Multiverse, terms: Vocabulary) -> str:
    """List the levels that were declared defensible."""
    rows = found.table[found.table["defensible"] & (found.table["k"] == found.k)]
    parts = []
    for choice in DIMENSIONS:
        names = [level(choice, v, terms) for v in rows[choice].unique()]
        parts.append(f"{choice_name(choice, terms)} {join(names, 'or')}")
    return f"They were declared before anything was computed: {'; '.join(parts)}."


@inline
def decision(found: Multiverse, others: Algorithms, cards: Cards, terms: Vocabulary) -> str:
    """Say which segments may carry a rule, and which follow from our choices."""
    shown = [c for c in cards if c.size is not None]
    able, n = found.recovered(defensible=True), len(others.table)
    if not found.summary(defensible=True)["matrices"] or not n:
        return "There is too little to compare for advice."
    again = others.recurring()
    firm = [c for c in shown if able[c.id] > 1 / 2 and again[c.id] > n / 2]
    loose = [c for c in shown if able[c.id] <= 1 / 2 and again[c.id] <= n / 2]
    if len(firm) == len(cards):
        return (
            "Every segment comes back under most preparations and most algorithms: lists made from them do not hang on our "
            "choices."
        )
    text = ""
    if firm:
        text += f"{join([quoted(c) for c in firm])} {'comes' if len(firm) == 1 else 'come'} back under most preparations and most "
        text += f"algorithms, and {'does' if len(firm) == 1 else 'do'} not hang on them. "
    if loose:
        text += f"{join([quoted(c) for c in loose])} {'follows' if len(loose) == 1 else 'follow'} from our choices: under most "
        text += f"preparations and most algorithms {'it has' if len(loose) == 1 else 'they have'} other members. "
    for one, other, index in (
        ("preparations", "algorithms", able > 1 / 2),
        ("algorithms", "preparations", again > n / 2),
    ):
        mixed = [c for c in shown if c not in [*firm, *loose] and index[c.id]]
        if mixed:
            text += f"{join([quoted(c) for c in mixed])} {'comes' if len(mixed) == 1 else 'come'} back under most {one}, but not "
            text += f"under most {other}. "
    if not text:
        text = "No segment comes back under most preparations and most algorithms at once. "
    return (
        text
        + f"The partition is one way to divide the {terms.units}, not the only one; keep the preparation fixed when lists are "
        "compared over time."
    )


@inline
def at_other_k(found: Multiverse) -> str:
    """Say whether the neighbouring numbers of segments depend less."""
    own = found.summary(defensible=True)
    parts = []
    for k in (k for k in found.ks if k != found.k):
        other = found.summary(k, defensible=True)
        if other["matrices"] and own["matrices"]:
            parts.append(f"with {word(k)} segments {agreement(other['median_ari'])}")
    if not parts:
        return ""
    here = agreement(own["median_ari"])
    return f"Compared in the same way, the median ARI is {join(parts)}, against {here} at the number in use."


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
        finding = f"Over all combinations, the {choice_name(str(spread.idxmin()), terms)} moves the partition most."
    elif len(spread):
        finding = "Over all combinations, no choice by itself moves the partition further away."
    export = found.table.assign(cap=[level("cap", float(c), terms) for c in found.table["cap"]])
    own = [c for c in export if c.startswith("jaccard_")]
    return table(
        out,
        "tbl-choices",
        f"**{finding}** ARI where this choice alone differs from what is in use; median difference of the ARI between pairs "
        "of combinations that differ in this choice alone; median ARI of all matrices with it. The CSV has every combination.",
        {"ARI if changed alone": agreement, "median effect": lambda v: f"{v:+z.2f}", "median ARI": agreement},
        export=export.drop(columns=own),
    )


def population_table(found: Populations, cards: Cards, terms: Vocabulary) -> Shown:
    """Show how the partition changes where some units are left out."""
    shown = [c for c in cards if c.size is not None]
    rows = found.table.sort_values("ari", ignore_index=True, kind="stable")
    out = pd.DataFrame(
        {
            f"{terms.units} {terms.who} take part": [population(p, terms) for p in rows["population"]],
            terms.units: rows["units"],
            "ARI": rows["ari"],
        }
    )
    for card in shown:
        out[card.short] = rows[f"jaccard_{card.id}"].astype("float64")
    finding = "There is nobody to leave out."
    if len(rows):
        same = int((rows["ari"] >= CLOSE).sum())
        finding = f"{capital(word(same)) if same else 'None'} of {plural(len(rows), 'smaller population', words=True)} "
        finding += f"{'keeps' if same == 1 else 'keep'} much the same partition (ARI from {CLOSE} on)."
    dash = f" A dash stands for a number that would tell of too few {terms.units}, or for a segment with nobody left."
    return table(
        out,
        "tbl-populations",
        f"**{finding}** Limits, scales and segments are fitted anew on those who take part, and compared on them; by segment, "
        f"the largest Jaccard similarity.{dash if out.isna().any(axis=None) else ''}",
        {terms.units: count, "ARI": agreement, **{c.short: agreement for c in shown}},
    )


@inline
def populations_matter(found: Populations, terms: Vocabulary) -> str:
    """Say which part of the population the partition depends on."""
    if found.table.empty:
        return f"No part of the {terms.units} is large enough to be looked at by itself."
    low = found.table.sort_values("ari", kind="stable").iloc[0]
    if low["ari"] >= CLOSE:
        return f"Whoever is left out, the partition of those who remain is much the same (ARI {agreement(low['ari'])} or more)."
    who = population(low["population"], terms)
    who = who if who.startswith("without") else f"among {terms.units} with {who}"
    left = f" ({count(low['units'])} {terms.units})" if math.isfinite(low["units"]) else ""
    return f"The partition changes most {who}{left}: there the ARI is {agreement(low['ari'])}."


@inline
def algorithms_agree(found: Algorithms, terms: Vocabulary) -> str:
    """Say how many other algorithms find much the same partition."""
    n = len(found.table)
    if n == 0:
        return f"No other algorithm can divide these {terms.units}."
    close = found.table[found.table["ari"] >= CLOSE]["algorithm"].tolist()
    best = found.table.sort_values("ari", ascending=False, kind="stable").iloc[0]
    if not close:
        return (
            f"None of {plural(n, 'other algorithm', words=True)} finds much the same partition; the nearest is {best['algorithm']} "
            f"(ARI {agreement(best['ari'])})."
        )
    names = f": {join(close)}" if len(close) < n else ""
    return (
        f"{capital(word(len(close)))} of {plural(n, 'other algorithm', words=True)} "
        f"{'finds' if len(close) == 1 else 'find'} much the same partition (ARI from {CLOSE} on){names}."
    )


@inline
def settings(found: Algorithms, terms: Vocabulary) -> str:
    """Say what was set by hand for algorithms that ask for it."""
    p = found.params
    return (
        f"Bisecting k-means and k-medoids are started {p['starts']} times, mixtures {p['mixture_starts']} times; the graph of "
        f"spectral clustering joins {p['neighbours']} neighbours; {count(p['smallest'])} {terms.units} make a cluster of HDBSCAN."
    )


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
