"""What all studies share: where the data came from, and results that are computed once."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import pandas as pd

from .. import scratch
from ..errors import BuildError
from ..text import json_text
from ..vocabulary import Vocabulary
from . import bound
from .noted import Noted, Reads, digest, noting, reading
from .shelf import TOLD, Shelf
from .store import Store

T = TypeVar("T")
DIGITS = 10
NOTHING = object()  # stands for an attribute that a class does not have


class part(functools.cached_property[T]):  # noqa: N801  # a decorator, named as one
    """A property between steps: computed once in a process, never kept on disk. Who reads it, reads what it read."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        def found(study: Any) -> T:
            study.parts[make.__name__] = reads = {f"code {make.__name__}": ""}
            with noting(reads):
                return make(study)

        super().__init__(found)
        self.make, self.__doc__ = make, make.__doc__


class shown(functools.cached_property[T]):  # noqa: N801
    """A property that is made for pages and never kept, since it tells of more than a key knows; no step may read it."""


class settled(part[T]):  # noqa: N801
    """A part of plain values, by which steps depend on what it is and not on what it was made from."""


class step(part[T]):  # noqa: N801
    """A property that is computed once, kept by content, and loaded ever after. Its class finds it without being told."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        super().__init__(make)
        self.func = lambda study: study.shelf.value(study.label(make.__name__))


class Study:
    """Base of the studies.

    Parameters
    ----------
    store : Store
        Keeps the results by content.
    source : object, optional
        What the study is about; its ``config`` has the settings of the study, under the study's name.

    Attributes
    ----------
    terms : Vocabulary
        What its pages call its units and events.
    steps : tuple of str
        Every step of the class and of those that it is made of, in the order of their definition.
    exact : Study or None
        For a study whose results are told through the gate (`release.release`), the one that knows them as they are.
    elsewhere : tuple of str
        Steps about other data, which are public or simulated whatever those of the study are: no gate is asked for them.

    Raises
    ------
    BuildError
        This process makes a page of another study.
    TypeError
        A step reads what no key knows of.
    """

    name = "study"
    steps: tuple[str, ...] = ()
    terms: Vocabulary = Vocabulary()
    exact: Study | None = None
    elsewhere: tuple[str, ...] = ()

    def __init__(self, store: Store, source: Any = None) -> None:
        bound.admit(store.key, store.folder)
        self.store, self.source = store, source
        self.settings: Any = getattr(source.config, self.name) if source is not None else None
        self.shelf = Shelf(self, store)
        self.parts: dict[str, Reads] = {}

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        made = {name: found for c in reversed(cls.__mro__) for name, found in vars(c).items()}
        cls.steps = tuple(name for name, found in made.items() if isinstance(found, step))
        for name, found in vars(cls).items():
            if isinstance(found, functools.cached_property) and not isinstance(found, part | shown):
                raise TypeError(f"{cls.__name__}.{name}: make it a `part`, or nobody notes what it reads")

    def __getattribute__(self, name: str) -> Any:
        """Note what a step or a part reads of its study while it runs; otherwise, do as every object does."""
        reads = reading.get()
        own = super().__getattribute__
        if reads is None or name in UNNOTED or name.startswith("__"):
            return own(name)
        if name in ("settings", "source"):
            path = "source" if name == "source" else f"source.config.{type(self).name}"
            return Noted(own(name), path, reads.setdefault)
        made = _made(type(self), name)
        if made is NOTHING or isinstance(made, shown):
            raise TypeError(f"a step reads {name!r} of its study, of which no key knows")
        if not isinstance(made, part):
            reads.setdefault(f"code {name}", "")  # before what it reads in its turn
        found = own(name)
        if isinstance(made, step):
            reads.setdefault(f"step {self.label(name)}", "")
        elif isinstance(made, settled):
            reads.setdefault(f"value {self.label(name)}", digest(found))
        elif isinstance(made, part):
            for what, then in self.parts[name].items():
                reads.setdefault(what, then)
        return found

    @property
    def released(self) -> Study:
        """The study as it may be told; itself, where no gate is asked for."""
        return self

    def told(self) -> Self:
        """Return this study behind the gate, with the same values on disk."""
        with noting(None):
            told = type(self)(self.source)  # as subclasses are made
            told.exact, told.store, told.shelf = self, self.store, self.shelf
        return told

    def label(self, name: str) -> str:
        """Return what the value of a step is kept under: a value behind the gate is another."""
        return name if self.exact is None else f"{name}{TOLD}"

    def make(self, name: str) -> Any:
        """Make the value of a step anew."""
        if self.exact is None:
            return _made(type(self), name).make(self)
        from .release import release

        if name in self.elsewhere:
            return getattr(self.exact, name)
        return release(getattr(self.exact, name), self.exact)

    def results(self) -> dict[str, Any]:
        """Return every number that the pages state, under documented keys."""
        raise NotImplementedError

    @shown
    def numbers(self) -> dict[str, Any]:
        """What results.json holds: `results` as plain values."""
        found: dict[str, Any] = plain(self.results())
        return found


UNNOTED = ("store", "shelf", "parts", "exact", "label", "make", "told")  # what finds and keeps values, and makes none


def _made(kind: type, name: str) -> Any:
    return next((vars(c)[name] for c in kind.__mro__ if name in vars(c)), NOTHING)


def plain(value: Any) -> Any:
    """Turn results into JSON values: 10 significant digits, dates as text, missing as null.

    Examples
    --------
    >>> plain({"a": 1 / 3, "b": float("nan"), "c": (1, 2)})
    {'a': 0.3333333333, 'b': None, 'c': [1, 2]}
    """
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def write_results(path: Path, numbers: dict[str, Any]) -> None:
    """Write results.json, whole or not at all."""
    scratch.write(path, (json_text(numbers, indent=1) + "\n").encode())


def today() -> str:
    """Return the build date, ``SOURCE_DATE_EPOCH`` where a reproducible build sets it (reproducible-builds.org)."""
    import os

    stamp = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        when = datetime.fromtimestamp(int(stamp), UTC) if stamp else datetime.now(UTC)
    except (ValueError, OverflowError, OSError) as error:  # no number, or a year that no calendar has
        raise BuildError(
            "SOURCE_DATE_EPOCH is not a number of seconds that a date can be made of",
            remedy="Unset it, or set it to seconds since 1970.",
        ) from error
    return when.date().isoformat()
