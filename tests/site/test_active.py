"""What the checks refuse because it could run: one page for each way in, and pages in order that pass.

The ways are from the OWASP cheat sheet on filter evasion, PortSwigger's cheat sheet on cross-site scripting, and the cases of
mutation (mXSS) that Heiderich and others describe, written anew; each is opened by hand-made markup, not by a tool.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from test_checks import POLICY, check, found, page

from segkit.site import addresses
from segkit.site.checks import browser
from segkit.site.policy import RULES, policy

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">%s</svg>'

RUNS = {
    "handler": '<img src="../p.png" alt="" onerror="alert(1)">',
    "handler in capitals": '<b OnClick="alert(1)">x</b>',
    "handler after a slash": "<b/onclick=alert(1)>x</b>",
    "handler without a space": '<b title="x"onclick="alert(1)">x</b>',
    "handler of a drawing": '<svg onload="alert(1)"></svg>',
    "handler of a fold": "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "script": "<script>alert(1)</script>",
    "script in capitals": "<ScRiPt>alert(1)</sCrIpT>",
    "module": '<script type="module">alert(1)</script>',
    "import map": '<script type="importmap">{}</script>',
    "speculation": '<script type="speculationrules">{}</script>',
    "script of old": '<script type="text/jscript">alert(1)</script>',
    "script with the project's id": '<script id="quarto-html-after-body" type="application/javascript">alert(1)</script>',
    "script that looks like the missing page's": f"<script>{addresses.MARK}alert(1)</script>",
    "script of another host": '<script src="https://evil.example/x.js"></script>',
    "script that holds itself": '<script src="data:text/javascript,alert(1)"></script>',
    "script from the downloads": '<script src="../downloads/x.csv"></script>',
    "script from beside": '<script src="x.js"></script>',
    "script in a drawing": '<svg><script href="../site_libs/a.js"></script></svg>',
    "javascript": '<a href="javascript:alert(1)">x</a>',
    "javascript in capitals": '<a href=" JaVaScRiPt:alert(1)">x</a>',
    "javascript behind a control character": '<a href="\x01javascript:alert(1)">x</a>',
    "javascript with a tab": '<a href="java&Tab;script&colon;alert(1)">x</a>',
    "vbscript": '<a href="vbscript:msgbox(1)">x</a>',
    "page that holds itself": '<a href="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;">x</a>',
    "drawing to open": '<a href="data:image/svg+xml,x">x</a>',
    "blob": '<a href="blob:https://x.example/1">x</a>',
    "javascript in a map": '<map name="m"><area href="javascript:alert(1)" alt="x"></map>',
    "javascript in a drawing": '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "javascript in a formula": '<math><mtext href="javascript:alert(1)">x</mtext></math>',
    "drawing that sets an address": '<svg><a><animate attributeName="href" values="#a;javascript:alert(1)"/></a></svg>',
    "use of a drawing": '<svg><use href="data:image/svg+xml,x#y"/></svg>',
    "button": '<button formaction="javascript:alert(1)">x</button>',
    "form": '<form action="https://evil.example/x"><input></form>',
    "ping": '<a href="../index.html" ping="https://evil.example/x">x</a>',
    "frame": '<iframe src="../index.html" title="x"></iframe>',
    "frame with a page": '<iframe srcdoc="x" title="x"></iframe>',
    "object": '<object data="../index.html"></object>',
    "embed": '<embed src="../index.html">',
    "base": '<base href="https://evil.example/">',
    "html in a drawing": "<svg><foreignObject><p>x</p></foreignObject></svg>",
    "refresh to a script": '<meta http-equiv="refresh" content="0; url=javascript:alert(1)">',
    "refresh to a page": '<meta http-equiv="refresh" content="0; url=data:text/html,x">',
    "refresh to another host": '<meta http-equiv="refresh" content="0;https://evil.example/">',
    "cookie": '<meta http-equiv="set-cookie" content="a=b">',
    "style": '<i style="background:url(javascript:alert(1))"></i>',
    "style in disguise": r'<i style="background:u\72l(//evil.example)"></i>',
    "stylesheet that holds itself": '<link rel="stylesheet" href="data:text/css,x">',
    "tag in a comment": "<!--><img src=x onerror=alert(1)>-->",
    "tag after a bad comment": "<!-- --!><img src=x onerror=alert(1)> -->",
    "tag in a style of a drawing": "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "tag in a title": '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></p></noscript>',
    "tag in a text": '<textarea title="</textarea><img src=x onerror=alert(1)>"></textarea>',
    "tag in data": '<script type="application/json"><!--<script></script><img src=x onerror=alert(1)></script>',
    "mutation": '<math><mtext><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
}  # fmt: skip


@pytest.mark.parametrize("way", RUNS)
def test_each_way_in_is_refused(tmp_path: Path, way: str) -> None:
    files = {"p.png": b"x", "downloads/x.csv": "a", "site_libs/a.js": "", "a/x.js": ""}
    faults = [detail for name, detail in found(tmp_path, RUNS[way], **files) if name == "active content"]
    assert faults, way
    assert not any("\x01" in f or len(f) > 200 for f in faults)


def test_what_a_page_may_hold_passes(tmp_path: Path) -> None:
    body = """
    <script src="../site_libs/a.js" defer></script><script type="module" src="../assets/b.js"></script>
    <script type="application/ld+json">{"@context": "https://schema.org", "name": "\\u003cscript>"}</script>
    <p>javascript: is a word, and so is onclick=1; <code>&lt;img src=x onerror=alert(1)&gt;</code></p>
    <p title="javascript: in a title" data-x="on = off">x</p><form><label>x <input name="one"></label></form>
    <img src="data:image/png;base64,xx" alt="x"><a href="https://example.org/?onload=1">x</a> <a href="tel:+1">x</a>
    <svg role="img" aria-label="x"><defs><style>*{stroke:red}</style></defs><use href="#here"/><path fill="url(#here)"/></svg>
    <i id="here" style="background:url(data:image/gif;base64,xx)"></i>"""
    files = {
        "a/b.html": page(body),
        "site_libs/a.js": "x.onclick = 1",
        "assets/b.js": "",
        "site_libs/a.css": "b{src:url(data:font/woff2;base64,x);background:url('data:image/svg+xml,<svg/>')}",
        "downloads/f.svg": '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x">'
        + SVG
        % '<style>*{stroke:red}</style><path id="a"/><use xlink:href="#a"/><image href="data:image/png;base64,x"/>',
    }
    assert check(tmp_path, files) == []


@pytest.mark.parametrize(
    ("inner", "fault"),
    [
        ("<script>alert(1)</script>", "an element script"),
        ('<x:script xmlns:x="http://www.w3.org/2000/svg"/>', "an element script"),
        ("<foreignObject/>", "an element foreignobject"),
        ('<path onclick="alert(1)"/>', "an attribute onclick"),
        ('<image href="https://evil.example/x.png"/>', "image leads to https://evil.example/x.png"),
        ('<use xlink:href="other.svg#x"/>', "use leads to other.svg#x"),
        ('<a href="javascript:alert(1)"/>', "a leads to javascript:alert(1)"),
        ('<set attributeName="href" to="javascript:alert(1)"/>', "set sets javascript:alert(1)"),
        ("<style>@import 'x.css';</style>", "a style that loads something"),
        ('<path style="fill:url(https://evil.example/x)"/>', "path loads fill:url(https://evil.example/x)"),
        ("<path>", "no XML"),
    ],
)
def test_a_drawing_that_runs_or_loads_is_refused(tmp_path: Path, inner: str, fault: str) -> None:
    assert check(tmp_path, {"d/x.svg": SVG % inner}) == [("d/x.svg", "drawings", fault)]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>',
        '<?xml-stylesheet href="x.css"?><svg/>',
        '<?xml version="1.0" encoding="utf-7"?><svg/>',
        "<svg/>".encode("utf-16"),
    ],
)
def test_a_drawing_that_is_read_in_other_ways_is_refused(tmp_path: Path, text: str | bytes) -> None:
    assert [c for _, c, _ in check(tmp_path, {"x.svg": text})] == ["drawings"]


def test_kinds_of_page_that_are_not_read_are_refused(tmp_path: Path) -> None:
    assert [p for p, _, _ in check(tmp_path, {"x.xhtml": "x", "y.XML": "x", "z.csv": "x"})] == ["x.xhtml", "y.XML"]


@pytest.mark.parametrize("directive", RULES)
def test_a_policy_without_one_of_its_directives_is_refused(tmp_path: Path, directive: str) -> None:
    weak = "; ".join(f"{k} {v}" for k, v in RULES.items() if k != directive)
    text = page().replace(policy(), weak)
    assert check(tmp_path, {"a.html": text}) == [
        ("a.html", "policy", f"not the project's Content-Security-Policy: {directive} is missing")
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (page().replace(POLICY, ""), "no Content-Security-Policy"),
        (page().replace(POLICY, "").replace("</head>", f"{POLICY}</head>"), "is not the first in the head"),
        (page().replace(POLICY, POLICY + POLICY), "2 Content-Security-Policies"),
        (page().replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"), "script-src 'self' 'unsafe-inline'"),
        (page().replace("connect-src 'self'", "connect-src *"), "connect-src *"),
        (page().replace("default-src", "script-src *; default-src"), "script-src *"),
        (page().replace("base-uri 'none'", "base-uri 'self'"), "base-uri 'self'"),
        (page().replace("frame-src", "worker-src *; frame-src"), "worker-src *"),
    ],
)
def test_a_policy_that_allows_more_or_stands_later_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    ((name, kind, detail),) = check(tmp_path, {"a.html": text})
    assert (name, kind) == ("a.html", "policy") and fault in detail


def test_nothing_of_it_runs_under_the_policy(tmp_path: Path) -> None:
    """Each way in is opened in the browser: no dialogue opens, also where the checks were not asked."""
    lack = browser.missing()
    if lack:
        pytest.fail(lack) if os.environ.get("CI") == "true" else pytest.skip(lack)
    opened: list[str] = []
    ways = {
        f"{n}.html": page(body) for n, body in enumerate(RUNS.values()) if "refresh" not in body
    }  # a move is no script
    ways["free.html"] = page("<script>alert(1)</script>").replace(POLICY, "")
    with browser.started() as chromium, chromium.new_context() as context:
        for name, text in ways.items():
            (tmp_path / name).write_text(text, "utf-8")
            tab = context.new_page()
            tab.on("dialog", lambda d, name=name: (opened.append(name), d.dismiss()))
            tab.goto((tmp_path / name).as_uri())
            tab.evaluate("document.querySelectorAll('main :is([href*=script i], b, button)').forEach(e => e.click?.())")
            tab.close()
    assert opened == ["free.html"], "without a policy the same markup runs"
