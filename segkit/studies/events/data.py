"""Events, the first questions: what the log holds, and the features that are made of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ... import __version__
from ...config import Config, EventSettings
from ...data import files, opening, registry
from ...data.audit import EventAudit, audit_events
from ...data.events import EventLog, load_events
from ...data.provenance import Provenance, Unsearched
from ...engine.clusterer import Clusterer, KMeansClusterer
from ...engine.segments import TooFewUnitsError
from ...errors import InputError
from ...features.measures import Measures
from ...features.table import FeatureTable
from ...privacy import key_fingerprint, keyed_fingerprint, secret
from ...text import flat
from .. import bound
from ..base import Study, part, shown, step, today
from ..evidence import Evidence
from ..reach import reached, source_hash
from ..store import Store, content_key, home, lock_hash


@dataclass(frozen=True)
class Source:
    """The file of a study and the settings that fit it; enough to open the study again.

    ``unsearched`` depends on the words of the pages as well, so no result may hang on it. ``modules`` are those that the
    study can reach, and ``known`` the keys of its values, as the last results wrote them down.
    """

    config: Config
    overlay: Path | None
    located: registry.Located
    fingerprint: str
    unsearched: Unsearched = field(default_factory=Unsearched)
    modules: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The content key of the study as a whole: its pages are made under it."""
        return content_key(**self._parts(), secret=key_fingerprint(secret()))

    @property
    def origin(self) -> str:
        """What every value depends on, whatever else it reads: the data, and the names that contacts have here."""
        at = self.located
        return content_key(data=self.fingerprint, real=at.real, public=at.public, secret=key_fingerprint(secret()))

    @property
    def reached(self) -> tuple[str, ...]:
        """The modules that the study can reach."""
        return self.modules or reached(f"{Study.__module__.rpartition('.')[0]}.{self.study}")

    @property
    def study(self) -> str:
        """The name of the study."""
        return self.located.dataset.study

    @property
    def settings(self) -> EventSettings:
        """The settings of the study."""
        found: EventSettings = getattr(self.config, self.study)
        return found

    @property
    def build(self) -> str:
        """The mark of what pages are made from; the secret is no part of it, since no page depends on it."""
        return bound.mark(content_key(**self._parts()))

    def _parts(self) -> dict[str, Any]:
        return {
            "data": self.fingerprint, "real": self.located.real, "public": self.located.public,
            "parameters": self.config.parameters(self.study), "source": source_hash(self.reached),
            "lock": lock_hash(self.config.root), "version": __version__,
        }  # fmt: skip

    def seen(self) -> dict[str, int]:
        """Return size and time of the file, which must still hold the bytes of the fingerprint.

        Raises
        ------
        InputError
            It holds others by now.
        """
        path = self.located.path
        before = opening.stamp(path)
        files.check_steady(path, before, self.fingerprint)
        return {"bytes": before.size, "modified": before.modified}


class EventData(Evidence):
    """The log of one study, its audit, its features, and how they are clustered.

    Parameters
    ----------
    source : Source
        The file and its settings.
    """

    measures: Measures
    dataset: registry.Dataset
    source: Source
    settings: Any

    def __init__(self, source: Source) -> None:
        super().__init__(Store(home(source.config.root, self.name), source.key, source.origin, source.known), source)

    @part
    def log(self) -> EventLog:
        """The typed events; read again when needed, never kept on disk."""
        log = load_events(
            self.source.located.path,
            self.settings,
            key=secret(),
            quarantine=self.source.config.root / "quarantine",
            minimum_units=(self.settings.k_min if self.settings.k == "auto" else self.settings.k) + 1,
        )
        if log.fingerprint != self.source.fingerprint:
            raise opening.changed(self.source.located.path)
        return log

    @step
    def extent(self) -> tuple[int, int]:
        """How many events, and how many units."""
        return self.log.rows, self.log.units

    @property
    def private(self) -> bool:
        """Whether what is told of the data has to pass the gate."""
        return self.source.located.real and not self.source.located.public

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
            title=title if at.real else f"Simulation of the {at.dataset.title}",
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

    @step
    def audit(self) -> EventAudit:
        """What the log holds, and whether it can be used."""
        return audit_events(self.log, self.settings, self.measures.grain)

    @step
    def features(self) -> FeatureTable:
        """One row per unit."""
        from ...features.events import (
            event_features,  # brings the query engine, which a page that only reads does without
        )

        return event_features(self.log, self.settings, self.measures)

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
    def limits(self) -> dict[str, Any]:
        """Clipping and cap."""
        return {"clip": self.settings.clip, "cap": self.settings.cap}

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

    def make(self, name: str) -> Any:
        """Make the value of a step anew; what cannot be made of such data is a fault of the input."""
        try:
            return super().make(name)
        except ValueError as error:
            from ...engine.preprocessing import ConstantError  # brings scikit-learn

            if not isinstance(error, ConstantError | TooFewUnitsError):
                raise
            terms = self.terms
            lower = f"Set k in the settings below {self.k}, or give" if name == "segments" and self.k > 2 else "Give"
            check = ", and check that k_min in the settings is not too large" if name == "k_selection" else ""
            remedy = f"{lower} a {terms.record} with more {terms.units}{check}."
            if isinstance(error, ConstantError):
                remedy = f"Give a {terms.record} in which {terms.units} differ in how often, how much or when they {terms.do}."
            raise InputError(str(error), file=self.source.located.path.name, remedy=remedy) from error

    @property
    def off_hours(self) -> list[tuple[str, str]]:
        """The timing features that tell of unusual hours, each with words for a sentence."""
        busiest = self.audit.busiest
        words = {b: b.replace("_", " ").removesuffix(" hours") for b in self.settings.hours.bands if b != busiest}
        tells = self.settings.hours.closed_days and not self.measures.by_weekday
        closed = [("share_closed_day", "on closed days")] if tells else []
        return [(f"share_{b}", f"in {w} hours") for b, w in words.items()] + closed

    @property
    def large_quantile(self) -> float:
        """The quantile of all amounts from which an event is large."""
        return float(getattr(self.settings, self.measures.quantile))

    @property
    def has_categories(self) -> bool:
        """Whether the log labels its units."""
        return len(self.audit.units_per_category) > 0

    def results(self) -> dict[str, Any]:
        """Return the numbers about data, audit and features."""
        p = self.provenance
        return {
            "study": self.name,
            "version": __version__,
            "date": today(),
            "data": {
                "source": p.source, "title": p.title, "place": p.place, "fingerprint": p.fingerprint,
                "rows": p.rows, "units": p.units, "unsearched": dataclasses.asdict(p.unsearched),
            },
            "parameters": self.source.config.parameters(self.name),
            "audit": self.audit.to_json(),
            "features": {
                "count": len(self.matrix.columns),
                "blocks": {b: len(names) for b, names in self.features.blocks.items()},
                "dropped_constant": list(self.matrix.dropped),
                "thresholds": dict(self.features.thresholds),
                "largest_before_cap": self.matrix.largest_before_cap,
                "variance_share": self.matrix.table.set_index("block")["variance share"].to_dict(),
            },
        }  # fmt: skip
