"""What a step reads: every setting, step and piece of code that it asks its study for is noted while it runs.

A step is a function of what it reads: run again with the same values of all of it, it takes the same way and gives the
same result. So what was noted in one run is all that its result depends on, and nothing has to be declared by hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .store import content_key

Reads = dict[str, str]  # what was read, in the order in which it was read first, each with a digest of its value
reading: ContextVar[Reads | None] = ContextVar("reading", default=None)


@contextmanager
def noting(reads: Reads | None) -> Iterator[None]:
    """Note what this thread reads of a study; with None, nothing is noted."""
    token = reading.set(reads)
    try:
        yield
    finally:
        reading.reset(token)


def digest(value: Any) -> str:
    """Return a digest of a setting, or of a group of them."""
    return content_key(value=value.model_dump(mode="json") if isinstance(value, BaseModel) else value)


class Noted:
    """Settings, or another record of plain values, that tell which of their values are read.

    Where a file lies is not noted: what it holds is a part of every key.
    """

    def __init__(self, value: Any, path: str, note: Callable[[str, str], object]) -> None:
        self._value, self._path, self._note = value, path, note

    def __getattr__(self, name: str) -> Any:
        value, path = getattr(self._value, name), f"{self._path}.{name}"
        if name in getattr(type(self._value), "__class_vars__", ()):  # of the class, which is code and no setting
            return value
        if name not in _fields(self._value):  # a method or a property, which may read all of it
            self._whole()
        elif _fields(value):
            return Noted(value, path, self._note)
        elif not isinstance(value, Path):
            self._note(path, digest(value))
        return value

    def __reduce__(self) -> tuple[Callable[[Any], Any], tuple[Any]]:
        """Travel to another process, or into a file, as the settings themselves; who knows what is read of them there."""
        self._whole()
        return _same, (self._value,)

    def __eq__(self, other: object) -> bool:
        self._whole()
        return bool(self._value == other)

    def __hash__(self) -> int:
        self._whole()
        return hash(self._value)

    def _whole(self) -> None:
        if not isinstance(self._value, BaseModel):
            raise TypeError(f"a step reads {self._path} as a whole, of which no key knows")
        self._note(self._path, digest(self._value))


def _fields(value: Any) -> frozenset[str]:
    if isinstance(value, BaseModel):
        return frozenset(type(value).model_fields)
    known = dataclasses.is_dataclass(value) and not isinstance(value, type)
    return frozenset(f.name for f in dataclasses.fields(value)) if known else frozenset()


def _same(value: Any) -> Any:
    return value
