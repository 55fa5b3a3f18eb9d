"""What the pages on segments of pairs, on stability and on other choices say, whatever their results are."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prospects_told import HOSTILE
from report_project import closed, closed_off, downloads, unescaped
from said import cells, said
from test_null_pages import made

from segkit.contract import LEADS, MESSAGES, SALES
from segkit.engine.group_resampling import GroupResampling
from segkit.engine.jaccard import Jaccard
from segkit.engine.meaning import Card, Cards, Profile, profile
from segkit.engine.populations import Populations
from segkit.inference.marked import Marked
from segkit.report import chat_draws, chat_paid, chat_segments, choices, claims, nulls
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
TERMS = MESSAGES.terms
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;:]|  |\.\.|,\.|\(\)|–")
MODULES = {"_chat_draws": chat_draws, "_chat_paid": chat_paid, "_chat_segments": chat_segments}


def features(messages: list[float], *, money: bool = True) -> pd.DataFrame:
    """Return features of ten pairs per segment, of which each third one bought once in the first, and none elsewhere."""
    each = np.repeat(messages, 10)
    first = np.arange(len(each)) < 10
    frame = pd.DataFrame({
        "messages": each, "conversations": 1 + each // 10, "active_days": 1.0, "days_silent": 2.0,
        "messages_per_conversation": np.log(each / (1 + each // 10)), "usual_gap": np.log1p(4.0),
    })  # fmt: skip
    if money:
        frame["purchases"] = np.where(first & (np.arange(len(each)) % 3 == 0), 1.0, 0.0)
        frame["log_revenue"] = np.log1p(10 * frame["purchases"])
    return frame


def study(*messages: float, money: bool = True, hidden: int = 0, private: bool = False, p: float = 0.5, marked: bool = True,
          recovered: float | None = 0.1, illustration: bool = False, planted: int = 2) -> dict[str, Any]:  # fmt: skip
    """Return the results of a study whose segments have such medians of messages; the last ``hidden`` may not be told of."""
    frame = features(list(messages), money=money)
    labels = pd.Series(np.repeat(np.arange(len(messages)) + 1, 10), index=frame.index)
    told = profile(frame, labels)
    gone = labels.max() - hidden
    table = told.table.copy()
    table.loc[table["segment"] > gone, ["q25", "median", "q75", "mean", "share_any"]] = np.nan
    told = Profile(table, tuple(range(gone + 1, labels.max() + 1)), 5)
    wide = told.wide()
    items = tuple(
        Card(s, str(s), f"Kind {s}", f"Kind {s}", "so many messages", f"Do {s}.", 10 if s <= gone else None,
             0.5 if s <= gone else None, {str(f): float(v) for f, v in wide.loc[s].items()} if s <= gone else {})
        for s in range(1, labels.max() + 1)
    )  # fmt: skip
    cards = Cards(items, len(frame))
    rows = (
        [(s, ("bought", ""), 0.3, 0.1, 0.2 if s == 1 else -0.1, p) for s in range(1, gone + 1)]
        if marked and money
        else []
    )
    marks = Marked(
        pd.DataFrame(rows, columns=["segment", "mark", "mean", "overall", "difference", "p"]), 0.95, 1.0, 9, 1
    )
    subscribers = pd.Series([f"s{i % 7}" for i in range(len(frame))], index=frame.index)
    single = None if private else chat_paid.pairs_of(frame, labels, subscribers)
    kinds = (
        None if recovered is None else pd.Series([f"kind {i % planted}" for i in range(len(frame))], index=frame.index)
    )
    return {
        "cards": cards, "profile": told, "labels": labels, "marks": marks, "pairs": single, "kinds": kinds,
        "made": chat_segments.segmented(cards, illustration=illustration, recovered=recovered),
        "paid": chat_paid.money(told, marks, cards, single, seed=1),
    }  # fmt: skip


CASES: dict[str, dict[str, Any]] = {
    "two": study(30, 5), "beyond": study(30, 5, p=0.01), "illustration": study(30, 5, illustration=True),
    "found": study(30, 5, recovered=0.95, illustration=True), "real": study(30, 5, recovered=None),
    "nothing planted": study(30, 5, planted=1), "no money": study(30, 5, money=False), "private": study(30, 5, private=True),
    "one shown": study(30, 5, hidden=1), "none shown": study(30, 5, hidden=2), "not tested": study(30, 5, marked=False),
    "one": study(30), "four": study(40, 20, 10, 5, hidden=1, p=0.01), "private, no money": study(9, 5, private=True, money=False),
}  # fmt: skip


def says(label: str, own: dict[str, Any]) -> str:
    kinds = chat_segments.kinds(own["kinds"], own["labels"], own["cards"])
    return said("segments", label, TERMS, "conversations", **MODULES, _made=own["made"], _paid=own["paid"], _cards=own["cards"],
                _kinds=kinds).replace(GAP, " ")  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_sentence_on_segments_reads_right(case: str) -> None:
    texts = {n: says(n, CASES[case]) for n in cells("segments", "conversations") if n}
    assert len(texts) == 7 and all(texts.values())
    assert {n: t for n, t in texts.items() if STRANGE.search(re.sub(r"\n+(- )?", " ", t))} == {}


@pytest.mark.parametrize("case", CASES)
def test_every_table_stands(case: str, downloads: Path) -> None:
    own = CASES[case]
    shown = [
        chat_segments.profile_table(own["profile"], own["cards"], TERMS), chat_paid.money_table(own["paid"], TERMS),
        chat_segments.kinds_table(own["kinds"], own["labels"], own["cards"]),
    ]  # fmt: skip
    assert [t.markdown for t in shown if re.search(r"\bnan\b|None", t.markdown)] == []
    for card in own["cards"]:
        assert not re.search("nan", str(chat_segments.card_facts(own["profile"])(card)))


def test_the_lead_says_what_pairs_do_and_whether_what_was_planted_is_found() -> None:
    assert says("lead", CASES["two"]) == (
        "By how they write to each other, pairs of a subscriber and an account fall into two segments. The typical pair exchanged "
        "30 messages in “Kind 1”, and 5 in “Kind 2”. The kinds of pairs that were planted in the simulation are not found again."
    )
    assert "are found again" in says("lead", CASES["found"]) and "an illustration" in says("lead", CASES["found"])
    assert "planted" not in says("lead", CASES["real"]) and "No segment is large enough" in says(
        "lead", CASES["none shown"]
    )


def test_what_may_be_chance_is_not_called_a_difference() -> None:
    told = says("money", CASES["two"])
    assert (
        "In “Kind 1”, 40 % of the pairs ever bought; in “Kind 2”, 0 %." in told
    )  # 4 of 10: each third, from the first on
    assert "is not shown (smallest p 0.5)" in told and "do not overlap" in told
    assert "Beyond chance, more pairs of “Kind 1” bought than of all and fewer of “Kind 2”." in says(
        "money", CASES["beyond"]
    )
    assert "cannot be told of so few subscribers" in says("money", CASES["not tested"])
    assert "neither prices nor revenue" in says("money", CASES["no money"])


def test_money_is_resampled_by_subscriber(downloads: Path) -> None:
    """One subscriber with all pairs can be drawn in one way only; with two, a mean is one of three."""
    frame, labels = features([30.0]), pd.Series(1, index=range(10))
    five = pd.Series(list("abcde") * 2, index=range(10))
    rows = pd.DataFrame({"segment": labels, "subscriber": five, "purchases": [2.0, 0, 0, 0, 0] * 2, "revenue": 10.0})
    card = Cards((Card(1, "1", "K", "K", "", "", 10, 1.0, {"messages": 30.0}),), 10)
    marks = Marked(pd.DataFrame(columns=["segment", "mark", "mean", "overall", "difference", "p"]), 0.95, 1.0, 9, 1)
    found = chat_paid.money(profile(frame, labels), marks, card, rows, seed=1).told[0]
    # of "a" alone: 2 / 5; how often it is drawn of five times is binomial with 1/5: none in a third, three in one of twenty
    assert found.purchases.value == pytest.approx(0.4) and found.purchases.low == 0
    assert found.purchases.high == pytest.approx(2 * 3 / 5) and found.subscribers == 5
    assert (found.revenue.low, found.revenue.high) == pytest.approx((10, 10))


def test_private_data_have_no_intervals(downloads: Path) -> None:
    own = CASES["private"]["paid"]
    text = unescaped(chat_paid.money_table(own, TERMS).markdown)
    assert not own.intervals and "revenue per pair" not in text and "of which nothing is told here" in text
    assert [p.subscribers for p in own.told] == [None, None]


def test_quartiles_are_taken_back_from_their_logarithms(downloads: Path) -> None:
    text = unescaped(chat_segments.profile_table(CASES["two"]["profile"], CASES["two"]["cards"], TERMS).markdown)
    assert "7.5 (7.5 to 7.5)" in text  # 30 messages in four conversations
    assert "4 (4 to 4)" in text  # minutes


def test_planted_kinds_are_counted_by_segment(downloads: Path) -> None:
    own = CASES["two"]
    found = chat_segments.kinds(own["kinds"], own["labels"], own["cards"])
    assert [(k.name, k.size, k.share) for k in found] == [("kind 0", 10, 0.5), ("kind 1", 10, 0.5)]
    text = says("planted", own)
    assert "planted two kinds of pairs" in text and "0.10, where 0.9 is asked" in text
    assert "do not bring the planted kinds back" in text
    shown = chat_segments.kinds_table(own["kinds"], own["labels"], own["cards"]).markdown
    assert "**Two planted kinds share one segment.**" in unescaped(shown)


def again(
    *means: float, groups: int = 50, fitted: int = 100, pairs: float = 0.9, least: float = 0.75
) -> chat_draws.Drawn:
    table = pd.DataFrame({"segment": range(1, len(means) + 1), "mean": means, "recovered": 0.5})
    found = GroupResampling(table, 0.6, 0.2, groups, {"draws": 100, "fitted": fitted}, 1)
    rows = [("bootstrap", i, s, pairs + (0.05 if i % 2 else -0.05)) for i in range(100) for s in table["segment"]]
    samples = Jaccard(pd.DataFrame(rows, columns=["scheme", "resample", "segment", "jaccard"]), 1.0, {}, 1)
    items = tuple(Card(s, str(s), f"K{s}", f"K{s}", "", "", 9, 0.5, {"messages": 1.0}) for s in table["segment"])
    return chat_draws.drawn(found, samples, Cards(items, 18), least)


DRAWN = {
    "as stable": again(0.9, 0.89), "less": again(0.8, 0.9), "lost": again(0.6, 0.9), "all lost": again(0.5, 0.6),
    "one subscriber": again(1.0, 1.0, groups=1), "none fitted": again(math.nan, math.nan, fitted=0), "one": again(0.8),
    "one fitted": again(0.8, 0.9, fitted=1), "part": again(math.nan, 0.9),
}  # fmt: skip


@pytest.mark.parametrize("case", DRAWN)
def test_subscribers_drawn_anew_are_told_right(case: str, downloads: Path) -> None:
    own = DRAWN[case]
    text = said("stability", "subscribers", TERMS, "conversations", **MODULES, _again=own)
    assert text and not STRANGE.search(text), text
    assert not re.search("nan|None", chat_draws.drawn_table(own).markdown)


def test_less_stable_for_subscribers_than_for_pairs_is_said_beyond_chance_alone() -> None:
    """Of 100 samples that spread by 0.05, a difference of means has a standard error of 0.007: 0.01 may be chance, 0.1 not."""
    assert DRAWN["as stable"].lower == [] and DRAWN["less"].lower == ["“K1”"]
    assert DRAWN["lost"].lost == ["“K1”"] and DRAWN["lost"].lower == ["“K1”"]
    text = said("stability", "subscribers", TERMS, "conversations", **MODULES, _again=DRAWN["less"])
    assert "“K1” comes back less closely than in samples of pairs" in text
    assert "costs little here" in said(
        "stability", "subscribers", TERMS, "conversations", **MODULES, _again=DRAWN["as stable"]
    )


def lengths(**ari: float) -> pd.DataFrame:
    return pd.DataFrame([(float(h[1:]), a) for h, a in ari.items()], columns=["hours", "ari"])


SILENCES = {
    "all": lengths(h1=0.9, h8=0.95), "none": lengths(h1=0.1, h8=-0.2), "some": lengths(h1=0.1, h8=0.95),
    "undivided": lengths(h1=0.1, h8=math.nan), "nothing": lengths(h1=math.nan), "one": lengths(h8=0.85),
}  # fmt: skip


@pytest.mark.parametrize("case", SILENCES)
def test_other_lengths_of_silence_are_told_right(case: str) -> None:
    known = chat_draws.silences(SILENCES[case], 4.0)
    text = said("choices", "silence", TERMS, "conversations", **MODULES, _other=known)
    words = [text, chat_draws.silences_caption(known), chat_draws.silences_alt(SILENCES[case])]
    assert [t for t in words if STRANGE.search(t)] == []
    axes = chat_draws.silences_figure(SILENCES[case], 4.0).axes[0]
    assert axes.get_ylim()[0] <= SILENCES[case]["ari"].min() or math.isnan(SILENCES[case]["ari"].min())


def test_lengths_are_close_from_their_threshold_on() -> None:
    known = chat_draws.silences(lengths(h1=0.8, h2=0.799, h8=math.nan), 4.0)
    assert [h.replace(GAP, " ") for h in (*known.close, *known.far, *known.undivided)] == ["1 h", "2 h", "8 h"]
    assert known.lowest == 0.799 and known.at == f"2{GAP}h"


def test_claims_about_subscribers_and_silence_follow_from_their_numbers() -> None:
    table = pd.DataFrame({"segment": [1, 2], "mean": [0.9, 0.7], "recovered": 0.5})
    found = GroupResampling(table, 0.6, 0.2, 50, {}, 1)
    one, two = claims.of_subscribers(found, lengths(h1=0.9, h8=0.85), 0.75)
    assert (one.number, one.verdict, two.number, two.verdict) == (0.7, claims.FAILS, 0.85, claims.HOLDS)
    alone = GroupResampling(table.assign(mean=1.0), 1.0, 1.0, 1, {}, 1)
    assert [c.verdict for c in claims.of_subscribers(alone, lengths(h1=math.nan), 0.75)] == [claims.OPEN, claims.OPEN]


def test_two_pairs_are_called_a_couple_of_pairs_and_nothing_else_changes(downloads: Path) -> None:
    found = made({"copula": 0.0, "brief": 0.0})
    table = unescaped(nulls.statistics_table(found, TERMS).markdown)
    assert "Ambiguous couples of pairs (PAC)" in table and "Correlated features, brief pairs apart" in table
    assert "Ambiguous pairs (PAC)" in unescaped(nulls.statistics_table(found, LEADS.terms).markdown)
    shown = [c.claim for c in claims.nulls(found, TERMS)]
    assert shown[1] == "There is more than having come back, margins and rank correlations"


def test_who_is_left_out_is_told_by_what_the_rest_have() -> None:
    table = pd.DataFrame({"population": ["without_brief_pairs", "without_busiest_subscriber"], "units": [148.0, math.nan],
                          "left_out": 0.3, "ari": [0.3, 0.9], "jaccard_1": 0.5})  # fmt: skip
    low = choices.left_out(Populations(table, {}, 1), TERMS)
    assert (low.who, low.without, low.units) == ("two conversations or more", False, 148)
    assert choices.population("without_busiest_subscriber", TERMS) == "without the busiest subscriber"


def test_one_null_is_told_of_as_one_and_two_as_two() -> None:
    one, two = made({"copula": 9.0}), made({"copula": 9.0, "brief": 9.0})
    of_markets = said("nulls", "how-many", SALES.terms, "markets", nulls=one)
    assert "a population that has none (a null). 99 data sets are drawn from it," in of_markets
    of_pairs = said("nulls", "how-many", TERMS, "conversations", nulls=two)
    assert "populations that have none (nulls). 99 data sets are drawn from each," in of_pairs
    assert "Every population" not in said("nulls", "lead", SALES.terms, "markets", nulls=one)
    assert "Every population without segments is beaten." in said("nulls", "lead", TERMS, "conversations", nulls=two)


def test_names_from_data_are_shown_as_text(downloads: Path) -> None:
    own = study(30, 5)
    cards = Cards(tuple(Card(c.id, "", HOSTILE, HOSTILE, "", "", c.size, c.share, c.medians) for c in own["cards"]), 20)
    assert "<b>x" not in chat_segments.profile_table(own["profile"], cards, TERMS).markdown
    assert "<b>x" not in chat_segments.kinds_table(own["kinds"], own["labels"], cards).markdown
