"""Customers: a declared study, by the same evidence as contacts, on its own words and its own simulation."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from made_projects import project

from segkit import results
from segkit.engine.buy_till_die import BuyTillYouDie
from segkit.errors import ConfigError, InputError
from segkit.report import event_segments
from segkit.studies import customers, registry
from segkit.studies.base import plain
from segkit.studies.contacts import ContactsStudy
from segkit.studies.customers import PURCHASED, CustomersStudy
from segkit.studies.schema import results_schema

LOG = (
    "customer,date,amount\n"
    + "".join(
        f"{who:07d},{1 + (who + i) % 28}/{1 + i % 12}/2023,{10 + who % 7 + i}.50\n"
        for who in range(1, 61)
        for i in range(1 + who % 5)
    )
    + "0000001,28/12/2023,9.50\n"
)
SETTINGS = """[customers]
k = 2
k_max = 4
[customers.columns]
customer = "customer"
date = "date"
amount = "amount"
[customers.format]
date_order = "day/month/year"
"""


def quiet(text: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> CustomersStudy:
    """The study of a small private purchase log."""
    folder = tmp_path_factory.mktemp("customers")
    root = project(folder / "project")
    (folder / "shop.csv").write_text(LOG, "utf-8")
    (folder / "shop.csv.toml").write_text(SETTINGS, "utf-8")
    return CustomersStudy(CustomersStudy.find(root, data=folder / "shop.csv", say=quiet))


def test_rows_of_a_customer_and_day_are_one_purchase_and_amounts_are_in_units_of_money(study: CustomersStudy) -> None:
    rows = [line.split(",") for line in LOG.splitlines()[1:]]
    assert study.log.rows == len({(who, day) for who, day, _ in rows})
    assert study.log.audit.merged is not None  # also where the settings are noted while a step reads them
    assert study.extent == (study.log.rows, len({who for who, _, _ in rows}))
    frame = study.features.frame
    assert frame[PURCHASED.total.name].sum() == pytest.approx(sum(float(amount) for _, _, amount in rows))
    assert frame[PURCHASED.count.name].sum() == study.log.rows


def test_steps_read_the_settings_that_they_name_and_no_more(study: CustomersStudy) -> None:
    assert study.extent
    assert not {"source.config.customers", "settings"} & set(study.parts["log"])


def test_days_of_the_week_have_shares_and_bands_have_none_where_there_is_no_time(study: CustomersStudy) -> None:
    timing = study.features.blocks["timing"]
    assert timing == [
        f"share_{d}" for d in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ]
    assert study.features.frame[timing].sum(axis=1).round(9).eq(1).all()
    assert study.audit.busiest == ""


def test_results_meet_the_schema_and_speak_of_customers(study: CustomersStudy) -> None:
    found: dict[str, Any] = json.loads(json.dumps(plain(study.told().results()), allow_nan=False))
    faults = list(jsonschema.Draft202012Validator(results_schema("customers")).iter_errors(found))
    assert [e.message[:200] for e in faults] == []
    assert found["study"] == "customers" and "buy_till_die" in found and "concentration" in found
    told = event_segments.concentration(study.cards, study.profile, study.measures, study.terms)
    assert "customers" in told and "contact" not in told


def test_the_gate_rounds_what_only_this_study_tells(study: CustomersStudy) -> None:
    exact, told = study.buy_till_die, study.told().buy_till_die
    assert isinstance(told, BuyTillYouDie) and told.units % 5 == 0
    assert told.histogram.empty and told.fits == exact.fits
    assert exact.histogram["actual"].sum() == study.extent[1]
    assert study.told().concentration.units % 5 == 0


def test_notes_of_a_private_log_tell_no_exact_count(study: CustomersStudy) -> None:
    exact, told = study.audit.load, study.told().audit.load
    assert any(f"{study.log.rows:,} purchases" in note for note in exact.notes) and study.log.rows % 5
    assert not any(f"{study.log.rows:,} purchases" in note for note in told.notes)
    assert told.merged is None


def test_a_study_is_declared_in_few_lines() -> None:
    text = Path(str(customers.__file__)).read_text("utf-8")
    assert len(text.splitlines()) < 300
    own = {name for name in vars(CustomersStudy) if not name.startswith("_")}
    assert own == {"name", "terms", "measures", "naming", "rules", "dataset", "steps", "concentration", "results"}
    assert set(ContactsStudy.steps) < set(CustomersStudy.steps)


def test_a_file_goes_to_the_study_of_its_settings_or_columns(tmp_path: Path) -> None:
    shop = tmp_path / "shop.csv"
    shop.write_text(LOG, "utf-8")
    assert results._study_of(shop, quiet) == "customers"
    calls = tmp_path / "calls.csv"
    calls.write_text(
        "date,time,number,duration\n" + "1/2/2022,10:00:00,0641234567,60\n1/3/2022,11:00:00,0641234568,75\n", "utf-8"
    )
    assert results._study_of(calls, quiet) == "contacts"
    shutil.copy(shop, tmp_path / "named.csv")
    (tmp_path / "named.csv.toml").write_text("[contacts]\nk = 3\n", "utf-8")
    assert results._study_of(tmp_path / "named.csv", quiet) == "contacts"
    (tmp_path / "named.csv.toml").write_text("[contacts]\nk = 3\n[customers]\nk = 3\n", "utf-8")
    with pytest.raises(ConfigError, match="settings are of 2 studies"):
        results._study_of(tmp_path / "named.csv", quiet)


def test_the_site_remembers_its_studies_and_the_first_one_leads(tmp_path: Path) -> None:
    assert registry.of_site(tmp_path) == () and registry.folder("contacts", tmp_path) == ""
    registry.record(tmp_path, ["contacts", "customers"])
    assert registry.of_site(tmp_path) == ("contacts", "customers")
    assert registry.folder("contacts", tmp_path) == "" and registry.folder("customers", tmp_path) == "customers/"
    registry.record(tmp_path, ["customers"])
    assert registry.folder("customers", tmp_path) == ""
    with pytest.raises(ConfigError, match="no study 'catalogues'"):
        registry.study("catalogues")


def test_the_search_for_identifiers_is_prepared_again_only_where_something_changes_that_it_hangs_on(
    tmp_path: Path,
) -> None:
    root, shop = project(tmp_path / "project"), tmp_path / "shop.csv"
    shop.write_text(LOG, "utf-8")
    (tmp_path / "shop.csv.toml").write_text(SETTINGS, "utf-8")
    source = CustomersStudy.find(root, data=shop, say=quiet)
    first = results.looking(source)
    assert results.looking(source) is first and first.unsearched.short == 60
    assert {"june", "october", "friday"} <= first.words.own  # dates are written with them
    (root / "new.qmd").write_text("Unheard-of words.", "utf-8")
    second = results.looking(source)
    assert second is not first and second.words.own - first.words.own == {"unheard"}
    other = CustomersStudy.find(root, data=shop, say=quiet)
    assert results.looking(other) is second
    shop.write_text(LOG + "1234567890,29/12/2023,9.50\n", "utf-8")
    with pytest.raises(InputError):
        results.looking(dataclasses.replace(other, located=dataclasses.replace(other.located), fingerprint="0" * 64))
    third = results.looking(CustomersStudy.find(root, data=shop, say=quiet))
    assert third.numbers.size("1234567890") and not second.numbers.size("1234567890")


def test_real_data_are_required_only_where_they_have_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGKIT_OFFLINE", "1")
    monkeypatch.setenv("SEGKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SEGKIT_DATA", raising=False)
    monkeypatch.chdir(project(tmp_path / "project"))
    asked: list[bool] = []
    monkeypatch.setattr(results, "_computed", lambda kind, source, say: asked.append(source.located.real))
    results._one(CustomersStudy, None, require_real=True, say=quiet)
    assert asked == [False]
    with pytest.raises(InputError, match="real data are required"):
        results._one(ContactsStudy, None, require_real=True, say=quiet)
