"""Shared sentences in the words of a study of something else: subscribers, who write messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace as Plain

import numpy as np
import pandas as pd
import pytest
from said import front_lead, said

from segkit.config import Site
from segkit.data.provenance import Provenance
from segkit.engine.capacity import ORDERS, Capacity
from segkit.engine.forecasts import Outlook
from segkit.engine.meaning import Card, Cards
from segkit.engine.migration import INACTIVE
from segkit.engine.pipeline import Confidence
from segkit.engine.verdict import CONSTRUCTIVE, FRAGILE, NATURAL, NONE, REPRODUCIBLE, Verdict
from segkit.engine.windows import no_refits
from segkit.report import (
    actions,
    capacity,
    captions,
    choices,
    citing,
    claims,
    findings,
    layout,
    membership,
    methods,
    moving,
    nulls,
    subsampling,
    usefulness,
)
from segkit.report.show import Shown
from segkit.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("downloads")
pytest_plugins = ["report_project"]

TERMS = Vocabulary(
    unit="subscriber", units="subscribers", who="who", event="message", events="messages", do="write", does="writes",
    did="written", amount="length", approach="email", approached="emailed", approaching="emailing", record="export",
)  # fmt: skip
STRANGE = re.compile(r"contact|\bcall(?!ed “|s it public)|caller|\blog\b|\btalk", re.I)
REAL = Provenance(
    real=True, public=True, title="Messages of a club", licence="CC0 1.0", citation="A. Author (2026).", place="folder",
    message="", fingerprint="0123456789abcdef" * 4, rows=1200, units=80,
)  # fmt: skip
PRIVATE = replace(REAL, public=False, licence="", citation="")
SIMULATED = replace(REAL, real=False, licence="", citation="")
DAY = datetime(2026, 1, 5)
OUTLOOK = Outlook(1000, 545, (DAY,), (DAY,), 90, 365)
SHORT = Outlook(120, 545, (), (), 90, 365)
CARDS = Cards(
    (
        Card(2, "core", "The few", "Few", "much", "Write first.", 20, 0.25, {"x": 3.0}),
        Card(1, "once", "The many", "Many", "little", "Wait.", 60, 0.75, {"x": 1.0}),
    ),
    80,
)
RULES = pd.DataFrame(
    {"segment": [2, 1], "name": ["The few", "The many"], "subscribers": [20.0, 60.0], "meant": [20.0, 60.0],
     "owner": "team",
     "answer_within": "a day", "cadence": ["weekly", "on new activity"], "usual_gap_days": [6.0, np.nan],
     "overdue_after_days": [12.0, np.nan], "overdue_now": [7.0, np.nan], "reactivation": "none"}
)  # fmt: skip
SURE = Confidence(
    pd.DataFrame(
        {"segment": [2, 1], "units": [20, 60], "recurrence": [0.9, 1.0], "seldom": [6, 0], "narrow": [7, 8], "both": [5, 0]}
    ),
    {},
)  # fmt: skip
POINTS = np.array([30.0, 60.0, 90.0])
REACHED = Capacity(
    pd.concat([
        pd.DataFrame({"order": o, "approached": POINTS, "reached": POINTS / (2 + i), "low": POINTS / (3 + i),
                      "high": POINTS / (1 + i), "less_segments": 0.0, "less_low": 0.0, "less_high": 0.0})
        for i, o in enumerate(ORDERS)
    ], ignore_index=True), 400.0, 90.0, {"draws": 9, "level": 0.95, "dates": 1}, 1,
)  # fmt: skip


USE = ("lead", "rivals", "meaning", "limits")


def first() -> str:
    """Return the lead of the page on decisions."""
    settings = Plain(as_of=None)
    return said(
        "decisions",
        "lead",
        TERMS,
        policy=Plain(table=RULES),
        settings=settings,
        usefulness=None,
        k_decision=Plain(illustration=False),
        _cards=CARDS,
    )


def capacity_lead() -> str:
    return said("decisions", "capacity", TERMS, capacity=REACHED, outlook=OUTLOOK)


def sentences() -> Iterator[str | Shown]:
    """Yield what shared functions say."""
    for at in (REAL, PRIVATE, SIMULATED):
        yield from (said("privacy", label, TERMS, provenance=at, covered=True) for label in ("origin", "gate"))
        yield from findings.limits(at, TERMS)
        yield from (layout.status(at, "fine", TERMS), citing.head(at, Site(), "2026-01-01", TERMS))
        yield layout.citation(at, Site(), "2026-01-01", TERMS)
    many = {"settings": Plain(restarts=50), "provenance": Plain(units=10**6), "source": Plain(config=Plain(seed=1))}
    ks = Plain(table=pd.DataFrame({"k": [2, 15]}))
    yield from (said("methods", label, TERMS, **many, k_selection=ks) for label in ("starts", "indices"))
    yield methods.as_of(None, TERMS)
    yield from (captions.map_alt(CARDS, ("a", "b"), TERMS), captions.neighbours_alt(CARDS, TERMS))
    yield layout.card_grid(CARDS, lambda card: [], TERMS)
    yield said("stability", "border", TERMS, confidence=SURE)
    yield from (first(), said("decisions", "due", TERMS, overdue=None, _cards=CARDS))
    yield said("decisions", "cadence", TERMS, policy=Plain(table=RULES))
    yield from (actions.policy_table(RULES, TERMS), capacity_lead())
    yield from (membership.sure_table(SURE, CARDS, TERMS),)
    for word in (NATURAL, REPRODUCIBLE, FRAGILE, CONSTRUCTIVE, NONE):
        found = Verdict(word, {"exchangeable": True, "continuous": False}, {1: 0.9, 2: 0.5}, 0.4, 0.75)
        yield from (front_lead(found, TERMS), said("nulls", "meaning", TERMS, verdict=found, cards=()))
    yield from (
        said("usefulness", label, TERMS, usefulness=None, outlook=SHORT, k_decision=Plain(illustration=False))
        for label in USE
    )
    yield said("usefulness", "design", TERMS, outlook=OUTLOOK, _public=True)
    yield from (usefulness.nothing(TERMS), *usefulness.names(TERMS).values())
    yield capacity.caption(REACHED, OUTLOOK, TERMS)
    yield from (capacity.capacity_table(REACHED, OUTLOOK, TERMS), capacity.control(REACHED, OUTLOOK, TERMS))
    yield from (
        said("decisions", "figures", TERMS, capacity=REACHED),
        *(c.claim for c in claims.use(None, SHORT, TERMS)),
    )
    yield from (nulls.title(name, TERMS) for name in ("exchangeable", "continuous"))
    yield said("time", "company", TERMS, time_refit=no_refits("it is short", 1))
    yield from (moving.state(INACTIVE, CARDS, TERMS), subsampling.on_samples(SAMPLED, TERMS))
    yield from (choices.level("units", "two or more", TERMS), choices.population("min_events_3", TERMS))


SAMPLED = {"sampled": 500, "samples": 3}


def test_no_word_of_another_study_is_left(downloads: Path) -> None:
    texts = [text.markdown if isinstance(text, Shown) else text for text in sentences()]
    assert len(texts) > 60
    assert [t for t in texts if STRANGE.search(t)] == []
    tables = {p.name: p.read_text("utf-8") for p in downloads.glob("*.csv")}
    assert {"policy.csv", "capacity.csv", "recurrence.csv"} <= tables.keys()
    assert {name for name, text in tables.items() if STRANGE.search(text)} == set()
    assert "subscribers" in tables["capacity.csv"].splitlines()[0]


def test_sentences_read_right_in_other_words() -> None:
    assert said("usefulness", "lead", TERMS, usefulness=None, outlook=SHORT) == (
        "This export cannot tell whether the segments predict who writes. It covers 120 days, and 545 are needed: 365 days of "
        "messages to begin with, 90 days to learn from, and 90 days to judge by."
    )
    assert said("decisions", "due", TERMS, overdue=None, _cards=CARDS).startswith("A subscriber is overdue once")
    assert "At the end of the export 7 of 20 in “The few” are overdue" in first()
    assert first().startswith("A short list begins with the 7 subscribers who are overdue")
    assert "what subscribers did in this export" in findings.limits(REAL, TERMS)[0]
    assert findings.limits(REAL, TERMS)[0].endswith("nor what an email to them would change.")
    assert capacity_lead().startswith("Whoever can email ")
    assert "Each subscriber is emailed once" in capacity.caption(REACHED, OUTLOOK, TERMS)
    assert nulls.title("exchangeable", TERMS) == "Messages shuffled between subscribers"
    assert citing.title(TERMS) == "Who is behind the messages: a segmentation report"
    assert choices.level("units", "two or more", TERMS) == "two messages or more"
    assert "Rank subscribers by" in said("nulls", "meaning", TERMS, verdict=Verdict(NONE, {}, {}, 0.5, 0.75), cards=())
    assert methods.as_of(None, TERMS) == "the time of the last message in the export"
