"""Features of very many calls that stay on a cluster: on Spark where it is installed, else the same path on DuckDB."""

from __future__ import annotations

import importlib.util
import os
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb
from pydantic import SecretStr

from segkit.config import Contacts
from segkit.features.warehouse import warehouse_features
from segkit.studies.contacts import CALLS

KEY = b"a key for the benchmark"
EVENTS = 100_000_000  # on the cluster that SPARK_REMOTE names
FEW = 1_000_000  # on this machine; SEGKIT_BENCH_EVENTS says another number
EACH = 500  # calls of a contact
# Whole numbers that look drawn, from the number of a row: the same in every engine.
WHO, WHEN, LONG = "(i * 7919) % {contacts}", "i * 104729 % 63072000", "(i * 15485863) % 1200"


def cluster_features(folder: Path) -> dict[str, Any]:
    """Compute the features of calls in a table that is never loaded; what comes here are identifiers and one row per contact."""
    spark = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None
    events = int(os.environ.get("SEGKIT_BENCH_EVENTS", EVENTS if os.environ.get("SPARK_REMOTE") else FEW))
    address = (_on_spark if spark else _in_duckdb)(folder, events)
    columns = {"date": "started", "duration": "seconds", "contact": "who"}
    settings = Contacts.model_validate({"columns": columns, "format": {"date_order": "year-month-day"}})
    start = time.perf_counter()
    table = warehouse_features(SecretStr(address), settings, CALLS, key=KEY)
    taken = time.perf_counter() - start
    assert table.frame["n_calls"].sum() == events and len(table.frame) == events // EACH
    where = "on Spark" if spark else "on DuckDB, since pyspark or Java is not installed"
    return {"seconds": taken, "what": f"{events:,} calls, {len(table.frame):,} contacts, {where}"}


def _on_spark(folder: Path, events: int) -> str:
    """Make a view of calls in a session on this machine, or on the cluster that ``SPARK_REMOTE`` names."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    if not os.environ.get("SPARK_REMOTE"):
        own = {"ui.enabled": "false", "local.dir": str(folder), "driver.memory": "4g", "sql.shuffle.partitions": "8"}
        for name, value in own.items():
            builder = builder.config(f"spark.{name}", value)
    session = builder.getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    rows = session.range(events).withColumnRenamed("id", "i")
    made = rows.selectExpr(
        f"'555' || ({WHO.format(contacts=events // EACH)}) AS who",
        f"CAST(timestamp_seconds(1577836800 + {WHEN}) AS timestamp_ntz) AS started", f"{LONG} AS seconds",
    )  # fmt: skip
    made.createOrReplaceTempView("calls")
    return "spark://?table=calls"


def _in_duckdb(folder: Path, events: int) -> str:
    at = folder / "calls.duckdb"
    with duckdb.connect(str(at)) as connection:
        connection.execute(
            f"""CREATE TABLE calls AS SELECT '555' || ({WHO.format(contacts=events // EACH)}) AS who,
            TIMESTAMP '2020-01-01' + to_seconds({WHEN}) AS started, {LONG} AS seconds FROM range({events}) AS rows(i)"""
        )
    return f"duckdb://{at}?table=calls"
