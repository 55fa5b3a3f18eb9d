"""Sentences of the pages behind the report, for real, private and simulated data, and for logs of any size."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from types import SimpleNamespace as Plain

import pandas as pd
import pytest
from said import said as on_page

from segkit.config import Site, load
from segkit.data.provenance import Provenance
from segkit.engine.clusterer import LARGE
from segkit.engine.silhouettes import EXACT
from segkit.report import event_audit, manifest, methods

ROOT = Path(__file__).parents[2]
REAL = Provenance(
    real=True, public=True, title="Log of a shop", licence="CC0 1.0", citation="A. Author (2026). A log.", place="folder",
    message="Why.", fingerprint="0123456789abcdef" * 4, rows=1200, units=80,
)  # fmt: skip
PRIVATE = dataclasses.replace(REAL, public=False, licence="", citation="")
SIMULATED = dataclasses.replace(REAL, real=False, licence="", citation="")
KINDS = pytest.mark.parametrize("at", [REAL, PRIVATE, SIMULATED], ids=["real", "private", "simulated"])
CONTACTS = load(ROOT).contacts


@KINDS
def test_sentences_on_the_data_are_true_of_their_kind(at: Provenance) -> None:
    said = [on_page("privacy", label, provenance=at, covered=True) for label in ("origin", "gate")]
    text = " ".join([*said, methods.privacy_verdict(at)])
    assert ("file of your own" in text, "simulated" in text, "CC0 1.0" in text) == (
        at is PRIVATE,
        at is SIMULATED,
        at is REAL,
    )
    assert ("never one by one" in text) == (at is PRIVATE)
    assert ("Why." in text) == (at is SIMULATED)  # the reason why there are no real data


@KINDS
def test_pages_for_private_reading_do_not_lead_to_the_published_site(at: Provenance) -> None:
    text = methods.ways_on(at, Site()).markdown
    assert (Site().url in text) == (at is REAL)
    assert ("not for publishing" in on_page("cite", "address", provenance=at)) == (at is not REAL)


@pytest.mark.parametrize(
    ("units", "restarts", "says"),
    [
        (LARGE, 50, "The best of 50 starts is kept."),
        (10, 1, "There is one start."),
        (LARGE + 1, 50, "50 starts are tried on a sample"),
        (LARGE + 1, 2, "The best of 2 starts is kept."),
    ],
)
def test_how_many_starts(units: int, restarts: int, says: str) -> None:
    assert says in on_methods("starts", units, restarts)


def on_methods(label: str, units: int, restarts: int = 50) -> str:
    return on_page(
        "methods", label, settings=Plain(restarts=restarts), provenance=Plain(units=units),
        source=Plain(config=Plain(seed=1042)), k_selection=Plain(table=pd.DataFrame({"k": [2, 15]})),
    )  # fmt: skip


def test_the_seed_is_a_name_and_no_quantity() -> None:
    assert "The root seed of this build is 1042." in on_methods("starts", 10)


def test_on_whom_the_indices_are_measured() -> None:
    assert "every contact" in on_methods("indices", EXACT) and "sample" not in on_methods("indices", EXACT)
    assert f"sample of {EXACT:,} contacts" in on_methods("indices", EXACT + 1)


def test_bands_and_closed_days() -> None:
    assert event_audit.bands(CONTACTS).startswith("early morning 0:00 to 7:59, business hours 8:00 to 17:59")
    none = CONTACTS.model_copy(update={"hours": CONTACTS.hours.model_copy(update={"closed_days": ()})})
    two = CONTACTS.model_copy(
        update={"hours": CONTACTS.hours.model_copy(update={"closed_days": ("Saturday", "Sunday")})}
    )
    assert event_audit.closed_days(none) == "No day counts as closed."
    assert event_audit.closed_days(two) == "Closed: Saturday and Sunday."


def test_every_setting_is_in_the_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "segkit.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    config = load(ROOT)
    text = methods.parameter_table(config, "contacts").markdown
    table = pd.read_csv(tmp_path / ".segkit" / "downloads" / "parameters.csv", dtype=str).set_index("setting")["value"]
    assert table["seed"] == str(config.seed) and table["contacts.clip"] == f"{config.contacts.clip:g}"
    assert set(config.contacts.model_dump()) - {"data", "columns"} == {n.split(".")[1] for n in table.index if "." in n}
    assert f"{len(table)} settings decide" in text
    assert not any(n.startswith("contacts.columns") for n in table.index)


def test_packages_are_those_asked_for_with_the_versions_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "segkit.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    methods.package_table()
    table = pd.read_csv(tmp_path / ".segkit" / "downloads" / "packages.csv", dtype=str).set_index("package")["version"]
    assert {"scikit-learn", "duckdb", "ibis-framework"} <= set(table.index)
    assert not {"pytest", "ruff", "hypothesis"} & set(table.index)  # for development only
    known = manifest.packages()
    assert all(known[n] == v for n, v in table.items())


@pytest.mark.parametrize(
    ("theirs", "own", "says"),
    [
        ([0.8, 0.9], [0.9], "It made two segments, of which all are found again in bootstrap samples."),
        ([0.8, 0.6, 0.5], [0.9], "of which one of three is found again"),
        ([0.8, 0.8, 0.5], [0.9], "of which two of three are found again"),
        ([0.7496, 0.7], [0.9], "none is found again in bootstrap samples. The smallest mean Jaccard similarity is 0.70, where "
         "0.75 is asked for; in the segments of `Segmentation` it is 0.90."),
        ([0.7496], [math.nan], "It made one segment, of which none is found again in bootstrap samples. The smallest mean Jaccard "
         "similarity is 0.7496, where 0.75 is asked for."),
    ],
)  # fmt: skip
def test_segments_of_another_estimator_beside_our_own(theirs: list[float], own: list[float], says: str) -> None:
    found, seg = (
        Plain(stability=Plain(least=0.75, table=pd.DataFrame({"jaccard": values}))) for values in (theirs, own)
    )
    assert says in on_page("notebook", "compared", _found=found, _seg=seg)
