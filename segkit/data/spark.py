"""A session of Spark: that of a master, or one on this machine, set for as little as a machine has."""

from __future__ import annotations

from typing import Any

PARTS, OF_CLUSTERS = "spark.sql.shuffle.partitions", "200"  # the setting of Spark, and its default


def connect(address: str) -> Any:
    """Connect to the master of an address; where it has none, to a session on this machine, or the one that is there.

    Answers come as Arrow, since Spark hands them over row by row otherwise. A session of one machine shuffles into as many
    parts as it has threads where nobody chose another number: two hundred are meant for a cluster, and most would be empty.

    Parameters
    ----------
    address : str
        ``spark://host:port``, or ``spark://`` alone.

    Returns
    -------
    backend of Ibis

    Raises
    ------
    ImportError
        Spark is not installed.
    """
    import ibis
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(address) if address.partition("://")[2] else SparkSession.builder
    session = builder.getOrCreate()
    session.conf.set("spark.sql.execution.arrow.pyspark.enabled", "true")
    if str(session.conf.get("spark.master")).startswith("local") and session.conf.get(PARTS) == OF_CLUSTERS:
        session.conf.set(PARTS, str(session.sparkContext.defaultParallelism))
    return ibis.pyspark.connect(session)
