"""What is said of the buy-till-you-die model and of concentration, in two vocabularies and for awkward results."""

from __future__ import annotations

import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))
from lives_made import PUBLISHED, lives
from planted_activity import FIRST, forecasts
from report_project import closed_off, downloads
from said import said as says

from segkit.engine import capacity, usefulness
from segkit.engine.bgnbd import Parameters
from segkit.engine.buy_till_die import BuyTillYouDie, buy_till_die
from segkit.engine.forecasts import Outlook
from segkit.engine.meaning import Card, Cards
from segkit.engine.overdue import Overdue
from segkit.inference import Concentration
from segkit.inference import concentration as concentrated
from segkit.report import buy_till_die as pages
from segkit.report import capacity as curves
from segkit.report import concentration as shares
from segkit.report import use_figures
from segkit.vocabulary import Vocabulary

__all__ = ["closed_off", "downloads"]
matplotlib.use("agg")
SHOP = Vocabulary(
    unit="customer", units="customers", who="who", event="order", events="orders", do="buy", does="buys", did="bought",
    amount="revenue", approach="email", approached="emailed", approaching="emailing", record="file",
)  # fmt: skip
CLUB = Vocabulary(
    unit="member", units="members", who="who", event="visit", events="visits", amount="time", record="register"
)
TERMS = (SHOP, CLUB)
STRANGE = re.compile(r"[Cc]ontact|\b[Cc]all(?!ed)|\bnan\b|\binf\b|None|\{|  ")


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ")


def simulated(n: int = 1500, p: Parameters = PUBLISHED) -> BuyTillYouDie:
    age = np.random.default_rng(1).uniform(27, 39, n)
    x, t_x, *_ = lives(p, age, 2)
    return buy_till_die(x, t_x, age)


FOUND = simulated()
CLOSE = replace(
    FOUND,
    p=0.4,
    chi=3.0,
    freedom=3,
    gap=3 / 1500,
    histogram=FOUND.histogram.assign(expected=FOUND.histogram["actual"] + 3),
)
OFF = CLOSE.histogram.assign(expected=CLOSE.histogram["actual"] + 60)  # 4 points of 1,500
AWKWARD = {
    "close": CLOSE,
    "close, not by chance": replace(CLOSE, p=1e-5),
    "close, untested": replace(CLOSE, p=np.nan, chi=np.nan, freedom=0),
    "off, by chance": replace(CLOSE, gap=60 / 1500, histogram=OFF),
    "off": replace(CLOSE, gap=60 / 1500, histogram=OFF, p=1e-9),
    "off, untested": replace(CLOSE, gap=60 / 1500, histogram=OFF, p=np.nan, chi=np.nan, freedom=0),
    "no unit": buy_till_die([], [], []),
    "one unit": buy_till_die([2], [1], [3]),
    "no repeats": buy_till_die(np.zeros(90), np.zeros(90), np.full(90, 5.0)),
    "unclear": buy_till_die(np.random.default_rng(1).poisson(10, 400) + 1, np.full(400, 49.0), np.full(400, 50.0)),
}


def alive(label: str, found: BuyTillYouDie, terms: Vocabulary) -> str:
    return plain(says("alive", label, terms, "customers", buy_till_die=found))


def sentences(found: BuyTillYouDie, terms: Vocabulary) -> list[str]:
    told = [alive(label, found, terms) for label in ("lead", "parameters", "fit")]
    return told + [plain(f(found, terms)) for f in (pages.caption, pages.alt)]


@pytest.mark.parametrize("terms", TERMS, ids=lambda t: t.unit)
@pytest.mark.parametrize("kind", AWKWARD)
def test_all_that_is_said_reads_in_the_words_of_its_study(kind: str, terms: Vocabulary, downloads: Path) -> None:
    found, other = AWKWARD[kind], TERMS[terms is SHOP]
    texts = sentences(found, terms)
    pages.figure(found, terms)
    pyplot.close("all")
    tables = [plain(pages.histogram_table(found, terms).markdown), plain(pages.parameter_table(found, terms).markdown)]
    assert all(t.strip() for t in texts)
    assert [
        t for t in texts if STRANGE.search(t) or re.search(rf"\b({other.unit}|{other.event}|{other.record})s?\b", t)
    ] == []
    assert not any(re.search(r"\bnan\b|None", t) for t in tables)
    assert (
        all(t[0].isupper() and t.endswith(".") for t in texts[:3])
        and texts[3].count("**") == 2
        and "..**" not in texts[3]
    )
    assert (not found.fitted) == (texts[0] == texts[1] == texts[2])


@pytest.mark.parametrize(
    ("kind", "fits", "text"),
    [
        ("close", True, "The model fits: no share of customers with a given number of repeat orders is off by more than 0.2 "
         "percentage points, and chance can explain the differences. Chi squared 3 with 3 degrees of freedom, p 0.400."),
        ("close, not by chance", True, "0.2 percentage points, though chance does not explain it. Chi squared 3 with 3 "
         "degrees of freedom, p less than 0.001."),
        ("close, untested", True, "0.2 percentage points. There are too few bins for a test."),
        ("off, by chance", True, "as far as so few customers can tell: a share is off by 4.0 percentage points, which "
         "chance can explain."),
        ("off", False, "The model fits badly: the share of customers with a given number of repeat orders is off by up to 4.0 "
         "percentage points, which chance does not explain."),
        ("off, untested", False, "off by up to 4.0 percentage points. There are too few bins"),
    ],
)  # fmt: skip
def test_fit_is_judged_as_it_is_said(kind: str, fits: bool, text: str) -> None:
    found = AWKWARD[kind]
    told = alive("fit", found, SHOP)
    assert found.fits == fits and text in told
    assert told.endswith(
        "while no share is off by more than 2 percentage points, or while the test has p of 0.05 or more."
    )
    assert ("does not fit" in alive("lead", found, SHOP)) == (not fits)


def test_what_cannot_be_fitted_says_why() -> None:
    assert alive("lead", AWKWARD["one unit"], SHOP) == (
        "This file has too few customers for a model of when they stop: 1, and 30 are needed."
    )
    assert alive("lead", AWKWARD["no repeats"], CLUB) == (
        "This register cannot tell when members stop: fewer than five have a repeat visit."
    )
    unclear = AWKWARD["unclear"]
    assert unclear.params is not None and "no clear best fit in this file" in alive("lead", unclear, SHOP)
    assert pages.caption(unclear, SHOP).startswith(
        "**The model of when customers stop has no clear best fit in this file.**"
    )


def test_the_parameters_are_told_in_plain_words() -> None:
    """Published parameters: 0.243 / 4.414 = 0.055; 1 / sqrt(0.243) = 2.03; 0.793 / 3.219 = 24.6 %; deviation 20.9 points."""
    text = alive("parameters", replace(FOUND, params=PUBLISHED), SHOP)
    assert text.startswith("As long as they go on, customers have a mean of 0.055 repeat orders a week")
    assert "differ widely from customer to customer: their standard deviation is 2 times the mean" in text
    assert "After each repeat order 24.6 % stop for good on average" in text and text.endswith(
        "deviation of 21 percentage points."
    )


def test_counts_of_few_units_stay_out_of_figure_words_and_table(downloads: Path) -> None:
    found = simulated(200)
    small = found.histogram[found.histogram["hidden"]]
    assert len(small) and "fewer than five customers away" in pages.caption(found, SHOP)
    text = pages.alt(found, SHOP)
    assert not any(re.search(rf" {n}: ", text) for n in small["events"] if n < 7)
    drawn = pages.figure(found, SHOP)
    bars = [b.get_height() for b in drawn.axes[0].containers[0]]
    assert np.isnan(bars).tolist() == found.histogram["hidden"].tolist()
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", pages.histogram_table(found, SHOP).markdown)
    assert sum(">–<" in r for r in rows) == len(small)
    lines = (downloads / "repeats.csv").read_text("utf-8").splitlines()[1:]
    assert [line.split(",")[1] == "" for line in lines] == found.histogram["hidden"].tolist()


# The rival


def test_the_rival_is_named_where_it_does_better_and_drawn_where_it_is_there() -> None:
    made, index = forecasts(300, "segment", dates=1)
    with_it = [replace(f, order=f.order.assign(bgnbd=f.events), rate=f.rate.assign(bgnbd=0.9 * f.active)) for f in made]
    found = usefulness.usefulness(with_it, index, k=3, seed=1, draws=40)
    other = usefulness.usefulness(made, index, k=3, seed=1, draws=40)
    shown = SimpleNamespace(illustration=False)
    with_rival, without = (says("usefulness", "meaning", SHOP, usefulness=f, k_decision=shown) for f in (found, other))
    assert "The BG/NBD model does better, from three numbers of each customer: its repeat orders" in with_rival
    assert "BG/NBD" not in without
    with_rival, without = (says("usefulness", "rivals", SHOP, usefulness=f) for f in (found, other))
    assert "Another rival is the BG/NBD model of when customers stop" in with_rival and "BG/NBD" not in without
    assert "by the BG/NBD model; the segments have" in use_figures.area_caption(found, SHOP)
    use_figures.area_figure(found, SHOP)
    reached = capacity.capacity(with_it, index, [100.0, 300.0], seed=1, draws=40)
    outlook = Outlook(1000, 545, (FIRST,), (FIRST,), 90, 365)
    drawn = curves.figure(reached, outlook, SHOP)
    assert any("BG/NBD model" in t.get_text() for t in drawn.axes[0].texts)
    assert curves.data(reached, outlook, SHOP)["curves"].keys() == set(reached.orders) > {"bgnbd"}
    assert "The BG/NBD model reaches" in says("decisions", "capacity", SHOP, capacity=reached, outlook=outlook)
    pyplot.close("all")


# Concentration


def spread(amounts: np.ndarray) -> Concentration:
    return concentrated(amounts, name="pages", seed=1, draws=60)


EXPONENTIAL = -np.log1p(-(np.arange(400) + 0.5) / 400)
HELD = {
    "exponential": spread(EXPONENTIAL),
    "returns": spread(np.concatenate([EXPONENTIAL, np.full(30, -2.0)])),
    "few returns": spread(np.concatenate([EXPONENTIAL, [-2.0]])),
    "one has all": spread(np.eye(100)[0]),
    "even": spread(np.ones(60)),
    "few": spread(np.ones(30)),
    "one": spread(np.ones(1)),
    "nobody": spread(np.zeros(0)),
    "nothing": spread(np.zeros(90)),
}


def spending(found: Concentration, terms: Vocabulary) -> str:
    return plain(says("spending", "lead", terms, "customers", concentration=found))


@pytest.mark.parametrize("terms", TERMS, ids=lambda t: t.unit)
@pytest.mark.parametrize("kind", HELD)
def test_concentration_reads_in_the_words_of_its_study(kind: str, terms: Vocabulary, downloads: Path) -> None:
    found, other = HELD[kind], TERMS[terms is SHOP]
    texts = [spending(found, terms), *(plain(f(found, terms)) for f in (shares.caption, shares.alt))]
    shares.figure(found, terms)
    pyplot.close("all")
    texts.append(plain(shares.concentration_table(found, terms).markdown))
    assert [t for t in texts if re.search(rf"\bnan\b|None|\b({other.unit}s?|{other.amount})\b", t)] == []
    assert texts[0].endswith(".") and texts[1].count("**") == 2 and "..**" not in texts[1]
    assert found.shown == (kind not in ("few", "one", "nobody", "nothing")) == ("account for" in texts[0])


@pytest.mark.parametrize("terms", TERMS, ids=lambda t: t.unit)
@pytest.mark.parametrize("kind", HELD)
def test_events_are_shared_in_the_same_sentences(kind: str, terms: Vocabulary) -> None:
    found, counted = HELD[kind], shares.of_events(terms)
    texts = [
        plain(says("interpretation", "shared", terms, event_concentration=found)),
        plain(shares.caption(found, counted)),
    ]
    assert [
        t for t in texts if STRANGE.search(t) or terms.amount in t or " is shared" in t or terms.events not in t
    ] == []
    assert texts[0].endswith(".") and found.shown == ("account for" in texts[0]) == ("Gini" in texts[0])


def test_the_sentence_states_share_interval_and_gini() -> None:
    """Exponential amounts: the first tenth holds 33 %, Gini 1/2."""
    text = spending(HELD["exponential"], SHOP)
    assert re.match(
        r"10 % of the customers account for 33 % of the revenue \(95 % interval \d+(\.\d)? to 3\d(\.\d)? %\)\.",
        text,
    )
    assert "The Gini coefficient is 0.50 (0.4" in text and "below zero" not in text
    assert "Customers whose revenue is below zero, 30 of them, count as having none." in spending(HELD["returns"], SHOP)
    assert "below zero, fewer than 5 of them" in spending(HELD["few returns"], SHOP)


def test_too_few_units_are_told_why() -> None:
    assert spending(HELD["one"], CLUB) == (
        "One member is too few to tell of shares in the time without telling of single ones; 50 are needed."
    )
    assert spending(HELD["few"], SHOP).startswith("30 customers are too few")
    assert spending(HELD["nothing"], SHOP) == "The customers have no revenue to share."


def test_those_who_are_overdue_are_told_with_the_chance_that_they_are_there() -> None:
    rows = [(1, 20.0, 0.26, 0.9), (2, math.nan, math.nan, math.nan)]
    found = Overdue(pd.DataFrame(rows, columns=["segment", "overdue", "alive_overdue", "alive_others"]))
    cards = Cards(
        tuple(
            Card(i, "core", name, name, "much", "Write.", 30, 0.5, {"x": 1.0})
            for i, name in ((1, "Loyal"), (2, "Once"))
        ),
        60,
    )
    text = plain(says("alive", "overdue", SHOP, "customers", overdue=found, _cards=cards))
    assert (
        text
        == "Of the 20 customers in “Loyal” who are overdue, 26 % have not stopped, by the model; of the others in it, 90 %."
    )
    due = plain(says("decisions", "due", SHOP, "customers", overdue=found, _cards=cards))
    assert "Of those who are overdue, by" in due and due.endswith("26 % in “Loyal” are still there.")
    for none in (None, Overdue(found.table[1:])):
        assert "Nothing is said of them" in says("alive", "overdue", SHOP, "customers", overdue=none, _cards=cards)
        assert "model" not in says("decisions", "due", SHOP, "customers", overdue=none, _cards=cards)
