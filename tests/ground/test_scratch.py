"""What a killed process leaves on disk is locked by nobody, and the next one deletes it."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segkit import cli, scratch

WORK = """
import sys
from pathlib import Path
from segkit import cli, scratch
place = Path(sys.argv[1])
print("ready", flush=True)
while True:
    with scratch.folder(place) as made:
        (made / "rows").write_text("5550101\\n" * 500)
        with scratch.draft(place / "out.csv", private=True) as file:
            for _ in range(50):
                file.write(b"5550101\\n" * 100)
"""


def test_a_kill_at_any_moment_leaves_nothing_for_long(tmp_path: Path) -> None:
    chance = random.Random(9)
    whole = b"5550101\n" * 5000
    for _ in range(6):
        process = subprocess.Popen([sys.executable, "-c", WORK, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.001, 0.1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        scratch.clear_folders(tmp_path)
        scratch.clear_drafts(tmp_path)
        for left in tmp_path.iterdir():
            assert left.name == "out.csv" and left.read_bytes() == whole


def test_what_is_in_use_stays(tmp_path: Path) -> None:
    with scratch.folder(tmp_path) as made, scratch.draft(tmp_path / "a", private=True) as file:
        file.write(b"x")
        other = "import sys; from pathlib import Path; from segkit import scratch; p = Path(sys.argv[1]); "
        other += "scratch.clear_folders(p); scratch.clear_drafts(p)"
        subprocess.run([sys.executable, "-c", other, str(tmp_path)], check=True)
        assert made.is_dir() and len(list(tmp_path.glob(".a.*.draft"))) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_only_its_own_kind_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "segkit-run-link").symlink_to(tmp_path)
    (tmp_path / "segkit-run-file").write_text("")
    (tmp_path / "segkit-other").mkdir()
    (tmp_path / "segkit-run-left").mkdir()
    (tmp_path / ".a.draft").write_text("")
    scratch.clear_folders(tmp_path)
    scratch.clear_drafts(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        ".a.draft", "segkit-other", "segkit-run-file", "segkit-run-link",
    ]  # fmt: skip


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_private_files_are_for_their_owner_whatever_was_there(tmp_path: Path, mask: int) -> None:
    (tmp_path / "old").write_text("")
    (tmp_path / "old").chmod(0o666)
    (tmp_path / "wide").mkdir(mode=0o777)
    (tmp_path / "wide").chmod(0o777)
    before = os.umask(mask)
    try:
        for name in ("old", "new"):
            with scratch.draft(tmp_path / name, private=True) as file:
                assert {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.glob(".*.draft")} == {0o600}
                file.write(b"x")
        for name in ("wide", "made"):
            scratch.private_folder(tmp_path / name)
    finally:
        os.umask(before)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    assert modes == {"old": 0o600, "new": 0o600, "wide": 0o700, "made": 0o700}


def test_a_file_that_may_not_be_replaced_stays(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("first")
    with pytest.raises(FileExistsError), scratch.draft(tmp_path / "a", replace=False) as file:
        file.write(b"second")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a", "first")]


def test_every_command_clears_what_a_killed_one_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, temporary = tmp_path / "project", tmp_path / "temporary"
    abandoned = [temporary / "segkit-run-abc", root / ".quarto-abc", root / "_site.new"]
    for folder in abandoned:
        folder.mkdir(parents=True)
        (folder / "rows.csv").write_text("5550101")
    halves = [
        root / "quarantine" / ".calls-missing.csv.0123abcd.draft",
        root / ".segkit/contacts/results/a/.b.0123abcd.draft",
    ]
    for half in halves:
        half.parent.mkdir(parents=True)
        half.write_text("5550101")
    (root / "segkit.toml").write_text("")
    monkeypatch.chdir(root)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    cli._tidy()
    assert not any(left.exists() for left in (*abandoned, *halves))
