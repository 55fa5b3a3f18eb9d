"""From the address of a table of Spark to the study: the numbers of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_projects import BARE, project, small_calls, write_log
from spark_session import MARKS, show

from segkit import cli
from segkit.config import given
from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.events.saved_model import save_model

pytest_plugins = ["made_projects", "spark_session"]
pytestmark = MARKS
PLACE = "spark://?table=small_calls"


@pytest.fixture
def file(closed_off: Path, spark: Any, tmp_path: Path) -> Path:
    """A small log as a file, and as a view of a session."""
    written = write_log(tmp_path / "calls.csv", small_calls())
    show(spark, "small_calls", pd.read_csv(written, dtype=str))
    return written


def test_a_session_gives_the_study_of_the_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path / "project", k=3, settings=BARE)
    expected, found = (
        ContactsStudy(ContactsStudy.find(root, data=data, say=lambda text: None)) for data in (file, given(PLACE))
    )
    pd.testing.assert_frame_equal(found.features.frame, expected.features.frame, check_exact=True)
    pd.testing.assert_series_equal(found.segments.labels, expected.segments.labels)
    assert plain(found.audit.to_json()) == plain(expected.audit.to_json())
    save_model(model := tmp_path / "model.json", expected)
    monkeypatch.chdir(root)
    for out, place in (("file.csv", str(file)), ("spark.csv", PLACE)):
        assert cli.main(["assign", place, "--model", str(model), "--out", out]) == 0, capsys.readouterr()
    assert (root / "file.csv").read_bytes() == (root / "spark.csv").read_bytes()


def test_settings_of_a_table_of_a_session_are_drafted(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root := project(tmp_path / "project"))
    monkeypatch.setattr("sys.stdin", None)  # nobody answers
    assert cli.main(["init", PLACE]) in (0, 2), capsys.readouterr()
    drafted = (root / "small_calls.toml").read_text("utf-8")
    assert "[contacts.columns]" in drafted and 'contact = "dialled_phone_number"' in drafted
