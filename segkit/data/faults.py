"""What can be wrong with a row, in the order in which rows are judged, and what to do about it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ..contract import Contract
from . import dates, money


@dataclass(frozen=True)
class Fault:
    """One kind of fault: the gate that it falls under, the role of its column, and words for a message."""

    gate: str
    role: str
    what: str
    remedy: str


_FILL = "Fill the cells, or delete the rows."
_DAMAGE = "The digits are lost in this copy: format the column as text where the numbers come from, and export again."
_ZONE = "Write offsets from UTC as +01:00, or all times as local clock without any."
_DATES, _ROWS = "Correct the dates.", "Correct the rows."


@functools.cache
def faults(contract: Contract) -> dict[str, Fault]:
    """Return the faults of a contract by name. The order is that of judgement: a row counts under its first fault."""
    unit, amount = contract.unit, contract.amount
    empty = [role for role in ("date", "time", unit) if role in contract.names]
    columns = contract.section("columns")
    found = {f"missing_{role}": Fault("missing", role, "no value", _FILL) for role in empty}
    if contract.money:
        found["missing_order"] = Fault("missing", "order", "no value", _FILL)
    found |= {
        "nan": Fault("missing", amount, f"no number (NaN) as {amount}", _FILL),
        f"missing_{amount}": Fault("missing", amount, "no value", _FILL),
        "damaged": Fault("identifier", unit, "a number damaged by a spreadsheet (as in 6.48E+08)", _DAMAGE),
        "error_cell": Fault("identifier", unit, "a spreadsheet's error in place of a number (as in #REF!)", _DAMAGE),
        "date_form": Fault("timestamp", "date", "no date in a known form", "Write dates as 2022-01-31 or 1/31/2022."),
        "no_such_day": Fault("timestamp", "date", "a date that the calendar does not have", _DATES),
        "year": Fault("timestamp", "date", f"a year outside {dates.FIRST_YEAR} to {dates.LAST_YEAR}", _DATES),
        "far_off": Fault(
            "timestamp",
            "date",
            f"a date years before or after all other {contract.terms.events}",
            f"Correct the dates, or set as_of in [{contract.study}] to the moment that the log reaches, if late ones are right.",
        ),
        "two_times": Fault(
            "timestamp", "date", "a time of day beside the time column", f"Delete the line `time` in {columns}."
        ),
        "no_time": Fault(
            "timestamp", "date", "a date without a time of day", f"Name the column of times as `time` in {columns}."
        ),
        "zone_name_in_date": Fault("timestamp", "date", "a time zone by name (as in CET)", _ZONE),
        "zone_name": Fault("timestamp", "time", "a time zone by name (as in CET)", _ZONE),
        "no_zone_in_date": Fault("timestamp", "date", "an offset from UTC that no time zone has", _ZONE),
        "no_zone": Fault("timestamp", "time", "an offset from UTC that no time zone has", _ZONE),
        "time_in_date": Fault("timestamp", "date", "no time of day in a known form", "Write times as 16:03:01."),
        "time_form": Fault(
            "timestamp", "time", "no time of day in a known form", "Write times as 16:03:01 or 4:03 PM."
        ),
    }
    found |= _of_money(contract) if contract.money else _of_durations(contract)
    label = (
        f"Categories stand on pages: name another column as `category` in {columns} (or delete the line), or correct "
        "the rows."
    )
    shape = "a category with the form of an identifier (a number or an address)"
    person = f"a category that is a {contract.terms.unit}'s number or name"
    found |= _of_sides(unit, contract)
    # Found by `persons`, once all rows are read.
    found["category_shape"] = Fault("identifier", "category", shape, label)
    found["category_person"] = Fault("identifier", "category", person, label)
    return found


def _of_sides(unit: str, contract: Contract) -> dict[str, Fault]:
    """Return what leaves open who is at the other end; the last two are no faults: the rows go to a side file and are said."""
    own = f'Give all your own numbers, own = ["..."] in {contract.section("format")}'
    way = f"or name the column that says in or out as `direction` in {contract.section('columns')}."
    both = f"{own}; else correct the rows, or delete the line `direction` in {contract.section('columns')}."
    return {
        "no_side": Fault("identifier", unit, "no own number on one side and no word for in or out", f"{own}, {way}"),
        "against": Fault("identifier", unit, "a word for in or out that the side of the own number contradicts", both),
        "internal": Fault("internal", unit, "own numbers on both sides", ""),
        "withheld": Fault("withheld", unit, "a word for a withheld number", ""),
    }


ASIDE = ("internal", "withheld")  # gates that never stop


def _of_durations(contract: Contract) -> dict[str, Fault]:
    role = contract.amount
    check = f"Check duration_unit in {contract.section('format')} and the rows."
    return {
        "endless": Fault(role, role, "an infinite duration", _ROWS),
        "amount_form": Fault(role, role, "no duration in {form}", check),
        "end_form": Fault(
            role, role, "no end that is a moment as the start is, or a time of day", "Write ends as starts are."
        ),
        "end_first": Fault(role, role, "an end before its start", _ROWS),
        "negative": Fault(role, role, "a negative duration", _ROWS),
        "absurd": Fault(role, role, "a duration of more than 24 hours", check),
    }


def _of_money(contract: Contract) -> dict[str, Fault]:
    role = contract.amount
    check = f"Check decimal in {contract.section('format')} and the rows."
    return {
        "endless": Fault(role, role, "an infinite amount", _ROWS),
        "amount_form": Fault(role, role, "no amount with a decimal {form}", check),
        "absurd": Fault(role, role, f"an amount of more than {money.MOST // 100:,}", check),
        "items_form": Fault(role, "items", "no number of items", _ROWS),
    }
