"""Every claim of the report in one table: verdicts follow from numbers and thresholds."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import replace
from types import SimpleNamespace as Plain

import pandas as pd
import pytest
from report_project import at_k, unescaped, with_small_segment
from said import said

from segkit.engine.krule import KDecision
from segkit.engine.nulls import Nulls
from segkit.report import claim_table
from segkit.report import claims as evidence
from segkit.report.claim import COMMONPLACE, FAILS, HOLDS, OPEN, PARTLY, UNSHOWN, Claim, beside_nulls
from segkit.studies.contacts import TERMS, ContactsStudy

pytest_plugins = ["report_project"]


def claim(verdict: str, topic: str = "Topic", words: str = "") -> Claim:
    return Claim(topic, words or f"It {verdict}", "counted", 1.0, "1", "at least 1", verdict, "audit")


@pytest.fixture(scope="module")
def claims(simulated: ContactsStudy) -> list[Claim]:
    return evidence.of_study(simulated)


def decision(k: int, strength: float, jaccard: float, by: dict[str, int | None]) -> KDecision:
    table = pd.DataFrame({"k": [k], "prediction_strength": [strength], "jaccard": [jaccard], "qualifies": [True]})
    return KDecision(k, k, "by rule", k, table, by, {}, {"prediction_strength": 0.8, "jaccard": 0.75})


def test_the_planted_segments_pass_what_planted_segments_must(claims: list[Claim]) -> None:
    # The simulation plants four separate segments that nobody leaves.
    verdicts = {c.claim: c.verdict for c in claims}
    for name in (
        "The planted segments are found",
        "Every segment is found again in resamples",
        "The segments lie apart",
    ):
        assert verdicts[name] in (HOLDS, COMMONPLACE), name
    assert verdicts["The planted segments are found"] == HOLDS


def test_every_verdict_follows_from_its_number(claims: list[Claim]) -> None:
    looked = 0
    for c in claims:
        hit = re.fullmatch(r"at (least|most) ([\d.]+)", c.threshold)
        if hit is None or not math.isfinite(c.number) or c.topic == "Clear":
            continue
        looked += 1
        bound = float(hit[2])
        holds = c.number >= bound if hit[1] == "least" else c.number <= bound
        tipped = "a scale tips" in c.evidence
        passed = COMMONPLACE if c.common >= 0.8 else HOLDS
        assert c.verdict == (passed if holds else PARTLY if tipped else FAILS), c
    assert looked >= 12


def test_a_claim_that_nearly_all_populations_without_segments_pass_says_so(simulated: ContactsStudy) -> None:
    found = simulated.nulls
    passed = {"silhouette": 25, "jaccard": 90, "prediction_strength": 79}
    draws = pd.DataFrame({name: [1.0] * n + [0.0] * (100 - n) for name, n in passed.items()}).assign(
        null=found.names[-1]
    )
    made = [
        claim(HOLDS, "A", words)
        for words in ("At four segments", "Each of the four segments", "The segments lie apart")
    ]
    made += [claim(FAILS, "A", "Every segment is found again in resamples"), claim(HOLDS, "A", "The optimiser")]
    limits = {"prediction_strength": 0.8, "jaccard": 0.75, "silhouette": 0.5}
    told = beside_nulls(made, replace(found, draws=draws), limits)
    assert [c.verdict for c in told] == [HOLDS, COMMONPLACE, HOLDS, FAILS, HOLDS]
    assert [round(c.common, 1) for c in told[:4]] == [0.8, 0.9, 0.2, 0.9] and math.isnan(told[4].common)
    assert claim_table.tally(told) == "3 of 5 claims hold; 1 holds as it would without segments and 1 fails."
    text = said("sure", "failed", _every_claim=told)
    assert "What holds and tells little" in text and "“Each of the four segments”" in text
    shown = unescaped(claim_table.claims_table(told).markdown)
    assert "without segments" in shown and "90" in shown
    assert "without segments" not in claim_table.claims_table([claim(HOLDS)]).markdown
    empty = replace(found, draws=draws.assign(jaccard=math.nan))
    assert [c.verdict for c in beside_nulls(made, empty, limits)][1] == HOLDS  # not measured, so not judged


def test_a_small_log_says_what_it_cannot_tell(private: ContactsStudy) -> None:
    found = evidence.of_study(private)
    late = [c for c in found if c.topic in ("Useful", "Stable over time")]
    assert len(late) == 5 and {c.verdict for c in late} == {OPEN}  # the log covers four months
    assert all(c.text and c.text != "nan" for c in found)


@pytest.mark.parametrize(
    ("by", "expected", "text"),
    [
        ({"a": 4, "b": 4, "rule": 4, "jaccard": 5}, HOLDS, "2 of 2"),
        ({"a": 4, "b": 2, "published": 4}, PARTLY, "1 of 2"),
        ({"a": 3, "b": None}, FAILS, "0 of 1"),
        ({"a": None}, OPEN, "0 of 0"),
    ],
)
def test_other_criteria_are_counted_without_the_rule(by: dict[str, int | None], expected: str, text: str) -> None:
    *_, votes = evidence.number(decision(4, 0.9, 0.9, by), TERMS)
    assert (votes.verdict, votes.text) == (expected, text)


def test_the_number_of_segments_holds_from_its_thresholds_on() -> None:
    first, second, _ = evidence.number(decision(3, 0.8, 0.7499, {}), TERMS)
    assert (first.verdict, second.verdict) == (HOLDS, FAILS)
    first, *_ = evidence.number(decision(3, math.nan, 0.9, {}), TERMS)
    assert (first.verdict, first.text) == (OPEN, "–")


def test_nulls_are_judged_at_the_declared_level(simulated: ContactsStudy) -> None:
    found: Nulls = simulated.nulls
    table = found.table.assign(p=[0.05 if n == "copula" else 0.06 for n in found.table["null"]])
    verdicts = [
        c.verdict
        for c in evidence.nulls(replace(found, table=table, params={**found.params, "level": 0.05, "count": 99}), TERMS)
    ]
    assert verdicts == [HOLDS if n == "copula" else UNSHOWN for n in found.names]
    few = replace(found, table=table, params={**found.params, "level": 0.05, "count": 5})  # no p can be so small
    assert {c.verdict for c in evidence.nulls(few, TERMS)} == {OPEN}


@pytest.mark.parametrize(("lowest", "verdicts"), [(0.6, (HOLDS, HOLDS)), (0.3, (FAILS, HOLDS)), (0.1, (FAILS, FAILS))])
def test_how_far_apart_is_judged_as_in_the_literature(
    simulated: ContactsStudy, lowest: float, verdicts: tuple[str, str]
) -> None:
    made = at_k(simulated, 4)
    scores = made.segments.silhouette * 0 + lowest  # 0.5 and 0.25: Kaufman and Rousseeuw (1990)
    found = evidence.apart(replace(made.segments, silhouette=scores), made.cards)
    assert tuple(c.verdict for c in found) == verdicts


def test_a_small_segment_is_no_evidence(simulated: ContactsStudy) -> None:
    made = with_small_segment(simulated)
    *_, each = evidence.apart(made.segments, made.cards)
    assert each.text == "0.40"  # the lowest that may be shown, not -0.9


def test_the_tally() -> None:
    assert claim_table.tally([claim(HOLDS)] * 3) == "All 3 claims hold."
    mixed = [claim(HOLDS), claim(PARTLY), claim(FAILS), claim(FAILS), claim(OPEN)]
    assert claim_table.tally(mixed) == "1 of 5 claims holds; 1 holds partly, 2 fail and 1 cannot be told."
    assert (
        said("sure", "failed", _every_claim=mixed) == "What does not hold: “It does not hold” and “It does not hold”."
    )
    assert said("sure", "failed", _every_claim=[claim(OPEN)]) == "Nothing that was tested fails."


def by_topic(found: list[Claim]) -> str:
    return said("sure", "lead", _every_claim=found).removeprefix(f"{claim_table.tally(found)} ")


def test_the_topics_of_which_all_or_none_holds() -> None:
    found = [claim(HOLDS, "A"), claim(HOLDS, "B"), claim(FAILS, "B"), claim(UNSHOWN, "C")]
    assert by_topic(found) == "Every claim about “a” holds; none about “c” does."
    assert by_topic(found[1:3]) == "Each question has claims that hold and claims that do not."
    assert by_topic(found[2:]) == "No claim about “b” or “c” holds."


def test_the_front_page_has_the_weakest_claim_of_each_topic() -> None:
    shown = claim_table.front([claim(HOLDS, "A"), claim(FAILS, "A"), claim(PARTLY, "B"), claim(OPEN, "B")]).markdown
    assert shown.count("<tr>") == 3  # the heading and one row for each topic
    assert "It does not hold" in shown and "It holds in part" not in shown and "It cannot tell" not in shown


def test_the_front_page_has_preparation_and_algorithm_beside_the_weakest_claim() -> None:
    topic, of = "Independent of our choices", claim_table.ALWAYS
    found = [
        claim(FAILS, topic),
        claim(FAILS, topic, of[0]),
        claim(PARTLY, topic, of[1]),
        claim(HOLDS, topic, "Another"),
    ]
    shown = claim_table.front(found).markdown
    assert shown.count("<tr>") == 4 and all(words in shown for words in of) and "Another" not in shown
    weakest = claim_table.front(found[1:]).markdown
    assert weakest.count("<tr>") == 3 and weakest.count(of[0]) == 1  # the weakest itself stands there once
    assert {c.claim for c in (evidence.algorithm(Plain(table=pd.DataFrame({"ari": [0.9]}))),)} <= set(of)


def test_the_csv_has_every_claim_in_plain_values(claims: list[Claim]) -> None:
    frame = claim_table.claims_frame(claims)
    assert len(frame) == len(claims) and not frame.isna().drop(columns=["number", "common"]).any(axis=None)
    assert set(frame["verdict"]) <= set(claim_table.TONES)
    assert {f.name for f in dataclasses.fields(Claim)} - {"text"} == set(frame)
