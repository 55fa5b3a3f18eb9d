"""What all studies share: where the data came from, and results that are computed once."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from .. import scratch
from ..errors import BuildError
from ..text import json_text
from ..vocabulary import Vocabulary
from . import bound
from .store import Store

T = TypeVar("T")
DIGITS = 10


class step(functools.cached_property[T]):  # noqa: N801  # a decorator, named as one
    """A property that is computed once, kept by content, and loaded ever after."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        name = make.__name__

        def found(study: Any) -> T:
            if study.exact is None:
                return study.store.get(name, lambda: make(study))
            from .release import release

            return study.store.get(f"{name}-told", lambda: release(getattr(study.exact, name), study.exact))

        super().__init__(found)
        self.__doc__ = make.__doc__


class Study:
    """Base of the studies.

    Parameters
    ----------
    store : Store
        Keeps the results under the content key of data, parameters, source and lock.

    Attributes
    ----------
    terms : Vocabulary
        What its pages call its units and events.
    exact : Study or None
        For a study whose results are told through the gate (`release.release`), the one that knows them as they are.

    Raises
    ------
    BuildError
        This process makes a page of another study.
    """

    name = "study"
    steps: tuple[str, ...] = ()
    terms: Vocabulary = Vocabulary()
    exact: Study | None = None

    def __init__(self, store: Store) -> None:
        bound.admit(store.key, store.folder.parent)
        self.store = store

    def results(self) -> dict[str, Any]:
        """Return every number that the pages state, under documented keys."""
        raise NotImplementedError


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


def write_results(path: Path, results: dict[str, Any]) -> None:
    """Write results.json, whole or not at all."""
    scratch.write(path, (json_text(plain(results), indent=1) + "\n").encode())


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
