"""Events by the address of their table are those of a file with the same rows, and neither identifier nor address is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from postgres import PASSWORD, fill
from small_log import COLUMNS, KEY, Row, as_csv, iso, log_rows, settings, with_cells
from small_purchases import lines, text
from small_purchases import settings as purchase_settings

from segkit.config import Contacts, EventSettings
from segkit.data import event_warehouse, kept_events
from segkit.data.addresses import sample, stands_for
from segkit.data.draft import draft_settings
from segkit.data.events import EventLog, load_events
from segkit.data.identifiers import raw_identifiers
from segkit.errors import ColumnError, ConfigError, InputError, SegkitError

pytest_plugins = ["postgres"]

OF_FILES = ("file_name", "bytes", "format", "encoding", "delimiter", "quarantined", "notes")


def in_duckdb(folder: Path, frame: pd.DataFrame, select: str = "SELECT * FROM frame") -> str:
    """Write rows to a table of a DuckDB database, and return its address."""
    made = ibis.duckdb.connect(folder / "log.duckdb")
    made.con.register("frame", frame)
    made.con.execute(f"CREATE SCHEMA tel; CREATE TABLE tel.calls AS {select}")
    made.disconnect()
    return f"duckdb://{folder}/log.duckdb?table=tel.calls"


def asked(address: str, folder: Path, of: EventSettings, **more: Any) -> tuple[EventLog, Path]:
    path = event_warehouse.collected(address, of, KEY, folder / "kept", quarantine=folder / "aside", **more)
    return kept_events.load(path, of.contract), path


def same_log(found: EventLog, expected: EventLog, *but: str) -> None:
    assert found.events.equals(expected.events) and (found.rows, found.units) == (expected.rows, expected.units)
    for field in dataclasses.fields(expected.audit):
        one, other = getattr(found.audit, field.name), getattr(expected.audit, field.name)
        if isinstance(other, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other, check_dtype=False)
        elif field.name not in (*OF_FILES, *but):
            assert one == other, field.name
    assert [n for n in found.audit.notes if "set aside" not in n] == [
        n for n in expected.audit.notes if "set aside" not in n and "blank lines" not in n
    ]
    gates = [[(q.gate, q.column, q.count) for q in log.audit.quarantined] for log in (found, expected)]
    assert gates[0] == gates[1]


@pytest.fixture
def places(address: str, tmp_path: Path) -> Callable[[Sequence[Row]], tuple[Path, list[str]]]:
    """Write rows to a file, to PostgreSQL and to DuckDB; return the file and both addresses."""

    def written(rows: Sequence[Row]) -> tuple[Path, list[str]]:
        file, frame = tmp_path / "calls.csv", pd.DataFrame(rows)
        file.write_text(as_csv(rows), "utf-8")
        fill(address, {"calls": frame}, "tel")
        return file, [f"{address}?table=tel.calls", in_duckdb(tmp_path, frame)]

    return written


def test_a_table_gives_what_the_file_gives(places: Any, tmp_path: Path) -> None:
    rows = [{**row, "agent": f"Desk {i % 3}" if i % 4 else " "} for i, row in enumerate(log_rows())]
    file, addresses = places([*rows, rows[7], rows[7]])
    expected = load_events(file, settings(), key=KEY)
    assert expected.audit.duplicates == 2 and expected.rows == 62
    for number, address in enumerate(addresses):
        found, path = asked(address, tmp_path / str(number), settings())
        same_log(found, expected)
        again, twice = asked(address, tmp_path / str(number), settings())
        assert twice == path and again.fingerprint == found.fingerprint
        assert event_warehouse.identifiers(path, settings()) == raw_identifiers(file, settings())


def test_gates_are_those_of_files(places: Any, tmp_path: Path) -> None:
    rows = with_cells(contact={2: " ", 5: "n/a"}, duration={9: "-4", 11: ""}, date={20: "2/30/2022"})
    file, addresses = places(rows)
    aside = dict.fromkeys(("missing", "timestamp", "duration", "identifier"), "quarantine")
    expected = load_events(file, settings(gates=aside), key=KEY)
    assert expected.rows == 55
    with pytest.raises(InputError) as of_file:
        load_events(file, settings(), key=KEY)
    for number, address in enumerate(addresses):
        folder = tmp_path / str(number)
        found, _ = asked(address, folder, settings(gates=aside))
        same_log(found, expected)
        kept = pd.read_csv(folder / "aside" / "warehouse-timestamp.csv", dtype=str)
        assert kept["date_stamp"].tolist() == ["2/30/2022"] and found.audit.quarantined[0].first_rows == ()
        with pytest.raises(InputError) as stopped:
            asked(address, folder, settings())
        assert stopped.value.problem == f"{of_file.value.problem} ({of_file.value.count} of its rows)"
        assert stopped.value.column == of_file.value.column and "tel.calls" in str(stopped.value)
        assert PASSWORD not in str(stopped.value) and str(tmp_path) not in str(stopped.value)


TYPED = """
    SELECT to_timestamp({moment}, 'YYYY-MM-DD HH24:MI:SS')::timestamp AS started, {lasting} AS lasted,
           CAST(dialled_phone_number AS bigint) AS callee, category FROM tel.texts ORDER BY 1
"""


def typed(**form: Any) -> Contacts:
    columns = {"date": "started", "duration": "lasted", "contact": "callee", "category": "category"}
    return Contacts.model_validate({"columns": columns, "format": form})


def test_moments_lengths_and_numbers_of_a_type_are_read_as_such(address: str, tmp_path: Path) -> None:
    import psycopg

    rows = [
        {**row, "moment": f"{iso(row)} {row['time']}", "duration_in_seconds": row["duration_in_seconds"] + ".5"}
        for row in log_rows()
    ]
    file = tmp_path / "calls.csv"
    file.write_text(as_csv(rows), "utf-8")
    plain = {**COLUMNS, "date": "moment", "time": None, "weekday": None, "month": None, "year": None, "name": None}
    expected = load_events(file, settings(plain, date_order="year-month-day"), key=KEY)
    fill(address, {"texts": pd.DataFrame(rows)}, "tel")
    kinds = {
        "intervals": "make_interval(secs => duration_in_seconds::double precision)",
        "exact": "duration_in_seconds::numeric(12, 3)",
        "floats": "duration_in_seconds::double precision",
    }
    with psycopg.connect(address) as connection:
        for name, lasting in kinds.items():
            query = TYPED.format(moment="moment", lasting=lasting)
            connection.execute(f"DROP TABLE IF EXISTS tel.{name}; CREATE TABLE tel.{name} AS {query}")
    found = {name: asked(f"{address}?table=tel.{name}", tmp_path / name, typed())[0] for name in kinds}
    frame = pd.DataFrame(rows).assign(seconds=[float(row["duration_in_seconds"]) for row in rows])
    select = """
        SELECT CAST(moment AS TIMESTAMP) AS started, to_microseconds(CAST(seconds * 1e6 AS BIGINT)) AS lasted,
               CAST(dialled_phone_number AS BIGINT) AS callee, category, [1, 2] AS more, 'x'::BLOB AS raw FROM frame
    """
    found["duckdb"] = asked(in_duckdb(tmp_path, frame, select), tmp_path / "duckdb", typed())[0]
    for name, log in found.items():
        assert log.events.equals(expected.events), name
        assert log.audit.columns["missing"].sum() == 0
    assert found["duckdb"].audit.n_columns == 6
    halves = expected.events.column("amount").to_pylist()
    assert halves[:3] == [10, 18, 24]  # 10.5, 17.5 and 24.5 seconds, halves to even


def test_purchases_are_read_from_a_table_too(address: str, tmp_path: Path) -> None:
    file = tmp_path / "purchases.csv"
    file.write_text(text([*lines(), "C-100,2023-12-01,-12.50"]), "utf-8")
    fill(address, {"purchases": pd.read_csv(file, dtype=str)}, date="date", amount="numeric(12, 4)")
    found, _ = asked(f"{address}?table=purchases", tmp_path, purchase_settings())
    same_log(found, load_events(file, purchase_settings(), key=KEY))
    assert found.audit.merged is not None and found.audit.merged.returns == 1


def test_nothing_that_is_kept_names_a_person_or_a_place(places: Any, tmp_path: Path) -> None:
    _, addresses = places(log_rows())
    for number, address in enumerate(addresses):
        _, path = asked(address, tmp_path / str(number), settings())
        assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
        columns = pd.read_parquet(path)
        assert list(columns) == ["unit", "started_at", "amount", "category"]
        held = path.read_bytes() + columns.to_csv().encode()
        for word in ("555010", "Person0", "Surname", PASSWORD, "127.0.0.1", "log.duckdb", "tel.calls"):
            assert word.encode() not in held, word


def test_addresses_and_tables_that_do_not_work_are_told_in_one_message(address: str, tmp_path: Path) -> None:
    fill(address, {"calls": pd.DataFrame(log_rows()), "empty": pd.DataFrame(log_rows()).head(0)}, "tel")
    with pytest.raises(ConfigError, match="which table"):
        asked(address, tmp_path, settings())
    with pytest.raises(InputError, match="no such table"):
        asked(f"{address}?table=tel.elsewhere", tmp_path, settings())
    with pytest.raises(InputError, match=r"tel\.empty: the table has no rows"):
        asked(f"{address}?table=tel.empty", tmp_path, settings())
    with pytest.raises(ColumnError, match=r'"callee".*no such column'):
        asked(f"{address}?table=tel.calls", tmp_path, settings({"contact": "callee"}))
    with pytest.raises(SegkitError, match="cannot be reached") as unreached:
        asked(f"{address.replace(PASSWORD, 'another')}?table=tel.calls", tmp_path, settings())
    assert "another" not in str(unreached.value)
    assert not (tmp_path / "kept").exists()


def test_identifiers_are_asked_for_anew_where_the_settings_say_where(address: str, tmp_path: Path) -> None:
    fill(address, {"calls": pd.DataFrame(log_rows())}, "tel")
    at = f"{address}?table=tel.calls"
    _, path = asked(at, tmp_path, settings())
    first = event_warehouse.identifiers(path, settings())
    event_warehouse._asked_for.clear()  # as in another process
    with pytest.raises(InputError, match="in the warehouse alone"):
        event_warehouse.identifiers(path, settings())
    known = Contacts.model_validate({**settings().model_dump(), "data": at})
    assert event_warehouse.identifiers(path, known) == first and len(first.numbers) == 12


def test_settings_are_drafted_from_a_sample_of_a_table(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydantic import SecretStr

    fill(address, {"calls": pd.DataFrame(log_rows())}, "tel", duration_in_seconds="integer")
    place = SecretStr(f"{address}?table=tel.calls")
    with sample(place) as path:
        draft = draft_settings(path)
        assert path.name == "tel.calls"
    assert not path.exists() and stands_for(place, tmp_path) == tmp_path / "tel.calls"
    assert draft.study == "contacts" and draft.columns["contact"] == COLUMNS["contact"]
    assert "for tel.calls" in draft.toml and PASSWORD not in draft.toml
    monkeypatch.setattr("segkit.data.roles.SAMPLE", 20)
    with sample(place) as path:
        assert 0 < len(pd.read_parquet(path)) < 60
