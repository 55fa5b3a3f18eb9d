"""The fixture's pages in a real browser: width, keys, search, theme, and that nothing is asked of any other host.

What keys do is the ARIA Authoring Practices' (disclosure button, combobox with list, tabs); 4.5 is WCAG 2.2's AA contrast.
"""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from segkit.site.embedded.build import HERE, build

SOURCE = Path(__file__).parent / "fixture"
PAGES = ("index", "chapters/cells", "chapters/floats", "chapters/writing", "chapters/deep/files")
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1400, height=900)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the fixture site below a sub-path."""
    root = tmp_path_factory.mktemp("browser")
    cache = tmp_path_factory.getbasetemp() / "embedded-cache"  # the tests of the pages' text share it
    assert build(SOURCE, root / "sub" / "path", cache=cache, key="test", progress=False).faults == ()
    return root / "sub" / "path"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        reason = "no Chromium on the PATH"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=found, args=flags)
        yield started
        started.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Serve the site below a sub-path of this machine."""
    handler = functools.partial(_Quiet, directory=str(folder.parents[1]))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/sub/path"
        server.shutdown()


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page on writing in a phone's window."""
    with browser.new_context(viewport=PHONE, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(f"{address}/chapters/writing.html")
        yield page


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page on writing in a desk's window."""
    with browser.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(f"{address}/chapters/writing.html")
        yield page


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_pages_ask_no_other_host_and_report_no_error(browser: Browser, folder: Path, address: str, scheme: str) -> None:
    base = address if scheme == "http" else folder.as_uri()
    asked: list[str] = []
    errors: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: errors.append(request.url))
        page.on("response", lambda response: errors.append(response.url) if response.status >= 400 else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        for name in PAGES:
            page.goto(f"{base}/{name}.html")
            page.get_by_role("combobox").focus()
            page.wait_for_function("window.siteIndex && siteIndex.length > 0")
    assert [url for url in asked if not url.startswith((base, "data:"))] == []
    assert errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_pages_do_not_scroll_sideways(
    browser: Browser, address: str, size: ViewportSize, theme: Literal["light", "dark"]
) -> None:
    with browser.new_context(viewport=size, color_scheme=theme) as context:
        page = context.new_page()
        for name in PAGES:
            page.goto(f"{address}/{name}.html")
            widths = page.evaluate("[document.documentElement.scrollWidth, document.body.scrollWidth]")
            assert max(widths) <= size["width"], name
            past = page.evaluate(
                "[...document.querySelectorAll('main *')].filter(e => !e.closest('.table-scroll, pre, math, svg')"
                " && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
            )
            assert past == [], name


def test_a_wide_table_scrolls_in_its_box_by_keys(phone: Page) -> None:
    box = phone.locator(".table-scroll").last
    assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    box.focus()
    phone.keyboard.press("ArrowRight")
    phone.wait_for_function("[...document.querySelectorAll('.table-scroll')].pop().scrollLeft > 0")


def test_words_say_that_a_table_scrolls_where_it_does_and_nowhere_else(browser: Browser) -> None:
    css = (Path(__file__).parents[2] / "assets" / "segkit.css").read_text("utf-8")
    tables = (
        f'<div class="table-scroll"><table class="sk-table"><tr>{"<td>words</td>" * n}</tr></table></div>'
        for n in (2, 20)
    )
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.set_content(f"<style>{css}</style><main>{''.join(tables)}</main>")
        heights = "[...document.querySelectorAll('.table-scroll')].map(e => parseFloat(getComputedStyle(e, '::before').height))"
        page.wait_for_function(f"{heights}[1] > 0")
        assert page.evaluate(heights)[0] == 0


def test_the_drawer_opens_keeps_focus_and_closes_on_escape(phone: Page) -> None:
    menu, drawer = phone.get_by_role("button", name="Menu"), phone.locator("#sk-sidebar")
    expect(menu).to_have_attribute("aria-expanded", "false")
    expect(drawer).to_be_hidden()
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(drawer).to_be_visible()
    expect(drawer.locator("[aria-current=page]")).to_be_focused()
    assert phone.locator("main").evaluate("e => e.inert")
    phone.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(menu).to_be_focused()
    expect(menu).to_have_attribute("aria-expanded", "false")
    assert not phone.locator("main").evaluate("e => e.inert")


def test_the_pages_are_a_column_at_a_desk(desk: Page) -> None:
    expect(desk.locator("#sk-sidebar")).to_be_visible()
    expect(desk.get_by_role("button", name="Menu")).to_be_hidden()
    expect(desk.get_by_role("navigation", name="On this page")).to_be_visible()


def test_without_scripts_the_pages_can_be_reached_on_a_phone(browser: Browser, address: str) -> None:
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/index.html")
        expect(page.get_by_role("link", name="Writing", exact=True)).to_be_visible()
        assert page.get_by_role("combobox").count() == 0


def test_the_theme_follows_the_system_until_it_is_chosen(browser: Browser, address: str) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(f"{address}/index.html")
        root, button = page.locator("html"), page.get_by_role("button", name="Dark theme")
        expect(root).to_have_attribute("data-theme", "dark")
        expect(button).to_have_attribute("aria-pressed", "true")
        page.emulate_media(color_scheme="light")
        expect(root).to_have_attribute("data-theme", "light")
        button.click()
        expect(root).to_have_attribute("data-theme", "dark")
        page.goto(f"{address}/chapters/cells.html")
        expect(root).to_have_attribute("data-theme", "dark")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        expect(page.locator(".top")).to_be_hidden()


def test_search_is_a_combobox_that_keys_work(desk: Page, address: str) -> None:
    box = desk.get_by_role("combobox", name="Search the site")
    desk.keyboard.press("/")
    expect(box).to_be_focused()
    box.fill("réturn of the")
    expect(desk.get_by_role("status")).to_have_text("No results")
    box.fill("first panel")
    options = desk.get_by_role("option")
    expect(options).to_have_count(1)
    expect(desk.get_by_role("status")).to_have_text("1 result")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert box.get_attribute("aria-controls") == desk.get_by_role("listbox").get_attribute("id")
    expect(options.locator("mark")).to_have_text(["first", "panel"])
    desk.keyboard.press("ArrowDown")
    expect(options).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.get_attribute("id")
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    box.fill("rising line")
    box.fill("first panel")
    expect(options).to_have_count(1)
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"{address}/chapters/writing.html#sec-tabs")


def test_search_opens_as_a_row_on_a_phone(phone: Page) -> None:
    box, find = phone.locator("#sk-search"), phone.get_by_role("button", name="Search")
    expect(box).to_be_hidden()
    find.click()
    expect(box).to_be_focused()
    box.fill("callouts")
    expect(phone.get_by_role("option").first).to_be_visible()
    phone.keyboard.press("Escape")
    phone.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(find).to_be_focused()


def test_tabs_move_by_arrows_and_open_for_a_link(desk: Page, address: str) -> None:
    words, maths = desk.get_by_role("tab", name="Words"), desk.get_by_role("tab", name="Maths")
    words.focus()
    desk.keyboard.press("ArrowRight")
    expect(maths).to_be_focused()
    expect(maths).to_have_attribute("aria-selected", "true")
    expect(desk.get_by_role("tabpanel", name="Maths")).to_be_visible()
    expect(desk.get_by_text("The first panel.")).to_be_hidden()
    desk.goto(f"{address}/index.html")
    desk.goto(f"{address}/chapters/writing.html#eq-ari")
    expect(desk.locator("#eq-ari")).to_be_visible()


def test_the_skip_link_comes_first_and_leads_to_the_text(desk: Page) -> None:
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="Skip to the text")).to_be_focused()
    assert desk.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    desk.keyboard.press("Enter")
    expect(desk.locator("main")).to_be_focused()


def test_mathematics_is_set_in_its_own_font(desk: Page) -> None:
    desk.evaluate("document.fonts.load('16px \"Site Math\"', 'x')")
    assert desk.evaluate("[...document.fonts].filter(f => f.family.includes('Site Math')).map(f => f.status)") == [
        "loaded"
    ]


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of a colour such as ``#0b6e75``."""
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def themes() -> dict[str, dict[str, str]]:
    """Return the colours of each theme from the stylesheet."""
    css = (HERE / "site.css").read_text("utf-8").partition("@media print")[0]
    blocks = re.findall(r"(:root(?:\[data-theme=dark\]|:not\(\[data-theme\]\))?) \{([^}]*--sk-ink[^}]*)\}", css)
    found = {name: dict(re.findall(r"(--sk-[\w-]+): (#[0-9a-f]+)", text)) for name, text in blocks}
    assert found[":root[data-theme=dark]"] == found[":root:not([data-theme])"], "one dark theme, written twice"
    return {"light": found[":root"], "dark": found[":root[data-theme=dark]"]}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_contrast_enough_on_both_papers(theme: str) -> None:
    colours = themes()[theme]
    texts = [n for n in colours if re.fullmatch(r"--sk-(ink|mute|accent|ok|mid|no|code-\w+)", n)]
    assert len(texts) == 10
    for paper in ("--sk-paper", "--sk-tint"):
        for text in texts:
            light, dark = sorted((luminance(colours[text]), luminance(colours[paper])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, paper)
    for paper in ("--sk-paper", "--sk-tint"):  # borders of fields: 3
        light, dark = sorted((luminance(colours["--sk-edge"]), luminance(colours[paper])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, paper
