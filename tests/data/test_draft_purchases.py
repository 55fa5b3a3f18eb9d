"""Drafts for purchase logs: the study is recognised, and only what the file cannot tell is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_log import log_rows
from small_purchases import HEADER, KEY, day, lines, text

from segkit import config
from segkit.data import Draft, draft_settings, load_events, write_draft
from segkit.errors import ConfigError
from segkit.interview import run

Write = Callable[..., Path]


def settings_of(draft: Draft, path: Path) -> config.Customers:
    """Load the draft as the project does: laid over settings that know of calls alone."""
    plain = '[contacts.columns]\ndate = "d"\nduration = "s"\ncontact = "c"\n'
    (path.parent / "segkit.toml").write_text(plain)
    return config.load(path.parent, overlay=write_draft(path, draft, force=True)).customers


def keys(draft: Draft) -> list[tuple[str, bool]]:
    return [(q.key, q.required) for q in draft.questions]


def test_a_purchase_log_is_known_and_needs_no_answer(write: Write) -> None:
    path = write(text(lines()), "purchases.csv")
    draft = draft_settings(path)
    assert draft.study == "customers" and draft.confident and not draft.questions
    found = settings_of(draft, path)
    assert (found.format.decimal, found.format.purchase, found.hours.bands) == ("point", "row", {})
    assert load_events(path, found, key=KEY).rows == 48


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Kundennummer;Bestelldatum;Betrag", "K{c};{d};{i},50 €"),
        ("Date de commande;Client;Montant", "{d};K{c};{i},50"),
        ("fecha;cliente;importe", "{d};K{c};{i},50"),
        ("InvoiceNo;InvoiceDate;CustomerID;Total", "53{i:04};{d} 10:{i:02};1{c:04};{i}.50"),
        ("user_id;created at;order_id;order_total;shipping_amount", "u{c};{d};90{i:04};{i}.50;1.00"),
    ],
)
def test_headers_of_several_languages(write: Write, header: str, row: str) -> None:
    rows = [row.format(c=i % 8, d=day(i), i=i) for i in range(40)]
    path = write(text(rows, header))
    draft = draft_settings(path)
    assert draft.study == "customers" and draft.confident, draft.questions
    assert load_events(path, settings_of(draft, path), key=KEY).rows == 40


def test_a_call_log_stays_one(write: Write) -> None:
    assert draft_settings(write(log_rows())).study == "contacts"


def test_what_no_column_tells_is_asked(write: Write) -> None:
    path = write(text((f"a{i % 4},{day(i)},{i}" for i in range(20)), "who,day,x"))
    assert ("study", True) in keys(draft_settings(path))
    draft = draft_settings(path, {"study": "customers", "amount": "x", "customer": "who"})
    assert draft.study == "customers" and draft.confident
    assert draft_settings(path, study="customers").study == "customers"
    with pytest.raises(ConfigError, match="there is no study"):
        draft_settings(path, {"study": "parrots"})


def test_two_rows_of_a_customer_on_a_day_leave_open_what_is_a_purchase(write: Write) -> None:
    path = write(text([*lines(), f"C-100,{day(0)},5.00"]))
    draft = draft_settings(path)
    assert keys(draft) == [("purchase", False)] and draft.confident
    assert settings_of(draft, path).format.purchase == "day"
    assert settings_of(draft_settings(path, {"purchase": "row"}), path).format.purchase == "row"
    ordered = draft_settings(write(text((f"{row},9{i:05}" for i, row in enumerate(lines())), HEADER + ",order")))
    assert not ordered.questions and 'purchase = "order"' in ordered.toml


def test_a_decimal_sign_that_no_row_settles_is_asked(write: Write) -> None:
    path = write(text(f'C-{i % 4},{day(i)},"{i + 1},{100 + i}"' for i in range(20)))
    draft = draft_settings(path)
    assert keys(draft) == [("decimal", True)] and 'decimal = "?"' in draft.toml
    assert settings_of(draft_settings(path, {"decimal": "comma"}), path).format.decimal == "comma"


def test_bands_are_asked_where_there_is_a_time_of_day(write: Write) -> None:
    timed = [row.replace(day(i), f"{day(i)} {9 + i % 9}:30:00") for i, row in enumerate(lines())]
    draft = draft_settings(write(text(timed)))
    assert keys(draft) == [("closed_days", False), ("bands", False)] and "business_hours" in draft.toml
    path = write(text(row.replace(day(i), f"{day(i)} 00:00:00") for i, row in enumerate(lines())))
    assert not draft_settings(path).questions


def test_prices_of_a_unit_and_taxes_are_no_amounts(write: Write) -> None:
    path = write(text((f"C-{i % 4},{day(i)},{i}.50,{i}" for i in range(20)), "customer,date,UnitPrice,Quantity"))
    assert "amount" in [k for k, required in keys(draft_settings(path, study="customers")) if required]


def test_the_interview_takes_a_study(write: Write) -> None:
    path = write(text(lines()), "shop.csv")
    said: list[str] = []
    assert run(path, [], force=False, say=said.append, ask=lambda _: "", study="customers") == 0
    assert "[customers.columns]" in path.with_name("shop.csv.toml").read_text()
    assert run(path, ["duration=amount"], force=True, say=said.append, ask=lambda _: "", study="contacts") in (0, 2)
    assert "[contacts.columns]" in path.with_name("shop.csv.toml").read_text()
