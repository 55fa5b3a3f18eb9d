"""What the page on the data of markets says: totals, months that are left out, lines set aside, features, and series."""

from __future__ import annotations

import math
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd
import pytest
from market_results import HOSTILE, MODULES, TERMS, features, panel, segmented, warehouse
from report_project import closed, closed_off, downloads, unescaped
from said import cells, said

from segkit.data.provenance import Provenance
from segkit.features.table import Column
from segkit.report import market_data, market_figures
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;:]|  |\.\.|,\.|\(\)")
HALF, TENTH = "the data have less than half of its days", "its revenue is below a tenth of that of the months beside it"
LEFT: dict[str, Any] = {"none": (), "one": (("2024-01", HALF),), "two": (("2020-12", HALF), ("2024-01", TENTH))}
REAL = Provenance(True, True, "sample", "MIT", "c", "given", "Real data: the sample.", "ab" * 32, 10_000, 3)
FRAME = pd.DataFrame(
    {"level": [9.0, 8.0, 10.5], "growth": [0.1, -0.254, 0.3], "discount": [0.1, 0.25, 0.05], "product_lines": 4.0}
)


def says(label: str, known: Any = None, **names: Any) -> str:
    given = {
        **MODULES, "_known": known or market_data.held(warehouse(), exact=True), "provenance": REAL,
        "settings": Plain(market="territory"), "features": features(FRAME, constants=["product_lines"]),
    }  # fmt: skip
    return said("data", label, TERMS, "markets", **{**given, **names}).replace(GAP, " ")


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("aside", [0, 1, 250])
@pytest.mark.parametrize("months", [36, 12])
@pytest.mark.parametrize("exact", [True, False])
def test_every_sentence_reads_right_whatever_the_tables_hold(left: str, aside: int, months: int, exact: bool) -> None:
    held = market_data.held(warehouse(LEFT[left], months=months, aside=aside), exact=exact, named=exact)
    texts = {n: says(n, held) for n in cells("data", "markets") if n}
    assert len(texts) == 7
    assert {n: t for n, t in texts.items() if STRANGE.search(t.replace("\n\n", " ").replace("\n", " "))} == {}
    assert all(t for n, t in texts.items() if n != "meaning")


def test_the_claim_states_the_totals() -> None:
    text = says("lead", market_data.held(warehouse(LEFT["two"], aside=250), exact=True))
    assert text == (
        "The warehouse holds 9,750 order lines that can be used, of 900 customers in three markets, from 3 Jan 2021 to 9 Jan 2024. "
        "36 complete months take part, Jan 2021 to Dec 2023, with 95 % of the revenue. December 2020 and January 2024 are "
        "incomplete, and left out. 250 lines of 10,000 (2.5 %) cannot be used, and are set aside."
    )
    private = says("lead", market_data.held(warehouse(aside=1), exact=False))
    assert (
        "from Jan 2021 to Jan 2024" in private and "One" not in private and "1 line of 10,000 (under 0.1 %)" in private
    )
    worthless = {**warehouse(), "totals": {**warehouse()["totals"], "revenue": 0.0, "revenue_in": 0.0}}
    assert "of the revenue" not in says("lead", market_data.held(worthless, exact=True))


def test_the_rule_for_months_is_stated_as_it_is_applied() -> None:
    text = says("months", market_data.held(warehouse(LEFT["one"]), exact=True))
    # `complete_months`: half of the days, a tenth of the median of three months.
    assert (
        "span less than 50 % of its days" in text and "below 10 % of the median of the three months beside it" in text
    )
    assert f"January 2024 is left out with 120 lines and a revenue of 4,000: {HALF}." in text
    assert "the day that the settings name" not in text
    assert "Both are complete here." in says("months")
    assert "Do not plan by December 2020 or January 2024" in says(
        "meaning", market_data.held(warehouse(LEFT["two"]), exact=True)
    )


def test_notes_do_not_say_twice_what_the_page_says_of_months() -> None:
    held = market_data.held(warehouse(LEFT["one"], aside=250, notes=[HOSTILE]), exact=True)
    assert held.notes == [HOSTILE]
    text = says("notes", held)
    assert text.splitlines()[-2:] == ["- 250 lines without an order are set aside.", f"- {HOSTILE}"]
    assert says("notes") == "Every line can be used, and reading the tables left nothing to note."


def test_features_without_a_part_are_named_with_their_value() -> None:
    assert "8 features" not in says("features")
    assert says("features").startswith(
        "Each market is described by 3 features: two of how revenue moves and one of what it is made of."
    )
    assert "The same in every market, and so without a part: product lines (4)." in says("features")
    unknown = FRAME.assign(growth=math.nan)
    text = says("features", features=features(unknown, constants=["growth"]))
    assert "Not known with so few months, and so without a part: growth." in text and "The same in every" not in text
    assert "so that all take part" in says("features", features=features(FRAME))
    assert "31 Dec 2023, the last day of the last complete month" in text
    assert "the day that the settings name" in says("features", market_data.held(warehouse(), exact=True, named=True))


def test_tables_hold_the_numbers_and_escape_what_they_are_given(downloads: Path) -> None:
    hostile = features(FRAME.assign(channel_1=0.4), more=[Column("channel_1", "structure", "share", HOSTILE, HOSTILE)])
    text = unescaped(market_data.features_table(hostile).markdown).replace(GAP, " ")
    assert "**Five features: two of how revenue moves and three of what it is made of.**" in text
    assert "&lt;b&gt;x" in text and "<b>x" not in text
    row = re.search(r"<tr>(?:(?!</tr>).)*>Growth<.*?</tr>", text)
    assert row and re.findall(r'<td class="num"[^>]*>([^<]*)<', row[0]) == ["−0.25", "0.10", "0.30"]
    held = market_data.held(warehouse(LEFT["two"]), exact=True)
    totals = unescaped(market_data.totals_table(held, warehouse()["markets"]).markdown).replace(GAP, " ")
    assert (
        "**36 complete months hold 95 % of the revenue.**" in totals
        and "2,000,000" in totals
        and "groups of" not in totals
    )
    assert re.search(r">countries</th><td[^>]*>2<", totals)
    months = unescaped(market_data.months_table(held).markdown)
    assert "**December 2020 and January 2024 are left out.**" in months and TENTH in months


def test_growth_compares_the_last_twelve_months_with_those_before() -> None:
    years = panel([[100.0] * 12 + [110.0] * 12, [0.0] * 12 + [5.0] * 12, [10.0] * 12 + [0.0] * 12])
    change = market_data.yearly(years)
    assert change.iloc[0] == pytest.approx(0.1) and math.isnan(change.iloc[1]) and change.iloc[2] == -1
    assert market_data.yearly(panel([[1.0] * 23])).isna().all()
    assert market_data.monthly_caption(years.wide(), years).startswith("**One of two markets sold more")
    fallen = panel([[3.0] * 12 + [2.0] * 12])
    assert market_data.monthly_caption(fallen.wide(), fallen).startswith(
        "**No market sold more in the last twelve months"
    )
    assert market_data.monthly_caption(years.wide(), panel([[1.0] * 5])).startswith(
        "**Revenue of each market, month by month.**"
    )


def test_months_of_few_customers_are_gaps_where_data_are_private() -> None:
    own = segmented(2, 1)
    buyers = [[50, 3, 60, 9, 0, 50], [50] * 6, [50] * 6]
    known = panel(np.full((3, 6), 10.0).tolist(), buyers)
    assert market_data.monthly(known, own.labels, own.cards, exact=True).notna().all(axis=None)
    told = market_data.monthly(known, own.labels, own.cards, exact=False)
    # The month with 3 is hidden, and the smallest of the others, which would give it back.
    assert told.isna().to_numpy().tolist() == [[False, True, False, True, False, False], [False] * 6, [False] * 6]
    assert "a gap is a month of few customers" in market_data.monthly_caption(told, known)


def test_panels_go_by_segment_and_then_by_size() -> None:
    own = segmented(2, 2)
    known = panel([[1.0, 1], [2, 2], [3, 3], [4, 4]])
    shown = market_data.monthly(known, own.labels, own.cards, exact=True)
    assert list(shown.index) == ["Birch", "Alder", "Dogwood", "Cedar"]
    drawn = market_figures.months_figure(shown.iloc[:3], own.labels, own.cards)
    seen = [a for a in drawn.axes if a.get_visible()]
    assert [a.get_title(loc="left") for a in seen] == ["Birch", "Alder", "Dogwood"]
    assert [a.lines[0].get_color() for a in seen] == ["#0072b2", "#0072b2", "#e69f00"]  # Okabe and Ito (2008)
    alt = market_data.monthly_alt(shown, own.labels, own.cards)
    assert "Birch (Segment 1) 2; Alder (Segment 1) 1; Dogwood (Segment 2) 4" in alt
    assert "are shown" in market_data.monthly_caption(shown.iloc[:3], known)


def test_the_verdict_counts_months() -> None:
    held = market_data.held(warehouse(LEFT["two"]), exact=True)
    assert market_data.verdict(held) == "36 complete months, 2 left out"
    assert held.as_of == date(2023, 12, 31)
