"""Settings of a large text are drafted from an excerpt: the same settings, and a fault that it meets is told of the whole file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segkit.data import draft_settings, excerpt
from segkit.data.excerpt import excerpt as part_of
from segkit.data.simulate import exports
from segkit.data.simulate.exports import CONTACTS, LENGTHS, MOMENTS
from segkit.errors import InputError


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "calls.csv"
    path.write_bytes(exports.written(exports.calls(3_000, 40), MOMENTS[0], LENGTHS[0], CONTACTS[0]))
    for name, size in {"LARGE": 50_000, "FIRST": 8_000, "PART": 2_000}.items():
        monkeypatch.setattr(excerpt, name, size)
    assert path.stat().st_size > 50_000
    return path


def test_an_excerpt_has_whole_lines_from_all_over_the_text(large: Path) -> None:
    lines = large.read_bytes().splitlines(keepends=True)
    with part_of(large) as part:
        assert part is not None and part.name == "calls.csv"
        some = part.read_bytes().splitlines(keepends=True)
    assert some[:50] == lines[:50] and set(some) <= set(lines) and len(some) < len(lines) / 2
    assert {lines.index(line) * 7 // len(lines) for line in some} == set(range(7))
    assert not part.exists()


def test_its_draft_is_that_of_the_whole(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from_part = draft_settings(large)
    monkeypatch.setattr(excerpt, "LARGE", 1 << 30)
    whole = draft_settings(large)
    assert "Only an excerpt" in from_part.toml and "Only an excerpt" not in whole.toml
    assert from_part.columns == whole.columns and from_part.questions and from_part.confident
    settings = [re.sub("^#.*$", "", d.toml, flags=re.M).split() for d in (from_part, whole)]
    assert settings[0] == settings[1]


def test_a_fault_that_an_excerpt_meets_is_told_by_its_row_in_the_file(large: Path) -> None:
    lines = large.read_text("utf-8").splitlines()
    lines[-2] = "2024-03-01 08:00:00"
    large.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(InputError, match="too few fields") as caught:
        draft_settings(large)
    assert caught.value.rows == (len(lines) - 1,) and caught.value.file == large


@pytest.mark.parametrize("content", [b"\xff\xfea\x00,\x00b\x00\n\x00" * 20_000, b"a,b\n1,2\n"])
def test_other_files_are_looked_at_as_a_whole(large: Path, content: bytes) -> None:
    large.write_bytes(content)
    with part_of(large) as part:
        assert part is None
