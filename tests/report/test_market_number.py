"""What the page on the number of segments of markets says, for all the ways in which it may turn out."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from markets_told import KS, MARKETS, STRANGE, TERMS, decision, draws, evidence, members, selection
from report_project import closed, closed_off, downloads
from said import said

from segkit.engine import nulls as engine_nulls
from segkit.engine.null_statistics import DECLARED
from segkit.engine.verdict import verdict
from segkit.report import market_number
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
CHANGE = {"known": [0.5, 0.1, -0.1, 0.0, -0.2, 0.2], "none": [math.nan] * 6, "some": [math.nan, 0.1, -0.1, 0, 0, 0],
          "falling": [-0.1] * 6}  # fmt: skip


def says(label: str, kind: str = "rule", best: list[float] | None = None, *, k: Any = None, **more: Any) -> str:
    found = decision(kind)
    drawn = market_number.chosen(draws(best=best), selection(), found.shown)
    names = {"_drawn": drawn, "k_decision": found, **more}
    return said("number", label, TERMS, "markets", **names).replace(GAP, " ")


@pytest.mark.parametrize("kind", ["rule", "hand", "none"])
@pytest.mark.parametrize("best", [None, [3.0] * 4, [2.0, 2, 3, math.nan], [4.0, 4, 2, 3], [math.nan] * 4])
def test_numbers_read_right_whatever_draws_choose(kind: str, best: list[float] | None) -> None:
    for label in ("lead", "chosen", "meaning"):
        text = says(label, kind, best)
        assert text.strip() and not re.search(STRANGE, text.replace("\n\n", " ")), (label, text)
    assert ("Rank the markets" in says("lead", kind, best)) == (kind == "none")


def test_what_draws_choose_is_counted() -> None:
    found = market_number.chosen(draws(best=[2.0, 2, 3, math.nan]), selection(), 3)
    assert (found.draws, found.shares, found.observed) == (3, [(2, 2 / 3), (3, 1 / 3)], 3)
    assert "67 % of 3 draws choose two; 33 % choose three. The markets as they are choose three in this way." in says(
        "chosen", best=[2.0, 2, 3, math.nan]
    )
    assert "The three that are shown are chosen by 33 %." in says("chosen", best=[2.0, 2, 3, math.nan])
    assert "do not defend it" in says("meaning", best=[2.0, 2, 3, math.nan])
    assert "do not defend it" not in says("meaning", best=[3.0] * 4)
    assert "Two segments are chosen by 67 %" in market_number.chosen_caption(found).replace(GAP, " ")
    bars = market_number.chosen_figure(found, KS).axes[0].patches
    assert [p.get_height() for p in bars] == pytest.approx([200 / 3, 100 / 3, 0])


@pytest.mark.parametrize("single", [True, False])
def test_small_segments_are_told_and_not_hidden(single: bool, downloads: Path) -> None:
    chosen = selection(single=single)
    found = market_number.alone(chosen, 3)
    assert (found.ks, found.shown) == (([3, 4], 1) if single else ([], 0))
    text = said("number", "numbers", TERMS, "markets", _single=found)
    assert ("With three or four segments" in text) == single and not re.search(STRANGE, text)
    drawn = market_number.chosen(draws(best=[3.0] * 4), chosen, 3)
    ps, boot, gap, pairs = evidence()
    shown = market_number.numbers_table(decision(), chosen, ps, boot, gap, pairs, drawn).markdown
    assert "Two and three meet the rule" in shown and "nan" not in shown
    rows = pd.read_csv(next(downloads.rglob("numbers.csv")))
    assert rows["smallest"].tolist() == chosen.table["smallest"].tolist()
    assert rows["gap"].tolist() == pytest.approx([0.2, 0.3, 0.4])


@pytest.mark.parametrize("case", CHANGE)
@pytest.mark.parametrize("kind", ["rule", "none"])
def test_markets_are_ranked(case: str, kind: str, downloads: Path) -> None:
    order = market_number.ranking(members(), pd.Series(CHANGE[case], MARKETS))
    text = said("number", "ranking", TERMS, "markets", _order=order, k_decision=decision(kind)).replace(GAP, " ")
    assert not re.search(STRANGE, text), text
    assert "North sells most, 50 % of the revenue; the three largest markets together hold 80 %." in text
    assert "nan" not in market_number.ranking_table(order).markdown
    if case == "known":
        assert "rose in three markets and fell in two. North grew most (50 %)." in text
        assert order["by growth"].tolist() == [1, 3, 5, 4, 6, 2]
    if case == "falling":
        assert "rose in no markets and fell in six. North lost least (−10 %)." in text


def compared(ps: float, count: int) -> engine_nulls.Nulls:
    rows = [
        ("copula", s, 0.5, 0.4, 0.05, 0.1, ps, math.nan if s == DECLARED else 0.5, count, count, 0.0, 0.1, True)
        for s in (DECLARED, "inertia")
    ]
    table = pd.DataFrame(
        rows,
        columns=[
            "null",
            "statistic",
            "observed",
            "null_mean",
            "null_sd",
            "effect",
            "p",
            "p_holm",
            "usable",
            "drawn",
            "p_low",
            "p_high",
            "settled",
        ],
    )
    params = {"count": count, "level": 0.05, "k": 3, "units": 6, "declared": DECLARED}
    return engine_nulls.Nulls(table, pd.DataFrame(), pd.DataFrame(), pd.Series({"copula": 0.1}), params, 1)


@pytest.mark.parametrize(("p", "count"), [(0.01, 99), (0.4, 99), (0.2, 4)])
@pytest.mark.parametrize("segmented", [True, False])
@pytest.mark.parametrize("low", [0.9, 0.5])
def test_chance_is_told(p: float, count: int, segmented: bool, low: float) -> None:
    found = compared(p, count)
    text = said("number", "nulls", TERMS, "markets", nulls=found)
    assert not re.search(STRANGE, text), text
    assert ("beyond chance (p 0.01)" in text) == (p == 0.01) and ("no p-value can fall" in text) == (count == 4)
    word = verdict(found.beaten, {1: low, 2: 0.9}, 0.9, segmented=segmented, testable=found.testable)
    told = said("number", "verdict", TERMS, "markets", verdict=word)
    assert not re.search(STRANGE, told), told
    assert ("finds no number" in told) == (not segmented)


def test_one_market_and_two_are_ranked_too() -> None:
    rows = market_number.ranking(members().head(1), pd.Series([0.0], ["North"]))
    known = market_number.ranked(rows)
    assert (known.markets, known.few, known.rising, known.falling) == (1, 1, 0, 0)
    assert np.isclose(known.top, 0.5)
