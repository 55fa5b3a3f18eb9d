"""What the page on ways to divide leads says: true, whatever the comparison found."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from report_project import downloads
from said import said

from segkit.contract import LEADS
from segkit.engine.arms import COLUMNS, ORDER, Arms
from segkit.report import lead_arms as page

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

KS = (2, 3, 4)


def made(
    excess: Mapping[str, float], chosen: str | None, k: int | None = None, *, sampled: int = 500, bic: bool = True
) -> Arms:
    """Return a comparison in which each way has its excess at three segments, and half of it elsewhere."""
    rows = []
    for name in ORDER:
        for at in KS:
            own = excess.get(name, 0.0) / (1 if at == 3 else 2)
            good = own > 0 and chosen is not None
            criterion = 900.0 - at if bic and name == "classes" else np.nan
            rows.append(
                (name, at, 0.2 + own, 0.2, own, 0.01, own / 0.02, 0.05 if good else 0.6, 0.8, 0.4, criterion, 40, good)
            )
    pairs = [
        (at, a, b, 0.9 - 0.1 * i)
        for at in KS
        for i, (a, b) in enumerate([("factors", "modes"), ("factors", "classes")])
    ]
    params = {"splits": 3, "nulls": 19, "units": 500, "sampled": sampled, "least": 10}
    return Arms(
        pd.DataFrame(rows, columns=COLUMNS),
        pd.DataFrame(pairs, columns=["k", "one", "other", "ari"]),
        chosen,
        k,
        params,
        1,
    )


def says(label: str, found: Arms, way: str = "classes", k: int = 3, *, asked: bool = False) -> str:
    return said("arms", label, LEADS.terms, "personas", _compared=page.facts(found, way, k, asked=asked))


CLASSES = made({"classes": 0.5, "modes": 0.3}, "classes", 3)
NOTHING = made({}, None)


def test_the_lead_says_which_way_and_why() -> None:
    text = says("lead", CLASSES)
    assert text.startswith("Latent classes are in use: no other way finds so much beyond")
    assert "With three segments its stability is 0.70, against 0.20 with unrelated fields." in text


def test_the_lead_says_that_no_way_is_defensible() -> None:
    text = says("lead", NOTHING, "factors")
    assert "No way finds more than in leads whose fields are unrelated: there are no defensible personas." in text
    assert "the simplest way gives, components with k-means, as a description" in text
    assert "A setting asks for k-modes" in says("lead", NOTHING, "modes", asked=True)
    assert "None qualifies" in says("rule", NOTHING, "factors") and "Build nothing" in says(
        "meaning", NOTHING, "factors"
    )


def test_a_setting_that_overrules_is_said() -> None:
    text = says("lead", CLASSES, "modes", asked=True)
    assert "K-modes is in use, because a setting says so; the comparison would choose latent classes." in text
    assert "overrules this rule" in says("rule", CLASSES, "modes", asked=True)
    assert "set by hand" in says("meaning", CLASSES, "modes", asked=True)
    assert "the comparison chooses the same" in says("lead", CLASSES, asked=True)


def test_a_simpler_way_that_is_as_good_is_told_as_such() -> None:
    text = says("lead", made({"classes": 0.5, "modes": 0.495}, "modes", 3), "modes")
    assert "it is simpler than the way with the largest excess" in text


def test_the_rule_names_ways_and_numbers() -> None:
    text = says("rule", CLASSES)
    assert "Its p is at most 0.05" in text and "fewer than ten leads" in text
    assert "K-modes and latent classes qualify at some number; components with k-means and Gower's" in text
    assert "distance with medoids do not at any." in text
    assert "would take three segments, the number in use" in text
    assert "in use are four" in says("rule", CLASSES, k=4)


@pytest.mark.parametrize("sampled", [500, 200])
def test_samples_are_stated(sampled: int) -> None:
    text = says("compared", made({"classes": 0.5}, "classes", 3, sampled=sampled))
    assert ("200 of the 500 leads, drawn at random" in text) == (sampled == 200)
    assert ("All 500 leads took part" in text) == (sampled == 500)


def test_the_criterion_of_latent_classes_is_told_where_it_is() -> None:
    assert "lowest at four, the largest number that was tried" in says("bic", CLASSES)
    assert says("bic", made({"classes": 0.5}, "classes", 3, bic=False)) == ""


def test_agreement_is_that_at_the_number_in_use() -> None:
    assert "agree to an ARI of 0.80 to 0.90" in says("agree", CLASSES)
    assert "It hardly matters which way is taken." in says("agree", CLASSES)
    assert says("agree", CLASSES, k=7) == "The ways were not compared at the number in use, seven."
    assert page.agreement_table(CLASSES, 7).markdown == ""
    assert "agree most" in page.agreement_table(CLASSES, 3).markdown


def test_figure_and_tables_state_what_the_comparison_has() -> None:
    assert page.caption(CLASSES).startswith(
        "**Latent classes find most beyond unrelated fields: a stability 0.50 higher, with three segments"
    )
    assert page.caption(NOTHING).startswith("**No way finds more")
    assert "Latent classes: furthest apart at 3, 0.70 against 0.20" in page.alt(CLASSES)
    assert len(page.figure(CLASSES).axes) == len(ORDER)
    assert "k-modes and latent classes qualify" in page.table_at(CLASSES, 3).markdown.replace("**", "")
    assert "this is the nearest" in page.table_at(CLASSES, 9).markdown
    assert "no way qualifies" in page.table_at(NOTHING, 3).markdown
    assert "BIC" in page.excess_table(CLASSES).markdown


def test_a_way_that_could_not_be_measured_has_dashes() -> None:
    table = CLASSES.table.copy()
    gone = table["arm"] == "gower"
    table.loc[gone, ["stability", "null_stability", "excess", "excess_se", "p"]] = math.nan
    found = Arms(table, CLASSES.agreement, "classes", 3, CLASSES.params, 1)
    assert "Gower's distance with medoids: not measured" in page.alt(found)
    assert "–" in page.table_at(found, 3).markdown and page.excess_table(found).markdown
    assert page.facts(found, "gower", 3, asked=True).at == ""
