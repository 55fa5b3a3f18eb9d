"""A log that breaks off: who is overdue counts watched days, the segments do not know of it, and private numbers are fives."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from made_projects import BARE, Call, open_new, project, write_log

from segkit.studies.base import plain
from segkit.studies.contacts import CALLS, ContactsStudy
from segkit.studies.customers import CustomersStudy
from segkit.studies.events.data import dated
from segkit.studies.events.policy import policy
from segkit.studies.schema import results_schema

pytest_plugins = ["made_projects"]
START, LOST = datetime(2023, 1, 2, 9), (date(2023, 4, 3), date(2023, 5, 7))
DAYS = 140


def calls_with_a_break() -> list[Call]:
    """Return calls of forty contacts who call about weekly until they stop, and of forty who call once, none of them on 35 days."""
    rng, calls = np.random.default_rng(8), []
    for who in range(80):
        stop = DAYS if who % 4 else int(rng.integers(60, DAYS))
        days = rng.uniform(0, stop, 20 if who < 40 else 1)
        for day in np.sort(days):
            when = START + timedelta(days=float(day))
            if not LOST[0] <= when.date() <= LOST[1]:
                calls.append((when, int(rng.integers(20, 400)), f"5550300{who:03}", "Unknown"))
    return calls


@pytest.fixture(scope="module")
def studies(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ContactsStudy]:
    folder = tmp_path_factory.mktemp("broken")
    data = write_log(folder / "calls.csv", calls_with_a_break())
    asked = {"found": '"found"', "none": '"none"', "declared": f'[["{LOST[0]}", "{LOST[1]}"]]'}
    return {n: open_new(project(folder / n, k=2, settings={**BARE, "breaks": v}), data) for n, v in asked.items()}


def test_the_break_is_found_as_the_settings_would_name_it(studies: dict[str, ContactsStudy]) -> None:
    for name in ("found", "declared"):
        (one,) = studies[name].breaks.table.itertuples()
        assert (one.start.date(), one.end.date(), one.days) == (*LOST, 35) and studies[name].breaks.how == name
    assert studies["none"].breaks.days == 0 and studies["none"].silences is None


def test_breaks_change_no_feature_and_no_segment(studies: dict[str, ContactsStudy]) -> None:
    for one in studies.values():
        pd.testing.assert_frame_equal(one.features.frame, studies["none"].features.frame)
        pd.testing.assert_series_equal(one.segments.labels, studies["none"].segments.labels)
    pd.testing.assert_frame_equal(studies["none"].exposed, studies["none"].features.frame)


def test_silence_is_counted_on_watched_days(studies: dict[str, ContactsStudy]) -> None:
    """Whoever called last before the break was silent on 35 days less; counted event by event."""
    study = studies["found"]
    last = study.log.events.to_pandas().groupby("unit")["started_at"].max()
    less = (study.features.frame["recency_days"] - study.exposed["recency_days"]).round(9)
    before = last.dt.date.reindex(less.index) < LOST[0]
    assert before.any() and not before.all() and (less == np.where(before, 35.0, 0.0)).all()


def test_who_is_overdue_follows_and_the_calendar_stands_beside(studies: dict[str, ContactsStudy]) -> None:
    study = studies["found"]
    own, labels = study.exposed, study.segments.labels
    pd.testing.assert_frame_equal(study.policy.table, policy(own, labels, study.cards, CALLS, study.rules).table)
    found = study.silences.table.set_index("segment")  # type: ignore[union-attr]
    pd.testing.assert_series_equal(
        found["overdue"], study.policy.table.set_index("segment")["overdue_now"].astype("float64"), check_names=False
    )
    for segment in found.index:
        rows = labels.index[labels == segment]
        assert found.loc[segment, "watched"] == own.loc[rows, "recency_days"].median()
        assert found.loc[segment, "calendar"] == study.features.frame.loc[rows, "recency_days"].median()
    assert (found["watched"] <= found["calendar"]).all() and (found["watched"] < found["calendar"]).any()
    calendar = studies["none"].policy.table.set_index("segment")["overdue_now"].astype("float64")
    told = found["overdue_calendar"].dropna()
    assert (told == calendar.reindex(told.index)).all()


def test_what_is_told_of_it_is_fives_and_meets_the_schema(studies: dict[str, ContactsStudy]) -> None:
    told: Any = studies["found"].released
    rows = told.silences.table
    assert told is not studies["found"] and (rows[["overdue", "overdue_calendar"]].stack().dropna() % 5 == 0).all()
    schema = results_schema()
    results = {"breaks": dated(told.breaks.to_json(), exact=told.exact_dates), "silences": told.silences.to_json()}
    for key in results:
        jsonschema.validate(
            json.loads(json.dumps(plain(results[key]))), {**schema["properties"][key], "$defs": schema["$defs"]}
        )
    assert results["breaks"]["breaks"][0]["start"] == "2023-04"  # of a private log, days are told by their month


def test_customers_do_the_same_by_the_same_code() -> None:
    for name in ("breaks", "exposed", "policy", "silences", "time_exposure", "use_exposure", "usefulness_watched"):
        assert getattr(CustomersStudy, name) is getattr(ContactsStudy, name)
