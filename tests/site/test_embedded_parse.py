"""Sources to pages: places, includes, options, and what is refused.

Expected values follow from the sources written here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.errors import BuildError
from segkit.site.embedded import parse
from segkit.site.embedded.model import Cell, Page, Text


def write(root: Path, files: dict[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def cells(page: Page) -> list[Cell]:
    """Return a page's cells."""
    return [part for part in page.parts if isinstance(part, Cell)]


def test_cells_know_their_file_and_line_through_includes(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.qmd": "---\ntitle: A\n---\n\n{{< include inc/_b.qmd >}}\n\n```{python}\n#| echo: false\n\nx = 1\n```\n",
            "inc/_b.qmd": "text\n\n```{python}\ny = 2\n```\n",
        },
    )
    first, second = cells(parse.load_page(tmp_path, Path("a.qmd"), {}))
    assert (first.place, first.first, first.source) == ("inc/_b.qmd:3", 4, "y = 2")
    assert (second.place, second.first, second.source, second.options) == ("a.qmd:7", 10, "x = 1", {"echo": False})


def test_page_text_holds_its_includes(tmp_path: Path) -> None:
    write(tmp_path, {"a.qmd": "{{< include _b.qmd >}}", "_b.qmd": "one"})
    before = parse.load_page(tmp_path, Path("a.qmd"), {}).text
    write(tmp_path, {"_b.qmd": "two"})
    assert (before, parse.load_page(tmp_path, Path("a.qmd"), {}).text) == ("one", "two")


def test_inline_code_is_found_in_prose_alone(tmp_path: Path) -> None:
    text = "one `{python} a + 1` two\n\n```\n`{python} b`\n```\n\n`` `{python} c` ``, `{{python}} d`, `{python} e`\n"
    write(tmp_path, {"a.qmd": text})
    (part,) = parse.load_page(tmp_path, Path("a.qmd"), {}).parts
    assert isinstance(part, Text)
    assert [(i.expression, i.place, part.source[i.start : i.end]) for i in part.inline] == [
        ("a + 1", "a.qmd:1", "`{python} a + 1`"),
        ("e", "a.qmd:7", "`{python} e`"),
    ]


def test_longer_fences_hold_shorter_ones(tmp_path: Path) -> None:
    write(tmp_path, {"a.qmd": '````{python}\nx = """\n```\n"""\n````\n\n````markdown\n```{python}\nno\n```\n````\n'})
    (cell,) = cells(parse.load_page(tmp_path, Path("a.qmd"), {}))
    assert cell.source == 'x = """\n```\n"""'


def test_settings_of_site_folder_and_page_are_layered(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "_quarto.yml": "execute: {echo: false}\nformat: {html: {toc: true, toc-depth: 2}}\n",
            "sub/_metadata.yml": "format: {html: {toc-depth: 3}}\n",
            "sub/a.qmd": "---\nexecute: {warning: false}\n---\n",
        },
    )
    meta = parse.load_page(tmp_path, Path("sub/a.qmd"), parse.load_config(tmp_path)).meta
    assert (meta["execute"], meta["toc"], meta["toc-depth"]) == ({"echo": False, "warning": False}, True, 3)


def test_render_patterns_select_and_drop(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("index.qmd", "c/a.qmd", "c/_part.qmd", "c/old/b.qmd", "other.md"), ""))
    config = {"project": {"render": ["*.qmd", "c/**/*.qmd", "!c/old/*.qmd"]}}
    assert [p.as_posix() for p in parse.find_sources(tmp_path, config)] == ["c/a.qmd", "index.qmd"]


def test_what_pages_include_is_no_page(tmp_path: Path) -> None:
    # "Files and folders with a leading underscore are ignored", says Quarto's guide, whatever the patterns are.
    write(tmp_path, dict.fromkeys(("c/a.qmd", "c/_shared/a.qmd", "c/_shared/x/b.qmd", "_d/a.qmd", "c/x/_open.qmd"), ""))
    for render in (["c/**/*.qmd", "_d/*.qmd"], ["c/_shared/*.qmd", "c/*.qmd"], None):
        found = parse.find_sources(tmp_path, {"project": {"render": render}})
        assert [p.as_posix() for p in found] == ["c/a.qmd"]


def test_a_source_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.qmd").write_bytes(b"caf\xe9")
    with pytest.raises(BuildError, match=r"a\.qmd: not UTF-8 text"):
        parse.load_page(tmp_path, Path("a.qmd"), {})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a\n\n```{mermaid}\nx\n```\n", "a.qmd:3: mermaid cells are not run here, only python"),
        ("```{r, echo=FALSE}\n```\n", "a.qmd:1: r cells are not run here, only python"),
        ("\n{{< video x.mp4 >}}\n", "a.qmd:2: the shortcode video is not supported"),
        ("{{< meta no.such >}}\n", "a.qmd:1: the shortcode meta finds no no.such"),
        ("---\nlightbox: true\n---\n", "a.qmd:1: lightbox: only Quarto does this"),
        ("---\nlisting: {contents: x}\n---\n", "a.qmd:1: listing: only Quarto does this"),
        ("---\ntitle: 'n = `{python} n`'\n---\n", "a.qmd:1: title: inline code is not run in front matter"),
        ("```{python}\n#| renderings: [light, dark]\n```\n", "a.qmd:1: cell option renderings: only Quarto does this"),
    ],
)
def test_what_only_quarto_does_is_a_fault(tmp_path: Path, text: str, fault: str) -> None:
    write(tmp_path, {"a.qmd": text})
    assert parse.load_page(tmp_path, Path("a.qmd"), {}).faults == (fault,)


@pytest.mark.parametrize("text", ["```{.python filename='x.py'}\n```\n", "```{=html}\n<b>\n```\n", "```{#lst-a .python}\n```\n",
                                  "{{{< video x >}}}\n", "```\n{{< video x >}}\n```\n"])  # fmt: skip
def test_what_is_plain_pandoc_is_no_fault(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.qmd": text})
    assert parse.load_page(tmp_path, Path("a.qmd"), {}).faults == ()


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("---\ntitle: x\n", "a.qmd:1: the front matter is not closed"),
        ("---\na: 1\ntitle: 'x\n---\n", "a.qmd:3: not YAML: found unexpected end of stream"),
        ("one\n\n```{python}\nx = 1\n", "a.qmd:3: the cell is not closed"),
        ("```{python}\n#| echo: true\n#| a: b: c\n```\n", "a.qmd:3: not YAML: mapping values are not allowed here"),
        ("\n{{< include none.qmd >}}\n", "a.qmd:2: include not found: none.qmd"),
        ("{{< include a.qmd >}}\n", "a.qmd:1: includes go round in a circle"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_and_line(tmp_path: Path, text: str, start: str) -> None:
    write(tmp_path, {"a.qmd": text})
    with pytest.raises(BuildError) as caught:
        parse.load_page(tmp_path, Path("a.qmd"), {})
    assert str(caught.value).startswith(start)
