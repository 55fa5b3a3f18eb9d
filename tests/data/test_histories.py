"""Histories: values from oldest to newest, joined by two slashes, which addresses have as well."""

from __future__ import annotations

import time

import pytest

from segkit.data.histories import current, split


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("OFFLINE // PAID_SEARCH", ("OFFLINE", "PAID_SEARCH")),
        ("OFFLINE//PAID_SEARCH//", ("OFFLINE", "PAID_SEARCH")),
        ("0 // 1 //2// 3", ("0", "1", "2", "3")),
        ("https://a.example/x", ("https://a.example/x",)),
        ("https://a.example/x // http://b.example", ("https://a.example/x", "http://b.example")),
        ("https://a.example//https://b.example", ("https://a.example", "https://b.example")),
        ("https://a.example/ // b", ("https://a.example/", "b")),
        ("https://a.example///b", ("https://a.example/", "b")),
        (
            "android-app://com.linkedin.android//l.facebook.com",
            ("android-app://com.linkedin.android", "l.facebook.com"),
        ),
        ("Note: // x", ("Note:", "x")),
        ("HTTPS://A.EXAMPLE//Feria", ("HTTPS://A.EXAMPLE", "Feria")),
        ("1/2/2024", ("1/2/2024",)),
        (" a ", ("a",)),
        (" // // ", ()),
        ("", ()),
    ],
)
def test_values_of_a_history(text: str, values: tuple[str, ...]) -> None:
    assert split(text) == values
    assert current(text) == (values[-1] if values else None)


def test_a_hostile_cell_costs_no_more_than_its_length() -> None:
    began = time.perf_counter()
    assert len(split("a" * 32_000 + "//" + "/" * 700)) == 1  # of many slashes only the last two part values
    assert split("x " * 16_000 + "// y")[-1] == "y"
    assert time.perf_counter() - began < 1
