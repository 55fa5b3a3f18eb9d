"""Identifiers: kept as given, folded by rule, counted where they may be doubles, and never shown."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from small_log import CALLS, KEY, log_rows, settings, with_cells, with_column

from segkit.data import Identifiers, load_events, raw_identifiers
from segkit.data.identifiers import likely_doubles, normalise_all
from segkit.privacy import keyed

Write = Callable[..., Path]


def test_raw_identifiers_of_a_log(write: Write) -> None:
    found = raw_identifiers(write(log_rows()), settings())
    assert found.numbers == {row["dialled_phone_number"] for row in log_rows()}
    assert found.names == {row["name"] for row in log_rows()}


def test_raw_identifiers_without_names(write: Write) -> None:
    assert raw_identifiers(write(log_rows()), settings({"name": None})).names == frozenset()


def test_printing_shows_nothing() -> None:
    both = Identifiers(frozenset({"5550101"}), frozenset({"Ann Example"}))
    for text in (repr(both), str(both), f"{both}"):
        assert "5550101" not in text and "Ann" not in text
    assert str(both) == "1 numbers, 1 names"


def test_empty_names_are_no_names(write: Write) -> None:
    found = raw_identifiers(write(with_cells(name={0: "", 12: "nan", 24: "  "}, contact={1: "NULL"})), settings())
    assert not found.names & {"", "nan"} and not found.numbers & {"", "NULL"}


@pytest.mark.parametrize("written", ["+555010100", "555 010100", "0555010100", "(555) 010-100", "00555010100"])
def test_other_ways_to_write_a_number_stay_apart_and_are_said(write: Write, written: str) -> None:
    log = load_events(write(with_cells(contact={0: written})), settings(), key=KEY)
    assert log.units == 13
    assert keyed(written, KEY) in log.events.column("unit").to_pylist()


def test_likely_doubles_of_a_log(write: Write) -> None:
    rows = with_cells(contact={0: "555 010100", 12: "0555010100", 1: "555-010101"})
    log = load_events(write(rows), settings(), key=KEY)
    assert (log.units, log.audit.likely_doubles) == (15, 2)
    assert "2 numbers may be written in several ways" in log.audit.notes[-1]
    folded = load_events(write(rows), settings(normalise_numbers=True), key=KEY)
    assert (folded.units, folded.audit.likely_doubles) == (12, 2)
    assert folded.audit.notes[-1] == "2 numbers were written in several ways; each counts as one contact."
    assert folded.events.equals(load_events(write(log_rows()), settings(normalise_numbers=True), key=KEY).events)


FOLDED = [
    ("+27 64 857 8192", "648578192"),
    ("0027648578192", "648578192"),
    ("064-857-8192", "648578192"),
    ("64.857.8192", "648578192"),
    ("+1 (202) 555-0100", "2025550100"),
    ("+7 495 555 01 00", "4955550100"),
    ("+353 1 555 0100", "15550100"),
    ("+44 (0)20 7946 0000", "2079460000"),
    ("\u00a0064 857 8192 ", "648578192"),
    ("\uff10\uff16\uff14\uff18\uff15\uff17\uff18\uff11\uff19\uff12", "648578192"),
    ("000123456789", "123456789"),
    ("0", "0"),
    ("+27 12", "2712"),
    ("customer 07", "customer 07"),
    ("a-1", "a-1"),
]


@pytest.mark.parametrize(("written", "folded"), FOLDED)
def test_rule_of_normalisation(written: str, folded: str) -> None:
    """Country codes are those of ITU-T E.164: 27 South Africa, 1 North America, 7 Russia, 353 Ireland, 44 Britain."""
    assert normalise_all([written]) == {written: folded}


def test_codes_of_two_countries_with_one_national_number_are_kept() -> None:
    folded = normalise_all(["+27648578192", "+46648578192", "0648578192"])
    assert len(set(folded.values())) == 3


def test_number_without_its_plus_is_known_by_the_one_with_it() -> None:
    assert normalise_all(["+27648578192", "27648578192"])["27648578192"] == "648578192"
    assert normalise_all(["27648578192"])["27648578192"] == "27648578192"


def test_folding_is_stable_and_counts_groups() -> None:
    written = [w for w, _ in FOLDED]
    assert normalise_all(reversed(written)) == normalise_all(written)
    assert likely_doubles(normalise_all(written)) == 1
    assert likely_doubles({}) == 0


def test_decimals_of_whole_numbers_go(write: Write) -> None:
    log = load_events(
        write(with_column("contact", lambda i, r: r["dialled_phone_number"] + ".0" * (i % 2))), settings(), key=KEY
    )
    assert log.units == 12
    assert log.events.equals(load_events(write(log_rows()), settings(), key=KEY).events)


def test_leading_zeros_survive(write: Write) -> None:
    numbers = raw_identifiers(write(with_cells(contact={0: "0007"})), settings()).numbers
    assert "0007" in numbers and "7" not in numbers


def test_many_numbers_fold_within_little_memory() -> None:
    tracemalloc.start()
    try:
        folded = normalise_all(f"0{n}" for n in range(10_000_000, 10_020_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(set(folded.values())) == 20_000
    assert peak < 50 << 20


def test_every_call_keeps_its_contact(write: Write) -> None:
    calls = load_events(write(log_rows()), settings(), key=KEY).events.to_pandas()
    want = {keyed(r["dialled_phone_number"], KEY) + r["duration_in_seconds"] for r in log_rows()}
    assert set(calls["unit"].astype(str) + calls["amount"].astype(str)) == want
    assert len(calls) == CALLS
