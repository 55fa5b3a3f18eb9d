"""The projects and fixtures of the tests of studies, for the tests of what pages show."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib import pyplot

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "studies"))

from made_projects import (
    BARE,
    REPOSITORY,
    Made,
    at_k,
    closed_off,
    downloads,
    open_new,
    private,
    project,
    simulated,
    small_calls,
    with_small_segment,
    write_log,
)

__all__ = [
    "BARE",
    "REPOSITORY",
    "Made",
    "at_k",
    "closed_off",
    "downloads",
    "open_new",
    "private",
    "project",
    "simulated",
    "small_calls",
    "with_small_segment",
    "write_log",
]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close what a test has drawn."""
    yield
    pyplot.close("all")


def unescaped(markdown: str) -> str:
    """Return Markdown as a reader sees it: without the backslashes before signs."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)
