"""A site that is made again after a change: what is kept of the last one makes the same site, and is ready sooner."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_site import site_files
from whole import make_project, run_segkit

from segkit import build

KEPT = ("bodies", "searched", "checked.json", "pages/chapters--contacts--nulls")


def test_a_changed_sentence_gives_the_same_bytes_with_and_without_what_is_kept(home: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", like=home / "project")
    site = Path(shutil.copytree(home / "project" / "_site", project / "_site"))
    page, before = project / "chapters" / "_evidence" / "nulls.qmd", site_files(site)
    text = page.read_text("utf-8")
    assert text.count("Beating this null shows little") == 1
    page.write_text(text.replace("Beating this null shows little", "Beating this null tells us little"), "utf-8")
    made = []
    for _ in range(2):
        done = run_segkit(project, "render", cache=home / "cache")
        assert done.returncode == 0, done.stderr
        assert "1 of them executed" in done.stderr
        made.append(site_files(site))
        for name in KEPT:
            kept = project / ".segkit" / name
            assert kept.exists(), name
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
    one, two = made
    assert one.keys() == two.keys() == before.keys()
    assert [n for n in one if one[n] != two[n]] in ([], ["manifest.json"])
    changed = {n for n in one if one[n] != before[n]} - {"manifest.json"}
    assert changed == {"chapters/contacts/nulls.html", "site_libs/search-index.js"}


class Nursery:
    """Stands for what pages import; it knows whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Nursery]]:
    """What was begun to load."""
    begun: list[Nursery] = []
    monkeypatch.setattr(build, "begun", lambda root: begun.append(Nursery()) or begun[-1])
    yield begun
    assert all(one.closed for one in begun)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose site is newer than its pages."""
    for name in ("index.qmd", "chapters/_evidence/nulls.qmd", "_site/manifest.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
        os.utime(tmp_path / name, (1000, 1000))
    return tmp_path


@pytest.mark.parametrize("name", ["index.qmd", "chapters/_evidence/nulls.qmd"])
def test_what_pages_import_is_loaded_early_only_where_a_page_is_newer_than_the_site(
    root: Path, made: list[Nursery], name: str
) -> None:
    with build._early("embedded", root, root / "_site") as early:
        assert early is None
    os.utime(root / name, (2000, 2000))
    with build._early("quarto", root, root / "_site") as early:
        assert early is None
    with build._early("embedded", root, root / "elsewhere") as early:
        assert early is None
    with build._early("embedded", root, root / "_site") as early:
        assert build._fitting(early) is made[0] and not made[0].closed


def test_what_was_loaded_goes_unused_where_the_package_changes_and_ends_where_the_build_fails(
    root: Path, made: list[Nursery], monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(root / "index.qmd", (2000, 2000))
    with pytest.raises(KeyError), build._early("embedded", root, root / "_site") as early:
        monkeypatch.setattr(build, "package_hash", lambda: "another")
        assert early is not None and build._fitting(early) is None
        raise KeyError
    assert len(made) == 1
