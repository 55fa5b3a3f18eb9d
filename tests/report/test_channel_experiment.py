"""What the page on the experiment says: raw differences are no effects, and where the data come from."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from report_project import REPOSITORY, downloads
from said import said

from segkit.contract import CRM
from segkit.inference.experiment import Experiment, experiment
from segkit.report import channel_experiment as page
from segkit.report import channel_experiment_figures as figures

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

TERMS = CRM.terms
REAL = {"real": True, "title": "MineThatData e-mail experiment", "citation": "K. Hillstrom (2008). <Challenge>."}
SIMULATED = {**REAL, "real": False, "title": "Simulation of the MineThatData e-mail experiment"}
ARMS = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")
CHANNELS = ("Multichannel", "Phone", "Web")
Shares = dict[str, tuple[int, int, int]]
# Visits of each 1,000 customers of a channel and an arm: none, men's, women's; one in ten of them buys.
PLANTED: Shares = {"Multichannel": (200, 300, 260), "Phone": (100, 200, 160), "Web": (190, 290, 250)}
NULL: Shares = dict.fromkeys(CHANNELS, (100, 100, 100))


def made(visits: Shares, each: int = 1000) -> Experiment:
    """Return the results of an experiment with so many visits in each channel and arm."""
    rows = []
    for channel, counts in visits.items():
        for arm, n in zip(ARMS, counts, strict=True):
            rows += [(channel, arm, int(i < n), int(i < n // 10), 10.0 * (i < n // 10)) for i in range(each)]
    return experiment(pd.DataFrame(rows, columns=["channel", "segment", "visit", "conversion", "spend"]))


def says(label: str, found: Experiment, trial: dict[str, Any] = REAL) -> str:
    return said("experiment", label, TERMS, "channels", _trial=page.facts(found, trial)).replace("\xa0", " ")


def test_facts_are_the_planted_shares() -> None:
    known = page.facts(made(PLANTED), REAL)
    assert (known.customers, known.sent) == (9000, 6000)
    assert [(b.name, b.gap.difference) for b in known.visit.raw] == [
        ("phone only", pytest.approx(0.1)), ("web only", pytest.approx(0.01))
    ]  # fmt: skip
    # (300 + 260 + 200 + 160 + 290 + 250) / 6,000 less (200 + 100 + 190) / 3,000
    assert known.visit.email.gap.difference == pytest.approx(1460 / 6000 - 490 / 3000)
    assert [b.gap.difference for b in known.visit.inside] == [pytest.approx(0.08)] * 3
    assert known.lot and known.balance == "1.000" and not known.varying


def test_the_lead_sets_the_raw_difference_beside_the_effect() -> None:
    text = says("lead", made(PLANTED))
    assert (
        "visited the website more often than those by phone only (10.0 percentage points) and neither more nor less often"
        in text
    )
    assert "than those by web only (1.0), with no e-mail sent to anybody." in text
    assert (
        "**What an e-mail did is known, because it was sent by lot:** it changed the share that visited by 8.0 percentage"
        in text
    )
    assert "no change of visits is shown beyond chance (0.0 percentage points" in says("lead", made(NULL))
    fewer = made(dict.fromkeys(CHANNELS, (200, 150, 150)))
    assert "changed the share that visited by −5.0 percentage points" in says("lead", fewer)
    less = made({**NULL, "Multichannel": (20, 20, 20)})
    assert "less often than those by phone only (−8.0 percentage points) and less often than those by web only" in says(
        "lead", less
    )


def test_the_section_on_effects_says_which_is_which() -> None:
    text = says("effect", made(PLANTED))
    assert (
        "Visited the website: without any e-mail, 20 % of customers of several channels, 10 % of those by phone only and 19 %"
        in text
    )
    assert "Only the difference from phone only is beyond chance, and it may be due to who these customers are." in text
    assert (
        "The e-mail took the share of all from 16.33 % to 24.33 %: an uplift of 8.0 percentage points (95 % interval"
        in text
    )
    null = says("effect", made(NULL))
    assert null.count("No such difference is beyond chance.") == 2 and null.count("which is not beyond chance.") == 2
    both = says("effect", made({**NULL, "Multichannel": (300, 300, 300)}))
    assert "These differences are beyond chance, and may be due to who these customers are." in both


def test_interaction_is_tested_and_told() -> None:
    same = made(PLANTED)
    assert "They are not (p 0." in says("channel", same) or "They are not (p 1.000" in says("channel", same)
    assert figures.inside_caption(page.facts(same, REAL)).startswith(
        "**The effect of an e-mail does not differ between channels"
    )
    other = made({**PLANTED, "Phone": (100, 500, 500)})
    assert "they are: the e-mail does not do the same for all." in says("channel", other)
    assert "In who visited the website (p less than 0.001)" in says("channel", other)
    untold = replace(same, interaction=same.interaction.assign(chi_squared=math.nan, p=math.nan, freedom=0))
    assert says("channel", untold).endswith("There are too few customers to tell.")
    assert "cannot be tested" in figures.inside_caption(page.facts(untold, REAL))


def test_a_draw_that_goes_with_the_channels_is_warned_of() -> None:
    assert "The draw did not favour any of these three (p 1.000)." in says("design", made(PLANTED))
    crooked = replace(made(PLANTED), balanced=0.0001)
    assert "go together more than a draw would make them (p less than 0.001), so read what follows with care" in says(
        "design", crooked
    )
    assert "favour" not in says("design", replace(made(PLANTED), balanced=math.nan))


def test_the_banner_says_where_the_data_are_from_and_that_they_are_of_others() -> None:
    real = page.banner(page.facts(made(PLANTED), REAL)).markdown
    assert "Real data of an experiment." in real and "sk-real" in real and "&lt;Challenge&gt;" in real
    simulated = page.banner(page.facts(made(PLANTED), SIMULATED)).markdown
    assert "Simulated data of an experiment." in simulated and "No customer on this page exists." in simulated
    for text in (real, simulated):
        assert "9,000 customers of another business, and none of the prospects of the file." in text
    assert "prove nothing" in says("meaning", made(PLANTED), SIMULATED)
    assert "prove nothing" not in says("meaning", made(PLANTED))


def test_tables_and_figures_hold_the_numbers_of_the_result() -> None:
    found = made(PLANTED)
    known = page.facts(found, REAL)
    raw = page.raw_table(found).markdown.replace("\\", "")
    assert "**One of six raw differences is beyond chance.**" in raw and "several channels" in raw
    effects = page.effect_table(found).markdown.replace("\\", "")
    assert "**Seven of nine effects are beyond chance.**" in effects and "uplift" in effects
    assert "None of nine effects is beyond chance" in page.effect_table(made(NULL)).markdown
    first, second = figures.figure(known).axes
    drawn = [line.get_xdata()[0] for line in first.get_lines()[1:]]
    assert drawn == pytest.approx([10.0, 1.0, 8.0, 10.0, 6.0])
    assert len(second.get_yticks()) == 5 and len(figures.inside_figure(known).axes) == 2
    assert (
        "differ by 10.0 from phone only and 1.0 from web only (not beyond chance); an e-mail adds 8.0.**"
        in figures.caption(known)
    )
    assert "an e-mail adds 0.0 (not beyond chance).**" in figures.caption(page.facts(made(NULL), REAL))
    assert "any e-mail less none 8.0" in figures.alt(known) and "phone only 8.0" in figures.inside_alt(known)


def test_only_this_page_speaks_of_uplift() -> None:
    pages = [
        *(REPOSITORY / "chapters" / "channels").glob("*.qmd"),
        *(REPOSITORY / "segkit" / "report").glob("channel_*.py"),
    ]
    assert len(pages) > 5
    assert {p.stem for p in pages if "uplift" in Path(p).read_text("utf-8").lower()} <= {
        "experiment",
        "channel_experiment",
    }
