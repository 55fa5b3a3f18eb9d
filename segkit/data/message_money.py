"""The money of a log of messages: offers with a price, whether they were bought, tips, and what all of it adds up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from . import money
from .calendar_words import plain
from .cells import Ints, counted
from .identifiers import is_empty
from .lead_words import TABLES
from .marks import folded
from .message_columns import COLUMNS, Flags, Log, cleaned
from .tables import Table

AMOUNTS = ("price", "tips", "revenue")
WORDS = {"yes": True, "no": False} | {
    word: kind == "yes" for kind, words in TABLES["outcome"].items() for word in words
}
WORDS |= {"t": True, "f": False}  # as some databases write them
_FORMS = ("point", "comma")


@dataclass(frozen=True)
class Money:
    """What each message brought, in units of money.

    Attributes
    ----------
    price, tips, revenue : array of float of shape (rows,)
        ``price`` is 0 where nothing was offered; all are NaN where the file has no money at all.
    purchased : array of bool of shape (rows,)
    known : bool
        Whether the file has money.
    currency : str
        The code, or what the file writes; empty where it states none.
    notes : tuple of str
    """

    price: NDArray[np.float64]
    tips: NDArray[np.float64]
    revenue: NDArray[np.float64]
    purchased: Flags
    known: bool
    currency: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Amounts:
    """A column in cents, which cells are filled, and which had more than two decimals."""

    cents: Ints
    filled: Flags
    rounded: Flags


def read_money(table: Table, log: Log) -> Money:
    """Return the money of a file.

    Revenue is price x purchased + tips. Where the file has all of these, they have to add up in each row, in cents; where one
    is lacking it follows from the others. Amounts that had more than two decimals may be a cent apart.

    Raises
    ------
    InputError
        An amount cannot be read or is below 0, whether an offer was bought is not said, a purchase has no price, or the
        amounts of a row do not add up.
    """
    size, roles = len(log.rows), log.roles
    for one, other in (("price", "purchased"), ("purchased", "price")):
        if one in roles and other not in roles:
            raise InputError(
                f"there is a column of {one} and none of {other}, so that no purchase is known", file=log.path, column=roles[one],
                remedy=f"Name the column of {other} in {COLUMNS}, or name there the columns without {one}.",
            )  # fmt: skip
    here = [role for role in AMOUNTS if role in roles]
    if not here:
        nothing = np.full(size, np.nan)
        return Money(nothing, nothing, nothing, np.zeros(size, dtype=bool), False, "", ())
    decimal, said = _decimal(table, log, here)
    found: dict[str, _Amounts] = {}
    currency: dict[str, str] = {}
    more = list(said)
    for role in here:
        found[role] = _amounts(table, log, role, decimal)
        currency[role], told = money.currency(table, roles[role])
        more += told
    zero = _Amounts(np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool), np.zeros(size, dtype=bool))
    price = found.get("price", zero)
    purchased = _purchased(table, log, price) if "purchased" in roles else np.zeros(size, dtype=bool)
    bought = price.cents * purchased
    tips, revenue, told = _added(log, found, bought)
    rounded = int(sum(a.rounded.sum() for a in found.values()))
    if rounded:
        more.append(f"{counted(rounded, 'amounts')} with more than two decimals; halves were rounded to even.")
    return Money(
        price.cents / 100, tips / 100, revenue / 100, purchased, True, _one(log, currency), tuple(dict.fromkeys((*more, *told)))
    )  # fmt: skip


def _decimal(table: Table, log: Log, here: list[str]) -> tuple[str, tuple[str, ...]]:
    """Return the decimal sign of all columns: the one that any settles, else the one of how the file divides its cells."""
    settled: dict[str, str] = {}
    either = 0
    for role in here:
        only_point, only_comma, more = money.decimal_signs(table, log.roles[role])
        if only_point and only_comma:
            raise InputError(
                money.mixed_signs(only_point, only_comma), file=log.path, column=log.roles[role],
                remedy="Export all amounts in one way.",
            )  # fmt: skip
        if only_point or only_comma:
            settled["point" if only_point else "comma"] = role
        either += more
    if len(settled) > 1:
        raise InputError(
            "its amounts have a decimal comma, and those of another column a decimal point", file=log.path,
            column=log.roles[settled["comma"]], remedy="Export all amounts in one way.",
        )  # fmt: skip
    best = next(iter(settled), "comma" if table.source.delimiter == ";" else "point")
    note = f"Amounts that may have a sign of thousands or of decimals, as 1,234 has, were read with a decimal {best}."
    return best, (note,) if either and not settled else ()


def _amounts(table: Table, log: Log, role: str, decimal: str) -> _Amounts:
    """Read a column in cents; the table ``parsed`` has its currencies."""
    cell, text = table.columns[log.roles[role]], table.text(log.roles[role])
    exact = f"CASE WHEN abs({money.cents()}) <= {money.MOST} THEN CAST({money.cents()} AS BIGINT) END"
    table.connection.execute(f"""
        CREATE OR REPLACE TABLE parsed AS
        WITH texts AS (SELECT {cell}, {text} AS x, {money.parts(text, decimal)} AS c FROM (SELECT DISTINCT {cell} FROM raw)),
        read AS (
            SELECT {cell}, {exact} AS exact, ({money.cents()}) IS NOT NULL AS amount, c.cur || c.code AS currency,
                   coalesce({money.beyond()} <> '', false) AS rounded, CASE WHEN {is_empty("x")} THEN 'empty' END AS fault
            FROM texts
        )
        SELECT cells.row, read.* EXCLUDE ({cell})
        FROM (SELECT {table.row} AS row, {cell} FROM raw) AS cells JOIN read ON cells.{cell} IS NOT DISTINCT FROM read.{cell}
    """)
    found = table.connection.sql(
        "SELECT exact, amount, fault IS NULL AS filled, rounded FROM parsed ORDER BY row"
    ).to_arrow_table()
    filled, amount = (found.column(name).to_numpy() for name in ("filled", "amount"))
    other = next(form for form in _FORMS if form != decimal)
    log.refuse(
        role, filled & ~amount, f"cells that are no amount with a decimal {decimal}",
        f"Write amounts as 12.50, or all of the file with a decimal {other}; leave a cell empty where there is none.",
    )  # fmt: skip
    cents = found.column("exact").fill_null(-1).to_numpy().astype(np.int64)
    absurd = filled & found.column("exact").is_null().to_numpy()
    log.refuse(role, absurd, f"amounts of more than {money.MOST // 100:,}", "Correct the rows.")
    log.refuse(
        role, filled & (cents < 0), "amounts below 0",
        "Leave rows of money that was given back out of the file, or take it off the rows that it was paid in.",
    )  # fmt: skip
    return _Amounts(np.where(filled, cents, 0), filled, filled & found.column("rounded").to_numpy())


def _purchased(table: Table, log: Log, price: _Amounts) -> Flags:
    """Read which offers were bought."""
    cells = cleaned(
        table.connection.sql(f"SELECT {table.columns[log.roles['purchased']]} AS x FROM raw").to_arrow_table()["x"]
    )
    codes = cells.codes
    words = [WORDS.get(" ".join(plain(folded(word)).split())) for word in cells.texts]
    log.refuse(
        "purchased", np.array([*(word is None for word in words), False])[codes], "cells that are neither yes nor no",
        "Write TRUE or FALSE, 1 or 0, yes or no, or t or f.",
    )  # fmt: skip
    offered = price.cents > 0
    log.refuse(
        "purchased", (codes < 0) & offered, "offers of which nothing says whether they were bought",
        "Write TRUE or FALSE in each row with a price.",
    )  # fmt: skip
    out = np.array([*(bool(word) for word in words), False])[codes]
    log.refuse(
        "purchased", out & ~offered, "purchases without a price",
        "Write the price of what was bought, or FALSE where nothing was.",
    )  # fmt: skip
    return out


def _added(log: Log, found: Mapping[str, _Amounts], bought: Ints) -> tuple[Ints, Ints, tuple[str, ...]]:
    """Return tips and revenue in cents: checked where both are there, else one from the other."""
    tips = found["tips"].cents if "tips" in found else np.zeros_like(bought)
    if "revenue" not in found:
        parts = " and ".join(name for role, name in (("price", "what was bought"), ("tips", "tips")) if role in found)
        return tips, bought + tips, (f"The file has no column of revenue; it is the sum of {parts}.",)
    revenue, near = found["revenue"].cents, np.any([a.rounded for a in found.values()], axis=0)
    over = revenue - bought - tips
    mend = f"Mend them, or leave out the column of revenue (or those of price, purchased and tips) from {COLUMNS}"
    rest = f"{mend}; where it names none, name all others."
    if "price" in found and "tips" in found:
        log.refuse("revenue", np.abs(over) > near, "revenue that is not price x purchased + tips", rest)
        return tips, revenue, ()
    log.refuse("revenue", over < -near.astype(np.int64), "revenue below what purchases and tips add up to", rest)
    if "price" in found:
        return (
            np.maximum(over, 0),
            revenue,
            ("The file has no column of tips; they are what revenue has beyond purchases.",),
        )
    return tips, revenue, ("The file has no column of prices, so that no offer and no purchase is known.",)


def _one(log: Log, currencies: Mapping[str, str]) -> str:
    """Return the currency that columns state, where they state one."""
    stated = {code: role for role, code in currencies.items() if code}
    if len(stated) > 1:
        raise InputError(
            f"its amounts are in another currency than those of another column: {' and '.join(sorted(stated))}", file=log.path,
            column=log.roles[list(stated.values())[-1]], remedy="Convert all amounts into one currency.",
        )  # fmt: skip
    return next(iter(stated), "")
