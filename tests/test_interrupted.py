"""Builds that are killed, and builds of two data sets at once: the site is always whole, and always of one of them.

``SEGKIT_KILLS=30 SEGKIT_KILL_SECONDS=20`` makes a long run of it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from test_site import site_files, small_log
from whole import clean_environment, make_project, run_segkit

KILLS = int(os.environ.get("SEGKIT_KILLS", "3"))
SECONDS = float(os.environ.get("SEGKIT_KILL_SECONDS", "5"))  # within which a kill comes
CHEAP = ("extent", "audit", "features", "matrix")  # steps that are soon computed again
OLD = {"index.html": b"the old site"}


def start(project: Path, *arguments: str, cache: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "segkit", *arguments]
    env = clean_environment(cache)
    return subprocess.Popen(
        command,
        cwd=project,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def survivors(project: Path) -> list[int]:
    """Return the kernels that still run for a project; their environment names a folder of it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"SEGKIT_DOWNLOADS={project}/".encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def forget_some(project: Path, rng: np.random.Generator) -> None:
    """Delete some of what is kept, so that there is something to interrupt."""
    runs = sorted((project / ".segkit" / "pages").glob("*/*/run.json"))
    for run in rng.choice(np.array(runs, dtype=object), size=min(2, len(runs)), replace=False):
        shutil.rmtree(run.parent)
    for step in rng.choice(CHEAP, size=2, replace=False):
        for file in (project / ".segkit" / "contacts" / "results" / step).glob("*.pickle"):
            file.unlink()


def leftovers(project: Path) -> list[Path]:
    state = project / ".segkit"
    return [*project.glob("_site.*"), *project.glob(".quarto-*"), *state.rglob(".*")]


def test_a_build_that_is_killed_at_any_moment_harms_nothing(home: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(20261125)
    project = make_project(tmp_path / "project", like=home / "project")
    other = small_log(tmp_path / "calls.csv", 45)
    expected = site_files(home / "project" / "_site")
    (project / "_site").mkdir()
    (project / "_site" / "index.html").write_bytes(OLD["index.html"])
    times = {"killed": 0, "ended": 0}
    for _ in range(KILLS):
        forget_some(project, rng)
        command = ("render",) if rng.random() < 0.7 else ("results", "--data", str(other))
        process = start(project, *command, cache=home / "cache")
        try:
            process.communicate(timeout=rng.uniform(0, SECONDS))
        except subprocess.TimeoutExpired:
            process.kill()
        said = process.communicate()[1]
        times["killed" if process.returncode == -9 else "ended"] += 1
        assert process.returncode in (0, -9), said
        if not (project / "_site").exists():  # between two renames: the next build puts it back
            assert site_files(project / "_site.old") in (OLD, without_manifest(expected))
        else:
            assert without_manifest(site_files(project / "_site")) in (OLD, without_manifest(expected))
        ends = time.monotonic() + 10
        while survivors(project) and time.monotonic() < ends:
            time.sleep(0.05)
        assert survivors(project) == []
    print(times)  # a long run by hand wants to know
    done = run_segkit(project, "render", cache=home / "cache")
    assert done.returncode == 0, done.stderr
    assert without_manifest(site_files(project / "_site")) == without_manifest(expected)
    assert leftovers(project) == []
    record = json.loads((project / ".segkit" / "contacts" / "current.json").read_text("utf-8"))
    assert record == json.loads((home / "project" / ".segkit" / "contacts" / "current.json").read_text("utf-8"))


def without_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out the one file that says how long the build took."""
    return {name: content for name, content in files.items() if name != "manifest.json"}


def test_of_two_builds_at_once_one_is_refused_and_the_other_is_right(home: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", like=home / "project")
    other = small_log(tmp_path / "calls.csv", 45)
    shutil.copyfile(other, project / "calls.csv")
    before = site_files(project / ".segkit" / "contacts")
    first = start(project, "render", cache=home / "cache")
    lock = project / ".segkit" / "lock"
    ends = time.monotonic() + 60
    while not (lock.is_file() and lock.read_text()) and time.monotonic() < ends:
        time.sleep(0.02)
    commands = {
        "results": ("results", "--data", str(other)), "render": ("render", "--data", str(other)), "finish": ("finish",),
        "assign": ("assign", str(other)), "init": ("init", str(project / "calls.csv")),
    }  # fmt: skip
    others = {name: start(project, *command, cache=home / "cache") for name, command in commands.items()}
    for name, process in others.items():
        said = process.communicate(timeout=120)[1]
        assert process.returncode == 1, (name, said)
        assert f"another build of this project is running (process {first.pid}: segkit render, since" in said
    said = first.communicate(timeout=300)[1]
    assert first.returncode == 0, said
    assert without_manifest(site_files(project / "_site")) == without_manifest(site_files(home / "project" / "_site"))
    assert site_files(project / ".segkit" / "contacts") == before
    written = [f.name for f in (*tmp_path.iterdir(), *project.iterdir()) if f.name.startswith("calls")]
    assert written == ["calls.csv", "calls.csv"], "neither settings nor segments"


def test_a_site_of_another_build_does_not_pass_the_check(home: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", like=home / "project")
    shutil.copytree(home / "project" / "_site", project / "_site")
    page = project / "_site" / "chapters" / "privacy.html"
    text = page.read_text("utf-8")
    mark = json.loads((project / "_site" / "manifest.json").read_text("utf-8"))["build"]
    assert f'data-build="{mark}"' in text
    page.write_text(text.replace(f'data-build="{mark}"', f'data-build="{mark[::-1]}"'), "utf-8")
    (project / "_site" / "downloads" / "cite.bib").write_text("of yesterday", "utf-8")
    done = run_segkit(project, "check", "--no-browser", cache=home / "cache")
    assert done.returncode == 1
    assert "chapters/privacy.html: one build: the page was made from other results" in done.stderr
    assert "manifest.json: one build: the downloads are not those of this build" in done.stderr
    assert "run `make site`" in done.stderr
