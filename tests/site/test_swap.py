"""Swapping a site in whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segkit.errors import BuildError
from segkit.site import swap


def test_swaps_the_new_site_in(tmp_path: Path) -> None:
    site = tmp_path / "_site"
    for text in ("one", "two"):
        with swap.beside(site) as draft:
            (draft / "index.html").write_text(text, "utf-8")
        assert (site / "index.html").read_text("utf-8") == text
    assert [p.name for p in tmp_path.iterdir()] == ["_site"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_fault_leaves_the_old_site(tmp_path: Path, fault: type[BaseException]) -> None:
    site = tmp_path / "_site"
    site.mkdir()
    (site / "index.html").write_text("old", "utf-8")
    with pytest.raises(fault), swap.beside(site) as draft:
        (draft / "index.html").write_text("half", "utf-8")
        raise fault
    assert (site / "index.html").read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["_site"]


def test_a_swap_cut_off_between_its_renames_is_mended(tmp_path: Path) -> None:
    old = tmp_path / "_site.old"
    old.mkdir()
    (old / "index.html").write_text("old", "utf-8")
    with pytest.raises(ValueError), swap.beside(tmp_path / "_site"):
        raise ValueError
    assert (tmp_path / "_site" / "index.html").read_text("utf-8") == "old"


def test_a_second_rename_that_fails_brings_the_old_site_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "_site"
    site.mkdir()
    (site / "index.html").write_text("old", "utf-8")
    real, calls = os.replace, []

    def replace(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(swap.os, "replace", replace)
    with pytest.raises(OSError), swap.beside(site) as draft:
        (draft / "index.html").write_text("new", "utf-8")
    assert (site / "index.html").read_text("utf-8") == "old"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(BuildError, match="cannot be written"), swap.beside(tmp_path / "file" / "_site"):
        pass


def test_two_projects_do_not_write_one_site(tmp_path: Path) -> None:
    site = tmp_path / "_site"
    with swap.beside(site) as draft:
        (draft / "index.html").write_text("mine", "utf-8")
        with pytest.raises(BuildError, match="another build is writing this site"), swap.beside(site):
            pass
        assert (draft / "index.html").read_text("utf-8") == "mine"
    assert (site / "index.html").read_text("utf-8") == "mine"
