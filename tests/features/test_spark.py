"""The same expressions on Spark and on DuckDB."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from made_calls import business
from pydantic import SecretStr

from segkit.config import Contacts
from segkit.data import event_warehouse, kept_events
from segkit.data.events import load_events
from segkit.data.simulate.calls import simulate_calls
from segkit.features.events import commonest, event_features, expression
from segkit.features.warehouse import warehouse_features
from segkit.studies.contacts import CALLS as MEASURES

LACKING = [
    *([] if importlib.util.find_spec("pyspark") else ["pyspark (the extra spark)"]),
    *([] if shutil.which("java") else ["java on the PATH"]),
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("spark"),
    pytest.mark.skipif(bool(LACKING), reason=f"needs {' and '.join(LACKING)}"),
]
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


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on this machine, with all that it writes in a temporary folder."""
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            SparkSession.builder.master("local[1]")
            .appName("segkit tests")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.local.dir", str(folder))
            .config("spark.sql.session.timeZone", "Africa/Johannesburg")  # a clock of the file must not be moved
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={folder}")
            .getOrCreate()
        )
        yield session
        session.stop()


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
    from pyspark.sql.types import LongType, StringType, StructField, StructType, TimestampNTZType

    kinds = {"unit": StringType(), "started_at": TimestampNTZType(), "amount": LongType(), "category": StringType()}
    schema = StructType([StructField(name, kind) for name, kind in kinds.items()])
    rows = [(u, t.to_pydatetime(), int(d), c) for u, t, d, c in calls.itertuples(index=False, name=None)]
    session.createDataFrame(rows, schema).createOrReplaceTempView("calls")


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


def test_a_table_of_a_session_gives_what_the_file_gives(calls: pd.DataFrame, spark: Any, tmp_path: Path) -> None:
    columns = {"date": "started_at", "duration": "amount", "contact": "unit", "category": "category"}
    of = Contacts.model_validate({"columns": columns, "format": {"date_order": "year-month-day"}})
    shown(calls, spark)
    calls.to_csv(tmp_path / "calls.csv", index=False)
    expected, place = load_events(tmp_path / "calls.csv", of, key=KEY), "spark://?table=calls"
    path = event_warehouse.collected(place, of, KEY, tmp_path / "kept", quarantine=tmp_path / "aside")
    read = kept_events.load(path, of.contract)
    assert read.events.equals(expected.events) and read.audit.duplicates == expected.audit.duplicates
    loaded = event_features(expected, of, MEASURES).frame
    there = warehouse_features(SecretStr(place), of, MEASURES, key=KEY).frame
    pd.testing.assert_frame_equal(there.loc[loaded.index], loaded[list(there)], rtol=1e-12, atol=1e-12)
