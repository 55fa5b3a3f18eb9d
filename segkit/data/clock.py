"""The local clock of events: whether there is a time of day at all, and what stated offsets from UTC make of it."""

from __future__ import annotations

from ..config import EventSettings
from ..errors import ConfigError, InputError
from . import dates
from .tables import Table

SAMPLE = 2_000  # rows


def time_of_day(table: Table, settings: EventSettings) -> tuple[bool, tuple[str, ...]]:
    """Tell whether the events of a file have a time of day, and what the reader should know of it.

    Raises
    ------
    InputError
        Some dates have one and some do not.
    ConfigError
        None has, and the settings divide the day into bands.
    """
    contract, used = settings.contract, settings.columns.used
    if "time" in used or (contract.timed and not _lacking(table, used["date"])):
        return True, ()
    inner = f"SELECT {dates.date_parts(table.text(used['date']))} AS d, {table.row} AS r FROM raw"
    with_time, at_midnight, without, first, other = table.one(
        f"SELECT count(*) FILTER (d.rest <> ''), count(*) FILTER (regexp_matches(d.rest, '{dates.MIDNIGHT}')), "
        "count(*) FILTER (d.rest = ''), min(r, 5) FILTER (d.rest <> ''), min(r, 5) FILTER (d.rest = '') "
        f"FROM ({inner}) WHERE d.a <> ''"
    )
    if contract.timed and with_time > without > 0:  # single rows are a matter of the gate
        return True, ()
    if with_time and without:
        few = first if with_time < without else other
        raise InputError(
            f"{with_time:,} dates have a time of day and {without:,} have none",
            file=table.source.path,
            column=used["date"],
            rows=few,
            count=min(with_time, without),
            remedy="Export the column again in one way, with a time of day in each cell or in none.",
        )
    if with_time and at_midnight < with_time:
        return True, ()
    if settings.hours.bands:
        raise ConfigError(
            "hours.bands: the dates of this file have no time of day",
            file=table.source.path,
            remedy=f"Write bands = {{}} in {contract.section('hours')}, or name the column of times as `time` in "
            f"{contract.section('columns')}.",
        )
    if with_time:
        return False, ("Every date has midnight as its time, which counts as no time of day.",)
    return False, ()


def _lacking(table: Table, column: str) -> bool:
    """Tell whether a date of an even sample has no time of day, or all have midnight; a few are left to the gates."""
    inner = (
        f"SELECT {dates.date_parts(table.text(column))} AS d FROM raw WHERE rowid % {max(1, table.count // SAMPLE)} = 0"
    )
    total, bare, midnight = table.one(
        f"SELECT count(*), count(*) FILTER (d.rest = ''), count(*) FILTER (regexp_matches(d.rest, '{dates.MIDNIGHT}')) "
        f"FROM ({inner}) WHERE d.a <> ''"
    )
    return bool(bare or 0 < total == midnight)


def local_clock(table: Table, settings: EventSettings) -> tuple[str, tuple[str, ...]]:
    """Return SQL for the local clock of an event, by the offsets that the good rows state.

    Raises
    ------
    InputError
        Some times state an offset and some do not, or offsets differ and no time zone is set.
    """
    used = settings.columns.used
    column = used.get("time") or used["date"]
    zones = table.connection.execute(
        "SELECT zone, count(*), min(row, 5) FROM parsed WHERE fault IS NULL GROUP BY zone ORDER BY count(*), zone"
    ).fetchall()
    stated = [zone for zone, _, _ in zones if zone is not None]
    if not stated:
        return "clock", ()
    if len(stated) < len(zones):
        without = next(z for z in zones if z[0] is None)
        total = sum(count for _, count, _ in zones)
        few = without if without[1] * 2 <= total else zones[0]
        raise InputError(
            f"time zones are mixed: {total - without[1]:,} times state an offset from UTC, {without[1]:,} do not",
            file=table.source.path,
            column=column,
            rows=few[2],
            count=few[1],
            remedy="Export all times in one way, best as local clock without an offset.",
        )
    name = settings.format.time_zone
    if name:
        if table.one("SELECT count(*) FROM pg_timezone_names() WHERE name = ?", [name]) == (0,):
            raise ConfigError(
                "time_zone: the query engine knows no such time zone",
                file=table.source.path,
                remedy="Give the usual name of a region, for example Europe/Berlin.",
            )
        shifted, quoted = "clock - to_minutes(CAST(zone AS BIGINT))", name.replace("'", "''")
        return f"(({shifted}) AT TIME ZONE 'UTC') AT TIME ZONE '{quoted}'", (
            f"Times state an offset from UTC; they were converted to the local clock of {name}.",
        )
    if len(stated) > 1:
        raise InputError(
            f"times state {len(stated)} different offsets from UTC, and no time zone is set",
            file=table.source.path,
            column=column,
            rows=zones[0][2],
            count=zones[0][1],
            remedy=f"Set time_zone in {settings.contract.section('format')} to where the business is, for example "
            '"Europe/Berlin".',
        )
    sign, (hours, minutes) = "-" if stated[0] < 0 else "+", divmod(abs(stated[0]), 60)
    return "clock", (f"Every time states the offset UTC{sign}{hours:02}:{minutes:02}; the clock was kept as written.",)
