"""What makes the report citable: CITATION.cff and its companions, references, tags, addresses of builds."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import tomllib
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from payloads import PAYLOADS

sys.path.insert(0, str(Path(__file__).resolve().parent / "report"))
from said import said

from segkit import __version__
from segkit.config import Site, load
from segkit.data.provenance import Provenance
from segkit.errors import BuildError
from segkit.report import citing, published
from segkit.site import addresses
from segkit.studies.contacts import TERMS

ROOT = Path(__file__).parents[1]
SITE = load(ROOT).site
CFF = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
REAL = Provenance(
    real=True, public=True, title="A log & more", licence="CC0 1.0", citation="A. Author (2026). A log.", place="folder",
    message="Real data.", fingerprint="0123456789abcdef" * 4, rows=1200, units=80,
)  # fmt: skip
PRIVATE = dataclasses.replace(REAL, public=False, title="calls.csv", licence="", citation="")
SIMULATED = dataclasses.replace(REAL, real=False, title="Simulation of the log", licence="", citation="")
BUILT = "2026-11-20"
FACTS = {
    "segkit": "0.1.0", "commit": None, "built": BUILT, "engine": "embedded", "seconds": 3.5,
    "data": {"source": "real", "fingerprint": REAL.fingerprint, "rows": 1200, "units": 80},
}  # fmt: skip


def test_citation_file_has_what_the_format_demands() -> None:
    # Citation File Format 1.2.0: cff-version, message, title and authors are required; an entity has a name.
    assert {"cff-version", "message", "title", "authors"} <= CFF.keys()
    assert str(CFF["cff-version"]) == "1.2.0"
    assert CFF["type"] == "software"
    assert all(a.get("name") or a.get("family-names") for a in CFF["authors"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(CFF["date-released"]))
    for reference in CFF["references"]:  # the format demands authors, title and type of each
        assert {"authors", "title", "type"} <= reference.keys()


def test_the_address_is_one_setting() -> None:
    quarto = yaml.safe_load((ROOT / "_quarto.yml").read_text("utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    meta = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    told = {r["identifier"] for r in zenodo["related_identifiers"]}
    assert quarto["website"]["repo-url"] == CFF["repository-code"] == meta["codeRepository"] == SITE.repository
    assert CFF["url"] == meta["url"] == SITE.url
    assert told == {SITE.repository, SITE.url}
    assert SITE.url in (ROOT / "README.md").read_text("utf-8")
    assert Site() == SITE  # the defaults of the settings are the same once more
    assert SITE.url.endswith("/") and not SITE.repository.endswith("/")


def test_no_other_file_names_another_repository() -> None:
    host = re.compile(r"https://(?:github\.com/segkit|segkit\.github\.io)[\w./-]*")
    for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "_quarto.yml", "CITATION.cff", "404.qmd"):
        for found in host.findall((ROOT / name).read_text("utf-8")):
            assert found.startswith((SITE.repository, SITE.url)), (name, found)
    for page in [*ROOT.glob("*.qmd"), *(ROOT / "chapters").rglob("*.qmd")]:
        assert not host.search(page.read_text("utf-8")), page


def test_companions_tell_the_same_version() -> None:
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    meta = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert zenodo["version"] == meta["version"] == __version__
    assert zenodo["license"] == meta["license"].rpartition("/")[2] == project["license"]
    assert meta["description"] == project["description"]
    assert zenodo["title"] == CFF["title"]
    assert {"title", "upload_type", "description", "creators"} <= zenodo.keys()  # what Zenodo's deposits demand
    assert f"## {__version__}, {CFF['date-released']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_citation_of_the_pages_is_in_the_bibliography() -> None:
    bib = (ROOT / "references.bib").read_text("utf-8")
    assert not re.findall(
        r"\{\\\W?\w", bib
    )  # letters are written as pages show them, so that the search knows the words
    known = re.findall(r"^@\w+\{([^,]+),", bib, re.M)
    assert len(known) == len(set(known))
    cited = set()
    for page in [*ROOT.glob("*.qmd"), *(ROOT / "chapters").rglob("*.qmd")]:
        text = re.sub(r"^(`{3,}).*?^\1", "", page.read_text("utf-8"), flags=re.M | re.S)
        cited |= set(re.findall(r"(?<![\w/])@([a-z]+\d{4})\b", text))
    assert len(cited) > 10
    assert cited <= set(known)
    for doi in re.findall(r"doi\s*=\s*\{([^}]*)\}", bib):
        assert re.fullmatch(r"10\.\d{4,9}/\S+", doi), doi  # the form of a DOI, ISO 26324


@pytest.mark.parametrize("at", [REAL, PRIVATE, SIMULATED], ids=["real", "private", "simulated"])
def test_tags_in_the_head(at: Provenance) -> None:
    text = citing.head(at, SITE, BUILT, TERMS)
    tags = {n: unescape(v) for n, v in re.findall(r'<meta name="([^"]+)" content="([^"]*)">', text)}
    # Google Scholar asks for title, authors and date, and for the institution of a report.
    assert tags["citation_title"] == citing.title(TERMS) and tags["citation_publication_date"] == "2026/11/20"
    assert tags["citation_author"] and tags["citation_technical_report_institution"]
    open_to_all = at is REAL
    assert ("robots" in tags) != open_to_all
    assert ("citation_public_url" in tags) == open_to_all
    graph = json.loads(re.search(r'<script type="application/ld\+json">\n(.*)\n</script>', text, re.S)[1])  # type: ignore[index]
    report, data = graph["@graph"]
    assert (report["@type"], data["@type"]) == ("Report", "Dataset")
    assert data.get("identifier") == (None if at is PRIVATE else f"sha256:{at.fingerprint}")
    assert data["isAccessibleForFree"] is open_to_all
    assert ("url" in report) == (at is not PRIVATE)
    assert 50 <= len(data["description"]) <= 5000  # what Google asks of a data set's description


def test_a_hostile_file_name_stays_text_in_the_head() -> None:
    text = citing.head(dataclasses.replace(PRIVATE, title='</script><img src=x onerror="1">'), SITE, BUILT, TERMS)
    assert text.count("</script>") == 1 and "<img" not in text


def test_any_file_name_stays_text_in_the_head() -> None:
    """The JSON ends where it should for a parser of HTML, and holds the name that went in."""
    for payload in PAYLOADS:
        found = Head(citing.head(dataclasses.replace(PRIVATE, title=payload), SITE, BUILT, TERMS))
        assert set(found.tags) == {"meta", "script"} and found.tags.count("script") == 1
        (data,) = [e for e in json.loads(found.script)["@graph"] if e["@type"] == "Dataset"]
        assert data["name"] == payload


class Head(HTMLParser):
    """Collects the elements of a head, and what stands in its script."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.script = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.script += data


@pytest.mark.parametrize("at", [REAL, PRIVATE, SIMULATED], ids=["real", "private", "simulated"])
def test_references_fit_the_data(at: Provenance) -> None:
    found = [*citing.entries(at, SITE, BUILT, TERMS), published.EARLIER]
    assert [e.what for e in found] == ["The report", "The package"] + ["The data"] * bool(at.citation) + [
        "The earlier analysis"
    ]
    assert len({re.match(r"@\w+\{([^,]+),", e.bibtex)[1] for e in found}) == len(found)  # type: ignore[index]
    for entry in found:
        assert entry.bibtex.count("{") == entry.bibtex.count("}") and "2026" in entry.reference
    assert (SITE.url in found[0].reference) == (SITE.url in found[0].bibtex) == (at is not PRIVATE)
    assert ("Simulated data." in found[0].reference) == (at is SIMULATED)
    advice = said("cite", "lead", provenance=at)
    assert ("never a number" in advice, "no address" in advice) == (at is SIMULATED, at is PRIVATE)


@pytest.mark.parametrize("at", [REAL, PRIVATE, SIMULATED], ids=["real", "private", "simulated"])
def test_who_made_it_and_where_the_data_are(at: Provenance) -> None:
    text = citing.about(at, SITE, TERMS, "https://example.org/log.csv").markdown
    assert [line.split("**")[1] for line in text.splitlines()] == ["Author", "Abstract", "Questions", "Data", "DOI"]
    assert f"({SITE.repository}/issues)" in text and citing.AUTHOR in text
    assert ("(https://example.org/log.csv)" in text) == (at is REAL)  # no other data are found at that address
    assert "no address is known" in citing.about(REAL, SITE, TERMS, "").markdown


def test_each_build_has_a_page_of_its_own(tmp_path: Path) -> None:
    site, earlier = tmp_path / "site", tmp_path / "builds"
    earlier.mkdir()
    old = {**FACTS, "segkit": "0.0.9"}
    (earlier / "0.0.9-01234567.json").write_text(json.dumps(old))
    (earlier / "same.json").write_text(json.dumps(FACTS))
    names = addresses.write_builds(site, FACTS, kind="real", repository=SITE.repository, earlier=earlier)
    assert names == ["0.1.0-01234567", "0.0.9-01234567"]
    assert names[0] == citing.build_name(REAL).replace(__version__, "0.1.0")
    now, then = ((site / "v" / n / "index.html").read_text("utf-8") for n in names)
    assert 'content="0; url=../../index.html"' in now and "<title>Build 0.1.0-01234567</title>" in now
    assert "refresh" not in then and f"{SITE.repository}/releases/tag/v0.0.9" in then
    kept = json.loads((site / "v" / names[0] / "manifest.json").read_text("utf-8"))
    assert kept == {k: v for k, v in FACTS.items() if k != "seconds"}


@pytest.mark.parametrize("kind", ["private", "simulated"])
def test_builds_that_are_not_for_publishing_list_no_others(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps({**FACTS, "segkit": "0.0.9"}))
    assert len(addresses.write_builds(tmp_path / "s", FACTS, kind=kind, repository="https://x", earlier=tmp_path)) == 1
    text = (tmp_path / "s" / "v" / "0.1.0-01234567" / "index.html").read_text("utf-8")
    assert "noindex" in text and f'"sk-banner sk-{kind}"' in text


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", json.dumps({**FACTS, "segkit": "../.."}),
             json.dumps({**FACTS, "data": {**FACTS["data"], "source": "simulated"}})]  # type: ignore[dict-item]
)  # fmt: skip
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(BuildError, match="no manifest"):
        addresses.write_builds(tmp_path / "s", FACTS, kind="real", repository="https://x", earlier=tmp_path)


def test_the_missing_page_starts_from_the_sites_address(tmp_path: Path) -> None:
    page = tmp_path / "404.html"
    page.write_text('<head><link href="/site_libs/a.css"></head><a href="/./index.html">a</a><a href="//h/x">b</a>')
    addresses.settle_missing_page(tmp_path, SITE.url)
    text = page.read_text("utf-8")
    assert json.dumps(urlsplit(SITE.url).path + "404.html") in text
    assert 'href="site_libs/a.css"' in text and '<a href="index.html">' in text and 'href="//h/x"' in text
    addresses.settle_missing_page(tmp_path, SITE.url)
    assert page.read_text("utf-8") == text  # a second time changes nothing


def test_glossary_is_in_order_and_has_an_anchor_for_each_term() -> None:
    text = (ROOT / "chapters" / "glossary.qmd").read_text("utf-8")
    terms = re.findall(r"^\[([^\]]+)\]\{#(term-[a-z0-9-]+)\}\n:   \S", text, re.M)
    names = [name.casefold() for name, _ in terms]
    assert names == sorted(names) and len(names) > 20
    assert len({anchor for _, anchor in terms}) == len(terms) == text.count("{#term-")
