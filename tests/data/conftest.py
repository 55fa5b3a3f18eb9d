"""Fixtures for the tests of the loader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from small_log import Row, as_csv


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write rows, text or bytes to a file and return its path."""

    def _write(content: Sequence[Row] | str | bytes, name: str = "calls.csv") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_bytes((content if isinstance(content, str) else as_csv(content)).encode())
        return path

    return _write
