"""What the page on the segments of prospects says: rates, channels, the published two, and one line."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prospects_told import TERMS, cards, published, rates, use
from report_project import closed, closed_off, downloads, unescaped
from said import said

from segkit.engine.meaning import profile
from segkit.report import channel_segments, channel_use
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;]|  |\.\.")
APART, ALIKE = {1: (60, 500), 2: (10, 500)}, {1: (20, 500), 2: (22, 500)}
RATES = {"apart": APART, "alike": ALIKE, "one": {1: (60, 500), 2: (0, 0)}, "none": {1: (0, 0), 2: (0, 0)},
         "three": {1: (60, 500), 2: (30, 500), 3: (2, 500)}}  # fmt: skip
CARDS = cards("High", "Low")


def says(label: str, counts: Any = APART, two: Any = None, recovered: float | None = None, **names: Any) -> str:
    shown = cards(*("High", "Low", "Least")[: len(counts)])
    facts = channel_use.pair_facts(two or published(), shown, recovered)
    given = {
        "_rated": channel_segments.rates_of(rates(counts), shown),
        "_two": facts,
        "k_decision": Plain(illustration=False),
    }
    return said("segments", label, TERMS, "channels", **{**given, **names}).replace(GAP, " ")


@pytest.mark.parametrize("case", RATES)
@pytest.mark.parametrize("illustration", [True, False])
def test_rates_read_right_whatever_they_are(case: str, illustration: bool, downloads: Path) -> None:
    counts = RATES[case]
    texts = [says(n, counts, k_decision=Plain(illustration=illustration)) for n in ("lead", "rates", "meaning")]
    assert [t for t in texts if not t.strip() or STRANGE.search(t.replace("\n\n", " "))] == []
    shown, found = cards(*("High", "Low", "Least")[: len(counts)]), rates(counts)
    words = [channel_segments.rates_table(found, shown, TERMS).markdown, channel_segments.rates_caption(found, shown),
             channel_segments.rates_alt(found, shown)]  # fmt: skip
    assert [t for t in words if re.search(r"\bnan\b|None", t)] == []
    assert len(channel_segments.rates_figure(found, shown).axes) == 1


def test_rates_and_differences_are_those_of_the_result() -> None:
    lead = says("lead")
    # Wilson's intervals by statsmodels: 60 of 500, and 10 of 500.
    assert "“High” closes at 12 % (95 % interval 9.4 to 15.1 %), “Low” at 2 % (1.1 to 3.6 %)." in lead
    # Newcombe's by statsmodels.
    told = says("rates")
    assert (
        "“High” closes more often than all others (10.0 percentage points, 7.0 to 13.3) and “Low” closes less often"
        in told
    )
    assert "may be chance" in says("rates", ALIKE) and "beyond chance" in says("lead", ALIKE)
    assert "One segment is too small to be told of." in says("rates", RATES["one"])
    assert "Do not handle prospects" in says("meaning", k_decision=Plain(illustration=True))


@pytest.mark.parametrize("recovered", [None, 0.95, 0.4])
@pytest.mark.parametrize("same", [1000, 500])
@pytest.mark.parametrize("counts", [((60, 500), (10, 500)), ((20, 500), (22, 500)), ((10, 500), (60, 500))])
def test_the_published_two_and_the_line_read_right(recovered: float | None, same: int, counts: Any) -> None:
    two = published(*counts, same=same)
    for label in ("lead", "published", "line", "meaning"):
        text = says(label, two=two, recovered=recovered)
        assert text and not STRANGE.search(text), text
    text = says("published", two=two, recovered=recovered)
    assert ("simulation" in text) == (recovered is not None)
    assert ("do not find them again" in text) == (recovered == 0.4)
    assert ("is much the same" in says("line", two=two)) == (same == 1000)


def test_the_published_two_are_told_with_their_numbers() -> None:
    text = says("published")
    assert "1A holds 50 % of the prospects" in text and "1A closes at 12 % and 1B at 2 %, a difference of 10.0" in text
    assert "no difference (−0.4 percentage points" in says("published", two=published((20, 500), (22, 500)))
    # All but the last 500 fall on the same side.
    assert "50 % of the prospects fall on the same side" in says("line", two=published(same=500))


def test_what_may_not_be_told_of_the_two_is_a_dash(downloads: Path) -> None:
    found = published()
    table = found.table.astype(object)
    table.loc[1, ["units", "events", "rate", "low", "high", "share"]] = None
    gone = Plain(difference=None, low=None, high=None)
    hidden = replace(found, table=table, closed=gone, line_same=math.nan, line_ari=math.nan)
    for label in ("lead", "published", "line", "meaning"):
        assert not STRANGE.search(says(label, two=hidden))
    shown = channel_use.pair_table(hidden, TERMS).markdown
    assert "–" in shown and not re.search(r"\bnan\b|None", shown)
    assert "cannot be compared" in says("published", two=hidden) and "may not be told" in says("line", two=hidden)


@pytest.mark.parametrize(
    ("counts", "hidden", "words"),
    [
        (((60, 500), (10, 500)), [1], "One of their rates of closing may not be told"),
        (((60, 500), (10, 500)), [1], "1A closes more often than 1B, beyond chance."),
        (((10, 500), (60, 500)), [0], "1A closes less often than 1B, beyond chance."),
        (
            ((20, 500), (22, 500)),
            [0, 1],
            "Neither rate of closing may be told, since it would tell of few prospects: beyond",
        ),
    ],
)
def test_a_rate_that_may_not_be_told_has_no_dash_in_a_sentence(
    counts: Any, hidden: list[int], words: str, downloads: Path
) -> None:
    found = published(*counts)
    table = found.table.astype(object)
    table.loc[hidden, ["events", "rate", "low", "high"]] = None
    gated = replace(found, table=table)
    text = says("published", two=gated)
    assert words in text and "–" not in text
    assert (
        "percentage points" not in channel_use.pair_table(gated, TERMS).markdown
    )  # the hidden rate would follow from it


def test_the_tables_of_the_two_state_what_differs(downloads: Path) -> None:
    text = unescaped(channel_use.pair_table(published(), TERMS).markdown).replace(GAP, " ")
    assert "**1A closes more often than 1B by 10.0 percentage points (7.0 to 13.3).**" in text and "12 %" in text
    assert "do not differ in how often" in channel_use.pair_table(published((20, 500), (22, 500)), TERMS).markdown
    assert "less often" in channel_use.pair_table(published((10, 500), (60, 500)), TERMS).markdown
    sources = unescaped(channel_use.source_table(published()).markdown).replace(GAP, " ")
    assert "**The commonest latest source of 1A is Paid search (100 %) and of 1B Offline (100 %).**" in sources


def test_the_heatmap_shows_who_was_reached(downloads: Path) -> None:
    found = use((0.5, 0.1, 0.0), (0.4, 0.9, 0.0))
    drawn = channel_use.use_figure(found, CARDS)
    texts = [t.get_text().replace(GAP, " ") for t in drawn.axes[0].texts]
    assert texts == ["50 %", "40 %", "10 %", "90 %"]
    caption = channel_use.use_caption(found, CARDS).replace(GAP, " ")
    assert caption.startswith("**Phone reaches the segments most unequally: 90 % of “Low”, 10 % of “High”.**")
    assert "Nobody, or too few to be told of, had a touch by TikTok." in caption
    assert "High: Google Ads 50 % and Phone 10 %" in channel_use.use_alt(found, CARDS).replace(GAP, " ")
    assert "50 (40.4 to 59.6)" in channel_use.use_table(found, CARDS).markdown.replace(GAP, " ")  # Wilson, statsmodels


@pytest.mark.parametrize("shares", [[(0.0, 0.0)], [(0.5, 0.2)], [(0.5, 0.0)] * 6, [(1.0, 0.0), (0.0, 1.0)]])
def test_the_heatmap_stands_for_any_number_of_segments(shares: Any, downloads: Path) -> None:
    found, shown = use(*shares), cards(*(f"Engagement level {i} of {len(shares)}" for i in range(len(shares))))
    gone = replace(
        found, table=found.table.assign(rate=found.table["rate"].astype(object).where(found.table["group"] != 1))
    )
    for one in (found, gone):
        assert len(channel_use.use_figure(one, shown).axes) == 1
        words = [
            channel_use.use_caption(one, shown),
            channel_use.use_alt(one, shown),
            channel_use.use_table(one, shown).markdown,
        ]
        assert [t for t in words if re.search(r"\bnan\b|None", t)] == []


def test_medians_stand_beside_means(downloads: Path) -> None:
    labels = pd.Series([1] * 10 + [2] * 10)
    frame = pd.DataFrame(
        {"sessions": np.r_[np.full(10, 4.0), np.zeros(10)], "pageviews": 2.0, "forms": 0.0, "clicks": 0.0}
    )
    found, names = profile(frame, labels), {n: n for n in frame.columns}
    text = unescaped(channel_segments.medians_table(found, CARDS, names, TERMS).markdown)
    assert "**Half of “High” have 3 sessions or more.**" in text and "sessions, mean" in text
    assert "Three quarters of the prospects in “High” have more sessions" in channel_segments.profile_caption(
        found, CARDS, TERMS
    )
    assert channel_segments.profile_caption(found, cards("High"), TERMS).startswith("**Medians and quartiles.**")
    empty = cards("High", "Low", hidden=(1, 2))
    assert "No segment is large enough" in channel_segments.medians_table(found, empty, names, TERMS).markdown
