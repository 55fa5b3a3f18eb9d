"""The same expressions on Spark and on DuckDB."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from made_calls import business
from made_orders import bought, orders
from pydantic import SecretStr
from spark_session import MARKS, show

from segkit.config import Contacts
from segkit.data import event_warehouse, kept_events
from segkit.data.events import load_events
from segkit.data.simulate.calls import simulate_calls
from segkit.features.events import commonest, event_features, expression
from segkit.features.warehouse import warehouse_features
from segkit.studies.contacts import CALLS as MEASURES
from segkit.studies.customers import PURCHASED

pytest_plugins = ["spark_session"]
pytestmark = MARKS
CALLS, KEY = 4_000, b"a key for tests, of no other use"
AS_OF, LONG = datetime(2030, 1, 1, 12), 396.0


def simulated() -> pd.DataFrame:
    """Return the last calls of the simulation, with a few labels missing."""
    frame = simulate_calls().frame.tail(CALLS).reset_index(drop=True)
    when = frame["date_stamp"].astype(str) + " " + frame["time"].astype(str)
    calls = pd.DataFrame(
        {
            "unit": frame["dialled_phone_number"].astype(str),
            "started_at": pd.to_datetime(when, format="%m/%d/%Y %H:%M:%S").astype("datetime64[us]"),
            "amount": frame["duration_in_seconds"].astype("int64"),
            "category": frame["category"].astype(object),
        }
    )
    calls.loc[::17, "category"] = None
    return calls


@pytest.fixture(scope="module")
def calls() -> pd.DataFrame:
    return simulated()


def on_duckdb(calls: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    connection = ibis.duckdb.connect()
    try:
        table = connection.create_table("calls", calls, temp=True)
        labels = commonest(table)
        wide = expression(table, business(), MEASURES, as_of=AS_OF, large=LONG, categories=labels).execute()
        return wide.set_index("unit").sort_index(), labels
    finally:
        connection.disconnect()


def shown(calls: pd.DataFrame, session: Any) -> None:
    """Make a view of the calls in a session."""
    show(session, "calls", calls, started_at="timestamp_ntz", amount="long")


def on_spark(calls: pd.DataFrame, session: Any) -> tuple[pd.DataFrame, list[str]]:
    shown(calls, session)
    table = ibis.pyspark.connect(session).table("calls")
    labels = commonest(table)
    wide = expression(table, business(), MEASURES, as_of=AS_OF, large=LONG, categories=labels).execute()
    return wide.set_index("unit").sort_index(), labels


def test_spark_and_duckdb_give_equal_features(calls: pd.DataFrame, spark: Any) -> None:
    (expected, labels), (found, also) = on_duckdb(calls), on_spark(calls, spark)
    assert len(calls) == CALLS and also == labels and len(labels) == calls["category"].nunique() > 1
    moved = ((AS_OF - calls.groupby("unit")["started_at"].max()).dt.total_seconds() / 86_400).sort_index()
    pd.testing.assert_series_equal(found["recency_days"], moved, check_names=False, rtol=1e-12)  # pandas, and no zone
    assert found.shape == expected.shape == (calls["unit"].nunique(), 20 + len(labels))
    pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=1e-12, atol=1e-12, check_index_type=False)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each answer of Spark has that comes here through Ibis."""
    from ibis.backends.pyspark import Backend

    answers: list[int] = []
    execute = Backend.execute

    def counted(self: Any, expr: Any, /, **more: Any) -> Any:
        found = execute(self, expr, **more)
        answers.append(len(found) if hasattr(found, "__len__") else 1)
        return found

    monkeypatch.setattr(Backend, "execute", counted)
    return answers


def test_a_table_of_a_session_gives_what_the_file_gives(
    calls: pd.DataFrame, spark: Any, tmp_path: Path, fetched: list[int]
) -> None:
    columns = {"date": "started_at", "duration": "amount", "contact": "unit", "category": "category"}
    of = Contacts.model_validate({"columns": columns, "format": {"date_order": "year-month-day"}})
    shown(calls, spark)
    calls.to_csv(tmp_path / "calls.csv", index=False)
    expected, place = load_events(tmp_path / "calls.csv", of, key=KEY), "spark://?table=calls"
    path = event_warehouse.collected(place, of, KEY, tmp_path / "kept", quarantine=tmp_path / "aside")
    read = kept_events.load(path, of.contract)
    assert read.events.equals(expected.events) and read.audit.duplicates == expected.audit.duplicates
    assert spark.conf.get("spark.sql.shuffle.partitions") == "1"  # as many as threads, and no parts without rows
    loaded = event_features(expected, of, MEASURES).frame
    fetched.clear()
    there = warehouse_features(SecretStr(place), of, MEASURES, key=KEY).frame
    pd.testing.assert_frame_equal(there.loc[loaded.index], loaded[list(there)], rtol=1e-12, atol=1e-12)
    assert len(fetched) == 3 and max(fetched) == expected.units < len(
        calls
    )  # units, the last call and the long one, features


def test_purchases_of_a_session_are_those_of_the_file(spark: Any, tmp_path: Path) -> None:
    rows, of, place = orders(), bought("order"), "spark://?table=orders"
    show(
        spark,
        "orders",
        rows.assign(placed=pd.to_datetime(rows["placed"])),
        who="long",
        placed="timestamp_ntz",
        paid="double",
    )
    rows.to_csv(tmp_path / "orders.csv", index=False)
    expected = load_events(tmp_path / "orders.csv", of, key=KEY)
    path = event_warehouse.collected(place, of, KEY, tmp_path / "kept", quarantine=tmp_path / "aside")
    read = kept_events.load(path, of.contract)
    assert read.events.equals(expected.events) and read.audit.merged == expected.audit.merged
    assert expected.audit.merged is not None and expected.audit.merged.cancelled > 0
    there = warehouse_features(SecretStr(place), of, PURCHASED, key=KEY)
    loaded = event_features(expected, of, PURCHASED)
    assert there.thresholds == loaded.thresholds and len(there.frame) == expected.units
    pd.testing.assert_frame_equal(there.frame.loc[loaded.frame.index], loaded.frame, rtol=1e-12, atol=1e-12)
