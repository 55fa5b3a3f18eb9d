"""Sentences of the page on known answers, for other answers."""

from __future__ import annotations

import pandas as pd
import pytest
from report_project import unescaped
from said import said as on_page

from segkit.engine.krule import CRITERIA
from segkit.report import known_answers

ROW = {
    "units": 10,
    "features": 2,
    "made": True,
    "borders": "",
    "scaler": "robust",
    "agreement": float("nan"),
    **dict.fromkeys(CRITERIA, 2),
}


def answers(*rows: tuple[str, int, int, str]) -> pd.DataFrame:
    return pd.DataFrame([{"table": t, "groups": g, "rule": r, "verdict": v, **ROW} for t, g, r, v in rows])


RIGHT, NONE = ("a", 2, 2, "natural"), ("b", 1, 1, "no segmentation")
MISSED, OTHER, INVENTED = ("c", 2, 1, "no segmentation"), ("d", 3, 2, "natural"), ("e", 1, 2, "constructive")


@pytest.mark.parametrize(
    ("label", "rows", "says", "not_said"),
    [
        ("lead", [RIGHT, NONE], "Of two tables of which the answer is known, the rule and the verdict are right about two.",
         "wrong"),
        ("lead", [RIGHT, MISSED, OTHER], "are right about one. They are wrong about two: c and d.", "careful"),
        ("lead", [RIGHT, ("f", 2, 2, "fragile structure")], "right about one, and too careful about one.", "wrong"),
        ("kinds", [NONE, MISSED], "In the table without groups it finds none. In one table with groups it finds "
         "none. So “no segmentation” may mean", "other"),
        ("kinds", [NONE, INVENTED], "In one of two tables without groups it finds some", "So “no"),
        ("criteria", [RIGHT, NONE], "No criterion alone gives the known number as often", "As often"),
        ("criteria", [MISSED, RIGHT], "More often than the rule, the known number comes from prediction strength,", "But"),
        ("criteria", [NONE], "claim groups in every table without any.", "More"),
    ],
)  # fmt: skip
def test_sentences_follow_from_the_answers(label: str, rows: list, says: str, not_said: str) -> None:  # type: ignore[type-arg]
    text = on_page("known-answers", label, _found=answers(*rows), _known_answers=known_answers)
    assert says in text and not_said not in text, text


def test_tables_and_figure_say_the_finding(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("SEGKIT_DOWNLOADS", str(tmp_path))
    found = answers(RIGHT, NONE, MISSED)
    table = unescaped(known_answers.answers_table(found).markdown)
    assert "**Two of three answers are right.**" in table.replace("\\", "") and table.index(">c<") < table.index(">a<")
    assert (
        known_answers.reasons_table(found).markdown == "" or "a reason" in known_answers.reasons_table(found).markdown
    )
    told = known_answers.reasons_table(answers(MISSED).assign(table="two rings")).markdown
    assert "One answer has a reason" in told and "both rings have the same one" in told
    assert "known numbers" in unescaped(known_answers.criteria_table(found).markdown)
    assert known_answers.matched_caption(found).startswith("**The rule gives the known number for two of three tables")
    assert "the rule 2" in known_answers.matched_alt(found)
    drawn = known_answers.matched_figure(found).axes[0]
    assert drawn.get_xlim() == (0, 3) and len(drawn.patches) == 2 * (1 + len(CRITERIA))
