"""Typed events of a table that stay in their warehouse: judged there by counting, and named by keys that are made here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import pandas as pd

from ..config import EventSettings
from ..errors import ColumnError, ConfigError, InputError
from ..privacy import keyed_all
from .dates import FIRST_YEAR, LAST_YEAR, LONGEST
from .event_warehouse import opened, readable_columns
from .identifiers import DAMAGED, EMPTY, ERROR_CELL, normalise_all
from .marks import folded as as_read
from .money import MOST
from .purchases import CANCELLED

CAST = "Make a view that has it so, and name the view in the address; or compute here, with `segkit results`."
PER_UNIT = {"seconds": 1, "minutes": 60}


@dataclass(frozen=True)
class TypedEvents:
    """Events in their warehouse.

    Attributes
    ----------
    events : ibis table
        unit (text), started_at (timestamp), amount (whole seconds, or cents of a purchase), category (always null: whether a
        label names a person can be judged only beside the rows).
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
        Purchases have returns, which are taken from others row by row.
    ColumnError
        A column is missing, or of another type than is needed.
    InputError
        Rows cannot be used, and their gate stops.
    """
    with opened(address) as (table, name):
        rows, left_out = _judged(table, name, settings)
        keys = _keys(rows, settings, key)
        if len(set(keys.values())) < len(
            keys
        ):  # several ways to write one number: they are one before anything is counted
            ways = ibis.memtable({"way": list(keys), "one": list(keys.values())})
            rows = rows.join(ways, rows.unit == ways.way).select(
                unit=ways.one, started_at=rows.started_at, amount=rows.amount, category=rows.category, which=rows.which
            )
            keys = {one: one for one in keys.values()}
        yield TypedEvents(_bought(rows, settings, name), left_out, keys)


def _judged(table: ir.Table, name: str, settings: EventSettings) -> tuple[ir.Table, dict[str, int]]:
    """Return the rows that can be used, and how many each gate leaves out.

    Raises
    ------
    ColumnError, InputError
    """
    contract, called = settings.contract, settings.columns.used
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
    order = used[called["order"]].cast("string").strip() if _by_order(settings) else ibis.literal("")
    text = used[called[contract.unit]].cast("string").strip().re_replace(r"^(\d+)\.0$", r"\1")
    who = (text == "") | text.lower().isin(EMPTY) | text.re_search(DAMAGED) | text.re_search(ERROR_CELL)
    faults = {
        "missing": (contract.unit, who.fill_null(True) | ((order == "").fill_null(True) & _by_order(settings))),
        "timestamp": ("date", ~moment.year().between(FIRST_YEAR, LAST_YEAR).fill_null(False)),
        contract.amount: (
            contract.amount,
            ~((contract.money | (amount >= 0)) & whole.between(-most, most)).fill_null(False),
        ),
    }
    first = ibis.cases(*((wrong, gate) for gate, (_, wrong) in faults.items()), else_="")
    judged = table.select(
        unit=text, started_at=moment, amount=whole, category=ibis.null("string"), which=order, fault=first
    )  # fmt: skip
    counts = judged.group_by("fault").aggregate(n=judged.count()).execute().set_index("fault")["n"].to_dict()
    left_out = {gate: int(counts[gate]) for gate in faults if gate in counts}
    for gate, count in left_out.items():
        if getattr(settings.gates, gate) == "stop":
            raise InputError(
                f"{count:,} {'row has' if count == 1 else 'rows have'} no value that can be used", file=name,
                column=called[faults[gate][0]],
                remedy=f'Correct them, or set {gate} = "quarantine" in {contract.section("gates")}: they then take no part.',
            )  # fmt: skip
    if not counts.get(""):
        raise InputError("no row can be used", file=name, remedy=f"Check {contract.section('columns')}.")
    return judged.filter(judged.fault == "").drop("fault"), left_out


def _by_order(settings: EventSettings) -> bool:
    return getattr(settings.format, "purchase", None) == "order"


def _bought(rows: ir.Table, settings: EventSettings, name: str) -> ir.Table:
    """Return one row per event: a purchase may have several lines, as the settings say.

    Raises
    ------
    ConfigError
        Lines take money back.
    """
    if not settings.contract.money:
        return rows.drop("which")
    back = int(((rows.amount < 0) | rows.which.re_search(CANCELLED)).sum().fill_null(0).execute())
    if back:
        raise ConfigError(
            f"{back:,} rows of purchases are returns, which are taken from other purchases row by row", file=name,
            remedy="Run `segkit results customers`, or name a view without them.",
        )  # fmt: skip
    rule = settings.format.purchase  # type: ignore[attr-defined]
    if rule == "row":
        return rows.drop("which")
    lines = rows.mutate(which=rows.started_at.date().cast("string")) if rule == "day" else rows
    bought = lines.group_by("unit", "which").aggregate(began=lines.started_at.min(), paid=lines.amount.sum())
    return bought.select(
        unit=bought.unit, started_at=bought.began, amount=bought.paid.cast("int64"), category=ibis.null("string")
    )


def _half_even(amount: ir.NumericValue, most: int) -> ir.NumericValue:
    """Round to whole numbers, halves to even: engines differ in what their own rounding does. What is far off is null."""
    amount = amount.between(-most - 1, most + 1).ifelse(
        amount, ibis.null("float64")
    )  # not a number is beyond, in all engines
    below = amount.floor()
    rest = amount - below
    up = (rest > 0.5) | ((rest == 0.5) & (below.cast("int64") % 2 == 1))
    return below.cast("int64") + up.cast("int32")


def _keys(rows: ir.Table, settings: EventSettings, key: bytes) -> dict[str, str]:
    """Return the keyed name of each identifier as it stands in the table."""
    texts = rows.select("unit").distinct().to_pyarrow().column("unit").to_pylist()
    written = {text: as_read(text) for text in texts}
    folded = normalise_all(set(written.values()))
    rule = folded if settings.format.normalise_numbers else {i: i for i in folded}
    names = keyed_all({rule[one] for one in written.values()}, key)
    return {text: names[rule[one]] for text, one in written.items()}
