"""What the pages on prediction and on capacity say, for results whose cause is planted or whose numbers are given."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))
from planted_activity import FIRST, forecasts, judged
from report_project import closed_off, downloads
from said import bullets, said

from segkit.data.breaks import Exposure
from segkit.engine.capacity import ORDERS, Capacity, capacity
from segkit.engine.forecasts import POLICIES, Outlook
from segkit.engine.meaning import Card, Cards
from segkit.engine.usefulness import Usefulness
from segkit.inference import Activity, activity, next_events
from segkit.report import breaks, claims, use_figures, usefulness
from segkit.report import capacity as pages
from segkit.studies.contacts import TERMS

__all__ = ["closed_off", "downloads"]
matplotlib.use("agg")
OUTLOOK = Outlook(1000, 545, (FIRST,), (FIRST,), 90, 365)
SHORT = Outlook(120, 545, (), (), 90, 365)
NAMES = ("One-off", "Core", "Warm")
CARDS = Cards(tuple(Card(i + 1, "warm", n, n, "", "", 50, 0.3, {"x": 1.0}) for i, n in enumerate(NAMES)), 150)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def given(segments: tuple[float, float, float], **rivals: tuple[float, float, float]) -> Usefulness:
    """Return a result whose areas, and differences of the segments from the rivals, are given with their intervals."""
    area = dict.fromkeys(POLICIES, 0.6)
    area["segments"] = segments[0]
    for rival, (less, *_) in rivals.items():
        area[rival] = segments[0] - less
    summary = pd.DataFrame({"policy": POLICIES, "auc": area.values(), "lift": 2.0, "lift_low": 1.5, "lift_high": 2.5})
    summary["auc_low"], summary["auc_high"] = summary["auc"] - 0.02, summary["auc"] + 0.02
    summary.loc[0, ["auc_low", "auc_high"]] = segments[1:]
    limits = {r: rivals.get(r, (0.0, -0.1, 0.1)) for r in POLICIES[1:]}
    rows = [(r, *v, 0.1, -0.2, 0.4) for r, v in limits.items()]
    columns = ["rival", "auc", "auc_low", "auc_high", "lift", "lift_low", "lift_high"]
    empty = pd.DataFrame()
    params = {"dates": [FIRST], "level": 0.95, "top": 0.1, "agreement": [0.89, 0.95]}
    return Usefulness(empty, summary, pd.DataFrame(rows, columns=columns), empty, empty, empty, params, 1)


def lead(found: Usefulness | None, outlook: Outlook = OUTLOOK) -> str:
    return said("usefulness", "lead", usefulness=found, outlook=outlook)


def meaning(found: Usefulness | None, *, illustration: bool = False) -> str:
    return said("usefulness", "meaning", usefulness=found, k_decision=SimpleNamespace(illustration=illustration))


def most_active(found: Activity | None, outlook: Outlook = OUTLOOK, *, public: bool = True) -> str:
    return said("usefulness", "most-active", activity=found, outlook=outlook, _cards=CARDS, _public=public)


def capacity_lead(found: Capacity | None, outlook: Outlook = OUTLOOK) -> str:
    return said("decisions", "capacity", capacity=found, outlook=outlook)


AHEAD, BEHIND = (-0.06, -0.08, -0.03), (0.06, 0.03, 0.08)


def test_where_recency_decides_the_page_says_that_recency_alone_does_better() -> None:
    found = judged(500, "recency", dates=1)
    text = lead(found)
    assert "days since the last call" in text and ("better" in text)
    text = meaning(found)
    assert "use the days since the last call rather than the segments" in text
    assert "describe who the contacts are" in text


def test_where_the_segments_decide_the_page_says_that_they_do_better() -> None:
    found = judged(900, "segment")
    text = lead(found)
    assert "and better than the days since the last call or the number of calls alone" in text
    assert "A list may follow the segments." in meaning(found)


def test_without_a_signal_the_page_says_so() -> None:
    found = judged(700, "nothing", seed=3)
    assert lead(found).startswith("The segments do not tell who calls in the next 90 days")
    assert "Do not use them to guess who will call." in meaning(found)


@pytest.mark.parametrize(
    ("rivals", "words"),
    [
        ({"recency": AHEAD}, ", but the days since the last call alone do it better: the AUC (area under the ROC curve) is "
         "0.75 for the segments and 0.81 for the days since the last call."),
        ({"count": AHEAD}, ", but the number of calls alone does it better: "),
        ({"recency": AHEAD, "count": AHEAD}, ", but the days since the last call or the number of calls alone does it better: the "
         "AUC (area under the ROC curve) is 0.75 for the segments, 0.81 for the days since the last call and 0.81 for the number "
         "of calls."),
        ({"recency": BEHIND, "count": BEHIND}, ", and better than the days since the last call or the number of calls alone: "),
        ({"recency": BEHIND}, "; better than the days since the last call alone, and not clearly better or worse than the number "
         "of calls: "),
        ({}, "; whether the days since the last call or the number of calls alone does it better cannot be told: "),
    ],
)  # fmt: skip
def test_the_lead_follows_the_intervals(rivals: dict[str, tuple[float, float, float]], words: str) -> None:
    text = lead(given((0.75, 0.7, 0.8), **rivals))
    assert text.startswith("Segments predict who calls in the next 90 days" + words)


def test_a_rival_that_is_better_while_the_segments_are_chance_is_named() -> None:
    text = lead(given((0.51, 0.47, 0.55), count=(-0.2, -0.3, -0.1)))
    assert text.endswith("The number of calls alone does better.") and "do not tell" in text


def test_rfm_is_advised_where_it_is_the_best_simple_order() -> None:
    text = meaning(given((0.75, 0.7, 0.8), recency=AHEAD, rfm=(-0.1, -0.12, -0.08)))
    assert "use the RFM score rather than the segments" in text and "needs no clustering" in text
    assert "says with whom a list begins" in text.replace("\n", " ")
    shown = meaning(given((0.75, 0.7, 0.8), recency=AHEAD, rfm=(-0.1, -0.12, -0.08)), illustration=True)
    assert "use the RFM score" in shown and "with whom" not in shown  # of no segmentation no list begins with a segment
    boosted = meaning(given((0.75, 0.7, 0.8), recency=BEHIND, boosting=AHEAD))
    assert "they beat the days since the last call." in boosted and "nobody can read" in boosted
    none = meaning(given((0.75, 0.7, 0.8)))
    assert "they beat none of them beyond chance" in none


def watched(*days: int) -> Exposure:
    """Return windows of ninety days, by month, of which so many were watched."""
    table = pd.DataFrame({"window": [f"2024-{i:02}" for i in range(1, len(days) + 1)], "days": 90, "watched": days})
    share = table["watched"] / 90
    return Exposure(table.assign(start=FIRST, share=share, few=share < 0.75), 0.75)


@pytest.mark.parametrize(
    ("days", "rest", "words"),
    [
        ((90, 90), None, ""),
        ((), None, ""),
        ((90, 80), None, "leave 80 of 90 in 2024-02, by the month in which a window begins."),
        ((30, 90), 0.81, "2024-01 was watched on fewer than 75 % of its days"),
        ((30, 40), None, "2024-01 and 2024-02 were watched on fewer than 75 % of their days"),
    ],
)
def test_windows_that_were_watched_in_part_are_told_with_and_without(
    days: tuple[int, ...], rest: float | None, words: str
) -> None:
    found, seen = given((0.70, 0.66, 0.74), recency=(-0.05, -0.08, -0.02)), watched(*days)
    alone = None if rest is None else given((rest, rest - 0.04, rest + 0.04), recency=(0.01, -0.02, 0.04))
    text = plain(said("usefulness", "exposure", usefulness=found, use_exposure=seen, usefulness_watched=alone))
    assert words in text and bool(text) == bool(words) and not re.search(r"  |\bnan\b|None", text)
    few = [d for d in days if d < 67.5]
    alone_text = (
        "From the one other date alone, the AUC of the segments is 0.81 (0.77 to 0.85) and not 0.70, and that of the days since "
        "the last call 0.80 (0.78 to 0.82)."
    )
    assert (alone_text in text) == (rest is not None)
    assert ("No date is left without them." in text) == (bool(few) and rest is None)
    table = breaks.exposure_table(seen, "tbl-use-exposure", TERMS)
    assert (table is None) == all(d == 90 for d in days)
    made = [replace(found, table=pd.DataFrame({"date": [FIRST]})), alone]
    one, two = claims.use(made[0], OUTLOOK, TERMS, seen, made[1])
    said_there = [c.evidence.partition("; ")[2] for c in (one, two)]
    without = " without windows that were watched too little"
    want = [f"0.81{without}", f"+0.01{without}"] if rest else ["no window was watched enough"] * 2 if few else ["", ""]
    assert said_there == want
    assert (one.number, two.number) == (0.70, -0.05)


def test_the_first_tenth_and_the_agreement_are_told() -> None:
    found = given((0.75, 0.7, 0.8))
    text = plain(said("usefulness", "first-tenth", usefulness=found))
    assert (
        text.startswith("In the first 10 % of a list, the segments find 2.0 times as many")
        and "cannot be told apart" in text
    )
    assert plain(bullets(said("usefulness", "limits", usefulness=found, outlook=OUTLOOK))[-1]).endswith(
        "they agree on 89 to 95 % of the contacts."
    )


def test_a_short_log_is_told_why_on_both_pages() -> None:
    text = lead(None, SHORT)
    assert "covers 120 days, and 545 are needed: 365 days of calls to begin with, 90 days to learn from, and 90" in text
    design = said("usefulness", "design", outlook=SHORT, _public=True)
    assert capacity_lead(None, SHORT) == text == design
    assert "no date" in usefulness.cannot_tell(replace(SHORT, planned=(FIRST,)), TERMS)
    assert usefulness.verdict(None, TERMS) == "the log is too short to tell"
    assert said("usefulness", "first-tenth", usefulness=None) == most_active(None, SHORT) == ""
    assert pages.control(None, SHORT, TERMS).markdown == said("decisions", "figures", capacity=None) == ""
    assert "description" in meaning(None)
    assert usefulness.nothing(TERMS).markdown == "This log cannot tell, for the reason above."


def active(numbers: list[int], units: list[int]) -> Activity:
    frame = pd.DataFrame({"date": datetime(2024, 1, 9), "segment": [1, 2, 3], "units": units, "active": numbers})
    return activity(frame.assign(expected=0.4, events=1.0, events_low=0.5, events_high=1.5, hidden=frame["active"] < 5))


def test_the_most_active_segment_is_named_with_its_lead() -> None:
    """56 of 70 against 48 of 80: 20 points, 5 to 33 (Newcombe 1998, table II)."""
    text = plain(most_active(active([48, 56, 8], [80, 70, 90]), public=True))
    assert text.startswith("After 9 Jan 2024, 80 % of “Core” called within 90 days")
    assert text.endswith("“One-off” comes next, 20 points below (5 to 33).")
    close = most_active(active([40, 41, 8], [80, 80, 90]), public=False)
    assert "may be chance" in close and "After Jan" in plain(close) and "9 Jan" not in plain(close)


def test_hidden_numbers_are_dashes_in_table_and_download(downloads: Path) -> None:
    shown = usefulness.activity_table(active([48, 56, 2], [80, 70, 90]), CARDS, OUTLOOK, TERMS, exact=True).markdown
    warm = re.search(r'<th scope="row">Warm</th>(.*?)</tr>', shown)
    assert warm is not None and warm[1].count("–") == 6 and "fewer than five contacts away" in shown
    file = (downloads / "activity.csv").read_text("utf-8").splitlines()
    assert file[3].split(",")[:4] == ["3", "90", "", ""]


def test_figures_and_tables_of_every_cause_can_be_drawn(downloads: Path) -> None:
    for cause in ("recency", "segment", "nothing"):
        found = judged(200, cause, dates=1)
        use_figures.area_figure(found, TERMS)
        assert use_figures.area_caption(found, TERMS).count("**") == 2 and "nan" not in use_figures.area_alt(
            found, TERMS
        )
        told = activity(found.groups)
        use_figures.predicted_figure(told, CARDS)
        assert "nan" not in use_figures.predicted_caption(told, CARDS, TERMS) + use_figures.predicted_alt(told, CARDS)
        assert "nan" not in usefulness.order_table(found, TERMS, exact=False).markdown
    matplotlib.pyplot.close("all")


def test_where_all_is_hidden_figures_stay_empty_and_say_so() -> None:
    none = active([2, 3, 1], [9, 9, 9])
    use_figures.predicted_figure(none, CARDS)
    assert "No segment is large enough" in use_figures.predicted_caption(none, CARDS, TERMS)
    assert use_figures.predicted_alt(none, CARDS) == "An empty figure."
    assert most_active(none) == ""
    later = next_events(pd.DataFrame({"days": [3.0] * 4, "seen": [True] * 4}), pd.Series([1] * 4), FIRST, until=9)
    use_figures.next_event_figure(later, CARDS, TERMS, public=False)
    assert "No segment is large enough" in use_figures.next_event_caption(later, CARDS, TERMS, exact=False)
    matplotlib.pyplot.close("all")


def test_the_caption_of_the_curves_states_a_half_and_the_test() -> None:
    """Segment 1 calls on days 1 to 40, half of it by day 20; segment 2 never within 100 days."""
    days = pd.DataFrame({"days": [*np.arange(1.0, 41.0), *[100.0] * 30], "seen": [True] * 40 + [False] * 30})
    later = next_events(days, pd.Series([1] * 40 + [2] * 30), FIRST, until=100)
    text = plain(use_figures.next_event_caption(later, CARDS, TERMS, exact=False))
    assert text.startswith(
        "**Half of “One-off” call again within 20 days; in the other segment, fewer than half do within 100 days.**"
    )
    assert "with 1 degrees of freedom" not in text and "p less than 0.001" in text
    assert use_figures.next_event_alt(later, CARDS, TERMS).replace("\u00a0", " ").endswith("One-off: 100 %; Core: 0 %.")
    use_figures.next_event_figure(later, CARDS, TERMS, public=True)
    matplotlib.pyplot.close("all")
    waits = plain(said("usefulness", "waits", next_events=later, _cards=CARDS))  # mean of 1 to 40 is 20.5
    assert waits.startswith(
        "Of the 100 days that were watched, the mean contact goes without a call for 20 in “One-off” ("
    )
    assert waits.endswith(" and 100 in “Core” (100 to 100).")
    assert said("usefulness", "waits", next_events=None, _cards=CARDS) == ""


# Capacity


@pytest.fixture(scope="module")
def reached() -> Capacity:
    made, index = forecasts(400, "segment")
    return capacity(made, index, [c * 90 / 7 for c in (1, 2, 5, 10, 20, 400 * 7 / 90)], seed=1, draws=60)


def test_the_control_holds_curves_and_nothing_of_contacts(reached: Capacity, downloads: Path) -> None:
    text = pages.control(reached, OUTLOOK, TERMS).markdown
    hit = re.search(r'<script type="application/json" id="sk-curves">(.*?)</script>', text)
    assert hit is not None
    held = json.loads(hit[1])
    assert held.keys() == {"names", "weeks", "days", "weekly", "taken", "active", "curves", "words"}
    assert held["curves"].keys() == set(ORDERS)
    points = len(held["weekly"])
    assert points <= 6 and all(len(c[v]) == points for c in held["curves"].values() for v in ("reached", "low", "high"))
    assert min(min(held["curves"][o]["reached"]) for o in POLICIES) >= 5
    for name in ("capacity", "cost", "value"):
        assert f'<label for="sk-{name}">' in text and f'id="sk-{name}"' in text
    assert 'role="status"' in text and 'aria-live="polite"' in text and 'src="assets/capacity.js"' in text


def test_table_caption_and_lead_state_the_numbers_of_the_curves(reached: Capacity, downloads: Path) -> None:
    rows = reached.table.query("order == 'segments'").reset_index(drop=True)
    shown = pages.capacity_table(reached, OUTLOOK, TERMS).markdown
    ten = rows.iloc[3]
    assert f"{ten['reached']:.0f} ({ten['low']:.0f}–{ten['high']:.0f})" in shown and "10 a week" in shown
    assert "400 contacts" not in shown
    text = plain(capacity_lead(reached))
    # A tenth of 400 contacts is 40 in 90 days, 3.1 a week: of the capacities shown, which begin at 5, that comes nearest.
    assert text.startswith("Whoever can call 5 contacts a week, 64 in 90 days, reaches about")
    assert text.endswith("No other ranking reaches more beyond chance.")
    assert f"of the {reached.active:.0f} who are active anyway" in text
    assert pages.caption(reached, OUTLOOK, TERMS).startswith("**At 5 contacts a week, the rankings reach from ")
    assert "segments" in pages.alt(reached, OUTLOOK, TERMS)
    pages.figure(reached, OUTLOOK, TERMS)
    matplotlib.pyplot.close("all")


def test_too_few_active_contacts_show_no_curve(reached: Capacity) -> None:
    few = replace(reached, table=reached.table.assign(reached=2.0))
    assert not pages.usable(few) and pages.control(few, OUTLOOK, TERMS).markdown == ""
    assert "too few active contacts" in capacity_lead(few)
