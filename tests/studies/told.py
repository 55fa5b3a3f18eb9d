"""What is asked of results behind the gate, whatever the study."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def numbers(value: Any, key: str = "") -> Iterator[tuple[str, float]]:
    """Give every number of nested results with the key under which it stands."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from numbers(part, str(name))
    elif isinstance(value, list):
        for part in value:
            yield from numbers(part, key)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield key, float(value)
