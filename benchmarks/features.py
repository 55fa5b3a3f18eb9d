"""The feature table as one query written by hand for DuckDB, to measure ours against."""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa

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
