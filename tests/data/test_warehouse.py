"""A warehouse gives what files give, to the last bit, and segments are written back to it once however often."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from postgres import PASSWORD, fill
from small_sales import FACT, KEY, lines, same, schema, settings, written

from segkit.data.sales import load_sales, sale_identifiers, save
from segkit.data.warehouse import WRITTEN, collect, collected, connect, shown, warehouse_identifiers, write_back
from segkit.errors import ColumnError, InputError, SegkitError

pytest_plugins = ["postgres"]

FILES = ("fingerprint", "set_aside", "warnings")  # rows of a warehouse have no numbers
MADE = date(2023, 12, 31)


def duckdb_file(folder: Path, tables: dict[str, pd.DataFrame]) -> str:
    """Write tables to a DuckDB database and return its address."""
    made = ibis.duckdb.connect(folder / "sales.duckdb")
    for name, table in tables.items():
        dated = {"order_date": pd.to_datetime(table["order_date"])} if "order_date" in table else {}
        made.create_table(name, table.assign(**dated))
    made.disconnect()
    return f"duckdb://{folder}/sales.duckdb"


@pytest.mark.parametrize("given", [{}, {"market": "country", "as_of": "2022-10-31"}])
def test_postgresql_gives_what_files_give(
    address: str, tables_folder: Path, tmp_path: Path, given: dict[str, str]
) -> None:
    asked, connection = settings(**given), connect(address)
    found = collect(connection, asked, KEY)
    same(found, load_sales(tables_folder, asked, key=KEY), *FILES)
    assert found.totals["lines"] > 30_000 and len(found.markets) == (6 if given else 12)
    save(found, asked, tmp_path / "saved")
    same(found, load_sales(tmp_path / "saved", asked, key=KEY), "fingerprint")


def test_identifiers_of_postgresql_are_those_of_files(address: str, tables_folder: Path) -> None:
    found = warehouse_identifiers(connect(address), settings())
    assert found == sale_identifiers(tables_folder, settings()) and len(found.numbers) > 10_000


def test_lines_that_cannot_be_used_are_the_same_in_postgresql(address: str, tmp_path: Path) -> None:
    wrong: list[dict[str, Any]] = [
        {"order_date": ""}, {"sales_order_number": " "}, {"customer_key": "null"}, {"territory_key": ""}, {"territory_key": 9},
        {"product_key": 77}, {"order_quantity": -1}, {"revenue": "NaN"}, {"revenue": "Infinity"}, {"revenue": ""}, {"revenue": -5},
        {"discount_pct": ""}, {"order_date": "2323-01-01"},
    ]  # fmt: skip
    tables = schema(**{FACT: lines(*wrong)})
    fill(address, tables, "dw", revenue="real", customer_key="varchar(40)", territory_key="bigint")
    asked = settings(
        tables={"fact": "dw.FACT_sale".lower(), "territory": "dw.dim_territory", "product": "dw.dim_product"}
    )
    found, read = (
        collect(connect(address), asked, KEY),
        load_sales(written(tmp_path / "t", tables), settings(), key=KEY),
    )
    same(found, read, *FILES)
    assert [(q.gate, q.column, q.count) for q in found.set_aside] == [
        (q.gate, q.column, q.count) for q in read.set_aside
    ]
    assert sum(q.count for q in found.set_aside) == len(wrong) and all(q.first_rows == () for q in found.set_aside)
    assert found.warnings[0] == "1 line without a date that can be read is set aside."


def test_a_database_file_gives_what_files_give(tmp_path: Path) -> None:
    connection = connect(duckdb_file(tmp_path, schema()))
    found = collect(connection, settings(columns={"revenue": "REVENUE"}, tables={"fact": "FACT_SALE"}), KEY)
    same(found, load_sales(written(tmp_path / "t", schema()), settings(), key=KEY), *FILES)
    assert len(found.fingerprint) == 64 and found.fingerprint == collect(connection, settings(), KEY).fingerprint
    assert found.fingerprint != collect(connection, settings(market="country"), KEY).fingerprint


def test_what_a_warehouse_lacks_is_said(tmp_path: Path) -> None:
    tables = schema()
    tables["dim_territory"] = pd.concat([tables["dim_territory"]] * 2)
    connection = connect(duckdb_file(tmp_path, tables | {"texts": tables[FACT].assign(revenue="1")}))
    with pytest.raises(InputError, match="no such table"):
        collect(connection, settings(tables={"fact": "sold"}), KEY)
    with pytest.raises(ColumnError, match="no such column") as caught:
        collect(connection, settings(columns={"revenue": "income"}), KEY)
    assert caught.value.column == "income" and "[markets.columns]" in caught.value.remedy
    with pytest.raises(ColumnError, match="of type string, where a number is needed"):
        collect(connection, settings(tables={"fact": "texts"}), KEY)
    with pytest.raises(InputError, match="4 rows repeat a key"):
        collect(connection, settings(), KEY)
    with pytest.raises(InputError, match="no such database"):
        connect(f"duckdb://{tmp_path}/other.duckdb")
    assert not (tmp_path / "other.duckdb").exists()


def test_no_password_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = address.replace("owner:", "nobody:")
    with pytest.raises(SegkitError, match="cannot be reached") as caught:
        connect(wrong)
    assert PASSWORD not in str(caught.value) and "nobody" not in str(caught.value) and caught.value.__cause__ is None
    assert PASSWORD not in repr(connect(address)) and PASSWORD not in shown(address)
    assert shown("snowflake://u:p@acc/db?token=t#f") == "snowflake://acc/db" and shown("x://a:b@[") == "the address"

    def missing(_: str) -> None:
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr(ibis, "connect", missing)
    with pytest.raises(SegkitError, match="driver of postgres is not installed") as caught:
        connect(address)
    assert "pip install 'segkit[warehouse]'" in caught.value.remedy and PASSWORD not in str(caught.value)


def test_what_the_engine_says_of_cells_stays_there(address: str) -> None:
    fill(address, schema(), "wide", revenue="text")
    import psycopg

    with psycopg.connect(address) as connection:
        connection.execute("CREATE OR REPLACE VIEW wide.bad AS SELECT sales_order_number, order_date, territory_key, customer_key, "
                           "channel, product_key, order_quantity, discount_pct, ('secret' || revenue)::int AS revenue "
                           "FROM wide.fact_sale")  # fmt: skip
    names = {"fact": "wide.bad", "territory": "wide.dim_territory", "product": "wide.dim_product"}
    with pytest.raises(SegkitError, match="did not answer as expected") as caught:
        collect(connect(address), settings(tables=names), KEY)
    assert "secret" not in str(caught.value)


def segments(**changed: Any) -> pd.DataFrame:
    """Return segments of two markets."""
    table = {
        "segment": ['it\'s "A"', "B \\ %s; --"],
        "confidence": [0.1, float("nan")],
        "units": [3, 4],
        "told": [True, False],
    }
    return pd.DataFrame(table | changed, index=pd.Index(["North", "So'uth"], name="market"))


Target = tuple[Any, Callable[[], pd.DataFrame]]


@pytest.fixture(params=["folder", "duckdb", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    """Where segments are written, and how they are read again."""
    if request.param == "folder":
        return tmp_path / "out", lambda: pd.read_parquet(tmp_path / "out" / f"{WRITTEN}.parquet")
    if request.param == "duckdb":
        connection = connect(duckdb_file(tmp_path, schema()))
    else:
        connection = connect(request.getfixturevalue("address"))
        connection.drop_table(WRITTEN, force=True)
    return connection, lambda: connection.table(WRITTEN).execute()


def test_writing_twice_is_writing_once(target: Target) -> None:
    place, read = target
    for _ in range(2):
        write_back(place, segments(), MADE, "1")
    found = read().sort_values("market", ignore_index=True)
    assert pd.to_datetime(found.pop("as_of")).tolist() == [pd.Timestamp(MADE)] * 2
    assert found.pop("model_version").tolist() == ["1", "1"]
    pd.testing.assert_frame_equal(found, segments().reset_index(), check_dtype=False)
    write_back(place, segments(), MADE, "it's 2")
    write_back(place, segments(), date(2023, 11, 30), "1")
    write_back(place, segments(units=[7, 8])[:1], MADE, "1")  # a market that is no longer there goes
    assert len(read()) == 5 and sorted(read()["units"]) == [3, 3, 4, 4, 7]
    before = read()
    with pytest.raises(InputError, match="other columns"):
        write_back(place, segments(more=1), MADE, "1")
    with pytest.raises(InputError, match="infinite"):
        write_back(place, segments(confidence=float("inf")), MADE, "1")
    pd.testing.assert_frame_equal(before, read())


def test_what_cannot_be_written_changes_nothing(address: str) -> None:
    connection = connect(address)
    connection.drop_table(WRITTEN, force=True)
    write_back(connection, segments(), MADE, "1")
    with pytest.raises(SegkitError, match="did not answer as expected"):
        write_back(connection, segments(units="many"), MADE, "1")
    assert sorted(connection.table(WRITTEN).execute()["units"]) == [3, 4]
    write_back(connection, segments(units=5), MADE, "1")  # and the connection is of use
    assert connection.table(WRITTEN).execute()["units"].tolist() == [5, 5]


def test_the_written_file_is_for_its_owner(tmp_path: Path) -> None:
    write_back(tmp_path, segments(), MADE, "1")
    path = tmp_path / f"{WRITTEN}.parquet"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_bytes()
    write_back(tmp_path, segments()[::-1], MADE, "1")
    assert path.read_bytes() == first
    path.write_bytes(b"PAR1")
    with pytest.raises(InputError, match="damaged"):
        write_back(tmp_path, segments(), MADE, "1")


def test_another_answer_is_another_folder_and_old_answers_go(tmp_path: Path) -> None:
    said = []
    for n in range(3):
        folder = tmp_path / str(n)
        folder.mkdir()
        where = duckdb_file(folder, schema(**{FACT: lines({"revenue": -5}, *[{"revenue": 7 + n}] * n)}))
        said.append(collected(where, settings(), KEY, tmp_path / "kept"))
    assert collected(where, settings(), KEY, tmp_path / "kept") == said[-1]
    assert len(set(said)) == 3 and [at.is_dir() for at in said] == [False, True, True]
    assert {at.name for at in (tmp_path / "kept").iterdir()} == {at.parent.name for at in said[1:]}
    damaged = said[-1] / "cells.parquet"
    damaged.write_bytes(b"PAR1")
    assert collected(where, settings(), KEY, tmp_path / "kept") == said[-1] and len(damaged.read_bytes()) > 4


def test_a_line_that_is_set_aside_changes_the_fingerprint(tmp_path: Path) -> None:
    """The usable values are the same; what pages say of the others is not."""
    found = []
    for n in (1, 2):
        folder = tmp_path / str(n)
        folder.mkdir()
        where = duckdb_file(folder, schema(**{FACT: lines(*[{"revenue": -5}] * n)}))
        found.append(load_sales(collected(where, settings(), KEY, folder / "kept"), settings(), key=KEY))
    assert found[0].fingerprint != found[1].fingerprint and found[0].cells.equals(found[1].cells)
