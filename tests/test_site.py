"""The site as a whole: built from the simulation and from own files, whole or not at all."""

from __future__ import annotations

import csv
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from processes import gone
from whole import Run, clean_environment, knowing, make_project, run_segkit

from segkit.data.simulate.calls import simulate_calls

# A shell that starts a command in the background makes it deaf to Ctrl-C, and what that command starts as well.
INTERRUPTIBLE = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('segkit', run_name='__main__', alter_sys=True)"
)


def site_files(site: Path) -> dict[str, bytes]:
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in sorted(site.rglob("*")) if p.is_file()}


def pages(site: Path) -> dict[str, str]:
    return {n: b.decode() for n, b in site_files(site).items() if n.endswith(".html")}


def small_log(path: Path, contacts: int, *, seed: int = 7) -> Path:
    """Write a log of contacts of three kinds: busy, long talkers, one call only."""
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(contacts):
        kind = who % 3
        for _ in range({0: int(rng.integers(15, 40)), 1: int(rng.integers(1, 4)), 2: 1}[kind]):
            day = int(rng.integers(1, 28))
            month = int(rng.integers(1, 12)) if kind == 0 else 6
            length = int(rng.integers(600, 1200)) if kind == 1 else int(rng.integers(5, 120))
            clock = f"{int(rng.integers(8, 22)):02}:{int(rng.integers(60)):02}:00"
            rows.append([f"2023-{month:02}-{day:02}", clock, f"0721000{who:03}", f"Anna Muster{who}", length])
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(["date", "time", "phone", "name", "duration_seconds"])
        out.writerows(rows)
    return path


def test_every_page_says_that_the_data_are_simulated(home: Path) -> None:
    found = pages(home / "project" / "_site")
    assert len(found) >= 4
    for name, text in found.items():
        assert '<div class="sk-banner sk-simulated"' in text, name
        assert re.search(r'class="sk-provenance">Simulated data', text), name


def test_no_raw_number_or_name_is_in_the_site(home: Path) -> None:
    """A plain look for every number and name, independent of the product's own search."""
    frame = simulate_calls().frame
    numbers = set(frame["dialled_phone_number"])
    names = set(frame["name"])
    for name, content in site_files(home / "project" / "_site").items():
        text = content.decode("latin-1")
        assert not numbers & set(re.findall(r"\d{9}", text)), name
        assert not any(n in text for n in names), name


def test_numbers_on_the_page_are_those_of_results_json(home: Path) -> None:
    site = home / "project" / "_site"
    results = json.loads((site / "downloads" / "results.json").read_text("utf-8"))
    front = html.unescape((site / "chapters" / "contacts" / "index.html").read_text("utf-8")).replace("\u00a0", " ")
    for segment in results["segments"]:
        assert f"{segment['size']:,}" in front
        assert f"{segment['share'] * 100:.1f}".rstrip("0").rstrip(".") + " %" in front
    assert f"{results['data']['rows']:,} calls" in front
    assert results["simulation"]["recovered_ari"] >= 0.9
    assert results == json.loads((home / "project" / ".segkit" / "contacts" / "results.json").read_text("utf-8"))


def test_every_internal_address_leads_somewhere(home: Path) -> None:
    site = home / "project" / "_site"
    for name, text in pages(site).items():
        for address in re.findall(r'(?:href|src)="([^"]+)"', text):
            if re.match(r"[a-z]+:|//|#", address):
                continue
            target = (site / name).parent / html.unescape(address).split("#")[0].split("?")[0]
            assert target.resolve().exists(), (name, address)


def test_no_page_asks_another_host_for_anything(home: Path) -> None:
    for name, text in pages(home / "project" / "_site").items():
        assert not re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?//[^"]+', text), name


def test_again_with_nothing_changed_runs_no_cell_and_gives_the_same_bytes(home: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", like=home / "project")
    site = Path(shutil.copytree(home / "project" / "_site", project / "_site"))
    before = site_files(site)
    done = run_segkit(project, "render", cache=home / "cache")
    assert done.returncode == 0, done.stderr
    assert "0 of them executed" in done.stderr
    after = site_files(site)
    assert before.keys() == after.keys()
    assert [n for n in before if before[n] != after[n]] in ([], ["manifest.json"])


@pytest.mark.xdist_group("elsewhere")
def test_another_place_and_more_processes_give_the_same_bytes(
    home: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    knowing(make_project(tmp_path / "elsewhere"), tmp_path_factory)
    done = run_segkit(tmp_path / "elsewhere", "render", cache=tmp_path / "cache", SEGKIT_JOBS="2")
    assert done.returncode == 0, done.stderr
    one, two = site_files(home / "project" / "_site"), site_files(tmp_path / "elsewhere" / "_site")
    assert one.keys() == two.keys()
    assert [n for n in one if one[n] != two[n]] in ([], ["manifest.json"])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project and an own file, of which one site is made after the other."""
    folder = tmp_path_factory.mktemp("own")
    knowing(make_project(folder / "project"), tmp_path_factory)
    small_log(folder / "calls.csv", 120)
    return folder


@pytest.mark.xdist_group("own")
@pytest.mark.parametrize("k", [2, 6])
def test_an_own_file_under_another_k(own: Path, k: int) -> None:
    """What does not depend on the number of segments is kept from one to the next."""
    log, project = own / "calls.csv", own / "project"
    settings = project / "segkit.toml"
    settings.write_text(re.sub(r"^k = .*$", f"k = {k}", settings.read_text("utf-8"), count=1, flags=re.M), "utf-8")
    done = run_segkit(project, "render", "--data", str(log), cache=own / "cache")
    assert done.returncode == 0, done.stderr
    assert log.with_name("calls.csv.toml").is_file()
    results = json.loads((project / "_site" / "downloads" / "results.json").read_text("utf-8"))
    assert results["data"]["source"] == "real"
    names = [s["name"] for s in results["segments"]]
    assert len(set(names)) == len(names) == k
    for name, text in pages(project / "_site").items():
        said = re.sub(r"<math\b.*?</math>", "x", text, flags=re.S)  # a formula is a word of its sentence
        said = re.sub(r"<pre\b.*?</pre>", "", said, flags=re.S)  # folded code
        words = html.unescape(re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", " ", said, flags=re.S))
        assert "Private data." in words, name
        assert not re.search(r"\bnan\b|\bNone\b(?! of)|\binf\b|  \.(?!\w)|\{python\}", words), name
    front = (project / "_site" / "chapters" / "contacts" / "index.html").read_text("utf-8")
    assert front.count('<section class="sk-card"') == k
    number = {2: "Two", 6: "Six"}[k]
    assert f"{number}, set by hand" in front


def test_a_page_that_gives_a_number_away_stops_the_build(home: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", like=home / "project")
    site = project / "_site"
    site.mkdir()
    (site / "index.html").write_text("the old site", "utf-8")
    leak = simulate_calls().frame["dialled_phone_number"].iloc[0]
    with (project / "index.qmd").open("a", encoding="utf-8") as page:
        page.write(f"\nCall {leak[:3]} {leak[3:6]} {leak[6:]} for more.\n")
    done = run_segkit(project, "render", cache=home / "cache")
    assert done.returncode == 3
    assert "index.html: a number of the input" in done.stderr
    assert leak not in done.stderr
    assert site_files(site) == {"index.html": b"the old site"}
    assert not list(project.glob("_site.*"))


def test_a_failing_cell_leaves_the_old_site(home: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", like=home / "project")
    (project / "_site").mkdir()
    (project / "_site" / "index.html").write_text("the old site", "utf-8")
    with (project / "chapters" / "your-data.qmd").open("a", encoding="utf-8") as page:
        page.write("\n```{python}\n1 / 0\n```\n")
    done = run_segkit(project, "render", cache=home / "cache")
    assert done.returncode == 1
    assert re.search(r"chapters/your-data\.qmd:\d+", done.stderr) and "ZeroDivisionError" in done.stderr
    assert site_files(project / "_site") == {"index.html": b"the old site"}
    assert not list(project.glob("_site.*"))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_the_old_site(home: Path, tmp_path: Path, stop: signal.Signals) -> None:
    project = make_project(tmp_path / "project", like=home / "project")
    (project / "_site").mkdir()
    (project / "_site" / "index.html").write_text("the old site", "utf-8")
    marker = tmp_path / "running"
    with (project / "index.qmd").open("a", encoding="utf-8") as page:
        page.write(
            f"\n```{{python}}\nimport os, pathlib, time\npathlib.Path({str(marker)!r}).write_text(str(os.getpid()))\n"
        )
        page.write("time.sleep(120)\n```\n")
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", INTERRUPTIBLE, "render"],
        cwd=project,
        env=clean_environment(home / "cache"),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for _ in range(600):
        if marker.is_file() and marker.read_text():
            break
        time.sleep(0.1)
    kernel = int(marker.read_text())
    process.send_signal(stop)
    try:
        _, said = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # where does it hang?
        _, said = process.communicate()
    assert process.returncode == 130, said
    assert "stopped" in said and "Traceback" not in said
    assert site_files(project / "_site") == {"index.html": b"the old site"}
    assert not list(project.glob("_site.*"))
    assert gone(kernel)


def test_a_second_build_at_the_same_time_is_refused(home: Path, tmp_path: Path) -> None:
    import fcntl

    project = make_project(tmp_path / "project", like=home / "project")
    with (project / ".segkit" / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = run_segkit(project, "render", cache=home / "cache")
    assert done.returncode == 1
    assert "another build" in done.stderr


def test_no_free_disk_leaves_the_old_site(home: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: the kernel refuses the write."""
    project = make_project(tmp_path / "project", like=home / "project")
    (project / "_site").mkdir()
    (project / "_site" / "index.html").write_text("the old site", "utf-8")
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000));"
        "from segkit.cli import main; sys.exit(main(['render']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env=clean_environment(home / "cache"),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1
    assert "cannot be written" in done.stderr and "Remedy" in done.stderr and "Traceback" not in done.stderr
    assert site_files(project / "_site") == {"index.html": b"the old site"}
    assert not list(project.glob("_site.*"))


@pytest.mark.xdist_group("own-real")
@pytest.mark.real
def test_the_real_site_states_the_published_figures(
    project: Path, segkit: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Sizes of the segments, share of the variance and ARI without a block: Walekhwa 2026, as quoted in the specification."""
    folder = os.environ.get("SEGKIT_DATA", "")
    if not (Path(folder) / "walsoft_calls.csv").is_file():
        pytest.skip("SEGKIT_DATA names no folder with walsoft_calls.csv")
    settings = knowing(project, tmp_path_factory) / "segkit.toml"
    settings.write_text(re.sub(r"^restarts = \d+", "restarts = 50", settings.read_text("utf-8"), flags=re.M), "utf-8")
    done = segkit("render", "--require-real", SEGKIT_DATA=folder)
    assert done.returncode == 0, done.stderr
    text = {
        n: html.unescape(re.sub(r"<[^>]+>", " ", t)).replace("\u00a0", " ") for n, t in pages(project / "_site").items()
    }
    front, sensitivity = text["chapters/contacts/index.html"], text["chapters/contacts/sensitivity.html"]
    for size in ("176", "225", "91", "1,599"):
        assert size in front
    assert "Real data" in front and "Simulated" not in front
    for ari in ("0.70", "0.74", "0.94", "1.00"):
        assert ari in sensitivity
    assert "all 50 seeds find the same partition" in text["chapters/contacts/stability.html"]
    assert "26,086.98" in text["chapters/contacts/k-selection.html"]
