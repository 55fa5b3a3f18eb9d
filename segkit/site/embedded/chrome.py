"""Stage 4: the page around the body: sidebar, contents, previous and next, links to the source, footer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from .body import render_inline
from .links import head, stylesheets
from .model import Body, Page, is_external, plain
from .parse import QUARTO_ONLY_WEBSITE, listed

HERE = Path(__file__).parent
FOOTER_PARTS = ("left", "center", "right")
_HREF = re.compile(r'href="([^"#]+)"')
_SOURCE = re.compile(r'(href="[^":]+)\.qmd(["#])')
ACTIONS = {
    "edit": ("Edit this page", "{repo}/edit/{branch}/{path}"),
    "source": ("View source", "{repo}/blob/{branch}/{path}"),
    "issue": ("Report a problem", "{repo}/issues/new"),
}


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar, or a group of lines."""

    text: str
    href: str = ""  # from the site's root; empty for a group
    items: tuple[Entry, ...] = ()


class Chrome:
    """Puts the site around each page.

    Parameters
    ----------
    config : mapping
        What ``_quarto.yml`` says.
    bodies : list of Body
        All pages.
    root : path
        The site's folder.
    pandoc : str
        The program, for the Markdown of the footer.

    Attributes
    ----------
    faults : list of str
        What the settings ask for that is not there.
    """

    def __init__(self, config: Mapping[str, Any], bodies: list[Body], root: Path, pandoc: str) -> None:
        self.site: Mapping[str, Any] = config.get("website") or {}
        self.root = root
        refused = sorted(QUARTO_ONLY_WEBSITE & self.site.keys())
        self.faults = [f"_quarto.yml: website.{name}: only Quarto does this" for name in refused]
        self.pages = {body.page.path.as_posix(): body for body in bodies}
        bar = self.site.get("sidebar") or {}
        bar = bar[0] if isinstance(bar, list) else bar
        contents = bar.get("contents") or sorted(self.pages)
        if not isinstance(contents, list):
            self.faults.append("_quarto.yml: the sidebar's contents are no list; only Quarto can make one by itself")
            contents = sorted(self.pages)
        self.entries = tuple(self._entry(item) for item in contents)
        self.order = [e for e in _flat(self.entries) if e.href.endswith(".html")]
        footer = self.site.get("page-footer") or {}
        footer = footer if isinstance(footer, Mapping) else {"left": footer}
        texts = [str(footer.get(part) or "") for part in FOOTER_PARTS]
        self.footer = [_SOURCE.sub(r"\1.html\2", text) for text in render_inline(texts, pandoc) if text]
        known = {body.page.href for body in bodies}
        for href in (h for text in self.footer for h in _HREF.findall(text)):
            if href.endswith(".html") and not is_external(href) and href not in known:
                self.faults.append(f"_quarto.yml: the footer links to no page: {href}")
        loader = jinja2.FileSystemLoader(HERE)
        environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self.template = environment.get_template("page.html")

    def _entry(self, item: Any) -> Entry:
        item = {"href": item} if isinstance(item, str) else item
        group = item.get("section")
        target = str(item.get("href") or item.get("file") or "")
        if group in self.pages:  # `section: page.qmd` heads the group with that page
            group, target = self.pages[group].title, group
        body = self.pages.get(target)
        if target.endswith((".qmd", ".html")) and body is None:
            self.faults.append(f"_quarto.yml: the sidebar names no page: {target}")
        text = item.get("text") or group or (body.title if body else target)
        items = tuple(self._entry(x) for x in item.get("contents") or [])
        return Entry(str(text), body.page.href if body else target, items)

    def wrap(self, body: Body) -> str:
        """Return a whole page."""
        page = body.page
        extra, faults = head(page, self.root)
        self.faults += faults
        here = next((i for i, e in enumerate(self.order) if e.href == page.href), None)
        trail = _trail(self.entries, page.href)
        return self.template.render(
            body=body,
            page=page,
            site=self.site,
            link=page.link,
            entries=self.entries,
            opens=lambda entry: any(x is entry for x in trail),
            trail=trail,
            back=self.order[here - 1] if here else None,
            ahead=self.order[here + 1] if here is not None and here + 1 < len(self.order) else None,
            styles=stylesheets(page, self.root),
            head=extra,
            classes=" ".join([*listed(page.meta.get("body-classes")), "has-toc" if body.toc else "no-toc"]),
            summary=plain(body.description) or str(self.site.get("description") or ""),
            byline=" · ".join(filter(None, [_authors(page), str(page.meta.get("date") or "")])),
            actions=self._actions(page),
            footer=[_HREF.sub(lambda hit: f'href="{page.link(hit[1])}"', part) for part in self.footer],
        )

    def _actions(self, page: Page) -> list[tuple[str, str]]:
        """List links to the page's source: text and address."""
        repo = str(self.site.get("repo-url") or "").rstrip("/")
        if not repo:
            return []
        folder = str(self.site.get("repo-subdir") or "").strip("/")
        path = f"{folder}/{page.path.as_posix()}".lstrip("/")
        branch = str(self.site.get("repo-branch") or "main")
        chosen = [ACTIONS[a] for a in listed(self.site.get("repo-actions")) if a in ACTIONS]
        return [(text, address.format(repo=repo, branch=branch, path=path)) for text, address in chosen]


def _flat(entries: tuple[Entry, ...]) -> list[Entry]:
    return [e for top in entries for e in ([top] if top.href else []) + _flat(top.items)]


def _trail(entries: tuple[Entry, ...], href: str) -> list[Entry]:
    """Return the entries from the top to a page."""
    for entry in entries:
        if entry.href == href:
            return [entry]
        below = _trail(entry.items, href)
        if below:
            return [entry, *below]
    return []


def _authors(page: Page) -> str:
    value = page.meta.get("author") or []
    people = value if isinstance(value, list) else [value]
    names = [one.get("name", "") if isinstance(one, Mapping) else one for one in people]
    return ", ".join(str(name) for name in names if name)
