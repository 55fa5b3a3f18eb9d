"""What pages say of personas: cards, rates, names, and whether a simpler rule does better."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from personas_made import COLUMNS, HOSTILE, cards_of, crossed, gate, leaks, made, verdict
from report_project import closed_off, downloads, unescaped
from said import said

from segkit.contract import LEADS
from segkit.inference.cards import Personas
from segkit.inference.crossfit import COUNT, FIELD, TREES
from segkit.report import lead_crossfit, lead_personas, lead_profiles, studies
from segkit.report.prose import GAP
from segkit.studies.personas import PersonasStudy

__all__ = ["closed_off", "downloads"]
TERMS = LEADS.terms
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;]|  ")
CASES = {
    "apart": made(), "overlapping": made((100, 100), (20, 24)), "one": made((60,), (20,)),
    "hidden": made((200, 100, 50, 7), (20, 60, 20, 3)),
    "several hidden": made((200, 100, 6, 6), (20, 60, 3, 1)), "nobody known": made(known=0), "all too small": made((6, 5), (2, 1)),
    "all convert": made((100, 100), (100, 0)),
}  # fmt: skip
LABELS = {c.name: c.label for c in COLUMNS}


def says(page: str, label: str, **results: Any) -> str:
    return said(page, label, TERMS, "personas", **results).replace(GAP, " ")


def front(**changed: Any) -> str:
    given = {"verdict": verdict(), "gate": gate(), "leaks": leaks(), "columns": COLUMNS, **changed}
    return says("index", "lead", **given)


@pytest.mark.parametrize("case", CASES)
def test_all_that_is_said_of_rates_reads_right(case: str, downloads: Path) -> None:
    found = CASES[case]
    given: dict[str, Any] = {
        "personas": found, "columns": COLUMNS, "crossfit": crossed(found), "features": SimpleNamespace(labels=LABELS),
        "gate": gate(), "leaks": leaks(), "provenance": SimpleNamespace(real=False),
    }  # fmt: skip
    texts = [says("index", label, **given) for label in ("rates", "limits")]
    texts += [
        says("personas", n, **given) for n in ("lead", "rates", "reading", "names", "crossfit", "simpler", "meaning")
    ]
    assert [t for t in texts if not t.strip() or STRANGE.search(t.replace("\n\n", " "))] == []
    for shown in (
        lead_profiles.comparison_table(found, TERMS), lead_profiles.apart_table(found, COLUMNS, TERMS),
        lead_crossfit.rates_table(crossed(found), found, TERMS), lead_crossfit.ranking_table(crossed(found), TERMS),
        lead_personas.full_cards(found, cards_of(found), COLUMNS, TERMS),
    ):  # fmt: skip
        assert not re.search(r"\bnan\b|None", shown.markdown)


def test_the_rates_are_those_of_the_cards() -> None:
    # 60 of 100 and 20 of 200 converted, 80 of 300 in all; Wilson's intervals by statsmodels.
    text = says("index", "rates", personas=made(), gate=gate())
    assert "Of 300 leads 26.7 % converted" in text and "converts at 60 % (50.2 to 69.1 %)" in text
    assert "at 10 % (6.6 to 14.9 %)" in text and "convert at 60 % and 10 %" in text
    assert lead_personas.claim(made()).replace(GAP, " ") == (
        "Personas convert between 10 % and 60 %; the overall rate is 26.7 %."
    )
    assert "may be chance" in says("index", "rates", personas=CASES["overlapping"], gate=gate())
    assert "too few" in lead_personas.claim(CASES["one"])
    assert "that take part" in says("index", "rates", personas=made(), gate=gate(blocks=2))


def test_the_card_of_the_site_says_what_leads_convert_at() -> None:
    study = SimpleNamespace(name="personas", personas=made())
    assert studies.claim(study) == lead_personas.claim(made())
    one = studies.StudyCard("personas", "b", "Real", "h", "c", "f")
    assert ">Lead personas</a>" in studies.cards([one]).markdown


@pytest.mark.parametrize("word", ["natural", "reproducible", "fragile structure", "constructive", "no segmentation"])
@pytest.mark.parametrize("testable", [True, False])
def test_each_verdict_is_said_with_what_it_means(word: str, testable: bool) -> None:
    text = front(verdict=verdict(word, testable=testable))
    assert not STRANGE.search(text) and text.startswith("**") and text.endswith("[More than chance?](nulls.qmd)")
    assert ("do not act on them" in text) == (word == "no segmentation")
    assert ("too few populations" in text) == (not testable and word in ("reproducible", "constructive"))


def test_what_cannot_be_asked_of_words_is_said_and_not_called_natural() -> None:
    """Every null beaten and all found again, as for natural segments; what lacks is that borders could be asked."""
    found = replace(verdict("natural"), word="reproducible", asked=False)
    text = front(verdict=found)
    assert (
        "no clear evidence of natural kinds: whether each border is more than a cut through one cloud cannot be asked of"
        in text
    )
    told = says("nulls", "meaning", verdict=found)
    assert "The null is beaten, and the partition is stable. But whether each border is more than a cut" in told
    assert "([why](k-selection.qmd#sec-borders)). The words are" in told and not STRANGE.search(told)
    assert "fields have nothing to do" in front(verdict=replace(verdict("reproducible"), asked=False))


def test_the_page_opens_with_the_gate_where_it_stops() -> None:
    text = front(gate=gate("stop", 0.95))
    assert text.startswith("**Read this first") and "0.95" in text
    for flag in ("none", "red"):
        assert front(gate=gate(flag, 0.8)).startswith("**The segments")


@pytest.mark.parametrize(
    ("found", "leaking", "said_of"),
    [
        (gate(), (), []),
        (gate("red", 0.8), (), ["red flag", "0.80"]),
        (gate(blocks=3), (), ["three exports", "60 % of the rows"]),
        (gate(), ("state",), ["State was left out: it looks"]),
        (gate("stop", 0.95, 2), ("state", "industry"), ["two exports", "State and Industry were left out: they look"]),
    ],
)
def test_warnings_are_those_of_the_gate(found: Any, leaking: tuple[str, ...], said_of: list[str]) -> None:
    text = says("index", "warning", gate=found, leaks=leaks(*leaking), columns=COLUMNS)
    assert all(part in text for part in said_of) and bool(text.strip()) == bool(said_of)
    assert ("[Is it the data or the people?](data.qmd)" in text) == bool(said_of)


@pytest.mark.parametrize(
    ("ahead", "said_of", "decision"),
    [
        ({}, "No rival does better", "a list may follow"),
        (
            {FIELD: (-0.1, -0.14, -0.06)},
            "Best single field ranks leads better",
            "sort leads by State or Industry alone",
        ),
        ({TREES: (-0.1, -0.14, -0.06)}, "Boosted trees rank leads better", "No simple rule beats"),
        ({COUNT: (-0.1, -0.14, -0.06)}, "Number of missing fields ranks leads better", "how the file was made"),
        (
            {FIELD: (-0.1, -0.14, -0.06), TREES: (-0.1, -0.14, -0.06)},
            "Best single field and boosted trees rank leads better",
            "for something else",
        ),
    ],
)
def test_a_simpler_rule_that_does_better_is_said_plainly(
    ahead: dict[str, tuple[float, float, float]], said_of: str, decision: str, downloads: Path
) -> None:
    found = crossed(made(), ahead)
    given = {"crossfit": found, "personas": made(), "features": SimpleNamespace(labels=LABELS)}
    assert said_of in says("personas", "simpler", **given)
    assert decision in says("personas", "meaning", **given)
    caption = unescaped(lead_crossfit.ranking_table(found, TERMS).markdown)
    assert ("better beyond chance.**" in caption) == bool(ahead)
    assert set(lead_crossfit.facts(found, made(), LABELS).simpler) == set(found.better)


def test_ranking_that_is_no_better_than_chance_is_called_that(downloads: Path) -> None:
    given = {"personas": made(), "features": SimpleNamespace(labels=LABELS)}
    nothing = dict.fromkeys((FIELD, COUNT, TREES), (float("nan"),) * 3)
    chance, unknown = crossed(made(), auc=0.52), crossed(made(), nothing, float("nan"))
    assert "do not rank leads" in says("personas", "simpler", crossfit=chance, **given)
    assert "Do not rank leads" in says("personas", "meaning", crossfit=chance, **given)
    assert "Too few leads" in says("personas", "simpler", crossfit=unknown, **given)
    assert "No ranking could be judged" in lead_crossfit.ranking_table(unknown, TERMS).markdown


def test_text_of_the_file_is_no_markup(downloads: Path) -> None:
    found = made()
    assert any(HOSTILE in p.name for p in found) or any(
        v.value == HOSTILE for p in found for v in p.fields["state"][1].values
    )
    for shown in (
        lead_personas.full_cards(found, cards_of(found), COLUMNS, TERMS), lead_profiles.comparison_table(found, TERMS),
        lead_profiles.apart_table(found, COLUMNS, TERMS),
    ):  # fmt: skip
        assert "<b>" not in shown.markdown
    assert "<b>" not in says("index", "rates", personas=found, gate=gate()).replace(HOSTILE, "")


def test_cards_say_what_is_told_and_nothing_of_few(downloads: Path) -> None:
    found = CASES["hidden"]
    text = lead_personas.full_cards(found, cards_of(found), COLUMNS, TERMS).markdown.replace(GAP, " ")
    assert "known of 40" in text and "lift 2.0" not in text.split("Age")[0].split("Retail")[0]
    assert text.count("not shown") == len(found) - len(lead_personas.told(found)) > 0
    assert "(description only)" in text and "undecided" in lead_personas.full_cards(
        CASES["overlapping"], cards_of(CASES["overlapping"]), COLUMNS, TERMS
    ).markdown  # fmt: skip
    table = lead_profiles.apart_table(found, COLUMNS, TERMS).markdown
    assert "20-34" not in table  # of a sensitive field
    assert "20-34" in (downloads / "apart.csv").read_text("utf-8")


def test_a_card_of_the_front_page_tells_what_its_persona_is() -> None:
    found = made()
    rows = dict(lead_personas.front_facts(found)(cards_of(found)[1]))
    assert rows["state"].replace(GAP, " ") == "TX, 100 % of 40 known" and rows["converts"].replace(GAP, " ") == "10 %"
    assert "seniority" not in rows and "age" not in rows
    small: Personas = CASES["hidden"]
    hidden = next(c for c in cards_of(small) if c.size is None)
    assert lead_personas.front_facts(small)(hidden) == []


def test_short_names_of_cards_are_distinct() -> None:
    same = made((100, 100), (5, 60), known=0)
    labels = pd.Series(0, index=range(200))
    policy = SimpleNamespace(actions={p.id: "" for p in same})
    cards = PersonasStudy.cards.make(
        SimpleNamespace(personas=same, segments=SimpleNamespace(labels=labels), policy=policy)
    )
    assert len({c.short for c in cards}) == len({p.name.rpartition(" - ")[0] for p in same}) + 1 == 2
    assert [c.short for c in cards] == [p.name for p in same]
