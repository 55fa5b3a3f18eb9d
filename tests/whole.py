"""A project of its own for tests of the whole, with nothing of this machine in it."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from segkit import Effort, known_answers

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (
    "_quarto.yml", "index.qmd", "404.qmd", "CHANGELOG.md", "references.bib", "segkit.toml", "requirements.txt",
    "CITATION.cff",
)  # fmt: skip
Run = Callable[..., subprocess.CompletedProcess[str]]


LIGHT = {
    "k_max": 8, "restarts": 10, "starts": 3, "gap": 10, "splits": 10, "bootstraps": 10, "subsamples": 10, "resamples": 8,
    "pipelines": 10, "nulls": 5, "null_bootstraps": 4,
}  # fmt: skip


def lighter(settings: str) -> str:
    """Ask for fewer fits, and not for the second map, which takes half a minute to start."""
    settings = settings.replace("neighbour_map = true", "neighbour_map = false")
    for name, value in LIGHT.items():
        settings, found = re.subn(rf"^{name} = \d+", f"{name} = {value}", settings, flags=re.M)
        assert found == settings.count(".evidence]"), name  # in all studies
    return settings


EFFORT = {"gap": 3, "splits": 4, "bootstraps": 6, "subsamples": 6, "resamples": 6, "pipelines": 6, "nulls": 5}
LITTLE = f"Effort({', '.join(f'{name}={value}' for name, value in EFFORT.items())})"


def little(page: str) -> str:
    """Ask for less resampling on the page about notebooks, whose defaults are a third of the time of a whole site."""
    for call in ('segkit.Segmentation(blocks, unit="flower"', "GaussianMixture(3, random_state=0).fit(flowers)"):
        assert f"{call})" in page, call
        page = page.replace(f"{call})", f"{call}, effort=segkit.{LITTLE})", 1)
    return page


def few(page: str) -> str:
    """Ask for as little on the page of known answers, which is then wrong more often."""
    assert "asked.answers()" in page
    return page.replace("asked.answers()", f"asked.answers(asked.{LITTLE})", 1)


def make_project(folder: Path, like: Path | None = None) -> Path:
    """Copy the report's sources into a folder, with what another project has computed and executed already."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        shutil.copy2(ROOT / name, folder / name)
    settings = folder / "segkit.toml"
    settings.write_text(lighter(settings.read_text("utf-8")), "utf-8")
    for name in ("chapters", "assets"):
        shutil.copytree(ROOT / name, folder / name)
    for name, less in (("notebook", little), ("known-answers", few)):
        page = folder / "chapters" / f"{name}.qmd"
        page.write_text(less(page.read_text("utf-8")), "utf-8")
    if like is not None:
        shutil.copytree(like / ".segkit", folder / ".segkit", ignore=shutil.ignore_patterns("lock"))
    return folder


def knowing(project: Path, factory: pytest.TempPathFactory) -> Path:
    """Give a project the answers about known tables, of which no study knows: one process of a run computes them for all."""

    def ask(folder: Path) -> str:
        shutil.copy2(project / "requirements.txt", folder)  # they are kept for these versions of the packages
        known_answers.answers(Effort(**EFFORT), root=folder)
        return ""

    folder = made_once(factory, "answers", ask)
    shutil.copytree(folder / ".segkit", project / ".segkit", dirs_exist_ok=True)
    return project


def shared(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run, in which each of its processes has one of its own."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], str]) -> Path:
    """Return a folder that the first process of a run makes, and for which the others wait. Nothing may change it.

    ``make`` returns what went wrong, which then fails every test that wants the folder.
    """
    folder, said = shared(factory) / f"once-{name}", shared(factory) / f"once-{name}.txt"
    with folder.with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # free again when this process ends, however it ends
        if not said.exists():
            folder.mkdir(exist_ok=True)
            said.write_text(make(folder), "utf-8")
    assert said.read_text("utf-8") == ""
    return folder


def clean_environment(cache: Path) -> dict[str, str]:
    """Return an environment without data, without network, with a key and a date of its own, about one study.

    Resampling stays in one process: tests run side by side already, and a second process takes seconds to start.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SEGKIT_")}
    return {
        **kept,
        "SEGKIT_CACHE": str(cache),
        "SEGKIT_OFFLINE": "1",
        "SEGKIT_STUDIES": "contacts",
        "SEGKIT_KEY": "a key for tests, of no other use",
        "SEGKIT_ENGINE": "embedded",
        "SEGKIT_JOBS": "1",
        "SOURCE_DATE_EPOCH": "1767225600",
    }


def run_segkit(project: Path, *arguments: str, cache: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line inside a project."""
    return subprocess.run(
        [sys.executable, "-m", "segkit", *arguments],
        cwd=project,
        env={**clean_environment(cache), **settings},
        capture_output=True,
        text=True,
        timeout=900,
        stdin=subprocess.DEVNULL,
    )
