"""Typed events of a table that stay in their warehouse: judged there by counting, and named by keys that are made here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from ..config import EventSettings
from ..errors import ColumnError, InputError
from ..privacy import keyed_all
from .dates import FIRST_YEAR, LAST_YEAR, LONGEST
from .event_warehouse import opened, readable_columns
from .identifiers import DAMAGED, EMPTY, ERROR_CELL, normalise_all
from .marks import folded as as_read
from .money import MOST
from .purchases import CANCELLED, cancels, merged
from .withheld import GROUP, is_withheld

CAST = "Make a view that has it so, and name the view in the address; or compute here, with `segkit results`."
PER_UNIT = {"seconds": 1, "minutes": 60}


@dataclass(frozen=True)
class TypedEvents:
    """Events in their warehouse.

    Attributes
    ----------
    events : ibis table
        unit (text), started_at (timestamp), amount (whole seconds, or cents of a purchase less what was returned), category
        (always null: whether a label names a person can be judged only beside the rows).
    left_out : mapping of str to int
        Rows that cannot be used, by the gate that leaves them out; they stay where they are.
    """

    events: ir.Table
    left_out: Mapping[str, int]
    _keys: Mapping[str, str] = field(repr=False)

    def keyed(self, units: pd.Index) -> pd.Index:
        """Return the keyed names of units as the events have them."""
        return units.map(self._keys)


@contextmanager
def typed_events(address: str, settings: EventSettings, key: bytes) -> Iterator[TypedEvents]:
    """Open the table of an address as typed calls or purchases, of which distinct identifiers alone come here, to be keyed.

    Parameters
    ----------
    address : str
        See `warehouse.connect`; it ends with ``?table=NAME``.
    settings : EventSettings
        Columns and gates. Moments must be of a type, in one column without a time zone; lengths and amounts too.
    key : bytes

    Raises
    ------
    ConfigError
        The address names no table.
    ColumnError
        A column is missing, or of another type than is needed.
    InputError
        Rows cannot be used, and their gate stops.

    Notes
    -----
    Of purchases, the lines of customers with returns come here too: a return takes from one purchase after the other, which
    no query does. What is left of these purchases goes back as a table of the connection's own.
    """
    with opened(address) as (table, name):
        rows, left_out, units = _judged(table, name, settings)
        if settings.format.withheld == "aside" and (
            aside := {u: n for u, n in units.items() if is_withheld(as_read(u))}
        ):
            rows, left_out = rows.filter(rows.unit.notin(list(aside))), {**left_out, "withheld": sum(aside.values())}
            units = {u: n for u, n in units.items() if u not in aside}
        if not units:
            raise InputError("no row can be used", file=name, remedy=f"Check {settings.contract.section('columns')}.")
        keys = _keys(units, settings, key)
        if len(set(keys.values())) < len(
            keys
        ):  # several ways to write one number: they are one before anything is counted
            ways = ibis.memtable({"way": list(keys), "one": list(keys.values())})
            rows = rows.join(ways, rows.unit == ways.way).select(
                unit=ways.one,
                started_at=rows.started_at,
                amount=rows.amount,
                category=rows.category,
                ordered=rows.ordered,
            )
            keys = {one: one for one in keys.values()}
        yield TypedEvents(_bought(rows, settings) if settings.contract.money else rows.drop("ordered"), left_out, keys)


def _judged(table: ir.Table, name: str, settings: EventSettings) -> tuple[ir.Table, dict[str, int], dict[str, int]]:
    """Return the rows that can be used, how many each gate leaves out, and those of each unit: one query tells both.

    Raises
    ------
    ColumnError, InputError
    """
    contract, called = settings.contract, settings.columns.used
    for role in (contract.unit, contract.amount):
        if role not in called:
            at = settings.columns.column(role)
            raise ColumnError(f"the {role} must stand in a column of its own", file=name, column=at, remedy=CAST)
    used = readable_columns(table, name, settings)
    moment, amount = used[called["date"]], used[called[contract.amount]]
    if contract.money and moment.type().is_date():
        moment = moment.cast("timestamp")
    if "time" in called or not (moment.type().is_timestamp() and moment.type().timezone is None):
        raise ColumnError(
            "date and time must be one column, a timestamp without a time zone",
            file=name,
            column=called["date"],
            remedy=CAST,
        )
    per_unit = 100 if contract.money else PER_UNIT.get(settings.format.duration_unit)  # type: ignore[attr-defined]
    if per_unit is None or not amount.type().is_numeric():
        what = "amounts must be numbers" if contract.money else "lengths must be numbers, of seconds or of minutes"
        raise ColumnError(what, file=name, column=called[contract.amount], remedy=CAST)
    most = MOST if contract.money else LONGEST
    whole = amount * per_unit if amount.type().is_integer() else _half_even(amount.cast("float64") * per_unit, most)
    order = _bare(used[called["order"]]) if "order" in called else ibis.null("string")
    by_order = getattr(settings.format, "purchase", None) == "order"
    text = _bare(used[called[contract.unit]])
    who = (text == "") | text.lower().isin(EMPTY) | text.re_search(DAMAGED) | text.re_search(ERROR_CELL)
    faults = {
        "missing": (
            contract.unit,
            who.fill_null(True) | (order.lower().isin(("", *EMPTY)).fill_null(True) & by_order),
        ),
        "timestamp": ("date", ~moment.year().between(FIRST_YEAR, LAST_YEAR).fill_null(False)),
        contract.amount: (
            contract.amount,
            ~((contract.money | (amount >= 0)) & whole.between(-most, most)).fill_null(False),
        ),
    }
    first = ibis.cases(*((wrong, gate) for gate, (_, wrong) in faults.items()), else_="")
    judged = table.select(
        unit=text, started_at=moment, amount=whole, category=ibis.null("string"), ordered=order, fault=first
    )  # fmt: skip
    named = judged.mutate(unit=(judged.fault == "").ifelse(judged.unit, ibis.null("string")))
    found = named.group_by("fault", "unit").aggregate(n=named.count()).to_pyarrow().to_pandas()
    counts = found.groupby("fault")["n"].sum()
    left_out = {gate: int(counts[gate]) for gate in faults if gate in counts}
    for gate, count in left_out.items():
        if getattr(settings.gates, gate) == "stop":
            raise InputError(
                f"{count:,} {'row has' if count == 1 else 'rows have'} no value that can be used", file=name,
                column=called[faults[gate][0]],
                remedy=f'Correct them, or set {gate} = "quarantine" in {contract.section("gates")}: they then take no part.',
            )  # fmt: skip
    units = found.dropna(subset="unit").set_index("unit")["n"]
    return judged.filter(judged.fault == "").drop("fault"), left_out, {str(u): int(n) for u, n in units.items()}


def _bare(column: ir.Column) -> ir.StringValue:
    return column.cast("string").strip().re_replace(r"^(\d+)\.0$", r"\1")


def _bought(rows: ir.Table, settings: EventSettings) -> ir.Table:
    """Return one row per purchase, which may have several lines, less what was returned."""
    rule, number = settings.format.purchase, rows.ordered  # type: ignore[attr-defined]
    marked = number.re_search(CANCELLED).fill_null(False)
    facts = rows.aggregate(
        others=(number.notnull() & ~marked).sum(), digits=(number.re_search(r"^\d+$") & ~marked).sum(),
        negative=(rows.amount < 0).sum(), marked=marked.sum(),
    ).execute().iloc[0].fillna(0)  # fmt: skip
    cancelled = marked if cancels(facts["others"], facts["digits"]) else ibis.literal(False)
    lines = rows.mutate(
        ordered=cancelled.ifelse(number.substr(1), number), back=(rows.amount < 0) | cancelled,
        which={"order": number, "day": rows.started_at.date().cast("string"), "row": ibis.literal("")}[rule],
    )  # fmt: skip
    if not (facts["negative"] or (facts["marked"] and cancels(facts["others"], facts["digits"]))):
        return _summed(lines, rule)
    returning = lines.filter(lines.back).select("unit").distinct()
    netted = ibis.memtable(_netted(lines.semi_join(returning, "unit").drop("category").to_pyarrow(), rule))
    rest = _summed(lines.anti_join(returning, "unit"), rule)
    there = netted.mutate(category=ibis.null("string")).cast(dict(rest.schema().items()))
    return rest.union(there.select(*rest.columns))


def _summed(lines: ir.Table, rule: str) -> ir.Table:
    """Return one row per purchase of lines none of which is a return."""
    if rule == "row":
        return lines.select("unit", "started_at", amount=lines.amount.cast("int64"), category=ibis.null("string"))
    sums = lines.group_by("unit", "which").aggregate(began=lines.started_at.min(), paid=lines.amount.sum())
    return sums.select(
        unit=sums.unit, started_at=sums.began, amount=sums.paid.cast("int64"), category=ibis.null("string")
    )


def _netted(lines: pa.Table, rule: str) -> pa.Table:
    """Return the purchases of customers with returns, as the loader of files nets them."""
    with duckdb.connect() as connection:
        connection.register("fetched", lines)
        which = {"order": "ordered", "row": "CAST(row_number() OVER () AS VARCHAR)"}.get(rule, "which")
        connection.execute(
            f"CREATE TEMP TABLE lines AS SELECT unit AS code, started_at AS began, CAST(amount AS BIGINT) AS exact, ordered, "
            f"back, CAST(NULL AS VARCHAR) AS category, {which} AS which FROM fetched"
        )
        merged(connection)
        return connection.sql("SELECT code AS unit, began AS started_at, exact AS amount FROM bought").to_arrow_table()


def _half_even(amount: ir.NumericValue, most: int) -> ir.NumericValue:
    """Round to whole numbers, halves to even: engines differ in what their own rounding does. What is far off is null."""
    amount = amount.between(-most - 1, most + 1).ifelse(
        amount, ibis.null("float64")
    )  # not a number is beyond, in all engines
    below = amount.floor()
    rest = amount - below
    up = (rest > 0.5) | ((rest == 0.5) & (below.cast("int64") % 2 == 1))
    return below.cast("int64") + up.cast("int32")


def _keys(texts: Iterable[str], settings: EventSettings, key: bytes) -> dict[str, str]:
    """Return the keyed name of each identifier as it stands in the table."""
    # Where the settings keep withheld numbers, one unit stands for all of them.
    written = {text: GROUP if is_withheld(own := as_read(text)) else own for text in texts}
    folded = normalise_all(set(written.values()))
    rule = folded if settings.format.normalise_numbers else {i: i for i in folded}
    names = keyed_all({rule[one] for one in written.values()}, key)
    return {text: names[rule[one]] for text, one in written.items()}
