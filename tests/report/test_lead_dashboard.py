"""Dashboard and map of personas: what they show is what the cards say, and the file meets its schema."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from matplotlib import pyplot
from matplotlib.patches import Rectangle
from personas_made import HOSTILE, cards_of, made
from report_project import closed_off, downloads, unescaped
from said import said

from segkit.contract import LEADS
from segkit.engine.projection import Projection
from segkit.inference.cards import personas_schema
from segkit.report import figures, lead_dashboard, show
from segkit.report.prose import GAP
from segkit.studies.base import plain

__all__ = ["closed_off", "downloads"]
matplotlib.use("agg")
TERMS = LEADS.terms
CASES = {
    "two": made(), "one": made((60,), (20,)), "hidden": made((200, 100, 50, 7), (20, 60, 20, 3)), "none": made((6, 5), (2, 1)),
    "all convert": made((100, 100), (100, 0)), "eight": made([60] * 8, [4, 8, 12, 16, 20, 30, 40, 50]),
}  # fmt: skip
LABELS = {"state": "State", "visits": "Visits"}
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|  ")


def projection(names: list[str], n: int = 300) -> Projection:
    rng = np.random.default_rng(1)
    points = pd.DataFrame(rng.normal(size=(n, 2)).round(1), columns=["x", "y"], index=[f"l{i}" for i in range(n)])
    loadings = pd.DataFrame(np.eye(len(names), 2), index=names, columns=["first", "second"])
    return Projection(points, (0.2, 0.125), loadings)


@pytest.mark.parametrize("case", CASES)
def test_dashboard_and_words_hold_for_all_sizes(case: str, downloads: Path) -> None:
    found = CASES[case]
    cards = cards_of(found)
    drawn = lead_dashboard.dashboard(found, cards)
    told = [p for p in found if p.conversion]
    bars = [bar.get_width() for bar in drawn.axes[1].patches if isinstance(bar, Rectangle)]
    assert sorted(bars) == sorted(v for p in told if p.conversion for v in (p.size or 0, p.conversion.own.events))
    for axes in drawn.axes:
        assert len(axes.get_yticklabels()) == len(told)
    caption, alt = lead_dashboard.dashboard_caption(found, TERMS), lead_dashboard.dashboard_alt(found)
    shown = show.figure(drawn, "fig-dashboard", caption, alt)
    pyplot.close("all")
    assert (downloads / "dashboard.svg").is_file() and (downloads / "dashboard.png").is_file()
    texts = [caption, alt, shown.markdown.split("```")[-1], lead_dashboard.numbers_table(found, TERMS).markdown]
    texts += [said("dashboard", n, TERMS, "personas", personas=found) for n in ("lead", "meaning")]
    assert [t for t in texts if STRANGE.search(t.replace("{=html}", "").replace("{#tbl", ""))] == []


def test_numbers_of_the_caption_are_those_of_the_cards(downloads: Path) -> None:
    caption = lead_dashboard.dashboard_caption(CASES["hidden"], TERMS).replace(GAP, " ")
    shown = [p.conversion.own.share for p in CASES["hidden"] if p.conversion]
    assert f"to {max(shown) * 100:.0f} %" in caption and "too few leads" in caption
    text = unescaped(lead_dashboard.numbers_table(made(), TERMS).markdown).replace(GAP, " ")
    # Of 80 conversions 60 are of the smaller persona, which has 100 of 300 leads.
    assert "brings 75 % of the conversions with 33.3 % of the leads" in text and "All 300 leads: 80 conversions" in text
    rows = pd.read_csv(downloads / "dashboard.csv")
    assert rows["conversions"].tolist() == [60, 20] and rows["of all conversions"].sum() == pytest.approx(1)


@pytest.mark.parametrize("case", CASES)
def test_personas_json_meets_its_published_schema(case: str, downloads: Path) -> None:
    links = lead_dashboard.files(plain({"personas": CASES[case].to_json()})).markdown
    assert "personas.json" in links and "personas.schema.json" in links
    schema = json.loads((downloads / "personas.schema.json").read_text("utf-8"))
    assert schema == personas_schema()
    found = json.loads((downloads / "personas.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)
    assert len(found["personas"]) == len(CASES[case])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["state = TX", "state (field)"], ("State: TX", "State known")),
        (["component 1", "component 2"], ("Component 1", "Component 2")),
        (["visits", f"state = {HOSTILE}"], ("Visits", f"State: {HOSTILE}")),
        (["visits"], ("Visits", "Visits, second direction")),
    ],
)
def test_directions_are_named_for_what_weighs_most(names: list[str], expected: tuple[str, str]) -> None:
    assert lead_dashboard.axis_names(projection(names), LABELS) == expected


@pytest.mark.parametrize("points", [True, False])
def test_the_map_says_how_much_it_shows_and_what_its_marks_are(points: bool) -> None:
    found, at = made(), projection(["state = TX", f"state = {HOSTILE}", "visits"])
    cards = cards_of(found)
    labels = pd.Series([1] * 200 + [2] * 100, index=at.points.index)
    caption = lead_dashboard.map_caption(at, labels, cards, TERMS, points=points)
    assert f"shows 32{GAP}% of the inertia" in caption or f"shows 33{GAP}% of the inertia" in caption
    assert ("Each mark is a lead" in caption) == points and "three" not in caption and "3 dimensions" in caption
    axes = lead_dashboard.axis_names(at, LABELS)
    drawn = figures.segment_map(at, labels, cards, points=points, names=axes)
    drawn.canvas.draw()
    pyplot.close("all")
    assert axes[0] in lead_dashboard.map_alt(cards, axes, TERMS)


@pytest.mark.parametrize(("below", "named"), [(3.0, True), (0.1, False)])
def test_no_line_of_a_map_runs_through_a_name(below: float, named: bool) -> None:
    # Names stand above their middles: with the second middle just below the first, its name goes above that of the first.
    cards, rng = cards_of(made()), np.random.default_rng(1)
    at = pd.DataFrame({"x": rng.normal(0, 0.02, 300), "y": rng.normal(0, 0.02, 300)})
    at.iloc[200:, 1] -= below
    at.iloc[:2] = [[-4.0, -4.0], [4.0, 4.0]]
    found = SimpleNamespace(points=at, shares=(0.5, 0.3))
    labels = pd.Series([1] * 200 + [2] * 100)
    drawn = figures.segment_map(found, labels, cards, points=True, names=("a", "b"))
    assert bool(drawn.axes[0].texts) == named and bool(drawn.legends) != named
    pyplot.close("all")


@pytest.mark.parametrize(("shares", "most"), [((0.2, 0.1), True), ((0.5, 0.3), False)])
def test_the_page_says_what_the_map_leaves_out(shares: tuple[float, float], most: bool) -> None:
    at = SimpleNamespace(shares=shares)
    assert ("is not on this map" in said("dashboard", "space", TERMS, "personas", projection=at)) == most
