"""Typed calls of a table that stay in their warehouse: judged there by counting, and named by keys that are made here."""

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

CAST = "Make a view that has it so, and name the view in the address; or compute here, with `segkit results`."
PER_UNIT = {"seconds": 1, "minutes": 60}


@dataclass(frozen=True)
class TypedEvents:
    """Events in their warehouse.

    Attributes
    ----------
    events : ibis table
        unit (text), started_at (timestamp), amount (whole seconds), category (always null: whether a label names a person
        can be judged only beside the rows).
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
    """Open the table of an address as typed calls, of which distinct identifiers alone come here, to be keyed.

    Parameters
    ----------
    address : str
        See `warehouse.connect`; it ends with ``?table=NAME``.
    settings : EventSettings
        Columns and gates of the contacts study. Moments must be of a type, in one column without a time zone; durations too.
    key : bytes

    Raises
    ------
    ConfigError
        The settings are of purchases, which returns and orders make from rows.
    ColumnError
        A column is missing, or of another type than is needed.
    InputError
        Rows cannot be used, and their gate stops.
    """
    if settings.contract.money:
        raise ConfigError(
            "purchases are made from rows, which has to be done beside them", remedy="Run `segkit results customers`."
        )
    with opened(address) as (table, name):
        rows, left_out = _judged(table, name, settings)
        keys = _keys(rows, settings, key)
        if len(set(keys.values())) < len(
            keys
        ):  # several ways to write one number: they are one before anything is counted
            ways = ibis.memtable({"way": list(keys), "one": list(keys.values())})
            rows = rows.join(ways, rows.unit == ways.way).select(
                unit=ways.one, started_at=rows.started_at, amount=rows.amount, category=rows.category
            )
            keys = {one: one for one in keys.values()}
        yield TypedEvents(rows, left_out, keys)


def _judged(table: ir.Table, name: str, settings: EventSettings) -> tuple[ir.Table, dict[str, int]]:
    """Return the rows that can be used, and how many each gate leaves out.

    Raises
    ------
    ColumnError, InputError
    """
    contract, called = settings.contract, settings.columns.used
    used = readable_columns(table, name, settings)
    moment, amount = used[called["date"]], used[called[contract.amount]]
    if "time" in called or not (moment.type().is_timestamp() and moment.type().timezone is None):
        raise ColumnError(
            "date and time must be one column, a timestamp without a time zone",
            file=name,
            column=called["date"],
            remedy=CAST,
        )
    per_unit = PER_UNIT.get(settings.format.duration_unit)  # type: ignore[attr-defined]
    if per_unit is None or not amount.type().is_numeric():
        raise ColumnError(
            "lengths must be numbers, of seconds or of minutes", file=name, column=called[contract.amount], remedy=CAST
        )
    seconds = amount * per_unit if amount.type().is_integer() else _half_even(amount.cast("float64") * per_unit)
    text = used[called[contract.unit]].cast("string").strip().re_replace(r"^(\d+)\.0$", r"\1")
    who = (text == "") | text.lower().isin(EMPTY) | text.re_search(DAMAGED) | text.re_search(ERROR_CELL)
    faults = {
        "missing": (contract.unit, who.fill_null(True)),
        "timestamp": ("date", ~moment.year().between(FIRST_YEAR, LAST_YEAR).fill_null(False)),
        contract.amount: (contract.amount, ~((amount >= 0) & seconds.between(0, LONGEST)).fill_null(False)),
    }
    first = ibis.cases(*((wrong, gate) for gate, (_, wrong) in faults.items()), else_="")
    judged = table.select(
        unit=text, started_at=moment, amount=seconds, category=ibis.null("string"), fault=first
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


def _half_even(amount: ir.NumericValue) -> ir.NumericValue:
    """Round to whole numbers, halves to even: engines differ in what their own rounding does. What is far off is null."""
    amount = amount.between(-1, LONGEST + 1).ifelse(
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
