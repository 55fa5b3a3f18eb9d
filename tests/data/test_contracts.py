"""The contract refuses every table that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pyarrow as pa
import pytest

from segkit.data.contracts import ARROW, validate
from segkit.errors import SegkitError


def table(**changes: list[object]) -> pa.Table:
    columns: dict[str, list[object]] = {
        "unit": ["0123456789ab", "ba9876543210"],
        "started_at": [datetime(2022, 1, 1), datetime(2022, 1, 2)],
        "amount": [0, 86_400],
        "category": ["Family", None],
        **changes,
    }
    arrays = [pa.array(values, ARROW.field(name).type) for name, values in columns.items()]
    return pa.Table.from_arrays(arrays, schema=ARROW)


def test_a_good_table_passes_unchanged() -> None:
    good = table()
    assert validate(good) is good
    assert validate(table(category=[None, None])).num_rows == 2


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"unit": ["0123456789ab", "5550101"]}, "unit"),
        ({"unit": ["0123456789ab", "0123456789AB"]}, "unit"),
        ({"unit": ["0123456789ab", None]}, "unit"),
        ({"started_at": [datetime(1950, 1, 1), datetime(2022, 1, 2)]}, "started_at"),
        ({"started_at": [datetime(2022, 1, 1), datetime(2150, 1, 2)]}, "started_at"),
        ({"started_at": [datetime(2022, 1, 2), datetime(2022, 1, 1)]}, "sorted"),
        ({"started_at": [None, datetime(2022, 1, 1)]}, "started_at"),
        ({"amount": [-1, 5]}, "amount"),
        ({"amount": [1, 86_401]}, "amount"),
        ({"category": ["", None]}, "category"),
        ({"category": [" Family", None]}, "category"),
    ],
)
def test_each_breach_is_named_without_its_cell(changes: dict[str, list[object]], column: str) -> None:
    with pytest.raises(SegkitError, match=column) as caught:
        validate(table(**changes))
    assert "5550101" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.drop_columns(["category"]),
        lambda t: t.select(["started_at", "unit", "amount", "category"]),
        lambda t: t.append_column("name", pa.array(["a", "b"])),
        lambda t: t.set_column(2, "amount", pa.array([1.0, 2.0])),
        lambda t: t.set_column(0, "unit", pa.array([648578192, 5])),
    ],
)
def test_other_columns_and_types(change: Callable[[pa.Table], pa.Table]) -> None:
    with pytest.raises(SegkitError, match="types"):
        validate(change(table()))


def test_several_breaches_are_all_named() -> None:
    with pytest.raises(SegkitError) as caught:
        validate(table(unit=["x", "y"], amount=[-1, 2]))
    assert "unit" in str(caught.value) and "amount" in str(caught.value)
