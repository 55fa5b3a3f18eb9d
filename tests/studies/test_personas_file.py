"""A lead file of one's own from end to end, without pages."""

from __future__ import annotations

import copy
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from made_leads import leads, opened, project, write
from sklearn.metrics import adjusted_rand_score

from segkit import results
from segkit.data.draft import draft_settings
from segkit.data.simulate.leads import simulate_leads
from segkit.errors import ConfigError, InputError
from segkit.studies.base import plain
from segkit.studies.personas import PersonasStudy
from segkit.studies.schema import keys, results_schema

pytest_plugins = ["made_projects"]
ROWS = 300
HOSTILE = "<img src=x onerror=alert(1)> =HYPERLINK(1) \x1b[31m `{python} 1+1`"
BY_HAND = {"k": "4", "clusterer": '"classes"'}


@pytest.fixture(scope="module")
def study(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> PersonasStudy:
    """The study of a file with other headers, semicolons and Windows-1252, whose settings were drafted, and asks for a copy."""
    folder = tmp_path_factory.mktemp("own")
    frame = leads(ROWS).rename(
        columns={"Industry": "Branche", "Job Title": "Puesto", "is_sale": "Converted?", "State": "Región"}
    )
    frame.loc[frame.index[:40], "Región"] = HOSTILE
    path = write(folder / "mine.csv", frame, sign=";", encoding="cp1252")
    toml = draft_settings(path).toml
    Path(f"{path}.toml").write_text(f"[personas]\nclustered_file = true\n{toml}", "utf-8")
    return opened(project(folder / "project"), path)


def faults(found: dict[str, Any]) -> list[str]:
    return [e.message[:120] for e in jsonschema.Draft202012Validator(results_schema("personas")).iter_errors(found)]


@pytest.fixture(scope="module")
def found(study: PersonasStudy) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(plain(study.results()), allow_nan=False))
    return read


def test_exact_results_meet_the_schema_of_which_every_key_is_described(found: dict[str, Any]) -> None:
    assert faults(found) == []
    listed = keys(results_schema("personas"))
    assert set(found) <= set(listed["key"]) and listed["meaning"].str.len().min() > 5


def test_the_schema_of_personas_shares_what_is_the_same() -> None:
    schema, events = results_schema("personas"), results_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for name in ("k", "jaccard", "nulls", "sensitivity", "verdict", "pipeline_bootstrap"):
        assert schema["properties"][name] == events["properties"][name]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r.pop("gate"),
        lambda r: r.update(policy=[]),
        lambda r: r["gate"].update(flag="orange"),
        lambda r: r["leakage"]["columns"][0].update(verdict="perhaps"),
        lambda r: r["arms"].update(used=3),
        lambda r: r["personas"]["personas"][0].update(cluster_size=3),
        lambda r: r["crossfit"]["personas"][0].update(rate=1.5),
        lambda r: r["recipe"]["agreement"]["renumbered"].update(mean=2),
        lambda r: r["verdict"].update(word="certain"),
    ],
)
def test_what_is_wrong_is_found(found: dict[str, Any], spoil: Callable[[dict[str, Any]], object]) -> None:
    spoiled = copy.deepcopy(found)
    spoil(spoiled)
    assert faults(spoiled)


def test_the_file_is_read_whole_and_hostile_cells_are_text(study: PersonasStudy, found: dict[str, Any]) -> None:
    assert found["data"]["rows"] == ROWS and found["study"] == "personas"
    assert "\x1b" not in json.dumps(found, ensure_ascii=False)
    assert study.leads.frame.shape[0] == ROWS


def test_the_copy_with_a_column_of_personas_is_for_its_owner_alone(study: PersonasStudy) -> None:
    study.save()
    path, copied = study.source.located.path, study.beside
    assert copied is not None and copied.parent == path.parent
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600
    before, after = pd.read_csv(path, sep=";", encoding="cp1252", dtype=str), pd.read_csv(copied, sep=";", dtype=str)
    assert list(after.columns) == [*before.columns, "Cluster"] and len(after) == ROWS
    pd.testing.assert_frame_equal(before.drop(columns="Región"), after.drop(columns=["Región", "Cluster"]))
    labels = study.segments.labels.reindex(study.leads.frame.index)
    assert after["Cluster"].astype("float64").to_numpy() == pytest.approx(labels.to_numpy(dtype=float), nan_ok=True)


def test_no_copy_is_written_where_nobody_asks_for_it(closed_off: Path, tmp_path: Path) -> None:
    assert opened(project(tmp_path / "project"), write(tmp_path / "leads.csv", leads(60))).beside is None


def test_new_leads_are_refused_with_the_way_on(study: PersonasStudy) -> None:
    with pytest.raises(ConfigError, match="new leads are not put") as fault:
        PersonasStudy.assign(study.source)
    assert "clustered_file" in str(fault.value)


def test_the_study_is_chosen_by_the_settings_or_the_columns(study: PersonasStudy, tmp_path: Path) -> None:
    said: list[str] = []
    assert results._study_of(study.source.located.path, said.append) == "personas"
    assert results._study_of(write(tmp_path / "leads.csv", leads(60)), said.append) == "personas"
    assert all("personas" in line for line in said) and len(said) == 2


def test_every_spelling_of_the_outcome_gives_the_same(closed_off: Path, tmp_path: Path) -> None:
    frame, told = leads(ROWS), []
    yes = frame["is_sale"].astype(str).str.upper().eq("TRUE")
    for i, (a, b) in enumerate((("TRUE", "FALSE"), ("1", "0"), ("yes", "no"), ("Y", "n"))):
        path = write(tmp_path / f"{i}.csv", frame.assign(is_sale=np.where(yes, a, b)))
        one = opened(project(tmp_path / f"project{i}"), path)
        told.append(
            (one.leads.outcome.tolist(), one.coded[0].to_json(), plain(one.gate.to_json()), plain(one.leaks.to_json()))
        )
    assert all(one == told[0] for one in told)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.assign(is_sale="no"), "no lead converted"),
        (lambda f: f.assign(is_sale="yes"), "every lead converted"),
        (lambda f: f.head(3), "20 are needed"),
        (lambda f: f.assign(is_sale=["perhaps", *f["is_sale"].iloc[1:]]), "neither yes nor no"),
    ],
)
def test_files_without_rates_to_compare_are_refused(
    closed_off: Path, tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame], says: str
) -> None:
    one = opened(project(tmp_path / "project"), write(tmp_path / "leads.csv", change(leads(60))))
    with pytest.raises(InputError, match=says):
        _ = one.leads


def labels(folder: Path, frame: pd.DataFrame) -> np.ndarray:
    """Return the personas of leads in the order of the file, at a number and by a way that are set by hand."""
    one = opened(project(folder / "project", **BY_HAND), write(folder / "leads.csv", frame))
    return one.segments.labels.reindex(one.leads.frame.index).to_numpy()


def test_personas_that_were_planted_are_found_whatever_categories_are_called_and_rows_come_first(
    closed_off: Path, tmp_path: Path
) -> None:
    made = simulate_leads(7, "personas", 1_000)
    own = labels(tmp_path / "as it is", made.frame)
    assert adjusted_rand_score(np.asarray(made.truth), own) > 0.6
    order = np.random.default_rng(1).permutation(len(made.frame))
    assert adjusted_rand_score(labels(tmp_path / "shuffled", made.frame.iloc[order]), own[order]) > 0.99
    other = {
        name: f"{chr(122 - i)} level" for i, name in enumerate(sorted(made.frame["Education Level"].dropna().unique()))
    }
    renamed = made.frame.assign(**{"Education Level": made.frame["Education Level"].map(other, na_action="ignore")})
    assert adjusted_rand_score(labels(tmp_path / "renamed", renamed), own) > 0.95


def test_a_stack_of_exports_opens_with_the_flag(closed_off: Path, tmp_path: Path) -> None:
    one = opened(project(tmp_path / "project"), write(tmp_path / "leads.csv", leads(1_000, "stacked")))
    assert one.gate.flag != "none" and one.gate.block_table.shape[0] > 1
    assert len(one.within) < 1_000


def test_noise_has_no_defensible_personas(closed_off: Path, tmp_path: Path) -> None:
    one = opened(project(tmp_path / "project"), write(tmp_path / "leads.csv", leads(ROWS, "noise")))
    assert not one.arms.defensible or one.k_decision.illustration
