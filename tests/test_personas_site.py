"""The site of a file of leads alone: made from her own file, told as private, and free of every other study."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pandas as pd
import pytest
from whole import knowing, made_once, make_project, run_segkit

from segkit.data.simulate.leads import simulate_leads

ROWS = 400


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of leads, the project, and the site that was made of the file."""

    def make(folder: Path) -> str:
        project, own = knowing(make_project(folder / "project"), tmp_path_factory), folder / "leads.csv"
        settings = project / "segkit.toml"
        before, head, after = settings.read_text("utf-8").partition("\n[personas]\n")
        settings.write_text(before + head + re.sub(r"^k_max = \d+", "k_max = 4", after, count=1, flags=re.M), "utf-8")
        leads = simulate_leads(rows=ROWS).frame
        leads["Full Name"] = [f"Zebulon Quartermain-{i:04}" for i in range(len(leads))]
        leads.to_csv(own, sep=";", index=False, encoding="cp1252")
        drafted = run_segkit(project, "init", str(own), cache=folder / "cache")
        if drafted.returncode:
            return f"init {drafted.returncode}: {drafted.stderr}"
        done = run_segkit(project, "render", "--data", str(own), cache=folder / "cache", SEGKIT_STUDIES="")
        (folder / "said.txt").write_text(done.stderr, "utf-8")
        return "" if done.returncode == 0 else f"render {done.returncode}: {done.stderr}"

    return made_once(tmp_path_factory, "personas", make)


def test_it_says_which_study_the_file_is_for(made: Path) -> None:
    said = (made / "said.txt").read_text("utf-8")
    assert f"personas: real data, {ROWS} leads" in said and "made from private data" in said


def test_every_chapter_of_the_study_is_there_and_none_of_others(made: Path) -> None:
    site, source = made / "project" / "_site" / "chapters", made / "project" / "chapters"
    own = {f.stem for f in (source / "personas").glob("[!_]*.qmd")}
    assert own == {f.stem for f in (site / "personas").glob("*.html")} and len(own) > 10
    assert not (site / "contacts").exists() and not (site / "customers").exists()


def test_pages_say_that_the_file_is_private_and_tell_of_leads(made: Path) -> None:
    for page in (made / "project" / "_site" / "chapters" / "personas").glob("*.html"):
        text = re.sub(r"<[^>]+>", " ", page.read_text("utf-8").partition("<main")[2])
        assert "Private data" in text, page.name
        assert "Walsoft" not in text and not re.search(r"\d calls\b|\ba call\b|\bcontacts\b(?! first)", text), page.name


def test_no_lead_is_named(made: Path) -> None:
    for file in (made / "project" / "_site").rglob("*"):
        if file.is_file() and file.suffix in (".html", ".js", ".json", ".csv", ".svg", ".txt"):
            assert "Quartermain" not in file.read_text("utf-8", "replace"), file


def test_downloads_hold_no_small_numbers_of_leads(made: Path) -> None:
    files = made / "project" / "_site" / "downloads"
    results = json.loads((files / "results.json").read_text("utf-8"))
    assert results["study"] == "personas" and results["data"]["source"] == "real"
    for persona in results["personas"]["personas"]:
        sizes = [v["n"] for part in ("demographics", "geography", "professional", "acquisition", "other")
                 for field in persona[part]["fields"].values() for v in field["values"]]  # fmt: skip
        assert all(n is None or n >= 10 for n in sizes)


def test_nothing_of_single_leads_is_beside_the_site_unless_asked_for(made: Path) -> None:
    beside = {p.name for p in made.iterdir()}
    assert {"leads.csv", "leads.csv.toml"} <= beside
    assert not [n for n in beside if "cluster" in n or "segments" in n]
    if os.name == "posix":
        assert len(pd.read_csv(made / "leads.csv", sep=";", encoding="cp1252")) == ROWS
