"""What the page on the number of segments says and draws, whatever the criteria say."""

from __future__ import annotations

import dataclasses
import re
import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import PathPatch, Rectangle
from report_project import at_k
from said import bullets, said

from segkit.engine.borders import Borders
from segkit.engine.consensus import Consensus
from segkit.engine.flow import segment_flow
from segkit.engine.gap import Gap
from segkit.engine.instability import Instability
from segkit.engine.k_resampling import KResampling
from segkit.engine.krule import KDecision, decide
from segkit.engine.kselection import KSelection
from segkit.engine.prediction import PredictionStrength
from segkit.engine.verdict import verdict
from segkit.report import border_words, flows, k_choice, k_subsamples, number_captions, number_figures
from segkit.report.claim import FAILS, HOLDS, OPEN, PARTLY, UNSHOWN
from segkit.report.prose import GAP, beside
from segkit.report.verdict import facts
from segkit.studies.contacts import TERMS, ContactsStudy

pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")
KS = list(range(2, 7))


@dataclasses.dataclass(frozen=True)
class Answer:
    selection: KSelection
    prediction: PredictionStrength
    instability: Instability
    gap: Gap
    consensus: Consensus

    def decision(self, **how: Any) -> KDecision:
        return decide(self.selection, self.prediction, self.instability, self.gap, self.consensus, **how)


def answer(
    strength: list[float],
    jaccard: list[float],
    *,
    best: int = 4,
    gaps: tuple[float, float] = (0.3, 0.3),
    units: int = 50,
) -> Answer:
    """Make results whose indices choose ``best``, and whose two gaps grow by so much per segment up to ``best``."""
    table = pd.DataFrame({"k": KS})
    for name in ("silhouette", "calinski_harabasz", "separation"):
        table[name] = 0.5 - 0.1 * (table["k"] - best).abs()
    table["smallest"] = units
    table["davies_bouldin"], table["inertia"] = 1 - table["silhouette"], np.linspace(9.0, 1.0, 5)
    parts = [(k, j + 1, units, strength[k - 2], 0.0, 1.0, 9) for k in KS for j in range(k)]
    names = ["k", "segment", "units", "jaccard", "dissolved", "recovered", "bootstraps"]
    rows = [
        (box, k, 1.0, 1.0, rise * min(k, best) - 0.1 * max(0, k - best), 0.01)
        for box, rise in zip(("principal components", "original axes"), gaps, strict=True)
        for k in (1, *KS, 7)
    ]
    by_segment = pd.DataFrame([(k, j + 1, units, 0.4) for k in KS for j in range(k)])
    by_segment.columns = pd.Index(["k", "segment", "units", "silhouette"])
    settings = {"splits": 9, "restarts": 10, "bootstraps": 9, "subsamples": 9, "references": 9, "ks": [1, *KS, 7]}
    frame = {"k": KS, "strength": strength, "sd": 0.07, "q05": np.array(strength) - 0.1, "splits": 9, "tiny": 0.0}
    loose = {"k": KS, "instability": 1 - np.array(strength), "instability_se": 0.01, "ari": 0.9, "pairs": 4}
    return Answer(
        KSelection(table, {}, 1, by_segment),
        PredictionStrength(pd.DataFrame(frame), settings, 1),
        Instability(
            pd.DataFrame({**loose, "jaccard": jaccard, "fits": 9}), pd.DataFrame(parts, columns=names), settings, 1
        ),
        Gap(pd.DataFrame(rows, columns=["box", "k", "log_w", "reference", "gap", "s"]), settings, 1),
        Consensus(pd.DataFrame({"k": KS, "pac": 1 - np.array(strength), "pac_se": 0.0, "subsamples": 9}), settings, 1),
    )


def drawn_anew(answers: dict[int, int], *, error: float = 0.03, grouped: bool = False) -> KResampling:
    """Make the answers of the rule on subsamples: how many give each."""
    n = sum(answers.values())
    table = pd.DataFrame({"k": list(answers), "subsamples": list(answers.values())}).astype("int64")
    strengths = pd.DataFrame({"k": KS, "strength": 0.8, "error": error if n else np.nan, "subsamples": n})
    params = {
        "subsamples": n, "units": 100, "drawn": 80, "grouped": grouped, "splits": 9, "bootstraps": 8, "restarts": 10,
    }  # fmt: skip
    return KResampling(table.assign(share=table["subsamples"] / max(n, 1)), strengths, params, 1)


MIXED, STEADY, TOO_FEW = drawn_anew({2: 6, 4: 14}, error=0.04), drawn_anew({4: 20}, error=0.0), drawn_anew({})
GOOD = answer([0.9, 0.7, 0.85, 0.6, 0.5], [0.9, 0.8, 0.9, 0.7, 0.6])
NONE = answer([0.7, 0.6, 0.5, 0.4, 0.3], [0.7, 0.72, 0.6, 0.5, 0.4], best=2, gaps=(-0.2, 0.2))
NAN = [float("nan")] * 5
EMPTY = answer(NAN, NAN)
UNMEASURED = SimpleNamespace(names=[], params={"k": 4})


def margin(made: Answer, again: KResampling = MIXED) -> str:
    return said("k-selection", "margin", k_decision=made.decision(), prediction=made.prediction, k_resampling=again)


def texts(made: Answer, decision: KDecision, again: KResampling) -> Iterator[str]:
    """Yield every sentence of the page that these results decide."""
    yield k_choice.lead(decision, TERMS)
    yield k_choice.agreement(decision)
    found = {f.name: getattr(made, f.name) for f in dataclasses.fields(made)}
    for label in ("margin", "gap", "disagreement", "resampled", "again"):
        yield said("k-selection", label, k_decision=decision, nulls=UNMEASURED, k_resampling=again, **found)
    yield said("stability", "given", k_decision=decision, k_resampling=again)
    yield k_choice.front(decision, again, TERMS)
    if again.known:
        yield from (k_subsamples.caption(decision, again), k_subsamples.alt(again))
        yield re.sub(r" \[CSV\].*$", "", k_subsamples.answers_table(decision, again).markdown.splitlines()[-2])
    yield from bullets(said("k-selection", "limits", k_decision=decision))
    yield from (
        number_captions.indices_caption(made.selection), number_captions.gap_caption(made.gap),
        number_captions.rule_caption(decision), number_captions.disagreements_caption(made.instability, made.consensus, TERMS),
        number_captions.indices_alt(made.selection), number_captions.gap_alt(made.gap), number_captions.rule_alt(decision),
        number_captions.disagreements_alt(made.instability, made.consensus),
    )  # fmt: skip
    for shown in (k_choice.criteria_table(decision, 4, TERMS), k_choice.rule_table(decision, again)):
        yield re.sub(r" \[CSV\].*$", "", shown.markdown.splitlines()[-2])


@pytest.mark.parametrize("made", [GOOD, NONE, EMPTY], ids=["found", "none", "nothing measured"])
@pytest.mark.parametrize("by_hand", [None, 3])
@pytest.mark.parametrize(
    "again",
    [MIXED, STEADY, TOO_FEW, drawn_anew({1: 12, 3: 5, 5: 1}, grouped=True)],
    ids=["mixed", "steady", "few", "other"],
)
def test_every_sentence_reads(made: Answer, again: KResampling, by_hand: int | None) -> None:
    decision = made.decision(by_hand=by_hand)
    for text in texts(made, decision, again):
        assert text and not re.search(r"\bnan\b|None|\binf\b|  |\.\.|,,|\( |\bno segments segments\b", text), text
        assert text[0].isupper() or text[0].isdigit() or text.startswith("**"), text
        assert not re.search(r"\b(one|1) segments\b", text), text


def test_the_lead_names_number_and_evidence() -> None:
    text = k_choice.lead(GOOD.decision(), TERMS)
    assert text.startswith("The stated rule answers four: ")
    assert "0.85" in text and "0.8 is asked" in text and "lowest similarity 0.90, where 0.75 is asked" in text
    assert k_choice.verdict(GOOD.decision()) == "4 segments, by rule"
    assert k_subsamples.front_word(GOOD.decision(), TOO_FEW) == "Four, by rule"
    assert k_subsamples.front_word(GOOD.decision(), MIXED).replace(GAP, " ") == "Four, by rule (in 70 % of subsamples)"
    assert k_choice.shown_note(GOOD.decision()) == ""


def test_no_segmentation_is_said_and_the_picture_labelled() -> None:
    decision = NONE.decision()
    assert (decision.k, decision.shown) == (1, 3)
    assert k_choice.lead(decision, TERMS).startswith("The stated rule finds no segmentation: ")
    assert "show three segments" in k_choice.lead(decision, TERMS) and "for illustration" in k_choice.lead(
        decision, TERMS
    )
    assert k_choice.verdict(decision) == "no segmentation; 3 shown for illustration: the rule finds none"
    assert k_subsamples.front_word(decision, STEADY).replace(GAP, " ") == "No segmentation (in 0 % of subsamples)"
    assert k_choice.shown_note(decision) == "Shown for illustration: the rule finds no segmentation."
    assert "illustrate" in bullets(said("k-selection", "limits", k_decision=decision))[0]
    assert "0.70, is that of two segments" in margin(NONE)


def test_by_hand_is_labelled_with_what_the_rule_would_say() -> None:
    decision = GOOD.decision(by_hand=3)
    assert k_choice.lead(decision, TERMS) == (
        "The number of segments, three, was set by hand. The stated rule would answer four."
    )
    assert k_choice.lead(GOOD.decision(by_hand=4), TERMS).endswith("The stated rule would answer the same.")
    assert k_choice.lead(NONE.decision(by_hand=4), TERMS).endswith("The stated rule would answer no segmentation.")
    assert (
        k_choice.verdict(decision) == "3 segments, set by hand"
        and k_subsamples.front_word(decision, MIXED) == "Three, set by hand"
    )
    assert "set by hand" in bullets(said("k-selection", "limits", k_decision=decision))[0]


def test_agreement_counts_each_criterion_once() -> None:
    """Nine criteria beside the two of the rule: here all but instability, pairs and the knee choose four."""
    text = k_choice.agreement(GOOD.decision())
    assert text.startswith("Of the nine criteria that are not part of it, six choose four (")
    assert text.endswith("; three choose two.")
    assert sum(text.count(k_choice.NAMES[name][0]) for name in ("silhouette", "separation")) == 2


def test_disagreeing_boxes_are_said() -> None:
    assert said("k-selection", "gap", gap=GOOD.gap) == "Against both boxes the rule of the gap chooses four segments."
    assert said("k-selection", "gap", gap=NONE.gap) == (
        "The boxes disagree: that of the components leads to one, that is, no segments, that of the features to two segments."
    )
    endless = answer([0.9] * 5, [0.9] * 5, best=7).gap
    assert said("k-selection", "gap", gap=endless) == (
        "Against both boxes the rule of the gap chooses no number of segments. Up to six segments, each further one gains more "
        "than it would in an even cloud."
    )
    assert number_captions.gap_caption(endless).startswith("**The gap grows to the end")
    wide = dataclasses.replace(endless, table=endless.table.assign(s=[0.0123, *[0.001] * (len(endless.table) - 1)]))
    assert "one standard error s of the reference sets up and down, 0.012 at most." in number_captions.gap_caption(wide)
    unknown = dataclasses.replace(endless, table=endless.table.assign(s=np.nan))
    assert "up and down." in number_captions.gap_caption(unknown)


def test_a_close_answer_is_called_close() -> None:
    text = margin(GOOD)
    assert (
        "0.05 above its threshold, and its jackknife error is 0.04: " in text and "so that the answer is close" in text
    )
    assert "so that the answer is close" not in margin(GOOD, drawn_anew({4: 20}, error=0.02))
    assert "its jackknife error is less than 0.01." in margin(GOOD, STEADY) and "error" not in margin(GOOD, TOO_FEW)
    assert margin(NONE).endswith("is that of two segments; its jackknife error is 0.04.")
    assert "Three fails the rule, although a larger number meets it." in text
    assert "With one segment more it is 0.60." in text


def test_how_sure_the_number_is() -> None:
    def again(made: Answer, found: KResampling, **how: int) -> str:
        return said("k-selection", "again", k_decision=made.decision(**how), k_resampling=found)

    text = again(GOOD, MIXED).replace(GAP, " ")
    assert "applied anew to 20 subsamples, each of 80 % of the contacts, drawn without replacement" in text
    assert "It answers four in 14, and two in six." in text and "could well have given another number" in text
    assert "That is steady." in again(GOOD, STEADY)
    assert "It answers four in none, and no segmentation in 20." in again(GOOD, drawn_anew({1: 20})).replace(GAP, " ")
    assert "a choice among several" in again(GOOD, drawn_anew({1: 20}))
    assert "It answers no segmentation in 20." in again(NONE, drawn_anew({1: 20})).replace(GAP, " ")
    assert "set by hand" in again(GOOD, MIXED, by_hand=3)
    assert again(GOOD, TOO_FEW).startswith("That cannot be told here.")
    given = said("stability", "given", k_decision=GOOD.decision(), k_resampling=MIXED).replace(GAP, " ")
    assert (
        given.startswith("All of this is given *K* = 4: ") and "The rule answers four in 14 of 20 subsamples" in given
    )


@pytest.mark.parametrize(
    ("found", "verdict"),
    [(drawn_anew({2: 4, 4: 16}), HOLDS), (MIXED, PARTLY), (drawn_anew({2: 11, 4: 9}), FAILS), (TOO_FEW, OPEN)],
)
def test_whether_other_samples_answer_the_same_is_a_claim(found: KResampling, verdict: str) -> None:
    made = k_subsamples.claim(GOOD.decision(), found)
    assert made.verdict == verdict and made.claim == "The rule answers four for other samples too"


def bordered(*ps: float, testable: bool = True) -> Borders:
    rows = [(i + 1, i + 2, 0.09, 0.03, p, p, 399, p <= 0.05) for i, p in enumerate(ps)]
    columns = ["segment", "neighbour", "dip", "null_mean", "p", "p_holm", "drawn", "again"]
    return Borders(pd.DataFrame(rows, columns=columns), {"level": 0.05, "members": 900, "testable": testable}, 1)


@pytest.mark.parametrize(
    ("found", "words", "verdicts"),
    [
        (bordered(0.01, 0.0004), "Every border is more than such a cut.", [HOLDS]),
        (bordered(0.01), "The border is more than such a cut.", [HOLDS]),
        (bordered(0.01, 0.4), "One of two borders could be such a cut", [UNSHOWN]),
        (bordered(0.3), "The border could be such a cut", [UNSHOWN]),
        (bordered(0.01, float("nan")), "One of two borders could be such a cut", [OPEN]),
        (bordered(0.1, testable=False), "no border could be shown", [OPEN]),
        (bordered(), "There is no border to test.", []),
        (None, "coded words are no points in a cloud", []),
    ],
)
def test_borders_are_told_whatever_they_are(
    simulated: ContactsStudy, found: Borders | None, words: str, verdicts: list[str]
) -> None:
    text = said("k-selection", "borders", borders=found)
    assert words in text and not re.search(r"nan|None|  ", text)
    assert [c.verdict for c in border_words.claim(found)] == verdicts
    shown = border_words.borders_table(found, simulated.cards).markdown
    assert ("tbl-borders" in shown) == bool(verdicts) and "nan" not in shown


def test_open_borders_go_by_the_names_on_the_cards(simulated: ContactsStudy) -> None:
    cut = verdict({"copula": True}, {1: 0.9, 2: 0.9, 3: 0.9}, 0.9, borders={(1, 2): False, (2, 3): True})
    first, second = (f"“{c.short}”" for c in sorted(simulated.cards, key=lambda c: c.id)[:2])
    assert (
        facts(cut, TERMS, simulated.cards).unbeaten
        == f"the border between {first} and {second} could be a cut through one cloud"
    )
    assert "between segment 1 and segment 2 could" in facts(cut, TERMS).borders
    given = {n: getattr(simulated, n) for n in ("jaccard", "multiverse", "algorithms")}
    lead = said("index", "lead", verdict=cut, _cards=simulated.cards, **given)
    assert f"no clear evidence of natural groups: the border between {first}" in lead
    meaning = said("nulls", "meaning", verdict=cut, cards=simulated.cards)
    assert f"Every null is beaten, and the partition is stable. But the border between {first}" in meaning
    shaky = verdict({"copula": True}, {1: 0.5}, 0.9, borders={(1, 2): False})
    assert "). And the border between segment 1" in said("nulls", "meaning", verdict=shaky, cards=())
    assert "But" not in said(
        "nulls", "meaning", verdict=verdict({"copula": True}, {1: 0.9}, 0.9, borders={(1, 2): True}), cards=()
    )


def test_values_never_round_over_their_threshold() -> None:
    assert beside(0.7999999, 0.8) == "0.7999999"
    assert "0.796" in k_choice.rule_table(answer([0.796] * 5, [0.9] * 5).decision(), MIXED).markdown


def test_the_table_of_criteria_has_one_row_each() -> None:
    markdown = k_choice.criteria_table(GOOD.decision(), 4, TERMS).markdown
    assert markdown.count("<tr>") == 1 + 1 + len(k_choice.NAMES) + 1  # heading, the rule, criteria, published
    assert "published analysis" in markdown and "set by hand" not in markdown
    without = k_choice.criteria_table(GOOD.decision(by_hand=3), None, TERMS).markdown
    assert "published" not in without and "set by hand" in without
    assert ">none<" in k_choice.criteria_table(EMPTY.decision(), None, TERMS).markdown


def test_figures_draw_what_the_results_say() -> None:
    decision = GOOD.decision()
    figure = number_figures.against_thresholds(decision, GOOD.prediction, GOOD.instability)
    ringed = [line.get_xdata() for line in figure.axes[0].lines if line.get_markersize() == 10]
    assert [list(map(int, x)) for x in ringed] == [[2, 4]]
    assert len(number_figures.gaps(GOOD.gap).axes) == 2
    assert len(number_figures.indices(GOOD.selection).axes) == 5
    bars = number_figures.answers(decision, MIXED).axes[0].patches
    assert [(round(b.get_x() + b.get_width() / 2), b.get_height()) for b in bars if isinstance(b, Rectangle)] == [
        (2, 6),
        (4, 14),
    ]
    for made in (NONE, EMPTY):
        for drawn in (
            number_figures.answers(made.decision(), MIXED),
            number_figures.against_thresholds(made.decision(), made.prediction, made.instability),
            number_figures.disagreements(made.instability, made.consensus), number_figures.indices(made.selection),
            number_figures.gaps(answer([0.9] * 5, [0.9] * 5, best=7).gap),
        ):  # fmt: skip
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a warning would stand on the page
                drawn.canvas.draw()


def test_the_flow_is_drawn_with_bars_as_tall_as_segments(simulated: ContactsStudy) -> None:
    first = np.repeat([1, 2], [60, 40])
    second = np.repeat([1, 3, 2], [60, 10, 30])
    found = segment_flow({2: first, 3: second})
    figure = number_figures.alluvial(found)
    bars = [p.get_height() for p in figure.axes[0].patches if isinstance(p, Rectangle)]
    assert sorted(bars) == pytest.approx([0.1, 0.3, 0.4, 0.6, 0.6])
    assert sum(isinstance(p, PathPatch) for p in figure.axes[0].patches) == 3
    made = at_k(simulated, 4)
    shown = flows.flow_shown(simulated.segment_flow, made.cards, TERMS).markdown
    assert "fig-flow" in shown and "in use" in shown
    text = said("k-selection", "flow", segment_flow=simulated.segment_flow, k_decision=made.k_decision)
    assert text.startswith("The step to ") and "None" not in text


def test_segments_that_are_too_small_are_not_drawn(simulated: ContactsStudy) -> None:
    first = np.repeat([1, 2], [60, 40])
    found = segment_flow({2: first, 3: np.repeat([1, 3, 2], [60, 3, 37])})
    assert number_figures.drawable(found) == [2]
    shown = flows.flow_shown(found, at_k(simulated, 2).cards, TERMS).markdown
    assert "There is no picture" in shown and "fig-flow" not in shown


def test_the_verdict_in_the_status_line_breaks_nowhere_odd() -> None:
    assert GAP not in k_choice.verdict(GOOD.decision())
