"""What a site of two builds looks like, and that each way to mix them is found."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from segkit.site import agreement, bundle

BUILD, FINGERPRINT, NAME = "abcdefghijklmnop", "0" * 64, "0.1.0-00000000"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of one build; one of its pages has only what stands in its head, and an archived build has another mark."""
    banner = f'<div class="sk-banner sk-real" role="note" data-build="{BUILD}">Real data</div>'
    head = f'<meta name="segkit-build" content="{BUILD}">'
    pages = {
        "index.html": f"<head>{head}</head>{banner}", "404.html": f"<head>{head}</head>", "chapters/a.html": banner,
        "about.html": "nothing of any study", f"v/{NAME}/index.html": '<div class="sk-banner sk-real">Real data.</div>',
        "v/0.0.9-11111111/index.html": '<p data-build="pppp">', "downloads/x.csv": "a\n1\n",
    }  # fmt: skip
    for name, text in pages.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "downloads" / "results.json").write_text(json.dumps({"data": {"fingerprint": FINGERPRINT}}), "utf-8")
    facts = {
        "data": {"fingerprint": FINGERPRINT},
        "build": BUILD,
        "downloads": agreement.digest(bundle.files(tmp_path / "downloads")),
    }
    for name in ("manifest.json", f"v/{NAME}/manifest.json"):
        (tmp_path / name).write_text(json.dumps(facts), "utf-8")
    bundle.write(tmp_path)
    return tmp_path


def found(site: Path) -> list[str]:
    findings = agreement.disagreements(site, {"": agreement.Build(BUILD, FINGERPRINT)}, name=NAME)
    return [f"{f.page}: {f.detail}" for f in findings]


def test_a_site_of_one_build_agrees(site: Path) -> None:
    assert found(site) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("chapters/a.html", BUILD, BUILD[::-1], "chapters/a.html: the page was made from other results"),
        ("index.html", f'content="{BUILD}"', 'content="aaaaaaaaaaaaaaaa"', "index.html: the page was made from other results"),
        ("404.html", f'name="segkit-build" content="{BUILD}"', "name=segkit-build content=aa", "404.html: the page was made"),
        ("chapters/a.html", f' data-build="{BUILD}"', "", "chapters/a.html: the page does not say"),
        ("index.html", BUILD, "", "index.html: the page was made from other results"),
        ("manifest.json", FINGERPRINT, "1" * 64, "manifest.json: it is about other data"),
        ("manifest.json", BUILD, "aaaa", "manifest.json: it is about another build"),
        ("manifest.json", "{", "", "manifest.json: it is about other data than the last results, or cannot be read"),
        (f"v/{NAME}/manifest.json", FINGERPRINT, "1" * 64, f"v/{NAME}/manifest.json: it is about other data"),
        ("downloads/results.json", FINGERPRINT, "1" * 64, "downloads/results.json: it is about other data"),
        ("downloads/x.csv", "1", "2", "manifest.json: the downloads are not those of this build"),
    ],
)  # fmt: skip
def test_what_is_of_another_build_is_found(site: Path, file: str, old: str, new: str, said: str) -> None:
    text = (site / file).read_text("utf-8")
    assert old in text
    (site / file).write_text(text.replace(old, new), "utf-8")
    assert any(line.startswith(said) for line in found(site)), found(site)


def test_one_download_too_many_or_too_few_is_found(site: Path) -> None:
    (site / "downloads" / "more.csv").write_text("", "utf-8")
    assert len(found(site)) == 3
    (site / "downloads" / "more.csv").unlink()
    (site / "downloads" / "x.csv").unlink()
    assert len(found(site)) == 3
    bundle.write(site)
    assert len(found(site)) == 2


def test_one_file_holds_all_downloads_and_two_builds_the_same_bytes(site: Path) -> None:
    first = (site / bundle.FILE).read_bytes()
    os.utime(site / "downloads" / "x.csv", (0, 0))
    bundle.write(site)
    assert (site / bundle.FILE).read_bytes() == first
    with zipfile.ZipFile(site / bundle.FILE) as archive:
        assert archive.namelist() == ["results.json", "x.csv"]
        assert archive.read("x.csv") == b"a\n1\n"


def test_another_archive_is_found(site: Path) -> None:
    for content in (b"", b"no archive"):
        (site / bundle.FILE).write_bytes(content)
        assert found(site) == ["downloads.zip: it does not hold the downloads of this site"]


def test_each_study_of_a_site_has_a_mark_and_results_of_its_own(site: Path) -> None:
    other = agreement.Build("ponmlkjihgfedcba", "2" * 64)
    builds = {"": agreement.Build(BUILD, FINGERPRINT), "orders/": other}
    results = site / "downloads" / "orders" / "results.json"
    results.parent.mkdir()
    results.write_text(json.dumps({"data": {"fingerprint": other.fingerprint}}), "utf-8")
    (site / "chapters" / "b.html").write_text(f'<div class="sk-banner sk-real" data-build="{other.mark}">', "utf-8")
    for name in ("manifest.json", f"v/{NAME}/manifest.json"):
        facts = json.loads((site / name).read_text("utf-8"))
        facts["downloads"] = agreement.digest(bundle.files(site / "downloads"))
        (site / name).write_text(json.dumps(facts), "utf-8")
    bundle.write(site)
    assert agreement.disagreements(site, builds, name=NAME) == []
    assert [line.split(":")[0] for line in found(site)] == [
        "chapters/b.html"
    ]  # a page of a study that is not of the site
    results.write_text(json.dumps({"data": {"fingerprint": FINGERPRINT}}), "utf-8")
    bundle.write(site)
    pages = {f.page for f in agreement.disagreements(site, builds, name=NAME)}
    assert pages == {"downloads/orders/results.json", "manifest.json", f"v/{NAME}/manifest.json"}


def test_the_digest_holds_no_digit(site: Path) -> None:
    assert agreement.digest(bundle.files(site / "downloads")).isalpha()
