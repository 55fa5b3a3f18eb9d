"""The loader of sales: sums by heart, months that are incomplete, orders to come, lines that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_sales import FACT, KEY, fact, lines, same, schema, settings, written

from segkit.data.files import fingerprint
from segkit.data.sales import RECORD, Sales, load_sales, sale_identifiers, save
from segkit.errors import ColumnError, InputError
from segkit.privacy import keyed

REAL = Path(os.environ.get("SEGKIT_DATA") or os.devnull) / "adventureworks"
Load = Callable[..., Sales]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def _load(changed: pd.DataFrame | None = None, form: str = "csv", **given: Any) -> Sales:
        tables = schema() if changed is None else schema(**{FACT: changed})
        return load_sales(
            written(tmp_path / f"tables{len(list(tmp_path.iterdir()))}", tables, form), settings(**given), key=KEY
        )

    return _load


def test_sums_are_those_of_the_lines(load: Load) -> None:
    found = load()
    assert found.cells.columns.tolist() == [
        "market", "month", "customer", "revenue", "quantity", "orders", "lines", "discount",
    ]  # fmt: skip
    assert len(found.cells) == 96 and found.months.equals(pd.date_range("2023-01-01", periods=12, freq="MS", unit="us"))
    by = found.cells.groupby("market")[["revenue", "quantity", "orders", "discount"]].sum()
    assert by.loc["Hill"].tolist() == pytest.approx([12 * 330, 36, 24, 2.4]) and by.index.tolist() == list(
        found.markets.index
    )
    assert found.markets.loc["South"].to_dict() == {"country": "Aland", "group": "West", "territories": 1}
    assert found.markets.loc["Dale", "group"] == ""
    assert (
        found.as_of == pd.Timestamp(2023, 12, 31)
        and found.dropped.empty
        and found.set_aside == ()
        and found.notes == ()
    )
    assert found.totals == {
        "lines": 96, "orders": 96, "customers": 8, "revenue": 13_200.0, "quantity": 144.0, "first": pd.Timestamp(2023, 1, 3),
        "last": pd.Timestamp(2023, 12, 25), "rows": 96, "months": 12, "revenue_in": 13_200.0,
    }  # fmt: skip
    kinds = found.kinds[found.kinds["market"] == "North"][["subcategory", "product_line"]].value_counts().to_dict()
    assert kinds == {(0, 0): 12, (1, -1): 12}  # Bikes of line M, and Caps of none


def test_customers_are_numbered_in_the_order_of_their_keyed_ids(load: Load) -> None:
    found = load()
    raw = [f"{9_000_001 + 10 * place + n}" for place in (1, 2, 3, 4) for n in (0, 1)]
    rank = sorted(keyed(text, KEY) for text in raw)
    hill = found.spend[found.spend["market"] == "Hill"].set_index("channel")
    assert hill.loc["Web", "customer"] == rank.index(keyed("9000031", KEY))
    assert sorted(found.spend["customer"]) == list(range(8))
    said = "".join(getattr(found, name).to_csv() for name in ("cells", "kinds", "spend", "markets")) + str(found)
    assert not any(text in said for text in (*raw, "N01", *rank))


def test_what_was_spent_lately_is_of_the_year_before_the_day_alone(load: Load) -> None:
    found = load(lines({"order_date": "2022-06-30"}, {"order_date": "2022-07-01"}), as_of="2023-06-30", sequence=3)
    north = found.spend[found.spend["market"] == "North"].set_index("channel")
    assert north.loc["Web", ["recent", "lifetime", "lines"]].tolist() == [700.0, 800.0, 8]  # 30 June 2022 is a year ago
    assert north.loc["Shop", ["recent", "lifetime", "lines"]].tolist() == [60.0, 60.0, 6]


def test_orders_to_come_change_nothing(load: Load) -> None:
    early = fact()[fact()["order_date"] <= "2023-08-31"]
    planted = lines(
        {"order_date": "2023-09-01", "customer_key": "7777777", "channel": "Later", "revenue": 1e6, "product_key": 2},
        {"order_date": "2023-09-02", "revenue": 1e6, "discount_pct": 1},
    )
    same(load(early, as_of="2023-08-31"), load(planted, as_of="2023-08-31"), "totals", "fingerprint")
    assert load(planted).spend["recent"].max() > 1e6  # without the day they count


def test_an_incomplete_month_is_left_out_and_told(load: Load) -> None:
    january = [{"order_date": f"2024-01-{day:02}", "territory_key": place} for day in (1, 9) for place in (1, 2, 3, 4)]
    found = load(lines(*january))
    assert len(found.months) == 12 and found.as_of == pd.Timestamp(2023, 12, 31)
    assert found.dropped.drop(columns="why").values.tolist() == [
        [pd.Timestamp(2024, 1, 1), pytest.approx(9 / 31), 8, 800.0]
    ]
    assert "January 2024 is left out with 8 lines: the data have less than half of its days." in found.notes
    assert found.totals["revenue"] == 14_000.0 and found.totals["revenue_in"] == 13_200.0
    assert found.spend["lifetime"].sum() == 13_200.0  # as of the end of the last complete month
    assert load(lines(*january), as_of="2024-01-31").spend["lifetime"].sum() == 14_000.0
    little = [{"order_date": f"2024-01-{day:02}", "revenue": 50} for day in (1, 31)]  # 1,100 in each month before
    assert load(lines(*little)).dropped["why"].tolist() == [
        "its revenue is below a tenth of that of the months beside it"
    ]
    assert load(lines(*little, {"order_date": "2024-01-20", "revenue": 10})).dropped.empty  # a tenth is not below
    assert load(as_of="2023-12-30").dropped["why"].tolist() == ["it goes on after the day that counts as the last one"]


def test_a_month_without_sales_is_a_month(load: Load) -> None:
    table = fact()
    found = load(table[~table["order_date"].str.startswith("2023-05")])
    assert len(found.months) == 12 and pd.Timestamp(2023, 5, 1) not in set(found.cells["month"])


def test_lines_that_cannot_be_used_are_counted_and_named(load: Load) -> None:
    wrong: list[dict[str, Any]] = [
        {"order_date": "31/12/2023"}, {"order_date": "2023-02-30"}, {"order_date": "2323-01-01"}, {"sales_order_number": ""},
        {"customer_key": "NULL"}, {"territory_key": ""}, {"territory_key": 9}, {"product_key": ""}, {"product_key": 77},
        {"order_quantity": "two"}, {"revenue": "nan"}, {"revenue": ""}, {"revenue": "inf"}, {"discount_pct": "none"},
        {"order_quantity": -1}, {"revenue": -5},
    ]  # fmt: skip
    found = load(lines(*wrong))
    told = {(one.gate, one.column): (one.count, one.first_rows) for one in found.set_aside}
    assert len(found.set_aside) == 13 and told["unknown key", "territory_key"] == (1, (104,))
    assert told["number", "revenue"] == (3, (108, 109, 110)) and told["negative", "revenue"] == (1, (113,))
    assert sum(one.count for one in found.set_aside) == len(wrong) and found.totals["rows"] == 96 + len(wrong)
    assert found.warnings[0] == "2 lines without a date that can be read (rows 98, 99) are set aside."
    assert all(one.file.name == "fact_sale.csv" for one in found.set_aside)
    same(found, load(), "totals", "set_aside", "warnings", "fingerprint")


def test_keys_read_alike_however_they_are_written(load: Load) -> None:
    table = fact()
    floats = table.assign(
        territory_key=table["territory_key"].astype(float), order_date=table["order_date"] + " 23:59:59"
    )
    same(load(table), load(floats), "fingerprint")


def test_neither_order_nor_form_of_the_rows_changes_a_bit(load: Load) -> None:
    rng = np.random.default_rng(1)
    table = fact().assign(revenue=rng.lognormal(5, 2, 96).round(4), discount_pct=rng.random(96).round(3))
    mixed = table.sample(frac=1, random_state=2)
    same(load(table), load(mixed, "parquet"), "fingerprint")
    typed = mixed.assign(order_date=pd.to_datetime(mixed["order_date"]))
    same(load(table), load(typed, "parquet"), "fingerprint")


def test_countries_are_the_sum_of_their_territories(load: Load) -> None:
    found = load(market="country")
    assert found.cells.groupby("market")["revenue"].sum().to_dict() == {
        "Aland": 3_960.0,
        "Bland": 3_960.0,
        "Cland": 5_280.0,
    }
    assert found.markets.loc["Aland"].to_dict() == {"country": "Aland", "group": "West", "territories": 2}


def test_names_are_made_harmless_and_told_apart(tmp_path: Path) -> None:
    place = schema()["dim_territory"].assign(region=["Mid", "Mid", "Mid", "a\n<b>\u202e"])
    table = fact().assign(channel="x\n`y`")
    found = load_sales(written(tmp_path / "t", schema(dim_territory=place, **{FACT: table})), settings(), key=KEY)
    assert list(found.markets.index) == ["Mid (Aland) (1)", "Mid (Aland) (2)", "Mid (Bland)", "a <b>"]
    assert set(found.spend["channel"]) == {"x `y`"} and found.cells["revenue"].sum() == 13_200


def test_what_the_schema_lacks_is_left_out(load: Load) -> None:
    table = fact().drop(columns=["channel", "discount_pct", "product_key"])
    found = load(table, columns={"channel": None, "discount": None, "product": None}, tables={"product": None})
    assert set(found.spend["channel"]) == {""} and found.cells["discount"].eq(0).all()
    assert found.kinds[["subcategory", "product_line"]].eq(-1).all(axis=None)


@pytest.mark.parametrize(
    ("changed", "given", "problem", "column"),
    [
        ({"discount_pct": 15}, {}, "96 lines with a discount that is no share", "discount_pct"),
        ({"territory_key": 5}, {}, "96 lines of a territory that the dimension does not have", "territory_key"),
        ({"territory_key": 1}, {}, "only 1 territory has sales", "territory_key"),
        ({}, {"sequence": 12}, "12 complete months, and 13 are needed", "order_date"),
        ({}, {"as_of": "2020-01-01"}, "no order is of 2020-01-01 or before", "order_date"),
    ],
)
def test_tables_that_cannot_be_used(
    load: Load, changed: dict[str, Any], given: dict[str, Any], problem: str, column: str
) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        load(fact().assign(**changed), **given)
    assert caught.value.column == column and caught.value.remedy and caught.value.file is not None


def test_files_that_are_not_as_the_settings_say(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        load_sales(tmp_path / "none", settings(), key=KEY)
    folder = written(tmp_path / "t", schema())
    with pytest.raises(InputError, match="no such table") as caught:
        load_sales(folder, settings(tables={"fact": "sold"}), key=KEY)
    assert "sold.csv or sold.parquet" in caught.value.remedy
    with pytest.raises(InputError, match="no name of a file"):
        load_sales(folder, settings(tables={"fact": "../t/fact_sale"}), key=KEY)
    with pytest.raises(ColumnError, match="no such column"):
        load_sales(folder, settings(columns={"revenue": "income"}), key=KEY)
    place = schema()["dim_territory"]
    with pytest.raises(InputError, match="1 row repeats a key") as caught:
        load_sales(written(tmp_path / "u", schema(dim_territory=pd.concat([place, place[:1]]))), settings(), key=KEY)
    assert caught.value.column == "territory_key" and str(caught.value.file).endswith("dim_territory.csv")
    written(folder, {FACT: fact()}, "parquet")
    with pytest.raises(InputError, match="there 2 times"):
        load_sales(folder, settings(), key=KEY)


def test_saved_sales_are_the_same_and_hold_no_key(load: Load, tmp_path: Path) -> None:
    found = load(lines({"revenue": -5}, {"order_date": "2024-01-02"}), market="country")
    folder = tmp_path / "saved"
    save(found, settings(market="country"), folder)
    again = load_sales(folder, settings(market="country"), key=KEY)
    same(found, again, "fingerprint")
    assert again.fingerprint == fingerprint(folder) and sale_identifiers(folder, settings()).numbers == frozenset()
    assert not any(b"9000011" in at.read_bytes() for at in folder.iterdir())
    with pytest.raises(InputError, match="other settings"):
        load_sales(folder, settings(), key=KEY)
    pd.DataFrame({"record": ["{}"]}).to_parquet(folder / RECORD)
    with pytest.raises(InputError, match="damaged"):
        load_sales(folder, settings(market="country"), key=KEY)


def test_identifiers_are_those_of_customers_and_orders(tmp_path: Path) -> None:
    found = sale_identifiers(written(tmp_path / "t", schema()), settings())
    assert found.names == frozenset() and len(found.numbers) == 96 + 8 and {"9000011", "N0110"} <= found.numbers


@pytest.mark.real
@pytest.mark.skipif(not REAL.is_dir(), reason="SEGKIT_DATA names no folder with adventureworks")
def test_the_sample_gives_the_figures_of_its_description() -> None:
    found = load_sales(REAL, settings(as_of="2014-06-30"), key=KEY)
    assert found.totals["lines"] == 121_253 and found.totals["revenue"] == pytest.approx(109_809_274, abs=1)
    assert found.set_aside == () and found.dropped["month"].tolist() == [
        pd.Timestamp(2011, 5, 1),
        pd.Timestamp(2014, 6, 1),
    ]
    assert found.dropped["revenue"].iloc[1] == pytest.approx(49_000, rel=0.01)
    recent = found.spend.groupby(["market", "customer"])["recent"].sum()
    assert np.histogram(recent, [0, 500, 1000, 2000, np.inf])[0].tolist() == [10_387, 2_560, 2_184, 3_988]
    keys = ["Northwest", "Northeast", "Central", "Southwest", "Southeast", "Canada", "France", "Germany", "Australia",
            "United Kingdom"]  # fmt: skip
    revenue = found.spend.groupby("market")["lifetime"].sum()[keys].div(1000).round().tolist()
    assert revenue == [16_085, 6_939, 7_909, 24_185, 7_880, 16_356, 7_252, 4_878, 10_655, 7_671]
    assert load_sales(REAL, settings(), key=KEY).as_of == pd.Timestamp(2014, 5, 31)
