"""Checks in a real browser: a page that is in order passes, and each fault of another is found.

What is at fault is WCAG 2.1's: 1.1.1 (pictures), 1.4.3 (contrast), 4.1.2 (names of buttons).
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from segkit.site.checks import Finding, browser

GOOD = """<!doctype html><html lang="en-GB"><head><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>a{color:inherit}body{color:#111;background:#fff}@media(prefers-color-scheme:dark){body{color:#eee;background:#111}}</style></head>
<body><main><h1>A page</h1><p>It is in order.</p>%s</main></body></html>"""


FAULTS = {
    "picture": ('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', "accessibility", "image-alt: "),
    "button": ("<button></button>", "accessibility", "button-name: "),
    "contrast": ("<p style='color:#777;background:#888'>Grey</p>", "accessibility", "color-contrast: "),
    "said": ("<script>console.error('it broke')</script>", "console", "it broke"),
    "thrown": ("<script>throw new Error('thrown')</script>", "console", "thrown"),
    "beside": ("<script src='gone.js'></script>", "requests", "/sub/path/gone.js: status 404"),
    "above": ("<script src='/top.js'></script>", "requests", "/top.js: status 404"),
    "host": ("<script>fetch('https://example.org/x').catch(() => 0)</script>", "other hosts", "asks for https://example.org/x"),
    "wide": ("<div style='width:2000px'>Wide</div>", "width", "px wide, first <div style="),
}  # fmt: skip


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """Look once at a site with a page for each fault, pages in order, and faults of some views only."""
    lack = browser.missing()
    if lack:
        pytest.fail(lack) if os.environ.get("CI") == "true" else pytest.skip(lack)
    folder = tmp_path_factory.mktemp("faults")
    (folder / "sub").mkdir()
    leads_on = '<html><head><meta http-equiv="refresh" content="0; url=index.html"></head></html>'
    dark = "<style>@media(prefers-color-scheme:dark){p{color:#444}}</style>"
    pages = {
        **{name: GOOD % body for name, (body, _, _) in FAULTS.items()},
        "index": GOOD % '<a href="sub/other.html">On</a>',
        "sub/other": GOOD % "",
        "leads-on": leads_on,
        "dark": GOOD % dark,
        "phone": GOOD % "<div style='width:800px'>Wide for a telephone</div>",
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    checks = browser.check_in_browser(folder)
    assert checks.pages == len(pages) - 1, "a page that only leads on is not looked at"
    assert set(checks.done) == {"accessibility", "console", "requests", "other hosts", "width"}
    return {name: [f for f in checks.findings if f.page == f"{name}.html"] for name in pages}


@pytest.mark.parametrize("name", ["index", "sub/other", "leads-on"])
def test_a_page_in_order_passes(findings: dict[str, list[Finding]], name: str) -> None:
    assert findings[name] == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_and_nothing_else(findings: dict[str, list[Finding]], name: str) -> None:
    _, check, words = FAULTS[name]
    assert {f.check for f in findings[name]} == {check}
    assert words in findings[name][0].detail
    if check != "width":  # what every view has is said once, and no view is named
        assert len(findings[name]) == 1
        assert not findings[name][0].detail.endswith(")")


def test_a_fault_of_one_theme_or_one_width_names_it(findings: dict[str, list[Finding]]) -> None:
    (dark,), (phone,) = findings["dark"], findings["phone"]
    assert dark.check == "accessibility" and dark.detail.endswith(" (dark, 1400 px; dark, 390 px)")
    assert phone.check == "width" and phone.detail.endswith(" (light, 390 px; dark, 390 px)")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.missing() == "no Chromium is on the PATH"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert browser.missing() == "playwright is not installed"
