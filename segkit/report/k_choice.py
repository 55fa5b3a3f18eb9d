"""What the pages show of the number of segments: the rule, what else was asked, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.consensus import Consensus
from ..engine.instability import Instability
from ..engine.k_resampling import KResampling
from ..engine.krule import HAND, KDecision
from ..engine.nulls import Nulls
from ..engine.prediction import PredictionStrength
from ..vocabulary import Vocabulary
from . import k_subsamples
from . import nulls as null_words
from .prose import beside, capital, inline, join, plural, word
from .show import Shown, table

RULED = ("prediction_strength", "jaccard")
NAMES: Mapping[str, tuple[str, str]] = {
    "prediction_strength": (
        "prediction strength",
        "the largest number for which clusters from one half predict the other",
    ),
    "jaccard": ("stability of each segment", "the largest number of which every segment comes back"),
    "instability": ("bootstrap instability", "the number at which bootstrap fits disagree least"),
    "pac": ("proportion of ambiguous clustering (PAC)", "the number with the lowest value"),
    "gap_principal_components": ("gap, box of the components", "the first after which an even cloud gains as much"),
    "gap_original_axes": ("gap, box of the features", "the same, with the other even cloud"),
    "silhouette": ("silhouette", "the number with the highest mean"),
    "davies_bouldin": ("Davies-Bouldin", "the number with the lowest value"),
    "calinski_harabasz": ("Calinski-Harabasz", "the number with the highest value"),
    "separation": ("separation", "the number with the highest value"),
    "inertia_knee": ("the knee of the inertia", "the number at which the curve bends most"),
}
CAN_SAY_ONE = frozenset({*RULED, "gap_principal_components", "gap_original_axes"})


@inline
def lead(decision: KDecision, terms: Vocabulary) -> str:
    """Say how many segments there are, and by what rule."""
    ask = decision.params
    if decision.set == HAND:
        said = "no segmentation" if decision.rule == 1 else word(decision.rule)
        same = "the same" if decision.rule == decision.k else said
        return f"The number of segments, {word(decision.k)}, was set by hand. The stated rule would answer {same}."
    if decision.rule == 1:
        return (
            "The stated rule finds no segmentation: at no number of segments do clusters from one half of the "
            f"{terms.units} predict the other (prediction strength of {ask['prediction_strength']:g}) and every segment come back "
            f"in bootstrap samples (similarity of {ask['jaccard']:g}). The pages show {word(decision.shown)} segments for "
            "illustration."
        )
    row = decision.table.set_index("k").loc[decision.rule]
    return (
        f"The stated rule answers {word(decision.rule)}: the largest number of segments for which clusters from one half of the "
        f"{terms.units} predict the other (prediction strength "
        f"{beside(row['prediction_strength'], ask['prediction_strength'])}, where {ask['prediction_strength']:g} is asked) and "
        f"every segment comes back in bootstrap samples (lowest similarity {beside(row['jaccard'], ask['jaccard'])}, where "
        f"{ask['jaccard']:g} is asked)."
    )


@inline
def verdict(decision: KDecision) -> str:
    """Say in a few words how many segments there are and who decided."""
    if decision.illustration:
        return f"no segmentation; {decision.shown} shown for illustration: the rule finds none"
    return f"{plural(decision.k, 'segment')}, {'set by hand' if decision.set == HAND else decision.set}"


@inline
def front(decision: KDecision, found: KResampling, terms: Vocabulary) -> str:
    """Say for the front page what stands behind the number of segments, and how sure it is."""
    return f"{lead(decision, terms)} {k_subsamples.answers(decision, found, terms)} {agreement(decision)}"


@inline
def shown_note(decision: KDecision) -> str:
    """Say on every page that needs it that the segments are an illustration."""
    return "Shown for illustration: the rule finds no segmentation." if decision.illustration else ""


@inline
def agreement(decision: KDecision) -> str:
    """Say which of the other criteria would choose the same, and what the rest would choose."""
    k = decision.k
    others = {n: c for n, c in decision.by.items() if n not in RULED}
    groups: dict[int | None, list[str]] = {}
    for name, choice in others.items():
        groups.setdefault(choice, []).append(NAMES[name][0])
    same = groups.pop(k, [])
    none = groups.pop(None, [])
    head = f"Of the {word(len(others))} criteria that are not part of it, {word(len(same)) if same else 'none'} "
    head += f"{'chooses' if len(same) == 1 else 'choose'} {_words(k)}" + (f" ({join(same)})" if same else "")
    rest = [
        f"{word(len(names))} {'chooses' if len(names) == 1 else 'choose'} {_words(c)}"
        for c, names in sorted(_known(groups))
    ]
    if none:
        rest.append(f"{word(len(none))} {'chooses' if len(none) == 1 else 'choose'} no number")
    return f"{head}; {join(rest)}." if rest else f"{head}."


def _words(k: int) -> str:
    return "one, that is, no segments" if k == 1 else word(k)


def _known(groups: Mapping[int | None, list[str]]) -> list[tuple[int, list[str]]]:
    return [(choice, names) for choice, names in groups.items() if choice is not None]


def criteria_table(decision: KDecision, published_k: int | None, terms: Vocabulary) -> Shown:
    """Show what each criterion alone would choose, the rule first."""
    rows: list[tuple[str, str, str, int | None, str]] = []
    rows.append(
        ("the rule of this report", "the largest number that the first two below allow", "yes", decision.rule, "")
    )
    if decision.set == HAND:
        rows.append(("set by hand", "the settings name the number", "–", decision.k, ""))
    for name, (title, asks) in NAMES.items():
        can = "yes" if name in CAN_SAY_ONE else "no"
        rows.append((title, asks, can, decision.by.get(name), decision.missing.get(name, "")))
    if published_k is not None:
        rows.append(("published analysis", "read off the indices by eye", "–", published_k, ""))
    frame = pd.DataFrame(rows, columns=["criterion", "what it takes", "can say one", "choice", "why none"])
    export = frame.astype({"choice": "Int64"})
    frame["choice"] = ["none" if k is None else _one(k) for k in (r[3] for r in rows)]
    takes = [f"{ask}; cannot answer one" if can == "no" else ask for _, ask, can, _, _ in rows]
    shown = pd.DataFrame({"criterion": frame["criterion"], "what it takes": takes, "choice": frame["choice"]})
    choices = {k for n, k in decision.by.items() if k is not None}
    span = f"from {word(min(choices))} to {word(max(choices))}" if len(choices) > 1 else word(min(choices, default=1))
    finding = f"Taken alone, criteria choose {span}."
    reasons = {text.replace("units", terms.units) for text in decision.missing.values()}
    none = f" No choice: {join(sorted(reasons), 'or')}." if reasons else ""
    return table(
        shown,
        "tbl-criteria",
        f"**{finding}** The indices measure much the same thing, so that they are no vote.{none}",
        export=export,
        right=["choice"],
        stack=True,
    )


def _one(k: int) -> str:
    return "1, none" if k == 1 else str(k)


def rule_table(decision: KDecision, found: KResampling) -> Shown:
    """Show for each number of segments what the rule looks at."""
    ask = decision.params
    errors = found.strengths.set_index("k")["error"]
    frame = decision.table.assign(error=decision.table["k"].map(errors))
    out = pd.DataFrame(
        {
            "segments": frame["k"],
            "prediction strength": frame["prediction_strength"],
            "jackknife error": frame["error"],
            "least similarity of a segment": frame["jaccard"],
            "meets the rule": ["yes" if q else "no" for q in frame["qualifies"]],
        }
    )
    good = [word(int(k)) for k in decision.table.loc[decision.table["qualifies"], "k"]]
    finding = (
        f"{capital(join(good))} {'meets' if len(good) == 1 else 'meet'} the rule."
        if good
        else "No number meets the rule."
    )
    return table(
        out,
        "tbl-rule",
        f"**{finding}** Asked: a strength of {ask['prediction_strength']:g} and a similarity of {ask['jaccard']:g}; the largest "
        "number that has both is the answer.",
        {
            "prediction strength": lambda v: beside(float(v), ask["prediction_strength"]),
            "jackknife error": lambda v: f"{v:.2f}",
            "least similarity of a segment": lambda v: beside(float(v), ask["jaccard"]),
        },
    )


@dataclass(frozen=True)
class Nearness:
    """How near the answer of the rule lies to the prediction strength that is asked.

    Attributes
    ----------
    rule, at : int
        The answer, and the number of segments looked at: the answer, or where it is one, that of the highest strength;
        zero where none was measured.
    asked, strength : float
    error : float or None
        Jackknife error of the strength, where subsamples were drawn.
    tiny : float
        The share of splits of which a half has a segment of one unit.
    after : float or None
        The strength with one segment more, where it was measured.
    fails : list of int
        Smaller numbers that do not meet the rule.
    """

    rule: int
    at: int
    asked: float
    strength: float
    error: float | None
    tiny: float
    after: float | None
    fails: list[int]


def nearness(decision: KDecision, prediction: PredictionStrength, found: KResampling) -> Nearness:
    """Look at the answer, or at what came nearest to one."""
    strengths = decision.table.set_index("k")["prediction_strength"]
    known = strengths.dropna()
    at = decision.rule if decision.rule > 1 else 0 if known.empty else int(known.idxmax())
    tiny = prediction.table.set_index("k")["tiny"].get(at, np.nan)
    smaller = decision.table[(decision.table["k"] < decision.rule) & ~decision.table["qualifies"]]
    return Nearness(
        rule=decision.rule,
        at=at,
        asked=decision.params["prediction_strength"],
        strength=float(strengths.get(at, np.nan)),
        error=_measured(found.error(at)),
        tiny=float(tiny),
        after=_measured(strengths.get(decision.rule + 1, np.nan)),
        fails=[int(k) for k in smaller["k"]],
    )


def _measured(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


@dataclass(frozen=True)
class Disagreement:
    """Where fits agree best, and how ambiguous populations without segments are.

    Attributes
    ----------
    least, few : int or None
        The number of segments at which bootstrap fits disagree least, and that with the smallest PAC.
    instability, ari, pac : float
        Their share of pairs, mean ARI and PAC.
    k : int
        The number of segments at which nulls were measured.
    observed : float
        The PAC of the record, measured in the same way.
    drawn : list of (float, str)
        The mean PAC of each null and its title; empty where none was measured.
    """

    least: int | None
    few: int | None
    instability: float
    ari: float
    pac: float
    k: int
    observed: float
    drawn: list[tuple[float, str]]


def disagreement(bootstrap: Instability, pairs: Consensus, found: Nulls, terms: Vocabulary) -> Disagreement:
    """Collect what is said of fits that disagree."""
    fits, share = bootstrap.table.set_index("k"), pairs.table.set_index("k")["pac"]
    rows = {null_words.title(n, terms).lower(): found.row(n, "pac") for n in found.names}
    known = {name: row for name, row in rows.items() if np.isfinite(row["null_mean"]) and np.isfinite(row["observed"])}
    return Disagreement(
        least=bootstrap.least,
        few=pairs.least,
        instability=float(fits["instability"].get(bootstrap.least, np.nan)),
        ari=float(fits["ari"].get(bootstrap.least, np.nan)),
        pac=float(share.get(pairs.least, np.nan)),
        k=found.params["k"],
        observed=next((float(row["observed"]) for row in known.values()), np.nan),
        drawn=[(float(row["null_mean"]), name) for name, row in known.items()],
    )
