"""The site of a CRM export alone: made from an export of one's own, told as private, and free of every other study."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from whole import knowing, made_once, make_project, run_segkit

from segkit.data.simulate.prospects import simulate_prospects

ROWS = 1_200
READ = (".html", ".js", ".json", ".csv", ".svg", ".txt")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the export, the project, and the site that was made of the export."""

    def make(folder: Path) -> str:
        project, own = knowing(make_project(folder / "project"), tmp_path_factory), folder / "export.csv"
        export = simulate_prospects(5, rows=ROWS).frame
        export["Full Name"] = [f"Zebulon Quartermain-{i:04}" for i in range(len(export))]
        export.loc[export.index[:3], "Canal de adquisicion"] = "Referido por Zebulon =HYPERLINK(1) <img src=x>"
        export.to_csv(own, sep=";", index=False, encoding="cp1252")
        done = run_segkit(project, "render", "--data", str(own), cache=folder / "cache", SEGKIT_STUDIES="")
        (folder / "said.txt").write_text(done.stderr, "utf-8")
        return "" if done.returncode == 0 else f"render {done.returncode}: {done.stderr}"

    return made_once(tmp_path_factory, "channels", make)


def test_it_says_which_study_the_file_is_for(made: Path) -> None:
    said = (made / "said.txt").read_text("utf-8")
    assert f"channels: real data, {ROWS:,} prospects" in said and "made from private data" in said


def test_every_chapter_of_the_study_is_there_and_none_of_others(made: Path) -> None:
    site, source = made / "project" / "_site" / "chapters", made / "project" / "chapters"
    own = {f.stem for f in (source / "channels").glob("[!_]*.qmd")}
    assert own == {f.stem for f in (site / "channels").glob("*.html")} and len(own) > 12
    for other in ("contacts", "customers", "personas"):
        assert not (site / other).exists()


def test_pages_say_that_the_file_is_private_and_tell_of_prospects(made: Path) -> None:
    for page in (made / "project" / "_site" / "chapters" / "channels").glob("*.html"):
        text = re.sub(r"<[^>]+>", " ", page.read_text("utf-8").partition("<main")[2])
        assert "Private data" in text, page.name
        assert "Walsoft" not in text and not re.search(r"\d calls\b|\d contacts\b|\d leads\b", text), page.name
        assert not re.search(r"\bnan\b|\bNone (?:%|points|prospects)", text), page.name


def test_no_prospect_is_named_and_no_text_of_theirs_is_told(made: Path) -> None:
    for file in (made / "project" / "_site").rglob("*"):
        if file.is_file() and file.suffix in READ:
            text = file.read_text("utf-8", "replace")
            assert "Quartermain" not in text and "HYPERLINK" not in text, file


def test_downloads_hold_no_small_numbers_of_prospects(made: Path) -> None:
    results = json.loads((made / "project" / "_site" / "downloads" / "results.json").read_text("utf-8"))
    assert results["study"] == "channels" and results["data"]["source"] == "real"
    groups = [g for found in results["benchmarks"].values() for g in found["groups"]] + results["strategies"]["closed"][
        "groups"
    ]
    sizes = [g[n] for g in groups for n in ("units", "events")]
    assert sizes and all(n is None or (n % 5 == 0) for n in sizes)


def test_the_experiment_is_no_part_of_what_is_private(made: Path) -> None:
    page = (made / "project" / "_site" / "chapters" / "channels" / "experiment.html").read_text("utf-8")
    assert "Simulated data of an experiment" in page
