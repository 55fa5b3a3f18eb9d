"""Gates: rows set aside are counted, said, and kept in a side file that only their owner reads."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from small_log import CALLS, KEY, log_rows, settings, with_cells

from segkit.data import EventLog, load_events
from segkit.errors import InputError

Write = Callable[..., Path]
ALL = dict.fromkeys(("missing", "timestamp", "duration", "identifier"), "quarantine")


def load(path: Path, gates: dict[str, str] | None = None, aside: Path | None = None) -> EventLog:
    return load_events(path, settings(gates=ALL if gates is None else gates), key=KEY, quarantine=aside)


def side(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


CASES = [
    ("missing", "contact", ""),
    ("missing", "time", ""),
    ("identifier", "contact", "6.48E+08"),
    ("timestamp", "date", "2/30/2022"),
    ("timestamp", "time", "25:00:00"),
    ("duration", "duration", "-3"),
    ("duration", "duration", "99999"),
    ("duration", "duration", "long"),
]


@pytest.mark.parametrize(("gate", "role", "written"), CASES)
def test_rows_go_to_the_side_file_as_they_are(write: Write, tmp_path: Path, gate: str, role: str, written: str) -> None:
    rows = with_cells(**{role: {4: written, 8: written}})
    log = load(write(rows), {gate: "quarantine"}, tmp_path / "aside")
    (aside,) = log.audit.quarantined
    column = getattr(settings().columns, role)
    assert (aside.gate, aside.column, aside.count, aside.first_rows) == (gate, column, 2, (6, 10))
    assert aside.file == tmp_path / "aside" / f"calls-{gate}.csv"
    assert side(aside.file) == [{"row": str(i + 2), **rows[i]} for i in (4, 8)]
    assert stat.S_IMODE(aside.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(aside.file.parent.stat().st_mode) == 0o700
    assert log.rows == CALLS - 2 and log.audit.rows_read == CALLS
    assert any(note.startswith("2 rows were set aside") and f"calls-{gate}.csv" in note for note in log.audit.notes)


@pytest.mark.parametrize(("gate", "role", "written"), CASES)
def test_other_gates_still_stop(write: Write, tmp_path: Path, gate: str, role: str, written: str) -> None:
    others = {name: action for name, action in ALL.items() if name != gate}
    with pytest.raises(InputError) as caught:
        load(write(with_cells(**{role: {4: written}})), others, tmp_path / "aside")
    assert caught.value.rows == (6,)
    assert f'{gate} = "quarantine"' in caught.value.remedy
    assert not (tmp_path / "aside").exists()


def test_counts_of_the_audit(write: Write, tmp_path: Path) -> None:
    rows = with_cells(
        date={0: "2/30/2022"}, time={1: "x"}, duration={2: "-1", 3: "x", 4: "99999"}, contact={5: "6.48E+08", 6: ""}
    )
    audit = load(write(rows), aside=tmp_path).audit
    assert (audit.timestamp_failures, audit.amount_failures, audit.negative_amounts) == (2, 2, 1)
    assert audit.identifier_failures == 1
    assert audit.columns.set_index("role").loc["contact", "missing"] == 1
    assert sum(aside.count for aside in audit.quarantined) == 7
    assert [(a.gate, a.column) for a in audit.quarantined] == [
        ("missing", "dialled_phone_number"),
        ("identifier", "dialled_phone_number"),
        ("timestamp", "date_stamp"),
        ("timestamp", "time"),
        ("duration", "duration_in_seconds"),
    ]
    assert len(side(tmp_path / "calls-timestamp.csv")) == 2


def test_a_row_with_several_faults_is_set_aside_once(write: Write, tmp_path: Path) -> None:
    log = load(write(with_cells(date={3: ""}, time={3: "x"}, duration={3: "-1"}, contact={3: ""})), aside=tmp_path)
    assert [(a.gate, a.count) for a in log.audit.quarantined] == [("missing", 1)]
    assert log.rows == CALLS - 1


def test_side_files_stand_beside_the_file_by_default(write: Write) -> None:
    path = write(with_cells(duration={0: "-1"}))
    assert load(path).audit.quarantined[0].file == path.parent / "quarantine" / "calls-duration.csv"


def test_good_rows_leave_no_side_file(write: Write, tmp_path: Path) -> None:
    assert load(write(log_rows()), aside=tmp_path / "aside").audit.quarantined == ()
    assert not (tmp_path / "aside").exists()


def test_nothing_remains(write: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no row remains"):
        load(write(with_cells(duration=dict.fromkeys(range(CALLS), "-1"))), aside=tmp_path)


def test_a_second_load_replaces_the_side_file_whole(write: Write, tmp_path: Path) -> None:
    for count in (3, 1):
        load(write(with_cells(duration=dict.fromkeys(range(count), "-1"))), aside=tmp_path)
    assert len(side(tmp_path / "calls-duration.csv")) == 1
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_failed_write_leaves_the_old_side_file(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(write(with_cells(duration={0: "-1"})), aside=tmp_path)
    before = (tmp_path / "calls-duration.csv").read_bytes()

    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputError, match="No space left on device"):
        load(write(with_cells(duration={0: "-1", 1: "-1"})), aside=tmp_path)
    assert (tmp_path / "calls-duration.csv").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_quarantined_numbers_are_still_searched_for(write: Write) -> None:
    from segkit.data import raw_identifiers

    path = write(with_cells(contact={0: "5559999"}, duration={0: "-1"}))
    assert "5559999" in raw_identifiers(path, settings()).numbers


def test_messages_quote_no_cell(write: Write) -> None:
    path = write(with_cells(contact={0: "1.23E+11"}, time={0: "7654321"}))
    with pytest.raises(InputError) as caught:
        load(path, {})
    assert "1.23E+11" not in str(caught.value) and "7654321" not in str(caught.value)
