"""A saved model of the contacts study, applied to calls."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_projects import open_new, project, results_of, small_calls, small_study, write_log

from segkit import __version__, cli, scratch
from segkit.errors import BuildError, ConfigError, InputError, SegkitError
from segkit.privacy import keyed_all, secret
from segkit.studies.contacts import ContactsStudy
from segkit.studies.events import assign, saved_model
from segkit.studies.events.assign import assign_file, assigned
from segkit.studies.events.saved_model import AGAIN, EventModel, load_model, save_model

pytest_plugins = ["made_projects"]
pytestmark = pytest.mark.usefixtures("closed_off")
REAL = Path(os.environ.get("SEGKIT_DATA") or os.devnull) / "walsoft_calls.csv"


def quiet(message: str) -> None:
    """Say nothing."""


def apply(study: ContactsStudy, folder: Path, **given: Any) -> pd.DataFrame:
    """Save the model of a study and apply it to the study's own file."""
    saved = folder / "model.json"
    save_model(saved, study)
    out = assign_file(ContactsStudy, study.source, model=saved, out=folder / "out.csv", say=quiet, **given)
    return pd.read_csv(out, dtype={"contact": str}).set_index("contact")


def is_as_in(study: ContactsStudy, found: pd.DataFrame) -> None:
    labels = study.segments.labels
    assert found["segment"].to_dict() == labels.to_dict()
    assert found["name"].to_dict() == {contact: study.cards[s].name for contact, s in labels.items()}
    # The sum of squared distances is the inertia of the fit.
    assert (found["distance"] ** 2).sum() == pytest.approx(study.segments.inertia, rel=1e-8)
    assert found["margin"].between(0, 1).all()


def test_the_log_itself_gets_exactly_its_segments(simulated: ContactsStudy, tmp_path: Path) -> None:
    found = apply(simulated, tmp_path)
    assert list(found.columns) == ["segment", "name", "distance", "margin"]
    assert len(found) == 2091  # contacts of the simulation
    is_as_in(simulated, found)


def test_private_calls_too(private: ContactsStudy, tmp_path: Path) -> None:
    is_as_in(private, apply(private, tmp_path))


@pytest.mark.real
@pytest.mark.skipif(not REAL.is_file(), reason="SEGKIT_DATA names no folder with walsoft_calls.csv")
def test_the_published_log_gets_exactly_its_segments(tmp_path: Path) -> None:
    study = open_new(project(tmp_path / "project", restarts=50), REAL)
    found = apply(study, tmp_path)
    assert sorted(found["segment"].value_counts()) == [91, 176, 225, 1599]  # published sizes
    is_as_in(study, found)


def test_a_file_is_for_its_owner_only_and_holds_no_number(private: ContactsStudy, tmp_path: Path) -> None:
    apply(private, tmp_path)
    for name in ("out.csv", "model.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert "5550100" not in (tmp_path / name).read_text("utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.json", "out.csv"]


def test_results_save_the_model(tmp_path: Path, small_results: Path) -> None:
    shutil.copytree(small_results, results_of(tmp_path))
    study = small_study(tmp_path)
    study.save()
    stored = json.loads((tmp_path / ".segkit" / "contacts" / "model.json").read_text("utf-8"))
    assert (stored["format"], stored["version"], stored["log"]["k"]) == (2, __version__, 3)
    assert stored["log"]["fingerprint"] == study.source.fingerprint
    assert (stored["log"]["as_of_rule"], stored["log"]["as_of"]) == ("last event", str(study.features.as_of))
    out = assign_file(ContactsStudy, study.source, say=quiet)  # the model of the last results, beside the file
    assert out == tmp_path / "calls-segments.csv"
    assert len(out.read_text("utf-8").splitlines()) == 1 + 40  # contacts of the small log


def test_new_calls_are_measured_by_the_model_and_not_by_themselves(private: ContactsStudy, tmp_path: Path) -> None:
    """Calls of the single contacts alone: fitted on themselves they would be split, yet they are all of one kind."""
    single = [c for c in small_calls() if c[3] == "Family"]
    saved = tmp_path / "model.json"
    save_model(saved, private)
    source = ContactsStudy.find(private.source.config.root, data=write_log(tmp_path / "new.csv", single), say=quiet)
    # The moment of the old log, so that nothing but the other calls differs.
    out = assign_file(
        ContactsStudy, source, model=saved, out=tmp_path / "out.csv", as_of=str(private.features.as_of), say=quiet
    )
    found = pd.read_csv(out, dtype={"contact": str}).set_index("contact")
    before = private.segments.labels.reindex(found.index)
    assert len(found) == 20 and found["segment"].to_dict() == before.to_dict()
    assert set(found.index) == set(keyed_all({c[2] for c in single}, secret()).values())


def test_recency_counts_from_the_last_new_call_or_from_the_given_moment(
    private: ContactsStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    def spy(model: EventModel, features: pd.DataFrame, unit: str) -> pd.DataFrame:
        seen.append(float(features["recency_days"].min()))
        return assigned(model, features, unit)

    monkeypatch.setattr(assign, "assigned", spy)
    last = private.features.as_of
    apply(private, tmp_path)
    apply(private, tmp_path, as_of=f"{last.year + 1}-{last:%m-%dT%H:%M:%S}")
    assert seen == pytest.approx([0, 365])  # 2022 has 365 days


@pytest.mark.parametrize("moment", ["yesterday", "2024-10-04T20:15:16+02:00"])
def test_a_moment_that_is_none(private: ContactsStudy, tmp_path: Path, moment: str) -> None:
    with pytest.raises(ConfigError, match="--as-of"):
        apply(private, tmp_path, as_of=moment)


def changed(study: ContactsStudy, path: Path, change: Callable[[dict[str, Any]], Any], *, signed: bool = True) -> Path:
    """Save a model with a change; signed, as another version would have written it."""
    body = EventModel.of(study).to_json()
    change(body)
    if signed:
        del body["digest"]
        body["digest"] = saved_model._digest(body)
    path.write_text(json.dumps(body), "utf-8")
    return path


REFUSED: dict[str, tuple[Callable[[dict[str, Any]], Any], bool, type[SegkitError], str]] = {
    "another format": (lambda m: m.update(format=1), True, InputError, "format 1"),
    "another study": (lambda m: m.update(study="channels"), True, InputError, "channels"),
    "another minor version": (lambda m: m.update(version="0.9.3"), True, InputError, r"made by segkit 0\.9\.3"),
    "a changed number": (lambda m: m.update(large=1.0), False, InputError, "damaged.*digest"),
    "no digest": (lambda m: m.pop("digest"), False, InputError, "damaged.*digest"),
    "no numbers": (lambda m: m.pop("numbers"), True, InputError, "damaged.*numbers"),
    "a segment less": (lambda m: m["segments"].pop(), True, InputError, "damaged.*centres"),
    "other bands": (
        lambda m: m["hours"].update(bands={"night": [0, 7], "day": [8, 23]}), True, ConfigError, "differ in bands",
    ),
    "other closed days": (lambda m: m["hours"].update(closed_days=[]), True, ConfigError, "differ in closed_days"),
    "another feature": (
        lambda m: m["numbers"]["blocks"]["recency"].__setitem__(0, "age_days"), True, InputError, "age_days, recency_days",
    ),
    "another block": (
        lambda m: m["numbers"]["blocks"].update(time=m["numbers"]["blocks"].pop("recency")), True, InputError,
        "other blocks",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_model_that_does_not_fit_is_refused_with_the_reason(
    private: ContactsStudy, tmp_path: Path, kind: str
) -> None:
    change, signed, error, words = REFUSED[kind]
    saved = changed(private, tmp_path / "model.json", change, signed=signed)
    with pytest.raises(error, match=words) as said:
        assign_file(ContactsStudy, private.source, model=saved, out=tmp_path / "out.csv", say=quiet)
    assert "model.json" in str(said.value) and said.value.remedy
    assert not (tmp_path / "out.csv").exists()


def test_a_patch_version_is_no_reason(private: ContactsStudy, tmp_path: Path) -> None:
    patched = ".".join([*__version__.split(".")[:2], "99"])
    saved = changed(private, tmp_path / "model.json", lambda m: m.update(version=patched))
    assert load_model(saved, "contacts").version == patched


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', "\x80"])
def test_a_file_that_is_no_model(private: ContactsStudy, tmp_path: Path, text: str) -> None:
    saved = tmp_path / "model.json"
    saved.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match="damaged"):
        load_model(saved, "contacts")


def test_no_model_yet(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no saved model") as said:
        load_model(tmp_path / "model.json", "contacts")
    assert said.value.remedy == AGAIN


def test_what_is_read_is_never_replaced(private: ContactsStudy, tmp_path: Path) -> None:
    saved = tmp_path / "model.json"
    save_model(saved, private)
    before = private.source.located.path.read_bytes(), saved.read_bytes()
    for target in (private.source.located.path, saved):
        with pytest.raises(ConfigError, match="--out"):
            assign_file(ContactsStudy, private.source, model=saved, out=target, say=quiet)
    assert (private.source.located.path.read_bytes(), saved.read_bytes()) == before


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.csv"
    scratch.write(target, b"old", private=True)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(BuildError, match="No space left"):
        scratch.write(target, b"new", private=True)
    assert target.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def test_the_command(private: ContactsStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(private.source.config.root)
    save_model(tmp_path / "model.json", private)
    out = tmp_path / "who.csv"
    log = str(private.source.located.path)
    assert cli.main(["assign", log, "--model", str(tmp_path / "model.json"), "--out", str(out)]) == 0
    assert len(out.read_text("utf-8").splitlines()) == 1 + 40
    assert cli.main(["assign", log, "--model", str(tmp_path / "none.json")]) == InputError.exit_code
