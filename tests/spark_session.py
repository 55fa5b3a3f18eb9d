"""A session of Spark of the tests' own, where Spark and Java are installed."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

LACKING = [
    *([] if importlib.util.find_spec("pyspark") else ["pyspark (the extra spark)"]),
    *([] if shutil.which("java") else ["java on the PATH"]),
]
MARKS = [
    pytest.mark.slow,
    pytest.mark.xdist_group("spark"),
    pytest.mark.skipif(bool(LACKING), reason=f"needs {' and '.join(LACKING)}"),
]


@pytest.fixture(scope="session")
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
            .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={folder}")
            .getOrCreate()
        )
        yield session
        session.stop()


def show(session: Any, name: str, frame: pd.DataFrame, **kinds: str) -> None:
    """Make a view of a table in a session; columns are texts where no type of Spark is given."""
    schema = ", ".join(f"`{column}` {kinds.get(str(column), 'string')}" for column in frame)
    table = pa.Table.from_pandas(frame, preserve_index=False)  # rows would go through processes of Python in each query
    session.createDataFrame(table, schema).createOrReplaceTempView(name)
