"""The interview: what ends it early leaves nothing behind, and what is no file is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segkit import interview
from segkit.errors import ConfigError, InputError


def log(folder: Path) -> Path:
    path = folder / "calls.csv"
    rows = [f"{d % 12 + 1}/{d % 11 + 1}/2023,{8 + d % 9:02}:15:00,0721000{d % 12:03},{10 + 3 * d}" for d in range(40)]
    path.write_text("\n".join(["date,time,phone,duration", *rows]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("answered", [0, 1])
def test_the_end_of_the_answers_writes_nothing(tmp_path: Path, answered: int) -> None:
    path, left = log(tmp_path), ["day/month/year"] * answered

    def answer(prompt: str) -> str:
        if not left:
            raise EOFError
        return left.pop()

    with pytest.raises(ConfigError) as caught:
        interview.run(path, [], force=False, say=lambda text: None, ask=answer)
    assert "nothing was written" in str(caught.value)
    assert f"--answer {('date_order', 'duration_unit')[answered]}=VALUE" in str(caught.value)
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_is_refused_and_nothing_is_written_beside_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for place in (tmp_path / "pipe.csv", Path("/dev/stdin"), Path("/dev/fd/0"), Path("/proc/self/fd/0")):
        with pytest.raises(InputError, match=r"no file|not a regular file"):
            interview.run(place, [], force=True, say=lambda text: None)
        assert not place.with_name(place.name + ".toml").exists()
