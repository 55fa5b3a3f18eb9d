"""Five private logs with many small cells by design, all that a site of each publishes, and the truth behind it.

Building whole sites would take minutes. What a private site says is made by the cells and inline expressions of its pages,
so these are run in one process, with the same study, the same functions and the same folder for downloads.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import html
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from whole import knowing, make_project

from segkit import results
from segkit.report import show, theme
from segkit.report.manifest import manifest
from segkit.site.embedded.model import Cell, Page
from segkit.site.embedded.parse import find_sources, load_config, load_page
from segkit.site.sources import left
from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.registry import STUDIES

KEY = "a key for tests, of no other use"
ENVIRONMENT = {"SEGKIT_KEY": KEY, "SEGKIT_OFFLINE": "1", "SOURCE_DATE_EPOCH": "1767225600", "SEGKIT_JOBS": "1"}
HEADER = ("date_stamp", "time", "duration_in_seconds", "dialled_phone_number", "category")
Call = tuple[datetime, int, str, str]  # when, seconds, contact, category


@dataclass(frozen=True)
class Group:
    """Contacts who call alike.

    Attributes
    ----------
    contacts : int
    calls : tuple of int
        Fewest and most.
    seconds : tuple of int
        Shortest and longest.
    category : str
    days : tuple of int
        First and last day of the log on which they may call.
    hours : tuple of int
        First and last hour.
    weekday : int, optional
        The only day of the week on which they call, 0 for Monday; any but Sunday where not given.
    """

    contacts: int
    calls: tuple[int, int]
    seconds: tuple[int, int]
    category: str
    days: tuple[int, int]
    hours: tuple[int, int] = (8, 17)
    weekday: int | None = None


@dataclass(frozen=True)
class Design:
    """One private log: who is in it, what contacts are called, and the settings of its site."""

    name: str
    seed: int
    identifier: Callable[[int], str]
    groups: tuple[Group, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    start: datetime = datetime(2022, 1, 3)  # a Monday

    def calls(self) -> list[Call]:
        """Draw the calls, in order of time."""
        rng = np.random.default_rng(self.seed)
        out: list[Call] = []
        who = 0
        for group in self.groups:
            for _ in range(group.contacts):
                who += 1
                for _ in range(int(rng.integers(group.calls[0], group.calls[1] + 1))):
                    day = int(rng.integers(group.days[0], group.days[1] + 1))
                    if group.weekday is not None:
                        day += (group.weekday - day) % 7
                    elif day % 7 == 6:
                        day -= 1
                    hour = int(rng.integers(group.hours[0], group.hours[1] + 1))
                    clock = timedelta(
                        days=day, hours=hour, minutes=int(rng.integers(60)), seconds=int(rng.integers(60))
                    )
                    seconds = int(rng.integers(group.seconds[0], group.seconds[1] + 1))
                    out.append((self.start + clock, seconds, self.identifier(who), group.category))
        return sorted(out)

    def write(self, path: Path) -> Path:
        """Write the log as the published file is written, without its redundant columns."""
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(HEADER)
            for when, seconds, who, category in self.calls():
                out.writerow([f"{when.month}/{when.day}/{when.year}", f"{when:%H:%M:%S}", seconds, who, category])
        return path


ONE = (1, 1)
LIGHTER = {  # resamples and reference sets say nothing of single contacts, so a few do
    "restarts": "2", "starts": "2", "k_max": "6", "gap": "3", "splits": "4", "bootstraps": "4", "subsamples": "4",
    "resamples": "4", "pipelines": "5", "nulls": "2", "null_bootstraps": "2",
}  # fmt: skip

DESIGNS = (
    Design(  # a band of two contacts, a closed day of two, an early one of four, one contact with a third of all calls
        "plumber", 11, lambda i: f"72{i * 7919 % 10_000_000:07}",
        (
            Group(1, (230, 230), (20, 90), "Supplier", (0, 500)),
            Group(9, (25, 45), (20, 90), "Supplier", (0, 500)),
            Group(6, (20, 40), (200, 800), "Unknown", (0, 500)),
            Group(4, (4, 8), (30, 300), "Landlord", (60, 400), (6, 10)),
            Group(3, (2, 5), (600, 1500), "Bank", (100, 500)),
            Group(2, (3, 6), (40, 60), "Lawyer", (200, 300), (21, 23)),
            Group(2, (2, 2), (40, 60), "Unknown", (200, 480), (8, 17), 6),
            Group(1, ONE, (999, 999), "Doctor", (333, 333)),
            Group(32, (1, 2), (15, 200), "Unknown", (0, 500)),
        ),
        {"k": "4", "breaks": '[["2022-06-06", "2022-07-17"]]'},  # so that silences are told by both counts of days
    ),
    Design(  # no weekday but the fifth has fewer than five; two contacts far off make a segment of their own
        "practice", 12, lambda i: f"patient.{i * 37 % 1000:03}@example.org",
        (
            Group(2, (90, 120), (1200, 2400), "Family", (0, 99)),
            Group(10, (5, 12), (60, 200), "Unknown", (0, 99)),
            Group(2, (2, 3), (60, 200), "Unknown", (0, 99), (18, 20), 4),
            Group(24, (1, 2), (15, 90), "Unknown", (0, 60)),
        ),
        {"k": "3", "not_business": '["Family"]'},  # which two have, so that it is named nowhere
    ),
    Design(  # long enough for windows, forecasts and drift; segments between which one to four contacts move
        "agency", 13, lambda i: f"+27 {60 + i % 9} {i * 104_729 % 1000:03} {i * 7 % 10_000:04}",
        (
            Group(10, (60, 110), (20, 150), "Supplier", (0, 1000)),
            Group(14, (14, 30), (20, 150), "Unknown", (0, 1000)),
            Group(8, (10, 20), (20, 150), "Unknown", (0, 500)),
            Group(8, (10, 20), (20, 150), "Unknown", (520, 1000)),
            Group(12, (3, 6), (400, 1400), "Service Provider", (0, 1000), (8, 20)),
            Group(3, (6, 9), (30, 80), "Courier", (0, 1000), (5, 9)),
            Group(1, (7, 7), (100, 2000), "Landlord", (0, 1000), (19, 23)),
            Group(64, (1, 3), (15, 250), "Unknown", (0, 1000)),
        ),
        {"k": "4"},
    ),
    Design(  # the fewest contacts; the number of segments is not given; a closed day in the middle of the week
        "office", 14, lambda i: f"ext-{i * 13 % 900 + 100}",
        (
            Group(5, (20, 30), (30, 120), "Unknown", (0, 420)),
            Group(4, (8, 12), (300, 900), "Unknown", (0, 420)),
            Group(3, (2, 4), (30, 120), "Tax", (0, 420), (8, 17), 2),
            Group(24, (1, 3), (15, 100), "Unknown", (0, 420)),
        ),
        {"closed_days": '["Wednesday", "Sunday"]'},
    ),
    Design(  # eight labels, five of them of fewer than five contacts; months with one contact before and after the rest
        "club", 15, lambda i: f"{chr(65 + i % 26)}{chr(65 + i * 5 % 26)}-{i * 101 % 997:03}-{i:02}x",
        (
            Group(12, (18, 40), (20, 120), "Member", (120, 800), (8, 20)),
            Group(3, (12, 20), (20, 120), "Board", (120, 800), (18, 23)),
            Group(18, (4, 8), (60, 300), "Member", (120, 800)),
            Group(2, (2, 4), (1000, 3000), "Sponsor", (200, 700)),
            Group(4, (1, 3), (30, 400), "Press", (200, 700), (0, 7)),
            Group(1, (3, 3), (30, 400), "Landlord", (0, 60)),
            Group(1, (2, 2), (30, 400), "Bank", (840, 880)),
            Group(10, (1, 2), (200, 900), "Supplier", (150, 780)),
            Group(34, (1, 2), (15, 150), "Unknown", (120, 800)),
        ),
        {"k": "5"},
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Published:
    """All that leaves the machine, as an attacker finds it.

    Attributes
    ----------
    downloads : mapping of str to bytes
        By the name of the file.
    pages : mapping of str to str
        The Markdown and HTML of each page after its cells have run, by its source's path.
    results, manifest : dict
    """

    downloads: Mapping[str, bytes]
    pages: Mapping[str, str]
    results: Mapping[str, Any]
    manifest: Mapping[str, Any]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every CSV as text, by name without ending."""
        found = {n.removesuffix(".csv"): b for n, b in self.downloads.items() if n.endswith(".csv")}
        return {n: pd.read_csv(io.BytesIO(b), dtype=str, keep_default_na=False) for n, b in found.items()}

    def words(self) -> dict[str, str]:
        """Return what each page says outside of its tables and figures, captions and alternative texts included."""
        return {name: _words(text) for name, text in self.pages.items()}


@dataclass(frozen=True)
class Truth:
    """What must not follow from what is published.

    Attributes
    ----------
    frame : DataFrame
        Features by contact.
    labels : Series of int
        Segments by contact.
    calls : DataFrame
        ``unit``, ``started_at``, ``duration``, ``category``.
    exposed : DataFrame
        Features by contact, with recency and tenure in days on which the log was watched.
    """

    frame: pd.DataFrame
    labels: pd.Series
    calls: pd.DataFrame
    exposed: pd.DataFrame


@dataclass(frozen=True)
class Site:
    """What a private site publishes, and the truth."""

    design: Design
    published: Published
    truth: Truth


def _words(text: str) -> str:
    alts = re.findall(r'aria-label="([^"]*)"', text)
    text = re.sub(r"<svg.*?</svg>|<table.*?</table>|<style.*?</style>|<script.*?</script>", " ", text, flags=re.S)
    text = re.sub(r"```\{=html\}|```", " ", re.sub(r"<[^>]+>", " ", text))
    return html.unescape("\n".join([text, *alts]))


def _shown(value: object) -> str:
    if value is None:
        return ""
    write = getattr(value, "_repr_markdown_", None) or getattr(value, "_repr_html_", None)
    return str(write() if write else value)


def _run_cell(source: str, scope: dict[str, Any], place: str) -> str:
    """Run a cell as the kernel does: what it prints, and the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, place, "exec"), scope)
        value = eval(compile(ast.Expression(last.value), place, "eval"), scope) if isinstance(last, ast.Expr) else None
    return printed.getvalue() + _shown(value)


def run_page(page: Page) -> str:
    """Run a page's cells and inline expressions; return its text with what they gave."""
    scope: dict[str, Any] = dict(vars(ModuleType("__main__")))
    out = []
    for part in page.parts:
        if isinstance(part, Cell):
            shown = _run_cell(part.source, scope, part.place)
            out.append("" if part.options.get("include") in (False, "false") else shown)
            continue
        text, end = "", 0
        for one in part.inline:
            text += part.source[end : one.start] + _shown(eval(one.expression, scope))
            end = one.end
        out.append(text + part.source[end:])
    return "\n\n".join(out)


def publish(root: Path, study: ContactsStudy) -> Published:
    """Run every page of a project whose study is saved, and collect all that they publish."""
    folder = root / "made"
    config = load_config(root)
    show._build.clear()  # one process makes one site; here one makes five, one after the other
    pages, here, png = {}, Path.cwd(), theme.png
    with _environment({"SEGKIT_DOWNLOADS": str(folder)}):
        try:
            theme.png = lambda drawn: b""  # the SVG says the same, and takes a third of the time
            for path in find_sources(root, config):
                os.chdir((root / path).parent)
                pages[path.as_posix()] = run_page(load_page(root, path, config))
                pyplot.close("all")
        finally:
            theme.png = png
            os.chdir(here)
    downloads = {p.name: p.read_bytes() for p in sorted(folder.iterdir())}
    results = json.loads(downloads["results.json"])
    facts = json.loads(
        json.dumps(plain(manifest(root, {"contacts": results}, "contacts", engine="embedded", seconds=0.0)))
    )
    return Published(downloads, pages, results, facts)


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


def make_root(design: Design, folder: Path) -> Path:
    """Make the project of a design, with less work for the fits."""
    root = make_project(folder / design.name)
    others = STUDIES.keys() - {"contacts"}  # the site is of one study
    for other in others:
        shutil.rmtree(root / "chapters" / other)
    for page in (*root.glob("*.qmd"), *root.glob("chapters/*.qmd")):
        page.write_text(left(page.read_text("utf-8"), others), "utf-8")
    text = (root / "segkit.toml").read_text("utf-8")
    lines = {**LIGHTER, **dict.fromkeys(("name", "weekday", "month", "year"), ""), **design.settings}
    text, section, rest = text.partition("\n[customers]\n")  # the lines are those of contacts
    for name, value in lines.items():
        text, found = re.subn(rf"^{name} = .*$", f"{name} = {value}" if value else "", text, flags=re.M)
        assert found == 1, name
    (root / "segkit.toml").write_text(text + section + rest, "utf-8")
    return root


def make_site(design: Design, folder: Path, factory: pytest.TempPathFactory | None = None) -> Site:
    """Compute the study of a design, and collect what its site publishes."""
    root = make_root(design, folder)
    if factory is not None:  # a run of tests
        knowing(root, factory)
    log = design.write(folder / f"{design.name}.csv")
    here = Path.cwd()
    with _environment({**ENVIRONMENT, "SEGKIT_CACHE": str(folder / "cache")}):
        os.chdir(root)
        try:
            (study,) = results.compute(log, names=["contacts"], require_real=False, say=lambda message: None)
        finally:
            os.chdir(here)
        exact = study.exact or study
        truth = Truth(exact.features.frame, exact.segments.labels, exact.log.events.to_pandas(), exact.exposed)
        return Site(design, publish(root, study), truth)
