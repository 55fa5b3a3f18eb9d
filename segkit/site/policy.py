"""The Content-Security-Policy of every page, and what a page is changed for so that it works under it.

No page has a script of its own text: what runs are files of the site, so ``script-src 'self'`` is enough, and markup that
came out of data or of a cell runs nothing, however it got there. Three things make that so.

- The embedded engine's page names only files.
- Quarto writes two scripts and four ``onclick`` into each page. The scripts are moved into files, but only where each of
  their lines is a line of Quarto's own templates; what a page holds beside is left where it is, does not run, and is
  refused by the checks. Neither its place on the page nor its id speaks for a script, since markup can imitate both. The
  ``onclick`` are three known texts, and a listener of `quarto.js` takes their place.
- ``404.html`` is served at addresses of any depth, where no relative address leads to a file. Its one line is known by its
  text and allowed by its hash, and it alone may set a base, of its own host.

Styles may stand in the page: drawings, widths of columns and Quarto's own tooltips are set by attributes, which no hash can
name. What a style could load is bounded by ``img-src`` and ``font-src``, so it cannot tell another host anything. ``'self'``
covers ``file:`` too when the folder is read from disk (tried in Chromium).
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .. import scratch
from .addresses import BASE_SCRIPT

RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "object-src": "'none'",
    "frame-src": "'none'",
}
MISSING_PAGE = "404.html"
HERE = Path(__file__).parent
LIBRARY = "site_libs/segkit"
HEAD = re.compile(r"<head(?:\s[^>]*)?>", re.I)
SCRIPT = re.compile(
    r'<script id="(quarto-html-(?:before|after)-body)" type="application/javascript">(.*?)</script>', re.S
)
CLICKS = {
    ' onclick="if (window.quartoToggleHeadroom) { window.quartoToggleHeadroom(); }"': ' data-sk-click="headroom"',
    ' onclick="window.quartoOpenSearch();"': ' data-sk-click="search"',
    ' onclick="window.quartoToggleColorScheme(); return false;"': ' data-sk-click="theme"',
}
TAG = re.compile(r"(<%.*?%>)")
# What a template may fill in: a word, a number, a glyph of an icon font; nothing that could end a text or call anything.
VALUE = r"[\w .,!?\ue000-\uf8ff-]*"


def policy(page: str = "", inline: str = "") -> str:
    """Return the policy of a page.

    Parameters
    ----------
    page : str
        Its file, from the site's root.
    inline : str
        The script that stands in the page and is the project's own (see `own_script`).

    Examples
    --------
    >>> policy()[:38]
    "default-src 'none'; script-src 'self';"
    """
    rules = dict(RULES)
    if page == MISSING_PAGE and inline:
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        rules |= {"script-src": f"'self' 'sha256-{digest}'", "base-uri": "'self'"}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def own_script(page: str, text: str) -> bool:
    """Tell whether a script that stands in a page is the project's own: the line by which ``404.html`` finds the site."""
    return page == MISSING_PAGE and BASE_SCRIPT.fullmatch(text) is not None


def made_of(template: str, text: str) -> bool:
    """Tell whether every line of a script is a line of a template of Quarto's, with words or numbers filled in.

    Examples
    --------
    >>> made_of('let a = "<%- word %>";<% if (b) { %>\\n  go();<% } %>', 'let a = "Copied!";\\ngo();')
    True
    >>> made_of('let a = "<%- word %>";', 'let a = "";go();"";')
    False
    """
    plain, filled = {""}, []
    for line in map(str.strip, template.splitlines()):
        parts = TAG.split(line)
        if len(parts) == 1:
            plain.add(line)
        else:
            written = (f"(?:{re.escape(p)})?" if i % 2 == 0 else VALUE * (p[2] in "=-") for i, p in enumerate(parts))
            filled.append(re.compile("".join(written)))
    lines = (line.strip() for line in text.splitlines())
    return all(line in plain or any(p.fullmatch(line) for p in filled) for line in lines)


def apply(site: Path, templates: Callable[[], str]) -> None:
    """Put the policy into every page of a built site, first in its head, and move what it would stop. Twice is once.

    Parameters
    ----------
    site : path
        The built site, complete but for this.
    templates : callable
        Gives the text of Quarto's templates; called only where a page has scripts that Quarto writes.
    """
    known: dict[str, bool] = {}

    def moved(hit: re.Match[str], up: str) -> str:
        if hit[2] not in known:
            known[hit[2]] = made_of(templates(), hit[2])
        if not known[hit[2]]:
            return hit[0]
        name = f"{LIBRARY}/{hit[1]}-{hashlib.sha256(hit[2].encode()).hexdigest()[:8]}.js"
        scratch.write(site / name, hit[2])
        return f'<script src="{up}{name}"></script>'

    for page in sorted(p for p in site.rglob("*") if p.suffix.lower() in (".html", ".htm") and p.is_file()):
        name, text = page.relative_to(site).as_posix(), page.read_text("utf-8")
        up = "../" * name.count("/")
        changed = SCRIPT.sub(partial(moved, up=up), text)
        for attribute, mark in CLICKS.items():
            changed = changed.replace(attribute, mark)
        if changed != text:
            (site / LIBRARY).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(HERE / "quarto.js", site / LIBRARY / "quarto.js")
            link = f'<script src="{up}{LIBRARY}/quarto.js" defer></script>\n'
            changed = changed.replace("</head>", f"{link}</head>", 1)
        own = BASE_SCRIPT.search(changed) if name == MISSING_PAGE else None
        tag = f'<meta http-equiv="Content-Security-Policy" content="{policy(name, own[0] if own else "")}">'
        head = HEAD.search(changed)
        if head and not changed.startswith(f"\n{tag}", head.end()):
            changed = f"{changed[: head.end()]}\n{tag}{changed[head.end() :]}"
        if changed != text:
            scratch.write(page, changed)
