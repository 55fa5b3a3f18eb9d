"""The contacts study from file to results.json."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import re
import shutil
from pathlib import Path

import pytest
from made_projects import BARE, KEY, open_new, project, results_of, small_calls, write_log

from segkit.data.simulate.calls import simulate_calls
from segkit.engine.krule import CRITERIA
from segkit.errors import BuildError, InputError
from segkit.studies import bound
from segkit.studies import filed as study_module
from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.events.data import EventData

pytest_plugins = ["made_projects"]
pytestmark = pytest.mark.usefixtures("closed_off")


def small(
    folder: Path, *, k: int = 3, name: str = "calls.csv", like: Path | None = None, **changes: str
) -> ContactsStudy:
    """Open the study of the small log, with what another project has computed already."""
    if like is not None:
        shutil.copytree(like, results_of(folder))
    root = project(folder, k=k, settings={**BARE, **changes})
    return open_new(root, write_log(folder / name, small_calls()))


def numbers(text: str) -> list[str]:
    """Return the numbers of a JSON text as they are written."""
    found: list[str] = []

    def keep(number: str) -> str:
        found.append(number)
        return number

    json.loads(text, parse_float=keep, parse_int=keep)
    return found


def test_results_have_the_documented_keys(simulated: ContactsStudy) -> None:
    """The keys are those that design promises to readers who cite results.json."""
    found = json.loads(simulated.save().read_text("utf-8"))
    truth = simulate_calls()
    assert found["data"]["source"] == "simulated"
    assert re.fullmatch("[0-9a-f]{64}", found["data"]["fingerprint"])
    assert (found["data"]["rows"], found["data"]["units"]) == (len(truth.frame), 2091)
    assert found["k"]["chosen"] == 4
    assert set(found["k"]["by"]) == {*CRITERIA, "rule", "published"}
    assert (found["k"]["set"], found["k"]["shown"]) == ("by hand", 4)
    assert sum(s["size"] for s in found["segments"]) == 2091
    for segment in found["segments"]:
        assert {"id", "name", "size", "medians"} <= set(segment)
        assert segment["medians"]["n_calls"] >= 1
    assert found["date"] == "2026-01-01" and found["study"] == "contacts"


def test_the_planted_segments_are_recovered(simulated: ContactsStudy) -> None:
    assert simulated.recovered is not None and simulated.recovered >= 0.9
    planted = simulate_calls().truth.value_counts()  # core 176, warm 225, deep 91, one-off 1599
    sizes = {c.archetype: c.size for c in simulated.cards}
    assert abs((sizes["core"] or 0) - planted["core active"]) <= 10
    assert abs((sizes["once"] or 0) - planted["one-off"]) <= 20


def test_the_simulation_is_no_citable_data(simulated: ContactsStudy) -> None:
    at = simulated.provenance
    assert at.title.startswith("Simulation of the ") and at.licence == "" and at.citation == ""
    assert not at.private


def test_numbers_are_short_and_no_identifier_is_there(simulated: ContactsStudy) -> None:
    text = simulated.save().read_text("utf-8")
    for number in numbers(text):
        digits = re.sub(r"e.*$", "", number).replace(".", "").replace("-", "").strip("0")
        assert len(digits) <= 10, number
    assert "NaN" not in text and "Infinity" not in text
    log = simulate_calls()
    assert not any(keyed in text for keyed in simulated.features.frame.index)
    outside = text.replace(simulated.source.fingerprint, "")
    assert not any(raw in outside for raw in log.truth.index)
    assert not any(name in outside for name in log.frame["name"].unique())


def test_a_label_of_few_is_told_nowhere_though_the_settings_name_it(tmp_path: Path) -> None:
    few = {f"5550100{who:03}" for who in (37, 38, 39, 40)}
    calls = [(at, length, who, "Bishop" if who in few else label) for at, length, who, label in small_calls()]
    root = project(tmp_path, k=3, settings={**BARE, "not_business": '["Bishop", "Family"]'})
    study = open_new(root, write_log(tmp_path / "calls.csv", calls))
    assert study.told_labels == ["Family"] and study.apart.sum() == 16
    found = EventData.results(study)
    assert found["parameters"]["contacts"]["columns"]["not_business"] == ["Family"]
    assert "Bishop" not in str(found["parameters"])


def test_missing_values_become_null(tmp_path: Path, small_results: Path) -> None:
    study = small(tmp_path, like=small_results)
    text = study.save().read_text("utf-8")
    assert json.loads(text)["simulation"]["recovered_ari"] is None  # there is no truth for a given file
    assert json.loads(text)["data"]["source"] == "real"


def test_two_runs_give_the_same_bytes(tmp_path: Path, small_results: Path) -> None:
    first = small(tmp_path / "one", like=small_results).save().read_bytes()  # of the run that made these
    second = small(tmp_path / "two").save().read_bytes()
    again = small(tmp_path / "one").save().read_bytes()
    assert first == second == again


def test_neither_the_key_nor_the_order_of_rows_moves_a_result(
    tmp_path: Path, small_results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = small(tmp_path / "base", like=small_results)
    text = base.save().read_text("utf-8")
    monkeypatch.setenv("SEGKIT_KEY", KEY[::-1])
    keyed = small(tmp_path / "keyed")
    assert set(keyed.features.frame.index).isdisjoint(base.features.frame.index)
    other = keyed.save().read_text("utf-8")
    marks = [json.loads(t)["data"]["fingerprint"] for t in (other, text)]
    assert marks[0] != marks[1]  # that of a private file is keyed
    assert other.replace(*marks) == text
    calls = small_calls()
    random.Random(1).shuffle(calls)
    root = project(tmp_path / "shuffled", k=3, settings=BARE)
    shuffled = open_new(root, write_log(root / "calls.csv", calls))
    assert shuffled.source.fingerprint != base.source.fingerprint
    assert shuffled.save().read_text("utf-8").replace(shuffled.provenance.fingerprint, marks[1]) == text


@pytest.mark.parametrize("k", [2, 6])
def test_other_numbers_of_segments(tmp_path: Path, small_results: Path, k: int) -> None:
    study = small(tmp_path, k=k, like=small_results)
    found = json.loads(study.save().read_text("utf-8"))
    assert found["k"]["chosen"] == k == len(found["segments"]) == len({s["name"] for s in found["segments"]})
    small_cells = [s for s in found["segments"] if s["archetype"] == "small"]
    for row in found["k"]["indices"]:
        assert row["smallest"] is None or row["smallest"] >= 5
    for segment in small_cells:
        assert segment["size"] is None and segment["medians"] == {}
        assert found["silhouette"]["by_segment"][segment["name"]] is None


def few_contacts(folder: Path, k: int, contacts: int, distinct: int = 0) -> ContactsStudy:
    """Open a study of fewer contacts, of which only the last ones differ where ``distinct`` is given."""
    calls = small_calls()
    names = sorted({c[2] for c in calls})[:contacts]
    kept = [c for c in calls if c[2] in names]
    if distinct:
        model, odd = [c for c in kept if c[2] == names[0]], names[-(distinct - 1) :]
        kept = [(w, s, n, c) for n in names if n not in odd for w, s, _, c in model]
        kept += [(model[0][0], 900 * i, n, "Family") for i, n in enumerate(odd, start=1)]
    root = project(folder, k=k, settings=BARE)
    return open_new(root, write_log(folder / "few.csv", kept))


@pytest.mark.parametrize(
    ("k", "contacts", "distinct", "says"),
    [
        (6, 6, 0, "the file has 6 contacts and 7 are needed"),
        (4, 10, 3, "3 distinct units cannot make 4 segments"),
        (2, 10, 2, "too much alike"),
    ],
)
def test_too_few_distinct_contacts_are_refused(tmp_path: Path, k: int, contacts: int, distinct: int, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        few_contacts(tmp_path, k, contacts, distinct).save()
    assert "few.csv" in str(caught.value) and "Remedy: " in str(caught.value)
    assert not (tmp_path / ".segkit" / "contacts" / "results.json").exists()


def test_contacts_that_differ_in_nothing_are_refused(tmp_path: Path) -> None:
    calls = [(when, 60, f"5550100{who:03}", "Family") for who in range(12) for when, *_ in small_calls()[:4]]
    root = project(tmp_path, k=2, settings=BARE)
    with pytest.raises(InputError, match=r"same\.csv.*every column is constant"):
        open_new(root, write_log(tmp_path / "same.csv", calls)).save()


def test_an_opened_study_is_the_saved_one(tmp_path: Path, small_results: Path) -> None:
    saved = small(tmp_path, like=small_results)
    saved.save()
    opened = ContactsStudy.opened(tmp_path)
    assert opened.source.key == saved.source.key and plain(opened.cards.to_json()) == plain(
        saved.released.cards.to_json()
    )
    assert "log" not in opened.__dict__  # pages load results, never the log
    assert opened.provenance == saved.released.provenance and opened.provenance.private


def test_nothing_computed_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"no results yet(.|\n)*segkit results"):
        ContactsStudy.opened(project(tmp_path))


def touch(root: Path) -> None:
    os.utime(root / "calls.csv", ns=(1, 1))


def remove(root: Path) -> None:
    (root / "calls.csv").unlink()


def lengthen(root: Path) -> None:
    with (root / "calls.csv").open("a") as file:
        file.write("1/3/2022,09:00:00,60,5550100999,Family\n")


def settings(root: Path) -> None:
    path = root / "segkit.toml"
    path.write_text(path.read_text().replace("cap = 10.0", "cap = 9.0"))


def lock(root: Path) -> None:
    (root / "requirements.txt").write_text("")


def pointer(root: Path, **changes: object) -> None:
    path = root / ".segkit" / "contacts" / "current.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


STALE = {
    "file touched": touch,
    "file removed": remove,
    "file longer": lengthen,
    "settings edited": settings,
    "lock edited": lock,
    "pointer to another key": lambda root: pointer(root, key="0" * 64),
    "pointer to another file": lambda root: pointer(root, path=str(root / "segkit.toml")),
    "pointer to another content": lambda root: pointer(root, fingerprint="0" * 64),
    "pointer calls it public": lambda root: pointer(root, public=True),
}


@pytest.mark.parametrize("change", STALE)
def test_stale_results_are_not_opened(saved_small: Path, change: str) -> None:
    ContactsStudy.opened(saved_small)
    STALE[change](saved_small)
    with pytest.raises(BuildError, match=r"out of date(.|\n)*segkit results"):
        ContactsStudy.opened(saved_small)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"key": 1'])
def test_a_damaged_pointer_is_one_clear_error(saved_small: Path, content: str) -> None:
    (saved_small / ".segkit" / "contacts" / "current.json").write_text(content)
    with pytest.raises(BuildError, match=r"damaged(.|\n)*segkit results"):
        ContactsStudy.opened(saved_small)


def test_another_key_makes_results_stale(saved_small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGKIT_KEY", KEY[::-1])
    with pytest.raises(BuildError, match="out of date"):
        ContactsStudy.opened(saved_small)


@pytest.fixture(scope="module")
def computed_small(small_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("stale")
    small(root, like=small_results).save()
    return root


@pytest.fixture
def saved_small(computed_small: Path, tmp_path: Path) -> Path:
    """Return a folder of its own with a saved study."""
    root = tmp_path / "copy"
    shutil.copytree(computed_small, root)
    pointer(root, path=str(root / "calls.csv"), modified=(root / "calls.csv").stat().st_mtime_ns)
    return root


def test_the_same_file_under_another_name_keeps_its_own_title(tmp_path: Path, small_results: Path) -> None:
    small(tmp_path, name="one.csv", like=small_results).save()
    renamed = small(tmp_path, name="two.csv")
    renamed.shelf.settle("extent")
    assert renamed.store.made == []  # the content is the same, so nothing is computed again
    assert renamed.provenance.title == "two.csv"


def test_settings_beside_a_file_win(tmp_path: Path, small_results: Path) -> None:
    root = project(tmp_path, k=3, settings=BARE)
    shutil.copytree(small_results, results_of(root))
    data = write_log(tmp_path / "calls.csv", small_calls())
    (tmp_path / "calls.csv.toml").write_text("[contacts]\nk = 2\n")
    study = open_new(root, data)
    assert study.settings.k == 2
    study.save()
    assert ContactsStudy.opened(root).settings.k == 2
    (tmp_path / "calls.csv.toml").write_text("[contacts]\nk = 3\n")
    with pytest.raises(BuildError, match="out of date"):
        ContactsStudy.opened(root)


def test_a_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    data = write_log(tmp_path / "calls.csv", small_calls())
    (tmp_path / "calls.csv.toml").write_text("[contacts]\nk = 2\n")
    found = ContactsStudy.find(
        project(tmp_path / "p", settings=BARE), data=Path("~/calls.csv"), say=lambda message: None
    )
    assert found.located.path == data and found.config.contacts.k == 2


def test_real_data_can_be_required(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="real data are required"):
        ContactsStudy.find(project(tmp_path), allow_simulation=False, say=lambda message: None)


def test_a_page_opens_the_study_that_it_was_started_for(saved_small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ContactsStudy.opened(saved_small).store.key
    monkeypatch.setenv(bound.STUDY, key)
    assert ContactsStudy.opened(saved_small).provenance.build.isalpha()
    monkeypatch.setenv(bound.STUDY, "0" * 64)
    with pytest.raises(BuildError, match="a build of another study"):
        ContactsStudy.opened(saved_small)
    monkeypatch.delenv(bound.STUDY)
    monkeypatch.setenv(bound.IN_QUARTO, "chapters/audit.qmd")
    bound.record(saved_small / ".segkit" / "contacts", "0" * 64)
    with pytest.raises(BuildError, match="a build of another study"):
        ContactsStudy.opened(saved_small)


def test_the_mark_follows_what_pages_are_made_from_and_not_the_secret(
    saved_small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ContactsStudy.opened(saved_small).source
    mark = source.build
    monkeypatch.setenv("SEGKIT_KEY", KEY[::-1])
    assert source.build == mark and source.key != open_key(saved_small)
    other = dataclasses.replace(source, fingerprint="0" * 64)
    assert other.build != source.build


def open_key(root: Path) -> str:
    return str(json.loads((root / ".segkit" / "contacts" / "current.json").read_text("utf-8"))["key"])


def test_a_file_that_changes_before_it_is_read_is_refused(tmp_path: Path) -> None:
    study = small(tmp_path)
    lengthen(tmp_path)
    with pytest.raises(InputError, match="changed while it was read"):
        study.extent  # noqa: B018
    assert study.store.entries("extent") == []


def test_a_file_that_changes_after_it_was_read_is_not_recorded(saved_small: Path) -> None:
    """The old code wrote down size and time of the new file beside the digest of the old one."""
    study = ContactsStudy.opened(saved_small)
    before = (saved_small / ".segkit" / "contacts" / "current.json").read_bytes()
    lengthen(saved_small)
    with pytest.raises(InputError, match="changed while it was read"):
        study.save()
    assert (saved_small / ".segkit" / "contacts" / "current.json").read_bytes() == before


def test_between_two_studies_there_is_none(saved_small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while it writes the second, `save` leaves no record that would join it with files of the first."""
    study = ContactsStudy.opened(saved_small)
    pointer(saved_small, key="0" * 64)  # the last results are of another study

    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(study_module, "write_results", stop)
        with pytest.raises(KeyboardInterrupt):
            study.save()
    with pytest.raises(BuildError, match="no results yet"):
        ContactsStudy.opened(saved_small)
    study.save()
    assert ContactsStudy.opened(saved_small).store.key == study.store.key


def test_what_is_saved_already_is_not_written_again(saved_small: Path) -> None:
    folder = saved_small / ".segkit" / "contacts"
    names = ("results.json", "model.json", "current.json")
    before = {name: (folder / name).stat().st_ino for name in names}
    ContactsStudy.opened(saved_small).save()
    assert {name: (folder / name).stat().st_ino for name in names} == before
    text = (folder / "results.json").read_bytes()
    (folder / "results.json").write_bytes(b"{}")
    ContactsStudy.opened(saved_small).save()
    assert (folder / "results.json").read_bytes() == text
