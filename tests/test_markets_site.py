"""The site of a sales warehouse alone: made from tables of one's own, by country, and free of every other study."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from whole import knowing, made_once, make_project, run_segkit

from segkit.data.simulate.sales import COUNTRIES, simulate_sales

READ = (".html", ".js", ".json", ".csv", ".svg", ".txt")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables, the project, and the site that was made of them without the network."""

    def make(folder: Path) -> str:
        project, own = knowing(make_project(folder / "project"), tmp_path_factory), folder / "sales"
        made = simulate_sales(5)
        for name in ("fact_sale", "dim_customer"):
            made.tables[name]["customer_key"] = "Quartermain-" + made.tables[name]["customer_key"].astype(str)
        made.write_csv(own)
        (folder / "sales.toml").write_text(
            '[markets]\nmarket = "country"\nnetwork = false\ndraws = 20\nk_max = 4\n', "utf-8"
        )
        done = run_segkit(project, "render", "markets", "--data", str(own), cache=folder / "cache", SEGKIT_STUDIES="")
        (folder / "said.txt").write_text(done.stderr, "utf-8")
        return "" if done.returncode == 0 else f"render {done.returncode}: {done.stderr}"

    return made_once(tmp_path_factory, "markets", make)


def test_it_is_about_the_folder_that_was_given(made: Path) -> None:
    said = (made / "said.txt").read_text("utf-8")
    assert "markets: real data" in said and f"{len(COUNTRIES)} markets" in said


def test_every_chapter_of_the_study_is_there_and_none_of_others(made: Path) -> None:
    site, source = made / "project" / "_site" / "chapters", made / "project" / "chapters"
    own = {f.stem for f in (source / "markets").glob("[!_]*.qmd")}
    assert own == {f.stem for f in (site / "markets").glob("*.html")} and len(own) > 12
    for other in ("contacts", "customers", "personas", "channels", "conversations"):
        assert not (site / other).exists()


def test_pages_tell_of_markets_and_say_that_the_network_was_left_out(made: Path) -> None:
    pages = made / "project" / "_site" / "chapters" / "markets"
    for page in pages.glob("*.html"):
        text = re.sub(r"<[^>]+>", " ", page.read_text("utf-8").partition("<main")[2])
        assert "AdventureWorks" not in text and not re.search(r"\d calls\b|\d contacts\b|\d leads\b", text), page.name
        assert not re.search(r"\bnan\b|\bNone (?:%|points|markets)", text), page.name
    assert "network = false" in (pages / "representations.html").read_text("utf-8")


def test_no_customer_stands_anywhere(made: Path) -> None:
    for file in (made / "project" / "_site").rglob("*"):
        if file.is_file() and file.suffix in READ:
            assert "Quartermain" not in file.read_text("utf-8", "replace"), file


def test_results_are_of_the_tables(made: Path) -> None:
    results = json.loads((made / "project" / "_site" / "downloads" / "results.json").read_text("utf-8"))
    own = simulate_sales(5).tables["fact_sale"]
    assert results["study"] == "markets" and results["warehouse"]["rows"] == len(own)
    assert {m["market"] for m in results["markets"]} == set(COUNTRIES)
