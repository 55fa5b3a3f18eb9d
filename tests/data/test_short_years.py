"""Years of two digits stand first or last, and times of day of spreadsheets are fractions: both are read, or asked about."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from segkit.config import Contacts
from segkit.data import draft_settings, load_events

Write = Callable[..., Path]
STARTS = [datetime(2024, 1, 2, 8) + timedelta(hours=31 * i, seconds=7 * i) for i in range(60)]


def log(cells: Callable[[datetime], str], header: str = "date", starts: list[datetime] = STARTS) -> str:
    rows = [f"{cells(start)},20255501{i % 7:02},{i + 3}" for i, start in enumerate(starts)]
    return "\n".join([f"{header},number,seconds", *rows]) + "\n"


def moments(path: Path, **answers: str) -> list[datetime]:
    draft = draft_settings(path, answers)
    assert draft.confident
    read = load_events(path, Contacts.model_validate(tomllib.loads(draft.toml)["contacts"]), key=b"k" * 32)
    return sorted(read.events.column("started_at").to_pylist())


@pytest.mark.parametrize("form", ["%y-%m-%d %H:%M:%S", "%y/%m/%d %H:%M:%S", "%d.%m.%y %H:%M:%S", "%d-%m-%y %H:%M:%S",
                                  "%m/%d/%y %H:%M:%S"])  # fmt: skip
def test_the_year_stands_where_the_log_is_short(write: Write, form: str) -> None:
    assert moments(write(log(lambda start: start.strftime(form)), "calls.csv")) == STARTS


def test_where_the_log_is_of_one_day_the_order_is_asked(write: Write) -> None:
    starts = [datetime(2024, 3, 2, 8, i) for i in range(60)]
    path = write(log(lambda start: f"{start:%y-%m-%d %H:%M:%S}", starts=starts), "calls.csv")
    (question,) = (q for q in draft_settings(path).questions if q.required)
    assert (question.key, question.reason) == ("date_order", "The years have two digits, and may stand first or last")
    assert moments(path, date_order="year-month-day") == starts
    assert moments(path, date_order="day/month/year")[0] == datetime(2002, 3, 24, 8)


@pytest.mark.parametrize("mark", [".", ","])
def test_days_and_fractions_of_a_day_are_a_moment(write: Write, mark: str) -> None:
    def cells(start: datetime) -> str:
        midnight = datetime(start.year, start.month, start.day)
        fraction = f"{(start - midnight) / timedelta(days=1):.9f}".replace(".", mark)
        return f'{(midnight - datetime(1899, 12, 30)).days},"{fraction}"'

    assert moments(write(log(cells, "Date,Time"), "calls.csv")) == STARTS


def test_days_with_a_decimal_comma_are_moments(write: Write) -> None:
    def cell(start: datetime) -> str:
        return '"' + f"{(start - datetime(1899, 12, 30)) / timedelta(days=1):.9f}".replace(".", ",") + '"'

    assert moments(write(log(cell), "calls.csv")) == STARTS


def test_shares_of_a_minute_beside_dates_in_text_are_no_times_of_day(write: Write) -> None:
    path = write(log(lambda start: f"{start:%Y-%m-%d},0.{start.second + 100}", "date,talk time"), "calls.csv")
    assert draft_settings(path).columns.get("time") is None
