"""The search for identifiers: what it must find, and what it must leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.data.identifiers import Identifiers
from segkit.site.leaks import Search, own_words

NUMBERS = frozenset({"648578192", "0811234567", "+27 71 234 5678", "anna.berg@example.org"})
NAMES = frozenset({"Husband CEL01", "Zohra", "Park", "Tenant Bel - Nigel"})


@pytest.fixture
def search() -> Search:
    return Search(Identifiers(NUMBERS, NAMES), own_words=["park"])


@pytest.mark.parametrize(
    "text",
    [
        "648578192",
        "call 0648578192 now",
        "+27648578192",
        "0027648578192",
        "648 578 192",
        "648-578-192",
        "648.578.192",
        "(0)64 857 8192",
        "064/857/8192",
        "648,578,192",
        "648&#8239;578&nbsp;192",
        "648\u200b578192",
        "6.48578192e8",
        "6.48578192E+08",
        "tel:+27-64-857-8192",
        '{"n":648578192}',
        "&#54;48578192",
        "id648578192x",
        "0811234567",
        "81 123 4567",
        "27712345678",
        "071 234 5678",
    ],
)
def test_finds_numbers_in_every_form(search: Search, text: str) -> None:
    assert {leak.kind for leak in search.text(f"<p>{text}</p>", "page.html")} == {"number"}


@pytest.mark.parametrize(
    "text",
    [
        "24,952 calls, 2,091 contacts",
        "1314167f6dc878b65aaa7db744d57399925b6f7ad2788adf10deb4ae9fac2943",
        "1599, 225, 176, 91",
        "0.648578192",  # a share with nine decimals is not a number of nine digits
        "M 64.857 819.2 L 12.5 30.25",
        "2022-01-01 16:03:01",
        "64857819 2091",
        "6485781920000000",
    ],
)
def test_leaves_figures_alone(search: Search, text: str) -> None:
    assert search.text(f"<p>{text}</p>", "page.html") == []


@pytest.mark.parametrize(
    "text",
    [
        "<b>Husband</b> CEL01",
        "husband cel01",
        "<td>Zohra</td>",
        '<img alt="calls of Zohra">',
        "Tenant Bel - Nigel",
        "<text>ZOHRA</text>",
    ],
)
def test_finds_names(search: Search, text: str) -> None:
    assert {leak.kind for leak in search.text(text, "page.html")} == {"name"}


def test_a_name_that_the_report_uses_as_a_word_is_no_leak(search: Search) -> None:
    assert search.text("<p>Park</p>", "page.html") == []
    assert Search(Identifiers(frozenset(), NAMES)).text("<p>Park</p>", "page.html")


def test_scripts_and_tags_hold_no_names_but_do_hold_numbers(search: Search) -> None:
    assert search.text('<p class="zohra"></p>', "page.html") == []
    assert search.text("var zohra = 1", "site_libs/lib.js") == []
    assert search.text("window.SEARCH=[{x:'Zohra'}]", "site_libs/search-index.js")
    assert search.text("var n = 648578192", "site_libs/lib.js")


def test_searches_every_file_and_its_name(tmp_path: Path, search: Search) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "table.csv").write_text("id\n648578192\n", "utf-8")
    (tmp_path / "648578192.html").write_text("<p>nothing</p>", "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n tEXt 648578192 ")
    found = search.folder(tmp_path)
    assert sorted({leak.file for leak in found}) == ["a file name", "a/table.csv", "picture.png"]
    assert [leak.line for leak in found if leak.file == "a/table.csv"] == [2]
    assert all("648578192" not in str(leak) for leak in found if leak.file != "a file name")


def test_says_how_many_identifiers_are_too_short() -> None:
    short = Search(Identifiers(frozenset({"12", "345", "648578192"}), frozenset()))
    assert short.unsearched.short == 2
    assert short.text("12 of 345 contacts", "page.html") == []


def test_identifiers_do_not_show_themselves() -> None:
    assert "648578192" not in repr(Identifiers(NUMBERS, NAMES)) + str(Identifiers(NUMBERS, NAMES))


def test_own_words(tmp_path: Path) -> None:
    (tmp_path / "a.qmd").write_text("Ward's method, by Ward", "utf-8")
    assert own_words([tmp_path / "a.qmd"]) == {"wards", "method", "by", "ward"}
