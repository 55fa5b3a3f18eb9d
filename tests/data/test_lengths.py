"""Lengths of calls: in words, with signs of thousands, from start to end, missing, and of a unit that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_log import KEY

from segkit.config import Contacts
from segkit.data import lengths
from segkit.data.draft import draft_settings
from segkit.data.events import EventLog, load_events
from segkit.errors import InputError


def read(path: Path, columns: dict[str, str] | None = None, **form: Any) -> EventLog:
    roles = {"date": "start", "contact": "number"} | (columns or {"duration": "length"})
    return load_events(path, Contacts.model_validate({"columns": roles, "format": form}), key=KEY)


def amounts(log: EventLog) -> list[int]:
    return sorted(log.events.column("amount").to_pylist())


@pytest.fixture
def lasting(write: Callable[..., Path]) -> Callable[..., Path]:
    """Write calls of three contacts that last as told."""

    def _lasting(*cells: str, header: str = "length") -> Path:
        rows = [f'2024-01-{i + 1:02} 08:00:00,20255501{i % 3:02},"{cell}"' for i, cell in enumerate(cells)]
        return write(f"start,number,{header}\n" + "\n".join(rows) + "\n")

    return _lasting


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("1 min 20 s", 80), ("0 min 5 s", 5), ("1h20m", 4800), ("1h20", 4800), ("1m20", 80), ("2 Min. 5 Sek.", 125),
        ("1 Std. 2 Min.", 3720), ("2 minutes et 5 secondes", 125), ("1 hora y 3 minutos", 3780), ("3 minutos e 4 segundos", 184),
        ("1 ora 2 minuti 3 secondi", 3723), ("1,5 min", 90), ("1.5 min", 90), ("80 s", 80), ("20000 ms", 20), ("PT1M20S", 80),
        ("PT2H", 7200), ("1 hour, 2 minutes and 3 seconds", 3723), ("20", None), ("", None), ("1 day", None), ("min", None),
        ("Xanbriol", None), ("20 s 1 min", None), ("01:02'05", 3725), ("0:01'20\"", 80), ("0:01'75", None),
    ],
)  # fmt: skip
def test_words_of_lengths(text: str, right: int | None) -> None:
    sql = f"SELECT {lengths.of_words()} FROM (SELECT {lengths.word_parts('x')} AS c FROM (SELECT ? AS x))"
    assert duckdb.execute(sql, [text]).fetchall() == [(right,)]


@pytest.mark.parametrize(
    ("text", "decimal", "right"),
    [
        ("1.234", "comma", 1234), ("1.234", "point", 1.234), ("1,234", "point", 1234), ("1,234", "comma", 1.234),
        ("1.234", None, None), ("1,234", None, None), ("1.234.567,5", "comma", 1234567.5), ("1.23.456", "comma", None),
        ("12.5", None, 12.5), ("0.532", None, 0.532), ("1 234", "point", 1234), ("12,5", None, 12.5),
        ("1\u202f234,5", "comma", 1234.5), ("1'234.5", "point", 1234.5), ("1234", "comma", 1234), ("-5", "point", -5),
        ("12,34", "point", None),
    ],
)  # fmt: skip
def test_signs_of_thousands(text: str, decimal: str | None, right: float | None) -> None:
    (found,) = duckdb.execute(f"SELECT {lengths.number('x', decimal)} FROM (SELECT ? AS x)", [text]).fetchall()
    assert found == (right,)


def test_an_open_sign_is_asked_and_never_guessed(lasting: Callable[..., Path]) -> None:
    path = lasting("20", "1.500", "45", "130", header="seconds")
    roles = {"duration": "seconds"}
    with pytest.raises(InputError, match="no duration in seconds") as caught:
        read(path, roles)
    assert list(caught.value.rows) == [3] and "decimal" in caught.value.remedy
    assert amounts(read(path, roles, decimal="comma")) == [20, 45, 130, 1500]
    assert amounts(read(path, roles, decimal="point")) == [2, 20, 45, 130]
    asked = {q.key: q for q in draft_settings(path).questions}
    assert asked["decimal"].required and asked["decimal"].options == ("point", "comma")


@pytest.mark.parametrize(("cell", "right"), [("1.234,5", 1500), ("7,25", 1500), ("0.125", 2), ("1500.5", 2)])
def test_one_cell_settles_the_sign_of_all(lasting: Callable[..., Path], cell: str, right: int) -> None:
    assert right in amounts(read(lasting("20", "1.500", "45", cell)))


def test_milliseconds_are_a_unit_that_headers_name(lasting: Callable[..., Path]) -> None:
    path = lasting("20000", "45000", "70500", header="duration_ms")
    assert amounts(read(path, {"duration": "duration_ms"}, duration_unit="milliseconds")) == [20, 45, 70]
    assert 'duration_unit = "milliseconds"' in draft_settings(path).toml


@pytest.mark.parametrize("decimal", ["point", "comma"])
def test_fractions_of_a_day_are_asked_about_and_read(lasting: Callable[..., Path], decimal: str) -> None:
    seconds = [26, 95, 1_560, 3_605]
    cells = [f"{s / 86_400:.10f}" for s in seconds]
    path = lasting(*(c.replace(".", ",") if decimal == "comma" else c for c in cells), header="duration")
    (asked,) = (q for q in draft_settings(path).questions if q.key == "duration_unit")
    assert "days" in asked.options and "below one" in asked.reason
    assert amounts(read(path, {"duration": "duration"}, duration_unit="days")) == seconds


def test_a_median_call_of_nine_hours_is_asked_and_refused(lasting: Callable[..., Path]) -> None:
    path = lasting("32400", "45000", "200", header="seconds")
    with pytest.raises(InputError, match="2 of 3 calls would last more than 3 hours in seconds") as caught:
        read(path, {"duration": "seconds"})
    assert list(caught.value.rows) == [2, 3]
    assert amounts(read(path, {"duration": "seconds"}, median_limit=40_000)) == [200, 32400, 45000]
    assert "duration_unit" in {q.key for q in draft_settings(path).questions if q.required}
    assert read(lasting("32400", "45000", "200", "300"), {"duration": "length"}).rows == 4  # half of them may be long


@pytest.mark.parametrize("nothing", ["", "-", "–", "n/a", "--:--"])
def test_a_call_without_a_length_is_zero_or_aside(lasting: Callable[..., Path], nothing: str) -> None:
    path = lasting("20", nothing, "45", "70")
    with pytest.raises(InputError) as caught:
        read(path)
    assert list(caught.value.rows) == [3] and '"zero"' in caught.value.remedy and '"aside"' in caught.value.remedy
    zero = read(path, missed="zero")
    assert amounts(zero) == [0, 20, 45, 70]
    assert "1 call has no length; as the settings say, that is 0 seconds." in zero.audit.notes
    aside = read(path, missed="aside")
    assert amounts(aside) == [20, 45, 70] and aside.audit.quarantined[0].count == 1
    asked = {q.key: q for q in draft_settings(path, {"duration": "length"}).questions}
    assert asked["missed"].options == ("zero", "aside")


@pytest.mark.parametrize("dash", ["-", "--", "\u2014", "-:--:--"])
def test_dashes_for_missed_calls_hide_no_column_of_lengths(lasting: Callable[..., Path], dash: str) -> None:
    path = lasting(*[f"0:0{i % 9}:05" for i in range(18)], *[dash] * 9, header="Duration")
    draft = draft_settings(path)
    assert draft.columns["duration"] == "Duration" and 'duration_unit = "h:mm:ss"' in draft.toml
    assert [q.key for q in draft.questions if q.required] == ["missed"]


def test_lengths_follow_from_start_and_end(write: Callable[..., Path]) -> None:
    ends = ("2024-01-01 08:01:00", "2024-01-02 08:00:30", "2024-01-04 00:00:00")
    rows = [f"2024-01-0{i + 1} 08:00:00,{end},20255501{i:02}" for i, end in enumerate(ends)]
    path = write("start,end,number\n" + "\n".join(rows) + "\n")
    assert amounts(read(path, {"end": "end"})) == [30, 60, 57_600]
    drafted = draft_settings(path)
    assert drafted.columns["end"] == "end" and "duration" not in drafted.columns
    rows[1] = "2024-01-02 08:00:00,2024-01-02 07:59:59,2025550101"
    with pytest.raises(InputError, match="an end before its start") as caught:
        read(write("start,end,number\n" + "\n".join(rows) + "\n"), {"end": "end"})
    assert list(caught.value.rows) == [3]


def test_ends_may_pass_midnight_and_state_offsets(write: Callable[..., Path]) -> None:
    path = write("start,end,number\n2024-01-01 23:59:30,00:00:10,2025550100\n2024-01-02 08:00:00,08:00:07,2025550101\n")
    assert amounts(read(path, {"end": "end"})) == [7, 40]
    moments = ("2024-01-01T08:00:00+01:00,2024-01-01T07:00:09Z", "2024-01-02T08:00:00+01:00,2024-01-02T08:00:05+01:00")
    path = write("start,end,number\n" + "".join(f"{m},20255501{i:02}\n" for i, m in enumerate(moments)))
    assert amounts(read(path, {"end": "end"}, time_zone="Europe/Berlin")) == [5, 9]


def test_settings_name_a_length_or_an_end() -> None:
    for columns in ({}, {"duration": "a", "end": "b"}):
        with pytest.raises(ValueError, match="one of them"):
            Contacts.model_validate({"columns": {"date": "d", "contact": "c"} | columns})
