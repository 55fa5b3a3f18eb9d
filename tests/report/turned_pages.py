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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

import segkit.report
from segkit.config import Config
from segkit.report import show
from segkit.report.show import Shown
from segkit.site.embedded.model import Cell, Text
from segkit.site.embedded.parse import load_config, load_page
from segkit.studies import contacts
from segkit.studies.base import plain, step
from segkit.studies.contact_data import Source
from segkit.studies.contacts import ContactsStudy

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "studies"))

from made_projects import REPOSITORY, START, Call, timedelta

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


class Noted:
    """Settings that note what is read of them."""

    def __init__(self, value: BaseModel, path: str, note: Callable[[str], None]) -> None:
        self._value, self._path, self._note = value, path, note

    def __getattr__(self, name: str) -> Any:
        value, path = getattr(self._value, name), f"{self._path}{name}"
        if isinstance(value, BaseModel):
            return Noted(value, f"{path}.", self._note)
        self._note(path if name in type(self._value).model_fields else self._path.rstrip("."))  # a method may read all
        return value


def setting(config: Config, path: str) -> Any:
    """Return a setting by its path; the whole for an empty one."""
    return functools.reduce(getattr, path.split(".") if path else [], config)


class Shared:
    """The store of one study, which takes from studies before it what the settings it differs in have no part in."""

    pool: dict[str, list[tuple[dict[str, Any], Any]]]

    def __init__(self, config: Config, pool: dict[str, list[tuple[dict[str, Any], Any]]]) -> None:
        self.config, self.pool = config, pool
        self.own: dict[str, tuple[dict[str, Any], Any]] = {}
        self.reading: list[dict[str, Any]] = []
        self.made: list[str] = []
        self.settled: dict[str, Callable[[], Any]] = {}

    def note(self, path: str) -> None:
        if self.reading:
            self.reading[-1][path] = self.value(path)

    def value(self, path: str) -> Any:
        return self.settled[path]() if path in self.settled else setting(self.config, path)

    def settle(self, name: str, make: Callable[[], Any]) -> Any:
        """Note a value itself, and not the settings that it follows from."""
        self.reading.append({})
        value = make()
        self.reading.pop()
        self.settled[name] = lambda: value
        self.note(name)
        return value

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.own:
            kept = (e for e in self.pool.get(name, []) if all(self.value(p) == v for p, v in e[0].items()))
            found = next(kept, None)
            if found is None:
                self.reading.append({})
                value = make()
                found = (self.reading.pop(), value)
                self.pool.setdefault(name, []).append(found)
                self.made.append(name)
            self.own[name] = found
        reads, value = self.own[name]
        if self.reading:
            self.reading[-1].update(reads)
        return value


class Turned(ContactsStudy):
    """A study whose steps, and what is between them, are shared; see `Shared`."""

    def __init__(self, source: Source, pool: dict[str, list[tuple[dict[str, Any], Any]]]) -> None:
        super().__init__(source)
        self.store = Shared(source.config, pool)  # type: ignore[assignment]
        self.source = replace(source, config=Noted(source.config, "", self.store.note))  # type: ignore[arg-type]
        self.settings = self.source.config.contacts
        self.store.settled["k"] = lambda: self.k  # type: ignore[attr-defined]

    @property
    def k(self) -> int:
        """The number of segments that is shown."""
        return self.store.settle("k", lambda: self.k_decision.shown)  # type: ignore[attr-defined]


def _shared(name: str, made: functools.cached_property[Any]) -> property:
    if isinstance(made, step):
        return property(lambda study: made.func(study))
    return property(lambda study: study.store.get(name, lambda: made.func(study)))


for _class in reversed(ContactsStudy.__mro__):
    for _name, _made in vars(_class).items():
        if isinstance(_made, functools.cached_property):
            setattr(Turned, _name, _shared(_name, _made))


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

    study: Turned
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
    """Return the pages whose text depends on the study, parsed."""
    config = load_config(REPOSITORY)
    own = [p.relative_to(REPOSITORY) for p in sorted((REPOSITORY / "chapters" / "contacts").glob("*.qmd"))]
    return {str(p): load_page(REPOSITORY, p, config) for p in [*map(Path, PAGES), *own]}


def site(study: Turned, patch: pytest.MonkeyPatch) -> Site:
    """Run every cell and every inline expression of the pages over a study."""
    kept = undrawn(patch)
    patch.setattr(contacts, "open_study", lambda: study)
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
        pages[Path(path).stem] = "\n".join(parts)
    tables = {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(content.decode())))
        for name, content in kept.items()
        if name.endswith(".csv")
    }
    return Site(study, pages, tables, plain(study.results()))
