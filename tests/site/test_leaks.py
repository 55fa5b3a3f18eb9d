"""The search for identifiers: what it must find, and what it must leave alone."""

from __future__ import annotations

import base64
import gzip
import html
import io
import random
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from segkit.data.identifiers import Identifiers
from segkit.data.provenance import Unsearched
from segkit.site import leaks
from segkit.site.leaks import Leak, Search
from segkit.site.plain import own_words

NUMBERS = frozenset(
    {
        "648578192",
        "0811234567",
        "+27 71 234 5678",
        "anna.berg@example.org",
        "AB-CD",
        "Zqfirst0 Yqlast0",
        "sip:9301@pbx.local",
    }
)
LONG = "The Office Of The Deputy Head Of Northern Regional Supply And Transport"
NAMES = frozenset(
    {
        "Husband CEL01",
        "Zohra",
        "Park",
        "Tenant Bel - Nigel",
        "Müller, Jürgen",
        "Seán O’Brien",
        "田中太郎",
        "김철수",
        "Ann 🦊",
        "🐻🐻",
        "J. R. Ewing-Smith",
        LONG,
    }
)


@pytest.fixture(scope="module")
def search() -> Search:
    return Search(
        Identifiers(NUMBERS, NAMES, frozenset({"Rufname Kunde"})), own_words=["park", "the", "office", "table"]
    )


def kinds(search: Search, text: str, file: str = "page.html") -> set[str]:
    return {leak.kind for leak in search.text(text, file)}


@pytest.mark.parametrize(
    "text",
    [
        "648578192",
        "call 0648578192 now",
        "+27648578192",
        "0027648578192",
        "27648578192",
        "648 578 192",
        "648-578-192",
        "648.578.192",
        "648_578_192",
        "6 4 8 5 7 8 1 9 2",
        "64 85 78 19 2",
        "(0)64 857 8192",
        "+27 (0)64 857 8192",
        "(064) 857-8192",
        "(064) 857.8192",
        "064/857/8192",
        "064 / 857 8192",
        "064/857 81-92",
        "648.578192",
        "648,578,192",
        "64,85,78,192",
        "648’578’192",
        "648&#8239;578&nbsp;192",
        "648\u200b578192",
        "648\u2011578\u2013192",
        "648\u00ad578\u2060192",
        "648\n578 192",
        "648578192.0",
        "648578192,00",
        "6.48578192e8",
        "6.48578192E+08",
        "6,48578192 × 10<sup>8</sup>",
        "6.48578192·10⁸",
        "64857819200e-2",
        "tel.648578192",
        '<a href="tel:+27-64-857-8192">call</a>',
        '<a href="callto:648578192">call</a>',
        '{"n":648578192}',
        "&#54;48578192",
        "&#x36;48578192",
        "&amp;#54;48578192",
        r"\u0036\u0034\u0038578192",
        r"\x36\x348578192",
        "%36%34%38578192",
        "648%20578%20192",
        r"648\-578\-192",
        "<b>648</b>578192",
        "<b>648</b><i>578</i>192",
        "64<span\nclass='x'>857</span>8192",
        "648<!-- x -->578<wbr>192",
        "&lt;b&gt;648&lt;/b&gt;578192",
        "<svg><text><tspan>648</tspan><tspan>578</tspan><tspan>192</tspan></text></svg>",
        "<!-- 648578192 -->",
        '<p data-n="648578192">',
        '<p title="648 578 192">',
        '<p id="p-648578192">',
        '<meta name="x" content="0648578192">',
        "<style>/* 648578192 */</style>",
        "<script>var n = '648' + 578192; var m = 648578192</script>",
        "６４８５７８１９２",
        "٦٤٨٥٧٨١٩٢",
        "६४८ ५७८ १९२",
        "𝟔𝟒𝟖𝟓𝟕𝟖𝟏𝟗𝟐",
        "id648578192x",
        "0811234567",
        "81 123 4567",
        "27712345678",
        "071 234 5678",
    ],
)
def test_finds_numbers_in_every_form(search: Search, text: str) -> None:
    assert kinds(search, f"<p>{text}</p>") == {"number"}


@pytest.mark.parametrize(
    ("text", "file", "kind"),
    [
        ("Anna.Berg@Example.org", "page.html", "identifier"),
        ('<a href="mailto:anna.berg%40example.org">', "page.html", "identifier"),
        ("anna.berg&commat;example.org", "page.html", "identifier"),
        ("anna_berg_example_org", "site.css", "identifier"),
        ("x,ab-cd,1", "table.csv", "identifier"),
        ('{"AB\\u002dCD":1}', "results.json", "identifier"),
        ("<td>Zqfirst0 Yqlast0</td>", "page.html", "identifier"),
        ('<p id="zqfirst0-yqlast0">', "page.html", "identifier"),
        ('<p class="zqfirst0yqlast0">', "page.html", "identifier"),
        ("Yqlast0, Zqfirst0", "page.html", "identifier"),
        ("9301@pbx.local", "page.html", "identifier"),
        ("<b>Husband</b> CEL01", "page.html", "name"),
        ("husband cel01", "page.html", "name"),
        ("Husband CEL 01", "page.html", "name"),
        ("Hus<b>band</b> C<i>EL01</i>", "page.html", "name"),
        ("<td>Husband</td><td>CEL01</td>", "page.html", "name"),
        ("Husband&nbsp;CEL01", "page.html", "name"),
        ("husband%20cel01", "page.html", "name"),
        (r"Husband\u0020CEL01", "search-index.js", "name"),
        ("var x = 'Husband CEL01'", "site.js", "name"),
        ('"CEL01, Husband",3', "table.csv", "name"),
        ("<td>Zohra</td>", "page.html", "name"),
        ("<span>call</span><span>Zohra</span><span>now</span>", "page.html", "name"),
        ("<p>Zo<b>hr</b>a</p>", "page.html", "name"),
        ("Zo&shy;hra", "page.html", "name"),
        ("Ｚｏｈｒａ", "page.html", "name"),
        ("Zóhra", "page.html", "name"),
        ('<img alt="calls of Zohra">', "page.html", "name"),
        ("<img alt='calls of Zohra'>", "page.html", "name"),
        ('<section id="zohra">', "page.html", "name"),
        ('<a href="#zohra">', "page.html", "name"),
        ('<p data-who="Zohra">', "page.html", "name"),
        ('<p aria-label="Zohra">', "page.html", "name"),
        ('<meta name="description" content="Zohra">', "page.html", "name"),
        ('<script type="application/ld+json">{"name": "Zohra"}</script>', "page.html", "name"),
        ("<!-- Zohra -->", "page.html", "name"),
        ("<text>ZOHRA</text>", "picture.svg", "name"),
        ("a,zohra\n", "table.csv", "name"),
        ('{"Zohra": 1}', "results.json", "name"),
        ("window.SEARCH=[{x:'Zohra'}]", "site_libs/search-index.js", "name"),
        (r"[{x:'\u003cb\u003eZoh\u003c/b\u003era'}]", "search-index.js", "name"),
        ("Tenant Bel - Nigel", "page.html", "name"),
        ("tenant-bel-nigel", "page.html", "name"),
        ("Jurgen Muller", "page.html", "name"),
        ("Jürgen Müller", "page.html", "name"),
        ("Mu\u0308ller, Ju\u0308rgen", "page.html", "name"),
        ("Juergen Mueller", "page.html", "name"),
        ("M&uuml;ller J&#252;rgen", "page.html", "name"),
        ("Sean O'Brien", "page.html", "name"),
        ("sean-o-brien", "page.html", "name"),
        ("Seán OBrien", "page.html", "name"),
        ("JR Ewing Smith", "page.html", "name"),
        ("今日は田中太郎さんに電話した", "page.html", "name"),
        ("田中 太郎", "page.html", "name"),
        ("&#30000;&#20013;&#22826;&#37070;", "page.html", "name"),
        ("김철수가", "page.html", "name"),
        ("Ann 🦊", "page.html", "name"),
        ("Ann 🦊\ufe0f", "page.html", "name"),
        ("a🐻🏽🐻b", "page.html", "name"),
        (LONG, "page.html", "name"),
        (f"{LONG[:52]}…", "page.html", "name"),
        ("<th>rufname kunde</th>", "page.html", "header cell"),
    ],
)
def test_finds_names_and_identifiers_of_letters(search: Search, text: str, file: str, kind: str) -> None:
    assert kinds(search, text, file) == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "24,952 calls, 2,091 contacts",
        "1314167f6dc878b65aaa7db744d57399925b6f7ad2788adf10deb4ae9fac2943",
        "a648578192f6dc878b65aaa7db744d57399925b6f7ad2788adf10deb4ae9fac2",  # a SHA-256 may hold any digits
        "1599, 225, 176, 91",
        "0.648578192",  # a share with nine decimals is not a number of nine digits
        "M 64.857 819.2 L 12.5 30.25",
        '<path d="M 648 578 192 L 64.857 81.92" style="fill: #648578"/>',
        '<g transform="translate(648 578.192)"><rect x="648" y="578"/></g>',
        "2022-01-01 16:03:01",
        "64857819 2091",
        "6485781920000000",
        "<td>648</td><td>578</td><td>192</td>",
        "<li>648</li>\n<li>578192</li>",
        "648 (578–192)",
        "from 648.5 to 781.92",
        "The Office",
        "Husband of CEL01",
        "田中次郎",
        "🐻",
    ],
)
def test_leaves_figures_and_other_words_alone(search: Search, text: str) -> None:
    assert search.text(f"<p>{text}</p>", "page.html") == []


def test_commas_divide_cells_unless_a_quotation_mark_holds_them(search: Search) -> None:
    assert search.text("648,578,192\n", "table.csv") == []
    assert search.text('a,"648,578,192"\n', "table.csv") == [Leak("table.csv", "number", 1, 9)]


@pytest.mark.parametrize(
    "cell",
    [
        '="0648578192"',
        "'0648578192",
        "648578192.0",
        "6.48578192E8",
        "648,578,192",
        "(0)64/857 8192",
        "tel:+27648578192",
        "+27 64 857 8192 ext 12",
        "0648578192; 0712345678",
        "Cell 064 857 8192",
        "27648578192",
        "０６４８５７８１９２",
        "٦٤٨٥٧٨١٩٢",
    ],
)
def test_every_way_in_which_a_file_writes_a_number_is_searched(cell: str) -> None:
    looking = Search(Identifiers(frozenset({cell}), frozenset()))
    assert looking.unsearched == Unsearched()
    for text in ("648578192", "+27 64 857 8192", "(064) 857-8192"):
        assert looking.text(text, "page.html"), text


def test_names_that_are_numbers_are_searched_as_numbers() -> None:
    looking = Search(Identifiers(frozenset(), frozenset({"0648 578 192", "Shop 0712345678"})))
    assert kinds(looking, "648-578-192 and 712 345 678") == {"number"}


def test_a_name_that_the_report_uses_as_a_word_is_no_leak(search: Search) -> None:
    assert search.text("<p>Park</p>", "page.html") == []
    assert Search(Identifiers(frozenset(), NAMES)).text("<p>Park</p>", "page.html")


def test_a_name_that_another_study_tells_is_no_leak_and_is_counted(search: Search) -> None:
    assert search.text("<p>Zohra</p>", "page.html")
    beside = search.beside(frozenset({"zohra", "648578192"}))
    assert beside.text("<p>Zohra</p>", "page.html") == []
    assert beside.text("<p>064 857 8192</p>", "page.html")
    assert beside.unsearched.common == search.unsearched.common + 1
    assert search.text("<p>Zohra</p>", "page.html")  # the search itself stays as it was


def test_a_table_in_an_archive_is_read_as_a_table(search: Search, tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(zipped("table.csv", b"648,578,192\n"))
    assert search.folder(tmp_path) == []
    (tmp_path / "all.zip").write_bytes(zipped("table.csv", b'a,"648,578,192"\n'))
    assert search.folder(tmp_path) == [Leak("all.zip", "number", 1, 9)]


@pytest.mark.parametrize("own", [["staff"], ["staff", "73"]])
def test_a_count_of_what_the_report_tells_is_no_numbered_name(own: list[str]) -> None:
    looking = Search(Identifiers(frozenset({"staff_73", "staff_173"}), frozenset()), own_words=own)
    assert looking.text("staff,73\n", "table.csv") == []
    assert looking.text("staff,173\n", "table.csv") and looking.text("staff_73\n", "table.csv") == []


def test_scripts_and_classes_hold_no_single_names_but_do_hold_numbers(search: Search) -> None:
    assert search.text('<p class="zohra"></p>', "page.html") == []
    assert search.text("var zohra = 1", "site_libs/lib.js") == []
    assert search.text("var n = 648578192", "site_libs/lib.js")


def png(**texts: bytes) -> bytes:
    """Return a picture whose metadata hold texts."""
    chunk = lambda kind, body: len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")  # noqa: E731
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(k.encode(), b) for k, b in texts.items()) + chunk(b"IEND", b"")


def zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # without the time of day
    return made.getvalue()


SECRET = b"calls of 0648578192"
PACKED = [
    png(tEXt=b"Comment\0" + SECRET),
    png(zTXt=b"Comment\0\0" + zlib.compress(SECRET)),
    png(iTXt=b"Comment\0\0\0en\0x\0" + SECRET),
    png(iTXt=b"Comment\0\1\0en\0x\0" + zlib.compress(SECRET)),
    png(IDAT=b"\0\1\2" + SECRET),
    gzip.compress(SECRET, mtime=0),
    gzip.compress(zipped("a.csv", SECRET), mtime=0),
    zipped("a.csv", SECRET),
    zipped("0648578192.csv", b""),
    b"%PDF-1.7\nstream\n" + zlib.compress(SECRET) + b"\nendstream",
    b"\0\1\2" + SECRET.decode().encode("utf-16-le"),
    SECRET.decode().encode("utf-16"),
    b'<img src="data:text/plain;base64,' + base64.b64encode(SECRET) + b'">',
    b'<img src="data:image/png;base64,' + base64.b64encode(png(zTXt=b"C\0\0" + zlib.compress(SECRET))) + b'">',
    b'<img src="data:image/svg+xml,'
    + urllib.parse.quote("<svg><text>0648<tspan>578192</tspan></text></svg>").encode()
    + b'">',
]


@pytest.mark.parametrize("content", PACKED)
def test_finds_what_is_packed_within_files(search: Search, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.html").write_bytes(content)
    found = search.folder(tmp_path)
    assert {leak.kind for leak in found} == {"number"}
    assert "648578192" not in "".join(map(str, found))


@pytest.mark.parametrize(
    "content", [png(zTXt=b"Comment"), b"PK\x03\x04 no archive", gzip.compress(SECRET, mtime=0)[:-9] + b"x"]
)
def test_damaged_files_do_not_stop_the_search(search: Search, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.bin").write_bytes(content)
    search.folder(tmp_path)
    (tmp_path / "other.txt").write_bytes(SECRET)
    assert [leak.file for leak in search.folder(tmp_path)] == ["other.txt"]


def test_searches_every_file_and_its_name(tmp_path: Path, search: Search) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "table.csv").write_text("id\n648578192\n", "utf-8")
    (tmp_path / "648578192.html").write_text("<p>Husband CEL01</p>", "utf-8")
    (tmp_path / "husband-cel01.txt").write_text("nothing", "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n tEXt 648578192 ")
    found = search.folder(tmp_path)
    assert {leak.file for leak in found} == {
        "a file name",
        "a file.html whose name holds an identifier",
        "a/table.csv",
        "picture.png",
    }
    assert [leak.line for leak in found if leak.file == "a/table.csv"] == [2]
    assert not re.search("648578192|cel01", "".join(map(str, found)), re.I)


@pytest.mark.parametrize(
    "text",
    [
        "a\nb\n648578192",
        "<p\nclass='x'>\n648578192",
        "<p>a\n\n<b\n>648</b>578192",
        "a&#10;b\n\n6485<i>78192</i>",
        "<!-- a\n\n-->Zohra",
    ],
)
def test_lines_are_those_of_the_file(search: Search, text: str) -> None:
    assert {leak.line for leak in search.text(text + "\n\n", "page.html")} == {text.count("\n") + 1}


def test_says_how_many_identifiers_cannot_be_searched() -> None:
    numbers = {"12", "345", "000042", "648578192", "X"}
    looking = Search(
        Identifiers(frozenset(numbers), frozenset({"Park", "Q", "?", "Zohra", "Table 1", "Not set"})),
        ["park", "table"],
        code=['value = "not set"'],
    )
    assert looking.unsearched == Unsearched(short=3, common=3, brief=3)
    assert looking.unsearched.total == 9
    assert looking.text("12 of 345 contacts in Table 1 and the Park: 42, not set", "page.html") == []
    assert looking.text("000042", "page.html")  # no count has leading zeros


def test_numbers_of_a_length_that_the_file_has_plenty_of_are_not_told_from_counts() -> None:
    crowd = frozenset(map(str, range(100_000, 110_000)))
    looking = Search(Identifiers(crowd | {"648578192"}, frozenset()))
    assert looking.unsearched == Unsearched(dense=10_000)
    assert looking.text("105,123 seconds", "page.html") == []
    assert looking.text("648578192", "page.html")


def test_a_short_number_is_told_as_what_it_is_with_the_chance_of_it() -> None:
    looking = Search(Identifiers(frozenset({"105123", "105124"}), frozenset()))
    (leak,) = looking.text("105,123 seconds", "page.html")
    assert str(leak) == "page.html: a number of 6 digits in line 1 equals one of the input"
    looking.text("1.234.567 and 777,777", "page.html")
    assert looking.chance == pytest.approx(3 * 2 / 900_000)  # of six digits: 105123, 777777, and 234567


def test_identifiers_do_not_show_themselves() -> None:
    both = Identifiers(NUMBERS, NAMES, frozenset({"0712345678"}))
    assert "648578192" not in repr(both) + str(both) and "0712345678" not in repr(both) + str(both)


def test_own_words() -> None:
    assert own_words(("Ward's method, by Ward",)) == {"wards", "method", "by", "ward"}


# A seeded search for gaps: an identifier in a random form at a random place of a small site.

Form = Callable[[random.Random, str], str]


def _groups(rng: random.Random, digits: str) -> str:
    mark = rng.choice([" ", "-", ".", "/", "\u00a0", "\u202f", "\u2011", " - ", "_"])
    cuts = sorted(rng.sample(range(2, len(digits) - 1), 2))
    return mark.join(digits[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True))


def _split(rng: random.Random, text: str) -> str:
    at = rng.randrange(1, len(text))
    tag = rng.choice(["b", "span", "i", "em", "tspan", "strong", "a", "mark"])
    return rng.choice([f"{text[:at]}<{tag}>{text[at:]}</{tag}>", f"<{tag} x='1'>{text[:at]}</{tag}>{text[at:]}"])


def _each(write: Callable[[str], str]) -> Form:
    return lambda rng, text: "".join(write(c) if rng.random() < 0.5 else c for c in text)


NUMBER_FORMS: tuple[Form, ...] = (
    lambda rng, d: d,
    lambda rng, d: "0" + d,
    lambda rng, d: rng.choice(["+27", "0027", "+44 (0)", "+353 "]) + d,
    _groups,
    lambda rng, d: f"(0{d[:2]}) {d[2:5]}{rng.choice(' -')}{d[5:]}",
    lambda rng, d: f"{int(d):,}",
    lambda rng, d: f"{d}.0",
    lambda rng, d: f"{d[0]}.{d[1:]}{rng.choice(['e', 'E+0', 'e+'])}{len(d) - 1}",
    lambda rng, d: "".join(chr(rng.choice([0x660, 0x966, 0xFF10, 0x1D7D8]) + int(c)) for c in d),
)
WORD_FORMS: tuple[Form, ...] = (
    lambda rng, n: n,
    lambda rng, n: n.upper(),
    lambda rng, n: n.lower().replace(" ", rng.choice(["-", "_", ".", "+", "%20"])),
    lambda rng, n: ", ".join(reversed(n.split())),
    lambda rng, n: n.replace("a", "á").replace("o", "ö"),
    lambda rng, n: n.replace(" ", rng.choice(["\u00a0", "\n", "&nbsp;", "</td><td>", " \u2013 "])),
    lambda rng, n: n.replace(" ", "").lower(),
)
COVERS: tuple[Form, ...] = (
    lambda rng, t: t,
    _each(lambda c: f"&#{ord(c)};"),
    _each(lambda c: f"&amp;#x{ord(c):x};"),
    _each(lambda c: f"{c}\u200b"),
    _split,
    lambda rng, t: html.escape(_split(rng, t)),
)
PLACES: tuple[tuple[str, str], ...] = (
    ("a.html", "<p>call {} now</p>"),
    ("a.html", "<td>1</td><td>{}</td><td>2</td>"),
    ("a.html", "<!-- {} -->"),
    ("a.html", '<img alt="x {}">'),
    ("a.html", "<p data-x='{}'></p>"),
    ("a.svg", "<svg><text x='1'>{}</text></svg>"),
    ("a.csv", 'x,1\n"{}",2\n'),
    ("a.json", '{{"x": "{}"}}'),
    ("search-index.js", 'window.siteIndex=[{{"x":"{}"}}];'),
    ("a.txt", "x\n{}\n"),
    ("a.html", '<meta name="x" content="{}">'),
)
PLAIN = {
    "a.html": "<p>24,952 calls of 2,091 contacts, 0.589</p>",
    "a.csv": "a,b\n0.123456789,12\n",
    "a.svg": '<svg><path d="M 1 2"/></svg>',
}


def planted(rng: random.Random) -> tuple[Identifiers, dict[str, str]]:
    """Return identifiers and a small site that gives one of them away."""
    letters = "bcdfghjklmnpqrstvwxz"
    names = [
        " ".join("".join(rng.choices(letters + "ao", k=rng.randrange(4, 9))).title() for _ in range(2))
        for _ in range(20)
    ]
    numbers = [str(rng.randrange(2 * 10**8, 10**9)) for _ in range(20)]
    words = rng.random() < 0.5
    text = (
        rng.choice(WORD_FORMS)(rng, rng.choice(names)) if words else rng.choice(NUMBER_FORMS)(rng, rng.choice(numbers))
    )
    file, frame = rng.choice(PLACES)
    value = '="' in frame or "='" in frame  # the value of an attribute, which has no tags
    text = text.replace("</td><td>", " ") if value else text
    covers = COVERS[:1] if re.search("[<&%]", text) else COVERS[:4] if value else COVERS  # no escape within an escape
    site = {**PLAIN, file: PLAIN.get(file, "") + "\n" + frame.format(rng.choice(covers)(rng, text))}
    return Identifiers(frozenset(numbers), frozenset(names)), site


def missed(trials: int, seed: int) -> list[dict[str, str]]:
    """Return the sites whose leak the search did not find."""
    rng = random.Random(seed)
    sites = []
    for _ in range(trials):
        identifiers, site = planted(rng)
        looking = Search(identifiers, own_words=["call", "now"])
        assert not any(looking.text(text, file) for file, text in PLAIN.items())
        if not any(looking.text(text, file) for file, text in site.items()):
            sites.append(site)
    return sites


def test_a_planted_identifier_is_found_wherever_and_however_it_stands() -> None:
    assert missed(500, seed=9) == []


def test_files_in_which_nothing_was_found_are_passed_over_until_they_or_the_search_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a file of the same name and content is passed over; one in which something was found never is."""
    (tmp_path / "a.html").write_text("<p>Nothing.</p>", "utf-8")
    (tmp_path / "b.html").write_text("<p>648 578 192</p>", "utf-8")
    looking = Search(Identifiers(frozenset(), frozenset({"0648578192"})))
    clean: set[str] = set()
    assert [leak.file for leak in looking.folder(tmp_path, clean)] == ["b.html"] and len(clean) == 1
    (tmp_path / "a.html").write_text("<p>0648578192</p>", "utf-8")
    assert [leak.file for leak in looking.folder(tmp_path, clean)] == ["a.html", "b.html"] and not clean
    (tmp_path / "a.html").write_text("<p>Nothing.</p>", "utf-8")
    looking.folder(tmp_path, clean)
    read: list[str] = []
    monkeypatch.setattr(leaks, "pieces", lambda content, name: read.append(name) or [])
    looking.folder(tmp_path, clean)
    assert read == ["b.html"]
    other = Search(Identifiers(frozenset(), frozenset({"0648578193"})))
    assert other.identity != Search(Identifiers(frozenset(), frozenset({"0648578192"}))).identity


def test_several_searches_of_a_site_find_what_each_finds_alone(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>648 578 192, Zohra<img src='data:text/plain;base64,Wm9ocmE='></p>", "utf-8")
    (tmp_path / "0711223344.csv").write_text("name\nZohra\n0711223344\n", "utf-8")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(tmp_path / "a.html", "a.html")
    both = [
        Search(Identifiers(frozenset(), frozenset({"0648578192"}))),
        Search(Identifiers(frozenset({"0711223344"}), frozenset({"Zohra"}))),
    ]
    together = leaks.folder(tmp_path, [(search, None) for search in both])
    assert together == [search.folder(tmp_path) for search in both]
    assert [len(found) for found in together] == [2, 5]
    assert {leak.file for leak in together[1]} == {
        "a file name", "a file.csv whose name holds an identifier", "a.html", "all.zip",
    }  # fmt: skip
