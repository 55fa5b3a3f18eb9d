"""What the page on time says: who stays, by chance or beyond it, and whether a segment tells of the next quarter."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_project import closed, closed_off, downloads, unescaped
from said import cells, said

from segkit.contract import SALES
from segkit.engine.backtest import FORECASTS, SEGMENT, Backtest, backtest
from segkit.engine.matrix import ModelMatrix
from segkit.engine.meaning import Card, Cards
from segkit.engine.over_time import OverTime, over_time
from segkit.report import market_backtest, market_time, show
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(
    r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;:]|  |\.\.|,\.|\(\)|[.:,][A-Z]|[Oo]ne (?:markets|steps|origins)\b"
)
MARKETS = pd.Index(["<b>x</b>", *"bcdef"], name="market")
CARDS = Cards(tuple(Card(s, str(s), f"Segment {s}", f"Segment {s}", "", "", 3, 0.5, {}) for s in (2, 1)), 6)
STILL, MOVED, TURNED = [1, 1, 1, 2, 2, 2], [1, 1, 2, 2, 2, 2], [1, 2, 1, 2, 1, 2]
MONTHS = pd.date_range("2021-01-01", periods=36, freq="MS")


def matrix(frame: pd.DataFrame) -> ModelMatrix:
    values = frame.to_numpy()
    if np.ptp(values) == 0:
        raise ValueError("every feature is the same in every market.")
    return ModelMatrix(values, frame.index, ("x",), {"series": ["x"]}, None, ())  # type: ignore[arg-type]


def made(*windows: Sequence[int]) -> OverTime:
    """Return what the engine finds in windows where the markets of a segment are alike; nobody differs in an empty one."""
    ends = MONTHS[23 : 23 + 3 * len(windows) : 3]
    own = dict(zip(ends, windows, strict=True))

    def features(window: pd.Timestamp) -> pd.DataFrame:
        labels = np.array(own[window] or [0] * 6, dtype=np.float64)
        return pd.DataFrame({"x": labels * 10 + (np.arange(6) / 100 if own[window] else 0)}, index=MARKETS)

    return over_time(features, ends, matrix, 2, in_use=pd.Series(STILL, index=MARKETS))


def errors(differences: Sequence[float] = (), *, p: float = 0.5, origins: int = 5, reason: str = "") -> Backtest:
    """Return errors that differ so much from that of the segment, 0.4, with intervals of 0.05 to either side."""
    gaps = [0.0, *(differences or [0.0, 0.1, 0.1, 0.1, 0.1, 0.1])]
    rows = []
    for name, gap in zip(FORECASTS, gaps, strict=True):
        low, high = (math.nan, math.nan) if reason or name == SEGMENT else (gap - 0.05, gap + 0.05)
        verdict = "better" if low > 0 else "worse" if high < 0 else ""
        rows.append((name, 0.4 + gap, math.nan if name == SEGMENT else gap, low, high, verdict))
    table = pd.DataFrame(rows, columns=["forecast", "mae", "difference", "low", "high", "verdict"])
    at = pd.Index(MONTHS[20 : 20 + origins], name="origin")
    by = pd.DataFrame([0.4 + np.array(gaps)] * origins, columns=list(FORECASTS), index=at)
    params = {"horizon": 3, "lag": 3, "level": 0.95, "origins": origins, "units": 6, "shuffles": 999}
    random = (math.nan, math.nan) if reason else (0.45, p)
    return Backtest(pd.DataFrame(), table, by, *random, reason, params, 42)


LEVELS = pd.DataFrame(np.ones((4, 6)), columns=MARKETS, index=MONTHS[:4])
NONE = backtest(LEVELS, pd.DataFrame({MONTHS[3]: STILL}, index=MARKETS))
NEAR, FAR, BETTER = [-0.2, -0.2, -0.1, 0.1, 0.1, -0.3], [-0.2] * 6, [0.2] * 6
FEW = "units are too few to tell chance"
TIME: dict[str, OverTime] = {
    "still": made(STILL, STILL, STILL, STILL),
    "one moves": made(STILL, MOVED, STILL),
    "turned": made(STILL, TURNED, [2, 1, 1, 1, 2, 1]),
    "two": made(MOVED, STILL),
    "one window": made(TURNED),
    "skipped": made(STILL, [], MOVED),
    "no window": made([]),
}
AHEAD: dict[str, Backtest] = {
    "helps": errors(BETTER, p=0.01),
    "may be chance": errors([0.0, 0.01, 0.1, 0.1, 0.1, 0.1], p=0.01),
    "worse": errors(NEAR),
    "all worse": errors(FAR),
    "better than last": errors([-0.3, 0.1, 0.0, 0.0, 0.0, 0.0]),
    "few": errors(origins=2, reason=f"2 origins and 6 {FEW}"),
    "one origin": errors(origins=1, reason=f"1 origins and 6 {FEW}"),
    "none": NONE,
}


def looks(name: str) -> market_time.Looks:
    return market_time.looks(TIME[name], pd.Series(STILL, index=MARKETS), months=36, length=24, every=3)


def says(label: str, time: str = "one moves", ahead: str = "may be chance") -> str:
    found = said(
        "time", label, SALES.terms, "markets", _seen=looks(time), _ahead=market_backtest.forecasts(AHEAD[ahead])
    )
    return found.replace(GAP, " ")


@pytest.mark.parametrize(("time", "ahead"), list(zip([*TIME, "still"], AHEAD, strict=True)))
def test_every_sentence_reads_right_however_the_results_turn_out(time: str, ahead: str) -> None:
    labels = [n for n in cells("time", "markets") if n]
    texts = {n: re.sub(r"\n+(- )?", " ", says(n, time, ahead)) for n in labels}
    assert len(texts) == 9
    assert {n: t for n, t in texts.items() if STRANGE.search(re.sub(r" \[@[^\]]*\]|\*\*", "", t))} == {}


def test_staying_is_told_beside_chance() -> None:
    known = looks("one moves")
    # One of six leaves, and comes back: ten of twelve stay.
    assert known.staying == pytest.approx(10 / 12) and known.still == 5
    assert [(m.name, m.changes) for m in known.movers] == [("c", 2)] and known.same
    text = says("moves")
    assert (
        "Five of six markets never change their segment; c does. Most restless is c, which changes at two of two steps."
        in text
    )
    assert "The fewest stay on the way to the window that ends with Mar 2023 or Jun 2023: five of six." in text
    assert "83 % do." in text
    assert "In three looks back, 83 % of the markets stay" in says("lead")
    still = says("moves", "still")
    # Dealt at random, all six stay in the one of ten divisions into three and three that is the same: p is near 0.1.
    assert "No market ever changes its segment." in still and "At no step do more stay than by chance." in still
    assert says("moves", "one window") == "With fewer than two windows nobody can be seen to move."
    assert says("lead", "one window").startswith("Whether the segments last cannot be told")


def test_windows_say_how_far_they_are_from_the_segments_in_use() -> None:
    text = says("windows")
    assert "from 24 months at a time, every three months." in text and "share 21 of their 24 months" in text
    assert "The last window gives the segments in use." in text
    turned = says("windows", "turned")
    assert "read their names as colours here" in turned
    skipped = says("windows", "skipped")
    assert "could not be divided: every feature is the same in every market." in skipped
    assert "No window could be divided." in says("windows", "no window")
    short = market_time.looks(TIME["two"], pd.Series(STILL, index=MARKETS), months=15, length=24, every=3)
    assert (short.length, short.overlap) == (15, 12)


@pytest.mark.parametrize(
    ("ahead", "lead", "text", "meaning"),
    [
        ("helps", "each beyond chance", "the segment says more, beyond chance", "by the mean of its segment."),
        ("may be chance", "It is not shown that", "(95 % interval −0.040 to 0.060) may be chance", "may be as near by chance"),
        ("worse", "says less of its next 3 months than the market's own last growth", "lies below zero: the market itself",
         "that of the forecast of no growth at all."),
        ("better than last", "but that is not shown against every other forecast", "lies above zero", "Do not forecast by segment"),
        ("few", "It is not shown that", "Whether that difference is chance cannot be told: 2 origins", "others may be as near"),
        ("none", "Forecasts cannot be tried: no origin has enough", "That cannot be done here", "could not be tried"),
    ],
)  # fmt: skip
def test_forecasts_are_told_by_what_their_intervals_hold(ahead: str, lead: str, text: str, meaning: str) -> None:
    assert lead in says("lead", ahead=ahead)
    assert text in says("forecast", ahead=ahead)
    assert meaning in says("meaning", ahead=ahead)


def test_the_nearest_forecast_is_named_with_its_error() -> None:
    worse = says("forecast", ahead="worse")
    assert (
        "Nearest of all is the forecast of no growth at all, off by 0.100: nearer than the segment, beyond chance."
        in worse
    )
    assert "Of all forecasts the segment has the least error." in says("forecast", ahead="helps")
    # exp(0.4) is 1.49.
    assert "off by 0.400 on average (mean absolute error; a factor of 1.49 in revenue)" in worse
    assert "Beyond chance, the mean of its segment over all quarters, its own last growth" in worse


def test_segments_at_random_are_told() -> None:
    assert "(p = 0.010): which markets are together does say something of what comes. That is less" in says("random")
    helps = says("random", ahead="helps")
    assert "That is less" not in helps and "of what comes. The intervals" in helps
    assert "do as well too often (p = 0.500)" in says("random", ahead="worse")
    assert says("random", ahead="few").startswith("With so few origins, segments at random were not tried.")
    assert says("random", ahead="none").startswith("The intervals draw")


def test_origins_are_counted() -> None:
    assert "At five of five origins the segment is nearer than the market's own last growth." in says(
        "origins", ahead="helps"
    )
    assert "Every time, the mean of its segment is nearest of all." in says("origins", ahead="helps")
    assert "At none of five origins" in says("origins", ahead="worse")
    found = errors()
    found.by_origin.iloc[0, 2] = 0.0
    found.by_origin.iloc[1:3, 3] = 0.0
    AHEAD["some"] = found
    text = says("origins", ahead="some")
    assert (
        "Nearest of all is the mean of its segment twice, the mean of its own growth twice and its own last growth once."
        in text
    )
    assert "one quarter shows nothing" in says("origins", ahead="one origin")
    assert says("origins", ahead="none") == "There are no origins."


@pytest.mark.parametrize("name", TIME)
def test_figures_and_tables_of_windows_can_be_made(name: str, downloads: Path) -> None:
    found, known = TIME[name], looks(name)
    if known.windows:
        drawn = market_time.windows_figure(found, CARDS)
        assert len(drawn.axes[0].patches) == 6 * len(known.windows)
        told = (market_time.windows_caption(known), market_time.windows_alt(found, CARDS))
        text = show.figure(drawn, "fig-windows", *told).markdown
        assert "<b>x" not in text and "Grid of markets by windows" in text
    if known.steps:
        assert market_time.moves_table(found, CARDS).markdown.count("<tr>") == 3
        assert market_time.steps_table(found).markdown.count("<tr>") == len(known.steps) + 1
    if known.movers:
        assert market_time.movers_table(found, known, CARDS).markdown.count("<tr>") == len(known.movers) + 1


def test_tables_hold_counts_and_shares(downloads: Path) -> None:
    moves = unescaped(market_time.moves_table(TIME["one moves"], CARDS).markdown).replace(GAP, " ")
    # Of five in the first segment four stay and one leaves; of seven in the second six stay.
    assert ">80 % (4)<" in moves and ">20 % (1)<" in moves and ">86 % (6)<" in moves and ">14 % (1)<" in moves
    assert "**“Segment 1” keeps the fewest of its markets: 80 %.**" in moves
    assert "**Every segment keeps all of its markets.**" in unescaped(
        market_time.moves_table(TIME["still"], CARDS).markdown
    )
    steps = unescaped(market_time.steps_table(TIME["one moves"]).markdown)
    assert "5 of 6" in steps and "**At none of two steps" in steps
    assert market_time.windows_caption(looks("one moves")).startswith(
        "**Five of six markets never change their segment.**"
    )
    assert market_time.windows_caption(looks("one window")).startswith(
        "**There is one window, which ends with Dec 2022.**"
    )
    assert "**No market changes its segment in four windows.**" in market_time.windows_caption(looks("still"))
    assert market_time.verdict(looks("one window")) == "too few months for a look back"


@pytest.mark.parametrize("name", [n for n in AHEAD if n != "none"])
def test_figures_and_tables_of_forecasts_can_be_made(name: str, downloads: Path) -> None:
    found = AHEAD[name]
    known = market_backtest.forecasts(found)
    told = (market_backtest.differences_caption(known), market_backtest.differences_alt(known))
    assert "nan" not in show.figure(market_backtest.differences_figure(known), "fig-d", *told).markdown
    shown = unescaped(market_backtest.errors_table(known).markdown)
    assert shown.count("<tr>") == len(FORECASTS) + 1 and "**Nearest is " in shown
    assert market_backtest.origins_table(found).markdown.count("<tr>") == known.origins + 1
    if known.origins > 1:
        told = (market_backtest.origins_caption(known), market_backtest.origins_alt(found))
        assert "fig-o" in show.figure(market_backtest.origins_figure(found), "fig-o", *told).markdown


def test_captions_of_forecasts_follow_the_intervals() -> None:
    def caption(name: str) -> str:
        return market_backtest.differences_caption(market_backtest.forecasts(AHEAD[name]))

    worse = caption("worse")
    assert "its own last growth, the mean of its own growth" in worse and "come nearer than the segment" in worse
    assert caption("helps").startswith(
        "**The segment comes nearer than the mean of its segment over all quarters, its own last"
    )
    assert caption("few").startswith("**There are too few origins for intervals.**")
    assert market_backtest.verdict(market_backtest.forecasts(AHEAD["helps"])) == "the segment helps to forecast"
