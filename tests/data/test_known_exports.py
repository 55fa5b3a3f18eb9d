"""Exports as systems are known to write them are read as they were written, or something is asked: none is wrong in silence."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from known_exports import BERLIN, EXPORTS, UNIX, Cell, Export, nested, since, utc

from segkit.config import Contacts
from segkit.data import EventLog, draft_settings, load_events
from segkit.data.simulate import exports
from segkit.errors import InputError

LOG = exports.calls()
Histories = Counter[tuple[tuple[int, int], ...]]


def histories(rows: Iterable[tuple[str, int, int]]) -> Histories:
    """Count the histories of units, whatever these are called: moments by the clock, and lengths."""
    units: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for unit, moment, seconds in rows:
        units[unit].append((moment, seconds))
    return Counter(tuple(sorted(own)) for own in units.values())


def answered(path: Path, right: Mapping[str, str]) -> tuple[EventLog, set[str]]:
    """Answer what is asked as the owner would, and read the file; return what was asked, too."""
    answers: dict[str, str] = {}
    asked: set[str] = set()
    while not (draft := draft_settings(path, answers)).confident:
        open_now = {q.key for q in draft.questions if q.required}
        assert not open_now <= asked, open_now
        asked |= open_now
        both = ("caller", "called", "direction") if "contact" in open_now and "contact" not in right else ()
        answers |= {key: right[key] for key in (*open_now, *both) if key in right}
    assert draft.study == "contacts"
    return load_events(path, Contacts.model_validate(tomllib.loads(draft.toml)["contacts"]), key=b"k" * 32), asked


def read(log: EventLog) -> Histories:
    found = log.events.to_pandas()
    at = found["started_at"].astype("datetime64[s]").astype("int64")
    return histories(zip(found["unit"].astype(str), at, found["amount"], strict=True))


def truth(export: Export | None = None) -> Histories:
    moment: Callable[[exports.Call], datetime] = export.moment if export else lambda c: c.start
    seconds: Callable[[exports.Call], int] = export.seconds if export else lambda c: c.seconds
    return histories((c.contact, round((moment(c) - datetime(1970, 1, 1)).total_seconds()), seconds(c)) for c in LOG)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_exports_are_read_or_asked_about(tmp_path: Path, export: Export) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(export.write(LOG))
    log, asked = answered(path, export.answers)
    assert read(log) == truth(export)
    assert len(asked) <= 2


DOCUMENTED = {export.name: export for export in EXPORTS}
AGAINST: dict[str, tuple[str, Cell, str]] = {
    "minutes in Cisco CUCM": ("Cisco CUCM", lambda c: c.seconds // 60, "duration"),
    "moments with a point in Cisco CUCM": ("Cisco CUCM", lambda c: f"{since(UNIX)(c)}.5", "dateTimeOrigination"),
    "lengths that do not follow from the ends": ("Asterisk Master.csv", lambda c: c.seconds + 30, "billsec"),
    "another order of columns": ("Asterisk Master.csv", lambda c: "ANSWERED", "amaflags"),
    "words for directions": ("Avaya SMDR", lambda c: "in" if c.incoming else "out", "way"),
    "seconds since 1970": ("iPhone, ZCALLRECORD", since(UNIX), "ZDATE"),
    "more in the call than in all": ("Aircall", lambda c: c.seconds + 20, "duration (in call)"),
}


@pytest.mark.parametrize("case", AGAINST)
def test_a_document_is_not_believed_against_the_cells(tmp_path: Path, case: str) -> None:
    name, cell, column = AGAINST[case]
    export, path = DOCUMENTED[name], tmp_path / "calls.csv"
    path.write_bytes(export.write(LOG[:200]))
    told = "whose document says"
    assert told in draft_settings(path).toml
    other = replace(export, columns={**export.columns, column: cell})
    path.write_bytes(other.write(LOG[:200]))
    draft = draft_settings(path)
    assert told not in draft.toml and not draft.confident


def test_an_answer_of_the_owner_goes_before_a_document(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(DOCUMENTED["Cisco CUCM"].write(LOG[:200]))
    draft = draft_settings(path, {"contact": "originalCalledPartyNumber", "duration_unit": "minutes"})
    assert draft.columns["contact"] == "originalCalledPartyNumber" and "caller" not in draft.columns
    assert 'duration_unit = "minutes"' in draft.toml and 'date_numbers = "unix seconds"' in draft.toml
    assert "As Cisco CUCM writes it, and the cells agree." in draft.toml


def test_one_clock_of_utc_is_asked_about_and_another_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    rows = [f"2024-01-{day:02}T08:00:00{{}},20255501{day % 5:02},60" for day in range(1, 29)]
    for zone, header, open_ in (
        ("Z", "start", True),
        ("+02:00", "start", False),
        ("", "start (UTC)", True),
        ("", "start", False),
    ):
        path.write_text("\n".join([f"{header},number,seconds", *rows]).format(*[zone] * len(rows)))
        zones = [q.required for q in draft_settings(path).questions if q.key == "time_zone"]
        assert any(zones) == open_


def test_what_numbers_may_count_twice_is_refused_where_nobody_says_it(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    (apple,) = (export for export in EXPORTS if "plain name" in export.name)
    path.write_bytes(apple.write(LOG))
    settings = {
        "columns": {"date": "date", "contact": "number", "duration": "duration_seconds"},
        "format": {"time_zone": "UTC"},
    }
    with pytest.raises(InputError, match="may be unix seconds or apple seconds"):
        load_events(path, Contacts.model_validate(settings), key=b"k" * 32)
    old = settings | {"format": {"time_zone": "UTC", "date_numbers": "unix seconds"}}
    log = load_events(path, Contacts.model_validate(old), key=b"k" * 32)
    first = min(log.events.column("started_at").to_pylist())
    assert first == utc(LOG[0]).replace(tzinfo=None) - timedelta(days=11_323)  # from 1970 to 2001


@pytest.mark.parametrize(
    ("header", "second", "longest", "unit"),
    [
        ("duration", 0, "0:59", None),
        ("duration", 7, "0:59", "h:mm:ss"),
        ("duration", 0, "24:00", "h:mm:ss"),
        ("duration (hh:mm)", 7, "0:59", "h:mm"),
        ("duration (mm:ss)", 0, "0:59", "h:mm:ss"),
        ("duration [HH:mm:ss]", 0, "0:59", "h:mm:ss"),
    ],
)
def test_two_numbers_are_minutes_and_seconds_or_hours_and_minutes(
    tmp_path: Path, header: str, second: int, longest: str, unit: str | None
) -> None:
    path = tmp_path / "calls.csv"
    rows = [f"2024-01-{day:02} 08:00:{second:02},20255501{day % 5:02},0:{day:02}" for day in range(1, 29)]
    path.write_text("\n".join([f"start,number,{header}", *rows, rows[0].replace("0:01", longest)]))
    assert f'duration_unit = "{unit or "?"}"' in draft_settings(path).toml


def test_objects_within_records_of_json(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    path.write_bytes(nested(LOG))
    log, asked = answered(
        path, BERLIN | {"duration_unit": "seconds", "caller": "from.phoneNumber", "called": "to.phoneNumber"}
    )
    assert read(log) == truth()
    assert asked <= {"time_zone", "duration_unit", "contact"}
