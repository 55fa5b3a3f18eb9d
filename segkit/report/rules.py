"""What the page on meaning shows of the rule card and of labels that took no part: facts and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from ..engine.external import External
from ..engine.meaning import Cards
from ..engine.rules import Rule, RuleCard
from ..features.table import FeatureTable
from ..privacy import suppressed
from ..vocabulary import Vocabulary
from .findings import quoted
from .prose import GAP, capital, count, duration, join, number, percent, percent_beside, plural, word
from .show import Shown, table

NONE, WEAK, MEDIUM = 0.1, 0.3, 0.5  # Cohen (1988): small, medium and large effects begin here
MEASURES = {
    "cramers_v": "Cramér's V", "cramers_v_corrected": "Cramér's V, bias-corrected", "ami": "adjusted mutual information",
}  # fmt: skip
BANDS = ((0.9, f"90{GAP}% or more"), (0.75, f"75 to 90{GAP}%"), (0.5, f"50 to 75{GAP}%"), (0.0, f"under 50{GAP}%"))


def condition(name: str, bounds: tuple[float, float], features: FeatureTable, terms: Vocabulary) -> str:
    """Write one condition of a rule as a reader would say it.

    Parameters
    ----------
    name : str
        A feature.
    bounds : tuple of float
        Above the first, at most the second.
    features : FeatureTable
        Labels and units.
    """
    column = next(c for c in features.columns if c.name == name)
    low, high = bounds
    if column.unit in (terms.events, "days") and column.block == "volume":  # counts
        label = column.label
        if math.isinf(low):
            return f"{number(high)}{GAP}{label} or fewer" if high != 1 else f"one {label.removesuffix('s')} only"
        if math.isinf(high):
            return f"more than {number(low)}{GAP}{label}"
        exact = number(high)
        return f"{exact}{GAP}{label}" if low + 1 == high else f"{number(low + 1)} to {exact}{GAP}{label}"

    def write(value: float) -> str:
        if column.unit == "s":
            return duration(value)
        if column.unit == "share":
            return percent(value)
        return f"{number(value, 2)}{GAP}days" if column.unit == "days" else number(value, 2)

    what = {"recency_days": f"last {terms.event}", "tenure_days": f"first to last {terms.event}"}.get(
        name, column.label
    )
    if column.block == "timing":
        what = _when(column.label, terms)
    ago = " ago" if name == "recency_days" else ""
    if math.isinf(low):
        return f"{what} up to {write(high)}{ago}"
    if math.isinf(high):
        return f"{what} over {write(low)}{ago}"
    return f"{what} over {write(low)}, up to {write(high)}{ago}"


def _when(label: str, terms: Vocabulary) -> str:
    """Write what a share of events is about.

    >>> [_when(label, Vocabulary()) for label in ("open days", "business hours", "evening")]
    ['events on open days', 'events in business hours', 'events in evening hours']
    """
    if label.endswith("days"):
        return f"{terms.events} on {label}"
    return f"{terms.events} in {label}" if label.endswith("hours") else f"{terms.events} in {label} hours"


def sentence(rule: Rule, features: FeatureTable, terms: Vocabulary) -> str:
    """Write the conditions of a rule."""
    parts = [condition(name, bounds, features, terms) for name, bounds in rule.bounds.items()]
    return capital(join(parts)) if parts else "Everybody"


def rule_table(found: RuleCard, cards: Cards, features: FeatureTable, terms: Vocabulary) -> Shown:
    """Show the rules of the tree that is short enough, or of the best one."""
    leaves = found.best
    rules = found.cards[leaves] if leaves is not None else ()
    known = {c.id: c for c in cards}
    hide = suppressed(pd.Series([r.units for r in rules], dtype="int64"))
    rows = [
        {
            "rule": sentence(rule, features, terms),
            "segment": known[rule.segment].name,
            terms.units: math.nan if hide[i] or known[rule.segment].size is None else float(rule.units),
            "right": "–" if hide[i] or known[rule.segment].size is None else _band(rule.right / rule.units),
        }
        for i, rule in enumerate(rules)
    ]
    frame = pd.DataFrame(rows, columns=["rule", "segment", terms.units, "right"])
    finding = (
        "There is no rule to show."
        if not rows
        else f"{capital(plural(len(rows), 'line', words=True))} {'tells' if len(rows) == 1 else 'tell'} the segments."
        if found.chosen
        else "The best of the short rules, which is not good enough to stand for the segments."
    )
    weak = " A line with fewer than half is a hint and no more." if (frame["right"] == BANDS[-1][1]).any() else ""
    dash = f" A dash stands for fewer than five {terms.units}." if frame[terms.units].isna().any() else ""
    return table(
        frame,
        "tbl-rules",
        f"**{finding}** Exactly one line holds for each {terms.unit}. Numbers are rounded so that they can be read, and fidelity "
        f"is measured with the rounded ones. Beside each segment stands how many of the {terms.units} of the line are in it."
        f"{weak}{dash}",
        {terms.units: count},
        headings={"right": "in the segment"},
        stack=True,
    )


def _band(share: float) -> str:
    """Write a share in steps so wide that they tell of no single unit."""
    return next(words for least, words in BANDS if share >= least)


def fidelity_table(found: RuleCard, cards: Cards) -> Shown:
    """Show how faithful trees of several sizes are to the segments."""
    shown = [c.id for c in cards if c.size is not None]
    frame = found.visible(shown)
    out = frame[["leaves", "rules", "accuracy", "balanced_accuracy", "kappa", "lowest_recall"]].copy()
    out["enough"] = ["yes" if good else "no" for good in frame["good"]]
    two = dict.fromkeys(["kappa"], lambda v: f"{v:z.2f}")
    p = found.params
    shares = {
        "accuracy": lambda v: percent(float(v), 0),
        "balanced_accuracy": lambda v: percent_beside(float(v), p["balanced_accuracy"], 0),
        "lowest_recall": lambda v: percent_beside(float(v), p["recall"], 0),
    }
    parts = f"{word(found.folds)}-fold " if found.folds else ""
    finding = (
        "No tree can be checked."
        if frame.empty
        else f"{capital(word(found.chosen))} leaves are enough."
        if found.chosen
        else "None of these trees is enough."
    )
    names = {str(c.id): c.short for c in cards}
    renamed = {c: f"{c.rsplit('_', 1)[0]} {names[c.rsplit('_', 1)[1]]}" for c in frame if c.rsplit("_", 1)[-1] in names}
    return table(
        out,
        "tbl-fidelity",
        f"**{finding}** Fidelity by {parts}cross-validation. Enough is a balanced accuracy of "
        f"{percent(p['balanced_accuracy'], 0)} with {percent(p['recall'], 0)} of every segment found. The CSV adds precision and "
        "recall by segment.",
        {**two, **shares},
        headings={"balanced_accuracy": "balanced accuracy", "lowest_recall": "least found", "enough": "enough"},
        export=frame.drop(columns=["good"]).rename(columns=renamed),
    )


@dataclass(frozen=True)
class Short:
    """How well a short rule stands for the segments, on units that it has not seen.

    Attributes
    ----------
    lines : int or None
        Of the rule card that is good enough, where there is one.
    leaves : int
        How many leaves the best tree may have.
    balanced, enough : float
        Its balanced accuracy, and what is asked.
    kappa : float
    least : str or None
        The segment that it finds least, where there are several to choose from.
    recall, found : float
        How much of that segment it finds, and what is asked.
    """

    lines: int | None
    leaves: int
    balanced: float
    enough: float
    kappa: float
    least: str | None
    recall: float
    found: float


def short(card: RuleCard, cards: Cards) -> Short | None:
    """Return how well a short rule does; nothing where no rule could be checked."""
    if card.best is None:
        return None
    row = card.fidelity(card.best)
    recall = sorted(((float(row[f"recall_{c.id}"]), i) for i, c in enumerate(cards) if c.size is not None))
    low, i = recall[0] if len(recall) > 1 else (math.nan, None)
    return Short(
        lines=None if card.chosen is None else len(card.cards[card.chosen]),
        leaves=card.best,
        balanced=float(row["balanced_accuracy"]),
        enough=card.params["balanced_accuracy"],
        kappa=float(row["kappa"]),
        least=None if i is None else quoted(cards.items[i]),
        recall=low,
        found=card.params["recall"],
    )


@dataclass(frozen=True)
class Labels:
    """How strongly segments go with labels that took no part.

    Attributes
    ----------
    strength : {"none", "at most small", "small", "medium", "large"}
        After Cohen; ``at most small`` where the interval reaches a small effect.
    v, v_low, v_high, ami, ami_low, ami_high : float
        Bias-corrected Cramér's V and adjusted mutual information, with limits.
    coverage : float
        Of the intervals.
    commonest : float
        The share of the units with the commonest label.
    crowded : bool
        Whether that is so large that labels can tell little.
    """

    strength: str
    v: float
    v_low: float
    v_high: float
    ami: float
    ami_low: float
    ami_high: float
    coverage: float
    commonest: float
    crowded: bool


def labels(found: External | None) -> Labels | None:
    """Return how strongly segments go with labels; nothing where there are no labels."""
    if found is None:
        return None
    v, high = found.value("cramers_v_corrected"), found.value("cramers_v_corrected", "high")
    effects = ((MEDIUM, "large"), (WEAK, "medium"), (NONE, "small"))
    return Labels(
        strength=next((word for least, word in effects if v >= least), "at most small" if high >= NONE else "none"),
        v=v,
        v_low=found.value("cramers_v_corrected", "low"),
        v_high=high,
        ami=found.value("ami"),
        ami_low=found.value("ami", "low"),
        ami_high=found.value("ami", "high"),
        coverage=1 - found.params["level"],
        commonest=found.commonest,
        crowded=found.commonest >= BANDS[0][0],
    )


def external_table(found: External, terms: Vocabulary) -> Shown:
    """Show the measures of association with their intervals."""
    frame = found.table.assign(measure=[MEASURES[m] for m in found.table["measure"]])
    two = dict.fromkeys(["value", "low", "high"], lambda v: f"{v:z.2f}")
    level = percent(1 - found.params["level"], 0)
    top = found.value("cramers_v_corrected")
    return table(
        frame,
        "tbl-external",
        f"**Bias-corrected, the association is {top:.2f} on a scale from zero to one.** Segments against the label that most "
        f"{terms.events} of {terms.a_unit} carry: {count(found.units)} {terms.units}, {plural(found.labels, 'label', words=True)}; "
        f"percentile intervals ({level}) from {count(found.params['draws'])} bootstrap samples of {terms.units}.",
        two,
        headings={"low": "from", "high": "to"},
    )
