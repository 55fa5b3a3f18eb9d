"""The workflows and forms of the repository: parsed, with few permissions, every action pinned by its commit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from segkit.site import engine

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40}")
WRITES = {  # what a job may write; everything else may only read
    ("pages", "deploy"): {"pages", "id-token"},
    ("pages", "archive"): {"contents"},
    ("newest", "tell"): {"issues"},
}


def load(file: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(file.read_text("utf-8")))


def steps(file: Path) -> list[dict[str, Any]]:
    return [s for job in load(file)["jobs"].values() for s in job.get("steps", [])]


def test_the_three_workflows_are_there() -> None:
    assert [f.stem for f in FILES] == ["newest", "pages", "test"]


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_permissions_are_the_least(file: Path) -> None:
    flow = load(file)
    assert flow["permissions"] == {"contents": "read"}
    assert flow["concurrency"]["group"]
    for name, job in flow["jobs"].items():
        granted = job.get("permissions", {})
        assert {k for k, v in granted.items() if v == "write"} == WRITES.get((file.stem, name), set())
        if "uses" in job:  # a workflow of this very commit, which is held by the same rules
            assert job == {"uses": "./.github/workflows/test.yml"}
        else:
            assert job["timeout-minutes"] <= 60


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_actions_are_pinned_and_name_their_version(file: Path) -> None:
    used = [s["uses"] for s in steps(file) if "uses" in s]
    assert all(PINNED.fullmatch(u) for u in used), used
    lines = [line for line in file.read_text("utf-8").splitlines() if "uses:" in line and "uses: ./" not in line]
    assert len(lines) == len(used)
    assert all(re.search(r"  # v\d+\.\d+\.\d+$", line) for line in lines)


def test_the_same_action_has_the_same_commit_everywhere() -> None:
    used = {s["uses"] for f in FILES for s in steps(f) if "uses" in s}
    assert len({u.partition("@")[0] for u in used}) == len(used)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_nothing_from_outside_reaches_a_shell(file: Path) -> None:
    """Titles and names of branches are given as variables, never pasted into a script (GitHub, script injections)."""
    for step in steps(file):
        assert "${{" not in step.get("run", "")
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_what_is_deployed_was_checked() -> None:
    flow = load(ROOT / ".github" / "workflows" / "pages.yml")
    build = [s.get("run") or s.get("uses", "") for s in flow["jobs"]["build"]["steps"]]
    made = next(i for i, s in enumerate(build) if "segkit render --require-real" in s)
    checked = next(i for i, s in enumerate(build) if "segkit check" in s)
    kept = next(i for i, s in enumerate(build) if s.startswith("actions/upload-pages-artifact@"))
    assert made < checked < kept
    assert not any("render" in s or "make site" in s for s in build[checked:])
    assert flow["jobs"]["build"]["env"]["SEGKIT_ENGINE"] == engine.ENGINES[0] == "quarto"
    for name in ("deploy", "archive"):
        assert set(flow["jobs"][name]["needs"]) == {"test", "build"}
        assert "always()" not in str(flow["jobs"][name].get("if", ""))  # which would run it after tests that failed
        assert not any("checkout" in s.get("uses", "") for s in flow["jobs"][name]["steps"])
    assert flow["jobs"]["deploy"]["if"] == "github.ref == 'refs/heads/main'"


def test_the_tests_before_a_deployment_are_those_of_every_change() -> None:
    pages, tests = (load(ROOT / ".github" / "workflows" / f"{name}.yml") for name in ("pages", "test"))
    assert pages["jobs"]["test"]["uses"] == "./.github/workflows/test.yml"
    triggers = {name: flow[True] for name, flow in (("pages", pages), ("test", tests))}  # YAML reads "on" as true
    assert {"pull_request", "workflow_call"} <= set(triggers["test"])
    assert "push" in triggers["pages"] and "push" not in triggers["test"]  # on main they run once
    (job,) = tests["jobs"].values()
    assert job["steps"][-1]["run"] == "make PYTHON=python test" and "if" not in job and "continue-on-error" not in job
    # Of one group, a workflow and its caller would wait for each other.
    assert tests["concurrency"]["group"] != pages["concurrency"]["group"]


def test_one_quarto_makes_the_published_pages_and_is_compared_first() -> None:
    build = load(ROOT / ".github" / "workflows" / "pages.yml")["jobs"]["build"]["steps"]
    (setup,) = (s for s in build if s.get("uses", "").startswith("quarto-dev/quarto-actions/setup@"))
    assert setup["with"]["version"] == engine.PINNED
    assert tuple(map(int, engine.PINNED.split(".")))[:2] >= engine.NEEDED
    assert f"quarto-cli=={engine.PINNED} " in (ROOT / "Makefile").read_text("utf-8")
    assert (ROOT / "README.md").read_text("utf-8").count(engine.PINNED) == 2
    said = yaml.safe_load((ROOT / "_quarto.yml").read_text("utf-8"))["quarto-required"]
    assert said == f">= {'.'.join(map(str, engine.NEEDED))}"
    runs = [s.get("run", "") for s in build]
    compared = next(i for i, r in enumerate(runs) if "pytest -q tests/test_parity.py" in r)
    assert compared < next(i for i, r in enumerate(runs) if "segkit render --require-real" in r)


def test_every_python_that_is_claimed_is_tested() -> None:
    flow = load(ROOT / ".github" / "workflows" / "test.yml")
    tested = flow["jobs"]["test"]["strategy"]["matrix"]["python"]
    least = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert least is not None and tested[0] == least[1]
    assert all(isinstance(v, str) for v in tested)  # 3.10 as a number would be 3.1


def test_make_targets_that_workflows_call_exist() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    known = set(re.findall(r"^([a-z-]+):", text, re.M)) | {".venv/.installed", ".venv/.installed-dev"}
    called = [
        w
        for f in FILES
        for s in steps(f)
        for w in re.findall(r"^\s*make (?:PYTHON=\S+ )?(\S+)", s.get("run", ""), re.M)
    ]
    assert called and set(called) <= known


@pytest.mark.parametrize("file", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda f: f.stem)
def test_issue_forms(file: Path) -> None:
    form = load(file)
    if file.stem == "config":
        assert isinstance(form["blank_issues_enabled"], bool)
        return
    assert form["name"] and form["description"]  # what GitHub demands of a form
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
