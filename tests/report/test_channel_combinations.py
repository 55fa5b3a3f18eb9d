"""What the page on combinations says: winners only where they are more than luck, and what luck looks like."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_project import downloads, unescaped
from said import said

from segkit.contract import CRM
from segkit.inference.combinations import Combinations, combinations
from segkit.inference.luck import expected_highest
from segkit.report import channel_combinations as page
from segkit.report.prose import number

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

COLUMNS = [
    "offline", "online", "events", "units", "share", "enough", "posterior", "low", "high", "p_best", "p", "q", "wins",
]  # fmt: skip
Row = tuple[str, str, int, int, float, float, float, float, float]


def made(
    *rows: Row, winners: tuple[tuple[str, str], ...] = (), prior: tuple[float, float] = (0.1, 60.0)
) -> Combinations:
    """Return combinations: channel, platform, events, units, posterior, its interval, probability of being best, q."""
    cells = [
        (
            a,
            b,
            x,
            n,
            x / n if n else np.nan,
            n >= 20,
            *(own if n >= 20 else (np.nan,) * 4),
            np.nan,
            q,
            (a, b) in winners,
        )
        for a, b, x, n, *own, q in rows
    ]
    params = {"minimum": 20, "level": 0.95, "discovery": 0.05}
    return Combinations(pd.DataFrame(cells, columns=COLUMNS), list(winners), (500, 5000), prior, params)


SMALL: Row = ("Print_Media", "TikTok", 2, 9, 0.0, 0.0, 0.0, 0.0, np.nan)
LUCKY: Row = ("Phone", "TikTok", 8, 40, 0.13, 0.08, 0.2, 0.4, 0.3)
DULL: Row = ("Phone", "Google_Ads", 40, 400, 0.1, 0.07, 0.13, 0.1, 1.0)
BEST: Row = ("Event", "Google_Ads", 90, 300, 0.28, 0.24, 0.34, 0.95, 0.001)
POOR: Row = ("Event", "TikTok", 4, 400, 0.02, 0.01, 0.04, 0.0, 0.01)
NONE, ONE = made(SMALL, LUCKY, DULL), made(SMALL, LUCKY, DULL, BEST, POOR, winners=(("Event", "Google_Ads"),))
ALIKE = made(
    ("Phone", "TikTok", 8, 40, 0.16, 0.1, 0.23, 0.5, 0.3), ("Event", "Google_Ads", 90, 600, 0.15, 0.12, 0.18, 0.5, 0.001),
    winners=(("Event", "Google_Ads"),), prior=(0.15, 900.0),
)  # fmt: skip


def says(label: str, found: Combinations, *, public: bool = True) -> str:
    return said("combinations", label, CRM.terms, "channels", _pairs=page.facts(found), _public=public).replace(
        "\xa0", " "
    )


def test_the_lead_names_winners_or_none() -> None:
    text = says("lead", ONE)
    assert text.startswith(
        "Of 4 combinations of an offline channel with a platform that are large enough, one stands out"
    )
    assert (
        "beyond chance: Event with Google Ads with 28 % (24 to 34 %). This rate is shrunk towards those of the others. Of all "
        "prospects, 10 % closed." in text
    )
    two = made(BEST, DULL, POOR, winners=(("Event", "Google_Ads"), ("Phone", "Google_Ads")))
    assert says("lead", two).count("shrunk towards") == 1 and "These rates are shrunk" in says("lead", two)
    none = says("lead", NONE)
    assert "none is declared to stand out. The highest raw rate, 20 % of Phone with TikTok, is" in none
    single = says("lead", made(DULL))
    assert single.startswith("Of 1 combination of an offline channel with a platform that is large enough, none is")
    nobody = says("lead", made(SMALL))
    assert nobody.startswith("None of 1 combinations") and "has 20 prospects, so none is compared" in nobody


def test_status_and_winners_agree_with_the_lead() -> None:
    assert [page.verdict(page.facts(f)) for f in (NONE, ONE, made(SMALL))] == [
        "none declared",
        "1 winner",
        "none large enough",
    ]
    assert "**None declared.**" in says("winners", NONE)
    text = says("winners", ONE)
    assert "**One declared**, with a frame in [the map](#sec-map)" in text and "28 %" not in text
    assert "Below the rate of everybody, by the same rule, lies Event with TikTok (2 %)." in text
    assert "None is compared." in says("winners", made(SMALL))


def test_private_data_say_what_rounding_does() -> None:
    text = says("winners", ONE, public=False)
    assert "numbers are rounded and the ends of intervals moved outward" in text
    assert "rounded" not in says("winners", ONE) and "rounded" not in says("winners", made(SMALL), public=False)
    assert "4 have any prospect" not in says("map", ONE) and "5 have any prospect, and 4 have" in says("map", ONE)
    assert "5 have any prospect, as far as that may be told, and" in says("map", ONE, public=False)


def test_winners_with_a_channel_in_common_are_not_taken_for_separate() -> None:
    also: Row = ("Event", "MAKE", 20, 60, 0.26, 0.2, 0.36, 0.04, 0.01)
    three: Row = ("Phone", "LinkedIn", 20, 60, 0.26, 0.2, 0.36, 0.04, 0.01)
    two = made(BEST, also, DULL, winners=(("Event", "Google_Ads"), ("Event", "MAKE")))
    assert "All have Event in common. Combinations share prospects" in says("winners", two)
    more = made(BEST, also, three, winners=(("Event", "Google_Ads"), ("Event", "MAKE"), ("Phone", "LinkedIn")))
    assert "Two of them have Event in common." in says("winners", more)
    assert "in common" not in says("winners", ONE) and "in common" not in says("winners", ALIKE)


def test_combinations_that_differ_from_everybody_alone_are_not_preferred() -> None:
    assert "From each other the combinations do not differ beyond chance: it stands out as all prospects do" in says(
        "lead", ALIKE
    )
    assert "None of them is to be preferred to another." in says("winners", ALIKE)
    assert says("meaning", ALIKE).startswith("Do not prefer one combination to another")
    assert "Every interval below holds that rate" in says("shrunk", ALIKE)
    assert all("each other" not in says(x, ONE) for x in ("lead", "winners", "meaning", "shrunk"))


def test_shrinkage_is_told_with_its_prior() -> None:
    text = says("shrunk", NONE)
    assert "shrunk towards 10 %, as if about 60 more prospects with that rate belonged to it" in text
    assert (
        "Most probably the best is Phone with TikTok, with a probability of 40 %; 50 % each would be no knowledge"
        in text
    )
    assert says("shrunk", made(SMALL)) == "Here there is nothing to draw in."


def test_the_raw_maximum_is_held_against_luck() -> None:
    text = says("luck", NONE)
    expected = expected_highest([40, 400], 0.1)
    assert "Phone with TikTok comes first: 8 of 40 closed, 20 %." in text
    assert "2 times as often as everybody (10 %)" in text
    assert f"if all of them had one rate, 10 %, the highest would be {number(expected * 100)} % on average" in text
    assert "higher than that, and still not beyond chance" in text and "to be taken for luck" in text
    won = says("luck", ONE)
    assert "Event with Google Ads comes first" in won and "is declared to stand out" in won and "for luck" not in won
    level = made(("Phone", "TikTok", 4, 40, 0.1, 0.08, 0.2, 0.4, 0.3), ("Phone", "X", 2, 40, 0.1, 0.08, 0.2, 0.4, 0.3),
                 winners=(("Phone", "TikTok"),))  # fmt: skip
    assert "is no higher than that. It is declared to stand out from everybody who is not in it" in says("luck", level)
    low = made(("Phone", "TikTok", 4, 40, 0.1, 0.08, 0.2, 0.4, 0.3), ("Phone", "X", 2, 40, 0.1, 0.08, 0.2, 0.4, 0.3))
    assert "is no higher than that" in says("luck", low) and "no more than luck would give" in says("lead", low)
    assert says("luck", made(SMALL)) == "No rate may be told."


def test_decisions_follow() -> None:
    assert says("meaning", NONE).startswith("Do not move money to the combination with the highest rate")
    assert says("meaning", ONE).startswith("Look at this combination first, and ask who is in it")
    assert says("meaning", made(SMALL)).startswith("Combinations are too small")


def test_equal_rates_declare_nobody_and_luck_explains_the_maximum() -> None:
    rng = np.random.default_rng(11)
    offline = pd.DataFrame({f"O{i}": rng.random(4000) < 0.2 for i in range(8)})
    online = pd.DataFrame({f"P{i}": rng.random(4000) < 0.2 for i in range(12)})
    found = combinations(offline, online, pd.Series(rng.random(4000) < 0.05))
    told = page.facts(found)
    assert told.compared == 96 and not told.declared and told.luckiest is not None
    assert told.luckiest.share == pytest.approx(told.by_chance, abs=0.03)
    assert told.luckiest.share > 1.5 * told.overall  # what a report by the maximum would have claimed
    assert "none is declared" in says("lead", found)


def test_the_highest_of_equal_shares_is_what_drawing_gives() -> None:
    rng = np.random.default_rng(5)
    drawn = (rng.binomial(30, 0.051, (4000, 96)).max(axis=1) / 30).mean()
    assert expected_highest([30] * 96, 0.051) == pytest.approx(drawn, abs=0.002)
    assert expected_highest([1, 1], 0.5) == pytest.approx(0.75, abs=1e-3)  # one less a quarter
    assert np.isnan(expected_highest([], 0.1)) and expected_highest([7], 0.2) == pytest.approx(0.2, abs=1e-3)


def test_the_map_leaves_small_cells_blank_and_frames_winners() -> None:
    (axes,) = page.combinations_figure(ONE).axes
    assert sorted(t.get_text() for t in axes.texts) == ["10.0", "13.0", "2.0", "28.0"]
    assert sum(not p.get_fill() for p in axes.patches) == 1
    caption = page.combinations_caption(ONE).replace("\xa0", " ")
    assert caption.startswith("**Event with Google Ads (28 %) stands out.**")
    assert "1 combination of fewer than 20 prospects is blank. A frame marks" in caption
    assert "none stands out" in page.combinations_caption(NONE) and "frame" not in page.combinations_caption(NONE)
    assert "Event with Google Ads 28" in page.combinations_alt(ONE)


def test_the_table_has_raw_and_shrunk_rates_and_its_csv_all() -> None:
    shown = page.combinations_table(ONE).markdown.replace("\xa0", " ")
    assert ">30 %<" in shown and ">28 %<" in shown and ">24 to 34 %<" in shown and ">0.001<" in shown
    assert "Print Media" not in shown and "The CSV has all 5 combinations" in shown
    assert page.combinations_table(made(SMALL)).markdown == ""
    assert "**Event with Google Ads is the best one with a probability of 95 %.**" in unescaped(shown)
    alone = unescaped(page.combinations_table(made(DULL)).markdown).replace("\xa0", " ")
    assert "**Of 1 combination that is large enough, none stands out.**" in alone


def test_what_the_gate_takes_away_is_never_told() -> None:
    rows: Any = ONE.table.astype(object)
    own = (rows["offline"] == "Event") & (rows["online"] == "Google_Ads")
    rows.loc[own, ["events", "share", "posterior", "low", "high", "p_best", "p", "q"]] = None
    gated = replace(ONE, table=rows)
    told = page.facts(gated)
    assert told.declared == 1 and not told.winners
    assert says("lead", gated).startswith(
        "Of 4 combinations"
    ) and "one stands out beyond chance. Of all prospects" in says("lead", gated)
    assert "The numbers of one of them may not be told." in says("winners", gated)
    assert (
        "–" in page.combinations_table(gated).markdown and "nan" not in page.combinations_table(gated).markdown.lower()
    )
    assert "–" in [t.get_text() for t in page.combinations_figure(gated).axes[0].texts]


def test_hostile_names_stay_text() -> None:
    bad = made(("<b>x</b>", "$y$ [a](b)", 30, 100, 0.3, 0.2, 0.4, 0.9, 0.2))
    assert "<b>" not in page.combinations_table(bad).markdown
    page.combinations_figure(bad).canvas.draw()
