"""What the page on the public log says: whose messages these are, and what the same questions answer there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chat_logs_told import NOT_FITTED, audit, divided, leaving, messages, mixture, silences, splitting
from report_project import closed, closed_off, downloads, unescaped
from said import cells, said

from segkit.contract import MESSAGES
from segkit.data.provenance import Provenance
from segkit.inference.churn import Churn
from segkit.inference.silence import returns
from segkit.report import chat_data, chat_real, chat_real_figures, chat_splitting
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(
    r"\bnan\b|\binf\b|\bNone\b(?! of)|–|\{|\(\s|\s[.,;:]|  |\.\.(?!/)|,\.|\(\)|[.:,][A-Z]|\b1 (?:messages|pairs|days)\b"
)
WHERE = {"real": True, "title": "CollegeMsg network", "citation": "P. Panzarasa (2009). <Patterns>."}
SIMULATED = WHERE | {"real": False, "title": "Simulation of messages between students"}
MADE = Provenance(False, True, "sample", "", "", "simulation", "", "ab" * 32, 800, 100)
COLLEGE = audit(blank=None, money=None, staff=None, notes=("Times are whole numbers.",))
START = messages([0.0], 1)["time"].min()


@pytest.fixture(scope="module")
def told() -> Churn:
    return leaving()


@pytest.fixture(scope="module")
def untold() -> Churn:
    return leaving(12, 6)


def known(
    found: Churn, segments: Any = None, where: Any = WHERE, split: Any = None, rows: Any = None
) -> chat_real.College:
    split = chat_splitting.facts(split or splitting(money=False))
    return chat_real.facts(where, COLLEGE, split, rows or silences(), found, segments)


def says(label: str, other: chat_real.College, *, main: bool = False, main_split: Any = None) -> str:
    names = {
        "_other": other, "_kept": other.split, "_known": chat_data.held(audit(), exact=True),
        "_split": chat_splitting.facts(main_split or splitting()), "provenance": replace(MADE, real=main),
    }  # fmt: skip
    return said("real", label, MESSAGES.terms, "conversations", **names).replace(GAP, " ")


@pytest.mark.parametrize("where", [WHERE, SIMULATED], ids=["real", "simulated"])
@pytest.mark.parametrize(
    ("split", "segments", "main"),
    [
        (splitting(), None, True),
        (splitting(mixture(9.0)), divided(), False),
        (splitting(mixture(separates=False)), divided(rule=1, verdict="no segmentation"), True),
        (splitting(NOT_FITTED, alike=True), divided(sizes={1: 100}, medians={1: {}}, k=1, rule=1), False),
    ],
    ids=["below", "above", "one kind", "not fitted"],
)
def test_every_sentence_reads_right_whatever_is_found(
    where: Any, split: Any, segments: Any, main: bool, told: Churn, untold: Churn
) -> None:
    short = returns(messages([0.0, 0.4], 30), START + pd.Timedelta(days=0.5), draws=20)
    for found, rows in ((told, silences()), (untold, short)):
        other = known(found, segments, where, split, rows)
        texts = {n: says(n, other, main=main) for n in cells("real", "conversations") if n}
        assert len(texts) == 9
        assert {n: t for n, t in texts.items() if STRANGE.search(re.sub(r"\n+", " ", t))} == {}
        assert all(texts.values())


def test_real_and_simulated_messages_are_told_apart_whatever_the_main_log_is(told: Churn) -> None:
    real, made = known(told), known(told, where=SIMULATED)
    text = chat_real.banner(real).markdown
    assert "Real messages of other people." in text and "sk-real" in text and "&lt;Patterns&gt;" in text
    other = chat_real.banner(made).markdown
    assert "Simulated messages." in other and "sk-simulated" in other and "Nobody on this page exists." in other
    assert all("none of the pairs of the other pages is among them" in told_by for told_by in (text, other))
    assert says("lead", real).startswith("Asked of a public log of messages between students")
    assert says("lead", made).startswith("Asked of a simulation of messages between students")
    assert "prove nothing" in says("meaning", made) and "prove nothing" not in says("meaning", real)
    assert "The file was not found" in says("why", made) and "No number of this page is about subscribers." in says(
        "why", real
    )
    assert "its structure was put there" in says("why", real) and "its structure" not in says("why", real, main=True)


def test_two_logs_are_compared_only_where_both_are_real(told: Churn) -> None:
    text = says("conversation", known(told))
    assert "the line is at 2 hours; since not both logs are real" in text and "look" in text
    assert "not both logs" not in says("conversation", known(told), main=True)
    assert "nothing of how subscribers differ" in says("method", known(told)) and "nothing of how" not in says(
        "method", known(told), main=True
    )
    # A simulated line says nothing of where conversations end.
    assert "not the same in every log" in text
    assert "not the same in every log" not in says("conversation", known(told, where=SIMULATED))


def test_returns_are_those_that_were_planted() -> None:
    # Half of the pairs write each day at the same minute and are silent for 24 hours at most, the others for good.
    rows = {(r.after, r.within): r for r in chat_real.shares(silences())}
    assert rows[24.0, 24.0].share == pytest.approx(0.0) or rows[24.0, 24.0].share < 0.01
    assert rows[72.0, 24.0].known


def test_the_verdict_on_leaving_follows_from_the_forecasts(told: Churn, untold: Churn) -> None:
    assert told.fitted and not untold.fitted
    assert "whether it can be told is not known" in says("leaving", known(untold))
    text = says("leaving", known(told))
    assert ("**So it is better than the base rate, beyond chance.**" in text) == told.beats
    worse = replace(told, comparisons=told.comparisons.assign(difference=0.01, low=-0.1, high=0.2))
    assert "**So it is no better than the base rate, as far as can be told.**" in says("leaving", known(worse))
    assert "cannot be told better than by the base rate" in says("lead", known(worse))
    better = replace(told, comparisons=told.comparisons.assign(difference=-0.1, low=-0.2, high=-0.05))
    assert "It is better than the time in silence alone, too." in says("leaving", known(better))


def test_segments_that_differ_in_when_they_wrote_are_said_to(told: Churn) -> None:
    assert "when pairs wrote" not in says("segments", known(told, divided()))
    medians = {
        s: {"messages": 5.0, "conversations": 2.0, "active_days": 2.0, "days_silent": d}
        for s, d in ((1, 40.0), (2, 150.0))
    }
    text = says("segments", known(told, divided(medians=medians)))
    assert "the largest last wrote 150 days before the end of the log or earlier, of the smallest 40" in text
    assert "Too few pairs differ" in says("segments", known(told))
    none = says("segments", known(told, divided(rule=1, verdict="no segmentation")))
    assert "answers none; two were made for illustration" in none and "The largest segment" not in none


def test_tables_and_figures_hold_the_numbers(told: Churn, untold: Churn, downloads: Path) -> None:
    other = known(told, divided())
    text = unescaped(chat_real_figures.segments_table(divided()).markdown).replace(GAP, " ")
    assert "**Verdict: natural; 75 % and 25 % of the pairs.**" in text and "days since last" not in text
    assert text.index(">75<") < text.index(">25<")
    churned = unescaped(chat_real_figures.churn_table(told).markdown)
    assert churned.count("<tr>") == 4 and "time in silence" in churned
    log, split = chat_data.held(audit(), exact=True), chat_splitting.facts(splitting())
    both = unescaped(
        chat_real_figures.beside_table(other, log, split, silences(), untold, "fragile structure", "simulated").markdown
    )
    assert "students (real)" in both and "subscribers (simulated)" in both and ">cannot be told<" in both
    assert "**Every question has an answer among students.**" in both
    less = unescaped(
        chat_real_figures.beside_table(known(untold), log, split, silences(), told, "natural", "simulated").markdown
    )
    assert "**Not every question has an answer among students.**" in less and ">cannot be made<" in less
    drawn = chat_real_figures.returns_figure(other.returns).axes[0]
    assert len(drawn.get_lines()) == 3
    assert chat_real_figures.returns_alt([]) == "An empty figure."
    assert chat_real_figures.returns_caption(other).replace(GAP, " ").startswith("**After 24 hours of silence")
