"""What the page on playbooks and trials says, in every way that segments and logs can turn out; none of it breaks the line."""

from __future__ import annotations

import dataclasses
import html
import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from chats_told import TERMS, outcomes, strange
from report_project import REPOSITORY, closed, closed_off, downloads, unescaped
from said import cells, said

from segkit.data.forbidden_tactics import NEVER, forbidden
from segkit.engine.meaning import Card, Cards
from segkit.engine.verdict import NATURAL, NONE
from segkit.inference.trials import CEILING, FEW, UNKNOWN, Proposals, proposals
from segkit.report import chat_playbook, chat_proposals, layout
from segkit.report.prose import GAP
from segkit.studies.chat_policy import BANDS, ChatPolicy, policy
from segkit.studies.chat_trials import QUESTIONS, questions

__all__ = ["closed", "closed_off", "downloads"]
LABELS = ("lead", "playbooks", "marks", "trials", "rails", "meaning", "limits")
BEGIN, END = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-03")


def books(kind: str = "alike", verdict: str = NATURAL) -> ChatPolicy:
    """Make playbooks of segments "alike", "apart" in all, "unpaid", "small" (one of them), "one" segment, or of "four" pairs."""
    n = 4 if kind == "four" else 80
    at = pd.Index([f"p{i}" for i in range(n)])
    labels = pd.Series(1 if kind in ("one", "four") else 1 + np.arange(n) % 2, at)
    if kind == "small":
        labels.iloc[:3] = 3
    apart = (labels == 1) & (kind == "apart")
    pairs = pd.DataFrame(
        {"subscriber": [f"s{i}" for i in range(n)], "messages": np.where(labels == 1, 60, 8), "conversations": 2.0,
         "gap_hours": np.where(labels == 1, 30.0, np.nan), "purchases": np.where(apart, 1.0, 0.0)}, at,
    )  # fmt: skip
    if kind == "unpaid":
        pairs = pairs.drop(columns="purchases")
    hours = pd.DataFrame(1 / 6, at, list(BANDS))
    hours.loc[apart] = [0.5, 0.1, 0.1, 0.1, 0.1, 0.1]
    told = pd.DataFrame({("communication_style", "detailed"): apart | (np.arange(n) % 7 == 0)}, at)
    told.columns = pd.Index(list(told.columns), tupleize_cols=False)
    return policy(pairs, labels, hours, None if kind == "unpaid" else told, verdict=verdict, seed=1)


def planned(kind: str = "some") -> Proposals:
    """Make trials of "some" questions, of "none", "slow" ones, ones without an "end", or each with rails of its "own"."""
    asked = questions(pd.Series(range(100)), currency="USD")
    if kind == "own":
        asked = [dataclasses.replace(q, guard_rails=(f"Rail {i}.",)) for i, q in enumerate(asked)]
    every = {"end": 0.0, "slow": 2400.0}.get(kind, 1.0)
    seen = {name: outcomes(0.4, every=every) for name in ("returned", "bought", "offer taken")}
    if kind == "none":
        return proposals(
            asked, {"returned": outcomes(subscribers=3), "bought": outcomes(0.99, 200)}, start=BEGIN, end=END
        )
    if kind == "left":
        seen = {"returned": outcomes(0.95, 200), "bought": outcomes(0.4, subscribers=3)}
    return proposals(asked, seen, start=BEGIN, end=BEGIN + pd.Timedelta(days=4000) if kind == "slow" else END)


def told(own: ChatPolicy, verdict: str, found: Proposals) -> dict[str, Any]:
    hypotheses = {q.key: q.hypothesis for q in QUESTIONS}
    return {
        "_plans": chat_playbook.plans(own.items, own.marks, verdict),
        "_asked": chat_proposals.trials(found, hypotheses),
    }


def says(label: str, own: ChatPolicy, verdict: str = NATURAL, found: Proposals | None = None) -> str:
    names = told(own, verdict, planned() if found is None else found)
    return said("playbook", label, TERMS, "conversations", **names).replace(GAP, " ")


def cards(own: ChatPolicy, size: int | None = 40) -> Cards:
    items = [Card(p.segment, str(i), p.name, p.name, "", p.action, size, 0.5, {}) for i, p in enumerate(own.items)]
    return Cards(tuple(items), 80)


def crossing(text: str) -> list[str]:
    """Return the sentences that no playbook may hold, but for those with which playbooks close."""
    plain = html.unescape(re.sub(r"<[^>]+>", " | ", unescaped(text))).replace("**", "")
    plain = re.sub(r"\[@\w+\]|\]\([^)]*\)|```\{=html\}|data-label=\S+", "", plain)
    for line in NEVER.values():
        plain = plain.replace(line, "")
    sentences = (s.strip() for s in re.split(r"(?<=[.!?])\s+|\n|\|", plain))
    return [s for s in sentences if forbidden(s)]


KINDS = ("alike", "apart", "unpaid", "small", "one", "four")
TRIALS = ("some", "none", "slow", "end", "own", "left")


@pytest.mark.parametrize(("kind", "verdict"), list(product(KINDS, (NONE, NATURAL))))
def test_playbooks_read_right_and_keep_the_line(kind: str, verdict: str, downloads: Path) -> None:
    own = books(kind, verdict)
    segmented = verdict != NONE
    shown = [chat_playbook.playbook_tables(own.items, segmented=segmented), layout.bullets(list(own.items[0].never))]
    if len(own.marks.table):
        shown += [
            chat_playbook.hours_table(own.items, own.marks),
            chat_playbook.marks_table(own.items, own.marks, cards(own)),
        ]
    for label in LABELS:
        text = says(label, own, verdict)
        assert text and not strange(text), (label, text)
        assert not crossing(text), (label, crossing(text))
    for table in shown:
        assert ">nan<" not in table.markdown and not crossing(table.markdown), crossing(table.markdown)
    assert ("The same for all" in says("lead", own, verdict)) == (not segmented)
    assert ("no reason to treat them otherwise" in shown[0].markdown) == (not segmented)
    assert chat_playbook.status(told(own, verdict, planned())["_plans"])


def test_times_and_traits_are_told_only_where_the_data_show_them(downloads: Path) -> None:
    apart, alike = books("apart"), books("alike")
    assert "Hours stand out in “" in says("playbooks", apart) and "no playbook has best times" in says(
        "playbooks", alike
    )
    assert "0 to 4 h" in chat_playbook.playbook_tables(apart.items, segmented=True).markdown
    assert "No hours stand out" in chat_playbook.playbook_tables(alike.items, segmented=True).markdown
    assert "Answer first" in says("lead", apart) and "For every segment the same follows." in says("lead", alike)
    assert "Traits stand out in “" in says("playbooks", apart)
    assert "Without profiles no traits" in says("playbooks", books("unpaid"))
    assert "None stands out" in says("marks", alike) and "Nothing could be tested" in says("marks", books("one"))


def test_a_share_of_few_pairs_is_told_nowhere(downloads: Path) -> None:
    own = books("apart")
    chat_playbook.marks_table(own.items, own.marks, cards(own))
    told = pd.read_csv(next(downloads.rglob("marks.csv")))
    assert told["mean"].notna().all(), "of forty pairs of each segment, none to six or all have each value"
    chat_playbook.marks_table(own.items, own.marks, cards(own, None))
    hidden = pd.read_csv(next(downloads.rglob("marks.csv")))
    assert hidden.loc[hidden["kind"] != "hours", ["mean", "difference"]].isna().all(axis=None)
    assert hidden.loc[hidden["kind"] == "hours", "mean"].notna().all()


@pytest.mark.parametrize("kind", TRIALS)
def test_trials_read_right_and_keep_the_line(kind: str, downloads: Path) -> None:
    found, own = planned(kind), books()
    said_of_both = product(("lead", "meaning"), (NONE, NATURAL))
    for label, verdict in (*said_of_both, *product(("trials", "rails", "limits"), (NATURAL,))):
        text = says(label, own, verdict, found)
        assert text and not strange(text), (label, text)
        assert not crossing(text), (label, crossing(text))
    if found.items:
        for shown in (chat_proposals.trials_table(found), chat_proposals.trial_tables(found)):
            assert ">nan<" not in shown.markdown and "inf" not in re.sub(r"inform", "", shown.markdown)
            assert not crossing(shown.markdown), crossing(shown.markdown)
    assert ("The log has too little" in says("lead", own, found=found)) == (not found.items)


def test_what_a_trial_takes_is_told_as_it_was_computed(downloads: Path) -> None:
    some = planned()
    frame = chat_proposals.trial_tables(some).markdown
    for p in some.items:
        assert f"{p.clusters_per_arm:,} subscribers in each arm, with {p.units_per_arm:,} observations" in frame
    assert "Without an end" in chat_proposals.trial_tables(planned("end")).markdown
    assert "nobody new comes" in says("trials", books(), found=planned("end"))
    assert "Too long for half a year are answer time" in says("trials", books(), found=planned("slow"))
    assert "Each trial has its own" in says("rails", books(), found=planned("own"))
    assert "Rail 0." in chat_proposals.trial_tables(planned("own")).markdown
    first = min(some.items, key=lambda p: p.days).question.key.replace("_", " ")
    assert f"Begin with the trial that takes the fewest days, {first}" in says("meaning", books(), found=some)


def test_trials_that_were_left_out_stand_there_with_the_reason() -> None:
    found = planned("left")
    assert set(found.left_out.values()) == {CEILING, FEW, UNKNOWN}
    text = says("trials", books(), found=found)
    for key, reason in found.left_out.items():
        own = next(q for q in QUESTIONS if q.key == key)
        assert f"({chr(8220)}{own.hypothesis}{chr(8221)}): {chat_proposals.REASONS[reason]}." in text
    assert "had to be left out" not in text and "No trial that was thought of had" in says("trials", books())


def test_the_words_of_the_page_keep_the_line() -> None:
    text = (REPOSITORY / "chapters" / "conversations" / "playbook.qmd").read_text("utf-8")
    prose = re.sub(r"(?s)```\{python\}.*?```|^---.*?^---", "", text, flags=re.M)
    assert "Each playbook closes" in prose and not crossing(prose), crossing(prose)
    assert crossing("It is so. Only today: decide before midnight.") and set(LABELS) <= set(
        cells("playbook", "conversations")
    )
