"""Dates in words, in digits alone, as counts since a day, and in three columns: worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from small_log import KEY

from segkit.config import Contacts
from segkit.data.draft import draft_settings
from segkit.data.events import EventLog, load_events
from segkit.errors import InputError

NOON = datetime(2024, 1, 31, 12, 5)
NAMED = {
    "Jan 31, 2024 12:05:00 PM": "English, with half days",
    "Wed, 31 Jan 2024 12:05:00 +0100": "electronic mail (RFC 2822)",
    "Wednesday, January 31st, 2024 at 12:05 PM": "in full",
    "Wed Jan 31 12:05:00 2024": "ctime",
    "31/Jan/2024:12:05:00 +0100": "log of a server",
    "31-JAN-24 12:05": "database",
    "2024-Jan-31 12:05": "year first",
    "31. Jänner 2024, 12:05 Uhr": "Austrian",
    "31. Januar 2024 um 12:05": "German",
    "mercredi 31 janvier 2024 à 12h05": "French",
    "31 de enero de 2024 12:05 p. m.": "Spanish",
    "quarta-feira, 31 de janeiro de 2024 às 12:05": "Portuguese",
    "mercoledì 31 gennaio 2024 12:05": "Italian",
    "31.01.2024 um 12:05 Uhr": "numbers, with words around the time",
    "20240131T120500": "ISO 8601 without separators",
    "20240131120500": "digits alone",
    "202401311205": "without seconds",
    "20240131 12:05": "a clock behind digits",
}
COUNTED = {  # of 31 January 2024, 12:05 UTC: 19,753 days after 1970 and 43,500 seconds
    "1706702700": "unix seconds",
    "1706702700.0": "unix seconds",
    "1706702700000": "unix milliseconds",
    "1706702700000000": "unix microseconds",
    "45322.503472222": "excel days",
    "739282.503472222": "matlab days",
}


def loaded(path: Path, columns: dict[str, str] | None = None, **form: str) -> EventLog:
    roles = {"date": "start", "contact": "number", "duration": "seconds"} | (columns or {})
    return load_events(path, Contacts.model_validate({"columns": roles, "format": form}), key=KEY)


@pytest.fixture
def calls(write: Callable[..., Path]) -> Callable[..., Path]:
    """Write calls of two contacts that begin as told."""

    def _calls(*starts: str, header: str = "start") -> Path:
        rows = [
            f'"{start}",20255501{i % 2:02},{10 + i}' for i, start in enumerate(starts * (2 if len(starts) == 1 else 1))
        ]
        return write(f"{header},number,seconds\n" + "\n".join(rows) + "\n")

    return _calls


def starts(log: EventLog) -> set[datetime]:
    return set(log.events.column("started_at").to_pylist())


@pytest.mark.parametrize("text", NAMED)
def test_dates_in_words_and_digits_are_read(calls: Callable[..., Path], text: str) -> None:
    path = calls(text)
    order = "day/month/year" if text[2] == "." and text[3].isdigit() else "month/day/year"
    assert starts(loaded(path, date_order=order)) == {NOON}
    drafted = draft_settings(path).toml
    assert 'date = "start"' in drafted and "date_numbers" not in drafted


@pytest.mark.parametrize(("text", "unit"), COUNTED.items())
def test_counts_are_known_by_their_size(calls: Callable[..., Path], text: str, unit: str) -> None:
    log = loaded(calls(text), **({"time_zone": "Europe/Berlin"} if unit.startswith("unix") else {}))
    assert starts(log) == {NOON + timedelta(hours=unit.startswith("unix"))}  # Berlin is an hour ahead in winter
    assert any(unit.split()[0] in note.lower() for note in log.audit.notes)


def test_every_month_is_known_by_its_words(calls: Callable[..., Path]) -> None:
    words = ["Januar", "février", "mars", "abril", "maggio", "juin", "luglio", "août", "set", "oct", "novembre", "Dez."]
    months = sorted(moment.month for moment in starts(loaded(calls(*(f"3 {word} 2023 08:00" for word in words)))))
    assert months == list(range(1, 13))


def test_moments_of_utc_need_a_place(calls: Callable[..., Path]) -> None:
    path = calls("1706702700", "1706702800")
    with pytest.raises(InputError, match="no time zone is set") as caught:
        loaded(path)
    assert "1706702700" not in str(caught.value)
    assert starts(loaded(path, time_zone="UTC")) == {NOON, NOON + timedelta(seconds=100)}
    questions = {q.key: q for q in draft_settings(path).questions}
    assert questions["time_zone"].required and "UTC" in questions["time_zone"].reason
    assert draft_settings(path, {"contact": "number", "time_zone": "UTC"}).confident


def test_a_count_that_size_does_not_tell_is_asked(calls: Callable[..., Path]) -> None:
    path = calls("86400", "172800", "90000")  # the first days of 1970, or days of the 22nd century
    with pytest.raises(InputError, match="does not tell what they count"):
        loaded(path)
    assert loaded(path, date_numbers="unix seconds", time_zone="UTC").rows == 3
    asked = {q.key: q for q in draft_settings(path, {"date": "start"}).questions}
    assert asked["date_numbers"].required and "excel days" in asked["date_numbers"].options
    drafted = draft_settings(path, {"date": "start", "date_numbers": "unix seconds"})
    assert 'date_numbers = "unix seconds"' in drafted.toml and "time_zone" in {q.key for q in drafted.questions}


def test_telephone_numbers_and_lengths_are_no_dates(calls: Callable[..., Path]) -> None:
    path = calls("2024-01-31 12:05:00", "2024-02-01 08:00:00")  # 20255501.. would be moments of the year 2034
    assert draft_settings(path).columns["date"] == "start"
    assert "2025550100" not in draft_settings(path).toml


def test_a_word_that_is_no_month_is_named_by_its_row(calls: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="no date in a known form") as caught:
        loaded(calls("Jan 2, 2024 8:00 AM", "Xanbriol 3, 2024 8:00 AM", "Feb 4, 2024 8:00 AM"))
    assert list(caught.value.rows) == [3] and "Xanbriol" not in str(caught.value)


def test_years_of_two_digits_are_told(calls: Callable[..., Path]) -> None:
    log = loaded(calls("31-JAN-24 12:05", "31-JAN-69 12:05", "31-JAN-70 12:05"))
    assert {moment.year for moment in starts(log)} == {2024, 2069, 1970}
    assert "3 dates have a year of two digits; they were read as 1970 to 2069." in log.audit.notes


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (("080000", "163007"), ("08:00:00", "16:30:07")),
        (("80000", "163007", "5"), ("08:00:00", "16:30:07", "00:00:05")),  # a spreadsheet took the zeros
        (("800", "1630"), ("08:00:00", "16:30:00")),
        (("8.05", "16.30"), ("08:05:00", "16:30:00")),
        (("8h05", "16 h 30"), ("08:05:00", "16:30:00")),
        (("8:05 Uhr", "16:30 Uhr"), ("08:05:00", "16:30:00")),
        (("8 AM", "4 p.m."), ("08:00:00", "16:00:00")),
    ],
)  # fmt: skip
def test_times_of_day_are_read(write: Callable[..., Path], cells: tuple[str, ...], right: tuple[str, ...]) -> None:
    rows = "".join(f"2024-01-31,{cell},20255501{i:02},{10 + i}\n" for i, cell in enumerate(cells))
    log = loaded(write("start,time,number,seconds\n" + rows), {"time": "time"})
    assert {f"{moment:%H:%M:%S}" for moment in starts(log)} == set(right)


def test_lengths_under_the_header_time_are_no_times_of_day(write: Callable[..., Path]) -> None:
    rows = "".join(f"2024-01-{day:02} 08:00:00,20255501{day % 3:02},{20 * day}\n" for day in range(1, 29))
    drafted = draft_settings(write("start,number,time\n" + rows))
    assert "time" not in drafted.columns


@pytest.mark.parametrize("month", ["1", "01", "January", "janv."])
def test_day_month_and_year_may_stand_apart(write: Callable[..., Path], month: str) -> None:
    rows = "".join(f"{31 - i},{month},2024,12:05,20255501{i:02},{10 + i}\n" for i in range(3))
    path = write("day,month,year,time,number,seconds\n" + rows)
    roles = {"date": "day", "month": "month", "year": "year", "time": "time"}
    log = loaded(path, roles)
    assert starts(log) == {NOON - timedelta(days=i) for i in range(3)}
    assert {role: draft_settings(path).columns[role] for role in roles} == roles
