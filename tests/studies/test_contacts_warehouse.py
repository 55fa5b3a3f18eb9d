"""From the address of a table to the study of contacts: the numbers of the file, and nothing of the address anywhere."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from made_projects import BARE, least, project, small_calls, write_log
from postgres import PASSWORD, fill

from segkit import cli
from segkit.config import Given, given
from segkit.results import looking
from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.events.saved_model import save_model

pytest_plugins = ["made_projects", "postgres"]


@pytest.fixture
def small_log(closed_off: Path, address: str, tmp_path: Path) -> tuple[Path, str, str]:
    """A small log as a file, in PostgreSQL, and in DuckDB with a date and a number of their types."""
    file = write_log(tmp_path / "calls.csv", small_calls())
    frame = pd.read_csv(file, dtype=str)
    fill(address, {"small calls": frame}, "tel", duration_in_seconds="smallint")
    made = ibis.duckdb.connect(tmp_path / "log.duckdb")
    typed = frame.assign(
        date_stamp=pd.to_datetime(frame["date_stamp"], format="%m/%d/%Y"),
        duration_in_seconds=frame["duration_in_seconds"].astype(int),
    )
    made.create_table("calls", typed)
    made.disconnect()
    return file, f"{address}?table=tel.small+calls", f"duckdb://{tmp_path}/log.duckdb?table=calls"


def of(root: Path, data: Given | None) -> ContactsStudy:
    return ContactsStudy(ContactsStudy.find(root, data=data, say=lambda text: None))


def test_a_study_of_an_address_has_the_numbers_of_the_file(small_log: tuple[Path, str, str], tmp_path: Path) -> None:
    file, *addresses = small_log
    expected = of(project(tmp_path / "file", k=3, settings=BARE), file)
    for number, address in enumerate(addresses):
        root = project(tmp_path / str(number), k=3, settings=BARE)
        found = of(root, given(address))
        pd.testing.assert_frame_equal(found.features.frame, expected.features.frame, check_exact=True)
        pd.testing.assert_series_equal(found.segments.labels, expected.segments.labels)
        assert found.private and found.source.located.message.startswith("Real data: the warehouse that was given;")
        assert plain(found.audit.to_json()) == plain(expected.audit.to_json())
        assert of(root, given(address)).source == found.source  # nothing was written anew
        assert looking(found.source).unsearched == looking(expected.source).unsearched


def test_new_rows_of_an_address_get_the_segments_of_the_file(
    small_log: tuple[Path, str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, *addresses = small_log
    root = project(tmp_path / "project", k=3, settings=BARE)
    save_model(model := tmp_path / "model.json", of(root, file))
    monkeypatch.chdir(root)
    for out, place in zip(("file.csv", "postgres.csv", "duckdb.csv"), (str(file), *addresses), strict=True):
        assert cli.main(["assign", place, "--model", str(model), "--out", out]) == 0
    assert len({(root / out).read_bytes() for out in ("file.csv", "postgres.csv", "duckdb.csv")}) == 1
    assert cli.main(["assign", addresses[1], "--model", str(model)]) == 0
    assert stat.S_IMODE((root / "calls-segments.csv").stat().st_mode) == 0o600
    assert not (root / ".segkit" / "contacts" / "warehouse").exists()  # nothing but the answer is kept
    assert PASSWORD not in (said := "".join(capsys.readouterr())) and "5550100" not in said


@pytest.mark.slow
def test_results_of_an_address_are_those_of_the_file_and_say_nothing_of_it(
    small_log: tuple[Path, str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, *addresses = small_log
    results: list[dict[str, Any]] = []
    for number, place in enumerate([str(file), *addresses]):
        root = least(tmp_path / str(number), "contacts", k="3", k_min="2", neighbour_map="false")
        text = (root / "segkit.toml").read_text("utf-8")
        for name in BARE:
            text = text.replace(f'\n{name} = "{_named(text, name)}"', "", 1)
        if number == 2:
            text = text.replace('# data = "calls.csv" ', f'data = "{place}" ', 1)
        (root / "segkit.toml").write_text(text, "utf-8")
        monkeypatch.chdir(root)
        asked = ["results", "contacts", *(["--data", place] if number < 2 else [])]
        assert cli.main(asked) == 0, capsys.readouterr()
        said = "".join(capsys.readouterr())
        found = json.loads((root / ".segkit" / "contacts" / "results.json").read_text("utf-8"))
        for name in ("title", "fingerprint"):
            found["data"].pop(name)
        results.append(found)
        if number:
            _says_nothing(root / ".segkit", said, place)
            assert ContactsStudy.opened(root).results()["data"]["units"] == found["data"]["units"]
    assert results[0] == results[1] == results[2] and results[0]["data"]["rows"] == 330  # told in fives


def _named(text: str, role: str) -> str:
    return text.partition(f'\n{role} = "')[2].partition('"')[0]


def _says_nothing(state: Path, said: str, address: str) -> None:
    """Nothing of an address, and no identifier, may be in what is kept or said; what is kept is its owner's."""
    place = address.partition("?")[0]
    host = place.rpartition("@")[2].partition("/")[0] if "@" in place else "log.duckdb"
    kept = state / "contacts" / "warehouse"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(at.stat().st_mode) == (0o700 if at.is_dir() else 0o600) for at in kept.rglob("*"))
    files = [at for at in state.rglob("*") if at.is_file()]
    assert len(files) > 5
    for secret in (PASSWORD, place, host, "5550100"):
        assert not [at for at in files if secret.encode() in at.read_bytes()], secret
        assert secret not in said


def test_settings_of_a_table_are_drafted_by_its_address(
    small_log: tuple[Path, str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, postgres, _ = small_log
    root = project(tmp_path / "project")
    monkeypatch.chdir(root)
    monkeypatch.setattr("sys.stdin", None)  # nobody answers
    assert cli.main(["init", postgres]) in (0, 2)
    said = "".join(capsys.readouterr())
    drafted = (root / "tel.small_calls.toml").read_text("utf-8")
    assert "[contacts.columns]" in drafted and 'contact = "dialled_phone_number"' in drafted
    assert PASSWORD not in said + drafted and "127.0.0.1" not in said + drafted
    found = of(root, given(postgres))
    assert found.source.overlay == (root / "tel.small_calls.toml").resolve()
    assert found.log.rows == len(small_calls())
    assert cli.main(["init", postgres]) == 2 and "exist already" in "".join(capsys.readouterr())


def test_columns_that_the_settings_do_not_name_are_recognised(
    closed_off: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from segkit.results import _described, _study_of

    rows = [(when, seconds, who) for when, seconds, who, _ in small_calls()]
    made = ibis.duckdb.connect(tmp_path / "log.duckdb")
    made.create_table("calls", pd.DataFrame(rows, columns=["call start", "duration seconds", "phone number"]))
    made.disconnect()
    place = given(f"duckdb://{tmp_path}/log.duckdb?table=calls")
    monkeypatch.chdir(project(tmp_path / "project"))
    said: list[str] = []
    assert _study_of(place, said.append) == "contacts"
    assert _described(ContactsStudy, place, None, said.append)
    assert of(tmp_path / "project", place).log.rows == len(rows)
    assert _study_of(given("duckdb:///sales.duckdb"), said.append) == "markets"
    assert str(tmp_path / "log") not in " ".join(said)
