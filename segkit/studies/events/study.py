"""A study of events: what was found, told and kept of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from ... import scratch
from ...config import load, project_root
from ...data import registry
from ...data.provenance import Unsearched
from ...errors import BuildError
from .. import schema
from ..base import part, today, write_results
from ..store import home
from .choices import EventChoices
from .data import Source
from .meaning import EventMeaning
from .nulls import EventNulls
from .time import EventTime
from .use import EventUse

POINTER, RESULTS, MODEL = "current.json", "results.json", "model.json"  # the first says which study pages open


class EventStudy(EventNulls, EventTime, EventChoices, EventMeaning, EventUse):
    """Questions about the units of one log of events, each answered once.

    Parameters
    ----------
    source : Source
        The file and its settings.
    """

    def results(self) -> dict[str, Any]:
        """Return every number that the pages state; `schema.results_schema` describes the keys."""
        return {"$schema": schema.NAME, **super().results(), "verdict": self.verdict.to_json()}

    @part
    def released(self) -> Self:
        """The study as it may be told: itself, or behind the gate where its data are private."""
        return self.told() if self.private and self.exact is None else self

    def save(self) -> Path:
        """Compute what is missing, write results.json, and make this study the one that pages open."""
        from .assign import save_model  # brings the query engine, which pages do without

        state, told = home(self.source.config.root, self.name), self.released
        seen, results = self.source.seen(), state / RESULTS
        for name in told.steps:  # pages show some that results.json does not
            told.shelf.settle(told.label(name))
        known = {label: key for label, (key, _) in sorted(self.shelf.current.items())}
        at = self.source.located
        pointer = {
            "key": self.store.key, "fingerprint": self.source.fingerprint, "path": str(at.path), **seen,
            "place": at.place, "real": at.real, "public": at.public, "message": at.message,
            "overlay": str(self.source.overlay or ""), "unsearched": dataclasses.asdict(self.source.unsearched),
            "modules": list(self.source.reached), "steps": known, "date": today(),
        }  # fmt: skip
        last = _record(state)
        if last == {**pointer, "written": _written(state)}:
            return results
        numbers = told.numbers
        if (last.get("key"), last.get("steps")) != (self.store.key, known):
            (state / POINTER).unlink(
                missing_ok=True
            )  # until the end, no page finds half of the old and half of the new
        write_results(results, numbers)
        save_model(state / MODEL, self)
        pointer["written"] = _written(state)
        scratch.write(state / POINTER, json.dumps(pointer, indent=1).encode())
        self.store.prune()
        return results

    @classmethod
    def opened(cls, root: Path | None = None) -> Self:
        """Open the study that ``segkit results`` computed last; pages call this.

        Raises
        ------
        BuildError
            There are no results, or the data, the settings, the package or its lock have changed since.
        """
        root = project_root() if root is None else root
        pointer = home(root, cls.name) / POINTER
        remedy = "Run `segkit results` (or `make results`) first."
        if not pointer.is_file():
            raise BuildError(f"the {cls.name} study has no results yet", remedy=remedy)
        try:
            at = json.loads(pointer.read_text("utf-8"))
            path = Path(at["path"])
            overlay = Path(at["overlay"]) if at["overlay"] else None
            unsearched = Unsearched(**at["unsearched"])
            key, fixed, seen = at["key"], at["fingerprint"], (at["bytes"], at["modified"])
            modules, known = tuple(at["modules"]), dict(at["steps"])
            located = registry.Located(cls.dataset, path, at["place"], at["real"], at["public"], at["message"], fixed)
        except (ValueError, KeyError, TypeError) as error:
            raise BuildError("the record of the last results is damaged", file=pointer, remedy=remedy) from error
        source = Source(load(root, overlay=overlay), overlay, located, fixed, unsearched, modules, known)
        stat = path.stat() if path.is_file() else None
        if source.key != key or stat is None or (stat.st_size, stat.st_mtime_ns) != seen:
            raise BuildError(f"the results of the {cls.name} study are out of date", remedy=remedy)
        return cls(source).released

    @classmethod
    def find(
        cls,
        root: Path | None = None,
        *,
        data: Path | None = None,
        allow_simulation: bool = True,
        say: Callable[[str], None] = print,
    ) -> Source:
        """Find the data of the study and the settings that fit them.

        Parameters
        ----------
        root : path, optional
            The project's folder.
        data : path, optional
            A file given by the user; settings are taken from ``<file>.toml`` beside it where that exists.
        allow_simulation : bool
            Whether the simulation may stand in for real data.
        say : callable
            Receives one sentence per event worth telling.

        Raises
        ------
        InputError, ConfigError
            The given file or a setting is wrong.
        """
        config = load(root)
        given = data if data is not None else getattr(config, cls.name).data
        if given is not None:
            given = Path(given).expanduser()
            given = given if data is not None else config.root / given
        overlay = None
        if given is not None:
            beside = given.with_name(given.name + ".toml")
            if beside.is_file():
                overlay = beside.resolve()
                config = load(config.root, overlay=overlay)
        located = registry.locate(cls.dataset, given=given, allow_simulation=allow_simulation, say=say)
        return Source(config, overlay, located, located.fingerprint)


def _record(state: Path) -> dict[str, Any]:
    """Return the record of the last results; empty where there is none."""
    try:
        found = json.loads((state / POINTER).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _written(state: Path) -> str:
    """Return a digest of the files that lie beside the record; empty where one is missing."""
    try:
        return hashlib.sha256(b"".join((state / name).read_bytes() for name in (RESULTS, MODEL))).hexdigest()
    except OSError:
        return ""
