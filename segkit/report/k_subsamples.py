"""How sure the number of segments is, in words: what the rule answers on subsamples."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..engine.k_resampling import FEWEST, KResampling
from ..engine.krule import HAND, KDecision
from ..thresholds import HALF, MOST
from ..vocabulary import Vocabulary
from .claim import FAILS, HOLDS, OPEN, PARTLY, Claim
from .prose import beside, capital, exact_percent, inline, join, percent, plural, word
from .show import Shown, table


@dataclass(frozen=True)
class Again:
    """What the rule answers on subsamples of the units.

    Attributes
    ----------
    drawn : int
        Subsamples; zero where there are too few units.
    fewest : int
        Units from which on they are drawn.
    part : float
        Of the units, in each.
    grouped : bool
        Whether those who were sampled are drawn, with all their units.
    rule, same : int
        The answer for all units, and how many subsamples give it.
    others : list of (int, int)
        Other answers, and how many subsamples give each; the commonest first.
    steady, mostly : bool
        Whether most subsamples give the answer for all units, and whether at least half of them do.
    splits, bootstraps : int
        Inside each subsample.
    k : int
        The number of segments that is shown.
    hand, illustration : bool
        Whether somebody set it, and whether the rule finds none.
    """

    drawn: int
    fewest: int
    part: float
    grouped: bool
    rule: int
    same: int
    others: list[tuple[int, int]]
    steady: bool
    mostly: bool
    splits: int
    bootstraps: int
    k: int
    hand: bool
    illustration: bool


def again(decision: KDecision, found: KResampling) -> Again:
    """Collect what is said of the answers."""
    share, own = found.share(decision.rule), found.params
    rest = found.table[found.table["k"] != decision.rule].sort_values("subsamples", ascending=False, kind="stable")
    return Again(
        drawn=own["subsamples"],
        fewest=FEWEST,
        part=own["drawn"] / own["units"],
        grouped=own["grouped"],
        rule=decision.rule,
        same=round(share * own["subsamples"]) if found.known else 0,
        others=[(int(r.k), int(r.subsamples)) for r in rest.itertuples()],
        steady=share >= MOST,
        mostly=share >= HALF,
        splits=own["splits"],
        bootstraps=own["bootstraps"],
        k=decision.shown,
        hand=decision.set == HAND,
        illustration=decision.illustration,
    )


@inline
def front_word(decision: KDecision, found: KResampling) -> str:
    """Say for the front page how many segments there are, who decided, and how often subsamples answer the same."""
    often = f" (in {percent(found.share(decision.rule), 0)} of subsamples)" if found.known else ""
    if decision.set == HAND:
        return f"{capital(word(decision.k))}, set by hand"  # of which subsamples say nothing
    return f"{'No segmentation' if decision.illustration else f'{capital(word(decision.k))}, {decision.set}'}{often}"


@inline
def answers(decision: KDecision, found: KResampling, terms: Vocabulary) -> str:
    """Say in one sentence how often the rule answers what in subsamples."""
    if not found.known:
        return f"There are too few {terms.units} to ask how sure this number is."
    told = again(decision, found)
    others = [f"{_number(k)} in {word(n)}" for k, n in told.others]
    rest = f", {join(others)}" if others else ""
    return (
        f"Applied anew to {plural(told.drawn, 'subsample', words=True)}, the rule answers {_number(told.rule)} in "
        f"{word(told.same) if told.same else 'none'} of them{rest}."
    )


def _number(k: int) -> str:
    return "no segmentation" if k == 1 else word(k)


def claim(decision: KDecision, found: KResampling) -> Claim:
    """Return the claim that the rule would answer the same of other units."""
    share = found.share(decision.rule)
    verdict = OPEN if not found.known else HOLDS if share >= MOST else PARTLY if share >= HALF else FAILS
    drawn = plural(found.params["subsamples"], "subsample")
    return Claim(
        "How many", f"The rule answers {_number(decision.rule)} for other samples too", f"share of {drawn} with that answer", share,
        percent(share, 0) if found.known else "–", f"at least {exact_percent(MOST)}", verdict, "k-selection",
    )  # fmt: skip


def answers_table(decision: KDecision, found: KResampling) -> Shown:
    """Show how many subsamples answer each number, and how far its prediction strength moves; nothing where none was drawn."""
    if not found.known:
        return Shown("")
    counts = found.table.set_index("k")[["subsamples", "share"]]
    rows = (
        found.strengths.set_index("k")[["strength", "error"]].join(counts, how="outer").rename_axis("k").reset_index()
    )
    rows["subsamples"] = rows["subsamples"].fillna(0).astype("int64")
    rows["share"] = rows["share"].fillna(0.0)
    told, asked = again(decision, found), decision.params["prediction_strength"]
    return table(
        rows[["k", "subsamples", "share", "strength", "error"]], "tbl-again",
        f"**{_finding(told)}.** One means no segmentation. Error: of the strength on all, by the jackknife that leaves out what a "
        "subsample does not hold; what few splits add is taken off.",
        {"share": lambda v: percent(float(v), 0), "strength": lambda v: beside(float(v), asked), "error": lambda v: f"{v:.2f}"},
        headings={"k": "segments", "subsamples": "subsamples that answer it", "strength": "mean prediction strength",
                  "error": "jackknife error"},
    )  # fmt: skip


def _finding(told: Again) -> str:
    return f"The rule answers {_number(told.rule)} in {told.same} of {plural(told.drawn, 'subsample')}"


def caption(decision: KDecision, found: KResampling) -> str:
    """State how often the rule gives its answer again."""
    told = again(decision, found)
    return (
        f"**{_finding(told)}.** Each holds {percent(told.part, 0)}; the bar of another colour is the answer for all. One means no "
        "segmentation."
    )


def alt(found: KResampling) -> str:
    """Describe the bars."""
    bars = [f"{_number(int(r.k))} {int(r.subsamples)}" for r in pd.DataFrame(found.table).itertuples()]
    return f"Bars of the answers of the rule in {plural(found.params['subsamples'], 'subsample')}: {join(bars)}."
