"""Contacts are simulated unless a file of them is given, since nobody publishes any; the experiment is found like other data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from segkit.data import registry
from segkit.data.experiment import load_experiment
from segkit.data.registry import CRM, DATASETS, EXPERIMENT, locate
from segkit.data.simulate import prospect_cells, prospects
from segkit.data.simulate.experiment import simulate_experiment
from segkit.errors import ConfigError, InputError

OWN = b"Record ID,Create Date\n1,2024-01-01\n"


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("SEGKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SEGKIT_DATA", raising=False)
    return tmp_path / "cache"


def quiet(text: str) -> None:
    pytest.fail(text)


def put(path: Path, content: bytes = OWN) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_each_study_has_one_dataset() -> None:
    assert DATASETS["channels"] is CRM and len(DATASETS) == 6 and EXPERIMENT not in DATASETS.values()
    assert registry.simulator(CRM) is prospects.simulate_prospects
    assert registry.simulator(EXPERIMENT) is simulate_experiment


# --- contacts --------------------------------------------------------------------------------------------------------


def test_contacts_are_simulated_and_the_message_says_why() -> None:
    found = locate(CRM, say=quiet)
    assert (found.place, found.real, found.public) == ("simulation", False, True)
    assert found.message == "Simulated data stand in for a CRM export, because no real one is published."
    written = pd.read_csv(found.path, dtype="str", keep_default_na=False)
    assert written.equals(prospects.simulate_prospects().frame)


def test_a_given_export_is_real_and_private(tmp_path: Path) -> None:
    found = locate(CRM, given=put(tmp_path / "own.csv"))
    assert (found.place, found.real, found.public) == ("given", True, False)
    assert "no register calls it public" in found.message


def test_real_contacts_can_only_be_given() -> None:
    with pytest.raises(InputError, match="no file is given, and no real one is published") as caught:
        locate(CRM, allow_simulation=False)
    assert caught.value.remedy == "Give a file with --data."


def test_an_own_export_in_the_folder_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGKIT_DATA", str(tmp_path / "folder"))
    with pytest.raises(ConfigError, match="there is no such folder"):
        locate(CRM)
    (tmp_path / "folder").mkdir()
    assert locate(CRM, say=quiet).place == "simulation"
    path = put(tmp_path / "folder" / CRM.file_name)
    with pytest.raises(InputError, match="nothing tells what this file is") as caught:
        locate(CRM)
    assert str(path) in str(caught.value) and "--data" in caught.value.remedy


def test_a_file_in_the_cache_is_neither_used_nor_removed(cache: Path) -> None:
    path = put(cache / CRM.file_name)
    assert locate(CRM, say=quiet).place == "simulation"
    assert path.read_bytes() == OWN


def test_another_way_to_write_cells_is_another_simulation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = locate(CRM).path
    source = Path(prospect_cells.__file__)
    changed = put(tmp_path / "changed.py", source.read_bytes() + b"# another\n")
    real = registry.inspect.getsourcefile
    monkeypatch.setattr(
        registry.inspect, "getsourcefile", lambda thing: str(changed) if thing is prospect_cells else real(thing)
    )
    assert locate(CRM).path != before


# --- the experiment --------------------------------------------------------------------------------------------------


def test_the_experiment_is_registered_as_it_was_published() -> None:
    # The SHA-256 of the file as its author published it.
    assert EXPERIMENT.sha256 == "ff9e59285e9dc3f5fa3e0975419e6631ea5bdccd65d818991473d2367e02979c"
    assert EXPERIMENT.public and EXPERIMENT.licence == "published for public use by its author" and not EXPERIMENT.url
    assert "Hillstrom (2008)" in EXPERIMENT.citation


def test_the_experiment_is_simulated_where_it_is_not_at_hand() -> None:
    found = locate(EXPERIMENT, say=quiet)
    assert (found.place, found.real) == ("simulation", False)
    assert found.message == (
        "Simulated data stand in for the MineThatData e-mail experiment, because no address of this file is known."
    )
    assert len(load_experiment(found.path)) == 64_000
    with pytest.raises(InputError, match="the MineThatData e-mail experiment was not found"):
        locate(EXPERIMENT, allow_simulation=False)


def test_another_file_in_the_folder_is_not_the_experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGKIT_DATA", str(put(tmp_path / "folder" / EXPERIMENT.file_name).parent))
    with pytest.raises(InputError, match="not the published MineThatData e-mail experiment"):
        locate(EXPERIMENT)
