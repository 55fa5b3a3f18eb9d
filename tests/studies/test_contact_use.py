"""Whether the segments are useful: from the calls of a log to what results.json says."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from made_projects import BARE, Call, project, small_calls, write_log

from segkit.data.breaks import declared
from segkit.engine.forecasts import Roles
from segkit.features.events import event_features
from segkit.features.exposure import in_watched_days
from segkit.inference import activity, next_events
from segkit.studies.base import plain
from segkit.studies.contacts import CALLS, ContactsStudy
from segkit.studies.events.outcomes import (
    RECENCY,
    TENURE,
    WINDOW,
    days_to_next,
    end_of_log,
    events_between,
    judged_at,
    needed_days,
    snapshots,
    weekly,
    weeks,
)
from segkit.studies.events.use import EventUse

pytest_plugins = ["made_projects"]
pytestmark = pytest.mark.usefixtures("closed_off")
START = datetime(2021, 3, 1, 9)
ROLES = Roles(recency="recency_days", frequency="n_calls", amount="total_dur_sec")


class ContactUse(EventUse):
    """The study of contacts up to this question; the rest of the evidence would take minutes."""

    name, dataset = ContactsStudy.name, ContactsStudy.dataset
    terms, measures = ContactsStudy.terms, ContactsStudy.measures
    naming, rules = ContactsStudy.naming, ContactsStudy.rules


def long_calls(days: int = 760, contacts: int = 240) -> list[Call]:
    """Return calls over two years: a third call all the time, a third stop at some time, a third call once or twice."""
    random, calls = np.random.default_rng(3), []
    for who in range(contacts):
        stop = days if who % 3 == 0 else int(random.integers(60, days))
        many = {0: 40, 1: 12, 2: int(random.integers(1, 3))}[who % 3]
        for at in np.sort(random.uniform(0, stop, size=many)):
            length = int(random.integers(10, 120)) * (8 if who % 3 == 2 else 1)
            calls.append((START + timedelta(days=float(at)), length, f"5550200{who:03}", "Unknown"))
    return calls


@pytest.fixture(scope="module")
def study(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> ContactUse:
    folder = tmp_path_factory.mktemp("long")
    root = project(folder, k=3, settings=BARE)
    return ContactUse(ContactsStudy.find(root, data=write_log(folder / "calls.csv", long_calls()), say=str))


def test_dates_leave_room_for_learning_and_for_judging() -> None:
    """The windows follow each other, the last ends at the midnight after the last call, a year lies before the first."""
    first, last = datetime(2022, 1, 1, 16), datetime(2024, 10, 4, 20)
    dates = judged_at(first, last)
    assert len(dates) == 4 and {b - a for a, b in pairwise(dates)} == {timedelta(days=90)}
    assert dates[-1] + timedelta(days=90) == datetime(2024, 10, 5) == end_of_log(last)
    assert dates[0] - timedelta(days=90 + 365) >= first
    just = end_of_log(last) - timedelta(days=needed_days())  # what counts is the day of the first call
    assert (
        judged_at(just + timedelta(hours=9), last) == (dates[-1],) and judged_at(just + timedelta(days=1), last) == ()
    )


def test_a_snapshot_is_what_the_log_said_on_that_day(study: ContactUse) -> None:
    """The features of the log cut there, with the threshold of the first date; the counts of a plain loop."""
    log, s = study.log.events, study.settings
    dates = [START + timedelta(days=500), START + timedelta(days=590)]
    found = snapshots(log, s, CALLS, dates, study.breaks)
    early = log.filter(pc.less(log["started_at"], dates[0]))
    limit = float(np.quantile(early["amount"].to_numpy(), s.long_call_quantile))
    for snap, date in zip(found, dates, strict=True):
        cut = log.filter(pc.less(log["started_at"], date))
        want = event_features(cut, s, CALLS, as_of=date, large=limit).frame
        columns = [c for c in want.columns if not c.startswith("category")]
        pd.testing.assert_frame_equal(snap.frame.loc[want.index, columns], want[columns], check_names=False)
        exposed = in_watched_days(want, date, study.breaks, CALLS)
        pd.testing.assert_series_equal(snap.frame.loc[want.index, RECENCY], exposed["recency_days"], check_names=False)
        pd.testing.assert_series_equal(snap.frame.loc[want.index, TENURE], exposed["tenure_days"], check_names=False)
        calls = log.to_pandas()
        after = calls[(calls["started_at"] >= date) & (calls["started_at"] < date + timedelta(days=90))]
        assert snap.events.to_dict() == {u: int((after["unit"] == u).sum()) for u in snap.frame.index}
        assert (snap.when, snap.until) == (date, date + WINDOW)
        assert snap.watched == study.breaks.watched(date, date + WINDOW)


def test_no_call_after_a_date_changes_what_is_predicted_at_it(study: ContactUse) -> None:
    """Leakage: the calls from the date on are thrown away and others invented; features and forecasts stay the same."""
    from segkit.engine.forecasts import Snapshot, forecast

    log, s, date = study.log.events, study.settings, study.outlook.judged[0]
    before = log.filter(pc.less(log["started_at"], date))
    later = [date + timedelta(hours=i) for i in range(200)]
    invented = before.slice(0, 200).set_column(1, log.schema.field("started_at"), pa.array(later, pa.timestamp("us")))
    other = pa.concat_tables([before, invented])
    made = []
    for calls in (log, other):
        past, now = snapshots(calls, s, CALLS, [date - WINDOW, date], study.breaks)
        same = Snapshot(now.when, now.until, now.frame, study._forecasts[0].events.reindex(now.frame.index))
        made.append(
            forecast(past, same, study.features.blocks, study.segments.labels, ROLES, k=3, clip=0.01, cap=10.0, seed=1)
        )
    assert made[0] is not None and made[1] is not None
    pd.testing.assert_frame_equal(made[0].order, made[1].order)
    pd.testing.assert_frame_equal(made[0].rate, made[1].rate)


def test_times_to_the_next_call_end_with_the_log() -> None:
    day = datetime(2024, 1, 1)
    calls = pa.table(
        {"unit": ["a", "a", "b", "c"],
         "started_at": [day, day + timedelta(days=5, hours=12), day + timedelta(days=3), day - timedelta(days=9)]}
    )  # fmt: skip
    units, (start, end) = pd.Index(["a", "b", "c"]), (day + timedelta(days=n) for n in (1, 11))
    found = days_to_next(calls, units, start, end, declared((), day.date(), end.date()))
    assert found["days"].tolist() == [4.5, 2.0, 10.0] and found["seen"].tolist() == [True, True, False]
    silent = declared([((day + timedelta(days=4)).date(), (day + timedelta(days=4)).date())], day.date(), end.date())
    assert days_to_next(calls, units, start, end, silent)["days"].tolist() == [3.5, 2.0, 9.0]
    assert events_between(calls, day, day + timedelta(days=3)).to_dict() == {"a": 1}


def test_capacities_run_up_to_everybody() -> None:
    found = weekly(1962)
    assert found[:3] == [1, 2, 3] and found == sorted(set(found))
    assert found[-1] * weeks() == pytest.approx(1962) and found[-2] < 1962 / weeks()


def test_results_have_the_documented_keys(study: ContactUse) -> None:
    found = plain(study.results())
    assert study.usefulness is not None and study.next_events is not None
    for policy in ("segments", "recency", "count", "rfm", "boosting"):
        assert 0 <= found["usefulness"][policy]["auc"] <= 1
    assert found["usefulness"]["dates"] == [f"{d:%Y-%m}" for d in study.outlook.judged]
    told = json.dumps([found[k] for k in ("usefulness", "activity", "next_event", "capacity")])
    assert not re.search(r"\d{4}-\d\d-\d\d", told)  # the dates end with the log, so they would tell its last call
    assert found["capacity"]["segments"]["contacts"] == found["capacity"]["random"]["contacts"]
    assert found["next_event"]["log_rank"]["degrees_of_freedom"] == len(study.next_events.curves) - 1
    assert found["activity"]["most"] in (1, 2, 3)
    assert study.usefulness.of("recency")["auc"] > 0.6  # those who stopped were planted


def test_a_short_log_says_so_and_computes_nothing(closed_off: Path, tmp_path: Path) -> None:
    """The small log covers 120 days; needed are 365 and twice 90."""
    root = project(tmp_path, k=3, settings=BARE)
    short = ContactUse(ContactsStudy.find(root, data=write_log(tmp_path / "calls.csv", small_calls()), say=str))
    assert short.outlook.covered == 120 and short.outlook.needed == 545
    assert short.outlook.planned == short.outlook.judged == ()
    assert short.usefulness is short.activity is short.next_events is short.capacity is None
    found = short.results()
    assert found["usefulness"]["days_needed"] == 545 and found["capacity"] is None


def groups(active: list[int], units: list[int]) -> pd.DataFrame:
    from segkit.privacy import suppressed

    frame = pd.DataFrame(
        {"date": datetime(2024, 1, 1), "segment": range(1, len(units) + 1), "units": units, "active": active}
    )
    hidden = suppressed(frame["units"]) | suppressed(frame["active"]) | suppressed(frame["units"] - frame["active"])
    return frame.assign(expected=0.5, events=1.0, events_low=0.5, events_high=1.5, hidden=hidden)


def test_small_numbers_stay_hidden_in_every_column() -> None:
    """Two active of forty: hidden, and with them the next smallest number, which the total would give back."""
    found = activity(groups([60, 20, 2], [100, 50, 40]))
    rows = found.table.set_index("segment")
    assert rows.loc[1, "share"] == 0.6 and rows["units"].tolist() == [100, 50, 40]
    for column in ("active", "share", "low", "high", "events", "expected", "posterior", "p_best"):
        assert rows[column].isna().tolist() == [False, True, True], column
    assert found.most == 1 and found.gap is None and set(found.marks["segment"]) == {1}


def test_the_gap_is_that_of_the_two_most_active() -> None:
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II)."""
    found = activity(groups([48, 56, 8], [80, 70, 90]))
    assert (found.most, found.next_to) == (2, 1) and found.gap is not None
    assert [found.gap.low, found.gap.high] == pytest.approx([0.0524, 0.3339], abs=5e-5)


def test_steps_of_a_private_curve_hold_five_contacts() -> None:
    random = np.random.default_rng(2)
    times = pd.DataFrame({"days": random.uniform(0, 200, size=60), "seen": True})
    late = times["days"] > 150
    times.loc[late, "seen"], times.loc[late, "days"] = False, 150.0
    segment = pd.Series([1] * 57 + [2] * 3)
    found = next_events(times, segment, datetime(2024, 1, 1), until=150)
    assert list(found.curves) == []  # three units are hidden, and the other segment would give them back
    found = next_events(times, pd.Series([1] * 60), datetime(2024, 1, 1), until=150)
    rows = found.points(1, single=False)
    called = 60 * (1 - rows["survival"])
    assert (np.diff(called)[:-1] > 5 - 1e-9).all() and len(rows) < len(found.points(1, single=True))
    want = times.assign(days=times["days"].clip(upper=100))["days"].mean()  # without censoring before 100 days
    assert found.curves[1].restricted_mean(100).value == pytest.approx(want)
