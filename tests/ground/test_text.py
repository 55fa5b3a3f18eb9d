"""Text from outside comes out as text: each escape is undone by a reader that is not ours."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pypandoc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from payloads import PAYLOADS

from segkit import text
from segkit.errors import InputError
from segkit.text import LONGEST, flat

# What Quarto, R Markdown or a reader's own settings may add to pandoc's Markdown.
READERS = (
    "markdown",
    "markdown+autolink_bare_uris+emoji+mark+hard_line_breaks+wikilinks_title_after_pipe+alerts+short_subsuperscripts",
    "commonmark_x+autolink_bare_uris",
)
MARKS = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
LINES = sorted({flat(p) for p in PAYLOADS})


def as_read(block: dict[str, Any]) -> str | None:
    """Return the text of a block of pandoc's tree; None where it is anything but a paragraph of words."""
    if block["t"] != "Para":
        return None
    kinds = {inline["t"] for inline in block["c"]}
    if not kinds <= {"Str", "Space"}:
        return None
    return "".join(inline.get("c", " ") for inline in block["c"])


def read(paragraphs: list[str], reader: str) -> list[dict[str, Any]]:
    tree = json.loads(pypandoc.convert_text("\n\n".join(paragraphs), "json", format=reader))
    assert not tree["meta"]
    return tree["blocks"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_flat_text_is_one_line_that_can_be_seen(payload: str) -> None:
    line = flat(payload)
    assert line == flat(line) == unicodedata.normalize("NFC", line) and len(line) <= LONGEST
    assert line == " ".join(line.split()) and not any(unicodedata.category(c) in MARKS for c in line)
    assert line.isascii() or not re.search("[\u115f\u1160\u3164\ufe00-\ufe0f\U000e0000-\U000e0fff]", line)
    letters = [c for c in unicodedata.normalize("NFC", payload) if c.isalnum() and c not in "\u115f\u3164"]
    assert [c for c in flat(payload, limit=None) if c.isalnum()] == letters  # nothing that is read is lost


@given(st.text())
def test_flat_holds_for_any_text(raw: str) -> None:
    line = flat(raw)
    assert line == flat(line) and len(line) <= LONGEST and line == " ".join(line.split())
    assert not any(unicodedata.category(c) in MARKS for c in line)


@pytest.mark.parametrize("reader", READERS)
def test_markdown_is_a_paragraph_of_words(reader: str) -> None:
    for escape in (text.markdown, lambda line: text.caption(line.replace("**", "* *"))):
        blocks = read([escape(line) for line in LINES], reader)
        wanted = [line if escape is text.markdown else line.replace("**", "* *") for line in LINES]
        assert [as_read(b) for b in blocks] == wanted


def test_markdown_of_any_marks_is_a_paragraph_of_words() -> None:
    marks, draw = "ab1  \\`*_{}[]()<>#+-.!$|~^@&:=/\"';%,?é", random.Random(9)
    texts = ("".join(draw.choices(marks, k=draw.randint(1, 30))) for _ in range(2000))
    lines = [line for line in map(flat, texts) if line]
    blocks = read([text.markdown(line) for line in lines], "markdown")
    # An apostrophe inside a word is set as one, as in our own sentences.
    assert [as_read(b) for b in blocks] == [re.sub(r"(?<=\w)'(?=\w)", "\u2019", line) for line in lines]


def test_a_caption_keeps_its_own_two_marks() -> None:
    (block,) = read([text.caption("**Half of <b>.** As in [@lloyd1982], [x](y) {.z}")], "markdown")
    assert [i["t"] for i in block["c"] if i["t"] not in ("Str", "Space")] == ["Strong", "Cite"]


def test_a_fence_is_longer_than_what_it_holds() -> None:
    whole = "\n".join(PAYLOADS).replace("\r", "\n").replace("\t", " ")
    (block,) = read([text.fenced(whole, "{=html}")], "markdown-tex_math_dollars")
    assert block == {"t": "RawBlock", "c": ["html", whole]}
    assert text.fenced("a `b`", "{=html}") == "```{=html}\na `b`\n```"


class Scripts(HTMLParser):
    """Collects the elements of a text, and what stands in scripts."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.inside = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.inside += data


@pytest.mark.parametrize("indent", [None, 1])
def test_json_comes_back_and_no_text_ends_its_element(indent: int | None) -> None:
    given_ = {p: [p, 1.5] for p in PAYLOADS}
    written = text.json_text(given_, indent=indent)
    assert json.loads(written) == given_
    assert not any(unicodedata.category(c) in MARKS - {"Co"} for c in written.replace("\n", ""))
    inside = text.json_text(given_, indent=indent, html=True)
    page = Scripts(f'<script type="application/json">{inside}</script>')
    assert page.tags == ["script"] and json.loads(page.inside) == given_
    assert json.loads(text.json_text("\udcff\U000e0041")) == "\udcff\U000e0041"  # names of files need be no text


def is_formula(cell: str) -> bool:
    return cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_cell_is_a_formula_however_a_spreadsheet_divides_the_line(delimiter: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([text.cell(p), 1] for p in PAYLOADS)
    rows = list(csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=delimiter))
    assert len(rows) == len(PAYLOADS)
    assert not any(is_formula(c) for row in rows for c in row)
    if delimiter == ",":
        assert all(
            flat(row[0].replace("'", ""), None) == flat(p.replace("'", ""), None)
            for row, p in zip(rows, PAYLOADS, strict=True)
        )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_messages_steer_no_terminal(payload: str) -> None:
    error = InputError(f"a cell holds {payload}", file=payload, column=payload, remedy=payload)
    for said in (str(error), text.terminal(payload)):
        assert not any(unicodedata.category(c) in MARKS - {"Co"} for c in said.replace("\n", ""))
