"""A study of a file: where it came from, what may be told of it, and how its results are kept for pages to open."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import pandas as pd
from pydantic import SecretStr

from .. import __version__, scratch
from ..config import Config, Given, load, project_root
from ..data import opening, registry
from ..data.gates import Quarantined
from ..data.identifiers import Identifiers
from ..data.provenance import Provenance, Unsearched
from ..engine.clusterer import Clusterer, KMeansClusterer
from ..engine.segments import TooFewUnitsError
from ..errors import BuildError, ConfigError, InputError
from ..privacy import keyed_fingerprint, secret
from ..text import flat
from . import schema
from .base import part, shown, step, today, write_results
from .evidence import Evidence
from .exporting import Exporting
from .source import Source
from .store import Store, home

POINTER, RESULTS, MODEL = "current.json", "results.json", "model.json"  # the first says which study pages open


class Covered(NamedTuple):
    """The first and the last moment of the data."""

    first: datetime
    last: datetime


class FiledStudy(Evidence, Exporting):
    """The evidence of one file, kept by content.

    Parameters
    ----------
    source : Source
        The file and its settings.
    """

    dataset: registry.Dataset
    source: Source
    settings: Any
    currency = ""  # of amounts, where the record states one

    def __init__(self, source: Source) -> None:
        super().__init__(Store(home(source.config.root, self.name), source.key, source.origin, source.known), source)

    @staticmethod
    def identifiers(source: Source) -> Identifiers:
        """Return what must not stand on any page."""
        raise NotImplementedError

    @step
    def extent(self) -> tuple[int, int]:
        """How many rows, and how many units."""
        raise NotImplementedError

    @property
    def covered(self) -> Covered | None:
        """The time that the data cover; None where they have none."""
        return None

    @property
    def published(self) -> pd.DataFrame | None:
        """A table of indices that somebody published for these data; None where there is none."""
        return None

    @property
    def published_k(self) -> int | None:
        """The number of segments of that publication."""
        return None

    @property
    def set_aside(self) -> Sequence[Quarantined]:
        """Rows that failed a gate, and where they are."""
        return ()

    @property
    def private(self) -> bool:
        """Whether what is told of the data has to pass the gate."""
        return self.source.located.real and not self.source.located.public

    @property
    def features(self) -> Any:
        """The features of each unit: a table with a ``frame``, ``model_frame`` and ``blocks``."""
        raise NotImplementedError

    @property
    def model_frame(self) -> pd.DataFrame:
        """The features that are clustered, raw, one row per unit."""
        return self.features.model_frame

    @property
    def described(self) -> pd.DataFrame:
        """All features, also of blocks that took no part."""
        return self.features.frame

    @property
    def blocks(self) -> Mapping[str, Sequence[str]]:
        """The names of the features, by block."""
        return self.features.blocks

    @property
    def loop(self) -> Clusterer:
        """K-means with the starts of resamples."""
        return KMeansClusterer(self.effort.starts)

    @property
    def final(self) -> Clusterer:
        """K-means with all starts."""
        return KMeansClusterer(self.settings.restarts)

    @property
    def seed(self) -> int:
        """The seed of the site."""
        return int(self.source.config.seed)

    @property
    def ks(self) -> Sequence[int]:
        """The range of the settings."""
        return range(self.settings.k_min, self.settings.k_max + 1)

    @property
    def by_hand(self) -> int | None:
        """The number of the settings."""
        return None if self.settings.k == "auto" else int(self.settings.k)

    @property
    def effort(self) -> Any:
        """The settings of the evidence."""
        return self.settings.evidence

    @shown
    def provenance(self) -> Provenance:
        """Where the data came from; never stored, since the same file may be found in another place the next time."""
        at = self.source.located
        rows, units = self.extent
        known, private = at.real and at.public, self.private
        title = at.dataset.title if known else flat(at.path.name)
        return Provenance(
            real=at.real,
            public=at.public,
            title=title if at.real else at.dataset.simulation,
            licence=at.dataset.licence if known else "",
            citation=at.dataset.citation if known else "",
            place=at.place,
            message=at.message,
            fingerprint=keyed_fingerprint(self.source.fingerprint, secret()) if private else self.source.fingerprint,
            rows=rows,
            units=units,
            build=self.source.build,
            unsearched=self.source.unsearched.in_fives if private else self.source.unsearched,
        )

    def make(self, name: str) -> Any:
        """Make the value of a step anew; what cannot be made of such data is a fault of the input."""
        try:
            return super().make(name)
        except ValueError as error:
            from ..engine.preprocessing import ConstantError  # brings scikit-learn

            if not isinstance(error, ConstantError | TooFewUnitsError):
                raise
            terms = self.terms
            lower = f"Set k in the settings below {self.k}, or give" if name == "segments" and self.k > 2 else "Give"
            check = ", and check that k_min in the settings is not too large" if name == "k_selection" else ""
            remedy = f"{lower} {terms.a_record} with more {terms.units}{check}."
            if isinstance(error, ConstantError):
                remedy = f"Give {terms.a_record} in which {terms.units} differ in {self.differing}."
            raise InputError(str(error), file=self.source.located.path.name, remedy=remedy) from error

    @property
    def differing(self) -> str:
        """In what units of a usable file differ, in words."""
        return "what is known of them"

    def results(self) -> dict[str, Any]:
        """Return what every results.json begins with; `schema.results_schema` describes the keys."""
        p = self.provenance
        return {
            "$schema": schema.name_of(self.name),
            "study": self.name,
            "version": __version__,
            "date": today(),
            "data": {
                "source": p.source, "title": p.title, "place": p.place, "fingerprint": p.fingerprint,
                "rows": p.rows, "units": p.units, "unsearched": dataclasses.asdict(p.unsearched),
            },
            "parameters": self.source.config.parameters(self.name),
        }  # fmt: skip

    @property
    def beside(self) -> Path | None:
        """A file with single units that the settings ask for, written beside the input for its owner alone; usually none."""
        return None

    def save_model(self, path: Path) -> None:
        """Write down what puts new units into the segments."""
        raise NotImplementedError

    @classmethod
    def assign(cls, source: Source | SecretStr, **asked: Any) -> Path:
        """Put the units of a file or of a table into the segments of a saved model, and write them down on this machine."""
        raise NotImplementedError

    @part
    def released(self) -> Self:
        """The study as it may be told: itself, or behind the gate where its data are private."""
        return self.told() if self.private and self.exact is None else self

    def save(self) -> Path:
        """Compute what is missing, write results.json, and make this study the one that pages open."""
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
            (state / POINTER).unlink(missing_ok=True)  # no page is to find half of the old and half of the new
        write_results(results, numbers)
        self.save_model(state / MODEL)
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
        stamp = opening.stamp(path) if path.exists() else None
        if source.key != key or stamp is None or (stamp.size, stamp.modified) != seen:
            raise BuildError(f"the results of the {cls.name} study are out of date", remedy=remedy)
        return cls(source).released

    @classmethod
    def overlaid(cls, address: SecretStr, root: Path) -> Path | None:
        """Return the settings that a project has for what an address names; usually none."""
        return None

    @classmethod
    def collected(cls, address: SecretStr, config: Config) -> Path:
        """Ask a warehouse, and return the folder that holds what it said."""
        raise ConfigError(f"the {cls.name} study reads files, and asks no warehouse", remedy="Give a file with --data.")

    @classmethod
    def find(
        cls,
        root: Path | None = None,
        *,
        data: Given | None = None,
        allow_simulation: bool = True,
        say: Callable[[str], None] = print,
    ) -> Source:
        """Find the data of the study and the settings that fit them.

        Parameters
        ----------
        root : path, optional
            The project's folder.
        data : path, or address of a warehouse, optional
            Given by the user; settings are taken from ``<file>.toml`` beside it where that exists.
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
        place: Given | None = data if data is not None else getattr(config, cls.name).data
        overlay = None
        if asked := isinstance(place, SecretStr):
            overlay = cls.overlaid(place, config.root)
            config = load(config.root, overlay=overlay) if overlay else config
            given: Path | None = cls.collected(place, config)
        elif (given := place and (Path() if data is not None else config.root) / place.expanduser()) is not None:
            beside = given.with_name(given.name + ".toml")
            if beside.is_file():
                overlay = beside.resolve()
                config = load(config.root, overlay=overlay)
        located = registry.locate(cls.dataset, given=given, allow_simulation=allow_simulation, say=say)
        if asked:
            located = dataclasses.replace(located, message=located.message.replace("file that", "warehouse that"))
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
