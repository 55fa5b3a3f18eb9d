"""Whether texts divide conversations into kinds: two methods, pooled and by stage, and what else explains what they show."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from ..engine.text_segments import BALANCED, PLAIN, PROFILE, STANDARD
from ..thresholds import LEVEL, WEAK
from .prose import beside, capital, count, fixed, percent, plural, word
from .robustness import agreement
from .show import Shown, table

PUBLISHED = 5  # kinds in the published analysis
MUCH = 0.2  # of the documents: where noise differs so much between parts of them, it says little
TITLES = {"A": "text alone", "B": "text and profile"}
POOLED = "all stages"
SCALINGS = {BALANCED: "balanced (in use)", PLAIN: "as they are", STANDARD: "profile as standard scores"}


@dataclass(frozen=True)
class Try:
    """One method on the documents of one stage, or of all: a row of the methods, with plain values.

    ``reason`` is empty where there are numbers; numbers that are missing are NaN, counts None.
    """

    method: str
    scope: str
    documents: int | None
    blank: int | None
    rule: int
    k: int
    silhouette: float
    prediction_strength: float
    jaccard: float
    p: float
    verdict: str
    length_r2: float
    ari_words: float
    ari_behaviour: float
    clusters: int
    noise: float
    noise_low: float
    noise_high: float
    reason: str

    @property
    def title(self) -> str:
        """What the method looks at."""
        return TITLES[self.method]

    @property
    def where(self) -> str:
        """On what it was tried, as a sentence goes on."""
        return "over all stages" if self.scope == POOLED else f"in {self.scope}"

    @property
    def found(self) -> bool:
        """Whether the rule finds kinds."""
        return self.rule > 1

    @property
    def beyond(self) -> bool:
        """Whether a single cloud is too unlikely to be divided as clearly."""
        return self.p <= LEVEL

    @property
    def wavers(self) -> bool:
        """Whether what HDBSCAN leaves out hangs on who takes part."""
        return self.noise_high - self.noise_low >= MUCH


@dataclass(frozen=True)
class Kinds:
    """What the page tells of all tries.

    Attributes
    ----------
    texts : bool
        Whether the log has texts.
    tries : list of Try
    five : list of dict
        What the published number of kinds reaches over all stages, by method: ``title``, ``silhouette``, ``strength``,
        ``jaccard``, ``qualifies``.
    agrees : list of (str, float)
        Where both methods were tried, and the adjusted Rand index of what they show.
    shares : dict of str to float
        Share of the inertia that the profile has, over all stages, by scaling; empty without method B there.
    strength, jaccard : float
        What the rule asks for.
    nulls, resamples, most : int
        Populations of one cloud, bootstraps behind each similarity, and the largest number of kinds that was tried.
    published : int
    """

    texts: bool
    tries: list[Try]
    five: list[dict[str, Any]]
    agrees: list[tuple[str, float]]
    shares: dict[str, float]
    strength: float
    jaccard: float
    nulls: int
    resamples: int
    most: int
    published: int = PUBLISHED
    weak: float = WEAK
    level: float = LEVEL

    @property
    def told(self) -> list[Try]:
        """Those with numbers."""
        return [t for t in self.tries if not t.reason]

    @property
    def untold(self) -> list[Try]:
        """Those without."""
        return [t for t in self.tries if t.reason]

    @property
    def found(self) -> list[Try]:
        """Those in which the rule finds kinds."""
        return [t for t in self.told if t.found]

    @property
    def beyond(self) -> list[Try]:
        """Those whose silhouette is more than one cloud explains."""
        return [t for t in self.told if t.beyond]

    @property
    def staged(self) -> bool:
        """Whether stages were looked at one by one."""
        return any(t.scope != POOLED for t in self.told)

    @property
    def methods(self) -> list[str]:
        """What the methods with numbers look at."""
        return list(dict.fromkeys(t.title for t in self.told))

    @property
    def pooled(self) -> list[Try]:
        """Those over all stages."""
        return [t for t in self.told if t.scope == POOLED]

    @property
    def dense(self) -> list[Try]:
        """Those in which HDBSCAN finds more than one cluster."""
        return [t for t in self.told if t.clusters > 1]


def kinds(found: Any) -> Kinds:
    """Collect what the sentences say.

    Parameters
    ----------
    found : TextMethods or None
        With ``table``, ``numbers``, ``shares``, ``agreement`` and ``params``; None where the log has no texts.
    """
    if found is None:
        return Kinds(False, [], [], [], {}, math.nan, math.nan, 0, 0, 0)
    rows, ask = found.table, found.params
    stages = [s for s in dict.fromkeys(rows["scope"]) if s != POOLED]
    if len(stages) == 1:  # that stage is all there is
        rows = rows[rows["scope"] == POOLED]
    scopes = set(rows["scope"])
    s = found.shares
    own = s[(s["scope"] == POOLED) & (s["block"] == PROFILE)]
    return Kinds(
        texts=True,
        tries=[_try(r) for r in rows.to_dict("records")],
        five=list(_five(found.numbers)),
        agrees=[(scope, float(ari)) for scope, ari in found.agreement.items() if scope in scopes],
        shares={str(k): float(v) for k, v in zip(own["scaling"], own["share"], strict=True)},
        strength=float(ask["strength"]), jaccard=float(ask["jaccard"]), nulls=int(ask["nulls"]), resamples=int(ask["resamples"]),
        most=0 if found.numbers.empty else int(found.numbers["k"].max()),
    )  # fmt: skip


def _try(row: dict[str, Any]) -> Try:
    empty: dict[str, Any] = {"str": "", "float": math.nan, "int": 0, "int | None": None}
    cast: dict[str, Any] = {"str": str, "float": float, "int": int, "int | None": int}
    return Try(**{
        f.name: empty[str(f.type)] if pd.isna(row[f.name]) else cast[str(f.type)](row[f.name]) for f in fields(Try)
    })  # fmt: skip


def _five(numbers: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in numbers[(numbers["scope"] == POOLED) & (numbers["k"] == PUBLISHED)].to_dict("records"):
        yield {
            "title": TITLES[row["method"]], "silhouette": float(row["silhouette"]), "jaccard": float(row["jaccard"]),
            "strength": float(row["prediction_strength"]), "qualifies": bool(row["qualifies"]),
        }  # fmt: skip


def verdict(known: Kinds) -> str:
    """Say in a few words what was found."""
    if not known.texts:
        return "no texts"
    if not known.told:
        return "not told"
    return (
        f"kinds in {len(known.found)} of {plural(len(known.told), 'try', 'tries')}"
        if known.found
        else "no kinds of texts"
    )


def _frame(tries: list[Try], *names: str) -> pd.DataFrame:
    rows = [(f"{capital(t.title)}, {t.scope}", *(getattr(t, n) for n in names)) for t in tries]
    return pd.DataFrame(rows, columns=["try", *names])


def methods_table(known: Kinds) -> Shown:
    """Show every try with what the rule and the test ask."""
    frame = _frame(known.told, "documents", "rule", "k", "silhouette", "prediction_strength", "jaccard", "p", "verdict")
    frame["documents"] = frame["documents"].astype("Int64")
    some = len(known.found)
    tries = plural(len(known.told), "try", "tries", words=True)
    finding = f"The rule finds kinds in {word(some)} of {tries}" if some else "In no try does the rule find kinds"
    return table(
        frame, "tbl-methods",
        f"**{finding}.** Rule: number of segments by the rule, 1 for none. Shown: the number that all columns after it are "
        "about; where the rule finds none, an illustration. Strength: prediction strength. Jaccard: mean similarity of the segment "
        "that comes back least, in samples of its own. p: against one cloud, of which "
        f"{count(known.nulls)} populations are drawn at least, and more until the answer is settled.",
        {"documents": count, "rule": count, "k": count, "silhouette": fixed, "p": lambda v: fixed(v, 3),
         "prediction_strength": lambda v: beside(v, known.strength), "jaccard": lambda v: beside(v, known.jaccard)},
        headings={"k": "shown", "prediction_strength": "strength", "jaccard": "Jaccard"}, stack=True,
    )  # fmt: skip


def baselines_table(known: Kinds) -> Shown:
    """Show how far the number of words, and behaviour, give what is shown."""
    frame = _frame(known.told, "k", "length_r2", "ari_words", "ari_behaviour")
    top = max(known.told, key=lambda t: -math.inf if math.isnan(t.length_r2) else t.length_r2)
    finding = (
        "How much was written does not vary" if math.isnan(top.length_r2)
        else "How much was written has no part in what is shown" if top.length_r2 <= 0
        else f"Segments go with at most {percent(top.length_r2)} of the variance of the log word count"
    )  # fmt: skip
    return table(
        frame, "tbl-baselines",
        f"**{finding}.** Length: share of the variance of the log word count that lies between the segments shown, adjusted for "
        "their number; at or below zero there is none. ARI: adjusted Rand index with as many segments of the log word count alone, "
        "and of behaviour alone.",
        {"k": count, "length_r2": lambda v: percent(v) if v >= 0 else fixed(v, 3),
         "ari_words": agreement, "ari_behaviour": agreement},
        headings={"k": "shown", "length_r2": "length", "ari_words": "ARI, words", "ari_behaviour": "ARI, behaviour"}, stack=True,
    )  # fmt: skip


def density_table(known: Kinds) -> Shown:
    """Show what HDBSCAN finds."""
    frame = _frame(known.told, "clusters", "noise")
    frame["least and most"] = [f"{percent(t.noise_low, 0)} to {percent(t.noise_high, 0)}" for t in known.told]
    low = min(t.noise for t in known.told)
    return table(
        frame, "tbl-density",
        f"**At least {percent(low, 0)} of the documents are in no dense place, in any try.** Noise: share of the documents that "
        "HDBSCAN leaves out; least and most: over random parts of four fifths of them.",
        {"clusters": count, "noise": lambda v: percent(v, 0)}, right=("least and most",), stack=True,
    )  # fmt: skip
