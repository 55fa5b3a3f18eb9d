"""The audit of a log that is small enough to count by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_log import KEY, Row, as_csv, settings

from segkit.config import Contacts
from segkit.data.audit import QUANTILES, EventAudit, audit_events, hide_small_months
from segkit.data.events import load_events

# date, time, seconds, contact, category. 2022-01-03 is a Monday, 2022-01-09 a Sunday.
ENTRIES = [
    ("1/3/2022", "00:00:00", 0, "a", "Family"),  # early morning
    ("1/3/2022", "07:59:59", 10, "b", "Family"),  # early morning
    ("1/9/2022", "08:00:00", 20, "a", "Supplier"),  # business hours, Sunday; five silent days before it
    ("1/17/2022", "17:59:59", 30, "c", "Family"),  # business hours, Monday; seven silent days before it
    ("1/18/2022", "18:00:00", 40, "c", ""),  # evening, Tuesday
    ("2/5/2022", "20:59:59", 50, "a", "Supplier"),  # evening, Saturday; 17 silent days before it
    ("2/6/2022", "21:00:00", 60, "a", "Supplier"),  # late night, Sunday
    ("2/6/2022", "23:59:59", 70, "b", "Supplier"),  # late night, Sunday
    ("4/1/2022", "12:00:00", 80, "d", ""),  # business hours, Friday; 53 silent days before it
    ("4/1/2022", "12:00:01", 1000, "d", "Zoo"),  # business hours, Friday
    ("5/31/2022", "09:30:00", 90, "e", ""),  # business hours, Tuesday; 59 silent days before it
]


def rows() -> list[Row]:
    return [
        {
            "date_stamp": day,
            "time": time,
            "duration_in_seconds": str(seconds),
            "dialled_phone_number": f"555010199{'abcde'.index(who)}",
            "category": kind,
        }
        for day, time, seconds, who, kind in ENTRIES
    ]


def log_settings(**changes: object) -> Contacts:
    none = dict.fromkeys(("name", "weekday", "month", "year"))
    return settings(columns=none).model_copy(update=changes)


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> EventAudit:
    path = tmp_path_factory.mktemp("audit") / "calls.csv"
    path.write_text(as_csv(rows()))
    return audit_events(load_events(path, log_settings(), key=KEY), log_settings())


def test_size_and_range(audit: EventAudit) -> None:
    assert (audit.rows, audit.units) == (11, 5)
    assert audit.first == datetime(2022, 1, 3)
    assert audit.last == datetime(2022, 5, 31, 9, 30)


def test_bands_include_their_first_and_last_hour(audit: EventAudit) -> None:
    assert audit.bands.to_dict("list") == {
        "band": ["early_morning", "business_hours", "evening", "late_night"],
        "first_hour": [0, 8, 18, 21],
        "last_hour": [7, 17, 20, 23],
        "events": [2, 5, 2, 2],
        "units": [2, 4, 2, 2],
        "share": pytest.approx([2 / 11, 5 / 11, 2 / 11, 2 / 11]),
    }
    assert audit.busiest_band["band"] == "business_hours"


def test_weekdays_and_closed_days(audit: EventAudit) -> None:
    assert audit.weekdays["weekday"].to_list()[:2] == ["Monday", "Tuesday"]
    assert audit.weekdays["events"].to_list() == [3, 2, 0, 0, 2, 1, 3]
    assert audit.weekdays["open"].to_list() == [True] * 6 + [False]
    assert audit.weekdays["share"].to_list() == pytest.approx(np.array([3, 2, 0, 0, 2, 1, 3]) / 11)
    assert audit.out_of_hours == pytest.approx(3 / 11)


def test_every_month_of_the_range_is_listed(audit: EventAudit) -> None:
    assert audit.months["month"].to_list() == [pd.Timestamp(2022, m, 1) for m in range(1, 6)]
    assert audit.months["events"].to_list() == [5, 3, 0, 2, 1]
    assert audit.months["units"].to_list() == [3, 2, 0, 1, 1]


def test_a_full_month_of_few_calls_is_thin(audit: EventAudit) -> None:
    # Without the first and the last month: 3, 0 and 2 calls, so the median is 2, and only 0 is below a quarter of it.
    assert audit.thin_months["month"].to_list() == [pd.Timestamp(2022, 3, 1)]


def test_months_are_thin_beside_the_median_of_the_full_months(audit: EventAudit) -> None:
    months = _months(
        [1, 100, 20, 24, 25, 100, 100, 1]
    )  # the median of the six between the ends is 62.5, of all eight 24.5
    assert replace(audit, months=months).thin_months["units"].to_list() == []
    months = _months([1, 100, 20, 24, 26, 100, 100, 100, 1])  # of the seven between the ends it is 100
    assert replace(audit, months=months).thin_months["units"].to_list() == [20, 24]


@pytest.mark.parametrize(("day", "silent"), [("1/3/2022", 0), ("1/4/2022", 0), ("1/5/2022", 1), ("1/9/2022", 5)])
def test_whole_days_without_a_call_are_silent(write: Callable[..., Path], day: str, silent: int) -> None:
    few = rows()[:2]
    few[1]["date_stamp"] = day
    assert audit_events(load_events(write(few), log_settings(), key=KEY), log_settings()).longest_silence == silent


def test_silent_runs_of_a_week_or_more(audit: EventAudit) -> None:
    assert audit.longest_silence == 59
    found = audit.silent.assign(start=audit.silent["start"].dt.date, end=audit.silent["end"].dt.date)
    assert [tuple(map(str, run)) for run in found.itertuples(index=False)] == [
        ("2022-04-02", "2022-05-30", "59"),
        ("2022-02-07", "2022-03-31", "53"),
        ("2022-01-19", "2022-02-04", "17"),
        ("2022-01-10", "2022-01-16", "7"),
    ]


def test_duration_quantiles_are_those_of_numpy(audit: EventAudit) -> None:
    seconds = [e[2] for e in ENTRIES]
    assert audit.amounts["quantile"].to_list() == list(QUANTILES) == [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1]
    assert audit.amounts["amount"].to_list() == pytest.approx(np.quantile(seconds, QUANTILES))
    assert (audit.amount(0.5), audit.amount(1.0)) == (50, 1000)


def test_categories_by_calls_and_contacts(audit: EventAudit) -> None:
    assert audit.units_per_category.to_dict("list") == {
        "category": ["Supplier", "Family", "Zoo"],
        "events": [4, 3, 1],
        "share": pytest.approx([4 / 8, 3 / 8, 1 / 8]),  # of the calls that have a label
        "units": [2, 3, 1],
    }


def test_gates_and_plain_values(audit: EventAudit) -> None:
    assert audit.gates["failures"].to_list() == [0] * 5
    assert len(audit.table) == 5
    plain = audit.to_json()
    assert plain["bands"] == {"early_morning": 2, "business_hours": 5, "evening": 2, "late_night": 2}
    assert plain["weekdays"]["Sunday"] == 3
    assert (plain["rows"], plain["columns"], plain["units"], plain["duplicates"]) == (11, 5, 5, 0)


def test_rows_set_aside_are_counted_at_their_gate(write: Callable[..., Path], tmp_path: Path) -> None:
    bad = rows()
    bad[0]["time"], bad[1]["duration_in_seconds"], bad[2]["duration_in_seconds"] = "25:00:00", "-4", "long"
    bad[3]["dialled_phone_number"] = ""
    gates = dict.fromkeys(("missing", "timestamp", "duration", "identifier"), "quarantine")
    chosen = log_settings(gates=settings(gates=gates).gates)
    found = audit_events(load_events(write(bad), chosen, key=KEY, quarantine=tmp_path / "aside"), chosen)
    assert found.rows == 7
    assert found.gates.set_index("check")["failures"].to_dict() == {
        "required cells are filled": 1,
        "dates and times can be read": 1,
        "durations are numbers": 1,
        "durations are not negative": 1,
        "identifiers are whole, and no category is one": 0,
    }
    assert sum(found.to_json()["quarantined"].values()) == 4


def test_one_month_without_breaks_or_categories(write: Callable[..., Path]) -> None:
    few = [{k: v for k, v in row.items() if k != "category"} for row in rows()[:2]]
    chosen = settings(columns=dict.fromkeys(("name", "weekday", "month", "year", "category")))
    found = audit_events(load_events(write(few), chosen, key=KEY), chosen)
    assert len(found.months) == 1
    assert found.thin_months.empty
    assert found.silent.empty
    assert found.longest_silence == 0
    assert list(found.units_per_category) == ["category", "events", "share", "units"]
    assert found.units_per_category.empty


def _months(contacts: list[int]) -> pd.DataFrame:
    starts = pd.date_range("2022-01-01", periods=len(contacts), freq="MS")
    return pd.DataFrame({"month": starts, "events": [10 * n for n in contacts], "units": contacts})


@pytest.mark.parametrize(
    ("contacts", "blank"),
    [
        ([9, 5, 0, 8], []),  # five are enough, and an empty month tells of nobody
        ([9, 2, 0, 4], [1, 3]),
        ([9, 2, 0, 8], [1, 3]),  # the total of all calls would give a single blank month back
    ],
)
def test_months_of_few_contacts_are_blank(contacts: list[int], blank: list[int]) -> None:
    months = _months(contacts)
    hidden = hide_small_months(months)
    for column in ("events", "units"):
        assert hidden.index[hidden[column].isna()].to_list() == blank
        assert hidden[column].dropna().to_list() == months[column].drop(index=blank).to_list()
    pd.testing.assert_frame_equal(months, _months(contacts))
