"""The container files: linted, read as their specification has them, and what they say is tried without an engine."""

from __future__ import annotations

import functools
import importlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from whole import SOURCES

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "Dockerfile").read_text("utf-8")
LINES = [line.split(maxsplit=1) for line in TEXT.splitlines() if line.strip() and not line.startswith("#")]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
FINAL = TEXT[TEXT.rindex("\nFROM ") :]


def lacking(what: str) -> None:
    why = f"{what} is not installed: make test brings it"
    pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)


def said_of(name: str) -> list[str]:
    return [rest for word, rest in LINES if word == name]


def linted(text: str) -> list[str]:
    """Return the rules of hadolint that a Dockerfile breaks."""
    program = shutil.which("hadolint", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if program is None:
        lacking("hadolint")
    done = subprocess.run(
        [str(program), "--no-color", "-f", "json", "-"],
        input=text,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    return [found["code"] for found in json.loads(done.stdout)]


def test_the_linter_finds_nothing_in_the_dockerfile() -> None:
    assert linted(TEXT) == []


@pytest.mark.parametrize(
    ("line", "other", "rule"),
    [
        ("USER 10001:10001", "USER root", "DL3002"),
        ("python:3.11-slim-bookworm AS build", "python AS build", "DL3006"),
        ("python:3.11-slim-bookworm AS build", "python:latest AS build", "DL3007"),
        ("--require-hashes -r requirements.txt", "pandas", "DL3013"),
        ("pip install --no-cache-dir --require-hashes", "pip install --require-hashes", "DL3042"),
        ("WORKDIR /report", "WORKDIR report", "DL3000"),
    ],
)
def test_the_linter_would_find_a_fault(line: str, other: str, rule: str) -> None:
    assert line in TEXT and rule in linted(TEXT.replace(line, other))


def test_both_stages_stand_on_one_pinned_python_that_the_package_can_use() -> None:
    bases = {base.split()[0] for base in said_of("FROM")} - {"scratch"}
    (tag,) = (re.fullmatch(r"python:(\d+\.\d+)-slim-bookworm", b) for b in bases)
    assert tag is not None and len(said_of("FROM")) == 3
    least = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert f">={tag[1]}" == least


def test_the_site_is_made_by_the_projects_own_commands() -> None:
    runs = said_of("RUN")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    built = " ".join(runs).replace("--no-cache-dir ", "")
    assert "install,-r requirements.txt)" in makefile and "install --require-hashes -r requirements.txt" in built
    assert all("install --no-deps --no-build-isolation -e ." in text for text in (makefile, built))
    assert "segkit render" in makefile and runs[-1].endswith("segkit render") and "SEGKIT_DATA=/data" in runs[-1]
    assert "type=bind,from=data" in runs[-1]  # bound while it runs: no layer has the data
    assert not [line for line in said_of("COPY") if "data" in line.split()[0] and "--from" in line]


def test_nothing_but_pages_and_the_server_is_in_the_image() -> None:
    copies = [line.split() for line in re.findall(r"^COPY (.+)$", FINAL, re.M)]
    assert [c[:-1] for c in copies] == [
        ["segkit/errors.py", "segkit/text.py"], ["segkit/site/serve.py"], ["--from=build", "/report/_site"]
    ]  # fmt: skip
    assert "RUN" not in FINAL and re.search(r"^USER (\d{4,}):\1$", FINAL, re.M)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def status(port: int, host: str) -> int:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": host})
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_server_runs_from_what_is_copied_alone(tmp_path: Path) -> None:
    """As the image does: the standard library, three modules and the pages; -S leaves out every installed package."""
    for line in re.findall(r"^COPY (segkit/.+)$", FINAL, re.M):
        *files, target = line.split()
        for name in files:
            (tmp_path / target.lstrip("/")).mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / target.lstrip("/"))
    site, port = tmp_path / "site", free_port()
    site.mkdir()
    (site / "index.html").write_text("<p>Here</p>", "utf-8")
    command = json.loads(said_of("CMD")[0])
    assert command[:2] == ["python", "-c"]
    code = command[2].replace("'/site'", repr(str(site))).replace("8000", str(port))
    environment = {"PYTHONPATH": str(tmp_path / "server"), "PYTHONDONTWRITEBYTECODE": "1"}
    # Tests that a shell runs in the background ignore interrupts, and so would all that they start.
    heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen([sys.executable, "-S", "-c", code], env=environment, cwd=tmp_path, preexec_fn=heed)
    try:
        for _ in range(100):
            try:
                assert status(port, f"127.0.0.1:{port}") == 200
                break
            except urllib.error.URLError:
                assert process.poll() is None
                time.sleep(0.1)
        assert status(port, f"localhost:{port}") == 200
        assert status(port, f"elsewhere.example:{port}") >= 400  # a site that gives its name our address
        check = COMPOSE["services"]["site"]["healthcheck"]["test"]
        healthy = [sys.executable, *check[2:3], check[3].replace("8000", str(port))]
        assert check[:2] == ["CMD", "python"] and subprocess.run(healthy, check=False).returncode == 0
        process.send_signal(getattr(signal, said_of("STOPSIGNAL")[0]))
        assert process.wait(60) == 0
        assert subprocess.run(healthy, check=False, stderr=subprocess.DEVNULL).returncode != 0
    finally:
        process.kill()
        process.wait()


def parsed(text: str) -> Any:
    try:
        compose_spec = importlib.import_module("compose_spec")
    except ImportError:
        lacking("compose-spec")
    found = compose_spec.PyCompose.from_yaml(text)
    found.validate()
    return found


def test_the_compose_file_is_one_and_a_fault_in_it_would_be_found() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert parsed(text).service_names() == ["site"]
    for right, wrong in (("read_only: true", "read_only: perhaps"), ("interval: 30s", "interval: often"),
                         ("pids_limit: 64", "pidslimit: 64"), ("restart: unless-stopped", "restart: now and then")):  # fmt: skip
        assert right in text
        with pytest.raises(Exception, match=r"\S"):
            parsed(text.replace(right, wrong))


def test_the_site_is_served_to_this_machine_alone_and_cannot_be_written() -> None:
    (service,) = COMPOSE["services"].values()
    assert service["ports"] == [f"127.0.0.1:8000:{said_of('EXPOSE')[0]}"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "volumes", "network_mode", "env_file", "environment", "user"} & set(service)


def test_without_data_of_its_own_a_folder_without_data_is_bound() -> None:
    (bound,) = COMPOSE["services"]["site"]["build"]["additional_contexts"].items()
    default = re.fullmatch(r"\$\{SEGKIT_DATA:-(.+)\}", bound[1])
    assert bound[0] == "data" and default is not None
    folder = ROOT / default[1]
    assert folder.is_dir() and not [p for p in folder.rglob("*") if p.suffix in (".csv", ".parquet", ".xlsx")]
    assert "scratch AS data" in said_of("FROM")  # docker build alone has one too


def test_only_sources_enter_the_build() -> None:
    lines = [x for x in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if x and not x.startswith("#")]
    assert lines[0] == "*"
    let_in = [x[1:] for x in lines if x.startswith("!")]
    assert lines[1 : 1 + len(let_in)] == [f"!{x}" for x in let_in]  # what is kept out again comes after
    entering = {p.name for x in let_in for p in ROOT.glob(x)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {*SOURCES, "chapters", "assets", "segkit", "pyproject.toml", project["readme"], *project["license-files"]}
    assert needed <= entering and all(any(ROOT.glob(x)) for x in let_in)
    assert not entering & {"tests", "results", "quarantine", ".git", ".venv", ".segkit", "_site", "benchmarks"}
    assert {"**/*.csv", "**/*.parquet"} <= set(lines)
