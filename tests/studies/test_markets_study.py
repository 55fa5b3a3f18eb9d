"""The study of markets from end to end, without pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from made_projects import least

from segkit.data.sales import sale_identifiers
from segkit.data.simulate.sales import SimulatedSales, simulate_sales
from segkit.engine.external import PERSONAL_CELL
from segkit.engine.krule import HAND
from segkit.engine.sequence_network import NoNetwork
from segkit.errors import BuildError, ConfigError, InputError
from segkit.studies import market_policy
from segkit.studies.base import plain
from segkit.studies.markets import MarketsStudy
from segkit.studies.schema import keys, results_schema

pytest_plugins = ["made_projects"]


def opened(folder: Path, data: Path | None = None, **lines: str) -> MarketsStudy:
    """Open the study of a project with as little work as there can be, as `segkit results` does."""
    root = least(folder, "markets", **{"network": "false", "draws": "10", **lines})
    return MarketsStudy(MarketsStudy.find(root, data=data, say=lambda text: None))


def read(study: MarketsStudy) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(plain(study.results()), allow_nan=False))
    return found


def faults(found: dict[str, Any]) -> list[str]:
    wrong = jsonschema.Draft202012Validator(results_schema("markets")).iter_errors(found)
    return ["/".join(map(str, e.absolute_path)) + ": " + e.message[:120] for e in wrong]


@pytest.fixture(scope="module")
def study(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> MarketsStudy:
    """The study of the simulation at the planted number of segments."""
    return opened(tmp_path_factory.mktemp("markets"), k="3")


@pytest.fixture(scope="module")
def found(study: MarketsStudy) -> dict[str, Any]:
    return read(study)


@pytest.fixture(scope="module")
def own(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> MarketsStudy:
    """The study of a folder of one's own with three markets."""
    made, folder = simulate_sales(7), tmp_path_factory.mktemp("own")
    fact = made.tables["fact_sale"]
    few = SimulatedSales(made.tables | {"fact_sale": fact[fact["territory_key"] <= 3]}, made.truth)
    few.write_csv(folder / "sales")
    return opened(folder / "project", folder / "sales")


def test_the_planted_groups_are_found(study: MarketsStudy, found: dict[str, Any]) -> None:
    assert not study.source.located.real and not study.private
    assert study.recovered is not None and study.recovered >= 0.9
    assert (found["k"]["chosen"], found["k"]["set"]) == (3, HAND)


def test_results_meet_the_schema_of_which_every_key_is_described(found: dict[str, Any]) -> None:
    assert faults(found) == [] and faults({**found, "extra": 1})
    listed = keys(results_schema("markets"))
    assert set(found) <= set(listed["key"]) and listed["meaning"].str.len().min() > 5


def test_members_have_the_revenue_of_their_lines(study: MarketsStudy, found: dict[str, Any]) -> None:
    tables = simulate_sales().tables
    names = tables["dim_territory"].set_index("territory_key")["region"]
    lines = tables["fact_sale"][lambda t: t["order_date"] < "2024-01-01"]  # the month after has nine days
    revenue = lines.groupby(lines["territory_key"].map(names))["revenue"].sum()
    members = study.members.set_index("market")
    assert sorted(members.index) == sorted(names) and members["share"].sum() == pytest.approx(1)
    assert members["revenue"].to_dict() == pytest.approx(revenue.to_dict())
    assert sum(s["units"] for s in found["segments"]) == len(found["markets"]) == 12
    assert members["confidence"].between(0, 1).all() and members["country"].notna().all()


def test_segments_of_larger_markets_come_first(study: MarketsStudy) -> None:
    level = study.features.frame["level"].groupby(study.segments.labels).median()
    assert level[[c.id for c in study.cards]].is_monotonic_decreasing
    assert len({c.name for c in study.cards}) == 3


def test_the_network_is_left_out_where_settings_say_so(study: MarketsStudy, found: dict[str, Any]) -> None:
    assert isinstance(study.network, NoNetwork) and "network = false" in found["network"]["reason"]


def test_a_second_run_loads_what_the_first_one_made(study: MarketsStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    first = json.loads(study.save().read_text("utf-8"))

    def make(self: MarketsStudy, name: str) -> Any:
        raise AssertionError(f"{name} is made again")

    monkeypatch.setattr(MarketsStudy, "make", make)
    root = study.source.config.root
    assert plain(MarketsStudy.opened(root).results()) == first
    again = MarketsStudy(MarketsStudy.find(root, say=lambda text: None))
    assert plain(again.results()) == first


def test_new_markets_are_refused_with_the_way_on(study: MarketsStudy) -> None:
    with pytest.raises(ConfigError, match="new markets are not put") as fault:
        MarketsStudy.assign(study.source)
    assert "Make the report anew" in str(fault.value)


def test_three_markets_of_ones_own_are_told_without_customers_and_orders(own: MarketsStudy) -> None:
    assert own.private and own.source.located.real and own.recovered is None
    text = own.save().read_text("utf-8")
    assert faults(json.loads(text)) == []
    known = sale_identifiers(own.source.located.path, own.settings)
    hidden = frozenset[str]().union(*(v for v in vars(known).values() if isinstance(v, frozenset)))
    fact = simulate_sales(7).tables["fact_sale"][lambda t: t["territory_key"] <= 3]
    keys_of = set(fact["customer_key"].astype(str)) | set(fact["sales_order_number"])
    assert keys_of <= hidden and not keys_of & set(re.findall(r"\w+", text))
    assert str(own.source.located.path.parent) not in text
    assert sum(m["share"] for m in json.loads(text)["markets"]) == pytest.approx(1, abs=0.01)


def test_a_changed_table_makes_the_results_out_of_date(own: MarketsStudy) -> None:
    own.save()
    root, table = own.source.config.root, own.source.located.path / "dim_product.csv"
    before = table.read_bytes()
    MarketsStudy.opened(root)
    try:
        table.write_bytes(before + before.splitlines(keepends=True)[-1].replace(b"2", b"9", 1))
        with pytest.raises(BuildError, match="out of date"):
            MarketsStudy.opened(root)
    finally:
        table.write_bytes(before)


def test_a_market_of_few_customers_is_refused(closed_off: Path, tmp_path: Path) -> None:
    made = simulate_sales(7)
    fact = made.tables["fact_sale"]
    few = fact.loc[fact["territory_key"] == 4, "customer_key"].unique()[: PERSONAL_CELL - 1]
    kept = fact[(fact["territory_key"] <= 3) | fact["customer_key"].isin(few)]
    SimulatedSales(made.tables | {"fact_sale": kept}, made.truth).write_csv(tmp_path / "sales")
    with pytest.raises(InputError, match=f"1 of 4 markets have fewer than {PERSONAL_CELL} customers"):
        _ = opened(tmp_path / "project", tmp_path / "sales").sales


def test_markets_without_groups_are_no_segmentation(closed_off: Path, tmp_path: Path) -> None:
    simulate_sales(7, groups=False).write_csv(tmp_path / "sales")
    study = opened(tmp_path / "project", tmp_path / "sales")
    assert study.verdict.word == "no segmentation"
    assert set(study.actions.values()) == {market_policy.DESCRIBED}


def test_countries_are_markets_where_the_settings_say_so(closed_off: Path, tmp_path: Path) -> None:
    """Their revenue is that of their territories, by the tables themselves; groups are planted of territories alone."""
    study = opened(tmp_path, market='"country"', k="2")
    tables = simulate_sales().tables
    places = tables["dim_territory"].set_index("territory_key")["country"]
    lines = tables["fact_sale"][lambda t: t["order_date"] < "2024-01-01"]  # the month after has nine days
    expected = lines.groupby(lines["territory_key"].map(places))["revenue"].sum()
    own = study.members.set_index("market")
    assert set(own.index) == set(expected.index) and len(own) == 6
    assert own["revenue"].to_dict() == pytest.approx(expected.to_dict()) and own["share"].sum() == pytest.approx(1)
    assert (own["country"] == own.index).all() and set(own["segment"]) == {1, 2}
    customers = lines.groupby(lines["territory_key"].map(places))["customer_key"].nunique()
    spend = study.sales.spend
    assert spend.groupby("market")["customer"].nunique().to_dict() == pytest.approx(customers.to_dict(), rel=0.01)
    assert set(study.features.frame.index) == set(expected.index) and study.recovered is None
    assert not study.placing.table["rule"].str.contains("country").any()  # a market's own name places nothing
    assert faults(read(study)) == []
