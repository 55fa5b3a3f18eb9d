"""One message says what is wrong, where, and what to do."""

from __future__ import annotations

import pytest

from segkit.errors import BuildError, ConfigError, InputError, PrivacyError, SegkitError, printable, row_list


def test_a_message_in_full() -> None:
    error = InputError(
        "durations are negative", file="calls.csv", column="seconds", rows=range(2, 9), count=1_240, remedy="Mend them."
    )
    assert str(error) == (
        'calls.csv, column "seconds": durations are negative (rows 2, 3, 4, 5, 6 and 1,235 more).\nRemedy: Mend them.'
    )
    assert (error.column, error.rows, error.count) == ("seconds", tuple(range(2, 9)), 1_240)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({}, "something is wrong."),
        ({"file": "calls.csv"}, "calls.csv: something is wrong."),
        ({"column": "seconds"}, 'column "seconds": something is wrong.'),
        ({"column": ""}, 'column "": something is wrong.'),
        ({"rows": [7]}, "something is wrong (row 7)."),
        ({"rows": [7, 9]}, "something is wrong (rows 7, 9)."),
        ({"count": 3}, "something is wrong."),
    ],
)
def test_parts_that_are_not_known_are_left_out(where: dict[str, object], message: str) -> None:
    assert str(SegkitError("something is wrong", **where)) == message  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "count", "text"),
    [
        ([7], 1, "row 7"),
        ([2, 3], 2, "rows 2, 3"),
        ([2, 3, 4, 5, 6], 5, "rows 2, 3, 4, 5, 6"),
        ([2, 3, 4, 5, 6, 7], 6, "rows 2, 3, 4, 5, 6 and 1 more"),
        ([2], 12_001, "rows 2 and 12,000 more"),
    ],
)
def test_the_first_rows_are_named(rows: list[int], count: int, text: str) -> None:
    assert row_list(rows, count) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Dauer (Sek.)", "Dauer (Sek.)"),
        ("call\x1b[31m", "call?[31m"),  # the escape that starts a terminal's colours
        ("a\nb\tc\x00", "a?b?c?"),
        ("<script>", "?script?"),
        ("abc\u202edef", "abc?def"),  # an override that turns the text that follows
        ("x" * 61, "x" * 59 + "…"),
        ("x" * 60, "x" * 60),
        (7, "7"),
    ],
)
def test_names_from_outside_are_made_safe_to_print(text: object, safe: str) -> None:
    assert printable(text) == safe


def test_file_and_column_are_made_safe_in_messages() -> None:
    text = str(InputError("bad", file="a\x1b<b>.csv", column="c\nd"))
    assert text == 'a??b?.csv, column "c?d": bad.'


def test_every_kind_has_its_exit_code() -> None:
    kinds = {BuildError: 1, InputError: 2, ConfigError: 2, PrivacyError: 3}
    assert {kind: kind.exit_code for kind in kinds} == kinds
    assert all(issubclass(kind, SegkitError) for kind in kinds)
