"""A private site whose every text that data can reach is hostile: what the browser shows is text, and no more."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from payloads import PWN
from playwright.sync_api import Browser
from whole import knowing, make_project, run_segkit

from segkit.data.marks import visible
from segkit.site.checks import browser as checks
from segkit.text import flat

FILE = f"calls <img src=x onerror={PWN}> {{{{< x >}}}} $a$ `b`\u202e.csv"
HEADER = [
    f'day "><script>{PWN}</script>',
    "clock {{< include /etc/hostname >}}\x1b[31m",
    "seconds `{python} 1/0` $\\frac{$",
    f"who ](javascript:{PWN}){{onfocus={PWN}}}",
    "what ::: | @nobody2020 <!-- --> \u2066",
    f"weekday\u2028```{{=html}}<svg onload={PWN}>",
]
CATEGORIES = [
    f"x\n```\n\n[c](javascript:{PWN}){{onfocus={PWN} autofocus=1 tabindex=0}}",
    f"\"><img src=x onerror=\"{PWN}\"> ' onmouseover='{PWN}'",
    f"</script><script>{PWN}</script><!-- ]]> -->",
    "{{< include /etc/hostname >}} `{python} 1/0`",
    "$\\frac{$ \\input{x} $$y$$ %s {0}",
    f"````{{=html}}\n<svg onload={PWN}>\n````",
    '=HYPERLINK("http://x.example";"x")',
    "\u202eevil\u2066 \u200bz\ue000 \x1b[31m e\u0301 \u2028 名前",
    f"::: {{.x onclick={PWN}}} @nobody2020 [^1] # | a | http://x.example",
    "case",
    "CASE",
    f"javascript:{PWN} <javascript:{PWN}> &lt;b&gt; " + "long " * 30,
]
LABELS = [flat(c) for c in CATEGORIES]


def hostile_log(path: Path) -> Path:
    """Write a log of contacts of three kinds, ten of each category, and its settings."""
    rng = np.random.default_rng(7)
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, quoting=csv.QUOTE_ALL)
        out.writerow(HEADER)
        for who in range(120):
            kind = who % 3
            for _ in range((int(rng.integers(15, 40)), int(rng.integers(1, 4)), 1)[kind]):
                month, day = int(rng.integers(1, 12)) if kind == 0 else 6, int(rng.integers(1, 28))
                length = int(rng.integers(600, 1200)) if kind == 1 else int(rng.integers(5, 120))
                clock = f"{int(rng.integers(8, 22)):02}:{int(rng.integers(60)):02}:00"
                date = f"2023-{month:02}-{day:02}"
                cells = [date, clock, length, f"0721000{who:03}", CATEGORIES[who // 3 % 12], days[day % 7]]
                out.writerow(cells)
    roles = ("date", "time", "duration", "contact", "category", "weekday")
    columns = "\n".join(f"{role} = {json.dumps(visible(name))}" for role, name in zip(roles, HEADER, strict=True))
    settings = f'[contacts]\nk = 3\n[contacts.columns]\n{columns}\n[contacts.format]\ndate_order = "year-month-day"\n'
    path.with_name(path.name + ".toml").write_text(settings, "utf-8")
    return path


@dataclass(frozen=True)
class Built:
    """A finished site, and what the command said."""

    project: Path
    said: str

    @property
    def site(self) -> Path:
        return self.project / "_site"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Make the site once."""
    folder = tmp_path_factory.mktemp("words")
    project = knowing(make_project(folder / "project"), tmp_path_factory)
    log = hostile_log(folder / FILE)
    done = run_segkit(project, "render", "--data", str(log), cache=folder / "cache")
    assert done.returncode == 0, done.stderr
    return Built(project, done.stderr)


@pytest.fixture(scope="module")
def address(built: Built) -> Iterator[str]:
    """The site's address."""
    with checks.served(built.site) as base:
        yield f"{base}/"


class Attributes(HTMLParser):
    """Collects what could run or lead away, and all text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            target = (value or "").strip().lower()
            if name.startswith("on") or (
                name in ("href", "src", "xlink:href") and re.match(r"(javascript|vbscript):", target)
            ):
                self.faults.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.text += data


def pages(site: Path) -> list[str]:
    return sorted(p.relative_to(site).as_posix() for p in site.rglob("*.html"))


def test_the_build_steers_no_terminal(built: Built) -> None:
    assert not [c for c in built.said if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"]


def test_three_segments_stand_on_a_private_front(built: Built) -> None:
    front = (built.site / "chapters" / "contacts" / "index.html").read_text("utf-8")
    assert front.count('<section class="sk-card"') == 3 and "Three, set by hand" in front
    for name in pages(built.site):
        assert "Private data." in (built.site / name).read_text("utf-8"), name


def test_no_element_of_a_page_runs_what_data_say(built: Built) -> None:
    for name in pages(built.site):
        found = Attributes((built.site / name).read_text("utf-8"))
        assert found.faults == [], name
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ue000]", found.text), name


def test_labels_columns_and_the_file_are_shown_as_they_are(built: Built) -> None:
    audit, meaning = (
        Attributes((built.site / "chapters" / "contacts" / f"{name}.html").read_text("utf-8")).text
        for name in ("audit", "interpretation")
    )
    assert [label for label in (*LABELS, *(flat(visible(h)) for h in HEADER), flat(FILE)) if label not in audit] == []
    assert sum(label in meaning for label in LABELS) == 8  # the commonest ones, also those that differ by case only
    assert "categories are written without line breaks" in audit


def test_files_beside_the_pages_hold_text_only(built: Built) -> None:
    for file in sorted((built.site / "downloads").iterdir()):
        raw = file.read_bytes()
        if file.suffix == ".png":
            continue
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", raw.decode()), (
            file.name
        )
        if file.suffix == ".csv":
            rows = list(csv.reader(raw.decode().splitlines()))
            assert len({len(row) for row in rows}) == 1, file.name
            cells = [c.lstrip() for row in rows for c in row]
            assert not [c for c in cells if c.startswith(("=", "@", "+")) or re.match(r"-(?![\d.])", c)], file.name
        elif file.suffix == ".svg":
            assert not [
                e for e in ElementTree.fromstring(raw).iter() if str(e.tag).endswith(("script", "foreignObject"))
            ]
    results = json.loads((built.site / "downloads" / "results.json").read_text("utf-8"))
    assert results["data"]["title"] == flat(FILE)
    assert {f"without_{label}" for label in LABELS} & set(results["population"])
    for file in ("_site/manifest.json", ".segkit/contacts/results.json", ".segkit/contacts/model.json"):
        text = (built.project / file).read_text("utf-8")
        assert json.loads(text) and not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069]", text
        ), file


def test_no_script_of_the_data_runs_in_the_browser(built: Built, chromium: Browser, address: str) -> None:
    """Each page is opened, its folds too, and the search is asked for what the labels hold."""
    said: list[str] = []
    with chromium.new_context(viewport={"width": 1000, "height": 800}) as context:
        page = context.new_page()
        page.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(address) else said.append(request.url))
        for name in pages(built.site):
            if name.startswith("v/"):
                continue  # leads to the front page at once
            opened = page.goto(address + name, wait_until="load")
            assert opened and opened.ok and page.title(), name
            state = page.evaluate(
                """() => {
                  document.querySelectorAll("details").forEach(d => { d.open = true; });
                  document.querySelectorAll("[tabindex]").forEach(e => { e.focus(); });
                  const all = [...document.querySelectorAll("*")];
                  return [window.__pwn === undefined,
                    all.flatMap(e => [...e.attributes]).filter(a => a.name.startsWith("on")).length,
                    document.querySelectorAll("[href^='javascript' i], [src='x'], [autofocus]").length];
                }"""
            )
            assert state == [True, 0, 0], name
        page.goto(f"{address}chapters/contacts/audit.html", wait_until="load")
        for label in (LABELS[1], LABELS[2], LABELS[5]):
            page.locator("#sk-search").fill(label)
            page.locator("#sk-hits [role=option]").first.wait_for()
            assert page.evaluate(
                "[window.__pwn === undefined, document.querySelectorAll('#sk-hits :not(li, b, small, mark)').length]"
            ) == [True, 0]
    assert said == []
