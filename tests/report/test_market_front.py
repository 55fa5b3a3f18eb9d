"""What the front page of the study of markets says: the claim, tiles, cards, and what stands out beside the segments."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import SimpleNamespace as Plain
from typing import Any

import pandas as pd
import pytest
from market_results import MODULES, TERMS, segmented
from personas_made import verdict
from report_project import closed, closed_off, downloads
from said import bullets, cells, said

from segkit.data.provenance import Provenance
from segkit.engine.backtest import FORECASTS, RIVALS, SEGMENT
from segkit.engine.clusterings import ALL_NOISE, AS_PUBLISHED, FEW
from segkit.engine.coassignment import Chance
from segkit.engine.sequence_network import Network, NoNetwork
from segkit.report import layout, market_figures, market_front, market_segments
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;:]|  |\.\.|,\.|\(\)|–")
WORDS = ("natural", "reproducible", "fragile structure", "constructive", "no segmentation")
REAL = Provenance(True, True, "a sample, which is fictional", "MIT", "c", "given", "", "ab" * 32, 10_000, 5)
MADE = Provenance(False, True, "simulation", "MIT", "c", "simulation", "", "ab" * 32, 10_000, 5)
OWN = segmented(3, 2, sure=[1, 0.5], chance=Chance(0.7, 0.8, 0.01, 99))
NOTHING = {"same": [], "others": [], "undivided": []}


def clusterings(*rows: tuple[str, float, float, str]) -> Any:
    return Plain(table=pd.DataFrame(rows, columns=["algorithm", "ari", "noise", "told"]))


def network(error: float, linear: float, follows: float = 0.92) -> Network:
    empty = pd.DataFrame()
    return Network(empty, empty, error, linear, 1.0, 0.97, follows, 300, 0 if math.isnan(error) else 60, {}, 42)


def over_time(*p: float) -> Any:
    steps = pd.DataFrame({"chance": [0.5] * len(p), "p": p})
    labels = pd.DataFrame(1, index=["a"], columns=range(len(p) + 1 if p else 0))
    return Plain(labels=labels, steps=steps, staying=0.85 if p else math.nan)


def backtest(best: str, *, helps: bool = False, worse: tuple[str, ...] = (), reason: str = "") -> Any:
    errors = [0.2 if f == best else 0.4 for f in FORECASTS]
    table = pd.DataFrame({"forecast": FORECASTS, "mae": errors}) if best else pd.DataFrame(columns=["forecast", "mae"])
    return Plain(
        table=table, winner=best or None, helps=helps, reason=reason, verdict={r: "worse" if r in worse else "" for r in RIVALS}.get
    )  # fmt: skip


ALL = clusterings(("k-means", 1.0, 0.0, ""), ("Ward", 1.0, 0.0, ""), ("k-medoids", 0.5, 0.0, ""), ("DBSCAN", 1.0, 0.4, ""),
                  (AS_PUBLISHED, 0.0, 1.0, ALL_NOISE))  # fmt: skip
SEEN: dict[str, tuple[Any, Any, Any, Any]] = {
    "all": (ALL, network(0.9, 0.7), over_time(0.01, 0.4), backtest("own mean", worse=("own mean",))),
    "helps": (ALL, network(0.5, 0.7, math.nan), over_time(0.01), backtest(SEGMENT, helps=True)),
    "own": (clusterings(("Ward", math.nan, math.nan, FEW)), NoNetwork("keras is not installed."), over_time(0.3, 0.3),
            backtest(SEGMENT)),
    "few": (clusterings(("Ward", 1.0, 0.0, "")), None, over_time(), backtest("", reason="no origin has enough periods")),
    "short": (ALL, network(math.nan, math.nan), over_time(), backtest("no growth", reason="3 origins are too few to tell chance")),
}  # fmt: skip


def says(label: str, seen: str = "all", own: Any = OWN, **names: Any) -> str:
    given = {
        **MODULES, "_who": market_segments.groups(own.members, own.cards), "_surely": market_segments.sure(own.customers),
        "_seen": market_front.insights(*SEEN[seen]), "verdict": verdict("natural"), "provenance": REAL,
    }  # fmt: skip
    return said("index", label, TERMS, "markets", **{**given, **names}).replace(GAP, " ")


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("word", WORDS)
def test_every_sentence_reads_right_whatever_the_results_are(seen: str, word: str) -> None:
    texts = {n: says(n, seen, verdict=verdict(word)) for n in cells("index", "markets") if n}
    assert len(texts) == 4 and all(texts.values())
    assert {n: t for n, t in texts.items() if STRANGE.search(re.sub(r"\n+(- )?", " ", t))} == {}


def test_the_claim_is_the_verdict() -> None:
    assert says("lead").startswith("**The segments are natural.** The five markets are more clearly divided")
    assert "rank the markets, and plan each by its own figures" in says("lead", verdict=verdict("no segmentation"))
    assert says("sure") == (
        "With the customers of each market drawn anew, a market is in its segment in 90 % of 20 draws on average: more, beyond "
        "chance, than the 70 % that sampling error alone would give. Not sure (under 80 %): Birch. [Every market](segments.qmd)"
    )
    lucky = segmented(3, 2, chance=Chance(0.7, 0.8, 0.4, 99))
    assert "; sampling error alone would give 70 %, so that this may be chance. Every market is" in says(
        "sure", own=lucky
    )
    assert "cannot be told" in says("sure", own=segmented(3, 2, draws=0))
    assert says("limits").startswith("- The data: a sample, which is fictional.")
    assert says("limits", provenance=MADE).startswith("- The data are simulated.")


def test_other_ways_to_divide_are_told_with_what_they_leave_out() -> None:
    assert bullets(says("insights"))[0] == (
        "**Other ways to divide.** Ward gives the segments in use. k-medoids agrees with them to an adjusted Rand index of 0.50; "
        "DBSCAN agrees with them to an adjusted Rand index of 1.00 and leaves 40 % of the markets in no segment (one is the same, "
        "zero is chance on average). DBSCAN with its default radius finds no division at all."
    )
    assert "Other ways" not in says("insights", "own")


def test_the_network_has_to_beat_principal_components() -> None:
    lost = says("insights")
    assert "It has no case: on months that were held out, its error is 0.900" in lost and "reach 0.700." in lost
    assert (
        "97 % of what it tells apart lies on one dimension, whose absolute rank correlation with the level of revenue is 0.92."
        in lost
    )
    won = says("insights", "helps")
    assert (
        "its error is 0.500, below the 0.700 of as many principal components" in won and "lies on one dimension." in won
    )
    assert "There is none: keras is not installed." in says("insights", "own")
    assert "It was switched off" in says("insights", "few")
    assert "too few months to hold some out" in says("insights", "short")


def test_time_and_forecasts_are_told_beside_chance() -> None:
    text = says("insights")
    assert (
        "In 3 looks back on 24 months each, 85 % of the markets stay in their segment from one to the next, where 50 % would "
        "by chance" in text
    )
    assert "more stay in 1 of 2 steps" in text and "too few months to divide the markets again" in says(
        "insights", "few"
    )
    assert (
        "It is not shown" in text and "Beyond chance, the mean of its own growth comes nearer than the segment." in text
    )
    assert "better than its own history and than all markets do, beyond chance" in says("insights", "helps")
    assert "that of the mean of its segment, but not beyond chance against every rival (mean" in says("insights", "own")
    assert "Nothing can be said of it: no origin has enough periods." in says("insights", "few")
    assert "that of no growth at all" in says(
        "insights", "short"
    ) and "; 3 origins are too few to tell chance." in says("insights", "short")


def test_every_forecast_has_words() -> None:
    assert set(market_front.FORECASTS) == set(FORECASTS)


def test_a_card_says_which_markets_and_how_sure(downloads: Path) -> None:
    own = segmented(8, 2, sure=[1, 0.5])
    change = {"Alder": 0.1, "Birch": -0.2, "Ivy": math.nan}
    of = market_front.card_facts(own.members, change)
    # Revenue of 1000 down to 100: the first eight have 5200 of 5500.
    assert [(a, b.replace(GAP, " ")) for a, b in of(own.cards[1])] == [
        ("markets", "Alder, Birch, Cedar, Dogwood, Elm and 3 more"), ("revenue", "94.5 %"),
        ("growth", "−20 % to 10 %"), ("least sure", "50 %"),
    ]  # fmt: skip
    assert [a for a, _ in of(own.cards[2])] == ["markets", "revenue", "least sure"]
    assert "Do 1." in layout.card_grid(own.cards, of, TERMS).markdown


def test_tiles_stand_under_the_groups_of_the_warehouse() -> None:
    own = segmented(3, 2)
    assert [name for name, _ in market_figures.sections(own.members)] == [""]
    grouped = own.members.assign(group=["East", "West", "West", "", "East"])
    parts = market_figures.sections(grouped)
    # East has 500 and 100, West 400 and 300.
    assert [(name, list(rows["market"])) for name, rows in parts] == [
        ("West", ["Birch", "Cedar"]), ("East", ["Alder", "Elm"]), ("no group", ["Dogwood"]),
    ]  # fmt: skip
    unknown = grouped.assign(confidence=grouped["confidence"].where(grouped["market"] != "Elm"))
    texts = [t.get_text().replace(GAP, " ") for t in market_figures.tile_map(unknown, own.cards).axes[0].texts]
    assert texts[:3] == ["West", "Birch", "27 % · sure 100 %"] and texts[texts.index("Elm") + 1] == "7 %"
    who = market_segments.groups(own.members, own.cards)
    caption = market_front.tiles_caption(who, grouped=True).replace(GAP, " ")
    assert (
        caption.startswith("**“Segment 1” holds 80 % of the revenue with three markets.**")
        and "under the group" in caption
    )
    assert "under the group" not in market_front.tiles_caption(who, grouped=False)
    assert "“Segment 2”: Dogwood and Elm" in market_front.tiles_alt(who)
