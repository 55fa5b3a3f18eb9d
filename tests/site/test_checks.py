"""Checks of a built folder: each on a page that is in order and on pages that are not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from segkit.site.checks import STATIC, Checks, Finding, check_files
from segkit.site.checks.document import Document, address, parse
from segkit.site.checks.links import in_sets, in_style
from segkit.site.checks.loads import LIMIT, in_script
from segkit.site.policy import policy

POLICY = f'<meta http-equiv="Content-Security-Policy" content="{policy()}">'
HEAD = '<meta charset="utf-8"><title>A title</title><meta name="description" content="What it says.">'
WORDS = "<h1>A heading</h1><p>" + "Some words that fill a page, for a page must say something. " * 2 + "</p>"


def page(body: str = "", *, head: str = HEAD, attributes: str = ' lang="en-GB"', words: str = WORDS) -> str:
    return f"<!doctype html><html{attributes}><head>{POLICY}{head}</head><body><main>{words}{body}</main></body></html>"


def check(folder: Path, files: Mapping[str, str | bytes]) -> list[tuple[str, str, str]]:
    """Write a site and return what its checks find."""
    for name, text in {"index.html": page(), **files}.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [(f.page, f.check, f.detail) for f in check_files(folder).findings]


def found(folder: Path, body: str, **more: str | bytes) -> list[tuple[str, str]]:
    """Return check and detail for one body on a page below the site's root."""
    return [(c, d) for p, c, d in check(folder, {"a/b.html": page(body), **more}) if p == "a/b.html"]


GOOD = """
<nav><a href="../index.html">Home</a> <a href="#here">Here</a> <a href="">Again</a> <a href="#">Top</a></nav>
<h2 id="here">Here</h2><a name="old"></a>
<p><a href="../index.html?x=1#top">Home</a>, <a href="b.html#old">old</a>, <a href="..">folder</a>,
<a href="https://example.org/x">elsewhere</a>, <a href="mailto:a@example.org">mail</a></p>
<figure><img src="../p%20q.png" alt="A line that rises."><figcaption>It rises.</figcaption></figure>
<div role="img" aria-label="A map."><svg><path d="M0 0"/></svg></div>
<svg role="img" aria-labelledby="name"><title id="name">A drawing</title></svg>
<img src="../p%20q.png" alt=""><img srcset="../p%20q.png 1x, ../p%20q.png 2x" alt="x">
<pre>@fig-one and {{&lt; meta x &gt;}} and ??</pre><p>Is it so? Yes! a@fig-x.org</p>
<p><span class="citation">(<a href="#here"><strong>Hubert</strong> 1985</a>)</span></p>
<script type="application/json">{"note": "https://example.org is a word here"}</script>
<div style="background: url(../p%20q.png)"></div><a href="../downloads/k.csv">CSV</a>
"""


def test_a_site_in_order_passes_every_check(tmp_path: Path) -> None:
    files = {
        "p q.png": b"x",
        "downloads/k.csv": "k\n2\n",
        "a/b.html": page(GOOD),
        "site.css": "@font-face { src: url(a/f.woff2?v=1#x) } b { background: url('data:image/png;base64,xx') }",
        "a/f.woff2": b"x",
        "moved.html": f'<html><head>{POLICY}<title>x</title><meta http-equiv="refresh" content="0; url=a/b.html"></head></html>',
    }
    assert check(tmp_path, files) == []


@pytest.mark.parametrize(
    ("body", "name", "detail"),
    [
        ('<a href="gone.html">x</a>', "links", "leads to nothing: gone.html (line 1)"),
        ('<a href="../downloads/gone.csv">CSV</a>', "links", "leads to nothing: ../downloads/gone.csv (line 1)"),
        ('<a href="../../other/index.html">x</a>', "links", "leads to nothing: ../../other/index.html (line 1)"),
        ('<a href="../index.html#gone">x</a>', "links", "leads to no anchor: ../index.html#gone (line 1)"),
        ('<a href="#gone">x</a>', "links", "leads to no anchor: #gone (line 1)"),
        ('<img src="gone.png" alt="x">', "links", "leads to nothing: gone.png (line 1)"),
        ('<img srcset="gone.png 2x" alt="x">', "links", "leads to nothing: gone.png (line 1)"),
        ('<i style="background:url(gone.png)"></i>', "links", "leads to nothing: gone.png (line 1)"),
        ("<style>@import 'gone.css';</style>", "links", "leads to nothing: gone.css (line 1)"),
        ('<svg><use href="#gone"/></svg>', "", ""),  # within a drawing the browser's checks see it
        (
            '<a href="/index.html">x</a>',
            "links",
            "starts at the top of the host, so it breaks below a sub-path: /index.html (line 1)",
        ),
        ('<img src="../index.html">', "alternatives", "picture without alternative text: index.html (line 1)"),
        (
            '<figure><img src="../index.html" alt=""><figcaption>x</figcaption></figure>',
            "alternatives",
            "picture of a figure with an empty alternative text: index.html (line 1)",
        ),
        ('<div role="img"></div>', "alternatives", "div with role img without a name (line 1)"),
        (
            '<svg role="img" aria-labelledby="gone"></svg>',
            "alternatives",
            "svg with role img without a name (line 1)",
        ),
        (
            '<figure><svg></svg><figcaption> </figcaption></figure>',
            "alternatives",
            "figure without a caption (line 1)",
        ),
        ("<p>See <strong>?@fig-map</strong>.</p>", "references", "unresolved: ?@fig-map"),
        ("<p>See Figure&nbsp;??.</p>", "references", "unresolved: ??"),
        ("<p>See @tbl-k.</p>", "references", "unresolved: @tbl-k"),
        ("<p>{{&lt; meta title &gt;}}</p>", "references", "unresolved: {{< meta title >}}"),
        ("<p>`{python} n`</p>", "references", "unresolved: `{python}"),
        ("<p><code>{python} n</code></p>", "references", "expression that was not computed: {python} n"),
        (
            '<span class="citation" data-cites="gone">(<strong>gone?</strong>)</span>',
            "references",
            "citation without a source: gone?",
        ),
        ('<i id="x"></i><b id="x"></b>', "ids", "2 elements have the id 'x'"),
        ('<i id=""></i>', "ids", "1 elements have the id ''"),
    ],
)  # fmt: skip
def test_each_fault_of_a_body_is_found(tmp_path: Path, body: str, name: str, detail: str) -> None:
    assert found(tmp_path, body) == ([(name, detail)] if name else [])


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "script loads https://cdn.example/x.js"),
        ('<script src="//cdn.example/x.js"></script>', "script loads //cdn.example/x.js"),
        ('<link rel="stylesheet" href="https://fonts.example/x">', "link loads https://fonts.example/x"),
        ('<link rel="preconnect" href="https://fonts.example">', "link loads https://fonts.example"),
        ('<img src="http://pixel.example/p.gif" alt="">', "img loads http://pixel.example/p.gif"),
        ('<img srcset="a.example 1x, https://b.example/p 2x" alt="">', "img loads https://b.example/p"),
        ('<iframe src="https://video.example/v" title="x"></iframe>', "iframe loads https://video.example/v"),
        ('<object data="https://o.example/x"></object>', "object loads https://o.example/x"),
        ("<style>@import url(https://c.example/x.css);</style>", "style loads https://c.example/x.css"),
        ('<a href="#" style="background:url(https://c.example/x)">x</a>', "a loads https://c.example/x"),
        ('<script>fetch("https://api.example/x")</script>', "script loads https://api.example/x"),
        ("<script type='module'>import x from 'https://m.example/x'</script>", "script loads https://m.example/x"),
        ('<img src="file:///etc/x.png" alt="">', "img loads file:///etc/x.png"),
        ('<svg><image href="https://i.example/x"/></svg>', "image loads https://i.example/x"),
    ],
)
def test_what_a_browser_would_ask_another_host_for_is_found(tmp_path: Path, body: str, what: str) -> None:
    assert ("other hosts", f"{what} (line 1)") in found(tmp_path, body)


@pytest.mark.parametrize(
    "body",
    [
        '<link rel="canonical" href="https://example.org/">',
        '<link rel="license" href="https://example.org/licence">',
        "<form></form>",
        '<script type="application/ld+json">{"@context": "https://schema.org", "x": "fetch(\'https://a.b\')"}</script>',
        '<img src="data:image/gif;base64,xx" alt="">',
        '<svg xmlns:xlink="http://www.w3.org/1999/xlink"></svg>',
    ],
)
def test_what_no_browser_loads_by_itself_passes(tmp_path: Path, body: str) -> None:
    assert found(tmp_path, body) == []


def test_a_base_is_refused_since_it_moves_every_address(tmp_path: Path) -> None:
    assert {check for check, _ in found(tmp_path, '<base href="https://example.org/">')} == {
        "other hosts",
        "active content",
    }


def test_stylesheets_and_scripts_are_read_too(tmp_path: Path) -> None:
    files = {
        "libs/a.css": "b { background: url(gone.png) } /* url(https://c.example/no) */ @import 'https://c.example/x';",
        "libs/a.js": "const say = 'https://d.example'; fetch(`https://e.example/x`); el.src = '//f.example/y';",
    }
    assert check(tmp_path, files) == [
        ("libs/a.css", "links", "no such file: gone.png"),
        ("libs/a.css", "other hosts", "the stylesheet loads https://c.example/x"),
        ("libs/a.js", "other hosts", "the script loads //f.example/y"),
        ("libs/a.js", "other hosts", "the script loads https://e.example/x"),
    ]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (page(attributes=""), "no language"),
        (page(attributes=' lang="English, of course"'), "no language"),
        (page(head='<meta name="description" content="x">'), "no title"),
        (page(head='<title> </title><meta name="description" content="x">'), "no title"),
        (page(head="<title>x</title>"), "no description"),
        (page(head='<title>x</title><meta name="description" content=" ">'), "no description"),
        (page("<h1>Another</h1>"), "2 main headings (h1)"),
    ],
)
def test_a_head_that_does_not_tell_what_the_page_is(tmp_path: Path, text: str, detail: str) -> None:
    assert check(tmp_path, {"a.html": text}) == [("a.html", "head", detail)]


def test_a_page_without_words_is_found(tmp_path: Path) -> None:
    empty = page(
        '<script type="application/json">"words that nobody reads on this page, ever, at all, I say"</script>',
        words="<h1>x</h1>",
    )
    assert check(tmp_path, {"a.html": empty}) == [("a.html", "text", "1 words; a page has at least 10")]


def test_weight_is_the_page_with_its_own_pictures_and_without_what_all_share(tmp_path: Path) -> None:
    picture = '<img src="p.png" alt="x"><img src="p.png" alt="x"><img src="site_libs/q.png" alt="x">'
    html = page(picture)
    free = LIMIT - len(html.encode())
    files = {"a.html": html, "site_libs/q.png": b"x" * LIMIT, "p.png": b"x" * free}
    assert check(tmp_path, files) == []
    assert check(tmp_path, {"p.png": b"x" * (free + 1)}) == [
        ("a.html", "weight", "1.50 MB with 1 pictures; at most 1.5 MB")
    ]


def test_a_page_that_leads_on_must_lead_somewhere(tmp_path: Path) -> None:
    text = (
        f'<html><head>{POLICY}<title>x</title><meta http-equiv="refresh" content="0; URL=\'gone.html\'"></head></html>'
    )
    assert check(tmp_path, {"a.html": text}) == [("a.html", "links", "leads to nothing: gone.html (line 1)")]


def test_the_result_names_what_was_done_and_is_a_table(tmp_path: Path) -> None:
    check(tmp_path, {"a.html": page('<a href="gone.html">x</a>')})
    checks = check_files(tmp_path)
    assert checks.pages == 2 and not checks.clean and checks.done == tuple(STATIC)
    assert checks.table.to_dict("records") == [
        {"page": "a.html", "check": "links", "detail": "leads to nothing: gone.html (line 1)"}
    ]
    assert str(checks.findings[0]) == "a.html: links: leads to nothing: gone.html (line 1)"
    other = Checks((Finding("a.html", "console", "x"),), 1, ("console",), 1.0)
    both = checks + other
    assert [f.check for f in both.findings] == ["console", "links"]
    assert both.pages == 2 and both.done == (*STATIC, "console") and both.seconds > 1


def test_the_tree_survives_markup_that_is_not_closed_or_not_opened() -> None:
    root = parse("<div><p>One<p>Two</b></div></section><br><i>Three</i>&amp;")
    assert root.text() == "OneTwoThree&"
    assert [c.tag for c in root.children if not isinstance(c, str)] == ["div", "br", "i"]


def test_of_an_attribute_given_twice_the_first_counts_as_in_a_browser() -> None:
    """HTML Living Standard, 13.2.5.33: a duplicate attribute is dropped."""
    assert Document("x", '<a href="one" href="two">').find("a")[0].get("href") == "one"


def test_addresses_are_taken_apart() -> None:
    at = address(" a%20b.html?x#y%20z ")
    assert (at.path, at.anchor, at.internal, at.elsewhere) == ("a b.html", "y z", True, False)
    assert address("http://[").elsewhere and address("HTTPS://X/").elsewhere and address("\t//x\n/y").elsewhere
    assert not address("mailto:a@b").elsewhere and not address("mailto:a@b").internal
    assert in_sets("data:image/png;base64,a,b 1x") == []
    assert list(in_style("url(\"a b.png\") url( 'c.png' )")) == ["a b.png", "c.png"]
    assert list(in_script('x.open("GET", "https://a.example"); new WebSocket("wss://b.example")')) == [
        "https://a.example", "wss://b.example",
    ]  # fmt: skip
