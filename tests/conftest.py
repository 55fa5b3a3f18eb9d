"""Fixtures for tests of the whole."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from whole import Run, make_project, run_segkit


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the report's sources."""
    return make_project(tmp_path / "project")


@pytest.fixture
def segkit(project: Path, tmp_path: Path) -> Run:
    """The command line, run inside the project."""

    def _run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return run_segkit(project, *arguments, cache=tmp_path / "cache", **settings)

    return _run
