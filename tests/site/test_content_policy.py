"""The policy of every page: what is put into it, and which scripts are moved so that they run under it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from segkit.errors import BuildError
from segkit.site import addresses, engine
from segkit.site import policy as policies
from segkit.site.checks import browser, check_files

HEAD = '<html lang="en"><head>\n<meta charset="utf-8"><title>x</title><meta name="description" content="x"></head>'
WORDS = "<h1>A page</h1><p>Some words that fill a page, for a page must say something, and this one does.</p>"
# As Quarto writes it (quarto-html-after-body.ejs, shortened).
TEMPLATE = """<% if (darkMode !== undefined) { %>
<script id="quarto-html-after-body" type="application/javascript">
  window.document.addEventListener("DOMContentLoaded", function (event) {
    const icon = "<%= anchors === true ? '\ue9cb' : anchors %>";
    document.body.setAttribute("title", "<%- language['copied'] %>");
    <% if (a) { %>event.stopPropagation();<% } %>
  });
</script>
<% } %>
"""
SCRIPT = """
  window.document.addEventListener("DOMContentLoaded", function (event) {
    const icon = "\ue9cb";

    document.body.setAttribute("title", "Copied!");
    event.stopPropagation();
  });
"""


def quarto_page(script: str, body: str = "") -> str:
    tag = f'<script id="quarto-html-after-body" type="application/javascript">{script}</script>'
    click = '<a href="" onclick="window.quartoToggleColorScheme(); return false;">Dark</a>'
    return f"<!DOCTYPE html>\n{HEAD}<body>{click}<main>{WORDS}{body}</main>{tag}</body></html>"


def settled(folder: Path, **pages: str) -> Path:
    """Write pages and settle them; a name's underscore stands for a folder."""
    for name, text in pages.items():
        file = folder / f"{name.replace('_', '/')}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    policies.apply(folder, lambda: TEMPLATE)
    return folder


def test_every_page_gets_it_first_in_its_head_and_once(tmp_path: Path) -> None:
    site = settled(tmp_path, index=quarto_page(SCRIPT), a_b=quarto_page(SCRIPT))
    once = {p: p.read_bytes() for p in site.rglob("*") if p.is_file()}
    policies.apply(site, lambda: TEMPLATE)
    assert {p: p.read_bytes() for p in site.rglob("*") if p.is_file()} == once
    for name in ("index.html", "a/b.html"):
        text = (site / name).read_text("utf-8")
        head = text.partition("<head>")[2]
        assert head.startswith(f'\n<meta http-equiv="Content-Security-Policy" content="{policies.policy()}">')
        assert len(text.partition('charset="utf-8"')[0].encode()) < 1024  # HTML, 4.2.5.4: within the first 1024 bytes
    assert check_files(site).findings == ()


def test_scripts_of_the_template_are_moved_and_run_as_files(tmp_path: Path) -> None:
    site = settled(tmp_path, a_b=quarto_page(SCRIPT))
    text = (site / "a" / "b.html").read_text("utf-8")
    (moved,) = (site / "site_libs" / "segkit").glob("quarto-html-after-body-*.js")
    assert moved.read_text("utf-8") == SCRIPT
    assert f'<script src="../site_libs/segkit/{moved.name}"></script>' in text
    assert "onclick" not in text and 'data-sk-click="theme"' in text and "<script>" not in text


@pytest.mark.parametrize(
    "line",
    [
        "alert(1)",
        'document.body.setAttribute("title", "Copied!");alert(1)',
        'document.body.setAttribute("title", "");alert("");',
        'const icon = "\\";alert(1)//";',
        "event.stopPropagation();event.stopPropagation();alert(1)",
    ],
)
def test_a_script_with_one_line_more_stays_and_is_refused(tmp_path: Path, line: str) -> None:
    site = settled(tmp_path, index=quarto_page(SCRIPT + line + "\n"))
    assert not (site / "site_libs" / "segkit").exists() or not list((site / "site_libs").rglob("quarto-html*"))
    assert [f.check for f in check_files(site).findings] == ["active content"]


def test_a_script_in_the_content_that_imitates_the_template_is_refused(tmp_path: Path) -> None:
    evil = '</main><script id="quarto-html-after-body" type="application/javascript">alert(1)</script><main>'
    site = settled(tmp_path, index=quarto_page(SCRIPT, body=evil))
    assert any("alert(1)" in f.detail for f in check_files(site).findings)
    assert "alert(1)" not in "".join(p.read_text("utf-8") for p in site.rglob("*.js"))


@pytest.mark.parametrize("address", ["https://a.example/report/", "https://a.example", "https://a.example/ü/"])
def test_the_missing_page_may_run_its_one_line_and_no_other(tmp_path: Path, address: str) -> None:
    (tmp_path / "index.html").write_text(f"{HEAD}<body><main>{WORDS}</main></body></html>", "utf-8")
    (tmp_path / "404.html").write_text(f"{HEAD}<body><main>{WORDS}</main></body></html>", "utf-8")
    addresses.settle_missing_page(tmp_path, address)
    policies.apply(tmp_path, lambda: "")
    assert check_files(tmp_path).findings == ()
    text = (tmp_path / "404.html").read_text("utf-8")
    assert "'sha256-" in text and "base-uri 'self'" in text
    (tmp_path / "other.html").write_text(text, "utf-8")
    assert {f.page for f in check_files(tmp_path).findings} == {"other.html"}


def test_a_line_like_that_of_the_missing_page_is_another() -> None:
    good = (
        addresses.MARK + 'if(!/\\/404(\\.html)?$/.test(location.pathname)){const b=document.createElement("base");'
        'b.setAttribute("href","/x/404.html");document.head.append(b)}'
    )
    assert policies.own_script("404.html", good)
    assert not policies.own_script("index.html", good)
    for other in (good + "alert(1)", good.replace("/x/", '/");alert("'), good.replace("/x/", "\\")):
        assert not policies.own_script("404.html", other)


def test_templates_are_asked_of_quarto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(BuildError, match="templates of Quarto cannot be found"):
        engine.quarto_templates()
    folder = tmp_path / "share" / "formats" / "html" / "templates"
    folder.mkdir(parents=True)
    (folder / "quarto-html-after-body.ejs").write_text(TEMPLATE, "utf-8")
    (tmp_path / "quarto").write_text(f"#!/bin/sh\necho {tmp_path}\necho {tmp_path}/share\n", "utf-8")
    (tmp_path / "quarto").chmod(0o755)
    assert engine.quarto_templates() == TEMPLATE


# Quarto's own rules for a dark page (1.9, theme darkly), from its stylesheets: what the report's stylesheet has to mend.
DARK = """<style>body{background:#222;color:#fff}pre{background:#303030}details>summary{color:#6c757d}
figcaption,.nav-footer,.blockquote-footer{color:#6c757d}.nav-footer{background:#222}section>*{opacity:.9}
code span.kw{color:#b86bff}</style>"""
BODY = """<details class="code-fold"><summary>Code</summary><p>x</p></details>
<figure><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="x"><figcaption>A caption</figcaption></figure>
<div class="blockquote-footer">Someone</div>
<p><math display="block"><mrow>%s</mrow></math></p>""" % ("<mi>x</mi><mo>+</mo>" * 80)


def test_quarto_pages_can_be_read_in_the_dark_and_by_keys(tmp_path: Path) -> None:
    """WCAG 1.4.3 and 2.1.1, without a Quarto: its rules and markup, our stylesheet and script, at both widths."""
    lack = browser.missing()
    if lack:
        pytest.fail(lack) if os.environ.get("CI") == "true" else pytest.skip(lack)
    css = (Path(__file__).parents[2] / "assets" / "segkit.css").read_text("utf-8")
    view = '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
    text = quarto_page(SCRIPT, body=BODY).replace("</title>", f"</title>{view}{DARK}<style>{css}</style>")
    text = text.replace("<body>", '<body class="quarto-dark">').replace(
        'href="" onclick', 'style="color:#fff" href="#" onclick'
    )
    bare = text.replace(f"<style>{css}</style>", "<style>p{overflow-x:auto}</style>")
    site = settled(tmp_path, index=text)
    (site / "bare.html").write_text(bare, "utf-8")
    with browser.started() as chromium:
        found = browser.check_in_browser(site, browser=chromium).findings
        assert [str(f) for f in found if f.page == "index.html"] == []
        rules = {f.detail.partition(":")[0] for f in found if f.page == "bare.html"}
        assert {"color-contrast", "scrollable-region-focusable"} <= rules
        with browser.served(site) as base, chromium.new_context(viewport={"width": 390, "height": 800}) as context:
            tab = context.new_page()
            tab.goto(f"{base}/index.html")
            expect(tab.locator("main p[tabindex='0']")).to_have_count(1)
            tab.evaluate("window.quartoToggleColorScheme = () => { document.title = 'toggled'; }")
            tab.locator("[data-sk-click=theme]").click()
            assert tab.title() == "toggled" and not tab.url.endswith("#")
