"""Dates of several columns: epochs, and dates in text, whose order all columns settle together or nobody guesses."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from ..errors import InputError
from ..event_settings import DateOrder
from . import dates
from .cells import counted
from .newest import Column, UnsettledError
from .tables import Table

EPOCH = re.compile(r"(\d{9,14})(?:\.0+)?")
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:\.0+)?")
FORECAST = pd.Timedelta(days=90)  # a last close date that is so long after all other dates may be a plan
MILLISECONDS = 10**11  # whole numbers from here on: as seconds, they would be after the year 5000
FIRST, LAST = pd.Timestamp(dates.FIRST_YEAR, 1, 1), pd.Timestamp(dates.LAST_YEAR + 1, 1, 1)


def moments(
    table: Table,
    columns: Mapping[str, Column],
    order: DateOrder | None,
    section: str,
    *,
    remedy: str = "Write dates as 2022-01-31, or leave the cells empty.",
) -> tuple[dict[str, pd.Series], tuple[str, ...]]:
    """Return the moments of columns of dates, by role, and what the reader should know of them.

    Of a history, the newest value counts. Whole numbers are milliseconds or seconds since 1970 (UTC). Stated offsets from UTC
    are taken off, so that all is UTC or a local clock as written. Where the year stands last, a column that settles the order
    of day and month settles it for the others as well.

    Parameters
    ----------
    table : Table
    columns : mapping of str to Column
        By role.
    order : str, optional
        That the settings state.
    section : str
        Of the settings, which messages name.
    remedy : str
        Of cells that are no date.

    Raises
    ------
    InputError
        A cell is no date, its year is outside 1970 to 2100, orders are mixed, or nothing settles them.
    """
    orders, notes = _orders(table, columns, order, section)
    out = {}
    for role, column in columns.items():
        found = _epochs(column.newest.texts)
        if found.isna().any():
            found = found.where(found.notna(), _parsed(table, column.newest.texts, orders[role]))
        wrong = found.isna() | (found < FIRST) | (found >= LAST)
        if wrong.any():
            raise column.error(
                f"cells that are no date from {dates.FIRST_YEAR} to {dates.LAST_YEAR}", wrong.to_numpy(), remedy,
            )  # fmt: skip
        every = np.append(found.to_numpy("datetime64[us]"), np.datetime64("NaT"))[column.newest.codes]
        out[role] = pd.Series(every)
    return out, notes


def end_of_record(
    created: Column, dated: dict[str, pd.Series], stated: datetime | None, units: str, section: str
) -> tuple[pd.Timestamp, tuple[str, ...], tuple[str, ...]]:
    """Return the moment of an export of units that are created and closed, warnings and notes.

    Parameters
    ----------
    created : Column
    dated : dict of str to Series
        The moments by role, ``created`` and ``closed`` among them; what is after the end is taken out of it.
    stated : datetime, optional
        The moment that the settings state; else it is the last one in the file.
    units : str
        What messages call the units.
    section : str
        Of the settings, which messages name.

    Raises
    ------
    InputError
        No unit has a date of creation, or one was created after the moment that the settings state.
    """
    begun = dated["created"]
    if begun.isna().all():
        raise InputError(
            f"no {units.removesuffix('s')} has a date of creation", file=created.path, column=created.header,
            remedy="Export the column in full: all durations count from it.",
        )  # fmt: skip
    warnings, said = [], []
    if begun.isna().any():
        count = int(begun.isna().sum())
        warnings.append(
            f"{counted(count, units)} {'has' if count == 1 else 'have'} no date of creation, and count nowhere that asks for one."
        )
    if stated is None:
        latest = {role: times.max() for role, times in dated.items()}
        last = max(time for time in latest.values() if time is not pd.NaT)
        others = max(time for role, time in latest.items() if role != "closed" and time is not pd.NaT)
        if last - others > FORECAST:
            warnings.append(
                f"The last close date is more than 90 days after every other date: it may be a plan. Set as_of in {section} to "
                "the moment of the export."
            )
        return last, tuple(warnings), ()
    at = to_the_end(stated)
    late = np.flatnonzero((begun > at).to_numpy())
    if late.size:
        raise created.error_in(
            f"{units} created after the moment of the export", late,
            f"Correct as_of in {section}, or leave these {units} out.",
        )  # fmt: skip
    for role, times in dated.items():
        after = times > at
        if after.any():
            dated[role] = times.mask(after)
            said.append(
                f"{counted(int(after.sum()), units)} with a date after as_of ({role}): it had not happened yet, and is left out."
            )
    return at, tuple(warnings), tuple(said)


def to_the_end(stated: datetime) -> pd.Timestamp:
    """Return a moment that settings state; a day without a time of day is meant as a whole.

    >>> to_the_end(datetime(2024, 1, 31))
    Timestamp('2024-01-31 23:59:59.999999')
    """
    at = pd.Timestamp(stated)
    return at + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1) if at == at.normalize() else at


def _epochs(texts: Sequence[str]) -> pd.Series:
    """Return the moments of whole numbers: seconds or milliseconds since 1970, or eight digits of a date."""
    out: list[int | np.datetime64] = []
    for text in texts:
        hit = EPOCH.fullmatch(text)
        if hit:
            number = int(hit[1])
            out.append(number * (1_000 if number >= MILLISECONDS else 1_000_000))
        else:
            out.append(_compact(text))
    return pd.Series(np.array(out, dtype="datetime64[us]"))


def _compact(text: str) -> int | np.datetime64:
    hit = COMPACT.fullmatch(text)
    found = pd.to_datetime("-".join(hit.groups()), errors="coerce") if hit else pd.NaT
    return np.datetime64("NaT") if found is pd.NaT else found.to_datetime64()


def _orders(
    table: Table, columns: Mapping[str, Column], order: DateOrder | None, section: str
) -> tuple[dict[str, DateOrder], tuple[str, ...]]:
    """Return the order of the dates of each column."""
    found = {role: _forms(table, column) for role, column in columns.items()}
    settled = {f.decided for f in found.values() if f.fields and f.decided}
    borrowed = settled.pop() if len(settled) == 1 else None
    out: dict[str, DateOrder] = {}
    said: list[str] = []
    for role, forms in found.items():
        column = columns[role]
        stated = order or forms.decided or borrowed
        if stated is None and forms.fields and not (forms.iso or forms.only_month_first or forms.only_day_first):
            raise UnsettledError(
                "no date of the file settles the order of day and month", setting="date_order",
                file=table.source.path, column=column.header, rows=forms.example_rows["fields"], count=forms.fields,
                remedy=f'Set date_order in {section} to "month/day/year" or "day/month/year", or export dates as 2022-01-31.',
            )  # fmt: skip
        out[role], notes = dates.settle_order(table, column.header, stated or "month/day/year", forms, section)
        if order or forms.decided:
            said += notes
        elif forms.fields:
            said.append(f"The order of day and month of the {role} column is that of the other columns: {stated}.")
    return out, tuple(dict.fromkeys(said))


def _forms(table: Table, column: Column) -> dates.DateForms:
    """Count the forms of the dates in text of a column."""
    texts = [None if EPOCH.fullmatch(text) or COMPACT.fullmatch(text) else text for text in column.newest.texts]
    every = np.array([*texts, None], dtype=object)[column.newest.codes]
    with _relation(table, {"v": pa.array(every, pa.string()), "row": pa.array(column.rows)}) as name:
        view = dataclasses.replace(table, columns={column.header: "v"}, row="row", marked={})
        return dates.date_forms(view, column.header, name)


def _parsed(table: Table, texts: Sequence[str], order: DateOrder) -> pd.Series:
    """Return the moments of texts, missing where they are no date with or without a time of day."""
    with _relation(table, {"v": pa.array(texts, pa.string()), "row": pa.array(range(len(texts)))}) as name:
        parts = f"SELECT row, {dates.date_parts('v')} AS d FROM {name}"
        timed = f"SELECT row, d, {dates.time_parts('d.rest')} AS t FROM ({parts})"
        begins = f"SELECT row, d, t, {dates.day(order)} AS day, {dates.microseconds()} AS of_day, {dates.offset_minutes()} AS zone"
        moment = "CAST(day AS TIMESTAMP) + to_microseconds(CAST(of_day AS BIGINT)) - to_minutes(CAST(coalesce(zone, 0) AS BIGINT))"
        known = f"CASE WHEN d.rest = '' THEN CAST(day AS TIMESTAMP) WHEN NOT ({_no_offset()}) THEN {moment} END"
        found = table.connection.sql(f"SELECT row, {known} AS moment FROM ({begins} FROM ({timed})) ORDER BY row")
        return found.to_arrow_table().column("moment").to_pandas().astype("datetime64[us]")


def _no_offset() -> str:
    return f"coalesce({dates.no_such_offset()}, false)"


@contextmanager
def _relation(table: Table, columns: Mapping[str, pa.Array]) -> Iterator[str]:
    """Make columns a relation of the connection, and return its name."""
    table.connection.register("dated", pa.table(dict(columns)))
    try:
        yield "dated"
    finally:
        table.connection.unregister("dated")
