"""What the fixture's pages hold once built. Numbers and places of captions are those that Quarto's manual defines:
tables and listings carry theirs above, figures below; sub-figures are (a), (b); references read "Figure 1 (a)".
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest

from segkit.site.embedded.build import build
from segkit.site.embedded.model import BuildReport

SOURCE = Path(__file__).parent / "fixture"


def contents(folder: Path) -> dict[str, bytes]:
    """Return each file's bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildReport]:
    """Build the fixture site once."""
    out = tmp_path_factory.mktemp("site")
    cache = tmp_path_factory.getbasetemp() / "embedded-cache"  # the tests in the browser share it
    return out, build(SOURCE, out, cache=cache, key="test", progress=False)


def read(built: tuple[Path, BuildReport], name: str) -> str:
    """Return a page."""
    return (built[0] / f"{name}.html").read_text("utf-8")


def test_a_sound_site_has_no_faults(built: tuple[Path, BuildReport]) -> None:
    report = built[1]
    assert report.faults == ()
    assert (report.pages, report.downloads) == (5, 2)
    assert set(report.seconds) == {"read", "execute", "pandoc", "write"}


PRESENT = [
    ("index", r'<h1>Start</h1>\s*<p class="subtitle">A front page with <em>emphasis</em></p>'),
    ("index", r'<body class="front wide no-toc" data-root="">'),
    ("index", r"The first page of the fixture\."),
    ("index", r'href="#tbl-pages" class="xref">Table\s1</a> lists'),
    ("index", r'and <a href="#tbl-pages" class="xref">1</a> is its number'),
    ("index", r'href="chapters/writing.html#sec-tabs"'),
    ("index", r'<link rel="icon" href="assets/favicon.svg">'),
    ("index", r'<meta name="citation_title" content="A &amp; B \$x\$">\s*</head>'),
    ("chapters/deep/files", r'<meta name="citation_title"[^>]*>\s*<meta name="own" content="of this page">\s*</head>'),
    ("chapters/cells", r"<pre[^>]*><code>printed"),
    ("chapters/cells", r"set 42; the name is delta_x \*not bold\*; Markdown gives <strong>bold</strong>"),
    ("chapters/cells", r"A literal: <code>\{python\} secret</code>"),
    ("chapters/cells", r"<h2>Heading with 84 inside"),
    ("chapters/cells", r"<li><p>in a list: 43</p>.*?inside a list.*?</li>"),
    (
        "chapters/cells",
        r'<img src="cells_files/fig-line-1.png" width="\d+" height="\d+" alt="A rising line\." />\s*<figcaption>',
    ),
    ("chapters/cells", r"<summary>How it is drawn</summary>"),
    ("chapters/cells", r'class="float-label">Figure\s1:</span> A line with <em>emphasis</em> and <math'),
    ("chapters/cells", r"minmax\(0,1fr\) minmax\(0,1fr\).*?\(a\) First.*?\(b\) Second.*?Figure\s2:</span> Two views"),
    ("chapters/cells", r'href="#fig-two-2"[^>]*>Figure\s2\s\(b\)'),
    ("chapters/cells", r'id="tbl-frame".*?<figcaption>.*?Table\s1:</span> A frame.*?<table class="dataframe">'),
    ("chapters/cells", r"ZeroDivisionError: division by zero"),
    ("chapters/cells", r"cell:\d+: UserWarning: a warning that is shown"),
    ("chapters/cells", r"<code>&lt;object at 0x…&gt;</code>"),
    ("chapters/cells", r"#\| output: asis"),
    ("chapters/cells", r'class="callout callout-note.*?A callout from a cell\.'),
    ("chapters/cells", r"<nav class=\"toc\""),
    ("chapters/writing", r"<strong>included</strong> in Writing\."),
    ("chapters/writing", r"set in an included cell"),
    ("chapters/writing", r'id="tabset-1-1-tab" aria-controls="tabset-1-1" aria-selected="true"'),
    ("chapters/writing", r'id="tabset-1-2"[^>]*hidden'),
    ("chapters/writing", r'class="eq-number">\(1\)'),
    ("chapters/writing", r"Hubert and Arabie \(<a[^>]*>1985</a>\)|<a[^>]*>Hubert and Arabie \(1985\)</a>"),
    ("chapters/writing", r'id="ref-knuth1984"'),
    (
        "chapters/writing",
        r'<details class="callout callout-warning[^>]*>\s*<summary class="callout-title">Closed <em>at first</em>',
    ),
    ("chapters/writing", r"Note 1: Numbered"),
    ("chapters/writing", r'<a href="#fig-box" class="xref">Fig\.\s1</a> stands alone'),
    ("chapters/writing", r'>Figure\s1</a>, <a href="#fig-right" class="xref">Figure\s2\s\(b\)'),
    ("chapters/writing", r"flex-basis:40%"),
    ("chapters/writing", r'id="lst-code".*?Listing\s1:</span> A listing.*?<pre'),
    ("chapters/writing", r"<strong>Theorem 1</strong> \(Nothing\)\. All empty"),
    ("chapters/writing", r"\{\{&lt; meta title &gt;\}\}"),
    ("chapters/writing", r"Escaped @fig-none"),
    ("chapters/writing", r'<span class="header-section-number">1</span> Tabs'),
    ("chapters/deep/files", r"<h1>Files in the fixture</h1>"),
    ("chapters/deep/files", r"chapters/deep/files\.qmd 2 1\nat downloads"),
    (
        "chapters/deep/files",
        r'href="../../site_libs/site.css">\s*<link rel="stylesheet" href="../../assets/extra.css">',
    ),
    ("chapters/deep/files", r'href="https://example.org/owner/repo/edit/main/chapters/deep/files.qmd">Edit this page'),
    ("chapters/deep/files", r'href="https://example.org/owner/repo/blob/main/chapters/deep/files.qmd">View source'),
    ("chapters/deep/files", r'<a href="files.html" aria-current="page">'),
    ("chapters/deep/files", r'rel="prev" href="../writing.html"'),
    ("chapters/deep/files", r'Made for tests\. <a href="../../index.html">Home</a></div><div><em>Right</em>'),
]


@pytest.mark.parametrize(("name", "pattern"), PRESENT)
def test_a_construct_is_drawn(built: tuple[Path, BuildReport], name: str, pattern: str) -> None:
    assert re.search(pattern, read(built, name), re.S)


@pytest.mark.parametrize(
    "text", ["a warning that is hidden\n", "output that is hidden\n", "SystemExit: ", "secret = 42"]
)
def test_what_a_cell_hides_is_not_there(built: tuple[Path, BuildReport], text: str) -> None:
    shown = re.sub(
        r"<details.*?</details>|<div class=\"sourceCode.*?</div>", "", read(built, "chapters/cells"), flags=re.S
    )
    assert text not in shown


def test_conditional_text_for_other_formats_is_not_there(built: tuple[Path, BuildReport]) -> None:
    assert "Only in PDF" not in read(built, "chapters/writing")


def float_of(page: str, name: str) -> str:
    """Return the figure element of a float."""
    hit = re.search(rf'<div id="{name}"[^>]*>\s*(<figure>.*?</figure>)', page, re.S)
    assert hit
    return hit[1]


@pytest.mark.parametrize(("name", "number"), [("fig-map", 1), ("fig-asis", 2)])
def test_a_figure_that_a_cell_writes_as_markdown_is_numbered(
    built: tuple[Path, BuildReport], name: str, number: int
) -> None:
    page = read(built, "chapters/floats")
    figure = float_of(page, name)
    label = f'<span class="float-label">Figure\u00a0{number}:</span> <strong>The finding.</strong> A caption with <code>code'
    assert figure.index("<svg") < figure.index(label), "the caption of a figure comes below it"
    assert f'<a href="#{name}" class="xref">Figure\u00a0{number}</a>' in page
    assert figure.count("<figcaption>") == 1


def test_a_table_that_a_cell_writes_as_markdown_is_numbered(built: tuple[Path, BuildReport]) -> None:
    page = read(built, "chapters/floats")
    table = float_of(page, "tbl-raw")
    label = '<span class="float-label">Table\u00a01:</span> <strong>The count.</strong> A caption below its table in the source.'
    assert table.index(label) < table.index('<table class="sk-table">'), "the caption of a table comes above it"
    assert '<a href="#tbl-raw" class="xref">Table\u00a01</a>' in page


def test_raw_drawings_pass_unharmed(built: tuple[Path, BuildReport]) -> None:
    page = read(built, "chapters/floats")
    drawn = '<svg viewBox="0 0 10 10" aria-hidden="true"><title>a -- b</title><text y="9">*not* "bold" -- 1...2</text></svg>'
    assert page.count(drawn) == 2
    assert '<svg viewBox="0 0 1 1" aria-hidden="true"><text>a -- *b*</text></svg> a drawing.' in page
    assert (built[0] / "downloads" / "map.svg").read_text() == drawn


def test_every_table_lies_in_one_named_box_that_keys_can_scroll(built: tuple[Path, BuildReport]) -> None:
    labels = []
    for file in sorted(built[0].rglob("*.html")):
        page = file.read_text("utf-8")
        boxes = re.findall(r'<div class="table-scroll" role="region" tabindex="0" aria-label="([^"]+)"><table', page)
        assert len(boxes) == len(re.findall(r"<table\b", page)), file.name
        labels += boxes
    assert {"Table 1: The pages", "Own caption", "(b) Right", "Table 1: A frame"} <= set(labels)


def test_sections_figures_and_tables_have_a_link_to_themselves(built: tuple[Path, BuildReport]) -> None:
    page = read(built, "chapters/writing")
    for name in ("sec-tabs", "a-heading-in-a-panel", "fig-box", "lst-code"):
        assert len(re.findall(rf'<a class="anchor" href="#{name}" aria-label="Link to [^"]+"></a>', page)) == 1
    assert '<a class="anchor" href="#tbl-raw"' in read(built, "chapters/floats")


def test_nothing_is_loaded_from_another_host(built: tuple[Path, BuildReport]) -> None:
    pattern = r"<(?:script|link|img|iframe|source|object)\b[^>]*(?:src|href|data)=\"(?:[a-z]+:)?//[^\"]*|url\(['\"]?(?:https?:)?//"
    for file in sorted(built[0].rglob("*")):
        if file.suffix in (".html", ".css", ".js"):
            assert re.findall(pattern, file.read_text("utf-8")) == [], file.name


def test_files_are_where_pages_expect_them(built: tuple[Path, BuildReport]) -> None:
    out = built[0]
    for name in ("assets/notes.txt", "assets/data/small.csv", "assets/favicon.svg", "assets/extra.css", "assets/box.svg",
                 "downloads/segments.csv", "site_libs/math.woff2", "site_libs/MATH-FONT-LICENSE.txt"):  # fmt: skip
        assert (out / name).is_file(), name
    assert (out / "site_libs" / "math.woff2").stat().st_size < 150_000


def test_the_search_index_has_one_record_for_each_section(built: tuple[Path, BuildReport]) -> None:
    text = (built[0] / "site_libs" / "search-index.js").read_text("utf-8")
    records = json.loads(text.removeprefix("window.siteIndex=").rstrip(";\n"))
    assert [r["u"] for r in records if r["u"].startswith("chapters/floats")] == [
        "chapters/floats.html",
        "chapters/floats.html#sec-first",
        "chapters/floats.html#printed",
    ]
    printed = next(r for r in records if r["u"].endswith("#printed"))
    assert printed["s"] == "2 Printed" and "A card its text" in printed["x"]
    tabs = next(r for r in records if r["u"].endswith("#sec-tabs"))
    assert (tabs["t"], tabs["s"]) == ("Writing", "1 Tabs")
    assert "The first panel." in tabs["x"] and "mrow" not in tabs["x"]


def test_ids_are_unique_and_fragments_of_chrome_do_not_clash(built: tuple[Path, BuildReport]) -> None:
    for file in sorted(built[0].rglob("*.html")):
        names = re.findall(r'\sid="([^"]+)"', file.read_text("utf-8"))
        assert len(names) == len(set(names)), file.name


def test_another_build_is_byte_identical_and_leaves_the_sources_alone(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    before, second = contents(SOURCE), tmp_path / "a longer name"
    build(SOURCE, second, cache=tmp_path / "cache", key="other", jobs=1, progress=False)
    first, again = contents(built[0]), contents(second)
    assert [name for name in first | again if first.get(name) != again.get(name)] == []
    assert contents(SOURCE) == before


def test_no_path_of_this_machine_is_published(built: tuple[Path, BuildReport]) -> None:
    for file in sorted(built[0].rglob("*.html")):
        page = file.read_text("utf-8")
        assert str(SOURCE) not in page and tempfile.gettempdir() not in page and "site-packages" not in page, file.name
