"""The simulated site in a real browser: search, theme, folds, downloads, keys, print; and that its checks can fail.

What keys do is WCAG 2.1's: 2.1.1 (everything is reached), 2.4.7 (and seen to be). Contrast, names and the rest of levels A
and AA are looked at by axe-core.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from whole import clean_environment, make_project, run_segkit

from segkit.site.checks import browser as checks
from segkit.site.checks import check_files

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1400, height=900)
CANDIDATES = "a[href], button, input, select, textarea, summary, [tabindex]"
# What a reader can come to: shown, not switched off, not taken out of the order of keys on purpose.
REACHABLE = f"""() => [...document.querySelectorAll({json.dumps(CANDIDATES)})].filter(e =>
  e.tabIndex >= 0 && !e.disabled && e.checkVisibility({{visibilityProperty: true}}) && !e.closest("[inert]"))"""
MARK = f"({REACHABLE})().map((e, i) => {{ e.dataset.stop = i; return e.outerHTML.slice(0, 90); }})"
# A ring, a shadow or a change of colour; the link that is only shown when it is focused counts by being shown.
FOCUS = """() => {
  const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
  const ring = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1;
  const shown = box.width > 0 && box.height > 0 && box.bottom > 0 && parseFloat(s.opacity) > 0;
  return [e.dataset.stop === undefined ? -1 : +e.dataset.stop, (ring || s.boxShadow !== "none") && shown];
}"""


@pytest.fixture(scope="module")
def site(home: Path) -> Path:
    """The simulated site."""
    return home / "project" / "_site"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site's address below a sub-path."""
    with checks.served(site) as base:
        yield base


@pytest.fixture
def desk(chromium: Browser, address: str) -> Iterator[Page]:
    """The front page in a desk's window."""
    with chromium.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(f"{address}/index.html")
        yield page


def page_names(site: Path) -> list[str]:
    return sorted(p.relative_to(site).as_posix() for p in site.rglob("*.html") if p.parts[-3] != "v")


def test_every_page_passes_in_both_themes_and_both_widths(site: Path, chromium: Browser) -> None:
    """No console error, no failed or foreign request, nothing wider than the window, and axe-core is content."""
    seen = checks.check_in_browser(site, browser=chromium)
    assert seen.pages >= len(page_names(site)) >= 4
    assert [str(f) for f in seen.findings] == []


def test_search_finds_a_term_and_leads_there(desk: Page) -> None:
    desk.keyboard.press("/")
    box = desk.get_by_role("combobox", name="Search the site")
    expect(box).to_be_focused()
    box.fill("silhouette")
    first = desk.get_by_role("option").first
    expect(first.locator("mark").first).to_have_text(re.compile("silhouette", re.I))
    target = first.get_attribute("data-href") or ""
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/{target.removeprefix('./')}")
    expect(desk.locator("main")).to_contain_text(re.compile("silhouette", re.I))
    place = desk.locator(f"[id='{target.partition('#')[2]}']") if "#" in target else desk.locator("h1")
    expect(place).to_be_in_viewport()


def test_dark_mode_toggles_and_stays(desk: Page, address: str, site: Path) -> None:
    def paper() -> str:
        return str(desk.evaluate("getComputedStyle(document.body).backgroundColor"))

    light, button = paper(), desk.get_by_role("button", name="Dark theme")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    dark = paper()
    assert dark != light
    desk.reload()
    assert paper() == dark
    other = next(n for n in page_names(site) if n != "index.html" and "/" in n)
    desk.goto(f"{address}/{other}")
    assert paper() == dark
    desk.get_by_role("button", name="Dark theme").click()
    assert paper() == light


def test_folds_open_and_close_by_keys(desk: Page, address: str, site: Path) -> None:
    """Folded code and every other fold: closed at first, opened and closed by the keyboard."""
    found = 0
    for name in page_names(site):
        desk.goto(f"{address}/{name}")
        for fold in desk.locator("main details").all():
            inside = fold.locator(":scope > :not(summary)").first
            expect(inside).to_be_hidden()
            fold.locator(":scope > summary").focus()
            desk.keyboard.press("Enter")
            expect(inside).to_be_visible()
            desk.keyboard.press("Enter")
            expect(inside).to_be_hidden()
            found += 1
    assert found >= 1


def test_tables_download_with_their_columns(desk: Page, address: str, site: Path) -> None:
    tables = 0
    for name in page_names(site):
        desk.goto(f"{address}/{name}")
        links = desk.locator("main a[href$='.csv']").all()
        for link in links[:1]:
            href = str(link.get_attribute("href"))
            content = desk.request.get(str(link.evaluate("e => e.href")))
            assert content.ok
            file = site / "downloads" / href.rsplit("/", 1)[-1]
            head = content.text().splitlines()[0]
            assert head == file.read_text("utf-8").splitlines()[0]
            assert re.fullmatch(r'[^,"]+(,("[^"]+"|[^,"]+))+', head), head
        tables += len(links)
    assert tables >= 5


def test_the_table_of_segments_downloads_by_a_click(desk: Page, address: str, site: Path) -> None:
    desk.goto(f"{address}/chapters/contacts/interpretation.html")
    link = desk.locator("main a[href$='downloads/segments.csv']").first
    link.evaluate("e => e.setAttribute('download', '')")  # Chromium would show text in its window otherwise
    with desk.expect_download() as waiting:
        link.click()
    lines = Path(waiting.value.path()).read_text("utf-8").splitlines()
    results = json.loads((site / "downloads" / "results.json").read_text("utf-8"))
    assert lines[0].split(",")[0] == "segment"
    assert {line.split(",")[0] for line in lines[1:]} == {str(s["id"]) for s in results["segments"]}


def test_every_control_is_reached_by_tab_and_seen_to_be(desk: Page, address: str, site: Path) -> None:
    for name in page_names(site):
        desk.goto(f"{address}/{name}")
        desk.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
        stops = desk.evaluate(MARK)
        reached: set[int] = set()
        unseen = []
        for _ in range(len(stops) + 5):
            desk.keyboard.press("Tab")
            stop, visible = desk.evaluate(FOCUS)
            if stop >= 0 and not visible:
                unseen.append(stops[stop])
            reached.add(stop)
        assert [stops[i] for i in range(len(stops)) if i not in reached] == [], name
        assert unseen == [], name
        assert len(stops) >= 10, name


def test_the_opened_drawer_and_the_found_pages_pass_too(chromium: Browser, address: str) -> None:
    for theme in ("light", "dark"):
        with chromium.new_context(viewport=PHONE, color_scheme=theme, reduced_motion="reduce") as context:  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"{address}/index.html")
            page.get_by_role("button", name="Menu").click()
            expect(page.locator("#sk-sidebar")).to_be_visible()
            assert checks.accessibility(page) == []
            page.keyboard.press("Escape")
            page.get_by_role("button", name="Search").click()
            page.locator("#sk-search").fill("contacts")
            expect(page.get_by_role("option").first).to_be_visible()
            assert checks.accessibility(page) == []


def test_print_hides_navigation_and_keeps_the_words(desk: Page, address: str, site: Path) -> None:
    for name in page_names(site):
        desk.goto(f"{address}/{name}")
        desk.emulate_media(media="print")
        for part in desk.locator(".top, nav, .skip").all():
            expect(part).to_be_hidden()
        expect(desk.locator("h1")).to_be_visible()
        expect(desk.locator(".sk-banner").first).to_be_visible()
        assert desk.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        desk.emulate_media(media="screen")


# The command


def doctor(text: str) -> str:
    """Add a link that leads nowhere and a script of another host to a page."""
    more = '<p><a href="gone.html">x</a><script src="https://cdn.example/x.js"></script></p></main>'
    return text.replace("</main>", more, 1)


def test_the_site_itself_passes_in_less_than_a_second_for_ten_pages(site: Path) -> None:
    found = check_files(site)
    assert found.findings == ()
    assert found.seconds < max(1.0, found.pages / 10) * 3  # three times the target, for machines that are busy


def test_check_says_what_it_did(home: Path) -> None:
    done = run_segkit(home / "project", "check", "--no-browser", cache=home / "cache")
    assert done.returncode == 0, done.stderr
    assert "no identifier of the input found" in done.stderr
    assert (
        "links, alternatives, references, ids, other hosts, policy, active content, drawings, weight, head, text, "
        "one build; not looked at in a browser" in done.stderr
    )


def test_check_fails_with_a_doctored_site(home: Path, site: Path, tmp_path: Path) -> None:
    copy = tmp_path / "_site"
    shutil.copytree(site, copy)
    front = copy / "index.html"
    front.write_text(doctor(front.read_text("utf-8")), "utf-8")
    done = run_segkit(home / "project", "check", str(copy), "--no-browser", cache=home / "cache")
    assert done.returncode == 1
    assert "3 faults in the built pages" in done.stderr
    assert "index.html: active content: a script that is no script of the site" in done.stderr
    assert re.search(r"index\.html: links: leads to nothing: gone\.html \(line \d+\)", done.stderr)
    assert "index.html: other hosts: script loads https://cdn.example/x.js" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_browser_sees_what_files_do_not_say(chromium: Browser, tmp_path: Path) -> None:
    """One page is enough: an address that is put together, and a grey that is too pale. In a process of its own, since
    one process drives one browser."""
    script = "fetch('https://' + 'api.example/x').catch(() => 0)"
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="en"><head><title>x</title><meta name="description" content="x"></head><body><main>'
        f"<h1>x</h1><p style='color:#bbb;background:#fff'>{'Some pale words. ' * 9}</p></main><script>{script}</script>",
        "utf-8",
    )
    code = (
        "import sys; from pathlib import Path; from segkit.site.checks.browser import check_in_browser\n"
        "print(*check_in_browser(Path(sys.argv[1])).findings, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=300)
    told = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert any(t.startswith("index.html: accessibility: color-contrast") for t in told), told
    assert any(t.startswith("index.html: other hosts: asks for https://api.example/x") for t in told), told


def test_check_without_a_browser_says_so_and_fails_where_one_must_be(home: Path, tmp_path: Path) -> None:
    """An empty PATH has no browser; continuous integration, and whoever asks for one, must have it."""
    bare = {"PATH": str(tmp_path), "CI": ""}
    done = run_segkit(home / "project", "check", cache=home / "cache", **bare)
    assert done.returncode == 0, done.stderr
    assert "The pages are not looked at in a browser: no Chromium is on the PATH." in done.stderr
    for flags, settings in (((), {**bare, "CI": "true"}), (("--browser",), bare)):
        done = run_segkit(home / "project", "check", *flags, cache=home / "cache", **settings)
        assert done.returncode == 1
        assert "no Chromium is on the PATH" in done.stderr and "Remedy" in done.stderr


def test_a_page_with_a_fault_stops_the_build(home: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", like=home / "project")
    (project / "_site").mkdir()
    (project / "_site" / "index.html").write_text("the old site", "utf-8")
    with (project / "index.qmd").open("a", encoding="utf-8") as page:
        page.write("\nSee Figure ?? for more.\n")
    done = run_segkit(project, "render", cache=home / "cache")
    assert done.returncode == 1
    assert "index.html: references: unresolved: ??" in done.stderr
    assert (project / "_site" / "index.html").read_text("utf-8") == "the old site"
    assert not list(project.glob("_site.*"))


def test_a_missing_package_is_named(home: Path, tmp_path: Path) -> None:
    """After ``make site`` alone there is no playwright: a package that cannot be found stands in for that."""
    hide = (
        "import importlib.util, sys; real = importlib.util.find_spec;"
        "importlib.util.find_spec = lambda n, *a: None if n == 'playwright' else real(n, *a);"
        "sys.modules['playwright'] = None;"
        "from segkit.cli import main; sys.exit(main(['check']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide],
        cwd=home / "project",
        env={**clean_environment(home / "cache"), "CI": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "not looked at in a browser: playwright is not installed" in done.stderr
