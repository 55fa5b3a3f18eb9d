"""Checks of a built site in a real browser: accessibility, errors, requests, width."""

from __future__ import annotations

import functools
import http.server
import importlib.util
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from .document import Site
from .findings import Checks, Finding

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No host but this machine has a name, so that nothing can leave while the site is looked at.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
SUB_PATH = "sub/path"
WIDTHS = (1400, 390)
THEMES = ("light", "dark")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")  # axe-core's names for WCAG 2.1, levels A and AA
BY_WIDTH = ("accessibility", "width")  # the others are noted once for each theme, as the page loads
DONE = ("accessibility", "console", "requests", "other hosts", "width")
WIDER = """() => {
  const limit = document.documentElement.clientWidth;
  if (Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) <= limit) return "";
  const held = e => {  // by a box that scrolls by itself
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
      if (getComputedStyle(p).overflowX !== "visible") return true;
    return false;
  };
  const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > limit + 1 && !held(e));
  return `${document.documentElement.scrollWidth} px wide, first ${out.length ? out[0].outerHTML.slice(0, 80) : "unknown"}`;
}"""


def missing() -> str:
    """Return what the browser's checks lack on this machine, empty if nothing."""
    for name, package in (("playwright", "playwright"), ("axe_playwright_python", "axe-playwright-python")):
        if importlib.util.find_spec(name) is None:
            return f"{package} is not installed"
    return "" if find_browser() else "no Chromium is on the PATH"


def find_browser() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a site from the loopback address, below a sub-path as a project's pages are; give its address.

    Parameters
    ----------
    site : path
        The folder with ``index.html``.
    """
    with tempfile.TemporaryDirectory(prefix="segkit-") as folder:
        place = Path(folder) / SUB_PATH
        place.parent.mkdir(parents=True)
        place.symlink_to(site.resolve(), target_is_directory=True)
        handler = functools.partial(_Quiet, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/{SUB_PATH}"
            finally:
                server.shutdown()


@contextmanager
def started() -> Iterator[Browser]:
    """Start the system's Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Notes:
    """What a browser reports while pages load: the current page's faults, each with the views that have it.

    Parameters
    ----------
    base : str
        The site's address.
    """

    base: str
    page: str = ""
    theme: str = ""
    found: dict[Finding, list[str]] = field(default_factory=dict)

    def add(self, check: str, detail: str, width: int | None = None) -> None:
        """Note a fault of the page in its present theme, and at one width where that matters."""
        view = self.theme if width is None else f"{self.theme}, {width} px"
        views = self.found.setdefault(Finding(self.page, check, detail), [])
        if view not in views:
            views.append(view)

    def watch(self, context: BrowserContext) -> None:
        """Listen to everything that the pages of a context say and ask for."""
        context.on("request", lambda r: self._asked(r.url))
        context.on("requestfailed", lambda r: self._failed(r.url, r.failure or "failed"))
        context.on("response", lambda r: self._failed(r.url, f"status {r.status}") if r.status >= 400 else None)
        context.on("console", lambda m: self._said(m.type, m.text))
        context.on("weberror", lambda e: self.add("console", str(e.error).splitlines()[0][:160]))

    def _ours(self, url: str) -> bool:
        parts, base = urlsplit(url), urlsplit(self.base)
        return parts.scheme in ("data", "blob", "about") or parts.netloc == base.netloc

    def _asked(self, url: str) -> None:
        if not self._ours(url):
            self.add("other hosts", f"asks for {url[:160]}")

    def _failed(self, url: str, why: str) -> None:
        if self._ours(url) and "ERR_ABORTED" not in why:
            self.add("requests", f"{unquote(urlsplit(url).path)[:120]}: {why}")

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:  # that is noted as a request
            self.add("console", text.splitlines()[0][:160])

    def findings(self) -> Iterator[Finding]:
        """Yield what was noted; views are named where not all have the fault."""
        for fault, views in self.found.items():
            every = len(THEMES) * (len(WIDTHS) if fault.check in BY_WIDTH else 1)
            where = "" if len(views) == every else f" ({'; '.join(views)})"
            yield Finding(fault.page, fault.check, fault.detail + where)


def accessibility(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.1 AA on the open page, one line per rule.

    Source: Deque Systems, axe-core rules tagged ``wcag2a``, ``wcag2aa``, ``wcag21a`` and ``wcag21aa``.
    """
    from axe_playwright_python.sync_playwright import Axe

    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": list(RULES)}, "resultTypes": ["violations"]}
    out = []
    for rule in Axe().run(page, options=options).response["violations"]:
        nodes = rule["nodes"]
        place = " ".join(str(t) for t in nodes[0]["target"])
        reason = " ".join(c["message"] for c in [*nodes[0]["any"], *nodes[0]["all"], *nodes[0]["none"]][:1])
        out.append(f"{rule['id']}: {rule['help']}; {len(nodes)} places, first {place[:120]}: {reason[:200]}")
    return out


def check_in_browser(site: Path, pages: list[str] | None = None, *, browser: Browser | None = None) -> Checks:
    """Look at every page of a site at two widths, light and dark.

    Parameters
    ----------
    site : path
        The folder with ``index.html``.
    pages : list of str, optional
        Files from the site's root; when not given, all but those that only lead on.
    browser : Browser, optional
        One that runs already; one is started and ended here when not given.
    """
    began = time.perf_counter()
    names = pages or [n for n, page in Site(site).documents.items() if not page.leads_on]
    with served(site) as base, nullcontext(browser) if browser else started() as browser:
        notes = Notes(base)
        for theme in THEMES:
            view: Any = {"viewport": {"width": WIDTHS[0], "height": 900}, "color_scheme": theme}
            with browser.new_context(**view, reduced_motion="reduce") as context:
                notes.watch(context)
                for name in names:
                    _look(context, base, name, theme, notes)
        found = sorted(notes.findings())
    return Checks(tuple(found), len(names), DONE, time.perf_counter() - began)


def _look(context: BrowserContext, base: str, name: str, theme: str, notes: Notes) -> None:
    """Open one page, and look at it at each width."""
    page = context.new_page()
    try:
        notes.page, notes.theme = name, theme
        page.goto(f"{base}/{name}", wait_until="load")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wider = page.evaluate(WIDER)
            if wider:
                notes.add("width", wider, width)
            for line in accessibility(page):
                notes.add("accessibility", line, width)
    finally:
        page.close()
