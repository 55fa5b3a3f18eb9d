"""What the page on silence says: returns, forecasts and alerts, however the results turn out."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_project import closed, closed_off, downloads, unescaped
from said import cells, said
from silences_told import TERMS, advises_nothing_forbidden, busy, end_of, log, strange

from segkit.inference.churn import BASE, MODEL, SILENT, Churn, churn
from segkit.inference.silence import Returns, returns
from segkit.report import chat_churn as ahead
from segkit.report import chat_silence as back
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
pytestmark = pytest.mark.usefixtures("closed", "downloads")

FRAMES = {
    "busy": busy(60),
    "few": busy(6),
    "one pair": log([("a", "s", 0, False), ("a", "s", 40, False), ("a", "s", 300, False)]),
    "one message": log([("a", "s", 3, False)]),
    "two days": busy(40, days=2),
}
WORSE, SAME, BETTER = (0.05, 0.01, 0.09), (0.002, -0.01, 0.02), (-0.05, -0.09, -0.01)


@functools.cache
def came(name: str) -> Returns:
    frame = FRAMES[name]
    return returns(frame, end_of(frame), draws=50)


@functools.cache
def tried(name: str) -> Churn:
    frame = FRAMES[name]
    return churn(frame, end_of(frame), draws=50)


def turned(
    base: tuple[float, float, float] = BETTER, silent: tuple[float, float, float] = SAME, rule: tuple[float, float, float] = BETTER,
    **calibration: tuple[float, float, float],
) -> Churn:  # fmt: skip
    """Return forecasts that compare so: model and base rate, model and time in silence, time in silence and base rate."""
    found = tried("busy")
    told = {(MODEL, BASE): base, (MODEL, SILENT): silent, (SILENT, BASE): rule}
    rows = [(*names, *values) for names, values in told.items()]
    table = pd.DataFrame(rows, columns=found.comparisons.columns)
    return replace(found, comparisons=table, calibration=replace(found.calibration, **calibration), fitted=True)  # type: ignore[arg-type]


def shares(**given: float) -> Returns:
    """Return shares within 72 hours after 24, 48 and 72 hours (a24, a48, a72), with intervals of 0.05 to either side."""
    found = came("busy")
    table = found.table.copy()
    for name, share in given.items():
        at = (table["after"] == float(name[1:])) & (table["within"] == 72)
        table.loc[at, ["share", "low", "high"]] = [share, share - 0.05, share + 0.05]
    return replace(found, table=table)


def says(label: str, came_back: Returns | None = None, forecast: Churn | None = None) -> str:
    facts = {"_back": back.facts(came_back or came("busy")), "_ahead": ahead.facts(forecast or tried("busy"))}
    return said("silence", label, TERMS, "conversations", **facts).replace(GAP, " ")


def texts(came_back: Returns, forecast: Churn) -> dict[str, str]:
    """Return all that the page says: its sentences, captions and its status."""
    found = {n: says(n, came_back, forecast) for n in cells("silence", "conversations") if n}
    shown: dict[str, Any] = {"returns": back.returns_table(came_back), "seen": back.seen_table(came_back),
                             "snapshots": ahead.snapshots_table(forecast)}  # fmt: skip
    known = ahead.facts(forecast)
    if known.fitted:
        for make in (ahead.forecasts_table, ahead.differences_table, ahead.calibration_table, ahead.odds_table):
            shown[make.__name__] = make(forecast)
    captions = {n: re.sub(r" \[CSV\].*|\s*:::", "", unescaped(s.markdown.split("```")[-1])) for n, s in shown.items()}
    status = f"{back.verdict(back.facts(came_back))}; {ahead.verdict(known)}"
    more = {"caption": back.caption(came_back), "alt": back.alt(came_back), "status": status,
            "dots": ahead.calibration_caption(forecast), "dots alt": ahead.calibration_alt(forecast)}  # fmt: skip
    return {n: t.replace(GAP, " ") for n, t in {**found, **captions, **more}.items()}


FORECASTS = {
    "model": turned(silent=BETTER),
    "rule": turned(),
    "rule beyond chance": turned(silent=WORSE),
    "open": turned(rule=SAME),
    "none": turned(base=SAME, rule=SAME),
    "base is better": turned(base=WORSE, silent=WORSE, rule=WORSE),
    "too low and timid": turned(intercept=(0.5, 0.1, 0.9), slope=(1.5, 1.1, 2.0)),
    "too high and bold": turned(intercept=(-0.5, -0.9, -0.1), slope=(0.5, 0.3, 0.8)),
    "may hold": turned(intercept=(0.1, -0.1, 0.3), slope=(1.0, 0.8, 1.2)),
    "not judged": turned(intercept=(math.nan,) * 3, slope=(math.nan,) * 3),
}
RETURNS = {
    "early": shares(a24=0.2, a48=0.1, a72=0.05),
    "late": shares(a24=0.8, a48=0.48, a72=0.2),
    "perhaps": shares(a24=0.8, a48=0.6, a72=0.47),
    "never": shares(a24=0.8, a48=0.7, a72=0.9),
}


@pytest.mark.parametrize("name", FRAMES)
def test_every_sentence_reads_right_whatever_the_log_holds(name: str) -> None:
    found = texts(came(name), tried(name))
    assert strange(found) == {}
    advises_nothing_forbidden(found)


@pytest.mark.parametrize(("came_back", "forecast"), [(list(RETURNS)[i % 4], name) for i, name in enumerate(FORECASTS)])
def test_every_sentence_reads_right_whatever_is_found(came_back: str, forecast: str) -> None:
    found = texts(RETURNS[came_back], FORECASTS[forecast])
    assert strange(found) == {}
    advises_nothing_forbidden(found)


def test_numbers_that_the_gate_takes_away_leave_dashes() -> None:
    one, two = came("busy"), tried("busy")
    gone = {c: np.nan for c in one.table.columns if c not in ("after", "within")}
    one = replace(
        one, table=one.table.assign(**gone), ever=one.ever.assign(silences=np.nan, returned=np.nan, open=np.nan)
    )
    rows = {c: np.nan for c in two.table.columns if c != "forecast"}
    limits = dict.fromkeys(["difference", "low", "high"], np.nan)
    snapshots = two.snapshots.assign(pairs=np.nan, subscribers=np.nan, gone=np.nan, share=np.nan)
    two = replace(
        two, table=two.table.assign(**rows), comparisons=two.comparisons.assign(**limits), snapshots=snapshots
    )
    found = texts(one, two)
    assert strange(found) == {}
    assert "cannot be told" in found["lead"] and not ahead.facts(two).fitted
    assert back.returns_table(one).markdown.count(">–<") >= 9 * 4


def test_the_shares_are_those_of_the_table() -> None:
    found = came("busy")
    known = back.facts(found)
    assert known.within == 72 and [r.after for r in known.rows] == [24, 48, 72]
    for r in known.every:
        row = found.of(r.after, r.within)
        assert (r.share, r.low, r.high, r.least, r.most) == tuple(
            row[["share", "low", "high", "greenwood_low", "greenwood_high"]]
        )
    text = says("lead", shares(a24=0.8, a48=0.48, a72=0.2))
    assert text.startswith("Of the pairs that have been silent for 24 hours, 80 % return within 72 more; of the pairs")
    seen = found.ever.set_index("after")
    assert known.example is not None
    assert f"{known.example.open} go on at the end" in says("counted", found)
    assert known.example.open == seen.loc[known.example.after, "open"]


@pytest.mark.parametrize(
    ("came_back", "alert", "sure", "text"),
    [
        ("early", 24, 24, "from 24 hours on, of the lengths that are looked at, and beyond chance: 20 % (15 to 25 %) return."),
        ("late", 48, 72, "from 48 hours on, where 48 % (43 to 53 %) return, but the interval reaches one half."),
        ("perhaps", 72, None, "The interval reaches one half, so that it may be chance."),
        ("never", None, None, "No such silence is found: after 72 hours, 90 % (85 to 95 %) still return."),
    ],
)  # fmt: skip
def test_an_alert_is_set_where_fewer_than_half_return(
    came_back: str, alert: int | None, sure: int | None, text: str
) -> None:
    known = back.facts(RETURNS[came_back])
    assert (known.alert and known.alert.after, known.sure and known.sure.after) == (alert, sure)
    said_of_it = says("alert", RETURNS[came_back])
    assert text in said_of_it
    assert ("would have been set off" in said_of_it) == (alert is not None)


@pytest.mark.parametrize(
    ("forecast", "use", "lead", "meaning"),
    [
        ("model", "model", "and more than time in silence does.", "The model may be used, to rank pairs by their risk"),
        ("rule", "silence", "and that a model tells more is not settled:**", "it takes a clock, and no model."),
        ("rule beyond chance", "silence", "and does better than a model:** use the simpler", "it does better than the model."),
        ("open", "open", "that it tells more than time in silence is not settled.", "Go by neither for any one pair"),
        ("none", "none", "cannot be told better than by one share for all.", "Go by one share for all"),
        ("base is better", "none", "cannot be told better than by one share for all.", "Go by one share for all"),
    ],
)  # fmt: skip
def test_what_to_go_by_follows_from_the_comparisons(forecast: str, use: str, lead: str, meaning: str) -> None:
    found = FORECASTS[forecast]
    assert ahead.facts(found).use == use
    assert lead in says("lead", forecast=found) and meaning in says("meaning", forecast=found)


def test_the_simpler_rule_is_named_where_it_does_better() -> None:
    worse = says("forecast", forecast=FORECASTS["rule beyond chance"])
    assert "The simpler rule does better." in worse and "the difference is 0.050 (0.010 to 0.090)" in worse
    assert "Time in silence even has the lower score here" in says("forecast", forecast=FORECASTS["rule"])
    assert "Yes, beyond chance: the difference is −0.050" in says("forecast", forecast=FORECASTS["model"])
    assert "No: the base rate comes nearer, beyond chance." in says("forecast", forecast=FORECASTS["base is better"])
    assert says("forecast", forecast=tried("few")).startswith("That could not be tried here")
    assert not tried("few").fitted and not tried("one message").fitted


def test_calibration_says_in_which_way_risks_are_off() -> None:
    low = says("calibration", forecast=FORECASTS["too low and timid"])
    assert "too low a risk on the whole" in low and "too near to each other: low risks are lower in truth" in low
    high = says("calibration", forecast=FORECASTS["too high and bold"])
    assert "too high a risk on the whole" in high and "too far apart" in high and "not to be read as" in high
    holds = says("calibration", forecast=FORECASTS["may hold"])
    assert "its risks may hold" in holds and "not to be read as" not in holds
    assert "cannot be told" in says("calibration", forecast=FORECASTS["not judged"])


def test_the_pictures_have_what_they_tell() -> None:
    drawn = back.figure(came("busy"))
    assert [t.get_text() for t in drawn.legends[0].get_texts()] == [f"after {h} hours" for h in (24, 48, 72)]
    dots = ahead.calibration_figure(tried("busy")).axes[0].lines[1]
    assert len(np.asarray(dots.get_xdata())) == len(tried("busy").calibration.table)
