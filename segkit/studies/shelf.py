"""The values of one study: each found where everything that was read to make it is still so, else made and kept."""

from __future__ import annotations

import contextlib
import functools
from typing import Any, Protocol

from .noted import Reads, digest, noting
from .reach import reach
from .store import Entry, Store

TOLD = "-told"  # ends the name of a value as it may leave the machine
GATE = f"module {__name__.rpartition('.')[0]}.release"


class Making(Protocol):
    """A study, as far as its values need it."""

    exact: Any
    source: Any
    steps: tuple[str, ...]

    @property
    def released(self) -> Any:
        """The study behind the gate."""

    def make(self, name: str) -> Any:
        """Make the value of a step."""


class Shelf:
    """What is current of a study, and of the same study behind the gate.

    Parameters
    ----------
    study : Study
        The one that knows its results as they are.
    store : Store

    Attributes
    ----------
    current : dict of str to tuple of str
        Key and digest of each value that was found or made by this process, by label.
    """

    def __init__(self, study: Making, store: Store) -> None:
        self.study, self.store = study, store
        self.current: dict[str, tuple[str, str]] = {}

    def settle(self, label: str) -> str:
        """Find the current value of a step, or make it, and return the digest by which other steps depend on it."""
        if label not in self.current and not self._find(label):
            self._make(label)
        return self.current[label][1]

    def stands(self) -> bool:
        """Tell whether something is kept of every step, and the first one is current; hardly anything is made for that."""
        first = self.study.steps[0]
        return all(map(self.store.has, self.study.steps)) and (first in self.current or self._find(first))

    def value(self, label: str) -> Any:
        """Return the value of a step."""
        entry = self.store.entry(label, self.store.known.get(label, ""))
        if entry is None:
            if label not in self.current and not self._find(label):
                return self._make(label)
            entry = self.store.entry(label, self.current[label][0])
        with contextlib.suppress(Exception):  # whole, but made by other versions: unpickling may fail in any way
            if entry is not None:
                return self.store.load(entry)
        return self._make(label)

    def _find(self, label: str) -> bool:
        for entry in self.store.entries(label):
            # In the order of reading: what was read later may have been read because of what was read before.
            if all(self._now(what) == then for what, then in entry.reads.items()):
                self.store.used(entry)
                self._settled(label, entry)
                return True
        return False

    def _settled(self, label: str, entry: Entry) -> None:
        self.current[label] = entry.key, entry.digest

    def _make(self, label: str) -> Any:
        study, name = self._owner(label), label.removesuffix(TOLD)
        reads: Reads = {GATE if study.exact else f"code {name}": ""}
        with noting(reads):
            found = study.make(name)
        # Code and values do not change in a process, so what they are is asked last: pages, which make nothing, never ask.
        reads = {what: then or self._now(what) for what, then in reads.items()}
        self._settled(label, self.store.put(label, reads, found))
        return found

    def _owner(self, label: str) -> Making:
        with noting(None):
            return self.study.released if label.endswith(TOLD) else self.study

    def _now(self, what: str) -> str:
        """Return the digest that a thing which was read has now."""
        kind, _, name = what.partition(" ")
        if kind == "code":
            return reach(type(self.study)).attribute(type(self.study), name)
        if kind == "module":
            return reach(type(self.study)).module(name)
        if kind == "step":
            return self.settle(name) if name.removesuffix(TOLD) in self.study.steps else ""
        with noting(None):
            try:
                if kind == "value":
                    return digest(getattr(self._owner(name), name.removesuffix(TOLD)))
                return digest(functools.reduce(getattr, kind.split(".")[1:], self.study.source))
            except AttributeError:  # there is no such thing any more
                return ""


class Unkept(Shelf):
    """The values of a study of what is at hand: made when they are asked for, and kept nowhere.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Making) -> None:
        self.study, self.current = study, {}

    def value(self, label: str) -> Any:
        """Return the value of a step."""
        return self.study.make(label)
