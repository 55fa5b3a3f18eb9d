"""The command line: exit codes, messages, and what is never done."""

from __future__ import annotations

import csv
import json
import tomllib
import unicodedata
from pathlib import Path

import pytest
from whole import Run, make_project, run_segkit

from segkit import __version__, cli, interview

HEADER = "date_stamp,time,day-of_week,month,year,dialled_phone_number,name,duration_in_seconds,category\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        cli.main(["--help"])
    assert done.value.code == 0
    said = capsys.readouterr().out
    for command in ("init", "fetch", "results", "render", "assign", "export", "profile", "finish", "check", "serve"):
        assert f"    {command}" in said


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.strip() == f"segkit {__version__}"


def test_results_prints_json_and_nothing_else(home: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path / "copy", like=home / "project")
    done = run_segkit(project, "results", "contacts", "--json", cache=home / "cache")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert results["data"]["source"] == "simulated"
    assert results["k"]["chosen"] == len(results["segments"]) == 4


def test_a_given_file_that_is_wrong_is_never_replaced(segkit: Run, project: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "calls.csv"
    wrong.write_text(HEADER, "utf-8")
    done = segkit("render", "--data", str(wrong))
    assert done.returncode == 2
    assert "calls.csv" in done.stderr and "Remedy" in done.stderr and "Traceback" not in done.stderr
    assert "simulated" not in done.stderr.lower()
    assert not (project / "_site").exists()


def test_a_given_file_that_is_missing_is_an_error(segkit: Run, tmp_path: Path) -> None:
    done = segkit("results", "--data", str(tmp_path / "nowhere.csv"))
    assert done.returncode == 2
    assert "nowhere.csv" in done.stderr and "Traceback" not in done.stderr


def test_publishing_refuses_the_simulation(segkit: Run) -> None:
    done = segkit("results", "--require-real")
    assert done.returncode == 2
    assert "SEGKIT_DATA" in done.stderr and "Traceback" not in done.stderr


def test_outside_of_a_project(tmp_path: Path, segkit: Run, project: Path) -> None:
    (project / "segkit.toml").unlink()
    done = segkit("results")
    assert done.returncode == 2
    assert "segkit.toml" in done.stderr and "Traceback" not in done.stderr


def test_a_place_that_cannot_be_written(segkit: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    done = segkit("render", "--out", str(tmp_path / "file" / "site"))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr and "Remedy" in done.stderr and "Traceback" not in done.stderr


def test_check_without_a_site(segkit: Run) -> None:
    done = segkit("check")
    assert done.returncode == 1
    assert "make site" in done.stderr


def test_engine_that_does_not_exist(segkit: Run) -> None:
    done = segkit("render", SEGKIT_ENGINE="latex")
    assert done.returncode == 2
    assert "SEGKIT_ENGINE" in done.stderr


def test_init_describes_a_clean_file(segkit: Run, tmp_path: Path) -> None:
    log = tmp_path / "anrufe.csv"
    rows = [f"{d:02}.03.2023;{8 + d % 9:02}:15:00;0721000{d % 12:03};{10 + 3 * d}" for d in range(1, 29)]
    log.write_text("\n".join(["Datum;Uhrzeit;Rufnummer;Dauer (s)", *rows]) + "\n", "utf-8")
    done = segkit("init", str(log))
    assert done.returncode == 0, done.stderr
    assert 'contact = "Rufnummer"' in log.with_name("anrufe.csv.toml").read_text("utf-8")
    again = segkit("init", str(log))
    assert again.returncode == 2 and "exist already" in again.stderr
    assert segkit("init", str(log), "--force").returncode == 0


def test_init_leaves_open_what_nobody_can_know(segkit: Run, tmp_path: Path) -> None:
    log = tmp_path / "calls.csv"
    rows = [f"{d % 12 + 1}/{d % 11 + 1}/2023,{8 + d % 9:02}:15:00,0721000{d % 12:03},{10 + 3 * d}" for d in range(40)]
    log.write_text("\n".join(["date,time,phone,duration_seconds", *rows]) + "\n", "utf-8")
    done = segkit("init", str(log))
    assert done.returncode == 2
    assert "date_order" in done.stderr
    refused = segkit("results", "--data", str(log))
    assert refused.returncode == 2 and "date_order" in refused.stderr
    assert segkit("init", str(log), "--force", "--answer", "date_order=day/month/year").returncode == 0


def steering(said: str) -> list[str]:
    """Return what in a message steers a terminal or turns its text around."""
    return [c for c in said if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") and c != "\n"]


def test_no_name_of_a_file_or_column_steers_the_terminal(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log whose names hold escapes is described, asked about, refused: each line of it is plain text."""
    hostile = "\x1b]0pwn\x07 \x1b[2J\u202e\u2028\x9b31m"
    log = tmp_path / f"calls {hostile}.csv"
    header = [f"{name} {hostile}" for name in ("date", "time", "seconds", "phone", "kind")]
    rows = [
        [f"2024-01-{i % 28 + 1:02}", f"{8 + i % 9:02}:00:00", str(i + 5), f"07210001{i % 30:02}", "a"]
        for i in range(90)
    ]
    with log.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    monkeypatch.chdir(project)
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "no such answer" if len(asked) == 1 else ""

    interview.run(log, [], force=False, say=cli.say, ask=answer)
    assert tomllib.loads(log.with_name(log.name + ".toml").read_text("utf-8"))
    for command in (["init", str(log)], ["assign", str(log)], ["results", "--data", str(tmp_path / f"{hostile}.csv")]):
        assert cli.main(command) == 2
    settings = log.with_name(log.name + ".toml")
    settings.write_text(f"[contacts]\n{json.dumps('k' + hostile)} = 1\n", "utf-8")
    assert cli.main(["results", "--data", str(log)]) == 2
    out, said = capsys.readouterr()
    assert asked and steering("".join(asked)) == []
    assert "calls " in said and "?" in said and steering(out + said) == []


def test_an_answer_without_a_value(segkit: Run, tmp_path: Path) -> None:
    done = segkit("init", str(tmp_path / "x.csv"), "--answer", "date_order")
    assert done.returncode == 2 and "key=value" in done.stderr
