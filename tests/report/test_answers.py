"""The ten answers: each from one source, with its condition, and right however the data turn out."""

from __future__ import annotations

import itertools
import math
import re
from types import SimpleNamespace as Plain
from typing import Any

import pandas as pd
import pytest
from said import said

from segkit.engine.meaning import Card, Cards
from segkit.report import actions, answers, choices, drifting, moving, over_time, rules
from segkit.report.capacity import Facts as Reached

CARDS = Cards(
    tuple(
        Card(i, kind, name, name, "much", "x", size, None if size is None else size / 200, {"x": 1.0})
        for i, kind, name, size in ((3, "core", "A", 20), (1, "warm", "B", 120), (2, "once", "C", 60), (4, "once", "D", None))
    ),
    200,
)  # fmt: skip
MEANS = {1: 0.9, 2: 0.8, 3: 0.7, 4: 0.99}


def jaccard(**means: float) -> Any:
    known = pd.Series(MEANS | {int(k[1:]): v for k, v in means.items()})
    rows = pd.DataFrame({"scheme": "bootstrap", "segment": known.index, "mean": known.to_numpy()})
    return Plain(means=lambda: known, summary=rows, least=0.75)


def on(monkeypatch: pytest.MonkeyPatch, again: choices.Recurring, **means: float) -> answers.Basis:
    monkeypatch.setattr(choices, "recurring", lambda *given: again)
    found: Any = None
    return answers.basis(jaccard(**means), found, found, CARDS)


def recurring(*firm: str) -> choices.Recurring:
    return choices.Recurring(True, False, list(firm), [], [], [])


def test_a_rule_needs_both_samples_and_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    one = on(monkeypatch, recurring("“A”", "“B”"))
    assert (one.rules, one.chosen, one.lost) == (["“B”"], ["“C”"], ["“A”"])  # D is not told of
    alone = on(monkeypatch, choices.Recurring(False, False, [], [], [], []), s3=0.9)
    assert (alone.compared, alone.rules) == (False, ["“A”", "“B”", "“C”"])


@pytest.mark.parametrize(
    ("firm", "clause"),
    [
        (("“A”", "“B”", "“C”"), "and so do most other preparations and most other algorithms, so that rules can be built on them"),
        (("“B”",), "give “B” too, so that rules can be built on it; “A” and “C” hang on our choices"),
        (("“A”", "“B”"), "give “A” and “B” too, so that rules can be built on them; “C” hangs on our choices"),
        ((), "but no segment comes back under most other preparations"),
    ],
)  # fmt: skip
def test_what_follows_for_rules(monkeypatch: pytest.MonkeyPatch, firm: tuple[str, ...], clause: str) -> None:
    assert clause in on(monkeypatch, recurring(*firm), s3=0.9).clause


@pytest.mark.parametrize(
    ("firm", "mean", "verdict"), [("“A”", 0.9, "rules"), ("“B”", 0.9, "chosen"), ("“A”", 0.5, "lost")]
)
def test_the_smallest_segment_is_the_smallest_that_is_told(
    monkeypatch: pytest.MonkeyPatch, firm: str, mean: float, verdict: str
) -> None:
    found = answers.smallest(jaccard(s3=mean), on(monkeypatch, recurring(firm), s3=mean), CARDS)
    assert found is not None and (found.name, found.units, found.verdict) == ("“A”", 20, verdict)
    nobody = Cards(tuple(Card(9, "once", "E", "E", "r", "x", None, None, {}) for _ in range(1)), 9)
    assert answers.smallest(jaccard(), on(monkeypatch, recurring(firm)), nobody) is None


def test_segments_that_fall_together_where_there_is_one_fewer() -> None:
    edges = [(3, 1, 1, 110), (3, 2, 1, 10), (3, 1, 3, 15), (3, 2, 3, 5), (3, 3, 2, 60), (3, 2, 4, 3), (2, 1, 1, 90)]
    flow = Plain(edges=pd.DataFrame(edges, columns=["k", "segment", "next", "units"]))
    decision = Plain(table=pd.DataFrame({"k": [2, 3, 4], "qualifies": [True, False, True]}))
    found = answers.fewer(flow, decision, 0.2, CARDS, 5)
    assert (found.k, found.joined, found.meets) == (3, [["“A”", "“B”"]], False)


FIRST = actions.First(["“A”"], 7, "RFM score")
MEANT = actions.Meant(True, ["“Family”"], 0, [("“A”", 15, 20)], [])
SMALL = answers.Smallest("“A”", 20, "0.91", 0.75, "rules")
FACTS = answers.Facts(
    illustration=False,
    first=FIRST,
    overdue=[actions.Late("“A”", 7, 15), actions.Late("“B”", 9, None)],
    rhythms=[actions.Rhythm("“A”", "weekly", 5.0, False), actions.Rhythm("“B”", "monthly", 20.0, False)],
    meant=MEANT,
    smallest=SMALL,
    fewer=answers.Fewer(3, 0.21, [["“A”", "“B”"]], True),
    drift=drifting.Facts("", "Sep 2023", "Sep 2024", ["tenure"], [], [], True, shares=0.04),
    kept=over_time.Kept("", 3, 3, 12, apart=6),
    refit=over_time.Company("", steps=True, low=0.5),
    moves=[moving.Move("“A”", True, 0.8, 0.11)],
    reached=Reached(10.0, 128, 400, 300, 200, "RFM score", False, 310),
    rule=rules.Short(4, 4, 0.91, 0.85, 0.8, "“A”", 0.8, 0.75),
    alive=0.63,
)
BASIS = answers.Basis(True, ["“A”"], [], [])
OTHER: dict[str, tuple[Any, ...]] = {
    "first": (actions.First([], 0, None), actions.First([], 0, "segments"), actions.First(["“A”", "“B”"], 1, None),
              actions.First(["“A”"], 0, "number of calls")),
    "overdue": ([], [actions.Late("“A”", 7, 15)]),
    "rhythms": ([],),
    "meant": (actions.Meant(False, [], 0, [], []), actions.Meant(True, [], 0, [], []),
              actions.Meant(True, ["“Staff”"], 0, [], []), actions.Meant(True, [], 1, [], []), actions.Meant(True, [], 2, [], []),
              actions.Meant(True, ["“Staff”", "“Family”"], 1, [("“A”", 15, 20), ("“B”", 100, 120)], ["“C”"]),
              actions.Meant(True, ["“Staff”"], 2, [], ["“C”"])),
    "smallest": (None, *(answers.Smallest("“A”", 20, "0.50", 0.75, v) for v in ("lost", "chosen"))),
    "fewer": (answers.Fewer(1, None, [], False), answers.Fewer(3, None, [], True), answers.Fewer(3, None, [["“A”", "“B”"]], False),
              answers.Fewer(5, 0.1, [["“A”", "“B”"], ["“C”", "“D”", "“E”"]], False), answers.Fewer(5, 0.1, [], True)),
    "drift": (drifting.Facts("it is short", ""), drifting.Facts("", "Sep 2023", "Sep 2024", [], ["tenure", "calls"], shares=0.2),
              drifting.Facts("", "Sep 2023", "Sep 2024", [], [], shares=0.7)),
    "kept": (over_time.Kept("it is short"), over_time.Kept("", 3, 3, 12), over_time.Kept("", 3, 3, 12, apart=3, tips=True)),
    "refit": (over_time.Company("it is short"), over_time.Company("", steps=True, low=0.9)),
    "moves": ([], [moving.Move("“A”", True, None, 0.1), moving.Move("“B”", True, 0.5, 0.3)]),
    "reached": (None,),
    "rule": (None, rules.Short(None, 4, 0.7, 0.85, 0.5, None, math.nan, 0.75)),
    "alive": (None,),
}  # fmt: skip
QUESTIONS = 10


def told(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> list[str]:
    """Return the ten answers, each with its question."""
    values = {name: getattr(FACTS, name) for name in answers.Facts.__dataclass_fields__} | changed
    monkeypatch.setattr(answers, "facts", lambda study, terms: answers.Facts(**values))
    monkeypatch.setattr(answers, "basis", lambda *given: BASIS)
    none = dict.fromkeys(("jaccard", "multiverse", "algorithms"))
    text = said("index", "questions", _cards=CARDS, **none)
    return [line.removeprefix("- ").replace("\xa0", " ") for line in text.splitlines()]


def test_ten_questions_have_one_answer_each(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told(monkeypatch)
    assert len(lines) == QUESTIONS
    assert lines[0].startswith(
        "**Whom do I call first?** The 7 contacts who are overdue in “A”; after them, the list follows the RFM score."
    )
    assert (
        "Yes, as a group: “A”, 20 contacts, comes back in other samples (mean Jaccard similarity 0.91) and under"
        in lines[1]
    )
    assert "From Sep 2023 to Sep 2024, the shares of the segments have hardly moved; tenure has moved much." in lines[2]
    assert (
        "A year later, 11 % of “A” have no calls. By a model that fits, 37 % of all contacts have stopped" in lines[3]
    )
    assert (
        "With three, “A” and “B” fall mostly together, the spread within segments (inertia) rises by 21 %, and that number meets"
        in lines[4]
    )
    assert "four lines find them with a balanced accuracy of 91 %." in lines[5]
    assert (
        "in the order above: 7 in “A” and 9 in “B”. The rhythm is weekly for “A” and monthly for “B”; all others"
        in lines[6]
    )
    assert "The settings name “Family” as no business. Rules are for 15 of 20 in “A”." in lines[7]
    assert "10 a week reach 310 of 400 who are active anyway" in lines[8]
    assert "The borders after 6 months: refit every 3 months. Who is in which segment, after a quarter" in lines[9]


def test_first_and_monday_are_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told(monkeypatch, illustration=True)
    assert "by the rule there is no segmentation. A list follows the RFM score." in lines[0]
    assert "Nothing by segment." in lines[6] and "overdue" not in lines[6]


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, some in OTHER.items() for v in some])
@pytest.mark.parametrize("illustration", [False, True])
def test_answers_read_right_however_the_data_turn_out(
    monkeypatch: pytest.MonkeyPatch, name: str, value: Any, illustration: bool
) -> None:
    lines = told(monkeypatch, illustration=illustration, **{name: value})
    assert len(lines) == QUESTIONS
    for line in lines:
        question, answer = re.fullmatch(r"\*\*([^*]*\?)\*\* (.*)", line).groups()  # type: ignore[union-attr]
        assert question and not re.search(r"\bnan\b|None|  |\s[.,;]|,,|\.\.|[,;]\s*\.|;;", answer), line
        text, links = re.fullmatch(r"(.*?\.) ((?:\[[^]]*\]\([^)]*\)(?:, )?)+)", answer).groups()  # type: ignore[union-attr]
        assert links
        for sentence in re.split(r"(?<=[a-z%”)])\. ", text):
            assert sentence[0].isupper() or sentence[0].isdigit() or sentence[0] == "“", line
        assert not re.search(r"\b(1|one) (contacts|months)\b", text), line


def test_every_answer_changes_with_what_it_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = told(monkeypatch)
    for name, value in itertools.chain.from_iterable(((n, v) for v in some) for n, some in OTHER.items()):
        assert told(monkeypatch, **{name: value}) != plain, (name, value)
