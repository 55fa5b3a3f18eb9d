"""Figures and tables as Markdown, and the files that they leave."""

from __future__ import annotations

import csv
import errno
import html
import io
import json
import os
import re
import warnings
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pypandoc
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from payloads import PAYLOADS

from segkit.errors import BuildError
from segkit.report import figures, layout, prose, show, theme
from segkit.studies.contacts import ContactsStudy
from segkit.text import flat

pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")


def drawn(title: str = "A title") -> Figure:
    with theme.style():
        figure, axes = pyplot.subplots()
        axes.plot([0, 1, 2], [0, 1, 0.123456789], color=theme.ACCENT)
        axes.fill_between([0, 1, 2], [0, 1, 0], hatch="/")
        axes.scatter([0, 1], [0, 1], color=theme.INK)
        axes.set_title(title)
    return figure


class Elements(HTMLParser):
    """Collects elements with their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def split(markdown: str, label: str) -> tuple[str, str]:
    """Return the raw block and the caption of one numbered part, whose shape is checked."""
    found = re.fullmatch(
        r"::: \{#" + label + r"\}\n```\{=html\}\n(?P<raw>.*)\n```\n\n(?P<caption>[^\n]+)\n:::", markdown, re.S
    )
    assert found is not None
    assert "```" not in found["raw"]
    return found["raw"], found["caption"]


def test_a_figure_of_the_package_leads_to_the_lines_that_drew_it(simulated: ContactsStudy, downloads: Path) -> None:
    shown = show.figure(figures.silhouettes(simulated.segments, simulated.cards), "fig-k", "C.", "A")
    hit = re.search(r" · \[code\]\(https://github\.com/segkit/segkit/blob/main/(\S+)#L(\d+)-L(\d+)\)", shown.markdown)
    assert hit is not None and hit[1] == "segkit/report/figures.py"  # the project of this test is no checkout
    lines = (
        (Path(__file__).resolve().parents[2] / hit[1]).read_text("utf-8").splitlines()[int(hit[2]) - 1 : int(hit[3])]
    )
    assert lines[0].startswith("def silhouettes(") and lines[-1].strip() == "return figure"


def test_a_figure_is_one_div_with_caption_last(downloads: Path) -> None:
    shown = show.figure(drawn(), "fig-map", "**Finding.**\n More.", "Words")
    raw, caption = split(shown.markdown, "fig-map")
    assert caption == r"**Finding\.** More\. [SVG](downloads/map.svg) · [PNG](downloads/map.png)"
    assert raw.startswith('<div class="sk-figure" role="img" aria-label="Words"><svg ')
    assert sorted(p.name for p in downloads.iterdir()) == ["map.png", "map.svg"]
    assert (downloads / "map.png").read_bytes().startswith(b"\x89PNG")
    assert (downloads / "map.svg").read_text().rstrip().endswith("</svg>")
    assert not pyplot.get_fignums()  # a page with many figures holds none of them open


def test_a_table_is_one_div_with_caption_last(downloads: Path) -> None:
    frame = pd.DataFrame({"who": ["a", "b"], "n": [1, None], "x": [0.5, 1 / 3]})
    shown = show.table(
        frame, "tbl-who", "**Finding.** More.", {"n": lambda v: f"{v:.0f} calls"}, headings={"x": "share"}
    )
    raw, caption = split(shown.markdown, "tbl-who")
    assert caption == r"**Finding\.** More\. [CSV](downloads/who.csv)"
    found = Elements(raw)
    assert [t for t, _ in found.found].count("tr") == 3
    assert [a["scope"] for t, a in found.found if t == "th"] == ["col", "col", "col", "row", "row"]
    assert 'aria-label="Finding"' in raw or 'aria-label="Finding."' in raw
    assert '<td class="num">1 calls</td>' in raw and '<td class="num">–</td>' in raw and ">share</th>" in raw
    assert (downloads / "who.csv").read_text() == "who,n,x\na,1,0.5\nb,,0.3333333333\n"


def test_numbers_of_a_column_are_written_alike(downloads: Path) -> None:
    frame = pd.DataFrame({"who": [-1, 2], "share": [0.67, 0.483], "all": [1.0, 0.0], "gain": [-0.5, 0.25]})
    formats = {"share": prose.percent, "all": prose.percent, "gain": lambda v: f"{v:+.2f}"}
    shown = show.table(frame, "tbl-alike", "**Finding.**", formats).markdown
    cells = [c.replace(prose.GAP, " ") for c in re.findall(r'<td class="num">([^<]*)</td>', shown)]
    assert cells == ["67.0 %", "100 %", "−0.50", "48.3 %", "0 %", "+0.25"]
    assert re.findall(r"<th scope=[^>]*>([^<]*)</th>", shown) == ["who", "share", "all", "gain", "−1", "2"]
    assert '<th scope="col">who' in shown and '<th scope="col" class="num">share' in shown


def test_a_row_that_becomes_a_block_says_what_its_fourth_cell_is(downloads: Path) -> None:
    frame = pd.DataFrame([["a", "b", "c", "d", "e"]], columns=["one", "two", "three", 'fo"ur', "five"])
    text = show.table(frame, "tbl-block", "**Finding.**", stack=True).markdown
    assert re.findall(r'data-label="([^"]*)"', text) == ["fo&quot;ur"]
    assert "data-label" not in show.table(frame, "tbl-block", "**Finding.**").markdown


@pytest.mark.parametrize("row", [["a", 1, "c"], ["a", "b", "c", "d", "e", "f", "g"]])
def test_a_block_of_numbers_or_of_many_cells_says_what_each_of_them_is(row: list[Any], downloads: Path) -> None:
    frame = pd.DataFrame([row], columns=[f"c{i}" for i in range(len(row))])
    text = show.table(frame, "tbl-block", "**Finding.**", stack=True).markdown
    assert re.findall(r'data-label="([^"]*)"', text) == list(frame.columns[1:]) and "sk-stack sk-wide" in text
    assert "sk-wide" not in show.table(frame, "tbl-block", "**Finding.**").markdown


def test_pages_below_the_root_link_upwards(downloads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path.cwd() / "chapters" / "contacts"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert show.save("a.csv", b"") == "../../downloads/a.csv"


@pytest.mark.parametrize("place", ["replace", "open"])
def test_a_full_disk_leaves_no_half_download(downloads: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    show.save("a.csv", b"old")
    with monkeypatch.context() as patch, pytest.raises(BuildError, match=r"a\.csv.*No space left"):
        patch.setattr(os, place, full)
        show.save("a.csv", b"new and longer")
    assert [(p.name, p.read_bytes()) for p in downloads.iterdir()] == [("a.csv", b"old")]


def test_downloads_that_cannot_be_made_are_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("SEGKIT_DOWNLOADS", str(tmp_path / "taken"))
    with pytest.raises(BuildError, match=r"a\.csv: cannot be written"):
        show.save("a.csv", b"")


def test_alternative_text_cannot_leave_its_attribute() -> None:
    shown = show.figure(drawn(), "fig-x", "C.", 'a "b" <script>alert(1)</script>\n & c')
    (attributes,) = [a for t, a in Elements(shown.markdown).found if a.get("role") == "img"]
    assert attributes["aria-label"] == 'a "b" <script>alert(1)</script> & c'
    assert "<script" not in shown.markdown


def shown_blocks(markdown: str, label: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the raw block of one numbered part and the words of its caption, as pandoc reads them."""
    (div,) = json.loads(pypandoc.convert_text(markdown, "json", format="markdown"))["blocks"]
    assert div["t"] == "Div" and div["c"][0] == [label, [], []]
    block, caption = div["c"][1]
    assert block["t"] == "RawBlock" and block["c"][0] == "html" and caption["t"] == "Para"
    return block["c"][1], caption["c"]


def test_texts_from_the_data_are_text_in_tables(downloads: Path) -> None:
    """Also where nobody has flattened them: in the cells, headings and captions of a reader's own chapter."""
    cells = [*PAYLOADS, "\n".join(PAYLOADS)]
    frame = pd.DataFrame({"category": cells, "n": range(len(cells)), "last": 1})
    shown = show.table(frame, "tbl-x", " ".join(PAYLOADS), headings={"n": cells[-1]}, stack=True).markdown
    raw, words = shown_blocks(shown, "tbl-x")
    found = Elements(raw)
    assert {t for t, _ in found.found} == {"div", "table", "thead", "tbody", "tr", "th", "td"}
    assert not [name for _, attributes in found.found for name in attributes if name.startswith("on")]
    named = re.findall('<th scope="row">([^<]*)</th>', raw)
    assert [html.unescape(c).split() for c in named] == [c.replace("\r", "").split() for c in cells]  # pandoc drops it
    assert {w["t"] for w in words[:-1]} <= {"Str", "Space", "SoftBreak", "Strong"} and words[-1]["t"] == "Link"
    rows = list(csv.reader(io.StringIO((downloads / "x.csv").read_text("utf-8"), newline="")))
    assert len(rows) == len(cells) + 1 and {len(row) for row in rows} == {3}


def test_texts_from_the_data_are_text_in_figures(downloads: Path) -> None:
    lines = [*map(flat, PAYLOADS), '#1d2330 id="a" url(#b) xlink:href="#c" *{stroke-linejoin 1.23456']
    formula = "$\\frac{$"  # which Matplotlib refuses where it reads formulas
    with theme.style():
        figure, axes = pyplot.subplots()
        for line in lines:
            axes.text(0.5, 0.5, line)
        axes.plot([0, 1], [0, 1], label=formula)
        axes.legend(title=formula)
        axes.set_title(formula)
        axes.annotate(formula, (0.5, 0.5))
        axes.set_yticks([0, 1], [formula, formula])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: formula))  # called when the figure is saved
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # letters that the font does not have
        shown = show.figure(figure, "fig-x", formula, " ".join(lines)).markdown
    raw, _ = shown_blocks(shown, "fig-x")
    found = Elements(raw)
    assert not {"img", "script", "a", "foreignobject"} & {t for t, _ in found.found}
    assert not [name for _, attributes in found.found for name in attributes if name.startswith("on")]
    assert found.found[0][1]["aria-label"] == prose.minus(" ".join(lines))
    tree = ElementTree.fromstring((downloads / "x.svg").read_text("utf-8"))
    for written in ([e.text for e in tree.iter("{http://www.w3.org/2000/svg}text")], texts(raw)):
        assert set(lines) <= set(written) and written.count(formula) > 7


def texts(svg: str) -> list[str]:
    return [html.unescape(t) for t in re.findall(r"<text\b[^>]*>([^<]*)</text>", svg)]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_no_cell_of_a_csv_is_a_formula(formula: str, kind: str) -> None:
    frame = pd.DataFrame({"a": pd.Series([formula, "plain", None], dtype=kind), formula: [1, -2, 3]})
    (head, *rows) = csv.reader(io.StringIO(show.csv(frame).decode(), newline=""))
    guarded = "'" + formula.replace("\t", " ").replace("\r", " ")
    assert head == ["a", guarded]
    assert rows == [[guarded, "1"], ["plain", "-2"], ["", "3"]]


def test_a_csv_leaves_the_frame_alone() -> None:
    frame = pd.DataFrame({"a": ["=1"], "b": [1 / 3]})
    before = frame.copy(deep=True)
    show.csv(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_fractions_in_a_csv_have_ten_digits() -> None:
    assert show.csv(pd.DataFrame({"x": [1 / 3, 123456789.123456, 1e-12]})) == b"x\n0.3333333333\n123456789.1\n1e-12\n"


def test_bullets_show_what_is_written() -> None:
    text = layout.bullets(["a *b* <i>", "1 $x$ [y](z)"]).markdown
    assert text.splitlines()[0] == r"- a \*b\* \<i\>"
    assert r"\$x\$ \[y\]\(z\)" in text


def ids(svg: str) -> list[str]:
    return re.findall(r'\bid="([^"]*)"', svg)


def test_inline_ids_are_unique_on_a_page() -> None:
    figure = drawn()
    one, two = (theme.inline(theme.svg(figure, name), name) for name in ("one", "two"))
    pyplot.close(figure)
    assert len(set(ids(one) + ids(two))) == len(ids(one)) + len(ids(two)) > 20
    assert all(i.startswith("one-") for i in ids(one))
    for svg in (one, two):
        used = re.findall(r"url\(#([^)]*)\)|href=\"#([^\"]*)\"", svg)
        assert used and {a or b for a, b in used} <= set(ids(svg))


def test_inline_figures_take_the_width_and_colours_of_the_page() -> None:
    figure = drawn("1.2")
    svg = theme.inline(theme.svg(figure, "x"), "x")
    pyplot.close(figure)
    head = svg[: svg.index(">")]
    assert "viewBox=" in head and not re.search(r"\s(width|height)=", head) and 'aria-hidden="true"' in head
    for colour, role in theme.PROPERTIES.items():
        assert not re.search(rf"(?<!var\(--sk-{role},){colour}", svg)
    assert "var(--sk-accent,#0b6e75)" in svg and "var(--sk-ink,#1d2330)" in svg
    assert "<metadata" not in svg and "<?xml" not in svg and "<!DOCTYPE" not in svg


def test_numbers_in_a_figure_keep_their_decimals_and_its_lines_lose_theirs() -> None:
    with theme.style():
        figure, axes = pyplot.subplots()
        axes.plot([0.0, 1 / 3], [0.0, 2 / 7])
        axes.set_title("p 0.16712345")
    text = theme.inline(theme.svg(figure, "digits"), "digits")
    assert ">p 0.16712345</text>" in text
    tags = re.sub(r"<!--.*?-->", "", text)
    assert not re.search(r"\d\.\d{3}", "".join(re.findall(r"<[^>]*>", tags)))


def test_styles_of_a_figure_stay_within_figures() -> None:
    figure = drawn()
    svg = theme.inline(theme.svg(figure, "x"), "x")
    pyplot.close(figure)
    rules = re.findall(r"<style[^>]*>(.*?)</style>", svg, re.S)
    assert rules and all(rule.strip().startswith(".sk-figure ") for rule in rules)


def test_the_same_drawing_gives_the_same_bytes() -> None:
    first, second = drawn(), drawn()
    assert theme.svg(first, "x") == theme.svg(second, "x")
    assert theme.png(first) == theme.png(second)
    assert theme.svg(first, "x") != theme.svg(first, "y")  # ids of two figures differ
    pyplot.close("all")


def test_text_stays_text_for_the_search_of_identifiers() -> None:
    figure = drawn("A title of its own")
    assert "A title of its own" in html.unescape(theme.svg(figure, "x"))
    pyplot.close(figure)
