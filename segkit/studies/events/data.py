"""Events, the first questions: what the log holds, and the features that are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...data import opening
from ...data.audit import EventAudit, audit_events
from ...data.events import EventLog, load_events
from ...data.gates import Quarantined
from ...data.identifiers import Identifiers, raw_identifiers
from ...features.measures import Measures
from ...features.table import FeatureTable
from ...privacy import secret
from ..base import part, step
from ..filed import Covered, FiledStudy
from ..source import Source


class EventData(FiledStudy):
    """The log of one study, its audit, its features, and how they are clustered."""

    measures: Measures

    @staticmethod
    def identifiers(source: Source) -> Identifiers:
        """Return the names and numbers of the units, as the file has them."""
        return raw_identifiers(source.located.path, source.settings)

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
    def covered(self) -> Covered:
        """The time of the first event and of the last."""
        return Covered(self.audit.first, self.audit.last)

    @property
    def set_aside(self) -> Sequence[Quarantined]:
        """Rows that failed a gate, and where they are."""
        return self.audit.load.quarantined

    @property
    def currency(self) -> str:  # type: ignore[override]
        """The currency that the log states."""
        return self.audit.load.currency

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
    def limits(self) -> dict[str, Any]:
        """Clipping and cap."""
        return {"clip": self.settings.clip, "cap": self.settings.cap}

    @property
    def differing(self) -> str:
        """In what units of a usable log differ, in words."""
        return f"how often, how much or when they {self.terms.do}"

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
        return {
            **super().results(),
            "audit": self.audit.to_json(),
            "features": {
                "count": len(self.matrix.columns),
                "blocks": {b: len(names) for b, names in self.features.blocks.items()},
                "dropped_constant": list(self.matrix.dropped),
                "thresholds": dict(self.features.thresholds),
                "largest_before_cap": self.matrix.largest_before_cap,
                "variance_share": self.matrix.table.set_index("block")["variance share"].to_dict(),
            },
        }
