"""What the page on the log of messages says: what it holds, where conversations end, and what hangs on that."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import SimpleNamespace as Plain
from typing import Any

import pandas as pd
import pytest
from chat_logs_told import MONEY, NAN, NOT_FITTED, audit, mixture, partitions, quartiles, splitting
from report_project import closed, closed_off, downloads, unescaped
from said import cells, said

from segkit.contract import MESSAGES
from segkit.data.provenance import Provenance
from segkit.data.simulate.messages import PUBLISHED
from segkit.features.table import Column, FeatureTable
from segkit.report import chat_data, chat_measures, chat_splitting
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(
    r"\bnan\b|\binf\b|\bNone\b(?! of)|–|\{|\(\s|\s[.,;:]|  |\.\.(?!/)|,\.|\(\)|[.:,][A-Z]|\b1 (?:messages|pairs|days)\b"
)
REAL = Provenance(True, True, "sample", "MIT", "c", "given", "Real data: the sample.", "ab" * 32, 800, 100)
COLUMNS = (
    Column("log_messages", "volume", "log", "natural logarithm of the number of messages", "log messages"),
    Column("messages", "raw", "messages", "number of messages", "messages"),
    Column("purchases", "money", "purchases", "number of purchases", "purchases"),
)
FEATURES = FeatureTable(
    pd.DataFrame({"log_messages": [0.0, 1.0, 2.0], "messages": [1.0, 3.0, 7.0], "purchases": [0.0, 0.0, 2.0]}),
    COLUMNS, ("volume",), audit().as_of, {},
)  # fmt: skip
PRIVATE = {  # counts that the gate takes away
    "accounts": None, "staff": None, "money": MONEY | dict.fromkeys(("offers", "bought", "tips", "buying", "again"), NAN),
    "blank": NAN, "top_share": NAN, "by_day": pd.Series([NAN, 100.0], index=pd.date_range("2025-09-01", periods=2)),
}  # fmt: skip
LOGS: dict[str, dict[str, Any]] = {
    "whole": {}, "bare": {"blank": None, "money": None, "staff": None}, "private": PRIVATE,
    "none told": {"rows": None, "pairs": None, "per_pair": pd.Series(dtype="float64"), "money": MONEY | {"revenue": NAN}},
    "one of each": {
        "money": dict.fromkeys(MONEY, 1.0), "notes": ("A note.",), "warnings": ("A warning.",),
        "per_pair": pd.Series({"mean": 2.0, "50%": 2.0, "max": 2.0}),
    },
    "nothing sold": {"money": dict.fromkeys(MONEY, 0.0)},
}  # fmt: skip
SPLITS: dict[str, Any] = {
    "two kinds": splitting(), "above": splitting(mixture(9.0)), "at it": splitting(mixture(4.1)),
    "one kind": splitting(mixture(separates=False)), "not fitted": splitting(NOT_FITTED, money=False),
    "alike": splitting(alike=True), "private": splitting(told=False),
}  # fmt: skip
SEGMENTS = {"far": (0.2, 0.3, 0.5), "close": (0.9, 0.8, 1.0), "part": (0.9, 0.3, NAN), "single": (0.4,), "none": ()}


def says(label: str, found: Any = None, split: Any = None, **names: Any) -> str:
    split = split or splitting()
    given = {
        "_known": chat_data.held(found or audit(), exact=True),
        "_split": chat_splitting.facts(split, partitions(0.2, 0.9, 0.5)),
        "_alike": chat_measures.like(quartiles(), split.table, 4.0), "features": FEATURES, "provenance": REAL,
        "settings": Plain(active_hours=48.0, profiler="rules", text=Plain(way="words")),
    }  # fmt: skip
    return said("data", label, MESSAGES.terms, "conversations", **{**given, **names}).replace(GAP, " ")


def strange(texts: dict[str, str]) -> dict[str, str]:
    """Return the texts that no reader should see as they are."""
    return {n: t for n, t in texts.items() if STRANGE.search(re.sub(r"\n+", " ", t))}


@pytest.mark.parametrize("log", LOGS)
def test_every_sentence_reads_right_whatever_the_log_holds(log: str) -> None:
    own = chat_measures.like(quartiles(told=log != "private"), splitting().table, 4.0)
    texts = {n: says(n, audit(**LOGS[log]), _alike=own) for n in cells("data", "conversations") if n}
    assert len(texts) == 11 and strange(texts) == {}
    assert all(t for n, t in texts.items() if n != "calibrated")


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("ari", SEGMENTS)
def test_every_sentence_reads_right_whatever_hangs_on_the_threshold(split: str, ari: str) -> None:
    known = chat_splitting.facts(SPLITS[split], partitions(*SEGMENTS[ari]))
    texts = {n: says(n, split=SPLITS[split], _split=known) for n in ("lead", "conversation", "moved", "meaning")}
    assert strange(texts) == {} and all(texts.values())


def test_the_claim_states_what_hangs_on_the_threshold() -> None:
    assert says("lead") == (
        "The log holds 800 messages of 100 pairs, from 1 Sep 2025 to 3 Sep 2025; the busiest tenth of the pairs has 40 % of them. "
        "**What one conversation is has to be decided, and it matters:** there are 250 conversations if 30 minutes of silence end "
        "one, 200 with the 4 hours in use, and 100 with 24 hours. The segments stay close to those in use at one of three other "
        "thresholds."
    )
    none = chat_splitting.facts(splitting(), partitions(0.1, 0.2))
    assert "At no other threshold that was tried are the segments close" in says("lead", _split=none)
    assert "**So the segments do depend on the threshold**" in says("moved", _split=none)
    every = chat_splitting.facts(splitting(), partitions(0.9, 0.8))
    assert "**So the segments hardly depend on the threshold.**" in says("moved", _split=every)
    assert "0.2 to" not in says("moved", _split=chat_splitting.facts(splitting(), partitions(0.2)))


def test_the_line_between_pauses_and_silences_is_told_beside_the_threshold_in_use() -> None:
    # 220 conversations at 2 hours, 200 at 4: a tenth more.
    text = says("conversation")
    assert "Pauses are around 3 minutes, silences around 12 hours, and the line is at 2 hours." in text
    assert "That is below the 4 hours in use" in text and "there would be 220 conversations, 10 % more." in text
    assert "That is above the 4 hours in use" in says("conversation", split=SPLITS["above"])
    near = says("conversation", split=SPLITS["at it"])
    assert "That is about the 4 hours in use." in near and "nearest threshold" not in near
    assert "Ashman's D is 1.5, and has to be above 2" in says("conversation", split=SPLITS["one kind"])
    assert "too few of them to ask" in says("conversation", split=SPLITS["not fitted"])
    assert "try 2 hours in the settings" in says("meaning") and "try" not in says("meaning", split=SPLITS["at it"])


def test_facts_of_a_threshold_are_those_of_the_tables() -> None:
    known = chat_splitting.facts(splitting(), partitions(0.2, 0.9, NAN))
    assert (known.most, known.conversations, known.fewest, known.near, known.beside) == (250, 200, 100, 2.0, 220)
    assert (known.least, known.moves_most, known.at) == (0.5, "length of conversations", 24.0)
    assert (known.lowest, known.lowest_at, known.highest, known.close, known.compared) == (0.2, 1.0, 0.9, 1, 2)
    assert known.more == pytest.approx(0.1) and known.side == -1
    bare = chat_splitting.facts(splitting(NOT_FITTED, alike=True))
    assert math.isnan(bare.near) and bare.beside is None and bare.moves_most == "" and bare.compared == 0


def test_a_log_without_texts_or_money_says_so_once() -> None:
    bare = audit(**LOGS["bare"])
    text = says("texts", bare)
    assert "The log has no texts." in text and "The log has no money." in text and "offer something" not in text
    assert chat_data.verdict(chat_data.held(bare, exact=True), chat_splitting.facts(splitting())) == (
        "200 conversations, without texts, without money"
    )
    assert "no texts to protect" in says("privacy", bare)
    # 40 offers, 10 of them bought; 8 of 100 pairs.
    assert "10 of these offers were bought (25 %)" in says("texts") and "8 pairs of 100 (8 %) have a purchase" in says(
        "texts"
    )


def test_a_server_that_gets_texts_is_told_of() -> None:
    assert "this machine alone" in says("privacy")
    sent = Plain(profiler="server", text=Plain(way="words"))
    assert "name a server" in says("privacy", settings=sent) and "this machine alone" not in says(
        "privacy", settings=sent
    )


def test_only_a_simulated_log_is_set_beside_the_published_numbers(downloads: Path) -> None:
    assert says("calibrated") == ""
    made = Provenance(False, True, "sample", "", "", "simulation", "", "ab" * 32, 800, 100)
    assert says("calibrated", provenance=made).startswith("These data are simulated.")
    exact = audit(
        rows=PUBLISHED["rows"], subscribers=100, accounts=22, pairs=221, staff=73, blank=0.345,
        money={"offers": 334.0, "bought": 169.0, "tips": 3.0, "revenue": 7985.54, "buying": 73.0, "again": 58.0},
        per_pair=pd.Series({"mean": 26.6, "50%": 13.0, "max": 348.0}),
        by_day=pd.Series(1, index=pd.date_range("2025-09-01", periods=7)),
    )  # fmt: skip
    table = pd.DataFrame({"hours": [4.0], "conversations": [700]})
    text = unescaped(chat_data.published_table(exact, table, None, None, "tbl-x").markdown)
    # All but the four of stages and of the first ten; 58 pairs for 29, 700 conversations for 671 (4.3 % more).
    assert "**Of 16 numbers 14 are met exactly, and 15 to within 10" in text
    assert "“pairs with two or more” is furthest off" in text


def test_tables_and_figures_hold_the_numbers(downloads: Path) -> None:
    known = chat_data.held(audit(accounts=None), exact=True)
    text = unescaped(chat_data.log_table(known, "tbl-log", lambda v: f"{v:.2f}").markdown).replace(GAP, " ")
    assert "1234.50" in text and re.search(r">accounts</th><td[^>]*>–<", text)
    assert "with one message" in chat_splitting.thresholds_table(splitting(), "tbl-t").markdown
    assert "with a purchase" not in chat_splitting.thresholds_table(splitting(money=False), "tbl-t").markdown
    moved = unescaped(chat_splitting.moved_table(splitting(), "tbl-m", partitions(0.2, 0.9)).markdown)
    assert (
        "**Length of conversations moves most: a rank correlation of 0.50 at 24 hours.**" in moved and ">0.90<" in moved
    )
    like = unescaped(chat_measures.like_table(quartiles(), "EUR").markdown).replace(GAP, " ")
    assert (
        "revenue, EUR" in like and "**Half of the conversations have 3 messages or fewer.**" in like and "50 %" in like
    )
    features = unescaped(chat_measures.features_table(FEATURES).markdown)
    assert "**One feature decides on segments; all others only describe them.**" in features
    drawn = chat_splitting.gaps_figure(splitting())
    assert [line.get_xdata()[0] for line in drawn.axes[0].get_lines()[2:]] == [4.0, 2.0]
    assert len(chat_splitting.gaps_figure(SPLITS["one kind"]).axes[0].get_lines()) == 3
    counts = chat_splitting.thresholds_figure(splitting()).axes[0].get_lines()[0].get_ydata()
    assert list(counts) == [250, 220, 200, 100]
    assert [p.get_height() for p in chat_data.days_figure(audit()).axes[0].patches] == [300, 100, 400]


def test_curves_of_gaps_have_their_shares_as_areas() -> None:
    # Densities of the natural logarithm: four fifths of the gaps are pauses, and all but 0.3 % lie within three deviations.
    axes = chat_splitting.gaps_figure(splitting()).axes[0]
    for line, share in zip(axes.get_lines()[:2], (0.8, 0.2), strict=True):
        x, y = pd.Series(line.get_xdata(), dtype=float), pd.Series(line.get_ydata(), dtype=float)
        area = ((y + y.shift()) / 2 * x.map(math.log).diff()).sum()
        assert area == pytest.approx(share, rel=0.005)


def test_captions_follow_from_the_numbers() -> None:
    split = chat_splitting.facts(splitting())
    assert (
        chat_splitting.thresholds_caption(split)
        .replace(GAP, " ")
        .startswith("**At 30 minutes there are 2.5 times as many conversations as at 24 hours.**")
    )
    assert "random sample of 20,000 gaps" in chat_splitting.gaps_caption(
        chat_splitting.facts(splitting(mixture(gaps=20_000)))
    )
    assert chat_data.days_caption(audit()).startswith("**Days with messages have from 100 to 400 of them.**")
    gap = audit(by_day=pd.Series([5, 7], index=pd.to_datetime(["2025-09-01", "2025-09-04"])))
    assert "A day without a bar" in chat_data.days_caption(gap) and "A day without a bar" not in chat_data.days_caption(
        audit()
    )
    assert "of one day, with 9 messages" in chat_data.days_caption(
        audit(by_day=pd.Series([9], index=pd.to_datetime(["2025-09-01"])))
    )
    assert chat_data.days_alt(audit()) == "Bars, messages by day: 300; 100; 400."
