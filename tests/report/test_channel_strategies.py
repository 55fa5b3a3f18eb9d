"""What the page on strategies says: true, whether a difference stays, goes, turns around or cannot be told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_project import downloads, unescaped
from said import said

from segkit.contract import CRM
from segkit.inference import adjusted as balancing
from segkit.inference.adjusted import Adjusted
from segkit.inference.groups import Benchmarks, GroupMeans, GroupRates, compared, means_by
from segkit.inference.rates import difference
from segkit.report import channel_adjusted, channel_strategies

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

STRATEGIES = ("Omnichannel", "Online Only", "Offline Only", "None")
EVEN, MORE, LESS = (50, 50), (80, 40), (30, 70)  # closed, of 500 omnichannel prospects and of 500 touched online only
NO_GAP = (math.nan,) * 3


def rates(counts: Mapping[str, tuple[int, int]], reference: str | None = None) -> GroupRates:
    table = compared(list(counts), *zip(*counts.values(), strict=True), reference=reference)  # type: ignore[arg-type]
    return GroupRates(table, reference, 0, {"level": 0.95})


def strategies(closed: tuple[int, int] = MORE, **others: tuple[int, int]) -> GroupRates:
    own = {"Omnichannel": (closed[0], 500), "Online Only": (closed[1], 500), "Offline Only": (3, 40), "None": (0, 0)}
    return rates({**own, **others}, "Online Only")


def balanced(
    closed: tuple[int, int] = MORE, gap: tuple[float, float, float] = (0.06, 0.02, 0.1), **changed: Any
) -> Adjusted:
    """Return a comparison with this difference of those who are alike."""
    rows = [("engagement_score", 0.5, 0.0), ("tenure squared", -0.2, 0.0), ("intake = 202510", 0.05, 0.0)]
    one, two = (1.5, 1.2) if gap[1] > 0 or gap[2] < 0 else (1.5, 1.0)
    parts: dict[str, Any] = {
        "raw": difference(closed, (500, 500)), "exposed_share": 0.15, "unexposed_share": 0.15 - gap[0], "difference": gap[0],
        "low": gap[1], "high": gap[2], "ratio": 1.6, "ratio_low": 1.1, "ratio_high": 2.2, "e_value": one, "e_value_limit": two,
        "balance": pd.DataFrame(rows, columns=balancing.BALANCE), "overlap": pd.DataFrame(columns=balancing.OVERLAP),
        "units": (500, 500), "effective": (420.0, 450.0), "set_aside": {}, "reason": "",
        "params": {"level": 0.95, "covariates": ["engagement_score", "social_intensity", "tenure", "intake"]},
    }  # fmt: skip
    if math.isnan(gap[0]):
        parts |= dict.fromkeys(("exposed_share", "unexposed_share", "ratio", "e_value", "e_value_limit"), math.nan)
        parts |= {"balance": pd.DataFrame(columns=balancing.BALANCE), "effective": (math.nan, math.nan)}
    return Adjusted(**{**parts, **changed})


def activity(**sessions: float) -> GroupMeans:
    values = {"Omnichannel": 4.0, "Online Only": 2.0, **sessions}
    groups = pd.Series([g for g in values for _ in range(6)])
    frame = pd.DataFrame({m: groups.map(values) for m in ("engagement_score", "sessions", "pageviews", "forms")})
    return means_by(groups, frame, order=STRATEGIES)


def says(
    label: str,
    found: GroupRates | None = None,
    like: Adjusted | None = None,
    won: GroupRates | None = None,
    **names: Any,
) -> str:
    found = strategies() if found is None else found
    text = said(
        "strategies", label, CRM.terms, "channels",
        _strategies=channel_strategies.facts(found), _won=channel_strategies.facts(won or found),
        _balanced=channel_adjusted.facts(like or balanced()), activity=names.pop("activity", activity()), **names,
    )  # fmt: skip
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("closed", "gap", "fate", "lead", "meaning"),
    [
        (MORE, (0.06, 0.02, 0.1), "stays", "it stays beyond chance", "worth looking after"),
        (
            LESS,
            (-0.06, -0.1, -0.02),
            "stays",
            "it stays beyond chance",
            "whether staff meet those offline who hesitate",
        ),
        (MORE, (0.01, -0.02, 0.04), "goes", "no difference beyond chance is left", "Do not count the raw difference"),
        (
            MORE,
            (-0.06, -0.1, -0.02),
            "turns",
            "it turns around, to −6.0",
            "whether staff meet those offline who hesitate",
        ),
        (LESS, (0.06, 0.02, 0.1), "turns", "it turns around, to 6.0", "which the raw numbers do not show"),
        (EVEN, (0.06, 0.02, 0.1), "appears", "(2.0 to 10.0), beyond chance", "which the raw numbers do not show"),
        (EVEN, (0.01, -0.02, 0.04), "none", "which may be chance as well", "Nothing here is a reason"),
        (MORE, NO_GAP, "alone", "cannot be told", "no basis for a choice"),
    ],
)
def test_the_lead_and_the_decision_follow_both_differences(
    closed: tuple[int, int], gap: tuple[float, float, float], fate: str, lead: str, meaning: str
) -> None:
    found, like = strategies(closed), balanced(closed, gap)
    assert channel_adjusted.facts(like).fate == fate
    text = says("lead", found, like)
    assert lead in text and text.endswith("Neither number says what a touch does.")
    assert f"{closed[0] / 5:g} % of the omnichannel prospects closed and {closed[1] / 5:g} % of those" in text
    assert ("which may be chance" in text.split(".  ")[0].split("Among")[0]) == (closed == EVEN)
    assert meaning in says("meaning", found, like)
    assert channel_adjusted.verdict(channel_adjusted.facts(like)) != ""


def test_without_one_of_the_strategies_nothing_is_compared() -> None:
    lacking = rates(
        {"Omnichannel": (0, 0), "Online Only": (40, 500), "Offline Only": (0, 0), "None": (5, 90)}, "Online Only"
    )
    like = balanced(gap=NO_GAP, raw=difference((0, 40), (0, 500)), reason="there is no exposed unit")
    assert says("lead", lacking, like).startswith("Too few prospects are omnichannel, or touched online only")
    assert "Of Omnichannel or Offline Only there are too few prospects" in says("rates", lacking, like)
    assert says("won", lacking, like).startswith("Too few prospects were won")
    assert says("adjusted", lacking, like) == "Too few prospects are omnichannel, or touched online only, for that."
    assert "Too few prospects are told of" in channel_strategies.rates_caption(lacking)
    no_online = rates({"Omnichannel": (40, 500), "None": (5, 90)})
    assert "Of prospects touched online only too few are told of" in says("rates", no_online, like)
    alone = rates({"Omnichannel": (40, 500)})
    assert says("rates", alone, like) == "Only of Omnichannel a rate may be told: 8 % closed."


def test_differences_are_newcombes() -> None:
    # Newcombe (1998), table II, case (a): 56/70 less 48/80 is 0.2, with method 10 from 0.0524 to 0.3339.
    found = rates({"Omnichannel": (56, 70), "Online Only": (48, 80)}, "Online Only")
    text = says("rates", found)
    assert (
        "Beyond chance, one differs from online only, in percentage points: Omnichannel by 20.0 (5.2 to 33.4)." in text
    )
    assert "20.0 points" in channel_strategies.rates_table(found, "closed").markdown
    assert "5.2 to 33.4" in channel_strategies.rates_table(found, "closed").markdown
    assert "No strategy differs from online only beyond chance." in says(
        "rates", strategies(EVEN, **{"Offline Only": (4, 40)})
    )


def test_won_is_held_against_closed() -> None:
    assert says("won", strategies(MORE), won=strategies(MORE)).endswith("Closing says the same.")
    assert "by “closed” the difference lies beyond chance, by “won” it does not." in says(
        "won", strategies(MORE), won=strategies(EVEN)
    )
    assert "by “won” the difference lies beyond chance, by “closed” it does not." in says(
        "won", strategies(EVEN), won=strategies(MORE)
    )
    assert "by that, the difference lies beyond chance on the other side (8.0)." in says(
        "won", strategies(MORE), won=strategies(LESS)
    )
    assert "of those touched online only, a difference of 8.0 percentage points" in says("won", strategies(MORE))


def test_activity_is_told_where_it_is_known() -> None:
    assert "have 4 sessions on average, those touched online only 2;" in says("who")
    gated = activity()
    gated = replace(gated, table=gated.table.assign(mean=np.nan))
    assert says("who", activity=gated).startswith("The raw difference compares people")
    assert "Omnichannel has the most sessions, 4 on average" in channel_strategies.activity_table(activity()).markdown
    assert "No strategy is large enough" in channel_strategies.activity_table(gated).markdown


def test_only_traits_that_take_part_are_named() -> None:
    assert "Among prospects alike in engagement, time in the database and intake period it is 6.0" in says("lead")
    assert "Nobody is told apart by clicks in this file." in says("adjusted")
    every = balanced(
        balance=pd.concat(
            [balanced().balance, pd.DataFrame([("social_intensity", 0.1, 0.0)], columns=balancing.BALANCE)]
        )
    )
    assert "told apart" not in says("adjusted", like=every)


def test_what_goes_with_traits_is_a_share_of_the_raw_difference() -> None:
    # The raw difference is 80/500 - 40/500 = 0.08, so that 0.06 is three quarters of it.
    assert "Of the raw difference 25 % goes with what was measured." in says("adjusted")
    assert "What was measured does not make it smaller." in says("adjusted", like=balanced(gap=(0.09, 0.02, 0.1)))
    assert "So the raw difference misleads." in says("adjusted", like=balanced(gap=(-0.06, -0.1, -0.02)))
    aside = says("adjusted", like=balanced(set_aside={"intake": 12}))
    assert "12 prospects have a value, or a gap, that only one of the groups has, and are left out." in aside


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("there is no unexposed unit", "there is no prospect touched online only"),
        ("no exposed unit with a like in the other arm has the outcome", "no omnichannel prospect with anybody like them in the"),
        ("the covariates part the exposed from the unexposed, so that nobody can be compared with anybody",
         "part omnichannel prospects from those touched online only"),
        ("", "There is no such comparison that may be told."),
    ],
)  # fmt: skip
def test_a_reason_is_told_in_words_of_the_page(reason: str, words: str) -> None:
    text = says("adjusted", like=balanced(gap=NO_GAP, reason=reason))
    assert words in text and "exposed" not in text and "arm" not in text
    assert says("balance", like=balanced(gap=NO_GAP)) == "How alike the groups are cannot be told."
    assert "nothing to explain away" in says("evalue", like=balanced(gap=NO_GAP))


def test_every_reason_that_the_comparison_gives_has_words() -> None:
    exposed, outcome = pd.Series([True] * 40 + [False] * 40), pd.Series([i % 3 == 0 for i in range(80)])
    apart = pd.DataFrame({"x": [float(e) for e in exposed]})
    none = pd.Series([False] * 80)
    cases = ((exposed, outcome, apart), (none, outcome, apart), (exposed, none, apart), (exposed, ~none, apart))
    reasons = [balancing.adjusted(*case).reason for case in cases]
    assert all(reasons)
    for said_so in map(channel_adjusted.why_not, reasons):
        assert "exposed" not in said_so and " unit" not in said_so and "outcome" not in said_so


def test_the_e_value_is_put_into_words() -> None:
    # VanderWeele and Ding (2017): a ratio of 3.9 (1.8 to 8.7) has the E-value 7.26, and its limit 3.0.
    found = dict(zip(("e_value", "e_value_limit"), balancing.e_value(3.9, 1.8, 8.7), strict=True))
    text = says("evalue", like=balanced(ratio=3.9, **found))
    assert (
        "The E-value of the estimate (a ratio of 3.90) is 7.26, that of the end of its interval nearest one is 3.00."
        in text
    )
    assert "to close." in text and "Whether anything unmeasured is as strong" in text
    weak = says("evalue", like=balanced())
    assert "Less than doubling is not much" in weak
    assert "stay open" in says("evalue", like=balanced(LESS, (-0.06, -0.1, -0.02)))
    held = says("evalue", like=balanced(gap=(0.01, -0.02, 0.04)))
    assert (
        "(a ratio of 1.60) is 1.50, that of the end of its interval nearest one is 1. The interval holds no difference"
        in held
    )


def test_balance_is_told_before_and_after() -> None:
    found = balanced()
    text = says("balance", like=found)
    assert "most unlike in engagement score, by 0.50 standard deviations; after it by 0.00" in text
    assert "unlike in none of 3 traits" in text and "the 1,000 prospects tell as much as 870 would" in text
    caption = channel_adjusted.balance_caption(found)
    assert caption.startswith("**Before weighting the groups are unlike in 2 of 3 traits, after it in none.**")
    assert "Engagement score, 0.50 before and 0.00 after" in channel_adjusted.balance_alt(found)
    (axes,) = channel_adjusted.balance_figure(found).axes
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        "engagement score", "days in the database, squared", "intake spring 2025",
    ]  # fmt: skip
    left = found.balance.assign(after=[0.3, 0.0, 0.0])
    assert "still unlike in one trait." in says("balance", like=balanced(balance=left))
    many = pd.DataFrame([(f"intake = {i}", 0.3, 0.0) for i in range(20)], columns=balancing.BALANCE)
    assert "The 14 traits of 20 that are most unlike" in channel_adjusted.balance_caption(balanced(balance=many))
    table = channel_adjusted.comparison_table(found).markdown
    assert "8.0 points" in table and "6.0 points" in table and "2.0 to 10.0" in table


def test_kinds_and_amounts_of_touches_are_compared() -> None:
    rising = Benchmarks(
        {"offline_intensity": rates({"High": (30, 100), "None": (5, 100), "Medium": (20, 100), "Low": (10, 100)})}
    )
    told = channel_strategies.depth(rising, "offline_intensity")
    assert [r.name for r in told.told] == ["None", "Low", "Medium", "High"] and told.rising
    text = says("amounts", _amounts=told)
    assert (
        "none from 0, low from 1, medium from 3 and high from 6 mentions" in text
        and "rises with it at every step" in text
    )
    odd = Benchmarks({"offline_type": rates({"Online": (30, 100), "Throughout": (5, 100), "Latest Only": (15, 100)})})
    kinds = channel_strategies.depth(odd, "offline_type")
    assert "differ from all others, in percentage points: “Online” by 20.0" in says("kinds", _kinds=kinds)
    table = unescaped(channel_strategies.depth_table(odd, "offline_type", "offline touches").markdown).replace(
        "\xa0", " "
    )
    assert "Two of three differ from all others beyond chance; the highest rate is that of “Online”, 30 %." in table
    assert "Nobody is in “Original Only”." in says("kinds", _kinds=kinds) and "Nobody is in “Original Only”." in table
    assert "Nobody" not in says("amounts", _amounts=told) and "no touch at all" in says("kinds", _kinds=kinds)
    two = channel_strategies.depth(
        Benchmarks({"offline_type": rates({"Online": (9, 90), "Throughout": (9, 90)})}), "offline_type"
    )
    assert "Nobody is in “Original Only” or “Latest Only”." in says("kinds", _kinds=two)
    even = Benchmarks({"offline_type": rates({"Online": (10, 100), "Throughout": (11, 100)})})
    assert "None of them closes more or less often" in says(
        "kinds", _kinds=channel_strategies.depth(even, "offline_type")
    )
    none = channel_strategies.depth(Benchmarks({}), "offline_type")
    assert "nothing to compare" in says("kinds", _kinds=none) and "nothing to compare" in says("amounts", _amounts=none)
    assert channel_strategies.depth_table(Benchmarks({}), "offline_type", "x").markdown == ""


def test_figures_and_captions_have_the_rates() -> None:
    found = strategies()
    caption = channel_strategies.rates_caption(found).replace("\xa0", " ")
    assert caption.startswith(
        "**Omnichannel prospects closed more often than those touched online only, 16 % against 8 %.**"
    )
    assert "neither more nor less often beyond chance" in channel_strategies.rates_caption(strategies(EVEN))
    (axes,) = channel_strategies.rates_figure(found, strategies(EVEN)).axes
    assert [t.get_text() for t in axes.get_yticklabels()] == list(STRATEGIES)
    alt = channel_strategies.rates_alt(found, strategies(EVEN)).replace("\xa0", " ")
    assert "closed: Omnichannel 16 % (13" in alt and "won: Omnichannel 10 %" in alt


def test_what_the_gate_takes_away_is_a_dash() -> None:
    found = strategies()
    table = found.table.astype(object)
    table.loc[table["group"] == "Offline Only", table.columns[2:]] = None
    gated = replace(found, table=table)
    assert "Of Offline Only or None there are too few" in says("rates", gated)
    shown = channel_strategies.rates_table(gated, "closed").markdown
    assert "–" in shown and "nan" not in shown.lower()
    channel_strategies.rates_figure(gated, gated)
    hidden = replace(found, table=found.table[found.table["group"] != "Online Only"])
    assert channel_strategies.facts(hidden).online is None
    assert "Too few prospects are told of" in channel_strategies.rates_caption(hidden)
