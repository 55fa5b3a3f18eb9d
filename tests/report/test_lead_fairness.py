"""What the page on fairness says: true, whatever sensitive fields there are."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from report_project import downloads
from said import said

from segkit.contract import LEADS
from segkit.engine.meaning import Card, Cards
from segkit.inference.fairness import Fairness
from segkit.report import lead_fairness as page

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

NAMES = {"gender": "Gender", "age_range": "Age"}
CARDS = Cards(
    (Card(1, "0", "Bankers - HIGH", "Bankers", "", "", 60, 0.6, {"rate": 0.3}),
     Card(2, "1", "Nurses - LOW", "Nurses", "", "", 40, 0.4, {"rate": 0.1})),
    100,
)  # fmt: skip
FIELDS = ["field", "known", "cramers_v", "low", "high"]
RATES = [
    "field",
    "value",
    "units",
    "conversions",
    "rate",
    "low",
    "high",
    "difference",
    "difference_low",
    "difference_high",
]


def made(
    *,
    ari: float = 0.97,
    same: float = 0.98,
    ties: dict[str, tuple[float, float]] | None = None,
    differ: bool = False,
    **changed: Any,
) -> Fairness:
    ties = {"gender": (0.0, 0.0), "age_range": (0.3, 0.2)} if ties is None else ties
    kept = pd.DataFrame({"persona": [1, 2], "units": [60.0, 40.0], "same": [0.99, 0.95]})
    association = pd.DataFrame([(f, 50.0, v, low, v + 0.1) for f, (v, low) in ties.items()], columns=FIELDS)
    shares = [("gender", 1, 30, "Female", 20, 0.67, 0.49, 0.81), ("gender", 2, 20, "Male", 12, 0.6, 0.39, 0.78)]
    edge = 0.01 if differ else -0.1
    rates = [
        ("gender", "Female", 28, 14, 0.5, 0.33, 0.67, 0.2, edge, 0.4),
        ("gender", "Male", 22, 11, 0.3, 0.2, 0.5, -0.2, -0.4, -edge),
    ]
    parts: dict[str, Any] = {
        "ari": ari, "same": same, "kept": kept if math.isfinite(ari) else kept.iloc[:0], "association": association,
        "distribution": pd.DataFrame(shares, columns=["field", "persona", "known", "value", "n", "share", "low", "high"]),
        "rates": pd.DataFrame(rates, columns=RATES), "params": {"level": 0.95, "least": 10, "sensitive": list(ties)}, "seed": 1,
    }  # fmt: skip
    return Fairness(**{**parts, **changed})


def says(label: str, found: Fairness | None) -> str:
    return said("fairness", label, LEADS.terms, "personas", _fair=page.facts(found, CARDS, NAMES))


def test_a_file_without_such_a_field_says_so_everywhere() -> None:
    assert says("lead", None).startswith("The file has no field for gender or age")
    for label in ("without", "association", "rates"):
        assert says(label, None) == "This file has no such field."
    assert "Gender and age never drive a recommended action" in says("meaning", None)
    assert [
        t.markdown
        for t in (page.kept_table(None, CARDS), page.association_table(None, NAMES), page.rates_table(None, NAMES))
    ] == [""] * 3
    assert page.distribution_table(None, CARDS, NAMES).markdown == ""


def test_the_lead_compares_and_tells_of_traces() -> None:
    text = says("lead", made()).replace("\xa0", " ")
    assert (
        "No persona is made by Gender or Age. With them, 98 % of the leads would have the same persona (ARI 0.97)."
        in text
    )
    assert "Age (0.30) goes with the personas all the same" in text
    assert text.endswith("Gender and age never drive a recommended action.")
    one = says("lead", made(ties={"gender": (0.0, 0.0)}))
    assert "made by Gender. With it," in one and "Nor do the personas differ in Gender beyond chance." in one


@pytest.mark.parametrize(
    ("ari", "words"), [(0.97, "the same for practical purposes"), (0.85, "much the same"), (0.4, "would be others")]
)
def test_the_index_is_put_into_words(ari: float, words: str) -> None:
    text = says("without", made(ari=ari)).replace("\xa0", " ")
    assert words in text and "in “Nurses - LOW”, fewest do (95 %)" in text


def test_where_nothing_was_compared_nothing_is_claimed() -> None:
    found = made(ari=math.nan, same=math.nan)
    assert says("without", found) == "Personas with these fields could not be made."
    assert "With them" not in says("lead", found) and page.kept_table(found, CARDS).markdown == ""


def test_fields_with_too_few_values_are_named() -> None:
    text = says("association", made(ties={"gender": (math.nan, math.nan)}))
    assert text == "Of Gender too few values are known to tell."
    assert (
        "Too few values are known to tell"
        in page.association_table(made(ties={"gender": (math.nan, math.nan)}), NAMES).markdown
    )


def test_rates_recommend_nothing() -> None:
    differ, alike = says("rates", made(differ=True)), says("rates", made())
    assert differ.startswith("Gender Female and Gender Male have a rate that differs")
    assert alike.startswith("No value has a rate that differs")
    assert all("nothing here recommends an action" in t.lower() for t in (differ, alike))
    none = made(rates=made().rates.iloc[:0])
    assert says("rates", none).startswith("Too few values are known")
    assert page.rates_table(none, NAMES).markdown.startswith("Too few")


def test_captions_have_the_numbers() -> None:
    found = made(differ=True)
    assert page.caption(found).startswith("**Two of two values have a rate that differs")
    assert page.caption(made()).startswith("**None of two values has")
    assert "Female: 50" in page.alt(found) and len(page.figure(found, NAMES).axes) == 1
    assert "The highest rate is that of Female, 50" in page.rates_table(found, NAMES).markdown
    assert (
        "+20.0 points" in page.rates_table(found, NAMES).markdown
        and "+1.0 to +40.0" in page.rates_table(found, NAMES).markdown
    )
    assert "Nothing may be told of Age" in page.distribution_table(found, CARDS, NAMES).markdown
    assert "98" in page.kept_table(found, CARDS).markdown.split("**")[1]


def test_hostile_values_stay_text() -> None:
    shown = made().distribution.assign(value="<script>alert(1)</script>")
    assert "<script>" not in page.distribution_table(made(distribution=shown), CARDS, NAMES).markdown
