"""Facts, tables and a figure about tables of which the answer is known: where the rule is right, and where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..engine.krule import CRITERIA
from ..engine.verdict import FRAGILE, NATURAL, REPRODUCIBLE
from ..thresholds import CLOSE
from . import theme
from .k_choice import NAMES
from .notebook import two
from .prose import capital, exact, join, plural, word
from .show import Shown, table, tag

if TYPE_CHECKING:  # see `theme`
    from matplotlib.figure import Figure

INVENTED, MISSED, OTHER, CAREFUL, RIGHT = "invents groups", "misses groups", "other groups", "too careful", "right"
TONES = {INVENTED: "no", MISSED: "no", OTHER: "no", CAREFUL: "mid", RIGHT: "ok"}  # the worst first
# What a reader finds elsewhere; blank where nothing is published of which we are sure.
ELSEWHERE = {
    "iris": "R, fpc: 2 by prediction strength. R, cluster: gap 5 in the box of the components, none up to 7 in the other",
    "faithful": "R, fpc: 2 by prediction strength. R, cluster: gap 2 in both boxes (standardised)",
    "ruspini": "R, cluster: “k = 4 is best” by the gap with pam (its help page); mean silhouette 0.74 with pam at 4",
    "as xclara": "R, cluster: 3 “quite well-separated clusters” (its help page, of the table that this stands for)",
    "noise": "R, cluster: “k = 1 cluster is optimal” by the gap with pam (its help page, of three normal columns)",
}
TRAPS = {
    "iris": "Two of the three species are one cloud in these measurements.",
    "breast cancer": "A diagnosis is no group of the measurements: these have no gap where it has its border.",
    "as xclara": "The rule takes the largest number on which halves agree, and halves of so many rows cut a round cloud alike.",
    "four on one axis": "Scaled to one variance, the column of the groups is no longer than those that say nothing.",
    "two on one axis": "The scaling takes the distance between the groups for the spread of their column.",
    "two strips": "A segment is what is near a centre: the length of a strip weighs more than the gap beside it.",
    "two rings": "A segment is what is near a centre, and both rings have the same one.",
}
WORDS = {
    FRAGILE: "The groups are found, but samples do not all give them again.",
    REPRODUCIBLE: "The groups are found, but a null that keeps the margins keeps the two modes of a column, so it parts as well.",
}
NARROW = "The groups are found, but a border between two of them could be a cut: the gap is narrow for so few rows."


def outcome(groups: int, rule: int, verdict: str, agreement: float) -> str:
    """Say what a reader who knows the answer would say of a row.

    Parameters
    ----------
    groups, rule : int
        The known number, and that of the rule; 1 for none.
    verdict : str
    agreement : float
        Adjusted Rand index with the known groups; NaN where nobody recorded them.

    Examples
    --------
    >>> outcome(1, 1, "no segmentation", float("nan")), outcome(1, 2, "constructive", float("nan"))
    ('right', 'invents groups')
    >>> outcome(3, 1, "no segmentation", float("nan")), outcome(3, 3, "natural", 0.5), outcome(3, 3, "natural", 0.9)
    ('misses groups', 'other groups', 'right')
    """
    if groups == 1:
        return RIGHT if rule == 1 else INVENTED
    if rule == 1:
        return MISSED
    if rule != groups or agreement < CLOSE:  # NaN is not below
        return OTHER
    return RIGHT if verdict == NATURAL else CAREFUL


def judged(answers: pd.DataFrame) -> pd.DataFrame:
    """Add what a reader would say, and why; what is wrong comes first."""
    said = [outcome(r.groups, r.rule, r.verdict, r.agreement) for r in answers.itertuples()]
    why = [
        "" if s == RIGHT
        else TRAPS.get(r.table, "") if s != CAREFUL
        else NARROW if r.borders
        else WORDS.get(r.verdict, "")
        for s, r in zip(said, answers.itertuples(), strict=True)
    ]  # fmt: skip
    order = list(TONES)
    found = answers.assign(reader=said, why=why, elsewhere=[ELSEWHERE.get(t, "") for t in answers["table"]])
    return found.sort_values("reader", key=lambda c: c.map(order.index), kind="stable", ignore_index=True)


def matched(answers: pd.DataFrame) -> pd.Series:
    """Count, for the rule and for each criterion alone, the tables of which it gives the known number."""
    return pd.Series({c: int((answers[c] == answers["groups"]).sum()) for c in ("rule", *CRITERIA)}, dtype="int64")


@dataclass(frozen=True)
class Tally:
    """How often the rule and the verdict are right.

    Attributes
    ----------
    tables, right, careful, missed, other : int
    invented : int
        Tables without groups in which segments are claimed.
    without : int
        Tables without groups.
    wrong_names : str
        The tables of which the rule gives no right answer.
    best : str
        The criteria that alone give the known number most often.
    most, rule : int
        How often they do, and the rule.
    claimed : str
        The criteria that claim groups in every table without any.
    """

    tables: int
    right: int
    careful: int
    missed: int
    other: int
    invented: int
    without: int
    wrong_names: str
    best: str
    most: int
    rule: int
    claimed: str

    @property
    def wrong(self) -> int:
        """Tables of which the answer is wrong."""
        return self.missed + self.other + self.invented


def tally(answers: pd.DataFrame) -> Tally:
    """Count right and wrong answers."""
    found, hits = judged(answers), matched(answers)
    n = found["reader"].value_counts()
    wrong = found.loc[~found["reader"].isin([RIGHT, CAREFUL]), "table"]
    alone, none = hits.drop("rule"), answers[answers["groups"] == 1]
    claims = [NAMES[c][0] for c in CRITERIA if len(none) and (none[c] > 1).all()]
    return Tally(
        tables=len(found), right=int(n.get(RIGHT, 0)), careful=int(n.get(CAREFUL, 0)), missed=int(n.get(MISSED, 0)),
        other=int(n.get(OTHER, 0)), invented=int(n.get(INVENTED, 0)), without=len(none), wrong_names=join(list(wrong)),
        best=join([NAMES[c][0] for c in alone[alone == alone.max()].index]), most=int(alone.max()), rule=int(hits["rule"]),
        claimed=join(claims),
    )  # fmt: skip


def _number(value: float) -> str:
    return "none" if value == 1 else f"{int(value)}"


def answers_table(answers: pd.DataFrame, label: str = "tbl-known") -> Shown:
    """Show every table with the known number, the answer, and what a reader would say of it."""
    found, n = judged(answers), tally(answers)
    finding = f"{capital(word(n.right))} of {word(n.tables)} answers are right" + (
        f", {word(n.careful)} {'is' if n.careful == 1 else 'are'} right in a word that is too careful"
        if n.careful
        else ""
    )
    columns = ["table", "reader", "groups", "rule", "verdict", "borders", "agreement"]
    return table(
        found[columns], label,
        f"**{finding}.** What is wrong comes first. Agreement: adjusted Rand index with the known groups, where these are recorded "
        f"and the rule finds any; below {exact(CLOSE)} the groups count as others. "
        "Borders that could be cuts through one cloud go by the numbers of both segments, of which the largest is 1.",
        {"groups": _number, "rule": _number, "agreement": two, "reader": lambda w: tag(str(w), TONES[str(w)])},
        headings={"reader": "a reader would say", "groups": "known groups", "rule": "groups by the rule",
                  "borders": "borders that could be cuts"}, export=found, stack=True,
    )  # fmt: skip


def reasons_table(answers: pd.DataFrame, label: str = "tbl-why") -> Shown:
    """Show why answers are wrong, and what others publish of the same tables, where either is known."""
    found = judged(answers)[["table", "why", "elsewhere"]]
    found = found[(found["why"] != "") | (found["elsewhere"] != "")]
    if found.empty:
        return Shown("")
    n = int((found["why"] != "").sum())
    return table(
        found, label,
        f"**{capital(word(n))} {'answer has' if n == 1 else 'answers have'} a reason.** Beside it stands what R packages answer, "
        "where that is published; a blank where we are sure of nothing.",
        headings={"why": "why it is so", "elsewhere": "what others publish"}, stack=True,
    )  # fmt: skip


def criteria_table(answers: pd.DataFrame, label: str = "tbl-known-criteria") -> Shown:
    """Show what each criterion alone would choose."""
    hits = matched(answers)
    silent = [NAMES[c][0] for c in CRITERIA if hits[c] == hits.drop("rule").min()]
    return table(
        answers[["table", "groups", "rule", *CRITERIA]], label,
        f"**Fewest known numbers come from {join(silent)}: {plural(int(hits.drop('rule').min()), 'table')}.** The number that each "
        "criterion alone would choose: “none” where it says that there are no groups, a dash where it chooses nothing.",
        dict.fromkeys(("groups", "rule", *CRITERIA), _number),
        headings={"groups": "known", **{c: NAMES[c][0] for c in CRITERIA}},
    )  # fmt: skip


def _names(hits: Sequence[str]) -> list[str]:
    short = {c: name.partition(" (")[2].rstrip(")") or name for c, (name, _) in NAMES.items()}  # PAC, as it is known
    return [short.get(c, "the rule") for c in hits]


def matched_figure(answers: pd.DataFrame) -> Figure:
    """Draw how often the rule, and each criterion alone, gives the known number, with and without groups."""
    from matplotlib import pyplot

    hits = matched(answers).sort_values(ascending=False, kind="stable")
    none = matched(answers[answers["groups"] == 1]).reindex(hits.index)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 0.9 + 0.3 * len(hits)))
        places = range(len(hits))
        axes.barh(places, hits - none, color=theme.PALETTE[0], height=0.7, label="tables with groups")
        axes.barh(places, none, left=hits - none, color=theme.SECOND, height=0.7, label="tables without")
        axes.set_yticks(places, _names(list(hits.index)))
        axes.invert_yaxis()
        axes.set_xlim(0, len(answers))
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(f"known numbers, of {len(answers)} tables")
        figure.legend(loc="outside upper left", ncols=2)
    return figure


def matched_caption(answers: pd.DataFrame) -> str:
    """State how often the rule gives the known number, beside the best of the criteria."""
    n = tally(answers)
    return (
        f"**The rule gives the known number for {word(n.rule)} of {word(n.tables)} tables; no criterion alone does for more than "
        f"{word(n.most)}.** Criteria that cannot answer “none” have no tables without groups."
    )


def matched_alt(answers: pd.DataFrame) -> str:
    """Describe the bars."""
    hits = matched(answers).sort_values(ascending=False, kind="stable")
    named = zip(_names(list(hits.index)), hits, strict=True)
    return f"Bars of known numbers among {len(answers)} tables: {join([f'{name} {n}' for name, n in named])}."
