"""Projects, logs, tables and fixtures for the tests of studies and of what pages show."""

from __future__ import annotations

import csv
import dataclasses
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from whole import lighter, made_once, shared

from segkit.data.audit import EventAudit
from segkit.data.breaks import Breaks
from segkit.engine import krule, kselection, meaning, projection, segments
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import ModelMatrix
from segkit.features.table import FeatureTable
from segkit.studies.contacts import CALLS, NAMING, ContactsStudy
from segkit.studies.events.naming import name_segments

REPOSITORY = Path(__file__).resolve().parents[2]
KEY = "a key for tests, of no other use"
COLUMNS = ("date_stamp", "time", "duration_in_seconds", "dialled_phone_number", "category")
Call = tuple[datetime, int, str, str]  # when, seconds, contact, category
START = datetime(2022, 1, 3, 9)  # a Monday


def project(
    folder: Path, *, k: int = 4, restarts: int = 5, k_max: int = 6, settings: dict[str, str] | None = None
) -> Path:
    """Make a project folder with the published settings, less work for the fits, and some lines replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "requirements.txt", folder)
    text = lighter((REPOSITORY / "segkit.toml").read_text("utf-8"))
    lines = {"k": str(k), "restarts": str(restarts), "k_max": str(k_max), **(settings or {})}
    text, section, others = text.partition("\n[customers]\n")  # the lines are those of contacts
    for name, value in lines.items():
        text, found = re.subn(rf"^{name} = .*$", f"{name} = {value}" if value else "", text, flags=re.M)
        assert found == 1, name
    (folder / "segkit.toml").write_text(text + section + others, "utf-8")
    return folder


LEAST = {
    "k_max": 4, "restarts": 3, "starts": 2, "gap": 3, "splits": 3, "bootstraps": 3, "subsamples": 3, "resamples": 3,
    "pipelines": 5, "nulls": 4, "null_bootstraps": 2,
}  # fmt: skip


def least(folder: Path, study: str, **lines: str) -> Path:
    """Make a project folder with as little resampling of a study as there can be, and some lines of its settings replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "requirements.txt", folder)
    head = f"[{study}]"
    before, _, own = (REPOSITORY / "segkit.toml").read_text("utf-8").partition(f"\n{head}\n")
    own, *others = re.split(rf"(?m)^(?=\[(?!{study}[.\]]))", own)
    for name, value in {**{n: str(v) for n, v in LEAST.items()}, **lines}.items():
        own, found = re.subn(rf"^{name} = \S+", f"{name} = {value}", own, flags=re.M)
        assert found == 1, name
    (folder / "segkit.toml").write_text(f"{before}\n{head}\n{own}{''.join(others)}", "utf-8")
    return folder


BARE = dict.fromkeys(("name", "weekday", "month", "year"), "")  # columns that the small logs do not have


def open_new(root: Path, data: Path | None = None) -> ContactsStudy:
    """Open the study of a project, as `segkit results` does."""
    return ContactsStudy(ContactsStudy.find(root, data=data, say=lambda message: None))


def write_log(path: Path, calls: list[Call], extra: Sequence[Sequence[str]] = ()) -> Path:
    """Write calls as the published file does, without its redundant columns; ``extra`` rows are written as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for when, seconds, who, category in calls:
            out.writerow([f"{when.month}/{when.day}/{when.year}", f"{when:%H:%M:%S}", seconds, who, category])
        out.writerows(extra)
    return path


def small_calls(*, skip: tuple[int, int] = (0, 0), label: str = "Supplier") -> list[Call]:
    """Return calls of 8 busy, 12 occasional and 20 single contacts over 120 days.

    Parameters
    ----------
    skip : tuple of int
        Days without any call: the first, and the first after.
    label : str
        The category of the busy contacts.
    """
    calls: list[Call] = []
    groups = ((8, 30, 40, label), (12, 6, 60, "Unknown"), (20, 1, 300, "Family"))
    who = 0
    for contacts, each, seconds, category in groups:
        for contact in range(contacts):
            who += 1
            for i in range(each):
                day = (contact * 7 + i * 120 // each + i % 3) % 120
                if skip[0] <= day < skip[1]:
                    day = skip[1] + day % 3
                clock = timedelta(days=day, hours=i % 11, minutes=contact, seconds=i)
                calls.append((START + clock, seconds + 3 * contact + i, f"5550100{who:03}", category))
    return calls


@dataclass(frozen=True)
class Made:
    """What the pages of one study show."""

    audit: EventAudit
    breaks: Breaks
    features: FeatureTable
    matrix: ModelMatrix
    k_selection: kselection.KSelection
    k_decision: krule.KDecision
    segments: segments.Segments
    profile: meaning.Profile
    cards: meaning.Cards
    projection: projection.Projection
    off_hours: list[tuple[str, str]]


def with_segments(study: ContactsStudy, found: segments.Segments) -> Made:
    """Return what the pages show of a study whose segments are given."""
    frame = study.features.frame
    described = meaning.profile(frame, found.labels)
    by_hand = dataclasses.replace(study.k_decision, k=found.k, shown=found.k, set=krule.HAND)
    cards = name_segments(described, found.sizes, float(frame["median_dur_sec"].median()), CALLS, NAMING)
    return Made(
        study.audit, study.breaks, study.features, study.matrix, study.k_selection, by_hand, found, described, cards,
        study.projection, study.off_hours,
    )  # fmt: skip


def at_k(study: ContactsStudy, k: int) -> Made:
    """Return what the pages show of a study at another number of segments."""
    return with_segments(study, segments.fit_segments(study.matrix, k, clusterer=KMeansClusterer(5), seed=42))


def with_small_segment(study: ContactsStudy, size: int = 3) -> Made:
    """Return a study at K = 4 of which ``size`` contacts of the largest segment are made a fifth one."""
    found = segments.fit_segments(study.matrix, 4, clusterer=KMeansClusterer(5), seed=42)
    labels = found.labels.copy()
    labels[labels.index[labels == 1][:size]] = 5
    scores = pd.Series([0.7, 0.6, 0.5, 0.4, -0.9], index=range(1, 6), name="silhouette")
    centres = np.vstack([found.centres, found.centres[:1]])
    return with_segments(study, segments.Segments(labels, centres, scores, found.inertia, {"k": 5}, 42))


def profile_of(table: pd.DataFrame, sizes: pd.Series, minimum: int = 5) -> meaning.Profile:
    """Return a profile whose medians are given: one row per segment, one column per feature."""
    long = (
        table.reindex(columns=list(CALLS.shown))
        .rename_axis(index="segment", columns="feature")
        .stack()
        .rename("median")
    )
    frame = long.reset_index()
    frame.insert(2, "units", sizes.reindex(frame["segment"]).to_numpy())
    for statistic in ("q25", "q75", "mean"):
        frame[statistic] = frame["median"]
    frame["share_any"] = (frame["median"] > 0).astype("float64")
    hidden = tuple(int(s) for s in sizes.index[sizes < minimum])
    frame.loc[frame["segment"].isin(hidden), ["q25", "median", "q75", "mean", "share_any"]] = float("nan")
    return meaning.Profile(frame, hidden, minimum)


@pytest.fixture(scope="module")
def closed_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep key, cache and data apart from those of the user, and the network out, until the module ends."""
    with pytest.MonkeyPatch.context() as patch:
        cache = shared(tmp_path_factory) / "segkit-cache"  # one simulation serves all modules
        for name, value in {"SEGKIT_KEY": KEY, "SEGKIT_CACHE": str(cache), "SEGKIT_OFFLINE": "1"}.items():
            patch.setenv(name, value)
        for name in ("SEGKIT_DATA", "SEGKIT_FILE", "SEGKIT_DOWNLOADS", "SEGKIT_OFFLINE_NOTED"):
            patch.delenv(name, raising=False)
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01
        yield cache


def results_of(study: Path) -> Path:
    """Return the folder of a project that holds the values of its study."""
    return study / ".segkit" / "contacts" / "results"


def computed(factory: pytest.TempPathFactory, name: str, study: Callable[[Path], ContactsStudy]) -> Path:
    """Return the values of a study that one process of a run computes, for others with the same data to start from."""

    def make(folder: Path) -> str:
        study(folder).save()
        return ""

    return results_of(made_once(factory, name, make))


def small_study(folder: Path) -> ContactsStudy:
    """Open the study of a small log that no registry calls public."""
    return open_new(project(folder, k=3, settings=BARE), write_log(folder / "calls.csv", small_calls()))


@pytest.fixture(scope="module")
def small_results(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the values of the small log's study."""
    return computed(tmp_path_factory, "small", small_study)


_opened: dict[str, ContactsStudy] = {}


@pytest.fixture(scope="module")
def simulated(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> ContactsStudy:
    """Return the study of the simulation at K = 4; one serves all modules."""
    if "simulated" not in _opened:
        root = project(tmp_path_factory.mktemp("simulated"))
        made = computed(tmp_path_factory, "simulated", lambda folder: open_new(project(folder)))
        shutil.copytree(made, results_of(root))
        _opened["simulated"] = open_new(root)
    return _opened["simulated"]


@pytest.fixture(scope="module")
def private(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> ContactsStudy:
    """Return the study of a small log that no registry calls public."""
    if "private" not in _opened:
        folder = tmp_path_factory.mktemp("private")
        shutil.copytree(computed(tmp_path_factory, "small", small_study), results_of(folder))
        _opened["private"] = small_study(folder)
    return _opened["private"]


@pytest.fixture
def downloads(closed_off: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Send the downloads of a test to a folder of its own, and work in a project's root."""
    folder = tmp_path / "downloads"
    monkeypatch.setenv("SEGKIT_DOWNLOADS", str(folder))
    monkeypatch.chdir(project(tmp_path / "page"))
    return folder
