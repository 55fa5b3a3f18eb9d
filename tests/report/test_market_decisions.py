"""What the page on decisions says: actions, forecasts that help, do not, or cannot be told, and the table to write."""

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
from markets_told import MARKETS, OWN, STRANGE, TERMS, cards, draws, members, unsegmented
from report_project import closed, closed_off, downloads
from said import said

from segkit.data.warehouse import WRITTEN, write_back
from segkit.engine.backtest import FORECASTS, Backtest, backtest
from segkit.report import market_decisions, market_segments
from segkit.report.prose import GAP
from segkit.seeds import generator

__all__ = ["closed", "closed_off", "downloads"]
NAN = math.nan
# Errors less that of the segment, with intervals: the segment is nearer than all, than none, than one, or has no interval.
GAPS = {"helps": (0.1, 0.05, 0.2), "behind": (-0.2, -0.3, -0.1), "open": (0.1, -0.2, 0.4), "few": (0.1, NAN, NAN)}


def made(kind: str, p: float = 0.01) -> Backtest:
    """Make a backtest of six markets at five days."""
    if kind == "nothing":
        return backtest(pd.DataFrame(1.0, index=range(4), columns=MARKETS), pd.DataFrame({3: OWN}))
    gap, low, high = GAPS[kind]
    verdict = "better" if low > 0 else "worse" if high < 0 else ""
    rows = [(FORECASTS[0], 0.5, NAN, NAN, NAN, ""), *((f, 0.5 + gap, gap, low, high, verdict) for f in FORECASTS[1:])]
    few = kind == "few"
    made = pd.DataFrame({"origin": 1, "unit": MARKETS, "segment": OWN.to_numpy(), "actual": 0.1})
    return Backtest(
        made, pd.DataFrame(rows, columns=["forecast", "mae", "difference", "low", "high", "verdict"]),
        pd.DataFrame(0.5, index=range(5), columns=list(FORECASTS)), NAN if few else 0.6, NAN if few else p,
        "2 origins and 6 units are too few to tell chance" if few else "", {"horizon": 3}, 1,
    )  # fmt: skip


def says(
    label: str, kind: str = "open", *, none: bool = False, draw: str = "some", p: float = 0.01, **more: Any
) -> str:
    who = market_segments.groups(members(), more.pop("cards", cards()))
    names = {"_plan": market_decisions.planning(made(kind, p)), "_who": who, "_surely": market_segments.sure(draws(draw)),
             "verdict": unsegmented(none)}  # fmt: skip
    return said("decisions", label, TERMS, "markets", **{**names, **more}).replace(GAP, " ")


@pytest.mark.parametrize("kind", [*GAPS, "nothing"])
@pytest.mark.parametrize("p", [0.01, 0.4])
@pytest.mark.parametrize("none", [True, False])
def test_forecasts_read_right_however_they_turn_out(kind: str, p: float, none: bool, downloads: Path) -> None:
    for label in ("lead", "backtest", "meaning"):
        text = says(label, kind, p=p, none=none)
        assert text.strip() and not re.search(STRANGE, text.replace("\n\n", " ")), (label, text)
    assert ("Do not plan by segments" in says("lead", kind, none=none)) == none
    found = made(kind, p)
    known = market_decisions.planning(found)
    assert known.helps == (kind == "helps" and p == 0.01) and "origin" not in known.reason
    assert market_decisions.status(known).startswith("planning by segment: ")


def test_where_segments_do_not_help_the_page_says_so_plainly() -> None:
    assert "It is **not** shown that the segment" in says("lead", "open") and "not** shown" in says("lead", "behind")
    assert "forecasts its next quarter better than its own past does, beyond chance" in says("lead", "helps")
    assert "not shown that" not in says("lead", "few") and "2 days and 6 markets are too few" in says("lead", "few")
    told = says("backtest", "behind")
    assert "Even to forecast no growth" in told and "Even" not in says("backtest", "open")
    assert (
        "Beyond chance, its own last growth, the mean of its own growth and the mean of all markets come nearer" in told
    )
    assert "(p = 0.01)" in told and "the segments may be chance themselves" in says("backtest", "open", p=0.4)
    assert "Take the numbers of a plan from each market's own past." in says("meaning", "open")


def test_a_backtest_of_the_engine_is_told_as_it_is() -> None:
    levels = pd.DataFrame(np.exp(generator("levels", 1).normal(size=(40, 6))), index=range(40), columns=MARKETS)
    found = backtest(levels, pd.DataFrame(dict.fromkeys(range(11, 36, 3), OWN)))
    known = market_decisions.planning(found)
    assert (known.origins, known.markets, known.horizon) == (9, 6, 3)
    assert known.error == pytest.approx((found.forecasts["actual"] - found.forecasts["segment mean"]).abs().mean())
    assert not known.helps and not re.search(STRANGE, says("backtest", _plan=known))


@pytest.mark.parametrize("none", [True, False])
@pytest.mark.parametrize("draw", ["sure", "some", "lost", "none"])
@pytest.mark.parametrize("alike", [True, False])
def test_actions_read_right(none: bool, draw: str, alike: bool, downloads: Path) -> None:
    shown = cards(*["Plan each."] * 3) if alike else cards()
    for label in ("lead", "actions"):
        text = says(label, none=none, draw=draw, cards=shown)
        assert not re.search(STRANGE, text.replace("\n\n", " ")), text
    assert "Far is a segment by itself" in says("actions", cards=shown)
    assert ("Look for the reason (“Small, falling”)." in says("lead", cards=shown)) == (not alike)
    table = market_decisions.actions_table(market_segments.groups(members(), shown)).markdown
    assert ("The same for every segment" in table) == alike and "&lt;b&gt;Mid*" in table


@pytest.mark.parametrize("moves", ["none", "one", "all", "short"])
@pytest.mark.parametrize(("hand", "rule"), [(True, 1), (True, 3), (False, 1), (False, 3)])
def test_what_would_change_it_reads_right(moves: str, hand: bool, rule: int) -> None:
    moved = {"none": [0] * 6, "one": [0, 0, 2, 0, 0, 0], "all": [1] * 6, "short": []}[moves]
    units = pd.DataFrame({"unit": MARKETS[: len(moved)], "changes": moved})
    windows = pd.DataFrame(columns=range(0 if moves == "short" else 5))
    time = Plain(units=units, labels=windows, staying=0.8, steps=pd.DataFrame({"chance": [0.4]}))
    text = says("change", over_time=time, k_decision=Plain(set="by hand" if hand else "by rule", rule=rule))
    assert len(text.splitlines()) == 5 and not re.search(STRANGE, text), text
    assert ("East changed its segment" in text) == (moves == "one")
    assert ("It was set by hand" in text) == hand
    unknown = says("change", draw="none", over_time=time, k_decision=Plain(set="by rule", rule=rule))
    assert "What others would change is not known" in unknown and "Other customers" not in unknown


def test_what_the_page_shows_can_be_written_back(tmp_path: Path, downloads: Path) -> None:
    rows = market_decisions.written(members(grown=NAN))
    shown = market_decisions.written_table(rows, date(2014, 5, 31), "1.0").markdown
    assert "2014-05-31" in shown and "nan" not in shown
    for _ in range(2):  # writing twice is writing once
        write_back(tmp_path, rows, date(2014, 5, 31), "1.0")
    there = pd.read_parquet(tmp_path / f"{WRITTEN}.parquet")
    assert sorted(there["market"]) == sorted(MARKETS) and set(there) == set(market_decisions.COLUMNS)
    assert set(pd.read_csv(next(downloads.rglob("written.csv")))) == set(there)
