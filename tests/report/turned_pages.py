"""Pages as text, made in this process, of studies that differ in settings and share what does not depend on them."""

from __future__ import annotations

import ast
import csv
import functools
import html
import importlib
import inspect
import io
import pkgutil
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import segkit.report
from segkit.config import Config
from segkit.report import show
from segkit.report.show import Shown
from segkit.site.embedded.model import Cell, Text
from segkit.site.embedded.parse import load_config, load_page
from segkit.site.sources import left
from segkit.studies import registry
from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "studies"))

from made_projects import REPOSITORY, START, Call, timedelta
from whole import make_project

PAGES = ("index.qmd", "chapters/glossary.qmd", "chapters/methods.qmd", "chapters/reproducibility.qmd")


def years_of_calls() -> list[Call]:
    """Return 30 months of calls of busy, regular, talkative and single contacts, from a seed."""
    rng, calls, who, length = np.random.default_rng(7), [], 0, 900
    kinds = ((14, 90, 50, "Supplier"), (34, 16, 60, "Unknown"), (14, 3, 1500, "Family"), (44, 1, 70, "Unknown"))
    for contacts_, each, seconds, label in kinds:
        for contact in range(contacts_):
            who += 1
            for i in range(each):
                day = int((contact * 37 + i * length / each + rng.integers(0, 30)) % length)
                hour = int(rng.integers(8, 18)) if rng.random() < 0.8 else int(rng.integers(0, 24))
                when = START.replace(hour=0) + timedelta(days=day, hours=hour, minutes=int(rng.integers(60)), seconds=i)
                calls.append((when, int(seconds * rng.lognormal(0, 0.4)), f"55501{who:05}", label))
    return calls


def setting(config: Config, path: str) -> Any:
    """Return a setting by its path; the whole for an empty one."""
    return functools.reduce(getattr, path.split(".") if path else [], config)


@dataclass(frozen=True)
class Site:
    """What the pages of one study say.

    Attributes
    ----------
    pages : mapping of str to str
        Text by page, with captions, alternative texts and cells; no markup, ordinary spaces.
    tables : mapping of str to list of dict
        The CSV files.
    results : dict
        results.json.
    """

    study: ContactsStudy
    pages: Mapping[str, str]
    tables: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)

    def all(self) -> Iterator[tuple[str, str]]:
        """Yield every sentence with its page."""
        for page, text in self.pages.items():
            yield from ((page, s) for s in re.split(r"(?<=[.;:?!])\s+|\n", text) if s)


def text_of(markdown: str) -> str:
    """Take markup, escapes and no-break spaces out of what a cell shows."""
    flat = re.sub(r"</(td|th|tr|p|dd|h3|li)>", " | ", markdown)
    flat = re.sub(r"<script.*?</script>", "", flat, flags=re.S)
    flat = re.sub(r"<[^>\n]+>|^[`:]{3,}[^\n]*$", "", flat, flags=re.M)
    flat = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", html.unescape(flat))
    return re.sub(r"[ \t\xa0]+", " ", re.sub(r"\*\*|\[CSV\]\(\S*\)", "", flat)).replace("−", "-").strip()


def _shown(value: object) -> str:
    if value is None:
        return ""
    write = getattr(value, "_repr_markdown_", None)
    return text_of(write() if write else str(value))


def _run(code: str, names: dict[str, Any]) -> str:
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    exec(compile(tree, "page", "exec"), names)
    if isinstance(last, ast.Expr):
        names["print"] = lambda *parts: print(*parts, file=out)
        shown = _shown(eval(compile(ast.Expression(last.value), "page", "eval"), names))
        return shown + text_of(out.getvalue())
    return ""


def undrawn(patch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Show figures by caption and alternative text, draw none, and keep downloads here instead of in files."""
    kept: dict[str, bytes] = {}
    shown = show.figure
    words = lambda drawn, label, caption, alt: Shown(f"{caption}\n\n{alt}")  # noqa: E731
    for found in pkgutil.iter_modules(segkit.report.__path__):
        module = importlib.import_module(f"segkit.report.{found.name}")
        for name, made in list(vars(module).items()):
            if made is shown:
                patch.setattr(module, name, words)
            elif inspect.isfunction(made) and made.__annotations__.get("return") in ("Figure", "tuple[Figure, Axes]"):
                patch.setattr(module, name, lambda *args, **more: None)
    patch.setattr(show, "save", lambda name, content: kept.__setitem__(name, content) or name)
    return kept


@functools.cache
def sources() -> dict[str, Any]:
    """Return the pages whose text depends on the study, parsed, as a site of that study alone has them."""
    own = [p.relative_to(REPOSITORY) for p in sorted((REPOSITORY / "chapters" / "contacts").glob("[!_]*.qmd"))]
    with tempfile.TemporaryDirectory() as folder:
        base = make_project(Path(folder) / "project")
        for page in (*base.glob("*.qmd"), *base.glob("chapters/*.qmd")):
            page.write_text(left(page.read_text("utf-8"), registry.STUDIES.keys() - {"contacts"}), "utf-8")
        config = load_config(base)
        return {str(p): load_page(base, p, config) for p in [*map(Path, PAGES), *own]}


def site(study: ContactsStudy, patch: pytest.MonkeyPatch) -> Site:
    """Run every cell and every inline expression of the pages over a study."""
    kept = undrawn(patch)
    patch.setattr(registry, "open_study", lambda name: study)
    patch.setattr(show, "_build", [])  # one process makes the pages of one build; here it makes several
    pages = {}
    for path, page in sources().items():
        names: dict[str, Any] = {}
        parts = []
        for part in page.parts:
            if isinstance(part, Cell):
                shown = _run(part.source, names)
                parts.append("" if part.options.get("include") is False else shown)
            elif isinstance(part, Text):
                at, text = 0, ""
                for inline in part.inline:
                    text += part.source[at : inline.start] + _shown(eval(inline.expression, names))
                    at = inline.end
                parts.append(text_of(re.sub(r"\n(?=\S)", " ", text + part.source[at:])))
        pages["studies" if path == "index.qmd" else Path(path).stem] = "\n".join(parts)
    tables = {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(content.decode())))
        for name, content in kept.items()
        if name.endswith(".csv")
    }
    return Site(study, pages, tables, plain(study.results()))
