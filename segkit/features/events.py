"""Features of units from their events.

One Ibis expression per feature, free of backend-only functions, so that the same expressions run on DuckDB, on a Spark
cluster, or on any other engine that Ibis knows and that has exact quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from ..config import WEEKDAYS, EventSettings
from ..data.events import EventLog
from ..errors import ConfigError
from ..privacy import SMALL_CELL
from ..vocabulary import article
from .measures import Measures
from .table import SECONDS_PER_DAY, FeatureTable, canonical_order

CATEGORIES = 8
EPOCH = datetime(1970, 1, 1)


def expression(
    events: ir.Table,
    settings: EventSettings,
    measures: Measures,
    *,
    as_of: datetime,
    large: float | ir.NumericValue,
    categories: Sequence[str] = (),
    apart: bool = False,
) -> ir.Table:
    """Build the feature table as one expression: one row per unit.

    Parameters
    ----------
    events : ibis table
        ``unit`` (text), ``started_at`` (timestamp), ``amount`` (integer), ``category`` (text or null).
    settings : EventSettings
        Bands and closed days.
    measures : Measures
        Names of the features.
    as_of : datetime
        The moment from which recency counts.
    large : float
        The amount from which an event is large.
    categories : sequence of str
        The categories whose shares are added, as ``category_0`` and so on: engines fold the case of a column's name.
    apart : bool
        Whether active days are counted by themselves, and both quantiles at once: Spark would keep a quantile's state for
        every unit and day, and one for each quantile.
    """

    def money(amount: ir.NumericValue) -> ir.NumericValue:
        return amount if m.grain == 1 else amount.cast("float64") / m.grain

    m, hours = measures, settings.hours
    start, amount, hour = events.started_at, events.amount, events.started_at.hour()
    weekday, closed = start.day_of_week.index(), hours.closed_days
    days = {f"share_{d.lower()}": share(weekday == i) for i, d in enumerate(WEEKDAYS)}
    if not m.by_weekday:  # open days, since there may be no closed ones
        days = {"share_open_day": share(weekday.isin([i for i, d in enumerate(WEEKDAYS) if d not in closed]))}
    until = (as_of - EPOCH).total_seconds()
    both = amount.quantile([0.5, 0.9]) if apart else [amount.quantile(0.5), amount.quantile(0.9)]
    sums = events.group_by("unit").aggregate(
        n=events.count(),
        **({} if apart else {"active": start.date().nunique()}),
        total=money(amount.sum()),
        mean=money(amount.mean()),
        median=money(both[0]),
        p90=money(both[1]),
        large=share(amount >= large),
        first=start.min().epoch_seconds(),
        last=start.max().epoch_seconds(),
        **days,
        **{f"share_{b}": share(hour.between(a, z)) for b, (a, z) in hours.bands.items()},
        **{f"category_{i}": share(events.category == c) for i, c in enumerate(categories)},
    )
    sums = sums.join(active_days(events), "unit") if apart else sums
    tenure = (sums["last"] - sums["first"]).cast("float64") / SECONDS_PER_DAY  # some engines divide without a rest
    found: dict[str, Any] = {
        m.count.name: sums.n,
        m.days.name: sums.active,
        m.per_day.name: sums.n.cast("float64") / sums.active,
        m.per_tenure.name: sums.n / (tenure + 1),
        m.log_count.name: (sums.n + 1).ln(),
        m.total.name: sums.total,
        m.mean.name: sums["mean"],
        m.median.name: sums["median"],
        m.p90.name: sums.p90,
        m.log_total.name: (sums.total + 1).ln(),
        m.log_median.name: (sums["median"] + 1).ln(),
        m.large.name: sums.large,
        # As a float: some engines take a literal with a point as a decimal, and round the quotient.
        m.recency.name: (until - sums["last"].cast("float64")) / SECONDS_PER_DAY,
        m.tenure.name: tenure,
    }
    if not m.by_weekday:
        found["share_closed_day"] = 1 - sums.share_open_day
    found |= {n: sums[n] for n in sums.columns if n.startswith(("share_", "category_"))}
    names = [*(c.name for c in m.columns(list(hours.bands), ())), *(f"category_{i}" for i in range(len(categories)))]
    return sums.select("unit", **{n: found[n].cast("float64") for n in names})


def share(condition: ir.BooleanValue) -> ir.FloatingScalar:
    """Return the share of events for which something holds."""
    return condition.fill_null(False).cast("int32").mean()


def active_days(events: ir.Table) -> ir.Table:
    """Count the days with any event, by unit."""
    return events.group_by("unit").aggregate(active=events.started_at.date().nunique())


def commonest(events: ir.Table, most: int = CATEGORIES) -> list[str]:
    """Return the commonest categories of five units or more, most frequent first and ties in alphabetical order."""
    labelled = events.filter(events.category.notnull())
    counts = labelled.group_by("category").aggregate(n=labelled.count(), units=labelled.unit.nunique()).execute()
    counts = counts[counts["units"] >= SMALL_CELL]  # a label of fewer would describe single units
    counts = counts.sort_values(["n", "category"], ascending=[False, True])
    return [str(c) for c in counts["category"].head(most)]


def event_features(
    log: EventLog | pa.Table,
    settings: EventSettings,
    measures: Measures,
    *,
    as_of: datetime | None = None,
    large: float | None = None,
) -> FeatureTable:
    """Compute the features of every unit of a log of events.

    Parameters
    ----------
    log : EventLog or pyarrow table
        The typed events.
    settings : EventSettings
        Bands, closed days, quantile of large amounts and as-of time.
    measures : Measures
        Names and units of the features.
    as_of : datetime, optional
        Overrides the setting; else the last event.
    large : float, optional
        The amount from which an event is large, where a stored model brings one; else the quantile of all events.

    Returns
    -------
    FeatureTable
        The columns of the model, block by block, and the shares of the commonest categories for interpretation.

    Raises
    ------
    ConfigError
        The as-of time lies before the last event.
    """
    table = log if isinstance(log, pa.Table) else log.events
    connection = ibis.duckdb.connect()
    try:
        events = connection.create_table("events", table, temp=True)
        return features_of(events, settings, measures, as_of=as_of, large=large, categories=commonest(events))
    finally:
        connection.disconnect()


def features_of(
    events: ir.Table,
    settings: EventSettings,
    measures: Measures,
    *,
    as_of: datetime | None = None,
    large: float | None = None,
    categories: Sequence[str] = (),
) -> FeatureTable:
    """Compute the same of events that lie in any engine, with the shares of the categories that are named."""
    facts = events.aggregate(
        last=events.started_at.max(), limit=events.amount.quantile(getattr(settings, measures.quantile))
    ).execute()
    moment = as_of or settings.as_of or facts["last"].iloc[0].to_pydatetime()
    limit = float(facts["limit"].iloc[0]) if large is None else large * measures.grain
    if moment < facts["last"].iloc[0].to_pydatetime():
        event = measures.event
        raise ConfigError(
            f"as_of lies before the last {event}, so the days since {article(event)} {event} would be negative",
            remedy=f"Set as_of in the settings to the last {event} or later, or leave it out.",
        )
    apart = events.get_backend().name == "pyspark"
    wide = expression(events, settings, measures, as_of=moment, large=limit, categories=categories, apart=apart)
    frame = wide.execute().set_index("unit")
    found = measures.columns(list(settings.hours.bands), categories)
    frame.index = frame.index.astype(str)
    frame.columns = pd.Index([c.name for c in found])
    return FeatureTable(
        frame=canonical_order(frame),
        columns=found,
        model_blocks=measures.blocks,
        as_of=moment,
        thresholds={measures.limit: limit / measures.grain},
    )
