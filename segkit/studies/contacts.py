"""The contacts study: the people behind a call log."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.metrics import adjusted_rand_score

from .. import __version__
from ..config import Config, load, project_root
from ..data import registry
from ..data.audit import CallAudit, audit_calls
from ..data.calls import CallLog, load_calls
from ..data.files import fingerprint
from ..data.provenance import Provenance
from ..data.truth import keyed_truth
from ..engine import effects, kselection, meaning, segments, sensitivity, stability
from ..engine.matrix import ModelMatrix, fit_matrix
from ..engine.projection import NeighbourMap, Projection, neighbour_map, principal_components
from ..errors import BuildError, InputError
from ..features.calls import call_features
from ..features.table import FeatureTable
from ..privacy import SMALL_CELL, key_fingerprint, secret
from . import policy, published
from .assign import save_model
from .base import Study, step, today, write_results
from .naming import name_segments
from .store import Store, content_key, lock_hash, source_hash, write_atomically

STATE = ".segkit"


@dataclass(frozen=True)
class Source:
    """The file of a study and the settings that fit it; enough to open the study again."""

    config: Config
    overlay: Path | None
    located: registry.Located
    fingerprint: str

    @property
    def key(self) -> str:
        """The content key of every result."""
        return content_key(
            data=self.fingerprint,
            real=self.located.real,
            public=self.located.public,
            parameters=self.config.parameters(),
            source=source_hash(),
            lock=lock_hash(self.config.root),
            secret=key_fingerprint(secret()),
            version=__version__,
        )


class ContactsStudy(Study):
    """Questions about the contacts of one call log, each answered once.

    Parameters
    ----------
    source : Source
        The file and its settings.
    """

    name = "contacts"
    steps = (
        "extent",
        "audit",
        "features",
        "matrix",
        "k_selection",
        "segments",
        "profile",
        "cards",
        "projection",
        "neighbours",
        "effects",
        "convergence",
        "sensitivity",
        "policy",
        "recovered",
    )

    def __init__(self, source: Source) -> None:
        super().__init__(Store(source.config.root / STATE / "results", source.key))
        self.source = source
        self.settings = source.config.contacts

    @functools.cached_property
    def log(self) -> CallLog:
        """The typed calls; read again when needed, never kept on disk."""
        return load_calls(
            self.source.located.path,
            self.settings,
            key=secret(),
            quarantine=self.source.config.root / "quarantine",
            minimum_units=self.settings.k + 1,
        )

    @step
    def extent(self) -> tuple[int, int]:
        """How many calls, and how many contacts."""
        return self.log.rows, self.log.units

    @functools.cached_property
    def provenance(self) -> Provenance:
        """Where the data came from; never stored, since the same file may be found in another place the next time."""
        at = self.source.located
        rows, units = self.extent
        known = at.real and at.public
        title = at.dataset.title if known else at.path.name
        return Provenance(
            real=at.real,
            public=at.public,
            title=title if at.real else f"Simulation of the {at.dataset.title}",
            licence=at.dataset.licence if known else "",
            citation=at.dataset.citation if known else "",
            place=at.place,
            message=at.message,
            fingerprint=self.source.fingerprint,
            rows=rows,
            units=units,
        )

    @step
    def audit(self) -> CallAudit:
        """What the log holds, and whether it can be used."""
        return audit_calls(self.log, self.settings)

    @step
    def features(self) -> FeatureTable:
        """One row per contact."""
        return call_features(self.log, self.settings)

    @step
    def matrix(self) -> ModelMatrix:
        """The features as the clustering sees them."""
        try:
            return fit_matrix(
                self.features.model_frame, self.features.blocks, clip=self.settings.clip, cap=self.settings.cap
            )
        except ValueError as error:
            raise InputError(
                str(error),
                file=self.source.located.path.name,
                remedy="Give a log in which contacts differ in how often, how long or when they call.",
            ) from error

    @step
    def k_selection(self) -> kselection.KSelection:
        """The internal indices over the range of K."""
        s = self.settings
        found = kselection.select_k(
            self.matrix, range(s.k_min, s.k_max + 1), restarts=s.restarts, seed=self.source.config.seed
        )
        if found.table.empty:
            raise InputError(
                f"the contacts are too much alike: too few of them differ to compare even {s.k_min} segments",
                file=self.source.located.path.name,
                remedy="Give a log with more contacts, and check that k_min in the settings is not too large.",
            )
        return found

    @step
    def segments(self) -> segments.Segments:
        """The partition at the K that the settings name."""
        s = self.settings
        try:
            return segments.fit_segments(self.matrix, s.k, restarts=s.restarts, seed=self.source.config.seed)
        except ValueError as error:
            raise InputError(
                str(error),
                file=self.source.located.path.name,
                remedy=(f"Set k in the settings below {s.k}, or give" if s.k > 2 else "Give")
                + " a log with more contacts.",
            ) from error

    @step
    def profile(self) -> meaning.Profile:
        """Medians, quartiles, means and shares with any activity, per segment."""
        return meaning.profile(self.features.frame, self.segments.labels)

    @step
    def cards(self) -> meaning.Cards:
        """The segments by name."""
        typical = float(self.features.frame["median_dur_sec"].median())
        return name_segments(self.profile, self.segments.sizes, typical)

    @step
    def projection(self) -> Projection:
        """Two principal components, for the map."""
        return principal_components(self.matrix)

    @step
    def neighbours(self) -> NeighbourMap | None:
        """A map that keeps neighbours together; None where the settings do without it."""
        if not self.settings.neighbour_map:
            return None
        return neighbour_map(self.matrix, seed=self.source.config.seed)

    @step
    def effects(self) -> effects.Effects:
        """How strongly features differ between segments."""
        names = [c.name for c in self.features.columns if c.block in ("timing", "category")]
        return effects.effects(self.features.frame, self.segments.labels, shares=names)

    @step
    def convergence(self) -> stability.Convergence:
        """Whether the optimiser finds the same partition from other seeds."""
        return stability.convergence(self.matrix, self.segments, restarts=self.settings.restarts)

    @step
    def sensitivity(self) -> sensitivity.Sensitivity:
        """What leaving out blocks and features does to the partition."""
        s, f = self.settings, self.features
        extra = {"category": [c.name for c in f.columns if c.block == "category"]} if self.has_categories else {}
        return sensitivity.sensitivity(
            f.frame, f.blocks, self.matrix, self.segments, clip=s.clip, cap=s.cap, extra=extra, restarts=s.restarts
        )

    @step
    def policy(self) -> policy.Policy:
        """What to do with each segment."""
        return policy.policy(self.features.frame, self.segments.labels, self.cards)

    @property
    def published(self) -> pd.DataFrame | None:
        """The published table of the indices, where the data are those that it is about."""
        known = self.source.fingerprint == registry.CALLS.sha256
        return published.K_TABLE if known else None

    @step
    def recovered(self) -> float | None:
        """Adjusted Rand index with the planted segments (Hubert and Arabie 1985); None for real data."""
        if self.source.located.real:
            return None
        planted = keyed_truth(secret())
        labels = self.segments.labels
        return float(adjusted_rand_score(planted.reindex(labels.index), labels))

    @property
    def off_hours(self) -> list[tuple[str, str]]:
        """The timing features that tell of unusual hours, each with words for a sentence."""
        busiest = str(self.audit.busiest_band["band"])
        words = {b: b.replace("_", " ").removesuffix(" hours") for b in self.settings.hours.bands if b != busiest}
        closed = [("share_closed_day", "on closed days")] if self.settings.hours.closed_days else []
        return [(f"share_{b}", f"in {w} hours") for b, w in words.items()] + closed

    @property
    def has_categories(self) -> bool:
        """Whether the log labels its contacts."""
        return len(self.audit.units_per_category) > 0

    def results(self) -> dict[str, Any]:
        """Return every number that the pages state; the keys are documented in the README."""
        p, k = self.provenance, self.k_selection.to_json()
        for row in k["indices"]:  # the size of the smallest segment is a cell like any other
            row["smallest"] = row["smallest"] if row["smallest"] >= SMALL_CELL else None
        return {
            "study": self.name,
            "version": __version__,
            "date": today(),
            "data": {
                "source": p.source, "title": p.title, "place": p.place, "fingerprint": p.fingerprint,
                "rows": p.rows, "units": p.units,
            },
            "parameters": self.source.config.parameters(),
            "audit": self.audit.to_json(),
            "features": {
                "count": len(self.matrix.columns),
                "blocks": {b: len(names) for b, names in self.features.blocks.items()},
                "dropped_constant": list(self.matrix.dropped),
                "thresholds": dict(self.features.thresholds),
                "largest_before_cap": self.matrix.largest_before_cap,
                "variance_share": self.matrix.table.set_index("block")["variance share"].to_dict(),
            },
            "k": {"chosen": self.segments.k, "set": "by hand", **k},
            "segments": self.cards.to_json(),
            "silhouette": {
                "mean": float((self.segments.silhouette * self.segments.sizes).sum() / p.units),
                "by_segment": {c.name: float(self.segments.silhouette[c.id]) if c.medians else None for c in self.cards},
            },
            "convergence": self.convergence.to_json(),
            "sensitivity": self.sensitivity.to_json(),
            "effects": self.effects.to_json(),
            "policy": self.policy.to_json(),
            "simulation": {"recovered_ari": self.recovered},
            "projection": {
                "explained": list(self.projection.shares),
                "trustworthiness": self.neighbours.trustworthiness if self.neighbours else None,
            },
        }  # fmt: skip

    def save(self) -> Path:
        """Compute what is missing, write results.json, and make this study the one that pages open."""
        state = self.source.config.root / STATE
        path = state / "contacts" / "results.json"
        write_results(path, self.results())
        save_model(state / "contacts" / "model.json", self)
        at = self.source.located
        pointer = {
            "key": self.source.key, "fingerprint": self.source.fingerprint, "path": str(at.path),
            "bytes": at.path.stat().st_size, "modified": at.path.stat().st_mtime_ns, "place": at.place, "real": at.real,
            "public": at.public, "message": at.message, "overlay": str(self.source.overlay or ""),
        }  # fmt: skip
        write_atomically(state / "contacts" / "current.json", json.dumps(pointer, indent=1).encode())
        self.store.prune()
        return path


def open_study(root: Path | None = None) -> ContactsStudy:
    """Open the study that ``segkit results`` computed last; pages call this.

    Raises
    ------
    BuildError
        There are no results, or the data, the settings, the package or its lock have changed since.
    """
    root = project_root() if root is None else root
    pointer = root / STATE / "contacts" / "current.json"
    remedy = "Run `segkit results` (or `make results`) first."
    if not pointer.is_file():
        raise BuildError("the contacts study has no results yet", remedy=remedy)
    try:
        at = json.loads(pointer.read_text("utf-8"))
        path = Path(at["path"])
        overlay = Path(at["overlay"]) if at["overlay"] else None
        located = registry.Located(registry.CALLS, path, at["place"], at["real"], at["public"], at["message"])
        key, fixed, seen = at["key"], at["fingerprint"], (at["bytes"], at["modified"])
    except (ValueError, KeyError, TypeError) as error:
        raise BuildError("the record of the last results is damaged", file=pointer, remedy=remedy) from error
    source = Source(load(root, overlay=overlay), overlay, located, fixed)
    stat = path.stat() if path.is_file() else None
    if source.key != key or stat is None or (stat.st_size, stat.st_mtime_ns) != seen:
        raise BuildError("the results of the contacts study are out of date", remedy=remedy)
    return ContactsStudy(source)


def make_source(
    root: Path | None = None, *, data: Path | None = None, allow_simulation: bool = True, say: Any = print
) -> Source:
    """Find the call log and its settings.

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
    given = data if data is not None else config.contacts.data
    if given is not None:
        given = Path(given).expanduser()
        given = given if data is not None else config.root / given
    overlay = None
    if given is not None:
        beside = given.with_name(given.name + ".toml")
        if beside.is_file():
            overlay = beside.resolve()
            config = load(config.root, overlay=overlay)
    located = registry.locate(registry.CALLS, given=given, allow_simulation=allow_simulation, say=say)
    return Source(config, overlay, located, fingerprint(located.path))
