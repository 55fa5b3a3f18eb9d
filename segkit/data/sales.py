"""The loader of sales: a star schema in, what each market's customers bought in each month out.

Keys of customers and numbers of orders stay in this room: customers go on as numbers from 0.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import scratch
from ..errors import SHOWN_ROWS, InputError, row_list
from ..text import flat
from . import sale_queries as queries
from .files import fingerprint
from .gates import Quarantined
from .identifiers import Identifiers
from .sale_files import open_star
from .sale_months import complete_months
from .sale_names import published

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from ..sale_settings import Markets
    from .sale_queries import Star

LEAST = 3  # markets that there have to be
HAVE = {"territory": ("territory has", "territories have"), "country": ("country has", "countries have")}
SHARE = "no share"  # the fault of lines that is none of single ones
RECORD = "segkit-sales.parquet"  # among the tables of a folder that `save` wrote, so that its fingerprint holds it
FRAMES = ("cells", "kinds", "spend", "markets", "dropped")


@dataclass(frozen=True)
class Sales:
    """What a star schema says of its markets, from orders up to a day alone.

    Attributes
    ----------
    cells : DataFrame
        One row per market (``str``), month (its first day) and customer (int64, numbers from 0 in the order of the keyed ids)
        with float64 ``revenue`` (in the currency of the table), ``quantity`` (pieces) and ``discount`` (sum of the shares of
        the lines), and int64 ``orders`` and ``lines``. Complete months only.
    kinds : DataFrame
        Which kinds of products were bought: distinct market, month, customer, ``subcategory`` and ``product_line`` (int64
        numbers; -1 where there is none). Complete months only.
    spend : DataFrame
        Per market, customer and ``channel`` (``str``, empty where there is none), from orders up to ``as_of``, also of
        incomplete months: ``recent`` (revenue of the twelve months before), ``lifetime`` (all revenue), ``lines`` and
        ``discount``.
    markets : DataFrame
        Indexed by the name of the market: ``country``, ``group`` (empty where there is none) and ``territories`` (how many).
        Regions of one name carry their country, or their key, behind it.
    as_of : Timestamp
        The last day whose orders count. Of the settings, else the end of the last complete month.
    months : DatetimeIndex
        First days of the complete months in a row, also of those without sales.
    dropped : DataFrame
        Incomplete months (see `sale_months.complete_months`): ``month``, ``days`` (share of its days within the data),
        ``lines``, ``revenue`` and ``why``.
    totals : dict
        ``lines``, ``orders``, ``customers``, ``revenue``, ``quantity``, ``first`` and ``last`` (days) of all usable lines,
        whatever the day; ``rows`` of the table; ``months`` and ``revenue_in`` of the complete months.
    set_aside : tuple of Quarantined
        Lines that cannot be used, by gate and column. Their file is the table itself, which stays as it is; it has no row
        numbers in a warehouse.
    fingerprint : str
        SHA-256 of the tables of the folder, 64 hex digits; of what came from a warehouse, of the values themselves.
    warnings, notes : tuple of str
        What makes results uncertain; and what else the reader should know.
    """

    cells: pd.DataFrame = field(repr=False)
    kinds: pd.DataFrame = field(repr=False)
    spend: pd.DataFrame = field(repr=False)
    markets: pd.DataFrame = field(repr=False)
    as_of: pd.Timestamp
    months: pd.DatetimeIndex = field(repr=False)
    dropped: pd.DataFrame = field(repr=False)
    totals: dict[str, Any]
    set_aside: tuple[Quarantined, ...]
    fingerprint: str
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def load_sales(path: Path, settings: Markets, *, key: bytes, quarantine: Path | None = None) -> Sales:
    """Load a folder with the tables of a star schema, or one that `save` wrote.

    Parameters
    ----------
    path : path
        The folder. Each table is a Parquet or CSV file of the name in the settings.
    settings : Markets
    key : bytes
        The secret under which customers are keyed.
    quarantine : path, optional
        Not used, since lines set aside stay where they are; here so that all loaders are called alike.

    Returns
    -------
    Sales

    Raises
    ------
    InputError
        The tables cannot be used as they are: not readable, a key twice in a dimension, discounts that are no shares, more than
        half of the lines to be set aside, fewer than three markets, or too few complete months. The message names file,
        column, rows and remedy.
    ColumnError
        A table lacks a column that the settings name.
    """
    path = Path(path)
    if (path / RECORD).is_file():
        return _saved(path, settings)
    digest = fingerprint(path) if path.is_dir() else ""
    with open_star(path, settings) as (star, files, notes):
        return gathered(star, settings, key=key, where=files["fact"], digest=digest, notes=notes, stored=True)


def sale_identifiers(path: Path, settings: Markets) -> Identifiers:
    """Collect the keys of customers and the numbers of orders as the tables have them.

    A folder that `save` wrote has none.

    Raises
    ------
    InputError
        The tables cannot be read, or have not these columns.
    """
    if (Path(path) / RECORD).is_file():
        return Identifiers(frozenset(), frozenset())
    with open_star(Path(path), settings) as (star, _, _):
        return queries.identifiers(star)


def gathered(
    star: Star,
    settings: Markets,
    *,
    key: bytes,
    where: Path,
    digest: str = "",
    notes: tuple[str, ...] = (),
    stored: bool,
) -> Sales:
    """Ask a star schema for everything that the study needs.

    Parameters
    ----------
    star : Star
    settings : Markets
    key : bytes
    where : path
        What messages call the table of sales.
    digest : str
        The fingerprint; where it is empty, that of the values is made.
    notes : tuple of str
    stored : bool
        Whether the lines may be written to the database for a while, so that they are read once.
    """
    lines = queries.judged(star, settings)
    lines = lines.get_backend().create_table("judged", lines) if stored else lines
    aside, rows = _set_aside(lines, settings, where, stored=stored)
    lines = lines.filter(lines.fault.isnull()).drop("fault")
    total = queries.totals(lines)
    if settings.as_of:
        lines = queries.until(lines, settings.as_of)
    cells = queries.cells(lines)
    _check_read(cells, total, settings, where)
    months, dropped = complete_months(cells, settings.as_of)
    if len(months) <= settings.sequence:
        raise InputError(
            f"there are {len(months)} complete months, and {settings.sequence + 1} are needed", file=where,
            column=settings.columns.date, remedy="Export more months, or set a smaller sequence in [markets].",
        )  # fmt: skip
    end = months[-1] + pd.offsets.MonthEnd(0)
    as_of = pd.Timestamp(settings.as_of or end).as_unit("us")
    spend = queries.spend(queries.until(lines, as_of.date()), (as_of - pd.DateOffset(years=1)).date())
    made = {
        "cells": cells[cells["month"].isin(months)].drop(columns=["first", "last"]),
        "kinds": queries.kinds(lines, months[0].date(), end.date()),
        "spend": spend,
    }
    made, markets, left_out = published(made, queries.places(star), settings, key)
    if len(markets) < LEAST:
        raise InputError(
            f"only {len(markets)} {HAVE[settings.market][len(markets) != 1]} sales", file=where,
            column=settings.columns.territory, remedy=f"Give sales of {LEAST} at least.",
        )  # fmt: skip
    made |= {"markets": markets, "dropped": dropped}
    total |= {"rows": rows, "months": len(months), "revenue_in": float(made["cells"]["revenue"].sum())}
    told = (*(flat(note, limit=None) for note in notes), *_told(dropped, left_out))
    return Sales(
        **made, as_of=as_of, months=months, totals=total, set_aside=tuple(aside.values()),
        fingerprint=digest or _digest(made), warnings=tuple(_warning(*one) for one in aside.items()), notes=told,
    )  # fmt: skip


def _set_aside(lines: ir.Table, settings: Markets, where: Path, *, stored: bool) -> tuple[dict[str, Quarantined], int]:
    """Return the lines set aside by fault, and how many lines there are.

    Raises
    ------
    InputError
        There is no line, discounts are no shares, or half of the lines or more cannot be used.
    """
    found = queries.faults(lines)
    rows = int(found.sum())
    if not rows:
        raise InputError("the table has no rows", file=where, remedy="Export it again.")
    aside = {
        fault: Quarantined(
            gate, settings.columns.used[role], int(found[fault]),
            queries.first_rows(lines, fault, SHOWN_ROWS) if stored else (), where,
        )
        for fault, (gate, role, _) in queries.FAULTS.items() if fault in found.index
    }  # fmt: skip
    remedy = "More than half of all lines cannot be set aside: correct the table, or the columns in [markets.columns]."
    worst = max(aside, key=lambda fault: aside[fault].count, default="")
    if SHARE in aside:
        worst, remedy = SHARE, "Give discounts as shares of the price: 0.15 for 15 %."
    if worst == SHARE or 2 * sum(one.count for one in aside.values()) > rows:
        one = aside[worst]
        raise InputError(
            f"{_lines(one.count)} {queries.FAULTS[worst][2]}", file=where, column=one.column, rows=one.first_rows,
            count=one.count, remedy=remedy,
        )  # fmt: skip
    return aside, rows


def _check_read(cells: pd.DataFrame, total: dict[str, Any], settings: Markets, where: Path) -> None:
    """Refuse a table without orders, and one that was written to between two queries."""
    if cells.empty:
        raise InputError(
            f"no order is of {settings.as_of} or before", file=where, column=settings.columns.date,
            remedy="Correct as_of in [markets].",
        )  # fmt: skip
    if settings.as_of is None and int(cells["lines"].sum()) != total["lines"]:
        raise InputError(
            "the table changed while it was read", file=where, remedy="Try again while nobody writes to it."
        )


def _lines(count: int) -> str:
    return f"{count:,} {'line' if count == 1 else 'lines'}"


def _warning(fault: str, one: Quarantined) -> str:
    where = f" ({row_list(one.first_rows, one.count)})" if one.first_rows else ""
    return f"{_lines(one.count)} {queries.FAULTS[fault][2]}{where} {'is' if one.count == 1 else 'are'} set aside."


def _told(dropped: pd.DataFrame, left_out: tuple[str, ...]) -> tuple[str, ...]:
    """Say which months and markets are left out."""
    months = [
        f"{row.month:%B %Y} is left out with {_lines(row.lines)}: {row.why}." for row in dropped.itertuples(index=False)
    ]
    rest = [f"{len(left_out)} without sales in complete months are left out."] if left_out else []
    return (*months, *rest)


def _digest(frames: dict[str, pd.DataFrame]) -> str:
    """Return the SHA-256 of values."""
    digest = hashlib.sha256()
    for frame in frames.values():
        digest.update(pd.util.hash_pandas_object(frame).to_numpy().tobytes())
    return digest.hexdigest()


def save(sales: Sales, settings: Markets, folder: Path) -> None:
    """Write sales to a folder from which `load_sales` reads them: what came from a warehouse, to be asked once.

    The tables hold keyed customers only. Files are readable by their owner alone.

    Raises
    ------
    BuildError
        The folder cannot be written.
    """
    for name in FRAMES:
        buffer = io.BytesIO()
        getattr(sales, name).to_parquet(buffer)
        scratch.write(folder / f"{name}.parquet", buffer.getvalue(), private=True)
    record = {
        "asked": _asked(settings), "as_of": str(sales.as_of.date()), "months": [str(m.date()) for m in sales.months[[0, -1]]],
        "totals": sales.totals, "warnings": sales.warnings, "notes": sales.notes,
        "set_aside": [[q.gate, q.column, q.count, q.first_rows, str(q.file)] for q in sales.set_aside],
    }  # fmt: skip
    buffer = io.BytesIO()
    pd.DataFrame({"record": [json.dumps(record, default=str)]}).to_parquet(buffer)
    scratch.write(folder / RECORD, buffer.getvalue(), private=True)


def _asked(settings: Markets) -> dict[str, Any]:
    """Return the settings that queries depend on."""
    return settings.model_dump(mode="json", include={"market", "as_of", "tables", "columns"})


def _saved(folder: Path, settings: Markets) -> Sales:
    """Read what `save` wrote.

    Raises
    ------
    InputError
        It was asked for with other settings, or is damaged.
    """
    remedy = "Collect the tables again."
    try:
        record = json.loads(pd.read_parquet(folder / RECORD)["record"].iloc[0])
        if record["asked"] != _asked(settings):
            raise InputError("the tables were collected with other settings", file=folder, remedy=remedy)
        total = record["totals"] | {name: pd.Timestamp(record["totals"][name]) for name in ("first", "last")}
        aside = [Quarantined(gate, col, n, tuple(rows), Path(at)) for gate, col, n, rows, at in record["set_aside"]]
        return Sales(
            **{name: pd.read_parquet(folder / f"{name}.parquet") for name in FRAMES},
            as_of=pd.Timestamp(record["as_of"]).as_unit("us"),
            months=pd.date_range(*record["months"], freq="MS", unit="us"), totals=total, set_aside=tuple(aside),
            fingerprint=fingerprint(folder), warnings=tuple(record["warnings"]), notes=tuple(record["notes"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("the collected tables are damaged", file=folder, remedy=remedy) from error
