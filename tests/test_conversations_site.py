"""The site of a log of messages alone: made from a log of one's own, told as private, free of texts and of every other study."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from whole import knowing, made_once, make_project, run_segkit

from segkit.data.simulate.messages import simulate_messages

SUBSCRIBERS = 60
READ = (".html", ".js", ".json", ".csv", ".svg", ".txt")
SECRET = "Zebulon Quartermain says good morning from the lighthouse"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the log, the project, the site that was made of the log, and what was exported."""

    def make(folder: Path) -> str:
        project, own = knowing(make_project(folder / "project"), tmp_path_factory), folder / "messages.csv"
        log = simulate_messages(7, subscribers=SUBSCRIBERS).frame
        log["chatter_name"] = "Quartermain " + log["chatter_name"]
        log.loc[log.index[::50], "fan_message"] = SECRET
        log.to_csv(own, sep=";", index=False)
        for arguments in (
            ("render", "--data", str(own)),
            ("export", "conversations", "--to", str(folder / "exported")),
        ):
            done = run_segkit(project, *arguments, cache=folder / "cache", SEGKIT_STUDIES="")
            (folder / f"{arguments[0]}.txt").write_text(done.stderr, "utf-8")
            if done.returncode:
                return f"{arguments[0]} {done.returncode}: {done.stderr}"
        return ""

    return made_once(tmp_path_factory, "conversations", make)


def test_it_says_which_study_the_file_is_for(made: Path) -> None:
    said = (made / "render.txt").read_text("utf-8")
    assert "conversations: real data" in said and "made from private data" in said


def test_every_chapter_of_the_study_is_there_and_none_of_others(made: Path) -> None:
    site, source = made / "project" / "_site" / "chapters", made / "project" / "chapters"
    own = {f.stem for f in (source / "conversations").glob("[!_]*.qmd")}
    assert own == {f.stem for f in (site / "conversations").glob("*.html")} and len(own) > 14
    for other in ("contacts", "customers", "personas", "channels", "markets"):
        assert not (site / other).exists()


def test_pages_say_that_the_file_is_private_and_tell_of_pairs(made: Path) -> None:
    for page in (made / "project" / "_site" / "chapters" / "conversations").glob("*.html"):
        text = re.sub(r"<[^>]+>", " ", page.read_text("utf-8").partition("<main")[2])
        assert "Private data" in text, page.name
        assert "Walsoft" not in text and not re.search(r"\d calls\b|\d contacts\b|\d leads\b", text), page.name
        assert not re.search(r"\bnan\b|\bNone (?:%|points|pairs)", text), page.name


def test_nobody_is_named_and_no_text_is_told(made: Path) -> None:
    log = (made / "messages.csv").read_text("utf-8")
    subscriber = next(line.split(";") for line in log.splitlines()[1:])
    assert "Quartermain" in log and len(subscriber) > 5
    for file in (made / "project" / "_site").rglob("*"):
        if file.is_file() and file.suffix in READ:
            text = file.read_text("utf-8", "replace")
            assert "Quartermain" not in text and "lighthouse" not in text, file


def test_results_hold_no_single_pair(made: Path) -> None:
    text = (made / "project" / "_site" / "downloads" / "results.json").read_text("utf-8")
    results = json.loads(text)
    assert results["study"] == "conversations" and results["data"]["source"] == "real"
    assert results["audit"]["rows"] % 10 == 0 and results["audit"]["pairs"] % 10 == 0
    pairs = (made / "exported" / "pairs.csv").read_text("utf-8").splitlines()
    keyed = [line.partition(",")[0] for line in pairs[1:]]
    assert len(keyed) > 100 and not [key for key in keyed if key in text]


def test_the_owner_has_files_of_single_pairs_without_raw_identifiers_or_texts(made: Path) -> None:
    files = {f.name for f in (made / "exported").iterdir()}
    assert {"conversation_features.csv", "pairs.csv", "profiles.csv", "staged_messages.parquet", "embeddings_text.parquet",
            "embeddings_hybrid.parquet", "clusters_a.parquet", "clusters_b.parquet",
            *(f"map_{m}.{kind}" for m in "ab" for kind in ("png", "svg", "html"))} == files  # fmt: skip
    for file in (made / "exported").iterdir():
        held = file.read_bytes()
        assert b"Quartermain" not in held and b"lighthouse" not in held, file.name
        assert file.stat().st_mode & 0o077 == 0
