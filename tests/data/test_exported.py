"""Files for their owner: whole, private, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pandas as pd
import pytest

from segkit.data.exported import export
from segkit.errors import BuildError, ConfigError

TABLE = pd.DataFrame(
    {"name": ["=1+1", "a\nb", "é"], "n": [1, 2, 3], "x": [0.1, None, 1e-9]}, pd.Index([7, 8, 9], name="pair")
)


def test_tables_are_read_back_as_they_were(tmp_path: Path) -> None:
    kept = TABLE.copy()
    paths = export({"a.csv": TABLE, "b.parquet": TABLE, "c.svg": b"<svg/>"}, tmp_path / "out")
    assert (
        [p.name for p in paths]
        == ["a.csv", "b.parquet", "c.svg"]
        == sorted(p.name for p in (tmp_path / "out").iterdir())
    )
    pd.testing.assert_frame_equal(pd.read_parquet(paths[1]), TABLE.reset_index())
    rows = list(csv.reader(paths[0].read_text("utf-8").splitlines()))
    assert rows[0] == ["pair", "name", "n", "x"] and [r[1] for r in rows[1:]] == ["'=1+1", "a b", "é"]
    pd.testing.assert_frame_equal(pd.read_csv(paths[0]).drop(columns="name"), TABLE.reset_index().drop(columns="name"))
    assert paths[2].read_bytes() == b"<svg/>"
    pd.testing.assert_frame_equal(TABLE, kept)


def test_an_index_without_a_name_is_no_column(tmp_path: Path) -> None:
    (path,) = export({"a.csv": TABLE.reset_index(drop=True)}, tmp_path)
    assert path.read_text("utf-8").splitlines()[0] == "name,n,x"


def test_files_are_for_their_owner_and_take_the_place_of_those_before(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "out"
    (first,) = export({"a.csv": TABLE}, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and stat.S_IMODE(first.stat().st_mode) == 0o600
    before = first.read_bytes()
    first.chmod(0o644)
    (again,) = export({"a.csv": TABLE}, folder)
    assert again.read_bytes() == before and stat.S_IMODE(again.stat().st_mode) == 0o600
    assert [p.name for p in folder.iterdir()] == ["a.csv"]
    open_one = tmp_path / "open"
    open_one.mkdir(mode=0o755)
    export({"a.csv": TABLE}, open_one)
    assert stat.S_IMODE(open_one.stat().st_mode) == 0o755  # somebody else's business


@pytest.mark.parametrize("name", ["../a.csv", "a/b.csv", ".a.csv", "", "a.xlsx", "a"])
def test_what_is_no_name_or_no_known_ending_writes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        export({"first.csv": TABLE, name: TABLE}, tmp_path / "out")
    assert not (tmp_path / "out").exists() and list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BuildError, match="cannot be"):
        export({"a.csv": TABLE}, tmp_path / "file" / "out")
