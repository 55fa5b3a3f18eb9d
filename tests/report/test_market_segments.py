"""What the page on which markets are alike says: members, confidence, the tree, and rules with how little they prove."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from math import comb
from pathlib import Path
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd
import pytest
from market_results import HOSTILE, MODULES, NAMES, TERMS, segmented
from report_project import closed, closed_off, downloads, unescaped
from said import cells, said

from segkit.engine.coassignment import Chance
from segkit.engine.placing import ABOVE, AT_MOST, IS, Condition, Placing, PlacingRules
from segkit.report import market_figures, market_placing, market_segments
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;:]|  |\.\.|,\.|\(\)")
LUCKY, PLAIN = Chance(0.7, 0.8, 0.2, 99), Chance(0.7, 0.8, 0.01, 99)
CASES: dict[str, Any] = {
    "two": segmented(3, 2, chance=PLAIN), "six": segmented(4, 3, 2, 1, 1, 1, sure=[1, 0.5], chance=LUCKY), "alone": segmented(4, 1),
    "unsure": segmented(4, 4, 4, sure=[0.5, 0.6, 1, 0.7], chance=PLAIN),
    "no draws": segmented(2, 2, draws=0), "one market": segmented(1, 1, 1),
}  # fmt: skip


def says(label: str, own: Any = None, **names: Any) -> str:
    own = own or CASES["two"]
    given = {
        **MODULES, "_who": market_segments.groups(own.members, own.cards), "_surely": market_segments.sure(own.customers),
        "_joined": market_segments.tree(own.tree, own.labels), 
        "_placed": market_placing.rules(own.placing, own.cards, own.features), "k_decision": Plain(illustration=False),
    }  # fmt: skip
    return said("segments", label, TERMS, "markets", **{**given, **names}).replace(GAP, " ")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("illustration", [True, False])
def test_every_sentence_reads_right_whatever_the_segments_are(case: str, illustration: bool) -> None:
    texts = {
        n: says(n, CASES[case], k_decision=Plain(illustration=illustration)) for n in cells("segments", "markets") if n
    }
    assert len(texts) == 6 and all(texts.values())
    assert {n: t for n, t in texts.items() if STRANGE.search(re.sub(r"\n+(- )?", " ", t))} == {}


def test_the_claim_names_who_is_where_and_who_is_unsure() -> None:
    assert says("lead") == (
        "By how their revenue moves and what they are made of, five markets fall into two segments: “Segment 1” with Alder, Birch "
        "and Cedar; “Segment 2” with Dogwood and Elm. Every market keeps its segment in 100 % or more of 20 draws of its customers."
    )
    unsure = says("lead", CASES["unsure"])
    assert (
        "Alder, Birch and Dogwood keep theirs in fewer than 80 % of 20 draws of their customers, so they may" in unsure
    )
    assert "Birch keeps its segment in fewer than 80 % of 20 draws of its customers, so it may" in says(
        "lead", CASES["six"]
    )
    assert "How sure that is cannot be told." in says("lead", CASES["no draws"])
    assert says("lead", k_decision=Plain(illustration=True)).startswith(
        "By the rule there is no segmentation; the two segments"
    )
    many = says("lead", _surely=replace(market_segments.sure(CASES["two"].customers), unsure=list(NAMES[:10])))
    assert "Alder, Birch, Cedar, Dogwood, Elm and 5 more keep theirs" in many


def test_confidence_is_the_share_of_draws_and_stands_beside_sampling_error() -> None:
    sure = market_segments.sure(CASES["unsure"].customers)
    assert (sure.lowest, sure.least, sure.unsure) == ("Alder", 0.5, ["Alder", "Birch", "Dogwood"])
    assert sure.mean == pytest.approx((9 + 0.5 + 0.6 + 0.7) / 12)
    text = says("sure", CASES["unsure"])
    assert (
        "90 % on average, and lowest for Alder (50 %)" in text
        and "come back more often than that, beyond chance" in text
    )
    assert "it would be 70 % on average: that the segments come back may be chance." in says("sure", CASES["six"])
    assert "What sampling error alone would give is not known." in says("sure", CASES["alone"])
    assert "so that confidence is not known" in says("sure", CASES["no draws"])


def test_markets_by_themselves_are_named() -> None:
    assert "No market is a segment by itself." in says("members")
    assert "Elm is a segment by itself" in says("members", CASES["alone"])
    assert f"Juniper, {HOSTILE} and Larch are segments by themselves" in says("members", CASES["six"])
    # Revenue of 500 down to 100: the first three have 1200 of 1500.
    assert "“Segment 1” holds 80 % of the revenue with three markets of five." in says("members")


def test_the_tree_is_compared_with_the_segments() -> None:
    own = CASES["two"]
    assert market_segments.tree(own.tree, own.labels).same and "it gives the segments in use." in says("tree")
    other = own.labels.where(own.labels.index != "Alder", 2)
    known = market_segments.tree(own.tree, other)
    # Three and two against two and three, of which one moved: by scikit-learn, adjusted_rand_score([1,1,1,2,2],[2,1,1,2,2]).
    assert known.ari == pytest.approx(0.166667, abs=1e-6)
    assert "their adjusted Rand index (ARI) is 0.17" in says("tree", _joined=known)
    assert "**Cut into two, the tree gives not the segments in use" not in market_segments.tree_caption(known)
    assert "does not give the segments in use (adjusted Rand index 0.17)" in market_segments.tree_caption(known)
    assert "**Cut into two, the tree gives the segments in use.**" in market_segments.tree_caption(
        market_segments.tree(own.tree, own.labels)
    )


def test_rules_are_told_with_how_many_other_sets_have_one() -> None:
    own = segmented(3, 2)
    told = market_placing.rules(own.placing, own.cards, own.features)
    assert [r.sets for r in told.rules] == [comb(5, 3) - 1, comb(5, 2) - 1]
    found = PlacingRules(
        (
            Placing(1, (Condition("discount", AT_MOST, 0.15), Condition("growth", ABOVE, 0.1)), 3, 3, 0, 0.4),
            Placing(2, (Condition("group", IS, HOSTILE),), 2, 1, 1, math.nan),
        ),
        pd.DataFrame({"unit": own.labels.index, "holds": [True] * 4 + [False]}),
        {"longest": 3, "conditions": 1, "all": True},
    )
    known = market_placing.rules(found, own.cards, own.features)
    first, second = known.rules
    # 0.4 of the ten sets of three of five are four: three others of nine.
    assert (first.alike, first.sets, first.empty) == (3, 9, False) and second.sets == 0
    assert (
        first.rule == f"discount at most 15{GAP}% and growth above 0.1 (log)" and second.rule == f"group is {HOSTILE}"
    )
    text = says("rules", _placed=known)
    assert "There is one for “Segment 1”; for the rest, the nearest is shown." in text
    assert "1 condition was tried on five markets" in text
    assert "tells just as well: for “Segment 1” 3 of 9." in text
    half = market_placing.Told([replace(first, alike=5)], 5, 1, 3, True)  # of nine
    assert "Where it is 50 % or more of them, as for “Segment 1”, the rule says next to nothing." in says(
        "rules", _placed=half
    )
    none = market_placing.Told([second], 5, 2, 3, True)
    assert "There is none for any of them" in says("rules", _placed=none)


def test_tables_show_rules_only_where_they_hold(downloads: Path) -> None:
    own = segmented(6, 5)
    holds = own.placing.table.assign(holds=own.placing.table["unit"] != "Alder")
    found = PlacingRules(own.placing.rules, holds, own.placing.params)
    change = pd.Series(0.25, index=own.labels.index).where(own.labels.index != "Birch")
    text = market_placing.members_table(own.members, found, change, own.cards, own.features).markdown
    shown = unescaped(text).replace(GAP, " ")
    rows = {m[1]: m[0] for m in re.finditer(r'<tr><th scope="row">(.*?)</th>.*?</tr>', shown)}
    assert list(rows)[:2] == ["Alder", "Birch"] and "&lt;b&gt;x" in text and "<b>x" not in text
    assert ">–<" in rows["Alder"] and ">–<" in rows["Birch"] and "25 %" in rows["Alder"] and ">–<" not in rows["Cedar"]
    assert "**Alder sells most: 16.7 % of the revenue.**" in shown and "A dash stands for" in shown
    rules = unescaped(market_placing.rules_table(market_placing.rules(own.placing, own.cards, own.features)).markdown)
    assert "**Both segments are told exactly by a short rule.**" in rules and f"of {comb(11, 6) - 1}" in rules
    nothing = PlacingRules((Placing(1, (), 2, 0, 0, math.nan), Placing(2, (), 3, 0, 0, math.nan)), holds, found.params)
    assert (
        "**None of two segments is told"
        in market_placing.rules_table(market_placing.rules(nothing, own.cards, own.features)).markdown
    )


def test_actions_are_those_of_the_cards() -> None:
    assert (
        says("meaning")
        == "- **“Segment 1”** (Alder, Birch and Cedar). Do 1.\n- **“Segment 2”** (Dogwood and Elm). Do 2."
    )
    assert "Rank the markets" in says("meaning", k_decision=Plain(illustration=True))
    own = CASES["two"]
    same = market_segments.groups(own.members, own.cards.acting({1: "Wait.", 2: "Wait."}))
    assert says("meaning", _who=same) == "For the markets of every segment: Wait."
    assert "Look at Alder, Birch and Dogwood by themselves" in says("meaning", CASES["unsure"])


@pytest.mark.parametrize("case", ["two", "six"])
def test_figures_show_every_market(case: str) -> None:
    own = CASES[case]
    tree = market_figures.tree_figure(own.tree, own.labels, own.cards).axes[0]
    assert [t.get_text() for t in tree.get_yticklabels()] == [
        market_figures.short(leaf, 22) for leaf in own.tree.leaves
    ]
    n, k, heights = len(own.labels), len(own.cards), [0.0, *own.tree.table["height"]]
    (cut,) = {line.get_xdata()[0] for line in tree.lines if line.get_linestyle() == "--"}
    assert heights[n - k] < cut < heights[n - k + 1]
    assert own.tree.leaves[0] in market_segments.tree_alt(own.tree)
    drawn = market_figures.component_map(own.projection, own.labels, own.cards, ("Level", HOSTILE))
    marks = np.concatenate([c.get_offsets() for c in drawn.axes[0].collections])
    assert len(marks) == n and 0 < len(drawn.axes[0].texts) <= n
    caption = market_segments.components_caption(
        own.projection, own.labels, own.cards, ("Level", "Growth"), TERMS, named=n - 2
    )
    assert caption.startswith(f"**“Segment {k}” lies furthest to the right.**") and "Two names have no room." in caption
