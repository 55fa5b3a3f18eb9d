"""What the page on times to close says: true, whatever the curves, the horizons and the landmarks show."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prospects_told import adjusted as alike_by
from report_project import downloads, unescaped
from said import said

from segkit.contract import CRM
from segkit.inference.horizons import Horizons, conversion
from segkit.inference.landmark import Landmark, landmark
from segkit.inference.speed import Speed, speed
from segkit.report import channel_horizons as horizons
from segkit.report import channel_landmark as marks
from segkit.report import channel_speed as page
from segkit.report import channel_speed_figures as figures

__all__ = ["downloads"]
pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

TERMS = CRM.terms
BOTH, ONLINE = "Omnichannel", "Online Only"
Groups = dict[str, tuple[int, int, float]]
SOONER: Groups = {BOTH: (200, 100, 30.0), ONLINE: (200, 20, 30.0)}


def timed(groups: Groups, *, until: float = 400.0) -> Speed:
    """Return times of groups of which so many of so many closed on a day, and the others are open until the end."""
    rows = [(g, day if i < k else until, i < k) for g, (n, k, day) in groups.items() for i in range(n)]
    frame = pd.DataFrame(rows, columns=["group", "days", "closed"])
    return speed(frame["group"], frame["days"], frame["closed"], reference=ONLINE, order=tuple(groups))


def says(label: str, found: Any) -> str:
    facts = {
        "times": page.facts(found) if isinstance(found, Speed) else None,
        "alone": page.naive(found) if isinstance(found, Speed) else None,
        "ages": horizons.facts(found) if isinstance(found, Horizons) else None,
        "later": marks.facts(found) if isinstance(found, Landmark) else None,
    }
    given = {f"_{name}": value for name, value in facts.items() if value is not None}
    return said("speed", label, TERMS, "channels", **given).replace("\xa0", " ")


def test_days_open_follow_from_who_closed_and_when() -> None:
    known = page.facts(timed(SOONER))
    # One day of closing: S falls to 1 - k/n there, so that the area up to 365 is 365 - (365 - day) k/n.
    assert known.base is not None and known.base.days == pytest.approx(365 - 335 * 0.1)
    assert known.both is not None and known.both.difference == pytest.approx(-335 * 0.4)
    assert (known.limit, known.both.side, known.open_share) == (365, -1, pytest.approx(1 - 120 / 400))


def test_the_lead_tells_fewer_days_more_and_neither() -> None:
    assert says("lead", timed(SOONER)).startswith(
        "**Prospects reached online and offline are open for fewer days within 365 than prospects reached online only** (more of "
        "them close by then; that they close earlier is not shown): 134 fewer in the mean (95 % interval of the difference −1"
    )
    assert "70 % of the prospects are still open." in says("lead", timed(SOONER))
    turned = timed({BOTH: (200, 20, 30.0), ONLINE: (200, 100, 30.0)})
    assert "(fewer of them close by then; that they close later is not shown): 134 more in the mean" in says(
        "lead", turned
    )
    early = timed({BOTH: (200, 100, 10.0), ONLINE: (200, 100, 300.0)})
    assert "(no more of them close by then, but those who do close earlier in the mean)" in says("lead", early)
    even = timed({BOTH: (200, 20, 30.0), ONLINE: (200, 20, 30.0)})
    assert "for neither fewer nor more days within 365, beyond chance," in says("lead", even)
    assert "differs by 0 days" in says("lead", even)
    alone = timed({ONLINE: (200, 20, 30.0)})
    assert says("lead", alone).startswith("How soon prospects close cannot be compared")
    other = timed({"Offline Only": (200, 20, 30.0), ONLINE: (200, 100, 30.0)})
    assert says("lead", other).startswith("How soon prospects reached online and offline close cannot be compared with")
    short = timed(SOONER, until=100.0)
    assert "cannot be compared" in says("lead", short) and "No strategy can be compared" in says("means", short)


def test_the_test_of_the_curves_is_told_with_its_p() -> None:
    assert "is ruled out beyond chance by the log-rank test (p less than 0.001)" in says("curves", timed(SOONER))
    even = timed({BOTH: (200, 20, 30.0), ONLINE: (200, 20, 30.0)})
    assert "By the log-rank test (p 1.000) [@mantel1966], all strategies may have one curve." in says("curves", even)
    assert says("curves", timed({ONLINE: (200, 20, 30.0)})).startswith("There is nothing to test")


def test_a_strategy_that_is_not_observed_so_long_is_named() -> None:
    found = timed({**SOONER, "None": (50, 10, 30.0)})
    means = found.means.copy()
    means.loc[means["group"] == "None", ["mean", "low", "high", "difference", "difference_low", "difference_high"]] = (
        np.nan
    )
    known = replace(found, means=means)
    assert "Of prospects with no known touch, too few are observed for 365 days" in says("curves", known)
    assert "–" in page.means_table(known, TERMS).markdown


def test_a_strategy_of_which_few_closed_is_compared_with_nobody() -> None:
    found = timed({**SOONER, "None": (200, 9, 30.0)})
    assert "Of prospects with no known touch, fewer than ten closed" in says("curves", found)
    assert [s.name for s in page.facts(found).groups] == ["prospects reached online and offline"]
    shown = unescaped(page.means_table(found, TERMS).markdown)
    rows = {r.split("<")[0]: r for r in shown.split('<th scope="row">')[1:] if "365 days" in r}
    assert re.findall(r">([^<]+)</td>", rows["no known touch"])[-2:] == ["–", "–"]
    assert "–" not in rows["online and offline"] and "@tbl-open-days" in says("curves", found)
    base = timed({BOTH: (200, 100, 30.0), ONLINE: (200, 9, 30.0)})
    assert page.facts(base).limit == 0 and says("lead", base).startswith("How soon prospects close cannot be compared")


def test_the_means_name_who_is_open_for_fewer_and_for_more_days() -> None:
    text = says("means", timed({**SOONER, "Offline Only": (2000, 10, 30.0), "None": (200, 20, 30.0)}))
    assert (
        "Within 365 days, prospects reached online only are open for 331.5 days in the mean, and 10 % of them close."
        in text
    )
    assert "Open for fewer days than they, beyond chance: prospects reached online and offline." in text
    assert "Open for more days than they, beyond chance: prospects reached offline only." in text
    assert "For prospects with no known touch no difference is shown beyond chance." in text


def test_the_mean_of_the_closed_may_point_the_other_way() -> None:
    found = timed({BOTH: (200, 100, 200.0), ONLINE: (200, 10, 20.0)})
    alone = page.naive(found)
    assert (alone.both, alone.online, alone.days) == (200.0, 20.0, pytest.approx(2020 * 10 / 110 + 0.0))
    text = says("closed", found)
    assert "Those who closed took 184 days in the mean." in text
    assert "Here it even points the other way." in text and "took 180 days more than those reached online only" in text
    assert "open for fewer days within 365." in text
    same = says("closed", timed({BOTH: (200, 100, 20.0), ONLINE: (200, 10, 40.0)}))
    assert "took 20 days, those reached online only 40" in same and "points the same way" in same
    assert says("closed", timed({BOTH: (20, 0, 1.0), ONLINE: (20, 0, 1.0)})).startswith("So few prospects are closed")


def test_numbers_that_the_gate_takes_away_leave_dashes() -> None:
    found = timed(SOONER)
    blank = replace(
        found,
        table=found.table.assign(closed_mean=None, closed_median=None, events=pd.Series([pd.NA, 20], dtype="Float64")),
    )
    assert "–" in page.naive_table(blank, TERMS).markdown
    assert says("closed", blank).startswith("So few prospects are closed")


def test_captions_hold_the_numbers_of_the_result() -> None:
    found = timed(SOONER)
    caption, alt = figures.caption(found), figures.alt(found)
    assert caption.startswith(
        "**Within 365 days, prospects reached online and offline are open for fewer days than prospects reached online only.**"
    )
    assert f"chi squared {found.chi:.1f} with 1 degree of freedom, p less than 0.001" in caption
    assert "online and offline 50" in alt and "online only 10" in alt
    drawn = figures.figure(found)
    ends = {line.get_label(): line.get_ydata()[-1] for line in drawn.axes[0].get_lines() if line.get_label()[:1] != "_"}
    assert ends == {"online and offline": pytest.approx(0.5), "online only": pytest.approx(0.1)}


@pytest.mark.parametrize(
    ("groups", "until", "verdict"),
    [
        (SOONER, 400.0, "omnichannel open for fewer days"),
        ({BOTH: (200, 20, 30.0), ONLINE: (200, 100, 30.0)}, 400.0, "omnichannel open for more days"),
        ({BOTH: (200, 20, 30.0), ONLINE: (200, 20, 30.0)}, 400.0, "no difference beyond chance"),
        (SOONER, 100.0, "not comparable"),
    ],
)
def test_the_decision_follows_the_comparison_and_recommends_no_touch(
    groups: Groups, until: float, verdict: str
) -> None:
    found = timed(groups, until=until)
    assert page.verdict(page.facts(found)) == verdict
    text = says("meaning", found)
    assert text.endswith("Quote shares closed within a stated number of days, never the mean of the closed.")
    assert ("Nothing follows" in text) == (verdict == "not comparable")
    assert ("no reason to add a touch" in text) == (verdict == "omnichannel open for fewer days")


def aged(both: tuple[int, int], online: tuple[int, int], *, age: int = 200) -> Horizons:
    """Return conversion of groups of which so many of so many closed on day 50, all added so long ago."""
    rows = [(g, i < k) for g, (k, n) in ((BOTH, both), (ONLINE, online)) for i in range(n)]
    frame = pd.DataFrame(rows, columns=["group", "closed"])
    end = pd.Timestamp("2024-01-01")
    created = pd.Series(end - pd.Timedelta(days=age), index=frame.index)
    closed = (created + pd.Timedelta(days=50)).where(frame["closed"])
    return conversion(frame["group"], created, closed, end, reference=ONLINE)


def test_fixed_horizons_ask_only_those_who_are_old_enough() -> None:
    text = says("horizons", aged((50, 100), (20, 100)))
    assert (
        "Within 90 days, 50 % of those reached online and offline closed and 20 % of those reached online only" in text
    )
    assert "a difference of 30.0 percentage points" in text and "All of these differences are beyond chance." in text
    assert "No prospect is old enough for 365 days." in text and "Within 365" not in text
    assert "None of these differences is beyond chance." in says("horizons", aged((20, 100), (20, 100)))
    young = says("horizons", aged((50, 100), (20, 100), age=60))
    assert young.startswith("Too few are old enough to be compared at any horizon.")
    assert "old enough for 90 days or more." in young
    assert "at two of two horizons" in horizons.horizon_table(aged((50, 100), (20, 100)), TERMS).markdown
    assert "–" in horizons.horizon_table(aged((50, 100), (20, 100), age=60), TERMS).markdown


def landed(*, dated: bool = True, late: bool = False, even: bool = False, undated: int = 0) -> Landmark:
    """Return what closes from landmarks on: 100 of 200 with both touches, else 20, all on day 200.

    Late touches come on day 190; even groups close alike.
    """
    n, end = 400, pd.Timestamp("2025-01-01")
    both = np.arange(n) < 200
    closed = np.where(both, np.arange(n) < (20 if even else 100), np.arange(n) >= n - 20)
    created = pd.Series(end - pd.Timedelta(days=600), index=range(n))
    touch = (created + pd.Timedelta(days=190 if late else 5)).where(both)
    touch[:undated] = pd.NaT
    frame = pd.DataFrame({
        "created": created, "end": (created + pd.Timedelta(days=200)).where(closed, end), "closed": closed,
        "offline_from": touch if dated else pd.NaT, "online_from": created if dated else pd.NaT, "offline": both,
        "online": True, "offline_original": False if dated else np.arange(n) % 4 == 0, "online_original": True,
    })  # fmt: skip
    return landmark(frame)


def test_landmarks_divide_by_the_touches_that_there_were_by_then() -> None:
    text = says("landmark", landed())
    assert "Of 400 prospects still open on day 30, 200 had been reached both online and offline by then." in text
    # Closed on day 200, which lies within 365 days of both landmarks: 100 of 200 against 20 of 200.
    assert text.count("50 % of those reached both ways closed and 10 % of the others, a difference of 40.0") == 2
    assert "set aside" not in text and "does not have the dates" not in text
    assert "The landmarks agree with it" in says("agreement", landed())
    assert "are set aside, since a touch of theirs has no date" in says("landmark", landed(undated=10))


def test_a_file_without_dates_says_that_the_original_source_stands_for_them() -> None:
    found = landed(dated=False)
    text = says("landmark", found)
    assert text.startswith("The export does not have the dates of both kinds of touches.")
    assert "still open on day 30, 100 had been reached" in text  # every fourth has an offline original source
    assert "no difference is shown beyond chance: the raw one may be no more than" in says("agreement", found)


def test_what_is_alike_in_engagement_stands_beside_the_landmark() -> None:
    found = landed()
    known = marks.facts(found).known
    alike = {(d.day, d.until): alike_by(0.1, 0.02, 0.18) for d in known[:1]}
    text = says("landmark", replace(found, adjusted=alike))
    assert text.count("alike in engagement") == 1 and "it is 10.0 (2.0 to 18.0)." in text
    assert "may take away a part of what touches did" in text
    for none in ({}, {at: alike_by(reason="nobody") for at in alike}):
        assert "alike in engagement" not in says("landmark", replace(found, adjusted=none))


def test_touches_that_come_after_the_landmarks_cannot_be_compared() -> None:
    found = landed(late=True)
    assert says("landmark", found) == (
        "From day 30 or 90 on nothing can be compared: too few were reached both ways by then, or watched long enough after it."
    )
    assert "How much of it comes from the time that touches take cannot be told." in says("agreement", found)
    assert "–" in marks.landmark_table(found, TERMS).markdown
    assert marks.caption(found).startswith("**From no landmark on can shares be compared.**")


def test_the_landmarks_may_agree_on_nothing() -> None:
    assert says("agreement", landed(even=True)).endswith("Neither way is there a difference beyond chance.")
    assert marks.caption(landed(even=True)).startswith(
        "**From no landmark on is there a difference beyond chance within 365"
    )


@pytest.mark.parametrize(
    ("raw", "gaps", "words"),
    [
        (0.1, (-0.1, -0.1), "contradict it, or each other"),
        (0.1, (0.1, 0.0), "agree in part"),
        (0.0, (0.1, 0.1), "It is from a landmark on, and not in the end"),
        (math.nan, (0.1, 0.1), "By the touches in the end nothing can be compared either."),
    ],
)
def test_every_way_of_agreeing_has_its_sentence(raw: float, gaps: tuple[float, ...], words: str) -> None:
    found = landed()
    after = found.after.copy()
    for day, gap in zip((30, 90), gaps, strict=True):
        after.loc[after["landmark"] == day, ["difference", "low", "high"]] = (gap, gap - 0.05, gap + 0.05)
    plain: Any = Plain(difference=raw, low=raw - 0.05, high=raw + 0.05)
    assert words in says("agreement", replace(found, after=after, raw=plain))


def test_the_figure_of_landmarks_has_a_dot_for_each_and_one_for_the_end() -> None:
    found = landed()
    axes = marks.figure(found).axes[0]
    at = [line.get_xdata()[0] for line in axes.get_lines()[1:]]
    assert at == [pytest.approx(40.0)] * 3 and len(axes.get_yticklabels()) == 3
    assert marks.caption(found).startswith(
        "**From day 30 and day 90 on, those reached both ways by then close more often"
    )
    assert "in the end 40.0" in marks.alt(found) and "from day 90 on 40.0" in marks.alt(found)
