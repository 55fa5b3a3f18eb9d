"""A page opens the study of its build and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.errors import BuildError
from segkit.studies import bound
from segkit.studies.base import Study
from segkit.studies.store import Store

ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (bound.STUDY, bound.OPENED, bound.IN_QUARTO):
        monkeypatch.delenv(name, raising=False)


def opened(state: Path, key: str) -> Study:
    return Study(Store(state, key))


def test_outside_of_a_build_every_study_opens(tmp_path: Path) -> None:
    bound.record(tmp_path, TWO)
    assert opened(tmp_path, ONE).store.key == ONE


def test_a_page_of_one_study_opens_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bound.STUDY, ONE)
    monkeypatch.setenv(bound.OPENED, str(tmp_path / "opened"))
    opened(tmp_path, ONE)
    with pytest.raises(BuildError, match="belongs to a build of another study") as caught:
        opened(tmp_path, TWO)
    assert "Build again" in caught.value.remedy
    assert (tmp_path / "opened").read_text().split() == [ONE, TWO], "known, even where the page goes on"


def test_between_the_scripts_of_quarto_the_record_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bound.IN_QUARTO, "chapters/audit.qmd")
    opened(tmp_path, ONE)  # no record: not rendered by a project that has the scripts
    bound.record(tmp_path, ONE)
    opened(tmp_path, ONE)
    with pytest.raises(BuildError, match="another study"):
        opened(tmp_path, TWO)
    monkeypatch.setenv(bound.STUDY, TWO)  # within `segkit render`, which knows better
    opened(tmp_path, TWO)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"key"', "\x00"])
def test_a_damaged_record_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / bound.RECORD).write_text(content, "utf-8")
    assert bound.recorded(tmp_path) == ""


def test_the_mark_tells_keys_apart_without_a_digit() -> None:
    assert bound.mark(ONE) != bound.mark(TWO) and bound.mark(ONE).isalpha()
