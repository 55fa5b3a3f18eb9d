"""Purchases from rows: which rows are one, and what returns take from them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from ..config import Customers
from .tables import Table

RULES = {
    "order": "the rows of one order number are one purchase",
    "day": "the rows of one customer and day are one purchase",
    "row": "each row is one purchase",
}
CANCELLED = r"^[Cc]\d+$"  # as C536379: a cancelled order, where the others are digits alone
NETTING = (
    "each takes its amount from the customer's latest purchase before it (of the same order, where that is named), down to "
    "zero, and what is left from the one before"
)


@dataclass(frozen=True)
class Purchases:
    """What became of the rows.

    Attributes
    ----------
    rows, purchases : int
        Rows that could be used, and purchases that they make.
    zero_prices : int
        Rows that cost nothing.
    returns, cancelled : int
        Rows that take money back; and those of them that a cancelled order does.
    returned, unmatched : int
        Cents of all returns, and cents that found no purchase.
    unmatched_returns : int
        Returns that found none, in whole or in part.
    returning_only : int
        Customers with returns and no purchase, who are none of the log's customers.
    shared_orders : int
        Order numbers that several customers have; each customer's rows are a purchase of their own.
    """

    rows: int
    purchases: int
    zero_prices: int
    returns: int
    cancelled: int
    returned: int
    unmatched: int
    unmatched_returns: int
    returning_only: int
    shared_orders: int


def cancels(others: int, digits: int) -> bool:
    """Tell whether a C before digits cancels an order: so many other rows have an order number, and so many digits alone."""
    return 2 * digits > others


def bought(table: Table, settings: Customers, started: str) -> Purchases:
    """Make table ``bought`` from ``parsed`` and ``keys``: one row per purchase, without what was returned.

    Columns: ``code`` (of the customer), ``which`` (purchase of the customer), ``began`` (first moment), ``exact`` (cents),
    ``category`` (the commonest of its rows, ties in alphabetical order).

    Parameters
    ----------
    table : Table
    settings : Customers
        What is one purchase.
    started : str
        SQL for the moment of a row.
    """
    run, rule = table.connection.execute, settings.format.purchase
    which = {"order": "ordered", "day": "CAST(CAST(began AS DATE) AS VARCHAR)", "row": "CAST(id AS VARCHAR)"}[rule]
    (others, digits) = table.one(
        "SELECT count(*), count(*) FILTER (regexp_matches(ordered, '^\\d+$')) FROM parsed "
        f"WHERE fault IS NULL AND ordered IS NOT NULL AND NOT regexp_matches(ordered, '{CANCELLED}')"
    )
    cancelled = f"coalesce(regexp_matches(ordered, '{CANCELLED}'), false)" if cancels(others, digits) else "false"
    run(f"""
        CREATE TEMP TABLE lines AS
        SELECT *, {which} AS which, exact < 0 OR cancelled AS back
        FROM (SELECT id, code, {started} AS began, exact, category, {cancelled} AS cancelled,
                     CASE WHEN {cancelled} THEN substr(ordered, 2) ELSE ordered END AS ordered
              FROM parsed JOIN keys USING (identifier) WHERE fault IS NULL)
    """)
    unmatched, unmatched_returns = merged(table.connection)
    rows, zero, back, of_orders, returned = table.one(
        "SELECT count(*), count(*) FILTER (exact = 0 AND NOT back), count(*) FILTER (back), count(*) FILTER (cancelled), "
        "CAST(coalesce(sum(abs(exact)) FILTER (back), 0) AS BIGINT) FROM lines"
    )
    (purchases,) = table.one("SELECT count(*) FROM bought")
    (only,) = table.one("SELECT count(DISTINCT code) FROM lines WHERE code NOT IN (SELECT code FROM bought)")
    (shared,) = table.one(
        "SELECT count(*) FROM (SELECT ordered FROM lines WHERE ordered IS NOT NULL GROUP BY ordered "
        "HAVING count(DISTINCT code) > 1)"
    )
    return Purchases(
        rows,
        purchases,
        zero,
        back,
        of_orders,
        returned,
        unmatched,
        unmatched_returns,
        only,
        shared if rule == "order" else 0,
    )


def merged(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Make table ``bought`` from ``lines``, take returns from purchases; return the cents and the returns that found none.

    Parameters
    ----------
    connection : DuckDB connection
        With a table ``lines``: code, which, began, exact, category, ordered, back.
    """
    connection.execute("""
        CREATE TEMP TABLE bought AS
        WITH counted AS (
            SELECT code, which, category, count(*) AS n FROM lines WHERE NOT back AND category IS NOT NULL GROUP BY ALL
        ), commonest AS (
            SELECT code, which, category FROM counted
            QUALIFY row_number() OVER (PARTITION BY code, which ORDER BY n DESC, category) = 1
        ), summed AS (
            SELECT code, which, min(began) AS began, CAST(sum(exact) AS BIGINT) AS exact, min(ordered) AS ordered
            FROM lines WHERE NOT back GROUP BY code, which
        )
        SELECT summed.*, category FROM summed LEFT JOIN commonest USING (code, which)
    """)
    return _net(connection)


@dataclass
class _Open:
    """A purchase from which returns may still take."""

    which: str
    began: datetime
    ordered: str | None
    left: int


def _net(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Take returns from purchases; return the cents and the returns that found none.

    Purchases go on a stack as time goes on, so that the latest is on top. The order of rows in the file does not matter.
    """
    run = connection.execute
    back = run(
        "SELECT code, began, ordered, CAST(abs(exact) AS BIGINT) FROM lines WHERE back ORDER BY code, began, ordered, exact"
    ).fetchall()
    waiting: dict[int, list[_Open]] = defaultdict(list)
    for code, *facts in run(
        "SELECT code, which, began, ordered, exact FROM bought WHERE code IN (SELECT code FROM lines WHERE back) "
        "ORDER BY code, began DESC, exact DESC, which DESC"
    ).fetchall():
        waiting[code].append(_Open(*facts))
    unmatched = unmatched_returns = 0
    changed: dict[tuple[int, str], int] = {}
    stacks: dict[int, list[_Open]] = defaultdict(list)
    for code, began, ordered, cents in back:
        stack = stacks[code]
        while waiting[code] and waiting[code][-1].began <= began:
            stack.append(waiting[code].pop())
        own = [purchase for purchase in stack if ordered is not None and purchase.ordered == ordered]
        for purchase in (*own, *reversed(stack)):
            taken = min(cents, purchase.left)
            purchase.left -= taken
            cents -= taken
            changed[code, purchase.which] = purchase.left
            if not cents:
                break
        while stack and not stack[-1].left:
            stack.pop()
        unmatched += cents
        unmatched_returns += cents > 0
    if changed:
        codes, which = zip(*changed, strict=True)
        connection.register("netted", pa.table({"code": codes, "which": which, "left_": list(changed.values())}))
        run(
            "UPDATE bought SET exact = left_ FROM netted WHERE bought.code = netted.code AND bought.which = netted.which"
        )
        connection.unregister("netted")
    return unmatched, unmatched_returns


def told(found: Purchases, settings: Customers) -> tuple[str, ...]:
    """Return what the reader should know of it."""
    notes = [
        f"{_many(found.rows, 'row')} became {_many(found.purchases, 'purchase')}: {RULES[settings.format.purchase]}."
    ]
    if found.returns:
        orders = f", {found.cancelled:,} of them of cancelled orders" if found.cancelled else ""
        verb = "row is a return" if found.returns == 1 else "rows are returns"
        notes.append(f"{found.returns:,} {verb}{orders}; {NETTING}.")
    if found.unmatched_returns:
        verb = "return finds" if found.unmatched_returns == 1 else "returns find"
        notes.append(
            f"{found.unmatched_returns:,} {verb} no purchase before it for its whole amount; the rest is not counted."
        )
    if found.returning_only:
        verb = (
            "customer has returns alone and is" if found.returning_only == 1 else "customers have returns alone and are"
        )
        notes.append(f"{found.returning_only:,} {verb} not among the customers.")
    if found.zero_prices:
        notes.append(f"{_many(found.zero_prices, 'row')} cost nothing; they are kept.")
    if found.shared_orders:
        verb = "order number stands" if found.shared_orders == 1 else "order numbers stand"
        notes.append(
            f"{found.shared_orders:,} {verb} with several customers; each customer's rows are a purchase of their own."
        )
    return tuple(notes)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
