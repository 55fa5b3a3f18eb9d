"""Fixtures for tests of the whole."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from whole import Run, knowing, made_once, make_project, run_segkit

from segkit.report import show
from segkit.site.checks import browser as checks

# Tests run side by side already, so that resampling in further processes only costs their start; a test that wants some
# says so. What a test starts finds the package compiled, as users do, also where Python is told to leave nothing behind.
os.environ.setdefault("SEGKIT_JOBS", "1")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Groups that take minutes, the longest first, so that at the end no process waits for the one that got such a group last.
FIRST = (
    "test_site", "own", "own-real", "test_site_words", "elsewhere", "test_personas_site", "test_pages_agree",
    "test_channels_site", "test_interrupted", "test_parity", "plumber", "practice", "agency", "office", "club",
    "test_site_browser", "test_contacts_study", "test_conversations_study", "test_conversations_site", "test_known_answers",
    "test_combined_forms", "umap", "spark",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Let ``-n 2`` alone do what ``make test`` asks for: else the first process would get all the long tests, one by one."""
    if config.getoption("dist", "no") == "load":
        config.option.dist, config.option.loadscopereorder = "loadgroup", False
    if hasattr(config, "workerinput"):
        config.option.loadgroup = True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, since what its fixtures make is made once in each; begin with long ones."""
    ranks = {}
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        (group,) = item.get_closest_marker("xdist_group").args
        ranks[item] = FIRST.index(group) if group in FIRST else len(FIRST)
    items.sort(key=ranks.__getitem__)


@pytest.fixture(autouse=True)
def unbound(monkeypatch: pytest.MonkeyPatch) -> None:
    """One process makes the pages of one build; tests make those of several, one after the other."""
    monkeypatch.setattr(show, "_build", [])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the report's sources."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project in which the simulated site has been made. All processes share it: nothing may change it."""

    def render(folder: Path) -> str:
        knowing(make_project(folder / "project"), tmp_path_factory)
        done = run_segkit(folder / "project", "render", cache=folder / "cache")
        return "" if done.returncode == 0 else f"{done.returncode}: {done.stderr}"

    return made_once(tmp_path_factory, "home", render)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    lack = checks.missing()
    if lack:
        pytest.fail(lack) if os.environ.get("CI") == "true" else pytest.skip(lack)
    with checks.started() as started:
        yield started


@pytest.fixture
def segkit(project: Path, tmp_path: Path) -> Run:
    """The command line, run inside the project."""

    def _run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return run_segkit(project, *arguments, cache=tmp_path / "cache", **settings)

    return _run
