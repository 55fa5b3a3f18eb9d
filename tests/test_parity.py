"""Both engines make the same site: the same addresses, the same downloads, the same numbers.

Runs where a Quarto that is new enough is on the PATH. Where ``SEGKIT_ENGINE=quarto`` says that one is there, as in the
workflow that publishes the pages, its absence is a failure and no skip.
"""

from __future__ import annotations

import html
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from whole import knowing, make_project, run_segkit

from segkit.site.checks import browser, check_files
from segkit.site.engine import NEEDED, quarto_version

VERSION = quarto_version()
pytestmark = [
    pytest.mark.skipif(
        (not VERSION or VERSION[:2] < NEEDED) and os.environ.get("SEGKIT_ENGINE") != "quarto",
        reason="no Quarto that is new enough is on the PATH",
    ),
]
MAIN = re.compile(r"<main\b.*?</main>", re.S)
DROPPED = re.compile(r"<(script|style|svg|nav|pre|annotation)\b.*?</\1>", re.S)
NUMBER = re.compile(r"\d[\d,.]*\d|\d")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The simulated site, made by each engine."""
    folder = tmp_path_factory.mktemp("parity")
    found = {}
    for name in ("embedded", "quarto"):
        project = knowing(make_project(folder / name), tmp_path_factory)
        done = run_segkit(project, "render", cache=folder / "cache", SEGKIT_ENGINE=name)
        assert done.returncode == 0, done.stderr
        found[name] = project / "_site"
    yield found


def addresses(site: Path) -> set[str]:
    """Return the pages of a site, without the engine's own files."""
    return {p.relative_to(site).as_posix() for p in site.rglob("*.html") if "site_libs" not in p.parts}


def words_and_numbers(page: Path) -> tuple[Counter[str], Counter[str]]:
    """Return the numbers of a page's text, and its anchors of figures, tables and sections."""
    main = MAIN.search(page.read_text("utf-8"))
    assert main, page
    text = html.unescape(re.sub(r"<[^>]+>", " ", DROPPED.sub(" ", main[0]))).replace("\u00a0", " ")
    anchors = Counter(re.findall(r'\bid="((?:fig|tbl|sec)-[\w-]+)"', main[0]))
    return Counter(NUMBER.findall(text)), Counter({a: 1 for a in anchors if not re.search(r"-\d+$|-caption", a)})


def test_addresses(sites: dict[str, Path]) -> None:
    assert addresses(sites["embedded"]) == addresses(sites["quarto"])


def test_downloads(sites: dict[str, Path]) -> None:
    one, two = ({p.name: p.read_bytes() for p in (s / "downloads").iterdir()} for s in sites.values())
    assert one.keys() == two.keys()
    assert [n for n in one if one[n] != two[n]] == []


def test_numbers_and_anchors(sites: dict[str, Path]) -> None:
    for name in sorted(addresses(sites["embedded"])):
        (numbers, anchors), (others, other_anchors) = (words_and_numbers(s / name) for s in sites.values())
        assert numbers == others, (name, numbers - others, others - numbers)
        assert anchors.keys() == other_anchors.keys(), name


@pytest.mark.parametrize("engine", ["embedded", "quarto"])
def test_what_the_workflow_checks_passes(sites: dict[str, Path], engine: str) -> None:
    """``segkit check --browser`` over each site: files, then every page at two widths, light and dark."""
    assert [str(f) for f in check_files(sites[engine]).findings] == []
    lack = browser.missing()
    if lack:
        pytest.fail(lack) if os.environ.get("CI") == "true" else pytest.skip(lack)
    assert [str(f) for f in browser.check_in_browser(sites[engine]).findings] == []


@pytest.mark.parametrize("engine", ["embedded", "quarto"])
def test_search_and_theme_work_under_the_policy(sites: dict[str, Path], engine: str) -> None:
    lack = browser.missing()
    if lack:
        pytest.fail(lack) if os.environ.get("CI") == "true" else pytest.skip(lack)
    said: list[str] = []
    with browser.started() as chromium, browser.served(sites[engine]) as base:
        tab = chromium.new_page(viewport={"width": 1400, "height": 900}, color_scheme="light")
        tab.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
        tab.goto(f"{base}/chapters/contacts/decisions.html", wait_until="networkidle")
        light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        tab.locator(".quarto-color-scheme-toggle, button.theme").first.click()
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != light
        tab.locator("#sk-control [name=capacity]").fill("40")
        assert tab.locator("#sk-rankings tr").count() > 0
        box = tab.locator(".aa-Input, #sk-search").first
        box.click()
        box.press_sequentially("silhouette", delay=50)
        tab.locator(".aa-Item, #sk-hits [role=option]").first.wait_for()
    assert said == []
