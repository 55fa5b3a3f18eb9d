"""Features of contacts from their calls.

One Ibis expression per feature, free of backend-only functions, so that the same expressions run on DuckDB, on a Spark
cluster, or on any other engine that Ibis knows and that has exact quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from ..config import WEEKDAYS, Contacts
from ..data.calls import CallLog
from ..errors import ConfigError
from ..privacy import SMALL_CELL
from .table import SECONDS_PER_DAY, Column, FeatureTable, canonical_order

BLOCKS = ("volume", "duration", "recency", "timing")
CATEGORIES = 8
EPOCH = datetime(1970, 1, 1)

FIXED = (
    Column("n_calls", "volume", "calls", "calls in the log", "calls"),
    Column("n_days_active", "volume", "days", "dates with at least one call", "active days"),
    Column("calls_per_active_day", "volume", "calls/day", "calls divided by active days", "calls per active day"),
    Column(
        "calls_per_tenure_day",
        "volume",
        "calls/day",
        "calls divided by tenure in days plus one",
        "calls per day of tenure",
    ),
    Column("log_n_calls", "volume", "log", "natural logarithm of one plus the calls", "log calls"),
    Column("total_dur_sec", "duration", "s", "seconds of talk in all", "total talk"),
    Column("mean_dur_sec", "duration", "s", "mean length of a call", "mean call"),
    Column("median_dur_sec", "duration", "s", "median length of a call", "median call"),
    Column(
        "p90_dur_sec",
        "duration",
        "s",
        "90th percentile of the lengths, by linear interpolation",
        "90th percentile call",
    ),
    Column("log_total_dur", "duration", "log", "natural logarithm of one plus the seconds of talk", "log total talk"),
    Column("log_median_dur", "duration", "log", "natural logarithm of one plus the median length", "log median call"),
    Column(
        "long_call_share",
        "duration",
        "share",
        "share of calls at or above the long-call threshold",
        "share of long calls",
    ),
    Column("recency_days", "recency", "days", "days from the last call to the as-of time", "days since last call"),
    Column("tenure_days", "recency", "days", "days from the first call to the last", "days from first to last call"),
)


def columns(bands: Sequence[str], categories: Sequence[str]) -> tuple[Column, ...]:
    """List every feature for the given bands of the day and the given commonest categories."""
    timing = [
        Column(
            f"share_{b}", "timing", "share", f"share of calls in the band {b.replace('_', ' ')}", b.replace("_", " ")
        )
        for b in bands
    ]
    days = [
        Column("share_open_day", "timing", "share", "share of calls on open days", "open days"),
        Column("share_closed_day", "timing", "share", "share of calls on closed days", "closed days"),
    ]
    kinds = [Column(f"category: {c}", "category", "share", f"share of calls labelled {c}", c) for c in categories]
    return (*FIXED, *timing, *days, *kinds)


def expression(
    calls: ir.Table,
    settings: Contacts,
    *,
    as_of: datetime,
    long_call: float,
    categories: Sequence[str] = (),
) -> ir.Table:
    """Build the feature table as one expression: one row per unit.

    Parameters
    ----------
    calls : ibis table
        ``unit`` (text), ``started_at`` (timestamp), ``duration`` (integer seconds), ``category`` (text or null).
    settings : Contacts
        Bands and closed days.
    as_of : datetime
        The moment from which recency counts.
    long_call : float
        Seconds from which a call is long.
    categories : sequence of str
        The categories whose shares are added, as ``category_0`` and so on: engines fold the case of a column's name.
    """

    def share(condition: ir.BooleanValue) -> ir.FloatingScalar:
        return condition.fill_null(False).cast("int32").mean()

    start, duration, hour = calls.started_at, calls.duration, calls.started_at.hour()
    # Open days, since there may be no closed ones.
    opened = start.day_of_week.index().isin([i for i, d in enumerate(WEEKDAYS) if d not in settings.hours.closed_days])
    until = (as_of - EPOCH).total_seconds()
    sums = calls.group_by("unit").aggregate(
        n_calls=calls.count(),
        n_days_active=start.date().nunique(),
        total_dur_sec=duration.sum(),
        mean_dur_sec=duration.mean(),
        median_dur_sec=duration.quantile(0.5),
        p90_dur_sec=duration.quantile(0.9),
        long_call_share=share(duration >= long_call),
        first=start.min().epoch_seconds(),
        last=start.max().epoch_seconds(),
        share_open_day=share(opened),
        **{f"share_{b}": share(hour.between(a, z)) for b, (a, z) in settings.hours.bands.items()},
        **{f"category_{i}": share(calls.category == c) for i, c in enumerate(categories)},
    )
    tenure = (sums["last"] - sums["first"]) / SECONDS_PER_DAY
    full = sums.mutate(
        calls_per_active_day=sums.n_calls / sums.n_days_active,
        calls_per_tenure_day=sums.n_calls / (tenure + 1),
        log_n_calls=(sums.n_calls + 1).ln(),
        log_total_dur=(sums.total_dur_sec + 1).ln(),
        log_median_dur=(sums.median_dur_sec + 1).ln(),
        # As a float: some engines take a literal with a point as a decimal, and round the quotient.
        recency_days=(until - sums["last"].cast("float64")) / SECONDS_PER_DAY,
        tenure_days=tenure,
        share_closed_day=1 - sums.share_open_day,
    )
    names = [c.name for c in columns(list(settings.hours.bands), ())]
    names += [f"category_{i}" for i in range(len(categories))]
    return full.select("unit", **{n: full[n].cast("float64") for n in names})


def commonest(calls: ir.Table, most: int = CATEGORIES) -> list[str]:
    """Return the commonest categories of five contacts or more, most frequent first and ties in alphabetical order."""
    labelled = calls.filter(calls.category.notnull())
    counts = labelled.group_by("category").aggregate(n=labelled.count(), contacts=labelled.unit.nunique()).execute()
    counts = counts[counts["contacts"] >= SMALL_CELL]  # a label of fewer would describe single contacts
    counts = counts.sort_values(["n", "category"], ascending=[False, True])
    return [str(c) for c in counts["category"].head(most)]


def call_features(
    log: CallLog | pa.Table,
    settings: Contacts,
    *,
    as_of: datetime | None = None,
    long_call: float | None = None,
) -> FeatureTable:
    """Compute the features of every contact of a call log.

    Parameters
    ----------
    log : CallLog or pyarrow table
        The typed calls.
    settings : Contacts
        Bands, closed days, long-call quantile and as-of time.
    as_of : datetime, optional
        Overrides the setting; else the last call.
    long_call : float, optional
        The threshold in seconds, where a stored model brings one; else the quantile of all calls.

    Returns
    -------
    FeatureTable
        Twenty columns for the model with the default bands, in the blocks volume, duration, recency and timing, and the
        shares of the commonest categories for interpretation.

    Raises
    ------
    ConfigError
        The as-of time lies before the last call.
    """
    table = log if isinstance(log, pa.Table) else log.calls
    connection = ibis.duckdb.connect()
    try:
        calls = connection.create_table("calls", table, temp=True)
        facts = calls.aggregate(
            last=calls.started_at.max(), limit=calls.duration.quantile(settings.long_call_quantile)
        ).execute()
        moment = as_of or settings.as_of or facts["last"].iloc[0].to_pydatetime()
        limit = float(facts["limit"].iloc[0]) if long_call is None else long_call
        if moment < facts["last"].iloc[0].to_pydatetime():
            raise ConfigError(
                "as_of lies before the last call, so the days since a call would be negative",
                remedy="Set as_of in [contacts] to the last call or later, or leave it out.",
            )
        categories = commonest(calls)
        wide = expression(calls, settings, as_of=moment, long_call=limit, categories=categories)
        frame = wide.execute().set_index("unit")
    finally:
        connection.disconnect()
    found = columns(list(settings.hours.bands), categories)
    frame.index = frame.index.astype(str)
    frame.columns = pd.Index([c.name for c in found])
    return FeatureTable(
        frame=canonical_order(frame),
        columns=found,
        model_blocks=BLOCKS,
        as_of=moment,
        thresholds={"long_call_sec": limit},
    )
