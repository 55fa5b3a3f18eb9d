"""Purchase logs: money in exact cents, what is one purchase, returns that are told, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from small_purchases import HEADER, KEY, day, lines, settings, text

from segkit.config import Customers
from segkit.contract import CONTRACTS, Contract
from segkit.data import EventLog, load_events, raw_identifiers
from segkit.data.purchases import RULES
from segkit.errors import ConfigError, InputError
from segkit.event_settings import RoleColumns
from segkit.lead_settings import LeadColumns
from segkit.message_settings import MessageColumns
from segkit.privacy import keyed
from segkit.prospect_settings import ProspectColumns

Write = Callable[..., Path]


def amounts(log: EventLog) -> list[int]:
    return log.events.column("amount").to_pylist()


def load(path: Path, chosen: Customers | None = None) -> EventLog:
    return load_events(path, chosen or settings(), key=KEY)


def note(log: EventLog, word: str) -> str:
    return next((n for n in log.audit.notes if word in n), "")


def of_customer(log: EventLog, name: str) -> list[tuple[datetime, int]]:
    rows = log.events.to_pylist()
    return [(r["started_at"], r["amount"]) for r in rows if r["unit"] == keyed(name, KEY)]


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.study)
def test_settings_have_the_roles_of_the_contract_and_no_others(contract: Contract) -> None:
    kinds = {
        kind.contract.study: kind
        for kind in (*RoleColumns.__subclasses__(), LeadColumns, ProspectColumns, MessageColumns)
    }
    fields = kinds[contract.study].model_fields
    needed = {r.name: r.required and contract.events for r in contract.roles}  # other files may be known without any
    if "contact" in needed:
        needed["contact"] = False  # caller and called may stand in its place
    labels = {"not_business"}  # of the category; it stands with the columns, since it is of the file, and names none
    assert {n: f.is_required() for n, f in fields.items() if n not in labels} == needed


def test_a_plain_log_is_read_to_the_cent(write: Write) -> None:
    log = load(write(text(lines())))
    assert (log.rows, log.units) == (48, 8)
    assert amounts(log) == [1050 + 100 * i for i in range(48)]
    assert not log.audit.time_of_day and log.audit.amount_failures == 0
    assert log.events.column("started_at").to_pylist()[0] == datetime(2023, 1, 2)


MONEY = {
    "dollar sign": ("$1234.56", "point", 123456),
    "thousands": ('"1,234.56"', "point", 123456),
    "millions": ('"1,234,567.8"', "point", 123456780),
    "apostrophes": ("1'234.50", "point", 123450),
    "code before": ("USD 12.30", "point", 1230),
    "code behind": ("12.30 USD", "point", 1230),
    "decimal comma": ('"12,30"', "comma", 1230),
    "comma and thousands": ('"1.234,56 €"', "comma", 123456),
    "narrow blank": ('"1\u202f234,56 €"', "comma", 123456),
    "no decimals": ("7", "point", 700),
    "no whole": (".5", "point", 50),
    "half to even below": ("0.125", "point", 12),
    "half to even above": ("0.135", "point", 14),
    "a comma is thousands where decimals have a point": ('"1,234"', "point", 123400),
    "a point is thousands where decimals have a comma": ("1.234", "comma", 123400),
    "binary fraction": ("29.330000000000002", "point", 2933),
    "plus": ("+5", "point", 500),
}


@pytest.mark.parametrize(("cell", "decimal", "cents"), MONEY.values(), ids=MONEY)
def test_money_is_read(write: Write, cell: str, decimal: str, cents: int) -> None:
    rows = [f"A{i % 3},{day(i)},{cell if i == 0 else i}" for i in range(12)]
    log = load(write(text(rows)), settings(decimal=decimal))
    assert amounts(log)[0] == cents
    assert bool(note(log, "more than two decimals")) == (cell in ("0.125", "0.135", "29.330000000000002"))


@pytest.mark.parametrize(
    "cell", ["12,5", "1.2E+03", "(-5)", "-5-", "12 pcs", "1.2.3", "0x10", "$", "five", "5%", "--5", "1,23,4.5"]
)
def test_what_is_no_amount_is_refused_with_its_row(write: Write, cell: str) -> None:
    rows = lines()
    rows[4] = f'C-104,{day(4)},"{cell}"'
    with pytest.raises(InputError, match=r"1 row has no amount with a decimal point") as caught:
        load(write(text(rows)))
    assert caught.value.rows == (6,) and caught.value.column == "amount" and cell not in str(caught.value)


def test_a_decimal_sign_that_fits_every_row_is_named(write: Write) -> None:
    rows = [f'C-{i % 4},{day(i)},"{i},50"' for i in range(24)]
    with pytest.raises(InputError, match=r'Set decimal in \[customers\.format\] to "comma", which fits every row'):
        load(write(text(rows)))
    assert amounts(load(write(text(rows)), settings(decimal="comma")))[:2] == [50, 150]


@pytest.mark.parametrize("cell", ["NaN", "", "inf", "9" * 14, "9" * 40])
def test_amounts_that_are_none_or_absurd_stop(write: Write, cell: str) -> None:
    with pytest.raises(InputError, match=r"amount|no value"):
        load(write(text([*lines(), f"C-100,{day(50)},{cell}"])))


def test_mixed_currencies_are_refused_with_rows(write: Write) -> None:
    rows = [f"C-{i % 4},{day(i)},${i}.00" for i in range(24)]
    rows[3] = f"C-3,{day(3)},€3.00"
    with pytest.raises(InputError, match="amounts are in 2 currencies: 1 of 24") as caught:
        load(write(text(rows)))
    assert caught.value.rows == (5,)


def test_one_currency_in_two_spellings_is_one(write: Write) -> None:
    rows = [f"C-{i % 4},{day(i)},{('$', 'USD ', '')[i % 3]}{i}.00" for i in range(24)]
    log = load(write(text(rows)))
    assert log.audit.currency == "USD" and "8 amounts state no currency" in note(log, "currency")
    assert (
        load(
            write(text(lines(), HEADER.replace("amount", "amount_eur"))), settings({"amount": "amount_eur"})
        ).audit.currency
        == "EUR"
    )


# --- time ------------------------------------------------------------------------------------------------------------


def test_dates_with_and_without_a_time_are_refused(write: Write) -> None:
    rows = lines()
    rows[7] = rows[7].replace(day(7), f"{day(7)} 10:15:00")
    with pytest.raises(InputError, match="1 dates have a time of day and 47 have none") as caught:
        load(write(text(rows)))
    assert caught.value.rows == (9,)


def test_midnight_everywhere_is_no_time_of_day(write: Write) -> None:
    log = load(write(text(_timed(r, "00:00:00") for r in lines())))
    assert not log.audit.time_of_day and note(log, "midnight")
    assert load(write(text(_timed(r, "09:30:00") for r in lines()))).audit.time_of_day


def _timed(row: str, time: str) -> str:
    who, when, paid = row.split(",")
    return f"{who},{when} {time},{paid}"


def test_a_column_of_times_is_used(write: Write) -> None:
    rows = [f"{row},{8 + i % 9}:05" for i, row in enumerate(lines())]
    log = load(write(text(rows, HEADER + ",at")), settings({"time": "at"}))
    assert log.audit.time_of_day and log.events.column("started_at").to_pylist()[1] == datetime(2023, 1, 3, 9, 5)


def test_bands_need_a_time_of_day(write: Write) -> None:
    chosen = settings().model_copy(update={"hours": type(settings().hours)(bands={"all": (0, 23)})})
    with pytest.raises(ConfigError, match=r"hours\.bands: the dates of this file have no time of day"):
        load(write(text(lines())), chosen)


# --- what is one purchase --------------------------------------------------------------------------------------------


ORDERED = [
    f"A,{day(0)},10,900001,Books", f"A,{day(0)},20,900001,Music", f"A,{day(0)},5,900002,Music", f"B,{day(1)},7,900003,Music",
    f"B,{day(2)},8,900003,Books", f"A,{day(9)},1,900004,",
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "cents"),
    [("order", [500, 3000, 1500, 100]), ("day", [3500, 700, 800, 100]), ("row", [500, 1000, 2000, 700, 800, 100])],
)
def test_rows_become_purchases_by_the_rule(write: Write, rule: str, cents: list[int]) -> None:
    chosen = settings({"order": "order", "category": "kind"}, purchase=rule)
    log = load(write(text(ORDERED, HEADER + ",order,kind")), chosen)
    assert sorted(amounts(log)) == sorted(cents)
    assert note(log, "became") == f"6 rows became {len(cents)} purchases: {RULES[rule]}."
    again = load(write(text(reversed(ORDERED), HEADER + ",order,kind")), chosen)
    assert again.events.equals(log.events)  # the order of rows means nothing


def test_the_category_of_a_purchase_is_the_commonest_of_its_rows(write: Write) -> None:
    log = load(
        write(text(ORDERED, HEADER + ",order,kind")), settings({"order": "order", "category": "kind"}, purchase="day")
    )
    assert log.events.column("category").to_pylist() == ["Music", "Music", "Books", None]
    tied = load(
        write(text(ORDERED, HEADER + ",order,kind")), settings({"order": "order", "category": "kind"}, purchase="order")
    )
    assert "Books" in tied.events.column("category").to_pylist()[:2]  # one row each: the first of the alphabet


def test_orders_need_a_column_of_orders_and_a_number_in_each_row(write: Write) -> None:
    with pytest.raises(ValueError, match="no column has the number of the order"):
        settings(purchase="order")
    rows = [*ORDERED, f"B,{day(3)},4,,Books"]
    with pytest.raises(InputError, match="1 row has no value") as caught:
        load(write(text(rows, HEADER + ",order,kind")), settings({"order": "order"}, purchase="order"))
    assert caught.value.column == "order"


# --- returns ---------------------------------------------------------------------------------------------------------


def test_a_return_takes_from_the_latest_purchase_before_it(write: Write) -> None:
    rows = [f"A,{day(0)},30", f"A,{day(2)},20", f"A,{day(3)},-25", f"A,{day(5)},40", f"B,{day(1)},9", f"B,{day(4)},9"]
    log = load(write(text(rows)))
    assert [cents for _, cents in of_customer(log, "A")] == [2500, 0, 4000]  # 20 of the later, 5 of the earlier one
    found = log.audit.merged
    assert found is not None
    assert (found.returns, found.returned, found.unmatched_returns, found.unmatched) == (1, 2500, 0, 0)
    assert "1 row is a return" in note(log, "return")


@pytest.mark.parametrize("cell", ["-4", "4-", "(4.00)", "$-4", "-$4", "\u22124"])
def test_every_way_to_write_a_return(write: Write, cell: str) -> None:
    rows = [f"A,{day(0)},30", f"A,{day(0)},{cell}", f"B,{day(1)},9", f"B,{day(4)},9"]
    assert [cents for _, cents in of_customer(load(write(text(rows))), "A")] == [2600]


def test_a_return_without_a_purchase_before_it_is_told(write: Write) -> None:
    rows = [f"A,{day(0)},-7", f"A,{day(2)},20", f"B,{day(1)},9", f"B,{day(4)},-12", f"D,{day(4)},-1", f"B,{day(9)},2"]
    log = load(write(text(rows)))
    found = log.audit.merged
    assert found is not None
    assert (found.returns, found.unmatched_returns, found.unmatched, found.returning_only) == (3, 3, 1100, 1)
    assert log.units == 2 and sorted(amounts(log)) == [0, 200, 2000]
    assert note(log, "3 returns find no purchase") and note(log, "1 customer has returns alone")
    assert sum(amounts(log)) == 2000 + 900 + 200 - (found.returned - found.unmatched)


def test_cancelled_orders_are_returns(write: Write) -> None:
    # As in the Online Retail data of the UCI repository: C536379 cancels, and the amount may have either sign.
    rows = [
        f"A,{day(0)},30,536370", f"A,{day(1)},50,536371", f"A,{day(2)},10,C536370", f"A,{day(3)},-5,C536999",
        f"B,{day(1)},9,536373", f"B,{day(4)},9,536374",
    ]  # fmt: skip
    log = load(write(text(rows, HEADER + ",order")), settings({"order": "order"}, purchase="order"))
    assert [cents for _, cents in of_customer(log, "A")] == [2000, 4500]  # its own order; then the latest one
    assert log.audit.merged is not None and log.audit.merged.cancelled == 2 and note(log, "cancelled")


def test_orders_that_all_begin_with_a_letter_are_not_cancelled(write: Write) -> None:
    rows = [f"A,{day(i)},30,C53637{i}" for i in range(4)] + [f"B,{day(1)},9,C536380"]
    log = load(write(text(rows, HEADER + ",order")), settings({"order": "order"}, purchase="order"))
    assert log.rows == 5 and log.audit.merged is not None and log.audit.merged.returns == 0


def test_zero_prices_are_kept_and_told(write: Write) -> None:
    log = load(write(text([*lines(), f"C-100,{day(60)},0.00", f"C-101,{day(60)},0"])))
    assert amounts(log)[-2:] == [0, 0] and note(log, "2 rows cost nothing; they are kept")


# --- customers, orders and items -------------------------------------------------------------------------------------


def test_rows_without_a_customer_stop_or_are_set_aside(write: Write, tmp_path: Path) -> None:
    path = write(text([*lines(), f",{day(60)},5.00", f"NULL,{day(61)},6.00"]))
    with pytest.raises(InputError, match="2 rows have no value") as caught:
        load(path)
    assert caught.value.rows == (50, 51) and caught.value.column == "customer"
    assert 'missing = "quarantine" in [customers.gates]' in str(caught.value)
    log = load_events(path, settings(gates={"missing": "quarantine"}), key=KEY, quarantine=tmp_path / "aside")
    assert log.rows == 48 and log.audit.quarantined[0].count == 2
    assert "for the customer column" in note(log, "set aside")


def test_items_are_a_number(write: Write) -> None:
    rows = [f"{row},{i}" for i, row in enumerate(lines())]
    assert load(write(text(rows, HEADER + ",items")), settings({"items": "items"})).rows == 48
    rows[3] = rows[3].rpartition(",")[0] + ",two"
    with pytest.raises(InputError, match="1 row has no number of items"):
        load(write(text(rows, HEADER + ",items")), settings({"items": "items"}))


def test_every_identifier_is_among_those_that_are_searched_for(write: Write) -> None:
    rows = [f"{1234500 + i % 3}.0,{day(i)},5,C90{i:04},Name{i % 3} Surname" for i in range(9)]
    path = write(text(rows, HEADER + ",order,name"))
    raw = raw_identifiers(path, settings({"order": "order", "name": "name"}))
    assert {"1234500.0", "1234500", "C900003"} <= raw.numbers and raw.names == {f"Name{i} Surname" for i in range(3)}
    log = load(path, settings({"order": "order", "name": "name"}))
    said = repr(log.audit) + " ".join(log.audit.notes) + repr(log.events.to_pydict())
    assert not [x for x in raw.numbers | raw.names if x in said]


def test_a_category_that_is_a_customers_name_is_refused(write: Write) -> None:
    rows = [f"C{i % 4},{day(i)},5,Zoe Quill{i % 4},{'Zoe Quill1' if i == 1 else 'Books'}" for i in range(12)]
    with pytest.raises(InputError, match="a category that is a customer's number or name"):
        load(write(text(rows, HEADER + ",name,kind")), settings({"name": "name", "category": "kind"}))


def test_a_shifted_row_is_refused(write: Write) -> None:
    rows = lines()
    rows[5] = f"C-105,Quill, Zoe,{day(5)},5"
    with pytest.raises(InputError, match="1 line has too many fields") as caught:
        load(write(text(rows)))
    assert caught.value.rows == [7] or caught.value.rows == (7,)


def test_a_file_without_a_header_is_refused_without_its_cells(write: Write) -> None:
    path = write("\n".join(lines()) + "\n", "purchases.csv")
    for call in (lambda: load(path), lambda: raw_identifiers(path, settings())):
        with pytest.raises(InputError, match="looks like data") as caught:
            call()
        assert "C-100" not in str(caught.value)


def test_missing_columns_are_named_with_the_section_of_the_study(write: Write) -> None:
    with pytest.raises(InputError, match=r"Correct \[customers\.columns\]"):
        load(write(text(lines(), "customer,date,amnt")))


def test_words_of_the_study_stand_in_what_is_said_of_the_whole(write: Write) -> None:
    with pytest.raises(InputError, match="the file has 1 customer and 2 are needed"):
        load(write(text(f"A,{day(i)},{i}" for i in range(5))))
    with pytest.raises(InputError, match="all purchases have the same time and the same amount, so nothing"):
        load(write(text(f"{who},{day(0)},5" for who in "AB")))
