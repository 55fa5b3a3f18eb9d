"""What the page on the published recipe says, for tables whose partition is planted or whose numbers are given."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))
from leads_made import FIELDS, noise, table
from report_project import closed, closed_off, downloads
from said import bullets, said

from segkit.contract import LEADS
from segkit.data.lead_columns import ROLES, LeadColumn
from segkit.engine.leakage import Leakage
from segkit.engine.recipe import PublishedRecipe, published
from segkit.report import lead_recipe

__all__ = ["closed", "closed_off", "downloads"]
matplotlib.use("agg")
TERMS = LEADS.terms
COLUMNS = tuple(LeadColumn(f, ROLES[f][0], "category", ROLES[f][1], ROLES[f][2]) for f in FIELDS)
ALPHABET, START = "renumbered", "other start"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def tell(label: str, found: PublishedRecipe, leaking: tuple[str, ...] = (), blocks: int = 1) -> str:
    leaks = Leakage(pd.DataFrame(), leaking, (), {}, 1)
    gate = type("Gate", (), {"block_table": pd.DataFrame({"block": range(blocks)})})
    return plain(
        said("recipe", label, TERMS, "personas", recipe=found, columns=COLUMNS, leaks=leaks, gate=gate, **names())
    )


def names() -> dict[str, object]:
    return {"_lead_recipe": lead_recipe}


@pytest.fixture(scope="module")
def recipe() -> PublishedRecipe:
    """The recipe on fields that have nothing to do with each other."""
    return published(table(300, "recipe/noise"), noise(300, "recipe/noise"), renumberings=4)


def with_areas(found: PublishedRecipe, numbers: tuple[float, ...], starts: tuple[float, ...]) -> PublishedRecipe:
    rows = [(ALPHABET, i, a) for i, a in enumerate(numbers)] + [(START, i, a) for i, a in enumerate(starts)]
    return replace(found, table=pd.DataFrame(rows, columns=["kind", "draw", "ari"]))


def test_on_unrelated_fields_the_recipe_hangs_on_the_alphabet(recipe: PublishedRecipe) -> None:
    mean, least, largest = recipe.ari()
    assert mean < 0.5
    lead = tell("lead", recipe)
    assert f"{mean:.2f}" in lead and (lead.startswith("**The clusters of the published recipe hang on the alphabet.**"))
    assert f"lies between {least:.2f} and {largest:.2f}, with a mean of {mean:.2f}; from 0.8 on" in tell("test", recipe)
    assert lead_recipe.verdict(recipe) == f"hangs on the alphabet: mean ARI {mean:.2f} with renumbered codes"


@pytest.mark.parametrize(
    ("numbers", "starts", "lead", "test", "meaning"),
    [
        ((0.1, 0.3), (1.0, 0.96), "**The clusters of the published recipe hang on the alphabet.**",
         "not the luck of the start: with the numbers as they were, other starts agree with a mean of 0.98", "first letters"),
        ((0.1, 0.3), (0.4, 0.6), "**The clusters of the published recipe hang on the alphabet.**",
         "Another start alone changes much already (mean 0.50)", "first letters"),
        ((0.5, 0.7), (0.4, 0.6), "The clusters of the published recipe hang on chance", "changes as much or more (mean 0.50)",
         "another seed would give others"),
        ((0.85, 0.95), (1.0, 1.0), "The published recipe gives much the same clusters", "agree with a mean of 1.00.",
         "That is luck of this file"),
        ((0.85, 0.95), (0.4, 0.6), "The published recipe gives much the same clusters", "changes as much or more (mean 0.50)",
         "another start gives other clusters"),
        ((1.0, 1.0), (1.0, 1.0), "The published recipe gives the same clusters however", "No renumbering changes the clusters",
         "That is luck of this file"),
    ],
)  # fmt: skip
def test_sentences_follow_both_kinds_of_agreement(
    recipe: PublishedRecipe, numbers: tuple[float, ...], starts: tuple[float, ...], lead: str, test: str, meaning: str
) -> None:
    found = with_areas(recipe, numbers, starts)
    assert tell("lead", found).startswith(lead)
    assert test in tell("test", found) and meaning in tell("meaning", found)
    hangs = np.mean(numbers) < 0.8
    assert lead_recipe.verdict(found).startswith("hangs on" if hangs else "does not hang on")
    caption = lead_recipe.renumbering_caption(found, TERMS)
    assert f"the mean agreement is {np.mean(numbers):.2f}.**" in caption and f"mean is {np.mean(starts):.2f}" in caption
    assert f"codes renumbered: mean {np.mean(numbers):.2f}, from {min(numbers):.2f}" in lead_recipe.renumbering_alt(
        found
    )
    lead_recipe.renumbering_figure(found)


def test_a_mean_just_below_close_reads_as_below(recipe: PublishedRecipe) -> None:
    found = with_areas(recipe, (0.799, 0.799), (0.99,))
    assert "is 0.799." in tell("lead", found) and "0.799" in lead_recipe.verdict(found)


def test_leads_that_are_all_alike_are_not_divided(downloads: Path) -> None:
    frame = pd.DataFrame({"state": ["Ohio"] * 40, "gender": ["male"] * 40}).astype("str")
    found = published(frame, pd.Series([True, False] * 20), renumberings=2)
    assert tell("lead", found) == "The leads are all alike to the published recipe: there is nothing to divide."
    assert tell("meaning", found).startswith("There is nothing to decide by.")
    assert tell("test", found) == "With one cluster there is nothing to compare."
    assert (
        lead_recipe.verdict(found) == "nothing to divide"
        and tell("clusters", found) == "Rates of so few leads are not told."
    )
    assert "There are not two clusters" in lead_recipe.cluster_table(found, TERMS).markdown
    lead_recipe.picture(found, points=False)
    lead_recipe.renumbering_figure(found)


def test_the_recipe_is_told_with_its_settings(recipe: PublishedRecipe) -> None:
    text = tell("recipe", recipe)
    assert "the word “Unknown”" in text and "into four clusters, the best of ten starts, with the seed 42;" in text
    assert (
        "on all 300 leads" in text
        and "“Age” and “Gender” take part in it like any other field; in the personas" in text
    )
    assert "“Gender” takes part in it like any other field; in the personas of this report it does not." in tell(
        "recipe", recipe, ("age_range",)
    )
    assert "like any other" not in tell("recipe", recipe, ("age_range", "gender"))


def test_limits_tell_of_samples_and_blocks_where_there_are_any(recipe: PublishedRecipe) -> None:
    assert len(bullets(tell("limits", recipe))) == 2
    large = replace(recipe, params={**recipe.params, "units": 5000, "compared": 3000})
    items = bullets(tell("limits", large, blocks=2))
    assert (
        items[2] == "Partitions are compared on 3,000 of 5,000 leads, drawn at random, and fitted to these."
        and len(items) == 4
    )
    assert lead_recipe.renumbering_caption(large, TERMS).endswith("Compared on 3,000 of 5,000 leads.")


def test_clusters_stand_with_their_rates(recipe: PublishedRecipe, downloads: Path) -> None:
    """10 of 100 and 60 of 100: 5.5 to 17.4 and 50.2 to 69.1 percent (Wilson 1927)."""
    clusters = pd.DataFrame(
        {"cluster": [1, 2, 3], "units": [100.0, 100.0, np.nan], "share": [0.48, 0.48, np.nan],
         "conversions": [10.0, 60.0, np.nan], "rate": [0.1, 0.6, np.nan]}
    )  # fmt: skip
    found = replace(recipe, clusters=clusters)
    shown = plain(lead_recipe.cluster_table(found, TERMS).markdown)
    assert "**The clusters of the recipe convert at 10 % to 60 %\\.**" in shown
    assert "5.5 to 17.4 %" in shown and "50.2 to 69.1 %" in shown and "fewer than ten leads" in shown
    assert (downloads / "recipe.csv").read_text("utf-8").splitlines()[3].startswith("3,,,,")
    assert [c.size for c in lead_recipe.cards(found)] == [100, 100, None]
    assert "Cluster 3" not in lead_recipe.picture_alt(found, TERMS)
    assert tell("clusters", found).startswith("A table like this looks like a result.")


def test_a_picture_of_private_leads_has_no_marks_and_no_small_area(recipe: PublishedRecipe) -> None:
    drawn = lead_recipe.picture(recipe, points=False).axes[0]
    assert len(drawn.collections) == 0 and len(drawn.patches) > 1
    at, labels = recipe.picture, recipe.labels
    for box in drawn.patches:
        (x0, y0), (x1, y1) = box.get_xy(), (box.get_x() + box.get_width(), box.get_y() + box.get_height())
        inside = (at["first"] >= x0) & (at["first"] < x1) & (at["second"] >= y0) & (at["second"] < y1)
        assert inside.sum() >= 10 and labels[inside].notna().all()
    assert "holds ten leads or more" in lead_recipe.picture_caption(recipe, TERMS, points=False)
    points = lead_recipe.picture(recipe, points=True).axes[0]
    assert sum(len(c.get_offsets()) for c in points.collections) == 300
    share = plain(lead_recipe.picture_caption(recipe, TERMS, points=True))
    assert share.startswith(
        f"**The usual picture shows {sum(recipe.explained) * 100:.0f} % of the variance of the codes.**"
    )


def test_of_many_leads_a_sample_is_drawn() -> None:
    frame = table(2500, "recipe/many")
    found = published(frame, noise(2500, "recipe/many"), renumberings=1)
    points = lead_recipe.picture(found, points=True).axes[0]
    assert sum(len(c.get_offsets()) for c in points.collections) == lead_recipe.MARKS
    assert "2,000 of 2,500 were drawn at random" in lead_recipe.picture_caption(found, TERMS, points=True)
