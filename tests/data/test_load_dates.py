"""Dates, times and offsets: what is read, what is refused, and what the reader is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from small_log import KEY, Row, iso, log_rows, settings, with_cells, with_column

from segkit.data import EventLog, load_events
from segkit.errors import InputError

Write = Callable[..., Path]
NO_COPIES: dict[str, str | None] = dict.fromkeys(("weekday", "month", "year"))


def load(path: Path, columns: dict[str, str | None] | None = None, **form: object) -> EventLog:
    return load_events(path, settings({**NO_COPIES, **(columns or {})}, **form), key=KEY)


def refused(path: Path, columns: dict[str, str | None] | None = None, **form: object) -> InputError:
    with pytest.raises(InputError) as caught:
        load(path, columns, **form)
    assert "Remedy:" in str(caught.value) and str(path) in str(caught.value)
    return caught.value


def moments(log: EventLog) -> list[datetime]:
    return log.events.column("started_at").to_pylist()


def truth() -> list[datetime]:
    return sorted(datetime.strptime(f"{r['date_stamp']} {r['time']}", "%m/%d/%Y %H:%M:%S") for r in log_rows())


def rewritten(form: str) -> list[Row]:
    """Return the log with its dates in another strftime form."""
    return with_column("date", lambda i, r: date.fromisoformat(iso(r)).strftime(form))


@pytest.mark.parametrize(
    ("form", "order"),
    [
        ("%d/%m/%Y", "day/month/year"),
        ("%d.%m.%Y", "day/month/year"),
        ("%d-%m-%Y", "day/month/year"),
        ("%d.%m.%y", "day/month/year"),
        ("%m/%d/%Y", "month/day/year"),
        ("%m-%d-%Y", "month/day/year"),
        ("%Y-%m-%d", "year-month-day"),
        ("%Y/%m/%d", "year-month-day"),
    ],
)
def test_orders_and_separators(write: Write, form: str, order: str) -> None:
    assert moments(load(write(rewritten(form)), date_order=order)) == truth()


@pytest.mark.parametrize("order", ["month/day/year", "day/month/year"])
def test_dates_with_the_year_first_need_no_order(write: Write, order: str) -> None:
    assert moments(load(write(rewritten("%Y-%m-%d")), date_order=order)) == truth()


def test_years_of_two_digits_are_said(write: Write) -> None:
    notes = load(write(rewritten("%d.%m.%y")), date_order="day/month/year").audit.notes
    assert notes == ("60 dates have a year of two digits; they were read as 1970 to 2069.",)


@pytest.mark.parametrize(
    ("join", "time_form"),
    [
        (" ", "%H:%M:%S"),
        ("T", "%H:%M:%S"),
        ("T", "%H:%M:%S.250000"),
        (" ", "%I:%M:%S %p"),
        (", ", "%I:%M:%S %p"),
        (" ", "%I:%M:%S\u202f%p"),
    ],
)
def test_date_and_time_in_one_column(write: Write, join: str, time_form: str) -> None:
    def both(i: int, row: Row) -> str:
        return iso(row) + join + datetime.strptime(row["time"], "%H:%M:%S").strftime(time_form)

    rows = [{name: value for name, value in row.items() if name != "time"} for row in with_column("date", both)]
    extra = timedelta(microseconds=250_000) if "250000" in time_form else timedelta()
    assert moments(load(write(rows), {"time": None})) == [moment + extra for moment in truth()]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("9:05", (9, 5, 0)),
        ("09:05:07.9", (9, 5, 7, 900_000)),
        ("9:05:07 pm", (21, 5, 7)),
        ("12:05 AM", (0, 5, 0)),
        ("12:05 p.m.", (12, 5, 0)),
        ("23:59:59", (23, 59, 59)),
    ],
)
def test_times_of_day(write: Write, written: str, read: tuple[int, ...]) -> None:
    log = load(write(with_cells(time={0: written})))
    assert moments(log)[0] == datetime(2022, 1, 3, *read)  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["24:00:00", "9:60", "9:05:61", "13:05 PM", "0:30 am", "noon", "9", "09:05:07 x"])
def test_no_times_of_day(write: Write, written: str) -> None:
    error = refused(write(with_cells(time={4: written})))
    assert (error.column, error.rows) == ("time", (6,))
    assert "1 row has no time of day in a known form" in str(error)


@pytest.mark.parametrize("written", ["2/30/2022", "13/32/2022", "2/29/2023", "0/5/2022"])
def test_days_that_do_not_exist(write: Write, written: str) -> None:
    error = refused(write(with_cells(date={10: written, 12: written})))
    assert (error.column, error.rows, error.count) == ("date_stamp", (12, 14), 2)
    assert "2 rows have a date that the calendar does not have" in str(error)


@pytest.mark.parametrize("written", ["1/5/1969", "1/5/2101", "1/5/9999"])
def test_years_outside_the_range(write: Write, written: str) -> None:
    assert "1 row has a year outside 1970 to 2100 (row 2)" in str(refused(write(with_cells(date={0: written}))))


def test_dates_in_the_future_are_fine(write: Write) -> None:
    days = {row: f"1/{row % 28 + 1}/2100" for row in range(30)}
    assert moments(load(write(with_cells(date=days))))[-1].year == 2100


@pytest.mark.parametrize("written", ["yesterday", "1/5", "44564", "1/5-2022", "5 Jan 2022", "20220105"])
def test_no_dates(write: Write, written: str) -> None:
    error = refused(write(with_cells(date={3: written})))
    assert (error.column, error.rows) == ("date_stamp", (5,))
    assert written not in str(error).replace(str(error.file), "").split("Remedy")[0]


def test_several_faults_of_one_column_are_one_message(write: Write) -> None:
    error = refused(write(with_cells(date={3: "2/30/2022", 7: "soon", 9: "later"})))
    assert "3 rows cannot be used: 2 have no date in a known form, 1 has a date that the calendar" in str(error)
    assert error.rows == (5, 9, 11)


def test_stated_order_that_contradicts_rows_names_the_order_that_fits_all(write: Write) -> None:
    days = sum(int(row["date_stamp"].split("/")[1]) > 12 for row in log_rows())
    error = refused(write(log_rows()), date_order="day/month/year")
    assert error.count == days
    assert f"{days} dates contradict the stated order day/month/year" in str(error)
    assert '"month/day/year", which fits every row' in str(error)


def test_contradiction_is_refused_even_where_the_gate_sets_rows_aside(write: Write) -> None:
    contacts = settings(NO_COPIES, {"timestamp": "quarantine"}, date_order="day/month/year")
    with pytest.raises(InputError, match="contradict the stated order"):
        load_events(write(log_rows()), contacts, key=KEY)


def test_orders_mixed_among_rows(write: Write) -> None:
    error = refused(write(with_cells(date={4: "31/1/2022", 5: "30/1/2022"})))
    assert "the order of day and month is mixed" in str(error)
    assert (error.count, error.rows) == (2, (6, 7))


def test_forms_mixed_among_rows(write: Write) -> None:
    error = refused(write(with_cells(date={7: "2022-01-31"})))
    assert "1 with the year first, 59 with the year last" in str(error)
    assert error.rows == (9,)


def test_year_first_was_stated_and_stands_last(write: Write) -> None:
    error = refused(write(log_rows()), date_order="year-month-day")
    assert 'date_order in [contacts.format] to "month/day/year", which fits' in str(error)


def test_order_that_no_row_settles_is_read_as_stated_and_said(write: Write) -> None:
    path = write(with_column("date", lambda i, r: f"{1 + i // 12}/{1 + i % 12}/2022"))
    us, other = load(path), load(path, date_order="day/month/year")
    assert us.audit.notes == (
        "No date in the file settles the order of day and month; month/day/year was taken as stated.",
    )
    assert moments(us) != moments(other)


def test_date_without_time(write: Write) -> None:
    path = write(with_column("date", lambda i, r: r["date_stamp"] + (" 10:00" if i else "")))
    error = refused(path, {"time": None})
    assert (error.column, error.rows) == ("date_stamp", (2,))
    assert "a date without a time of day" in str(error)


def test_two_times_of_day(write: Write) -> None:
    error = refused(write(with_cells(date={2: "1/5/2022 10:00"})))
    assert "a time of day beside the time column" in str(error) and error.rows == (4,)


def test_midnight_beside_the_time_column_is_no_second_time(write: Write) -> None:
    path = write(with_column("date", lambda i, r: r["date_stamp"] + (" 0:00:00", " 00:00", " 12:00:00 AM")[i % 3]))
    assert moments(load(path)) == truth()


def offset(row: Row, hours: int) -> str:
    return f"{row['time']}{hours:+03}:00"


@pytest.mark.parametrize("suffix", ["Z", " UTC", "+02:00", "+0200", "+02", "-05:30"])
def test_one_common_offset_keeps_the_clock_and_says_so(write: Write, suffix: str) -> None:
    log = load(write(with_column("time", lambda i, r: r["time"] + suffix)))
    assert moments(log) == truth()
    stated = {"Z": "+00:00", " UTC": "+00:00", "-05:30": "-05:30"}.get(suffix, "+02:00")
    assert log.audit.notes == (f"Every time states the offset UTC{stated}; the clock was kept as written.",)


def test_offsets_on_some_rows_only(write: Write) -> None:
    rows = with_column("time", lambda i, r: r["time"] + ("Z" if i in (3, 5) else ""))
    for zone in (None, "Europe/Berlin"):
        error = refused(write(rows), time_zone=zone)
        assert "time zones are mixed: 2 times state an offset from UTC, 58 do not" in str(error)
        assert (error.rows, error.count) == ((5, 7), 2)


def test_different_offsets_without_a_time_zone(write: Write) -> None:
    error = refused(write(with_column("time", lambda i, r: offset(r, 1 + (i == 8)))))
    assert "2 different offsets" in str(error) and "Set time_zone" in str(error)
    assert error.rows == (10,)


def test_different_offsets_with_a_time_zone(write: Write) -> None:
    """Berlin is one hour ahead of UTC in winter and two in summer: 12:00+00:00 is 13:00 and 14:00 there."""
    rows = with_cells(date={0: "1/5/2022", 1: "7/5/2022"}, time={0: "12:00:00", 1: "12:00:00"})
    for i, row in enumerate(rows):
        row["time"] += "-03:00" if i > 1 else "+00:00"
    log = load(write(rows), time_zone="Europe/Berlin")
    assert datetime(2022, 1, 5, 13) in moments(log) and datetime(2022, 7, 5, 14) in moments(log)
    assert log.audit.notes == (
        "Times state an offset from UTC; they were converted to the local clock of Europe/Berlin.",
    )


def test_a_time_zone_leaves_times_without_offset_alone(write: Write) -> None:
    assert moments(load(write(log_rows()), time_zone="Asia/Tokyo")) == truth()


def test_redundant_columns_are_compared_with_the_date_as_written(write: Write) -> None:
    """A call at 23:30 UTC on Monday is on Tuesday in Tokyo; the column of weekdays still agrees with the file."""
    rows = with_column("time", lambda i, r: "23:30:00Z")
    log = load_events(write(rows), settings(time_zone="Asia/Tokyo"), key=KEY)
    assert log.audit.disagreements["disagree"].tolist() == [0, 0, 0]
    assert moments(log)[0] == datetime(2022, 1, 4, 8, 30)
