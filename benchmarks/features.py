"""Feature table of a million calls against one query written by hand for DuckDB, timed in turn in one run.

Run with ``python benchmarks/features.py [calls]``. The log is the one that the report would use, repeated with shifted
ids. What counts is the ratio: absolute times depend on the machine.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from segkit.data.calls import load_calls
from segkit.features.calls import call_features
from segkit.studies.contacts import make_source

ROUNDS = 5
QUERY = """
WITH facts AS (SELECT max(started_at) AS until, quantile_cont(duration, 0.95) AS long FROM calls),
sums AS (
  SELECT unit, count(*) AS n, count(DISTINCT started_at::DATE) AS d, sum(duration) AS total, avg(duration) AS mean,
    quantile_cont(duration, 0.5) AS med, quantile_cont(duration, 0.9) AS p90,
    avg((duration >= (SELECT long FROM facts))::INT) AS long_share,
    epoch(min(started_at)) AS first, epoch(max(started_at)) AS last,
    avg((hour(started_at) BETWEEN 0 AND 7)::INT) AS em, avg((hour(started_at) BETWEEN 8 AND 17)::INT) AS bh,
    avg((hour(started_at) BETWEEN 18 AND 20)::INT) AS ev, avg((hour(started_at) BETWEEN 21 AND 23)::INT) AS ln,
    avg((isodow(started_at) = 7)::INT) AS closed, {categories}
  FROM calls GROUP BY unit)
SELECT unit, n::DOUBLE, d::DOUBLE, n / d, n / ((last - first) / 86400 + 1), ln(1 + n), total::DOUBLE, mean, med, p90,
  ln(1 + total), ln(1 + med), long_share, (epoch((SELECT until FROM facts)) - last) / 86400, (last - first) / 86400,
  em, bh, ev, ln, 1 - closed, closed, {names}
FROM sums
"""


def repeated(calls: pa.Table, rows: int) -> pa.Table:
    """Repeat a log with shifted ids until it has the given number of calls."""
    frame = calls.to_pandas()
    frame["unit"] = frame["unit"].astype(str)
    copies = -(-rows // len(frame))
    parts = [frame.assign(unit=frame["unit"] + f"-{i}") for i in range(copies)]
    return pa.Table.from_pandas(pd.concat(parts).head(rows), preserve_index=False)


def by_hand(log: pa.Table, categories: list[str]) -> pd.DataFrame:
    """Run the query that a person would write."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TEMP TABLE calls AS SELECT * FROM log")
        shares = ", ".join(f"avg((category IS NOT DISTINCT FROM '{c}')::INT) AS c{i}" for i, c in enumerate(categories))
        names = ", ".join(f"c{i}" for i in range(len(categories)))
        return connection.execute(QUERY.format(categories=shares, names=names)).df().set_index("unit")


def seconds(run: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Print the ratio, after a check that both give the same table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    source = make_source(Path.cwd())
    settings = source.config.contacts
    log = load_calls(source.located.path, settings, key=b"a key for the benchmark")
    table = repeated(log.calls, rows)
    ours = call_features(table, settings)
    categories = [c.label for c in ours.columns if c.block == "category"]
    theirs = by_hand(table, categories)
    np.testing.assert_allclose(ours.frame.to_numpy(), theirs.reindex(ours.frame.index).to_numpy(), rtol=1e-9, atol=1e-9)
    pairs = [
        (seconds(lambda: call_features(table, settings)), seconds(lambda: by_hand(table, categories)))
        for _ in range(ROUNDS)
    ]
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{rows:,} calls, {len(ours.frame):,} contacts, {ours.frame.shape[1]} columns, equal to 9 digits")
    print(
        f"ours {statistics.median(a for a, _ in pairs):.2f} s, by hand {statistics.median(b for _, b in pairs):.2f} s"
    )
    print(f"ratio {ratio:.2f} (median of {ROUNDS} pairs)")


if __name__ == "__main__":
    main()
