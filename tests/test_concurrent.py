"""Studies side by side: how many at once, what each may take, and that the first that fails is known at once."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from processes import gone
from whole import make_project, run_segkit

from segkit import concurrent, results
from segkit.errors import BuildError
from segkit.studies import registry

# Notes when it began and ended, and how many processes it may start; the study called "fails" ends so, "lasts" hardly ends.
STAND_IN = """
import json, os, sys, time
name, folder = sys.argv[1:]
began = time.monotonic()
open(f"{folder}/{name}.pid", "w").write(str(os.getpid()))
time.sleep({"lasts": 600, "fails": 1}.get(name, 0.5))
with open(f"{folder}/{name}.json", "w") as file:
    json.dump([began, time.monotonic(), os.environ["SEGKIT_JOBS"], os.environ["SEGKIT_QUIET"]], file)
sys.exit(name == "fails")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where studies of which nothing is kept note what they do."""
    monkeypatch.setattr(concurrent, "_stands", lambda kind, require_real: kind == "kept")
    monkeypatch.setattr(registry, "study", lambda name: name)
    monkeypatch.setattr(
        concurrent, "_command", lambda name, require_real: [sys.executable, "-c", STAND_IN, name, str(tmp_path)]
    )
    return tmp_path


def told(folder: Path) -> dict[str, list[float | str]]:
    return {f.stem: json.loads(f.read_text()) for f in folder.glob("*.json")}


@pytest.mark.parametrize(("jobs", "each"), [("2", "1"), ("5", "1"), ("9", "3")])
def test_as_many_run_at_once_as_there_are_processors_and_share_these(
    folder: Path, monkeypatch: pytest.MonkeyPatch, jobs: str, each: str
) -> None:
    monkeypatch.setenv("SEGKIT_JOBS", jobs)
    assert concurrent.compute(["a", "b", "c", "kept"], require_real=False) is None
    found = told(folder)
    assert set(found) == {"a", "b", "c"} and {f[2] for f in found.values()} == {each}
    assert all(f[3] for f in found.values())
    spans = [(float(f[0]), float(f[1])) for f in found.values()]
    most = max(sum(a <= start < b for a, b in spans) for start, _ in spans)
    assert most == min(int(jobs), 3)


@pytest.mark.parametrize(("jobs", "names"), [("1", ["a", "b"]), ("2", ["a"]), ("2", ["a", "kept"])])
def test_one_study_or_one_processor_is_nothing_to_share_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, jobs: str, names: list[str]
) -> None:
    monkeypatch.setenv("SEGKIT_JOBS", jobs)
    assert concurrent.compute(names, require_real=False) is None
    assert not told(folder)


def test_the_first_that_fails_is_named_and_the_others_are_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGKIT_JOBS", "2")
    began = time.monotonic()
    assert concurrent.compute(["lasts", "fails", "never"], require_real=False) == "fails"
    assert time.monotonic() - began < 60
    assert gone(int((folder / "lasts.pid").read_text())) and not (folder / "never.pid").exists()


def test_nothing_is_made_by_code_that_was_changed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = iter(["before", "after"])
    monkeypatch.setattr(results, "package_hash", lambda: next(hashes))
    monkeypatch.setattr(concurrent, "compute", lambda names, require_real: None)
    with pytest.raises(BuildError, match="changed during the build"):
        results.compute(None, names=["contacts", "customers"], require_real=False, say=print)


def test_what_is_wrong_with_a_file_is_told_once_and_by_name(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    (tmp_path / "calls.csv").write_text("date,time,phone\n2024-01-01,10:00,0648578192\n", "utf-8")
    settings = project / "segkit.toml"
    text = settings.read_text("utf-8")
    assert "\n[contacts]\n" in text
    settings.write_text(text.replace("\n[contacts]\n", f'\n[contacts]\ndata = "{tmp_path}/calls.csv"\n'), "utf-8")
    done = run_segkit(
        project, "results", cache=tmp_path / "cache", SEGKIT_STUDIES="customers,contacts", SEGKIT_JOBS="2"
    )
    assert done.returncode and done.stderr.startswith("segkit: ") and done.stderr.count("segkit: ") == 1, done.stderr
    assert "calls.csv" in done.stderr
    assert "Traceback" not in done.stderr and "0648578192" not in done.stderr
