"""What passed once is passed over only while nothing that its outcome depends on has changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from segkit.site.checks import Memory, active, check_files, document
from segkit.site.checks.loads import LIMIT
from segkit.site.policy import policy

T = TypeVar("T")
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
WORDS = "Some words that fill a page, for a page must say something. " * 2


def page(body: str = "") -> str:
    return (
        f'<!doctype html><html lang="en-GB"><head><meta http-equiv="Content-Security-Policy" content="{policy()}">'
        '<meta charset="utf-8"><title>A title</title><meta name="description" content="What it says."></head>'
        f"<body><main><h1>A heading</h1><p>{WORDS}</p>{body}</main></body></html>"
    )


FILES = {
    "index.html": page('<a href="a/b.html#here">there</a><a href="d.svg#x">drawing</a>'),
    "a/b.html": page('<h2 id="here">Here</h2><img src="../p.png" alt="A line."><a href="../k.csv">CSV</a>'),
    "alone.html": page(),
    "p.png": "x",
    "k.csv": "k\n",
    "d.svg": DRAWING,
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        target = tmp_path / "site" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return tmp_path / "site"


@pytest.fixture
def memory(site: Path) -> Memory:
    """The memory of a first look, in which everything passed."""
    memory = Memory(site.parent / "checked.json", "code")
    first = check_files(site, memory)
    assert first.clean and first.pages == 3 and len(memory.read()) == 4
    return memory


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that checks look into."""
    names: list[str] = []

    def noting(function: Callable[..., T]) -> Callable[..., T]:
        def noted(first: object, name: str, *more: object) -> T:
            names.append(name)
            return function(first, name, *more)

        return noted

    monkeypatch.setattr(document.Document, "__init__", noting(document.Document.__init__))
    monkeypatch.setattr(active, "_drawing_fault", noting(active._drawing_fault))
    return names


def test_a_site_that_is_the_same_is_not_looked_at_again_and_counts_in_full(
    site: Path, memory: Memory, seen: list[str]
) -> None:
    before = memory.read()
    again = check_files(site, memory)
    assert seen == [] and again.clean and again.pages == 3 and memory.read() == before


def test_a_page_that_changed_is_looked_at_and_no_other(site: Path, memory: Memory, seen: list[str]) -> None:
    (site / "alone.html").write_text(page("<p>More.</p>"), "utf-8")
    assert check_files(site, memory).clean and seen == ["alone.html"]
    (site / "d.svg").write_text(DRAWING.replace("<path", '<path onload="x()"'), "utf-8")
    seen.clear()
    for _ in range(2):  # what is at fault is never kept
        assert [f.check for f in check_files(site, memory).findings] == ["drawings"]
    assert seen == ["d.svg", "d.svg"]


CHANGES = {
    "an anchor goes": ("a/b.html", FILES["a/b.html"].replace("here", "there"), ["index.html: links: leads to no anchor"]),
    "a file goes": ("k.csv", None, ["a/b.html: links: leads to nothing"]),
    "a page goes": ("a/b.html", None, ["index.html: links: leads to nothing"]),
    "a picture grows": ("p.png", "x" * LIMIT, ["a/b.html: weight: 1.50 MB"]),
    "a drawing goes": ("d.svg", None, ["index.html: links: leads to nothing"]),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_others_change_for_a_page_is_found_as_a_whole_look_finds_it(
    site: Path, memory: Memory, change: str
) -> None:
    name, text, faults = CHANGES[change]
    if text is None:
        (site / name).unlink()
    else:
        (site / name).write_text(text, "utf-8")
    found = check_files(site, memory)
    assert found.findings == check_files(site).findings
    assert [str(f)[: len(fault)] for f, fault in zip(found.findings, faults, strict=True)] == faults
    assert check_files(site, memory).findings == found.findings
    shutil.rmtree(site)
    for other, content in FILES.items():
        (site / other).parent.mkdir(parents=True, exist_ok=True)
        (site / other).write_text(content, "utf-8")
    assert check_files(site, memory).clean


def test_the_same_text_under_another_name_is_another_page(site: Path, memory: Memory) -> None:
    """Its links start elsewhere."""
    shutil.copyfile(site / "a" / "b.html", site / "b.html")
    found = check_files(site, memory).findings
    assert {f.page for f in found} == {"b.html"} and found == check_files(site).findings


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: {**told, "key": "other"},
        lambda told: {"key": told["key"]},
        lambda told: {**told, "passed": {"x": 1}},
        lambda told: [told],
        lambda told: {**told, "passed": []},
    ],
)
def test_what_other_code_let_pass_and_what_is_damaged_counts_for_nothing(
    site: Path, memory: Memory, seen: list[str], spoil: Callable[[Any], Any]
) -> None:
    memory.file.write_text(json.dumps(spoil(json.loads(memory.file.read_text("utf-8")))), "utf-8")
    assert memory.read() == {}
    assert check_files(site, memory).clean and sorted(seen) == ["a/b.html", "alone.html", "d.svg", "index.html"]
    memory.file.write_text("{", "utf-8")
    assert memory.read() == {}
